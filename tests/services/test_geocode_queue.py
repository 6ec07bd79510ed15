"""Addresses wait in a queue for a geocoder, and what comes back is believed only as far as it agrees with what was asked."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from directory.domain.geo import Point
from directory.domain.geocodes import CLAIM, MOST_TRIES, REMEMBERED, UNKNOWN_REMEMBERED
from directory.domain.listings import ListingDraft, Visibility
from directory.gateways.remote import Service
from directory.services import geocode_queue
from directory.services.geocode_questions import Chain
from directory.services.geocode_queue import PUBLIC_LIMIT, GeocodeReport, geocode_run, geocodes_due, limit_of
from directory.services.undo import run_undo
from directory.services.work import GEOCODED, JOBS
from directory.settings import Settings
from directory.storage import db, geocodes, locks, records
from tests.factories import CHICAGO, NEW_YORK, NOW, draft, import_drafts, one_value, settings_for, world_made
from tests.geocoder_server import Asked, GeocoderServer, Place, Reply, running

TAIL = "Saltmarsh, PA 19199"
TEXT = f"12 Heron Lane, {TAIL}"
THERE = Point(40.015, -75.005)


@pytest.fixture
async def server() -> AsyncIterator[GeocoderServer]:
    async with running() as service:
        yield service


def asking(url: str, *entries: Any, **given: Any) -> Settings:
    return settings_for(url, geocoders=tuple(entries), **given)


def unplaced(key: str = "lamp", **given: Any) -> ListingDraft:
    """A listing whose source gives no point."""
    return draft(key, **{"point": None, "timezone": None, **given})


async def made(settings: Settings, *drafts: ListingDraft) -> None:
    await world_made()
    await import_drafts(settings.database_url, drafts, settings=settings)


async def run(settings: Settings, now: datetime = NOW, **options: Any) -> GeocodeReport:
    return await geocode_run(by="test", clock=lambda: now, settings=settings, **options)


async def row(key: str = "lamp") -> dict[str, Any]:
    """The location of a listing, with its version and where the search has it."""
    sql = db.Sql()
    text = (
        "SELECT p.*, l.version, s.lon AS search_lon FROM listing l JOIN location p ON p.id = l.location_id "
        f"LEFT JOIN search_row s ON s.id = l.id WHERE l.source_key = {sql(key)}"
    )
    (found,) = await db.rows(text, sql.values)
    return found


def state(found: dict[str, Any]) -> tuple[str, str | None, str | None]:
    return found["geocode_status"], found["geocode_precision"], found["geocode_review"]


# --- what waits ----------------------------------------------------------------------------------------------------------


async def test_saving_asks_nobody_and_leaves_a_street_in_the_queue(database: str, server: GeocoderServer) -> None:
    await made(asking(database, server.entry("nominatim")), unplaced())
    found = await row()
    assert state(found) == ("pending", "postcode", None)
    assert (found["public_lat"], found["geocode_provider"], server.asked) == (40.0, "gazetteer", [])


DONE_WITH: list[tuple[dict[str, Any], str, str | None]] = [
    ({"attendance": "online"}, "not_applicable", None),
    ({"visibility": Visibility.PARTIAL}, "not_applicable", None),
    ({"visibility": Visibility.HIDDEN}, "not_applicable", None),
    ({"street": None, "city": None, "postal_code": None}, "not_applicable", None),
    ({"street": None}, "ok", None),
    ({"street": "PO Box 12"}, "ok", None),
    ({"street": "PO Box 12", "city": "Nowhere", "postal_code": None}, "needs_review", "no-place"),
    ({"point": Point(40.01, -75.0)}, "ok", None),
    ({"point": Point(34.05, -118.25)}, "needs_review", "state"),
    ({"point": Point(40.9, -75.9), "postal_code": "19199"}, "needs_review", "postcode"),
    ({"point": Point(51.5, -0.12), "country": "GB", "state": None, "postal_code": None}, "ok", None),
]


async def test_what_cannot_be_placed_better_does_not_wait_and_nobody_hears_of_it(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("nominatim"))
    await made(settings, *(unplaced(f"k{number}", **given) for number, (given, _, _) in enumerate(DONE_WITH)))
    for number, (given, status, review) in enumerate(DONE_WITH):
        found = await row(f"k{number}")
        assert (found["geocode_status"], found["geocode_review"]) == (status, review), given
    report = await run(settings)
    assert (report.done, server.asked) == (0, [])


async def test_a_point_outside_the_operators_bounds_is_looked_at(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"), geocode_bounds=(41.0, -75.5, 42.0, -74.0))
    server.knows(TEXT, Place())
    await made(settings, draft(), unplaced("other"))
    await run(settings)
    assert [(await row(key))["geocode_review"] for key in ("lamp", "other")] == ["outside", "outside"]
    assert (await row("other"))["lat"] == 40.0


async def test_who_sets_a_geocoder_later_has_all_streets_asked(database: str, server: GeocoderServer) -> None:
    await made(settings_for(database), unplaced(), unplaced("box", street="PO Box 12"))
    assert state(await row()) == ("ok", "postcode", None)
    server.knows(TEXT, Place())
    report = await run(asking(database, server.entry("photon")))
    assert report.outcomes == {"ok": 1}
    assert state(await row()) == ("ok", "rooftop", None)


async def test_addresses_from_before_the_queue_are_taken_into_it(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, unplaced(), draft("told"), unplaced("hidden", visibility=Visibility.HIDDEN))
    await db.execute(
        "UPDATE location SET geocode_status = 'pending', geocode_hash = NULL, geocode_attempt = NULL, geocode_next_at = NULL"
    )
    server.knows(TEXT, Place())
    report = await run(settings)
    assert (report.outcomes, server.questions) == ({"ok": 1}, [TEXT])
    assert [(await row(key))["geocode_status"] for key in ("lamp", "told", "hidden")] == ["ok", "ok", "not_applicable"]


# --- what is found -------------------------------------------------------------------------------------------------------


async def test_a_found_place_is_kept_with_all_that_is_known_of_it(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("pelias", name="house"))
    server.knows(TEXT, Place())
    await made(settings, unplaced())
    before, version = await row(), await records.data_version()
    report = await run(settings, NOW + timedelta(hours=1))
    found = await row()
    assert (found["lat"], found["lon"], found["public_lat"], found["public_lon"]) == (40.015, -75.005, 40.015, -75.005)
    assert (found["search_lon"], bool(found["approximate"])) == (-75.005, False)
    assert state(found) == ("ok", "rooftop", None)
    names = ("provider", "query", "attempt", "class", "score", "tries", "next_at")
    kept = ["house", TEXT, "full", "address:exact", 0.95, 0, None]
    assert [found[f"geocode_{name}"] for name in names] == kept
    assert found["geocode_label"] == "12 Heron Lane, Saltmarsh, PA, USA"
    assert db.as_moment(found["geocoded_at"]) == NOW + timedelta(hours=1)
    assert found["version"] == before["version"] + 1
    assert await records.data_version() > version
    counts = {"done": 1, "asked": 1, "remembered": 0, "waiting": 0, "shared": 0, "left": 0}
    named = {"outcomes": {"ok": 1}, "precisions": {"rooftop": 1}, "providers": {"house": 1}, "reviews": {}}
    assert report.as_json() == {**counts, **named, "grades": {"rooftop": 1}, "stopped": {}}


OTHERS = {
    "state": Place(state="NJ", state_name="New Jersey"),
    "postcode": Place(postal_code="19198"),
    "street": Place(street="Oak Street"),
    "coarse": Place(number="", street=""),
    "outside": Place(lat=34.05, lon=-118.25),
}


async def test_an_answer_that_disagrees_is_not_shown_and_is_looked_at(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("nominatim"), geocode_bounds=(39.0, -76.0, 41.0, -74.0))
    drafts = []
    for number, (review, place) in enumerate(OTHERS.items(), 20):
        drafts.append(unplaced(review, street=f"{number} Heron Lane"))
        server.knows(f"{number} Heron Lane, {TAIL}", dataclasses.replace(place, number=place.number and str(number)))
    await made(settings, *drafts)
    before = {review: await row(review) for review in OTHERS}
    report = await run(settings)
    assert report.reviews == dict.fromkeys(OTHERS, 1)
    for review in OTHERS:
        found = await row(review)
        assert state(found) == ("needs_review", "postcode", review)
        for name in ("lat", "lon", "public_lat", "search_lon", "approximate", "version", "geocode_provider"):
            assert found[name] == before[review][name]


async def test_an_answer_in_another_state_than_it_says_is_not_shown(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("nominatim"))
    server.knows(TEXT, Place(lat=34.05, lon=-118.25))
    await made(settings, unplaced())
    await run(settings)
    assert (state(await row()), (await row())["public_lat"]) == (("needs_review", "postcode", "state"), 40.0)


@pytest.mark.parametrize(("code", "is_shown"), [("19199", True), ("", False)])
async def test_an_answer_far_from_its_town_is_shown_only_where_its_zip_code_was_asked_and_told(
    database: str, server: GeocoderServer, code: str, is_shown: bool
) -> None:
    server.handler = lambda _: None
    place = Place(lat=40.3, lon=-75.0)
    server.knows(f"12 Heron Lane, Saltmarsh, PA {code}".strip(), place)
    settings = asking(database, server.entry("photon"))
    await made(settings, unplaced(street="12 Heron Lane", city="Saltmarsh", state="PA", postal_code=code or None))
    await run(settings)
    status, _, review = state(await row())
    assert (status, review) == (("ok", None) if is_shown else ("needs_review", "postcode"))


async def test_another_house_of_the_street_is_shown_as_the_street_and_looked_at(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("googlev3"))
    server.knows(TEXT, Place(number="40"))
    await made(settings, unplaced())
    await run(settings)
    found = await row()
    assert state(found) == ("needs_review", "street", "number")
    assert found["public_lat"] == 40.015


async def test_a_tie_is_decided_by_nobody(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("census"))
    far = Place(lat=40.2)
    server.knows(TEXT, Place(), far)
    server.knows(f"14 Heron Lane, {TAIL}", Place(number="14"), far)
    await made(settings, unplaced(), unplaced("other", street="14 Heron Lane"))
    report = await run(settings)
    assert report.reviews == {"tie": 2}
    assert len(server.asked) == 1, "two addresses are asked for in one file"


async def test_an_address_that_nobody_knows_stays_where_the_gazetteer_puts_it(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"), server.entry("nominatim"))
    await made(settings, unplaced(street="12 Heron Lane, Suite 4"))
    await run(settings)
    assert server.questions == [f"12 Heron Lane, Suite 4, {TAIL}", TEXT] * 2
    found = await row()
    assert (state(found), found["geocode_attempt"]) == (("needs_review", "postcode", "not-found"), "without-unit")


async def test_the_form_that_was_answered_is_named(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    server.knows(f"Oak & Heron Lane, {TAIL}", Place(number=""))
    await made(settings, unplaced(street="12 Heron Lane #4"), unplaced("other", street="corner of Oak and Heron Lane"))
    await run(settings)
    assert (await row())["geocode_attempt"] == "without-unit"
    assert ((await row("other"))["geocode_attempt"], (await row("other"))["geocode_precision"]) == (
        "intersection",
        "street",
    )


async def test_the_next_service_is_asked_until_one_agrees(database: str, server: GeocoderServer) -> None:
    async with running() as second:
        settings = asking(database, server.entry("census"), second.entry("nominatim"))
        server.knows(TEXT, Place(postal_code="19198"))
        second.knows(TEXT, Place())
        await made(settings, unplaced())
        await run(settings)
        found = await row()
        assert (state(found), found["geocode_provider"]) == (("ok", "rooftop", None), "nominatim")


async def test_a_place_that_moves_has_the_time_of_where_it_is_unless_its_source_told(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"))
    lakebend = {"city": "Lakebend", "state": "IL", "postal_code": None}
    place = Place(lat=41.88, lon=-87.63, city="Lakebend", state="IL", state_name="Illinois", postal_code="60699")
    server.knows("12 Heron Lane, Lakebend, IL", place)
    await made(settings, unplaced(**lakebend), unplaced("told", **lakebend, timezone=NEW_YORK))
    await run(settings)
    assert ((await row())["timezone"], (await row("told"))["timezone"]) == (CHICAGO, NEW_YORK)


async def test_a_point_that_many_streets_share_is_the_middle_of_something_larger(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"))
    streets = ["Heron Lane", "Oak Street", "Elm Avenue", "Ash Road"]
    for street in streets:
        server.knows(f"12 {street}, {TAIL}", Place(street=street))
    campus = [draft(f"house-{number}", street=f"{number} Mill Road", point=Point(40.02, -75.02)) for number in range(5)]
    await made(settings, *(unplaced(street, street=f"12 {street}") for street in streets), *campus)
    report = await run(settings)
    assert (report.shared, report.outcomes) == (4, {"ok": 4})
    found = await row("Oak Street")
    assert (state(found), bool(found["approximate"])) == (("needs_review", "postcode", "shared"), True)
    assert state(await row("house-1")) == ("ok", "street", None)
    assert (await run(settings)).shared == 0


async def test_a_point_that_a_source_gives_for_many_streets_is_never_shown_as_exact(database: str) -> None:
    streets = ["Heron Lane", "Oak Street", "Elm Avenue", "Ash Road"]
    told = [draft(street, street=f"12 {street}") for street in streets]
    await made(settings_for(database), *told)
    assert state(await row("Oak Street")) == ("needs_review", "postcode", "shared")
    last = await import_drafts(database, [dataclasses.replace(each, fees="none") for each in told])
    assert bool((await row("Oak Street"))["approximate"])
    await run_undo(run=last.run or 0, by="test", clock=lambda: NOW, settings=settings_for(database))
    assert state(await row("Oak Street")) == ("needs_review", "postcode", "shared")


# --- not asking twice ----------------------------------------------------------------------------------------------------


async def test_nobody_is_asked_twice_also_not_for_what_nobody_knows(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, unplaced(), unplaced("other", street="1 Nowhere Road"))
    await run(settings)
    assert len(server.asked) == 2
    again = (
        "UPDATE location SET geocode_status = 'pending', geocode_next_at = geocoded_at WHERE geocode_status <> 'failed'"
    )
    await db.execute(again)
    report = await run(settings, NOW + timedelta(days=1))
    assert (len(server.asked), report.asked, report.remembered, report.done) == (2, 0, 2, 2)
    await db.execute(again)
    await run(settings, NOW + UNKNOWN_REMEMBERED + timedelta(days=1))
    assert server.questions[2:] == [f"1 Nowhere Road, {TAIL}"]
    await db.execute(again)
    await run(settings, NOW + REMEMBERED + timedelta(days=1))
    assert len(server.asked) == 5


async def test_one_address_of_several_listings_is_asked_for_once(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, *(unplaced(key) for key in "abc"))
    report = await run(settings)
    assert (report.outcomes, len(server.asked)) == ({"ok": 3}, 1)


async def test_many_addresses_go_to_the_census_in_one_file(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("census"))
    drafts = [unplaced(f"k{number}", street=f"{number} Heron Lane, Suite 4") for number in range(1, 31)]
    for number in range(1, 31):
        street = f"{number} Heron Lane" + (" Suite 4" if number % 2 else "")
        server.knows(f"{street}, {TAIL}", Place(number=str(number)))
    await made(settings, *drafts)
    report = await run(settings)
    assert (report.outcomes, report.precisions) == ({"ok": 30}, {"interpolated": 30})
    assert [(each.path.rpartition("/")[2], len(each.rows)) for each in server.asked] == [
        ("addressbatch", 30),
        ("addressbatch", 15),
    ]


# --- trouble -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(text="<html>")])
async def test_an_address_that_is_not_answered_waits_longer_each_time_and_is_given_up_in_the_end(
    database: str, server: GeocoderServer, reply: Reply
) -> None:
    settings = asking(database, server.entry("photon"))
    server.broken = reply
    await made(settings, unplaced())
    now, waits = NOW, []
    for tries in range(1, MOST_TRIES):
        report = await run(settings, now)
        found = await row()
        assert (report.waiting, found["geocode_status"], found["geocode_tries"]) == (1, "pending", tries)
        assert (await run(settings, now)).done == 0
        next_at = db.as_moment(found["geocode_next_at"])
        waits.append(next_at - now)
        now = next_at
    assert waits == [timedelta(minutes=minutes) for minutes in (15, 60, 240, 960)]
    report = await run(settings, now)
    found = await row()
    assert (report.outcomes, found["geocode_status"], found["public_lat"]) == ({"failed": 1}, "failed", 40.0)
    assert found["geocode_error"]
    assert "Heron" not in found["geocode_error"]
    server.broken = None
    server.knows(TEXT, Place())
    assert (await run(settings, now)).done == 0
    assert (await run(settings, now, retry=True)).outcomes == {"ok": 1}
    assert (await row())["geocode_error"] is None


async def test_a_service_that_is_out_of_order_takes_nothing_from_the_queue_and_says_why_once(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("pelias"))
    server.broken = Reply(status=401)
    await made(settings, *(unplaced(f"k{number}", street=f"{number} Heron Lane") for number in range(1, 15)))
    report = await run(settings)
    assert (report.done, report.left, len(server.asked)) == (0, 14, 1)
    assert list(report.stopped) == ["pelias"]
    assert "key" in report.stopped["pelias"]
    assert await one_value("SELECT SUM(geocode_tries) AS n FROM location") == 0


async def test_when_one_service_is_out_of_order_the_others_go_on(database: str, server: GeocoderServer) -> None:
    async with running() as second:
        settings = asking(database, server.entry("pelias"), second.entry("nominatim"))
        server.broken = Reply(status=401)
        second.knows(TEXT, Place())
        await made(settings, unplaced(), unplaced("other", street="1 Nowhere Road"))
        report = await run(settings)
        assert (report.outcomes, report.left) == ({"ok": 1}, 1)
        assert (await row("other"))["geocode_status"] == "pending", "the service that is away may know it"


async def test_where_the_public_server_is_asked_a_run_is_short_unless_a_number_is_given() -> None:
    async def turn(host: str, seconds: float) -> None:
        raise AssertionError("nobody is asked")

    public = Service(name="osm", service="nominatim", options={}, turn=turn, user_agent="heron-helpline")
    own = Service(name="own", service="nominatim", options={"domain": "127.0.0.1:1"}, turn=turn)
    for services, limit, expected in (
        ([own], None, None),
        ([own, public], None, PUBLIC_LIMIT),
        ([public], 250, 250),
    ):
        assert limit_of(Chain(services, lambda: NOW, None), limit) == expected
    for service in (public, own):
        await service.close()


async def test_a_run_asks_about_no_more_addresses_than_it_is_told(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, *(unplaced(f"k{number}", street=f"{number} Heron Lane") for number in range(1, 15)))
    done: list[int] = []
    report = await run(settings, limit=12, progress=done.append)
    assert (report.done, report.left, len(server.asked), done) == (12, 2, 12, [10, 12])


async def test_without_a_geocoder_the_queue_is_emptied_by_the_gazetteer(database: str, server: GeocoderServer) -> None:
    await made(asking(database, server.entry("photon")), unplaced(), unplaced("lost", city="Nowhere", postal_code=None))
    report = await run(settings_for(database))
    assert (report.outcomes, report.has_services, server.asked) == ({"ok": 1, "needs_review": 1}, False, [])
    assert state(await row("lost")) == ("needs_review", None, "no-place")


# --- several at once, and stopping -----------------------------------------------------------------------------------------


async def test_two_that_work_at_once_do_each_address_once(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    drafts = [unplaced(f"k{number}", street=f"{number} Heron Lane") for number in range(1, 41)]
    await made(settings, *drafts)
    one, other = await asyncio.gather(run(settings), run(settings))
    assert one.done + other.done == 40
    assert min(one.done, other.done) > 0
    assert sorted(server.questions) == sorted(f"{number} Heron Lane, {TAIL}" for number in range(1, 41))


async def test_an_import_beside_a_run_does_no_harm_to_either(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    drafts = [unplaced(f"k{number}", street=f"{number} Heron Lane") for number in range(1, 41)]
    for number in range(1, 41):
        server.knows(f"{number} Heron Lane, {TAIL}", Place(number=str(number)))
    await made(settings, *drafts)
    renamed = [dataclasses.replace(each, name="Bright Lamp Group") for each in reversed(drafts)]
    report, imported, other = await asyncio.gather(
        run(settings), import_drafts(database, renamed, settings=settings), run(settings)
    )
    assert imported.changed == 40
    left = await run(settings, NOW + CLAIM + timedelta(minutes=1))
    assert report.done + other.done + left.done >= 40
    assert await one_value("SELECT COUNT(*) AS n FROM location WHERE geocode_precision = 'rooftop'") == 40


async def test_a_run_that_is_stopped_gives_back_what_it_had_taken(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, *(unplaced(f"k{number}", street=f"{number} Heron Lane") for number in range(1, 26)))
    work = asyncio.ensure_future(run(settings))

    def stop(asked: Asked) -> None:
        if len(server.asked) == 15:
            work.cancel()

    server.handler = stop
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await geocodes.due(NOW) == 15
    assert await one_value("SELECT COUNT(*) AS n FROM audit_entry WHERE action = 'geocode'") == 1
    server.handler = lambda _: None
    assert (await run(settings)).done == 15
    assert len(server.asked) == 26, "one question was under way when it was stopped; what was answered is remembered"


async def test_what_a_killed_run_had_taken_is_due_at_once_unless_somebody_is_at_work(
    database: str, server: GeocoderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, *(unplaced(f"k{number}", street=f"{number} Heron Lane") for number in range(1, 26)))

    class Killed(BaseException):
        pass

    def die(done: int) -> None:
        if done == 10:
            raise Killed

    async def nothing(self: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:  # a process that is killed tidies nothing up
        patch.setattr(geocode_queue._Run, "close", nothing)
        with pytest.raises(Killed):
            await run(settings, progress=die)
        with pytest.raises(Killed):
            await run(settings, progress=die)
    await geocodes.claim(NOW, 10)
    async with locks.only_one("geocode-2"):
        report = await run(settings)
        assert (report.done, report.left) == (0, 5), "they may be those of the one that is at work"
    assert (await run(settings)).done == 5
    found = await db.rows("SELECT action, details FROM audit_entry WHERE action LIKE 'geocode%' ORDER BY id")
    told = [(each["action"], db.from_json(each["details"])["needs_review"]) for each in found]
    assert told == [("geocode-died", 10), ("geocode-died", 10), ("geocode", 5)]


async def test_an_address_that_changes_while_it_is_asked_for_is_left_alone(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, unplaced(), unplaced("hidden"), unplaced("same"))
    (one, hidden, same) = await geocodes.claim(NOW, 10)
    await import_drafts(
        database,
        [unplaced(street="5 Oak Street"), unplaced("hidden", visibility=Visibility.HIDDEN), unplaced("same")],
        settings=settings,
    )
    found = [
        geocodes.Settled(each, dataclasses.replace(each.geocode, point=THERE), NEW_YORK) for each in (one, hidden, same)
    ]
    assert await geocodes.settle(found, NOW) == [same.id]
    assert [(await row(key))["public_lat"] for key in ("lamp", "hidden", "same")] == [40.0, 40.0, 40.015]


async def test_a_run_writes_one_entry_of_the_audit_trail_and_one_without_work_none(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, *(unplaced(f"k{number}") for number in range(25)))
    await run(settings)
    await run(settings)
    found = await db.rows("SELECT at, by, subject, details FROM audit_entry WHERE action = 'geocode'")
    assert [(each["by"], each["subject"], db.from_json(each["details"])) for each in found] == [
        ("test", "addresses", {"ok": 25, "asked": 1, "shared": 0})
    ]


async def test_public_servers_are_asked_once_a_second_by_all_processes_together(database: str) -> None:
    from directory.storage.geocode_runs import next_turn

    turns = await asyncio.gather(*(next_turn("osm", 1.0, NOW) for _ in range(4)))
    assert sorted(turns) == [NOW + timedelta(seconds=second) for second in range(4)]
    assert await next_turn("osm", 1.0, NOW + timedelta(seconds=9)) == NOW + timedelta(seconds=9)
    assert await next_turn("other", 1.0, NOW) == NOW
    assert await next_turn("osm", 1.0, NOW - timedelta(days=1)) == NOW - timedelta(days=1), "a clock was ahead"


async def test_taking_a_run_back_puts_the_point_back_that_was_found_for_the_street_as_it_was(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, unplaced())
    await run(settings)
    before = await row()
    moved = await import_drafts(database, [unplaced(street="5 Oak Street")], settings=settings)
    assert state(await row()) == ("pending", "postcode", None)
    await run_undo(run=moved.run or 0, by="test", clock=lambda: NOW, settings=settings)
    assert {**await row(), "version": 0} == {**before, "version": 0}


# --- imports afterwards ----------------------------------------------------------------------------------------------------


async def test_an_import_keeps_a_found_point_while_the_address_is_the_same(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, unplaced(), unplaced("lost", street="1 Nowhere Road"))
    await run(settings)
    before = await row()
    renamed = [
        unplaced(name="Bright Lamp Group"),
        unplaced("lost", name="Gone Group", street="1 Nowhere Road, Suite 5"),
    ]
    report = await import_drafts(database, renamed, settings=settings)
    after = await row()
    assert report.changed == 2
    assert after["version"] > before["version"]
    kept = ("lat", "public_lat", "search_lon", "geocode_provider", "geocode_status", "geocode_attempt", "geocoded_at")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert state(await row("lost")) == ("needs_review", "postcode", "not-found")
    await import_drafts(database, [unplaced(street="14 Heron Lane"), *renamed[1:]], settings=settings)
    assert (state(await row()), (await row())["public_lat"]) == (("pending", "postcode", None), 40.0)


async def test_a_source_that_tells_its_own_point_is_believed_again(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, unplaced())
    await run(settings)
    await import_drafts(database, [draft(timezone=None)], settings=settings)
    assert ((await row())["geocode_provider"], (await row())["public_lat"]) == ("source", 40.01)
    await import_drafts(database, [unplaced()], settings=settings)
    assert state(await row()) == ("pending", "postcode", None)


async def test_an_address_that_is_hidden_later_goes_back_to_the_middle_of_its_zip_code(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, unplaced())
    await run(settings)
    await import_drafts(database, [unplaced(visibility=Visibility.HIDDEN)], settings=settings)
    found = await row()
    assert (found["geocode_status"], found["public_lat"], found["lat"]) == ("not_applicable", 40.0, 40.0)
    assert (await run(settings)).done == 0


# --- by the worker -------------------------------------------------------------------------------------------------------


async def test_the_worker_looks_up_what_is_due_a_few_at_a_time(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, *(unplaced(f"k{number}", street=f"{number} Heron Lane") for number in range(GEOCODED + 2)))
    (job,) = [job for job in JOBS if job.name == "geocode"]
    assert job.is_long
    assert [await job.run(lambda: NOW, settings) for _ in range(3)] == [GEOCODED, 2, 0]
    assert await geocodes_due(now=NOW) == 0
    asked = len(server.asked)
    assert await job.run(lambda: NOW, settings) == 0
    assert len(server.asked) == asked, "where nothing is due nobody is asked"
