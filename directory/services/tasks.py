"""What somebody has to look at: opened by whatever finds it, closed by a person, or by itself once its cause is gone.

Whoever opens a kind of task gives it a line in PAGES and a sentence in `web/presenters_tasks.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may, reach_of
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.settings import Settings
from directory.storage import agencies, db, records, tasks
from directory.storage.tasks import Task

__all__ = ["LONGEST_NOTE", "SYSTEM", "Task", "task_clear", "task_done", "task_open", "tasks_list", "tasks_waiting"]

LONGEST_NOTE = 1000
LATELY = 20
"""So many of those that are done are shown."""
SYSTEM = "system"
"""By whom a task is closed whose cause has gone away."""
PAGES: Mapping[str, Action] = {
    "check-review": Action.MODERATE,
    "feed-failed": Action.KEEP_FEEDS,
    "feed-removals": Action.KEEP_FEEDS,
    "import-look": Action.UPLOAD,
    "import-error": Action.UPLOAD,
    "line-import-unread": Action.SECOND_WORD,
    "call-me-full": Action.TAKE_INTAKE,
    "contact-route": Action.KEEP_CLIENTS,
    "check-in-missed": Action.KEEP_CLIENTS,
    "check-in-today": Action.KEEP_CLIENTS,
    "crisis": Action.KEEP_CLIENTS,
    "text-came-in": Action.KEEP_CLIENTS,
    "text-now": Action.KEEP_CLIENTS,
    "text-shared": Action.KEEP_CLIENTS,
    "text-shared-now": Action.KEEP_CLIENTS,
    "handoff-no-show": Action.KEEP_CLIENTS,
    "follow-up-late": Action.KEEP_CLIENTS,
    "group-told": Action.KEEP_GROUPS,
    "group-reminder": Action.KEEP_GROUPS,
    "group-seat": Action.KEEP_CLIENTS,
    "status-guessing": Action.DO_TASKS,
}
"""By the kind of a task: what its page asks for. Nobody is shown one whose page they may not open."""


NOW = frozenset({"crisis", "text-now", "text-shared-now"})
"""Kinds where somebody may be in danger: they stand before all others."""


async def task_open(
    *,
    kind: str,
    key: str,
    words: Mapping[str, object],
    address: str,
    agency: int | None = None,
    due_at: datetime | None = None,
    now: datetime,
) -> bool:
    """Asks for something to be looked at; False where that is asked already. Needs the transaction of what it is about.

    `kind` chooses the sentence and `words` are its values: plain ones, with no name of a person in them. `key` names the occasion,
    `address` is a path of this site, `agency` whose it is. The audit entry is that of whoever calls.
    """
    return await tasks.add(kind=kind, key=key, words=words, address=address, agency=agency, due_at=due_at, now=now)


async def task_clear(*, key: str, now: datetime, by: str = SYSTEM) -> bool:
    """Closes the task of this occasion because its cause has gone, or because somebody (`by`) has done it on its page.

    False where none is open. Needs a transaction.
    """
    return bool(await tasks.finish({"key": key}, by=by, note=None, now=now))


async def task_done(*, id: int, note: str = "", by: Actor, now: datetime) -> None:
    """Somebody has done it. Once more does no harm. Raises NotFound, and UnfitFields for a note that is too long."""
    demand(by, Action.DO_TASKS, now=now)
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise UnfitFields([Problem("note", "too-long", "", (str(LONGEST_NOTE),))])
    async with db.staging():
        found = await tasks.find(id)
        if (
            found is None
            or found.kind in _shut(by, now)
            or found.agency not in _own(by).get(found.kind, (found.agency,))
        ):
            raise NotFound(task=id)
        if keys := await tasks.finish({"id": id}, by=by.label, note=note or None, now=now):
            details: dict[str, object] = {"task": id, "key": keys[0]}
            await records.audit(at=now, by=by.label, action="task-done", subject=f"task {id}", details=details)


async def tasks_list(*, by: Actor, now: datetime) -> tuple[list[Task], list[Task]]:
    """What is open, danger first and then the earliest due, and what was done lately. Raises Denied."""
    demand(by, Action.DO_TASKS, now=now)
    reach, shut, own = reach_of(by, Action.DO_TASKS), _shut(by, now), _own(by)
    pending = sorted(await tasks.pending(reach, shut, own), key=lambda task: task.kind not in NOW)
    return pending, await tasks.done(reach, LATELY, shut, own)


async def task_zones(*, tasks: Iterable[Task], settings: Settings) -> Mapping[int | None, str]:
    """The time zone in which each task is due: that of its agency, and of the site where it has none (None)."""
    found = {agency: await agencies.agency(agency) for agency in {task.agency for task in tasks} if agency is not None}
    zones: dict[int | None, str] = {agency: row.values.timezone for agency, row in found.items() if row is not None}
    return defaultdict(lambda: settings.timezone, zones)


async def tasks_waiting(*, by: Actor, now: datetime) -> int:
    """How many are open; 0 for whoever does not do them."""
    if not isinstance(may(by, Action.DO_TASKS, SITE, now=now), Allowed):
        return 0
    return await tasks.count(reach_of(by, Action.DO_TASKS), _shut(by, now), _own(by))


def _shut(by: Actor, now: datetime) -> list[str]:
    """The kinds whose page this person may not open."""
    return [kind for kind, action in PAGES.items() if not isinstance(may(by, action, now=now), Allowed)]


def _own(by: Actor) -> dict[str, tuple[int, ...]]:
    """The kinds whose pages somebody may open for some agencies alone, such as those of people who wait, with these agencies."""
    reaches = {kind: reach_of(by, action) for kind, action in PAGES.items()}
    return {kind: agencies for kind, agencies in reaches.items() if agencies is not None}
