"""What an import did, as it is told: counts, the lines that were turned away, warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MOST_WARNINGS = 1000
MOST_REJECTED = 5000
"""Rejected lines that are told one by one; of the others only the number is."""

_COUNTED = ("added", "changed", "unchanged", "removed")
_KEYS = ("run", "source", "format", "dry_run", *_COUNTED, "rejected", "warnings")


@dataclass(slots=True)
class Report:
    """What an import did. `rejected` holds {line, reason}; `error` is set when nothing was done, and says why.

    `turned_away` counts all rejected rows, `slips` those of them that may be a broken row of a listing.
    """

    run: int | None
    source: str
    format: str
    dry_run: bool
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: str | None = None
    untold: int = 0
    turned_away: int = 0
    slips: int = 0

    @property
    def read(self) -> int:
        """How many records the file held."""
        return self.added + self.changed + self.unchanged + self.turned_away

    @property
    def written(self) -> int:
        """How many listings are others than before."""
        return self.added + self.changed + self.removed

    def counts(self) -> dict[str, int]:
        """The figures of the run's record."""
        return {name: getattr(self, name) for name in _COUNTED} | {"rejected": self.turned_away}

    def details(self) -> dict[str, Any]:
        """The lines of the run's record."""
        return {"rejected": self.rejected, "warnings": self._warnings()}

    def reject(self, line: int, reason: str, *, is_slip: bool = False) -> None:
        """Counts a row that is left out; beyond some thousand its line and reason are not kept."""
        self.turned_away += 1
        self.slips += is_slip
        if len(self.rejected) < MOST_REJECTED:
            self.rejected.append({"line": line, "reason": reason})

    def warn(self, line: int, text: str) -> None:
        """Adds a warning; beyond a thousand only the number of them is told."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(f"line {line}: {text}")
        else:
            self.untold += 1

    def refuse(self, error: str) -> None:
        """Nothing is done, for this reason. A trial still tells what would have been."""
        self.error = error
        if not self.dry_run:
            self.added = self.changed = self.unchanged = self.removed = 0

    def as_json(self) -> dict[str, Any]:
        """The object of the contract."""
        found = {name: getattr(self, name) for name in _KEYS} | {"warnings": self._warnings()}
        return found | ({"error": self.error} if self.error else {})

    def _warnings(self) -> list[str]:
        unnamed = self.turned_away - len(self.rejected)
        counted = ((self.untold, "warnings"), (unnamed, "rejected rows"))
        return [*self.warnings, *(f"and {number} more {what}" for number, what in counted if number)]
