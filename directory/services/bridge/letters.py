"""The letter by which a peer learns that there is something for them. It says nothing of what, nor of whom."""

from __future__ import annotations

from datetime import datetime

from directory.domain.notices import EMAIL
from directory.services.notices import notice_queue
from directory.settings import Settings
from directory.storage import accounts

LETTER = "peer-update"


async def peer_tell(*, person: int, page: str, key: str, settings: Settings, now: datetime) -> bool:
    """Has a letter go out with the address of a page; `key` names the occasion, so that it goes out once. Invented people get none: False.
    Needs a transaction."""
    other = await accounts.account(person)
    if other is None or other.is_demo:
        return False
    await notice_queue(
        channel=EMAIL,
        to=other.email,
        template=LETTER,
        language=other.language,
        values={"link": f"{settings.base_url}{page}"},
        dedup_key=f"{LETTER} {key}",
        now=now,
    )
    return True
