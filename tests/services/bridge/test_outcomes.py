"""What the bridge achieves, counted from what happened in a line, for those who may see it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.waitlist.periods import period_of
from directory.domain.waitlist.reports import ALL, Sheet, Told, Value
from directory.services.waitlist import entries, exports, oversight
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist import contacts
from tests.accounts import SETTINGS
from tests.services.bridge import grouped
from tests.services.bridge.journeys import begun
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WATCH = Actor(7_000, (Grant(Role.OVERSIGHT),))


async def shown(made: World) -> dict[str, Sheet]:
    period = period_of("2026")
    assert period is not None
    found = await oversight.report_show(
        code="outcomes", period=period, line=made.pool, by=WATCH, now=NOW, settings=SETTINGS
    )
    return {sheet.code: sheet for sheet in found.sheets}


async def everywhere() -> dict[str, Sheet]:
    """The sheets of all lines."""
    period = period_of("2026")
    assert period is not None
    found = await oversight.report_show(code="outcomes", period=period, line=None, by=WATCH, now=NOW, settings=SETTINGS)
    return {sheet.code: sheet for sheet in found.sheets}


async def whole(made: World) -> dict[Value, tuple[Value, ...]]:
    return {row[0]: row[1:] for row in (await shown(made))["outcomes"].rows}


async def waiting(made: World, days: int) -> tuple[int, int]:
    """The client and the entry of somebody who asked so many days ago."""
    client = await world.client(made, consent=False)
    then = NOW - days * DAY
    return client, await entries.entry_join(client=client, pool=made.pool, tie=0, by=made.peer, now=then)


async def sign(client: int, days_ago: float) -> None:
    async with db.staging():
        await contacts.attempt_add(client=client, route="call", outcome="reached", by="test", now=NOW - days_ago * DAY)


async def came(made: World, clients: list[int], days_ago: int) -> None:
    """These came to a group."""
    then = NOW - days_ago * DAY
    group = await grouped.added(made, grouped.varied(capacity=None, series={"starts_on": then.date()}), now=then)
    meeting = (await grouped.meetings(group, then))[0]
    for client in clients:
        seat = await grouped.takes(made, await grouped.upi_of(client), meeting.id, then)
        assert seat == "seat"
    async with db.staging():
        await db.execute(f"UPDATE group_seat SET status = 'came' WHERE meeting_id = {meeting.id}")


async def test_shares_are_counted_from_requests_signs_groups_and_ends(database: str) -> None:
    made, coming = await world.made(), []
    for number in range(24):
        client, entry = await waiting(made, 20)
        if number < 12:
            for days_ago in (19, 12, 5):
                await sign(client, days_ago)
        if number < 13:
            coming.append(client)
        if number in range(12, 24):
            await entries.entry_close(
                entry=entry, reason="withdrew", by=made.peer, now=NOW - 10 * DAY, settings=SETTINGS
            )
    await came(made, coming, 15)
    found = await whole(made)
    assert found["reached-48h"] == (24, 12, 50)
    assert found["weekly-contact"] == (24, 12, 50)
    assert found["lost-waiting"] == (12, 12, 100)
    assert found["group-attended"] == (24, 13, 54)
    assert found["lost-before-assessment"] == (1822, None, 45)
    assert found["arrived"] == (0, 0, None)


async def test_of_a_few_people_nothing_is_told_in_any_of_the_sheets(database: str) -> None:
    made = await world.made()
    for _ in range(3):
        client, _entry = await waiting(made, 20)
        await sign(client, 19)
    sheets = await shown(made)
    assert (await whole(made))["reached-48h"] == (Told.HIDDEN, Told.HIDDEN, Told.HIDDEN)
    rows = [row for code in ("outcomes-tier", "outcomes-line") for row in sheets[code].rows if row[0] == "reached-48h"]
    assert [row[1] for row in rows].count(ALL) == 2
    assert all(row[2] is Told.HIDDEN for row in rows)


async def test_what_lies_outside_the_time_or_in_another_line_is_not_counted(database: str) -> None:
    made, other = await world.made(), await world.made()
    for _ in range(12):
        await waiting(other, 20)
        await waiting(made, 300)
    found = await whole(made)
    assert found["reached-48h"] == (0, 0, None)
    assert found["weekly-contact"] == (12, 0, 0)


async def arrived(made: World, outcomes: list[str | None]) -> None:
    """People who arrived 39 days ago; of each the outcome of the follow-ups of 7 and of 30 days, None where nobody asked."""
    await begun(made)
    (offer,), (handoff,) = await db.rows("SELECT * FROM offer"), await db.rows("SELECT * FROM handoff")
    people = [await world.client(made, consent=False) for _ in outcomes]
    ids = range(handoff["id"], handoff["id"] + len(outcomes))
    stood = {"status": "arrived", "arrived_at": to_column(NOW - 39 * DAY)}
    due = [("7d", to_column(NOW - 30 * DAY)), ("30d", to_column(NOW - 4 * DAY))]
    async with db.staging():
        await db.execute("DELETE FROM handoff")
        await db.insert_many(
            "offer", list(offer), [list((offer | {"id": 10_000 + id, "status": "admitted"}).values()) for id in ids]
        )
        await db.insert_many(
            "handoff",
            list(handoff),
            [
                list((handoff | stood | {"id": id, "offer_id": 10_000 + id, "client_id": client}).values())
                for id, client in zip(ids, people, strict=True)
            ],
        )
        rows = [(id, which, at, at, said) for id, said in zip(ids, outcomes, strict=True) for which, at in due]
        await db.insert_many("follow_up", ("handoff_id", "which", "due_from", "due_at", "outcome"), rows)


async def test_in_contact_is_who_was_reached_wherever_they_were_and_not_who_wants_no_calls_or_was_never_asked(
    database: str,
) -> None:
    made = await world.made()
    await arrived(made, ["there"] * 7 + ["left"] * 5 + ["not-reached"] * 6 + ["no-more"] * 3 + [None] * 3)
    found = await whole(made)
    assert found["arrived"] == (24, 24, 100)
    assert found["contact-7d"] == found["contact-30d"] == (24, 12, 50)


async def test_who_is_still_to_be_asked_is_counted_once_it_was_done_or_is_too_late(database: str) -> None:
    made = await world.made()
    await arrived(made, ["there"] * 12 + [None] * 12)
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"UPDATE follow_up SET due_at = {sql(to_column(NOW + DAY))} WHERE which = '30d'", sql.values)
    assert (await whole(made))["contact-30d"] == (0, 0, None)
    async with db.staging():
        sql = db.Sql()
        at = sql(to_column(NOW))
        await db.execute(f"UPDATE follow_up SET done_at = {at} WHERE outcome = 'there'", sql.values)
    assert (await whole(made))["contact-30d"] == (12, 12, 100)


async def test_a_line_that_is_chosen_tells_no_more_of_itself_than_among_the_others(database: str) -> None:
    made = await world.made()
    others = [await world.made(made.agency) for _ in range(2)]
    for each, yes, no in ((made, 4, 12), (others[0], 15, 20), (others[1], 15, 15)):
        for number in range(yes + no):
            client, _entry = await waiting(each, 20)
            if number < yes:
                await sign(client, 19)
    assert (await whole(made))["reached-48h"] == (Told.HIDDEN,) * 3
    assert (await whole(others[1]))["reached-48h"] == (Told.HIDDEN,) * 3, "16 by the one above"
    assert (await whole(others[0]))["reached-48h"] == (35, 15, 43)
    assert set(await shown(made)) == {"outcomes", "times-line"}
    reached = {row[1]: row[2:] for row in (await everywhere())["outcomes-line"].rows if row[0] == "reached-48h"}
    assert reached[ALL] == (81, 34, 42)
    assert sum(row[0] is Told.HIDDEN for row in reached.values()) == 2


async def test_whoever_stands_in_two_lines_is_one_of_the_people(database: str) -> None:
    made = await world.made()
    other, coming = await world.made(made.agency), []
    for _ in range(12):
        client, _entry = await waiting(made, 20)
        await entries.entry_join(client=client, pool=other.pool, tie=0, by=made.peer, now=NOW - 20 * DAY)
        coming.append(client)
    await came(made, coming, 15)
    found = {row[0]: row[1:] for row in (await everywhere())["outcomes"].rows}
    assert found["weekly-contact"] == (12, 0, 0)
    assert found["group-attended"] == (12, 12, 100)


async def test_who_was_known_long_before_they_asked_is_reached_by_a_sign_alone(database: str) -> None:
    made = await world.made()
    for number in range(24):
        client, _entry = await waiting(made, 20)
        if number < 12:
            await sign(client, 19)
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"UPDATE client SET created_at = {sql(to_column(NOW - 300 * DAY))}", sql.values)
    assert (await whole(made))["reached-48h"] == (24, 12, 50)


async def test_how_long_it_took_until_a_place_is_told_by_group_and_by_line(database: str) -> None:
    made = await world.made()
    other = await world.made(made.agency)
    for number in range(30):
        _client, entry = await waiting(made if number < 15 else other, 20 + number)
        async with db.staging():
            await db.execute(f"UPDATE entry SET status = 'placed' WHERE id = {entry}")
            sql = db.Sql()
            moment = sql(to_column(NOW - 10 * DAY))
            values = f"{entry}, {moment}, 'test', 'admitted', 'waiting', 'placed', '{{}}'"
            await db.execute(
                f"INSERT INTO entry_event (entry_id, at, by, what, before, after, details) VALUES ({values})",
                sql.values,
            )
    sheets = await everywhere()
    (tier,) = {row[1] for row in sheets["times"].rows if row[1] != ALL}
    assert sheets["times"].rows[0][1:] == (tier, 30, 24.0, 36.0)
    by_line = {row[1]: row[2:] for row in sheets["times-line"].rows}
    assert sorted(by_line.values()) == [(15, 17.0, 23.0), (15, 32.0, 38.0), (30, 24.0, 36.0)]


async def test_the_file_has_the_same_sheets_and_takes_a_fresh_sign_in(database: str) -> None:
    """WAITLIST 4.4."""
    made, period = await world.made(), period_of("2026")
    assert period is not None
    for _ in range(3):
        await waiting(made, 20)

    async def taken(by: Actor) -> bytes:
        given = {"code": "outcomes", "period": period, "line": made.pool, "language": "en"}
        found = await exports.report_export(**given, by=by, now=NOW, settings=SETTINGS)  # type: ignore[arg-type]
        return found.content

    with zipfile.ZipFile(BytesIO(await taken(replace(WATCH, fresh_until=NOW + HOUR)))) as archive:
        assert archive.namelist()[1:-1] == [
            "outcomes.csv",
            "outcomes-tier.csv",
            "outcomes-line.csv",
            "times.csv",
            "times-line.csv",
        ]
        rows = archive.read("outcomes-tier.csv").decode().splitlines()
    assert rows[0] == "measure,tier,people,yes,percent"
    assert rows[1:3] == [
        "reached-48h,9,suppressed,suppressed,suppressed",
        "reached-48h,all,suppressed,suppressed,suppressed",
    ]
    for stranger in (WATCH, replace(made.peer, fresh_until=NOW + HOUR)):
        with pytest.raises(Denied):
            await taken(stranger)
    other = await world.made()
    with pytest.raises(NotFound):
        await taken(replace(other.coordinator, fresh_until=NOW + HOUR))
