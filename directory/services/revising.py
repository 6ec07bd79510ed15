"""People change a listing: at once where they are trusted to, else as a proposal that somebody looks at first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain import edits as rules
from directory.domain.access import Action, Actor, Denied, demand, of_agency
from directory.domain.edits import FIELDS
from directory.domain.errors import BadEdit, Problem
from directory.domain.merging import EditClash, hidden_fields, merged
from directory.domain.people import UnfitFields
from directory.domain.proposals import (
    LONGEST_WORDS,
    MOST_HERE,
    MOST_WAITING,
    agency_of_writer,
    looks_after,
    publishes,
)
from directory.services.editing import VISIBILITY, Edited
from directory.services.links import form_take
from directory.settings import Settings
from directory.storage import db, listing_changes, proposals, stewards

SAVED, PROPOSED, BEFORE, SAME = "saved", "proposed", "before", "same"
"""What came of it: published, waiting for somebody, sent a second time, or nothing was different."""


@dataclass(frozen=True, slots=True)
class Editable:
    """A listing as somebody may edit it: `values` are the fields that they may see, and `source` what its source says of them.

    `source` has only those of which they may also see what stood there before: an address that is public now may have been hidden.
    `is_published_at_once` is whether they need nobody to look at it first.
    """

    slug: str
    name: str
    values: Mapping[str, Any]
    source: Mapping[str, Any]
    hands: frozenset[str]
    is_published_at_once: bool

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that they may see and set."""
        return tuple(field for field in FIELDS if field in self.values)

    @property
    def past(self) -> frozenset[str]:
        """Those of which they may see what stood there before, too."""
        return frozenset(self.source)


async def listing_editable(*, by: Actor, slug: str, clock: Callable[[], datetime], settings: Settings) -> Editable:
    """The listing with all that this person may see and set. Raises Denied, NotFound, Gone or EditRefused."""
    agency = await agency_demanded(by, slug, clock())
    async with db.snapshot():
        edited = await Edited.find(slug, clock, settings, looks=True)
        return await editable(edited, by, agency)


async def editable(edited: Edited, by: Actor, agency: int | None) -> Editable:
    """The same of a listing that is looked at already. Needs the transaction or snapshot of that look."""
    shown, source = edited.shown(), edited.source()
    now, past = (frozenset[str](), frozenset[str]()) if looks_after(by, agency) else await _hidden(edited)
    fields = [field for field in FIELDS if field not in now]
    return Editable(
        edited.slug,
        str(shown["name"]),
        {field: shown.get(field) for field in fields},
        {field: source.get(field) for field in fields if field not in past},
        frozenset(edited.hands) & set(fields),
        publishes(by, agency),
    )


async def _hidden(edited: Edited) -> tuple[frozenset[str], frozenset[str]]:
    """The fields that are not for everybody as they stand now, and as they stand or ever stood."""
    now = edited.shown().get(VISIBILITY)
    ever = await listing_changes.values_of(edited.id, VISIBILITY)
    return hidden_fields(now), hidden_fields(now, edited.source().get(VISIBILITY), *ever)


async def agency_demanded(by: Actor, slug: str, now: datetime) -> int | None:
    """The agency of a listing that this person may edit. Raises Denied; what does not exist belongs to nobody."""
    agency = await stewards.agency_of(slug)
    demand(by, Action.EDIT_LISTING, of_agency(agency), now=now)
    return agency


async def listing_revise(
    *,
    by: Actor,
    slug: str,
    seen: Mapping[str, Any],
    values: Mapping[str, Any],
    reason: str,
    form: str,
    clock: Callable[[], datetime],
    settings: Settings,
    follow: Iterable[str] = (),
    reverts: Iterable[int] = (),
) -> str:
    """Saves or proposes what somebody wrote over what they had `seen`; says what came of it (SAVED and the others above).

    `form` is the token of the form, `follow` are fields that are to follow their source again, and `reverts` the rows of the
    history that are taken back. What others have changed since is kept. Raises EditClash where both have changed a field, and
    Denied, NotFound, Gone, EditRefused, BadEdit with what is wrong field by field, or UnfitFields where too much of theirs waits.
    """
    agency = await agency_demanded(by, slug, clock())
    why = reason.strip() or None
    if wrong := [*rules.problems(values), *reason_problems(reason)]:
        raise BadEdit(wrong)
    async with db.transaction():
        if not await form_take(token=form, now=clock()):
            return BEFORE
        edited = await Edited.find(slug, clock, settings)
        now = (await editable(edited, by, agency)).values
        if values.keys() - now.keys():
            raise Denied("role")
        found = merged(seen, values, now)
        if found.clashes:
            raise EditClash(found.clashes, now)
        if not found.values:
            return SAME
        if publishes(by, agency):
            rows = {row.field: row.id for row in await listing_changes.of_rows(edited.id, reverts)}
            await edited.put(found.values, by=by.label, reason=why, follow=follow, reverts=rows)
            return SAVED
        await _propose(edited, by, agency, found.values, now, why)
    return PROPOSED


async def _propose(
    edited: Edited, by: Actor, agency: int | None, values: Mapping[str, Any], now: Mapping[str, Any], reason: str | None
) -> None:
    await _has_room(by, edited.id)
    id = await proposals.add(
        edited.id,
        agency=agency_of_writer(by, agency),
        edits=values,
        seen={field: now.get(field) for field in values},
        reason=reason,
        by=by.label,
        now=edited.writer.clock(),
    )
    await edited.audited("listing-proposed", by.label, {"proposal": id, "fields": sorted(values)})


async def _has_room(by: Actor, listing: int) -> None:
    """Raises UnfitFields where so much of this writer waits that those who look at it could not keep up."""
    here, all_of_them = await proposals.count_waiting_of(by.label, listing)
    if here >= MOST_HERE:
        raise UnfitFields([Problem("reason", "many-here", "", (str(MOST_HERE),))])
    if all_of_them >= MOST_WAITING:
        raise UnfitFields([Problem("reason", "many-waiting", "", (str(MOST_WAITING),))])


def reason_problems(reason: str) -> list[Problem]:
    """What is wrong with the words that go with a change."""
    if len(reason) > LONGEST_WORDS:
        return [Problem("reason", "too-long", "", (str(LONGEST_WORDS),))]
    return []
