"""What was told to whom about somebody, as rows that are only ever added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import dumps, to_column


@dataclass(frozen=True, slots=True)
class DisclosureNow:
    """One disclosure. `agency_name` is "" where it went to nobody who has an agency here; `sealed` is what an emergency needs written down."""

    id: int
    client: int
    consent: int | None
    agency: int | None
    agency_name: str
    offer: int | None
    scope: tuple[str, ...]
    basis: str
    notice: str
    sealed: str | None
    by: str
    at: datetime


_DISCLOSURE = "SELECT d.*, a.name AS agency_name FROM disclosure d LEFT JOIN agency a ON a.id = d.agency_id"


async def add(
    *,
    client: int,
    consent: int | None,
    agency: int | None,
    offer: int | None,
    scope: Iterable[str],
    basis: str,
    notice: str,
    sealed: str | None,
    by: str,
    at: datetime,
) -> int:
    """The id of a new disclosure. Needs the transaction that has looked at the consent."""
    given = {
        "client_id": client,
        "consent_id": consent,
        "agency_id": agency,
        "offer_id": offer,
        "scope": dumps(sorted(scope)),
        "basis": basis,
        "notice": notice,
        "sealed": sealed,
        "by": by,
        "at": to_column(at),
    }
    sql = db.Sql()
    text = f"INSERT INTO disclosure ({', '.join(given)}) VALUES ({sql.list(given.values())}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def of_client(client: int, since: datetime) -> list[DisclosureNow]:
    """What was told about a client from this moment on, the latest first; also under a number that turned out to be the same person."""
    sql = db.Sql()
    where = f"{_of(sql(client))} AND d.at >= {sql(to_column(since))}"
    text = f"{_DISCLOSURE} WHERE {where} ORDER BY d.at DESC, d.id DESC"
    return [_disclosure(row) for row in await db.rows(text, sql.values)]


async def of_offer(client: int, offer: int) -> list[DisclosureNow]:
    """What was told about a client with one offer, the oldest first."""
    sql = db.Sql()
    text = f"{_DISCLOSURE} WHERE {_of(sql(client))} AND d.offer_id = {sql(offer)} ORDER BY d.id"
    return [_disclosure(row) for row in await db.rows(text, sql.values)]


async def knows_who(client: int, agency: int) -> bool:
    """Whether an agency was ever told a client's name or how to reach them, so that their number alone says who it is."""
    sql = db.Sql()
    codes = ('%"name"%', '%"contact"%')
    says = " OR ".join(f"CAST(d.scope AS text) LIKE {sql(code)}" for code in codes)
    text = f"SELECT 1 FROM disclosure d WHERE {_of(sql(client))} AND d.agency_id = {sql(agency)} AND ({says}) LIMIT 1"
    return bool(await db.rows(text, sql.values))


def _of(client: str) -> str:
    """SQL: it is about this client (a marker), or about one who was merged into them."""
    return f"d.client_id IN (SELECT c.id FROM client c WHERE c.id = {client} OR c.merged_into_id = {client})"


async def day_zone(client: int, offer: int | None) -> str:
    """The zone on whose calendar a consent is looked at: that of the line of an offer, else that of the client's peer agency."""
    sql = db.Sql()
    line = (
        "(SELECT p.timezone FROM offer o JOIN entry e ON e.id = o.entry_id JOIN pool p ON p.id = e.pool_id "
        f"WHERE o.id = {sql(offer)})"
    )
    text = f"SELECT COALESCE({line}, a.timezone) AS zone FROM client c JOIN agency a ON a.id = c.agency_id WHERE c.id = {sql(client)}"
    return str((await db.rows(text, sql.values))[0]["zone"])


def _disclosure(row: Mapping[str, Any]) -> DisclosureNow:
    return DisclosureNow(
        id=row["id"],
        client=row["client_id"],
        consent=row["consent_id"],
        agency=row["agency_id"],
        agency_name=row["agency_name"] or "",
        offer=row["offer_id"],
        scope=tuple(db.from_json(row["scope"])),
        basis=row["basis"],
        notice=row["notice"],
        sealed=row["sealed"],
        by=row["by"],
        at=db.as_moment(row["at"]),
    )
