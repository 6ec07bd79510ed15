"""What waits for a second person's word, with what it is about, for those who may give it, and what somebody has asked for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import SITE, Action, Actor, demand
from directory.domain.waitlist.slots import SlotSeen
from directory.domain.waitlist.tiers import USUAL, Rules
from directory.services.clock import local_day
from directory.services.names import names_for
from directory.services.sealing import opened
from directory.services.waitlist.clients import called
from directory.services.waitlist.out_of_order import passed_in
from directory.services.waitlist.second_words import LOWER_TIER, kinds_by_reach
from directory.services.waitlist.slots import Person
from directory.settings import Settings
from directory.storage import records
from directory.storage.waitlist import clients, entries, pools, rules
from directory.storage.waitlist import second_words as storage
from directory.storage.waitlist import slots as openings
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.second_words import Word

MOST = 100
"""Wishes on the page: the oldest come first, and none waits long."""
OWN = 20
PASSED = 20
"""Those passed over who are named on a card; of more their number is told."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody before whom an opening would go to another: their tier when it was asked, and what they want to be called, "" for somebody
    in another line."""

    tier: int
    called: str


@dataclass(frozen=True, slots=True)
class WordCard:
    """A wish with what it is about; what it does not concern is None or "". `may_settle`: it is for the reader to answer. `passed` are the
    first of those who would be passed over, of whom there are `passed_count`; `rules` and `today` are those of the line."""

    word: Word
    person: Person | None
    entry: EntryNow | None
    line: str
    slot: SlotSeen | None
    note: str
    may_settle: bool
    passed: tuple[Passed, ...]
    passed_count: int
    rules: Rules
    today: date


@dataclass(frozen=True, slots=True)
class WordsPage:
    """`waiting` are for the reader, `own` what they have asked for, whatever became of it. `names` are those of people, by label."""

    waiting: tuple[WordCard, ...]
    own: tuple[WordCard, ...]
    names: Mapping[str, str]


async def words_list(*, by: Actor, now: datetime, settings: Settings) -> WordsPage:
    """What waits for somebody's word, and what they have asked for. Raises Denied."""
    demand(by, Action.SECOND_OFFER, SITE, now=now)
    found = [
        word for kinds, agencies in kinds_by_reach(by, now) for word in await storage.open_of(agencies, kinds, MOST)
    ]
    others = sorted((word for word in found if word.by != by.label), key=lambda word: word.id)
    own = await storage.asked_by(by.label, OWN)
    labels = {label for word in (*others, *own) for label in (word.by, word.settled_by or "")}
    details = {"count": len(others)}
    await records.access_log(at=now, by=by.label, action="see-words", subject="second words", details=details)
    return WordsPage(
        waiting=tuple([await _card(word, settings, now, may_settle=True) for word in others]),
        own=tuple([await _card(word, settings, now, may_settle=False) for word in own]),
        names=await names_for(labels=labels, by=by),
    )


async def _card(word: Word, settings: Settings, now: datetime, *, may_settle: bool) -> WordCard:
    entry = await entries.entry(word.entry) if word.entry is not None else None
    pool = await pools.pool(entry.pool) if entry else None
    passed = passed_in(word)
    return WordCard(
        word=word,
        person=await _person(word, settings),
        entry=entry,
        line=pool.name if pool else "",
        slot=await openings.slot_seen(word.slot) if word.slot is not None else None,
        note=str(opened(word.sealed, settings).get("note") or ""),
        may_settle=may_settle,
        passed=tuple([await _passed(each, tier, word, pool, settings) for each, tier in [*passed.items()][:PASSED]]),
        passed_count=len(passed),
        rules=(await rules.rules_now(pool.id)).rules if pool and (passed or word.kind == LOWER_TIER) else USUAL,
        today=await local_day(pool.timezone if pool else "UTC", now),
    )


async def _passed(id: int, tier: int, word: Word, pool: pools.Pool | None, settings: Settings) -> Passed:
    """Of another line nothing is told but that somebody stands there: it may be another agency's."""
    entry = await entries.entry(id)
    if entry is None or pool is None or (entry.pool, entry.agency) != (pool.id, word.agency):
        return Passed(tier, "")
    row = await clients.by_id(entry.client)
    return Passed(tier, called(row.sealed, settings) if row else "")


async def _person(word: Word, settings: Settings) -> Person | None:
    row = await clients.by_id(word.client) if word.client is not None else None
    if row is None:
        return None
    return Person(row.upi, called(row.sealed, settings), None)
