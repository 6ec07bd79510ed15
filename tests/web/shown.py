"""More listings for the pages to show: a national number, the invented county's, and many at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import BinaryIO

from directory.domain.geo import Point
from directory.domain.listings import Address, ListingDraft, Phone
from directory.domain.schedule import WEEK, Window
from directory.domain.taxonomy import CARE, PAY, PEOPLE, CodeBook
from directory.formats.rows import Row, Rows
from directory.services.exchange import import_run
from directory.storage import db
from tests.web.made import NEW_YORK, NOW, meeting
from tests.web.world import settings_for

ALWAYS = (Window("hours", 0, 0, WEEK),)

HOTLINE = ListingDraft(
    key="hotline",
    kind="crisis",
    name="All Night Line",
    address=Address(timezone=NEW_YORK),
    attendance="online",
    coverage="nationwide",
    windows=ALWAYS,
    phones=(Phone("555-555-0110"), Phone("55501", type="text")),
)
ONLINE = ListingDraft(
    key="screen",
    kind="meeting",
    name="Lamp on a Screen",
    address=Address(timezone=NEW_YORK),
    attendance="online",
    program="smart",
    windows=(meeting(1, "20:00"),),
    conference_url="https://video.example.org/j/555",
    conference_notes="The word to get in is heron.",
)


def add(url: str, drafts: Sequence[ListingDraft], source: str, *, now: datetime = NOW) -> None:
    """Brings a source up to date with these listings, in a loop of its own."""

    def read(_: BinaryIO, __: CodeBook) -> Rows:
        return (Row(line, draft, {"key": draft.key}) for line, draft in enumerate(drafts, 1))

    async def run() -> None:
        async with db.connect(url):
            await import_run(
                stream=BytesIO(b""),
                reader=read,
                format="seed",
                source=source,
                by="test",
                clock=lambda: now,
                settings=settings_for(url),
                about={"is_demo": source == "demo"},
            )

    asyncio.run(run())


def many(number: int) -> list[ListingDraft]:
    """Treatment programs and meetings with all that a card can say, no two alike, around Saltmarsh."""
    rng = random.Random(7)
    syllables = ("ha", "ro", "mi", "sel", "tor", "an", "ki", "bel", "ous", "ter", "fen", "lo")

    def word() -> str:
        return "".join(rng.choices(syllables, k=3)).capitalize()

    def one(index: int) -> ListingDraft:
        return ListingDraft(
            key=str(index),
            kind="treatment" if index % 2 else "meeting",
            name=f"{word()} {word()} {word()}",
            organization=f"{word()} {word()} Center",
            address=Address(
                f"{word()} Hall",
                f"{rng.randrange(1, 9999)} {word()} Street",
                None,
                word(),
                "PA",
                f"{rng.randrange(10000, 99999)}",
                point=Point(40 + rng.uniform(-0.2, 0.2), -75 + rng.uniform(-0.2, 0.2)),
                timezone=NEW_YORK,
            ),
            attendance="in-person",
            windows=tuple(meeting(rng.randrange(7), f"{rng.randrange(7, 22)}:15") for _ in range(3)),
            phones=(Phone(f"({rng.randrange(200, 999)}) 555-01{rng.randrange(100):02}"),),
            care=tuple(rng.sample(CARE, 3)),
            people=tuple(rng.sample(PEOPLE, 4)),
            pay=tuple(rng.sample(PAY, 4)),
            languages=("en", "es", "fr"),
        )

    return [one(index) for index in range(number)]
