"""The command `footbridge`: parses, runs one use case in one event loop, prints. Exit 0 done, 1 failed, 2 wrong use."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from tortoise.exceptions import BaseORMException

from directory import __version__, cli_text
from directory.domain.errors import BadQuery, PlaceNotFound
from directory.domain.search import parse
from directory.domain.taxonomy import KINDS, PROGRAMS
from directory.services import exchange, seeding
from directory.services.clock import clock_of
from directory.services.corrections import corrections_list
from directory.services.search import search_run
from directory.settings import BadSettings, Settings, read
from directory.storage import db, schema
from directory.storage.sources import find as source_find
from directory.web.api import found_json

Command = Callable[[argparse.Namespace, Settings], Awaitable[int]]


class Refused(Exception):
    """The command cannot do what it is asked. The text is one line; `code` the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = read(os.environ)
        if options.command == "serve":
            return _serve(options, settings)
        run: Command = options.run
        return asyncio.run(_awaited(run(options, settings)))
    except Refused as refused:
        return _fail(str(refused), refused.code)
    except BadSettings as wrong:
        return _fail(str(wrong))
    except (BaseORMException, schema.BrokenDatabase, OSError) as error:
        return _fail(f"{type(error).__name__}: {error}".replace("\n", " "))
    except KeyboardInterrupt:
        return _fail("stopped", 130)


async def _awaited(running: Awaitable[int]) -> int:
    return await running


def _fail(text: str, code: int = 1) -> int:
    print(f"footbridge: {text}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="footbridge", description="A treatment waitlist and resource directory.")
    parser.add_argument("--version", action="version", version=f"footbridge {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="bring the database up to date, then serve the site")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=int, default=1, help="processes; more than one needs PostgreSQL")
    serve.add_argument("--demo-if-empty", action="store_true", help="add demonstration data to an empty database")

    migrate = commands.add_parser("migrate", help="bring the schema and the reference tables up to date")
    migrate.add_argument("--demo-if-empty", action="store_true", help="add demonstration data to an empty database")
    migrate.set_defaults(run=_migrate)

    seed = commands.add_parser("seed", help="load reference tables, and demonstration data if asked")
    which = seed.add_mutually_exclusive_group()
    which.add_argument("--demo", action="store_true", help="add the invented county to an empty database")
    which.add_argument("--remove-demo", action="store_true", help="take the invented county out")
    seed.set_defaults(run=_seed)

    load = commands.add_parser("import", help="bring a source up to date with a file")
    load.add_argument("format", choices=exchange.FORMATS, metavar="FORMAT", help=" or ".join(exchange.FORMATS))
    load.add_argument("path", metavar="PATH", help="the file")
    load.add_argument(
        "--source", required=True, type=_source_name, metavar="NAME", help="whose complete content the file is"
    )
    load.add_argument(
        "--fellowship", choices=PROGRAMS, metavar="CODE", help="whose type codes a meeting list uses (aa, na, ...)"
    )
    load.add_argument("--partial", action="store_true", help="the file is a part: take nothing out")
    load.add_argument("--dry-run", action="store_true", help="report what would happen and change nothing")
    load.add_argument("--json", action="store_true", help="print one JSON object")
    load.set_defaults(run=_import)

    search = commands.add_parser("search", help="the search of the site, in the terminal")
    search.add_argument("words", nargs="*", metavar="WORDS", help="all must match")
    search.add_argument("--near", default="", metavar="PLACE", help='a ZIP code, "City, ST" or an address')
    search.add_argument("--within", default="", metavar="MILES", help="1 to 500, default 25")
    search.add_argument("--kind", action="append", default=[], choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    search.add_argument("--page", default="", metavar="NUMBER")
    search.add_argument("--json", action="store_true", help="print one JSON object")
    search.set_defaults(run=_search)

    wrong = commands.add_parser("corrections", help="what visitors say is wrong with listings, the newest first")
    wrong.add_argument("--json", action="store_true", help="print one JSON object")
    wrong.set_defaults(run=_corrections)
    return parser


def _source_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", text):
        raise argparse.ArgumentTypeError(f"{text!r}: use letters, figures, dots and dashes, at most 80")
    return text


# --- serve -----------------------------------------------------------------------------------------------------------


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    """Prepares the database in a process of its own, since reading the gazetteer leaves much memory behind, then serves."""
    if options.workers > 1 and settings.is_sqlite:
        raise Refused("SQLite serves one process: use --workers 1, or PostgreSQL through DIRECTORY_DATABASE_URL.", 2)
    _check_port(options.host, options.port)
    prepare = [sys.executable, "-m", "directory", "migrate", *(["--demo-if-empty"] if options.demo_if_empty else [])]
    if subprocess.run(prepare, stdout=subprocess.DEVNULL).returncode:
        return 1
    print(f"Footbridge is at http://{options.host}:{options.port}  (Ctrl-C stops it)", flush=True)
    uvicorn.run(
        "directory.app:from_environment",
        factory=True,
        host=options.host,
        port=options.port,
        workers=options.workers,
        access_log=False,
        log_level="warning",
        server_header=False,
    )
    return 0


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except (OSError, OverflowError) as error:
            raise Refused(
                f"cannot use port {port} on {host} ({error}): stop what uses it, or choose another with --port."
            ) from None


# --- database --------------------------------------------------------------------------------------------------------


async def _migrate(options: argparse.Namespace, settings: Settings) -> int:
    applied = await schema.migrate(settings.database_url)
    clock = clock_of(settings)
    async with db.connect(settings.database_url):
        await seeding.seeds_load(clock=clock, settings=settings)
        if options.demo_if_empty and not settings.is_production:
            await seeding.demo_load(clock=clock, settings=settings, only_if_empty=True)
    print(f"Applied {', '.join(applied)}." if applied else "The schema is up to date.")
    return 0


async def _seed(options: argparse.Namespace, settings: Settings) -> int:
    await schema.migrate(settings.database_url)
    clock = clock_of(settings)
    async with db.connect(settings.database_url):
        if options.remove_demo:
            count = await seeding.demo_remove(now=clock(), by=_operator())
            print(f"Took out {count} invented listings and their towns.")
            return 0
        seeded = await seeding.seeds_load(clock=clock, settings=settings)
        print(f"Loaded {seeded.codes} codes, {seeded.places} places and {seeded.listings} national numbers.")
        if options.demo:
            report = await seeding.demo_load(clock=clock, settings=settings)
            if report is None:
                raise Refused("demonstration data goes into an empty database only, and this one holds listings.")
            print(f"Added {report.added} invented listings; `footbridge seed --remove-demo` takes them out.")
    return 0


# --- import ----------------------------------------------------------------------------------------------------------


async def _import(options: argparse.Namespace, settings: Settings) -> int:
    if "://" in options.path:
        raise Refused("give a file: reading from an address is not built yet.", 2)
    await _ready(settings)
    async with db.connect(settings.database_url):
        report = await _import_file(options, settings)
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print(cli_text.report(report))
    return 1 if report.error else 0


async def _import_file(options: argparse.Namespace, settings: Settings) -> exchange.Report:
    known = await source_find(options.source)
    if known and known["format"] != options.format:
        raise Refused(
            f"source {options.source!r} holds {known['format']} data: give another --source for {options.format}.", 2
        )
    fellowship = options.fellowship or (known or {}).get("fellowship")
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(options.path).open("rb"))  # noqa: ASYNC230 - a command holds nobody up
        except OSError as error:
            reason = f"cannot read {options.path}: {error.strerror}"
            return exchange.Report(None, options.source, options.format, options.dry_run, error=reason)
        progress = stack.enter_context(cli_text.Progress(options.path))
        return await exchange.import_run(
            stream=stream,
            reader=exchange.reader_of(options.format, fellowship),
            format=options.format,
            source=options.source,
            fellowship=fellowship if options.format == "meeting-guide" else None,
            by=_operator(),
            clock=clock_of(settings),
            settings=settings,
            partial=options.partial,
            dry_run=options.dry_run,
            progress=progress,
        )


async def _ready(settings: Settings) -> None:
    """A command works on a fresh clone too: it makes the database that it needs."""
    await schema.migrate(settings.database_url)
    async with db.connect(settings.database_url):
        await seeding.seeds_load(clock=clock_of(settings), settings=settings)


def _operator() -> str:
    """Who runs the command, for the audit entry: there is no anonymous change."""
    try:
        return f"command line: {getpass.getuser()}"[:80]
    except (KeyError, OSError):
        return f"command line: user {os.getuid()}"


# --- search ----------------------------------------------------------------------------------------------------------


async def _search(options: argparse.Namespace, settings: Settings) -> int:
    words = " ".join(options.words)
    asked = [("q", words), ("near", options.near), ("within", options.within), ("page", options.page)]
    query, problems = parse([*asked, *(("kind", kind) for kind in options.kind)])
    if problems:
        raise Refused("; ".join(cli_text.problem(found) for found in problems), 2)
    await _ready(settings)
    async with db.connect(settings.database_url):
        try:
            found = await search_run(query=query, now=clock_of(settings)(), settings=settings, counts=options.json)
        except PlaceNotFound as missing:
            hint = f" Did you mean: {'; '.join(missing.suggestions)}?" if missing.suggestions else ""
            raise Refused(f"no place is called {missing.place!r}.{hint}", 2) from None
        except BadQuery as bad:
            raise Refused("; ".join(cli_text.problem(found) for found in bad.problems), 2) from None
    print(json.dumps(found_json(found), ensure_ascii=False) if options.json else cli_text.results(found))
    return 0


# --- corrections -----------------------------------------------------------------------------------------------------


async def _corrections(options: argparse.Namespace, settings: Settings) -> int:
    await _ready(settings)
    async with db.connect(settings.database_url):
        found = await corrections_list()
    if options.json:
        print(json.dumps(cli_text.corrections_json(found), ensure_ascii=False))
    else:
        print(cli_text.corrections(found, ZoneInfo(settings.timezone)))
    return 0
