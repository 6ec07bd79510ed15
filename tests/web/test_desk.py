"""The desk, the audit trail and the messages, as those see them who use them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory.domain.access import Role
from directory.storage import db
from tests import accounts
from tests.accounts import NOW, Staff
from tests.pages import Page, get_page, words
from tests.web import world

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
SAME = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def people(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Staff]]:
    """A database with people in every role: pages ask services, which are tested on both engines, so one is enough here."""
    with new_database("sqlite", tmp_path_factory.mktemp("people")) as url:
        world.fill(url)
        staff = asyncio.run(accounts.staff(url))
        asyncio.run(own(url, staff.here))
        yield url, staff


async def own(url: str, agency: int) -> None:
    """Makes the world's listings the agency's own."""
    async with db.connect(url):
        await db.execute(f"UPDATE source SET agency_id = {agency} WHERE name = 'world'")


@pytest.fixture
def client(people: tuple[str, Staff]) -> Iterator[TestClient]:
    with world.site(people[0], NOW) as client:
        yield client


@pytest.fixture
def staff(people: tuple[str, Staff]) -> Staff:
    return people[1]


def seen_by(client: TestClient, staff: Staff, role: Role, url: str, language: str = "en") -> Page:
    """The page as somebody in this role sees it."""
    client.cookies.set("session", staff.cookies[role])
    page = get_page(client, url, language=language)
    assert page.response.headers["cache-control"] == "no-store"
    return page


def menu(page: Page) -> list[str]:
    (nav,) = page.all("nav", class_="me")
    return [words(link) for link in nav.iter("a")]


def entries(page: Page) -> list[str]:
    """What the page says of each entry of the trail."""
    return [words(entry) for found in page.all("ul", class_="entries") for entry in found]


# --- the desk --------------------------------------------------------------------------------------------------------


def test_an_editor_is_asked_about_each_listing_of_the_agency_with_the_date_of_its_last_check(
    client: TestClient, staff: Staff
) -> None:
    page = seen_by(client, staff, Role.EDITOR, "/desk")
    assert "Is this still right?" in page.text
    cards = {words(card.find(".//h3")): words(card) for card in page.all("li", class_="card") if card.get("id")}
    assert set(cards) == {"Quiet Lamp Group", "Safe Reeds", "Far Shore Clinic"}
    assert "Last checked: Feb 20, 2026" in cards["Safe Reeds"]
    assert "Saltmarsh" not in cards["Safe Reeds"]  # its address is hidden
    assert "Never checked" in cards["Quiet Lamp Group"]
    slugs = [card.get("id") for card in page.all("li", class_="card") if card.get("id")]
    actions = [form.get("action") for form in page.all("form")]
    assert all(f"/desk/listings/{slug}/right" in actions for slug in slugs)


@pytest.mark.parametrize("role", [Role.PEER, Role.COORDINATOR, Role.OVERSIGHT, Role.ADMINISTRATOR])
def test_nobody_else_is_asked_about_an_agencys_listings(client: TestClient, staff: Staff, role: Role) -> None:
    page = seen_by(client, staff, role, "/desk")
    assert "Is this still right?" not in page.text
    assert "Quiet Lamp Group" not in page.text


@pytest.mark.parametrize("role", list(accounts.STAFF))
def test_every_way_in_the_menu_and_on_the_desk_is_open_to_whoever_is_shown_it(
    client: TestClient, staff: Staff, role: Role
) -> None:
    page = seen_by(client, staff, role, "/desk")
    (main,) = page.all("main")
    links = {link.get("href", "") for link in main.iter("a")}
    assert {"/desk", "/account"} <= links
    found = {url: client.get(url).status_code for url in sorted(links) if url.startswith("/")}
    assert {url: status for url, status in found.items() if status != 200} == {}


def test_the_foot_of_a_page_leads_to_the_desk_only_where_no_cache_keeps_it(client: TestClient, staff: Staff) -> None:
    signed_in = seen_by(client, staff, Role.PEER, "/desk")
    (foot,) = signed_in.all("footer")
    assert "Desk" in words(foot)
    assert "Sign in to work here" not in words(foot)
    public = get_page(client, "/")
    assert public.response.headers["cache-control"] == "public, max-age=60"
    assert "Sign in to work here" in words(public.all("footer")[0])


def test_the_page_of_the_menu_that_one_is_on_is_marked(client: TestClient, staff: Staff) -> None:
    page = seen_by(client, staff, Role.ADMINISTRATOR, "/audit")
    (here,) = [link for link in page.all("a") if link.get("aria-current")]
    assert here.get("href") == "/audit"
    assert menu(page)[0] == "Desk"
    assert menu(page)[-1] == "Your account"


# --- the audit trail -------------------------------------------------------------------------------------------------


def test_the_trail_is_in_words_and_its_details_are_folded_away(client: TestClient, staff: Staff) -> None:
    page = seen_by(client, staff, Role.ADMINISTRATOR, "/audit?action=sign-in")
    cards = entries(page)
    number = staff.people[Role.PEER].id
    assert any("Signed in" in card and f"Ana Reed (Person {number})" in card for card in cards)
    assert all("Signed in" in card for card in cards)
    assert page.all("details")


def test_the_trail_can_be_narrowed_down_and_what_makes_no_sense_is_left_out(client: TestClient, staff: Staff) -> None:
    number = staff.people[Role.PEER].id
    page = seen_by(client, staff, Role.ADMINISTRATOR, f"/audit?by={number}&since=2026-03-01&until=2026-03-03")
    cards = entries(page)
    assert cards
    assert all(f"Person {number}" in card for card in cards)
    before = seen_by(client, staff, Role.ADMINISTRATOR, f"/audit?by={number}&until=2026-01-01")
    assert entries(before) == []
    odd = "/audit?since=yesterday&until=9999-12-31&before=x&log=nonsense&action=no-such&by=%00"
    assert entries(seen_by(client, staff, Role.ADMINISTRATOR, odd)) == []


def test_who_read_the_trail_stands_in_the_log_beside_it(client: TestClient, staff: Staff) -> None:
    seen_by(client, staff, Role.ADMINISTRATOR, "/audit")
    page = seen_by(client, staff, Role.ADMINISTRATOR, "/audit?log=reading&subject=trail+changes")
    cards = entries(page)
    assert cards
    assert all("Looked at" in card for card in cards)


def test_an_administrator_checks_the_trail_and_reads_that_it_is_whole(client: TestClient, staff: Staff) -> None:
    client.cookies.set("session", staff.cookies[Role.ADMINISTRATOR])
    answer = client.post("/audit/check", headers=SAME)
    assert answer.headers["location"] == "/audit?done=checked"
    page = seen_by(client, staff, Role.ADMINISTRATOR, "/audit?done=checked")
    assert "The trail is whole. Last checked: just now." in page.text
    assert any(re.fullmatch(r"[1-9][0-9]*:[0-9a-f]{64}", words(code)) for code in page.all("code"))


# --- messages --------------------------------------------------------------------------------------------------------


def test_a_message_that_was_given_up_is_sent_again_or_deleted_and_its_address_is_never_shown_whole(
    client: TestClient, staff: Staff
) -> None:
    assert client.portal is not None
    again, away = [client.portal.call(accounts.dead_message) for _ in range(2)]
    page = seen_by(client, staff, Role.ADMINISTRATOR, "/messages")
    assert "There is an update" in page.text
    assert "r…@example.org" in page.text
    assert "reader@example.org" not in page.text
    assert client.post("/messages/retry", data={"id": again}, headers=SAME).headers["location"].endswith("done=again")
    assert client.post("/messages/retry", data={"id": again}, headers=SAME).headers["location"].endswith("done=no")
    assert client.post("/messages/drop", data={"id": away}, headers=SAME).headers["location"].endswith("done=dropped")
    assert client.post("/messages/drop", data={"id": away}, headers=SAME).status_code == 404
    assert client.post("/messages/drop", data={"id": "x"}, headers=SAME).status_code == 404
    assert "Wait to go out" in seen_by(client, staff, Role.ADMINISTRATOR, "/messages?done=again").text


def test_a_letter_that_was_given_up_and_whose_address_is_deleted_says_so_and_is_not_sent_again(
    client: TestClient, staff: Staff
) -> None:
    assert client.portal is not None
    id = client.portal.call(accounts.dead_message, "report-outcome")
    page = seen_by(client, staff, Role.ADMINISTRATOR, "/messages")
    assert "E-mail, address deleted" in page.text
    assert "The address is deleted, so it cannot be sent again." in page.text
    assert client.post("/messages/retry", data={"id": id}, headers=SAME).headers["location"].endswith("done=no")
