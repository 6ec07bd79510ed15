"""Exports of a whole database: which listings, in which order, what of them, and the same to the byte for the same data."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from directory.domain.geo import Point
from directory.domain.listings import Capacity, Link, ListingDraft, Phone, Status, Visibility
from directory.domain.schedule import LAST, Change
from directory.domain.taxonomy import Code
from directory.services.exports import FORMATS, Export, export_write
from directory.services.readers import reader_of
from directory.services.undo import run_undo
from directory.storage import db
from directory.storage import exports as storage
from tests.conftest import RUN
from tests.factories import (
    NOW,
    draft,
    every_day,
    hours,
    import_drafts,
    import_with,
    meeting,
    seeded_template,
    seeds_copied,
    settings_for,
    world_made,
)
from tests.formats.feed_rules import problems
from tests.services.test_real_files import inside

SITE = "https://help.example.org"
TYPES = ("O", "C", "X", "ONL", "TC")
ZOOM = "https://us02web.zoom.us/j/5550100"
SECRETS = ("7 Secret Street", "Hideaway House", "Ring at the back door", "40.0777", "-75.0777")


async def exported(format: str, **given: Any) -> tuple[bytes, Export]:
    pieces: list[bytes] = []
    done = await export_write(format=format, write=pieces.append, base_url=SITE, **given)
    return b"".join(pieces), done


async def every_format(**given: Any) -> dict[str, bytes]:
    return {format: (await exported(format, **given))[0] for format in FORMATS}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def slugs(content: bytes) -> list[str]:
    return [row["slug"] for row in table(content)]


def world() -> list[ListingDraft]:
    """Listings of many sorts, in no order."""
    aa = [Code("aa", "", code) for code in TYPES]
    hidden = {
        "name": "Hideaway House", "street": "7 Secret Street", "notes": "Ring at the back door", "point": Point(40.0777, -75.0777),
    }  # fmt: skip
    lamp = draft("lamp", codes=(aa[2], aa[0]), access=("wheelchair",), description="Bring a cup.")
    return [
        lamp,
        replace(lamp, key="two", name="Émile's Group", windows=(meeting(3, "19:00"), meeting(1, "19:00"), meeting(5, "20:15", 90))),
        draft("online", name="Far Lamp", attendance="online", conference_url=ZOOM, conference_notes="Word: heron", street=None, point=None, approximate=True),
        draft("hybrid", name="Both Lamps", attendance="hybrid", conference_url=ZOOM, conference_phone="+15555550100,,5550#"),
        draft("monthly", name="Monthly Lamp", windows=(meeting(2, "19:00", week=LAST),)),
        draft("gone", name="Closed Lamp", status=Status.INACTIVE),
        draft("later", name="Sleeping Lamp", status=Status.TEMPORARILY_CLOSED),
        replace(draft("shy", name="Shy Lamp"), address=replace(lamp.address, **hidden, visibility=Visibility.PARTIAL)),  # type: ignore[arg-type]
        replace(draft("safe", name="Safe Lamp"), address=replace(lamp.address, **hidden, visibility=Visibility.HIDDEN)),  # type: ignore[arg-type]
        draft(
            "clinic", kind="treatment", name="=Marsh Clinic", organization="Marsh Health", attendance=None, program=None, pay=(), care=("detox",),
            windows=(*every_day("08:00", 600)[:5], hours(6, "22:00", 600)), changes=(Change(on=NOW.date()), Change(holiday="thanksgiving")),
            phones=(Phone("+15555550100", "7"), Phone("555-555-0101", type="fax")), urls=(Link("https://clinic.example.org", "Clinic"),),
            codes=(Code("samhsa", "2024", "SA"), Code("samhsa", "2024", "DT")), capacities=(
                Capacity("bed", 2, 9, NOW - timedelta(days=3)), Capacity("bed", 4, 9, NOW - timedelta(days=2)),
            ),
        ),
    ]  # fmt: skip


async def filled(url: str, drafts: Sequence[ListingDraft] | None = None, **given: Any) -> None:
    await world_made()
    await import_drafts(url, world() if drafts is None else drafts, **given)


# --- which, and in which order ---------------------------------------------------------------------------------------


async def test_active_listings_stand_in_the_order_of_their_slugs(database: str) -> None:
    await filled(database)
    rows = table((await exported("csv"))[0])
    assert {row["source_key"] for row in rows} == {"lamp", "two", "online", "hybrid", "monthly", "clinic", ""}
    assert [row["slug"] for row in rows] == sorted((row["slug"] for row in rows), key=str.encode)
    assert len(rows) == 8
    features = json.loads((await exported("geojson"))[0])["features"]
    assert [feature["id"] for feature in features] == [row["slug"] for row in rows]


async def test_the_order_is_that_of_the_bytes_and_no_page_loses_a_row(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(
        database, [draft(f"k{number}", name=name) for number, name in enumerate("b-a B_a ba b-A-z z9 10 9".split())]
    )
    whole = slugs((await exported("csv"))[0])
    assert whole == sorted(whole, key=str.encode)
    for page, batch in ((1, 1), (3, 2), (7, 7), (100, 3)):
        monkeypatch.setattr(storage, "PAGE", page)
        monkeypatch.setattr(storage, "BATCH", batch)
        assert slugs((await exported("csv"))[0]) == whole


async def test_one_source_can_be_asked_for(database: str) -> None:
    await filled(database, [draft("a")], source="one")
    await import_drafts(database, [draft("b")], source="two")
    assert [row["source"] for row in table((await exported("csv", source="two"))[0])] == ["two"]
    assert len(slugs((await exported("csv"))[0])) == 2
    assert (await exported("meeting-guide", source="nobody"))[0] == b"[]\n"


async def test_what_is_left_out_is_counted_with_its_reason(database: str) -> None:
    await filled(database)
    content, done = await exported("meeting-guide")
    assert len({meeting["url"] for meeting in json.loads(content)}) == 4
    assert (done.listings, done.fellowships) == (8, ("aa",))
    assert done.left_out == {"in person, without a street that may be shown": 2, "no meetings": 1, "not weekly": 1}
    assert (await exported("csv"))[1] == Export(8)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_format_that_there_is_none_for_is_an_error(database: str) -> None:
    with pytest.raises(ValueError, match="moon"):
        await exported("moon")


# --- the same to the byte --------------------------------------------------------------------------------------------


async def test_the_same_data_makes_the_same_bytes_whatever_the_hour_and_however_it_came(database: str) -> None:
    await filled(database)
    before = await every_format()
    assert before == await every_format()
    await import_drafts(database, list(reversed(world())), clock=lambda: NOW + timedelta(days=40))
    assert await every_format() == before
    await import_drafts(database, [*world(), draft("more")], clock=lambda: NOW + timedelta(days=41))
    assert await every_format() != before
    await import_drafts(database, world(), clock=lambda: NOW + timedelta(days=42))
    assert await every_format() == before


async def test_a_run_that_is_undone_leaves_the_bytes_as_they_were(database: str) -> None:
    await filled(database)
    before = await every_format()
    changed = [replace(each, name=f"New {each.name}", windows=(meeting(4, "06:00"),)) for each in world()[1:]]
    report = await import_drafts(database, [*changed, draft("more")], allow_removals=True)
    assert report.run
    assert await every_format() != before
    await run_undo(run=report.run, by="robin", clock=lambda: NOW, settings=settings_for(database))
    assert await every_format() == before


def test_both_engines_make_the_same_bytes(
    tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]
) -> None:
    async def made(url: str) -> dict[str, bytes]:
        await filled(url)
        files = await every_format()
        # The end of these two is random in each database.
        for row in await db.rows("SELECT slug, source_key FROM listing WHERE source_key IN ('shy', 'safe')"):
            name, key = row["slug"].encode(), row["source_key"].encode()
            files = {format: content.replace(name, key) for format, content in files.items()}
        return files

    found = []
    for engine in ("sqlite", "postgres"):
        with new_database(engine, tmp_path) as url:
            found.append(asyncio.run(inside(url, partial(made, url))))
    assert found[0] == found[1]


# --- what is in it ---------------------------------------------------------------------------------------------------


async def test_nothing_of_an_address_that_is_not_public_is_in_any_file(database: str) -> None:
    await filled(database)
    files = await every_format()
    for format, content in files.items():
        assert [secret for secret in SECRETS if secret in content.decode()] == [], format
    rows = {row["name"]: row for row in table(files["csv"])}
    hidden = ("address", "address_2", "place_name", "place_notes", "postal_code", "latitude", "longitude", "source_key")
    for name, shown in (("Shy Lamp", ("Saltmarsh", "PA", "US")), ("Safe Lamp", ("", "", ""))):
        assert {rows[name][column] for column in hidden} == {""}
        assert (rows[name]["city"], rows[name]["state"], rows[name]["country"]) == shown
    points = {each["properties"]["name"]: each["geometry"] for each in json.loads(files["geojson"])["features"]}
    assert [name for name, point in points.items() if point is None] == ["Far Lamp", "Safe Lamp", "Shy Lamp"]


async def test_a_treatment_program_is_a_row_with_its_codes_times_and_openings(database: str) -> None:
    await filled(database)
    (row,) = [row for row in table((await exported("csv"))[0]) if row["kind"] == "treatment"]
    told = {
        "name": "'=Marsh Clinic", "organization": "Marsh Health", "codes": "samhsa:DT; samhsa:SA", "pay": "none", "care": "detox",
        "phones": "'+15555550100 x7; 555-555-0101 (fax)", "openings": "4", "openings_of": "9",
        "openings_as_of": (NOW - timedelta(days=2)).astimezone(UTC).isoformat(), "changed_days": "2026-03-02 closed; thanksgiving closed",
        "latitude": "40.01", "longitude": "-75.0", "websites": "https://clinic.example.org",
    }  # fmt: skip
    assert {name: row[name] for name in told} == told
    assert row["times"].startswith("Sun 08:00-18:00; Mon 08:00-18:00; ")
    assert row["times"].endswith("; Sat 22:00-08:00")


# --- there and back --------------------------------------------------------------------------------------------------


def said(row: dict[str, str]) -> dict[str, str]:
    """What a listing says, whoever says it."""
    own = {"slug", "url", "source", "source_title", "source_key", "source_url"}
    return {name: value for name, value in row.items() if name not in own}


async def read_back(url: str, feed: bytes, fellowship: str, source: str = "again") -> dict[str, dict[str, str]]:
    """What our own reader makes of a feed, by the address under which the feed says that it stands here."""
    reader = reader_of("meeting-guide", fellowship=fellowship)
    given = {"format": "meeting-guide", "fellowship": fellowship}
    report = await import_with(url, BytesIO(feed), reader, source, **given)
    assert (report.rejected, report.error) == ([], None)
    return {row["source_url"]: row for row in table((await exported("csv", source=source))[0])}


async def test_a_feed_that_is_read_back_says_the_same(database: str) -> None:
    await filled(database)
    feed, _ = await exported("meeting-guide")
    assert problems(feed, TYPES) == []
    first = {row["url"]: row for row in table((await exported("csv"))[0])}
    again = await read_back(database, feed, "aa")
    assert len(again) == 4
    for url, row in again.items():
        if first[url]["name"] == "Émile's Group":
            continue  # its two times are two meetings there
        assert said(row) == said(first[url])


# --- files as they are published ---------------------------------------------------------------------------------------


FEEDS = {"aasepia": "aa", "al-anon": "al-anon", "edmonton": "aa", "kansas-city": "aa", "sussex": "aa", "times": "aa"}
MOST = 60
"""Meetings of each feed: of a longer one those that stand evenly apart."""


@pytest.fixture
def seeded(
    sample_data: Path, tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]
) -> Iterator[str]:
    """A database that has the codes and the gazetteer of a state."""
    template = seeded_template(Path(os.environ[RUN]))
    with new_database("sqlite", tmp_path) as made:
        asyncio.run(inside(made, lambda: seeds_copied(template, ["PA"])))
        yield made


@pytest.mark.parametrize("name", FEEDS)
async def test_real_feeds_are_written_by_the_rules_and_read_back_say_the_same(
    seeded: str, sample_data: Path, name: str
) -> None:
    meetings = json.loads((sample_data / "meeting-guide-feeds" / f"{name}.json").read_bytes())
    part, fellowship = json.dumps(meetings[:: -(-len(meetings) // MOST)]).encode(), FEEDS[name]
    given: dict[str, Any] = {"format": "meeting-guide", "fellowship": fellowship}
    reader = reader_of("meeting-guide", fellowship=fellowship)
    async with db.connect(seeded):
        await import_with(seeded, BytesIO(part), reader, "feed", **given)
        feed, done = await exported("meeting-guide")
        known = await db.rows("SELECT code FROM code WHERE system IN ('aa', 'al-anon')")
        assert problems(feed, {row["code"] for row in known}) == []
        assert sum(done.left_out.values()) <= 3 < done.listings
        await import_with(seeded, BytesIO(part), reader, "feed", **given)
        assert (await exported("meeting-guide"))[0] == feed
        first = {row["url"]: row for row in table((await exported("csv"))[0])}
        again = await read_back(seeded, feed, fellowship)
    assert len(again) == done.listings - sum(done.left_out.values())
    for url, row in again.items():
        differs = {column for column, value in said(row).items() if value != said(first[url])[column]}
        # Of a meeting that is only online the feed gives the town, whatever its source knew of a street.
        assert differs <= (
            {"address", "address_2", "latitude", "longitude", "approximate"} if row["attendance"] == "online" else set()
        )
