"""Hand-outs: how many listings they hold, for how long, in which order, on which paper; and what a sheet says, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from directory.domain.errors import Problem

MOST = 40
"""Listings on one hand-out: more than that nobody reads on paper."""
DAYS = (7, 30, 90)
"""For how many days a hand-out can be good."""
USUAL_DAYS = 30
LONGEST_PLACE = 100

DAY, DISTANCE, CHOSEN = "day", "distance", "chosen"
SORTS = (DAY, DISTANCE, CHOSEN)
"""By the days of the week, the nearest first, or as they were chosen."""


class Size(StrEnum):
    """The paper that a hand-out is printed on."""

    A5 = "a5"
    HALF_LETTER = "half-letter"
    WALLET = "wallet"


@dataclass(frozen=True, slots=True)
class Item:
    """A listing of a hand-out. `miles` are whole ones from where it was asked for, None where nobody asked, or nobody has to go there."""

    slug: str
    miles: int | None = None


def whole_miles(miles: float) -> int:
    """A distance as a hand-out tells it, 0 for less than a mile: from finer ones to many places one could work out from where they were measured."""
    return round(miles) if miles >= 1 else 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for besides the listings: the order, for how many days, in which language, and from where distances are told."""

    sort: str
    days: int
    language: str
    near: str = ""

    def problems(self, listings: int, languages: Sequence[str]) -> list[Problem]:
        """What is wrong with it, field by field. `listings` is how many were chosen."""
        found = [] if self.sort in SORTS else [Problem("sort", "choose", self.sort)]
        found += [] if self.days in DAYS else [Problem("days", "choose", str(self.days))]
        found += [] if self.language in languages else [Problem("language", "choose", self.language)]
        if self.sort == DISTANCE and not self.near.strip():
            found.append(Problem("near", "missing", ""))
        if len(self.near) > LONGEST_PLACE:
            found.append(Problem("near", "too-long", "", (str(LONGEST_PLACE),)))
        if not listings:
            found.append(Problem("slug", "none-chosen", ""))
        if listings > MOST:
            found.append(Problem("slug", "too-many-listings", str(listings), (str(MOST),)))
        return found


# --- on paper --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """One listing on paper: its name, and what is said of it line by line."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaperSection:
    """Listings under a heading, such as a day; "" where there is only one section."""

    heading: str
    entries: tuple[PaperEntry, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole hand-out in the words of its `language`.

    `title` says what the file is. `address` is the whole one, for the QR code; `short` is how people type it. `scan` says what the code is for,
    `urgent` whom to call in need. `page` has the places %(page)s and %(pages)s; `unshown` is said where letters could not be printed.
    """

    language: str
    title: str
    lead: str
    scan: str
    urgent: tuple[str, ...]
    sections: tuple[PaperSection, ...]
    address: str
    short: str
    page: str
    unshown: str
