"""A hand-out as a PDF file: large type, whole listings on each page, a QR code to the same list, and nothing that tells whose it is.

The file is the same for the same values: no moment, no machine and nobody stands in it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import segno
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from directory.domain.bridge.handouts import Paper, PaperEntry, Size
from directory.formats import paper_text
from directory.formats.paper_text import BOLD, NORMAL, wrapped

LEADING = 1.28
"""From one line to the next, in sizes of the letters."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sort of paper. Lengths are in points of 1/72 inch, `body`, `name`, `heading` and `small` the sizes of the letters."""

    width: float
    height: float
    margin: float
    body: float
    name: float
    heading: float
    small: float
    code: float
    most_lines: int | None = None
    """Lines of a listing that find room, the first ones; None for all."""
    leading: float = LEADING
    gap: float = 1
    """How much of the usual room is left above a heading and a name."""

    @property
    def inner(self) -> float:
        """How wide a line may be."""
        return self.width - 2 * self.margin


SHEETS = {
    Size.A5: Sheet(148 * mm, 210 * mm, 11 * mm, body=14, name=15, heading=17, small=10, code=34 * mm),
    Size.HALF_LETTER: Sheet(396, 612, 11 * mm, body=14, name=15, heading=17, small=10, code=34 * mm),
    Size.WALLET: Sheet(
        85.6 * mm,
        54 * mm,
        4 * mm,
        body=8,
        name=8.5,
        heading=9,
        small=6,
        code=24 * mm,
        most_lines=3,
        leading=1.18,
        gap=0.5,
    ),
}
"""The paper there is. A wallet card has the size of a bank card (ISO/IEC 7810, ID-1), and is set close, so that two places find room on it."""
QUIET_ZONE = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: how much room is left above it, and from where it starts."""

    text: str
    font: str
    size: float
    above: float = 0
    indent: float = 0
    leading: float = LEADING

    @property
    def height(self) -> float:
        """How much room it takes."""
        return self.above + self.size * self.leading


Block = Sequence[Line]
"""Lines that stay together, unless they fill more than a page."""


def write(paper: Paper, size: Size) -> bytes:
    """The file. Takes some milliseconds for each page, so that a server calls it in a thread."""
    paper_text.register()
    sheet, stream = SHEETS[size], io.BytesIO()
    canvas = Canvas(stream, pagesize=(sheet.width, sheet.height), invariant=1, lang=paper.language)
    _describe(canvas, paper.title)
    pages = _pages(paper, sheet)
    for number, lines in enumerate(pages, 1):
        top = _first(canvas, paper, sheet) if number == 1 else sheet.height - sheet.margin
        _draw(canvas, lines, sheet, top)
        said = paper.page % {"page": number, "pages": len(pages)}
        canvas.setFont(NORMAL, sheet.small)
        canvas.drawRightString(sheet.width - sheet.margin, sheet.margin * 0.55, said)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _describe(canvas: Canvas, title: str) -> None:
    canvas.setTitle(title)
    for say in (canvas.setAuthor, canvas.setSubject, canvas.setCreator, canvas.setProducer):
        say("")
    canvas.setViewerPreference("DisplayDocTitle", "true")


# --- pages -----------------------------------------------------------------------------------------------------------


def _pages(paper: Paper, sheet: Sheet) -> list[list[Line]]:
    """The lines of each page. The first page has its head as well."""
    room = sheet.height - 2 * sheet.margin
    left = _below_head(paper, sheet) - sheet.margin
    pages: list[list[Line]] = [[]]
    for block in _blocks(paper, sheet):
        height = sum(line.height for line in block)
        if left < height <= room:
            pages.append([])
            left = room
        for line in block:
            if line.height > left:
                pages.append([])
                left = room
            pages[-1].append(line)
            left -= line.height
    return pages


def _blocks(paper: Paper, sheet: Sheet) -> Iterator[Block]:
    """A heading stays with the first listing beneath it."""
    for section in paper.sections:
        head = _lines(section.heading, BOLD, sheet.heading, sheet, above=sheet.heading * 0.6)
        for entry in section.entries:
            yield [*head, *_entry(entry, sheet)]
            head = []
    if _has_unshown(paper):
        yield _lines(paper.unshown, NORMAL, sheet.body, sheet, above=sheet.body)


def _has_unshown(paper: Paper) -> bool:
    entries = (entry for section in paper.sections for entry in section.entries)
    return any(paper_text.has_unshown(text) for entry in entries for text in (entry.name, *entry.lines))


def _entry(entry: PaperEntry, sheet: Sheet) -> Block:
    lines = _lines(entry.name, BOLD, sheet.name, sheet, above=sheet.body * 0.55)
    for text in entry.lines[: sheet.most_lines]:
        lines += _lines(text, NORMAL, sheet.body, sheet)
    return lines


def _lines(text: str, font: str, size: float, sheet: Sheet, *, above: float = 0) -> list[Line]:
    parts = wrapped(text, font, size, sheet.inner)
    above *= sheet.gap
    return [Line(part, font, size, 0 if place else above, leading=sheet.leading) for place, part in enumerate(parts)]


# --- the head of the first page --------------------------------------------------------------------------------------


def _head(paper: Paper, sheet: Sheet) -> tuple[list[Line], list[Line]]:
    """What stands beside the code, and what stands beneath it."""
    indent = sheet.code + sheet.body * 0.7
    beside = [
        Line(part, font, sheet.body, indent=indent, leading=sheet.leading)
        for text, font in (*((each, BOLD) for each in paper.urgent), (paper.scan, NORMAL))
        for part in wrapped(text, font, sheet.body, sheet.inner - indent)
    ]
    beneath = _address(paper.short, sheet)
    return beside, beneath + _lines(paper.lead, NORMAL, sheet.body, sheet, above=sheet.body * 0.3)


def _address(short: str, sheet: Sheet) -> list[Line]:
    """The address in one line, else with its code in a line of its own, so that nobody types half of it."""
    whole = _lines(short, BOLD, sheet.body, sheet, above=sheet.body * 0.3)
    if len(whole) <= 1:
        return whole
    site, slash, code = short.rpartition("/")
    return [
        *_lines(site + slash, BOLD, sheet.body, sheet, above=sheet.body * 0.3),
        *_lines(code, BOLD, sheet.body, sheet),
    ]


def _below_head(paper: Paper, sheet: Sheet) -> float:
    """How high the head ends."""
    beside, beneath = _head(paper, sheet)
    tall = max(sheet.code, sum(line.height for line in beside))
    return sheet.height - sheet.margin - tall - sum(line.height for line in beneath)


def _first(canvas: Canvas, paper: Paper, sheet: Sheet) -> float:
    """Draws the head and says where it ends."""
    top = sheet.height - sheet.margin
    beside, beneath = _head(paper, sheet)
    _code(canvas, paper.address, sheet.margin, top - sheet.code, sheet.code)
    _draw(canvas, beside, sheet, top)
    tall = max(sheet.code, sum(line.height for line in beside))
    _draw(canvas, beneath, sheet, top - tall)
    return _below_head(paper, sheet)


def _draw(canvas: Canvas, lines: Sequence[Line], sheet: Sheet, top: float) -> None:
    for line in lines:
        top -= line.height
        canvas.setFont(line.font, line.size)
        # Letters hang below their line: a quarter of their size at the most.
        canvas.drawString(sheet.margin + line.indent, top + line.size * (line.leading - 1), line.text)


def _code(canvas: Canvas, address: str, x: float, y: float, side: float) -> None:
    """The QR code as rectangles, which stay sharp at any size. A run of dark modules is one of them."""
    rows = [bytes(row) for row in segno.make(address, micro=False, error="m").matrix_iter(border=QUIET_ZONE)]
    module = side / len(rows)
    for number, row in enumerate(rows):
        for start, length in _runs(row):
            bottom = y + side - (number + 1) * module
            canvas.rect(x + start * module, bottom, length * module, module, stroke=0, fill=1)


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many follow each other."""
    start = 0
    while (start := row.find(1, start)) >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = end
