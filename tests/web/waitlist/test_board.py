"""The board, the list of calls, the search and the lists from spreadsheets, as peers, coordinators and others see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from directory.domain.access import Role
from directory.domain.waitlist.board import Line, Place, Why
from directory.domain.waitlist.routes import Way
from directory.domain.waitlist.states import Entry
from directory.services.waitlist import line_imports
from directory.storage import db
from directory.storage.waitlist import contacts
from directory.web.waitlist.presenters_due import ACTIONS, GROUPS, words_of
from directory.web.waitlist.presenters_line_imports import OTHER, reason_words
from tests import accounts
from tests.accounts import NOW
from tests.pages import Page, checked, words
from tests.services.waitlist import world as line_world
from tests.services.waitlist.boards import somebody
from tests.services.waitlist.world import World
from tests.web import world
from tests.web.test_accounts import Browser, opened

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def town(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, accounts.Staff]]:
    """One site for all tests here: each has an agency of its own."""
    with new_database("sqlite", tmp_path_factory.mktemp("boards")) as url:
        world.fill(url)
        yield url, asyncio.run(accounts.staff(url))


@pytest.fixture
def browser(town: tuple[str, accounts.Staff]) -> Iterator[Browser]:
    url, staff = town
    with opened(url, staff) as browser:
        yield browser


async def _made(staff: accounts.Staff) -> World:
    """A new agency, to which the staff's peer and coordinator go over."""
    made = await line_world.made()
    peer, coordinator = (staff.people[role].id for role in (Role.PEER, Role.COORDINATOR))
    async with db.staging():
        await db.execute(f"UPDATE role_grant SET agency_id = {made.agency} WHERE person_id IN ({peer}, {coordinator})")
    return replace(
        made, peer=replace(made.peer, person=peer), coordinator=replace(made.coordinator, person=coordinator)
    )


@pytest.fixture
def made(browser: Browser) -> World:
    """An agency of the test's own, whose peer is signed in."""
    found = browser.run(_made, browser.staff)
    browser.becomes(Role.PEER)
    return found


def waits(browser: Browser, made: World, called: str, **more: Any) -> int:
    return browser.run(partial(somebody, made, called, **more))


def card(page: Page, called: str) -> str:
    return next(words(each) for each in page.all("li", class_="card") if called in words(each))


def names(page: Page) -> list[str]:
    """Everybody on the board, also beneath the title of whose people they are."""
    return [words(each) for each in page.all("h4")]


# --- the board -------------------------------------------------------------------------------------------------------


def test_each_person_stands_there_once_with_the_reason_its_moment_and_one_next_thing(
    browser: Browser, made: World
) -> None:
    """45 CFR 96.126(b): the 48 hours, and the two facts that decide between 14 and 120 days (WAITLIST 1.1)."""
    waits(browser, made, "Ana", injecting_30d="yes", consent=False)
    page = browser.page("/board")
    assert (page.title, page.cards()) == ("Your board", ["Ana"])
    said = card(page, "Ana")
    assert "Due by Wed 4 Mar, 3 pm, 48 hours after the request: 48 hours left." in said
    assert "2 more things for Ana" in said
    assert "By Mon 16 Mar, 3 pm: 14 days. It is not 120, since nobody checked on the day of the request" in said
    assert "There is none, so no opening can be offered yet." in said
    (upi,) = [row["upi"] for row in browser.run(db.rows, f"SELECT upi FROM client WHERE agency_id = {made.agency}")]
    assert page.links()["Offer these services: Ana"] == f"/clients/{upi}/interim"


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLACE = Place(1, "Detox", "America/New_York", Entry.WAITING, 9, NOW, NOW.date(), NOW.date(), 30)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Line(Why.TAKING_ON, at=NOW, is_late=True), "in no line yet. More than 48 hours have passed."),
        (Line(Why.PREGNANT, at=NOW, place=PLACE, is_late=True), "10 am, more than 48 hours ago. Goes before others."),
        (Line(Why.INTERIM, at=NOW + HOUR, place=PLACE), "Due by Mon 2 Mar, 11 am, 48 hours after the request: 1 hour left."),
        (Line(Why.INTERIM, at=NOW - HOUR, place=PLACE, is_late=True), "They were due by Mon 2 Mar, 9 am"),
        (Line(Why.ADMIT_BY, at=NOW, codes=("14-days", "interim"), is_late=True), "Was to be admitted by Mon 2 Mar, 3 pm: 14 days."),
        (Line(Why.ADMIT_LATER, at=NOW + DAY, codes=("120-days",)), "By Tue 3 Mar, 3 pm: 120 days. No program had room"),
        (Line(Why.ADMIT_BY, at=NOW, codes=("own", "72")), "By Mon 2 Mar, 3 pm. The rules of this line say 72 hours"),
        (Line(Why.OFFER, at=NOW + HOUR, place=PLACE), "The offer holds until Mon 2 Mar, 11 am (Eastern Time)."),
        (Line(Why.OFFER, at=NOW, is_late=True), "The place in line is kept."),
        (Line(Why.TO_ARRIVE, on=NOW.date() + DAY), "The place is free from Tue 3 Mar."),
        (Line(Why.TO_ARRIVE, at=NOW + DAY), "The place is free now; we ask on Tue 3 Mar, 3 pm whether they came."),
        (Line(Why.ARRIVAL, on=NOW.date()), "Said yes on Mon 2 Mar. Ask whether they came."),
        (Line(Why.CALL_ME, at=NOW - 365 * DAY, is_late=True), "Asked on Mar 2, 2025, 3 pm to be called"),
        (Line(Why.ARRIVAL, at=NOW, is_late=True), "nobody has said whether they came"),
        (Line(Why.CALL_ME, at=NOW - 2 * DAY, is_late=True), "more than a day ago"),
        (Line(Why.PUT_RIGHT, at=NOW), "They were right to appeal, as was said on Mon 2 Mar, 3 pm."),
        (Line(Why.PUT_RIGHT, at=NOW, is_late=True), "and nothing has come of it yet"),
        (Line(Why.CONTACT, at=NOW, codes=("tried",), is_late=True), "hear from you by Mon 2 Mar, 3 pm. Somebody has tried since."),
        (Line(Why.CONTACT, at=NOW, codes=("missed",), is_late=True), "An offer ended on Mon 2 Mar, 3 pm without a word"),
        (Line(Why.HOLD, on=NOW.date()), "The pause is to be looked at today."),
        (Line(Why.HOLD, on=NOW.date() - DAY, is_late=True), "The pause was to be looked at on Sun 1 Mar."),
        (Line(Why.TALK, at=NOW, codes=("2",)), "Said no to 2 offers, the last on Mon 2 Mar, 3 pm."),
        (Line(Why.ASK_AGAIN, on=NOW.date(), codes=("injecting-30d", "pregnant")), "injected in the last 30 days and pregnant"),
        (Line(Why.CONSENT, on=NOW.date(), codes=("ends",)), "It ends on Mon 2 Mar."),
        (Line(Why.CONSENT, on=NOW.date(), codes=("ended",), is_late=True), "Until there is a new one"),
    ],
)  # fmt: skip
def test_why_somebody_is_on_the_board_is_told_in_words_with_its_moment(line: Line, said: str) -> None:
    """In the time of the line that it is about."""
    assert said in words_of(line, "UTC", NOW)


def test_whose_people_and_which_reason_are_chosen_by_plain_links_and_a_plain_form(
    browser: Browser, made: World
) -> None:
    waits(browser, made, "Ana", consent=False)
    waits(browser, made, "Ben", mine=False, pregnant="yes")
    page = browser.page("/board")
    assert page.cards() == ["Ana"]
    everybody = browser.page(page.links()["Everybody of your agency"])
    assert names(everybody) == ["Ana", "Ben"]
    assert [words(each) for each in everybody.all("h2")][-2:] == ["Your people", "Others of your agency"]
    (choice,) = [each for each in everybody.all("option") if "Pregnant" in words(each)]
    assert words(choice) == "Pregnant: an opening is due at once (1)"
    assert names(browser.page(f"/board?whose=all&due={choice.get('value')}")) == ["Ben"]
    assert names(browser.page(f"/board?whose=all&line={made.pool}")) == ["Ana", "Ben"]
    assert "Nobody fits what you chose." in browser.page("/board?due=hold").text
    assert browser.page("/board?due=beer&whose=x&line=me").cards() == ["Ana"]


def test_each_group_has_a_link_with_its_number_on_top_and_all_but_the_first_five_are_folded(
    browser: Browser, made: World
) -> None:
    for number in range(7):
        waits(browser, made, f"Ana {number}", consent=False)
    waits(browser, made, "Ben", mine=False, pregnant="yes")
    page = browser.page("/board?whose=all")
    (jumps,) = page.all("nav", class_="jumps")
    found = {words(each): each.get("href", "")[1:] for each in jumps.iter("a")}
    assert "Others of your agency: Pregnant: an opening is due at once (1)" in found
    assert sum(int(each.rpartition("(")[2].rstrip(")")) for each in found) == 8
    assert all(page.one(None, id=each) is not None for each in found.values())
    folded = [each for each in page.all("details") if "2 more people" in words(each.find("summary"))]
    assert len([each for each in folded[0].iter("li") if each.get("class") == "card"]) == 2
    own = browser.page("/board?whose=mine")
    assert "Ben" not in own.text
    assert not own.all("nav", class_="jumps"), "one group needs no links"


def test_an_empty_board_says_what_to_do(browser: Browser, made: World) -> None:
    page = browser.page("/board")
    assert "Take somebody on, and they stand here" in page.text
    assert page.links()["Take somebody on"] == "/clients/new"


def test_what_is_due_has_a_card_on_the_desk_and_the_board_comes_first_in_the_menu(
    browser: Browser, made: World
) -> None:
    waits(browser, made, "Ana", consent=False)
    page = browser.page("/desk")
    assert "People with something due 1 waits" in card(page, "People with something due")
    assert next(iter(link for link in page.links() if link in ("Your board", "Desk"))) == "Your board"


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_has_a_name_and_a_next_thing(why: Why) -> None:
    assert GROUPS[why]
    text, address = ACTIONS[why]
    assert text
    assert address.startswith("/")


async def _calls_back(client: int) -> None:
    async with db.staging():
        await contacts.attempt_add(client=client, route="status", outcome="call-me", by="client", now=NOW)


def test_whoever_asks_to_be_called_stands_on_the_board_and_on_the_list_of_calls(browser: Browser, made: World) -> None:
    client = waits(browser, made, "Ana", ways=[Way("call", "555-0100", "after 6 pm", is_shared=True)])
    browser.run(_calls_back, client)
    page = browser.page("/board")
    assert "Asked on Mon 2 Mar, 3 pm to be called." in card(page, "Ana")
    paper = browser.page(page.links()["Calls for today, to print"])
    said = card(paper, "Ana")
    assert "555-0100 · safe times: after 6 pm" in said
    assert paper.links()["555-0100"] == "tel:5550100"
    assert "Others answer this phone · Leave no message" in said
    assert "Asked" not in said
    assert paper.title == "Calls for today"


@pytest.mark.parametrize("url", ["/board", "/board/calls", "/line-imports"])
def test_every_page_is_there_in_spanish(browser: Browser, made: World, url: str) -> None:
    waits(browser, made, "Ana", injecting_30d="yes", consent=False, ways=[Way("call", "555-0100")])
    browser.becomes(Role.COORDINATOR)
    assert browser.page(url, language="es").title


# --- search ----------------------------------------------------------------------------------------------------------


def test_somebody_is_found_by_a_form_that_stands_in_no_address(browser: Browser, made: World) -> None:
    waits(browser, made, "Ana", name="Ana Heron")
    answer = browser.send("/board/search", words="heron")
    page = checked(answer)
    assert page.title == "People found"
    assert "Ana Heron" in card(page, "Ana")
    assert "waiting" in card(page, "Ana")
    assert answer.headers["cache-control"] == "no-store"
    assert "heron" not in str(answer.url).lower()
    assert "heron" not in str(answer.headers).lower()


def test_nobody_is_found_and_the_page_says_what_to_try(browser: Browser, made: World) -> None:
    other = browser.run(line_world.made)
    waits(browser, other, "Ana", name="Ana Heron")
    assert "Nobody of your agency is found by this." in checked(browser.send("/board/search", words="heron")).text
    assert "Write a whole word of a name" in checked(browser.send("/board/search", words="")).text


# --- lists from spreadsheets -----------------------------------------------------------------------------------------

TABLE = b"called,name,phone,requested,note\r\nAna,Ana Heron,775-555-0100,2026-01-05,Ring twice\r\nBen Sand,,,soon,Secret\r\n"


async def _read(made: World, by: str) -> int:
    (agency,) = await db.rows(f"SELECT name FROM agency WHERE id = {made.agency}")
    (line,) = await db.rows(f"SELECT name FROM pool WHERE id = {made.pool}")
    report = await line_imports.import_read(
        stream=BytesIO(TABLE),
        file="people.csv",
        agency=agency["name"],
        line=line["name"],
        layout=None,
        by=by,
        now=NOW,
        settings=accounts.SETTINGS,
    )
    assert report.id is not None
    return report.id


def test_a_coordinator_looks_at_a_list_and_says_yes_once(browser: Browser, made: World) -> None:
    id = browser.run(_read, made, "command line: test")
    browser.becomes(Role.COORDINATOR)
    assert "Lists to put into lines 1 waits" in card(browser.page("/desk"), "Lists to put into lines")
    page = browser.page(browser.page("/line-imports").links()["people.csv"])
    assert page.title == "A list from a spreadsheet"
    for said in ("Rows read 2", "People to put in 1", "Ana line 2", "Ring twice", "Jan 5, 2026", "Secret"):
        assert said in page.text
    assert "Line 3. When they asked cannot be read as a date." in page.text
    where = browser.is_sent_to(browser.send(f"/line-imports/{id}", decision="agree"))
    assert where == f"/line-imports/{id}?done=agreed"
    assert "Its people are put in now" in browser.page(where).text
    again = browser.is_sent_to(browser.send(f"/line-imports/{id}", decision="refuse"))
    assert again == f"/line-imports/{id}?done=before"
    assert browser.run(partial(line_imports.imports_continue, now=NOW, settings=accounts.SETTINGS)) >= 1
    done = browser.page(f"/line-imports/{id}")
    assert "Its people are in their lines" in done.text
    assert "Ring twice" not in done.text
    assert "Secret" in done.text, "what was turned away can still be put right by hand"
    assert names(browser.page("/board?whose=all")) == ["Ana"]


def test_whoever_has_sent_a_list_asks_somebody_else(browser: Browser, made: World) -> None:
    id = browser.run(_read, made, made.coordinator.label)
    browser.becomes(Role.COORDINATOR)
    assert "Another coordinator of your agency has to say yes." in browser.page(f"/line-imports/{id}").text
    answer = checked(browser.send(f"/line-imports/{id}", decision="agree"))
    assert answer.response.status_code == 409
    assert "somebody else has to look at it" in answer.text


def test_a_list_of_another_agency_is_not_there(browser: Browser, made: World) -> None:
    other = browser.run(line_world.made)
    id = browser.run(_read, other, "command line: test")
    browser.becomes(Role.COORDINATOR)
    assert browser.client.get(f"/line-imports/{id}").status_code == 404
    assert browser.send(f"/line-imports/{id}", decision="agree").status_code == 404
    assert browser.send(f"/line-imports/{id}", decision="maybe").status_code == 404
    assert "people.csv" not in browser.page("/line-imports").links()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("no name; no day of the request", "It has no name. It does not say when they asked."),
        ("the same person as in line 4", "It is the same person as in line 4, who is put in."),
        ("what it says cannot be read: pregnant, sex", "Nobody said what these words of it mean: pregnant, sex."),
        ("eaten by a heron", OTHER),
    ],
)
def test_why_a_row_was_turned_away_is_told_in_words(reason: str, said: str) -> None:
    assert reason_words(reason) == said
