"""Listings as GeoJSON: valid by RFC 7946, and without a point where none is shown."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from directory.domain.exports import Published
from directory.domain.geo import Point
from directory.domain.listings import Link, Phone
from directory.formats.geojson_out import GeoJsonOut
from tests.web.made import detail


def written(*listings: Published) -> tuple[bytes, dict[str, Any]]:
    out = GeoJsonOut("https://help.example.org/")
    content = b"".join([out.start(), *map(out.add, listings), out.end()])
    return content, json.loads(content)


def test_a_listing_is_a_feature_with_its_point_and_what_a_map_says_of_it() -> None:
    listing = detail(
        phones=(Phone("555-555-0100", "7"),), urls=(Link("https://lamp.example.org"),), verified_on=date(2026, 2, 20),
        conference_url="https://zoom.us/j/5550100", source_title="A list", source_licence="CC0",
    )  # fmt: skip
    content, found = written(Published(listing, "US"))
    assert found == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "quiet-lamp-group-abc23456",
                "geometry": {"type": "Point", "coordinates": [-73.99, 40.75]},
                "properties": {
                    "name": "Quiet Lamp Group", "kind": "meeting", "organization": None, "program": "aa", "attendance": "in-person",
                    "place_name": "Heron Hall", "address": "12 Heron Lane", "address_2": None, "city": "Saltmarsh", "state": "NY",
                    "postal_code": "10001", "country": "US", "approximate": False, "timezone": "America/New_York",
                    "times": ["Tue 19:00-20:00"], "hours_text": None, "phones": ["555-555-0100 x7"],
                    "websites": ["https://lamp.example.org"], "care": None, "pay": [], "people": ["women"], "medication": None,
                    "access": None, "languages": ["en"], "codes": [], "verified_on": "2026-02-20", "source": "A list",
                    "source_licence": "CC0", "url": "https://help.example.org/listings/quiet-lamp-group-abc23456",
                },
            }
        ],
    }  # fmt: skip
    assert b"5550100" not in content, "a way in online is not of a map"


def test_where_no_point_is_shown_there_is_no_geometry() -> None:
    assert written(Published(detail(point=None), None))[1]["features"][0]["geometry"] is None


@pytest.mark.parametrize(
    ("point", "told"),
    [
        (Point(40.123456789, -73.5), [-73.5, 40.123457]),
        (Point(0.0, -0.0), [-0.0, 0.0]),
        (Point(51.95, 179.6), [179.6, 51.95]),
    ],
)
def test_longitude_comes_first_and_is_as_exact_as_is_of_use(point: Point, told: list[float]) -> None:
    assert written(Published(detail(point=point), "US"))[1]["features"][0]["geometry"]["coordinates"] == told


def test_one_listing_is_one_line_and_none_are_an_empty_collection() -> None:
    three = [Published(detail(slug=slug, name="Línea\n2"), "US") for slug in "abc"]
    content, found = written(*three)
    assert len(content.decode().splitlines()) == 5
    assert [feature["id"] for feature in found["features"]] == ["a", "b", "c"]
    assert "Línea".encode() in content
    assert written()[1] == {"type": "FeatureCollection", "features": []}
