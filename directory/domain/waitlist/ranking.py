"""Who is offered an opening first, and why: whether it fits each person, in what order they stand, and the reason for each in codes.

What is not known never counts against anybody: it makes "cannot tell", which a person settles by asking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Fit(StrEnum):
    """Whether an opening fits somebody."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "cannot-tell"


@dataclass(frozen=True, slots=True)
class Restriction:
    """One thing that an opening asks for: a `rule` of RULES and what it allows."""

    rule: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule says of one person."""

    rule: str
    fit: Fit


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the line as far as the order goes. `facts` are values by name, those that are unknown left out.

    `tier` is the smaller the earlier; `tie` was drawn once and is kept, so that nobody can say who stood first. `barrier` is a code of why
    they cannot be offered anything now ("on-hold", "live-offer", "no-consent", ...), "" where they can. `had` is how an earlier offer of
    this same opening to them ended ("declined", "expired", ...), "" where they had none: then it is the turn of those who had none either, and
    among those who had one the order holds as before.
    """

    entry: int
    tier: int
    requested_at: datetime
    tie: int
    facts: Mapping[str, str]
    barrier: str = ""
    had: str = ""

    @property
    def order(self) -> tuple[int, datetime, int]:
        """What the line is sorted by."""
        return self.tier, self.requested_at, self.tie


def _one_of(name: str) -> Callable[[Mapping[str, str], Sequence[str]], Fit]:
    def rule(facts: Mapping[str, str], allowed: Sequence[str]) -> Fit:
        if name not in facts:
            return Fit.UNKNOWN
        return Fit.YES if facts[name] in allowed else Fit.NO

    return rule


def _any_of(name: str) -> Callable[[Mapping[str, str], Sequence[str]], Fit]:
    """Of a fact with several values, joined by commas, one is enough."""

    def rule(facts: Mapping[str, str], allowed: Sequence[str]) -> Fit:
        if name not in facts:
            return Fit.UNKNOWN
        return Fit.YES if set(facts[name].split(",")) & set(allowed) else Fit.NO

    return rule


def _age(facts: Mapping[str, str], allowed: Sequence[str]) -> Fit:
    """`allowed` is the youngest and the oldest age in years, "" for none. Of two ages that it may be, both have to fit."""
    if "age" not in facts:
        return Fit.UNKNOWN
    youngest, oldest = (int(side) if side else None for side in allowed)
    fits = {
        (youngest is None or age >= youngest) and (oldest is None or age <= oldest)
        for age in map(int, facts["age"].split(","))
    }
    return Fit.UNKNOWN if len(fits) > 1 else Fit.YES if True in fits else Fit.NO


def with_age(facts: Mapping[str, str], today: date) -> dict[str, str]:
    """These facts with the age that follows from `birth-month` ("YYYY-MM") on this local day.

    In the month of the birthday it may be either of two ages, written "17,18": the day is not asked.
    """
    found = dict(facts)
    year, _, month = facts.get("birth-month", "").partition("-")
    if not (year.isdigit() and month.isdigit()):
        return found
    age = today.year - int(year) - (today.month < int(month))
    found["age"] = f"{max(age - 1, 0)},{max(age, 0)}" if today.month == int(month) else str(max(age, 0))
    return found


def _taken(name: str) -> Callable[[Mapping[str, str], Sequence[str]], Fit]:
    """For what an opening may not be able to take: nobody is kept out who does not have it. `allowed` is "yes", or "no"."""

    def rule(facts: Mapping[str, str], allowed: Sequence[str]) -> Fit:
        if "yes" in allowed:
            return Fit.YES
        if name not in facts:
            return Fit.UNKNOWN
        return Fit.NO if facts[name] == "yes" else Fit.YES

    return rule


RULES: Mapping[str, Callable[[Mapping[str, str], Sequence[str]], Fit]] = {
    "sex": _one_of("sex"),
    "age": _age,
    "payer": _any_of("payer"),
    "language": _any_of("language"),
    "medication": _taken("medication"),
    "wheelchair": _taken("wheelchair"),
    "children": _taken("children"),
    "level": _any_of("level"),
}


def answers(facts: Mapping[str, str], restrictions: Iterable[Restriction]) -> tuple[Answer, ...]:
    """What each rule of an opening says of somebody with these facts, in the order of the opening."""
    return tuple(Answer(each.rule, RULES[each.rule](facts, each.allowed)) for each in restrictions)


def fit_of(found: Iterable[Answer]) -> Fit:
    """All of them together: one no is a no, one cannot-tell makes it that."""
    fits = {answer.fit for answer in found}
    return Fit.NO if Fit.NO in fits else Fit.UNKNOWN if Fit.UNKNOWN in fits else Fit.YES


@dataclass(frozen=True, slots=True)
class Ranked:
    """Somebody in the order for one opening. `place` counts from 1 over all who wait; `answers` say why it fits or not."""

    place: int
    candidate: Candidate
    fit: Fit
    answers: tuple[Answer, ...]

    @property
    def may_be_offered(self) -> bool:
        """Whether it can be offered to them now; where it cannot be told, somebody asks first."""
        return not self.candidate.barrier and self.fit is Fit.YES

    @property
    def is_their_turn(self) -> bool:
        """Whether it is for them before others: it can be offered to them, and they did not have it before."""
        return self.may_be_offered and not self.candidate.had

    @property
    def may_be_theirs(self) -> bool:
        """Whether it can be offered to them now, or that cannot be told before somebody has asked them."""
        return not self.candidate.barrier and self.fit is not Fit.NO

    def comes_before(self, other: Ranked) -> bool:
        """Whether, standing before another, it is their turn and not the other's: who had the opening lets pass only those who had it not."""
        return self.may_be_theirs and (not self.candidate.had or bool(other.candidate.had))

    @property
    def reason(self) -> str:
        """Why not, as a code; "" where it can be."""
        if self.candidate.barrier:
            return self.candidate.barrier
        return (
            next((answer.rule for answer in self.answers if answer.fit is self.fit), "") if self.fit != Fit.YES else ""
        )

    @property
    def in_the_way(self) -> str:
        """Why it cannot be offered to them now: "no-consent", "sex", "cannot-tell-sex"; "" where it can be."""
        return f"cannot-tell-{self.reason}" if not self.candidate.barrier and self.fit is Fit.UNKNOWN else self.reason

    @property
    def code(self) -> str:
        """What is kept of somebody who was passed over: what is in the way, or "had-expired"; "" where it was their turn."""
        return f"had-{self.candidate.had}" if self.candidate.had and not self.candidate.barrier else self.in_the_way


def ranked(candidates: Iterable[Candidate], restrictions: Sequence[Restriction]) -> tuple[Ranked, ...]:
    """Everybody in the line in their order for this opening: tier, then the moment of the request, then the lot that was drawn."""
    found = []
    for place, candidate in enumerate(sorted(candidates, key=lambda each: each.order), 1):
        told = answers(candidate.facts, restrictions)
        found.append(Ranked(place, candidate, fit_of(told), told))
    return tuple(found)


def first(order: Sequence[Ranked]) -> Ranked | None:
    """Whose turn it is; None where the opening can be offered to nobody, or somebody has to be asked first (`to_ask`)."""
    found = _next(order)
    return found if found and found.may_be_offered else None


def to_ask(order: Sequence[Ranked]) -> Ranked | None:
    """Who has to be asked before it can be told whose turn it is; None where that can be told."""
    found = _next(order)
    return found if found and not found.may_be_offered else None


def _next(order: Sequence[Ranked]) -> Ranked | None:
    return next((each for each in order if each.may_be_theirs and not each.candidate.had), None)


def leads(order: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """The two at the most by whom it is told whether somebody stands behind: the first who had no offer of this opening, and the first of all."""
    found = (_next(order), next((each for each in order if each.may_be_theirs), None))
    return tuple(each for each in found if each is not None)


def passed_over(order: Sequence[Ranked], chosen: int) -> tuple[Ranked, ...]:
    """Those who stand before the chosen entry; of each a reason is kept with the offer. Raises StopIteration where it is not in the line."""
    place = next(each.place for each in order if each.candidate.entry == chosen)
    return tuple(each for each in order if each.place < place)


def turns_before(order: Sequence[Ranked], chosen: Ranked) -> tuple[Ranked, ...]:
    """Those before the chosen one whose turn it is or may be: to offer it to the chosen one needs a reason and a second person."""
    return tuple(each for each in order if each.place < chosen.place and each.comes_before(chosen))


# --- one's place, as it is shown -------------------------------------------------------------------------------------

EXACT_FROM = 11
"""In a shorter line a number would point at people."""
BANDS = ((0, "next"), (4, "fewer-than-5"), (9, "5-to-9"))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in line as a client sees it: a `number` of `of`, or a band. `paused` while on hold: the place is kept."""

    number: int | None = None
    of: int | None = None
    band: str = ""
    paused: bool = False
