"""What the bridge achieves, as figures: of so many people so many were reached, kept, placed, and are still in contact. Small numbers are not told.

Each figure is a share of people, so that it says something whatever the size of an agency; what each counts is said in the words of MEASURES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from directory.domain.waitlist.reports import ALL, Sheet, Told, Value
from directory.domain.waitlist.suppression import is_small

REACHED, WEEKLY, LOST, GROUP, ARRIVED, WEEK, MONTH = (
    "reached-48h",
    "weekly-contact",
    "lost-waiting",
    "group-attended",
    "arrived",
    "contact-7d",
    "contact-30d",
)
MEASURES = (REACHED, WEEKLY, LOST, GROUP, ARRIVED, WEEK, MONTH)
REFERENCES: Mapping[str, tuple[int | None, int]] = {
    "lost-before-assessment": (1822, 45),
    "lost-before-enrolment": (None, 32),
}
"""Beside LOST: people, and how many percent of them one agency lost between the first call and the assessment, and of those who were left
before they enrolled: how many these were is not told there (WAITLIST 1.8)."""
FOLLOWED: Mapping[str, str] = {"7d": WEEK, "30d": MONTH}
"""The measure of a follow-up, by which of them it is."""
NO_CONTACT = frozenset({None, "not-reached", "no-more"})
"""What came of a follow-up that found nobody, that nobody made, or after which somebody wants no more calls: that is theirs to say, and it ends
the contact."""
REACHED_WITHIN = timedelta(hours=48)
WEEK_KEPT = timedelta(days=8)
"""The longest time without a sign that still keeps a weekly contact: seven days, and one of grace."""
WEEK_LONG = timedelta(days=7)
Key = Callable[["Case"], "int | str"]
People = dict[int, bool]
"""By client whether it is so of them."""
Row = tuple[int, int, int]
"""Of how many it is so, of how many it is not, and both together."""
LOST_BY = frozenset({"cannot-locate", "withdrew", "refused"})
"""Reasons for which somebody is lost while they wait: nobody finds them, or they want it no more."""
NEVER_WAITED = frozenset({"merged", "in-error"})
"""Ends of places that were never somebody's wait."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One place in line of a client, from the request to its end (None: it is open). `met_at` is when somebody was taken on; `signs` are the moments at
    which they were reached or gave a sign, in order; `came_to_group`: within the time that is looked at."""

    client: int
    tier: int
    line: str
    requested_at: datetime
    met_at: datetime
    ended_at: datetime | None
    is_placed: bool
    close_reason: str | None
    signs: tuple[datetime, ...] = ()
    came_to_group: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A place of a client of which a measure says yes or no. Of a client with several it is so where it is so of each."""

    client: int
    tier: int
    line: str
    is_so: bool


def cases(waits: Iterable[Wait], *, since: datetime, until: datetime, now: datetime) -> dict[str, list[Case]]:
    """The people of each measure that follows from the waits within two moments; what is not known yet is left out."""
    found: dict[str, list[Case]] = {REACHED: [], WEEKLY: [], LOST: [], GROUP: []}

    def add(measure: str, wait: Wait, is_so: bool | None) -> None:
        if is_so is not None:
            found[measure].append(Case(wait.client, wait.tier, wait.line, is_so))

    for wait in waits:
        if wait.close_reason in NEVER_WAITED:
            continue
        is_asked = since <= wait.requested_at < until
        add(REACHED, wait, _reached(wait, now) if is_asked else None)
        add(WEEKLY, wait, _weekly(wait, since, min(until, now)))
        add(LOST, wait, wait.close_reason in LOST_BY if is_asked and wait.ended_at is not None else None)
        add(GROUP, wait, wait.came_to_group)
    return found


def _reached(wait: Wait, now: datetime) -> bool | None:
    """Whether somebody spoke with them within 48 hours of the request: to be taken on is one, where it was not for an earlier request.
    None while the time is not over."""
    due = wait.requested_at + REACHED_WITHIN
    if any(wait.requested_at <= moment <= due for moment in (wait.met_at, *wait.signs)):
        return True
    return False if due <= now else None


def _weekly(wait: Wait, since: datetime, until: datetime) -> bool | None:
    """Whether they were never longer than a week, and a day of grace, without a sign. None of who waited for less than a week."""
    begin, end = max(wait.requested_at, since), min(wait.ended_at or until, until)
    if end - begin < WEEK_LONG:
        return None
    marks = [begin, *(sign for sign in wait.signs if begin < sign < end), end]
    return all(later - earlier <= WEEK_KEPT for earlier, later in pairwise(marks))


# --- sheets ----------------------------------------------------------------------------------------------------------


def outcome_sheets(found: Mapping[str, Sequence[Case]]) -> list[Sheet]:
    """A sheet with the share of all for each measure, and one each by group and by line."""
    rows: list[tuple[Value, ...]] = []
    for measure in MEASURES:
        whole = _counted(found.get(measure, ()), lambda case: case.tier)[-1]
        rows.append((measure, *whole[1:]))
        if measure == LOST:
            rows += [(code, people, None, percent) for code, (people, percent) in REFERENCES.items()]
    return [
        Sheet("outcomes", ("measure", "people", "yes", "percent"), tuple(rows), chart=("percent",)),
        _by("outcomes-tier", "tier", found, lambda case: case.tier),
        _by("outcomes-line", "line", found, lambda case: case.line),
    ]


def _by(code: str, name: str, found: Mapping[str, Sequence[Case]], key: Key) -> Sheet:
    rows = [(measure, *row) for measure in MEASURES for row in _counted(found.get(measure, ()), key)]
    return Sheet(code, ("measure", name, "people", "yes", "percent"), tuple(rows), is_folded=True)


def of_line(sheets: Iterable[Sheet], line: str) -> list[Sheet]:
    """What the sheets of all lines tell of one of them, and nothing beside: a line that is looked at alone tells no more than among others."""
    found = {sheet.code: sheet for sheet in sheets}
    own = {row[0]: row[2:] for row in found["outcomes-line"].rows if row[1] == line}
    rows = tuple(
        row if row[0] in REFERENCES else (row[0], *own.get(row[0], (0, 0, None))) for row in found["outcomes"].rows
    )
    times = found["times-line"]
    return [
        replace(found["outcomes"], rows=rows),
        replace(times, rows=tuple(row for row in times.rows if row[1] == line)),
    ]


def _counted(cases: Sequence[Case], key: Key) -> list[tuple[Value, Value, Value, Value]]:
    """Of each group, and last of all: the people, of how many it is so, and how many percent that is. Whoever stands in two groups is one of
    the people of each, and one of all.

    What is told of all depends on all alone, so that the sheets of one measure agree; a group of which a number is small is not told.
    """
    everybody: People = {}
    groups: dict[int | str, People] = {}
    for case in cases:
        for people in (groups.setdefault(key(case), {}), everybody):
            people[case.client] = people.get(case.client, True) and case.is_so
    kept_back = _kept_back(groups, everybody)
    found = [(name, *_share(_row(groups[name]), is_told=name not in kept_back)) for name in sorted(groups, key=str)]
    whole = _row(everybody)
    return [*found, (ALL, *_share(whole, is_told=not is_small(whole[2])))]


def _row(people: Mapping[int, bool]) -> Row:
    yes = sum(people.values())
    return yes, len(people) - yes, len(people)


def _kept_back(groups: Mapping[int | str, People], everybody: People) -> set[int | str]:
    """The groups that are not told: those with a small number, and the smallest others until nobody can work one of them out of what is told
    of all. Two at least, and what is left of each number that is told of all is more than 10 or nought."""
    rows = {name: _row(people) for name, people in groups.items()}
    hidden = {name for name, row in rows.items() if any(is_small(number) for number in row)}
    left = sorted((name for name in rows if name not in hidden), key=lambda name: (rows[name][2], str(name)))
    while hidden and left and (len(hidden) < 2 or _is_telling([groups[name] for name in left], everybody)):
        hidden.add(left.pop(0))
    return hidden


def _is_telling(shown: Sequence[People], everybody: People) -> bool:
    """Whether a small number is left of all: of those who stand in no group that is told, or where these are taken away by their numbers."""
    whole, rows = _row(everybody), [_row(people) for people in shown]
    others = _row({client: so for client, so in everybody.items() if not any(client in people for people in shown)})
    told = (2,) if any(is_small(number) for number in whole) else (0, 1, 2)
    return any(is_small(rest) for at in told for rest in (others[at], whole[at] - sum(row[at] for row in rows)))


def _share(row: Row, *, is_told: bool) -> tuple[Value, Value, Value]:
    yes, no, people = row
    if not is_told:
        return Told.HIDDEN, Told.HIDDEN, Told.HIDDEN
    if is_small(yes) or is_small(no):
        return people, Told.HIDDEN, Told.HIDDEN
    return people, yes, round(100 * yes / people) if people else None
