"""What is cleared after its time: whose, and how. Whoever stands in a line, and whatever a legal hold protects, is left alone in SQL itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist.moves import OPEN

_SELF = "COALESCE(c.merged_into_id, c.id)"
_IN_LINE = f"EXISTS (SELECT 1 FROM entry x WHERE x.client_id IN (c.id, {_SELF}) AND x.status IN {OPEN})"
_HELD = f"EXISTS (SELECT 1 FROM client k WHERE k.id IN (c.id, {_SELF}) AND k.legal_hold = {{yes}})"
_ENDED = (
    "EXISTS (SELECT 1 FROM entry e JOIN entry_event v ON v.entry_id = e.id "
    f"WHERE e.client_id IN (c.id, {_SELF}) AND v.after IN ('placed', 'closed') AND v.at >= {{since}})"
)
_ARGUED = (
    f"EXISTS (SELECT 1 FROM appeal a JOIN entry e ON e.id = a.entry_id WHERE e.client_id IN (c.id, {_SELF}) "
    "AND a.status = 'open')"
)


@dataclass(frozen=True, slots=True)
class Due:
    """A row whose time is over. `subject` names it in the audit trail, `agency` whose it is (None: nobody's)."""

    id: int
    subject: str
    agency: int | None


# --- clients ---------------------------------------------------------------------------------------------------------


async def clients_due(before: datetime, *, limit: int) -> list[Due]:
    """Those who have stood in no line since this moment, by their ids."""
    sql = db.Sql()
    moment = sql(to_column(before))
    text = (
        "SELECT c.id, c.upi, c.agency_id FROM client c WHERE c.cleared_at IS NULL "
        f"AND c.created_at < {moment} AND NOT {_HELD.format(yes=sql(True))} AND NOT {_IN_LINE} "
        f"AND NOT {_ENDED.format(since=moment)} AND NOT {_ARGUED} ORDER BY c.id LIMIT {int(limit)}"
    )
    return [Due(row["id"], f"client {row['upi']}", row["agency_id"]) for row in await db.rows(text, sql.values)]


async def client_clear(client: int, now: datetime) -> bool:
    """Empties somebody who stands in no line and is under no legal hold, looked at once more; whether that was done. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE client AS c SET sealed = NULL, cleared_at = {sql(to_column(now))}, version = version + 1 "
        f"WHERE id = {sql(client)} AND cleared_at IS NULL AND NOT {_HELD.format(yes=sql(True))} AND NOT {_IN_LINE} "
        f"AND NOT {_ARGUED} RETURNING id"
    )
    if not await db.rows(text, sql.values):
        return False
    for statement in _CLEARED:
        own = db.Sql()
        values = {"id": own(client)} | ({"now": own(to_column(now))} if "{now}" in statement else {})
        await db.execute(statement.format(**values), own.values)
    return True


_ENTRIES = "(SELECT e.id FROM entry e WHERE e.client_id = {id})"
_CLEARED = (
    "DELETE FROM client_key WHERE client_id = {id}",
    "UPDATE contact_route SET sealed = NULL, ended_at = COALESCE(ended_at, {now}) WHERE client_id = {id}",
    "UPDATE contact_attempt SET sealed = NULL WHERE client_id = {id}",
    "DELETE FROM client_fact WHERE client_id = {id}",
    f"UPDATE appeal SET sealed = NULL WHERE entry_id IN {_ENTRIES}",
    f"UPDATE second_word SET sealed = NULL WHERE (client_id = {{id}} OR entry_id IN {_ENTRIES})",
    "UPDATE entry SET recommended_by = NULL, asam = NULL, edition = NULL, hold_reason = NULL WHERE client_id = {id}",
    "UPDATE offer SET facts = '{{}}' WHERE client_id = {id}",
    f"UPDATE entry_event SET details = '{{{{}}}}' WHERE what IN ('held', 'level-named') AND entry_id IN {_ENTRIES}",
    "DELETE FROM client_pair WHERE (one_id = {id} OR other_id = {id})",
    "UPDATE status_code SET revoked_at = COALESCE(revoked_at, {now}) WHERE client_id = {id}",
    "UPDATE plan SET sealed = NULL, is_by_code = FALSE WHERE client_id = {id}",
    "DELETE FROM plan_mark WHERE client_id = {id}",
    "DELETE FROM goal_review WHERE goal_id IN (SELECT g.id FROM goal g WHERE g.client_id = {id})",
    "DELETE FROM goal WHERE client_id = {id}",
    "DELETE FROM milestone WHERE client_id = {id}",
    "DELETE FROM capital_answer WHERE client_id = {id}",
    "DELETE FROM check_rhythm WHERE client_id = {id}",
    "UPDATE check_in SET sealed = NULL, feeling = NULL, waiting = NULL, is_crisis = FALSE WHERE client_id = {id}",
    "UPDATE text_reply SET sealed = NULL, settled_at = COALESCE(settled_at, {now}) WHERE client_id = {id}",
    "UPDATE handoff SET sealed = NULL WHERE client_id = {id}",
    "UPDATE follow_up SET sealed = NULL WHERE handoff_id IN (SELECT h.id FROM handoff h WHERE h.client_id = {id})",
    "UPDATE group_meeting SET taken = taken - 1, version = version + 1, others = CASE WHEN EXISTS (SELECT 1 FROM group_seat s "
    "WHERE s.meeting_id = group_meeting.id AND s.client_id = {id} AND s.status = 'came') THEN COALESCE(others, 0) + 1 ELSE others END "
    "WHERE id IN (SELECT g.meeting_id FROM group_seat g WHERE g.client_id = {id} AND g.status IN ('seat', 'came', 'absent'))",
    "DELETE FROM group_seat WHERE client_id = {id}",
    "DELETE FROM pairing WHERE client_id = {id}",
)
"""What goes with somebody: how they are found and reached, what is known of them and follows from it, and every word that they or others
wrote. The steps of their places stay under their number, with the groups in which they stood: the reports to the State count those."""


# --- what is kept six years ------------------------------------------------------------------------------------------


async def papers_due(before: datetime, *, limit: int) -> list[Due]:
    """Cleared clients with consents or disclosures that last counted before this moment, and still say who signed or was told."""
    sql = db.Sql()
    moment = sql(to_column(before))
    papers = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} n WHERE n.client_id = c.id AND {_old(table, moment, sql, before)})"
        for table in ("consent", "disclosure")
    )
    text = (
        f"SELECT c.id, c.upi, c.agency_id FROM client c WHERE c.cleared_at IS NOT NULL "
        f"AND NOT {_HELD.format(yes=sql(True))} AND ({papers}) ORDER BY c.id LIMIT {int(limit)}"
    )
    return [Due(row["id"], f"client {row['upi']}", row["agency_id"]) for row in await db.rows(text, sql.values)]


def _old(table: str, moment: str, sql: db.Sql, before: datetime) -> str:
    """SQL: it holds words still, and neither was made nor counted since."""
    old = f"n.sealed IS NOT NULL AND n.at < {moment}"
    if table != "consent":
        return old
    day = sql(to_column(before.date()))
    return f"{old} AND (n.expires_on IS NULL OR n.expires_on < {day}) AND (n.revoked_at IS NULL OR n.revoked_at < {moment})"


async def papers_clear(client: int, before: datetime) -> int:
    """Takes the words out of the old consents and disclosures of a client, and says of how many. Needs a transaction."""
    cleared = 0
    for table in ("consent", "disclosure"):
        sql = db.Sql()
        where = _old(table, sql(to_column(before)), sql, before)
        text = f"UPDATE {table} AS n SET sealed = NULL WHERE client_id = {sql(client)} AND {where} RETURNING id"
        cleared += len(await db.rows(text, sql.values))
    return cleared


# --- what was settled ------------------------------------------------------------------------------------------------

WAITING = "intake-waiting"
"""Calls that were asked for and that nobody has made."""
NOTES, DEBRIEFS, COVERS = "supervision_note", "debrief", "cover"
SETTLED = {
    "intake": "settled_at < {before}",
    WAITING: "status = 'waiting' AND at < {before}",
    "line_import": "settled_at < {before} AND sealed IS NOT NULL",
    "breach": "closed_at < {before} AND sealed IS NOT NULL",
    NOTES: "at < {before} AND sealed IS NOT NULL",
    DEBRIEFS: "done_at < {before}",
    COVERS: "(ended_at < {before} OR until_on < {day})",
}
"""By the table, or what is kept in one: which of its rows nobody needs any more."""
DROPPED = frozenset({"intake", DEBRIEFS, COVERS})
"""Tables of which the row goes; of the others the words do."""
_AGENCIES = {NOTES: "(SELECT s.agency_id FROM supervision s WHERE s.id = supervision_note.supervision_id)"}
"""Whose a row is, where that does not stand in the row itself."""


async def settled_due(kind: str, before: datetime, *, limit: int) -> list[Due]:
    """The rows of one of these kinds that were settled before this moment."""
    sql = db.Sql()
    table, where = _table(kind), _settled(kind, before, sql)
    home = _AGENCIES.get(kind, "agency_id")
    text = f"SELECT id, {home} AS agency_id FROM {table} WHERE {where} ORDER BY id LIMIT {int(limit)}"
    return [Due(row["id"], f"{table} {row['id']}", row["agency_id"]) for row in await db.rows(text, sql.values)]


def _settled(kind: str, before: datetime, sql: db.Sql) -> str:
    where = SETTLED[kind]
    values = {"before": sql(to_column(before))} | ({"day": sql(to_column(before.date()))} if "{day}" in where else {})
    return where.format(**values)


def _table(kind: str) -> str:
    return "intake" if kind == WAITING else kind


async def settled_clear(kind: str, id: int, before: datetime) -> bool:
    """Whether a row was cleared that was still due. Needs a transaction."""
    sql = db.Sql()
    table, where = _table(kind), f"id = {sql(id)} AND {_settled(kind, before, sql)}"
    text = f"DELETE FROM {table}" if table in DROPPED else f"UPDATE {table} SET sealed = NULL"
    text = f"{text} WHERE {where}"
    return bool(await db.rows(f"{text} RETURNING id", sql.values))


# --- codes -----------------------------------------------------------------------------------------------------------


async def codes_expire(lasting: timedelta) -> int:
    """Has the codes of those who stand in no line any more end so long after the last one ended; says how many. Needs a transaction.

    Who stands in a line again keeps the code for as long as they do.
    """
    await db.execute(
        "UPDATE status_code SET expires_at = NULL WHERE revoked_at IS NULL AND expires_at IS NOT NULL "
        f"AND EXISTS (SELECT 1 FROM client c WHERE c.id = status_code.client_id AND {_IN_LINE})"
    )
    found = await db.rows(
        "SELECT s.id, MAX(v.at) AS last FROM status_code s JOIN client c ON c.id = s.client_id "
        f"JOIN entry e ON e.client_id = {_SELF} JOIN entry_event v ON v.entry_id = e.id AND v.after IN ('placed', 'closed') "
        f"WHERE s.revoked_at IS NULL AND s.expires_at IS NULL AND NOT {_IN_LINE} "
        "GROUP BY s.id"
    )
    for row in found:
        sql = db.Sql()
        ends = sql(to_column(db.as_moment(row["last"]) + lasting))
        await db.execute(f"UPDATE status_code SET expires_at = {ends} WHERE id = {sql(row['id'])}", sql.values)
    return len(found)
