"""One object of a Meeting Guide feed, reduced at once to what may be published, with its odd values noted as warnings.

Everything a reader learns of a row it learns here, so that a private field cannot slip into a listing, its raw row or a
hash. What the fields mean is said in `meeting_guide_fields.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite

from directory.formats.text import as_text, cut, is_odd, mask, mask_emails, one_line, plain, scrub

LONGEST_NOTES = 8_000
"""Characters of one field of notes that are kept."""
LONGEST_LINE = 255

# FORMATS a.2 without contact_1..3, email, phone, mailing_address, edit_url, author, last_contact, venmo, square, paypal,
# homegroup_online, feedback_*, entity_email, the numbers of districts and everything that nobody has named.
# fmt: off
NUMBERS = ("slug", "id", "postal_code", "latitude", "longitude", "coordinates", "conference_phone", "entity_phone")
SIGNS = (
    "day", "time", "end_time", "timezone", "approximate", "updated", "types", "attendance_option", "conference_url", "url",
    "website", "website_2", "entity_website_url",
)
LINES = (
    "name", "location", "group", "address", "formatted_address", "city", "state", "country", "region", "sub_region",
    "regions", "entity",
)
NOTES = ("notes", "group_notes", "location_notes", "conference_url_notes", "conference_phone_notes")
# fmt: on
PUBLIC = frozenset((*NUMBERS, *SIGNS, *LINES, *NOTES))

ALIASES = {
    "zip": "postal_code",
    "meeting": "name",
    "location_name": "location",
    "start_time": "time",
    "entity_url": "entity_website_url",
    "lat": "latitude",
    "lng": "longitude",
}
"""Names that TSML's importer takes as well (FORMATS a.7), and three that feeds use."""


class Record:
    """The public fields of one row by their name in the specification, and the warnings gathered while reading it."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self.values: dict[str, object] = {}
        self.warnings: list[str] = []
        for key, value in given.items():
            name = key.strip().lower().replace(" ", "_")
            if name in PUBLIC:
                self.values[name] = value
        for key, value in given.items():
            name = ALIASES.get(key.strip().lower().replace(" ", "_"), "")
            if name and self.values.get(name) in (None, ""):
                self.values[name] = value

    def warn(self, code: str, detail: object = "") -> None:
        """Notes what was changed or left out, once each: "code: detail"."""
        shown = cut(mask(one_line(as_text(detail) or ("" if detail == "" else type(detail).__name__))), 60)
        warning = f"{code}: {shown}" if shown else code
        if warning not in self.warnings:
            self.warnings.append(warning)

    def given(self, name: str) -> str:
        """A field as text, neither unescaped nor masked: for addresses of the web, numbers and codes."""
        value = self.values.get(name)
        if is_odd(value):
            self.warn("ignored", f"{name} is a {type(value).__name__}")
            return ""
        return " ".join(scrub(as_text(value)).split())

    def line(self, name: str, longest: int = LONGEST_LINE) -> str:
        """A field as one line of plain text without anybody's number."""
        text = self._masked(one_line(self.given(name)))
        if len(text) > longest:
            self.warn("cut", name)
        return cut(text, longest)

    def notes(self, name: str) -> str:
        """A field as plain text of several lines without anybody's number."""
        value = self.values.get(name)
        if is_odd(value):
            self.warn("ignored", f"{name} is a {type(value).__name__}")
        text = self._masked(plain(as_text(value)))
        if len(text) > LONGEST_NOTES:
            self.warn("cut", name)
        return cut(text, LONGEST_NOTES)

    def _masked(self, text: str) -> str:
        masked = mask(text)
        if masked != text:
            self.warn("contact-left-out")
        return masked

    def raw(self) -> dict[str, object]:
        """The row as it stood, public fields alone; free text is cleaned and masked, since it may hold what is private."""
        return dict(self._raw_fields())

    def _raw_fields(self) -> Iterator[tuple[str, object]]:
        for name in sorted(self.values):
            value = self.values[name]
            if isinstance(value, list):
                yield name, [_raw(name, item) for item in value[:100] if not isinstance(item, list | dict)]
            elif not isinstance(value, dict):
                yield name, _raw(name, value)


def _raw(name: str, value: object) -> object:
    """One value fit for a JSON column: no half characters, no NaN, no number too long for a database."""
    if isinstance(value, str):
        if name in NUMBERS:
            return mask_emails(scrub(value))
        return mask(scrub(value)) if name in SIGNS else cut(mask(plain(value)), LONGEST_NOTES)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, int) and abs(value) >= 2**53:
        return as_text(value)
    return value if value is None or isinstance(value, bool | int) else None
