"""Text messages that come in through the gateway: answers to a check-in, a wish to be called, stop, and words for a person to read.

A text never takes anybody off a line. Of a number that is nobody's here neither number nor words are kept, and which numbers are somebody's cannot be told from
outside: whoever calls gives the same answer to all.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from directory.domain.access import Actor
from directory.domain.bridge.check_ins import end_of_day
from directory.domain.bridge.replies import (
    ASKED_FOR,
    CALL,
    MOST_READ,
    OTHER,
    STILL,
    STOP,
    UNKNOWN,
    asks_for_call,
    is_plain_stop,
    is_to_read_now,
    read_reply,
)
from directory.domain.errors import NotFound
from directory.domain.waitlist.names import phone_digits
from directory.domain.waitlist.routes import TEXT
from directory.services.bridge.plans import plan_client
from directory.services.bridge.signs import CLIENT, sign_keep
from directory.services.clock import local_day
from directory.services.sealing import opened, seal
from directory.services.tasks import task_clear, task_open
from directory.services.waitlist.clients import client_audit
from directory.services.waitlist.keys import phone_key
from directory.services.waitlist.messages import ASK, route_stop
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import text_replies as storage
from directory.storage.bridge.text_replies import Owner
from directory.storage.waitlist import clients, contacts, messages, routes
from directory.storage.waitlist.routes import RouteNow

AUDITED = {
    "text-came-in": "text-came-in",
    "text-now": "text-came-in",
    "text-shared": "text-shared",
    "text-shared-now": "text-shared",
}
"""What the trail says of a task about a text: not that one is more urgent than others."""
LONGEST_ID = 64
"""Of the gateway's own number of a message; what is longer is none."""


def is_signed(*, url: str, fields: Mapping[str, Sequence[str]], signature: str, token: str) -> bool:
    """Whether a gateway that knows this token has signed these fields for this address of ours: base64 of HMAC-SHA1 over the address and, by
    name, each field with its value (https://www.twilio.com/docs/usage/webhooks/webhooks-security)."""
    signed = url + "".join(f"{name}{value}" for name in sorted(fields) for value in sorted(set(fields[name])))
    wanted = base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1"))
    return hmac.compare_digest(wanted, signature.encode("latin-1", "replace"))


async def text_take(*, message: str, sender: str, words: str, now: datetime, settings: Settings) -> bool:
    """Takes a text that came in, once, whoever wrote it: `message` is the gateway's number of it. False for one that was taken before.

    One that counts as an answer, such as "1", is that of one person: where two can be reached at a number, or others use it too, somebody asks.
    """
    async with db.staging():
        found = await _owners(sender, settings)
        kind = read_reply(words, is_asked=await _is_asked(found, now)) if found else UNKNOWN
        single = _single(found)
        keeps_words = single is not None and (kind == OTHER or (kind == STOP and not is_plain_stop(words)))
        id = await storage.add(
            message=message[:LONGEST_ID],
            client=single.client if single else None,
            kind=kind,
            sealed=seal({"words": words[:MOST_READ]}, settings) if keeps_words else None,
            is_settled=not keeps_words,
            now=now,
        )
        if id is None:
            return False
        if kind == STOP:
            await _stop([route for _, ways in found for route in ways], now)
        if single is None and not (kind == STOP and is_plain_stop(words)):
            await _ask_all([owner for owner, _ in found], id, words, now)
        if single is not None:
            await _count(single, CALL if kind == OTHER and asks_for_call(words) else kind, id, now)
            if keeps_words:
                await _task(single, "text-now" if is_to_read_now(words) else "text-came-in", text_key(id), now)
    return True


Found = Sequence[tuple[Owner, Sequence[RouteNow]]]
"""Who can be reached at a number, each with the ways of theirs that have it and are in use."""


def _single(found: Found) -> Owner | None:
    """The one person who must have written; None where two can be reached there, or others use it too."""
    if len(found) != 1 or any(route.is_shared for route in found[0][1]):
        return None
    return found[0][0]


async def _owners(sender: str, settings: Settings) -> Found:
    key, digits = phone_key(sender, settings), phone_digits(sender)
    found = []
    for owner in await storage.owners(*key) if key else []:
        ways = [
            route
            for route in await routes.of_client(owner.client)
            if phone_digits(str(opened(route.sealed, settings).get("to") or "")) == digits
        ]
        if ways:
            found.append((owner, ways))
    return found


async def _is_asked(found: Found, now: datetime) -> bool:
    """Whether a question went to the number a short while ago, so that a mere yes is an answer to it."""
    return await messages.went_out((way.id for _, ways in found for way in ways), ASK, now - ASKED_FOR)


# --- what follows ----------------------------------------------------------------------------------------------------


async def _count(owner: Owner, kind: str, id: int, now: datetime) -> None:
    """Notes a sign of life: still waiting, which answers the check-in that is due, or call me, as from the page behind the card."""
    if kind not in (STILL, CALL):
        return
    contact = await contacts.attempt_add(client=owner.client, route=TEXT, outcome=kind, by=CLIENT, now=now)
    details: dict[str, object] = {"contact": contact, "route": TEXT, "outcome": kind, "text": id}
    if kind == STILL:
        details["check_in"] = await sign_keep(
            client=owner.client, zone=owner.zone, channel=TEXT, contact=contact, now=now
        )
    row = await clients.by_id(owner.client)
    assert row is not None
    await client_audit(row, "client-contact", details, by=CLIENT, now=now)


async def _stop(ways: Sequence[RouteNow], now: datetime) -> None:
    """No more messages to this number, for everybody who has it; somebody looks for another way to reach them."""
    for route in ways:
        if route.channel == TEXT:
            await route_stop(route=route.id, now=now)


async def _ask_all(owners: Sequence[Owner], id: int, words: str, now: datetime) -> None:
    """Has each of those asked who can be reached at one number, since nobody knows who wrote."""
    kind = "text-shared-now" if is_to_read_now(words) else "text-shared"
    for owner in owners:
        await _task(owner, kind, f"text-shared {id} {owner.client}", now)


async def _task(owner: Owner, kind: str, key: str, now: datetime) -> None:
    """Has somebody look on the same day: what was written may be anything. The trail does not say that it worried anybody."""
    await task_open(
        kind=kind,
        key=key,
        words={},
        address=f"/clients/{owner.upi}/check-ins",
        agency=owner.agency,
        due_at=end_of_day(await local_day(owner.zone, now), owner.zone),
        now=now,
    )
    row = await clients.by_id(owner.client)
    assert row is not None
    await client_audit(row, AUDITED[kind], {"route": TEXT}, by=CLIENT, now=now)


def text_key(id: int) -> str:
    """The key of the task about a text."""
    return f"text-came-in {id}"


async def text_settle(*, upi: str, text: int, by: Actor, now: datetime, settings: Settings) -> bool:
    """Says that a text was read and seen to, and forgets its words; False where that was done before. For who reads the plan.

    Raises NotTheirPeer, NotFound, Denied.
    """
    row = (await plan_client(upi=upi, by=by, now=now, settings=settings)).row
    async with db.staging():
        if not await storage.settle(text, row.id, by=by.label, now=now):
            if text not in {each.id for each in await storage.of_client(row.id)}:
                raise NotFound(text=text)
            return False
        await task_clear(key=text_key(text), now=now, by=by.label)
        await client_audit(row, "text-settled", {"text": text}, by=by.label, now=now)
    return True
