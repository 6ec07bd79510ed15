"""“Call me”: what is asked, who takes it up, and that it is forgotten when it is settled."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from directory.domain.access import Denied
from directory.domain.errors import NotFound, Settled
from directory.domain.people import TooSoon, UnfitFields
from directory.services.credentials import new_token
from directory.services.tasks import tasks_list
from directory.services.waitlist import entries, intake, retention, taking_on
from directory.services.waitlist.intake import OTHER, SELF, CallsFull, Wish
from directory.storage import db
from directory.storage.waitlist import checks
from directory.storage.waitlist import entries as places
from tests.services.waitlist import world as worlds
from tests.services.waitlist.taking import ANA, row_of, trail
from tests.services.waitlist.world import NOW, SETTINGS, World

pytestmark = pytest.mark.usefixtures("database")
WISH = Wish("Ana", "215-555-0100", "after 5 pm", "es", SELF)


async def ask(wish: Wish = WISH, form: str = "", network: str = "192.0.2.7") -> None:
    await intake.call_ask(wish=wish, form=form or new_token(), network=network, now=NOW, settings=SETTINGS)


async def asked(world: World) -> int:
    """The id of one that waits."""
    await ask()
    calls = await intake.intake_list(by=world.peer, now=NOW, settings=SETTINGS)
    return calls.waiting[-1].id


async def rows() -> list[dict[str, object]]:
    return await db.rows("SELECT * FROM intake ORDER BY id")


async def test_what_somebody_writes_is_sealed_and_the_same_form_counts_once() -> None:
    form = new_token()
    await ask(form=form)
    await ask(form=form)
    (row,) = await rows()
    assert (row["status"], row["language"]) == ("waiting", "es")
    assert "555-0100" not in str(row)
    assert "Ana" not in str(row)


async def test_what_nobody_could_call_is_said_at_its_field() -> None:
    with pytest.raises(UnfitFields) as error:
        await ask(Wish(" ", "soon", "x" * 300, "tlh", "dog"))
    assert [each.field for each in error.value.problems] == ["name", "phone", "times", "for_whom", "language"]
    assert await rows() == []


async def test_a_program_that_sends_much_has_to_wait() -> None:
    for _ in range(intake.OF_CALLS.free):
        await ask()
    with pytest.raises(TooSoon):
        await ask()
    await ask(network="198.51.100.7")
    assert len(await rows()) == intake.OF_CALLS.free + 1


async def test_of_two_who_take_one_up_the_first_calls() -> None:
    world = await worlds.made()
    id = await asked(world)
    await intake.intake_take(id=id, by=world.peer, now=NOW)
    await intake.intake_take(id=id, by=world.peer, now=NOW)
    with pytest.raises(Settled):
        await intake.intake_take(id=id, by=world.coordinator, now=NOW)
    with pytest.raises(NotFound):
        await intake.intake_own(id=id, by=world.coordinator, now=NOW, settings=SETTINGS)
    assert (await intake.intake_own(id=id, by=world.peer, now=NOW, settings=SETTINGS)).wish == WISH


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_many_who_take_one_up_in_the_same_moment_one_calls() -> None:
    world = await worlds.made()
    id = await asked(world)
    takers = [replace(world.peer, person=number) for number in range(900, 910)]
    done = await asyncio.gather(
        *(intake.intake_take(id=id, by=taker, now=NOW) for taker in takers), return_exceptions=True
    )
    assert [type(each) for each in done if each is not None] == [Settled] * 9


async def test_where_nobody_answered_it_waits_for_the_next_try() -> None:
    world = await worlds.made()
    id = await asked(world)
    await intake.intake_take(id=id, by=world.peer, now=NOW)
    await intake.intake_again(id=id, by=world.peer, now=NOW)
    (call,) = (await intake.intake_list(by=world.coordinator, now=NOW, settings=SETTINGS)).waiting
    assert call.is_again
    await intake.intake_again(id=id, by=world.peer, now=NOW)
    await intake.intake_take(id=id, by=world.coordinator, now=NOW)
    with pytest.raises(Settled):
        await intake.intake_again(id=id, by=world.peer, now=NOW)


async def test_what_they_wrote_is_forgotten_when_nothing_is_wanted() -> None:
    world = await worlds.made()
    id = await asked(world)
    await intake.intake_take(id=id, by=world.peer, now=NOW)
    await intake.intake_end(id=id, by=world.peer, now=NOW)
    await intake.intake_end(id=id, by=world.peer, now=NOW)
    (row,) = await rows()
    assert (row["status"], row["outcome"], row["sealed"]) == ("settled", "nothing-wanted", None)


async def test_taking_somebody_on_settles_their_call_with_it_and_once() -> None:
    world, form = await worlds.made(), new_token()
    id = await asked(world)
    async with db.staging():
        await worlds.account(world.peer)
    await intake.intake_take(id=id, by=world.peer, now=NOW)

    async def take_on(form: str) -> str:
        return await taking_on.client_new(
            agency=world.agency,
            known=ANA,
            language="es",
            ways=(),
            form=form,
            asked=id,
            by=world.peer,
            now=NOW,
            settings=SETTINGS,
        )

    upi = await take_on(form)
    assert await take_on(form) == upi
    with pytest.raises(UnfitFields):
        await take_on(new_token())
    (row,) = await rows()
    assert (row["outcome"], row["sealed"]) == ("took-on", None)
    assert len(await db.rows("SELECT id FROM client")) == 1


@pytest.mark.parametrize(("days", "counts"), [(1, True), (8, False)])
async def test_when_somebody_asked_to_be_called_is_when_they_asked_for_their_place(days: int, counts: bool) -> None:
    """45 CFR 96.126(b)(1), WAITLIST 3.2: the clock starts at the request, which is set by the server; of lines that are chosen later it is later."""
    world = await worlds.made()
    id, taken, joined = await asked(world), NOW + timedelta(days=6), NOW + timedelta(days=6 + days)
    async with db.staging():
        await worlds.account(world.peer)
    await intake.intake_take(id=id, by=world.peer, now=taken)
    upi = await taking_on.client_new(
        agency=world.agency,
        known=ANA,
        language="es",
        ways=(),
        form=new_token(),
        asked=id,
        by=world.peer,
        now=taken,
        settings=SETTINGS,
    )
    client = (await row_of(upi)).id
    entry = await entries.entry_join(client=client, pool=world.pool, tie=1, by=world.peer, now=joined)
    found = await places.entry(entry)
    assert found is not None
    assert found.requested_at == (NOW if counts else joined)
    (step,) = await trail("entry-joined")
    assert step.get("call") == (id if counts else None)
    assert await checks.broken() == {}


async def test_only_peers_and_coordinators_see_who_asked() -> None:
    world = await worlds.made()
    await ask(Wish("Ben", "215-555-0101", "", "en", OTHER))
    with pytest.raises(Denied):
        await intake.intake_list(by=world.clerk, now=NOW, settings=SETTINGS)
    assert await intake.intake_waiting(by=world.clerk, now=NOW) == 0
    assert await intake.intake_waiting(by=world.peer, now=NOW) == 1
    await intake.intake_list(by=world.peer, now=NOW, settings=SETTINGS)
    (entry,) = await db.rows("SELECT * FROM access_entry")
    assert entry["subject"] == "intake"


async def test_more_than_people_can_call_is_not_kept_and_both_sides_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await worlds.made()
    monkeypatch.setattr(intake, "MOST_OPEN", 1)
    id, form = await asked(world), new_token()
    for token in (form, new_token()):
        with pytest.raises(CallsFull):
            await ask(form=token)
    assert len(await rows()) == 1
    (told,) = (await tasks_list(by=world.coordinator, now=NOW))[0]
    assert (told.kind, told.address) == ("call-me-full", "/intake")

    await intake.intake_take(id=id, by=world.peer, now=NOW)
    await intake.intake_end(id=id, by=world.peer, now=NOW)
    await intake.intake_tidy(now=NOW)
    assert (await tasks_list(by=world.coordinator, now=NOW))[0] == []
    await ask(form=form)
    assert [row["status"] for row in await rows()] == ["settled", "waiting"]


async def test_a_call_that_somebody_took_up_and_never_settled_waits_for_everybody_again_after_a_day() -> None:
    world = await worlds.made()
    id = await asked(world)
    await intake.intake_take(id=id, by=world.peer, now=NOW)
    assert await intake.intake_tidy(now=NOW + intake.BACK_AFTER) == 0
    later = NOW + intake.BACK_AFTER + timedelta(minutes=1)
    assert await intake.intake_tidy(now=later) == 1
    (row,) = await rows()
    assert (row["status"], row["taken_by"], row["outcome"]) == ("waiting", None, None)
    assert row["sealed"]
    await intake.intake_take(id=id, by=world.coordinator, now=later)
    with pytest.raises(Settled):
        await intake.intake_end(id=id, by=world.peer, now=later)


async def test_a_call_that_nobody_has_made_is_cleared_after_a_year_like_what_is_known_of_clients() -> None:
    await ask()
    for days, left in ((364, 1), (366, 0)):
        await retention.retention_run(by="test", now=NOW + timedelta(days=days))
        assert len(await rows()) == left
