"""Files that people send and feeds that they keep, made up for tests of their pages."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from directory.domain.access import Actor, Grant, Role
from directory.services.confirming import upload_confirm
from directory.services.tasks import task_clear, task_open
from directory.services.uploads import Upload, upload_read
from directory.storage import db, feeds, sources
from directory.storage.feeds import Feed
from tests.accounts import NOW
from tests.factories import settings_for

CORA = Actor(1, (Grant(Role.COORDINATOR, 1),))
HEAD = "Shelter Name,Street,City,State,ZIP,Phone,Population,Minimum Age,Hours,Check-in,Wheelchair,Confidential"


def line(name: str, phone: str = "(555) 555-0100") -> str:
    """A row of a list of shelters."""
    return f"{name},12 Heron Lane,Saltmarsh,PA,19199,{phone},,,,Call first,,"


def shelters(*lines: str) -> bytes:
    """A list of shelters, as the map `shelter-list` reads it."""
    return "\n".join([HEAD, *lines]).encode()


STOCK = [line(f"House {n}") for n in range(10)]
STORY = [
    *(line(f"New House {n}") for n in range(3)),
    *(line(f"House {n}", phone="(555) 555-0199") for n in range(2)),
    *STOCK[2:9],
    line(""),
    line("House 2"),
]
"""Three new, two changed, one gone, two bad rows; the others as they were."""


async def previewed(url: str, source: str, lines: Sequence[str] = tuple(STOCK[:2])) -> int:
    """A run of this source that waits to be looked at."""
    upload = Upload(
        stream=BytesIO(shelters(*lines)), filename="list.csv", format="csv", source=source, map="shelter-list"
    )
    return await upload_read(by=CORA, upload=upload, clock=lambda: NOW, settings=settings_for(url))


async def put_in(url: str, source: str, lines: Sequence[str] = tuple(STOCK[:2])) -> int:
    """A run of this source that is done."""
    run = await previewed(url, source, lines)
    await upload_confirm(by=CORA, run=run, removals_seen=True, clock=lambda: NOW, settings=settings_for(url))
    return run


async def asked() -> int:
    """The number of a task that is open."""
    async with db.staging():
        await task_open(kind="feed-failed", key="feed x", words={"source": "x", "tries": 3}, address="/feeds", now=NOW)
    return int((await db.rows("SELECT id FROM task WHERE key = 'feed x' AND done_at IS NULL"))[0]["id"])


async def settled(**by: str) -> None:
    """That task is closed: because its cause has gone, or by somebody."""
    async with db.staging():
        await task_clear(key="feed x", now=NOW, **by)


async def fed(
    source: str,
    address: str = "http://127.0.0.1:9/list.csv?key=sesame",
    error: str | None = None,
    hours: int | None = 24,
) -> str:
    """The name of a source with a feed, which nobody can read; one without `hours` is read no more by itself."""
    async with db.staging():
        await sources.ensure(source, format="samhsa", now=NOW)
        next_at = NOW if hours else None
        await feeds.keep(Feed(source, address, "samhsa", every_hours=hours, next_at=next_at, error=error), NOW)
    return source
