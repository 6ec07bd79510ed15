"""The words for codes: kinds, facet values, programs, days, errors. Tables of marked texts, used by the pages and by the command.

The domain returns codes and never sentences; here each code has one English text, and the catalogue has its translations.
"""

from __future__ import annotations

from directory.domain.results import FacetCount
from directory.i18n import N_, a_language, gettext, language, ngettext


def NN_(singular: str, plural: str) -> tuple[str, str]:
    """Marks a text with its plural for the catalogue, to be chosen where the number is known."""
    return singular, plural


KIND = {
    "treatment": N_("Treatment"),
    "meeting": N_("Meetings"),
    "recovery-support": N_("Recovery support"),
    "housing": N_("Housing"),
    "employment": N_("Work and training"),
    "harm-reduction": N_("Harm reduction"),
    "crisis": N_("Crisis lines"),
    "health": N_("Health care"),
    "legal": N_("Legal help"),
    "family": N_("Family support"),
    "food": N_("Food"),
    "transport": N_("Rides"),
}
"""The kinds as headings and choices."""

KIND_OF_ONE = {
    "treatment": N_("Treatment program"),
    "meeting": N_("Meeting"),
    "recovery-support": N_("Recovery support"),
    "housing": N_("Housing"),
    "employment": N_("Work and training"),
    "harm-reduction": N_("Harm reduction"),
    "crisis": N_("Crisis line"),
    "health": N_("Health care"),
    "legal": N_("Legal help"),
    "family": N_("Family support"),
    "food": N_("Food"),
    "transport": N_("Rides"),
}
"""The kind of one listing."""

KIND_COUNT = {
    "": NN_("%(n)s place", "%(n)s places"),
    "treatment": NN_("%(n)s place", "%(n)s places"),
    "meeting": NN_("%(n)s meeting", "%(n)s meetings"),
    "recovery-support": NN_("%(n)s service", "%(n)s services"),
    "housing": NN_("%(n)s place to live", "%(n)s places to live"),
    "employment": NN_("%(n)s work or training service", "%(n)s work or training services"),
    "harm-reduction": NN_("%(n)s service", "%(n)s services"),
    "crisis": NN_("%(n)s phone line", "%(n)s phone lines"),
    "health": NN_("%(n)s health service", "%(n)s health services"),
    "legal": NN_("%(n)s legal help service", "%(n)s legal help services"),
    "family": NN_("%(n)s family support service", "%(n)s family support services"),
    "food": NN_("%(n)s place for food", "%(n)s places for food"),
    "transport": NN_("%(n)s ride service", "%(n)s ride services"),
}
"""How many were found; "" is for several kinds or any. It stands in the title of a page, so none says what may not be read
over a shoulder."""

ATTENDANCE = {
    "in-person": N_("In person"),
    "online": N_("Online or by phone"),
    "hybrid": N_("In person and online"),
}

CARE = {
    "detox": N_("Detox (withdrawal care)"),
    "outpatient": N_("Outpatient"),
    "intensive-outpatient": N_("Intensive outpatient"),
    "day-treatment": N_("Day treatment"),
    "residential": N_("Residential"),
    "inpatient": N_("Hospital inpatient"),
    "medication": N_("Medication treatment"),
    "recovery-housing": N_("Recovery housing"),
}

PAY = {
    "medicaid": N_("Medicaid"),
    "medicare": N_("Medicare"),
    "private": N_("Private insurance"),
    "military": N_("Military insurance"),
    "self-pay": N_("Paying yourself"),
    "sliding-fee": N_("Sliding fee (by income)"),
    "free": N_("Free or help with cost"),
}

PEOPLE = {
    "women": N_("Women"),
    "men": N_("Men"),
    "pregnant": N_("Pregnant or just gave birth"),
    "parents": N_("Parents with children"),
    "veterans": N_("Veterans and military"),
    "youth": N_("Youth"),
    "young-adults": N_("Young adults"),
    "seniors": N_("Older adults"),
    "lgbtq": N_("LGBTQ+"),
    "justice": N_("Leaving jail or court-referred"),
    "co-occurring": N_("Mental health and substance use"),
    "deaf": N_("Deaf or hard of hearing"),
}

MEDICATION = {
    "buprenorphine": N_("Buprenorphine"),
    "methadone": N_("Methadone"),
    "naltrexone": N_("Naltrexone"),
}

ACCESS = {
    "wheelchair": N_("Wheelchair access"),
    "sign-language": N_("Sign language"),
    "childcare": N_("Child care"),
}

TIME = {
    "now": N_("Going on or starting within the hour"),
    "morning": N_("Morning (4 am to 11 am)"),
    "midday": N_("Midday (11 am to 5 pm)"),
    "evening": N_("Evening (5 pm to 9 pm)"),
    "night": N_("Night (9 pm to 4 am)"),
}

TIME_SHORT = {
    "now": N_("now or within the hour"),
    "morning": N_("in the morning"),
    "midday": N_("at midday"),
    "evening": N_("in the evening"),
    "night": N_("at night"),
}
"""The same, as a part of a sentence."""

SORT = {"distance": N_("Nearest"), "time": N_("Soonest"), "name": N_("Name")}

FACET = {
    "q": N_("Words"),
    "near": N_("Where"),
    "lat": N_("Latitude"),
    "lon": N_("Longitude"),
    "within": N_("How far"),
    "kind": N_("What"),
    "day": N_("Day"),
    "time": N_("Time"),
    "open": N_("Open now"),
    "at": N_("At this time"),
    "tz": N_("Time zone"),
    "attendance": N_("How to attend"),
    "program": N_("Meeting program"),
    "care": N_("Type of care"),
    "pay": N_("Ways to pay"),
    "people": N_("Who it is for"),
    "medication": N_("Medication"),
    "access": N_("Access"),
    "language": N_("Language"),
    "type": N_("Listing code"),
    "openings": N_("Openings"),
    "sort": N_("Sort by"),
    "page": N_("Page"),
    "per_page": N_("Results on a page"),
}
"""Each parameter of a search by name."""

# The names of fellowships are their own, in both languages.
PROGRAM = {
    "aa": "Alcoholics Anonymous (AA)",
    "na": "Narcotics Anonymous (NA)",
    "smart": "SMART Recovery",
    "al-anon": "Al-Anon",
    "aca": "Adult Children of Alcoholics (ACA)",
    "ca": "Cocaine Anonymous (CA)",
    "cma": "Crystal Meth Anonymous (CMA)",
    "coda": "Co-Dependents Anonymous (CoDA)",
    "da": "Debtors Anonymous (DA)",
    "daa": "Drug Addicts Anonymous (DAA)",
    "eda": "Eating Disorders Anonymous (EDA)",
    "cea-how": "Compulsive Eaters Anonymous-HOW (CEA-HOW)",
    "ga": "Gamblers Anonymous (GA)",
    "ha": "Heroin Anonymous (HA)",
    "ma": "Marijuana Anonymous (MA)",
    "oa": "Overeaters Anonymous (OA)",
    "pal": "Parents of Addicted Loved Ones (PAL)",
    "rca": "Recovering Couples Anonymous (RCA)",
    "rd": "Recovery Dharma",
    "rr": "Refuge Recovery",
    "saa": "Sex Addicts Anonymous (SAA)",
    "sa": "Sexaholics Anonymous (SA)",
    "sca": "Sexual Compulsives Anonymous (SCA)",
    "slaa": "Sex and Love Addicts Anonymous (SLAA)",
    "sg": N_("Support groups"),
    "sia": "Survivors of Incest Anonymous (SIA)",
    "ua": "Underearners Anonymous (UA)",
    "va": "Violence Anonymous (VA)",
}

OPENINGS_ASKED = {"1": N_("Openings reported in the last 3 days")}

TABLES = {
    "kind": KIND,
    "attendance": ATTENDANCE,
    "program": PROGRAM,
    "care": CARE,
    "pay": PAY,
    "people": PEOPLE,
    "medication": MEDICATION,
    "access": ACCESS,
    "openings": OPENINGS_ASKED,
    "time": TIME,
    "sort": SORT,
}
"""The table of each facet, by the name of its parameter."""

HOLIDAY = {
    "new-years-day": N_("New Year's Day"),
    "martin-luther-king-day": N_("Martin Luther King Jr. Day"),
    "washingtons-birthday": N_("Presidents' Day"),
    "memorial-day": N_("Memorial Day"),
    "juneteenth": N_("Juneteenth"),
    "independence-day": N_("Independence Day (July 4)"),
    "labor-day": N_("Labor Day"),
    "columbus-day": N_("Columbus Day"),
    "veterans-day": N_("Veterans Day"),
    "thanksgiving": N_("Thanksgiving"),
    "christmas": N_("Christmas Day"),
}

WEEK_OF_MONTH = {
    1: N_("First %(day)s of the month"),
    2: N_("Second %(day)s of the month"),
    3: N_("Third %(day)s of the month"),
    4: N_("Fourth %(day)s of the month"),
    5: N_("Fifth %(day)s of the month"),
    -1: N_("Last %(day)s of the month"),
}

OPENINGS = {
    "bed": NN_("%(n)s bed open", "%(n)s beds open"),
    "place": NN_("%(n)s place open", "%(n)s places open"),
    "": NN_("%(n)s opening", "%(n)s openings"),
}
NO_OPENINGS = {
    "bed": N_("no beds open"),
    "place": N_("no places open"),
    "": N_("no openings"),
}

CATEGORY = {
    "access": N_("Access"),
    "attendance": N_("Who may come"),
    "community": N_("Community"),
    "format": N_("Format"),
    "language": N_("Language"),
    "practical": N_("Practical"),
    "status": N_("Status"),
    "Age Groups Accepted": N_("Age groups"),
    "Ancillary Services": N_("Other services"),
    "Assessment / Pre-treatment": N_("Assessment before treatment"),
    "Counseling Services and Education": N_("Counseling and education"),
    "Detoxification (medical withdrawal) services": N_("Detox (medical withdrawal)"),
    "Emergency Mental Health Services": N_("Emergency mental health care"),
    "Exclusive Services": N_("Only for"),
    "External Opioid Medications Source": N_("Opioid medications from outside"),
    "External Source of Medications Used for Alcohol Use Disorder Treatment": N_("Alcohol medications from outside"),
    "Facility Operation (private / public)": N_("Who runs it"),
    "Facility Smoking Policy": N_("Smoking"),
    "Facility Type": N_("Kind of place"),
    "Facility Vaping Policy": N_("Vaping"),
    "Gender Accepted": N_("Genders accepted"),
    "Hospitals": N_("Hospital"),
    "Language Services": N_("Language services"),
    "License / Certification / Accreditation": N_("License and certification"),
    "Opioid Medications used in Treatment": N_("Opioid medications used"),
    "Other Addictions treatment": N_("Other conditions treated"),
    "Other Languages": N_("Other languages"),
    "Payment / Insurance / Funding accepted": N_("Payment accepted"),
    "Payment Assistance Available": N_("Help with payment"),
    "Pharmacotherapies": N_("Medications"),
    "Recovery Support Services": N_("Recovery support"),
    "Screening & Testing": N_("Screening and testing"),
    "Service Setting": N_("Setting"),
    "Special Programs / Groups offered": N_("Special programs and groups"),
    "Transitional Services": N_("After treatment"),
    "Treatment Approaches": N_("Ways of treatment"),
    "Type of Alcohol Use Disorder Treatment": N_("Alcohol treatment"),
    "Type of Care": N_("Type of care"),
    "Type of Opioid Treatment": N_("Opioid treatment"),
    "Vaccinations": N_("Vaccinations"),
}
"""The categories of outside codes, as `seeds/codes` names them."""

PRECISION = {
    "postcode": N_("We know only its ZIP code, so distances are measured from the middle of that area."),
    "locality": N_("We know only its town, so distances are measured from the middle of it."),
    "region": N_("We know only its region, so distances are rough."),
}
"""Why a distance is only about right."""

PROBLEM = {
    "unknown-value": N_("%(field)s: we do not know “%(value)s”."),
    "bad-shape": N_("%(field)s: “%(value)s” is not written in a way that we can read."),
    "too-long": N_("%(field)s: the text is longer than %(most)s characters."),
    "out-of-range": N_("%(field)s: “%(value)s” is not a number from %(least)s to %(most)s."),
    "missing": N_("%(field)s: it is missing; a point needs latitude and longitude."),
    "bad-time": N_("%(field)s: “%(value)s” is not a date and time."),
}
"""What is wrong with one parameter."""

ERROR_TITLE = {
    "error": N_("Something went wrong here"),
    "not-found": N_("We cannot find that page"),
    "gone": N_("This listing is gone"),
    "bad-query": N_("We could not read that question"),
    "place-not-found": N_("We cannot find that place"),
    "unreadable-file": N_("That file cannot be read"),
}
ERROR_HELP = {
    "error": N_(
        "It is our mistake, not yours. Nothing of yours was lost. Try again in a minute, or call a number below."
    ),
    "not-found": N_("The address may be old or mistyped. Search again, or call a number below."),
    "gone": N_("Its source has taken it out. Look for what is near instead."),
    "bad-query": N_("Change what is named here and try again."),
    "place-not-found": N_("Try a ZIP code, or a town and its state, such as “Burlington, VT”."),
    "unreadable-file": N_("Nothing was changed. Check that it is the right file and format."),
}
"""By the code of `domain.errors`: what happened, and what to do."""


def label(facet: str, value: str) -> str:
    """The words for a value of a facet in the language in use; the value itself where it has none."""
    text = TABLES.get(facet, {}).get(value)
    return gettext(text) if text else value


def facet_value(facet: str, counted: FacetCount) -> str:
    """The words for a value that was counted."""
    if counted.info:
        return counted.info.label(language())
    if facet == "language":
        return a_language(counted.code)
    return label(facet, counted.code)


def program(value: str) -> str:
    """The name of a meeting program."""
    return label("program", value)


def short_program(value: str) -> str:
    """The name by which its members call it, such as "AA"; the whole name where it has no short one."""
    name = label("program", value)
    return name.rpartition("(")[2].rstrip(")")


def category(name: str) -> str:
    """The words for a category of codes; the name itself where it has none."""
    return gettext(CATEGORY[name]) if name in CATEGORY else name


def facet_name(facet: str) -> str:
    """The name of a parameter in the language in use."""
    return gettext(FACET[facet]) if facet in FACET else facet


def count(kind: str, number: int, shown: str) -> str:
    """Such as "12 meetings"; `shown` is the number as it is written."""
    singular, plural = KIND_COUNT.get(kind, KIND_COUNT[""])
    return ngettext(singular, plural, number) % {"n": shown}


def openings(unit: str, number: int) -> str:
    """Such as "2 beds open" or "no beds open"."""
    if number == 0:
        return gettext(NO_OPENINGS.get(unit, NO_OPENINGS[""]))
    singular, plural = OPENINGS.get(unit, OPENINGS[""])
    return ngettext(singular, plural, number) % {"n": number}


def problem(field: str, code: str, value: str, allowed: tuple[str, ...] = ()) -> str:
    """One sentence on what is wrong with a parameter."""
    text = PROBLEM.get(code, PROBLEM["bad-shape"])
    least, most = (allowed[0], allowed[-1]) if allowed else ("", "")
    return gettext(text) % {"field": facet_name(field), "value": value, "least": least, "most": most}


def error_title(code: str) -> str:
    """What happened, in a few words."""
    return gettext(ERROR_TITLE.get(code, ERROR_TITLE["error"]))


def error_help(code: str) -> str:
    """What to do about it."""
    return gettext(ERROR_HELP.get(code, ERROR_HELP["error"]))
