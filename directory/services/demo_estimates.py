"""What the invented people were told of their wait, now and then in the last months, and what came of it: so that the coverage shows something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta, tzinfo

from directory.domain.estimate import shown
from directory.domain.waitlist.calibration import Outcome, score
from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.history import DAY, Step, history_of
from directory.domain.waitlist.people_made import Made
from directory.domain.waitlist.simulated import Place, Year
from directory.domain.waitlist.standings import InLine, most_ahead, stands
from directory.domain.waitlist.states import OPEN_ENTRIES, Entry
from directory.domain.waitlist.tables import table_of, tables

WEEKS_AGO = (30, 22, 15, 9, 4)
DRAWS = 30
"""Fewer than a real day has: these ranges are looked at in sum alone."""
_ENDED = (Entry.PLACED, Entry.CLOSED)
Issued = tuple[int, tuple[object, ...]]


def issued_rows(year: Year, lines: int, *, zone: tzinfo, now: datetime) -> list[Issued]:
    """The rows of what was told, each with the number of the place in front."""
    return [
        row
        for line in range(lines)
        for weeks in WEEKS_AGO
        for row in _told(
            year.people, [each for each in year.places if each.line == line], line, _morning(now, weeks, zone)
        )
    ]


def _morning(now: datetime, weeks: int, zone: tzinfo) -> datetime:
    day = now.astimezone(zone).date() - timedelta(weeks=weeks)
    return datetime.combine(day, time(5), zone)


def _told(people: Sequence[Made], places: Sequence[Place], line: int, at: datetime) -> Iterable[Issued]:
    """What those in a line were told at a moment."""
    here = [each for each in places if each.requested_at < at]
    if not here:
        return
    steps = [step for place in here for step in _steps(place, at)]
    asked = [(each.tier, each.requested_at) for each in here]
    begun = min(each.requested_at for each in here)
    history = history_of(steps, asked, quiet=0, begun=begun, now=at)
    there = [_in_line(place, at, bool(people[place.person].agrees_to)) for place in here]
    line_up = stands([each for each in there if each])
    made = tables(history, most_ahead(line_up, [int(tier) for tier in Tier]), f"demo {line} {at.date()}", draws=DRAWS)
    by_number = {each.number: each for each in here}
    for stand in line_up:
        found = None if stand.is_paused else table_of(made, stand.tier).at(stand.ahead)
        if found:
            said = shown(found, window=history.window)
            words = f"{said.low}-{said.high}{'+' if said.over_a_year else ''}"
            came = _came(by_number[stand.entry], at, found.q10, found.q90)
            head = (at.date(), at, stand.tier, stand.ahead)
            yield stand.entry, (*head, found.q10, found.q50, found.q90, words, *came)


def _steps(place: Place, until: datetime) -> list[Step]:
    return [
        Step(place.number, event.at, event.what, event.before, event.after, place.tier, place.requested_at)
        for event in place.events
        if event.after is not None and event.at <= until
    ]


def _in_line(place: Place, at: datetime, has_consent: bool) -> InLine | None:
    """Somebody as they stood at a moment, if they did."""
    status = next((event.after for event in reversed(place.events) if event.after and event.at <= at), None)
    if status not in OPEN_ENTRIES:
        return None
    order = (place.tier, place.requested_at, place.tie)
    waits = status == Entry.WAITING and has_consent
    return InLine(place.number, place.tier, order, can_be_offered=waits, is_paused=status == Entry.ON_HOLD)


def _came(place: Place, at: datetime, low: float, high: float) -> tuple[object, ...]:
    """What came of it by now; nothing yet for whoever still waits."""
    last = next((event for event in reversed(place.events) if event.after is not None), None)
    if place.status not in _ENDED or last is None or last.at <= at:
        return (None, None, None)
    days = (last.at - at).total_seconds() / DAY
    outcome = score(days, low, high) if place.status is Entry.PLACED else Outcome.CENSORED
    return (outcome.value, days, last.at.date())
