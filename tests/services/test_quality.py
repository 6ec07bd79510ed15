"""How true the directory is, in figures that anybody can check by hand, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.domain.access import Actor, Grant, Role
from directory.domain.corrections import Remark
from directory.services.checks import listing_confirm
from directory.services.corrections import correction_add
from directory.services.quality import Checked, checked_of, grade_of, quality_show
from directory.storage import db
from tests.factories import NOW, draft, import_drafts, one_value, world_made

PEER = Actor(1, (Grant(Role.PEER, 1),))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ({}, Checked(0, 0, 0, None)),
        ({None: 3}, Checked(3, 0, 3, None)),
        ({10: 1, 90: 1, 91: 1}, Checked(3, 2, 0, 90.0)),
        ({10: 1, 20: 1, None: 5}, Checked(7, 2, 5, 15.0)),
        ({5: 9, 500: 1}, Checked(10, 9, 0, 5.0)),
    ],
)
def test_shares_and_the_median_are_what_one_counts_by_hand(ages: dict[int | None, int], expected: Checked) -> None:
    assert checked_of(ages) == expected


@pytest.mark.parametrize(
    ("precision", "status", "grade"),
    [
        ("rooftop", "ok", "door"),
        ("interpolated", "ok", "door"),
        ("street", "ok", "street"),
        ("postcode", "ok", "area"),
        ("region", "ok", "area"),
        ("rooftop", "needs_review", "doubt"),
        ("", "failed", "unknown"),
        ("", "pending", "unknown"),
    ],
)
def test_a_place_is_graded_by_how_well_it_is_known(precision: str, status: str, grade: str) -> None:
    assert grade_of(precision, status) == grade


async def test_the_figures_are_of_the_listings_that_visitors_find(database: str) -> None:
    await world_made()
    later = NOW + 100 * DAY
    drafts = [
        draft("asked"),
        draft("stale", verified_on=NOW.date()),
        draft("never"),
        draft("beds", kind="housing", verified_on=(later - 4 * DAY).date()),
        draft("gone"),
    ]
    await import_drafts(database, drafts)
    await import_drafts(database, drafts[:-1])
    slug = str(await one_value("SELECT slug FROM listing WHERE source_key = {0}", "asked"))
    await listing_confirm(slug=slug, version=1, by=PEER, now=later - 2 * DAY)
    await correction_add(slug=slug, remark=Remark("closed"), now=NOW)
    found = await quality_show(now=later)
    assert found.kinds == {"meeting": Checked(3, 1, 1, 51.0), "housing": Checked(1, 1, 0, 4.0)}
    assert found.total == Checked(4, 2, 1, 4.0)
    assert found.reports == 1
    assert {grade: number for grade, number in found.places.items() if number} == {"street": 4}


async def test_a_day_that_lies_ahead_counts_as_today(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a", verified_on=(NOW + 30 * DAY).date())])
    assert (await quality_show(now=NOW)).total == Checked(1, 1, 0, 0.0)


async def test_an_empty_directory_has_empty_figures(database: str) -> None:
    async with db.staging():
        pass
    found = await quality_show(now=NOW)
    assert (found.kinds, found.total, found.reports) == ({}, Checked(0, 0, 0, None), 0)
