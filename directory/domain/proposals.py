"""Changes that wait for a second pair of eyes: who needs none, and what can become of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.access import TABLE, Action, Actor, Grant, Reach, Role

WAITING, PUBLISHED, REFUSED, WITHDRAWN = "waiting", "published", "refused", "withdrawn"
LONGEST_WORDS = 2000
"""Characters of a reason, or of an answer."""
MOST_HERE, MOST_WAITING = 5, 50
"""So many of one writer may wait at a time: about one listing, and in all."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that somebody would make, as lists have it: `fields` are the names of what it is about; `by` is a label of the trail.

    `published` are those of the fields that visitors see since it was settled.
    """

    id: int
    slug: str
    name: str
    agency: int | None
    fields: tuple[str, ...]
    reason: str | None
    status: str
    by: str
    at: datetime
    settled_at: datetime | None
    answer: str | None
    published: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written(Proposal):
    """The same with all that it says: `edits` is what its writer wrote, `seen` what they saw, by field."""

    edits: Mapping[str, Any]
    seen: Mapping[str, Any]


def publishes(actor: Actor, agency: int | None) -> bool:
    """Whether what this actor writes about a listing of that agency is published at once: they moderate, or are its trusted editor."""
    return any(_needs_nobody(grant, agency) for grant in actor.grants)


def _needs_nobody(grant: Grant, agency: int | None) -> bool:
    if TABLE[Action.MODERATE].reach[grant.role] is not Reach.NO:
        return True
    return grant.role is Role.EDITOR and grant.trusted and grant.agency is not None and grant.agency == agency


def looks_after(actor: Actor, agency: int | None) -> bool:
    """Whether they see all of a listing of that agency, an address that is hidden too: they moderate, or are its editor."""
    return publishes(actor, agency) or is_editor_of(actor, agency)


def is_editor_of(actor: Actor, agency: int | None) -> bool:
    """Whether they are an editor of that agency; nobody is of none."""
    return agency is not None and any(grant.role is Role.EDITOR and grant.agency == agency for grant in actor.grants)


def agency_of_writer(actor: Actor, agency: int | None) -> int | None:
    """The agency in whose name they write: that of the listing where they belong to it, else the first of their own that may."""
    able = [grant.agency for grant in actor.grants if TABLE[Action.EDIT_LISTING].reach[grant.role] is not Reach.NO]
    return agency if agency in able else next((each for each in able if each is not None), None)
