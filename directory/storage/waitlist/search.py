"""Finding people who wait by keyed hashes of what is known of them, and by their number: within the agencies of whoever asks, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from directory.domain.waitlist.states import Entry
from directory.storage import db
from directory.storage.waitlist.board import ClientRow


async def found_by(hashes: Iterable[str], kind: str, agencies: Sequence[int], limit: int) -> list[ClientRow]:
    """The clients of these agencies that are found by all of these hashes of one kind. Whoever was merged or cleared is not."""
    sql = db.Sql()
    wanted = sorted(set(hashes))
    ids = (
        f"SELECT client_id FROM client_key WHERE kind = {sql(kind)} AND hash IN ({sql.list(wanted)}) "
        f"GROUP BY client_id HAVING COUNT(DISTINCT hash) = {sql(len(wanted))}"
    )
    return await _clients(sql, f"c.id IN ({ids})", agencies, limit)


async def with_number(upi: str, agencies: Sequence[int]) -> list[ClientRow]:
    """The client of these agencies with this number."""
    sql = db.Sql()
    return await _clients(sql, f"c.upi = {sql(upi)}", agencies, 1)


async def _clients(sql: db.Sql, where: str, agencies: Sequence[int], limit: int) -> list[ClientRow]:
    text = (
        f"SELECT c.id, c.upi, c.agency_id, c.peer_id, c.created_at FROM client c WHERE {where} "
        f"AND c.agency_id IN ({sql.list(agencies)}) AND c.merged_into_id IS NULL AND c.cleared_at IS NULL "
        f"ORDER BY c.created_at DESC, c.id DESC LIMIT {int(limit)}"
    )
    return [
        ClientRow(row["id"], row["upi"], row["agency_id"], row["peer_id"], db.as_moment(row["created_at"]))
        for row in await db.rows(text, sql.values)
    ]


async def lines_of(clients: Iterable[int]) -> dict[int, list[tuple[str, Entry]]]:
    """The lines in which these clients stand or stood, with the state, the newest first."""
    sql = db.Sql()
    text = (
        "SELECT e.client_id, p.name, e.status FROM entry e JOIN pool p ON p.id = e.pool_id "
        f"WHERE e.client_id IN ({sql.list(clients)}) ORDER BY e.id DESC"
    )
    found: dict[int, list[tuple[str, Entry]]] = {}
    for row in await db.rows(text, sql.values) if sql.values else []:
        found.setdefault(row["client_id"], []).append((row["name"], Entry(row["status"])))
    return found
