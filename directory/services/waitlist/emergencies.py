"""What was told to medical people in an emergency, written down once (42 CFR 2.51)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from directory.domain.access import Actor
from directory.domain.errors import Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.consents import Scope
from directory.services.links import form_take
from directory.services.waitlist.clients import client_found
from directory.services.waitlist.disclosures import disclose_emergency
from directory.settings import Settings
from directory.storage import db


async def emergency_note(
    *,
    upi: str,
    needs: Mapping[str, str],
    scopes: Sequence[str],
    at: datetime | None,
    form: str,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> bool:
    """Writes down who was told what where, by whom, when and in which emergency; False for a form that was taken before.

    `at` is aware, None where no moment was given. Raises UnfitFields, NotFound, Denied.
    """
    found = await client_found(upi=upi, by=by, now=now, settings=settings)
    if at is None or at > now:
        raise UnfitFields([Problem("at", "not-a-moment", "")])
    told = [Scope(each) for each in scopes if each in set(Scope)]
    async with db.staging():
        if not await form_take(token=form, now=now):
            return False
        await disclose_emergency(
            client=found.row.id, needs=needs, scopes=told, at=at, by=by, now=now, settings=settings
        )
    return True
