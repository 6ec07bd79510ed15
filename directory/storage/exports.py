"""Reads every active listing as the public may see it, in the order of slugs, a few at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from directory.domain.exports import Published
from directory.domain.listings import Status, Visibility
from directory.domain.taxonomy import CodeInfo
from directory.storage import cards, db
from directory.storage.codes import code_info

PAGE = 5_000
"""Ids read at a time: the database sorts what is left for each, so they are few."""
BATCH = 250
_NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
"""An export is the same at every hour, so what a card says of the present is not used."""


async def published(source: str | None = None) -> AsyncGenerator[tuple[Published, ...], None]:
    """All active listings, or those of one source. To be read within a snapshot, or rows may be missed that change meanwhile."""
    ids = await _next(source, "")
    while ids:
        for start in range(0, len(ids), BATCH):
            yield await _published([id for id, _ in ids[start : start + BATCH]])
        ids = await _next(source, ids[-1][1])


async def _next(source: str | None, after: str) -> list[tuple[int, str]]:
    sql = db.Sql()
    # By bytes on both engines: PostgreSQL would sort by the language of the database.
    slug = "l.slug" if db.is_sqlite() else 'l.slug COLLATE "C"'
    of_source = f" AND s.name = {sql(source)}" if source is not None else ""
    found = await db.rows(
        f"SELECT l.id, l.slug FROM listing l JOIN source s ON s.id = l.source_id WHERE l.status = {sql(Status.ACTIVE.value)}"
        f"{of_source} AND {slug} > {sql(after)} ORDER BY {slug} LIMIT {PAGE}",
        sql.values,
    )
    return [(row["id"], row["slug"]) for row in found]


async def _published(ids: Sequence[int]) -> tuple[Published, ...]:
    found = await cards.cards(ids, _NO_MOMENT)
    details = await cards.details([found[id] for id in ids if id in found])
    codes, countries = await _codes(ids), await _countries(ids)
    return tuple(
        Published(replace(detail, codes=tuple(codes.get(detail.card.id, ()))), countries.get(detail.card.id))
        for detail in details
    )


async def _codes(ids: Sequence[int]) -> dict[int, list[CodeInfo]]:
    sql = db.Sql()
    text = (
        "SELECT lc.listing_id, c.* FROM listing_code lc JOIN code c ON c.id = lc.code_id "
        f"WHERE lc.listing_id IN ({sql.list(ids)})"
    )
    found: dict[int, list[CodeInfo]] = {}
    for row in await db.rows(text, sql.values):
        found.setdefault(row["listing_id"], []).append(code_info(row))
    return found


async def _countries(ids: Sequence[int]) -> dict[int, str]:
    """The country of each whose address is not hidden."""
    sql = db.Sql()
    # No join: where a database has grown since SQLite last looked at its tables, it would read every address for that.
    country = f"SELECT p.country FROM location p WHERE p.id = l.location_id AND p.visibility <> {sql(Visibility.HIDDEN.value)}"
    text = f"SELECT l.id, ({country}) AS country FROM listing l WHERE l.id IN ({sql.list(ids)})"
    return {row["id"]: row["country"] for row in await db.rows(text, sql.values) if row["country"]}
