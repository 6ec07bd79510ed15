"""A year of invented lines, played by the rules of the real ones: people come, openings come, each is offered to whom the order names.

The same `rng` gives the same year. What comes of it are plain records in the order in which they happened; nobody in them exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from random import Random

from directory.domain.waitlist.ranking import Candidate, Ranked, first, passed_over, ranked, with_age
from directory.domain.waitlist.simulated import ACCEPTED, OPEN, PENDING, Event, Line, Offering, Opening, Place, Year
from directory.domain.waitlist.simulation_people import People
from directory.domain.waitlist.states import AFTER_OFFER, LIVE_OFFERS, OPEN_ENTRIES, Entry, Offer, Slot, move
from directory.domain.waitlist.windows import expires_at

DECLINES = ("not-now", "too-far", "not-this-place", "health-safety", "other-place", "other")
CANCELS = ("changed-mind", "ill", "no-transport")
OUT_OF_TURN = ("unreachable-today", "client-preference", "safety")
SCHEDULE = "schedule"
AFTER_YES: Mapping[Offer, float] = {
    Offer.ADMITTED: 0.87,
    Offer.NO_SHOW: 0.07,
    Offer.CANCELLED: 0.04,
    Offer.REJECTED: 0.02,
}
AT_ONCE: Mapping[Offer, float] = {Offer.ACCEPTED: 0.71, Offer.EXPIRED: 0.14, Offer.DECLINED: 0.11, Offer.REJECTED: 0.04}
"""What comes of an offer, and of a yes, in shares."""


def year_of(
    lines: Sequence[Line], peers: Sequence[str], *, zone: tzinfo, now: datetime, days: int, rng: Random
) -> Year:
    """So many days of these lines up to this aware moment. `peers` are the keys of those who take people on, the first the busiest."""
    played = _Play(lines, peers, zone, now, rng)
    played.fill(now - timedelta(days=days))
    played.run()
    return played.year


class _Play(People):
    """The other half: openings, whom they are offered to by the order of the line, and what comes of it."""

    def __init__(self, lines: Sequence[Line], peers: Sequence[str], zone: tzinfo, now: datetime, rng: Random) -> None:
        super().__init__(lines, peers, zone, now, rng)
        self._live: dict[int, Offering] = {}

    def fill(self, since: datetime) -> None:
        """The same with the openings of the whole time, and those of the last hours that were said beforehand."""
        super().fill(since)
        for number, line in enumerate(self.lines):
            for which, source in enumerate(line.sources):
                for at in self._moments(source.week, since, self.now - timedelta(days=2)):
                    self._at(at, self._open, number, str(which))
            for outcome, hours in line.last:
                self._at(self.now - timedelta(hours=hours), self._open, number, f"0 {outcome}")

    def _open(self, at: datetime, line: int, more: str) -> None:
        which, _, last = more.partition(" ")
        opening = Opening(len(self.year.openings), line, self.lines[line].sources[int(which)], at, last)
        self.year.openings.append(opening)
        if last != OPEN:
            self._later(at, 0, 0.5 if last else 6, self._offer, opening.number)
            if not last:
                self._later(at, 8 * 24, 14 * 24, self._shut, opening.number)

    def _shut(self, at: datetime, number: int, _: str) -> None:
        """An opening that nobody could use is there no more."""
        opening = self.year.openings[number]
        if opening.status is Slot.OPEN:
            opening.status, opening.closed_reason = Slot.CLOSED, "closed-for-now"

    def order_of(self, opening: Opening, at: datetime) -> tuple[Ranked, ...]:
        """The line in its order for an opening, by the rules of the real ones."""
        today = at.astimezone(self.zone).date()
        here = [each for each in self.year.places if each.line == opening.line and each.status in OPEN_ENTRIES]
        return ranked([self._candidate(each, opening, today) for each in here], opening.source.asks)

    def _candidate(self, place: Place, opening: Opening, today: date) -> Candidate:
        person, had = self._of(place), opening.had.get(place.number, "")
        barrier = "on-hold" if place.status is Entry.ON_HOLD else "live-offer" if place.person in self._live else ""
        barrier = barrier or ("agency-refused" if had == Offer.REJECTED else "")
        barrier = barrier or ("" if opening.source.agency in person.agrees_to else "no-consent")
        facts = with_age(person.facts, today)
        return Candidate(place.number, place.tier, place.requested_at, place.tie, facts, barrier, had)

    def _offer(self, at: datetime, number: int, _: str) -> None:
        opening = self.year.openings[number]
        if opening.status is not Slot.OPEN:
            return
        order = self.order_of(opening, at)
        turns = [each for each in order if each.is_their_turn]
        if not turns:
            self._later(at, 20, 30, self._offer, number)
            return
        is_out = len(turns) > 1 and not opening.last and self.rng.random() < 0.04
        self._made(at, opening, order, turns[1] if is_out else first(order) or turns[0], is_out)

    def _made(self, at: datetime, opening: Opening, order: Sequence[Ranked], chosen: Ranked, is_out: bool) -> None:
        place = self.year.places[chosen.candidate.entry]
        reason = self.rng.choice(OUT_OF_TURN) if is_out else None
        before = tuple((each.candidate.entry, each.code or reason or "") for each in passed_over(order, place.number))
        facts = {each.rule: chosen.candidate.facts.get(each.rule, "") for each in chosen.answers}
        offer = Offering(
            number=len(self.year.offers),
            opening=opening.number,
            place=place.number,
            by=self._of(place).peer,
            at=at,
            expires_at=expires_at(self.lines[opening.line].window, at),
            considered=len(order),
            passed=before,
            facts=facts,
            reason=reason,
            second="coordinator" if is_out else None,
        )
        self.year.offers.append(offer)
        opening.status, self._live[place.person] = Slot.HELD, offer
        told: dict[str, object] = {"slot": opening.number, "passed_over": len(before), "considered": len(order)}
        told |= {"reason": reason, "second": "coordinator"} if is_out else {}
        self._step(place, Entry.OFFERED, at, offer.by, "offered", offer=offer.number, **told)
        self._answer_later(offer, opening)

    def _answer_later(self, offer: Offering, opening: Opening) -> None:
        hours = (offer.expires_at - offer.at).total_seconds() / 3600
        if opening.last != PENDING or self.rng.random() < 0.5:
            self._later(offer.at, 0.05 * hours, 0.2 * hours, self._see, offer.number)
        if opening.last == PENDING:
            self._at(offer.expires_at, self._answer, offer.number, Offer.EXPIRED.value)
            return
        after = Offer.ACCEPTED if opening.last == ACCEPTED else self._drawn(AT_ONCE)
        if after is Offer.EXPIRED:
            self._at(offer.expires_at, self._answer, offer.number, after.value)
        else:
            until = 0.2 * hours if opening.last else 0.7 * hours
            self._later(offer.at, 0.2 * hours, until, self._answer, offer.number, after.value)

    def _drawn(self, shares: Mapping[Offer, float]) -> Offer:
        return self.rng.choices(list(shares), list(shares.values()))[0]

    def _see(self, at: datetime, number: int, _: str) -> None:
        offer = self.year.offers[number]
        if offer.status in LIVE_OFFERS and offer.acknowledged_at is None:
            offer.acknowledged_at = at
            editor = self.year.openings[offer.opening].source.editor
            self.year.places[offer.place].events.append(Event(at, editor, "offer-acknowledged", offer=number))

    def _answer(self, at: datetime, number: int, more: str) -> None:
        """What comes of an offer; a yes is followed by what comes of that."""
        offer, after = self.year.offers[number], Offer(more)
        if offer.status not in LIVE_OFFERS:
            return
        opening, place = self.year.openings[offer.opening], self.year.places[offer.place]
        by, reason = self._who(after, offer, opening)
        move(offer.status, after)
        offer.status = after
        entry, slot = AFTER_OFFER[after]
        told = {"reason": reason} if reason else {}
        self._step(place, entry, at, by, f"offer-{after.value}", offer=number, **told)
        if after is Offer.ACCEPTED:
            offer.accepted_at = at
            if opening.last != ACCEPTED:
                self._later(at, 12, 72, self._answer, number, self._drawn(AFTER_YES).value)
            return
        offer.ended_at, offer.end_reason = at, reason
        opening.status, opening.had[place.number] = slot, after.value
        del self._live[place.person]
        if after is Offer.ADMITTED:
            self._arrived(at, place)
        else:
            self._later(at, 0.5, 4, self._offer, opening.number)
            if opening.status is Slot.OPEN and at > opening.created_at + timedelta(days=8):
                self._later(at, 24, 72, self._shut, opening.number)

    def _who(self, after: Offer, offer: Offering, opening: Opening) -> tuple[str, str | None]:
        """By whom it ends, and why."""
        if after is Offer.EXPIRED:
            return SCHEDULE, None
        if after is Offer.DECLINED:
            return offer.by, self.rng.choice(DECLINES)
        if after is Offer.CANCELLED:
            return offer.by, self.rng.choice(CANCELS)
        if after is Offer.REJECTED:
            return opening.source.editor, self.rng.choice(("cannot-meet-medical", "cannot-meet-mental"))
        return (offer.by if after is Offer.ACCEPTED else opening.source.editor), None

    def _arrived(self, at: datetime, place: Place) -> None:
        """Whoever has a place elsewhere now mostly leaves the other lines."""
        for other in self.year.places:
            if other.person == place.person and other.status in (Entry.WAITING, Entry.ON_HOLD) and self.rng.random() < 0.6:  # fmt: skip
                self._close(other, at, "admitted-elsewhere")
