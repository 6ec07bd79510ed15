"""When two clients may be one person, and since when somebody has waited who turns out to have been on the list twice (WAITLIST 3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from directory.domain.errors import FootbridgeError


class Reason(StrEnum):
    """What two clients have in common. One is enough to ask; a person decides."""

    PHONE = "phone"
    EMAIL = "email"
    NAME_BORN = "name-born"
    NAME = "name"


class PairState(StrEnum):
    """What became of the question whether two clients are one person."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


NAME_KIND = Reason.NAME.value
"""The kind of key that is a single word of a name, as a reason it is all of them together."""


def reasons(shared: Mapping[str, int], *, own_words: int, other_words: int, is_same_month: bool) -> tuple[Reason, ...]:
    """Why two clients may be one person, by how many keys of each kind they share; empty where nothing says so.

    A name alone is too common: it counts where the shorter one is within the longer and both were born in the same month (`is_same_month`).
    """
    found = [reason for reason in (Reason.PHONE, Reason.EMAIL, Reason.NAME_BORN) if shared.get(reason)]
    fewest = min(own_words, other_words)
    is_name = fewest > 0 and shared.get(NAME_KIND, 0) >= fewest
    if is_name and is_same_month and Reason.NAME_BORN not in found:
        found.append(Reason.NAME)
    return tuple(found)


def is_within_reach(one: int, other: int, named_by_one: Set[int], named_by_other: Set[int]) -> bool:
    """Whether two clients of these agencies may be compared: in one agency, or where each has consented to the other's agency."""
    return one == other or (other in named_by_one and one in named_by_other)


# --- one person, two entries -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spell:
    """A time of waiting in a line, from a request until `closed_at` for `reason`; None while it lasts."""

    requested_at: datetime
    closed_at: datetime | None = None
    reason: str | None = None


NOT_GIVEN_UP = ("cannot-locate", "in-error", "merged")
"""Closed without the person having left: who was waiting under another number at that time was waiting on."""


def waiting_since(open_spell: Spell, others: Iterable[Spell]) -> datetime:
    """The earliest request from which somebody has waited without a break, over all that they have in one line.

    An entry that was closed before somebody asked anew is a break, and so is one that they gave up themselves.
    """
    since = open_spell.requested_at
    earlier = sorted((each for each in others if _reaches(each)), key=lambda each: each.requested_at, reverse=True)
    for each in earlier:
        if each.requested_at < since and (each.closed_at is None or each.closed_at >= since):
            since = each.requested_at
    return since


def _reaches(each: Spell) -> bool:
    return each.closed_at is None or each.reason in NOT_GIVEN_UP


class MergeRefused(FootbridgeError):
    """Two clients cannot be made one now: `reason` says why, as a code: "both-offered", end one of the two offers first."""

    code = "merge-refused"
    status = 409

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason
