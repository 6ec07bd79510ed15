"""An opening and an offer as the people see them who keep the lines: with the names of what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.waitlist.ranking import Restriction
from directory.domain.waitlist.states import Entry, Offer, Slot


@dataclass(frozen=True, slots=True)
class SlotSeen:
    """An opening with the names of its level, program and agency. `zone` is that of the place, `said_at` when the agency
    last said that it is there."""

    id: int
    level: int
    agency: int
    status: Slot
    restrictions: tuple[Restriction, ...]
    level_name: str
    care: str
    program: str
    agency_name: str
    slug: str
    zone: str
    free_on: date | None
    closed_reason: str | None
    said_at: datetime


@dataclass(frozen=True, slots=True)
class OfferSeen:
    """An offer as the peers of the client see it. `passed_over` are pairs of entry and code. `zone` is that of the line."""

    id: int
    status: Offer
    slot: SlotSeen
    entry: int
    entry_status: Entry
    client: int
    upi: str
    sealed: str | None
    agency: int
    pool: int
    pool_name: str
    zone: str
    considered: int
    passed_over: tuple[tuple[int, str], ...]
    facts: Mapping[str, str]
    rules_sha256: str | None
    reason: str | None
    second_by: str | None
    by: str
    at: datetime
    expires_at: datetime
    acknowledged_at: datetime | None
    agreed_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
