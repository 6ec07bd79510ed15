"""A geocoding service on loopback that speaks as five real ones do, and can be slow, wrong, empty or out of order when told to.

Each shape names the public page that it comes from. What those pages leave open is said beside it.
"""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from directory.settings_geocoders import GeocoderEntry

USER_AGENT = "heron-helpline"


@dataclass(frozen=True)
class Place:
    """A house that the service knows, or (without `number`) a street, or (without `street`) a town."""

    lat: float = 40.015
    lon: float = -75.005
    number: str = "12"
    street: str = "Heron Lane"
    city: str = "Saltmarsh"
    state: str = "PA"
    state_name: str = "Pennsylvania"
    postal_code: str = "19199"
    match: str = "Match"

    @property
    def line(self) -> str:
        return f"{self.number} {self.street}".strip()


@dataclass(frozen=True)
class Asked:
    """One request: its path, what was asked for, and all else that it said."""

    path: str
    question: str
    parameters: Mapping[str, str]
    agent: str
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass
class Reply:
    """What to answer in place of the truth: a status with its headers, or a text; `slow` waits until the asker has gone."""

    status: int = 200
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    slow: bool = False


@dataclass
class GeocoderServer:
    """`places` are known by the text that is asked for, all lower case; `replies` are given first, one for each request."""

    port: int = 0
    places: dict[str, list[Place]] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    broken: Reply | None = None
    handler: Callable[[Asked], None] = lambda _: None

    def knows(self, text: str, *places: Place) -> None:
        """Has the service know an address."""
        self.places[text.casefold()] = list(places)

    @property
    def questions(self) -> list[str]:
        """What was asked for, in order; each row of a file by itself."""
        return [text for each in self.asked for text in ([_line(row) for row in each.rows] or [each.question])]

    def entry(self, service: str, name: str = "", **given: Any) -> GeocoderEntry:
        """The setting that names this server as a service of a kind."""
        options = {"domain": f"127.0.0.1:{self.port}", "scheme": "http", **given.pop("options", {})}
        if service == "googlev3":
            options.setdefault("api_key", "k-1")
        made = {"user_agent": USER_AGENT, "timeout": 5.0, "retry_delay": 0.0, **given}
        return GeocoderEntry(name or service, service, tuple(sorted(options.items())), **made)

    def answer(self, asked: Asked) -> Reply:
        """The answer to a request."""
        self.asked.append(asked)
        self.handler(asked)
        if self.replies:
            return self.replies.pop(0)
        if self.broken:
            return self.broken
        if asked.path == "/geocoder/locations/addressbatch":
            return Reply(text=census_file([(row, self._found(_line(row))) for row in asked.rows]))
        return Reply(text=json.dumps(SHAPES[asked.path](self._found(asked.question), asked.question)))

    def _found(self, text: str) -> list[Place]:
        return self.places.get(text.casefold(), [])


@asynccontextmanager
async def running() -> AsyncIterator[GeocoderServer]:
    """The service, for a block."""
    service = GeocoderServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await _head(reader):
                reply = service.answer(await _asked(head, reader))
                if reply.slow:
                    await reader.read()
                    break
                writer.write(_http(reply))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def _asked(head: bytes, reader: asyncio.StreamReader) -> Asked:
    request, _, headers = head.partition(b"\r\n")
    given = message_from_bytes(headers)
    url = urlsplit(request.split(b" ")[1].decode())
    parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
    question = next((parameters[name] for name in ("q", "text", "address") if name in parameters), "")
    body = await reader.readexactly(int(given.get("Content-Length", 0)))
    rows = _rows(given["Content-Type"], body) if body else ()
    return Asked(url.path, question, parameters, given["User-Agent"], rows)


def _rows(kind: str, body: bytes) -> tuple[tuple[str, ...], ...]:
    """The file of a form, for the Census: each line has exactly four commas, and no quotes."""
    form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    parts = {part.get_param("name", header="Content-Disposition"): part for part in form.get_payload()}
    assert set(parts) == {"addressFile", "benchmark"}
    lines = parts["addressFile"].get_payload(decode=True).decode().splitlines()
    assert all(line.count(",") == 4 for line in lines)
    return tuple(tuple(line.split(",")) for line in lines)


def _line(row: tuple[str, ...]) -> str:
    _, street, city, state, postal_code = row
    return ", ".join(part for part in (street, city, f"{state} {postal_code}".strip()) if part)


def _http(reply: Reply) -> bytes:
    body = reply.text.encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Said", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


# --- shapes --------------------------------------------------------------------------------------------------------------


def nominatim(places: list[Place], question: str) -> list[dict[str, Any]]:
    """https://nominatim.org/release-docs/latest/api/Output/ ("JSON"); ranks as in .../customize/Ranking."""
    return [
        {
            "place_id": 100149,
            "osm_type": "node",
            "osm_id": 107775,
            "lat": str(place.lat),
            "lon": str(place.lon),
            "display_name": f"{place.number}, {place.street}, {place.city}, {place.state_name}, {place.postal_code}, United States",
            "class": "building" if place.number else "highway" if place.street else "boundary",
            "type": "yes" if place.number else "residential" if place.street else "administrative",
            "place_rank": 30 if place.number else 26 if place.street else 16,
            "importance": 0.9,
            "address": {
                **({"house_number": place.number} if place.number else {}),
                **({"road": place.street} if place.street else {}),
                "city": place.city,
                "state": place.state_name,
                "ISO3166-2-lvl4": f"US-{place.state}",
                "postcode": place.postal_code,
                "country": "United States",
                "country_code": "us",
            },
        }
        for place in places
    ]


def photon(places: list[Place], question: str) -> dict[str, Any]:
    """https://github.com/komoot/photon, docs/api-v1.md: GeoJSON, `type` is the layer."""
    return {"type": "FeatureCollection", "features": [_photon(place) for place in places]}


def _photon(place: Place) -> dict[str, Any]:
    known = {"housenumber": place.number, "street": place.street, "postcode": place.postal_code}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
        "properties": {
            "osm_type": "N",
            "osm_id": 1,
            "osm_key": "place",
            "osm_value": "house",
            "type": "house" if place.number else "street" if place.street else "city",
            "city": place.city,
            "state": place.state_name,
            "country": "United States",
            "countrycode": "US",
            **{name: value for name, value in known.items() if value},
        },
    }


def pelias(places: list[Place], question: str) -> dict[str, Any]:
    """https://github.com/pelias/documentation, response.md and result_quality.md."""
    return {
        "geocoding": {"version": "0.2"},
        "type": "FeatureCollection",
        "features": [_pelias(each) for each in places],
    }


def _pelias(place: Place) -> dict[str, Any]:
    known = {"housenumber": place.number, "street": place.street, "postalcode": place.postal_code}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
        "properties": {
            "layer": "address" if place.number else "street" if place.street else "locality",
            "source": "openaddresses",
            "name": place.line,
            "confidence": 0.95,
            "match_type": "exact" if place.number else "fallback",
            "accuracy": "point" if place.number else "centroid",
            "region": place.state_name,
            "region_a": place.state,
            "locality": place.city,
            "label": f"{place.line}, {place.city}, {place.state}, USA",
            **{name: value for name, value in known.items() if value},
        },
    }


def google(places: list[Place], question: str) -> dict[str, Any]:
    """https://developers.google.com/maps/documentation/geocoding/requests-geocoding ("Geocoding responses")."""
    return {"status": "OK" if places else "ZERO_RESULTS", "results": [_google(place) for place in places]}


def _google(place: Place) -> dict[str, Any]:
    parts = [
        ("street_number", place.number, place.number),
        ("route", place.street, place.street),
        ("locality", place.city, place.city),
        ("administrative_area_level_1", place.state_name, place.state),
        ("postal_code", place.postal_code, place.postal_code),
    ]
    return {
        "address_components": [
            {"long_name": long, "short_name": short, "types": [kind]} for kind, long, short in parts if long
        ],
        "formatted_address": f"{place.line}, {place.city}, {place.state} {place.postal_code}, USA",
        "geometry": {
            "location": {"lat": place.lat, "lng": place.lon},
            "location_type": "ROOFTOP" if place.number else "GEOMETRIC_CENTER" if place.street else "APPROXIMATE",
        },
        "types": ["street_address" if place.number else "route" if place.street else "locality"],
        **({} if place.number else {"partial_match": True}),
    }


def census(places: list[Place], question: str) -> dict[str, Any]:
    """https://geocoding.geo.census.gov/geocoder/Geocoding_Services_API.html ("JSON Output Format").

    The page does not say how an answer of one address tells a tie: more matches than one are taken for it.
    """
    return {
        "result": {
            "input": {"address": {"address": question}, "benchmark": {"benchmarkName": "Public_AR_Current", "id": "4"}},
            "addressMatches": [
                {
                    "tigerLine": {"side": "L", "tigerLineId": "59653655"},
                    "coordinates": {"x": place.lon, "y": place.lat},
                    "addressComponents": {"zip": place.postal_code, "streetName": place.street.upper()},
                    "matchedAddress": _census_line(place),
                }
                for place in places
            ],
        }
    }


def _census_line(place: Place) -> str:
    return f"{place.line}, {place.city}, {place.state}, {place.postal_code}".upper()


def census_file(rows: list[tuple[tuple[str, ...], list[Place]]]) -> str:
    """The same page ("Batch Geocoding"): lines come back in any order, and one without a match ends after its third column.

    The page does not show a tie; that its line ends after the third column too is taken from how No_Match looks.
    """
    out = StringIO()
    lines = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for row, places in reversed(rows):
        asked = ", ".join(row[1:])
        if len(places) == 1:
            (place,) = places
            at = f"{place.lon},{place.lat}"
            lines.writerow([row[0], asked, "Match", "Exact", _census_line(place), at, "59653655", "R"])
        else:
            lines.writerow([row[0], asked, "Tie" if places else "No_Match"])
    return out.getvalue()


SHAPES: dict[str, Callable[[list[Place], str], Any]] = {
    "/search": nominatim,
    "/api": photon,
    "/v1/search": pelias,
    "/maps/api/geocode/json": google,
    "/geocoder/locations/onelineaddress": census,
}
"""The shape by the path that is asked."""
SERVICES = ("nominatim", "photon", "pelias", "googlev3", "census")
"""geopy's names for them, and ours."""
