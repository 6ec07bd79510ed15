"""Listings as a CSV file for a spreadsheet (RFC 4180): one row each, under plain names close to those of HSDS.

Codes and days are English whatever the reader's language, so that a file can be read by a program too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from directory.domain.listings import Phone
from directory.domain.results import Card, Detail, Openings
from directory.domain.schedule import DAY, LAST, Window, wall_time
from directory.domain.weekly import Stretch, unlike_others, weekly

COLUMNS = (
    "name organization kind status program address city state postal_code distance_miles phone hours next_start care pay people "
    "medication access languages openings openings_as_of website slug url source verified_on"
).split()
DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
WEEKS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", LAST: "last"}
MARK = "\ufeff"
"""Without it a spreadsheet on Windows takes UTF-8 for something else."""
FORMULA = re.compile(r"\s*[=+\-@]|[\t\r\n]")
"""What a spreadsheet takes for the beginning of a formula: a cell that begins so could run what a stranger wrote."""


def write(details: Iterable[Detail], *, now: datetime, base_url: str, removed: Iterable[tuple[str, str]] = ()) -> bytes:
    """The file, in UTF-8 with a byte order mark and CRLF line ends.

    An empty cell is what is not known, "none" what is known to be nothing. Distances in miles, whole ones where the place is only
    roughly known. Ways to join online are left out. `removed` are the slugs and names of listings that are gone.
    """
    file = io.StringIO(newline="")
    file.write(MARK)
    rows = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\r\n")
    rows.writeheader()
    base = f"{base_url.rstrip('/')}/listings"
    for detail in details:
        rows.writerow(_safe(_row(detail, now, base)))
    for slug, name in removed:
        rows.writerow(_safe({"name": name, "status": "removed", "slug": slug, "url": f"{base}/{quote(slug)}"}))
    return file.getvalue().encode()


def _safe(row: dict[str, str]) -> dict[str, str]:
    """No cell begins like a formula."""
    return {name: f"'{value}" if FORMULA.match(value) else value for name, value in row.items()}


def _row(detail: Detail, now: datetime, base: str) -> dict[str, str]:
    card = detail.card
    openings = card.openings
    return {
        "name": card.name,
        "organization": card.organization or "",
        "kind": card.kind,
        "status": card.status.value,
        "program": card.program or "",
        "address": _address(detail),
        "city": card.city or "",
        "state": card.state or "",
        "postal_code": card.postal_code or "",
        "distance_miles": _miles(card),
        "phone": "; ".join(_phone(phone) for phone in card.phones if phone.type != "fax"),
        "hours": _hours(card, now),
        "next_start": _moment(card.next_start),
        "care": _values(card.care),
        "pay": _values(card.pay),
        "people": _values(card.people),
        "medication": _values(card.medication),
        "access": _values(card.access),
        "languages": _values(card.languages),
        "openings": _openings(openings),
        "openings_as_of": _moment(openings.as_of.astimezone(ZoneInfo(card.timezone))) if openings else "",
        "website": detail.urls[0].url if detail.urls else "",
        "slug": card.slug,
        "url": f"{base}/{quote(card.slug)}",
        "source": detail.source_title or card.source_name,
        "verified_on": card.verified_on.isoformat() if card.verified_on else "",
    }


def _address(detail: Detail) -> str:
    """As far as it may be shown: a card holds no more."""
    if detail.card.attendance == "online":
        return "online"
    parts = (detail.card.place_name, detail.card.street, detail.street_2)
    return ", ".join(part for part in parts if part)


def _miles(card: Card) -> str:
    if card.distance_miles is None:
        return ""
    return f"{max(1, round(card.distance_miles))}" if card.approximate else f"{card.distance_miles:.1f}"


def _phone(phone: Phone) -> str:
    """Such as "(555) 555-0100 x7". As it is dialled here: a spreadsheet would compute what begins with a plus."""
    number = re.sub(r"^\+(?!1)", "011 ", phone.number).removeprefix("+")
    number = f"{number} x{phone.extension}" if phone.extension else number
    return f"{number} ({phone.type})" if phone.type != "voice" else number


def _values(values: Sequence[str] | None) -> str:
    if values is None:
        return ""
    return "; ".join(values) or "none"


def _openings(openings: Openings | None) -> str:
    """The number; none where the report is too old to count."""
    if openings is None or openings.available is None or openings.freshness == "old":
        return ""
    return str(openings.available)


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="minutes") if moment else ""


def _hours(card: Card, now: datetime) -> str:
    """Such as "Mon-Fri 09:00-17:00; Sat 10:00-14:00; 2nd Tue 18:00-19:00", on the clock of the listing."""
    if card.always_open:
        return "24 hours"
    windows = card.timetable.windows
    today = wall_time(now, card.timetable.zone).date()
    parts = [*map(_stretch, weekly(windows)), *map(_window, unlike_others(windows, today))]
    return "; ".join(parts) or (card.hours_text or "")


def _stretch(stretch: Stretch) -> str:
    days = DAYS[stretch.first] if stretch.days == 1 else f"{DAYS[stretch.first]}-{DAYS[stretch.last]}"
    return f"{days} {', '.join(_span(*each) for each in stretch.times)}"


def _window(window: Window) -> str:
    week = f"{WEEKS[window.week]} " if window.week is not None else ""
    dates = f" ({_day(window.valid_from)} to {_day(window.valid_to)})" if window.valid_from or window.valid_to else ""
    return f"{week}{DAYS[window.day]} {_span(window.start, window.minutes)}{dates}"


def _span(start: int, minutes: int) -> str:
    end = "24:00" if start == 0 and minutes == DAY else _clock((start + minutes) % DAY)
    return f"{_clock(start)}-{end}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else "..."
