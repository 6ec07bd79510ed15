"""The queue of what visitors say is wrong, and settling one: with the listing beside it, and a letter to whoever wants to hear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import Settled
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext, pgettext
from directory.services import reports as service
from directory.services.names import names_for
from directory.web.accounts import full_session
from directory.web.checks import number_or_none
from directory.web.fields import sentence, signed_page, typed_lists
from directory.web.forms import number_of
from directory.web.paging import page_asked
from directory.web.presenters_form import Choice
from directory.web.presenters_reports import OUTCOME, REPORTS, queue_view, sheet_view
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext


async def queue(request: Request) -> Response:
    """What is open, the most urgent first, and what was settled lately."""
    session, now = await full_session(request), now_of(request)
    found = await service.reports_list(
        page=page_asked(request), by=session.actor, now=now, settings=settings_of(request)
    )
    context = {
        "title": _("Reports"),
        "view": queue_view(found, now),
        "done": request.query_params.get("done", ""),
        "has_mail": bool(settings_of(request).smtp_url),
    }
    return signed_page(request, "reports/queue.html", session, context)


async def page(request: Request) -> Response:
    """One report."""
    return await _sheet(request, await full_session(request), {})


async def settle(request: Request) -> Response:
    """Settles a report; where somebody else was quicker, or something is missing, the page comes again with what was typed."""
    session, lists = await full_session(request), await typed_lists(request)
    values = {name: found[-1] for name, found in lists.items()}
    try:
        await service.report_settle(
            id=_id(request),
            version=number_of(values.get("version", "")),
            outcome=values.get("outcome", ""),
            answer=values.get("answer", ""),
            also=[number_of(text) for text in lists.get("also", ())],
            is_asked="asked" in values,
            listing_version=number_or_none(values.get("listing", "")),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (UnfitFields, Settled) as error:
        return await _sheet(request, session, values, lists.get("also", ()), error)
    return see_other(f"{REPORTS}?done={values['outcome']}")


async def reopen(request: Request) -> Response:
    """Puts a settled report back into the queue."""
    session, lists = await full_session(request), await typed_lists(request)
    version = number_of(lists.get("version", [""])[-1])
    try:
        await service.report_reopen(id=_id(request), version=version, by=session.actor, now=now_of(request))
    except Settled as error:
        return await _sheet(request, session, {}, (), error)
    return see_other(f"{REPORTS}/{_id(request)}?done=reopened")


async def _sheet(
    request: Request,
    session: Session,
    values: Mapping[str, str],
    also: Sequence[str] = (),
    error: UnfitFields | Settled | None = None,
) -> Response:
    now = now_of(request)
    found = await service.report_sheet(id=_id(request), by=session.actor, now=now, settings=settings_of(request))
    names = await names_for(labels=[found.report.settled_by or ""], by=session.actor)
    context = {
        "title": pgettext("noun", "Report"),
        "view": sheet_view(found, names, now),
        "outcomes": [Choice(code, _(text), code == values.get("outcome", "")) for code, text in OUTCOME.items()],
        "answer": values.get("answer", ""),
        "also": also,
        "is_asked": "asked" in values,
        "mistakes": _mistakes(error),
        "is_late": isinstance(error, Settled) and "listing" not in error.values,
        "is_changed": isinstance(error, Settled) and "listing" in error.values,
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "reports/page.html", session, context, error.status if error else 200)


def _mistakes(error: UnfitFields | Settled | None) -> dict[str, str]:
    """What is wrong, by field."""
    if not isinstance(error, UnfitFields):
        return {}
    return {each.field: _("Choose one.") if each.field == "outcome" else sentence(each) for each in error.problems}


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])
