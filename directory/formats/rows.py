"""What every reader yields: a listing with the line it stands on, or a line that was turned away and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from directory.domain.listings import ListingDraft


@dataclass(frozen=True, slots=True)
class Row:
    """One listing of a file. `line` is the physical line where the record starts (header = 1); for a JSON array the 1-based element.

    `raw` is the record as it stood, without its private fields. `warnings` are codes with detail of what was normalised in a
    way that a person may want to see, such as "unknown-type: ASBI".
    """

    line: int
    draft: ListingDraft
    raw: dict[str, object]
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that is left out. `reason` is a short sentence fragment for the operator, such as "no name"."""

    line: int
    reason: str


Rows = Iterator[Row | Rejected]
