"""Setting up agencies on both engines: counted, named, closed with all that follows from it, and edited by two at once without loss."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directory.domain.access import Actor, Denied, Role
from directory.domain.agencies import AgencyValues, Overtaken, SetAgency
from directory.domain.errors import NotFound
from directory.domain.levels import ProgramValues
from directory.domain.people import UnfitFields
from directory.services import sessions
from directory.services.agencies import agency_change, agency_close, agency_list, agency_make, agency_show, may_close
from directory.services.credentials import new_token
from directory.services.programs import program_list, program_make
from directory.storage import db
from tests.accounts import NOW, SETTINGS, agency, cookie, joined
from tests.agencies import administrator, asked, coordinator, editor, listings

CLINIC = AgencyValues("Far Shore Clinic", "treatment", "America/Chicago")


async def made(by: Actor, values: AgencyValues = CLINIC) -> SetAgency:
    found = await agency_make(by=by, values=values, form=new_token(), settings=SETTINGS, now=NOW)
    assert found is not None
    return found


async def change(by: Actor, shown: SetAgency, name: str) -> None:
    values = AgencyValues(name, shown.values.kind, shown.values.timezone)
    await agency_change(by=by, id=shown.id, version=shown.version, values=values, now=NOW)


async def test_agencies_are_listed_with_their_people_and_listings_counted(database: str) -> None:
    slugs, home = await listings(database), await agency()
    cora = await coordinator(home)
    clinic = await made(cora)
    await joined(Role.EDITOR, clinic.id, "ed@example.org")
    await asked(cora, slugs["one"], clinic.id, whole=True)
    found, _ = await agency_list(by=cora, now=NOW)
    assert [(each.values.name, each.people, each.listings) for each in found] == [
        ("Far Shore Clinic", 1, 3),
        ("Marsh Peers", 1, 0),
    ]
    assert await agency_show(by=cora, id=clinic.id, now=NOW) == found[0]
    assert found[0].values == CLINIC


async def test_an_agency_is_made_once_for_one_form_and_one_name(database: str) -> None:
    cora, form = await coordinator(await agency()), new_token()
    answers = await asyncio.gather(
        *(agency_make(by=cora, values=CLINIC, form=form, settings=SETTINGS, now=NOW) for _ in range(4))
    )
    assert sum(answer is not None for answer in answers) == 1
    with pytest.raises(UnfitFields) as unfit:
        await made(cora, AgencyValues(" Far Shore Clinic ", "peer", "America/Chicago"))
    assert [(each.field, each.code) for each in unfit.value.problems] == [("name", "name-taken")]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (AgencyValues(" ", "peer", "America/Chicago"), "name"),
        (AgencyValues("x" * 121, "peer", "America/Chicago"), "name"),
        (AgencyValues("Clinic", "bank", "America/Chicago"), "kind"),
        (AgencyValues("Clinic", "peer", "Mars/Olympus"), "timezone"),
    ],
)
async def test_what_an_agency_cannot_be_is_said_by_field(database: str, values: AgencyValues, field: str) -> None:
    cora = await coordinator(await agency())
    with pytest.raises(UnfitFields) as unfit:
        await made(cora, values)
    assert [problem.field for problem in unfit.value.problems] == [field]


async def test_who_saves_second_is_told_what_stands_now_and_loses_nothing(database: str) -> None:
    cora = await coordinator(await agency())
    shown = await made(cora)
    answers = await asyncio.gather(
        *(change(cora, shown, f"Clinic {number}") for number in range(5)), return_exceptions=True
    )
    overtaken = [answer for answer in answers if isinstance(answer, Overtaken)]
    assert (len(overtaken), answers.count(None)) == (4, 1)
    now = await agency_show(by=cora, id=shown.id, now=NOW)
    assert now.values.name == f"Clinic {answers.index(None)}"
    assert {(each.now["name"], each.version) for each in overtaken} == {(now.values.name, now.version)}
    await change(cora, now, "Clinic in the end")
    with pytest.raises(UnfitFields):
        await change(cora, await agency_show(by=cora, id=shown.id, now=NOW), "Marsh Peers")


async def test_an_agency_that_closes_lets_its_people_and_listings_go(database: str) -> None:
    slugs, home = await listings(database), await agency()
    cora, clinic = await coordinator(home), await agency("Far Shore Clinic", "treatment")
    ed = await editor(clinic)
    token = await cookie(await joined(Role.EDITOR, clinic, "other@example.org"))
    await asked(cora, slugs["one"], clinic, whole=True)
    await asked(ed, slugs["lamp"], clinic)
    values, form = ProgramValues("Day house"), new_token()
    program = await program_make(by=cora, agency=clinic, slug=slugs["one"], values=values, form=form, now=NOW)
    assert program is not None
    await agency_close(by=cora, id=clinic, is_closed=True, now=NOW)
    await agency_close(by=cora, id=clinic, is_closed=True, now=NOW)
    found = (await agency_list(by=cora, now=NOW))[0][-1]
    assert (found.id, found.closed_at, found.listings) == (clinic, NOW, 0)
    assert await sessions.session_find(token=token, now=NOW) is None
    assert [row["status"] for row in await db.rows("SELECT status FROM claim ORDER BY id")] == ["ended", "withdrawn"]
    await agency_close(by=cora, id=clinic, is_closed=False, now=NOW)
    assert await sessions.session_find(token=token, now=NOW) is not None
    assert (await agency_show(by=cora, id=clinic, now=NOW)).listings == 0
    (closed,) = await program_list(by=cora, agency=clinic, now=NOW)
    assert closed.closed_at == NOW
    noted = await db.rows("SELECT action, subject, details FROM audit_entry ORDER BY id DESC LIMIT 3")
    assert [(row["action"], row["subject"], db.from_json(row["details"])) for row in noted] == [
        ("agency-open", f"agency {clinic}", {}),
        ("agency-close", f"agency {clinic}", {"claims": [1, 2]}),
        ("program-change", f"program {program.id}", {"state": "closed"}),
    ]


async def test_agencies_come_a_page_at_a_time_those_that_have_closed_last(database: str) -> None:
    cora = await coordinator(await agency("Zebra Peers"))
    async with db.staging():
        await db.execute(
            "WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 60) "
            "INSERT INTO agency (name, kind, timezone, is_demo, created_at, closed_at) "
            "SELECT 'Clinic ' || n.i, a.kind, a.timezone, a.is_demo, a.created_at, "
            "CASE WHEN n.i = 10 THEN a.created_at END FROM n, agency a"
        )
    one, two = [await agency_list(by=cora, page=page, now=NOW) for page in (1, 2)]
    assert [(len(found), is_more) for found, is_more in (one, two)] == [(50, True), (2, False)]
    assert [each.values.name for each in (one[0][0], *two[0])] == ["Clinic 11", "Zebra Peers", "Clinic 10"]
    assert (two[0][0].people, two[0][1].people) == (1, 0)


async def test_nobody_closes_the_own_agency_or_one_with_people_above_them(database: str) -> None:
    home, there = await agency(), await agency("Farshore Peers")
    cora = await coordinator(home)
    await coordinator(there, "dora@example.org")
    for id in (home, there):
        with pytest.raises(Denied) as denied:
            await agency_close(by=cora, id=id, is_closed=True, now=NOW)
        assert denied.value.reason == "not-yours"
    boss = await administrator()
    assert may_close(by=boss, agency=await agency_show(by=boss, id=there, now=NOW), now=NOW)
    await agency_close(by=boss, id=there, is_closed=True, now=NOW)
    with pytest.raises(Denied):  # whose people would come back with it
        await agency_close(by=cora, id=there, is_closed=False, now=NOW)
    with pytest.raises(Denied) as denied:
        await agency_close(by=boss, id=home, is_closed=True, now=NOW + timedelta(minutes=15))
    assert denied.value.reason == "sign-in-again"


async def test_only_coordinators_and_administrators_set_agencies_up(database: str) -> None:
    home = await agency()
    ed, boss = await editor(home), await administrator()
    assert (await made(boss)).values == CLINIC
    for work in (
        agency_list(by=ed, now=NOW),
        agency_show(by=ed, id=home, now=NOW),
        agency_close(by=ed, id=home, is_closed=True, now=NOW),
        agency_make(by=ed, values=CLINIC, form=new_token(), settings=SETTINGS, now=NOW),
        agency_change(by=ed, id=home, version=1, values=CLINIC, now=NOW),
    ):
        with pytest.raises(Denied):
            await work
    with pytest.raises(NotFound):
        await agency_show(by=boss, id=999_999, now=NOW)
