"""Consents: taken with all elements of 42 CFR 2.31(a), looked at, and taken back, after which nothing more is told (2.31(c))."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import Action, Actor
from directory.domain.errors import NotFound, Problem, Settled
from directory.domain.people import UnfitFields
from directory.domain.waitlist.consents import Consent, Purpose, Scope, allows, is_valid, lacks
from directory.domain.waitlist.states import Offer
from directory.services.clock import local_day
from directory.services.links import form_take
from directory.services.sealing import opened, seal
from directory.services.waitlist import plumbing
from directory.services.waitlist.clients import Somebody, allowed_client, client_audit, somebody, today_of
from directory.services.waitlist.keys import found_by_write
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import dumps
from directory.storage.waitlist import clients, entries, offers
from directory.storage.waitlist import consents as storage
from directory.storage.waitlist.clients import ClientNow
from directory.storage.waitlist.consents import ConsentNow

REVOKED = "consent-revoked"
"""Why an offer ended that no consent covers any more."""
SCREEN, PAPER = "screen", "paper"
FORMS = (SCREEN, PAPER)
LONGEST = 200
FIELDS = {"client": "name", "expiry": "expires_on", "signature": "signed_by", "date": "signed_on"}
"""In which field of the form an element of a consent stands whose code is not the name of its field."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A consent as it is kept, with what its row says besides: how it was signed and where a paper lies, by whom it was noted and when.

    `names` are those of the agencies, by id. `holds`: something may be told on it today. `revoked_on` is the local day.
    """

    id: int
    consent: Consent
    form: str
    paper_at: str
    by: str
    at: datetime
    names: dict[int, str]
    holds: bool
    revoked_on: date | None


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as somebody fills it in. `name` is the client's whole name where it was not known; `paper_at` where a signed paper lies."""

    discloser: str
    scope: Sequence[str]
    agencies: Sequence[int]
    purpose: str
    form: str
    signed_by: str
    signed_on: date | None
    expires_on: date | None
    expires_when: str = ""
    paper_at: str = ""
    may_revoke_told: bool = False
    consequences_told: bool = False
    redisclosure_told: bool = False
    name: str = ""


# --- reading ---------------------------------------------------------------------------------------------------------


async def consents_of(*, client: int, by: Actor, now: datetime, settings: Settings) -> tuple[Kept, ...]:
    """All consents of a client, the latest first, for the people of their agency. Raises NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now, is_open=False)
    today = await today_of(row.agency, now)
    found = await storage.of_client(client)
    names = await storage.names(tuple({agency for each in found for agency in each.agencies}))
    called = _called(somebody(row, settings))
    revoked = {each.id: await today_of(row.agency, each.revoked_at) for each in found if each.revoked_at}
    return tuple(_kept(each, called, names, today, revoked.get(each.id), now, settings) for each in found)


async def consents_now(*, client: int, settings: Settings) -> list[tuple[int, Consent]]:
    """All consents of a client with their ids, for the rules that ask them. Whoever calls has a right to what comes of it."""
    row = await clients.by_id(client)
    if row is None:
        return []
    called = _called(somebody(row, settings))
    return [(each.id, _consent(each, called, settings)) for each in await storage.of_client(client)]


async def scopes_now(*, client: int, agency: int, today: date, now: datetime, settings: Settings) -> frozenset[Scope]:
    """What may be told to this agency about a client on this local day; nothing without a valid consent that names it."""
    found = [consent for _, consent in await consents_now(client=client, settings=settings)]
    return allows(found, agency, today=today, now=now)


async def agencies_feeding(*, client: int, by: Actor, now: datetime) -> tuple[tuple[int, str], ...]:
    """The agencies whose openings go to the lines of a client, as pairs of id and name: whom a consent may name. Raises NotFound, Denied."""
    await allowed_client(client=client, by=by, now=now)
    return tuple(await storage.feeding(client))


async def discloser_of(*, client: int, by: Actor, now: datetime) -> str:
    """Who may tell something about a client, as a consent names them: their peer agency. Raises NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now)
    return (await storage.names((row.agency,))).get(row.agency, "")


def _kept(
    row: ConsentNow,
    called: str,
    names: dict[int, str],
    today: date,
    revoked_on: date | None,
    now: datetime,
    settings: Settings,
) -> Kept:
    consent, sealed = _consent(row, called, settings), opened(row.sealed, settings)
    own = {agency: names.get(agency, "") for agency in row.agencies}
    holds = is_valid(consent, today=today, now=now)
    return Kept(row.id, consent, row.form, str(sealed.get("paper_at") or ""), row.by, row.at, own, holds, revoked_on)


def _consent(row: ConsentNow, called: str, settings: Settings) -> Consent:
    sealed = opened(row.sealed, settings)
    return Consent(
        client=called,
        discloser=str(sealed.get("discloser") or ""),
        scope=frozenset(Scope(each) for each in row.scope if each in set(Scope)),
        agencies=frozenset(row.agencies),
        purpose=Purpose(row.purpose) if row.purpose in set(Purpose) else None,
        signed_by=str(sealed.get("signed_by") or ""),
        signed_on=row.signed_on,
        expires_on=row.expires_on,
        expires_when=str(sealed.get("expires_when") or "") if row.until_event else "",
        may_revoke_told=row.may_revoke_told,
        consequences_told=row.consequences_told,
        redisclosure_told=row.redisclosure_told,
        revoked_at=row.revoked_at,
    )


def _called(found: Somebody) -> str:
    """Whom a consent is of: the whole name, or what they are called where that is all that is known."""
    return found.name or found.called


# --- taking one ------------------------------------------------------------------------------------------------------


async def consent_add(
    *, client: int, given: Given, form: str, by: Actor, now: datetime, settings: Settings
) -> int | None:
    """The id of a new consent; None for a form that was taken before.

    One that lacks an element is not kept: UnfitFields names what is missing, field by field. Raises NotFound, Denied.
    """
    row = await allowed_client(client=client, by=by, now=now)
    found, today = somebody(row, settings), await today_of(row.agency, now)
    name = found.name or given.name.strip()
    offered = {agency for agency, _ in await storage.feeding(client)}
    if problems := consent_problems(given, name=name, offered=offered, today=today):
        raise UnfitFields(problems)
    async with db.staging():
        if not await form_take(token=form, now=now):
            return None
        if not found.name:
            await _name_keep(row, {**found.known, "name": name}, now, settings)
        id = await storage.add(_columns(row.id, given, by, now, settings))
        details: dict[str, object] = {
            "consent": id,
            "agencies": sorted(given.agencies),
            "scope": sorted(given.scope),
            "purpose": given.purpose,
            "form": given.form,
        }
        await client_audit(row, "consent-add", details, by=by.label, now=now)
    return id


def consent_problems(given: Given, *, name: str, offered: Iterable[int], today: date) -> list[Problem]:
    """What keeps this from being a consent that something may be told on today, field by field. `offered` are the agencies it may name."""
    consent = _as_consent(given, name)
    problems = [Problem(FIELDS.get(code, code), f"lacks-{code}", "") for code in lacks(consent)]
    if given.form not in FORMS:
        problems.append(Problem("form", "choose", given.form))
    if given.form == PAPER and not given.paper_at.strip():
        problems.append(Problem("paper_at", "missing", ""))
    if not consent.agencies <= set(offered):
        problems.append(Problem("agencies", "choose", ""))
    if given.signed_on is not None and given.signed_on > today:
        problems.append(Problem("signed_on", "to-come", given.signed_on.isoformat()))
    if given.expires_on is not None and given.expires_on < today:
        problems.append(Problem("expires_on", "over", given.expires_on.isoformat()))
    texts = {"discloser": given.discloser, "expires_when": given.expires_when, "signed_by": given.signed_by}
    texts |= {"paper_at": given.paper_at, "name": name}
    return problems + [
        Problem(each, "too-long", "", (str(LONGEST),)) for each, text in texts.items() if len(text) > LONGEST
    ]


def _as_consent(given: Given, name: str) -> Consent:
    return Consent(
        client=name,
        discloser=given.discloser,
        scope=frozenset(Scope(each) for each in given.scope if each in set(Scope)),
        agencies=frozenset(given.agencies),
        purpose=Purpose(given.purpose) if given.purpose in set(Purpose) else None,
        signed_by=given.signed_by,
        signed_on=given.signed_on,
        expires_on=given.expires_on,
        expires_when=given.expires_when,
        may_revoke_told=given.may_revoke_told,
        consequences_told=given.consequences_told,
        redisclosure_told=given.redisclosure_told,
    )


def _columns(client: int, given: Given, by: Actor, now: datetime, settings: Settings) -> dict[str, object]:
    sealed = {"signed_by": given.signed_by.strip(), "paper_at": given.paper_at.strip()}
    sealed |= {"discloser": given.discloser.strip(), "expires_when": given.expires_when.strip()}
    return {
        "client_id": client,
        "scope": dumps([each.value for each in Scope if each in given.scope]),
        "agencies": dumps(sorted(set(given.agencies))),
        "purpose": given.purpose,
        "form": given.form,
        "sealed": seal(sealed, settings),
        "signed_on": given.signed_on,
        "expires_on": given.expires_on,
        "until_event": bool(given.expires_when.strip()),
        "may_revoke_told": given.may_revoke_told,
        "consequences_told": given.consequences_told,
        "redisclosure_told": given.redisclosure_told,
        "by": by.label,
        "at": now,
    }


async def _name_keep(row: ClientNow, known: dict[str, object], now: datetime, settings: Settings) -> None:
    """Keeps the whole name that the consent asks for. Raises Settled where somebody has changed the client in this moment."""
    if not await clients.change(row.id, row.version, sealed=seal(known, settings)):
        raise Settled(client=row.upi)
    await found_by_write(client=row.id, now=now, settings=settings)


# --- taking one back -------------------------------------------------------------------------------------------------


async def consent_revoke(*, id: int, by: Actor, now: datetime, settings: Settings, upi: str | None = None) -> int:
    """Takes a consent back at the client's word: from this moment nothing is told on it (2.31(c)). Says how many offers ended with it.

    `upi` is the number under which it was asked for, where there is one: a consent of somebody else is not there.

    A live offer of an agency that no other valid consent names ends in the same transaction: declined, or cancelled where it was accepted;
    the place in line stays. Raises Settled, NotFound, Denied.
    """
    kept = await storage.consent(id)
    if kept is None:
        raise NotFound(consent=id)
    row = await allowed_client(client=kept.client, by=by, now=now, action=Action.KEEP_CLIENTS)
    if upi is not None and row.upi != upi:
        raise NotFound(consent=id)
    async with db.staging():
        if not await storage.revoke(id, now):
            raise Settled(consent=id)
        ended = await offers_end_uncovered(row, by=by.label, now=now, settings=settings)
        await client_audit(row, "consent-revoke", {"consent": id, "offers": ended}, by=by.label, now=now)
    return ended


async def offers_end_uncovered(row: ClientNow, *, by: str, now: datetime, settings: Settings) -> int:
    """Ends the live offers of agencies to which nothing may be told any more. Needs the transaction of what has changed that."""
    ended = 0
    for entry in await entries.entries_of(row.id):
        today = await local_day(entry.timezone, now)
        for offer in await offers.live_offers(entry=entry.id):
            scopes = await scopes_now(
                client=row.id, agency=offer.program_agency, today=today, now=now, settings=settings
            )
            if not scopes:
                after = Offer.CANCELLED if offer.status is Offer.ACCEPTED else Offer.DECLINED
                await plumbing.end_offer(offer, after, by=by, now=now, reason=REVOKED)
                ended += 1
    return ended
