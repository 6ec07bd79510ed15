"""What is still to be decided and done in the lines of the demonstration, asked through the services that people use, and so in the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO

from directory.domain.access import Actor
from directory.domain.waitlist.clocks import INJECTING, PREGNANT, Tier
from directory.domain.waitlist.facts import CLIENT, NO, YES, Fact
from directory.domain.waitlist.known import Known
from directory.domain.waitlist.people_made import FAMILY, GIVEN
from directory.domain.waitlist.routes import CALL, Way
from directory.domain.waitlist.simulated import OPEN, Place, Year
from directory.domain.waitlist.states import Entry, Slot
from directory.domain.waitlist.tiers import tier_at
from directory.services.demo_forms import Forms
from directory.services.demo_lines import Made
from directory.services.demo_waiting_people import Stage, Waiting
from directory.services.sealing import seal
from directory.services.waitlist.appeals import CLOSED, NOT_OFFERED, TIER, appeal_make, appeal_settle
from directory.services.waitlist.entries import entry_backdate_ask, entry_join
from directory.services.waitlist.facts import fact_set
from directory.services.waitlist.line_imports import import_read
from directory.services.waitlist.merging import clients_merge
from directory.services.waitlist.offers import NotOfferable
from directory.services.waitlist.out_of_order import InOrder, offer_ask
from directory.services.waitlist.pairs import pairs_list
from directory.services.waitlist.taking_on import client_add
from directory.storage import db
from directory.storage import demo_waitlist as storage
from directory.storage.waitlist import clients


@dataclass(frozen=True, slots=True)
class Told:
    """The year with the ids under which it was put in: lines, people, and by their numbers places and openings."""

    year: Year
    lines: Sequence[Made]
    waiting: Waiting
    entries: Sequence[int]
    slots: Sequence[int]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who came so many hours ago, to no line yet where `line` is None. `facts` are known to be so; `late`: the request is that old."""

    words: int
    hours: float
    line: int | None
    facts: tuple[str, ...] = ()
    late: timedelta = timedelta(0)


NEWCOMERS = (
    Newcomer(571, 5, 0, (PREGNANT, INJECTING)),
    Newcomer(572, 40, 0, (INJECTING,)),
    Newcomer(573, 70, 1, (INJECTING,)),
    Newcomer(574, 3, None),
    Newcomer(575, 200, 1, (INJECTING,), timedelta(days=124)),
)
"""Interim services are due to the first two, were never offered to the third, and the last one has waited for over 120 days."""
CALLS = (
    ("Wren Ashpond", "775-555-0190", "after 5 pm", "self", "en", 2),
    ("Dove Lowbridge", "702-555-0191", "", "other", "en", 19),
    ("Robin Mosswall", "775-555-0192", "mornings", "self", "es", 51),
)
"""Who asks to be called: name, number, times, for whom, language, and how many hours ago."""
APPEALS = (
    (NOT_OFFERED, "There was a room in May, and nobody called me about it."),
    (TIER, "I told them that I have my two children with me. It says nothing of that."),
    (CLOSED, "You took me off the list. I was in the hospital all that time."),
)
SHEET = """\
called,name,phone,requested
Sage,Sage Ironpool,775-555-0197,{first}
Reed,Reed Jadecliff,775-555-0198,{second}
Moss,Moss Kettlebank,775-555-0199,soon
"""
"""A list that an outreach team kept by hand, the last row with a date that is none."""


async def questions_ask(*, told: Told, actors: Mapping[str, Actor], stage: Stage) -> None:
    """Asks all of it."""
    forms = Forms()
    waits = [each for each in told.year.places if each.status is Entry.WAITING]
    await _newcomers(told, actors["pablo"], actors["coordinator"], stage)
    await _twice(told, waits, actors["quinn"], actors["coordinator"], stage)
    await _words(told, waits, actors["peer"], actors["pablo"], stage)
    await _appeals(told, waits, actors, forms, stage)
    await _calls(stage)
    await _sheet(told, stage)
    await forms.forget()


async def _person(number: int, phone: str, hours: float, by: Actor, stage: Stage) -> int:
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN) % len(FAMILY)]
    at = (stage.now - timedelta(hours=hours)).replace(microsecond=0)
    async with db.staging():
        return await client_add(
            agency=stage.agency,
            known=Known(f"{given} {family[0]}.", f"{given} {family}", date(1990, 1 + number % 12, 1 + number % 28)),
            language="en",
            ways=[Way(CALL, phone, may_leave_word=True)],
            peer=by.person,
            by=by,
            now=at,
            settings=stage.settings,
            is_demo=True,
        )


async def _newcomers(told: Told, by: Actor, coordinator: Actor, stage: Stage) -> None:
    for place, each in enumerate(NEWCOMERS):
        client = await _person(each.words, f"406-555-019{place}", each.hours, by, stage)
        at = (stage.now - timedelta(hours=each.hours)).replace(microsecond=0)
        for code in each.facts:
            due = stage.day(at) + timedelta(days=100) if code == PREGNANT else None
            fact = Fact(code, YES, CLIENT, stage.day(at), due)
            await fact_set(client=client, fact=fact, by=by, now=at, settings=stage.settings)
        if each.line is not None:
            pool, tie = told.lines[each.line].id, stage.rng.getrandbits(31)
            asked, who = (at - each.late, coordinator) if each.late else (None, by)
            await entry_join(client=client, pool=pool, tie=tie, by=who, now=at, requested_at=asked)


async def _twice(told: Told, waits: Sequence[Place], by: Actor, coordinator: Actor, stage: Stage) -> None:
    """Two people who may be here twice: of one that was settled already, the other waits for a coordinator."""
    for place, hours in ((waits[0], 300.0), (waits[-1], 30.0)):
        other = told.year.people[place.person]
        client = await _person(other.number, other.phone, hours, by, stage)
        at = stage.now - timedelta(hours=hours)
        await entry_join(client=client, pool=told.lines[place.line].id, tie=stage.rng.getrandbits(31), by=by, now=at)
        if place is waits[0]:
            await _merge(told.waiting.clients[place.person], client, coordinator, at + timedelta(hours=20), stage)


async def _merge(kept: int, gone: int, by: Actor, now: datetime, stage: Stage) -> None:
    rows = [await clients.by_id(each) for each in (kept, gone)]
    versions = {row.id: row.version for row in rows if row}
    waiting, _ = await pairs_list(by=by, now=now)
    pair = next(each for each in waiting if {each.one, each.other} == {kept, gone})
    await clients_merge(pair=pair.id, keep=kept, versions=versions, by=by, now=now, settings=stage.settings)


async def _words(told: Told, waits: Sequence[Place], by: Actor, other: Actor, stage: Stage) -> None:
    """What a second person has to agree to: an older request, a later place, and an offer out of turn."""
    hers = [each for each in waits[1:-1] if told.year.people[each.person].peer == "peer"] or list(waits[1:-1])
    late, now = hers[len(hers) // 2], stage.now - timedelta(hours=22)
    await entry_backdate_ask(
        entry=told.entries[late.number],
        to=late.requested_at - timedelta(days=6),
        reason="asked-by-phone",
        note="She called us the week before. It is in the phone log.",
        by=by,
        now=now,
        settings=stage.settings,
    )
    low = [each for each in waits if Tier.PREGNANT < each.tier < Tier.OTHERS and each is not late]
    if low:
        place = low[-1]
        tier = tier_at(place.tier, told.lines[place.line].line.rules, stage.day(now))
        assert tier is not None  # it is one of these rules
        client = told.waiting.clients[place.person]
        fact = Fact(tier.facts[0], NO, CLIENT, stage.day(now))
        await fact_set(client=client, fact=fact, by=other, now=now, settings=stage.settings)
    await _out_of_turn(told, waits, other, stage)


async def _out_of_turn(told: Told, waits: Sequence[Place], by: Actor, stage: Stage) -> None:
    opening = next(each for each in reversed(told.year.openings) if each.last == OPEN and each.status is Slot.OPEN)
    here = sorted((each for each in waits if each.line == opening.line), key=lambda each: each.requested_at)
    for place in here:
        with suppress(InOrder, NotOfferable):
            await offer_ask(
                slot=told.slots[opening.number],
                entry=told.entries[place.number],
                reason="unreachable-today",
                note="",
                by=by,
                now=stage.now - timedelta(hours=1),
                settings=stage.settings,
            )
            return


async def _appeals(told: Told, waits: Sequence[Place], actors: Mapping[str, Actor], forms: Forms, stage: Stage) -> None:
    closed = [each for each in told.year.places if each.close_reason == "cannot-locate"]
    about = {NOT_OFFERED: waits[len(waits) // 3], TIER: waits[len(waits) // 2], CLOSED: closed[-1]}
    for (code, words), days in zip(APPEALS, (4, 2, 1), strict=True):
        place = about[code]
        row = await clients.by_id(told.waiting.clients[place.person])
        assert row is not None
        id = await appeal_make(
            entry=told.entries[place.number],
            upi=row.upi,
            about=code,
            words=words,
            form=forms.new(),
            by=actors["peer"],
            now=stage.now - timedelta(days=days),
            settings=stage.settings,
        )
        if code == TIER and id:
            await appeal_settle(
                id=id,
                overturned=True,
                answer="You are right. We asked you again and wrote it down.",
                by=actors["coordinator"],
                now=stage.now - timedelta(hours=20),
                settings=stage.settings,
            )


async def _calls(stage: Stage) -> None:
    """They carry the agency, so that they go with it: a real one belongs to nobody."""
    columns = ("agency_id", "sealed", "language", "status", "at", "version")
    async with db.staging():
        await storage.put_all("intake", columns, list(_call_rows(stage)))


def _call_rows(stage: Stage) -> Iterable[tuple[object, ...]]:
    for name, phone, times, whom, language, hours in CALLS:
        words = {"name": name, "phone": phone, "times": times, "for_whom": whom, "note": ""}
        sealed = seal(words, stage.settings)
        yield (stage.agency, sealed, language, "waiting", stage.now - timedelta(hours=hours), 1)


async def _sheet(told: Told, stage: Stage) -> None:
    days = [(stage.now - timedelta(days=back)).date().isoformat() for back in (33, 19)]
    await import_read(
        stream=BytesIO(SHEET.format(first=days[0], second=days[1]).encode()),
        file="outreach-list.csv",
        agency=stage.discloser,
        line=told.lines[0].demo.name,
        layout=None,
        by=stage.label("quinn"),
        now=stage.now - timedelta(hours=8),
        settings=stage.settings,
    )
