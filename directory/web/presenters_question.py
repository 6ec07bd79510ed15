"""A question as its page repeats it: in a heading, as an address, as chips that take one part of it away, and as ways to sort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from directory import labels
from directory.domain.listings import fold
from directory.domain.results import FacetCount, SearchResult
from directory.domain.search import QUOTED, Query
from directory.i18n import a_language, a_number, a_weekday, gettext, language, ngettext
from directory.web.presenters import Link
from directory.web.wording import moment_words, whole_words

_ = gettext

Facets = Mapping[str, Sequence[FacetCount]]

ALONE = {"within", "sort", "page", "per_page", "tz", "at", "take"}
"""Parameters that ask for nothing by themselves."""


@dataclass(frozen=True, slots=True)
class Sort:
    """One way to sort; `url` is empty for the one in use."""

    text: str
    url: str


def is_blank(query: Query) -> bool:
    """Whether nothing is asked and no place is given."""
    return all(name in ALONE for name, _value in query.params())


def search_url(query: Query, **changes: object) -> str:
    """The address of this question with some of it replaced."""
    words = query.url_query(**changes)
    return f"/search?{words}" if words else "/search"


def title_words(query: Query, total: int, place: str) -> str:
    """The heading: such as "12 meetings within 5 miles of Philadelphia, PA 19107, Monday".

    It is the title too, which stands in a browser's history: the words that were searched are in their field and chip alone.
    """
    kinds = query.kinds or (("meeting",) if query.programs else ())
    what = labels.count(kinds[0] if len(kinds) == 1 else "", total, a_number(total))
    tail = _tail(query, place)
    joined = f"{what} {tail[0]}" if tail and query.has_place and not query.online_only else ", ".join([what, *tail[:1]])
    return ", ".join([joined, *tail[1:]])


def _tail(query: Query, place: str) -> list[str]:
    parts = []
    if query.has_place and not query.online_only:
        parts.append(_("within %(miles)s of %(place)s") % {"miles": miles_words(query.within), "place": place})
    if query.online_only:
        parts.append(_("online or by phone"))
    if query.day:
        parts.append(day_name(query.day))
    if query.time:
        parts.append(_(labels.TIME_SHORT[query.time]) if query.time in labels.TIME_SHORT else query.time)
    if query.open_now:
        parts.append(_("open now"))
    return parts


def day_name(day: str) -> str:
    """The name of a day as it is asked for."""
    return _day_name(language(), day)


@lru_cache(maxsize=64)
def _day_name(_language: str, day: str) -> str:
    if day.isdigit():
        return a_weekday(int(day))
    return {"today": _("today"), "tomorrow": _("tomorrow")}[day]


def miles_words(miles: float) -> str:
    """Such as "5 miles"."""
    return _miles_words(language(), miles)


@lru_cache(maxsize=256)
def _miles_words(_language: str, miles: float) -> str:
    return ngettext("%(n)s mile", "%(n)s miles", 1 if miles == 1 else 2) % {"n": a_number(miles, 1)}


def place_words(result: SearchResult) -> str:
    """The place that was searched."""
    if result.place and result.place.label:
        return whole_words(result.place.label)
    return _("your location") if result.query.point else result.query.near


def language_name(tag: str) -> str:
    """Such as "Spanish"."""
    return _language_name(language(), tag)


@lru_cache(maxsize=256)
def _language_name(_language: str, tag: str) -> str:
    name = a_language(tag)
    return name[:1].upper() + name[1:]


def type_names(counts: Sequence[FacetCount]) -> dict[str, str]:
    """The words for types of meetings by code. Where programs share a word, each says whose it is."""
    words = {count.code: labels.facet_value("type", count) for count in counts}
    often = Counter(words.values())
    shared = {word for word, times in often.items() if times > 1}
    return {code: f"{word} ({_system(code)})" if word in shared else word for code, word in words.items()}


def _system(code: str) -> str:
    return labels.short_program(code.partition(":")[0])


def chips(query: Query, facets: Facets | None = None) -> tuple[Link, ...]:
    """All that is asked but the place, each part with the address of the same question without it. `facets` know the types' names."""
    found = (*_term_removals(query), *_removals(query), *_type_removals(query, (facets or {}).get("type", ())))
    return tuple(Link(text, search_url(query, **changes)) for text, changes in found)


def _term_removals(query: Query) -> Iterator[tuple[str, dict[str, object]]]:
    """The words, then each phrase, as they were typed."""
    phrases = [match for match in QUOTED.finditer(query.text) if fold(match[1])]
    loose = _in_line(QUOTED.sub(" ", query.text))
    if query.words:
        yield f"“{loose}”", {"text": " ".join(match[0] for match in phrases)}
    for match in phrases:
        rest = f"{query.text[: match.start()]} {query.text[match.end() :]}"
        yield _("exactly “%(phrase)s”") % {"phrase": _in_line(match[1])}, {"text": _in_line(rest)}


def _in_line(text: str) -> str:
    return " ".join(text.split())


def _removals(query: Query) -> Iterator[tuple[str, dict[str, object]]]:
    for kind in query.kinds:
        yield labels.label("kind", kind), {"kinds": _without(query.kinds, kind)}
    if query.day:
        yield day_name(query.day).capitalize(), {"day": ""}
    if query.time:
        yield labels.label("time", query.time), {"time": ""}
    if query.open_now:
        yield _("Open now"), {"open_now": False}
    if query.openings:
        yield labels.label("openings", "1"), {"openings": False}
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
        yield language_name(tag), {"languages": _without(query.languages, tag)}


def _type_removals(query: Query, counts: Sequence[FacetCount]) -> Iterator[tuple[str, dict[str, object]]]:
    asked = {f"{system}:{code}".casefold(): (system, code) for system, code in query.types}
    names = type_names([count for count in counts if count.code.casefold() in asked])
    known = {code.casefold(): name for code, name in names.items()}
    for code, pair in asked.items():
        yield (
            known.get(code, ":".join(pair)),
            {"types": tuple(other for other in query.types if other != pair)},
        )


def _without(values: Sequence[str], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def sorts(query: Query) -> tuple[Sort, ...]:
    """The ways to sort that make sense here."""
    located = query.has_place and not query.online_only
    ways = ("distance", "time", "name") if located else ("time", "name")
    return tuple(
        Sort(labels.label("sort", way), "" if query.order == way else search_url(query, sort=way)) for way in ways
    )
