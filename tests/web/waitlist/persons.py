"""Somebody who waits, on a site with its staff: for the tests of the pages about one person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from directory.domain.access import Actor, Grant, Role
from directory.services.waitlist import appeals, entries
from directory.storage import db
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import routes
from directory.storage.waitlist.entries import EntryNow
from tests import accounts
from tests.pages import Page
from tests.services.waitlist import agency
from tests.services.waitlist import world as small
from tests.services.waitlist.world import NOW, World
from tests.web import world
from tests.web.test_accounts import Browser, opened

SETTINGS = world.settings_for("sqlite://")


@dataclass
class Keeping:
    """The browser of a peer, with a line of their agency."""

    browser: Browser
    made: World

    def run(self, work: Any, **given: Any) -> Any:
        return self.browser.run(partial(work, **given))

    def joined(self, **facts: str) -> EntryNow:
        """The entry of a new client who consents to nothing yet."""
        return self.browser.run(partial(joined, self.made, **facts))

    def entry(self, entry: EntryNow) -> EntryNow:
        """The entry as it is now."""
        found = self.browser.run(places.entry, entry.id)
        assert found is not None
        return found

    def upi_of(self, offer: int) -> str:
        """The number of whom an offer is made to."""
        (row,) = self.rows(f"SELECT c.upi FROM client c JOIN offer o ON o.client_id = c.id WHERE o.id = {int(offer)}")
        return str(row["upi"])

    def person(self, entry: EntryNow, done: str = "") -> Page:
        return self.browser.page(f"/clients/{entry.upi}" + (f"?done={done}" if done else ""))

    def place(self, entry: EntryNow) -> Page:
        return self.browser.page(f"/clients/{entry.upi}/places/{entry.id}")

    def does(self, entry: EntryNow, what: str, **fields: str) -> Any:
        """The answer to one of the forms of a place."""
        return self.browser.send(f"/clients/{entry.upi}/places/{entry.id}/{what}", **fields)

    def rows(self, text: str) -> list[dict[str, Any]]:
        return self.browser.run(db.rows, text)


@contextmanager
def keeping(url: str, staff: accounts.Staff) -> Iterator[Keeping]:
    """A peer at work, with a line that nobody else has."""
    with opened(url, staff, base_url=world.HOST) as browser:
        browser.becomes(Role.PEER)
        made = browser.run(small.made, staff.here)
        made.peer = Actor(staff.people[Role.PEER].id, (Grant(Role.PEER, staff.here),))
        made.coordinator = Actor(staff.people[Role.COORDINATOR].id, (Grant(Role.COORDINATOR, staff.here),))
        yield Keeping(browser, made)


async def joined(made: World, **facts: str) -> EntryNow:
    client = await agency.somebody(made, SETTINGS, **facts)
    id = await entries.entry_join(client=client, pool=made.pool, tie=client, by=made.peer, now=NOW)
    found = await places.entry(id)
    assert found is not None
    return found


async def kept_by(home: int) -> dict[str, str]:
    """The numbers of a new client of this peer agency, of their place, of an appeal, a consent and a way to reach them."""
    made = await small.made(home)
    entry = await joined(made)
    appeal = await appeals.appeal_make(
        entry=entry.id,
        upi=entry.upi,
        about="not-offered",
        words="I was here first.",
        form=f"{entry.id:043}",
        by=made.peer,
        now=NOW,
        settings=SETTINGS,
    )
    consent = await agency.consent(entry.client, made.clinic, settings=SETTINGS)
    (way,) = await routes.of_client(entry.client)
    numbers = {"entry": entry.id, "appeal": appeal, "consent": consent, "route": way.id, "id": appeal}
    return {name: str(number) for name, number in numbers.items()} | {"upi": entry.upi, "what": "resume"}
