from __future__ import annotations

import pytest

from directory.domain.places import PlaceRow
from directory.storage import db, places, records
from directory.storage.places import Places
from tests.factories import NEW_YORK, town_rows


def town(key: str, state: str = "PA", **given: object) -> PlaceRow:
    made: dict[str, object] = {"kind": "locality", "name": key.title(), "lat": 40.0, "lon": -75.0, "timezone": NEW_YORK}
    return PlaceRow(key=key, state=state, **made | given)  # type: ignore[arg-type]


def zip_code(key: str, **given: object) -> PlaceRow:
    return town(key, **{"kind": "postcode", "name": "Saltmarsh", **given})  # type: ignore[arg-type]


async def test_a_row_comes_back_as_it_went_in(database: str) -> None:
    rows = [
        town("saltmarsh", county="Heron County", weight=3),
        zip_code("19199"),
        town("reedport", timezone=None, demo=True),
    ]
    assert await places.replace(rows, "1") == 3
    assert await Places().postcode("19199") == rows[1]
    assert await Places().localities("saltmarsh", "PA") == rows[:1]
    assert await Places().localities("reedport", None) == rows[2:]


async def test_towns_of_one_name_come_largest_first_and_invented_ones_last(database: str) -> None:
    rows = [
        town("saltmarsh", "NJ", weight=1), town("saltmarsh", "ZZ", weight=9, demo=True),
        town("saltmarsh", "PA", weight=5), town("saltmarsh", "DE", weight=1),
    ]  # fmt: skip
    await places.replace(rows, "1")
    assert [row.state for row in await Places().localities("saltmarsh", None)] == ["PA", "DE", "NJ", "ZZ"]
    assert [row.state for row in await Places().localities("saltmarsh", "NJ")] == ["NJ"]
    assert await Places().localities("saltmarsh", "VT") == []


async def test_a_real_zip_code_counts_before_an_invented_one(database: str) -> None:
    await places.replace([zip_code("19199", name="Real")], "1")
    await places.replace([zip_code("19199", name="Invented", demo=True), zip_code("00101", demo=True)], "d", demo=True)
    found = await Places().postcodes(["19199", "00101", "99999", "19199"])
    assert {key: (row.name, row.demo) for key, row in found.items()} == {
        "19199": ("Real", False),
        "00101": ("Saltmarsh", True),
    }
    assert await Places().postcodes([]) == {}


async def test_names_are_found_by_their_beginning_in_one_state_or_all(database: str) -> None:
    keys = ("salem", "salt", "saltmarsh", "saltz", "sam", "a")
    await places.replace(
        [*(town(key) for key in keys), town("saltlake", "UT"), zip_code("19199"), zip_code("19201")], "1"
    )
    assert [row.key for row in await Places().names("PA", "salt")] == ["salt", "saltmarsh", "saltz"]
    assert [row.key for row in await Places().names(None, "salt")] == ["salt", "saltlake", "saltmarsh", "saltz"]
    assert len(await Places().names("PA", "")) == len(keys)
    assert [row.key for row in await Places().names(None, "191")] == ["19199"]


async def test_a_new_edition_takes_the_place_of_the_old_and_leaves_the_invented_towns_alone(database: str) -> None:
    await places.replace(town_rows(), "1")
    await places.replace([town("reedport", "ZZ", demo=True)], "d1", demo=True)
    await places.replace([town("newmarsh")], "2")
    assert [row["key"] for row in await db.rows("SELECT key FROM place ORDER BY key")] == ["newmarsh", "reedport"]
    assert (await places.version(), await places.version(demo=True)) == ("2", "d1")
    await places.replace([], "", demo=True)
    assert [row["key"] for row in await db.rows("SELECT key FROM place")] == ["newmarsh"]


async def test_a_new_edition_that_cannot_be_read_to_its_end_leaves_the_old_one(database: str) -> None:
    await places.replace(town_rows(), "1")

    def broken() -> object:
        yield town("newmarsh")
        raise ValueError("torn page")

    with pytest.raises(ValueError, match="torn page"):
        await places.replace(broken(), "2")  # type: ignore[arg-type]
    assert await places.version() == "1"
    assert len(await Places().localities("saltmarsh", None)) == 1


async def test_places_of_more_than_one_batch_all_arrive(database: str) -> None:
    assert await places.replace((town(f"town{number:05}") for number in range(4_001)), "1") == 4_001
    assert await db.rows("SELECT COUNT(*) AS n FROM place") == [{"n": 4_001}]


async def test_a_zone_has_one_number_for_good(database: str) -> None:
    async with db.transaction():
        first = await places.zone_numbers([NEW_YORK, "America/Chicago", NEW_YORK])
    async with db.transaction():
        second = await places.zone_numbers(["America/Phoenix", NEW_YORK])
    assert second[NEW_YORK] == first[NEW_YORK]
    assert sorted(second.values()) == [1, 2, 3]
    assert await places.zones() == {number: name for name, number in second.items()}


async def test_a_named_text_is_the_last_one_remembered(database: str) -> None:
    assert await records.text_of("lamp") == ""
    for text in ("lit", "out"):
        async with db.transaction():
            await records.remember("lamp", text)
    assert await records.text_of("lamp") == "out"
