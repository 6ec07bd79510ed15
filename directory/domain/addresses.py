"""Addresses as a geocoder is asked for them: what says where inside a house is cut, and what is no street is not asked at all.

`questions` gives the forms in the order in which they are tried. The last resort, ZIP code and state, is not among them: our own
gazetteer knows it (gateways/geocoders.py), so that nobody else is asked. Nothing is looked up here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

from directory.domain.listings import Address, fold
from directory.domain.places import place_key, query_of

FULL, WITHOUT_UNIT, INTERSECTION, POSTCODE, LOCALITY = "full", "without-unit", "intersection", "postcode", "locality"
"""The forms of an address that can have been answered (Location.geocode_attempt)."""
ASKED = (FULL, WITHOUT_UNIT, INTERSECTION)
"""Those that a service was asked; the others our own gazetteer answers."""

ALIKE = 0.7
"""How like two names of streets must be to be one: 1 is the same. "Hern Lane" is Heron Lane; Oak Lane is not."""

# The words before a part of a house, and those that say all by themselves (USPS Publication 28, appendix C2).
_NUMBERED = (
    "apartment|apt|building|bldg|department|dept|floor|fl|hangar|hngr|lot|office|ofc|rooms?|rm|space|spc|stop|suites?|ste|"
    "trailer|trlr|unit|level|box"
)
_PART = r"(?:#\s*)?(?:[a-z]?\d[\w-]*|[a-z](?![\w']))"
_UNIT = re.compile(
    rf"(?:^|[\s,;-])(?:(?:{_NUMBERED})\.?\s*{_PART}(?:\s*(?:&|and|-)\s*{_PART})?|#\s*[\w-]+|"
    r"(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|ground|lower|upper|top|main)\s+(?:floor|fl|level)\b\.?)(?=$|[\s,;])",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s*\([^()]*\)?|\s*\[[^\[\]]*\]?|\s*@[^,;]*|"
    r"(?:^|[\s,;-])(?:in\s+|at\s+)?(?:the\s+)?(?:(?:upstairs|downstairs|basement|bsmt)\b\.?|"
    r"(?:lower level|(?:side|back|rear|front)\s+(?:door|entrance|building)|rear|lobby)\s*(?=$|[,;]))",
    re.IGNORECASE,
)
_POST_BOX = re.compile(
    r"(?:^|[\s,;])(?:p\.?\s*o\.?\s*(?:box|b\.?)|post\s+office\s+box|postal\s+box|pmb|mail\s*box)\.?\s*#?\s*[\w-]*(?=$|[\s,;])|"
    r"^box\s+#?\d+$|^(?:rr|hc|r\.r\.|rural\s+route|star\s+route)\s*#?\d*\b.*$",
    re.IGNORECASE,
)
_NO_STREET = re.compile(
    r"(?:n/?a|none|tbd|tba|online|virtual|zoom|phone|telephone|various|confidential|undisclosed|unknown|private|call|mobile)\b.*",
    re.IGNORECASE,
)
_CORNER = re.compile(
    r"^(?:(?:the\s+)?(?:(?:[ns][ew]|north|south|north\s?east|north\s?west|south\s?east|south\s?west)\s+)?corner(?:\s+of)?|intersection\s+of|cor\.?)\s+",
    re.IGNORECASE,
)
_CROSSING = re.compile(r"\s*&\s*|\s+and\s+|\s*/\s*|\s+at\s+", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)(?:\s*-\s*(\d+))?[a-z]?(?:\s+1/[234])?(?=\s|$)", re.IGNORECASE)

# Words of streets written long and short; the short one is the key (USPS Publication 28, appendix C1, and the points of the compass).
_PAIRS = (
    "street st avenue ave av ave boulevard blvd road rd drive dr lane ln court ct place pl square sq highway hwy parkway pkwy "
    "terrace ter circle cir trail trl turnpike tpke expressway expy route rte alley aly plaza plz crescent cres heights hts "
    "mount mt saint st fort ft north n south s east e west w northeast ne northwest nw southeast se southwest sw "
    "first 1st second 2nd third 3rd fourth 4th fifth 5th sixth 6th seventh 7th eighth 8th ninth 9th tenth 10th"
).split()
_KEY = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_KINDS = frozenset(
    "st ave blvd rd dr ln ct pl sq hwy pkwy ter cir trl tpke expy rte aly plz cres way row pike loop run".split()
)
_COUNTRIES = {"CA": "Canada", "MX": "Mexico", "GB": "United Kingdom", "IE": "Ireland", "BM": "Bermuda"}
"""Countries by code whose names say more to a geocoder: "CA" alone is California."""
_COMPASS = frozenset("n s e w ne nw se sw".split())


@dataclass(frozen=True, slots=True)
class Question:
    """One form of an address. `attempt` names the form; `state` is a postal code, or the region of a place abroad.

    `country` is "" at home.
    """

    attempt: str
    street: str
    city: str
    state: str
    postal_code: str
    country: str = ""

    @property
    def text(self) -> str:
        """On one line, as on an envelope: "12 Heron Lane, Saltmarsh, PA 19199"."""
        tail = " ".join(part for part in (self.state, self.postal_code) if part)
        return ", ".join(part for part in (self.street, self.city, tail, self.country) if part)

    @property
    def is_at_home(self) -> bool:
        """Whether it is in the United States, where the ZIP code and the state can be checked."""
        return not self.country


def clean_street(text: str) -> str:
    """The street without what helps only somebody who stands before the house: asides, "upstairs", "@ ...", post boxes.

    Empty for what is no street: "TBD", "online", a post box, a rural route. Cleaning twice is cleaning once.
    """
    return _until_still(text, _without_asides)


def without_unit(street: str) -> str:
    """A cleaned street without suite, unit, floor or room; as it is if nothing else stands there."""
    return _until_still(street, lambda text: _tidy(_UNIT.sub(" ", text)) or text)


def _without_asides(text: str) -> str:
    text = _tidy(_POST_BOX.sub(" ", _tidy(_ASIDE.sub(" ", text))))
    return "" if _NO_STREET.fullmatch(text) or not any(sign.isalpha() for sign in text) else text


def _until_still(text: str, change: Callable[[str], str]) -> str:
    """Applies a change until it changes nothing: what is cut may leave the same again. Each round is shorter, or the last."""
    before = None
    text = _tidy(text)
    while before != text:
        before, text = text, change(text)
    return text


def _tidy(text: str) -> str:
    text = re.sub(r"\s*([,;])[\s,;]*", r"\1 ", " ".join(text.split()))
    return text.strip(" ,;.-&/")


def crossing(street: str) -> str:
    """Two streets that meet, as geocoders are asked for them ("Oak Street & Elm Street"); "" for anything else."""
    if _NUMBER.match(street) and not re.match(r"\d+(?:st|nd|rd|th)\b", street, re.IGNORECASE):
        return ""
    corner = _CORNER.match(street)
    parts = [part.strip(" ,") for part in _CROSSING.split(street[corner.end() :] if corner else street)]
    if len(parts) != 2 or not all(parts):
        return ""
    return " & ".join(parts) if corner or any(_is_street(part) for part in parts) else ""


def _is_street(name: str) -> bool:
    words = _folded(name).split()
    return (len(words) > 1 and words[-1] in _KINDS) or bool(re.fullmatch(r"\d+(?:st|nd|rd|th)", " ".join(words)))


def questions(address: Address) -> tuple[Question, ...]:
    """What to ask for an address, the most exact first; nothing where it names no street, or none in a known place."""
    street = clean_street(address.street or "")
    city, state, postal_code, country = place = _place(address)
    if not street or not (postal_code or (city and (state or country))):
        return ()
    bare = without_unit(street)
    full = _with_second_line(address, street)
    if meeting := crossing(bare):
        forms = {INTERSECTION: meeting}
    else:
        forms = {FULL: full} if full == bare else {FULL: full, WITHOUT_UNIT: bare}
    return tuple(Question(form, text, *place) for form, text in forms.items())


def _place(address: Address) -> tuple[str, str, str, str]:
    """City, state, ZIP code and country; abroad all but the country as they are written, at home without a country."""
    query, code = query_of(address), address.country.strip().upper()
    is_abroad = bool(query.region) and query.region == address.country.strip()
    if not is_abroad:
        return query.city, query.state or query.region, query.postal_code, ""
    state, postal_code = (" ".join((part or "").split()) for part in (address.state, address.postal_code))
    return query.city, state, postal_code, _COUNTRIES.get(code, query.region)


def _with_second_line(address: Address, street: str) -> str:
    """The street with the unit of the second line, if that line is one."""
    second = clean_street(address.street_2 or "")
    return f"{street}, {second}" if second and _UNIT.fullmatch(second) else street


def address_hash(address: Address) -> str:
    """32 figures that are the same for one building, however it is spelled and whichever its unit."""
    street = _folded(without_unit(clean_street(address.street or "")))
    city, *rest = _place(address)
    parts = (street, place_key(city), *(fold(part) for part in rest))
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _folded(text: str) -> str:
    """The form in which streets are compared: lower case, no signs, the short word for each that has one."""
    return " ".join(_KEY.get(word, word) for word in fold(text).split())


def street_name(text: str) -> str:
    """The street without its number: what stays the same from house to house."""
    return _folded(_NUMBER.sub("", text.strip(), count=1))


def house_numbers(street: str) -> range | None:
    """The numbers that a street address begins with: one, or both ends of "100-104"; None where there is none.

    "37-10" of Queens is one number written with a dash: 3710.
    """
    found = _NUMBER.match(street.strip())
    if not found or len(found[1]) > 9 or len(found[2] or "") > 9:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first or last - first > 1000:
        return _one(int(found[1] + (found[2] or "")))
    return range(first, last + 1)


def _one(number: int) -> range:
    return range(number, number + 1)


def are_alike(street: str, other: str) -> bool:
    """Whether two streets are the same by name, whatever their numbers, kinds and points of the compass."""
    one, two = (_core(street_name(text)) for text in (street, other))
    return one == two or (
        SequenceMatcher(None, one, two, autojunk=False).ratio() >= ALIKE and _figures(one) == _figures(two)
    )


def _core(name: str) -> str:
    words = [word for word in name.split() if word not in _COMPASS]
    while len(words) > 1 and words[-1] in _KINDS:
        words.pop()
    return " ".join(words) or name


def _figures(text: str) -> list[str]:
    """The numbers in a name: 5th is not 6th, however alike they look."""
    return re.findall(r"\d+", text)
