"""What an export gives of a listing: what its page shows, and nothing that depends on the hour or on who asks."""

from __future__ import annotations

from dataclasses import dataclass

from directory.domain.listings import Visibility
from directory.domain.results import Detail, Openings
from directory.domain.schedule import DAY, LAST, Change, Window

DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
WEEKS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", LAST: "last"}


@dataclass(frozen=True, slots=True)
class Published:
    """One listing as the public may see it. What an address hides is not in `detail`, and then `country` is None."""

    detail: Detail
    country: str | None

    @property
    def windows(self) -> tuple[Window, ...]:
        """Its times in an order that does not depend on how they came into the database."""
        return tuple(sorted(self.detail.card.timetable.windows, key=_order))

    @property
    def address(self) -> dict[str, str | None]:
        """Where it is, as far as it is shown, under the names that the files use."""
        card = self.detail.card
        return {
            "place_name": card.place_name,
            "address": card.street,
            "address_2": self.detail.street_2,
            "city": card.city,
            "state": card.state,
            "postal_code": card.postal_code,
            "country": self.country,
        }

    @property
    def codes(self) -> tuple[str, ...]:
        """Its codes as the search takes them, such as "aa:O", each once."""
        return tuple(sorted({f"{info.code.system}:{info.code.code}" for info in self.detail.codes}))

    @property
    def openings(self) -> Openings | None:
        """The latest report, however old: how fresh it is depends on when somebody reads it."""
        reports = self.detail.card.reports
        return max(reports, key=lambda each: (each.as_of, each.unit), default=None)

    @property
    def source_key(self) -> str | None:
        """The key under which its source keeps it. Some are made from the address, so a hidden one has none."""
        card = self.detail.card
        return card.source_key if card.visibility is Visibility.FULL else None


def window_text(window: Window) -> str:
    """A time in plain English, such as "Mon 22:00-06:00", "2nd Tue 18:00-19:00" or "Sun 00:00-Sat 24:00"."""
    week = f"{WEEKS[window.week]} " if window.week is not None else ""
    days, end = divmod(window.start + window.minutes - 1, DAY)
    last = f"{DAYS[(window.day + days) % 7]} " if window.minutes > DAY else ""
    dates = f" ({window.valid_from or '...'} to {window.valid_to or '...'})" if _is_dated(window) else ""
    return f"{week}{DAYS[window.day]} {clock_text(window.start)}-{last}{clock_text(end + 1)}{dates}"


def change_text(change: Change) -> str:
    """A day unlike the others, such as "2026-12-25 closed" or "thanksgiving 10:00-12:00"."""
    times = ", ".join(f"{clock_text(start)}-{clock_text((start + long) % DAY)}" for start, long in change.windows)
    return f"{change.on or change.holiday} {times or 'closed'}"


def clock_text(minute: int) -> str:
    """Minutes after midnight as "19:00"; 1440 is "24:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _is_dated(window: Window) -> bool:
    return bool(window.valid_from or window.valid_to)


def _order(window: Window) -> tuple[object, ...]:
    dates = str(window.valid_from or ""), str(window.valid_to or "")
    return window.sort, window.day, window.start, window.minutes, window.week or 0, *dates
