"""A new listing by hand: of an agency in its own source, or of the directory itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from directory.domain import edits as rules
from directory.domain.access import SITE, Action, Actor, Denied, Role, demand, of_agency
from directory.domain.differences import with_values
from directory.domain.edits import NEEDED
from directory.domain.errors import BadEdit, NotFound, Problem
from directory.domain.people import Agency
from directory.domain.proposals import publishes
from directory.services.comparing import hash_of
from directory.services.editing import told
from directory.services.geocoding import Placer
from directory.services.links import form_take
from directory.services.revising import reason_problems
from directory.services.writing import Writer
from directory.settings import Settings
from directory.storage import accounts, adding, cards, db, listing_changes, records, sources
from directory.storage.codes import code_table
from directory.storage.drafts import Said
from directory.storage.encoding import draft_from_json, draft_to_json, dumps

DIRECTORY = "people"
"""The source of what coordinators add for the directory itself. What is added for an agency has one beside that of its files, of
which each is all that there is: a file must not take out what somebody has typed."""
FORMAT = "people"
EMPTY: Mapping[str, Any] = {"kind": "", "name": "", "status": "active", "address": {"visibility": "full"}}


async def adding_agencies(*, by: Actor, now: datetime) -> tuple[tuple[Agency, ...], bool]:
    """The agencies for which this person may add a listing, and whether they may add one for the directory itself.

    Raises Denied where they may do neither: what an editor writes whom nobody trusts yet needs a listing that it is about.
    """
    demand(by, Action.EDIT_LISTING, SITE, now=now)
    found = tuple(each for each in await accounts.agencies() if _adds_for(by, each.id))
    if not found and not publishes(by, None):
        raise Denied("role")
    return found, publishes(by, None)


def adds(by: Actor) -> bool:
    """Whether they may add a listing for anybody."""
    return publishes(by, None) or any(_adds_for(by, grant.agency) for grant in by.grants if grant.agency is not None)


def _adds_for(by: Actor, agency: int) -> bool:
    """An agency's own people, that is; coordinators add for the directory, and for agencies with editors of their own."""
    return publishes(by, agency) and (
        publishes(by, None) or any(grant.agency == agency and grant.role is Role.EDITOR for grant in by.grants)
    )


async def listing_add(
    *,
    by: Actor,
    agency: int | None,
    values: Mapping[str, Any],
    reason: str,
    form: str,
    clock: Callable[[], datetime],
    settings: Settings,
) -> str | None:
    """Adds a listing with these fields for an agency, or with None for the directory, and gives its slug; None for a form sent twice.

    Raises Denied, NotFound where there is no such agency, or BadEdit with what is wrong field by field.
    """
    demand(by, Action.EDIT_LISTING, of_agency(agency) if agency is not None else SITE, now=clock())
    if not publishes(by, agency):
        raise Denied("role")
    given = {field: value for field, value in values.items() if value is not None}
    if wrong := new_problems(given, reason):
        raise BadEdit(wrong)
    async with db.transaction():
        if not await form_take(token=form, now=clock()):
            return None
        return await _added(by, agency, given, reason.strip() or None, clock, settings)


def new_problems(values: Mapping[str, Any], reason: str = "") -> list[Problem]:
    """What is wrong with the fields of a new listing, or missing."""
    missing = [Problem(field, "missing", "") for field in NEEDED if field not in values]
    return [*missing, *rules.problems(values), *reason_problems(reason)]


async def _added(
    by: Actor,
    agency: int | None,
    values: Mapping[str, Any],
    reason: str | None,
    clock: Callable[[], datetime],
    settings: Settings,
) -> str:
    name = DIRECTORY if agency is None else f"agency-{agency}-{DIRECTORY}"
    source = await sources.ensure(name, format=FORMAT, now=clock(), title=await _title(agency))
    if agency is not None:
        await adding.source_belongs(source, agency)
    draft = draft_from_json(with_values({**EMPTY, "key": uuid.uuid4().hex}, values))
    payload = draft_to_json(draft)
    said = Said(draft.key, dumps(payload), hash_of(payload, draft.key), None)
    writer = Writer(source, name, await code_table(), Placer(settings), clock)
    (id,) = await writer.add([said])
    pairs: dict[str, list[Any]] = {field: [None, value] for field, value in values.items()}
    change = uuid.uuid4().hex
    await listing_changes.add(id, change, pairs, by=by.label, at=clock(), reason=reason, reverts={})
    slug = str(await cards.slug_of(id))
    details = told({}, pairs) | {"change": change, "agency": agency}
    await records.audit(at=clock(), by=by.label, action="listing-added", subject=f"listing {slug}", details=details)
    return slug


async def _title(agency: int | None) -> str | None:
    if agency is None:
        return None
    found = await accounts.agencies([agency])
    if not found:
        raise NotFound()
    return found[0].name
