"""A hand-out that is there for one request: its number and its code."""

from __future__ import annotations

from directory.domain.access import Actor, Grant, Role
from directory.domain.bridge.handouts import DAY, Wanted
from directory.services.bridge.handouts import handout_make, handouts_list
from tests.accounts import NOW
from tests.web import world

PEER = 7


async def handed(agency: int, slug: str) -> dict[str, str]:
    """A new one of this agency, good for a month."""
    peer = Actor(PEER, (Grant(Role.PEER, agency),))
    settings = world.settings_for("sqlite://")
    made = await handout_make(
        slugs=[slug], agency=agency, wanted=Wanted(DAY, 30, "en"), by=peer, now=NOW, settings=settings
    )
    assert made is not None
    return {"id": str((await handouts_list(by=peer, now=NOW))[0].id), "code": made.code}
