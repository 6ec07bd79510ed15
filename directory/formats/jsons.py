"""A file that is one JSON list, or the reason why it is not: for every format that comes so."""

from __future__ import annotations

import codecs
import json
from dataclasses import replace
from typing import BinaryIO

from directory.domain.errors import UnreadableFile
from directory.formats.rows import MOST_ROWS, Row, Rows

MOST_BYTES = 64 * 1024 * 1024
"""The file is read whole; the largest that is published has a quarter of it."""
MOST_PARTS = 10 * MOST_ROWS
"""Objects and lists in it: each takes some hundred bytes of memory, however few it takes in the file."""


def load_list(stream: BinaryIO) -> tuple[list[object], tuple[str, ...]]:
    """The elements of the list, and warnings of the file as a whole. UTF-8, UTF-16 with its mark, or Windows-1252.

    Raises UnreadableFile with "empty", "not-text", "not-json", "not-a-list" or "too-large".
    """
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnreadableFile("too-large", f"more than {MOST_BYTES // 1024 // 1024} MB")
    text, warnings = _decoded(content)
    if not text.strip():
        raise UnreadableFile("empty")
    if text.count("{") + text.count("[") > MOST_PARTS:
        raise UnreadableFile("too-large", f"more than {MOST_PARTS} objects")
    found = _parsed(text)
    if not isinstance(found, list):
        raise UnreadableFile("not-a-list", "the file is one object" if isinstance(found, dict) else "")
    if len(found) > MOST_ROWS:
        raise UnreadableFile("too-large", f"more than {MOST_ROWS} records")
    return found, warnings


def noted(rows: Rows, warnings: tuple[str, ...]) -> Rows:
    """The rows, the first listing among them with what is to be said of the whole file."""
    for row in rows:
        if isinstance(row, Row) and warnings:
            yield replace(row, warnings=(*warnings, *row.warnings))
            break
        yield row
    yield from rows


def _decoded(content: bytes) -> tuple[str, tuple[str, ...]]:
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return content.decode("utf-16", errors="replace"), ()
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        if b"\0" in content:
            raise UnreadableFile("not-text") from None
        return content.decode("cp1252", errors="replace"), ("not-utf8: the file is read as Windows-1252",)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableFile("not-json", f"line {error.lineno}, column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("not-json", "a number too long, or lists too deep") from error
