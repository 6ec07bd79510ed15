"""The words by which a listing is found: its own, what it is also called, and the labels of its codes; all in the form to compare."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from directory.domain.listings import ListingDraft, Visibility, fold
from directory.domain.taxonomy import CodeInfo

PROGRAMS = {
    "aa": "Alcoholics Anonymous; Alcohólicos Anónimos",
    "na": "Narcotics Anonymous; Narcóticos Anónimos",
    "smart": "SMART Recovery",
    "al-anon": "Al-Anon; Alateen",
    "aca": "Adult Children of Alcoholics; Hijos Adultos de Alcohólicos",
    "ca": "Cocaine Anonymous; Cocainómanos Anónimos",
    "cma": "Crystal Meth Anonymous",
    "coda": "Co-Dependents Anonymous; Codependientes Anónimos",
    "da": "Debtors Anonymous",
    "eda": "Eating Disorders Anonymous",
    "ga": "Gamblers Anonymous; Jugadores Anónimos",
    "ha": "Heroin Anonymous",
    "ma": "Marijuana Anonymous",
    "oa": "Overeaters Anonymous; Comedores Compulsivos Anónimos",
    "rca": "Recovering Couples Anonymous",
    "rd": "Recovery Dharma",
    "rr": "Refuge Recovery",
    "ua": "Underearners Anonymous",
    "va": "Violence Anonymous",
}
"""The names of the larger fellowships, as they call themselves in English and Spanish."""
_TWELVE_STEPS = "12 step; twelve step; 12 pasos; doce pasos"
_OTHER_WAYS = ("smart", "rd", "rr", "pal", "sg")
"""The programs that do not go by twelve steps."""

KINDS = {
    "treatment": "treatment; rehab; tratamiento",
    "meeting": "meeting; reunión",
    "recovery-support": "recovery support; apoyo; recuperación",
    "housing": "housing; shelter; vivienda; albergue",
    "employment": "work; job; employment; trabajo; empleo",
    "harm-reduction": "harm reduction; reducción de daños",
    "crisis": "crisis",
    "health": "health; salud",
    "legal": "legal; lawyer; abogado",
    "family": "family; familia",
    "food": "food; comida",
    "transport": "transport; ride; transporte",
}
VALUES = {
    "care": {
        "detox": "detox; withdrawal care; desintoxicación",
        "outpatient": "outpatient; ambulatorio",
        "intensive-outpatient": "intensive outpatient; IOP; ambulatorio intensivo",
        "day-treatment": "day treatment; partial hospitalization; PHP; tratamiento de día",
        "residential": "residential; residencial",
        "inpatient": "inpatient; hospital; hospitalización",
        "medication": "medication; MAT; MOUD; medicación",
        "recovery-housing": "recovery housing; sober living; halfway house; vivienda de recuperación",
    },
    "pay": {
        "medicaid": "Medicaid",
        "medicare": "Medicare",
        "private": "private insurance; seguro privado",
        "military": "military insurance; TRICARE; seguro militar",
        "self-pay": "self pay; cash; pago propio",
        "sliding-fee": "sliding fee; sliding scale; según ingresos",
        "free": "free; gratis; gratuito",
    },
    "people": {
        "women": "women; mujeres",
        "men": "men; hombres",
        "pregnant": "pregnant; embarazadas",
        "parents": "parents; children; padres; hijos",
        "veterans": "veterans; military; veteranos",
        "youth": "youth; teens; teenagers; jóvenes; adolescentes",
        "young-adults": "young adults; jóvenes adultos",
        "seniors": "seniors; older adults; adultos mayores",
        "lgbtq": "LGBTQ; LGBT; gay; lesbian; transgender; queer",
        "justice": "court; probation; parole; reentry; libertad condicional",
        "co-occurring": "co-occurring; dual diagnosis; mental health; salud mental",
        "deaf": "deaf; hard of hearing; sordos",
    },
    "medication": {
        "buprenorphine": "buprenorphine; buprenorfina; Suboxone; Subutex; Sublocade; Brixadi; Zubsolv",
        "methadone": "methadone; metadona",
        "naltrexone": "naltrexone; naltrexona; Vivitrol",
    },
    "access": {
        "wheelchair": "wheelchair; silla de ruedas",
        "sign-language": "sign language; ASL; lenguaje de señas",
        "childcare": "child care; childcare; cuidado de niños",
    },
}
"""What the values of facets are called in both languages; of medications also the brand names that people know in the United States."""


def also_called(draft: ListingDraft) -> list[str]:
    """The texts whose words find a listing beside its own."""
    return [name for names in _names_for(draft) for name in names.split(_BETWEEN)]


def _names_for(draft: ListingDraft) -> list[str]:
    """The same, each still with all the names for one thing."""
    names = [KINDS[draft.kind]]
    if draft.program:
        names.append(
            f"{draft.program}{_BETWEEN}{PROGRAMS[draft.program]}" if draft.program in PROGRAMS else draft.program
        )
        names += [_TWELVE_STEPS] if draft.program not in _OTHER_WAYS else []
    for facet, called in VALUES.items():
        names += [called[value] for value in getattr(draft, facet) or ()]
    return names


_BETWEEN = "; "
FORM = "2"
"""The form in which words are stored. To be changed whenever a listing gets other words than before: they are then all made anew."""
APART = "  "
"""Stands between the fields of a text: the words of a phrase have one blank between them, so none reaches over two fields."""
DESCRIPTION = "   "
"""Stands before the description, which comes last: what is before it is names."""
LONGEST = 200
"""As many letters of a word are compared: a question is no longer, and a language without blanks has words without end."""
_SPELLED = range(3, 61)
"""The lengths of the words among which one is looked for that is spelled alike."""


@dataclass(frozen=True, slots=True)
class Words:
    """All the words of a listing.

    `text` holds them in their order, with a blank before and after each and `APART` between fields. `names` are those fields of it
    that are names of something, or words of a code's label: in them a slip of the finger is forgiven.
    """

    text: str
    names: Collection[str]


def words_of(draft: ListingDraft, codes: Iterable[CodeInfo]) -> Words:
    """The words of a listing with these codes. What is not shown of its address is not among them: by trying words nobody
    learns of a building whose name is not public."""
    address = draft.address
    named = [draft.name, draft.organization]
    if address.visibility != Visibility.HIDDEN:
        named.append(address.city)
    if address.visibility == Visibility.FULL:
        named.append(address.name)
    fields = {plain(text): None for text in named if text}
    for names in _names_for(draft):
        fields |= _fields_of_names(names)
    # A label's words stand apart, and each once: a phrase over labels is looked for among the codes.
    for info in codes:
        fields |= _words_of_labels(*info.labels.values())
    fields.pop("", None)
    description = plain(draft.description or "")
    last = f"{DESCRIPTION}{description} " if description else " "
    return Words(f" {APART.join(fields)}{last}", fields.keys())


def names_in(texts: Iterable[str]) -> set[str]:
    """The words of these texts that a slip of the finger may have meant. Of a whole listing's text those before the description."""
    words = {word for text in texts for word in text.partition(DESCRIPTION)[0].split()}
    return {word for word in words if len(word) in _SPELLED and not word.isdigit()}


def plain(text: str) -> str:
    """The form in which words are compared: letters and digits in lower case without accents, one blank between words."""
    folded = fold(text).casefold()  # once more, for what only became a letter by folding, as in a trade mark's sign
    return folded if len(folded) <= LONGEST else " ".join(word[:LONGEST] for word in folded.split())


@lru_cache(maxsize=1024)
def _fields_of_names(names: str) -> dict[str, None]:
    """Names of one thing, as fields: there are a few dozen such texts."""
    return dict.fromkeys(plain(name) for name in names.split(_BETWEEN))


@lru_cache(maxsize=4096)
def _words_of_labels(*labels: str) -> dict[str, None]:
    """The words of a code's labels: an import meets the same few hundred codes in every listing, some twenty in each."""
    return dict.fromkeys(word for label in labels for word in plain(label).split())
