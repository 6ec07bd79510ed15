from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.merging import EditClash
from directory.domain.people import UnfitFields
from directory.domain.proposals import MOST_HERE, MOST_WAITING
from directory.services.credentials import new_token
from directory.services.listing_desk import listing_desk
from directory.services.proposals import (
    PER_PAGE,
    proposal_list,
    proposal_list_own,
    proposal_publish,
    proposal_refuse,
    proposal_show,
    proposal_withdraw,
    proposals_waiting,
)
from directory.services.revising import PROPOSED, SAVED, listing_editable, listing_revise
from directory.settings import CONSOLE
from directory.storage import db
from directory.storage import proposals as storage
from tests import accounts
from tests.edits import actor, owned
from tests.factories import NOW, draft, import_drafts, one_value, settings_for, world_made

CORA = actor(Role.COORDINATOR, person=99)


def site(url: str) -> dict[str, Any]:
    return {"clock": lambda: NOW, "settings": replace(settings_for(url), smtp_url=CONSOLE)}


async def listed(url: str) -> tuple[str, Actor]:
    """A listing of an agency, and its editor whom nobody trusts yet, with an account."""
    await world_made()
    await import_drafts(url, [draft(name="Quiet Lamp Group", fees="none")])
    slug, here = str(await one_value("SELECT slug FROM listing")), await accounts.agency()
    await owned(slug, here)
    ana = await accounts.joined(Role.EDITOR, here)
    return slug, Actor(ana.id, (Grant(Role.EDITOR, here),))


async def revise(url: str, slug: str, by: Actor, values: dict[str, Any]) -> str:
    seen = (await listing_editable(by=by, slug=slug, **site(url))).values
    return await listing_revise(
        by=by, slug=slug, seen=seen, values=values, reason="we raised it", form=new_token(), **site(url)
    )


async def sent_in(url: str, **values: Any) -> tuple[str, Actor, int]:
    """A proposal of an editor: the slug, the editor, its number."""
    slug, ana = await listed(url)
    assert await revise(url, slug, ana, values or {"fees": "two"}) == PROPOSED
    return slug, ana, int(await one_value("SELECT MAX(id) FROM proposal"))


async def publish(url: str, id: int, *fields: str, seen: dict[str, Any] | None = None, words: str = "") -> bool:
    now = (await proposal_show(by=CORA, id=id, **site(url))).now if seen is None else seen
    return await proposal_publish(by=CORA, id=id, fields=fields, seen=now, words=words, **site(url))


async def test_what_is_published_stands_under_its_writers_name_and_all_that_is_left_out_does_not(database: str) -> None:
    slug, ana, id = await sent_in(database, fees="two", hours_text="Ring.")
    assert await proposals_waiting(by=CORA, now=NOW) == 1
    assert await publish(database, id, "fees", words="Thank you.")
    (row,) = await db.rows("SELECT fees, hours_text FROM listing")
    assert (row["fees"], row["hours_text"]) == ("two", None)
    (change,) = await db.rows("SELECT field, by, reason FROM listing_change")
    assert (change["field"], change["by"], change["reason"]) == ("fees", ana.label, "we raised it")
    assert await proposals_waiting(by=CORA, now=NOW) == 0
    (own,) = await proposal_list_own(by=ana, now=NOW)
    assert (own.proposal.status, own.proposal.answer, own.writer) == ("published", "Thank you.", "Ana Reed")
    assert (own.proposal.fields, own.proposal.published) == (("fees", "hours_text"), ("fees",))
    trail = await db.rows("SELECT action, by FROM audit_entry WHERE subject = 'listing " + slug + "' ORDER BY seq")
    assert [(row["action"], row["by"]) for row in trail[-3:]] == [
        ("listing-proposed", ana.label),
        ("listing-edited", ana.label),
        ("proposal-published", CORA.label),
    ]


async def test_the_writer_gets_one_letter_that_tells_nothing_of_what_it_is_about(database: str) -> None:
    slug, _, id = await sent_in(database)
    assert await proposal_refuse(by=CORA, id=id, words="We rang: it is free.", **site(database))
    (letter,) = await db.rows("SELECT template, recipient, words FROM outbox WHERE template = 'proposal-settled'")
    assert letter["recipient"] == "ana@example.org"
    assert not any(word in str(letter["words"]) for word in (slug, "Lamp", "free"))
    assert await one_value("SELECT fees FROM listing") == "none"


async def test_nobody_is_refused_without_a_word_and_nothing_is_published_of_nothing(database: str) -> None:
    _, _, id = await sent_in(database)
    for words in ("  ", "x" * 2001):
        with pytest.raises(UnfitFields):
            await proposal_refuse(by=CORA, id=id, words=words, **site(database))
    with pytest.raises(UnfitFields):
        await publish(database, id, "name")
    assert await proposals_waiting(by=CORA, now=NOW) == 1


async def test_who_moderates_sees_what_has_changed_since_and_decides_on_what_stands_there_now(database: str) -> None:
    slug, _, id = await sent_in(database, fees="two", hours_text="Ring.")
    before = await proposal_show(by=CORA, id=id, **site(database))
    assert (before.moved, before.now["fees"]) == (frozenset(), "none")
    assert await revise(database, slug, CORA, {"fees": "three"}) == SAVED
    with pytest.raises(EditClash):
        await publish(database, id, "fees", seen=dict(before.now), words="Thank you.")
    assert await one_value("SELECT fees FROM listing") == "three"
    found = await proposal_show(by=CORA, id=id, **site(database))
    assert (found.moved, found.now["fees"]) == ({"fees"}, "three")
    with pytest.raises(UnfitFields):  # nothing is left out without a word
        await publish(database, id, "fees", words=" ")
    assert await publish(database, id, "fees", words="Thank you.")
    assert await one_value("SELECT fees FROM listing") == "two"


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_those_who_settle_one_at_once_the_first_one_counts(database: str) -> None:
    _, ana, id = await sent_in(database)
    now = {"fees": "none"}
    ends = await asyncio.gather(
        *(publish(database, id, "fees", seen=now) for _ in range(4)),
        *(proposal_refuse(by=CORA, id=id, words="No.", **site(database)) for _ in range(4)),
        proposal_withdraw(by=ana, id=id, now=NOW),
    )
    assert sum(ends) == 1
    assert await one_value("SELECT COUNT(*) FROM outbox WHERE template = 'proposal-settled'") <= 1


async def test_its_writer_can_take_it_back_and_nobody_else_can(database: str) -> None:
    _, ana, id = await sent_in(database)
    for other in (actor(Role.EDITOR, ana.grants[0].agency, 55), CORA):
        with pytest.raises(NotFound):
            await proposal_withdraw(by=other, id=id, now=NOW)
    assert await proposal_withdraw(by=ana, id=id, now=NOW)
    assert not await proposal_withdraw(by=ana, id=id, now=NOW)
    assert await proposal_list(by=CORA, now=NOW) == ()
    assert not await publish(database, id, "fees")
    assert await one_value("SELECT fees FROM listing") == "none"


async def test_a_proposal_is_seen_by_its_agency_and_by_those_who_moderate_and_by_nobody_else(database: str) -> None:
    slug, ana, _ = await sent_in(database)
    there = await accounts.agency("Farshore Peers")
    readers = {
        "writer": ana,
        "colleague": actor(Role.EDITOR, ana.grants[0].agency, 55),
        "coordinator": actor(Role.COORDINATOR, there, 56),
        "stranger": actor(Role.PEER, there, 57),
    }
    seen = {
        name: len((await listing_desk(by=by, slug=slug, **site(database))).proposals) for name, by in readers.items()
    }
    assert seen == {"writer": 1, "colleague": 1, "coordinator": 1, "stranger": 0}


async def stored(number: int, by: Actor, listing: str = "Quiet Lamp Group") -> None:
    """So many proposals that wait, as if somebody had sent them in."""
    id = int(await one_value("SELECT id FROM listing WHERE name = {0}", listing))
    async with db.transaction():
        for each in range(number):
            words = {"edits": {"fees": f"{each} dollars"}, "seen": {"fees": "none"}, "reason": None}
            await storage.add(id, agency=None, by=by.label, now=NOW, **words)


async def test_of_one_writer_so_many_wait_and_no_more_for_a_listing_and_in_all(database: str) -> None:
    slug, ana = await listed(database)
    await import_drafts(database, [draft("other", name="Other Group", fees="none")], "elsewhere")
    await stored(MOST_HERE, ana)
    with pytest.raises(UnfitFields) as caught:
        await revise(database, slug, ana, {"fees": "two"})
    assert [each.code for each in caught.value.problems] == ["many-here"]
    # One that is taken back makes room, until there are too many elsewhere.
    assert await proposal_withdraw(by=ana, id=int(await one_value("SELECT MAX(id) FROM proposal")), now=NOW)
    await stored(MOST_WAITING - MOST_HERE, ana, "Other Group")
    assert await revise(database, slug, ana, {"fees": "two"}) == PROPOSED
    assert await proposal_withdraw(by=ana, id=int(await one_value("SELECT MAX(id) FROM proposal")), now=NOW)
    await stored(1, ana, "Other Group")
    with pytest.raises(UnfitFields) as caught:
        await revise(database, slug, ana, {"fees": "three"})
    assert [each.code for each in caught.value.problems] == ["many-waiting"]
    # What somebody else has sent in is in nobody's way.
    assert await revise(database, slug, replace(ana, person=55), {"fees": "two"}) == PROPOSED


async def test_the_queue_is_read_page_by_page_without_what_the_changes_say(database: str) -> None:
    _, ana = await listed(database)
    await stored(PER_PAGE + 1, ana)
    first, second = [await proposal_list(by=CORA, page=page, now=NOW) for page in (1, 2)]
    assert (len(first), len(second)) == (PER_PAGE, 1)
    assert len({each.proposal.id for each in (*first, *second)}) == PER_PAGE + 1
    assert first[0].proposal.fields == ("fees",)
    assert "dollars" not in repr((first, second))


async def test_only_who_moderates_has_a_queue(database: str) -> None:
    _, _, id = await sent_in(database)
    for role in (Role.PEER, Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR):
        by = actor(role, None if role in (Role.OVERSIGHT, Role.ADMINISTRATOR) else 1)
        assert await proposals_waiting(by=by, now=NOW) == 0
        with pytest.raises(Denied):
            await proposal_list(by=by, now=NOW)
        with pytest.raises(Denied):
            await proposal_publish(by=by, id=id, fields=["fees"], seen={}, words="", **site(database))
        with pytest.raises(Denied):
            await proposal_refuse(by=by, id=id, words="No.", **site(database))


async def test_what_was_proposed_for_a_listing_that_is_gone_can_still_be_refused(database: str) -> None:
    _, _, id = await sent_in(database)
    await import_drafts(database, [draft("other", name="Other Group")])
    assert (await proposal_show(by=CORA, id=id, **site(database))).is_gone
    assert await proposal_refuse(by=CORA, id=id, words="It has closed.", **site(database))
