"""The page of a plan: a kind beginning, their own words first, services in one tap, a form that loses nothing, and a sheet that names nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.domain.access import Role
from directory.storage import db
from directory.storage.bridge import check_ins
from directory.storage.waitlist.entries import EntryNow
from tests.pages import Page, checked, words
from tests.services.bridge import grouped
from tests.services.waitlist.agency import CALLED, NAME, PHONE
from tests.services.waitlist.world import NOW, World
from tests.web.bridge.test_goals import SLEEP, accompanied, added, goes_with
from tests.web.test_openings import sent_back
from tests.web.waitlist.persons import Keeping

MATTERS = "My girl, and a door that I can lock"
TYPED = {
    "matters": MATTERS,
    "bad_night": "Drink water\nCall Aunt Heron",
    "people-1-name": "Aunt Heron",
    "people-1-reach": "215-555-0143",
    "people-1-what": "Lets me sleep there",
    "barrier-housing": "yes",
    "barrier-court": "yes",
    "program-na": "yes",
    "program-aa": "no",
    "kind-food": "yes",
    "time-evening": "yes",
    "where": "19199",
    "miles": "5",
}
TELLING = ("treatment", "Marsh Peers", "residential", "tratamiento")


def url(entry: EntryNow, more: str = "") -> str:
    return f"/clients/{entry.upi}/plan{more}"


def saved(keeper: Keeping, entry: EntryNow, **fields: str) -> None:
    """Fills in the form as it stands, and sends it."""
    address = url(entry, "/edit")
    form = sent_back(keeper.browser.page(address), address) | fields
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)) == url(entry, "?done=saved")


@pytest.fixture
def planned(keeper: Keeping) -> EntryNow:
    """Somebody with whom the peer goes, with a plan."""
    entry = accompanied(keeper)
    saved(keeper, entry, **TYPED)
    return entry


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_first_time_the_page_says_kindly_why_and_where_to_begin(keeper: Keeping, language: str) -> None:
    entry = accompanied(keeper)
    page = keeper.browser.page(url(entry), language=language)
    assert url(entry, "/edit") in page.links().values()
    assert url(entry, "/sheet") not in page.links().values()
    if language == "en":
        assert "Their place in line does not depend on it." in page.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_names_nobody_in_its_title_and_has_their_words_first(
    keeper: Keeping, planned: EntryNow, language: str
) -> None:
    page = keeper.browser.page(url(planned), language=language)
    title = words(page.all("title")[0])
    assert not [each for each in (CALLED, NAME, planned.upi, MATTERS, *TELLING) if each in title]
    order = [page.text.index(each) for each in (MATTERS, "Drink water", "Aunt Heron")]
    assert order == sorted(order)
    assert page.response.headers["cache-control"] == "no-store"


def test_all_that_was_said_stands_there_in_words(keeper: Keeping, planned: EntryNow) -> None:
    text = keeper.browser.page(url(planned)).text
    for said in (
        "215-555-0143 · Lets me sleep there",
        "A place to live",
        "Court",
        "Narcotics Anonymous (NA) and Food",
        "Alcoholics Anonymous (AA)",
        "Evening (5 pm to 9 pm)",
        "up to 5 miles from 19199",
        "With the code on their card they read nothing of it.",
    ):
        assert said in text


def test_goals_stand_on_the_plan_with_where_they_are(keeper: Keeping, planned: EntryNow) -> None:
    added(keeper, planned)
    for address in (url(planned), url(planned, "/sheet")):
        assert SLEEP in keeper.browser.page(address).text
    assert "Less than hoped for" in keeper.browser.page(url(planned)).text


def test_the_persons_own_page_says_only_that_there_is_a_plan(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    assert keeper.person(entry).links()["Make a plan"] == url(entry)
    saved(keeper, entry, **TYPED)
    page = keeper.person(entry)
    assert page.links()["Plan"] == url(entry)
    assert MATTERS not in page.text
    assert [page.links()[name] for name in ("Check-in", "Goals", "Groups", "Going there")] == [
        f"/clients/{entry.upi}/{name}" for name in ("check-ins", "goals", "groups", "handoff")
    ]


@pytest.mark.parametrize("more", ["", "/edit", "/sheet"])
def test_another_peer_is_told_how_to_become_theirs_and_reads_nothing(
    keeper: Keeping, planned: EntryNow, more: str
) -> None:
    keeper.browser.becomes(Role.COORDINATOR)
    assert "Drink water" in keeper.browser.page(url(planned, more)).response.text
    goes_with(keeper, planned, "")
    keeper.browser.becomes(Role.PEER)
    page = keeper.browser.page(url(planned, more), status=403)
    assert "Drink water" not in page.response.text
    assert "you can become their peer there." in page.text


def test_the_next_check_in_stands_there_on_the_clock_of_the_agency(keeper: Keeping, planned: EntryNow) -> None:
    assert "None is set yet." in keeper.browser.page(url(planned)).text
    keeper.run(rhythm, client=planned.client)
    assert "Mon 9 Mar, " in keeper.browser.page(url(planned)).text


async def rhythm(client: int) -> None:
    async with db.staging():
        due = NOW + timedelta(days=7)
        await check_ins.rhythm_add(client=client, every_days=7, channel="call", due_at=due, by="test", now=NOW)


def test_a_seat_in_a_group_stands_there_and_on_the_sheet(keeper: Keeping, planned: EntryNow) -> None:
    """A group and a seat as tests/services/bridge/grouped.py makes them."""
    assert "They have no seat in a group now." in keeper.browser.page(url(planned)).text
    keeper.run(seated, made=keeper.made, upi=planned.upi)
    for more in ("", "/sheet"):
        assert "Marsh evenings Tue 3 Mar, 7 pm" in keeper.browser.page(url(planned, more)).text


async def seated(made: World, upi: str) -> None:
    there = grouped.varied(series={"timezone": "America/New_York"})
    meeting = await grouped.first(await grouped.added(made, there))
    assert await grouped.takes(made, upi, meeting.id) == "seat"


# --- services for the wait -------------------------------------------------------------------------------------------


def test_what_came_of_a_service_is_one_tap_and_the_persons_page_knows_it(keeper: Keeping, planned: EntryNow) -> None:
    address = url(planned, "/interim")
    page = keeper.browser.page(url(planned))
    taps = {each.get("name"): each for each in page.all("button") if (each.get("name") or "").startswith("item-")}
    assert len(taps) == 9
    (folded,) = [each for each in page.all("details") if each.find(".//button[@name='item-naloxone']") is not None]
    assert (words(folded[0]), folded.get("open")) == ("9 still to offer", None)
    form = sent_back(page, address) | {"item-naloxone": "accepted"}
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)) == url(planned, "?done=noted#services")
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)) == url(planned, "?done=before#services")
    assert "Offered, said yes" in keeper.browser.page(url(planned)).text
    assert "Offered, said yes" in keeper.person(planned).text
    rows = keeper.rows(f"SELECT item, status FROM interim_service WHERE client_id = {planned.client}")
    assert [(row["item"], row["status"]) for row in rows] == [("naloxone", "accepted")]


def test_a_tap_that_no_button_sends_changes_nothing_and_says_so(keeper: Keeping, planned: EntryNow) -> None:
    answer = keeper.browser.send(url(planned, "/interim"), once="0" * 43, **{"item-naloxone": "sold"})
    page = keeper.browser.page(keeper.browser.is_sent_to(answer))
    assert "Nothing was changed." in page.text


# --- the form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_form_has_what_stands_in_the_plan_and_room_for_more_people(
    keeper: Keeping, planned: EntryNow, language: str
) -> None:
    page = keeper.browser.page(url(planned, "/edit"), language=language)
    form = sent_back(page, url(planned, "/edit"))
    assert TYPED.items() <= form.items()
    assert {"people-3-name", "version"} <= set(form)
    assert not {"people-4-name"} & set(form)
    (opened, *closed) = (("open" in each.attrib) for each in page.all("details") if each.get("class") is None)
    assert (opened, closed) == (False, [True, False, True, True])


def test_the_form_asks_what_is_in_the_way_before_the_people_who_help_and_folds_them_after_the_first(
    keeper: Keeping, planned: EntryNow
) -> None:
    saved(keeper, planned, **{"people-2-name": "Uncle Reed"})
    page = keeper.browser.page(url(planned, "/edit"))
    order = [page.text.index(each) for each in ("What is in the way now", "Where distances start", "People who help")]
    assert order == sorted(order)
    (more,) = [each for each in page.all("details") if each.find(".//input[@name='people-2-name']") is not None]
    assert (words(more[0]), more.get("open")) == ("1 more person", None)


def test_what_was_typed_stays_where_something_does_not_fit(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    wrong = TYPED | {"where": "Nowhere at all", "people-2-reach": "555-0100", "miles": "9999", "version": "0"}
    page = checked(keeper.browser.send(url(entry, "/edit"), **wrong))
    assert page.response.status_code == 422
    assert [link.get("href") for link in page.one("div", role="alert").iter("a")] == [
        "#where",
        "#miles",
        "#people-2-name",
    ]
    form = sent_back(page, url(entry, "/edit"))
    assert (TYPED | {"where": "Nowhere at all", "people-2-reach": "555-0100", "miles": ""}).items() <= form.items()
    assert keeper.rows(f"SELECT id FROM plan WHERE client_id = {entry.client}") == []


def test_of_two_tabs_the_second_sees_what_the_first_wrote_and_may_save_again(
    keeper: Keeping, planned: EntryNow
) -> None:
    address = url(planned, "/edit")
    first = sent_back(keeper.browser.page(address), address)
    second = dict(first)
    first |= {"helps": "The river"}
    first.pop("barrier-court")
    keeper.browser.send(address, **first)
    second |= {"helps": "My dog", "people-1-name": "Aunt Wren"}
    page = checked(keeper.browser.send(address, **second))
    assert page.response.status_code == 409
    said = [words(each) for each in page.all("p", class_="mistake")]
    assert said == [
        "Somebody else set this to: The river",
        "Somebody else set this to: not ticked",
        "Somebody else set this to: Aunt Heron",
    ]
    again = sent_back(page, address)
    assert again["helps"] == "My dog"
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **again)) == url(planned, "?done=saved")
    assert "My dog" in keeper.browser.page(url(planned)).text


def test_a_number_that_is_no_version_is_turned_away(keeper: Keeping, planned: EntryNow) -> None:
    assert keeper.browser.send(url(planned, "/edit"), **TYPED, version="x").status_code == 404


# --- the sheet, and the copy -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_sheet_for_them_has_no_name_and_no_word_that_tells(
    keeper: Keeping, planned: EntryNow, language: str
) -> None:
    page = keeper.browser.page(url(planned, "/sheet"), language=language)
    sheet = words(page.one("div", class_="sheet"))
    assert MATTERS in sheet
    assert "Drink water" in sheet
    assert "988" in sheet
    assert not [each for each in (CALLED, NAME, PHONE, planned.upi, "A place to live", *TELLING) if each in sheet]


def test_the_copy_for_them_has_the_plan_and_another_peer_prints_it_without(keeper: Keeping, planned: EntryNow) -> None:
    copy = f"/clients/{planned.upi}/copy"
    text = keeper.browser.page(copy).text
    assert MATTERS in text
    assert "Aunt Heron · 215-555-0143 · Lets me sleep there" in text
    goes_with(keeper, planned, "")
    text = keeper.browser.page(copy).text
    assert MATTERS not in text
    assert "Your own peer or a coordinator prints this part for you." in text


# --- behind a card ---------------------------------------------------------------------------------------------------


def status(keeper: Keeping, entry: EntryNow, language: str = "en") -> Page:
    """Their own page, with a new card."""
    form = sent_back(keeper.browser.page(f"/clients/{entry.upi}/card"), f"/clients/{entry.upi}/card")
    code = words(checked(keeper.browser.send(f"/clients/{entry.upi}/card", **form)).one("p", class_="code"))
    assert keeper.browser.is_sent_to(keeper.browser.send("/status", code=code)) == "/status"
    return keeper.browser.page("/status", language=language)


def test_without_their_wish_nothing_of_the_plan_stands_behind_the_card(keeper: Keeping, planned: EntryNow) -> None:
    page = status(keeper, planned)
    assert "What you wanted to remember" not in page.text
    assert not [each for each in ("Drink water", "Aunt Heron", MATTERS) if each in page.response.text]


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_they_chose_stands_behind_the_card_in_neutral_words(
    keeper: Keeping, planned: EntryNow, language: str
) -> None:
    saved(keeper, planned, **{"shown-bad-night": "yes", "shown-people": "yes"})
    page = status(keeper, planned, language)
    assert ("What you wanted to remember" if language == "en" else "Lo que usted quería recordar") in page.text
    assert "Drink water" in page.text
    assert page.links()["215-555-0143"] == "tel:+12155550143"
    assert not [each for each in (MATTERS, "Lets me sleep", "A place to live", *TELLING) if each in page.response.text]
    assert "988" in page.text
