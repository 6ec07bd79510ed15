"""Listings as they are compared, and the pairs that may be one: found, decided by a person, and taken back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.duplicates import OPEN, SAME, Likeness, Traits
from directory.domain.listings import Status, Visibility
from directory.storage import db
from directory.storage.encoding import dumps, to_column
from directory.storage.locations import point_of

SHOWN = f"('{Status.ACTIVE.value}', '{Status.TEMPORARILY_CLOSED.value}')"
"""The states of listings that are compared: what is not there is no duplicate."""
_REGISTER = "samhsa"
"""The format whose keys begin with the part of the register: substance or mental (DESIGN 4.1)."""

Ids = tuple[int, int]
"""Two listings, the smaller id first."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two listings that may be one. `kept` is the one that stays, by a person's decision; `hand_status` is what was set by hand as the
    status of the other before."""

    id: int
    one: int
    other: int
    names: tuple[str, str]
    slugs: tuple[str, str]
    kind: str
    score: float
    reasons: tuple[str, ...]
    status: str
    kept: int | None
    hand_status: str | None
    settled_by: str | None
    settled_at: datetime | None
    is_shown: bool
    """Whether both are still there."""

    @property
    def gone_slug(self) -> str:
        """The one that is not kept."""
        return self.slugs[1] if self.kept == self.one else self.slugs[0]


# --- listings as they are compared ---------------------------------------------------------------------------------------

_TRAITS = (
    "SELECT l.id, l.kind, l.name, l.source_id, l.source_key, l.program, l.attendance, l.phones, l.conference_url, s.format, "
    "p.visibility, p.street, p.city, p.state, p.public_lat, p.public_lon, p.approximate, p.geocode_hash "
    "FROM listing l JOIN location p ON p.id = l.location_id JOIN source s ON s.id = l.source_id "
    f"WHERE l.status IN {SHOWN} AND "
)


async def traits_after(id: int, limit: int) -> list[Traits]:
    """The next listings that are shown, by their ids."""
    sql = db.Sql()
    return await _traits(f"{_TRAITS} l.id > {sql(id)} ORDER BY l.id LIMIT {int(limit)}", sql)


async def traits_of(ids: Collection[int]) -> dict[int, Traits]:
    """Those of these listings that are shown, by id."""
    sql = db.Sql()
    return {each.id: each for each in await _traits(f"{_TRAITS} l.id IN ({sql.list(ids) or 'NULL'})", sql)}


async def _traits(text: str, sql: db.Sql) -> list[Traits]:
    rows = await db.rows(text, sql.values)
    times = await _times([row["id"] for row in rows if row["kind"] == "meeting"])
    return [_trait(row, times.get(row["id"], ())) for row in rows]


async def _times(ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """When these meetings begin."""
    found: dict[int, list[tuple[int, int]]] = {}
    if ids:
        sql = db.Sql()
        text = (
            f"SELECT listing_id, week, starts FROM schedule WHERE sort = 'meeting' AND listing_id IN ({sql.list(ids)})"
        )
        for id, week, starts in await db.tuples(text, sql.values):
            found.setdefault(id, []).append((week or 0, starts))
    return found


def _trait(row: Mapping[str, Any], times: Iterable[tuple[int, int]]) -> Traits:
    """What is not public of an address is left out here, so that no suggestion depends on it."""
    is_public, is_hidden = row["visibility"] == Visibility.FULL, row["visibility"] == Visibility.HIDDEN
    return Traits(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        source=row["source_id"],
        section=f"{_REGISTER} {row['source_key'].partition('|')[0]}" if row["format"] == _REGISTER else "",
        program=row["program"] or "",
        is_online=row["attendance"] == "online",
        building=row["geocode_hash"] or "" if is_public and row["street"] else "",
        street=row["street"] or "" if is_public else "",
        city="" if is_hidden else row["city"] or "",
        state="" if is_hidden else row["state"] or "",
        point=point_of(row["public_lat"], row["public_lon"]) if is_public and not row["approximate"] else None,
        phones=frozenset(filter(None, (_digits(each) for each in db.from_json(row["phones"])))),
        link=(row["conference_url"] or "").strip(),
        times=frozenset(times),
    )


def _digits(phone: Sequence[Any]) -> str:
    """The last ten digits of a number to call; "" for a fax and for what is shorter, such as 988."""
    digits = re.sub(r"\D", "", phone[0])
    return digits[-10:] if phone[2] != "fax" and len(digits) >= 10 else ""


# --- pairs ---------------------------------------------------------------------------------------------------------------

_PAIR = (
    "SELECT d.*, a.name AS name_one, b.name AS name_other, a.slug AS slug_one, b.slug AS slug_other, a.kind, "
    f"a.status IN {SHOWN} AND b.status IN {SHOWN} AS is_shown "
    "FROM duplicate_pair d JOIN listing a ON a.id = d.one_id JOIN listing b ON b.id = d.other_id WHERE "
)
_WAITING = f"d.status = '{OPEN}' AND a.status IN {SHOWN} AND b.status IN {SHOWN}"
"""A pair of which one is gone rests."""


async def known(status: str = "") -> set[Ids]:
    """The pairs that somebody has been asked about, or those in one status."""
    sql = db.Sql()
    where = f"WHERE status = {sql(status)}" if status else ""
    return {
        (one, other)
        for one, other in await db.tuples(f"SELECT one_id, other_id FROM duplicate_pair {where}", sql.values)
    }


async def add(found: Mapping[Ids, Likeness], now: datetime) -> int:
    """Adds pairs that nobody has been asked about, and says how many those were. Needs a transaction."""
    number = 0
    for (one, other), likeness in found.items():
        sql = db.Sql()
        values = (one, other, likeness.score, dumps(likeness.reasons), OPEN, to_column(now))
        text = (
            f"INSERT INTO duplicate_pair (one_id, other_id, score, reasons, status, found_at) VALUES ({sql.list(values)}) "
            "ON CONFLICT (one_id, other_id) DO NOTHING RETURNING id"
        )
        number += len(await db.rows(text, sql.values))
    return number


async def judge_anew(found: Mapping[Ids, Likeness | None]) -> None:
    """Writes down what open pairs have in common now; those that nothing speaks for any more go. Needs a transaction."""
    for (one, other), likeness in found.items():
        sql = db.Sql()
        text = "DELETE FROM duplicate_pair"
        if likeness:
            text = f"UPDATE duplicate_pair SET score = {sql(likeness.score)}, reasons = {sql(dumps(likeness.reasons))}"
        where = f"one_id = {sql(one)} AND other_id = {sql(other)} AND status = {sql(OPEN)}"
        await db.execute(f"{text} WHERE {where}", sql.values)


async def waiting(limit: int) -> list[Pair]:
    """The open ones, the surest first."""
    return await _pairs(f"{_WAITING} ORDER BY d.score DESC, d.id LIMIT {int(limit)}", db.Sql())


async def count() -> int:
    """How many are open."""
    text = f"SELECT COUNT(*) AS n FROM duplicate_pair d JOIN listing a ON a.id = d.one_id JOIN listing b ON b.id = d.other_id WHERE {_WAITING}"
    return int((await db.rows(text))[0]["n"])


async def settled(limit: int) -> list[Pair]:
    """Those that were decided last."""
    sql = db.Sql()
    return await _pairs(f"d.status <> {sql(OPEN)} ORDER BY d.settled_at DESC, d.id DESC LIMIT {int(limit)}", sql)


async def find(id: int) -> Pair | None:
    """The pair of this number."""
    sql = db.Sql()
    found = await _pairs(f"d.id = {sql(id)}", sql)
    return found[0] if found else None


async def left_alone() -> list[Pair]:
    """Those of which the one that was kept has been taken out by its source, while the other would still be there."""
    sql = db.Sql()
    gone = sql(Status.REMOVED.value)
    is_kept_gone = (
        f"(d.kept_id = a.id AND a.status = {gone} AND b.status <> {gone}) OR "
        f"(d.kept_id = b.id AND b.status = {gone} AND a.status <> {gone})"
    )
    return await _pairs(f"d.status = {sql(SAME)} AND ({is_kept_gone}) ORDER BY d.id", sql)


async def settle(
    id: int,
    *,
    before: str,
    status: str,
    by: str | None,
    now: datetime | None,
    kept: int | None = None,
    hand_status: str | None = None,
) -> bool:
    """Moves a pair on; False where somebody else has done so. Needs a transaction."""
    sql = db.Sql()
    given = {
        "status": status,
        "kept_id": kept,
        "hand_status": hand_status,
        "settled_by": by,
        "settled_at": to_column(now) if now else None,
    }
    sets = ", ".join(f"{name} = {sql(value)}" for name, value in given.items())
    text = f"UPDATE duplicate_pair SET {sets} WHERE id = {sql(id)} AND status = {sql(before)} RETURNING id"
    return bool(await db.rows(text, sql.values))


async def _pairs(where: str, sql: db.Sql) -> list[Pair]:
    return [_pair(row) for row in await db.rows(_PAIR + where, sql.values)]


def _pair(row: Mapping[str, Any]) -> Pair:
    return Pair(
        id=row["id"],
        one=row["one_id"],
        other=row["other_id"],
        names=(row["name_one"], row["name_other"]),
        slugs=(row["slug_one"], row["slug_other"]),
        kind=row["kind"],
        score=row["score"],
        reasons=tuple(db.from_json(row["reasons"])),
        status=row["status"],
        kept=row["kept_id"],
        hand_status=row["hand_status"],
        settled_by=row["settled_by"],
        settled_at=db.as_moment(row["settled_at"]) if row["settled_at"] else None,
        is_shown=bool(row["is_shown"]),
    )


# --- where a listing has gone --------------------------------------------------------------------------------------------

_STEPS = 5
"""How far it is followed that what was kept has since been found to be the same as something else."""


async def kept_for(slugs: Collection[str]) -> dict[str, str]:
    """For those of these listings that somebody found to be the same as another one: which one stays, by slug."""
    first = await _kept_for(slugs)
    found, ends = dict(first), first
    for _ in range(_STEPS):
        ends = await _kept_for(set(ends.values()))
        if not ends:
            break
        found = {slug: ends.get(kept, kept) for slug, kept in found.items()}
    return {slug: kept for slug, kept in found.items() if slug != kept}


async def _kept_for(slugs: Collection[str]) -> dict[str, str]:
    """One step of it. What is shown all the same, because somebody has set it so, stands for itself."""
    if not slugs:
        return {}
    sql = db.Sql()
    text = (
        "SELECT l.slug, k.slug AS kept FROM listing l JOIN duplicate_pair d ON d.one_id = l.id OR d.other_id = l.id "
        f"JOIN listing k ON k.id = d.kept_id WHERE l.slug IN ({sql.list(slugs)}) AND l.status NOT IN {SHOWN} "
        f"AND d.status = {sql(SAME)} AND d.kept_id <> l.id ORDER BY d.id"
    )
    return {row["slug"]: row["kept"] for row in await db.rows(text, sql.values)}
