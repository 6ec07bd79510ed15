"""The command `export`: every active listing into a file, or to whatever reads the standard output."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from directory import cli_text
from directory.cli_common import Parsers, Refused, ready, source_name
from directory.domain.taxonomy import PROGRAMS
from directory.services.exports import FORMATS, Export, export_write
from directory.settings import Settings
from directory.storage import db
from directory.storage.sources import find as source_find


def add_commands(commands: Parsers) -> None:
    """Adds `export` to the commands."""
    out = commands.add_parser("export", help="write every active listing into a file")
    out.add_argument("format", choices=FORMATS, metavar="FORMAT", help=" or ".join(FORMATS))
    out.add_argument("--source", type=source_name, metavar="NAME", help="only the listings of this source")
    out.add_argument(
        "--fellowship", choices=PROGRAMS, metavar="CODE", help="with meeting-guide: only meetings of this fellowship"
    )
    out.add_argument("--out", type=Path, metavar="FILE", help="the file, else standard output")
    out.set_defaults(run=_export)


async def _export(options: argparse.Namespace, settings: Settings) -> int:
    if options.fellowship and options.format != "meeting-guide":
        raise Refused("--fellowship goes with meeting-guide: the other formats hold more than meetings.", 2)
    await ready(settings)
    async with db.connect(settings.database_url):
        if options.source and not await source_find(options.source):
            raise Refused(f"there is no source {options.source!r}.", 2)
        with cli_text.Progress("export", "listings") as progress, _target(options.out) as file:
            done = await export_write(
                format=options.format,
                write=file.write,
                base_url=settings.base_url,
                source=options.source,
                fellowship=options.fellowship,
                progress=progress,
            )
    print(_told(done, options.format), file=sys.stderr)
    return 0


def _told(done: Export, format: str) -> str:
    lines = [f"{done.listings} active listings read."]
    lines += [f"  left out, {reason}: {count}" for reason, count in done.left_out.items()]
    if len(done.fellowships) > 1:
        names = ", ".join(done.fellowships)
        lines.append(f"  note, their type codes mean different things: {names}. --fellowship CODE writes one of them.")
    return "\n".join(lines)


@contextmanager
def _target(path: Path | None) -> Iterator[BinaryIO]:
    """The file to write to. It takes the place of the old one only once it is whole, so that a killed export leaves that as it was."""
    if path is None:
        with _standard_output() as out:
            yield out
        return
    whole = path.resolve()  # a link stays a link
    try:
        file = NamedTemporaryFile(dir=whole.parent, prefix=f".{whole.name}.", suffix=".part", delete=False)  # noqa: SIM115
    except OSError as error:
        raise Refused(f"cannot write {path}: {error.strerror}") from None
    try:
        with file:
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(file.name, _mode(whole))
        os.replace(file.name, whole)
    except BaseException:
        with suppress(OSError):
            os.unlink(file.name)
        raise


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    """Standard output; who reads it may have seen enough before the end."""
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python would try once more at its end, and complain: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Refused("whoever reads the export has stopped reading") from None


def _mode(path: Path) -> int:
    """The rights of the file that is replaced, else those of a file as this user makes it."""
    with suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
