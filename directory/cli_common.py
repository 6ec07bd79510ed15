"""What the commands share: how one refuses, the database that it needs, and in whose name it acts."""

from __future__ import annotations

import argparse
import getpass
import os
import re
from collections.abc import Awaitable, Callable
from typing import Any

from directory.services import seeding
from directory.services.clock import clock_of
from directory.services.recovery import run_recover
from directory.settings import Settings
from directory.storage import db, schema

Command = Callable[[argparse.Namespace, Settings], Awaitable[int]]
Parsers = Any
"""What `add_subparsers` gives; argparse does not name its type."""


class Refused(Exception):
    """The command cannot do what it is asked. The text is one line; `code` the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


async def ready(settings: Settings) -> None:
    """A command works on a fresh clone too: it makes the database that it needs, and ends what a dead process left half done."""
    await schema.migrate(settings.database_url)
    async with db.connect(settings.database_url):
        await seeding.seeds_load(clock=clock_of(settings), settings=settings)
        await run_recover(clock=clock_of(settings), settings=settings)


def operator() -> str:
    """Who runs the command, for the audit entry: there is no anonymous change."""
    try:
        return f"command line: {getpass.getuser()}"[:80]
    except (KeyError, OSError):
        return f"command line: user {os.getuid()}"


def source_name(text: str) -> str:
    """The name of a source, as the type of an argument."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", text):
        raise argparse.ArgumentTypeError(f"{text!r}: use letters, figures, dots and dashes, at most 80")
    return text
