"""The two messages that a client may agree to: "you have an update", and the question whether they still wait.

Neither says why, from whom, where or for whom, and no address of a message is kept once it went out. Rules: 45 CFR 164.522(b)(1),
164.530(c); the counts are those of 47 CFR 64.1200(a)(9)(iv) (one a day, three a week, 160 signs).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from directory.domain.access import Actor
from directory.domain.notices import EMAIL, SMS
from directory.domain.waitlist import routes as ways
from directory.domain.waitlist.names import phone_digits
from directory.services.clock import local_day
from directory.services.notices import notice_queue
from directory.services.sealing import opened
from directory.services.tasks import task_open
from directory.services.texts import text_of
from directory.services.waitlist.clients import client_audit
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import clients, routes
from directory.storage.waitlist import messages as storage
from directory.storage.waitlist.clients import ClientNow
from directory.storage.waitlist.messages import Due
from directory.storage.waitlist.routes import RouteNow

UPDATE, ASK = "client-update", "client-ask"
"""The templates of the two."""
A_WEEK = 3
"""Messages of a client in seven days at the most."""
GOOD_FOR = timedelta(hours=24)
"""After that an update says nothing any more."""
ASKED_EVERY = timedelta(days=14)
ASKING_HOURS = range(10, 12)
"""Hours of the site's day in which the question goes out: never at night."""
SYSTEM = "system"


async def update_queue(*, client: int, key: str, now: datetime, settings: Settings) -> int:
    """Queues "you have an update" by the ways that were agreed, and says by how many. Needs the transaction of what it is about.

    `key` names the occasion in the audit trail. One goes out a day at the most, by each way, and on three days of seven.
    """
    row = await clients.by_id(client)
    if row is None or row.cleared_at is not None or row.merged_into is not None:
        return 0
    today = await local_day(settings.timezone, now)
    queued = 0
    for way in await routes.of_client(client):
        if takes(way) and way.is_agreed and await _has_room(way.id, today):
            queued += await _queued(row, way, UPDATE, _key(UPDATE, way.id, today), now, settings)
    if queued:
        await client_audit(row, "update-queued", {"occasion": key, "ways": queued}, by=SYSTEM, now=now)
    return queued


def takes(way: RouteNow) -> bool:
    """Whether a message may go this way by itself at all: never to a shared telephone, nor where somebody said stop."""
    return way.channel in ways.TAKES_UPDATES and not way.is_shared and way.stopped_at is None and way.ended_at is None


async def _has_room(way: int, today: date) -> bool:
    """Whether fewer than three went this way in the last seven days."""
    days = [today - timedelta(days=back) for back in range(7)]
    return await storage.sent(_key(name, way, day) for name in (UPDATE, ASK) for day in days) < A_WEEK


def _key(template: str, way: int, day: date) -> str:
    return f"{template} {way} {day.isoformat()}"


async def _queued(row: ClientNow, way: RouteNow, template: str, key: str, now: datetime, settings: Settings) -> int:
    to = _address(way, settings)
    if not to:
        return 0
    values = {"call": text_of("messages-call", row.language).words} if template == UPDATE else {}
    queued = await notice_queue(
        channel=EMAIL if way.channel == ways.EMAIL else SMS,
        to=to,
        template=template,
        language=row.language,
        values=values,
        dedup_key=key,
        until=now + GOOD_FOR,
        now=now,
    )
    return int(queued is not None)


def _address(way: RouteNow, settings: Settings) -> str:
    """Where a message goes; "" for what was cleared, or is no whole American number."""
    to = str(opened(way.sealed, settings).get("to", "")).strip()
    if way.channel == ways.EMAIL:
        return to.lower()
    digits = phone_digits(to)
    return f"+1{digits}" if len(digits) == 10 else ""


# --- "Still OK?" -----------------------------------------------------------------------------------------------------


async def asks_queue(*, now: datetime, settings: Settings) -> int:
    """Asks those who agreed to it, and of whom nobody has heard for one and a half times as long as their line allows. Says how many.

    By text alone, once in 14 days at the most, in the morning of the site's day.
    """
    today = await local_day(settings.timezone, now)
    if now.astimezone(ZoneInfo(settings.timezone)).hour not in ASKING_HOURS:
        return 0
    return sum([await _ask(due, today, now, settings) for due in await storage.to_ask(now)])


async def _ask(due: Due, today: date, now: datetime, settings: Settings) -> int:
    before = [today - timedelta(days=back) for back in range(ASKED_EVERY.days)]
    if await storage.sent(_key(ASK, due.route, day) for day in before):
        return 0
    async with db.staging():
        row, way = await clients.by_id(due.client), await routes.route(due.route)
        if row is None or way is None or not (takes(way) and way.asks_agreed and await _has_room(way.id, today)):
            return 0
        queued = await _queued(row, way, ASK, _key(ASK, way.id, today), now, settings)
        if queued:
            await client_audit(row, "ask-queued", {"route": way.id}, by=SYSTEM, now=now)
    return queued


# --- stop ------------------------------------------------------------------------------------------------------------


async def route_stop(*, route: int, now: datetime, by: Actor | None = None) -> bool:
    """No more messages go this way from now on. Whether this was the first time it was said.

    The place in line is not touched (WAITLIST 1.6): somebody is asked to find another way to reach them.
    """
    async with db.staging():
        way = await routes.route(route)
        row = await clients.by_id(way.client) if way else None
        if (
            way is None
            or row is None
            or way.stopped_at is not None
            or not await routes.change(route, {"stopped_at": now})
        ):
            return False
        await task_open(
            kind="contact-route",
            key=f"contact-route {route}",
            words={},
            address=f"/clients/{row.upi}",
            agency=row.agency,
            now=now,
        )
        label = by.label if by else "client"
        await client_audit(row, "route-stopped", {"route": route}, by=label, now=now)
    return True
