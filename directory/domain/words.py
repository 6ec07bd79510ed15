"""Other words by which a listing is looked for: what it is, and what its program and medications are called."""

from __future__ import annotations

from directory.domain.listings import ListingDraft

PROGRAMS = {
    "aa": "Alcoholics Anonymous Alcohólicos Anónimos",
    "na": "Narcotics Anonymous Narcóticos Anónimos",
    "smart": "SMART Recovery",
    "al-anon": "Al-Anon Alateen",
    "aca": "Adult Children of Alcoholics Hijos Adultos de Alcohólicos",
    "ca": "Cocaine Anonymous Cocainómanos Anónimos",
    "cma": "Crystal Meth Anonymous",
    "coda": "Co-Dependents Anonymous Codependientes Anónimos",
    "da": "Debtors Anonymous",
    "eda": "Eating Disorders Anonymous",
    "ga": "Gamblers Anonymous Jugadores Anónimos",
    "ha": "Heroin Anonymous",
    "ma": "Marijuana Anonymous",
    "oa": "Overeaters Anonymous Comedores Compulsivos Anónimos",
    "rd": "Recovery Dharma",
    "rr": "Refuge Recovery",
}
"""The names of the larger fellowships, as they call themselves in English and Spanish."""

KINDS = {
    "treatment": "treatment rehab tratamiento",
    "meeting": "meeting reunión",
    "recovery-support": "recovery support apoyo recuperación",
    "housing": "housing shelter vivienda albergue",
    "employment": "work job employment trabajo empleo",
    "harm-reduction": "harm reduction reducción de daños",
    "crisis": "crisis",
    "health": "health salud",
    "legal": "legal lawyer abogado",
    "family": "family familia",
    "food": "food comida",
    "transport": "transport ride transporte",
}
MEDICATIONS = {
    "buprenorphine": "buprenorphine buprenorfina Suboxone Subutex Sublocade Brixadi Zubsolv",
    "methadone": "methadone metadona",
    "naltrexone": "naltrexone naltrexona Vivitrol",
}
"""Medications by their names in both languages and the brand names under which people in the United States know them."""


def also_called(draft: ListingDraft) -> list[str]:
    """The texts whose words find a listing beside its own."""
    texts = [KINDS[draft.kind]]
    if draft.program:
        texts += [draft.program, PROGRAMS.get(draft.program, "")]
    return texts + [MEDICATIONS[name] for name in draft.medication or ()]
