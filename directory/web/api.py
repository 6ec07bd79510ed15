"""The search and the listings as JSON, for other programs. The keys and their order are the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from directory import labels
from directory.domain.errors import BadQuery, Gone
from directory.domain.listings import Phone, Visibility
from directory.domain.results import Card, Detail, FacetCount, Openings, SearchResult
from directory.domain.schedule import DAY, Window
from directory.domain.search import Query, parse
from directory.domain.taxonomy import FACETS, CodeInfo
from directory.i18n import language
from directory.services.listings import data_version, listing_instead, listing_show
from directory.services.search import search_run
from directory.web.errors import gone_detail
from directory.web.responses import PRIVATE, PUBLIC, data, etag_for, problem, unchanged
from directory.web.site import now_of, settings_of

RESULTS = "/api/listings"
REPEATABLE = ("kind", "attendance", "program", *FACETS, "language", "type")

Json = dict[str, Any]


async def results(request: Request) -> Response:
    """One page of results. Every wrong parameter is named at once (400); a place that is not known has suggestions (422)."""
    # A list that is taken along goes with the pages and asks for nothing.
    query, problems = parse((name, value) for name, value in request.query_params.multi_items() if name != "take")
    if problems:
        raise BadQuery(problems)
    now = now_of(request)
    tag = etag_for(data_version=await data_version(), now=now, query=f"{RESULTS}?{urlencode(query.params())}")
    if same := unchanged(request, tag, cache=PRIVATE):
        return same
    found = await search_run(query=query, now=now, settings=settings_of(request))
    if found.problems:
        raise BadQuery(found.problems)
    return data(request, found_json(found), cache=PRIVATE, etag=tag)


async def listing(request: Request) -> Response:
    """All that is public about one listing; 410 with what is near instead for one that is gone."""
    slug, now, settings = request.path_params["slug"], now_of(request), settings_of(request)
    tag = etag_for(data_version=await data_version(), now=now, query=f"{RESULTS}/{slug}")
    if same := unchanged(request, tag, cache=PUBLIC):
        return same
    try:
        detail = await listing_show(slug=slug, now=now, settings=settings, follow=True)
        if detail.hidden:
            raise Gone(slug=slug, hidden=detail.hidden)
    except Gone as gone:
        near = await listing_instead(slug=slug, now=now, settings=settings)
        instead = [card_json(card) for card in near.cards] if near else []
        return problem(gone.status, gone.code, gone_detail(gone), slug=slug, instead=instead)
    return data(request, detail_json(detail), cache=PUBLIC, etag=tag)


# --- values ----------------------------------------------------------------------------------------------------------


def found_json(found: SearchResult) -> Json:
    """The envelope. `next` is the address of the next page on this host, None on the last.

    `spelled` is there only where a word found nothing and others that are spelled like it were looked for as well.
    """
    after = found.query.url_query(page=found.query.page + 1) if found.has_next else None
    spelled = {"spelled": {word: list(near) for word, near in found.spelled.items()}} if found.spelled else {}
    return {
        "query": query_json(found.query),
        "total": found.total,
        "results": [card_json(card) for card in found.cards],
        "facets": {name: facet_json(name, counts) for name, counts in found.facets.items()},
        "unknown": dict(found.unknown),
        "elsewhere": {
            "total": found.elsewhere.total,
            "results": [card_json(card) for card in found.elsewhere.cards],
        },
        "next": f"{RESULTS}?{after}" if after else None,
        **spelled,
    }


def facet_json(name: str, counts: Sequence[FacetCount]) -> list[Json]:
    """What each value of a facet would find, with its name in the reader's language."""
    return [{"code": each.code, "label": labels.facet_value(name, each), "count": each.count} for each in counts]


def query_json(query: Query) -> Json:
    """The question in its canonical form; a parameter that may stand more than once is always a list."""
    values: Json = {}
    for name, value in query.params():
        if name in REPEATABLE:
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    return values


def card_json(card: Card) -> Json:
    """One result."""
    shown = card.visibility is Visibility.FULL
    point = card.point if shown else None
    miles = card.distance_miles
    return {
        "slug": card.slug,
        "kind": card.kind,
        "name": card.name,
        "organization": card.organization,
        "address": card.street if shown else None,
        "city": card.city,
        "state": card.state,
        "postal_code": card.postal_code,
        "lat": point.lat if point else None,
        "lon": point.lon if point else None,
        "distance_miles": None if miles is None else round(miles, 1),
        "distance_approximate": card.approximate,
        "attendance": card.attendance,
        "program": card.program,
        "types": [{"code": _code(info), "label": info.label(language())} for info in card.types],
        "schedules": [part for window in card.timetable.windows for part in schedule_json(window, card.timetable.zone)],
        "next_start": _moment(card.next_start),
        "open_until": _moment(card.open_until),
        "phone": _phone(card.phones),
        "care": _list(card.care),
        "pay": _list(card.pay),
        "people": _list(card.people),
        "medication": _list(card.medication),
        "language": _list(card.languages),
        "access": _list(card.access),
        "openings": openings_json(card.openings),
        "verified_on": _day(card.checked_on),
        "source": {"name": card.source_name, "key": card.source_key},
    }


def schedule_json(window: Window, zone: str) -> list[Json]:
    """A window in local wall time; one longer than a day as one entry for each day.

    `end` may be past midnight, and then reads lower than `start`; "24:00" only for a day that is whole. `week` is 1-5, or -1
    for the last of the month; null is every week.
    """
    found: list[Json] = []
    for offset in range(0, window.minutes, DAY):
        minutes = min(DAY, window.minutes - offset)
        whole_day = window.start == 0 and minutes == DAY
        found.append(
            {
                "day": (window.day + offset // DAY) % 7,
                "start": _clock(window.start),
                "end": "24:00" if whole_day else _clock((window.start + minutes) % DAY),
                "timezone": zone,
                "week": window.week,
                "sort": window.sort,
                "valid_from": _day(window.valid_from),
                "valid_to": _day(window.valid_to),
            }
        )
    return found


def openings_json(openings: Openings | None) -> Json | None:
    """The latest report; None when there is none, which is not "no openings"."""
    if openings is None:
        return None
    return {"available": openings.available, "as_of": _moment(openings.as_of), "freshness": openings.freshness}


def detail_json(detail: Detail) -> Json:
    """One result, followed by all else that is public."""
    card, openings = detail.card, detail.card.openings
    shown = card.visibility is Visibility.FULL
    result = card_json(card)
    if openings:
        result["openings"] |= {"unit": openings.unit, "maximum": openings.maximum}
    result["source"] |= {
        "title": detail.source_title,
        "licence": detail.source_licence,
        "url": detail.source_url,
        "checked_at": _moment(detail.source_checked_at),
    }
    return {
        **result,
        "status": card.status.value,
        "description": detail.description,
        "place_name": card.place_name,
        "address_2": detail.street_2 if shown else None,
        "address_visibility": card.visibility.value,
        "place_notes": detail.place_notes,
        "coverage": card.coverage,
        "timezone": card.timezone,
        "is_open": card.is_open,
        "is_always_open": card.always_open,
        "hours_text": card.hours_text,
        "next_times": [{"start": _moment(start), "end": _moment(end)} for start, end in detail.next_times],
        "phones": [
            {"number": each.number, "extension": each.extension, "type": each.type, "description": each.description}
            for each in card.phones
        ],
        "urls": [{"url": link.url, "label": link.label} for link in detail.urls],
        "conference": {
            "url": detail.conference_url,
            "phone": detail.conference_phone,
            "notes": detail.conference_notes,
        },
        "minimum_age": detail.minimum_age,
        "maximum_age": detail.maximum_age,
        "eligibility": detail.eligibility,
        "application_process": detail.application_process,
        "fees": detail.fees,
        "required_documents": detail.required_documents,
        "codes": [
            {
                "code": _code(info),
                "edition": info.code.edition,
                "category": info.category,
                "label": info.label(language()),
            }
            for info in detail.codes
        ],
        "geocode": _geocode(detail),
    }


def _geocode(detail: Detail) -> Json | None:
    """How the point was come by. What was asked is left out: it can hold an address that is not shown."""
    geocode = detail.geocode
    if geocode is None:
        return None
    return {"provider": geocode.provider, "precision": geocode.precision.value if geocode.precision else None}


def _code(info: CodeInfo) -> str:
    """The code as `type` takes it."""
    return f"{info.code.system}:{info.code.code}"


def _phone(phones: tuple[Phone, ...]) -> str | None:
    """The number to call: the first that is answered by voice."""
    voices = [phone for phone in phones if phone.type == "voice"] or list(phones)
    if not voices:
        return None
    first = voices[0]
    return f"{first.number} x{first.extension}" if first.extension else first.number


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _list(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
