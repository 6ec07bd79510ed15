"""Changes that wait for a second pair of eyes: the queue of those who moderate, and what its writer sees of one.

A proposal is seen by those who moderate, by its writer, and by the people of the agency in whose name it was written; by nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may
from directory.domain.edits import problems
from directory.domain.errors import BadEdit, EditRefused, Gone, NotFound, Problem
from directory.domain.merging import EditClash, are_same, merged
from directory.domain.notices import EMAIL
from directory.domain.people import Account, UnfitFields
from directory.domain.proposals import PUBLISHED, REFUSED, WITHDRAWN, Proposal, Written
from directory.services.editing import Edited
from directory.services.names import names_for, person_of
from directory.services.notices import notice_queue
from directory.services.revising import reason_problems
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage import proposals as storage

MOST = 100
"""So many of one's own, or of one listing, are listed."""
PER_PAGE = 20
"""So many of those that wait stand on one page."""
OWN_PAGE = "/desk/proposals"
"""Where a writer sees what came of theirs: the address in the letter, which names no listing."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A proposal in a list, with its writer's name; None where the reader may not know it."""

    proposal: Proposal
    writer: str | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A proposal beside its listing. `now` is what stands there now of the proposed fields, `moved` those that changed since it was written.

    `is_gone`: the listing has been taken out, so that it can only be refused.
    """

    proposal: Written
    writer: str | None
    now: Mapping[str, Any]
    moved: frozenset[str]
    is_gone: bool


async def proposals_waiting(*, by: Actor, now: datetime) -> int:
    """How many wait for somebody; 0 for those who do not moderate."""
    return await storage.count_waiting() if _moderates(by, now) else 0


async def proposal_list(*, by: Actor, page: int = 1, now: datetime) -> tuple[Queued, ...]:
    """One page of those that wait, the oldest first. Raises Denied."""
    demand(by, Action.MODERATE, SITE, now=now)
    return await _named(await storage.waiting(PER_PAGE, (page - 1) * PER_PAGE), by)


async def proposal_list_own(*, by: Actor, now: datetime) -> tuple[Queued, ...]:
    """One's own, the newest first. Raises Denied where nobody is signed in who could have written one."""
    demand(by, Action.EDIT_LISTING, SITE, now=now)
    return await _named(await storage.of_writer(by.label, MOST), by)


async def proposal_list_of(*, by: Actor, slug: str, now: datetime) -> tuple[Queued, ...]:
    """Those about a listing that the reader may see, the newest first."""
    found = await storage.of_listing(slug, MOST)
    return await _named([each for each in found if _may_see(by, each, now)], by)


async def proposal_show(*, by: Actor, id: int, clock: Callable[[], datetime], settings: Settings) -> Weighed:
    """One with its listing as it is now, for those who moderate. Raises Denied or NotFound."""
    demand(by, Action.MODERATE, SITE, now=clock())
    found = await _found(id)
    (queued,) = await _named([found], by)
    async with db.snapshot():
        try:
            now = (await Edited.find(found.slug, clock, settings, looks=True)).shown()
        except (NotFound, Gone, EditRefused):
            return Weighed(found, queued.writer, {}, frozenset(), True)
    now = {field: now.get(field) for field in found.edits}
    moved = {field for field in found.edits if not are_same(field, found.seen.get(field), now[field])}
    return Weighed(found, queued.writer, now, frozenset(moved), False)


async def proposal_publish(
    *,
    by: Actor,
    id: int,
    fields: Collection[str],
    seen: Mapping[str, Any],
    words: str,
    clock: Callable[[], datetime],
    settings: Settings,
) -> bool:
    """Publishes these fields of a proposal, the rest of it is left out; False where somebody was faster. Its writer gets a letter.

    `seen` is what stood there when one decided. Raises Denied, NotFound, UnfitFields where no field is chosen, or there are too many
    words, or none to say why something is left out, BadEdit, EditRefused, Gone, or EditClash where the listing has changed since one looked.
    """
    demand(by, Action.MODERATE, SITE, now=clock())
    _check(words)
    async with db.transaction():
        found = await _found(id)
        chosen = {field: value for field, value in found.edits.items() if field in fields}
        if not chosen:
            raise UnfitFields([Problem("fields", "missing", "")])
        if len(chosen) < len(found.edits) and not words.strip():
            raise UnfitFields([Problem("words", "missing", "")])
        if wrong := problems(chosen):
            raise BadEdit(wrong)
        answer = words.strip() or None
        if not await storage.settle(id, PUBLISHED, by=by.label, answer=answer, now=clock(), published=chosen):
            return False
        edited = await Edited.find(found.slug, clock, settings)
        now = edited.shown()
        if clashes := merged(seen, chosen, now).clashes:
            raise EditClash(clashes, now)
        await _tell(found, PUBLISHED, by, settings, clock())
        await edited.put(chosen, by=found.by, reason=found.reason)
        await _audited(found, "proposal-published", by, clock(), fields=sorted(chosen))
    return True


async def proposal_refuse(*, by: Actor, id: int, words: str, clock: Callable[[], datetime], settings: Settings) -> bool:
    """Refuses a proposal with words to its writer, who gets a letter; False where somebody was faster.

    Raises Denied, NotFound, or UnfitFields where there are no words or too many.
    """
    demand(by, Action.MODERATE, SITE, now=clock())
    _check(words)
    if not words.strip():
        raise UnfitFields([Problem("words", "missing", "")])
    async with db.staging():
        found = await _found(id)
        if not await storage.settle(id, REFUSED, by=by.label, answer=words.strip(), now=clock()):
            return False
        await _tell(found, REFUSED, by, settings, clock())
        await _audited(found, "proposal-refused", by, clock())
    return True


async def proposal_withdraw(*, by: Actor, id: int, now: datetime) -> bool:
    """Takes one's own back; False where it was settled already. Raises Denied, or NotFound for what is not one's own."""
    demand(by, Action.EDIT_LISTING, SITE, now=now)
    async with db.staging():
        found = await _found(id)
        if found.by != by.label:
            raise NotFound()
        if not await storage.settle(id, WITHDRAWN, by=by.label, answer=None, now=now):
            return False
        await _audited(found, "proposal-withdrawn", by, now)
    return True


async def _found(id: int) -> Written:
    found = await storage.find(id)
    if found is None:
        raise NotFound()
    return found


async def _named(found: Sequence[Proposal], by: Actor) -> tuple[Queued, ...]:
    names = await names_for(labels={each.by for each in found}, by=by)
    return tuple(Queued(each, names.get(each.by)) for each in found)


def _check(words: str) -> None:
    if wrong := reason_problems(words):
        raise UnfitFields([Problem("words", each.code, "", each.allowed) for each in wrong])


async def _tell(found: Proposal, status: str, by: Actor, settings: Settings, now: datetime) -> None:
    """Queues the letter to the writer, where there is mail and they have an account. Needs a transaction."""
    writer = await _account_of(found.by)
    if not settings.smtp_url or writer is None or writer.id == by.person:
        return
    await notice_queue(
        channel=EMAIL,
        to=writer.email,
        template="proposal-settled",
        language=writer.language,
        values={"link": f"{settings.base_url.rstrip('/')}{OWN_PAGE}"},
        dedup_key=f"proposal {found.id} {status}",
        now=now,
    )


async def _account_of(label: str) -> Account | None:
    person = person_of(label)
    account = await accounts.account(person) if person else None
    return account if account and account.disabled_at is None and not account.is_demo else None


async def _audited(found: Proposal, action: str, by: Actor, now: datetime, **details: object) -> None:
    await records.audit(
        at=now, by=by.label, action=action, subject=f"listing {found.slug}", details={"proposal": found.id, **details}
    )


def _moderates(by: Actor, now: datetime) -> bool:
    return isinstance(may(by, Action.MODERATE, SITE, now=now), Allowed)


def _may_see(by: Actor, found: Proposal, now: datetime) -> bool:
    if found.by == by.label or _moderates(by, now):
        return True
    return found.agency is not None and any(grant.agency == found.agency for grant in by.grants)
