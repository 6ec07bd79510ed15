"""Openings on the desk: the levels that somebody may report on, "still the same" in one tap, and the form for new numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Action, reach_of
from directory.domain.openings import Level, ReportedSince
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import openings as service
from directory.services.credentials import new_token
from directory.web.accounts import full_session
from directory.web.fields import FormView, last_of, signed_page, typed, typed_lists
from directory.web.forms import number_of
from directory.web.openings_form import again, parts_of, report_view, seen_of, typed_report
from directory.web.paging import page_asked, pages_around
from directory.web.presenters import Link
from directory.web.presenters_openings import level_card, number_facts, told_words
from directory.web.responses import see_other
from directory.web.site import now_of

_ = gettext

LEVELS = "/desk/openings"
DESK = "/desk"
SHOWN = 25
"""Levels on one page: a peer sees those of every agency."""


async def levels(request: Request) -> Response:
    """Every level with its latest numbers and how old they are: what is due comes first."""
    session, now = await full_session(request), now_of(request)
    own = reach_of(session.actor, Action.REPORT_OPENINGS) is not None
    found = await service.openings_levels(by=session.actor, now=now)
    due_first = sorted(found, key=lambda level: not service.is_due(level, now))
    page = page_asked(request)
    shown = due_first[(page - 1) * SHOWN : page * SHOWN]
    context = {
        "title": _("Openings"),
        "cards": [level_card(level, now, own=own, once=new_token()) for level in shown],
        "done": request.query_params.get("done", ""),
        "is_own": own,
        "pages": pages_around(LEVELS, page, is_more=len(found) > page * SHOWN),
    }
    return signed_page(request, "openings/levels.html", session, context)


async def same(request: Request) -> Response:
    """Says that the latest numbers still hold, and goes back to the page on which that was said."""
    session, values = await full_session(request), await typed(request)
    back = DESK if values.get("back") == DESK else LEVELS
    try:
        report = await service.openings_renew(
            by=session.actor,
            id=level_id(request),
            seen=seen_of(values),
            form=values.get("once", ""),
            now=now_of(request),
        )
    except ReportedSince:
        return see_other(f"{back}?done=newer")
    return see_other(f"{back}?done={'told' if report else 'before'}")


async def form(request: Request) -> Response:
    """The form for new numbers, with those of the latest report in it."""
    session, now = await full_session(request), now_of(request)
    level = await service.openings_level(by=session.actor, id=level_id(request), now=now)
    return _page(request, session, level, _view(request, level, new_token()))


async def send(request: Request) -> Response:
    """Takes new numbers. What somebody else has reported meanwhile is shown beside what was typed, and nothing is lost."""
    session, now = await full_session(request), now_of(request)
    lists = await typed_lists(request)
    values = last_of(lists)
    level = await service.openings_level(by=session.actor, id=level_id(request), now=now)
    once = values.get("once", "")
    try:
        given = typed_report(values, lists, level)
        report = await service.openings_report(
            by=session.actor, id=level.id, numbers=given.numbers, as_of=given.as_of, seen=given.seen, form=once, now=now
        )
    except UnfitFields as error:
        view = again(_view(request, level, once, values.get("seen")), values, lists, error.problems, level.zone)
        return _page(request, session, level, view, status=error.status)
    except ReportedSince as error:
        view = again(_view(request, error.level, once), values, lists, (), level.zone)
        return _page(request, session, error.level, view, status=error.status, is_newer=True)
    return see_other(f"{LEVELS}?done={'told' if report else 'before'}")


def _view(request: Request, level: Level, once: str, seen: str | None = None) -> FormView:
    hidden = {"once": once, "seen": str(level.seen) if seen is None else seen}
    return report_view(level, request.scope["path"], hidden, (Link(_("Back to openings"), LEVELS),))


def _page(
    request: Request, session: Session, level: Level, view: FormView, *, status: int = 200, is_newer: bool = False
) -> Response:
    return signed_page(request, "openings/report.html", session, report_context(request, level, view, is_newer), status)


def report_context(
    request: Request, level: Level, view: FormView, is_newer: bool = False, *, has_note: bool = True
) -> Mapping[str, object]:
    """What the page with the form shows of a level. `is_newer`: somebody has reported since the form was made. `has_note`: with the note,
    which is for those who are signed in."""
    facts: Sequence[object] = number_facts(level.latest.numbers, has_note=has_note) if level.latest else ()
    return {
        "title": _("Openings: %(name)s") % {"name": level.name},
        "level": level.name,
        "program": level.program,
        "agency": level.agency_name,
        "age": told_words(level, now_of(request)),
        "facts": facts,
        "is_newer": is_newer,
        "view": view,
        "parts": parts_of(view),
    }


def level_id(request: Request) -> int:
    """The number of a level in an address. Raises NotFound for anything else."""
    return number_of(request.path_params["level"])
