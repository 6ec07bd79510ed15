"""Files of every sort for every reader, made by Hypothesis: noise, JSON of any shape, and good files with something wrong in them."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import openpyxl
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from directory.domain.errors import UnreadableFile
from directory.formats import dhcs, mapped, meeting_guide, samhsa, smart
from directory.formats.rows import LONGEST_KEY, Rejected, Row, Rows
from tests.formats.books import BOOK
from tests.formats.golden import FIXTURES

MAPS = Path(__file__).parents[2] / "seeds" / "maps"

# What it keeps between runs does not belong into a checkout.
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "footbridge-hypothesis")

Reader = Callable[[BinaryIO], Rows]


def _mapped(name: str) -> Reader:
    layout = mapped.load_map(BytesIO((MAPS / f"{name}.toml").read_bytes()))
    return lambda stream: mapped.read(stream, BOOK, layout)


def _book() -> bytes:
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet("Facilities")
    for line in (FIXTURES / "samhsa.csv").read_text(encoding="utf-8").splitlines():
        sheet.append(line.split(","))
    content = BytesIO()
    made.save(content)
    return content.getvalue()


NAMES = sorted(path.stem for path in MAPS.glob("*.toml"))
READERS: dict[str, Reader] = {
    "meeting-guide": lambda stream: meeting_guide.read(stream, BOOK, "aa"),
    "smart": lambda stream: smart.read(stream, BOOK, lambda lat, lon: "America/Chicago"),
    "samhsa": lambda stream: samhsa.read(stream, BOOK),
    "samhsa-book": lambda stream: samhsa.read(stream, BOOK),
    "dhcs": lambda stream: dhcs.read(stream, BOOK),
    **{name: _mapped(name) for name in NAMES},
}
FILES: dict[str, bytes] = {
    "meeting-guide": (FIXTURES / "meeting_guide.json").read_bytes(),
    "smart": (FIXTURES / "smart.json").read_bytes(),
    "samhsa": (FIXTURES / "samhsa.csv").read_bytes(),
    "samhsa-book": _book(),
    "dhcs": (FIXTURES / "dhcs.csv").read_bytes(),
    **{name: (FIXTURES / "maps" / f"{name}.csv").read_bytes() for name in NAMES},
}
LISTS = ("meeting-guide", "smart")
TABLES = tuple(name for name in FILES if name not in (*LISTS, "samhsa-book"))

ODD = (
    "", " ", "0", "-1", "1e999", "nan", "1960", "19801-", "198010000", "24:00", "25:99", "2359", "Mon-Fri 9-5", "24/7", "\x00", "\ud800",
    "\u202e", "a" * 3000, "<b>", "&amp;amp;", '"', "'", ",", "\r", "\n", "=1+1", "🙂", "٣", "²", "1" * 400, "[]", "null", "https://", "http://[",
    "http://[::1", "802-555-0142 x", "+", "(" * 50, "9999-12-31", "0000-00-00", "2026-02-30", "31/31/2026", "../..", "true", "x" * 70_000,
)  # fmt: skip
texts = st.one_of(st.sampled_from(ODD), st.text(max_size=30))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


def as_json(value: object) -> bytes:
    """JSON as a careless program writes it: NaN and half characters too."""
    return json.dumps(value).encode()


noise = st.one_of(st.binary(max_size=400), st.binary(max_size=200).map(lambda content: b"PK\x03\x04" + content))
any_json = st.one_of(values, st.lists(values, max_size=4)).map(as_json)


@st.composite
def list_gone_wrong(draw: st.DrawFn, name: str) -> bytes:
    """A good list in which some values are others, and some objects hold more or less."""
    rows = copy.deepcopy(json.loads(FILES[name]))
    for _ in range(draw(st.integers(1, 8))):
        row = draw(st.sampled_from([row for row in rows if isinstance(row, dict)]))
        row[draw(st.one_of(st.sampled_from(sorted(row) or ["name"]), texts))] = draw(values)
    return as_json(rows)


@st.composite
def table_gone_wrong(draw: st.DrawFn, name: str) -> bytes:
    """A good table in which some cells are others, whatever that does to its quotes and lines."""
    lines = [line.split(",") for line in FILES[name].decode().split("\n")]
    for _ in range(draw(st.integers(1, 8))):
        line = draw(st.sampled_from(lines[1:]))
        line[draw(st.integers(0, len(line) - 1))] = draw(texts)
    text = "\n".join(",".join(line) for line in lines)
    return text.encode(draw(st.sampled_from(["utf-8", "utf-16", "cp1252"])), errors="replace")


@st.composite
def file_gone_wrong(draw: st.DrawFn, name: str) -> bytes:
    """A good file of which some bytes are gone, doubled or others."""
    content = bytearray(FILES[name])
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        content[start:end] = draw(st.one_of(st.binary(max_size=8), st.just(bytes(content[start:end]) * 2)))
    return bytes(content)


CASES: dict[str, tuple[str, st.SearchStrategy[bytes]]] = {
    **{f"{name} noise": (name, st.one_of(noise, any_json)) for name in READERS},
    **{f"{name} bytes": (name, file_gone_wrong(name)) for name in FILES},
    **{f"{name} values": (name, list_gone_wrong(name)) for name in LISTS},
    **{f"{name} cells": (name, table_gone_wrong(name)) for name in TABLES},
}
"""Which reader is given what."""


def check(name: str, content: bytes) -> None:
    """Reads a file, which must end in a refusal or in rows that can be stored: nothing else may come out of it."""
    try:
        rows = list(READERS[name](BytesIO(content)))
    except UnreadableFile:
        return
    for row in rows:
        assert row.line >= 1
        if isinstance(row, Rejected):
            assert row.reason
            assert len(row.reason) < 1000
        else:
            _check_row(row)


def _check_row(row: Row) -> None:
    draft = row.draft
    assert draft.name
    assert draft.key
    assert len(draft.key) <= LONGEST_KEY
    address = draft.address
    for text, longest in (
        *((text, 255) for text in (draft.name, draft.organization, address.name, address.street, address.street_2)),
        *((text, 120) for text in (address.city, draft.coverage)),
        (address.state, 40),
        (address.postal_code, 20),
        (address.country, 2),
        (draft.conference_phone, 80),
    ):
        assert text is None or 0 < len(text) <= longest
    stored = json.dumps([asdict(draft), row.raw, row.warnings], default=str, ensure_ascii=False, allow_nan=False)
    assert stored.encode("utf-8")
    assert "\\u0000" not in stored
    for window in draft.windows:
        assert 0 <= window.day <= 6
        assert 0 <= window.start < 24 * 60
        assert 0 < window.minutes <= 24 * 60
    for capacity in draft.capacities:
        assert capacity.as_of.tzinfo is not None
