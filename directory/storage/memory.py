"""What one process remembers of an open database between requests: only what is the same for every visitor, and only while it is
true. A question is remembered by its filters, a time zone and at most a county, never by a place or a word; a ZIP code or town that was
looked up stands by itself, without a question, an hour or anybody who asked.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from directory.domain.results import Card
from directory.domain.schedule import Timetable
from directory.storage import cards, db, records

SECONDS = 1.0
"""How long the version of the data is taken on trust: so late, at the most, a process sees what another has written."""
MOST = 2000
"""Answers that are remembered at a time, and places: some ten megabytes of answers where visitors ask from all over."""
MOST_CARDS = 20_000
"""Listings that are remembered at a time: some forty megabytes. A page shows thirty, and visitors from all over ask for others each."""
MOST_AT_MINUTE = 8000
"""Of so many timetables it is remembered what they say at one minute. Most listings share theirs with others."""

Value = TypeVar("Value")
Zone = TypeVar("Zone", str, str | None)

_MEMORIES: WeakKeyDictionary[object, Memory] = WeakKeyDictionary()


class Memory:
    """What is remembered of one database."""

    def __init__(self) -> None:
        self._version = 0
        self._read_at = float("-inf")
        self._writes = -1
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._places: OrderedDict[Hashable, Any] = OrderedDict()
        self._cards: OrderedDict[int, tuple[int, Card]] = OrderedDict()
        self._at_minute: OrderedDict[Hashable, tuple[Timetable, Any]] = OrderedDict()

    async def version(self) -> int:
        """The version of the data, read again after a second, or at once when this process has written."""
        known = self.version_at_hand()
        if known is not None:
            return known
        now, writes = time.monotonic(), db.writes()
        found = await records.data_version()
        if found != self._version:
            self._answers.clear()
            self._places.clear()
        self._version, self._read_at, self._writes = found, now, writes
        return found

    def version_at_hand(self) -> int | None:
        """The same, where it need not be read."""
        is_old = db.writes() != self._writes or time.monotonic() - self._read_at > SECONDS
        return None if is_old else self._version

    async def once(self, key: Hashable, ask: Callable[[], Awaitable[Value]]) -> Value:
        """The answer to a question that stays the same until the data change. The key must say all that it depends on."""
        return await self._once(self._answers, key, ask)

    async def place(self, key: Hashable, ask: Callable[[], Awaitable[Value]]) -> Value:
        """The same for places, which do not push answers out."""
        return await self._once(self._places, key, ask)

    async def _once(
        self, known: OrderedDict[Hashable, Any], key: Hashable, ask: Callable[[], Awaitable[Value]]
    ) -> Value:
        version = await self.version()
        if key not in known:
            answer = await ask()
            if version != self._version:  # read across a change: true now, perhaps, but nobody knows of which version
                return answer
            known[key] = answer
            if len(known) > MOST:
                known.popitem(last=False)
        known.move_to_end(key)
        found: Value = known[key]
        return found

    def at_minute(
        self, what: Hashable, now: datetime, make: Callable[[Timetable, datetime, Zone], Value]
    ) -> Callable[[Timetable, Zone], Value]:
        """Tells something of times in this minute on the clock of a zone: made once for all listings that have these times. `what` is
        all that it depends on beside."""
        minute, known = now.timestamp() // 60, self._at_minute

        def tell(table: Timetable, seen_from: Zone) -> Value:
            # By its address: nothing else can have it for as long as the table stands here too, and to hash one takes longer than
            # all else.
            key = id(table), seen_from, minute, what
            found = known.get(key)
            if found is None:
                found = known[key] = table, make(table, now, seen_from)
                if len(known) > MOST_AT_MINUTE:
                    known.popitem(last=False)
            value: Value = found[1]
            return value

        return tell

    def doubt(self) -> None:
        """Has the version read again before anything is believed: somebody has seen a newer one."""
        self._read_at = float("-inf")

    async def cards(self, ids: Sequence[int], now: datetime) -> dict[int, Card]:
        """`cards.cards`, but what is remembered and has not changed since is not read again: of that only its stamp is."""
        version, known = await self.version(), self._cards
        at_once = {id: seen[1] for id in ids if (seen := known.get(id)) is not None and seen[0] == version}
        if len(at_once) == len(ids):  # as it is nearly always
            for id in ids:
                known.move_to_end(id)
            return at_once
        # Held here, since other requests may push cards out while this one waits.
        held = {id: self._cards[id] for id in ids if id in self._cards}
        found = {id: card for id, (seen, card) in held.items() if seen == version}
        doubtful = [id for id in held if id not in found]
        stamps = await cards.stamps(doubtful)
        found |= {id: held[id][1] for id in doubtful if held[id][1].stamp == stamps.get(id)}
        read = await cards.cards([id for id in ids if id not in found], now)
        found |= {id: card.spare() for id, card in read.items()}
        self._keep(found, version)
        return {id: found[id] for id in ids if id in found}

    def _keep(self, found: Mapping[int, Card], version: int) -> None:
        for id, card in found.items():
            self._cards[id] = (version, card)
            self._cards.move_to_end(id)
        while len(self._cards) > MOST_CARDS:
            self._cards.popitem(last=False)


def memory() -> Memory:
    """That of the open database. A transaction has none of its own before, so it sees what it has written itself."""
    connection = db.connection()
    found = _MEMORIES.get(connection)
    if found is None:
        found = _MEMORIES[connection] = Memory()
    return found
