"""The commands around the records: `audit` (does the chain hold), `outbox` (what waits to go out) and `tick` (due work)."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from directory.cli_common import Parsers, Refused
from directory.domain.audit import Anchor, Check, Fault, read_anchor
from directory.domain.errors import NotFound
from directory.i18n import a_moment
from directory.services.audit import Verdict, audit_heads, audit_verify
from directory.services.clock import clock_of
from directory.services.notices import Notice, Overview, notice_retry, notices_overview
from directory.services.work import Outcome, work, work_once
from directory.settings import Settings
from directory.storage import db, schema

SHOWN = 20
_AS_JSON = {"action": "store_true", "help": "print one JSON object"}


def add_commands(commands: Parsers) -> None:
    """Adds `audit`, `outbox` and `tick` to the commands."""
    audit = commands.add_parser("audit", help="the record of who changed what").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    verify = audit.add_parser("verify", help="whether the record is whole; exit 1 when it is not")
    verify.add_argument(
        "--anchor",
        action="append",
        default=[],
        type=_anchor,
        metavar="SEQ:HASH",
        help="what `audit head` printed earlier, kept elsewhere; without one, a record that was cut short cannot be told",
    )
    verify.add_argument("--json", **_AS_JSON)
    verify.set_defaults(run=_verify)
    audit.add_parser("head", help="where the record stands: keep it elsewhere").set_defaults(run=_head)

    outbox = commands.add_parser("outbox", help="messages that wait to go out, or were given up")
    outbox.add_argument("--dead", action="store_true", help="only those that were given up")
    outbox.add_argument("--retry", type=int, metavar="ID", help="let one that was given up start over")
    outbox.add_argument("--json", **_AS_JSON)
    outbox.set_defaults(run=_outbox)

    tick = commands.add_parser("tick", help="do due work, until stopped; may run in several processes")
    tick.add_argument("--once", action="store_true", help="only what is due now; exit 1 when a part of it went wrong")
    tick.add_argument("--json", action="store_true", help="print one JSON object (for each round without --once)")
    tick.set_defaults(run=_tick)


def _anchor(text: str) -> Anchor:
    try:
        return read_anchor(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[None]:
    """The database with today's tables. None of these commands looks at reference tables, so nothing is loaded for them."""
    await schema.migrate(settings.database_url)
    async with db.connect(settings.database_url):
        yield


def _say(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


# --- audit -----------------------------------------------------------------------------------------------------------


async def _verify(options: argparse.Namespace, settings: Settings) -> int:
    if not await schema.is_current(
        settings.database_url
    ):  # else it is seen as it was found: `migrate` puts guards back
        await schema.migrate(settings.database_url)
    async with db.connect(settings.database_url):
        verdict = await audit_verify(anchors=options.anchor, settings=settings)
    if options.json:
        _say(verdict_json(verdict))
    else:
        print(verdict_text(verdict))
    return 0 if verdict.holds else 1


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """The object of `audit verify --json`: `ok`, and for each chain `first_bad` (null where it holds) and what is wrong where."""
    return {
        "ok": verdict.holds,
        "chains": [
            {
                "chain": check.chain,
                "entries": check.entries,
                "anchors": len(check.anchors),
                "first_bad": check.first_bad,
                "faults": [{"code": fault.code, "seq": fault.seq, "until": fault.until} for fault in check.faults],
                "key_changes": check.key_changes,
            }
            for check in verdict.checks
        ],
        "before_the_chain": verdict.older,
        "not_yet_chained": verdict.waiting,
        "astray": verdict.astray,
        "unguarded": list(verdict.unguarded),
        "development_key": verdict.known_key,
    }


def verdict_text(verdict: Verdict) -> str:
    """The same for people."""
    lines = [line for check in verdict.checks for line in _check_lines(check)]
    if verdict.older:
        lines.append(f"{verdict.older} entries are older than the chain and cannot be checked.")
    if verdict.waiting:
        lines.append(f"{verdict.waiting} entries of the access log wait for their place (`footbridge tick`).")
    if verdict.astray:
        lines.append(f"{verdict.astray} entries stand in no chain that is looked at: NOT WHOLE.")
    if verdict.unguarded:
        lines.append(
            f"NOT GUARDED, so that rows may have gone unseen: {', '.join(verdict.unguarded)} (`footbridge migrate`)."
        )
    if verdict.known_key:
        lines.append(
            "Sealed, in part or all, with the key for development, which everybody knows: set DIRECTORY_AUDIT_KEY."
        )
    if verdict.known_key and not verdict.known_key_allowed:
        lines.append("In production that counts as NOT WHOLE.")
    return "\n".join(lines)


def _check_lines(check: Check) -> list[str]:
    against = f", against {len(check.anchors)} kept elsewhere" if check.anchors else ""
    if not check.faults:
        return [f"{check.chain}: {check.entries} entries{against}, whole."]
    more = len(check.faults) - SHOWN
    return [
        f"{check.chain}: {check.entries} entries{against}, NOT WHOLE from entry {check.first_bad} on:",
        *(f"  {_fault_text(fault)}" for fault in check.faults[:SHOWN]),
        *([f"  ... and {more} more: --json names all"] if more > 0 else []),
    ]


def _fault_text(fault: Fault) -> str:
    which = f"entries {fault.seq} to {fault.until}" if fault.until not in (None, fault.seq) else f"entry {fault.seq}"
    texts = {
        "changed": f"{which} is not what was sealed, or was sealed with a key that is not in DIRECTORY_AUDIT_KEY",
        "missing": f"{which}: missing",
        "cut-off": f"{which}: cut off at the end",
        "head": f"{which}: not what the head of the chain says",
        "anchor": f"{which} is not the one of the anchor",
    }
    return texts[fault.code]


async def _head(options: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings):
        heads = await audit_heads()
    for head in heads:
        print(head)
    if not heads:
        print("footbridge: there are no entries yet", file=sys.stderr)
    return 0


# --- outbox ----------------------------------------------------------------------------------------------------------


async def _outbox(options: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings):
        if options.retry is not None:
            await _retry(options.retry, settings)
        overview = await notices_overview(dead=options.dead, settings=settings)
    if options.json:
        _say(overview_json(overview))
    else:
        print(overview_text(overview, ZoneInfo(settings.timezone)))
    return 0


async def _retry(id: int, settings: Settings) -> None:
    try:
        if not await notice_retry(id=id, now=clock_of(settings)()):
            raise Refused(
                f"message {id} cannot start over: it was not given up, its link is gone and has to be asked for anew, "
                "or its address is deleted."
            )
    except NotFound:
        raise Refused(f"there is no message {id}.") from None


def overview_json(overview: Overview) -> dict[str, Any]:
    """The object of `outbox --json`: how many in each state, and the newest without their words; moments in UTC."""
    return {
        "counts": overview.counts,
        "not_set_up": overview.not_set_up,
        "messages": [_notice_json(notice) for notice in overview.notices],
    }


def _notice_json(notice: Notice) -> dict[str, Any]:
    names = ("id", "state", "channel", "to", "template", "tries", "error")
    moments = {"created_at": notice.created_at, "due_at": notice.due_at}
    return {name: getattr(notice, name) for name in names} | {
        name: moment.astimezone(UTC).isoformat() for name, moment in moments.items()
    }


def overview_text(overview: Overview, zone: ZoneInfo) -> str:
    """The same for people."""
    lines = [", ".join(f"{number} {state}" for state, number in overview.counts.items()) + "."]
    needed = {"email": "DIRECTORY_SMTP_URL", "sms": "DIRECTORY_SMS_URL"}
    lines += [f"Nothing goes out by {name} until {needed[name]} is set." for name in overview.not_set_up]
    return "\n".join(lines + [_notice_line(notice, zone) for notice in overview.notices])


def _notice_line(notice: Notice, zone: ZoneInfo) -> str:
    what = f"{notice.template} to {notice.to} of {a_moment(notice.created_at.astimezone(zone))}"
    tried = f", attempt {notice.tries}: {notice.error}" if notice.error else ""
    due = f", next {a_moment(notice.due_at.astimezone(zone))}" if notice.state != "dead" else ""
    return f"{notice.id:>6}. {notice.state}: {what}{tried}{due}"


# --- tick ------------------------------------------------------------------------------------------------------------


async def _tick(options: argparse.Namespace, settings: Settings) -> int:
    clock = clock_of(settings)
    async with _opened(settings):
        if options.once:
            outcomes = await work_once(clock=clock, settings=settings)
            _told(outcomes, as_json=options.json)
            return 1 if any(outcome.error for outcome in outcomes) else 0
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):  # ends after the job under way, not in the middle of a message
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await work(
            clock=clock,
            settings=settings,
            stop=stop,
            told=lambda found: _told([one for one in found if one.done or one.error], as_json=options.json),
        )
    return 0


def _told(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    if as_json:
        if outcomes:
            _say({"jobs": {each.name: {"done": each.done, "error": each.error} for each in outcomes}})
        return
    for each in outcomes:
        print(f"{each.name}: {f'went wrong ({each.error})' if each.error else each.done}", flush=True)
