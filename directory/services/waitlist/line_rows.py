"""The rows of somebody's own waiting list as they can be put in, and those that cannot, each with its line in the file and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from directory.domain.waitlist.facts import BIRTH_MONTH, DOCUMENT, Fact, fact_problems
from directory.domain.waitlist.known import Known, known_problems
from directory.domain.waitlist.names import name_words, phone_digits
from directory.formats.rows import Rejected
from directory.formats.waitlist_map import PLAIN, LineMap
from directory.formats.waitlist_table import Turned, Waiting, read_waiting
from directory.i18n import LANGUAGES
from directory.services.clock import local_day
from directory.storage.waitlist.pools import Pool

OLDEST = timedelta(days=5 * 365)
"""A request that is older is a slip of the year."""
CLOSED = "the line is closed"
"""Why a row is turned away whose line was closed before it could be put in."""
NOON = time(12)
"""The time of a request of which only the day is known."""


@dataclass(slots=True)
class Read:
    """What a file comes to: `rows` as plain values that JSON knows, `turned` with line, reason and what stood there; `counts` people by line."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    turned: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The earliest and the latest day of a request."""
        found = [date.fromisoformat(row["requested_on"]) for row in self.rows]
        return min(found, default=None), max(found, default=None)


def file_hash(stream: BinaryIO) -> str:
    """The SHA-256 of a file, which is at its beginning again afterwards."""
    digest = sha256(stream.read()).hexdigest()
    stream.seek(0)
    return digest


async def rows_read(
    stream: BinaryIO, layout: LineMap | None, lines: Sequence[Pool], usual: Pool | None, now: datetime
) -> Read:
    """All rows of a file. `lines` are those that people can join, `usual` the one for rows that name none. Raises UnreadableFile."""
    read, seen = Read(), dict[tuple[object, ...], int]()
    named = {_folded(pool.name): pool for pool in lines}
    for each in read_waiting(stream, layout or PLAIN, all_columns=layout is not None):
        if isinstance(each, Turned):
            read.turned.append(turned_row(each.rejected, each.cells))
            continue
        pool = named.get(_folded(each.pool)) if each.pool else usual
        reason = (
            await _wrong(each, pool, now) if pool else "no line of this agency is called so" if each.pool else "no line"
        )
        before = next((seen[key] for key in _same(each, pool) if key in seen), None)
        reason = reason or (f"the same person as in line {before}" if before else "")
        if reason or pool is None:
            read.turned.append(turned_row(Rejected(each.line, reason), _cells(each)))
            continue
        seen |= dict.fromkeys(_same(each, pool), each.line)
        read.rows.append(_row(each, pool, now))
        read.counts[pool.name] = read.counts.get(pool.name, 0) + 1
    return read


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


async def _wrong(given: Waiting, pool: Pool, now: datetime) -> str:
    """Why a row cannot be put in, told without a word of it; "" where it can."""
    today = await local_day(pool.timezone, now)
    if given.requested_on > today:
        return "the day of the request is still to come"
    if today - given.requested_on > OLDEST:
        return "the day of the request is more than 5 years ago"
    known = Known(given.called, given.name, given.born, given.note)
    if known_problems(known, today=today):
        return "the birth date cannot be right"
    odd = [code for code, value in given.facts if _is_odd(Fact(code, value, DOCUMENT, given.requested_on), today)]
    return f"what it says cannot be read: {', '.join(odd)}" if odd else ""


def _is_odd(fact: Fact, today: date) -> bool:
    return any(problem.field == "value" for problem in fact_problems(fact, today=today))


def _same(given: Waiting, pool: Pool | None) -> Iterable[tuple[object, ...]]:
    """What another row of the same person in the same line would have too: a name alone is no sign of it."""
    name = name_words(given.name or given.called)
    shared = (given.born, phone_digits(given.phone), given.email.casefold())
    return [(pool and pool.id, name, number, value) for number, value in enumerate(shared) if value]


def _row(given: Waiting, pool: Pool, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(pool.timezone)
    asked_at = datetime.combine(given.requested_on, given.requested_time or NOON, zone).astimezone(UTC)
    facts = dict(given.facts)
    if given.born:
        facts.setdefault(BIRTH_MONTH, given.born.isoformat()[:7])
    return {
        "line": given.line,
        "called": given.called,
        "name": given.name,
        "born": given.born.isoformat() if given.born else "",
        "phone": given.phone,
        "email": given.email,
        "note": given.note,
        "language": given.language if given.language in LANGUAGES else "en",
        "pool": pool.id,
        "requested_on": given.requested_on.isoformat(),
        "requested_at": min(asked_at, now).isoformat(),
        "facts": sorted(facts.items()),
    }


def row_cells(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a row that was read says, name by name, where it cannot be put in after all."""
    named = ("called", "name", "born", "phone", "email", "requested_on", "language", "note")
    return [(name, str(row[name])) for name in named] + [(code, value) for code, value, *_ in row["facts"]]


def turned_row(rejected: Rejected, cells: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A row that is turned away as it is kept: its line, why, and what stood there."""
    return {"line": rejected.line, "reason": rejected.reason, "cells": [list(cell) for cell in cells]}


def _cells(given: Waiting) -> list[tuple[str, str]]:
    named = {
        "called": given.called,
        "name": given.name,
        "born": given.born.isoformat() if given.born else "",
        "phone": given.phone,
        "email": given.email,
        "requested": given.requested_on.isoformat(),
        "line": given.pool,
        "language": given.language,
        "note": given.note,
        **dict(given.facts),
    }
    return list(named.items())
