"""Whether a live database holds together: its tables, the audit trail, and all that must be so of people who wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.waitlist.tiers import tier_of
from directory.services.audit import Verdict, audit_verify
from directory.services.clock import local_day
from directory.settings import Settings
from directory.storage import integrity
from directory.storage.waitlist import checks, pools, rules


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found. `tables` are codes of what is wrong with the database itself; `waitlist` are ids by the name of the invariant that
    they break, `warnings` by that of what somebody should look at, both None where nobody asked. `audit` is what the trail says.
    """

    tables: Sequence[str]
    audit: Verdict
    waitlist: Mapping[str, list[int]] | None = None
    warnings: Mapping[str, list[int]] | None = None

    @property
    def holds(self) -> bool:
        """Whether all of it is as it must be. A warning breaks nothing."""
        return self.audit.holds and not self.tables and not self.waitlist


async def database_check(*, waitlist: bool, now: datetime, settings: Settings) -> Findings:
    """Looks at everything, and changes nothing."""
    tables, audit = await integrity.faults(), await audit_verify(settings=settings)
    if not waitlist or integrity.MIGRATION_DUE in tables:
        return Findings(tables, audit)
    return Findings(tables, audit, await checks.broken(), await _warnings(now))


async def _warnings(now: datetime) -> dict[str, list[int]]:
    """The entries that stand further back than the rules of their line have it (45 CFR 96.131(a)), and yeses that no hand-off was opened for: the
    jobs put both right."""
    behind: list[int] = []
    for pool in await checks.pools_in_use():
        found = await pools.pool(pool)
        assert found is not None
        today, said = await local_day(found.timezone, now), (await rules.rules_now(pool)).rules
        behind += [
            each.entry for each in await rules.standings(pool, today) if tier_of(each.facts, said, today) < each.tier
        ]
    told = {"tier-behind-the-rules": behind, "accepted-without-a-hand-off": await checks.accepted_alone()}
    return {name: ids for name, ids in told.items() if ids}
