"""Reads listings and places written by hand in TOML: the demonstration county and the national numbers.

The layout is described in `seeds/README.md`. Times that have an age (a capacity report, the last check) are written as
ages and turned into moments by the `now` that is handed in, so that demonstration data is always about as fresh.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from directory.domain.errors import UnreadableFile
from directory.domain.geo import Point, is_point
from directory.domain.holidays import US_HOLIDAYS
from directory.domain.listings import Address, Capacity, Link, ListingDraft, Phone, Status, Visibility
from directory.domain.schedule import DAY, LAST, Change, Sort, Window, wall_time
from directory.domain.taxonomy import ATTENDANCE, CARE, FACETS, KINDS, PROGRAMS, Code, CodeBook
from directory.formats.rows import Rejected, Row, Rows

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
WEEKS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": LAST}
PHONE_TYPES = ("voice", "text", "fax", "textphone")
SAMHSA_EDITION = "2024"
MEETING_MINUTES = 60  # of a meeting without an end, as readers of Meeting Guide feeds take it
MOST_AGO = 9999  # more days or hours than anything here can be old

T = TypeVar("T")
Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """A town that the demonstration needs and no gazetteer has. Degrees WGS 84; `timezone` an IANA name."""

    name: str
    state: str
    postal_code: str
    lat: float
    lon: float
    timezone: str
    county: str | None = None


def read(stream: BinaryIO, now: datetime, codes: CodeBook) -> Rows:
    """The `[[listing]]` tables of one file in their order; `line` is the 1-based element. `now` must be aware.

    A listing that breaks a rule is rejected with the reason, an unknown code becomes a warning. Raises UnreadableFile when
    the file is not TOML or holds no listings.
    """
    defaults, entries = _tables(stream, "listing")
    first_seen: dict[str, int] = {}
    for line, entry in enumerate(entries, start=1):
        try:
            reader = _Listing(_with_defaults(defaults, entry), now, codes)
            draft = reader.draft()
        except ValueError as error:
            yield Rejected(line, str(error))
            continue
        earlier = first_seen.setdefault(draft.key, line)
        if earlier == line:
            yield Row(line, draft, dict(entry), tuple(reader.warnings))
        else:
            yield Rejected(line, f"same key as element {earlier}: {draft.key}")


def read_places(stream: BinaryIO) -> Iterator[Place]:
    """The `[[place]]` tables of one file. Raises ValueError naming the 1-based element, UnreadableFile for another file."""
    for number, entry in enumerate(_tables(stream, "place")[1], start=1):
        try:
            yield _place(_Fields(entry))
        except ValueError as error:
            raise ValueError(f"place {number}: {error}") from error


def _place(fields: _Fields) -> Place:
    name, state, postal_code = (fields.required(name) for name in ("name", "state", "zip"))
    timezone, point, county = fields.zone("timezone"), fields.point(), fields.text("county")
    fields.done()
    if timezone is None or point is None:
        raise ValueError("timezone, lat and lon are needed")
    return Place(name, state, postal_code, point.lat, point.lon, timezone, county)


def _tables(stream: BinaryIO, wanted: str) -> tuple[Table, list[Table]]:
    """The defaults and the `[[wanted]]` tables of the file."""
    try:
        document = tomllib.load(stream)
    except ValueError as error:
        raise UnreadableFile("not-toml", str(error)) from error
    defaults, entries = document.pop("defaults", {}), document.pop(wanted, None)
    tables = [defaults, *entries] if isinstance(entries, list) else []
    if document or len(tables) < 2 or not all(isinstance(table, dict) for table in tables):
        raise UnreadableFile("unknown-layout", f"not a file of [[{wanted}]] tables alone")
    return tables[0], tables[1:]


def _with_defaults(defaults: Table, entry: Table) -> Table:
    """The listing over what the file says of all its listings; an address is put together field by field."""
    common, own = defaults.get("address", {}), entry.get("address", {})
    if not isinstance(common, dict) or not isinstance(own, dict):
        raise ValueError("address must be a table")
    return {**defaults, **entry, "address": {**common, **own}}


class _Fields:
    """One table of the file. Hands out each value once, of the right type, and knows what was never asked for."""

    def __init__(self, table: Table) -> None:
        self._left = dict(table)

    def take(self, name: str, *sorts: type[T]) -> T | None:
        value = self._left.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, sorts) or (isinstance(value, bool) and bool not in sorts):
            raise ValueError(f"{name} must be of type {' or '.join(sort.__name__ for sort in sorts)}")
        return value

    def text(self, name: str) -> str | None:
        value = self.take(name, str)
        return " ".join(value.split()) or None if value else None

    def required(self, name: str) -> str:
        if (value := self.text(name)) is None:
            raise ValueError(f"no {name}")
        return value

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        value = self.text(name)
        return None if value is None else _known(value, name, allowed)

    def texts(self, name: str) -> list[str] | None:
        values = self.take(name, list)
        if values is not None and not all(isinstance(value, str) for value in values):
            raise ValueError(f"{name} must be a list of texts")
        return values

    def chosen(self, name: str, allowed: Sequence[str]) -> tuple[str, ...] | None:
        """Values of a facet in the order of its vocabulary; None when it is not given, which means not known."""
        values = self.texts(name)
        if values is None:
            return None
        for value in values:
            _known(value, name, allowed)
        return tuple(value for value in allowed if value in values)

    def items(self, name: str) -> list[_Fields]:
        """A list of tables; where a text stands instead of a table it is the table's "" field."""
        values = self.take(name, list) or []
        return [_Fields(value if isinstance(value, dict) else {"": value}) for value in values]

    def zone(self, name: str) -> str | None:
        value = self.text(name)
        if value is not None:
            try:
                ZoneInfo(value)
            except (KeyError, OSError) as error:
                raise ValueError(f"unknown time zone: {value}") from error
        return value

    def point(self) -> Point | None:
        lat, lon = self.take("lat", int, float), self.take("lon", int, float)
        if lat is None and lon is None:
            return None
        if lat is None or lon is None or not is_point(lat, lon):
            raise ValueError("lat and lon must be a point")
        return Point(float(lat), float(lon))

    def age(self, name: str) -> float | None:
        """How long ago, in the unit that the name says."""
        value = self.take(name, int, float)
        if value is not None and not 0 <= value <= MOST_AGO:
            raise ValueError(f"{name} must be from 0 to {MOST_AGO}")
        return value

    def done(self) -> None:
        if self._left:
            raise ValueError(f"unknown field: {', '.join(self._left)}")


def _known(value: str, name: str, allowed: Iterable[str]) -> str:
    if value not in allowed:
        raise ValueError(f"unknown {name}: {value}")
    return value


class _Listing:
    """One `[[listing]]` on its way to a draft. `warnings` fills as it is read."""

    def __init__(self, table: Table, now: datetime, codes: CodeBook) -> None:
        self.fields = _Fields(table)
        self.now = now
        self.codes = codes
        self.warnings: list[str] = []

    def draft(self) -> ListingDraft:
        """The listing. Raises ValueError with a reason for the operator."""
        fields = self.fields
        kind = _known(fields.required("kind"), "kind", KINDS)
        program = fields.choice("program", PROGRAMS)
        address = _address(_Fields(fields.take("address", dict) or {}))
        online = _Fields(fields.take("online", dict) or {})
        conference_url, conference_phone = online.text("url"), online.text("phone")
        found = self._codes(program)
        walk = self.codes.crosswalk(found)
        draft = ListingDraft(
            key=fields.required("key"),
            kind=kind,
            name=fields.required("name"),
            address=address,
            organization=fields.text("organization"),
            description=fields.text("description"),
            status=Status(fields.choice("status", [status.value for status in Status]) or Status.ACTIVE),
            attendance=fields.choice("attendance", ATTENDANCE)
            or _attendance(kind, address, online=bool(conference_url or conference_phone)),
            program=program,
            codes=found,
            windows=(*self._windows("meets", "meeting"), *self._windows("hours", "hours")),
            changes=tuple(self._changes()),
            hours_text=fields.text("hours_text"),
            phones=tuple(_phone(item) for item in fields.items("phones")),
            urls=tuple(_link(item) for item in fields.items("urls")),
            conference_url=conference_url,
            conference_phone=conference_phone,
            conference_notes=online.text("notes"),
            languages=self._languages(walk.languages),
            care=self._facet("care", walk.care),
            pay=self._facet("pay", walk.pay),
            people=self._facet("people", walk.people),
            medication=self._facet("medication", walk.medication),
            access=self._facet("access", walk.access),
            minimum_age=fields.take("minimum_age", int),
            maximum_age=fields.take("maximum_age", int),
            eligibility=fields.text("eligibility"),
            application_process=fields.text("how_to_apply"),
            fees=fields.text("fees"),
            required_documents=fields.text("documents"),
            coverage=fields.text("coverage"),
            capacities=tuple(_capacity(item, self.now) for item in fields.items("capacity")),
            verified_on=self._verified_on(address),
            source_url=fields.text("source_url"),
        )
        # Where a fact was found is for whoever reads the file, and stays in the raw row.
        fields.text("source")
        online.done()
        fields.done()
        return draft

    def _codes(self, program: str | None) -> tuple[Code, ...]:
        """`types` are codes of the program's own table, `samhsa` those of the yearly directory."""
        types, samhsa = self.fields.texts("types") or [], self.fields.texts("samhsa") or []
        if types and program is None:
            raise ValueError("types need a program")
        asked = [(program or "", code, "") for code in types] + [("samhsa", code, SAMHSA_EDITION) for code in samhsa]
        found = []
        for system, code, edition in asked:
            info = self.codes.find(system, code, edition)
            if info is None:
                self.warnings.append(f"unknown-type: {code}")
            else:
                found.append(info.code)
        return tuple(dict.fromkeys(found))

    def _facet(self, name: str, derived: tuple[str, ...] | None) -> tuple[str, ...] | None:
        given = self.fields.chosen(name, FACETS[name])
        return derived if given is None else given

    def _languages(self, derived: tuple[str, ...] | None) -> tuple[str, ...] | None:
        given = self.fields.texts("languages")
        for value in given or []:
            if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
                raise ValueError(f"unknown language: {value}")
        return derived if given is None else tuple(given)

    def _windows(self, name: str, sort: Sort) -> tuple[Window, ...]:
        return tuple(window for text in self.fields.texts(name) or [] for window in windows(text, sort))

    def _changes(self) -> Iterator[Change]:
        for day in self.fields.texts("closed") or []:
            yield _change(day, [])
        for text in self.fields.texts("special_hours") or []:
            day, *spans = text.split()
            if not spans:
                raise ValueError(f"special_hours: no times in {text}")
            yield _change(day, spans)

    def _verified_on(self, address: Address) -> date | None:
        if (days := self.fields.age("verified_days_ago")) is None:
            return None
        here = wall_time(self.now, address.timezone) if address.timezone else self.now
        return (here - timedelta(days=days)).date()


def _attendance(kind: str, address: Address, *, online: bool) -> str | None:
    if online:
        return "hybrid" if address.street else "online"
    return "in-person" if kind == "meeting" else None


def _address(fields: _Fields) -> Address:
    address = Address(
        name=fields.text("name"),
        street=fields.text("street"),
        street_2=fields.text("street_2"),
        city=fields.text("city"),
        state=fields.text("state"),
        postal_code=fields.text("zip"),
        notes=fields.text("notes"),
        point=fields.point(),
        approximate=fields.take("approximate", bool) or False,
        timezone=fields.zone("timezone"),
        visibility=Visibility(fields.choice("visibility", [value.value for value in Visibility]) or Visibility.FULL),
    )
    fields.done()
    return address


def _phone(fields: _Fields) -> Phone:
    number = fields.text("") or fields.required("number")
    sort = fields.choice("type", PHONE_TYPES) or "voice"
    phone = Phone(number, fields.text("extension"), sort, fields.text("for"))
    fields.done()
    return phone


def _link(fields: _Fields) -> Link:
    link = Link(fields.text("") or fields.required("url"), fields.text("label"))
    fields.done()
    return link


def _capacity(fields: _Fields, now: datetime) -> Capacity:
    if (hours := fields.age("as_of_hours_ago")) is None:
        raise ValueError("capacity has no as_of_hours_ago")
    capacity = Capacity(
        unit=fields.required("unit"),
        available=fields.take("available", int),
        maximum=fields.take("maximum", int),
        as_of=now - timedelta(hours=hours),
        care=fields.choice("care", CARE),
    )
    fields.done()
    return capacity


def windows(text: str, sort: Sort) -> list[Window]:
    """The repeated times of one line such as "mon-fri 09:00-12:00 13:00-17:00", "2nd tue 19:00-20:30", "daily 08:00-20:00".

    "always" is every minute of the week. An end at or before the start lies on the next day; a meeting may leave its end
    out. Raises ValueError for what cannot be read.
    """
    words = "daily 00:00-24:00" if text == "always" else text
    weeks: list[int | None] = []
    days: list[int] = []
    spans: list[tuple[int, int]] = []
    for word in words.split():
        if word in WEEKS:
            weeks.append(WEEKS[word])
        elif word[0].isdigit():
            spans.append(_span(word, sort))
        else:
            days += _days(word)
    if not days or not spans:
        raise ValueError(f"no day or no time in {text!r}")
    return [Window(sort, day, *span, week) for week in weeks or [None] for day in days for span in spans]


def _days(word: str) -> list[int]:
    first, _, last = ("sun-sat" if word == "daily" else word).partition("-")
    start, end = (DAYS.index(_known(day, "day", DAYS)) for day in (first, last or first))
    return [(start + offset) % 7 for offset in range((end - start) % 7 + 1)]


def _span(word: str, sort: Sort) -> tuple[int, int]:
    """Start and length in minutes of "HH:MM-HH:MM", or of "HH:MM" for a meeting."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)(?:-([01]\d|2[0-4]):([0-5]\d))?", word)
    if not found or (found[3] is None and sort == "hours"):
        raise ValueError(f"cannot read the time {word}")
    start = int(found[1]) * 60 + int(found[2])
    end = start + MEETING_MINUTES if found[3] is None else int(found[3]) * 60 + int(found[4])
    if end == start or (found[3] == "24" and found[4] != "00"):
        raise ValueError(f"cannot read the time {word}")
    return start, end - start if end > start else end + DAY - start


def _change(day: str, spans: Sequence[str]) -> Change:
    hours = tuple(_span(span, "hours") for span in spans)
    if day in US_HOLIDAYS:
        return Change(holiday=day, windows=hours)
    try:
        return Change(on=date.fromisoformat(day), windows=hours)
    except ValueError as error:
        raise ValueError(f"neither a date nor a holiday: {day}") from error
