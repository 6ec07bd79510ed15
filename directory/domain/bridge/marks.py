"""What somebody and their peer said of a listing that was suggested: pinned, not now, went there, it is closed, not for me.

Marks are only ever added; what holds now is worked out from them in their order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

PINNED, UNPINNED, REMOVED, WENT, NOT_WENT, CLOSED, NOT_FOR_ME, BACK = (
    "pinned", "unpinned", "removed", "went", "not-went", "closed", "not-for-me", "back",
)  # fmt: skip
MARKS = (PINNED, UNPINNED, WENT, NOT_WENT, REMOVED, NOT_FOR_ME, CLOSED, BACK)
"""All that can be said; BACK takes REMOVED, NOT_FOR_ME or CLOSED back, NOT_WENT the last WENT."""
UNDO = {PINNED: UNPINNED, UNPINNED: PINNED, WENT: NOT_WENT, REMOVED: BACK, NOT_FOR_ME: BACK, CLOSED: BACK}
"""What takes back what was said."""
AWAY = (REMOVED, NOT_FOR_ME, CLOSED)
"""What has been put away with one of these does not come again."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark on a listing, by its id, at an aware moment."""

    listing: int
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of one listing for somebody now. `away` is one of AWAY or ""; `went` is when they went last, `went_before` the time before that."""

    pinned: bool = False
    away: str = ""
    went: datetime | None = None
    went_before: datetime | None = field(default=None, compare=False)


def standings(marks: Iterable[Mark]) -> dict[int, Standing]:
    """What holds of each listing by its id, from marks in the order in which they were set."""
    found: dict[int, Standing] = {}
    for mark in marks:
        found[mark.listing] = after(found.get(mark.listing, Standing()), mark.what, mark.at)
    return found


def after(standing: Standing, what: str, at: datetime) -> Standing:
    """What holds once this is said: what is put away is not pinned, and what is pinned or gone to is not away."""
    if what == PINNED:
        return replace(standing, pinned=True, away="")
    if what == UNPINNED:
        return replace(standing, pinned=False)
    if what == WENT:
        return replace(standing, went=at, went_before=standing.went, away="")
    if what == NOT_WENT:
        return replace(standing, went=standing.went_before, went_before=None)
    return replace(standing, away="" if what == BACK else what, pinned=standing.pinned and what == BACK)


def changes(standing: Standing, what: str, at: datetime, *, went_today: bool) -> bool:
    """Whether saying this changes anything; `went_today`: they went on the same day by the calendar of the agency.

    A second tap, or the same from two telephones, is then no second mark.
    """
    if what == WENT:
        return not went_today
    return after(standing, what, at) != standing
