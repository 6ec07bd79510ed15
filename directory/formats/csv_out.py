"""Listings as a CSV file with all that their pages show: one row each, for other programs and for spreadsheets (RFC 4180).

UTF-8 with a byte order mark and CRLF line ends. Codes and days are English; lists are joined by "; ". An empty cell is what is not
known, "none" a list that is known to be empty. The README says what stands in which column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC
from urllib.parse import quote

from directory.domain.exports import Published, change_text, window_text
from directory.domain.listings import Phone
from directory.formats.table import FORMULA, MARK

COLUMNS = (
    "slug kind name organization program attendance description place_name address address_2 city state postal_code country "
    "latitude longitude approximate address_visibility place_notes timezone coverage times changed_days hours_text phones websites "
    "conference_url conference_phone conference_notes care pay people medication access languages codes minimum_age maximum_age "
    "eligibility application_process fees required_documents openings openings_of openings_unit openings_as_of "
    "verified_on source source_title source_licence source_key source_url url"
).split()
NUMBERS = ("latitude", "longitude", "minimum_age", "maximum_age", "openings", "openings_of")
"""Columns that hold our own figures: a minus is no formula there."""


class CsvOut:
    """Writes listings as rows. `base_url` is the site's own address."""

    def __init__(self, base_url: str) -> None:
        self._base = f"{base_url.rstrip('/')}/listings"
        self.left_out: dict[str, int] = {}

    def start(self) -> bytes:
        """The byte order mark and the names of the columns."""
        return MARK.encode() + _line(COLUMNS)

    def add(self, listing: Published) -> bytes:
        """One row."""
        cells = {name: "" if value is None else str(value) for name, value in self._cells(listing).items()}
        return _line([cells[name] if name in NUMBERS else _safe(cells[name]) for name in COLUMNS])

    def end(self) -> bytes:
        """Nothing more."""
        return b""

    def _cells(self, listing: Published) -> dict[str, object]:
        detail, card = listing.detail, listing.detail.card
        openings = listing.openings
        return {
            "slug": card.slug,
            "kind": card.kind,
            "name": card.name,
            "organization": card.organization,
            "program": card.program,
            "attendance": card.attendance,
            "description": detail.description,
            **listing.address,
            "latitude": card.point.lat if card.point else None,
            "longitude": card.point.lon if card.point else None,
            "approximate": "yes" if card.approximate else "no",
            "address_visibility": card.visibility.value,
            "place_notes": detail.place_notes,
            "timezone": card.timezone,
            "coverage": card.coverage,
            "times": "; ".join(map(window_text, listing.windows)),
            "changed_days": "; ".join(map(change_text, card.timetable.changes)),
            "hours_text": card.hours_text,
            "phones": "; ".join(map(phone_text, card.phones)),
            "websites": "; ".join(link.url for link in detail.urls),
            "conference_url": detail.conference_url,
            "conference_phone": detail.conference_phone,
            "conference_notes": detail.conference_notes,
            "care": _values(card.care),
            "pay": _values(card.pay),
            "people": _values(card.people),
            "medication": _values(card.medication),
            "access": _values(card.access),
            "languages": _values(card.languages),
            "codes": "; ".join(listing.codes),
            "minimum_age": detail.minimum_age,
            "maximum_age": detail.maximum_age,
            "eligibility": detail.eligibility,
            "application_process": detail.application_process,
            "fees": detail.fees,
            "required_documents": detail.required_documents,
            "openings": openings.available if openings else None,
            "openings_of": openings.maximum if openings else None,
            "openings_unit": openings.unit if openings else None,
            "openings_as_of": openings.as_of.astimezone(UTC).isoformat() if openings else None,
            "verified_on": card.verified_on,
            "source": card.source_name,
            "source_title": detail.source_title,
            "source_licence": detail.source_licence,
            "source_key": listing.source_key,
            "source_url": detail.source_url,
            "url": f"{self._base}/{quote(card.slug)}",
        }


def phone_text(phone: Phone) -> str:
    """Such as "555-555-0100 x7 (fax, Front desk)"."""
    number = f"{phone.number} x{phone.extension}" if phone.extension else phone.number
    what = ", ".join(part for part in (phone.type if phone.type != "voice" else "", phone.description) if part)
    return f"{number} ({what})" if what else number


def _values(values: Sequence[str] | None) -> str | None:
    return None if values is None else "; ".join(values) or "none"


def _safe(text: str) -> str:
    """No cell begins like a formula, which could run what a stranger wrote."""
    return f"'{text}" if FORMULA.match(text) else text


def _line(cells: Sequence[str]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerow(cells)
    return file.getvalue().encode()
