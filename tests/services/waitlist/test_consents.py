"""Consents: what each has to hold, and that from the moment in which one is gone nothing is told and nothing is offered on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest

from directory.domain.errors import NotFound, Settled
from directory.domain.people import UnfitFields
from directory.domain.waitlist.consents import Scope
from directory.domain.waitlist.known import Known
from directory.domain.waitlist.states import Entry, Offer
from directory.services.credentials import new_token
from directory.services.waitlist import consents as service
from directory.services.waitlist.entries import entry_join
from directory.services.waitlist.offers import NotOfferable, offer_accept, offer_make
from directory.services.waitlist.slots import slot_open
from directory.storage import db
from directory.storage.waitlist import checks, entries, lines, offers
from tests.services.waitlist import world as worlds
from tests.services.waitlist.taking import ANA, agreed, given, row_of, taken_on, trail
from tests.services.waitlist.world import NOW, SETTINGS, TODAY, World

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(hours=1)


async def waiting(world: World) -> tuple[int, int]:
    """Somebody who stands in the world's line, and their entry."""
    row = await taken_on(world)
    return row.id, await entry_join(client=row.id, pool=world.pool, tie=row.id, by=world.peer, now=NOW)


async def offered(world: World, entry: int, now: datetime = NOW) -> int:
    """An offer of the clinic's opening to this entry."""
    slot = await slot_open(level=world.level, restrictions=(), by=world.clerk, now=now)
    return await offer_make(slot=slot, entry=entry, by=world.peer, now=now, settings=SETTINGS)


async def revoked(world: World, id: int) -> int:
    """Takes it back an hour later, and says how many offers ended with it."""
    return await service.consent_revoke(id=id, by=world.peer, now=LATER, settings=SETTINGS)


async def scopes(world: World, client: int, today: date = TODAY, now: datetime = NOW) -> Iterable[Scope]:
    return await service.scopes_now(client=client, agency=world.clinic, today=today, now=now, settings=SETTINGS)


async def test_a_consent_with_all_its_elements_is_kept_and_lets_that_be_told_and_no_more() -> None:
    """42 CFR 2.31(a)(1)-(8), 2.13(a)."""
    world = await worlds.made()
    client, _ = await waiting(world)
    id = await agreed(world, client)
    (kept,) = await service.consents_of(client=client, by=world.peer, now=NOW, settings=SETTINGS)
    assert (kept.id, kept.holds, kept.consent.client, kept.consent.signed_by) == (id, True, "Ana Reed", "Ana Reed")
    assert await scopes(world, client) == {Scope.NAME, Scope.CONTACT}
    assert "Ana Reed" not in str([list(row.values()) for row in await db.rows("SELECT * FROM consent")])
    (details,) = await trail("consent-add")
    assert details["agencies"] == [world.clinic]


@pytest.mark.parametrize(
    ("lacking", "field"),
    [
        ({"discloser": " "}, "discloser"),
        ({"scope": ()}, "scope"),
        ({"agencies": ()}, "agencies"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "proceedings"}, "purpose"),
        ({"may_revoke_told": False}, "right-to-revoke"),
        ({"expires_on": None}, "expires_on"),
        ({"signed_by": ""}, "signed_by"),
        ({"signed_on": None}, "signed_on"),
        ({"purpose": "tpo", "consequences_told": True}, "redisclosure"),
        ({"purpose": "tpo", "redisclosure_told": True}, "consequences"),
        ({"form": "paper"}, "paper_at"),
        ({"form": "smoke"}, "form"),
        ({"agencies": (9999,)}, "agencies"),
        ({"signed_on": TODAY + timedelta(days=1)}, "signed_on"),
        ({"expires_on": TODAY - timedelta(days=1)}, "expires_on"),
        ({"expires_when": "x" * 300}, "expires_when"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_one_that_lacks_an_element_is_not_kept_and_says_which(lacking: dict[str, object], field: str) -> None:
    """42 CFR 2.31(a)(2)-(10): each element, and the two more of a consent for treatment, payment and operations. (d): none for proceedings."""
    world = await worlds.made()
    client, _ = await waiting(world)
    with pytest.raises(UnfitFields) as error:
        await agreed(world, client, **lacking)
    assert [each.field for each in error.value.problems] == [field]
    assert await service.consents_of(client=client, by=world.peer, now=NOW, settings=SETTINGS) == ()


async def test_treatment_payment_and_operations_needs_both_statements_and_no_end() -> None:
    """42 CFR 2.31(a)(4), (7), (10)."""
    world = await worlds.made()
    client, _ = await waiting(world)
    await agreed(world, client, purpose="tpo", expires_on=None, redisclosure_told=True, consequences_told=True)
    assert await scopes(world, client, TODAY + timedelta(days=3000))


async def test_the_whole_name_is_asked_for_where_a_consent_is_the_first_to_need_it() -> None:
    """42 CFR 2.31(a)(1)."""
    world = await worlds.made()
    row = await taken_on(world, Known("Ana"))
    await entry_join(client=row.id, pool=world.pool, tie=1, by=world.peer, now=NOW)
    with pytest.raises(UnfitFields) as error:
        await agreed(world, row.id)
    assert [each.field for each in error.value.problems] == ["name"]
    await agreed(world, row.id, name="Ana Reed")
    (kept,) = await service.consents_of(client=row.id, by=world.peer, now=NOW, settings=SETTINGS)
    assert kept.consent.client == "Ana Reed"
    assert (await row_of(row.upi)).version == row.version + 1


async def test_the_same_form_makes_one_consent() -> None:
    world, form = await worlds.made(), new_token()
    client, _ = await waiting(world)
    who = {"client": client, "form": form, "by": world.peer, "now": NOW, "settings": SETTINGS}
    assert await service.consent_add(given=given(world), **who) is not None
    assert await service.consent_add(given=given(world), **who) is None


async def test_nothing_is_told_on_a_consent_that_has_expired_or_that_is_not_signed() -> None:
    """42 CFR 2.31(c)(1)-(2): expired, or deficient on its face."""
    world = await worlds.made()
    client, _ = await waiting(world)
    id = await agreed(world, client)
    assert await scopes(world, client, date(2026, 6, 1))
    assert not await scopes(world, client, date(2026, 6, 2))
    await db.execute(f"UPDATE consent SET sealed = NULL WHERE id = {id}")
    assert not await scopes(world, client)


async def test_nothing_is_told_on_a_consent_from_the_moment_in_which_it_was_taken_back() -> None:
    """42 CFR 2.31(c)(3): known to have been revoked."""
    world = await worlds.made()
    client, _ = await waiting(world)
    id = await agreed(world, client)
    await revoked(world, id)
    assert await scopes(world, client, now=LATER - timedelta(seconds=1))
    assert not await scopes(world, client, now=LATER)
    with pytest.raises(Settled):
        await revoked(world, id)
    assert await trail("consent-revoke") == [{"consent": id, "offers": 0}]


async def test_a_consent_that_was_taken_back_says_on_which_day_it_was_where_the_agency_is() -> None:
    world = await worlds.made()
    client, _ = await waiting(world)
    id = await agreed(world, client)
    await db.execute(f"UPDATE agency SET timezone = 'Pacific/Auckland' WHERE id = {world.agency}")
    await revoked(world, id)
    (kept,) = await service.consents_of(client=client, by=world.peer, now=LATER, settings=SETTINGS)
    assert kept.revoked_on == TODAY + timedelta(days=1)


async def test_an_offer_that_no_consent_covers_any_more_ends_and_the_place_in_line_stays() -> None:
    """42 CFR 2.31(c)(3): a pending offer is declined for them."""
    world = await worlds.made()
    client, entry = await waiting(world)
    id = await agreed(world, client)
    offer = await offered(world, entry)
    assert await revoked(world, id) == 1
    found, place = await offers.offer(offer), await entries.entry(entry)
    assert found is not None
    assert place is not None
    assert (found.status, place.status) == (Offer.DECLINED, Entry.WAITING)
    (row,) = await db.rows(f"SELECT end_reason FROM offer WHERE id = {offer}")
    assert row["end_reason"] == service.REVOKED
    assert not await checks.broken()


async def test_what_was_accepted_is_cancelled_and_nobody_keeps_the_bed() -> None:
    world = await worlds.made()
    client, entry = await waiting(world)
    id = await agreed(world, client)
    offer = await offered(world, entry)
    await offer_accept(offer=offer, by=world.peer, now=NOW, settings=SETTINGS)
    assert await revoked(world, id) == 1
    found = await offers.offer(offer)
    assert found is not None
    assert found.status is Offer.CANCELLED
    assert not await checks.broken()


async def test_an_offer_that_another_consent_covers_goes_on() -> None:
    world = await worlds.made()
    client, entry = await waiting(world)
    first = await agreed(world, client)
    await agreed(world, client, scope=("eligibility",))
    offer = await offered(world, entry)
    assert await revoked(world, first) == 0
    found = await offers.offer(offer)
    assert found is not None
    assert found.status is Offer.PENDING
    assert await scopes(world, client, now=LATER) == {Scope.ELIGIBILITY}


@pytest.mark.parametrize("ended", ["revoked", "expired"])
async def test_nothing_is_offered_on_a_consent_that_has_ended(ended: str) -> None:
    """42 CFR 2.31(c)(1), (3)."""
    world = await worlds.made()
    client, entry = await waiting(world)
    id = await agreed(world, client)
    if ended == "revoked":
        await revoked(world, id)
    else:
        await db.execute(f"UPDATE consent SET expires_on = '2026-03-01' WHERE id = {id}")
    slot = await slot_open(level=world.level, restrictions=(), by=world.clerk, now=LATER)
    with pytest.raises(NotOfferable) as error:
        await offer_make(slot=slot, entry=entry, by=world.peer, now=LATER, settings=SETTINGS)
    assert error.value.reason == "no-consent"


@pytest.mark.parametrize("engine", ["postgres"])
async def test_an_offer_made_in_the_moment_of_taking_back_never_outlives_the_consent() -> None:
    """42 CFR 2.31(c)(3): whichever comes first, nothing is left standing on a consent that is gone."""
    world = await worlds.made()
    for _ in range(5):
        client, entry = await waiting(world)
        id = await agreed(world, client)
        done = await asyncio.gather(revoked(world, id), offered(world, entry, LATER), return_exceptions=True)
        assert done[0] in (0, 1)
        assert isinstance(done[1], int) if done[0] else True
        live = await db.rows("SELECT id FROM offer WHERE status IN ('pending', 'accepted')")
        assert live == []


async def test_nobody_takes_back_a_consent_of_another_agencys_client() -> None:
    world = await worlds.made()
    client, _ = await waiting(world)
    id = await agreed(world, client)
    with pytest.raises(NotFound):
        await service.consent_revoke(id=id, by=world.stranger, now=NOW, settings=SETTINGS)
    assert await scopes(world, client)


async def test_nobody_takes_back_a_consent_under_the_number_of_somebody_else() -> None:
    world = await worlds.made()
    client, _ = await waiting(world)
    id, other = await agreed(world, client), await taken_on(world, Known("Rosa"))
    with pytest.raises(NotFound):
        await service.consent_revoke(id=id, upi=other.upi, by=world.peer, now=NOW, settings=SETTINGS)
    assert await scopes(world, client)


async def test_who_may_tell_and_when_it_ends_lie_sealed_like_the_signature() -> None:
    """42 CFR 2.31(a)(2), (7); WAITLIST 4.4."""
    world = await worlds.made()
    client, _ = await waiting(world)
    await agreed(world, client, discloser="Aunt Willow", expires_on=None, expires_when="when the baby is born")
    written = str([list(row.values()) for row in await db.rows("SELECT * FROM consent")])
    assert not {each for each in ("Aunt Willow", "baby") if each in written}
    (kept,) = await service.consents_of(client=client, by=world.peer, now=NOW, settings=SETTINGS)
    assert (kept.consent.discloser, kept.consent.expires_when) == ("Aunt Willow", "when the baby is born")
    assert kept.holds
    assert await lines.is_consented(client, world.clinic, today=TODAY, now=NOW)


async def test_only_agencies_whose_openings_go_to_their_lines_can_be_named() -> None:
    """42 CFR 2.13(a): no more than the purpose needs."""
    world, other = await worlds.made(), await worlds.made()
    client, _ = await waiting(world)
    named = [agency for agency, _ in await service.agencies_feeding(client=client, by=world.peer, now=NOW)]
    assert named == [world.clinic]
    with pytest.raises(UnfitFields):
        await agreed(world, client, agencies=(world.clinic, other.clinic))


async def test_a_place_in_line_does_not_depend_on_a_consent() -> None:
    """42 CFR 2.31(a)(10): listing is not conditional on signing."""
    world = await worlds.made()
    row = await taken_on(world, ANA)
    entry = await entry_join(client=row.id, pool=world.pool, tie=1, by=world.peer, now=NOW)
    place = await entries.entry(entry)
    assert place is not None
    assert place.status is Entry.WAITING
