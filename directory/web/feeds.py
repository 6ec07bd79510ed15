"""The addresses that lists are read from: all of them, a new one, changing one, reading it now or looking first, and stopping."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Action, Allowed, demand, may
from directory.domain.errors import Problem, RunRefused, UnreadableFile
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import feed_pages as service
from directory.services.exchange import Watch
from directory.services.feed_pages import Given
from directory.services.feeds import Feed
from directory.web.accounts import full_session
from directory.web.fields import FormView, form_page, signed_page, typed
from directory.web.presenters import Link
from directory.web.presenters_feeds import feed_card, feed_fields
from directory.web.presenters_uploads import unreadable_words
from directory.web.reading import run_to_show
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of, site_of

_ = gettext

FEEDS = "/feeds"


async def page(request: Request) -> Response:
    """All feeds, with when each was read, is next, and what went wrong."""
    session, now = await full_session(request), now_of(request)
    zone = ZoneInfo(settings_of(request).timezone)
    found = await service.feeds_seen(by=session.actor, now=now)
    cards = [feed_card(feed, now, zone) for feed in found]
    context = {"title": _("Feeds"), "cards": cards, "done": request.query_params.get("done", "")}
    return signed_page(request, "feeds/list.html", session, context)


async def new_form(request: Request) -> Response:
    """The form for a new one."""
    session = await full_session(request)
    demand(session.actor, Action.KEEP_FEEDS, now=now_of(request))
    return _form(request, session, None)


async def add(request: Request) -> Response:
    """Adds one; the worker reads it next."""
    session, values = await full_session(request), await typed(request)
    try:
        await _set(request, session, values, is_new=True)
    except UnfitFields as error:
        return _form(request, session, values, tuple(error.problems))
    return see_other(f"{FEEDS}?done=added")


async def show(request: Request) -> Response:
    """One feed: how it went, what can be done, and the form to change it."""
    session = await full_session(request)
    return await _one(request, session)


async def change(request: Request) -> Response:
    """Changes one; the worker reads it next."""
    session, values = await full_session(request), await typed(request)
    values["source"] = request.path_params["source"]
    try:
        await _set(request, session, values, is_new=False)
    except UnfitFields as error:
        return await _one(request, session, values, tuple(error.problems))
    return see_other(f"{FEEDS}?done=changed")


async def read(request: Request) -> Response:
    """Has one read next, by the worker."""
    session = await full_session(request)
    await service.feed_read_soon(by=session.actor, source=request.path_params["source"], now=now_of(request))
    return see_other(f"{FEEDS}?done=read")


async def look(request: Request) -> Response:
    """Reads one now and shows what it would do, before anything is changed."""
    session, source = await full_session(request), request.path_params["source"]

    async def fetched(watch: Watch) -> int:
        clock, settings = site_of(request).clock, settings_of(request)
        return await service.feed_preview(by=session.actor, source=source, clock=clock, settings=settings, watch=watch)

    try:
        return see_other(f"/runs/{await run_to_show(fetched)}")
    except UnfitFields as error:
        return await _one(request, session, None, tuple(error.problems))
    except UnreadableFile as error:
        return await _one(request, session, None, (), unreadable_words(error.reason))
    except RunRefused:
        busy = (Problem("address", "busy", ""),)
        return await _one(request, session, None, busy)


async def stop(request: Request) -> Response:
    """Ends the schedule of one."""
    session = await full_session(request)
    await service.feed_stop(by=session.actor, source=request.path_params["source"], now=now_of(request))
    return see_other(f"{FEEDS}?done=stopped")


async def _set(request: Request, session: Session, values: dict[str, str], *, is_new: bool) -> None:
    given = Given(
        source=values.get("source", "").strip(),
        address=values.get("address", "").strip(),
        format=values.get("format", ""),
        hours=values.get("hours", "").strip(),
        fellowship=values.get("fellowship", ""),
        map=values.get("map", ""),
        partial="partial" in values,
        seen=values.get("seen", ""),
    )
    await service.feed_set(
        by=session.actor, given=given, is_new=is_new, settings=settings_of(request), now=now_of(request)
    )


def _form(
    request: Request, session: Session, values: dict[str, str] | None, problems: tuple[Problem, ...] = ()
) -> Response:
    view = _view(None, values, problems)
    return form_page(request, _("Add a feed"), view, 422 if problems else 200, session=session)


def _view(feed: Feed | None, values: dict[str, str] | None, problems: tuple[Problem, ...]) -> FormView:
    address, button = (f"{FEEDS}/{feed.source}", _("Save")) if feed else (f"{FEEDS}/new", _("Add it"))
    fields = tuple(feed_fields(feed, values, problems))
    links = () if feed else (Link(_("Back to the feeds"), FEEDS),)
    return FormView(address, button, fields, hidden={"seen": service.feed_mark(feed)} if feed else {}, links=links)


async def _one(
    request: Request,
    session: Session,
    values: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    wrong: str = "",
) -> Response:
    now, zone = now_of(request), ZoneInfo(settings_of(request).timezone)
    feed = await service.feed_seen(by=session.actor, source=request.path_params["source"], now=now)
    context = {
        "title": feed.source,
        "card": feed_card(feed, now, zone),
        "view": _view(feed, values, problems),
        "wrong": wrong,
        "may_look": isinstance(may(session.actor, Action.UPLOAD, now=now), Allowed),
        "back": f"{FEEDS}/{feed.source}",
    }
    return signed_page(request, "feeds/page.html", session, context, 422 if problems or wrong else 200)
