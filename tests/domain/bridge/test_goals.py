"""Goals and their score: the formula against vectors that were worked out by hand, and which goals count when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from directory.domain.bridge.goals import (
    LEVELS,
    LONGEST_GOAL,
    GoalWords,
    Looked,
    Weighed,
    capital_total,
    goal_problems,
    scores,
    t_score,
)

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
HOPED = ("", "", "I sleep at night.", "", "")


@pytest.mark.parametrize(
    ("weights", "levels", "score"),
    [
        ([1], [2], 70.00),
        ([1], [-2], 30.00),
        ([1, 1, 1], [0, 0, 0], 50.00),
        ([1, 1, 1], [1, 1, 1], 63.69),
        ([1, 1, 1], [-2, -2, -2], 22.61),
        ([1, 2, 3], [2, 0, -1], 47.80),
        ([4, 2, 1], [1, 1, -1], 59.22),
        ([1] * 5, [2] * 5, 80.15),
        ([0, 2], [2, 0], 50.00),
    ],
)
def test_the_score_is_that_of_kiresuk_and_sherman(weights: list[int], levels: list[int], score: float) -> None:
    """WAITLIST 1.8."""
    found = t_score(weights, levels)
    assert found is not None
    assert round(found, 2) == score


@pytest.mark.parametrize("weights", [[], [0], [0, 0]])
def test_without_a_goal_that_counts_there_is_no_score(weights: list[int]) -> None:
    assert t_score(weights, [0] * len(weights)) is None


def test_each_weight_needs_its_level() -> None:
    with pytest.raises(ValueError, match="one level"):
        t_score([1, 1], [0])


def goal(id: int, **changes: object) -> Weighed:
    values: dict[str, object] = {"id": id, "weight": 1, "baseline": -1, "begun_at": NOW} | changes
    return Weighed(**values)  # type: ignore[arg-type]


def rounded(goals: list[Weighed], looks: list[Looked]) -> list[float | None]:
    return [round(each.value, 2) if each.value is not None else None for each in scores(goals, looks)]


def test_the_line_begins_where_they_stood_and_goes_on_with_each_look() -> None:
    goals = [goal(1), goal(2), goal(3)]
    looks = [Looked(id, level, NOW + at * WEEK) for at, level in ((1, 0), (2, 1)) for id in (1, 2, 3)]
    assert rounded(goals, looks) == [36.31, 50.0, 63.69]
    assert [each.at for each in scores(goals, looks)] == [NOW, NOW + WEEK, NOW + 2 * WEEK]


def test_a_goal_that_was_not_looked_at_keeps_the_level_it_had() -> None:
    looks = [Looked(1, 1, NOW + WEEK), Looked(2, 1, NOW + 2 * WEEK)]
    (last,) = scores([goal(1), goal(2)], looks)[-1:]
    assert last.goals == 2
    assert round(last.value or 0, 2) == round(t_score([1, 1], [1, 1]) or 0, 2)


def test_a_goal_counts_from_its_beginning_on_and_not_once_it_was_let_go() -> None:
    let_go, later = goal(1, ended_at=NOW + 2 * WEEK), goal(2, begun_at=NOW + 2 * WEEK, baseline=None)
    looks = [Looked(1, 2, NOW + WEEK), Looked(2, -2, NOW + 3 * WEEK)]
    assert rounded([let_go, later], looks) == [40.0, 70.0, 30.0]


def test_a_goal_that_was_reached_counts_on() -> None:
    reached = goal(1, ended_at=NOW + 2 * WEEK, is_reached=True)
    looks = [Looked(1, 2, NOW + WEEK), Looked(2, 2, NOW + 3 * WEEK)]
    assert round(scores([reached, goal(2)], looks)[-1].value or 0, 2) == round(t_score([1, 1], [2, 2]) or 0, 2)


def test_goals_without_any_level_have_no_score_and_no_line() -> None:
    assert scores([goal(1, baseline=None)], []) == ()


def test_words_come_back_as_they_were_and_blank_where_they_were_cleared() -> None:
    given = GoalWords("See my daughter", ("a", "b", "c", "d", "e"))
    assert GoalWords.from_json(given.to_json()) == given
    assert GoalWords.from_json({}) == GoalWords("")


@pytest.mark.parametrize(
    ("words", "levels", "weight", "baseline", "wrong"),
    [
        ("Sleep", HOPED, 1, -1, []),
        ("Sleep", HOPED, 1, None, []),
        ("", HOPED, 1, -1, ["words"]),
        ("Sleep", ("",) * 5, 1, -1, ["level-2"]),
        ("S" * (LONGEST_GOAL + 1), HOPED, 1, -1, ["words"]),
        ("Sleep", ("x" * 201, "", "ok", "", ""), 1, -1, ["level-0"]),
        ("Sleep", HOPED, 9, -1, ["weight"]),
        ("Sleep", HOPED, None, -1, ["weight"]),
        ("Sleep", HOPED, 1, 7, ["baseline"]),
    ],
)
def test_a_goal_needs_words_a_weight_and_what_is_hoped_for(
    words: str, levels: tuple[str, ...], weight: int | None, baseline: int | None, wrong: list[str]
) -> None:
    found = goal_problems(GoalWords(words, levels), weight, baseline, says_baseline=baseline is not None)
    assert [each.field for each in found] == wrong


def test_the_questionnaire_has_ten_answers_from_one_to_six_and_no_bands() -> None:
    assert capital_total([1] * 10) == 10
    assert capital_total([6] * 10) == 60
    for answers in ([1] * 9, [0] + [1] * 9, [7] + [1] * 9):
        with pytest.raises(ValueError, match="ten answers"):
            capital_total(answers)
    assert len(LEVELS) == 5
