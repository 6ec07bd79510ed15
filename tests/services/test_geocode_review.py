"""Doubtful places are listed by how much they matter, and a pin that a person sets is overwritten by nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import BadQuery, NotFound, Settled
from directory.domain.geo import Point, Precision
from directory.domain.geocodes import FarPin
from directory.domain.listings import Visibility
from directory.services.geocode_queue import geocode_run
from directory.services.geocode_review import (
    ACCEPTED,
    FAILED,
    Doubt,
    Standing,
    doubts_list,
    doubts_waiting,
    geocode_accept,
    geocode_doubts,
    geocode_pin,
    geocode_unpin,
    place_show,
)
from directory.services.listings import listing_show
from directory.settings import Settings
from directory.storage import accounts, db, geocode_review
from tests.factories import CHICAGO, NEW_YORK, NOW, import_drafts, one_value, settings_for
from tests.geocoder_server import GeocoderServer, Place, running
from tests.services.test_geocode_queue import TEXT, asking, made, row, state, unplaced

PIN = Point(40.033, -75.011)
LATER = NOW + timedelta(days=1)


@pytest.fixture
async def server() -> AsyncIterator[GeocoderServer]:
    async with running() as service:
        yield service


async def slug_of(key: str = "lamp") -> str:
    return str(await one_value("SELECT slug FROM listing WHERE source_key = {0}", key))


async def pin(settings: Settings, key: str = "lamp", point: Point = PIN, now: datetime = LATER) -> None:
    await geocode_pin(slug=await slug_of(key), point=point, by="robin", clock=lambda: now, settings=settings)


async def unpin(settings: Settings, key: str = "lamp") -> None:
    await geocode_unpin(slug=await slug_of(key), by="robin", clock=lambda: LATER, settings=settings)


async def run(settings: Settings, now: datetime = LATER) -> int:
    return (await geocode_run(by="test", clock=lambda: now, settings=settings)).done


async def audited() -> list[tuple[str, str, str, dict[str, Any]]]:
    found = await db.rows(
        "SELECT by, action, subject, details FROM audit_entry WHERE action LIKE 'geocode-%' ORDER BY id"
    )
    return [(each["by"], each["action"], each["subject"], db.from_json(each["details"])) for each in found]


# --- doubts --------------------------------------------------------------------------------------------------------------


async def test_doubtful_places_are_listed_by_how_far_off_they_may_be_and_how_much_they_are_looked_for(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"))
    answers = {
        "state": Place(state="NJ", state_name="New Jersey"),
        "postcode": Place(postal_code="19198"),
        "street": Place(street="Oak Street"),
        "number": Place(number="999"),
        "coarse": Place(number="", street=""),
        "good": Place(),
    }
    drafts = []
    for number, (key, place) in enumerate(answers.items(), 20):
        for kind in ("meeting", "treatment"):
            drafts.append(unplaced(f"{key}-{kind}", kind=kind, name=f"Of {key}", street=f"{number} Heron Lane"))
        known = Place(**{**vars(place), "number": str(number)}) if place.number == "12" else place
        server.knows(f"{number} Heron Lane, Saltmarsh, PA 19199", known)
    drafts.append(unplaced("lost", street="1 Nowhere Road"))
    await made(settings, *drafts)
    await run(settings)
    await db.execute("UPDATE location SET geocode_status = 'failed', geocode_error = 'no answer in time' WHERE id = 1")
    await db.execute("UPDATE location SET geocode_review = NULL WHERE id = 1")
    found = await geocode_doubts(limit=50)
    assert [(each.reason, each.kind) for each in found] == [
        ("state", "treatment"),
        ("postcode", "treatment"),
        ("postcode", "meeting"),
        ("street", "treatment"),
        ("street", "meeting"),
        ("number", "treatment"),
        ("number", "meeting"),
        ("coarse", "treatment"),
        ("coarse", "meeting"),
        ("not-found", "meeting"),
        (FAILED, "meeting"),
    ]
    assert [each.reason for each in await geocode_doubts(limit=2)] == ["state", "postcode"]
    assert await geocode_review.grades() == {"postcode": 9, "rooftop": 2, "street": 2}
    assert found[0] == Doubt(
        slug=await slug_of("state-treatment"),
        name="Of state",
        kind="treatment",
        reason="state",
        address="20 Heron Lane, Saltmarsh, PA 19199",
        point=Point(40.0, -75.0),
        precision=Precision.POSTCODE,
        provider="gazetteer",
        label="Saltmarsh, PA 19199",
        attempt="full",
        error="photon answered 20 Heron Lane, Saltmarsh, New Jersey, 19199",
        at=LATER,
    )
    assert found[-1].error == "no answer in time"


async def test_what_is_taken_out_is_no_doubt_any_more(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, unplaced(), unplaced("other", street="5 Oak Street"))
    await run(settings)
    assert len(await geocode_doubts()) == 2
    await import_drafts(database, [unplaced()], settings=settings, allow_removals=True)
    assert [each.slug for each in await geocode_doubts()] == [await slug_of()]


# --- pins ----------------------------------------------------------------------------------------------------------------


async def test_a_pin_is_where_the_listing_is_for_everybody(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, unplaced())
    before = await row()
    await pin(settings)
    found = await row()
    assert (found["lat"], found["public_lat"], found["search_lon"], bool(found["approximate"])) == (
        PIN.lat,
        PIN.lat,
        PIN.lon,
        False,
    )
    assert (state(found), found["geocode_provider"], found["pinned_by"]) == (("ok", "rooftop", None), "pin", "robin")
    assert db.as_moment(found["pinned_at"]) == LATER
    assert found["version"] == before["version"] + 1
    shown = await listing_show(slug=await slug_of(), now=LATER, settings=settings)
    assert shown.card.point == PIN
    details = {"visibility": "full", "status": "ok", "before": "40.000000,-75.000000", "after": "40.033000,-75.011000"}
    assert await audited() == [("robin", "geocode-pin", f"listing {await slug_of()}", details)]


async def test_no_geocoder_and_no_import_moves_a_pin(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, unplaced())
    await pin(settings)
    await run(settings)
    await import_drafts(database, [unplaced(name="Bright Lamp Group")], settings=settings)
    await import_drafts(database, [unplaced(name="Bright Lamp Group", point=Point(40.01, -75.0))], settings=settings)
    found = await row()
    assert (found["lat"], found["public_lat"], found["search_lon"], found["pinned_by"]) == (
        PIN.lat,
        PIN.lat,
        PIN.lon,
        "robin",
    )
    assert (state(found), server.asked) == (("ok", "rooftop", None), [])
    again = await import_drafts(
        database, [unplaced(name="Bright Lamp Group", point=Point(40.01, -75.0))], settings=settings
    )
    assert (again.changed, again.unchanged) == (0, 1)


async def test_a_pin_whose_address_changes_stays_and_is_looked_at(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, unplaced())
    await pin(settings)
    await import_drafts(database, [unplaced(street="5 Oak Street")], settings=settings)
    assert state(await row()) == ("needs_review", "rooftop", "moved")
    assert (await row())["public_lat"] == PIN.lat
    assert [each.reason for each in await geocode_doubts()] == ["moved"]
    await pin(settings)
    assert await geocode_doubts() == []


@pytest.mark.parametrize("visibility", [Visibility.PARTIAL, Visibility.HIDDEN])
async def test_a_pin_of_an_address_that_is_not_public_is_seen_by_nobody(
    database: str, server: GeocoderServer, visibility: Visibility
) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, unplaced(visibility=visibility))
    before = await row()
    await pin(settings)
    await import_drafts(database, [unplaced(visibility=visibility, name="Bright Lamp Group")], settings=settings)
    found = await row()
    assert (found["lat"], found["lon"]) == (PIN.lat, PIN.lon)
    for name in ("public_lat", "public_lon", "search_lon", "approximate", "timezone"):
        assert found[name] == before[name]
    assert [details for _, _, _, details in await audited()] == [{"visibility": visibility.value, "status": "ok"}]
    await import_drafts(database, [unplaced(visibility=visibility, street="5 Oak Street")], settings=settings)
    (doubt,) = await geocode_doubts()
    assert (doubt.reason, doubt.point, doubt.label) == ("moved", None, None)
    assert "Oak" not in doubt.address
    assert ("Saltmarsh" in doubt.address) == (visibility == Visibility.PARTIAL)


async def test_a_pin_that_is_taken_back_leaves_the_place_to_source_gazetteer_and_geocoder(
    database: str, server: GeocoderServer
) -> None:
    settings = asking(database, server.entry("photon"))
    server.knows(TEXT, Place())
    await made(settings, unplaced(), unplaced("told", point=Point(40.01, -75.0)))
    await pin(settings)
    await pin(settings, "told")
    await unpin(settings)
    await unpin(settings, "told")
    assert (state(await row()), (await row())["public_lat"]) == (("pending", "postcode", None), 40.0)
    told = await row("told")
    assert (told["geocode_provider"], told["public_lat"], told["search_lon"]) == ("source", 40.01, -75.0)
    assert (told["pinned_by"], told["pinned_at"]) == (None, None)
    assert await run(settings) == 1
    assert (await row())["public_lat"] == 40.015
    assert [action for _, action, _, _ in await audited()] == ["geocode-pin"] * 2 + ["geocode-unpin"] * 2


async def test_a_pin_in_another_time_zone_takes_its_time_along(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, unplaced())
    await pin(settings, point=Point(41.88, -87.63))
    zone = "SELECT z.name FROM search_row s JOIN zone z ON z.id = s.zone JOIN listing l ON l.id = s.id WHERE l.source_key = {0}"
    assert (await row())["timezone"] == await one_value(zone, "lamp") == CHICAGO


async def test_what_cannot_be_pinned_is_refused(database: str, server: GeocoderServer) -> None:
    settings = asking(database, server.entry("photon"))
    await made(settings, unplaced())
    for point in (Point(0, 0), Point(91, 10), Point(40, 181)):
        with pytest.raises(BadQuery):
            await pin(settings, point=point)
    with pytest.raises(NotFound):
        await geocode_pin(slug="no-such", point=PIN, by="robin", clock=lambda: NOW, settings=settings)
    with pytest.raises(NotFound):
        await unpin(settings)
    assert await audited() == []


# --- what people settle --------------------------------------------------------------------------------------------------

COORDINATOR, EDITOR = Actor(7, (Grant(Role.COORDINATOR, 1),)), Actor(8, (Grant(Role.EDITOR, 2),))


async def doubted(settings: Settings) -> Standing:
    """A place whose source puts it far from its ZIP code."""
    await made(settings, unplaced(point=Point(41.9, -87.7)))
    assert state(await row()) == ("needs_review", "street", "state")
    return await place_show(slug=await slug_of(), by=COORDINATOR, now=NOW)


async def accept(by: Actor = COORDINATOR, seen: str | None = None) -> None:
    await geocode_accept(slug=await slug_of(), by=by, clock=lambda: LATER, seen=seen)


async def test_a_place_that_is_right_as_it_is_leaves_the_list_for_good(database: str) -> None:
    settings = settings_for(database)
    standing = await doubted(settings)
    assert await doubts_waiting(by=COORDINATOR, now=NOW) == 1
    await accept(seen=standing.seen)
    for name in ("Quiet Lamp Group", "Bright Lamp Group"):
        await import_drafts(database, [unplaced(name=name, point=Point(41.9, -87.7))], settings=settings)
        found = await row()
        assert (state(found), found["public_lat"]) == (("ok", "street", None), 41.9)
    assert await doubts_waiting(by=COORDINATOR, now=NOW) == 0
    standing = await place_show(slug=await slug_of(), by=COORDINATOR, now=NOW)
    assert (standing.pin, standing.is_doubtful) == (ACCEPTED, False)
    assert [(by, action) for by, action, _, _ in await audited()] == [("person 7", "geocode-accept")]


async def test_what_was_right_is_looked_at_again_when_its_source_or_its_address_moves_or_it_is_taken_back(
    database: str,
) -> None:
    settings = settings_for(database)
    await doubted(settings)
    await accept()
    await import_drafts(database, [unplaced(point=Point(42.5, -88.0))], settings=settings)
    assert (state(await row()), (await row())["public_lat"]) == (("needs_review", "street", "state"), 42.5)
    await accept()
    await import_drafts(database, [unplaced(point=Point(42.5, -88.0), street="5 Oak Street")], settings=settings)
    assert state(await row()) == ("needs_review", "street", "moved")
    await accept()
    await unpin(settings)
    assert state(await row()) == ("needs_review", "street", "state")


async def test_a_place_that_is_only_about_right_stays_so_when_it_is_accepted(database: str) -> None:
    settings = settings_for(database)
    await made(settings, unplaced(street=None))
    await db.execute("UPDATE location SET geocode_status = 'needs_review', geocode_review = 'shared'")
    await accept()
    await import_drafts(database, [unplaced(street=None, name="Bright Lamp Group")], settings=settings)
    found = await row()
    assert (state(found), bool(found["approximate"])) == (("ok", "postcode", None), True)


async def test_a_person_pins_a_place_far_from_its_address_only_where_that_is_meant(database: str) -> None:
    settings = settings_for(database)
    await doubted(settings)
    given: dict[str, Any] = {"slug": await slug_of(), "by": COORDINATOR, "clock": lambda: LATER, "settings": settings}
    with pytest.raises(FarPin) as far:
        await geocode_pin(point=Point(40.0, 105.0), **given)
    assert far.value.miles == 6909  # on the other side of the pole: 100 degrees
    assert await audited() == []
    await geocode_pin(point=Point(40.0, 105.0), is_far=True, **given)
    assert (await row())["public_lon"] == 105.0
    await geocode_pin(point=Point(40.7, -75.0), **given)  # 48 miles


async def test_an_editor_whom_nobody_trusts_yet_sees_a_place_and_moves_nothing(database: str) -> None:
    settings = settings_for(database)
    await doubted(settings)
    slug, before = await slug_of(), await row()
    async with db.staging():
        agency = await accounts.agency_add(name="Marsh Peers", kind="peer", timezone=NEW_YORK, now=NOW)
        await db.execute(f"UPDATE source SET agency_id = {agency}")
    own = Actor(9, (Grant(Role.EDITOR, agency),))
    assert not (await place_show(slug=slug, by=own, now=NOW)).is_settable
    assert (await place_show(slug=slug, by=COORDINATOR, now=NOW)).is_settable
    for work in (
        accept(own),
        geocode_pin(slug=slug, point=PIN, by=own, clock=lambda: NOW, settings=settings),
        geocode_unpin(slug=slug, by=own, clock=lambda: NOW, settings=settings),
    ):
        with pytest.raises(Denied):
            await work
    assert await row() == before


async def test_each_sees_and_settles_the_doubts_within_reach(database: str) -> None:
    settings = settings_for(database)
    await doubted(settings)
    slug = await slug_of()
    assert (await doubts_list(by=EDITOR, now=NOW), await doubts_waiting(by=EDITOR, now=NOW)) == ([], 0)
    for work in (
        place_show(slug=slug, by=EDITOR, now=NOW),
        accept(EDITOR),
        geocode_pin(slug=slug, point=PIN, by=EDITOR, clock=lambda: NOW, settings=settings),
        geocode_unpin(slug=slug, by=EDITOR, clock=lambda: NOW, settings=settings),
    ):
        with pytest.raises(Denied):
            await work
    async with db.staging():
        agency = await accounts.agency_add(name="Marsh Peers", kind="peer", timezone=NEW_YORK, now=NOW)
        await db.execute(f"UPDATE source SET agency_id = {agency}")
    own = Actor(9, (Grant(Role.EDITOR, agency, trusted=True),))
    assert [each.slug for each in await doubts_list(by=own, now=NOW)] == [slug]
    assert await doubts_waiting(by=own, now=NOW) == 1
    await accept(own)
    assert await doubts_waiting(by=own, now=NOW) == 0
    assert await doubts_waiting(by=Actor(5, (Grant(Role.PEER, agency),)), now=NOW) == 0


async def test_of_two_people_who_settle_one_place_the_second_is_told(database: str) -> None:
    settings = settings_for(database)
    seen = (await doubted(settings)).seen
    slug = await slug_of()
    given: dict[str, Any] = {
        "slug": slug,
        "by": COORDINATOR,
        "clock": lambda: LATER,
        "settings": settings,
        "seen": seen,
    }
    await geocode_pin(point=PIN, **given)
    with pytest.raises(Settled):
        await accept(seen=seen)
    with pytest.raises(Settled):
        await geocode_unpin(**given)
    with pytest.raises(Settled):
        await accept()
    assert (await row())["public_lat"] == PIN.lat
