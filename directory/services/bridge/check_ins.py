"""Check-ins as a peer keeps them: what came of one in a few taps, what follows where somebody is in danger, and what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Actor
from directory.domain.bridge.check_ins import answer_problems, end_of_day, second_way
from directory.domain.people import UnfitFields
from directory.services.bridge.plans import plan_is_open
from directory.services.bridge.signs import due_move, today_key
from directory.services.clock import local_day
from directory.services.links import form_take
from directory.services.names import names_for
from directory.services.sealing import opened, seal
from directory.services.tasks import task_clear, task_open
from directory.services.waitlist.clients import (
    Somebody,
    client_audit,
    client_found,
    client_open,
    client_read,
    zone_of,
)
from directory.services.waitlist.routes import ways_of
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import check_ins as storage
from directory.storage.bridge import debriefs, text_replies
from directory.storage.bridge.check_ins import CheckInNow, Rhythm
from directory.storage.bridge.text_replies import ReplyNow
from directory.storage.waitlist import contacts
from directory.storage.waitlist.clients import ClientNow

__all__ = [
    "Answer",
    "CheckIn",
    "CheckInNow",
    "History",
    "Text",
    "check_in_note",
    "check_ins_kept",
    "check_ins_show",
    "crisis_key",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a check-in by `channel`. What was not said is None or "": `feeling` is 1 to 5, `waiting` yes, no or unsure; `safety` are the
    codes of what was spoken of."""

    channel: str
    is_reached: bool
    feeling: int | None = None
    waiting: str = ""
    safety: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A check-in as it is read: with the name of who asked, and what was said."""

    row: CheckInNow
    by: str
    note: str
    safety: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that somebody wrote and that nobody has settled yet."""

    row: ReplyNow
    words: str


@dataclass(frozen=True, slots=True)
class History:
    """The check-ins of a client. `is_reader`: the reader may see what was said; else `said` and the words of `texts` are empty, and only
    `rows` tell how often they were reached. `second` is the way to try after the usual one."""

    who: Somebody
    zone: str
    rhythm: Rhythm | None
    second: str | None
    is_reader: bool
    rows: tuple[CheckInNow, ...]
    said: tuple[CheckIn, ...]
    texts: tuple[Text, ...]


def crisis_key(check_in: int) -> str:
    """The key of the task about a crisis. It stands in the audit trail, and so says nothing of what was spoken of."""
    return f"check-in {check_in}"


# --- noting one ------------------------------------------------------------------------------------------------------


async def check_in_note(
    *, upi: str, answer: Answer, form: str, by: Actor, now: datetime, settings: Settings
) -> int | None:
    """The id of a new check-in; None for a form that was taken before. Raises UnfitFields, NotFound, Denied.

    It counts as a contact too. Who was reached is asked again after their rhythm; who was not stays due. Where somebody is in danger, a task for
    today is opened and the peer is asked later how they are themselves.
    """
    row = (await client_found(upi=upi, by=by, now=now, settings=settings)).row
    note, said = answer.note.strip(), answer
    problems = answer_problems(
        channel=said.channel,
        is_reached=said.is_reached,
        feeling=said.feeling,
        waiting=said.waiting,
        safety=said.safety,
        note=note,
    )
    if problems:
        raise UnfitFields(problems)
    zone = await zone_of(row.agency)
    async with db.staging():
        await client_open(client=row.id)
        if not await form_take(token=form, now=now):
            return None
        outcome = "reached" if said.is_reached else "no-answer"
        contact = await contacts.attempt_add(
            client=row.id, route=said.channel, outcome=outcome, by=by.label, now=now, sealed=None
        )
        due = await _reached(row.id, zone, by, now) if said.is_reached else None
        id = await storage.add(_columns(row.id, said, note, contact, due, by.label, now, settings))
        if said.safety:
            await _crisis(row, id, zone, by, now)
        details = {"check_in": id, "contact": contact, "channel": said.channel, "reached": said.is_reached}
        await client_audit(row, "check-in", details, by=by.label, now=now)
    return id


async def _reached(client: int, zone: str, by: Actor, now: datetime) -> datetime | None:
    """The due moment that a check-in answers; whoever was to be asked today was asked."""
    await task_clear(key=today_key(client), now=now, by=by.label)
    return await due_move(client=client, zone=zone, now=now, by=by.label)


def _columns(
    client: int,
    said: Answer,
    note: str,
    contact: int,
    due: datetime | None,
    by: str,
    now: datetime,
    settings: Settings,
) -> Mapping[str, object]:
    words = {"note": note, "safety": list(said.safety)} if note or said.safety else None
    return {
        "client_id": client,
        "at": now,
        "channel": said.channel,
        "is_reached": said.is_reached,
        "feeling": said.feeling,
        "waiting": said.waiting or None,
        "is_crisis": bool(said.safety),
        "sealed": seal(words, settings) if words else None,
        "due_at": due,
        "contact_id": contact,
        "by": by,
    }


async def _crisis(row: ClientNow, id: int, zone: str, by: Actor, now: datetime) -> None:
    """What follows the same day: the agency looks, and the peer is asked after as well. Neither says what it was."""
    await task_open(
        kind="crisis",
        key=crisis_key(id),
        words={},
        address=f"/clients/{row.upi}/check-ins/{id}/now",
        agency=row.agency,
        due_at=end_of_day(await local_day(zone, now), zone),
        now=now,
    )
    if by.person is not None:
        await debriefs.debrief_add(agency=row.agency, person=by.person, check_in=id, now=now)


# --- what was said ---------------------------------------------------------------------------------------------------


async def check_ins_show(*, upi: str, by: Actor, now: datetime, settings: Settings) -> History:
    """The check-ins of a client; that somebody looked stands in the access log. Raises NotFound, Denied.

    Every peer of the agency may note one, since somebody must be able to step in; what was said is for who reads the plan.
    """
    who = await client_read(upi=upi, what="check-ins", by=by, now=now, settings=settings)
    is_reader = await plan_is_open(row=who.row, by=by, now=now)
    rows = tuple(await storage.of_client(who.row.id))
    rhythm = await storage.rhythm(who.row.id)
    ways = tuple(route.channel for route, _ in await ways_of(client=who.row.id, settings=settings))
    names = await names_for(labels={row.by for row in rows}, by=by)
    replies = await text_replies.open_of(who.row.id)
    return History(
        who,
        await zone_of(who.row.agency),
        rhythm,
        second_way(rhythm.channel, ways) if rhythm else None,
        is_reader,
        rows,
        tuple(_said(row, names, settings) for row in rows) if is_reader else (),
        tuple(_text(row, settings if is_reader else None) for row in replies),
    )


def _said(row: CheckInNow, names: Mapping[str, str], settings: Settings) -> CheckIn:
    known = opened(row.sealed, settings)
    return CheckIn(row, names.get(row.by, ""), str(known.get("note") or ""), tuple(known.get("safety") or ()))


def _text(row: ReplyNow, settings: Settings | None) -> Text:
    return Text(row, str(opened(row.sealed, settings).get("words") or "") if settings else "")


async def check_ins_kept(*, client: int, settings: Settings) -> tuple[tuple[CheckIn, ...], tuple[Text, ...]]:
    """All check-ins and texts of a client, for their own copy. Whoever calls has found out that the reader may see them."""
    rows = await storage.of_client(client, limit=10_000)
    replies = await text_replies.of_client(client)
    return tuple(_said(row, {}, settings) for row in rows), tuple(_text(row, settings) for row in replies)
