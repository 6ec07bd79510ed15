"""The page behind a card: whoever has the code sees the place in line, and nothing that tells what the line is for.

The code is typed, hashed and forgotten. What the browser then keeps for ten minutes is sealed and holds neither the code nor a name. A
wrong code is answered in one way, whatever is wrong with it (WAITLIST 4.2).
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet, InvalidToken

from directory.domain.errors import FootbridgeError, Problem
from directory.domain.people import UnfitFields
from directory.domain.sign_in import Pace, prefix_of
from directory.domain.tokens import key_for
from directory.domain.waitlist.codes import fingerprint, normal
from directory.domain.waitlist.ranking import Place
from directory.domain.waitlist.shown import place_shown
from directory.domain.waitlist.states import OPEN_ENTRIES, Entry
from directory.services.bridge.signs import CLIENT, sign_keep
from directory.services.clock import local_day
from directory.services.credentials import secret_of, try_key
from directory.services.sealing import seal
from directory.services.tasks import task_open
from directory.services.throttle import slow_down
from directory.services.waitlist.codes import pepper
from directory.services.waitlist.plumbing import chain_of
from directory.settings import Settings
from directory.storage import db, records
from directory.storage import sessions as tries_stored
from directory.storage.waitlist import contacts
from directory.storage.waitlist import status as storage
from directory.storage.waitlist.status import Card, Standing

__all__ = [
    "CLIENT",
    "IDLE",
    "Line",
    "Shown",
    "Standing",
    "WrongCode",
    "call_me",
    "card_of",
    "code_enter",
    "day_begins",
    "status_show",
    "still_waiting",
]

IDLE = timedelta(minutes=10)
"""So long the page stays open without a sign of life."""
OF_PREFIX = Pace(10, timedelta(minutes=1))
"""Ten codes at once from one part of the network, then one a minute: a shelter is slowed down and never locked out."""
OF_ALL = Pace(1000, timedelta(seconds=2))
"""All wrong codes together. Beyond it everybody waits two seconds at the most, and somebody is told."""
LONGEST_TIMES = 200
CALLED_EVERY = timedelta(minutes=10)
"""A "call me" within it is the same one, sent twice."""
STILL, CALL, ROUTE = "still-waiting", "call-me", "status"
_HIDDEN = ("merged", "in-error")
"""Lines that ended for these reasons never were one's own."""


class WrongCode(FootbridgeError):
    """No card has this code, or no longer, or it cannot be one. Which, nobody is told."""

    code = "wrong-code"
    status = 422


@dataclass(frozen=True, slots=True)
class Line:
    """One line as its client sees it: which of theirs, where it stands, the place and what is known of the time."""

    number: int
    status: Entry
    place: Place | None
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says. `session` is what the browser keeps from here on; `is_still` and `is_called`: the sign was given already today, or just now,
    and `is_told` whether they said today how they are.

    `seen_before` is aware, in the zone of the agency that keeps the place. `several`: there are or were more lines than one.
    """

    session: str
    lines: tuple[Line, ...]
    several: bool
    seen_before: datetime | None
    is_still: bool
    is_called: bool
    is_told: bool = False


# --- the code --------------------------------------------------------------------------------------------------------


async def code_enter(*, typed: str, address: str, now: datetime, settings: Settings) -> str:
    """The session of the card whose code this is. Raises WrongCode, and TooSoon after many wrong ones.

    Every branch asks the database once, and what does not look like a code at all is asked for too.
    """
    names = {f"status {prefix_of(address)}": OF_PREFIX, "status all": OF_ALL}
    await slow_down(names, settings=settings, now=now)
    hash = fingerprint(normal(typed[:100]) or "none", pepper(settings))
    async with db.staging():
        found = await storage.opened(hash, now)
        if found is not None and hmac.compare_digest(found[1], hash):
            await _give_back(names, settings)
            return _sealed(found[0], now, settings)
        await _alarm(now, settings)
    raise WrongCode()


async def _give_back(names: dict[str, Pace], settings: Settings) -> None:
    """A right code does not count, and makes nobody forget the wrong ones."""
    keys = [try_key(name, settings) for name in names]
    for key, tries in (await tries_stored.tries(keys)).items():
        await tries_stored.tries_put(key, replace(tries, count=max(tries.count - 1, 0.0)))


async def _alarm(now: datetime, settings: Settings) -> None:
    """Tells somebody once a day that codes are being guessed."""
    key = try_key("status all", settings)
    tries = (await tries_stored.tries([key])).get(key)
    if tries is None or tries.count < OF_ALL.free:
        return
    day = now.date().isoformat()
    if await task_open(kind="status-guessing", key=f"status-guessing {day}", words={}, address="/tasks", now=now):
        await records.audit(at=now, by="system", action="status-guessing", subject="site", details={"day": day})


# --- the session -----------------------------------------------------------------------------------------------------


def _sealed(code: int, now: datetime, settings: Settings) -> str:
    return _fernet(secret_of(settings)).encrypt_at_time(str(code).encode(), int(now.timestamp())).decode()


def _code_of(session: str, now: datetime, settings: Settings) -> int | None:
    """The id of the code of a session; None for one that is over, or none of ours."""
    try:
        found = _fernet(secret_of(settings)).decrypt_at_time(
            session.encode(), int(IDLE.total_seconds()), int(now.timestamp())
        )
    except (InvalidToken, ValueError):
        return None
    return int(found)


@cache
def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key_for(secret, "status-session")))


async def status_show(*, session: str, now: datetime, settings: Settings) -> Shown | None:
    """The page of a session; None where that has ended, or its code is good no more."""
    code = _code_of(session, now, settings)
    card = await storage.card(code, now) if code is not None else None
    if code is None or card is None:
        return None
    lines = _lines(card)
    today = await local_day(card.zone, now)
    return Shown(
        session=_sealed(code, now, settings),
        lines=lines,
        several=len([each for each in card.places if each.close_reason not in _HIDDEN]) > 1,
        seen_before=card.seen_before.astimezone(ZoneInfo(card.zone)) if card.seen_before else None,
        is_still=card.still_at is not None and card.still_at >= _begins(today, card.zone),
        is_called=card.call_at is not None and now - card.call_at < CALLED_EVERY,
        is_told=card.told_at is not None and card.told_at >= _begins(today, card.zone),
    )


def _lines(card: Card) -> tuple[Line, ...]:
    """The lines in which somebody stands, numbered for good; where they stand in none, the one that ended last."""
    own = [each for each in card.places if each.close_reason not in _HIDDEN]
    numbered = [_line(number, each) for number, each in enumerate(own, 1)]
    return tuple(each for each in numbered if each.status in OPEN_ENTRIES) or tuple(numbered[-1:])


def _line(number: int, place: storage.Place) -> Line:
    standing = place.standing if place.status is Entry.WAITING else None
    if standing is None:
        return Line(number, place.status, None, None)
    shown = place_shown(ahead=standing.ahead, waiting=standing.waiting, exact=place.exact)
    return Line(number, place.status, shown, standing)


async def day_begins(*, card: Card, now: datetime) -> datetime:
    """When the day began on the calendar of the agency that keeps somebody's place."""
    return _begins(await local_day(card.zone, now), card.zone)


def _begins(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


# --- signs -----------------------------------------------------------------------------------------------------------


async def still_waiting(*, session: str, now: datetime, settings: Settings) -> bool:
    """Notes that somebody is still waiting: it counts as a contact, once a day. Whether the session was good."""
    card = await card_of(session=session, now=now, settings=settings)
    if card is None:
        return False
    await _signed(card, STILL, None, await day_begins(card=card, now=now), now)
    return True


async def call_me(*, session: str, times: str, now: datetime, settings: Settings) -> bool:
    """Notes that somebody wants to be called, and when that is safe. Whether the session was good. Raises UnfitFields for a long text."""
    card = await card_of(session=session, now=now, settings=settings)
    if card is None:
        return False
    words = " ".join(times.split())
    if len(words) > LONGEST_TIMES:
        raise UnfitFields([Problem("times", "too-long", "", (str(LONGEST_TIMES),))])
    await _signed(card, CALL, seal({"note": words}, settings) if words else None, now - CALLED_EVERY, now)
    return True


async def card_of(*, session: str, now: datetime, settings: Settings) -> Card | None:
    """Whose card a session is of; None where it is over, or the code is good no more."""
    code = _code_of(session, now, settings)
    return await storage.card(code, now) if code is not None else None


async def _signed(card: Card, outcome: str, sealed: str | None, since: datetime, now: datetime) -> None:
    """Keeps a sign that was not given `since`: a second tap does nothing more."""
    async with db.staging():
        if await storage.signed_since(card.client, outcome, since):
            return
        id = await contacts.attempt_add(
            client=card.client, route=ROUTE, outcome=outcome, by=CLIENT, now=now, sealed=sealed
        )
        if outcome == STILL:
            await sign_keep(client=card.client, zone=card.zone, channel=ROUTE, contact=id, now=now)
        details = {"contact": id, "route": ROUTE, "outcome": outcome}
        subject, chain = f"client {card.upi}", chain_of(card.agency)
        await records.audit(at=now, by=CLIENT, action="client-contact", subject=subject, details=details, chain=chain)
