"""What the columns of somebody's CSV file mean, as a small TOML file says it (`seeds/maps/README.md`).

Strict, because a person writes it: whatever is not understood is refused with the key, and with what would be allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from directory.domain.errors import UnreadableFile
from directory.domain.listings import Status, Visibility, squeeze
from directory.domain.taxonomy import ATTENDANCE, FACETS, KINDS, PROGRAMS
from directory.formats.hours import DAY_NAMES

NATURAL = ("name", "place", "day", "time")
"""The key of a list whose own numbers change: what a meeting is known by (`domain.listings.natural_key`)."""

# fmt: off
TEXTS = (
    "name", "organization", "description", "place", "street", "street_2", "city", "state", "zip", "country", "address", "address_notes",
    "timezone", "lat", "lon", "phone", "website", "source_url", "conference_url", "conference_phone", "conference_notes", "hours", "day",
    "time", "end_time", "duration", "eligibility", "how_to_apply", "fees", "documents", "coverage", "minimum_age", "maximum_age",
    "verified_on", "types", "languages", "capacity", "available", "capacity_as_of", "unit",
)
# fmt: on
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
    "program": PROGRAMS,
    "status": tuple(status.value for status in Status if status != Status.REMOVED),
    "attendance": ATTENDANCE,
    "visibility": tuple(value.value for value in Visibility),
}
"""Fields of which a listing has one, from a fixed list; the facets are those of which it may have several."""
FIELDS = (*TEXTS, *CHOICES, *FACETS)
SETTINGS = (
    "title",
    "kind",
    "program",
    "key",
    "delimiter",
    "clock",
    "dates",
    "minutes",
    "by_day",
    "optional",
    "private",
    "exclude_if",
    "public_if",
)
TABLES = ("columns", "constants", "split", "lookup", "flags", "skip", "hours", "phones")
CLOCKS, DATES = ("12", "24"), ("iso", "mdy", "dmy")
PHONE_KEYS = ("column", "extension", "for", "type", "private_if")
PHONE_TYPES = ("voice", "text", "fax", "textphone")

Values = tuple[str, ...]


class MapError(UnreadableFile):
    """A map of columns that cannot be used. `detail` names the key, what stands there and what is allowed."""

    def __init__(self, detail: str) -> None:
        super().__init__("bad-map", detail)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What cells stand for. A pattern with "*" matches anything in its place; case and runs of blanks do not count."""

    exact: Mapping[str, Values]
    patterns: tuple[tuple[Values, Values], ...] = ()

    def of(self, text: str, *, first: bool) -> Values | None:
        """The values of a cell: of its own entry, else of the `first` pattern that fits or of all; None where none does."""
        text = folded(text)
        if text in self.exact:
            return self.exact[text]
        found = [values for pieces, values in self.patterns if _fits(pieces, text)]
        if first:
            found = found[:1]
        return tuple(dict.fromkeys(value for values in found for value in values)) if found else None


@dataclass(frozen=True, slots=True)
class PhoneColumn:
    """A column of numbers, with the columns of what is for them, and the one that says that they are nobody's business."""

    column: str
    extension: str | None = None
    purpose: str | None = None
    type: str | None = None
    private_if: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The map of one layout. Columns are named as the file writes them, whatever the case and the blanks.

    `key` is empty for the natural key. `needed` are the columns without which a file is another one; `columns` those that are
    read at all, so that every other is dropped. Any word but a no in a column of `exclude_if` keeps a row out, and any but a yes
    in one of `public_if`; a blank cell does not.
    """

    title: str | None
    kind: str | None
    key: Values
    delimiter: str
    clock: str
    dates: str
    minutes: int
    by_day: bool | None
    fields: Mapping[str, Values]
    constants: Mapping[str, Values]
    splits: Mapping[str, str]
    lookups: Mapping[str, Lookup]
    flags: Mapping[str, Values]
    skips: Mapping[str, Lookup]
    hours: Mapping[str, str]
    phones: tuple[PhoneColumn, ...]
    optional: frozenset[str] = field(default_factory=frozenset)
    exclude_if: Values = ()
    public_if: Values = ()

    @property
    def columns(self) -> Values:
        """Every column that the map names, once."""
        parts = ((phone.column, phone.extension, phone.purpose, phone.private_if) for phone in self.phones)
        named = (
            *self.key,
            *(column for columns in self.fields.values() for column in columns),
            *self.flags,
            *self.skips,
            *self.exclude_if,
            *self.public_if,
            *self.hours.values(),
            *(column for part in parts for column in part if column),
        )
        found: dict[str, str] = {}
        for column in named:
            found.setdefault(squeeze(column), column)
        return tuple(found.values())

    @property
    def needed(self) -> Values:
        """The columns that have to be there."""
        return tuple(column for column in self.columns if squeeze(column) not in self.optional)


def folded(text: str) -> str:
    """The form in which cells are compared with what a map says: lower case, runs of blanks as one."""
    return " ".join(text.casefold().split())


def load_map(stream: BinaryIO) -> ColumnMap:
    """The map in a TOML file. Raises MapError naming the key at fault and what is allowed there."""
    try:
        document = tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MapError(f"not TOML: {error}") from error
    _known(document, (*SETTINGS, *TABLES), "the map")
    found = _map(document)
    if not {"name"} & {*found.fields, *found.constants}:
        raise MapError("columns: no name")
    if not found.kind and "kind" not in found.fields:
        raise MapError(f"kind: none; allowed: {', '.join(KINDS)}")
    if missable := _missable(found):
        raise MapError(f"optional: {missable} says what must not be shown, and a file without it would show all")
    if private := _private(found, _texts(document, "private")):
        raise MapError(f"private: {private} is named as a column to be read")
    return found


def _map(document: Mapping[str, object]) -> ColumnMap:
    constants = {
        name: _values(name, value, f"constants.{name}") for name, value in _table(document, "constants", FIELDS)
    }
    for name in ("kind", "program"):
        if name in document:
            constants[name] = _values(name, document[name], name)
    key = _texts(document, "key")
    if not key:
        raise MapError(f"key: names of columns are needed, or {list(NATURAL)} for what a listing is known by")
    return ColumnMap(
        title=_text(document, "title"),
        kind=constants.get("kind", (None,))[0],
        key=() if key == NATURAL else key,
        delimiter=_delimiter(document),
        clock=_choice(document, "clock", CLOCKS),
        dates=_choice(document, "dates", DATES),
        minutes=_minutes(document),
        by_day=_flag(document, "by_day"),
        fields={name: _strings(value, f"columns.{name}") for name, value in _table(document, "columns", FIELDS)},
        constants=constants,
        splits={name: _string(value, f"split.{name}") for name, value in _table(document, "split", FIELDS)},
        lookups=dict(_lookups(document)),
        flags={column: tuple(_facets(column, value)) for column, value in _table(document, "flags")},
        skips={column: _matcher(_strings(value, f"skip.{column}")) for column, value in _table(document, "skip")},
        hours={day: _string(value, f"hours.{day}") for day, value in _table(document, "hours", DAY_NAMES)},
        phones=tuple(_phones(document)),
        optional=frozenset(squeeze(column) for column in _texts(document, "optional")),
        exclude_if=_texts(document, "exclude_if"),
        public_if=_texts(document, "public_if"),
    )


def _known(given: Iterable[str], allowed: Iterable[str], where: str) -> None:
    allowed = tuple(allowed)
    for name in given:
        if name not in allowed:
            raise MapError(f"{where}: unknown key {name!r}; allowed: {', '.join(allowed)}")


def _table(document: Mapping[str, object], name: str, allowed: Iterable[str] | None = None) -> list[tuple[str, object]]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise MapError(f"{name}: a table is needed, as in [{name}]")
    if allowed is not None:
        _known(table, allowed, name)
    return list(table.items())


def _string(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise MapError(f"{where}: a text is needed, not {value!r}")
    return value


def _strings(value: object, where: str) -> Values:
    """A text or a list of texts. A blank one is allowed, as in a rule for blank cells."""
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) for item in items):
        raise MapError(f"{where}: a text or a list of texts is needed, not {value!r}")
    return tuple(items)


def _text(document: Mapping[str, object], name: str) -> str | None:
    return _string(document[name], name) if name in document else None


def _texts(document: Mapping[str, object], name: str) -> Values:
    return _strings(document[name], name) if name in document else ()


def _flag(document: Mapping[str, object], name: str) -> bool | None:
    value = document.get(name)
    if value is not None and not isinstance(value, bool):
        raise MapError(f"{name}: true or false is needed, not {value!r}")
    return value


def _choice(document: Mapping[str, object], name: str, allowed: Values) -> str:
    """One of a fixed list; where it is not given, the first."""
    value = document.get(name, allowed[0])
    if value not in allowed:
        raise MapError(f"{name}: unknown value {value!r}; allowed: {', '.join(allowed)}")
    return str(value)


def _delimiter(document: Mapping[str, object]) -> str:
    value = _text(document, "delimiter") or ","
    if len(value) != 1 or value in '"\r\n':
        raise MapError(f"delimiter: one sign is needed, not {value!r}")
    return value


def _minutes(document: Mapping[str, object]) -> int:
    value = document.get("minutes", 60)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 24 * 60:
        raise MapError(f"minutes: a whole number from 1 to 1440 is needed, not {value!r}")
    return value


def _values(name: str, value: object, where: str) -> Values:
    """The values of a field that a map sets itself, each of the field's own vocabulary."""
    found = _strings([str(value)] if isinstance(value, int | float) and not isinstance(value, bool) else value, where)
    allowed = CHOICES.get(name) or FACETS.get(name)
    for item in found:
        if allowed and item not in allowed:
            raise MapError(f"{where}: unknown value {item!r}; allowed: {', '.join(allowed)}")
    return found


def _lookups(document: Mapping[str, object]) -> Iterator[tuple[str, Lookup]]:
    for name, table in _table(document, "lookup", FIELDS):
        if not isinstance(table, dict):
            raise MapError(f"lookup.{name}: a table is needed, as in [lookup.{name}]")
        entries = {
            text: () if value == [] else _values(name, value, f"lookup.{name}.{text}") for text, value in table.items()
        }
        yield name, _lookup(entries)


def _lookup(entries: Mapping[str, Values]) -> Lookup:
    exact = {folded(text): values for text, values in entries.items() if "*" not in text}
    patterns = ((tuple(folded(text).split("*")), values) for text, values in entries.items() if "*" in text)
    return Lookup(exact, tuple(patterns))


def _fits(pieces: Values, text: str) -> bool:
    """Whether a text is made of these pieces in their order, with anything between them. A regular expression could take for ever."""
    first, *middle, last = pieces
    if not text.startswith(first) or not text[len(first) :].endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _matcher(values: Values) -> Lookup:
    return _lookup(dict.fromkeys(values, ("",)))


def _facets(column: str, value: object) -> Iterator[str]:
    """The "facet:value" pairs of a column that is ticked; "type:O" is a code of the listing's program."""
    for pair in _strings(value, f"flags.{column}"):
        facet, _, name = pair.partition(":")
        _known([facet], ("type", *FACETS), f"flags.{column}")
        if facet != "type":
            _values(facet, name, f"flags.{column}")
        yield pair


def _phones(document: Mapping[str, object]) -> Iterator[PhoneColumn]:
    tables = document.get("phones", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise MapError("phones: tables are needed, as in [[phones]]")
    for table in tables:
        _known(table, PHONE_KEYS, "phones")
        texts = {name: _string(value, f"phones.{name}") for name, value in table.items()}
        if "column" not in texts:
            raise MapError("phones: no column")
        _known([texts.get("type", "voice")], PHONE_TYPES, "phones.type")
        yield PhoneColumn(
            texts["column"], texts.get("extension"), texts.get("for"), texts.get("type"), texts.get("private_if")
        )


def _missable(found: ColumnMap) -> str:
    """The first optional column without which a file would show what should not be; no number is shown without its `private_if`."""
    hides = set(found.constants.get("visibility", ())) - {Visibility.FULL.value}
    shows = () if hides else found.fields.get("visibility", ())
    named = (*shows, *found.skips, *found.exclude_if, *found.public_if)
    return next((column for column in named if squeeze(column) in found.optional), "")


def _private(found: ColumnMap, patterns: Values) -> str:
    """The first column that is read although the map calls it private. What says that a number is private may be read."""
    signs = {squeeze(phone.private_if) for phone in found.phones if phone.private_if}
    lookup = _matcher(patterns)
    named = (column for column in found.columns if squeeze(column) not in signs)
    return next((column for column in named if lookup.of(column, first=True) is not None), "")
