"""The states of an entry, an offer and an opening that is held for somebody, and every move between them that there is.

One table for each; whatever it does not name cannot happen. Who may make a move, and what else it needs, is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from directory.domain.errors import FootbridgeError


class Entry(StrEnum):
    """Somebody's place in one line."""

    WAITING = "waiting"
    ON_HOLD = "on-hold"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    PLACED = "placed"
    CLOSED = "closed"


class Offer(StrEnum):
    """One opening that was offered to one person."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ADMITTED = "admitted"
    NO_SHOW = "no-show"
    CANCELLED = "cancelled"


class Slot(StrEnum):
    """One opening of an agency."""

    OPEN = "open"
    HELD = "held"
    FILLED = "filled"
    CLOSED = "closed"


ENTRY_MOVES: Mapping[Entry, frozenset[Entry]] = {
    Entry.WAITING: frozenset({Entry.OFFERED, Entry.ON_HOLD, Entry.CLOSED}),
    Entry.ON_HOLD: frozenset({Entry.WAITING, Entry.CLOSED}),
    Entry.OFFERED: frozenset({Entry.ACCEPTED, Entry.WAITING, Entry.CLOSED}),
    Entry.ACCEPTED: frozenset({Entry.PLACED, Entry.WAITING, Entry.CLOSED}),
    Entry.PLACED: frozenset(),
    Entry.CLOSED: frozenset({Entry.WAITING}),
}
"""A placed entry stays as it is: who needs care again asks again. A closed one comes back by being reinstated alone."""

OFFER_MOVES: Mapping[Offer, frozenset[Offer]] = {
    Offer.PENDING: frozenset({Offer.ACCEPTED, Offer.DECLINED, Offer.REJECTED, Offer.EXPIRED, Offer.WITHDRAWN}),
    Offer.ACCEPTED: frozenset({Offer.ADMITTED, Offer.NO_SHOW, Offer.REJECTED, Offer.CANCELLED}),
    **{
        ended: frozenset()
        for ended in (
            Offer.DECLINED,
            Offer.REJECTED,
            Offer.EXPIRED,
            Offer.WITHDRAWN,
            Offer.ADMITTED,
            Offer.NO_SHOW,
            Offer.CANCELLED,
        )
    },
}
SLOT_MOVES: Mapping[Slot, frozenset[Slot]] = {
    Slot.OPEN: frozenset({Slot.HELD, Slot.CLOSED}),
    Slot.HELD: frozenset({Slot.FILLED, Slot.OPEN}),
    Slot.FILLED: frozenset(),
    Slot.CLOSED: frozenset({Slot.OPEN}),
}
"""One that is held is not closed before its offer has ended, with a reason."""

LIVE_OFFERS = frozenset({Offer.PENDING, Offer.ACCEPTED})
OPEN_ENTRIES = frozenset({Entry.WAITING, Entry.ON_HOLD, Entry.OFFERED, Entry.ACCEPTED})

AFTER_OFFER: Mapping[Offer, tuple[Entry, Slot]] = {
    Offer.PENDING: (Entry.OFFERED, Slot.HELD),
    Offer.ACCEPTED: (Entry.ACCEPTED, Slot.HELD),
    Offer.DECLINED: (Entry.WAITING, Slot.OPEN),
    Offer.REJECTED: (Entry.WAITING, Slot.OPEN),
    Offer.EXPIRED: (Entry.WAITING, Slot.OPEN),
    Offer.WITHDRAWN: (Entry.WAITING, Slot.CLOSED),
    Offer.ADMITTED: (Entry.PLACED, Slot.FILLED),
    Offer.NO_SHOW: (Entry.WAITING, Slot.OPEN),
    Offer.CANCELLED: (Entry.WAITING, Slot.OPEN),
}
"""Where the entry and the opening stand once an offer has come to a state. Nobody loses their place by any of it."""


class NoSuchMove(FootbridgeError):
    """Something was asked that cannot follow on what is: somebody else was quicker, or it is over."""

    code = "no-such-move"
    status = 409

    def __init__(self, before: StrEnum, after: StrEnum) -> None:
        super().__init__(before=before.value, after=after.value)


_TABLES: Mapping[type[StrEnum], Mapping[Any, frozenset[Any]]] = {
    Entry: ENTRY_MOVES,
    Offer: OFFER_MOVES,
    Slot: SLOT_MOVES,
}
"""By kind: members of two of them are equal where their words are."""


def move(before: StrEnum, after: StrEnum) -> None:
    """Lets a move pass that the tables name. Raises NoSuchMove."""
    if type(before) is not type(after) or after not in _TABLES[type(before)][before]:
        raise NoSuchMove(before, after)


class Attribution(StrEnum):
    """On whose side it lies that an entry was closed."""

    CLIENT = "client"
    PROCESS = "process"
    PROGRAM = "program"
    NOBODY = "nobody"


CLOSE_REASONS: Mapping[str, Attribution] = {
    "admitted-elsewhere": Attribution.CLIENT,
    "withdrew": Attribution.CLIENT,
    "refused": Attribution.CLIENT,
    "cannot-locate": Attribution.PROCESS,
    "ineligible": Attribution.PROGRAM,
    "deceased": Attribution.NOBODY,
    "moved-away": Attribution.CLIENT,
    "merged": Attribution.PROCESS,
    "in-error": Attribution.PROCESS,
}
FEDERAL_REASONS = ("cannot-locate", "refused")
"""The grounds, beside admission, on which 45 CFR 96.126(d) lets somebody be taken off the line."""
DECLINES_BEFORE_A_TALK = 2
"""After so many offers that somebody declined a talk is due, and never a removal."""
