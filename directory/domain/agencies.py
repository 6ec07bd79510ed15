"""Agencies as they are set up, and claims: that an agency says an organization's listings, or one listing, are its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.errors import FootbridgeError, Problem
from directory.domain.levels import choice_problems, named_problems
from directory.domain.people import AGENCY_KINDS

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
    "Pacific/Pago_Pago",
)
"""The time zones that an agency is offered: those of the United States and its territories."""
ASKED, APPROVED, REFUSED, WITHDRAWN, ENDED = "asked", "approved", "refused", "withdrawn", "ended"
"""What can be said of a claim: it waits, holds, or is over in one of three ways."""
LONGEST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class AgencyValues:
    """What can be set of an agency. `timezone` is where its days begin and end."""

    name: str
    kind: str
    timezone: str


@dataclass(frozen=True, slots=True)
class SetAgency:
    """An agency as it is kept, with how many people have a live role in it and how many listings are its own."""

    id: int
    values: AgencyValues
    closed_at: datetime | None
    version: int
    people: int = 0
    listings: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """What can be claimed: a listing, and the organization that runs it with how many listings it has (none where nobody is named)."""

    listing: int
    slug: str
    name: str
    city: str | None
    state: str | None
    organization: int | None
    organization_name: str | None
    listings: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with what it is on. `name` is that of the organization (`is_whole`) or of the listing; `listings` how many it is about.

    `holders` are the names of other agencies that some of them belong to now.
    """

    id: int
    agency: int
    agency_name: str
    is_whole: bool
    name: str
    slug: str | None
    listings: int
    status: str
    words: str | None
    asked_by: str
    asked_at: datetime
    settled_at: datetime | None
    answer: str | None
    holders: tuple[str, ...] = ()


class ClaimTaken(FootbridgeError):
    """Another agency's claim on the same was approved first. `agency` is its name."""

    code = "claim-taken"
    status = 409


class Overtaken(FootbridgeError):
    """Somebody else saved in between. `now` has what stands now, field by field as in the form, and `version` its number."""

    code = "overtaken"
    status = 409

    def __init__(self, now: Mapping[str, str], version: int) -> None:
        super().__init__(fields=sorted(now))
        self.now = now
        self.version = version


def agency_problems(values: AgencyValues, *, zone: str = "") -> list[Problem]:
    """What keeps these from being the values of an agency; `zone` may be chosen beside ZONES."""
    return [
        *named_problems(values.name),
        *choice_problems("kind", values.kind, AGENCY_KINDS),
        *choice_problems("timezone", values.timezone, (*ZONES, zone)),
    ]


def words_problems(words: str, field: str = "words") -> list[Problem]:
    """What keeps a text from standing in a claim or its answer."""
    return [Problem(field, "too-long", str(len(words)), (str(LONGEST_WORDS),))] if len(words) > LONGEST_WORDS else []
