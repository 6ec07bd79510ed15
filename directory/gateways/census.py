"""The geocoder of the US Census Bureau as one of geopy's: one address, or a file of up to ten thousand.

It is free, needs no key and may be asked about many addresses. It knows ranges of house numbers, so that what it finds lies along the
right piece of a street and not on a roof. Shapes: https://geocoding.geo.census.gov/geocoder/Geocoding_Services_API.html.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from geopy.adapters import AdapterHTTPError
from geopy.exc import GeocoderParseError
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location

from directory.domain.geo import Point, distance_miles

MOST_ROWS = 10_000
"""Addresses in one file, as the service allows."""
BATCH_LIMITS: dict[str, Any] = {"seconds": 300.0, "size": 10_000_000}
"""How long a whole file may take, and how large its answer may be."""
ONE_PLACE_MILES = 0.1
"""Matches that lie closer together than this are one place, told twice."""

Row = tuple[str, str, str, str]
"""Street, city, state and ZIP code, as the file has them."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What the service knows of one address of a file; `point` is None for a tie. `raw` is as that of a single answer."""

    label: str
    point: Point | None
    raw: dict[str, str]


class USCensus(Geocoder):  # type: ignore[misc]
    """Addresses of the United States, Puerto Rico and the Island Areas."""

    one_path = "/geocoder/locations/onelineaddress"
    file_path = "/geocoder/locations/addressbatch"

    def __init__(
        self,
        *,
        domain: str = "geocoding.geo.census.gov",
        benchmark: str = "Public_AR_Current",
        scheme: str | None = None,
        timeout: Any = DEFAULT_SENTINEL,
        proxies: Any = DEFAULT_SENTINEL,
        user_agent: str | None = None,
        ssl_context: Any = DEFAULT_SENTINEL,
        adapter_factory: Any = None,
    ) -> None:
        super().__init__(
            scheme=scheme,
            timeout=timeout,
            proxies=proxies,
            user_agent=user_agent,
            ssl_context=ssl_context,
            adapter_factory=adapter_factory,
        )
        self.domain, self.benchmark = domain.strip("/"), benchmark

    async def geocode(
        self, query: str, *, exactly_one: bool = True, timeout: Any = DEFAULT_SENTINEL
    ) -> Location | list[Location] | None:
        """The place of an address on one line, or None if there is none or more than one; all with exactly_one=False.

        `raw` has match ("Match", or "Tie" where there are more), matched_address, number, street, city, state and zip.
        """
        given = urlencode({"address": query, "benchmark": self.benchmark, "format": "json"})
        url = f"{self.scheme}://{self.domain}{self.one_path}?{given}"
        found: list[Location] = await self._call_geocoder(url, _locations, timeout=timeout)
        if exactly_one:
            return found[0] if len(found) == 1 else None
        return found or None

    async def geocode_many(self, rows: Sequence[Row]) -> list[Matched | None]:
        """What is known of each of these addresses, in their order; None for nothing. At most MOST_ROWS.

        Raises geopy's exceptions. An answer that leaves a row out says nothing of it: it counts as not known.
        """
        if len(rows) > MOST_ROWS:
            raise ValueError(f"at most {MOST_ROWS} addresses at once")
        fields = {"benchmark": self.benchmark}
        url = f"{self.scheme}://{self.domain}{self.file_path}"
        try:
            text = await self.adapter.send_file(
                url, fields=fields, name="addressFile", file=_file(rows), **BATCH_LIMITS
            )
        except AdapterHTTPError as error:
            self._adapter_error_handler(error)
            raise
        found = _matches(text, len(rows))
        return [found.get(number) for number in range(len(rows))]


def _locations(answer: Any) -> list[Location]:
    """The places of a JSON answer, those that are one and the same told once."""
    try:
        matches = [_location(match) for match in answer["result"]["addressMatches"]]
    except (KeyError, TypeError, ValueError):
        raise GeocoderParseError("the answer has another shape") from None
    places: list[Location] = []
    for match in matches:
        if all(_miles(match, place) > ONE_PLACE_MILES for place in places):
            places.append(match)
    if len(places) > 1:
        for place in places:
            place.raw["match"] = "Tie"
    return places


def _miles(one: Location, other: Location) -> float:
    return distance_miles(Point(one.latitude, one.longitude), Point(other.latitude, other.longitude))


def _location(match: Mapping[str, Any]) -> Location:
    label = str(match["matchedAddress"])
    point = float(match["coordinates"]["y"]), float(match["coordinates"]["x"])
    return Location(label, point, {"match": "Match"} | _parts(label))


def _parts(label: str) -> dict[str, str]:
    """The parts of "12 HERON LN, SALTMARSH, PA, 19199"."""
    parts = [part.strip() for part in label.split(",")]
    street, city, state, code = (*parts, "", "", "", "")[:4] if len(parts) < 4 else (parts[0], *parts[-3:])
    number = street.split(" ")[0] if street[:1].isdigit() else ""
    named = {"street": street, "city": city, "state": state, "zip": code}
    return {"matched_address": label, "number": number, **named}


def _file(rows: Sequence[Row]) -> bytes:
    """A line for each row: five columns with exactly four commas between, for the service knows no quotes."""
    lines = [",".join([str(number), *(_plain(part) for part in row)]) for number, row in enumerate(rows)]
    return "\n".join(lines).encode() + b"\n"


def _plain(part: str) -> str:
    return " ".join(part.replace(",", " ").replace('"', " ").split())


def _matches(text: str, count: int) -> dict[int, Matched]:
    """The lines of a CSV answer by the numbers of the rows: number, input, Match / No_Match / Tie, and for a match more."""
    found = {}
    try:
        lines = [line for line in csv.reader(StringIO(text), strict=True) if line]
    except csv.Error:
        raise GeocoderParseError("the answer is not CSV") from None
    for line in lines:
        if len(line) < 3 or not line[0].isdecimal() or int(line[0]) >= count:
            raise GeocoderParseError("the answer has another shape")
        if matched := _matched(line):
            found[int(line[0])] = matched
    return found


def _matched(line: Sequence[str]) -> Matched | None:
    if line[2] == "Tie":
        return Matched(line[1], None, {"match": "Tie"})
    if line[2] != "Match":
        return None
    try:
        kind, label, place = line[3], line[4], line[5].split(",")
        point = Point(float(place[1]), float(place[0]))
    except (IndexError, ValueError):
        raise GeocoderParseError("the answer has another shape") from None
    return Matched(label, point, {"match": "Match", "match_type": kind} | _parts(label))
