"""Whether two listings may be one: what they share, as codes, and how much that counts. People decide; this only suggests.

Nothing of an address that is not public is compared: a suggestion must not tell that a hidden place stands where a public one does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import cos, floor, radians

from directory.domain.addresses import clean_street, without_unit
from directory.domain.geo import Point, distance_miles
from directory.domain.listings import fold, street_key
from directory.domain.places import place_key

OPEN, SAME, DIFFERENT = "open", "same", "different"
"""What is thought of a pair: nobody has decided yet, one place listed twice, or two places."""

NAME, ALIKE = "name", "alike"
STREET, NEAR, TOWN = "street", "near", "town"
PHONE, LINK, TIMES = "phone", "link", "times"
WEIGHTS = {NAME: 0.4, ALIKE: 0.25, STREET: 0.3, NEAR: 0.2, TOWN: 0.1, PHONE: 0.25, LINK: 0.3, TIMES: 0.2}
"""What each thing shared counts: the name (or one much like it), the place (building, a few steps away, or town), a telephone number,
the way to join online, and the day and hour of a meeting. The name of a chain with its number is no duplicate, and neither are two
groups in one church; the same name in the same building is."""
SAME_SOURCE = 0.2
"""What is taken off where one source lists both: it seldom lists a thing twice."""
FEWEST = 0.5
"""Below this nobody is asked."""

NEAR_MILES = 0.1
"""So near by two readings of one address may lie."""
ALIKE_NAMES = 0.85
"""How like two names must be, by their letters, to be taken for two spellings of one."""
_CELL = 0.004
"""Degrees: about a quarter of a mile, the grid on which neighbours are looked for."""
MILES_OF_A_DEGREE = 69
_GENERAL = frozenset(
    "a an and at center centre for group groups inc llc ltd meeting meetings of program programs service services the".split()
)
"""Words of names that tell nobody apart."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a listing is compared by. Of the address what is public, "" or None for the rest; `point` is an exact one, and `building`
    is the same for one building however it is spelled. `phones` are digits, `times` (week of the month, minutes since Sunday 00:00).

    `section` is the part of a register that it stands in: what stands in two parts is two by the register's own rule.
    """

    id: int
    kind: str
    name: str
    source: int
    section: str = ""
    program: str = ""
    is_online: bool = False
    building: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    point: Point | None = None
    phones: frozenset[str] = frozenset()
    link: str = ""
    times: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How surely two listings are one, from FEWEST to 1, and the codes of what they share."""

    score: float
    reasons: tuple[str, ...]


def likeness(one: Traits, other: Traits) -> Likeness | None:
    """How alike two listings are; None where they are surely two, or share too little to ask anybody."""
    place = _place(one, other)
    if place is None or _are_two(one, other):
        return None
    reasons = [_name(one.name, other.name), place]
    reasons += [PHONE] if one.phones & other.phones else []
    reasons += [LINK] if one.link and one.link == other.link else []
    reasons += [TIMES] if one.times & other.times else []
    found = tuple(reason for reason in reasons if reason)
    if not {STREET, NEAR, TOWN, PHONE, LINK} & set(found):
        return None  # a name and an hour are shared by many who have nothing to do with each other
    score = sum(WEIGHTS[reason] for reason in found) - (SAME_SOURCE if one.source == other.source else 0)
    return Likeness(round(min(score, 1.0), 2), found) if round(score, 2) >= FEWEST else None


def _are_two(one: Traits, other: Traits) -> bool:
    """Whether something says so outright: another kind or fellowship, another part of one register, other meeting times."""
    is_elsewhere = one.kind != other.kind or _differ(one.program, other.program) or _differ(one.section, other.section)
    return is_elsewhere or bool(one.times and other.times and not one.times & other.times)


def _differ(one: str, other: str) -> bool:
    return bool(one and other) and one != other


def _place(one: Traits, other: Traits) -> str | None:
    """How near they are: STREET, NEAR, TOWN, "" where nobody knows; None for two places that are known and not the same."""
    if one.is_online or other.is_online:
        return ""
    if (one.building and one.building == other.building) or _is_same_street(one, other):
        return STREET
    if one.point and other.point:
        return NEAR if distance_miles(one.point, other.point) <= NEAR_MILES else None
    (town, state), (other_town, other_state) = ((place_key(each.city), fold(each.state)) for each in (one, other))
    if (one.street and other.street) or _differ(town, other_town) or _differ(state, other_state):
        return None
    return TOWN if town and other_town else ""


def _is_same_street(one: Traits, other: Traits) -> bool:
    mine, theirs = (
        (street_key(without_unit(clean_street(each.street))), place_key(each.city), fold(each.state))
        for each in (one, other)
    )
    return all(mine) and mine == theirs


def _name(one: str, other: str) -> str:
    """NAME, ALIKE or ""."""
    mine, theirs = fold(one), fold(other)
    if mine == theirs:
        return NAME
    return ALIKE if _are_alike(_core(mine), _core(theirs)) else ""


def _are_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """One name inside the other, or nearly the same letters. Unit 5 is not Unit 6, however alike they look."""
    if _numbers(one) != _numbers(other):
        return False
    shorter, longer = sorted((set(one), set(other)), key=len)
    if shorter <= longer and (len(shorter) > 1 or shorter == longer):
        return True
    return SequenceMatcher(None, " ".join(one), " ".join(other), autojunk=False).ratio() >= ALIKE_NAMES


def _core(folded: str) -> tuple[str, ...]:
    words = tuple(folded.split())
    return tuple(word for word in words if word not in _GENERAL) or words


def _numbers(words: tuple[str, ...]) -> list[str]:
    return sorted(word for word in words if word.isdigit())


# --- where to look -------------------------------------------------------------------------------------------------------


def keys(one: Traits) -> Iterator[str]:
    """What a listing has in common with those that it may be one with: only listings with a key in common need be compared.

    A meeting is looked for at its own hours; one whose hours nobody knows is found by its telephone number alone.
    """
    for when in [str(time) for time in sorted(one.times)] or [""]:
        about = f"{one.kind} {when}"
        if one.link:
            yield f"link {about} {one.link}"
        if not one.is_online:
            yield from _keys_of_place(one, about, when)
    yield from (f"phone {one.kind} {phone}" for phone in sorted(one.phones))


def _keys_of_place(one: Traits, about: str, when: str) -> Iterator[str]:
    name, town = fold(one.name), place_key(one.city)
    if one.building:
        yield f"building {about} {one.building}"
    if town:
        yield f"name {about} {name} {town}"
    if town and when:
        yield f"town {about} {town}"
    if one.point:
        first = "" if when else _core(name)[:1]
        yield from (f"cell {about} {first} {cell}" for cell in _cells(one.point))


def _cells(point: Point) -> set[tuple[int, int]]:
    """The squares of the grid that lie within half of NEAR_MILES: of two such neighbours, on both sides of a border, each reaches one
    of the other's."""
    north = NEAR_MILES / MILES_OF_A_DEGREE / 2
    east = north / max(cos(radians(point.lat)), 0.1)
    return {
        (floor((point.lat + up) / _CELL), floor((point.lon + right) / _CELL))
        for up in (-north, north)
        for right in (-east, east)
    }
