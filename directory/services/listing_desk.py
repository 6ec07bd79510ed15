"""The desk page of one listing: what stands, who set it, where it was found, and its history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from directory.domain.access import Actor
from directory.domain.edits import FIELDS
from directory.domain.geo import Precision, Review
from directory.domain.listing_changes import FieldChange, ImportChange
from directory.domain.listings import Status
from directory.domain.merging import are_same
from directory.domain.proposals import is_editor_of
from directory.services.editing import Edited
from directory.services.names import names_for
from directory.services.proposals import Queued, proposal_list_of
from directory.services.revising import Editable, agency_demanded, editable
from directory.settings import Settings
from directory.storage import accounts, db, edits, geocodes, listing_changes, sources

SHOWN = 20
"""So many saves, and so many imports, are shown at first; each "older" shows as many more."""
MOST = 1000


@dataclass(frozen=True, slots=True)
class Set:
    """Who set a field by hand: a name where the reader may know it."""

    who: str | None
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Save:
    """The fields that somebody changed at once, as far as the reader may see them. `who` is None where the name is not theirs to know."""

    change: str
    who: str | None
    at: datetime
    reason: str | None
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """How far the placing of an address has come: a GeocodeStatus, how exactly, and what is doubtful. `is_pinned`: a person set the point."""

    status: str
    precision: Precision | None
    review: Review | None
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the page says. `history` has the newest first; `has_more`: there is an older part.

    `agency` is the name of whose it is, None for nobody's; `source` that of where it comes from. `set_by` is by field. `version` is that
    of the words that are shown, `is_own` whether the reader is an editor of that agency.
    """

    listing: Editable
    agency: str | None
    source: str
    status: Status
    set_by: Mapping[str, Set]
    place: Whereabouts | None
    proposals: tuple[Queued, ...]
    history: tuple[Save | ImportChange, ...]
    has_more: bool
    version: int
    is_own: bool


async def listing_desk(
    *, by: Actor, slug: str, length: int = SHOWN, clock: Callable[[], datetime], settings: Settings
) -> Desk:
    """The page of a listing for somebody who may edit it. Raises Denied, NotFound, Gone or EditRefused."""
    agency = await agency_demanded(by, slug, clock())
    async with db.snapshot():
        edited = await Edited.find(slug, clock, settings, looks=True)
        shown = await editable(edited, by, agency)
        hands = await edits.set_by(edited.id)
        changes = await listing_changes.of_listing(edited.id, length + 1)
        imports = await listing_changes.imports_of(edited.id, length + 1)
        placed = await geocodes.by_slug(slug)
    names = await names_for(labels={*(each.by for each in hands.values()), *(each.by for each in changes)}, by=by)
    saves = _saves(changes, shown.past, names)
    both: list[Save | ImportChange] = [*saves, *imports]
    history = sorted(both, key=lambda each: each.at, reverse=True)
    return Desk(
        listing=shown,
        agency=await _name_of(agency),
        source=await _title_of(edited.writer.source),
        status=Status(str(edited.shown()["status"])),
        set_by={
            field: Set(names.get(each.by), each.at, _told(each.reason, shown, saves))
            for field, each in hands.items()
            if field in shown.values
        },
        place=_whereabouts(placed) if placed else None,
        proposals=await proposal_list_of(by=by, slug=slug, now=clock()),
        history=tuple(history[:length]),
        has_more=len(history) > length,
        version=edited.version,
        is_own=is_editor_of(by, agency),
    )


async def listing_reverting(
    *,
    by: Actor,
    slug: str,
    rows: Iterable[int] = (),
    change: str = "",
    clock: Callable[[], datetime],
    settings: Settings,
) -> tuple[Editable, dict[str, Any], tuple[int, ...]]:
    """What taking these rows of the history back, or a whole save, would set: the listing, the values, and the rows.

    Only what the reader may see, and what does not stand there already. Raises Denied, NotFound, Gone or EditRefused.
    """
    agency = await agency_demanded(by, slug, clock())
    async with db.snapshot():
        edited = await Edited.find(slug, clock, settings, looks=True)
        shown = await editable(edited, by, agency)
        found = await (
            listing_changes.of_save(edited.id, change) if change else listing_changes.of_rows(edited.id, rows)
        )
    found = [row for row in found if row.field in shown.past]
    values = {row.field: row.before for row in found if not are_same(row.field, shown.values[row.field], row.before)}
    return shown, values, tuple(row.id for row in found if row.field in values)


def _saves(rows: Iterable[FieldChange], may_see: Collection[str], names: Mapping[str, str]) -> list[Save]:
    """The saves with the fields that the reader may see. Where they may not see all, the words may tell what they may not."""
    found: dict[str, Save] = {}
    for row in rows:
        save = found.setdefault(row.change, Save(row.change, names.get(row.by), row.at, row.reason, ()))
        if row.field in may_see:
            found[row.change] = replace(save, fields=(replace(row, reason=None), *save.fields))
        else:
            found[row.change] = replace(save, reason=None)
    return list(found.values())


def _told(reason: str | None, shown: Editable, saves: Iterable[Save]) -> str | None:
    """The words that went with a field: to a reader from whom something is kept, only where the history shows them as well."""
    sees_all = shown.past >= set(FIELDS)
    return reason if sees_all or any(save.reason == reason for save in saves) else None


def _whereabouts(placed: geocodes.Placed) -> Whereabouts:
    found = placed.geocode
    return Whereabouts(found.status.value, found.precision, found.review, placed.pinned_by is not None)


async def _name_of(agency: int | None) -> str | None:
    found = await accounts.agencies([agency]) if agency is not None else []
    return found[0].name if found else None


async def _title_of(source: str) -> str:
    found = await sources.find(source)
    return str((found and found["title"]) or source)
