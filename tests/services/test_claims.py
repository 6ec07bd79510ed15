"""Claims on both engines: an agency asks, a coordinator answers, and of two that are approved at once one wins."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from directory.domain.access import Actor, Denied
from directory.domain.agencies import ClaimTaken
from directory.domain.errors import NotFound, Settled
from directory.domain.levels import ProgramValues
from directory.domain.people import UnfitFields
from directory.services.claims import (
    Wanted,
    agency_claims,
    claim_ask,
    claim_end,
    claim_list,
    claim_settle,
    claim_withdraw,
    claims_waiting,
    subject_search,
    subject_show,
)
from directory.services.credentials import new_token
from directory.services.programs import program_change, program_make
from directory.storage import claims as stored
from directory.storage import db, stewards
from tests.accounts import NOW, SETTINGS, agency
from tests.agencies import administrator, asked, coordinator, editor, listings, many_asked, settled
from tests.factories import one_value


async def clinic(name: str = "Far Shore Clinic") -> int:
    return await agency(name, "treatment")


async def statuses() -> list[str]:
    return [row["status"] for row in await db.rows("SELECT status FROM claim ORDER BY id")]


async def names_of(agency: int) -> list[str]:
    return [name for _, name in await stewards.listing_names(agency)]


async def test_what_is_approved_belongs_to_the_agency_and_its_asker_gets_a_neutral_letter(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed, cora = await editor(home), await coordinator(await agency())
    claim = await asked(ed, slugs["one"], home, whole=True)
    assert await names_of(home) == []
    await settled(cora, claim)
    assert await names_of(home) == ["Reed House One", "Reed House Three", "Reed House Two"]
    assert {await stewards.agency_of(slugs[key]) for key in ("one", "two", "three")} == {home}
    (letter,) = await db.rows("SELECT recipient, words FROM outbox WHERE template = 'answered'")
    assert letter["recipient"] == "ed@example.org"
    assert db.from_json(letter["words"]) == {"link": "http://localhost/claims"}
    ((mine,), _) = await claim_list(by=ed, now=NOW)
    assert (mine.status, mine.answer, mine.name, mine.listings) == (
        "approved",
        "As we said by phone.",
        "Reed Houses",
        3,
    )


async def test_one_listing_is_claimed_for_itself(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    cora = await coordinator(await agency())
    await settled(cora, await asked(await editor(home), slugs["two"], home))
    assert await names_of(home) == ["Reed House Two"]


async def test_a_refusal_takes_words_and_changes_no_listing(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed, cora = await editor(home), await coordinator(await agency())
    claim = await asked(ed, slugs["one"], home)
    for answer in ("", "  ", "x" * 2001):
        with pytest.raises(UnfitFields) as unfit:
            await settled(cora, claim, approve=False, answer=answer)
        assert [problem.field for problem in unfit.value.problems] == ["answer"]
    await settled(cora, claim, approve=False, answer="It is run by others.")
    ((mine,), _) = await claim_list(by=ed, now=NOW)
    assert (mine.status, mine.answer) == ("refused", "It is run by others.")
    assert await names_of(home) == []


async def test_the_queue_shows_what_is_claimed_by_whom_and_who_has_it_now(database: str) -> None:
    slugs, home, other = await listings(database), await clinic(), await clinic("Reed Clinic")
    cora = await coordinator(await agency())
    await settled(cora, await asked(await editor(other, "other@example.org"), slugs["two"], other))
    ed = await editor(home)
    whole, single = await asked(ed, slugs["one"], home, whole=True), await asked(ed, slugs["clinic"], home)
    assert await claims_waiting(by=cora, now=NOW) == 2
    (first, second), _ = await claim_list(by=cora, now=NOW)
    assert (first.id, first.agency_name, first.name, first.listings) == (whole, "Far Shore Clinic", "Reed Houses", 3)
    assert first.holders == ("Reed Clinic",)
    assert (second.id, second.is_whole, second.slug, second.holders) == (single, False, slugs["clinic"], ())


async def test_an_organization_without_the_listing_that_another_agency_has_for_itself(database: str) -> None:
    slugs, home, other = await listings(database), await clinic(), await clinic("Reed Clinic")
    cora = await coordinator(await agency())
    await asked(cora, slugs["two"], other)
    await asked(cora, slugs["one"], home, whole=True)
    assert await names_of(other) == ["Reed House Two"]
    assert await names_of(home) == ["Reed House One", "Reed House Three"]


async def test_what_a_coordinator_gives_to_an_agency_is_approved_in_one_step(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    cora = await coordinator(await agency())
    await asked(cora, slugs["one"], home, whole=True)
    assert await statuses() == ["approved"]
    assert await claims_waiting(by=cora, now=NOW) == 0
    assert len(await names_of(home)) == 3


async def test_nobody_takes_what_another_agency_has(database: str) -> None:
    slugs, home, other = await listings(database), await clinic(), await clinic("Reed Clinic")
    cora = await coordinator(await agency())
    claim = await asked(await editor(home), slugs["one"], home, whole=True)
    await asked(cora, slugs["two"], other, whole=True)
    with pytest.raises(ClaimTaken) as taken:
        await settled(cora, claim)
    assert taken.value.values == {"agency": "Reed Clinic"}
    assert await statuses() == ["asked", "approved"]
    assert await names_of(home) == []
    assert await db.rows("SELECT id FROM outbox WHERE template = 'answered'") == []


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_claims_on_the_same_that_are_approved_at_the_same_moment_one_wins(database: str) -> None:
    slugs, cora = await listings(database), await coordinator(await agency())
    homes = [await clinic(f"Clinic {number}") for number in range(6)]
    claims = [
        await asked(await editor(home, f"ed{home}@example.org"), slugs["one"], home, whole=True) for home in homes
    ]
    answers = await asyncio.gather(*(settled(cora, claim) for claim in claims), return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [ClaimTaken] * 5
    assert sorted(await statuses()) == ["approved", *["asked"] * 5]
    assert sorted([len(await names_of(home)) for home in homes]) == [0, 0, 0, 0, 0, 3]


async def test_the_index_refuses_a_second_approval_whoever_writes_it(database: str) -> None:
    slugs, home, other = await listings(database), await clinic(), await clinic("Reed Clinic")
    cora = await coordinator(await agency())
    await asked(cora, slugs["one"], home)
    second = await asked(await editor(other), slugs["one"], other)
    with pytest.raises(stored.Taken):
        async with db.staging():
            await stored.settle(second, "approved", was=("asked",), by="test", now=NOW)
    assert await statuses() == ["approved", "asked"]


async def test_a_claim_is_answered_once(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed, cora = await editor(home), await coordinator(await agency())
    claim = await asked(ed, slugs["one"], home)
    await settled(cora, claim)
    for late in (
        settled(cora, claim, approve=False),
        claim_withdraw(by=ed, id=claim, now=NOW),
    ):
        with pytest.raises(Settled) as over:
            await late
        assert over.value.values == {"status": "approved"}
    assert await statuses() == ["approved"]


async def program(by: Actor, agency: int, slug: str, name: str) -> int:
    """The number of a new program."""
    made = await program_make(by=by, agency=agency, slug=slug, values=ProgramValues(name), form=new_token(), now=NOW)
    assert made is not None
    return made.id


async def open_programs() -> list[str]:
    return [row["name"] for row in await db.rows("SELECT name FROM program WHERE closed_at IS NULL ORDER BY id")]


async def test_a_claim_that_ends_closes_the_agencys_programs_there_and_no_others(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    cora = await coordinator(await agency())
    await asked(cora, slugs["clinic"], home)
    claim = await asked(cora, slugs["one"], home, whole=True)
    day = await program(cora, home, slugs["one"], "Day house")
    await program(cora, home, slugs["clinic"], "Clinic")
    told = await one_value("SELECT told FROM listing WHERE slug = {0}", slugs["one"])
    await claim_end(by=cora, id=claim, now=NOW)
    assert await open_programs() == ["Clinic"]
    assert await one_value("SELECT told FROM listing WHERE slug = {0}", slugs["one"]) == told + 1
    noted = await db.rows("SELECT action, subject FROM audit_entry ORDER BY id DESC LIMIT 2")
    assert [tuple(row.values()) for row in noted] == [
        ("claim-ended", f"claim {claim}"),
        ("program-change", f"program {day}"),
    ]


async def test_a_program_opens_again_only_with_its_listing(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    cora = await coordinator(await agency())
    claim = await asked(cora, slugs["one"], home)
    day = await program(cora, home, slugs["one"], "Day house")
    await claim_end(by=cora, id=claim, now=NOW)
    values = ProgramValues("Day house")
    with pytest.raises(UnfitFields) as unfit:
        await program_change(by=cora, id=day, version=2, values=values, is_closed=False, now=NOW)
    assert [(each.field, each.code) for each in unfit.value.problems] == [("state", "not-its-listing")]
    await asked(cora, slugs["one"], home)
    await program_change(by=cora, id=day, version=2, values=values, is_closed=False, now=NOW)
    assert await open_programs() == ["Day house"]


@pytest.mark.parametrize("is_asked", [False, True])
async def test_what_is_given_to_another_agency_takes_no_program_of_the_first_with_it(
    database: str, is_asked: bool
) -> None:
    slugs, home, other = await listings(database), await clinic(), await clinic("Reed Clinic")
    cora = await coordinator(await agency())
    await asked(cora, slugs["one"], home, whole=True)
    await program(cora, home, slugs["one"], "Day house")
    await program(cora, home, slugs["two"], "Night house")
    if is_asked:
        await settled(cora, await asked(await editor(other), slugs["one"], other))
    else:
        await asked(cora, slugs["one"], other)
    assert await stewards.agency_of(slugs["one"]) == other
    assert await open_programs() == ["Night house"]


async def test_a_claim_that_gives_way_to_a_wider_one_of_the_same_agency_closes_nothing(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    cora = await coordinator(await agency())
    alone = await asked(cora, slugs["one"], home)
    await program(cora, home, slugs["one"], "Day house")
    await asked(cora, slugs["one"], home, whole=True)
    await claim_end(by=cora, id=alone, now=NOW)
    assert await open_programs() == ["Day house"]


async def test_the_words_of_an_answer_are_no_part_of_the_audit_trail(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed, cora = await editor(home), await coordinator(await agency())
    await settled(cora, await asked(ed, slugs["one"], home), answer="Ana at 555-0100 said yes.")
    await settled(cora, await asked(ed, slugs["two"], home), approve=False, answer="Ana at 555-0100 said no.")
    noted = await db.rows("SELECT action, details FROM audit_entry WHERE action LIKE 'claim-%' ORDER BY id")
    assert [(row["action"], db.from_json(row["details"])) for row in noted] == [
        ("claim-approve", {"agency": home}),
        ("claim-refuse", {"agency": home}),
    ]


async def test_the_town_of_a_hidden_listing_is_told_to_nobody_who_looks_for_it(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed = await editor(home)
    async with db.transaction():
        await db.execute("UPDATE location SET visibility = 'hidden'")
    found = [*await subject_search(by=ed, words="reed house", now=NOW)]
    found.append(await subject_show(by=ed, slug=slugs["lamp"], now=NOW))
    assert {(each.city, each.state) for each in found} == {(None, None)}
    assert len(found) == 4


async def test_claims_come_a_page_at_a_time(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    cora, ed = await coordinator(await agency()), await editor(home)
    await many_asked(home, slugs["one"], 26)
    for by, first in ((cora, 1), (ed, 26)):
        one, two = [await claim_list(by=by, page=page, now=NOW) for page in (1, 2)]
        assert [(len(found), is_more) for found, is_more in (one, two)] == [(25, True), (1, False)]
        assert one[0][0].id == first
        assert {each.id for found, _ in (one, two) for each in found} == set(range(1, 27))
    assert [len((await agency_claims(by=cora, agency=home, page=page, now=NOW))[0]) for page in (1, 2, 3)] == [25, 1, 0]


async def test_a_claim_that_is_withdrawn_or_ended_makes_room_for_the_next(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed, cora = await editor(home), await coordinator(await agency())
    await claim_withdraw(by=ed, id=await asked(ed, slugs["one"], home), now=NOW)
    claim = await asked(ed, slugs["one"], home)
    await settled(cora, claim)
    await claim_end(by=cora, id=claim, now=NOW)
    assert await names_of(home) == []
    with pytest.raises(Settled):
        await claim_end(by=cora, id=claim, now=NOW)
    await settled(cora, await asked(ed, slugs["one"], home))
    assert await statuses() == ["withdrawn", "ended", "approved"]
    assert await names_of(home) == ["Reed House One"]


async def test_what_was_asked_for_or_given_already_is_said_so(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed, cora = await editor(home), await coordinator(await agency())
    claim = await asked(ed, slugs["one"], home)
    with pytest.raises(UnfitFields) as unfit:
        await asked(ed, slugs["one"], home)
    assert [problem.code for problem in unfit.value.problems] == ["asked-already"]
    await settled(cora, claim)
    with pytest.raises(UnfitFields) as unfit:
        await asked(cora, slugs["one"], home)
    assert [problem.code for problem in unfit.value.problems] == ["yours-already"]


async def test_the_same_form_asks_once(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed, form = await editor(home), new_token()
    answers = await asyncio.gather(
        *(claim_ask(by=ed, wanted=Wanted(slugs["one"], home), form=form, now=NOW) for _ in range(4))
    )
    assert sum(answer is not None for answer in answers) == 1
    assert await statuses() == ["asked"]


async def test_what_cannot_be_claimed_is_said_by_field(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed, cora = await editor(home), await coordinator(await agency())
    for by, wanted, field in (
        (ed, Wanted(slugs["lamp"], home, is_whole=True), "what"),
        (ed, Wanted(slugs["one"], home, words="x" * 2001), "words"),
        (cora, Wanted(slugs["one"], 999_999), "agency"),
    ):
        with pytest.raises(UnfitFields) as unfit:
            await claim_ask(by=by, wanted=wanted, form=new_token(), now=NOW)
        assert [problem.field for problem in unfit.value.problems] == [field]
    with pytest.raises(NotFound):
        await claim_ask(by=ed, wanted=Wanted("no-such-listing", home), form=new_token(), now=NOW)
    assert await statuses() == []


async def test_an_editor_asks_for_the_own_agency_and_sees_and_withdraws_its_claims_alone(database: str) -> None:
    slugs, home, other = await listings(database), await clinic(), await clinic("Reed Clinic")
    ed, far = await editor(home), await editor(other, "far@example.org")
    with pytest.raises(Denied):
        await asked(ed, slugs["one"], other)
    claim = await asked(ed, slugs["one"], home)
    assert await claim_list(by=far, now=NOW) == ((), False)
    with pytest.raises(Denied) as denied:
        await claim_withdraw(by=far, id=claim, now=NOW)
    assert denied.value.reason == "not-yours"
    with pytest.raises(NotFound):
        await claim_withdraw(by=far, id=999_999, now=NOW)
    for work in (
        claim_settle(by=ed, id=claim, is_approved=True, answer="", settings=SETTINGS, now=NOW),
        claim_end(by=ed, id=claim, now=NOW),
    ):
        with pytest.raises(Denied):
            await work
    assert await claims_waiting(by=ed, now=NOW) == 0
    assert await statuses() == ["asked"]


async def test_an_administrator_sees_the_claims_of_an_agency_and_answers_none(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    claim = await asked(await editor(home), slugs["one"], home)
    boss = await administrator()
    found, _ = await agency_claims(by=boss, agency=home, now=NOW)
    assert [each.id for each in found] == [claim]
    with pytest.raises(Denied):
        await settled(boss, claim)
    with pytest.raises(Denied):
        await claim_list(by=boss, now=NOW)


async def test_a_listing_to_claim_is_found_by_the_beginnings_of_its_words(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    ed = await editor(home)
    found = await subject_search(by=ed, words="reed hou", now=NOW)
    assert [each.name for each in found] == ["Reed House One", "Reed House Three", "Reed House Two"]
    assert {(each.organization_name, each.listings) for each in found} == {("Reed Houses", 3)}
    assert await subject_search(by=ed, words=" ", now=NOW) == ()
    shown = await subject_show(by=ed, slug=slugs["lamp"], now=NOW)
    assert (shown.organization, shown.listings, shown.city) == (None, 0, "Saltmarsh")


async def test_who_asked_and_has_left_gets_no_letter(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    cora = await coordinator(await agency())
    claim = await asked(await editor(home), slugs["one"], home)
    async with db.staging():
        await db.execute("UPDATE role_grant SET ended_at = granted_at WHERE role = 'editor'")
    await settled(cora, claim)
    assert await db.rows("SELECT id FROM outbox WHERE template = 'answered'") == []


async def test_without_mail_a_claim_is_answered_all_the_same(database: str) -> None:
    slugs, home = await listings(database), await clinic()
    cora = await coordinator(await agency())
    claim = await asked(await editor(home), slugs["one"], home)
    settings = replace(SETTINGS, smtp_url="")
    await claim_settle(by=cora, id=claim, is_approved=True, answer="", settings=settings, now=NOW)
    assert await statuses() == ["approved"]
