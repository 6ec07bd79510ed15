"""Plain forms as values: their fields with what was typed and what is wrong with it. One template draws them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import FootbridgeError, Problem
from directory.domain.people import Session, TooSoon, UnfitFields
from directory.i18n import N_, a_number, gettext, ngettext
from directory.web.corrections import Mistake
from directory.web.forms import form_fields
from directory.web.presenters import Link
from directory.web.presenters_accounts import me_of
from directory.web.presenters_form import Choice
from directory.web.responses import NO_STORE, page
from directory.web.site import now_of

_ = gettext

PROBLEMS = {
    "missing": N_("Fill this in."),
    "too-long": N_("Make this shorter: %(most)s characters are the most that we can take."),
    "too-short": N_(
        "Make this longer: use at least %(most)s characters. Four words that only you would put together are good."
    ),
    "not-an-email": N_("Write a whole e-mail address, such as name@example.org."),
    "taken": N_("Somebody else signs in with this address. Write another one."),
    "of-the-site": N_("An administrator is for the whole site. Choose that."),
    "common": N_("This password is easy to guess. Four words that only you would put together are good."),
    "own-words": N_("This password has your own name or address in it, or the name of this site. Choose another one."),
    "choose": N_("Choose one of these."),
    "name-taken": N_("Another one has this name already. Choose a name that tells them apart."),
    "not-a-number": N_("Write a whole number, such as 12, or leave it empty."),
    "editors-only": N_("In this agency you can invite editors. For other roles ask its coordinator."),
    "not-its-listing": N_("Its listing is not this agency's any more. Give the listing back to the agency first."),
    "asked-already": N_("Your agency has asked for this already. The answer is still to come."),
    "missing-file": N_("Choose a file."),
    "missing-format": N_("Choose the kind of file."),
    "missing-list": N_("Say which list it is."),
    "missing-map": N_("Choose the map that says what the columns of this table mean."),
    "not-a-name": N_("Use letters, figures, dots and dashes, without blanks, and at most 80 of them."),
    "other-format": N_("This list holds another kind of file. Choose that kind, or another list."),
    "unticked": N_("Tick this first, if it is right."),
    "typed-in": N_("What is in this list was typed in by people, so no file is for it. Choose another list."),
    "has-feed": N_("This list has a feed already. Change that one."),
    "changed-meanwhile": N_(
        "Somebody has changed this since you opened it. Above you see how it is now. Save again to have it your way."
    ),
    "not-hours": N_("Write how many hours lie between two readings, from 1 to %(most)s, or leave it empty."),
    "yours-already": N_("This belongs to the agency already."),
}
"""What to do about a field, by the code of its problem."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. What was typed as a password is never shown again. With `choices` it is a list to choose one from, or, where
    `many` is set, several; the type `textarea` has room for lines. What is `fixed` is shown and cannot be changed."""

    name: str
    label: str
    type: str = "text"
    value: str = ""
    hint: str = ""
    autocomplete: str = "off"
    numeric: bool = False
    fixed: bool = False
    choices: tuple[Choice, ...] = ()
    many: bool = False
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class FormView:
    """A page with one form. `wrong` is what is wrong with the whole of it, `notice` something good to know before."""

    address: str
    button: str
    fields: tuple[Field, ...]
    lead: str = ""
    notice: str = ""
    wrong: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """What is wrong, each with a link to its field."""
        found = [Mistake(each.name, each.mistake, f"#{each.name}") for each in self.fields if each.mistake]
        if self.wrong and self.fields:
            found.insert(0, Mistake("", self.wrong, f"#{self.fields[0].name}"))
        return tuple(found)


async def typed(request: Request) -> dict[str, str]:
    """The last value of each field of a posted form. Raises HTTPException 400 for a NUL, which no browser sends and no text column takes."""
    return {name: values[-1] for name, values in (await typed_lists(request)).items()}


async def typed_lists(request: Request) -> dict[str, list[str]]:
    """The same with all the values of each field, for those where several can be chosen."""
    lists = await form_fields(request)
    if any("\0" in value for values in lists.values() for value in values):
        raise HTTPException(400)
    return lists


def filled(
    view: FormView, values: Mapping[str, str], lists: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> FormView:
    """The form with what was typed, but for passwords and codes. `lists` has the values of the fields with several."""
    fields = tuple(_filled(each, values, lists.get(each.name, ())) for each in view.fields)
    return replace(view, fields=fields)


def _filled(each: Field, values: Mapping[str, str], chosen: Sequence[str]) -> Field:
    if each.many:  # a browser sends nothing at all of a list in which nothing is ticked
        return replace(each, choices=tuple(replace(choice, chosen=choice.value in chosen) for choice in each.choices))
    if each.name not in values or each.fixed or each.type == "password" or each.autocomplete == "one-time-code":
        return each
    if each.choices:
        choices = tuple(replace(choice, chosen=choice.value == values[each.name]) for choice in each.choices)
        return replace(each, choices=choices)
    return replace(each, value=values[each.name])


def with_problems(view: FormView, problems: Sequence[Problem]) -> FormView:
    """The form with what is wrong beside each field."""
    said = {problem.field: sentence(problem) for problem in reversed(problems)}
    return replace(view, fields=tuple(replace(each, mistake=said.get(each.name, "")) for each in view.fields))


def sentence(problem: Problem) -> str:
    """What to do about a field."""
    most = a_number(int(problem.allowed[0])) if problem.allowed else ""
    return _(PROBLEMS[problem.code]) % {"most": most} if most else _(PROBLEMS[problem.code])


def wait_sentence(seconds: int) -> str:
    """How long to wait, in words."""
    if seconds <= 90:
        said = ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": a_number(seconds)}
    else:
        minutes = -(-seconds // 60)
        said = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": a_number(minutes)}
    return _("There were many tries. To keep accounts safe, please wait %(time)s and try again.") % {"time": said}


def again(
    request: Request,
    title: str,
    view: FormView,
    values: Mapping[str, str],
    error: FootbridgeError,
    wrong: str,
    *,
    session: Session | None = None,
    lists: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Response:
    """The form once more, with what was typed and what to do. `wrong` is what to say of a wrong password or code."""
    view = filled(view, values, lists)
    if isinstance(error, UnfitFields):
        view = with_problems(view, error.problems)
    else:
        view = replace(view, wrong=wait_sentence(error.seconds) if isinstance(error, TooSoon) else wrong)
    response = form_page(request, title, view, error.status, session=session)
    if isinstance(error, TooSoon):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def form_page(
    request: Request,
    title: str,
    view: FormView,
    status: int = 200,
    *,
    session: Session | None = None,
    demo_roles: Sequence[tuple[str, str]] = (),
    demo_note: str = "",
) -> Response:
    """A page with one form. `demo_roles` are what one click makes of a visitor in the demonstration, `demo_note` why there are none."""
    context = {"title": title, "view": view, "demo_roles": demo_roles, "demo_note": demo_note}
    return signed_page(request, "accounts/form.html", session, context, status)


def message_page(request: Request, title: str, lead: str, links: Sequence[Link], status: int = 200) -> Response:
    """A page that says one thing and where to go from there."""
    context = {"title": title, "lead": lead, "links": links}
    return signed_page(request, "accounts/message.html", None, context, status)


def signed_page(
    request: Request, template: str, session: Session | None, context: Mapping[str, object], status: int = 200
) -> Response:
    """A page for somebody, which nobody keeps. Its address may hold a secret, so it is not printed at its foot."""
    me = me_of(session, now_of(request)) if session else None
    own: dict[str, object] = {"me": me, "here": "", "back": request.scope["path"]}
    if (me and me.is_demo) or context.get("demo_roles"):
        own["has_demo"] = True
    return page(request, template, own | dict(context), status, cache=NO_STORE)
