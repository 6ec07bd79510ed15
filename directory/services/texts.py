"""Texts that an operator can replace: what the law has us say, in words that their counsel has read (seeds/notices.toml says how)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from directory.resources import folder
from directory.settings import BadSettings

BROUGHT = {"recovery-capital": 13}
"""Texts of which we have none, since their words belong to somebody else, and how many paragraphs one has: an operator may bring them."""
LONGEST_VERSION = 20
"""Signs: it is kept beside the code with what went out with a text."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one language. `version` is the operator's own mark of these words."""

    code: str
    version: str
    words: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The words as they are shown, one paragraph after the other."""
        return tuple(" ".join(part.split()) for part in self.words.split("\n\n") if part.strip())

    @property
    def stamp(self) -> str:
        """What is kept with whatever went out with this text, at most 40 signs."""
        return f"{self.code} {self.version}"


@dataclass(frozen=True, slots=True)
class _Entry:
    version: str
    by_language: Mapping[str, str]


def _read(path: Path) -> dict[str, _Entry]:
    """The texts of a file. Raises ValueError that says in one line what is wrong."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read ({' '.join(str(error).split()).rstrip('.')})") from None
    return {code: _entry(code, table) for code, table in tables.items()}


def _entry(code: str, table: object) -> _Entry:
    if not isinstance(table, dict) or not all(isinstance(value, str) and value.strip() for value in table.values()):
        raise ValueError(f"[{code}] is to hold texts alone: version, en and es")
    if not {"version", "en"} <= set(table) <= {"version", "en", "es"}:
        raise ValueError(f"[{code}] needs version and en, and knows es beside them")
    if len(table["version"]) > LONGEST_VERSION:
        raise ValueError(f"the version of [{code}] is longer than {LONGEST_VERSION} signs")
    return _Entry(table["version"], {name: text.strip() for name, text in table.items() if name != "version"})


_STANDARD = _read(folder("seeds") / "notices.toml")
"""Read once when the program starts, so that no visitor waits for a file."""
_texts: dict[str, _Entry] = dict(_STANDARD)


def use(path: str) -> None:
    """From here on with the texts of this file in the place of ours, in this process; "" for ours alone.

    Whoever starts a process (app.py, cli.py) says so once. Raises BadSettings for a file that cannot be used.
    """
    own: dict[str, _Entry] = {}
    try:
        own = _read(Path(path)) if path else own
        known = {*_STANDARD, *BROUGHT}
        if unknown := sorted(set(own) - known):
            raise ValueError(f"there is no text {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        _check_brought(own)
    except ValueError as wrong:
        raise BadSettings(f"DIRECTORY_NOTICES: {wrong}.") from None
    _texts.clear()
    _texts.update(_STANDARD | own)


def _check_brought(own: Mapping[str, _Entry]) -> None:
    """Raises ValueError where a text that an operator brings has too many or too few paragraphs in one of its languages."""
    for code, parts in BROUGHT.items():
        entry = own.get(code)
        for language, words in entry.by_language.items() if entry else ():
            if len(Text(code, "", words).paragraphs) != parts:
                raise ValueError(f"[{code}] needs {parts} paragraphs in {language}, with blank lines between")


def text_brought(code: str, language: str) -> Text | None:
    """A text that the operator may have brought; None where they have not."""
    return text_of(code, language) if code in _texts else None


def text_of(code: str, language: str) -> Text:
    """The text with this code in a language, or in English where it has none. Raises KeyError for a code that there is not."""
    found = _texts[code]
    return Text(code, found.version, found.by_language.get(language, found.by_language["en"]))
