"""The rows of the form of a listing: its times, its numbers and its links, as they are typed, and back.

A row of times has all days on which the same holds, so that longer hours are typed once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from directory.domain.edits import MOST, PHONE_TYPES
from directory.domain.errors import Problem
from directory.domain.links import host_of
from directory.domain.schedule import DAY, LAST, WEEK
from directory.formats.phones import read_phones
from directory.formats.text import scrub

PARTS: Mapping[str, tuple[str, ...]] = {
    "windows": ("sort", "day", "start", "end", "until", "week", "from", "to"),
    "phones": ("type", "number", "extension", "description"),
    "urls": ("url", "label"),
}
"""The fields of each kind of row. A row is sent as "windows-0-day" and so on."""
MOST_ROWS = 200
LONGEST = {"number": 80, "extension": 80, "description": 80, "url": 2000, "label": 200}
"""Characters of each text of a row."""
_TOLD = {"windows": ("day", "start", "end"), "phones": ("number",), "urls": ("url",)}
"""A row in which none of these is filled in is no row."""
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*([ap])?\.?(?:m\.?)?", re.IGNORECASE)
_NAME = re.compile(r"(windows|phones|urls)-(\d{1,3})-([a-z]+)")

Typed = Mapping[str, Sequence[str]]
Row = Mapping[str, str]


def rows_in(typed: Typed, name: str) -> dict[int, dict[str, str]]:
    """The rows of this name that say anything, by their place in the form."""
    found: dict[int, dict[str, str]] = {}
    for key, values in typed.items():
        if (match := _NAME.fullmatch(key)) and match[1] == name and match[3] in PARTS[name] and values:
            texts = values if match[3] == "day" else values[-1:]
            found.setdefault(int(match[2]), {})[match[3]] = " ".join(scrub(" ".join(texts)).split())
    return {place: row for place, row in sorted(found.items()) if any(row.get(part) for part in _TOLD[name])}


def typed_rows(name: str, values: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Values of a listing as the form would send them."""
    rows = [_AS_TYPED[name](value) for value in values]
    return {
        f"{name}-{place}-{part}": text.split() if part == "day" else [text]
        for place, row in enumerate(_together(rows) if name == "windows" else rows)
        for part, text in row.items()
    }


def values_in(typed: Typed, name: str, seen: Collection[Row] = ()) -> tuple[list[dict[str, Any]], list[Problem]]:
    """What the rows say, and what is wrong with them, by the name of the field where.

    A number that stands as it was `seen` stays, whatever a source may have written there.
    """
    values: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for place, row in rows_in(typed, name).items():
        said, wrong = _READ[name](row)
        values += said
        problems += [
            Problem(f"{name}-{place}-{part}", code, row.get(part, ""), _most(part, code))
            for part, code in wrong
            if code != "not-a-number" or row not in seen
        ]
        if len(values) > MOST[name]:
            problems.append(Problem(f"{name}-{place}-{_TOLD[name][0]}", "too-many", "", (str(MOST[name]),)))
    if name == "windows":
        values.sort(key=lambda value: (value["day"], value["start"]))
    return values, problems


def _most(part: str, code: str) -> tuple[str, ...]:
    return (str(LONGEST[part]),) if code == "too-long" else ()


# --- times -----------------------------------------------------------------------------------------------------------


def clock_of(text: str) -> int | None:
    """Minutes since midnight of "19:00", "7 pm" or "7:30pm"; None for what is no time."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    elif not found[2]:
        return None  # "7" may be either
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _window_typed(value: Mapping[str, Any]) -> dict[str, str]:
    end = value["start"] + value["minutes"]
    until = str((value["day"] + end // DAY) % 7) if value["minutes"] > DAY else ""
    return {
        "sort": str(value["sort"]),
        "day": str(value["day"]),
        "start": _clock(value["start"]),
        "end": _clock(end % DAY),
        "until": until,
        "week": "" if value["week"] is None else str(value["week"]),
        "from": value["valid_from"] or "",
        "to": value["valid_to"] or "",
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _together(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Times that differ by their day alone as one row with all of their days."""
    found: list[dict[str, str]] = []
    for row in rows:
        for other in found:
            if {**other, "day": ""} == {**row, "day": ""} and row["day"] not in other["day"]:
                other["day"] = " ".join(sorted([*other["day"].split(), row["day"]]))
                break
        else:
            found.append(row)
    return found


def _windows(row: Row) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """One time for each of the days of a row."""
    found = [_window({**row, "day": day}) for day in dict.fromkeys(row.get("day", "").split() or [""])]
    return [value for value, _ in found], list(dict.fromkeys(each for _, wrong in found for each in wrong))


def _window(row: Row) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    wrong = []
    day, until = (_choice(row.get(part, ""), range(7)) for part in ("day", "until"))
    week = _choice(row.get("week", ""), (LAST, 1, 2, 3, 4, 5))
    start, end = clock_of(row.get("start", "")), clock_of(row.get("end", ""))
    wrong += [("sort", "unknown-value")] if row.get("sort") == "" else []
    wrong += [("day", "missing")] if day is None else []
    wrong += [(part, "not-a-time") for part, found in (("start", start), ("end", end)) if found is None]
    dates = {part: _date(row.get(part, "")) for part in ("from", "to")}
    wrong += [(part, "not-a-date") for part, found in dates.items() if found is None and row.get(part)]
    if dates["from"] and dates["to"] and dates["to"] < dates["from"]:
        wrong.append(("to", "ends-before"))
    value = {
        "sort": "hours" if row.get("sort") == "hours" else "meeting",
        "day": day or 0,
        "start": start or 0,
        "minutes": _length(day or 0, start or 0, until, end or 0),
        "week": week,
        "valid_from": dates["from"],
        "valid_to": dates["to"],
    }
    return value, wrong


def _length(day: int, start: int, until: int | None, end: int) -> int:
    """Minutes from the start to the end: that of the same day or the night after, or, where it is said, of another weekday."""
    if until is None:
        return (end - start - 1) % DAY + 1
    return ((until - day) * DAY + end - start - 1) % WEEK + 1


def _choice(text: str, allowed: Sequence[int]) -> int | None:
    number = int(text) if re.fullmatch(r"-?\d", text) else None
    return number if number in allowed else None


def _date(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        return None


# --- numbers and links -----------------------------------------------------------------------------------------------


def _phone_typed(value: Mapping[str, Any]) -> dict[str, str]:
    return {part: str(value[part] or "") for part in PARTS["phones"]}


def _phone(row: Row) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    number, kind = row.get("number", ""), row.get("type", "voice")
    wrong = [] if read_phones(number) else [("number", "not-a-number")]
    wrong += [
        (part, "too-long") for part in ("number", "extension", "description") if len(row.get(part, "")) > LONGEST[part]
    ]
    value = {
        "number": number,
        "extension": row.get("extension") or None,
        "type": kind if kind in PHONE_TYPES else "voice",
        "description": row.get("description") or None,
    }
    return [value], wrong


def _link_typed(value: Mapping[str, Any]) -> dict[str, str]:
    return {"url": str(value["url"]), "label": str(value["label"] or "")}


def _link(row: Row) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    url, label = with_scheme(row.get("url", "")), row.get("label", "")
    wrong = [] if is_web(url) else [("url", "not-a-link")]
    wrong += [("label", "too-long")] if len(label) > LONGEST["label"] else []
    return [{"url": url, "label": label or None}], wrong


def with_scheme(text: str) -> str:
    """A web address as it is typed, with the part in front that people leave out."""
    return text if not text or "://" in text else f"https://{text}"


def is_web(text: str) -> bool:
    """Whether a browser can go there."""
    return host_of(text) is not None and len(text) <= LONGEST["url"]


_AS_TYPED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "windows": _window_typed,
    "phones": _phone_typed,
    "urls": _link_typed,
}
_READ: Mapping[str, Callable[[Row], tuple[list[dict[str, Any]], list[tuple[str, str]]]]] = {
    "windows": _windows,
    "phones": _phone,
    "urls": _link,
}
