"""Asking an agency for new numbers before the old ones no longer count, and the link by which a clerk answers without signing in.

The link is good once, for a day, and for one report of one level alone. Looking at it uses nothing up, since mail programs do that too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.access import Action, Actor, Allowed, may, of_agency
from directory.domain.notices import EMAIL
from directory.domain.openings import LINK, Level, Numbers, ReportedSince, mark_due, report_problems
from directory.domain.people import DeadLink, UnfitFields
from directory.domain.people import Link as Found
from directory.domain.tokens import LIFETIME, OPENINGS, hours_of, token_hash
from directory.services.credentials import new_token
from directory.services.links import address_of, link_show, link_take
from directory.services.notices import notice_queue
from directory.services.openings import report_add, report_renew
from directory.settings import Settings
from directory.storage import accounts, db
from directory.storage import openings as storage
from directory.storage import sessions as links

LETTER = "openings-reminder"


@dataclass(frozen=True, slots=True)
class LinkedLevel:
    """What the page behind a link shows. `is_told`: somebody has reported since it was sent, so there is nothing left to ask."""

    level: Level
    is_told: bool


async def reminders_queue(*, now: datetime, settings: Settings) -> int:
    """Asks the editors of every level whose report has come to an age at which they are asked, and says how many letters that were.

    Each of them is asked once for each report and age, whoever does this how often: the outbox keeps no letter twice.
    """
    total = 0
    for asked in await storage.to_ask(now) if settings.smtp_url else ():
        mark = mark_due(asked.as_of, now)
        if mark and not await storage.is_asked(_key(asked, mark)):
            total += await _ask(asked, mark, settings, now)
    return total


def _key(asked: storage.Asked, mark: int) -> str:
    return f"openings {asked.report} {mark} {asked.person}"


async def _ask(asked: storage.Asked, mark: int, settings: Settings, now: datetime) -> bool:
    """Queues one letter with its link; False where that was done in the meantime."""
    token, ends = new_token(), now + LIFETIME[OPENINGS]
    values = {"link": address_of(OPENINGS, token, settings), "hours": hours_of(OPENINGS)}
    async with db.staging():
        queued = await notice_queue(
            channel=EMAIL,
            to=asked.email,
            template=LETTER,
            language=asked.language,
            values=values,
            dedup_key=_key(asked, mark),
            now=now,
            until=ends,
        )
        if queued is None:
            return False
        payload = {"level": asked.level, "report": asked.report}
        await links.link_add(
            key=token_hash(token), purpose=OPENINGS, person=asked.person, payload=payload, now=now, expires_at=ends
        )
    return True


# --- the link --------------------------------------------------------------------------------------------------------


async def opening_link_show(*, token: str, now: datetime) -> LinkedLevel:
    """What the page behind a link shows; looking does not use it up. Raises DeadLink."""
    found = await link_show(purpose=OPENINGS, token=token, now=now)
    level, _ = await _linked(found, now)
    return LinkedLevel(level, level.seen != found.payload["report"])


async def opening_link_report(
    *, token: str, numbers: Numbers | None, now: datetime, as_of: datetime | None = None
) -> int:
    """Takes the report that a link was made for, None for "still the same", and gives its number; the link is used up.

    The note stays as it was: a link does not show it, since a letter may be read by others.

    Raises DeadLink, ReportedSince where somebody was quicker, and UnfitFields, after which the link is still good.
    """
    if numbers is not None and (problems := report_problems(numbers)):
        raise UnfitFields(problems)
    async with db.transaction():
        found = await link_take(purpose=OPENINGS, token=token, now=now)
        level, actor = await _linked(found, now)
        if level.seen != found.payload["report"]:
            raise ReportedSince(level)
        if numbers is None:
            return await report_renew(level, by=actor, via=LINK, now=now)
        numbers = replace(numbers, note=level.start.note)
        return await report_add(level, numbers, as_of=as_of, by=actor, via=LINK, now=now)


async def _linked(found: Found, now: datetime) -> tuple[Level, Actor]:
    """The level of a link and who it was sent to. Raises DeadLink where either may not be reported on by now."""
    level = await storage.level(int(str(found.payload["level"])))
    account = await accounts.account(found.person or 0)
    if level is None or level.is_closed or account is None or account.disabled_at is not None:
        raise DeadLink()
    actor = Actor(account.id, account.grants)
    both = (may(actor, Action.REPORT_OPENINGS, of_agency(agency), now=now) for agency in {level.agency, level.keeper})
    if not all(isinstance(each, Allowed) for each in both):
        raise DeadLink()
    return level, actor
