"""Openings of pages become one rough number for each listing, and nothing about anybody, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.services.uses import MOST_LISTINGS, PAUSE_SECONDS, Uses, uses_halve
from directory.storage import db
from tests.factories import NOW, draft, import_drafts, one_value, snapshot, world_made

DAY, WEEK = timedelta(days=1), timedelta(days=7)


async def slug_of(url: str) -> str:
    await world_made()
    await import_drafts(url, [draft()])
    return str(await one_value("SELECT slug FROM listing"))


async def opened() -> float:
    found = await db.rows("SELECT opened FROM listing_use")
    return float(found[0]["opened"]) if found else 0.0


async def test_openings_add_up_and_nothing_else_is_written(database: str) -> None:
    slug, uses = await slug_of(database), Uses()
    before = await snapshot(without=("listing_use",))
    for _ in range(2):
        for _ in range(3):
            uses.note(slug)
        uses.note("never-was")
        await uses.write(lambda: NOW)
    assert await opened() == 6.0
    assert await snapshot(without=("listing_use",)) == before
    (row,) = await db.rows("SELECT * FROM listing_use")
    assert set(row) == {"id", "opened", "at"}
    assert db.as_moment(row["at"]) == NOW.replace(hour=0, minute=0, second=0, microsecond=0), "the day, never the time"


async def test_a_count_is_halved_each_week_and_forgotten_in_the_end(database: str) -> None:
    slug, uses = await slug_of(database), Uses()
    uses.note(slug)
    uses.note(slug)
    await uses.write(lambda: NOW)
    assert await uses_halve(clock=lambda: NOW + WEEK - DAY) == 0
    seen = []
    for week in (1, 2, 3, 4):
        await uses_halve(clock=lambda week=week: NOW + week * WEEK)  # type: ignore[misc]
        seen.append(await opened())
    assert seen == [1.0, 0.5, 0.0, 0.0]


async def test_what_could_not_be_written_is_not_lost(database: str) -> None:
    slug, uses = await slug_of(database), Uses()
    uses.note(slug)

    def broken() -> None:
        raise RuntimeError("no clock")

    await uses.write(broken)  # type: ignore[arg-type]
    assert await opened() == 0.0
    await uses.write(lambda: NOW)
    assert await opened() == 1.0


def test_memory_has_an_end() -> None:
    uses = Uses()
    for number in range(MOST_LISTINGS + 50):
        uses.note(f"slug-{number}")
    assert len(uses._opened) == MOST_LISTINGS


def test_nothing_is_written_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("directory.services.uses.time.monotonic", lambda: clock[0])
    uses = Uses()
    uses.note("lamp")
    assert not uses.is_due
    clock[0] += PAUSE_SECONDS
    assert uses.is_due
    assert not Uses().is_due
