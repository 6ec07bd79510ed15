"""The record of the import runs, as people look it up: which there were, and what one of them did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.differences import UNPUBLISHED
from directory.domain.errors import NotFound
from directory.storage import changes, imports

LATEST = 100
"""So many runs are listed."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One import run. `counts` is by name as in a report; `kept` holds {slug, field} of what an undo left as it was.

    `options` are those of `comparing` and `uploads`; `error` is the kind of a fault of ours for which it was taken back.
    """

    id: int
    source: str
    format: str
    origin: str | None
    file_hash: str
    by: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    undone_by: str | None
    counts: dict[str, int]
    rejected: list[dict[str, Any]]
    warnings: list[str]
    kept: list[dict[str, str]]
    source_title: str
    options: dict[str, Any]
    error: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What a run did to one listing: add, change, return (it had been gone) or remove. `fields` is name -> [before, after]."""

    slug: str
    action: str
    fields: dict[str, list[Any]]
    undone: bool


async def runs_list(*, source: str | None = None, limit: int = LATEST) -> list[RunRecord]:
    """The latest runs, the newest first; of one source where it is named."""
    return [record_of(row) for row in await imports.latest(source, limit)]


async def run_show(*, run: int) -> tuple[RunRecord, list[Changed]]:
    """A run and what it did, listing by listing. Raises NotFound."""
    row = await imports.find(run)
    if row is None:
        raise NotFound(run=run)
    return record_of(row), [_changed(change) async for change in changes.of_run(run)]


def record_of(row: dict[str, Any]) -> RunRecord:
    """A run as it is stored, as it is told."""
    as_they_are = ("id", "source", "format", "origin", "file_hash", "by", "status", "started_at", "finished_at")
    return RunRecord(
        **{name: row[name] for name in (*as_they_are, "undone_at", "undone_by")},
        counts={name: row[name] for name in imports.COUNTS},
        rejected=row["report"].get("rejected", []),
        warnings=row["report"].get("warnings", []),
        kept=row["report"].get("kept", []),
        source_title=row["source_title"] or row["source"],
        options=row["options"],
        error=row["report"].get("error"),
    )


def _changed(change: changes.Change) -> Changed:
    fields = {name: pair for name, pair in change.differences.items() if name not in UNPUBLISHED}
    return Changed(change.slug, change.action, fields, change.undone)
