"""Goals in somebody's own words, each with five levels, and the one number that says how far they have come (goal attainment scaling).

It is for the person and their peer alone: nobody is ranked by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

from directory.domain.errors import Problem

LEVELS = (-2, -1, 0, 1, 2)
"""From much less than hoped for, over what is hoped for (0), to much more."""
WEIGHTS = range(4)
"""How much a goal counts: 0 is not at all."""
RHO = 0.3
"""The correlation that is assumed between goals (Kiresuk and Sherman 1968)."""
MIDDLE, SPREAD = 50, 10
LONGEST_GOAL, LONGEST_LEVEL, LONGEST_NOTE = 300, 200, 500
MOST = 10
"""Goals at a time: who has more has none."""
REACHED, LET_GO, MISTAKEN = "reached", "let-go", "mistaken"
ENDS = (REACHED, LET_GO, MISTAKEN)
"""Why a goal is put away: it is reached, it is theirs no more, or it was written down by mistake."""


@dataclass(frozen=True, slots=True)
class GoalWords:
    """A goal in somebody's own words, and what each level of LEVELS means to them, in that order; "" where that was not said."""

    words: str
    levels: tuple[str, ...] = ("",) * len(LEVELS)

    def to_json(self) -> dict[str, Any]:
        """As it may be sealed."""
        return {"words": self.words, "levels": list(self.levels)}

    def fields(self) -> dict[str, str]:
        """By the names of the fields of its form."""
        return {"words": self.words} | {
            level_name(level): text for level, text in zip(LEVELS, self.levels, strict=True)
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> GoalWords:
        """What `to_json` made; nothing but blanks of what was cleared."""
        levels = [str(each) for each in given.get("levels") or ()][: len(LEVELS)]
        return cls(str(given.get("words") or ""), (*levels, *[""] * (len(LEVELS) - len(levels))))


@dataclass(frozen=True, slots=True)
class Looked:
    """That a goal stood at a level at this aware moment."""

    goal: int
    level: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Weighed:
    """A goal as the score needs it. It counts from `begun_at` until it is let go; one that was reached counts on with its last level."""

    id: int
    weight: int
    baseline: int | None
    begun_at: datetime
    ended_at: datetime | None = None
    is_reached: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """The score at a moment, over so many goals. `value` is None where no goal that counts had a level yet."""

    at: datetime
    value: float | None
    goals: int


def t_score(weights: Sequence[int], levels: Sequence[int], rho: float = RHO) -> float | None:
    """T = 50 + 10 * sum(w x) / sqrt((1 - rho) * sum(w^2) + rho * (sum w)^2), for weights w and levels x in -2 to 2; 50 is what was hoped for.

    None where all weights are 0. Raises ValueError where the two are not of one length. Kiresuk and Sherman 1968; Turner-Stokes 2009 printed
    it wrongly and corrected it in an erratum.
    """
    if len(weights) != len(levels):
        raise ValueError("one level for each weight")
    spread = (1 - rho) * sum(weight * weight for weight in weights) + rho * sum(weights) ** 2
    if spread <= 0:
        return None
    total = sum(weight * level for weight, level in zip(weights, levels, strict=True))
    return MIDDLE + SPREAD * total / sqrt(spread)


def scores(goals: Sequence[Weighed], looks: Iterable[Looked]) -> tuple[Score, ...]:
    """The score where the goals stood at the beginning, and after each time that they were looked at, the first one first."""
    told = sorted(looks, key=lambda each: each.at)
    found = [_score(goals, told, at) for at in sorted({each.at for each in told})]
    if any(goal.baseline is not None for goal in goals):
        begun = min(goal.begun_at for goal in goals if goal.baseline is not None)
        found.insert(0, _score(goals, [], begun, is_first=True))
    return tuple(found)


def _score(goals: Sequence[Weighed], told: Sequence[Looked], at: datetime, *, is_first: bool = False) -> Score:
    """At a moment, with what was told by then. The first one is over all goals that say where they stood, whenever each was added."""
    weights, levels = [], []
    for goal in goals:
        if not is_first and not _counts(goal, at):
            continue
        level = next((each.level for each in reversed(told) if each.goal == goal.id and each.at <= at), goal.baseline)
        if level is not None:
            weights.append(goal.weight)
            levels.append(level)
    return Score(at, t_score(weights, levels), len(weights))


def _counts(goal: Weighed, at: datetime) -> bool:
    return goal.begun_at <= at and (goal.ended_at is None or goal.is_reached or at < goal.ended_at)


def goal_problems(given: GoalWords, weight: int | None, baseline: int | None, *, says_baseline: bool) -> list[Problem]:
    """What keeps this from being a goal, field by field. `says_baseline`: something was written for where it stands today."""
    found = [] if given.words else [Problem("words", "missing", "")]
    if len(given.words) > LONGEST_GOAL:
        found.append(Problem("words", "too-long", "", (str(LONGEST_GOAL),)))
    for level, text in zip(LEVELS, given.levels, strict=True):
        if len(text) > LONGEST_LEVEL:
            found.append(Problem(level_name(level), "too-long", "", (str(LONGEST_LEVEL),)))
    if not given.levels[LEVELS.index(0)]:
        found.append(Problem(level_name(0), "missing", ""))
    if weight not in WEIGHTS:
        found.append(Problem("weight", "choose", str(weight)))
    if says_baseline and baseline not in LEVELS:
        found.append(Problem("baseline", "choose", str(baseline)))
    return found


def level_name(level: int) -> str:
    """The name of the field for what a level means: no minus in it."""
    return f"level-{LEVELS.index(level)}"


# --- the questionnaire -----------------------------------------------------------------------------------------------

ITEMS = 10
ANSWERS = range(1, 7)
"""The short form of the assessment of recovery capital: 10 items, each answered from 1 to 6 (Vilsaint and others 2017). It has no bands."""


def capital_total(answers: Sequence[int]) -> int:
    """The sum of all answers, 10 to 60. Raises ValueError where one is missing or none of ANSWERS: a part of it means nothing."""
    if len(answers) != ITEMS or any(each not in ANSWERS for each in answers):
        raise ValueError("ten answers from 1 to 6")
    return sum(answers)
