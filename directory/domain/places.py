"""Places as visitors and addresses name them: what a typed text asks for, and one row of the gazetteer.

Nothing is looked up here: `gateways/geocoders.py` finds what this module understands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from directory.domain.geo import Point
from directory.domain.listings import Address, fold

PlaceKind = Literal["postcode", "locality"]
"""A ZIP code area, or a town or named part of one: both are known by their middle alone."""

STATES: dict[str, str] = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
    "AS": "American Samoa",
    "FM": "Federated States of Micronesia",
    "GU": "Guam",
    "MH": "Marshall Islands",
    "MP": "Northern Mariana Islands",
    "PR": "Puerto Rico",
    "PW": "Palau",
    "VI": "Virgin Islands",
}
"""States, the capital's district, territories and freely associated states by their postal code (USPS Publication 28, B.1)."""

DEMO_STATE = "ZZ"
"""The state of invented places. ISO 3166 leaves the code to its users, and no state has it."""

# Where the same word is written short and long. Both become the long one, so that either finds the other. The abbreviations
# are the post's (USPS Publication 28, appendices C1 and H).
_LONG = {
    "st": "saint",
    "ste": "sainte",
    "mt": "mount",
    "ft": "fort",
    "twp": "township",
    "hts": "heights",
    "bch": "beach",
    "spgs": "springs",
    "jct": "junction",
    "vlg": "village",
}
_DIRECTIONS = {"n": "north", "s": "south", "e": "east", "w": "west"}

_STREETS = "st street ave avenue rd road blvd boulevard dr drive ln lane ct court pl place pike hwy highway pkwy parkway way ter terrace cir circle"
# A number, at least one word, and only then the word for a street: "05819 St. Johnsbury" is none.
_STREET = rf"\d\S*\s+\S.*?\s(?:{'|'.join(_STREETS.split())})\b"
_STREET_FIRST = re.compile(_STREET, re.IGNORECASE)
_PAST_STREET = re.compile(rf"{_STREET}\.?\s+(?P<city>\D+)", re.IGNORECASE)
_COUNTRY = re.compile(r"(?:^|[\s,])(?:usa|u\.s\.a\.?|us|u\.s\.|united states(?: of america)?)\s*$", re.IGNORECASE)
_ZIP_LAST = re.compile(r"(?:^|[\s,])(\d{5})(?:[-\u2013 ]?\d{4})?\s*$")
_ZIP_FIRST = re.compile(r"(\d{5})(?:-\d{4})?[\s,]+(?=\D)")
_NUMBER = re.compile(r"\d{1,10}")
_COUNTY = re.compile(r".*\s(?:county|parish)", re.IGNORECASE)
_AT_HOME = ("", "US", "USA", "UNITED STATES", "PR", "VI", "GU", "AS", "MP", "FM", "MH", "PW")
_LONGEST_STATE = 4
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place of the gazetteer.

    `key` is the ZIP code, or the name as `place_key` makes it; `name` is the town as it is shown. Degrees are WGS 84.
    `weight` is the number of ordinary ZIP codes, which stands in for size. `demo` marks an invented place.
    """

    kind: PlaceKind
    key: str
    state: str
    name: str
    lat: float
    lon: float
    timezone: str | None = None
    county: str | None = None
    weight: int = 0
    demo: bool = False

    @property
    def label(self) -> str:
        """As it is written on an envelope: "Burlington, VT", "Philadelphia, PA 19107"."""
        town = f"{self.name}, {self.state}"
        return f"{town} {self.key}" if self.kind == "postcode" else town

    @property
    def point(self) -> Point:
        """Its middle."""
        return Point(self.lat, self.lon)


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """What a text asks for; empty where it does not say.

    `state` is a code of `STATES` or `DEMO_STATE`. `region` is what stands where a state should and is none ("Ontario",
    "Vermnt"). `whole` is the name with the state in it, given where no comma parted them: "Port Washington" is a town as well as
    Port in Washington. `street` is kept for the reader and never searched.
    """

    postal_code: str = ""
    city: str = ""
    state: str = ""
    street: str = ""
    region: str = ""
    whole: str = ""

    @property
    def city_key(self) -> str:
        """The town as the gazetteer keys it."""
        return place_key(self.city)

    @property
    def text(self) -> str:
        """What is looked up, in words: "Woodlyn, PA 19094"."""
        tail = " ".join(part for part in (self.state or self.region, self.postal_code) if part)
        return ", ".join(part for part in (self.city, tail) if part)


def place_key(name: str) -> str:
    """The form in which names of places are compared: lower case, no accents, blanks or signs, abbreviations written out.

    A leading "the" is left out: The Bronx is the Bronx.
    """
    words = fold(name).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if len(words) > 1 and words[0] in _DIRECTIONS:
        words[0] = _DIRECTIONS[words[0]]
    return "".join(_LONG.get(word, word) for word in words)


def _squeezed(text: str) -> str:
    return fold(text).replace(" ", "")


# "Pa." and "N.Y." squeeze to the postal code; these are the longer customary short forms, and other names.
_CUSTOMARY = {
    "AL": "Ala", "AZ": "Ariz", "AR": "Ark", "CA": "Calif", "CO": "Colo", "CT": "Conn", "FL": "Fla", "IL": "Ill", "IN": "Ind",
    "KS": "Kan", "MA": "Mass", "MI": "Mich", "MN": "Minn", "MS": "Miss", "MT": "Mont", "NE": "Neb", "NV": "Nev", "OK": "Okla",
    "OR": "Ore", "PA": "Penna", "TN": "Tenn", "TX": "Tex", "WA": "Wash", "WV": "W.Va.", "WI": "Wis", "WY": "Wyo",
    "FM": "Micronesia", "VI": "U.S. Virgin Islands",
}  # fmt: skip
_STATE_KEYS = (
    {_squeezed(name): code for code, name in STATES.items()}
    | {code.lower(): code for code in (*STATES, DEMO_STATE)}
    | {_squeezed(name): code for code, name in _CUSTOMARY.items()}
)


def state_code(text: str) -> str:
    """The code of a state given as a code or a name in any spelling of case, blanks and dots; "" for anything else."""
    return _STATE_KEYS.get(_squeezed(text), "")


def query_of(address: Address) -> PlaceQuery:
    """What to look up for a listing's address. A ZIP code of three or four figures has lost its leading zeros.

    An address abroad keeps its region or country as `region`, so that its town is not looked for in the United States.
    """
    digits = re.fullmatch(r"(\d{3,5})(?:-?\d{4})?", (address.postal_code or "").strip())
    state = (address.state or "").strip()
    code = state_code(state)
    abroad = "" if address.country.strip().upper() in _AT_HOME else address.country.strip()
    return PlaceQuery(
        postal_code=digits[1].zfill(5) if digits else "",
        city=(address.city or "").strip(),
        state="" if abroad else code,
        street=(address.street or "").strip(),
        region=abroad or ("" if code else state),
    )


def parse(text: str) -> PlaceQuery:
    """What a visitor's words ask for: a ZIP code, a town, an address, in the ways that people write them.

    The ZIP code, the state and the country may end the text in any order. What stands before the town is the street. Of a very
    long text the end is read, where the place is.
    """
    rest = " ".join(text.split())[-_LONGEST_TEXT:].strip(" ,.;")
    if _NUMBER.fullmatch(rest):
        return PlaceQuery(postal_code=rest[:5] if len(rest) in (5, 9) else rest)
    rest, postal_code, state, whole = _tail(rest)
    if not postal_code and (found := _ZIP_FIRST.match(rest)) and not _is_street(rest):
        postal_code, rest = found[1], rest[found.end() :]
    parts = [part for part in (part.strip(" .;") for part in rest.split(",")) if part]
    parts = [part for part in parts if not _COUNTY.fullmatch(part)] or parts
    region = parts.pop() if not state and len(parts) > 1 and not (len(parts) == 2 and _is_numbered(parts[0])) else ""
    city = parts.pop() if parts else ""
    if found := _PAST_STREET.fullmatch(city):
        parts, city = [*parts, city[: found.start("city")].strip()], found["city"]
    return PlaceQuery(postal_code, city, state, ", ".join(parts), region, whole)


def _is_numbered(part: str) -> bool:
    return part[:1].isdigit()


def _is_street(rest: str) -> bool:
    """Whether a leading number is that of a house: a street follows, or more parts than a town."""
    return rest.count(",") > 1 or bool(_STREET_FIRST.match(rest))


def _tail(rest: str) -> tuple[str, str, str, str]:
    """The text without its country, ZIP code and state, then the ZIP code, the state, and the name with the state in it."""
    postal_code = state = whole = ""
    before = None
    while before != rest:
        before = rest
        if found := _COUNTRY.search(rest):
            rest = rest[: found.start()].rstrip(" ,.;")
        if not postal_code and (found := _ZIP_LAST.search(rest)):
            postal_code, rest = found[1], rest[: found.start()].rstrip(" ,.;")
        if not state:
            state, rest, whole = _ending_state(rest)
    return rest, postal_code, state, whole


def _ending_state(rest: str) -> tuple[str, str, str]:
    """The state that ends the text, what stands before it, and the two together where no comma parts them.

    The longest name counts: West Virginia before Virginia. A text that is nothing but a state stays as the name too, since New
    York is both.
    """
    before, comma, last = rest.rpartition(",")
    words = last.split()
    for size in range(min(_LONGEST_STATE, len(words)), 0, -1):
        code = state_code(" ".join(words[-size:]))
        if not code:
            continue
        if size < len(words):
            return code, before + comma + " ".join(words[:-size]), " ".join(words)
        return code, before.rstrip(" ,.;") or rest, ""
    return "", rest, ""
