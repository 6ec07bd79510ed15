from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from directory.domain.geo import Point, distance_miles
from directory.domain.schedule import Change, TimeFilter
from directory.domain.taxonomy import FACETS, KINDS, PROGRAMS
from directory.storage import db, facets, search, tallies
from directory.storage.search_sql import Wanted, key_of
from directory.storage.texts import Term
from tests.factories import NEW_YORK, NOW, draft, import_drafts, meeting, one_value, world_made

HERE = Point(40.0, -75.0)


async def names(**given: Any) -> list[str]:
    """The names of what is found, in order."""
    found = await search.find(Wanted(**{"now": NOW, "zone": NEW_YORK, "limit": 100, **given}))
    sql = db.Sql()
    rows = await db.rows(f"SELECT id, name FROM listing WHERE id IN ({sql.list(found.ids) or 'NULL'})", sql.values)
    by_id = {row["id"]: row["name"] for row in rows}
    return [by_id[id] for id in found.ids]


async def test_an_empty_directory_answers_every_search_with_nothing(database: str) -> None:
    asked = TimeFilter(day=1, open_now=True)
    for wanted in (
        Wanted(now=NOW), Wanted(now=NOW, point=HERE, within=25, order="distance"), Wanted(now=NOW, time=asked, order="time"),
        Wanted(now=NOW, facets={"care": ("detox",)}, languages=("es",), terms=(Term(("lamp",)),), code_ids=(1,)),
    ):  # fmt: skip
        found = await search.find(wanted)
        assert (found.ids, found.total) == ((), 0)
        assert set(found.unknown.values()) <= {0}


async def test_a_page_past_the_last_is_empty_and_still_knows_how_many_there_are(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(f"k{number}") for number in range(3)])
    for order in ("name", "time", "distance"):
        found = await search.find(Wanted(now=NOW, point=HERE, within=25, order=order, offset=3, limit=3))
        assert (found.ids, found.total) == ((), 3)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7])
async def test_a_page_that_ends_among_ties_takes_them_by_name(database: str, limit: int) -> None:
    await world_made()
    letters = "hgfedcba"
    await import_drafts(database, [draft(letter, name=letter.upper(), point=Point(40.05, -75.0)) for letter in letters])
    wanted = {"point": HERE, "within": 25, "order": "distance"}
    assert await names(**wanted, limit=limit) == sorted(letters.upper())[:limit]
    assert await names(**wanted, limit=limit, offset=2) == sorted(letters.upper())[2 : 2 + limit]


async def test_a_page_that_ends_among_ties_stays_whole_when_some_of_them_go_in_between(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(letter, name=letter.upper(), point=Point(40.05, -75.0)) for letter in "abcd"])
    wanted = Wanted(now=NOW, zone=NEW_YORK, point=HERE, within=25, order="distance", limit=3)
    key = (await search.find(wanted)).matches[0].key
    before = [search.Match(key, letter, number) for number, letter in enumerate("abcd", 1)]
    await db.execute("DELETE FROM search_row WHERE id IN (SELECT id FROM listing WHERE name IN ('A', 'B'))")
    assert await search.completed(before, wanted, {}) == before[:3]


async def test_names_sort_by_their_bytes_in_one_way_on_both_engines(database: str) -> None:
    await world_made()
    given = ["Éclair", "eclair 2", "a-b", "ab", "Zebra", "10", "9", "日本"]
    await import_drafts(database, [draft(f"k{number}", name=name) for number, name in enumerate(given)])
    assert await names(order="name") == ["10", "9", "a-b", "ab", "Éclair", "eclair 2", "Zebra", "日本"]


async def test_every_edge_of_the_radius_is_inside(database: str) -> None:
    """Also where the point is the place itself, and where the radius is exactly the distance."""
    await world_made()
    await import_drafts(
        database, [draft("here", name="Here", point=HERE), draft("off", name="Off", point=Point(40.1, -75.0))]
    )
    exact = distance_miles(HERE, Point(40.1, -75.0))
    wanted = {"point": HERE, "order": "distance"}
    assert await names(**wanted, within=exact * (1 + 1e-9)) == ["Here", "Off"]
    assert await names(**wanted, within=exact * (1 - 1e-6)) == ["Here"]


async def test_many_listings_whose_times_need_dates_are_each_asked(database: str) -> None:
    await world_made()
    monday = date(2026, 3, 2)
    drafts = [
        draft(
            f"k{number:04}",
            name=f"N{number:04}",
            windows=(meeting(1, "19:00", valid_to=monday - timedelta(days=number % 2)),),
        )
        for number in range(1_100)
    ]
    await import_drafts(database, drafts)
    found = await search.find(Wanted(now=NOW, time=TimeFilter(date_offset=0), order="name", offset=548, limit=4))
    assert found.total == 550
    assert len(found.ids) == 2


async def test_a_closed_day_takes_only_what_is_closed_on_it_out(database: str) -> None:
    await world_made()
    closed = (Change(on=date(2026, 3, 2)),)
    await import_drafts(database, [draft("open", name="Open"), draft("closed", name="Closed", changes=closed)])
    assert await names(time=TimeFilter(date_offset=0)) == ["Open"]
    assert await names(time=TimeFilter(day=1)) == ["Closed", "Open"]


@pytest.mark.parametrize("value", ["%", "_", "'", '"', "\\", "; DROP TABLE listing"])
async def test_signs_that_mean_something_to_a_database_mean_nothing_in_words(database: str, value: str) -> None:
    await world_made()
    await import_drafts(database, [draft(name="Plain")])
    found = await search.find(Wanted(now=NOW, terms=(Term(("plain",)), Term((f"x{value}",)))))
    assert found.total == 0
    assert await one_value("SELECT COUNT(*) FROM listing") == 1


LATER = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"within": 25.0}, {"within": 5.0}, True),  # no place, no circle
        ({"point": HERE, "within": 25.0}, {"point": HERE, "within": 5.0}, False),
        ({"now": NOW, "zone": NEW_YORK}, {"now": LATER, "zone": "America/Chicago"}, True),
        ({"now": NOW, "openings": True}, {"now": LATER, "openings": True}, False),
        ({"now": NOW, "order": "time"}, {"now": LATER, "order": "time"}, False),
        ({"now": NOW, "order": "time"}, {"now": NOW + timedelta(seconds=20), "order": "time"}, True),
        ({"zone": NEW_YORK, "time": TimeFilter(open_now=True)}, {"time": TimeFilter(open_now=True)}, False),
        ({"facets": {"care": ("detox",)}}, {"facets": {"care": ("inpatient",)}}, False),
        ({"areas": ("state:PA",)}, {"areas": ()}, False),
        ({"limit": 10}, {"limit": 25}, False),
    ],
)
def test_questions_with_one_answer_have_one_key_and_others_have_not(
    one: dict[str, Any], other: dict[str, Any], expected: bool
) -> None:
    first, second = (key_of(Wanted(**{"now": NOW, **given})) for given in (one, other))
    assert (first == second) == expected
    assert len({first, second}) == (1 if expected else 2)


async def test_the_last_value_of_every_vocabulary_is_counted_for_what_misses_nothing_and_what_misses_it_alone(
    database: str,
) -> None:
    lasts = {facet: values[-1:] for facet, values in FACETS.items()}
    every = {"kind": KINDS[-1], "program": PROGRAMS[-1], "attendance": "hybrid", "languages": ("es",)}
    await world_made()
    await import_drafts(
        database,
        [
            draft("all", **every, **lasts),
            *(draft(facet, **every, **(lasts | {facet: FACETS[facet][:1]})) for facet in FACETS),
        ],
    )
    wanted = Wanted(
        now=NOW, kinds=KINDS[-1:], programs=PROGRAMS[-1:], attendance=("hybrid",), facets=lasts, languages=("es",)
    )
    counted = (await facets.count(wanted)).counts
    assert {name: [(each.code, each.count) for each in counted[name]] for name in ("kind", "program", *FACETS)} == {
        name: [(value, 1)] for name, value in (("kind", KINDS[-1]), ("program", PROGRAMS[-1]))
    } | {facet: [(values[0], 1), (values[-1], 1)] for facet, values in FACETS.items()}
    assert facets._BITS < 1 << facets._UNTOLD < 1 << facets._KIND
    assert len(KINDS) <= 256
    assert max(tallies.PROGRAM_NUMBERS.values()) < 128, "the highest byte of a number of eight bytes has a sign"
