"""Taking somebody on: each step is kept, nothing is done twice, and what tells who somebody is lies sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from directory.domain.access import Denied
from directory.domain.agencies import Overtaken
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.domain.waitlist.known import Known, from_sealed
from directory.domain.waitlist.routes import Way
from directory.services.credentials import new_token
from directory.services.sealing import opened
from directory.services.waitlist import clients as finding
from directory.services.waitlist import entries, joining, keys, routes, taking_on
from directory.services.waitlist.joining import Earlier
from directory.storage import db
from directory.storage.waitlist import checks, facts, pools
from tests.services.waitlist import world as worlds
from tests.services.waitlist.taking import ANA, TEXT, row_of, taken_on, trail
from tests.services.waitlist.world import NOW, SETTINGS, TODAY

pytestmark = pytest.mark.usefixtures("database")


async def columns(table: str) -> str:
    """Every value of a table in one text."""
    return str([list(row.values()) for row in await db.rows(f"SELECT * FROM {table}")])


async def test_somebody_is_written_down_with_nothing_that_tells_who_they_are_in_the_clear() -> None:
    world = await worlds.made()
    row = await taken_on(world, ANA, TEXT)
    assert (row.agency, row.peer) == (world.agency, world.peer.person)
    assert from_sealed(opened(row.sealed, SETTINGS)) == ANA
    text = "".join(
        [await columns(table) for table in ("client", "contact_route", "client_key", "audit_entry", "access_entry")]
    )
    for word in ("Ana", "Reed", "1990-04-07", "555-0100", "5550100", "mornings"):
        assert word not in text


async def test_the_number_of_a_client_is_chance_and_the_same_form_gives_the_same_person() -> None:
    """45 CFR 96.126(c): a unique patient identifier, which says nothing of whose it is."""
    world, form = await worlds.made(), new_token()
    first, again = await taken_on(world, form=form), await taken_on(world, form=form)
    other = await taken_on(world)
    assert first.upi == again.upi
    assert first.id == again.id
    assert other.upi != first.upi
    assert len(first.upi) == taking_on.UPI_LETTERS


async def test_a_stranger_takes_nobody_on_and_finds_nobody() -> None:
    """42 CFR 2.13(c): whether somebody is on a list is told to nobody."""
    world = await worlds.made()
    row = await taken_on(world)
    with pytest.raises(NotFound):
        await finding.client_read(upi=row.upi, what="facts", by=world.stranger, now=NOW, settings=SETTINGS)
    with pytest.raises(Denied):
        await finding.client_found(upi=row.upi, by=world.clerk, now=NOW, settings=SETTINGS)
    with pytest.raises(Denied):
        await taking_on.client_new(
            agency=world.agency,
            known=ANA,
            language="en",
            ways=(),
            form=new_token(),
            by=world.stranger,
            now=NOW,
            settings=SETTINGS,
        )


async def test_whoever_reads_about_somebody_is_in_the_access_log() -> None:
    world = await worlds.made()
    row = await taken_on(world)
    await finding.client_read(upi=row.upi, what="facts", by=world.peer, now=NOW, settings=SETTINGS)
    (entry,) = await db.rows("SELECT * FROM access_entry")
    assert (entry["action"], entry["subject"], entry["by"]) == ("see", f"client {row.upi}", world.peer.label)


async def test_what_is_missing_is_said_and_nothing_is_kept() -> None:
    world = await worlds.made()
    with pytest.raises(UnfitFields) as error:
        await taken_on(world, Known("", born=date(2030, 1, 1)), Way("call", "", is_agreed=True))
    assert {each.field for each in error.value.problems} == {"called", "born", "to", "is_agreed"}
    assert await db.rows("SELECT id FROM client") == []


async def test_somebody_is_found_by_the_words_of_the_name_the_number_and_the_birth_date() -> None:
    world = await worlds.made()
    row = await taken_on(world, ANA, TEXT, Way("email", "Ana@Example.org"))

    async def found(*wanted: keys.Key | None) -> bool:
        kept = {(each["kind"], each["hash"]) for each in await db.rows("SELECT kind, hash FROM client_key")}
        return set(wanted) <= kept

    assert await found(*keys.name_keys("REED, ána", SETTINGS))
    assert await found(keys.phone_key("+1 (215) 555 0100", SETTINGS))
    assert await found(keys.email_key("ana@example.org", SETTINGS))
    assert {kind for kind, _ in keys.client_keys({"name": "Ana Reed", "born": "1990-04-07"}, (), SETTINGS)} == {
        "name",
        "name-born",
    }
    known = replace(ANA, called="Wren", name="Wren Heron")
    await taking_on.client_edit(
        client=row.id, known=known, language="es", version=row.version, by=world.peer, now=NOW, settings=SETTINGS
    )
    assert not await found(*keys.name_keys("Reed", SETTINGS))
    assert await found(*keys.name_keys("Wren", SETTINGS))
    assert (await row_of(row.upi)).language == "es"


async def test_the_month_of_birth_is_a_fact_that_follows_the_birth_date() -> None:
    world = await worlds.made()
    row = await taken_on(world)
    assert (await facts.of_client(row.id))["birth-month"].value == "1990-04"
    await taking_on.client_edit(
        client=row.id,
        known=replace(ANA, born=date(1991, 5, 7)),
        language="en",
        version=row.version,
        by=world.peer,
        now=NOW,
        settings=SETTINGS,
    )
    assert (await facts.of_client(row.id))["birth-month"].value == "1991-05"


async def test_of_two_who_correct_the_same_the_second_sees_both() -> None:
    world = await worlds.made()
    row = await taken_on(world)

    async def edit(called: str) -> None:
        await taking_on.client_edit(
            client=row.id,
            known=replace(ANA, called=called),
            language="en",
            version=row.version,
            by=world.peer,
            now=NOW,
            settings=SETTINGS,
        )

    await edit("Wren")
    await edit("Wren")
    with pytest.raises(Overtaken) as error:
        await edit("Annie")
    assert error.value.now["called"] == "Wren"
    assert error.value.version == row.version + 1


# --- ways to reach them ----------------------------------------------------------------------------------------------


async def test_a_way_is_added_once_corrected_and_forgotten_when_it_ends() -> None:
    world, form = await worlds.made(), new_token()
    row = await taken_on(world)
    who = {"client": row.id, "by": world.peer, "now": NOW, "settings": SETTINGS}
    id = await routes.way_add(way=TEXT, form=form, **who)
    assert id is not None
    assert await routes.way_add(way=TEXT, form=form, **who) is None
    shared = Way("call", "215-555-0101", is_shared=True)
    await routes.way_change(route=id, way=shared, version=row.version, **who)
    await routes.way_change(route=id, way=shared, version=row.version, **who)
    with pytest.raises(Overtaken) as error:
        await routes.way_change(route=id, way=TEXT, version=row.version, **who)
    assert error.value.now["to"] == "215-555-0101"
    ((_, way),) = await routes.ways_of(client=row.id, settings=SETTINGS)
    assert way == shared
    await routes.way_end(route=id, **who)
    await routes.way_end(route=id, **who)
    assert await routes.ways_of(client=row.id, settings=SETTINGS) == []
    assert [found["sealed"] for found in await db.rows("SELECT sealed FROM contact_route")] == [None]
    assert len(await trail("route-end")) == 1


async def test_more_ways_than_anybody_has_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MOST", 1)
    world = await worlds.made()
    row = await taken_on(world, ANA, TEXT)
    with pytest.raises(UnfitFields) as error:
        await routes.way_add(client=row.id, way=TEXT, form=new_token(), by=world.peer, now=NOW, settings=SETTINGS)
    assert [each.code for each in error.value.problems] == ["too-many-ways"]
    assert len(await routes.ways_of(client=row.id, settings=SETTINGS)) == 1


async def test_a_way_of_somebody_else_is_not_there() -> None:
    world = await worlds.made()
    one, other = await taken_on(world, ANA, TEXT), await taken_on(world)
    ((way, _),) = await routes.ways_of(client=one.id, settings=SETTINGS)
    with pytest.raises(NotFound):
        await routes.way_end(client=other.id, route=way.id, by=world.peer, now=NOW, settings=SETTINGS)


# --- lines -----------------------------------------------------------------------------------------------------------


async def test_a_place_is_taken_in_each_chosen_line_once() -> None:
    """WAITLIST 5.13: who stands in a line already is told so, and keeps the place as it is."""
    world = await worlds.made()
    row = await taken_on(world)
    async with db.staging():
        second = await pools.pool_add(
            agency=world.agency, name="Another", care="detox", timezone="UTC", minutes=240, now=NOW
        )
    who = {"client": row.id, "earlier": None, "by": world.peer, "settings": SETTINGS}
    first = await joining.lines_join(pools=[world.pool], now=NOW, **who)
    later = await joining.lines_join(pools=[world.pool, second], now=NOW + timedelta(days=1), **who)
    assert (first.new, later.new, [line.id for line in later.already]) == (1, 1, [world.pool])
    lines = {line.id: line.since for line in await joining.lines_open(client=row.id, by=world.peer, now=NOW)}
    assert lines == {world.pool: NOW, second: NOW + timedelta(days=1)}


@pytest.mark.parametrize(("days", "is_old"), [(30, True), (31, False)])
async def test_who_takes_a_place_again_within_30_days_has_the_old_clock(days: int, is_old: bool) -> None:
    """45 CFR 96.126(d); WAITLIST 3.2: anyone who comes back within 30 days has the original request."""
    world = await worlds.made()
    row = await taken_on(world)
    who = {"client": row.id, "pools": [world.pool], "by": world.peer, "settings": SETTINGS}
    await joining.lines_join(earlier=None, now=NOW, **who)
    (line,) = await joining.lines_open(client=row.id, by=world.peer, now=NOW)
    assert line.entry is not None
    left, back = NOW + timedelta(days=1), NOW + timedelta(days=1 + days)
    await entries.entry_close(entry=line.entry, reason="withdrew", by=world.peer, now=left, settings=SETTINGS)
    joined = await joining.lines_join(earlier=Earlier(back.date() - timedelta(days=2), "old-list"), now=back, **who)
    (again,) = await joining.lines_open(client=row.id, by=world.peer, now=back)
    assert (again.since, again.entry == line.entry) == (NOW if is_old else back, is_old)
    assert (joined.new, joined.asked) == (1, 0 if is_old else 1)
    assert await checks.broken() == {}


async def test_a_line_that_closes_meanwhile_takes_nobody() -> None:
    world = await worlds.made()
    row = await taken_on(world)
    await db.execute(f"UPDATE pool SET closed_at = created_at WHERE id = {world.pool}")
    with pytest.raises(NotFound):
        await entries.entry_join(client=row.id, pool=world.pool, tie=1, by=world.peer, now=NOW)
    assert await db.rows("SELECT id FROM entry") == []


async def test_nobody_joins_the_line_of_another_agency() -> None:
    world, other = await worlds.made(), await worlds.made()
    row = await taken_on(world)
    with pytest.raises(UnfitFields):
        await joining.lines_join(
            client=row.id, pools=[other.pool], earlier=None, by=world.peer, now=NOW, settings=SETTINGS
        )


async def test_an_older_request_waits_for_a_second_person_and_the_place_is_there_meanwhile() -> None:
    """45 CFR 96.126(b)(1): the clock starts at the request; WAITLIST 3.2: back-dating needs a reason and a second person."""
    world = await worlds.made()
    row = await taken_on(world)
    who = {"client": row.id, "pools": [world.pool], "by": world.peer, "now": NOW, "settings": SETTINGS}
    for earlier in (Earlier(TODAY, "because"), Earlier(TODAY + timedelta(days=1), "old-list")):
        with pytest.raises(UnfitFields):
            await joining.lines_join(earlier=earlier, **who)
    joined = await joining.lines_join(earlier=Earlier(TODAY - timedelta(days=9), "old-list", "a note"), **who)
    assert (joined.new, joined.asked) == (1, 1)
    (word,) = await db.rows("SELECT * FROM second_word")
    assert (word["kind"], word["reason"], word["status"]) == ("back-date", "old-list", "open")
    (line,) = await joining.lines_open(client=row.id, by=world.peer, now=NOW)
    assert line.since == NOW


async def test_the_notice_of_their_rights_is_noted_on_its_first_day() -> None:
    """42 CFR 2.22."""
    world = await worlds.made()
    row = await taken_on(world)
    await taking_on.notice_given(client=row.id, by=world.peer, now=NOW)
    await taking_on.notice_given(client=row.id, by=world.peer, now=NOW + timedelta(days=3))
    assert (await row_of(row.upi)).notice_on == TODAY
    assert await trail("notice-given") == [{"on": "2026-03-02"}]
