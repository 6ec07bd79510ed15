"""What a visitor should know before the list: what was left out of the question and why, which words were forgiven, who does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from directory import labels
from directory.domain.errors import Problem
from directory.domain.listings import fold
from directory.domain.places import place_key, state_code
from directory.domain.results import SearchResult
from directory.domain.search import MAX_WITHIN, Query
from directory.i18n import a_list, a_number, gettext, ngettext
from directory.services.widening import without
from directory.web.presenters import Link
from directory.web.presenters_question import miles_words, search_url
from directory.web.wording import whole_words

_ = gettext

OF_TIME = ("open", "time", "day")
"""What `unknown` counts under any of these names is hours that nobody has told us."""
MIN_WITHIN = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the visitor should know before the list. `tone`: info or problem."""

    tone: str
    text: str
    help: str = ""
    items: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


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
    return Notice("info", words, _("We looked within %(miles)s.") % {"miles": miles_words(miles)})


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


def spelled_notices(query: Query, spelled: Mapping[str, Sequence[str]]) -> tuple[Notice, ...]:
    """Words that found nothing: what was looked for as well, and how to ask for exactly that."""
    return tuple(_spelled_notice(query, word, found) for word, found in spelled.items())


def _spelled_notice(query: Query, word: str, found: Sequence[str]) -> Notice:
    text = _("Nothing is called “%(word)s”.") % {"word": word}
    help_ = _("We also looked for: %(words)s.") % {"words": a_list(found)}
    urls = ((each, search_url(query, text=_with_word(query, word, each))) for each in found)
    return Notice(
        "info", text, help_, links=tuple(Link(_("Only “%(filter)s”") % {"filter": each}, url) for each, url in urls)
    )


def _with_word(query: Query, word: str, other: str) -> str:
    """The text with another word in the place of this one, however it was written."""
    text = re.sub(r"\S+", lambda found: other if fold(found[0]) == word else found[0], query.text)
    if text != query.text:
        return text
    words = (other if each == word else each for each in query.words)
    return " ".join([*words, *(f'"{phrase}"' for phrase in query.phrases)])


def beyond_notices(query: Query, total: int) -> tuple[Notice, ...]:
    """A page after the last is no empty answer: it offers the last."""
    last = last_page(query, total)
    if not total or query.page <= last:
        return ()
    words = ngettext("The list has only %(n)s page.", "The list has only %(n)s pages.", last) % {"n": a_number(last)}
    link = Link(_("Go to page %(page)s") % {"page": a_number(last)}, search_url(query, page=last))
    return (Notice("info", words, links=(link,)),)


def last_page(query: Query, total: int) -> int:
    """How many pages there are."""
    return -(-total // query.per_page)


def unknown_notices(result: SearchResult) -> tuple[Notice, ...]:
    """Listings that may fit but do not say: unknown is not no. All that is asked of the time is one."""
    return tuple(_unknown(result))


def _unknown(result: SearchResult) -> Iterator[Notice]:
    query = result.query
    if hours := max((result.unknown.get(name, 0) for name in OF_TIME), default=0):
        text = ngettext("%(n)s more place does not say its hours.", "%(n)s more places do not say their hours.", hours)
        yield _unknown_notice(text % {"n": a_number(hours)}, query, "time")
    for facet, number in result.unknown.items():
        if number and facet not in OF_TIME:
            text = ngettext(
                "%(n)s more listing may fit, but does not say: %(facet)s.",
                "%(n)s more listings may fit, but do not say: %(facet)s.",
                number,
            )
            yield _unknown_notice(text % {"n": a_number(number), "facet": labels.facet_name(facet)}, query, facet)


def _unknown_notice(words: str, query: Query, facet: str) -> Notice:
    return Notice("info", words, links=(Link(_("Show them too"), search_url(query, **without(query, facet))),))
