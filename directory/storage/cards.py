"""Reads listings as the values that pages show. What the public may not see is cut off here and goes no further.

What many listings share (a town, a list of services, a time of the week) is one value for all of them: thousands stay in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Any

from directory.domain.geo import Point, Precision
from directory.domain.links import host_of
from directory.domain.listings import Geocode, Link, Phone, Status, Visibility
from directory.domain.openings import NO_CAPACITY
from directory.domain.results import Card, Detail, Openings, freshness, openings_at
from directory.domain.schedule import DAY, Sort, Timetable, Window
from directory.domain.taxonomy import CodeInfo
from directory.storage import db
from directory.storage.codes import code_info
from directory.storage.encoding import as_date, change_from_json, restrictions_of
from directory.storage.openings import OF_ONE_THING, REPLACED

Times = tuple[Timetable, bool]
"""A timetable, and whether its listing is only online."""

_CARD = (
    "SELECT l.id, l.slug, l.version, l.kind, l.name, o.name AS organization, l.status, l.attendance, l.program, l.hours_text, "
    "l.changes, l.phones, l.care, l.pay, l.people, l.medication, l.access, l.languages, l.coverage, l.verified_on, "
    "l.confirmed_at, l.created_at, l.told, l.updated_at, "
    "l.source_key, s.name AS source_name, s.is_demo, p.street, p.city, p.state, p.postal_code, p.name AS place_name, "
    "p.visibility, p.public_lat, p.public_lon, p.approximate, p.timezone{more} "
    "FROM listing l JOIN location p ON p.id = l.location_id JOIN source s ON s.id = l.source_id "
    "LEFT JOIN organization o ON o.id = l.organization_id WHERE "
)
_MORE = (
    "l.description, l.urls, l.conference_url, l.conference_phone, l.conference_notes, l.minimum_age, l.maximum_age, "
    "l.eligibility, l.application_process, l.fees, l.required_documents, l.source_url, p.street_2, p.notes, "
    "p.geocode_provider, p.geocode_precision, p.geocode_query, p.geocode_label, s.title, s.licence, s.checked_at, "
    "(SELECT MAX(h.at) FROM hand_value h WHERE h.listing_id = l.id) AS set_at"
)


async def cards(ids: Sequence[int], now: datetime) -> dict[int, Card]:
    """The cards of these listings by id, without distance and without what depends on the hour.

    Each carries its stamp from before its times, types and reports were read: one that changes in between has an older stamp than it could.
    """
    if not ids:
        return {}
    sql = db.Sql()
    found = await db.rows(_CARD.format(more="") + f"l.id IN ({sql.ids(ids)})", sql.values)
    windows = await windows_of(ids)
    types = await _types([row["id"] for row in found if row["kind"] == "meeting"])
    reports = await _reports([row["id"] for row in found if row["kind"] != "meeting"], now)
    return {
        row["id"]: _card(row, windows.get(row["id"], ()), types.get(row["id"], ()), reports.get(row["id"], ()), now)
        for row in found
    }


async def stamps(ids: Sequence[int]) -> dict[int, str]:
    """For each of these listings a text that is another one once anything of it has changed, its openings too."""
    if not ids:
        return {}
    sql = db.Sql()
    text = f"SELECT id, slug, version, told, updated_at FROM listing WHERE id IN ({sql.ids(ids)})"
    return {row["id"]: _stamp(row) for row in await db.rows(text, sql.values)}


def _stamp(row: dict[str, Any]) -> str:
    return f"{row['slug']} {row['version']} {row['told']} {row['updated_at']}"


async def by_status(slug: str) -> tuple[int, Status] | None:
    """The id and state of the listing with this slug."""
    sql = db.Sql()
    found = await db.rows(f"SELECT id, status FROM listing WHERE slug = {sql(slug)}", sql.values)
    return (found[0]["id"], Status(found[0]["status"])) if found else None


async def slug_of(id: int) -> str | None:
    """The slug of a listing, whatever its state."""
    sql = db.Sql()
    found = await db.rows(f"SELECT slug FROM listing WHERE id = {sql(id)}", sql.values)
    return found[0]["slug"] if found else None


async def by_slugs(slugs: Sequence[str]) -> dict[str, tuple[int, Status]]:
    """The id and state of each listing that has one of these slugs."""
    if not slugs:
        return {}
    sql = db.Sql()
    found = await db.rows(f"SELECT id, slug, status FROM listing WHERE slug IN ({sql.list(slugs)})", sql.values)
    return {row["slug"]: (row["id"], Status(row["status"])) for row in found}


async def ids_of_source(name: str) -> list[int]:
    """The ids of the active listings of a source, in the order in which they came."""
    sql = db.Sql()
    found = await db.rows(
        "SELECT l.id FROM listing l JOIN source s ON s.id = l.source_id "
        f"WHERE s.name = {sql(name)} AND l.status = {sql(Status.ACTIVE.value)} ORDER BY l.id",
        sql.values,
    )
    return [row["id"] for row in found]


async def detail(id: int, now: datetime) -> Detail:
    """All that is public about one listing."""
    sql = db.Sql()
    row = (await db.rows(_CARD.format(more=f", {_MORE}") + f"l.id = {sql(id)}", sql.values))[0]
    windows = (await windows_of([id])).get(id, ())
    codes = await _codes([id])
    types = (await _types([id])).get(id, ()) if row["kind"] == "meeting" else ()
    card = _card(row, windows, types, (await _reports([id], now)).get(id, ()), now)
    return _detail(row, card, codes.get(id, ()))


async def details(found: Sequence[Card]) -> tuple[Detail, ...]:
    """All that is public about these listings but their codes, with one statement for all of them."""
    if not found:
        return ()
    sql = db.Sql()
    text = (
        f"SELECT l.id, l.updated_at, {_MORE} FROM listing l JOIN location p ON p.id = l.location_id JOIN source s ON s.id = l.source_id "
        f"WHERE l.id IN ({sql.list(card.id for card in found)})"
    )
    rows = {row["id"]: row for row in await db.rows(text, sql.values)}
    return tuple(_detail(rows[card.id], card, ()) for card in found if card.id in rows)


def _detail(row: dict[str, Any], card: Card, codes: Sequence[CodeInfo]) -> Detail:
    shown = card.visibility == Visibility.FULL
    return Detail(
        card=card,
        description=row["description"],
        place_notes=row["notes"] if shown else None,
        street_2=row["street_2"] if shown else None,
        urls=tuple(Link(url, label) for url, label in db.from_json(row["urls"]) if host_of(url)),
        conference_url=_web(row["conference_url"]),
        conference_phone=row["conference_phone"],
        conference_notes=row["conference_notes"],
        minimum_age=row["minimum_age"],
        maximum_age=row["maximum_age"],
        eligibility=row["eligibility"],
        application_process=row["application_process"],
        fees=row["fees"],
        required_documents=row["required_documents"],
        codes=tuple(codes),
        geocode=_geocode(row, card.point) if shown else None,
        source_title=row["title"],
        source_licence=row["licence"],
        source_url=_web(row["source_url"]),
        source_checked_at=db.as_moment(row["checked_at"] or row["updated_at"]),
        set_at=db.as_moment(row["set_at"]),
    )


def _web(url: str | None) -> str | None:
    """The address where it leads to a place on the web, whatever a source or a hand has written there."""
    return url if url and host_of(url) else None


def _geocode(row: dict[str, Any], point: Point | None) -> Geocode:
    precision = Precision(row["geocode_precision"]) if row["geocode_precision"] else None
    return Geocode(row["geocode_provider"] or "", precision, point, row["geocode_query"] or "", row["geocode_label"])


def _card(
    row: dict[str, Any],
    windows: Sequence[Window],
    types: Sequence[CodeInfo],
    reports: tuple[Openings, ...],
    now: datetime,
) -> Card:
    visibility = Visibility(row["visibility"])
    shown = visibility == Visibility.FULL
    city_shown = visibility != Visibility.HIDDEN
    changes = tuple(change_from_json(change) for change in db.from_json(row["changes"]))
    return Card(
        id=row["id"],
        slug=row["slug"],
        version=row["version"],
        kind=intern(row["kind"]),
        name=row["name"],
        organization=_shared(row["organization"]),
        status=Status(row["status"]),
        street=row["street"] if shown else None,
        city=_shared(row["city"]) if city_shown else None,
        state=_shared(row["state"]) if city_shown else None,
        postal_code=_shared(row["postal_code"]) if shown else None,
        place_name=row["place_name"] if shown else None,
        visibility=visibility,
        point=_point(row) if shown else None,
        search_point=_point(row),
        approximate=bool(row["approximate"]),
        timezone=intern(row["timezone"]),
        attendance=_shared(row["attendance"]),
        program=_shared(row["program"]),
        types=tuple(types),
        timetable=_one(Timetable(tuple(windows), row["timezone"], changes)),
        hours_text=_shared(row["hours_text"]),
        phones=tuple(Phone(*phone) for phone in db.from_json(row["phones"])),
        care=_list(row["care"]),
        pay=_list(row["pay"]),
        people=_list(row["people"]),
        medication=_list(row["medication"]),
        access=_list(row["access"]),
        languages=_list(row["languages"]),
        coverage=_shared(row["coverage"]),
        openings=openings_at(reports, now),
        reports=reports,
        stamp=_stamp(row),
        verified_on=as_date(row["verified_on"]),
        source_name=intern(row["source_name"]),
        source_key=row["source_key"] if shown else None,  # some keys are made from the address
        is_demo=bool(row["is_demo"]),
        confirmed_on=as_date(row["confirmed_at"]),
        since=as_date(row["created_at"]),
    )


def _point(row: dict[str, Any]) -> Point | None:
    if row["attendance"] == "online" or row["public_lat"] is None:
        return None
    return Point(row["public_lat"], row["public_lon"])


def _shared(text: str | None) -> str | None:
    return None if text is None else intern(text)


def _list(value: Any) -> tuple[str, ...] | None:
    """The values of a column of them: hardly any list is of one listing alone."""
    return None if value is None else _values(value) if isinstance(value, str) else tuple(value)


@lru_cache(maxsize=4096)
def _values(text: str) -> tuple[str, ...]:
    return tuple(map(intern, db.from_json(text)))


@lru_cache(maxsize=4096)
def _one(table: Timetable) -> Timetable:
    """One object for all listings with the same times: by it what is said of the hour is found again (services/search.py)."""
    return table


async def windows_of(ids: Iterable[int]) -> dict[int, list[Window]]:
    """The repeated times of these listings."""
    sql = db.Sql()
    text = f"SELECT * FROM schedule WHERE listing_id IN ({sql.ids(ids)}) ORDER BY listing_id, starts, minutes, id"
    found: dict[int, list[Window]] = {}
    for row in await db.rows(text, sql.values):
        found.setdefault(row["listing_id"], []).append(_window(row))
    return found


def _window(row: dict[str, Any]) -> Window:
    return _window_of(row["sort"], row["starts"], row["minutes"], row["week"], row["valid_from"], row["valid_to"])


@lru_cache(maxsize=4096)
def _window_of(sort: Sort, starts: int, minutes: int, week: int | None, since: Any, until: Any) -> Window:
    return Window(sort, *divmod(starts, DAY), minutes, week, as_date(since), as_date(until))


async def timetables_of(ids: Sequence[int]) -> dict[int, Times]:
    """The timetables of these listings: with one statement, since a search waits for it."""
    if not ids:
        return {}
    sql = db.Sql()
    text = (
        "SELECT l.id, l.changes, l.attendance, p.timezone, s.sort, s.starts, s.minutes, s.week, s.valid_from, s.valid_to "
        "FROM listing l JOIN location p ON p.id = l.location_id LEFT JOIN schedule s ON s.listing_id = l.id "
        f"WHERE l.id IN ({sql.ids(ids)}) ORDER BY s.starts, s.minutes, s.id"
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in await db.rows(text, sql.values):
        found.setdefault(row["id"], []).append(row)
    return {id: (_timetable(rows), rows[0]["attendance"] == "online") for id, rows in found.items()}


def _timetable(rows: Sequence[dict[str, Any]]) -> Timetable:
    """A timetable from a row for each of its times, or from one without any."""
    changes = tuple(change_from_json(change) for change in db.from_json(rows[0]["changes"]))
    return _one(Timetable(tuple(_window(row) for row in rows if row["sort"]), rows[0]["timezone"], changes))


async def _codes(ids: Sequence[int]) -> dict[int, list[CodeInfo]]:
    if not ids:
        return {}
    sql = db.Sql()
    text = (
        "SELECT lc.listing_id, c.* FROM listing_code lc JOIN code c ON c.id = lc.code_id "
        f"WHERE lc.listing_id IN ({sql.ids(ids)}) ORDER BY lc.listing_id, c.id"
    )
    found: dict[int, list[CodeInfo]] = {}
    for row in await db.rows(text, sql.values):
        found.setdefault(row.pop("listing_id"), []).append(_info(tuple(row.items())))
    return found


@lru_cache(maxsize=2048)
def _info(row: tuple[tuple[str, Any], ...]) -> CodeInfo:
    return code_info(dict(row))


async def _types(ids: Sequence[int]) -> dict[int, list[CodeInfo]]:
    """The types of meetings; a treatment program's many codes are only on its own page."""
    return await _codes(ids)


async def _reports(ids: Sequence[int], now: datetime) -> dict[int, tuple[Openings, ...]]:
    """For each listing the latest report of each thing, the oldest first.

    What is reported by unit and level of care, and of one level of a program by people, replaces only what was said of the same before:
    so says the search too. What a source says of a care on whose level people report is told no more, and nothing of a closed level.
    """
    if not ids:
        return {}
    sql = db.Sql()
    text = (
        f"SELECT c.*, v.name AS level_name FROM ({_LATEST.format(ids=sql.ids(ids))}) c "
        "LEFT JOIN program_level v ON v.id = c.level_id LEFT JOIN program p ON p.id = v.program_id "
        "WHERE c.rank = 1 AND (c.level_id IS NULL OR (v.closed_at IS NULL AND p.closed_at IS NULL AND v.id IS NOT NULL)) "
        f"AND NOT {REPLACED} ORDER BY c.as_of, c.id"
    )
    found: dict[int, list[Openings]] = {}
    for row in await db.rows(text, sql.values):
        found.setdefault(row["listing_id"], []).append(_openings(row, now))
    return {id: tuple(reports) for id, reports in found.items()}


_LATEST = (
    "SELECT id, listing_id, unit, care, available, maximum, as_of, level_id, expected, accepting, restrictions, "
    f"ROW_NUMBER() OVER (PARTITION BY {OF_ONE_THING} ORDER BY as_of DESC, id DESC) AS rank "
    "FROM capacity_report WHERE listing_id IN ({ids})"
)


def _openings(row: dict[str, Any], now: datetime) -> Openings:
    as_of = db.as_moment(row["as_of"])
    return Openings(
        row["unit"],
        0 if row["accepting"] == NO_CAPACITY else row["available"],  # where nobody is taken, none is open
        row["maximum"],
        as_of,
        freshness(as_of, now),
        care=row["care"],
        level=row["level_id"],
        name=row["level_name"] or "",
        expected=row["expected"],
        accepting=row["accepting"],
        restrictions=restrictions_of(db.from_json(row["restrictions"])),
    )
