"""The one page for the team that receives somebody: in their own words, as far as a consent of theirs that names the agency goes, and no further.

To show it to the agency or to hand it over is a disclosure. It is written down in the transaction that has looked at the consent (42 CFR
2.31(c)), and goes with the notice (2.32(a)) and with what the consent says (2.32(b)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Actor
from directory.domain.bridge.handoffs import Handoff
from directory.domain.listings import Phone
from directory.domain.waitlist.consents import Consent, Scope
from directory.domain.waitlist.disclosures import may_still_see, may_tell
from directory.services.bridge.handoffs import NoHandoff, words_of
from directory.services.bridge.plans import plan_allowed
from directory.services.sealing import opened
from directory.services.waitlist.agency_offers import offer_of_agency
from directory.services.waitlist.clients import Somebody, client_open, somebody
from directory.services.waitlist.disclosures import NOTICE_LONG, consents_for, disclose, scopes_of, told_before
from directory.settings import Settings
from directory.storage import agencies, db, names, records
from directory.storage.bridge import handoffs as storage
from directory.storage.bridge.handoffs import HandoffNow
from directory.storage.waitlist import agency_offers, clients

TOLD = frozenset({Scope.NAME, Scope.HAND_OFF})
"""What of a consent the summary is about. Without the second there is none."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the team reads. `called` and `name` are "" where the consent does not say who they are; `words` are by the fields of handoffs.WORDS.

    `peers` is the name of the peer agency, `peer` that of who goes with them and `phones` the agency's. `consents` are those that cover it.
    """

    upi: str
    clinic: str
    level: str
    zone: str
    called: str
    name: str
    language: str
    arrives_at: datetime | None
    words: Mapping[str, str]
    peers: str
    peer: str
    phones: tuple[Phone, ...]
    consents: tuple[Consent, ...]
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """The summary as their own peer sees it before it is handed over; None where no consent covers it. `is_told`: the agency was told it."""

    upi: str
    clinic: str
    summary: Summary | None
    is_told: bool
    is_open: bool


async def summary_show(*, upi: str, by: Actor, now: datetime, settings: Settings) -> SummaryPage | None:
    """The summary for who reads their plan; None where there is no hand-off. Tells nobody anything.

    Raises NotTheirPeer, NotFound, Denied.
    """
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part="handoff-summary")
    row = next(iter(await storage.of_client(who.row.id)), None)
    if row is None:
        return None
    found = await consents_for(client=row.client, agency=row.clinic, offer=row.offer, now=now, settings=settings)
    before = await told_before(client=row.client, offer=row.offer, valid=found, settings=settings)
    scope, is_open = scopes_of(found) & TOLD, row.status is Handoff.OPEN
    is_covered = is_open and Scope.HAND_OFF in scope
    summary = await _summary(row, who, scope, found, settings) if is_covered else None
    return SummaryPage(upi, row.clinic_name, summary, Scope.HAND_OFF in before.scopes, is_open)


async def summary_hand_over(*, upi: str, by: Actor, now: datetime, settings: Settings) -> None:
    """Writes down that the summary goes to the agency, on paper or read aloud. Once more writes nothing.

    Raises NoConsent where no valid consent covers it, NoHandoff, NotTheirPeer, NotFound, Denied.
    """
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part="handoff-summary")
    async with db.staging():
        await client_open(client=who.row.id)
        row = next(iter(await storage.of_client(who.row.id)), None)
        if row is None or not await storage.hold(row.id):
            raise NoHandoff()
        found = await consents_for(client=row.client, agency=row.clinic, offer=row.offer, now=now, settings=settings)
        await _disclose(row, scopes_of(found) & TOLD | {Scope.HAND_OFF}, by, now, settings)


async def _disclose(row: HandoffNow, scopes: frozenset[Scope], by: Actor, now: datetime, settings: Settings) -> None:
    await disclose(
        client=row.client,
        agency=row.clinic,
        offer=row.offer,
        scopes=scopes,
        notice=NOTICE_LONG,
        by=by,
        now=now,
        settings=settings,
    )


async def agency_summary(*, offer: int, by: Actor, now: datetime, settings: Settings) -> Summary | None:
    """The summary for the agency that has the opening, from the client's yes until 7 days after the end; None where nothing may be told. That it
    was told, and that somebody looked, is written down. Raises NotFound, Denied."""
    await offer_of_agency(offer, by, now)
    async with db.staging():  # the consent is looked at in the transaction that tells (2.31(c))
        told = await offer_of_agency(offer, by, now)
        row = await storage.of_offer(offer)
        found = await consents_for(client=told.client, agency=told.agency, offer=offer, now=now, settings=settings)
        scope = scopes_of(found) & TOLD
        if row is None or not may_still_see(told.status, told.ended_at, now):
            scope = frozenset()
        elif not may_tell(told.status):
            scope &= (await told_before(client=told.client, offer=offer, valid=found, settings=settings)).scopes
        elif Scope.HAND_OFF in scope:
            await _disclose(row, scope, by, now, settings)
        is_shown = row is not None and Scope.HAND_OFF in scope
        details = {"offer": offer, "part": "handoff-summary", "scope": sorted(scope) if is_shown else []}
        await records.access_log(at=now, by=by.label, action="see", subject=f"client {told.upi}", details=details)
        if row is None or not is_shown:
            return None
        client = await clients.by_id(told.client)
        assert client is not None
        return await _summary(row, somebody(client, settings), scope, found, settings)


async def _summary(
    row: HandoffNow,
    who: Somebody,
    scope: frozenset[Scope],
    consents: tuple[tuple[int, Consent], ...],
    settings: Settings,
) -> Summary:
    is_named = Scope.NAME in scope
    home = await agencies.agency(row.agency)
    peer = await names.of_people([who.row.peer]) if who.row.peer is not None else []
    phones = tuple(Phone(**each) for each in await agency_offers.phones_of(row.agency))
    return Summary(
        upi=row.upi,
        clinic=row.clinic_name,
        level=row.level_name,
        zone=row.zone,
        called=who.called if is_named else "",
        name=who.name if is_named else "",
        language=who.row.language,
        arrives_at=row.arrives_at,
        words=words_of(opened(row.sealed, settings)),
        peers=home.values.name if home else "",
        peer=peer[0].name if peer else "",
        phones=phones,
        consents=tuple(consent for _, consent in consents if consent.scope & TOLD),
        ended_at=row.ended_at or row.arrived_at,
    )
