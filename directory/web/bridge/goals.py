"""Goals: made in somebody's own words, looked at together, with the days that matter and the questionnaire."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import Overtaken
from directory.domain.bridge.goals import ANSWERS, ENDS, LEVELS, GoalWords, level_name
from directory.domain.errors import NotFound, Problem
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext, language
from directory.services.bridge import capital
from directory.services.bridge import goals as service
from directory.services.bridge.goals import Goal, Goals
from directory.services.credentials import new_token
from directory.services.waitlist.clients import Somebody, today_of, zone_of
from directory.web.accounts import full_session
from directory.web.bridge import presenters_goals as shown
from directory.web.corrections import Mistake
from directory.web.fields import Field, FormView, again, form_page, last_of, sentence, signed_page, typed, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import day_typed, upi_of
from directory.web.waitlist.whose import whose

_ = gettext

LEVEL, NOTE, ITEM = "goal-", "note-", "item-"
"""What the names of fields begin with; the id of the goal, or the number of the item, follows."""


def goals_url(upi: str, done: str = "") -> str:
    """The page of somebody's goals; `done` is a code of what was done."""
    return f"/clients/{upi}/goals" + (f"?done={done}" if done else "")


async def page(request: Request) -> Response:
    """The goals, where they stand, and the form for looking at them together."""
    return await _page(request, await full_session(request))


async def _page(
    request: Request, session: Session, values: Mapping[str, str] | None = None, error: UnfitFields | None = None
) -> Response:
    who, goals = await _seen(request, session)
    answered = await capital.answers_of(client=who.row.id, settings=settings_of(request))
    given = defaultdict(str, values or {})
    mistakes = tuple(
        Mistake(each.field, sentence(each), f"#{each.field}") for each in (error.problems if error else ())
    )
    context = {
        "title": _("Goals"),
        "whose": whose(who),
        "view": shown.goals_view(who.row.upi, goals, answered, await zone_of(who.row.agency)),
        "has_questions": capital.questions(language()) is not None,
        "once": given.get("once") or new_token(),
        "today": (await today_of(who.row.agency, now_of(request))).isoformat(),
        "values": given,
        "mistakes": mistakes,
        "wrong": defaultdict(str, {mistake.field: mistake.text for mistake in mistakes}),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "bridge/goals.html", session, context, error.status if error else 200)


async def _seen(request: Request, session: Session) -> tuple[Somebody, Goals]:
    return await service.goals_show(
        upi=upi_of(request), by=session.actor, now=now_of(request), settings=settings_of(request)
    )


async def look(request: Request) -> Response:
    """Notes where the goals stand today."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    levels = {number_of(goal): _level(value) for goal, value in _starting(values, LEVEL).items() if value}
    notes = {number_of(goal): value for goal, value in _starting(values, NOTE).items()}
    try:
        is_new = await service.goals_look(
            upi=upi,
            levels=levels,
            notes=notes,
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, values, error)
    return see_other(goals_url(upi, "looked" if is_new else "before"))


def _starting(values: Mapping[str, str], begin: str) -> dict[str, str]:
    return {name.removeprefix(begin): value for name, value in values.items() if name.startswith(begin)}


def _level(text: str) -> int:
    """The level that was chosen; one that there is not for anything else."""
    return int(text) if text in {str(level) for level in LEVELS} else max(LEVELS) + 1


# --- making and changing one -----------------------------------------------------------------------------------------


async def new_form(request: Request) -> Response:
    """The form for a new goal, empty or with one of the beginnings."""
    session = await full_session(request)
    who, _goals = await _seen(request, session)
    number = _small(request.query_params.get("from", ""))
    return _form(request, session, _goal_view(who, shown.beginning(number)[1], from_number=number))


def _form(request: Request, session: Session, view: FormView) -> Response:
    upi = upi_of(request)
    starts = [Link(words, f"/clients/{upi}/goals/new?from={number}") for number, words in shown.beginnings()]
    context = {"title": _("A goal"), "view": view, "starts": starts, "ends": (), "done": ""}
    return signed_page(request, "bridge/goal.html", session, context)


async def new_send(request: Request) -> Response:
    """Takes a new goal down."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    number = _small(values.get("from", ""))
    try:
        id = await service.goal_add(
            upi=upi,
            said=_said(values),
            weight=_weight(values),
            baseline=_level(values["baseline"]) if values.get("baseline") else None,
            says_baseline=bool(values.get("baseline")),
            template=shown.beginning(number)[0],
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        who, _goals = await _seen(request, session)
        view = _goal_view(who, GoalWords(""), values.get("once", ""), from_number=number)
        return again(request, _("A goal"), view, values, error, "", session=session)
    return see_other(goals_url(upi, "added" if id is not None else "before"))


def _small(text: str) -> int:
    """The number of something in a short list; 0 for none."""
    return int(text) if re.fullmatch("[0-9]{1,2}", text) else 0


def _said(values: Mapping[str, str]) -> GoalWords:
    return GoalWords(
        values.get("words", "").strip(), tuple(values.get(level_name(level), "").strip() for level in LEVELS)
    )


def _weight(values: Mapping[str, str]) -> int | None:
    text = values.get("weight", "")
    return int(text) if text in {str(weight) for weight, _words in shown.weights()} else None


def _goal_view(
    who: Somebody, said: GoalWords, once: str = "", *, from_number: int = 0, weight: int = 1, goal: Goal | None = None
) -> FormView:
    """The form for a goal: a new one, or one that is put right."""
    upi = who.row.upi
    meanings = dict(zip(LEVELS, said.levels, strict=True))
    fields = [
        Field("words", _("The goal, in their own words"), "textarea", said.words),
        *(
            Field(name, words, value=meanings[level], hint=_("What that means to them") if level == 0 else "")
            for level, name, words in shown.level_fields()
        ),
        Field("weight", _("How much it matters"), choices=_weights(weight)),
    ]
    address, hidden = f"/clients/{upi}/goals/new", {"once": once or new_token(), "from": str(from_number)}
    if goal is None:
        levels = tuple(Choice(str(level), words, False) for level, _name, words in shown.level_fields())
        choices = (Choice("", _("Not said yet"), True), *levels)
        fields.append(Field("baseline", _("Where it stands today"), choices=choices))
    else:
        address, hidden = f"/clients/{upi}/goals/{goal.row.id}", {"version": str(goal.row.version)}
    lead = _("Write it together. The goal and “What is hoped for” are needed; the other levels may stay empty.")
    links = (Link(_("Back to the goals"), goals_url(upi)),)
    return FormView(address, _("Save the goal"), tuple(fields), lead, hidden=hidden, links=links, whose=whose(who))


def _weights(chosen: int) -> tuple[Choice, ...]:
    return tuple(Choice(str(weight), words, weight == chosen) for weight, words in shown.weights())


async def goal_form(request: Request) -> Response:
    """The form for putting a goal right, or away."""
    session = await full_session(request)
    return await _goal_page(request, session)


async def _goal_page(request: Request, session: Session, done: str = "", status: int = 200) -> Response:
    who, goal = await _goal(request, session)
    view = _goal_view(who, goal.said, weight=goal.row.weight, goal=goal)
    ends = tuple(Choice(code, _(shown.END_WORDS[code]), False) for code in ENDS)
    context = {
        "title": _("A goal"),
        "view": view,
        "starts": (),
        "ends": ends,
        "done": done,
        "version": goal.row.version,
    }
    return signed_page(request, "bridge/goal.html", session, context, status)


async def _goal(request: Request, session: Session) -> tuple[Somebody, Goal]:
    who, goals = await _seen(request, session)
    id = number_of(request.path_params["goal"])
    found = next((goal for goal in goals.open if goal.row.id == id), None)
    if found is None:
        raise NotFound(goal=id)
    return who, found


async def goal_send(request: Request) -> Response:
    """Puts a goal right."""
    session, lists, upi = await full_session(request), await typed_lists(request), upi_of(request)
    values = last_of(lists)
    try:
        is_kept = await service.goal_change(
            upi=upi,
            id=number_of(request.path_params["goal"]),
            version=number_of(values.get("version", "")),
            said=_said(values),
            weight=_weight(values),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (UnfitFields, Overtaken) as error:
        who, goal = await _goal(request, session)
        view = form_again(_goal_view(who, goal.said, weight=goal.row.weight, goal=goal), lists, error)
        return form_page(request, _("A goal"), view, error.status, session=session)
    return see_other(goals_url(upi, "saved" if is_kept else "newer"))


async def goal_end(request: Request) -> Response:
    """Puts a goal away."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    try:
        is_kept = await service.goal_end(
            upi=upi,
            id=number_of(request.path_params["goal"]),
            version=number_of(values.get("version", "")),
            reason=values.get("reason", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _goal_page(request, session, sentence(error.problems[0]), error.status)
    return see_other(goals_url(upi, "saved" if is_kept else "newer"))


# --- days that matter ------------------------------------------------------------------------------------------------


async def milestone_send(request: Request) -> Response:
    """Marks a day."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    problems: list[Problem] = []
    day = day_typed("day", values, problems)
    try:
        if problems:
            raise UnfitFields(problems)
        is_new = await service.milestone_add(
            upi=upi,
            day=day,
            words=values.get("milestone", ""),
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, values, error)
    return see_other(goals_url(upi, "marked" if is_new else "before"))


async def milestone_end(request: Request) -> Response:
    """Takes a day away."""
    session, upi = await full_session(request), upi_of(request)
    await service.milestone_end(
        upi=upi,
        id=number_of(request.path_params["id"]),
        by=session.actor,
        now=now_of(request),
        settings=settings_of(request),
    )
    return see_other(goals_url(upi, "saved"))


# --- the questionnaire -----------------------------------------------------------------------------------------------


async def questionnaire(request: Request) -> Response:
    """The ten questions, or that there are none here."""
    session = await full_session(request)
    who, _goals = await _seen(request, session)
    asked = capital.questions(language())
    if asked is None:
        context = {"title": _("What you can build on"), "view": None, "back": goals_url(who.row.upi)}
        return signed_page(request, "bridge/questionnaire.html", session, context)
    return form_page(request, _("What you can build on"), _questions_view(who, asked), session=session)


async def questionnaire_send(request: Request) -> Response:
    """Keeps the answers."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    asked = capital.questions(language())
    if asked is None:
        raise NotFound()
    answers = [_small(values.get(f"{ITEM}{place}", "")) for place in range(1, len(asked.items) + 1)]
    try:
        is_new = await capital.answers_add(
            upi=upi,
            answers=answers,
            language=language(),
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        who, _goals = await _seen(request, session)
        view = _questions_view(who, asked, values.get("once", ""))
        return again(request, _("What you can build on"), view, values, error, "", session=session)
    return see_other(goals_url(upi, "answered" if is_new else "before"))


def _questions_view(who: Somebody, asked: capital.Questions, once: str = "") -> FormView:
    """The words are the operator's, unmodified; nothing is chosen to begin with."""
    upi = who.row.upi
    fields = tuple(Field(f"{ITEM}{place}", text, choices=_answers(asked)) for place, text in enumerate(asked.items, 1))
    lead = f"{asked.lead} {capital.SOURCE}."
    links = (Link(_("Back to the goals"), goals_url(upi)),)
    hidden = {"once": once or new_token()}
    address, button = f"/clients/{upi}/questionnaire", _("Keep the answers")
    return FormView(address, button, fields, lead, hidden=hidden, links=links, whose=whose(who))


def _answers(asked: capital.Questions) -> tuple[Choice, ...]:
    ends = {min(ANSWERS): asked.least, max(ANSWERS): asked.most}
    numbers = [Choice(str(each), f"{each} · {ends[each]}" if each in ends else str(each), False) for each in ANSWERS]
    return (Choice("", _("Choose one"), True), *numbers)
