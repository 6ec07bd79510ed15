"""What the bridge keeps about somebody, in words for their own copy: the plan first, as they said it."""

from __future__ import annotations

from directory.domain.bridge.plans import Plan
from directory.i18n import a_date, a_list, gettext
from directory.services.bridge.copies import BridgeCopy
from directory.web.bridge import presenters_words as own_words
from directory.web.bridge.presenters_check_ins import asked_lines, written_lines
from directory.web.bridge.presenters_goals import goals_view
from directory.web.bridge.presenters_handoffs import handoff_lines
from directory.web.bridge.presenters_plan import suits_words
from directory.web.waitlist import presenters_words as words

_ = gettext

Lines = tuple[tuple[str, str], ...]


def bridge_parts(found: BridgeCopy | None, zone: str) -> tuple[tuple[str, Lines], ...]:
    """Each part as its heading and its lines. Who does not read the plan cannot print it: then the copy says who can."""
    if found is None:
        return (
            (
                _("Your plan"),
                ((_("Your own peer or a coordinator prints this part for you. Others do not read it."), ""),),
            ),
        )
    marks = tuple(
        (f"{each.name}: {words.word(own_words.SAID_OF_PLACES, each.what)}", words.moment(each.at, zone))
        for each in found.marks
    )
    return (
        (_("Your plan"), _plan(found, zone)),
        *_goals(found, zone),
        (_("What was said of places that were suggested to you"), marks),
        (_("Your way to a place"), tuple(line for each in found.handoffs for line in handoff_lines(each))),
        (_("When you were asked how you are"), asked_lines(found.check_ins, zone)),
        (_("What you wrote by text"), written_lines(found.texts, zone)),
    )


def _goals(found: BridgeCopy, zone: str) -> tuple[tuple[str, Lines], ...]:
    view = goals_view("", found.goals, found.answers, zone)
    goals: list[tuple[str, str]] = []
    for goal in (*view.open, *view.away):
        goals.append((goal.words, f"{goal.now} · {goal.small}"))
        goals += [(level.meaning, level.label) for level in goal.levels if level.meaning]
        goals += [(text, day) for day, text in goal.looks]
    raw = [", ".join(str(number) for number in each.answers) for each in reversed(found.answers)]
    answers = [(f"{text} ({each})" if each else text, day) for (day, text), each in zip(view.capital, raw, strict=True)]
    mentors = [(name, _("Since %(day)s") % {"day": a_date(day)}) for name, day in found.mentors]
    return (
        (_("Your goals"), tuple(goals)),
        (_("Days that matter to you"), tuple((text, day) for _id, day, text in view.milestones)),
        (_("What you can build on"), tuple(answers)),
        (_("Your mentors"), tuple(mentors)),
    )


def _plan(found: BridgeCopy, zone: str) -> Lines:
    plan, kept = found.kept.plan, found.kept
    said = ((_("What matters to you"), plan.matters), (_("What helps"), plan.helps))
    lines = [(line, title) for title, text in said for line in text.splitlines() if line]
    lines += [(line, _("On a bad night")) for line in plan.bad_night]
    people = (" · ".join(part for part in (each.name, each.reach, each.what) if part) for each in plan.people)
    lines += [(text, _("People who help")) for text in people]
    lines += [(text, title) for title, text in _codes(plan)]
    if kept.at is not None:
        lines.append((_("Written down by %(name)s") % {"name": kept.by}, words.moment(kept.at, zone)))
    return tuple(lines)


def _codes(plan: Plan) -> list[tuple[str, str]]:
    found = [
        (_("What is in the way now"), a_list([words.word(own_words.BARRIERS, code) for code in plan.barriers])),
        *suits_words(plan),
        (_("What you read with your code"), a_list([words.word(own_words.PARTS, code) for code in plan.shown])),
    ]
    return [(title, text) for title, text in found if text]
