"""What the server gives to the map: towns for its ground, the place and rings for its frame, Leaflet as a file, leave for a tile server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from directory.app import create_app
from directory.domain.geo import Point
from directory.domain.listings import Visibility
from directory.domain.places import PlaceRow
from directory.domain.results import Card, FoundPlace, SearchResult
from directory.domain.search import Query
from directory.services.around import MOST_TOWNS, Bounds, towns_around
from directory.settings import Settings
from directory.storage import places
from directory.web.middleware import SECURITY_HEADERS
from directory.web.presenters_map import MapView, map_view, rings
from tests.pages import get_page
from tests.web import shown, world
from tests.web.made import NEW_YORK, NOW, card

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
TILES = "https://tiles.example.org/{z}/{x}/{y}.png"
WITH_TILES = Settings(env="test", tile_url=TILES, tile_attribution="Tiles: Heron Maps")


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with new_database("sqlite", tmp_path_factory.mktemp("map")) as url:
        world.fill(url)
        shown.add(url, [shown.ONLINE], "online")
        yield url


@pytest.fixture
def client(filled: str) -> Iterator[TestClient]:
    with world.site(filled) as client:
        yield client


@pytest.fixture
def tiled(filled: str) -> Iterator[TestClient]:
    """A visitor of a site whose operator has set a tile server."""
    settings = replace(world.settings_for(filled), tile_url=TILES, tile_attribution=WITH_TILES.tile_attribution)
    with TestClient(create_app(settings, clock=lambda: NOW), base_url=world.HOST) as client:
        yield client


# --- towns -----------------------------------------------------------------------------------------------------------

AROUND = Bounds(39, 41, -76, -74)


def town(name: str, lat: float, lon: float, *codes: str) -> list[PlaceRow]:
    """A town with these ZIP codes, all in its middle."""
    rows = [PlaceRow("postcode", code, "PA", name, lat, lon, NEW_YORK) for code in codes]
    return [PlaceRow("locality", name.lower(), "PA", name, lat, lon, NEW_YORK, weight=len(codes)), *rows]


async def names(bounds: Bounds = AROUND, most: int = MOST_TOWNS) -> list[str]:
    return [found.name for found in await towns_around(bounds=bounds, most=most)]


async def test_the_town_with_most_zip_codes_comes_first_and_another_name_for_one_last(database: str) -> None:
    other_name = PlaceRow("locality", "lowreeds", "PA", "Lowreeds", 39.2, -75.8, NEW_YORK, weight=9)
    rows = [*town("Reedport", 40.9, -75.0, "19191"), *town("Saltmarsh", 40.0, -75.0, "19192", "19193"), other_name]
    await places.replace(rows, "1")
    assert await names() == ["Saltmarsh", "Reedport", "Lowreeds"]
    assert await names(most=2) == ["Saltmarsh", "Reedport"]


async def test_towns_outside_the_view_are_left_out_and_those_on_its_edge_are_not(database: str) -> None:
    rows = [
        *town("Edge", 41.0, -74.0, "19191"),
        *town("North", 41.1, -75.0, "19192"),
        *town("East", 40.0, -73.9, "19193"),
    ]
    await places.replace(rows, "1")
    assert await names() == ["Edge"]
    assert await names(Bounds()) != ["Edge"]


async def test_of_towns_that_lie_together_or_share_a_name_one_is_shown(database: str) -> None:
    rows = [
        *town("Saltmarsh", 40.0, -75.0, "19191", "19192"),
        *town("Saltmarsh Landing", 40.01, -75.01, "19193"),
        PlaceRow("locality", "saltmarsh", "NJ", "Saltmarsh", 40.5, -74.5, NEW_YORK),
        *town("Reedport", 40.5, -75.5, "19194"),
    ]
    await places.replace(rows, "1")
    assert await names() == ["Saltmarsh", "Reedport"]


async def test_however_many_towns_there_are_no_more_than_sixty_come_and_all_keep_their_distance(database: str) -> None:
    crowd = [town(f"Town{n}", 39 + n % 40 / 20, -76 + n // 40 / 20, f"{n:05}") for n in range(1600)]
    await places.replace([row for rows in crowd for row in rows], "1")
    found = await towns_around(bounds=AROUND)
    assert len(found) == MOST_TOWNS
    pairs = [(a, b) for index, a in enumerate(found) for b in found[:index]]
    assert all(abs(a.lat - b.lat) >= 2 / 24 or abs(a.lon - b.lon) >= 2 / 12 for a, b in pairs)


def test_the_address_answers_with_names_and_points_that_a_browser_keeps(client: TestClient) -> None:
    response = client.get("/map/places?south=39.5&north=40.5&west=-75.5&east=-74.5&limit=5")
    assert response.status_code == 200
    assert response.json() == {"places": [{"name": "Saltmarsh", "lat": 40.0, "lon": -75.0}]}
    assert response.headers["cache-control"] == "private, max-age=60"
    assert client.get("/map/places?south=10&north=11").json() == {"places": []}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("south=91", ["south"]),
        ("south=x&north=nan&west=-180.1&east=", ["south", "west", "north", "east"]),
        ("south=41&north=40", ["north"]),
        ("west=-75&east=-75", ["east"]),
        ("limit=0", ["limit"]),
        ("limit=61", ["limit"]),
        ("limit=inf", ["limit"]),
    ],
)
def test_bounds_that_are_none_get_a_problem_document_that_names_each(
    client: TestClient, query: str, wrong: list[str]
) -> None:
    response = client.get(f"/map/places?{query}")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert [each["field"] for each in response.json()["errors"]] == wrong
    assert all(each["detail"] in response.json()["detail"] for each in response.json()["errors"])


# --- the frame -------------------------------------------------------------------------------------------------------


def found(*cards: Card, place: FoundPlace | None, **asked: object) -> SearchResult:
    query = Query(near="Saltmarsh", **asked)  # type: ignore[arg-type]
    return SearchResult(query, place, NOW, NEW_YORK, len(cards), cards)


SALTMARSH = FoundPlace(Point(40.75449, -73.98751), "Saltmarsh, NY 10001", None, NEW_YORK)


def seen(result: SearchResult, settings: Settings = WITH_TILES) -> MapView:
    view = map_view(result, settings)
    assert view is not None
    return view


def test_the_frame_says_the_place_rounded_to_a_hundred_yards_its_name_and_the_rings() -> None:
    view = seen(found(card(), place=SALTMARSH, within=5.0))
    assert (view.lat, view.lon) == (40.754, -73.988)
    assert view.place == "Saltmarsh, NY\N{NO-BREAK SPACE}10001"
    assert view.ring_words == "0.5=0.5 miles|1=1 mile|2=2 miles|5=5 miles"


def test_a_place_without_a_name_is_where_the_visitor_is() -> None:
    assert seen(found(card(), place=replace(SALTMARSH, label=None))).place == "your location"


@pytest.mark.parametrize(
    ("within", "miles"),
    [(0.5, [0.5]), (1, [0.5, 1]), (7.5, [0.5, 1, 2, 5, 7.5]), (500, [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500])],
)
def test_the_last_ring_is_the_radius_searched(within: float, miles: list[float]) -> None:
    assert [ring.miles for ring in rings(within)] == miles


@pytest.mark.parametrize(
    "result",
    [
        found(card(), place=None),
        found(place=SALTMARSH),
        found(card(attendance="online"), place=SALTMARSH),
        found(card(visibility=Visibility.HIDDEN, point=None), place=SALTMARSH),
        found(card(), place=SALTMARSH, attendance=("online",)),
    ],
    ids=["no place", "no results", "online alone", "hidden alone", "online asked"],
)
def test_where_nothing_can_be_drawn_there_is_no_map(result: SearchResult) -> None:
    assert map_view(result, WITH_TILES) is None


def test_the_page_of_results_says_what_the_script_needs_and_loads_only_the_button(client: TestClient) -> None:
    page = get_page(client, "/search?near=19199")
    (holder,) = [each for each in page.all("div") if each.get("data-map") is not None]
    assert (holder.get("data-lat"), holder.get("data-lon"), holder.get("data-towns")) == (
        "40.0",
        "-75.0",
        "/map/places",
    )
    assert "".join(holder.itertext()).strip() == ""
    loaded = [urlsplit(script.get("src", "")).path for script in page.all("script")]
    assert "/static/map-open.js" in loaded
    later = [urlsplit(url).path for name in ("data-sheets", "data-scripts") for url in holder.get(name, "").split()]
    assert later == ["/static/leaflet/leaflet.css", "/static/map.css", "/static/leaflet/leaflet.js", "/static/map.js"]
    assert not set(later) & {*loaded, *(urlsplit(link.get("href", "")).path for link in page.all("link"))}
    assert holder.get("data-tiles") is None


@pytest.mark.parametrize("path", ["/search?kind=meeting", "/search?near=19199&attendance=online", "/search", "/"])
def test_a_page_without_a_place_or_points_offers_no_map(client: TestClient, path: str) -> None:
    page = get_page(client, path)
    assert not [each for each in page.all("div") if each.get("data-map") is not None]
    assert not [each for each in page.all("script") if "map" in each.get("src", "")]


def test_the_words_of_the_map_are_in_the_readers_language(client: TestClient) -> None:
    page = get_page(client, "/search?near=19199", language="es")
    (holder,) = [each for each in page.all("div") if each.get("data-map") is not None]
    assert holder.get("data-offer") == "Ver en un mapa"
    assert "25 millas" in holder.get("data-rings", "")


# --- Leaflet ---------------------------------------------------------------------------------------------------------


def test_leaflet_is_served_from_its_package_and_kept_for_good_under_its_hash(client: TestClient) -> None:
    page = get_page(client, "/search?near=19199")
    (holder,) = [each for each in page.all("div") if each.get("data-map") is not None]
    for address in f"{holder.get('data-sheets')} {holder.get('data-scripts')}".split():
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    script = client.get("/static/leaflet/leaflet.js")
    assert "Leaflet 1.9.4" in script.text[:100]
    assert script.headers["cache-control"] == "public, max-age=300"
    assert client.get(script.request.url, headers={"If-None-Match": script.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("name", ["leaflet-src.js", "leaflet.js.map", "images/layers.png", "../leaflet/__init__.py"])
def test_nothing_else_of_that_package_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/static/leaflet/{name}").status_code == 404


# --- an operator's tile server ---------------------------------------------------------------------------------------


def policy(said: str) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in said.split("; "))


def test_pictures_may_come_from_the_tile_server_and_from_no_other(tiled: TestClient) -> None:
    usual = policy(SECURITY_HEADERS["Content-Security-Policy"])
    said = policy(tiled.get("/").headers["content-security-policy"])
    assert said == usual | {"img-src": "'self' https://tiles.example.org"}


def test_without_a_tile_server_pictures_are_ours_alone(client: TestClient) -> None:
    assert policy(client.get("/").headers["content-security-policy"])["img-src"] == "'self'"


def test_the_page_hands_the_tile_server_to_the_script_in_place_of_our_towns(tiled: TestClient) -> None:
    page = get_page(tiled, "/search?near=19199")
    (holder,) = [each for each in page.all("div") if each.get("data-map") is not None]
    assert holder.get("data-tiles") == TILES
    assert holder.get("data-credit") == "Tiles: Heron Maps"
    assert holder.get("data-towns") is None


def test_the_privacy_page_names_the_tile_server(tiled: TestClient) -> None:
    said = get_page(tiled, "/privacy").text
    assert "drawn by tiles.example.org" in said
    assert "no maps" not in said


def test_the_privacy_page_promises_no_maps_from_others_where_there_are_none(client: TestClient) -> None:
    assert "No page loads anything from another site: no maps" in get_page(client, "/privacy").text
