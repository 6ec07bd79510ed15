"""What stands in somebody's plan for the wait: their own words, who helps, what is in the way, and what suits them.

All of it is sealed where it is kept. What comes of it, such as suggestions, is worked out elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from directory.domain.errors import Problem
from directory.domain.search import TIMES_OF_DAY
from directory.domain.taxonomy import ATTENDANCE, KINDS, PROGRAMS

BARRIERS = (
    "housing",
    "food",
    "unemployment",
    "money",
    "court",
    "custody",
    "childcare",
    "transport",
    "documents",
    "phone",
    "health",
    "language",
)
"""What can stand in somebody's way while they wait."""
KINDS_ASKED = tuple(kind for kind in KINDS if kind not in ("treatment", "crisis"))
"""Kinds of listings that somebody may want or not want: a place to wait for, and help in a crisis, are no matter of taste."""
BAD_NIGHT, PEOPLE, NEXT_CHECK_IN = "bad-night", "people", "next-check-in"
PARTS = (BAD_NIGHT, PEOPLE, NEXT_CHECK_IN)
"""What somebody may choose to read with the code on their card. Seats in groups stand there anyhow, since they are taken there."""
LONGEST_WORDS, LONGEST_LINE, LONGEST_SHORT = 2000, 200, 120
MOST_LINES, MOST_PEOPLE, MOST_MILES = 8, 8, 100
HELPER = ("name", "reach", "what")
"""The fields of `Helper`, in their order."""


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who helps: a first name or what they are called, how to reach them, and what for."""

    name: str
    reach: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. Words are theirs; all else are codes.

    `likes` and `dislikes` are programs of meetings, `wanted` and `unwanted` kinds of listings, `attendance` and `times` (parts of the day) what
    suits them, where nothing said is no limit. `where` is a ZIP code or "Town, ST" that distances are measured from, `miles` how far they can go (None: not
    said). `shown` are the parts that they read with their code.
    """

    matters: str = ""
    helps: str = ""
    bad_night: tuple[str, ...] = ()
    people: tuple[Helper, ...] = ()
    barriers: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    attendance: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    where: str = ""
    miles: int | None = None
    shown: tuple[str, ...] = ()

    @property
    def is_by_code(self) -> bool:
        """Whether any of it is read with the code on the card."""
        return bool(self.shown)


_WORDS = ("matters", "helps")
CODES: Mapping[str, tuple[str, ...]] = {
    "barriers": BARRIERS,
    "likes": PROGRAMS,
    "dislikes": PROGRAMS,
    "wanted": KINDS_ASKED,
    "unwanted": KINDS_ASKED,
    "attendance": ATTENDANCE,
    "times": tuple(TIMES_OF_DAY),
    "shown": PARTS,
}
"""The fields that hold codes, with all that each of them may hold."""


# --- tidying and checking --------------------------------------------------------------------------------------------


def tidied(plan: Plan) -> Plan:
    """The plan as it is kept: without blanks around words, empty lines, people without a word, and codes twice."""
    people = (Helper(_line(each.name), _line(each.reach), _line(each.what)) for each in plan.people)
    codes: dict[str, Any] = {
        name: tuple(code for code in known if code in getattr(plan, name)) for name, known in CODES.items()
    }
    return replace(
        plan,
        matters=plan.matters.replace("\r\n", "\n").strip(),
        helps=plan.helps.replace("\r\n", "\n").strip(),
        bad_night=tuple(line for each in plan.bad_night if (line := _line(each))),
        people=tuple(each for each in people if each != Helper("")),
        where=_line(plan.where),
        **codes,
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def plan_problems(plan: Plan) -> list[Problem]:
    """What keeps a plan from being kept, field by field. A field of the third helper is `people-3-name`.

    Words have LONGEST_WORDS characters at most, lines LONGEST_LINE, what is said of a helper LONGEST_SHORT.
    """
    problems = [_too_long(name, getattr(plan, name), LONGEST_WORDS) for name in _WORDS]
    problems += [_too_long("bad_night", max(plan.bad_night, key=len, default=""), LONGEST_LINE)]
    if len(plan.bad_night) > MOST_LINES:
        problems.append(Problem("bad_night", "too-many-lines", "", (str(MOST_LINES),)))
    for number, helper in enumerate(plan.people, 1):
        problems += _helper_problems(number, helper)
    problems += [_too_long("where", plan.where, LONGEST_SHORT)]
    if plan.miles is not None and not 1 <= plan.miles <= MOST_MILES:
        problems.append(Problem("miles", "not-within", "", (str(MOST_MILES),)))
    return [each for each in problems if each is not None] + _code_problems(plan)


def _helper_problems(number: int, helper: Helper) -> list[Problem | None]:
    """`number` counts from 1."""
    field = f"people-{number}"
    if number > MOST_PEOPLE:
        return [Problem(f"people-{MOST_PEOPLE}-name", "too-many-people", "", (str(MOST_PEOPLE),))]
    missing = [] if helper.name or helper == Helper("") else [Problem(f"{field}-name", "missing", "")]
    return [*missing, *(_too_long(f"{field}-{each}", getattr(helper, each), LONGEST_SHORT) for each in HELPER)]


def _code_problems(plan: Plan) -> list[Problem]:
    """A code that there is not, and a program or a kind that is both liked and not."""
    found = [
        Problem(name, "choose", code)
        for name, known in CODES.items()
        for code in getattr(plan, name)
        if code not in known
    ]
    both = [("likes", plan.likes, plan.dislikes), ("wanted", plan.wanted, plan.unwanted)]
    return found + [Problem(name, "choose", code) for name, yes, no in both for code in yes if code in no]


def _too_long(field: str, text: str, most: int) -> Problem | None:
    return Problem(field, "too-long", "", (str(most),)) if len(text) > most else None


# --- as it lies sealed -----------------------------------------------------------------------------------------------


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON has it; what is empty is left out."""
    people = [{name: getattr(each, name) for name in HELPER} for each in plan.people]
    texts = {"matters": plan.matters, "helps": plan.helps, "where": plan.where}
    lists = {"bad_night": list(plan.bad_night), "people": people} | {name: list(getattr(plan, name)) for name in CODES}
    return {name: value for name, value in {**texts, **lists, "miles": plan.miles}.items() if value}


def from_json(values: Mapping[str, Any]) -> Plan:
    """What was sealed; an empty plan for what was cleared. Codes that are gone meanwhile are left out."""
    people = (Helper(*(str(each.get(name) or "") for name in HELPER)) for each in values.get("people") or ())
    codes = {name: tuple(code for code in values.get(name) or () if code in known) for name, known in CODES.items()}
    return Plan(
        matters=str(values.get("matters") or ""),
        helps=str(values.get("helps") or ""),
        where=str(values.get("where") or ""),
        bad_night=tuple(str(each) for each in values.get("bad_night") or ()),
        people=tuple(people),
        miles=values.get("miles"),
        **codes,
    )


# --- two plans of one person -----------------------------------------------------------------------------------------


def merged(kept: Plan, gone: Plan, gone_on: date) -> Plan:
    """The plan of the one who stays, with the words of the other beneath, under the day on which those were written (`gone_on`).

    Nothing is lost for being too long: whoever opens it next shortens it. What is shown by the code stays what was agreed to with `kept`.
    """
    return replace(
        kept,
        matters=_under(kept.matters, gone.matters, gone_on),
        helps=_under(kept.helps, gone.helps, gone_on),
        bad_night=_once((*kept.bad_night, *gone.bad_night)),
        people=tuple(dict.fromkeys((*kept.people, *gone.people))),
        barriers=tuple(code for code in BARRIERS if code in (*kept.barriers, *gone.barriers)),
        where=kept.where or gone.where,
        miles=kept.miles if kept.where else gone.miles or kept.miles,
    )


def _under(own: str, other: str, day: date) -> str:
    if not other or other == own:
        return own
    return "\n\n".join(text for text in (own, f"{day.isoformat()}:\n{other}") if text)


def _once(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))
