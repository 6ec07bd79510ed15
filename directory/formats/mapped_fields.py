"""What the fields of a mapped row mean: the address, the times, telephones, links, dates and beds.

Functions of one row; none of them raises. What cannot be read is left out with a warning, and a text whose meaning could be
lost stays as text.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from directory.domain.listings import Address, Capacity, Link, Phone, Visibility
from directory.domain.schedule import DAY, Sort, Window
from directory.formats import addresses
from directory.formats.addresses import Parts
from directory.formats.column_map import PhoneColumn
from directory.formats.hours import (
    clear_minute_of,
    minute_of,
    minute_of_number,
    minutes_of,
    read_days,
    read_hours,
)
from directory.formats.mapped_record import Cells
from directory.formats.phones import read_phones
from directory.formats.places import read_point, zone_name
from directory.formats.text import cut, one_line
from directory.formats.urls import web_address

BY_NIGHT = ("housing", "crisis")
"""Kinds of which "8-6" may well be the night."""
_CROSSING = re.compile(r"&|\b(?:and|at|corner|between)\b", re.IGNORECASE)


def read_address(cells: Cells) -> Address:
    """Where it is: the fields for it, completed from the one line that some lists have instead."""
    whole = addresses.split_address(cells.line("address"))
    given = cells.line("state", 40) or whole.state or ""
    state = addresses.state_code(given) or given or None
    country = _country(cells, whole, state)
    street = cells.line("street") or whole.street
    place = cells.line("place") or whole.place
    point = read_point(cells.text("lat"), cells.text("lon"))
    if point is None and (cells.text("lat") or cells.text("lon")):
        cells.warn("no-point")
    return Address(
        name=place,
        street=street,
        street_2=cells.line("street_2") or whole.street_2,
        city=cells.line("city", 120) or cut(whole.city or "", 120) or None,
        state=state if country in ("US", "CA") else given or None,
        postal_code=_postal_code(cells, country, state) or whole.postal_code,
        country=country,
        notes=cells.notes("address_notes") or None,
        point=point,
        approximate=point is not None and not place and not _is_exact(street),
        timezone=_timezone(cells),
        visibility=_visibility(cells),
    )


def _visibility(cells: Cells) -> Visibility:
    """How much of the address may be shown. A word that nobody foresaw may ask for it to be hidden, so it is."""
    if any(cells.column_texts("visibility")) and cells.said("visibility") is None:
        return Visibility.HIDDEN
    return Visibility(cells.choice("visibility") or Visibility.FULL)


def _is_exact(street: str | None) -> bool:
    """Whether it is an address that one can go to, and not the name of a part of town."""
    return bool(street) and bool(re.search(r"\d", street or "") or _CROSSING.search(street or ""))


def _country(cells: Cells, whole: Parts, state: str | None) -> str:
    given = cells.line("country")
    code = addresses.country_code(given) if given else whole.country
    if given and code is None:
        cells.warn("unknown-country", given)
    return code or ("CA" if addresses.is_province(state) else "US")


def _postal_code(cells: Cells, country: str, state: str | None) -> str | None:
    text = cells.line("zip", 40)
    if country == "US":
        code = addresses.us_zip(text, state)
    elif country == "CA":
        code = addresses.canadian_postal_code(text)
    else:
        code = addresses.foreign_postal_code(text)
    if text and code is None:
        cells.warn("unknown-postal-code", text)
    return code


def _timezone(cells: Cells) -> str | None:
    name = cells.line("timezone", 64)
    if name and zone_name(name) is None:
        cells.warn("unknown-timezone", name)
    return zone_name(name)


def read_times(cells: Cells, kind: str) -> tuple[tuple[Window, ...], str | None]:
    """The times, or all that is written of them as text where any of it cannot be read whole."""
    sort: Sort = "meeting" if kind == "meeting" else "hours"
    by_day = cells.map.by_day if cells.map.by_day is not None else kind not in BY_NIGHT
    starts, written = _starts(cells, sort), _day_and_time(cells)
    texts = [*([] if starts else [written]), *map(one_line, cells.texts("hours")), *_by_day(cells)]
    texts = [text for text in texts if text]
    read = [read_hours(text, sort=sort, by_day=by_day) for text in texts]
    windows = (window for found in (starts, *read) for window in found or ())
    if all(read):
        return tuple(dict.fromkeys(windows)), None
    cells.warn("hours-as-text")
    return (), cut("; ".join([written, *texts] if starts else texts), 2000)


def _day_and_time(cells: Cells) -> str:
    """What the columns of day, start and end say, as one text."""
    start, end = cells.line("time"), cells.line("end_time")
    return one_line(" ".join(filter(None, (cells.line("day"), f"{start}-{end}" if start and end else start))))


def _starts(cells: Cells, sort: Sort) -> tuple[Window, ...]:
    """The windows of columns for day, start and end or length. None of them where one cannot be read."""
    days, start = read_days(cells.line("day")), _minute(cells, "time")
    if not days or start is None:
        return ()
    end, length = _minute(cells, "end_time"), minutes_of(cells.line("duration"))
    if cells.line("end_time") and end is None:
        return ()
    if end is None and length is None:
        if cells.line("duration"):
            cells.warn("unknown-duration", cells.line("duration"))
        if sort == "hours":
            return ()
    minutes = length or cells.map.minutes if end is None else (end - start) % DAY or DAY
    return tuple(Window(sort, day, start, minutes) for day in days)


def _minute(cells: Cells, name: str) -> int | None:
    """A time by the map's clock: "7:00" is a quarter of the day only by that of 24 hours, and so is 1930."""
    text = cells.line(name)
    if cells.map.clock == "24":
        found = minute_of(text)
        found = minute_of_number(text) if found is None else found
    else:
        found = clear_minute_of(text)
    return found if found is None or name == "end_time" or found < DAY else None


def _by_day(cells: Cells) -> list[str]:
    """The columns that hold the hours of one weekday each, as one text such as "monday 9am-5pm; sunday closed"."""
    found = (f"{day} {cells.given(column)}" for day, column in cells.map.hours.items() if cells.given(column))
    return ["; ".join(found)]


def phones(cells: Cells, country: str) -> tuple[Phone, ...]:
    """The numbers of all columns, once each, without those that the row calls private."""
    found: dict[tuple[str, str | None], Phone] = {}
    plain = [phone for text in cells.parts("phone") for phone in read_phones(text, None, country)]
    if cells.text("phone") and not plain:
        cells.warn("unknown-phone")
    for phone in (*plain, *(phone for column in cells.map.phones for phone in _of_column(cells, column, country))):
        found.setdefault((phone.number, phone.extension), phone)
    return tuple(found.values())


def _of_column(cells: Cells, column: PhoneColumn, country: str) -> tuple[Phone, ...]:
    if cells.is_private(column):
        if cells.given(column.column) and not cells.has(column.private_if):
            cells.warn("number-left-out", f"{column.column}, for want of {column.private_if}")
        return ()
    purpose = cut(cells.given(column.purpose), 80) if column.purpose else None
    extension = re.sub(r"\D", "", cells.given(column.extension))[:8] if column.extension else ""
    return tuple(
        Phone(
            phone.number, phone.extension or extension or None, column.type or phone.type, purpose or phone.description
        )
        for phone in read_phones(cells.given(column.column), None, country)
    )


def links(cells: Cells, name: str, label: str | None = None) -> tuple[Link, ...]:
    """The web addresses of a field, once each."""
    found: dict[str, Link] = {}
    for text in cells.parts(name):
        url = web_address(text)
        if url:
            found.setdefault(url, Link(url, label))
        else:
            cells.warn("unusable-url", name)
    return tuple(found.values())


def ages(cells: Cells) -> tuple[int | None, int | None]:
    """The youngest and the oldest that it is for; None where it does not say."""
    found = []
    for name in ("minimum_age", "maximum_age"):
        text = cells.line(name)
        number = re.fullmatch(r"(\d{1,3})(?:\.0)?\s*\+?", text)
        if text and not number:
            cells.warn(f"unknown-{name}", text)
        found.append(int(number[1]) if number and int(number[1]) <= 120 else None)
    return found[0], found[1]


def verified_on(cells: Cells) -> date | None:
    """When somebody last looked whether it is true."""
    return _date(cells, "verified_on")


def _date(cells: Cells, name: str) -> date | None:
    """A date in the order that the map names; a time behind it is left aside."""
    text = cells.line(name)
    found = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", text)
    parts = [int(part) for part in found.groups()] if found else []
    if (
        not parts
        and cells.map.dates != "iso"
        and (other := re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)", text))
    ):
        first, second, year = (int(part) for part in other.groups())
        parts = [year, first, second] if cells.map.dates == "mdy" else [year, second, first]
    try:
        return date(*parts)
    except (TypeError, ValueError):
        if text:
            cells.warn(f"unknown-{name}", text)
        return None


def capacities(cells: Cells, timezone: str | None) -> tuple[Capacity, ...]:
    """How many beds or places there are, and how many were free, where the row says when that was true."""
    most, free = _number(cells, "capacity"), _number(cells, "available")
    if most is None and free is None:
        return ()
    day = _date(cells, "capacity_as_of")
    if day is None:
        cells.warn("capacity-without-date")
        return ()
    as_of = datetime.combine(day, time(), ZoneInfo(timezone) if timezone else UTC)
    return (Capacity(cells.line("unit", 40) or "bed", free, most, as_of),)


def _number(cells: Cells, name: str) -> int | None:
    text = cells.line(name)
    found = re.fullmatch(r"(\d{1,5})(?:\.0)?", text)
    if text and not found:
        cells.warn(f"unknown-{name}", text)
    return int(found[1]) if found else None
