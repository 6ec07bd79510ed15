"""Claims: an agency asks for its listings, a coordinator answers, and what was approved can end again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Action, Actor, Allowed, demand, may, of_agency, reach_of
from directory.domain.agencies import (
    APPROVED,
    ASKED,
    ENDED,
    REFUSED,
    WITHDRAWN,
    Claim,
    ClaimTaken,
    Subject,
    words_problems,
)
from directory.domain.errors import NotFound, Problem, Settled
from directory.domain.notices import EMAIL
from directory.domain.people import Agency, UnfitFields
from directory.services.links import form_take
from directory.services.names import person_of
from directory.services.notices import notice_queue
from directory.services.programs import programs_leave
from directory.settings import Settings
from directory.storage import accounts, claims, db, programs, records

LISTING, ORGANIZATION = "listing_id", "organization_id"
PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is claimed for whom: the listing with this slug, or the whole organization that it is of."""

    slug: str
    agency: int
    is_whole: bool = False
    words: str = ""


# --- looking for what is one's own -----------------------------------------------------------------------------------


async def claim_agencies(*, by: Actor, now: datetime) -> tuple[Agency, ...]:
    """The agencies for which somebody may claim: a coordinator for all that are open, an editor for the own. Raises Denied."""
    if settles(by=by, now=now):
        return tuple(await accounts.agencies())
    demand(by, Action.ASK_CLAIM, of_agency(_own(by)[0] if _own(by) else None), now=now)
    return tuple(await accounts.agencies(_own(by)))


async def subject_search(*, by: Actor, words: str, now: datetime) -> tuple[Subject, ...]:
    """Listings by name, for somebody who may claim. Raises Denied."""
    await claim_agencies(by=by, now=now)
    return tuple(await claims.subjects_found(words))


async def subject_show(*, by: Actor, slug: str, now: datetime) -> Subject:
    """A listing that somebody is about to claim. Raises NotFound or Denied."""
    await claim_agencies(by=by, now=now)
    return await _subject(slug)


def settles(*, by: Actor, now: datetime) -> bool:
    """Whether somebody answers claims, so that one of theirs is approved as it is made."""
    return isinstance(may(by, Action.SETTLE_CLAIM, now=now), Allowed)


def _own(by: Actor) -> Sequence[int]:
    return reach_of(by, Action.ASK_CLAIM) or ()


async def _subject(slug: str) -> Subject:
    found = await claims.subject(slug)
    if found is None:
        raise NotFound(slug=slug)
    return found


# --- asking ----------------------------------------------------------------------------------------------------------


async def claim_ask(*, by: Actor, wanted: Wanted, form: str, now: datetime) -> int | None:
    """Claims for an agency; what a coordinator claims for one is approved at once. The number of the claim, None for a form taken before.

    Raises UnfitFields (also where the agency has asked for it already), ClaimTaken, NotFound or Denied.
    """
    is_settled = settles(by=by, now=now)
    if not is_settled:
        demand(by, Action.ASK_CLAIM, of_agency(wanted.agency), now=now)
    subject = await _subject(wanted.slug)
    column, id = (ORGANIZATION, subject.organization) if wanted.is_whole else (LISTING, subject.listing)
    problems = words_problems(wanted.words)
    if id is None:
        problems.append(Problem("what", "choose", ""))
    if not await accounts.agencies([wanted.agency]):
        problems.append(Problem("agency", "choose", str(wanted.agency)))
    if problems or id is None:
        raise UnfitFields(problems)
    async with db.transaction():
        if not await form_take(token=form, now=now):
            return None
        return await _added(by, wanted, column, id, is_settled, now)


async def _added(by: Actor, wanted: Wanted, column: str, id: int, is_settled: bool, now: datetime) -> int:
    """Writes the claim. Needs a transaction."""
    if live := await claims.live_claim(wanted.agency, column, id):
        raise UnfitFields([Problem("what", "yours-already" if live == APPROVED else "asked-already", "")])
    words = wanted.words.strip() or None
    claim = await claims.add(agency=wanted.agency, column=column, id=id, words=words, by=by.label, now=now)
    if is_settled:
        await _approved(claim, by, now, None)
        await programs_leave(by=by, closed=await programs.close_strayed(claim, now), now=now)
    details = {"agency": wanted.agency, column: id, "approved": is_settled}
    await records.audit(at=now, by=by.label, action="claim", subject=f"claim {claim}", details=details)
    return claim


async def claim_withdraw(*, by: Actor, id: int, now: datetime) -> None:
    """Takes back what one's agency has asked for. Raises Settled where it was answered meanwhile, NotFound or Denied."""
    claim = await _claim(id, by, now)
    demand(by, Action.ASK_CLAIM, of_agency(claim.agency), now=now)
    await _over(claim, WITHDRAWN, ASKED, by, now)


# --- answering -------------------------------------------------------------------------------------------------------


async def claim_list(*, by: Actor, page: int = 1, now: datetime) -> tuple[tuple[Claim, ...], bool]:
    """For a coordinator claims that wait, the oldest first; for an editor those of the own agency, the newest first. Raises Denied.

    One page of them, and whether more follow.
    """
    offset = (page - 1) * PER_PAGE
    if settles(by=by, now=now):
        found = await claims.claims_waiting(PER_PAGE + 1, offset)
    else:
        await claim_agencies(by=by, now=now)
        found = await claims.claims_of(_own(by), PER_PAGE + 1, offset)
    return tuple(found[:PER_PAGE]), len(found) > PER_PAGE


async def claim_show(*, by: Actor, id: int, now: datetime) -> Claim:
    """One claim for who answers it. Raises NotFound or Denied."""
    demand(by, Action.SETTLE_CLAIM, now=now)
    return await _claim(id, by, now)


async def agency_claims(*, by: Actor, agency: int, page: int = 1, now: datetime) -> tuple[tuple[Claim, ...], bool]:
    """The same of the claims of an agency for who sets it up, the newest first. Raises Denied."""
    demand(by, Action.SET_UP, of_agency(agency), now=now)
    found = await claims.claims_of([agency], PER_PAGE + 1, (page - 1) * PER_PAGE)
    return tuple(found[:PER_PAGE]), len(found) > PER_PAGE


async def claims_waiting(*, by: Actor, now: datetime) -> int:
    """How many claims wait for an answer of this person; 0 for who answers none."""
    return await claims.waiting() if settles(by=by, now=now) else 0


async def claim_settle(
    *, by: Actor, id: int, is_approved: bool, answer: str, settings: Settings, now: datetime
) -> None:
    """Answers a claim and lets who asked know that there is an answer. To refuse takes words.

    Raises UnfitFields, ClaimTaken where another agency's was approved first, Settled, NotFound or Denied.
    """
    demand(by, Action.SETTLE_CLAIM, now=now)
    claim = await _claim(id, by, now)
    problems = words_problems(answer, "answer")
    if not is_approved and not answer.strip():
        problems.append(Problem("answer", "missing", ""))
    if problems:
        raise UnfitFields(problems)
    said = answer.strip() or None
    async with db.transaction():
        if is_approved:
            await _approved(id, by, now, said)
        elif not await claims.settle(id, REFUSED, was=(ASKED,), by=by.label, now=now, answer=said):
            raise await _settled(id)
        await _tell(claim, settings, now)
        if is_approved:
            await programs_leave(by=by, closed=await programs.close_strayed(id, now), now=now)
        action, details = "claim-approve" if is_approved else "claim-refuse", {"agency": claim.agency}
        await records.audit(at=now, by=by.label, action=action, subject=f"claim {id}", details=details)


async def claim_end(*, by: Actor, id: int, now: datetime) -> Claim:
    """Ends an approved claim: what it was on is nobody's then, or its source's agency's. Gives the claim as it was.

    The agency's programs there close, so that it reports no openings of what is not its own. Raises Settled, NotFound or Denied.
    """
    demand(by, Action.SETTLE_CLAIM, now=now)
    claim = await _claim(id, by, now)
    await _over(claim, ENDED, APPROVED, by, now)
    return claim


async def _approved(id: int, by: Actor, now: datetime, answer: str | None) -> None:
    """Approves a claim that waits. Needs a transaction of the data, in which this is the last that can be refused.

    Whoever approves at the same moment waits for the end of this transaction; were that ever not so, the index would refuse.
    """
    if name := await claims.holder(id):
        raise ClaimTaken(agency=name)
    try:
        if not await claims.settle(id, APPROVED, was=(ASKED,), by=by.label, now=now, answer=answer):
            raise await _settled(id)
    except claims.Taken:
        raise ClaimTaken(agency="") from None


async def _over(claim: Claim, status: str, was: str, by: Actor, now: datetime) -> None:
    async with db.transaction():
        if not await claims.settle(claim.id, status, was=(was,), by=by.label, now=now):
            raise await _settled(claim.id)
        if was == APPROVED:
            await programs_leave(by=by, closed=await programs.close_strayed(claim.id, now), now=now)
        await records.audit(at=now, by=by.label, action=f"claim-{status}", subject=f"claim {claim.id}", details={})


async def _claim(id: int, by: Actor, now: datetime) -> Claim:
    """The claim. Raises NotFound for one that there is not, to who may claim at all."""
    found = await claims.claim(id)
    if found is None:
        await claim_agencies(by=by, now=now)
        raise NotFound()
    return found


async def _settled(id: int) -> Settled:
    found = await claims.claim(id)
    return Settled(status=found.status if found else ENDED)


async def _tell(claim: Claim, settings: Settings, now: datetime) -> None:
    """Queues the letter to who asked, where they can still read the answer. Needs a transaction."""
    person = person_of(claim.asked_by)
    asker = await accounts.account(person) if person else None
    if asker is None or not asker.is_active or not settings.smtp_url:
        return
    await notice_queue(
        channel=EMAIL,
        to=asker.email,
        template="answered",
        language=asker.language,
        values={"link": f"{settings.base_url.rstrip('/')}/claims"},
        dedup_key=f"claim {claim.id} answered",
        now=now,
    )
