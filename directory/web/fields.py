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
    "none-chosen": N_("Choose at least one place."),
    "too-many-listings": N_("%(most)s places are the most on one list. Leave some out."),
    "not-a-number": N_("Write a whole number, such as 12, or leave it empty."),
    "editors-only": N_("In this agency you can invite editors. For other roles ask its coordinator."),
    "not-its-listing": N_("Its listing is not this agency's any more. Give the listing back to the agency first."),
    "held-openings": N_("An opening here is offered to somebody. End that offer first, or wait for what comes of it."),
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
    "no-such-number": N_("One of these is none of our numbers. Look at them again."),
    "yours-already": N_("This belongs to the agency already."),
    "not-a-review-day": N_("Write a day from today on, %(most)s days from now at the most."),
    "not-a-day-before": N_("Write a day before the one that stands here, one year ago at the most."),
    "not-a-moment": N_("Write a day and a time that have passed."),
    "not-soon": N_("Write a day and a time from today on, or leave both empty. Half a year ahead is the most."),
    "not-closed": N_("This place has not ended. Choose what it is about."),
    "not-within": N_("Write a whole number from 1 to %(most)s."),
    "not-a-time": N_("Write a time of the day, such as 19:00."),
    "not-a-link": N_("Write a whole web address, such as https://www.example.org."),
    "not-coming": N_("Write a day and a time that are still to come, four months ahead at the most."),
    "not-times": N_("Write from when to when, such as 9:00-17:00, or leave it empty."),
    "not-an-area": N_("Write a state, a county with its state, or “nationwide”: one on each line."),
    "too-many-areas": N_("%(most)s areas are the most for one line."),
    "people-wait": N_("Somebody stands in this line. It can be closed when nobody does."),
    "lines-not-federal": N_(
        "A line that gets openings of this program leaves out the order of the law. "
        "Ask the agency that keeps the line to put it in first, on the page of its rules."
    ),
    "not-federal": N_(
        "The rules of this line leave out the order of the law. Put it in first, on the page of its rules."
    ),
    "above-federal": N_("The order of the law stays whole and on top. Choose a place after it."),
    "longer-than-law": N_("The law gives less time than this."),
    "ends-before": N_("It would end before it begins. Look at both days."),
    "too-many-tiers": N_("%(most)s groups beside those of the law are the most."),
    "not-a-phone": N_("Write all 10 digits, with the area code, such as 775-555-0100."),
    "shared-phone": N_(
        "Others use this phone or address too, so nothing can go there by itself. Untick one of the two."
    ),
    "not-this-way": N_("This can go by text alone, or by e-mail where it says so. Untick it, or choose another way."),
    "too-many-lines": N_("%(most)s lines are the most. Keep those that help most."),
    "too-many-people": N_("%(most)s people are the most that we keep. Empty the fields of one."),
    "not-a-place": N_(
        "We cannot find this place. Write a ZIP code, or a town and its state, such as “Burlington, VT”."
    ),
    "too-many-ways": N_("%(most)s ways are the most that we keep. End one that is not used."),
    "not-a-birth-date": N_("Write a birth date, or leave it empty."),
    "to-come": N_("This day is still to come. Write today, or an earlier day."),
    "over": N_("This day has passed. Write a later one."),
    "too-old": N_("This is more than a year ago. Ask again, and write the day on which you did."),
    "not-a-day": N_("Write a day, such as 2026-04-30, or leave it empty."),
    "stands-in-for-self": N_("Somebody else has to stand in. Choose another one."),
    "too-long-away": N_("%(most)s days are the most. For longer, hand their people over."),
    "covered-already": N_("Somebody stands in on some of these days already. End that first, or choose other days."),
    "stand-in-is-away": N_("They are away on some of these days themselves. Choose another one."),
    "stands-in-then": N_("They stand in for somebody else on some of these days. Have somebody else do that first."),
    "nobody-here": N_("Nobody of this agency has this number. Look at it again."),
    "too-many-goals": N_("%(most)s goals at a time are the most. Put one away first."),
    "note-without-level": N_("Say where it stands too, so that the note is kept with it. Or empty the note."),
    "no-level": N_("Say of at least one goal where it stands."),
    "not-a-due-day": N_("A child cannot be due on this day. Look at it again."),
    "taken-on-already": N_("This call was settled in the meantime. Look at the list of calls first."),
    "lacks-client": N_("A consent has their whole name."),
    "lacks-discloser": N_("Say who may tell it."),
    "lacks-scope": N_("Tick at least one thing that may be told."),
    "lacks-agencies": N_("Tick at least one agency that may be told."),
    "lacks-purpose": N_("Say what it is for."),
    "lacks-right-to-revoke": N_("Tell them that they can take it back, then tick this."),
    "lacks-expiry": N_("Say until when, or until what happens."),
    "lacks-signature": N_("They write their name here; on paper: write who signed."),
    "lacks-date": N_("Write the day of the signature."),
    "lacks-redisclosure": N_("Tell them this, then tick it. It belongs to this purpose."),
    "lacks-consequences": N_("Tell them this, then tick it. It belongs to this purpose."),
}
"""What to do about a field, by the code of its problem."""
OF_ANY = ("missing", "choose")
"""Problems whose sentence could be said of any field."""


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
class Reach:
    """One way to reach somebody; `url` calls or texts, "" for any other way. `small` is when and how it is safe."""

    text: str
    url: str
    small: str


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a form is about, so that nobody is taken for another: it stands beneath the title, never in it."""

    called: str
    ways: tuple[Reach, ...] = ()


@dataclass(frozen=True, slots=True)
class FormView:
    """A page with one form. `wrong` is what is wrong with the whole of it, `notice` something good to know before, `whose` whom it is about."""

    address: str
    button: str
    fields: tuple[Field, ...]
    lead: str = ""
    notice: str = ""
    wrong: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    whose: Whose | None = None

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """What is wrong, each with a link to its field."""
        found = [Mistake(each.name, _named(each), f"#{each.name}") for each in self.fields if each.mistake]
        if self.wrong and self.fields:
            found.insert(0, Mistake("", self.wrong, f"#{self.fields[0].name}"))
        return tuple(found)


def _named(each: Field) -> str:
    """What is wrong with a field, with its name where the sentence could be said of any: a list of "Fill this in." tells nothing."""
    if each.mistake not in {_(PROBLEMS[code]) for code in OF_ANY}:
        return each.mistake
    return f"{each.label} {each.mistake}" if each.label.endswith(("?", ".", ":")) else f"{each.label}: {each.mistake}"


async def typed(request: Request) -> dict[str, str]:
    """The last value of each field of a posted form. Raises HTTPException 400 for a NUL, which no browser sends and no text column takes."""
    return last_of(await typed_lists(request))


async def typed_lists(request: Request) -> dict[str, list[str]]:
    """The same with all the values of each field, for those where several can be chosen."""
    lists = await form_fields(request)
    if any("\0" in value for values in lists.values() for value in values):
        raise HTTPException(400)
    return lists


def last_of(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The last value of each field, as a form has it where one is to be chosen."""
    return {name: values[-1] for name, values in lists.items()}


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
    demo_codes: Sequence[str] = (),
) -> Response:
    """A page with one form. `demo_roles` are what one click makes of a visitor in the demonstration, `demo_note` why there are none,
    `demo_codes` the codes of cards of people who do not exist."""
    context = {"title": title, "view": view, "demo_roles": demo_roles, "demo_note": demo_note, "demo_codes": demo_codes}
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
