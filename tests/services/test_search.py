from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import inf
from typing import Any

import pytest

from directory.domain.errors import PlaceNotFound
from directory.domain.geo import Point
from directory.domain.listings import Capacity, ListingDraft, Status, Visibility
from directory.domain.results import Card, FoundPlace, SearchResult
from directory.domain.schedule import DAY, LAST, Change, Window
from directory.domain.search import parse
from directory.domain.taxonomy import FACETS, KINDS, PROGRAMS
from directory.services import search as service
from directory.services.search import search_run
from directory.storage import db, serving, tiles
from tests import factories, oracle
from tests.factories import (
    LOS_ANGELES,
    NEW_YORK,
    NOW,
    draft,
    every_day,
    hours,
    import_drafts,
    meeting,
    settings_for,
    world_made,
)
from tests.sweeps import swept

SALTMARSH = Point(40.0, -75.0)


async def search(url: str, *params: tuple[str, str], **given: str) -> SearchResult:
    """The answer to parameters that are all right, at noon on Monday unless they say otherwise."""
    query, problems = parse([*params, *given.items()])
    assert problems == []
    return await search_run(query=query, now=NOW, settings=settings_for(url))


def keys(found: SearchResult) -> list[str]:
    return [card.source_key for card in found.cards]


# --- one behaviour each ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 100])
async def test_what_serves_a_state_is_the_same_whether_it_is_remembered_or_too_much_for_that(
    database: str, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(serving, "MOST", most)
    await world_made()
    legal = {"kind": "legal", "program": None, "windows": (), "coverage": "PA"}
    near = [draft(f"s{n}", name=f"Help {n}", point=Point(40.0 + n, -75.0), **legal) for n in range(4)]
    await import_drafts(database, [*near, draft("nowhere", name="Advice", point=None, attendance="online", **legal)])

    async def elsewhere(near: str, within: str) -> tuple[int, list[str]]:
        found = (await search(database, near=near, within=within)).elsewhere
        return found.total, [card.source_key for card in found.cards]

    asked = [("19199", "25"), ("19198", "10"), ("19199", "75")]
    assert [await elsewhere(*each) for each in asked] == [
        (4, ["nowhere", "s1", "s2", "s3"]),
        (5, ["nowhere", "s0", "s1", "s2", "s3"]),
        (3, ["nowhere", "s2", "s3"]),
    ]


@pytest.mark.parametrize(
    ("near", "looked_up"), [("19199", 1), ("Saltmarsh, PA", 1), ("12 Reed St, Saltmarsh, PA 19199", 2)]
)
async def test_a_town_is_remembered_and_an_address_is_not(
    database: str, monkeypatch: pytest.MonkeyPatch, near: str, looked_up: int
) -> None:
    await world_made()
    asked = []
    place_find = service.place_find

    async def noted(**given: Any) -> FoundPlace:
        asked.append(given["text"])
        return await place_find(**given)

    monkeypatch.setattr(service, "place_find", noted)
    found = [await search(database, near=near) for _ in range(2)]
    assert found[0] == found[1]
    assert asked == [near] * looked_up


async def test_the_nearest_come_first_and_ties_go_by_name_and_then_by_address(database: str) -> None:
    await world_made()
    at = {"point": Point(40.02, -75.0)}
    drafts = [
        draft("b", name="Bell", **at), draft("a", name="Anchor", **at), draft("a2", name="Anchor", **at),
        draft("near", name="Zebra", point=SALTMARSH), draft("far", name="Aardvark", point=Point(40.3, -75.0)),
    ]  # fmt: skip
    await import_drafts(database, drafts)
    found = await search(database, near="19199")
    assert keys(found)[0] == "near"
    assert sorted(keys(found)[1:3]) == ["a", "a2"]
    assert [card.slug for card in found.cards[1:3]] == sorted(card.slug for card in found.cards[1:3])
    assert keys(found)[3:] == ["b", "far"]
    assert found.total == 5


@pytest.mark.parametrize(("within", "inside"), [("5", False), ("6.9", False), ("6.92", True), ("500", True)])
async def test_within_is_miles_of_the_great_circle(database: str, within: str, inside: bool) -> None:
    """A tenth of a degree of latitude is 6.909 miles."""
    await world_made()
    await import_drafts(database, [draft(point=Point(40.1, -75.0))])
    found = await search(database, near="Saltmarsh, PA", within=within)
    assert (found.total == 1) is inside
    for card in found.cards:
        assert card.distance_miles == pytest.approx(6.9095, abs=0.001)


async def test_a_place_beside_the_antimeridian_finds_what_is_across_it(database: str) -> None:
    await world_made()
    near = {"city": "Farlight", "state": "AK", "postal_code": "99499", "timezone": factories.ADAK}
    await import_drafts(
        database, [draft("east", point=Point(51.95, -179.9), **near), draft("west", point=Point(51.95, 179.5), **near)]
    )
    assert keys(await search(database, near="99499", within="30")) == ["west", "east"]
    assert keys(await search(database, ("lat", "51.95"), ("lon", "-180"), ("within", "30"))) == ["east", "west"]


async def test_coordinates_count_before_a_name(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("here"), draft("there", point=Point(34.05, -118.25), timezone=LOS_ANGELES)])
    found = await search(database, ("near", "19199"), ("lat", "34.05"), ("lon", "-118.25"))
    assert keys(found) == ["there"]
    assert found.place
    assert (found.place.label, found.place.timezone) == (None, LOS_ANGELES)


async def test_a_place_that_nobody_knows_is_answered_with_the_nearest_spellings(database: str) -> None:
    await world_made()
    with pytest.raises(PlaceNotFound) as missing:
        await search(database, near="Saltmarh, PA")
    assert missing.value.suggestions[0] == "Saltmarsh, PA"
    assert missing.value.status == 422


async def test_an_online_only_meeting_has_no_place_and_is_found_where_there_is_no_radius(database: str) -> None:
    await world_made()
    drafts = [draft("room"), draft("screen", attendance="online"), draft("both", attendance="hybrid")]
    await import_drafts(database, drafts)
    assert set(keys(await search(database, near="19199"))) == {"room", "both"}
    assert set(keys(await search(database, near="19199", attendance="online"))) == {"screen", "both"}
    assert set(keys(await search(database, near="93999", attendance="online"))) == {"screen", "both"}
    assert set(keys(await search(database, attendance="in-person"))) == {"room", "both"}
    assert keys(await search(database, attendance="hybrid")) == ["both"]


async def test_what_is_closed_for_now_or_inactive_is_not_found(database: str) -> None:
    await world_made()
    drafts = [
        draft(status.value, status=status) for status in (Status.ACTIVE, Status.TEMPORARILY_CLOSED, Status.INACTIVE)
    ]
    await import_drafts(database, drafts)
    assert keys(await search(database)) == ["active"]
    assert (await search(database)).total == 1


async def test_the_night_meeting_is_in_progress_at_ten_past_midnight(database: str) -> None:
    await world_made()
    await import_drafts(
        database, [draft("late", windows=(meeting(1, "23:00", 90),)), draft("early", windows=(meeting(2, "06:00"),))]
    )
    for params in ({"open": "now"}, {"time": "now"}):
        assert keys(await search(database, near="19199", at="2026-03-03T00:10", **params)) == ["late"]
        assert keys(await search(database, near="19199", at="2026-03-03T00:30", **params)) == []
    (card,) = (await search(database, open="now", at="2026-03-03T00:10")).cards
    assert card.open_until
    assert card.open_until.isoformat() == "2026-03-03T00:30:00-05:00"


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2026-03-02T17:59", False),
        ("2026-03-02T18:00", True),
        ("2026-03-02T18:55:59", True),
        ("2026-03-02T19:04", True),
        ("2026-03-02T19:10:59", True),
        ("2026-03-02T19:11", False),
    ],
)
async def test_now_is_from_an_hour_before_a_meeting_to_ten_minutes_into_it(database: str, at: str, found: bool) -> None:
    await world_made()
    short = (meeting(1, "19:00", 5),)
    await import_drafts(
        database, [draft("weekly", windows=short), draft("dated", windows=(replace(short[0], week=1),))]
    )
    assert (await search(database, near="19199", time="now", at=at)).total == (2 if found else 0)


@pytest.mark.parametrize(
    ("window", "at", "found"),
    [
        (meeting(0, "00:15", 5), "2026-02-28T23:30", True),
        (meeting(0, "00:15", 5), "2026-02-28T23:14", False),
        (meeting(6, "23:55", 5), "2026-03-01T00:05", True),
        (meeting(6, "23:55", 5), "2026-03-01T00:06", False),
        (hours(6, "22:00", 480), "2026-03-01T05:59", True),
        (hours(5, "22:00", 2 * DAY), "2026-03-01T21:59", True),
    ],
)
async def test_now_looks_across_midnight_and_the_end_of_the_week(
    database: str, window: Window, at: str, found: bool
) -> None:
    await world_made()
    await import_drafts(database, [draft(windows=(window,))])
    assert (await search(database, near="19199", time="now", at=at)).total == found


async def test_the_list_late_on_saturday_begins_with_what_has_just_begun_and_goes_on_with_sunday(database: str) -> None:
    await world_made()
    when = {
        "Sat 23:39": (6, "23:39"),
        "Sat 23:45": (6, "23:45"),
        "Sun 00:15": (0, "00:15"),
        "Sun 09:00": (0, "09:00"),
        "Fri 20:00": (5, "20:00"),
    }
    await import_drafts(
        database,
        [draft(key, name=f"x{index}", windows=(meeting(*at),)) for index, (key, at) in enumerate(when.items())],
    )
    found = await search(database, near="19199", sort="time", at="2026-02-28T23:50")
    assert keys(found) == ["Sat 23:45", "Sun 00:15", "Sun 09:00", "Fri 20:00", "Sat 23:39"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-07T12:00", "2026-03-07T19:00:00-05:00"),
        ("2026-03-08T12:00", "2026-03-08T19:00:00-04:00"),
        ("2026-10-31T21:00", "2026-11-01T19:00:00-05:00"),
    ],
)
async def test_seven_in_the_evening_stays_seven_when_the_clocks_change(database: str, at: str, expected: str) -> None:
    await world_made()
    await import_drafts(database, [draft(windows=tuple(meeting(day, "19:00") for day in range(7)))])
    (card,) = (await search(database, near="19199", at=at)).cards
    assert card.next_start
    assert card.next_start.isoformat() == expected
    assert (await search(database, near="19199", at=at[:11] + "19:30", open="now")).total == 1
    assert (await search(database, near="19199", at=at[:11] + "18:30", open="now")).total == 0


async def test_a_new_york_online_meeting_is_three_hours_earlier_for_a_visitor_in_los_angeles(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("screen", attendance="online", windows=(meeting(2, "00:30"),))])
    asked = {"attendance": "online", "at": "2026-03-02T12:00", "tz": LOS_ANGELES}
    (card,) = (await search(database, day="1", time="21:00-22:00", **asked)).cards
    assert card.next_start
    assert card.next_start.isoformat() == "2026-03-02T21:30:00-08:00"
    assert (await search(database, day="today", **asked)).total == 1
    assert (await search(database, day="2", **asked)).total == 0
    assert (await search(database, day="2", **asked | {"tz": NEW_YORK})).total == 1


async def test_a_meeting_in_person_is_on_the_clock_of_its_own_place_wherever_the_visitor_is(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("room", windows=(meeting(2, "00:30"),))])
    found = await search(database, near="19199", day="2", time="night", tz=LOS_ANGELES)
    assert found.total == 1
    assert found.cards[0].shown_zone == NEW_YORK


async def test_unknown_hours_and_facets_never_match_and_are_counted(database: str) -> None:
    await world_made()
    drafts = [
        draft("open", windows=every_day("00:00", DAY), pay=("medicaid",)), draft("closed", windows=(hours(0, "01:00", 60),), pay=()),
        draft("silent", windows=()), draft("silent too", windows=()),
    ]  # fmt: skip
    await import_drafts(database, drafts)
    found = await search(database, open="now")
    assert (keys(found), found.unknown) == (["open"], {"open": 2})
    found = await search(database, pay="medicaid")
    assert (keys(found), found.unknown) == (["open"], {"pay": 2})
    found = await search(database, open="now", pay="free")
    assert (found.total, found.unknown) == (0, {"pay": 0, "open": 0})


async def test_a_known_none_is_not_unknown(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("none", pay=()), draft("silent")])
    cards = {card.source_key: card.pay for card in (await search(database)).cards}
    assert cards == {"none": (), "silent": None}


@pytest.mark.parametrize("value", ["es", "pt-BR", "PT-br"])
async def test_a_language_is_found_in_any_case(database: str, value: str) -> None:
    await world_made()
    await import_drafts(
        database, [draft("both", languages=("es", "pt-BR")), draft("english", languages=("en",)), draft("silent")]
    )
    found = await search(database, language=value)
    assert (keys(found), found.unknown) == (["both"], {"language": 1})


async def test_a_type_counts_in_every_edition_and_in_any_case_and_an_unknown_one_is_named(database: str) -> None:
    await world_made()
    codes = {info.code.edition: info.code for info in factories.CODES if info.code.code == "DT"}
    await import_drafts(
        database, [draft("old", codes=(codes["2024"],)), draft("new", codes=(codes["2025"],)), draft("none")]
    )
    found = await search(database, type="SAMHSA:dt", sort="name")
    assert set(keys(found)) == {"old", "new"}
    found = await search(database, type="samhsa:ZZ")
    assert [(problem.field, problem.value) for problem in found.problems] == [("type", "samhsa:ZZ")]


async def test_all_words_must_match_and_each_may_be_the_beginning_of_one(database: str) -> None:
    await world_made()
    drafts = [
        draft("ete", name="Château d'Été", organization="Marsh House", description="A quiet room", codes=(factories.CODES[0].code,)),
        draft("other", name="Marsh Lamp"),
    ]  # fmt: skip
    await import_drafts(database, drafts)
    for words in ("chateau", "CHÂT", "marsh quiet", "été room", "abierta", "saltm chateau", "d'ete"):
        assert keys(await search(database, q=words)) == ["ete"], words
    assert set(keys(await search(database, q="marsh"))) == {"ete", "other"}
    for words in ("teau", "quiet nothing", "100%", "_oom", "heron"):
        assert keys(await search(database, q=words)) == [], words


async def test_pages_follow_one_another_without_gap_or_double(database: str) -> None:
    await world_made()
    drafts = [draft(f"k{n}", name=f"Group {n % 3}", point=Point(40 + (n % 5) / 100, -75.0)) for n in range(23)]
    await import_drafts(database, drafts)
    for sort in ("distance", "time", "name"):
        whole = keys(await search(database, near="19199", sort=sort, per_page="100"))
        parts = [await search(database, near="19199", sort=sort, per_page="5", page=str(page)) for page in range(1, 7)]
        assert [key for part in parts for key in keys(part)] == whole
        assert [part.has_next for part in parts] == [True, True, True, True, False, False]
        assert {part.total for part in parts} == {23}


# --- against the oracle ----------------------------------------------------------------------------------------------

NAMES = ("Quiet Lamp", "Harbor", "Été House", "Harbor Light", "Lantern", "Quiet Lamp")
ORGANIZATIONS = (None, "Marsh Intergroup", "Harbor Trust")
LANGUAGES = (None, ("en",), ("en", "es"), ("pt-BR",))
COVERAGES = ("nationwide", "PA", "AK; CA", "Saltmarsh County, PA", "Lakebend County, IL; Nowhere", "the valley")
MOMENTS = (
    "2026-03-02T12:00", "2026-02-28T23:50", "2026-03-08T01:55", "2026-03-08T02:30", "2026-03-08T03:05:40", "2026-03-08T06:59:30+00:00",
    "2026-11-01T00:40", "2026-11-01T01:30", "2026-11-01T01:59:30", "2026-11-01T06:30+00:00", "2026-12-25T10:00", "2026-07-04T22:15-07:00",
)  # fmt: skip


def random_windows(rng: random.Random) -> tuple[Window, ...]:
    clock = f"{rng.randrange(24)}:{rng.choice(('00', '15', '30', '45'))}"
    shape = rng.randrange(9)
    if shape < 4:
        return tuple(meeting(day, clock, rng.choice((60, 75, 90))) for day in rng.sample(range(7), rng.randint(1, 4)))
    if shape == 4:
        return ()
    if shape == 5:
        return every_day("00:00", DAY) if rng.random() < 0.4 else every_day("22:00", 480)
    if shape == 6:
        return (hours(rng.randrange(7), clock, rng.choice((3000, 480))), meeting(rng.randrange(7), clock))
    if shape == 7:
        return (meeting(rng.randrange(7), clock, 60, week=rng.choice((1, 2, 3, 4, 5, LAST))),)
    first = date(2026, 1, 1) + timedelta(days=rng.randrange(360))
    return (meeting(rng.randrange(7), clock, 60, valid_from=first, valid_to=first + timedelta(days=rng.randrange(90))),)


def random_subset(rng: random.Random, values: Sequence[str]) -> tuple[str, ...] | None:
    if rng.random() < 0.3:
        return None
    chosen = rng.sample(values, rng.randint(0, min(3, len(values))))
    return tuple(value for value in values if value in chosen)


def random_draft(rng: random.Random, number: int) -> ListingDraft:
    name, state, zip_code, lat, lon, zone = rng.choice((*factories.TOWNS, *factories.TOWNS[:1] * 4))
    spread = rng.choice((0.0, 0.02, 0.2, 0.6))
    point = Point(
        round(lat + rng.uniform(-spread, spread), 5), round((lon + rng.uniform(-spread, spread) + 180) % 360 - 180, 5)
    )
    place = {"city": name, "state": state, "postal_code": zip_code, "timezone": zone}
    if (where := rng.random()) < 0.15:
        place |= {"point": None, "postal_code": rng.choice((None, zip_code)), "timezone": None}
    elif where < 0.2:
        place |= {"point": None, "city": "Nowhere", "postal_code": None, "timezone": rng.choice((None, zone))}
    else:
        place |= {"point": point}
    windows = random_windows(rng)
    changes = (Change(holiday="christmas"), Change(on=date(2026, 11, 1), windows=((90, 60),)))
    return draft(
        f"key-{number}",
        kind=rng.choice(("meeting", "meeting", "meeting", "treatment", "housing", "crisis")),
        name=rng.choice(NAMES),
        organization=rng.choice(ORGANIZATIONS),
        description=rng.choice((None, "Coffee and a quiet room", "Detox")),
        attendance=rng.choice(("in-person", "in-person", "in-person", "hybrid", "online", None)),
        program=rng.choice((None, "aa", "aa", "na", "smart")),
        status=rng.choice((Status.ACTIVE,) * 9 + (Status.TEMPORARILY_CLOSED,)),
        codes=tuple(rng.sample([info.code for info in factories.CODES], rng.randint(0, 3))),
        windows=windows,
        changes=rng.choice(((), (), (), changes)) if windows else (),
        languages=rng.choice(LANGUAGES),
        coverage=rng.choice((None,) * 6 + COVERAGES),
        capacities=random_reports(rng) if rng.random() < 0.3 else (),
        visibility=rng.choice((Visibility.FULL,) * 4 + (Visibility.PARTIAL, Visibility.HIDDEN)),
        **{facet: random_subset(rng, values[:4]) for facet, values in FACETS.items()},
        **place,
    )


def random_reports(rng: random.Random) -> tuple[Capacity, ...]:
    """Reports from around the moments that are asked for, some too old to count, some of nothing free, some superseded."""
    return tuple(
        Capacity(
            rng.choice(("bed", "place")),
            rng.choice((None, 0, 1, 4)),
            9,
            NOW - timedelta(hours=rng.choice((-40, 1, 30, 71, 72, 73, 2000)), minutes=number),
            rng.choice((None, "detox")),
        )
        for number in range(rng.randint(1, 3))
    )


def random_question(rng: random.Random) -> list[tuple[str, str]]:
    name, state, zip_code, lat, lon, _ = rng.choice((*factories.TOWNS, *factories.TOWNS[:1] * 4))
    params: list[tuple[str, str]] = []

    def maybe(chance: float, *some: tuple[str, str]) -> None:
        if rng.random() < chance:
            params.append(rng.choice(some))

    where = rng.random()
    if where < 0.5:
        params.append(("near", rng.choice((zip_code, f"{name}, {state}"))))
    elif where < 0.75 and name != "Farlight":
        params += [("lat", f"{lat + rng.uniform(-0.2, 0.2):.4f}"), ("lon", f"{lon + rng.uniform(-0.2, 0.2):.4f}")]
    maybe(0.6, ("within", "1"), ("within", "5"), ("within", "60"), ("within", "500"))
    maybe(0.4, *(("kind", kind) for kind in KINDS[:4]))
    maybe(0.2, ("kind", "meeting"))
    maybe(0.3, *(("day", day) for day in ("0", "1", "6", "today", "tomorrow")))
    maybe(0.3, *(("time", time) for time in ("morning", "evening", "night", "now", "18:00-20:00", "23:30-01:15")))
    maybe(0.2, ("open", "now"))
    maybe(0.8, *(("at", moment) for moment in MOMENTS))
    maybe(0.3, ("tz", LOS_ANGELES), ("tz", "Asia/Kathmandu"), ("tz", NEW_YORK))
    for way in rng.choice(
        ((), (), (), ("online",), ("in-person",), ("hybrid",), ("online", "hybrid"), ("in-person", "hybrid"))
    ):
        params.append(("attendance", way))
    maybe(0.2, *(("program", program) for program in PROGRAMS[:3]))
    for facet in rng.sample(list(FACETS), rng.choice((0, 0, 1, 1, 2))):
        params += [(facet, rng.choice(FACETS[facet][:4])) for _ in range(rng.randint(1, 2))]
    maybe(0.1, ("language", "es"), ("language", "pt-br"))
    maybe(0.15, ("type", "aa:O"), ("type", "aa:c"), ("type", "samhsa:DT"), ("type", "na:o"))
    maybe(0.15, ("openings", "1"))
    maybe(
        0.05,
        ("q", '"quiet lamp"'),
        ("q", '"lamp quiet"'),
        ("q", 'harbor "a quiet room"'),
        ("q", '"detox"'),
        ("q", '"ete house" saltm'),
    )
    maybe(
        0.07,
        ("q", "harbro"),
        ("q", "lanternn"),
        ("q", "quite lamp"),
        ("q", "abeirta"),
        ("q", "desintoxicasion"),
        ("q", "saltmarhs quiet"),
    )
    maybe(0.2, ("q", "quiet"), ("q", "lamp quiet"), ("q", "harb"), ("q", "ete"), ("q", "saltm"), ("q", "open detox"))
    maybe(0.5, ("sort", "time"), ("sort", "name"), ("sort", "distance"))
    maybe(0.4, ("page", "2"), ("page", "3"))
    maybe(0.5, ("per_page", "5"), ("per_page", "100"))
    return params


@lru_cache
def world() -> tuple[ListingDraft, ...]:
    rng = random.Random(2026)
    made = [random_draft(rng, number) for number in range(400)]
    # Several programs at one address, some of one name: only the tail of the slug tells their order.
    return tuple(replace(one, address=made[0].address) if number % 20 == 0 else one for number, one in enumerate(made))


QUESTIONS, PARTS = 500, 5


@pytest.mark.parametrize("part", swept(range(PARTS), always=2))
async def test_every_answer_is_that_of_a_search_in_plain_python(
    database: str, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 combinations of parameters, in parts that can run side by side: the odd ones out of tiles, where these can answer."""
    monkeypatch.setattr(tiles, "RESTED", 0.0 if part % 2 else inf)
    await world_made()
    report = await import_drafts(database, world())
    assert report.added == len(world())
    slugs = {row["source_key"]: row["slug"] for row in await db.rows("SELECT source_key, slug FROM listing")}
    truth, rng, not_empty = oracle.Oracle(world(), slugs), random.Random(62 + part), 0
    for _ in range(QUESTIONS // PARTS):
        params = random_question(rng)
        query, problems = parse(params)
        assert problems == []
        expected = truth.search(query, NOW)
        found = await search_run(query=query, now=NOW, settings=settings_for(database))
        not_empty += bool(expected.slugs)
        assert found.total == expected.total, params
        assert [card.slug for card in found.cards] == expected.slugs, params
        assert found.unknown == expected.unknown, params
        assert counted(found) == expected.facets, params
        assert (found.elsewhere.total, [card.slug for card in found.elsewhere.cards]) == expected.elsewhere, params
        assert found.spelled == expected.spelled, params
        assert {card.slug: told(card) for card in found.cards} == expected.openings, params
        for card in found.cards:
            assert card.distance_miles == pytest.approx(expected.distances[card.slug], abs=1e-6), params
    assert not_empty > QUESTIONS / PARTS / 3
    assert bool(tiles.tiles().listings) == bool(part % 2)


def told(card: Card) -> tuple[int | None, datetime] | None:
    """What a card says of openings."""
    return (card.openings.available, card.openings.as_of) if card.openings else None


def counted(found: SearchResult) -> dict[str, dict[str, int]]:
    """The counts by facet as plain values, without what is told of because it is chosen though it finds nothing."""
    return {name: {each.code: each.count for each in counts if each.count} for name, counts in found.facets.items()}
