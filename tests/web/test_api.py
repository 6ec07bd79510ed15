"""The search and the listings as other programs read them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from directory.domain.geo import Point
from directory.domain.listings import Address, Visibility
from directory.domain.results import Openings, SearchResult
from directory.domain.schedule import DAY, Window
from directory.domain.search import parse
from directory.web.api import card_json, found_json, query_json, schedule_json
from tests.web import world
from tests.web.made import NEW_YORK, NOW, card, meeting, times

NEAR = "/api/listings?lat=40&lon=-75"
KEYS = (
    "slug kind name organization address city state postal_code lat lon distance_miles distance_approximate attendance program "
    "types schedules next_start open_until phone care pay people medication language access openings verified_on source"
).split()

FACETS = "kind attendance program care pay people medication access language type openings".split()

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database for all tests here, which only read it."""
    with new_database("sqlite", tmp_path_factory.mktemp("world")) as url:
        world.fill(url)
        yield url


@pytest.fixture
def client(filled: str) -> Iterator[TestClient]:
    with world.site(filled) as client:
        yield client


def named(client: TestClient, name: str) -> dict[str, Any]:
    found = client.get("/api/listings").json()["results"]
    return next(each for each in found if each["name"] == name)


# --- a search --------------------------------------------------------------------------------------------------------


def test_both_engines_answer_alike(database_url: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:
        answer = client.get(NEAR).json()
    assert [(each["name"], each["distance_miles"]) for each in answer["results"]] == [
        ("Safe Reeds", 0.0),
        ("Quiet Lamp Group", 0.7),
        ("Far Shore Clinic", 13.8),
    ]
    assert answer["total"] == 3


def test_the_envelope_and_each_result_have_the_keys_of_the_contract_in_their_order(client: TestClient) -> None:
    answer = client.get(NEAR).json()
    assert list(answer) == ["query", "total", "results", "facets", "unknown", "elsewhere", "next"]
    assert list(answer["facets"]) == FACETS
    assert [list(each) for each in answer["results"]] == [KEYS] * 3


def test_each_facet_says_what_its_values_would_find_in_the_readers_language(client: TestClient) -> None:
    facets = client.get(f"{NEAR}&kind=meeting").json()["facets"]
    assert facets["kind"] == [
        {"code": "treatment", "label": "Treatment", "count": 1},
        {"code": "meeting", "label": "Meetings", "count": 1},
        {"code": "housing", "label": "Housing", "count": 1},
    ]
    assert facets["type"] == [{"code": "aa:O", "label": "Open", "count": 1}]
    assert facets["language"] == [{"code": "en", "label": "English", "count": 1}]
    assert (facets["care"], facets["openings"]) == ([], [])
    spanish = client.get(NEAR, headers={"Accept-Language": "es"}).json()["facets"]
    assert spanish["type"] == [{"code": "aa:O", "label": "Abierta", "count": 1}]
    assert spanish["language"] == [{"code": "en", "label": "inglés", "count": 1}]
    assert [(each["code"], each["count"]) for each in spanish["openings"]] == [("1", 1)]


def test_what_serves_a_place_from_afar_stands_elsewhere(new_database: NewDatabase, tmp_path: Path) -> None:
    line = replace(world.CLINIC, key="line", name="A Line", address=Address(), coverage="nationwide")
    state = replace(world.CLINIC, key="state", name="B Office", coverage="Pennsylvania; NJ")
    other = replace(world.CLINIC, key="other", name="C Office", address=Address(), coverage="Ohio")
    room = replace(world.LAMP, key="room", name="D Room", attendance="online")
    with new_database("sqlite", tmp_path) as url:
        world.fill(url, (*world.DRAFTS, line, state, other, room))
        with world.site(url) as client:
            near = client.get(f"{NEAR}&within=5").json()
            online = client.get(f"{NEAR}&attendance=online").json()
            nowhere = client.get("/api/listings").json()
    assert [each["name"] for each in near["elsewhere"]["results"]] == ["A Line", "B Office", "D Room"]
    assert near["elsewhere"]["total"] == 3
    assert [list(each) for each in near["elsewhere"]["results"]] == [KEYS] * 3
    assert ([each["name"] for each in online["results"]], online["elsewhere"]) == (
        ["D Room"],
        {"total": 0, "results": []},
    )
    assert (nowhere["total"], nowhere["elsewhere"]) == (7, {"total": 0, "results": []})


def test_a_slip_of_the_finger_is_forgiven_and_said(client: TestClient) -> None:
    answer = client.get(f"{NEAR}&q=quite lmap").json()
    assert [each["name"] for each in answer["results"]] == ["Quiet Lamp Group"]
    assert answer["spelled"] == {"quite": ["quiet"], "lmap": ["lamp"]}
    assert "spelled" not in client.get(f"{NEAR}&q=quiet").json()


def test_a_list_that_is_taken_along_is_no_part_of_the_question(client: TestClient) -> None:
    answer = client.get(f"{NEAR}&take=quiet-lamp-group-x").json()
    assert answer["query"] == {"lat": "40", "lon": "-75"}


def test_a_result_says_all_that_is_known(client: TestClient) -> None:
    found = next(each for each in client.get(NEAR).json()["results"] if each["name"] == "Quiet Lamp Group")
    slug = found.pop("slug")
    assert slug.startswith("quiet-lamp-group-")
    monday, saturday = found.pop("schedules")
    assert found == {
        "kind": "meeting",
        "name": "Quiet Lamp Group",
        "organization": "Marsh Intergroup",
        "address": "12 Heron Lane",
        "city": "Saltmarsh",
        "state": "PA",
        "postal_code": "19199",
        "lat": 40.01,
        "lon": -75.0,
        "distance_miles": 0.7,
        "distance_approximate": False,
        "attendance": "in-person",
        "program": "aa",
        "types": [{"code": "aa:O", "label": "Open"}],
        "next_start": "2026-03-02T19:00:00-05:00",
        "open_until": None,
        "phone": "(555) 555-0100 x7",
        "care": None,
        "pay": None,
        "people": None,
        "medication": None,
        "language": ["en"],
        "access": ["wheelchair"],
        "openings": None,
        "verified_on": None,
        "source": {"name": "world", "key": "lamp"},
    }
    assert {name: monday[name] for name in ("day", "start", "end", "timezone")} == {
        "day": 1,
        "start": "19:00",
        "end": "20:00",
        "timezone": NEW_YORK,
    }
    assert (saturday["day"], saturday["start"], saturday["end"]) == (6, "23:50", "00:30")


def test_a_hidden_address_is_in_no_answer(client: TestClient) -> None:
    found = named(client, "Safe Reeds")
    assert (found["address"], found["city"], found["lat"], found["lon"]) == (None, None, None, None)
    assert found["openings"] == {"available": 2, "as_of": "2026-03-02T14:00:00+00:00", "freshness": "fresh"}
    assert found["verified_on"] == "2026-02-20"
    assert found["source"]["key"] is None  # some keys are made from the street
    detail = client.get(f"/api/listings/{found['slug']}")
    assert not [secret for secret in ("Secret", "40.02", "75.01", "Rear") if secret in detail.text]


def test_the_question_comes_back_in_its_canonical_form(client: TestClient) -> None:
    answer = client.get(
        "/api/listings?kind=housing&kind=meeting&near=19199&within=5.0&within=&nonsense=1&page=1"
    ).json()
    assert answer["query"] == {"near": "19199", "within": "5", "kind": ["meeting", "housing"]}


def test_the_next_page_has_an_address_until_there_is_none(client: TestClient) -> None:
    names, address = [], f"{NEAR}&per_page=2"
    while address:
        answer = client.get(address).json()
        names += [each["name"] for each in answer["results"]]
        address = answer["next"]
    assert names == ["Safe Reeds", "Quiet Lamp Group", "Far Shore Clinic"]


def test_the_label_of_a_code_is_in_the_readers_language(client: TestClient) -> None:
    answer = client.get("/api/listings?kind=meeting", headers={"Accept-Language": "es"})
    assert answer.json()["results"][0]["types"] == [{"code": "aa:O", "label": "Abierta"}]
    assert answer.headers["content-language"] == "es"


def test_at_replaces_the_clock(client: TestClient) -> None:
    found = client.get("/api/listings?kind=meeting&at=2026-03-03T00:10:00Z").json()["results"][0]
    assert found["open_until"] == "2026-03-02T20:00:00-05:00"
    assert found["next_start"] == "2026-03-07T23:50:00-05:00"


def test_what_depends_on_a_place_is_not_kept_by_others(client: TestClient) -> None:
    assert client.get(NEAR).headers["cache-control"] == "private, max-age=60"
    assert "access-control-allow-origin" not in client.get(NEAR, headers={"Origin": "http://evil.test"}).headers


# --- a wrong question --------------------------------------------------------------------------------------------------


def test_all_wrong_parameters_are_named_at_once(client: TestClient) -> None:
    answer = client.get("/api/listings?kind=zoo&kind=meeting&within=900&lat=40&day=9&per_page=101&at=noon&care=spa")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    wrong = {each["field"]: each for each in answer.json()["errors"]}
    assert sorted(wrong) == ["at", "care", "day", "kind", "lon", "per_page", "within"]
    assert (wrong["kind"]["given"], wrong["within"]["given"], wrong["care"]["given"]) == ("zoo", "900", "spa")
    assert "meeting" in wrong["kind"]["allowed"]
    assert wrong["within"]["allowed"] == ["1", "500"]
    assert all(each["detail"] for each in wrong.values())


def test_a_code_that_no_system_has_is_named(client: TestClient) -> None:
    answer = client.get("/api/listings?type=aa:ZZ")
    assert answer.status_code == 400
    assert [(each["field"], each["given"]) for each in answer.json()["errors"]] == [("type", "aa:ZZ")]


def test_a_place_that_is_not_known_gets_the_nearest_spellings(client: TestClient) -> None:
    answer = client.get("/api/listings", params={"near": "Saltmrsh, PA"})
    assert answer.status_code == 422
    assert answer.json()["suggestions"] == ["Saltmarsh, PA"]
    assert answer.json()["place"] == "Saltmrsh, PA"


def test_a_problem_is_told_in_the_readers_language_and_named_in_none(client: TestClient) -> None:
    answers = [client.get("/api/listings?kind=zoo", headers={"Accept-Language": tag}) for tag in ("en", "es")]
    assert [answer.headers["content-language"] for answer in answers] == ["en", "es"]
    assert {answer.json()["code"] for answer in answers} == {"bad-query"}


# --- unchanged? ------------------------------------------------------------------------------------------------------


def test_the_same_question_in_the_same_minute_is_answered_304(client: TestClient) -> None:
    tag = client.get(f"{NEAR}&kind=meeting&nonsense=1").headers["etag"]
    again = client.get("/api/listings?kind=meeting&lon=-75&lat=40", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(NEAR, headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_no_place_can_be_read_from_a_tag(client: TestClient) -> None:
    assert "19199" not in client.get("/api/listings?near=19199").headers["etag"]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_an_unchanged_answer_asks_for_nothing_but_the_version(database_url: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:
        found = client.get(NEAR)
        detail = f"/api/listings/{found.json()['results'][0]['slug']}"
        tags = {NEAR: found.headers["etag"], detail: client.get(detail).headers["etag"]}
    with closing(sqlite3.connect(database_url.removeprefix("sqlite://"))) as file:
        file.execute("ALTER TABLE listing RENAME TO gone_listing")
    with world.site(database_url) as client:
        assert {path: client.get(path, headers={"If-None-Match": tag}).status_code for path, tag in tags.items()} == {
            NEAR: 304,
            detail: 304,
        }
        assert client.get(NEAR).status_code == 500


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_minute_later_or_with_other_data_the_answer_is_new(database_url: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:
        tag = {"If-None-Match": client.get(NEAR).headers["etag"]}
    with world.site(database_url, NOW + timedelta(seconds=59)) as client:
        assert client.get(NEAR, headers=tag).status_code == 304
    with world.site(database_url, NOW + timedelta(seconds=60)) as client:
        assert client.get(NEAR, headers=tag).status_code == 200
    world.fill(database_url, [world.closed(world.LAMP), world.SHELTER, world.CLINIC])
    with world.site(database_url) as client:
        assert client.get(NEAR, headers=tag).status_code == 200


# --- one listing -----------------------------------------------------------------------------------------------------


def test_one_listing_is_its_result_and_all_else_that_is_public(client: TestClient) -> None:
    result = named(client, "Far Shore Clinic")
    detail = client.get(f"/api/listings/{result['slug']}").json()
    assert list(detail)[: len(KEYS)] == KEYS
    same = [key for key in KEYS if key not in ("source", "openings")]
    assert {key: detail[key] for key in same} == {key: result[key] for key in same}
    assert detail["description"] == "A clinic by the water."
    assert detail["urls"] == [{"url": "https://clinic.example.org", "label": "Website"}]
    assert detail["minimum_age"] == 18
    assert detail["source"]["title"] == "An invented world"
    assert detail["geocode"]["provider"] == "source"


def test_one_listing_has_every_number_and_the_next_times(client: TestClient) -> None:
    detail = client.get(f"/api/listings/{named(client, 'Quiet Lamp Group')['slug']}").json()
    assert [(each["number"], each["type"]) for each in detail["phones"]] == [
        ("(555) 555-0100", "voice"),
        ("(555) 555-0101", "fax"),
    ]
    assert [each["start"] for each in detail["next_times"]] == [
        "2026-03-02T19:00:00-05:00",
        "2026-03-07T23:50:00-05:00",
        "2026-03-09T19:00:00-04:00",
    ]


def test_what_is_public_of_one_listing_may_be_shared(client: TestClient) -> None:
    answer = client.get(f"/api/listings/{named(client, 'Safe Reeds')['slug']}")
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.json()["openings"]["unit"] == "bed"


def test_an_address_that_never_was_is_404(client: TestClient) -> None:
    answer = client.get("/api/listings/nothing-here", headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_listing_that_is_gone_is_410_with_what_is_near_instead(database_url: str) -> None:
    lantern = world.replace(world.LAMP, key="lantern", name="Lantern Group")
    world.fill(database_url, [*world.DRAFTS, lantern])
    with world.site(database_url) as client:
        slug = named(client, "Quiet Lamp Group")["slug"]
    world.fill(database_url, [*world.without(world.LAMP), lantern])
    with world.site(database_url) as client:
        answer = client.get(f"/api/listings/{slug}")
    assert (answer.status_code, answer.json()["code"], answer.json()["slug"]) == (410, "gone", slug)
    assert [each["name"] for each in answer.json()["instead"]] == ["Lantern Group"]


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("miles", "told"), [(None, None), (0.04, 0.0), (0.05001, 0.1), (12.349, 12.3), (12.351, 12.4)])
def test_a_distance_has_one_decimal(miles: float | None, told: float | None) -> None:
    assert card_json(card(distance_miles=miles))["distance_miles"] == told


@pytest.mark.parametrize("visibility", [Visibility.PARTIAL, Visibility.HIDDEN])
def test_a_point_is_told_only_with_its_address(visibility: Visibility) -> None:
    found = card_json(card(visibility=visibility, point=Point(40.0, -75.0), street="99 Secret Road"))
    assert (found["address"], found["lat"], found["lon"]) == (None, None, None)


def test_unknown_is_null_and_none_of_it_is_an_empty_list() -> None:
    found = card_json(card(pay=(), care=None))
    assert (found["pay"], found["care"]) == ([], None)


@pytest.mark.parametrize(
    ("window", "parts"),
    [
        (meeting(2, "19:00", 90), [(2, "19:00", "20:30")]),
        (meeting(2, "23:00", 60), [(2, "23:00", "00:00")]),
        (meeting(6, "23:00", 90), [(6, "23:00", "00:30")]),
        (Window("hours", 0, 0, DAY), [(0, "00:00", "24:00")]),
        (Window("hours", 5, 0, 3 * DAY), [(5, "00:00", "24:00"), (6, "00:00", "24:00"), (0, "00:00", "24:00")]),
        (Window("hours", 5, 18 * 60, DAY + 120), [(5, "18:00", "18:00"), (6, "18:00", "20:00")]),
    ],
)
def test_a_window_is_told_day_by_day(window: Window, parts: list[tuple[int, str, str]]) -> None:
    assert [(part["day"], part["start"], part["end"]) for part in schedule_json(window, NEW_YORK)] == parts


def test_a_monthly_window_says_in_which_week() -> None:
    (part,) = schedule_json(meeting(2, "19:00", week=2, valid_to=date(2026, 6, 30)), NEW_YORK)
    assert (part["week"], part["sort"], part["valid_from"], part["valid_to"]) == (2, "meeting", None, "2026-06-30")


def test_openings_keep_what_is_not_known() -> None:
    report = Openings("bed", None, None, datetime.fromisoformat("2026-03-01T08:00:00-05:00"), "ask-first")
    assert card_json(card(openings=report))["openings"] == {
        "available": None,
        "as_of": "2026-03-01T08:00:00-05:00",
        "freshness": "ask-first",
    }


def test_a_listing_without_times_has_none() -> None:
    found = card_json(card(timetable=times()))
    assert (found["schedules"], found["next_start"]) == ([], None)


def test_what_may_stand_more_than_once_is_always_a_list() -> None:
    query, _ = parse(
        [("kind", "meeting"), ("type", "aa:O"), ("language", "es"), ("day", "1"), ("sort", "name"), ("pay", "free")]
    )
    assert query_json(query) == {
        "kind": ["meeting"],
        "day": "1",
        "pay": ["free"],
        "language": ["es"],
        "type": ["aa:O"],
        "sort": "name",
    }


def test_what_is_unknown_is_counted() -> None:
    query, _ = parse([("open", "now")])
    answer = found_json(SearchResult(query, None, NOW, NEW_YORK, 1, (card(),), {"open": 4}))
    assert (answer["unknown"], answer["next"]) == ({"open": 4}, None)
