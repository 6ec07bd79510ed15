"""The page behind the link of a letter: one level, its latest numbers, "still the same" and the form. Nobody is signed in by it.

Programs that look into letters open every link, so opening it uses nothing up; only a form that is sent does.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.openings import Level, ReportedSince
from directory.domain.people import DeadLink, UnfitFields
from directory.i18n import gettext
from directory.services.opening_links import opening_link_report, opening_link_show
from directory.web.fields import FormView, last_of, message_page, signed_page, typed_lists
from directory.web.openings import report_context
from directory.web.openings_form import again, report_view, typed_report
from directory.web.presenters import Link
from directory.web.presenters_openings import number_facts, told_words
from directory.web.sign_in import SIGN_IN, dead_link
from directory.web.site import now_of

_ = gettext

SAME = "same"


async def page(request: Request) -> Response:
    """What was said last, and whether it still holds."""
    try:
        found = await opening_link_show(token=request.path_params["token"], now=now_of(request))
    except DeadLink:
        return _dead(request)
    if found.is_told:
        return _told(request, found.level)
    return _form(request, found.level, _view(request, found.level))


async def send(request: Request) -> Response:
    """Takes the one report of the link."""
    token, now, lists = request.path_params["token"], now_of(request), await typed_lists(request)
    values = last_of(lists)
    try:
        level = (await opening_link_show(token=token, now=now)).level
        given = None if values.get("answer") == SAME else typed_report(values, lists, level)
        numbers, as_of = (given.numbers, given.as_of) if given else (None, None)
        await opening_link_report(token=token, numbers=numbers, as_of=as_of, now=now)
    except DeadLink:
        return _dead(request)
    except ReportedSince as error:
        return _told(request, error.level)
    except UnfitFields as error:
        view = again(_view(request, level), values, lists, error.problems, level.zone)
        return _form(request, level, view, status=error.status)
    return message_page(request, _("Thank you"), _("Your answer is in. Everybody sees it now."), _ways())


def _view(request: Request, level: Level) -> FormView:
    return report_view(level, request.scope["path"], {}, has_note=False)


def _form(request: Request, level: Level, view: FormView, *, status: int = 200) -> Response:
    context = {**report_context(request, level, view, has_note=False), "title": _("Is this still right?"), "same": SAME}
    return signed_page(request, "openings/linked.html", None, context, status)


def _told(request: Request, level: Level) -> Response:
    """Somebody was quicker: what they said, and nothing left to do."""
    facts = number_facts(level.latest.numbers, has_note=False) if level.latest else ()
    age = told_words(level, now_of(request))
    context = {"title": _("Somebody has answered already"), "age": age, "facts": facts, "name": level.name}
    return signed_page(request, "openings/told.html", None, context)


def _dead(request: Request) -> Response:
    elsewhere = _("Or somebody else reports these openings now.")
    otherwise = _("If the numbers have changed, sign in and report them there.")
    return dead_link(request, f"{elsewhere} {otherwise}")


def _ways() -> tuple[Link, ...]:
    return Link(_("Sign in"), SIGN_IN), Link(_("Search"), "/")
