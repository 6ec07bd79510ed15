"""Reads what geocoders answer: how exact a place is, by the level that matched, and the parts of the address that can be compared.

A vendor's score and a place's fame say nothing of that and are never used. The levels are those of the providers' own documentation,
named at each reader. What a reader does not know gets the coarser grade.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from directory.domain.addresses import are_alike, house_numbers
from directory.domain.geo import Point, Precision, is_point
from directory.domain.places import state_code

Raw = Mapping[str, Any]
"""An answer as geopy hands it on, untouched."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a geocoder says: a point (None where it found several and could not decide), and the address that lies there.

    `number`, `street`, `state` and `postal_code` are "" where it does not say. `kind` is the provider's own word for what matched;
    `score` its own figure from 0 to 1, kept to be looked at only.
    """

    point: Point | None
    precision: Precision
    label: str = ""
    number: str = ""
    street: str = ""
    state: str = ""
    postal_code: str = ""
    kind: str = ""
    score: float | None = None

    @property
    def is_tie(self) -> bool:
        """Whether several places fit equally well."""
        return self.point is None


def read_answer(service: str, label: str, point: Point | None, raw: Raw, asked: str) -> Answer | None:
    """What a service of this name answered; None where that is no place at all. `asked` is the street that was asked for."""
    reader = READERS.get(service)
    if point is not None and not is_point(point.lat, point.lon):
        return None
    if reader is None:
        return _by_its_label(label, point, asked)
    return reader(label, point, raw)


def _text(raw: Any, *names: str) -> str:
    """The first of these that is given, as text."""
    given = raw if isinstance(raw, Mapping) else {}
    return next((str(given[name]).strip() for name in names if given.get(name) not in (None, "")), "")


def _part(raw: Any, name: str) -> Raw:
    given = raw.get(name) if isinstance(raw, Mapping) else None
    return given if isinstance(given, Mapping) else {}


def _state(*names: str) -> str:
    """The postal code of a state. The capital is written in more ways than a state."""
    for name in names:
        if code := state_code(name.removeprefix("US-")) or ("DC" if name.replace(".", "").endswith(" DC") else ""):
            return code
    return ""


def _postal_code(text: str) -> str:
    """The five figures of a ZIP code or ZIP+4; other countries' codes as they are."""
    found = re.fullmatch(r"(\d{5})(?:-\d{4})?", text)
    return found[1] if found else text


# --- Nominatim: https://nominatim.org/release-docs/latest/customize/Ranking and /api/Output --------------------------

# The lowest rank of each grade. 26 and 27 are streets; 28 and more lie on one; 30 is a house or whatever has a name of its own.
_RANKS = (
    (30, Precision.ROOFTOP),
    (26, Precision.STREET),
    (13, Precision.LOCALITY),
    (0, Precision.REGION),
)
_POSTCODES = ("postcode", "postal_code")
_INTERPOLATED = ("houses", "interpolation")


def _nominatim(label: str, point: Point | None, raw: Raw) -> Answer:
    address = _part(raw, "address")
    kind = ":".join(part for part in (_text(raw, "category", "class"), _text(raw, "type")) if part)
    return Answer(
        point,
        _rank_of(raw),
        label,
        number=_text(address, "house_number"),
        street=_text(address, "road", "pedestrian", "footway", "path"),
        state=_state(_text(address, "ISO3166-2-lvl4"), _text(address, "state")),
        postal_code=_postal_code(_text(address, "postcode")),
        kind=kind,
    )


def _rank_of(raw: Raw) -> Precision:
    if {_text(raw, "addresstype"), _text(raw, "type")} & set(_POSTCODES):
        return Precision.POSTCODE
    if _text(raw, "type") in _INTERPOLATED:
        return Precision.INTERPOLATED
    rank = raw.get("place_rank")
    if isinstance(rank, int):
        found = next(precision for lowest, precision in _RANKS if rank >= lowest or not lowest)
    else:
        found = _CLASSES.get(_text(raw, "category", "class"), Precision.LOCALITY)
    has_number = bool(_text(_part(raw, "address"), "house_number"))
    # A shop that is found by its name may be anywhere on the street: only a number makes a house of it.
    return Precision.STREET if found == Precision.ROOFTOP and not has_number else found


_CLASSES = {"building": Precision.ROOFTOP, "highway": Precision.STREET, "boundary": Precision.REGION}
"""The grade by the class alone, for servers too old to tell the rank."""


# --- Photon: https://github.com/komoot/photon, docs/api-v1.md (its `type` is the layer) -------------------------------

_LAYERS = {
    "house": Precision.ROOFTOP,
    "street": Precision.STREET,
    "locality": Precision.LOCALITY,
    "district": Precision.LOCALITY,
    "city": Precision.LOCALITY,
    "county": Precision.REGION,
    "state": Precision.REGION,
    "country": Precision.REGION,
}


def _photon(label: str, point: Point | None, raw: Raw) -> Answer:
    place = _part(raw, "properties")
    number, layer = _text(place, "housenumber"), _text(place, "type")
    precision = _LAYERS.get(layer, Precision.LOCALITY)
    if _text(place, "osm_value") in _POSTCODES:
        precision = Precision.POSTCODE
    elif precision == Precision.ROOFTOP and not number:
        precision = Precision.STREET
    street = _text(place, "street") or (_text(place, "name") if layer == "street" else "")
    state, postal_code = _state(_text(place, "state")), _postal_code(_text(place, "postcode"))
    # geopy's own label tells the street twice.
    parts = [f"{number} {street}", *(_text(place, name) for name in ("city", "state", "postcode"))]
    label = ", ".join(part for part in map(str.strip, parts) if part) or label
    return Answer(point, precision, label, number, street, state, postal_code, layer)


# --- Pelias: https://github.com/pelias/documentation, result_quality.md and response.md -------------------------------

_PELIAS = {
    "address": Precision.ROOFTOP,
    "venue": Precision.STREET,
    "intersection": Precision.STREET,
    "street": Precision.STREET,
    "postalcode": Precision.POSTCODE,
    "county": Precision.REGION,
    "macrocounty": Precision.REGION,
    "region": Precision.REGION,
    "macroregion": Precision.REGION,
    "country": Precision.REGION,
}


def _pelias(label: str, point: Point | None, raw: Raw) -> Answer:
    place = _part(raw, "properties")
    layer, match = _text(place, "layer"), _text(place, "match_type")
    precision = _PELIAS.get(layer, Precision.LOCALITY)
    if match == "interpolated" and precision == Precision.ROOFTOP:
        precision = Precision.INTERPOLATED
    if match == "fallback" or _text(place, "accuracy") == "centroid":
        precision = max(precision, Precision.STREET, key=list(Precision).index)
    return Answer(
        point,
        precision,
        _text(place, "label") or label,
        number=_text(place, "housenumber"),
        street=_text(place, "street"),
        state=_state(_text(place, "region_a"), _text(place, "region")),
        postal_code=_postal_code(_text(place, "postalcode")),
        kind=":".join(part for part in (layer, match) if part),
        score=_score(place.get("confidence")),
    )


def _score(value: Any, of: float = 1) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= of
    return value / of if is_number else None


# --- Google: https://developers.google.com/maps/documentation/geocoding/requests-geocoding ----------------------------

_GOOGLE = {"ROOFTOP": Precision.ROOFTOP, "RANGE_INTERPOLATED": Precision.INTERPOLATED}
_GOOGLE_TYPES = (
    (("street_address", "premise", "subpremise", "intersection", "route", "establishment"), Precision.STREET),
    (("postal_code",), Precision.POSTCODE),
    (("administrative_area_level_1", "administrative_area_level_2", "country"), Precision.REGION),
)


def _google(label: str, point: Point | None, raw: Raw) -> Answer:
    parts: dict[str, Raw] = {}
    for part in raw.get("address_components") or ():
        for kind in part.get("types") or () if isinstance(part, Mapping) else ():
            parts.setdefault(kind, part)
    kinds = [str(kind) for kind in raw.get("types") or ()]
    level = _text(_part(raw, "geometry"), "location_type")
    precision = _GOOGLE.get(level) or next(
        (precision for types, precision in _GOOGLE_TYPES if set(types) & set(kinds)), Precision.LOCALITY
    )
    if raw.get("partial_match") is True and precision == Precision.ROOFTOP:
        precision = Precision.STREET
    return Answer(
        point,
        precision,
        label,
        number=_text(parts.get("street_number"), "long_name"),
        street=_text(parts.get("route"), "long_name"),
        state=_state(_text(parts.get("administrative_area_level_1"), "short_name")),
        postal_code=_postal_code(_text(parts.get("postal_code"), "long_name")),
        kind=":".join(part for part in (level, kinds[0] if kinds else "") if part),
    )


# --- US Census: https://geocoding.geo.census.gov/geocoder/Geocoding_Services_API.html ---------------------------------


def _census(label: str, point: Point | None, raw: Raw) -> Answer:
    """A match is a place along a range of numbers, never a house. Label and parts come from gateways/census.py."""
    return Answer(
        point,
        Precision.INTERPOLATED,
        label,
        number=_text(raw, "number"),
        street=_text(raw, "street"),
        state=_state(_text(raw, "state")),
        postal_code=_postal_code(_text(raw, "zip")),
        kind=":".join(part for part in (_text(raw, "match"), _text(raw, "match_type")) if part),
    )


# --- ArcGIS: the Addr_type of Esri's geocoding service, from general knowledge; its page could not be read ------------------

_ARCGIS = {
    "PointAddress": Precision.ROOFTOP,
    "Subaddress": Precision.ROOFTOP,
    "StreetAddress": Precision.INTERPOLATED,
    "StreetAddressExt": Precision.STREET,
    "StreetName": Precision.STREET,
    "StreetInt": Precision.STREET,
    "Postal": Precision.POSTCODE,
    "PostalExt": Precision.POSTCODE,
}


def _arcgis(label: str, point: Point | None, raw: Raw) -> Answer:
    found = _part(raw, "attributes")
    kind = _text(found, "Addr_type")
    state, postal_code = (
        _state(_text(found, "RegionAbbr"), _text(found, "Region")),
        _postal_code(_text(found, "Postal")),
    )
    number, street = (
        _text(found, "AddNum"),
        " ".join(part for part in (_text(found, "StPreDir"), _text(found, "StName"), _text(found, "StType")) if part),
    )
    score = _score(found.get("Score"), 100)
    precision = _ARCGIS.get(kind, Precision.LOCALITY)
    return Answer(point, precision, label, number, street, state, postal_code, kind, score)


# --- any other ---------------------------------------------------------------------------------------------------------


def _by_its_label(label: str, point: Point | None, asked: str) -> Answer:
    """A service whose levels are not known here: a street at best, and that only if its label repeats number and street."""
    first = next((part.strip() for part in label.split(",") if house_numbers(part)), "")
    numbers, wanted = house_numbers(first), house_numbers(asked)
    is_same = bool(first) and numbers == wanted and are_alike(first, asked)
    states = [code for part in label.split(",") if (code := _state(part.strip(), *part.split()[:1]))]
    codes = re.findall(r"(?<!^)\b\d{5}\b", label)
    precision = Precision.STREET if is_same else Precision.LOCALITY
    return Answer(point, precision, label, state=states[-1] if states else "", postal_code=codes[-1] if codes else "")


READERS: dict[str, Callable[[str, Point | None, Raw], Answer]] = {
    "nominatim": _nominatim,
    "pickpoint": _nominatim,
    "photon": _photon,
    "pelias": _pelias,
    "geocodeearth": _pelias,
    "google": _google,
    "googlev3": _google,
    "census": _census,
    "arcgis": _arcgis,
}
"""The services whose levels are known, by geopy's names for them."""
