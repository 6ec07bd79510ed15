"""The desk page of a listing in words: what stands and who said so, where it was found, what waits, and what has been changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.geo import GeocodeStatus, Precision
from directory.domain.listing_changes import ImportChange
from directory.domain.listings import Status
from directory.domain.merging import are_same
from directory.domain.proposals import PUBLISHED, WAITING, Proposal
from directory.i18n import N_, a_date, an_age, gettext
from directory.services.listing_desk import Desk, Save, Set, Whereabouts
from directory.services.proposals import Queued
from directory.web.presenters_edit import (
    Difference,
    differences,
    field_name,
    field_names,
    value_lines,
)
from directory.web.presenters_edit_form import GROUPS

_ = gettext

DONE = {
    "saved": N_("Saved. Visitors see it now."),
    "proposed": N_("Sent. Somebody looks at it before visitors see it."),
    "before": N_("You sent this already. It was done once."),
    "same": N_("Nothing was different, so nothing was changed."),
    "added": N_("Added. Visitors see it now."),
    "right": N_("Thank you. Visitors see that it was checked today."),
    "changed": N_("The listing has changed since you opened the page, so nothing was noted. Please look at it again."),
    "withdrawn": N_("Taken back. Nobody will look at it."),
    "settled": N_("Somebody else was faster: this is settled already."),
}
"""What was done, by the word that stands in the address."""
STATES = {
    "waiting": N_("Waiting for somebody to look at it"),
    "published": N_("Published"),
    "refused": N_("Not published"),
    "withdrawn": N_("Taken back by its writer"),
}
SHOWN = {
    "active": N_("Visitors see it."),
    "inactive": N_("Visitors do not see it."),
    "temporarily closed": N_("Visitors see that it is closed for now."),
}
GRADES = {
    Precision.ROOFTOP: N_("the building itself"),
    Precision.INTERPOLATED: N_("on the street, near the number"),
    Precision.STREET: N_("the street"),
    Precision.POSTCODE: N_("the middle of the ZIP code only"),
    Precision.LOCALITY: N_("the middle of the town only"),
    Precision.REGION: N_("the region only"),
}
"""How exactly a place is known."""
_IMPORTS = {
    "add": N_("%(source)s listed it for the first time"),
    "change": N_("%(source)s said something new: %(fields)s"),
    "return": N_("%(source)s listed it again"),
    "remove": N_("%(source)s took it out"),
}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """What stands in a field. `who` set it by hand, "" where its source says so; `source` are the source's own words where a person has set others."""

    field: str
    name: str
    lines: tuple[str, ...]
    who: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldBack:
    """One field of a save, with its row, which takes it back; `is_back`: that was done already."""

    row: int
    difference: Difference
    is_back: bool


@dataclass(frozen=True, slots=True)
class HistoryView:
    """One step of the history. An import has one line and no fields; `change` takes a whole save back, "" where that is of no use."""

    title: str
    when: str
    reason: str
    change: str
    fields: tuple[FieldBack, ...]
    names: str


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal in a list. `withdraw` is the number that takes it back, 0 where it is not the reader's or is settled.

    `parts` say what was published and what was not, where that is not all of it.
    """

    id: int
    title: str
    url: str
    state: str
    who: str
    names: str
    parts: tuple[str, ...]
    reason: str
    answer: str
    withdraw: int


@dataclass(frozen=True, slots=True)
class DeskView:
    """All that the page says."""

    slug: str
    version: int
    may_confirm: bool
    status: str
    source: str
    is_active: bool
    belongs: str
    place: str
    place_is_waiting: bool
    groups: tuple[tuple[str, tuple[FieldLine, ...]], ...]
    proposals: tuple[ProposalView, ...]
    history: tuple[HistoryView, ...]
    has_more: bool


def desk_view(desk: Desk, reader: str, now: datetime) -> DeskView:
    """The page for this reader, by their label."""
    shown = desk.listing
    reverted = {row.reverts for each in desk.history if isinstance(each, Save) for row in each.fields}
    return DeskView(
        slug=shown.slug,
        version=desk.version,
        may_confirm=desk.is_own and desk.status is Status.ACTIVE,
        status=_(SHOWN[desk.status]),
        source=desk.source,
        is_active=desk.status is Status.ACTIVE,
        belongs=_("Looked after by %(agency)s.") % {"agency": desk.agency}
        if desk.agency
        else _("No agency looks after it."),
        place=_place(desk.place) if desk.place else "",
        place_is_waiting=bool(desk.place and desk.place.status == GeocodeStatus.PENDING),
        groups=_groups(desk, now),
        proposals=tuple(proposal_view(each, reader, now) for each in desk.proposals),
        history=tuple(_history(each, reverted, now) for each in desk.history),
        has_more=desk.has_more,
    )


def who_words(name: str | None) -> str:
    """Who it was, as far as the reader may know."""
    return name or _("Somebody else")


def ago(moment: datetime, now: datetime) -> str:
    """How long ago."""
    return an_age(moment, now) if now - moment >= timedelta(minutes=1) else _("just now")


def _groups(desk: Desk, now: datetime) -> tuple[tuple[str, tuple[FieldLine, ...]], ...]:
    fields = set(desk.listing.fields)
    found = []
    for _id, title, names in GROUPS:
        lines = tuple(_line(desk, field, now) for field in names if field in fields and _is_said(desk, field))
        if lines:
            found.append((_(title), lines))
    return tuple(found)


def _is_said(desk: Desk, field: str) -> bool:
    return desk.listing.values[field] is not None or field in desk.listing.hands


def _line(desk: Desk, field: str, now: datetime) -> FieldLine:
    shown = desk.listing
    value, source, hand = shown.values[field], shown.source.get(field), desk.set_by.get(field)
    who = _hand_words(hand, now) if hand else ""
    differs = hand is not None and field in shown.source and not are_same(field, value, source)
    return FieldLine(
        field, field_name(field), value_lines(field, value), who, value_lines(field, source) if differs else ()
    )


def _hand_words(hand: Set, now: datetime) -> str:
    said = _("Set by %(who)s, %(when)s") % {"who": who_words(hand.who), "when": ago(hand.at, now)}
    return f"{said}: {hand.reason}" if hand.reason else said


def _place(place: Whereabouts) -> str:
    if place.status == GeocodeStatus.PENDING:
        return _("We are looking for the place. Until then the listing stands in the middle of its ZIP code or town.")
    if place.status == GeocodeStatus.NOT_APPLICABLE:
        return _("It is on no map: it is online, or its address is not public.")
    if place.is_pinned:
        return _("Somebody has put a pin on the map.")
    if place.precision is None:
        return _("We could not find the place.")
    found = _("Found: %(grade)s.") % {"grade": _(GRADES[place.precision])}
    doubt = _("Somebody should look whether that is right.")
    return f"{found} {doubt}" if place.review else found


def _history(each: Save | ImportChange, reverted: Collection[int | None], now: datetime) -> HistoryView:
    when = f"{a_date(each.at.date())}, {ago(each.at, now)}"
    if isinstance(each, ImportChange):
        return HistoryView(_import_words(each), when, "", "", (), "")
    pairs: Mapping[str, tuple[FieldBack, ...]] = {
        row.field: tuple(
            FieldBack(row.id, one, row.id in reverted)
            for one in differences({row.field: row.before}, {row.field: row.after})
        )
        for row in each.fields
    }
    fields = tuple(back for backs in pairs.values() for back in backs)
    change = each.change if sum(not back.is_back for back in fields) > 1 else ""
    names = field_names(pairs) or _("Parts of an address that is not public")
    return HistoryView(who_words(each.who), when, each.reason or "", change, fields, names)


def _import_words(each: ImportChange) -> str:
    fields = field_names(each.fields) or _("something that has no field here")
    said = _(_IMPORTS[each.action]) % {"source": each.source, "fields": fields}
    undone = _("that import was taken back")
    return f"{said} ({undone})" if each.undone else said


def proposal_view(each: Queued, reader: str, now: datetime) -> ProposalView:
    """A proposal in a list."""
    found = each.proposal
    who = _("%(who)s, %(when)s") % {"who": who_words(each.writer), "when": ago(found.at, now)}
    parts = _parts(found)
    return ProposalView(
        found.id,
        found.name,
        f"/moderation/{found.id}",
        _("Published in part") if parts else _(STATES[found.status]),
        who,
        field_names(found.fields),
        parts,
        found.reason or "",
        found.answer or "",
        found.id if found.by == reader and found.status == WAITING else 0,
    )


def _parts(found: Proposal) -> tuple[str, ...]:
    left_out = [field for field in found.fields if field not in found.published]
    if found.status != PUBLISHED or not found.published or not left_out:
        return ()
    return (
        _("Published: %(fields)s") % {"fields": field_names(found.published)},
        _("Not published: %(fields)s") % {"fields": field_names(left_out)},
    )
