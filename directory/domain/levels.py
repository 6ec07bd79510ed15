"""Levels of care by the ASAM Criteria, in both editions that programs still speak of, as data: which there are, and of what sort.

What keeps somebody at a level is the publisher's text and stands nowhere here; the names are ours (web/presenters_agencies.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.errors import Problem
from directory.domain.taxonomy import CARE


@dataclass(frozen=True, slots=True)
class Level:
    """One level of an edition. `medically_managed` as that edition says it: levels that are "medically monitored" are not."""

    code: str
    edition: str
    residential: bool
    medically_managed: bool
    sort: int


_TABLE = """
3  0.5     -            -
3  1       -            -
3  1-WM    -            -
3  2.1     -            -
3  2.5     -            -
3  2-WM    -            -
3  3.1     residential  -
3  3.2-WM  residential  -
3  3.3     residential  -
3  3.5     residential  -
3  3.7     residential  -
3  3.7-WM  residential  -
3  4       residential  medical
3  4-WM    residential  medical
4  1.0     -            -
4  1.5     -            -
4  1.7     -            medical
4  2.1     -            -
4  2.5     -            -
4  2.7     -            medical
4  3.1     residential  -
4  3.5     residential  -
4  3.7     residential  medical
4  4       residential  medical
"""
"""The ASAM Criteria, 3rd edition (2013, with its levels of withdrawal management) and 4th (2023, adults), from the least to the most."""


def _read(table: str) -> tuple[Level, ...]:
    rows = [line.split() for line in table.strip().splitlines()]
    return tuple(
        Level(code, edition, residential != "-", medical != "-", sort)
        for sort, (edition, code, residential, medical) in enumerate(rows)
    )


ASAM = _read(_TABLE)
UNITS = ("bed", "place")
"""What is counted of a level: beds where people sleep there, else places."""
LONGEST_NAME = 120
MOST_LICENSED = 10_000


def asam_level(edition: str, code: str) -> Level | None:
    """The level of this edition with this code."""
    return next((each for each in ASAM if (each.edition, each.code) == (edition, code)), None)


@dataclass(frozen=True, slots=True)
class ProgramValues:
    """What can be set of a program. `is_funded`: by the block grant, so that 45 CFR 96 applies."""

    name: str
    is_funded: bool = False


@dataclass(frozen=True, slots=True)
class LevelValues:
    """What can be set of a program's level of care. `care` is a code of the search; `asam` and `edition` are "" where it has no such level."""

    name: str
    care: str
    unit: str
    asam: str = ""
    edition: str = ""
    licensed: int | None = None
    reminders: bool = True


@dataclass(frozen=True, slots=True)
class CareLevel:
    """A level of care of a program, as it is kept."""

    id: int
    program: int
    values: LevelValues
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Program:
    """A program of an agency, which visitors see as the listing with this slug."""

    id: int
    agency: int
    slug: str
    listing_name: str
    values: ProgramValues
    closed_at: datetime | None
    version: int
    levels: tuple[CareLevel, ...] = ()


def named_problems(name: str) -> list[Problem]:
    """What keeps a text from being the name of a program, a level or an agency."""
    if not name.strip():
        return [Problem("name", "missing", "")]
    return [Problem("name", "too-long", str(len(name)), (str(LONGEST_NAME),))] if len(name) > LONGEST_NAME else []


def level_problems(values: LevelValues) -> list[Problem]:
    """What keeps these from being the values of a level."""
    found = named_problems(values.name)
    found += choice_problems("care", values.care, CARE) + choice_problems("unit", values.unit, UNITS)
    if values.licensed is not None and not 0 <= values.licensed <= MOST_LICENSED:
        found.append(Problem("licensed", "not-a-number", str(values.licensed)))
    if (values.asam or values.edition) and asam_level(values.edition, values.asam) is None:
        found.append(Problem("asam", "choose", values.asam))
    return found


def choice_problems(field: str, value: str, choices: Sequence[str]) -> list[Problem]:
    """That a value is none of the choices of its field."""
    return [] if value in choices else [Problem(field, "choose", value)]
