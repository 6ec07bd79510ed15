"""The names of people who work here, with the agencies that they belong, or once belonged, to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from directory.storage import db


@dataclass(frozen=True, slots=True)
class Named:
    """A person by name. `agencies` are those of all their roles, also of such as have ended."""

    person: int
    name: str
    agencies: frozenset[int | None]


async def of_people(ids: Iterable[int]) -> list[Named]:
    """Those of these people that there are."""
    sql = db.Sql()
    text = (
        "SELECT p.id, p.name, g.agency_id FROM person p LEFT JOIN role_grant g ON g.person_id = p.id "
        f"WHERE p.id IN ({sql.list(ids) or 'NULL'}) ORDER BY p.id, g.id"
    )
    found: dict[int, tuple[str, set[int | None]]] = {}
    for row in await db.rows(text, sql.values):
        found.setdefault(row["id"], (row["name"], set()))[1].add(row["agency_id"])
    return [Named(id, name, frozenset(agencies - {None})) for id, (name, agencies) in found.items()]
