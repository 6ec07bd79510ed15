"""The reports in words: what each is for, its tables with their columns and codes, and bars for the figures that say most at a glance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from babel.dates import format_date

from directory import labels
from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.periods import Period
from directory.domain.waitlist.reports import ALL, Sheet, Told, Value
from directory.domain.waitlist.tiers import PriorityTier
from directory.i18n import N_, a_date, a_list, a_number, gettext, language, ngettext
from directory.web.presenters import Link
from directory.web.waitlist.presenters_offers import OUT_OF_TURN
from directory.web.waitlist.presenters_slots import code_words
from directory.web.waitlist.presenters_words import CLOSINGS, tier_name

_ = gettext

Groups = Mapping[int, Sequence[PriorityTier]]
MOST_ROWS = 50
"""People on one page; all of them are in the file."""
HIDDEN = N_("kept back")
WIDE = 6
"""A table with more columns than that takes the whole page."""
NARROW = 3
"""So many columns a telephone shows at once."""
REPORTS = {
    "exceptions": (
        N_("Time limits that were passed"),
        N_(
            "People whom the law puts first, and what they were owed: interim services within 48 hours, a place within 14 or 120 days."
        ),
    ),
    "contact": (
        N_("People whom nobody has reached"),
        N_("Open places where the last sign is older than the line allows, as it is now."),
    ),
    "capacity": (
        N_("Notices at 90 percent"),
        N_("Programs that were nearly full, and whether the State was told within 7 days."),
    ),
    "demand": (
        N_("Demand"),
        N_("How many asked for a place, stood in line at the end, were admitted, or left otherwise."),
    ),
    "order": (
        N_("The order of offers"),
        N_("Offers to somebody whose turn it was not, and why those before were not offered an opening."),
    ),
    "times": (
        N_("How long it took"),
        N_("In days: half took so long at the most, and 9 in 10."),
    ),
    "disclosures": (
        N_("What was told about people"),
        N_("How often something was told about each person, and to how many agencies."),
    ),
    "load": (
        N_("Load of the lines"),
        N_(
            "The last 90 days. Above a load of 1 a line grows. A ratio over 2 is twice the size at which people wait 14 days."
        ),
    ),
    "estimate": (
        N_("Did the estimates come true?"),
        N_(
            "Of the people placed in the last 90 days, how many waited as long as they were told. It should be about 80 percent."
        ),
    ),
}
"""By the code of a report: what it is called, and what it says."""
SHEETS = {
    "exceptions": N_("Each limit that was passed"),
    "contact": N_("Who"),
    "capacity": N_("Notices"),
    "demand-tier": N_("By group"),
    "demand-care": N_("By level of care"),
    "demand-line": N_("By line"),
    "removed": N_("Why people left a line"),
    "out-of-order": N_("Offers"),
    "passed-over": N_("Why somebody before was not offered it"),
    "times": N_("Days from one step to the next"),
    "disclosures": N_("Who"),
    "load": N_("Lines"),
    "estimate": N_("Lines"),
}
COLUMNS = {
    "kind": N_("Limit"),
    "upi": N_("Number"),
    "line": N_("Line"),
    "tier": N_("Group"),
    "requested": N_("Asked"),
    "since": N_("Passed on"),
    "until": N_("Until"),
    "days-over": N_("Days over"),
    "missing": N_("What was missing for 120 days"),
    "status": N_("State"),
    "last-contact": N_("Last sign"),
    "allowed-days": N_("Days allowed"),
    "days-without": N_("Days without"),
    "agency": N_("Agency"),
    "program": N_("Program"),
    "level": N_("Level"),
    "share": N_("Percent"),
    "reached": N_("Reached"),
    "due": N_("Due"),
    "sent": N_("Sent"),
    "sent-to": N_("Sent to"),
    "state": N_("State"),
    "care": N_("Level of care"),
    "listed": N_("In line at the end"),
    "admitted": N_("Admitted"),
    "removed": N_("Left otherwise"),
    "reason": N_("Reason"),
    "number": N_("Number of times"),
    "step": N_("Step"),
    "median-days": N_("Half took at most"),
    "p90-days": N_("9 in 10 took at most"),
    "disclosures": N_("Times"),
    "agencies": N_("Agencies"),
    "last": N_("Last"),
    "waiting": N_("In line now"),
    "load": N_("Load"),
    "queue-ratio": N_("Ratio to its target size"),
    "placed": N_("Placed"),
    "left": N_("Left without a place"),
    "inside": N_("As told (percent)"),
    "inside-from": N_("At least"),
    "inside-to": N_("At most"),
    "early": N_("Sooner (percent)"),
    "late": N_("Later (percent)"),
    ALL: N_("All"),
}
KINDS = {
    "interim": N_("48 hours without interim services"),
    "14-days": N_("14 days without a place"),
    "120-days": N_("120 days without a place"),
}
MISSING = {
    "no-capacity": N_("a check on the day of the request that nobody had room"),
    "interim": N_("interim services within 48 hours"),
}
STEPS = {
    "request-interim": N_("From the request to interim services"),
    "request-offer": N_("From the request to the first offer"),
    "offer-acknowledge": N_("From an offer until the agency saw it"),
    "offer-admit": N_("From an offer to the admission"),
}
STATES = {
    "waiting": N_("Waits"),
    "on-hold": N_("On hold"),
    "offered": N_("Has an offer"),
    "due": N_("Due"),
    "overdue": N_("Overdue"),
    "sent": N_("Sent"),
    "steady": N_("Holds"),
    "growing": N_("Grows"),
    "special-measures": N_("Too long to come back by itself"),
    "few": N_("Too few to say"),
    "sound": N_("As it should be"),
    "too-low": N_("Too many were told something else"),
}
TIERS = {
    Tier.PREGNANT_INJECTING: N_("Pregnant, and injects drugs"),
    Tier.PREGNANT: N_("Pregnant"),
    Tier.INJECTING: N_("Injects drugs"),
    Tier.OTHERS: N_("All others"),
}
OPEN_ENDS = {"until": N_("still"), "sent": N_("not yet"), "other": N_("not known")}
"""What stands in a cell without a value, by its column."""
NAMES = frozenset({"upi", "line", "agency", "program", "level", "sent-to"})
"""Columns whose cells are names: they are shown as they are."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its length and its places in units of the picture, with its label and its figure."""

    label: str
    figure: str
    length: float
    label_at: int
    bar_at: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of one column, labelled directly. What is kept back has a label and no bar."""

    id: str
    title: str
    height: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class SheetView:
    """A table with its pictures. `more` says how many rows are not shown; "" where all are. `is_wide`: it takes the whole page;
    `slides`: on a telephone it is seen only in part."""

    id: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    charts: tuple[Chart, ...]
    more: str
    has_total: bool
    is_wide: bool
    slides: bool


def report_title(code: str) -> str:
    """What a report is called."""
    return _(REPORTS[code][0])


def sheet_view(sheet: Sheet, zone: tzinfo, groups: Groups) -> SheetView:
    """A table in words. Moments are days in the zone of the site; `groups` are those of the lines' own rules by rank."""
    shown = sheet.rows[:MOST_ROWS]
    left = len(sheet.rows) - len(shown)
    more = ngettext("%(n)s more is in the file.", "%(n)s more are in the file.", left) % {"n": a_number(left)}
    return SheetView(
        id=f"sheet-{sheet.code}",
        title=_(SHEETS[sheet.code]),
        head=tuple(_head(name, groups) for name in sheet.columns),
        rows=tuple(
            tuple(
                _in_row(sheet, row, name, value, zone, groups) for name, value in zip(sheet.columns, row, strict=True)
            )
            for row in shown
        ),
        charts=tuple(chart for name in sheet.chart if (chart := _chart(sheet, name, zone, groups))),
        more=more if left else "",
        has_total=bool(sheet.rows) and sheet.rows[-1][0] == ALL,
        is_wide=len(sheet.columns) > WIDE,
        slides=len(sheet.columns) > NARROW,
    )


def _head(name: str, groups: Groups) -> str:
    tier = name.removeprefix("tier-")
    return tier_words(int(tier), groups) if tier != name else _(COLUMNS[name])


def _in_row(sheet: Sheet, row: Sequence[Value], name: str, value: Value, zone: tzinfo, groups: Groups) -> str:
    """A cell, with why a line is too long where it is: that follows from its size and not from its load."""
    ratio = row[sheet.columns.index("queue-ratio")] if value == "special-measures" else None
    if not isinstance(ratio, (int, float)):
        return cell(sheet.code, name, value, zone, groups)
    times = _("%(n)s times the size at which people wait 14 days") % {"n": a_number(ratio, 0 if ratio >= 10 else 1)}
    return f"{_(STATES['special-measures'])}: {times}"


def cell(sheet: str, name: str, value: Value, zone: tzinfo, groups: Groups) -> str:
    """A cell in words: figures as the reader's language writes them, codes by what they mean, what is kept back as such."""
    if value is None:
        return _(OPEN_ENDS.get(name, OPEN_ENDS["other"]))
    if isinstance(value, Told):
        return _(HIDDEN)
    if value == ALL:
        return _("All")
    if name == "tier" and isinstance(value, int):
        return tier_words(value, groups)
    if isinstance(value, datetime):
        return a_date(value.astimezone(zone).date())
    if isinstance(value, date):
        return a_date(value)
    return _text(sheet, name, value) if isinstance(value, str) else a_number(value, 2)


def _text(sheet: str, name: str, value: str) -> str:
    if name in NAMES or not value:
        return value
    if name == "missing":
        return a_list([_(MISSING[code]) for code in value.split(",")])
    if name == "reason":
        return _reason(sheet, value)
    tables: Mapping[str, Mapping[str, str]] = {"kind": KINDS, "step": STEPS, "care": labels.CARE}
    return _(tables.get(name, STATES).get(value, value))


def _reason(sheet: str, code: str) -> str:
    if sheet == "passed-over":
        return code_words(code)
    if code == "in-order":
        return _("In the order")
    return _((CLOSINGS if sheet == "removed" else OUT_OF_TURN).get(code, code))


def tier_words(tier: int, groups: Groups) -> str:
    """Which group: one that the law puts first, one of a line's own rules, or all others."""
    if tier in set(Tier):
        return _(TIERS[Tier(tier)])
    if tier in groups:
        return a_list([tier_name(each) for each in groups[tier]])
    return _("A group that the rules do not name any more")


# --- pictures --------------------------------------------------------------------------------------------------------

WIDEST = 240.0
ROW, LABEL, BAR = 38, 14, 19
"""Heights in the picture: of a row, of the line of a label's letters, of where its bar begins."""


def _chart(sheet: Sheet, name: str, zone: tzinfo, groups: Groups) -> Chart | None:
    """The bars of a column; None where there is nothing to compare."""
    place = sheet.columns.index(name)
    rows = [row for row in sheet.rows if row[0] != ALL]
    numbers = [value for row in rows if isinstance(value := row[place], (int, float))]
    if len(rows) < 2 or not any(numbers):
        return None
    bars = tuple(
        _bar(
            number,
            cell(sheet.code, sheet.columns[0], row[0], zone, groups),
            row[place],
            max(numbers),
            cell(sheet.code, name, row[place], zone, groups),
        )
        for number, row in enumerate(rows)
    )
    return Chart(f"chart-{sheet.code}-{name}", _head(name, groups), ROW * len(bars), bars)


def _bar(number: int, label: str, value: Value, most: float, figure: str) -> Bar:
    length = round(WIDEST * value / most, 1) if isinstance(value, (int, float)) else 0.0
    return Bar(label, figure, length, ROW * number + LABEL, ROW * number + BAR)


# --- choosing --------------------------------------------------------------------------------------------------------


def period_words(period: Period) -> str:
    """Such as "March 2026", "Quarter 1 of 2026" or "2026"."""
    year = str(period.first.year)
    if period.kind == "quarter":
        return _("Quarter %(n)s of %(year)s") % {"n": str(period.quarter), "year": year}
    return year if period.kind == "year" else format_date(period.first, "LLLL yyyy", locale=language())


TROUBLES: Mapping[str, Callable[[int], str]] = {
    "exceptions": lambda n: ngettext("%(n)s time limit is passed now", "%(n)s time limits are passed now", n),
    "contact": lambda n: ngettext(
        "%(n)s person has not been reached for too long", "%(n)s people have not been reached for too long", n
    ),
    "capacity": lambda n: ngettext(
        "%(n)s notice at 90 percent is overdue", "%(n)s notices at 90 percent are overdue", n
    ),
    "load": lambda n: ngettext(
        "%(n)s line is too long to come back by itself", "%(n)s lines are too long to come back by themselves", n
    ),
    "estimate": lambda n: ngettext(
        "The estimates of %(n)s line do not come true", "The estimates of %(n)s lines do not come true", n
    ),
}


def summary(found: Sequence[tuple[str, int]]) -> tuple[Link, ...]:
    """What has gone wrong, each with a link to its report, most urgent first; empty where nothing has."""
    return tuple(
        Link(TROUBLES[code](number) % {"n": a_number(number)}, f"/oversight/{code}") for code, number in found if number
    )
