"""Looks for listings that may be one and the same, and puts each pair before a person once.

All listings are read a few hundred at a time, with statements that take milliseconds: grouping them in the database would be one
statement that holds up everybody else on SQLite, whose one connection serves the visitors too. Never are all compared with all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import combinations

from directory.domain.duplicates import OPEN, Likeness, Traits, keys, likeness
from directory.services.clock import Clock
from directory.storage import db
from directory.storage import duplicates as storage
from directory.storage.duplicates import Ids

BATCH = 250
MOST_TOGETHER = 12
"""What more listings than this have in common, such as the number of a hotline, says nothing about any two of them."""
_BITS = 24


async def duplicates_find(*, clock: Clock) -> int:
    """Puts pairs before people that nobody has been asked about, and says how many. Takes back what nothing speaks for any more."""
    for part in _parts(await storage.known(OPEN)):
        found = await _compared(part)
        async with db.staging():
            await storage.judge_anew(found)
    number = 0
    for part in _parts(await _candidates() - await storage.known()):
        alike = {ids: found for ids, found in (await _compared(part)).items() if found}
        if alike:
            async with db.staging():
                number += await storage.add(alike, clock())
    return number


def _parts(pairs: Iterable[Ids]) -> Iterator[Sequence[Ids]]:
    ordered = sorted(pairs)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))


async def _compared(pairs: Sequence[Ids]) -> dict[Ids, Likeness | None]:
    """How alike these are. A pair of which one is gone is left out: it rests as it is."""
    known = await storage.traits_of({id for pair in pairs for id in pair})
    return {(one, two): likeness(known[one], known[two]) for one, two in pairs if one in known and two in known}


async def _candidates() -> set[Ids]:
    """The pairs that have a key in common."""
    return await asyncio.to_thread(_pairs, (await _shared()).values())


def _pairs(groups: Iterable[set[int]]) -> set[Ids]:
    return {pair for ids in groups if 1 < len(ids) <= MOST_TOGETHER for pair in combinations(sorted(ids), 2)}


async def _shared() -> dict[int, set[int]]:
    """The listings by the hashes of the keys that several of them have.

    In two rounds, since most keys are had by one listing alone: the first notes in a few megabytes which ones come up again.
    """
    twice = await _seen_twice()
    found: dict[int, set[int]] = {}
    async for listing in _listings():
        for key in map(hash, keys(listing)):
            if _is_in(twice, key):
                found.setdefault(key, set()).add(listing.id)
    return found


async def _seen_twice() -> bytearray:
    """A bit for each hash, cut short: set where it came up twice, so that a few more are set than need be."""
    once, twice = bytearray(2**_BITS // 8), bytearray(2**_BITS // 8)
    async for listing in _listings():
        for key in set(map(hash, keys(listing))):
            place, bit = _bit(key)
            twice[place] |= once[place] & bit
            once[place] |= bit
    return twice


def _is_in(bits: bytearray, key: int) -> bool:
    place, bit = _bit(key)
    return bool(bits[place] & bit)


def _bit(key: int) -> tuple[int, int]:
    short = key % 2**_BITS
    return short // 8, 1 << short % 8


async def _listings() -> AsyncIterator[Traits]:
    """All that are shown."""
    after = 0
    while found := await storage.traits_after(after, BATCH):
        for each in found:
            yield each
        after = found[-1].id
        await asyncio.sleep(0)  # visitors first
