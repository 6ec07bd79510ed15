"""The bits of `search_row.mask`: one for each facet value, and one for each facet that says whether it is known at all."""

from __future__ import annotations

from collections.abc import Iterable

from directory.domain.listings import ListingDraft
from directory.domain.schedule import DAY, Window
from directory.domain.taxonomy import FACETS, PROGRAMS

IN_PERSON = 1 << 0
ONLINE = 1 << 1

# Each facet has room to grow; the places are stored in every row and must not move.
_FIRST_BIT = {"care": 2, "pay": 12, "people": 20, "medication": 34, "access": 38}
_KNOWN_BIT = {"care": 42, "pay": 43, "people": 44, "medication": 45, "access": 46, "language": 47}
HOURS_KNOWN = 1 << 48
DATED = 1 << 49
"""Not every week is like every other, so that the database alone cannot tell when it is open."""
OTHER_TIMES = 1 << 50
"""Some day has times that are not among the weekly ones."""
_FIRST_WEEKDAY = 51

ATTENDANCE = {"in-person": IN_PERSON, "online": ONLINE, "hybrid": IN_PERSON | ONLINE}


def of_values(facet: str, values: Iterable[str]) -> int:
    """The bits of these values of a facet."""
    return sum(1 << (_FIRST_BIT[facet] + FACETS[facet].index(value)) for value in set(values))


def known(facet: str) -> int:
    """The bit that says that a facet is known."""
    return 1 << _KNOWN_BIT[facet]


def of_attendance(wanted: Iterable[str]) -> tuple[int, bool]:
    """The bits asked for, and whether all of them are needed (hybrid) or any will do."""
    chosen = set(wanted)
    if chosen == {"hybrid"}:
        return IN_PERSON | ONLINE, True
    # A hybrid one counts for both, so asking for it beside another adds nothing that the other does not hold.
    return sum({ATTENDANCE[value] for value in chosen if value != "hybrid"}), False


def of_listing(draft: ListingDraft) -> int:
    """The mask of a listing."""
    mask = ATTENDANCE.get(draft.attendance or "in-person", 0)
    for facet in FACETS:
        values: tuple[str, ...] | None = getattr(draft, facet)
        if values is not None:
            mask |= known(facet) | of_values(facet, values)
    if draft.languages is not None:
        mask |= known("language")
    return mask | _of_times(draft)


def of_weekdays(days: Iterable[int]) -> int:
    """The bits of the weekdays (Sunday = 0) on which, by the weekly times and the listing's clock, something is going on."""
    return sum(1 << (_FIRST_WEEKDAY + day) for day in set(days))


def _of_times(draft: ListingDraft) -> int:
    plain = not draft.changes and all(window.is_plain for window in draft.windows)
    others = any(change.windows for change in draft.changes)
    days = {day % 7 for window in draft.windows for day in range(window.day, window.day + _days(window))}
    return (
        of_weekdays(days)
        | (HOURS_KNOWN if draft.windows else 0)
        | (0 if plain else DATED)
        | (OTHER_TIMES if others else 0)
    )


def _days(window: Window) -> int:
    """How many days a window touches: one that ends at midnight has nothing of the next."""
    return (window.start + max(window.minutes, 1) - 1) // DAY + 1


def program_number(program: str | None) -> int:
    """The number by which a fellowship is stored; 0 for none."""
    return PROGRAMS.index(program) + 1 if program in PROGRAMS else 0
