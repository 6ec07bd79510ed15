"""A report as files for others: numbers of people and codes, no names, with the notice that goes with them and a manifest (WAITLIST 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from directory.domain.access import Action, Actor
from directory.domain.waitlist.periods import Period
from directory.domain.waitlist.reports import Told, Value
from directory.formats.bundle import bundle, table
from directory.services.texts import text_of
from directory.services.waitlist.oversight import Report, report_show
from directory.settings import Settings
from directory.storage import records

NOTICE = "part2-long"
"""The statement of 42 CFR 2.32 that goes with it."""
NOTICE_FILE = "1-notice.txt"


@dataclass(frozen=True, slots=True)
class Export:
    """A zip under its name, with its SHA-256."""

    name: str
    content: bytes
    sha256: str


async def report_export(
    *, code: str, period: Period, line: int | None, by: Actor, now: datetime, language: str, settings: Settings
) -> Export:
    """The report as a zip: the notice first, a CSV file for each table, a manifest. Noted in the access log with the hash of the zip.

    Raises NotFound and Denied, also where the sign-in is not fresh enough.
    """
    found = await report_show(
        code=code, period=period, line=line, by=by, now=now, settings=settings, action=Action.EXPORT_WAITLIST
    )
    notice = text_of(NOTICE, language)
    files = {NOTICE_FILE: f"{notice.words}\n".encode()}
    for sheet in found.sheets:
        files[f"{sheet.code}.csv"] = table(sheet.columns, [[_plain(value) for value in row] for row in sheet.rows])
    content = bundle(files, _about(found, by, notice.stamp), now)
    digest = sha256(content).hexdigest()
    rows = sum(len(sheet.rows) for sheet in found.sheets)
    details = {"period": period.code, "line": line or 0, "rows": rows, "sha256": digest}
    await records.access_log(at=now, by=by.label, action="export", subject=f"oversight {code}", details=details)
    return Export(f"footbridge-{code}-{period.code}.zip", content, digest)


def _plain(value: Value) -> object:
    return value.value if isinstance(value, Told) else value


def _about(report: Report, by: Actor, notice: str) -> dict[str, object]:
    """What the manifest says beside the files: what was asked for, by whom, when, and by which rules the lines are kept."""
    lines = [each for each in report.lines if report.line in (None, each.id)]
    return {
        "report": report.code,
        "period": {"code": report.period.code, "first": str(report.period.first), "before": str(report.period.end)},
        "line": report.line,
        "made_by": by.label,
        "made_at": report.at.isoformat(timespec="seconds"),
        "notice": notice,
        "rules": {str(each.id): each.rules_sha256 for each in lines},
        "small_numbers": "cells of 1 to 10, and what would tell them, are not given",
    }
