from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Role
from directory.domain.errors import BadEdit, Gone, NotFound
from directory.domain.geo import Point
from directory.domain.listings import Visibility
from directory.domain.merging import EditClash
from directory.domain.search import parse
from directory.services.credentials import new_token
from directory.services.edits import hand_value_drop
from directory.services.geocode_queue import geocode_run
from directory.services.listing_desk import Save, listing_desk, listing_reverting
from directory.services.previews import card_preview
from directory.services.revising import BEFORE, PROPOSED, SAME, SAVED, listing_editable, listing_revise
from directory.services.search import search_run
from directory.storage import db
from tests import accounts
from tests.edits import MONDAY, PHONE, actor, owned
from tests.factories import NOW, address, draft, import_drafts, one_value, settings_for, world_made
from tests.geocoder_server import Place, running

CORA = actor(Role.COORDINATOR)


def site(url: str) -> dict[str, Any]:
    return {"clock": lambda: NOW, "settings": settings_for(url)}


async def lamp(url: str, **given: Any) -> str:
    """The slug of the one listing."""
    await world_made()
    await import_drafts(url, [draft(**{"name": "Quiet Lamp Group", "fees": "none"} | given)])
    return str(await one_value("SELECT slug FROM listing"))


async def revise(url: str, slug: str, values: dict[str, Any], by: Actor = CORA, **more: Any) -> str:
    """Saves what was written over what stands there now, unless `seen` says what stood there."""
    if "seen" not in more:
        more["seen"] = (await listing_editable(by=by, slug=slug, **site(url))).values
    given = {"reason": "rang them", "form": new_token(), **more}
    return await listing_revise(by=by, slug=slug, values=values, **given, **site(url))


async def test_a_coordinator_publishes_at_once_and_the_history_says_who_when_and_why(database: str) -> None:
    slug = await lamp(database)
    assert await revise(database, slug, {"fees": "two dollars", "phones": [PHONE]}) == SAVED
    assert await one_value("SELECT fees FROM listing") == "two dollars"
    (save,) = [
        each for each in (await listing_desk(by=CORA, slug=slug, **site(database))).history if isinstance(each, Save)
    ]
    assert (save.at, save.reason) == (NOW, "rang them")
    assert {(row.field, row.before) for row in save.fields} == {("fees", "none"), ("phones", None)}
    (entry,) = await db.rows("SELECT * FROM audit_entry WHERE action = 'listing-edited'")
    assert (entry["by"], entry["subject"]) == ("person 7", f"listing {slug}")
    # The words stand in the history alone: nothing can be taken out of the trail.
    assert db.from_json(entry["details"])["change"] == save.change
    assert "rang them" not in str(entry["details"])


async def test_edited_hours_are_found_by_the_search_and_the_old_ones_are_not(database: str) -> None:
    slug = await lamp(database)
    await revise(database, slug, {"windows": [MONDAY]})
    for day, expected in (("1", [slug]), ("2", [])):
        query, _ = parse([("day", day), ("time", "19:00-20:00"), ("kind", "meeting")])
        found = await search_run(query=query, now=NOW, settings=settings_for(database))
        assert [card.slug for card in found.cards] == expected


async def test_a_form_that_comes_twice_is_saved_once(database: str) -> None:
    slug, form = await lamp(database), new_token()
    assert await revise(database, slug, {"fees": "two"}, form=form) == SAVED
    assert await revise(database, slug, {"fees": "three"}, form=form) == BEFORE
    assert await one_value("SELECT fees FROM listing") == "two"


async def test_nothing_is_written_where_nothing_is_different(database: str) -> None:
    slug = await lamp(database)
    assert await revise(database, slug, {"fees": "none"}) == SAME
    assert await one_value("SELECT COUNT(*) FROM listing_change") == 0
    assert await one_value("SELECT COUNT(*) FROM hand_value") == 0


async def test_two_who_change_different_fields_both_get_theirs(database: str) -> None:
    slug = await lamp(database)
    seen = (await listing_editable(by=CORA, slug=slug, **site(database))).values
    await revise(database, slug, {"fees": "two"}, seen=seen)
    assert await revise(database, slug, {"hours_text": "Ring first.", "fees": "none"}, seen=seen) == SAVED
    (row,) = await db.rows("SELECT fees, hours_text FROM listing")
    assert (row["fees"], row["hours_text"]) == ("two", "Ring first.")


async def test_two_who_change_the_same_field_are_told_of_each_other_and_nothing_is_lost(database: str) -> None:
    slug, form = await lamp(database), new_token()
    seen = (await listing_editable(by=CORA, slug=slug, **site(database))).values
    await revise(database, slug, {"fees": "two"}, seen=seen)
    with pytest.raises(EditClash) as caught:
        await revise(database, slug, {"fees": "three", "hours_text": "Ring."}, seen=seen, form=form)
    (clash,) = caught.value.clashes
    assert (clash.field, clash.before, clash.yours, clash.theirs) == ("fees", "none", "three", "two")
    assert await one_value("SELECT hours_text FROM listing") is None
    # With what stands there now in view the same form is taken.
    assert await revise(database, slug, {"fees": "three"}, seen=caught.value.now, form=form) == SAVED


@pytest.mark.parametrize("engine", ["postgres"])
async def test_twenty_who_edit_one_listing_at_once_lose_nothing_silently(database: str) -> None:
    slug = await lamp(database)
    seen = (await listing_editable(by=CORA, slug=slug, **site(database))).values
    names = [f"{number} dollars" for number in range(20)]

    async def save(text: str) -> tuple[str, str]:
        try:
            return await revise(database, slug, {"fees": text}, seen=seen), text
        except EditClash as error:
            (clash,) = error.clashes
            assert clash.yours == text
            return "clash", str(clash.theirs)

    ends = await asyncio.gather(*(save(text) for text in names))
    assert Counter(end for end, _ in ends) == {SAVED: 1, "clash": 19}
    (winner,) = {text for _, text in ends}
    assert await one_value("SELECT fees FROM listing") == winner
    assert await one_value("SELECT COUNT(*) FROM listing_change") == 1

    async def save_until_it_holds(text: str) -> int:
        base, tries = dict(seen), 0
        while True:
            try:
                await revise(database, slug, {"fees": text}, seen=base)
            except EditClash as error:
                base, tries = error.now, tries + 1
            else:
                return tries

    others = [text for text in names if text != winner][:6]
    await asyncio.gather(*(save_until_it_holds(text) for text in others))
    rows = await db.rows("SELECT before, after FROM listing_change ORDER BY id")
    assert [row["before"] for row in rows[1:]] == [row["after"] for row in rows[:-1]]
    assert {db.from_json(row["after"]) for row in rows} == {winner, *others}


async def test_an_editor_of_another_agency_finds_no_such_listing(database: str) -> None:
    slug = await lamp(database)
    here, there = await accounts.agency(), await accounts.agency("Farshore Peers")
    await owned(slug, here)
    for by in (actor(Role.EDITOR, there), actor(Role.EDITOR, there, trusted=True)):
        with pytest.raises(Denied, match="not-yours"):
            await listing_desk(by=by, slug=slug, **site(database))
        with pytest.raises(Denied, match="not-yours"):
            await revise(database, slug, {"fees": "two"}, by, seen={})


async def test_an_editor_whom_nobody_trusts_yet_proposes_and_a_trusted_one_publishes(database: str) -> None:
    slug = await lamp(database)
    here = await accounts.agency()
    await owned(slug, here)
    assert await revise(database, slug, {"fees": "two"}, actor(Role.EDITOR, here)) == PROPOSED
    assert await one_value("SELECT fees FROM listing") == "none"
    assert await revise(database, slug, {"fees": "three"}, actor(Role.EDITOR, here, trusted=True)) == SAVED
    assert await one_value("SELECT fees FROM listing") == "three"


async def test_what_cannot_be_is_refused_field_by_field(database: str) -> None:
    slug = await lamp(database)
    with pytest.raises(BadEdit) as caught:
        await revise(database, slug, {"kind": "castle", "name": None}, reason="x" * 2001)
    assert [problem.field for problem in caught.value.problems] == ["kind", "name", "reason"]


async def test_a_listing_that_is_gone_or_never_was_is_not_edited(database: str) -> None:
    slug = await lamp(database)
    with pytest.raises(NotFound):
        await revise(database, "no-such-place", {"fees": "two"}, seen={})
    await import_drafts(database, [draft("other", name="Other Group")])
    with pytest.raises(Gone):
        await revise(database, slug, {"fees": "two"}, seen={})


# --- an address that is not public -----------------------------------------------------------------------------------


async def test_a_peer_neither_sees_nor_sets_an_address_that_is_hidden(database: str) -> None:
    slug = await lamp(database, address=address(visibility=Visibility.HIDDEN))
    peer = actor(Role.PEER)
    listing = await listing_editable(by=peer, slug=slug, **site(database))
    assert not [field for field in listing.values if field.startswith("address.")]
    with pytest.raises(Denied):
        await revise(database, slug, {"address.visibility": "full"}, peer, seen={"address.visibility": "hidden"})
    await revise(database, slug, {"address.street": "14 Heron Lane"})
    desk = await listing_desk(by=peer, slug=slug, **site(database))
    assert "Heron Lane" not in repr(desk)
    assert "Heron Lane" in repr(await listing_desk(by=CORA, slug=slug, **site(database)))


async def test_the_audit_trail_names_the_parts_of_a_hidden_address_and_not_what_they_say(database: str) -> None:
    slug = await lamp(database, address=address(visibility=Visibility.HIDDEN))
    await revise(database, slug, {"address.street": "14 Heron Lane", "fees": "two"})
    await revise(database, slug, {"address.visibility": "full", "address.street": "15 Heron Lane"})
    told = [row["details"] for row in await db.rows("SELECT details FROM audit_entry WHERE action = 'listing-edited'")]
    assert len(told) == 2
    assert not any("Heron" in str(details) for details in told)
    assert db.from_json(told[0])["private"] == ["address.street"]
    assert db.from_json(told[0])["fields"]["fees"] == ["none", "two"]


async def test_an_address_that_was_hidden_stays_hidden_in_the_past_when_another_one_becomes_public(
    database: str,
) -> None:
    slug, peer = await lamp(database, address=address(visibility=Visibility.HIDDEN)), actor(Role.PEER)
    await revise(database, slug, {"address.street": "14 Heron Lane"}, reason="they left 12 Heron Lane")
    await revise(database, slug, {"address.street": "15 Heron Lane", "fees": "two"}, reason="on to 15 Heron Lane")
    await revise(database, slug, {"address.visibility": "full", "address.street": "1 Office Plaza"}, reason="an office")
    desk = await listing_desk(by=peer, slug=slug, **site(database))
    assert desk.listing.values["address.street"] == "1 Office Plaza"
    assert "Heron" not in repr(desk)
    assert [row.field for each in desk.history if isinstance(each, Save) for row in each.fields] == ["fees"]
    rows = [row["id"] for row in await db.rows("SELECT id FROM listing_change")]
    _, values, _ = await listing_reverting(by=peer, slug=slug, rows=rows, **site(database))
    assert values == {"fees": "none"}
    # Who looks after it sees all of it.
    assert "14 Heron Lane" in repr(await listing_desk(by=CORA, slug=slug, **site(database)))


async def test_an_address_that_its_source_once_hid_stays_hidden_in_the_past(database: str) -> None:
    slug = await lamp(database, address=address(visibility=Visibility.HIDDEN))
    await revise(database, slug, {"address.street": "14 Heron Lane"})
    await revise(database, slug, {"address.street": "1 Office Plaza"})
    await import_drafts(database, [draft(name="Quiet Lamp Group", fees="none")])
    desk = await listing_desk(by=actor(Role.PEER), slug=slug, **site(database))
    assert desk.listing.values["address.street"] == "1 Office Plaza"
    assert "Heron" not in repr(desk)


# --- the past --------------------------------------------------------------------------------------------------------


async def test_taking_a_save_back_is_a_new_change_and_the_field_follows_its_source_again(database: str) -> None:
    slug = await lamp(database)
    await revise(database, slug, {"fees": "two", "hours_text": "Ring."})
    (first,) = {row["change"] for row in await db.rows("SELECT change FROM listing_change")}
    listing, values, rows = await listing_reverting(by=CORA, slug=slug, change=first, **site(database))
    assert values == {"fees": "none", "hours_text": None}
    done = await revise(database, slug, values, seen=listing.values, follow=values, reverts=rows)
    assert done == SAVED
    changes = await db.rows("SELECT id, change, reverts FROM listing_change ORDER BY id")
    assert [row["reverts"] for row in changes[2:]] == [row["id"] for row in changes[:2]]
    assert await one_value("SELECT COUNT(*) FROM hand_value") == 0
    await import_drafts(database, [draft(name="Quiet Lamp Group", fees="five")])
    assert await one_value("SELECT fees FROM listing") == "five"


async def test_one_field_is_taken_back_to_what_another_hand_had_set(database: str) -> None:
    slug = await lamp(database)
    await revise(database, slug, {"fees": "two"})
    await revise(database, slug, {"fees": "three"})
    row = await one_value("SELECT MAX(id) FROM listing_change")
    listing, values, rows = await listing_reverting(by=CORA, slug=slug, rows=[row], **site(database))
    await revise(database, slug, values, seen=listing.values, follow=values, reverts=rows)
    assert await one_value("SELECT fees FROM listing") == "two"
    assert await one_value("SELECT COUNT(*) FROM hand_value") == 1


async def test_the_rows_of_another_listing_take_nothing_back(database: str) -> None:
    slug = await lamp(database)
    await import_drafts(database, [draft("other", name="Other Group", fees="none")], "elsewhere")
    other = await one_value("SELECT slug FROM listing WHERE slug <> {0}", slug)
    await revise(database, other, {"fees": "two"})
    row = await one_value("SELECT MAX(id) FROM listing_change")
    _, values, rows = await listing_reverting(by=CORA, slug=slug, rows=[row], **site(database))
    assert (values, rows) == ({}, ())


async def test_the_history_tells_of_imports_in_one_line_each_and_of_the_newest_first(database: str) -> None:
    slug = await lamp(database)
    await revise(database, slug, {"hours_text": "Ring."})
    await import_drafts(database, [draft(name="Quiet Lamp Group", fees="five")])
    desk = await listing_desk(by=CORA, slug=slug, **site(database))
    imports = [each for each in desk.history if not isinstance(each, Save)]
    assert [(each.action, each.fields) for each in imports] == [("change", ("fees",)), ("add", ())]
    assert len(desk.history) == 3
    short = await listing_desk(by=CORA, slug=slug, length=1, **site(database))
    assert (len(short.history), short.has_more) == (1, True)


async def test_names_are_for_those_who_may_know_them(database: str) -> None:
    slug = await lamp(database)
    here, there = await accounts.agency(), await accounts.agency("Farshore Peers")
    await owned(slug, here)
    pia = await accounts.joined(Role.PEER, here)
    await revise(database, slug, {"fees": "two"}, actor(Role.COORDINATOR, here, pia.id))

    async def told(by: Actor) -> str | None:
        desk = await listing_desk(by=by, slug=slug, **site(database))
        (save,) = [each for each in desk.history if isinstance(each, Save)]
        assert desk.set_by["fees"].who == save.who
        return save.who

    assert await told(actor(Role.COORDINATOR, there, 99)) == "Ana Reed"
    assert await told(actor(Role.EDITOR, here, 99)) == "Ana Reed"
    assert await told(actor(Role.PEER, there, 99)) is None


# --- the place -------------------------------------------------------------------------------------------------------


async def test_another_address_is_looked_for_and_what_was_found_is_told(database: str) -> None:
    slug = await lamp(database)
    async with running() as server:
        server.knows("14 Heron Lane, Saltmarsh, PA 19199", Place(number="14"))
        settings = settings_for(database, geocoders=(server.entry("nominatim"),))
        given: dict[str, Any] = {"clock": lambda: NOW, "settings": settings}
        places = []
        for street in ("12 Heron Ln.", "14 Heron Lane"):
            seen = (await listing_editable(by=CORA, slug=slug, **given)).values
            values = {"address.street": street}
            await listing_revise(by=CORA, slug=slug, seen=seen, values=values, reason="", form=new_token(), **given)
            places.append((await listing_desk(by=CORA, slug=slug, **given)).place)
        assert [place and place.status for place in places] == ["ok", "pending"]
        await geocode_run(by="test", **given)
        place = (await listing_desk(by=CORA, slug=slug, **given)).place
    assert place is not None
    assert (place.status, place.precision, place.is_pinned) == ("ok", "rooftop", False)
    assert await one_value("SELECT public_lat FROM location") == 40.015


async def test_the_source_is_believed_again_about_the_place_once_its_address_is(database: str) -> None:
    slug = await lamp(database)
    await revise(database, slug, {"address.street": "14 Heron Lane"})
    assert await one_value("SELECT public_lat FROM location") == 40.0
    # What the source says of the point meanwhile is no question of its own.
    await import_drafts(database, [draft(name="Quiet Lamp Group", fees="none", point=Point(40.05, -75.0))])
    assert await one_value("SELECT COUNT(*) FROM conflict") == 0
    await hand_value_drop(slug=slug, field="address.street", by="test", **site(database))
    assert await one_value("SELECT public_lat FROM location") == 40.05
    assert await one_value("SELECT COUNT(*) FROM hand_value") == 0


# --- the look at it --------------------------------------------------------------------------------------------------


async def test_the_card_that_is_shown_before_a_save_is_the_one_that_stands_after_it(database: str) -> None:
    from directory.services.listings import listing_show

    slug = await lamp(database)
    values = {
        "name": "Loud Lamp Group",
        "windows": [MONDAY],
        "phones": [PHONE],
        "address.street": "14 Heron Lane",
        "care": [],
    }
    before = await card_preview(by=CORA, slug=slug, values=values, **site(database))
    assert await one_value("SELECT name FROM listing") == "Quiet Lamp Group"
    await revise(database, slug, values)
    after = (await listing_show(slug=slug, now=NOW, settings=settings_for(database))).card
    told = (
        "name",
        "street",
        "city",
        "postal_code",
        "point",
        "timetable",
        "phones",
        "care",
        "next_start",
        "is_open",
        "timezone",
    )
    assert {name: getattr(before, name) for name in told} == {name: getattr(after, name) for name in told}


async def test_the_look_at_an_address_that_becomes_hidden_does_not_show_it(database: str) -> None:
    slug = await lamp(database)
    card = await card_preview(by=CORA, slug=slug, values={"address.visibility": "hidden"}, **site(database))
    assert (card.street, card.city, card.postal_code, card.point) == (None, None, None, None)


async def test_nobody_uncovers_a_hidden_address_by_the_look_at_an_edit(database: str) -> None:
    slug = await lamp(database, address=address(visibility=Visibility.HIDDEN))
    here, there = await accounts.agency(), await accounts.agency("Farshore Peers")
    await owned(slug, here)
    for by in (actor(Role.PEER, there), actor(Role.EDITOR, there), actor(Role.OVERSIGHT, None)):
        for values in ({"address.visibility": "full"}, {"fees": "two", "address.street": "x"}):
            with pytest.raises(Denied):
                await card_preview(by=by, slug=slug, values=values, **site(database))
    card = await card_preview(by=actor(Role.PEER, there), slug=slug, values={"fees": "two"}, **site(database))
    assert (card.street, card.city) == (None, None)
