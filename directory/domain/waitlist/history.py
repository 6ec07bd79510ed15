"""What a line's estimate is made of, counted from the history of its entries. Everything is exact: no figure of it is kept anywhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from directory.domain.estimate import LONGEST, dispersion, window_of
from directory.domain.waitlist.states import Entry
from directory.domain.waitlist.tables import History

BACK = timedelta(days=LONGEST)
ANSWERS = ("offer-accepted", "offer-declined", "offer-expired")
"""What an offer that somebody answered, or let go by, leaves in the history."""
REINSTATED = "reinstated"
IN_LINE = frozenset({Entry.WAITING.value, Entry.OFFERED.value, Entry.ACCEPTED.value})
"""The states in which days count as waited: all that are open but a hold."""
ENDED = frozenset({Entry.PLACED.value, Entry.CLOSED.value})
DAY = 86400.0
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of an entry's state, with the tier and the request that the entry has now."""

    entry: int
    at: datetime
    what: str
    before: str | None
    after: str
    tier: int
    requested_at: datetime


def history_of(
    steps: Sequence[Step],
    requests: Iterable[tuple[int, datetime]],
    *,
    quiet: int,
    begun: datetime,
    now: datetime,
) -> History:
    """What happened in a line, over as many days as it takes to see enough placements.

    `steps` are those of the last year, entry by entry and each in its order; `requests` the tier and moment of all requests of the last year;
    `quiet` is how many people have stood in line, not on hold, through all of that year without any step; `begun` when the line began.
    """
    placed = [step.at for step in steps if step.after == Entry.PLACED]
    window = window_of([(now - at).total_seconds() / DAY for at in placed], age=(now - begun).total_seconds() / DAY)
    since = now - timedelta(days=window)
    recent = [step for step in steps if step.at > since]
    return History(
        window=window,
        placed=sum(at > since for at in placed),
        offers=sum(step.what in ANSWERS for step in recent),
        dropped=sum(step.after == Entry.CLOSED for step in recent),
        exposure=person_days(steps, since, now) + quiet * float(window),
        phi=dispersion(weekly(placed, window, now)),
        arrivals=_arrivals(recent, requests, since),
    )


def _arrivals(recent: Iterable[Step], requests: Iterable[tuple[int, datetime]], since: datetime) -> Mapping[int, int]:
    """By tier how many came: who asked in that time, and who came back with the clock of an older request.

    The tier is the one that they have now: who was raised after they came counts where they stand in the way of others.
    """
    asked = Counter(tier for tier, at in requests if at > since)
    back = Counter(step.tier for step in recent if step.what == REINSTATED and step.requested_at <= since)
    return dict(asked + back)


def weekly(placed: Collection[datetime], window: int, now: datetime) -> tuple[int, ...]:
    """The placements in each whole week of the window, the last week first."""
    ages = Counter((now - at) // WEEK for at in placed)
    return tuple(ages[week] for week in range(window // 7))


def person_days(steps: Iterable[Step], since: datetime, until: datetime) -> float:
    """The days that people waited between two moments: the overlap of each waiting spell with them. Holds do not count.

    Of entries without any step nothing is known here. Steps lie entry by entry, each in its order.
    """
    total = 0.0
    for _, own in groupby(steps, key=lambda step: step.entry):
        begin: datetime | None = None
        for number, step in enumerate(own):
            if number == 0 and step.before in IN_LINE:
                begin = since
            if begin is not None:
                total += _overlap(begin, step.at, since, until)
            begin = step.at if step.after in IN_LINE else None
        if begin is not None:
            total += _overlap(begin, until, since, until)
    return total


def _overlap(begin: datetime, end: datetime, since: datetime, until: datetime) -> float:
    return max((min(end, until) - max(begin, since)).total_seconds(), 0.0) / DAY


def ended(steps: Iterable[Step], since: datetime) -> dict[int, Step]:
    """The entries that came to an end after this moment and have not come back, by number, each with its last step."""
    last = {step.entry: step for step in steps}
    return {entry: step for entry, step in last.items() if step.after in ENDED and step.at > since}
