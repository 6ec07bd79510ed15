"""What people do with what visitors say is wrong: look through the queue, settle one, tell whoever wanted to hear, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may
from directory.domain.corrections import LONGEST_ANSWER, OUTCOMES, RIGHT, SPAM, Correction
from directory.domain.errors import Gone, NotFound, Problem, Settled
from directory.domain.notices import EMAIL
from directory.domain.people import UnfitFields
from directory.domain.results import Card, Detail
from directory.services.checks import listing_confirm
from directory.services.listings import listing_show
from directory.services.notices import notice_queue
from directory.services.search import cards_show
from directory.settings import Settings
from directory.storage import corrections as storage
from directory.storage import db, records

PER_PAGE = 25
LATELY = 10
"""So many of those that are settled are shown, for whoever wants to take one back."""
ADDRESS_KEPT = timedelta(days=90)
"""An address that somebody left goes after this time, even if nobody has looked into what they told."""
ASKED = "asked"
"""What a letter says of an outcome of RIGHT where somebody did ask there."""
ANSWER_GOOD = timedelta(days=7)
"""So long the letter about it may take; then it goes unsent, and the address with it."""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report in the queue with its listing as visitors see it; None where its source has taken it out."""

    report: Correction
    card: Card | None


@dataclass(frozen=True, slots=True)
class ReportList:
    """One page of what is open, the most urgent first, how many there are, and what was settled lately."""

    lines: tuple[ReportLine, ...]
    total: int
    page: int
    settled: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """A report, all that is public about its listing (None: gone), and what else is open on it."""

    report: Correction
    detail: Detail | None
    others: tuple[Correction, ...]


async def reports_list(*, page: int = 1, by: Actor, now: datetime, settings: Settings) -> ReportList:
    """What visitors say is wrong. Raises Denied."""
    demand(by, Action.SETTLE_REPORTS, SITE, now=now)
    found = sorted(await storage.waiting(), key=lambda each: each.urgency)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    ids = list(dict.fromkeys(each.listing for each in shown))
    cards = {card.id: card for card in await cards_show(ids=ids, now=now, zone=settings.timezone)}
    lines = tuple(ReportLine(each, cards.get(each.listing)) for each in shown)
    return ReportList(lines, len(found), page, tuple(await storage.settled(LATELY)))


async def reports_waiting(*, by: Actor, now: datetime) -> int:
    """How many are open; 0 for whoever settles none."""
    if not isinstance(may(by, Action.SETTLE_REPORTS, SITE, now=now), Allowed):
        return 0
    return await storage.count()


async def report_sheet(*, id: int, by: Actor, now: datetime, settings: Settings) -> ReportSheet:
    """One report with all that belongs to it. Raises Denied or NotFound."""
    demand(by, Action.SETTLE_REPORTS, SITE, now=now)
    report = await _found(id)
    try:
        detail = await listing_show(slug=report.slug, now=now, settings=settings)
    except Gone:
        detail = None
    others = tuple(each for each in await storage.open_on(report.listing) if each.id != id)
    return ReportSheet(report, detail, others)


async def report_settle(
    *,
    id: int,
    version: int,
    outcome: str,
    answer: str,
    also: Sequence[int] = (),
    is_asked: bool = False,
    listing_version: int | None = None,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> int:
    """Settles a report, and others on the same listing with it (`also`), and queues a letter to whoever wants to hear: says how many.

    `is_asked`: the listing is right as it stands now, for somebody asked there, in the version whose words they have seen. Of two people who
    settle one at once the first wins, the other gets Settled, as does who has seen another version of the listing. Raises Denied, NotFound, and
    UnfitFields for what was typed.
    """
    demand(by, Action.SETTLE_REPORTS, SITE, now=now)
    answer = _fit(outcome, answer)
    said, told = ASKED if is_asked and outcome == RIGHT else outcome, 0
    async with db.staging():
        report = await _found(id)
        taken = [(report, version)] + [(each, each.version) for each in await _beside(report, also)]
        for each, seen in taken:
            if not await storage.settle(
                each.id, version=seen, outcome=outcome, answer=answer or None, by=by.label, now=now
            ):
                raise Settled(report=each.id)
            told += await _tell(each, said, answer, settings, now)
        if is_asked and outcome != SPAM:
            await listing_confirm(slug=report.slug, version=listing_version, by=by, now=now, via="report")
        details: dict[str, object] = {"outcome": outcome, "also": [each.id for each, _ in taken[1:]], "told": told}
        await records.audit(at=now, by=by.label, action="report-settled", subject=f"report {id}", details=details)
    return told


async def report_reopen(*, id: int, version: int, by: Actor, now: datetime) -> None:
    """Puts a settled report back into the queue. A letter that is on its way stays on its way. Raises Denied, NotFound or Settled."""
    demand(by, Action.SETTLE_REPORTS, SITE, now=now)
    async with db.staging():
        report = await _found(id)
        if not await storage.reopen(id, version=version, now=now):
            raise Settled(report=id)
        details: dict[str, object] = {"was": report.status}
        await records.audit(at=now, by=by.label, action="report-reopened", subject=f"report {id}", details=details)


async def addresses_forget(*, now: datetime) -> int:
    """Deletes the addresses of those whom nobody has told anything for three months, and says how many."""
    async with db.staging():
        return await storage.replies_forget(now - ADDRESS_KEPT)


async def _found(id: int) -> Correction:
    report = await storage.find(id)
    if report is None:
        raise NotFound(report=id)
    return report


async def _beside(report: Correction, ids: Sequence[int]) -> list[Correction]:
    """Those of these that are open on the same listing."""
    return [each for each in await storage.open_on(report.listing) if each.id in ids and each.id != report.id]


async def _tell(report: Correction, outcome: str, answer: str, settings: Settings, now: datetime) -> int:
    """Queues the letters about a report; nobody knows their addresses here from now on. Whoever sent spam hears nothing.

    Without mail nothing is queued: an address would lie there and wait.
    """
    replies = await storage.replies_take(report.id)
    if outcome == SPAM or not settings.smtp_url:
        return 0
    link = f"{settings.base_url.rstrip('/')}/l/{report.listing}"
    for number, (address, language) in enumerate(replies):
        await notice_queue(
            channel=EMAIL,
            to=address,
            template="report-outcome",
            language=language,
            values={"link": link, "outcome": outcome, "answer": answer},
            dedup_key=f"report {report.id} {report.version} {number}",
            now=now,
            until=now + ANSWER_GOOD,
        )
    return len(replies)


def _fit(outcome: str, answer: str) -> str:
    """The answer without blanks around it. Raises UnfitFields."""
    answer, problems = answer.strip(), []
    if outcome not in OUTCOMES:
        problems.append(Problem("outcome", "missing", outcome))
    if len(answer) > LONGEST_ANSWER:
        problems.append(Problem("answer", "too-long", str(len(answer)), (str(LONGEST_ANSWER),)))
    if problems:
        raise UnfitFields(problems)
    return answer
