from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from directory.domain.errors import Problem
from directory.domain.notices import KEPT
from directory.domain.openings import (
    ASKED_UNTIL,
    MARKS,
    Fit,
    Numbers,
    Restrictions,
    fit,
    is_full,
    is_opening,
    mark_due,
    moment_problems,
    most_available,
    report_problems,
    share,
)
from directory.domain.results import STALE_HOURS, Openings, openings_at

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")


def codes(**given: Any) -> list[tuple[str, str]]:
    """What is wrong with a report, as (field, code). That somebody could come is said unless `accepting` says other."""
    given = {"accepting": "assess"} | given
    whom = {name: given.pop(name) for name in list(given) if name in Restrictions.__slots__}
    return [(each.field, each.code) for each in report_problems(Numbers(**given, restrictions=Restrictions(**whom)))]


@pytest.mark.parametrize(
    ("given", "most"),
    [
        ({"staffed": 10, "occupied": 7, "held": 1}, 2),
        ({"staffed": 10, "occupied": 7}, 3),
        ({"staffed": 10, "held": 1}, 9),
        ({"staffed": 10}, 10),
        ({"staffed": 10, "occupied": 11, "held": 0}, 0),
        ({"staffed": 0}, 0),
        ({"licensed": 10, "occupied": 7, "held": 1}, None),
        ({}, None),
    ],
)
def test_no_more_can_be_open_than_is_staffed_and_neither_occupied_nor_held(
    given: dict[str, int], most: int | None
) -> None:
    assert most_available(Numbers(**given)) == most
    if most is not None:
        assert codes(**given, available=most) == []
        assert codes(**given, available=most + 1) == [("available", "sum")]
    else:
        assert codes(**given, available=9_000) == []


def test_what_is_refused_comes_with_the_sum() -> None:
    (problem,) = report_problems(Numbers(staffed=10, occupied=7, held=1, available=4))
    assert problem == Problem("available", "sum", "4", ("10", "7", "1", "2"))


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, []),
        ({"accepting": None}, [("accepting", "nothing")]),
        ({"accepting": None, "staffed": 10, "expected": 3}, [("accepting", "nothing")]),
        ({"accepting": None, "available": 0}, []),
        ({"accepting": "capacity", "available": 0}, [("available", "which")]),
        ({"accepting": "capacity"}, []),
        ({"accepting": "waitlist", "available": 0}, []),
        ({"available": -1}, [("available", "number")]),
        ({"expected": 10_001}, [("expected", "number")]),
        ({"accepting": "waitlist"}, []),
        ({"accepting": "maybe"}, [("accepting", "choice")]),
        ({"note": "n" * 500}, []),
        ({"note": "n" * 501}, [("note", "too-long")]),
        ({"sex": "women"}, []),
        ({"sex": "some"}, [("sex", "choice")]),
        ({"youngest": 18, "oldest": 18}, []),
        ({"youngest": 18, "oldest": 17}, [("oldest", "ages")]),
        ({"youngest": 121}, [("youngest", "number")]),
        ({"pay": ("medicaid", "gold")}, [("pay", "choice")]),
        ({"pay": ()}, []),
    ],
)
def test_a_report_is_taken_as_it_is_or_each_field_says_what_is_wrong(given: dict[str, Any], wrong: list[Any]) -> None:
    assert codes(**given) == wrong


@pytest.mark.parametrize(
    ("as_of", "latest", "code"),
    [
        (NOW, None, None),
        (NOW - 90 * HOUR, None, None),
        (NOW - HOUR, NOW - HOUR, None),
        (NOW - HOUR, NOW - HOUR + timedelta(seconds=1), "older"),
        (NOW + timedelta(minutes=5), None, None),
        (NOW + timedelta(minutes=6), None, "future"),
    ],
)
def test_a_report_is_neither_of_the_future_nor_older_than_what_is_known(
    as_of: datetime, latest: datetime | None, code: str | None
) -> None:
    assert [each.code for each in moment_problems(as_of, latest, NOW)] == [code] * bool(code)


def test_an_hour_that_comes_twice_when_the_clocks_go_back_is_two_hours() -> None:
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=0).astimezone(UTC)
    second = datetime(2026, 11, 1, 1, 10, tzinfo=NEW_YORK, fold=1).astimezone(UTC)
    assert moment_problems(second, first, second) == []
    assert [each.code for each in moment_problems(first, second, second)] == ["older"]


@pytest.mark.parametrize(
    ("hours", "mark"), [(0, None), (19.99, None), (20, 20), (67.99, 20), (68, 68), (167.99, 68), (168, None)]
)
def test_an_agency_is_asked_at_20_and_at_68_hours_and_never_after_a_week(hours: float, mark: int | None) -> None:
    assert mark_due(NOW - hours * HOUR, NOW) == mark


def test_hours_are_hours_gone_by_whatever_the_clocks_do() -> None:
    evening = datetime(2026, 3, 7, 21, 0, tzinfo=NEW_YORK)  # the clocks go forward in the night
    assert mark_due(evening, datetime(2026, 3, 8, 17, 59, tzinfo=NEW_YORK).astimezone(UTC)) is None
    assert mark_due(evening, datetime(2026, 3, 8, 18, 0, tzinfo=NEW_YORK).astimezone(UTC)) == 20


def test_nobody_is_asked_twice_once_the_first_letter_is_forgotten() -> None:
    assert ASKED_UNTIL < KEPT
    assert max(MARKS) < STALE_HOURS


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"staffed": 10, "occupied": 9, "held": 0}, True),
        ({"staffed": 10, "occupied": 8, "held": 1}, True),
        ({"staffed": 10, "occupied": 8, "held": 0}, False),
        ({"staffed": 100, "occupied": 89, "held": 0}, False),
        ({"staffed": 11, "occupied": 9, "held": 0}, False),
        ({"staffed": 11, "occupied": 10, "held": 0}, True),
        ({"staffed": 10, "occupied": 12, "held": 0}, True),
        ({"staffed": 10, "occupied": 9}, True),  # however many are held
        ({"staffed": 10, "held": 9}, True),
        ({"staffed": 10, "occupied": 8}, None),  # one may be held
        ({"staffed": 10}, None),
        ({"staffed": 0, "occupied": 0, "held": 0}, None),
        ({"licensed": 10, "occupied": 9, "held": 1}, None),
    ],
)
def test_a_level_is_at_90_percent_where_that_is_known(given: dict[str, int], expected: bool | None) -> None:
    assert is_full(Numbers(**given)) is expected


def test_a_share_is_cut_and_never_rounded_up_to_90() -> None:
    assert share(Numbers(staffed=1_000, occupied=899, held=0)) == 89
    assert share(Numbers(staffed=1_000, occupied=899, held=1)) == 90
    assert share(Numbers(staffed=10, occupied=9)) == 90


@pytest.mark.parametrize(
    ("available", "accepting", "expected"),
    [(2, None, True), (2, "capacity", True), (2, "waitlist", True), (2, "no-capacity", False), (0, "capacity", False),
     (None, "capacity", False), (None, None, False)],
)  # fmt: skip
def test_what_is_an_opening(available: int | None, accepting: str | None, expected: bool) -> None:
    assert is_opening(available, accepting) is expected
    report = Openings("bed", available, None, NOW - HOUR, "", accepting=accepting)
    shown = openings_at([report], NOW)
    assert shown is not None
    assert shown.counts is expected


WOMAN, WOMAN_OR_PARENT, VETERAN, MEDICAID = (("people", ("women",)), ("people", ("women", "parents")),
                                             ("people", ("veterans",)), ("pay", ("medicaid",)))  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "whom", "known", "expected"),
    [
        (WOMAN, {"sex": "women"}, None, Fit()),
        (WOMAN, {"sex": "all"}, ("men",), Fit()),  # the report goes before the listing
        (WOMAN, {"sex": "men"}, None, Fit(is_out=True)),
        (WOMAN, {"sex": "men"}, ("women",), Fit(is_out=True)),
        (WOMAN, {}, None, Fit(unknown=("people",))),
        (WOMAN, {}, ("veterans",), Fit(unknown=("people",))),  # it names no sex
        (WOMAN, {}, ("women",), Fit()),
        (WOMAN, {}, ("men",), Fit(is_out=True)),
        (WOMAN_OR_PARENT, {"sex": "men"}, ("parents",), Fit()),
        (WOMAN_OR_PARENT, {}, ("parents",), Fit()),
        (VETERAN, {"sex": "men"}, ("veterans",), Fit()),
        (VETERAN, {"sex": "men"}, ("youth",), Fit(is_out=True)),
        (VETERAN, {"sex": "men"}, None, Fit(unknown=("people",))),
        (MEDICAID, {"pay": ("medicaid", "free")}, None, Fit()),
        (MEDICAID, {"pay": ("private",)}, ("medicaid",), Fit(is_out=True)),
        (MEDICAID, {}, ("medicaid",), Fit()),
        (MEDICAID, {}, ("private",), Fit(is_out=True)),
        (MEDICAID, {}, None, Fit(unknown=("pay",))),
        (("pay", ()), {"pay": ()}, None, Fit()),
    ],
)
def test_only_what_is_known_not_to_be_taken_is_left_out_and_what_nobody_says_is_named(
    asked: tuple[str, tuple[str, ...]], whom: dict[str, Any], known: tuple[str, ...] | None, expected: Fit
) -> None:
    assert fit([asked], Restrictions(**whom), [(asked[0], known)]) == expected
