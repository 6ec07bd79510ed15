"""The command `geocode`: works off the addresses that wait for a geocoder, lists doubtful places, and sets pins."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from directory import cli_text
from directory.cli_common import Parsers, Refused, operator, ready
from directory.domain.errors import BadQuery, NotFound
from directory.domain.geo import Point
from directory.gateways.remote import BadGeocoder
from directory.services.clock import clock_of
from directory.services.geocode_queue import PUBLIC_LIMIT, GeocodeReport, geocode_run
from directory.services.geocode_review import FAILED, Doubt, geocode_doubts, geocode_pin, geocode_unpin
from directory.settings import Settings
from directory.storage import db

LISTED = 100

_REASONS = {
    "state": "lies in another state than its address",
    "outside": "lies outside the area of this directory",
    "moved": "has a pin, and its address has changed since",
    "postcode": "lies far from its ZIP code or town, or was found under another ZIP code",
    "street": "was found on another street",
    "number": "was found at another house of its street",
    "tie": "fits several places equally well",
    "shared": "shares its point with several other streets",
    "no-place": "names no place that the gazetteer knows",
    "coarse": "was found by its town or ZIP code only",
    "not-found": "is known to no geocoder that was asked",
    FAILED: "was given up",
}
_GRADES = {"not_applicable": "on no map", "none": "without a point"}
_OUTCOMES = {
    "ok": "placed",
    "needs_review": "to be looked at",
    "failed": "given up",
    "not_applicable": "not to be placed",
}


def add_commands(commands: Parsers) -> None:
    """Adds `geocode` to the commands."""
    geocode = commands.add_parser("geocode", help="place the addresses that wait for a geocoder; list doubtful places")
    geocode.add_argument(
        "--limit",
        type=_number,
        metavar="N",
        help=f"so many at the most (all; {PUBLIC_LIMIT} with the public server of OpenStreetMap); with --review {LISTED}",
    )
    geocode.add_argument("--retry", action="store_true", help="also those that were given up before")
    what = geocode.add_mutually_exclusive_group()
    what.add_argument(
        "--review", action="store_true", help="list what somebody should look at, what matters most first"
    )
    what.add_argument(
        "--pin", nargs=2, metavar=("SLUG", "LAT,LON"), help="say where a listing is; nothing overwrites it"
    )
    what.add_argument("--unpin", metavar="SLUG", help="take a pin back")
    geocode.add_argument("--json", action="store_true", help="print one JSON object")
    geocode.set_defaults(run=_geocode)


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r}: give a whole number above 0")
    return int(text)


async def _geocode(options: argparse.Namespace, settings: Settings) -> int:
    point = _point(options.pin[1]) if options.pin else None
    await ready(settings)
    async with db.connect(settings.database_url):
        if options.review:
            return await _review(options)
        if options.pin or options.unpin:
            return await _pin(options, settings, point)
        return await _work(options, settings)


async def _work(options: argparse.Namespace, settings: Settings) -> int:
    try:
        with cli_text.Progress("geocode", "addresses") as progress:
            report = await geocode_run(
                limit=options.limit,
                retry=options.retry,
                by=operator(),
                clock=clock_of(settings),
                settings=settings,
                progress=progress,
            )
    except BadGeocoder as bad:
        raise Refused(str(bad)) from None
    print(json.dumps(report.as_json(), ensure_ascii=False) if options.json else _told(report))
    return 1 if report.stopped and not report.done else 0


def _told(report: GeocodeReport) -> str:
    """The report in a few lines."""
    outcomes = _counts({_OUTCOMES[name]: count for name, count in report.outcomes.items()})
    waiting = f", {report.waiting} wait for another try" if report.waiting else ""
    lines = [f"{report.done} addresses: {outcomes or 'none placed'}{waiting}; {report.left} are still due."]
    if report.precisions:
        lines.append(f"  how exactly: {_counts(_graded(report.precisions))}")
        lines.append(f"  by whom: {_counts(report.providers)}")
        lines.append(f"  questions: {report.asked} asked, {report.remembered} known from before")
    lines += [f"  {count} {_REASONS[reason]}" for reason, count in report.reviews.most_common()]
    if report.shared:
        lines.append(f"  {report.shared} that share a point with several other streets count as about right only")
    lines.append(f"  all listings now: {_counts(_graded(report.grades)) or 'none'}")
    lines += [f"  {name} is out of this run: {why}" for name, why in report.stopped.items()]
    if not report.has_services:
        lines.append(
            "  No geocoder is set (DIRECTORY_GEOCODERS), so nobody was asked: streets stand where their ZIP code does."
        )
    return "\n".join(lines)


def _graded(counted: Mapping[str, int]) -> dict[str, int]:
    return {_GRADES.get(name, name): count for name, count in counted.items()}


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items(), key=lambda each: -each[1]))


async def _review(options: argparse.Namespace) -> int:
    found = await geocode_doubts(limit=options.limit or LISTED)
    if options.json:
        print(json.dumps({"total": len(found), "doubts": [_doubt_json(each) for each in found]}, ensure_ascii=False))
    else:
        print(_listed(found))
    return 0


def _listed(found: Sequence[Doubt]) -> str:
    head = f"{len(found)} to look at" + (", what matters most first:" if found else ".")
    return "\n".join([head, *(line for number, each in enumerate(found, 1) for line in _doubt(number, each))])


def _doubt(number: int, each: Doubt) -> list[str]:
    why = _REASONS[each.reason] + (f": {each.error}" if each.error else "")
    where = f"{each.point.lat:.5f},{each.point.lon:.5f}" if each.point else "nowhere"
    stands = f"stands at {where} ({each.precision.value if each.precision else 'unknown'}, by {each.provider})"
    return [
        f"{number:>3}. {each.name} (/listings/{each.slug}) {why}",
        f"     {each.address or 'no address'}; {stands}",
    ]


def _doubt_json(each: Doubt) -> dict[str, Any]:
    return {
        "listing": each.slug,
        "name": each.name,
        "kind": each.kind,
        "reason": each.reason,
        "address": each.address,
        "lat": each.point.lat if each.point else None,
        "lon": each.point.lon if each.point else None,
        "precision": each.precision.value if each.precision else None,
        "provider": each.provider,
        "label": each.label,
        "attempt": each.attempt,
        "error": each.error,
        "at": each.at.isoformat() if each.at else None,
    }


def _point(text: str) -> Point:
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise Refused(f"{text!r} is no point: give degrees north and east, as in 44.47602,-73.21290", 2) from None
    return Point(lat, lon)


async def _pin(options: argparse.Namespace, settings: Settings, point: Point | None) -> int:
    given: dict[str, Any] = {"by": operator(), "clock": clock_of(settings), "settings": settings}
    slug = options.unpin or options.pin[0]
    try:
        if point:
            await geocode_pin(slug=slug, point=point, **given)
        else:
            await geocode_unpin(slug=slug, **given)
    except NotFound:
        raise Refused(f"no listing {slug!r}" + ("" if point else " with a pin"), 2) from None
    except BadQuery:
        raise Refused(f"{options.pin[1]!r} is no place on land: give degrees north and east", 2) from None
    done = {"listing": slug, "pinned": bool(point)}
    print(json.dumps(done) if options.json else f"{slug} {'is pinned' if point else 'has no pin any more'}.")
    return 0
