"""What visitors say is wrong: one row for the same, nothing of the visitor, an end to floods, and no harm from haste or a crash."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from directory.domain.corrections import MOST_IN_ALL, MOST_OF_ONE, Remark
from directory.domain.errors import Gone, NotFound
from directory.domain.listings import Phone
from directory.services.corrections import (
    correction_add,
    corrections_are_taken,
    corrections_list,
    without_private,
)
from directory.storage import db, listings, records
from tests.factories import NOW, draft, import_drafts, one_value, snapshot, world_made

ROOT = Path(__file__).parents[2]
ONLY_POSTGRES = pytest.mark.parametrize("engine", ["postgres"])
HOURS = Remark("hours", "They close at 5.")


async def slugs(url: str, *keys: str) -> list[str]:
    """The slugs of listings with these keys, which are in the database from now on."""
    await world_made()
    await import_drafts(url, [draft(key, phones=(Phone("(555) 555-0100"),)) for key in keys])
    return [str(await one_value("SELECT slug FROM listing WHERE source_key = {0}", key)) for key in keys]


async def said() -> list[tuple[str, str, int]]:
    """What is open: reason, words, and how often it came."""
    return [(each.remark.reason, each.remark.words, each.times) for each in await corrections_list()]


# --- one remark ------------------------------------------------------------------------------------------------------


async def test_a_remark_is_listed_with_its_listing_and_its_time(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    assert await correction_add(slug=slug, remark=HOURS, now=NOW)
    (found,) = await corrections_list()
    assert (found.slug, found.name, found.remark) == (slug, "Quiet Lamp Group", HOURS)
    assert (found.times, found.created_at, found.updated_at) == (1, NOW, NOW)


async def test_the_same_again_is_one_row_that_counts(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    later = NOW + timedelta(minutes=2)
    await correction_add(slug=slug, remark=HOURS, now=NOW)
    await correction_add(slug=slug, remark=Remark("hours", "they CLOSE at 5"), now=later)
    (found,) = await corrections_list()
    assert (found.remark, found.times, found.created_at, found.updated_at) == (HOURS, 2, NOW, later)


async def test_another_reason_other_words_and_another_listing_are_rows_of_their_own_the_newest_first(
    database: str,
) -> None:
    lamp, reed = await slugs(database, "lamp", "reed")
    remarks = [
        (lamp, HOURS),
        (lamp, Remark("hours", "They close at 6.")),
        (lamp, Remark("other", HOURS.words)),
        (reed, HOURS),
    ]
    for minute, (slug, remark) in enumerate(remarks):
        await correction_add(slug=slug, remark=remark, now=NOW + timedelta(minutes=minute))
    assert [(each.slug, each.remark) for each in await corrections_list()] == remarks[::-1]
    await correction_add(slug=lamp, remark=HOURS, now=NOW + timedelta(hours=1))
    assert (await corrections_list())[0].remark == HOURS


async def test_what_was_dealt_with_is_no_longer_listed_and_is_open_again_when_it_comes_again(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    await correction_add(slug=slug, remark=HOURS, now=NOW)
    await db.execute("UPDATE correction SET status = 'done'")
    assert await said() == []
    await correction_add(slug=slug, remark=HOURS, now=NOW)
    assert await said() == [("hours", HOURS.words, 2)]


async def test_no_page_changes_with_a_remark(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    before, version = await snapshot(without=("correction",)), await records.data_version()
    await correction_add(slug=slug, remark=HOURS, now=NOW)
    assert await records.data_version() == version
    assert await snapshot(without=("correction",)) == before


async def test_a_listing_that_never_was_or_is_gone_takes_no_remark(database: str) -> None:
    lamp, _ = await slugs(database, "lamp", "reed")
    await import_drafts(database, [draft("reed")])
    before = await snapshot()
    with pytest.raises(NotFound):
        await correction_add(slug="never-was", remark=HOURS, now=NOW)
    with pytest.raises(Gone):
        await correction_add(slug=lamp, remark=HOURS, now=NOW)
    assert await snapshot() == before


async def test_an_import_leaves_remarks_alone_and_an_erased_source_takes_them_along(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    await correction_add(slug=slug, remark=HOURS, now=NOW)
    await import_drafts(database, [draft("lamp", description="Another text.")])
    assert await said() == [("hours", HOURS.words, 1)]
    async with db.transaction():
        await listings.erase_source("world")
    assert await said() == []


# --- nothing of the visitor ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("Call me at 802-555-0142.", "Call me at [number left out]."),
        ("I am robin@example.org", "I am [e-mail left out]"),
        ("Nobody answers 555-555-0100.", "Nobody answers 555-555-0100."),
        ("+1 (555) 555-0100 rings, call 802 555 0142", "+1 (555) 555-0100 rings, call [number left out]"),
        ("5555550100 or 15555550100", "5555550100 or 15555550100"),
        ("802-555-0142 and 555.555.0100", "[number left out] and 555.555.0100"),
        ("55555501001", "55555501001"),
        ("Mine is 802-988-0142, not 988.", "Mine is [number left out], not 988."),
        ("They close at 5:30, not 6:00, since 2024-01-02.", "They close at 5:30, not 6:00, since 2024-01-02."),
        ("", ""),
    ],
)
def test_only_the_numbers_of_the_listing_itself_stay(words: str, kept: str) -> None:
    own = (Phone("(555) 555-0100", "7"), Phone("988"))
    assert without_private(words, own) == kept


def test_without_a_number_of_its_own_no_number_stays() -> None:
    assert without_private("Call 555-555-0100", ()) == "Call [number left out]"


async def test_what_is_private_is_gone_before_it_is_stored(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    remark = Remark("phone", "555-555-0100 rings out. I am Robin, 802-555-0142, robin@example.org")
    await correction_add(slug=slug, remark=remark, now=NOW)
    kept = "555-555-0100 rings out. I am Robin, [number left out], [e-mail left out]"
    assert await said() == [("phone", kept, 1)]
    assert "802-555-0142" not in str(await snapshot())


async def test_a_row_has_no_place_for_who_sent_it(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    await correction_add(slug=slug, remark=HOURS, now=NOW)
    (row,) = await db.rows("SELECT * FROM correction")
    assert set(row) == {
        "id", "listing_id", "reason", "words", "words_hash", "status", "times", "created_at", "updated_at",
        "settled_by", "settled_at", "answer", "version",
    }  # fmt: skip
    assert await db.rows("SELECT * FROM correction_reply") == []


# --- floods ----------------------------------------------------------------------------------------------------------


async def flood(slug: str, number: int) -> list[bool]:
    """Sends so many different remarks, one after the other."""
    return [await correction_add(slug=slug, remark=Remark("other", f"Wrong {n}"), now=NOW) for n in range(number)]


async def test_one_listing_takes_so_many_and_then_only_what_is_known_already(database: str) -> None:
    lamp, reed = await slugs(database, "lamp", "reed")
    assert await flood(lamp, MOST_OF_ONE + 2) == [True] * MOST_OF_ONE + [False] * 2
    assert len(await said()) == MOST_OF_ONE
    assert await correction_add(slug=lamp, remark=Remark("other", "Wrong 0"), now=NOW)
    assert await correction_add(slug=reed, remark=HOURS, now=NOW)
    ids = {await one_value("SELECT id FROM listing WHERE slug = {0}", slug): slug for slug in (lamp, reed)}
    taken = {slug: await corrections_are_taken(listing_id=id) for id, slug in ids.items()}
    assert taken == {lamp: False, reed: True}


async def test_room_comes_back_when_somebody_has_looked(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    await flood(slug, MOST_OF_ONE)
    await db.execute("UPDATE correction SET status = 'done' WHERE words = 'Wrong 3'")
    assert await correction_add(slug=slug, remark=HOURS, now=NOW)
    assert not await correction_add(slug=slug, remark=Remark("other", "Wrong 3"), now=NOW)


async def test_there_is_an_end_to_all_listings_together(database: str) -> None:
    lamp, reed = await slugs(database, "lamp", "reed")
    lamp_id = await one_value("SELECT id FROM listing WHERE slug = {0}", lamp)
    columns = "listing_id reason words words_hash status times created_at updated_at".split()
    moment = NOW if not db.is_sqlite() else NOW.isoformat(" ")
    rows = [(lamp_id, "other", "", f"{n}", "new", 1, moment, moment) for n in range(MOST_IN_ALL - 1)]
    await db.insert_many("correction", columns, rows)
    assert await correction_add(slug=reed, remark=HOURS, now=NOW)
    assert not await correction_add(slug=reed, remark=Remark("closed"), now=NOW)
    assert len(await corrections_list()) == MOST_IN_ALL


# --- haste and crashes -----------------------------------------------------------------------------------------------


async def test_two_equal_remarks_at_once_are_one_row_that_counts_two(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    await asyncio.gather(*(correction_add(slug=slug, remark=HOURS, now=NOW) for _ in range(2)))
    assert await said() == [("hours", HOURS.words, 2)]


@ONLY_POSTGRES
async def test_a_flood_from_all_sides_at_once_ends_where_one_after_the_other_would(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    remarks = [Remark("other", f"Wrong {n}") for n in range(MOST_OF_ONE + 15)]
    kept = await asyncio.gather(*(correction_add(slug=slug, remark=remark, now=NOW) for remark in remarks))
    assert sum(kept) == len(await said()) == MOST_OF_ONE


@ONLY_POSTGRES
async def test_a_remark_and_the_end_of_its_source_at_once_are_both_done_or_refused(database: str) -> None:
    async def erased() -> None:
        async with db.transaction():
            await listings.erase_source("world")

    for _ in range(5):
        (slug,) = await slugs(database, "lamp")
        sent = [correction_add(slug=slug, remark=Remark("other", f"Wrong {n}"), now=NOW) for n in range(6)]
        answers = await asyncio.gather(*sent, erased(), return_exceptions=True)
        assert {type(answer) for answer in answers} <= {bool, NotFound, type(None)}
        assert await said() == []


CUT_SHORT = """
import asyncio, sys
from datetime import UTC, datetime
from directory.domain.corrections import Remark
from directory.services import corrections
from directory.storage import db

async def stays(listing_id, remark, now, put=corrections.storage.put):
    await put(listing_id, remark, now)
    print("written", flush=True)
    await asyncio.sleep(60)

async def main():
    corrections.storage.put = stays
    async with db.connect(sys.argv[1]):
        await corrections.correction_add(slug=sys.argv[2], remark=Remark("closed"), now=datetime.now(UTC))

asyncio.run(main())
"""


async def test_a_process_that_dies_before_the_end_leaves_nothing_and_holds_nobody_up(database: str) -> None:
    (slug,) = await slugs(database, "lamp")
    before = await snapshot()
    command = [sys.executable, "-c", CUT_SHORT, database, slug]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"written\n"
    process.kill()
    await process.wait()
    assert await snapshot() == before
    assert await asyncio.wait_for(correction_add(slug=slug, remark=Remark("closed"), now=NOW), 20)
    assert await said() == [("closed", "", 1)]
