from __future__ import annotations

from typing import Any

import pytest

from directory.domain.errors import BadEdit, EditRefused, Gone, NotFound
from directory.services.edits import conflict_list, conflict_settle, hand_value_drop, listing_edit
from directory.services.undo import run_undo
from directory.storage import db
from tests.factories import NOW, draft, import_drafts, one_value, settings_for, snapshot, world_made

MONDAY = {"sort": "meeting", "day": 1, "start": 1170, "minutes": 60, "week": None, "valid_from": None, "valid_to": None}
PHONE = {"number": "(555) 555-0107", "extension": None, "type": "voice", "description": None}


async def slug_of(key: str = "lamp") -> str:
    slug = await one_value("SELECT slug FROM listing WHERE source_key = {0}", key)
    assert isinstance(slug, str)
    return slug


def given(url: str, **more: Any) -> dict[str, Any]:
    """What every change needs."""
    return {"by": "robin", "clock": lambda: NOW, "settings": settings_for(url), **more}


async def edit(url: str, slug: str | None = None, /, **values: Any) -> None:
    """Sets fields by hand; `__` stands for the point in a name."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    await listing_edit(slug=slug or await slug_of(), values=named, reason="rang them", **given(url))


async def test_what_a_person_sets_is_shown_searched_and_written_down_with_who_and_why(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(name="Quiet Lamp Group")])
    await edit(database, name="Loud Lamp Group", windows=[MONDAY], phones=[PHONE], address__street="14 Heron Lane")
    (row,) = await db.rows(
        "SELECT l.name, l.phones, l.version, p.street, w.words FROM listing l JOIN location p ON p.id = l.location_id "
        "JOIN listing_words w ON w.id = l.id"
    )
    assert (row["name"], row["street"], row["version"]) == ("Loud Lamp Group", "14 Heron Lane", 2)
    assert "loud" in row["words"].split()
    assert "0107" in str(row["phones"])
    assert await one_value("SELECT starts FROM schedule") == 1440 + 1170
    (entry,) = await db.rows("SELECT * FROM audit_entry WHERE action = 'listing-edited'")
    assert (entry["by"], entry["subject"]) == ("robin", f"listing {await slug_of()}")
    details = db.from_json(entry["details"])
    assert "rang them" not in str(details)
    assert await one_value("SELECT DISTINCT reason FROM listing_change") == "rang them"
    assert details["fields"]["name"] == ["Quiet Lamp Group", "Loud Lamp Group"]


async def test_a_correction_survives_the_next_imports_and_all_else_follows_the_source(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(name="First Name", fees="none")])
    await edit(database, name="By Hand")
    assert (await import_drafts(database, [draft(name="First Name", fees="none")])).unchanged == 1
    assert (await import_drafts(database, [draft(name="First Name", fees="some")])).changed == 1
    (row,) = await db.rows("SELECT name, fees FROM listing")
    assert (row["name"], row["fees"]) == ("By Hand", "some")
    assert await conflict_list() == []


async def test_a_correction_survives_that_the_listing_goes_and_comes_back(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(), draft("other", name="Other Group")])
    slug = await slug_of()
    await edit(database, slug, fees="five dollars")
    await import_drafts(database, [draft("other", name="Other Group")])
    with pytest.raises(Gone):
        await edit(database, slug, fees="six dollars")
    await import_drafts(database, [draft(), draft("other", name="Other Group")])
    assert await one_value("SELECT fees FROM listing WHERE slug = {0}", slug) == "five dollars"


async def test_where_the_source_says_something_new_a_question_opens_and_is_renewed(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(fees="none")])
    await edit(database, fees="by hand")
    for said in ("two dollars", "three dollars"):
        await import_drafts(database, [draft(fees=said)])
        (found,) = await conflict_list()
        assert (found.slug, found.field, found.source) == (await slug_of(), "fees", "world")
        assert (found.hand_value, found.source_value, found.since) == ("by hand", said, NOW)
    assert await one_value("SELECT fees FROM listing") == "by hand"
    await import_drafts(database, [draft(fees="none")])
    assert await conflict_list() == []


async def test_a_question_about_a_listing_that_is_gone_rests_until_it_comes_back(database: str) -> None:
    await world_made()
    other = draft("other", name="Other Group")
    await import_drafts(database, [draft(fees="none"), other])
    await edit(database, fees="by hand")
    await import_drafts(database, [draft(fees="two dollars"), other])
    (found,) = await conflict_list()
    await import_drafts(database, [other])
    assert await conflict_list() == []
    await import_drafts(database, [draft(fees="two dollars"), other])
    assert [each.id for each in await conflict_list()] == [found.id]


async def test_no_question_opens_where_the_source_comes_to_say_what_the_person_said(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(fees="none")])
    await edit(database, fees="two dollars")
    await import_drafts(database, [draft(fees="two dollars")])
    assert await conflict_list() == []


async def test_a_question_settled_for_the_hand_rests_until_the_source_changes_again(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(fees="none")])
    await edit(database, fees="by hand")
    await import_drafts(database, [draft(fees="two dollars")])
    (found,) = await conflict_list()
    await conflict_settle(conflict=found.id, keep="hand", **given(database))
    await import_drafts(database, [draft(fees="two dollars", description="Ring.")])
    assert await conflict_list() == []
    assert await one_value("SELECT fees FROM listing") == "by hand"
    await import_drafts(database, [draft(fees="three dollars", description="Ring.")])
    (again,) = await conflict_list()
    assert again.source_value == "three dollars"


async def test_a_question_settled_for_the_source_takes_its_value_from_then_on(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(fees="none")])
    await edit(database, fees="by hand", description="Ring.")
    await import_drafts(database, [draft(fees="two dollars")])
    (found,) = await conflict_list()
    await conflict_settle(conflict=found.id, keep="source", **given(database))
    (row,) = await db.rows("SELECT fees, description FROM listing")
    assert (row["fees"], row["description"]) == ("two dollars", "Ring.")
    await import_drafts(database, [draft(fees="three dollars")])
    assert await one_value("SELECT fees FROM listing") == "three dollars"
    with pytest.raises(NotFound):
        await conflict_settle(conflict=found.id, keep="hand", **given(database))


async def test_what_was_set_by_hand_can_be_taken_back(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(fees="none")])
    await edit(database, fees="by hand")
    slug = await slug_of()
    await hand_value_drop(slug=slug, field="fees", **given(database))
    assert await one_value("SELECT fees FROM listing") == "none"
    with pytest.raises(NotFound):
        await hand_value_drop(slug=slug, field="fees", **given(database))


async def test_taking_a_run_back_also_takes_back_the_question_that_it_opened(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(fees="none")])
    await edit(database, fees="by hand")
    run = await import_drafts(database, [draft(fees="two dollars")])
    assert len(await conflict_list()) == 1
    assert run.run is not None
    await run_undo(run=run.run, **given(database))
    assert await conflict_list() == []
    assert await one_value("SELECT fees FROM listing") == "by hand"


async def test_nothing_can_be_said_to_be_none(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(description="Ring twice.", care=("detox",), minimum_age=18)])
    await edit(database, description=None, care=[], minimum_age=None, address__street_2=None)
    (row,) = await db.rows("SELECT description, care, minimum_age FROM listing")
    assert (row["description"], db.from_json(row["care"]), row["minimum_age"]) == (None, [], None)
    await edit(database, care=None)
    assert await one_value("SELECT care FROM listing") is None


async def test_a_hidden_address_set_by_hand_is_hidden_from_the_search(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft()])
    before = await one_value("SELECT public_lat FROM location")
    await edit(database, address__visibility="hidden")
    after = await one_value("SELECT public_lat FROM location")
    assert (before, after) == (40.01, 40.0)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("moon", "full", "unknown-field"),
        ("key", "other", "unknown-field"),
        ("address.point", {"lat": 1, "lon": 1}, "unknown-field"),
        ("name", None, "missing"),
        ("name", " ", "not-a-text"),
        ("name", "x" * 256, "not-a-text"),
        ("name", "a\0b", "not-a-text"),
        ("fees", 5, "not-a-text"),
        ("kind", "moon", "unknown-value"),
        ("status", "removed", "unknown-value"),
        ("care", ["moon"], "unknown-value"),
        ("care", "detox", "unknown-value"),
        ("minimum_age", -1, "unknown-value"),
        ("minimum_age", True, "unknown-value"),
        ("verified_on", "soon", "unknown-value"),
        ("windows", [{**MONDAY, "day": 7}], "unknown-value"),
        ("windows", [{"day": 1}], "unknown-value"),
        ("windows", [{**MONDAY, "start": 1170.0}], "unknown-value"),
        ("phones", [{**PHONE, "extension": 5}], "unknown-value"),
        ("windows", [None], "unknown-value"),
        ("phones", [{"number": "555"}], "unknown-value"),
        ("urls", [{"url": "javascript:alert(1)", "label": None}], "unknown-value"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_a_field_cannot_hold_is_refused_with_its_name_and_nothing_is_written(
    database: str, field: str, value: Any, code: str
) -> None:
    await world_made()
    await import_drafts(database, [draft()])
    before = await snapshot()
    with pytest.raises(BadEdit) as bad:
        await edit(database, **{"fees": "none", field.replace(".", "__"): value})
    assert [(problem.field, problem.code) for problem in bad.value.problems] == [(field, code)]
    assert await snapshot() == before


async def test_a_listing_that_is_not_there_or_whose_source_has_not_been_read_since_cannot_be_edited(
    database: str,
) -> None:
    await world_made()
    await import_drafts(database, [draft()])
    with pytest.raises(NotFound):
        await edit(database, "no-such-listing", fees="none")
    await db.execute("DELETE FROM source_draft")
    with pytest.raises(EditRefused) as refused:
        await edit(database, fees="by hand")
    assert refused.value.values["source"] == "world"
    assert (await import_drafts(database, [draft()])).unchanged == 1
    await edit(database, fees="by hand")
    assert await one_value("SELECT fees FROM listing") == "by hand"


async def test_what_is_set_taken_back_and_settled_stands_in_the_history_of_the_listing(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(fees="none", description="Ring.")])
    await edit(database, fees="by hand", description="By hand.")
    await hand_value_drop(slug=await slug_of(), field="description", **given(database))
    await import_drafts(database, [draft(fees="two dollars", description="Ring.")])
    (found,) = await conflict_list()
    await conflict_settle(conflict=found.id, keep="source", **given(database))
    rows = await db.rows("SELECT field, before, after, by, reason FROM listing_change ORDER BY id")
    assert [(row["field"], db.from_json(row["before"]), db.from_json(row["after"])) for row in rows] == [
        ("fees", "none", "by hand"),
        ("description", "Ring.", "By hand."),
        ("description", "By hand.", "Ring."),
        ("fees", "by hand", "two dollars"),
    ]
    assert {row["by"] for row in rows} == {"robin"}
    assert [row["reason"] for row in rows] == ["rang them", "rang them", None, None]
