"""What a listing is: the values that a format yields, that storage keeps and that pages show. Names are HSDS's where it has one."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b32encode
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from directory.domain.geo import GeocodeStatus, Point, Precision, Review
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

    `provider` is "source" for coordinates that came with the listing, "pin" for those that a person set, else the geocoder's name;
    `query` is what was asked, `attempt` in which form (domain/addresses.py; None: there is a better form that nobody was asked), and
    `hash` is of the cleaned address. `kind` is the provider's own word for what matched. `at` is None for now.
    """

    provider: str
    precision: Precision | None
    point: Point | None
    query: str
    label: str | None = None
    status: GeocodeStatus = GeocodeStatus.OK
    review: Review | None = None
    hash: str | None = None
    attempt: str | None = None
    kind: str | None = None
    score: float | None = None
    error: str | None = None
    at: datetime | None = None


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

    `public_point` is what is searched, measured and shown: the true point only where the address is public. `record` is the raw row,
    or its JSON.
    """

    draft: ListingDraft
    geocode: Geocode
    public_point: Point | None
    approximate: bool
    timezone: str
    content_hash: str
    record: dict[str, object] | str | None = None


def fold(text: str) -> str:
    """Lower case without accents, every run of other signs one blank: the form in which words are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def squeeze(text: str) -> str:
    """`fold` without the blanks, so that O'Fallon, OFallon and O Fallon are one key."""
    return fold(text).replace(" ", "")


def street_key(street: str) -> str:
    """A street in the form in which spellings of it are compared: "12 N. Heron Street" and "12 north heron st" are one."""
    return " ".join(_SHORT.get(word, word) for word in fold(street).split())


_SHORT = {
    "street": "st",
    "avenue": "ave",
    "boulevard": "blvd",
    "road": "rd",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "place": "pl",
    "square": "sq",
    "highway": "hwy",
    "parkway": "pkwy",
    "terrace": "ter",
    "circle": "cir",
    "suite": "ste",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}


def natural_key(draft: ListingDraft) -> str:
    """What a listing is known again by where its source numbers it anew each time: name, place, days and times, as people say it.

    At most `LONGEST_KEY` characters; what is longer is cut, and told apart by a hash of the whole.
    """
    weeks = (f"{window.week} " if window.week is not None else "" for window in draft.windows)
    times = sorted({f"{week}{window.day} {window.start}" for week, window in zip(weeks, draft.windows, strict=True)})
    key = "|".join((fold(draft.name), _natural_place(draft), ",".join(times)))
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 17]} {hashlib.sha256(key.encode()).hexdigest()[:16]}"


LONGEST_KEY = 400


def _natural_place(draft: ListingDraft) -> str:
    """The address as far as it is told; else the point to about half a mile, else where one joins online."""
    address = draft.address
    if address.street or not (address.point or draft.conference_url):
        town = fold(address.city or ""), (address.postal_code or "").strip()[:5]
        return " ".join(part for part in (street_key(address.street or ""), *town) if part)
    if address.point and draft.attendance != "online":
        return f"{address.point.lat:.2f} {address.point.lon:.2f}"
    return (draft.conference_url or "").strip() or fold(address.city or "")


def slug_for(source: str, key: str, *names: str | None, chance: bytes = b"") -> str:
    """The address of a listing: readable, and where all of it is public the same in every database, since its tail is made from the key.

    A key may hold the street, and who knows the source can try all streets: where the street is not public, `chance` is 5 random
    bytes, which are the tail instead. A slug is kept with its listing and never made again, so that links last. One that was public
    when it came and is hidden later therefore keeps the tail that it had.
    """
    digest = chance or hashlib.sha256(f"{source}\n{key}".encode()).digest()
    tail = b32encode(digest[:5]).decode().lower()
    words = re.sub(r"[^0-9a-z]+", "-", "-".join(fold(name) for name in names if name))
    return f"{words[:60].strip('-') or 'listing'}-{tail}"
