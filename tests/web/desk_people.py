"""A site with one peer and one coordinator who are signed in, for tests of the pages that they work with."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from httpx2 import Response
from starlette.testclient import TestClient

from directory.domain.access import Role
from directory.storage import db
from tests import accounts
from tests.pages import Page, checked
from tests.web import world

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]


@dataclass(frozen=True)
class Worker:
    """Somebody who is signed in, with the way to open and send pages."""

    client: TestClient
    cookie: str

    def get(self, url: str, *, status: int = 200, language: str = "en") -> Page:
        """The page at this address, which keeps the rules of the house and is stored nowhere."""
        response = self.client.get(url, headers={"cookie": f"session={self.cookie}", "accept-language": language})
        assert response.status_code == status, response.text[:2000]
        assert response.headers["cache-control"] == "no-store"
        return checked(response, language)

    def send(self, url: str, **fields: str | list[str]) -> Response:
        """What a browser sends from a form."""
        headers = {"cookie": f"session={self.cookie}", "sec-fetch-site": "same-origin"}
        return self.client.post(url, data=fields, headers=headers)


def hidden(page: Page, name: str) -> str:
    """The value of a hidden field, the first of its name."""
    return next(field.get("value", "") for field in page.all("input", type="hidden") if field.get("name") == name)


@dataclass(frozen=True)
class Made:
    """A database with a world and its people, of which each test has a copy. `cookies` are their sessions."""

    path: Path
    now: datetime
    cookies: dict[Role, str]

    def copied(self, folder: Path) -> str:
        """The address of a copy in this folder."""
        return f"sqlite://{shutil.copy(self.path, folder / 'copy.sqlite3')}"


def made_at(url: str, now: datetime) -> Made:
    """Fills a database once for many tests; its world came in before this moment."""
    world.fill(url)
    cookies = asyncio.run(_cookies(url, now))
    path = Path(url.removeprefix("sqlite://"))
    with closing(sqlite3.connect(path)) as connection:  # all of it into the one file that is copied
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Made(path, now, cookies)


@contextmanager
def at_work(made: Made, url: str, *, smtp_url: str = "") -> Iterator[dict[Role, Worker]]:
    """Its peer and its coordinator, over the copy at this address."""
    with world.site(url, made.now, smtp_url=smtp_url) as client:
        yield {role: Worker(client, cookie) for role, cookie in made.cookies.items()}


async def _cookies(url: str, now: datetime) -> dict[Role, str]:
    async with db.connect(url):
        home = await accounts.agency()
        return {role: await _cookie(role, home, now) for role in (Role.PEER, Role.COORDINATOR)}


async def _cookie(role: Role, home: int, now: datetime) -> str:
    return await accounts.cookie(await accounts.joined(role, home, f"{role}@example.org"), now)
