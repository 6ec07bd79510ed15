"""A year of waiting in the demonstration: lines, people, openings and offers, so that boards, places, estimates and reports show something true to life.

The year is played by the rules of the real lines (domain/waitlist/simulation.py) and put in at once, with one entry in the audit trail;
what is still to be decided is then asked through the services that people use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from directory.domain.tokens import key_for
from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.codes import BITS, code_of, fingerprint, spelled
from directory.domain.waitlist.simulated import Event, Offering, Opening, Place, Year
from directory.domain.waitlist.simulation import year_of
from directory.domain.waitlist.states import OPEN_ENTRIES, Entry
from directory.services.clock import Clock
from directory.services.credentials import secret_of
from directory.services.demo_estimates import Issued, issued_rows
from directory.services.demo_lines import Made, demo_lines_load
from directory.services.demo_open_questions import Told, questions_ask
from directory.services.demo_people import PEERS, ZONE, demo_actors
from directory.services.demo_waiting_people import SCOPES, Row, Stage, Waiting, people_put
from directory.services.texts import text_of
from directory.services.waitlist.codes import pepper
from directory.services.waitlist.disclosures import NOTICE
from directory.services.waitlist.estimates import estimates_refresh
from directory.services.waitlist.plumbing import chain_of
from directory.settings import Settings
from directory.storage import db, records
from directory.storage import demo as demo_storage
from directory.storage import demo_waitlist as storage
from directory.storage.encoding import dumps

DAYS = 365
SEED = "larkspur"
TAKERS = ("peer", "pablo", "quinn")
CARDS = 2
"""Cards of invented people, whose codes the page for signing in shows."""
DRAWS = 120
"""Of the first estimate: the worker makes a better one the next day."""


async def demo_waitlist_load(*, clock: Clock, settings: Settings, only_if_missing: bool = False) -> None:
    """Makes the lines of the demonstration anew, all of it counted back from now; `only_if_missing` leaves what is there alone.

    Needs the invented agencies with their people and programs, and none of their lines.
    """
    if only_if_missing and await storage.has_lines():
        return
    now, actors = clock().replace(microsecond=0), await demo_actors()
    agency = actors["coordinator"].grants[0].agency
    assert agency is not None  # a coordinator is one of an agency
    zone = await asyncio.to_thread(ZoneInfo, ZONE)
    programs = tuple(sorted({each for _, each in (await demo_storage.levels()).values()}))
    people = {key: actor.person for key, actor in actors.items() if actor.person is not None}
    stage = Stage(agency, PEERS, programs, people, zone, now, Random(SEED), settings)
    async with db.staging():
        told = await _year_put(stage)
        details: dict[str, object] = {"clients": len(told.waiting.clients), "places": len(told.entries)}
        details |= {"openings": len(told.slots), "offers": len(told.year.offers)}
        chain = chain_of(agency)
        await records.audit(
            at=now, by="seed", action="seed-waitlist", subject=f"agency {agency}", details=details, chain=chain
        )
    await questions_ask(told=told, actors=actors, stage=stage)
    await estimates_refresh(clock=clock, draws=DRAWS)


def demo_codes(settings: Settings) -> tuple[str, ...]:
    """The codes of the cards of the demonstration, as they are printed: the same after each start, and other ones for each secret."""
    key = key_for(secret_of(settings), "demo-status-code")
    numbers = (int.from_bytes(key_for(key.hex(), str(card))) >> (256 - BITS) for card in range(CARDS))
    return tuple(spelled(code_of(number)) for number in numbers)


async def demo_codes_shown(*, now: datetime, settings: Settings) -> tuple[str, ...]:
    """Those of them that open the page of somebody invented now. Whether they may be shown here, the caller has looked at."""
    hashes = {_hash(code, settings): code for code in demo_codes(settings)}
    good = await storage.codes_in_force(list(hashes), now)
    return tuple(code for hash, code in hashes.items() if hash in good)


def demo_card_hash(settings: Settings) -> str:
    """What is kept of the first of these codes."""
    return _hash(demo_codes(settings)[0], settings)


def _hash(code: str, settings: Settings) -> str:
    return fingerprint(code.replace("-", ""), pepper(settings))


# --- the year as rows ------------------------------------------------------------------------------------------------

_ENTRY = (
    *("client_id", "pool_id", "status", "tier", "requested_at", "tie", "recommended_by", "asam", "edition"),
    *("no_capacity_on", "hold_reason", "review_on", "closed_at", "close_reason", "created_by", "created_at", "version"),
)
_SLOT = ("level_id", "status", "restrictions", "free_on", "closed_reason", "created_by", "created_at", "version")
_OFFER = (
    *("slot_id", "entry_id", "client_id", "status", "rules_sha256", "considered", "passed_over", "facts", "reason"),
    *("second_by", "by", "at", "expires_at", "acknowledged_at", "agreed_at", "ended_at", "end_reason", "version"),
)
_EVENT = ("entry_id", "at", "by", "what", "before", "after", "offer_id", "details")
_DISCLOSURE = ("client_id", "consent_id", "agency_id", "offer_id", "scope", "basis", "notice", "by", "at")
_CODE = ("client_id", "hash", "created_at")
_ISSUED = (
    *("entry_id", "issued_on", "issued_at", "tier", "ahead", "q10", "q50", "q90", "shown", "outcome", "days"),
    "resolved_on",
)


async def _year_put(stage: Stage) -> Told:
    since = stage.now - timedelta(days=DAYS + 1)
    lines = await demo_lines_load(agency=stage.agency, zone=ZONE, by=stage.label("coordinator"), since=since)
    year, issued = await asyncio.to_thread(_played, lines, stage)
    waiting = await people_put(year.people, year.places, stage)
    entries = await storage.put("entry", _ENTRY, [_entry(each, lines, waiting, stage) for each in year.places])
    slots = await storage.put("slot", _SLOT, [_slot(each, stage) for each in year.openings])
    told = Told(year, lines, waiting, entries, slots)
    offers = await storage.put("offer", _OFFER, [_offer(each, told, stage) for each in year.offers])
    rows = [_event(entry, event, told, offers, stage) for entry, event in _history(told)]
    await storage.put_all("entry_event", _EVENT, rows)
    await storage.put_all("disclosure", _DISCLOSURE, _disclosures(told, offers, stage))
    await storage.put_all("estimate_issued", _ISSUED, [(entries[place], *rest) for place, rest in issued])
    await storage.put_all("status_code", _CODE, _cards(told, stage))
    return told


def _played(lines: Sequence[Made], stage: Stage) -> tuple[Year, list[Issued]]:
    """The year, and what people were told of their wait in it: a second of work, so not in the loop."""
    rng = Random(SEED)
    year = year_of([each.line for each in lines], TAKERS, zone=stage.zone, now=stage.now, days=DAYS, rng=rng)
    return year, issued_rows(year, len(lines), zone=stage.zone, now=stage.now)


def _entry(place: Place, lines: Sequence[Made], waiting: Waiting, stage: Stage) -> Row:
    line, rng, client = lines[place.line], stage.rng, waiting.clients[place.person]
    named = ("Assessor, county clinic", line.demo.asam, "3") if line.demo.asam and rng.random() < 0.3 else (None,) * 3
    was_full = place.tier == Tier.INJECTING and rng.random() < 0.75
    full_on = stage.day(place.requested_at) if was_full else None
    ends = (place.hold_reason, place.review_on, place.closed_at, place.close_reason)
    by = stage.label(place.events[0].by)
    asked = place.requested_at
    return (client, line.id, place.status.value, place.tier, asked, place.tie, *named, full_on, *ends, by, asked, 1)


def _slot(opening: Opening, stage: Stage) -> Row:
    asks = dumps([[each.rule, list(each.allowed)] for each in opening.source.asks])
    by, at = stage.label(opening.source.editor), opening.created_at
    return (opening.source.level, opening.status.value, asks, None, opening.closed_reason, by, at, 1)


def _offer(offer: Offering, told: Told, stage: Stage) -> Row:
    place = told.year.places[offer.place]
    client, entry = told.waiting.clients[place.person], told.entries[offer.place]
    passed = dumps([[told.entries[number], code] for number, code in offer.passed])
    second = stage.label(offer.second) if offer.second else None
    agreed = offer.acknowledged_at if offer.accepted_at else None
    sha256 = told.lines[place.line].sha256
    made = (told.slots[offer.opening], entry, client, offer.status.value, sha256, offer.considered, passed)
    why = (dumps(offer.facts), offer.reason, second, stage.label(offer.by), offer.at, offer.expires_at)
    return (*made, *why, offer.acknowledged_at, agreed, offer.ended_at, offer.end_reason, 1)


def _history(told: Told) -> list[tuple[int, Event]]:
    """All steps of all places in the order in which they happened, as they would have been written."""
    found = [(told.entries[place.number], event) for place in told.year.places for event in place.events]
    return sorted(found, key=lambda pair: pair[1].at)


def _event(entry: int, event: Event, told: Told, offers: Sequence[int], stage: Stage) -> Row:
    details = dict(event.details)
    if isinstance(slot := details.get("slot"), int):
        details["slot"] = told.slots[slot]
    if second := details.get("second"):
        details["second"] = stage.label(str(second))
    offer = offers[event.offer] if event.offer is not None else None
    states = (event.before.value if event.before else None, event.after.value if event.after else None)
    return (entry, event.at, stage.label(event.by), event.what, *states, offer, dumps(details))


def _disclosures(told: Told, offers: Sequence[int], stage: Stage) -> list[Row]:
    """Who said yes was told to the agency by name, on their consent and with its notice."""
    notice, found = text_of(NOTICE, "en").stamp, list[Row]()
    for offer in told.year.offers:
        person = told.year.places[offer.place].person
        consent = told.waiting.consents[person]
        if offer.accepted_at and consent:
            source = told.year.openings[offer.opening].source
            agency, by = stage.programs[source.agency - 1], stage.label(source.editor)
            told_of = dumps(sorted(SCOPES[:3]))
            at = offer.accepted_at
            found.append((told.waiting.clients[person], consent, agency, offers[offer.number], told_of, "consent", notice, by, at))  # fmt: skip
    return found


def _cards(told: Told, stage: Stage) -> list[Row]:
    """The codes that are shown go to people of whom the page has something to say: a long line, and a place that is paused."""
    key, found = pepper(stage.settings), {}
    for person in sorted({each.person for each in told.year.places if each.status in OPEN_ENTRIES}):
        if stage.rng.random() < 0.7:
            found[person] = fingerprint(code_of(stage.rng.getrandbits(BITS)), key)
    for person, code in zip(_card_people(told), demo_codes(stage.settings), strict=True):
        found[person] = _hash(code, stage.settings)
    people = told.year.people
    return [(told.waiting.clients[person], hash, people[person].created_at) for person, hash in found.items()]


def _card_people(told: Told) -> tuple[int, int]:
    by_person: dict[int, list[Place]] = {}
    for place in told.year.places:
        by_person.setdefault(place.person, []).append(place)
    own = [(person, places) for person, places in by_person.items() if told.year.people[person].peer == TAKERS[0]]
    own = own or list(by_person.items())
    waits = [p for p, places in own if [each.status for each in places] == [Entry.WAITING] and places[0].line == 0]
    paused = [p for p, places in own if [each.status for each in places] == [Entry.ON_HOLD]]
    others = [p for p, places in own if any(each.status in OPEN_ENTRIES for each in places)]
    one = (waits or others)[len(waits) // 2]
    return one, next(p for p in (*paused, *others) if p != one)
