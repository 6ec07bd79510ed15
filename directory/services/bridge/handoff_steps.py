"""Arranging that somebody gets to a place: the steps with their notes, when they are expected, their own words, and whether they came.

Every peer of the agency may do it, since somebody must be able to step in; notes and their own words are for those alone who read their plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from directory.domain.access import Action, Actor
from directory.domain.agencies import Overtaken
from directory.domain.bridge.handoffs import Handoff, State, Step, may_be, progress
from directory.domain.errors import Problem
from directory.domain.people import UnfitFields
from directory.services.bridge.handoffs import WORDS, NoHandoff, words_of
from directory.services.bridge.plans import NotTheirPeer, plan_allowed, plan_is_open
from directory.services.sealing import opened, seal
from directory.services.waitlist.clients import Somebody, client_audit, client_found, client_open
from directory.services.waitlist.offers import offer_heard
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import handoffs as storage
from directory.storage.bridge.handoffs import HandoffNow

LONGEST_NOTE = 500
LONGEST_WORDS = 2000
AHEAD, BEHIND = timedelta(days=180), timedelta(days=1)
"""How far from now the moment may lie at which somebody is expected."""


async def handoff_step(*, upi: str, step: str, state: str, by: Actor, now: datetime, settings: Settings) -> bool:
    """Says how a step is; False where that was said before, as by a second tap.

    Raises UnfitFields for what cannot be said of it, NoHandoff, NotFound, Denied.
    """
    who = await client_found(upi=upi, by=by, now=now, settings=settings, action=Action.MAKE_OFFERS)
    if step not in set(Step) or state not in set(State) or not may_be(Step(step), State(state)):
        raise UnfitFields([Problem("state", "choose", state)])
    async with db.staging():
        row = await _held(who)
        said = (await storage.steps_of([row.id])).get(row.id, [])
        before = dict(progress([(each.step, each.state) for each in said], row.status).states)
        if before[Step(step)] == state:
            return False
        await storage.step_add(row.id, Step(step), State(state), by=by.label, now=now)
        details = {"handoff": row.id, "step": step, "state": state}
        await client_audit(who.row, "handoff-step", details, by=by.label, now=now)
    return True


async def handoff_note(
    *, upi: str, step: str, note: str, version: int, by: Actor, now: datetime, settings: Settings
) -> None:
    """Keeps the note of a step; "" takes it out. Who does not read their plan can leave one where there is none, and read none.

    Raises UnfitFields, Overtaken where somebody has changed the hand-off since `version`, NotTheirPeer, NoHandoff, NotFound, Denied.
    """
    who = await client_found(upi=upi, by=by, now=now, settings=settings, action=Action.MAKE_OFFERS)
    words = note.strip()
    if step not in set(Step) or len(words) > LONGEST_NOTE:
        raise UnfitFields([Problem("note", "too-long", "", (str(LONGEST_NOTE),))])
    async with db.staging():
        row = await _held(who)
        known = opened(row.sealed, settings)
        notes: dict[str, str] = dict(known.get("notes", {}))
        if notes.get(step) and not await plan_is_open(row=who.row, by=by, now=now):
            raise NotTheirPeer()
        if row.version != version:
            raise Overtaken({"note": notes.get(step, "")}, row.version)
        left = {name: text for name, text in (notes | {step: words}).items() if text}
        await storage.change(row.id, version, sealed=seal(known | {"notes": left}, settings))
        details = {"handoff": row.id, "note": step}
        await client_audit(who.row, "handoff-change", details, by=by.label, now=now)


async def handoff_expect(
    *, upi: str, arrives_at: datetime | None, version: int, by: Actor, now: datetime, settings: Settings
) -> None:
    """Says when somebody is expected (an aware moment), None for not known yet.

    Raises UnfitFields, Overtaken (`now` has the moment in ISO form, "" for none), NoHandoff, NotFound, Denied.
    """
    who = await client_found(upi=upi, by=by, now=now, settings=settings, action=Action.MAKE_OFFERS)
    if arrives_at is not None and not now - BEHIND <= arrives_at <= now + AHEAD:
        raise UnfitFields([Problem("arrives_at", "not-soon", "")])
    async with db.staging():
        row = await _held(who)
        if row.version != version:
            raise Overtaken({"arrives_at": row.arrives_at.isoformat() if row.arrives_at else ""}, row.version)
        await storage.change(row.id, version, arrives_at=arrives_at)
        details = {"handoff": row.id, "expected": arrives_at is not None}
        await client_audit(who.row, "handoff-change", details, by=by.label, now=now)


async def handoff_words(
    *, upi: str, words: Mapping[str, str], version: int, by: Actor, now: datetime, settings: Settings
) -> None:
    """Keeps what they want the team that receives them to know, by the fields of WORDS.

    Raises UnfitFields, Overtaken, NoHandoff, NotTheirPeer for who does not read their plan, NotFound, Denied.
    """
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part="handoff-words")
    given = {name: words.get(name, "").strip() for name in WORDS}
    most = (str(LONGEST_WORDS),)
    if problems := [Problem(name, "too-long", "", most) for name, text in given.items() if len(text) > LONGEST_WORDS]:
        raise UnfitFields(problems)
    async with db.staging():
        row = await _held(who)
        known = opened(row.sealed, settings)
        if row.version != version:
            raise Overtaken(words_of(known), row.version)
        await storage.change(row.id, version, sealed=seal(known | given, settings))
        details = {"handoff": row.id, "words": sum(bool(text) for text in given.values())}
        await client_audit(who.row, "handoff-change", details, by=by.label, now=now)


async def _held(who: Somebody) -> HandoffNow:
    """The hand-off under way, which stays as it is until the transaction has ended. Raises NoHandoff, NotFound for who was merged or cleared."""
    await client_open(client=who.row.id)
    found = next(iter(await storage.of_client(who.row.id)), None)
    if found is None or found.status is not Handoff.OPEN or not await storage.hold(found.id):
        raise NoHandoff()
    row = await storage.of_offer(found.offer)
    assert row is not None
    return row


# --- what came of it -------------------------------------------------------------------------------------------------


async def handoff_answer(*, upi: str, has_come: bool, by: Actor, now: datetime, settings: Settings) -> None:
    """A peer has heard from the agency whether they have come. Said twice it is the same.

    Raises NoSuchMove where something else has come of the offer meanwhile, NoHandoff, NotFound, Denied.
    """
    who = await client_found(upi=upi, by=by, now=now, settings=settings, action=Action.MAKE_OFFERS)
    row = next(iter(await storage.of_client(who.row.id)), None)
    if row is None:
        raise NoHandoff()
    await offer_heard(offer=row.offer, has_come=has_come, by=by, now=now, settings=settings)
