from __future__ import annotations

from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Role
from directory.domain.errors import BadEdit, NotFound
from directory.domain.search import parse
from directory.services.adding import adding_agencies, listing_add
from directory.services.credentials import new_token
from directory.services.listing_desk import Save, listing_desk
from directory.services.previews import card_preview_new
from directory.services.revising import SAVED, listing_editable, listing_revise
from directory.services.search import search_run
from directory.storage import db, stewards
from tests import accounts
from tests.edits import MONDAY, PHONE, actor
from tests.factories import NOW, draft, import_drafts, one_value, settings_for, world_made

CORA = actor(Role.COORDINATOR)
PLACE = {
    "name": "Reed Landing",
    "kind": "recovery-support",
    "status": "active",
    "address.visibility": "full",
    "address.street": "3 Reed Street",
    "address.city": "Saltmarsh",
    "address.state": "PA",
    "address.postal_code": "19199",
    "phones": [PHONE],
    "windows": [{**MONDAY, "sort": "hours"}],
}


def site(url: str) -> dict[str, Any]:
    return {"clock": lambda: NOW, "settings": settings_for(url)}


async def add(url: str, by: Actor = CORA, agency: int | None = None, form: str = "", **more: Any) -> str | None:
    values = {**PLACE, **{name.replace("__", "."): value for name, value in more.items()}}
    return await listing_add(
        by=by, agency=agency, values=values, reason="they wrote", form=form or new_token(), **site(url)
    )


async def found_near(url: str, **more: str) -> list[str]:
    query, problems = parse([("near", "19199"), ("kind", "recovery-support"), *more.items()])
    assert not problems
    return [card.slug for card in (await search_run(query=query, now=NOW, settings=settings_for(url))).cards]


async def test_a_coordinators_listing_is_found_placed_and_written_down(database: str) -> None:
    await world_made()
    slug = await add(database)
    assert slug is not None
    assert slug.startswith("reed-landing-saltmarsh-")
    assert await found_near(database) == [slug]
    (row,) = await db.rows(
        "SELECT s.name, s.agency_id, p.geocode_status FROM listing l JOIN source s ON s.id = l.source_id JOIN location p ON p.id = l.location_id"
    )
    assert (row["name"], row["agency_id"], row["geocode_status"]) == ("people", None, "ok")
    (entry,) = await db.rows("SELECT by, subject, details FROM audit_entry WHERE action = 'listing-added'")
    assert (entry["by"], entry["subject"]) == (CORA.label, f"listing {slug}")
    assert "they wrote" not in str(entry["details"])
    (save,) = (await listing_desk(by=CORA, slug=slug, **site(database))).history
    assert isinstance(save, Save)
    assert {row.field for row in save.fields} == set(PLACE)


async def test_a_trusted_editors_listing_belongs_to_the_agency(database: str) -> None:
    await world_made()
    here, there = await accounts.agency(), await accounts.agency("Farshore Peers")
    editor = actor(Role.EDITOR, here, trusted=True)
    agencies, for_all = await adding_agencies(by=editor, now=NOW)
    assert ([each.id for each in agencies], for_all) == ([here], False)
    slug = await add(database, editor, here)
    assert slug is not None
    assert await stewards.agency_of(slug) == here
    for by, agency in (
        (editor, there),
        (editor, None),
        (actor(Role.EDITOR, here), here),
        (actor(Role.PEER, here), None),
    ):
        with pytest.raises(Denied):
            await add(database, by, agency)
    assert await one_value("SELECT COUNT(*) FROM listing") == 1


async def test_a_file_of_the_agency_takes_out_nothing_that_was_added_by_hand(database: str) -> None:
    await world_made()
    here = await accounts.agency()
    slug = await add(database, actor(Role.EDITOR, here, trusted=True), here)
    await import_drafts(database, [draft(name="From A File")], source=f"agency-{here}")
    assert await one_value("SELECT status FROM listing WHERE slug = {0}", slug) == "active"


async def test_who_can_add_nothing_is_not_offered_to(database: str) -> None:
    here = await accounts.agency()
    for by in (actor(Role.EDITOR, here), actor(Role.PEER, here), actor(Role.ADMINISTRATOR, None)):
        with pytest.raises(Denied):
            await adding_agencies(by=by, now=NOW)


async def test_two_places_of_one_name_and_street_are_two_listings(database: str) -> None:
    await world_made()
    first, second = await add(database), await add(database)
    assert first != second
    assert await one_value("SELECT COUNT(*) FROM source") == 1


async def test_a_form_that_comes_twice_adds_one_listing(database: str) -> None:
    await world_made()
    form = new_token()
    assert await add(database, form=form)
    assert await add(database, form=form) is None
    assert await one_value("SELECT COUNT(*) FROM listing") == 1


async def test_what_is_missing_or_cannot_be_is_said_and_nothing_is_added(database: str) -> None:
    await world_made()
    with pytest.raises(BadEdit) as caught:
        await add(database, name=None, kind="castle")
    assert {(problem.field, problem.code) for problem in caught.value.problems} == {
        ("name", "missing"),
        ("kind", "unknown-value"),
    }
    with pytest.raises(NotFound):
        await add(database, agency=4711)
    assert await one_value("SELECT COUNT(*) FROM source") == 0


async def test_the_slug_and_the_search_of_a_hidden_place_tell_nothing_of_its_street(database: str) -> None:
    await world_made()
    slug = await add(database, address__visibility="hidden")
    assert slug is not None
    assert "saltmarsh" not in slug
    (row,) = await db.rows("SELECT public_lat, public_lon FROM location")
    assert (row["public_lat"], row["public_lon"]) == (40.0, -75.0)
    details = await one_value("SELECT details FROM audit_entry WHERE action = 'listing-added'")
    assert "Reed Street" not in str(details)


async def test_the_card_shown_before_is_like_the_one_that_stands_after(database: str) -> None:
    from directory.services.listings import listing_show

    await world_made()
    before = await card_preview_new(values=PLACE, **site(database))
    slug = await add(database)
    assert slug is not None
    after = (await listing_show(slug=slug, now=NOW, settings=settings_for(database))).card
    told = (
        "name",
        "street",
        "city",
        "timetable",
        "phones",
        "point",
        "approximate",
        "is_open",
        "next_start",
        "timezone",
    )
    assert {name: getattr(before, name) for name in told} == {name: getattr(after, name) for name in told}


async def test_a_listing_is_taken_out_of_the_search_and_put_back_and_its_page_stays(database: str) -> None:
    await world_made()
    slug = await add(database)
    assert slug is not None
    for status, found in (("inactive", []), ("active", [slug])):
        seen = (await listing_editable(by=CORA, slug=slug, **site(database))).values
        done = await listing_revise(
            by=CORA, slug=slug, seen=seen, values={"status": status}, reason="x", form=new_token(), **site(database)
        )
        assert done == SAVED
        assert await found_near(database) == found
