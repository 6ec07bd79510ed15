"""The command `waitlist`: today's spreadsheet of people who wait, read for a coordinator to agree to."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from directory.cli_common import Parsers, Refused, operator
from directory.domain.errors import UnreadableFile
from directory.formats.waitlist_map import FIELDS, LineMap, load_line_map
from directory.services.clock import clock_of
from directory.services.waitlist.line_imports import NoSuchLine, ReadBefore, Report, import_read
from directory.settings import Settings
from directory.storage import db, locks, schema

MOST_TOLD = 50
"""Rows that were turned away which are listed in the terminal."""
COLUMNS = (
    f"Without --map the columns are called as the fields are: {', '.join(FIELDS)}, and the codes of the facts. 'requested' is the day of "
    "the request, and needed; so is 'called' or 'name'. Nobody is put in before a coordinator has agreed on the site."
)
UNREADABLE = {
    "empty": "the file is empty",
    "no-header": "the first row does not have the columns",
    "not-text": "this is neither a CSV file nor a workbook",
    "not-a-workbook": "this workbook cannot be read",
    "too-large": "the file is too large",
}
BEFORE = {
    "waiting": "it waits for a coordinator",
    "agreed": "its people are being put in",
    "done": "its people are in their lines",
}


def add_commands(commands: Parsers) -> None:
    """Adds `waitlist` to the commands."""
    waitlist = commands.add_parser("waitlist", help="people who wait").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    load = waitlist.add_parser(
        "import", help="read a spreadsheet of people who wait, for a coordinator to agree to", description=COLUMNS
    )
    load.add_argument("path", type=Path, metavar="FILE", help="a CSV file, or a workbook (.xlsx)")
    load.add_argument(
        "--agency", required=True, metavar="NAME", help="the peer agency that keeps these people's places"
    )
    load.add_argument("--line", default="", metavar="NAME", help="the line of those whose row names none")
    load.add_argument("--map", type=Path, metavar="FILE.toml", help="what the columns mean")
    load.add_argument("--dry-run", action="store_true", help="report each row and keep nothing")
    load.add_argument("--json", action="store_true", help="print one JSON object")
    load.set_defaults(run=_import)


async def _import(options: argparse.Namespace, settings: Settings) -> int:
    layout = _layout(options.map) if options.map else None
    await schema.migrate(settings.database_url)
    async with db.connect(settings.database_url):
        try:
            report = await _read(options, layout, settings)
        except UnreadableFile as error:
            detail = f": {error.detail}" if error.detail else ""
            return _refused(options, f"{UNREADABLE.get(error.reason, error.reason)}{detail}")
        except ReadBefore as error:
            state = BEFORE.get(error.state, error.state)
            return _refused(
                options, f"this very file was read before, as import {error.id}: {state}. Nothing was done twice"
            )
        except NoSuchLine as error:
            kind = "open peer agency" if error.what == "agency" else "open line of this agency"
            return _refused(options, f"no {kind} is called {error.name!r}")
        except locks.Held:
            return _refused(options, "this very file is being read by somebody else right now")
    print(json.dumps(report.as_json(), ensure_ascii=False) if options.json else _told(report, settings))
    return 0


async def _read(options: argparse.Namespace, layout: LineMap | None, settings: Settings) -> Report:
    try:
        stream = options.path.open("rb")
    except OSError as error:
        raise Refused(f"cannot read {options.path}: {error.strerror}") from None
    with stream:
        return await import_read(
            stream=stream,
            file=options.path.name,
            agency=options.agency,
            line=options.line,
            layout=layout,
            by=operator(),
            now=clock_of(settings)(),
            settings=settings,
            dry_run=options.dry_run,
        )


def _layout(path: Path) -> LineMap:
    try:
        with path.open("rb") as stream:
            return load_line_map(stream)
    except OSError as error:
        raise Refused(f"cannot read the map {path}: {error.strerror}", 2) from None
    except UnreadableFile as error:
        raise Refused(f"the map {path} cannot be used: {error.detail}", 2) from None


def _refused(options: argparse.Namespace, text: str) -> int:
    """Says what is in the way: with --json as a program reads it, beside the exit code."""
    if not options.json:
        raise Refused(f"{text}.")
    print(json.dumps({"import": None, "dry_run": options.dry_run, "error": text}, ensure_ascii=False))
    return 1


def _told(report: Report, settings: Settings) -> str:
    """The report as a terminal shows it: no name, no number, nothing of a row but its line and why it was turned away."""
    given = report.as_json()
    lines = [
        f"Read {given['read']} rows of {report.file}: {_people(len(report.read.rows))}, {len(report.read.turned)} turned away."
    ]
    lines += [f"  {name}: {number}" for name, number in sorted(report.read.counts.items())]
    lines += [f"  line {each['line']}: {each['reason']}" for each in report.read.turned[:MOST_TOLD]]
    if len(report.read.turned) > MOST_TOLD:
        lines.append(f"  and {len(report.read.turned) - MOST_TOLD} more")
    if report.id is None:
        return "\n".join([*lines, "A trial: nothing was kept."])
    address = f"{settings.base_url.rstrip('/')}/line-imports/{report.id}"
    return "\n".join([*lines, f"Nobody is in a line yet: a coordinator of {report.agency} says yes or no at {address}"])


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"
