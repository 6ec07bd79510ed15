"""What must be so in a waitlist at every moment, as questions whose answer is what breaks it (WAITLIST 4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from directory.domain.waitlist.tiers import rules_read
from directory.storage import db
from directory.storage.encoding import as_date
from directory.storage.waitlist.moves import OPEN
from directory.storage.waitlist.pools import FED_BY_GRANT

_LIVE = "status IN ('pending', 'accepted')"
_OPEN = f"status IN {OPEN}"
CHECKS: Mapping[str, str] = {
    "two-live-offers-of-an-opening": f"SELECT slot_id AS id FROM offer WHERE {_LIVE} GROUP BY slot_id HAVING COUNT(*) > 1",
    "two-live-offers-of-a-client": f"SELECT client_id AS id FROM offer WHERE {_LIVE} GROUP BY client_id HAVING COUNT(*) > 1",
    "held-without-an-offer": "SELECT s.id FROM slot s WHERE s.status = 'held' "
    f"AND NOT EXISTS (SELECT 1 FROM offer o WHERE o.slot_id = s.id AND o.{_LIVE})",
    "offered-but-not-held": f"SELECT o.id FROM offer o JOIN slot s ON s.id = o.slot_id WHERE o.{_LIVE} AND s.status <> 'held'",
    "entry-offered-without-an-offer": "SELECT e.id FROM entry e WHERE e.status = 'offered' "
    "AND NOT EXISTS (SELECT 1 FROM offer o WHERE o.entry_id = e.id AND o.status = 'pending')",
    "entry-accepted-without-an-offer": "SELECT e.id FROM entry e WHERE e.status = 'accepted' "
    "AND NOT EXISTS (SELECT 1 FROM offer o WHERE o.entry_id = e.id AND o.status = 'accepted')",
    "offer-pending-for-another-state": "SELECT o.id FROM offer o JOIN entry e ON e.id = o.entry_id "
    "WHERE o.status = 'pending' AND e.status <> 'offered'",
    "offer-accepted-for-another-state": "SELECT o.id FROM offer o JOIN entry e ON e.id = o.entry_id "
    "WHERE o.status = 'accepted' AND e.status <> 'accepted'",
    "placed-without-admission": "SELECT e.id FROM entry e WHERE e.status = 'placed' AND 1 <> "
    "(SELECT COUNT(*) FROM offer o WHERE o.entry_id = e.id AND o.status = 'admitted')",
    "admitted-but-not-filled": "SELECT o.id FROM offer o JOIN slot s ON s.id = o.slot_id "
    "WHERE o.status = 'admitted' AND s.status <> 'filled'",
    "twice-in-a-line": f"SELECT client_id AS id FROM entry WHERE {_OPEN} GROUP BY client_id, pool_id HAVING COUNT(*) > 1",
    "offer-of-another-client": "SELECT o.id FROM offer o JOIN entry e ON e.id = o.entry_id WHERE o.client_id <> e.client_id",
    "history-says-otherwise": "SELECT e.id FROM entry e JOIN entry_event v ON v.id = "
    "(SELECT MAX(x.id) FROM entry_event x WHERE x.entry_id = e.id AND x.after IS NOT NULL) WHERE v.after <> e.status",
    "no-history": "SELECT e.id FROM entry e WHERE NOT EXISTS (SELECT 1 FROM entry_event v WHERE v.entry_id = e.id)",
    "ended-entry-with-an-offer": "SELECT e.id FROM entry e JOIN offer o ON o.entry_id = e.id "
    f"WHERE e.status IN ('placed', 'closed') AND o.{_LIVE}",
    "cleared-but-in-line": f"SELECT e.id FROM entry e JOIN client c ON c.id = e.client_id WHERE e.{_OPEN} AND c.cleared_at IS NOT NULL",
    "cleared-but-known": "SELECT c.id FROM client c WHERE c.cleared_at IS NOT NULL AND (c.sealed IS NOT NULL OR EXISTS "
    "(SELECT 1 FROM client_key k WHERE k.client_id = c.id) OR EXISTS (SELECT 1 FROM client_fact f WHERE f.client_id = c.id) OR EXISTS "
    "(SELECT 1 FROM contact_route r WHERE r.client_id = c.id AND r.sealed IS NOT NULL) OR EXISTS "
    "(SELECT 1 FROM contact_attempt t WHERE t.client_id = c.id AND t.sealed IS NOT NULL) OR EXISTS "
    "(SELECT 1 FROM appeal y JOIN entry e ON e.id = y.entry_id WHERE e.client_id = c.id AND y.sealed IS NOT NULL))",
    "cleared-but-with-a-plan": "SELECT c.id FROM client c WHERE c.cleared_at IS NOT NULL AND (EXISTS "
    "(SELECT 1 FROM plan p WHERE p.client_id = c.id AND p.sealed IS NOT NULL) OR EXISTS "
    "(SELECT 1 FROM plan_mark m WHERE m.client_id = c.id))",
    "cleared-but-with-a-hand-off": "SELECT c.id FROM client c JOIN handoff h ON h.client_id = c.id WHERE c.cleared_at IS NOT NULL "
    "AND (h.sealed IS NOT NULL OR EXISTS (SELECT 1 FROM follow_up f WHERE f.handoff_id = h.id AND f.sealed IS NOT NULL))",
    "hand-off-says-otherwise": "SELECT h.id FROM handoff h JOIN offer o ON o.id = h.offer_id WHERE h.status <> CASE o.status "
    "WHEN 'accepted' THEN 'open' WHEN 'admitted' THEN 'arrived' WHEN 'no-show' THEN 'no-show' ELSE 'ended' END",
    "hand-off-of-another-client": "SELECT h.id FROM handoff h JOIN offer o ON o.id = h.offer_id WHERE h.client_id <> o.client_id",
    "arrived-without-follow-ups": "SELECT h.id FROM handoff h WHERE h.status = 'arrived' AND 3 <> "
    "(SELECT COUNT(*) FROM follow_up f WHERE f.handoff_id = h.id)",
    "cleared-but-with-check-ins": "SELECT c.id FROM client c WHERE c.cleared_at IS NOT NULL AND (EXISTS "
    "(SELECT 1 FROM check_in k WHERE k.client_id = c.id AND (k.sealed IS NOT NULL OR k.feeling IS NOT NULL)) OR EXISTS "
    "(SELECT 1 FROM text_reply t WHERE t.client_id = c.id AND t.sealed IS NOT NULL))",
    "cleared-but-with-a-code": "SELECT s.id FROM status_code s JOIN client c ON c.id = s.client_id "
    "WHERE c.cleared_at IS NOT NULL AND s.revoked_at IS NULL",
    "open-entry-in-a-closed-line": f"SELECT e.id FROM entry e JOIN pool p ON p.id = e.pool_id WHERE e.{_OPEN} AND p.closed_at IS NOT NULL",
    "merged-but-in-line": "SELECT e.id FROM entry e JOIN client c ON c.id = e.client_id "
    f"WHERE e.{_OPEN} AND c.merged_into_id IS NOT NULL",
    "seats-say-otherwise": "SELECT m.id FROM group_meeting m WHERE m.taken <> (SELECT COUNT(*) FROM group_seat s "
    "WHERE s.meeting_id = m.id AND s.status IN ('seat', 'came', 'absent'))",
    "cleared-but-with-a-seat": "SELECT s.id FROM group_seat s JOIN client c ON c.id = s.client_id WHERE c.cleared_at IS NOT NULL",
    "ended-without-a-moment": f"SELECT o.id FROM offer o WHERE (o.ended_at IS NULL) <> (o.{_LIVE})",
}
"""By what is wrong: what finds the ids of the rows where it is."""


async def broken() -> dict[str, list[int]]:
    """What does not hold, with the ids where; empty where all is well."""
    async with db.snapshot():
        found = {name: [row["id"] for row in await db.rows(f"{text} ORDER BY 1")] for name, text in CHECKS.items()}
        found["offer-without-a-consent"] = await _without_consent()
        found["request-moved-unseen"] = await _requests_moved()
        found["under-the-grant-without-the-federal-order"] = await _without_order()
    return {name: ids for name, ids in found.items() if ids}


_PERSON = "(SELECT COALESCE(c.merged_into_id, c.id) FROM client c WHERE c.id = {0}.client_id)"
_BEHIND = timedelta(hours=12)
"""How far the local day of a line may lie behind that of UTC."""


async def _without_consent() -> list[int]:
    """The offers for which no consent named the agency of the opening, at the moment when they were made (42 CFR 2.31)."""
    found = await db.rows(
        "SELECT o.id, o.at, g.agency_id AS agency, n.at AS since, n.agencies, n.expires_on, n.revoked_at FROM offer o "
        "JOIN slot s ON s.id = o.slot_id JOIN program_level l ON l.id = s.level_id JOIN program g ON g.id = l.program_id "
        f"LEFT JOIN consent n ON {_PERSON.format('n')} = {_PERSON.format('o')} ORDER BY o.id"
    )
    covered = {row["id"]: False for row in found}
    for row in found:
        covered[row["id"]] = covered[row["id"]] or _covers(row)
    return [id for id, is_covered in covered.items() if not is_covered]


def _covers(row: Mapping[str, Any]) -> bool:
    if row["since"] is None or row["agency"] not in db.from_json(row["agencies"]):
        return False
    at, last = db.as_moment(row["at"]), as_date(row["expires_on"])
    is_revoked = row["revoked_at"] is not None and db.as_moment(row["revoked_at"]) < at
    is_over = last is not None and last < (at - _BEHIND).date()
    return db.as_moment(row["since"]) <= at and not (is_revoked or is_over)


async def _requests_moved() -> list[int]:
    """The entries whose clock starts from another moment than their history says last: a request never moves without a line in it."""
    said: dict[int, datetime] = {}
    now: dict[int, datetime] = {}
    text = (
        "SELECT e.id, e.requested_at, v.details FROM entry e JOIN entry_event v ON v.entry_id = e.id "
        "WHERE CAST(v.details AS text) LIKE '%\"requested_at\"%' ORDER BY v.id"
    )
    for row in await db.rows(text):
        if moment := db.from_json(row["details"]).get("requested_at"):
            said[row["id"]] = datetime.fromisoformat(moment)
            now[row["id"]] = db.as_moment(row["requested_at"])
    return sorted(id for id, moment in said.items() if moment != now[id])


async def _without_order() -> list[int]:
    """The open lines that the block grant pays for, or a program that feeds them, by whose rules the federal order does not hold (45 CFR 96.131(a))."""
    found = await db.rows(
        "SELECT p.id, r.rules FROM pool p JOIN rule_version r ON r.id = p.rules_id "
        f"WHERE p.closed_at IS NULL AND (p.is_funded OR {FED_BY_GRANT}) ORDER BY p.id"
    )
    return [row["id"] for row in found if not rules_read(row["rules"]).is_federal]


async def accepted_alone() -> list[int]:
    """The offers that somebody said yes to without a hand-off that is open: the hourly round opens one."""
    found = await db.rows(
        "SELECT o.id FROM offer o WHERE o.status = 'accepted' AND NOT EXISTS "
        "(SELECT 1 FROM handoff h WHERE h.offer_id = o.id AND h.status = 'open') ORDER BY o.id"
    )
    return [row["id"] for row in found]


async def pools_in_use() -> list[int]:
    """The ids of the lines in which somebody stands."""
    return [row["id"] for row in await db.rows(f"SELECT DISTINCT pool_id AS id FROM entry WHERE {_OPEN} ORDER BY 1")]
