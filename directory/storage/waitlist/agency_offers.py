"""Offers as the agency that has the opening sees them, its openings with what they are offered for, and the letters about both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from directory.domain.access import Role
from directory.domain.waitlist.agency import AgencyOfferNow, AgencySlot
from directory.domain.waitlist.ranking import Restriction
from directory.domain.waitlist.states import LIVE_OFFERS, Offer, Slot
from directory.storage import db
from directory.storage.encoding import as_date, to_column
from directory.storage.waitlist.offers import restrictions_read

_LIVE = ", ".join(sorted(f"'{each.value}'" for each in LIVE_OFFERS))
_FROM = (
    "FROM offer o JOIN client c ON c.id = o.client_id JOIN agency a ON a.id = c.agency_id JOIN slot s ON s.id = o.slot_id "
    "JOIN program_level v ON v.id = s.level_id JOIN program g ON g.id = v.program_id JOIN listing l ON l.id = g.listing_id "
    "JOIN location w ON w.id = l.location_id"
)
_OFFER = (
    "SELECT o.*, c.upi, c.agency_id AS keeper, a.name AS peers, g.agency_id AS agency, s.level_id AS level, s.restrictions, "
    f"v.name AS level_name, g.name AS program, w.timezone AS zone {_FROM}"
)


async def offer(id: int) -> AgencyOfferNow | None:
    """The offer with this id."""
    sql = db.Sql()
    found = await db.rows(f"{_OFFER} WHERE o.id = {sql(id)}", sql.values)
    return _offer(found[0]) if found else None


async def offers(
    agencies: Sequence[int], *, ended_since: datetime, limit: int, offset: int = 0
) -> list[AgencyOfferNow]:
    """The offers of openings of these agencies: those that live by when they end, then those that have ended since, the latest first."""
    sql = db.Sql()
    whose = f"g.agency_id IN ({sql.list(agencies) or 'NULL'})"
    is_live = f"o.status IN ({_LIVE})"
    text = (
        f"{_OFFER} WHERE {whose} AND ({is_live} OR o.ended_at >= {sql(to_column(ended_since))}) "
        f"ORDER BY CASE WHEN o.status = 'pending' THEN 0 WHEN {is_live} THEN 1 ELSE 2 END, "
        f"CASE WHEN {is_live} THEN o.expires_at END, o.ended_at DESC, o.id DESC LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    return [_offer(row) for row in await db.rows(text, sql.values)]


async def offers_to_do(agencies: Sequence[int]) -> int:
    """How many offers wait for these agencies: not looked at yet, or said yes to, so that an arrival is to be confirmed."""
    sql = db.Sql()
    whose = f"g.agency_id IN ({sql.list(agencies) or 'NULL'})"
    is_due = f"o.status IN ({_LIVE}) AND (o.acknowledged_at IS NULL OR o.status = 'accepted')"
    return int(
        (await db.rows(f"SELECT COUNT(*) AS number {_FROM} WHERE {whose} AND {is_due}", sql.values))[0]["number"]
    )


async def offer_agree(id: int, now: datetime) -> bool:
    """Whether the agency says for the first time that it takes this person. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE offer SET agreed_at = {sql(to_column(now))}, version = version + 1 "
        f"WHERE id = {sql(id)} AND agreed_at IS NULL AND status IN ({_LIVE}) RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


def _offer(row: Mapping[str, Any]) -> AgencyOfferNow:
    moments = ("acknowledged_at", "agreed_at", "ended_at")
    given = {name: db.as_moment(row[name]) if row[name] else None for name in moments}
    return AgencyOfferNow(
        id=row["id"],
        slot=row["slot_id"],
        entry=row["entry_id"],
        client=row["client_id"],
        upi=row["upi"],
        keeper=row["keeper"],
        peers=row["peers"],
        agency=row["agency"],
        level=row["level"],
        level_name=row["level_name"],
        program=row["program"],
        zone=row["zone"],
        status=Offer(row["status"]),
        at=db.as_moment(row["at"]),
        expires_at=db.as_moment(row["expires_at"]),
        end_reason=row["end_reason"],
        restrictions=restrictions_read(row["restrictions"]),
        **given,
    )


async def recommended(entry: int) -> tuple[str, str, str]:
    """The level that somebody recommended for a place in line, its edition, and who that was; "" for what is not known."""
    sql = db.Sql()
    (row,) = await db.rows(f"SELECT asam, edition, recommended_by FROM entry WHERE id = {sql(entry)}", sql.values)
    return row["asam"] or "", row["edition"] or "", row["recommended_by"] or ""


async def phones_of(agency: int) -> list[dict[str, Any]]:
    """The telephones of the first listing that an agency keeps, as they are stored; none where it has no listing here."""
    sql = db.Sql()
    text = (
        "SELECT l.phones FROM claim m JOIN listing l ON l.id = m.listing_id OR l.organization_id = m.organization_id "
        f"WHERE m.agency_id = {sql(agency)} AND m.status = 'approved' AND l.status = 'active' ORDER BY l.id"
    )
    found = [db.from_json(row["phones"]) for row in await db.rows(text, sql.values)]
    return next((phones for phones in found if phones), [])


# --- openings --------------------------------------------------------------------------------------------------------


_SLOT = (
    "SELECT s.*, g.agency_id, o.id AS offer, o.status AS offer_status FROM slot s JOIN program_level v ON v.id = s.level_id "
    f"JOIN program g ON g.id = v.program_id LEFT JOIN offer o ON o.slot_id = s.id AND o.status IN ({_LIVE})"
)
_THERE = f"s.status IN ('{Slot.OPEN.value}', '{Slot.HELD.value}')"


async def slots(agencies: Sequence[int]) -> list[AgencySlot]:
    """The openings of these agencies that are open or held, by level, the oldest first."""
    sql = db.Sql()
    text = f"{_SLOT} WHERE g.agency_id IN ({sql.list(agencies) or 'NULL'}) AND {_THERE} ORDER BY s.level_id, s.id"
    return [_slot(row) for row in await db.rows(text, sql.values)]


async def slot(id: int) -> AgencySlot | None:
    """The opening with this id, in whatever state."""
    sql = db.Sql()
    found = await db.rows(f"{_SLOT} WHERE s.id = {sql(id)}", sql.values)
    return _slot(found[0]) if found else None


async def last_restrictions(level: int) -> tuple[Restriction, ...] | None:
    """Whom the last opening of a level was for; None where there never was one."""
    sql = db.Sql()
    text = f"SELECT restrictions FROM slot WHERE level_id = {sql(level)} ORDER BY id DESC LIMIT 1"
    found = await db.rows(text, sql.values)
    return restrictions_read(found[0]["restrictions"]) if found else None


async def slot_confirm(id: int, now: datetime) -> bool:
    """Whether an opening that nobody is offered was said to be there still. Needs a transaction."""
    sql = db.Sql()
    moment = sql(to_column(now))
    text = (
        f"UPDATE slot SET confirmed_at = {moment}, version = version + 1 WHERE id = {sql(id)} "
        f"AND status = '{Slot.OPEN.value}' AND (confirmed_at IS NULL OR confirmed_at < {moment}) RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def slots_old(agencies: Sequence[int], before: datetime) -> int:
    """How many openings that are open were last said to be there before this moment."""
    sql = db.Sql()
    text = (
        "SELECT COUNT(*) AS number FROM slot s JOIN program_level v ON v.id = s.level_id JOIN program g ON g.id = v.program_id "
        f"WHERE g.agency_id IN ({sql.list(agencies) or 'NULL'}) AND s.status = '{Slot.OPEN.value}' "
        "AND v.closed_at IS NULL AND g.closed_at IS NULL "
        f"AND COALESCE(s.confirmed_at, s.created_at) < {sql(to_column(before))}"
    )
    return int((await db.rows(text, sql.values))[0]["number"])


async def levels_in_line(levels: Iterable[int]) -> set[int]:
    """Those of these levels from which an open line takes."""
    sql = db.Sql()
    text = (
        "SELECT DISTINCT t.level_id FROM pool_level t JOIN pool p ON p.id = t.pool_id "
        f"WHERE p.closed_at IS NULL AND t.level_id IN ({sql.list(levels) or 'NULL'})"
    )
    return {row["level_id"] for row in await db.rows(text, sql.values)}


def _slot(row: Mapping[str, Any]) -> AgencySlot:
    return AgencySlot(
        id=row["id"],
        level=row["level_id"],
        agency=row["agency_id"],
        status=Slot(row["status"]),
        restrictions=restrictions_read(row["restrictions"]),
        free_on=as_date(row["free_on"]),
        said_at=db.as_moment(row["confirmed_at"] or row["created_at"]),
        offer=row["offer"],
        offer_status=Offer(row["offer_status"]) if row["offer_status"] else None,
    )


# --- letters ---------------------------------------------------------------------------------------------------------

_TOLD = timedelta(days=1)
_WINDOW = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Due:
    """A letter to one editor about one offer, which has not been queued yet."""

    key: str
    email: str
    language: str


async def letters_due(now: datetime, limit: int) -> list[Due]:
    """The letters to editors that are to be queued: that there is an offer, that the client said yes, or that it is over without the agency's doing.

    Invented people have no letter box, and what is over for a day is no news.
    """
    sql = db.Sql()
    moment, since = sql(to_column(now)), sql(to_column(now - _TOLD))
    far = sql(to_column(now - _WINDOW))
    what = "CASE WHEN o.status = 'pending' THEN 'made' WHEN o.status = 'accepted' THEN 'accepted' ELSE 'ended' END"
    key = f"'offer ' || o.id || ' ' || {what} || ' ' || e.id"
    is_news = (
        f"(o.status = 'pending' AND o.expires_at > {moment}) OR (o.status = 'accepted' AND o.expires_at > {far}) OR "
        f"(o.status IN ('declined', 'expired', 'cancelled') AND o.expires_at > {far} AND o.ended_at > {since})"
    )
    text = (
        f"SELECT {key} AS key, e.email, e.language FROM offer o JOIN slot s ON s.id = o.slot_id "
        "JOIN program_level v ON v.id = s.level_id JOIN program g ON g.id = v.program_id "
        f"JOIN role_grant r ON r.agency_id = g.agency_id AND r.role = {sql(str(Role.EDITOR))} AND r.ended_at IS NULL "
        "JOIN person e ON e.id = r.person_id AND e.disabled_at IS NULL AND NOT e.is_demo AND e.password_hash IS NOT NULL "
        f"WHERE ({is_news}) AND NOT EXISTS (SELECT 1 FROM outbox x WHERE x.dedup_key = {key}) "
        f"ORDER BY o.id, e.id LIMIT {int(limit)}"
    )
    return [Due(**row) for row in await db.rows(text, sql.values)]
