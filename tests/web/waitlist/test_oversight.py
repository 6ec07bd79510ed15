"""The pages of oversight: what is wrong first, figures with their pictures, no name anywhere, and the same as a file."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from directory.domain.access import Role
from directory.domain.waitlist.reports import Flow, load_sheet, times_sheet
from directory.domain.waitlist.tiers import PriorityTier
from directory.services.waitlist import entries, facts
from directory.services.waitlist.oversight import REPORTS
from directory.storage import db
from directory.web.waitlist.presenters_oversight import sheet_view, tier_words
from tests import accounts
from tests.pages import words
from tests.services.waitlist import world as line_world
from tests.services.waitlist.world import NOW, World
from tests.web import world
from tests.web.test_accounts import Browser, opened

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def town(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, accounts.Staff]]:
    with new_database("sqlite", tmp_path_factory.mktemp("oversight")) as url:
        world.fill(url)
        yield url, asyncio.run(accounts.staff(url))


@pytest.fixture
def browser(town: tuple[str, accounts.Staff]) -> Iterator[Browser]:
    url, staff = town
    with opened(url, staff) as browser:
        browser.becomes(Role.OVERSIGHT)
        yield browser


def test_a_second_person_hears_from_which_group_to_which_somebody_would_go(browser: Browser) -> None:
    """WAITLIST 1.1: nobody drops a tier on the word of one."""
    made = line(browser)
    upi = waits(browser, made, 2, injecting_30d="yes")
    browser.run(_ends, made, upi)
    browser.becomes(Role.COORDINATOR)
    (card,) = [each for each in browser.page("/second-words").all("li", class_="card") if upi in str(card_links(each))]
    assert "From First by law: injected in the last 30 days To " in words(card)


def card_links(card: Element) -> list[str]:
    return [link.get("href", "") for link in card.iter("a")]


async def _ends(made: World, upi: str) -> None:
    sql = db.Sql()
    (row,) = await db.rows(f"SELECT id FROM client WHERE upi = {sql(upi)}", sql.values)
    settings = world.settings_for("sqlite://")
    await facts.fact_end(client=row["id"], code="injecting-30d", by=made.peer, now=NOW, settings=settings)


async def _waits(made: World, days: int, **facts: str) -> str:
    client = await line_world.client(made, **facts)
    await entries.entry_join(client=client, pool=made.pool, tie=0, by=made.peer, now=NOW - timedelta(days=days))
    sql = db.Sql()
    (row,) = await db.rows(f"SELECT upi FROM client WHERE id = {sql(client)}", sql.values)
    return str(row["upi"])


def line(browser: Browser) -> World:
    """A line of the agency of the staff."""
    return browser.run(line_world.made, browser.staff.here)


def waits(browser: Browser, made: World, days: int, **facts: str) -> str:
    """The number of somebody who asked so many days ago."""
    return browser.run(partial(_waits, made, days, **facts))


def test_what_is_late_stands_first_and_every_report_is_a_link(browser: Browser) -> None:
    """WAITLIST 1.9."""
    made = line(browser)
    waits(browser, made, 20, injecting_30d="yes")
    page = browser.page("/oversight")
    assert "time limits are passed now" in page.text
    assert page.text.index("time limits are passed now") < page.text.index("How long it took")
    assert {f"/oversight/{code}" for code in REPORTS} <= set(page.links().values())


def test_an_exception_is_told_by_number_group_and_how_long_and_by_no_name(browser: Browser) -> None:
    """45 CFR 96.126(b); WAITLIST 1.9, 3."""
    made = line(browser)
    upi = waits(browser, made, 20, injecting_30d="yes")
    page = browser.page(f"/oversight/exceptions?period=2026-03&line={made.pool}")
    rows = [words(row) for row in page.all("tr") if upi in words(row)]
    assert len(rows) == 2
    assert "48 hours without interim services" in rows[0]
    assert "14 days without a place" in rows[1]
    assert "a check on the day of the request that nobody had room" in rows[1]
    assert "Injects drugs" in rows[0]
    assert page.title == "Time limits that were passed"


def test_small_numbers_are_kept_back_and_the_page_says_so(browser: Browser) -> None:
    made = line(browser)
    for days in range(3):
        waits(browser, made, days)
    page = browser.page(f"/oversight/demand?period=2026&line={made.pool}")
    assert words(page.all("tr")[-1]).startswith("All kept back kept back 0 0")
    assert "Numbers from 1 to 10 are kept back" in page.text
    assert not page.all("figure", class_="chart"), "nothing to compare"


@pytest.mark.parametrize(("code", "usual"), [("outcomes", "2026"), ("demand", "2026-03")])
def test_the_outcomes_open_on_the_year_and_other_reports_on_the_month(browser: Browser, code: str, usual: str) -> None:
    (chosen,) = [
        each.get("value")
        for each in browser.page(f"/oversight/{code}").one("select", id="period").iter("option")
        if each.get("selected") is not None
    ]
    assert chosen == usual


def test_the_days_of_each_step_stand_under_its_name_which_is_said_once() -> None:
    taken = {("request-offer", tier): [1.0] * 20 if tier == 1 else [82.66] * 20 for tier in (1, 3)}
    view = sheet_view(times_sheet(taken, ("request-offer",)), UTC, {})
    (part,) = view.headed
    title, rows = part.title, part.rows
    assert title == "From the request to the first offer"
    assert [row[-1] for row in rows] == ["1 day", "82.7 days", "82.7 days"]
    assert len(view.head) == len(rows[0]) == 4


def test_where_nothing_is_kept_back_nothing_is_said_of_it_and_no_count_stands_beside_a_list(browser: Browser) -> None:
    made = line(browser)
    waits(browser, made, 20, injecting_30d="yes")
    page = browser.page(f"/oversight/exceptions?period=2026-03&line={made.pool}")
    assert "kept back" not in page.text
    assert len(page.all("table")) == 1
    assert "Slide the table sideways to see more." in page.text


def test_a_group_of_a_lines_own_rules_is_told_by_its_name_and_too_long_by_its_size() -> None:
    groups = {
        4: (PriorityTier(4, "overdose-risk", "", ("overdose-risk",)), PriorityTier(4, "own-1", "From the valley", ()))
    }
    assert tier_words(4, groups) == "High risk of an overdose and From the valley"
    sheet = load_sheet([Flow("A line", 13.0, 100, 60, 40, 900)])
    (row,) = sheet_view(sheet, UTC, {}).rows
    assert row[-1] == "Too long to come back by itself: 234 times the size at which people wait 14 days"


def test_figures_have_a_picture_that_is_labelled_directly(browser: Browser) -> None:
    made = line(browser)
    for number in range(24):
        waits(browser, made, number % 3, **({"injecting_30d": "yes"} if number % 2 else {}))
    page = browser.page(f"/oversight/demand?period=2026&line={made.pool}")
    picture = page.all("figure", class_="chart")[0]
    assert words(picture) == "Asked Injects drugs 12 All others 12"
    bars = [each for each in picture.iter() if str(each.tag).endswith("rect")]
    assert [bar.get("width") for bar in bars] == ["240.0", "240.0"]


@pytest.mark.parametrize("code", REPORTS)
def test_every_report_can_be_read_and_chosen_for_another_time(browser: Browser, code: str) -> None:
    page = browser.page(f"/oversight/{code}?period=2025-Q4")
    (form,) = [each for each in page.all("form") if each.get("action") == f"/oversight/{code}"]
    names = [each.get("name") for each in form.iter("select")]
    assert names in (["period", "line"], ["line"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_each_outcome_counts_is_one_click_away(browser: Browser, language: str) -> None:
    made, _other = line(browser), line(browser)
    for _ in range(12):
        waits(browser, made, 1)
    for chosen, links, folds in (("", 25, 14), (f"&line={made.pool}", 9, 0)):
        page = browser.page(f"/oversight/outcomes?period=2026{chosen}", language=language)
        asked = [link.get("href", "")[1:] for link in page.all("a") if link.get("href", "").startswith("#means-")]
        assert len(asked) == links, (
            "seven measures, all together and twice by groups, two of others, and of all lines the days to a place twice"
        )
        assert {words(page.one("dt", id=place)) != "" for place in asked} == {True}
        assert len(page.all("details", class_="measure")) == folds


def test_a_coordinator_sees_their_own_lines_and_those_of_no_one_else(browser: Browser) -> None:
    own, other = line(browser), browser.run(line_world.made)
    upi = waits(browser, other, 20, injecting_30d="yes")
    browser.becomes(Role.COORDINATOR)
    page = browser.page("/oversight/exceptions?period=2026")
    assert upi not in page.text
    assert browser.client.get(f"/oversight/exceptions?line={other.pool}").status_code == 404
    assert browser.client.get(f"/oversight/exceptions?line={own.pool}").status_code == 200


@pytest.mark.parametrize("address", ["/oversight/names", "/oversight/demand?line=x", "/oversight/demand?line=99999"])
def test_what_there_is_not_is_not_found(browser: Browser, address: str) -> None:
    assert browser.client.get(address).status_code == 404


def test_the_file_is_a_zip_that_nobody_keeps(browser: Browser) -> None:
    """42 CFR 2.32; WAITLIST 4.4."""
    made = line(browser)
    upi = waits(browser, made, 20, injecting_30d="yes")
    page = browser.page(f"/oversight/exceptions/file?period=2026&line={made.pool}")
    assert page.title == "Time limits that were passed"
    answer = browser.send("/oversight/exceptions/file", period="2026", line=str(made.pool))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="footbridge-exceptions-2026.zip"'
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        assert archive.namelist()[0] == "1-notice.txt"
        assert upi in archive.read("exceptions.csv").decode()


def test_with_an_old_sign_in_the_file_waits_until_it_is_given_again(browser: Browser) -> None:
    for _ in range(2):
        browser.wait(minutes=10)
        browser.page("/oversight")
    answer = browser.client.get("/oversight/demand/file")
    assert browser.is_sent_to(answer) == "/sign-in/again?next=%2Foversight%2Fdemand%2Ffile"
    assert browser.page("/oversight/demand").title == "Demand"
