"""Processes that work off the queue of addresses are killed at any moment: nothing is lost, asked twice or half written."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from directory.domain.geocodes import CLAIM
from directory.services.geocode_queue import geocode_run
from directory.storage import db
from tests.factories import NOW, import_drafts, settings_for, world_made
from tests.geocode_work import working
from tests.geocoder_server import Place, running
from tests.services.test_geocode_queue import TAIL, unplaced

pytestmark = [pytest.mark.soak, pytest.mark.may_block("it waits for processes")]

SIZE, KILLS = 150, 20


async def test_two_processes_killed_at_any_moment_lose_and_repeat_nothing(database: str) -> None:
    async with running() as server:
        settings = settings_for(database, geocoders=(server.entry("photon", min_delay=0.002),))
        for number in range(1, SIZE + 1):
            server.knows(f"{number} Heron Lane, {TAIL}", Place(number=str(number)))
        await world_made()
        drafts = [unplaced(f"k{number}", street=f"{number} Heron Lane") for number in range(1, SIZE + 1)]
        await import_drafts(database, drafts, settings=settings)
        moments = random.Random(4)
        now = NOW
        for _ in range(KILLS):
            with working(settings, now), working(settings, now):
                await asyncio.sleep(moments.uniform(0.05, 0.8))
            now += CLAIM * 2
        await geocode_run(by="test", clock=lambda: now, settings=settings)
        found = await db.rows(
            "SELECT p.geocode_status, p.geocode_precision, COUNT(*) AS n FROM location p "
            "JOIN listing l ON l.location_id = p.id JOIN search_row s ON s.id = l.id AND s.lon = p.public_lon GROUP BY 1, 2"
        )
        assert [(row["geocode_status"], row["geocode_precision"], row["n"]) for row in found] == [
            ("ok", "rooftop", SIZE)
        ]
        # What was under way when a process died is asked again; what was answered is not.
        repeated = {text: times for text, times in Counter(server.questions).items() if times > 1}
        assert sum(repeated.values()) - len(repeated) <= 2 * KILLS
        entries = await db.rows("SELECT details FROM audit_entry WHERE action LIKE 'geocode%'")
        assert sum(db.from_json(each["details"])["ok"] for each in entries) == SIZE
