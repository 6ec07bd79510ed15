"""Links that are handed out once, and the tokens of forms that are taken once. Only their hashes are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.notices import EMAIL
from directory.domain.people import Account, DeadLink, Link
from directory.domain.tokens import (
    INVITATION,
    LIFETIME,
    ONCE,
    OPENINGS,
    RESET,
    ROLE,
    SECOND_FACTOR,
    hours_of,
    token_hash,
)
from directory.services.credentials import new_token
from directory.services.notices import notice_queue
from directory.settings import Settings
from directory.storage import sessions as storage

PATHS = {
    INVITATION: "/invitation/",
    RESET: "/reset/",
    SECOND_FACTOR: "/second-step/",
    ROLE: "/invitation/",
    OPENINGS: "/openings/report/",
}
"""Where a link of each purpose leads; its token is the rest of the path, which no log shows (web/middleware.py).

A role that is offered has the address of an invitation: without mail the inviter sees the link, and it must not tell who has an account."""
LETTERS = {INVITATION: "invitation", RESET: "reset-password", SECOND_FACTOR: "second-factor-reset", ROLE: "role"}
"""The letter that carries it."""
PROVES = "proves"


@dataclass(frozen=True, slots=True)
class Handed:
    """A link that was made: its whole address, for how many hours it is good, and whether a letter carries it.

    `address` is None where there is no link; `is_added` where that is because a role went to an account as it is.
    """

    address: str | None
    hours: int
    is_mailed: bool
    is_added: bool = False


async def link_hand(
    *, purpose: str, account: Account, settings: Settings, now: datetime, is_vouched: bool = False
) -> Handed:
    """Makes a link and queues its letter, where mail is set up and the person has an address. Needs a transaction.

    Without a letter the link is for whoever asked to hand it over. `is_vouched`: they are believed to hand it to the right person.
    Its payload says under PROVES whether the address is proven by who comes with it.
    """
    is_mailed = bool(settings.smtp_url and not account.is_demo)
    payload = {PROVES: is_mailed or is_vouched}
    token, expires_at = await link_make(purpose=purpose, person=account.id, payload=payload, now=now)
    if is_mailed:
        await letter_queue(purpose=purpose, token=token, account=account, settings=settings, now=now, until=expires_at)
    return Handed(address_of(purpose, token, settings), hours_of(purpose), is_mailed)


async def letter_queue(
    *, purpose: str, token: str, account: Account, settings: Settings, now: datetime, until: datetime
) -> None:
    """Queues the letter that carries a link, for as long as that is good (`until`). Needs a transaction."""
    await notice_queue(
        channel=EMAIL,
        to=account.email,
        template=LETTERS[purpose],
        language=account.language,
        values={"link": address_of(purpose, token, settings), "hours": hours_of(purpose)},
        dedup_key=f"{purpose} {token_hash(token)[:32]}",
        now=now,
        until=until,
    )


async def link_make(*, purpose: str, person: int, payload: Mapping[str, object], now: datetime) -> tuple[str, datetime]:
    """The token of a new link and when it ends; older links of that purpose end now. Needs a transaction."""
    token, expires_at = new_token(), now + LIFETIME[purpose]
    await storage.links_end(person, purpose, now)
    await storage.link_add(
        key=token_hash(token), purpose=purpose, person=person, payload=payload, now=now, expires_at=expires_at
    )
    return token, expires_at


def address_of(purpose: str, token: str, settings: Settings) -> str:
    """The whole address of a link, as it is mailed or printed."""
    return f"{settings.base_url.rstrip('/')}{PATHS[purpose]}{token}"


async def link_show(*, purpose: str, token: str, now: datetime) -> Link:
    """The link, which stays good. Raises DeadLink."""
    return _live(await storage.link_find(token_hash(token), purpose, now))


async def link_take(*, purpose: str, token: str, now: datetime) -> Link:
    """The link, which is used up by this. Needs a transaction. Raises DeadLink, for all but the first who comes."""
    return _live(await storage.link_take(token_hash(token), purpose, now))


def _live(link: Link | None) -> Link:
    if link is None:
        raise DeadLink()
    return link


async def form_take(*, token: str, now: datetime) -> bool:
    """Whether the form with this token has not been taken yet; from here on it has. Needs a transaction."""
    key = token_hash(token)
    return bool(key) and await storage.link_add(
        key=key, purpose=ONCE, person=None, payload={}, now=now, expires_at=now + LIFETIME[ONCE]
    )
