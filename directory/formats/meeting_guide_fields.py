"""What the fields of a Meeting Guide row mean in all the dialects that feeds write: day, time, types, online, attendance.

Functions of one record (FORMATS a.2-a.7, DIRECTORY 5). None of them raises: what cannot be read is left out with a warning.
The place is read in `meeting_guide_places.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from directory.domain.links import host_of
from directory.domain.listings import Status, fold
from directory.domain.schedule import DAY, Window
from directory.domain.taxonomy import Code, CodeBook, CodeInfo
from directory.formats import hours
from directory.formats.meeting_guide_record import Record
from directory.formats.text import as_text, one_line
from directory.formats.urls import is_provider

DEFAULT_MINUTES = 60
LONG_MINUTES = 12 * 60
IN_PERSON_ONLY = frozenset({"BA", "BRK", "CAN", "CF", "AL-AN", "AL", "FF", "OUT", "SM", "X", "XB"})
"""Types that mean nothing when nobody comes to a place (FORMATS a.6)."""


def day_of(value: object) -> int | None:
    """0 (Sunday) to 6 from a number, a digit or an English name; None for all else, and for 7, which may be either Sunday or a slip."""
    text = as_text(value).strip()
    return int(text) if re.fullmatch(r"[0-6]", text) else hours.day_of(text)


def days(record: Record) -> tuple[int, ...]:
    """The weekdays of a row, in order. Empty is "by appointment"; a day that cannot be read is a warning, never a guess."""
    value = record.values.get("day")
    given = value if isinstance(value, list) else as_text(value).split(",") if isinstance(value, str) else [value]
    found = set()
    for item in given:
        if item is None or (isinstance(item, str) and not item.strip()):
            continue
        day = day_of(item)
        if day is None:
            record.warn("unknown-day", item)
        else:
            found.add(day)
    return tuple(sorted(found))


def windows(record: Record) -> tuple[Window, ...]:
    """One weekly window for each day. An end before the start lies past midnight, no end (or the same) means an hour."""
    start, end = _minute(record, "time"), _minute(record, "end_time")
    weekdays = days(record)
    if start is None or not weekdays:
        return ()
    minutes = (end - start) % DAY or DEFAULT_MINUTES if end is not None else DEFAULT_MINUTES
    if minutes > LONG_MINUTES:
        record.warn("long-meeting", f"{minutes} minutes")
    return tuple(Window("meeting", day, start, minutes) for day in weekdays)


def _minute(record: Record, name: str) -> int | None:
    text = record.given(name)
    if name == "end_time" and re.fullmatch(r"24:00(:00)?", text):
        return 0
    minute = hours.minute_of(text)
    if text and minute is None:
        record.warn("unknown-time", f"{name} {text}")
    return minute


@dataclass(frozen=True, slots=True)
class Types:
    """The types of a row: what its fellowship's book knows, and the two that say whether there is a room and a screen."""

    known: tuple[CodeInfo, ...]
    is_closed: bool
    is_online: bool

    def codes(self, attendance: str | None) -> tuple[Code, ...]:
        """The codes worth keeping: of O and C only C, online nothing that needs a room, in person no ONL."""
        names = {info.code.code.upper() for info in self.known}
        out = {"O"} if {"O", "C"} <= names else set()
        if attendance == "online":
            out |= IN_PERSON_ONLY | {info.code.code.upper() for info in self.known if _needs_a_room(info)}
        if attendance == "in-person":
            out.add("ONL")
        return tuple(info.code for info in self.known if info.code.code.upper() not in out)


def _needs_a_room(info: CodeInfo) -> bool:
    return ("access", "wheelchair") in info.facets or ("access", "childcare") in info.facets


def read_types(record: Record, book: CodeBook, fellowship: str) -> Types:
    """The types of a row by code or English name in any case, from a list or one text ("O,D", "[open]")."""

    def find(name: str) -> CodeInfo | None:
        return book.find(fellowship, name) or book.find_by_name(fellowship, name)

    known: dict[Code, CodeInfo] = {}
    names: set[str] = set()
    for name in _type_names(record):
        info = find(name)
        # A label may hold commas ("Steps 1, 2, and 3"), so a text is only cut where it is no label as a whole.
        for part in [name] if info else [_bare(part) for part in name.split(",")]:
            info = find(part)
            names.add(info.code.code.upper() if info else part.upper())
            if info:
                known[info.code] = info
            elif part and part.upper() not in ("TC", "ONL"):  # computed for every fellowship, in the book or not
                record.warn("unknown-type", part)
    return Types(tuple(known.values()), is_closed="TC" in names, is_online="ONL" in names)


def _bare(name: str) -> str:
    return name.strip("[]\"' ")


def _type_names(record: Record) -> Iterator[str]:
    value = record.values.get("types")
    for item in value if isinstance(value, list) else [value]:
        if item is not None and not isinstance(item, str) and not as_text(item):
            record.warn("ignored", f"a type is a {type(item).__name__}")
        name = _bare(one_line(as_text(item)))
        if name:
            yield name


def link(record: Record, name: str) -> str | None:
    """A field that is a web address, or None. Only http and https lead anywhere that a page may link to."""
    return _usable(record, name, record.given(name).replace("&amp;", "&"))


def _usable(record: Record, name: str, url: str) -> str | None:
    if url and host_of(url) is None:
        record.warn("unusable-url", name)
        return None
    return url or None


def conference_url(record: Record, *, says_online: bool) -> str | None:
    """The address of the online room. Unknown hosts are dropped (a.7), unless the row says it is online and the address is https."""
    text = record.given("conference_url").replace("&amp;", "&")
    if "://" not in text and is_provider(text.split("/")[0].lower()):
        text = f"https://{text}"
    url = _usable(record, "conference_url", text)
    host = host_of(url) if url else None
    if host is None or is_provider(host):
        return url
    record.warn("unknown-conference-provider", host)
    return text if says_online and text.startswith("https://") else None


def conference_phone(record: Record) -> str | None:
    """A dial string of digits, + , * and #, cut at the first sign that no telephone can dial."""
    text = record.given("conference_phone")
    dial = re.sub(r"[\s().-]", "", text)
    dialable = re.match(r"[\d+,*#]*", dial)
    number = dialable[0].rstrip(",") if dialable else ""
    if sum(sign.isdigit() for sign in number) < 7 or len(number) > 80:
        if text:
            record.warn("unusable-conference-phone", text if len(text) < 7 else "")
        return None
    if dialable and dialable[0] != dial:
        record.warn("conference-phone-cut")
    return number


def says_online(record: Record, types: Types) -> bool:
    """Whether the row itself claims to meet online, with or without an address for it."""
    return types.is_online or _option(record) in ("online", "hybrid")


def _option(record: Record) -> str:
    return fold(record.given("attendance_option")).replace(" ", "-")


def attendance(
    record: Record, types: Types, *, has_room_online: bool, has_address: bool, is_approximate: bool
) -> tuple[str, Status]:
    """How one takes part, and whether it runs: what `attendance_option` says, else what follows from place and online room (a.6).

    A location closed for now has nobody in person, whatever else the row says.
    """
    option = _option(record)
    online, in_person = types.is_online or has_room_online, not is_approximate
    if option in ("in-person", "online", "hybrid", "inactive"):
        online, in_person = option in ("online", "hybrid"), option in ("in-person", "hybrid")
    elif option:
        record.warn("unknown-attendance", option)
    in_person = in_person and has_address and not types.is_closed
    if online:
        return ("hybrid" if in_person else "online"), Status.ACTIVE
    if in_person:
        return "in-person", Status.ACTIVE
    return "in-person", Status.TEMPORARILY_CLOSED if types.is_closed else Status.INACTIVE
