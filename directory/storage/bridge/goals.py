"""Goals with what was seen of them, days that matter, and answers to the questionnaire. All words stay sealed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import as_date, to_column


@dataclass(frozen=True, slots=True)
class GoalNow:
    """A goal as it stands. `sealed` are its words (domain/bridge/goals.py GoalWords)."""

    id: int
    client: int
    sealed: str | None
    weight: int
    baseline: int | None
    template: str | None
    at: datetime
    ended_at: datetime | None
    end_reason: str | None
    version: int


@dataclass(frozen=True, slots=True)
class LookNow:
    """That a goal was looked at. `sealed` is the note."""

    goal: int
    level: int
    at: datetime
    by: str
    sealed: str | None


@dataclass(frozen=True, slots=True)
class MilestoneNow:
    """A day that matters to somebody. `sealed` are their words."""

    id: int
    day: date
    sealed: str | None


@dataclass(frozen=True, slots=True)
class AnswerNow:
    """Answers to the questionnaire. `texts` is the fingerprint of the questions."""

    at: datetime
    sealed: str | None
    texts: str


async def goal_add(
    client: int, *, sealed: str, weight: int, baseline: int | None, template: str | None, by: str, now: datetime
) -> int:
    """The id of a new goal. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((client, sealed, weight, baseline, template, by, to_column(now), 1))
    text = f"INSERT INTO goal (client_id, sealed, weight, baseline, template, by, at, version) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def goals_of(client: int) -> list[GoalNow]:
    """All goals of a client, the oldest first."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM goal WHERE client_id = {sql(client)} ORDER BY id", sql.values)
    return [_goal(row) for row in found]


def _goal(row: Mapping[str, Any]) -> GoalNow:
    return GoalNow(
        id=row["id"],
        client=row["client_id"],
        sealed=row["sealed"],
        weight=row["weight"],
        baseline=row["baseline"],
        template=row["template"],
        at=db.as_moment(row["at"]),
        ended_at=db.as_moment(row["ended_at"]) if row["ended_at"] else None,
        end_reason=row["end_reason"],
        version=row["version"],
    )


async def goal_change(id: int, version: int, columns: Mapping[str, object]) -> bool:
    """Whether an open goal was changed that nobody else had changed since `version`. Needs a transaction."""
    sql = db.Sql()
    sets = ", ".join(f"{name} = {sql(to_column(value))}" for name, value in columns.items())
    text = (
        f"UPDATE goal SET {sets}, version = version + 1 "
        f"WHERE id = {sql(id)} AND version = {sql(version)} AND ended_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def looks_add(looks: Iterable[tuple[int, int, str | None]], *, by: str, now: datetime) -> None:
    """Notes goals, each with its level and its sealed note. Needs a transaction."""
    rows = [(goal, level, to_column(now), by, sealed) for goal, level, sealed in looks]
    await db.insert_many("goal_review", ("goal_id", "level", "at", "by", "sealed"), rows)


async def looks_of(goals: Sequence[int]) -> list[LookNow]:
    """All that was noted of these goals, the oldest first."""
    if not goals:
        return []
    sql = db.Sql()
    text = (
        f"SELECT goal_id, level, at, by, sealed FROM goal_review WHERE goal_id IN ({sql.list(goals)}) ORDER BY at, id"
    )
    found = await db.rows(text, sql.values)
    return [LookNow(row["goal_id"], row["level"], db.as_moment(row["at"]), row["by"], row["sealed"]) for row in found]


# --- days that matter, and the questionnaire -------------------------------------------------------------------------


async def milestone_add(client: int, *, day: date, sealed: str, by: str, now: datetime) -> int:
    """The id of a new milestone. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((client, sealed, to_column(day), by, to_column(now)))
    text = f"INSERT INTO milestone (client_id, sealed, day, by, at) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def milestone_end(id: int, client: int, now: datetime) -> bool:
    """Whether a milestone of this client was taken away that was still there. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE milestone SET ended_at = {sql(to_column(now))} WHERE id = {sql(id)} AND client_id = {sql(client)} "
        "AND ended_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def milestones_of(client: int) -> list[MilestoneNow]:
    """The milestones of a client that are still there, the latest day first."""
    sql = db.Sql()
    text = (
        f"SELECT id, day, sealed FROM milestone WHERE client_id = {sql(client)} AND ended_at IS NULL "
        "ORDER BY day DESC, id DESC"
    )
    found = await db.rows(text, sql.values)
    return [MilestoneNow(row["id"], as_date(row["day"]) or date.min, row["sealed"]) for row in found]


async def answers_add(client: int, *, sealed: str, texts: str, by: str, now: datetime) -> int:
    """The id of new answers to the questionnaire. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((client, sealed, texts, by, to_column(now)))
    text = f"INSERT INTO capital_answer (client_id, sealed, texts, by, at) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def answers_of(client: int) -> list[AnswerNow]:
    """All answers of a client to the questionnaire, the oldest first."""
    sql = db.Sql()
    text = f"SELECT at, sealed, texts FROM capital_answer WHERE client_id = {sql(client)} ORDER BY at, id"
    return [AnswerNow(db.as_moment(row["at"]), row["sealed"], row["texts"]) for row in await db.rows(text, sql.values)]
