"""Invented programs whose openings are counted, for the tests of storage, services and pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from directory.domain.access import Actor, Grant, Role
from directory.domain.levels import LevelValues, ProgramValues
from directory.domain.openings import Level, Numbers, Restrictions
from directory.services.openings import openings_report
from directory.storage import db
from directory.storage import openings as storage
from directory.storage.programs import level_add, program_add

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
PEER = Actor(901, (Grant(Role.PEER, 900),))


def editor(agency: int, person: int = 902) -> Actor:
    """Somebody who keeps the listings of this agency."""
    return Actor(person, (Grant(Role.EDITOR, agency),))


async def level(
    agency: int, slug: str, *, name: str = "Withdrawal care", program: str = "Reed House", **given: Any
) -> Level:
    """A level of care of a program of this agency, shown as the listing with this slug; ten beds of which none is reported on."""
    is_funded = given.pop("is_funded", True)
    values = {
        "name": name,
        "care": "detox",
        "unit": "bed",
        "licensed": 10,
        "asam": "",
        "edition": "",
        "reminders": True,
    }
    values |= given
    async with db.staging():
        rows = await db.rows(f"SELECT p.id FROM program p WHERE p.name = '{program}' AND p.agency_id = {int(agency)}")
        id = rows[0]["id"] if rows else await program_add(agency, slug, ProgramValues(program, is_funded), NOW)
        made = await level_add(id, LevelValues(**values), NOW)
    assert made is not None
    found = await storage.level(made)
    assert found is not None
    return found


def numbers(available: int | None = 2, **given: Any) -> Numbers:
    """Ten beds staffed, some of them open. What is of whom it takes goes there: `numbers(sex="women")`."""
    whom = {name: given.pop(name) for name in list(given) if name in Restrictions.__slots__}
    return Numbers(**{"staffed": 10, "available": available, "restrictions": Restrictions(**whom)} | given)


async def reported(level: Level, given: Numbers | None = None, *, now: datetime = NOW, **more: Any) -> int:
    """The number of a report of a level, by its own agency unless `by` says otherwise."""
    made = {"by": editor(level.agency), "numbers": given or numbers(), "id": level.id} | more
    report = await openings_report(**made, now=now)
    assert report is not None
    return report


async def in_agency(agency: int, slug: str) -> tuple[int, int, int]:
    """The numbers of a level of this agency that is full, of its latest report and of its notice: made once for each agency."""
    name = f"House {agency}"
    found = await db.rows(
        f"SELECT v.id FROM program_level v JOIN program p ON p.id = v.program_id WHERE p.name = '{name}'"
    )
    if not found:
        made = await level(agency, slug, program=name)
        await reported(made, numbers(0, occupied=10, held=0), now=datetime(2026, 3, 2, 14, 0, tzinfo=UTC))
    found = found or await db.rows(f"SELECT id FROM program_level WHERE id = {made.id}")
    here = await storage.level(found[0]["id"])
    assert here is not None
    (notice,) = await db.rows(f"SELECT id FROM capacity_notice WHERE level_id = {here.id}")
    return here.id, here.seen, notice["id"]
