"""Groups for everybody: those that are public, one with its seats, and their times for a calendar."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.formats.group_calendar import GroupEvents, write_groups
from directory.i18n import gettext
from directory.services.bridge import public_groups as service
from directory.services.bridge.public_groups import GroupTimes
from directory.services.listings import data_version
from directory.web import responses
from directory.web.bridge.presenters_groups import card_view, group_view
from directory.web.forms import number_of
from directory.web.listings import NOT_LISTED
from directory.web.pages import facts_of
from directory.web.paging import page_asked, pages_around
from directory.web.site import now_of, settings_of

_ = gettext

GROUPS = "/groups"
CALENDAR = "text/calendar; charset=utf-8"


async def groups(request: Request) -> Response:
    """The groups that everybody may come to, by their next meeting."""
    now, page = now_of(request), page_asked(request)
    cards, is_more = await service.public_groups(now=now, page=page)
    context = {
        "title": _("Groups and activities"),
        "cards": [card_view(each, now) for each in cards],
        "pages": pages_around(GROUPS, page, is_more=is_more),
        "has_demo": await _has_demo(request),
    }
    return responses.page(request, "bridge/groups.html", context)


async def group(request: Request) -> Response:
    """One of them with its coming meetings and the seats that are left. 404 for any other, whether there is one or not."""
    now = now_of(request)
    found = await service.public_group(id=_id(request), now=now)
    view = group_view(found, now)
    context = {"title": view.card.name, "view": view, "has_demo": await _has_demo(request)}
    return responses.page(request, "bridge/group.html", context)


async def group_calendar(request: Request) -> Response:
    """The times of one group for a calendar. 404 as for its page."""
    found = await service.public_times_of(id=_id(request), now=now_of(request))
    return _file(request, [_events(found)], f"footbridge-{found.group.id}")


async def groups_calendar(request: Request) -> Response:
    """The times of all groups that everybody may come to, for a calendar that asks again by itself."""
    found = await service.public_times(now=now_of(request))
    return _file(request, [_events(each) for each in found], "footbridge-list")


def _events(found: GroupTimes) -> GroupEvents:
    return GroupEvents(found.group.id, found.group.version, found.group.values, found.others)


def _file(request: Request, events: list[GroupEvents], name: str) -> Response:
    content = write_groups(events, now=now_of(request), base_url=settings_of(request).base_url)
    headers = {
        "Cache-Control": responses.PUBLIC,
        "Content-Disposition": f'attachment; filename="{name}.ics"',
        **NOT_LISTED,
    }
    return Response(content, media_type=CALENDAR, headers=headers)


async def _has_demo(request: Request) -> bool:
    return (await facts_of(request, await data_version())).has_demo


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])
