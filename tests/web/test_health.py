"""What machines ask."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path
from sqlite3 import connect

import pytest
from starlette.testclient import TestClient

from directory.app import create_app
from tests.web.made import NOW
from tests.web.world import HOST, settings_for, site

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]


def test_it_is_up_and_ready_over_a_migrated_database(database_url: str) -> None:
    with site(database_url) as client:
        up, ready = client.get("/healthz"), client.get("/readyz")
    assert (up.status_code, ready.status_code) == (200, 200)
    assert up.headers["cache-control"] == ready.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_it_is_up_but_not_ready_while_a_migration_is_missing(database_url: str) -> None:
    with closing(connect(database_url.removeprefix("sqlite://"))) as file:
        file.execute("DELETE FROM tortoise_migrations")
        file.commit()
    with site(database_url) as client:
        up, ready = client.get("/healthz"), client.get("/readyz")
    assert (up.status_code, ready.status_code) == (200, 503)
    assert ready.headers["cache-control"] == "no-store"


def test_it_is_up_but_not_ready_while_the_database_does_not_answer(tmp_path: Path) -> None:
    settings = replace(settings_for("asyncpg://nobody:none@127.0.0.1:1/none"), env="test")
    with TestClient(create_app(settings, clock=lambda: NOW), base_url=HOST) as client:
        up, ready = client.get("/healthz"), client.get("/readyz")
    assert (up.status_code, ready.status_code) == (200, 503)
    assert "127.0.0.1" not in ready.text


@pytest.mark.parametrize("engine", ["sqlite"])
def test_crawlers_are_kept_from_walking_the_searches_and_from_lists_that_somebody_was_handed(database_url: str) -> None:
    with site(database_url) as client:
        answer = client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.splitlines() == ["User-agent: *", "Disallow: /search", "Disallow: /api/", "Disallow: /h/"]
