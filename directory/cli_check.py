"""The commands that look after a live database: `check` (does it hold together) and `retention` (what is cleared after its time)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from directory.cli_common import Parsers, operator, ready
from directory.cli_records import verdict_json, verdict_text
from directory.services.checking import Findings, database_check
from directory.services.clock import clock_of
from directory.services.waitlist.retention import retention_due, retention_run
from directory.settings import Settings
from directory.storage import db

SHOWN = 20
"""Ids of one sort that are printed; --json has them all."""
TABLES = {
    "migration-due": "the tables are of an older version: run `footbridge migrate`",
    "unguarded": "the record of changes is without its guards: run `footbridge migrate`, then `footbridge audit verify`",
    "without-indexes": "indexes are missing, and rules that something be unique with them: run `footbridge migrate`",
    "damaged": "the file is damaged: go back to a backup",
    "dangling-rows": "rows refer to rows that are gone: go back to a backup",
}


def add_commands(commands: Parsers) -> None:
    """Adds `check` and `retention` to the commands."""
    as_json: dict[str, Any] = {"action": "store_true", "help": "print one JSON object"}
    check = commands.add_parser("check", help="whether a live database holds together; exit 1 when it does not")
    check.add_argument("--waitlist", action="store_true", help="and all that must be so of people who wait")
    check.add_argument("--json", **as_json)
    check.set_defaults(run=_check)

    retention = commands.add_parser("retention", help="clear what is known of people once its time is over")
    retention.add_argument("--dry-run", action="store_true", help="only say what would be cleared")
    retention.add_argument("--json", **as_json)
    retention.set_defaults(run=_retention)


async def _check(options: argparse.Namespace, settings: Settings) -> int:
    """Opens the database as it is found: nothing is mended first."""
    async with db.connect(settings.database_url):
        found = await database_check(waitlist=options.waitlist, now=clock_of(settings)(), settings=settings)
    print(json.dumps(findings_json(found)) if options.json else "\n".join(findings_lines(found)))
    return 0 if found.holds else 1


def findings_json(found: Findings) -> dict[str, Any]:
    """The object of `check --json`: `waitlist` and `warnings` are ids by what is wrong, null where nobody asked."""
    return {
        "ok": found.holds,
        "tables": list(found.tables),
        "audit": verdict_json(found.audit),
        "waitlist": found.waitlist,
        "warnings": found.warnings,
    }


def findings_lines(found: Findings) -> Iterator[str]:
    """The same for people."""
    yield from [f"Tables: {TABLES[code]}." for code in found.tables] or ["Tables: whole."]
    yield verdict_text(found.audit)
    if found.waitlist is not None:
        broken = [f"Waitlist: BROKEN, {_where(name, ids)}" for name, ids in found.waitlist.items()]
        yield from broken or ["Waitlist: all that must be so is so."]
    yield from (f"Waitlist: look at {_where(name, ids)}" for name, ids in (found.warnings or {}).items())


def _where(name: str, ids: Sequence[int]) -> str:
    more = f" ... and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return f"{name}: {', '.join(map(str, ids[:SHOWN]))}{more}"


async def _retention(options: argparse.Namespace, settings: Settings) -> int:
    await ready(settings)
    now = clock_of(settings)()
    async with db.connect(settings.database_url):
        if options.dry_run:
            due = await retention_due(now=now)
            _say({name: len(found) for name, found in due.items()}, due, options)
        else:
            _say(await retention_run(by=operator(), now=now), None, options)
    return 0


def _say(counts: Mapping[str, int], due: Mapping[str, Sequence[str]] | None, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({"dry_run": due is not None, "counts": counts, "due": due}))
        return
    said = "would be cleared" if due is not None else "cleared"
    for name, count in counts.items():
        print(f"{name}: {count} {said}")
        for subject in (due or {}).get(name, ())[:SHOWN]:
            print(f"  {subject}")
