"""Whom an opening is for: what an agency says in its reports, as the rules that the line is looked at with. What nobody has said restricts
nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from directory.domain.errors import Problem
from directory.domain.openings import CAPACITY, MEN, WOMEN, Numbers, Restrictions, report_problems
from directory.domain.waitlist.ranking import Restriction

MOST_AT_ONCE = 20
LONGEST_AHEAD = timedelta(days=90)
"""So far ahead an opening may be free from."""
ASK_AFTER = timedelta(hours=72)
"""After so long an agency is asked whether an opening is still there (WAITLIST 3.4)."""
_SEXES = {WOMEN: ("female", "other"), MEN: ("male", "other")}
"""Somebody who is neither is asked, and not ruled out by a form."""
_TAKEN = {"medication": "moud", "wheelchair": "wheelchair", "children": "children"}


def restrictions_of(whom: Restrictions) -> tuple[Restriction, ...]:
    """The rules for this, in the order in which they are told."""
    found = [Restriction("sex", _SEXES[whom.sex])] if whom.sex in _SEXES else []
    if whom.youngest is not None or whom.oldest is not None:
        found.append(Restriction("age", (_text(whom.youngest), _text(whom.oldest))))
    found += [Restriction("payer", whom.pay)] if whom.pay else []
    for rule, name in _TAKEN.items():
        if (taken := getattr(whom, name)) is not None:
            found.append(Restriction(rule, ("yes" if taken else "no",)))
    return tuple(found + ([Restriction("language", whom.languages)] if whom.languages else []))


def whom_of(restrictions: Iterable[Restriction]) -> Restrictions:
    """What `restrictions_of` was made of."""
    rules = {each.rule: each.allowed for each in restrictions}
    low, high = rules.get("age", ("", ""))
    taken = {name: rules[rule] == ("yes",) for rule, name in _TAKEN.items() if rule in rules}
    return Restrictions(
        sex=next((sex for sex, allowed in _SEXES.items() if allowed == rules.get("sex")), None),
        youngest=int(low) if low else None,
        oldest=int(high) if high else None,
        pay=rules.get("payer"),
        languages=rules.get("language"),
        **taken,
    )


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def opening_problems(whom: Restrictions, *, count: int, free_on: date | None, today: date) -> list[Problem]:
    """What has to be put right before these openings can be taken, field by field. `today` is the local day."""
    found = [] if 1 <= count <= MOST_AT_ONCE else [Problem("count", "count", str(count), (str(MOST_AT_ONCE),))]
    if free_on is not None and not today <= free_on <= today + LONGEST_AHEAD:
        found.append(Problem("free_on", "free-on", free_on.isoformat()))
    # Of a report in which nothing else can be wrong there is left what is wrong with whom it takes.
    return found + report_problems(Numbers(accepting=CAPACITY, restrictions=whom))
