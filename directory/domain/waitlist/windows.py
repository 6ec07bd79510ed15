"""How long an offer holds. The end is computed once, in UTC, when the offer is made; afterwards it is only compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from directory.domain.schedule import Timetable, is_open, next_start

ANSWER_TIME = timedelta(hours=2)
"""What is left of the next working time when an offer would have ended outside of one: enough to call back."""
USUAL: Mapping[str, timedelta] = {
    "detox": timedelta(hours=4),
    "residential": timedelta(hours=24),
    "inpatient": timedelta(hours=24),
    "outpatient": timedelta(hours=72),
    "intensive-outpatient": timedelta(hours=72),
    "day-treatment": timedelta(hours=72),
    "medication": timedelta(hours=24),
}
"""By level of care (codes of the search), where a pool says nothing of its own."""
ELSE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OfferWindow:
    """How long offers of a pool hold: so much elapsed time, and, where `working` is given, never ending outside those hours."""

    length: timedelta
    working: Timetable | None = None


def expires_at(window: OfferWindow, offered_at: datetime) -> datetime:
    """When an offer ends that is made at this aware moment, in UTC.

    An end that falls outside the working hours moves to two hours after they begin again, since nobody can answer a closed office.
    """
    end = offered_at.astimezone(UTC) + window.length
    if window.working is None or is_open(window.working, end) is not False:
        return end
    begin = next_start(window.working, end)
    return end if begin is None else begin.astimezone(UTC) + ANSWER_TIME


def is_live(expires: datetime, now: datetime) -> bool:
    """Whether it can still be accepted. At the moment itself it can not: the sweep takes it (`expires_at <= now`)."""
    return now < expires
