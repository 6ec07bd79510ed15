"""Reads SMART Recovery's meetings as JSON: one object a weekly meeting, with a block of text that says most of it (FORMATS f).

The block of the facilitators, with their names and numbers, is cut away before anything else is looked at. What the notes
mean is read in `smart_notes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import BinaryIO
from zoneinfo import ZoneInfo

from directory.domain.geo import Point
from directory.domain.listings import Address, ListingDraft, Status, natural_key
from directory.domain.schedule import DAY, WEEK, Window
from directory.domain.taxonomy import Code, CodeBook
from directory.formats.addresses import canadian_postal_code, is_province, split_address, state_code
from directory.formats.hours import day_of, minute_of
from directory.formats.jsons import load_list, noted
from directory.formats.languages import language_codes
from directory.formats.places import read_point
from directory.formats.rows import Rejected, Row, Rows
from directory.formats.smart_notes import Notes, read_notes
from directory.formats.text import as_text, cut, mask, one_line, scrub

SYSTEM = "smart"
MINUTES = 60  # the list gives no end; as readers of Meeting Guide feeds take it
CLOCK = "America/New_York"
"""The zone in which the list gives its times, wherever the meeting is. The notes of its meetings show it: "7 pm" in California
stands as 10:00 pm, "Saturday 9:00 AM (PST)" as 12:00 pm."""
AT = date(2022, 7, 1)
"""When the list was made: it decides between summer and winter time, which Arizona and Saskatchewan do not have."""

_FACILITATORS = re.compile(
    r"^[^\S\n]*Facilitators?\b.*?(?=^[^\S\n]*Notes[^\S\n]*$|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL
)
_LABEL = re.compile(r"^(Cost|Program|Specific audiences|Languages spoken):[^\S\n]*(.*)$", re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(r"^[^\S\n]*Meeting #:[^\S\n]*(\d{1,9})[^\S\n]*$", re.IGNORECASE | re.MULTILINE)
_COUNTRY = re.compile(r"[,\s]+(US|CA)$")
_FREE = re.compile(r"free\b|no (?:cost|charge|fee)", re.IGNORECASE)

ZoneOf = Callable[[float, float], str | None]


def read(stream: BinaryIO, codes: CodeBook, zone_of: ZoneOf | None = None) -> Rows:
    """The rows of the list, `line` being the 1-based element. The key is the meeting's own number, else what it is known by.

    `zone_of` gives the time zone of a point; with it times are turned into those of the place, without it they keep the zone
    of the list. Raises UnreadableFile at once, with "empty", "not-text", "not-json", "not-a-list" or
    "too-large".
    """
    meetings, warnings = load_list(stream)
    return noted((_row(number, value, codes, zone_of) for number, value in enumerate(meetings, start=1)), warnings)


@dataclass(slots=True)
class _Meeting:
    """What one object says, without anybody's name or number."""

    number: str
    labels: dict[str, str]
    notes: Notes
    address: str
    day: int
    start: int
    point: Point | None
    warnings: list[str] = field(default_factory=list)

    def raw(self) -> dict[str, object]:
        return {
            "number": self.number,
            **self.labels,
            "notes": self.notes.text,
            "address": self.address,
            "day": self.day,
            "start": self.start,
        }


def _row(line: int, value: object, codes: CodeBook, zone_of: ZoneOf | None) -> Row | Rejected:
    meeting = _meeting(value)
    if isinstance(meeting, str):
        return Rejected(line, meeting)
    draft = _draft(meeting, codes, zone_of)
    draft = draft if draft.key else replace(draft, key=natural_key(draft))
    return Row(line, draft, meeting.raw(), tuple(dict.fromkeys(meeting.warnings)))


def _meeting(value: object) -> _Meeting | str:
    """The meeting of an object, or why it is none."""
    if not isinstance(value, dict):
        return "not an object"
    details = _FACILITATORS.sub("", scrub(as_text(value.get("details"))))
    number = _NUMBER.search(details)
    day, start = _first(value.get("days")), _first(value.get("times"))
    weekday, minute = day_of(day), minute_of(start)
    if weekday is None or minute is None:
        return f"no weekday and time: {cut(mask(one_line(f'{day} {start}')), 40)}"
    address = _COUNTRY.sub(_country, cut(mask(one_line(as_text(value.get("address")))).strip(" ."), 500))
    if not address:
        return "no address"
    return _Meeting(
        number=number[1] if number else "",
        labels={name.lower(): mask(one_line(text)) for name, text in reversed(_LABEL.findall(details))},
        notes=read_notes(details[number.end() :] if number else details.partition("\nNotes")[2]),
        address=address,
        day=weekday,
        start=minute,
        point=read_point(as_text(value.get("latitude")), as_text(value.get("longitude"))),
    )


def _country(found: re.Match[str]) -> str:
    """ "CA" behind a postal code or a province is Canada, and California behind a town."""
    before = found.string[: found.start()].rpartition(",")[2].strip()
    if found[1] == "US":
        return ", USA"
    words = before.split()
    is_canadian = (
        canadian_postal_code("".join(words[-2:])) or canadian_postal_code(before) or is_province(state_code(before))
    )
    return ", Canada" if is_canadian else found[0]


def _first(value: object) -> str:
    """The one entry of a list: each object of the list holds one day and one time."""
    items = value if isinstance(value, list) else [value]
    return one_line(as_text(items[0])) if len(items) == 1 else ""


def _draft(meeting: _Meeting, book: CodeBook, zone_of: ZoneOf | None) -> ListingDraft:
    program = meeting.labels.get("program", "")
    codes = _codes(meeting, book)
    facets = book.crosswalk(codes)
    languages, unknown = language_codes(meeting.labels.get("languages spoken", ""))
    meeting.warnings += [f"unknown-language: {cut(name, 40)}" for name in unknown]
    address = _address(meeting, zone_of)
    attendance, status = _attendance(meeting, address)
    cost = meeting.labels.get("cost", "")
    return ListingDraft(
        key=meeting.number,
        kind="meeting",
        name=cut(" ".join(filter(None, ("SMART Recovery", program))), 255),
        address=address,
        organization="SMART Recovery",
        description=meeting.notes.text or None,
        status=status,
        attendance=attendance,
        program="smart",
        codes=codes,
        windows=_windows(meeting, address.timezone),
        hours_text=meeting.notes.not_weekly,
        conference_url=meeting.notes.url,
        conference_notes=meeting.notes.access,
        languages=languages or facets.languages,
        pay=("free",) if _FREE.match(cost) else None,
        people=facets.people,
        access=facets.access,
        fees=cost or None,
    )


def _codes(meeting: _Meeting, book: CodeBook) -> tuple[Code, ...]:
    """The program and the audiences by their names: "LGBTQIA+, Men (read the ... description above before joining)"."""
    audiences = re.sub(r"\([^()]*\)", "", meeting.labels.get("specific audiences", ""))
    found: dict[Code, None] = {}
    for name in filter(None, map(str.strip, (meeting.labels.get("program", ""), *audiences.split(",")))):
        info = book.find_by_name(SYSTEM, name)
        if info:
            found[info.code] = None
        else:
            meeting.warnings.append(f"unknown-type: {cut(name, 40)}")
    return tuple(found)


def _address(meeting: _Meeting, zone_of: ZoneOf | None) -> Address:
    parts = split_address(meeting.address)
    point = meeting.point
    zone = zone_of(point.lat, point.lon) if zone_of and point else None
    return Address(
        name=cut(parts.place, 255) if parts.place else None,
        street=cut(parts.street, 255) if parts.street else None,
        street_2=cut(parts.street_2, 255) if parts.street_2 else None,
        city=cut(parts.city, 120) if parts.city else None,
        state=parts.state,
        postal_code=parts.postal_code,
        country=parts.country or "US",
        point=point,
        approximate=not _is_visited(parts.street),
        timezone=zone or CLOCK,
    )


def _is_visited(street: str | None) -> bool:
    """Whether there is a house to go to: without a figure the "street" is the name of a town or a region."""
    return bool(street) and any(sign.isdigit() for sign in street or "")


def _attendance(meeting: _Meeting, address: Address) -> tuple[str, Status]:
    """How one takes part: where there is neither a house nor a way in online, nobody can (as in Meeting Guide, FORMATS a.6)."""
    notes = meeting.notes
    if notes.is_closed:
        return "in-person", Status.TEMPORARILY_CLOSED
    in_person = not address.approximate and not notes.is_online_only
    if notes.is_online:
        return ("hybrid" if in_person else "online"), Status.ACTIVE
    return "in-person", Status.ACTIVE if in_person else Status.INACTIVE


def _windows(meeting: _Meeting, zone: str | None) -> tuple[Window, ...]:
    """Its weekly time on the clock of the place; none for one that says itself that it is not every week."""
    if meeting.notes.not_weekly:
        return ()
    moment = meeting.day * DAY + meeting.start - _ahead(zone or CLOCK)
    day, start = divmod(moment % WEEK, DAY)
    weeks = [week for on, week in meeting.notes.weeks if on == day]
    return tuple(Window("meeting", day, start, MINUTES, week) for week in weeks or (None,))


def _ahead(zone: str) -> int:
    """By how many minutes the clock of the list is ahead of a zone's."""
    noon = datetime.combine(AT, time(12), UTC)
    here, there = (noon.astimezone(ZoneInfo(name)).utcoffset() or timedelta() for name in (CLOCK, zone))
    return int((here - there).total_seconds() // 60)
