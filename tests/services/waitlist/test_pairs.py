"""Two clients who may be one person: found, and shown to a coordinator of both alone (42 CFR 2.13(c); WAITLIST 3.6)."""

from __future__ import annotations

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound, Settled
from directory.services.waitlist import pairs
from directory.services.waitlist.keys import client_keys
from directory.storage import db
from directory.storage.waitlist import clients
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.twins import ROSA, colleague, found_for, joined, pair_of, somebody, twins
from tests.services.waitlist.world import NOW


async def test_a_shared_number_or_name_with_its_birthday_makes_a_pair_for_a_coordinator_to_look_at(
    database: str,
) -> None:
    made = await world.made()
    one = await somebody(made, ROSA, phone="555-0101")
    other = await somebody(made, {"name": "Róża  REED", "born": "1990-04-02"}, phone="(555) 0109-000")
    third = await somebody(made, {"called": "Ro"}, phone="555 01 01")
    await somebody(made, {"name": "Rosa Lane"}, phone="555-0103")
    assert await found_for(third) == 1
    assert await found_for(one) == 0
    waiting, _ = await pairs.pairs_list(by=made.coordinator, now=NOW)
    assert [({each.one, each.other}, each.reasons) for each in waiting] == [({one, third}, ("phone",))]
    assert await pairs.pairs_waiting(by=made.coordinator, now=NOW) == 1
    assert other


async def test_a_name_alone_counts_with_the_month_of_birth(database: str) -> None:
    made = await world.made()
    one = await somebody(made, {"name": "Rosa Reed"}, birth_month="1990-04")
    other = await somebody(made, {"name": "Reed Rosa Maria"}, birth_month="1990-04")
    another = await somebody(made, {"name": "Rosa Reed"}, birth_month="1991-04")
    assert await found_for(one) == 1
    waiting, _ = await pairs.pairs_list(by=made.coordinator, now=NOW)
    assert [({each.one, each.other}, each.reasons) for each in waiting] == [({one, other}, ("name",))]
    assert another


async def test_a_corrected_number_takes_the_suggestion_back(database: str) -> None:
    made = await world.made()
    one, other = await somebody(made, phone="555-0101"), await somebody(made, phone="555-0101")
    assert await found_for(other) == 1
    async with db.staging():
        await clients.keys_replace(other, client_keys({}, [("call", "555-0199")], SETTINGS))
    assert await found_for(other) == 0
    assert await pairs.pairs_waiting(by=made.coordinator, now=NOW) == 0
    assert one


async def test_what_is_not_the_same_is_remembered_and_not_asked_again(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    pair = await pair_of(one, other)
    await pairs.pair_part(id=pair, by=made.coordinator, now=NOW)
    assert await found_for(one) == 0
    assert await pairs.pairs_waiting(by=made.coordinator, now=NOW) == 0
    await pairs.pair_part(id=pair, by=made.coordinator, now=NOW)  # a second tap
    with pytest.raises(Settled):
        await pairs.pair_part(id=pair, by=colleague(made), now=NOW)
    await pairs.pair_reopen(id=pair, by=made.coordinator, now=NOW)
    assert await pairs.pairs_waiting(by=made.coordinator, now=NOW) == 1


async def test_another_agencys_client_is_found_only_where_both_have_named_the_other_agency(database: str) -> None:
    """42 CFR 2.13(c); WAITLIST 3.6."""
    made, elsewhere = await world.made(), await world.made()
    one, other = await somebody(made, ROSA), await somebody(elsewhere, ROSA)
    assert await found_for(one) == 0
    async with db.staging():
        await world.consent_add(one, elsewhere.agency)
    assert await found_for(one) == 0
    async with db.staging():
        await world.consent_add(other, made.agency)
    assert await found_for(other) == 1
    pair = await pair_of(one, other)
    for reader in (made.coordinator, elsewhere.coordinator):
        assert await pairs.pairs_waiting(by=reader, now=NOW) == 0
        with pytest.raises(NotFound):
            await pairs.pair_show(id=pair, by=reader, now=NOW, settings=SETTINGS)
    both = Actor(99, (Grant(Role.COORDINATOR, made.agency), Grant(Role.COORDINATOR, elsewhere.agency)))
    assert await pairs.pairs_waiting(by=both, now=NOW) == 1
    async with db.staging():
        await db.execute(f"UPDATE consent SET revoked_at = at WHERE client_id = {other}")
    assert await pairs.pairs_waiting(by=both, now=NOW) == 0
    assert (await pairs.pairs_list(by=both, now=NOW))[0] == ()
    with pytest.raises(NotFound):
        await pairs.pair_show(id=pair, by=both, now=NOW, settings=SETTINGS)


async def test_a_consent_that_is_not_whole_compares_nobody_with_another_agencys_clients(database: str) -> None:
    """42 CFR 2.31(c)."""
    made, elsewhere = await world.made(), await world.made()
    one, other = await somebody(made, ROSA), await somebody(elsewhere, ROSA)
    async with db.staging():
        await world.consent_add(one, elsewhere.agency)
        await world.consent_add(other, made.agency)
        sql = db.Sql()
        await db.execute(
            f"UPDATE consent SET may_revoke_told = {sql(False)} WHERE client_id = {sql(other)}", sql.values
        )
    assert await found_for(one) == 0


async def test_both_sides_are_shown_to_a_coordinator_and_that_they_looked_is_written_down(database: str) -> None:
    made = await world.made()
    one, other = await twins(made)
    await joined(made, one)
    pair = await pair_of(one, other)
    shown = await pairs.pair_show(id=pair, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert [side.who.called for side in (shown.one, shown.other)] == ["Rosa", "Rosa"]
    assert shown.one.reached == (("call", "555-0101"),)
    assert len(shown.one.entries) == 1
    rows = await db.rows("SELECT action, subject, details FROM access_entry ORDER BY id")
    assert [row["subject"] for row in rows] == [f"client {side.who.row.upi}" for side in (shown.one, shown.other)]
    assert "Rosa" not in str(rows)
    with pytest.raises(Denied):
        await pairs.pair_show(id=pair, by=made.peer, now=NOW, settings=SETTINGS)
