"""Feeds as people keep them: which there are, a new one, another address or schedule, read now, stop, and what one would do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.access import Action, Actor, demand
from directory.domain.errors import NotFound, Problem, UnreadableFile
from directory.domain.people import UnfitFields
from directory.domain.taxonomy import PROGRAMS
from directory.gateways.feeds import Limits, NotModified, Unfetchable, address_check, fetch, shown
from directory.gateways.hosts import Resolve, look_up
from directory.services.exchange import Watch
from directory.services.feed_trouble import trouble_over
from directory.services.feeds import MOST_HOURS, feed_audited, feeds_list
from directory.services.readers import FORMATS
from directory.services.uploads import OWN_MAP, Upload, is_source_name, is_typed, map_bytes, maps_ready, upload_read
from directory.settings import Settings
from directory.storage import db, feeds, sources
from directory.storage.feeds import Feed

LIMITS = Limits(seconds=25.0, size=20_000_000)
"""For a feed that somebody waits for."""
_MOST_ADDRESS = 2000
_NEW = "new"
"""Stands in the address of the form for a new feed, so no list with a feed is called that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A feed as somebody describes it. `address` "" leaves the one there is, `hours` "" is no schedule; `map` as for an upload.

    `seen` is the `feed_mark` of the feed that they looked at.
    """

    source: str
    address: str
    format: str
    hours: str = ""
    fellowship: str = ""
    map: str = ""
    partial: bool = False
    seen: str = ""


def feed_mark(feed: Feed) -> str:
    """Another text whenever somebody has set anything of a feed."""
    asked = (feed.address, feed.format, feed.fellowship, feed.column_map, feed.partial, feed.every_hours)
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


async def feeds_seen(*, by: Actor, now: datetime) -> list[Feed]:
    """All feeds. Raises Denied. Their addresses may hold keys: tell them as `shown` does."""
    demand(by, Action.KEEP_FEEDS, now=now)
    return await feeds_list()


async def feed_seen(*, by: Actor, source: str, now: datetime) -> Feed:
    """The feed of this source. Raises Denied and NotFound."""
    demand(by, Action.KEEP_FEEDS, now=now)
    found = await feeds.find(source)
    if found is None:
        raise NotFound(feed=source)
    return found


async def feed_set(
    *, by: Actor, given: Given, is_new: bool, settings: Settings, now: datetime, resolve: Resolve = look_up
) -> None:
    """Adds a feed, or changes one; the worker reads it next. Raises Denied, NotFound and UnfitFields; of an address, why it is refused."""
    demand(by, Action.KEEP_FEEDS, now=now)
    known = await feeds.find(given.source) if is_new else await feed_seen(by=by, source=given.source, now=now)
    problems = [*await _problems(given, known, is_new), *await _address_problems(given, known, settings, resolve)]
    if problems:
        raise UnfitFields(problems)
    map_text = (await map_bytes(given.map)).decode() if given.map in maps_ready() else None
    feed = _feed(given, known, map_text, now)
    async with db.staging():
        current = await feeds.find(given.source)
        if (current and feed_mark(current)) != (given.seen or None):
            raise UnfitFields([Problem("source", "has-feed" if is_new else "changed-meanwhile", "")])
        await sources.ensure(feed.source, format=feed.format, now=now, fellowship=feed.fellowship)
        await _kept(feed, by, now)


async def _problems(given: Given, known: Feed | None, is_new: bool) -> list[Problem]:
    found = []
    if not is_source_name(given.source) or given.source == _NEW:
        found.append(Problem("source", "not-a-name" if given.source else "missing", ""))
    elif is_typed(given.source):
        found.append(Problem("source", "typed-in", ""))
    elif is_new and known:
        found.append(Problem("source", "has-feed", ""))
    source = await sources.find(given.source)
    if given.format not in FORMATS:
        found.append(Problem("format", "missing", ""))
    elif source and source["format"] != given.format:
        found.append(Problem("format", "other-format", source["format"]))
    if given.fellowship and given.fellowship not in PROGRAMS:
        found.append(Problem("fellowship", "choose", ""))
    if given.hours and not (re.fullmatch(r"[1-9][0-9]{0,3}", given.hours) and int(given.hours) <= MOST_HOURS):
        found.append(Problem("hours", "not-hours", "", (str(MOST_HOURS),)))
    if given.format == "csv" and not (given.map in maps_ready() or (known and known.column_map)):
        found.append(Problem("map", "missing-map", ""))
    return found


async def _address_problems(given: Given, known: Feed | None, settings: Settings, resolve: Resolve) -> list[Problem]:
    if not given.address:
        return [] if known else [Problem("address", "missing", "")]
    if len(given.address) > _MOST_ADDRESS:
        return [Problem("address", "too-long", "", (str(_MOST_ADDRESS),))]
    try:
        await address_check(given.address, may_be_loopback=settings.feeds_loopback, resolve=resolve)
    except Unfetchable as error:
        return [Problem("address", error.reason, "")]
    return []


def _feed(given: Given, known: Feed | None, map_text: str | None, now: datetime) -> Feed:
    """As it is to be kept; the marks of another address say nothing of this one."""
    address = given.address.strip() or (known.address if known else "")
    asked = Feed(
        given.source,
        address,
        given.format,
        fellowship=(given.fellowship or None) if given.format == "meeting-guide" else None,
        column_map=(map_text or (known.column_map if known else None)) if given.format == "csv" else None,
        partial=given.partial,
        every_hours=int(given.hours) if given.hours else None,
        next_at=now,
    )
    if known is None or known.address != address:
        return asked
    return replace(asked, etag=known.etag, last_modified=known.last_modified, fetched_at=known.fetched_at)


async def feed_read_soon(*, by: Actor, source: str, now: datetime) -> None:
    """Has the worker read a feed next. Raises Denied and NotFound."""
    async with db.staging():
        feed = await feed_seen(by=by, source=source, now=now)
        await _kept(replace(feed, next_at=now), by, now, "feed-read")


async def feed_stop(*, by: Actor, source: str, now: datetime) -> None:
    """Ends the schedule of a feed; its listings stay. Raises Denied and NotFound."""
    async with db.staging():
        feed = await feed_seen(by=by, source=source, now=now)
        await trouble_over(source, now, by.label)
        await _kept(replace(feed, every_hours=None, next_at=None), by, now, "feed-stop")


async def _kept(feed: Feed, by: Actor, now: datetime, action: str = "feed") -> None:
    await feeds.keep(feed, now)
    await feed_audited(feed, action, by=by.label, now=now)


async def feed_preview(
    *, by: Actor, source: str, clock: Callable[[], datetime], settings: Settings, watch: Watch | None = None
) -> int:
    """Fetches a feed now and gives the run that shows what it would do, before anything is done.

    Raises Denied, NotFound, UnfitFields with why it cannot be had, and what `upload_read` raises.
    """
    feed = await feed_seen(by=by, source=source, now=clock())
    demand(by, Action.UPLOAD, now=clock())
    try:
        found = await fetch(feed.address, may_be_loopback=settings.feeds_loopback, limits=LIMITS)
    except Unfetchable as error:
        raise UnfitFields([Problem("address", error.reason, "")]) from None
    if isinstance(found, NotModified):
        raise UnreadableFile("empty")
    with closing(found.stream):
        upload = Upload(
            stream=found.stream,
            filename="",
            origin=shown(feed.address),
            format=feed.format,
            source=feed.source,
            fellowship=feed.fellowship or "",
            map=OWN_MAP if feed.column_map else "",
            map_text=(feed.column_map or "").encode(),
            partial=feed.partial,
        )
        return await upload_read(by=by, upload=upload, clock=clock, settings=settings, watch=watch)
