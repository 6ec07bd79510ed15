"""A plan by the names of the fields of its form, and back: each thing that can be said is a field by itself, so that two who write at once see
what each of them changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from directory.domain.bridge.plans import BARRIERS, HELPER, KINDS_ASKED, MOST_PEOPLE, PARTS, Helper, Plan
from directory.domain.search import TIMES_OF_DAY
from directory.domain.taxonomy import ATTENDANCE, PROGRAMS

YES, NO = "yes", "no"
TICKS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "barriers": ("barrier", BARRIERS),
    "attendance": ("attendance", ATTENDANCE),
    "times": ("time", tuple(TIMES_OF_DAY)),
    "shown": ("shown", PARTS),
}
"""The parts of a plan that are ticked, each with the beginning of its fields' names and its codes: `barrier-housing`."""
TASTES: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("likes", "dislikes"): ("program", PROGRAMS),
    ("wanted", "unwanted"): ("kind", KINDS_ASKED),
}
"""The parts that are a yes, a no, or nothing said, in the same way: `program-aa`."""


def fields_of(plan: Plan) -> dict[str, str]:
    """What stands in a plan, as its form has it: a tick is "yes", a taste "yes", "no" or ""."""
    found = {"matters": plan.matters, "helps": plan.helps, "bad_night": "\n".join(plan.bad_night), "where": plan.where}
    found["miles"] = "" if plan.miles is None else str(plan.miles)
    for number in range(1, max(MOST_PEOPLE, len(plan.people)) + 1):
        helper = plan.people[number - 1] if number <= len(plan.people) else Helper("")
        found |= {f"people-{number}-{name}": getattr(helper, name) for name in HELPER}
    for part, (prefix, codes) in TICKS.items():
        found |= {f"{prefix}-{code}": YES if code in getattr(plan, part) else "" for code in codes}
    for (likes, dislikes), (prefix, codes) in TASTES.items():
        yes, no = getattr(plan, likes), getattr(plan, dislikes)
        found |= {f"{prefix}-{code}": YES if code in yes else NO if code in no else "" for code in codes}
    return found


def plan_of(fields: Mapping[str, str]) -> Plan:
    """The plan that was typed. Fields that are not there say nothing; miles that are no number are 0, which no plan may have."""
    miles = fields.get("miles", "").strip()
    numbers = range(1, 1 + max((_number(name) for name in fields), default=0))
    people = tuple(Helper(*(fields.get(f"people-{n}-{name}", "") for name in HELPER)) for n in numbers)
    codes = {part: _having(fields, prefix, known, YES) for part, (prefix, known) in TICKS.items()}
    for (likes, dislikes), (prefix, known) in TASTES.items():
        codes |= {likes: _having(fields, prefix, known, YES), dislikes: _having(fields, prefix, known, NO)}
    return Plan(
        matters=fields.get("matters", ""),
        helps=fields.get("helps", ""),
        bad_night=tuple(fields.get("bad_night", "").splitlines()),
        where=fields.get("where", ""),
        miles=(int(miles) if miles.isascii() and miles.isdigit() and len(miles) < 5 else 0) if miles else None,
        people=people,
        **codes,
    )


def _number(name: str) -> int:
    """Which helper a field is about; 0 where it is about none."""
    head, _, rest = name.partition("-")
    number = rest.partition("-")[0]
    return int(number) if head == "people" and number in _NUMBERS else 0


_NUMBERS = frozenset(str(number) for number in range(1, 100))


def _having(fields: Mapping[str, str], prefix: str, codes: Iterable[str], value: str) -> tuple[str, ...]:
    return tuple(code for code in codes if fields.get(f"{prefix}-{code}") == value)
