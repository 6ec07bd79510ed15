"""Peers themselves: standing in, caseloads, mentors, supervision that nobody else reads, and reminders."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from itertools import count

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.services.bridge import covers, peers, supervision, trainings
from directory.services.bridge.goals import goals_show
from directory.services.bridge.plans import NotTheirPeer
from directory.services.people import grant_end, person_disable
from directory.services.waitlist.board import Filters, board_show
from directory.services.waitlist.merging import clients_merge
from directory.services.waitlist.person import CaseloadFull, client_move
from directory.storage import db
from directory.storage.accounts import grant_add
from directory.storage.bridge import debriefs
from directory.storage.bridge import peers as stored
from directory.storage.waitlist import clients, retention
from tests.services.waitlist import twins, world
from tests.services.waitlist.boards import somebody
from tests.services.waitlist.world import NOW, SETTINGS, TODAY, World

DAY, WEEK = timedelta(days=1), timedelta(days=7)
once = count(1)
numbers = count(5000)


def form() -> str:
    return f"{next(once):043}"


async def hired(made: World, role: Role = Role.PEER, agency: int | None = None) -> Actor:
    """Somebody new with a role in the peer agency."""
    home = agency or made.agency
    actor = Actor(next(numbers), (Grant(role, home),))
    await at_home(actor)
    return actor


async def at_home(actor: Actor) -> Actor:
    """Somebody of the small world with an account and their roles."""
    async with db.staging():
        id = await world.account(actor)
        for grant in actor.grants:
            await grant_add(id, grant, by="test", now=NOW)
    return actor


def number(actor: Actor) -> int:
    assert actor.person is not None
    return actor.person


async def with_peer(made: World, peer: Actor) -> str:
    """The number of a new client with whom this peer goes."""
    client = await world.client(made)
    async with db.staging():
        await db.execute(f"UPDATE client SET peer_id = {number(peer)} WHERE id = {client}")
    row = await clients.by_id(client)
    assert row is not None
    return row.upi


async def stand_in(
    made: World, away: Actor, other: Actor, begin: int = 0, end: int = 7, by: Actor | None = None
) -> int | None:
    return await covers.cover_add(
        agency=made.agency,
        away=number(away),
        stand_in=number(other),
        from_on=TODAY + begin * DAY,
        until_on=TODAY + end * DAY,
        form=form(),
        by=by or away,
        now=NOW,
        settings=SETTINGS,
    )


# --- standing in -----------------------------------------------------------------------------------------------------


async def test_whoever_stands_in_sees_the_board_and_the_plans_of_the_other_while_it_lasts_and_no_longer(
    database: str,
) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    await somebody(made, "Calm")
    (row,) = await db.rows("SELECT upi, peer_id FROM client")
    assert row["peer_id"] == number(ana)
    assert await stand_in(made, ana, ben) is not None
    board = await board_show(filters=Filters(whose="mine"), by=ben, now=NOW + DAY, settings=SETTINGS)
    assert [(card.called, card.is_mine, card.stands_in_for) for card in board.cards] == [("Calm", True, "Ana Reed")]
    await goals_show(upi=row["upi"], by=ben, now=NOW + DAY, settings=SETTINGS)
    after = NOW + 8 * DAY
    assert (await board_show(filters=Filters(whose="mine"), by=ben, now=after, settings=SETTINGS)).cards == ()
    with pytest.raises(NotTheirPeer):
        await goals_show(upi=row["upi"], by=ben, now=after, settings=SETTINGS)
    assert (await db.rows("SELECT peer_id FROM client"))[0]["peer_id"] == number(ana), "it never changes whose they are"


async def test_standing_in_ends_early_when_somebody_says_so_and_both_stand_in_the_trail(database: str) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    upi = await with_peer(made, ana)
    id = await stand_in(made, ana, ben)
    assert id is not None
    for _ in range(2):
        await covers.cover_end(agency=made.agency, away=number(ana), id=id, by=ana, now=NOW)
    with pytest.raises(NotTheirPeer):
        await goals_show(upi=upi, by=ben, now=NOW, settings=SETTINGS)
    found = await db.rows("SELECT action FROM audit_entry WHERE action LIKE 'cover-%' ORDER BY id")
    assert [row["action"] for row in found] == ["cover-added", "cover-ended"]


async def test_a_peer_says_it_of_themselves_and_a_coordinator_of_anybody_in_the_agency(database: str) -> None:
    made, other = await world.made(), await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    for stranger in (ben, other.coordinator):
        with pytest.raises(NotFound):
            await stand_in(made, ana, ben, by=stranger)
    with pytest.raises(Denied):
        await stand_in(made, ana, ben, by=made.clerk)
    assert await stand_in(made, ana, ben, by=made.coordinator) is not None


async def test_who_stands_in_is_told_that_there_is_something_and_not_whom_it_is_about(database: str) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    await stand_in(made, ana, ben)
    (letter,) = await db.rows("SELECT recipient, template, words FROM outbox")
    assert (letter["recipient"], letter["template"]) == (f"peer{number(ben)}@example.org", "peer-update")
    assert "Ana" not in str(letter["words"])


async def test_of_two_who_ask_at_once_for_the_same_days_one_is_told_no(database: str) -> None:
    made = await world.made()
    ana, ben, cara = await at_home(made.peer), await hired(made), await hired(made)
    asked = (
        stand_in(made, ana, ben),
        stand_in(made, ana, cara, by=made.coordinator),
        stand_in(made, ben, cara, by=ben),
    )
    found = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in found if isinstance(each, UnfitFields)]
    assert len(refused) >= 1
    spans = [each.span for each in await covers.covers_of(agency=made.agency, now=NOW)]
    away = {span.away for span in spans}
    assert len(spans) == len(away), "nobody has two who stand in"
    assert not away & {span.stand_in for span in spans}, "whoever stands in is there"


# --- with how many people --------------------------------------------------------------------------------------------


async def test_a_peer_who_goes_with_as_many_as_agreed_gets_no_more_but_by_a_coordinator_who_knows_it(
    database: str,
) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    upi = await with_peer(made, ana)
    await with_peer(made, ben)
    set_most = {"agency": made.agency, "person": number(ben), "now": NOW}
    with pytest.raises(Denied):
        await peers.most_set(**set_most, most=1, version=0, by=ben)  # type: ignore[arg-type]
    with pytest.raises(UnfitFields):
        await peers.most_set(**set_most, most=0, version=0, by=made.coordinator)  # type: ignore[arg-type]
    assert await peers.most_set(**set_most, most=1, version=0, by=made.coordinator)  # type: ignore[arg-type]
    assert not await peers.most_set(**set_most, most=9, version=0, by=made.coordinator)  # type: ignore[arg-type]

    async def moved(by: Actor, *, even_so: bool) -> bool:
        return await client_move(
            upi=upi, peer=number(ben), version=1, by=by, now=NOW, settings=SETTINGS, even_so=even_so
        )

    for by, even_so in ((ana, False), (ana, True), (made.coordinator, False)):
        with pytest.raises(CaseloadFull):
            await moved(by, even_so=even_so)
    assert await moved(made.coordinator, even_so=True)
    ((team),) = await peers.peers_show(by=made.coordinator, now=NOW)
    assert [(each.row.people, each.row.most) for each in team.peers if each.row.id == number(ben)] == [(2, 1)]
    assert await peers.most_set(**set_most, most=None, version=1, by=made.coordinator)  # type: ignore[arg-type]


async def test_a_limit_that_was_taken_away_and_set_again_is_not_overwritten_by_a_page_of_before(database: str) -> None:
    made = await world.made()
    ana = await at_home(made.peer)
    given = {"agency": made.agency, "person": number(ana), "by": made.coordinator, "now": NOW}
    for most, version, is_set in (
        (None, 0, True),
        (3, 0, True),
        (None, 0, False),
        (None, 1, True),
        (4, 0, False),
        (5, 2, True),
        (9, 1, False),
    ):
        assert await peers.most_set(most=most, version=version, **given) is is_set  # type: ignore[arg-type]
    ((team),) = await peers.peers_show(by=made.coordinator, now=NOW)
    assert [(peer.row.most, peer.row.version) for peer in team.peers] == [(5, 3)]
    said = await db.rows("SELECT details FROM audit_entry WHERE action = 'caseload-set' ORDER BY id")
    assert [db.from_json(row["details"])["most"] for row in said] == [3, None, 5]


async def test_all_people_of_a_peer_go_over_a_limit_only_where_a_coordinator_says_even_so(database: str) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    for _ in range(2):
        await with_peer(made, ana)
    await with_peer(made, ben)
    keeps = {"agency": made.agency, "by": made.coordinator, "now": NOW}
    await peers.most_set(person=number(ben), most=2, version=0, **keeps)  # type: ignore[arg-type]
    hand = {"person": number(ana), "to": number(ben)}
    with pytest.raises(CaseloadFull):
        await peers.people_hand_over(**hand, **keeps)  # type: ignore[arg-type]
    assert (await db.rows(f"SELECT COUNT(*) AS n FROM client WHERE peer_id = {number(ana)}"))[0]["n"] == 2
    assert await peers.people_hand_over(**hand, **keeps, even_so=True) == 2  # type: ignore[arg-type]


async def test_whoever_leaves_hands_all_their_people_over_and_a_second_tap_does_nothing(database: str) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    for _ in range(3):
        await with_peer(made, ana)
    hand = {"agency": made.agency, "person": number(ana), "to": number(ben), "now": NOW}
    with pytest.raises(Denied):
        await peers.people_hand_over(**hand, by=ana)  # type: ignore[arg-type]
    assert await peers.people_hand_over(**hand, by=made.coordinator) == 3  # type: ignore[arg-type]
    assert await peers.people_hand_over(**hand, by=made.coordinator) == 0  # type: ignore[arg-type]
    with pytest.raises(UnfitFields):
        await peers.people_hand_over(**(hand | {"to": 1}), by=made.coordinator)  # type: ignore[arg-type]


async def test_the_people_of_a_peer_who_has_left_are_shown_to_a_coordinator_until_they_are_handed_over(
    database: str,
) -> None:
    made, other = await world.made(), await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    await with_peer(made, ana)
    async with db.staging():
        await db.execute(f"UPDATE role_grant SET ended_at = granted_at WHERE person_id = {number(ana)}")
    (team,) = await peers.peers_show(by=made.coordinator, now=NOW)
    assert [(row.id, row.people) for row in team.left] == [(number(ana), 1)]
    assert [each.row.id for each in team.peers] == [number(ben)]
    peer, _everybody = await peers.peer_show(agency=made.agency, person=number(ana), by=made.coordinator, now=NOW)
    assert peer.has_left
    hand = {"agency": made.agency, "person": number(ana), "to": number(ben), "now": NOW}
    for stranger, refusal in ((ben, Denied), (other.coordinator, NotFound)):
        with pytest.raises(refusal):
            await peers.people_hand_over(**hand, by=stranger)  # type: ignore[arg-type]
    assert (await peers.peers_show(by=ben, now=NOW))[0].left == ()
    assert await peers.people_hand_over(**hand, by=made.coordinator) == 1  # type: ignore[arg-type]
    ((team),) = await peers.peers_show(by=made.coordinator, now=NOW)
    assert team.left == ()


async def test_a_peer_sees_themselves_alone_and_a_coordinator_everybody_of_the_agency(database: str) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    (team,) = await peers.peers_show(by=ana, now=NOW)
    assert [each.row.id for each in team.peers] == [number(ana)]
    with pytest.raises(NotFound):
        await peers.peer_show(agency=made.agency, person=number(ben), by=ana, now=NOW)
    (team,) = await peers.peers_show(by=made.coordinator, now=NOW)
    assert {each.row.id for each in team.peers} == {number(ana), number(ben)}


# --- mentors ---------------------------------------------------------------------------------------------------------


async def test_a_mentor_goes_with_a_newer_peer_or_with_a_client_once(database: str) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    upi = await with_peer(made, ana)

    async def paired(person: int | None, upi: str | None) -> bool:
        return await peers.pairing_add(
            agency=made.agency,
            mentor=number(ana),
            person=person,
            upi=upi,
            form=form(),
            by=made.coordinator,
            now=NOW,
            settings=SETTINGS,
        )

    assert await paired(number(ben), None)
    assert not await paired(number(ben), None)
    assert await paired(None, upi)
    for person, number_of in ((number(ana), None), (1, None), (None, "NOBODY"), (None, None)):
        with pytest.raises(UnfitFields):
            await paired(person, number_of)
    (own,) = (await peers.peers_show(by=ben, now=NOW))[0].peers
    (pairing,) = own.pairings
    for _ in range(2):
        await peers.pairing_end(
            agency=made.agency, mentor=number(ana), id=pairing.id, reason="done", by=made.coordinator, now=NOW
        )
    (own,) = (await peers.peers_show(by=ben, now=NOW))[0].peers
    assert own.pairings[0].end_reason == "done"


# --- supervision -----------------------------------------------------------------------------------------------------


async def supervised(made: World) -> tuple[Actor, Actor, int]:
    """A peer, their supervisor, and the number of what the two have together."""
    ana, cora = await at_home(made.peer), await hired(made, Role.COORDINATOR)
    await supervision.supervisor_set(
        agency=made.agency, peer=number(ana), supervisor=number(cora), by=made.coordinator, now=NOW
    )
    (pair,) = await supervision.supervision_show(by=ana, now=NOW, settings=SETTINGS)
    return ana, cora, pair.row.id


async def noted(id: int, by: Actor, words: str = "It was a long week.") -> bool:
    return await supervision.note_write(id=id, words=words, form=form(), by=by, now=NOW, settings=SETTINGS)


async def test_what_a_peer_and_their_supervisor_write_only_the_two_read(database: str) -> None:
    made = await world.made()
    ana, cora, id = await supervised(made)
    assert await supervision.supervisor_of(peer=number(ana), agency=made.agency) == "Ana Reed"
    assert await noted(id, ana)
    for reader in (ana, cora):
        (pair,) = await supervision.supervision_show(by=reader, now=NOW, settings=SETTINGS)
        assert [note.words for note in pair.notes] == ["It was a long week."]
    assert await supervision.supervision_show(by=made.coordinator, now=NOW, settings=SETTINGS) == ()
    for stranger in (made.coordinator, await hired(made)):
        with pytest.raises(NotFound):
            await noted(id, stranger)
    with pytest.raises(Denied):
        await supervision.supervision_show(by=made.clerk, now=NOW, settings=SETTINGS)
    told = str(await db.rows("SELECT * FROM supervision_note")) + str(await db.rows("SELECT * FROM audit_entry"))
    assert "long week" not in told
    with pytest.raises(UnfitFields):
        await noted(id, ana, " ")


async def test_a_new_supervisor_does_not_read_what_was_written_to_the_one_before(database: str) -> None:
    made = await world.made()
    ana, cora, id = await supervised(made)
    await noted(id, ana)
    dora = await hired(made, Role.COORDINATOR)
    await supervision.supervisor_set(
        agency=made.agency, peer=number(ana), supervisor=number(dora), by=made.coordinator, now=NOW
    )
    (pair,) = await supervision.supervision_show(by=dora, now=NOW, settings=SETTINGS)
    assert pair.notes == ()
    with pytest.raises(NotFound):
        await noted(id, cora)
    assert len(await supervision.supervision_show(by=ana, now=NOW, settings=SETTINGS)) == 2


async def test_after_a_heavy_day_a_peer_is_asked_and_only_what_they_send_reaches_their_supervisor(
    database: str,
) -> None:
    made = await world.made()
    ana, cora, _id = await supervised(made)
    async with db.staging():
        for check_in in (1, 1, 2):
            await debriefs.debrief_add(agency=made.agency, person=number(ana), check_in=check_in, now=NOW)
    board = await board_show(filters=Filters(), by=ana, now=NOW, settings=SETTINGS)
    assert board.debriefs == 2
    assert (await board_show(filters=Filters(), by=cora, now=NOW, settings=SETTINGS)).debriefs == 0
    one, two = await supervision.debriefs_waiting(by=ana)

    async def answered(id: int, answer: str, by: Actor = ana) -> bool:
        return await supervision.debrief_answer(id=id, answer=answer, by=by, now=NOW, settings=SETTINGS)

    with pytest.raises(NotFound):
        await answered(one.id, "fine", cora)
    for answer in ("nonsense", "note"):
        with pytest.raises(UnfitFields):
            await answered(one.id, answer)
    assert await answered(one.id, "fine")
    assert await answered(two.id, "talk")
    (pair,) = await supervision.supervision_show(by=cora, now=NOW, settings=SETTINGS)
    assert [(note.asks, note.words) for note in pair.notes] == [(True, "")]
    with pytest.raises(NotFound):
        await answered(one.id, "fine")
    letters = await db.rows("SELECT recipient, template, words FROM outbox")
    assert [(row["recipient"], row["template"]) for row in letters] == [
        (f"peer{number(cora)}@example.org", "peer-update")
    ]


async def test_who_has_no_supervisor_is_told_so_and_asked_again(database: str) -> None:
    made = await world.made()
    ana = await at_home(made.peer)
    async with db.staging():
        await debriefs.debrief_add(agency=made.agency, person=number(ana), check_in=1, now=NOW)
    (asked,) = await supervision.debriefs_waiting(by=ana)
    assert not await supervision.debrief_answer(id=asked.id, answer="talk", by=ana, now=NOW, settings=SETTINGS)
    assert await supervision.debriefs_waiting(by=ana) == (asked,)


# --- leaving ---------------------------------------------------------------------------------------------------------


async def leaves(actor: Actor, role: Role, by: Actor) -> None:
    """Ends a role of somebody who keeps their account."""
    (grant,) = await db.rows(f"SELECT id FROM role_grant WHERE person_id = {number(actor)} AND role = '{role.value}'")
    await grant_end(by=by, id=grant["id"], now=NOW)


SITE = Actor(7, (Grant(Role.ADMINISTRATOR),), NOW + DAY)


async def test_a_supervisor_who_has_left_reads_and_writes_nothing_and_is_not_whom_a_peer_tells(database: str) -> None:
    made = await world.made()
    ana, cora, id = await supervised(made)
    await noted(id, ana)
    await leaves(cora, Role.COORDINATOR, SITE)
    assert await supervision.supervisor_of(peer=number(ana), agency=made.agency) is None
    assert await supervision.supervision_show(by=cora, now=NOW, settings=SETTINGS) == ()
    for writer in (ana, cora):
        with pytest.raises(NotFound):
            await noted(id, writer)
    (pair,) = await supervision.supervision_show(by=ana, now=NOW, settings=SETTINGS)
    assert (pair.row.ended_at, len(pair.notes)) == (NOW, 1), "the peer keeps what they wrote"
    said = await db.rows("SELECT details FROM audit_entry WHERE action = 'supervisor-set' ORDER BY id")
    assert db.from_json(said[-1]["details"]) == {"supervisor": None}


async def test_a_supervision_of_somebody_without_a_role_counts_for_nothing_even_where_nothing_ended_it(
    database: str,
) -> None:
    made = await world.made()
    ana, cora, id = await supervised(made)
    await db.execute(f"UPDATE role_grant SET ended_at = granted_at WHERE person_id = {number(cora)}")
    assert await supervision.supervisor_of(peer=number(ana), agency=made.agency) is None
    assert await supervision.supervision_show(by=cora, now=NOW, settings=SETTINGS) == ()
    with pytest.raises(NotFound):
        await noted(id, ana)


async def test_who_keeps_another_role_in_the_agency_goes_on_supervising(database: str) -> None:
    made = await world.made()
    _ana, cora, id = await supervised(made)
    async with db.staging():
        await grant_add(number(cora), Grant(Role.PEER, made.agency), by="test", now=NOW)
    await leaves(cora, Role.COORDINATOR, SITE)
    assert await noted(id, cora)


async def test_standing_in_ends_with_the_last_role_of_either_and_with_a_closed_account(database: str) -> None:
    made = await world.made()
    ana, ben, cara = await at_home(made.peer), await hired(made), await hired(made)
    await stand_in(made, ana, ben)
    await stand_in(made, cara, ben)
    await leaves(cara, Role.PEER, SITE)
    assert [each.span.away for each in await covers.covers_of(agency=made.agency, now=NOW)] == [number(ana)]
    await person_disable(by="test", email=f"peer{number(ben)}@example.org", now=NOW)
    assert await covers.covers_of(agency=made.agency, now=NOW) == ()
    assert await covers.stood_in_for(by=ben, within=(made.agency,), now=NOW) == frozenset()


# --- trainings -------------------------------------------------------------------------------------------------------


async def test_reminders_go_out_once_at_60_30_and_7_days_however_often_the_job_runs(database: str) -> None:
    made = await world.made()
    ana = await at_home(made.peer)
    assert await learned(made, ana, days=61)
    sent = []
    for days in range(62):
        now = NOW + days * DAY
        sent += [days] * sum(
            await asyncio.gather(*(trainings.trainings_remind(now=now, settings=SETTINGS) for _ in range(2)))
        )
    assert sent == [1, 31, 54]
    rows = await db.rows("SELECT words FROM outbox")
    assert len(rows) == 3
    assert "Overdose" not in str(rows), "a letter does not say what"


async def learned(made: World, person: Actor, days: int, by: Actor | None = None, **changes: object) -> bool:
    given: dict[str, object] = {"kind": "certification", "name": "Overdose first aid", "done_on": TODAY - 300 * DAY}
    return await trainings.training_add(
        agency=made.agency,
        person=number(person),
        expires_on=TODAY + days * DAY,
        form=form(),
        by=by or person,
        now=NOW,
        **(given | changes),  # type: ignore[arg-type]
    )


async def test_what_ended_long_ago_keeps_nobody_from_being_reminded(database: str) -> None:
    made = await world.made()
    ana = await at_home(made.peer)
    for days in (-200, -30, 5):
        await learned(made, ana, days)
    assert [(row.expires_on, row.told) for row in await stored.trainings_ending(TODAY - DAY, TODAY + 61 * DAY)] == [
        (TODAY + 5 * DAY, 0)
    ]
    assert await trainings.trainings_remind(now=NOW, settings=SETTINGS) == 1


async def test_a_training_is_written_down_by_its_holder_or_a_coordinator_and_has_days_that_can_be(
    database: str,
) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    with pytest.raises(NotFound):
        await learned(made, ana, 10, by=ben)
    for changes, field in (
        ({"name": " "}, "name"),
        ({"kind": "x"}, "kind"),
        ({"done_on": TODAY + DAY}, "done"),
        ({"done_on": TODAY, "days": -1}, "expires"),
    ):
        with pytest.raises(UnfitFields) as error:
            await learned(made, ana, **({"days": 10} | changes))  # type: ignore[arg-type]
        assert [each.field for each in error.value.problems] == [field]
    assert await learned(made, ana, 10, by=made.coordinator)
    (own,) = (await peers.peers_show(by=ana, now=NOW))[0].peers
    for _ in range(2):
        await trainings.training_end(agency=made.agency, person=number(ana), id=own.trainings[0].id, by=ana, now=NOW)
    (own,) = (await peers.peers_show(by=ana, now=NOW))[0].peers
    assert own.trainings == ()


# --- a client's mentors ----------------------------------------------------------------------------------------------


async def mentored(made: World, mentor: Actor, client: int) -> None:
    row = await clients.by_id(client)
    assert row is not None
    assert await peers.pairing_add(
        agency=made.agency,
        mentor=number(mentor),
        person=None,
        upi=row.upi,
        form=form(),
        by=made.coordinator,
        now=NOW,
        settings=SETTINGS,
    )


async def test_of_two_clients_who_are_one_person_the_mentors_go_along_each_once(database: str) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    one, other = await twins.twins(made)
    for mentor, client in ((ana, one), (ana, other), (ben, other)):
        await mentored(made, mentor, client)
    await clients_merge(
        pair=await twins.pair_of(one, other),
        keep=one,
        versions=await twins.versions(one, other),
        by=made.coordinator,
        now=NOW,
        settings=SETTINGS,
    )
    found = await db.rows("SELECT client_id, mentor_id FROM pairing ORDER BY mentor_id")
    assert [(row["client_id"], row["mentor_id"]) for row in found] == sorted(
        [(one, number(ana)), (one, number(ben))], key=lambda pair: pair[1]
    )


async def test_with_the_person_their_mentors_go(database: str) -> None:
    made = await world.made()
    ana = await at_home(made.peer)
    client = await world.client(made)
    await mentored(made, ana, client)
    async with db.staging():
        assert await retention.client_clear(client, NOW)
    assert await db.rows("SELECT 1 FROM pairing") == []


# --- in two agencies, and at midnight --------------------------------------------------------------------------------


async def test_whoever_stands_in_with_one_agency_has_no_right_to_what_is_of_the_other(database: str) -> None:
    made, other = await world.made(), await world.made()
    ana = await at_home(Actor(next(numbers), (Grant(Role.PEER, made.agency), Grant(Role.PEER, other.agency))))
    ben = await at_home(Actor(next(numbers), ana.grants))
    here, there = await with_peer(made, ana), await with_peer(other, ana)
    assert await stand_in(made, ana, ben)
    await goals_show(upi=here, by=ben, now=NOW, settings=SETTINGS)
    with pytest.raises(NotTheirPeer):
        await goals_show(upi=there, by=ben, now=NOW, settings=SETTINGS)
    cards = {team.agency: team.peers[0] for team in await peers.peers_show(by=ana, now=NOW)}
    assert {agency: len(peer.covers) for agency, peer in cards.items()} == {made.agency: 1, other.agency: 0}


@pytest.mark.parametrize(("hours", "is_in"), [(-1, False), (1, True), (23, True), (25, False)])
async def test_a_day_of_standing_in_is_one_of_the_agencys_calendar(database: str, hours: int, *, is_in: bool) -> None:
    """Chicago is six hours behind UTC in winter: its day begins and ends at 6:00 UTC."""
    made = await world.made()
    async with db.staging():
        await db.execute(f"UPDATE agency SET timezone = 'America/Chicago' WHERE id = {made.agency}")
    ana, ben = await at_home(made.peer), await hired(made)
    upi = await with_peer(made, ana)
    assert await stand_in(made, ana, ben, begin=1, end=1)
    now = datetime.combine(TODAY + DAY, time(6), UTC) + timedelta(hours=hours)
    try:
        await goals_show(upi=upi, by=ben, now=now, settings=SETTINGS)
        seen = True
    except NotTheirPeer:
        seen = False
    assert seen is is_in
    assert (await covers.stood_in_for(by=ben, within=(made.agency,), now=now) == {number(ana)}) is is_in


async def test_a_peer_whose_account_was_closed_is_chosen_for_nothing_and_their_people_are_to_be_handed_over(
    database: str,
) -> None:
    made = await world.made()
    ana, ben = await at_home(made.peer), await hired(made)
    await with_peer(made, ben)
    await db.execute(f"UPDATE person SET disabled_at = created_at WHERE id = {number(ben)}")
    (team,) = await peers.peers_show(by=made.coordinator, now=NOW)
    assert [each.row.id for each in team.peers] == [number(ana)]
    assert [each.id for each in team.left] == [number(ben)]
    with pytest.raises(UnfitFields):
        await stand_in(made, ana, ben)
