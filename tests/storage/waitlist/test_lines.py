"""A whole line as the database reads it: which consents hold, what is known, and who had an opening before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from directory.domain.waitlist.consents import Consent, Purpose, Scope, is_valid
from directory.storage import db
from directory.storage.encoding import dumps, to_column
from directory.storage.waitlist import lines
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY, World

DAY = timedelta(days=1)
WHOLE = Consent(
    client="UPI1",
    discloser="Marsh Peers",
    scope=frozenset({Scope.NAME, Scope.CONTACT}),
    agencies=frozenset({1}),
    purpose=Purpose.PLACEMENT,
    signed_by="Ana Reed",
    signed_on=TODAY,
    expires_on=TODAY,
    may_revoke_told=True,
)
TPO = replace(
    WHOLE, purpose=Purpose.TREATMENT_PAYMENT_OPERATIONS, expires_on=None, redisclosure_told=True, consequences_told=True
)
CONSENTS = (
    WHOLE,
    TPO,
    replace(WHOLE, agencies=frozenset({12, 1})),
    replace(WHOLE, agencies=frozenset({12})),
    replace(WHOLE, agencies=frozenset()),
    replace(WHOLE, scope=frozenset()),
    replace(WHOLE, purpose=None),
    replace(WHOLE, may_revoke_told=False),
    replace(WHOLE, signed_on=None),
    replace(WHOLE, signed_on=TODAY + DAY),
    replace(WHOLE, expires_on=TODAY - DAY),
    replace(WHOLE, expires_on=None),
    replace(WHOLE, expires_on=None, expires_when="when I am placed"),
    replace(WHOLE, revoked_at=NOW),
    replace(WHOLE, revoked_at=NOW + DAY),
    replace(TPO, redisclosure_told=False),
    replace(TPO, consequences_told=False),
    replace(TPO, expires_on=TODAY - DAY),
)


async def _given(made: World, consent: Consent) -> int:
    """The id of a client with this consent, whose agency 1 is the clinic."""
    client = await world.client(made, consent=False)
    agencies = sorted(made.clinic if each == 1 else made.clinic * 10 + each for each in consent.agencies)
    values = {
        "client_id": client,
        "scope": dumps(sorted(consent.scope)),
        "agencies": dumps(agencies),
        "purpose": consent.purpose.value if consent.purpose else None,
        "form": "screen",
        "signed_on": consent.signed_on,
        "expires_on": consent.expires_on,
        "until_event": bool(consent.expires_when),
        "may_revoke_told": consent.may_revoke_told,
        "consequences_told": consent.consequences_told,
        "redisclosure_told": consent.redisclosure_told,
        "revoked_at": consent.revoked_at,
        "by": "test",
        "at": NOW,
    }
    sql = db.Sql()
    listed = sql.list([to_column(value) for value in values.values()])
    async with db.staging():
        await db.execute(f"INSERT INTO consent ({', '.join(values)}) VALUES ({listed})", sql.values)
    return client


async def test_the_database_finds_a_consent_in_force_exactly_where_the_rule_does(database: str) -> None:
    """42 CFR 2.31(a), (c); the rule itself is domain/waitlist/consents.py."""
    made = await world.made()
    clients = [await _given(made, each) for each in CONSENTS]
    found = [await lines.is_consented(id, made.clinic, today=TODAY, now=NOW) for id in clients]
    wanted = [1 in each.agencies and is_valid(each, today=TODAY, now=NOW) for each in CONSENTS]
    assert found == wanted
    assert sum(wanted) == 5


async def test_of_a_line_what_the_opening_asks_for_is_read_with_the_age_of_the_day(database: str) -> None:
    made = await world.made()
    client = await world.client(made, birth_month="2000-04", sex="female", payer="free")
    async with db.staging():
        await world.fact_add(client, "sex", "other")
        await db.execute(
            "INSERT INTO entry (client_id, pool_id, status, tier, requested_at, tie, created_by, created_at, version) "
            f"SELECT {client}, {made.pool}, 'waiting', 9, created_at, 1, 'test', created_at, 1 FROM client WHERE id = {client}"
        )
    assert await lines.facts_in(made.pool, TODAY, ["age", "sex"]) == {
        client: {"birth-month": "2000-04", "sex": "other", "age": "25"}
    }
    assert await lines.facts_in(made.pool, TODAY, []) == {}
    assert (await lines.facts_of(client, date(2026, 4, 3)))["age"] == "25,26"
    assert "age" not in await lines.facts_of(client)
