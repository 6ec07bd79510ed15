"""The pages of openings, as an agency's editor, a clerk with a link, a peer, a coordinator and a visitor see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from directory.domain.access import Role
from directory.domain.openings import Level
from directory.services.opening_links import reminders_queue
from directory.settings import CONSOLE
from directory.storage import db
from directory.storage import openings as storage
from tests import accounts, openings
from tests.accounts import NOW
from tests.openings import numbers, reported
from tests.pages import Page, checked, get_page, words
from tests.web import world
from tests.web.test_accounts import Browser, opened

HOUR = timedelta(hours=1)
programs = count(1)


@pytest.fixture(scope="module")
def town(
    new_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, accounts.Staff]]:
    """One site for all tests here: each has a program of its own. The clinic of the world has what is reported, and a telephone."""
    phone = world.CLINIC.phones or world.SHELTER.phones
    drafts = [replace(each, phones=each.phones or phone) for each in world.DRAFTS]
    with new_database("sqlite", tmp_path_factory.mktemp("openings")) as url:
        world.fill(url, drafts)
        yield url, asyncio.run(accounts.staff(url))


@pytest.fixture
def browser(town: tuple[str, accounts.Staff]) -> Iterator[Browser]:
    url, staff = town
    with opened(url, staff, base_url=world.HOST) as browser:
        browser.becomes(Role.EDITOR)
        yield browser


async def _clinic() -> str:
    (row,) = await db.rows("SELECT slug FROM listing WHERE name = 'Far Shore Clinic'")
    return str(row["slug"])


async def _level(agency: int, given: dict[str, Any], report: dict[str, Any] | None) -> Level:
    here = await openings.level(agency, await _clinic(), program=f"House {next(programs)}", **given)
    if report is not None:
        hours = report.pop("hours", 3)
        await reported(here, numbers(**report), now=NOW - hours * HOUR)
    return await _now(here.id)


async def _now(id: int) -> Level:
    found = await storage.level(id)
    assert found is not None
    return found


def level(browser: Browser, report: dict[str, Any] | None = None, **given: Any) -> Level:
    """A level of the editor's agency at the clinic, and what was reported of it three hours ago."""
    return browser.run(_level, browser.staff.here, given, report)


async def _report(here: Level, available: int, occupied: int | None, note: str | None) -> int:
    return await reported(here, numbers(available, occupied=occupied, note=note), now=NOW)


def since(
    browser: Browser, here: Level, available: int = 1, occupied: int | None = None, note: str | None = None
) -> int:
    """What somebody else reports of it now."""
    return browser.run(_report, here, available, occupied, note)


def now_of(browser: Browser, here: Level) -> Level:
    return browser.run(_now, here.id)


def card(page: Page, here: Level) -> str:
    return words(page.one("li", id=f"level-{here.id}"))


def sent_back(page: Page, address: str) -> dict[str, str]:
    """What a browser would send of the form with this address as it stands there."""
    form = next(each for each in page.all("form") if each.get("action") == address)
    found = {
        each.get("name", ""): each.get("value", "")
        for each in form.iter("input")
        if each.get("name") and (each.get("type") not in ("checkbox", "radio") or each.get("checked") is not None)
    }
    for each in form.iter("select"):
        found[each.get("name", "")] = next(
            (o.get("value", "") for o in each.iter("option") if "selected" in o.attrib), ""
        )
    return found | {each.get("name", ""): each.text or "" for each in form.iter("textarea")}


def told(browser: Browser, answer: Response) -> str:
    return browser.is_sent_to(answer)


# --- the desk --------------------------------------------------------------------------------------------------------


def test_an_editor_sees_each_level_with_its_numbers_and_age_and_says_the_same_in_one_tap(browser: Browser) -> None:
    here = level(browser, {"available": 2, "hours": 30, "sex": "women"}, name="Women's beds")
    page = browser.page("/desk/openings")
    assert "Reported 1 day ago by the agency; visitors are told to call first" in card(page, here)
    assert "Openings now 2" in card(page, here)
    assert "Women only" in card(page, here)
    assert "Occupied" not in card(page, here)
    address = f"/desk/openings/{here.id}/same"
    form = sent_back(page, address)
    assert told(browser, browser.send(address, **form)) == "/desk/openings?done=told"
    assert told(browser, browser.send(address, **form)) == "/desk/openings?done=before"
    page = browser.page("/desk/openings?done=told")
    assert "Thank you" in page.text
    assert "Reported just now by the agency" in card(page, here)
    assert now_of(browser, here).seen != here.seen


def test_a_tap_on_a_page_that_is_out_of_date_changes_nothing_and_says_so(browser: Browser) -> None:
    here = level(browser, {"available": 2})
    address = f"/desk/openings/{here.id}/same"
    form = sent_back(browser.page("/desk/openings"), address)
    newer = since(browser, here)
    assert told(browser, browser.send(address, **form)) == "/desk/openings?done=newer"
    assert "nothing of them was changed" in browser.page("/desk/openings?done=newer").text
    assert now_of(browser, here).seen == newer


def test_the_form_begins_with_the_latest_values_and_what_is_sent_is_what_visitors_see(browser: Browser) -> None:
    here = level(browser, {"available": 2, "pay": ("medicaid",), "languages": ("en", "tl"), "note": "Ring twice."})
    address = f"/desk/openings/{here.id}"
    page = browser.page(address)
    form = sent_back(page, address)
    assert (form["staffed"], form["available"], form["occupied"], form["note"]) == ("10", "2", "", "Ring twice.")
    ticked = [each.get("value") for each in page.all("input", type="checkbox") if "checked" in each.attrib]
    assert ticked == ["medicaid", "en", "tl"]
    form |= {"available": "3", "occupied": "6", "held": "1", "accepting": "assess", "sex": "women", "youngest": "18"}
    assert told(browser, browser.send(address, **form)) == "/desk/openings?done=told"
    visitor = get_page(browser.client, f"/listings/{here.slug}")
    assert "3 beds open, reported just now" in visitor.text
    for words_ in (
        "Women only",
        "Age 18 and older",
        "Seeing people first",
        "Not known: Medication, Wheelchair, Children",
    ):
        assert words_ in visitor.text
    assert "Ring twice" not in visitor.text


def test_numbers_that_do_not_add_up_come_back_with_the_sum_and_all_that_was_typed(browser: Browser) -> None:
    here = level(browser, {"available": 2})
    address = f"/desk/openings/{here.id}"
    form = sent_back(browser.page(address), address) | {
        "available": "4",
        "occupied": "7",
        "held": "1",
        "note": "Try us",
    }
    page = checked(browser.send(address, **form))
    assert page.response.status_code == 422
    assert "4 cannot be open: 10 staffed less 7 occupied and 1 held leaves 2." in page.text
    back = sent_back(page, address)
    assert {name: back[name] for name in ("available", "occupied", "note", "seen", "once")} == {
        name: form[name] for name in ("available", "occupied", "note", "seen", "once")
    }
    assert told(browser, browser.send(address, **back | {"available": "2"})) == "/desk/openings?done=told"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("available", "two", "Write a whole number from 0 to 10,000"),
        ("held", "-1", "Write a whole number from 0 to 10,000"),
        ("oldest", "130", "Write a whole number from 0 to 120"),
        ("as_of", "soon", "Write a day and a time."),
        ("as_of", "2026-03-02T10:30", "This moment is still to come."),
        ("as_of", "2026-03-02T06:30", "We have a newer report, of Mon 2 Mar, 7 am."),
        ("sex", "some", "Choose one of the list."),
        ("note", "n" * 501, "Make this shorter: 500 characters"),
        ("available", "0", "Which of the two is right?"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(browser: Browser, field: str, value: str, sentence: str) -> None:
    here = level(browser, {"available": 2, "accepting": "capacity"})
    address = f"/desk/openings/{here.id}"
    page = checked(browser.send(address, **sent_back(browser.page(address), address) | {field: value}))
    assert page.response.status_code == 422
    assert sentence in words(page.one("p", id=f"{field}-mistake"))
    assert now_of(browser, here).seen == here.seen


@pytest.mark.parametrize(
    ("said", "sent", "is_open"), [({}, {}, False), ({"sex": "all"}, {}, True), ({}, {"youngest": "x"}, True)]
)
def test_whom_a_level_takes_is_folded_away_until_something_of_it_is_said(
    browser: Browser, said: dict[str, Any], sent: dict[str, str], is_open: bool
) -> None:
    here = level(browser, {"available": 2, **said})
    address = f"/desk/openings/{here.id}"
    page = browser.page(address)
    if sent:
        page = checked(browser.send(address, **sent_back(page, address) | sent))
    fold = page.one("details", id="whom")
    assert ("open" in fold.attrib) is is_open
    names = {each.get("name") for each in (*fold.iter("input"), *fold.iter("select"))}
    assert names == {"sex", "youngest", "oldest", "moud", "pay", "wheelchair", "children", "languages"}


def test_who_says_the_same_on_their_desk_stays_there_and_goes_nowhere_else(browser: Browser) -> None:
    here = level(browser, {"available": 2, "hours": 30})
    address = f"/desk/openings/{here.id}/same"
    form = sent_back(browser.page("/desk"), address)
    assert told(browser, browser.send(address, **form)) == "/desk?done=told"
    assert "Everybody sees it now" in browser.page("/desk?done=told").text
    assert told(browser, browser.send(address, **form | {"back": "//far.example.org"})) == "/desk/openings?done=before"


def test_of_two_tabs_the_second_sees_both_and_nothing_typed_is_lost(browser: Browser) -> None:
    here = level(browser, {"available": 2})
    address = f"/desk/openings/{here.id}"
    form = sent_back(browser.page(address), address)
    since(browser, here, 1, 9)
    page = checked(browser.send(address, **form | {"available": "5", "note": "Mine"}))
    assert page.response.status_code == 409
    assert "What they said Reported just now by the agency" in page.text
    assert "Openings now 1" in page.text
    back = sent_back(page, address)
    assert (back["available"], back["note"], back["occupied"]) == ("5", "Mine", "")
    assert told(browser, browser.send(address, **back)) == "/desk/openings?done=told"
    latest = now_of(browser, here).latest
    assert latest is not None
    assert latest.numbers.available == 5


def test_the_clock_of_the_form_is_that_of_the_place(browser: Browser) -> None:
    here = level(browser)
    address = f"/desk/openings/{here.id}"
    browser.send(address, **sent_back(browser.page(address), address) | {"available": "1", "as_of": "2026-03-02T09:30"})
    latest = now_of(browser, here).latest
    assert latest is not None
    assert latest.as_of == NOW - HOUR / 2  # half past nine in New York


def test_a_peer_reports_for_any_agency_and_it_came_by_phone(browser: Browser) -> None:
    here = level(browser, {"available": 2})
    browser.becomes(Role.PEER)
    page = browser.page("/desk/openings")
    assert "Marsh Peers" in card(page, here)
    address = f"/desk/openings/{here.id}/same"
    browser.send(address, **sent_back(page, address))
    assert "Reported just now, by phone" in card(browser.page("/desk/openings"), here)


def test_what_is_due_comes_first_and_the_rest_on_further_pages(browser: Browser) -> None:
    agency = browser.run(accounts.agency, f"Long Row {next(programs)}", "treatment")
    slug, made = browser.run(_clinic), []
    for number in range(27):
        made.append(
            browser.run(partial(openings.level, name=f"Wing {number:02}", program=f"Row {agency}"), agency, slug)
        )
    for here in made[:26]:
        since(browser, here)
    person = browser.run(accounts.joined, Role.EDITOR, agency, "row@example.org")
    browser.carries(browser.run(accounts.cookie, person))
    page = browser.page("/desk/openings")
    assert page.cards()[:2] == ["Wing 26", "Wing 00"]
    assert len(page.cards()) == 25
    assert browser.page(page.links()["More levels"]).cards() == ["Wing 24", "Wing 25"]
    assert browser.page("/desk/openings?page=9").links()["Before"] == "/desk/openings?page=8"
    assert browser.page("/desk/openings?page=x").cards() == page.cards()


@pytest.mark.parametrize("path", ["/desk/openings/abc", "/desk/openings/99999", "/notices/abc", "/notices/99999"])
def test_what_there_is_not_is_not_found(browser: Browser, path: str) -> None:
    assert browser.client.get(path).status_code == 404


# --- the link --------------------------------------------------------------------------------------------------------


def link(browser: Browser) -> str:
    """The address in the letter to the editor about the oldest report, once that is 20 hours old."""
    settings = replace(world.settings_for("sqlite://"), smtp_url=CONSOLE, base_url=world.HOST)
    browser.run(_remind, settings)
    return browser.run(_link)


async def _remind(settings: Any) -> None:
    assert await reminders_queue(now=NOW, settings=settings) == 1


async def _link() -> str:
    (row,) = await db.rows("SELECT words FROM outbox WHERE template = 'openings-reminder' ORDER BY id DESC LIMIT 1")
    return str(db.from_json(row["words"])["link"]).removeprefix(world.HOST)


def test_a_clerk_answers_by_the_link_without_signing_in_and_the_link_is_good_once(browser: Browser) -> None:
    here = level(browser, {"available": 2, "hours": 21, "note": "Ring twice."}, name="Dawn beds")
    address = link(browser)
    browser.client.cookies.clear()
    for _ in range(3):  # as programs that look into letters do
        page = browser.page(address)
    assert "Openings now 2" in page.text
    assert words(page.all("p", class_="lead")[0]).startswith("Dawn beds")
    assert "Ring twice" not in page.text
    assert not page.all("textarea"), "the note is for those who are signed in"
    assert browser.client.cookies.get("session") is None
    assert browser.client.get(f"/desk/openings/{here.id}").headers["location"].startswith("/sign-in")
    wrong = checked(browser.send(address, available="11", staffed="10"))
    assert wrong.response.status_code == 422
    assert "11 cannot be open" in wrong.text
    empty = checked(browser.send(address, staffed="10"))
    assert (empty.response.status_code, "Say at least this" in empty.text) == (422, True)
    assert "Thank you" in checked(browser.send(address, answer="same")).text
    latest = now_of(browser, here).latest
    assert latest is not None
    assert (latest.via, latest.as_of, latest.numbers.available) == ("link", NOW, 2)
    assert latest.numbers.note == "Ring twice."
    for answer in (browser.send(address, answer="same"), browser.client.get(address)):
        assert answer.status_code == 410
        assert "This link has ended" in checked(answer).text
    assert now_of(browser, here).seen == latest.id


def test_the_link_of_a_level_that_somebody_has_reported_since_says_so_kindly(browser: Browser) -> None:
    here = level(browser, {"available": 2, "hours": 21})
    address = link(browser)
    newer = since(browser, here, note="Ring twice.")
    browser.client.cookies.clear()
    for answer in (browser.client.get(address), browser.send(address, available="7")):
        page = checked(answer)
        assert (page.response.status_code, page.title) == (200, "Somebody has answered already")
        assert "Openings now 1" in page.text
        assert "Ring twice" not in page.text
    assert now_of(browser, here).seen == newer


# --- notices ---------------------------------------------------------------------------------------------------------


def test_a_notice_is_listed_printed_and_noted_as_sent(browser: Browser) -> None:
    here = level(browser, {"available": 0, "occupied": 9, "held": 0}, name="Quiet wing")
    assert here.is_funded
    browser.becomes(Role.COORDINATOR)
    page = browser.page("/notices")
    title = f"{here.program}: Quiet wing"
    assert "Due by Mon 9 Mar, 8 am" in page.text  # 7 days of 24 hours, in which the clocks go forward
    address = page.links()[title]
    text = browser.page(address).text
    for words_ in ("45 CFR 96.126(a)", "Monday, March 2, 2026", "9 of 10 (90 percent)", "Marsh Peers"):
        assert words_ in text
    wrong = checked(browser.send(address, sent_to="", sent_at=""))
    assert (wrong.response.status_code, "Fill this in." in wrong.text) == (422, True)
    assert (
        told(browser, browser.send(address, sent_to="State office", sent_at="2026-03-02T09:00")) == "/notices?done=sent"
    )
    assert told(browser, browser.send(address, sent_to="Somebody", sent_at="")) == "/notices?done=before"
    assert "Sent Mon 2 Mar, 9 am to State office" in browser.page("/notices?done=sent").text
    assert sent_forms(browser.page(address), address) == 0


def sent_forms(page: Page, address: str) -> int:
    return sum(form.get("action") == address for form in page.all("form"))


def test_oversight_reads_a_notice_and_notes_nothing(browser: Browser) -> None:
    here = level(browser, {"available": 0, "occupied": 10, "held": 0})
    browser.becomes(Role.OVERSIGHT)
    address = browser.page("/notices").links()[f"{here.program}: {here.name}"]
    assert sent_forms(browser.page(address), address) == 0


# --- for peers -------------------------------------------------------------------------------------------------------


def test_a_peer_finds_a_detox_bed_for_a_woman_with_medicaid_phone_first(browser: Browser) -> None:
    level(browser, {"available": 1, "sex": "women", "expected": 2, "hours": 1}, name="Women's wing")
    level(browser, {"available": 3, "sex": "men", "hours": 1}, name="Men's wing")
    browser.becomes(Role.PEER)
    page = browser.page("/openings?care=detox&people=women&pay=medicaid&near=19199&within=25")
    assert "Detox (withdrawal care), Women, Medicaid, within 25 miles of 19199" in page.text
    (found,) = [each for each in page.all("li", class_="card") if "Far Shore Clinic" in words(each)]
    said = words(found)
    assert "Women's wing" in said
    assert "Men's wing" not in said
    assert said.index("Call") < said.index("1 bed open, reported 1 hour ago")
    assert "Ask when you call, nobody has said: Ways to pay" in said
    assert "Coming free within 7 days 2" in said


def test_a_place_that_nobody_knows_is_said_and_the_form_keeps_what_was_typed(browser: Browser) -> None:
    browser.becomes(Role.PEER)
    page = browser.page("/openings?care=detox&near=Nowhere+at+all")
    assert "We do not know the place “Nowhere at all”" in page.text
    assert sent_back(page, "/openings")["near"] == "Nowhere at all"
    assert "was left out" in browser.page("/openings?care=magic").text


def test_a_peer_is_told_of_a_search_until_they_end_it(browser: Browser) -> None:
    browser.becomes(Role.PEER)
    form = sent_back(browser.page("/openings?care=inpatient&near=19199"), "/openings/watch")
    assert (form["care"], form["near"]) == ("inpatient", "19199")
    asked = "/openings?near=19199&care=inpatient"
    assert told(browser, browser.send("/openings/watch", **form)) == f"{asked}&done=watch"
    assert told(browser, browser.send("/openings/watch", **form)) == f"{asked}&done=before"
    page = browser.page(f"{asked}&done=watch")
    said = "Hospital inpatient, within 25 miles of 19199"
    assert page.links()[said] == asked
    (button,) = [each for each in page.all("button", name="id") if said in words(each)]
    watch = button.get("value", "")
    assert told(browser, browser.client.get(f"/openings?watch={watch}")) == "/openings?near=19199&care=inpatient"
    browser.becomes(Role.COORDINATOR)
    assert told(browser, browser.client.get(f"/openings?watch={watch}")) == "/openings"
    assert browser.send("/openings/watch/end", id=watch).status_code == 404
    browser.becomes(Role.PEER)
    assert told(browser, browser.send("/openings/watch/end", id=watch)) == "/openings?done=ended"
    assert said not in browser.page("/openings?done=ended").links()


def test_what_is_no_place_is_not_kept_for_a_watch(browser: Browser) -> None:
    browser.becomes(Role.PEER)
    page = checked(browser.send("/openings/watch", near="Ana Reed, back door", care="detox", once="v" * 43))
    assert page.response.status_code == 422
    assert page.text.count("We do not know the place “Ana Reed, back door”") == 1
    assert "Ana Reed, back door" not in page.links()


def test_no_street_is_kept_for_a_watch(browser: Browser) -> None:
    browser.becomes(Role.PEER)
    page = checked(browser.send("/openings/watch", near="12 Heron Lane, Saltmarsh, PA", once="w" * 43))
    assert page.response.status_code == 422
    assert "Choose a ZIP code or a town" in page.text


# --- for visitors ----------------------------------------------------------------------------------------------------


def test_the_shape_of_the_interface_stays_as_it_is(browser: Browser) -> None:
    here = level(browser, {"available": 4, "hours": 0, "sex": "women"})
    answer = browser.client.get(f"/api/listings/{here.slug}").json()
    assert {name: answer["openings"][name] for name in ("available", "as_of", "freshness")} == {
        "available": 4, "as_of": NOW.isoformat(), "freshness": "fresh",
    }  # fmt: skip
    found = browser.client.get("/api/listings?near=19199&openings=1").json()["results"]
    assert {"available": 4, "as_of": NOW.isoformat(), "freshness": "fresh"} in [each["openings"] for each in found]
