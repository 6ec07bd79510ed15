"""Many processes at the same line, and processes that are killed in the middle of a step: the waitlist and its audit trail stay whole."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from directory.services.audit import audit_verify
from directory.storage import db
from tests import rush
from tests.bench import processes
from tests.factories import settings_for
from tests.services.waitlist.world import NOW, WINDOW

pytestmark = [pytest.mark.soak, pytest.mark.may_block("the test waits for processes")]

PROCESSES, OPENINGS, KILLS = 8, 200, 50


def inside(url: str, work: Callable[[], Any]) -> Any:
    """What this coroutine gives, run while the database is open."""

    async def run() -> Any:
        async with db.connect(url):
            return await work()

    return asyncio.run(run())


def is_whole(url: str) -> None:
    """Fails where something does not hold, or where the audit trail does not verify."""
    assert inside(url, rush.wrong) == {}
    verdict = inside(url, lambda: audit_verify(settings=settings_for(url)))
    assert verdict.holds, verdict


def test_eight_processes_that_offer_the_same_openings_to_the_same_people_make_each_offer_once(
    database_url: str,
) -> None:
    people = OPENINGS // 2
    made, places, openings = inside(database_url, lambda: rush.people_and_openings(people, OPENINGS))
    pairs = [(slot, places[number % people]) for number, slot in enumerate(openings)]
    told = sum(
        rush.all_at_once(database_url, [("offer", made, number, pairs) for number in range(PROCESSES)]), Counter()
    )
    assert told["done"] == people
    assert inside(database_url, lambda: rush.counted("offer")) == {"pending": people}
    assert inside(database_url, lambda: rush.counted("slot")) == {"held": people, "open": OPENINGS - people}
    is_whole(database_url)


def test_eight_processes_that_take_and_give_up_the_same_seats_fill_every_meeting_and_none_beyond(
    database_url: str,
) -> None:
    made, meetings, upis = inside(database_url, lambda: rush.people_and_group(12, 5))
    rush.all_at_once(database_url, [("sit", made, number, meetings, upis) for number in range(PROCESSES)])
    text = "SELECT taken, (SELECT COUNT(*) FROM group_seat s WHERE s.meeting_id = m.id AND s.status = 'waiting') AS waiting FROM group_meeting m"
    rows = inside(database_url, lambda: db.rows(text))
    assert len(rows) == len(meetings)
    assert all(row["taken"] == 5 or (row["taken"] < 5 and not row["waiting"]) for row in rows)
    is_whole(database_url)


def test_of_saying_yes_and_the_end_of_the_time_in_one_instant_each_offer_sees_one(database_url: str) -> None:
    made, places, openings = inside(database_url, lambda: rush.people_and_openings(60, 60))
    told = inside(database_url, lambda: rush.offer_all(database_url, made, 1, list(zip(openings, places, strict=True))))
    assert told["done"] == 60
    end = NOW + timedelta(minutes=WINDOW)
    ids = inside(database_url, lambda: db.rows("SELECT id FROM offer ORDER BY id"))
    ids = [row["id"] for row in ids]
    early = end - timedelta(microseconds=1)
    jobs = [
        ("accept", made, 1, ids, early),
        ("sweep", made, 2, end),
        ("sweep", made, 3, end),
        ("accept", made, 4, ids[::-1], end),
    ]
    yes, swept, again, late = rush.all_at_once(database_url, jobs)
    found = inside(database_url, lambda: rush.counted("offer"))
    assert found["accepted"] == yes["done"]
    assert late["done"] == 0
    assert found["accepted"] + found["expired"] == 60
    assert swept["done"] + again["done"] <= found["expired"]
    is_whole(database_url)


def test_several_sweeps_at_once_end_each_offer_once(database_url: str) -> None:
    made, places, openings = inside(database_url, lambda: rush.people_and_openings(80, 80))
    inside(database_url, lambda: rush.offer_all(database_url, made, 1, list(zip(openings, places, strict=True))))
    end = NOW + timedelta(minutes=WINDOW)
    told = rush.all_at_once(database_url, [("sweep", made, number, end) for number in range(4)])
    assert sum(each["done"] for each in told) == 80
    assert inside(database_url, lambda: rush.counted("offer")) == {"expired": 80}
    is_whole(database_url)


def test_of_several_who_make_one_of_two_at_once_one_does_and_the_place_is_kept(database_url: str) -> None:
    made, pairs = inside(database_url, lambda: rush.people_twice(25))
    told = sum(rush.all_at_once(database_url, [("merge", made, number, pairs) for number in range(4)]), Counter())
    assert told["done"] == 25
    rows = inside(database_url, lambda: db.rows("SELECT id FROM client WHERE merged_into_id IS NOT NULL"))
    gone = {row["id"] for row in rows}
    assert all(len(gone & set(both)) == 1 for both in pairs)
    assert inside(database_url, lambda: rush.counted("entry")) == {"waiting": 25, "closed": 25}
    is_whole(database_url)


def test_two_ticks_at_once_do_what_is_due_once(database_url: str, tmp_path: Path) -> None:
    made, places, openings = inside(database_url, lambda: rush.people_and_openings(40, 40))
    inside(database_url, lambda: rush.offer_all(database_url, made, 1, list(zip(openings, places, strict=True))))
    clock = tmp_path / "clock"
    clock.write_text((NOW + timedelta(minutes=WINDOW)).isoformat(), encoding="utf-8")
    command = [sys.executable, "-m", "directory", "tick", "--once", "--json"]
    variables = processes.environment(database_url, DIRECTORY_CLOCK=str(clock))
    ticks = [
        subprocess.Popen(command, cwd=processes.ROOT, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for tick in ticks:
        _, trouble = tick.communicate()
        assert tick.returncode == 0, trouble
    assert inside(database_url, lambda: rush.counted("offer")) == {"expired": 40}
    rows = inside(database_url, lambda: db.rows("SELECT COUNT(*) AS n FROM entry_event WHERE what = 'offer-expired'"))
    assert rows[0]["n"] == 40
    is_whole(database_url)


def test_fifty_kills_in_the_middle_of_a_step_leave_everything_whole(database_url: str) -> None:
    made, places, openings = inside(database_url, lambda: rush.people_and_openings(30, 15))
    rng = random.Random(50)
    steps = 0
    for number in range(KILLS):
        with rush.working(database_url, "anything", made, number, places, openings) as (process, pipe):
            pipe.send("go")
            assert pipe.recv() == "gone"
            time.sleep(rng.uniform(0.02, 0.4))
            assert process.is_alive()
            process.kill()
            process.join()
        assert inside(database_url, rush.wrong) == {}
    events = inside(database_url, lambda: db.rows("SELECT COUNT(*) AS n FROM entry_event"))
    steps = events[0]["n"]
    assert steps > len(places) + KILLS  # it did get somewhere before it was killed
    is_whole(database_url)
