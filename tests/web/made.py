"""Cards and details made by hand, for what shows them; all invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from directory.domain.geo import Point
from directory.domain.listings import Phone, Status, Visibility
from directory.domain.results import Card, Detail
from directory.domain.schedule import Change, Timetable, Window

NEW_YORK = "America/New_York"
NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""A Monday, noon in New York, six days before the clocks go forward."""


def times(*windows: Window, changes: tuple[Change, ...] = (), zone: str = NEW_YORK) -> Timetable:
    """A timetable of these windows."""
    return Timetable(windows, zone, changes)


def meeting(day: int, start: str, minutes: int = 60, **more: object) -> Window:
    """A meeting on a weekday (Sunday = 0) at "19:00"."""
    hour, minute = start.split(":")
    return Window("meeting", day, int(hour) * 60 + int(minute), minutes, **more)  # type: ignore[arg-type]


def card(**changes: object) -> Card:
    """A meeting on Tuesdays at seven, in an invented town."""
    made = Card(
        id=1,
        slug="quiet-lamp-group-abc23456",
        version=1,
        kind="meeting",
        name="Quiet Lamp Group",
        organization=None,
        status=Status.ACTIVE,
        street="12 Heron Lane",
        city="Saltmarsh",
        state="NY",
        postal_code="10001",
        place_name="Heron Hall",
        visibility=Visibility.FULL,
        point=Point(40.75, -73.99),
        search_point=Point(40.75, -73.99),
        approximate=False,
        timezone=NEW_YORK,
        attendance="in-person",
        program="aa",
        types=(),
        timetable=times(meeting(2, "19:00")),
        hours_text=None,
        phones=(Phone("(555) 555-0100"),),
        care=None,
        pay=(),
        people=("women",),
        medication=None,
        access=None,
        languages=("en",),
        coverage=None,
        openings=None,
        verified_on=None,
        source_name="demo",
        source_key="quiet-lamp",
        is_demo=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def detail(**changes: object) -> Detail:
    """All about that meeting. What a card has is changed on the card."""
    on_card = {name: changes.pop(name) for name in list(changes) if name in Card.__dataclass_fields__}
    made = Detail(
        card=card(**on_card),
        description=None,
        place_notes=None,
        street_2=None,
        urls=(),
        conference_url=None,
        conference_phone=None,
        conference_notes=None,
        minimum_age=None,
        maximum_age=None,
        eligibility=None,
        application_process=None,
        fees=None,
        required_documents=None,
        codes=(),
        geocode=None,
        source_title=None,
        source_licence=None,
        source_url=None,
        source_checked_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]
