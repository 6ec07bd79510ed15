"""How visitors will see a listing once an edit is saved: its card, worked out without writing anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from directory.domain.access import Actor, Denied
from directory.domain.differences import with_values
from directory.domain.listings import ListingDraft, PlacedListing, Visibility
from directory.domain.results import Card
from directory.domain.schedule import Timetable
from directory.services.adding import EMPTY
from directory.services.editing import Edited, is_elsewhere
from directory.services.geocoding import Placer
from directory.services.revising import agency_demanded, editable
from directory.services.search import card_at
from directory.services.writing import POINT
from directory.settings import Settings
from directory.storage import cards, db
from directory.storage.encoding import draft_from_json


async def card_preview(
    *, by: Actor, slug: str, values: Mapping[str, Any], clock: Callable[[], datetime], settings: Settings
) -> Card:
    """The card of a listing with these fields set. Raises NotFound, Gone, EditRefused, or ValueError for what a field cannot hold.

    Raises Denied for who may not edit it, and for a field that they may not see: setting one could uncover the others.
    """
    agency = await agency_demanded(by, slug, clock())
    async with db.snapshot():
        edited = await Edited.find(slug, clock, settings, looks=True)
        if values.keys() - (await editable(edited, by, agency)).values.keys():
            raise Denied("role")
        standing = (await cards.cards([edited.id], clock()))[edited.id]
    shown, source = edited.shown() | dict(values), edited.source()
    shown[POINT] = None if is_elsewhere(source, shown) else source.get(POINT)
    draft = with_values(edited.said.draft, shown)
    placed = await _placed({**draft, "key": edited.said.key}, settings)
    has_moved = any(name.startswith("address.") for name in values)
    point, approximate = (
        (placed.public_point, placed.approximate) if has_moved else (standing.point, standing.approximate)
    )
    own = replace(standing, point=point, approximate=approximate)
    return card_at(_card(own, placed.draft), clock(), settings.timezone, None)


async def card_preview_new(*, values: Mapping[str, Any], clock: Callable[[], datetime], settings: Settings) -> Card:
    """The card of a listing that there is not yet."""
    given = {field: value for field, value in values.items() if value is not None}
    placed = await _placed(with_values({**EMPTY, "key": "new"}, given), settings)
    shown = replace(_empty(placed), point=placed.public_point, approximate=placed.approximate)
    return card_at(_card(shown, placed.draft), clock(), settings.timezone, None)


async def _placed(draft: Mapping[str, Any], settings: Settings) -> PlacedListing:
    (placed,) = await Placer(settings).place([(draft_from_json(dict(draft)), "", None)])
    return placed


def _card(card: Card, draft: ListingDraft) -> Card:
    """The card with what the draft says. What the public may not see is cut off, as in storage/cards.py."""
    address = draft.address
    shown, city_shown = address.visibility == Visibility.FULL, address.visibility != Visibility.HIDDEN
    return replace(
        card,
        kind=draft.kind,
        name=draft.name,
        organization=draft.organization,
        status=draft.status,
        street=address.street if shown else None,
        city=address.city if city_shown else None,
        state=address.state if city_shown else None,
        postal_code=address.postal_code if shown else None,
        place_name=address.name if shown else None,
        visibility=address.visibility,
        point=card.point if shown and draft.attendance != "online" else None,
        attendance=draft.attendance,
        program=draft.program,
        timetable=Timetable(draft.windows, card.timezone, draft.changes),
        hours_text=draft.hours_text,
        phones=draft.phones,
        care=draft.care,
        pay=draft.pay,
        people=draft.people,
        medication=draft.medication,
        access=draft.access,
        languages=draft.languages,
        coverage=draft.coverage,
        verified_on=draft.verified_on,
    )


def _empty(placed: PlacedListing) -> Card:
    draft = placed.draft
    nothing: dict[str, Any] = dict.fromkeys(Card.__dataclass_fields__)
    given = {
        "id": 0, "slug": "new", "version": 1, "kind": draft.kind, "name": draft.name, "status": draft.status,
        "visibility": draft.address.visibility, "approximate": placed.approximate, "timezone": placed.timezone, "types": (),
        "timetable": Timetable((), placed.timezone), "phones": (), "source_name": "", "is_demo": False, "reports": (), "stamp": "",
        "always_open": False, "shown_zone": "",
    }  # fmt: skip
    return Card(**{**nothing, **given})
