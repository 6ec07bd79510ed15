"""Supervision: who goes with a peer, what the two write to each other, and how a peer is asked after themselves once a day was heavy.

Only the two of them read any of it: no other coordinator, and no administrator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Action, Actor, Thing, demand
from directory.domain.bridge.peers import DEBRIEFS, LONGEST_NOTE, NOTE, TALK
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.services.bridge.letters import peer_tell
from directory.services.links import form_take
from directory.services.sealing import opened, seal
from directory.services.waitlist import plumbing
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.bridge import peers
from directory.storage.bridge import supervision as storage
from directory.storage.bridge.supervision import DebriefNow, SupervisionNow

PAGE = "/desk/supervision"
DEBRIEF = "debrief"


@dataclass(frozen=True, slots=True)
class Note:
    """A note. `is_own`: of the reader; `asks`: a peer asks for a talk after a heavy day, with or without words."""

    words: str
    at: datetime
    is_own: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A peer with their supervisor, and what they wrote, the latest first. `other` is the name of the one who does not read."""

    row: SupervisionNow
    is_supervisor: bool
    other: str
    notes: tuple[Note, ...]


async def supervisor_of(*, peer: int, agency: int) -> str | None:
    """The name of who supervises a peer in an agency; None where nobody does."""
    found = [each for each in await storage.supervisions_in(agency) if each.peer == peer]
    return found[0].supervisor_name if found else None


async def supervisor_set(*, agency: int, peer: int, supervisor: int | None, by: Actor, now: datetime) -> None:
    """Has somebody of the agency supervise a peer from now on, or nobody. Raises UnfitFields, NotFound, Denied."""
    plumbing.demand_near(by, Action.KEEP_PEERS, agency, now=now)
    there = {each.id for each in await peers.peers_of(agency)}
    if peer not in there:
        raise NotFound(person=peer)
    if supervisor is not None and (supervisor not in there or supervisor == peer):
        raise UnfitFields([Problem("supervisor", "choose", str(supervisor))])
    async with db.staging():
        if await storage.supervisor_set(agency, peer, supervisor, by=by.label, now=now):
            await records.audit(
                at=now,
                by=by.label,
                action="supervisor-set",
                subject=f"person {peer}",
                details={"supervisor": supervisor},
                chain=plumbing.chain_of(agency),
            )


# --- what the two write ----------------------------------------------------------------------------------------------


async def supervision_show(*, by: Actor, now: datetime, settings: Settings) -> tuple[Pair, ...]:
    """All in which the reader is one of the two, with the notes. It stands in the access log. Raises Denied."""
    demand(by, Action.SUPERVISE, Thing(person=by.person), now=now)
    rows = await storage.supervisions_of(by.person or 0)
    details = {"pairs": [row.id for row in rows]}
    await records.access_log(at=now, by=by.label, action="see", subject="supervision", details=details)
    return tuple([await _pair(row, by, settings) for row in rows])


async def _pair(row: SupervisionNow, by: Actor, settings: Settings) -> Pair:
    is_supervisor = row.supervisor == by.person
    notes = []
    for each in await storage.notes_of(row.id):
        known = opened(each.sealed, settings)
        words, asks = str(known.get("words", "")), bool(known.get("asks"))
        notes.append(Note(words, each.at, each.author == by.person, asks))
    return Pair(row, is_supervisor, row.peer_name if is_supervisor else row.supervisor_name, tuple(notes))


async def note_write(*, id: int, words: str, form: str, by: Actor, now: datetime, settings: Settings) -> bool:
    """Writes a note to the other one. False for a form that was taken before. Raises UnfitFields, NotFound, Denied."""
    demand(by, Action.SUPERVISE, Thing(person=by.person), now=now)
    found = await storage.supervision(id)
    if found is None or found.ended_at is not None or by.person not in (found.peer, found.supervisor):
        raise NotFound(supervision=id)
    said = _said(words, is_needed=True)
    async with db.staging():
        if not await form_take(token=form, now=now):
            return False
        await _write(found, "note", {"words": said}, by, now, settings)
    return True


def _said(words: str, *, is_needed: bool) -> str:
    said = words.strip()
    if len(said) > LONGEST_NOTE:
        raise UnfitFields([Problem("words", "too-long", "", (str(LONGEST_NOTE),))])
    if is_needed and not said:
        raise UnfitFields([Problem("words", "missing", "")])
    return said


async def _write(
    found: SupervisionNow, kind: str, values: dict[str, object], by: Actor, now: datetime, settings: Settings
) -> None:
    """Keeps a note, and tells the other one that there is something to read. Needs a transaction."""
    id = await storage.note_add(found.id, kind, sealed=seal(values, settings), author=by.person or 0, now=now)
    other = found.supervisor if found.peer == by.person else found.peer
    await peer_tell(person=other, page=PAGE, key=f"note {id}", settings=settings, now=now)
    await records.audit(
        at=now,
        by=by.label,
        action="supervision-note",
        subject=f"supervision {found.id}",
        details={"note": id},
        chain=plumbing.chain_of(found.agency),
    )


# --- after a heavy day -----------------------------------------------------------------------------------------------


async def debriefs_waiting(*, by: Actor) -> tuple[DebriefNow, ...]:
    """What the reader is asked and has not answered: nobody else sees it."""
    return tuple(await storage.debriefs_of(by.person)) if by.person is not None else ()


async def debrief_answer(
    *, id: int, answer: str, words: str = "", by: Actor, now: datetime, settings: Settings
) -> bool:
    """Answers how one is: any answer is right, and only what is written, or that a talk is wanted, reaches the supervisor.

    False where nobody supervises the reader and something was to reach them: the question then stays. Raises UnfitFields, NotFound, Denied.
    """
    demand(by, Action.SUPERVISE, Thing(person=by.person), now=now)
    asked = next((each for each in await debriefs_waiting(by=by) if each.id == id), None)
    if asked is None:
        raise NotFound(debrief=id)
    if answer not in DEBRIEFS:
        raise UnfitFields([Problem("answer", "choose", answer)])
    said = _said(words, is_needed=answer == NOTE)
    async with db.staging():
        found = next((each for each in await storage.supervisions_in(asked.agency) if each.peer == by.person), None)
        if answer in (TALK, NOTE) and found is None:
            return False
        if await storage.debrief_done(id, asked.person, answer, now) and answer in (TALK, NOTE) and found is not None:
            await _write(found, DEBRIEF, {"words": said, "asks": answer == TALK}, by, now, settings)
    return True
