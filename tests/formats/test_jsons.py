"""A JSON list is read in the letters in which people write it, and refused where it would take a machine down."""

from __future__ import annotations

import time
from io import BytesIO

import pytest

from directory.domain.errors import UnreadableFile
from directory.formats import jsons, meeting_guide
from directory.formats.rows import Rejected, Row
from tests.formats.books import BOOK

MEETING = """{"name": "Café José", "slug": "a", "day": 1, "time": "19:00", "address": "3 Elm St", "city": "Oldtown", "state": "VT"}"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_in_another_encoding_is_read_and_a_guess_is_told(encoding: str) -> None:
    rows = list(meeting_guide.read(BytesIO(f"[{{}}, {MEETING}, {MEETING}]".encode(encoding)), BOOK, "aa"))
    refused, first, second = rows
    assert isinstance(refused, Rejected)
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.draft.name == second.draft.name == "Café José"
    said = ("not-utf8: the file is read as Windows-1252",) if encoding == "cp1252" else ()
    assert (first.warnings, second.warnings) == (said, ())


@pytest.mark.parametrize(
    "content",
    [
        b"[" + b"{}," * 2_100_000 + b"{}]",
        b"[" + b"1," * 200_000 + b"1]",
        b" " * (jsons.MOST_BYTES + 1),
    ],
    ids=["objects", "elements", "bytes"],
)
def test_a_list_of_more_than_anybody_publishes_is_refused_at_once(content: bytes) -> None:
    before = time.process_time()
    with pytest.raises(UnreadableFile) as caught:
        jsons.load_list(BytesIO(content))
    assert caught.value.reason == "too-large"
    assert time.process_time() - before < 1
