"""The bridge of the demonstration: plans, goals, check-ins, groups, hand-offs and the peers themselves, over the year of the invented lines.

What happened over the year is put in at once, with one entry in the audit trail; what goes on today comes about through the services that people use.
"""

from __future__ import annotations

import asyncio
from random import Random
from zoneinfo import ZoneInfo

from directory.services.clock import Clock
from directory.services.demo_bridge_cast import Scene, cast_find
from directory.services.demo_bridge_groups import groups_put
from directory.services.demo_bridge_handoffs import handoff_under_way, handoffs_put
from directory.services.demo_bridge_peers import peers_put
from directory.services.demo_bridge_plans import plans_put
from directory.services.demo_bridge_signs import signs_of_today, signs_put
from directory.services.demo_forms import Forms
from directory.services.demo_people import ZONE, demo_actors
from directory.services.demo_waitlist import demo_card_hash
from directory.services.waitlist.plumbing import chain_of
from directory.settings import Settings
from directory.storage import db, records
from directory.storage import demo as demo_storage
from directory.storage import demo_bridge as storage

SEED = "larkspur bridge"


async def demo_bridge_load(*, source: str, clock: Clock, settings: Settings, only_if_missing: bool = False) -> None:
    """Makes the bridge of the demonstration, counted back from now; `only_if_missing` leaves what is there alone.

    `source` is the name of the invented county's. Needs its lines, and nothing of the bridge.
    """
    if only_if_missing and await storage.has_bridge():
        return
    scene = await _scene(source, clock, settings)
    waiters, yeses = await storage.waiters(scene.agency), await storage.yeses(scene.agency)
    hash = demo_card_hash(settings)
    card = (await storage.clients_of_codes([hash], scene.now)).get(hash)
    cast = await cast_find(waiters, yeses, card, scene)
    async with db.staging():
        signs = await signs_put(waiters, cast, scene)
        handoffs = await handoffs_put(yeses, scene)
        await records.audit(
            at=scene.now,
            by="seed",
            action="seed-bridge",
            subject=f"agency {scene.agency}",
            details={"contacts": signs, "handoffs": handoffs},
            chain=chain_of(scene.agency),
        )
    await groups_put(waiters, cast, scene)
    await plans_put(cast, scene)
    await signs_of_today(cast, scene)
    await handoff_under_way(cast, scene)
    await peers_put(cast, scene)
    await scene.forms.forget()


async def _scene(source: str, clock: Clock, settings: Settings) -> Scene:
    actors = await demo_actors()
    agency = actors["coordinator"].grants[0].agency
    assert agency is not None  # a coordinator is one of an agency
    zone = await asyncio.to_thread(ZoneInfo, ZONE)
    slugs = await demo_storage.slugs(source)
    return Scene(agency, actors, slugs, zone, clock().replace(microsecond=0), Random(SEED), Forms(), settings)
