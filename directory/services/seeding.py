"""Fills a database from `seeds/`: reference tables always, the invented county only where nothing real is."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from directory.domain.places import PlaceRow, place_key
from directory.domain.taxonomy import CodeBook, CodeInfo
from directory.formats import codes as codes_format
from directory.formats import seed as seed_format
from directory.formats.rows import Rows
from directory.gateways import gazetteer_data
from directory.resources import folder
from directory.services.clock import Clock
from directory.services.demo_bridge import demo_bridge_load
from directory.services.demo_people import demo_people_load
from directory.services.demo_waitlist import demo_waitlist_load
from directory.services.demo_work import demo_work_load
from directory.services.exchange import Report, import_run
from directory.settings import Settings
from directory.storage import accounts, codes, db, demo, places, records, sources
from directory.storage.listings import erase_source

DEMO = "demo"
NATIONAL = "national"
REMOVED = "demo-removed"
"""The note that an operator wants no demonstration data."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What seeding put in: numbers of codes and places (0 where they were up to date), and listings."""

    codes: int
    places: int
    listings: int


async def seeds_load(*, clock: Clock, settings: Settings) -> Seeded:
    """Brings codes, gazetteer and national numbers up to date. Doing it again changes nothing."""
    number_of_codes = await _load_codes()
    number_of_places = await _load_places()
    number_of_lines = await _load_national(clock, settings)
    return Seeded(number_of_codes, number_of_places, number_of_lines)


async def demo_load(*, clock: Clock, settings: Settings, only_if_empty: bool = False) -> Report | None:
    """Adds the invented county to a database that holds nothing else; None where there are listings already.

    Where the county is on show already it is made fresh, its ages counted from today, unless `only_if_empty`; then it also stays
    out of a database from which somebody has taken it.
    """
    has_demo = await sources.has_demo()
    if has_demo and only_if_empty:  # the county may be older than its people
        await _people_load(clock, settings, only_if_missing=True)
    if await sources.has_listings() and (only_if_empty or not has_demo):
        return None
    if only_if_empty and await records.text_of(REMOVED):
        return None
    county = folder("seeds") / "demo"
    towns = await asyncio.to_thread((county / "places.toml").read_bytes)
    await places.replace(_towns(BytesIO(towns)), _version([towns]), demo=True)
    files = sorted(path for path in county.glob("*.toml") if path.name != "places.toml")
    report = await _import(DEMO, files, clock, settings)
    await _people_load(clock, settings)
    return report


async def _people_load(clock: Clock, settings: Settings, *, only_if_missing: bool = False) -> None:
    """The invented people, and what waits for them. Needs the county."""
    await demo_people_load(now=clock())
    await demo_work_load(source=DEMO, clock=clock, settings=settings, only_if_missing=only_if_missing)
    await demo_waitlist_load(clock=clock, settings=settings, only_if_missing=only_if_missing)
    await demo_bridge_load(source=DEMO, clock=clock, settings=settings, only_if_missing=only_if_missing)


async def demo_remove(*, now: datetime, by: str) -> int:
    """Takes the invented county out, its towns and people too, and returns how many listings that were."""
    async with db.transaction():
        await demo.work_erase(now)
        count = await erase_source(DEMO)
        await accounts.demo_erase()
        await records.remember(REMOVED, now.isoformat())
        await records.audit(at=now, by=by, action="remove-demo", subject=f"source {DEMO}", details={"listings": count})
    await places.replace([], "", demo=True)
    return count


async def _load_codes() -> int:
    files = sorted((folder("seeds") / "codes").glob("*.csv"))
    contents = [await asyncio.to_thread(path.read_bytes) for path in files]
    version = _version(contents)
    if await records.text_of("codes") == version:
        return 0
    infos: list[CodeInfo] = [info for content in contents for info in codes_format.read(BytesIO(content))]
    async with db.transaction():
        count = await codes.replace(infos)
        await records.remember("codes", version)
    return count


async def _load_places() -> int:
    version = gazetteer_data.version()
    if await places.version() == version:
        return 0
    rows = await asyncio.to_thread(lambda: list(gazetteer_data.rows()))
    return await places.replace(rows, version)


async def _load_national(clock: Clock, settings: Settings) -> int:
    """Every command comes by here, and few of them have anything to say to the audit trail."""
    path = folder("seeds") / "national.toml"
    version = _version([await asyncio.to_thread(path.read_bytes)])
    if await records.text_of(NATIONAL) == version:
        return 0
    report = await _import(NATIONAL, [path], clock, settings)
    async with db.transaction():
        await records.remember(NATIONAL, version)
    return report.added + report.changed


def _towns(stream: BinaryIO) -> Iterator[PlaceRow]:
    """Each invented town twice: by its ZIP code and by its name."""
    for town in seed_format.read_places(stream):
        at = (town.lat, town.lon, town.timezone, town.county, 1, True)
        yield PlaceRow("postcode", town.postal_code, town.state, town.name, *at)
        yield PlaceRow("locality", place_key(town.name), town.state, town.name, *at)


async def _import(source: str, files: list[Path], clock: Clock, settings: Settings) -> Report:
    """One source from several files, which are read one after the other as if they were one."""
    contents = [await asyncio.to_thread(path.read_bytes) for path in files]
    now = clock()

    def read(_: BinaryIO, book: CodeBook) -> Rows:
        with ExitStack() as stack:
            for content in contents:
                yield from seed_format.read(stack.enter_context(BytesIO(content)), now, book)

    about = {"is_demo": source == DEMO, "title": _TITLES[source]}
    return await import_run(
        stream=BytesIO(b"".join(contents)),
        reader=read,
        format="seed",
        source=source,
        by="seed",
        clock=clock,
        settings=settings,
        allow_removals=True,  # the files are our own: what is missing from them was taken out on purpose
        about=about,
    )


_TITLES = {DEMO: "Demonstration data: an invented county", NATIONAL: "National numbers"}


def _version(contents: list[bytes]) -> str:
    return hashlib.sha256(b"".join(contents)).hexdigest()[:16]
