"""Standing in: one peer goes with the people of another who is away, for as long as was agreed. Whose people they are stays as it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from directory.domain.access import Action, Actor
from directory.domain.bridge.peers import LONGEST_COVER, Span, cover_refused
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.services.bridge.letters import peer_tell
from directory.services.links import form_take
from directory.services.waitlist import plumbing
from directory.services.waitlist.clients import today_of
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.bridge import covers as storage
from directory.storage.bridge import peers
from directory.storage.bridge.covers import CoverNow

PAGE = "/peers"


async def covers_of(*, agency: int, now: datetime) -> tuple[CoverNow, ...]:
    """Who stands in for whom in an agency, today or later. Whoever calls has found out that the reader may know."""
    return tuple(await storage.covers_of(agency, await today_of(agency, now)))


async def cover_add(
    *,
    agency: int,
    away: int,
    stand_in: int,
    from_on: date | None,
    until_on: date | None,
    form: str,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> int | None:
    """The id of a new one; None for a form that was taken before. A peer says it of themselves, a coordinator of anybody in the agency. Who
    stands in is told by a letter that there is something to look after, unless they say it themselves.

    Raises UnfitFields, NotFound, Denied.
    """
    plumbing.demand_near(by, Action.KEEP_COVERS, agency, person=away, now=now)
    there = {each.id for each in await peers.peers_of(agency)}
    if away not in there:
        raise NotFound(person=away)
    problems = [] if stand_in in there else [Problem("stand_in", "choose", str(stand_in))]
    problems += [Problem(name, "missing", "") for name, day in (("from", from_on), ("until", until_on)) if day is None]
    if problems or from_on is None or until_on is None:
        raise UnfitFields(problems)
    span, today = Span(away, stand_in, from_on, until_on), await today_of(agency, now)
    async with db.staging():  # writers wait for each other here, so that nobody begins to stand in meanwhile
        others = [each.span for each in await storage.covers_of(agency, min(from_on, today))]
        if refused := cover_refused(span, others, today):
            field, code = refused
            raise UnfitFields([Problem(field, code, "", (str(LONGEST_COVER.days),) if code == "too-long-away" else ())])
        if not await form_take(token=form, now=now):
            return None
        id = await storage.cover_add(agency, span, by=by.label, now=now)
        if stand_in != by.person:
            await peer_tell(person=stand_in, page=PAGE, key=f"cover {id}", settings=settings, now=now)
        details: dict[str, object] = {"cover": id, "stand_in": stand_in}
        details |= {"from": from_on.isoformat(), "until": until_on.isoformat()}
        await _audit("cover-added", agency, away, details, by, now)
    return id


async def cover_end(*, agency: int, away: int, id: int, by: Actor, now: datetime) -> None:
    """Ends one before its time. Once more does no harm. Raises NotFound, Denied."""
    plumbing.demand_near(by, Action.KEEP_COVERS, agency, person=away, now=now)
    found = [each for each in await covers_of(agency=agency, now=now) if each.id == id and each.span.away == away]
    if not found:
        return
    async with db.staging():
        if await storage.cover_end(id, agency, now):
            await _audit("cover-ended", agency, away, {"cover": id}, by, now)


async def _audit(action: str, agency: int, away: int, details: dict[str, object], by: Actor, now: datetime) -> None:
    await records.audit(
        at=now,
        by=by.label,
        action=action,
        subject=f"person {away}",
        details=details,
        chain=plumbing.chain_of(agency),
    )


async def stood_in_for(*, by: Actor, within: tuple[int, ...], now: datetime) -> frozenset[int]:
    """The ids of the peers of these agencies for whom the reader stands in today, each by the calendar of its agency."""
    if by.person is None:
        return frozenset()
    day = timedelta(days=1)
    near = await storage.near(by.person, within, now.date() - day, now.date() + day)
    return frozenset(
        [span.away for agency, span in near if span.from_on <= await today_of(agency, now) <= span.until_on]
    )
