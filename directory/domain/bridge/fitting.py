"""Whether a listing is for somebody: a yes, a no, or not known, which is never a no. Only what is known to be against it leaves a listing out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from directory.domain.bridge.plans import Plan
from directory.domain.listings import Status
from directory.domain.results import Card
from directory.domain.waitlist.clocks import PREGNANT
from directory.domain.waitlist.facts import BIRTH_MONTH, LANGUAGE, NO, PAYER, SEX, YES

DOOR_KINDS = ("meeting", "housing", "recovery-support")
"""Kinds of which the people named are those who may come in; a clinic or an office names those for whom it has something besides."""
OF_OTHER_MATTERS = (
    "al-anon", "aca", "coda", "da", "eda", "cea-how", "ga", "oa", "pal", "rca", "saa", "sa", "sca", "slaa", "sia", "ua", "va",
)  # fmt: skip
"""Programs for families, or for something else than alcohol and drugs: only for those who say that they like them."""
FOR_FAMILIES = (("smart", "FFO"), ("smart", "FF"))
"""Types of meetings that are for those who love somebody."""
FOR_THEMSELVES = ("smart", "4P")
"""The type that says that such a meeting is for people who use drugs or drink as well."""
SIGNED = "ase"
"""American Sign Language."""
YOUTH_TO = 25
YOUNG_TO = 35
OLDER_FROM = 55


@dataclass(frozen=True, slots=True)
class Who:
    """What is known of somebody that decides about a listing. `yes` and `no` are codes of facts; "" and () and None are not known."""

    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()
    sex: str = ""
    languages: tuple[str, ...] = ()
    payers: tuple[str, ...] = ()
    age: int | None = None

    @property
    def has_children(self) -> bool:
        """Whether children depend on them or come with them."""
        return bool(self.yes & {"dependents", "children"})


def who_of(facts: Mapping[str, str], language: str, today: date) -> Who:
    """What is known of somebody by their facts that count today. `language` is the one in which they read, where nobody asked what they speak."""
    return Who(
        yes=frozenset(code for code, value in facts.items() if value == YES),
        no=frozenset(code for code, value in facts.items() if value == NO),
        sex=facts.get(SEX, ""),
        languages=tuple(each for each in facts.get(LANGUAGE, language).lower().split(",") if each),
        payers=tuple(each for each in facts.get(PAYER, "").split(",") if each),
        age=_age(facts.get(BIRTH_MONTH, ""), today),
    )


def _age(month: str, today: date) -> int | None:
    """Years, from a month of birth such as "1991-05"; in that month itself the younger age."""
    if not month:
        return None
    year, number = (int(part) for part in month.split("-"))
    return today.year - year - (today.month <= number)


def is_against(card: Card, plan: Plan, who: Who) -> bool:
    """Whether it is known not to be for them: they do not want it, it is for others, in no language of theirs, or closed."""
    return (
        card.status is not Status.ACTIVE
        or card.kind in plan.unwanted
        or (card.kind == "meeting" and _is_no_meeting_for(card, plan))
        or speaks(card, who) is False
        or (card.kind in DOOR_KINDS and _is_at_the_wrong_door(card, who, plan))
    )


def _is_no_meeting_for(card: Card, plan: Plan) -> bool:
    if card.program in plan.dislikes:
        return True
    if plan.attendance and card.attendance and not _suits(card.attendance, plan.attendance):
        return True
    types = {(info.code.system, info.code.code) for info in card.types}
    is_for_families = bool(types.intersection(FOR_FAMILIES)) and FOR_THEMSELVES not in types
    return (card.program in OF_OTHER_MATTERS or is_for_families) and card.program not in plan.likes


def _suits(attendance: str, wanted: tuple[str, ...]) -> bool:
    """A hybrid one can be joined in either way, and who likes both ways can join either."""
    return attendance in wanted or "hybrid" in (attendance, *wanted)


def speaks(card: Card, who: Who) -> bool | None:
    """Whether they are understood there; None where the listing does not say, or nobody knows what they speak.

    A meeting is held in its languages; an office names those that it has besides English. Signs leave nobody out who hears.
    """
    theirs = {base_of(tag) for tag in who.languages}
    spoken = {base_of(tag) for tag in card.languages or ()}
    if not theirs or not spoken:
        return None
    if spoken & theirs:
        return True
    return None if spoken == {SIGNED} or (card.kind != "meeting" and "en" in theirs) else False


def base_of(tag: str) -> str:
    """The language of a tag such as "es-MX", without where it is spoken."""
    return tag.partition("-")[0].lower()


def belongs(group: str, plan: Plan, who: Who) -> bool | None:
    """Whether somebody is one of these people (a value of the facet `people`); None where nobody knows."""
    if group in ("women", "men"):
        return None if who.sex in ("", "other") else (group == "women") == (who.sex == "female")
    if group in ("youth", "young-adults", "seniors"):
        return _is_of_age(group, who.age)
    if group == "parents":
        return _either(who, "dependents", "children")
    if group == "pregnant":
        return _either(who, PREGNANT)
    if group == "veterans":
        return _either(who, "veteran")
    if group == "justice":
        return True if "court" in plan.barriers else None
    if group == "deaf":
        return True if SIGNED in who.languages else None
    return None


def _either(who: Who, *codes: str) -> bool | None:
    if who.yes.intersection(codes):
        return True
    return False if who.no.issuperset(codes) else None


def _is_of_age(group: str, age: int | None) -> bool | None:
    """A grown person is at the wrong door among the young; for the others no age is written down anywhere, so that they may be asked."""
    if age is None:
        return None
    if group == "youth":
        return age <= YOUTH_TO
    return True if (age <= YOUNG_TO if group == "young-adults" else age >= OLDER_FROM) else None


def _is_at_the_wrong_door(card: Card, who: Who, plan: Plan) -> bool:
    """Men alone let no woman in, whoever else they are for; of all others one that fits is enough."""
    groups = card.people or ()
    said = {group: belongs(group, plan, who) for group in groups}
    sexes = [said[group] for group in ("women", "men") if group in said]
    if sexes and all(each is False for each in sexes):
        return True
    return bool(said) and all(each is False for each in said.values())
