"""Lines and records of a file of unknown origin: every kind of line end, two encodings, line numbers that a person can find."""

from __future__ import annotations

from io import BytesIO

import pytest

from directory.domain.errors import UnreadableFile
from directory.formats.lines import CHUNK, LONGEST_LINE, csv_records, text_lines


class Drip(BytesIO):
    """A stream that gives one byte at a time, as a slow network may, and cannot go back."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)

    def seek(self, *_: int) -> int:
        raise OSError("cannot seek")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("stream", [BytesIO, Drip])
def test_lines_end_as_on_every_system(end: str, stream: type[BytesIO]) -> None:
    content = f"a{end}{end}b{end}c".encode()
    assert [line.strip() for line in text_lines(stream(content))] == ["a", "", "b", "c"]


def test_a_line_end_may_fall_on_the_edge_of_a_chunk() -> None:
    content = b"a" * (CHUNK - 1) + b"\r\nb\r\n"
    assert [len(line.strip()) for line in text_lines(BytesIO(content))] == [CHUNK - 1, 1]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("café\n".encode(), "café"),
        ("\ufeffcafé\n".encode(), "café"),
        ("café – naïve\n".encode("cp1252"), "café – naïve"),
        (b"bad \x81 byte\n", "bad \ufffd byte"),
    ],
)
def test_utf_8_and_windows_1252_are_both_read(content: bytes, text: str) -> None:
    assert next(text_lines(BytesIO(content))).strip() == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("stream", [BytesIO, Drip])
def test_utf_16_is_known_by_its_mark(encoding: str, stream: type[BytesIO]) -> None:
    content = "\ufeffcafé\r\nnaïve".encode(encoding)
    assert [line.strip() for line in text_lines(stream(content))] == ["café", "naïve"]


def test_utf_16_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    assert "".join(text_lines(BytesIO("\ufeffcafé".encode("utf-16-le")[:-1]))) == "caf\ufffd"


def test_one_line_of_another_encoding_spoils_no_other() -> None:
    content = "café\n".encode() + "café\n".encode("cp1252")
    assert list(text_lines(BytesIO(content))) == ["café\n", "café\n"]


@pytest.mark.parametrize(
    "content",
    ["name\n".encode("utf-16-le"), b"PK\x03\x04\x00\x00", b"a\nb\0\n", b"x" * (LONGEST_LINE + 1)],
    ids=["utf-16-without-mark", "archive", "zero", "one-line"],
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        list(text_lines(BytesIO(content)))
    assert caught.value.reason == "not-text"


def test_a_record_knows_the_line_where_it_starts() -> None:
    content = b'a,b\n\n"over\nthree\nlines",2\nlast,3\n'
    found = [(record.line, record.lines, record.cells) for record in csv_records(BytesIO(content))]
    assert found == [(1, 1, ["a", "b"]), (3, 3, ["over\nthree\nlines", "2"]), (6, 1, ["last", "3"])]


def test_cells_may_be_parted_by_another_sign() -> None:
    assert [record.cells for record in csv_records(BytesIO(b"a;b,c\n"), ";")] == [["a", "b,c"]]


def test_a_record_too_long_to_be_one_is_broken_and_reading_goes_on() -> None:
    content = b'a,b\n"' + b"x\n" * 70_000 + b"c,d\n"
    records = list(csv_records(BytesIO(content)))
    assert (records[1].line, records[1].cells) == (2, [])
    assert "field" in records[1].broken
    assert records[-1].cells == ["c", "d"]


def test_a_long_table_is_read_a_chunk_at_a_time() -> None:
    stream = BytesIO(b"a,b\n" * CHUNK)
    next(csv_records(stream))
    assert stream.tell() == CHUNK
