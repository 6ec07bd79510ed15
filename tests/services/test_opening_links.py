from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from directory.domain.access import Role
from directory.domain.openings import Level, ReportedSince
from directory.domain.people import DeadLink, UnfitFields
from directory.services.opening_links import opening_link_report, opening_link_show, reminders_queue
from directory.services.people import person_disable
from directory.services.work import Outcome, work_once
from directory.settings import CONSOLE, Settings
from directory.storage import db
from directory.storage import openings as storage
from tests import accounts, agencies
from tests.factories import one_value, settings_for
from tests.openings import NOW, level, numbers, reported
from tests.services.test_openings import house

HOUR = timedelta(hours=1)


def posting(database: str) -> Settings:
    return settings_for(database, smtp_url=CONSOLE, base_url="https://help.example.org")


async def with_editor(database: str, email: str = "ana@example.org", **given: Any) -> Level:
    """A level that was reported on now, of an agency with one editor."""
    agency = await accounts.agency()
    await accounts.joined(Role.EDITOR, agency, email)
    here = await level(agency, await house(database), **given)
    await reported(here)
    return here


async def ask(database: str, hours: float = 20) -> int:
    return await reminders_queue(now=NOW + hours * HOUR, settings=posting(database))


async def letters() -> list[dict[str, Any]]:
    found = await db.rows(
        "SELECT recipient, language, words, good_until FROM outbox WHERE template = 'openings-reminder' ORDER BY id"
    )
    return [{**row, **db.from_json(row["words"]), "good_until": db.as_moment(row["good_until"])} for row in found]


async def token(database: str, hours: float = 20) -> str:
    """That of the last letter, which goes out so many hours after the report."""
    assert await ask(database, hours)
    return str((await letters())[-1]["link"].rpartition("/")[2])


async def latest(here: Level) -> Any:
    found = await storage.level(here.id)
    assert found is not None
    assert found.latest is not None
    return found.latest


async def test_an_editor_is_asked_once_at_20_and_once_at_68_hours_for_each_report(database: str) -> None:
    here = await with_editor(database)
    assert [await ask(database, hours) for hours in (0, 19.9, 20, 21, 67.9, 68, 70, 167)] == [0, 0, 1, 0, 0, 1, 0, 0]
    await reported(here, now=NOW + 70 * HOUR)
    assert [await ask(database, hours) for hours in (71, 90, 91)] == [0, 1, 0]
    sent = await letters()
    assert [each["recipient"] for each in sent] == ["ana@example.org"] * 3
    assert [each["good_until"] for each in sent] == [NOW + hours * HOUR for hours in (44, 92, 114)]
    assert len({each["link"] for each in sent}) == 3
    assert all(each["link"].startswith("https://help.example.org/openings/report/") for each in sent)


async def test_every_editor_of_the_agency_is_asked_in_their_language_and_nobody_else(database: str) -> None:
    here = await with_editor(database)
    await accounts.joined(Role.EDITOR, here.agency, "eva@example.org")
    await accounts.joined(Role.PEER, here.agency, "peer@example.org")
    await accounts.joined(Role.EDITOR, await accounts.agency("Farshore House"), "far@example.org")
    gone = await accounts.joined(Role.EDITOR, here.agency, "gone@example.org")
    await person_disable(by="test", email=gone.email, now=NOW)
    await accounts.invited(Role.EDITOR, here.agency, "invited@example.org")
    await db.execute("UPDATE person SET language = 'es' WHERE email = 'eva@example.org'")
    assert await ask(database) == 2
    assert [(each["recipient"], each["language"]) for each in await letters()] == [
        ("ana@example.org", "en"),
        ("eva@example.org", "es"),
    ]


@pytest.mark.parametrize(
    "why",
    [
        "no reminders",
        "level closed",
        "program closed",
        "agency closed",
        "listing given away",
        "never reported",
        "no mail",
    ],
)
async def test_nobody_is_asked_where_it_is_not_wanted_or_cannot_be(database: str, why: str) -> None:
    here = await with_editor(database, reminders=why != "no reminders")
    if why == "listing given away":
        await agencies.claimed(await accounts.agency("Farshore House"), here.slug, approved=True)
    statement = {
        "agency closed": "UPDATE agency SET closed_at = created_at",
        "level closed": "UPDATE program_level SET closed_at = created_at",
        "program closed": "UPDATE program SET closed_at = created_at",
        "never reported": "DELETE FROM capacity_report",
    }.get(why)
    if statement:
        await db.execute(statement)
    settings = settings_for(database) if why == "no mail" else posting(database)
    assert await reminders_queue(now=NOW + 20 * HOUR, settings=settings) == 0
    assert here.latest is None


async def test_the_work_that_falls_due_asks_and_sends_the_letter(database: str) -> None:
    await with_editor(database)
    done = await work_once(clock=lambda: NOW + 20 * HOUR, settings=posting(database))
    assert Outcome("ask-for-openings", 1) in done
    assert await one_value("SELECT COUNT(*) FROM outbox WHERE template = 'openings-reminder' AND state = 'sent'") == 1


@pytest.mark.parametrize("engine", ["postgres"])
async def test_several_processes_that_ask_at_once_send_one_letter_with_a_link_that_works(database: str) -> None:
    await with_editor(database)
    found = await asyncio.gather(*(ask(database) for _ in range(6)))
    assert sorted(found) == [0] * 5 + [1]
    assert await one_value("SELECT COUNT(*) FROM link WHERE purpose = 'openings'") == 1
    (letter,) = await letters()
    shown = await opening_link_show(token=letter["link"].rpartition("/")[2], now=NOW + 20 * HOUR)
    assert not shown.is_told


# --- the link --------------------------------------------------------------------------------------------------------


async def test_looking_uses_nothing_up_and_an_answer_does(database: str) -> None:
    here = await with_editor(database)
    secret, then = await token(database), NOW + 21 * HOUR
    for _ in range(3):
        shown = await opening_link_show(token=secret, now=then)
        assert (shown.level.id, shown.is_told) == (here.id, False)
    await opening_link_report(token=secret, numbers=None, now=then)
    told = await latest(here)
    assert (told.as_of, told.via, told.numbers) == (then, "link", numbers())
    for numbers_again in (None, numbers(5)):
        with pytest.raises(DeadLink):
            await opening_link_report(token=secret, numbers=numbers_again, now=then)
    with pytest.raises(DeadLink):
        await opening_link_show(token=secret, now=then)
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 2


async def test_an_answer_by_the_link_is_the_editors_own(database: str) -> None:
    here = await with_editor(database)
    await opening_link_report(token=await token(database), numbers=numbers(4), now=NOW + 21 * HOUR)
    person = await one_value("SELECT id FROM person WHERE email = 'ana@example.org'")
    told = await latest(here)
    assert (told.by, told.numbers.available) == (f"person {person}", 4)


async def test_the_note_for_those_who_work_there_is_as_it_was_after_an_answer_by_the_link(database: str) -> None:
    here = await with_editor(database)
    await reported(here, numbers(1, note="Ring twice."))
    secret, then = await token(database), NOW + 21 * HOUR
    await opening_link_report(token=secret, numbers=numbers(4, note="Over the fence."), now=then)
    told = await latest(here)
    assert (told.numbers.available, told.numbers.note) == (4, "Ring twice.")


async def test_a_link_ends_after_a_day(database: str) -> None:
    await with_editor(database)
    secret = await token(database)
    assert await opening_link_show(token=secret, now=NOW + 43.9 * HOUR)
    with pytest.raises(DeadLink):
        await opening_link_show(token=secret, now=NOW + 44 * HOUR)
    with pytest.raises(DeadLink):
        await opening_link_report(token=secret, numbers=None, now=NOW + 44 * HOUR)


async def test_who_comes_second_is_shown_what_the_first_has_said_and_writes_nothing(database: str) -> None:
    here = await with_editor(database)
    secret, then = await token(database), NOW + 21 * HOUR
    await reported(here, numbers(1), now=then)
    assert (await opening_link_show(token=secret, now=then)).is_told
    with pytest.raises(ReportedSince):
        await opening_link_report(token=secret, numbers=numbers(7), now=then)
    assert (await latest(here)).numbers.available == 1


async def test_what_cannot_be_taken_leaves_the_link_good(database: str) -> None:
    here = await with_editor(database)
    secret, then = await token(database), NOW + 21 * HOUR
    with pytest.raises(UnfitFields):
        await opening_link_report(token=secret, numbers=numbers(11), now=then)
    with pytest.raises(UnfitFields):
        await opening_link_report(token=secret, numbers=numbers(), as_of=NOW - HOUR, now=then)
    await opening_link_report(token=secret, numbers=numbers(9), now=then)
    assert (await latest(here)).numbers.available == 9


@pytest.mark.parametrize(
    "why", ["role ended", "account closed", "level closed", "agency changed", "agency closed", "listing given away"]
)
async def test_a_link_is_no_good_to_who_may_not_report_any_more(database: str, why: str) -> None:
    here = await with_editor(database)
    secret = await token(database)
    other = await accounts.agency("Farshore House")
    if why == "account closed":
        await person_disable(by="test", email="ana@example.org", now=NOW)
    elif why == "listing given away":
        await agencies.claimed(other, here.slug, approved=True)
    else:
        statement = {
            "role ended": "UPDATE role_grant SET ended_at = granted_at",
            "level closed": "UPDATE program_level SET closed_at = created_at",
            "agency closed": f"UPDATE agency SET closed_at = created_at WHERE id = {here.agency}",
            "agency changed": f"UPDATE program SET agency_id = {other}",
        }[why]
        await db.execute(statement)
    with pytest.raises(DeadLink):
        await opening_link_show(token=secret, now=NOW + 21 * HOUR)
    with pytest.raises(DeadLink):
        await opening_link_report(token=secret, numbers=None, now=NOW + 21 * HOUR)
    assert here.latest is None
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 1


@pytest.mark.parametrize("engine", ["postgres"])
async def test_a_link_that_is_sent_twenty_times_at_once_is_taken_once(database: str) -> None:
    await with_editor(database)
    secret = await token(database)
    tries = (opening_link_report(token=secret, numbers=numbers(n % 9), now=NOW + 21 * HOUR) for n in range(20))
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, int) for each in found) == 1
    assert sum(isinstance(each, DeadLink) for each in found) == 19
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 2
