"""What was counted for each value of each facet, put in order and in words: the same whoever counted it, the database or the arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from directory.domain.results import FacetCount
from directory.domain.taxonomy import ATTENDANCE, FACETS, KINDS, PROGRAMS, CodeInfo
from directory.storage import masks
from directory.storage.codes import meeting_types
from directory.storage.memory import memory
from directory.storage.search_sql import OPENINGS, Wanted

LINKED = ("language", "type", OPENINGS)
"""Facets of which a listing may have any number of values, none of them a bit of its mask."""
NAMES = ("kind", "attendance", "program", *FACETS, *LINKED)
VALUES = {facet: [(value, masks.of_values(facet, [value])) for value in values] for facet, values in FACETS.items()} | {
    "attendance": [(value, masks.ATTENDANCE[value]) for value in ATTENDANCE]
}
"""For a facet of bits: its values in their order, each with what it needs."""
KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
PROGRAM_NUMBERS = {program: masks.program_number(program) for program in PROGRAMS}
MEETING = KIND_NUMBERS["meeting"]

Counts = dict[str, tuple[FacetCount, ...]]


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts by facet, and of which version of the data."""

    counts: Counts
    version: int


class Tally(ABC):
    """The counts of one question. Whoever counts gives the numbers of a vocabulary (`in_order`) and fills `links` for facets of links."""

    def __init__(self, wanted: Wanted, only: Sequence[str]) -> None:
        self.wanted = wanted
        self.only = only
        self.linked = [name for name in LINKED if name in only]
        self.links: dict[str, Counter[str]] = {name: Counter() for name in self.linked}

    @abstractmethod
    def in_order(self, name: str) -> Iterator[tuple[str, int]]:
        """The values of a vocabulary in its order, each with the number of those that have it: of those that miss nothing, and those
        that miss this facet alone."""

    async def result(self) -> Counts:
        """All counts by facet."""
        self._add_chosen()
        types = await memory().once("meeting types", meeting_types) if self.links.get("type") else {}
        return {name: tuple(self._values(name, types)) for name in self.only}

    def _add_chosen(self) -> None:
        """What is chosen is told of even where it finds nothing."""
        wanted = self.wanted
        chosen = {
            "language": [tag.lower() for tag in wanted.languages],
            "type": [str(id) for id in wanted.code_ids or ()],
            OPENINGS: ["1"] if wanted.openings else [],
        }
        for name, values in chosen.items():
            for value in values if name in self.links else ():
                self.links[name].setdefault(value, 0)

    def _chosen(self, name: str) -> Sequence[str]:
        wanted = self.wanted
        plain = {"kind": wanted.kinds, "attendance": wanted.attendance, "program": wanted.programs}
        return plain[name] if name in plain else wanted.facets.get(name, ())

    def _values(self, name: str, types: Mapping[int, CodeInfo]) -> Iterator[FacetCount]:
        if name == "type":
            yield from _types(self.links[name], types)
        elif name in self.linked:
            yield from (FacetCount(code, number) for code, number in sorted(self.links[name].items(), key=_most_first))
        else:
            chosen = self._chosen(name)
            for code, number in self.in_order(name):
                if number or code in chosen:
                    yield FacetCount(code, number)


def _types(found: Counter[str], infos: Mapping[int, CodeInfo]) -> Iterator[FacetCount]:
    """The types of meetings; the editions of a code are one type."""
    numbers: Counter[str] = Counter()
    by_code: dict[str, CodeInfo] = {}
    for id, number in found.items():
        if (info := infos.get(int(id))) is None:
            continue  # one that is chosen and of no meeting
        code = f"{info.code.system}:{info.code.code}"
        numbers[code] += number
        by_code[code] = info
    for code, number in sorted(numbers.items(), key=_most_first):
        yield FacetCount(code, number, by_code[code])


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
