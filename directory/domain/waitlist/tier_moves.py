"""What other rules would do to a line: whom they would move, and how far. Looked at before rules are published, and kept afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.waitlist.tiers import Rules, carried, tier_of


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody in a line: the tier in which they stand, their request, their lot, and what is known of them today."""

    entry: int
    tier: int
    requested_at: datetime
    tie: int
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """That somebody would come to another tier or another place; places count from 1 over all who stand in the line."""

    entry: int
    tier_before: int
    tier_after: int
    place_before: int
    place_after: int

    @property
    def has_moved(self) -> bool:
        """Whether the place in line is another one, and not the tier alone."""
        return self.place_before != self.place_after


def moves(line: Sequence[Standing], before: Rules, after: Rules, on: date) -> tuple[Move, ...]:
    """Whom other rules would move and how far, in the order of the new line; who stays where they are is left out."""
    now = {each.entry: each.tier for each in line}
    then = {each.entry: tier_after(each, before, after, on) for each in line}
    places, new_places = _places(line, now), _places(line, then)
    found = (Move(entry, now[entry], then[entry], places[entry], new_places[entry]) for entry in new_places)
    return tuple(move for move in found if move.has_moved or move.tier_before != move.tier_after)


def tier_after(each: Standing, before: Rules, after: Rules, on: date) -> int:
    """The tier that somebody comes to by other rules.

    Who stands better than the facts of today would have it (a fact has run out, and nobody has agreed yet) keeps that.
    """
    found = tier_of(each.facts, after, on)
    is_kept = each.tier < tier_of(each.facts, before, on)
    return min(found, carried(each.tier, before, after)) if is_kept else found


def _places(line: Sequence[Standing], tiers: Mapping[int, int]) -> dict[int, int]:
    order = sorted(line, key=lambda each: (tiers[each.entry], each.requested_at, each.tie))
    return {each.entry: place for place, each in enumerate(order, 1)}
