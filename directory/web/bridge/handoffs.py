"""The pages of a hand-off for the peers: the list of steps, what came of it, asking how it goes afterwards, and all that are under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.bridge.handoffs import Outcome
from directory.domain.errors import FootbridgeError
from directory.domain.people import Session, UnfitFields
from directory.domain.waitlist.routes import CHANNELS
from directory.domain.waitlist.states import NoSuchMove
from directory.i18n import gettext
from directory.services.bridge import follow_ups, handoff_steps
from directory.services.bridge import handoffs as service
from directory.services.bridge.follow_ups import Asked, NotYet
from directory.services.bridge.handoffs import NoHandoff
from directory.services.credentials import new_token
from directory.services.waitlist.person import kept_upi
from directory.web.accounts import full_session
from directory.web.bridge.presenters_handoffs import (
    back_link,
    handoff_url,
    page_view,
    parts_view,
    said_choices,
    unreached_choices,
)
from directory.web.corrections import Mistake
from directory.web.fields import (
    Field,
    FormView,
    filled,
    form_page,
    sentence,
    signed_page,
    typed,
    with_problems,
)
from directory.web.forms import number_of
from directory.web.paging import page_asked, pages_around
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_take_on import CHANNEL_WORDS
from directory.web.waitlist.steps import upi_of
from directory.web.waitlist.whose import whose_to_reach
from directory.web.wording import moment_words

_ = gettext

HANDOFFS = "/handoffs"


async def page(request: Request) -> Response:
    """The hand-off that counts with its steps, and how it goes afterwards. Who was merged is shown where they are kept."""
    session, now, upi = await full_session(request), now_of(request), upi_of(request)
    settings = settings_of(request)
    kept = await kept_upi(upi=upi, by=session.actor, now=now, settings=settings)
    if kept != upi:
        return see_other(handoff_url(kept))
    found = await service.handoff_show(upi=upi, by=session.actor, now=now, settings=settings)
    context = {"title": _("Going there"), "view": page_view(found, now), "done": request.query_params.get("done", "")}
    return signed_page(request, "bridge/handoff.html", session, context)


async def handoffs(request: Request) -> Response:
    """Everybody of one's agency who is on the way to a place, or has lately arrived."""
    session, now, number = await full_session(request), now_of(request), page_asked(request)
    found, is_more = await service.handoffs_list(by=session.actor, now=now, settings=settings_of(request), page=number)
    pages = pages_around(HANDOFFS, number, is_more=is_more)
    context = {"title": _("On the way to a place"), "parts": parts_view(found, now), "pages": pages}
    return signed_page(request, "bridge/handoffs.html", session, context)


# --- steps -----------------------------------------------------------------------------------------------------------


async def tick(request: Request) -> Response:
    """One tap: a step is done, not needed, or open again."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    step, given = values.get("step", ""), values.get("state", "")
    try:
        await handoff_steps.handoff_step(
            upi=upi,
            step=step,
            state=given,
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (NoHandoff, UnfitFields):
        return see_other(handoff_url(upi, "newer"))
    return see_other(f"{handoff_url(upi)}#step-{step}")


# --- what came of it -------------------------------------------------------------------------------------------------


async def arrival(request: Request) -> Response:
    """The agency has said whether they came. Where something else has come of it meanwhile, that is shown."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    answer = values.get("answer", "")
    if answer not in ("arrived", "no-show"):
        return await page(request)
    try:
        await handoff_steps.handoff_answer(
            upi=upi,
            has_come=answer == "arrived",
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (NoSuchMove, NoHandoff):
        return see_other(handoff_url(upi, "newer"))
    return see_other(handoff_url(upi, answer))


async def follow_form(request: Request) -> Response:
    """One tap for how it goes, with room for a note; before its time only that they want no more questions."""
    session = await full_session(request)
    asked = await _asked(request, session)
    if asked is None:
        return see_other(handoff_url(upi_of(request), "newer"))
    return await _asked_page(request, session, asked, {})


async def _asked_page(
    request: Request,
    session: Session,
    asked: Asked,
    values: Mapping[str, str],
    error: FootbridgeError | None = None,
) -> Response:
    """The form, once more with what was typed where something is wrong with it. Before its time it has one button alone."""
    about = await whose_to_reach(request, asked.who)
    view = replace(filled(_asked_view(asked, now_of(request), values.get("once", "")), values), whose=about)
    problems = error.problems if isinstance(error, UnfitFields) else ()
    view = with_problems(view, problems)
    status = error.status if error else 200
    if not asked.row.is_due(now_of(request)):
        return form_page(request, _("How does it go?"), view, status, session=session)
    wrong = next((sentence(each) for each in problems if each.field in ("reached", "outcome")), "")
    context = {
        "title": _("How does it go?"),
        "view": view,
        "mistakes": (*view.mistakes, *((Mistake("said", wrong, "#said"),) if wrong else ())),
        "is_noted": any(each.mistake or (each.name == "note" and each.value) for each in view.fields),
        "wrong": wrong,
        "said": said_choices(),
        "unreached": unreached_choices(),
    }
    return signed_page(request, "bridge/follow_up.html", session, context, status)


def _answer(said: str) -> tuple[str, str]:
    """Whether they were reached, and how it goes, of the button that was tapped."""
    return (said, "") if said in (follow_ups.AGAIN, follow_ups.NO) else (follow_ups.YES, said)


async def _asked(request: Request, session: Session) -> Asked | None:
    """The follow-up of the address, where nobody has settled it."""
    asked = await follow_ups.follow_up_show(
        upi=upi_of(request),
        id=number_of(request.path_params["id"]),
        by=session.actor,
        now=now_of(request),
        settings=settings_of(request),
    )
    return asked if asked and asked.row.done_at is None else None


async def follow_send(request: Request) -> Response:
    """Notes what came of asking."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    id = number_of(request.path_params["id"])
    reached, outcome = _answer(values.get("said", ""))
    try:
        is_new = await follow_ups.follow_up_note(
            upi=upi,
            id=id,
            reached=reached,
            outcome=outcome,
            route=values.get("route", ""),
            note=values.get("note", ""),
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (UnfitFields, NotYet) as error:
        asked = await _asked(request, session)
        if asked is None:
            return see_other(handoff_url(upi, "newer"))
        return await _asked_page(request, session, asked, values, error)
    return see_other(f"{handoff_url(upi, 'noted' if is_new else 'before')}#follow")


def _asked_view(asked: Asked, now: datetime, once: str = "") -> FormView:
    upi, is_due = asked.who.row.upi, asked.row.is_due(now)
    address, hidden = f"{handoff_url(upi)}/follow-ups/{asked.row.id}", {"once": once or new_token()}
    view = _follow_view(address, hidden) if is_due else _stop_view(asked, address, hidden, now)
    before = _("Last time: %(note)s") % {"note": asked.note} if asked.note else ""
    return replace(view, notice=before or view.notice, links=(back_link(upi),))


def _stop_view(asked: Asked, address: str, hidden: dict[str, str], now: datetime) -> FormView:
    """The form before the time has come to ask."""
    day = moment_words(asked.row.due_from.astimezone(ZoneInfo(asked.zone)), now)
    notice = _("It is too early to ask. You can note how it goes from %(day)s.") % {"day": day}
    lead = _("Do they say that they want no more questions? Then note it here, and nobody asks them again.")
    hidden |= {"said": Outcome.NO_MORE.value}
    return FormView(address, _("They want no more questions"), _how_fields(), lead, notice, hidden=hidden)


def _how_fields() -> tuple[Field, ...]:
    routes = tuple(Choice(code, _(CHANNEL_WORDS[code]), code == CHANNELS[0]) for code in CHANNELS)
    return (
        Field("route", _("How"), choices=routes),
        Field("note", _("A short note"), "textarea", hint=_("Only what helps. They can read it. It may stay empty.")),
    )


def _follow_view(address: str, hidden: dict[str, str]) -> FormView:
    lead = _("Whatever they say is all right. Whoever left or wants a place again loses nothing by telling you.")
    return FormView(address, _("Note it"), _how_fields(), lead, hidden=hidden)
