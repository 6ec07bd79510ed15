"""What is said of a suggested listing: once, for one client, by who reads their plan; and what is closed is told to the directory by nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.services.bridge.marks import mark_set
from directory.services.bridge.plans import NotTheirPeer
from directory.services.corrections import corrections_list
from directory.storage import db
from tests.services.bridge.suggesting import accompanied
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, SETTINGS, World

HOUR = timedelta(hours=1)


async def listing_of(made: World) -> str:
    """The slug of a listing that nobody has said anything of."""
    (row,) = await db.rows(
        f"SELECT l.slug FROM listing l JOIN program p ON p.listing_id = l.id WHERE p.agency_id = {made.clinic}"
    )
    return str(row["slug"])


async def said(made: World, upi: str, what: str, hours: float = 0, **changes: object) -> bool:
    given: dict[str, object] = {"slug": await listing_of(made), "by": made.peer} | changes
    return await mark_set(upi=upi, what=what, now=NOW + hours * HOUR, settings=SETTINGS, **given)  # type: ignore[arg-type]


async def rows_of(upi: str) -> list[str]:
    text = f"SELECT m.what FROM plan_mark m JOIN client c ON c.id = m.client_id WHERE c.upi = '{upi}' ORDER BY m.id"
    return [row["what"] for row in await db.rows(text)]


async def test_a_second_tap_adds_nothing_and_a_new_word_does(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    assert [await said(made, upi, what) for what in ("pinned", "pinned", "went", "went", "unpinned", "unpinned")] == [
        True,
        False,
        True,
        False,
        True,
        False,
    ]
    assert await said(made, upi, "went", hours=24)
    assert await rows_of(upi) == ["pinned", "went", "unpinned", "went"]


async def test_what_is_closed_comes_into_the_queue_once_without_a_word_a_name_or_the_minute(database: str) -> None:
    made = await world.made()
    upi, other = await accompanied(made), await accompanied(made)
    assert await said(made, upi, "closed", hours=0.4)
    assert not await said(made, upi, "closed", hours=0.5)
    (told,) = await corrections_list()
    assert (told.slug, told.remark.reason, told.remark.words, told.times, told.waits) == (
        await listing_of(made),
        "closed",
        "",
        1,
        False,
    )
    assert told.created_at == NOW
    assert await said(made, other, "closed", hours=2.2)
    assert [each.times for each in await corrections_list()] == [2]


async def test_a_listing_that_is_gone_can_be_put_away_and_is_not_reported(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    async with db.staging():
        await db.execute(f"UPDATE listing SET status = 'removed' WHERE slug = '{await listing_of(made)}'")
    assert await said(made, upi, "closed")
    assert await corrections_list() == ()


async def test_the_trail_and_the_log_name_no_listing_and_no_word(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    for what in ("pinned", "not-for-me", "closed"):
        await said(made, upi, what)
    rows = await db.rows(f"SELECT action, details FROM audit_entry WHERE subject = 'client {upi}'")
    assert {row["action"] for row in rows} == {"plan-mark"}
    slug = await listing_of(made)
    for table in ("audit_entry", "access_entry", "outbox"):
        told = str(await db.rows(f"SELECT * FROM {table}"))
        assert not any(word in told for word in (slug, "pinned", "not-for-me", "closed"))


async def test_only_who_reads_the_plan_says_something_of_a_listing(database: str) -> None:
    made, other = await world.made(), await world.made()
    upi = await accompanied(made)
    assert await said(made, upi, "pinned", by=made.coordinator)
    with pytest.raises(NotFound):
        await said(made, upi, "went", by=other.peer)
    async with db.staging():
        await db.execute(f"UPDATE client SET peer_id = NULL WHERE upi = '{upi}'")
    with pytest.raises(NotTheirPeer):
        await said(made, upi, "went")
    assert await rows_of(upi) == ["pinned"]


@pytest.mark.parametrize("changes", [{"slug": "no-such-place-abcdefgh"}, {"what": "liked"}])
async def test_a_word_or_a_listing_that_there_is_not_is_refused(database: str, changes: dict[str, str]) -> None:
    made = await world.made()
    upi = await accompanied(made)
    with pytest.raises(UnfitFields):
        await said(made, upi, **{"what": "pinned"} | changes)  # type: ignore[arg-type]
    assert await rows_of(upi) == []


async def test_nothing_is_said_for_somebody_who_was_cleared(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    async with db.staging():
        await db.execute(f"UPDATE client SET cleared_at = '{NOW.isoformat()}' WHERE upi = '{upi}'")
    with pytest.raises(NotFound):
        await said(made, upi, "pinned")
