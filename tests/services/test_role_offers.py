"""A role for somebody who has an account elsewhere, on both engines: offered by a letter, accepted by its owner and by nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.people import DeadLink, Session
from directory.services import sessions
from directory.services.invitations import person_invite
from directory.services.links import Handed
from directory.services.people import grant_end, person_disable
from directory.services.role_offers import offer_accept, offer_decline, offer_show, offers_of
from directory.settings import Settings
from directory.storage import accounts, db
from tests.accounts import NOW, OPERATOR, SETTINGS, Somebody, agency, cookie, joined, signed_in
from tests.factories import one_value

NO_MAIL = replace(SETTINGS, smtp_url="")


async def coordinator(home: int) -> Actor:
    return (await signed_in(await joined(Role.COORDINATOR, home, "cora@example.org"))).actor


async def offered(by: Actor, grant: Grant, email: str = "ana@example.org", settings: Settings = SETTINGS) -> str:
    """The token of the link to a role that was offered."""
    handed = await person_invite(by=by, grant=grant, email=email, name="Ana Reed", settings=settings, now=NOW)
    assert isinstance(handed, Handed)
    assert handed.address is not None
    assert "/invitation/" in handed.address
    return handed.address.rpartition("/")[2]


async def grants(person: int) -> tuple[Grant, ...]:
    account = await accounts.account(person)
    assert account is not None
    return account.grants


async def clinic_editor() -> tuple[int, Somebody]:
    """A clinic, and somebody who works there."""
    clinic = await agency("Far Shore Clinic", "treatment")
    return clinic, await joined(Role.EDITOR, clinic)


async def test_a_letter_leads_to_the_role_which_counts_once_its_owner_has_accepted(database: str) -> None:
    home = await agency()
    clinic, ana = await clinic_editor()
    token = await offered(await coordinator(home), Grant(Role.PEER, home))
    (row,) = await db.rows("SELECT recipient, words FROM outbox WHERE template = 'role'")
    assert row["recipient"] == ana.email
    assert db.from_json(row["words"])["link"].endswith(f"/invitation/{token}")
    assert await grants(ana.id) == (Grant(Role.EDITOR, clinic),)
    session = await signed_in(ana)
    assert (await offer_show(session=session, token=token, now=NOW)).agency_name == "Marsh Peers"
    await offer_accept(session=session, token=token, settings=SETTINGS, now=NOW)
    assert await grants(ana.id) == (Grant(Role.EDITOR, clinic), Grant(Role.PEER, home))
    noted = await db.rows("SELECT action, details FROM audit_entry WHERE action LIKE 'role-%' ORDER BY id")
    assert [row["action"] for row in noted] == ["role-offer", "role-accepted"]
    assert [db.from_json(row["details"])["trusted"] for row in noted] == [False, False]


async def test_accepting_ends_every_session_and_asks_for_the_second_step_that_is_due_now(database: str) -> None:
    home = await agency()
    _, ana = await clinic_editor()
    await offered(await coordinator(home), Grant(Role.PEER, home))
    elsewhere, session = await cookie(ana), await signed_in(ana)
    (offer,) = await offers_of(session=session, now=NOW)
    begun = await offer_accept(session=session, key=offer.key, settings=SETTINGS, now=NOW)
    assert begun.stage == "set-up"
    assert await sessions.session_find(token=elsewhere, now=NOW) is None
    found = await sessions.session_find(token=begun.token, now=NOW)
    assert found is not None
    assert found.actor.person is None


async def test_who_needs_no_second_step_goes_on_working(database: str) -> None:
    _, ana = await clinic_editor()
    other = await agency("Reed Clinic", "treatment")
    await offered(await coordinator(await agency()), Grant(Role.EDITOR, other, trusted=True))
    session = await signed_in(ana)
    (offer,) = await offers_of(session=session, now=NOW)
    begun = await offer_accept(session=session, key=offer.key, settings=SETTINGS, now=NOW)
    found = await sessions.session_find(token=begun.token, now=NOW)
    assert found is not None
    assert found.actor.grants[-1] == Grant(Role.EDITOR, other, trusted=True)
    assert found.fresh_until == session.fresh_until


async def test_declining_changes_nothing_and_uses_the_link_up(database: str) -> None:
    home = await agency()
    _, ana = await clinic_editor()
    token = await offered(await coordinator(home), Grant(Role.PEER, home))
    session = await signed_in(ana)
    before = await grants(ana.id)
    await offer_decline(session=session, token=token, now=NOW)
    assert await offers_of(session=session, now=NOW) == ()
    with pytest.raises(DeadLink):
        await offer_accept(session=session, token=token, settings=SETTINGS, now=NOW)
    assert await grants(ana.id) == before


async def test_the_inviter_cannot_tell_who_has_an_account(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    await clinic_editor()
    for settings in (SETTINGS, NO_MAIL):
        answers = [
            await person_invite(
                by=cora, grant=Grant(Role.PEER, home), email=email, name="Ana", settings=settings, now=NOW
            )
            for email in ("ana@example.org", f"new{settings.smtp_url}@example.org".replace(":", ""))
        ]
        seen = [(str(each and each.address)[:-43], each and each.hours, each and each.is_mailed) for each in answers]
        assert seen[0] == seen[1] == ("http://localhost/invitation/", 72, bool(settings.smtp_url))


async def test_nobody_takes_what_somebody_else_is_offered(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    clinic, ana = await clinic_editor()
    token = await offered(cora, Grant(Role.PEER, home))
    other = await signed_in(await joined(Role.EDITOR, clinic, "other@example.org"))
    (offer,) = await offers_of(session=await signed_in(ana), now=NOW)
    for named in ({"token": token}, {"key": offer.key}):
        with pytest.raises(DeadLink):
            await offer_accept(session=other, settings=SETTINGS, now=NOW, **named)
        with pytest.raises(DeadLink):
            await offer_decline(session=other, now=NOW, **named)
    with pytest.raises(DeadLink):
        await offer_show(session=other, token=token, now=NOW)
    assert len(await offers_of(session=await signed_in(ana), now=NOW)) == 1  # as good as before


async def test_who_is_not_signed_in_to_the_end_takes_nothing(database: str) -> None:
    home = await agency()
    _, ana = await clinic_editor()
    token = await offered(await coordinator(home), Grant(Role.PEER, home))
    half: Session = replace(await signed_in(ana), stage="password")
    with pytest.raises(Denied):
        await offer_show(session=half, token=token, now=NOW)
    with pytest.raises(Denied):
        await offer_accept(session=half, token=token, settings=SETTINGS, now=NOW)


async def test_who_opened_an_account_under_anothers_address_does_not_rise_by_an_offer(database: str) -> None:
    clinic, home = await agency("Far Shore Clinic", "treatment"), await agency()
    cora = await coordinator(home)
    squatter = await joined(Role.EDITOR, clinic, "director@example.org")
    async with db.staging():
        await accounts.person_set(squatter.id, proven_at=None)
    session = await signed_in(squatter)
    without_mail = await offered(cora, Grant(Role.COORDINATOR, home), squatter.email, NO_MAIL)
    assert await offers_of(session=session, now=NOW) == ()
    with pytest.raises(DeadLink):
        await offer_accept(session=session, token=without_mail, settings=NO_MAIL, now=NOW)
    mailed = await offered(cora, Grant(Role.COORDINATOR, home), squatter.email)
    await offer_accept(session=session, token=mailed, settings=SETTINGS, now=NOW)  # which only the letter has
    account = await accounts.account(squatter.id)
    assert account is not None
    assert account.proven_at == NOW


async def test_of_several_links_for_one_role_the_last_is_good_and_others_stay(database: str) -> None:
    home, there = await agency(), await agency("Farshore Peers")
    cora = await coordinator(home)
    dora = (await signed_in(await joined(Role.COORDINATOR, there, "dora@example.org"))).actor
    _, ana = await clinic_editor()
    first = await offered(cora, Grant(Role.PEER, home))
    await offered(dora, Grant(Role.PEER, there))
    await offered(cora, Grant(Role.PEER, home))
    session = await signed_in(ana)
    with pytest.raises(DeadLink):
        await offer_show(session=session, token=first, now=NOW)
    names = {offer.agency_name for offer in await offers_of(session=session, now=NOW)}
    assert names == {"Marsh Peers", "Farshore Peers"}


async def test_an_offer_ends_after_three_days_with_its_agency_and_with_the_account(database: str) -> None:
    home = await agency()
    _, ana = await clinic_editor()
    token = await offered(await coordinator(home), Grant(Role.PEER, home))
    session = await signed_in(ana)
    with pytest.raises(DeadLink):
        await offer_show(session=session, token=token, now=NOW + timedelta(hours=72))
    async with db.staging():
        await db.execute(f"UPDATE agency SET closed_at = created_at WHERE id = {home}")
    with pytest.raises(DeadLink):
        await offer_accept(session=session, token=token, settings=SETTINGS, now=NOW)
    async with db.staging():
        await db.execute("UPDATE agency SET closed_at = NULL")
    assert await offer_show(session=session, token=token, now=NOW)
    await person_disable(by=OPERATOR, email=ana.email, now=NOW)
    with pytest.raises(DeadLink):
        await offer_show(session=session, token=token, now=NOW)


async def test_an_offer_is_good_for_as_long_as_who_made_it_may_give_the_role(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    boss = (await signed_in(await joined(Role.ADMINISTRATOR, None, "boss@example.org"))).actor
    _, ana = await clinic_editor()
    token = await offered(cora, Grant(Role.PEER, home))
    session = await signed_in(ana)
    held = await one_value("SELECT id FROM role_grant WHERE person_id = {0}", cora.person)
    async with db.staging():  # as where two do it at the same moment
        await db.execute(f"UPDATE role_grant SET ended_at = granted_at WHERE id = {int(held)}")
    assert await offers_of(session=session, now=NOW) == ()
    with pytest.raises(DeadLink):
        await offer_accept(session=session, token=token, settings=SETTINGS, now=NOW)
    async with db.staging():
        await db.execute("UPDATE role_grant SET ended_at = NULL")
    assert len(await offers_of(session=session, now=NOW)) == 1
    await grant_end(by=boss, id=held, now=NOW)
    async with db.staging():  # and a role that comes back does not bring its offers with it
        await db.execute("UPDATE role_grant SET ended_at = NULL")
    assert await offers_of(session=session, now=NOW) == ()


async def test_to_end_one_role_leaves_the_offers_that_another_one_carries(database: str) -> None:
    home = await agency()
    cora = await coordinator(home)
    boss = (await signed_in(await joined(Role.ADMINISTRATOR, None, "boss@example.org"))).actor
    _, ana = await clinic_editor()
    await offered(cora, Grant(Role.PEER, home))
    async with db.staging():
        await accounts.grant_add(cora.person or 0, Grant(Role.PEER, home), by=OPERATOR, now=NOW)
    held = await one_value("SELECT id FROM role_grant WHERE person_id = {0} AND role = 'peer'", cora.person)
    await grant_end(by=boss, id=held, now=NOW)
    assert len(await offers_of(session=await signed_in(ana), now=NOW)) == 1


async def test_an_account_that_is_closed_gets_no_letter(database: str) -> None:
    home = await agency()
    _, ana = await clinic_editor()
    await person_disable(by=OPERATOR, email=ana.email, now=NOW)
    await offered(await coordinator(home), Grant(Role.PEER, home))
    assert await db.rows("SELECT id FROM outbox WHERE template = 'role'") == []


async def test_an_offer_that_is_accepted_many_times_at_once_gives_one_role(database: str) -> None:
    home = await agency()
    _, ana = await clinic_editor()
    token = await offered(await coordinator(home), Grant(Role.PEER, home))
    session = await signed_in(ana)
    answers = await asyncio.gather(
        *(offer_accept(session=session, token=token, settings=SETTINGS, now=NOW) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, DeadLink) for answer in answers) == 4
    assert [grant.role for grant in await grants(ana.id)] == [Role.EDITOR, Role.PEER]
