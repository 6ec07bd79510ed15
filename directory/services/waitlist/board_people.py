"""People as the rules of the board look at them (domain/waitlist/board.py), read for many at once in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

from directory.domain.bridge.check_ins import Check
from directory.domain.waitlist.board import Fact, Held, Person, Place
from directory.domain.waitlist.clocks import ANSWERED, NO_TRY, Tier
from directory.domain.waitlist.states import LIVE_OFFERS, Offer
from directory.domain.waitlist.tiers import Rules, rules_read, tier_at
from directory.services.clock import local_day
from directory.storage import agencies as homes
from directory.storage.bridge import check_ins, follow_ups
from directory.storage.waitlist import board as storage
from directory.storage.waitlist.board import ClientRow, EntryRow, OfferRow, Told

TALKED = ("reached", "came")
"""What counts as a talk: a sign from the status page does not."""
MISSED = (Offer.EXPIRED, Offer.NO_SHOW)
"""How an offer ends of which nobody has said anything."""


async def people_of(rows: Sequence[ClientRow], now: datetime) -> list[Person]:
    """The rows as the rules look at them, with all that is known, in the same order."""
    if not rows:
        return []
    offers = await storage.offers(entry.id for row in rows for entry in row.entries)
    told = await storage.told([row.id for row in rows])
    zones = {entry.zone for row in rows for entry in row.entries}
    days = {zone: await local_day(zone, now) for zone in zones}
    homes_of = {agency: await _zone(agency) for agency in {row.agency for row in rows if not row.entries}}
    days |= {zone: await local_day(zone, now) for zone in homes_of.values()}
    targets = await _targets(rows, days)
    later = await follow_ups.due_of([row.id for row in rows], now)
    checks = await check_ins.checks_of([row.id for row in rows])
    found = []
    for row in rows:
        places = [
            await _place(entry, offers.get(entry.id, ()), days[entry.zone], targets.get((entry.pool, entry.tier)))
            for entry in row.entries
        ]
        zone = places[0].zone if places else homes_of[row.agency]
        person = replace(_person(row, places, told[row.id], zone, days[zone]), check=checks.get(row.id, Check()))
        found.append(replace(person, follow_ups=tuple(later[row.id])) if row.id in later else person)
    return found


async def _zone(agency: int) -> str:
    home = await homes.agency(agency)
    return home.values.timezone if home else "UTC"


async def _targets(rows: Sequence[ClientRow], days: Mapping[str, date]) -> dict[tuple[int, int], int | None]:
    """Within how many hours the rules of each line want somebody of each tier admitted, by line and tier; only for tiers before all others."""
    wanted = {
        (entry.pool, entry.tier): entry.zone for row in rows for entry in row.entries if entry.tier != Tier.OTHERS
    }
    texts = await storage.rules_of(pool for pool, _ in wanted)
    found = {}
    for (pool, rank), zone in wanted.items():
        tier = tier_at(rank, _rules(texts[pool]), days[zone]) if pool in texts else None
        found[pool, rank] = tier.target_hours if tier else None
    return found


@lru_cache(maxsize=256)
def _rules(text: str) -> Rules:
    return rules_read(text)


async def _place(entry: EntryRow, offers: Sequence[OfferRow], today: date, target_hours: int | None) -> Place:
    live = next((offer for offer in offers if offer.status in LIVE_OFFERS), None)
    ended = {offer.id: offer.ended_at for offer in offers if offer.ended_at}
    held = Held(live.id, live.status, live.expires_at, live.accepted_at, live.free_on) if live else None
    missed = {ended[offer.id]: offer.status for offer in offers if offer.status in MISSED and offer.id in ended}
    return Place(
        entry=entry.id,
        line=entry.line,
        zone=entry.zone,
        status=entry.status,
        tier=entry.tier,
        requested_at=entry.requested_at,
        requested_on=await local_day(entry.zone, entry.requested_at),
        today=today,
        contact_days=entry.contact_days,
        no_capacity_on=entry.no_capacity_on,
        review_on=entry.review_on,
        offer=held,
        declined=tuple(ended[each.id] for each in offers if each.status is Offer.DECLINED and each.id in ended),
        missed_at=max(missed, default=None),
        has_not_come=bool(missed) and missed[max(missed)] is Offer.NO_SHOW,
        target_hours=target_hours,
    )


def _person(row: ClientRow, places: Sequence[Place], told: Told, zone: str, today: date) -> Person:
    contacts = told.contacts
    tries = [at for outcome, at in contacts.items() if outcome not in NO_TRY]
    ends = [day for day in told.consents if day is not None]
    return Person(
        client=row.id,
        created_at=row.created_at,
        today=today,
        zone=zone,
        places=tuple(places),
        reached_at=max((at for outcome, at in contacts.items() if outcome in ANSWERED), default=None),
        talked_at=max((at for outcome, at in contacts.items() if outcome in TALKED), default=None),
        asked_at=contacts.get("call-me"),
        tried_at=max(tries, default=None),
        to_right_at=told.to_right_at,
        facts=tuple(Fact(*fact) for fact in told.facts),
        offered=tuple(told.interim),
        has_consent=bool(told.consents),
        consent_until=max(ends) if ends and len(ends) == len(told.consents) else None,
        has_waited=row.has_waited,
    )
