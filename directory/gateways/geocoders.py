"""Finding places: the offline gazetteer as a geopy geocoder, and the way by which geopy's remote ones reach the network.

The gazetteer answers only what it knows: an unknown or ambiguous name gets suggestions, never a guess.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, cast

import httpx
from geopy.adapters import AdapterHTTPError, BaseAsyncAdapter
from geopy.exc import GeocoderParseError, GeocoderServiceError, GeocoderTimedOut, GeocoderUnavailable
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location
from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.domain.geo import Precision, distance_miles
from directory.domain.places import STATES, PlaceQuery, PlaceRow, parse, place_key, state_code

SAME_PLACE_MILES = 50
"""A ZIP code and a town that lie further apart do not belong together. No town's ZIP codes reach further than 43 miles from it."""

LIKENESS = 0.66
"""How like a name must be to be suggested: 1 is the same; of four letters one may differ, of six two."""
BEGINNING = 0.85
"""How like a longer name is that begins with all that was typed."""
BATCH = 5_000
"""Names compared before the loop gets its turn again: about 2 ms."""

_QUIET = ("httpx", "httpcore", "geopy")
"""Loggers that would write addresses of requests, and in them what a visitor searched for, below WARNING."""


class Places(Protocol):
    """What the gazetteer needs of storage."""

    async def postcode(self, code: str) -> PlaceRow | None:
        """The ZIP code of five figures."""

    async def localities(self, key: str, state: str | None) -> list[PlaceRow]:
        """The places that have exactly this key, in one state or (None) in all."""

    async def names(self, state: str | None, prefix: str) -> list[PlaceRow]:
        """Every place whose key begins so, in one state or all: ZIP codes for a prefix of figures, else localities."""


class OfflineAdapter(BaseAsyncAdapter):  # type: ignore[misc]
    """What geopy is given so that it works with coroutines. It has no network."""

    async def get_json(self, url: str, *, timeout: float | None, headers: Mapping[str, str]) -> object:
        """Always an error."""
        raise GeocoderServiceError("the gazetteer is offline")

    async def get_text(self, url: str, *, timeout: float | None, headers: Mapping[str, str]) -> str:
        """Always an error."""
        raise GeocoderServiceError("the gazetteer is offline")


class Gazetteer(Geocoder):  # type: ignore[misc]
    """ZIP codes and towns of the United States from our own database."""

    def __init__(self, places: Places, *, timeout: float | None = None) -> None:
        super().__init__(adapter_factory=OfflineAdapter, timeout=timeout)
        self.places = places

    async def geocode(
        self, query: str | PlaceQuery, *, exactly_one: bool = True, timeout: Any = DEFAULT_SENTINEL
    ) -> Location | list[Location] | None:
        """The place that is asked for, or None if there is none or more than one; all of them with exactly_one=False.

        `raw` has precision ("postcode", "locality"), kind, key, state, name, county, timezone and demo. More than one are
        ordered by size. Raises GeocoderTimedOut when it takes longer than `timeout` seconds, if any.
        """
        try:
            async with asyncio.timeout(self.timeout if timeout is DEFAULT_SENTINEL else timeout):
                rows = await self.find(query)
        except TimeoutError as error:
            raise GeocoderTimedOut("the gazetteer did not answer in time") from error
        if exactly_one:
            return _location(rows[0]) if len(rows) == 1 else None
        return [_location(row) for row in rows] or None

    async def find(self, query: str | PlaceQuery) -> list[PlaceRow]:
        """Every place that the query may mean, the largest first.

        A ZIP code counts before the town, unless the two are far apart: then one of them is wrong, and nothing is found. A ZIP code
        that does not exist is passed over when the town is given with its state.
        """
        asked = _understood(query)
        towns = [] if asked.region else await self._towns(asked)
        if not asked.postal_code:
            return towns
        area = await self.places.postcode(asked.postal_code)
        if not area:
            return towns if asked.state else []
        return [area] if await self._agree(area, asked, towns) else []

    async def suggest(self, query: str | PlaceQuery, limit: int = 5) -> list[str]:
        """What may have been meant, best first, each a text that `geocode` finds.

        They are the nearest ZIP codes, the states that have such a town, the nearest spellings, and for a state or a county alone
        its largest towns.
        """
        asked = _understood(query)
        labels: dict[str, None] = {}
        for source in (self._both, self._near_codes, self._same_name, self._spellings, self._largest):
            for row in await source(asked, limit):
                labels.setdefault(row.label)
            if len(labels) >= limit:
                break
        return list(labels)[:limit]

    async def _towns(self, asked: PlaceQuery) -> list[PlaceRow]:
        rows = await self.places.localities(asked.city_key, asked.state or None) if asked.city_key else []
        if not rows and asked.whole:
            rows = await self.places.localities(place_key(asked.whole), None)
        return _by_size(rows)

    async def _agree(self, area: PlaceRow, asked: PlaceQuery, towns: list[PlaceRow]) -> bool:
        """Whether the ZIP code can be where the rest says. A town by a name that only its neighbours use is no objection."""
        if asked.region:
            for name in (asked.city_key, place_key(asked.region)):
                towns = towns + await self.places.localities(name, area.state)
        elif not towns:
            return asked.state in ("", area.state)
        return any(distance_miles(area.point, town.point) <= SAME_PLACE_MILES for town in towns)

    async def _both(self, asked: PlaceQuery, limit: int) -> list[PlaceRow]:
        """A ZIP code and a town that contradict each other."""
        area = await self.places.postcode(asked.postal_code) if asked.postal_code else None
        return [*(await self._towns(asked))[:limit], area] if area else []

    async def _near_codes(self, asked: PlaceQuery, limit: int) -> list[PlaceRow]:
        """The nearest ZIP codes by number under the same first three figures; for four figures also with a zero before."""
        typed = asked.postal_code
        if len(typed) < 3 or await self.places.postcode(typed):
            return []
        lost = await self.places.postcode(f"0{typed}") if len(typed) == 4 else None
        number = int(typed[:5].ljust(5, "0"))
        rows = [row for row in await self.places.names(None, typed[:3]) if row.kind == "postcode"]
        rows.sort(key=lambda row: (abs(int(row.key) - number), -row.weight))
        return [lost, *rows[:limit]] if lost else rows[:limit]

    async def _same_name(self, asked: PlaceQuery, limit: int) -> list[PlaceRow]:
        """The places of that very name; where a region is misspelled, those first whose state is spelled most like it."""
        rows = await self._towns(asked)
        if asked.region:
            rows.sort(key=lambda row: -_likeness(place_key(asked.region), place_key(STATES.get(row.state, ""))))
        return rows[:limit]

    async def _spellings(self, asked: PlaceQuery, limit: int) -> list[PlaceRow]:
        """Names spelled much alike, in the state and then the same name in others; with the same first letter, else any."""
        if not asked.city_key or asked.region:
            return []
        state = asked.state or None
        rows = await self._alike(asked.city_key, await self.places.names(state, asked.city_key[0]), limit)
        if not rows:
            rows = await self._alike(asked.city_key, await self.places.names(state, ""), limit)
        elsewhere = _by_size(await self.places.localities(asked.city_key, None)) if state else []
        return [*rows, *elsewhere]

    async def _largest(self, asked: PlaceQuery, limit: int) -> list[PlaceRow]:
        """The largest towns of a state that stands alone, or of a county."""
        alone = bool(asked.state) and state_code(asked.city) == asked.state
        if not alone and not (asked.state and asked.city_key.endswith(("county", "parish"))):
            return []
        rows = [row for row in await self.places.names(asked.state, "") if row.kind == "locality"]
        return _by_size(row for row in rows if alone or place_key(row.county or "") == asked.city_key)[:limit]

    async def _alike(self, key: str, rows: list[PlaceRow], limit: int) -> list[PlaceRow]:
        """The rows whose keys are most like this one, the larger place first where two are equally like."""
        rows = [row for row in rows if row.kind == "locality"]
        scored: list[tuple[float, PlaceRow]] = []
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            keys = [row.key for row in batch]
            found = process.extract(key, keys, scorer=OSA.normalized_similarity, score_cutoff=LIKENESS, limit=None)
            scored += [(score, batch[place]) for _, score, place in found]
            if len(key) > 2:
                scored += [(BEGINNING, row) for row in batch if row.key.startswith(key)]
            await asyncio.sleep(0)
        scored.sort(key=lambda pair: (-pair[0], -pair[1].weight, pair[1].label))
        return [row for _, row in scored[: 2 * limit]]


def _understood(query: str | PlaceQuery) -> PlaceQuery:
    return parse(query) if isinstance(query, str) else query


def _by_size(rows: Iterable[PlaceRow]) -> list[PlaceRow]:
    return sorted(rows, key=lambda row: (-row.weight, row.label))


def _likeness(one: str, other: str) -> float:
    return float(OSA.normalized_similarity(one, other))


def _location(row: PlaceRow) -> Location:
    precision = Precision.POSTCODE if row.kind == "postcode" else Precision.LOCALITY
    raw = {
        "precision": precision.value,
        "kind": row.kind,
        "key": row.key,
        "state": row.state,
        "name": row.name,
        "county": row.county,
        "timezone": row.timezone,
        "demo": row.demo,
    }
    return Location(row.label, (row.lat, row.lon), raw)


@functools.cache
def _tls() -> ssl.SSLContext:
    """Reading the certificates of the world takes a moment, so it is done once."""
    return httpx.create_ssl_context(trust_env=False)


class HttpxAdapter(BaseAsyncAdapter):  # type: ignore[misc]
    """Lets geopy's remote geocoders use httpx: `Photon(adapter_factory=HttpxAdapter.factory(user_agent=...))`.

    No answer may take longer than `limit_seconds` or be larger than `limit_bytes`, whatever geopy asks for. Redirects are not
    followed, the environment's proxies are not used, and neither addresses nor answers are logged or quoted in an error.
    """

    def __init__(
        self,
        *,
        proxies: Mapping[str, str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        user_agent: str,
        transport: httpx.AsyncBaseTransport | None = None,
        limit_seconds: float = 5.0,
        limit_bytes: int = 1_000_000,
    ) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
        self.limit_seconds, self.limit_bytes, self.user_agent = limit_seconds, limit_bytes, user_agent
        proxy = (proxies or {}).get("https") or (proxies or {}).get("http")
        self.client = httpx.AsyncClient(transport=transport, proxy=proxy, verify=ssl_context or _tls(), trust_env=False)

    @classmethod
    def factory(cls, **settings: Any) -> Callable[..., HttpxAdapter]:
        """An `adapter_factory` for geopy with these settings: `user_agent`, `transport` and the limits."""
        return lambda *, proxies, ssl_context: cls(proxies=proxies, ssl_context=ssl_context, **settings)

    async def __aexit__(self, exc_type: object, exc_val: object, exc_tb: object) -> None:
        await self.client.aclose()

    async def get_json(self, url: str, *, timeout: float | None, headers: Mapping[str, str]) -> object:
        """The answer read as JSON; GeocoderParseError if it is none."""
        text = await self.get_text(url, timeout=timeout, headers=headers)
        try:
            return cast(object, json.loads(text))
        except ValueError:
            raise GeocoderParseError("the answer is not JSON") from None

    async def get_text(self, url: str, *, timeout: float | None, headers: Mapping[str, str]) -> str:
        """The answer as text; a refusal is AdapterHTTPError, from which geopy makes the exception for its status."""
        seconds = min(timeout or self.limit_seconds, self.limit_seconds)
        return await self._within(seconds, self.limit_bytes, "GET", url, headers)

    async def send_file(
        self, url: str, *, fields: Mapping[str, str], name: str, file: bytes, seconds: float, size: int
    ) -> str:
        """The text that answers a form with a file, for which geopy has no way: within limits of its own."""
        files = {name: (f"{name}.csv", file, "text/csv")}
        return await self._within(seconds, size, "POST", url, {}, data=dict(fields), files=files)

    async def _within(
        self, seconds: float, size: int, method: str, url: str, headers: Mapping[str, str], **content: Any
    ) -> str:
        try:
            async with asyncio.timeout(seconds):
                return await self._read(size, method, url, {**headers, "User-Agent": self.user_agent}, content)
        except (TimeoutError, httpx.TimeoutException):
            raise GeocoderTimedOut("the service did not answer in time") from None
        except httpx.NetworkError:
            raise GeocoderUnavailable("the service cannot be reached") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise GeocoderServiceError("the service could not be asked") from None

    async def _read(
        self, size: int, method: str, url: str, headers: Mapping[str, str], content: Mapping[str, Any]
    ) -> str:
        async with self.client.stream(method, url, headers=headers, timeout=None, **content) as response:
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > size:
                    raise GeocoderServiceError("the answer is too large")
            text = body.decode(response.encoding or "utf-8", errors="replace")
        if not response.is_success:
            message = f"the service answered {response.status_code}"
            # Its own words may repeat what was asked, so they are not passed on.
            raise AdapterHTTPError(message, status_code=response.status_code, headers=response.headers, text="")
        return text
