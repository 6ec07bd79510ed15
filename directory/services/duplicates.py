"""Pairs of listings that may be one: a person says which stays, or that they are two, and can take that back.

The one that does not stay is set to inactive by hand, so that no import brings it back. All that hangs on it stays: its history,
reports, checks and claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may
from directory.domain.duplicates import DIFFERENT, OPEN, SAME
from directory.domain.errors import NotFound, Settled
from directory.domain.listings import Status, Visibility
from directory.domain.results import Detail
from directory.services.clock import Clock
from directory.services.editing import Edited
from directory.settings import Settings
from directory.storage import cards, db, records
from directory.storage import duplicates as storage
from directory.storage.duplicates import Pair

__all__ = [
    "Compared",
    "Pair",
    "duplicate_compare",
    "duplicate_differ",
    "duplicate_merge",
    "duplicate_reopen",
    "duplicates_left_alone",
    "duplicates_list",
    "duplicates_waiting",
]

SYSTEM = "system"
"""By whom a decision is taken back once the listing that was kept is gone."""
LISTED, LATELY = 50, 20
"""So many pairs are shown that wait, and so many that were decided last."""
_STATUS = "status"


@dataclass(frozen=True, slots=True)
class Compared:
    """A pair with all that is public about both. `tells_place`: the link to one whose address is not public would lead to a public one."""

    pair: Pair
    sides: tuple[Detail, Detail]
    tells_place: bool


async def duplicates_list(*, by: Actor, now: datetime) -> tuple[list[Pair], list[Pair]]:
    """What waits, the surest first, and what was decided lately. Raises Denied."""
    demand(by, Action.SETTLE_DUPLICATES, SITE, now=now)
    return await storage.waiting(LISTED), await storage.settled(LATELY)


async def duplicates_waiting(*, by: Actor, now: datetime) -> int:
    """How many pairs wait; 0 for whoever does not decide them."""
    allowed = isinstance(may(by, Action.SETTLE_DUPLICATES, SITE, now=now), Allowed)
    return await storage.count() if allowed else 0


async def duplicate_compare(*, id: int, by: Actor, now: datetime) -> Compared:
    """Both listings of a pair side by side. Raises Denied or NotFound."""
    demand(by, Action.SETTLE_DUPLICATES, SITE, now=now)
    pair = await _found(id)
    one, other = await cards.detail(pair.one, now), await cards.detail(pair.other, now)
    public = {side.card.visibility is Visibility.FULL for side in (one, other)}
    return Compared(pair, (one, other), len(public) == 2)


async def duplicate_merge(*, id: int, keep: int, by: Actor, clock: Clock, settings: Settings) -> None:
    """Both are one: the listing `keep` stays, the other is set to inactive and its address leads to the one that stays.

    Raises Denied, NotFound, Settled where it was decided meanwhile or one is not shown any more, or EditRefused where the source of the
    other has to be read once more before.
    """
    now = clock()
    demand(by, Action.SETTLE_DUPLICATES, SITE, now=now)
    async with db.transaction():
        pair = await _found(id)
        if keep not in (pair.one, pair.other):
            raise NotFound(pair=id)
        if not pair.is_shown:
            raise Settled(pair=id)
        kept, gone = pair.slugs if keep == pair.one else reversed(pair.slugs)
        edited = await Edited.find(gone, clock, settings)
        before = edited.hands[_STATUS].value if _STATUS in edited.hands else None
        await _settle(pair, SAME, by.label, now, kept=keep, hand_status=before)
        await edited.put({_STATUS: Status.INACTIVE.value}, by=by.label, reason=f"the same as {kept}")
        await _audited(pair, "duplicate-same", by.label, now, {"kept": kept, "other": gone})


async def duplicate_differ(*, id: int, by: Actor, clock: Clock) -> None:
    """They are two, and nobody is asked again. Raises Denied, NotFound or Settled."""
    now = clock()
    demand(by, Action.SETTLE_DUPLICATES, SITE, now=now)
    async with db.staging():
        pair = await _found(id)
        await _settle(pair, DIFFERENT, by.label, now)
        await _audited(pair, "duplicate-different", by.label, now, {"listings": list(pair.slugs)})


async def duplicate_reopen(*, id: int, by: Actor, clock: Clock, settings: Settings) -> None:
    """Takes a decision back: the pair waits again, and the other listing is what it was before. Raises Denied, NotFound or Settled."""
    demand(by, Action.SETTLE_DUPLICATES, SITE, now=clock())
    async with db.transaction():
        pair = await _found(id)
        if pair.status == OPEN:
            raise Settled(pair=id)
        await _reopened(pair, by.label, clock, settings)


async def duplicates_left_alone(*, clock: Clock, settings: Settings) -> int:
    """Brings back what was found to be the same as a listing that its source has since taken out, and says how many those were."""
    pairs = await storage.left_alone()
    for pair in pairs:
        async with db.transaction():
            if (await _found(pair.id)).status == SAME:
                await _reopened(pair, SYSTEM, clock, settings)
    return len(pairs)


async def _reopened(pair: Pair, by: str, clock: Clock, settings: Settings) -> None:
    if not await storage.settle(pair.id, before=pair.status, status=OPEN, by=None, now=None):
        raise Settled(pair=pair.id)
    if pair.status == SAME:
        await _restored(pair, by, clock, settings)
    await _audited(pair, "duplicate-reopened", by, clock(), {"listings": list(pair.slugs), "was": pair.status})


async def _restored(pair: Pair, by: str, clock: Clock, settings: Settings) -> None:
    """Gives the other its status back, unless somebody has set another one since, or its source has taken it out."""
    found = await cards.by_status(pair.gone_slug)
    if found is None or found[1] is not Status.INACTIVE:
        return
    edited = await Edited.find(pair.gone_slug, clock, settings)
    hand = edited.hands.get(_STATUS)
    if hand is None or hand.value != Status.INACTIVE.value:
        return
    if pair.hand_status:
        await edited.put({_STATUS: pair.hand_status}, by=by, reason="not the same after all")
    else:
        await edited.take_source(_STATUS, by)


async def _found(id: int) -> Pair:
    pair = await storage.find(id)
    if pair is None:
        raise NotFound(pair=id)
    return pair


async def _settle(
    pair: Pair, status: str, by: str, now: datetime, *, kept: int | None = None, hand_status: str | None = None
) -> None:
    """Decides an open pair. Of two who do so at once one is told."""
    done = await storage.settle(pair.id, before=OPEN, status=status, by=by, now=now, kept=kept, hand_status=hand_status)
    if not done:
        raise Settled(pair=pair.id)


async def _audited(pair: Pair, action: str, by: str, now: datetime, details: dict[str, object]) -> None:
    await records.audit(at=now, by=by, action=action, subject=f"pair {pair.id}", details=details)
