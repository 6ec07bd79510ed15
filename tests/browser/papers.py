"""Reads the words on a printed page: what a PDF of the browser shows, without the addresses that its links carry along."""

from __future__ import annotations

import re
import unicodedata
import zlib

# Chromium ends a line with \n alone: a \r before it is the last byte of what is packed.
STREAM = re.compile(rb"<<(?P<about>(?:(?!endobj).)*?)>>\s*stream\r?\n(?P<content>.*?)\nendstream", re.DOTALL)
CHARACTER = re.compile(r"<([0-9A-F]{4})> <([0-9A-F]{4,})>\n")
RANGE = re.compile(r"<([0-9A-F]{4})> <([0-9A-F]{4})> <([0-9A-F]{4})>\n")
SHOWN = re.compile(r"<([0-9A-F]+)> Tj")


def text_of(pdf: bytes) -> str:
    """All the words, without blanks: a printer places letters, not words.

    A PDF shows the numbers of glyphs; maps beside them say which letters they are (ISO 32000-1, 9.10.3). Fonts of one family
    number their glyphs alike, so their maps are put together.
    """
    streams = [_unpacked(found["about"], found["content"]) for found in STREAM.finditer(pdf)]
    letters: dict[int, str] = {}
    for table in (stream for stream in streams if "begincmap" in stream):
        letters.update((int(glyph, 16), _letters(code)) for glyph, code in CHARACTER.findall(table))
        for first, last, code in RANGE.findall(table):
            letters.update((glyph, chr(int(code, 16) + glyph - int(first, 16))) for glyph in _span(first, last))
    glyphs = "".join(run for stream in streams if "begincmap" not in stream for run in SHOWN.findall(stream))
    shown = "".join(letters.get(int(glyphs[at : at + 4], 16), "?") for at in range(0, len(glyphs), 4))
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", shown))  # "fi" may be drawn as one sign


def pages_of(pdf: bytes) -> int:
    """How many sheets it is."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def _unpacked(about: bytes, content: bytes) -> str:
    return (zlib.decompress(content) if b"FlateDecode" in about else content).decode("latin-1")


def _letters(code: str) -> str:
    return bytes.fromhex(code).decode("utf-16-be")


def _span(first: str, last: str) -> range:
    return range(int(first, 16), int(last, 16) + 1)
