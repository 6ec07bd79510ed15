"""Contacts with people who wait: what a peer notes of a call, a message or a visit."""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import Actor
from directory.domain.errors import Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.clocks import OUTCOMES
from directory.domain.waitlist.routes import CHANNELS
from directory.services.links import form_take
from directory.services.sealing import seal
from directory.services.waitlist.clients import client_audit, client_found, client_open
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import contacts as storage

LONGEST_NOTE = 500


async def contact_note(
    *, upi: str, route: str, outcome: str, note: str, form: str, by: Actor, now: datetime, settings: Settings
) -> bool:
    """Notes a contact; False for a form that was taken before. Raises UnfitFields, NotFound, Denied."""
    found = await client_found(upi=upi, by=by, now=now, settings=settings)
    words = note.strip()
    if problems := _problems(route, outcome, words):
        raise UnfitFields(problems)
    sealed = seal({"note": words}, settings) if words else None
    async with db.staging():
        await client_open(client=found.row.id)
        if not await form_take(token=form, now=now):
            return False
        id = await storage.attempt_add(
            client=found.row.id, route=route, outcome=outcome, by=by.label, now=now, sealed=sealed
        )
        details = {"contact": id, "route": route, "outcome": outcome}
        await client_audit(found.row, "client-contact", details, by=by.label, now=now)
    return True


def _problems(route: str, outcome: str, note: str) -> list[Problem]:
    found = [] if route in CHANNELS else [Problem("route", "choose", route)]
    found += [] if outcome in OUTCOMES else [Problem("outcome", "choose", outcome)]
    if len(note) > LONGEST_NOTE:
        found.append(Problem("note", "too-long", "", (str(LONGEST_NOTE),)))
    return found
