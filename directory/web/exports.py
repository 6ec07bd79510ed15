"""What was found, or what is on a list, as a file: a table for a spreadsheet, times for a calendar."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import BadQuery
from directory.domain.search import parse
from directory.formats import calendar as calendar_format
from directory.formats import table as table_format
from directory.services.lists import Export, list_export
from directory.web.listings import NOT_LISTED
from directory.web.responses import PRIVATE
from directory.web.search import spelled_out
from directory.web.site import now_of, settings_of
from directory.web.take import dropped, taken_list

TABLE = "text/csv; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"
NAME = "footbridge-list"
"""The files stand among others' on a phone, so their name does not say what they are of."""


async def search_table(request: Request) -> Response:
    """All that the search finds, up to a limit, as a table. A wrong parameter is refused (400), and so is an unknown place (422)."""
    found = await _found(request)
    base = settings_of(request).base_url
    # In a thread, since a thousand rows take long enough for others to wait.
    content = await run_in_threadpool(table_format.write, found.details, now=found.now, base_url=base)
    return _file(content, TABLE, "csv")


async def search_calendar(request: Request) -> Response:
    """The times of all that the search finds, up to a limit; ways to join online are not in it."""
    found = await _found(request)
    base = settings_of(request).base_url
    content = await run_in_threadpool(
        calendar_format.write_many, found.details, now=found.now, base_url=base, with_links=False
    )
    return _file(content, CALENDAR, "ics")


async def list_table(request: Request) -> Response:
    """The list as a table; what is gone is named as such."""
    taken, _left_out = await taken_list(request, dropped(request.query_params.multi_items()))
    content = table_format.write(
        taken.details,
        now=taken.now,
        base_url=settings_of(request).base_url,
        removed=[(each.slug, each.name) for each in taken.gone],
    )
    return _file(content, TABLE, "csv")


async def list_calendar(request: Request) -> Response:
    """The times of what is on the list, with the ways to join online, which were chosen one by one."""
    taken, _left_out = await taken_list(request, dropped(request.query_params.multi_items()))
    base = settings_of(request).base_url
    content = await run_in_threadpool(calendar_format.write_many, taken.details, now=taken.now, base_url=base)
    return _file(content, CALENDAR, "ics")


async def _found(request: Request) -> Export:
    query, problems = parse(spelled_out(dropped(request.query_params.multi_items())))
    if problems:
        raise BadQuery(problems)
    return await list_export(query=query, now=now_of(request), settings=settings_of(request))


def _file(content: bytes, media_type: str, ending: str) -> Response:
    headers = {
        "Cache-Control": PRIVATE,
        "Content-Disposition": f'attachment; filename="{NAME}.{ending}"',
        **NOT_LISTED,
    }
    return Response(content, media_type=media_type, headers=headers)
