"""What a coordinator keeps beside the lines: the register of breaches, legal holds, and to whom something about somebody was told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import SITE, Action, Actor, Allowed, Denied, demand, may, of_agency, reach_of
from directory.domain.errors import NotFound, Problem, Settled
from directory.domain.people import Agency, UnfitFields
from directory.domain.waitlist.breaches import Due, due_days
from directory.services.links import form_take
from directory.services.sealing import opened, seal
from directory.services.waitlist.clients import Somebody, client_audit, client_found, client_read, today_of
from directory.services.waitlist.disclosures import Told, disclosures_of
from directory.services.waitlist.plumbing import chain_of
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage.waitlist import clients
from directory.storage.waitlist import records as storage
from directory.storage.waitlist.records import BreachNow

LONGEST = 4000
MOST_NAMED = 20
"""Numbers of nobody that are named when a form is turned back."""
REASONS = ("court", "counsel", "complaint", "other")
"""Why somebody's records are held back from being cleared."""
TOLD = ("people_told_on", "department_told_on", "media_told_on")


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach in the register: `what` happened, the numbers of whom it touches, and by when somebody is to be told. `today` is the agency's."""

    row: BreachNow
    what: str
    upis: tuple[str, ...]
    due: Due
    today: date


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody writes of a breach. `clients` are numbers with blanks or commas between; days are ISO texts, "" for none."""

    what: str
    clients: str
    happened_on: str
    found_on: str


# --- breaches --------------------------------------------------------------------------------------------------------


async def breaches_list(*, by: Actor, now: datetime, settings: Settings) -> tuple[Breach, ...]:
    """The register of one's agencies, the open ones first. Raises Denied."""
    demand(by, Action.KEEP_RECORDS, SITE, now=now)
    found = await storage.breaches(reach_of(by, Action.KEEP_RECORDS) or ())
    await records.access_log(
        at=now, by=by.label, action="see", subject="breaches", details={"breaches": [each.id for each in found]}
    )
    return tuple([await _breach(row, now, settings) for row in found])


async def keeping(*, by: Actor, now: datetime) -> tuple[Agency, ...]:
    """The agencies whose register somebody keeps. Raises Denied."""
    demand(by, Action.KEEP_RECORDS, SITE, now=now)
    return tuple(await accounts.agencies(reach_of(by, Action.KEEP_RECORDS) or ()))


async def breaches_waiting(*, by: Actor, now: datetime) -> int:
    """How many are open; 0 for whoever does not keep them."""
    if not isinstance(may(by, Action.KEEP_RECORDS, SITE, now=now), Allowed):
        return 0
    return await storage.breaches_open(reach_of(by, Action.KEEP_RECORDS) or ())


async def breach_show(*, id: int, by: Actor, now: datetime, settings: Settings) -> Breach:
    """One of them. Raises NotFound, also for another agency's, and Denied."""
    row = await _allowed(id, by, now)
    await records.access_log(at=now, by=by.label, action="see", subject=f"breach {id}", details={})
    return await _breach(row, now, settings)


async def _allowed(id: int, by: Actor, now: datetime) -> BreachNow:
    demand(by, Action.KEEP_RECORDS, SITE, now=now)
    row = await storage.breach(id)
    if row is None:
        raise NotFound(breach=id)
    try:
        demand(by, Action.KEEP_RECORDS, of_agency(row.agency), now=now)
    except Denied:
        raise NotFound(breach=id) from None
    return row


async def _breach(row: BreachNow, now: datetime, settings: Settings) -> Breach:
    what = str(opened(row.sealed, settings).get("what", ""))
    upis = tuple(await storage.upis_of(row.clients))
    return Breach(row, what, upis, due_days(row.found_on, len(upis)), await today_of(row.agency, now))


async def breach_add(
    *, agency: int, given: Given, form: str, by: Actor, now: datetime, settings: Settings
) -> int | None:
    """The id of a new breach; None for a form that was taken before. Raises UnfitFields and Denied."""
    demand(by, Action.KEEP_RECORDS, of_agency(agency), now=now)
    upis = list(dict.fromkeys(re.findall(r"[A-Z0-9]+", given.clients.upper())))
    ids = await storage.ids_of(upis, agency)
    problems, days = _read_days(
        {"happened_on": given.happened_on, "found_on": given.found_on}, await today_of(agency, now)
    )
    problems += [Problem(name, "missing", "") for name in ("what", "found_on") if not getattr(given, name).strip()]
    if len(given.what) > LONGEST:
        problems.append(Problem("what", "too-long", "", (str(LONGEST),)))
    if unknown := [upi for upi in upis if upi not in ids]:
        problems.append(Problem("clients", "no-such-number", " ".join(unknown[:MOST_NAMED])))
    if problems:
        raise UnfitFields(problems)
    async with db.staging():
        if not await form_take(token=form, now=now):
            return None
        found_on = days["found_on"]
        assert found_on is not None
        id = await storage.breach_add(
            agency=agency,
            sealed=seal({"what": given.what.strip()}, settings),
            clients=sorted(set(ids.values())),
            happened_on=days["happened_on"],
            found_on=found_on,
            by=by.label,
            now=now,
        )
        await _note(id, agency, "breach-added", {"people": len(set(ids.values()))}, by, now)
    return id


async def breach_change(
    *, id: int, version: int, told: Mapping[str, str], is_closed: bool, by: Actor, now: datetime
) -> None:
    """Writes when the people, the Department and the media were told, and closes it where that is all.

    Raises UnfitFields, Settled where somebody else was quicker, NotFound and Denied.
    """
    row = await _allowed(id, by, now)
    given = {name: told.get(name, "") for name in TOLD}
    problems, days = _read_days(given, await today_of(row.agency, now))
    if is_closed and days.get("people_told_on") is None and row.clients and not problems:
        problems.append(Problem("people_told_on", "missing", ""))
    if problems:
        raise UnfitFields(problems)
    columns: Mapping[str, object] = {**days, **({"closed_at": now} if is_closed else {})}
    async with db.staging():
        if not await storage.breach_change(id, version, columns):
            raise Settled()
        details = {name: day.isoformat() for name, day in days.items() if day}
        await _note(id, row.agency, "breach-closed" if is_closed else "breach-changed", details, by, now)


def _read_days(given: Mapping[str, str], today: date) -> tuple[list[Problem], dict[str, date | None]]:
    """The days of a form, none of them still to come."""
    problems: list[Problem] = []
    days: dict[str, date | None] = {}
    for name, text in given.items():
        try:
            days[name] = date.fromisoformat(text.strip()) if text.strip() else None
        except ValueError:
            problems.append(Problem(name, "not-a-day", text))
            continue
        day = days[name]
        if day is not None and day > today:
            problems.append(Problem(name, "to-come", text))
    return problems, days


async def _note(id: int, agency: int, action: str, details: Mapping[str, object], by: Actor, now: datetime) -> None:
    chain = chain_of(agency)
    await records.audit(at=now, by=by.label, action=action, subject=f"breach {id}", details=dict(details), chain=chain)


# --- one person ------------------------------------------------------------------------------------------------------


async def client_records(
    *, upi: str, by: Actor, now: datetime, settings: Settings
) -> tuple[Somebody, tuple[Told, ...]]:
    """Somebody, with the list of those to whom something about them was told (2.24, 2.25). Raises NotFound and Denied."""
    found = await client_read(upi=upi, what="records", by=by, now=now, settings=settings, action=Action.KEEP_RECORDS)
    return found, await disclosures_of(client=found.row.id, by=by, now=now, settings=settings)


async def hold_set(
    *, upi: str, is_on: bool, reason: str, version: int, by: Actor, now: datetime, settings: Settings
) -> None:
    """Holds somebody's records back from being cleared, or lets them go, for a reason. Raises UnfitFields, Settled, NotFound, Denied."""
    found = await client_found(upi=upi, by=by, now=now, settings=settings, action=Action.KEEP_RECORDS)
    if reason not in REASONS:
        raise UnfitFields([Problem("reason", "choose", reason)])
    if found.row.legal_hold == is_on:  # a second tap
        return
    async with db.staging():
        if not await clients.change(found.row.id, version, legal_hold=is_on):
            raise Settled()
        action = "legal-hold" if is_on else "legal-hold-ended"
        await client_audit(found.row, action, {"reason": reason}, by=by.label, now=now)


async def holds_list(*, by: Actor, now: datetime) -> list[str]:
    """The numbers of those whose records are held back, in one's agencies. Raises Denied."""
    demand(by, Action.KEEP_RECORDS, SITE, now=now)
    return await storage.held(reach_of(by, Action.KEEP_RECORDS) or ())
