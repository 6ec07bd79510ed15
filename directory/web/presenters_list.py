"""A list that somebody takes along, as plain values: for the search page, where it is made, and for its own page, which is printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.search import DEFAULT_PER_PAGE, MAX_TAKEN, Query
from directory.i18n import a_moment, a_number, gettext, ngettext
from directory.services.lists import MOST_EXPORTED, ORDERS, GoneListing, TakenList
from directory.web.presenters import Link, listing_url
from directory.web.presenters_notices import Notice
from directory.web.presenters_paper import Entry, entry
from directory.web.presenters_question import Sort, search_url

_ = gettext


@dataclass(frozen=True, slots=True)
class TakeView:
    """What is on the list so far, and how each page carries it on.

    `fields` are the hidden fields of the form that the buttons send: the whole question and the list. `table_url` and
    `calendar_url` lead to the files, "" where there is nothing to put in them; `export_note` says when they do not hold all.
    """

    slugs: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    list_url: str
    table_url: str = ""
    calendar_url: str = ""
    export_note: str = ""

    @property
    def count(self) -> int:
        """How many are on it."""
        return len(self.slugs)

    @property
    def is_full(self) -> bool:
        """Whether no more can be added."""
        return self.count >= MAX_TAKEN


@dataclass(frozen=True, slots=True)
class ListView:
    """All that the page of a list says. `back_url` leads to the very search that it was made in, with the list."""

    take: TakeView
    summary: str
    entries: tuple[Entry, ...]
    gone: tuple[GoneListing, ...]
    notices: tuple[Notice, ...]
    sorts: tuple[Sort, ...]
    back_url: str


def take_view(query: Query, total: int | None = None) -> TakeView:
    """For a page of the search. `total` is how many it finds: None where nothing was looked for, which offers no files."""
    asked = query.url_query(per_page=DEFAULT_PER_PAGE, taken=())
    return TakeView(
        slugs=query.taken,
        fields=tuple(query.params()),
        list_url=list_url(query),
        table_url=_address("/search.csv", asked) if total else "",
        calendar_url=_address("/search.ics", asked) if total else "",
        export_note=_export_note(total or 0),
    )


def _export_note(total: int) -> str:
    if total <= MOST_EXPORTED:
        return ""
    words = _("The files hold the first %(most)s of %(total)s. Ask for less to have them all.")
    return words % {"most": a_number(MOST_EXPORTED), "total": a_number(total)}


def list_url(query: Query, order: str = "") -> str:
    """The page of the list. It holds the question too, so that there is a way back to it."""
    return _address("/list", query.url_query(page=query.page), _by(order))


def _by(order: str) -> str:
    return urlencode({"by": order}) if order else ""


def _address(path: str, *parts: str) -> str:
    query = "&".join(part for part in parts if part)
    return f"{path}?{query}" if query else path


def list_view(taken: TakenList, order: str, *, left_out: int = 0, before: Query | None = None) -> ListView:
    """The page of a list in one of ORDERS, or as it was made.

    `left_out` is how many could not be read; `before` the question before one was taken off, which puts it back.
    """
    query, place = taken.query, taken.place
    return ListView(
        take=_take(query, order),
        summary=_summary(taken),
        entries=tuple(entry(each, listing_url(each.card.slug), taken.now, place) for each in taken.details),
        gone=taken.gone,
        notices=tuple(_notices(taken, order, left_out, before)),
        sorts=_sorts(query, order, has_place=place is not None) if len(taken.details) > 1 else (),
        back_url=search_url(query, page=query.page),
    )


def _take(query: Query, order: str) -> TakeView:
    """The files of a list ask for what is on it and from where, not for the search that it was made in."""
    asked = Query(near=query.near, point=query.point, tz=query.tz, taken=query.taken).url_query()
    return TakeView(
        slugs=query.taken,
        fields=(*query.params(), *([("by", order)] if order else [])),
        list_url=list_url(query, order),
        table_url=_address("/list.csv", asked, _by(order)) if query.taken else "",
        calendar_url=_address("/list.ics", asked, _by(order)) if query.taken else "",
    )


def _summary(taken: TakenList) -> str:
    n = len(taken.details)
    places = ngettext("%(n)s place", "%(n)s places", n) % {"n": a_number(n)}
    now = taken.now.astimezone(ZoneInfo(taken.zone))
    words = _("%(places)s, as of %(when)s. Things change: call before you go.")
    return words % {"places": places, "when": a_moment(now)}


def _sorts(query: Query, order: str, *, has_place: bool) -> tuple[Sort, ...]:
    ways = ["", *(way for way in ORDERS if way != "distance" or has_place)]
    names = {way: labels.label("sort", way) if way else _("In your order") for way in ways}
    return tuple(Sort(names[way], "" if way == order else list_url(query, way)) for way in ways)


def _notices(taken: TakenList, order: str, left_out: int, before: Query | None) -> Iterator[Notice]:
    if before:
        link = Link(_("Put it back"), list_url(before, order))
        yield Notice("info", _("One place was taken off your list."), links=(link,))
    is_full = len(taken.query.taken) + taken.unknown >= MAX_TAKEN
    unknown = taken.unknown + (0 if is_full else left_out)
    if unknown:
        words = ngettext(
            "We do not know %(n)s place on this list and left it out.",
            "We do not know %(n)s places on this list and left them out.",
            unknown,
        )
        yield Notice("problem", words % {"n": a_number(unknown)}, _("The link may be old or cut short."))
    if is_full and left_out:
        words = _("A list holds %(most)s places at most. What came after them was left out.")
        yield Notice("problem", words % {"most": a_number(MAX_TAKEN)})
    if taken.query.near and not taken.place:
        words = _("We cannot find a place called “%(place)s”.") % {"place": taken.query.near}
        yield Notice("info", words, _("So no distances are shown."))
