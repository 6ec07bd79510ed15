"""The rules of a line: looked at, tried out on the line as it stands, and published, which never changes what was published before.

Whoever publishes has seen whom it moves; where the line or its rules have changed since, they look once more (WAITLIST 3.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from directory.domain.access import Action, Actor
from directory.domain.errors import Settled
from directory.domain.people import UnfitFields
from directory.domain.waitlist.reports import PRIORITY
from directory.domain.waitlist.tier_moves import Move, Standing, moves, tier_after
from directory.domain.waitlist.tiers import Rules, fingerprint, rules_problems, rules_text
from directory.services.clock import local_day
from directory.services.waitlist import plumbing
from directory.services.waitlist.estimates import standings_first
from directory.services.waitlist.pools import line_found
from directory.storage import db, records
from directory.storage.waitlist import pools
from directory.storage.waitlist import rules as stored
from directory.storage.waitlist.pools import Pool
from directory.storage.waitlist.rules import Published, RulesNow

__all__ = [
    "HISTORY",
    "Preview",
    "Published",
    "RulesShown",
    "rules_preview",
    "rules_publish",
    "rules_show",
]

HISTORY = 50
"""Versions that the page shows."""


@dataclass(frozen=True, slots=True)
class RulesShown:
    """A line with the rules in force and those before, the latest first. `is_funded`: by the block grant, itself or a program that feeds it."""

    pool: Pool
    now: RulesNow
    history: tuple[Published, ...]
    today: date
    is_funded: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What other rules would do to a line of `size` people. `token` stands for the line, its rules and the new ones as they were seen."""

    pool: Pool
    before: Rules
    after: Rules
    moves: tuple[Move, ...]
    upis: Mapping[int, str]
    size: int
    token: str


async def rules_show(*, id: int, by: Actor, now: datetime) -> RulesShown:
    """The rules of a line, which all who keep places in it may read. Raises NotFound, Denied."""
    pool = await line_found(id=id, by=by, now=now)
    history = await stored.history(id, HISTORY)
    today, is_funded = await local_day(pool.timezone, now), await pools.is_under_grant(id)
    return RulesShown(pool, await stored.rules_now(id), tuple(history), today, is_funded)


async def rules_preview(*, id: int, rules: Rules, by: Actor, now: datetime) -> Preview:
    """Whom these rules would move, and how far. Nothing is changed by it. Raises UnfitFields, NotFound, Denied."""
    pool = await line_found(id=id, by=by, now=now, action=Action.KEEP_POOLS)
    _check(rules, is_funded=await pools.is_under_grant(id))
    before, line, today = await _as_it_stands(pool, now)
    found = moves(line, before.rules, rules, today)
    upis = await stored.upis([each.entry for each in found], pool.agency)
    details = {"shown": len(found)}
    await records.access_log(at=now, by=by.label, action="see-line", subject=f"pool {id}", details=details)
    return Preview(pool, before.rules, rules, found, upis, len(line), _token(pool, before, rules, line))


async def rules_publish(*, id: int, rules: Rules, token: str, by: Actor, now: datetime) -> int:
    """Puts new rules in force, and everybody in the line where they then stand; says how many came to another place.

    Raises Settled where the line or its rules are not as they were when `token` was made, UnfitFields, NotFound, Denied.
    """
    pool = await line_found(id=id, by=by, now=now, action=Action.KEEP_POOLS)
    _check(rules, is_funded=await pools.is_under_grant(id))
    text = rules_text(rules)
    async with db.staging():
        before, line, today = await _as_it_stands(pool, now)
        if before.id is not None and rules_text(before.rules) == text:
            return 0  # a second tap on the same button
        if token != _token(pool, before, rules, line):
            raise Settled()
        version = await stored.version_add(id, text, fingerprint(text), by=by.label, now=now)
        if not await stored.version_use(id, version, before.id, rules.contact_days):
            raise Settled()
        # Once more with the line in hand: the grant may have come to pay for it, or for what feeds it, a moment ago.
        _check(rules, is_funded=await pools.grant_hold(id))
        moved = await _carry_out(id, line, before.rules, rules, today, version, by.label, now)
        details = {"version": version, "sha256": fingerprint(text), "people": len(line), "moved": moved}
        chain = plumbing.chain_of(pool.agency)
        await records.audit(
            at=now, by=by.label, action="rules-published", subject=f"pool {id}", details=details, chain=chain
        )
    return moved


def _check(rules: Rules, *, is_funded: bool) -> None:
    if problems := rules_problems(rules, is_funded=is_funded):
        raise UnfitFields(problems)


async def _as_it_stands(pool: Pool, now: datetime) -> tuple[RulesNow, list[Standing], date]:
    today = await local_day(pool.timezone, now)
    return await stored.rules_now(pool.id), await stored.standings(pool.id, today), today


async def _carry_out(
    pool: int, line: Sequence[Standing], before: Rules, after: Rules, today: date, version: int, by: str, now: datetime
) -> int:
    """Sets the tiers, and tells it in the history of those alone whose place, or limit, is another one; says how many places that were."""
    tiers = {each.entry: tier for each in line if (tier := tier_after(each, before, after, today)) != each.tier}
    await stored.tiers_set(tiers)
    found = moves(line, before, after, today)
    noted = [move for move in found if move.has_moved or _is_federal(move)]
    if tiers:
        await standings_first(pool=pool, entries=tiers, now=now)
    await stored.events_add("moved", [(move.entry, _told(move, version)) for move in noted], by=by, now=now)
    return sum(move.has_moved for move in found)


def _is_federal(move: Move) -> bool:
    """Whether somebody comes to a tier that the federal order has a limit for, or leaves one: the reports ask when that was."""
    return bool({move.tier_before, move.tier_after} & set(PRIORITY))


def _told(move: Move, version: int) -> dict[str, object]:
    return {
        "rules": version,
        "tier_before": move.tier_before,
        "tier_after": move.tier_after,
        "place_before": move.place_before,
        "place_after": move.place_after,
    }


def _token(pool: Pool, before: RulesNow, after: Rules, line: Sequence[Standing]) -> str:
    """What a preview was made of: the rules that are in force, the new ones, and everybody with their tier and what is known of them."""
    people = sorted((each.entry, each.tier, each.requested_at.isoformat(), sorted(each.facts.items())) for each in line)
    seen = (pool.id, pool.is_funded, before.id, rules_text(after), people)
    return sha256(repr(seen).encode()).hexdigest()
