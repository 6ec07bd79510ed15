"""Peers themselves, for the coordinators of their agency and for each of them: with how many people they go, who mentors whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.access import Action, Actor, Allowed, Role, Thing, demand, may, reach_of
from directory.domain.bridge.peers import MOST_PEOPLE, PAIR_ENDS
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.services.bridge.covers import covers_of
from directory.services.links import form_take
from directory.services.waitlist import plumbing
from directory.services.waitlist.clients import client_audit, client_found, client_open, today_of
from directory.services.waitlist.person import CaseloadFull
from directory.settings import Settings
from directory.storage import agencies, db, records
from directory.storage.bridge import peers as storage
from directory.storage.bridge import supervision
from directory.storage.bridge.covers import CoverNow
from directory.storage.bridge.peers import PairingNow, PeerNow, TrainingNow
from directory.storage.waitlist import clients

__all__ = [
    "CoverNow",
    "PairingNow",
    "Peer",
    "PeerNow",
    "Team",
    "TrainingNow",
    "most_set",
    "pairing_add",
    "pairing_end",
    "peer_show",
    "peers_show",
    "people_hand_over",
]

HANDED = 500
"""People that one tap hands over at the most: more than anybody goes with."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who goes with people in an agency, with all that is kept about them there. `is_own`: it is the reader;
    `may_keep`: the reader looks after the peers of this agency."""

    agency: int
    zone: str
    row: PeerNow
    covers: tuple[CoverNow, ...]
    pairings: tuple[PairingNow, ...]
    trainings: tuple[TrainingNow, ...]
    supervisor: tuple[int, str] | None
    is_own: bool
    may_keep: bool
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    """The peers of one agency that the reader may see: everybody for a coordinator, oneself for a peer. `left` are those who work there
    no more, and with whose people nobody goes until they are handed over."""

    agency: int
    name: str
    peers: tuple[Peer, ...]
    may_keep: bool
    left: tuple[PeerNow, ...] = ()


async def peers_show(*, by: Actor, now: datetime) -> tuple[Team, ...]:
    """The peers of the reader's agencies. That somebody looked at others stands in the access log. Raises Denied."""
    homes = sorted(
        {grant.agency for grant in by.grants if grant.role in (Role.PEER, Role.COORDINATOR) and grant.agency}
    )
    if not homes:
        demand(by, Action.KEEP_PEERS, now=now)
    teams = [await _team(agency, by, now) for agency in homes]
    seen = [peer.row.id for team in teams for peer in team.peers if not peer.is_own]
    if seen:
        await records.access_log(at=now, by=by.label, action="see", subject="peers", details={"number": len(seen)})
    return tuple(teams)


async def _team(agency: int, by: Actor, now: datetime) -> Team:
    found = await agencies.agency(agency)
    assert found is not None
    may_keep = agency in (reach_of(by, Action.KEEP_PEERS) or ())
    rows = [row for row in await storage.peers_of(agency) if may_keep or row.id == by.person]
    zone = found.values.timezone
    peers = await _peers(agency, zone, rows, may_keep, by, now)
    return Team(agency, found.values.name, peers, may_keep, tuple(await storage.left_of(agency)) if may_keep else ())


async def _peers(
    agency: int, zone: str, rows: Sequence[PeerNow], may_keep: bool, by: Actor, now: datetime
) -> tuple[Peer, ...]:
    covers = await covers_of(agency=agency, now=now)
    pairings = await storage.pairings_of(agency)
    trainings = await storage.trainings_of(agency)
    supervised = {
        each.peer: (each.supervisor, each.supervisor_name) for each in await supervision.supervisions_in(agency)
    }
    return tuple(
        Peer(
            agency,
            zone,
            row,
            tuple(each for each in covers if row.id in (each.span.away, each.span.stand_in)),
            tuple(each for each in pairings if row.id in (each.mentor, each.person)),
            tuple(each for each in trainings if each.person == row.id),
            supervised.get(row.id),
            row.id == by.person,
            may_keep,
        )
        for row in rows
    )


async def peer_show(*, agency: int, person: int, by: Actor, now: datetime) -> tuple[Peer, tuple[PeerNow, ...]]:
    """One peer of an agency, or one who left people behind, and everybody who goes with people there. A peer sees themselves alone.

    Raises NotFound, Denied.
    """
    may_keep = isinstance(may(by, Action.KEEP_PEERS, Thing(agency=agency), now=now), Allowed)
    if not may_keep and (person != by.person or not _is_near(by, agency)):
        raise NotFound(person=person)
    everybody = await storage.peers_of(agency)
    left = [row for row in await storage.left_of(agency) if row.id == person] if may_keep else []
    rows = [row for row in everybody if row.id == person] or left
    found = await agencies.agency(agency)
    if not rows or found is None:
        raise NotFound(person=person)
    (peer,) = await _peers(agency, found.values.timezone, rows, may_keep, by, now)
    peer = replace(peer, has_left=bool(left))
    if not peer.is_own:
        await records.access_log(
            at=now, by=by.label, action="see", subject=f"person {person}", details={"part": "peer"}
        )
    return peer, tuple(everybody)


def _is_near(by: Actor, agency: int) -> bool:
    return any(grant.agency == agency for grant in by.grants)


# --- with how many people ---------------------------------------------------------------------------------------------


async def most_set(*, agency: int, person: int, most: int | None, version: int, by: Actor, now: datetime) -> bool:
    """Says with how many people a peer goes at the most; None sets no limit. False where somebody has said so since `version`.

    Nobody is taken from them by it. Raises UnfitFields, NotFound, Denied.
    """
    await _kept(agency, person, by, now)
    if most is not None and not 1 <= most <= MOST_PEOPLE:
        raise UnfitFields([Problem("most", "not-within", str(most), (str(MOST_PEOPLE),))])
    async with db.staging():
        if most is None and version == 0:  # nobody has set one, so there is nothing to take away
            return not await storage.most_is_set(agency, person)
        if not await storage.most_set(agency, person, most, version, by=by.label, now=now):
            return False
        await _audit("caseload-set", agency, person, {"most": most}, by, now)
    return True


async def people_hand_over(
    *, agency: int, person: int, to: int, by: Actor, now: datetime, even_so: bool = False
) -> int:
    """Gives all people of a peer to another one for good, each in a transaction of its own, and says how many: run again it goes on where it
    was. The peer may have left the agency.

    Raises CaseloadFull where the other would go with more people than were agreed and nobody said `even_so`; UnfitFields, NotFound, Denied.
    """
    plumbing.demand_near(by, Action.KEEP_PEERS, agency, now=now)
    here = {each.id: each for each in await storage.peers_of(agency)}
    everybody = {each.id: each for each in await storage.left_of(agency)} | here
    if person not in everybody:
        raise NotFound(person=person)
    if to == person or to not in here:
        raise UnfitFields([Problem("to", "choose", str(to))])
    most = here[to].most
    if most is not None and here[to].people + everybody[person].people > most and not even_so:
        raise CaseloadFull(person=to)
    done = 0
    for client in (await storage.clients_of(agency, person))[:HANDED]:
        async with db.staging():
            row = await clients.by_id(client)
            if row is None or row.peer != person or not await clients.change(row.id, row.version, peer_id=to):
                continue
            await client_audit(row, "client-moved", {"peer": to, "before": person}, by=by.label, now=now)
            done += 1
    return done


async def _kept(agency: int, person: int, by: Actor, now: datetime) -> None:
    """Lets coordinators of the agency do something about a peer of it. Raises NotFound, Denied."""
    plumbing.demand_near(by, Action.KEEP_PEERS, agency, now=now)
    if person not in {each.id for each in await storage.peers_of(agency)}:
        raise NotFound(person=person)


# --- mentors ---------------------------------------------------------------------------------------------------------


async def pairing_add(
    *,
    agency: int,
    mentor: int,
    person: int | None,
    upi: str | None,
    form: str,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> bool:
    """Has a peer be the mentor of a newer peer (`person`), or of a client by their number. False for a form that was taken before, or where
    the two are one already. Raises UnfitFields, NotFound, Denied."""
    await _kept(agency, mentor, by, now)
    client = await _mentored(agency, mentor, person, upi, by, now, settings)
    today = await today_of(agency, now)
    async with db.staging():
        if client is not None:
            await client_open(client=client)
        if not await form_take(token=form, now=now):
            return False
        id = await storage.pairing_add(
            agency, mentor, person=person, client=client, from_on=today, by=by.label, now=now
        )
        if id is None:
            return False
        await _audit("pairing-added", agency, mentor, {"pairing": id}, by, now)
    return True


async def _mentored(
    agency: int, mentor: int, person: int | None, upi: str | None, by: Actor, now: datetime, settings: Settings
) -> int | None:
    """The id of the client who is mentored; None for a peer. Raises UnfitFields for nobody of this agency."""
    if person is not None:
        if person == mentor or person not in {each.id for each in await storage.peers_of(agency)}:
            raise UnfitFields([Problem("person", "choose", str(person))])
        return None
    if not upi:
        raise UnfitFields([Problem("person", "choose", "")])
    try:
        row = (await client_found(upi=upi, by=by, now=now, settings=settings)).row
    except NotFound:
        raise UnfitFields([Problem("upi", "nobody-here", "")]) from None
    if row.agency != agency or row.merged_into is not None or row.cleared_at is not None:
        raise UnfitFields([Problem("upi", "nobody-here", "")])
    return row.id


async def pairing_end(*, agency: int, mentor: int, id: int, reason: str, by: Actor, now: datetime) -> None:
    """Ends a pairing. Once more does no harm. Raises UnfitFields, NotFound, Denied."""
    await _kept(agency, mentor, by, now)
    if reason not in PAIR_ENDS:
        raise UnfitFields([Problem("reason", "choose", reason)])
    async with db.staging():
        if await storage.pairing_end(id, agency, reason, now):
            await _audit("pairing-ended", agency, mentor, {"pairing": id, "reason": reason}, by, now)


async def _audit(
    action: str, agency: int, person: int, details: Mapping[str, object], by: Actor, now: datetime
) -> None:
    await records.audit(
        at=now,
        by=by.label,
        action=action,
        subject=f"person {person}",
        details=dict(details),
        chain=plumbing.chain_of(agency),
    )
