"""Yes or no to what a file would do: put in once, in the request or by the worker, compared anew where listings have changed, or put away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from directory.domain.access import Action, Actor, Denied, demand, of_agency
from directory.domain.errors import NotFound, Problem, RunRefused
from directory.domain.people import UnfitFields
from directory.domain.proposals import publishes
from directory.services.recovery import recover_source, run_finish
from directory.services.reviewing import compared_anew, discarded, look_over
from directory.services.runs import audited, lock_of
from directory.settings import Settings
from directory.storage import db, imports, locks, uploads

AT_ONCE = 2000
"""Changes that are written while somebody waits, which is some seconds; more are left to the worker."""
LIFE = timedelta(hours=24)
"""So long a preview waits to be looked at."""
LIFE_ASKED = timedelta(days=7)
"""So long one waits that a coordinator is to look at."""
EXPIRY = "expiry"
"""By whom a preview is discarded that nobody came back to."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The run to look at now. `is_again`: the listings had changed, so this is another preview; nothing has been done yet."""

    run: int
    is_again: bool = False


async def upload_seen(*, by: Actor, run: int, now: datetime) -> dict[str, Any]:
    """The record of a run that this person may see. Raises NotFound, also for that of another agency, or Denied."""
    demand(by, Action.UPLOAD, now=now)
    row = await imports.find(run)
    if row is None:
        raise NotFound(run=run)
    demand(by, Action.UPLOAD, of_agency(row["agency_id"]), now=now)
    return row


async def run_decidable(*, by: Actor, run: int, now: datetime) -> dict[str, Any]:
    """The record of a run that this person may put in and take back. Raises Denied too where what they write is looked at first."""
    row = await upload_seen(by=by, run=run, now=now)
    if not publishes(by, row["agency_id"]):
        raise Denied("role")
    return row


async def upload_confirm(
    *, by: Actor, run: int, removals_seen: bool, clock: Callable[[], datetime], settings: Settings
) -> Confirmed:
    """Puts in what a preview showed, once however often it is asked for. Where the listings have changed since, compares anew.

    Raises NotFound, Denied, RunRefused with "busy", and UnfitFields where much would go and nobody has said yes to that.
    """
    row = await run_decidable(by=by, run=run, now=clock())
    if row["status"] == imports.PREVIEW and row["options"]["question"] and not removals_seen:
        raise UnfitFields([Problem("removals", "unticked", "")])
    try:
        async with locks.only_one(lock_of(row["source"])):
            return await _confirmed(by, run, clock, settings)
    except locks.Held:
        now = await imports.find(run)
        if now and now["status"] not in imports.WAITING:
            return Confirmed(run)  # the other one who confirms it is at it
        raise RunRefused(run=run, status="busy") from None


async def _confirmed(by: Actor, run: int, clock: Callable[[], datetime], settings: Settings) -> Confirmed:
    row = await imports.find(run)
    if row is None or row["status"] != imports.PREVIEW:
        return Confirmed(run)
    await recover_source(row["source_id"], clock=clock, settings=settings, by=by.label)
    if await uploads.mark(row["source_id"]) != row["options"]["mark"]:
        return Confirmed(await compared_anew(row, by=by.label, clock=clock, settings=settings), is_again=True)
    is_small = row["added"] + row["changed"] + row["removed"] <= AT_ONCE
    options = row["options"] | {"confirmed_by": by.label}
    async with db.staging():
        now = await imports.find(run)
        if now is None or now["status"] != imports.PREVIEW:  # somebody has put it away meanwhile
            return Confirmed(run)
        await imports.note(run, status=imports.APPLYING if is_small else imports.CONFIRMED, options=options)
        await look_over(run, clock(), by.label)
        await audited(row, "upload-confirmed", by=by.label, now=clock(), details={"run": run})
    if is_small:
        await run_finish(run=row | {"options": options}, clock=clock, settings=settings, by=by.label)
    return Confirmed(run)


async def upload_discard(*, by: Actor, run: int, now: datetime) -> None:
    """Puts a preview away; nothing changes. Once more does no harm. Raises NotFound and Denied."""
    await upload_seen(by=by, run=run, now=now)
    async with db.staging():
        row = await imports.find(run)
        if row and row["status"] in imports.WAITING:
            await discarded(row, by=by.label, now=now)
            await audited(row, "upload-discarded", by=by.label, now=now, details={"run": run})


async def uploads_expire(*, now: datetime) -> int:
    """Puts previews away that nobody came back to in their time, and says how many."""
    number = 0
    for found in await uploads.expired(now - LIFE):
        async with db.staging():
            row = await imports.find(found["id"])
            if (
                row
                and row["status"] == imports.PREVIEW
                and row["started_at"] < now - (LIFE_ASKED if row["options"].get("asked") else LIFE)
            ):
                await discarded(row, by=EXPIRY, now=now)
                await audited(row, "upload-expired", by=EXPIRY, now=now, details={"run": row["id"]})
                number += 1
    return number
