"""Cards: a code is chance, stands nowhere, and a new one ends the old one."""

from __future__ import annotations

import pytest

from directory.domain.errors import NotFound
from directory.domain.waitlist.codes import LENGTH, fingerprint, normal
from directory.services.credentials import new_token
from directory.services.waitlist import codes
from directory.storage import db
from tests.services.waitlist import world as worlds
from tests.services.waitlist.taking import taken_on, trail
from tests.services.waitlist.world import NOW, SETTINGS, World

pytestmark = pytest.mark.usefixtures("database")


async def issue(world: World, client: int) -> str:
    return await codes.code_issue(client=client, by=world.peer, now=NOW, settings=SETTINGS)


async def test_only_a_keyed_hash_of_a_code_is_kept() -> None:
    """WAITLIST 4.2."""
    world = await worlds.made()
    row = await taken_on(world)
    code = await issue(world, row.id)
    assert normal(code) == code
    assert len(code) == LENGTH + 1
    (kept,) = await db.rows("SELECT * FROM status_code")
    assert kept["hash"] == fingerprint(code, codes.pepper(SETTINGS))
    everything = str(await db.rows("SELECT * FROM status_code") + await db.rows("SELECT * FROM audit_entry"))
    assert code not in everything
    assert await trail("card-made") == [{"code": kept["id"]}]


async def test_a_new_card_ends_the_old_one_at_once() -> None:
    """WAITLIST 4.2: rotation by the peer, old one revoked at once."""
    world = await worlds.made()
    row = await taken_on(world)
    old, new = await issue(world, row.id), await issue(world, row.id)
    good = await db.rows("SELECT hash FROM status_code WHERE revoked_at IS NULL")
    assert [each["hash"] for each in good] == [fingerprint(new, codes.pepper(SETTINGS))]
    assert old != new
    assert await codes.card_made_at(client=row.id, by=world.peer, now=NOW) == NOW


async def test_the_same_form_makes_one_card() -> None:
    world, form = await worlds.made(), new_token()
    row = await taken_on(world)
    who = {"client": row.id, "form": form, "by": world.peer, "now": NOW, "settings": SETTINGS}
    assert await codes.card_make(**who)
    assert await codes.card_make(**who) is None
    assert len(await db.rows("SELECT id FROM status_code")) == 1


async def test_nobody_makes_a_card_for_another_agencys_client() -> None:
    world = await worlds.made()
    row = await taken_on(world)
    with pytest.raises(NotFound):
        await codes.code_issue(client=row.id, by=world.stranger, now=NOW, settings=SETTINGS)
    assert await db.rows("SELECT id FROM status_code") == []
