"""Taking somebody on, second step: the lines in which they want to stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import Problem
from directory.domain.people import Session, UnfitFields
from directory.i18n import N_, a_date, gettext
from directory.services.waitlist import joining as service
from directory.services.waitlist.clients import Somebody, client_read
from directory.services.waitlist.entries import WHY_BACK
from directory.services.waitlist.joining import Earlier
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, last_of, signed_page, typed_lists
from directory.web.overtaken import form_again
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import after, day_typed, goes_on, hidden, person_url, step_url, steps, upi_of
from directory.web.wording import values_words

_ = gettext

REASONS = {
    "asked-elsewhere": N_("They asked another agency"),
    "asked-by-phone": N_("They asked by phone, and it was not entered"),
    "was-not-written-down": N_("They asked here, and it was not written down"),
    "old-list": N_("They stood in an older list"),
}
EARLIER = ("earlier", "reason", "note")


async def form(request: Request) -> Response:
    """The lines of the agency, and those in which this client stands."""
    session = await full_session(request)
    found, lines = await _found(request, session)
    return _page(request, session, found, lines, _view(found, lines, go=_go(request, lines)))


async def send(request: Request) -> Response:
    """Takes a place in each line that was chosen. In which they stand already is said, and nothing of that is changed."""
    session, now, lists = await full_session(request), now_of(request), await typed_lists(request)
    values, settings = last_of(lists), settings_of(request)
    found, lines = await _found(request, session)
    go = goes_on(request, values)
    try:
        joined = await service.lines_join(
            client=found.row.id,
            pools=[line.id for line in lines if str(line.id) in lists.get("pools", ())],
            earlier=_earlier(values),
            by=session.actor,
            now=now,
            settings=settings,
        )
    except UnfitFields as error:
        if go and [each.code for each in error.problems] == ["choose"] and _stands_in(lines):
            return see_other(after("lines", found.row.upi, go=go))  # the places are there from an earlier visit
        view = form_again(_view(found, lines, go=go), lists, error)
        return _page(request, session, found, lines, view, error.status)
    if joined.already and not joined.new:
        return see_other(f"{step_url('lines', found.row.upi)}&done=already")
    return see_other(after("lines", found.row.upi, go=go))


def _earlier(values: Mapping[str, str]) -> Earlier | None:
    problems: list[Problem] = []
    day = day_typed("earlier", values, problems)
    if problems:
        raise UnfitFields(problems)
    return Earlier(day, values.get("reason", ""), values.get("note", "")) if day else None


async def _found(request: Request, session: Session) -> tuple[Somebody, Sequence[service.OpenLine]]:
    now, settings = now_of(request), settings_of(request)
    found = await client_read(upi=upi_of(request), what="lines", by=session.actor, now=now, settings=settings)
    return found, await service.lines_open(client=found.row.id, by=session.actor, now=now)


def _stands_in(lines: Sequence[service.OpenLine]) -> bool:
    return any(line.entry is not None for line in lines)


def _go(request: Request, lines: Sequence[service.OpenLine]) -> bool:
    """Who stands in no line is still being taken on, wherever the reader comes from."""
    return goes_on(request) or not _stands_in(lines)


def _view(found: Somebody, lines: Sequence[service.OpenLine], *, go: bool) -> FormView:
    upi = found.row.upi
    open_to = tuple(
        Choice(str(line.id), f"{line.name} ({values_words('care', [line.care])})", False)
        for line in lines
        if line.entry is None
    )
    reasons = (Choice("", _("Choose"), True), *(Choice(code, _(REASONS[code]), False) for code in WHY_BACK))
    hint = _("Leave this empty if they ask today. For an older day a second person has to agree.")
    fields = (
        Field("pools", _("Which lines do they want?"), choices=open_to, many=True),
        Field("earlier", _("The day on which they asked"), "date", hint=hint),
        Field("reason", _("Why is it written down only now?"), choices=reasons),
        Field("note", _("Note for the second person"), "textarea"),
    )
    links = [Link(_("Back to their page"), person_url(upi))]
    if go and _stands_in(lines):
        links.insert(0, Link(_("Go on without another line"), after("lines", upi, go=True)))
    button = _("Save and go on") if go else _("Save")
    return FormView(f"/clients/{upi}/lines", button, fields, hidden=hidden(go), links=tuple(links))


def _page(
    request: Request,
    session: Session,
    found: Somebody,
    lines: Sequence[service.OpenLine],
    view: FormView,
    status: int = 200,
) -> Response:
    earlier = tuple(each for each in view.fields if each.name in EARLIER)
    context = {
        "title": _("Lines to wait in"),
        "steps": steps("lines", found.row.upi),
        "called": found.called,
        "standing": [_standing(line) for line in lines if line.entry is not None and line.since is not None],
        "has_lines": bool(lines),
        "view": view if view.fields[0].choices else replace(view, fields=()),
        "earlier": earlier,
        "done": request.query_params.get("done", ""),
        "is_open": any(each.mistake or each.value for each in earlier),
    }
    return signed_page(request, "waitlist/joining.html", session, context, status)


def _standing(line: service.OpenLine) -> str:
    assert line.since is not None
    return _("%(line)s, since %(day)s") % {"line": line.name, "day": _local_day(line.since, line.timezone)}


def _local_day(moment: datetime, zone: str) -> str:
    return a_date(moment.astimezone(ZoneInfo(zone)).date())
