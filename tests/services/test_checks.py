"""Keeping listings true by asking, on both engines: what comes first, what a call does, and what a coordinator decides."""

from __future__ import annotations

import asyncio
import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from directory.domain import checks as rules
from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.corrections import Remark
from directory.domain.errors import Gone, NotFound, Settled
from directory.domain.geo import Point
from directory.domain.people import UnfitFields
from directory.services.checks import (
    CallSheet,
    DueList,
    Filters,
    check_add,
    check_review,
    check_sheet,
    checks_due,
    checks_hidden,
    checks_waiting,
    listing_confirm,
)
from directory.services.corrections import correction_add
from directory.services.credentials import new_token
from directory.services.edits import hand_value_drop, listing_edit
from directory.services.listings import data_version, listing_show
from directory.services.search import cards_show
from directory.services.tasks import tasks_list
from directory.storage import cards, db, records, tasks
from directory.storage import checks as storage
from directory.storage.encoding import to_column
from tests.accounts import agency
from tests.factories import NOW, draft, import_drafts, one_value, settings_for, world_made

PEER = Actor(1, (Grant(Role.PEER, 1),))
CORA = Actor(2, (Grant(Role.COORDINATOR, 1),))
ADMIN = Actor(4, (Grant(Role.ADMINISTRATOR),))
DAY = timedelta(days=1)
WAITS_FOR_US = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
LATER = NOW + 200 * DAY
"""When everything that came in at NOW is overdue."""


async def slug_of(key: str = "lamp") -> str:
    found = await one_value("SELECT slug FROM listing WHERE source_key = {0}", key)
    assert isinstance(found, str)
    return found


async def filled(url: str, *keys: str, **more: Any) -> list[str]:
    """The slugs of listings with these keys, which are there from now on."""
    await world_made()
    await import_drafts(url, [draft(key, name=f"{key.title()} Group", **more) for key in keys])
    return [await slug_of(key) for key in keys]


async def due(
    url: str, now: datetime = LATER, *, by: Actor = PEER, page: int = 1, per_page: int = 25, **asked: Any
) -> DueList:
    given = {"by": by, "page": page, "per_page": per_page, "now": now, "settings": settings_for(url)}
    return await checks_due(filters=Filters(**asked), **given)


async def names(url: str, now: datetime = LATER, **asked: Any) -> list[str]:
    return [line.card.name for line in (await due(url, now, **asked)).lines]


async def version_of(slug: str) -> int:
    return int(await one_value("SELECT version FROM listing WHERE slug = {0}", slug))


async def note(slug: str, outcome: str, now: datetime, by: Actor = PEER, words: str = "") -> None:
    given = {"form": new_token(), "version": await version_of(slug), "by": by, "now": now}
    assert await check_add(slug=slug, outcome=outcome, note=words, **given)


async def review(
    url: str, slug: str, decision: str, now: datetime, by: Actor = CORA, form: str = "", seen: CallSheet | None = None
) -> bool:
    """Decides by the sheet that somebody has `seen`: the present one."""
    settings = settings_for(url)
    seen = seen or await check_sheet(slug=slug, by=CORA, now=now, settings=settings)
    given = {"form": form or new_token(), "version": seen.detail.card.version, "last": seen.last}
    return await check_review(slug=slug, decision=decision, note="", by=by, now=now, settings=settings, **given)


# --- the list --------------------------------------------------------------------------------------------------------


async def test_what_has_just_come_in_is_due_when_its_time_is_over_and_not_before(database: str) -> None:
    await filled(database, "lamp")
    assert (await due(database, NOW + 179 * DAY)).total == 0
    assert (await names(database, NOW + 180 * DAY)) == ["Lamp Group"]


async def test_what_its_source_confirmed_lately_is_not_due(database: str) -> None:
    await filled(database, "lamp", verified_on=LATER.date() - 10 * DAY)
    assert await names(database) == []


async def test_an_open_report_brings_a_listing_up_at_once_and_says_so(database: str) -> None:
    lamp, _ = await filled(database, "lamp", "reed")
    await correction_add(slug=lamp, remark=Remark("phone"), now=NOW)
    (line,) = (await due(database, NOW)).lines
    assert (line.card.slug, line.due.risk.reasons) == (lamp, ("reported",))


async def test_what_is_closed_or_taken_out_is_not_due(database: str) -> None:
    lamp, reed = await filled(database, "lamp", "reed")
    await import_drafts(database, [draft("lamp", name="Lamp Group")])
    assert await names(database) == ["Lamp Group"]
    await review(database, lamp, "hidden", NOW)
    assert await names(database) == []
    with pytest.raises(Gone):
        await note(reed, "confirmed", NOW)


async def test_the_database_sums_up_the_risk_as_the_rule_does(database: str) -> None:
    rng = random.Random(5)
    kinds = ("meeting", "treatment", "housing", "food", "crisis")
    await world_made()
    await import_drafts(
        database,
        [
            draft(
                f"k{number}",
                kind=rng.choice(kinds),
                verified_on=date(2025, rng.randint(1, 12), 3) if number % 2 else None,
            )
            for number in range(30)
        ],
    )
    for row in await db.rows("SELECT id, slug FROM listing"):
        for number in range(rng.choice((0, 0, 1, 6))):
            await correction_add(slug=row["slug"], remark=Remark("other", f"wrong {number}"), now=NOW)
        if rng.random() < 0.5:
            values = (row["id"], rng.uniform(0, 90), to_column(NOW))
            await db.insert_many("listing_use", ("id", "opened", "at"), [values])
    found, total = await storage.due(storage.Wanted(limit=100), LATER)
    assert total == len(found) == 30
    scores = [each.risk.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 10


async def test_the_list_comes_in_pages_without_loss_or_double(database: str) -> None:
    await filled(database, *(f"k{number}" for number in range(7)))
    pages = [await names(database, page=page, per_page=3) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({name for page in pages for name in page}) == 7


async def test_the_list_can_be_of_a_kind_a_place_or_an_agency(database: str) -> None:
    home = await agency("Reed House", "treatment")
    await world_made()
    await import_drafts(database, [draft("lamp"), draft("beds", kind="housing", name="Beds")])
    away = draft("away", name="Away", point=Point(41.9, -87.7), city="Lakebend", state="IL", postal_code="60699")
    await import_drafts(database, [away], source="other")
    async with db.staging():
        await db.execute(f"UPDATE source SET agency_id = {home} WHERE name = 'other'")
    assert await names(database, kinds=("housing",)) == ["Beds"]
    assert sorted(await names(database, near="Saltmarsh, PA")) == ["Beds", "Quiet Lamp Group"]
    assert await names(database, agency=home) == ["Away"]
    async with db.staging():  # a claim on the listing itself goes before what its source says
        listing = await one_value("SELECT id FROM listing WHERE source_key = {0}", "away")
        other = await agency("Far House", "treatment")
        columns = ("agency_id", "listing_id", "status", "asked_by", "asked_at")
        await db.insert_many("claim", columns, [(other, listing, "approved", "person 9", to_column(NOW))])
    assert await names(database, agency=home) == []
    assert await names(database, agency=other) == ["Away"]


async def test_only_who_checks_listings_sees_the_list_and_how_long_it_is(database: str) -> None:
    await filled(database, "lamp")
    with pytest.raises(Denied):
        await due(database, by=ADMIN)
    assert await checks_waiting(by=PEER, now=LATER) == 1
    assert await checks_waiting(by=ADMIN, now=LATER) == 0


async def test_how_many_are_due_is_counted_again_after_a_minute_or_when_somebody_has_written(database: str) -> None:
    (lamp, _) = await filled(database, "lamp", "reed")
    assert await checks_waiting(by=PEER, now=LATER) == 2
    async with db.staging():  # as another process would
        await db.execute(f"UPDATE listing SET verified_on = '{LATER.date()}' WHERE slug <> '{lamp}'")
    assert await checks_waiting(by=PEER, now=LATER + timedelta(seconds=59)) == 2
    assert await checks_waiting(by=PEER, now=LATER + timedelta(seconds=60)) == 1
    await note(lamp, "confirmed", LATER)
    assert await checks_waiting(by=PEER, now=LATER + timedelta(seconds=61)) == 0


# --- a call ----------------------------------------------------------------------------------------------------------


async def test_a_confirmed_listing_is_checked_today_everywhere_at_once_and_the_next_import_leaves_it_so(
    database: str,
) -> None:
    (slug,) = await filled(database, "lamp", fees="none")
    id, settings = int(await one_value("SELECT id FROM listing")), settings_for(database)
    (before,) = await cards_show(ids=[id], now=LATER, zone="UTC")
    version = await data_version()
    await note(slug, "confirmed", LATER)
    assert await data_version() > version
    (card,) = await cards_show(ids=[id], now=LATER, zone="UTC")
    assert (before.checked_on, card.checked_on) == (None, LATER.date())
    assert card.stamp != before.stamp
    assert await names(database) == []
    report = await import_drafts(database, [draft("lamp", name="Lamp Group", fees="five dollars")])
    assert report.changed == 1
    detail = await listing_show(slug=slug, now=LATER, settings=settings)
    assert (detail.fees, detail.card.checked_on) == ("five dollars", LATER.date())


async def test_a_call_is_written_down_with_who_and_audited(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "confirmed", NOW, words=" They answer at night too. ")
    sheet = await check_sheet(slug=slug, by=PEER, now=NOW, settings=settings_for(database))
    (check,) = sheet.past
    assert (check.outcome, check.note, check.by, check.via) == (
        "confirmed",
        "They answer at night too.",
        "person 1",
        "phone",
    )
    (entry,) = await db.rows("SELECT * FROM audit_entry WHERE action = 'listing-checked'")
    assert (entry["by"], entry["subject"]) == ("person 1", f"listing {slug}")


async def test_the_same_form_twice_is_one_call(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    form, given = new_token(), {"slug": slug, "outcome": "no-answer", "note": "", "by": PEER, "now": NOW}
    assert await check_add(form=form, **given) is not None
    assert await check_add(form=form, **given) is None
    assert await one_value("SELECT COUNT(*) FROM listing_check") == 1


async def test_what_has_changed_is_not_checked_before_it_is_put_right(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "changed", LATER)
    assert await one_value("SELECT confirmed_at FROM listing") is None
    assert await names(database, LATER + timedelta(hours=1)) == []
    assert await names(database, LATER + DAY) == ["Lamp Group"]
    await correction_add(slug=slug, remark=Remark("hours"), now=LATER)
    assert await names(database, LATER + timedelta(hours=1)) == ["Lamp Group"], "a report does not rest"


async def test_a_number_that_does_not_work_asks_a_coordinator_at_once(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "no-number", LATER)
    (task,), _ = await tasks_list(by=CORA, now=LATER)
    assert (task.kind, task.address) == ("check-review", f"/checks/{slug}")
    assert await names(database, LATER + 9 * DAY) == []


async def test_three_calls_in_vain_over_two_days_ask_a_coordinator_and_an_answer_takes_that_back(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    for hours in (0, 13, 49):
        assert (await tasks_list(by=CORA, now=LATER))[0] == []
        await note(slug, "no-answer", LATER + timedelta(hours=hours))
    (task,), _ = await tasks_list(by=CORA, now=LATER)
    assert (task.kind, task.address, task.words) == ("check-review", f"/checks/{slug}", {"name": "Lamp Group"})
    assert await names(database, LATER + 9 * DAY) == [], "it waits for a coordinator"
    await note(slug, "confirmed", LATER + 9 * DAY)
    waiting, (task,) = await tasks_list(by=CORA, now=LATER)
    assert (waiting, task.done_by) == ([], "person 1"), "it did not go away by itself"


async def test_three_calls_in_one_afternoon_are_not_enough(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    for hours in (0, 1, 2):
        await note(slug, "no-answer", LATER + timedelta(hours=hours))
    assert (await tasks_list(by=CORA, now=LATER))[0] == []
    (check, *_) = (await storage.of([1]))[1]
    assert check.tries == 1, "who is out at noon is out an hour later"


async def test_what_nobody_answered_rests_for_half_a_day(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "no-answer", LATER)
    assert await names(database, LATER + timedelta(hours=11)) == []
    (line,) = (await due(database, LATER + timedelta(hours=13))).lines
    assert [check.outcome for check in line.past] == ["no-answer"]


async def test_a_call_that_cannot_be_noted_says_what_is_missing(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    given = {"slug": slug, "form": new_token(), "by": PEER, "now": NOW}
    with pytest.raises(UnfitFields) as error:
        await check_add(outcome="hidden", note="x" * (rules.LONGEST_NOTE + 1), **given)
    assert [problem.field for problem in error.value.problems] == ["outcome", "note"]
    with pytest.raises(NotFound):
        await check_add(outcome="closed", note="", **given | {"slug": "never-was"})
    with pytest.raises(Denied):
        await check_add(outcome="closed", note="", **given | {"by": ADMIN})


# --- the review ------------------------------------------------------------------------------------------------------


async def test_a_listing_said_to_be_closed_is_hidden_by_a_coordinator_and_can_be_shown_again(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "closed", LATER)
    with pytest.raises(Denied):
        await review(database, slug, "hidden", LATER, by=PEER)
    assert await review(database, slug, "hidden", LATER)
    assert await one_value("SELECT status FROM listing") == "inactive"
    assert await one_value("SELECT COUNT(*) FROM search_row") == 0
    assert (await tasks_list(by=CORA, now=LATER))[0] == []
    await import_drafts(database, [draft("lamp", name="Lamp Group", fees="new")])
    assert await one_value("SELECT status FROM listing") == "inactive", "an import keeps it hidden"
    assert (await check_sheet(slug=slug, by=CORA, now=LATER, settings=settings_for(database))).is_hidden
    listed = {"by": CORA, "now": LATER, "settings": settings_for(database)}
    assert [line.card.name for line in (await checks_hidden(**listed)).lines] == ["Lamp Group"]
    assert (await listing_show(slug=slug, now=LATER, settings=settings_for(database))).hidden == "closed"
    assert await review(database, slug, "shown", LATER + DAY)
    assert await one_value("SELECT status FROM listing") == "active"
    assert (await checks_hidden(**listed)).total == 0
    with pytest.raises(Denied):
        await checks_hidden(**listed | {"by": ADMIN})
    rows = await db.rows("SELECT action, by FROM audit_entry WHERE action = 'listing-reviewed' ORDER BY id")
    assert [row["by"] for row in rows] == ["person 2", "person 2"]


async def test_who_did_not_answer_three_times_is_hidden_by_a_coordinator_and_nothing_is_deleted(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    for hours in (0, 13, 49):
        await note(slug, "no-answer", LATER + timedelta(hours=hours))
    after = LATER + 3 * DAY
    assert await one_value("SELECT status FROM listing") == "active", "no number of calls hides anything by itself"
    assert await review(database, slug, "hidden", after)
    shown = await listing_show(slug=slug, now=after, settings=settings_for(database))
    assert (shown.card.status, shown.hidden) == ("inactive", "no-answer")
    assert await one_value("SELECT COUNT(*) FROM listing_check") == 4


async def test_a_listing_that_is_kept_comes_back_in_a_month(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "closed", LATER)
    assert await review(database, slug, "kept", LATER)
    assert await one_value("SELECT status FROM listing") == "active"
    assert await names(database, LATER + 29 * DAY) == []
    assert await names(database, LATER + 31 * DAY) == ["Lamp Group"]


async def test_the_same_decision_twice_is_one(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "closed", LATER)
    form = new_token()
    assert await review(database, slug, "hidden", LATER, form=form)
    assert not await review(database, slug, "hidden", LATER, form=form)


async def renamed(url: str, slug: str) -> None:
    """Somebody sets another name."""
    given = {"by": "person 9", "reason": None, "clock": lambda: LATER, "settings": settings_for(url)}
    await listing_edit(slug=slug, values={"name": "Other Lamp"}, **given)


@pytest.mark.parametrize(("first", "second"), [("hidden", "kept"), ("kept", "hidden"), ("hidden", "hidden")])
async def test_of_two_who_decide_at_once_the_second_is_told_and_what_the_first_did_stands(
    database: str, first: str, second: str
) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "closed", LATER)
    seen = await check_sheet(slug=slug, by=CORA, now=LATER, settings=settings_for(database))
    assert await review(database, slug, first, LATER, seen=seen)
    with pytest.raises(Settled):
        await review(database, slug, second, LATER, seen=seen)
    found = await check_sheet(slug=slug, by=CORA, now=LATER, settings=settings_for(database))
    assert [check.outcome for check in found.past] == [first, "closed"]
    assert found.is_hidden is (first == "hidden")


async def test_a_decision_about_words_that_have_changed_since_is_not_taken(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "closed", LATER)
    seen = await check_sheet(slug=slug, by=CORA, now=LATER, settings=settings_for(database))
    await renamed(database, slug)
    with pytest.raises(Settled):
        await review(database, slug, "hidden", LATER, seen=seen)
    assert await one_value("SELECT status FROM listing") == "active"


async def test_what_is_hidden_by_hand_can_be_shown_again_whatever_was_noted_since_and_only_while_it_is(
    database: str,
) -> None:
    (slug,) = await filled(database, "lamp")
    await review(database, slug, "hidden", LATER)
    await note(slug, "no-answer", LATER)
    assert await review(database, slug, "shown", LATER)
    assert await one_value("SELECT status FROM listing") == "active"
    await review(database, slug, "hidden", LATER)
    given = {"by": "person 9", "clock": lambda: LATER, "settings": settings_for(database)}
    await hand_value_drop(slug=slug, field="status", **given)
    with pytest.raises(Settled):
        await review(database, slug, "shown", LATER)


async def test_nobody_confirms_words_that_they_have_not_seen(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    seen = await version_of(slug)
    await renamed(database, slug)
    for version in (seen, None):
        given = {"slug": slug, "version": version, "by": PEER, "now": LATER}
        with pytest.raises(Settled):
            await check_add(outcome="confirmed", note="", form=new_token(), **given)
        with pytest.raises(Settled):
            await listing_confirm(**given)
        assert await check_add(outcome="no-answer", note="", form=new_token(), **given), "this says nothing of them"
    assert await one_value("SELECT confirmed_at FROM listing") is None


async def somebody_waits() -> None:
    """Until another transaction waits for this one."""
    for _ in range(1000):
        if await db.rows(WAITS_FOR_US):
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits")


@pytest.mark.parametrize("engine", ["postgres"])
async def test_a_review_and_somebody_who_ticks_its_task_off_do_not_wait_for_each_other(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await note(slug, "closed", LATER)
    (task,), _ = await tasks_list(by=CORA, now=LATER)
    sheet = await check_sheet(slug=slug, by=CORA, now=LATER, settings=settings_for(database))
    holds, done = asyncio.Event(), {"by": "person 9", "note": None, "now": LATER}

    async def ticked_off() -> None:
        async with db.staging():
            await tasks.finish({"id": task.id}, **done)
            holds.set()
            await somebody_waits()
            await records.audit(at=LATER, by="person 9", action="task-done", subject="task", details={})

    async def reviewed() -> None:
        await holds.wait()
        await review(database, slug, "hidden", LATER, seen=sheet)

    async with asyncio.timeout(20):
        await asyncio.gather(ticked_off(), reviewed())
    assert await one_value("SELECT status FROM listing") == "inactive"
    assert await one_value("SELECT done_by FROM task") == "person 9"


# --- "Is this still right?" ------------------------------------------------------------------------------------------


async def test_an_editor_confirms_what_is_their_agencys_and_nothing_else(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    home = await agency("Reed House", "treatment")
    editor = Actor(3, (Grant(Role.EDITOR, home),))
    with pytest.raises(Denied):
        await listing_confirm(slug=slug, version=1, by=editor, now=LATER)
    async with db.staging():
        await db.execute(f"UPDATE source SET agency_id = {home}")
    for seconds in (0, 1):  # a double tap
        await listing_confirm(slug=slug, version=1, by=editor, now=LATER + timedelta(seconds=seconds))
    (check,) = (await storage.of([1]))[1]
    assert (check.outcome, check.via, check.by) == ("confirmed", "desk", "person 3")
    assert (await cards.cards([1], LATER))[1].confirmed_on == LATER.date()


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_calls_noted_at_once_none_is_lost_and_each_is_counted(database: str) -> None:
    (slug,) = await filled(database, "lamp")
    await asyncio.gather(*(note(slug, "no-answer", LATER) for _ in range(5)))
    assert [check.tries for check in (await storage.of([1]))[1]] == [1] * 5, "all at once are one try"
