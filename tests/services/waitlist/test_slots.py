"""The list of openings with who is next for each, read once for all that ask for the same."""

from __future__ import annotations

import logging

import pytest

from directory.services.waitlist import offers, slots
from tests import lines
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

WOMEN = ("sex", ("female",))


async def next_for(made: World) -> dict[int, str]:
    """What the next person is called, by opening."""
    cards, _ = await slots.slots_list(by=made.peer, now=NOW, settings=SETTINGS)
    return {card.slot.id: line.person.called if line.person else "" for card in cards for line in card.lines}


async def test_each_opening_names_who_is_next_for_it(database: str) -> None:
    """WAITLIST 3.5: what an opening asks for, which agency has it and whom that agency has refused go into its order."""
    made = await world.made()
    entry, _ = await lines.waits(made, "Lark", sex="male")
    await lines.waits(made, "Wren", sex="female")
    plain, same = await lines.opening(made), await lines.opening(made)
    women, refused = await lines.opening(made, WOMEN), await lines.opening(made)
    offer = await offers.offer_make(slot=refused, entry=entry, by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_reject(offer=offer, reason="no-fit", by=made.clerk, now=NOW, settings=SETTINGS)
    assert await next_for(made) == {plain: "Lark", same: "Lark", women: "Wren", refused: "Wren"}


async def test_a_line_is_read_once_for_all_openings_that_ask_for_the_same(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    made = await world.made()
    await lines.waits(made, "Lark", sex="male")
    for asked in ((), (), (), (WOMEN,), (WOMEN,)):
        await lines.opening(made, *asked)
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        assert len(await next_for(made)) == 5
    assert len([each for each in caplog.messages if "FROM entry e LEFT JOIN offer" in each]) == 2
