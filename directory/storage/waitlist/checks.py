"""What must be so in a waitlist at every moment, as questions whose answer is what breaks it (WAITLIST 4.1)."""

from __future__ import annotations

from collections.abc import Mapping

from directory.storage import db

_LIVE = "status IN ('pending', 'accepted')"
_OPEN = "status IN ('waiting', 'on-hold', 'offered', 'accepted')"
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
    "offer-without-a-consent": "SELECT o.id FROM offer o WHERE NOT EXISTS "
    "(SELECT 1 FROM consent n WHERE n.client_id = o.client_id AND n.at <= o.at)",
    "history-says-otherwise": "SELECT e.id FROM entry e JOIN entry_event v ON v.id = "
    "(SELECT MAX(x.id) FROM entry_event x WHERE x.entry_id = e.id AND x.after IS NOT NULL) WHERE v.after <> e.status",
    "no-history": "SELECT e.id FROM entry e WHERE NOT EXISTS (SELECT 1 FROM entry_event v WHERE v.entry_id = e.id)",
    "ended-without-a-moment": f"SELECT o.id FROM offer o WHERE (o.ended_at IS NULL) <> (o.{_LIVE})",
}
"""By what is wrong: what finds the ids of the rows where it is."""


async def broken() -> dict[str, list[int]]:
    """What does not hold, with the ids where; empty where all is well."""
    async with db.snapshot():
        found = {name: [row["id"] for row in await db.rows(f"{text} ORDER BY 1")] for name, text in CHECKS.items()}
    return {name: ids for name, ids in found.items() if ids}
