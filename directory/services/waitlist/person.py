"""The page of somebody who waits, for the people of their own peer agency: all that is known, each place with its reasons, and what is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.access import Action, Actor, Allowed, may, of_agency
from directory.domain.errors import FootbridgeError, NotFound, Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.board import Line, lines_of
from directory.domain.waitlist.facts import YES
from directory.domain.waitlist.ranking import Answer, Place, Restriction, answers
from directory.domain.waitlist.routes import Way
from directory.domain.waitlist.shown import place_shown
from directory.domain.waitlist.states import OPEN_ENTRIES, Entry, Offer
from directory.domain.waitlist.tiers import PriorityTier, tier_at
from directory.domain.waitlist.windows import is_live
from directory.services.bridge.plans import plan_is_open
from directory.services.clock import local_day
from directory.services.names import names_for
from directory.services.sealing import opened
from directory.services.waitlist.appeals import Appeal, appeals_of
from directory.services.waitlist.board_people import people_of
from directory.services.waitlist.clients import Somebody, client_audit, client_found, client_read
from directory.services.waitlist.consents import Kept, consents_of
from directory.services.waitlist.disclosures import Told, disclosures_of
from directory.services.waitlist.entries import clock_is_kept, entry_allowed
from directory.services.waitlist.facts import facts_due, facts_now
from directory.services.waitlist.history import Step, history_of
from directory.services.waitlist.interim import Interim, interim_of
from directory.services.waitlist.offers import offer_expire
from directory.services.waitlist.routes import ways_of
from directory.services.waitlist.second_words import BACK_DATE, CANNOT_LOCATE, LOWER_TIER
from directory.settings import Settings
from directory.storage import agencies as homes
from directory.storage import db
from directory.storage.bridge import peers as peers_stored
from directory.storage.bridge import plans as plans_stored
from directory.storage.bridge.peers import PeerNow
from directory.storage.waitlist import clients as rows
from directory.storage.waitlist import contacts as contacts_stored
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import facts as facts_stored
from directory.storage.waitlist import lines as lines_stored
from directory.storage.waitlist import person as storage
from directory.storage.waitlist import rules as rules_stored
from directory.storage.waitlist import second_words as words_stored
from directory.storage.waitlist import status as status_stored
from directory.storage.waitlist.board import ClientRow, EntryRow
from directory.storage.waitlist.clients import ClientNow
from directory.storage.waitlist.contacts import ContactNow
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.facts import FactNow
from directory.storage.waitlist.person import Before, OfferLine, Opening

__all__ = [
    "CaseloadFull",
    "Contact",
    "FactNow",
    "Fitting",
    "NotTheirsToMove",
    "OfferLine",
    "Person",
    "Spot",
    "client_move",
    "fact_history",
    "kept_upi",
    "person_show",
    "spot_show",
]

OPENINGS = 10
"""Openings of one line that a page looks at."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """An opening of the line, with what each of its rules says of this client."""

    opening: Opening
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """One place in line with its reasons: who stands `before`, the rule of the `tier`, by when its own target is over, what is open now.

    `is_kept`: a closed one would come back with the old request today. `asked` are the second words that are open about it;
    `told` is the place that the client's own page says.
    """

    entry: EntryNow
    before: tuple[Before, ...]
    tier: PriorityTier | None
    target_at: datetime | None
    openings: tuple[Fitting, ...]
    is_kept: bool
    asked: tuple[str, ...] = ()
    told: Place | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still stands there."""
        return self.entry.status in OPEN_ENTRIES


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact with its note and the name of who noted it."""

    row: ContactNow
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Person:
    """All of a person's page. `zone` is that of their agency, `lines` what is due, the most urgent first; `names` those of labels that the reader may know,
    `has_records` whether the records of this person are the reader's to keep, `has_plan` that there is a plan, of which no more is said here, `may_move` whether
    the reader may say who goes with them, `may_overfill` whether also a peer who goes with as many people as were agreed."""

    who: Somebody
    zone: str
    peer: str
    peers: tuple[PeerNow, ...]
    ways: tuple[Way, ...]
    lines: tuple[Line, ...]
    spots: tuple[Spot, ...]
    facts: Mapping[str, FactNow]
    to_ask: tuple[str, ...]
    offers: tuple[OfferLine, ...]
    contacts: tuple[Contact, ...]
    interim: Interim
    consents: tuple[Kept, ...]
    told: tuple[Told, ...]
    appeals: tuple[Appeal, ...]
    steps: tuple[Step, ...]
    names: Mapping[str, str]
    has_records: bool
    has_plan: bool
    may_move: bool
    may_overfill: bool


async def kept_upi(*, upi: str, by: Actor, now: datetime, settings: Settings) -> str:
    """The number under which somebody is kept by now: another one where they were merged. Raises NotFound, Denied."""
    found = (await client_found(upi=upi, by=by, now=now, settings=settings)).row
    kept = await rows.by_id(found.merged_into) if found.merged_into else found
    if kept is None:
        raise NotFound(client=upi)
    return kept.upi


async def person_show(*, upi: str, by: Actor, now: datetime, settings: Settings, part: str = "page") -> Person:
    """A person's page; that somebody looked at it (`part` of it) stands in the access log. Raises NotFound, Denied."""
    who = await client_read(upi=upi, what=part, by=by, now=now, settings=settings)
    client = who.row.id
    entries = await _entries(client, now, settings)
    facts = await facts_now(client=client, by=by, now=now)
    known = {code for code, fact in facts.items() if fact.value == YES}
    spots = [await _spot(entry, facts, now) for entry in entries]
    noted = await contacts_stored.contacts_of(client)
    consents = await consents_of(client=client, by=by, now=now, settings=settings)
    told = await disclosures_of(client=client, by=by, now=now, settings=settings)
    peers = await peers_stored.peers_of(who.row.agency)
    interim = await interim_of(client, known, [entry.requested_at for entry in entries if entry.status in OPEN_ENTRIES])
    labels = {each.by for each in noted} | {each.by for each in facts.values()} | {each.by for each in told}
    labels |= {each.by for each in interim.latest.values()}
    names = await names_for(labels=labels, by=by)
    home = await homes.agency(who.row.agency)
    return Person(
        who=who,
        zone=home.values.timezone if home else "UTC",
        peer=next((each.name for each in peers if each.id == who.row.peer), ""),
        peers=tuple(peers),
        ways=tuple(way for _, way in await ways_of(client=client, settings=settings)),
        lines=await _lines(who, entries, now),
        spots=tuple(sorted(spots, key=lambda spot: not spot.is_open)),
        facts=facts,
        to_ask=await facts_due(client=client, by=by, now=now),
        offers=tuple(await storage.offers_of(client)),
        contacts=tuple(_contact(row, names, settings) for row in noted),
        interim=interim,
        consents=consents,
        told=told,
        appeals=await appeals_of(client=client, by=by, settings=settings),
        steps=await history_of(client=client, by=by),
        names=names,
        has_records=isinstance(may(by, Action.KEEP_RECORDS, of_agency(who.row.agency), now=now), Allowed),
        has_plan=await plans_stored.plan(client) is not None,
        may_move=await _may_move(who.row, peers, by, now),
        may_overfill=_may_overfill(by, who.row.agency, now),
    )


async def _entries(client: int, now: datetime, settings: Settings) -> list[EntryNow]:
    """The places of a client, once offers that are over have ended."""
    for offer in await storage.offers_of(client):
        if offer.status is Offer.PENDING and not is_live(offer.expires_at, now):
            await offer_expire(offer=offer.id, now=now, settings=settings)
    return await places.entries_of(client)


async def _lines(who: Somebody, entries: Sequence[EntryNow], now: datetime) -> tuple[Line, ...]:
    """What is due for them, as on the board."""
    (person,) = await people_of([_row(who, entries)], now)
    return lines_of(person, now)


def _row(who: Somebody, entries: Sequence[EntryNow]) -> ClientRow:
    """The client as the board looks at them, so that page and board say the same."""
    open_ones = [
        EntryRow(
            id=entry.id,
            pool=entry.pool,
            line=entry.pool_name,
            zone=entry.timezone,
            contact_days=entry.contact_days,
            status=entry.status,
            tier=entry.tier,
            requested_at=entry.requested_at,
            no_capacity_on=entry.no_capacity_on,
            review_on=entry.review_on,
        )
        for entry in entries
        if entry.status in OPEN_ENTRIES
    ]
    row = who.row
    return ClientRow(row.id, row.upi, row.agency, row.peer, row.created_at, open_ones, has_waited=bool(entries))


def _contact(row: ContactNow, names: Mapping[str, str], settings: Settings) -> Contact:
    return Contact(row, names.get(row.by, row.by), str(opened(row.sealed, settings).get("note", "")))


# --- a place, with its reasons ---------------------------------------------------------------------------------------


async def spot_show(
    *, upi: str, entry: int, by: Actor, now: datetime, settings: Settings
) -> tuple[Somebody, Spot, Mapping[str, FactNow]]:
    """One place of a client with its reasons, the client, and what is known of them; it stands in the access log. Raises NotFound, Denied."""
    who = await client_read(upi=upi, what="place", by=by, now=now, settings=settings)
    found = await entry_allowed(entry=entry, upi=upi, by=by, now=now)
    known = await facts_now(client=who.row.id, by=by, now=now)
    return who, await _spot(found, known, now), known


async def _spot(entry: EntryNow, facts: Mapping[str, FactNow], now: datetime) -> Spot:
    is_open = entry.status in OPEN_ENTRIES
    today = await local_day(entry.timezone, now)
    rules = (await rules_stored.rules_now(entry.pool)).rules
    tier = tier_at(entry.tier, rules, today, {code: fact.value for code, fact in facts.items()})
    hours = tier.target_hours if tier else None
    target = entry.requested_at + timedelta(hours=hours) if hours is not None else None
    fitting: list[Fitting] = []
    if is_open:
        known = await lines_stored.facts_of(entry.client, today)
        for opening in await storage.openings_for(entry.pool, OPENINGS):
            asked = [Restriction(rule, allowed) for rule, allowed in opening.restrictions]
            fitting.append(Fitting(opening, answers(known, asked)))
    return Spot(
        entry=entry,
        before=tuple(await storage.before(entry)) if is_open else (),
        tier=tier,
        target_at=target,
        openings=tuple(fitting),
        is_kept=clock_is_kept(entry, None, now),
        asked=await _asked(entry) if is_open else (),
        told=await _told(entry),
    )


async def _told(entry: EntryNow) -> Place | None:
    """What the client reads on their own page; None where that has no number."""
    found = await status_stored.place_told(entry.id) if entry.status is Entry.WAITING else None
    if found is None or found.standing is None:
        return None
    return place_shown(ahead=found.standing.ahead, waiting=found.standing.waiting, exact=found.exact)


async def _asked(entry: EntryNow) -> tuple[str, ...]:
    """The kinds of second words that are open about a place."""
    about = {"client_id": entry.client, "entry_id": entry.id, "slot_id": None, "import_id": None}
    kinds = (BACK_DATE, CANNOT_LOCATE, LOWER_TIER)
    return tuple([kind for kind in kinds if await words_stored.open_like(kind, about) is not None])


class CaseloadFull(FootbridgeError):
    """A peer goes with as many people as were agreed."""

    code = "caseload-full"
    status = 409


class NotTheirsToMove(FootbridgeError):
    """Somebody else goes with them: that one, who stands in for them, or a coordinator says who does so from now on."""

    code = "not-theirs-to-move"
    status = 403


async def _may_move(row: ClientNow, peers: Sequence[PeerNow], by: Actor, now: datetime) -> bool:
    """Whether this actor says who goes with a client: where a peer of today does, only those who read what that one reads."""
    return row.peer not in {each.id for each in peers} or await plan_is_open(row=row, by=by, now=now)


async def _has_room(peer: int, agency: int, *, even_so: bool) -> None:
    found = next((each for each in await peers_stored.peers_of(agency) if each.id == peer), None)
    if found is None:
        raise UnfitFields([Problem("peer", "choose", str(peer))])
    if found.most is not None and found.people >= found.most and not even_so:
        raise CaseloadFull(person=peer)


def _may_overfill(by: Actor, agency: int, now: datetime) -> bool:
    return isinstance(may(by, Action.KEEP_PEERS, of_agency(agency), now=now), Allowed)


# --- a copy for the client, and another peer -------------------------------------------------------------------------


async def fact_history(*, client: int) -> tuple[FactNow, ...]:
    """All that was ever known of a client, for their own copy. Whoever calls has found out that the reader may see them."""
    return tuple(await facts_stored.history(client))


async def client_move(
    *,
    upi: str,
    peer: int | None,
    version: int,
    by: Actor,
    now: datetime,
    settings: Settings,
    even_so: bool = False,
) -> bool:
    """Has another peer of the agency go with a client, or nobody for now. False where somebody has changed the client since `version`.

    Somebody without a peer, or whose peer has left, any peer of the agency may take. To one who goes with as many people as were agreed only a coordinator gives
    another one, who knows it (`even_so`). Raises NotTheirsToMove where somebody else goes with them, UnfitFields for somebody who keeps no
    places there, CaseloadFull, NotFound, Denied.
    """
    row = (await client_found(upi=upi, by=by, now=now, settings=settings)).row
    async with db.staging():  # so that the same last place of a peer is not given twice
        if not await _may_move(row, await peers_stored.peers_of(row.agency), by, now):
            raise NotTheirsToMove(client=upi)
        if peer is not None and peer != row.peer:
            await _has_room(peer, row.agency, even_so=even_so and _may_overfill(by, row.agency, now))
        if row.version != version or not await rows.change(row.id, version, peer_id=peer):
            return False
        await client_audit(row, "client-moved", {"peer": peer, "before": row.peer}, by=by.label, now=now)
    return True
