"""The tiers that States have added to the federal order, as seeds/tiers.toml has them: what a coordinator chooses from."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from directory.domain.waitlist.tiers import ALL, FEDERAL, PriorityTier, Rules, ordered
from directory.resources import folder

CONTACT = "contact-days"
"""The choice that is no tier but how often somebody is to be reached."""


@dataclass(frozen=True, slots=True)
class Choosable:
    """One thing to choose: a `tier` of its own, a shorter `hours` for the `federal` tier of this code, or `contact_days`."""

    key: str
    overlay: str
    label: str
    citation: str
    tier: PriorityTier | None = None
    federal: str = ""
    hours: int | None = None
    contact_days: int | None = None


def _read(path: Path) -> tuple[Choosable, ...]:
    """What a file offers. Raises ValueError where it is not of the form that it says at its top."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(each for code, table in tables.items() for each in _overlay(code, table))


def _overlay(code: str, table: Mapping[str, Any]) -> Iterable[Choosable]:
    label, citation = table["label"], table["citation"]
    if days := table.get("contact_days"):
        yield Choosable(f"{code}:{CONTACT}", code, label, citation, contact_days=days)
    for each in table.get("tier", ()):
        if federal := each.get("federal"):
            if federal not in {tier.code for tier in FEDERAL}:
                raise ValueError(f"[{code}] names {federal}, which is no federal tier")
            yield Choosable(f"{code}:{federal}", code, label, citation, federal=federal, hours=each["hours"])
        else:
            tier = PriorityTier(
                each["rank"],
                each["code"],
                each["label"],
                tuple(each["facts"]),
                each.get("match", ALL),
                each.get("hours"),
                citation,
            )
            yield Choosable(f"{code}:{tier.code}", code, label, citation, tier=tier)


OVERLAYS = _read(folder("seeds") / "tiers.toml")
"""Read once when the program starts."""


def chosen_in(rules: Rules) -> frozenset[str]:
    """The keys of what is part of these rules already."""
    return frozenset(each.key for each in OVERLAYS if _is_in(each, rules))


def _is_in(each: Choosable, rules: Rules) -> bool:
    if each.tier:
        return any(tier.code == each.tier.code and tier.citation == each.citation for tier in rules.tiers)
    if each.federal:
        return any(tier.code == each.federal and each.citation in tier.citation for tier in rules.tiers)
    return rules.contact_days == each.contact_days


def own_of(rules: Rules) -> tuple[PriorityTier, ...]:
    """The tiers of these rules that come from no overlay."""
    known = {(each.tier.code, each.citation) for each in OVERLAYS if each.tier}
    return tuple(tier for tier in rules.own if (tier.code, tier.citation) not in known)


def rules_of(keys: Collection[str], own: Iterable[PriorityTier], *, is_federal: bool) -> Rules:
    """The rules that come of these choices and of tiers of one's own. Of two choices for one tier the shorter time counts."""
    chosen = [each for each in OVERLAYS if each.key in keys]
    federal = [_shortened(tier, chosen) for tier in FEDERAL] if is_federal else []
    days = min((each.contact_days for each in chosen if each.contact_days is not None), default=None)
    return ordered(Rules((*federal, *(each.tier for each in chosen if each.tier), *own), days))


def _shortened(tier: PriorityTier, chosen: Iterable[Choosable]) -> PriorityTier:
    for each in chosen:
        if each.federal == tier.code and each.hours is not None:
            hours = each.hours if tier.target_hours is None else min(tier.target_hours, each.hours)
            tier = replace(tier, target_hours=hours, citation=f"{tier.citation}; {each.citation}")
    return tier
