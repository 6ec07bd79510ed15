"""The gazetteer finds what it knows and says what may be meant by the rest."""

from __future__ import annotations

import asyncio
import logging

import pytest
from geopy.exc import GeocoderServiceError, GeocoderTimedOut
from geopy.location import Location

from directory.domain.listings import Address
from directory.domain.places import PlaceRow, query_of
from directory.gateways.geocoders import Gazetteer

EAST = "America/New_York"


def town(name: str, state: str, lat: float, lon: float, weight: int = 1, key: str = "", county: str = "") -> PlaceRow:
    key = key or "".join(letter for letter in name.lower() if letter.isalpha())
    return PlaceRow("locality", key, state, name, lat, lon, EAST, county or None, weight, demo=state == "ZZ")


def code(zip_code: str, name: str, state: str, lat: float, lon: float) -> PlaceRow:
    return PlaceRow("postcode", zip_code, state, name, lat, lon, EAST, None, 1, demo=state == "ZZ")


ROWS = [
    code("05401", "Burlington", "VT", 44.484, -73.2199),
    code("05402", "Burlington", "VT", 44.4759, -73.2121),
    code("19094", "Woodlyn", "PA", 39.8756, -75.3458),
    code("19101", "Philadelphia", "PA", 40.0018, -75.1179),
    code("19107", "Philadelphia", "PA", 39.9487, -75.1593),
    code("19124", "Philadelphia", "PA", 40.0178, -75.0895),
    code("24201", "Bristol", "VA", 36.6179, -82.1607),
    code("10115", "New York", "NY", 40.8111, -73.9642),
    code("00001", "Elk Hollow", "ZZ", 41.05, -117.6),
    town("Burlington", "VT", 44.484, -73.2199, 3, county="Chittenden County"),
    town("Burlington", "NC", 36.09, -79.46, 5),
    town("Burlington", "IA", 40.81, -91.12, 1),
    town("Winooski", "VT", 44.49, -73.19, county="Chittenden County"),
    town("Montpelier", "VT", 44.26, -72.58, county="Washington County"),
    town("Saint Johnsbury", "VT", 44.42, -72.01, county="Caledonia County"),
    town("Vermont", "IL", 40.29, -90.43),
    town("Philadelphia", "PA", 39.9925, -75.1616, 46),
    town("Philadelphia", "PA", 39.9925, -75.1616, 46, key="phila"),
    town("Philadelphia", "MS", 32.77, -89.11, 1),
    town("Philipsburg", "PA", 40.89, -78.22, 1),
    town("Pittsburgh", "PA", 40.44, -79.99, 50),
    town("Pittsburg", "KS", 37.41, -94.70, 1),
    town("Scranton", "PA", 41.41, -75.66, 9),
    town("Bristol", "TN", 36.57, -82.19, 1),
    town("Berlin", "NH", 44.47, -71.18, 1),
    town("New York", "NY", 40.755, -73.98, 60),
    town("New York", "NY", 40.755, -73.98, 60, key="nyc"),
    town("Port Washington", "NY", 40.83, -73.70, 1),
    town("Winston Salem", "NC", 36.08, -80.25, 9),
    town("O Fallon", "MO", 38.79, -90.74, 2),
    town("Elk Hollow", "ZZ", 41.05, -117.6, 1),
]


class InMemory:
    """Rows as storage gives them, with a note of what was asked."""

    def __init__(self, rows: list[PlaceRow]) -> None:
        self.rows = rows

    async def postcode(self, code: str) -> PlaceRow | None:
        return next((row for row in self.rows if row.kind == "postcode" and row.key == code), None)

    async def localities(self, key: str, state: str | None) -> list[PlaceRow]:
        return [row for row in self.rows if row.kind == "locality" and row.key == key and state in (None, row.state)]

    async def names(self, state: str | None, prefix: str) -> list[PlaceRow]:
        kind = "postcode" if prefix[:1].isdigit() else "locality"
        rows = [row for row in self.rows if row.kind == kind and row.key.startswith(prefix)]
        return [row for row in rows if state in (None, row.state)]


class Stuck(InMemory):
    """A database that does not answer."""

    async def postcode(self, code: str) -> PlaceRow | None:
        await asyncio.Event().wait()
        return None


@pytest.fixture
def gazetteer() -> Gazetteer:
    return Gazetteer(InMemory(ROWS))


async def found(gazetteer: Gazetteer, text: str) -> str | None:
    place = await gazetteer.geocode(text)
    assert place is None or isinstance(place, Location)
    return place.address if place else None


async def test_a_zip_code_is_found_with_all_that_is_known_of_it(gazetteer: Gazetteer) -> None:
    place = await gazetteer.geocode("19107")
    assert isinstance(place, Location)
    assert (place.address, place.latitude, place.longitude) == ("Philadelphia, PA 19107", 39.9487, -75.1593)
    assert place.raw == {
        "precision": "postcode",
        "kind": "postcode",
        "key": "19107",
        "state": "PA",
        "name": "Philadelphia",
        "county": None,
        "timezone": EAST,
        "demo": False,
    }


async def test_a_town_is_found_as_coarsely_as_a_town_is_known(gazetteer: Gazetteer) -> None:
    place = await gazetteer.geocode("Burlington, VT")
    assert isinstance(place, Location)
    assert (place.address, place.raw["precision"], place.raw["key"]) == ("Burlington, VT", "locality", "burlington")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("burlington vermont", "Burlington, VT"),
        ("St. Johnsbury, VT", "Saint Johnsbury, VT"),
        ("Winston-Salem NC", "Winston Salem, NC"),
        ("O'Fallon, MO", "O Fallon, MO"),
        ("phila pa", "Philadelphia, PA"),
        ("nyc", "New York, NY"),
        ("New York", "New York, NY"),
        ("Port Washington", "Port Washington, NY"),
        ("Winooski", "Winooski, VT"),
        ("Elk Hollow, ZZ", "Elk Hollow, ZZ"),
        ("1937 MacDade Blvd, Woodlyn, PA 19094, USA", "Woodlyn, PA 19094"),
        ("12 Elm St, Winooski, VT", "Winooski, VT"),
        ("Center City, Philadelphia 19107", "Philadelphia, PA 19107"),
    ],
)
async def test_a_place_is_found_however_it_is_written(gazetteer: Gazetteer, text: str, label: str) -> None:
    assert await found(gazetteer, text) == label


@pytest.mark.parametrize(("text", "invented"), [("00001", True), ("Elk Hollow, ZZ", True), ("Winooski, VT", False)])
async def test_an_invented_place_says_so(gazetteer: Gazetteer, text: str, invented: bool) -> None:
    place = await gazetteer.geocode(text)
    assert isinstance(place, Location)
    assert place.raw["demo"] is invented


@pytest.mark.parametrize(
    "text",
    [
        "Philidelphia, PA",
        "Burlington",
        "Burlington, PA",
        "Burlington, Ontario",
        "Vermont",
        "Toronto, ON M5V 2T6, Canada",
        "Berlin, Germany 10115",
        "19999",
        "Winooski 19999",
        "5401",
        "nowhere at all",
        "",
        "?",
    ],
)
async def test_what_is_not_known_or_not_certain_is_never_guessed(gazetteer: Gazetteer, text: str) -> None:
    assert await gazetteer.geocode(text) is None


async def test_all_places_of_a_name_are_given_if_asked_for_the_largest_first(gazetteer: Gazetteer) -> None:
    places = await gazetteer.geocode("Burlington", exactly_one=False)
    assert isinstance(places, list)
    assert [place.address for place in places] == ["Burlington, NC", "Burlington, VT", "Burlington, IA"]
    assert await gazetteer.geocode("Nowhere, VT", exactly_one=False) is None


async def test_a_zip_code_that_does_not_exist_gives_way_to_the_town_and_state(gazetteer: Gazetteer) -> None:
    assert await found(gazetteer, "Burlington, VT 05499") == "Burlington, VT"


async def test_a_zip_code_and_a_town_far_apart_contradict_each_other(gazetteer: Gazetteer) -> None:
    assert await found(gazetteer, "Burlington, VT 19107") is None
    assert await found(gazetteer, "Pittsburgh, PA 19107") is None
    assert await found(gazetteer, "Woodlyn, DE 19094") is None
    assert (await gazetteer.suggest("Burlington, VT 19107"))[:2] == ["Burlington, VT", "Philadelphia, PA 19107"]
    assert (await gazetteer.suggest("Woodlyn, DE 19094"))[0] == "Woodlyn, PA 19094"


async def test_a_zip_code_across_the_border_from_its_town_is_right(gazetteer: Gazetteer) -> None:
    assert await found(gazetteer, "Bristol, TN 24201") == "Bristol, VA 24201"


async def test_a_zip_code_stands_where_only_neighbours_use_the_name_of_the_town(gazetteer: Gazetteer) -> None:
    assert await found(gazetteer, "Folsom Park, PA 19094") == "Woodlyn, PA 19094"


async def test_an_imported_address_is_found_by_its_parts(gazetteer: Gazetteer) -> None:
    address = Address(street="5 Elm St", city="Burlington", state="Vermont", postal_code="5401")
    place = await gazetteer.geocode(query_of(address))
    assert isinstance(place, Location)
    assert place.address == "Burlington, VT 05401"
    assert await gazetteer.geocode(query_of(Address(city="Winooski", country="CA"))) is None


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("Philidelphia, PA", ["Philadelphia, PA"]),
        ("philadelpia", ["Philadelphia, PA", "Philadelphia, MS"]),
        ("Pittsburg, PA", ["Pittsburgh, PA", "Pittsburg, KS"]),
        ("Vurlington, VT", ["Burlington, VT"]),
        ("Montpellier VT", ["Montpelier, VT"]),
        ("Burlington", ["Burlington, NC", "Burlington, VT", "Burlington, IA"]),
        ("Burlington, Vermnt", ["Burlington, VT", "Burlington, NC", "Burlington, IA"]),
        ("Burlington, PA", ["Burlington, NC", "Burlington, VT", "Burlington, IA"]),
        ("Phil, PA", ["Philadelphia, PA", "Philipsburg, PA"]),
        ("19108", ["Philadelphia, PA 19107", "Philadelphia, PA 19101", "Philadelphia, PA 19124"]),
        ("5401", ["Burlington, VT 05401"]),
        ("PA", ["Pittsburgh, PA", "Philadelphia, PA", "Scranton, PA", "Philipsburg, PA"]),
        ("Chittenden County, VT", ["Burlington, VT", "Winooski, VT"]),
        ("99999", []),
        ("zzzzzzzz", []),
        ("?", []),
        ("", []),
    ],
)
async def test_what_may_have_been_meant_is_suggested_best_first(
    gazetteer: Gazetteer, text: str, suggested: list[str]
) -> None:
    assert [label for label in await gazetteer.suggest(text) if label in suggested] == suggested
    if not suggested:
        assert await gazetteer.suggest(text) == []


async def test_every_suggestion_is_a_text_that_is_found(gazetteer: Gazetteer) -> None:
    for text in ("Burlington", "Philidelphia, PA", "19108", "PA", "Vermont", "Burlington, VT 19107"):
        labels = await gazetteer.suggest(text)
        assert labels
        assert [await found(gazetteer, label) for label in labels] == labels


async def test_no_more_is_suggested_than_asked_for_and_nothing_twice(gazetteer: Gazetteer) -> None:
    assert len(await gazetteer.suggest("Burlington", limit=2)) == 2
    labels = await gazetteer.suggest("philadelpia")
    assert len(labels) == len(set(labels))


async def test_thirty_thousand_names_are_compared_without_holding_up_the_loop() -> None:
    """The loop gets its turn between batches: a ticking task goes on ticking while names are compared."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [f"m{a}{b}{c}ville" for a in letters for b in letters for c in letters + letters.upper()][:30_000]
    gazetteer = Gazetteer(InMemory([town(name, "VT", 44.0, -72.0, key=name) for name in names]))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticker = asyncio.create_task(tick())
    try:
        assert "mabcville, VT" in await gazetteer.suggest("mabcvile, VT")
    finally:
        ticker.cancel()
    assert len(names) == 30_000
    assert ticks >= 6


async def test_a_database_that_does_not_answer_is_given_up_after_the_timeout() -> None:
    with pytest.raises(GeocoderTimedOut):
        await Gazetteer(Stuck(ROWS)).geocode("19107", timeout=0.01)
    with pytest.raises(GeocoderTimedOut):
        await Gazetteer(Stuck(ROWS), timeout=0.01).geocode("19107")


async def test_the_gazetteer_has_no_network(gazetteer: Gazetteer) -> None:
    with pytest.raises(GeocoderServiceError):
        await gazetteer.adapter.get_json("https://example.org", timeout=1, headers={})
    with pytest.raises(GeocoderServiceError):
        await gazetteer.adapter.get_text("https://example.org", timeout=1, headers={})


async def test_what_is_searched_for_is_never_logged(caplog: pytest.LogCaptureFixture, gazetteer: Gazetteer) -> None:
    caplog.set_level(logging.DEBUG)
    for text in ("14 Elm Street, Winooski, VT", "14 Elm Street, Winoosky, VT"):
        await gazetteer.geocode(text)
        await gazetteer.suggest(text)
    logging.getLogger("footbridge.test").debug("the capture works")
    assert "the capture works" in caplog.text
    assert not [word for word in ("Elm", "inoos") if word in caplog.text]
