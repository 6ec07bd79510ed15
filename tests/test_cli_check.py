"""`footbridge check` and `retention`, as an operator meets them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from directory.storage import db
from directory.storage.encoding import to_column
from tests.care import client_in
from tests.services.waitlist import world
from tests.test_cli_records import Command, command, done, three_notes

pytestmark = pytest.mark.may_block("a command runs alone in its loop")
__all__ = ["command", "done"]
Done = Callable[[Callable[[], Awaitable[Any]]], Any]


async def somebody() -> None:
    made = await world.made()
    await client_in(made.agency)
    await three_notes()


async def sealed_but_cleared() -> None:
    await somebody()
    sql = db.Sql()
    await db.execute(f"UPDATE client SET cleared_at = {sql(to_column(world.NOW))}", sql.values)


def test_check_says_that_all_is_well(command: Command, done: Done) -> None:
    done(somebody)
    code, out, _ = command("check", "--waitlist")
    assert code == 0
    assert out.splitlines()[0] == "Tables: whole."
    assert out.splitlines()[-1] == "Waitlist: all that must be so is so."


def test_check_names_what_is_broken_and_where_and_fails(command: Command, done: Done) -> None:
    done(sealed_but_cleared)
    code, out, _ = command("check", "--waitlist")
    assert code == 1
    assert "Waitlist: BROKEN, cleared-but-known: 1" in out
    code, out, _ = command("check", "--waitlist", "--json")
    found = json.loads(out)
    assert (code, found["ok"], found["waitlist"]) == (1, False, {"cleared-but-known": [1]})


def test_without_waitlist_it_looks_at_the_tables_and_the_record_alone(command: Command, done: Done) -> None:
    done(sealed_but_cleared)
    code, out, _ = command("check", "--json")
    assert (code, json.loads(out)["waitlist"]) == (0, None)


def test_a_dry_run_of_retention_says_what_would_go_and_the_real_one_does_it_once(
    command: Command, done: Done, tmp_path: Path
) -> None:
    done(somebody)
    later = tmp_path / "clock"
    later.write_text("2028-03-02T12:00:00+00:00", encoding="ascii")
    code, out, _ = command("retention", "--dry-run", CLOCK=str(later))
    assert (code, out.splitlines()[:1]) == (0, ["client: 1 would be cleared"])
    assert out.splitlines()[1].startswith("  client CARE")
    counts = [json.loads(command("retention", "--json", CLOCK=str(later))[1])["counts"]["client"] for _ in range(2)]
    assert counts == [1, 0]
    assert command("check", "--waitlist")[0] == 0
