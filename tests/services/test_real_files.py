"""Files as they are published, against brute force over their raw rows: nothing of our readers is used to find what is right."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from io import BytesIO
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import zipcodes

from directory.domain.results import SearchResult
from directory.domain.search import parse
from directory.formats.column_map import load_map
from directory.services.exchange import Report
from directory.services.exports import FORMATS, export_write
from directory.services.history import run_show
from directory.services.readers import reader_of
from directory.services.search import search_run
from directory.services.undo import run_undo
from directory.storage import db
from tests.conftest import RUN
from tests.factories import NOW, import_with, one_value, seeded_template, seeds_copied, settings_for, snapshot
from tests.sweeps import swept
from tests.web.world import site

ROOT = Path(__file__).resolve().parents[2]
FEEDS, LISTS = "meeting-guide-feeds", "samhsa-national-directory"
STATES = ("PA", "VT", "DE", "RI")
OTHER_FEEDS = {"al-anon": "al-anon", "edmonton": "aa", "kansas-city": "aa", "sussex": "aa", "times": "aa"}


@pytest.fixture
def url(
    sample_data: Path, engine: str, tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]
) -> Iterator[str]:
    """A database that has the codes and the gazetteer of a few states."""
    template = seeded_template(Path(os.environ[RUN]))
    with new_database(engine, tmp_path) as made:
        asyncio.run(inside(made, lambda: seeds_copied(template, STATES)))
        yield made


async def inside(url: str, work: Callable[[], Any]) -> Any:
    """What this coroutine gives, run while the database is open."""
    async with db.connect(url):
        return await work()


async def load(url: str, path: Path, source: str, fellowship: str = "aa", **options: Any) -> Report:
    format = "samhsa" if path.suffix == ".csv" else "meeting-guide"
    stream = BytesIO(path.read_bytes())
    return await import_with(
        url, stream, reader_of(format, fellowship=fellowship), source, **{"format": format, **options}
    )


async def ask(url: str, *params: tuple[str, str], **given: str) -> SearchResult:
    query, problems = parse([*params, *given.items()])
    assert problems == []
    return await search_run(query=query, now=NOW, settings=settings_for(url))


def miles(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The haversine formula with the contract's radius."""
    (lat, lon), (other_lat, other_lon) = a, b
    h = sin(radians(other_lat - lat) / 2) ** 2
    h += cos(radians(lat)) * cos(radians(other_lat)) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * 3958.8 * asin(sqrt(h))


def zip_middle(code: str) -> tuple[float, float]:
    (record,) = zipcodes.matching(code.strip()[:5].zfill(5))
    return float(record["lat"]), float(record["long"])


def records(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by the names of its columns."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(keepends=True)))


def plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]+", " ", text.lower()).strip()


# --- meetings --------------------------------------------------------------------------------------------------------


def meets_in_person(row: dict[str, Any]) -> bool:
    """Not where the place is closed for now, nor where the address is no more than a town."""
    parts = row["formatted_address"].split(",")
    only_a_town = len(parts) == 3 and not any(sign.isdigit() for sign in parts[0])
    return "TC" not in row["types"] and not only_a_town


def right_meetings(
    rows: list[dict[str, Any]], centre: tuple[float, float], within: float, day: int
) -> dict[str, float]:
    """The slugs of what should be found, with their distances, nearest first."""
    found = {
        row["slug"]: miles(centre, (float(row["latitude"]), float(row["longitude"])))
        for row in rows
        if int(row["day"]) == day and meets_in_person(row)
    }
    return dict(sorted(((slug, far) for slug, far in found.items() if far <= within), key=lambda pair: pair[1]))


async def all_pages(url: str, **params: str) -> tuple[int, list[Any]]:
    cards: list[Any] = []
    for page in range(1, 50):
        found = await ask(url, page=str(page), per_page="100", **params)
        cards += found.cards
        if not found.has_next:
            return found.total, cards
    raise AssertionError("no end")


PLACES = [("19107", "5", 1), ("19107", "1", 6), ("19104", "12.5", 0), ("19020", "25", 3)]


def test_the_meetings_of_a_day_near_a_zip_code_are_those_that_brute_force_finds(url: str, sample_data: Path) -> None:
    path = sample_data / FEEDS / "aasepia.json"
    rows = json.loads(path.read_text(encoding="utf-8"))

    async def asked() -> tuple[list[tuple[int, list[Any]]], dict[str, set[str]]]:
        report = await load(url, path, "sepia")
        assert (report.added, report.rejected, report.error) == (len(rows), [], None)
        near = [
            await all_pages(url, near=near, within=within, kind="meeting", day=str(day)) for near, within, day in PLACES
        ]
        ways = {way: await all_pages(url, attendance=way) for way in ("in-person", "online", "hybrid")}
        return near, {way: {card.source_key for card in cards} for way, (_, cards) in ways.items()}

    answers, ways = asyncio.run(inside(url, asked))
    for (near, within, day), (total, cards) in zip(PLACES, answers, strict=True):
        right = right_meetings(rows, zip_middle(near), float(within), day)
        assert len(right) > 5
        assert total == len(right), (near, within, day)
        assert {card.source_key for card in cards} == set(right)
        assert [card.distance_miles for card in cards] == pytest.approx(list(right.values()), abs=1e-6)
        order = [(card.distance_miles, plain(card.name), card.slug) for card in cards]
        assert order == sorted(order)
    over_http(url, right_meetings(rows, zip_middle("19107"), 5, 1))

    says_online = {row["slug"] for row in rows if "ONL" in row["types"]}
    may_be_online = says_online | {row["slug"] for row in rows if row["conference_url"] or row["conference_phone"]}
    assert ways["in-person"] == {row["slug"] for row in rows if meets_in_person(row)}
    assert says_online <= ways["online"] <= may_be_online
    assert ways["hybrid"] == ways["in-person"] & ways["online"]


def over_http(url: str, right: dict[str, float]) -> None:
    """The page and the interface tell the same, in the same order."""
    asked = "near=19107&within=5&kind=meeting&day=1"
    with site(url, NOW) as visitor:
        found = visitor.get(f"/api/listings?{asked}&per_page=100").json()
        assert found["total"] == len(right)
        results, page = found["results"], 2
        while found["next"]:
            found = visitor.get(found["next"]).json()
            results, page = results + found["results"], page + 1
        assert {result["source"]["key"] for result in results} == set(right)
        assert [result["distance_miles"] for result in results] == pytest.approx(list(right.values()), abs=0.0501)
        assert {part["day"] for result in results for part in result["schedules"]} == {1}
        first = visitor.get(f"/search?{asked}")
        assert first.status_code == 200
        listed = first.text.partition('<ol class="cards"')[2].partition("</ol>")[0]
        linked = list(dict.fromkeys(re.findall(r'href="/listings/([a-z0-9-]+)"', listed)))
        assert linked == [result["slug"] for result in results[: len(linked)]]
        assert len(linked) == 25
        assert str(len(right)) in first.text


UNPUBLISHED = {"url", "updated", "feedback_url", "location_url", "regions", "latitude", "longitude"}
"""What does not make a row another one, what the directory does not show, and the coordinates, which are compared as a distance."""


def one_way(value: object) -> object:
    """A value of a feed in one spelling: a missing one is an empty one, a list of codes has no order."""
    if isinstance(value, list):
        return sorted(map(str, value))
    return re.sub(r"\s+", " ", str("" if value is None else value)).strip()


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """The fields by which a row has become another one, by the rule of DESIGN 4.1."""
    names = (before.keys() | after.keys()) - UNPUBLISHED
    found = {name for name in names if one_way(before.get(name)) != one_way(after.get(name))}
    far = miles(*((float(row["latitude"]), float(row["longitude"])) for row in (before, after)))
    return found | ({"place"} if far > 0.25 else set())


@pytest.mark.parametrize("engine", swept(["sqlite", "postgres"], always=1))
def test_a_years_changes_are_those_that_a_script_finds_and_are_taken_back_to_the_last_field(
    url: str, sample_data: Path
) -> None:
    old, new = (sample_data / FEEDS / name for name in ("aasepia-2021.json", "aasepia.json"))
    before, after = ({row["slug"]: row for row in json.loads(path.read_text(encoding="utf-8"))} for path in (old, new))
    added, removed = after.keys() - before.keys(), before.keys() - after.keys()
    changed = {key for key in before.keys() & after.keys() if changed_fields(before[key], after[key])}
    assert min(len(added), len(removed), len(changed)) > 10

    async def asked() -> None:
        await load(url, old, "sepia")
        slugs, shown = await keys_by_slug(), await published()
        assert set(slugs.values()) == before.keys()
        report = await load(url, new, "sepia", allow_removals=False)
        assert (report.added, report.changed, report.removed) == (len(added), len(changed), len(removed))
        assert (report.rejected, report.read) == ([], len(after))
        assert report.run is not None
        _, done = await run_show(run=report.run)
        keys = await keys_by_slug()
        assert slugs.items() <= keys.items()
        for action, right in {"add": added, "change": changed, "remove": removed}.items():
            assert {keys[each.slug] for each in done if each.action == action} == right
        rows = await db.rows("SELECT source_key, version FROM listing")
        assert {row["source_key"] for row in rows if row["version"] == 2} == changed | removed

        undone = await run_undo(run=report.run, by="tester", clock=lambda: NOW, settings=settings_for(url))
        assert (undone.taken_out, undone.restored, undone.returned) == (len(added), len(changed), len(removed))
        assert undone.kept == []
        assert await published() == shown
        again = await load(url, new, "sepia", dry_run=True)
        assert (again.added, again.changed, again.removed) == (len(added), len(changed), len(removed))

    asyncio.run(inside(url, asked))


async def keys_by_slug() -> dict[str, str]:
    return {row["slug"]: row["source_key"] for row in await db.rows("SELECT slug, source_key FROM listing")}


async def published() -> bytes:
    """All that others get of the listings."""
    pieces: list[bytes] = []
    for format in FORMATS:
        await export_write(format=format, write=pieces.append, base_url="https://example.org")
    return b"".join(pieces)


@pytest.mark.parametrize("name", OTHER_FEEDS)
def test_every_feed_is_read_to_its_end_and_the_second_time_nothing_changes(
    url: str, sample_data: Path, name: str
) -> None:
    path = sample_data / FEEDS / f"{name}.json"
    rows = json.loads(path.read_text(encoding="utf-8"))

    async def asked() -> tuple[Report, Report, str]:
        first = await load(url, path, name, OTHER_FEEDS[name])
        return (
            first,
            await load(url, path, name, OTHER_FEEDS[name]),
            json.dumps(await snapshot(without=("code", "place"))),
        )

    first, second, everything = asyncio.run(inside(url, asked))
    assert first.error is None
    assert first.read == len(rows)
    assert first.added > 0.9 * len(rows) or name == "times"
    assert (second.added, second.changed, second.unchanged, second.removed) == (0, 0, first.added, 0)
    assert second.rejected == first.rejected
    private = re.compile(
        r"contact_|^email$|^phone$|mailing|edit_url|author|last_contact|venmo|square|paypal|feedback|homegroup"
    )
    secrets = {str(value) for row in rows for key, value in row.items() if private.search(key) and len(str(value)) > 5}
    assert [secret for secret in secrets if json.dumps(secret)[1:-1] in everything] == []


OTHER_LISTS = {
    "smart": "smart-recovery/SMART.json",
    "dhcs": "ca-dhcs-sud-licenses/facilities.csv",
    "samhsa": "samhsa-otp-geocoded/OpioidTreatmentProgram_Geocoded.csv",
    "csv": "shelters-misc/toronto_housing_shelters_211.csv",
}
TORONTO = ROOT / "seeds" / "maps" / "toronto-shelters.toml"


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("format", OTHER_LISTS)
def test_every_other_list_says_the_same_when_it_is_read_again(url: str, sample_data: Path, format: str) -> None:
    column_map = load_map(BytesIO(TORONTO.read_bytes())) if format == "csv" else None
    content = (sample_data / OTHER_LISTS[format]).read_bytes()

    async def asked() -> list[Report]:
        reader = reader_of(format, column_map=column_map)
        return [await import_with(url, BytesIO(content), reader, format, format=format) for _ in range(2)]

    first, second = asyncio.run(inside(url, asked))
    assert first.error is None
    assert first.added > 20
    assert (second.added, second.changed, second.unchanged, second.removed) == (0, 0, first.added, 0)
    assert second.rejected == first.rejected


def test_a_broken_feed_changes_nothing(url: str, sample_data: Path) -> None:
    async def asked() -> tuple[Report, int]:
        report = await load(url, sample_data / FEEDS / "invalid.json.txt", "broken")
        return report, await one_value("SELECT COUNT(*) FROM source WHERE name = 'broken'")

    report, sources = asyncio.run(inside(url, asked))
    assert report.error
    assert report.error.startswith("not-json")
    assert (report.read, sources) == (0, 0)


# --- programs --------------------------------------------------------------------------------------------------------


def right_programs(folder: Path, state: str, words: str, centre: tuple[float, float], within: float) -> list[float]:
    """The distances of the rows that have each word at the beginning of one of their own, or of a label of their codes."""
    labels = {
        (row["directory_type"], row["code"].upper()): plain(row["label"])
        for row in records(folder / "service_definitions.csv")
    }
    found = []
    for row in records(folder / f"sample_{state}.csv"):
        codes = row["service_code_info"].replace("*", " ").upper().split()
        texts = [plain(row[name]) for name in ("name1", "name2", "city")]
        texts += [labels[row["directory_type"], code] for code in codes if (row["directory_type"], code) in labels]
        far = miles(centre, zip_middle(row["zip"]))
        if all(any(f" {word}" in f" {text}" for text in texts) for word in words.split()) and far <= within:
            found.append(far)
    return sorted(found)


def burlington() -> tuple[float, float]:
    """The middle of its ordinary ZIP codes."""
    zips = [
        one
        for one in zipcodes.filter_by(city="Burlington", state="VT", active=True)
        if one["zip_code_type"] == "STANDARD"
    ]
    return median(float(one["lat"]) for one in zips), median(float(one["long"]) for one in zips)


QUESTIONS = (("detox", "40"), ("detox", "100"), ("residential", "15"), ("howard", "5"), ("day treatment", "25"))


def test_programs_near_a_town_are_those_that_brute_force_finds(url: str, sample_data: Path) -> None:
    folder = sample_data / LISTS

    async def asked() -> list[SearchResult]:
        report = await load(url, folder / "sample_VT.csv", "samhsa-vt")
        assert (report.rejected, report.error) == ([], None)
        return [
            await ask(url, q=word, near="Burlington, VT", within=within, per_page="100") for word, within in QUESTIONS
        ]

    for (words, within), found in zip(QUESTIONS, asyncio.run(inside(url, asked)), strict=True):
        right = right_programs(folder, "VT", words, burlington(), float(within))
        assert right, words
        assert found.total == len(right), words
        assert [card.distance_miles for card in found.cards] == pytest.approx(right[:100], abs=0.01)
        assert all(card.approximate for card in found.cards)


@pytest.mark.parametrize("state", ["VT", "DE", "RI"])
def test_a_states_list_is_read_to_its_end_and_the_second_time_nothing_changes(
    url: str, sample_data: Path, state: str
) -> None:
    path = sample_data / LISTS / f"sample_{state}.csv"
    rows = records(path)

    async def asked() -> tuple[Report, Report, list[dict[str, Any]]]:
        first, second = await load(url, path, state), await load(url, path, state)
        return first, second, await db.rows("SELECT kind, COUNT(*) AS n FROM listing GROUP BY kind")

    first, second, kinds = asyncio.run(inside(url, asked))
    assert first.read == len(rows)
    assert (second.added, second.changed, second.unchanged, second.removed) == (0, 0, first.added, 0)
    names = ("directory_type", "name1", "name2", "street1")
    keys = {(*(row[name].strip().casefold() for name in names), row["zip"].zfill(5)) for row in rows}
    assert first.added == len(keys)
    substance = {"SA", "DT", "SUMH"}
    treatment = sum(
        row["directory_type"] == "substance" or bool(substance & set(row["service_code_info"].split())) for row in rows
    )
    assert {row["kind"]: row["n"] for row in kinds}["treatment"] == treatment - len(rows) + len(keys)
