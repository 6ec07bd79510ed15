"""Check-ins: noted in a few taps, their rhythm, what follows when one is missed, and who reads what was said."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from directory.domain.bridge.check_ins import next_due
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.services.bridge.by_code import check_in_by_code
from directory.services.bridge.check_ins import Answer, check_in_note, check_ins_kept, check_ins_show
from directory.services.bridge.rhythms import check_ins_missed, rhythm_set, rhythms_keep
from directory.services.waitlist import entries
from directory.services.waitlist.codes import code_issue
from directory.services.waitlist.messages import ASK, asks_queue
from directory.services.waitlist.status import code_enter
from directory.storage import db
from directory.storage.bridge import check_ins as storage
from directory.storage.encoding import to_column
from directory.storage.waitlist import clients, contacts
from tests.services.waitlist import world
from tests.services.waitlist.test_messages import SETTINGS as HERE
from tests.services.waitlist.test_messages import way
from tests.services.waitlist.world import NOW, SETTINGS, World

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
YES = Answer("call", is_reached=True, feeling=4, waiting="yes")
NOBODY = Answer("call", is_reached=False)
NEW_YORK = ZoneInfo("America/New_York")
forms = iter(f"{number:043}" for number in range(10**6))


@pytest.fixture
async def made(database: str) -> World:
    return await world.made()


async def waiting(made: World, at: datetime = NOW, *, peer: bool = True) -> str:
    """The number of somebody new in a line, with whom the peer of this world goes."""
    client = await world.client(made)
    async with db.staging():
        person = await world.account(made.peer)
        await db.execute(f"UPDATE client SET peer_id = {person if peer else 'NULL'} WHERE id = {client}")
    await entries.entry_join(client=client, pool=made.pool, tie=client, by=made.peer, now=at)
    return await upi_of(client)


async def upi_of(client: int) -> str:
    row = await clients.by_id(client)
    assert row is not None
    return row.upi


async def id_of(upi: str) -> int:
    row = await clients.by_upi(upi)
    assert row is not None
    return row.id


async def rhythm_of(upi: str) -> storage.Rhythm:
    found = await storage.rhythm(await id_of(upi))
    assert found is not None
    return found


async def noted(made: World, upi: str, answer: Answer = YES, now: datetime = NOW, form: str = "") -> int | None:
    return await check_in_note(
        upi=upi, answer=answer, form=form or next(forms), by=made.peer, now=now, settings=SETTINGS
    )


async def tasks(kind: str) -> list[dict[str, Any]]:
    return await db.rows(f"SELECT * FROM task WHERE kind = '{kind}' AND done_at IS NULL ORDER BY id")


# --- noting one ---


async def test_a_check_in_is_a_contact_too_and_the_next_is_due_after_the_rhythm(made: World) -> None:
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    id = await noted(made, upi, now=NOW + DAY)
    (row,) = await storage.of_client(await id_of(upi))
    assert (row.id, row.feeling, row.waiting, row.is_reached) == (id, 4, "yes", True)
    assert row.due_at == NOW + WEEK
    (contact,) = await contacts.contacts_of(row.client)
    assert (contact.route, contact.outcome, contact.by) == ("call", "reached", made.peer.label)
    assert (await rhythm_of(upi)).due_at == NOW + DAY + WEEK


async def test_who_was_not_reached_stays_due(made: World) -> None:
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    await noted(made, upi, NOBODY, NOW + WEEK)
    (row,) = await storage.of_client(await id_of(upi))
    assert (row.is_reached, row.feeling, row.due_at) == (False, None, None)
    assert [each.outcome for each in await contacts.contacts_of(row.client)] == ["no-answer"]
    assert (await rhythm_of(upi)).due_at == NOW + WEEK


async def test_the_same_form_counts_once(made: World) -> None:
    upi, form = await waiting(made), next(forms)
    found = [await noted(made, upi, form=form) for _ in range(2)]
    assert [id is None for id in found] == [False, True]
    assert len(await contacts.contacts_of(await id_of(upi))) == 1


async def test_two_peers_at_once_both_count_and_the_next_is_due_once_and_the_same(made: World) -> None:
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    await asyncio.gather(*(noted(made, upi, now=NOW + HOUR) for _ in range(3)))
    assert len(await storage.of_client(await id_of(upi))) == 3
    rhythm = await rhythm_of(upi)
    assert (rhythm.due_at, rhythm.step) == (NOW + HOUR + WEEK, 0)


@pytest.mark.parametrize(
    "answer",
    [
        Answer("letter", is_reached=True),
        Answer("call", is_reached=True, feeling=9),
        Answer("call", is_reached=True, note="x" * 2000),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_kept(made: World, answer: Answer) -> None:
    upi = await waiting(made)
    with pytest.raises(UnfitFields):
        await noted(made, upi, answer)
    assert not await storage.of_client(await id_of(upi))


async def test_nothing_is_written_about_somebody_of_another_agency_or_who_was_cleared(made: World) -> None:
    upi, other = await waiting(made), await world.made()
    with pytest.raises(NotFound):
        await noted(other, upi)
    await db.execute(f"UPDATE client SET cleared_at = created_at WHERE upi = '{upi}'")
    with pytest.raises(NotFound):
        await noted(made, upi)


async def test_words_lie_sealed_and_the_trail_says_no_feeling(made: World) -> None:
    upi = await waiting(made)
    await noted(
        made, upi, Answer("visit", is_reached=True, feeling=2, waiting="no", safety=("overdose",), note="Saw a heron.")
    )
    (row,) = await db.rows("SELECT sealed FROM check_in")
    trail = str(await db.rows("SELECT details, subject, action FROM audit_entry"))
    task = str(await db.rows("SELECT kind, key, words, address FROM task"))
    for word in ("heron", "overdose", "feeling", '"no"'):
        assert word not in str(row["sealed"])
        assert word not in trail
        assert word not in task


async def test_who_says_that_they_wait_no_more_loses_nothing(made: World) -> None:
    upi = await waiting(made)
    before = await db.rows("SELECT status, requested_at, version FROM entry")
    await noted(made, upi, Answer("call", is_reached=True, waiting="no"))
    assert await db.rows("SELECT status, requested_at, version FROM entry") == before


# --- the rhythm ---


async def test_that_they_wait_no_more_is_known_until_they_say_otherwise_or_a_place_ends(made: World) -> None:
    upi = await waiting(made)
    client = await id_of(upi)

    async def over_at() -> datetime | None:
        checks = await storage.checks_of([client])
        return checks[client].over_at if client in checks else None

    await noted(made, upi, now=NOW - DAY)
    assert await over_at() is None
    await noted(made, upi, Answer("call", is_reached=True, waiting="no"), now=NOW)
    await noted(made, upi, Answer("call", is_reached=True, waiting="unsure"), now=NOW + HOUR)
    assert await over_at() == NOW
    await noted(made, upi, now=NOW + DAY)
    assert await over_at() is None
    await noted(made, upi, Answer("call", is_reached=True, waiting="no"), now=NOW + 2 * DAY)
    assert await over_at() == NOW + 2 * DAY
    async with db.staging():
        ended = to_column(NOW + 3 * DAY)
        sql = db.Sql()
        await db.execute(f"UPDATE entry SET closed_at = {sql(ended)} WHERE client_id = {sql(client)}", sql.values)
    assert await over_at() is None


async def test_everybody_in_a_line_has_a_weekly_rhythm_by_the_first_of_their_ways(made: World) -> None:
    upi, other = await waiting(made), await waiting(made)
    await way(await id_of(other), "email", "robin@example.org")
    await way(await id_of(other), "text")
    alone = await world.client(made)
    assert [await rhythms_keep(now=NOW + DAY) for _ in range(2)] == [2, 0]
    found = [await rhythm_of(each) for each in (upi, other)]
    assert [(each.every_days, each.channel, each.due_at) for each in found] == [
        (7, "visit", NOW + WEEK),
        (7, "text", NOW + WEEK),
    ]
    assert await storage.rhythm(alone) is None


async def test_nobody_is_overdue_on_the_first_day_and_the_week_counts_from_the_last_contact(made: World) -> None:
    upi, silent = await waiting(made), await waiting(made)
    async with db.staging():
        await contacts.attempt_add(
            client=await id_of(upi), route="call", outcome="reached", by="test", now=NOW + 20 * DAY
        )
    await rhythms_keep(now=NOW + 21 * DAY)
    assert (await rhythm_of(upi)).due_at == NOW + 27 * DAY
    assert (await rhythm_of(silent)).due_at == NOW + 21 * DAY


async def test_a_rhythm_ends_with_the_last_line_and_begins_anew_with_the_next(made: World) -> None:
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    (entry,) = await db.rows("SELECT id FROM entry")
    await entries.entry_close(entry=entry["id"], reason="withdrew", by=made.peer, now=NOW + DAY, settings=SETTINGS)
    assert await rhythms_keep(now=NOW + DAY) == 1
    assert await storage.rhythm(await id_of(upi)) is None


async def test_two_jobs_at_once_begin_and_miss_everything_once(made: World) -> None:
    for _ in range(3):
        await waiting(made)
    begun = await asyncio.gather(*(rhythms_keep(now=NOW) for _ in range(3)))
    assert sum(begun) == 3
    late = NOW + WEEK + DAY
    assert sum(await asyncio.gather(*(check_ins_missed(now=late) for _ in range(3)))) == 3
    later = late + 2 * DAY
    assert sum(await asyncio.gather(*(check_ins_missed(now=later) for _ in range(3)))) == 3
    assert len(await tasks("check-in-missed")) == 3
    (misses,) = await db.rows("SELECT COUNT(*) AS n FROM check_miss")
    assert misses["n"] == 6


async def test_a_missed_one_goes_to_the_second_way_then_to_a_coordinator_and_ends_with_an_answer(made: World) -> None:
    upi = await waiting(made)
    for channel in ("text", "call"):
        await way(await id_of(upi), channel)
    await rhythms_keep(now=NOW)
    steps = []
    for hours in (0, 23, 24, 24 + 47, 24 + 48, 500):
        await check_ins_missed(now=NOW + WEEK + hours * HOUR)
        steps.append((await rhythm_of(upi)).step)
    assert steps == [0, 0, 1, 1, 2, 2]
    shown = await check_ins_show(upi=upi, by=made.peer, now=NOW + WEEK, settings=SETTINGS)
    assert (shown.second, shown.rhythm and shown.rhythm.channel) == ("call", "text")
    (task,) = await tasks("check-in-missed")
    assert (task["agency_id"], task["address"]) == (made.agency, f"/clients/{upi}/check-ins")
    await noted(made, upi, now=NOW + 3 * WEEK)
    assert not await tasks("check-in-missed")
    assert ((await rhythm_of(upi)).step, (await rhythm_of(upi)).due_at) == (0, NOW + 4 * WEEK)


@pytest.mark.parametrize("engine", ["postgres"])
async def test_an_answer_in_the_very_moment_of_a_step_leaves_nothing_missed(made: World) -> None:
    upis = [await waiting(made) for _ in range(4)]
    await rhythms_keep(now=NOW)
    for days in (8, 10):
        moment = NOW + days * DAY
        await asyncio.gather(check_ins_missed(now=moment), *(noted(made, upi, now=moment) for upi in upis))
    assert [((await rhythm_of(upi)).step, (await rhythm_of(upi)).due_at) for upi in upis] == [(0, moment + WEEK)] * 4
    assert await tasks("check-in-missed") == []


async def test_one_who_is_in_no_line_or_asked_for_a_pause_misses_nothing(made: World) -> None:
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    rhythm = await rhythm_of(upi)
    until = (NOW + 20 * DAY).date()
    assert await set_to(made, upi, version=rhythm.version, paused_until=until)
    assert await check_ins_missed(now=NOW + 20 * DAY) == 0
    assert (await rhythm_of(upi)).due_at == NOW + 21 * DAY
    await check_ins_missed(now=NOW + 22 * DAY)
    assert (await rhythm_of(upi)).step == 1


async def set_to(made: World, upi: str, now: datetime = NOW, **changes: Any) -> bool:
    said: dict[str, Any] = {"every_days": 7, "channel": "call", "paused_until": None, "version": 1} | changes
    return await rhythm_set(upi=upi, by=made.peer, now=now, settings=SETTINGS, **said)


async def test_a_rhythm_is_set_as_they_like_it_and_never_puts_off_what_is_due(made: World) -> None:
    upi = await waiting(made)
    assert await set_to(made, upi, every_days=3, channel="text", version=0)
    rhythm = await rhythm_of(upi)
    assert (rhythm.every_days, rhythm.channel, rhythm.due_at) == (3, "text", NOW + 3 * DAY)
    assert await set_to(made, upi, every_days=30, version=rhythm.version, now=NOW + DAY)
    assert (await rhythm_of(upi)).due_at == NOW + 3 * DAY


async def missed_after_a_pause(made: World) -> tuple[str, Any]:
    """Somebody whose pause is over and who was missed since, and the moment at which a coordinator is asked."""
    upi = await waiting(made)
    assert await set_to(made, upi, version=0, paused_until=(NOW + 5 * DAY).date())
    for days in (8, 11):
        await check_ins_missed(now=NOW + days * DAY)
    assert (await rhythm_of(upi)).step == 2
    assert await open_tasks() == 1
    return upi, NOW + 11 * DAY


async def open_tasks() -> int:
    return len(await db.rows("SELECT 1 FROM task WHERE kind = 'check-in-missed' AND done_at IS NULL"))


async def test_a_pause_that_is_over_does_not_put_off_what_was_missed_since(made: World) -> None:
    upi, now = await missed_after_a_pause(made)
    before = await rhythm_of(upi)
    assert await set_to(made, upi, version=before.version, channel="visit", now=now)
    after = await rhythm_of(upi)
    assert (after.due_at, after.step, after.channel) == (before.due_at, 2, "visit")
    assert await open_tasks() == 1


async def test_a_form_that_is_too_old_ends_no_task(made: World) -> None:
    upi, now = await missed_after_a_pause(made)
    version = (await rhythm_of(upi)).version
    assert not await set_to(made, upi, version=version - 1, paused_until=(now + 9 * DAY).date(), now=now)
    assert await open_tasks() == 1
    assert await set_to(made, upi, version=version, paused_until=(now + 9 * DAY).date(), now=now)
    assert await open_tasks() == 0


async def test_who_looked_at_an_older_rhythm_changes_nothing(made: World) -> None:
    upi = await waiting(made)
    assert not await set_to(made, upi, version=4)
    assert await set_to(made, upi, version=0)
    assert not await set_to(made, upi, version=0, every_days=2)
    assert (await rhythm_of(upi)).every_days == 7


async def test_a_weekly_check_in_stays_at_its_hour_when_the_clocks_change(made: World) -> None:
    upi = await waiting(made)
    await db.execute(f"UPDATE agency SET timezone = 'America/New_York' WHERE id = {made.agency}")
    await rhythms_keep(now=NOW)
    at = datetime(2026, 3, 5, 10, 30, tzinfo=NEW_YORK).astimezone(UTC)
    await noted(made, upi, now=at)
    due = (await rhythm_of(upi)).due_at
    assert (due, due - at) == (next_due(at, 7, "America/New_York"), WEEK - HOUR)


# --- in danger (test_danger.py has the rest) ---

DANGER = Answer("call", is_reached=True, feeling=1, safety=("suicide", "violence"), note="Will stay with a friend.")


async def test_a_word_of_danger_opens_a_task_for_today_and_asks_after_the_peer(made: World) -> None:
    upi = await waiting(made)
    id = await noted(made, upi, DANGER)
    assert id is not None
    (task,) = await tasks("crisis")
    assert task["address"] == f"/clients/{upi}/check-ins/{id}/now"
    assert db.as_moment(task["due_at"]) == NOW.replace(hour=23, minute=59, second=59)
    (debrief,) = await db.rows("SELECT agency_id, person_id, check_in_id, done_at FROM debrief")
    assert tuple(debrief.values()) == (made.agency, made.peer.person, id, None)


# --- who reads it ---


async def test_what_was_said_is_for_who_reads_the_plan_and_others_see_how_often(made: World) -> None:
    upi = await waiting(made, peer=False)
    await noted(made, upi, Answer("call", is_reached=True, feeling=2, note="Slept badly."))
    mine = await check_ins_show(upi=upi, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert [(each.note, each.row.feeling) for each in mine.said] == [("Slept badly.", 2)]
    other = await check_ins_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert (other.is_reader, other.said, len(other.rows)) == (False, (), 1)


async def test_their_own_copy_has_all_of_it(made: World) -> None:
    upi = await waiting(made)
    await noted(made, upi, DANGER)
    said, _ = await check_ins_kept(client=await id_of(upi), settings=SETTINGS)
    assert [(each.note, each.safety) for each in said] == [(DANGER.note, DANGER.safety)]


# --- by the code on their card ---


async def told(made: World, upi: str, *feelings: int, now: datetime) -> None:
    """Says by the code how somebody is, all at once."""
    code = await code_issue(client=await id_of(upi), by=made.peer, now=now, settings=SETTINGS)
    session = await code_enter(typed=code, address="192.0.2.7", now=now, settings=SETTINGS)
    await asyncio.gather(
        *(check_in_by_code(session=session, feeling=each, now=now, settings=SETTINGS) for each in feelings)
    )


async def test_a_feeling_by_code_counts_once_a_day_answers_what_is_due_and_is_a_contact(made: World) -> None:
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    await told(made, upi, 4, 4, 4, 4, 4, now=NOW + WEEK)
    (row,) = await storage.of_client(await id_of(upi))
    assert (row.channel, row.feeling, row.waiting, row.by, row.due_at) == ("status", 4, "yes", "client", NOW + WEEK)
    assert [each.outcome for each in await contacts.contacts_of(row.client)] == ["still-waiting"]
    assert (await rhythm_of(upi)).due_at == NOW + 2 * WEEK
    await told(made, upi, 5, now=NOW + WEEK + DAY)
    assert len(await storage.of_client(row.client)) == 2


# --- by text ---


async def test_the_question_by_text_follows_the_rhythm_of_who_agreed_to_it(made: World) -> None:
    """47 CFR 64.1200(a)(9)(iv): three a week at the most; and only while it is not missed yet."""
    upi, call = await waiting(made), await waiting(made)
    for each in (upi, call):
        await way(await id_of(each), asks_agreed=True)
    await set_to(made, upi, channel="text", version=0)
    await set_to(made, call, channel="call", version=0)
    morning = (NOW + WEEK).replace(hour=10)
    assert [await asks_queue(now=morning + days * DAY, settings=HERE) for days in (-1, 0, 0, 1)] == [0, 1, 0, 0]
    (sent,) = await db.rows("SELECT template FROM outbox")
    assert sent["template"] == ASK
