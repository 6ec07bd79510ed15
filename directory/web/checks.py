"""Calls to make: what is due, one call sheet at a time, what came of it, and the review of who could not be reached."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from directory import labels
from directory.domain import checks as rules
from directory.domain.errors import EditRefused, PlaceNotFound, Settled
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import checks as service
from directory.services.credentials import new_token
from directory.services.names import names_for
from directory.web.accounts import full_session
from directory.web.fields import sentence, signed_page, typed
from directory.web.forms import local_path
from directory.web.paging import page_asked
from directory.web.presenters_checks import (
    CHECKS,
    DECISION,
    OUTCOME,
    hidden_view,
    line_view,
    list_view,
    sheet_url,
    sheet_view,
)
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

FILTERS = ("kind", "near", "agency")
MOST_PAGES = 40
"""As far as anybody counts (storage/checks.py)."""


async def due(request: Request) -> Response:
    """What is to be checked, the greatest risk first."""
    if request.query_params.get("hidden"):
        return await _hidden(request)
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    asked, page = _asked(request), _page(request)
    wrong = ""
    try:
        found = await service.checks_due(
            filters=_filters(asked), page=page, by=session.actor, now=now, settings=settings
        )
    except PlaceNotFound:
        wrong = _("We do not know that place. Write a ZIP code, or a town and its state.")
        rest = _filters({**asked, "near": ""})
        found = await service.checks_due(filters=rest, page=page, by=session.actor, now=now, settings=settings)
    context = {
        "title": _("Calls to make"),
        "view": list_view(found, asked, now, settings.timezone),
        "done": request.query_params.get("done", ""),
        "wrong": wrong,
        "is_hidden": False,
    }
    return signed_page(request, "checks/list.html", session, context)


async def _hidden(request: Request) -> Response:
    """What somebody has hidden by hand, so that it can be shown again."""
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    page = _page(request)
    found = await service.checks_hidden(page=page, by=session.actor, now=now, settings=settings)
    view = hidden_view(found, now, settings.timezone)
    context = {"title": _("Hidden listings"), "view": view, "done": "", "wrong": "", "is_hidden": True}
    return signed_page(request, "checks/list.html", session, context)


async def paper(request: Request) -> Response:
    """The first of the list, to be printed and ticked off by hand."""
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    found = await service.checks_due(
        filters=_filters(_asked(request)), per_page=service.PRINTED, by=session.actor, now=now, settings=settings
    )
    lines = [line_view(line, {}, now, settings.timezone) for line in found.lines]
    return signed_page(request, "checks/paper.html", session, {"title": _("Calls to make"), "lines": lines})


async def sheet(request: Request) -> Response:
    """The call sheet of one listing."""
    return await _sheet(request, await full_session(request), {})


async def note(request: Request) -> Response:
    """Takes what came of a call."""
    session, values, slug = await full_session(request), await typed(request), request.path_params["slug"]
    outcome = values.get("outcome", "")
    try:
        noted = await service.check_add(
            slug=slug,
            outcome=outcome,
            note=values.get("note", ""),
            form=values.get("once", ""),
            version=number_or_none(values.get("version", "")),
            by=session.actor,
            now=now_of(request),
        )
    except (UnfitFields, Settled) as error:
        return await _sheet(request, session, values, error)
    if outcome == rules.CHANGED:
        return see_other(f"/desk/listings/{slug}/edit")
    return see_other(_done(values.get("back", ""), "early" if noted and not noted.counts else outcome))


async def review(request: Request) -> Response:
    """Takes what a coordinator decides of a listing that nobody can reach."""
    session, values, slug = await full_session(request), await typed(request), request.path_params["slug"]
    decision = values.get("decision", "")
    try:
        await service.check_review(
            slug=slug,
            decision=decision,
            note=values.get("note", ""),
            form=values.get("once", ""),
            version=number_or_none(values.get("version", "")),
            last=number_or_none(values.get("last", "")),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (UnfitFields, EditRefused, Settled) as error:
        return await _sheet(request, session, {"why": values.get("note", "")}, error)
    return see_other(f"{sheet_url(slug)}?done={decision}")


async def right(request: Request) -> Response:
    """ "Is this still right?" Yes, says somebody who may edit it."""
    session, values = await full_session(request), await typed(request)
    slug, version = request.path_params["slug"], number_or_none(values.get("version", ""))
    back = local_path(values.get("back", ""), "/desk").partition("?")[0]
    try:
        await service.listing_confirm(slug=slug, version=version, by=session.actor, now=now_of(request))
    except Settled:
        return see_other(f"{back}?done=changed")
    return see_other(f"{back}?done=right")


async def _sheet(
    request: Request,
    session: Session,
    values: Mapping[str, str],
    error: UnfitFields | EditRefused | Settled | None = None,
) -> Response:
    now, settings = now_of(request), settings_of(request)
    found = await service.check_sheet(slug=request.path_params["slug"], by=session.actor, now=now, settings=settings)
    names = await names_for(labels={check.by for check in found.past}, by=session.actor)
    back = local_path(values.get("back") or request.query_params.get("back", ""), CHECKS)
    context = {
        "title": _("Call sheet"),
        "view": sheet_view(found, names, now, settings.timezone),
        "me_name": session.account.name,
        "outcomes": _choices(OUTCOME, values.get("outcome", "")),
        "decisions": _choices(DECISION, values.get("decision", "")),
        "note": values.get("note", ""),
        "why": values.get("why", ""),
        "once": values.get("once") or new_token(),
        "list_url": back,
        "mistakes": {} if isinstance(error, Settled) else _mistakes(error, is_review="why" in values),
        "is_late": isinstance(error, Settled),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "checks/sheet.html", session, context, error.status if error else 200)


def _mistakes(error: UnfitFields | EditRefused | None, *, is_review: bool) -> dict[str, str]:
    """What is wrong, by field: those of the call, or the one of the review."""
    if isinstance(error, UnfitFields):
        found = {each.field: _("Choose one.") if each.field == "outcome" else sentence(each) for each in error.problems}
        return {"why": " ".join(found.values())} if is_review else found
    if error:
        return {"why": _("Its source has to be read once more before it can be changed by hand. Ask a coordinator.")}
    return {}


def _choices(table: Mapping[str, str], chosen: str) -> list[Choice]:
    return [Choice(code, _(text), code == chosen) for code, text in table.items()]


def _done(back: str, outcome: str) -> str:
    address = local_path(back, CHECKS)
    return f"{address}{'&' if '?' in address else '?'}done={outcome}"


def _asked(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "").strip()[:200] for name in FILTERS}


def _filters(asked: Mapping[str, str]) -> service.Filters:
    """The filters as the service takes them; what is no kind and no number is left out."""
    kind = asked["kind"]
    return service.Filters((kind,) if kind in labels.KIND else (), asked["near"], number_or_none(asked["agency"]))


def number_or_none(text: str) -> int | None:
    """The number of a row or a version, as a field has it; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _page(request: Request) -> int:
    return min(page_asked(request), MOST_PAGES)
