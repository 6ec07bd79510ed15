"""What is told about somebody, on what, and who can ask to whom: 42 CFR 2.24, 2.25, 2.31(c), 2.32, 2.51."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from directory.domain.access import VISITOR, Denied
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.domain.waitlist.consents import Scope
from directory.services.sealing import opened, seal
from directory.services.waitlist.consents import consent_revoke
from directory.services.waitlist.disclosures import (
    NoConsent,
    Told,
    disclose,
    disclose_emergency,
    disclosures_of,
)
from directory.storage import db
from directory.storage.waitlist.disclosures import of_client
from tests.accounts import SETTINGS
from tests.services.waitlist import agency, world
from tests.services.waitlist.agency import HOUR, day
from tests.services.waitlist.world import NOW, World

NEEDS = {"to": "Dr. Heron", "facility": "Far Shore Clinic", "who": "Ana Reed", "nature": "Not breathing"}


async def told(
    made: World, client: int, scopes: Iterable[Scope], *, offer: int | None = None, now: datetime = NOW
) -> tuple[int, ...]:
    async with db.staging():
        return await disclose(
            client=client, agency=made.clinic, offer=offer, scopes=scopes, by=made.clerk, now=now, settings=SETTINGS
        )


async def listed(made: World, client: int, now: datetime = NOW) -> tuple[Told, ...]:
    return await disclosures_of(client=client, by=made.peer, now=now, settings=SETTINGS)


async def test_what_a_valid_consent_covers_is_told_and_written_down_with_its_notice(database: str) -> None:
    """42 CFR 2.31(a), 2.32(a)(2); WAITLIST 1.5."""
    made = await world.made()
    client = await agency.somebody(made)
    consent = await agency.consent(client, made.clinic, ("name", "contact"))
    (id,) = await told(made, client, [Scope.NAME])
    (row,) = await of_client(client, NOW)
    assert (row.id, row.consent, row.agency, row.scope, row.basis) == (id, consent, made.clinic, ("name",), "consent")
    assert row.notice.startswith("part2-short ")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"expires_on": day(-1)}, id="expired"),
        pytest.param({"revoked_at": NOW - HOUR}, id="revoked"),
        pytest.param({"signed_on": day(1)}, id="signed later"),
        pytest.param({"signed_on": None}, id="without a date"),
        pytest.param({"sealed": seal({"signed_by": ""}, SETTINGS)}, id="without a signature"),
        pytest.param({"may_revoke_told": False}, id="without the right to take it back"),
        pytest.param({"expires_on": None}, id="without an end"),
        pytest.param({"purpose": None}, id="without a purpose"),
        pytest.param({"agencies": "[0]"}, id="to others"),
        pytest.param({"scope": ("name",)}, id="of less"),
    ],
)
async def test_nothing_is_told_on_a_consent_that_is_expired_revoked_deficient_or_of_something_else(
    database: str, given: dict[str, Any]
) -> None:
    """42 CFR 2.31(c); WAITLIST 1.5."""
    made = await world.made()
    client = await agency.somebody(made)
    await agency.consent(client, made.clinic, **given)
    with pytest.raises(NoConsent):
        await told(made, client, [Scope.NAME, Scope.CONTACT])
    assert await of_client(client, NOW - HOUR) == []


async def test_a_consent_counts_until_its_last_day_has_ended_where_the_line_is(database: str) -> None:
    """42 CFR 2.31(a)(7), 2.31(c)."""
    made = await world.made()
    client = await agency.somebody(made)
    await agency.consent(client, made.clinic, expires_on=day(0))
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert await told(made, client, [Scope.NAME], now=midnight - timedelta(seconds=1))
    with pytest.raises(NoConsent):
        await told(made, client, [Scope.NAME], now=midnight)


async def test_once_an_offer_has_told_something_it_is_not_written_again(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made, accepted=True)
    client = await agency.client_of(offer)
    assert len(await told(made, client, [Scope.NAME], offer=offer)) == 1
    assert await told(made, client, [Scope.NAME], offer=offer) == ()
    assert len(await told(made, client, [Scope.NAME, Scope.CONTACT], offer=offer)) == 1
    assert [each.scope for each in await listed(made, client)] == [(Scope.CONTACT,), (Scope.NAME,)]


async def test_each_part_is_written_with_the_consent_that_covers_it(database: str) -> None:
    made = await world.made()
    client = await agency.somebody(made)
    first = await agency.consent(client, made.clinic, ("name",))
    second = await agency.consent(client, made.clinic, ("contact",))
    await told(made, client, [Scope.NAME, Scope.CONTACT])
    found = {row.consent: row.scope for row in await of_client(client, NOW)}
    assert found == {first: ("name",), second: ("contact",)}


async def test_after_a_consent_is_taken_back_nothing_more_is_told(database: str) -> None:
    """42 CFR 2.31(a)(6), 2.31(c)."""
    made = await world.made()
    client = await agency.somebody(made)
    consent = await agency.consent(client, made.clinic)
    assert await told(made, client, [Scope.NAME])
    await consent_revoke(id=consent, by=made.peer, now=NOW, settings=SETTINGS)
    with pytest.raises(NoConsent):
        await told(made, client, [Scope.NAME])


async def test_somebody_can_ask_to_whom_something_was_told_in_the_last_three_years(database: str) -> None:
    """42 CFR 2.24, 2.25: name, date and a brief description, three years back."""
    made = await world.made()
    client = await agency.somebody(made)
    await agency.consent(client, made.clinic, expires_on=day(4000))
    await told(made, client, [Scope.NAME])
    (clinic,) = await db.rows(f"SELECT name FROM agency WHERE id = {made.clinic}")
    last = NOW.replace(year=NOW.year + 3)
    (found,) = await listed(made, client, last)
    assert (found.to, found.at, found.scope) == (clinic["name"], NOW, (Scope.NAME,))
    assert await listed(made, client, last + timedelta(seconds=1)) == ()


async def test_what_was_told_under_a_number_that_turned_out_to_be_the_same_person_counts_too(database: str) -> None:
    """42 CFR 2.25: all of it."""
    made = await world.made()
    first, second = await agency.somebody(made), await agency.somebody(made)
    for client in (first, second):
        await agency.consent(client, made.clinic)
        await told(made, client, [Scope.NAME])
    async with db.staging():
        await db.execute(f"UPDATE client SET merged_into_id = {first} WHERE id = {second}")
    assert len(await listed(made, first)) == 2


async def test_only_those_who_keep_the_place_can_ask_that(database: str) -> None:
    made = await world.made()
    client = await agency.somebody(made)
    for by in (made.stranger,):
        with pytest.raises(NotFound):
            await disclosures_of(client=client, by=by, now=NOW, settings=SETTINGS)
    for by in (made.clerk, VISITOR):
        with pytest.raises(Denied):
            await disclosures_of(client=client, by=by, now=NOW, settings=SETTINGS)


async def test_in_an_emergency_four_things_are_written_down_and_lie_sealed(database: str) -> None:
    """42 CFR 2.51(c): to whom and where, who told it, when, and what the emergency was."""
    made = await world.made()
    client = await agency.somebody(made)
    async with db.staging():
        await disclose_emergency(
            client=client, needs=NEEDS, scopes=[Scope.NAME], at=NOW - HOUR, by=made.peer, now=NOW, settings=SETTINGS
        )
    (row,) = await of_client(client, NOW - HOUR)
    assert "Heron" not in str(row.sealed)
    assert opened(row.sealed, SETTINGS) == NEEDS
    (found,) = await listed(made, client)
    assert (found.to, found.facility, found.who, found.nature) == tuple(NEEDS.values())
    assert (found.at, found.basis) == (NOW - HOUR, "emergency")


@pytest.mark.parametrize(
    ("given", "after", "field"),
    [({"nature": " "}, 0, "nature"), ({"who": "x" * 301}, 0, "who"), ({}, 1, "at")],
)
async def test_an_emergency_is_not_taken_without_each_of_them_and_not_before_it_was(
    database: str, given: dict[str, str], after: int, field: str
) -> None:
    """42 CFR 2.51(c)."""
    made = await world.made()
    client = await agency.somebody(made)
    async with db.staging():
        with pytest.raises(UnfitFields) as error:
            await disclose_emergency(
                client=client,
                needs=NEEDS | given,
                scopes=[Scope.NAME],
                at=NOW + after * HOUR,
                by=made.peer,
                now=NOW,
                settings=SETTINGS,
            )
    assert [each.field for each in error.value.problems] == [field]
    assert await of_client(client, NOW - HOUR) == []


async def test_the_audit_trail_of_a_disclosure_holds_numbers_and_codes_alone(database: str) -> None:
    made = await world.made()
    client = await agency.somebody(made)
    await agency.consent(client, made.clinic)
    await told(made, client, [Scope.NAME])
    async with db.staging():
        await disclose_emergency(
            client=client, needs=NEEDS, scopes=[Scope.NAME], at=NOW, by=made.peer, now=NOW, settings=SETTINGS
        )
    written = str(await db.rows("SELECT action, subject, details FROM audit_entry WHERE action LIKE 'disclosed%'"))
    assert written.count("disclosed") >= 2
    for word in (agency.NAME, agency.PHONE, *NEEDS.values()):
        assert word not in written
