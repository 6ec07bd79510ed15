"""What an answer is worth: whether it agrees with the address that was asked, what a person should look at first, and when to ask again.

An answer that disagrees is never shown, whatever its grade: the place stays where the gazetteer puts it, coarse but true.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from directory.domain.addresses import Question, are_alike, house_numbers, street_name, without_unit
from directory.domain.errors import FootbridgeError
from directory.domain.geo import Point, Precision, Review, distance_miles
from directory.domain.grading import Answer
from directory.domain.places import PlaceRow

MOST_TRIES = 5
"""After so many questions that nobody answered an address is given up until somebody asks for it again."""
FIRST_WAIT = timedelta(minutes=15)
"""How long an address waits after the first question that was not answered; each time four times as long."""
CLAIM = timedelta(minutes=30)
"""How long a row is left alone by others while one process asks about it; longer than any step can take."""
REMEMBERED, UNKNOWN_REMEMBERED = timedelta(days=365), timedelta(days=30)
"""How long an answer stands in for asking again, and how long that there was none."""

SURELY_MILES = 10
"""A point so near the middle of its own ZIP code or town is not looked at any further, and no other is believed without a ZIP code."""
BORDER_MILES = 25
"""So far from the middle of its own ZIP code a place may still lie nearer to that of one in the next state."""
FAR_MILES = 50
"""Further from the middle of its ZIP code or town than almost any address."""
MANY_STREETS = 4
"""So many streets with different names cannot meet in one point: it is the middle of something larger."""


class FarPin(FootbridgeError):
    """A person sets a pin further than FAR_MILES from the middle of the ZIP code or town of its address. `miles` is how far."""

    code = "far-pin"
    status = 422

    def __init__(self, miles: float) -> None:
        self.miles = round(miles)
        super().__init__(miles=self.miles)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where all listings of a directory lie, in degrees."""

    south: float
    west: float
    north: float
    east: float

    def hold(self, point: Point) -> bool:
        """Whether a point lies inside. West of the date line and east of it is one area where `west` is the larger."""
        within = self.south <= point.lat <= self.north
        if self.west <= self.east:
            return within and self.west <= point.lon <= self.east
        return within and (point.lon >= self.west or point.lon <= self.east)


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer with what is wrong with it; `review` is None for one that can be taken as it is."""

    answer: Answer
    provider: str
    question: Question
    review: Review | None

    @property
    def is_good(self) -> bool:
        """Whether nobody needs to be asked any more."""
        return self.review is None

    @property
    def is_vouched(self) -> bool:
        """Whether the answer repeats the ZIP code that was asked for; a street of one name may stand in every town of a state."""
        return bool(self.question.postal_code and self.answer.postal_code)

    @property
    def is_usable(self) -> bool:
        """Whether its point is shown: also with the number of another house of the same street, which is not far."""
        return self.review in (None, Review.NUMBER)


def judged(question: Question, answer: Answer, provider: str, bounds: Bounds | None) -> Judged:
    """An answer measured by what was asked. A number that was not repeated makes a street of a house, which is no disagreement."""
    reason = _disagreement(question, answer, bounds)
    if reason == Review.NUMBER or (reason is None and not answer.number and house_numbers(question.street)):
        answer = replace(answer, precision=coarser(answer.precision, Precision.STREET))
    return Judged(answer, provider, question, reason)


def _disagreement(question: Question, answer: Answer, bounds: Bounds | None) -> Review | None:
    if answer.point is None:
        return Review.TIE
    if bounds and not bounds.hold(answer.point):
        return Review.OUTSIDE
    if question.is_at_home:
        if _differ(question.state, answer.state):
            return Review.STATE
        if _differ(question.postal_code, answer.postal_code):
            return Review.POSTCODE
    if answer.precision.is_approximate:
        return Review.COARSE
    if answer.street and not _same_street(question, answer.street):
        return Review.STREET
    return Review.NUMBER if _other_number(question.street, answer.number) else None


def _differ(asked: str, answered: str) -> bool:
    return bool(asked and answered) and asked != answered


def _same_street(question: Question, street: str) -> bool:
    return any(are_alike(part, street) for part in without_unit(question.street).split(" & "))


def _other_number(street: str, number: str) -> bool:
    asked, answered = house_numbers(without_unit(street)), house_numbers(number)
    return asked is not None and answered is not None and not set(asked) & set(answered)


def coarser(one: Precision, other: Precision) -> Precision:
    """The one that says less."""
    order = list(Precision)
    return max(one, other, key=order.index)


def better(one: Judged | None, other: Judged) -> Judged:
    """The one of two that somebody would rather begin with: usable before not, then the finer grade; else the earlier."""
    if one is None or (other.is_usable, -_rank(other)) > (one.is_usable, -_rank(one)):
        return other
    return one


def _rank(found: Judged) -> int:
    return list(Precision).index(found.answer.precision)


def misplaced(
    point: Point, state: str, area: PlaceRow | None, nearest: PlaceRow | None, *, is_vouched: bool = True
) -> Review | None:
    """Whether a point cannot be where its address says.

    `area` is the ZIP code or town of the address, `nearest` the ZIP code whose middle is nearest to the point (None: none within a
    degree). At a border that may be one of the next state. `is_vouched` is False for an answer without the ZIP code of the question:
    then it has to lie close by.
    """
    away = distance_miles(point, area.point) if area else None
    if state and (nearest is None or nearest.state != state) and (away is None or away > BORDER_MILES):
        return Review.STATE
    if away is None:
        return None if is_vouched else Review.POSTCODE
    return Review.POSTCODE if away > (FAR_MILES if is_vouched else SURELY_MILES) else None


def near_check(point: Point, area: PlaceRow | None) -> None:
    """Raises FarPin for a pin far from the ZIP code or town of its address, where that is known: mostly a sign has been forgotten."""
    away = distance_miles(point, area.point) if area else 0.0
    if away > FAR_MILES:
        raise FarPin(away)


def is_surely_there(point: Point, state: str, area: PlaceRow | None) -> bool:
    """Whether a point is so near the middle of its ZIP code or town, in the right state, that nothing else need be asked."""
    if area is None or area.state != (state or area.state):
        return False
    return distance_miles(point, area.point) <= SURELY_MILES


def is_centroid(streets: Iterable[str]) -> bool:
    """Whether addresses at one and the same point lie on too many streets for it to be theirs.

    Several houses of one street count once: a campus has many numbers.
    """
    names = {street_name(without_unit(street)) for street in streets}
    return len(names - {""}) >= MANY_STREETS


def next_try(tries: int, now: datetime) -> datetime:
    """When to ask again after so many questions without an answer: 15 minutes, then an hour, four hours, sixteen hours."""
    return now + FIRST_WAIT * int(4 ** (max(tries, 1) - 1))
