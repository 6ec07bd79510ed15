from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from directory.domain.listings import Capacity
from directory.domain.schedule import Timetable
from directory.storage import cards, db, memory
from tests.factories import CHICAGO, NEW_YORK, NOW, draft, import_drafts, meeting, world_made


async def ids() -> list[int]:
    return [row["id"] for row in await db.rows("SELECT id FROM listing ORDER BY id")]


async def test_an_answer_is_asked_for_once_until_the_data_change(database: str) -> None:
    await world_made()
    asked = []

    async def answer() -> int:
        asked.append(1)
        return len(asked)

    kept = memory.memory()
    assert [await kept.once("key", answer) for _ in range(3)] == [1, 1, 1]
    assert await kept.once("another key", answer) == 2
    await import_drafts(database, [draft("a")])
    assert await kept.once("key", answer) == 3


async def test_what_another_process_writes_is_seen_after_a_moment(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world_made()
    kept = memory.memory()
    before = await kept.version()
    # Past `db.transaction`, as another process would.
    await db.execute("UPDATE state SET number = number + 1 WHERE name = 'data-version'")
    assert await kept.version() == before
    monkeypatch.setattr(memory, "SECONDS", 0.0)
    assert await kept.version() == before + 1


async def test_the_version_is_at_hand_until_this_process_writes_or_a_moment_has_passed(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world_made()
    kept = memory.memory()
    assert kept.version_at_hand() is None
    before = await kept.version()
    assert kept.version_at_hand() == before
    await import_drafts(database, [draft("a")])
    assert kept.version_at_hand() is None
    assert await kept.version() == kept.version_at_hand() != before
    monkeypatch.setattr(memory, "SECONDS", -1.0)
    assert kept.version_at_hand() is None


async def test_a_card_is_read_anew_when_its_listing_has_changed_and_only_then(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a", name="Lamp"), draft("b", name="Bell")])
    lamp, bell = await ids()
    kept = memory.memory()
    first = await kept.cards([lamp, bell], NOW)
    await import_drafts(database, [draft("a", name="Lantern"), draft("b", name="Bell")])
    second = await kept.cards([lamp, bell], NOW)
    assert [card.name for card in second.values()] == ["Lantern", "Bell"]
    assert second[bell] is first[bell]
    assert second[lamp].stamp != first[lamp].stamp
    assert {id: card.stamp for id, card in second.items()} == await cards.stamps([lamp, bell])


async def test_a_card_shows_new_openings(database: str) -> None:
    await world_made()
    reports = [Capacity("bed", number, 9, NOW - timedelta(hours=5 - number)) for number in (1, 2)]
    kept, shown = memory.memory(), []
    for report in reports:
        await import_drafts(database, [draft("a", kind="treatment", capacities=(report,))])
        (card,) = (await kept.cards(await ids(), NOW)).values()
        shown.append(card.openings and card.openings.available)
    assert shown == [1, 2]


async def test_a_number_that_another_listing_has_got_since_does_not_bring_the_old_one_back(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a", name="Lamp")])
    (id,) = await ids()
    kept = memory.memory()
    await kept.cards([id], NOW)
    async with db.transaction():
        await db.execute("UPDATE listing SET slug = 'other', name = 'Other', version = 1")
    assert (await kept.cards([id], NOW))[id].name == "Other"


async def test_a_card_that_is_kept_takes_less_room_and_says_the_same(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a", pay=("free",))])
    (id,) = await ids()
    read, kept = (await cards.cards([id], NOW))[id], (await memory.memory().cards([id], NOW))[id]
    assert kept == read
    assert kept.seen({"is_open": True}) == read.seen({"is_open": True})
    assert len(vars(kept)) < len(vars(read)) - 8


async def test_what_is_gone_is_forgotten_and_no_more_is_kept_than_fits(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world_made()
    await import_drafts(database, [draft(str(number)) for number in range(5)])
    monkeypatch.setattr(memory, "MOST_CARDS", 2)
    kept, every = memory.memory(), await ids()
    assert len(await kept.cards([*every, 999_999], NOW)) == 5
    assert len(kept._cards) == 2
    async with db.transaction():
        await db.execute("DELETE FROM listing")
    assert await kept.cards(every, NOW) == {}


async def test_inside_a_transaction_nothing_from_before_is_believed(database: str) -> None:
    await world_made()
    before = await memory.memory().version()
    async with db.transaction():
        assert await memory.memory().version() == before + 1
    assert await memory.memory().version() == before + 1


async def test_a_place_is_asked_for_once_until_the_data_change_and_pushes_no_answer_out(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world_made()
    monkeypatch.setattr(memory, "MOST", 2)
    asked = []

    async def answer() -> int:
        asked.append(1)
        return len(asked)

    kept = memory.memory()
    assert await kept.once("an answer", answer) == 1
    assert [await kept.place(key, answer) for key in ("19199", "19199", "19198", "60699", "19199")] == [2, 2, 3, 4, 5]
    assert await kept.once("an answer", answer) == 1
    await import_drafts(database, [draft("a")])
    assert await kept.place("19199", answer) == 6


async def test_what_is_said_of_times_is_made_once_a_minute_for_all_listings_that_have_them(database: str) -> None:
    await world_made()
    monday, tuesday = (meeting(1, "12:00"),), (meeting(2, "12:00"),)
    await import_drafts(database, [draft("a", windows=monday), draft("b", windows=monday), draft("c", windows=tuesday)])
    kept, made = memory.memory(), list[tuple[Timetable, datetime, str]]()
    one, other, third = (card.timetable for card in (await kept.cards(await ids(), NOW)).values())

    def make(table: Timetable, now: datetime, seen_from: str) -> int:
        made.append((table, now, seen_from))
        return len(made)

    later = [NOW + timedelta(seconds=seconds) for seconds in (0, 59, 60)]
    assert [kept.at_minute("", now, make)(one, NEW_YORK) for now in later] == [1, 1, 2]
    assert kept.at_minute("", NOW, make)(other, NEW_YORK) == 1
    assert kept.at_minute("", NOW, make)(one, CHICAGO) == 3
    assert kept.at_minute("", NOW, make)(third, NEW_YORK) == 4
    assert made[-1] == (third, NOW, NEW_YORK)
    assert [kept.at_minute(what, NOW, make)(third, NEW_YORK) for what in ("another thing", "")] == [5, 4]
