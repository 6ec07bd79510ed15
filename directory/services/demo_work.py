"""What waits for people in the demonstration, as if agencies and visitors had been at work: reports, claims, changes, doubts, openings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO

from directory.domain.access import Actor
from directory.domain.checks import CLOSED
from directory.domain.corrections import Remark
from directory.domain.notices import DEAD, EMAIL, LEASE, Step
from directory.services.checks import check_add
from directory.services.clock import Clock
from directory.services.corrections import correction_add
from directory.services.demo_agencies import demo_agencies_load
from directory.services.demo_forms import Forms
from directory.services.demo_people import demo_actors
from directory.services.duplicate_search import duplicates_find
from directory.services.edits import listing_edit
from directory.services.notices import notice_queue
from directory.services.revising import listing_editable, listing_revise
from directory.services.uploads import Upload, upload_read
from directory.settings import Settings
from directory.storage import db, edits, outbox
from directory.storage import demo as storage

REPORTS = (
    ("the-porch", "phone", "Nobody picks up there since last week.", 52),
    ("the-porch", "hours", "The door was locked at 9 in the evening.", 30),
    ("quarry-flat-nurse", "closed", "There is a note on the door: closed until further notice.", 20),
    ("fresh-page-records-clinic", "terms", "They asked for an ID from this county.", 5),
)
"""What visitors say: about which listing, the reason, the words, and how many hours ago."""
PROPOSED = {
    "fees": "Medicaid, or a fee by income. No fee in the first month.",
    "application_process": "Call and leave your name. We call back the same day, on weekends too.",
}
WHY = "New rules since the first of the month."
SET_BY_HAND, SOURCE_SAYS = "Free. Bring a photo ID if you have one.", "Free."
CLOSED_DOOR = ("bus-pass-desk", "Somebody at the county office says that the desk has closed.")
"""What a peer heard on the phone, and of which listing: a coordinator has to decide."""
FILE = """\
Shelter Name,Street,City,State,ZIP,Phone,Population,Minimum Age,Hours,Check-in,Wheelchair,Confidential
Cottonwood Cedar House,1240 Cottonwood Avenue,Larkspur City,ZZ,00101,775-555-0181,Women,18,,Call first,Yes,No
Cottonwood Birch House,1244 Cottonwood Avenue,Larkspur City,ZZ,00101,775-555-0182,Men,18,,Call first,No,No
Cottonwood Alder House,1250 Cottonwood Avenue,Larkspur City,ZZ,00101,775-555-0183,All,21,,Call first,Yes,No
,1260 Cottonwood Avenue,Larkspur City,ZZ,00101,775-555-0184,All,,,,,
"""
"""What an agency has sent, and nobody has looked at yet: three houses, and a row without a name."""
DISPUTED = "second-shift-job-center"
DOUBTFUL = "long-table-kitchen"


async def demo_work_load(*, source: str, clock: Clock, settings: Settings, only_if_missing: bool = False) -> None:
    """Makes the work of the demonstration anew, its ages counted from now; `only_if_missing` leaves what is there alone.

    `source` is the name of the invented county's. Needs its listings and its people.
    """
    if only_if_missing and await storage.has_work():
        return
    async with db.transaction():
        await storage.work_erase(clock())
    actors, slugs, forms = await demo_actors(), await storage.slugs(source), Forms()
    await demo_agencies_load(actors=actors, slugs=slugs, forms=forms, now=clock())
    await _reports(slugs, clock())
    await _proposal(actors["ned"], slugs["riverbend-house"], forms, clock, settings)
    await _conflict(actors["coordinator"], slugs[DISPUTED], clock, settings)
    async with db.staging():
        await storage.doubt(slugs[DOUBTFUL])
    await _call(actors["peer"], slugs, forms, clock())
    await _file(actors["editor"], clock, settings)
    await _message(clock(), settings)
    await duplicates_find(clock=clock)
    await forms.forget()


async def _reports(slugs: Mapping[str, str], now: datetime) -> None:
    for key, reason, words, hours in REPORTS:
        await correction_add(slug=slugs[key], remark=Remark(reason, words), now=now - timedelta(hours=hours))


async def _proposal(by: Actor, slug: str, forms: Forms, clock: Clock, settings: Settings) -> None:
    """An editor who is not trusted yet writes something, which waits."""
    seen = (await listing_editable(by=by, slug=slug, clock=clock, settings=settings)).values
    await listing_revise(
        by=by,
        slug=slug,
        seen=seen,
        values=PROPOSED,
        reason=WHY,
        form=forms.new(),
        clock=clock,
        settings=settings,
    )


async def _conflict(by: Actor, slug: str, clock: Clock, settings: Settings) -> None:
    """Somebody sets a field by hand, and the source then says something new."""
    await listing_edit(
        slug=slug, values={"fees": SET_BY_HAND}, by=by.label, reason=None, clock=clock, settings=settings
    )
    async with db.staging():
        found = await edits.subject(slug)
        assert found is not None
        await edits.open_conflict(found["id"], "fees", SET_BY_HAND, SOURCE_SAYS, clock())


async def _call(by: Actor, slugs: Mapping[str, str], forms: Forms, now: datetime) -> None:
    """A peer calls, and hears that the place has closed."""
    key, note = CLOSED_DOOR
    await check_add(slug=slugs[key], outcome=CLOSED, note=note, form=forms.new(), by=by, now=now)


async def _file(by: Actor, clock: Clock, settings: Settings) -> None:
    """An agency sends a file, which waits to be looked at."""
    upload = Upload(
        stream=BytesIO(FILE.encode()),
        filename="houses.csv",
        format="csv",
        source=f"agency-{by.grants[0].agency}",
        map="shelter-list",
    )
    await upload_read(by=by, upload=upload, clock=clock, settings=settings)


async def _message(now: datetime, settings: Settings) -> None:
    """A message that its reader's server did not take, and that was given up."""
    async with db.staging():
        id = await notice_queue(
            channel=EMAIL,
            to="clerk@demo.example",
            template="answered",
            language="en",
            values={"link": f"{settings.base_url.rstrip('/')}/claims"},
            dedup_key="demo-message",
            now=now,
        )
    row = await outbox.claim(id, lease="demo", until=now + LEASE, now=now) if id else None
    if row:
        await outbox.settle(row, Step(DEAD, now, "smtp: 550 no such mailbox"), now)
