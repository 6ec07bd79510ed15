"""Clients who may be one person: found by what they have in common, shown to a coordinator of both, and decided there once.

Nobody else learns that there is such a pair, since that would tell that somebody is on a list (42 CFR 2.13(c); WAITLIST 3.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may, of_agency, reach_of
from directory.domain.errors import NotFound, Settled
from directory.domain.waitlist.pairs import PairState, is_within_reach, reasons
from directory.services.sealing import opened
from directory.services.waitlist import plumbing
from directory.services.waitlist.clients import Somebody, somebody
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.waitlist import clients, consents, entries, lines, routes
from directory.storage.waitlist import pairs as stored
from directory.storage.waitlist.consents import ConsentNow
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.pairs import Alike, Pair

__all__ = [
    "EntryNow",
    "Pair",
    "PairShown",
    "Side",
    "consents_ending",
    "pair_found",
    "pair_note",
    "pair_part",
    "pair_reopen",
    "pair_show",
    "pairs_find",
    "pairs_list",
    "pairs_waiting",
]

SHOWN = 25
"""Pairs on the page: more come when these are done."""
SHOWN_DECIDED = 10


async def pairs_find(*, client: int, now: datetime) -> int:
    """Notes whom a client may be the same as, and says how many of these are new. Needs the transaction that has changed them.

    Within the agency; in another one only where both have a valid consent that names the other's agency. A pair that somebody has
    decided is not asked about again, and an open one for which nothing speaks any more is forgotten.
    """
    own = await clients.by_id(client)
    if own is None or own.merged_into is not None or own.cleared_at is not None:
        return 0
    words = (await stored.words_of([client])).get(client, 0)
    month = (await stored.months_of([client])).get(client)
    found = {}
    for each in await stored.alike(client):
        why = _reasons(each, words, month)
        if why and await _is_near(client, each.client, (own.agency, each.agency), now):
            found[each.client] = why
    await stored.drop_open(client, list(found))
    return sum([await stored.put(client, other, why, now) for other, why in found.items()])


def _reasons(each: Alike, words: int, month: str | None) -> tuple[str, ...]:
    is_same_month = month is not None and month == each.month
    return reasons(each.shared, own_words=words, other_words=each.words, is_same_month=is_same_month)


async def _is_near(one: int, other: int, agencies: tuple[int, int], now: datetime) -> bool:
    """Whether these two clients, of these agencies, may be compared."""
    if agencies[0] == agencies[1]:
        return True
    return is_within_reach(*agencies, *[await _named(each, agencies, now) for each in (one, other)])


async def _named(client: int, agencies: Sequence[int], now: datetime) -> frozenset[int]:
    """Those of these agencies to which a consent of a client lets something be told."""
    return frozenset([each for each in agencies if await lines.is_consented(client, each, today=now.date(), now=now)])


# --- what a coordinator sees -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Side:
    """One client of a pair as a coordinator of their agency sees them. `reached` are pairs of channel and number or address."""

    who: Somebody
    reached: tuple[tuple[str, str], ...]
    entries: tuple[EntryNow, ...]


@dataclass(frozen=True, slots=True)
class PairShown:
    """A pair with both sides. `ends_consents`: a consent of the one ends where they are one person, since the other took theirs back."""

    pair: Pair
    one: Side
    other: Side
    ends_consents: bool


async def pairs_waiting(*, by: Actor, now: datetime) -> int:
    """How many pairs wait for this person."""
    if not isinstance(may(by, Action.SETTLE_PAIRS, SITE, now=now), Allowed):
        return 0
    across = [each for each in await stored.open_pairs(_agencies(by), SHOWN, across=True) if await _is_shown(each, now)]
    return await stored.waiting(_agencies(by)) + len(across)


async def pairs_list(*, by: Actor, now: datetime) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """The pairs that wait for this person, and those that were decided last; they name nobody. Raises Denied."""
    demand(by, Action.SETTLE_PAIRS, SITE, now=now)
    own = _agencies(by)
    waiting = [each for each in await stored.open_pairs(own, SHOWN) if await _is_shown(each, now)]
    return tuple(waiting), tuple(await stored.decided(own, SHOWN_DECIDED))


async def _is_shown(pair: Pair, now: datetime) -> bool:
    """Whether a pair that waits may still be looked at: not where a consent that let two agencies be compared has ended since."""
    return pair.status is not PairState.OPEN or await _is_near(pair.one, pair.other, pair.agencies, now)


def _agencies(by: Actor) -> Sequence[int]:
    return reach_of(by, Action.SETTLE_PAIRS) or ()


async def pair_show(*, id: int, by: Actor, now: datetime, settings: Settings) -> PairShown:
    """Both clients of a pair, side by side, for whoever may see both; that they looked is written down. Raises NotFound, Denied."""
    pair = await pair_found(id=id, by=by, now=now)
    one, other = await _side(pair.one, settings), await _side(pair.other, settings)
    for side in (one, other):
        subject = f"client {side.who.row.upi}"
        await records.access_log(at=now, by=by.label, action="see", subject=subject, details={"part": "pair"})
    return PairShown(pair, one, other, ends_consents=bool(await consents_ending(pair.one, pair.other)))


async def consents_ending(one: int, other: int) -> tuple[int, ...]:
    """The consents of either of two clients that do not hold where both are one person: signed up to the moment in which the other took one
    back for the same agency (42 CFR 2.31(a)(6), 2.31(c))."""
    rows = await consents.of_client(one), await consents.of_client(other)
    gone = [[each for each in side if each.revoked_at is not None] for side in rows]
    found = [
        each.id
        for side, taken_back in zip(rows, reversed(gone), strict=True)
        for each in side
        if each.revoked_at is None and any(_is_ended_by(each, back) for back in taken_back)
    ]
    return tuple(sorted(found))


def _is_ended_by(consent: ConsentNow, back: ConsentNow) -> bool:
    """Whether a consent was signed before another was taken back that names one of its agencies; on paper it may be written down later."""
    if back.revoked_at is None or not set(consent.agencies) & set(back.agencies):
        return False
    is_older = consent.signed_on is not None and consent.signed_on < back.revoked_at.date()
    return is_older or consent.at <= back.revoked_at


async def pair_found(*, id: int, by: Actor, now: datetime) -> Pair:
    """The pair with this id. NotFound where one of the two is of an agency that is not the reader's, so that nobody learns of it."""
    demand(by, Action.SETTLE_PAIRS, SITE, now=now)
    pair = await stored.pair(id)
    allowed = pair and all(
        isinstance(may(by, Action.SETTLE_PAIRS, of_agency(each), now=now), Allowed) for each in pair.agencies
    )
    if pair is None or not allowed or not await _is_shown(pair, now):
        raise NotFound(pair=id)
    return pair


async def _side(client: int, settings: Settings) -> Side:
    row = await clients.by_id(client)
    assert row is not None
    found = []
    for route in await routes.of_client(client):
        known: dict[str, Any] = opened(route.sealed, settings)
        found.append((route.channel, str(known.get("to") or "")))
    return Side(somebody(row, settings), tuple(found), tuple(await entries.entries_of(client)))


async def pair_part(*, id: int, by: Actor, now: datetime) -> None:
    """Says that the two of a pair are two people, which nobody is asked again. Raises Settled, NotFound, Denied."""
    pair = await pair_found(id=id, by=by, now=now)
    if pair.status is PairState.DIFFERENT and pair.settled_by == by.label:
        return  # a second tap on the same button
    async with db.staging():
        if not await stored.settle(id, PairState.OPEN, PairState.DIFFERENT, by=by.label, now=now):
            raise Settled()
        await pair_note(pair, "pair-different", by.label, now)


async def pair_reopen(*, id: int, by: Actor, now: datetime) -> None:
    """Takes back that two clients are two people. That they are one cannot be taken back here. Raises Settled, NotFound, Denied."""
    pair = await pair_found(id=id, by=by, now=now)
    async with db.staging():
        if not await stored.settle(id, PairState.DIFFERENT, PairState.OPEN, by=None, now=None):
            raise Settled()
        await pair_note(pair, "pair-reopened", by.label, now)


async def pair_note(pair: Pair, action: str, by: str, now: datetime) -> None:
    """Writes what became of a pair into the trail of each agency of the two. Needs its transaction; last in it."""
    for agency in sorted(set(pair.agencies)):
        chain = plumbing.chain_of(agency)
        details = {"one": pair.one, "other": pair.other}
        await records.audit(at=now, by=by, action=action, subject=f"two people {pair.id}", details=details, chain=chain)
