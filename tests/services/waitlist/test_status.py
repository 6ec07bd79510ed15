"""The page behind a card: which codes open it, what it says, and which signs a client gives from it."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import pytest

from directory.domain.people import TooSoon, UnfitFields
from directory.domain.waitlist.codes import spelled
from directory.domain.waitlist.states import Entry
from directory.services.sealing import opened
from directory.services.waitlist import entries, status
from directory.services.waitlist.codes import code_issue
from directory.services.waitlist.status import Shown, WrongCode, call_me, code_enter, status_show, still_waiting
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import to_column
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY, World

SETTINGS = Settings(env="test")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def made(database: str) -> World:
    return await world.made()


async def card(made: World) -> tuple[int, int, str]:
    """A client who waits, their entry, and the code of their card."""
    client = await world.client(made)
    entry = await entries.entry_join(client=client, pool=made.pool, tie=1, by=made.peer, now=NOW)
    return client, entry, await code_issue(client=client, by=made.peer, now=NOW, settings=SETTINGS)


async def enter(code: str, now: datetime = NOW, address: str = "192.0.2.7") -> str:
    return await code_enter(typed=code, address=address, now=now, settings=SETTINGS)


async def show(session: str, now: datetime = NOW) -> Shown | None:
    return await status_show(session=session, now=now, settings=SETTINGS)


async def seen(code: str, now: datetime = NOW) -> Shown:
    found = await show(await enter(code, now), now)
    assert found is not None
    return found


async def standing(entry: int, **columns: object) -> None:
    given = {"ahead": 11, "waiting": 31, "low": 14, "high": 42, "over_a_year": False, "few": False}
    values = {"id": entry, **given, "history_days": 90, "as_of": TODAY, **columns}
    sql = db.Sql()
    async with db.staging():
        await db.execute("DELETE FROM standing")
        listed = sql.list([to_column(value) for value in values.values()])
        await db.execute(f"INSERT INTO standing ({', '.join(values)}) VALUES ({listed})", sql.values)


async def outcomes(client: int) -> list[dict[str, object]]:
    return await db.rows(
        f"SELECT route, outcome, by, sealed FROM contact_attempt WHERE client_id = {client} ORDER BY id"
    )


# --- codes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write", [str, str.lower, spelled, lambda code: f"  {spelled(code).lower().replace('-', ' ')} "]
)
async def test_a_code_is_taken_however_it_is_written(made: World, write: object) -> None:
    """WAITLIST 4.2."""
    *_, code = await card(made)
    assert callable(write)
    assert [line.status for line in (await seen(write(code))).lines] == [Entry.WAITING]


def asked(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The statements that went to the database, without their values."""
    return [str(record.args[0]) for record in caplog.records if record.name == "tortoise.db_client" and record.args]


async def test_every_wrong_code_gets_one_answer_after_as_many_questions(
    made: World, caplog: pytest.LogCaptureFixture
) -> None:
    """WAITLIST 4.2: unknown, revoked, expired and malformed cannot be told apart, and each asks the database once."""
    *_, expired = await card(made)
    client, _, revoked = await card(made)
    await code_issue(client=client, by=made.peer, now=NOW, settings=SETTINGS)
    async with db.staging():
        sql = db.Sql()
        await db.execute(
            f"UPDATE status_code SET expires_at = {sql(to_column(NOW))} WHERE client_id <> {client}", sql.values
        )
    caplog.set_level(logging.DEBUG, "tortoise.db_client")
    told = []
    for number, code in enumerate((expired, revoked, "0" * 14, "not a code", "", "x" * 5000)):
        caplog.clear()
        with pytest.raises(WrongCode) as wrong:
            await enter(code, address=f"192.0.{number}.7")
        told.append((str(wrong.value), wrong.value.status, tuple(asked(caplog))))
    assert len(set(told)) == 1
    assert len(told[0][2]) > 3


async def test_a_new_card_ends_a_page_that_is_open(made: World) -> None:
    client, _, code = await card(made)
    session = await enter(code)
    await code_issue(client=client, by=made.peer, now=NOW, settings=SETTINGS)
    assert await show(session) is None


async def test_a_page_closes_ten_minutes_after_the_last_sign_of_life(made: World) -> None:
    *_, code = await card(made)
    first = await enter(code)
    later = await show(first, NOW + 9 * MINUTE)
    assert later is not None
    assert await show(first, NOW + 11 * MINUTE) is None
    assert await show(later.session, NOW + 18 * MINUTE) is not None


@pytest.mark.parametrize("session", ["", "x", "1", "gAAAAA", "é"])
async def test_a_session_that_is_none_of_ours_shows_nothing(made: World, session: str) -> None:
    assert await show(session) is None


async def test_many_wrong_codes_slow_a_place_down_and_lock_nobody_out(made: World) -> None:
    """NIST SP 800-63B; WAITLIST 4.2: 10 in 10 minutes from one part of the network, and a shelter shares one."""
    *_, code = await card(made)
    for _ in range(10):
        with pytest.raises(WrongCode):
            await enter("0" * 14)
    with pytest.raises(TooSoon) as slowed:
        await enter(code)
    assert slowed.value.seconds <= 60
    assert await enter(code, NOW + MINUTE)
    assert await enter(code, address="198.51.100.9")


async def test_right_codes_slow_nobody_down(made: World) -> None:
    *_, code = await card(made)
    assert all([await enter(code) for _ in range(15)])


async def test_guessing_from_everywhere_is_told_to_somebody_once_a_day(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WAITLIST 4.2: a global ceiling with an alarm."""
    monkeypatch.setattr(status, "OF_ALL", status.Pace(3, timedelta(seconds=2)))
    for number in range(5):
        with pytest.raises(WrongCode):
            await enter("0" * 14, NOW + number * MINUTE, address=f"192.0.{number}.7")
    assert [row["kind"] for row in await db.rows("SELECT kind FROM task")] == ["status-guessing"]


# --- what it says ----------------------------------------------------------------------------------------------------


async def test_it_says_when_it_was_opened_before(made: World) -> None:
    *_, code = await card(made)
    assert (await seen(code)).seen_before is None
    assert (await seen(code, NOW + 60 * MINUTE)).seen_before == NOW


async def test_the_place_is_that_of_the_morning_and_a_number_only_in_a_long_line(made: World) -> None:
    """WAITLIST 2.3."""
    _, entry, code = await card(made)
    async with db.staging():
        await db.execute("DELETE FROM standing")
    assert (await seen(code)).lines[0].place is None
    await standing(entry)
    (line,) = (await seen(code)).lines
    assert line.place is not None
    assert (line.place.number, line.place.of) == (12, 31)
    await standing(entry, ahead=3, waiting=10)
    (line,) = (await seen(code)).lines
    assert line.place is not None
    assert (line.place.number, line.place.band) == (None, "fewer-than-5")


async def test_a_line_that_tells_no_numbers_tells_bands(made: World) -> None:
    _, entry, code = await card(made)
    await standing(entry)
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"UPDATE pool SET exact_numbers = {sql(False)}", sql.values)
    (line,) = (await seen(code)).lines
    assert line.place is not None
    assert line.place.band == "10-or-more"


async def test_nobody_on_hold_is_shown_a_place_or_a_time(made: World) -> None:
    """WAITLIST 2.2: say that the place is kept."""
    _, entry, code = await card(made)
    await standing(entry)
    await entries.entry_hold(entry=entry, reason="hospital", review_on=TODAY, by=made.peer, today=TODAY, now=NOW)
    (line,) = (await seen(code)).lines
    assert (line.status, line.place, line.standing) == (Entry.ON_HOLD, None, None)


async def test_the_lines_keep_their_numbers_and_those_that_ended_go_while_another_is_open(made: World) -> None:
    client, entry, code = await card(made)
    async with db.staging():
        other = await world.pools.pool_add(
            agency=made.agency, name="Other", care="detox", timezone="UTC", minutes=60, now=NOW
        )
    second = await entries.entry_join(client=client, pool=other, tie=2, by=made.peer, now=NOW)
    assert [line.number for line in (await seen(code)).lines] == [1, 2]
    await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    found = await seen(code)
    assert ([line.number for line in found.lines], found.several) == ([2], True)
    await entries.entry_close(entry=second, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    assert [(line.number, line.status) for line in (await seen(code)).lines] == [(2, Entry.CLOSED)]


async def test_the_card_of_somebody_who_was_merged_shows_who_they_are(made: World) -> None:
    _, entry, _ = await card(made)
    gone = await world.client(made)
    code = await code_issue(client=gone, by=made.peer, now=NOW, settings=SETTINGS)
    kept = (await db.rows(f"SELECT client_id FROM entry WHERE id = {entry}"))[0]["client_id"]
    async with db.staging():
        await db.execute(f"UPDATE client SET merged_into_id = {kept} WHERE id = {gone}")
    assert [line.status for line in (await seen(code)).lines] == [Entry.WAITING]


async def test_a_page_is_one_question_to_the_database(made: World, caplog: pytest.LogCaptureFixture) -> None:
    """Issue 6, section 7: the page stays quick with 100,000 entries."""
    *_, code = await card(made)
    session = await enter(code)
    caplog.set_level(logging.DEBUG, "tortoise.db_client")
    await show(session)
    assert len(asked(caplog)) == 1


# --- signs -----------------------------------------------------------------------------------------------------------


async def test_i_am_still_waiting_counts_as_contact_once_a_day(made: World) -> None:
    client, _, code = await card(made)
    session = await enter(code)
    for _ in range(2):
        assert await still_waiting(session=session, now=NOW, settings=SETTINGS)
    (kept,) = await outcomes(client)
    assert (kept["route"], kept["outcome"], kept["by"]) == ("status", "still-waiting", "client")
    assert (await seen(code)).is_still
    tomorrow = NOW + timedelta(days=1)
    assert not (await seen(code, tomorrow)).is_still
    await still_waiting(session=await enter(code, tomorrow), now=tomorrow, settings=SETTINGS)
    assert len(await outcomes(client)) == 2


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_several_taps_at_once_one_counts(made: World) -> None:
    client, _, code = await card(made)
    session = await enter(code)
    await asyncio.gather(*(still_waiting(session=session, now=NOW, settings=SETTINGS) for _ in range(5)))
    assert len(await outcomes(client)) == 1


async def test_call_me_keeps_a_safe_time_sealed_and_a_second_tap_does_nothing(made: World) -> None:
    client, _, code = await card(made)
    session = await enter(code)
    for _ in range(2):
        assert await call_me(session=session, times="after 5,  ask for Sam", now=NOW, settings=SETTINGS)
    (kept,) = await outcomes(client)
    assert "Sam" not in str(kept["sealed"])
    assert opened(str(kept["sealed"]), SETTINGS) == {"note": "after 5, ask for Sam"}
    (noted,) = await db.rows("SELECT by, details FROM audit_entry WHERE action = 'client-contact'")
    assert noted["by"] == "client"
    assert "Sam" not in str(noted)


async def test_too_long_a_time_is_refused(made: World) -> None:
    *_, code = await card(made)
    with pytest.raises(UnfitFields):
        await call_me(session=await enter(code), times="x" * 201, now=NOW, settings=SETTINGS)


async def test_without_a_session_no_sign_is_kept(made: World) -> None:
    client, *_ = await card(made)
    assert not await still_waiting(session="x", now=NOW, settings=SETTINGS)
    assert not await call_me(session="", times="", now=NOW, settings=SETTINGS)
    assert await outcomes(client) == []
