"""The messages that a client may agree to: "you have an update", the question whether they still wait, and the link to a list they asked for.

None says why, from whom, where or for whom, and no address of a message is kept once it went out. Rules: 45 CFR 164.522(b)(1),
164.530(c); the counts are those of 47 CFR 64.1200(a)(9)(iv) (one a day, three a week, 160 signs).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from directory.domain.access import Actor
from directory.domain.bridge.check_ins import end_of_day
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

UPDATE, ASK, HANDOUT = "client-update", "client-ask", "handout-link"
"""The templates of the three."""
A_WEEK = 3
"""Messages of a client in seven days at the most."""
GOOD_FOR = timedelta(hours=24)
"""After that an update says nothing any more."""
ANOTHER_WAY = timedelta(days=1)
"""Within this time somebody looks for another way to reach who said stop."""
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
            queued += await _queued(row, way, UPDATE, today, now, settings)
    if queued:
        await client_audit(row, "update-queued", {"occasion": key, "ways": queued}, by=SYSTEM, now=now)
    return queued


def takes(way: RouteNow) -> bool:
    """Whether a message may go this way by itself at all: never to a shared telephone, nor where somebody said stop."""
    return way.channel in ways.TAKES_UPDATES and not way.is_shared and way.stopped_at is None and way.ended_at is None


async def _has_room(way: int, today: date) -> bool:
    """Whether none went this way today, and fewer than three in the last seven days: one count for all three templates."""
    days = [today - timedelta(days=back) for back in range(7)]
    return not await storage.sent([_key(way, today)]) and await storage.sent(_key(way, day) for day in days) < A_WEEK


def _key(way: int, day: date) -> str:
    """The key of the one message that may go a way on a day, whichever of the three it is: of two at once, one is queued."""
    return f"{storage.of_way(way)}{day.isoformat()}"


async def _queued(
    row: ClientNow, way: RouteNow, template: str, today: date, now: datetime, settings: Settings, *, link: str = ""
) -> int:
    to = _address(way, settings)
    if not to or not await storage.is_held_open(way.id):
        return 0
    values = {"call": text_of("messages-call", row.language).words} if template == UPDATE else {}
    values |= {"link": link} if template == HANDOUT else {}
    queued = await notice_queue(
        channel=EMAIL if way.channel == ways.EMAIL else SMS,
        to=to,
        template=template,
        language=row.language,
        values=values,
        dedup_key=_key(way.id, today),
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


# --- a list ----------------------------------------------------------------------------------------------------------


async def handout_queue(*, client: int, link: str, by: str, now: datetime, settings: Settings) -> int:
    """Queues the link to a list that somebody asked for, and says by how many ways. Needs the transaction that found the list to be good.

    It counts like an update, and goes by the ways that were agreed for those: one message a day, by each way, and on three days of seven.
    """
    row, today = await clients.by_id(client), await local_day(settings.timezone, now)
    if row is None:
        return 0
    queued = 0
    for way in await routes.of_client(client):
        if takes(way) and way.is_agreed and await _has_room(way.id, today):
            queued += await _queued(row, way, HANDOUT, today, now, settings, link=link)
    if queued:
        await client_audit(row, "list-sent", {"ways": queued}, by=by, now=now)
    return queued


# --- "Still OK?" -----------------------------------------------------------------------------------------------------


async def asks_queue(*, now: datetime, settings: Settings) -> int:
    """Asks those who agreed to it: whose check-in by text is due today, and of whom nobody has heard for one and a half times as long as their
    line allows. Says how many.

    By text alone, after their rhythm or once in 14 days at the most, in the morning of the site's day.
    """
    today = await local_day(settings.timezone, now)
    if now.astimezone(ZoneInfo(settings.timezone)).hour not in ASKING_HOURS:
        return 0
    found = await storage.to_check_in(end_of_day(today, settings.timezone)) + await storage.to_ask(now)
    return sum([await _ask(due, today, now, settings) for due in found])


async def _ask(due: Due, today: date, now: datetime, settings: Settings) -> int:
    before = [today - timedelta(days=back) for back in range(due.every_days)]
    if await storage.sent((_key(due.route, day) for day in before), template=ASK):
        return 0
    async with db.staging():
        row, way = await clients.by_id(due.client), await routes.route(due.route)
        if row is None or way is None or not (takes(way) and way.asks_agreed and await _has_room(way.id, today)):
            return 0
        queued = await _queued(row, way, ASK, today, now, settings)
        if queued:
            await client_audit(row, "ask-queued", {"route": way.id}, by=SYSTEM, now=now)
    return queued


# --- stop ------------------------------------------------------------------------------------------------------------


async def route_stop(*, route: int, now: datetime, by: Actor | None = None) -> bool:
    """No more messages go this way from now on, nor those that wait to go. Whether this was the first time it was said.

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
        await storage.drop(route)
        await task_open(
            kind="contact-route",
            key=f"contact-route {route}",
            words={},
            address=f"/clients/{row.upi}",
            agency=row.agency,
            due_at=now + ANOTHER_WAY,
            now=now,
        )
        label = by.label if by else "client"
        await client_audit(row, "route-stopped", {"route": route}, by=label, now=now)
    return True
