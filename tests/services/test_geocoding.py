from __future__ import annotations

from typing import Any

import pytest

from directory.domain.errors import PlaceNotFound
from directory.domain.geo import Point, Precision
from directory.domain.listings import PlacedListing, Visibility
from directory.services import geocoding
from directory.services.geocoding import Placer, place_find, point_place
from tests.factories import ADAK, LOS_ANGELES, NEW_YORK, draft, settings_for, world_made

MIDDLE = Point(40.0, -75.0)


async def placed(url: str, **given: Any) -> PlacedListing:
    """One listing with its place looked up."""
    (found,) = await Placer(settings_for(url)).place([(draft(**{"timezone": None, **given}), "hash", None)])
    return found


@pytest.mark.parametrize(
    ("text", "label", "precision"),
    [
        ("19199", "Saltmarsh, PA 19199", Precision.POSTCODE),
        ("19199-1234", "Saltmarsh, PA 19199", Precision.POSTCODE),
        ("Saltmarsh, PA", "Saltmarsh, PA", Precision.LOCALITY),
        ("  salt marsh,  pennsylvania ", "Saltmarsh, PA", Precision.LOCALITY),
        ("12 Heron Lane, Saltmarsh, PA 19199", "Saltmarsh, PA 19199", Precision.POSTCODE),
        ("Saltmarsh", "Saltmarsh, PA", Precision.LOCALITY),
    ],
)
async def test_a_place_is_found_in_the_ways_that_people_write_it(
    database: str, text: str, label: str, precision: Precision
) -> None:
    await world_made()
    found = await place_find(text=text, settings=settings_for(database))
    assert (found.label, found.precision, found.point, found.timezone) == (label, precision, MIDDLE, NEW_YORK)


@pytest.mark.parametrize("text", ["Nowhere, PA", "19197", "Saltmarsh, CA", "19199 Reedport, CA", "PA", "日本", "?"])
async def test_what_cannot_be_placed_is_never_guessed(database: str, text: str) -> None:
    await world_made()
    with pytest.raises(PlaceNotFound) as missing:
        await place_find(text=text, settings=settings_for(database))
    assert missing.value.place == text
    for suggestion in missing.value.suggestions:
        assert await place_find(text=suggestion, settings=settings_for(database))


async def test_a_slip_of_the_finger_is_answered_with_what_may_have_been_meant(database: str) -> None:
    await world_made()
    for text, meant in (
        ("Saltmarh, PA", "Saltmarsh, PA"),
        ("19197", "Farshore, PA 19198"),
        ("Reedprt", "Reedport, CA"),
    ):
        with pytest.raises(PlaceNotFound) as missing:
            await place_find(text=text, settings=settings_for(database))
        assert meant in missing.value.suggestions


async def test_coordinates_have_the_zone_of_the_land_and_the_areas_that_they_lie_in(database: str) -> None:
    await world_made()
    settings = settings_for(database)
    assert (await point_place(point=Point(34.05, -118.25), settings=settings)).timezone == LOS_ANGELES
    assert (await point_place(point=Point(40.02, -75.0), settings=settings)).areas == ("us", "pa", "pa/saltmarshcounty")
    at_sea = await point_place(point=Point(30.0, -45.0), settings=settings_for(database, timezone="America/Chicago"))
    assert (at_sea.timezone, at_sea.label, at_sea.precision, at_sea.areas) == ("America/Chicago", None, None, ("us",))


async def test_a_sources_own_point_is_kept_and_is_worth_as_much_as_its_address(database: str) -> None:
    await world_made()
    exact = await placed(database)
    assert (exact.geocode.provider, exact.geocode.precision, exact.public_point) == (
        "source",
        Precision.STREET,
        Point(40.01, -75.0),
    )
    assert not exact.approximate
    for given, precision in (
        ({"street": None}, Precision.POSTCODE),
        ({"street": None, "postal_code": None}, Precision.LOCALITY),
        ({"approximate": True}, Precision.LOCALITY),
    ):
        rough = await placed(database, **given)
        assert (rough.geocode.precision, rough.approximate, rough.public_point) == (
            precision,
            True,
            Point(40.01, -75.0),
        )


@pytest.mark.parametrize(
    ("given", "precision"),
    [
        ({}, Precision.POSTCODE),
        ({"postal_code": "19199-1234"}, Precision.POSTCODE),
        ({"postal_code": None}, Precision.LOCALITY),
        ({"postal_code": "99998"}, Precision.LOCALITY),
        ({"street": "12 Heron Lane"}, Precision.POSTCODE),
        ({"state": "Pennsylvania", "postal_code": None}, Precision.LOCALITY),
    ],
)
async def test_an_address_without_a_point_is_placed_by_its_zip_code_else_by_its_town(
    database: str, given: dict[str, Any], precision: Precision
) -> None:
    await world_made()
    found = await placed(database, point=None, **given)
    assert (found.geocode.provider, found.geocode.precision, found.public_point) == ("gazetteer", precision, MIDDLE)
    assert found.approximate
    assert found.timezone == NEW_YORK


@pytest.mark.parametrize(
    "given",
    [
        {"city": "Nowhere", "postal_code": None},
        {"city": "Reedport", "state": "CA", "postal_code": "19199"},
        {"city": None, "state": None, "postal_code": None, "street": None},
        {"country": "CA", "postal_code": None},
    ],
)
async def test_an_address_whose_parts_say_too_little_or_contradict_each_other_has_no_point(
    database: str, given: dict[str, Any]
) -> None:
    await world_made()
    found = await placed(database, point=None, **given)
    assert (found.geocode.point, found.geocode.precision, found.public_point, found.approximate) == (
        None,
        None,
        None,
        False,
    )
    assert found.timezone == settings_for(database).timezone


@pytest.mark.parametrize("visibility", [Visibility.PARTIAL, Visibility.HIDDEN])
async def test_of_an_address_that_is_not_public_only_its_zip_code_is(database: str, visibility: Visibility) -> None:
    await world_made()
    true = Point(40.0312, -75.0123)
    found = await placed(database, visibility=visibility, point=true)
    assert found.geocode.point == true
    assert (found.public_point, found.approximate) == (MIDDLE, True)
    unplaced = await placed(database, visibility=visibility, point=true, city="Nowhere", postal_code=None)
    assert (unplaced.public_point, unplaced.approximate) == (None, False)


async def test_the_zone_is_the_sources_own_else_that_of_the_public_point(database: str) -> None:
    await world_made()
    assert (await placed(database, timezone=ADAK)).timezone == ADAK
    assert (await placed(database, point=Point(34.05, -118.25))).timezone == LOS_ANGELES
    hidden = await placed(database, point=Point(34.05, -118.25), visibility=Visibility.HIDDEN)
    assert hidden.timezone == NEW_YORK


async def test_an_import_that_has_to_forget_places_finds_them_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world_made()
    towns = [
        ("Saltmarsh", "PA", "19199"),
        ("Farshore", "PA", "19198"),
        ("Reedport", "CA", None),
        ("Nowhere", "PA", None),
    ]
    items = [
        (draft(str(number), point=None, street=None, city=city, state=state, postal_code=code), "hash", None)
        for number, (city, state, code) in enumerate(towns)
    ]
    remembered = await Placer(settings_for(database)).place(items * 2)
    monkeypatch.setattr(geocoding, "MOST_REMEMBERED", 0)
    forgetful = Placer(settings_for(database))
    assert [*await forgetful.place(items), *await forgetful.place(items)] == remembered
    assert [item.geocode.label for item in remembered[:4]] == [
        "Saltmarsh, PA 19199",
        "Farshore, PA 19198",
        "Reedport, CA",
        None,
    ]
