"""The audit trail and the access log, for an administrator: a page at a time, with a filter, and whether the chain holds."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.trail import CHANGES, LOGS, Asked, label_of
from directory.i18n import gettext
from directory.services import trail as service
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.presenters_audit import (
    ACTIONS,
    AUDIT,
    LOG_NAMES,
    action_words,
    counted,
    entries,
    health,
    older_url,
    url,
)
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

FILTERS = ("since", "until", "by", "action", "subject")
LONGEST = 120


async def page(request: Request) -> Response:
    """Who did what, the newest first."""
    session, now, zone = await full_session(request), now_of(request), ZoneInfo(settings_of(request).timezone)
    asked, values = _asked(request, zone)
    trail = await service.trail_page(by=session.actor, asked=asked, now=now)
    state = await service.audit_state(by=session.actor, now=now)
    context = {
        "title": _("Audit trail"),
        "log": asked.log,
        "logs": [(_(LOG_NAMES[log]), url(log), log == asked.log) for log in LOGS],
        "values": values,
        "actions": _actions(asked.action),
        "is_filtered": any(values.values()),
        "plain_url": url(asked.log),
        "entries": entries(trail, asked.log, zone, now),
        "counted": counted(len(trail.lines)),
        "older_url": older_url(asked, values, trail.older),
        "newest_url": url(asked.log, **values) if asked.before else "",
        "health": health(state, now),
        "checked": request.query_params.get("done") == "checked",
    }
    return signed_page(request, "audit/page.html", session, context)


async def check(request: Request) -> Response:
    """Goes through the chains now."""
    session = await full_session(request)
    await typed(request)
    await service.audit_check(by=session.actor, settings=settings_of(request), now=now_of(request))
    return see_other(f"{AUDIT}?done=checked")


def _actions(chosen: str) -> list[Choice]:
    """What can be chosen: all that is known, and what was asked for."""
    known = sorted({*ACTIONS, *([chosen] if chosen else [])}, key=action_words)
    return [
        Choice("", _("Anything"), not chosen),
        *(Choice(each, action_words(each), each == chosen) for each in known),
    ]


def _asked(request: Request, zone: ZoneInfo) -> tuple[Asked, dict[str, str]]:
    """The question, and its values as they were typed. What is no date or no number is not asked for."""
    given = request.query_params
    values = {name: given.get(name, "").replace("\0", "").strip()[:LONGEST] for name in FILTERS}
    since, until = (_day(values[name]) for name in ("since", "until"))
    before = given.get("before", "")
    values |= {name: "" for name, day in (("since", since), ("until", until)) if day is None}
    log = given.get("log", CHANGES)
    asked = Asked(
        log if log in LOGS else CHANGES,
        _midnight(since, zone) if since else None,
        _midnight(until + timedelta(days=1), zone) if until else None,
        label_of(values["by"]),
        values["action"],
        values["subject"],
        int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
    )
    return asked, values


def _day(text: str) -> date | None:
    """The day; None for anything else, and for the last day there is, after which no other comes."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(1900, 1, 1) < day < date(9000, 1, 1) else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
