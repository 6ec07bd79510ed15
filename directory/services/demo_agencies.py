"""What the invented agencies of the demonstration keep true: their listings, their programs, and openings that are fresh, ageing and stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.access import Actor
from directory.domain.levels import LevelValues, ProgramValues
from directory.domain.openings import ASSESS, CAPACITY, Numbers, Restrictions
from directory.services.claims import Wanted, claim_ask
from directory.services.demo_forms import Forms
from directory.services.openings import openings_report
from directory.services.programs import level_make, program_make

OWNED = {"editor": "cottonwood-withdrawal-care", "ria": "riverbend-house"}
"""Which listing's organization is the agency of each editor."""
ASKED = ("ria", "aspen-women-recovery-home", "We have run this house since January. Please let us keep it up to date.")
"""Who claims what, and has not had an answer yet."""


@dataclass(frozen=True, slots=True)
class Care:
    """A level of care, and what its agency says of it so many hours ago; None: it has said nothing yet."""

    values: LevelValues
    hours_ago: int
    numbers: Numbers | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A program that visitors see as this listing, of the agency of this editor."""

    editor: str
    key: str
    values: ProgramValues
    care: tuple[Care, ...]


PROGRAMS = (
    Shown(
        "editor",
        "cottonwood-withdrawal-care",
        ProgramValues("Withdrawal care", is_funded=True),
        (
            Care(
                LevelValues("Detox", "detox", "bed", "3.7-WM", "3", 12),
                3,
                Numbers(
                    licensed=12,
                    staffed=12,
                    occupied=9,
                    held=1,
                    available=2,
                    expected=3,
                    accepting=CAPACITY,
                    restrictions=Restrictions(
                        sex="all", youngest=18, moud=True, pay=("medicaid", "private", "self-pay"), wheelchair=True
                    ),
                ),
            ),
            Care(
                LevelValues("Rest after detox", "residential", "bed", "3.1", "3", 6),
                100,
                Numbers(licensed=6, staffed=6, occupied=3, held=0, available=3, accepting=CAPACITY),
            ),
        ),
    ),
    Shown(
        "editor",
        "bridge-medication-clinic",
        ProgramValues("Same day start"),
        (
            Care(
                LevelValues("Medication", "medication", "place"),
                30,
                Numbers(available=4, expected=6, accepting=ASSESS, note="Come before noon."),
            ),
        ),
    ),
    Shown(
        "ria",
        "riverbend-house",
        ProgramValues("Family residence", is_funded=True),
        (
            Care(
                LevelValues("Rooms for families", "residential", "bed", "3.5", "3", 16),
                26,
                Numbers(
                    licensed=16,
                    staffed=16,
                    occupied=14,
                    held=1,
                    available=1,
                    accepting=CAPACITY,
                    restrictions=Restrictions(
                        sex="women", youngest=18, moud=True, children=True, languages=("en", "es")
                    ),
                ),
            ),
            Care(LevelValues("Step down", "outpatient", "place", "2.1", "3"), 0, None),
        ),
    ),
)


async def demo_agencies_load(
    *, actors: Mapping[str, Actor], slugs: Mapping[str, str], forms: Forms, now: datetime
) -> None:
    """Gives the invented agencies their listings and programs, as their people and a coordinator would. `slugs` are by key."""
    for editor, key in OWNED.items():
        await _claim(actors["coordinator"], Wanted(slugs[key], _home(actors[editor]), is_whole=True), forms, now)
    editor, key, words = ASKED
    await _claim(actors[editor], Wanted(slugs[key], _home(actors[editor]), words=words), forms, now - timedelta(days=2))
    for shown in PROGRAMS:
        await _program(shown, actors["coordinator"], actors[shown.editor], slugs[shown.key], forms, now)


def _home(editor: Actor) -> int:
    agency = editor.grants[0].agency
    assert agency is not None  # an editor is one of an agency
    return agency


async def _claim(by: Actor, wanted: Wanted, forms: Forms, now: datetime) -> None:
    await claim_ask(by=by, wanted=wanted, form=forms.new(), now=now)


async def _program(shown: Shown, by: Actor, editor: Actor, slug: str, forms: Forms, now: datetime) -> None:
    program = await program_make(by=by, agency=_home(editor), slug=slug, values=shown.values, form=forms.new(), now=now)
    assert program is not None  # each form is new
    for care in shown.care:
        level = await level_make(by=by, program=program.id, values=care.values, form=forms.new(), now=now)
        if level and care.numbers:
            at = now - timedelta(hours=care.hours_ago)
            await openings_report(by=editor, id=level.id, numbers=care.numbers, as_of=at, now=now)
