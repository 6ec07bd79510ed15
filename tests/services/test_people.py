"""Inviting and looking after people, on both engines: who gets which role, what ends with it, and what races leave behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from directory.domain.access import STAFF, Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.people import DeadLink, LastAdministrator, UnfitFields, WrongSignIn
from directory.services import credentials, sessions
from directory.services.demo_people import PEOPLE, demo_people_load, demo_roles
from directory.services.invitations import agency_options, person_invite
from directory.services.links import Handed
from directory.services.people import (
    grant_end,
    grant_trust,
    people_list,
    person_disable,
    person_reset,
    second_factor_reset,
)
from directory.services.sign_in import second_factor_renew
from directory.storage import accounts, db
from tests.accounts import (
    HERE,
    NOW,
    OPERATOR,
    PASSWORD,
    SETTINGS,
    Somebody,
    agency,
    cookie,
    enter,
    invited,
    joined,
    signed_in,
    take,
)

WAYS = {"device": HERE["device"], "settings": SETTINGS}
NO_MAIL = replace(SETTINGS, smtp_url="")


async def coordinator(home: int) -> Actor:
    """Somebody who has just signed in as the coordinator of this agency."""
    return (await signed_in(await joined(Role.COORDINATOR, home, "cora@example.org"))).actor


async def invite(by: Actor, grant: Grant, email: str = "nell@example.org", form: str | None = None) -> object:
    return await person_invite(
        by=by, grant=grant, email=email, name="Nell Brook", settings=SETTINGS, now=NOW, form=form
    )


async def roles() -> list[tuple[str, str]]:
    """Who holds which live role."""
    text = (
        "SELECT p.email, g.role FROM role_grant g JOIN person p ON p.id = g.person_id "
        "WHERE g.ended_at IS NULL ORDER BY p.email, g.role"
    )
    return [(row["email"], row["role"]) for row in await db.rows(text)]


async def test_a_coordinator_invites_into_the_own_agency_and_nowhere_else(database: str) -> None:
    home, there = await agency(), await agency("Farshore Peers")
    cora = await coordinator(home)
    assert await invite(cora, Grant(Role.PEER, home))
    for grant in (Grant(Role.PEER, there), Grant(Role.OVERSIGHT, home), Grant(Role.ADMINISTRATOR), Grant(Role.PEER)):
        with pytest.raises(Denied):
            await invite(cora, grant)
    assert ("nell@example.org", "peer") in await roles()
    assert len(await roles()) == 2


async def test_an_invitation_needs_a_fresh_sign_in(database: str) -> None:
    cora = await coordinator(await agency())
    with pytest.raises(Denied) as denied:
        await person_invite(
            by=cora,
            grant=cora.grants[0],
            email="nell@example.org",
            name="Nell",
            settings=SETTINGS,
            now=NOW + timedelta(minutes=15),
        )
    assert denied.value.reason == "sign-in-again"


@pytest.mark.parametrize(
    ("grant", "email", "name", "field"),
    [
        (Grant(Role.PEER), "nell@example.org", "Nell", "agency"),
        (Grant(Role.PEER, 999), "nell@example.org", "Nell", "agency"),
        (Grant(Role.OVERSIGHT), "nell", "Nell", "email"),
        (Grant(Role.OVERSIGHT), "", "Nell", "email"),
        (Grant(Role.OVERSIGHT), "nell@example.org", " ", "name"),
        (Grant(Role.OVERSIGHT), "nell@example.org", "x" * 121, "name"),
        (Grant(Role.ADMINISTRATOR, 1), "nell@example.org", "Nell", "agency"),
    ],
)
async def test_what_cannot_be_taken_is_said_by_field(
    database: str, grant: Grant, email: str, name: str, field: str
) -> None:
    assert await agency() == 1
    boss = (await signed_in(await joined(Role.ADMINISTRATOR))).actor
    with pytest.raises(UnfitFields) as unfit:
        await person_invite(by=boss, grant=grant, email=email, name=name, settings=SETTINGS, now=NOW)
    assert [problem.field for problem in unfit.value.problems] == [field]


async def test_the_letter_goes_out_with_the_link_in_the_language_that_was_chosen(database: str) -> None:
    home = await agency()
    handed = await person_invite(
        by=OPERATOR,
        grant=Grant(Role.PEER, home),
        email="Nell@Example.org",
        name="Nell",
        settings=SETTINGS,
        now=NOW,
        language="es",
    )
    assert handed is not None
    (row,) = await db.rows("SELECT * FROM outbox")
    assert (row["recipient"], row["template"], row["language"]) == ("nell@example.org", "invitation", "es")
    assert db.from_json(row["words"])["link"] == handed.address
    assert handed.is_mailed


async def test_of_one_form_sent_many_times_at_once_one_letter_comes(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    form = credentials.new_token()
    answers = await asyncio.gather(*(invite(cora, Grant(Role.PEER, home), form=form) for _ in range(5)))
    assert sum(answer is not None for answer in answers) == 1
    sent = await db.rows("SELECT recipient FROM outbox WHERE recipient = 'nell@example.org'")
    assert len(sent) == 1


async def test_a_role_is_held_once_however_often_it_is_given(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    await asyncio.gather(*(invite(cora, Grant(Role.PEER, home)) for _ in range(5)))
    assert [email for email, _ in await roles()].count("nell@example.org") == 1


async def test_who_has_an_account_elsewhere_gets_a_role_unasked_from_an_administrator_alone(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    boss = (await signed_in(await joined(Role.ADMINISTRATOR, None, "boss@example.org"))).actor
    ana = await joined(Role.EDITOR, await agency("Far Shore Clinic", "treatment"))
    token = await cookie(ana)
    assert await invite(cora, Grant(Role.PEER, home), ana.email)
    assert ("ana@example.org", "peer") not in await roles()
    assert ana.id not in {listed.id for listed in await people_list(by=cora, now=NOW)}
    assert await sessions.session_find(token=token, now=NOW) is not None
    handed = await invite(boss, Grant(Role.PEER, home), ana.email)
    assert handed == Handed(None, 0, False, is_added=True)
    assert ("ana@example.org", "peer") in await roles()


async def test_a_coordinator_invites_an_editor_into_any_treatment_agency_and_nobody_else(database: str) -> None:
    home, clinic = await agency(), await agency("Far Shore Clinic", "treatment")
    there = await agency("Farshore Peers")
    cora = await coordinator(home)
    assert [each.id for each in await agency_options(by=cora)] == [home, clinic]
    assert await invite(cora, Grant(Role.EDITOR, clinic, trusted=True))
    (row,) = await db.rows("SELECT agency_id, trusted FROM role_grant WHERE role = 'editor'")
    assert (row["agency_id"], bool(row["trusted"])) == (clinic, True)
    with pytest.raises(Denied):
        await invite(cora, Grant(Role.EDITOR, there), "far@example.org")
    for role in (Role.PEER, Role.COORDINATOR):
        with pytest.raises(UnfitFields) as unfit:
            await invite(cora, Grant(role, clinic), "far@example.org")
        assert [problem.code for problem in unfit.value.problems] == ["editors-only"]
    assert "far@example.org" not in {email for email, _ in await roles()}


async def test_an_editor_who_is_invited_again_is_trusted_from_then_on_and_never_less(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    for trusted in (False, True, False):
        await invite(cora, Grant(Role.EDITOR, home, trusted))
    held = await db.rows("SELECT trusted FROM role_grant WHERE role = 'editor'")
    assert [bool(row["trusted"]) for row in held] == [True]


async def test_only_an_editor_is_invited_as_trusted(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    await invite(cora, Grant(Role.PEER, home, trusted=True))
    (row,) = await db.rows("SELECT trusted FROM role_grant WHERE role = 'peer'")
    assert not row["trusted"]


async def test_a_coordinator_sees_of_another_agency_those_whose_roles_are_theirs_to_give(database: str) -> None:
    home, there = await agency(), await agency("Farshore Peers")
    cora = await coordinator(home)
    await joined(Role.PEER, there, "pia@example.org")
    await joined(Role.EDITOR, there, "ed@example.org")
    assert [listed.email for listed in await people_list(by=cora, now=NOW, agency=there)] == ["ed@example.org"]
    assert [listed.email for listed in await people_list(by=cora, now=NOW, agency=home)] == ["cora@example.org"]
    boss = (await signed_in(await joined(Role.ADMINISTRATOR, None, "boss@example.org"))).actor
    seen = await people_list(by=boss, now=NOW, agency=there)
    assert {listed.email for listed in seen} == {"pia@example.org", "ed@example.org"}


async def test_trust_in_an_editor_is_given_and_taken_back_and_counts_at_once(database: str) -> None:
    home, clinic = await agency(), await agency("Far Shore Clinic", "treatment")
    cora = await coordinator(home)
    ana = await joined(Role.EDITOR, clinic)
    token = await cookie(ana)
    (held,) = (await people_list(by=cora, now=NOW, agency=clinic))[0].held
    for is_trusted in (True, True, False):
        await grant_trust(by=cora, id=held.id, is_trusted=is_trusted, now=NOW)
        found = await sessions.session_find(token=token, now=NOW)
        assert found is not None
        assert found.actor.grants == (Grant(Role.EDITOR, clinic, is_trusted),)
    noted = await db.rows("SELECT details FROM audit_entry WHERE action = 'role-trust' ORDER BY id")
    assert [db.from_json(row["details"])["trusted"] for row in noted] == [True, False]


async def test_trust_is_for_editors_and_not_theirs_to_give(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    pia = await joined(Role.PEER, home, "pia@example.org")
    ana = await joined(Role.EDITOR, home)
    held = {row["person_id"]: row["id"] for row in await db.rows("SELECT id, person_id FROM role_grant")}
    for id in (held[pia.id], 999_999):
        with pytest.raises(NotFound):
            await grant_trust(by=cora, id=id, is_trusted=True, now=NOW)
    with pytest.raises(Denied):
        await grant_trust(by=(await signed_in(ana)).actor, id=held[ana.id], is_trusted=True, now=NOW)
    assert not any(row["trusted"] for row in await db.rows("SELECT trusted FROM role_grant"))


async def test_a_coordinator_who_ends_one_role_of_several_signs_nobody_out_elsewhere(database: str) -> None:
    home, there = await agency(), await agency("Far Shore Clinic", "treatment")
    cora = await coordinator(home)
    ana = await joined(Role.EDITOR, there)
    await person_invite(
        by=OPERATOR, grant=Grant(Role.EDITOR, home), email=ana.email, name="Ana", settings=SETTINGS, now=NOW
    )
    token = await cookie(ana)
    (held,) = [listed.held for listed in await people_list(by=cora, now=NOW) if listed.id == ana.id]
    assert [each.grant.agency for each in held] == [home]
    await grant_end(by=cora, id=held[0].id, now=NOW)
    left = await sessions.session_find(token=token, now=NOW)
    assert left is not None
    assert left.account.grants == (Grant(Role.EDITOR, there),)


async def test_who_came_in_with_a_password_alone_signs_in_anew_before_a_new_role_counts(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    token = await cookie(ana)
    await person_invite(
        by=OPERATOR, grant=Grant(Role.ADMINISTRATOR), email=ana.email, name="Ana", settings=SETTINGS, now=NOW
    )
    assert await sessions.session_find(token=token, now=NOW) is None
    assert (await enter(ana)).stage == "set-up"


async def test_a_session_without_the_second_factor_that_is_due_is_nobodys(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    token = await cookie(ana)
    async with db.staging():
        await accounts.grant_add(ana.id, Grant(Role.ADMINISTRATOR), by=OPERATOR, now=NOW)
    found = await sessions.session_find(token=token, now=NOW)
    assert found is not None
    assert (found.stage, found.actor.person) == ("set-up", None)


async def test_who_opened_an_account_under_anothers_address_does_not_rise_with_it(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    boss = (await signed_in(await joined(Role.ADMINISTRATOR, None, "boss@example.org"))).actor
    who = {"email": "director@example.org", "name": "D", "settings": NO_MAIL, "now": NOW}
    handed = await person_invite(by=cora, grant=Grant(Role.EDITOR, home), **who)  # type: ignore[arg-type]
    assert handed is not None
    squatter = await take(token_of(handed))
    handed = await person_invite(by=boss, grant=Grant(Role.ADMINISTRATOR), **who)  # type: ignore[arg-type]
    assert handed is not None
    assert await sessions.session_find(token=squatter.token, now=NOW) is None
    with pytest.raises(WrongSignIn):
        await enter(Somebody(0, "director@example.org"))
    assert (await take(token_of(handed), password="otters-under-the-pier")).stage == "set-up"
    again = await person_invite(by=boss, grant=Grant(Role.PEER, home), **who)  # type: ignore[arg-type]
    assert again == Handed(None, 0, False, is_added=True)  # whom the administrator has vouched for


async def test_a_link_that_somebody_kept_ends_with_the_next_invitation_and_brings_no_role_of_another_agency(
    database: str,
) -> None:
    home, there = await agency(), await agency("Farshore Peers")
    cora = await coordinator(home)
    dora = (await signed_in(await joined(Role.COORDINATOR, there, "dora@example.org"))).actor
    boss = (await signed_in(await joined(Role.ADMINISTRATOR, None, "boss@example.org"))).actor
    who = {"email": "nell@example.org", "name": "N", "settings": NO_MAIL, "now": NOW}
    kept = await person_invite(by=cora, grant=Grant(Role.PEER, home), **who)  # type: ignore[arg-type]
    assert kept is not None
    await person_invite(by=dora, grant=Grant(Role.COORDINATOR, there), **who)  # type: ignore[arg-type]
    assert ("nell@example.org", "coordinator") not in await roles()
    await person_invite(by=boss, grant=Grant(Role.COORDINATOR, there), **who)  # type: ignore[arg-type]
    with pytest.raises(DeadLink):
        await take(token_of(kept))


async def test_an_account_without_a_role_starts_anew_when_it_gets_one(database: str) -> None:
    home, there = await agency(), await agency("Farshore Peers")
    cora = await coordinator(home)
    await joined(Role.EDITOR, there)
    async with db.staging():
        await db.execute(f"UPDATE role_grant SET ended_at = granted_at WHERE agency_id = {there}")
    handed = await invite(cora, Grant(Role.EDITOR, home), "ana@example.org")
    with pytest.raises(WrongSignIn):
        await enter(Somebody(0, "ana@example.org"))
    assert (await take(token_of(handed), password="otters-under-the-pier")).stage == "full"


async def closed(agency: int) -> None:
    async with db.staging():
        await db.execute(f"UPDATE agency SET closed_at = created_at WHERE id = {agency}")


async def test_an_account_whose_agency_has_closed_is_nobodys_to_take(database: str) -> None:
    home, there = await agency(), await agency("Farshore Peers")
    cora = await coordinator(home)
    dora = await joined(Role.COORDINATOR, there, "dora@example.org")
    before = await accounts.account(dora.id)
    await closed(there)
    who = {"email": dora.email, "name": "D", "settings": NO_MAIL, "now": NOW}
    handed = await person_invite(by=cora, grant=Grant(Role.EDITOR, home), **who)  # type: ignore[arg-type]
    with pytest.raises(DeadLink):  # since it is the link of an offer
        await take(token_of(handed))
    after = await accounts.account(dora.id)
    assert before is not None
    assert after is not None
    assert (after.password_hash, after.totp_secret, after.held) == (
        before.password_hash,
        before.totp_secret,
        (Grant(Role.COORDINATOR, there),),
    )
    assert after.grants == ()
    with pytest.raises(WrongSignIn):  # what rests allows nothing
        await enter(dora)


async def test_a_role_that_rests_keeps_the_second_factor_from_who_may_not_give_it(database: str) -> None:
    home, there = await agency(), await agency("Farshore Peers")
    cora = await coordinator(home)
    dora = await joined(Role.COORDINATOR, there, "dora@example.org")
    await person_invite(
        by=OPERATOR, grant=Grant(Role.EDITOR, home), email=dora.email, name="D", settings=SETTINGS, now=NOW
    )
    await closed(there)
    with pytest.raises(Denied) as denied:
        await second_factor_reset(by=cora, person=dora.id, settings=SETTINGS, now=NOW)
    assert denied.value.reason == "not-yours"


async def test_trust_that_comes_with_an_invitation_is_written_down(database: str) -> None:
    clinic = await agency("Far Shore Clinic", "treatment")
    cora = await coordinator(await agency())
    await invite(cora, Grant(Role.EDITOR, clinic, trusted=True))
    (row,) = await db.rows("SELECT details FROM audit_entry WHERE action = 'invite' ORDER BY id DESC LIMIT 1")
    assert db.from_json(row["details"])["trusted"] is True


async def test_an_invented_person_gets_neither_role_nor_password(database: str) -> None:
    await demo_people_load(now=NOW)
    before = await roles()
    with pytest.raises(UnfitFields) as unfit:
        await invited(Role.ADMINISTRATOR, None, "administrator@demo.example")
    assert [problem.code for problem in unfit.value.problems] == ["taken"]
    with pytest.raises(NotFound):
        await person_reset(by=OPERATOR, email="administrator@demo.example", settings=SETTINGS, now=NOW)
    assert await roles() == before
    async with db.staging():  # and one who has got a password somehow
        hashed = await credentials.password_hash(PASSWORD, SETTINGS)
        await db.execute(f"UPDATE person SET password_hash = '{hashed}'")
    with pytest.raises(WrongSignIn):
        await enter(Somebody(0, "administrator@demo.example"))


async def test_who_looked_at_the_people_is_written_down_without_a_name(database: str) -> None:
    cora = await coordinator(await agency())
    await people_list(by=cora, now=NOW)
    (row,) = await db.rows("SELECT by, action, subject, details FROM access_entry")
    assert (row["by"], row["action"], row["subject"]) == (f"person {cora.person}", "see", "people")
    assert db.from_json(row["details"]) == {"number": 1}


def token_of(handed: object) -> str:
    """The secret of a link that was handed out."""
    assert isinstance(handed, Handed)
    return str(handed.address).rpartition("/")[2]


async def test_the_way_into_a_waiting_account_is_opened_by_nobody_who_may_do_less(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    first = await invited(Role.ADMINISTRATOR, None, "boss@example.org")
    handed = await person_invite(
        by=cora, grant=Grant(Role.PEER, home), email="boss@example.org", name="B", settings=SETTINGS, now=NOW
    )
    with pytest.raises(DeadLink):
        await take(token_of(handed))
    await take(first)  # which is as good as before


async def test_a_role_that_ends_takes_the_sessions_and_the_invitation_with_it(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    pia = await joined(Role.PEER, home, "pia@example.org")
    token = await cookie(pia)
    waiting = await invited(Role.PEER, home, "nell@example.org")
    for listed in await people_list(by=cora, now=NOW):
        if listed.id != cora.person:
            await grant_end(by=cora, id=listed.held[0].id, now=NOW)
    assert await sessions.session_find(token=token, now=NOW) is None
    with pytest.raises(WrongSignIn):
        await enter(pia)
    with pytest.raises(DeadLink):
        await take(waiting)
    assert [role for _, role in await roles()] == ["coordinator"]


async def test_the_last_administrator_who_can_sign_in_stays(database: str) -> None:
    boss = (await signed_in(await joined(Role.ADMINISTRATOR, None, "boss@example.org"))).actor
    await invited(Role.ADMINISTRATOR, None, "never@example.org")  # who has not come yet
    gone = await joined(Role.ADMINISTRATOR, None, "gone@example.org")
    await person_disable(by=OPERATOR, email=gone.email, now=NOW)
    held = {each.email: each.held[0].id for each in await people_list(by=boss, now=NOW)}
    with pytest.raises(LastAdministrator):
        await grant_end(by=boss, id=held["boss@example.org"], now=NOW)
    with pytest.raises(LastAdministrator):
        await person_disable(by=OPERATOR, email="boss@example.org", now=NOW)
    await grant_end(by=boss, id=held["never@example.org"], now=NOW)
    assert await roles() == [("boss@example.org", "administrator"), ("gone@example.org", "administrator")]


async def test_of_two_administrators_who_end_each_other_at_once_one_stays(database: str) -> None:
    pair = [(await signed_in(await joined(Role.ADMINISTRATOR, None, f"{name}@example.org"))).actor for name in "ab"]
    held = {each.id: each.held[0].id for each in await people_list(by=pair[0], now=NOW)}
    work = [grant_end(by=by, id=held[other.person or 0], now=NOW) for by, other in (pair, pair[::-1])]
    done = await asyncio.gather(*work, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["LastAdministrator", "NoneType"]
    assert [role for _, role in await roles()] == ["administrator"]


async def test_what_is_not_there_and_what_is_anothers_cannot_be_changed(database: str) -> None:
    home, there = await agency(), await agency("Farshore Peers")
    cora = await coordinator(home)
    far = await joined(Role.PEER, there, "far@example.org")
    (row,) = await db.rows(f"SELECT id FROM role_grant WHERE person_id = {far.id}")
    with pytest.raises(Denied):
        await grant_end(by=cora, id=row["id"], now=NOW)
    with pytest.raises(Denied):
        await second_factor_reset(by=cora, person=far.id, settings=SETTINGS, now=NOW)
    for work in (
        grant_end(by=cora, id=999_999, now=NOW),
        second_factor_reset(by=cora, person=999_999, settings=SETTINGS, now=NOW),
    ):
        with pytest.raises(NotFound):
            await work
    assert ("far@example.org", "peer") in await roles()


async def test_a_second_factor_is_reset_by_a_coordinator_and_replaced_behind_link_and_password(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    pia = await joined(Role.PEER, home, "pia@example.org")
    handed = await second_factor_reset(by=cora, person=pia.id, settings=SETTINGS, now=NOW)
    assert handed.is_mailed
    token = str(handed.address).rpartition("/")[2]
    with pytest.raises(WrongSignIn):
        await second_factor_renew(token=token, password="wrong-wrong-wrong", now=NOW, **WAYS)  # type: ignore[arg-type]
    begun = await second_factor_renew(token=token, password=PASSWORD, now=NOW, **WAYS)  # type: ignore[arg-type]
    assert begun.stage == "set-up"
    with pytest.raises(DeadLink):
        await second_factor_renew(token=token, password=PASSWORD, now=NOW, **WAYS)  # type: ignore[arg-type]
    done = await db.rows("SELECT by, action, subject FROM audit_entry ORDER BY id")
    assert (f"person {cora.person}", "second-factor-reset", f"person {pia.id}") in [tuple(row.values()) for row in done]


async def test_a_closed_account_is_closed_at_once_and_opened_from_the_command_line(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    token = await cookie(ana)
    await person_disable(by=OPERATOR, email=" ANA@example.org", now=NOW)
    assert await sessions.session_find(token=token, now=NOW) is None
    with pytest.raises(WrongSignIn):
        await enter(ana)
    handed = await person_reset(by=OPERATOR, email=ana.email, settings=SETTINGS, now=NOW)
    with pytest.raises(WrongSignIn):  # whoever has the old password
        await enter(ana)
    assert (await take(token_of(handed), password="otters-under-the-pier")).stage == "full"
    for email in ("nobody@example.org", ""):
        with pytest.raises(NotFound):
            await person_disable(by=OPERATOR, email=email, now=NOW)


async def test_the_people_of_the_demonstration_come_once_and_have_no_password(database: str) -> None:
    for _ in range(2):
        await demo_people_load(now=NOW)
    rows = await db.rows("SELECT email, password_hash, is_demo FROM person ORDER BY id")
    assert [row["email"] for row in rows] == [each.email for each in PEOPLE]
    assert {each.role for each in PEOPLE} == set(STAFF)
    assert {row["password_hash"] for row in rows} == {None}
    assert await demo_roles(settings=SETTINGS) == ()  # without the invented county
    for row in rows:
        with pytest.raises(WrongSignIn):
            await enter(Somebody(0, row["email"]), password="x")
    async with db.staging():
        await accounts.demo_erase()
    for table in ("person", "agency", "role_grant"):
        assert await db.rows(f"SELECT * FROM {table}") == []
