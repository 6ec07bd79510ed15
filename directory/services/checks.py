"""Keeps listings true by asking: the list of what is due, the call sheet of one, what came of a call, and the review of who cannot be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from directory.domain import checks as rules
from directory.domain.access import SITE, Action, Actor, Allowed, demand, may, of_agency
from directory.domain.checks import CALL_OUTCOMES, Check, Risk
from directory.domain.errors import Gone, NotFound, Problem, Settled
from directory.domain.listings import Status
from directory.domain.people import Agency, UnfitFields
from directory.domain.results import Card, Detail
from directory.services.edits import hand_value_drop, listing_edit
from directory.services.geocoding import place_find
from directory.services.links import form_take
from directory.services.listings import listing_show
from directory.services.search import cards_show
from directory.services.tasks import task_clear, task_open
from directory.settings import Settings
from directory.storage import accounts, corrections, db, edits, records, stewards
from directory.storage import checks as storage
from directory.storage.checks import COUNTED, REVIEW, Due, Subject, Wanted

PER_PAGE = 25
NEAR_MILES = 25.0
PRINTED = 50
"""So many lines stand on a call list on paper: more than one person calls in a day."""
SAME_TAP = timedelta(minutes=1)
"""Within this time a second yes of the same person is the same one."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of the list somebody asks for: of these kinds (all), around a place in words ("" is anywhere), of an agency."""

    kinds: Sequence[str] = ()
    near: str = ""
    agency: int | None = None


@dataclass(frozen=True, slots=True)
class DueLine:
    """A listing that is to be checked, why, and what came of the last calls, the latest first."""

    card: Card
    due: Due
    past: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class DueList:
    """One page of what is to be checked; `has_more` where nobody has counted beyond `total`."""

    lines: tuple[DueLine, ...]
    total: int
    has_more: bool
    page: int
    agencies: tuple[Agency, ...]


@dataclass(frozen=True, slots=True)
class CallSheet:
    """All that somebody needs who calls: the listing, what came of earlier checks (the latest first), how many reports are open.

    `may_review` where a coordinator has to decide and the reader is one; `is_hidden` where one has hidden it by hand.
    """

    detail: Detail
    past: tuple[Check, ...]
    reports: int
    needs_review: bool
    may_review: bool
    is_hidden: bool

    @property
    def last(self) -> int:
        """The id of the last check; 0 where there was none."""
        return self.past[0].id if self.past else 0


async def checks_due(
    *,
    filters: Filters = Filters(),
    page: int = 1,
    per_page: int = PER_PAGE,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> DueList:
    """What is to be checked, the greatest risk first. Raises Denied, and PlaceNotFound for a place that nobody knows."""
    demand(by, Action.CHECK_LISTINGS, SITE, now=now)
    place = await place_find(text=filters.near, settings=settings) if filters.near.strip() else None
    point, offset = place.point if place else None, (page - 1) * per_page
    wanted = Wanted(tuple(filters.kinds), point, NEAR_MILES, filters.agency, offset, per_page)
    found, total = await storage.due(wanted, now)
    lines, agencies = await _lines(found, now, settings), tuple(await accounts.agencies())
    return DueList(lines, total, total >= COUNTED, page, agencies)


async def _lines(found: Sequence[Due], now: datetime, settings: Settings) -> tuple[DueLine, ...]:
    ids = [each.id for each in found]
    shown = {card.id: card for card in await cards_show(ids=ids, now=now, zone=settings.timezone)}
    past = await storage.of(ids)
    return tuple(DueLine(shown[each.id], each, tuple(past.get(each.id, ()))) for each in found if each.id in shown)


async def checks_hidden(*, page: int = 1, by: Actor, now: datetime, settings: Settings) -> DueList:
    """The listings that somebody has hidden by hand, the latest first, so that they can be shown again. Raises Denied."""
    demand(by, Action.CHECK_LISTINGS, SITE, now=now)
    ids, total = await storage.hidden((page - 1) * PER_PAGE, PER_PAGE)
    lines = await _lines([Due(id, 0, 0, 0.0, Risk(0.0, ("hidden",))) for id in ids], now, settings)
    return DueList(lines, total, False, page, ())


async def checks_waiting(*, by: Actor, now: datetime) -> int:
    """How many listings are to be checked, up to COUNTED; 0 for whoever checks none."""
    if not isinstance(may(by, Action.CHECK_LISTINGS, SITE, now=now), Allowed):
        return 0
    return await storage.count(now)


async def check_sheet(*, slug: str, by: Actor, now: datetime, settings: Settings) -> CallSheet:
    """The call sheet of a listing. Raises Denied, NotFound or Gone."""
    demand(by, Action.CHECK_LISTINGS, SITE, now=now)
    detail = await listing_show(slug=slug, now=now, settings=settings)
    id = detail.card.id
    past = tuple((await storage.of([id])).get(id, ()))
    reports = len(await corrections.open_on(id))
    may_review = isinstance(may(by, Action.MODERATE, SITE, now=now), Allowed)
    is_hidden = detail.card.status is not Status.ACTIVE and await _is_hidden(id)
    return CallSheet(detail, past, reports, rules.needs_review(past), may_review, is_hidden)


async def check_add(
    *, slug: str, outcome: str, note: str, form: str, version: int | None = None, by: Actor, now: datetime
) -> Check | None:
    """Notes what came of a call; None where this `form` was taken before.

    A confirmed listing counts as checked from now on, in the `version` that the caller has seen. One that is closed, or that nobody could be
    reached about, becomes a task. Raises Denied, NotFound, Gone, Settled where another version is to be confirmed, and UnfitFields for what
    was typed.
    """
    demand(by, Action.CHECK_LISTINGS, SITE, now=now)
    note = _fit(outcome, CALL_OUTCOMES, note)
    async with db.transaction():
        if not await form_take(token=form, now=now):
            return None
        subject = await _subject(slug)
        if outcome == rules.CONFIRMED:
            _demand_same(subject, version)
        return await _noted(subject, outcome, "phone", note, by, now)


async def listing_confirm(*, slug: str, version: int | None, by: Actor, now: datetime, via: str = "desk") -> None:
    """Somebody who may edit a listing says that all of it is right: it is checked from now on. `via` is desk, phone or report.

    `version` is that of the words they have seen. Raises Denied, NotFound, Gone, or Settled where the listing has changed since.
    """
    demand(by, Action.EDIT_LISTING, of_agency(await stewards.agency_of(slug)), now=now)
    async with db.transaction():
        subject = await _subject(slug)
        _demand_same(subject, version)
        last = (await storage.of([subject.id], 1)).get(subject.id, [])
        if not (last and last[0].outcome == rules.CONFIRMED and last[0].by == by.label and now - last[0].at < SAME_TAP):
            await _noted(subject, rules.CONFIRMED, via, "", by, now)


def _demand_same(subject: Subject, version: int | None) -> None:
    """Nobody says yes to words that they have not seen. Raises Settled."""
    if subject.version != version:
        raise Settled(listing=subject.slug)


async def _noted(subject: Subject, outcome: str, via: str, note: str, by: Actor, now: datetime) -> Check:
    """Needs a transaction."""
    past = (await storage.of([subject.id])).get(subject.id, [])
    check = Check(outcome, 0, via, note or None, by.label, now)
    tries = len(rules.tries_before([check, *past]))
    check = replace(check, tries=tries, counts=outcome != rules.NO_ANSWER or tries > len(rules.tries_before(past)))
    await storage.add(subject.id, check)
    await _ask_or_clear(subject, rules.needs_review([check, *past]), outcome, by, now)
    details: dict[str, object] = {"outcome": outcome, "tries": tries, "via": via}
    await records.audit(
        at=now, by=by.label, action="listing-checked", subject=f"listing {subject.slug}", details=details
    )
    return check


async def _ask_or_clear(subject: Subject, is_review_due: bool, outcome: str, by: Actor, now: datetime) -> None:
    """Opens the task of a coordinator, or closes it where somebody was reached after all."""
    key, address = f"{REVIEW} {subject.slug}", f"/checks/{subject.slug}"
    if is_review_due:
        await task_open(kind=REVIEW, key=key, words={"name": subject.name}, address=address, now=now)
    elif outcome in (rules.CONFIRMED, rules.CHANGED):
        await task_clear(key=key, now=now, by=by.label)


async def check_review(
    *,
    slug: str,
    decision: str,
    note: str,
    form: str,
    version: int | None,
    last: int | None,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> bool:
    """A coordinator hides a listing (inactive by hand, which every import keeps), keeps it, or shows a hidden one again.

    `version` of the listing and the id of its `last` check (0: none) are those that they have seen: where somebody has done something since,
    nothing is written. False where this `form` was taken before. Raises Denied, NotFound, Gone, Settled, EditRefused, and UnfitFields for
    what was typed.
    """
    demand(by, Action.MODERATE, SITE, now=now)
    note = _fit(decision, rules.REVIEW_OUTCOMES, note)
    async with db.transaction():
        if not await form_take(token=form, now=now):
            return False
        subject = await _subject(slug)
        past = (await storage.of([subject.id], 1)).get(subject.id, [])
        _demand_same(subject, version)
        if last != (past[0].id if past else 0):
            raise Settled(listing=slug)
        # Before what writes to the audit trail: whoever closes the task holds it, and waits for the trail.
        await storage.add(subject.id, Check(decision, 0, "review", note or None, by.label, now))
        await task_clear(key=f"{REVIEW} {slug}", now=now, by=by.label)
        await _carry_out(subject, decision, note or (past[0].outcome if past else None), by, now, settings)
        details: dict[str, object] = {"decision": decision}
        await records.audit(at=now, by=by.label, action="listing-reviewed", subject=f"listing {slug}", details=details)
    return True


async def _carry_out(
    subject: Subject, decision: str, reason: str | None, by: Actor, now: datetime, settings: Settings
) -> None:
    """Hides a listing, or shows it again. Needs a transaction. Raises Settled where nobody hides it by hand any more."""
    if decision == rules.HIDDEN and subject.status is not Status.INACTIVE:
        values = {"status": Status.INACTIVE.value}
        await listing_edit(
            slug=subject.slug, values=values, by=by.label, reason=reason, clock=lambda: now, settings=settings
        )
    elif decision == rules.SHOWN:
        if not await _is_hidden(subject.id):
            raise Settled(listing=subject.slug)
        await hand_value_drop(slug=subject.slug, field="status", by=by.label, clock=lambda: now, settings=settings)


async def _is_hidden(id: int) -> bool:
    """Whether it is by hand that a listing is inactive."""
    hand = (await edits.of([id])).get(id, {}).get("status")
    return hand is not None and hand.value == Status.INACTIVE.value


async def _subject(slug: str) -> Subject:
    found = await storage.subject(slug)
    if not found:
        raise NotFound(slug=slug)
    if found.status is Status.REMOVED:
        raise Gone(slug=slug)
    return found


def _fit(outcome: str, outcomes: Sequence[str], note: str) -> str:
    """The note without blanks around it. Raises UnfitFields."""
    note, problems = note.strip(), []
    if outcome not in outcomes:
        problems.append(Problem("outcome", "missing", outcome))
    if len(note) > rules.LONGEST_NOTE:
        problems.append(Problem("note", "too-long", str(len(note)), (str(rules.LONGEST_NOTE),)))
    if problems:
        raise UnfitFields(problems)
    return note
