"""The short form of a plan behind a card: what somebody chose to read on any phone, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.domain.bridge.plans import NEXT_CHECK_IN, Helper
from directory.services.bridge.plan_page import CheckIn, check_in_next
from directory.services.bridge.plans import shown_by_code
from directory.services.waitlist.status import card_of
from directory.settings import Settings


@dataclass(frozen=True, slots=True)
class ByCode:
    """What they chose. `check_in` is None where that was not chosen, or nothing is set; moments are told in `zone`."""

    bad_night: tuple[str, ...]
    people: tuple[Helper, ...]
    check_in: CheckIn | None
    zone: str


async def plan_by_code(*, session: str, now: datetime, settings: Settings) -> ByCode | None:
    """What the owner of a card reads of their plan; None where they chose nothing, and for a session that is over."""
    card = await card_of(session=session, now=now, settings=settings)
    plan = await shown_by_code(client=card.client, settings=settings) if card else None
    if card is None or plan is None or not plan.is_by_code:
        return None
    is_told = NEXT_CHECK_IN in plan.shown
    check_in = await check_in_next(client=card.client, zone=card.zone, now=now) if is_told else None
    return ByCode(plan.bad_night, plan.people, check_in, card.zone)
