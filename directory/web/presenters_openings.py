"""Openings in words: what a report says and how old it is, whom a level takes, and what is wrong with a report that cannot be taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.errors import Problem
from directory.domain.openings import (
    ALL,
    ASSESS,
    CAPACITY,
    IMPORT,
    LINK,
    MEN,
    NO_CAPACITY,
    PHONE,
    WAITLIST,
    WEB,
    WOMEN,
    Level,
    Numbers,
    Restrictions,
)
from directory.domain.results import Openings, freshness
from directory.i18n import N_, a_moment, a_number, gettext
from directory.services.openings import is_due
from directory.web.presenters import Fact, openings_mark
from directory.web.presenters_time import Mark
from directory.web.wording import age_words, ages_words, languages_words, values_words

_ = gettext

ACCEPTING = {
    CAPACITY: N_("Taking people now"),
    WAITLIST: N_("Taking names for the waiting list"),
    ASSESS: N_("Seeing people first, to find out what fits"),
    NO_CAPACITY: N_("Not taking anybody now"),
}
COMING = N_("Coming free within 7 days")
NUMBERS = {
    "available": N_("Openings now"),
    "expected": COMING,
    "staffed": N_("Staffed today"),
    "occupied": N_("Occupied"),
    "held": N_("Held for somebody"),
    "licensed": N_("Licensed, the most there may be"),
}
SEX = {ALL: N_("Women and men"), WOMEN: N_("Women only"), MEN: N_("Men only")}
MOUD = {
    True: N_("Takes people on methadone or buprenorphine"),
    False: N_("Does not take people on methadone or buprenorphine"),
}
WHEELCHAIR = {True: N_("Can be reached with a wheelchair"), False: N_("Cannot be reached with a wheelchair")}
CHILDREN = {True: N_("Children can come too"), False: N_("Children cannot come too")}
RESTRICTIONS = {
    "sex": N_("Women or men"),
    "ages": N_("Ages"),
    "pay": N_("Ways to pay"),
    "moud": N_("Medication"),
    "wheelchair": N_("Wheelchair"),
    "children": N_("Children"),
    "languages": N_("Languages"),
}
"""What can be said of whom a level takes, in the order in which it is said."""
VIA = {
    WEB: N_("reported %(age)s by the agency"),
    LINK: N_("reported %(age)s by the agency"),
    PHONE: N_("reported %(age)s, by phone"),
    IMPORT: N_("reported %(age)s, from a file"),
}
PROBLEMS = {
    "missing": N_("Fill this in."),
    "number": N_("Write a whole number from 0 to %(a)s, or leave it empty where it is not known."),
    "sum": N_("%(value)s cannot be open: %(a)s staffed less %(b)s occupied and %(c)s held leaves %(d)s."),
    "nothing": N_("Say at least this, or how many openings there are now."),
    "which": N_(
        "“Taking people now” and no openings do not go together. Which of the two is right? Change the other one."
    ),
    "choice": N_("Choose one of the list."),
    "too-long": N_("Make this shorter: %(a)s characters are the most that we can take."),
    "ages": N_("This is younger than the youngest age, %(a)s."),
    "moment": N_("Write a day and a time."),
    "future": N_("This moment is still to come. Write when it was true."),
    "older": N_("We have a newer report, of %(a)s. One of an earlier moment is not taken."),
    "before": N_("This is before the level came to 90 percent."),
}
"""What to do about a field, by the code of its problem; a to d are what would have been right."""


def problem_words(problem: Problem, zone: str) -> str:
    """What to do about a field. Moments are said on the clock of the place."""
    allowed = [_number_or_moment(text, zone) for text in problem.allowed[:4]]
    words = dict(zip("abcd", allowed, strict=False))
    return _(PROBLEMS[problem.code]) % {"value": problem.value, **words}


def _number_or_moment(text: str, zone: str) -> str:
    if text.isdigit():
        return a_number(int(text))
    try:
        return a_moment(datetime.fromisoformat(text).astimezone(ZoneInfo(zone)))
    except ValueError:
        return text


# --- whom it takes ---------------------------------------------------------------------------------------------------


def restriction_facts(given: Restrictions) -> tuple[Fact, ...]:
    """Whom a level takes, as far as it is known."""
    return tuple(Fact(_(RESTRICTIONS[name]), words) for name, words in _restrictions(given) if words)


def unknown_restrictions(given: Restrictions) -> str:
    """Names what nobody has said, so that nobody takes silence for a no; "" where all is known."""
    missing = [_(RESTRICTIONS[name]) for name, words in _restrictions(given) if not words]
    return _("Not known: %(what)s") % {"what": ", ".join(missing)} if missing else ""


def _restrictions(given: Restrictions) -> Iterator[tuple[str, str]]:
    yield "sex", _(SEX[given.sex]) if given.sex else ""
    yield "ages", ages_words(given.youngest, given.oldest)
    yield "pay", values_words("pay", given.pay or ())
    yield "moud", "" if given.moud is None else _(MOUD[given.moud])
    yield "wheelchair", "" if given.wheelchair is None else _(WHEELCHAIR[given.wheelchair])
    yield "children", "" if given.children is None else _(CHILDREN[given.children])
    yield "languages", languages_words(given.languages) if given.languages else ""


# --- for visitors ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpeningView:
    """What people reported of one level: how many and how old that is, and whom it takes."""

    title: str
    mark: Mark | None
    facts: tuple[Fact, ...]
    unknown: str


def opening_views(reports: Sequence[Openings], now: datetime) -> tuple[OpeningView, ...]:
    """What people reported of the levels of a listing, and what its source says of other care beside them; what is too old to count
    says no more than its age. Without any level there is nothing to tell apart: the one mark of the listing says it."""
    return tuple(opening_view(each, now) for each in reports) if any(each.level is not None for each in reports) else ()


def opening_view(report: Openings, now: datetime) -> OpeningView:
    """One report: how many, of when, and what it says besides; once it is too old to count, its age alone."""
    title = _level_words(report)
    if freshness(report.as_of, now) == "old":
        return OpeningView(title, openings_mark(report, now), (), "")
    facts = []
    if report.accepting:
        facts.append(Fact(_("Now"), _(ACCEPTING[report.accepting])))
    if report.expected is not None:
        facts.append(Fact(_(COMING), a_number(report.expected)))
    whom = report.restrictions
    unknown = unknown_restrictions(whom) if report.level is not None else ""
    return OpeningView(title, openings_mark(report, now), (*facts, *restriction_facts(whom)), unknown)


def _level_words(report: Openings) -> str:
    """What a report is of: the level's own name, else its level of care."""
    return report.name or (labels.label("care", report.care) if report.care else _("Level of care not known"))


# --- for those who report --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LevelCard:
    """One level on the desk. `agency` is "" where it is one's own; `age` is "" where nothing was ever reported."""

    id: int
    title: str
    program: str
    agency: str
    listing: str
    listing_url: str
    age: str
    is_due: bool
    facts: tuple[Fact, ...]
    seen: int
    once: str


def number_facts(numbers: Numbers, *, has_note: bool = True) -> tuple[Fact, ...]:
    """All that a report says, the note for those who work here only with `has_note`; a number that nobody has given stands there as
    not known."""
    facts = [Fact(_("Now"), _(ACCEPTING[numbers.accepting]) if numbers.accepting else "")]
    for name, label in NUMBERS.items():
        value = getattr(numbers, name)
        facts.append(Fact(_(label), "" if value is None else a_number(value)))
    note = (Fact(_("Note"), numbers.note),) if numbers.note and has_note else ()
    return (*facts, *restriction_facts(numbers.restrictions), *note)


def told_words(level: Level, now: datetime) -> str:
    """How old the latest report is and how it came; what that means once it is not fresh."""
    if level.latest is None:
        return _("Nothing reported yet")
    words = _(VIA[level.latest.via or IMPORT]) % {"age": age_words(level.latest.as_of, now)}
    said = {
        "fresh": words,
        "ask-first": _("%(reported)s; visitors are told to call first") % {"reported": words},
        "old": _("%(reported)s; too old to count") % {"reported": words},
    }[freshness(level.latest.as_of, now)]
    return said[:1].upper() + said[1:]


def level_card(level: Level, now: datetime, *, own: bool, once: str) -> LevelCard:
    """A level with its latest numbers and their age."""
    latest = level.latest
    return LevelCard(
        id=level.id,
        title=level.name,
        program=level.program,
        agency="" if own else level.agency_name,
        listing=level.listing_name,
        listing_url=f"/listings/{level.slug}",
        age=told_words(level, now),
        is_due=is_due(level, now),
        facts=tuple(fact for fact in number_facts(latest.numbers) if fact.value) if latest else (),
        seen=level.seen,
        once=once,
    )
