from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlencode

import pytest

from directory.domain.geo import Point
from directory.domain.schedule import TimeFilter, TimeRange
from directory.domain.search import MAX_TAKEN, SORTS, TIMES_OF_DAY, Query, parse
from directory.domain.taxonomy import ATTENDANCE, FACETS, KINDS, PROGRAMS


def asked(**params: str | list[str]) -> Query:
    """The query of parameters that are all right."""
    query, problems = parse(pairs(**params))
    assert problems == []
    return query


def pairs(**params: str | list[str]) -> list[tuple[str, str]]:
    return [(name, one) for name, value in params.items() for one in ([value] if isinstance(value, str) else value)]


def test_nothing_asked_is_everything_with_the_defaults_of_the_contract() -> None:
    assert asked() == Query()
    assert (Query().within, Query().page, Query().per_page, Query().order) == (25, 1, 25, "name")
    assert Query().params() == []


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("q", "  Château detox ", "words", ("chateau", "detox")),
        ("q", "detox DETOX", "words", ("detox",)),
        ("near", " 19107 ", "near", "19107"),
        ("within", "1", "within", 1.0),
        ("within", "2.5", "within", 2.5),
        ("within", "500", "within", 500.0),
        ("kind", "Meeting", "kinds", ("meeting",)),
        ("kind", ["housing", "treatment", "housing"], "kinds", ("treatment", "housing")),
        ("day", "0", "day", "0"),
        ("day", "Tomorrow", "day", "tomorrow"),
        ("time", "night", "time", "night"),
        ("time", "now", "time", "now"),
        ("time", "22:00-02:00", "time", "22:00-02:00"),
        ("time", "9:00-24:00", "time", "9:00-24:00"),
        ("open", "now", "open_now", True),
        ("at", "2026-03-02T19:00", "at", datetime(2026, 3, 2, 19)),
        ("at", "2026-03-02 19:00", "at", datetime(2026, 3, 2, 19)),
        ("at", "2026-03-02T19:00-05:00", "at", datetime(2026, 3, 2, 19, tzinfo=timezone(timedelta(hours=-5)))),
        (
            "at",
            "2026-03-02T19:00 05:30",
            "at",
            datetime(2026, 3, 2, 19, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        ),
        ("at", "2026-03-02T19:00Z", "at", datetime(2026, 3, 2, 19, tzinfo=timezone.utc)),  # noqa: UP017
        ("tz", "America/Los_Angeles", "tz", "America/Los_Angeles"),
        ("attendance", ["hybrid", "online"], "attendance", ("online", "hybrid")),
        ("program", ["na", "aa"], "programs", ("aa", "na")),
        ("care", ["outpatient", "detox"], "facets", {"care": ("detox", "outpatient")}),
        ("pay", "sliding-fee", "facets", {"pay": ("sliding-fee",)}),
        ("people", "young-adults", "facets", {"people": ("young-adults",)}),
        ("medication", "methadone", "facets", {"medication": ("methadone",)}),
        ("access", "childcare", "facets", {"access": ("childcare",)}),
        ("language", ["es", "pt-BR"], "languages", ("es", "pt-br")),
        ("type", ["AA:O", "samhsa:DT"], "types", (("aa", "O"), ("samhsa", "DT"))),
        ("sort", "name", "sort", "name"),
        ("page", "3", "page", 3),
        ("per_page", "100", "per_page", 100),
        ("lamp", "unknown names are ignored", "text", ""),
    ],
)
def test_each_parameter_is_understood(name: str, value: str | list[str], field: str, expected: object) -> None:
    assert getattr(asked(**{name: value}), field) == expected


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("q", "x" * 201, "too-long"),
        ("q", "★ – ★", "bad-shape"),
        ("q", "%", "bad-shape"),
        ("near", "x" * 201, "too-long"),
        ("within", "0.99", "out-of-range"),
        ("within", "500.1", "out-of-range"),
        ("within", "-5", "out-of-range"),
        ("within", "1e2", "out-of-range"),
        ("within", "nan", "out-of-range"),
        ("within", "ten", "out-of-range"),
        ("kind", "moon", "unknown-value"),
        ("day", "7", "unknown-value"),
        ("day", "monday", "unknown-value"),
        ("time", "noonish", "unknown-value"),
        ("time", "19:00", "unknown-value"),
        ("time", "19:00-19:00", "unknown-value"),
        ("time", "19:00-24:30", "unknown-value"),
        ("time", "25:00-26:00", "unknown-value"),
        ("open", "later", "unknown-value"),
        ("at", "soon", "bad-time"),
        ("at", "2026-02-30T10:00", "bad-time"),
        ("at", "0001-01-01", "bad-time"),
        ("at", "9999-12-31T23:59-12:00", "bad-time"),
        ("tz", "Mars/Olympus", "unknown-value"),
        ("tz", "../../etc/passwd", "unknown-value"),
        ("tz", "America", "unknown-value"),
        ("tz", "a\0b", "unknown-value"),
        ("attendance", "maybe", "unknown-value"),
        ("program", "xyz", "unknown-value"),
        ("care", "spa", "unknown-value"),
        ("pay", "gold", "unknown-value"),
        ("people", "giants", "unknown-value"),
        ("medication", "tea", "unknown-value"),
        ("access", "ladder", "unknown-value"),
        ("language", "espanol!", "bad-shape"),
        ("type", "O", "bad-shape"),
        ("type", "aa:", "bad-shape"),
        ("type", "aa:O\0", "bad-shape"),
        ("type", "aa:" + "x" * 41, "bad-shape"),
        ("sort", "price", "unknown-value"),
        ("page", "0", "out-of-range"),
        ("page", "1.5", "out-of-range"),
        ("page", "100001", "out-of-range"),
        ("per_page", "101", "out-of-range"),
        ("per_page", "0", "out-of-range"),
    ],
)
def test_a_wrong_value_is_named_and_left_out(name: str, value: str, code: str) -> None:
    query, problems = parse([(name, value)])
    assert [(found.field, found.code) for found in problems] == [(name, code)]
    assert query == Query()


def test_every_wrong_value_is_named_at_once_with_what_would_be_right() -> None:
    query, problems = parse(pairs(kind=["moon", "meeting", "sun"], day="9", per_page="500"))
    assert [(found.field, found.value) for found in problems] == [
        ("kind", "moon"),
        ("kind", "sun"),
        ("day", "9"),
        ("per_page", "500"),
    ]
    assert problems[0].allowed == KINDS
    assert problems[3].allowed == ("1", "100")
    assert query.kinds == ("meeting",)


@pytest.mark.parametrize(
    ("lat", "lon", "point", "wrong"),
    [
        ("39.95", "-75.16", Point(39.95, -75.16), []),
        ("90", "-180", Point(90, -180), []),
        ("0.00001", "-0.00001", Point(0.00001, -0.00001), []),
        ("39.95", "", None, [("lon", "missing")]),
        ("", "-75.16", None, [("lat", "missing")]),
        ("90.1", "0", None, [("lat", "out-of-range")]),
        ("0", "180.1", None, [("lon", "out-of-range")]),
        ("north", "0", None, [("lat", "out-of-range")]),
        ("nan", "0", None, [("lat", "out-of-range")]),
        ("", "", None, []),
    ],
)
def test_coordinates_come_as_a_pair(lat: str, lon: str, point: Point | None, wrong: list[tuple[str, str]]) -> None:
    query, problems = parse([("lat", lat), ("lon", lon)])
    assert query.point == point
    assert [(found.field, found.code) for found in problems] == wrong


def test_a_name_that_can_stand_once_counts_with_its_last_value_and_blanks_count_as_absent() -> None:
    query, problems = parse([("day", "1"), ("day", "2"), ("day", " "), ("near", ""), ("kind", "")])
    assert (query.day, query.near, query.kinds, problems) == ("2", "", (), [])


@pytest.mark.parametrize(
    ("params", "order"),
    [
        ({}, "name"),
        ({"kind": "meeting"}, "time"),
        ({"kind": ["meeting", "crisis"]}, "name"),
        ({"near": "19107"}, "distance"),
        ({"near": "19107", "kind": "meeting"}, "distance"),
        ({"lat": "1", "lon": "2"}, "distance"),
        ({"near": "19107", "sort": "time"}, "time"),
        ({"near": "19107", "sort": "name"}, "name"),
        ({"sort": "distance"}, "name"),
        ({"sort": "distance", "kind": "meeting"}, "time"),
        ({"near": "19107", "attendance": "online"}, "name"),
        ({"near": "19107", "attendance": "online", "sort": "distance", "kind": "meeting"}, "time"),
        ({"near": "19107", "attendance": ["online", "hybrid"]}, "distance"),
    ],
)
def test_the_order_is_by_distance_with_a_place_by_time_for_meetings_and_else_by_name(
    params: dict[str, str | list[str]], order: str
) -> None:
    assert asked(**params).order == order


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, TimeFilter()),
        ({"day": "1"}, TimeFilter(day=1)),
        ({"day": "today"}, TimeFilter(date_offset=0)),
        ({"day": "tomorrow", "time": "morning"}, TimeFilter(date_offset=1, within=TimeRange(240, 660))),
        ({"time": "midday"}, TimeFilter(within=TimeRange(660, 1020))),
        ({"time": "evening"}, TimeFilter(within=TimeRange(1020, 1260))),
        ({"time": "night"}, TimeFilter(within=TimeRange(1260, 240))),
        ({"time": "22:30-01:15"}, TimeFilter(within=TimeRange(1350, 75))),
        ({"time": "now"}, TimeFilter(now=True)),
        ({"open": "now"}, TimeFilter(open_now=True)),
    ],
)
def test_what_is_asked_of_the_time(params: dict[str, str | list[str]], expected: TimeFilter) -> None:
    found = asked(**params).time_filter
    assert found == expected
    assert found.is_set is (expected != TimeFilter())


def random_params(rng: random.Random) -> list[tuple[str, str]]:
    """Parameters that are all right, some of them, in any order."""
    number = rng.choice((f"{rng.uniform(-90, 90):.6f}", "0.00001", "-12", "5.5"))
    one_of = {
        "q": ["détox  program", "a b c", "100%"], "near": ["19107", "Burlington, VT", "1 Main St, Barre, VT"],
        "within": ["1", "25", "499.9999", "12.125"], "day": ["0", "6", "today"], "time": ["night", "now", "9:00-24:00"],
        "open": ["now"], "at": ["2026-03-08T02:30", "2026-03-08T02:30:15-05:00", "2026-11-01"], "tz": ["America/Phoenix"],
        "sort": SORTS, "page": ["1", "7"], "per_page": ["5", "25"],
    }  # fmt: skip
    many_of = {
        "kind": KINDS,
        "attendance": ATTENDANCE,
        "program": PROGRAMS,
        **FACETS,
        "language": ["es", "zh-hant"],
        "type": ["aa:O", "na:X"],
    }
    params = [(name, rng.choice(values)) for name, values in one_of.items() if rng.random() < 0.4]
    for name, values in many_of.items():
        params += [(name, rng.choice(values)) for _ in range(rng.choice((0, 0, 1, 3)))]
    if rng.random() < 0.5:
        params += [("lat", number), ("lon", f"{rng.uniform(-180, 180):.9f}")]
    rng.shuffle(params)
    return params


def test_the_canonical_form_asks_the_same_and_is_its_own_canonical_form() -> None:
    rng = random.Random(11)
    for _ in range(500):
        query, problems = parse(random_params(rng))
        assert problems == []
        again, problems = parse(query.params())
        assert problems == [], query.params()
        assert again == query
        assert again.params() == query.params()
        from_address, problems = parse(parse_qsl(query.url_query(page=query.page), strict_parsing=bool(query.params())))
        assert problems == []
        assert from_address == query


def test_the_order_of_the_parameters_does_not_matter_to_the_canonical_form() -> None:
    params = pairs(kind=["crisis", "meeting"], near="19107", care=["detox", "inpatient"], day="1")
    assert parse(params)[0].params() == parse(reversed(params))[0].params()


def test_a_changed_query_starts_at_its_first_page_again_unless_that_is_what_changes() -> None:
    query = asked(near="19107", page="4", kind="meeting")
    assert query.url_query(kinds=("crisis",)) == "near=19107&kind=crisis"
    assert query.url_query(page=5) == "near=19107&kind=meeting&page=5"


def test_whatever_is_changed_in_an_address_is_as_if_it_had_been_asked_so() -> None:
    rng = random.Random(12)
    for _ in range(200):
        query, other = (parse(random_params(rng))[0] for _ in range(2))
        names = rng.sample([name for name in Query.__slots__ if name not in ("words", "phrases", "_parts")], 3)
        changes = {name: getattr(other, name) for name in names}
        assert query.url_query(**changes) == urlencode(replace(query, **{"page": 1, **changes}).params())


def test_pages_count_from_one() -> None:
    assert [asked(page=str(page), per_page="10").offset for page in (1, 2, 11)] == [0, 10, 100]


def test_the_parts_of_the_day_leave_no_minute_out_and_share_none() -> None:
    for minute in range(24 * 60):
        assert sum(part.holds(minute) for part in TIMES_OF_DAY.values()) == 1


@pytest.mark.parametrize(
    ("text", "words", "phrases"),
    [
        ("quiet lamp", ("quiet", "lamp"), ()),
        ('"Quiet  Lamp"', (), ("quiet lamp",)),
        ('open "quiet lamp" \u201cÉté\u201d open', ("open",), ("quiet lamp", "ete")),
        ("«a quiet room» \"\" 'x'", ("x",), ("a quiet room",)),
        ('a "quiet lamp', ("a", "quiet", "lamp"), ()),
        ('"a" "A"', (), ("a",)),
    ],
)
def test_quotes_hold_words_together(text: str, words: tuple[str, ...], phrases: tuple[str, ...]) -> None:
    query, problems = parse([("q", text)])
    assert (query.words, query.phrases, query.text, problems) == (words, phrases, text, [])


def test_openings_are_asked_for_with_a_one() -> None:
    assert parse([("openings", "1")])[0].openings
    assert not parse([])[0].openings
    query, problems = parse([("openings", "yes")])
    assert (query.openings, [(problem.field, problem.value) for problem in problems]) == (False, [("openings", "yes")])
    assert parse([("openings", "1")])[0].url_query() == "openings=1"


def test_a_list_to_take_along_stays_in_its_order_and_within_bounds() -> None:
    slugs = [f"place-{number}" for number in range(MAX_TAKEN + 5)]
    query, problems = parse([("take", slug) for slug in ("b", "a", "b", "No Slug", "../x")])
    assert (query.taken, problems) == (("b", "a"), [])
    assert query.url_query() == "take=b&take=a"
    assert parse([("take", slug) for slug in slugs])[0].taken == tuple(slugs[:MAX_TAKEN])
