"""Tables of codes and numbers as CSV (RFC 4180), and several files in one: a zip whose manifest says what each of them is to the byte."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from directory.formats.table import FORMULA

MANIFEST = "manifest.json"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file. None is an empty cell; moments are ISO 8601 in UTC. No text begins like a formula, which a spreadsheet would run; our own
    numbers may be negative."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([_cell(name) for name in columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    return "" if value is None else value


def bundle(files: Mapping[str, bytes], about: Mapping[str, object], at: datetime) -> bytes:
    """A zip of these files in their order, and a manifest at the end: `about`, with the SHA-256 and the size of each file.

    The same files at the same moment make the same zip to the byte.
    """
    told = [
        {"name": name, "sha256": sha256(content).hexdigest(), "bytes": len(content)} for name, content in files.items()
    ]
    manifest = json.dumps({**about, "files": told}, ensure_ascii=False, indent=1).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, MANIFEST: manifest}.items():
            archive.writestr(_entry(name, at), content)
    return file.getvalue()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return entry
