"""Where each entry of a line stands, as it is told once a day: how many who can be offered something are before it, of how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

REFRESH_HOUR = 5
"""Local time of a line from which on a day's standings are made: what clients see changes then and at no other time (WAITLIST 2.3)."""


@dataclass(frozen=True, slots=True)
class InLine:
    """An open entry as far as its standing goes. `order` is what the line is sorted by; `can_be_offered`: no hold, no live offer, and a consent
    for at least one of the agencies that the line's openings come from."""

    entry: int
    tier: int
    order: tuple[int, datetime, int]
    can_be_offered: bool
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """How many who can be offered something stand before an entry, and how many they are in all with itself."""

    entry: int
    tier: int
    ahead: int
    waiting: int
    is_paused: bool


def stands(line: Sequence[InLine]) -> list[Stand]:
    """The standing of everybody in a line, the first one first. Who can be offered nothing now is not counted for others (WAITLIST 2.3)."""
    total = sum(each.can_be_offered for each in line)
    found, ahead = [], 0
    for each in sorted(line, key=lambda one: one.order):
        waiting = total if each.can_be_offered else total + 1
        found.append(Stand(each.entry, each.tier, ahead, waiting, each.is_paused))
        ahead += each.can_be_offered
    return found


def most_ahead(found: Sequence[Stand], tiers: Sequence[int]) -> dict[int, int]:
    """How many can stand before somebody of each tier: what the tables must reach to."""
    most = dict.fromkeys(sorted({*tiers, *(each.tier for each in found)}), 0)
    for each in found:
        most[each.tier] = max(most[each.tier], each.ahead)
    return most


def day_of(local: datetime) -> date:
    """The day whose standings hold at this local time: until 5 in the morning that is the day before."""
    return local.date() if local.hour >= REFRESH_HOUR else local.date() - timedelta(days=1)
