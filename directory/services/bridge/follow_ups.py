"""Asking somebody who has arrived how it goes: any peer of the agency may, and a try that reached nobody leaves it to be asked again.

What was said in words is for those alone who read their plan, as with all notes of a hand-off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Action, Actor
from directory.domain.bridge.handoffs import REACHED, FollowUp, Outcome
from directory.domain.errors import FootbridgeError, NotFound, Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.routes import CHANNELS
from directory.services.bridge.handoffs import note_of
from directory.services.bridge.plans import plan_is_open
from directory.services.links import form_take
from directory.services.sealing import seal
from directory.services.tasks import task_clear
from directory.services.waitlist.clients import (
    Somebody,
    client_audit,
    client_found,
    client_open,
    client_read,
    zone_of,
)
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import follow_ups as storage
from directory.storage.waitlist import contacts

LONGEST_NOTE = 500
YES, AGAIN, NO = "yes", "again", "no"
"""Whether they were reached: yes; not this time, so somebody tries again; no, and it is left at that."""


class NotYet(FootbridgeError):
    """It is too early to ask. That they want no more questions can be noted at any time."""

    code = "follow-up-not-yet"
    status = 409


@dataclass(frozen=True, slots=True)
class Asked:
    """A follow-up with whom it is about, the zone of their agency, and its note, which is "" for who does not read their plan."""

    who: Somebody
    row: FollowUp
    zone: str
    note: str


async def follow_up_show(*, upi: str, id: int, by: Actor, now: datetime, settings: Settings) -> Asked | None:
    """One follow-up of a client, None where there is no such one; that somebody looked stands in the access log. Raises NotFound, Denied."""
    who = await client_read(upi=upi, what="follow-up", by=by, now=now, settings=settings)
    found = await storage.of_client(id, who.row.id)
    if found is None:
        return None
    note = note_of(found[1], settings) if await plan_is_open(row=who.row, by=by, now=now) else ""
    return Asked(who, found[1], await zone_of(who.row.agency), note)


async def follow_up_note(
    *,
    upi: str,
    id: int,
    reached: str,
    outcome: str,
    route: str,
    note: str,
    form: str,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> bool:
    """Notes what came of asking, and the contact with it. False for a form that was taken before, or where somebody else has asked meanwhile.

    `outcome` counts where they were `reached` (YES). The note of an earlier try stays, with this one beneath it. Raises UnfitFields, NotFound,
    Denied, and NotYet before its time, unless they want no more questions.
    """
    who = await client_found(upi=upi, by=by, now=now, settings=settings, action=Action.KEEP_CLIENTS)
    words = note.strip()
    if problems := _problems(reached, outcome, route, words):
        raise UnfitFields(problems)
    code = Outcome(outcome) if reached == YES else Outcome.NOT_REACHED
    async with db.staging():
        await client_open(client=who.row.id)
        found = await storage.of_client(id, who.row.id)
        if found is None:
            raise NotFound(follow_up=id)
        if now < found[1].due_from and code is not Outcome.NO_MORE:
            raise NotYet(follow_up=id)
        if not await form_take(token=form, now=now):
            return False
        whole = "\n".join(filter(None, (note_of(found[1], settings), words)))
        sealed = seal({"note": whole}, settings) if words else None
        if not await _kept(found[1], found[0], code, sealed, by, now, is_last=reached != AGAIN):
            return False
        said = "reached" if reached == YES else "no-answer"
        await contacts.attempt_add(client=who.row.id, route=route, outcome=said, by=by.label, now=now)
        details = {"follow_up": id, "which": found[1].which.value, "again": reached == AGAIN}
        await client_audit(who.row, "follow-up", details, by=by.label, now=now)
    return True


def _problems(reached: str, outcome: str, route: str, note: str) -> list[Problem]:
    found = [] if reached in (YES, AGAIN, NO) else [Problem("reached", "choose", reached)]
    if reached == YES and outcome not in {each.value for each in REACHED}:
        found.append(Problem("outcome", "choose", outcome))
    found += [] if route in CHANNELS else [Problem("route", "choose", route)]
    found += [Problem("note", "too-long", "", (str(LONGEST_NOTE),))] if len(note) > LONGEST_NOTE else []
    return found


async def _kept(
    row: FollowUp, handoff: int, outcome: Outcome, sealed: str | None, by: Actor, now: datetime, *, is_last: bool
) -> bool:
    """Whether this was taken: not where the follow-up was settled before."""
    if not is_last:
        return await storage.try_keep(row.id, sealed)
    columns = {"sealed": sealed} if sealed else {}
    if not await storage.settle(row.id, outcome, by=by.label, now=now, **columns):
        return False
    await task_clear(key=f"follow-up {row.id}", now=now, by=by.label)
    if outcome is Outcome.NO_MORE:  # theirs to say: nobody asks again
        for other in (await storage.of_handoffs([handoff])).get(handoff, []):
            await storage.settle(other.id, outcome, by=by.label, now=now)
            await task_clear(key=f"follow-up {other.id}", now=now, by=by.label)
    return True
