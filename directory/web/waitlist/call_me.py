"""Call me: the public form by which anybody asks for a call, for themselves or for somebody else. It always gives the same answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.people import TooSoon, UnfitFields
from directory.i18n import gettext, language
from directory.services.credentials import new_token
from directory.services.waitlist.intake import OTHER, SELF, CallsFull, Wish, call_ask
from directory.web.fields import Field, FormView, filled, signed_page, typed, wait_sentence, with_problems
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.sessions import address_of
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_take_on import language_choices

_ = gettext

CALL_ME = "/call-me"
TRAP = "subject"
"""A field that nobody sees: who fills it in is a program that fills in everything."""


async def form(request: Request) -> Response:
    """The form; after it was sent, what happens now."""
    if "sent" in request.query_params or "full" in request.query_params:
        context = {"title": _("Call me"), "view": None, "is_full": "full" in request.query_params}
        return signed_page(request, "waitlist/call_me.html", None, context)
    return _page(request, _view(new_token()))


async def send(request: Request) -> Response:
    """Takes the wish. Whoever sends the same form twice, or fills in what nobody sees, gets the same answer."""
    values = await typed(request)
    if values.get(TRAP):
        return see_other(f"{CALL_ME}?sent=1")
    texts = ("name", "phone", "times", "language", "for_whom")
    wish = Wish(**{field: values.get(field, "") for field in texts})
    try:
        await call_ask(
            wish=wish,
            form=values.get("once", ""),
            network=address_of(request),
            now=now_of(request),
            settings=settings_of(request),
        )
    except CallsFull:
        return see_other(f"{CALL_ME}?full=1")
    except (UnfitFields, TooSoon) as error:
        return _again(request, values, error)
    return see_other(f"{CALL_ME}?sent=1")


def _again(request: Request, values: Mapping[str, str], error: UnfitFields | TooSoon) -> Response:
    view = filled(_view(values.get("once") or new_token()), values)
    if isinstance(error, UnfitFields):
        return _page(request, with_problems(view, error.problems), error.status)
    answer = _page(request, replace(view, wrong=wait_sentence(error.seconds)), error.status)
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _view(once: str) -> FormView:
    whom = (Choice(SELF, _("For myself"), True), Choice(OTHER, _("For somebody else"), False))
    fields = (
        Field("name", _("Your name"), hint=_("What we may call you. A first name is enough.")),
        Field("phone", _("Your phone number"), "tel"),
        Field("times", _("When is it safe to call?"), hint=_("Such as: after 5 pm. You may leave this empty.")),
        Field("language", _("Language"), choices=language_choices(language())),
        Field("for_whom", _("Who is it for?"), choices=whom),
    )
    return FormView(CALL_ME, _("Ask for a call"), fields, hidden={"once": once})


def _page(request: Request, view: FormView, status: int = 200) -> Response:
    context = {"title": _("Call me"), "view": view, "trap": TRAP, "is_full": False}
    if request.method == "POST":  # the form stands at the same address
        context["back"] = CALL_ME
    return signed_page(request, "waitlist/call_me.html", None, context, status)
