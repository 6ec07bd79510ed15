"""The queue of addresses that wait for a geocoder, and how what was found is written.

Each step is one short transaction, and nobody is asked inside one. A row that a process works on is put off for a while, so that no
other takes it; when the process dies, the next one that is alone gives it back, and else it comes up again by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.transactions import in_transaction

from directory.domain.geo import GeocodeStatus, Point, Review
from directory.domain.geocodes import CLAIM
from directory.domain.listings import Address, Geocode, Status, Visibility
from directory.storage import db, locations
from directory.storage.encoding import to_column
from directory.storage.geocode_runs import Tally
from directory.storage.places import zone_numbers

_ADDRESS = "street street_2 city state postal_code country visibility".split()
_ROW = ", ".join(f"p.{name}" for name in ("id", *_ADDRESS, "pinned_by", *locations.POINT, *locations.GEOCODE))
FROM = "FROM location p JOIN listing l ON l.location_id = p.id"
LIVE = f"l.status <> '{Status.REMOVED.value}'"
_BATCH = 250


@dataclass(frozen=True, slots=True)
class Placed:
    """A listing's address as it stands: where it is now, and how that was come by. `id` is the location's."""

    id: int
    listing_id: int
    slug: str
    kind: str
    name: str
    attendance: str | None
    address: Address
    geocode: Geocode
    public_point: Point | None
    approximate: bool
    timezone: str
    tries: int
    pinned_by: str | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What has become of one address: to be written where it is still that address. `next_at` is for what stays pending."""

    placed: Placed
    geocode: Geocode
    timezone: str
    tries: int = 0
    next_at: datetime | None = None

    @property
    def point(self) -> Point | None:
        """Where the public may think it is: for an address that is not public that does not depend on what was found."""
        return self.geocode.point if self._is_public else self.placed.public_point

    @property
    def approximate(self) -> bool:
        """Whether that is only about right."""
        precision = self.geocode.precision
        return (precision is not None and precision.is_approximate) if self._is_public else self.placed.approximate

    @property
    def _is_public(self) -> bool:
        return self.placed.address.visibility == Visibility.FULL

    @property
    def is_seen(self) -> bool:
        """Whether visitors see anything of it."""
        before = self.placed
        return (self.point, self.approximate, self.timezone) != (
            before.public_point,
            before.approximate,
            before.timezone,
        )


def _placed(row: Mapping[str, Any]) -> Placed:
    address = {name: row[name] for name in _ADDRESS} | {"visibility": Visibility(row["visibility"])}
    return Placed(
        id=row["id"],
        listing_id=row["listing_id"],
        slug=row["slug"],
        kind=row["kind"],
        name=row["name"],
        attendance=row["attendance"],
        address=Address(**address),
        geocode=locations.geocode_of(row),
        public_point=locations.point_of(row["public_lat"], row["public_lon"]),
        approximate=bool(row["approximate"]),
        timezone=row["timezone"],
        tries=row["geocode_tries"],
        pinned_by=row["pinned_by"],
    )


async def read(rest: str, sql: db.Sql) -> list[Placed]:
    """The addresses that fit `rest`, which is the end of a statement over location p and listing l."""
    columns = f"{_ROW}, l.id AS listing_id, l.slug, l.kind, l.name, l.attendance"
    return [_placed(row) for row in await db.rows(f"SELECT {columns} {FROM} WHERE {rest}", sql.values)]


@asynccontextmanager
async def _quietly() -> AsyncIterator[None]:
    """A transaction that waits for those that change what visitors see, as if it were one, and leaves the version of the data alone.

    Without that an import and this could each wait for a row that the other holds.
    """
    if db.is_sqlite():
        async with db.staging():
            yield
    else:
        async with in_transaction("default"):
            await db.rows("SELECT number FROM state WHERE name = 'data-version' FOR UPDATE")
            yield


# --- the queue -----------------------------------------------------------------------------------------------------------


async def due(now: datetime) -> int:
    """How many addresses wait and may be asked for now, with those that somebody has taken and never asked about before."""
    sql = db.Sql()
    found = await db.rows(f"SELECT COUNT(*) AS n {FROM} WHERE {_due(sql, now, or_taken=True)}", sql.values)
    return int(found[0]["n"])


def _due(sql: db.Sql, now: datetime, *, or_taken: bool = False) -> str:
    taken = " OR p.geocode_tries = 0" if or_taken else ""
    by_now = f"(p.geocode_next_at <= {sql(to_column(now))}{taken})"
    pending = f"{by_now} AND p.geocode_status = {sql(GeocodeStatus.PENDING.value)}"
    return f"{pending} AND p.visibility = {sql(Visibility.FULL.value)} AND p.pinned_by IS NULL AND {LIVE}"


async def claim(now: datetime, limit: int) -> list[Placed]:
    """The next addresses to ask for, the longest due first; for half an hour nobody else gets them."""
    async with _quietly():
        sql = db.Sql()
        first = f"SELECT p.id {FROM} WHERE {_due(sql, now)} ORDER BY p.geocode_next_at, p.id LIMIT {int(limit)}"
        text = f"UPDATE location SET geocode_next_at = {sql(to_column(now + CLAIM))} WHERE id IN ({first}) RETURNING id"
        ids = sorted(row["id"] for row in await db.rows(text, sql.values))
        sql = db.Sql()
        return await read(f"p.id IN ({sql.list(ids)}) ORDER BY p.id", sql) if ids else []


async def release(ids: Iterable[int], now: datetime) -> None:
    """Puts addresses back as they were, for a process that stops before it could ask."""
    wanted = list(ids)
    if not wanted:
        return
    async with _quietly():
        sql = db.Sql()
        sets = f"geocode_next_at = {sql(to_column(now))}"
        pending = f"geocode_status = {sql(GeocodeStatus.PENDING.value)}"
        await db.execute(f"UPDATE location SET {sets} WHERE {pending} AND id IN ({sql.list(wanted)})", sql.values)


async def release_orphans(now: datetime) -> None:
    """Puts back what was taken by processes that have died; only for one that is surely alone.

    What was asked about before in vain keeps its time: it cannot be told from what waits for its next try.
    """
    async with _quietly():
        sql = db.Sql()
        due_now = to_column(now)
        text = f"UPDATE location SET geocode_next_at = {sql(due_now)} WHERE geocode_next_at > {sql(due_now)}"
        taken = f"geocode_status = {sql(GeocodeStatus.PENDING.value)} AND geocode_tries = 0"
        await db.execute(f"{text} AND {taken}", sql.values)


async def requeue(now: datetime, *, failed: bool = False) -> int:
    """Puts addresses into the queue that were placed by the gazetteer while there was nobody to ask; `failed` ones too, if wanted."""
    async with _quietly():
        sql = db.Sql()
        unasked = (
            f"geocode_attempt IS NULL AND (geocode_status = {sql(GeocodeStatus.OK.value)} "
            f"OR geocode_review = {sql(Review.NO_PLACE.value)}) AND geocode_provider = {sql(locations.GAZETTEER)}"
        )
        given_up = f" OR geocode_status = {sql(GeocodeStatus.FAILED.value)}" if failed else ""
        sets = (
            f"geocode_status = {sql(GeocodeStatus.PENDING.value)}, geocode_review = NULL, geocode_error = NULL, "
            f"geocode_tries = 0, geocode_next_at = {sql(to_column(now))}"
        )
        where = f"geocode_hash IS NOT NULL AND pinned_by IS NULL AND visibility = {sql(Visibility.FULL.value)}"
        text = f"UPDATE location SET {sets} WHERE {where} AND ({unasked}{given_up}) RETURNING id"
        return len(await db.rows(text, sql.values))


async def unjudged(limit: int = _BATCH) -> list[Placed]:
    """Addresses from before any of this was noted, by their ids."""
    return await read(f"p.geocode_hash IS NULL AND p.pinned_by IS NULL ORDER BY p.id LIMIT {int(limit)}", db.Sql())


async def judge(found: Sequence[tuple[int, Geocode]], now: datetime) -> None:
    """Notes of addresses from before what is to be done about them; where they are stays as it is."""
    names = ("geocode_status", "geocode_hash", "geocode_attempt", "geocode_review", "geocode_tries", "geocode_next_at")
    values = []
    for id, geocode in found:
        given = dict(zip(locations.GEOCODE, locations.geocode_values(geocode, now), strict=True))
        values.append([*(given[name] for name in names), id])
    sets = ",".join(f"{name} = {db.marker(number)}" for number, name in enumerate(names, 1))
    where = f"id = {db.marker(len(names) + 1)} AND geocode_hash IS NULL"
    async with _quietly():
        if values:
            await db.connection().execute_many(f"UPDATE location SET {sets} WHERE {where}", values)


# --- writing -------------------------------------------------------------------------------------------------------------


async def settle(found: Sequence[Settled], now: datetime, tally: Tally | None = None) -> list[int]:
    """Writes what was found, in one short transaction, and returns the ids of the addresses that were still waiting for it.

    An address that has changed meanwhile, has become less than public, has a pin or is done with is left alone.
    """
    async with db.transaction() if any(each.is_seen for each in found) else _quietly():
        written = [each for each in found if await _still_waiting(each, now)]
        await _show([each for each in written if each.is_seen])
        if tally:
            await tally.note([each.geocode for each in written], now)
    return [each.placed.id for each in written]


async def _still_waiting(each: Settled, now: datetime) -> bool:
    sql = db.Sql()
    guard = f"pinned_by IS NULL AND geocode_status = {sql(GeocodeStatus.PENDING.value)} AND visibility = {sql(Visibility.FULL.value)}"
    where = f"geocode_hash = {sql(each.placed.geocode.hash)} AND {guard}"
    return await _write(each, now, where, sql)


async def pin(each: Settled, now: datetime, by: str | None) -> None:
    """Sets a point that nothing overwrites until it is taken back; None for `by` takes one back. Needs a transaction."""
    at = to_column(now) if by else None
    await _write(each, now, "TRUE", db.Sql(), pinned_by=by, pinned_at=at)
    if each.is_seen:
        await _show([each])


async def by_slug(slug: str) -> Placed | None:
    """The address of one listing, unless that is taken out."""
    sql = db.Sql()
    found = await read(f"l.slug = {sql(slug)} AND {LIVE}", sql)
    return found[0] if found else None


async def _write(each: Settled, now: datetime, where: str, sql: db.Sql, **more: object) -> bool:
    """Writes point and geocode of one location, and `more` columns; whether there was one that fits. Needs a transaction."""
    public = locations.point_values(each.geocode.point, each.point, each.approximate, each.timezone)
    geocode = locations.geocode_values(each.geocode, now, tries=each.tries, next_at=each.next_at)
    given = dict(zip([*locations.POINT, *locations.GEOCODE], [*public, *geocode], strict=True)) | more
    sets = ", ".join(f"{name} = {sql(value)}" for name, value in given.items())
    text = f"UPDATE location SET {sets} WHERE id = {sql(each.placed.id)} AND {where} RETURNING id"
    return bool(await db.rows(text, sql.values))


async def _show(moved: Sequence[Settled]) -> None:
    """Has the search and the pages see the new places. Needs a transaction."""
    if not moved:
        return
    zones = await zone_numbers(each.timezone for each in moved)
    for each in moved:
        is_online = each.placed.attendance == "online"
        await _move(each.placed.listing_id, None if is_online else each.point, zones[each.timezone])


async def _move(listing_id: int, point: Point | None, zone: int) -> None:
    """Puts a listing elsewhere in the search, and has its pages made anew. Needs a transaction."""
    sql = db.Sql()
    given = dict(zip(locations.SEARCHED, locations.searched_at(point), strict=True)) | {"zone": zone}
    sets = ", ".join(f"{name} = {sql(value)}" for name, value in given.items())
    await db.execute(f"UPDATE search_row SET {sets} WHERE id = {sql(listing_id)}", sql.values)
    await touch([listing_id])


async def touch(listing_ids: Iterable[int]) -> None:
    """Has the pages of listings made anew. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"UPDATE listing SET version = version + 1 WHERE id IN ({sql.list(listing_ids)})", sql.values)
