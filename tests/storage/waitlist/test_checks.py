"""What must be so in a waitlist, where it is a question of a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist import checks
from tests import lines
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW

BLINK = timedelta(microseconds=1)


@pytest.mark.parametrize(("before", "wrong"), [(BLINK, True), (timedelta(0), False), (-BLINK, False)])
async def test_a_consent_taken_back_in_the_very_instant_of_an_offer_may_have_come_after_it(
    database: str, before: timedelta, wrong: bool
) -> None:
    """42 CFR 2.31(c): what was known to be taken back when the offer was made allows nothing; of one instant nobody can tell."""
    made = await world.made()
    offer = await lines.offered(made)
    sql = db.Sql()
    async with db.staging():
        await db.execute(f"UPDATE consent SET revoked_at = {sql(to_column(NOW - before))}", sql.values)
    assert await checks.broken() == ({"offer-without-a-consent": [offer]} if wrong else {})


async def test_who_stands_in_a_line_that_is_closed_is_found(database: str) -> None:
    made = await world.made()
    entry, _ = await lines.waits(made, "Wren")
    async with db.staging():
        await db.execute(f"UPDATE pool SET closed_at = created_at WHERE id = {made.pool}")
    assert await checks.broken() == {"open-entry-in-a-closed-line": [entry]}
