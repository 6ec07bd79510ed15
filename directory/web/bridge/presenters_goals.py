"""Goals in words: each with its levels, the score as a small picture with its table, and beginnings for those who look for words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory.domain.bridge.goals import LET_GO, LEVELS, MISTAKEN, REACHED, WEIGHTS, GoalWords, Score, level_name
from directory.i18n import N_, a_date, a_number, gettext, ngettext
from directory.services.bridge.capital import Answered
from directory.services.bridge.goals import Goal, Goals
from directory.web.waitlist.presenters_words import word

_ = gettext

LEVEL_WORDS = {
    -2: N_("Much less than hoped for"),
    -1: N_("Less than hoped for"),
    0: N_("What is hoped for"),
    1: N_("More than hoped for"),
    2: N_("Much more than hoped for"),
}
WEIGHT_WORDS = {
    0: N_("Does not count"),
    1: N_("Counts"),
    2: N_("Matters a lot"),
    3: N_("Matters most"),
}
END_WORDS = {
    REACHED: N_("It is reached"),
    LET_GO: N_("It is theirs no more"),
    MISTAKEN: N_("It was written down by mistake"),
}
BEGINNINGS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "sleep",
        N_("A safe place to sleep"),
        (
            N_("I sleep outside or where I am not safe."),
            N_("I have a place for some nights."),
            N_("I have a safe bed each night this month."),
            N_("I have a place that I can stay in for three months."),
            N_("I have a home of my own."),
        ),
    ),
    (
        "use",
        N_("Less use, in the way that I choose"),
        (
            N_("I use more than now."),
            N_("I use as much as now."),
            N_("I use on fewer days than now, and never alone."),
            N_("I use on one day a week at the most."),
            N_("I have not used for a month."),
        ),
    ),
    (
        "people",
        N_("People who do me good"),
        (
            N_("I talk to nobody."),
            N_("I talk to my peer alone."),
            N_("I go to a group or see somebody each week."),
            N_("I have two people whom I can call at night."),
            N_("I help somebody else too."),
        ),
    ),
    (
        "health",
        N_("My health"),
        (
            N_("I see no doctor and take nothing that I need."),
            N_("I have an appointment."),
            N_("I went, and take what helps me."),
            N_("I keep all my appointments for two months."),
            N_("I feel well on most days."),
        ),
    ),
    (
        "family",
        N_("My children and my family"),
        (
            N_("We are not in touch."),
            N_("We write or call now and then."),
            N_("We are in touch each week."),
            N_("We see each other each week."),
            N_("We live together, or have agreed how it goes on."),
        ),
    ),
    (
        "papers",
        N_("Papers and appointments"),
        (
            N_("I have no papers and miss my dates."),
            N_("I know what I need and when."),
            N_("I have my ID and keep my next date."),
            N_("All my papers are in order."),
            N_("I look after my papers and dates by myself."),
        ),
    ),
)
"""Beginnings to change: the code, the goal, and what each level may mean."""
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 360, 190, 34, 22, 34
LOWEST, HIGHEST = 15.0, 85.0
"""Between these lies every score of five goals; what lies outside is drawn at the edge, and its figure says it."""


@dataclass(frozen=True, slots=True)
class LevelView:
    """A level of a goal, with what it means to them; "" where that was not said."""

    value: int
    label: str
    meaning: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal. `now` is where it stands, `small` what stands beneath; `looks` are earlier ones, the latest first."""

    id: int
    words: str
    now: str
    small: str
    levels: tuple[LevelView, ...]
    looks: tuple[tuple[str, str], ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """A score in the picture. `label_at` is where its figure stands."""

    x: float
    y: float
    label_at: float
    figure: str


@dataclass(frozen=True, slots=True)
class ScoreView:
    """The score over time: the picture, and its table with a row for each look, the latest first. `now` is the sentence on top."""

    now: str
    dots: tuple[Dot, ...]
    line: str
    hoped_at: float
    first: str
    last: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class GoalsView:
    """The page of goals. `score` is None while there is none, `capital` the sums of the questionnaire, the latest first."""

    upi: str
    open: tuple[GoalView, ...]
    away: tuple[GoalView, ...]
    score: ScoreView | None
    milestones: tuple[tuple[int, str, str], ...]
    capital: tuple[tuple[str, str], ...]


def goals_view(upi: str, goals: Goals, capital: Sequence[Answered], zone: str) -> GoalsView:
    """The page of somebody's goals; days are those of `zone`."""
    views = [_goal(goal, zone) for goal in goals.goals]
    return GoalsView(
        upi=upi,
        open=tuple(view for view in views if view.is_open),
        away=tuple(view for view in views if not view.is_open),
        score=score_view(goals.scores, zone),
        milestones=tuple((each.id, a_date(each.day), each.words) for each in goals.milestones),
        capital=tuple((_day(each.at, zone), _capital(each)) for each in reversed(capital)),
    )


def _day(at: datetime, zone: str) -> str:
    return a_date(at.astimezone(ZoneInfo(zone)).date())


def _goal(goal: Goal, zone: str) -> GoalView:
    now = _(LEVEL_WORDS[goal.level]) if goal.level is not None else _("Nobody has said yet where it stands")
    small = _("Since %(day)s") % {"day": _day(goal.row.at, zone)} + " · " + _(WEIGHT_WORDS[goal.row.weight])
    if goal.row.ended_at is not None:
        reason = word(END_WORDS, goal.row.end_reason or "")
        small = f"{_day(goal.row.ended_at, zone)} · {reason}"
    looks = tuple(
        (_day(look.at, zone), _(LEVEL_WORDS[look.level]) + (f" · {look.note}" if look.note else ""))
        for look in reversed(goal.looks)
    )
    return GoalView(goal.row.id, goal.said.words, now, small, _levels(goal), looks, goal.is_open)


def _levels(goal: Goal) -> tuple[LevelView, ...]:
    """The five levels, the best one first, as on a ladder."""
    pairs = zip(LEVELS, goal.said.levels, strict=True)
    found = [LevelView(value, _(LEVEL_WORDS[value]), meaning, value == goal.level) for value, meaning in pairs]
    return tuple(reversed(found))


# --- the score -------------------------------------------------------------------------------------------------------


def score_view(scores: Sequence[Score], zone: str) -> ScoreView | None:
    """The scores as a picture with its table; None where there is no score."""
    told = [(each, each.value) for each in scores if each.value is not None]
    if not told:
        return None
    places = _along([each.at.timestamp() for each, _value in told])
    dots = tuple(_dot(x, value) for x, (_each, value) in zip(places, told, strict=True))
    last, value = told[-1]
    rows = [
        (_day(each.at, zone), a_number(score, 2), ngettext("%(n)s goal", "%(n)s goals", each.goals) % {"n": each.goals})
        for each, score in reversed(told)
    ]
    return ScoreView(
        now=_("%(score)s on %(day)s. What was hoped for is 50; more is further than that.")
        % {"day": _day(last.at, zone), "score": a_number(value, 2)},
        dots=dots,
        line=" ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in dots),
        hoped_at=_height(50.0),
        first=_day(told[0][0].at, zone),
        last=_day(last.at, zone) if len(told) > 1 else "",
        rows=tuple(rows),
    )


def _along(moments: Sequence[float]) -> list[float]:
    """Where moments lie from left to right."""
    begin, span = moments[0], moments[-1] - moments[0]
    room = WIDTH - LEFT - 30
    return [LEFT + (room * (each - begin) / span if span else 0.0) for each in moments]


def _height(score: float) -> float:
    kept = min(max(score, LOWEST), HIGHEST)
    return TOP + (HIGHEST - kept) / (HIGHEST - LOWEST) * (HEIGHT - TOP - BOTTOM)


def _dot(x: float, score: float) -> Dot:
    y = _height(score)
    return Dot(round(x, 1), round(y, 1), round(y - 8, 1), a_number(score))


def _capital(answered: Answered) -> str:
    if answered.total is None:
        return _("The answers were taken out")
    said = _("%(total)s of 60") % {"total": a_number(answered.total)}
    return said if answered.is_same else " · ".join((said, _("to other words than today’s")))


# --- forms -----------------------------------------------------------------------------------------------------------


def beginning(number: int) -> tuple[str | None, GoalWords]:
    """The beginning with this number, from 1, in the reader's language, with its code; an empty goal for any other number."""
    if not 1 <= number <= len(BEGINNINGS):
        return None, GoalWords("")
    code, words, levels = BEGINNINGS[number - 1]
    return code, GoalWords(_(words), tuple(_(level) for level in levels))


def beginnings() -> tuple[tuple[int, str], ...]:
    """All beginnings by their numbers."""
    return tuple((number, _(words)) for number, (_code, words, _levels) in enumerate(BEGINNINGS, 1))


def weights() -> tuple[tuple[int, str], ...]:
    """How much a goal may count."""
    return tuple((weight, _(WEIGHT_WORDS[weight])) for weight in WEIGHTS)


def level_fields() -> tuple[tuple[int, str, str], ...]:
    """Each level with the name of its field and its words, the best one first."""
    return tuple((level, level_name(level), _(LEVEL_WORDS[level])) for level in reversed(LEVELS))
