"""The page of somebody who waits, as their peer sees it: what is next, why they stand where they stand, and what is kept about them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from directory.domain.access import Role
from directory.services.waitlist import offers, slots
from directory.services.waitlist.entries import entry_join
from directory.storage import db
from directory.storage.waitlist import contacts, estimates
from tests.pages import checked, words
from tests.services.waitlist import agency
from tests.services.waitlist import world as small
from tests.services.waitlist.agency import CALLED, NAME, PHONE
from tests.services.waitlist.world import NOW
from tests.web.test_openings import sent_back
from tests.web.waitlist.persons import SETTINGS, Keeping

HOUR = timedelta(hours=1)


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_names_nobody_in_its_title_and_somebody_in_its_body(keeper: Keeping, language: str) -> None:
    entry = keeper.joined()
    page = keeper.browser.page(f"/clients/{entry.upi}", language=language)
    title = words(page.all("title")[0])
    assert not any(each in title for each in (CALLED, NAME, entry.upi))
    assert CALLED in page.text
    assert PHONE in page.text
    assert page.response.headers["cache-control"] == "no-store"
    assert NAME not in page.response.request.url.path


def test_one_next_thing_stands_on_top_and_it_is_that_of_the_board(keeper: Keeping) -> None:
    entry = keeper.joined(injecting_30d="yes")
    page = keeper.person(entry)
    panel = words(page.one("section", class_="panel"))
    assert "Services for the wait are not offered yet" in panel
    (main,) = page.all("a", class_="main")
    assert main.get("href", "").startswith(f"/clients/{entry.upi}")


def test_nothing_is_due_for_somebody_whose_lines_are_over_and_taking_them_on_is_done(keeper: Keeping) -> None:
    entry = keeper.joined(injecting_30d="yes")
    keeper.does(entry, "close", close_reason="withdrew")
    panel = words(keeper.person(entry).one("section", class_="panel"))
    assert "Nothing is due now." in panel
    assert "Taking on is not finished" not in panel


def test_a_place_is_told_with_its_rules_facts_and_dates(keeper: Keeping) -> None:
    """45 CFR 96.126(b), 96.131(a)."""
    first = keeper.joined(pregnant="yes")
    entry = keeper.joined(injecting_30d="yes")
    text = words(keeper.person(entry).one("li", id=f"place-{entry.id}"))
    assert "Place 2 of 2." in text
    assert "Group 3: Injected in the last 30 days. The rule: 45 CFR 96.131(a)" in text
    assert "Injected in the last 30 days: yes, told by themselves on Mar 2, 2026." in text
    assert "Within a group, who asked first goes first." in text
    assert "14 days" in text
    assert "nobody checked on the day of the request that no program had room" in text
    other = words(keeper.person(first).one("li", id=f"place-{first.id}"))
    assert "Place 1 of 2." in other
    assert "Goes before others." in other


def test_the_page_says_beside_the_place_what_the_persons_own_page_says(keeper: Keeping) -> None:
    """WAITLIST 2.3: the peer counts everybody before somebody now, the client's page says what was worked out in the morning."""
    entry = keeper.joined()
    keeper.run(told, entry=entry.id)
    text = words(keeper.person(entry).one("li", id=f"place-{entry.id}"))
    assert "Place 1 of 1. Their own page says: “You are number 12 of 18.”" in text


async def told(entry: int) -> None:
    async with db.staging():
        await estimates.standings_put([estimates.Told(entry, 9, ahead=11, waiting=18)], NOW.date())


def test_what_is_not_known_is_said_to_take_no_place(keeper: Keeping) -> None:
    entry = keeper.joined()
    text = words(keeper.person(entry).one("li", id=f"place-{entry.id}"))
    assert "What is not known gives no place before others, and takes none." in text


def test_an_open_opening_says_whether_it_fits_and_of_what_that_is_not_known(keeper: Keeping) -> None:
    entry = keeper.joined(sex="male")
    for rules in ((("payer", ("medicaid",)),), (("sex", ("female",)),), ()):
        keeper.run(slots.slot_open, level=keeper.made.level, restrictions=rules, by=keeper.made.clerk, now=NOW)
    text = words(keeper.person(entry).one("li", id=f"place-{entry.id}"))
    assert "We cannot tell, since this is not known: Ways to pay." in text
    assert "It does not fit: Woman or man." in text
    assert "It fits." in text


def test_an_offer_of_now_stands_there_until_when_it_holds(keeper: Keeping) -> None:
    offer = keeper.run(agency.offered, made=keeper.made, settings=SETTINGS)
    page = keeper.browser.page(f"/clients/{keeper.upi_of(offer)}")
    assert f"/offers/{offer}" in page.links().values()
    assert "It holds until Mar 2, 2026, 7 pm." in page.text


def test_an_offer_whose_time_is_over_ends_as_the_page_is_opened_and_stays_in_sight(keeper: Keeping) -> None:
    offer = keeper.run(agency.offered, made=keeper.made, settings=SETTINGS, now=NOW - 5 * HOUR)
    page = keeper.browser.page(f"/clients/{keeper.upi_of(offer)}")
    assert "Nobody answered in time" in page.text
    assert "Nobody answered the offer in time; the place was kept" in page.text
    assert f"/offers/{offer}" in page.links().values()


def test_every_look_at_a_person_stands_in_the_access_log_by_number_alone(keeper: Keeping) -> None:
    entry = keeper.joined()
    keeper.person(entry)
    keeper.browser.page(f"/clients/{entry.upi}/copy")
    keeper.place(entry)
    found = keeper.rows(f"SELECT details FROM access_entry WHERE subject = 'client {entry.upi}' ORDER BY id")
    assert [row["details"] for row in found] == ['{"part":"page"}', '{"part":"copy"}', '{"part":"place"}']


def test_nobody_of_another_agency_and_no_editor_sees_the_person(keeper: Keeping) -> None:
    entry = keeper.joined()
    other = keeper.browser.run(small.made, keeper.browser.staff.there)
    there = keeper.browser.run(agency.somebody, other, SETTINGS)
    (row,) = keeper.rows(f"SELECT upi FROM client WHERE id = {there}")
    keeper.browser.page(f"/clients/{row['upi']}", 404)
    keeper.browser.becomes(Role.EDITOR)
    keeper.browser.page(f"/clients/{entry.upi}", 403)


def test_an_entry_of_somebody_else_is_not_reached_through_another_persons_address(keeper: Keeping) -> None:
    one, other = keeper.joined(), keeper.joined()
    keeper.browser.page(f"/clients/{one.upi}/places/{other.id}", 404)
    assert keeper.browser.send(f"/clients/{one.upi}/places/{other.id}/resume").status_code == 404
    assert keeper.browser.send(f"/clients/{one.upi}/places/{one.id}/vanish").status_code == 404


# --- what is noted ---------------------------------------------------------------------------------------------------


def test_a_contact_is_noted_from_the_page_and_a_second_tap_notes_nothing(keeper: Keeping) -> None:
    entry = keeper.joined(injecting_30d="yes")
    address = f"/clients/{entry.upi}/contact"
    form = sent_back(keeper.person(entry), address) | {
        "route": "call",
        "outcome": "reached",
        "note": "Prefers mornings",
    }
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)) == f"/clients/{entry.upi}?done=talked"
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)) == f"/clients/{entry.upi}?done=before"
    page = keeper.person(entry, "talked")
    assert "Now that you talk, ask again: Injected in the last 30 days." in page.text
    assert page.text.count("Prefers mornings") == 1


def test_what_came_of_a_contact_is_chosen_and_never_set_before(keeper: Keeping) -> None:
    entry = keeper.joined()
    address = f"/clients/{entry.upi}/contact"
    form = sent_back(keeper.person(entry), address)
    assert form.get("outcome", "") == ""
    assert keeper.browser.send(address, **form).status_code == 422


async def asked_to_be_called(client: int) -> None:
    async with db.staging():
        await contacts.attempt_add(client=client, route="status", outcome="call-me", by="client", now=NOW)
        await contacts.attempt_add(client=client, route="call", outcome="no-answer", by="person 1", now=NOW)


def test_where_somebody_asked_to_be_called_the_form_for_it_stands_open(keeper: Keeping) -> None:
    entry = keeper.joined()
    keeper.browser.run(asked_to_be_called, entry.client)
    page = keeper.person(entry)
    assert "open" in page.one("details", id="note-one").attrib
    assert "Own page: Asked on their own page to be called" in page.text


def test_a_contact_that_cannot_be_is_said_at_its_field_and_its_words_are_kept(keeper: Keeping) -> None:
    entry = keeper.joined()
    address = f"/clients/{entry.upi}/contact"
    form = sent_back(keeper.browser.page(address), address) | {"outcome": "shouted", "note": "x" * 501}
    page = checked(keeper.browser.send(address, **form))
    assert page.response.status_code == 422
    assert "Choose one of these." in words(page.one("p", id="outcome-mistake"))
    assert "500 characters" in words(page.one("p", id="note-mistake"))
    assert "x" * 501 in page.text


def test_services_for_the_wait_are_noted_all_at_once_and_offering_is_what_counts(keeper: Keeping) -> None:
    """45 CFR 96.121, 96.126(b)(2)."""
    entry = keeper.joined(injecting_30d="yes")
    address = f"/clients/{entry.upi}/interim"
    page = keeper.browser.page(address)
    assert "To be offered by Mar 4, 2026" in page.text
    assert checked(keeper.browser.send(address, **sent_back(page, address))).response.status_code == 422
    items = [name for name in sent_back(page, address) if name.startswith("item-")]
    assert len(items) == 5 + 4
    given = dict.fromkeys(items[:5], "offered") | {items[0]: "declined"}
    form = sent_back(page, address) | given
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)).endswith("?done=noted")
    text = keeper.person(entry).text
    assert "All were offered in time, by Mar 4, 2026" in text
    assert "Offered, said no" in text
    assert "Services for the wait are not offered yet" not in text


def test_what_was_told_in_an_emergency_is_written_down_with_its_four_things(keeper: Keeping) -> None:
    """42 CFR 2.51."""
    entry = keeper.joined()
    address = f"/clients/{entry.upi}/emergency"
    form = sent_back(keeper.browser.page(address), address)
    page = checked(keeper.browser.send(address, **form))
    assert page.response.status_code == 422
    for field in ("to", "facility", "who", "nature"):
        assert "Fill this in." in words(page.one("p", id=f"{field}-mistake"))
    form |= {"to": "Dr. Lark", "facility": "Marsh Hospital", "who": "Ana Reed", "nature": "Overdose", "scope": "name"}
    late = checked(keeper.browser.send(address, **form | {"at": "2030-01-01T10:00"}))
    assert "Write a day and a time that have passed." in late.text
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)).endswith("?done=noted")
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)).endswith("?done=before")
    text = keeper.person(entry).text
    assert "To Dr. Lark: who they are" in text
    assert "medical emergency · Marsh Hospital · Overdose · Ana Reed" in text


# --- what the client may do ------------------------------------------------------------------------------------------


def test_a_consent_that_is_taken_back_ends_the_offer_and_keeps_the_place(keeper: Keeping) -> None:
    """42 CFR 2.31(a)(6), 2.31(c)."""
    offer = keeper.run(agency.offered, made=keeper.made, settings=SETTINGS)
    client = keeper.run(agency.client_of, offer=offer)
    (row,) = keeper.rows(f"SELECT c.upi, n.id FROM client c JOIN consent n ON n.client_id = c.id WHERE c.id = {client}")
    page = keeper.browser.page(f"/clients/{row['upi']}")
    assert "Holds" in page.text
    answer = keeper.browser.send(f"/clients/{row['upi']}/consents/revoke", id=str(row["id"]))
    assert keeper.browser.is_sent_to(answer).endswith("?done=revoked")
    page = keeper.browser.page(f"/clients/{row['upi']}?done=revoked")
    assert "Nothing more is told on this consent." in page.text
    assert "Taken back on Mar 2, 2026" in page.text
    (place,) = keeper.rows(f"SELECT status FROM entry WHERE client_id = {client}")
    assert place["status"] == "waiting"


def test_a_consent_is_not_taken_back_at_the_address_of_somebody_else(keeper: Keeping) -> None:
    """42 CFR 2.31(a)(6): at this client's word."""
    offer, other = keeper.run(agency.offered, made=keeper.made, settings=SETTINGS), keeper.joined()
    client = keeper.run(agency.client_of, offer=offer)
    (row,) = keeper.rows(f"SELECT id FROM consent WHERE client_id = {client}")
    assert keeper.browser.send(f"/clients/{other.upi}/consents/revoke", id=str(row["id"])).status_code == 404
    assert keeper.rows(f"SELECT revoked_at FROM consent WHERE id = {row['id']}") == [{"revoked_at": None}]


def test_the_copy_for_the_client_has_all_that_is_kept_in_plain_words(keeper: Keeping) -> None:
    entry = keeper.joined(pregnant="yes")
    address = f"/clients/{entry.upi}/contact"
    form = sent_back(keeper.person(entry), address) | {"outcome": "word-left", "note": "Left word with the desk"}
    keeper.browser.send(address, **form)
    page = keeper.browser.page(f"/clients/{entry.upi}/copy")
    assert not any(theirs in page.text for theirs in ("They asked on", "they are to be admitted", "call the State"))
    for said in (
        NAME,
        "May 7, 1991",
        PHONE,
        "Pregnant: yes",
        "You asked on",
        "Left word with the desk",
        "Joined the line",
        entry.upi,
    ):
        assert said in page.text
    assert not any(name in words(page.all("title")[0]) for name in (NAME, CALLED))


def test_somebody_goes_on_with_another_peer_of_the_agency_alone(keeper: Keeping) -> None:
    entry = keeper.joined()
    address = f"/clients/{entry.upi}/peer"
    form = sent_back(keeper.person(entry), address)
    peer = str(keeper.browser.staff.people[Role.COORDINATOR].id)
    stranger = str(keeper.browser.staff.people[Role.ADMINISTRATOR].id)
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form | {"peer": stranger})).endswith("=newer")
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form | {"peer": peer})).endswith("=moved")
    (row,) = keeper.rows(f"SELECT peer_id, version FROM client WHERE id = {entry.client}")
    assert str(row["peer_id"]) == peer
    taken = {"peer": str(keeper.made.peer.person), "version": str(row["version"])}
    answer = keeper.browser.send(address, **taken)
    assert keeper.browser.is_sent_to(answer).endswith("=not-theirs-to-move")
    page = keeper.person(entry, "not-theirs-to-move")
    assert "Somebody goes with them already" in page.text
    assert "or a coordinator to change that." in page.text
    assert not page.all("select", id="peer")
    assert keeper.rows(f"SELECT peer_id FROM client WHERE id = {entry.client}") == [{"peer_id": int(peer)}]


def test_who_was_written_down_twice_is_shown_where_they_are_kept(keeper: Keeping) -> None:
    one, other = keeper.joined(), keeper.joined()

    async def merge() -> None:
        await db.execute(f"UPDATE client SET merged_into_id = {one.client} WHERE id = {other.client}")

    keeper.browser.run(merge)
    answer = keeper.browser.client.get(f"/clients/{other.upi}")
    assert keeper.browser.is_sent_to(answer) == f"/clients/{one.upi}"


def test_a_second_line_is_told_beside_the_first(keeper: Keeping) -> None:
    entry = keeper.joined()
    other = keeper.browser.run(small.made, keeper.browser.staff.here)
    keeper.browser.run(
        partial(entry_join, client=entry.client, pool=other.pool, tie=1, by=keeper.made.peer, now=NOW + HOUR)
    )
    assert len(keeper.person(entry).all("li", class_="card")) == 2


def test_who_has_a_place_is_not_urged_to_wait(keeper: Keeping) -> None:
    offer = keeper.run(agency.offered, made=keeper.made, settings=SETTINGS, accepted=True)
    keeper.run(offers.offer_admit, offer=offer, by=keeper.made.clerk, now=NOW, settings=SETTINGS)
    page = keeper.browser.page(f"/clients/{keeper.upi_of(offer)}")
    assert "Has a place" in page.text
    assert "Was admitted" in page.text
