"""A small town in which people wait for a place, on a site of its own: two peer agencies, two that have openings, and who works there."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from playwright.sync_api import Browser, Page, Response

from directory.domain.access import Role
from directory.domain.sign_in import FULL
from directory.domain.taxonomy import CodeBook
from directory.formats.rows import Row, Rows
from directory.services.exchange import import_run
from directory.services.sessions import session_begin
from directory.settings import Settings
from directory.storage import accounts as stored
from directory.storage import db
from tests import accounts, openings
from tests.browser import live
from tests.browser.live import NOW, Site
from tests.browser.visits import Visits, watched
from tests.databases import finish
from tests.web.world import CLINIC

PEERS, HOUSE = "Marsh Peers", "Reed House"
WORKERS = {
    "peer": (Role.PEER, PEERS),
    "coordinator": (Role.COORDINATOR, PEERS),
    "editor": (Role.EDITOR, HOUSE),
    "peer elsewhere": (Role.PEER, "Farshore Peers"),
    "editor elsewhere": (Role.EDITOR, "Far Mill"),
    "oversight": (Role.OVERSIGHT, None),
    "administrator": (Role.ADMINISTRATOR, None),
}
KINDS = {PEERS: "peer", "Farshore Peers": "peer", HOUSE: "treatment", "Far Mill": "treatment"}


@dataclass
class Town:
    """The running site, its folder, who works there, and what their browsers asked for and were given."""

    site: Site
    folder: Path
    people: dict[str, int]
    visits: Visits
    urls: list[str] = field(default_factory=list)
    cookies: list[object] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.folder / live.DATABASE

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat((self.folder / "clock").read_text(encoding="ascii"))

    def window(self, *, script: bool = False, language: str = "en") -> Page:
        """A phone that nobody has used yet. Whatever it asks for is written down."""
        page = self.visits.window(script=script, language=language)
        page.context.on("request", lambda request: self.urls.append(request.url))
        page.context.on("response", self._answered)
        return page

    def worker(self, key: str, *, script: bool = False, language: str = "en") -> Page:
        """The phone of somebody who works there, who has just signed in."""
        page = self.window(script=script, language=language)
        self.signs_in(page, key)
        return page

    def signs_in(self, page: Page, key: str) -> None:
        """Begins a session, as after a password and a second step, which other tests go through."""
        tokens: list[str] = []
        finish(_session(f"sqlite://{self.database}", self.people[key], self.now, tokens))
        page.context.add_cookies([{"name": "session", "value": tokens[0], "url": self.site.url}])

    def closes(self, page: Page) -> None:
        """Puts a phone away, and keeps the cookies that it was left with."""
        self.cookies += page.context.cookies()
        self.visits.contexts.remove(page.context)
        page.context.close()

    def rows(self, text: str, *values: object) -> list[tuple[object, ...]]:
        """What the database of the site has on this question."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(text, values).fetchall()

    def _answered(self, response: Response) -> None:
        if response.request.resource_type == "document" and response.url.startswith(self.site.url):
            self.answers.append((response.url, response.headers.get("cache-control", "")))


@contextmanager
def town(
    browser: Browser, folder: Path, seeded: Path, *, smtp_url: str = "", now: str = NOW, **more: str
) -> Iterator[Town]:
    """The site over a copy of this database, which holds the seeds, or the invented county too. `more` are settings.

    Afterwards no page may have done what it must not.
    """
    database, people = folder / "before.sqlite3", dict[str, int]()
    shutil.copyfile(seeded, database)
    finish(_settled(f"sqlite://{database}", people))
    more |= {"SMTP_URL": smtp_url, "MAIL_FROM": "desk@marsh.example"} if smtp_url else {}
    with live.serving(folder, database=database, now=now, **more) as site, watched(browser, site.url) as visits:
        yield Town(site, folder, people, visits)


async def _settled(url: str, people: dict[str, int]) -> None:
    """Writes everybody down who works there, and a program for each agency with openings, which is on a listing."""
    async with db.connect(url):
        await _listed(url)
        agencies = {name: await accounts.agency(name, kind) for name, kind in KINDS.items()}
        for number, (key, (role, home)) in enumerate(WORKERS.items()):
            somebody = await accounts.joined(role, agencies[home] if home else None, f"worker{number}@example.org")
            people[key] = somebody.id
        (listing,) = await db.rows("SELECT slug FROM listing WHERE name = 'Far Shore Clinic'")
        for name in (HOUSE, "Far Mill"):
            await openings.level(agencies[name], listing["slug"], name="Quiet wing", program=f"{name} beds")


async def _listed(url: str) -> None:
    def read(_: BinaryIO, __: CodeBook) -> Rows:
        return iter([Row(1, CLINIC, {"key": CLINIC.key})])

    await import_run(
        stream=BytesIO(b""),
        reader=read,
        format="seed",
        source="far shore",
        by="test",
        clock=lambda: datetime.fromisoformat(NOW),
        settings=Settings(env="test", database_url=url),
    )


async def _session(url: str, person: int, now: datetime, tokens: list[str]) -> None:
    async with db.connect(url):
        account = await stored.account(person)
        assert account is not None
        async with db.staging():
            settings = Settings(env="test", database_url=url)
            begun = await session_begin(account=account, stage=FULL, device="Phone", settings=settings, now=now)
        tokens.append(begun.token)
