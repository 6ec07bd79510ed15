"""An offer and an opening as the agency that has it sees them: who it is for goes by number alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.waitlist.ranking import Restriction
from directory.domain.waitlist.states import Offer, Slot


@dataclass(frozen=True, slots=True)
class AgencyOfferNow:
    """An offer with the opening that it is of. `peers` is the name of the agency that keeps the client's place and `keeper` its id; `zone` is
    that of the place. `client` and `entry` are ids that no page shows."""

    id: int
    slot: int
    entry: int
    client: int
    upi: str
    keeper: int
    peers: str
    agency: int
    level: int
    level_name: str
    program: str
    zone: str
    status: Offer
    at: datetime
    expires_at: datetime
    acknowledged_at: datetime | None
    agreed_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    restrictions: tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class AgencySlot:
    """An opening that is there. `said_at` is when the agency last said so, `offer` the live offer that it is held for."""

    id: int
    level: int
    agency: int
    status: Slot
    restrictions: tuple[Restriction, ...]
    free_on: date | None
    said_at: datetime
    offer: int | None
    offer_status: Offer | None
