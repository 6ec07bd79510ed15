"""The card for a crisis: what a peer needs in the next minutes, and that somebody has seen to it.

A peer connects and does not treat. Nothing here says what was spoken of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from directory.domain.access import Actor
from directory.domain.errors import NotFound, PlaceNotFound
from directory.domain.results import Card
from directory.domain.search import Query
from directory.i18n import language
from directory.services.bridge.check_ins import crisis_key
from directory.services.bridge.plans import plan_is_open, plan_of
from directory.services.bridge.supervision import supervisor_of
from directory.services.listings import lines_list
from directory.services.sealing import opened
from directory.services.search import search_run
from directory.services.tasks import task_clear
from directory.services.texts import Text, text_of
from directory.services.waitlist.clients import Somebody, client_audit, client_found, client_read, zone_of
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import check_ins as storage
from directory.storage.bridge import crises as stored
from directory.storage.bridge.check_ins import CheckInNow

TEXT = "crisis-card"
"""The code of the words on the card, which an operator may replace (seeds/notices.toml)."""
NEAR = 3
"""Services of each kind that stand on the card."""


@dataclass(frozen=True, slots=True)
class Crisis:
    """The card. `near` are crisis services around, `naloxone` harm reduction, `lines` the national numbers; `people` are the names of whom to tell,
    `is_open` whether nobody has said yet that it is seen to. `at` is when it was noted, on the clock of the agency, and `safety` what was
    ticked: nothing for who does not read their plan."""

    who: Somebody
    at: datetime
    safety: tuple[str, ...]
    text: Text
    near: tuple[Card, ...]
    naloxone: tuple[Card, ...]
    lines: tuple[Card, ...]
    people: tuple[str, ...]
    is_open: bool


async def crisis_show(*, upi: str, check_in: int, by: Actor, now: datetime, settings: Settings) -> Crisis:
    """The card that a check-in opened, for every peer of the agency: who is there is who helps. Raises NotFound, Denied."""
    who = await client_read(upi=upi, what="check-in-card", by=by, now=now, settings=settings)
    row, is_reader = await _check(who, check_in), await plan_is_open(row=who.row, by=by, now=now)
    query = await _around(who, by, settings, is_reader=is_reader)
    return Crisis(
        who,
        row.at.astimezone(ZoneInfo(await zone_of(who.row.agency))),
        tuple(opened(row.sealed, settings).get("safety") or ()) if is_reader else (),
        text_of(TEXT, language()),
        await _near(query, "crisis", now, settings),
        await _near(query, "harm-reduction", now, settings),
        tuple(await lines_list(now=now, settings=settings)),
        await _people(who, by),
        await stored.is_open(crisis_key(check_in)),
    )


async def crisis_settle(*, upi: str, check_in: int, by: Actor, now: datetime, settings: Settings) -> bool:
    """Says that somebody has seen to it; False where that was said before. Raises NotFound, Denied."""
    who = await client_found(upi=upi, by=by, now=now, settings=settings)
    await _check(who, check_in)
    async with db.staging():
        if not await task_clear(key=crisis_key(check_in), now=now, by=by.label):
            return False
        await client_audit(who.row, "check-in-settled", {"check_in": check_in}, by=by.label, now=now)
    return True


async def _people(who: Somebody, by: Actor) -> tuple[str, ...]:
    """Whom to tell: who supervises the reader, and the coordinators of the agency, of whom one is there when another is not."""
    supervisor = await supervisor_of(peer=by.person, agency=who.row.agency) if by.person is not None else None
    names = [supervisor] if supervisor else []
    return tuple(dict.fromkeys([*names, *await stored.coordinators_of(who.row.agency, by.person)]))


async def _check(who: Somebody, check_in: int) -> CheckInNow:
    found = await storage.one(check_in)
    if found is None or found.client != who.row.id or not found.is_crisis:
        raise NotFound(check_in=check_in)
    return found


async def _around(who: Somebody, by: Actor, settings: Settings, *, is_reader: bool) -> Query | None:
    """Around where: the place of their plan for who reads that, since distances would tell it, else that of a line."""
    if is_reader:
        where = (await plan_of(client=who.row.id, by=by, settings=settings)).plan.where
        if where:
            return Query(near=where, per_page=NEAR)
    point = await stored.point_of_line(who.row.id)
    return Query(point=point, per_page=NEAR) if point else None


async def _near(query: Query | None, kind: str, now: datetime, settings: Settings) -> tuple[Card, ...]:
    if query is None:
        return ()
    try:
        asked = replace(query, kinds=(kind,))
        return (await search_run(query=asked, now=now, settings=settings, counts=False)).cards
    except PlaceNotFound:  # the gazetteer is another one by now
        return ()
