"""Offering an opening to somebody whose turn it is not: with a reason, and once a second person has agreed (WAITLIST 3.5)."""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import Action, Actor
from directory.domain.errors import FootbridgeError, NotFound, Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.states import NoSuchMove, Slot
from directory.services.waitlist.offers import Wish, chosen, offer_put, wished
from directory.services.waitlist.plumbing import demand_near
from directory.services.waitlist.ranking import ordered, sooner
from directory.services.waitlist.second_words import OUT_OF_ORDER, word_ask
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist.second_words import Word

OTHER = "other"
REASONS = ("unreachable-today", "client-preference", "agency-refused", "asked-for", "safety", OTHER)
"""Why those before are passed over; with `other` a note says it."""
LONGEST_NOTE = 500
PASSED = "passed_over"
"""In the details of a wish: pairs of entry and tier."""


class InOrder(FootbridgeError):
    """It is this person's turn, so nobody else has to agree."""

    code = "in-order"
    status = 409


async def offer_ask(
    *, slot: int, entry: int, reason: str, note: str, by: Actor, now: datetime, settings: Settings
) -> int:
    """Asks a second person whether an opening may go to this entry, and gives the number of the wish; once more that of the first.

    Raises UnfitFields, InOrder, NotOfferable, NoSuchMove where the opening is taken, NotFound, Denied.
    """
    found, _, pool = await wished(slot, entry)
    demand_near(by, Action.MAKE_OFFERS, found.agency, now=now)
    note = note.strip()
    _check(reason, note)
    async with db.staging():
        opening = await stored.slot(slot)
        if opening is None or opening.status is not Slot.OPEN:
            raise NoSuchMove(opening.status if opening else Slot.CLOSED, Slot.HELD)
        line = await ordered(pool, opening, now)
        turns = await sooner(line, chosen(line.order, entry), opening, now)
        if not turns:
            raise InOrder()
        passed = [[each.candidate.entry, each.candidate.tier] for each in turns]
        return await word_ask(
            kind=OUT_OF_ORDER,
            agency=found.agency,
            reason=reason,
            by=by,
            now=now,
            client=found.client,
            entry=entry,
            slot=slot,
            details={PASSED: passed},
            note=note,
            settings=settings,
        )


def passed_in(word: Word) -> dict[int, int]:
    """Those whose turn it was before the one who was asked for, by entry with their tier, in their order, as it was when it was asked."""
    return {int(entry): int(tier) for entry, tier in word.details.get(PASSED, ())}


def _check(reason: str, note: str) -> None:
    problems = [] if reason in REASONS else [Problem("reason", "choose", reason)]
    if reason == OTHER and not note:
        problems.append(Problem("note", "missing", ""))
    if len(note) > LONGEST_NOTE:
        problems.append(Problem("note", "too-long", "", (str(LONGEST_NOTE),)))
    if problems:
        raise UnfitFields(problems)


async def offer_agreed(*, word: Word, by: Actor, now: datetime, settings: Settings) -> None:
    """Makes the offer that a second person has agreed to. All is looked at once more. Needs the transaction of the second word.

    Raises as `offer_make`, where somebody was quicker or things have changed: also where somebody is passed over by now of whom the second
    person was not told.
    """
    if word.slot is None or word.entry is None:
        raise NotFound()
    found, opening, pool = await wished(word.slot, word.entry)
    await offer_put(Wish(opening, found, pool, word.by, word.reason, by.label, passed_in(word)), now, settings)
