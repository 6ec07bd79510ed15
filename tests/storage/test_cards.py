from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from directory.domain.geo import Point, Precision
from directory.domain.listings import Capacity, Geocode, Link, ListingDraft, Phone, Status, Visibility
from directory.domain.schedule import LAST, Change, Timetable
from directory.domain.taxonomy import Code
from directory.storage import cards, encoding
from tests.factories import CODES, NEW_YORK, NOW, draft, hours, import_drafts, meeting, one_value, world_made


def full() -> ListingDraft:
    """A listing in which every field says something."""
    return draft(
        "full",
        kind="treatment",
        name="Far Shore House",
        organization="Marsh Trust",
        description="First line.\n\nSecond line.",
        attendance="hybrid",
        program="na",
        codes=(Code("samhsa", "2024", "DT"), Code("aa", "", "X")),
        windows=(
            hours(1, "09:00", 480),
            meeting(5, "19:00", 90, week=LAST, valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1)),
        ),
        changes=(Change(holiday="christmas"), Change(on=date(2026, 7, 3), windows=((540, 120), (800, 30)))),
        hours_text="Ring twice.",
        phones=(Phone("(555) 555-0100", "7", "voice", "intake"), Phone("(555) 555-0101", type="fax")),
        urls=(Link("https://house.example.org", "Website"), Link("https://other.example.org")),
        conference_url="https://zoom.us/j/1",
        conference_phone="+15555550102",
        conference_notes="Ask for the code.",
        languages=("en", "es"),
        care=("detox", "residential"),
        pay=("free",),
        people=("men",),
        medication=("methadone",),
        access=("wheelchair",),
        minimum_age=18,
        maximum_age=64,
        eligibility="Adults of the county.",
        application_process="Call first.",
        fees="By income.",
        required_documents="A card with a name.",
        coverage="Heron County",
        capacities=(Capacity("bed", 2, 10, NOW - timedelta(hours=3), "detox"),),
        verified_on=date(2026, 2, 20),
        source_url="https://list.example.org/full",
        street_2="Rear",
        notes="Side door.",
    )


async def id_of(key: str) -> int:
    return int(await one_value("SELECT id FROM listing WHERE source_key = {0}", key))


async def test_nothing_that_a_browser_would_run_is_a_link_wherever_it_came_from(database: str) -> None:
    await world_made()
    script = "javascript:alert(1)"
    await import_drafts(database, [replace(full(), urls=(Link(script),), conference_url=script, source_url=script)])
    found = await cards.detail(await id_of("full"), NOW)
    (listed,) = await cards.details([found.card])
    assert "javascript" not in repr((found, listed))


async def test_what_a_source_says_comes_back_word_for_word(database: str) -> None:
    await world_made()
    said = replace(full(), address=replace(full().address, name="Heron Hall"))
    await import_drafts(database, [said], about={"title": "An invented world", "licence": "CC0"})
    found = await cards.detail(await id_of("full"), NOW)
    card = found.card
    for name in ("kind", "name", "organization", "attendance", "program", "hours_text", "phones", "care", "pay", "people",
                 "medication", "access", "languages", "coverage", "verified_on", "status"):  # fmt: skip
        assert getattr(card, name) == getattr(said, name), name
    for name in ("description", "urls", "conference_url", "conference_phone", "conference_notes", "minimum_age", "maximum_age",
                 "eligibility", "application_process", "fees", "required_documents", "source_url"):  # fmt: skip
        assert getattr(found, name) == getattr(said, name), name
    assert card.timetable == Timetable(said.windows, NEW_YORK, said.changes)
    assert (card.street, card.city, card.state, card.postal_code, card.place_name) == (
        "12 Heron Lane", "Saltmarsh", "PA", "19199", "Heron Hall",
    )  # fmt: skip
    assert (found.street_2, found.place_notes) == ("Rear", "Side door.")
    assert card.point == card.search_point == said.address.point
    assert found.geocode == Geocode(
        "source", Precision.STREET, said.address.point, "12 Heron Lane, Saltmarsh, PA, 19199"
    )
    assert {info.code for info in found.codes} == set(said.codes)
    assert (found.source_title, found.source_licence, found.source_checked_at) == ("An invented world", "CC0", NOW)
    assert (card.source_name, card.source_key, card.is_demo, card.version) == ("world", "full", False, 1)


def test_a_draft_survives_the_way_through_json_in_every_field() -> None:
    said = full()
    assert [each.name for each in fields(said) if getattr(said, each.name) in (None, ())] == []
    for one in (said, draft(), draft(pay=(), windows=()), draft(point=None, visibility=Visibility.PARTIAL)):
        text = encoding.dumps(encoding.draft_to_json(one))
        assert encoding.draft_from_json(json.loads(text)) == one


async def test_a_card_is_read_without_what_only_its_page_shows_and_in_any_number(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a"), draft("b", name="Bell")])
    ids = [await id_of("a"), await id_of("b")]
    assert {id: card.name for id, card in (await cards.cards([*ids, 999], NOW)).items()} == {
        ids[0]: "Quiet Lamp Group",
        ids[1]: "Bell",
    }
    assert await cards.cards([], NOW) == {}


async def test_types_are_on_the_cards_of_meetings_and_openings_on_those_of_services(database: str) -> None:
    await world_made()
    beds = (Capacity("bed", 1, None, NOW),)
    await import_drafts(
        database,
        [
            draft("m", codes=(CODES[0].code,), capacities=beds),
            draft("s", kind="housing", codes=(CODES[0].code,), capacities=beds),
        ],
    )
    found = {card.source_key: card for card in (await cards.cards([await id_of("m"), await id_of("s")], NOW)).values()}
    assert [info.code.code for info in found["m"].types] == ["O"]
    assert found["m"].openings is None
    assert found["s"].types == ()
    assert found["s"].openings


@pytest.mark.parametrize(
    ("age", "freshness"),
    [
        (timedelta(0), "fresh"),
        (timedelta(hours=24, seconds=-1), "fresh"),
        (timedelta(hours=24), "ask-first"),
        (timedelta(hours=72, seconds=-1), "ask-first"),
        (timedelta(hours=72), "old"),
        (timedelta(days=400), "old"),
    ],
)
def test_how_far_a_report_of_openings_can_be_trusted(age: timedelta, freshness: str) -> None:
    assert cards.freshness(NOW - age, NOW) == freshness


async def test_the_latest_report_of_openings_counts_and_none_is_written_twice(database: str) -> None:
    await world_made()
    morning, evening = NOW - timedelta(hours=9), NOW - timedelta(hours=1)

    async def report(*reports: Capacity) -> None:
        await import_drafts(database, [draft("s", kind="housing", capacities=reports)])

    await report(Capacity("bed", 5, 10, evening), Capacity("bed", 9, 10, morning))
    await report(Capacity("bed", 5, 10, evening))
    await report(Capacity("bed", 0, 10, NOW.astimezone(ZoneInfo(NEW_YORK))))
    (card,) = (await cards.cards([await id_of("s")], NOW)).values()
    assert card.openings
    assert (card.openings.available, card.openings.maximum, card.openings.as_of) == (0, 10, NOW)
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 3


@pytest.mark.parametrize("visibility", [Visibility.PARTIAL, Visibility.HIDDEN])
async def test_no_part_of_a_hidden_address_leaves_storage(database: str, visibility: Visibility) -> None:
    await world_made()
    said = draft(
        "s",
        visibility=visibility,
        street="99 Secret Road",
        street_2="Rear",
        notes="Blue door",
        point=Point(40.0321, -75.0123),
    )
    await import_drafts(database, [replace(said, address=replace(said.address, name="Heron Hall"))])
    found = await cards.detail(await id_of("s"), NOW)
    for secret in ("Secret", "Rear", "Blue door", "Heron", "19199", "40.0321", "75.0123"):
        assert secret not in repr(found), secret
    assert found.card.point is None
    assert found.card.search_point == Point(40.0, -75.0)
    assert found.card.approximate
    assert found.card.city == ("Saltmarsh" if visibility is Visibility.PARTIAL else None)


async def test_a_listing_is_known_by_its_slug_whatever_its_state(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a"), draft("b", name="Bell", status=Status.TEMPORARILY_CLOSED)])
    slugs = {key: await one_value("SELECT slug FROM listing WHERE source_key = {0}", key) for key in "ab"}
    assert await cards.by_status(slugs["a"]) == (await id_of("a"), Status.ACTIVE)
    assert await cards.by_status(slugs["b"]) == (await id_of("b"), Status.TEMPORARILY_CLOSED)
    assert await cards.by_status("no-such-slug") is None
    assert await cards.ids_of_source("world") == [await id_of("a")]
    await import_drafts(database, [draft("b", name="Bell")])
    assert await cards.by_status(slugs["a"]) == (await id_of("a"), Status.REMOVED)


async def test_a_moment_reads_the_same_on_both_engines(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a")])
    found = await cards.detail(await id_of("a"), NOW)
    assert found.source_checked_at == NOW
    assert found.source_checked_at.tzinfo is not None
    assert isinstance(found.source_checked_at, datetime)
