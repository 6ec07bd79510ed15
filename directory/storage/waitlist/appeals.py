"""Appeals: that somebody who waits does not agree with a decision, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class AppealNow:
    """One appeal with the client, the line and the peer agency that it is about. `sealed` are the client's words and the answer."""

    id: int
    entry: int
    client: int
    upi: str
    agency: int
    line: str
    timezone: str
    about: str
    offer: int | None
    sealed: str | None
    status: str
    by: str
    at: datetime
    settled_by: str | None
    settled_at: datetime | None


_APPEAL = (
    "SELECT a.*, e.client_id, c.upi, c.agency_id, p.name AS line, p.timezone FROM appeal a JOIN entry e ON e.id = a.entry_id "
    "JOIN client c ON c.id = e.client_id JOIN pool p ON p.id = e.pool_id"
)


async def appeal(id: int) -> AppealNow | None:
    """The appeal with this id."""
    sql = db.Sql()
    found = await db.rows(f"{_APPEAL} WHERE a.id = {sql(id)}", sql.values)
    return _appeal(found[0]) if found else None


async def appeals_of(client: int) -> list[AppealNow]:
    """All appeals of a client, the latest first."""
    sql = db.Sql()
    found = await db.rows(f"{_APPEAL} WHERE e.client_id = {sql(client)} ORDER BY a.id DESC", sql.values)
    return [_appeal(row) for row in found]


async def appeals_in(
    agencies: Sequence[int] | None, status: Sequence[str], *, limit: int, offset: int = 0, latest_first: bool = False
) -> list[AppealNow]:
    """The appeals of these peer agencies (None: of all) in one of these states, by their age."""
    sql = db.Sql()
    where = f"a.status IN ({sql.list(status)})"
    where += "" if agencies is None else f" AND c.agency_id IN ({sql.list(agencies) or 'NULL'})"
    order = "DESC" if latest_first else "ASC"
    text = f"{_APPEAL} WHERE {where} ORDER BY a.at {order}, a.id {order} LIMIT {int(limit)} OFFSET {int(offset)}"
    return [_appeal(row) for row in await db.rows(text, sql.values)]


async def appeals_open(agencies: Sequence[int] | None) -> int:
    """How many appeals of these peer agencies wait for an answer."""
    sql = db.Sql()
    where = "" if agencies is None else f" AND c.agency_id IN ({sql.list(agencies) or 'NULL'})"
    text = (
        "SELECT COUNT(*) AS number FROM appeal a JOIN entry e ON e.id = a.entry_id JOIN client c ON c.id = e.client_id "
        f"WHERE a.status = 'open'{where}"
    )
    return int((await db.rows(text, sql.values))[0]["number"])


async def appeal_add(*, entry: int, about: str, offer: int | None, sealed: str, by: str, now: datetime) -> int | None:
    """The id of a new appeal; None where one about the same is still open. Needs a transaction."""
    sql = db.Sql()
    same = f"SELECT 1 FROM appeal WHERE entry_id = {sql(entry)} AND about = {sql(about)} AND status = 'open'"
    if await db.rows(same, sql.values):
        return None
    sql = db.Sql()
    values = sql.list((entry, offer, about, sealed, "open", by, to_column(now)))
    text = f"INSERT INTO appeal (entry_id, offer_id, about, sealed, status, by, at) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def appeal_settle(id: int, status: str, *, sealed: str, by: str, now: datetime) -> bool:
    """Whether an open appeal came to this state. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE appeal SET status = {sql(status)}, sealed = {sql(sealed)}, settled_by = {sql(by)}, "
        f"settled_at = {sql(to_column(now))} WHERE id = {sql(id)} AND status = 'open' RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def put_right(id: int) -> bool:
    """Whether this call noted that what follows from an overturned appeal was done. Needs a transaction."""
    sql = db.Sql()
    text = f"UPDATE appeal SET status = 'put-right' WHERE id = {sql(id)} AND status = 'overturned' RETURNING id"
    return bool(await db.rows(text, sql.values))


async def deciders_of_offers(entry: int, offer: int | None) -> list[tuple[str, str]]:
    """Who offered, and who agreed to offer, an opening to somebody else while this entry stood in the same line: of the one offer, or of
    all that name it among those who were passed over."""
    sql = db.Sql()
    mine = sql(entry)
    text = (
        "SELECT o.by, o.second_by, o.passed_over FROM offer o JOIN entry e ON e.id = o.entry_id "
        f"WHERE e.pool_id = (SELECT pool_id FROM entry WHERE id = {mine}) AND e.id <> {mine} "
        f"AND o.at >= (SELECT requested_at FROM entry WHERE id = {mine})"
    )
    text += "" if offer is None else f" AND o.id = {sql(offer)}"
    found = await db.rows(text, sql.values)
    passed = [
        row for row in found if offer is not None or entry in {each[0] for each in db.from_json(row["passed_over"])}
    ]
    return [(row["by"], row["second_by"] or "") for row in passed]


def _appeal(row: Mapping[str, Any]) -> AppealNow:
    return AppealNow(
        id=row["id"],
        entry=row["entry_id"],
        client=row["client_id"],
        upi=row["upi"],
        agency=row["agency_id"],
        line=row["line"],
        timezone=row["timezone"],
        about=row["about"],
        offer=row["offer_id"],
        sealed=row["sealed"],
        status=row["status"],
        by=row["by"],
        at=db.as_moment(row["at"]),
        settled_by=row["settled_by"],
        settled_at=db.as_moment(row["settled_at"]) if row["settled_at"] else None,
    )
