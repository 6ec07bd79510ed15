"""The command `footbridge`: parses, runs one use case in one event loop, prints. Exit 0 done, 1 failed, 2 wrong use."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Sequence
from contextlib import closing, suppress
from zoneinfo import ZoneInfo

import uvicorn
from tortoise.exceptions import BaseORMException
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from directory import (
    __version__,
    cli_check,
    cli_export,
    cli_geocode,
    cli_import,
    cli_records,
    cli_runs,
    cli_text,
    cli_user,
    cli_waitlist,
)
from directory.cli_common import Command, Refused, operator, ready
from directory.domain.errors import BadQuery, PlaceNotFound
from directory.domain.search import parse
from directory.domain.taxonomy import KINDS
from directory.services import seeding, texts
from directory.services.clock import clock_of
from directory.services.corrections import corrections_list
from directory.services.recovery import run_recover
from directory.services.search import search_run
from directory.settings import PREFIX, BadSettings, Settings, read
from directory.sockets import OwnSocket
from directory.storage import db, records, schema
from directory.web.api import found_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = read(os.environ)
        records.use_keys(settings.audit_keys)
        texts.use(settings.notices)
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

    cli_import.add_commands(commands)
    cli_runs.add_commands(commands)
    cli_export.add_commands(commands)
    cli_geocode.add_commands(commands)
    cli_check.add_commands(commands)
    cli_records.add_commands(commands)
    cli_user.add_commands(commands)
    cli_waitlist.add_commands(commands)

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


# --- serve -----------------------------------------------------------------------------------------------------------


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    """Prepares the database in a process of its own, since reading the gazetteer leaves much memory behind, then serves."""
    if options.workers > 1 and settings.is_sqlite:
        raise Refused("SQLite serves one process: use --workers 1, or PostgreSQL through DIRECTORY_DATABASE_URL.", 2)
    _check_port(options.host, options.port)
    address = _address(options.host, options.port)
    # For the processes that prepare and serve, which read their settings anew.
    os.environ[f"{PREFIX}BIND"] = options.host
    os.environ[f"{PREFIX}BASE_URL"] = os.environ.get(f"{PREFIX}BASE_URL", "").strip() or address
    prepare = [sys.executable, "-m", "directory", "migrate", *(["--demo-if-empty"] if options.demo_if_empty else [])]
    if subprocess.run(prepare, stdout=subprocess.DEVNULL).returncode:
        return 1
    print(f"Footbridge is at {address}  (Ctrl-C stops it)", flush=True)
    config = uvicorn.Config(
        "directory.app:from_environment",
        factory=True,
        host=options.host,
        port=options.port,
        workers=options.workers,
        access_log=False,
        log_level="warning",
        server_header=False,
    )
    if options.workers > 1:
        Multiprocess(config, [OwnSocket.of(options.host, options.port)]).run()
        return 0
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else STARTUP_FAILURE


def _address(host: str, port: int) -> str:
    """Where a browser on this machine finds what listens there: "all addresses" is none that one can open."""
    named = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{named}]:{port}" if ":" in named else f"http://{named}:{port}"


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
        await run_recover(clock=clock, settings=settings)
        if options.demo_if_empty and not settings.is_production:
            await seeding.demo_load(clock=clock, settings=settings, only_if_empty=True)
    print(f"Applied {', '.join(applied)}." if applied else "The schema is up to date.")
    return 0


async def _seed(options: argparse.Namespace, settings: Settings) -> int:
    await schema.migrate(settings.database_url)
    clock = clock_of(settings)
    async with db.connect(settings.database_url):
        await run_recover(clock=clock, settings=settings)
        if options.remove_demo:
            count = await seeding.demo_remove(now=clock(), by=operator())
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


# --- search ----------------------------------------------------------------------------------------------------------


async def _search(options: argparse.Namespace, settings: Settings) -> int:
    words = " ".join(options.words)
    asked = [("q", words), ("near", options.near), ("within", options.within), ("page", options.page)]
    query, problems = parse([*asked, *(("kind", kind) for kind in options.kind)])
    if problems:
        raise Refused("; ".join(cli_text.problem(found) for found in problems), 2)
    await ready(settings)
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
    await ready(settings)
    async with db.connect(settings.database_url):
        found = await corrections_list()
    if options.json:
        print(json.dumps(cli_text.corrections_json(found), ensure_ascii=False))
    else:
        print(cli_text.corrections(found, ZoneInfo(settings.timezone)))
    return 0
