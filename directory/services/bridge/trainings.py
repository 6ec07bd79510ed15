"""What peers have learned, and reminders before it has to be renewed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from directory.domain.access import Action, Actor
from directory.domain.bridge.peers import KINDS, LONGEST_NAME, REMIND_BEFORE, reminders_due
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.services.bridge.letters import peer_tell
from directory.services.links import form_take
from directory.services.tasks import SYSTEM
from directory.services.waitlist import plumbing
from directory.services.waitlist.clients import today_of
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.bridge import peers as storage
from directory.storage.bridge.peers import TrainingNow

PAGE = "/peers"


async def training_add(
    *,
    agency: int,
    person: int,
    kind: str,
    name: str,
    done_on: date | None,
    expires_on: date | None,
    form: str,
    by: Actor,
    now: datetime,
) -> bool:
    """Writes down what a peer has learned: they themselves, or a coordinator. False for a form that was taken before.

    Raises UnfitFields, NotFound, Denied.
    """
    await _allowed(agency, person, by, now)
    said = " ".join(name.split())
    problems = [] if kind in KINDS else [Problem("kind", "choose", kind)]
    problems += [] if said else [Problem("name", "missing", "")]
    problems += [Problem("name", "too-long", "", (str(LONGEST_NAME),))] if len(said) > LONGEST_NAME else []
    if done_on is not None and done_on > await today_of(agency, now):
        problems.append(Problem("done", "to-come", str(done_on)))
    if done_on is not None and expires_on is not None and expires_on < done_on:
        problems.append(Problem("expires", "ends-before", str(expires_on)))
    if problems:
        raise UnfitFields(problems)
    async with db.staging():
        if not await form_take(token=form, now=now):
            return False
        id = await storage.training_add(agency, person, kind, said, done_on, expires_on, by=by.label, now=now)
        await _audit("training-added", agency, person, id, by.label, now)
    return True


async def training_end(*, agency: int, person: int, id: int, by: Actor, now: datetime) -> None:
    """Takes one away, such as where it was renewed. Once more does no harm. Raises NotFound, Denied."""
    await _allowed(agency, person, by, now)
    if id not in {each.id for each in await storage.trainings_of(agency, person)}:
        return
    async with db.staging():
        if await storage.training_end(id, agency, now):
            await _audit("training-ended", agency, person, id, by.label, now)


async def _allowed(agency: int, person: int, by: Actor, now: datetime) -> None:
    plumbing.demand_near(by, Action.KEEP_COVERS, agency, person=person, now=now)
    if person not in {each.id for each in await storage.peers_of(agency)}:
        raise NotFound(person=person)


async def _audit(action: str, agency: int, person: int, id: int, by: str, now: datetime) -> None:
    chain = plumbing.chain_of(agency)
    await records.audit(at=now, by=by, action=action, subject=f"person {person}", details={"training": id}, chain=chain)


async def trainings_remind(*, now: datetime, settings: Settings) -> int:
    """Reminds of what ends in 60, 30 and 7 days, each once, and says how many reminders it queued. May run twice at once."""
    queued = 0
    last = now.date() + timedelta(days=max(REMIND_BEFORE) + 1)
    # From the day before on, which may be today where they are; what ended before needs no reminder any more.
    for row in await storage.trainings_ending(now.date() - timedelta(days=1), last):
        assert row.expires_on is not None
        due = reminders_due(row.expires_on, await today_of(row.agency, now))
        if due > row.told:
            queued += await _remind(row, due, now, settings)
    return queued


async def _remind(row: TrainingNow, due: int, now: datetime, settings: Settings) -> int:
    async with db.staging():
        if not await storage.training_told(row.id, row.told, due):
            return 0
        key = f"training {row.id} {due}"
        if not await peer_tell(person=row.person, page=PAGE, key=key, settings=settings, now=now):
            return 0
        await _audit("training-reminded", row.agency, row.person, row.id, SYSTEM, now)
    return 1
