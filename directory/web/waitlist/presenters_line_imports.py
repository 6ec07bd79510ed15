"""A spreadsheet of people who wait, in words: its figures, the rows that were turned away, and the people in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.i18n import N_, a_date, a_number, gettext, ngettext
from directory.services.waitlist.line_imports import ImportShown, Kept
from directory.web.presenters import Fact
from directory.web.wording import age_words

_ = gettext

IMPORTS = "/line-imports"
MOST_SHOWN = 200
"""People, and rows that were turned away, on the page; the figures count all."""
STATES = {
    "waiting": N_("Waits for the word of a coordinator"),
    "agreed": N_("Its people are being put in: %(done)s of %(all)s so far"),
    "unread": N_("It was agreed to, but its seal does not open. Nobody of it was lost"),
    "done": N_("Its people are in their lines"),
    "refused": N_("Was not taken, and its rows are gone"),
}
COLUMNS = {
    "name": N_("Whole name"),
    "born": N_("Born"),
    "phone": N_("Phone"),
    "email": N_("E-mail address"),
    "note": N_("Note"),
}
REASONS = (
    (r"the same person as in line (?P<line>\d+)", N_("It is the same person as in line %(line)s, who is put in.")),
    (r"no name", N_("It has no name.")),
    (r"no day of the request", N_("It does not say when they asked.")),
    (r"the day of the request is no date", N_("When they asked cannot be read as a date.")),
    (r"the day of the request is still to come", N_("The day on which they asked is still to come.")),
    (r"the day of the request is more than 5 years ago", N_("They asked more than 5 years ago. Is the year right?")),
    (r"the birth date", N_("The birth date cannot be right.")),
    (r"the telephone number", N_("The telephone number needs all 10 figures, with the area code.")),
    (r"the e-mail address", N_("The e-mail address is none.")),
    (r"the line is closed", N_("Its line was closed before the people of the file were put in.")),
    (r"no line", N_("It names no line of this agency.")),
    (r"what it says cannot be read: (?P<codes>.+)", N_("Nobody said what these words of it mean: %(codes)s.")),
    (r"too long: (?P<codes>.+)", N_("This is too long: %(codes)s.")),
    (r"\d+ columns instead of", N_("It has more or fewer columns than the first row.")),
)
"""How a reason begins (those of the reader, in English), and what is said of it."""
OTHER = N_("It cannot be read.")


@dataclass(frozen=True, slots=True)
class ImportCard:
    """A file in the list of all."""

    url: str
    name: str
    state: str
    age: str
    counts: str


@dataclass(frozen=True, slots=True)
class RowView:
    """Somebody in the file: the line it stands on, what they are called, and what else the row says."""

    line: str
    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class TurnedView:
    """A row that was turned away; `cells` are what stood there."""

    line: str
    reason: str
    cells: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ImportView:
    """One file. `can_settle` where it waits for the reader's word, `is_own` where the reader has sent it and somebody else has to look."""

    address: str
    name: str
    state: str
    facts: tuple[Fact, ...]
    rows: tuple[RowView, ...]
    turned: tuple[TurnedView, ...]
    more_rows: str
    can_settle: bool
    is_own: bool


def import_card(row: Kept, now: datetime) -> ImportCard:
    """A file with its state and its figures."""
    return ImportCard(f"{IMPORTS}/{row.id}", row.name, _state(row), age_words(row.at, now), _counts(row.report))


def _state(row: Kept) -> str:
    people = row.report["accepted"]
    return _(STATES[row.status]) % {"done": a_number(min(row.done_rows, people)), "all": a_number(people)}


def _counts(report: Mapping[str, Any]) -> str:
    people, turned = report["accepted"], len(report["rejected"])
    told = ngettext("%(n)s person", "%(n)s people", people) % {"n": a_number(people)}
    if not turned:
        return told
    away = ngettext("%(n)s row turned away", "%(n)s rows turned away", turned) % {"n": a_number(turned)}
    return f"{told}, {away}"


def import_view(shown: ImportShown, names: Mapping[str, str], now: datetime, *, by: str) -> ImportView:
    """One file, for the reader with this label."""
    row = shown.row
    is_open = row.status == "waiting" and row.word is not None
    left = len(shown.rows) - MOST_SHOWN
    more = ngettext("and %(n)s person more", "and %(n)s people more", left) % {"n": a_number(left)} if left > 0 else ""
    return ImportView(
        f"{IMPORTS}/{row.id}",
        row.name,
        _state(row),
        _facts(row, names, now),
        tuple(_row(each, shown.pools) for each in shown.rows[:MOST_SHOWN]),
        tuple(_turned_views(row.report["rejected"], shown.turned)),
        more,
        can_settle=is_open and row.by != by,
        is_own=is_open and row.by == by,
    )


def _facts(row: Kept, names: Mapping[str, str], now: datetime) -> tuple[Fact, ...]:
    report = row.report
    lines = "; ".join(f"{name}: {a_number(number)}" for name, number in sorted(report["lines"].items()))
    days = [a_date(date.fromisoformat(report[name])) for name in ("first_request", "last_request") if report[name]]
    found = [
        Fact(_("Rows read"), a_number(report["read"])),
        Fact(_("People to put in"), a_number(report["accepted"])),
        Fact(_("Rows turned away"), a_number(len(report["rejected"]))),
        Fact(_("By line"), lines or _("none")),
        Fact(_("They asked"), _span(days)),
        Fact(_("Sent by"), f"{names.get(row.by, row.by)}, {age_words(row.at, now)}"),
    ]
    if row.settled_by and row.settled_at:
        settled = f"{names.get(row.settled_by, row.settled_by)}, {age_words(row.settled_at, now)}"
        found.append(Fact(_("Agreed by"), settled))
    return tuple(found)


def _span(days: list[str]) -> str:
    if len(set(days)) < 2:
        return days[0] if days else _("none")
    return _("%(first)s to %(last)s") % {"first": days[0], "last": days[-1]}


def _row(given: Mapping[str, Any], pools: Mapping[int, str]) -> RowView:
    asked = a_date(date.fromisoformat(given["requested_on"]))
    told = [Fact(_("Line"), pools.get(given["pool"], "")), Fact(_("Asked on"), asked)]
    told += [Fact(_(title), given[name]) for name, title in COLUMNS.items() if given[name]]
    told += [Fact(code, value) for code, value in given["facts"]]
    return RowView(a_number(given["line"]), given["called"], tuple(told))


def _turned_views(reported: Iterable[Mapping[str, Any]], sealed: Iterable[Mapping[str, Any]]) -> Iterable[TurnedView]:
    cells = {each["line"]: each["cells"] for each in sealed}
    for each in list(reported)[:MOST_SHOWN]:
        shown = tuple(Fact(name, text) for name, text in cells.get(each["line"], ()) if text)
        yield TurnedView(a_number(each["line"]), reason_words(each["reason"]), shown)


def reason_words(reason: str) -> str:
    """Why a row was turned away, every reason that it has."""
    return " ".join(_words(each) for each in reason.split("; "))


def _words(reason: str) -> str:
    for pattern, words in REASONS:
        if found := re.match(pattern, reason):
            return _(words) % found.groupdict() if found.groupdict() else _(words)
    return _(OTHER)
