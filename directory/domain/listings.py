"""What a listing is: the values that a format yields, that storage keeps and that pages show. Names are HSDS's where it has one."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b32encode
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from directory.domain.geo import Point, Precision
from directory.domain.schedule import Change, Window
from directory.domain.taxonomy import Code


class Visibility(StrEnum):
    """How much of an address the public may see. Partial shows the city; hidden not even that."""

    FULL = "full"
    PARTIAL = "partial"
    HIDDEN = "hidden"


class Status(StrEnum):
    """HSDS service status; `removed` is ours: the source has taken it out."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    TEMPORARILY_CLOSED = "temporarily closed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it is shown. `type` is of RFC 6350: voice, text, fax, textphone; `description` says what the line is for."""

    number: str
    extension: str | None = None
    type: str = "voice"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A web address and what it is."""

    url: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where it is, as the source says. `point` is the source's own, None where it gives none.

    `approximate`: the source itself says that its point or address is only about right. `timezone` is an IANA name, None to
    have it found from the coordinates.
    """

    name: str | None = None
    street: str | None = None
    street_2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str = "US"
    notes: str | None = None
    point: Point | None = None
    approximate: bool = False
    timezone: str | None = None
    visibility: Visibility = Visibility.FULL


@dataclass(frozen=True, slots=True)
class Geocode:
    """How a point was come by. `point` is None when nothing was found.

    `provider` is "source" for coordinates that came with the listing, else the geocoder's name; `query` is what was asked.
    """

    provider: str
    precision: Precision | None
    point: Point | None
    query: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Capacity:
    """Openings as reported: how many of what (a bed, a place), at which level of care, and when that was true."""

    unit: str
    available: int | None
    maximum: int | None
    as_of: datetime
    care: str | None = None


@dataclass(frozen=True, slots=True)
class ListingDraft:
    """One listing as its source says it is: all public, all normalised, nothing looked up yet.

    A facet (care, pay, people, medication, access, languages) is None where it is not known, which is not "no".
    Texts are plain: no HTML, no runs of blanks. `key` is the source's own stable key.
    """

    key: str
    kind: str
    name: str
    address: Address
    organization: str | None = None
    description: str | None = None
    status: Status = Status.ACTIVE
    attendance: str | None = None
    program: str | None = None
    codes: tuple[Code, ...] = ()
    windows: tuple[Window, ...] = ()
    changes: tuple[Change, ...] = ()
    hours_text: str | None = None
    phones: tuple[Phone, ...] = ()
    urls: tuple[Link, ...] = ()
    conference_url: str | None = None
    conference_phone: str | None = None
    conference_notes: str | None = None
    languages: tuple[str, ...] | None = None
    care: tuple[str, ...] | None = None
    pay: tuple[str, ...] | None = None
    people: tuple[str, ...] | None = None
    medication: tuple[str, ...] | None = None
    access: tuple[str, ...] | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    eligibility: str | None = None
    application_process: str | None = None
    fees: str | None = None
    required_documents: str | None = None
    coverage: str | None = None
    capacities: tuple[Capacity, ...] = ()
    verified_on: date | None = None
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedListing:
    """A listing with all that had to be looked up: where it is, where the public may think it is, and its time zone.

    `public_point` is what is searched, measured and shown: the true point only where the address is public.
    """

    draft: ListingDraft
    geocode: Geocode
    public_point: Point | None
    approximate: bool
    timezone: str
    content_hash: str
    record: dict[str, object] | None = None


def fold(text: str) -> str:
    """Lower case without accents, every run of other signs one blank: the form in which words are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def squeeze(text: str) -> str:
    """`fold` without the blanks, so that O'Fallon, OFallon and O Fallon are one key."""
    return fold(text).replace(" ", "")


def slug_for(source: str, key: str, *names: str | None) -> str:
    """The address of a listing: readable, and the same at every import because its tail is made from the source's key."""
    tail = b32encode(hashlib.sha256(f"{source}\n{key}".encode()).digest()[:5]).decode().lower()
    words = re.sub(r"[^0-9a-z]+", "-", "-".join(fold(name) for name in names if name))
    return f"{words[:60].strip('-') or 'listing'}-{tail}"
