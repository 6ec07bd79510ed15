"""People in a year of invented lines: they come, are put on hold, leave for every reason, and come back (simulation.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from heapq import heappop, heappush
from itertools import count, cycle
from random import Random

from directory.domain.waitlist.people_made import BOTH, Made, made
from directory.domain.waitlist.ranking import Fit, answers, fit_of, with_age
from directory.domain.waitlist.simulated import Event, Line, Place, Year
from directory.domain.waitlist.states import CLOSE_REASONS, OPEN_ENTRIES, Entry, move
from directory.domain.waitlist.tiers import tier_of

HOLDS = ("client-asked", "hospital", "custody", "other-program", "paperwork", "disability")
REASONS = (
    *("withdrew", "cannot-locate", "admitted-elsewhere", "refused", "withdrew", "moved-away", "cannot-locate"),
    *("ineligible", "withdrew", "admitted-elsewhere", "in-error", "withdrew", "cannot-locate", "admitted-elsewhere"),
    *("moved-away", "withdrew", "refused", "cannot-locate", "withdrew", "deceased", "ineligible", "withdrew"),
)
"""Why people leave, one after the other, so that each reason is there."""
TRIES = 3
"""Most who ask for a line fit its openings, since peers know these; some do not."""
REVIEW = timedelta(days=14)
PAUSES = (27, 24, 21, 18, 16, 9, 6, 4, 3, 1)
"""How many days ago somebody was put on hold who still is, so that some are to be looked at again."""
Handler = Callable[[datetime, int, str], None]
"""What happens at a moment, to what has this number; the text says more."""


class People:
    """The year while it is played, as far as people come, pause and leave. What is to happen lies in a heap by its moment."""

    def __init__(self, lines: Sequence[Line], peers: Sequence[str], zone: tzinfo, now: datetime, rng: Random) -> None:
        self.lines, self.peers, self.zone, self.now, self.rng = lines, peers, zone, now, rng
        self.year = Year()
        self._heap: list[tuple[datetime, int, Handler, int, str]] = []
        self._order = count()
        self._why: Iterator[str] = cycle(REASONS)

    # --- what is to happen ---

    def fill(self, since: datetime) -> None:
        """Puts the arrivals of the whole time into the heap, and the holds that nobody has ended."""
        for number, line in enumerate(self.lines):
            early = self._moments(line.start, since, since + timedelta(days=7))
            for at in (*early, *self._moments(line.week, since, self.now)):
                self._at(at, self._come, number)
        for days in PAUSES:
            self._at(self.now - timedelta(days=days), self._pause, self.rng.randrange(len(self.lines)))

    def _moments(self, week: float, since: datetime, until: datetime) -> Iterator[datetime]:
        """Moments of working days, at random, so many in a week."""
        at = since
        while True:
            at += timedelta(days=self.rng.expovariate(week / 7))
            if at >= until:
                return
            day = at.astimezone(self.zone).date()
            wall = datetime.combine(day, time(8 + self.rng.randrange(10), self.rng.randrange(60)), self.zone)
            if wall < until:
                yield wall.astimezone(UTC)

    def _at(self, at: datetime, what: Handler, number: int, more: str = "") -> None:
        heappush(self._heap, (at.replace(microsecond=0), next(self._order), what, number, more))

    def _later(self, at: datetime, low: float, high: float, what: Handler, number: int, more: str = "") -> None:
        self._at(at + timedelta(hours=self.rng.uniform(low, high)), what, number, more)

    def run(self) -> None:
        """Lets all happen up to now."""
        while self._heap and self._heap[0][0] <= self.now:
            at, _, what, number, more = heappop(self._heap)
            what(at, number, more)

    # --- people ---

    def _come(self, at: datetime, line: int, _: str) -> None:
        today, peer = at.astimezone(self.zone).date(), self._peer()
        person = made(len(self.year.people), at, peer, today, self.rng)
        for _try in range(TRIES):
            if self._fits(person, line, today):
                break
            person = made(len(self.year.people), at, peer, today, self.rng)
        self.year.people.append(person)
        if not person.agrees_to and self.rng.random() < 0.7:
            self._later(at, 3 * 24, 25 * 24, self._agree, person.number)
        self._join(at, person, line)
        others = [each for each in range(len(self.lines)) if each != line and self._fits(person, each, today)]
        if others and self.rng.random() < 0.12:
            self._join(at, person, self.rng.choice(others))

    def _agree(self, at: datetime, number: int, _: str) -> None:
        """Somebody signs a consent who did not want to at first."""
        self.year.people[number].agrees_to, self.year.people[number].agreed_at = BOTH, at

    def _fits(self, person: Made, line: int, today: date) -> bool:
        facts = with_age(person.facts, today)
        return any(fit_of(answers(facts, source.asks)) is Fit.YES for source in self.lines[line].sources)

    def _peer(self) -> str:
        return self.peers[0] if self.rng.random() < 0.4 else self.rng.choice(self.peers)

    def _join(self, at: datetime, person: Made, line: int) -> None:
        tier = tier_of(person.facts, self.lines[line].rules, at.astimezone(self.zone).date())
        place = Place(len(self.year.places), person.number, line, tier, at, self.rng.getrandbits(31))
        self.year.places.append(place)
        details: dict[str, object] = {"requested_at": at.isoformat(), "tier": tier}
        place.events.append(Event(at, person.peer, "joined", None, Entry.WAITING, details=details))
        self._at(at + timedelta(days=self.rng.expovariate(1 / 170)), self._leave, place.number)
        if self.rng.random() < 0.3:
            self._later(at, 5 * 24, 40 * 24, self._hold, place.number)

    def _step(self, place: Place, after: Entry, at: datetime, by: str, what: str, **more: object) -> None:
        """Moves a place as the one table lets it, and writes it into the history."""
        move(place.status, after)
        offer, details = more.pop("offer", None), dict(more)
        assert offer is None or isinstance(offer, int)
        place.events.append(Event(at, by, what, place.status, after, offer, details))
        place.status = after

    def _hold(self, at: datetime, number: int, more: str) -> None:
        place = self.year.places[number]
        if place.status is not Entry.WAITING:
            return
        place.hold_reason = self.rng.choice(HOLDS)
        place.review_on = (at + REVIEW).astimezone(self.zone).date()
        self._step(place, Entry.ON_HOLD, at, self._of(place).peer, "held", reason=place.hold_reason)
        if not more:
            self._later(at, 4 * 24, 17 * 24, self._resume, number)

    def _pause(self, at: datetime, line: int, _: str) -> None:
        """A hold that nobody has looked at since."""
        waiting = [each for each in self.year.places if each.line == line and each.status is Entry.WAITING]
        if waiting:
            self._hold(at, self.rng.choice(waiting).number, "long")

    def _resume(self, at: datetime, number: int, _: str) -> None:
        place = self.year.places[number]
        if place.status is Entry.ON_HOLD:
            place.hold_reason = place.review_on = None
            self._step(place, Entry.WAITING, at, self._of(place).peer, "resumed")

    def _leave(self, at: datetime, number: int, _: str) -> None:
        place = self.year.places[number]
        if place.status in (Entry.OFFERED, Entry.ACCEPTED):
            self._later(at, 48, 96, self._leave, number)
        elif place.status in (Entry.WAITING, Entry.ON_HOLD):
            reason = next(self._why)
            self._close(place, at, reason)
            if reason == "cannot-locate" and self.rng.random() < 0.3:
                self._later(at, 5 * 24, 25 * 24, self._back, number)

    def _close(self, place: Place, at: datetime, reason: str) -> None:
        place.hold_reason = place.review_on = None
        place.closed_at, place.close_reason = at, reason
        told = {"reason": reason, "attribution": CLOSE_REASONS[reason].value}
        self._step(place, Entry.CLOSED, at, self._of(place).peer, "closed", **told)

    def _back(self, at: datetime, number: int, _: str) -> None:
        """Somebody who could not be found is there again, and keeps the old clock."""
        place = self.year.places[number]
        if place.status is not Entry.CLOSED or self._stands(place.person, place.line):
            return
        place.closed_at = place.close_reason = None
        told = {
            "reason": "came-back",
            "clock": "kept",
            "requested_at": place.requested_at.isoformat(),
            "tier": place.tier,
        }
        self._step(place, Entry.WAITING, at, self._of(place).peer, "reinstated", **told)

    def _stands(self, person: int, line: int) -> bool:
        own = (each for each in self.year.places if each.person == person and each.line == line)
        return any(each.status in OPEN_ENTRIES for each in own)

    def _of(self, place: Place) -> Made:
        return self.year.people[place.person]
