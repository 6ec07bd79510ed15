"""Somebody's goals, made and looked at together with their peer, and the days that matter to them.

The score serves the two of them. No page ranks, compares or reports anybody by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import Actor
from directory.domain.agencies import Overtaken
from directory.domain.bridge.goals import (
    ENDS,
    LEVELS,
    LONGEST_GOAL,
    LONGEST_NOTE,
    MISTAKEN,
    MOST,
    REACHED,
    GoalWords,
    Looked,
    Score,
    Weighed,
    goal_problems,
    scores,
)
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.services.bridge.plans import plan_allowed
from directory.services.links import form_take
from directory.services.sealing import opened, seal
from directory.services.waitlist.clients import Somebody, client_audit, client_open, today_of
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import goals as storage
from directory.storage.bridge.goals import GoalNow

PART = "goals"
"""What the access log calls these pages."""


@dataclass(frozen=True, slots=True)
class Look:
    """That a goal was looked at."""

    level: int
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in their words. `level` is where it stands: at the last look, else at the beginning; None where nobody has said yet."""

    row: GoalNow
    said: GoalWords
    level: int | None
    looks: tuple[Look, ...]

    @property
    def is_open(self) -> bool:
        """Whether they are at it."""
        return self.row.ended_at is None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day that matters to somebody, in their words."""

    id: int
    day: date
    words: str


@dataclass(frozen=True, slots=True)
class Goals:
    """All goals of somebody, those they are at first, with the score after each look; and their days, the latest first."""

    goals: tuple[Goal, ...]
    scores: tuple[Score, ...]
    milestones: tuple[Milestone, ...]

    @property
    def open(self) -> tuple[Goal, ...]:
        """Those they are at."""
        return tuple(goal for goal in self.goals if goal.is_open)


async def goals_of(*, client: int, settings: Settings) -> Goals:
    """The goals and days of a client. Whoever calls has found out that the reader may see the plan."""
    rows = await storage.goals_of(client)
    looks = await storage.looks_of([row.id for row in rows])
    found = []
    for row in rows:
        own = tuple(
            Look(each.level, each.at, str(opened(each.sealed, settings).get("note", "")))
            for each in looks
            if each.goal == row.id
        )
        said = GoalWords.from_json(opened(row.sealed, settings))
        found.append(Goal(row, said, own[-1].level if own else row.baseline, own))
    meant = {row.id: _weighed(row) for row in rows if row.end_reason != MISTAKEN}
    line = scores(
        list(meant.values()), [Looked(each.goal, each.level, each.at) for each in looks if each.goal in meant]
    )
    days = [
        Milestone(each.id, each.day, str(opened(each.sealed, settings).get("words", "")))
        for each in await storage.milestones_of(client)
    ]
    return Goals(tuple(sorted(found, key=lambda goal: not goal.is_open)), line, tuple(days))


def _weighed(row: GoalNow) -> Weighed:
    return Weighed(row.id, row.weight, row.baseline, row.at, row.ended_at, row.end_reason == REACHED)


async def goals_show(*, upi: str, by: Actor, now: datetime, settings: Settings) -> tuple[Somebody, Goals]:
    """The client with their goals. Raises NotFound, Denied, NotTheirPeer."""
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part=PART)
    return who, await goals_of(client=who.row.id, settings=settings)


# --- making and changing one -----------------------------------------------------------------------------------------


async def goal_add(
    *,
    upi: str,
    said: GoalWords,
    weight: int | None,
    baseline: int | None,
    says_baseline: bool,
    template: str | None,
    form: str,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> int | None:
    """The id of a new goal; None for a form that was taken before. `weight` and `baseline` are None where no number of the list was chosen.

    Raises UnfitFields, NotFound, Denied, NotTheirPeer.
    """
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part=PART)
    problems = goal_problems(said, weight, baseline, says_baseline=says_baseline)
    if len([row for row in await storage.goals_of(who.row.id) if row.ended_at is None]) >= MOST:
        problems.append(Problem("words", "too-many-goals", "", (str(MOST),)))
    if problems or weight is None:
        raise UnfitFields(problems)
    sealed = seal(said.to_json(), settings)
    async with db.staging():
        await client_open(client=who.row.id)
        if not await form_take(token=form, now=now):
            return None
        id = await storage.goal_add(
            who.row.id, sealed=sealed, weight=weight, baseline=baseline, template=template, by=by.label, now=now
        )
        await client_audit(who.row, "goal-added", {"goal": id}, by=by.label, now=now)
    return id


async def goal_change(
    *,
    upi: str,
    id: int,
    version: int,
    said: GoalWords,
    weight: int | None,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> bool:
    """Puts the words and the weight of a goal right. False where somebody has put it away since `version`.

    Raises UnfitFields, Overtaken where somebody has changed it since, NotFound, Denied, NotTheirPeer.
    """
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part=PART)
    await _found(id, who.row.id)
    if (problems := goal_problems(said, weight, None, says_baseline=False)) or weight is None:
        raise UnfitFields(problems)
    columns = {"sealed": seal(said.to_json(), settings), "weight": weight}
    if await _changed(who, id, version, columns, "goal-changed", by, now):
        return True
    row = await _found(id, who.row.id)
    stands = GoalWords.from_json(opened(row.sealed, settings))
    if row.ended_at is not None or (stands, row.weight) == (said, weight):  # the same form once more
        return row.ended_at is None
    raise Overtaken(stands.fields() | {"weight": str(row.weight)}, row.version)


async def goal_end(
    *, upi: str, id: int, version: int, reason: str, by: Actor, now: datetime, settings: Settings
) -> bool:
    """Puts a goal away. False where somebody has changed it since `version`. Raises UnfitFields, NotFound, Denied, NotTheirPeer."""
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part=PART)
    await _found(id, who.row.id)
    if reason not in ENDS:
        raise UnfitFields([Problem("reason", "choose", reason)])
    return await _changed(who, id, version, {"ended_at": now, "end_reason": reason}, "goal-ended", by, now)


async def _changed(
    who: Somebody, id: int, version: int, columns: Mapping[str, object], action: str, by: Actor, now: datetime
) -> bool:
    async with db.staging():
        await client_open(client=who.row.id)
        if not await storage.goal_change(id, version, columns):
            return False
        await client_audit(who.row, action, {"goal": id}, by=by.label, now=now)
    return True


async def _found(id: int, client: int) -> GoalNow:
    found = next((row for row in await storage.goals_of(client) if row.id == id), None)
    if found is None:
        raise NotFound(goal=id)
    return found


# --- looking at them together ----------------------------------------------------------------------------------------


async def goals_look(
    *,
    upi: str,
    levels: Mapping[int, int],
    notes: Mapping[int, str],
    form: str,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> bool:
    """Notes where goals stand today, by their ids; a goal that is left out keeps its level. False for a form that was taken before.

    Raises UnfitFields, NotFound for a goal that is not theirs or was put away, Denied, NotTheirPeer.
    """
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part=PART)
    own = {row.id for row in await storage.goals_of(who.row.id) if row.ended_at is None}
    if not set(levels) <= own:
        raise NotFound()
    if problems := _look_problems(levels, notes):
        raise UnfitFields(problems)
    looks = []
    for goal, level in levels.items():
        note = notes.get(goal, "").strip()
        looks.append((goal, level, seal({"note": note}, settings) if note else None))
    async with db.staging():
        await client_open(client=who.row.id)
        if not await form_take(token=form, now=now):
            return False
        await storage.looks_add(looks, by=by.label, now=now)
        await client_audit(who.row, "goals-looked-at", {"goals": len(looks)}, by=by.label, now=now)
    return True


def _look_problems(levels: Mapping[int, int], notes: Mapping[int, str]) -> Sequence[Problem]:
    alone = [goal for goal, note in notes.items() if note.strip() and goal not in levels]
    found = [Problem("levels", "no-level", "")] if not levels and not alone else []
    found += [Problem(f"goal-{goal}", "note-without-level", "") for goal in alone]
    found += [Problem(f"goal-{goal}", "choose", str(level)) for goal, level in levels.items() if level not in LEVELS]
    found += [
        Problem(f"note-{goal}", "too-long", "", (str(LONGEST_NOTE),))
        for goal, note in notes.items()
        if len(note.strip()) > LONGEST_NOTE
    ]
    return found


# --- days that matter ------------------------------------------------------------------------------------------------


async def milestone_add(
    *, upi: str, day: date | None, words: str, form: str, by: Actor, now: datetime, settings: Settings
) -> bool:
    """Marks a day in their own words. False for a form that was taken before. Raises UnfitFields, NotFound, Denied, NotTheirPeer."""
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part=PART)
    said = words.strip()
    problems = [] if said else [Problem("milestone", "missing", "")]
    problems += [Problem("milestone", "too-long", "", (str(LONGEST_GOAL),))] if len(said) > LONGEST_GOAL else []
    if day is None or day > await today_of(who.row.agency, now):
        problems.append(Problem("day", "missing" if day is None else "to-come", str(day or "")))
    if problems or day is None:
        raise UnfitFields(problems)
    async with db.staging():
        await client_open(client=who.row.id)
        if not await form_take(token=form, now=now):
            return False
        id = await storage.milestone_add(
            who.row.id, day=day, sealed=seal({"words": said}, settings), by=by.label, now=now
        )
        await client_audit(who.row, "milestone-added", {"milestone": id}, by=by.label, now=now)
    return True


async def milestone_end(*, upi: str, id: int, by: Actor, now: datetime, settings: Settings) -> None:
    """Takes a day away again. Once more does no harm. Raises NotFound, Denied, NotTheirPeer."""
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part=PART)
    async with db.staging():
        if await storage.milestone_end(id, who.row.id, now):
            await client_audit(who.row, "milestone-ended", {"milestone": id}, by=by.label, now=now)
