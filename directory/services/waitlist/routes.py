"""The ways to reach somebody who waits: added, corrected and ended, with what may go by each as it was agreed."""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import Actor
from directory.domain.agencies import Overtaken
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.routes import MOST, Way, way_problems
from directory.services.links import form_take
from directory.services.sealing import opened, seal
from directory.services.waitlist.clients import allowed_client, client_audit
from directory.services.waitlist.keys import found_by_write
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import clients, messages
from directory.storage.waitlist import routes as storage
from directory.storage.waitlist.clients import ClientNow
from directory.storage.waitlist.routes import RouteNow


async def ways_of(*, client: int, settings: Settings) -> list[tuple[RouteNow, Way]]:
    """The ways to reach a client that are in use, opened, in their order. Whoever calls has looked at the right to see them."""
    return [(row, _opened(row, settings)) for row in await storage.of_client(client)]


async def way_add(*, client: int, way: Way, form: str, by: Actor, now: datetime, settings: Settings) -> int | None:
    """The id of one more way to reach somebody; None for a form that was taken before. Raises UnfitFields, NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now)
    _check(way)
    async with db.staging():
        if not await form_take(token=form, now=now):
            return None
        if len(await storage.of_client(client)) >= MOST:
            raise UnfitFields([Problem("to", "too-many-ways", "", (str(MOST),))])
        id = await storage.add(client, way_columns(way, settings))
        await _changed(row, "route-add", id, way, by, now, settings)
    return id


async def way_change(
    *, client: int, route: int, way: Way, version: int, by: Actor, now: datetime, settings: Settings
) -> None:
    """Corrects a way to reach somebody. `version` is that of the client, which every such change moves.

    Raises UnfitFields, Overtaken where somebody has saved in between, NotFound, Denied.
    """
    row = await allowed_client(client=client, by=by, now=now)
    _check(way)
    async with db.staging():
        before = await _own(client, route)
        if not await clients.change(client, version, language=row.language):
            fresh, standing = await allowed_client(client=client, by=by, now=now), _opened(before, settings)
            if standing == way:  # the same form once more
                return
            raise Overtaken(way_values(standing), fresh.version)
        await storage.change(route, way_columns(way, settings))
        if way != _opened(before, settings):
            await messages.drop(route)  # what waits was for the address, and the agreement, of before
        await _changed(row, "route-change", route, way, by, now, settings)


async def way_end(*, client: int, route: int, by: Actor, now: datetime, settings: Settings) -> None:
    """Uses a way no more, and forgets what it was. Once more does no harm. Raises NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now)
    async with db.staging():
        found = await storage.route(route)
        if found is None or found.client != client:
            raise NotFound(route=route)
        if await storage.change(route, {"ended_at": now, "sealed": None}):
            await messages.drop(route)
            await found_by_write(client=row.id, now=now, settings=settings)
            await client_audit(row, "route-end", {"route": route}, by=by.label, now=now)


def way_columns(way: Way, settings: Settings) -> dict[str, object]:
    """A way as its row has it."""
    sealed = {"to": way.to.strip(), "times": way.times.strip(), "note": way.note.strip()}
    return {
        "channel": way.channel,
        "sealed": seal(sealed, settings),
        "may_leave_word": way.may_leave_word,
        "is_shared": way.is_shared,
        "is_agreed": way.is_agreed,
        "asks_agreed": way.asks_agreed,
    }


FLAGS = ("may_leave_word", "is_shared", "is_agreed", "asks_agreed")


def way_values(way: Way) -> dict[str, str]:
    """A way by the names of the fields of its form; a box that is ticked is "yes"."""
    values = {"channel": way.channel, "to": way.to, "times": way.times, "note": way.note}
    return values | {flag: "yes" if getattr(way, flag) else "" for flag in FLAGS}


async def _own(client: int, route: int) -> RouteNow:
    found = await storage.route(route)
    if found is None or found.client != client or found.ended_at is not None:
        raise NotFound(route=route)
    return found


async def _changed(
    row: ClientNow, action: str, route: int, way: Way, by: Actor, now: datetime, settings: Settings
) -> None:
    """What every change of a way does besides: the keys, and the audit trail with what was agreed. Needs its transaction."""
    await found_by_write(client=row.id, now=now, settings=settings)
    agreed = [flag for flag in FLAGS if getattr(way, flag)]
    details: dict[str, object] = {"route": route, "channel": way.channel, "said": agreed}
    await client_audit(row, action, details, by=by.label, now=now)


def _opened(row: RouteNow, settings: Settings) -> Way:
    known = opened(row.sealed, settings)
    to, times, note = (str(known.get(field) or "") for field in ("to", "times", "note"))
    return Way(
        row.channel,
        to,
        times,
        note,
        may_leave_word=row.may_leave_word,
        is_shared=row.is_shared,
        is_agreed=row.is_agreed,
        asks_agreed=row.asks_agreed,
    )


def _check(way: Way) -> None:
    if problems := way_problems(way):
        raise UnfitFields(problems)
