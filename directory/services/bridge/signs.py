"""Signs by which somebody answers a check-in, whoever notes them: a peer, the page behind the card, a text."""

from __future__ import annotations

from datetime import datetime

from directory.domain.bridge.check_ins import VERY_BAD, end_of_day, next_due
from directory.services.clock import local_day
from directory.services.tasks import task_clear, task_open
from directory.services.waitlist.clients import zone_of
from directory.storage.bridge import check_ins as storage
from directory.storage.bridge import rhythms as rounds
from directory.storage.waitlist import clients

CLIENT = "client"
"""In whose name the signs of a client are kept."""


def missed_key(client: int) -> str:
    """The key of the task about a missed check-in."""
    return f"check-in-missed {client}"


def today_key(client: int) -> str:
    """The key of the task to ask somebody on this very day how they are."""
    return f"check-in-due {client}"


async def due_move(*, client: int, zone: str, now: datetime, by: str, stays: bool = False) -> datetime | None:
    """Has the next check-in of a client be due after this one; with `stays` it is due now. The moment that was answered, None without a rhythm.

    What was begun about a missed one ends. Needs the transaction of the check-in, in which `now` is the moment of it.
    """
    rhythm = await storage.rhythm(client)
    if rhythm is None:
        return None
    await local_day(zone, now)  # by which the rules of the zone are read from their file, and not in the loop
    await storage.rhythm_move(client, rhythm.due_at, now if stays else next_due(now, rhythm.every_days, zone))
    await task_clear(key=missed_key(client), now=now, by=by)
    return rhythm.due_at


async def rhythms_merge(*, kept: int, gone: int, now: datetime) -> None:
    """Makes one of the rhythms of two clients who are one person, that whose check-in is due first. Needs the transaction of the merging.

    A coordinator who was asked about the one that goes is asked anew two days later, if nobody has heard of them by then.
    """
    await task_clear(key=missed_key(gone), now=now)
    if await task_clear(key=today_key(gone), now=now):
        await _today(kept, now)
    await rounds.rhythms_merge(gone, kept, now)


async def sign_keep(
    *, client: int, zone: str, channel: str, contact: int | None, now: datetime, feeling: int | None = None
) -> int:
    """The id of the check-in by which somebody says themselves that they still wait, and how they are. Needs a transaction.

    Who feels very bad is not left alone until next week: their check-in stays due, and a task asks for a call on the same day. It does not say
    why.
    """
    is_bad = feeling == VERY_BAD
    if is_bad:
        await _today(client, now)
    due = await due_move(client=client, zone=zone, now=now, by=CLIENT, stays=is_bad)
    return await storage.add(
        {
            "client_id": client,
            "at": now,
            "channel": channel,
            "is_reached": True,
            "feeling": feeling,
            "waiting": "yes",
            "is_crisis": False,
            "due_at": due,
            "contact_id": contact,
            "by": CLIENT,
        }
    )


async def _today(client: int, now: datetime) -> None:
    row = await clients.by_id(client)
    assert row is not None
    zone = await zone_of(row.agency)
    await task_open(
        kind="check-in-today",
        key=today_key(client),
        words={},
        address=f"/clients/{row.upi}/check-ins",
        agency=row.agency,
        due_at=end_of_day(await local_day(zone, now), zone),
        now=now,
    )
