"""The hand-off of somebody who said yes, as the people of their peer agency see it: how far it is, and what came of it.

Every peer of the agency sees the list of steps, since somebody must be able to step in. Notes, which may tell of health, and their own words
for the team that receives them are for those alone who read their plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from directory.domain.access import SITE, Action, Actor, demand, reach_of
from directory.domain.bridge.handoffs import FollowUp, Progress, progress
from directory.domain.errors import FootbridgeError
from directory.services.bridge.plans import plan_is_open
from directory.services.names import names_for
from directory.services.sealing import opened
from directory.services.waitlist.clients import Somebody, called, client_open, client_read
from directory.settings import Settings
from directory.storage import records
from directory.storage.bridge import follow_ups
from directory.storage.bridge import handoffs as storage
from directory.storage.bridge.handoffs import HandoffNow, Listed, StepNow

WORDS = ("words", "medication", "belongings", "companion")
"""What they may want the team that receives them to know, by field: each in their own words, and each may stay empty."""
PAGE = 25
ENDED_SHOWN = timedelta(days=30)


class NoHandoff(FootbridgeError):
    """Nothing is under way for this client: they have said yes to nothing, or it has ended meanwhile."""

    code = "no-handoff"
    status = 409


@dataclass(frozen=True, slots=True)
class Handed:
    """One hand-off with all that was said of it. `steps` has the last word on each step by code, `noted` which of them have a note; `follow_ups`
    are in order, each with its note; `names` are those of labels that the reader may know.

    For who does not read their plan `words` (by field) are None, `notes` (by step) none, and those of follow-ups "".
    """

    row: HandoffNow
    progress: Progress
    steps: Mapping[str, StepNow]
    noted: frozenset[str]
    notes: Mapping[str, str]
    words: Mapping[str, str] | None
    follow_ups: tuple[tuple[FollowUp, str], ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HandoffPage:
    """The hand-offs of a client: the one that counts, None where there never was one, and the earlier ones. `is_reader`: reads their own words."""

    who: Somebody
    is_reader: bool
    now: Handed | None
    earlier: tuple[Handed, ...]


# --- reading ---------------------------------------------------------------------------------------------------------


async def handoff_show(*, upi: str, by: Actor, now: datetime, settings: Settings, part: str = "handoff") -> HandoffPage:
    """The hand-offs of a client; that somebody looked stands in the access log. Raises NotFound, Denied."""
    who = await client_read(upi=upi, what=part, by=by, now=now, settings=settings)
    await client_open(client=who.row.id)
    is_reader = await plan_is_open(row=who.row, by=by, now=now)
    found = await handoffs_of(client=who.row.id, has_words=is_reader, by=by, settings=settings)
    return HandoffPage(who, is_reader, found[0] if found else None, found[1:])


async def handoffs_of(*, client: int, has_words: bool, by: Actor, settings: Settings) -> tuple[Handed, ...]:
    """All hand-offs of a client, the one under way first, also for their own copy. Whoever calls has found out what the reader may see."""
    rows = await storage.of_client(client)
    steps = await storage.steps_of(row.id for row in rows)
    later = await follow_ups.of_handoffs(row.id for row in rows)
    labels = {said.by for each in steps.values() for said in each} | {row.arrived_by or "" for row in rows}
    labels |= {each.by or "" for asked in later.values() for each in asked}
    names = await names_for(labels=labels, by=by)
    return tuple(
        _handed(row, steps.get(row.id, []), later.get(row.id, []), names, settings, has_words=has_words) for row in rows
    )


def _handed(
    row: HandoffNow,
    steps: list[StepNow],
    later: list[FollowUp],
    names: Mapping[str, str],
    settings: Settings,
    *,
    has_words: bool,
) -> Handed:
    known = opened(row.sealed, settings)
    notes = {str(step): str(text) for step, text in known.get("notes", {}).items()}
    return Handed(
        row=row,
        progress=progress([(said.step, said.state) for said in steps], row.status),
        steps={said.step: said for said in steps},
        noted=frozenset(notes),
        notes=notes if has_words else {},
        words=words_of(known) if has_words else None,
        follow_ups=tuple((each, note_of(each, settings) if has_words else "") for each in later),
        names=names,
    )


def note_of(row: FollowUp, settings: Settings) -> str:
    """The note of a follow-up, "" where nobody wrote one. Whoever calls has found out that it may be read."""
    return str(opened(row.sealed, settings).get("note", ""))


def words_of(known: Mapping[str, Any]) -> dict[str, str]:
    """Their own words of what is sealed in a hand-off, by field, also the empty ones."""
    return {name: str(known.get(name) or "") for name in WORDS}


@dataclass(frozen=True, slots=True)
class ListedNow:
    """A hand-off in the list, with what the person is called and how far it is."""

    listed: Listed
    called: str
    progress: Progress


async def handoffs_list(
    *, by: Actor, now: datetime, settings: Settings, page: int = 1
) -> tuple[tuple[ListedNow, ...], bool]:
    """The hand-offs of somebody's agency: under way, to be followed up, and what ended lately; and whether there are more. Raises Denied."""
    demand(by, Action.KEEP_CLIENTS, SITE, now=now)
    own, offset = reach_of(by, Action.KEEP_CLIENTS) or (), (max(page, 1) - 1) * PAGE
    found = await storage.listed(own, ended_since=now - ENDED_SHOWN, limit=PAGE + 1, offset=offset)
    steps = await storage.steps_of(each.row.id for each in found)
    shown = tuple(_listed(each, steps.get(each.row.id, []), settings) for each in found[:PAGE])
    await records.access_log(
        at=now, by=by.label, action="see-handoffs", subject="handoffs", details={"shown": len(shown)}
    )
    return shown, len(found) > PAGE


def _listed(each: Listed, steps: list[StepNow], settings: Settings) -> ListedNow:
    said = [(step.step, step.state) for step in steps]
    return ListedNow(each, called(each.person, settings), progress(said, each.row.status))
