"""Making one of two clients who turned out to be one person: nothing is lost, and nobody waits longer for it (WAITLIST 3.6).

The earliest request from which they have waited without a break counts, a live offer goes with them, and what both had once is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from directory.domain.access import Actor
from directory.domain.errors import NotFound, Settled
from directory.domain.sign_in import fold_email
from directory.domain.waitlist.names import phone_digits
from directory.domain.waitlist.pairs import MergeRefused, PairState, Spell, waiting_since
from directory.domain.waitlist.states import CLOSE_REASONS, OPEN_ENTRIES, Entry
from directory.services.bridge.merging import bridge_merge
from directory.services.bridge.seats import seats_merged
from directory.services.sealing import opened, seal
from directory.services.waitlist import plumbing
from directory.services.waitlist.consents import offers_end_uncovered
from directory.services.waitlist.estimates import standing_first
from directory.services.waitlist.pairs import consents_ending, pair_found, pair_note, pairs_find
from directory.services.waitlist.second_words import BACK_DATE, open_on
from directory.services.waitlist.tiers import ROUND, SYSTEM, tiers_settle
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.waitlist import clients, consents, entries, routes
from directory.storage.waitlist import merging as stored
from directory.storage.waitlist import pairs as pair_rows
from directory.storage.waitlist import second_words as words
from directory.storage.waitlist.clients import ClientNow
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.routes import RouteNow

MERGED = "merged"
"""Why the later of two entries in one line ends."""
_OFFERED = (Entry.OFFERED, Entry.ACCEPTED)


@dataclass
class Outcome:
    """What a merging did, for the audit trail: entries that ended, those that wait on, the wishes for a second word that fell away, the
    consents that one of the two had taken back by then, and how many offers ended with them."""

    closed: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    consents: tuple[int, ...] = ()
    offers: int = 0


async def clients_merge(
    *, pair: int, keep: int, versions: Mapping[int, int], by: Actor, now: datetime, settings: Settings
) -> str:
    """Makes one client of a pair, and gives the number of the one that stays (`keep`, by id). `versions` are those that were looked at.

    Raises MergeRefused where both hold an offer, Settled where somebody has changed one of them or decided meanwhile, NotFound, Denied.
    """
    found = await pair_found(id=pair, by=by, now=now)
    if keep not in (found.one, found.other):
        raise NotFound(pair=pair)
    if found.status is PairState.SAME and found.settled_by == by.label:
        return await _kept(keep)  # a second tap on the same button
    async with db.staging():
        if not await pair_rows.settle(pair, PairState.OPEN, PairState.SAME, by=by.label, now=now):
            raise Settled()
        kept, gone = await _both(keep, found.other if keep == found.one else found.one)
        await _take(kept, gone, versions, settings)
        outcome = await _merged(kept, gone, by.label, now, settings)
        await pairs_find(client=kept.id, now=now)
        await tiers_settle(client=kept.id, by=by, now=now, settings=settings)
        await pair_note(found, "pair-same", by.label, now)
        await _audit(kept, gone, outcome, by.label, now)
    return kept.upi


async def _kept(client: int) -> str:
    """The number under which a client is kept by now."""
    row = await clients.by_id(client)
    while row is not None and row.merged_into is not None:
        row = await clients.by_id(row.merged_into)
    assert row is not None
    return row.upi


async def _both(keep: int, gone: int) -> tuple[ClientNow, ClientNow]:
    """Both as they are now. Raises MergeRefused where each of them holds an offer: one of the two has to end first."""
    rows = await clients.by_id(keep), await clients.by_id(gone)
    assert rows[0] is not None
    assert rows[1] is not None
    if await stored.live_offer(keep) and await stored.live_offer(gone):
        raise MergeRefused("both-offered")
    return rows[0], rows[1]


async def _take(kept: ClientNow, gone: ClientNow, versions: Mapping[int, int], settings: Settings) -> None:
    """Has one lead to the other, which gets what it did not have. Raises Settled where either is not as it was looked at."""
    columns: dict[str, object] = {
        "sealed": seal(known_of_both(opened(kept.sealed, settings), opened(gone.sealed, settings)), settings),
        "peer_id": kept.peer if kept.peer is not None else gone.peer,
        "legal_hold": kept.legal_hold or gone.legal_hold,
        "notice_on": kept.notice_on or gone.notice_on,
    }
    is_gone = await stored.client_take(gone.id, versions.get(gone.id, 0), {"merged_into_id": kept.id})
    if not is_gone or not await stored.client_take(kept.id, versions.get(kept.id, 0), columns):
        raise Settled()
    await stored.chain_shorten(gone.id, kept.id)


def known_of_both(kept: Mapping[str, Any], gone: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of one who stays, with what only the other had; both notes, one after the other."""
    found = {name: kept.get(name) or gone.get(name) or "" for name in {**kept, **gone}}
    notes = [str(each["note"]) for each in (kept, gone) if each.get("note")]
    return found | ({"note": "\n".join(dict.fromkeys(notes))} if notes else {})


async def _merged(kept: ClientNow, gone: ClientNow, by: str, now: datetime, settings: Settings) -> Outcome:
    """Brings together all that hangs on the two. Needs the transaction."""
    outcome = Outcome()
    own, others = await entries.entries_of(kept.id), await entries.entries_of(gone.id)
    for pool in sorted({each.pool for each in (*own, *others)}):
        here = [each for each in (*own, *others) if each.pool == pool]
        await _line_merged(here, gone.upi, outcome, by, now)
    await _routes_merged(kept.id, gone.id, now, settings)
    outcome.consents = await consents_ending(kept.id, gone.id)
    await stored.codes_settle(kept.id, gone.id, now)
    outcome.words += await stored.words_settle(gone.id, outcome.closed, now, by)
    await pair_rows.drop_open(gone.id)
    await stored.pairs_move(gone.id, kept.id)
    await stored.keys_move(gone.id, kept.id)
    await seats_merged(kept=kept.id, gone=gone.id, now=now, settings=settings)
    await stored.rows_move(gone.id, kept.id)
    await bridge_merge(kept=kept, gone=gone, now=now, settings=settings)
    await stored.facts_single(kept.id, now)
    for id in outcome.consents:
        await consents.revoke(id, now)
    if outcome.consents:
        outcome.offers = await offers_end_uncovered(kept, by=by, now=now, settings=settings)
    for entry in outcome.kept:
        await standing_first(entry=entry, now=now)
    return outcome


async def _audit(kept: ClientNow, gone: ClientNow, outcome: Outcome, by: str, now: datetime) -> None:
    details: dict[str, object] = {
        "gone": gone.upi,
        "closed": outcome.closed,
        "kept": outcome.kept,
        "words": outcome.words,
    }
    if outcome.consents:
        details |= {"consents": list(outcome.consents), "offers": outcome.offers}
    for agency in sorted({kept.agency, gone.agency}):
        chain = plumbing.chain_of(agency)
        await records.audit(
            at=now, by=by, action="client-merged", subject=f"client {kept.upi}", details=details, chain=chain
        )


# --- entries in one line ---------------------------------------------------------------------------------------------


async def _line_merged(here: Sequence[EntryNow], gone: str, outcome: Outcome, by: str, now: datetime) -> None:
    """Makes one of the open entries that somebody has in one line: the earlier one stays and takes the offer of the other with it."""
    still = sorted(
        (each for each in here if each.status in OPEN_ENTRIES), key=lambda each: (each.requested_at, each.id)
    )
    if not still:
        return
    first, later = still[0], (still[1] if len(still) > 1 else None)
    columns = _columns(first, later, here)
    if later is not None:
        await _close(later, first.id, by, now)
        outcome.closed.append(later.id)
        since = columns.get("requested_at", first.requested_at)
        assert isinstance(since, datetime)
        await _back_date_carry(first, later, since, outcome, by, now)
    if not columns and later is None and first.upi != gone:
        return
    if not await stored.entry_set(first.id, first.status, columns or {"status": first.status.value}):
        raise Settled()
    await _tell(first, later, columns, gone, by, now)
    outcome.kept.append(first.id)


async def _back_date_carry(
    first: EntryNow, later: EntryNow, since: datetime, outcome: Outcome, by: str, now: datetime
) -> None:
    """Has the wish to date the entry that ends back hold for the one that stays, where it asks for an earlier day than all else there is."""
    own = await open_on(kind=BACK_DATE, client=first.client, entry=first.id)
    other = await open_on(kind=BACK_DATE, client=later.client, entry=later.id)
    if other is None or _asked_for(other) >= min([since, *([_asked_for(own)] if own else [])]):
        return  # ends with its entry
    if own and await words.settle(own.id, words.OVERTAKEN, by=by, now=now):
        outcome.words.append(own.id)
    await words.carry(other.id, first.id)


def _asked_for(word: words.Word) -> datetime:
    return datetime.fromisoformat(str(word.details["requested_at"]))


def _columns(first: EntryNow, later: EntryNow | None, here: Sequence[EntryNow]) -> dict[str, object]:
    """What the entry that stays is set to: the best tier of both, the earliest request without a break, the state of whoever is further."""
    spells = {each.id: Spell(each.requested_at, each.closed_at, each.close_reason) for each in here}
    since = waiting_since(spells[first.id], [spells[each.id] for each in here if each.id != first.id])
    found: dict[str, object] = {}
    if since != first.requested_at:
        source = next(each for each in here if each.requested_at == since)
        found |= {"requested_at": since, "tie": source.tie, "no_capacity_on": source.no_capacity_on}
    if later is None:
        return found
    if later.tier < first.tier:
        found["tier"] = later.tier
    if later.recommended_by and not first.recommended_by:
        found |= {"recommended_by": later.recommended_by, "asam": later.asam, "edition": later.edition}
    if later.status in _OFFERED or (first.status is Entry.ON_HOLD and later.status is Entry.WAITING):
        found |= {"status": later.status.value, "hold_reason": None, "review_on": None}
    return found


async def _close(later: EntryNow, first: int, by: str, now: datetime) -> None:
    columns: dict[str, object] = {"status": Entry.CLOSED.value, "closed_at": now, "close_reason": MERGED}
    if not await stored.entry_set(later.id, later.status, columns | {"hold_reason": None, "review_on": None}):
        raise Settled()
    if later.status in _OFFERED:
        live = await stored.live_offer(later.client)
        assert live is not None
        await stored.offer_carry(live.offer, first)
    details: dict[str, object] = {"reason": MERGED, "attribution": CLOSE_REASONS[MERGED].value, "into": first}
    before, after = later.status.value, Entry.CLOSED.value
    await entries.event_add(later.id, "closed", by=by, now=now, before=before, after=after, details=details)


async def _tell(
    first: EntryNow, later: EntryNow | None, columns: Mapping[str, object], gone: str, by: str, now: datetime
) -> None:
    details: dict[str, object] = {"gone": gone} | ({"from": later.id} if later else {})
    if isinstance(since := columns.get("requested_at"), datetime):
        details |= {"requested_before": first.requested_at.isoformat(), "requested_at": since.isoformat()}
    after = str(columns.get("status", first.status.value))
    await entries.event_add(first.id, MERGED, by=by, now=now, before=first.status.value, after=after, details=details)


# --- ways to reach them ----------------------------------------------------------------------------------------------


async def _routes_merged(kept: int, gone: int, now: datetime, settings: Settings) -> None:
    """Has each number and address once. What one of the two did not agree to is not agreed to, and what one calls shared is shared."""
    own = {_to(route, settings): route for route in await routes.of_client(kept)}
    for other in await routes.of_client(gone):
        if route := own.get(_to(other, settings)):
            stopped = [each for each in (route.stopped_at, other.stopped_at) if each]
            is_shared = route.is_shared or other.is_shared
            await routes.change(
                route.id,
                {
                    "is_shared": is_shared,
                    "may_leave_word": route.may_leave_word and other.may_leave_word,
                    "is_agreed": route.is_agreed and other.is_agreed and not is_shared,
                    "asks_agreed": route.asks_agreed and other.asks_agreed and not is_shared,
                    "stopped_at": min(stopped, default=None),
                },
            )
            await routes.change(other.id, {"ended_at": now})


def _to(route: RouteNow, settings: Settings) -> tuple[str, str]:
    text = str(opened(route.sealed, settings).get("to") or "")
    return route.channel, phone_digits(text) or fold_email(text) or f"route {route.id}"


# --- what came in at the same time ------------------------------------------------------------------------------------


async def merged_tidy(*, now: datetime, settings: Settings) -> int:
    """Moves what was written about a merged client in the very moment of the merging, by somebody who had looked before; says of how many."""
    done = 0
    for id in await stored.strays(ROUND):
        async with db.staging():
            gone = await clients.by_id(id)
            kept = await clients.by_id(gone.merged_into) if gone and gone.merged_into is not None else None
            if gone is None or kept is None or (await stored.live_offer(kept.id) and await stored.live_offer(id)):
                continue
            outcome = await _merged(kept, gone, SYSTEM, now, settings)
            await tiers_settle(client=kept.id, by=SYSTEM, now=now, settings=settings)
            await _audit(kept, gone, outcome, SYSTEM, now)
            done += 1
    return done
