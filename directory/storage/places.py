"""The gazetteer's rows, and the numbers of time zones."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from math import cos, radians
from typing import Any

from directory.domain.geo import Point
from directory.domain.places import PlaceRow
from directory.storage import db, records

_COLUMNS = ("kind", "key", "state", "name", "lat", "lon", "timezone", "county", "weight", "demo")
_BATCH = 2000


def _row(found: dict[str, Any]) -> PlaceRow:
    return PlaceRow(**{name: found[name] for name in _COLUMNS} | {"demo": bool(found["demo"])})


class Places:
    """The gazetteer as the geocoder asks it (gateways/geocoders.py). The invented county answers last."""

    async def postcode(self, code: str) -> PlaceRow | None:
        """The place of one ZIP code."""
        return (await self.postcodes([code])).get(code)

    async def postcodes(self, codes: Iterable[str]) -> dict[str, PlaceRow]:
        """The places of many ZIP codes."""
        return await self._many("postcode", codes)

    async def localities(self, key: str, state: str | None) -> list[PlaceRow]:
        """The towns of this name, the largest first."""
        sql = db.Sql()
        where = f"kind = 'locality' AND key = {sql(key)}" + (f" AND state = {sql(state)}" if state else "")
        found = await db.rows(f"SELECT * FROM place WHERE {where} ORDER BY demo, weight DESC, state", sql.values)
        return [_row(row) for row in found]

    async def towns(self, keys: Iterable[str]) -> dict[tuple[str, str], list[PlaceRow]]:
        """The towns of many names by name and state."""
        sql = db.Sql()
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        text = f"SELECT * FROM place WHERE kind = 'locality' AND key IN ({sql.list(wanted)}) ORDER BY demo, weight DESC"
        found: dict[tuple[str, str], list[PlaceRow]] = {}
        for row in await db.rows(text, sql.values):
            found.setdefault((row["key"], row["state"]), []).append(_row(row))
        return found

    async def names(self, state: str | None, prefix: str) -> list[PlaceRow]:
        """The towns whose key begins like this; the ZIP codes, where it begins with a figure."""
        sql = db.Sql()
        kind = "postcode" if prefix[:1].isdigit() else "locality"
        # By bytes: the rules of a language may pass over a sign such as DEL.
        key = "key" if db.is_sqlite() else 'key COLLATE "C"'
        where = f"kind = {sql(kind)} AND {key} >= {sql(prefix)} AND {key} < {sql(prefix + chr(0x7F))}"
        where += f" AND state = {sql(state)}" if state else ""
        return [
            _row(row) for row in await db.rows(f"SELECT * FROM place WHERE {where} ORDER BY key, state", sql.values)
        ]

    async def nearest(self, point: Point) -> PlaceRow | None:
        """The ZIP code whose middle is nearest, if there is one within a degree."""
        sql = db.Sql()
        width = 1 / max(cos(radians(point.lat)), 0.1)
        near = f"lat BETWEEN {sql(point.lat - 1)} AND {sql(point.lat + 1)} AND lon BETWEEN {sql(point.lon - width)} AND {sql(point.lon + width)}"
        shrink = cos(radians(point.lat)) ** 2
        south, east = f"(lat - {sql(point.lat)})", f"(lon - {sql(point.lon)})"
        nearest = f"{south} * {south} + {east} * {east} * {sql(shrink)}"
        text = f"SELECT * FROM place WHERE kind = 'postcode' AND {near} ORDER BY {nearest}, key LIMIT 1"
        found = await db.rows(text, sql.values)
        return _row(found[0]) if found else None

    async def within(self, south: float, north: float, west: float, east: float, most: int) -> list[PlaceRow]:
        """The towns within these degrees, the most important first.

        The number of all ZIP codes under a town's name stands in for that: post office boxes and large offices count too. The
        other names that the post takes for a town, and names of its parts, come last.
        """
        sql = db.Sql()
        box = f"lat BETWEEN {sql(south)} AND {sql(north)} AND lon BETWEEN {sql(west)} AND {sql(east)}"
        codes = (
            f"SELECT name, state, COUNT(*) AS codes FROM place WHERE kind = 'postcode' AND {box} GROUP BY name, state"
        )
        towns = f"SELECT * FROM place WHERE kind = 'locality' AND {box}"
        found = await db.rows(
            f"SELECT town.* FROM ({towns}) AS town LEFT JOIN ({codes}) AS post ON post.name = town.name AND post.state = town.state "
            f"ORDER BY COALESCE(post.codes, 0) DESC, town.weight DESC, town.key, town.state LIMIT {sql(most)}",
            sql.values,
        )
        return [_row(row) for row in found]

    async def _many(self, kind: str, keys: Iterable[str]) -> dict[str, PlaceRow]:
        sql = db.Sql()
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        text = f"SELECT * FROM place WHERE kind = {sql(kind)} AND key IN ({sql.list(wanted)}) ORDER BY demo DESC"
        return {row["key"]: _row(row) for row in await db.rows(text, sql.values)}


async def replace(rows: Iterable[PlaceRow], version: str, *, demo: bool = False) -> int:
    """Puts these rows in the place of the ones before, in one transaction, and returns their number."""
    waiting, count = iter(rows), 0
    async with db.transaction():
        sql = db.Sql()
        await db.execute(f"DELETE FROM place WHERE demo = {sql(demo)}", sql.values)
        while batch := list(islice(waiting, _BATCH)):
            await db.insert_many("place", _COLUMNS, [[getattr(row, name) for name in _COLUMNS] for row in batch])
            count += len(batch)
        await records.remember("places-demo" if demo else "places", version)
    return count


async def version(*, demo: bool = False) -> str:
    """Which edition of the gazetteer is loaded; "" for none."""
    return await records.text_of("places-demo" if demo else "places")


async def zones() -> dict[int, str]:
    """The time zones in use by their numbers."""
    return {row["id"]: row["name"] for row in await db.rows("SELECT id, name FROM zone")}


async def zone_numbers(names: Iterable[str]) -> dict[str, int]:
    """The numbers of these zones; those not met before get one. Needs a transaction."""
    known = {name: number for number, name in (await zones()).items()}
    new = [name for name in dict.fromkeys(names) if name not in known]
    first = max(known.values(), default=0) + 1
    await db.insert_many("zone", ("id", "name"), [(first + offset, name) for offset, name in enumerate(new)])
    return known | {name: first + offset for offset, name in enumerate(new)}
