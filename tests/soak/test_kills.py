"""Imports and undos that are killed at random moments: the next command leaves no half run, and at no moment is a listing half written."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from directory.storage import db
from tests import kills
from tests.bench import processes, stores
from tests.factories import import_drafts

pytestmark = [pytest.mark.soak, pytest.mark.may_block("the test waits for processes")]

KILLS, SIZE = 20, 1_500
BATCHES = 12
"""Some more than an edition takes to be read and written, so that a kill may also come too late."""


def test_twenty_kills_at_random_moments_leave_no_half_run(database_url: str) -> None:
    asyncio.run(stores.seed(database_url))
    rng = random.Random(20)
    inside(database_url, lambda: import_drafts(database_url, kills.edition(0, SIZE)))
    edition, outcomes = 0, set()
    for _ in range(KILLS):
        coming = edition + 1
        run: int | None = None
        if rng.random() < 0.3:  # the next edition is whole, and taking it back is what is killed
            run = inside(database_url, lambda: import_drafts(database_url, kills.edition(coming, SIZE))).run  # noqa: B023
        work = kills.undoing(database_url, run) if run else kills.importing(database_url, coming, SIZE)
        with work as (process, told):
            kills.killed(process, told, rng.randrange(BATCHES if not run else 5), rng.random() * 0.1)
        inside(database_url, kills.shown)
        left = next_command(database_url)
        assert left <= {"done", "undone"}
        shown = inside(database_url, kills.shown)
        whole = {each for each in (edition, coming) if shown == kills.named(each, SIZE)}
        assert len(whole) == 1
        outcomes.add(whole == {coming})
        edition = whole.pop()
        assert inside(database_url, staged) == 0
    assert outcomes == {True, False}


def inside(url: str, work: Callable[[], Any]) -> Any:
    """What this coroutine gives, run while the database is open."""

    async def run() -> Any:
        async with db.connect(url):
            return await work()

    return asyncio.run(run())


async def staged() -> int:
    return int((await db.rows("SELECT COUNT(*) AS n FROM import_stage"))[0]["n"])


def next_command(url: str) -> set[str]:
    """Whatever command comes next; the statuses of all runs after it."""
    command = [sys.executable, "-m", "directory", "runs", "list", "--json"]
    ran = subprocess.run(
        command, env=processes.environment(url), cwd=processes.ROOT, capture_output=True, text=True, check=True
    )
    return {run["status"] for run in json.loads(ran.stdout)["runs"]}
