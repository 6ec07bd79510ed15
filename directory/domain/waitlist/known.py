"""What tells who somebody is, as a peer writes it down: as little as is needed, and all of it sealed where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from directory.domain.errors import Problem

LONGEST_NAME, LONGEST_NOTE = 120, 500
OLDEST = 120


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody wants to be called, and where they told it the whole name, the birth date, and what to know when calling."""

    called: str
    name: str = ""
    born: date | None = None
    note: str = ""

    @property
    def birth_month(self) -> str:
        """As the fact of that name has it; "" where it is not known."""
        return self.born.isoformat()[:7] if self.born else ""


def known_problems(known: Known, *, today: date) -> list[Problem]:
    """What keeps this from being kept, field by field. `today` is the local day."""
    problems = [] if known.called.strip() else [Problem("called", "missing", "")]
    lengths = (
        ("called", known.called, LONGEST_NAME),
        ("name", known.name, LONGEST_NAME),
        ("note", known.note, LONGEST_NOTE),
    )
    problems += [Problem(field, "too-long", "", (str(most),)) for field, text, most in lengths if len(text) > most]
    if known.born is not None and not today.year - OLDEST <= known.born.year <= today.year:
        problems.append(Problem("born", "not-a-birth-date", ""))
    elif known.born is not None and known.born > today:
        problems.append(Problem("born", "to-come", ""))
    return problems


def to_sealed(known: Known) -> dict[str, str]:
    """As it lies sealed."""
    born = known.born.isoformat() if known.born else ""
    return {"name": known.name.strip(), "called": known.called.strip(), "born": born, "note": known.note.strip()}


def from_sealed(values: Mapping[str, Any]) -> Known:
    """What was sealed; empty for what was cleared."""
    born = str(values.get("born") or "")
    texts = {field: str(values.get(field) or "") for field in ("called", "name", "note")}
    return Known(**texts, born=date.fromisoformat(born) if born else None)
