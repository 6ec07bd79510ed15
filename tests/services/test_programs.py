"""Setting up programs and levels of care on both engines: of one's own listings, named once, edited by two at once without loss."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from directory.domain.access import Actor, Denied
from directory.domain.agencies import Overtaken
from directory.domain.errors import NotFound
from directory.domain.levels import CareLevel, LevelValues, Program, ProgramValues
from directory.domain.people import UnfitFields
from directory.services.credentials import new_token
from directory.services.programs import (
    level_change,
    level_make,
    level_show,
    listing_options,
    program_change,
    program_list,
    program_make,
    program_show,
)
from directory.storage import cards, db, records
from tests.accounts import NOW, agency
from tests.agencies import asked, coordinator, editor, listings

HOUSE = ProgramValues("Reed program", is_funded=True)
BEDS = LevelValues("Beds for women", "residential", "bed", "3.5", "4", 12)


async def started(url: str) -> tuple[Actor, int, dict[str, str]]:
    """A coordinator, and an agency that has the reed houses."""
    slugs, cora = await listings(url), await coordinator(await agency())
    clinic = await agency("Far Shore Clinic", "treatment")
    await asked(cora, slugs["one"], clinic, whole=True)
    return cora, clinic, slugs


async def program(by: Actor, agency: int, slug: str, values: ProgramValues = HOUSE) -> Program:
    found = await program_make(by=by, agency=agency, slug=slug, values=values, form=new_token(), now=NOW)
    assert found is not None
    return found


async def level(by: Actor, program: int, values: LevelValues = BEDS) -> CareLevel:
    found = await level_make(by=by, program=program, values=values, form=new_token(), now=NOW)
    assert found is not None
    return found


async def test_a_program_is_one_of_the_agencys_listings_and_has_levels_of_care(database: str) -> None:
    cora, clinic, slugs = await started(database)
    assert await listing_options(by=cora, agency=clinic, now=NOW) == (
        (slugs["one"], "Reed House One"),
        (slugs["three"], "Reed House Three"),
        (slugs["two"], "Reed House Two"),
    )
    made = await program(cora, clinic, slugs["one"])
    beds = await level(cora, made.id)
    (found,) = await program_list(by=cora, agency=clinic, now=NOW)
    assert (found.slug, found.listing_name, found.values, found.levels) == (
        slugs["one"],
        "Reed House One",
        HOUSE,
        (beds,),
    )
    assert beds.values == BEDS
    assert await level_show(by=cora, id=beds.id, now=NOW) == (found, beds)
    noted = await db.rows("SELECT action FROM audit_entry ORDER BY id DESC LIMIT 2")
    assert [row["action"] for row in noted] == ["level-add", "program-add"]


async def test_a_program_cannot_be_a_listing_of_somebody_else(database: str) -> None:
    cora, clinic, slugs = await started(database)
    for slug in (slugs["lamp"], "no-such-listing", ""):
        with pytest.raises(UnfitFields) as unfit:
            await program(cora, clinic, slug)
        assert [problem.field for problem in unfit.value.problems] == ["listing"]
    assert await program_list(by=cora, agency=clinic, now=NOW) == ()


async def test_names_are_taken_once_within_a_listing_and_within_a_program(database: str) -> None:
    cora, clinic, slugs = await started(database)
    made = await program(cora, clinic, slugs["one"])
    other = await program(cora, clinic, slugs["one"], ProgramValues("Another"))
    await program(cora, clinic, slugs["two"])
    beds = await level(cora, made.id)
    await level(cora, made.id, replace(BEDS, name="Beds for men"))
    await level(cora, other.id)
    for work in (
        program(cora, clinic, slugs["one"]),
        program_change(by=cora, id=other.id, version=1, values=HOUSE, is_closed=False, now=NOW),
        level(cora, made.id),
        level_change(
            by=cora, id=beds.id, version=1, values=replace(BEDS, name="Beds for men"), is_closed=False, now=NOW
        ),
    ):
        with pytest.raises(UnfitFields) as unfit:
            await work
        assert [problem.code for problem in unfit.value.problems] == ["name-taken"]


async def test_the_same_form_makes_one(database: str) -> None:
    cora, clinic, slugs = await started(database)
    form = new_token()
    for _ in range(2):
        await program_make(by=cora, agency=clinic, slug=slugs["one"], values=HOUSE, form=form, now=NOW)
    (made,) = await program_list(by=cora, agency=clinic, now=NOW)
    form = new_token()
    answers = [await level_make(by=cora, program=made.id, values=BEDS, form=form, now=NOW) for _ in range(2)]
    assert answers[1] is None
    assert len((await program_show(by=cora, id=made.id, now=NOW)).levels) == 1


async def test_a_level_is_changed_and_closed_and_opened_again(database: str) -> None:
    cora, clinic, slugs = await started(database)
    beds = await level(cora, (await program(cora, clinic, slugs["one"])).id)
    other = LevelValues("Day places", "day-treatment", "place", "", "", None, reminders=False)
    await level_change(by=cora, id=beds.id, version=1, values=other, is_closed=True, now=NOW)
    _, found = await level_show(by=cora, id=beds.id, now=NOW)
    assert (found.values, found.closed_at, found.version) == (other, NOW, 2)
    await level_change(by=cora, id=beds.id, version=2, values=other, is_closed=False, now=NOW)
    assert (await level_show(by=cora, id=beds.id, now=NOW))[1].closed_at is None


async def test_visitors_see_at_once_what_a_closed_level_or_program_takes_away(database: str) -> None:
    cora, clinic, slugs = await started(database)
    made = await program(cora, clinic, slugs["one"])
    beds = await level(cora, made.id)
    (row,) = await db.rows(f"SELECT id FROM listing WHERE slug = '{slugs['one']}'")
    seen = [(await cards.stamps([row["id"]]), await records.data_version())]
    await level_change(by=cora, id=beds.id, version=1, values=BEDS, is_closed=True, now=NOW)
    seen.append((await cards.stamps([row["id"]]), await records.data_version()))
    await program_change(by=cora, id=made.id, version=1, values=HOUSE, is_closed=True, now=NOW)
    seen.append((await cards.stamps([row["id"]]), await records.data_version()))
    assert len({str(stamp) for stamp, _ in seen}) == len({version for _, version in seen}) == 3


async def test_who_saves_a_program_or_a_level_second_is_told_what_stands_now(database: str) -> None:
    cora, clinic, slugs = await started(database)
    made = await program(cora, clinic, slugs["one"])
    beds = await level(cora, made.id)
    programs = [
        program_change(
            by=cora, id=made.id, version=1, values=ProgramValues(f"Program {n}"), is_closed=bool(n % 2), now=NOW
        )
        for n in range(4)
    ]
    levels = [
        level_change(by=cora, id=beds.id, version=1, values=replace(BEDS, licensed=n), is_closed=False, now=NOW)
        for n in range(4)
    ]
    for works in (programs, levels):
        answers = await asyncio.gather(*works, return_exceptions=True)
        assert answers.count(None) == 1
        overtaken = [answer for answer in answers if isinstance(answer, Overtaken)]
        assert len(overtaken) == 3
        assert {each.version for each in overtaken} == {2}
    program_now, level_now = await level_show(by=cora, id=beds.id, now=NOW)
    assert overtaken[0].now["licensed"] == str(level_now.values.licensed)
    assert (program_now.closed_at is not None) == program_now.values.name.endswith(("1", "3"))


async def test_only_who_sets_up_sees_and_changes_programs(database: str) -> None:
    cora, clinic, slugs = await started(database)
    made = await program(cora, clinic, slugs["one"])
    beds = await level(cora, made.id)
    ed = await editor(clinic)
    for work in (
        program_list(by=ed, agency=clinic, now=NOW),
        program_show(by=ed, id=made.id, now=NOW),
        listing_options(by=ed, agency=clinic, now=NOW),
        program(ed, clinic, slugs["two"]),
        program_change(by=ed, id=made.id, version=1, values=HOUSE, is_closed=True, now=NOW),
        level_show(by=ed, id=beds.id, now=NOW),
        level(ed, made.id, replace(BEDS, name="More")),
        level_change(by=ed, id=beds.id, version=1, values=BEDS, is_closed=True, now=NOW),
    ):
        with pytest.raises(Denied):
            await work
    for missing in (
        program_show(by=cora, id=999_999, now=NOW),
        level_show(by=cora, id=999_999, now=NOW),
        listing_options(by=cora, agency=999_999, now=NOW),
        level(cora, 999_999),
    ):
        with pytest.raises(NotFound):
            await missing
