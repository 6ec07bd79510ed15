"""One row of a mapped CSV file: its cells by the fields of the map, cleaned, with what could not be read noted as warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from directory.domain.listings import squeeze
from directory.domain.taxonomy import FACETS
from directory.formats.column_map import CHOICES, ColumnMap, PhoneColumn
from directory.formats.text import cut, mask, one_line, plain

LONGEST_LINE = 255
LONGEST_NOTES = 8_000
TRUE = frozenset({"1", "1.0", "true", "t", "yes", "y", "x", "✓", "✔", "on"})
FALSE = frozenset({"", "0", "0.0", "false", "f", "no", "n"})
"""All that leaves shown what another word keeps back: a list may well say "-1", or "excluded"."""


class Cells:
    """The cells of a row that the map names."""

    def __init__(self, given: Mapping[str, str], column_map: ColumnMap) -> None:
        self.map = column_map
        self.warnings: list[str] = []
        self._cells = {squeeze(column): text for column, text in given.items()}
        self.kind = self.choice("kind")

    def warn(self, code: str, detail: str = "") -> None:
        """Notes what was left out or changed, once each: "code: detail"."""
        shown = cut(mask(one_line(detail)), 60)
        warning = f"{code}: {shown}" if shown else code
        if warning not in self.warnings:
            self.warnings.append(warning)

    def given(self, column: str) -> str:
        """A cell by its column, on one line; "" where the column is not there."""
        return one_line(self._cells.get(squeeze(column), ""))

    def has(self, column: str | None) -> bool:
        """Whether the file has this column."""
        return column is not None and squeeze(column) in self._cells

    def is_true(self, column: str) -> bool:
        """Whether a cell is ticked."""
        return self.given(column).casefold() in TRUE

    def left_out(self) -> str:
        """Why the map leaves the row out; "" where it does not."""
        for column, rule in self.map.skips.items():
            if rule.of(self.given(column), first=True) is not None:
                return self._because(column)
        excluded = (column for column in self.map.exclude_if if self.given(column).casefold() not in FALSE)
        kept_back = (column for column in self.map.public_if if self.given(column).casefold() not in TRUE | {""})
        for column in chain(excluded, kept_back):
            return self._because(column)
        is_removed = "removed" in (word.casefold() for word in self.words("status"))
        return "removed, it says itself" if is_removed else ""

    def _because(self, column: str) -> str:
        return f"left out by the map: {column} is {cut(self.given(column), 40) or 'blank'}"

    def is_private(self, phone: PhoneColumn) -> bool:
        """Whether a number is nobody's business: where a word says so, and where the file has no column for that word."""
        if phone.private_if is None:
            return False
        return not self.has(phone.private_if) or self.given(phone.private_if).casefold() not in FALSE

    def texts(self, name: str) -> list[str]:
        """What the columns of a field hold, as it stands, without the blank ones; what the map sets itself where all are."""
        return self.column_texts(name) or list(self.map.constants.get(name, ()))

    def column_texts(self, name: str) -> list[str]:
        """What the columns of a field hold, without the blank ones."""
        columns = self.map.fields.get(name, ())
        return [text for column in columns if (text := self._cells.get(squeeze(column), "").strip())]

    def text(self, name: str) -> str:
        """The first column of a field that holds something."""
        return next(iter(self.texts(name)), "")

    def line(self, name: str, longest: int = LONGEST_LINE) -> str:
        """A field as one line of plain text."""
        text = self._masked(one_line(self.text(name)))
        if len(text) > longest:
            self.warn("cut", name)
        return cut(text, longest)

    def notes(self, name: str) -> str:
        """All columns of a field as plain text, each on lines of its own."""
        text = self._masked("\n\n".join(dict.fromkeys(filter(None, map(plain, self.texts(name))))))
        if len(text) > LONGEST_NOTES:
            self.warn("cut", name)
        return cut(text, LONGEST_NOTES)

    def _masked(self, text: str) -> str:
        """Of meetings, which are held by members, nobody's number or address stays in free text."""
        return mask(text) if self.kind == "meeting" else text

    def parts(self, name: str) -> Iterator[str]:
        """The parts of a field that is split, each cleaned."""
        separator = self.map.splits.get(name)
        for text in self.texts(name):
            for part in text.split(separator) if separator else [text]:
                if cleaned := one_line(part):
                    yield cleaned

    def words(self, name: str) -> Iterator[str]:
        """The parts of a field, each as the map's table has it, else as it stands."""
        lookup = self.map.lookups.get(name)
        for part in self.parts(name):
            values = lookup.of(part, first=False) if lookup else None
            yield from (part,) if values is None else values

    def choice(self, name: str) -> str | None:
        """A field of which there is one value: that of its columns, else what the map sets itself."""
        return self.said(name) or next(iter(self.map.constants.get(name, ())), None)

    def said(self, name: str) -> str | None:
        """What the columns of such a field say, by the map's table or in our own words; None, with a warning, for another word."""
        lookup = self.map.lookups.get(name)
        parts = list(self.parts(name)) if self.column_texts(name) else []
        for part in parts:
            found = lookup.of(part, first=True) if lookup else None
            if found:
                return found[0]
            if part.casefold() in CHOICES[name]:
                return part.casefold()
        if parts and not (lookup and lookup.patterns):
            self.warn(f"unknown-{name}", parts[0])
        return None

    def several(self, name: str) -> list[str]:
        """The values of a facet: by the map's table, else those that are its own words. An unknown one is a warning."""
        found: list[str] = []
        lookup = self.map.lookups.get(name)
        for part in self.parts(name):
            values = lookup.of(part, first=False) if lookup else None
            if values is not None:
                found += values
            elif part.casefold() in FACETS[name]:
                found.append(part.casefold())
            elif not (lookup and lookup.patterns):
                self.warn(f"unknown-{name}", part)
        return found

    def ticked(self, facet: str) -> list[str]:
        """The values of a facet whose columns are ticked."""
        pairs = (pair for column, pairs in self.map.flags.items() if self.is_true(column) for pair in pairs)
        return [value for name, _, value in (pair.partition(":") for pair in pairs) if name == facet]

    def raw(self) -> dict[str, object]:
        """The row as it stood, the named columns alone; a number that is private is not in it."""
        hidden = {squeeze(phone.column) for phone in self.map.phones if self.is_private(phone)}
        shown = ((column, self._cells.get(squeeze(column), "")) for column in self.map.columns)
        return {
            column: cut(self._masked(plain(text)), LONGEST_NOTES)
            for column, text in shown
            if text and squeeze(column) not in hidden
        }
