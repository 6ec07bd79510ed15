"""Reads Meeting Guide JSON: the feeds of AA's phone app, of TSML and of TSML UI (FORMATS a).

One object of the array is one listing, whatever its number of days. The fields are understood in `meeting_guide_record.py`,
`meeting_guide_fields.py` and `meeting_guide_places.py`; here a row is put together or turned away. Keys that come twice are
the caller's to reject.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from directory.domain.listings import Address, Link, ListingDraft, Phone, Status, fold
from directory.domain.taxonomy import CodeBook
from directory.formats.hours import DAY_NAMES, minute_of
from directory.formats.jsons import load_list, noted
from directory.formats.meeting_guide_fields import (
    attendance,
    conference_phone,
    conference_url,
    days,
    link,
    read_types,
    says_online,
    windows,
)
from directory.formats.meeting_guide_places import read_address
from directory.formats.meeting_guide_record import Record
from directory.formats.phones import read_phone
from directory.formats.rows import LONGEST_KEY, Rejected, Row, Rows
from directory.formats.text import cut

_REGISTRATION = re.compile(r"(?:\bD(?:istrict)?[\s#]*\d+|\bGSO[\s#]*\d+|[\s/#,;()-])+", re.IGNORECASE)
"""A "group" that holds nothing but numbers under which the fellowship files it."""


def read(stream: BinaryIO, codes: CodeBook, fellowship: str) -> Rows:
    """The rows of a feed, `line` being the 1-based element. `fellowship` is the key of FORMATS a.5, such as "al-anon".

    Raises UnreadableFile at once, with the reason "empty", "not-text", "not-json", "not-a-list" or "too-large".
    """
    meetings, warnings = load_list(stream)
    rows = (_row(number, value, codes, fellowship.strip().lower()) for number, value in enumerate(meetings, start=1))
    return noted(rows, warnings)


def _row(number: int, value: object, codes: CodeBook, fellowship: str) -> Row | Rejected:
    if not isinstance(value, dict):
        return Rejected(number, "not an object")
    record = Record(value)
    name = _name(record)
    if not name:
        return Rejected(number, "no name")
    key = _key(record, name)
    if len(key) > LONGEST_KEY:
        return Rejected(number, f"slug longer than {LONGEST_KEY} characters")
    draft = _draft(record, name, key, codes, fellowship)
    if not _has_place(draft.address) and (draft.attendance != "online" or draft.status is not Status.ACTIVE):
        return Rejected(number, "no address and not online")
    return Row(number, draft, record.raw(), tuple(record.warnings))


def _name(record: Record) -> str:
    """The name, else one made of place, day and time, as TSML's importer does (a.7). "" when there is neither."""
    name = record.line("name")
    if name:
        return name
    base = record.line("location") or record.line("group") or record.line("address")
    when = [*(DAY_NAMES[day].title() for day in days(record)), _start(record)]
    return cut(" ".join(filter(None, [base, *when])), 255) if base else ""


def _key(record: Record, name: str) -> str:
    """The slug, else the id, else name, days and time: what stays the same when the feed is fetched again."""
    given = record.given("slug") or record.given("id")
    if given:
        return given
    weekdays = ",".join(str(day) for day in days(record))
    # Not `fold`, which leaves nothing of a name in another script.
    return "-".join(filter(None, (*name.casefold().split(), weekdays, _start(record))))


def _start(record: Record) -> str:
    minute = minute_of(record.given("time"))
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def _draft(record: Record, name: str, key: str, codes: CodeBook, fellowship: str) -> ListingDraft:
    types = read_types(record, codes, fellowship)
    address = read_address(record)
    url, phone = conference_url(record, says_online=says_online(record, types)), conference_phone(record)
    how, status = attendance(
        record,
        types,
        has_room_online=bool(url or phone),
        has_address=_has_place(address),
        is_approximate=address.approximate,
    )
    kept = types.codes(how)
    facets = codes.crosswalk(kept)
    return ListingDraft(
        key=key,
        kind="meeting",
        name=name,
        address=address,
        organization=record.line("entity") or None,
        description=_description(record, name),
        status=status,
        attendance=how,
        program=fellowship or None,
        codes=kept,
        windows=windows(record),
        phones=_phones(record),
        urls=_links(record),
        conference_url=url,
        conference_phone=phone,
        conference_notes=_conference_notes(record, url, phone),
        languages=facets.languages,
        people=facets.people,
        access=facets.access,
        source_url=link(record, "url"),
    )


def _has_place(address: Address) -> bool:
    """Whether anything says where it is. The name of a building alone does not."""
    return bool(address.street or address.city or address.state or address.postal_code or address.point)


def _description(record: Record, name: str) -> str | None:
    """The notes of the meeting and of its group, and the group's name where it says something that the name does not."""
    group = record.line("group")
    if fold(group) == fold(name) or _REGISTRATION.fullmatch(group):
        group = ""
    return "\n\n".join(dict.fromkeys(filter(None, (group, record.notes("notes"), record.notes("group_notes"))))) or None


def _conference_notes(record: Record, url: str | None, phone: str | None) -> str | None:
    notes = (
        record.notes("conference_url_notes") if url else "",
        record.notes("conference_phone_notes") if phone else "",
    )
    return "\n".join(dict.fromkeys(filter(None, notes))) or None


def _phones(record: Record) -> tuple[Phone, ...]:
    """The service body's own line; a group's or a member's number is private."""
    phone = read_phone(record.given("entity_phone"), record.line("entity") or None)
    return (phone,) if phone else ()


def _links(record: Record) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for field, label in (("website", None), ("website_2", None), ("entity_website_url", record.line("entity") or None)):
        url = link(record, field)
        if url:
            found.setdefault(url, Link(url, label))
    return tuple(found.values())
