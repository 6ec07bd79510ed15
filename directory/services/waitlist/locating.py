"""Somebody who cannot be found: what is still missing before they may be taken off a line, and the second word that it then takes.

Source: 45 CFR 96.126(d), made hard to reach on purpose (WAITLIST 3.2): silence is often a lost telephone, a hospital or a jail.
"""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import Action, Actor
from directory.domain.errors import FootbridgeError, NotFound
from directory.domain.waitlist.clocks import EXCUSED, attempts_of, cannot_locate_lacks, notices_left
from directory.domain.waitlist.states import OPEN_ENTRIES, Entry, NoSuchMove
from directory.services.waitlist.entries import entry_allowed, place_end
from directory.services.waitlist.plumbing import demand_near
from directory.services.waitlist.second_words import CANNOT_LOCATE, word_ask
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import contacts
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import routes as ways
from directory.storage.waitlist.routes import RouteNow
from directory.storage.waitlist.second_words import Word


class StillToTry(FootbridgeError):
    """Somebody may not be called impossible to find yet; `lacks` says what is missing, as codes of clocks.cannot_locate_lacks."""

    code = "still-to-try"
    status = 409

    def __init__(self, lacks: tuple[str, ...]) -> None:
        super().__init__(lacks=",".join(lacks))
        self.lacks = lacks


async def locate_lacks(*, client: int, now: datetime) -> tuple[str, ...]:
    """What is still missing before a client may be called impossible to find; empty when nothing is."""
    noted = [(each.at, each.route, each.outcome) for each in await contacts.contacts_of(client)]
    open_ways = [each for each in await ways.of_client(client) if each.stopped_at is None]
    holds = {each.hold_reason for each in await places.entries_of(client) if each.status in OPEN_ENTRIES}
    return cannot_locate_lacks(
        attempts_of(noted),
        now=now,
        hold=next((code for code in EXCUSED if code in holds), None),
        notices_left=notices_left(noted),
        routes=frozenset(each.channel for each in open_ways if _takes_word(each)),
    )


def _takes_word(way: RouteNow) -> bool:
    """Whether word may be left by it: on a voicemail where that was agreed, in writing where nobody else reads it."""
    return way.may_leave_word or (way.channel != "call" and not way.is_shared)


async def unlocated_ask(*, entry: int, upi: str, note: str, by: Actor, now: datetime, settings: Settings) -> int:
    """Asks a coordinator to take somebody off a line who cannot be found; the number of that question.

    Raises StillToTry, NoSuchMove, NotFound, Denied.
    """
    async with db.staging():
        found = await entry_allowed(entry=entry, upi=upi, by=by, now=now)
        if found.status not in (Entry.WAITING, Entry.ON_HOLD):
            raise NoSuchMove(found.status, Entry.CLOSED)
        if lacks := await locate_lacks(client=found.client, now=now):
            raise StillToTry(lacks)
        return await word_ask(
            kind=CANNOT_LOCATE,
            agency=found.agency,
            reason="cannot-locate",
            by=by,
            now=now,
            client=found.client,
            entry=entry,
            note=note.strip(),
            settings=settings,
        )


async def entry_close_unlocated(*, word: Word, by: Actor, now: datetime, settings: Settings) -> None:
    """Takes somebody off a line as a second person has agreed, if nothing has been heard of them since. Needs the transaction of that word.

    Raises StillToTry, NoSuchMove, NotFound, Denied.
    """
    found = await places.entry(word.entry or 0)
    if found is None:
        raise NotFound(entry=word.entry)
    demand_near(by, Action.CLOSE_UNLOCATED, found.agency, now=now)
    if lacks := await locate_lacks(client=found.client, now=now):
        raise StillToTry(lacks)
    await place_end(found, "cannot-locate", by=by, now=now, settings=settings, details={"asked_by": word.by})
