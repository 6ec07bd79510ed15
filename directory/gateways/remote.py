"""The geocoders that an operator has chosen, each asked with patience and within its limits: geopy's by name, and the Census's.

What goes wrong is one of two things: `Trouble`, which may pass, or `Stopped`, after which the service is not asked again in this run.
Neither tells what was asked, nor in the service's own words what it did not like.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
from geopy.adapters import AdapterHTTPError
from geopy.exc import (
    ConfigurationError,
    GeocoderAuthenticationFailure,
    GeocoderInsufficientPrivileges,
    GeocoderNotFound,
    GeocoderParseError,
    GeocoderQueryError,
    GeocoderQuotaExceeded,
    GeocoderRateLimited,
    GeocoderServiceError,
    GeocoderTimedOut,
    GeocoderUnavailable,
    GeopyError,
)
from geopy.geocoders import get_geocoder_for_service
from geopy.geocoders.base import Geocoder

from directory.domain.addresses import Question
from directory.domain.geo import Point, Precision
from directory.domain.grading import Answer, read_answer
from directory.gateways.census import Matched, USCensus
from directory.gateways.geocoders import HttpxAdapter

CENSUS = "census"
PUBLIC_NOMINATIM = "nominatim.openstreetmap.org"
PUBLIC_SECONDS = {PUBLIC_NOMINATIM: 1.0, "photon.komoot.io": 1.0}
"""Servers that are run for everybody, and the seconds between two questions that they ask for, whatever is set.

https://operations.osmfoundation.org/policies/nominatim/ and https://photon.komoot.io/ ("fair use").
"""
TRIES = 3
"""How often a question is put before it counts as not answered."""
LONGEST_WAIT = 60.0
"""Seconds: a service that wants to be left alone for longer is not asked again in this run."""
ENOUGH = 5
"""So many questions in a row that got no answer mean that the service is out of order."""

Turn = Callable[[str, float], Awaitable[None]]
"""Waits until a host may be asked again: its name, and the seconds between two questions, kept to by all processes."""

_STATES_ABROAD = frozenset(("PR", "VI", "GU", "AS", "MP", "FM", "MH", "PW"))
"""What the post counts as home and maps as countries."""

_WORDS = {
    "key": "it refuses the key, or the name by which we ask",
    "quota": "the questions that it allows are used up",
    "busy": "it asks to be left alone for a while",
    "silent": f"it did not answer {ENOUGH} times in a row",
}
"""Why a service is stopped, for people."""


class Trouble(Exception):
    """The service did not answer this time. `reason` is a word of ours; `wait` the seconds that it asks for, if it does."""

    def __init__(self, reason: str, wait: float | None = None, *, is_worth_asking_again: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.wait, self.is_worth_asking_again = reason, wait, is_worth_asking_again


class Stopped(Exception):
    """The service will not answer any more: a wrong key, a used-up quota, or silence. The text is one line for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(_WORDS[reason])
        self.reason = reason


class BadGeocoder(Exception):
    """A service cannot be made of what is set. The text is one line."""


class Service:
    """One geocoder. `name` is the operator's, `identity` also tells one server from another that is set under the same name."""

    def __init__(
        self,
        *,
        name: str,
        service: str,
        options: Mapping[str, Any],
        turn: Turn,
        user_agent: str = "",
        min_delay: float = 0.0,
        timeout: float = 10.0,
        retry_delay: float = 1.0,
    ) -> None:
        self.name, self.service, self._turn, self._retry_delay = name, service, turn, retry_delay
        agent = user_agent or "footbridge"
        adapter = HttpxAdapter.factory(user_agent=agent, limit_seconds=timeout)
        given = {"adapter_factory": adapter, "timeout": timeout, "user_agent": agent}
        self.geocoder = _geocoder(name, service, {**options, **given})
        self.host = _host(name, str(getattr(self.geocoder, "domain", "") or service))
        self.identity = f"{service} {self.host}"
        self._delay = max(min_delay, PUBLIC_SECONDS.get(self.host, 0.0))
        self._unanswered = 0
        if self.host == PUBLIC_NOMINATIM and not user_agent:
            raise BadGeocoder(
                f"[{name}] needs a user_agent that names your site: the public server refuses questions without one."
            )

    @property
    def is_public_nominatim(self) -> bool:
        """Whether it is the server of OpenStreetMap, which may not be asked about many addresses at once."""
        return self.host == PUBLIC_NOMINATIM

    @property
    def takes_many(self) -> bool:
        """Whether it answers a whole file at once."""
        return isinstance(self.geocoder, USCensus)

    async def ask(self, question: Question) -> Answer | None:
        """What it knows of an address; None for nothing. Raises Trouble or Stopped."""
        if self.takes_many and not question.is_at_home:
            return None
        found: Answer | None = await self._patiently(lambda: self._asked(question))
        return found

    async def ask_many(self, questions: Sequence[Question]) -> list[Answer | None]:
        """The same for many addresses at once, in their order. Only where `takes_many`."""
        rows = [(each.street, each.city, each.state, each.postal_code) for each in questions]
        found = await self._patiently(lambda: self.geocoder.geocode_many(rows))
        return [_matched(match, question) for match, question in zip(found, questions, strict=True)]

    async def close(self) -> None:
        """Lets its connections go."""
        await self.geocoder.__aexit__(None, None, None)

    async def _patiently(self, put: Callable[[], Awaitable[Any]]) -> Any:
        """Puts a question, and again after a while if there is no answer."""
        for attempt in range(1, TRIES + 1):
            await self._turn(self.host, self._delay)
            try:
                answer = await _understood(put)
            except Trouble as trouble:
                if trouble.wait is not None and trouble.wait > LONGEST_WAIT:
                    raise Stopped("busy") from None
                if attempt == TRIES or not trouble.is_worth_asking_again:
                    self._unanswered += 1
                    if self._unanswered >= ENOUGH:
                        raise Stopped("silent") from None
                    raise
                await asyncio.sleep(self._retry_delay * 4 ** (attempt - 1) if trouble.wait is None else trouble.wait)
            else:
                self._unanswered = 0
                return answer
        raise AssertionError("the last try answers or raises")

    async def _asked(self, question: Question) -> Answer | None:
        found = await self.geocoder.geocode(question.text, **_more(self.service, question))
        places = found if isinstance(found, list) else [found] if found else []
        if not places:
            return None
        if len(places) > 1 and self.takes_many:
            return Answer(None, Precision.INTERPOLATED, kind="Tie")
        place = places[0]
        if place.latitude is None or place.longitude is None:
            return None
        raw = place.raw if isinstance(place.raw, Mapping) else {}
        point = Point(place.latitude, place.longitude)
        return read_answer(self.service, str(place.address or ""), point, raw, question.street)


def _host(name: str, domain: str) -> str:
    """Whom a service asks. However an operator spells a server that is run for everybody, it gets the one name that its rules go by."""
    try:
        host = (urlsplit(f"//{domain}").hostname or "").removesuffix(".")
    except ValueError:
        raise BadGeocoder(f"[{name}]: {domain[:100]!r} is no name of a server.") from None
    return host if host in PUBLIC_SECONDS else domain


def _matched(match: Matched | None, question: Question) -> Answer | None:
    return read_answer(CENSUS, match.label, match.point, match.raw, question.street) if match else None


def _geocoder(name: str, service: str, options: dict[str, Any]) -> Geocoder:
    try:
        maker = USCensus if service == CENSUS else get_geocoder_for_service(service)
        return maker(**options)
    except GeocoderNotFound:
        raise BadGeocoder(f"[{name}]: geopy knows no geocoder called {service!r}.") from None
    except TypeError as error:  # Python's words: an argument that is missing, or one that there is not
        reason = str(error).rpartition("__init__() ")[2]
        raise BadGeocoder(f"[{name}]: {service} {reason}.") from None
    except ConfigurationError as error:
        raise BadGeocoder(f"[{name}]: {' '.join(str(error).split())[:300]}") from None


def _more(service: str, question: Question) -> dict[str, Any]:
    """What else a service is asked, so that its answer can be compared: parts of the address, English names, one country."""
    is_home = question.is_at_home and question.state not in _STATES_ABROAD
    if service in ("nominatim", "pickpoint"):
        country = {"country_codes": "us"} if is_home else {}
        return {"addressdetails": True, "language": "en", **country}
    if service in ("pelias", "geocodeearth"):
        return {"countries": ["USA"]} if is_home else {}
    if service in ("google", "googlev3"):
        return {"language": "en", **({"region": "us"} if is_home else {})}
    known: dict[str, dict[str, Any]] = {
        CENSUS: {"exactly_one": False},
        "photon": {"language": "en"},
        "arcgis": {"out_fields": "*"},
    }
    return known.get(service, {})


async def _understood(put: Callable[[], Awaitable[Any]]) -> Any:
    """Runs a question and turns what geopy raises into Trouble or Stopped. Its own messages may repeat the question."""
    try:
        return await put()
    except GeocoderRateLimited as error:
        raise Trouble("busy", error.retry_after) from None
    except GeocoderQuotaExceeded:
        raise Stopped("quota") from None
    except (GeocoderAuthenticationFailure, GeocoderInsufficientPrivileges, ConfigurationError):
        raise Stopped("key") from None
    except GeocoderQueryError as error:
        # Google says "request denied" in an answer that is otherwise good; a plain 400 is about this one address.
        if isinstance(error.__cause__, AdapterHTTPError):
            raise Trouble("misunderstood", is_worth_asking_again=False) from None
        raise Stopped("key") from None
    except GeocoderTimedOut:
        raise Trouble("timeout") from None
    except GeocoderUnavailable:
        raise Trouble("unreachable") from None
    except (GeocoderParseError, LookupError, TypeError, ValueError, AttributeError):  # another shape than geopy expects
        raise Trouble("garbled", is_worth_asking_again=False) from None
    except (GeocoderServiceError, GeopyError, httpx.HTTPError):
        raise Trouble("error") from None
