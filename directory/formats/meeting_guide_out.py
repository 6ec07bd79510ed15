"""Writes meetings as Meeting Guide JSON (FORMATS a): what AA's phone app, TSML and TSML UI read, and what our own reader reads back.

One object stands for one meeting with all days on which it starts at the same time (`day` is a list then); a meeting that starts
at other times on other days is several objects: the earliest keeps the slug, the others have their time behind it. What the format
cannot say is left out and counted: what is not weekly (a.3, rule 1), in person without a street, online without a way in (a.2).
A meeting that is only online is given by its town alone (a.3, rule 3), also where its source names a street.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from urllib.parse import quote

from directory.domain.exports import Published, clock_text
from directory.domain.links import host_of
from directory.domain.listings import Visibility
from directory.domain.schedule import DAY, Window
from directory.formats.json_out import JsonList
from directory.formats.urls import is_provider

SPEC_FELLOWSHIP = "aa"
"""Whose type codes a meeting has of which nobody says whose it is."""
LONGEST_SLUG = 64
LONGEST_NAME = 255
TAIL = 9
"""The dash and the eight letters at the end of our slugs, which make them unique (domain/listings.py)."""
COUNTRIES = {"US": "USA", "CA": "Canada"}

NO_MEETING = "no meetings"
OTHER_FELLOWSHIP = "of another fellowship"
NOT_WEEKLY = "not weekly"
TOO_LONG = "longer than a day"
NO_STREET = "in person, without a street that may be shown"
NO_WAY_IN = "online, without an address or a number that the format knows"
NO_TOWN = "online, without a town"
SOME_TIMES = "times that are not weekly, of meetings that are given by their others"

Json = dict[str, object]


class MeetingGuideOut:
    """Writes meetings as objects. `base_url` is the site's own address; `fellowship` leaves those of others out.

    `left_out` counts by reason.
    """

    def __init__(self, base_url: str, fellowship: str | None = None) -> None:
        self._base = f"{base_url.rstrip('/')}/listings"
        self._fellowship = fellowship
        self._list = JsonList()
        self.left_out: dict[str, int] = {}
        self.fellowships: set[str] = set()

    def start(self) -> bytes:
        """The head of the list."""
        return self._list.start()

    def add(self, listing: Published) -> bytes:
        """The objects of one meeting; nothing for what is left out."""
        reason = self._reason(listing)
        if reason:
            self._leave_out(reason)
            return b""
        weekly = [window for window in listing.windows if _is_weekly(window)]
        self._leave_out(SOME_TIMES, len(listing.windows) - len(weekly))
        self.fellowships.add(_fellowship(listing))
        common = self._common(listing)
        return b"".join(self._list.add({"slug": slug, **when, **common}) for slug, when in _times(listing, weekly))

    def end(self) -> bytes:
        """The end of the list."""
        return self._list.end()

    def _leave_out(self, reason: str, count: int = 1) -> None:
        if count:
            self.left_out[reason] = self.left_out.get(reason, 0) + count

    def _reason(self, listing: Published) -> str:
        """Why a listing cannot be given, "" if it can."""
        card = listing.detail.card
        if card.kind != "meeting":
            return NO_MEETING
        if self._fellowship and card.program != self._fellowship:
            return OTHER_FELLOWSHIP
        if listing.windows and not any(map(_is_weekly, listing.windows)):
            return TOO_LONG if all(window.is_plain for window in listing.windows) else NOT_WEEKLY
        if _is_in_person(listing):
            return ""
        if card.attendance not in ("online", "hybrid"):
            return NO_STREET
        if not _join(listing):
            return NO_WAY_IN if card.attendance == "online" else NO_STREET
        return "" if card.city or card.state else NO_TOWN

    def _common(self, listing: Published) -> Json:
        """All but slug and time, in the order of FORMATS a.2; what is not known is left out."""
        detail, card = listing.detail, listing.detail.card
        book = _fellowship(listing)
        types = sorted({info.code.code for info in card.types if info.code.system == book})
        given: Json = {
            "timezone": card.timezone,
            **_address(listing),
            **_join(listing),
            "attendance_option": _option(listing),
            "types": types,
            "notes": detail.description,
            "url": f"{self._base}/{quote(card.slug)}",
            **_entity(listing),
        }
        return {"name": card.name[:LONGEST_NAME]} | {name: value for name, value in given.items() if value}


def _fellowship(listing: Published) -> str:
    return listing.detail.card.program or SPEC_FELLOWSHIP


def _is_weekly(window: Window) -> bool:
    """Whether the format can say it: every week, and shorter than a day, since an end like the start reads as an hour."""
    return window.is_plain and window.minutes < DAY


def _is_in_person(listing: Published) -> bool:
    card = listing.detail.card
    is_known = card.visibility is Visibility.FULL and card.street and (card.city or card.postal_code)
    return card.attendance != "online" and bool(is_known)


def _times(listing: Published, weekly: list[Window]) -> Iterator[tuple[str, Json]]:
    """A slug and what tells the time, for each time of day; no time at all is by appointment (a.3, rule 2)."""

    def of_day(window: Window) -> tuple[int, int]:
        return window.start, window.minutes

    groups = [
        (time, sorted({window.day for window in windows}))
        for time, windows in groupby(sorted(weekly, key=of_day), key=of_day)
    ]
    groups.sort(key=lambda group: (group[1][0], group[0]))
    slug = listing.detail.card.slug
    if not groups:
        yield _slug(slug), {}
    for number, ((start, minutes), days) in enumerate(groups):
        tail = f"-{start // 60:02}{start % 60:02}-{minutes}" if number else ""
        times = {"time": clock_text(start), "end_time": clock_text((start + minutes) % DAY)}
        yield _slug(slug, tail), {"day": days[0] if len(days) == 1 else days, **times}


def _slug(slug: str, tail: str = "") -> str:
    """No longer than the format allows: the words are cut, not the end that makes it unique."""
    most = LONGEST_SLUG - len(tail)
    if len(slug) > most:
        slug = slug[: most - TAIL].rstrip("-") + slug[-TAIL:]
    return slug + tail


def _address(listing: Published) -> Json:
    """Where it is. Coordinates only where they are those of the address: readers take them for exact (a.2)."""
    detail, card = listing.detail, listing.detail.card
    country = listing.country if listing.country != "ZZ" else None
    town = {"city": card.city, "state": card.state, "postal_code": card.postal_code, "country": country}
    is_closed = any(info.code.code == "TC" for info in card.types)
    if not _is_in_person(listing) and not (is_closed and card.street):
        return {"location": card.place_name, **town, "approximate": "yes", "location_notes": detail.place_notes}
    point = card.point if card.point and not card.approximate else None
    return {
        "location": card.place_name,
        "formatted_address": _one_line(listing) if detail.street_2 else None,
        "address": card.street,
        **town,
        "latitude": point.lat if point else None,
        "longitude": point.lon if point else None,
        "approximate": "no",
        "location_notes": detail.place_notes,
    }


def _one_line(listing: Published) -> str:
    """The whole address, for the second line of the street, which has no field of its own."""
    card = listing.detail.card
    state = " ".join(part for part in (card.state, card.postal_code) if part)
    country = COUNTRIES.get(listing.country or "", listing.country)
    return ", ".join(part for part in (card.street, listing.detail.street_2, card.city, state, country) if part)


def _join(listing: Published) -> Json:
    """The ways in online that readers know: an address of a known provider (a.6), and a number that can be dialled in one go."""
    detail = listing.detail
    if detail.card.attendance not in ("online", "hybrid"):
        return {}
    url = detail.conference_url if is_provider(host_of(detail.conference_url or "") or "") else None
    phone = re.sub(r"[\s().-]", "", detail.conference_phone or "")
    phone = phone if re.fullmatch(r"[\d+,*#]{7,}", phone) else ""
    notes = {"conference_url_notes" if url else "conference_phone_notes": detail.conference_notes}
    given = {"conference_url": url, "conference_phone": phone} | (notes if url or phone else {})
    return {name: value for name, value in given.items() if value}


def _option(listing: Published) -> str:
    """How one takes part, in TSML's words: not in the specification, but in feeds, and what readers believe first."""
    if not _is_in_person(listing):
        return "online"
    return "hybrid" if _join(listing) else "in_person"


def _entity(listing: Published) -> Json:
    """Who is responsible, with the first number and site under that name; other sites are the group's own."""
    card = listing.detail.card
    name = card.organization
    links = listing.detail.urls
    own = [link.url for link in links if link.label == name] if name else []
    others = [link.url for link in links if link.url not in own[:1]][:2]
    phones = [phone for phone in card.phones if phone.type == "voice" and not phone.extension]
    numbers = [number for phone in phones if (number := re.fullmatch(r"\d{3}-\d{3}-\d{4}", phone.number))]
    return {
        **dict(zip(("website", "website_2"), others, strict=False)),
        "entity": name,
        "entity_phone": f"+1-{numbers[0][0]}" if name and numbers else None,
        "entity_website_url": own[0] if own else None,
    }
