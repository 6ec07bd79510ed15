"""The reports in words: what each is for, its tables with their columns and codes, and bars for the figures that say most at a glance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby

from babel.dates import format_date

from directory import labels
from directory.domain.bridge.outcomes import LOST, REFERENCES
from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.periods import Period
from directory.domain.waitlist.reports import ALL, Sheet, Told, Value
from directory.domain.waitlist.tiers import PriorityTier
from directory.i18n import N_, a_date, a_list, a_number, gettext, language, ngettext
from directory.web.presenters import Link
from directory.web.waitlist.presenters_charts import Chart, Drawn, chart
from directory.web.waitlist.presenters_offers import OUT_OF_TURN
from directory.web.waitlist.presenters_oversight_words import (
    COLUMNS,
    DEFINITIONS,
    KINDS,
    MEASURES,
    MISSING,
    NAMES,
    OPEN_ENDS,
    REPORTS,
    SHEETS,
    STATES,
    STEPS,
    TIERS,
)
from directory.web.waitlist.presenters_slots import code_words
from directory.web.waitlist.presenters_words import CLOSINGS, tier_name

_ = gettext

Groups = Mapping[int, Sequence[PriorityTier]]
MOST_ROWS = 50
"""People on one page; all of them are in the file."""
HIDDEN = N_("kept back")
WIDE = 6
"""A table with more columns than that takes the whole page."""
NARROW = 4
"""So many columns a telephone shows at once."""
DAYS = frozenset({"median-days", "p90-days"})
"""Columns whose figures are days."""


@dataclass(frozen=True, slots=True)
class Fold:
    """The part of a table that is about one thing, folded away: its name, what is said of all together, and its rows. `about` is where it is
    said what it counts."""

    title: str
    said: str
    about: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Headed:
    """The rows of which the first column says the same, without it. `about` is where it is said what they count, or ""."""

    title: str
    about: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class SheetView:
    """A table with its pictures. `more` says how many rows are not shown; "" where all are. `is_wide`: it takes the whole page;
    `slides`: on a telephone it is seen only in part. `headed` are its rows under what the first column says, where that is the same of
    many, and without it; `head` then lacks it too. `about`: for each row where it is said what it counts, or "". Of one whose rows
    are of several things (`folds`) those are shown in its place."""

    id: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    charts: tuple[Chart, ...]
    more: str
    has_total: bool
    is_wide: bool
    slides: bool
    about: tuple[str, ...] = ()
    folds: tuple[Fold, ...] = ()
    headed: tuple[Headed, ...] = ()


def definitions(code: str) -> tuple[tuple[str, str, str], ...]:
    """What each figure of a report counts, where that is not plain: its place on the page, its name, and its definition."""
    found = DEFINITIONS if code == "outcomes" else {}
    return tuple((f"means-{name}", _((MEASURES | STEPS)[name]), _(text)) for name, text in found.items())


def _about(value: Value) -> str:
    """Where it is said what the row of this measure counts; "" for all else."""
    return f"#means-{value}" if value in DEFINITIONS else ""


def report_title(code: str) -> str:
    """What a report is called."""
    return _(REPORTS[code][0])


def sheet_view(sheet: Sheet, zone: tzinfo, groups: Groups) -> SheetView:
    """A table in words. Moments are days in the zone of the site; `groups` are those of the lines' own rules by rank."""
    shown = sheet.rows[:MOST_ROWS]
    left = len(sheet.rows) - len(shown)
    more = ngettext("%(n)s more is in the file.", "%(n)s more are in the file.", left) % {"n": a_number(left)}
    rows = tuple(_row(sheet, row, zone, groups) for row in shown)
    about = tuple(_about(row[0]) for row in shown)
    head = tuple(_head(name, groups) for name in sheet.columns)
    is_headed = sheet.columns[0] == "step"
    return SheetView(
        id=f"sheet-{sheet.code}",
        title=_(SHEETS[sheet.code]),
        head=head[1:] if is_headed else head,
        rows=rows,
        charts=tuple(chart for name in sheet.chart if (chart := _chart(sheet, name, zone, groups))),
        more=more if left else "",
        has_total=bool(sheet.rows) and sheet.rows[-1][0] == ALL,
        is_wide=len(sheet.columns) > WIDE,
        slides=len(sheet.columns) - is_headed > NARROW,
        about=about,
        folds=_folds(sheet, zone, groups) if sheet.is_folded else (),
        headed=_headed(rows, about) if is_headed else (),
    )


def _row(sheet: Sheet, row: Sequence[Value], zone: tzinfo, groups: Groups) -> tuple[str, ...]:
    pairs = zip(sheet.columns, row, strict=True)
    return tuple(_in_row(sheet, row, name, value, zone, groups) for name, value in pairs)


def _headed(rows: Sequence[tuple[str, ...]], about: Sequence[str]) -> tuple[Headed, ...]:
    """The rows under what their first column says; `about` is that of each."""
    found = groupby(zip(rows, about, strict=True), key=lambda pair: (pair[0][0], pair[1]))
    return tuple(Headed(title, place, tuple(row[1:] for row, _place in those)) for (title, place), those in found)


def _folds(sheet: Sheet, zone: tzinfo, groups: Groups) -> tuple[Fold, ...]:
    """A part for each thing that stands in the first column, whose last row is about all together."""
    found = []
    for measure in dict.fromkeys(row[0] for row in sheet.rows):
        rows = [row[1:] for row in sheet.rows if row[0] == measure]
        told = [
            tuple(
                cell(sheet.code, name, value, zone, groups) for name, value in zip(sheet.columns[1:], row, strict=True)
            )
            for row in rows
        ]
        whole = rows[-1][-1]
        said = _("%(n)s percent") % {"n": told[-1][-1]} if isinstance(whole, (int, float)) else told[-1][-1]
        head = tuple(_head(name, groups) for name in sheet.columns[1:])
        found.append(Fold(_(MEASURES[str(measure)]), said, _about(measure), head, tuple(told)))
    return tuple(found)


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
    if isinstance(value, str):
        return _text(sheet, name, value)
    return _days(value) if name in DAYS else a_number(value, 2)


def _days(value: float) -> str:
    """Such as "82.7 days"."""
    return ngettext("%(n)s day", "%(n)s days", 1 if value == 1 else 2) % {"n": a_number(value, 1)}


def _text(sheet: str, name: str, value: str) -> str:
    if name in NAMES or not value:
        return value
    if name == "missing":
        return a_list([_(MISSING[code]) for code in value.split(",")])
    if name == "reason":
        return _reason(sheet, value)
    tables: Mapping[str, Mapping[str, str]] = {
        "kind": KINDS,
        "step": STEPS,
        "care": labels.CARE,
        "measure": MEASURES,
    }
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


def _chart(sheet: Sheet, name: str, zone: tzinfo, groups: Groups) -> Chart | None:
    """The bars of a column; None where there is nothing to compare."""
    place = sheet.columns.index(name)
    rows = [
        Drawn(
            cell(sheet.code, sheet.columns[0], row[0], zone, groups),
            row[place],
            cell(sheet.code, name, row[place], zone, groups),
            is_elsewhere=row[0] in REFERENCES,
            beside=tuple(percent for _people, percent in REFERENCES.values()) if row[0] == LOST else (),
        )
        for row in sheet.rows
        if row[0] != ALL
    ]
    return chart(f"chart-{sheet.code}-{name}", _head(name, groups), rows, is_percent=name == "percent")


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
