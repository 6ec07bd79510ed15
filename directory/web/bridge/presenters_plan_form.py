"""The form of a plan: one field for each thing that can be said, in parts that are short enough for a phone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from directory import labels
from directory.domain.bridge.plan_fields import NO, TASTES, TICKS, YES, fields_of
from directory.domain.bridge.plans import HELPER, LONGEST_LINE, MOST_LINES, MOST_PEOPLE, PARTS, Plan
from directory.i18n import a_number, gettext, ngettext
from directory.web.bridge import presenters_words as own_words
from directory.web.fields import Field, FormView
from directory.web.presenters import Link
from directory.web.presenters_form import PROGRAM_CHOICES, Choice
from directory.web.presenters_question import miles_words
from directory.web.waitlist import presenters_words as words

_ = gettext

MILES = (1, 2, 5, 10, 25, 50)
FEWEST_PEOPLE, SPARE_PEOPLE = 3, 2
"""The form has room for so many people, and for so many more than there are."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the form. `is_ticks`: boxes that belong together; `is_folded`: under its title until it `is_open`, which what stands
    in it does not do where it `opens_for_mistakes` alone."""

    title: str
    hint: str
    fields: tuple[Field, ...]
    is_ticks: bool = False
    is_folded: bool = False
    opens_for_mistakes: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something stands in it, or is wrong with it."""
        if self.opens_for_mistakes:
            return any(each.mistake for each in self.fields)
        said = (each.mistake or each.value or any(c.chosen and c.value for c in each.choices) for each in self.fields)
        return any(said)


def plan_form(upi: str, plan: Plan, version: int, typed: Mapping[str, str] = MappingProxyType({})) -> FormView:
    """The form over a plan of this version. `typed` is what was sent, so that every field that it had is there again."""
    given = fields_of(plan)
    fields = (
        *_words(given),
        *(each for part in TICKS for each in _ticks(part, given)),
        *_place(given),
        *_people(given, _rows(plan, typed)),
        *(each for part in TASTES for each in _tastes(part, given, typed)),
    )
    address, back = f"/clients/{upi}/plan", Link(_("Back to the plan"), f"/clients/{upi}/plan")
    return FormView(f"{address}/edit", _("Save the plan"), fields, hidden={"version": str(version)}, links=(back,))


def parts_of(view: FormView) -> tuple[Part, ...]:
    """The form in its parts, in the order in which two people talk about them."""
    people = _starting(view, "people-")
    first, more = people[: len(HELPER)], people[len(HELPER) :]
    shown = _("On any phone, so only what may be seen there. Nothing ticked: nothing of the plan is shown.")
    return (
        Part("", "", _starting(view, "matters", "helps", "bad_night")),
        Part(_("What is in the way now"), _("What they name, and nothing else."), _starting(view, "barrier-"), True),
        Part("", "", _starting(view, "where", "miles")),
        Part(_("People who help"), _("A first name is enough. Empty the fields to take somebody out."), first),
        Part(_more_words(more), "", more, is_folded=True, opens_for_mistakes=True),
        Part(_("Times that suit"), _("Nothing ticked: any time."), _starting(view, "time-"), True, True),
        Part(_("How to take part"), _("Nothing ticked: any way."), _starting(view, "attendance-"), True, True),
        Part(_("Meetings they like or do not like"), "", _starting(view, "program-"), is_folded=True),
        Part(_("Help they want or do not want"), "", _starting(view, "kind-"), is_folded=True),
        Part(_("What they want to read with the code on their card"), shown, _starting(view, "shown-"), True),
    )


def _more_words(fields: tuple[Field, ...]) -> str:
    """The title over the fields of further people: how many are there already."""
    starts = range(0, len(fields), len(HELPER))
    count = sum(any(each.value for each in fields[start : start + len(HELPER)]) for start in starts)
    if not count:
        return _("Room for more people")
    return ngettext("%(n)s more person", "%(n)s more people", count) % {"n": a_number(count)}


def _starting(view: FormView, *begins: str) -> tuple[Field, ...]:
    return tuple(each for each in view.fields if each.name.startswith(begins))


def _words(given: Mapping[str, str]) -> tuple[Field, ...]:
    lines = {"most": a_number(MOST_LINES), "long": a_number(LONGEST_LINE)}
    return (
        Field("matters", _("What matters to you?"), "textarea", given["matters"], _("In their own words.")),
        Field(
            "helps", _("What helps?"), "textarea", given["helps"], _("What has helped before, and what would help now.")
        ),
        Field(
            "bad_night",
            _("What can you do on a bad night?"),
            "textarea",
            given["bad_night"],
            _("One thing on each line: %(most)s lines of up to %(long)s characters.") % lines,
        ),
    )


def _rows(plan: Plan, typed: Mapping[str, str]) -> int:
    """For how many people the form has room: never for fewer than were sent."""
    sent = [number for number in range(1, 100) if f"people-{number}-name" in typed]
    room = min(max(FEWEST_PEOPLE, len(plan.people) + SPARE_PEOPLE), MOST_PEOPLE)
    return max(room, len(plan.people), *sent)


def _people(given: Mapping[str, str], rows: int) -> Iterable[Field]:
    labelled = dict(
        zip(
            HELPER,
            (_("Person %(n)s: name"), _("Person %(n)s: how to reach them"), _("Person %(n)s: what for")),
            strict=True,
        )
    )
    for number in range(1, rows + 1):
        for name in HELPER:
            field = f"people-{number}-{name}"
            yield Field(field, labelled[name] % {"n": a_number(number)}, value=given.get(field, ""))


def _ticks(part: str, given: Mapping[str, str]) -> Iterable[Field]:
    prefix, codes = TICKS[part]
    for code in codes:
        name, label = f"{prefix}-{code}", _tick_words(part, code)
        yield Field(name, label, choices=(Choice(YES, label, given[name] == YES),), many=True)


def _tick_words(part: str, code: str) -> str:
    if part == "barriers":
        return words.word(own_words.BARRIERS, code)
    if part == "shown":
        text = words.word(own_words.PARTS, code)
        return text[:1].upper() + text[1:] if code in PARTS else text
    return labels.label("attendance" if part == "attendance" else "time", code)


def _place(given: Mapping[str, str]) -> tuple[Field, ...]:
    miles = sorted({*MILES, *([int(given["miles"])] if given["miles"] else [])})
    far = (Choice(str(each), miles_words(each), str(each) == given["miles"]) for each in miles)
    choices = (Choice("", _("Not said"), not given["miles"]), *far)
    hint = _("A ZIP code, or a town and its state. No street: distances are told from its middle.")
    return (
        Field("where", _("Where distances start"), value=given["where"], hint=hint),
        Field("miles", _("How far they can go"), choices=choices),
    )


def _said(prefix: str) -> tuple[tuple[str, str], ...]:
    """What can be said of a meeting, or of a kind of help."""
    if prefix == "program":
        return ("", _("Not said")), (YES, _("Likes it")), (NO, _("Does not like it"))
    return ("", _("Not said")), (YES, _("Wants it")), (NO, _("Does not want it"))


def _tastes(part: tuple[str, str], given: Mapping[str, str], typed: Mapping[str, str]) -> Iterable[Field]:
    """A yes, a no, or nothing said. Of the programs, which are many, those that are asked about most and those of which something was said."""
    prefix, codes = TASTES[part]
    for code in codes:
        name = f"{prefix}-{code}"
        if prefix == "program" and code not in PROGRAM_CHOICES and not given[name] and name not in typed:
            continue
        choices = tuple(Choice(value, text, value == given[name]) for value, text in _said(prefix))
        yield Field(name, labels.label(prefix, code), choices=choices)
