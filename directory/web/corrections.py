"""The form "Something wrong?" of each listing, what is said when it cannot be read, and the thanks.

Nothing of the visitor is kept, but for an address that they may leave to hear what came of it, until they have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.corrections import LONGEST, REASONS, parse, parse_address
from directory.domain.errors import Problem
from directory.domain.people import TooSoon
from directory.domain.results import Detail
from directory.formats.text import scrub
from directory.i18n import N_, a_number, gettext, language, ngettext
from directory.services.corrections import Reply, correction_send, corrections_are_taken
from directory.services.listings import data_version, listing_show
from directory.web import responses
from directory.web.forms import form_fields
from directory.web.listings import NOT_LISTED
from directory.web.pages import facts_of
from directory.web.presenters import Action, Link, listing_url, phone_actions
from directory.web.presenters_listing import report_url
from directory.web.sessions import address_of
from directory.web.site import now_of, settings_of

_ = gettext

TRAP = "subject"
"""A field that nobody sees: who fills it in is a program that fills in everything."""
SENT = "sent"
UNREADABLE, FULL = 422, 429

REASON = {
    "phone": N_("The phone number does not work"),
    "address": N_("The address is wrong, or it has moved"),
    "hours": N_("The days or hours are wrong"),
    "closed": N_("It has closed for good"),
    "terms": N_("Who it is for, or how to pay, is wrong"),
    "other": N_("Something else"),
}
MISSING = {
    "reason": N_("Choose what is wrong."),
    "words": N_("Write in a few words what is wrong."),
    "email": N_("Write a whole e-mail address, such as name@example.org, or leave it empty."),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One choice of the form."""

    code: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """What to put right, and the id of the field where."""

    field: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """All that the page says. `state`: form, full (nothing more is taken), or sent."""

    state: str
    listing: Link
    address: str
    reasons: tuple[Reason, ...] = ()
    words: str = ""
    email: str = ""
    mistakes: tuple[Mistake, ...] = ()
    wait: str = ""
    actions: tuple[Action, ...] = ()
    source: Link | None = None

    def mistake(self, field: str) -> str:
        """What is wrong in a field; "" when nothing is."""
        return next((mistake.text for mistake in self.mistakes if mistake.field == field), "")


async def form(request: Request) -> Response:
    """The empty form; after it was sent, the thanks."""
    detail = await _listing(request)
    if SENT in request.query_params:
        return await _page(request, _("Thank you"), _view(detail, "sent"))
    if not await corrections_are_taken(listing_id=detail.card.id):
        return await _full(request, detail)
    return await _form(request, detail)


async def add(request: Request) -> Response:
    """Takes the form, or shows it again with what was typed."""
    fields = {name: values[-1] for name, values in (await form_fields(request)).items()}
    detail = await _listing(request)
    if fields.get(TRAP):
        return _thanks(detail)
    typed = _Typed(fields.get("reason", ""), scrub(fields.get("words", "")), _email(request, fields))
    remark, problems = parse(typed.reason, typed.words)
    address, wrong = parse_address(typed.email)
    if remark is None or wrong:
        return await _form(request, detail, typed, (*problems, *wrong))
    try:
        is_taken = await correction_send(
            slug=detail.card.slug,
            remark=remark,
            reply=Reply(address, language()) if address else None,
            network=address_of(request),
            settings=settings_of(request),
            now=now_of(request),
        )
    except TooSoon as error:
        return await _form(request, detail, typed, wait=error.seconds)
    return _thanks(detail) if is_taken else await _full(request, detail, typed.words)


def _email(request: Request, fields: Mapping[str, str]) -> str:
    """The address that somebody leaves; "" where no mail goes out, and the form does not ask for one."""
    return scrub(fields.get("email", "")) if settings_of(request).smtp_url else ""


async def _listing(request: Request) -> Detail:
    slug = request.path_params["slug"]
    return await listing_show(slug=slug, now=now_of(request), settings=settings_of(request), follow=True)


def _thanks(detail: Detail) -> Response:
    """Elsewhere, so that loading the page again sends nothing again."""
    return responses.see_other(f"{report_url(detail.card.slug)}?{SENT}=1")


@dataclass(frozen=True, slots=True)
class _Typed:
    """The form as somebody filled it in."""

    reason: str = ""
    words: str = ""
    email: str = ""


async def _form(
    request: Request,
    detail: Detail,
    typed: _Typed = _Typed(),
    problems: tuple[Problem, ...] = (),
    wait: int = 0,
) -> Response:
    choices = tuple(Reason(code, _(REASON[code]), code == typed.reason) for code in REASONS)
    mistakes = tuple(_mistake(problem) for problem in problems)
    filled = {"words": typed.words, "email": typed.email, "mistakes": mistakes, "wait": _wait(wait)}
    view = _view(detail, "form", reasons=choices, **filled)
    answer = await _page(request, _("Tell us what is wrong"), view, FULL if wait else UNREADABLE if mistakes else 200)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _wait(seconds: int) -> str:
    """What to say to somebody who shares a network with whoever sends very much."""
    if not seconds:
        return ""
    minutes = -(-seconds // 60)
    text = ngettext(
        "Much has come in from your network. Nothing is lost: please wait a minute, then send it again.",
        "Much has come in from your network. Nothing is lost: please wait %(n)s minutes, then send it again.",
        minutes,
    )
    return text % {"n": a_number(minutes)}


async def _full(request: Request, detail: Detail, words: str = "") -> Response:
    """More than people can look through is not kept; whoever comes then is told whom to call."""
    source = Link(detail.source_title or detail.card.source_name, detail.source_url or "")
    view = _view(detail, "full", words=words, actions=phone_actions(detail.card.phones), source=source)
    return await _page(request, _("We cannot take this now"), view, FULL)


async def _page(request: Request, title: str, view: ReportView, status: int = 200) -> Response:
    has_demo = (await facts_of(request, await data_version())).has_demo
    context = {"title": title, "view": view, "trap": TRAP, "most": a_number(LONGEST), "has_demo": has_demo}
    context["takes_email"] = bool(settings_of(request).smtp_url)
    if request.method == "POST":  # the form stands at the same address
        context["back"] = view.address
    answer = responses.page(request, "listings/report.html", context, status, cache=responses.NO_STORE)
    answer.headers.update(NOT_LISTED)
    return answer


def _view(detail: Detail, state: str, **more: Any) -> ReportView:
    slug = detail.card.slug
    return ReportView(state, Link(detail.card.name, listing_url(slug)), report_url(slug), **more)


def _mistake(problem: Problem) -> Mistake:
    if problem.code == "too-long":
        text = _("Write it shorter: it has %(n)s characters, and %(most)s are the most that we can take.")
        text %= {"n": a_number(int(problem.value)), "most": a_number(LONGEST)}
    else:
        text = _(MISSING[problem.field])
    first = f"reason-{REASONS[0]}" if problem.field == "reason" else problem.field
    return Mistake(problem.field, text, f"#{first}")
