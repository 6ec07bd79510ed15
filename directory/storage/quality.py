"""How true the directory is, in figures: ages of checks, open reports and how well places are known, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.domain.listings import Status
from directory.storage import db
from directory.storage.checks import ages

AGE, PLACE, REPORT = "age", "place", "report"
_GONE = tuple(status.value for status in Status if status is not Status.ACTIVE)
NEVER = -1_000_000
"""In the place of days where there was no check: no day that a source gives lies so far ahead."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of active listings: by kind and days since the last check (None: never), and by precision and geocode status of their place
    ("" where it has none). `reports` are open ones.
    """

    ages: dict[tuple[str, int | None], int]
    places: dict[tuple[str, str], int]
    reports: int


async def figures(now: datetime) -> Figures:
    """All of it, as it is now."""
    sql = db.Sql()
    active = sql(Status.ACTIVE.value)
    last, _, days = ages(sql, now)
    text = (
        f"SELECT '{AGE}' AS part, l.kind AS name, CASE WHEN {last} IS NULL THEN {NEVER} ELSE {days} END AS days, '' AS status, COUNT(*) AS n "
        f"FROM listing l WHERE l.status = {active} GROUP BY 2, 3 "
        # All places, less those of what nobody finds: by the listings' own rows this would read every word of them.
        f"UNION ALL SELECT '{PLACE}', COALESCE(p.geocode_precision, ''), 0, p.geocode_status, COUNT(*) FROM location p GROUP BY 2, 4 "
        f"UNION ALL SELECT '{PLACE}', COALESCE(p.geocode_precision, ''), 0, p.geocode_status, -COUNT(*) "
        f"FROM listing l JOIN location p ON p.id = l.location_id WHERE l.status IN ({sql.list(_GONE)}) GROUP BY 2, 4 "
        f"UNION ALL SELECT '{REPORT}', '', 0, '', COUNT(*) FROM correction WHERE status = 'new'"
    )
    checked, places, reports = dict[tuple[str, int | None], int](), dict[tuple[str, str], int](), 0
    for row in await db.rows(text, sql.values):
        number, days_ago = int(row["n"]), int(row["days"])
        if row["part"] == AGE:
            key = row["name"], None if days_ago == NEVER else max(days_ago, 0)
            checked[key] = checked.get(key, 0) + number
        elif row["part"] == PLACE:
            place = row["name"], row["status"]
            places[place] = places.get(place, 0) + number
        else:
            reports = number
    return Figures(checked, places, reports)
