"""Letters for paper: a font that is part of the file, what it can show, and lines that are not too wide."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby

from pymupdf_fonts import FiraGO_Bold, FiraGO_Regular
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

NORMAL, BOLD = "FiraGO", "FiraGO-Bold"
"""FiraGO (SIL Open Font License 1.1), by the names under which its letters are asked for."""
UNSHOWN = "\N{WHITE VERTICAL RECTANGLE}"
"""Stands for letters that cannot be shown."""
FROM_THE_RIGHT = ("R", "AL")
"""The two bidirectional classes of letters that run from right to left (Unicode, UAX 9)."""
JOINED = ("DEVANAGARI", "ARABIC")
"""Writings whose letters change beside each other, which takes more than to set one after the other."""


@cache
def register() -> frozenset[int]:
    """Makes the two fonts known, once; the characters that both have."""
    faces = [
        TTFont(name, io.BytesIO(module.fontbuffer)) for name, module in ((NORMAL, FiraGO_Regular), (BOLD, FiraGO_Bold))
    ]
    for face in faces:
        pdfmetrics.registerFont(face)
    return frozenset.intersection(*(frozenset(face.face.charToGlyph) for face in faces))


def shown(text: str) -> str:
    """The text as it is printed: in one line, composed, with one sign in the place of all that follow each other and cannot be shown."""
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    kept = [sign for sign in plain if unicodedata.category(sign) not in ("Cc", "Cf", "Cs")]
    runs = ((fits, "".join(signs)) for fits, signs in groupby(kept, _fits))
    return "".join(signs if fits else UNSHOWN for fits, signs in runs)


def has_unshown(text: str) -> bool:
    """Whether something of it cannot be shown."""
    return UNSHOWN in shown(text)


@cache
def _fits(sign: str) -> bool:
    is_simple = unicodedata.bidirectional(sign) not in FROM_THE_RIGHT
    return is_simple and ord(sign) in register() and not unicodedata.name(sign, "").startswith(JOINED)


def wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    """The lines of a text, none wider than `width` points. A word that is too long by itself is cut; no text has no line."""
    lines: list[str] = []
    for word in _pieces(shown(text), font, size, width):
        if lines and _width(f"{lines[-1]} {word}", font, size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def _pieces(text: str, font: str, size: float, width: float) -> Iterator[str]:
    for word in text.split(" "):
        while _width(word, font, size) > width:
            end = next(end for end in range(len(word), 0, -1) if end == 1 or _width(word[:end], font, size) <= width)
            yield word[:end]
            word = word[end:]
        if word:
            yield word


def _width(text: str, font: str, size: float) -> float:
    register()
    return float(pdfmetrics.stringWidth(text, font, size))
