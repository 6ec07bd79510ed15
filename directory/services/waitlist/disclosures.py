"""What is told about somebody, and to whom: on a consent that is looked at in the same transaction, or in an emergency, and always written down.

Sources: 42 CFR 2.31(c) (no disclosure on a consent that is expired, deficient or revoked), 2.32 (the notice that goes with it), 2.24 and
2.25 (to whom, three years back), 2.51 (medical emergencies).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Actor
from directory.domain.errors import FootbridgeError, Problem
from directory.domain.people import UnfitFields
from directory.domain.sign_in import fold_email
from directory.domain.waitlist.consents import Consent, Scope, is_valid
from directory.domain.waitlist.disclosures import (
    CONSENT,
    EMERGENCY,
    EMERGENCY_NEEDS,
    LOOK_BACK_YEARS,
    years_before,
)
from directory.domain.waitlist.names import phone_digits
from directory.i18n import language
from directory.services.clock import local_day
from directory.services.sealing import WAY, found_by, opened, seal
from directory.services.texts import text_of
from directory.services.waitlist.clients import allowed_client, client_audit
from directory.services.waitlist.consents import consents_now
from directory.settings import Settings
from directory.storage.waitlist import clients
from directory.storage.waitlist import disclosures as storage
from directory.storage.waitlist.disclosures import DisclosureNow

NOTICE, NOTICE_LONG = "part2-short", "part2-long"
"""The operator's texts that go with what is told (2.32(a))."""
LONGEST = 300
"""Characters of each thing that is written down about an emergency."""


class NoConsent(FootbridgeError):
    """No valid consent of the client lets this be told to this agency (2.31(c)). Nothing was told."""

    code = "no-consent"
    status = 409


@dataclass(frozen=True, slots=True)
class Told:
    """One disclosure as the client may ask for it (2.24, 2.25): when, to whom, what, on what, and with which notice.

    `to` is the name of the agency or, in an emergency, of the person; `facility`, `who` and `nature` are those of an emergency.
    """

    id: int
    at: datetime
    to: str
    scope: tuple[Scope, ...]
    basis: str
    notice: str
    by: str
    offer: int | None
    facility: str = ""
    who: str = ""
    nature: str = ""


async def consents_for(
    *, client: int, agency: int, offer: int | None, now: datetime, settings: Settings
) -> tuple[tuple[int, Consent], ...]:
    """The consents of a client, with their ids, on which something may be told to this agency today, the latest first."""
    today = await local_day(await storage.day_zone(client, offer), now)
    found = await consents_now(client=client, settings=settings)
    return tuple(
        (id, consent) for id, consent in found if agency in consent.agencies and is_valid(consent, today=today, now=now)
    )


def scopes_of(consents: Iterable[tuple[int, Consent]]) -> frozenset[Scope]:
    """All that these consents let be told together."""
    return frozenset(scope for _, consent in consents for scope in consent.scope)


async def disclose(
    *,
    client: int,
    agency: int,
    offer: int | None,
    scopes: Iterable[Scope],
    ways: Iterable[str] = (),
    basis: str = CONSENT,
    notice: str = NOTICE,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> tuple[int, ...]:
    """Writes down that these things are told to an agency, and gives the ids of the rows: none where this offer has told them before.

    Needs the transaction in which they are told: the consent is looked at within it. `offer` None is for what is told without one, such as
    by telephone, and is written each time. `ways` are the numbers and addresses that go with Scope.CONTACT: where one of them is new, that is
    told anew. So is what was told on a consent that is gone by now. `notice` is the text that goes with it (2.32). Raises NoConsent where no valid consent lets all of it be told, and ValueError for another
    `basis`: an emergency has a form of its own (`disclose_emergency`).
    """
    if basis != CONSENT:
        raise ValueError(f"not told on {basis!r} here")
    valid = await consents_for(client=client, agency=agency, offer=offer, now=now, settings=settings)
    wanted = frozenset(scopes)
    if not wanted or not wanted <= scopes_of(valid):
        raise NoConsent()
    marks = frozenset(way_mark(to, settings) for to in ways) if Scope.CONTACT in wanted else frozenset()
    if offer is not None:
        before = await told_before(client=client, offer=offer, valid=valid, settings=settings)
        known = before.scopes if marks <= before.ways else before.scopes - {Scope.CONTACT}
        wanted -= known
    made = []
    for id, consent in valid:
        if part := wanted & consent.scope:
            sealed = seal({"ways": sorted(marks)}, settings) if marks and Scope.CONTACT in part else None
            made.append(await _add(client, id, agency, offer, part, sealed, notice, by, now))
            wanted -= part
    return tuple(made)


async def _add(
    client: int,
    consent: int,
    agency: int,
    offer: int | None,
    scopes: frozenset[Scope],
    sealed: str | None,
    notice: str,
    by: Actor,
    now: datetime,
) -> int:
    found = await clients.by_id(client)
    assert found is not None
    id = await storage.add(
        client=client,
        consent=consent,
        agency=agency,
        offer=offer,
        scope=scopes,
        basis=CONSENT,
        notice=text_of(notice, language()).stamp,
        sealed=sealed,
        by=by.label,
        at=now,
    )
    details: dict[str, object] = {"disclosure": id, "agency": agency, "consent": consent, "scope": sorted(scopes)}
    details |= {"offer": offer} if offer is not None else {}
    await client_audit(found, "disclosed", details, by=by.label, now=now)
    return id


@dataclass(frozen=True, slots=True)
class Before:
    """What was told with an offer so far: the parts, and marks of the numbers and addresses (`way_mark`)."""

    scopes: frozenset[Scope]
    ways: frozenset[str]


async def told_before(*, client: int, offer: int, valid: Iterable[tuple[int, Consent]], settings: Settings) -> Before:
    """What was told with an offer on one of these consents, which are those that hold today: the rest counts as not told."""
    holding = {id for id, _ in valid}
    rows = [row for row in await storage.of_offer(client, offer) if row.consent in holding]
    ways = frozenset(mark for row in rows for mark in opened(row.sealed, settings).get("ways", ()))
    return Before(frozenset(Scope(code) for row in rows for code in row.scope), ways)


def way_mark(to: str, settings: Settings) -> str:
    """By what a number or an address is known again without being written down once more."""
    return found_by(WAY, phone_digits(to) or fold_email(to), settings)


# --- in an emergency -------------------------------------------------------------------------------------------------


async def disclose_emergency(
    *,
    client: int,
    needs: Mapping[str, str],
    scopes: Iterable[Scope],
    at: datetime,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> int:
    """Writes down what was told to medical personnel without a consent (2.51(c)), and gives the id of the row. Needs a transaction.

    `needs` are the four things of EMERGENCY_NEEDS, `at` is when it was told. Raises UnfitFields, NotFound and Denied.
    """
    found = await allowed_client(client=client, by=by, now=now, is_open=False)
    given = {name: needs.get(name, "").strip() for name in EMERGENCY_NEEDS}
    problems = [Problem(name, "missing", "") for name, text in given.items() if not text]
    problems += [Problem(name, "too-long", "", (str(LONGEST),)) for name, text in given.items() if len(text) > LONGEST]
    problems += [Problem("at", "future", at.isoformat())] if at > now else []
    if problems:
        raise UnfitFields(problems)
    id = await storage.add(
        client=client,
        consent=None,
        agency=None,
        offer=None,
        scope=frozenset(scopes),
        basis=EMERGENCY,
        notice="",
        sealed=seal(given, settings),
        by=by.label,
        at=at,
    )
    details = {"disclosure": id, "at": at.isoformat()}
    await client_audit(found, "disclosed-emergency", details, by=by.label, now=now)
    return id


# --- to whom something was told --------------------------------------------------------------------------------------


async def disclosures_of(*, client: int, by: Actor, now: datetime, settings: Settings) -> tuple[Told, ...]:
    """To whom something about a client was told in the last three years (2.24, 2.25), the latest first: name, date, brief description.

    Whoever shows it writes into the access log that the client was looked at. Raises NotFound and Denied.
    """
    await allowed_client(client=client, by=by, now=now, is_open=False)
    since = years_before(now, LOOK_BACK_YEARS)
    return tuple(_told(row, settings) for row in await storage.of_client(client, since))


def _told(row: DisclosureNow, settings: Settings) -> Told:
    known = opened(row.sealed, settings)
    return Told(
        id=row.id,
        at=row.at,
        to=row.agency_name or str(known.get("to", "")),
        scope=tuple(scope for scope in Scope if scope in row.scope),
        basis=row.basis,
        notice=row.notice,
        by=row.by,
        offer=row.offer,
        facility=str(known.get("facility", "")),
        who=str(known.get("who", "")),
        nature=str(known.get("nature", "")),
    )
