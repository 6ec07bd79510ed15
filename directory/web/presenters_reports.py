"""What visitors say is wrong in words: the queue, and one report with its listing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain import corrections as rules
from directory.domain.corrections import Correction
from directory.i18n import N_, a_number, an_age, gettext, ngettext
from directory.services.reports import PER_PAGE, ReportList, ReportSheet
from directory.web.corrections import REASON
from directory.web.paging import Pages, pages_around
from directory.web.presenters import CardView, card_view, listing_url
from directory.web.presenters_checks import sheet_url
from directory.web.presenters_listing import ListingView, listing_view

_ = gettext

REPORTS = "/reports"
OUTCOME = {
    rules.FIXED: N_("It was wrong, and is right now"),
    rules.RIGHT: N_("It is right as it is"),
    rules.SPAM: N_("This is no report: nobody is told"),
}
"""What can come of a report."""
WAS = {
    rules.NEW: N_("Not settled yet"),
    rules.FIXED: N_("It was wrong, and was put right"),
    rules.RIGHT: N_("It was right as it is"),
    rules.SPAM: N_("It was no report"),
}


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report in words: how long ago it came in and was settled. `often` is "" where it came in once, `by` where nobody may know who."""

    id: int
    version: int
    url: str
    listing: str
    what: str
    words: str
    age: str
    settled: str
    often: str
    waits: bool
    state: str
    answer: str
    by: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A report of the queue, and its listing as it stands in a list; None where that is gone."""

    report: ReportView
    card: CardView | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """One page of the queue."""

    lines: tuple[QueueLine, ...]
    count: str
    settled: tuple[ReportView, ...]
    pages: Pages


@dataclass(frozen=True, slots=True)
class SheetView:
    """One report with what is needed to settle it."""

    report: ReportView
    listing: ListingView | None
    listing_version: int
    listing_url: str
    edit_url: str
    sheet_url: str
    others: tuple[ReportView, ...]


def report_view(report: Correction, now: datetime, names: Mapping[str, str] | None = None) -> ReportView:
    """One report."""
    often = ngettext("came in %(n)s time", "came in %(n)s times", report.times) % {"n": a_number(report.times)}
    return ReportView(
        id=report.id,
        version=report.version,
        url=f"{REPORTS}/{report.id}",
        listing=report.name,
        what=_(REASON[report.remark.reason]),
        words=report.remark.words,
        age=an_age(report.created_at, now),
        settled=an_age(report.settled_at, now) if report.settled_at else "",
        often=often if report.times > 1 else "",
        waits=report.waits,
        state=_(WAS.get(report.status, report.status)),
        answer=report.answer or "",
        by=(names or {}).get(report.settled_by or "", ""),
        is_open=report.status == rules.NEW,
    )


def queue_view(found: ReportList, now: datetime) -> QueueView:
    """The queue as it stands on its page."""
    count = ngettext("%(n)s report is open", "%(n)s reports are open", found.total) % {"n": a_number(found.total)}
    return QueueView(
        lines=tuple(
            QueueLine(report_view(line.report, now), card_view(line.card, now) if line.card else None)
            for line in found.lines
        ),
        count=count if found.total else "",
        settled=tuple(report_view(each, now) for each in found.settled),
        pages=pages_around(REPORTS, found.page, is_more=found.page * PER_PAGE < found.total),
    )


def sheet_view(sheet: ReportSheet, names: Mapping[str, str], now: datetime) -> SheetView:
    """A report with its listing."""
    url = listing_url(sheet.report.slug)
    return SheetView(
        report=report_view(sheet.report, now, names),
        listing=listing_view(sheet.detail, now) if sheet.detail else None,
        listing_version=sheet.detail.card.version if sheet.detail else 0,
        listing_url=url,
        edit_url=f"/desk{url}/edit?back={REPORTS}/{sheet.report.id}",
        sheet_url=sheet_url(sheet.report.slug),
        others=tuple(report_view(each, now) for each in sheet.others),
    )
