"""What is known of somebody who waits: written with its source and day, asked again in time, and never judged (WAITLIST 1.8, 3.5).

Each change brings the tiers of their places in line in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from directory.domain.access import Actor
from directory.domain.agencies import Overtaken
from directory.domain.errors import Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.facts import YES, Fact, due_of, fact_problems, to_ask
from directory.services.waitlist.clients import allowed_client, client_audit, today_of
from directory.services.waitlist.tiers import tiers_settle
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import facts as storage
from directory.storage.waitlist.clients import ClientNow
from directory.storage.waitlist.facts import FactNow

__all__ = [
    "FactNow",
    "fact_end",
    "fact_set",
    "facts_due",
    "facts_now",
    "facts_put",
    "facts_save",
    "facts_version",
    "form_values",
]


async def facts_now(*, client: int, by: Actor, now: datetime) -> dict[str, FactNow]:
    """What is known of a client, by code, with source and day. Raises NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now, is_open=False)
    return await storage.of_client(row.id)


async def facts_version(*, client: int, by: Actor, now: datetime) -> int:
    """The number of what is known, for a form that shows it. Raises NotFound, Denied."""
    return await storage.version((await allowed_client(client=client, by=by, now=now, is_open=False)).id)


async def facts_due(*, client: int, by: Actor, now: datetime, at_contact: bool = True) -> tuple[str, ...]:
    """The codes of the facts to ask again, at a contact or besides (WAITLIST 3.5). Raises NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now, is_open=False)
    known = {each.code: each.expires_on for each in (await storage.of_client(row.id)).values() if each.value == YES}
    return to_ask(known, at_contact=at_contact, today=await today_of(row.agency, now))


async def fact_set(*, client: int, fact: Fact, by: Actor, now: datetime, settings: Settings) -> None:
    """Writes one fact down, as after asking again at a contact. What was known before ends and is kept. Raises UnfitFields, NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now)
    _check([fact], await today_of(row.agency, now))
    async with db.staging():
        await facts_put(row, [fact], (), by, now, settings)


async def fact_end(*, client: int, code: str, by: Actor, now: datetime, settings: Settings) -> bool:
    """Makes a fact unknown again, as where it was wrong; False where nothing was known. Raises NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now)
    async with db.staging():
        return bool(await facts_put(row, (), [code], by, now, settings))


async def facts_save(
    *,
    client: int,
    facts: Iterable[Fact],
    unknown: Iterable[str],
    version: int,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> int:
    """Writes what a form says, and how many facts that changed: those that are new or other, and those that are `unknown` from now on.

    Raises UnfitFields, Overtaken where somebody has written since the form was made, NotFound, Denied.
    """
    row = await allowed_client(client=client, by=by, now=now)
    known = await storage.of_client(row.id)
    changed = [each for each in facts if not _is_known(each, known.get(each.code))]
    gone = [code for code in unknown if code in known]
    if not changed and not gone:
        return 0
    _check(changed, await today_of(row.agency, now))
    async with db.staging():
        if (current := await storage.version(row.id)) != version:
            raise Overtaken(form_values(await storage.of_client(row.id)), current)
        return await facts_put(row, changed, gone, by, now, settings)


async def facts_put(
    row: ClientNow, facts: Iterable[Fact], unknown: Iterable[str], by: Actor, now: datetime, settings: Settings
) -> int:
    """Writes facts that were looked at, and how many. Needs a transaction, which ends in the audit trail with this."""
    written, ended = [], []
    for fact in facts:
        await storage.add(row.id, fact, by=by.label, now=now)
        written.append(fact.code)
    for code in unknown:
        if await storage.end(row.id, code, now):
            ended.append(code)
    if written or ended:
        details: dict[str, object] = {"written": len(written), "unknown": len(ended)}
        await tiers_settle(client=row.id, by=by, now=now, settings=settings)
        await client_audit(row, "facts-change", details, by=by.label, now=now)
    return len(written) + len(ended)


def form_values(known: Mapping[str, FactNow]) -> dict[str, str]:
    """What is known by the names of the fields of its form: `value-pregnant`, `source-pregnant`, `on-pregnant`, `due-pregnant`."""
    values: dict[str, str] = {}
    for code, fact in known.items():
        values |= {f"value-{code}": fact.value, f"source-{code}": fact.source}
        values[f"on-{code}"] = fact.observed_on.isoformat()
        if due := due_of(code, fact.observed_on, fact.expires_on):
            values[f"due-{code}"] = due.isoformat()
    return values


def _is_known(fact: Fact, known: FactNow | None) -> bool:
    if known is None:
        return False
    old = (known.value, known.source, known.observed_on, known.expires_on)
    return old == (fact.value, fact.source, fact.on, fact.expires_on)


def _check(facts: Iterable[Fact], today: date) -> None:
    problems = [
        Problem(f"{each.field}-{fact.code}", each.code, each.value, each.allowed)
        for fact in facts
        for each in fact_problems(fact, today=today)
    ]
    if problems:
        raise UnfitFields(problems)
