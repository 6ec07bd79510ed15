"""A listing in the transaction that edits it: what is set by hand is written, searched, kept in its history and in the audit trail."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.differences import flat
from directory.domain.errors import EditRefused, Gone, NotFound
from directory.domain.listings import Status, Visibility, street_key
from directory.domain.merging import are_same, hidden_fields
from directory.services.geocoding import Placer
from directory.services.writing import POINT, Writer
from directory.settings import Settings
from directory.storage import drafts, edits, listing_changes, records
from directory.storage.codes import code_table
from directory.storage.drafts import Said
from directory.storage.edits import Hand

VISIBILITY = "address.visibility"
PLACED = ("address.street", "address.city", "address.state", "address.postal_code")
"""The parts of an address that say where it is."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A listing that nobody else edits until the end of the transaction. `hands` are the fields that people have set."""

    id: int
    slug: str
    version: int
    said: Said
    hands: Mapping[str, Hand]
    writer: Writer

    @classmethod
    async def find(cls, slug: str, clock: Callable[[], datetime], settings: Settings, *, looks: bool = False) -> Edited:
        """The listing with this slug, which waits for nobody where one only `looks`.

        Raises NotFound, Gone, or EditRefused where its source's words are not known yet.
        """
        found = await edits.subject(slug, keep=not looks)
        if not found:
            raise NotFound(slug=slug)
        if found["status"] == Status.REMOVED:
            raise Gone(slug=slug)
        id = found["id"]
        said = (await drafts.said([id])).get(id)
        if said is None:
            raise EditRefused(slug=slug, source=found["source"])
        writer = Writer(found["source_id"], found["source"], await code_table(), Placer(settings), clock)
        return cls(id, slug, found["version"], said, (await edits.of([id])).get(id, {}), writer)

    def shown(self) -> dict[str, Any]:
        """The fields as they are before the edit."""
        return self.source() | {field: hand.value for field, hand in self.hands.items()}

    def source(self) -> dict[str, Any]:
        """The fields as the source says them."""
        return flat(self.said.draft)

    async def put(
        self,
        values: Mapping[str, Any],
        *,
        by: str,
        reason: str | None,
        follow: Iterable[str] = (),
        reverts: Mapping[str, int] | None = None,
    ) -> None:
        """Sets fields by hand. Those of `follow` that are to say what the source says follow it again instead.

        `reverts` names for a field the row of its history that is taken back by this.
        """
        before, source = self.shown(), self.source()
        back = {field for field in follow if field in values and are_same(field, values[field], source.get(field))}
        hands = {field: Hand(value, source.get(field)) for field, value in values.items() if field not in back}
        await edits.put(self.id, hands, by=by, reason=reason, now=self.writer.clock())
        for field in back & self.hands.keys():
            await self._let_go(field, by)
        await self._let_point_follow(by)
        await self.write()
        pairs = {field: [before.get(field), value] for field, value in values.items()}
        await self._noted("listing-edited", pairs, by=by, reason=reason, reverts=reverts or {})

    async def write(self) -> None:
        """Writes the listing anew from its source's words and what is set by hand."""
        await self.writer.change({self.id: self.said})

    async def take_source(self, field: str, by: str) -> None:
        """Forgets what the hand said of a field. Raises NotFound where it said nothing."""
        if field not in self.hands:
            raise NotFound(slug=self.slug, field=field)
        await self._let_go(field, by)
        await self._let_point_follow(by)
        await self.write()
        pair = [self.hands[field].value, self.source().get(field)]
        await self._noted("hand-value-dropped", {field: pair}, by=by)

    async def _let_go(self, field: str, by: str) -> None:
        await edits.drop(self.id, field)
        await edits.close(self.id, field, by=by, now=self.writer.clock())

    async def _let_point_follow(self, by: str) -> None:
        """Leaves the source's own point out for as long as people say that the place is elsewhere, so that theirs is looked for."""
        source, hands = self.source(), (await edits.of([self.id])).get(self.id, {})
        point = source.get(POINT)
        elsewhere = is_elsewhere(source, source | {field: hand.value for field, hand in hands.items()})
        if elsewhere and point is not None and POINT not in hands:
            await edits.put(self.id, {POINT: Hand(None, point)}, by=by, reason=None, now=self.writer.clock())
        elif POINT in hands and not elsewhere:
            await self._let_go(POINT, by)

    async def _noted(
        self,
        action: str,
        pairs: Mapping[str, list[Any]],
        *,
        by: str,
        reason: str | None = None,
        reverts: Mapping[str, int] | None = None,
    ) -> None:
        """Adds what has changed to the history, and all that was said to the audit trail."""
        change = uuid.uuid4().hex
        new = {field: pair for field, pair in pairs.items() if not are_same(field, *pair)}
        now = self.writer.clock()
        await listing_changes.add(self.id, change, new, by=by, at=now, reason=reason, reverts=reverts or {})
        # Without the reason: words that people wrote freely stand in the history, where they can be taken out.
        await self.audited(action, by, told(self.shown(), pairs) | {"change": change})

    async def audited(self, action: str, by: str, details: Mapping[str, object]) -> None:
        """Writes the entry of the audit trail: the last thing in the transaction."""
        await records.audit(
            at=self.writer.clock(), by=by, action=action, subject=f"listing {self.slug}", details=details
        )


def is_elsewhere(source: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Whether another place is shown than the source speaks of, by more than another way to write it."""
    return any(_folded(field, shown.get(field)) != _folded(field, source.get(field)) for field in PLACED)


def _folded(field: str, value: Any) -> Any:
    """A part of an address in the form in which spellings of it are compared."""
    return street_key(value) if field == "address.street" and value else value


def told(before: Mapping[str, Any], pairs: Mapping[str, list[Any]]) -> dict[str, object]:
    """What the audit trail has of a change: of an address that is not public, before or after, no more than which parts changed."""
    seen = {before.get(VISIBILITY, Visibility.FULL.value), *pairs.get(VISIBILITY, ())}
    private = sorted(pairs.keys() & (hidden_fields(*seen) - {VISIBILITY}))
    shown: dict[str, object] = {"fields": {field: pair for field, pair in pairs.items() if field not in private}}
    return shown | ({"private": private} if private else {})
