"""Telling peers when an opening appears that their search finds: they ask for it, it ends by itself or by hand, and it knows no client."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from directory.domain.access import Action, Actor, Allowed, Thing, demand, may
from directory.domain.errors import NotFound, PlaceNotFound, Problem
from directory.domain.notices import EMAIL
from directory.domain.openings import MOST_WATCHES, WATCH_DAYS, WATCH_PAUSE, Watch
from directory.domain.people import UnfitFields
from directory.domain.search import Query, parse
from directory.services.geocoding import area_name
from directory.services.links import form_take
from directory.services.notices import notice_queue
from directory.services.opening_search import DECIDED_HERE, openings_find
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage import opening_watches as storage

LETTER = "openings-watch"
PAGE = "/openings"


def watched(query: Query) -> Query:
    """What of a question is kept for a watch: no words of anybody's, and no point."""
    facets = {name: query.facets[name] for name in DECIDED_HERE if query.facets.get(name)}
    return Query(near=query.near, within=query.within, facets=facets)


async def watch_add(*, by: Actor, query: Query, now: datetime, form: str | None = None) -> int | None:
    """Tells this person from now on; None where this `form` was taken before. The same question once more only lasts longer.

    Of the place only the ZIP code or the town is kept that the gazetteer finds, and no word that was typed. Raises Denied, PlaceNotFound for
    what it does not find, and UnfitFields for a street, which may be where somebody lives, and for more than MOST_WATCHES.
    """
    demand(by, Action.WATCH_OPENINGS, Thing(person=by.person), now=now)
    if _is_street(query.near):
        raise UnfitFields([Problem("near", "street", "")])
    near = await area_name(text=query.near) if query.near else ""
    text, person, ends_at = (
        watched(replace(query, near=near)).url_query(),
        by.person or 0,
        now + timedelta(days=WATCH_DAYS),
    )
    async with db.staging():
        if form is not None and not await form_take(token=form, now=now):
            return None
        own = await storage.live(now, person=person)
        id = next((watch.id for watch in own if watch.query == text), None)
        if id is not None:
            await storage.prolong(id, ends_at)
        elif len(own) >= MOST_WATCHES:
            raise UnfitFields([Problem("watch", "most", "", (str(MOST_WATCHES),))])
        else:
            id = await storage.add(person=person, query=text, now=now, ends_at=ends_at)
        await records.audit(at=now, by=by.label, action="watch-openings", subject=f"watch {id}", details={})
    return id


def _is_street(text: str) -> bool:
    """Whether a place may be more than a ZIP code or the name of a town."""
    return any(map(str.isdigit, text)) and not text.replace("-", "").isdigit()


async def watch_list(*, by: Actor, now: datetime) -> tuple[Watch, ...]:
    """One's own watches that have not ended. Raises Denied."""
    demand(by, Action.WATCH_OPENINGS, Thing(person=by.person), now=now)
    return tuple(await storage.live(now, person=by.person))


async def watch_end(*, by: Actor, id: int, now: datetime) -> None:
    """Ends one of one's own watches. Raises NotFound for any other, and Denied."""
    demand(by, Action.WATCH_OPENINGS, Thing(person=by.person), now=now)
    async with db.staging():
        if not await storage.end(id, person=by.person or 0):
            raise NotFound()
        await records.audit(at=now, by=by.label, action="watch-end", subject=f"watch {id}", details={})


def question(watch: Watch) -> Query:
    """The search of a watch."""
    return parse(parse_qsl(watch.query))[0]


# --- the work --------------------------------------------------------------------------------------------------------


async def watches_tell(*, now: datetime, settings: Settings) -> int:
    """Queues a letter for everybody whose search finds an opening that has appeared, and says how many those were.

    Nobody gets two of one watch within WATCH_PAUSE: what appears in between is told afterwards, if it is still there. Watches that are over
    are deleted.
    """
    await _forget_over(now)
    newest = await storage.newest()
    live = await storage.live(now) if settings.smtp_url else []
    due = [each for each in live if each.seen < newest and _may_be_told(each, now)]
    new = {seen: await storage.appeared(seen) for seen in {each.seen for each in due}}
    told, not_for = 0, []
    for watch in due:
        address = await _address(watch, now)
        if address is None or not await _is_found(watch, new[watch.seen], now, settings):
            not_for.append(watch.id)
        else:
            told += await _tell(watch, *address, newest, settings, now)
    if not_for:
        async with db.staging():
            await storage.passed_over(not_for, up_to=newest)
    return told


async def _forget_over(now: datetime) -> None:
    if await storage.is_any_over(now):
        async with db.staging():
            await storage.forget_over(now)


def _may_be_told(watch: Watch, now: datetime) -> bool:
    return watch.told_at is None or now - watch.told_at >= WATCH_PAUSE


async def _address(watch: Watch, now: datetime) -> tuple[str, str] | None:
    """Where the owner of a watch reads letters and in which language; None for somebody who may not have it any more."""
    account = await accounts.account(watch.person)
    if account is None or not account.is_active:
        return None
    actor = Actor(account.id, account.grants)
    allowed = isinstance(may(actor, Action.WATCH_OPENINGS, Thing(person=account.id), now=now), Allowed)
    return (account.email, account.language) if allowed else None


async def _is_found(watch: Watch, new: set[tuple[int, int | None]], now: datetime, settings: Settings) -> bool:
    """Whether the search of a watch finds something of what is `new` to it, by listing and level."""
    if not new:
        return False
    try:
        result = await openings_find(query=question(watch), now=now, settings=settings)
    except PlaceNotFound:
        return False
    return any((each.card.id, fitting.openings.level) in new for each in result.found for fitting in each.fitting)


async def _tell(watch: Watch, to: str, language: str, newest: int, settings: Settings, now: datetime) -> bool:
    """Queues one letter; False where that was done in the meantime."""
    link = f"{settings.base_url.rstrip('/')}{PAGE}?watch={watch.id}"
    async with db.staging():
        if not await storage.told(watch, up_to=newest, now=now):
            return False
        queued = await notice_queue(
            channel=EMAIL,
            to=to,
            template=LETTER,
            language=language,
            values={"link": link},
            dedup_key=f"watch {watch.id} {newest}",
            now=now,
        )
    return queued is not None
