"""Places that somebody should look at: the list, and for each the way to say where it is, or that it is right as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import BadQuery, Settled
from directory.domain.geo import Point
from directory.domain.geocodes import FarPin
from directory.domain.people import Session
from directory.i18n import a_number, gettext
from directory.services import geocode_review as service
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, filled, signed_page, typed
from directory.web.presenters import Link, listing_url
from directory.web.presenters_form import Choice
from directory.web.presenters_places import degrees, doubt_card, place_url, place_view
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

PLACES = "/places"
LATITUDE, LONGITUDE, FAR = "latitude", "longitude", "far"


async def page(request: Request) -> Response:
    """The places that are doubtful, what matters most first."""
    session, now = await full_session(request), now_of(request)
    doubts = await service.doubts_list(by=session.actor, now=now)
    total = await service.doubts_waiting(by=session.actor, now=now)
    context = {
        "title": _("Places to look at"),
        "cards": [doubt_card(each) for each in doubts],
        "more": max(total - len(doubts), 0),
    }
    return signed_page(request, "places/list.html", session, context)


async def place(request: Request) -> Response:
    """One place, with the form for its pin."""
    return await _page(request, await full_session(request), request.query_params.get("done", ""))


async def pin(request: Request) -> Response:
    """Says where it is."""
    session, values = await full_session(request), _apart(await typed(request))
    point, mistakes = _point(values)
    if point is None:
        return await _page(request, session, values=values, mistakes=mistakes, status=422)
    given = _given(request, session, values) | {"is_far": values.get(FAR) == _tick(values)}
    try:
        await service.geocode_pin(point=point, **given, settings=settings_of(request))
    except FarPin as error:
        return await _page(request, session, values=values, mistakes={FAR: _far(error)}, status=error.status)
    except BadQuery:
        wrong = _("This cannot be a place. Look at both numbers again.")
        return await _page(request, session, values=values, mistakes={LATITUDE: wrong}, status=422)
    except Settled as error:
        return await _page(request, session, "settled", values=values, status=error.status)
    return _back(request, "pinned")


async def accept(request: Request) -> Response:
    """Says that it is right as it is."""
    session, values = await full_session(request), await typed(request)
    try:
        await service.geocode_accept(**_given(request, session, values))
    except Settled as error:
        return await _page(request, session, "settled", status=error.status)
    return _back(request, "accepted")


async def unpin(request: Request) -> Response:
    """Takes a pin back, or that it is right."""
    session, values = await full_session(request), await typed(request)
    try:
        await service.geocode_unpin(**_given(request, session, values), settings=settings_of(request))
    except Settled as error:
        return await _page(request, session, "settled", status=error.status)
    return _back(request, "unpinned")


def _given(request: Request, session: Session, values: Mapping[str, str]) -> dict[str, Any]:
    slug = request.path_params["slug"]
    return {
        "slug": slug,
        "by": session.actor,
        "seen": values.get("seen", ""),
        "clock": lambda: now_of(request),
    }


def _back(request: Request, done: str) -> Response:
    return see_other(f"{place_url(request.path_params['slug'])}?done={done}")


def _apart(values: Mapping[str, str]) -> dict[str, str]:
    """What was typed; both numbers in one field, as maps give them to be copied, are put into the two fields."""
    for name in (LATITUDE, LONGITUDE):
        text = values.get(name, "").strip(" ()")
        # A comma with nothing but figures around it may be that of a decimal fraction.
        pair = re.split(r"\s*[,;]\s*" if "." in text else r"[,;]?\s+|;|,(?=-)", text)
        if len(pair) == 2 and all(pair):
            return dict(values) | dict(zip((LATITUDE, LONGITUDE), pair, strict=True))
    return dict(values)


def _tick(values: Mapping[str, str]) -> str:
    """What the tick at a far pin stands for: these two numbers, not whatever is typed next."""
    return f"{values.get(LATITUDE, '')} {values.get(LONGITUDE, '')}"


def _far(error: FarPin) -> str:
    miles = a_number(error.miles)
    return _(
        "This is %(miles)s miles from the middle of its town or ZIP code. West and south are less than zero: is a minus missing? Mend the numbers; or tick this, if it is right."
    ) % {"miles": miles}


def _point(values: Mapping[str, str]) -> tuple[Point | None, dict[str, str]]:
    """The point that was typed, or what is wrong with each of its numbers."""
    found: dict[str, float] = {}
    mistakes: dict[str, str] = {}
    for name, most in ((LATITUDE, 90), (LONGITUDE, 180)):
        try:
            found[name] = float(values.get(name, "").replace(",", "."))
        except ValueError:
            mistakes[name] = _("Write a number of degrees, such as 44.476 or -73.213.")
            continue
        if not -most <= found[name] <= most:
            mistakes[name] = _("Write a number from -%(most)s to %(most)s.") % {"most": most}
    return (None, mistakes) if mistakes else (Point(found[LATITUDE], found[LONGITUDE]), {})


async def _page(
    request: Request,
    session: Session,
    done: str = "",
    *,
    values: Mapping[str, str] | None = None,
    mistakes: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    slug = request.path_params["slug"]
    standing = await service.place_show(slug=slug, by=session.actor, now=now_of(request))
    form = filled(_form(standing, _tick(values) if values and FAR in (mistakes or {}) else ""), values or {})
    form = replace(
        form, fields=tuple(replace(each, mistake=(mistakes or {}).get(each.name, "")) for each in form.fields)
    )
    context = {
        "title": _("Where is it?"),
        "place": place_view(standing, settings_of(request)),
        "view": form,
        "url": place_url(slug),
        "edit": f"/desk{listing_url(slug)}/edit",
        "seen": standing.seen,
        "done": done,
    }
    return signed_page(request, "places/place.html", session, context, status)


def _form(standing: service.Standing, far: str = "") -> FormView:
    """The form; where a pin is `far` from its address, with the tick that says so."""
    point = standing.doubt.point
    hint = _("Degrees north, such as 44.476"), _("Degrees east; west is less than zero, such as -73.213")
    fields = [
        Field(LATITUDE, _("Latitude"), value=degrees(point.lat) if point else "", hint=hint[0]),
        Field(LONGITUDE, _("Longitude"), value=degrees(point.lon) if point else "", hint=hint[1]),
    ]
    if far:
        tick = Choice(far, _("Yes, it is that far away"), False)
        fields.append(Field(FAR, _("Is it really there?"), choices=(tick,), many=True))
    links = (Link(_("Back to the list"), PLACES),)
    return FormView(
        place_url(standing.doubt.slug),
        _("Set the pin here"),
        tuple(fields),
        hidden={"seen": standing.seen},
        links=links,
    )
