"""The tier of each place in line, as it follows from the facts and the rules: a better one is given at once, a worse one never by itself.

A fact that has run out, or one that was taken back, asks for the word of a second person before anybody goes further back (WAITLIST 3.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from directory.domain.access import Actor
from directory.domain.errors import Settled
from directory.domain.waitlist import tiers as rules
from directory.domain.waitlist.states import OPEN_ENTRIES
from directory.services.clock import Clock, local_day
from directory.services.waitlist import plumbing
from directory.services.waitlist.estimates import standing_first
from directory.services.waitlist.second_words import LOWER_TIER, open_on, word_ask, words_overtaken
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import rules as stored
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.second_words import Word

SYSTEM = "schedule"
"""In whose name a tier changes, or a word is asked for, where a day has passed and nobody has done anything."""
FACTS_CHANGED, RUN_OUT = "facts-changed", "run-out"
"""Why a worse tier is proposed."""
ASKED_AGAIN = timedelta(days=30)
"""After so long the schedule proposes a worse tier again that was refused. Whoever changes a fact proposes it at once."""
ROUND = 200
"""Clients that one round of the daily job looks at."""


async def tier_of(*, pool: int, facts: Mapping[str, str], on: date) -> int:
    """The tier that these facts come to by the rules of a line on a local day; on that of all others where none takes them."""
    return rules.tier_of(facts, (await stored.rules_now(pool)).rules, on)


async def tier_now(*, client: int, pool: int, zone: str, now: datetime) -> int:
    """The tier in which a client would stand in a line today, by what is known of them today. `zone` is that of the line."""
    today = await local_day(zone, now)
    return await tier_of(pool=pool, facts=await stored.facts_on(client, today), on=today)


async def tiers_settle(
    *, client: int, by: Actor | str, now: datetime, settings: Settings, reason: str = FACTS_CHANGED
) -> int:
    """Brings the tiers of a client's open places in line with what is known today, and says how many were raised.

    A better tier is given at once; for a worse one a second person is asked, once for each place. Called by whoever changes facts, in the
    same transaction, last in it: what is written here ends in the audit trail. `by` is a label where nobody signed in has done anything.
    """
    raised = 0
    for entry in await places.entries_of(client):
        if entry.status in OPEN_ENTRIES:
            raised += await _settle(entry, reason, by, now, settings)
    return raised


async def _settle(entry: EntryNow, reason: str, by: Actor | str, now: datetime, settings: Settings) -> int:
    due = await _tier_due(entry, now)
    if due > entry.tier:
        await _propose(entry, due, reason, by, now, settings)
        return 0
    await words_overtaken(kind=LOWER_TIER, entry=entry.id, by=by, now=now)
    if due == entry.tier or not await stored.tier_set(entry.id, entry.tier, due):
        return 0
    await standing_first(entry=entry.id, now=now)
    await _note(entry, "tier-raised", due, by if isinstance(by, str) else by.label, now)
    return 1


async def _tier_due(entry: EntryNow, now: datetime) -> int:
    return await tier_now(client=entry.client, pool=entry.pool, zone=entry.timezone, now=now)


async def _propose(entry: EntryNow, due: int, reason: str, by: Actor | str, now: datetime, settings: Settings) -> None:
    """Asks for a second word on a worse tier; where one is asked for already, that stands, unless the tier has become another.

    Where a day has passed and it is worse than what somebody asked for, it stays their wish: they are not to agree to it themselves.
    """
    if reason == RUN_OUT:
        if await stored.is_refused_since(LOWER_TIER, entry.id, now - ASKED_AGAIN):
            return
        before = await open_on(kind=LOWER_TIER, client=entry.client, entry=entry.id)
        by = before.by if before else by
    details: dict[str, object] = {"tier": due, "before": entry.tier}
    await word_ask(
        kind=LOWER_TIER,
        agency=entry.agency,
        reason=reason,
        by=by,
        now=now,
        client=entry.client,
        entry=entry.id,
        details=details,
        settings=settings,
    )


async def tier_lower(word: Word, by: Actor, now: datetime, settings: Settings) -> None:
    """Carries out that somebody goes to a worse tier, on which a second person has agreed: the one that was asked for, and no other.

    Facts that have run out end with it. Raises Settled where the facts have changed, so that there is nothing to lower any more, or
    another tier follows from them: that is a wish of its own. Needs the transaction of the second word.
    """
    entry = await places.entry(word.entry) if word.entry is not None else None
    if entry is None or entry.status not in OPEN_ENTRIES:
        raise Settled()
    due = await _tier_due(entry, now)
    if due <= entry.tier or due != word.details.get("tier") or not await stored.tier_set(entry.id, entry.tier, due):
        raise Settled()
    ended = await stored.facts_end(entry.client, await local_day(entry.timezone, now), now)
    await standing_first(entry=entry.id, now=now)
    await _note(entry, "tier-lowered", due, by.label, now, {"asked_by": word.by, "reason": word.reason, "ended": ended})


async def tiers_daily(*, clock: Clock, settings: Settings) -> int:
    """Looks once a day at those whose facts have run out, or in whose line a tier begins or ends by itself; says at how many."""
    now, after, done = clock(), 0, 0
    while clients := await stored.clients_to_settle((now + timedelta(days=1)).date(), ROUND, after):
        for client in clients:
            async with db.staging():
                await tiers_settle(client=client, by=SYSTEM, now=now, settings=settings, reason=RUN_OUT)
        done, after = done + len(clients), clients[-1]
    return done


async def _note(
    entry: EntryNow, what: str, tier: int, by: str, now: datetime, more: Mapping[str, object] | None = None
) -> None:
    details: dict[str, object] = {"tier_before": entry.tier, "tier_after": tier, **(more or {})}
    await plumbing.note(entry, what, by=by, now=now, details=details)
