"""The audit trail for an administrator: its pages, which are themselves noted when read, and whether the chain held when last checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import SITE, Action, Actor, demand
from directory.domain.audit import DIRECTORY, Anchor
from directory.domain.trail import PAGE, Asked, Line
from directory.services.audit import Verdict, audit_heads, audit_verify
from directory.settings import Settings
from directory.storage import db, records
from directory.storage import trail as storage

CHECKED = "audit-checked"
"""The note of the last check."""


@dataclass(frozen=True, slots=True)
class Trail:
    """One page. `names` are those of the people by their label, `older` is what to ask for to see older entries."""

    lines: tuple[Line, ...]
    names: Mapping[str, str]
    older: int | None


@dataclass(frozen=True, slots=True)
class Checked:
    """That the chains were checked then: whether they held, and from which entry on each of the others cannot be believed."""

    at: datetime
    holds: bool
    broken: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class State:
    """Where the chains stand, and their last check, if there was any."""

    heads: tuple[Anchor, ...]
    checked: Checked | None


async def trail_page(*, by: Actor, asked: Asked, now: datetime) -> Trail:
    """The entries that are asked for. Raises Denied. That somebody looked is in the access log."""
    demand(by, Action.SEE_AUDIT, SITE, now=now)
    found = await storage.page(asked)
    lines = tuple(found[:PAGE])
    # Not what was typed: it may be anything, a name included.
    narrowed = [name for name in ("since", "until", "by", "action", "subject") if getattr(asked, name)]
    details = {"number": len(lines), "narrowed": narrowed}
    await records.access_log(at=now, by=by.label, action="see", subject=f"trail {asked.log}", details=details)
    return Trail(lines, await _names(lines), lines[-1].id if len(found) > PAGE else None)


async def _names(lines: tuple[Line, ...]) -> dict[str, str]:
    labels = {label for line in lines for label in (line.by, line.subject) if label.startswith("person ")}
    numbers = {int(label[7:]) for label in labels if label[7:].isdigit()}
    return {f"person {number}": name for number, name in (await storage.names(numbers)).items()}


async def audit_state(*, by: Actor, now: datetime) -> State:
    """Where the chains stand. Raises Denied."""
    demand(by, Action.SEE_AUDIT, SITE, now=now)
    return State(await audit_heads(), _read(await records.text_of(CHECKED)))


def _read(text: str) -> Checked | None:
    if not text:
        return None
    found = json.loads(text)
    return Checked(datetime.fromisoformat(found["at"]), found["holds"], found["broken"])


async def audit_check(*, by: Actor, settings: Settings, now: datetime) -> None:
    """Goes through every chain now, and notes what came of it. Raises Denied."""
    demand(by, Action.SEE_AUDIT, SITE, now=now)
    verdict = await audit_verify(settings=settings)
    async with db.staging():
        await _note(verdict, now)
        details = {"holds": verdict.holds}
        await records.audit(at=now, by=by.label, action="audit-check", subject=DIRECTORY, details=details)


async def audit_check_daily(*, settings: Settings, now: datetime) -> int:
    """The same in the name of the schedule; how many chains do not hold."""
    verdict = await audit_verify(settings=settings)
    async with db.staging():
        return len(await _note(verdict, now))


async def _note(verdict: Verdict, now: datetime) -> dict[str, int]:
    """Keeps what came of a check. Needs a transaction. Gives from which entry on each broken chain cannot be believed."""
    broken = {check.chain: check.first_bad for check in verdict.checks if check.first_bad is not None}
    await records.remember(CHECKED, json.dumps({"at": now.isoformat(), "holds": verdict.holds, "broken": broken}))
    return broken
