"""The runs that brought files in: the list, one of them before and after it is put in, and yes, no, and take it back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import confirming as service
from directory.services.names import names_for
from directory.services.run_pages import run_page, run_take_back, runs_seen
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.paging import page_asked
from directory.web.presenters_runs import run_card, run_view
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of, site_of

_ = gettext

RUNS = "/runs"


async def page(request: Request) -> Response:
    """The latest runs, of one list where it is named."""
    session, now = await full_session(request), now_of(request)
    source = request.query_params.get("source") or None
    runs = await runs_seen(by=session.actor, source=source, now=now)
    cards = [run_card(run, now) for run in runs]
    context = {"title": _("What files did"), "cards": cards, "source": source}
    return signed_page(request, "runs/list.html", session, context)


async def show(request: Request) -> Response:
    """One run: what it would do while it waits, else what it did."""
    return await _show(request, await full_session(request))


async def confirm(request: Request) -> Response:
    """Puts in what was looked at; where listings have changed since, there is another preview to look at."""
    session, values = await full_session(request), await typed(request)
    try:
        found = await service.upload_confirm(
            by=session.actor,
            run=_run(request),
            removals_seen=bool(values.get("removals")),
            clock=site_of(request).clock,
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _show(request, session, error.status)
    return see_other(f"{RUNS}/{found.run}")


async def discard(request: Request) -> Response:
    """Puts a preview away."""
    session = await full_session(request)
    await service.upload_discard(by=session.actor, run=_run(request), now=now_of(request))
    return see_other(f"{RUNS}/{_run(request)}")


async def undo(request: Request) -> Response:
    """Takes a run back."""
    session = await full_session(request)
    await run_take_back(
        by=session.actor, run=_run(request), clock=site_of(request).clock, settings=settings_of(request)
    )
    return see_other(f"{RUNS}/{_run(request)}")


def _run(request: Request) -> int:
    return number_of(request.path_params["run"])


async def _show(request: Request, session: Session, status: int = 200) -> Response:
    now = now_of(request)
    found = await run_page(
        by=session.actor,
        run=_run(request),
        part=request.query_params.get("show", ""),
        page=page_asked(request),
        now=now,
    )
    names = await names_for(labels=[found.run.by], by=session.actor)
    context = {
        "title": _("%(list)s: what the file does") % {"list": found.run.source_title},
        "view": run_view(found, names.get(found.run.by, ""), now),
        "is_unticked": status != 200,
        "back": f"{RUNS}/{found.run.id}",
    }
    return signed_page(request, "runs/page.html", session, context, status)
