"""The board, the list of calls and the search over real rows: whose people they show, why, and what they leave in the access log."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.waitlist.board import Why
from directory.domain.waitlist.clocks import INTERIM
from directory.domain.waitlist.routes import Way
from directory.domain.waitlist.states import Entry
from directory.domain.waitlist.tiers import FEDERAL, PriorityTier, Rules, fingerprint, rules_text
from directory.services.waitlist import board, codes, offers, search, slots
from directory.services.waitlist.board import ALL, MINE, PAGE, Board, Filters
from directory.storage import db
from directory.storage.waitlist import contacts, interim, rules
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.boards import somebody
from tests.services.waitlist.world import NOW, TODAY, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def seen(made: World, *, by: Actor | None = None, now: Any = NOW, **asked: Any) -> Board:
    return await board.board_show(filters=Filters(**asked), by=by or made.peer, now=now, settings=SETTINGS)


def reasons(found: Board) -> list[tuple[str, list[Why]]]:
    return [(card.called, [line.why for line in card.lines]) for card in found.cards]


async def logged(action: str) -> list[Any]:
    rows = await db.rows(f"SELECT by, subject, details FROM access_entry WHERE action = '{action}' ORDER BY id")
    return [(row["by"], row["subject"], db.from_json(row["details"])) for row in rows]


# --- the board -------------------------------------------------------------------------------------------------------


async def test_people_stand_in_the_order_of_what_is_urgent_and_who_needs_nothing_comes_last(database: str) -> None:
    made = await world.made()
    await somebody(made, "Calm")
    await somebody(made, "Injects", injecting_30d="yes")
    await somebody(made, "Expects", pregnant="yes")
    await somebody(made, "Begun", joins=False)
    found = await seen(made)
    assert [(name, why[:1]) for name, why in reasons(found)] == [
        ("Begun", [Why.TAKING_ON]),
        ("Expects", [Why.PREGNANT]),
        ("Injects", [Why.INTERIM]),
        ("Calm", []),
    ]
    assert (found.whose, found.people, found.due) == (MINE, 4, 3)
    assert found.counts == {Why.TAKING_ON: 1, Why.PREGNANT: 1, Why.INTERIM: 2, Why.ADMIT_LATER: 1}
    assert await board.board_waiting(by=made.peer, now=NOW) == 3


async def test_ones_own_people_come_before_those_of_the_agency_and_those_of_others_never(database: str) -> None:
    made, other = await world.made(), await world.made()
    await somebody(made, "Calm")
    await somebody(made, "Urgent", mine=False, pregnant="yes")
    await somebody(other, "Elsewhere", pregnant="yes")
    assert [name for name, _ in reasons(await seen(made))] == ["Calm"]
    assert [(card.called, card.is_mine) for card in (await seen(made, whose=ALL)).cards] == [
        ("Calm", True),
        ("Urgent", False),
    ]
    assert [name for name, _ in reasons(await seen(made, by=made.coordinator))] == ["Urgent", "Calm"], (
        "who goes with nobody"
    )
    assert await board.board_waiting(by=made.coordinator, now=NOW) == 1


@pytest.mark.parametrize("role", [Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR])
async def test_nobody_but_peers_and_coordinators_sees_a_board(database: str, role: Role) -> None:
    made = await world.made()
    await somebody(made)
    by = Actor(99, (Grant(role, made.agency if role is Role.EDITOR else None),))
    with pytest.raises(Denied):
        await seen(made, by=by)
    with pytest.raises(Denied):
        await board.calls_show(whose="", by=by, now=NOW, settings=SETTINGS)
    with pytest.raises(Denied):
        await search.client_search(words="Ana", by=by, now=NOW, settings=SETTINGS)


async def test_the_filters_show_one_reason_or_one_line(database: str) -> None:
    made = await world.made()
    await somebody(made, "Injects", injecting_30d="yes")
    await somebody(made, "Alone", consent=False)
    found = await seen(made, why=Why.CONSENT)
    assert reasons(found) == [("Alone", [Why.CONSENT])]
    assert found.counts[Why.INTERIM] == 1, "the others are counted still"
    assert [name for name, _ in reasons(await seen(made, pool=made.pool))] == ["Injects", "Alone"]
    assert reasons(await seen(made, pool=made.pool + 1000)) == []


async def test_what_was_done_is_due_no_more(database: str) -> None:
    """45 CFR 96.126(b)(2): offered is what counts."""
    made = await world.made()
    client = await somebody(made, injecting_30d="yes")
    async with db.staging():
        await interim.items_add(client, dict.fromkeys(INTERIM, "declined"), by="test", now=NOW + HOUR)
        await contacts.attempt_add(client=client, route="status", outcome="call-me", by="client", now=NOW + HOUR)
    assert reasons(await seen(made, now=NOW + 2 * HOUR)) == [("Ana", [Why.CALL_ME, Why.ADMIT_LATER])]
    async with db.staging():
        await contacts.attempt_add(client=client, route="call", outcome="reached", by="test", now=NOW + 3 * HOUR)
    assert reasons(await seen(made, now=NOW + 4 * HOUR)) == [("Ana", [Why.ADMIT_LATER])]


async def test_a_contact_is_due_after_the_days_of_the_line_and_a_try_does_not_end_that(database: str) -> None:
    made = await world.made()
    client = await somebody(made)
    async with db.staging():
        await db.execute(f"UPDATE pool SET contact_days = 5 WHERE id = {made.pool}")
        await contacts.attempt_add(client=client, route="call", outcome="no-answer", by="test", now=NOW + DAY)
    assert reasons(await seen(made, now=NOW + 5 * DAY - HOUR)) == [("Ana", [])]
    (card,) = (await seen(made, now=NOW + 5 * DAY)).cards
    assert [(line.why, line.codes) for line in card.lines] == [(Why.CONTACT, ("tried",))]


async def test_an_offer_whose_time_is_over_ends_when_somebody_looks(database: str) -> None:
    """WAITLIST 3.3: lazy expiry on read; the place is kept, and a contact is due."""
    made = await world.made()
    await somebody(made)
    slot = await slots.slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW)
    (row,) = await db.rows(f"SELECT id FROM entry WHERE pool_id = {made.pool}")
    await offers.offer_make(slot=slot, entry=row["id"], by=made.peer, now=NOW, settings=SETTINGS)
    held = await seen(made, now=NOW + HOUR)
    assert reasons(held) == [("Ana", [Why.OFFER])]
    over = await seen(made, now=NOW + world.WINDOW * timedelta(minutes=1))
    assert reasons(over) == [("Ana", [Why.CONTACT])]
    assert over.cards[0].places[0].status is Entry.WAITING


async def test_whoever_said_yes_is_expected_and_then_asked_after(database: str) -> None:
    made = await world.made()
    await somebody(made)
    slot = await slots.slot_open(
        level=made.level, restrictions=(), by=made.clerk, now=NOW, free_on=TODAY + timedelta(days=3)
    )
    (row,) = await db.rows(f"SELECT id FROM entry WHERE pool_id = {made.pool}")
    offer = await offers.offer_make(slot=slot, entry=row["id"], by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW + HOUR, settings=SETTINGS)
    assert reasons(await seen(made, now=NOW + DAY)) == [("Ana", [Why.TO_ARRIVE])]
    assert reasons(await seen(made, now=NOW + 3 * DAY)) == [("Ana", [Why.ARRIVAL])]


async def test_what_the_rules_of_a_line_want_is_told_by_its_tier(database: str) -> None:
    """WAITLIST 1.4: a State's own tier has its own hours."""
    made = await world.made()
    own = PriorityTier(4, "overdose", "Risk of an overdose", ("overdose-risk",), target_hours=72, citation="invented")
    text = rules_text(Rules((*FEDERAL, own)))
    async with db.staging():
        id = await rules.version_add(made.pool, text, fingerprint(text), by="test", now=NOW)
        await db.execute(f"UPDATE pool SET rules_id = {id} WHERE id = {made.pool}")
    await somebody(made, "Ana", overdose_risk="yes")
    await somebody(made, "Ben")
    (card, calm) = (await seen(made)).cards
    assert [(line.why, line.codes, line.at) for line in card.lines] == [(Why.ADMIT_BY, ("own", "72"), NOW + 3 * DAY)]
    assert calm.lines == ()


async def test_a_board_comes_by_pages(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await world.made()
    for number in range(3):
        await somebody(made, f"Ana {number}")
    monkeypatch.setattr(board, "PAGE", 2)
    first, second = await seen(made), await seen(made, page=2)
    assert [len(first.cards), len(second.cards)] == [2, 1]
    assert first.people == 3
    assert {card.upi for card in first.cards}.isdisjoint(card.upi for card in second.cards)
    assert PAGE == 60


async def test_a_board_that_cannot_look_at_everybody_says_so(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await world.made()
    await somebody(made, "Ana")
    await somebody(made, "Ben")
    assert not (await seen(made)).is_cut
    monkeypatch.setattr(board.storage, "MOST", 1)
    found = await seen(made)
    assert ([card.called for card in found.cards], found.is_cut) == (["Ana"], True)


async def test_a_board_takes_as_many_statements_for_twenty_people_as_for_one(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    made, counted = await world.made(), []
    for number in range(1, 21):
        await somebody(made, f"Ana {number}", injecting_30d="yes")
        if number in (1, 20):
            caplog.clear()
            with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
                assert len((await seen(made)).cards) == number
            counted.append(len(caplog.records))
    assert counted[0] == counted[1] <= 12


async def test_that_somebody_looked_is_logged_by_counts_and_numbers_alone(database: str) -> None:
    made = await world.made()
    await somebody(made, "Ana", ways=[Way("call", "555-0100")], injecting_30d="yes")
    await seen(made)
    await board.calls_show(whose="", by=made.peer, now=NOW, settings=SETTINGS)
    (card,) = (await seen(made)).cards
    assert (await logged("see-board"))[0] == (made.peer.label, "clients", {"shown": 1, "whose": MINE})
    assert await logged("see-calls") == [(made.peer.label, "clients", {"people": [card.upi]})]


# --- calls -----------------------------------------------------------------------------------------------------------


async def test_the_list_of_calls_has_numbers_and_what_is_safe_and_no_reason(database: str) -> None:
    made = await world.made()
    await somebody(made, "Calm")
    await somebody(
        made,
        "Ana",
        injecting_30d="yes",
        ways=[Way("call", "555-0101", "after 6", "Ask for Ana", may_leave_word=True), Way("email", "ana@example.org")],
    )
    await somebody(made, "Ben", consent=False, ways=[Way("text", "555-0102", is_shared=True)])
    found = await board.calls_show(whose="", by=made.peer, now=NOW, settings=SETTINGS)
    assert [call.called for call in found] == ["Ana", "Ben"]
    (phone,) = found[0].telephones
    assert (phone.number, phone.times, phone.note) == ("555-0101", "after 6", "Ask for Ana")
    assert (phone.may_leave_word, phone.is_shared, phone.is_text) == (True, False, False)
    assert [(each.is_shared, each.is_text) for each in found[1].telephones] == [(True, True)]
    assert not hasattr(found[0], "lines")


# --- search ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("reed", "name"),
        ("Maria  REED", "name"),
        ("Ána", "name"),
        ("(555) 555-0103", "phone"),
        ("5555550103", "phone"),
        ("Ana@Example.org", "email"),
    ],
)
async def test_somebody_is_found_by_whole_words_numbers_and_addresses(database: str, words: str, kind: str) -> None:
    made = await world.made()
    ways = [Way("call", "555-555-0103"), Way("email", "ana@example.org")]
    await somebody(made, "Ana", name="Ana María Reed", born=date(1990, 5, 1), ways=ways)
    await somebody(made, "Ben", name="Ben Marsh")
    found = await search.client_search(words=words, by=made.peer, now=NOW, settings=SETTINGS)
    assert (found.kind, [(hit.called, hit.name) for hit in found.hits]) == (kind, [("Ana", "Ana María Reed")])
    (line,) = found.hits[0].lines
    assert line[1] is Entry.WAITING
    assert await logged("search-clients") == [(made.peer.label, "clients", {"kind": kind, "hits": 1})]


async def test_a_search_that_finds_too_many_says_that_there_are_more(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await world.made()
    for name in ("Ana Reed", "Ben Reed"):
        await somebody(made, name.split()[0], name=name)
    monkeypatch.setattr(search, "MOST", 1)
    found = await search.client_search(words="reed", by=made.peer, now=NOW, settings=SETTINGS)
    assert (len(found.hits), found.is_more) == (1, True)


async def test_somebody_is_found_by_their_own_number_here(database: str) -> None:
    made = await world.made()
    await somebody(made, "Ana")
    (card,) = (await seen(made)).cards
    found = await search.client_search(words=card.upi.lower(), by=made.peer, now=NOW, settings=SETTINGS)
    assert (found.kind, [hit.upi for hit in found.hits]) == ("number", [card.upi])


async def test_nobody_is_found_by_the_code_on_their_card(database: str) -> None:
    """WAITLIST 4.2: that is theirs alone."""
    made = await world.made()
    client = await somebody(made, "Ana")
    code = await codes.code_issue(client=client, by=made.peer, now=NOW, settings=SETTINGS)
    found = await search.client_search(words=code, by=made.peer, now=NOW, settings=SETTINGS)
    assert found.hits == ()


async def test_people_of_another_agency_are_not_found_nor_told_of(database: str) -> None:
    """42 CFR 2.13(c): nobody learns whether a person is on a list."""
    made, other = await world.made(), await world.made()
    await somebody(other, "Ana", name="Ana Reed")
    (card,) = (await seen(other)).cards
    for words in ("reed", card.upi):
        found = await search.client_search(words=words, by=made.peer, now=NOW, settings=SETTINGS)
        assert (found.hits, found.is_more) == ((), False)


@pytest.mark.parametrize("words", ["", "  ", "12", "@", "-"])
async def test_what_can_find_nobody_is_said_and_not_logged(database: str, words: str) -> None:
    made = await world.made()
    found = await search.client_search(words=words, by=made.peer, now=NOW, settings=SETTINGS)
    assert (found.kind, found.hits) == ("", ())
    assert await logged("search-clients") == []
