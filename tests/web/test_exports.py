"""What was found, and what is on a list, as files: the same as the page shows, under a neutral name, kept from search engines."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from icalendar import Calendar
from starlette.testclient import TestClient

from directory.domain.search import Query
from directory.services.lists import MOST_EXPORTED
from directory.web.presenters_list import take_view
from tests.pages import get_page
from tests.web import shown, world

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
FILES = ["/search.csv?near=19199", "/search.ics?near=19199", "/list.csv", "/list.ics"]


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with new_database("sqlite", tmp_path_factory.mktemp("exports")) as url:
        world.fill(url)
        shown.add(url, [shown.ONLINE], "online")
        yield url


@pytest.fixture
def client(filled: str) -> Iterator[TestClient]:
    with world.site(filled) as client:
        yield client


def table(client: TestClient, url: str) -> list[dict[str, str]]:
    response = client.get(url)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def events(client: TestClient, url: str) -> list[str]:
    response = client.get(url)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    return [str(event["summary"]) for event in Calendar.from_ical(response.content).walk("VEVENT")]


def taking(client: TestClient, *names: str, path: str = "/api/listings") -> str:
    """These listings as the parameters of a list."""
    found = {each["name"]: each["slug"] for each in client.get(path).json()["results"]}
    return urlencode([("take", found[name]) for name in names])


# --- what was found --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["near=19199", "near=19199&sort=name", "lat=40&lon=-75&kind=meeting&kind=treatment"])
def test_the_table_holds_what_the_search_finds_in_its_order(client: TestClient, asked: str) -> None:
    found = client.get(f"/api/listings?{asked}").json()["results"]
    assert [row["slug"] for row in table(client, f"/search.csv?{asked}")] == [each["slug"] for each in found]


def test_a_row_says_what_the_interface_says(client: TestClient) -> None:
    found = client.get("/api/listings?near=19199&kind=meeting").json()["results"][0]
    (row,) = table(client, "/search.csv?near=19199&kind=meeting")
    for name in ("name", "organization", "kind", "program", "city", "state", "postal_code"):
        assert row[name] == found[name]
    assert row["distance_miles"] == str(found["distance_miles"]) == "0.7"
    assert row["next_start"] == "2026-03-02T19:00-05:00"
    assert row["hours"] == "Mon 19:00-20:00; Sat 23:50-00:30"
    assert row["phone"] == "(555) 555-0100 x7"
    assert row["source"] == "An invented world"
    assert row["url"].endswith(f"/listings/{found['slug']}")


def test_the_calendar_holds_the_times_of_what_the_search_finds(client: TestClient) -> None:
    assert events(client, "/search.ics?near=19199") == ["Quiet Lamp Group", "Quiet Lamp Group"]
    assert events(client, "/search.ics?near=19199&kind=housing") == []


def test_all_pages_are_in_the_file(database_url: str) -> None:
    world.fill(database_url)
    shown.add(database_url, shown.many(130), "many")
    with world.site(database_url) as client:
        rows = table(client, "/search.csv?near=19199&page=2&per_page=10")
        total = client.get("/api/listings?near=19199").json()["total"]
    assert len(rows) == total == 133
    miles = [float(row["distance_miles"]) for row in rows if row["slug"] and "reeds" not in row["slug"]]
    assert miles == sorted(miles)


def test_a_hidden_address_is_in_no_file(client: TestClient) -> None:
    taken = taking(client, "Safe Reeds")
    for url in ("/search.csv?near=19199", "/search.ics?near=19199", f"/list.csv?{taken}", f"/list.ics?{taken}"):
        content = client.get(url).text
        assert [secret for secret in ("Secret", "Rear", "40.02", "75.01") if secret in content] == []


def test_a_way_to_join_online_is_only_in_the_calendar_of_a_list(client: TestClient) -> None:
    taken = taking(client, "Lamp on a Screen", path="/api/listings?attendance=online")
    asked = "attendance=online&kind=meeting"
    content = {
        url.partition("?")[0]: client.get(url).text
        for url in (f"/search.csv?{asked}", f"/search.ics?{asked}", f"/list.csv?{taken}", f"/list.ics?{taken}")
    }
    assert all("Lamp on a Screen" in text for text in content.values())
    assert [path for path, text in content.items() if "video.example.org/j/555" in text] == ["/list.ics"]


@pytest.mark.parametrize("path", ["/search.csv", "/search.ics"])
def test_a_wrong_parameter_is_refused_by_name(client: TestClient, path: str) -> None:
    page = get_page(client, f"{path}?near=19199&kind=zoo&type=aa:ZZZ", status=400)
    assert "What: we do not know “zoo”." in page.text
    code = get_page(client, f"{path}?near=19199&type=aa:ZZZ", status=400)
    assert "Listing code: we do not know “aa:ZZZ”." in code.text


@pytest.mark.parametrize("path", ["/search.csv", "/search.ics"])
def test_a_place_that_is_not_known_is_refused(client: TestClient, path: str) -> None:
    page = get_page(client, f"{path}?near=Saltmarch, PA", status=422)
    assert page.title == "We cannot find that place"
    assert "Saltmarsh, PA" in page.text


# --- what is on a list -----------------------------------------------------------------------------------------------


def test_a_list_is_a_table_in_its_order_with_distances(client: TestClient) -> None:
    taken = taking(client, "Far Shore Clinic", "Quiet Lamp Group")
    rows = table(client, f"/list.csv?{taken}&near=19199")
    assert [(row["name"], row["distance_miles"]) for row in rows] == [
        ("Far Shore Clinic", "13.8"),
        ("Quiet Lamp Group", "0.7"),
    ]
    assert [row["name"] for row in table(client, f"/list.csv?{taken}&near=19199&by=distance")] == [
        "Quiet Lamp Group",
        "Far Shore Clinic",
    ]


def test_a_table_names_what_is_gone(database_url: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:
        taken = taking(client, "Quiet Lamp Group", "Far Shore Clinic")
    world.fill(database_url, world.without(world.LAMP))
    with world.site(database_url) as client:
        rows = table(client, f"/list.csv?{taken}")
        times = events(client, f"/list.ics?{taken}")
    assert [(row["name"], row["status"]) for row in rows] == [
        ("Far Shore Clinic", "active"),
        ("Quiet Lamp Group", "removed"),
    ]
    assert times == []


def test_a_list_is_a_calendar_with_the_same_events_as_the_listing_s_own(client: TestClient) -> None:
    taken = taking(client, "Quiet Lamp Group", "Far Shore Clinic")
    slug = taken.partition("&")[0].partition("=")[2]

    def names(url: str) -> list[str]:
        return [str(event["uid"]) for event in Calendar.from_ical(client.get(url).content).walk("VEVENT")]

    assert names(f"/list.ics?{taken}") == names(f"/listings/{slug}.ics")
    assert events(client, f"/list.ics?{taken}") == ["Quiet Lamp Group", "Quiet Lamp Group"]


# --- for every file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", FILES)
def test_a_file_has_a_neutral_name_and_is_for_one_visitor_alone(client: TestClient, url: str) -> None:
    response = client.get(url)
    ending = url.partition("?")[0][-3:]
    assert response.headers["content-disposition"] == f'attachment; filename="footbridge-list.{ending}"'
    assert response.headers["cache-control"] == "private, max-age=60"
    assert response.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("url", FILES)
def test_a_file_is_the_same_however_often_it_is_asked_for(client: TestClient, url: str) -> None:
    assert client.get(url).content == client.get(url).content


def test_the_pages_lead_to_their_files(client: TestClient) -> None:
    links = get_page(client, "/search?near=19199&kind=meeting&take=lamp-abc23456&per_page=10").links()
    assert links["Spreadsheet (CSV)"] == "/search.csv?near=19199&kind=meeting"
    assert links["Calendar (.ics)"] == "/search.ics?near=19199&kind=meeting"
    taken = taking(client, "Quiet Lamp Group")
    links = get_page(client, f"/list?near=19199&kind=meeting&{taken}&by=name").links()
    assert links["Spreadsheet (CSV)"] == f"/list.csv?near=19199&{taken}&by=name"
    assert links["Calendar (.ics)"] == f"/list.ics?near=19199&{taken}&by=name"


def test_where_nothing_is_found_there_are_no_files(client: TestClient) -> None:
    assert "Spreadsheet (CSV)" not in get_page(client, "/search?near=19199&kind=transport").links()
    assert "Spreadsheet (CSV)" not in get_page(client, "/search").links()
    assert "Spreadsheet (CSV)" not in get_page(client, "/list").links()


def test_files_that_do_not_hold_all_are_said_not_to(database_url: str) -> None:
    said = "The files hold the first 1,000 of 1,001. Ask for less to have them all."
    world.fill(database_url, [replace(world.LAMP, key=str(number)) for number in range(MOST_EXPORTED + 1)])
    with world.site(database_url) as client:
        assert said in get_page(client, "/search?kind=meeting").text
        assert len(table(client, "/search.csv?kind=meeting")) == MOST_EXPORTED
    assert take_view(Query(), MOST_EXPORTED).export_note == ""
