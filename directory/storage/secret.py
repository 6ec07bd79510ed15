"""The secret of a site for which nobody has set one: made once, and kept in a file beside the database that only its owner can read."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from directory.storage import db

WITHOUT_FILE = Path("var/footbridge")
"""Beside what the secret lies where the database is not a file of ours."""


def secret_path(url: str) -> Path:
    """Where the secret of the database at this address is kept."""
    path = db.sqlite_path(url) or WITHOUT_FILE
    return path.with_name(f"{path.name}.secret")


@cache
def kept_secret(url: str) -> str:
    """The secret of the database at this address. Of several processes that make it at once all get the same. Raises OSError."""
    path = secret_path(url)
    if not path.exists():
        _make(path)
    return path.read_text(encoding="ascii")


def _make(path: Path) -> None:
    """Writes it aside and links it into place, so that nobody reads half of it and the first who comes wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")  # which only its owner can read
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        os.unlink(aside)
