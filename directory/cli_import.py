"""The commands `import` (a source is brought up to date with a file, or with what stands at an address) and `feeds`."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from directory import cli_text
from directory.cli_common import Parsers, Refused, operator, ready, source_name
from directory.domain.errors import UnreadableFile
from directory.domain.taxonomy import PROGRAMS
from directory.formats.column_map import ColumnMap, load_map
from directory.services.clock import clock_of
from directory.services.exchange import Report, import_run
from directory.services.feeds import MOST_HOURS, Order, feed_import, feeds_list, shown
from directory.services.readers import FORMATS, reader_of
from directory.settings import Settings
from directory.storage import db
from directory.storage.sources import find as source_find

MATCHES = ("key", "nature")


def add_commands(commands: Parsers) -> None:
    """Adds `import` and `feeds` to the commands."""
    load = commands.add_parser("import", help="bring a source up to date with a file")
    load.add_argument("format", choices=FORMATS, metavar="FORMAT", help=" or ".join(FORMATS))
    load.add_argument("path", metavar="PATH_OR_URL", help="the file, or its address (https://...)")
    load.add_argument(
        "--source", required=True, type=source_name, metavar="NAME", help="whose complete content the file is"
    )
    load.add_argument(
        "--fellowship", choices=PROGRAMS, metavar="CODE", help="whose type codes a meeting list uses (aa, na, ...)"
    )
    load.add_argument("--map", type=Path, metavar="FILE.toml", help="with csv: what the columns mean")
    load.add_argument("--match-by", choices=MATCHES, help="by what a row is known again, if not as the source is noted")
    load.add_argument("--partial", action="store_true", help="the file is a part: take nothing out")
    load.add_argument("--allow-removals", action="store_true", help="also when more than a fifth would be taken out")
    load.add_argument("--every", type=_hours, metavar="HOURS", help="read the address again so often; 0 ends that")
    load.add_argument("--dry-run", action="store_true", help="report what would happen and change nothing")
    load.add_argument("--json", action="store_true", help="print one JSON object")
    load.set_defaults(run=_import)

    feeds = commands.add_parser("feeds", help="the addresses that sources are read from, and how that went")
    feeds.add_argument("--json", action="store_true", help="print one JSON object")
    feeds.set_defaults(run=_feeds)


def _hours(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_HOURS:
        raise argparse.ArgumentTypeError(f"{text!r}: give hours, 1 to {MOST_HOURS}, or 0 for no more")
    return int(text)


async def _import(options: argparse.Namespace, settings: Settings) -> int:
    map_text = _checked(options)
    await ready(settings)
    async with db.connect(settings.database_url):
        fellowship = await _fellowship(options)
        with cli_text.Progress(_name(options.path)) as progress:
            given = _given(options, settings) | {"fellowship": fellowship, "progress": progress}
            if _is_address(options.path):
                order = Order(address=options.path, column_map=map_text, every_hours=options.every, **given)
                report = await feed_import(order=order)
            else:
                report = await _import_file(options.path, map_text, given)
    print(json.dumps(report.as_json(), ensure_ascii=False) if options.json else cli_text.report(report))
    return 1 if report.error else 0


def _is_address(path: str) -> bool:
    return "://" in path


def _name(path: str) -> str:
    """What the file is called where others can read it: without a key, and without the folders of this machine."""
    return shown(path) if _is_address(path) else Path(path).name


def _checked(options: argparse.Namespace) -> str | None:
    """The text of the map, if the format has one. Raises Refused for options that do not go together."""
    if options.every is not None and not _is_address(options.path):
        raise Refused("--every goes with an address: a file is read when you say so.", 2)
    if options.every is not None and options.dry_run:
        raise Refused("--every and --dry-run do not go together: a trial notes nothing.", 2)
    if options.fellowship and options.format != "meeting-guide":
        raise Refused("--fellowship goes with meeting-guide.", 2)
    if (options.map is not None) != (options.format == "csv"):
        raise Refused("csv needs --map FILE.toml, which says what its columns mean; no other format has one.", 2)
    return _map_text(options.map) if options.map else None


def _map_text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        _column_map(text)
    except OSError as error:
        raise Refused(f"cannot read the map {path}: {error.strerror}", 2) from None
    except UnicodeDecodeError:
        raise Refused(f"the map {path} is not UTF-8 text.", 2) from None
    except UnreadableFile as error:
        raise Refused(f"the map {path} cannot be used: {error.detail}", 2) from None
    return text


def _column_map(text: str | None) -> ColumnMap | None:
    return load_map(BytesIO(text.encode())) if text is not None else None


async def _fellowship(options: argparse.Namespace) -> str | None:
    """Whose meetings they are, as said now or before. Raises Refused for a source that holds another format."""
    known = await source_find(options.source) or {}
    if known and known["format"] != options.format:
        raise Refused(
            f"source {options.source!r} holds {known['format']} data: give another --source for {options.format}.", 2
        )
    found: str | None = options.fellowship or known.get("fellowship")
    return found if options.format == "meeting-guide" else None


def _given(options: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """What a file and an address are imported with alike."""
    return {
        "format": options.format,
        "source": options.source,
        "by": operator(),
        "clock": clock_of(settings),
        "settings": settings,
        "partial": options.partial,
        "dry_run": options.dry_run,
        "allow_removals": options.allow_removals,
        "match_by": options.match_by,
    }


async def _import_file(path: str, map_text: str | None, given: dict[str, Any]) -> Report:
    column_map = _column_map(map_text)
    reader = reader_of(given["format"], fellowship=given["fellowship"], column_map=column_map)
    about = {"title": column_map.title} if column_map and column_map.title else None
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(path).open("rb"))  # noqa: ASYNC230 - a command holds nobody up
        except OSError as error:
            reason = f"cannot read {path}: {error.strerror}"
            return Report(None, given["source"], given["format"], given["dry_run"], error=reason)
        return await import_run(stream=stream, reader=reader, origin=_name(path), about=about, **given)


async def _feeds(options: argparse.Namespace, settings: Settings) -> int:
    await ready(settings)
    async with db.connect(settings.database_url):
        found = await feeds_list()
    if options.json:
        print(json.dumps(cli_text.feeds_json(found), ensure_ascii=False))
    else:
        print(cli_text.feeds(found, ZoneInfo(settings.timezone)))
    return 0
