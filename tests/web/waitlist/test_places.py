"""One place in line on its page: pausing, ending and giving it back, each in a small form that says what it does."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from directory.domain.waitlist.states import Entry
from directory.services.waitlist import slots
from directory.storage import db
from directory.storage.waitlist import contacts
from tests.pages import checked, words
from tests.services.waitlist.world import NOW
from tests.web.test_openings import sent_back
from tests.web.waitlist.persons import Keeping


def test_a_pause_is_set_told_and_ended_on_the_page_and_the_place_is_kept(keeper: Keeping) -> None:
    entry = keeper.joined()
    address = f"/clients/{entry.upi}/places/{entry.id}"
    form = sent_back(keeper.place(entry), f"{address}/hold") | {"hold_reason": "hospital"}
    assert form["review_on"] == "2026-03-16"
    assert keeper.browser.is_sent_to(keeper.does(entry, "hold", **form)) == f"{address}?done=held"
    page = keeper.browser.page(f"{address}?done=held")
    assert "Paused: In hospital. To be looked at again on Mon 16 Mar." in page.text
    assert keeper.browser.is_sent_to(keeper.does(entry, "hold", **form)).endswith("?done=no-such-move")
    assert keeper.browser.is_sent_to(keeper.does(entry, "resume")).endswith("?done=resumed")
    after = keeper.entry(entry)
    assert (after.status, after.requested_at) == (Entry.WAITING, entry.requested_at)


@pytest.mark.parametrize(("day", "sentence"), [("2026-03-17", "14 days from now"), ("soon", "Write a day, such as")])
def test_a_pause_that_is_too_long_is_said_at_its_field(keeper: Keeping, day: str, sentence: str) -> None:
    entry = keeper.joined()
    page = checked(keeper.does(entry, "hold", hold_reason="custody", review_on=day))
    assert page.response.status_code == 422
    assert sentence in words(page.one("p", id="review_on-mistake"))
    assert "open" in page.one("details", id="do-hold").attrib
    again = sent_back(page, f"/clients/{entry.upi}/places/{entry.id}/hold")
    assert again == {"hold_reason": "custody", "review_on": day}


def test_an_end_needs_a_reason_and_no_to_an_offer_is_none(keeper: Keeping) -> None:
    """WAITLIST 3.2."""
    entry = keeper.joined()
    assert "Saying no to an offer is no reason" in keeper.place(entry).text
    page = checked(keeper.does(entry, "close", close_reason=""))
    assert "Choose one of these." in words(page.one("p", id="close_reason-mistake"))
    for reason in ("declined", "cannot-locate", "merged"):
        answer = keeper.does(entry, "close", close_reason=reason)
        assert keeper.browser.is_sent_to(answer).endswith("?done=unfit-reason")
    assert keeper.browser.is_sent_to(keeper.does(entry, "close", close_reason="withdrew")).endswith("?done=closed")
    assert keeper.entry(entry).close_reason == "withdrew"
    assert "The place ended: Does not want a place any more (their own choice)" in keeper.person(entry).text


def test_a_place_that_ended_is_given_back_and_says_with_which_clock(keeper: Keeping) -> None:
    """45 CFR 96.126(d)."""
    entry = keeper.joined()
    keeper.does(entry, "close", close_reason="in-error")
    page = keeper.place(entry)
    assert "with the old clock, as if they had never left" in page.text
    form = sent_back(page, f"/clients/{entry.upi}/places/{entry.id}/reinstate") | {"back_reason": "came-back"}
    assert keeper.browser.is_sent_to(keeper.does(entry, "reinstate", **form)).endswith("?done=back")
    assert keeper.browser.is_sent_to(keeper.does(entry, "reinstate", **form)).endswith("?done=no-such-move")
    assert "The place was given back, with the old clock" in keeper.person(entry).text


def test_an_older_day_is_asked_of_a_second_person_and_changes_nothing_before(keeper: Keeping) -> None:
    """WAITLIST 3.2."""
    entry = keeper.joined()
    for day, field in (("2026-03-03", "asked_on"), ("2020-01-01", "asked_on"), ("never", "asked_on")):
        page = checked(keeper.does(entry, "older", asked_on=day, older_reason="old-list"))
        assert page.all("p", id=f"{field}-mistake")
    answer = keeper.does(entry, "older", asked_on="2026-02-20", older_reason="old-list", older_note="List of Jan")
    assert keeper.browser.is_sent_to(answer).endswith("?done=asked")
    assert keeper.entry(entry).requested_at == entry.requested_at
    (word,) = keeper.rows(f"SELECT kind, details, sealed FROM second_word WHERE entry_id = {entry.id}")
    assert word["kind"] == "back-date"
    assert "2026-02-20T12:00:00+00:00" in word["details"]
    assert "List of Jan" not in word["sealed"]


def test_the_level_of_a_clinician_is_written_down_with_who_named_it(keeper: Keeping) -> None:
    """WAITLIST 1.7."""
    entry = keeper.joined()
    form = sent_back(keeper.place(entry), f"/clients/{entry.upi}/places/{entry.id}/level") | {"level": "4:3.5"}
    page = checked(keeper.does(entry, "level", **form))
    assert "Fill this in." in words(page.one("p", id="recommended_by-mistake"))
    form |= {"recommended_by": "Nurse at the county clinic"}
    assert keeper.browser.is_sent_to(keeper.does(entry, "level", **form)).endswith("?done=saved")
    assert keeper.browser.is_sent_to(keeper.does(entry, "level", **form)).endswith("?done=no-such-move")
    assert "Level 3.5, as named by Nurse at the county clinic." in keeper.place(entry).text


def test_that_no_program_has_room_is_written_down_with_what_was_looked_at(keeper: Keeping) -> None:
    """45 CFR 96.126(b)(2)."""
    entry = keeper.joined(injecting_30d="yes")
    assert "nothing was ever reported; call them" in keeper.place(entry).text
    name = f"asked-{keeper.made.level}"
    wrong = checked(keeper.does(entry, "no-room", **{name: ""}))
    assert "Choose one of these." in words(wrong.one("p", id=f"{name}-mistake"))
    assert "open" in wrong.one("details", id="no-room").attrib
    form = sent_back(keeper.place(entry), f"/clients/{entry.upi}/places/{entry.id}/no-room") | {name: "phone"}
    assert keeper.browser.is_sent_to(keeper.does(entry, "no-room", **form)).endswith("?done=saved")
    page = keeper.place(entry)
    assert "It was written down that on Mar 2, 2026 no program had room." in page.text
    assert not [form for form in page.all("form") if form.get("action", "").endswith("/no-room")]


def test_an_opening_that_is_held_out_leaves_no_way_to_say_that_there_is_no_room(keeper: Keeping) -> None:
    entry = keeper.joined()
    keeper.run(slots.slot_open, level=keeper.made.level, restrictions=(), by=keeper.made.clerk, now=NOW)
    page = keeper.place(entry)
    assert "an opening is held out" in page.text
    assert "A program has room." in page.text
    assert keeper.browser.is_sent_to(keeper.does(entry, "no-room")).endswith("?done=there-is-room")


async def tried(client: int) -> None:
    async with db.staging():
        for days, outcome in ((9, "word-left"), (5, "no-answer"), (1, "word-left")):
            await contacts.attempt_add(
                client=client, route="call", outcome=outcome, by="person 1", now=NOW - timedelta(days=days)
            )


def test_the_page_says_what_is_missing_before_somebody_is_called_impossible_to_find(keeper: Keeping) -> None:
    """45 CFR 96.126(d); WAITLIST 3.2."""
    entry = keeper.joined()
    lost = words(keeper.place(entry).one("details", id="do-lost"))
    assert "Still missing: 3 tries since they last answered" in lost
    assert keeper.browser.is_sent_to(keeper.does(entry, "lost")).endswith("?done=still-to-try")
    keeper.browser.run(partial(tried, entry.client))
    lost = words(keeper.place(entry).one("details", id="do-lost"))
    assert "A coordinator has to agree." in lost
    assert keeper.browser.is_sent_to(keeper.does(entry, "lost", lost_note="Shelter has no news")).endswith(
        "?done=asked"
    )
    assert keeper.entry(entry).status is Entry.WAITING
    (word,) = keeper.rows(f"SELECT kind FROM second_word WHERE entry_id = {entry.id}")
    assert word["kind"] == "cannot-locate"
