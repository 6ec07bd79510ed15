"""Where a Meeting Guide row says that it meets: its point, its address in either form, its time zone.

Functions of one record (FORMATS a.2, a.6, a.7); like those of `meeting_guide_fields.py` they warn and never raise.
"""

from __future__ import annotations

from directory.domain.geo import Point, is_point
from directory.domain.listings import Address, fold
from directory.formats import addresses
from directory.formats.addresses import Parts
from directory.formats.meeting_guide_record import Record
from directory.formats.places import degrees, zone_name


def point(record: Record) -> tuple[Point | None, bool]:
    """The point of a row, and whether it is the middle of a box ("coordinates" of four parts) and so only about right."""
    corners = [part.strip() for part in record.given("coordinates").split(",") if part.strip()]
    given = [record.given("latitude"), record.given("longitude")]
    is_box = len(corners) == 4
    if not any(given):
        given = corners
    elif is_box:
        corners = []
    if not given:
        return None, is_box
    numbers = [degrees(part) for part in given]
    if None not in numbers and len(numbers) in (2, 4):
        known = [number for number in numbers if number is not None]
        lat, lon = sum(known[0::2]) / (len(known) // 2), sum(known[1::2]) / (len(known) // 2)
        if is_point(lat, lon):
            return Point(lat, lon), is_box
    record.warn("no-point", ", ".join(given))
    return None, is_box


def read_address(record: Record) -> Address:
    """Where it is. `approximate`: the source says so, or gives no street (a.6)."""
    parts = _parts(record)
    where, is_box = point(record)
    name, notes = record.line("location"), record.notes("location_notes")
    if parts.place and fold(parts.place) not in fold(name):
        name, notes = (name, "\n".join(filter(None, (parts.place, notes)))) if name else (parts.place, notes)
    return Address(
        name=name or None,
        street=parts.street,
        street_2=parts.street_2,
        city=parts.city,
        state=parts.state,
        postal_code=parts.postal_code,
        country=parts.country or "US",
        notes=notes or None,
        point=where,
        approximate=is_box or _is_approximate(record, parts),
        timezone=_timezone(record),
    )


def _is_approximate(record: Record, parts: Parts) -> bool:
    flag = record.values.get("approximate")
    word = str(flag).lower() if isinstance(flag, bool) else record.given("approximate").lower()
    if word in ("yes", "true", "1", "no", "false", "0"):
        return word in ("yes", "true", "1")
    written = [part for part in record.given("formatted_address").split(",") if part.strip()]
    is_short = 0 < len(written) < 4 and not any(sign.isdigit() for sign in written[0])
    return parts.street is None or (is_short and not record.given("city"))


def _parts(record: Record) -> Parts:
    """The address from its own fields, completed from the one line that some feeds have instead, or write into `address`."""
    street, city = record.line("address"), record.line("city", 120)
    whole, own = addresses.split_address(record.line("formatted_address")), addresses.split_address(street)
    street = addresses.without_aside(street)
    if own.city and fold(own.city) == fold(city or whole.city or own.city):
        street, whole = own.street or "", whole if whole.city else own
    given_state = record.line("state", 40)
    state = addresses.state_code(given_state) or given_state or whole.state
    country = _country(record, state, whole)
    is_of_the_line = not street or street == whole.street
    return Parts(
        street=street or whole.street,
        street_2=whole.street_2 if is_of_the_line else None,
        place=whole.place if is_of_the_line else None,
        city=city or (whole.city[:120] if whole.city else None),
        state=state,
        postal_code=_postal_code(record, country) or whole.postal_code,
        country=country,
    )


def _country(record: Record, state: str | None, whole: Parts) -> str:
    given = record.line("country")
    code = addresses.country_code(given) if given else None
    if given and code is None:
        record.warn("unknown-country", given)
        return "ZZ"  # ISO 3166: a code that no country will ever have
    if code or whole.country:
        return code or whole.country or "US"
    is_canadian = addresses.is_province(state) or addresses.canadian_postal_code(record.given("postal_code"))
    return "CA" if is_canadian else "US"


def _postal_code(record: Record, country: str) -> str | None:
    text = record.given("postal_code")
    readers = {"US": addresses.us_zip, "CA": addresses.canadian_postal_code}
    code = readers.get(country, addresses.foreign_postal_code)(text)
    if text and code is None:
        record.warn("unknown-postal-code", text)
    return code


def _timezone(record: Record) -> str | None:
    name = record.given("timezone")
    if name and zone_name(name) is None:
        record.warn("unknown-timezone", name)
    return zone_name(name)
