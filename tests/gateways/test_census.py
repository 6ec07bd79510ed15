"""The Census geocoder answers one address or a whole file, and a tie is told as one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from geopy.exc import GeocoderParseError, GeocoderRateLimited, GeocoderTimedOut

from directory.domain.geo import Point
from directory.gateways.census import MOST_ROWS, USCensus
from directory.gateways.geocoders import HttpxAdapter
from tests.geocoder_server import GeocoderServer, Place, Reply, running

TEXT = "12 Heron Lane, Saltmarsh, PA 19199"
ROW = ("12 Heron Lane", "Saltmarsh", "PA", "19199")
OTHER = Place(lat=41.2, lon=-76.0)


@pytest.fixture
async def server() -> AsyncIterator[GeocoderServer]:
    async with running() as service:
        yield service


@pytest.fixture
async def census(server: GeocoderServer) -> AsyncIterator[USCensus]:
    factory = HttpxAdapter.factory(user_agent="tests")
    async with USCensus(domain=f"127.0.0.1:{server.port}", scheme="http", adapter_factory=factory, timeout=5) as made:
        yield made


async def test_one_address_is_found_with_its_parts(server: GeocoderServer, census: USCensus) -> None:
    server.knows(TEXT, Place())
    found = await census.geocode(TEXT)
    assert (found.address, found.latitude, found.longitude) == ("12 HERON LANE, SALTMARSH, PA, 19199", 40.015, -75.005)
    parts = {"number": "12", "street": "12 HERON LANE", "city": "SALTMARSH", "state": "PA", "zip": "19199"}
    assert found.raw == {"match": "Match", "matched_address": found.address, **parts}
    assert server.asked[0].parameters == {"address": TEXT, "benchmark": "Public_AR_Current", "format": "json"}
    assert await census.geocode("1 Nowhere Road, Saltmarsh, PA") is None


async def test_several_matches_are_no_answer_unless_they_are_one_place(
    server: GeocoderServer, census: USCensus
) -> None:
    server.knows(TEXT, Place(), OTHER)
    assert await census.geocode(TEXT) is None
    both = await census.geocode(TEXT, exactly_one=False)
    assert [place.raw["match"] for place in both] == ["Tie", "Tie"]
    server.knows(TEXT, Place(), Place(lat=40.0151))
    assert (await census.geocode(TEXT)).latitude == 40.015


async def test_a_file_is_answered_row_by_row_in_the_order_of_the_rows(server: GeocoderServer, census: USCensus) -> None:
    server.knows(TEXT, Place())
    server.knows("5 Oak, Saltmarsh, PA 19199", Place(), OTHER)
    rows = [("1 Nowhere Road", "Saltmarsh", "PA", ""), ROW, ("5 Oak", "Saltmarsh", "PA", "19199")]
    nothing, match, tie = await census.geocode_many(rows)
    assert nothing is None
    assert match
    assert (match.point, match.raw["match_type"], match.raw["state"]) == (Point(40.015, -75.005), "Exact", "PA")
    assert tie
    assert (tie.point, tie.raw) == (None, {"match": "Tie"})
    assert len(server.asked) == 1


async def test_a_row_never_breaks_the_columns_of_the_file(server: GeocoderServer, census: USCensus) -> None:
    await census.geocode_many([('12 "Old", Lane', "Salt,marsh", "PA", "19199\n")])
    assert server.asked[0].rows == (("0", "12 Old Lane", "Salt marsh", "PA", "19199"),)


@pytest.mark.parametrize(
    "text",
    ["<html>", '"7","x","No_Match"', '"0","x","Match","Exact","12 HERON LN","here","1","L"', '"0","x"', '"0","x\n'],
)
async def test_an_answer_of_another_shape_is_an_error(server: GeocoderServer, census: USCensus, text: str) -> None:
    server.broken = Reply(text=text)
    with pytest.raises(GeocoderParseError):
        await census.geocode_many([ROW])
    with pytest.raises(GeocoderParseError):
        await census.geocode(TEXT)


async def test_a_file_that_is_refused_raises_geopys_own_exception(server: GeocoderServer, census: USCensus) -> None:
    server.replies = [Reply(status=429, headers={"Retry-After": "7"}), Reply(status=503)]
    with pytest.raises(GeocoderRateLimited) as refused:
        await census.geocode_many([ROW])
    assert refused.value.retry_after == 7
    with pytest.raises(GeocoderTimedOut):
        await census.geocode_many([ROW])


async def test_a_file_has_ten_thousand_rows_at_the_most(server: GeocoderServer, census: USCensus) -> None:
    with pytest.raises(ValueError, match="10000"):
        await census.geocode_many([ROW] * (MOST_ROWS + 1))
    assert server.asked == []
