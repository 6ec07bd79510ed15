"""Reads PDF files as a reader and a camera do: the words of each page, whether all of it lies on the page, and QR codes."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pypdfium2
import zxingcpp


@dataclass(frozen=True)
class Sheet:
    """A page: its width and height in points, its words, and the sizes of its letters."""

    size: tuple[float, float]
    text: str
    is_whole: bool
    """Whether nothing reaches over its edge."""
    codes: tuple[str, ...]
    letters: tuple[float, ...]


def sheets(content: bytes) -> list[Sheet]:
    """The pages of a file."""
    with pypdfium2.PdfDocument(content) as document:
        return [_sheet(page) for page in document]


def told(content: bytes) -> dict[str, str]:
    """What a file says of itself."""
    with pypdfium2.PdfDocument(content) as document:
        return {name: value for name, value in document.get_metadata_dict().items() if value}


def words(content: bytes) -> str:
    """All words of a file, blanks run together."""
    return " ".join(sheet.text for sheet in sheets(content))


def _sheet(page: pypdfium2.PdfPage) -> Sheet:
    width, height = page.get_size()
    objects = list(page.get_objects())
    bounds = [each.get_bounds() for each in objects]
    inside = [left >= 0 and bottom >= 0 and right <= width and top <= height for left, bottom, right, top in bounds]
    found = zxingcpp.read_barcodes(page.render(scale=2 if width > 300 else 3).to_pil())
    texts = [each for each in objects if each.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
    return Sheet(
        (width, height),
        re.sub(r"\s+", " ", page.get_textpage().get_text_range()).strip(),
        all(inside),
        tuple(code.text for code in found),
        tuple(sorted({round(each.get_font_size(), 1) for each in texts})),
    )
