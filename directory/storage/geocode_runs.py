"""What geocoders have answered, whose turn it is to ask, and what a run has done so far."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from directory.domain.geo import Point, Precision
from directory.domain.geocodes import CLAIM, REMEMBERED, UNKNOWN_REMEMBERED
from directory.domain.grading import Answer
from directory.domain.listings import Geocode
from directory.storage import db, records
from directory.storage.encoding import dumps, to_column

_RUN = "geocode-run "
_LONGEST_QUEUE = timedelta(minutes=10)
"""A turn further off than this was taken by a clock that was ahead."""


async def recall(keys: Iterable[str], now: datetime) -> dict[str, Answer | None]:
    """What was answered before, by key; None: nothing is known there. What is too old is not told."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    sql = db.Sql()
    found = await db.rows(f"SELECT key, answer, at FROM geocode_answer WHERE key IN ({sql.list(wanted)})", sql.values)
    return {
        row["key"]: _answer(row["answer"])
        for row in found
        if now - db.as_moment(row["at"]) < (REMEMBERED if row["answer"] else UNKNOWN_REMEMBERED)
    }


def _answer(text: str | None) -> Answer | None:
    if text is None:
        return None
    given = json.loads(text)
    point = Point(**given["point"]) if given["point"] else None
    return Answer(**{**given, "point": point, "precision": Precision(given["precision"])})


async def remember(answers: Mapping[str, Answer | None], provider: str, now: datetime) -> None:
    """Keeps what a service answered."""
    if not answers:
        return
    values = [
        [key, provider[:40], _text(answer) if answer else None, to_column(now)] for key, answer in answers.items()
    ]
    text = (
        f"INSERT INTO geocode_answer (key, provider, answer, at) VALUES ({db.markers(4)}) "
        "ON CONFLICT (key) DO UPDATE SET answer = excluded.answer, at = excluded.at"
    )
    async with db.staging():
        await db.connection().execute_many(text, values)


def _text(answer: Answer) -> str:
    given = {name: getattr(answer, name) for name in answer.__slots__}
    point = answer.point
    return dumps({**given, "point": {"lat": point.lat, "lon": point.lon} if point else None})


async def next_turn(host: str, seconds: float, at: datetime) -> datetime:
    """The moment from which a host may be asked, at the earliest `at`: `seconds` after the turn that any process took before."""
    name = f"geocoder {host}"[:40]
    async with db.staging():
        before = await records.text_of(name)
        turn = max(at, datetime.fromisoformat(before) + timedelta(seconds=seconds)) if before else at
        turn = turn if turn - at < _LONGEST_QUEUE else at
        await records.remember(name, turn.isoformat())
    return turn


class Tally:
    """What one run has written so far, by outcome. It is noted with each step, so that a run that dies is still told of.

    `id` tells this run from others that work at the same time.
    """

    def __init__(self, id: str, by: str) -> None:
        self.name, self.by = f"{_RUN}{id}", by
        self.counts: Counter[str] = Counter()

    async def note(self, written: Sequence[Geocode], now: datetime) -> None:
        """Counts what a step has written. Needs the transaction of the step."""
        self.counts.update(geocode.status.value for geocode in written)
        if written:
            await records.remember(self.name, dumps({"by": self.by, "at": now.isoformat(), "counts": self.counts}))

    async def close(self, now: datetime, **more: object) -> None:
        """Writes the run's one entry of the audit trail, if it did anything."""
        if any(self.counts.values()) or any(more.values()):
            async with db.staging():
                await _forget(self.name)
                await _tell("geocode", self.by, {**self.counts, **more}, now)


async def close_dead(now: datetime, *, is_alone: bool = False) -> None:
    """Writes the entries of runs that ended before they could: of all others by who is alone, else of those long silent."""
    pattern = f"{_RUN}%"
    sql = db.Sql()
    for row in await db.rows(f"SELECT name, text FROM state WHERE name LIKE {sql(pattern)}", sql.values):
        given = json.loads(row["text"])
        if is_alone or now - datetime.fromisoformat(given["at"]) > CLAIM:
            async with db.staging():
                if await _forget(row["name"]):  # else another process has just done the same
                    await _tell("geocode-died", given["by"], given["counts"], now)


async def _forget(name: str) -> bool:
    sql = db.Sql()
    return bool(await db.rows(f"DELETE FROM state WHERE name = {sql(name)} RETURNING name", sql.values))


async def _tell(action: str, by: str, counts: Mapping[str, object], now: datetime) -> None:
    await records.audit(at=now, by=by, action=action, subject="addresses", details=dict(counts))
