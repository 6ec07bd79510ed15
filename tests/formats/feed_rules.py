"""What a Meeting Guide feed must keep to, written from the specification and from nothing of our writer or reader.

The fields and rules are those of https://github.com/code4recovery/spec (README), with the few that TSML adds and every reader knows.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

TEXTS = {
    "name": 255, "slug": 64, "formatted_address": 600, "address": 255, "city": 120, "state": 40, "postal_code": 20, "location": 255,
    "location_notes": 9000, "notes": 20000, "conference_url_notes": 9000, "conference_phone_notes": 9000, "entity": 255,
}  # fmt: skip
ADDRESSES = ("url", "conference_url", "website", "website_2", "entity_website_url")
OTHERS = (
    "day", "time", "end_time", "timezone", "country", "conference_phone", "types", "latitude", "longitude", "approximate",
    "attendance_option", "entity_phone",
)  # fmt: skip
PRIVATE = re.compile(r"contact|email|edit_url|venmo|square|paypal|homegroup|feedback|mailing|author|last_contact")
PROVIDERS = (
    "bluejeans.com discord.gg freeconference.com freeconferencecall.com goto.com gotomeet.me gotomeeting.com horizon.meta.com "
    "maps.secondlife.com meet.google.com meet.jit.si meetings.dialpad.com signal.group skype.com slurl.com teams.live.com "
    "teams.microsoft.com vrchat.com webex.com zoho.com zoom.us"
).split()
SHAPES = {
    "slug": r"[A-Za-z0-9_~.-]+",
    "time": r"([01]\d|2[0-3]):[0-5]\d",
    "end_time": r"([01]\d|2[0-3]):[0-5]\d",
    "country": r"[A-Z]{2}",
    "conference_phone": r"[\d+,*#]{7,}",
    "approximate": r"yes|no",
    "attendance_option": r"in_person|online|hybrid",
    "entity_phone": r"\+1-\d{3}-\d{3}-\d{4}",
}
ZONES = available_timezones()


def problems(content: bytes, types: Collection[str]) -> list[str]:
    """Everything that is wrong with a feed; `types` are the codes that its fellowship has."""
    meetings = json.loads(content.decode("utf-8"))
    if not isinstance(meetings, list):
        return ["not a list"]
    found = [f"{meeting.get('slug')}: {wrong}" for meeting in meetings for wrong in _wrong(meeting, types)]
    slugs = Counter(meeting.get("slug") for meeting in meetings)
    return [*found, *(f"{slug}: comes {times} times" for slug, times in slugs.items() if times > 1)]


def _wrong(meeting: dict[str, Any], types: Collection[str]) -> Iterator[str]:
    for name, value in meeting.items():
        if PRIVATE.search(name) or name not in {*TEXTS, *ADDRESSES, *OTHERS}:
            yield f"{name} has no place in a feed"
        if value in (None, "", []):
            yield f"{name} is empty"
        if name in TEXTS and not (isinstance(value, str) and len(value) <= TEXTS[name]):
            yield f"{name} is {value!r}"
        if name in SHAPES and not (isinstance(value, str) and re.fullmatch(SHAPES[name], value)):
            yield f"{name} is {value!r}"
        if name in ADDRESSES and urlsplit(value).scheme not in ("http", "https"):
            yield f"{name} is {value!r}"
        if isinstance(value, str) and re.search(r"<\w+[^>]*>", value):
            yield f"{name} holds markup"
    if not {"name", "slug", "timezone"} <= set(meeting) or meeting.get("timezone") not in ZONES:
        yield "name, slug and time zone are needed"
    yield from _wrong_time(meeting)
    yield from _wrong_place(meeting)
    yield from (f"type {code!r} is none of the fellowship's" for code in set(meeting.get("types", ())) - set(types))
    if {"entity_phone", "entity_website_url"} & set(meeting) and "entity" not in meeting:
        yield "something is said of an entity that has no name"


def _wrong_time(meeting: dict[str, Any]) -> Iterator[str]:
    if ("day" in meeting) != ("time" in meeting) or ("end_time" in meeting and "time" not in meeting):
        yield "day and time go together"
    days = meeting.get("day", [])
    days = days if isinstance(days, list) else [days]
    if len(set(days)) != len(days) or not all(type(day) is int and 0 <= day <= 6 for day in days):
        yield f"day is {meeting['day']!r}"
    if "time" in meeting and meeting.get("end_time") == meeting["time"]:
        yield "it ends when it starts"


def _wrong_place(meeting: dict[str, Any]) -> Iterator[str]:
    is_online = {"conference_url", "conference_phone"} & set(meeting)
    is_exact = meeting.get("approximate") == "no"
    if "conference_url" in meeting:
        host = urlsplit(meeting["conference_url"]).hostname or ""
        if not any(host == provider or host.endswith(f".{provider}") for provider in PROVIDERS):
            yield f"nobody knows {host}"
    elif "conference_url_notes" in meeting:
        yield "notes on an address that is not given"
    if not {"formatted_address", "address", "city", "state"} & set(meeting):
        yield "no address"
    if is_exact and not {"formatted_address", "address"} & set(meeting):
        yield "an exact address without a street"
    if not is_exact and not is_online:
        yield "nobody can go there, and nobody can join"
    if not is_exact and {"latitude", "longitude", "address", "formatted_address"} & set(meeting):
        yield "more is given of an approximate address than its town"
    for name, most in (("latitude", 90), ("longitude", 180)):
        if name in meeting and not (isinstance(meeting[name], int | float) and abs(meeting[name]) <= most):
            yield f"{name} is {meeting[name]!r}"
    if ("latitude" in meeting) != ("longitude" in meeting):
        yield "half a point"
