"""Oversight: what has gone wrong first, then each report with its time and its line, and the same as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Action, Allowed, may
from directory.domain.errors import NotFound
from directory.domain.waitlist.periods import Period, month_code, period_of, periods
from directory.domain.waitlist.reports import REPORTS, Told
from directory.i18n import gettext, language
from directory.services.clock import local_day
from directory.services.waitlist import exports
from directory.services.waitlist import oversight as service
from directory.services.waitlist.oversight import NOW_ONLY
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.presenters_form import Choice
from directory.web.responses import NO_STORE
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_oversight import definitions, period_words, report_title, sheet_view, summary
from directory.web.waitlist.presenters_oversight_words import REPORTS as WORDS

_ = gettext

OVERSIGHT = "/oversight"
BY_YEAR = frozenset({"outcomes"})
"""Reports that open on the running year."""


async def index(request: Request) -> Response:
    """What has gone wrong, then all reports."""
    session, now = await full_session(request), now_of(request)
    found = await service.troubles(by=session.actor, now=now)
    context = {
        "title": _("Oversight"),
        "troubles": summary(found),
        "reports": [(f"{OVERSIGHT}/{code}", report_title(code), _(WORDS[code][1])) for code in REPORTS],
    }
    return signed_page(request, "waitlist/oversight.html", session, context)


async def report(request: Request) -> Response:
    """One report."""
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    code, period, line = await _wanted(request)
    found = await service.report_show(code=code, period=period, line=line, by=session.actor, now=now, settings=settings)
    zone = await asyncio.to_thread(ZoneInfo, settings.timezone)
    context = {
        **await _chooser(request, code, period, line, [(each.id, each.title) for each in found.lines]),
        "lead": _(WORDS[code][1]),
        "sheets": [sheet_view(sheet, zone, found.groups) for sheet in found.sheets],
        "definitions": definitions(code),
        "hides": any(Told.HIDDEN in row for sheet in found.sheets for row in sheet.rows),
        "file_url": f"{OVERSIGHT}/{code}/file?period={period.code}{f'&line={line}' if line else ''}",
        "may_export": isinstance(may(session.actor, Action.EXPORT_WAITLIST, now=now), Allowed),
    }
    return signed_page(request, "waitlist/oversight_report.html", session, context)


async def file_form(request: Request) -> Response:
    """Asks for what time and which line a file is wanted. It takes a fresh sign-in, which is asked for here and not when it is sent."""
    session, now = await full_session(request), now_of(request)
    lines = await service.lines_seen(by=session.actor, now=now, action=Action.EXPORT_WAITLIST)
    code, period, line = await _wanted(request)
    context = await _chooser(request, code, period, line, [(each.id, each.title) for each in lines])
    context["address"] = f"{OVERSIGHT}/{code}/file"
    return signed_page(request, "waitlist/oversight_file.html", session, context)


async def file(request: Request) -> Response:
    """The file."""
    session, values = await full_session(request), await typed(request)
    made = await exports.report_export(
        code=_code(request),
        period=await _period(request, values.get("period", "")),
        line=_line(values.get("line", "")),
        by=session.actor,
        now=now_of(request),
        language=language(),
        settings=settings_of(request),
    )
    headers = {"Cache-Control": NO_STORE, "Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type="application/zip", headers=headers)


def _code(request: Request) -> str:
    code = str(request.path_params["report"])
    if code not in REPORTS:
        raise NotFound(report=code)
    return code


async def _wanted(request: Request) -> tuple[str, Period, int | None]:
    """The report, the time and the line of an address. Raises NotFound."""
    asked = request.query_params
    code = _code(request)
    return code, await _period(request, asked.get("period", ""), code), _line(asked.get("line", ""))


async def _period(request: Request, code: str, report: str = "") -> Period:
    """The time of this code; where it is none the running month, or year of a `report` of which a month has too few people to be told."""
    today = await local_day(settings_of(request).timezone, now_of(request))
    asked = period_of(code) or period_of(f"{today:%Y}" if report in BY_YEAR else month_code(today))
    assert asked is not None
    return asked


def _line(text: str) -> int | None:
    """The line that is asked for; None for all. Raises NotFound for what is no number."""
    return number_of(text) if text else None


async def _chooser(
    request: Request, code: str, period: Period, line: int | None, lines: Sequence[tuple[int, str]]
) -> dict[str, object]:
    """The two lists to choose from, with what was chosen."""
    today = await local_day(settings_of(request).timezone, now_of(request))
    offered = {each.code: each for each in (*periods(today), period)}
    return {
        "title": report_title(code),
        "back": f"{OVERSIGHT}/{code}",
        "periods": [Choice(each.code, period_words(each), chosen=each.code == period.code) for each in offered.values()]
        if code not in NOW_ONLY
        else [],
        "period": period.code,
        "lines": [
            Choice("", _("All lines"), chosen=line is None),
            # A notice is about a program, whose openings may go to several lines.
            *(Choice(str(id), title, chosen=id == line) for id, title in lines if code != "capacity"),
        ],
    }
