"""What the audit trail is good for: whether it still holds, where it stands, and its daily anchor on the way to somebody outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.audit import DEVELOPMENT_KEY, DIRECTORY, Anchor, Check, Fault
from directory.domain.notices import EMAIL
from directory.services.notices import notice_queue
from directory.settings import Settings
from directory.storage import db, guards, records


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `audit_verify` found. `older` entries stand before the chain, `waiting` ones of the access log not in theirs yet.

    `astray` entries stand where no chain would look for them, `unguarded` names triggers that are gone. `known_key` tells that
    nothing is proved, as entries are sealed with the key that stands in public code: not `allowed` where real people use the site.
    """

    checks: tuple[Check, ...]
    older: int
    waiting: int
    known_key: bool
    known_key_allowed: bool = True
    astray: int = 0
    unguarded: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every chain is whole, with all entries in it and its guards around it."""
        is_proof = self.known_key_allowed or not self.known_key
        return is_proof and not (self.astray or self.unguarded or any(check.faults for check in self.checks))


async def audit_verify(*, anchors: Sequence[Anchor] = (), settings: Settings) -> Verdict:
    """Goes through every chain as it is at one moment, and compares the ends with the heads and with anchors kept elsewhere."""
    async with db.snapshot():
        heads = await records.heads()
        names = {DIRECTORY, *heads, *(anchor.chain for anchor in anchors)}
        checks = [await _checked(name, heads.get(name), anchors, settings) for name in sorted(names)]
        for check in checks:
            is_named = check.chain in heads or (check.chain == DIRECTORY and await records.is_emptied())
            if is_named and not heads.get(check.chain) and not check.faults:
                check.faults.append(Fault("head", 1))
        older, waiting = await records.loose()
        astray, unguarded = await records.astray(), await guards.unguarded()
    known = settings.audit_keys[0] == DEVELOPMENT_KEY or any(check.known for check in checks)
    return Verdict(tuple(checks), older, waiting, known, not settings.is_production, astray, tuple(unguarded))


async def _checked(chain: str, head: Anchor | None, anchors: Sequence[Anchor], settings: Settings) -> Check:
    check = Check(chain, settings.audit_keys, [anchor for anchor in anchors if anchor.chain == chain])
    async for entry in records.entries(chain):
        check.take(entry)
    check.end(head)
    return check


async def audit_heads() -> tuple[Anchor, ...]:
    """Where each chain stands: what to write down outside."""
    return tuple(head for head in (await records.heads()).values() if head and head.seq)


async def anchor_queue(*, now: datetime, settings: Settings) -> int:
    """Queues today's anchor for whoever keeps them, once a day. Says how many were queued: none where nobody is named."""
    heads = await audit_heads()
    if not settings.audit_anchor_to or not heads:
        return 0
    day = now.date().isoformat()
    async with db.staging():
        queued = await notice_queue(
            channel=EMAIL,
            to=settings.audit_anchor_to,
            template="audit-anchor",
            language="en",
            values={"day": day, "anchors": [str(head) for head in heads]},
            dedup_key=f"audit-anchor {day}",
            now=now,
        )
    return int(queued is not None)
