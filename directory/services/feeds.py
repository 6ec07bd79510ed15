"""Imports from an address: fetched, compared with what was there before, imported, and remembered for the next time.

What is kept of an address (its marks, when it is due) is written only once the import is done, so a file whose import was cut
short is fetched whole again. A failure never ends a schedule: it is tried again, at first soon, then less and less often.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

from directory.formats.column_map import load_map
from directory.gateways.feeds import Fetched, Limits, NotModified, Unfetchable, fetch, shown
from directory.gateways.hosts import Resolve, look_up
from directory.services.exchange import Report, hash_of_file, import_run
from directory.services.feed_trouble import trouble_over, trouble_told
from directory.services.readers import reader_of
from directory.settings import Settings
from directory.storage import db, feeds, records
from directory.storage.feeds import Feed, LastRun

__all__ = ["MOST_HOURS", "Feed", "Order", "feed_audited", "feed_import", "feeds_due", "feeds_list", "next_try", "shown"]

MOST_HOURS = 8760
"""A year: what is asked for less often is asked for by hand."""
LONGEST_WAIT = timedelta(hours=24)
LONGEST_ASKED = timedelta(days=7)
"""How long a host can ask to be left alone."""
MOST_TRIES = 1000
LONGEST_ERROR = 500
BUSY = "busy"
"""How the report of an import begins that found another one at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be read from where, and how; see `exchange.Order` for what is not said here.

    `column_map` is the TOML of the map for `csv`. `every_hours` stores a schedule, 0 ends it, None leaves it as it is. `limits` and
    `resolve` are as for `gateways.feeds.fetch`.
    """

    address: str
    format: str
    source: str
    by: str
    clock: Callable[[], datetime]
    settings: Settings
    fellowship: str | None = None
    column_map: str | None = None
    partial: bool = False
    dry_run: bool = False
    allow_removals: bool = False
    match_by: str | None = None
    every_hours: int | None = None
    progress: Callable[[int], None] = lambda _: None
    limits: Limits = Limits()
    resolve: Resolve = look_up

    @classmethod
    def of(cls, feed: Feed, *, by: str, clock: Callable[[], datetime], settings: Settings) -> Order:
        """To read a feed once more as it was read before."""
        return cls(
            address=feed.address,
            format=feed.format,
            source=feed.source,
            by=by,
            clock=clock,
            settings=settings,
            fellowship=feed.fellowship,
            column_map=feed.column_map,
            partial=feed.partial,
        )

    def report(self, error: str | None = None) -> Report:
        """A report on which nothing stands yet but perhaps an error."""
        return Report(None, self.source, self.format, self.dry_run, error=error)

    def sets_schedule(self, known: Feed) -> bool:
        """Whether the schedule of a feed that is known is to be another one, whatever comes of reading it now."""
        if self.every_hours is None or self.dry_run:
            return False
        return self.every_hours == 0 or known.address == self.address


async def feed_import(*, order: Order) -> Report:
    """Brings a source up to date with what stands at an address, and remembers the address.

    A file that is the same as at the last import changes nothing and says so in one warning. What goes wrong comes back as a
    report with `error`; a feed that is known keeps its schedule and notes what went wrong. A trial (`dry_run`) notes nothing.
    """
    known = await feeds.find(order.source)
    if known and order.sets_schedule(known):
        every = order.every_hours or None
        known = replace(known, every_hours=every, next_at=order.clock() if every else None)
        await _keep(order, known)
    reading = _Reading(order, known, await feeds.last_run(order.source))
    try:
        return await reading.report()
    except Unfetchable as error:
        return await reading.failed(str(error), error.retry_after)
    except Exception as error:  # a fault of our own is not to ask the host again at every turn
        await reading.failed(f"stopped: {type(error).__name__}")
        raise


async def feeds_list() -> list[Feed]:
    """Every feed, in the order of their sources' names. Their addresses may hold keys: tell them as `shown` does."""
    return await feeds.every()


async def feeds_due(*, now: datetime) -> list[Feed]:
    """The feeds that are to be read by now, the one that has waited longest first; `Order.of` makes an order of each."""
    return await feeds.due(now)


def next_try(now: datetime, tries: int, every_hours: int | None, retry_after: int | None = None) -> datetime | None:
    """When to ask again after so many failures in a row (0: all went well); None without a schedule.

    After a failure in an hour, then in two, four, at most a day or the schedule's own time if that is longer to come; a host that
    asks for more time gets up to a week.
    """
    if every_hours is None:
        return None
    if not tries:
        return now + timedelta(hours=every_hours)
    wait = min(timedelta(hours=2 ** min(tries - 1, 10)), LONGEST_WAIT)
    return now + max(wait, min(timedelta(seconds=retry_after or 0), LONGEST_ASKED))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of a feed: what is asked, what was known of the feed, and the latest import of its source."""

    order: Order
    known: Feed | None
    last: LastRun | None

    async def report(self) -> Report:
        """Fetches and imports. Raises Unfetchable."""
        is_as_before = self._is_as_before()
        marks = self.known if is_as_before and self._has_marks_of_last() else None
        found = await fetch(
            self.order.address,
            etag=marks.etag if marks else None,
            last_modified=marks.last_modified if marks else None,
            may_be_loopback=self.order.settings.feeds_loopback,
            limits=self.order.limits,
            resolve=self.order.resolve,
        )
        if isinstance(found, NotModified):
            return await self._unchanged(marks)
        with closing(found.stream):
            if (
                is_as_before
                and self.last
                and self.last.file_hash == await asyncio.to_thread(hash_of_file, found.stream)
            ):
                return await self._unchanged(found)
            return await self._imported(found)

    def _is_as_before(self) -> bool:
        """Whether the latest import of the source was of this very feed, so that the same file would change nothing."""
        order, known, last = self.order, self.known, self.last
        if order.dry_run or order.match_by or known is None or last is None:
            return False
        return last.origin == shown(order.address) and _asked(known) == _asked(self._feed())

    def _has_marks_of_last(self) -> bool:
        """Whether the marks are of the latest import; a process that died after it has not written them any more."""
        known, last = self.known, self.last
        return bool(known and last and known.fetched_at and known.fetched_at >= last.finished_at)

    def _feed(self) -> Feed:
        """The feed as it is asked for now. Its schedule stays unless another is given; 0 ends it."""
        order, known = self.order, self.known
        every = known.every_hours if known and order.every_hours is None else order.every_hours
        asked = (order.address, order.format, order.fellowship, order.column_map, order.partial)
        return Feed(order.source, *asked, every_hours=every or None)

    async def _imported(self, found: Fetched) -> Report:
        order = self.order
        column_map = load_map(BytesIO(order.column_map.encode())) if order.column_map is not None else None
        report = await import_run(
            stream=found.stream,
            reader=reader_of(order.format, fellowship=order.fellowship, column_map=column_map),
            format=order.format,
            source=order.source,
            by=order.by,
            clock=order.clock,
            settings=order.settings,
            origin=shown(order.address),
            fellowship=order.fellowship,
            partial=order.partial,
            dry_run=order.dry_run,
            allow_removals=order.allow_removals,
            match_by=order.match_by,
            about={"title": column_map.title} if column_map and column_map.title else None,
            progress=order.progress,
        )
        if report.error:
            return await self.failed(report.error, report=report)
        await self._done(found)
        return report

    async def _unchanged(self, marks: Fetched | Feed | None) -> Report:
        report = self.order.report()
        if self.last:
            when = f"{self.last.finished_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            report.warnings.append(f"not modified since {when} (run {self.last.id})")
            if self.last.is_undone:
                report.warnings[0] += ", and that run was undone: import it from a file to have it again"
        await self._done(marks)
        return report

    async def _done(self, marks: Fetched | Feed | None) -> None:
        """Remembers the feed and when it is due, with the marks of the file that is imported now."""
        if self.order.dry_run:
            return
        now, feed = self.order.clock(), self._feed()
        await _keep(
            self.order,
            replace(
                feed,
                etag=marks.etag if marks else None,
                last_modified=marks.last_modified if marks else None,
                fetched_at=now,
                next_at=next_try(now, 0, feed.every_hours),
            ),
            self.known,
            then=lambda: trouble_over(feed.source, now),
        )

    async def failed(self, error: str, retry_after: int | None = None, *, report: Report | None = None) -> Report:
        """Notes what went wrong on the feed that is known; another address under its name leaves that one alone.

        A schedule that is not stored is told: nobody would ask again.
        """
        known, now = self.known, self.order.clock()
        is_known = known is not None and known.address == self.order.address
        if known and is_known and not self.order.dry_run and not error.startswith(BUSY):
            tries = known.tries + 1
            next_at = next_try(now, tries, known.every_hours, retry_after)
            noted = replace(known, tries=min(tries, MOST_TRIES), error=error[:LONGEST_ERROR], next_at=next_at)
            await _keep(self.order, noted, known, then=lambda: trouble_told(noted, now))
        report = report or self.order.report(error)
        if self.order.every_hours and not is_known and not self.order.dry_run:
            report.warnings.append("the schedule was not stored: it is with the first file that can be read")
        return report


def _asked(feed: Feed) -> tuple[object, ...]:
    """What must be the same for the same file to change nothing."""
    return feed.address, feed.format, feed.fellowship, feed.column_map, feed.partial


async def _keep(
    order: Order, feed: Feed, known: Feed | None = None, then: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Writes a feed; who changes its address or its schedule stands in the audit trail. `then` is done in the same transaction."""
    now = order.clock()
    async with db.staging():
        current = await feeds.find(feed.source)
        if known and current and (_asked(current), current.every_hours) != (_asked(known), known.every_hours):
            return  # somebody has changed the feed while it was read: what they say stands
        await feeds.keep(feed, now)
        if then:
            await then()
        if known is None or (known.address, known.every_hours) != (feed.address, feed.every_hours):
            await feed_audited(feed, "feed", by=order.by, now=now)


async def feed_audited(feed: Feed, action: str, *, by: str, now: datetime) -> None:
    """Writes into the audit trail who has set what of a feed. Needs the transaction that does it."""
    details: dict[str, object] = {"address": shown(feed.address), "every_hours": feed.every_hours}
    await records.audit(at=now, by=by, action=action, subject=f"source {feed.source}", details=details)
