"""The command `runs`: which imports there were, what one of them did, taking it back, and settling what a source and a hand say."""

from __future__ import annotations

import argparse
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from directory import cli_text
from directory.cli_common import Parsers, Refused, operator, ready, source_name
from directory.domain.errors import EditRefused, Gone, NotFound, RunRefused
from directory.i18n import a_moment
from directory.services.clock import clock_of
from directory.services.edits import Conflict, conflict_list, conflict_settle
from directory.services.history import Changed, RunRecord, run_show, runs_list
from directory.services.undo import Undone, run_undo
from directory.settings import Settings
from directory.storage import db

SHOWN = 50
DID = {"add": "added", "change": "changed", "return": "came back", "remove": "taken out"}
WHY_NOT = {
    "busy": "an import of its source is at work: wait until it is done",
    "undone": "it has been taken back already",
    "stopped": "it is of a version that kept no record of its changes",
    "gone": "there is no such run any more",
}


def add_commands(commands: Parsers) -> None:
    """Adds `runs` to the commands."""
    runs = commands.add_parser("runs", help="what imports did, and taking one back")
    which = runs.add_subparsers(dest="what", required=True, metavar="WHAT")

    found = which.add_parser("list", help="the latest runs, the newest first")
    found.add_argument("--source", type=source_name, metavar="NAME", help="of this source alone")
    found.set_defaults(run=_list)
    shown = which.add_parser("show", help="what a run did, listing by listing")
    shown.set_defaults(run=_show)
    undone = which.add_parser("undo", help="take a whole run back; what was changed since stays")
    undone.set_defaults(run=_undo)
    for parser in (shown, undone):
        parser.add_argument("id", type=int, metavar="RUN", help="its number in `runs list`")
    asked = which.add_parser("conflicts", help="where a source says something else than a person has set")
    asked.set_defaults(run=_conflicts)
    settled = which.add_parser("settle", help="settle a conflict")
    settled.add_argument("id", type=int, metavar="ID", help="its number in `runs conflicts`")
    settled.add_argument("keep", choices=("hand", "source"), help="whose value stays")
    settled.set_defaults(run=_settle)
    for parser in (found, shown, undone, asked, settled):
        parser.add_argument("--json", action="store_true", help="print one JSON object")


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[None]:
    """The database, brought up to date. What cannot be found or done becomes one line."""
    await ready(settings)
    async with db.connect(settings.database_url):
        try:
            yield
        except RunRefused as refused:
            status = str(refused.values["status"])
            why = WHY_NOT.get(status, f"it is {status}")
            raise Refused(f"run {refused.values['run']} cannot be taken back: {why}.") from None
        except NotFound as missing:
            what = ", ".join(f"{name} {value}" for name, value in missing.values.items())
            raise Refused(f"there is no {what}.", 2) from None
        except Gone as gone:
            raise Refused(f"{gone.values['slug']} has been taken out by its source.") from None
        except EditRefused as refused:
            raise Refused(f"import source {refused.values['source']!r} once more first.") from None


async def _list(options: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings):
        found = await runs_list(source=options.source)
    if options.json:
        return _print_json({"runs": [_run_json(run) for run in found]})
    zone = ZoneInfo(settings.timezone)
    print("\n".join([_line(run, zone) for run in found]) or "There have been no imports.")
    return 0


async def _show(options: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings):
        run, changed = await run_show(run=options.id)
    if options.json:
        return _print_json({**_run_json(run, whole=True), "changes": [_changed_json(each) for each in changed]})
    print("\n".join(_run_lines(run, changed, ZoneInfo(settings.timezone))))
    return 0


async def _undo(options: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings):
        with cli_text.Progress(f"run {options.id}") as progress:
            undone = await run_undo(
                run=options.id, by=operator(), clock=clock_of(settings), settings=settings, progress=progress
            )
    if options.json:
        return _print_json({name: getattr(undone, name) for name in Undone.__slots__})
    print(
        f"Run {undone.run} of {undone.source} is taken back: {undone.restored} listings are as they were, "
        f"{undone.taken_out} taken out again, {undone.returned} brought back."
    )
    print("\n".join(_kept(undone.kept)), end="\n" if undone.kept else "")
    return 0


async def _conflicts(options: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings):
        found = await conflict_list()
    if options.json:
        return _print_json({"conflicts": [_conflict_json(each) for each in found]})
    print("\n".join([line for each in found for line in _conflict_lines(each)]) or "There is nothing to settle.")
    return 0


async def _settle(options: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings):
        await conflict_settle(
            conflict=options.id, keep=options.keep, by=operator(), clock=clock_of(settings), settings=settings
        )
    if options.json:
        return _print_json({"conflict": options.id, "keep": options.keep})
    print(f"Settled: the value of the {options.keep} stays.")
    return 0


def _print_json(found: dict[str, Any]) -> int:
    print(json.dumps(found, ensure_ascii=False))
    return 0


# --- for programs ------------------------------------------------------------------------------------------------------


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _run_json(run: RunRecord, *, whole: bool = False) -> dict[str, Any]:
    found = {
        "run": run.id,
        "source": run.source,
        "format": run.format,
        "origin": run.origin,
        "file_sha256": run.file_hash,
        "by": run.by,
        "status": run.status,
        "started_at": _moment(run.started_at),
        "finished_at": _moment(run.finished_at),
        "undone_at": _moment(run.undone_at),
        "undone_by": run.undone_by,
        **run.counts,
    }
    lines = {"rejected": run.rejected, "warnings": run.warnings, "kept": run.kept}
    return found | (lines if whole else {})


def _changed_json(each: Changed) -> dict[str, Any]:
    return {"slug": each.slug, "action": each.action, "fields": each.fields, "undone": each.undone}


def _conflict_json(each: Conflict) -> dict[str, Any]:
    names = ("id", "slug", "name", "source", "field", "hand_value", "source_value")
    return {name: getattr(each, name) for name in names} | {"since": _moment(each.since)}


# --- for people --------------------------------------------------------------------------------------------------------


def _line(run: RunRecord, zone: ZoneInfo) -> str:
    counts = run.counts
    return (
        f"{run.id:>6}  {a_moment(run.started_at.astimezone(zone))}  {run.source}  {run.status}: {counts['added']} added, "
        f"{counts['changed']} changed, {counts['unchanged']} as they were, {counts['removed']} taken out, "
        f"{counts['rejected']} rejected"
    )


def _run_lines(run: RunRecord, changed: Sequence[Changed], zone: ZoneInfo) -> list[str]:
    undone = f", taken back by {run.undone_by}" if run.undone_at else ""
    lines = [_line(run, zone), f"{run.format} from {run.origin or 'a file'}, by {run.by}{undone}"]
    lines += [line for each in changed[:SHOWN] for line in _changed_lines(each)]
    lines += _more(len(changed), "listings")
    lines += [f"  line {row['line']}: {row['reason']}" for row in run.rejected[:SHOWN]]
    lines += _more(len(run.rejected), "rejected")
    return [*lines, *_kept(run.kept)]


def _changed_lines(each: Changed) -> list[str]:
    pairs = [f"      {name}: {_value(before)} -> {_value(after)}" for name, (before, after) in each.fields.items()]
    return [f"  {DID.get(each.action, each.action)}: {each.slug}", *pairs]


def _value(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def _kept(kept: Sequence[dict[str, str]]) -> list[str]:
    lines = [f"  stays as it is now: {each['field']} of {each['slug']}" for each in kept[:SHOWN]]
    return [*lines, *_more(len(kept), "that stay")]


def _more(count: int, what: str) -> list[str]:
    return [f"  ... and {count - SHOWN} more {what}: --json names all"] if count > SHOWN else []


def _conflict_lines(each: Conflict) -> list[str]:
    return [
        f"{each.id:>6}  {each.slug}, {each.field}",
        f"          set by hand: {_value(each.hand_value)}",
        f"          {each.source} says: {_value(each.source_value)}",
    ]
