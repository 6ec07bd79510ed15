"""Who goes first, as data: the tiers of a line, the federal ones before all others.

Sources: 45 CFR 96.131(a) for the order of the federal tiers, 96.126(b)(1) for the 14 days; what a State or an operator adds
names its own source, and comes after them. A tier asks for facts that somebody told or a paper shows, never for a judgement.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from directory.domain.errors import Problem
from directory.domain.waitlist.clocks import ADMIT_WITHIN, INJECTING, PREGNANT, Tier
from directory.domain.waitlist.facts import PRIORITY

FIRST_OWN, LAST_OWN = 4, 8
"""The ranks that a State's or an operator's own tiers may have: after the federal ones, before all others."""
OTHERS = int(Tier.OTHERS)
ALL, ANY = "all", "any"
MOST_OWN = 12
LONGEST_LABEL, LONGEST_CITATION, LONGEST_CODE = 80, 300, 30
MOST_HOURS = 24 * 365
FEWEST_DAYS, MOST_DAYS = 1, 365
"""Between two contacts."""


@dataclass(frozen=True, slots=True)
class PriorityTier:
    """One tier. `rank` orders, the smaller the earlier; `facts` are those that have to be known as "yes", all of them or `match` ANY.

    `target_hours` after the request somebody of it is to be admitted, None where nobody says so. `citation` is where the rule stands.
    `valid_from` and `valid_to` are local days, both within; None is without end.
    """

    rank: int
    code: str
    label: str
    facts: tuple[str, ...]
    match: str = ALL
    target_hours: int | None = None
    citation: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def is_in_force(self, on: date) -> bool:
        """Whether it counts on this local day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def takes(self, facts: Mapping[str, str]) -> bool:
        """Whether somebody of whom these facts are known belongs to it. What is unknown gives nothing and takes nothing."""
        known = [facts.get(code) == "yes" for code in self.facts]
        return bool(known) and (all(known) if self.match == ALL else any(known))


@dataclass(frozen=True, slots=True)
class Rules:
    """The tiers of a line, in their order. `contact_days`: somebody is to be reached at least so often, None where the rules do not say."""

    tiers: tuple[PriorityTier, ...]
    contact_days: int | None = None

    @property
    def own(self) -> tuple[PriorityTier, ...]:
        """Those that are not the federal ones."""
        return tuple(tier for tier in self.tiers if tier.rank >= FIRST_OWN)

    @property
    def is_federal(self) -> bool:
        """Whether the federal order is part of them."""
        return any(tier.rank < FIRST_OWN for tier in self.tiers)


_ORDER = "45 CFR 96.131(a)"
FEDERAL = (
    PriorityTier(
        int(Tier.PREGNANT_INJECTING), "pregnant-injecting", "Pregnant, and injects drugs", (PREGNANT, INJECTING), citation=_ORDER
    ),
    PriorityTier(int(Tier.PREGNANT), "pregnant", "Pregnant", (PREGNANT,), citation=_ORDER),
    PriorityTier(
        int(Tier.INJECTING), "injecting", "Injects drugs", (INJECTING,), target_hours=int(ADMIT_WITHIN.total_seconds() // 3600),
        citation=f"{_ORDER}, 96.126(b)(1)",
    ),
)  # fmt: skip
"""What nobody may change but to make a limit shorter. For pregnant women the section knows no time in which they could wait."""
USUAL = Rules(FEDERAL)
"""What holds in a line for which nothing was published."""


def tier_of(facts: Mapping[str, str], rules: Rules, on: date) -> int:
    """The rank of the first tier in force on this local day that takes somebody with these facts; that of all others where none does."""
    return min((tier.rank for tier in rules.tiers if tier.is_in_force(on) and tier.takes(facts)), default=OTHERS)


def tier_at(rank: int, rules: Rules, on: date, facts: Mapping[str, str] | None = None) -> PriorityTier | None:
    """The tier of this rank that is in force, of several the one that takes these facts; None for the rank of all others."""
    found = [tier for tier in rules.tiers if tier.rank == rank and tier.is_in_force(on)]
    return next((tier for tier in found if facts is not None and tier.takes(facts)), found[0] if found else None)


def carried(rank: int, before: Rules, after: Rules) -> int:
    """The best rank under other rules of the tiers that have this rank now; that of all others where none of them is left.

    It holds the place of somebody whose facts of today would no longer give it, until a second person has agreed.
    """
    codes = {tier.code for tier in before.tiers if tier.rank == rank}
    return min((tier.rank for tier in after.tiers if tier.code in codes), default=OTHERS)


# --- what may be set -------------------------------------------------------------------------------------------------


def rules_problems(rules: Rules, *, is_funded: bool) -> list[Problem]:
    """What keeps these from being the rules of a line, field by field (`tier-CODE`, or `contact_days`).

    In a line that the block grant pays for the ranks 1 to 3 are the federal tiers, whole and in their order, and nothing sorts above them
    (45 CFR 96.131(a)). Elsewhere they are there whole, or not at all.
    """
    found = _federal_problems(rules, is_funded=is_funded)
    found += [problem for tier in rules.own for problem in _own_problems(tier)]
    codes = [tier.code for tier in rules.tiers]
    found += [Problem(f"tier-{code}", "name-taken", code) for code in sorted({each for each in codes if codes.count(each) > 1})]  # fmt: skip
    if len(rules.own) > MOST_OWN:
        found.append(Problem("overlays", "too-many-tiers", str(len(rules.own)), (str(MOST_OWN),)))
    if rules.contact_days is not None and not FEWEST_DAYS <= rules.contact_days <= MOST_DAYS:
        found.append(Problem("contact_days", "not-within", str(rules.contact_days), (str(MOST_DAYS),)))
    return found


def _federal_problems(rules: Rules, *, is_funded: bool) -> list[Problem]:
    given = tuple(tier for tier in rules.tiers if tier.rank < FIRST_OWN)
    if not given and not is_funded:
        return []
    bare = tuple(replace(tier, target_hours=None, citation="", label="") for tier in given)
    whole = tuple(replace(tier, target_hours=None, citation="", label="") for tier in FEDERAL)
    if bare != whole:
        return [Problem("overlays", "above-federal", ",".join(str(tier.rank) for tier in given))]
    longer = [tier for tier, law in zip(given, FEDERAL, strict=True) if _is_longer(tier.target_hours, law.target_hours)]
    return [Problem(f"tier-{tier.code}", "longer-than-law", str(tier.target_hours)) for tier in longer]


def _is_longer(own: int | None, law: int | None) -> bool:
    return law is not None and (own is None or own > law)


def _own_problems(tier: PriorityTier) -> list[Problem]:
    field = f"tier-{tier.code}"
    wrong = {
        "above-federal": not FIRST_OWN <= tier.rank <= LAST_OWN,
        "missing": not tier.label.strip() or not tier.citation.strip(),
        "choose": not tier.facts or not set(tier.facts) <= set(PRIORITY) or tier.match not in (ALL, ANY),
        "ends-before": tier.valid_from is not None and tier.valid_to is not None and tier.valid_to < tier.valid_from,
    }
    found = [Problem(field, code, tier.label) for code, is_wrong in wrong.items() if is_wrong]
    if tier.target_hours is not None and not 0 <= tier.target_hours <= MOST_HOURS:
        found.append(Problem(field, "not-within", str(tier.target_hours), (str(MOST_HOURS),)))
    lengths = ((tier.label, LONGEST_LABEL), (tier.citation, LONGEST_CITATION), (tier.code, LONGEST_CODE))
    return found + [Problem(field, "too-long", text, (str(most),)) for text, most in lengths if len(text) > most]


def ordered(rules: Rules) -> Rules:
    """The same rules in the one order in which they are kept, facts too."""
    tiers = (replace(tier, facts=_facts_ordered(tier.facts)) for tier in rules.tiers)
    return replace(rules, tiers=tuple(sorted(tiers, key=lambda tier: (tier.rank, tier.code))))


def _facts_ordered(facts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(facts, key=lambda code: (PRIORITY.index(code) if code in PRIORITY else len(PRIORITY), code)))


# --- as they are stored ----------------------------------------------------------------------------------------------


def rules_text(rules: Rules) -> str:
    """The rules as the JSON that counts: one text for one set of rules, whatever the order in which they were given."""
    tiers = [_tier_json(tier) for tier in ordered(rules).tiers]
    return json.dumps({"contact_days": rules.contact_days, "tiers": tiers}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))  # fmt: skip


def _tier_json(tier: PriorityTier) -> dict[str, Any]:
    days = {name: day.isoformat() if day else None for name, day in (("valid_from", tier.valid_from), ("valid_to", tier.valid_to))}  # fmt: skip
    return {
        "rank": tier.rank,
        "code": tier.code,
        "label": tier.label,
        "when": {tier.match: dict.fromkeys(tier.facts, "yes")},
        "target_hours": tier.target_hours,
        "citation": tier.citation,
        **days,
    }


def rules_read(text: str) -> Rules:
    """The rules that `rules_text` wrote."""
    given = json.loads(text)
    return ordered(Rules(tuple(_tier(each) for each in given["tiers"]), given.get("contact_days")))


def _tier(given: Mapping[str, Any]) -> PriorityTier:
    ((match, facts),) = given["when"].items()
    days = {name: date.fromisoformat(given[name]) if given.get(name) else None for name in ("valid_from", "valid_to")}
    return PriorityTier(
        given["rank"],
        given["code"],
        given["label"],
        tuple(facts),
        match,
        given.get("target_hours"),
        given["citation"],
        **days,
    )


def fingerprint(text: str) -> str:
    """The SHA-256 of rules as they are stored."""
    return sha256(text.encode()).hexdigest()
