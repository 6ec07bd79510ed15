"""Offers as the peers of the people see them: all of them, one with what became of it, and why somebody was not offered an opening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from directory.domain.access import SITE, Action, Actor, demand, reach_of
from directory.domain.errors import Gone, NotFound
from directory.domain.results import Detail
from directory.domain.waitlist.declines import DECLINES
from directory.domain.waitlist.ranking import Ranked
from directory.domain.waitlist.routes import Way
from directory.domain.waitlist.slots import OfferSeen, SlotSeen
from directory.domain.waitlist.states import LIVE_OFFERS, Offer
from directory.domain.waitlist.tiers import Rules
from directory.services.clock import local_day
from directory.services.listings import listing_show
from directory.services.names import names_for
from directory.services.waitlist.clients import client_found
from directory.services.waitlist.offers import offer_expire, offers_expire
from directory.services.waitlist.plumbing import demand_near
from directory.services.waitlist.routes import ways_of
from directory.services.waitlist.slots import Person, person_of, slot_line
from directory.settings import Settings
from directory.storage import records
from directory.storage.waitlist import rules
from directory.storage.waitlist import slots as storage
from directory.storage.waitlist.pools import Pool

PAGE = 25
ENDED_SHOWN = timedelta(days=30)
"""How long an offer that has ended stays in the list; on its own page and on the person's it stays."""


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer in the list, with the person it was made to."""

    offer: OfferSeen
    person: Person


@dataclass(frozen=True, slots=True)
class OfferPage:
    """An offer with all that became of it. `declined` counts the offers that this person has said no to; `told` is what the agency was
    told with it and when; `names` are those of the people who acted, by label; `ways` are those of the person while it is live. `place` is
    what is public of where they go, once they have said yes; None where its listing is not shown."""

    offer: OfferSeen
    person: Person
    declined: int
    told: tuple[tuple[datetime, tuple[str, ...]], ...]
    names: Mapping[str, str]
    ways: tuple[Way, ...] = ()
    place: Detail | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One offer of an opening, as far as it concerns somebody else: when, by whom, with whose agreement, and what was noted of them:
    "" where they stood further back, `own` where it was made to them."""

    at: datetime
    by: str
    second_by: str
    reason: str
    code: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Why:
    """Why an opening goes to somebody or does not: their place today with each rule, and what was decided. Nothing in it is about others."""

    slot: SlotSeen
    pool: Pool
    person: Person
    ranked: Ranked
    considered: int
    rules: Rules
    today: date
    decisions: tuple[Decision, ...]


async def offers_list(
    *, by: Actor, now: datetime, settings: Settings, page: int = 1
) -> tuple[tuple[OfferCard, ...], bool]:
    """Offers to the people of somebody's agency, the live ones first; and whether there are more. Raises Denied."""
    demand(by, Action.KEEP_CLIENTS, SITE, now=now)
    await offers_expire(now=now, settings=settings)
    found = await storage.offers_seen(
        reach_of(by, Action.KEEP_CLIENTS) or (),
        since=now - ENDED_SHOWN,
        limit=PAGE + 1,
        offset=(max(page, 1) - 1) * PAGE,
    )
    cards = tuple(OfferCard(each, person_of(each, settings)) for each in found[:PAGE])
    await records.access_log(at=now, by=by.label, action="see-offers", subject="offers", details={"count": len(cards)})
    return cards, len(found) > PAGE


async def offer_show(*, offer: int, by: Actor, now: datetime, settings: Settings) -> OfferPage:
    """One offer; where its time is over it ends now. Raises NotFound, Denied."""
    demand(by, Action.KEEP_CLIENTS, SITE, now=now)
    await offer_expire(offer=offer, now=now, settings=settings)
    found = await storage.offer_seen(offer)
    if found is None:
        raise NotFound(offer=offer)
    demand_near(by, Action.KEEP_CLIENTS, found.agency, now=now)
    await records.access_log(
        at=now, by=by.label, action="see", subject=f"client {found.upi}", details={"part": "offer", "offer": offer}
    )
    return OfferPage(
        offer=found,
        person=person_of(found, settings),
        declined=await storage.declined_by(found.client, DECLINES),
        told=tuple(await storage.told_of(offer)),
        names=await names_for(labels=[found.by, found.second_by or ""], by=by),
        ways=await _ways(found, settings),
        place=await _place(found, now, settings),
    )


async def _ways(found: OfferSeen, settings: Settings) -> tuple[Way, ...]:
    if found.status not in LIVE_OFFERS:
        return ()
    return tuple(way for _row, way in await ways_of(client=found.client, settings=settings))


async def _place(found: OfferSeen, now: datetime, settings: Settings) -> Detail | None:
    if found.status is not Offer.ACCEPTED:
        return None
    try:
        return await listing_show(slug=found.slot.slug, now=now, settings=settings)
    except (NotFound, Gone):
        return None


async def why_show(*, slot: int, upi: str, by: Actor, now: datetime, settings: Settings) -> Why:
    """Why an opening goes to this client or does not. Raises NotFound, also where they stand in no line that it goes to, Denied."""
    somebody = await client_found(upi=upi, by=by, now=now, settings=settings, action=Action.MAKE_OFFERS)
    found, pool, line, entry = await slot_line(slot=slot, upi=upi, by=by, now=now)
    own = next((each for each in line.order if each.candidate.entry == entry), None)
    if own is None:
        raise NotFound(slot=slot)
    await records.access_log(
        at=now, by=by.label, action="see", subject=f"client {upi}", details={"part": "why", "slot": slot}
    )
    return Why(
        slot=found,
        pool=pool,
        person=Person(upi, somebody.called, None),
        ranked=own,
        considered=len(line.order),
        rules=(await rules.rules_now(pool.id)).rules,
        today=await local_day(pool.timezone, now),
        decisions=await _decisions(slot, entry, pool, by),
    )


async def _decisions(slot: int, entry: int, pool: Pool, by: Actor) -> tuple[Decision, ...]:
    """What was decided about an opening in this line, the latest first."""
    offers = [each for each in await storage.offers_of_slot(slot, [pool.agency]) if each.pool == pool.id]
    names = await names_for(labels=[label for each in offers for label in (each.by, each.second_by or "")], by=by)
    return tuple(
        Decision(
            at=each.at,
            by=names.get(each.by, ""),
            second_by=names.get(each.second_by or "", ""),
            reason=each.reason or "",
            code=dict(each.passed_over).get(entry, ""),
            is_own=each.entry == entry,
        )
        for each in offers
    )
