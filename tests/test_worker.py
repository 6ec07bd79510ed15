"""The worker inside the server, as `serve` wires it on SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from directory.app import create_app
from directory.domain.audit import DEVELOPMENT_KEY
from directory.services.audit import audit_verify
from directory.services.notices import notice_queue
from directory.settings import Settings
from directory.storage import db, outbox, records
from tests.factories import NOW, settings_for

KEY = "a-key-of-more-than-32-characters-here"
ONLY_SQLITE = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture(autouse=True)
def keys_as_found() -> Iterator[None]:
    yield
    records.use_keys((DEVELOPMENT_KEY,))


def with_database(url: str, what: Callable[[], Awaitable[Any]]) -> Any:
    async def opened() -> Any:
        async with db.connect(url):
            return await what()

    return asyncio.run(opened())


async def queued() -> None:
    async with db.staging():
        await notice_queue(
            channel="email", to="wren@example.org", template="update", language="en", values={"call": "555-0100"},
            dedup_key="first", now=NOW,
        )  # fmt: skip


def served(settings: Settings, **given: Any) -> None:
    """Starts a server, asks it whether it is well, and stops it."""
    with TestClient(create_app(settings, clock=lambda: NOW, **given), base_url="http://localhost") as client:
        assert client.get("/healthz").status_code == 200


@ONLY_SQLITE
def test_on_sqlite_the_server_sends_what_waits_and_ends_with_its_worker(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with_database(database_url, queued)
    served(settings_for(database_url, smtp_url="console:"), does_work=True)
    assert "wren@example.org" in capsys.readouterr().err
    assert with_database(database_url, outbox.counts) == {"sent": 1}


@pytest.mark.parametrize(
    ("engine", "given", "worker"),
    [("sqlite", {}, True), ("sqlite", {"does_work": True}, False), ("postgres", {"does_work": True}, True)],
)
def test_a_server_that_is_not_to_work_leaves_it_to_others(
    database_url: str, given: dict[str, Any], worker: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with_database(database_url, queued)
    served(settings_for(database_url, smtp_url="console:", worker=worker), **given)
    assert with_database(database_url, outbox.counts) == {"waiting": 1}
    assert "wren" not in capsys.readouterr().err


@ONLY_SQLITE
def test_what_a_server_changes_is_sealed_with_the_key_of_its_settings(database_url: str) -> None:
    settings = settings_for(database_url, audit_key=KEY)
    create_app(settings, clock=lambda: NOW)

    async def noted() -> bool:
        async with db.staging():
            await records.audit(at=NOW, by="wren", action="edit", subject="listing lamp", details={})
        return (await audit_verify(settings=settings)).holds

    assert with_database(database_url, noted)
