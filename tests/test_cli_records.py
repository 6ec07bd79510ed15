"""`footbridge audit`, `outbox` and `tick`, as an operator meets them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from directory import cli
from directory.domain.audit import DEVELOPMENT_KEY
from directory.services.notices import notice_queue
from directory.storage import db, records
from tests.factories import NOW

pytestmark = pytest.mark.may_block("a command runs alone in its loop")

ROOT = Path(__file__).parents[1]
KEY = "a-key-of-more-than-32-characters-here"
MAIL = {"SMTP_URL": "console:"}
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process: its exit code, and what it wrote to standard output and standard error."""

    def run(*arguments: object, **environment: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            for name, value in {"DATABASE_URL": database_url, "AUDIT_KEY": KEY, **environment}.items():
                patch.setenv(f"DIRECTORY_{name}", value)
            try:
                code = cli.main([str(argument) for argument in arguments])
            except SystemExit as end:
                code = int(end.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    yield run
    records.use_keys((DEVELOPMENT_KEY,))


@pytest.fixture
def done(database_url: str) -> Iterator[Callable[[Callable[[], Awaitable[Any]]], Any]]:
    """Does something with the command's database, sealing with the command's key."""

    def run(what: Callable[[], Awaitable[Any]]) -> Any:
        async def opened() -> Any:
            async with db.connect(database_url):
                return await what()

        records.use_keys((KEY,))
        return asyncio.run(opened())

    yield run
    records.use_keys((DEVELOPMENT_KEY,))


async def three_notes() -> None:
    for number in range(3):
        async with db.staging():
            await records.audit(at=NOW, by="wren", action="edit", subject=f"listing {number}", details={"n": number})


async def tampered() -> None:
    await db.execute(f"DROP TRIGGER audit_entry_update{'' if db.is_sqlite() else ' ON audit_entry'}")
    await db.execute("UPDATE audit_entry SET by = 'heron' WHERE seq = 2")


async def two_messages() -> None:
    given = {"language": "en", "now": NOW}
    link = {"link": "https://help.example.org/in/secret", "hours": 72}
    async with db.staging():
        await notice_queue(
            channel="email", to="wren@example.org", template="invitation", values=link, dedup_key="a", **given
        )
        await notice_queue(
            channel="sms",
            to="+15555550123",
            template="update",
            values={"call": "555-0100"},
            dedup_key="b",
            **given,
        )


# --- audit -----------------------------------------------------------------------------------------------------------


def test_a_record_that_is_whole_ends_with_0_and_says_what_it_was_checked_against(command: Command, done: Any) -> None:
    done(three_notes)
    code, head, _ = command("audit", "head")
    assert code == 0
    assert head.startswith("3:")
    code, out, err = command("audit", "verify", "--anchor", head.strip())
    assert (code, out, err) == (0, "directory: 3 entries, against 1 kept elsewhere, whole.\n", "")


def test_a_record_that_was_tampered_with_ends_with_1_and_names_the_first_bad_entry(command: Command, done: Any) -> None:
    done(three_notes)
    done(tampered)
    code, out, _ = command("audit", "verify")
    assert code == 1
    assert "NOT WHOLE from entry 2 on" in out
    code, out, _ = command("audit", "verify", "--json")
    found = json.loads(out)
    assert (code, found["ok"], found["chains"][0]["first_bad"]) == (1, False, 2)
    assert found["chains"][0]["faults"] == [{"code": "changed", "seq": 2, "until": None}]


def test_a_record_whose_triggers_were_taken_away_is_said_not_to_be_guarded(command: Command, done: Any) -> None:
    done(three_notes)

    async def dropped() -> None:
        await db.execute(f"DROP TRIGGER audit_entry_delete{'' if db.is_sqlite() else ' ON audit_entry'}")

    done(dropped)
    code, out, _ = command("audit", "verify")
    assert code == 1
    assert "NOT GUARDED" in out
    assert json.loads(command("audit", "verify", "--json")[1])["unguarded"] == ["audit_entry_delete"]
    assert command("migrate")[0] == 0
    assert command("audit", "verify")[0] == 0


def test_a_command_without_the_key_of_the_record_changes_nothing_and_says_so_in_one_line(
    command: Command, done: Any
) -> None:
    done(three_notes)
    code, _, err = command("user", "add", "--role", "administrator", "--email", "wren@example.org", AUDIT_KEY="")
    assert code == 1
    assert "DIRECTORY_AUDIT_KEY" in err
    assert err.count("\n") == 1
    assert command("audit", "verify")[1] == "directory: 3 entries, whole.\n"


def test_the_key_that_everybody_knows_is_named(command: Command) -> None:
    code, out, _ = command("audit", "verify", AUDIT_KEY="")
    assert code == 0
    assert "set DIRECTORY_AUDIT_KEY" in out
    assert json.loads(command("audit", "verify", "--json", AUDIT_KEY="")[1])["development_key"] is True
    assert "DIRECTORY_AUDIT_KEY" not in command("audit", "verify")[1]


def test_what_the_commands_change_is_sealed_with_the_key_of_the_settings(command: Command, done: Any) -> None:
    command("audit", "verify", AUDIT_KEY="another-key-of-more-than-32-characters")
    assert records._keys == ("another-key-of-more-than-32-characters",)


def test_an_anchor_that_cannot_be_read_is_wrong_use(command: Command) -> None:
    code, _, err = command("audit", "verify", "--anchor", "17")
    assert code == 2
    assert "is not an anchor" in err


def test_a_record_without_entries_has_no_head(command: Command) -> None:
    assert command("audit", "head") == (0, "", "footbridge: there are no entries yet\n")


# --- outbox ----------------------------------------------------------------------------------------------------------


def test_the_outbox_shows_what_waits_without_addresses_or_links_and_what_is_not_set_up(
    command: Command, done: Any
) -> None:
    done(two_messages)
    code, out, _ = command("outbox")
    assert code == 0
    assert out.startswith("2 waiting, 0 sending, 0 sent, 0 dead.\nNothing goes out by email until DIRECTORY_SMTP_URL")
    assert "invitation to w…@example.org" in out
    assert "update to …23" in out
    found = json.loads(command("outbox", "--json", **MAIL)[1])
    assert (found["counts"]["waiting"], found["not_set_up"]) == (2, ["sms"])
    assert [each["template"] for each in found["messages"]] == ["update", "invitation"]
    assert not any(word in out + json.dumps(found) for word in ("wren", "secret", "5550123"))


def test_a_message_that_was_not_given_up_cannot_start_over(command: Command, done: Any) -> None:
    done(two_messages)
    code, _, err = command("outbox", "--retry", 1)
    assert code == 1
    assert err.startswith("footbridge: message 1 cannot start over")
    assert command("outbox", "--retry", 99)[2] == "footbridge: there is no message 99.\n"


def test_a_message_that_was_given_up_starts_over(command: Command, done: Any) -> None:
    done(two_messages)

    async def given_up() -> None:
        await db.execute(
            "UPDATE outbox SET state = 'dead', error = 'refused: 400 (21211)', tries = 1 WHERE channel = 'sms'"
        )

    done(given_up)
    assert "attempt 1: refused: 400 (21211)" in command("outbox", "--dead")[1]
    code, out, _ = command("outbox", "--dead", "--retry", 2)
    assert (code, out.splitlines()[0]) == (0, "2 waiting, 0 sending, 0 sent, 0 dead.")


# --- tick ------------------------------------------------------------------------------------------------------------


def test_one_tick_does_what_is_due_and_says_so(command: Command, done: Any) -> None:
    done(two_messages)
    code, out, err = command("tick", "--once", "--json", **MAIL)
    jobs = json.loads(out)["jobs"]
    assert code == 0
    assert jobs["send-messages"] == {"done": 1, "error": None}
    assert "wren@example.org" in err
    assert json.loads(command("tick", "--once", "--json", **MAIL)[1])["jobs"] == {
        "send-messages": {"done": 0, "error": None}
    }


def test_a_tick_in_which_a_job_went_wrong_ends_with_1(command: Command, done: Any) -> None:
    async def broken() -> None:
        await db.execute("DROP TABLE outbox")

    done(broken)
    code, out, _ = command("tick", "--once", **MAIL)
    assert code == 1
    assert "send-messages: went wrong (OperationalError at storage/" in out
    assert "chain-access-log: 0" in out


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_worker_works_until_it_is_told_to_stop(database_url: str, done: Any) -> None:
    done(two_messages)
    environment = {**os.environ, "DIRECTORY_DATABASE_URL": database_url, "DIRECTORY_SMTP_URL": "console:"}
    worker = subprocess.Popen(
        [sys.executable, "-m", "directory", "tick"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert worker.stdout
    with worker:
        assert worker.stdout.readline() == "send-messages: 1\n"
        worker.send_signal(signal.SIGTERM)
        assert worker.stdout.read() == ""
        assert worker.wait(20) == 0
