"""Writes listings and what hangs on them, many at a time, and keeps the search's own table in step."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.listings import Capacity, ListingDraft, PlacedListing, Status, Visibility, fold, slug_for
from directory.domain.schedule import DAY, Window
from directory.domain.taxonomy import KINDS
from directory.storage import db, derived, locations, masks
from directory.storage.codes import CodeTable
from directory.storage.encoding import dumps, list_column, to_column
from directory.storage.places import zone_numbers

_LISTING = (
    "organization_id kind name status description attendance program hours_text changes phones urls conference_url "
    "conference_phone conference_notes languages care pay people medication access minimum_age maximum_age eligibility "
    "application_process fees required_documents coverage verified_on source_url source_record content_hash updated_at"
).split()
_NEW = ("id", "slug", "source_id", "source_key", "location_id", "version", "created_at")


@dataclass(frozen=True, slots=True)
class _Child:
    """A listing whose row is written and whose other rows follow."""

    id: int
    slug: str
    placed: PlacedListing


async def reserve_ids(table: str, count: int) -> list[int]:
    """Ids for rows that are about to be added. Needs a transaction, which holds off every other writer."""
    if db.is_sqlite():
        found = await db.rows(f"SELECT COALESCE(MAX(id), 0) AS id FROM {table}")
        return [found[0]["id"] + number for number in range(1, count + 1)]
    text = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) AS id FROM generate_series(1, $1)"
    return [row["id"] for row in await db.rows(text, [count])]


async def add(
    source_id: int, source: str, listings: Sequence[PlacedListing], codes: CodeTable, now: datetime
) -> list[int]:
    """Adds listings that the source did not have, and returns their ids. Needs a transaction."""
    if not listings:
        return []
    ids = await reserve_ids("listing", len(listings))
    places = await reserve_ids("location", len(listings))
    organizations = await _organizations(source_id, listings)
    await db.insert_many(
        "location",
        ("id", *locations.COLUMNS),
        [(place, *locations.values_of(item, now)) for place, item in zip(places, listings, strict=True)],
    )
    created = to_column(now)
    slugs = await _free_slugs([_slug(source, item.draft) for item in listings])
    await db.insert_many(
        "listing",
        (*_NEW, *_LISTING),
        [
            (id, slug, source_id, item.draft.key, place, 1, created, *_listing(item, organizations, now))
            for id, slug, place, item in zip(ids, slugs, places, listings, strict=True)
        ],
    )
    await _add_children([_Child(*parts) for parts in zip(ids, slugs, listings, strict=True)], codes)
    return ids


async def change(
    source_id: int,
    listings: Mapping[int, PlacedListing],
    codes: CodeTable,
    now: datetime,
    earlier: locations.Places | None = None,
) -> None:
    """Overwrites listings by their ids; slugs stay, versions grow. `earlier` is as for `with_what_stays`. Needs a transaction."""
    if not listings:
        return
    listings = await locations.with_what_stays(listings, earlier or {})
    organizations = await _organizations(source_id, listings.values())
    sets = ",".join(f"{name} = {db.marker(number)}" for number, name in enumerate(_LISTING, 1))
    last = db.marker(len(_LISTING) + 1)
    await db.connection().execute_many(
        f"UPDATE listing SET {sets}, version = version + 1, removed_at = NULL WHERE id = {last}",
        [[*_listing(item, organizations, now), id] for id, item in listings.items()],
    )
    sets = ",".join(f"{name} = {db.marker(number)}" for number, name in enumerate(locations.COLUMNS, 1))
    last = db.marker(len(locations.COLUMNS) + 1)
    await db.connection().execute_many(
        f"UPDATE location SET {sets} WHERE id = (SELECT location_id FROM listing WHERE id = {last})",
        [[*locations.values_of(item, now), id] for id, item in listings.items()],
    )
    sql = db.Sql()
    slugs = await db.rows(f"SELECT id, slug FROM listing WHERE id IN ({sql.list(listings)})", sql.values)
    await _drop_children(list(listings))
    await _add_children([_Child(row["id"], row["slug"], listings[row["id"]]) for row in slugs], codes)


async def remove(ids: Sequence[int], now: datetime) -> None:
    """Marks listings as taken out by their source: they leave the search and answer 410. Needs a transaction."""
    if not ids:
        return
    sql = db.Sql()
    moment = to_column(now)
    await db.execute(
        f"UPDATE listing SET status = {sql(Status.REMOVED.value)}, removed_at = {sql(moment)}, updated_at = {sql(moment)}, "
        f"version = version + 1 WHERE id IN ({sql.list(ids)})",
        sql.values,
    )
    await _delete("search_row", "id", ids)
    await _delete("listing_words", "id", ids)


async def erase_source(name: str) -> int:
    """Deletes a source with all that came from it, and returns how many listings that were. Needs a transaction."""
    sql = db.Sql()
    found = await db.rows(
        f"SELECT l.id, l.location_id FROM listing l JOIN source s ON s.id = l.source_id WHERE s.name = {sql(name)}",
        sql.values,
    )
    for start in range(0, len(found), 500):
        part = found[start : start + 500]
        tables = (
            ("import_change", "listing_id"),
            *((name, "id") for name in ("source_draft", "search_row", "listing_words", "location")),
        )
        for table, column in tables:
            await _delete(table, column, [row["location_id" if table == "location" else "id"] for row in part])
    sql = db.Sql()
    await db.execute(f"DELETE FROM source WHERE name = {sql(name)}", sql.values)
    await derived.forget_words()
    return len(found)


async def _delete(table: str, column: str, ids: Iterable[int]) -> None:
    sql = db.Sql()
    await db.execute(f"DELETE FROM {table} WHERE {column} IN ({sql.list(ids)})", sql.values)


def _slug(source: str, draft: ListingDraft) -> str:
    visibility = draft.address.visibility
    city = draft.address.city if visibility != Visibility.HIDDEN else None
    chance = b"" if visibility == Visibility.FULL else secrets.token_bytes(5)
    return slug_for(source, draft.key, draft.name, city, chance=chance)


async def _free_slugs(wanted: Sequence[str]) -> list[str]:
    """The slugs, each with a number behind it where another listing has it: one that was once known by the same key."""
    sql = db.Sql()
    found = await db.rows(f"SELECT slug FROM listing WHERE slug IN ({sql.list(wanted)})", sql.values)
    taken = {row["slug"] for row in found}
    free = []
    for slug in wanted:
        if slug in taken:
            slug = await _numbered(slug, taken)
        taken.add(slug)
        free.append(slug)
    return free


async def _numbered(slug: str, taken: set[str]) -> str:
    sql = db.Sql()
    found = await db.rows(f"SELECT slug FROM listing WHERE slug LIKE {sql(f'{slug}-%')}", sql.values)
    taken = taken | {row["slug"] for row in found}
    return next(name for number in range(2, len(taken) + 3) if (name := f"{slug}-{number}") not in taken)


async def _organizations(source_id: int, listings: Iterable[PlacedListing]) -> dict[str, int]:
    """The ids of the organizations that these listings name; those not met before are added."""
    names = list(dict.fromkeys(item.draft.organization for item in listings if item.draft.organization))
    if not names:
        return {}
    rows = [(source_id, name) for name in names]
    text = f"INSERT INTO organization (source_id, name) VALUES ({db.marker(1)}, {db.marker(2)}) ON CONFLICT (source_id, name) DO NOTHING"
    await db.connection().execute_many(text, [list(row) for row in rows])
    sql = db.Sql()
    found = await db.rows(
        f"SELECT id, name FROM organization WHERE source_id = {sql(source_id)} AND name IN ({sql.list(names)})",
        sql.values,
    )
    return {row["name"]: row["id"] for row in found}


def _listing(item: PlacedListing, organizations: Mapping[str, int], now: datetime) -> list[Any]:
    draft = item.draft
    return [
        organizations.get(draft.organization or ""),
        draft.kind,
        draft.name,
        draft.status.value,
        draft.description,
        draft.attendance,
        draft.program,
        draft.hours_text,
        dumps([{"on": change.on, "holiday": change.holiday, "windows": change.windows} for change in draft.changes]),
        dumps([[phone.number, phone.extension, phone.type, phone.description] for phone in draft.phones]),
        dumps([[link.url, link.label] for link in draft.urls]),
        draft.conference_url,
        draft.conference_phone,
        draft.conference_notes,
        list_column(draft.languages),
        list_column(draft.care),
        list_column(draft.pay),
        list_column(draft.people),
        list_column(draft.medication),
        list_column(draft.access),
        draft.minimum_age,
        draft.maximum_age,
        draft.eligibility,
        draft.application_process,
        draft.fees,
        draft.required_documents,
        draft.coverage,
        to_column(draft.verified_on),
        draft.source_url,
        dumps(item.record) if isinstance(item.record, dict) else item.record,
        item.content_hash,
        to_column(now),
    ]


async def _drop_children(ids: Sequence[int]) -> None:
    for table, column in (
        ("schedule", "listing_id"),
        ("listing_code", "listing_id"),
        ("listing_language", "listing_id"),
        ("coverage_area", "listing_id"),
        ("search_row", "id"),
        ("listing_words", "id"),
    ):
        await _delete(table, column, ids)


async def _add_children(items: Sequence[_Child], codes: CodeTable) -> None:
    zones = await zone_numbers(item.placed.timezone for item in items)
    await db.insert_many(
        "schedule",
        ("listing_id", "sort", "starts", "minutes", "week", "valid_from", "valid_to"),
        [(item.id, *_window(window)) for item in items for window in item.placed.draft.windows],
    )
    await _add_codes([(item.id, id) for item in items for id in _code_ids(item.placed.draft, codes)])
    await derived.add_links({item.id: item.placed.draft for item in items})
    await _add_reports(items)
    active = [item for item in items if item.placed.draft.status == Status.ACTIVE]
    await db.insert_many(
        "search_row",
        ("id", "kind", "program", "zone", *locations.SEARCHED, "mask", "name_key"),
        [_search_row(item, zones[item.placed.timezone]) for item in active],
    )
    await derived.add_words({item.id: item.placed.draft for item in active}, codes)


async def _add_codes(pairs: Sequence[tuple[int, int]]) -> None:
    """Adds (listing, code) pairs. A treatment program has dozens: for so many rows PostgreSQL is several times faster with arrays."""
    if db.is_sqlite() or not pairs:
        return await derived.add_pairs("listing_code (listing_id, code_id)", pairs)
    text = "INSERT INTO listing_code (listing_id, code_id) SELECT * FROM unnest($1::integer[], $2::integer[])"
    await db.execute(text, [list(column) for column in zip(*pairs, strict=True)])


def _code_ids(draft: ListingDraft, codes: CodeTable) -> dict[int, None]:
    """The ids of a listing's codes, each once and in their order; a code that the table lacks has none."""
    return dict.fromkeys(known[0] for code in draft.codes if (known := codes.get(code)))


def _window(window: Window) -> tuple[Any, ...]:
    dates = to_column(window.valid_from), to_column(window.valid_to)
    return window.sort, window.day * DAY + window.start, window.minutes, window.week, *dates


async def _add_reports(items: Sequence[_Child]) -> None:
    """Adds the reports of openings that are not there yet, or that say another number of the same moment: of two the later one counts."""
    reported = [item for item in items if item.placed.draft.capacities]
    if not reported:
        return
    sql = db.Sql()
    found = await db.rows(
        "SELECT listing_id, unit, care, as_of, available, maximum FROM capacity_report "
        f"WHERE level_id IS NULL AND listing_id IN ({sql.list(item.id for item in reported)}) ORDER BY id",
        sql.values,
    )
    known = {
        (row["listing_id"], row["unit"], row["care"], db.as_moment(row["as_of"])): (row["available"], row["maximum"])
        for row in found
    }
    await db.insert_many(
        "capacity_report",
        ("listing_id", "unit", "care", "available", "maximum", "as_of"),
        [
            (item.id, report.unit, report.care, report.available, report.maximum, to_column(report.as_of))
            for item in reported
            # One of each moment, so that a list that contradicts itself adds no rows whenever it is written.
            for about, report in {
                (each.unit, each.care, each.as_of): each for each in item.placed.draft.capacities
            }.items()
            if known.get((item.id, *about)) != (report.available, report.maximum)
        ],
    )


async def withdraw_reports(reports: Sequence[tuple[int, Capacity]]) -> None:
    """Takes back what was reported of openings, by listing: that of an import that is taken back. Needs a transaction."""
    columns = ("listing_id", "unit", "COALESCE(care, '')", "COALESCE(available, -1)", "COALESCE(maximum, -1)", "as_of")
    where = " AND ".join(f"{column} = {db.marker(number)}" for number, column in enumerate(columns, 1))
    values = [
        [
            id,
            report.unit,
            report.care or "",
            -1 if report.available is None else report.available,
            -1 if report.maximum is None else report.maximum,
            to_column(report.as_of),
        ]
        for id, report in reports
    ]
    if values:
        await db.connection().execute_many(f"DELETE FROM capacity_report WHERE level_id IS NULL AND {where}", values)


def _search_row(item: _Child, zone: int) -> tuple[Any, ...]:
    draft = item.placed.draft
    point = item.placed.public_point if draft.attendance != "online" else None
    return (
        item.id,
        KINDS.index(draft.kind),
        masks.program_number(draft.program),
        zone,
        *locations.searched_at(point),
        masks.of_listing(draft),
        name_key(draft.name, item.slug),
    )


def name_key(name: str, slug: str) -> str:
    """What "by name, then slug" sorts by, as bytes: the unit separator sorts before every letter and blank."""
    return f"{fold(name)[:200]}\x1f{slug}"


async def settle() -> None:
    """Has the database look at its tables again once much has changed: it chooses its indexes by what it finds there.

    To be called outside a transaction. On PostgreSQL it also notes which pages all can see, without which an index cannot
    answer alone; autovacuum would do both, but only a minute later.
    """
    if db.is_sqlite():
        await db.execute("PRAGMA analysis_limit = 1000")
        await db.execute("ANALYZE")
    else:
        tables = (
            "search_row, schedule, listing, location, listing_words, listing_code, listing_language, capacity_report"
        )
        await db.execute(f"VACUUM (ANALYZE) {tables}")
