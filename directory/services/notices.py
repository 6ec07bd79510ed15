"""Messages: queued in the transaction of what they speak of, sent afterwards, outside of any, each by one sender.

Should a sender die after the other side took a message and before that was noted, the message goes out a second time after the lease.
A mail then carries the same Message-ID, by which mail servers drop doubles; of an SMS the reader gets two.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory import i18n
from directory.domain.errors import NotFound
from directory.domain.notices import (
    DEAD,
    EMAIL,
    KEPT,
    LEASE,
    MOST_TRIES,
    SENDING,
    SENT,
    SMS,
    STATES,
    TEMPLATES,
    WAITING,
    NotDelivered,
    Step,
    after,
    is_mail_address,
    is_phone_number,
    is_too_late,
    is_whole,
    masked,
)
from directory.gateways.messengers import Console, Mail, Messenger, Texts
from directory.services.clock import Clock
from directory.services.letters import letters, written
from directory.settings import CONSOLE, Settings
from directory.storage import db, outbox
from directory.storage.outbox import Row

log = logging.getLogger("footbridge.worker")


async def notice_queue(
    *,
    channel: str,
    to: str,
    template: str,
    language: str,
    values: Mapping[str, object],
    dedup_key: str,
    now: datetime,
    until: datetime | None = None,
) -> int | None:
    """Puts a message into the outbox, within the caller's transaction, and gives its number.

    `channel` is "email" or "sms", `values` exactly those of the template (domain/notices.py), as texts, whole numbers or lists of
    texts. Of several messages with one `dedup_key` only the first is kept: the others give None. After `until`, when its link has
    ended, it is not sent any more. Raises ValueError for anything that is not so.
    """
    known = TEMPLATES.get(template)
    if not known or channel not in known.channels or set(values) != known.words:
        raise ValueError(f"there is no message {template!r} by {channel!r} with the values {sorted(values)}")
    if not (is_mail_address(to) if channel == EMAIL else is_phone_number(to)):
        raise ValueError(f"this is no address for {channel!r}")
    return await outbox.add(
        channel=channel,
        recipient=to,
        template=template,
        language=language if language in i18n.LANGUAGES else "en",
        words=values,
        dedup_key=dedup_key,
        good_until=until,
        now=now,
    )


# --- sending ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Sent:
    """What a round of sending did: how many went out, wait for another attempt, and were given up."""

    sent: int = 0
    waiting: int = 0
    dead: int = 0


def messengers(settings: Settings) -> dict[str, Messenger]:
    """The ways out that are set up, by channel."""
    found: dict[str, Messenger] = {}
    if settings.smtp_url == CONSOLE:
        found[EMAIL] = Console()
    elif settings.smtp_url:
        found[EMAIL] = Mail(settings.smtp_url, sender=settings.mail_from, name=settings.site_name)
    if settings.sms_url:
        found[SMS] = Texts(
            settings.sms_url, account=settings.sms_account, token=settings.sms_token, sender=settings.sms_from
        )
    return found


async def notices_send(
    *, limit: int = 50, clock: Clock, settings: Settings, ways: Mapping[str, Messenger] | None = None
) -> Sent:
    """Sends what is due, at most so many messages of each channel, one after the other. Safe in several processes at once.

    Where a channel is not set up, its messages wait. Where it is down, they are left for the next round. `ways` stand in for what
    the settings say.
    """
    ways = dict(messengers(settings) if ways is None else ways)
    done = Sent()
    found = await outbox.due(sorted(ways), clock(), limit)
    if found:
        await asyncio.to_thread(letters)
    for id, channel in found:
        now = clock()
        if channel not in ways:  # it has turned out to be down
            continue
        if row := await outbox.claim(id, lease=secrets.token_hex(16), until=now + LEASE, now=now):
            await _attempt(row, ways, done, clock=clock, settings=settings)
    return done


async def _attempt(row: Row, ways: dict[str, Messenger], done: Sent, *, clock: Clock, settings: Settings) -> None:
    try:
        await _deliver(row, ways[row.channel], clock(), settings)
        step = Step(SENT, clock())
    except NotDelivered as trouble:
        step = after(trouble, tries=row.tries, now=clock(), good_until=row.good_until)
        if trouble.everybody:
            ways.pop(row.channel)
    await outbox.settle(row, step, clock())
    if step.state == SENT:
        done.sent += 1
    elif step.state == DEAD:
        done.dead += 1
        log.warning("message %d (%s by %s) is given up: %s", row.id, row.template, row.channel, step.error)
    else:
        done.waiting += 1


async def _deliver(row: Row, way: Messenger, now: datetime, settings: Settings) -> None:
    if is_too_late(now, row.good_until):
        raise NotDelivered("too late", lasting=True)
    if row.tries > MOST_TRIES:  # so often has a sender died over it
        raise NotDelivered("given up: nobody came back", lasting=True)
    try:
        message = written(
            id=f"{row.id}.{row.created_at:%Y%m%d%H%M%S%f}",
            channel=row.channel,
            to=row.recipient,
            template=row.template,
            language=row.language,
            words=row.words,
            site=settings.site_name,
        )
    except Exception as mistake:
        # A mistake of ours in one template holds up no other message. What it was about may stand in its text.
        raise NotDelivered(f"cannot be written: {type(mistake).__name__}") from None
    await way.send(message)


# --- looking after them ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """A message as an operator sees it: without its words, and with no more of the address than tells two readers apart."""

    id: int
    state: str
    channel: str
    to: str
    template: str
    tries: int
    error: str | None
    created_at: datetime
    due_at: datetime
    is_whole: bool
    """Whether it could start over: one whose link or address was deleted cannot."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How many messages are in each state, the newest of them, and the channels that nothing is set up for."""

    counts: Mapping[str, int]
    notices: tuple[Notice, ...]
    not_set_up: tuple[str, ...]


async def notices_overview(*, dead: bool = False, limit: int = 50, settings: Settings) -> Overview:
    """What is in the outbox: what still waits or was given up; with `dead` only the latter."""
    found = await outbox.newest((DEAD,) if dead else (WAITING, SENDING, DEAD), limit)
    counts = await outbox.counts()
    ways = messengers(settings)
    return Overview(
        {state: counts.get(state, 0) for state in STATES},
        tuple(_seen(row) for row in found),
        tuple(channel for channel in (EMAIL, SMS) if channel not in ways),
    )


def _seen(row: Row) -> Notice:
    return Notice(
        row.id,
        row.state,
        row.channel,
        masked(row.recipient) if row.recipient else "",
        row.template,
        row.tries,
        row.error,
        row.created_at,
        row.due_at,
        is_whole(row.template, row.words, row.recipient),
    )


async def notice_retry(*, id: int, now: datetime) -> bool:
    """Lets a message that was given up start over. False where it cannot: its link or address is gone, or it was not given up.

    Raises NotFound where there is no such message.
    """
    async with db.staging():
        return await notice_revive(row=await notice_find(id=id), now=now)


async def notice_find(*, id: int) -> Row:
    """The message with this number. Raises NotFound where there is none."""
    row = await outbox.one(id)
    if not row:
        raise NotFound(notice=id)
    return row


async def notice_revive(*, row: Row, now: datetime) -> bool:
    """The same as `notice_retry` with a message that was found, within the caller's transaction."""
    return is_whole(row.template, row.words, row.recipient) and await outbox.revive(row.id, now)


async def notices_forget(*, now: datetime) -> int:
    """Deletes messages that ended 30 days ago or earlier, or wait in vain, addresses and all, and says how many."""
    async with db.staging():
        return await outbox.forget(now - KEPT, now)
