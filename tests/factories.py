"""Listings made up for tests, each field open to an override, and the way they take into a database: the real services."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo, available_timezones

from directory.domain.geo import Point
from directory.domain.listings import Address, ListingDraft
from directory.domain.places import PlaceRow, place_key
from directory.domain.schedule import Change, Timetable, Window
from directory.domain.taxonomy import Code, CodeBook, CodeInfo
from directory.formats.rows import Rejected, Row, Rows
from directory.services import seeding
from directory.services.exchange import Report, import_run
from directory.settings import Settings
from directory.storage import codes, db, places, records
from directory.storage.schema import migrate
from tests import databases, servers

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""A Monday, noon in New York, six days before the clocks go forward."""
NEW_YORK, CHICAGO, PHOENIX = "America/New_York", "America/Chicago", "America/Phoenix"
LOS_ANGELES, ANCHORAGE, ADAK = "America/Los_Angeles", "America/Anchorage", "America/Adak"

HELD = tuple(ZoneInfo(name) for name in sorted(available_timezones()))
"""Every time zone, read once and kept, as the application does at its start: none is read while a loop runs."""

TOWNS = (
    ("Saltmarsh", "PA", "19199", 40.0, -75.0, NEW_YORK),
    ("Farshore", "PA", "19198", 40.21, -75.02, NEW_YORK),
    ("Lakebend", "IL", "60699", 41.9, -87.7, CHICAGO),
    ("Dry Wells", "AZ", "85999", 33.45, -112.07, PHOENIX),
    ("Reedport", "CA", "93999", 34.05, -118.25, LOS_ANGELES),
    ("Icefall", "AK", "99599", 61.2, -149.9, ANCHORAGE),
    ("Farlight", "AK", "99499", 51.95, 179.6, ADAK),
)
"""Invented towns: name, state, ZIP code, middle, zone. Farlight lies beside the antimeridian."""

CODES = (
    CodeInfo(Code("aa", "", "O"), "attendance", {"en": "Open", "es": "Abierta"}),
    CodeInfo(Code("aa", "", "C"), "attendance", {"en": "Closed", "es": "Cerrada"}),
    CodeInfo(
        Code("aa", "", "X"), "access", {"en": "Wheelchair Access", "es": "Con acceso"}, (("access", "wheelchair"),)
    ),
    CodeInfo(Code("na", "", "O"), "attendance", {"en": "Open", "es": "Abierta"}),
    CodeInfo(Code("samhsa", "2024", "DT"), "Type of Care", {"en": "Detoxification", "es": "Desintoxicación"}),
    CodeInfo(Code("samhsa", "2024", "SA"), "Type of Care", {"en": "Substance use treatment", "es": "Tratamiento"}),
    CodeInfo(Code("samhsa", "2024", "MH"), "Type of Care", {"en": "Mental health treatment", "es": "Salud mental"}),
    CodeInfo(Code("samhsa", "2024", "SUMH"), "Type of Care", {"en": "Co-occurring treatment", "es": "Ambos"}),
    CodeInfo(Code("samhsa", "2025", "DT"), "Type of Care", {"en": "Withdrawal care", "es": "Desintoxicación"}),
)


def minutes(clock: str) -> int:
    """Minutes after midnight of "19:00"."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def meeting(day: int, start: str, length: int = 60, **more: Any) -> Window:
    """A meeting on a weekday (Sunday = 0), `length` minutes long."""
    return Window("meeting", day, minutes(start), length, **more)


def hours(day: int, start: str, length: int, **more: Any) -> Window:
    """Open hours from a weekday and time on, `length` minutes long."""
    return Window("hours", day, minutes(start), length, **more)


def every_day(start: str, length: int) -> tuple[Window, ...]:
    """The same open hours on each day."""
    return tuple(hours(day, start, length) for day in range(7))


def times(*windows: Window, zone: str = NEW_YORK, changes: tuple[Change, ...] = ()) -> Timetable:
    """A timetable of these windows."""
    return Timetable(windows, zone, changes)


def address(**given: Any) -> Address:
    """A street in Saltmarsh, with its point and zone."""
    made: dict[str, Any] = {
        "street": "12 Heron Lane", "city": "Saltmarsh", "state": "PA", "postal_code": "19199",
        "point": Point(40.01, -75.0), "timezone": NEW_YORK,
    }  # fmt: skip
    return Address(**made | given)


def draft(key: str = "lamp", **given: Any) -> ListingDraft:
    """A meeting at that address on Mondays at seven. What is of an address goes into it: `draft(street="1 Far Street")`."""
    own = {name: given.pop(name) for name in list(given) if name in Address.__slots__ and name != "name"}
    made: dict[str, Any] = {
        "kind": "meeting", "name": "Quiet Lamp Group", "attendance": "in-person", "program": "aa",
        "windows": (meeting(1, "19:00"),),
    }  # fmt: skip
    return ListingDraft(key=key, **{"address": address(**own), **made, **given})


def settings_for(url: str, **given: Any) -> Settings:
    """Settings of a test over this database."""
    return Settings(**{"env": "test", "database_url": url, "hosts": ("localhost",), **given})


def town_rows() -> list[PlaceRow]:
    """The invented towns as the gazetteer keeps them: by ZIP code and by name."""
    rows = []
    for name, state, zip_code, lat, lon, zone in TOWNS:
        rows.append(PlaceRow("postcode", zip_code, state, name, lat, lon, zone, f"{name} County", 1))
        rows.append(PlaceRow("locality", place_key(name), state, name, lat, lon, zone, f"{name} County", 1))
    return rows


async def world_made() -> None:
    """Fills the open database with the invented towns and a few codes."""
    async with db.transaction():
        await codes.replace(CODES)
    await places.replace(town_rows(), "invented")


async def import_drafts(
    url: str, drafts: Sequence[ListingDraft | Rejected], source: str = "world", **options: Any
) -> Report:
    """Brings a source of the open database up to date with these listings; their place in the sequence is their line."""

    def read(_: BinaryIO, __: CodeBook) -> Rows:
        for line, each in enumerate(drafts, 1):
            yield each if isinstance(each, Rejected) else Row(line, each, {"key": each.key})

    return await import_with(url, BytesIO(b""), read, source, **options)


async def import_with(
    url: str, stream: BinaryIO, reader: Callable[[BinaryIO, CodeBook], Rows], source: str = "world", **options: Any
) -> Report:
    """One import as the services do it, which may take out as much as it likes unless `allow_removals` says otherwise."""
    given: dict[str, Any] = {"format": "seed", "by": "test", "clock": lambda: NOW, "settings": settings_for(url)}
    given["allow_removals"] = True
    return await import_run(stream=stream, reader=reader, source=source, **given | options)


async def snapshot(*, without: Sequence[str] = ()) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the open database, so that "nothing has changed" can be asked.

    Left out are the row that a transaction touches in order to wait its turn, and the inside of SQLite's index of words, where
    the same words can lie in many ways.
    """
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'listing_text_%'"
        if db.is_sqlite()
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    found = {}
    for name in sorted(row["name"] for row in await db.rows(catalogue)):
        if name in without:
            continue
        where = " WHERE name <> 'staging'" if name == "state" else ""
        rows = await db.rows(f"SELECT * FROM {name}{where}")
        found[name] = sorted(tuple(str(value) for value in row.values()) for row in rows)
    return found


async def one_value(text: str, *values: object) -> Any:
    """The first column of the first row of a SELECT; {0}, {1} stand for the values."""
    sql = db.Sql()
    marked = text.format(*(sql(value) for value in values))
    (row,) = await db.rows(marked, sql.values)
    return next(iter(row.values()))


def seeded_template(run: Path) -> Path:
    """An SQLite file that has had all of `seeds/` but the demonstration: made once a run, since the gazetteer is large."""
    template = run / "seeded.sqlite3"
    with servers.locked(run, "seeded.sqlite3"):
        if not template.exists():
            unfinished = run / "seeding.sqlite3"
            databases.finish(_seed(f"sqlite://{unfinished}"))
            with closing(sqlite3.connect(unfinished)) as connection:  # all of it into the one file that is copied
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            unfinished.rename(template)
    return template


async def _seed(url: str) -> None:
    await migrate(url)
    async with db.connect(url):
        await seeding.seeds_load(clock=lambda: NOW, settings=settings_for(url))


async def seeds_copied(template: Path, states: Sequence[str]) -> None:
    """Gives the open database all codes, and the gazetteer of these states, as if that were all of `seeds/`."""
    with closing(sqlite3.connect(template)) as connection:
        connection.row_factory = sqlite3.Row
        known = connection.execute("SELECT * FROM code ORDER BY id").fetchall()
        wanted = f"SELECT * FROM place WHERE state IN ({','.join('?' * len(states))})"
        rows = [dict(row) for row in connection.execute(wanted, states)]
        versions = dict(connection.execute("SELECT name, text FROM state WHERE text <> ''").fetchall())
    async with db.transaction():
        await codes.replace(codes.code_info(dict(row)) for row in known)
    named = [{name: row[name] for name in PlaceRow.__slots__} | {"demo": bool(row["demo"])} for row in rows]
    await places.replace((PlaceRow(**row) for row in named), versions["places"])
    async with db.transaction():
        for name, version in versions.items():
            await records.remember(name, version)
