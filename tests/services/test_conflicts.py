"""Where a source says otherwise than people have set, a person says which holds: once, and of what they have seen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound, Settled
from directory.services.conflicts import Dispute, conflicts_waiting, dispute_settle, disputes_list
from directory.services.edits import Keep, listing_edit
from directory.storage import db, edits
from tests.factories import NOW, draft, import_drafts, one_value, settings_for, world_made

BY, OTHER = Actor(7, (Grant(Role.COORDINATOR, 1),)), Actor(8, (Grant(Role.COORDINATOR, 1),))


async def disputed(url: str) -> Dispute:
    """A name that was set by hand, and of which the source now says a third thing."""
    await world_made()
    await import_drafts(url, [draft(name="First Name")])
    slug = await one_value("SELECT slug FROM listing")
    given: dict[str, Any] = {"by": "robin", "reason": None, "clock": lambda: NOW, "settings": settings_for(url)}
    await listing_edit(slug=slug, values={"name": "By Hand"}, **given)
    await import_drafts(url, [draft(name="Third Name")])
    return await the_dispute()


async def the_dispute() -> Dispute:
    (found,), total = await disputes_list(by=BY, now=NOW)
    assert total == 1
    return found


async def settle(url: str, dispute: Dispute, keep: Keep, by: Actor = BY) -> None:
    await dispute_settle(
        id=dispute.id, keep=keep, seen=dispute.seen, by=by, clock=lambda: NOW, settings=settings_for(url)
    )


@pytest.mark.parametrize(("keep", "name"), [("hand", "By Hand"), ("source", "Third Name")])
async def test_one_of_the_two_values_stays_and_it_is_noted_who_said_so(database: str, keep: Keep, name: str) -> None:
    dispute = await disputed(database)
    assert (dispute.field, dispute.ours, dispute.theirs, dispute.source) == ("name", "By Hand", "Third Name", "world")
    assert await conflicts_waiting(by=BY, now=NOW) == 1
    await settle(database, dispute, keep)
    assert await one_value("SELECT name FROM listing") == name
    assert await conflicts_waiting(by=BY, now=NOW) == 0
    assert await one_value("SELECT by FROM audit_entry ORDER BY id DESC LIMIT 1") == "person 7"


async def test_what_the_source_does_not_say_any_more_is_not_taken(database: str) -> None:
    dispute = await disputed(database)
    await import_drafts(database, [draft(name="Fourth Name")])
    with pytest.raises(Settled):
        await settle(database, dispute, "source")
    assert await one_value("SELECT name FROM listing") == "By Hand"
    await settle(database, await the_dispute(), "source")
    assert await one_value("SELECT name FROM listing") == "Fourth Name"


async def test_of_two_people_who_settle_one_dispute_at_once_one_is_told(database: str) -> None:
    dispute = await disputed(database)
    answers = await asyncio.gather(
        settle(database, dispute, "source"), settle(database, dispute, "hand", OTHER), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in answers) == ["NoneType", "Settled"]
    assert await conflicts_waiting(by=BY, now=NOW) == 0


async def test_of_many_disputes_only_those_that_are_shown_are_read_and_all_are_counted(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await disputed(database)
    id = await one_value("SELECT id FROM listing")
    async with db.staging():
        for number in range(3):
            await edits.open_conflict(id, f"field-{number}", "ours", "theirs", NOW)
    monkeypatch.setattr("directory.services.conflicts.SHOWN", 2)
    found, total = await disputes_list(by=BY, now=NOW)
    assert ([each.field for each in found], total) == (["name", "field-0"], 4)
    assert len(await edits.conflicts(limit=2)) == 2


async def test_a_dispute_about_what_its_source_has_taken_out_rests(database: str) -> None:
    dispute = await disputed(database)
    await import_drafts(database, [])
    assert (await disputes_list(by=BY, now=NOW), await conflicts_waiting(by=BY, now=NOW)) == (([], 0), 0)
    with pytest.raises(Settled):
        await settle(database, dispute, "hand")


@pytest.mark.parametrize("role", [Role.PEER, Role.EDITOR, Role.OVERSIGHT])
async def test_only_coordinators_settle_what_a_source_says_otherwise(database: str, role: Role) -> None:
    dispute = await disputed(database)
    by = Actor(9, (Grant(role, 1),))
    assert await conflicts_waiting(by=by, now=NOW) == 0
    with pytest.raises(Denied):
        await disputes_list(by=by, now=NOW)
    with pytest.raises(Denied):
        await settle(database, dispute, "source", by)
    with pytest.raises(NotFound):
        await dispute_settle(
            id=dispute.id + 1, keep="hand", seen="", by=BY, clock=lambda: NOW, settings=settings_for(database)
        )
