from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from directory.domain.geo import Point
from directory.domain.listings import ListingDraft, Phone, Status, Visibility, slug_for
from directory.domain.search import Query
from directory.formats.rows import Rejected
from directory.services.exchange import BATCH, Report
from directory.services.readers import reader_of
from directory.services.search import search_run
from directory.storage import db, sources
from directory.storage.listings import erase_source
from tests.factories import (
    NOW,
    draft,
    import_drafts,
    import_with,
    meeting,
    one_value,
    settings_for,
    snapshot,
    world_made,
)

HEADER = "facility_id,directory_type,name1,name2,street1,street2,city,state,zip,phone,intake1,intake2,intake1a,intake2a,service_code_info"
LOGS = ("audit_entry", "audit_head", "import_run", "import_change", "import_stage", "state")
"""Tables that tell of imports, not of listings."""


def feed(**changes: Any) -> dict[str, Any]:
    """A meeting as a Meeting Guide feed gives it, with what must not be published."""
    made = {
        "slug": "quiet-lamp",
        "name": "Quiet Lamp Group",
        "day": 1,
        "time": "19:00",
        "end_time": "20:00",
        "types": ["O"],
        "location": "Heron Hall",
        "formatted_address": "12 Heron Street, Saltmarsh, PA 19199, USA",
        "latitude": "40.01",
        "longitude": "-75.0",
        "timezone": "America/New_York",
        "updated": "2026-02-01 10:00:00",
        "url": "https://list.example.org/quiet-lamp",
        "notes": "Ring Robin at (555) 555-0142 or robin@private.example.org",
        "contact_1_name": "Robin Quill",
        "contact_1_phone": "555-555-0143",
        "contact_1_email": "quill@private.example.org",
        "email": "group@private.example.org",
        "phone": "555-555-0144",
        "venmo": "@lamp-till",
        "square": "$lamptill",
        "paypal": "lamptillpal",
        "author": "editor-nightjar",
        "edit_url": "https://list.example.org/edit/1",
        "last_contact": "2026-01-01",
        "mailing_address": "PO Box 77, Saltmarsh",
        "feedback_url": "https://list.example.org/feedback",
        "feedback_emails": ["desk@private.example.org"],
    }
    return made | changes


async def load(url: str, *meetings: object, **options: Any) -> Report:
    """Imports a Meeting Guide feed of these objects."""
    stream = BytesIO(json.dumps(meetings).encode())
    reader = reader_of("meeting-guide", fellowship="aa")
    return await import_with(url, stream, reader, "feed", **{"format": "meeting-guide", "fellowship": "aa", **options})


async def load_csv(url: str, text: str | bytes, **options: Any) -> Report:
    """Imports a SAMHSA file of this text."""
    stream = BytesIO(text if isinstance(text, bytes) else text.encode())
    return await import_with(url, stream, reader_of("samhsa"), "list", **{"format": "samhsa", **options})


def counts(report: Report) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed, len(report.rejected)


def many(number: int, **given: Any) -> list[ListingDraft]:
    return [draft(f"k{each}", name=f"Group {each}", **given) for each in range(number)]


# --- the same, changed, gone, back -----------------------------------------------------------------------------------


async def test_the_same_file_twice_changes_nothing(database: str) -> None:
    await world_made()
    drafts = many(BATCH + 20)
    assert counts(await import_drafts(database, drafts)) == (len(drafts), 0, 0, 0, 0)
    before = await snapshot(without=(*LOGS, "source"))
    assert counts(await import_drafts(database, drafts)) == (0, 0, len(drafts), 0, 0)
    assert await snapshot(without=(*LOGS, "source")) == before


async def test_added_changed_unchanged_and_removed_add_up_and_slugs_survive(database: str) -> None:
    await world_made()
    first = many(8)
    await import_drafts(database, first)
    slugs = {row["source_key"]: row["slug"] for row in await db.rows("SELECT source_key, slug FROM listing")}
    second = [
        *first[:3],
        replace(first[3], name="Another Name"),
        replace(first[4], windows=(meeting(2, "19:00"),)),
        draft("new"),
    ]
    report = await import_drafts(database, second)
    assert counts(report) == (1, 2, 3, 3, 0)
    assert report.read == len(second)
    after = {
        row["source_key"]: row for row in await db.rows("SELECT source_key, slug, status, version, name FROM listing")
    }
    assert {key: row["slug"] for key, row in after.items() if key != "new"} == slugs
    assert {key for key, row in after.items() if row["status"] == "removed"} == {"k5", "k6", "k7"}
    assert (after["k3"]["name"], after["k3"]["version"], after["k0"]["version"]) == ("Another Name", 2, 1)
    assert await one_value("SELECT COUNT(*) FROM search_row") == 6


async def test_a_listing_that_is_gone_comes_back_under_its_address(database: str) -> None:
    await world_made()
    await import_drafts(database, many(2))
    slug = await one_value("SELECT slug FROM listing WHERE source_key = {0}", "k1")
    assert counts(await import_drafts(database, many(1))) == (0, 0, 1, 1, 0)
    assert await one_value("SELECT status FROM listing WHERE slug = {0}", slug) == "removed"
    assert counts(await import_drafts(database, many(1))) == (0, 0, 1, 0, 0)
    report = await import_drafts(database, many(2))
    assert counts(report) == (1, 0, 1, 0, 0)
    assert await one_value("SELECT status FROM listing WHERE slug = {0}", slug) == "active"
    assert await one_value("SELECT COUNT(*) FROM listing WHERE removed_at IS NOT NULL") == 0
    found = await search_run(query=Query(), now=NOW, settings=settings_for(database))
    assert slug in {card.slug for card in found.cards}


@pytest.mark.parametrize("visibility", [Visibility.PARTIAL, Visibility.HIDDEN])
async def test_a_street_that_is_not_public_cannot_be_worked_out_from_an_address_which_is_kept(
    database: str, visibility: Visibility
) -> None:
    await world_made()
    house = draft(
        "shelter|99 secret st", name="Safe Reeds", kind="housing", visibility=visibility, street="99 Secret St"
    )
    await import_drafts(database, [house])
    slug = await one_value("SELECT slug FROM listing")
    tried = [slug_for("world", house.key, house.name, city) for city in (house.address.city, None)]
    assert [guess for guess in tried if guess.rpartition("-")[2] in slug] == []
    await import_drafts(database, [replace(house, fees="none")])
    assert await one_value("SELECT slug FROM listing") == slug


async def test_a_partial_file_adds_and_changes_and_takes_nothing_out(database: str) -> None:
    await world_made()
    await import_drafts(database, many(3))
    report = await import_drafts(database, [replace(many(1)[0], name="Another Name"), draft("new")], partial=True)
    assert counts(report) == (1, 1, 0, 0, 0)
    assert await one_value("SELECT COUNT(*) FROM search_row") == 4


async def test_sources_leave_each_other_alone_even_where_their_keys_are_the_same(database: str) -> None:
    await world_made()
    await import_drafts(database, many(3), "one")
    await import_drafts(database, many(2), "two")
    assert counts(await import_drafts(database, [draft("new")], "two")) == (1, 0, 0, 2, 0)
    assert await one_value("SELECT COUNT(*) FROM search_row") == 4
    assert await one_value("SELECT COUNT(DISTINCT slug) FROM listing") == 6


async def test_a_trial_run_says_what_would_happen_and_writes_nothing(database: str) -> None:
    await world_made()
    await import_drafts(database, many(3))
    before = await snapshot()
    second = [*many(1), replace(many(2)[1], name="Another"), draft("new"), Rejected(4, "no name")]
    trial = await import_drafts(database, second, dry_run=True, fellowship="na", about={"title": "Another title"})
    assert (trial.dry_run, trial.run, counts(trial)) == (True, None, (1, 1, 1, 1, 1))
    assert await snapshot() == before
    trial = await import_drafts(database, second, "unheard-of", dry_run=True)
    assert counts(trial) == (3, 0, 0, 0, 1)
    assert await snapshot() == before
    assert counts(await import_drafts(database, second)) == (1, 1, 1, 1, 1)


async def test_a_listing_that_is_closed_for_now_leaves_the_search_but_not_the_directory(database: str) -> None:
    await world_made()
    await import_drafts(database, many(2))
    closed = replace(many(1)[0], status=Status.TEMPORARILY_CLOSED)
    assert counts(await import_drafts(database, [closed, many(2)[1]])) == (0, 1, 1, 0, 0)
    assert await one_value("SELECT COUNT(*) FROM search_row") == 1
    assert counts(await import_drafts(database, many(2))) == (0, 1, 1, 0, 0)
    assert await one_value("SELECT COUNT(*) FROM search_row") == 2


async def test_what_hangs_on_a_changed_listing_is_that_of_the_new_file_alone(database: str) -> None:
    await world_made()
    await import_drafts(
        database, [draft(windows=(meeting(1, "19:00"), meeting(3, "19:00")), organization="Marsh House")]
    )
    await import_drafts(database, [draft(windows=(meeting(5, "07:00"),), organization="Reed House")])
    assert await db.rows("SELECT starts FROM schedule") == [{"starts": 5 * 1440 + 420}]
    assert await db.rows("SELECT o.name FROM listing l JOIN organization o ON o.id = l.organization_id") == [
        {"name": "Reed House"}
    ]


# --- what is a change ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rewritten",
    [
        {"formatted_address": "12 Heron St, Saltmarsh, PA 19199, USA"},
        {"formatted_address": "12 HERON ST., Saltmarsh, PA 19199, USA"},
        {"latitude": "40.0104", "longitude": -75.0003},
        {
            "updated": "2026-03-01 09:00:00",
            "url": "https://list.example.org/2",
            "feedback_url": "https://list.example.org/3",
        },
        {"id": 77, "contact_1_phone": "555-555-0149", "venmo": "@other-till", "email": "new@private.example.org"},
        {"name": " Quiet  Lamp Group ", "types": ["o"], "day": "1", "time": "19:00:00"},
    ],
)
async def test_a_geocoders_rewriting_and_what_is_not_published_are_no_change(
    database: str, rewritten: dict[str, Any]
) -> None:
    await world_made()
    await load(database, feed())
    before = await snapshot(without=(*LOGS, "source"))
    assert counts(await load(database, feed(**rewritten))) == (0, 0, 1, 0, 0)
    assert await snapshot(without=(*LOGS, "source")) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"time": "19:30"},
        {"end_time": "20:30"},
        {"day": 2},
        {"day": [1, 2]},
        {"name": "Bright Lamp Group"},
        {"types": ["C"]},
        {"types": ["O", "TC"]},
        {"location": "Heron House"},
        {"formatted_address": "14 Heron Street, Saltmarsh, PA 19199, USA"},
        {"formatted_address": "12 Heron Street, Saltmarsh, PA 19198, USA"},
        {"latitude": "40.02"},
        {"latitude": "", "longitude": ""},
        {"notes": "Ring twice."},
        {"conference_url": "https://zoom.us/j/1"},
    ],
)
async def test_every_published_field_that_differs_is_a_change(database: str, changed: dict[str, Any]) -> None:
    await world_made()
    await load(database, feed())
    assert counts(await load(database, feed(**changed))) == (0, 1, 0, 0, 0)
    assert counts(await load(database, feed(**changed))) == (0, 0, 1, 0, 0)


async def test_a_drift_of_small_steps_is_seen_once_it_has_become_a_move(database: str) -> None:
    """Each step is within a geocoder's second thoughts of the last, but what is stored is the first."""
    await world_made()
    await load(database, feed())
    reports = [await load(database, feed(latitude=f"{40.01 + step * 0.002:.3f}")) for step in range(1, 4)]
    assert [report.changed for report in reports] == [0, 1, 0]


# --- too much at once ------------------------------------------------------------------------------------------------


async def test_a_file_that_would_take_out_more_than_a_fifth_of_its_source_stops_and_asks(database: str) -> None:
    await world_made()
    await import_drafts(database, many(10))
    before = await snapshot()
    report = await import_drafts(database, [*many(7), draft("new")], allow_removals=False)
    assert report.error == "removals: 3 of 10 listings would be removed; look at the file, then give --allow-removals"
    assert (report.run, counts(report)) == (None, (0, 0, 0, 0, 0))
    assert await snapshot() == before
    trial = await import_drafts(database, [*many(7), draft("new")], allow_removals=False, dry_run=True)
    assert (trial.error, counts(trial)) == (report.error, (1, 0, 7, 3, 0))
    assert await snapshot() == before
    allowed = await import_drafts(database, [*many(7), draft("new")], allow_removals=True)
    assert (allowed.error, counts(allowed)) == (None, (1, 0, 7, 3, 0))


async def test_a_fifth_of_a_source_goes_without_a_question_and_what_is_gone_already_does_not_count(
    database: str,
) -> None:
    await world_made()
    await import_drafts(database, many(20))
    await import_drafts(database, many(10))
    assert counts(await import_drafts(database, many(8), allow_removals=False)) == (0, 0, 8, 2, 0)
    report = await import_drafts(database, many(6), allow_removals=False)
    assert report.error
    assert report.error.startswith("removals: 2 of 8 ")
    assert counts(await import_drafts(database, many(1), allow_removals=False, partial=True)) == (0, 0, 1, 0, 0)


# --- known again by what it is ---------------------------------------------------------------------------------------


def numbered(first: int, *drafts: ListingDraft) -> list[ListingDraft]:
    """The same listings under other numbers, as a source gives them that numbers its rows anew for each file."""
    return [replace(each, key=f"id{number}") for number, each in enumerate(drafts, first)]


def evenings() -> list[ListingDraft]:
    """One name and place at two times, and another name."""
    return [
        draft(name="Quiet Lamp Group", windows=(meeting(1, "19:00"),)),
        draft(name="Quiet Lamp Group", windows=(meeting(2, "19:00"),)),
        draft(name="Bright Lamp Group"),
    ]


async def keys_and_slugs() -> dict[str, str]:
    return {row["slug"]: row["source_key"] for row in await db.rows("SELECT slug, source_key FROM listing")}


async def test_a_source_that_numbers_its_rows_anew_is_matched_by_name_place_day_and_time(database: str) -> None:
    await world_made()
    first = await import_drafts(database, numbered(1, *evenings()), match_by="nature")
    assert counts(first) == (3, 0, 0, 0, 0)
    before = await keys_and_slugs()
    assert counts(await import_drafts(database, numbered(50, *evenings()))) == (0, 0, 3, 0, 0)
    other = numbered(90, *reversed(evenings()))
    other[0] = replace(other[0], description="Ring twice.", address=replace(other[0].address, street="12 HERON LN."))
    report = await import_drafts(database, other)
    assert counts(report) == (0, 1, 2, 0, 0)
    assert await keys_and_slugs() == before


async def test_a_source_may_be_matched_in_another_way_from_some_file_on_and_every_address_stays(database: str) -> None:
    await world_made()
    await import_drafts(database, numbered(1, *evenings()))
    slugs = set(await keys_and_slugs())
    before = await snapshot()
    changed = numbered(70, *evenings())
    changed[2] = replace(changed[2], description="Ring twice.")
    trial = await import_drafts(database, changed, match_by="nature", dry_run=True)
    assert counts(trial) == (0, 1, 2, 0, 0)
    assert await snapshot() == before
    assert counts(await import_drafts(database, changed, match_by="nature")) == (0, 1, 2, 0, 0)
    assert set(await keys_and_slugs()) == slugs
    assert counts(await import_drafts(database, numbered(80, *evenings()[:2], changed[2]))) == (0, 0, 3, 0, 0)
    again = numbered(70, *evenings()[:2], changed[2])
    assert counts(await import_drafts(database, again, match_by="key")) == (0, 0, 3, 0, 0)
    assert set(await keys_and_slugs()) == slugs


async def test_a_key_that_is_given_up_may_stand_in_the_same_file_for_another_listing(database: str) -> None:
    await world_made()
    first, second = evenings()[0], evenings()[2]
    await import_drafts(database, [replace(first, key="k")])
    assert counts(await import_drafts(database, [replace(first, key="k")], match_by="nature")) == (0, 0, 1, 0, 0)
    both = [replace(second, key="k2"), replace(first, key="k")]
    assert counts(await import_drafts(database, both, match_by="key")) == (1, 0, 1, 0, 0)
    swapped = [replace(first, key="k2"), replace(second, key="k")]
    assert counts(await import_drafts(database, swapped, match_by="nature")) == (0, 0, 2, 0, 0)
    assert counts(await import_drafts(database, swapped, match_by="key")) == (0, 0, 2, 0, 0)


async def test_of_two_listings_that_are_one_by_nature_the_second_keeps_its_own_key(database: str) -> None:
    await world_made()
    twins = numbered(
        1, draft(name="Quiet Lamp Group", description="a"), draft(name="Quiet Lamp Group", description="b")
    )
    await import_drafts(database, twins)
    report = await import_drafts(database, numbered(50, *twins), match_by="nature")
    assert counts(report) == (0, 0, 1, 1, 1)
    assert report.rejected[0]["reason"].startswith("same key as line 1: quiet lamp group|")
    rows = {row["description"]: row for row in await db.rows("SELECT description, source_key, status FROM listing")}
    assert (rows["b"]["source_key"], rows["b"]["status"]) == ("id2", "removed")
    assert rows["a"]["status"] == "active"


async def test_a_key_that_another_listing_once_had_gets_an_address_of_its_own(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("id1")])
    await import_drafts(database, [draft("id7")], match_by="nature")
    other = draft("id1", windows=(meeting(3, "19:00"),))
    assert counts(await import_drafts(database, [draft("id7"), other], match_by="key", partial=True)) == (1, 0, 1, 0, 0)
    assert await one_value("SELECT COUNT(DISTINCT slug) FROM listing") == 2


# --- databases from before -------------------------------------------------------------------------------------------


async def test_a_listing_from_before_its_sources_words_were_kept_gets_them_with_the_next_file(database: str) -> None:
    await world_made()
    await import_drafts(database, many(3))
    await db.execute("DELETE FROM source_draft")
    changed = [*many(2), replace(many(3)[2], name="Another Name")]
    assert counts(await import_drafts(database, changed)) == (0, 1, 2, 0, 0)
    assert await one_value("SELECT COUNT(*) FROM source_draft") == 3
    assert counts(await import_drafts(database, changed)) == (0, 0, 3, 0, 0)


# --- lines, rejected rows, unreadable files --------------------------------------------------------------------------


async def test_junk_rows_are_rejected_with_the_line_on_which_they_start(database: str) -> None:
    await world_made()
    good = "s1,substance,Heron House,,1 Heron Lane,,Saltmarsh,PA,19199,555-555-0100,,,,,SA DT * RES"
    text = "\n".join(
        [
            HEADER,  # 1
            good,  # 2
            "",  # 3
            's2,substance,"Reed',  # 4: a name over two lines
            'House",,2 Heron Lane,,Saltmarsh,PA,19199,,,,,,SA * OP',  # 5
            ",,,,,,,,,,,,,,",  # 6
            "s4,substance,Category Code,Category Name,Service Code,Service Name,,,,,,,,,",  # 7: a slice of the key of codes
            "",  # 8
            "s5,substance,No Zip House,,3 Heron Lane,,Saltmarsh,PA,,,,,,,SA",  # 9
            "s6,substance,Odd Zip House,,3 Heron Lane,,Saltmarsh,PA,ABC,,,,,,SA",  # 10
            "s7,substance,No Code House,,3 Heron Lane,,Saltmarsh,PA,19199,,,,,,",  # 11
            "s8,substance,Short House,,3 Heron Lane",  # 12
            "s9,substance, heron  HOUSE ,,1 heron lane,,Elsewhere,PA,19199-0001,,,,,,SA",  # 13: the key of line 2
            "s10,mental,Heron House,,1 Heron Lane,,Saltmarsh,PA,19199,,,,,,MH SUMH",  # 14: the other list, another listing
        ]
    )
    report = await load_csv(database, text)
    assert counts(report) == (3, 0, 0, 0, 8 - 1)
    assert [row["line"] for row in report.rejected] == [6, 7, 9, 10, 11, 12, 13]
    reasons = {row["line"]: row["reason"] for row in report.rejected}
    assert reasons[13].startswith("same key as line 2")
    assert "ZIP" in reasons[9]
    assert "ABC" in reasons[10]
    assert {row["name"] for row in await db.rows("SELECT name FROM listing")} == {"Heron House", "Reed House"}
    assert report.read == 10


async def test_a_key_that_comes_again_is_rejected_with_the_line_of_the_first_across_the_whole_file(
    database: str,
) -> None:
    await world_made()
    drafts = many(BATCH + 5)
    again = [replace(drafts[0], name="Doubled"), replace(drafts[BATCH + 1], name="Doubled"), drafts[3]]
    report = await import_drafts(database, [*drafts, *again])
    assert counts(report) == (BATCH + 5, 0, 0, 0, 3)
    first = [int(row["reason"].split(":")[0].rsplit(" ", 1)[1]) for row in report.rejected]
    assert ([row["line"] for row in report.rejected], first) == ([BATCH + 6, BATCH + 7, BATCH + 8], [1, BATCH + 2, 4])
    assert await one_value("SELECT COUNT(*) FROM listing WHERE name = 'Doubled'") == 0
    assert report.read == len(drafts) + len(again)


async def test_a_rejected_row_takes_its_listing_out_only_where_the_file_is_whole(database: str) -> None:
    await world_made()
    await load(database, feed(), feed(slug="second"))
    assert counts(await load(database, feed(), feed(slug="second", name="", location=""), partial=True)) == (
        0,
        0,
        1,
        0,
        1,
    )
    report = await load(database, feed(), feed(slug="second", name="", location=""))
    assert counts(report) == (0, 0, 1, 1, 1)
    assert report.rejected[0]["line"] == 2


async def test_that_rows_with_a_slip_take_their_listings_out_is_told_and_stops_nothing_below_a_fifth(
    database: str,
) -> None:
    await world_made()
    keys = [f"s{number}" for number in range(20)]
    await load(database, *(feed(slug=key) for key in keys))
    broken = [feed(slug=key, **({"name": "", "location": ""} if key in keys[:3] else {})) for key in keys]
    report = await load(database, *broken, allow_removals=False)
    assert (report.error, counts(report)) == (None, (0, 0, 17, 3, 3))
    assert "a listing whose row is rejected counts as missing: 3 rejected, 3 removed" in report.warnings


async def test_rows_beyond_number_are_counted_and_only_the_first_are_told(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.services.report.MOST_REJECTED", 3)
    await world_made()
    report = await load(database, feed(), *([{}] * 9))
    assert [row["line"] for row in report.rejected] == [2, 3, 4]
    assert (report.read, report.counts()["rejected"]) == (10, 9)
    assert report.as_json()["warnings"][-1] == "and 6 more rejected rows"


async def test_a_file_of_more_records_than_any_list_has_changes_nothing(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.services.comparing.MOST_ROWS", 2)
    await world_made()
    before = await snapshot()
    report = await load(database, *(feed(slug=f"s{number}") for number in range(3)))
    assert report.error == "too-large: more than 2 records"
    assert await snapshot() == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b'[{"name": "x"', "not-json"),
        (b'[{"name": "x"}] trailing', "not-json"),
        (b'{"meetings": []}', "not-a-list"),
        (b"\xff\xff\x00", "not-text"),
        (b"name,day\nx,1\n", "not-json"),
    ],
)
async def test_a_feed_that_cannot_be_read_changes_nothing(database: str, content: bytes, reason: str) -> None:
    await world_made()
    await load(database, feed())
    before = await snapshot()
    for source in ("feed", "unheard-of"):
        options = {"format": "meeting-guide", "fellowship": "na", "about": {"title": "New"}}
        report = await import_with(
            database, BytesIO(content), reader_of("meeting-guide", fellowship="na"), source, **options
        )
        assert report.error
        assert report.error.startswith(reason)
        assert (report.run, counts(report)) == (None, (0, 0, 0, 0, 0))
        assert await snapshot() == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\x00\x00", "not-a-workbook"),
        (b"name,city\nx,y\n", "no-header"),
        (b"[]", "no-header"),
        (
            f"{HEADER}\n".encode()
            + b"s1,substance,Heron House,,1 Heron Lane,,Saltmarsh,PA,19199,,,,,,SA\n" * 2
            + b"\0\n",
            "not-text",
        ),
    ],
)
async def test_a_list_that_cannot_be_read_changes_nothing_even_where_it_breaks_off_late(
    database: str, content: bytes, reason: str
) -> None:
    await world_made()
    await load_csv(database, f"{HEADER}\ns1,substance,Reed House,,1 Heron Lane,,Saltmarsh,PA,19199,,,,,,SA\n")
    before = await snapshot()
    report = await load_csv(database, content)
    assert report.error
    assert report.error.startswith(reason)
    assert await snapshot() == before


@pytest.mark.parametrize("rows", ["", ",,,,,,,,,,,,,,\n"])
async def test_a_file_that_would_leave_nothing_of_its_source_is_taken_for_a_mishap(database: str, rows: str) -> None:
    await world_made()
    await load_csv(database, f"{HEADER}\ns1,substance,Reed House,,1 Heron Lane,,Saltmarsh,PA,19199,,,,,,SA\n")
    before = await snapshot()
    report = await load_csv(database, f"{HEADER}\n{rows}", allow_removals=False)
    assert report.error
    assert "1 listings" in report.error
    assert (report.run, report.removed) == (None, 0)
    assert await snapshot() == before


async def test_an_import_that_breaks_off_half_way_is_finished_by_the_next_one(database: str) -> None:
    await world_made()
    drafts = many(BATCH * 2)
    told: list[int] = []

    def stumbles(done: int) -> None:
        told.append(done)
        if told == [BATCH, 2 * BATCH, BATCH]:  # the file is read, and the first rows are written
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await import_drafts(database, drafts, progress=stumbles)
    assert await db.rows("SELECT status FROM import_run") == [{"status": "applying"}]
    assert await one_value("SELECT COUNT(*) FROM search_row") == BATCH
    assert counts(await import_drafts(database, drafts)) == (0, 0, len(drafts), 0, 0)
    runs = await db.rows("SELECT status, added FROM import_run ORDER BY id")
    assert runs == [{"status": "done", "added": len(drafts)}, {"status": "done", "added": 0}]
    assert await one_value("SELECT COUNT(*) FROM import_stage") == 0


async def test_an_import_that_breaks_off_while_it_reads_leaves_no_trace(database: str) -> None:
    await world_made()
    await import_drafts(database, many(2))
    before = await snapshot()

    def stumbles(done: int) -> None:
        raise RuntimeError("power cut")

    for source in ("world", "unheard-of"):
        with pytest.raises(RuntimeError, match="power cut"):
            await import_drafts(database, many(BATCH), source, progress=stumbles)
        assert await snapshot() == before


# --- private ---------------------------------------------------------------------------------------------------------


async def test_nothing_private_is_anywhere_in_the_database(database: str) -> None:
    await world_made()
    await load(
        database,
        feed(),
        feed(slug="second", name="Second", notes="<p>Call 555.555.0145, or write robin@private.example.org</p>"),
    )
    everything = json.dumps(await snapshot(without=["tortoise_migrations"]))  # whose moments are the real ones
    assert "Quiet Lamp Group" in everything
    for secret in (
        "0142", "0143", "0144", "0145", "private.example.org", "Quill", "lamp-till", "lamptill", "nightjar", "edit/1", "PO Box",
        "feedback", "2026-01-01",
    ):  # fmt: skip
        assert secret not in everything, secret


async def test_what_is_private_is_in_no_fingerprint_either(database: str) -> None:
    await world_made()
    await load(database, feed())
    first = await one_value("SELECT content_hash FROM listing")
    await load(database, {key: value for key, value in feed().items() if key in PUBLIC})
    assert await one_value("SELECT content_hash FROM listing") == first


PUBLIC = (
    "slug", "name", "day", "time", "end_time", "types", "location", "formatted_address", "latitude", "longitude", "timezone", "notes",
)  # fmt: skip


# --- records ---------------------------------------------------------------------------------------------------------


async def test_an_import_leaves_one_audit_entry_with_its_figures_and_who_asked(database: str) -> None:
    await world_made()
    report = await import_drafts(database, [*many(3), Rejected(4, "no name")], by="command line: robin")
    (entry,) = await db.rows("SELECT * FROM audit_entry")
    assert (entry["by"], entry["action"], entry["subject"], db.as_moment(entry["at"])) == (
        "command line: robin",
        "import",
        "source world",
        NOW,
    )
    details = db.from_json(entry["details"])
    assert details["run"] == report.run
    assert {name: details[name] for name in ("added", "changed", "unchanged", "removed", "rejected")} == {
        "added": 3, "changed": 0, "unchanged": 0, "removed": 0, "rejected": 1,
    }  # fmt: skip
    assert len(details["file_sha256"]) == 64
    (run,) = await db.rows("SELECT * FROM import_run")
    assert (run["id"], run["status"], run["added"], run["rejected"]) == (report.run, "done", 3, 1)
    assert await one_value("SELECT COUNT(*) FROM import_stage") == 0


async def test_the_report_has_the_keys_of_the_contract(database: str) -> None:
    await world_made()
    report = await load(database, feed(types=["O", "ASBI"]), feed(slug="x", name="", location=""))
    found = report.as_json()
    assert list(found) == [
        "run", "source", "format", "dry_run", "added", "changed", "unchanged", "removed", "rejected", "warnings",
    ]  # fmt: skip
    assert (found["source"], found["format"], found["dry_run"]) == ("feed", "meeting-guide", False)
    assert found["rejected"] == [{"line": 2, "reason": "no name"}]
    assert any(warning.startswith("line 1: unknown-type: ASBI") for warning in found["warnings"])
    assert json.loads(json.dumps(found)) == found


async def test_a_source_remembers_what_its_files_said_of_it(database: str) -> None:
    await world_made()
    await load(database, feed(), about={"title": "A feed", "licence": "CC0"})
    await load(database, feed(), clock=lambda: NOW + timedelta(days=1))
    (source,) = await sources.overview()
    assert (source["name"], source["title"], source["licence"], source["listings"]) == ("feed", "A feed", "CC0", 1)
    assert source["checked_at"] == NOW + timedelta(days=1)


async def test_an_erased_source_leaves_nothing_of_its_own(database: str) -> None:
    await world_made()
    await import_drafts(database, many(2), "kept")
    before = await snapshot(without=("state", "audit_entry", "audit_head", "zone"))
    await import_drafts(database, many(600, phones=(Phone("(555) 555-0199"),), organization="Gone House"), "gone")
    async with db.transaction():
        assert await erase_source("gone") == 600
    assert await snapshot(without=("state", "audit_entry", "audit_head", "zone")) == before


# --- at once ---------------------------------------------------------------------------------------------------------


async def test_four_imports_and_many_readers_at_once_get_in_nobodys_way(database: str) -> None:
    await world_made()
    number = BATCH + 10
    done = asyncio.Event()

    async def read() -> int:
        reads, last = 0, -1
        while not done.is_set():
            found = await search_run(
                query=Query(point=Point(40, -75), per_page=5), now=NOW, settings=settings_for(database), counts=False
            )
            assert found.total >= last
            last, reads = found.total, reads + 1
            await asyncio.sleep(0.002)
        return reads

    async def imports() -> Sequence[Report]:
        try:
            return await asyncio.gather(
                *(import_drafts(database, many(number, organization=name), name) for name in "abcd")
            )
        finally:
            done.set()

    reports, *reads = await asyncio.gather(imports(), read(), read())
    assert [counts(report) for report in reports] == [(number, 0, 0, 0, 0)] * 4
    assert min(reads) > 2
    assert len({report.run for report in reports}) == 4
    for table in ("listing", "location", "search_row", "listing_words"):
        assert await one_value(f"SELECT COUNT(DISTINCT id) FROM {table}") == 4 * number
    assert await one_value("SELECT COUNT(DISTINCT location_id) FROM listing") == 4 * number
    assert await one_value("SELECT COUNT(*) FROM organization") == 4
    assert await one_value("SELECT COUNT(*) FROM zone") == 1


async def test_of_two_imports_of_one_source_at_once_one_is_told_to_wait(database: str) -> None:
    await world_made()
    reports = await asyncio.gather(*(import_drafts(database, many(BATCH)) for _ in range(2)))
    assert sorted(report.added for report in reports) == [0, BATCH]
    (error,) = [report.error for report in reports if report.error]
    assert error.startswith("busy")
    assert counts(await import_drafts(database, many(BATCH))) == (0, 0, BATCH, 0, 0)
    assert await one_value("SELECT COUNT(*) FROM location") == BATCH


def test_an_unknown_format_has_no_reader() -> None:
    with pytest.raises(ValueError, match="moon"):
        reader_of("moon")
