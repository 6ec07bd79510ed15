"""Where listings stand, in words: what is doubtful about a place, how surely it is known, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from directory import labels
from directory.domain.geo import Point
from directory.domain.listings import Visibility
from directory.i18n import N_, gettext
from directory.services.geocode_review import ACCEPTED, PIN, Doubt, Standing
from directory.settings import Settings
from directory.web.presenters import Link, listing_url

_ = gettext

REASONS = {
    "state": N_("What was found lies in another state."),
    "outside": N_("What was found lies outside the area of this directory."),
    "moved": N_("The address has changed since somebody set the pin."),
    "postcode": N_("What was found is not where its ZIP code is."),
    "street": N_("Another street was found."),
    "number": N_("Another house number was found."),
    "tie": N_("Several places fit, and none fits better than the others."),
    "shared": N_("Too many streets share this point. It may be the middle of the town."),
    "no-place": N_("We do not know its town or its ZIP code."),
    "coarse": N_("Only the area was found, not the street."),
    "not-found": N_("Nobody knows this address."),
    "failed": N_("We asked several times and got no answer."),
}
"""What is doubtful, by its code."""
GRADES = {
    "rooftop": N_("the house itself"),
    "interpolated": N_("near the house, by the numbers beside it"),
    "street": N_("the street"),
    "postcode": N_("the ZIP code only"),
    "locality": N_("the town only"),
    "region": N_("the region only"),
}
PROVIDERS = {
    "pin": N_("set by a person"),
    "source": N_("as its source says"),
    "gazetteer": N_("from our own table of towns and ZIP codes"),
}
ANSWERED = " answered "
"""What stands between a provider and its answer in what is noted of a doubtful place."""
DEGREES = 6
"""Decimals of a degree: about four inches."""
MIDDLE = Point(39.8, -98.6)
"""Where a map begins that knows nothing better: the middle of the country."""


@dataclass(frozen=True, slots=True)
class DoubtCard:
    """A doubtful place in the list. `found` is what was found in place of a public address, by its provider."""

    title: str
    url: str
    kind: str
    address: str
    reason: str
    found: str
    standing: str


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place on its own page. `found` is what a geocoder said, `pin` whether a person has set or accepted it.

    `zoom` is how near the map begins; `tile_url` is "" without a tile server. `map_url` shows the point of a public address on another
    site, which is asked only by a tap; else it is "".
    """

    name: str
    address: str
    listing: Link
    reason: str
    standing: str
    found: str
    label: str
    is_private: bool
    pin: str
    point: Point | None
    middle: Point
    zoom: int
    tile_url: str
    tile_credit: str
    map_url: str
    is_settable: bool


def doubt_card(doubt: Doubt) -> DoubtCard:
    """A doubt as its card says it."""
    kind = _(labels.KIND_OF_ONE.get(doubt.kind, doubt.kind))
    address = doubt.address or _("Address is not public")
    reason, url = reason_words(doubt), place_url(doubt.slug)
    return DoubtCard(doubt.name, url, kind, address, reason, _found(doubt), standing_words(doubt))


def _found(doubt: Doubt) -> str:
    """What a geocoder answered: it is kept beside a place that stays where it was, and is the label of one that moved."""
    answered = (doubt.error or "").partition(ANSWERED)[2]
    return answered or ((doubt.label or "") if doubt.provider not in PROVIDERS else "")


def place_url(slug: str) -> str:
    """The page on which a listing's place is looked at."""
    return listing_url(slug).replace("/listings/", "/places/", 1)


def reason_words(doubt: Doubt) -> str:
    """One sentence on what is doubtful."""
    return _(REASONS[doubt.reason]) if doubt.reason in REASONS else _("Somebody should look at this place.")


def standing_words(doubt: Doubt) -> str:
    """How exactly it is known, and by whom."""
    if doubt.precision is None:
        return _("It is on no map yet.")
    grade, by = _(GRADES[doubt.precision]), _(PROVIDERS.get(doubt.provider, doubt.provider))
    return _("What we know is %(grade)s, %(by)s.") % {"grade": grade, "by": by}


def place_view(standing: Standing, settings: Settings) -> PlaceView:
    """A place as its page says it."""
    doubt = standing.doubt
    return PlaceView(
        name=doubt.name,
        address=doubt.address or _("Address is not public"),
        listing=Link(doubt.name, listing_url(doubt.slug)),
        reason=reason_words(doubt) if standing.is_doubtful else "",
        standing=_standing(standing),
        found=doubt.error or "" if standing.is_doubtful else "",
        label=doubt.label or "",
        is_private=standing.visibility is not Visibility.FULL,
        pin=standing.pin,
        point=doubt.point,
        middle=standing.middle or MIDDLE,
        zoom=(16 if doubt.point and not _is_rough(doubt) else 12) if standing.middle else 4,
        tile_url=settings.tile_url,
        tile_credit=settings.tile_attribution,
        map_url=_map_url(doubt.point),
        is_settable=standing.is_settable,
    )


def _map_url(point: Point | None) -> str:
    if point is None:
        return ""
    lat, lon = degrees(point.lat), degrees(point.lon)
    return f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"


def _standing(standing: Standing) -> str:
    if standing.visibility is not Visibility.FULL and standing.pin == PIN:
        return _("A person has set the pin. It is not shown, here or anywhere.")
    words = standing_words(standing.doubt)
    if standing.pin == ACCEPTED:
        return _("%(standing)s A person has said that this is right.") % {"standing": words}
    return words


def _is_rough(doubt: Doubt) -> bool:
    return doubt.precision is not None and doubt.precision.is_approximate


def degrees(value: float) -> str:
    """A latitude or longitude as it is typed."""
    return f"{value:.{DEGREES}f}".rstrip("0").rstrip(".")
