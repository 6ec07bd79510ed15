"""Offers for the agency that has the opening: those that were made to it and no others, its answers, and what it gets to know of somebody.

Before the client's yes that is a number, an age band and what the opening asks for. Afterwards it is what a valid consent lets be told,
looked at anew each time, and written down as a disclosure (42 CFR 2.31(c), 2.32; WAITLIST 4.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may, reach_of
from directory.domain.errors import NotFound
from directory.domain.listings import Phone
from directory.domain.waitlist.agency import AgencyOfferNow
from directory.domain.waitlist.consents import Consent, Scope
from directory.domain.waitlist.disclosures import age_band, asked_facts, may_still_see, may_tell
from directory.domain.waitlist.facts import PRIORITY
from directory.domain.waitlist.ranking import with_age
from directory.domain.waitlist.routes import Way
from directory.domain.waitlist.states import Offer
from directory.services.clock import local_day
from directory.services.waitlist import offers as common
from directory.services.waitlist.clients import somebody
from directory.services.waitlist.disclosures import consents_for, disclose, scopes_of, told_before, way_mark
from directory.services.waitlist.routes import ways_of
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.waitlist import agency_offers as storage
from directory.storage.waitlist import clients, disclosures, lines

PAGE = 25
ENDED_SHOWN = timedelta(days=30)
"""How long an offer that has ended stays in the list, by its number."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the agency was told of somebody who said yes, as far as each `scope` goes; the rest is empty. `consents` are those that it was
    told on (2.32(b)). `recommended` is a level, its edition and who named it."""

    scope: frozenset[Scope]
    consents: tuple[Consent, ...]
    name: str = ""
    called: str = ""
    routes: tuple[Way, ...] = ()
    priority: tuple[str, ...] = ()
    recommended: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class AgencyOffer:
    """One offer with what may be seen of the person now. `facts` are values by rule; `ages` is a band in years, None where the age is not
    known. `known` is None while nothing may be told. `phones` are those of the peers. `has_summary`: what helps when they arrive can be read on a
    page of its own (services/bridge/summaries.py)."""

    row: AgencyOfferNow
    facts: dict[str, str]
    ages: tuple[int, int | None] | None
    known: Known | None
    phones: tuple[Phone, ...]
    has_summary: bool = False


# --- reading ---------------------------------------------------------------------------------------------------------


async def agency_offers(
    *, by: Actor, now: datetime, settings: Settings, page: int = 1
) -> tuple[tuple[AgencyOfferNow, ...], bool]:
    """The offers made to the agencies in which somebody is an editor, those that wait first, and whether there are more. Raises Denied."""
    demand(by, Action.ANSWER_OFFERS, SITE, now=now)
    await common.offers_expire(now=now, settings=settings)
    found = await storage.offers(
        _own(by), ended_since=now - ENDED_SHOWN, limit=PAGE + 1, offset=(max(page, 1) - 1) * PAGE
    )
    return tuple(found[:PAGE]), len(found) > PAGE


async def agency_names(
    *, rows: Sequence[AgencyOfferNow], by: Actor, now: datetime, settings: Settings
) -> dict[int, str]:
    """The names of those people in a list of offers whose names may still be seen, by offer. That they were looked at stands in the access log.

    A list tells nothing new: it has the names that the pages of the offers have told, on a consent that is valid now. Raises NotFound, Denied.
    """
    ids = [each.id for each in rows if may_still_see(each.status, each.ended_at, now)]
    if not ids:
        return {}
    async with db.staging():  # the consent is looked at in the transaction that shows them
        names = {id: await _told_name(id, by, now, settings) for id in ids}
    return {id: name for id, name in names.items() if name}


async def _told_name(id: int, by: Actor, now: datetime, settings: Settings) -> str:
    """The name that this offer has told; "" where it has told none, or none may be seen any more. Needs the transaction that shows it."""
    row = await offer_of_agency(id, by, now)
    valid = await consents_for(client=row.client, agency=row.agency, offer=row.id, now=now, settings=settings)
    before = await told_before(client=row.client, offer=row.id, valid=valid, settings=settings)
    client = await clients.by_id(row.client)
    if client is None or Scope.NAME not in scopes_of(valid) & before.scopes:
        return ""
    details = {"offer": id, "scope": [Scope.NAME], "part": "list"}
    await records.access_log(at=now, by=by.label, action="see", subject=f"client {row.upi}", details=details)
    return somebody(client, settings).name


async def agency_offers_waiting(*, by: Actor, now: datetime) -> int:
    """How many offers wait for a word of somebody's agency; 0 for who answers none."""
    if not isinstance(may(by, Action.ANSWER_OFFERS, SITE, now=now), Allowed):
        return 0
    return await storage.offers_to_do(_own(by))


async def agency_offer(*, id: int, by: Actor, now: datetime, settings: Settings) -> AgencyOffer:
    """One offer as the agency may see it now; what it is told by that is written down, and that it looked. Raises NotFound, Denied."""
    row = await offer_of_agency(id, by, now)
    await common.offer_expire(offer=id, now=now, settings=settings)
    async with db.staging():  # the consent is looked at in the transaction that tells (2.31(c))
        row = await offer_of_agency(id, by, now)
        valid = await consents_for(client=row.client, agency=row.agency, offer=id, now=now, settings=settings)
        known = await _known(row, valid, by, now, settings)
        has_summary = await _has_summary(row, valid, now, settings)
        has_facts = await _may_see_facts(row, known, valid, by, now, settings)
        details = {"offer": id, "scope": sorted(known.scope) if known else []}
        await records.access_log(at=now, by=by.label, action="see", subject=f"client {row.upi}", details=details)
    facts, ages = await _facts(row, now) if has_facts else ({}, None)
    phones = tuple(Phone(**each) for each in await storage.phones_of(row.keeper))
    return AgencyOffer(row, facts, ages, known, phones, has_summary)


async def offer_of_agency(id: int, by: Actor, now: datetime) -> AgencyOfferNow:
    """An offer of an opening of somebody's own agency; any other is not there. Raises NotFound, Denied."""
    demand(by, Action.ANSWER_OFFERS, SITE, now=now)
    row = await storage.offer(id)
    if row is None or row.agency not in _own(by):
        raise NotFound(offer=id)
    return row


def _own(by: Actor) -> tuple[int, ...]:
    return reach_of(by, Action.ANSWER_OFFERS) or ()


# --- what may be seen of the person ----------------------------------------------------------------------------------


Valid = tuple[tuple[int, Consent], ...]
"""The consents, with their ids, on which something may be told now. They are read in the transaction that shows it."""


async def _known(row: AgencyOfferNow, valid: Valid, by: Actor, now: datetime, settings: Settings) -> Known | None:
    """What a valid consent lets be told, all of it new only between the client's yes and the end, and then for a while what was told.

    Needs the transaction in which it is shown. Once a consent is revoked or has run out, nothing of it is.
    """
    if not may_still_see(row.status, row.ended_at, now):
        return None
    # What helps when they arrive stands on a page of its own, and is written down where it is shown.
    scope = scopes_of(valid) - {Scope.HAND_OFF}
    ways = await _ways(row.client, settings) if Scope.CONTACT in scope else ()
    if not may_tell(row.status):
        before = await told_before(client=row.client, offer=row.id, valid=valid, settings=settings)
        scope &= before.scopes
        ways = tuple(way for way in ways if way_mark(way.to, settings) in before.ways)
    elif scope:
        await _disclose(row, scope, ways, by, now, settings)
    if not scope:
        return None
    return await _told(row, scope, tuple(consent for _, consent in valid), ways, settings)


async def _has_summary(row: AgencyOfferNow, valid: Valid, now: datetime, settings: Settings) -> bool:
    """Whether the page for the team that receives them shows something: all of it new before the end, and then what was told."""
    if not may_still_see(row.status, row.ended_at, now):
        return False
    before = await told_before(client=row.client, offer=row.id, valid=valid, settings=settings)
    is_told = may_tell(row.status) or Scope.HAND_OFF in before.scopes
    return is_told and Scope.HAND_OFF in scopes_of(valid)


async def _disclose(
    row: AgencyOfferNow, scopes: frozenset[Scope], ways: tuple[Way, ...], by: Actor, now: datetime, settings: Settings
) -> None:
    told = [way.to for way in ways]
    await disclose(
        client=row.client, agency=row.agency, offer=row.id, scopes=scopes, ways=told, by=by, now=now, settings=settings
    )


async def _told(
    row: AgencyOfferNow,
    scope: frozenset[Scope],
    consents: tuple[Consent, ...],
    ways: tuple[Way, ...],
    settings: Settings,
) -> Known:
    client = await clients.by_id(row.client)
    assert client is not None
    person, is_named = somebody(client, settings), Scope.NAME in scope
    facts = await lines.facts_of(row.client) if Scope.PRIORITY in scope else {}
    return Known(
        scope=scope,
        consents=consents,
        name=person.name if is_named else "",
        called=person.called if is_named else "",
        routes=ways if Scope.CONTACT in scope else (),
        priority=tuple(code for code in PRIORITY if facts.get(code) == "yes"),
        recommended=await storage.recommended(row.entry) if Scope.CARE in scope else ("", "", ""),
    )


async def _ways(client: int, settings: Settings) -> tuple[Way, ...]:
    """The ways by which they may be reached; one on which they said stop is none."""
    found = await ways_of(client=client, settings=settings)
    return tuple(way for row, way in found if row.stopped_at is None and way.to)


async def _may_see_facts(
    row: AgencyOfferNow, known: Known | None, valid: Valid, by: Actor, now: datetime, settings: Settings
) -> bool:
    """Whether what the opening asks for may be seen of them, which is written down where it is told. Needs the transaction of that.

    As long as nobody can tell who it is that goes with the number alone. Beside a name, or to an agency that was ever told whose number that
    is, it needs the consent. After the end there is none.
    """
    if row.status is not Offer.PENDING:
        return known is not None and Scope.ELIGIBILITY in known.scope
    if not await disclosures.knows_who(row.client, row.agency):
        return True
    if Scope.ELIGIBILITY not in scopes_of(valid):
        return False
    await _disclose(row, frozenset({Scope.ELIGIBILITY}), (), by, now, settings)
    return True


async def _facts(row: AgencyOfferNow, now: datetime) -> tuple[dict[str, str], tuple[int, int | None] | None]:
    """What the opening asks for, as it is known of them, and the band of their age."""
    facts = with_age(await lines.facts_of(row.client), await local_day(row.zone, now))
    ages = [age_band(int(age)) for age in facts["age"].split(",")] if facts.get("age") else []
    return asked_facts(facts, row.restrictions), (ages[0][0], ages[-1][1]) if ages else None
