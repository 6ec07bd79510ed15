"""The search form as the visitor left it: its fields, and groups of filters in which each choice says how many it would find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from markupsafe import Markup

from directory import labels
from directory.domain.search import DAY_WORDS, TIMES_OF_DAY, Query
from directory.domain.taxonomy import ATTENDANCE, FACETS, KINDS
from directory.i18n import a_number, gettext, language
from directory.services.widening import RADII
from directory.web.presenters_question import Facets, day_name, language_name, miles_words, search_url, type_names

_ = gettext

PROGRAM_CHOICES = ("aa", "na", "smart", "al-anon", "rd", "ca", "cma", "ha", "ma", "coda", "aca", "ga")
"""The programs that the form offers where nothing is counted; any other can be asked for by address and stands beside them."""
LANGUAGE_CHOICES = ("en", "es")
MOST_CHOICES = 12
"""Of programs and types, which are many, the form offers this many beside those chosen."""
KEPT = ("lat", "lon", "tz", "at", "sort", "per_page", "take")
"""What the form has no field for and must not lose."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a field. `count` is how many it would find, as it is written; "" where that is not known."""

    value: str
    label: str
    chosen: bool
    count: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A set of choices. `sort` is "many" (checkboxes) or "one" (a list to pick from); `is_open` where something is chosen.

    Pieces of pages are kept by the group itself, since the same is used for many pages.
    """

    name: str
    title: str
    sort: str
    choices: tuple[Choice, ...]
    is_open: bool
    chosen: int
    ready: None = None


@dataclass(frozen=True, slots=True)
class ReadyGroup:
    """A group that stands in the form as it is."""

    sort: str
    ready: Markup


Number = int | None
"""How many a choice would find; None where nobody knows."""
Finish = Callable[[Group, Sequence[Number]], Group | ReadyGroup]


@dataclass(frozen=True, slots=True)
class Form:
    """The search form as the visitor left it. `by_point`: the place is a point, not words; `elsewhere_url` asks without it.

    `again_url` starts anew, with nothing but the list that is taken along.
    """

    text: str
    near: str
    by_point: bool
    elsewhere_url: str
    again_url: str
    within: Group | ReadyGroup
    open_now: bool
    openings: Choice
    groups: tuple[Group | ReadyGroup, ...]
    kept: tuple[tuple[str, str], ...]


def with_counts(group: Group, counts: Sequence[Number]) -> Group:
    """The group with a number for each of its choices."""
    numbers = zip(group.choices, map(_written, counts), strict=True)
    return replace(group, choices=tuple(replace(choice, count=count) for choice, count in numbers))


def _written(count: Number) -> str:
    return "" if count is None else a_number(count)


def form(query: Query, facets: Facets | None = None, finish: Finish = with_counts) -> Form:
    """The form that asks this question. `facets` are the counts of its answer; without any, no numbers are shown. `finish` puts them
    into a group.
    """
    counts, has_no_field = _Counts(query, facets or {}), {*KEPT, *_hidden(query)}
    return Form(
        text=query.text,
        near=query.near,
        by_point=query.point is not None,
        elsewhere_url=search_url(query, point=None) if query.point else "",
        again_url=search_url(Query(taken=query.taken)) if query.taken else "/",
        within=finish(radii := _radii(language(), query.within), _unknown(radii)),
        open_now=query.open_now,
        openings=Choice(
            "1", labels.label("openings", "1"), query.openings, _written(counts.numbers("openings", ["1"])[0])
        ),
        groups=tuple(finish(group, numbers) for group, numbers in _groups(query, counts)),
        kept=tuple(pair for pair in query.params() if pair[0] in has_no_field),
    )


def _hidden(query: Query) -> tuple[str, ...]:
    """A filter that stands in no group of this form."""
    return () if _is_of_meetings(query) else ("type",)


def _is_of_meetings(query: Query) -> bool:
    """Whether all that can be found are meetings, which alone have types to choose from."""
    return query.kinds == ("meeting",) or (bool(query.programs) and not query.kinds)


@lru_cache(maxsize=64)
def _radii(_language: str, within: float) -> Group:
    miles = sorted({*map(float, RADII), within})
    choices = tuple(Choice(f"{n:g}", miles_words(n), n == within) for n in miles)
    return Group("within", _("How far"), "one", choices, False, 1)


class _Counts:
    """How many each choice would find. A value that was not counted finds nothing; where nothing was counted at all, nobody knows."""

    def __init__(self, query: Query, facets: Facets) -> None:
        self.facets = facets
        self._by_value: dict[str, dict[str, int]] = {}
        # What is online is looked for without a radius, so the numbers of a place say nothing about it.
        self._knows_online = not query.has_place

    def of(self, name: str) -> Mapping[str, int]:
        """The numbers of a filter by value, folded. Put in order once it is asked for: the form of most questions has no types."""
        if name not in self._by_value:
            self._by_value[name] = {count.code.casefold(): count.count for count in self.facets.get(name, ())}
        return self._by_value[name]

    def numbers(self, name: str, values: Sequence[str]) -> list[Number]:
        """The numbers of values."""
        if not self.facets:
            return [None] * len(values)
        of = self.of(name)
        numbers: list[Number] = [of.get(value.casefold(), 0) for value in values]
        if name == "attendance" and not self._knows_online:
            numbers[list(values).index("online")] = None
        return numbers

    def most_first(self, name: str, chosen: Sequence[str], usual: Sequence[str]) -> list[str]:
        """Those chosen, then those that would find something, most first; the `usual` ones where none would."""
        numbers = self.of(name)
        found = sorted(numbers, key=numbers.__getitem__, reverse=True)
        return list(dict.fromkeys((*chosen, *(value for value in found or usual if value not in chosen))))


def _groups(query: Query, counts: _Counts) -> Iterator[tuple[Group, Sequence[Number]]]:
    """Each group without its numbers, and those."""
    yield _many("kind", KINDS, query.kinds, counts)
    for group in (_days(language(), query.day), _times(language(), query.time)):
        yield group, _unknown(group)
    yield _many("attendance", ATTENDANCE, query.attendance, counts)
    programs = counts.most_first("program", query.programs, PROGRAM_CHOICES)
    yield _many("program", programs[: max(MOST_CHOICES, len(query.programs))], query.programs, counts)
    if _is_of_meetings(query) and (types := _types(query, counts))[0].choices:
        yield types
    for facet in ("care", "people", "pay", "medication", "access"):
        yield _many(facet, FACETS[facet], query.facets.get(facet, ()), counts)
    yield _many("language", counts.most_first("language", query.languages, LANGUAGE_CHOICES), query.languages, counts)


def _unknown(group: Group) -> Sequence[Number]:
    return (None,) * len(group.choices)


def _many(name: str, values: Sequence[str], chosen: Sequence[str], counts: _Counts) -> tuple[Group, Sequence[Number]]:
    """A group of checkboxes with the words of the vocabulary."""
    return _named(language(), name, tuple(values), tuple(chosen)), counts.numbers(name, values)


@lru_cache(maxsize=1024)
def _named(_language: str, name: str, values: tuple[str, ...], chosen: tuple[str, ...]) -> Group:
    of_value = language_name if name == "language" else partial(labels.label, name)
    return _checks(name, labels.facet_name(name), [(value, of_value(value)) for value in values], chosen)


def _checks(name: str, title: str, words: Iterable[tuple[str, str]], chosen: Sequence[str]) -> Group:
    """A group of checkboxes from values and their words."""
    choices = tuple(Choice(value, text, value in chosen) for value, text in words)
    return Group(name, title, "many", choices, bool(chosen), len(chosen))


@lru_cache(maxsize=64)
def _days(_language: str, chosen: str) -> Group:
    days = [Choice(day, day_name(day).capitalize(), chosen == day) for day in ("today", "tomorrow", *DAY_WORDS[:7])]
    return _one("day", _("Any day"), days)


@lru_cache(maxsize=64)
def _times(_language: str, chosen: str) -> Group:
    times = [Choice(time, labels.label("time", time), chosen == time) for time in ("now", *TIMES_OF_DAY)]
    if chosen and chosen not in labels.TIME:
        times.append(Choice(chosen, chosen, True))
    return _one("time", _("Any time"), times)


def _one(name: str, anything: str, choices: list[Choice]) -> Group:
    chosen = sum(choice.chosen for choice in choices)
    return Group(
        name, labels.facet_name(name), "one", (Choice("", anything, not chosen), *choices), bool(chosen), chosen
    )


def _types(query: Query, counts: _Counts) -> tuple[Group, Sequence[Number]]:
    """The types of meetings: those chosen, then the most frequent. One that another group stands for is not offered twice."""
    asked = [f"{system}:{code}" for system, code in query.types]
    spelled = {code.casefold(): code for code in asked}
    known = {spelled.get(count.code.casefold(), count.code): count for count in counts.facets.get("type", ())}
    offered = [code for code, count in known.items() if code not in asked and not (count.info and count.info.facets)]
    shown = [*asked, *offered[:MOST_CHOICES]]
    names = type_names([known[code] for code in shown if code in known])
    words = [(code, names.get(known[code].code, code) if code in known else code) for code in shown]
    return _checks("type", _("Kind of meeting"), words, asked), counts.numbers("type", shown)
