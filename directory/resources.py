"""Where templates, static files, seeds and catalogues lie: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder of this name. A wheel carries it under `_data/`."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def catalogues() -> Path:
    """The message catalogues."""
    return _PACKAGE / "locale"
