"""Collects every text that is marked for translation, for the test that compares them with the catalogues and for whoever updates one.

`python -m tests.catalogues` writes what is missing into each `messages.po` (with an empty translation) and drops what is left over.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from directory.i18n import LANGUAGES
from directory.resources import catalogues, folder

KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "NN_": (1, 2),
    "pgettext": ((1, "c"), 2),
}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}, "**.txt": {"trimmed": "true", "silent": "false"}}


def collected() -> Catalog:
    """Every marked text of the code and the templates."""
    found = Catalog(project="Footbridge", charset="utf-8")
    for root in (catalogues().parent, folder("templates")):
        for file, line, message, comments, context in extract_from_dir(root, METHODS, OPTIONS, KEYWORDS):
            if message:
                found.add(
                    message, None, [(Path(root.name, file).as_posix(), line)], auto_comments=comments, context=context
                )
    return found


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def path_of(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return catalogues() / language / "LC_MESSAGES" / "messages.po"


def update() -> None:
    """Brings every catalogue in line with the texts; nothing is guessed, so what is new stays empty."""
    template = collected()
    for language in LANGUAGES[1:]:
        catalogue = read(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        with path_of(language).open("wb") as file:
            write_po(file, catalogue, sort_output=True, no_location=True, width=120)


if __name__ == "__main__":
    update()
