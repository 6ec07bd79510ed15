"""The daily work on a line: once a day and at its hour, nothing shown of who has just come, and every range scored against what happened."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from directory.domain.waitlist.facts import Fact
from directory.domain.waitlist.tables import Table
from directory.services.waitlist import entries, estimates, facts
from directory.storage import db
from directory.storage.encoding import as_date, dumps, to_column
from directory.storage.waitlist import estimates as storage
from directory.storage.waitlist.estimates import PoolDay
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY, World

DAY = timedelta(days=1)
DRAWS = 60


async def history(made: World, *, placed: int, closed: int = 0) -> None:
    """Placements, one every five days, and closings, one every ten, of people who had waited for twenty; the line began half a year ago."""
    ends = [("closed", "closed", 160)] + [("placed", "offer-admitted", 5 * number + 1) for number in range(placed)]
    ends += [("closed", "closed", 10 * number + 2) for number in range(closed)]
    for status, what, days in ends:
        client, end = await world.client(made), NOW - days * DAY
        async with db.staging():
            entry = await _entry(made, client, status, end - 20 * DAY, end)
            await _step(entry, "joined", None, "waiting", end - 20 * DAY)
            if status == "placed":
                await _step(entry, "offered", "waiting", "offered", end - 2 * DAY)
                await _step(entry, "offer-accepted", "offered", "accepted", end - DAY)
            await _step(entry, what, "accepted" if status == "placed" else "waiting", status, end)


async def _entry(made: World, client: int, status: str, asked: datetime, end: datetime) -> int:
    sql = db.Sql()
    closed = to_column(end) if status == "closed" else None
    values = (client, made.pool, status, 9, to_column(asked), 0, closed, "test", to_column(asked), 1)
    text = (
        "INSERT INTO entry (client_id, pool_id, status, tier, requested_at, tie, closed_at, created_by, created_at, version) "
        f"VALUES ({sql.list(values)}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def _step(entry: int, what: str, before: str | None, after: str, at: datetime) -> None:
    columns = ("entry_id", "at", "by", "what", "before", "after", "details")
    await db.insert_many("entry_event", columns, [(entry, to_column(at), "test", what, before, after, dumps({}))])


async def waiting(made: World, *, hours: int = 0, consent: bool = True, **facts: str) -> int:
    """The entry of somebody who asked so many hours before now."""
    client = await world.client(made, consent=consent, **facts)
    now = NOW - timedelta(hours=hours)
    return await entries.entry_join(client=client, pool=made.pool, tie=0, by=made.peer, now=now)


async def refresh(made: World, now: datetime = NOW) -> int:
    """The round of the job for this line alone: others may be in the database."""
    day = now.date()
    (pool,) = [each for each in await storage.pools_open() if each.id == made.pool]
    if pool.as_of is not None and pool.as_of >= day:
        return 0
    return int(await estimates.pool_refresh(pool=pool, today=day, now=now, draws=DRAWS))


async def standing(entry: int) -> dict[str, Any]:
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM standing WHERE id = {sql(entry)}", sql.values)
    return found[0] if found else {}


async def told(entry: int) -> list[dict[str, Any]]:
    sql = db.Sql()
    text = f"SELECT * FROM estimate_issued WHERE entry_id = {sql(entry)} ORDER BY issued_on"
    return await db.rows(text, sql.values)


async def test_everybody_in_a_line_has_a_standing_and_a_range_after_the_daily_round(database: str) -> None:
    made = await world.made()
    await history(made, placed=14, closed=3)
    last, first = await waiting(made, hours=1), await waiting(made, hours=5)
    assert await refresh(made) == 1
    front, back = await standing(first), await standing(last)
    assert (front["ahead"], front["waiting"], back["ahead"], back["waiting"]) == (0, 2, 1, 2)
    assert front["low"] <= front["high"]
    assert front["high"] <= back["high"]
    assert as_date(front["as_of"]) == TODAY
    assert front["history_days"] == 90
    (issued,) = await told(last)
    assert issued["shown"] == f"{back['low']}-{back['high']}"
    assert (issued["tier"], issued["ahead"], issued["outcome"]) == (9, 1, None)


async def test_a_day_is_worked_out_once_however_often_and_by_how_many_it_is_tried(database: str) -> None:
    made = await world.made()
    await history(made, placed=6)
    entry = await waiting(made)
    pool = PoolDay(made.pool, "UTC")
    again = [estimates.pool_refresh(pool=pool, today=TODAY, now=NOW, draws=DRAWS) for _ in range(3)]
    assert sorted(await asyncio.gather(*again)) == [False, False, True]
    before = await standing(entry)
    assert await refresh(made) == 0
    assert await standing(entry) == before
    assert len(await told(entry)) == 1


async def test_somebody_who_comes_between_two_rounds_changes_what_no_one_else_sees(database: str) -> None:
    """WAITLIST 2.3: a move from 3 to 4 in a short list tells that a person with priority has just joined."""
    made = await world.made()
    await history(made, placed=14)
    old = await waiting(made, hours=5)
    await refresh(made)
    before = await standing(old)
    new = await waiting(made, pregnant="yes")
    async with db.staging():
        await estimates.standing_first(entry=new, now=NOW + timedelta(hours=1))
    assert await standing(old) == before
    mine = await standing(new)
    assert mine["ahead"] == 0
    assert mine["high"] is not None
    assert len(await told(new)) == 1
    await refresh(made, NOW + DAY)
    assert (await standing(old))["ahead"] == 1


async def test_nobody_is_ahead_who_can_be_offered_nothing_now(database: str) -> None:
    made = await world.made()
    await history(made, placed=14)
    last = await waiting(made)
    unsigned = await waiting(made, hours=2, consent=False)
    held = await waiting(made, hours=3)
    await entries.entry_hold(entry=held, reason="hospital", review_on=TODAY, by=made.peer, today=TODAY, now=NOW)
    await refresh(made)
    assert ((await standing(last))["ahead"], (await standing(last))["waiting"]) == (0, 1)
    assert (await standing(unsigned))["low"] is not None
    paused = await standing(held)
    assert (paused["low"], paused["high"], paused["history_days"]) == (None, None, None), "no estimate on hold"
    assert await told(held) == []


async def test_in_a_line_that_gets_openings_from_nobody_yet_consents_do_not_count(database: str) -> None:
    made = await world.made()
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"DELETE FROM pool_level WHERE pool_id = {sql(made.pool)}", sql.values)
    await waiting(made, hours=2, consent=False)
    last = await waiting(made)
    await refresh(made)
    assert (await standing(last))["ahead"] == 1


async def test_with_too_few_placements_there_is_a_place_and_no_range(database: str) -> None:
    """WAITLIST 2.4, 5."""
    made = await world.made()
    await history(made, placed=4)
    entry = await waiting(made)
    await refresh(made)
    found = await standing(entry)
    assert (found["ahead"], found["low"], found["high"]) == (0, None, None)
    assert found["few"]
    assert await told(entry) == []


async def test_what_people_were_told_is_scored_when_they_are_placed_and_left_open_when_they_go(database: str) -> None:
    """WAITLIST 2.4, 7."""
    made = await world.made()
    await history(made, placed=14)
    placed, gone, left = await waiting(made, hours=3), await waiting(made, hours=2), await waiting(made)
    await refresh(made)
    (issued,) = await told(placed)
    end = NOW + timedelta(days=(issued["q10"] + issued["q90"]) / 2)
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"UPDATE entry SET status = 'placed' WHERE id = {sql(placed)}", sql.values)
        await _step(placed, "offer-admitted", "accepted", "placed", end)
        sql = db.Sql()
        await db.execute(f"UPDATE entry SET status = 'closed' WHERE id = {sql(gone)}", sql.values)
        await _step(gone, "closed", "waiting", "closed", NOW + timedelta(hours=3))
    await refresh(made, end + DAY)
    (scored,) = await told(placed)
    assert scored["outcome"] == "inside"
    assert scored["days"] == pytest.approx((issued["q10"] + issued["q90"]) / 2, abs=0.01)
    assert [row["outcome"] for row in await told(gone)] == ["censored"]
    assert {row["outcome"] for row in await told(left)} == {None}
    assert await standing(placed) == {}
    counted = (await storage.outcomes(TODAY, [made.agency]))[made.pool]
    assert counted == {placed: {"inside": 1}, gone: {"censored": 1}}
    assert await storage.outcomes(TODAY, []) == {}


async def test_a_line_whose_history_has_not_changed_keeps_its_table(database: str) -> None:
    made = await world.made()
    await history(made, placed=14)
    await refresh(made)
    before, back = await storage.tables_of(made.pool)
    assert back == 90
    assert set(before) == {1, 2, 3, 9}
    await refresh(made, NOW + timedelta(hours=10))  # the next day has not begun
    await refresh(made, NOW + DAY)
    after, _ = await storage.tables_of(made.pool)
    sql = db.Sql()
    (row,) = await db.rows(f"SELECT as_of, placements FROM estimate_day WHERE id = {sql(made.pool)}", sql.values)
    assert (as_date(row["as_of"]), row["placements"]) == (TODAY + DAY, 14)
    assert after == before
    await history(made, placed=1)
    await refresh(made, NOW + 2 * DAY)
    changed, _ = await storage.tables_of(made.pool)
    assert changed != before
    assert all(isinstance(table, Table) and table.rows for table in changed.values())


async def test_a_line_is_worked_out_from_five_in_the_morning_where_it_is(database: str) -> None:
    made = await world.made()
    await waiting(made, hours=40)
    early, late = (datetime.combine(TODAY, NOW.timetz()).replace(hour=hour, minute=1) for hour in (4, 5))

    async def day() -> date | None:
        return next(each.as_of for each in await storage.pools_open() if each.id == made.pool)

    await estimates.estimates_refresh(clock=lambda: early, draws=DRAWS)
    assert await day() == TODAY - DAY
    await estimates.estimates_refresh(clock=lambda: late, draws=DRAWS)
    assert await day() == TODAY
    assert await estimates.estimates_refresh(clock=lambda: late + timedelta(hours=20), draws=DRAWS) == 0


async def test_one_line_that_cannot_be_worked_out_holds_up_no_other(database: str) -> None:
    broken, sound = await world.made(), await world.made()
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"UPDATE pool SET timezone = 'No/Where' WHERE id = {sql(broken.pool)}", sql.values)
    try:
        with pytest.raises(Exception, match="No/Where"):
            await estimates.estimates_refresh(clock=lambda: NOW, draws=DRAWS)
        found = {each.id: each.as_of for each in await storage.pools_open()}
        assert (found[broken.pool], found[sound.pool]) == (None, TODAY)
    finally:
        async with db.staging():
            sql = db.Sql()
            await db.execute(f"UPDATE pool SET timezone = 'UTC' WHERE id = {sql(broken.pool)}", sql.values)


async def test_several_who_come_at_once_get_their_first_standing_together(database: str) -> None:
    made = await world.made()
    await history(made, placed=14)
    await refresh(made)
    both = [await waiting(made, hours=hours) for hours in (2, 1)]
    async with db.staging():
        await estimates.standings_first(pool=made.pool, entries=both, now=NOW)
    assert [(await standing(each))["ahead"] for each in both] == [0, 1]


async def test_whose_tier_is_raised_or_who_is_held_reads_at_once_where_they_stand_and_nobody_else(
    database: str,
) -> None:
    """WAITLIST 2.3, 3.5: facts come after the line was chosen, and the page tells what their peer sees."""
    made = await world.made()
    await history(made, placed=14)
    old = await waiting(made, hours=5)
    client = await world.client(made)
    new = await entries.entry_join(client=client, pool=made.pool, tie=1, by=made.peer, now=NOW)
    await refresh(made)
    before = await standing(old)
    assert (await standing(new))["ahead"] == 1
    told = Fact("pregnant", "yes", "client", TODAY, TODAY + 90 * DAY)
    await facts.fact_set(client=client, fact=told, by=made.peer, now=NOW, settings=SETTINGS)
    assert (await standing(new))["ahead"] == 0
    await entries.entry_hold(entry=new, reason="hospital", review_on=TODAY, by=made.peer, today=TODAY, now=NOW)
    assert (await standing(new))["low"] is None
    await entries.entry_resume(entry=new, by=made.peer, now=NOW)
    assert (await standing(new))["low"] is not None
    assert await standing(old) == before
