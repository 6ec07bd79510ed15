"""What the columns of somebody's own waiting list mean, as a small TOML file says it (the README has one to begin with).

Strict, because a person writes it: whatever is not understood is refused with the key, and with what would be allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from directory.domain.listings import squeeze
from directory.domain.waitlist.facts import CODES, NO, YES
from directory.formats.column_map import DATES, MapError, folded

FIELDS = ("called", "name", "born", "phone", "email", "requested", "line", "language", "note")
SETTINGS = ("delimiter", "dates", "yes", "no")
TABLES = ("columns", "facts", "lines", "values")
YES_WORDS = ("yes", "y", "true", "x", "1", "si", "sí")
NO_WORDS = ("no", "n", "false", "0")

Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineMap:
    """The map of one layout. `columns` name those of each field, whose cells are joined by blanks, and `facts` the one of each fact.

    `lines` says which line a cell means, `values` by fact what a cell stands for. `dates` is iso, mdy or dmy; an iso date is read anyway.
    """

    columns: Mapping[str, Texts]
    facts: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    delimiter: str = ","
    dates: str = "iso"
    yes: Texts = YES_WORDS
    no: Texts = NO_WORDS

    @property
    def named(self) -> Texts:
        """Every column that the map names, once."""
        found = [*(name for names in self.columns.values() for name in names), *self.facts.values()]
        once: dict[str, str] = {}
        for name in found:
            once.setdefault(squeeze(name), name)
        return tuple(once.values())

    def fact_of(self, code: str, cell: str) -> str:
        """What a cell says of a fact; "" where nothing is known. A word that nobody explained stays as it is, for its rules to look at."""
        word = folded(cell)
        if word in self.values.get(code, {}):
            return self.values[code][word]
        if word in self.yes:
            return YES
        return NO if word in self.no else cell.strip()


PLAIN = LineMap({name: (name,) for name in FIELDS}, {code: code for code in CODES})
"""That of a file whose columns are called as the fields are; those that are not there are left out."""


def load_line_map(stream: BinaryIO) -> LineMap:
    """The map in a TOML file. Raises MapError naming the key at fault and what is allowed there."""
    try:
        document = tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MapError(f"not TOML: {error}") from error
    _known(document, (*SETTINGS, *TABLES), "the map")
    columns = {name: _texts(value, f"columns.{name}") for name, value in _table(document, "columns", FIELDS).items()}
    if "requested" not in columns:
        raise MapError("columns: no requested; it names the column with the day of the request")
    if not {"called", "name"} & set(columns):
        raise MapError("columns: no name and no called; one of them says whom it is about")
    facts = {code: _text(value, f"facts.{code}") for code, value in _table(document, "facts", CODES).items()}
    return LineMap(
        columns,
        facts,
        _words(_table(document, "lines"), "lines"),
        {code: _words(_sub(table, f"values.{code}"), f"values.{code}") for code, table in _table(document, "values", CODES).items()},
        _delimiter(document),
        _dates(document),
        _own_words(document, "yes", YES_WORDS),
        _own_words(document, "no", NO_WORDS),
    )  # fmt: skip


def _known(given: Iterable[str], allowed: Iterable[str], where: str) -> None:
    for name in given:
        if name not in tuple(allowed):
            raise MapError(f"{where}: unknown key {name!r}; allowed: {', '.join(allowed)}")


def _table(document: Mapping[str, Any], name: str, allowed: Texts | None = None) -> dict[str, Any]:
    table = _sub(document.get(name, {}), name)
    if allowed is not None:
        _known(table, allowed, name)
    return table


def _sub(table: Any, name: str) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise MapError(f"{name}: a table is needed, as in [{name}]")
    return table


def _words(table: Mapping[str, Any], where: str) -> dict[str, str]:
    return {folded(word): _text(value, f"{where}.{word}") for word, value in table.items()}


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise MapError(f"{where}: a text is needed, not {value!r}")
    return value


def _texts(value: Any, where: str) -> Texts:
    found = tuple(_text(each, where) for each in (value if isinstance(value, list) else [value]))
    if not found:
        raise MapError(f"{where}: a text or a list of texts is needed")
    return found


def _own_words(document: Mapping[str, Any], name: str, usual: Texts) -> Texts:
    return tuple(folded(word) for word in _texts(document[name], name)) if name in document else usual


def _dates(document: Mapping[str, Any]) -> str:
    found = document.get("dates", "iso")
    if found not in DATES:
        raise MapError(f"dates: unknown value {found!r}; allowed: {', '.join(DATES)}")
    return str(found)


def _delimiter(document: Mapping[str, Any]) -> str:
    found = document.get("delimiter", ",")
    if not isinstance(found, str) or len(found) != 1 or found in '"\r\n':
        raise MapError(f"delimiter: one sign is needed, not {found!r}")
    return found
