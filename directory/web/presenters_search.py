"""A search as plain values for its page: the question in words, the form as it was, what was left out, and ways to widen or narrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from directory import labels
from directory.domain.errors import Problem
from directory.domain.places import place_key, state_code
from directory.domain.results import Card, SearchResult
from directory.domain.search import DAY_WORDS, MAX_WITHIN, TIMES_OF_DAY, Query
from directory.domain.taxonomy import ATTENDANCE, FACETS, KINDS
from directory.i18n import a_language, a_number, a_weekday, gettext, ngettext
from directory.web.presenters import CardView, Link, card_views, line_views
from directory.web.wording import moment_words, whole_words

_ = gettext

RADII = (1, 2, 5, 10, 25, 50, 100, 250, 500)
PROGRAM_CHOICES = ("aa", "na", "smart", "al-anon", "rd", "ca", "cma", "ha", "ma", "coda", "aca", "ga")
"""The programs that the form offers; any other can be asked for by address and then shows up beside them."""
LANGUAGE_CHOICES = ("en", "es")
ALONE = {"within", "sort", "page", "per_page", "tz", "at"}
"""Parameters that ask for nothing by themselves."""
OF_TIME = ("open", "time", "day")
"""What `unknown` counts under any of these names is hours that nobody has told us."""
MIN_WITHIN = 1
KEPT = ("lat", "lon", "type", "tz", "at", "sort", "per_page")
"""What the form has no field for and must not lose."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a field."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A set of choices. `sort` is "many" (checkboxes) or "one" (a list to pick from); `is_open` where something is chosen."""

    name: str
    title: str
    sort: str
    choices: tuple[Choice, ...]
    is_open: bool
    chosen: int


@dataclass(frozen=True, slots=True)
class Form:
    """The search form as the visitor left it. `by_point`: the place is a point, not words; `anywhere` asks without it."""

    text: str
    near: str
    by_point: bool
    elsewhere_url: str
    within: tuple[Choice, ...]
    open_now: bool
    groups: tuple[Group, ...]
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the visitor should know before the list. `tone`: info or problem."""

    tone: str
    text: str
    help: str = ""
    items: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Sort:
    """One way to sort; `url` is empty for the one in use."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class SearchView:
    """All that the search page says."""

    title: str
    form: Form
    notices: tuple[Notice, ...]
    chips: tuple[Link, ...] = ()
    sorts: tuple[Sort, ...] = ()
    cards: tuple[CardView, ...] = ()
    first: int = 1
    position: str = ""
    previous_url: str = ""
    next_url: str = ""
    online_url: str = ""
    asks_first: bool = False
    is_empty: bool = False
    asks_time: bool = False
    widen: tuple[Link, ...] = ()
    lines: tuple[CardView, ...] = ()


def is_blank(query: Query) -> bool:
    """Whether nothing is asked and no place is given."""
    return all(name in ALONE for name, _value in query.params())


def search_url(query: Query, **changes: object) -> str:
    """The address of this question with some of it replaced."""
    words = query.url_query(**changes)
    return f"/search?{words}" if words else "/search"


def _tail(query: Query, place: str) -> list[str]:
    parts = []
    if query.has_place and not query.online_only:
        parts.append(_("within %(miles)s of %(place)s") % {"miles": _miles(query.within), "place": place})
    if query.online_only:
        parts.append(_("online or by phone"))
    if query.day:
        parts.append(day_name(query.day))
    if query.time:
        parts.append(_(labels.TIME_SHORT[query.time]) if query.time in labels.TIME_SHORT else query.time)
    if query.open_now:
        parts.append(_("open now"))
    return parts


def title_words(query: Query, total: int, place: str) -> str:
    """The heading: such as "12 meetings within 5 miles of Philadelphia, PA 19107, Monday".

    It is the title too, which stands in a browser's history: the words that were searched are in their field and chip alone.
    """
    kinds = query.kinds or (("meeting",) if query.programs else ())
    what = labels.count(kinds[0] if len(kinds) == 1 else "", total, a_number(total))
    tail = _tail(query, place)
    joined = f"{what} {tail[0]}" if tail and query.has_place and not query.online_only else ", ".join([what, *tail[:1]])
    return ", ".join([joined, *tail[1:]])


def day_name(day: str) -> str:
    """The name of a day as it is asked for."""
    if day.isdigit():
        return a_weekday(int(day))
    return {"today": _("today"), "tomorrow": _("tomorrow")}[day]


def _place_words(result: SearchResult) -> str:
    if result.place and result.place.label:
        return whole_words(result.place.label)
    return _("your location") if result.query.point else result.query.near


def form(query: Query) -> Form:
    """The form that asks this question."""
    return Form(
        text=query.text,
        near=query.near,
        by_point=query.point is not None,
        elsewhere_url=search_url(query, point=None),
        within=_radii(query.within),
        open_now=query.open_now,
        groups=tuple(_groups(query)),
        kept=tuple((name, value) for name, value in query.params() if name in KEPT),
    )


def _radii(within: float) -> tuple[Choice, ...]:
    miles = sorted({*map(float, RADII), within})
    return tuple(Choice(f"{n:g}", _miles(n), n == within) for n in miles)


def _miles(miles: float) -> str:
    return ngettext("%(n)s mile", "%(n)s miles", 1 if miles == 1 else 2) % {"n": a_number(miles, 1)}


def _groups(query: Query) -> Iterator[Group]:
    yield _many("kind", KINDS, query.kinds)
    days = [Choice(day, day_name(day).capitalize(), query.day == day) for day in ("today", "tomorrow", *DAY_WORDS[:7])]
    yield _one("day", _("Any day"), days)
    times = [Choice(time, labels.label("time", time), query.time == time) for time in ("now", *TIMES_OF_DAY)]
    if query.time and query.time not in labels.TIME:
        times.append(Choice(query.time, query.time, True))
    yield _one("time", _("Any time"), times)
    yield _many("attendance", ATTENDANCE, query.attendance)
    yield _many("program", dict.fromkeys((*PROGRAM_CHOICES, *query.programs)), query.programs)
    for facet in ("care", "people", "pay", "medication", "access"):
        yield _many(facet, FACETS[facet], query.facets.get(facet, ()))
    yield _languages(query.languages)


def _many(name: str, values: Iterable[str], chosen: Sequence[str]) -> Group:
    choices = tuple(Choice(value, labels.label(name, value), value in chosen) for value in values)
    return Group(name, labels.facet_name(name), "many", choices, bool(chosen), len(chosen))


def _one(name: str, anything: str, choices: list[Choice]) -> Group:
    chosen = sum(choice.chosen for choice in choices)
    return Group(
        name, labels.facet_name(name), "one", (Choice("", anything, not chosen), *choices), bool(chosen), chosen
    )


def _languages(chosen: Sequence[str]) -> Group:
    tags = dict.fromkeys((*LANGUAGE_CHOICES, *chosen))
    choices = tuple(Choice(tag, a_language(tag).capitalize(), tag in chosen) for tag in tags)
    return Group("language", labels.facet_name("language"), "many", choices, bool(chosen), len(chosen))


def chips(query: Query) -> tuple[Link, ...]:
    """The filters in use, each with the address of the same question without it."""
    return tuple(Link(text, search_url(query, **changes)) for text, changes in _removals(query))


def _removals(query: Query) -> Iterator[tuple[str, dict[str, object]]]:
    if query.text:
        yield f"“{query.text}”", {"text": "", "words": ()}
    for kind in query.kinds:
        yield labels.label("kind", kind), {"kinds": _without(query.kinds, kind)}
    if query.day:
        yield day_name(query.day).capitalize(), {"day": ""}
    if query.time:
        yield labels.label("time", query.time), {"time": ""}
    if query.open_now:
        yield _("Open now"), {"open_now": False}
    if query.at:
        yield f"{labels.facet_name('at')}: {moment_words(query.at, query.at)}", {"at": None}
    for way in query.attendance:
        yield labels.label("attendance", way), {"attendance": _without(query.attendance, way)}
    for program in query.programs:
        yield labels.label("program", program), {"programs": _without(query.programs, program)}
    for facet, values in query.facets.items():
        for value in values:
            yield labels.label(facet, value), {"facets": {**query.facets, facet: _without(values, value)}}
    for tag in query.languages:
        yield a_language(tag).capitalize(), {"languages": _without(query.languages, tag)}
    for pair in query.types:
        yield ":".join(pair), {"types": tuple(other for other in query.types if other != pair)}


def _without(values: Sequence[str], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def sorts(query: Query) -> tuple[Sort, ...]:
    """The ways to sort that make sense here."""
    located = query.has_place and not query.online_only
    ways = ("distance", "time", "name") if located else ("time", "name")
    return tuple(
        Sort(labels.label("sort", way), "" if query.order == way else search_url(query, sort=way)) for way in ways
    )


def problem_notices(problems: Sequence[Problem]) -> tuple[Notice, ...]:
    """What was left out of the question, and why."""
    if not problems:
        return ()
    text = ngettext("We left one part of your question out:", "We left some parts of your question out:", len(problems))
    items = tuple(labels.problem(problem.field, problem.code, problem.value, problem.allowed) for problem in problems)
    return (Notice("problem", text, items=items),)


def within_notice(miles: float) -> Notice:
    """How far was asked further or nearer than we look: what was looked at instead."""
    words = _("Choose %(least)s to %(most)s miles.") % {"least": MIN_WITHIN, "most": f"{MAX_WITHIN:g}"}
    return Notice("info", words, _("We looked within %(miles)s.") % {"miles": _miles(miles)})


def place_notice(query: Query, place: str, suggestions: Sequence[str]) -> Notice:
    """The place is not known, or not which one: what to try instead, one tap away."""
    links = tuple(Link(whole_words(name), search_url(query, near=name)) for name in suggestions)
    if len(suggestions) > 1 and {_town(name) for name in suggestions} == {_town(place)}:
        words = _("There is more than one %(place)s.") % {"place": place.partition(",")[0].strip()}
        return Notice("problem", words, _("Which one?"), links=links)
    if suggestions and state_code(place):
        return Notice("problem", _("“%(place)s” is a state.") % {"place": place}, _("Which town?"), links=links)
    help_ = _("Did you mean one of these?") if suggestions else labels.error_help("place-not-found")
    return Notice("problem", _("We cannot find a place called “%(place)s”.") % {"place": place}, help_, links=links)


def _town(place: str) -> str:
    """The name of the town in "Town, ST", to be compared."""
    return place_key(place.partition(",")[0])


def beyond_notices(query: Query, total: int) -> tuple[Notice, ...]:
    """A page after the last is no empty answer: it offers the last."""
    last = _last_page(query, total)
    if not total or query.page <= last:
        return ()
    words = ngettext("The list has only %(n)s page.", "The list has only %(n)s pages.", last) % {"n": a_number(last)}
    link = Link(_("Go to page %(page)s") % {"page": a_number(last)}, search_url(query, page=last))
    return (Notice("info", words, links=(link,)),)


def _last_page(query: Query, total: int) -> int:
    return -(-total // query.per_page)


def unknown_notices(result: SearchResult) -> tuple[Notice, ...]:
    """Listings that may fit but do not say: unknown is not no. All that is asked of the time is one."""
    hours = max((result.unknown.get(name, 0) for name in OF_TIME), default=0)
    found = [_hours_notice(result.query, hours)] if hours else []
    others = ((facet, number) for facet, number in result.unknown.items() if number and facet not in OF_TIME)
    return (*found, *(_unknown_notice(result.query, facet, number) for facet, number in others))


def _hours_notice(query: Query, number: int) -> Notice:
    text = ngettext("%(n)s more place does not say its hours.", "%(n)s more places do not say their hours.", number)
    link = Link(_("Show them too"), search_url(query, open_now=False, day="", time=""))
    return Notice("info", text % {"n": a_number(number)}, links=(link,))


def _unknown_notice(query: Query, facet: str, number: int) -> Notice:
    text = ngettext(
        "%(n)s more listing may fit, but does not say: %(facet)s.",
        "%(n)s more listings may fit, but do not say: %(facet)s.",
        number,
    )
    words = text % {"n": a_number(number), "facet": labels.facet_name(facet)}
    return Notice("info", words, links=(Link(_("Show them too"), search_url(query, **_any_of(query, facet))),))


def _any_of(query: Query, facet: str) -> dict[str, object]:
    """What takes a facet out of a question."""
    return {"languages": ()} if facet == "language" else {"facets": {**query.facets, facet: ()}}


def widen(query: Query) -> tuple[Link, ...]:
    """Ways to find more: a wider circle, one filter less, what is online."""
    found = []
    if query.has_place and not query.online_only:
        wider = [miles for miles in RADII if miles > query.within][0:3:2]
        found += [Link(_("Within %(miles)s") % {"miles": _miles(m)}, search_url(query, within=float(m))) for m in wider]
    removals = chips(query)
    found += [Link(_("Without %(filter)s") % {"filter": chip.text}, chip.url) for chip in removals]
    return tuple(found)


def online_url(query: Query) -> str:
    """The same question for what can be joined from anywhere; "" where meetings are not asked for."""
    if "online" in query.attendance or (query.kinds and "meeting" not in query.kinds):
        return ""
    return search_url(query, attendance=("online",), kinds=("meeting",))


def asking_view(
    query: Query, problems: Sequence[Problem], notices: Sequence[Notice], lines: Sequence[Card], now: datetime
) -> SearchView:
    """The page for a question that cannot be answered yet: the form comes first, as it was."""
    return SearchView(
        title=_("What do you need, and where?") if is_blank(query) else _("Where shall we look?"),
        form=form(query),
        notices=(*notices, *problem_notices(problems)),
        asks_first=True,
        lines=line_views(lines, now),
    )


def result_view(
    result: SearchResult, problems: Sequence[Problem], notices: Sequence[Notice] = (), lines: Sequence[Card] = ()
) -> SearchView:
    """The page for an answered question. `notices` are what the visitor should know of it before all else."""
    query, now = result.query, result.now
    beyond = beyond_notices(query, result.total)
    return SearchView(
        title=title_words(query, result.total, _place_words(result)),
        form=form(query),
        notices=(*notices, *problem_notices((*problems, *result.problems)), *beyond, *unknown_notices(result)),
        chips=chips(query),
        sorts=sorts(query) if result.total > 1 else (),
        cards=card_views(result.cards, now, query.time_filter, query.programs[0] if len(query.programs) == 1 else ""),
        first=query.offset + 1,
        position=_position(result),
        previous_url=search_url(query, page=query.page - 1) if query.page > 1 and not beyond else "",
        next_url=search_url(query, page=query.page + 1) if result.has_next else "",
        online_url=online_url(query),
        is_empty=not result.total,
        asks_time=query.time_filter.is_set,
        widen=widen(query) if not result.total else (),
        lines=line_views(lines, now),
    )


def _position(result: SearchResult) -> str:
    pages = _last_page(result.query, result.total)
    if pages < 2:
        return ""
    return _("Page %(page)s of %(pages)s") % {"page": a_number(result.query.page), "pages": a_number(pages)}
