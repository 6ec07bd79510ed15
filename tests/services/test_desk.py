"""The desk: an agency's own listings with their ages, and what waits, for each as far as they may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from directory.domain.access import VISITOR, Actor, Denied, Grant, Role
from directory.domain.listings import Status
from directory.services.desk import PAGE, desk_show
from directory.storage import db
from directory.storage.encoding import to_column
from tests.accounts import agency
from tests.factories import NOW, draft, import_drafts, one_value, world_made

FRESH, OLD = NOW.date() - timedelta(days=10), NOW.date() - timedelta(days=200)


async def owned(url: str, home: int, *drafts: object) -> None:
    """Gives the agency a source of its own with these listings."""
    await world_made()
    await import_drafts(url, drafts, source=f"agency-{home}")  # type: ignore[arg-type]
    await db.execute(f"UPDATE source SET agency_id = {home} WHERE name = 'agency-{home}'")


def editor(*homes: int) -> Actor:
    return Actor(7, tuple(Grant(Role.EDITOR, home) for home in homes))


async def test_what_was_never_checked_comes_first_then_what_was_checked_the_longest_ago(database: str) -> None:
    home = await agency()
    drafts = [
        draft("lamp", name="Lamp", verified_on=FRESH),
        draft("reed", name="Reed", verified_on=OLD),
        draft("moss", name="Moss"),
        draft("fern", name="Fern", verified_on=OLD),
    ]
    await owned(database, home, *drafts)
    await db.execute(
        f"UPDATE listing SET confirmed_at = '{(NOW - timedelta(days=2)).isoformat()}' WHERE source_key = 'fern'"
    )
    desk = await desk_show(by=editor(home), now=NOW)
    assert desk.agencies == ("Marsh Peers",)
    assert [(each.name, each.checked_on, each.is_due) for each in desk.listings] == [
        ("Moss", None, True),
        ("Reed", OLD, True),
        ("Lamp", FRESH, False),
        ("Fern", date(2026, 2, 28), False),
    ]


async def test_an_editor_sees_what_is_the_agencys_by_source_or_by_claim_and_nothing_else(database: str) -> None:
    here, there = await agency(), await agency("Farshore Peers")
    await owned(database, here, draft("lamp", name="Lamp"))
    await import_drafts(
        database, [draft("moss", name="Moss", organization="Bog Trust"), draft("reed", name="Reed"), draft("far")]
    )
    (reed,) = await db.rows("SELECT id FROM listing WHERE source_key = 'reed'")
    (trust,) = await db.rows("SELECT id FROM organization WHERE name = 'Bog Trust'")
    columns = ("agency_id", "organization_id", "listing_id", "status", "asked_by", "asked_at")
    rows = [
        (here, None, reed["id"], "approved", "test", to_column(NOW)),
        (here, trust["id"], None, "approved", "test", to_column(NOW)),
    ]
    await db.insert_many("claim", columns, rows)
    assert [each.name for each in (await desk_show(by=editor(here), now=NOW)).listings] == ["Lamp", "Moss", "Reed"]
    assert (await desk_show(by=editor(there), now=NOW)).listings == ()
    assert len((await desk_show(by=editor(here, there), now=NOW)).listings) == 3
    coordinator = Actor(8, (Grant(Role.COORDINATOR, here),))
    assert (await desk_show(by=coordinator, now=NOW)).listings == ()


async def test_an_agency_with_many_listings_sees_them_a_page_at_a_time(database: str) -> None:
    home = await agency()
    await owned(database, home, *(draft(f"n{number:02}", name=f"Number {number:02}") for number in range(PAGE + 1)))
    first, second = [await desk_show(by=editor(home), page=page, now=NOW) for page in (1, 2)]
    assert (len(first.listings), first.more) == (PAGE, True)
    assert ([each.name for each in second.listings], second.more) == ([f"Number {PAGE:02}"], False)


async def test_what_is_gone_is_not_asked_about_and_what_is_hidden_or_reported_is_said(database: str) -> None:
    home = await agency()
    kept = draft("lamp", name="Lamp")
    await owned(database, home, kept, draft("reed", name="Reed"))
    await import_drafts(database, [replace(kept, status=Status.INACTIVE)], source=f"agency-{home}")
    id = await one_value("SELECT id FROM listing WHERE source_key = 'lamp'")
    columns = ("listing_id", "reason", "words", "words_hash", "status", "times", "created_at", "updated_at")
    await db.insert_many("correction", columns, [(id, "phone", "", "x", "new", 1, to_column(NOW), to_column(NOW))])
    (listing,) = (await desk_show(by=editor(home), now=NOW)).listings
    assert (listing.name, listing.status, listing.reports, listing.proposals) == ("Lamp", "inactive", 1, 0)


async def test_everybody_sees_the_queues_that_are_theirs(database: str) -> None:
    home = await agency()
    seen = {}
    for role in (Role.PEER, Role.COORDINATOR, Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR):
        where = None if role in (Role.OVERSIGHT, Role.ADMINISTRATOR) else home
        desk = await desk_show(by=Actor(7, (Grant(role, where),)), now=NOW)
        assert set(desk.waiting.values()) <= {0}
        seen[role] = set(desk.waiting)
    assert "messages" in seen[Role.ADMINISTRATOR]
    assert "tasks" in seen[Role.COORDINATOR]
    assert not any("messages" in names for role, names in seen.items() if role is not Role.ADMINISTRATOR)


async def test_a_visitor_has_no_desk(database: str) -> None:
    with pytest.raises(Denied):
        await desk_show(by=VISITOR, now=NOW)
