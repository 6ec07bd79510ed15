"""Postal addresses as they are written: one line into its parts, names of states into codes, ZIP codes that lost their zeros.

It knows the forms that feeds use in the United States and Canada. Nothing is looked up: where a place lies is the
geocoder's to find.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from directory.domain.listings import fold

# USPS Publication 28, appendix B: states, the capital, territories and freely associated states.
_STATE_NAMES = """AL Alabama;AK Alaska;AZ Arizona;AR Arkansas;CA California;CO Colorado;CT Connecticut;DE Delaware;
DC District of Columbia;FL Florida;GA Georgia;HI Hawaii;ID Idaho;IL Illinois;IN Indiana;IA Iowa;KS Kansas;KY Kentucky;
LA Louisiana;ME Maine;MD Maryland;MA Massachusetts;MI Michigan;MN Minnesota;MS Mississippi;MO Missouri;MT Montana;
NE Nebraska;NV Nevada;NH New Hampshire;NJ New Jersey;NM New Mexico;NY New York;NC North Carolina;ND North Dakota;OH Ohio;
OK Oklahoma;OR Oregon;PA Pennsylvania;RI Rhode Island;SC South Carolina;SD South Dakota;TN Tennessee;TX Texas;UT Utah;
VT Vermont;VA Virginia;WA Washington;WV West Virginia;WI Wisconsin;WY Wyoming;AS American Samoa;GU Guam;
MP Northern Mariana Islands;PR Puerto Rico;VI Virgin Islands;VI U.S. Virgin Islands;FM Micronesia;MH Marshall Islands;
PW Palau"""
_PROVINCE_NAMES = """AB Alberta;BC British Columbia;MB Manitoba;NB New Brunswick;NL Newfoundland and Labrador;
NL Newfoundland;NS Nova Scotia;NT Northwest Territories;NU Nunavut;ON Ontario;PE Prince Edward Island;QC Quebec;
SK Saskatchewan;YT Yukon"""
_COUNTRY_NAMES = """US USA;US United States;US United States of America;US U.S.A.;US U.S.;CA Canada;GB UK;GB United Kingdom;
GB England;GB Scotland;GB Wales;GB Great Britain;IE Ireland;MX Mexico;MX México;AU Australia;NZ New Zealand;DE Germany;
FR France;ES Spain;IT Italy;NL Netherlands;SE Sweden;NO Norway;DK Denmark;JP Japan;IN India;ZA South Africa;BM Bermuda"""


def _by_name(table: str) -> dict[str, str]:
    pairs = (entry.strip().split(" ", 1) for entry in table.split(";"))
    return {fold(name): code for code, name in pairs}


STATES = _by_name(_STATE_NAMES)
PROVINCES = _by_name(_PROVINCE_NAMES)
COUNTRIES = _by_name(_COUNTRY_NAMES)
_CODES = {*STATES.values(), *PROVINCES.values()}
_PROVINCE_CODES = set(PROVINCES.values())

_ZEROS = {
    "00": ("PR", "VI", "NY"),
    **dict.fromkeys(("01", "02", "03", "04", "05", "06"), ("CT", "MA", "ME", "NH", "NY", "RI", "VT")),
    **dict.fromkeys(("07", "08"), ("NJ",)),
}
"""Where ZIP codes begin with a zero (USPS Publication 65: 005 is a part of New York, and so is 063 an island of it)."""

_US_ZIP = r"\d{5}(?:-\d{4})?"
_CANADIAN = r"[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d"
_STREET_WORDS = (
    "street|st|avenue|ave|av|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|place|pl|terrace|ter|parkway|pkwy|highway|hwy|"
    "pike|way|circle|cir|square|sq|trail|turnpike|tpke|plaza|row|alley"
)
_STREET_THEN_CITY = re.compile(
    rf"(\S*\d\S*\s+(?:\S+\s+){{1,8}}?(?:{_STREET_WORDS})\b\.?(?:\s+(?:[NS][EW]?|[EW])\b\.?)?)\s+(?![NSEW]{{1,2}}\b\.?$)([^\W\d]\D*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a written address holds. `place` is a name that stood before the street; None is not given."""

    street: str | None = None
    street_2: str | None = None
    place: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


def state_code(text: str) -> str | None:
    """The two-letter code of a state, territory or province, by code or by name."""
    letters = text.replace(".", "").strip().upper()
    return letters if letters in _CODES else STATES.get(fold(text)) or PROVINCES.get(fold(text))


def is_province(code: str | None) -> bool:
    """Whether a code of `state_code` is a Canadian province or territory."""
    return code in _PROVINCE_CODES


def country_code(text: str) -> str | None:
    """The two-letter code of a country, by code or by a common name."""
    if fold(text) in COUNTRIES:
        return COUNTRIES[fold(text)]
    return text.upper() if re.fullmatch(r"[A-Za-z]{2}", text) else None


def us_zip(text: str, state: str | None = None) -> str | None:
    """Five digits. Leading zeros that a spreadsheet took are put back ("5641" is "05641"), a ZIP+4 is cut.

    Where the state is known and none of its ZIP codes begins so, a short one has lost something else: None.
    """
    found = re.fullmatch(
        r"(?:[A-Za-z]{2}\.?\s+)?([0-9]{3,5})(?:\.0+|\s?[-\u2013]\s?[0-9]{0,4})?|([0-9]{8,9})(?:\.0+)?", text.strip()
    )
    if not found:
        return None
    code = found[1].zfill(5) if found[1] else found[2].zfill(9)[:5]
    was_short = len(found[1] or "") in (3, 4) or len(found[2] or "") == 8
    is_of_state = state is None or state not in STATES.values() or state in _ZEROS.get(code[:2], ())
    return code if not was_short or is_of_state else None


def canadian_postal_code(text: str) -> str | None:
    """Two groups of three, as Canada Post writes it: "T6E 4E8"."""
    letters = re.sub(r"[\s-]", "", text).upper()
    return f"{letters[:3]} {letters[3:]}" if re.fullmatch(_CANADIAN, letters) else None


def foreign_postal_code(text: str) -> str | None:
    """A postal code of another country as it stands, if it can be one."""
    return text.strip().upper() if re.fullmatch(r"\s*[A-Za-z0-9][A-Za-z0-9 -]{1,11}", text) else None


def without_aside(text: str) -> str:
    """The address without "@ ..." (up to the next comma), which says where inside, not where (TSML's importer cuts it too)."""
    return re.sub(r"\s*@[^,]*", "", text).strip(" ,") or text.replace("@", " ").strip(" ,")


def split_address(text: str) -> Parts:
    """The parts of an address on one line. What cannot be told apart stays in the street, so that nothing is lost."""
    pieces = [piece.strip() for piece in without_aside(" ".join(text.split())).split(",") if piece.strip(" .")]
    country = _take_country(pieces)
    postal_code = _take_postal_code(pieces)
    state = _take_state(pieces, certain=bool(country or postal_code))
    if country is None and is_province(state):
        country = "CA"
    known = bool(country or postal_code or state)
    city = _take_city(pieces, known)
    # "Edmonton, Alberta, Canada, Edmonton, Alberta, Canada" has a street that is no street.
    pieces = [piece for piece in pieces if not _repeats(piece, city, state, country)]
    first = next((index for index, piece in enumerate(pieces) if piece[0].isdigit()), 0)
    return Parts(
        street=pieces[first] if pieces else None,
        street_2=", ".join(pieces[first + 1 :]) or None,
        place=", ".join(pieces[:first]) or None,
        city=city,
        state=state,
        postal_code=postal_code,
        country=country,
    )


def _repeats(piece: str, city: str | None, state: str | None, country: str | None) -> bool:
    return bool(
        (city and fold(piece) == fold(city))
        or (state and state_code(piece) == state)
        or (country and COUNTRIES.get(fold(piece)) == country)
    )


def _take_country(pieces: list[str]) -> str | None:
    if not pieces:
        return None
    if code := COUNTRIES.get(fold(pieces[-1])):
        pieces.pop()
        return code
    if found := re.fullmatch(r"(.*\S)\s+(USA|United States(?: of America)?|Canada)", pieces[-1], re.IGNORECASE):
        pieces[-1] = found[1]
        return COUNTRIES[fold(found[2])]
    return None


def _take_postal_code(pieces: list[str]) -> str | None:
    if not pieces:
        return None
    found = re.fullmatch(rf"(.*?)\s*\b({_US_ZIP}|{_CANADIAN})", pieces[-1], re.IGNORECASE)
    if not found:
        return None
    pieces[-1:] = [found[1]] if found[1] else []
    return canadian_postal_code(found[2]) or us_zip(found[2])


def _take_state(pieces: list[str], *, certain: bool) -> str | None:
    """The state at the end. Alone on the line "100 Main St NE" is no place in Nebraska, so it takes a comma or a ZIP."""
    if not pieces or not (certain or len(pieces) > 1):
        return None
    if code := state_code(pieces[-1]):
        pieces.pop()
        return code
    found = re.fullmatch(r"(.*\S)\s+([A-Z]{2})\.?", pieces[-1])
    if found and found[2] in _CODES:
        pieces[-1] = found[1]
        return found[2]
    return None


def _take_city(pieces: list[str], known: bool) -> str | None:
    """The last piece; alone beside a state or ZIP it may hold the street as well ("325 Cherry St. Philadelphia")."""
    if len(pieces) > 1:
        return pieces.pop()
    if not pieces:
        return None
    if known and (found := _STREET_THEN_CITY.fullmatch(pieces[0])):
        pieces[0] = found[1]
        return found[2]
    if any(sign.isdigit() for sign in pieces[0]) and not (known and not pieces[0][0].isdigit()):
        return None
    return pieces.pop()
