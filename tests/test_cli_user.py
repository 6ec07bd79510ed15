"""`footbridge user`, as an operator meets it: the first administrator of a site, and help when nobody else can help."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from directory import cli
from directory.domain.people import SignedIn, WrongSignIn
from directory.storage import db
from tests.accounts import NOW, Somebody, enter, take

pytestmark = pytest.mark.may_block("a command runs alone in its loop")

Command = Callable[..., tuple[int, str, str]]
ANA = Somebody(0, "ana@example.org")


@pytest.fixture
def command(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs `footbridge user`: its exit code, and what it wrote to standard output and standard error."""
    clock = tmp_path / "clock"
    clock.write_text(NOW.isoformat(), encoding="ascii")
    settings = {"DATABASE_URL": database_url, "BASE_URL": "https://help.example.org", "CLOCK": str(clock)}

    def run(*arguments: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(f"DIRECTORY_{name}", value)
            try:
                code = cli.main(["user", *arguments])
            except SystemExit as end:
                code = int(end.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def in_database(url: str, work: Callable[[], Any]) -> Any:
    """Does something with the command's database."""

    async def opened() -> Any:
        async with db.connect(url):
            return await work()

    return asyncio.run(opened())


def token_of(out: str, kind: str) -> str:
    """The secret of the link that was printed on a line of its own."""
    (token,) = re.findall(rf"^https://help\.example\.org/{kind}/([\w-]{{43}})$", out, re.MULTILINE)
    return str(token)


def test_the_first_administrator_is_invited_by_a_printed_link(command: Command, database_url: str) -> None:
    code, out, err = command("add", "--role", "administrator", "--email", ANA.email)
    assert (code, err) == (0, "")
    assert "good once, for 72 hours" in out
    token = token_of(out, "invitation")

    async def come() -> SignedIn:
        return await take(token)

    assert in_database(database_url, come).stage == "set-up"
    said = "ana@example.org is the last administrator: let another one open an account first."
    assert command("disable", ANA.email) == (1, "", f"footbridge: {said}\n")


def test_an_agency_is_made_once_whatever_its_capitals(command: Command, database_url: str) -> None:
    for email, name in (("ana@example.org", "Marsh Peers"), ("ben@example.org", "marsh peers")):
        code, out, _ = command("add", "--role", "peer", "--agency", name, "--email", email)
        assert code == 0
        assert token_of(out, "invitation")

    async def read() -> list[dict[str, Any]]:
        return await db.rows("SELECT a.name, a.kind, p.name AS person FROM agency a, person p ORDER BY p.id")

    assert [tuple(row.values()) for row in in_database(database_url, read)] == [
        ("Marsh Peers", "peer", "ana"),
        ("Marsh Peers", "peer", "ben"),
    ]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_nobody_is_invited_into_an_agency_that_has_closed_and_none_is_said_to_be_made(
    command: Command, database_url: str
) -> None:
    assert command("add", "--role", "peer", "--agency", "Marsh Peers", "--email", ANA.email)[0] == 0

    async def close() -> None:
        async with db.staging():
            await db.execute("UPDATE agency SET closed_at = created_at")

    async def made() -> list[dict[str, Any]]:
        return await db.rows("SELECT id FROM audit_entry WHERE action = 'agency-add'")

    in_database(database_url, close)
    said = "footbridge: the agency 'Marsh Peers' is closed: a coordinator opens it again first.\n"
    assert command("add", "--role", "peer", "--agency", "Marsh Peers", "--email", "ben@example.org") == (2, "", said)
    assert len(in_database(database_url, made)) == 1


def test_an_account_is_closed_and_opened_again(command: Command, database_url: str) -> None:
    _, out, _ = command("add", "--role", "editor", "--agency", "Far Shore Clinic", "--email", ANA.email)
    token = token_of(out, "invitation")
    in_database(database_url, lambda: take(token))
    code, out, _ = command("disable", "Ana@example.org")
    assert code == 0
    assert "is closed" in out
    with pytest.raises(WrongSignIn):
        in_database(database_url, lambda: enter(ANA))
    code, out, _ = command("reset", "ana@example.org")
    assert code == 0
    anew = token_of(out, "invitation")
    with pytest.raises(WrongSignIn):
        in_database(database_url, lambda: enter(ANA))
    assert in_database(database_url, lambda: take(anew)).stage == "full"
    _, out, _ = command("add", "--role", "oversight", "--email", ANA.email)
    assert out == "ana@example.org has an account, and now this role too.\n"


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ("add", "--role", "peer", "--email", "ana@example.org"),
            2,
            "a peer belongs to an agency: give --agency NAME.",
        ),
        (("add", "--role", "oversight", "--email", "ana"), 2, "'ana' is no e-mail address."),
        (
            ("add", "--role", "administrator", "--agency", "Marsh", "--email", "ana@example.org"),
            2,
            "an administrator is for the whole site: leave out --agency.",
        ),
        (("disable", "nobody@example.org"), 1, "nobody signs in with 'nobody@example.org'."),
        (("reset", "nobody@example.org"), 1, "nobody signs in with 'nobody@example.org'."),
    ],
)
def test_what_cannot_be_done_is_one_line(command: Command, arguments: tuple[str, ...], code: int, said: str) -> None:
    assert command(*arguments) == (code, "", f"footbridge: {said}\n")


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_role_that_is_none_is_wrong_use(command: Command) -> None:
    code, _, err = command("add", "--role", "visitor", "--email", "ana@example.org")
    assert code == 2
    assert "invalid choice" in err


@pytest.mark.parametrize("engine", ["sqlite"])
def test_nobody_is_invited_without_an_address(command: Command) -> None:
    code, _, err = command("add", "--role", "administrator")
    assert code == 2
    assert "--email" in err
