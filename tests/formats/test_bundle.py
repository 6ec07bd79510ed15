"""Tables and zips for others: nothing that a spreadsheet would run, and a manifest that fits to the byte."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import pytest

from directory.formats.bundle import bundle, table

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@here", "\tx", "\rx"])
def test_no_text_begins_like_a_formula(text: str) -> None:
    """WAITLIST 4.4."""
    assert f"'{text}" in table(("a",), [(text,)]).decode()


def test_numbers_moments_and_what_is_not_known_stay_what_they_are() -> None:
    assert table(("a", "b", "c", "d"), [(-1, 2.5, NOW, None)]) == b"a,b,c,d\r\n-1,2.5,2026-03-02T15:00:00+00:00,\r\n"


def test_the_manifest_says_what_each_file_is_to_the_byte() -> None:
    files = {"1-notice.txt": b"first\n", "a.csv": b"a\r\n"}
    content = bundle(files, {"report": "demand"}, NOW)
    assert content == bundle(files, {"report": "demand"}, NOW)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.namelist() == ["1-notice.txt", "a.csv", "manifest.json"]
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["report"] == "demand"
        for told in manifest["files"]:
            inside = archive.read(told["name"])
            assert (told["sha256"], told["bytes"]) == (sha256(inside).hexdigest(), len(inside))
