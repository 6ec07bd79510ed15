"""A small invented world in a real database, behind the real application."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import BinaryIO

from starlette.testclient import TestClient

from directory.app import create_app
from directory.domain.geo import Point
from directory.domain.listings import Address, Capacity, Link, ListingDraft, Phone, Status, Visibility
from directory.domain.places import PlaceRow
from directory.domain.taxonomy import Code, CodeBook, CodeInfo
from directory.formats.rows import Row, Rows
from directory.services.exchange import Report, import_run
from directory.settings import Settings
from directory.storage import codes, db, places
from tests.web.made import NEW_YORK, NOW, meeting

HOST = "http://localhost"
SALTMARSH = Point(40.0, -75.0)

CODES = (
    CodeInfo(Code("aa", "", "O"), "attendance", {"en": "Open", "es": "Abierta"}),
    CodeInfo(Code("aa", "", "C"), "attendance", {"en": "Closed", "es": "Cerrada"}),
)

LAMP = ListingDraft(
    key="lamp",
    kind="meeting",
    name="Quiet Lamp Group",
    organization="Marsh Intergroup",
    address=Address(
        "Heron Hall", "12 Heron Lane", None, "Saltmarsh", "PA", "19199", point=Point(40.01, -75.0), timezone=NEW_YORK
    ),
    attendance="in-person",
    program="aa",
    codes=(Code("aa", "", "O"),),
    windows=(meeting(1, "19:00"), meeting(6, "23:50", 40)),
    phones=(Phone("(555) 555-0100", "7"), Phone("(555) 555-0101", type="fax")),
    languages=("en",),
    access=("wheelchair",),
)
SHELTER = ListingDraft(
    key="shelter",
    kind="housing",
    name="Safe Reeds",
    address=Address(
        None,
        "99 Secret Road",
        "Rear",
        "Saltmarsh",
        "PA",
        "19199",
        point=Point(40.02, -75.01),
        visibility=Visibility.HIDDEN,
        timezone=NEW_YORK,
    ),
    phones=(Phone("(555) 555-0102"),),
    people=("women", "parents"),
    capacities=(Capacity("bed", 2, 10, NOW - timedelta(hours=3)),),
    verified_on=date(2026, 2, 20),
)
CLINIC = ListingDraft(
    key="clinic",
    kind="treatment",
    name="Far Shore Clinic",
    address=Address(None, "1 Far Street", None, "Farshore", "PA", "19198", point=Point(40.2, -75.0), timezone=NEW_YORK),
    care=("detox", "medication"),
    medication=("buprenorphine",),
    urls=(Link("https://clinic.example.org", "Website"),),
    description="A clinic by the water.",
    minimum_age=18,
)
DRAFTS = (LAMP, SHELTER, CLINIC)


def settings_for(url: str) -> Settings:
    """Settings of a test over this database."""
    return Settings(env="test", database_url=url, hosts=("localhost",))


def fill(url: str, drafts: Sequence[ListingDraft] = DRAFTS) -> Report:
    """Brings the world's one source up to date with these listings, in a loop of its own."""
    return asyncio.run(_fill(url, drafts))


async def _fill(url: str, drafts: Sequence[ListingDraft]) -> Report:
    async with db.connect(url):
        return await refill(url, drafts)


async def refill(url: str, drafts: Sequence[ListingDraft]) -> Report:
    """The same over the connection that is open."""

    def read(_: BinaryIO, __: CodeBook) -> Rows:
        return (Row(line, draft, {"key": draft.key}) for line, draft in enumerate(drafts, 1))

    await codes.replace(CODES)
    await places.replace(
        [
            PlaceRow("postcode", "19199", "PA", "Saltmarsh", SALTMARSH.lat, SALTMARSH.lon, NEW_YORK),
            PlaceRow("locality", "saltmarsh", "PA", "Saltmarsh", SALTMARSH.lat, SALTMARSH.lon, NEW_YORK),
        ],
        "world",
    )
    return await import_run(
        stream=BytesIO(b""),
        reader=read,
        format="seed",
        source="world",
        by="test",
        clock=lambda: NOW,
        settings=settings_for(url),
        allow_removals=True,
        about={"title": "An invented world", "licence": "CC0"},
    )


def without(draft: ListingDraft) -> tuple[ListingDraft, ...]:
    """The world after its source has taken one listing out."""
    return tuple(each for each in DRAFTS if each.key != draft.key)


def closed(draft: ListingDraft) -> ListingDraft:
    """The same listing, closed for now."""
    return replace(draft, status=Status.TEMPORARILY_CLOSED)


@contextmanager
def site(url: str, now: datetime = NOW, *, smtp_url: str = "") -> Iterator[TestClient]:
    """A visitor of the real application over this database. The clock stands still."""
    settings = replace(settings_for(url), smtp_url=smtp_url)
    with TestClient(create_app(settings, clock=lambda: now), base_url=HOST, follow_redirects=False) as client:
        yield client
