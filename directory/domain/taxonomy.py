"""The fixed vocabularies of the search and the book of outside codes that leads to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

KINDS = (
    "treatment",
    "meeting",
    "recovery-support",
    "housing",
    "employment",
    "harm-reduction",
    "crisis",
    "health",
    "legal",
    "family",
    "food",
    "transport",
)

ATTENDANCE = ("in-person", "online", "hybrid")

CARE = (
    "detox",
    "outpatient",
    "intensive-outpatient",
    "day-treatment",
    "residential",
    "inpatient",
    "medication",
    "recovery-housing",
)
PAY = ("medicaid", "medicare", "private", "military", "self-pay", "sliding-fee", "free")
PEOPLE = (
    "women",
    "men",
    "pregnant",
    "parents",
    "veterans",
    "youth",
    "young-adults",
    "seniors",
    "lgbtq",
    "justice",
    "co-occurring",
    "deaf",
)
MEDICATION = ("buprenorphine", "methadone", "naltrexone")
ACCESS = ("wheelchair", "sign-language", "childcare")

FACETS: dict[str, tuple[str, ...]] = {
    "care": CARE,
    "pay": PAY,
    "people": PEOPLE,
    "medication": MEDICATION,
    "access": ACCESS,
}
"""The facets of which a listing may have several values, or none known. The order is that of the mask bits: append only."""

PROGRAMS = (
    "aa",
    "na",
    "smart",
    "al-anon",
    "aca",
    "ca",
    "cma",
    "coda",
    "da",
    "daa",
    "eda",
    "cea-how",
    "ga",
    "ha",
    "ma",
    "oa",
    "pal",
    "rca",
    "rd",
    "rr",
    "saa",
    "sa",
    "sca",
    "slaa",
    "sg",
    "sia",
    "ua",
    "va",
)
"""Fellowships by their Meeting Guide key in lower case, and SMART Recovery. The position is stored: append only."""


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """An outside code is never a bare string: the system, its edition ("" where it has none) and the code as written there."""

    system: str
    edition: str
    code: str


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """What is known of a code: its category, its label by language, and the facet values it stands for.

    `facets` holds pairs such as ("care", "detox"); ("language", "es") for a BCP 47 language; ("status", "closed").
    """

    code: Code
    category: str
    labels: dict[str, str]
    facets: tuple[tuple[str, str], ...] = ()

    def label(self, language: str) -> str:
        """The label in this language, else in English."""
        return self.labels.get(language) or self.labels["en"]


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """The facet values that a set of codes stands for; None where the codes say nothing about a facet."""

    care: tuple[str, ...] | None = None
    pay: tuple[str, ...] | None = None
    people: tuple[str, ...] | None = None
    medication: tuple[str, ...] | None = None
    access: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CodeBook:
    """Every code that the directory knows. Look-up ignores case; an unknown code is None, never an error."""

    infos: dict[Code, CodeInfo]
    _folded: dict[Code, CodeInfo] = field(default_factory=dict)
    _names: dict[tuple[str, str, str], CodeInfo] = field(default_factory=dict)

    @classmethod
    def of(cls, infos: Iterable[CodeInfo]) -> CodeBook:
        """A book of these codes."""
        book = cls({info.code: info for info in infos})
        for info in book.infos.values():
            code = info.code
            book._folded[Code(code.system, code.edition, code.code.casefold())] = info
            book._names.setdefault((code.system, code.edition, info.labels["en"].casefold()), info)
        return book

    def __iter__(self) -> Iterator[CodeInfo]:
        return iter(self.infos.values())

    def find(self, system: str, code: str, edition: str = "") -> CodeInfo | None:
        """The code, ignoring case."""
        return self._folded.get(Code(system, edition, code.strip().casefold()))

    def find_by_name(self, system: str, name: str, edition: str = "") -> CodeInfo | None:
        """The code that has this English label, ignoring case."""
        return self._names.get((system, edition, name.strip().casefold()))

    def crosswalk(self, codes: Iterable[Code]) -> Crosswalk:
        """The facets of these codes, each in the order of its vocabulary. Codes the book lacks say nothing."""
        found: dict[str, set[str]] = {}
        for code in codes:
            info = self.infos.get(code)
            for facet, value in info.facets if info else ():
                found.setdefault(facet, set()).add(value)

        def ordered(facet: str) -> tuple[str, ...] | None:
            values = found.get(facet)
            if not values:
                return None
            known = FACETS.get(facet, ())
            return tuple(value for value in known if value in values) or tuple(sorted(values))

        return Crosswalk(
            care=ordered("care"),
            pay=ordered("pay"),
            people=ordered("people"),
            medication=ordered("medication"),
            access=ordered("access"),
            languages=ordered("language"),
        )
