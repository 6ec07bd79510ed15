"""The table of the figures, as it stands in the README."""

from __future__ import annotations

import platform
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

COLUMNS = ("sqlite", "postgres")


@dataclass(slots=True)
class Line:
    """One figure: what it is, what it should be, what was measured on each engine, and where it holds. `met` None holds nothing to it."""

    what: str
    target: str
    values: dict[str, str] = field(default_factory=dict)
    met: dict[str, bool] = field(default_factory=dict)

    def put(self, engine: str, value: str, met: bool | None = None) -> None:
        """Notes what was measured on an engine, and whether that is the target."""
        self.values[engine] = value
        if met is not None:
            self.met[engine] = met

    def as_row(self) -> str:
        """The line as a row of a Markdown table."""
        return f"| {self.what} | {self.target} | {' | '.join(self.values.get(name, '-') for name in COLUMNS)} | {self.verdict()} |"

    def verdict(self) -> str:
        """Whether the target is met; where only one engine meets it, which."""
        if not self.met:
            return ""
        if len(set(self.met.values())) == 1:
            return "yes" if all(self.met.values()) else "**no**"
        return " ".join(f"{NAMES[name]} {'yes' if met else '**no**'}" for name, met in self.met.items())


NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def table(lines: list[Line]) -> str:
    """The Markdown table."""
    head = ["| what | target | SQLite | PostgreSQL | met |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(line.as_row() for line in lines)])


def circumstances(postgres: str) -> str:
    """What was measured with, in one line."""
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        postgres,
        *(f"{name} {version(name)}" for name in ("tortoise-orm", "asyncpg", "aiosqlite")),
    ]
    return ", ".join(part for part in parts if part)
