"""Taking somebody on, and correcting what tells who they are: each step is kept on the server, so that a peer can leave and come back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256

from directory.domain.access import Action, Actor, demand, of_agency, reach_of
from directory.domain.agencies import Overtaken
from directory.domain.errors import NotFound, Problem
from directory.domain.people import Agency, UnfitFields
from directory.domain.tokens import letters_of
from directory.domain.waitlist.facts import BIRTH_MONTH, CLIENT, Fact
from directory.domain.waitlist.known import Known, from_sealed, known_problems, to_sealed
from directory.domain.waitlist.routes import Way, way_problems
from directory.i18n import LANGUAGES
from directory.services.links import form_take
from directory.services.sealing import opened, seal
from directory.services.waitlist.clients import allowed_client, client_audit, today_of
from directory.services.waitlist.facts import facts_put
from directory.services.waitlist.keys import found_by_write
from directory.services.waitlist.routes import way_columns
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage.waitlist import clients, facts, intake, routes
from directory.storage.waitlist.clients import ClientNow

UPI_LETTERS = 12
"""60 bits of chance: a number that says nothing of whose it is, nor how many there are (45 CFR 96.126(c))."""


async def taking_agencies(*, by: Actor, now: datetime) -> tuple[Agency, ...]:
    """The agencies for which somebody may take people on, by name. Raises Denied where there is none."""
    own = reach_of(by, Action.KEEP_CLIENTS) or ()
    demand(by, Action.KEEP_CLIENTS, of_agency(own[0] if own else None), now=now)
    return tuple(await accounts.agencies(own))


async def client_new(
    *,
    agency: int,
    known: Known,
    language: str,
    ways: Sequence[Way],
    form: str,
    by: Actor,
    now: datetime,
    settings: Settings,
    asked: int | None = None,
) -> str:
    """Takes somebody on, and gives their number; a form that was taken before gives the number that it gave then.

    `asked` is what they sent by "Call me", which is settled with it; its moment is that of their request in the lines that they join now. Raises UnfitFields, NotFound, Denied.
    """
    demand(by, Action.KEEP_CLIENTS, of_agency(agency), now=now)
    problems = [*known_problems(known, today=await today_of(agency, now)), *_language_problems(language)]
    if problems := problems + [each for way in ways for each in way_problems(way)]:
        raise UnfitFields(problems)
    upi = upi_of(form)
    async with db.staging():
        if not await form_take(token=form, now=now):
            before = await clients.by_upi(upi)
            if before is None or before.agency != agency:
                raise NotFound()
            return upi
        if asked is not None and not await intake.settle(asked, by=by.label, outcome=intake.TOOK_ON, now=now):
            raise UnfitFields([Problem("called", "taken-on-already", "")])
        client = await client_add(
            agency=agency,
            known=known,
            language=language,
            ways=ways,
            peer=by.person,
            by=by,
            now=now,
            settings=settings,
            upi=upi,
        )
        if asked is not None:
            await intake.belongs(asked, client)
            await records.audit(at=now, by=by.label, action="intake-took-on", subject=f"intake {asked}", details={})
    return upi


async def client_add(
    *,
    agency: int,
    known: Known,
    language: str,
    ways: Iterable[Way],
    peer: int | None,
    by: Actor,
    now: datetime,
    settings: Settings,
    upi: str = "",
    is_demo: bool = False,
) -> int:
    """The id of a new client, with their ways and keys and, where the birth date is known, its month as a fact.

    Needs a transaction, which ends in the audit trail with this. Whoever calls has looked at the right and at what was given.
    """
    id = await clients.add(
        upi=upi or new_upi(),
        agency=agency,
        peer=peer,
        sealed=seal(to_sealed(known), settings),
        language=language,
        by=by.label,
        now=now,
        is_demo=is_demo,
    )
    for way in ways:
        await routes.add(id, way_columns(way, settings))
    row = await clients.by_id(id)
    assert row is not None
    await found_by_write(client=id, now=now, settings=settings)
    await client_audit(row, "client-add", {"peer": peer}, by=by.label, now=now)
    await _birth_month(row, known, today=await today_of(agency, now), by=by, now=now, settings=settings)
    return id


def new_upi() -> str:
    """A new random number for a client."""
    return letters_of(secrets.randbits(5 * UPI_LETTERS), UPI_LETTERS)


def upi_of(form: str) -> str:
    """The number that the form with this random token gives, so that sending it twice leads to the same person."""
    return letters_of(int.from_bytes(sha256(f"upi {form}".encode()).digest()), UPI_LETTERS)


async def client_edit(
    *, client: int, known: Known, language: str, version: int, by: Actor, now: datetime, settings: Settings
) -> None:
    """Corrects what tells who somebody is. Raises UnfitFields, Overtaken where somebody has saved in between, NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now)
    today = await today_of(row.agency, now)
    if problems := [*known_problems(known, today=today), *_language_problems(language)]:
        raise UnfitFields(problems)
    sealed = seal(to_sealed(known), settings)
    async with db.staging():
        if not await clients.change(client, version, sealed=sealed, language=language):
            row = await allowed_client(client=client, by=by, now=now)
            standing = edit_values(row, settings)
            if standing == {**to_sealed(known), "language": language}:  # the same form once more
                return
            raise Overtaken(standing, row.version)
        await found_by_write(client=client, now=now, settings=settings)
        await client_audit(row, "client-edit", {"language": language}, by=by.label, now=now)
        await _birth_month(row, known, today=today, by=by, now=now, settings=settings)


def edit_values(row: ClientNow, settings: Settings) -> dict[str, str]:
    """What can be corrected, by the names of the fields of its form."""
    return {**to_sealed(from_sealed(opened(row.sealed, settings))), "language": row.language}


async def notice_given(*, client: int, by: Actor, now: datetime) -> None:
    """Notes that somebody was given the notice of their rights (42 CFR 2.22), on the first day on which that is said. Raises NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now)
    today = await today_of(row.agency, now)
    async with db.staging():
        row = await allowed_client(client=client, by=by, now=now)
        if row.notice_on is None and await clients.change(client, row.version, notice_on=today):
            await client_audit(row, "notice-given", {"on": today.isoformat()}, by=by.label, now=now)


async def _birth_month(
    row: ClientNow, known: Known, *, today: date, by: Actor, now: datetime, settings: Settings
) -> None:
    """The month of birth follows the birth date that the client told. Needs a transaction."""
    before = (await facts.of_client(row.id)).get(BIRTH_MONTH)
    if known.birth_month and (before is None or before.value != known.birth_month):
        fact = Fact(BIRTH_MONTH, known.birth_month, CLIENT, today)
        await facts_put(row, [fact], (), by, now, settings)


def _language_problems(language: str) -> list[Problem]:
    return [] if language in LANGUAGES else [Problem("language", "choose", language)]
