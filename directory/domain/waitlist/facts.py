"""Facts that decide about order or fit, by code: what each may say, who may say it, and for how long it holds.

A fact is what the client tells or a paper shows, with its day; nobody's judgement is one (WAITLIST 1.8). What was not asked, and what
somebody does not want to say, is unknown, which is no row at all and never a no.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from directory.domain.errors import Problem
from directory.domain.taxonomy import CARE, PAY
from directory.domain.waitlist.clocks import INJECTING, PREGNANT

YES, NO = "yes", "no"
SEXES = ("female", "male", "other")
CLIENT, CLINICIAN, DOCUMENT = "client", "clinician", "document"
SOURCES = (CLIENT, CLINICIAN, DOCUMENT)

SEX, BIRTH_MONTH, PAYER, LANGUAGE, LEVEL = "sex", "birth-month", "payer", "language", "level"
PRIORITY = (PREGNANT, INJECTING, "overdose-risk", "child-protection", "dependents", "veteran")
"""What the order of a line may ask for (45 CFR 96.131(a) and what States add)."""
FIT = (SEX, BIRTH_MONTH, PAYER, "medication", "wheelchair", "children", LANGUAGE, LEVEL)
"""What an opening may ask for."""
CODES = (*PRIORITY, *FIT)
SEVERAL = (PAYER, LANGUAGE, LEVEL)
"""Facts with several values, joined by commas."""

INJECTING_FOR = timedelta(days=30)
"""The fact says "in the last 30 days", so that it is asked again."""
PREGNANT_AFTER = timedelta(days=365)
"""A pregnancy counts for a year after the day on which the child is due (WAITLIST 3.5)."""
UNDATED_FOR = timedelta(days=90)
"""A pregnancy whose due day nobody knows yet is asked about again after so long."""
DUE_WITHIN = timedelta(days=310)
"""No child is due later than this."""
OLDEST = 120
LONGEST = 120

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as somebody writes it down. `on` is the local day on which it was told or shown; `due` that of the child, with a pregnancy alone."""

    code: str
    value: str
    source: str
    on: date
    due: date | None = None

    @property
    def expires_on(self) -> date | None:
        """The last local day on which it counts; None without end."""
        if self.value != YES:
            return None
        if self.code == PREGNANT:
            return _after(self.due, PREGNANT_AFTER) if self.due else _after(self.on, UNDATED_FOR)
        return _after(self.on, INJECTING_FOR) if self.code == INJECTING else None


def _after(day: date, span: timedelta) -> date:
    """So long after a day that somebody typed: the end of the calendar where it has no such day."""
    return day + span if day <= date.max - span else date.max


def due_of(code: str, on: date, expires_on: date | None) -> date | None:
    """The day on which the child is due, out of the days on which the fact was told and ends; None where nobody knew it."""
    if code != PREGNANT or not expires_on or expires_on == _after(on, UNDATED_FOR):
        return None
    return expires_on - PREGNANT_AFTER


def joined(values: Iterable[str]) -> str:
    """Several values as they are kept: each once, in their order."""
    return ",".join(dict.fromkeys(values))


def fact_problems(fact: Fact, *, today: date) -> list[Problem]:
    """What keeps this from being a fact, each by the part of it that is wrong: value, source, on or due. `today` is the local day."""
    problems = [] if _fits(fact, today) else [Problem("value", "choose", "")]
    if fact.source not in SOURCES:
        problems.append(Problem("source", "choose", ""))
    if fact.on > today:
        problems.append(Problem("on", "to-come", ""))
    if today - fact.on > timedelta(days=366):
        problems.append(Problem("on", "too-old", ""))
    if fact.code == PREGNANT and fact.value == YES and fact.due is not None:
        is_near = today - PREGNANT_AFTER <= fact.due <= today + DUE_WITHIN
        problems += [] if is_near else [Problem("due", "not-a-due-day", "")]
    return problems


def _fits(fact: Fact, today: date) -> bool:
    if fact.code not in CODES or len(fact.value) > LONGEST:
        return False
    if fact.code == SEX:
        return fact.value in SEXES
    if fact.code == BIRTH_MONTH:
        found = _MONTH.fullmatch(fact.value)
        return found is not None and today.year - OLDEST <= int(found[1]) and fact.value <= today.isoformat()[:7]
    if fact.code in SEVERAL:
        values = fact.value.split(",")
        return all(_is_one(fact.code, each) for each in values)
    return fact.value in (YES, NO)


def _is_one(code: str, value: str) -> bool:
    if code == LANGUAGE:
        return bool(_TAG.fullmatch(value))
    return value in {PAYER: PAY, LEVEL: CARE}[code]


def to_ask(known: Mapping[str, date | None], *, at_contact: bool, today: date) -> tuple[str, ...]:
    """The facts to ask again, in their order. `known` are those that are known to be yes, with the last day on which they count.

    Injecting is asked at each contact (`at_contact`), and all others once they have run out (WAITLIST 3.5).
    """
    return tuple(
        code for code in CODES if code in known and ((at_contact and code == INJECTING) or _is_over(known[code], today))
    )


def _is_over(expires_on: date | None, today: date) -> bool:
    return expires_on is not None and expires_on < today
