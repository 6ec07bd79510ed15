"""Hand-outs: choosing one, making it, reading it behind its address, printing it, sending its link, and those that are good."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory import i18n
from directory.domain.bridge.handouts import CHOSEN, DAY, DAYS, DISTANCE, USUAL_DAYS, Paper, Size, Wanted
from directory.domain.errors import NotFound, Problem
from directory.domain.people import Agency, Session, UnfitFields
from directory.i18n import N_, a_number, gettext, ngettext
from directory.services.bridge import handouts as service
from directory.services.bridge.handouts import HandoutNow, Made
from directory.services.credentials import new_token
from directory.web.accounts import full_session, picture
from directory.web.bridge.presenters_handouts import day_of, handout_view, paper_view, typed_address
from directory.web.fields import Field, FormView, again, filled, form_page, last_of, signed_page, typed, typed_lists
from directory.web.forms import number_of
from directory.web.listings import NOT_LISTED
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.responses import NO_STORE, see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import person_url, upi_of
from directory.web.wording import moment_words

_ = gettext

HANDOUTS, NEW = "/handouts", "/handouts/new"
SORTS = {
    DAY: N_("By the days of the week"),
    DISTANCE: N_("The nearest first"),
    CHOSEN: N_("As they were chosen"),
}
SIZES = {
    Size.A5: N_("A5"),
    Size.HALF_LETTER: N_("Half letter"),
    Size.WALLET: N_("Cards for a wallet"),
}
NAMED = 2
"""So many places of a list are named where it stands among others."""
QUIET = {"Referrer-Policy": "no-referrer", **NOT_LISTED}
"""Nobody learns of the address: no search engine, and no site that a link of it leads to."""


# --- choosing and making ---------------------------------------------------------------------------------------------


async def start(request: Request) -> Response:
    """How a hand-out is made: nothing is chosen yet."""
    session = await full_session(request)
    await service.handout_agencies(by=session.actor, now=now_of(request))
    return _start(request, session)


def _start(request: Request, session: Session, *, upi: str = "", is_empty: bool = False) -> Response:
    context = {"title": _("Make a hand-out"), "upi": quote(upi), "is_empty": is_empty}
    return signed_page(request, "bridge/handout_start.html", session, context)


async def choose(request: Request) -> Response:
    """The listings that were chosen elsewhere, each to be left out again, and in which way they are wanted."""
    session, lists = await full_session(request), await typed_lists(request)
    values = last_of(lists)
    if not any(lists.get("slug", [])):
        await service.handout_agencies(by=session.actor, now=now_of(request))
        return _start(request, session, upi=values.get("upi", ""), is_empty=True)
    view = filled(await _view(request, session, lists, new_token()), values, lists)
    return form_page(request, _("Make a hand-out"), view, session=session)


async def make(request: Request) -> Response:
    """Makes it and shows its address, this once. The form sent again shows none, since nobody knows the code any more."""
    session, now, lists = await full_session(request), now_of(request), await typed_lists(request)
    values = last_of(lists)
    own = await service.handout_agencies(by=session.actor, now=now)
    try:
        made = await service.handout_make(
            slugs=lists.get("slug", []),
            agency=_agency(values, own),
            wanted=_wanted(values),
            form=values.get("once", ""),
            by=session.actor,
            now=now,
            settings=settings_of(request),
        )
    except UnfitFields as error:
        view = await _view(request, session, lists, values.get("once", ""))
        return again(request, _("Make a hand-out"), view, values, error, "", session=session, lists=lists)
    if made is None:
        return see_other(f"{HANDOUTS}?done=before")
    return _made(request, session, made, values.get("upi", ""))


async def _view(request: Request, session: Session, lists: Mapping[str, Sequence[str]], once: str) -> FormView:
    now, settings = now_of(request), settings_of(request)
    own = await service.handout_agencies(by=session.actor, now=now)
    names = await service.handout_names(slugs=lists.get("slug", []), now=now, settings=settings)
    upi = next(iter(lists.get("upi", [])), "")
    fields = (
        *_agency_fields(own),
        Field("slug", _("Places"), choices=tuple(Choice(*each, True) for each in names.items()), many=True),
        Field("sort", _("In which order?"), choices=_choices({code: _(text) for code, text in SORTS.items()}, DAY)),
        Field(
            "near",
            _("From where?"),
            hint=_("A ZIP code, or a town and its state: for distances. It does not stand on the list."),
        ),
        Field("days", _("For how long can it be opened?"), choices=_choices(_days(), str(USUAL_DAYS))),
        Field("language", _("Language on paper"), choices=_choices(i18n.NAMES, i18n.language())),
    )
    links = (Link(_("Back to the person"), person_url(quote(upi))),) if upi else (Link(_("Search"), "/search"),)
    lead = _("A page with these places and a code to scan. It has no name on it.")
    return FormView(
        HANDOUTS, _("Make the list"), fields, lead, hidden={"once": once} | ({"upi": upi} if upi else {}), links=links
    )


def _days() -> dict[str, str]:
    return {str(days): ngettext("%(n)s day", "%(n)s days", days) % {"n": a_number(days)} for days in DAYS}


def _choices(table: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(code, text, code == chosen) for code, text in table.items())


def _agency_fields(own: Sequence[Agency]) -> tuple[Field, ...]:
    choices = (Choice("", _("Choose"), True), *(Choice(str(each.id), each.name, False) for each in own))
    return (Field("agency", _("Which agency makes it?"), choices=choices),) if len(own) > 1 else ()


def _agency(values: Mapping[str, str], own: Sequence[Agency]) -> int:
    """The agency: the only one, or the one that was chosen. Raises UnfitFields where none was."""
    chosen = [each.id for each in own if len(own) == 1 or str(each.id) == values.get("agency")]
    if not chosen:
        raise UnfitFields([Problem("agency", "choose", "")])
    return chosen[0]


def _wanted(values: Mapping[str, str]) -> Wanted:
    days = values.get("days", "")
    return Wanted(
        sort=values.get("sort", ""),
        days=int(days) if days in map(str, DAYS) else 0,
        language=values.get("language", ""),
        near=values.get("near", ""),
    )


def _made(request: Request, session: Session, made: Made, upi: str) -> Response:
    address = service.handout_url(made.code, settings_of(request))
    context = {
        "title": _("The list is ready"),
        "address": address,
        "page": f"{service.PATH}{made.code}",
        "picture": picture(address),
        "papers": _papers(made.code),
        "message": " ".join((_("Here is the list that you asked for:"), address)),
        "until": day_of(made.until, made.zone, now_of(request)),
        "unknown": made.unknown,
        "upi": quote(upi),
        "code": made.code,
        "once": new_token(),
    }
    return signed_page(request, "bridge/handout_made.html", session, context)


def _papers(code: str) -> tuple[Link, ...]:
    return tuple(Link(_(text), f"{service.PATH}{code}.pdf?size={size.value}") for size, text in SIZES.items())


# --- those that are good ---------------------------------------------------------------------------------------------


async def handouts(request: Request) -> Response:
    """Those of one's own agencies that can be opened, by their dates: nobody can see their addresses again."""
    session, now = await full_session(request), now_of(request)
    rows = await service.handouts_list(by=session.actor, now=now)
    zones, slugs = await service.handout_zones(rows=rows), [each.slug for row in rows for each in row.items[:NAMED]]
    names = await service.handout_names(slugs=slugs, now=now, settings=settings_of(request))
    context = {
        "title": _("Hand-outs"),
        "lines": [_line(row, names, zones[row.agency], session, now) for row in rows],
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "bridge/handouts.html", session, context)


def _line(row: HandoutNow, names: Mapping[str, str], zone: str, session: Session, now: datetime) -> dict[str, object]:
    count = len(row.items)
    return {
        "id": row.id,
        "what": ngettext("%(n)s place", "%(n)s places", count) % {"n": a_number(count)},
        "names": [names[each.slug] for each in row.items[:NAMED] if each.slug in names],
        "more": max(0, count - NAMED),
        "language": i18n.NAMES.get(row.language, row.language),
        "made": moment_words(row.at.astimezone(ZoneInfo(zone)), now),
        "until": day_of(row.expires_at, zone, now),
        "is_own": row.by == session.actor.label,
    }


async def end(request: Request) -> Response:
    """Ends one at once."""
    session, values = await full_session(request), await typed(request)
    await service.handout_end(id=number_of(values.get("id", "")), by=session.actor, now=now_of(request))
    return see_other(f"{HANDOUTS}?done=ended")


async def send(request: Request) -> Response:
    """Sends the link to somebody, by the ways that they agreed to."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    sent = await service.handout_send(
        upi=upi,
        code=values.get("code", ""),
        form=values.get("once", ""),
        by=session.actor,
        now=now_of(request),
        settings=settings_of(request),
    )
    done = "before" if sent is None else "list-sent" if sent else "list-not-sent"
    return see_other(person_url(upi, done))


# --- behind the address ----------------------------------------------------------------------------------------------


async def page(request: Request) -> Response:
    """The list as it is now, for whoever has its address."""
    now, settings = now_of(request), settings_of(request)
    shown = await service.handout_show(code=request.path_params["code"], now=now, settings=settings)
    if i18n.COOKIE not in request.cookies:  # who asked for no other reads it as it was made
        i18n.use(shown.row.language)
    address = service.handout_url(shown.code, settings)
    context = {
        "title": _("Your list"),
        "view": handout_view(shown, now),
        "papers": _papers(shown.code),
        "picture": picture(address),
        "address": typed_address(address),
    }
    response = signed_page(request, "bridge/handout.html", None, context)
    response.headers.update(QUIET)
    return response


async def pdf(request: Request) -> Response:
    """The same on paper. Made in a thread, since it takes the processor for some time."""
    now, settings = now_of(request), settings_of(request)
    shown = await service.handout_show(code=request.path_params["code"], now=now, settings=settings)
    size = request.query_params.get("size", Size.A5)
    if size not in list(Size):
        raise NotFound()
    paper = paper_view(shown, service.handout_url(shown.code, settings), now)
    content = await asyncio.to_thread(_written, paper, Size(size))
    name = {"Content-Disposition": 'inline; filename="list.pdf"', "Content-Language": shown.row.language}
    return Response(content, media_type="application/pdf", headers={"Cache-Control": NO_STORE, **name, **QUIET})


def _written(paper: Paper, size: Size) -> bytes:
    from directory.formats import (
        handout_pdf,
    )  # with its fonts ten megabytes, which a process needs only when somebody prints

    return handout_pdf.write(paper, size)
