"""A listing's page: all that is known, how sure it is, and what stands there when it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory.domain.listings import slug_for
from tests.pages import get_page, words
from tests.web import shown, world

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with new_database("sqlite", tmp_path_factory.mktemp("listings")) as url:
        world.fill(url)
        shown.add(url, [shown.HOTLINE], "national")
        shown.add(url, [shown.ONLINE], "online")
        yield url


@pytest.fixture
def client(filled: str) -> Iterator[TestClient]:
    with world.site(filled) as client:
        yield client


def address(client: TestClient, name: str) -> str:
    """The page of this listing, as the search finds it."""
    return get_page(client, f"/search?q={name}").links()[name]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "name", ["Quiet Lamp Group", "Safe Reeds", "Far Shore Clinic", "Lamp on a Screen", "All Night Line"]
)
def test_every_sort_of_listing_has_a_page_that_keeps_the_rules(client: TestClient, name: str, language: str) -> None:
    assert get_page(client, address(client, name), language=language).title == name


def test_a_meeting_says_when_where_and_its_next_three_times(client: TestClient) -> None:
    page = get_page(client, address(client, "Quiet Lamp Group"))
    assert "Next times today, 7 pm to 8 pm Sat 7 Mar, 11:50 pm to 12:30 am Mon 9 Mar, 7 pm to 8 pm" in page.text
    assert [words(row) for row in page.all("tr")] == [
        "Day Times",
        "Mon 2 Mar today 7 pm to 8 pm",
        "Sat 7 Mar 11:50 pm to 12:30 am",
    ]
    assert "Heron Hall, 12 Heron Lane, Saltmarsh, PA 19199" in page.text
    assert page.links()["Directions on OpenStreetMap"].endswith("?to=40.01000%2C-75.00000")


def test_a_fax_is_named_and_cannot_be_tapped(client: TestClient) -> None:
    page = get_page(client, address(client, "Quiet Lamp Group"))
    assert "(555) 555-0101 Fax" in page.text
    assert "(555) 555-0101" not in page.links()


def test_how_to_get_in_is_said_and_what_is_not_known_is_not_a_no(client: TestClient) -> None:
    page = get_page(client, address(client, "Far Shore Clinic"))
    facts = {words(row[0]): words(row[1]) for row in page.tree.iter("div") if len(row) == 2 and row[0].tag == "dt"}
    assert facts == {
        "Who it is for": "Age 18 and older",
        "What it costs": "not known",
        "What to bring": "not known",
        "How to apply": "not known",
        "Type of care": "Detox (withdrawal care), Medication treatment",
        "Medication": "Buprenorphine",
        "Languages": "not known",
        "Access": "not known",
    }
    assert "The hours are not known. Call before you go." in page.text


def test_source_licence_and_last_check_stand_on_the_page(client: TestClient) -> None:
    text = get_page(client, address(client, "Safe Reeds")).text
    assert "An invented world (CC0)" in text
    assert "Last checked against it on Mar 2, 2026. The source last confirmed it on Feb 20, 2026." in text


def test_a_hidden_place_is_nowhere_in_the_page(client: TestClient) -> None:
    page = get_page(client, address(client, "Safe Reeds"))
    assert "Address is not public: call to ask" in page.text
    assert [secret for secret in ("Secret", "Rear", "40.02", "75.01") if secret in page.response.text] == []
    assert not any("directions" in url for url in page.links().values())


def test_a_private_link_comes_with_a_word_of_care_and_is_kept_from_search_engines(client: TestClient) -> None:
    page = get_page(client, address(client, "Lamp on a Screen"))
    assert "Anyone with this link or number can join." in page.text
    assert page.links()["Join online: Lamp on a Screen"] == "https://video.example.org/j/555"
    assert page.one("meta", **{"name": "robots"}).get("content") == "noindex"
    assert "Times are in Eastern Time." in page.text


def test_no_meeting_is_left_to_search_engines_since_its_notes_can_let_anyone_in(client: TestClient) -> None:
    for name in ("Quiet Lamp Group", "Lamp on a Screen"):
        page = get_page(client, address(client, name))
        assert page.one("meta", **{"name": "robots"}).get("content") == "noindex"
        assert page.response.headers["x-robots-tag"] == "noindex"


def test_a_place_that_is_no_meeting_may_be_found_by_anyone(client: TestClient) -> None:
    page = get_page(client, address(client, "Far Shore Clinic"))
    assert page.all("meta", **{"name": "robots"}) == []
    assert "x-robots-tag" not in page.response.headers


def test_a_meeting_that_is_closed_for_now_says_so_and_shows_no_way_there(database_url: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:
        url = address(client, "Quiet Lamp Group")
    world.fill(database_url, [world.closed(world.LAMP), world.SHELTER, world.CLINIC])
    with world.site(database_url) as client:
        page = get_page(client, url)
    usual = "Monday, 7 pm to 8 pm; Saturday, 11:50 pm to 12:30 am"
    assert f"When Not meeting now. It used to meet: {usual}." in page.text
    assert [words(mark) for mark in page.one("ul", class_="marks")] == ["closed for now"]
    assert page.all("table") == []
    said = " ".join(page.links())
    assert [way for way in ("calendar", "Directions") if way in said] == []


def test_what_never_closes_needs_no_table(client: TestClient) -> None:
    page = get_page(client, address(client, "All Night Line"))
    assert "Open 24 hours, every day." in page.text
    assert page.all("table") == []


def test_the_calendar_file_is_one_tap_away_and_no_search_engine_keeps_it(client: TestClient) -> None:
    page = get_page(client, address(client, "Quiet Lamp Group"))
    answer = client.get(page.links()["Add to a calendar"])
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="footbridge-')
    assert "lamp" not in answer.headers["content-disposition"]
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "SUMMARY:Quiet Lamp Group" in answer.text


def test_a_listing_that_is_gone_answers_410_with_what_is_near_instead(database_url: str) -> None:
    other = replace(world.LAMP, key="other", name="Steady Lamp Group")
    world.fill(database_url, [*world.DRAFTS, other])
    shown.add(database_url, [shown.HOTLINE], "national")
    with world.site(database_url) as client:
        url = address(client, "Quiet Lamp Group")
    world.fill(database_url, [other, world.SHELTER, world.CLINIC])
    with world.site(database_url) as client:
        page = get_page(client, url, status=410)
        calendar = get_page(client, f"{url}.ics", status=410)
    assert page.title == calendar.title == "This listing is gone"
    assert page.cards() == ["Steady Lamp Group"]
    assert "All Night Line" in page.text
    assert page.response.headers["cache-control"] == "no-store"


def test_an_address_that_never_was_is_404(client: TestClient) -> None:
    assert get_page(client, f"/listings/{slug_for('x', 'y')}", status=404).title == "We cannot find that page"


def test_a_second_visit_gets_304_until_the_minute_is_over(filled: str) -> None:
    with world.site(filled) as client:
        url = address(client, "Quiet Lamp Group")
        tag = client.get(url).headers["etag"]
        assert client.get(url, headers={"if-none-match": tag}).status_code == 304
        assert client.get(url, headers={"if-none-match": tag, "accept-language": "es"}).status_code == 200


def test_a_printed_listing_ends_with_its_own_address(client: TestClient) -> None:
    url = address(client, "Quiet Lamp Group")
    assert words(get_page(client, url).one("p", class_="on-paper")) == f"http://127.0.0.1:8000{url}"
