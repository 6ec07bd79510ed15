"""Check-ins of one person: noted in a few taps, with their rhythm, what was said before, and the card for a crisis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import Problem
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.bridge import check_ins as service
from directory.services.bridge import crises, rhythms, text_replies
from directory.services.bridge.check_ins import Answer, History
from directory.services.credentials import new_token
from directory.services.waitlist.person import kept_upi
from directory.web.accounts import full_session
from directory.web.bridge.presenters_check_ins import (
    check_ins_view,
    next_words,
    noted_words,
    rhythm_form,
    spoken_words,
)
from directory.web.corrections import Mistake
from directory.web.fields import FormView, filled, last_of, sentence, signed_page, typed, typed_lists, with_problems
from directory.web.forms import number_of
from directory.web.presenters import card_views, line_views
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import day_typed, person_url, upi_of
from directory.web.waitlist.whose import whose_to_reach

_ = gettext

NOT_REACHED = "not-reached"
"""What the last button of the form says, beside what somebody answers to whether they still wait."""

OVER = ("noted", "not-waiting", NOT_REACHED, "before")
"""What was done where a check-in has just been noted, so that its form is folded away: a second one would seldom be meant."""


def check_ins_url(upi: str, done: str = "") -> str:
    """The page of somebody's check-ins; `done` is a code of what was done."""
    return f"/clients/{upi}/check-ins" + (f"?done={done}" if done else "")


def crisis_url(upi: str, check_in: int) -> str:
    """The card for a crisis."""
    return f"/clients/{upi}/check-ins/{check_in}/now"


async def page(request: Request) -> Response:
    """How they are, in a few taps; who was merged is shown where they are kept."""
    session = await full_session(request)
    kept = await _kept(request, session)
    return see_other(check_ins_url(kept)) if kept != upi_of(request) else await _page(request, session)


async def _kept(request: Request, session: Session) -> str:
    return await kept_upi(upi=upi_of(request), by=session.actor, now=now_of(request), settings=settings_of(request))


async def send(request: Request) -> Response:
    """Notes a check-in. Where somebody is in danger the card for it comes next."""
    session, upi, lists = await full_session(request), upi_of(request), await typed_lists(request)
    values = last_of(lists)
    answer = _answer(values, lists.get("safety", []))
    try:
        id = await service.check_in_note(
            upi=upi,
            answer=answer,
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, values, lists.get("safety", ()), error)
    if id is not None and answer.safety:
        return see_other(crisis_url(upi, id))
    return see_other(check_ins_url(upi, _done(answer) if id is not None else "before"))


def _done(answer: Answer) -> str:
    """What the page says next: nothing in it tells how somebody is."""
    if not answer.is_reached:
        return NOT_REACHED
    return "not-waiting" if answer.waiting == "no" else "noted"


def _answer(values: Mapping[str, str], safety: Sequence[str]) -> Answer:
    said, feeling = values.get("said", ""), values.get("feeling", "")
    is_reached = said != NOT_REACHED
    return Answer(
        values.get("channel", ""),
        is_reached,
        (int(feeling) if feeling.isascii() and feeling.isdigit() and len(feeling) < 3 else None)
        if is_reached
        else None,
        said if is_reached else "",
        tuple(dict.fromkeys(safety)),
        values.get("note", ""),
    )


async def rhythm(request: Request) -> Response:
    """Sets how often they are asked, by which way, and a pause."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    problems: list[Problem] = []
    until = day_typed("paused_until", values, problems)
    days = values.get("every_days", "").strip()
    try:
        if problems:
            raise UnfitFields(problems)
        is_done = await rhythms.rhythm_set(
            upi=upi,
            every_days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else None,
            channel=values.get("way", ""),
            paused_until=until,
            version=number_of(values.get("version", "") or "0"),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, values, (), error, is_rhythm=True)
    return see_other(check_ins_url(upi, "saved" if is_done else "newer"))


async def text(request: Request) -> Response:
    """A text was read and seen to; its words are forgotten."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    await text_replies.text_settle(
        upi=upi,
        text=number_of(values.get("text", "")),
        by=session.actor,
        now=now_of(request),
        settings=settings_of(request),
    )
    return see_other(check_ins_url(upi, "read"))


async def _page(
    request: Request,
    session: Session,
    values: Mapping[str, str] | None = None,
    safety: Sequence[str] = (),
    error: UnfitFields | None = None,
    *,
    is_rhythm: bool = False,
) -> Response:
    given, now, done = dict(values or {}), now_of(request), request.query_params.get("done", "")
    history = await service.check_ins_show(
        upi=upi_of(request), by=session.actor, now=now, settings=settings_of(request)
    )
    problems = () if is_rhythm or error is None else error.problems
    context = {
        "title": _("Check-in"),
        "whose": await whose_to_reach(request, history.who),
        "view": check_ins_view(history, now),
        "next": next_words(history, now),
        "rhythm": _rhythm(history, given, error) if is_rhythm else rhythm_form(history),
        "values": defaultdict(str, given),
        "ticked": tuple(safety),
        "mistakes": tuple(Mistake(each.field, sentence(each), f"#{each.field}") for each in problems),
        "wrong": defaultdict(str, {each.field: sentence(each) for each in problems}),
        "once": given.get("once") or new_token(),
        "done": done,
        "is_over": done in OVER and not problems,
        "back_url": person_url(history.who.row.upi),
    }
    return signed_page(request, "bridge/check_ins.html", session, context, error.status if error else 200)


def _rhythm(history: History, values: Mapping[str, str], error: UnfitFields | None) -> FormView:
    view = filled(rhythm_form(history), values)
    view = replace(view, hidden=dict(view.hidden) | {"version": values.get("version", "0")})
    return with_problems(view, error.problems) if error else view


# --- a crisis --------------------------------------------------------------------------------------------------------


async def crisis(request: Request) -> Response:
    """What helps in the next minutes; that of who was merged stands where they are kept."""
    session, now, upi = await full_session(request), now_of(request), upi_of(request)
    check_in = number_of(str(request.path_params["check_in"]))
    if (kept := await _kept(request, session)) != upi:
        return see_other(crisis_url(kept, check_in))
    found = await crises.crisis_show(
        upi=upi, check_in=check_in, by=session.actor, now=now, settings=settings_of(request)
    )
    context = {
        "title": _("What to do now"),
        "whose": await whose_to_reach(request, found.who),
        "noted": noted_words(found.at, now),
        "said": spoken_words(found.safety),
        "text": found.text,
        "near": card_views(found.near, now),
        "naloxone": card_views(found.naloxone, now),
        "lines": line_views(found.lines, now),
        "people": found.people,
        "is_open": found.is_open,
        "address": crisis_url(upi, check_in),
        "check_ins_url": check_ins_url(upi),
        "back_url": person_url(upi),
    }
    return signed_page(request, "bridge/crisis.html", session, context)


async def crisis_settle(request: Request) -> Response:
    """Somebody has seen to it."""
    session, upi = await full_session(request), upi_of(request)
    check_in = number_of(str(request.path_params["check_in"]))
    await crises.crisis_settle(
        upi=upi, check_in=check_in, by=session.actor, now=now_of(request), settings=settings_of(request)
    )
    return see_other(crisis_url(upi, check_in))
