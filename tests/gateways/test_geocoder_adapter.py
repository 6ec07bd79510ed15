"""geopy's remote geocoders are asked through httpx, within limits and in silence."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable

import httpx
import pytest
from geopy.exc import (
    GeocoderParseError,
    GeocoderRateLimited,
    GeocoderServiceError,
    GeocoderTimedOut,
    GeocoderUnavailable,
)
from geopy.geocoders import Nominatim, Photon

from directory.gateways.geocoders import HttpxAdapter

# The shape of an answer as on https://nominatim.org/release-docs/latest/api/Output/ ("JSON").
NOMINATIM = [
    {
        "place_id": 100149,
        "osm_type": "node",
        "osm_id": "107775",
        "boundingbox": ["44.4", "44.6", "-73.3", "-73.1"],
        "lat": "44.4761601",
        "lon": "-73.2129060",
        "display_name": "Burlington, Chittenden County, Vermont, United States",
        "class": "place",
        "type": "city",
        "importance": 0.65,
    }
]

# The shape of an answer as on https://github.com/komoot/photon ("Search result": GeoJSON).
PHOTON = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [-73.212906, 44.4761601]},
            "properties": {"osm_id": 1, "osm_key": "place", "name": "Burlington", "state": "Vermont", "country": "USA"},
        }
    ],
}

SECRET = "14 Elm Street Burlington"


def factory(answer: Callable[[httpx.Request], httpx.Response], **limits: float) -> Callable[..., HttpxAdapter]:
    return HttpxAdapter.factory(user_agent="footbridge-tests", transport=httpx.MockTransport(answer), **limits)


def answering(status: int, **content: object) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, **content)  # type: ignore[arg-type]


async def test_geopys_own_geocoders_work_through_httpx() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=PHOTON if request.url.path == "/api" else NOMINATIM)

    async with Nominatim(user_agent="ignored", adapter_factory=factory(answer)) as nominatim:
        place = await nominatim.geocode(SECRET)
    async with Photon(adapter_factory=factory(answer)) as photon:
        other = await photon.geocode(SECRET)
    assert (place.latitude, place.longitude) == (other.latitude, other.longitude) == (44.4761601, -73.212906)
    assert place.raw["display_name"] == "Burlington, Chittenden County, Vermont, United States"
    assert [request.url.params["q"] for request in asked] == [SECRET, SECRET]
    assert {request.headers["user-agent"] for request in asked} == {"footbridge-tests"}


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (429, {"Retry-After": "120"}, GeocoderRateLimited),
        (503, {}, GeocoderTimedOut),
        (500, {}, GeocoderServiceError),
        (302, {"Location": "https://elsewhere.example/"}, GeocoderServiceError),
    ],
)
async def test_a_refusal_is_geopys_own_exception(
    status: int, headers: dict[str, str], error: type[GeocoderServiceError]
) -> None:
    async with Photon(adapter_factory=factory(answering(status, headers=headers, text=SECRET))) as photon:
        with pytest.raises(error) as raised:
            await photon.geocode(SECRET)
    assert str(raised.value) == f"the service answered {status}"
    assert getattr(raised.value, "retry_after", None) == (120 if status == 429 else None)


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (httpx.ConnectError, GeocoderUnavailable),
        (httpx.ReadTimeout, GeocoderTimedOut),
        (httpx.RemoteProtocolError, GeocoderServiceError),
    ],
)
async def test_trouble_on_the_way_is_geopys_own_exception(
    problem: type[httpx.TransportError], error: type[GeocoderServiceError]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise problem(f"while asking {request.url}", request=request)

    async with Photon(adapter_factory=factory(answer)) as photon:
        with pytest.raises(error) as raised:
            await photon.geocode(SECRET)
    assert "Elm" not in str(raised.value)


async def test_an_answer_that_is_not_json_is_an_error_and_is_not_quoted() -> None:
    async with Photon(adapter_factory=factory(answering(200, text=f"<html>{SECRET}"))) as photon:
        with pytest.raises(GeocoderParseError) as raised:
            await photon.geocode(SECRET)
    assert "Elm" not in str(raised.value)


async def test_an_answer_that_is_too_large_or_too_slow_is_cut_off() -> None:
    async def slow(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return httpx.Response(200)

    async with Photon(adapter_factory=factory(answering(200, json=PHOTON), limit_bytes=50)) as photon:
        with pytest.raises(GeocoderServiceError, match="too large"):
            await photon.geocode(SECRET)
    adapter = HttpxAdapter(user_agent="tests", transport=httpx.MockTransport(slow), limit_seconds=0.01)
    with pytest.raises(GeocoderTimedOut):
        await adapter.get_text("https://example.org/", timeout=None, headers={})
    await adapter.client.aclose()


async def test_text_is_given_as_it_came() -> None:
    adapter = HttpxAdapter(user_agent="tests", transport=httpx.MockTransport(answering(200, text="Montpelier è là")))
    assert await adapter.get_text("https://example.org/", timeout=1, headers={}) == "Montpelier è là"
    await adapter.client.aclose()


async def test_what_is_searched_for_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for status in (200, 500):
        content = json.dumps(PHOTON) if status == 200 else SECRET
        async with Photon(adapter_factory=factory(answering(status, text=content))) as photon:
            try:
                await photon.geocode(SECRET)
            except GeocoderServiceError:
                assert status == 500
    logging.getLogger("footbridge.test").debug("the capture works")
    assert "the capture works" in caplog.text
    assert "Elm" not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith(("httpx", "httpcore", "geopy"))]
