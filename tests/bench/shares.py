"""How often the generated listings are what: kinds, programs, facets, languages, and the words that describe them.

What a treatment program reports has the frequencies of SAMHSA's directory of 2024 (substance-use list); kinds, languages and
reach are set to what a directory of meetings and services holds.
"""

from __future__ import annotations

KINDS = {
    "meeting": 45,
    "treatment": 14,
    "housing": 9,
    "recovery-support": 8,
    "health": 8,
    "food": 6,
    "employment": 3,
    "harm-reduction": 2,
    "legal": 2,
    "crisis": 1,
    "family": 1,
    "transport": 1,
}
PROGRAMS = {"aa": 62, "na": 20, "al-anon": 9, "smart": 3, "rd": 2, "ca": 2, "aca": 2}
MEETING_ATTENDANCE = {"in-person": 82, "hybrid": 6, "online": 12}

Shares = dict[str, float]
TREATMENT: dict[str, Shares] = {
    "care": {
        "detox": 0.21,
        "outpatient": 0.84,
        "intensive-outpatient": 0.46,
        "day-treatment": 0.15,
        "residential": 0.24,
        "inpatient": 0.06,
        "medication": 0.48,
        "recovery-housing": 0.09,
    },
    "pay": {
        "medicaid": 0.77,
        "medicare": 0.48,
        "private": 0.78,
        "military": 0.43,
        "self-pay": 0.92,
        "sliding-fee": 0.38,
    },
    "people": {
        "women": 0.58,
        "men": 0.57,
        "pregnant": 0.35,
        "veterans": 0.34,
        "youth": 0.25,
        "young-adults": 0.39,
        "seniors": 0.36,
        "lgbtq": 0.38,
        "justice": 0.47,
        "co-occurring": 0.64,
    },
    "medication": {"buprenorphine": 0.58, "methadone": 0.11, "naltrexone": 0.55},
    "access": {"sign-language": 0.41, "childcare": 0.05},
}
MEETING: dict[str, Shares] = {
    "people": {"women": 0.09, "men": 0.08, "youth": 0.04, "lgbtq": 0.04},
    "access": {"wheelchair": 0.25, "childcare": 0.03},
}
SERVICE: dict[str, Shares] = {
    "pay": {"medicaid": 0.25, "self-pay": 0.2, "sliding-fee": 0.15, "free": 0.35},
    "people": {"women": 0.2, "men": 0.15, "parents": 0.15, "veterans": 0.1, "youth": 0.1},
    "access": {"wheelchair": 0.3},
}

TREATMENT_LANGUAGES: Shares = {"es": 0.4, "vi": 0.05, "fr": 0.05, "zh": 0.05, "ar": 0.05}
"""What is spoken beside English, where a program says what is spoken at all."""
TELLS_LANGUAGES, SPANISH_MEETINGS = 0.5, 0.05
REPORTS_OPENINGS = 0.03
"""Of treatment and housing: those with a report that still counts."""
COVERAGE: Shares = {"county": 0.02, "state": 0.01, "nationwide": 0.001}
"""Of all services but meetings and treatment: those that are there for a whole area."""
DESCRIBED = 1 / 3

FIRST = "Quiet Open Early Lantern River Harbor Cedar Stone Maple Orchard Bridge Meadow North Lamp Heron Willow".split()
LAST = "Circle Step House Center Table Path Room Garden Group Haven Place Porch Light Field Gate Landing".split()

COMMON, RARE = "evening", "beekeeping"
"""Two words of the descriptions: one that thousands have, and one that every thousandth listing has."""
WORDS = f"""
we and the for of you here with help {COMMON} people open staff each day care week free call family room group time ask door
peer meal support morning small visit first bring job plan ride local child phone floor class home church library parking
coffee letter quiet garden kitchen bus county nurse weekend holiday walk read listen share learn rest summer winter music
laundry shower mail clothes school court benefits paperwork interview neighbor veteran student sewing painting bicycle
""".split()
"""The n-th is drawn with a weight of 1/n, roughly as words occur."""
