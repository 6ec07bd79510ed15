"""What is kept in the bridge about two clients who turned out to be one person: each part says for itself how two become one."""

from __future__ import annotations

from datetime import datetime

from directory.services.bridge.plans import plans_merge
from directory.services.bridge.signs import rhythms_merge
from directory.settings import Settings
from directory.storage.bridge.peers import pairings_single
from directory.storage.waitlist.clients import ClientNow


async def bridge_merge(*, kept: ClientNow, gone: ClientNow, now: datetime, settings: Settings) -> None:
    """Brings together what may stand only once about a client. What there may be several of is moved in storage/waitlist/merging.py.

    Needs the transaction of the merging.
    """
    await plans_merge(kept=kept, gone=gone, settings=settings)
    await rhythms_merge(kept=kept.id, gone=gone.id, now=now)
    await pairings_single(kept.id)
