"""Writes what a source says of its listings, with what people have set by hand laid over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.differences import flat, with_values
from directory.domain.listings import ListingDraft, PlacedListing
from directory.services.geocoding import Placer
from directory.storage import drafts, edits, listings
from directory.storage.codes import CodeTable
from directory.storage.drafts import Said
from directory.storage.edits import Hand
from directory.storage.encoding import draft_from_json
from directory.storage.locations import Places

POINT = "address.point"
"""Set by hand to nothing where people say that a place is elsewhere. That is no question of its own: their address is."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes listings of one source. Each call needs an open transaction."""

    source_id: int
    source: str
    codes: CodeTable
    placer: Placer
    clock: Callable[[], datetime]

    async def add(self, new: Sequence[Said]) -> list[int]:
        """Adds listings and returns their ids."""
        if not new:
            return []
        placed = await self._placed([(said, overlaid(said, {})) for said in new])
        ids = await listings.add(self.source_id, self.source, placed, self.codes, self.clock())
        await drafts.keep(dict(zip(ids, new, strict=True)), new=True)
        return ids

    async def change(self, old: Mapping[int, Said], earlier: Places | None = None) -> None:
        """Writes listings anew by their ids, also those that were taken out, and asks where the source and a hand disagree."""
        if not old:
            return
        hands = await edits.of(old)
        placed = await self._placed([(said, overlaid(said, hands.get(id, {}))) for id, said in old.items()])
        await listings.change(self.source_id, dict(zip(old, placed, strict=True)), self.codes, self.clock(), earlier)
        await drafts.keep(old)
        for id, fields in hands.items():
            await self._ask(id, old[id], fields)

    async def _placed(self, items: Sequence[tuple[Said, ListingDraft]]) -> list[PlacedListing]:
        found = await self.placer.place([(draft, said.hash, None) for said, draft in items])
        return [replace(each, record=said.record) for each, (said, _) in zip(found, items, strict=True)]

    async def _ask(self, id: int, said: Said, hands: Mapping[str, Hand]) -> None:
        now = flat(said.draft)
        for field, hand in hands.items():
            if field == POINT:
                continue
            if now.get(field) in (hand.source_value, hand.value):
                await edits.no_conflict(id, field)
            else:
                await edits.open_conflict(id, field, hand.value, now.get(field), self.clock())


def overlaid(said: Said, hands: Mapping[str, Hand]) -> ListingDraft:
    """The listing as it is to be shown. Raises TypeError, ValueError or KeyError for a value that its field cannot hold."""
    draft = said.draft
    if hands:
        draft = with_values(draft, {field: hand.value for field, hand in hands.items()})
    return draft_from_json({**draft, "key": said.key})
