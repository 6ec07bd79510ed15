"""How true the directory is: a page for everybody, in words and one small table. Its figures are kept for some minutes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response

from directory import labels
from directory.i18n import N_, a_date, a_number, gettext, ngettext
from directory.services.listings import data_version
from directory.services.quality import (
    AREA,
    DOOR,
    DOUBT,
    GRADES,
    LATELY,
    STREET,
    UNKNOWN,
    Checked,
    Quality,
    quality_show,
)
from directory.web.pages import facts_of
from directory.web.responses import PUBLIC, page
from directory.web.site import now_of, settings_of

_ = gettext

KEPT = timedelta(minutes=5)
GRADE = {
    DOOR: N_("The house is known"),
    STREET: N_("The street is known"),
    AREA: N_("Only the ZIP code or town is known"),
    DOUBT: N_("Found, but somebody has to look"),
    UNKNOWN: N_("Not found yet"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a kind, or all of them."""

    name: str
    listings: str
    lately: str
    never: str
    median: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source, and when it was last read; "" where it never was."""

    name: str
    read: str


async def show(request: Request) -> Response:
    """The page."""
    found, facts = await figures(request), await facts_of(request, await data_version())
    zone = ZoneInfo(settings_of(request).timezone)
    sources = [
        SourceLine(each.title or each.name, a_date(each.checked_at.astimezone(zone).date()) if each.checked_at else "")
        for each in facts.sources
        if each.listings
    ]
    context = {
        "title": _("How true the directory is"),
        "lead": lead_words(found.total),
        "rows": [row(_(labels.KIND[kind]), checked) for kind, checked in found.kinds.items()],
        "total": row(_("All"), found.total),
        "reports": ngettext("%(n)s report is open.", "%(n)s reports are open.", found.reports)
        % {"n": a_number(found.reports)},
        "places": [(_(GRADE[grade]), share_words(found.places[grade], sum(found.places.values()))) for grade in GRADES],
        "has_places": any(found.places.values()),
        "sources": sources,
        "lately": LATELY,
        "day": a_date(found.at.astimezone(zone).date()),
        "has_demo": facts.has_demo,
    }
    return page(request, "quality/page.html", context, cache=PUBLIC)


async def figures(request: Request) -> Quality:
    """The figures, asked again when they are some minutes old: that many visitors ask, even at once, costs no more than one."""
    now, state = now_of(request), request.app.state
    if found := _fresh(state, now):
        return found
    if not hasattr(state, "quality_lock"):
        state.quality_lock = asyncio.Lock()
    async with state.quality_lock:
        if (found := _fresh(state, now)) is None:  # nobody has asked while this one waited
            found = state.quality = await quality_show(now=now)
    return found


def _fresh(state: State, now: datetime) -> Quality | None:
    """The figures that are kept, unless they are old."""
    known: Quality | None = getattr(state, "quality", None)
    return known if known and timedelta() <= now - known.at < KEPT else None


def lead_words(total: Checked) -> str:
    """What it comes to, in one sentence."""
    if not total.listings:
        return _("There is nothing in the directory yet.")
    words = _("%(share)s of the listings were checked in the last %(n)s days, by us or by their source.")
    return words % {"share": share_words(total.lately, total.listings), "n": a_number(LATELY)}


def row(name: str, checked: Checked) -> Row:
    """A line of the table."""
    median = _("never") if checked.median is None else _days(checked.median)
    return Row(
        name,
        ngettext("%(n)s listing", "%(n)s listings", checked.listings) % {"n": a_number(checked.listings)},
        share_words(checked.lately, checked.listings),
        share_words(checked.never, checked.listings),
        median,
    )


def _days(number: float) -> str:
    whole = round(number)
    return ngettext("%(n)s day", "%(n)s days", whole) % {"n": a_number(whole)}


def share_words(part: int, whole: int) -> str:
    """Such as "42%": never 0% or 100% for what is only nearly so."""
    if not whole:
        return _("none")
    share = round(100 * part / whole)
    if part and share == 0:
        return _("under 1%%") % {}
    if part < whole and share == 100:
        return _("over 99%%") % {}
    return f"{a_number(share)}%"
