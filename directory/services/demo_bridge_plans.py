"""The plans, goals and marks of the demonstration, made and looked at over weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from directory.services.bridge.marks import mark_set
from directory.services.bridge.plans import plan_save
from directory.services.demo_bridge_cast import NEW, Cast, Scene
from directory.services.demo_bridge_words import GOALS, MARKS, MILESTONES, PLANS, GoalSaid
from directory.services.sealing import seal
from directory.services.waitlist.clients import client_audit
from directory.storage import db
from directory.storage.bridge import goals as storage
from directory.storage.demo_bridge import Waiter
from directory.storage.waitlist import clients

MADE, MADE_NEW = 40, 2
"""How many days ago a plan was made, and that of somebody new."""
EVERY = 12
"""Days between two looks at the goals, the last of them some days ago."""
LAST_LOOK = 3


async def plans_put(cast: Cast, scene: Scene) -> None:
    """Makes a plan for each part that has one, with what came of it since."""
    for part, plan in PLANS.items():
        if who := cast.get(part):
            days = MADE_NEW if part == NEW else MADE
            await plan_save(
                upi=who.upi, plan=plan, version=0, by=scene.peer, now=_then(who, days, scene), settings=scene.settings
            )
    for part, goals in GOALS.items():
        if who := cast.get(part):
            await _goals(who, goals, scene)
            await _days(who, MILESTONES.get(part, ()), scene)
    await _marks(cast, scene)


def _then(who: Waiter, days: float, scene: Scene) -> datetime:
    """So many days ago, but not before they were taken on."""
    return max(scene.ago(days), who.begun + timedelta(hours=1))


async def _goals(who: Waiter, goals: tuple[GoalSaid, ...], scene: Scene) -> None:
    """Sets the goals of somebody, and looks at all of them together again and again. Straight into storage, since nobody has opened a page."""
    async with db.staging():
        ids = [await _goal(who, goal, scene) for goal in goals]
        number = max(len(goal.levels) for goal in goals)
        for place in range(number):
            pairs = zip(ids, goals, strict=True)
            looks = {id: goal.levels[place] for id, goal in pairs if place < len(goal.levels)}
            now = scene.ago(LAST_LOOK + EVERY * (number - 1 - place))
            rows = [(id, level, _sealed(note, scene)) for id, (level, note) in looks.items()]
            await storage.looks_add(rows, by=scene.peer.label, now=now)
            await _noted(who, "goals-looked-at", {"goals": len(rows)}, now, scene)
        for id, goal in zip(ids, goals, strict=True):
            if goal.ended:
                now = scene.ago(LAST_LOOK - 1)
                await storage.goal_change(id, 1, {"ended_at": now, "end_reason": goal.ended})
                await _noted(who, "goal-ended", {"goal": id}, now, scene)


async def _goal(who: Waiter, goal: GoalSaid, scene: Scene) -> int:
    now = _then(who, MADE, scene)
    id = await storage.goal_add(
        who.client,
        sealed=seal(goal.said.to_json(), scene.settings),
        weight=goal.weight,
        baseline=goal.baseline,
        template=None,
        by=scene.peer.label,
        now=now,
    )
    await _noted(who, "goal-added", {"goal": id}, now, scene)
    return id


def _sealed(note: str, scene: Scene) -> str | None:
    return seal({"note": note}, scene.settings) if note else None


async def _days(who: Waiter, days: Iterable[tuple[int, str]], scene: Scene) -> None:
    """Marks days that matter to somebody, in their words."""
    async with db.staging():
        for ago, words in days:
            day, sealed, now = scene.today - timedelta(days=ago), seal({"words": words}, scene.settings), scene.ago(0.2)
            id = await storage.milestone_add(who.client, day=day, sealed=sealed, by=scene.peer.label, now=now)
            await _noted(who, "milestone-added", {"milestone": id}, now, scene)


async def _noted(who: Waiter, action: str, details: dict[str, object], now: datetime, scene: Scene) -> None:
    row = await clients.by_id(who.client)
    assert row is not None
    await client_audit(row, action, details, by=scene.peer.label, now=now)


async def _marks(cast: Cast, scene: Scene) -> None:
    for part, marks in MARKS.items():
        for key, what, days in marks:
            if part in cast and key in scene.slugs:
                now = scene.ago(days)
                slug = scene.slugs[key]
                await mark_set(
                    upi=cast[part].upi, slug=slug, what=what, by=scene.peer, now=now, settings=scene.settings
                )
