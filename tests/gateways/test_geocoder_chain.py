"""Geocoders that an operator names are asked over real connections, with patience, and say what went wrong in words of ours."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from directory.domain.addresses import Question
from directory.domain.geo import Point, Precision
from directory.domain.grading import Answer
from directory.gateways import remote
from directory.gateways.remote import BadGeocoder, Service, Stopped, Trouble
from directory.settings_geocoders import GeocoderEntry
from tests.geocoder_server import SERVICES, USER_AGENT, GeocoderServer, Place, Reply, running

TEXT = "12 Heron Lane, Saltmarsh, PA 19199"
QUESTION = Question("full", "12 Heron Lane", "Saltmarsh", "PA", "19199")


@pytest.fixture
async def server() -> AsyncIterator[GeocoderServer]:
    async with running() as service:
        yield service


async def no_wait(host: str, seconds: float) -> None:
    """A turn that is always free."""


def made(entry: GeocoderEntry, turn: remote.Turn = no_wait) -> Service:
    return Service(turn=turn, **entry.arguments)


async def ask(entry: GeocoderEntry, turn: remote.Turn = no_wait) -> Answer | None:
    service = made(entry, turn)
    try:
        return await service.ask(QUESTION)
    finally:
        await service.close()


EXACT = {"census": Precision.INTERPOLATED}


@pytest.mark.parametrize("name", SERVICES)
async def test_each_service_is_understood_in_its_own_shape(server: GeocoderServer, name: str) -> None:
    server.knows(TEXT, Place())
    answer = await ask(server.entry(name))
    assert answer
    assert (answer.point, answer.precision) == (Point(40.015, -75.005), EXACT.get(name, Precision.ROOFTOP))
    assert (answer.number, answer.state, answer.postal_code) == ("12", "PA", "19199")
    assert "heron lane" in answer.street.lower()
    assert [each.agent for each in server.asked] == [USER_AGENT]


@pytest.mark.parametrize("name", ["nominatim", "photon", "pelias", "googlev3"])
async def test_a_street_without_the_number_and_a_town_get_the_coarser_grade(server: GeocoderServer, name: str) -> None:
    server.knows(TEXT, Place(number=""))
    street = await ask(server.entry(name))
    assert street
    assert street.precision == Precision.STREET
    server.knows(TEXT, Place(number="", street=""))
    town = await ask(server.entry(name))
    assert town
    assert town.precision == Precision.LOCALITY


@pytest.mark.parametrize("name", SERVICES)
async def test_an_address_that_a_service_does_not_know_is_no_answer(server: GeocoderServer, name: str) -> None:
    assert await ask(server.entry(name)) is None


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    ("reply", "reason", "times"),
    [
        (Reply(slow=True), "timeout", 3),
        (Reply(status=500), "error", 3),
        (Reply(status=503), "timeout", 3),
        (Reply(status=429, headers={"Retry-After": "0"}), "busy", 3),
        (Reply(text="<html>12 Heron Lane"), "garbled", 1),
        (Reply(text="[1, 2]"), "garbled", 1),
        (Reply(status=400), "misunderstood", 1),
    ],
    ids=["slow", "500", "503", "429", "no-json", "other-json", "400"],
)
async def test_what_goes_wrong_is_told_in_a_word_of_ours(
    server: GeocoderServer, name: str, reply: Reply, reason: str, times: int
) -> None:
    turns: list[str] = []

    async def turn(host: str, seconds: float) -> None:
        turns.append(host)

    server.broken = reply
    with pytest.raises(Trouble) as trouble:
        await ask(server.entry(name, timeout=0.02 if reply.slow else 5.0), turn)
    assert trouble.value.reason == reason
    assert len(turns) == times
    assert trouble.value.__cause__ is None
    assert "Heron" not in str(trouble.value)


@pytest.mark.parametrize("name", SERVICES)
async def test_what_passes_is_asked_again(server: GeocoderServer, name: str) -> None:
    server.knows(TEXT, Place())
    server.replies = [Reply(status=500), Reply(status=429)]
    assert await ask(server.entry(name))
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("name", "reply", "reason"),
    [
        ("nominatim", Reply(status=403), "key"),
        ("pelias", Reply(status=401), "key"),
        ("pelias", Reply(status=402), "quota"),
        ("googlev3", Reply(text='{"status": "REQUEST_DENIED", "error_message": "12 Heron Lane"}'), "key"),
        ("googlev3", Reply(text='{"status": "OVER_QUERY_LIMIT"}'), "quota"),
        ("photon", Reply(status=429, headers={"Retry-After": "3600"}), "busy"),
    ],
)
async def test_a_wrong_key_and_a_used_up_quota_stop_a_service_at_once(
    server: GeocoderServer, name: str, reply: Reply, reason: str
) -> None:
    server.broken = reply
    with pytest.raises(Stopped) as stopped:
        await ask(server.entry(name))
    assert stopped.value.reason == reason
    assert len(server.asked) == 1
    assert "\n" not in str(stopped.value)
    assert "Heron" not in str(stopped.value)


async def test_a_service_that_stays_silent_is_left_alone_after_five_questions(server: GeocoderServer) -> None:
    server.broken = Reply(status=400)
    service = made(server.entry("photon"))
    for _ in range(4):
        with pytest.raises(Trouble):
            await service.ask(QUESTION)
    with pytest.raises(Stopped, match="5 times"):
        await service.ask(QUESTION)
    await service.close()


async def test_every_question_takes_its_turn_and_public_servers_get_their_second(server: GeocoderServer) -> None:
    turns: list[tuple[str, float]] = []

    async def turn(host: str, seconds: float) -> None:
        turns.append((host, seconds))

    server.replies = [Reply(status=500)]
    service = made(server.entry("photon", min_delay=0.2), turn)
    await service.ask(QUESTION)
    await service.close()
    host = f"127.0.0.1:{server.port}"
    assert turns == [(host, 0.2), (host, 0.2)]
    public = made(GeocoderEntry("osm", "nominatim", user_agent=USER_AGENT, min_delay=0.1), turn)
    assert public.is_public_nominatim
    with pytest.raises(BaseException, match="tried to reach"):  # its turn comes first, and the tests have no network
        await public.ask(QUESTION)
    await public.close()
    assert turns[2:] == [("nominatim.openstreetmap.org", 1.0)]


@pytest.mark.parametrize(
    "domain", ["Nominatim.OpenStreetMap.org", "nominatim.openstreetmap.org:443", "nominatim.openstreetmap.org."]
)
async def test_a_public_server_is_known_however_its_name_is_written(domain: str) -> None:
    turns: list[tuple[str, float]] = []

    async def turn(host: str, seconds: float) -> None:
        turns.append((host, seconds))

    entry = GeocoderEntry("osm", "nominatim", user_agent=USER_AGENT, options=(("domain", domain),))
    public = made(entry, turn)
    assert public.is_public_nominatim
    with pytest.raises(BaseException, match="tried to reach"):
        await public.ask(QUESTION)
    await public.close()
    assert turns == [("nominatim.openstreetmap.org", 1.0)]
    with pytest.raises(BadGeocoder, match="user_agent"):
        made(replace(entry, user_agent=""))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"service": "nosuch"}, "no geocoder called 'nosuch'"),
        ({"service": "nominatim"}, "user_agent"),
        ({"service": "googlev3"}, "API key"),
        ({"service": "pelias"}, "domain"),
        ({"service": "photon", "options": (("colour", "blue"),)}, "colour"),
        ({"service": "photon", "options": (("domain", "[x"),)}, "no name of a server"),
    ],
)
def test_a_service_that_cannot_be_made_is_refused_in_one_line(given: dict[str, Any], words: str) -> None:
    with pytest.raises(BadGeocoder, match=words) as refused:
        made(GeocoderEntry("mine", **given))
    assert str(refused.value).startswith("[mine]")
    assert "\n" not in str(refused.value)


async def test_a_service_without_known_levels_is_a_street_at_best(server: GeocoderServer) -> None:
    server.knows(TEXT, Place())
    entry = server.entry("nominatim", options={})
    service = made(entry)
    service.service = "unheard-of"
    answer = await service.ask(QUESTION)
    assert answer
    assert answer.precision == Precision.LOCALITY  # "12, Heron Lane" stands in two parts: not surely the same
    assert (answer.state, answer.postal_code) == ("PA", "19199")
    await service.close()


async def test_no_question_is_ever_logged(server: GeocoderServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.knows(TEXT, Place())
    server.replies = [Reply(status=500, text="12 Heron Lane"), Reply(text="12 Heron Lane")]
    with pytest.raises(Trouble):
        await ask(server.entry("googlev3"))
    await ask(server.entry("census"))
    logging.getLogger("footbridge.test").debug("the capture works")
    assert "the capture works" in caplog.text
    assert "Heron" not in caplog.text
