"""Corrections by hand: they outlive every import, and where a source says something new a person is asked which of the two holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from directory.domain import edits as rules
from directory.domain.errors import BadEdit, NotFound
from directory.services.editing import Edited
from directory.settings import Settings
from directory.storage import db, edits

Keep = Literal["hand", "source"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that a person set and of which its source now says something else. The values are those of a listing's JSON."""

    id: int
    slug: str
    name: str
    source: str
    field: str
    hand_value: Any
    source_value: Any
    since: datetime


async def listing_edit(
    *,
    slug: str,
    values: Mapping[str, Any],
    by: str,
    reason: str | None,
    clock: Callable[[], datetime],
    settings: Settings,
) -> None:
    """Sets fields of a listing by hand, by the names and in the form of its JSON ("address.street"); None says that there is none.

    Raises NotFound, Gone, BadEdit with what is wrong field by field, or EditRefused for a listing that has not been imported since
    its source's words are kept: its source has to be read once more.
    """
    if wrong := rules.problems(values):
        raise BadEdit(wrong)
    async with db.transaction():
        edited = await Edited.find(slug, clock, settings)
        await edited.put(values, by=by, reason=reason)


async def hand_value_drop(*, slug: str, field: str, by: str, clock: Callable[[], datetime], settings: Settings) -> None:
    """Takes back what was set by hand: the field says again what its source says. Raises NotFound, Gone or EditRefused."""
    async with db.transaction():
        edited = await Edited.find(slug, clock, settings)
        await edited.take_source(field, by)


async def conflict_list() -> list[Conflict]:
    """What is to be settled, the oldest first."""
    return [_conflict(row) for row in await edits.conflicts()]


async def conflict_settle(
    *, conflict: int, keep: Keep, by: str, clock: Callable[[], datetime], settings: Settings
) -> None:
    """Settles an open question: the value of the hand stays, or the source's is taken.

    The hand's holds until the source says something else again. Raises NotFound where nothing of this number is open, or Gone.
    """
    async with db.transaction():
        found = [row for row in await edits.conflicts(conflict) if row["status"] == edits.OPEN]
        if not found:
            raise NotFound(conflict=conflict)
        field = found[0]["field"]
        edited = await Edited.find(found[0]["slug"], clock, settings)
        if keep == "source":
            await edited.take_source(field, by)
        else:
            await edits.accept(edited.id, field, found[0]["source_value"])
            await edits.close(edited.id, field, by=by, now=clock())
            await edited.audited("conflict-settled", by, {"field": field, "keep": keep})


def _conflict(row: Mapping[str, Any]) -> Conflict:
    names = ("id", "slug", "name", "source", "field", "hand_value", "source_value")
    return Conflict(**{name: row[name] for name in names}, since=row["created_at"])
