"""What a reader makes of a file, as plain data that can be laid beside a golden file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from directory.formats.rows import Rejected, Row

FIXTURES = Path(__file__).parents[1] / "fixtures"


def told(rows: Iterable[Row | Rejected]) -> list[dict[str, object]]:
    """The rows with all that they say; what is not known (None, nothing in it) is left out."""
    return [json.loads(json.dumps(_told(row), default=str)) for row in rows]


def expected(name: str) -> list[dict[str, object]]:
    """The golden file of this name."""
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def _told(row: Row | Rejected) -> dict[str, object]:
    if isinstance(row, Rejected):
        return {"line": row.line, "rejected": row.reason}
    draft = _known(asdict(row.draft))
    draft["codes"] = " ".join(code["code"] for code in draft.get("codes", ()))
    return {"line": row.line, **draft, "warnings": list(row.warnings)}


def _known(value: object) -> object:
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items() if item not in (None, (), [])}
    return [_known(item) for item in value] if isinstance(value, list | tuple) else value
