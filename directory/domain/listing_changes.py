"""The history of one listing as values: what people changed, field by field, and what imports did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that somebody changed. The fields of one save share `change`; `reverts` is the row that it takes back."""

    id: int
    change: str
    field: str
    before: Any
    after: Any
    by: str
    at: datetime
    reason: str | None
    reverts: int | None


@dataclass(frozen=True, slots=True)
class ImportChange:
    """What an import did to a listing: add, change, return or remove, and the fields that it changed. `undone`: it was taken back."""

    run: int
    source: str
    action: str
    fields: tuple[str, ...]
    at: datetime
    undone: bool
