"""What every reader yields: a listing with the line it stands on, or a line that was turned away and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from directory.domain.listings import ListingDraft
from directory.domain.taxonomy import CodeBook

LONGEST_KEY = 500
"""Characters of a source's own key; what is longer has been put together from something else than a key."""
MOST_ROWS = 200_000
"""Records of one file: five times as many as the largest list that is published has."""


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
    """A record that is left out. `reason` is a short sentence fragment for the operator, such as "no name".

    `is_meant` where the operator's own map leaves it out, so that it is no slip of the file.
    """

    line: int
    reason: str
    is_meant: bool = field(default=False, compare=False)


Rows = Iterator[Row | Rejected]

Reader = Callable[[BinaryIO, CodeBook], Rows]
"""What reads a format: it raises UnreadableFile for a file that is none, and nothing else."""
