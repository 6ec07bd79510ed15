"""Appeals in a browser: taken down in the client's words, answered by a coordinator who did not decide it, and put right."""

from __future__ import annotations

from directory.domain.access import Role
from directory.domain.waitlist.states import Entry
from directory.storage.waitlist.entries import EntryNow
from tests.pages import checked, words
from tests.web.test_openings import sent_back
from tests.web.waitlist.persons import Keeping

WORDS = "I was in hospital, and nobody asked."


def appealed(keeper: Keeping, entry: EntryNow, about: str) -> int:
    """The number of an appeal that the peer takes down."""
    address = f"/clients/{entry.upi}/appeal"
    form = sent_back(keeper.browser.page(address), address) | {"about": about, "words": WORDS, "entry": str(entry.id)}
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)).endswith("?done=appealed")
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)).endswith("?done=before")
    (row,) = keeper.rows(f"SELECT id, sealed FROM appeal WHERE entry_id = {entry.id} AND status = 'open'")
    assert "hospital" not in row["sealed"]
    return int(row["id"])


def test_a_closing_that_is_overturned_gives_the_place_back_with_the_old_clock(keeper: Keeping) -> None:
    entry = keeper.joined()
    keeper.does(entry, "close", close_reason="refused")
    id = appealed(keeper, entry, "closed")
    keeper.browser.becomes(Role.COORDINATOR)
    card = words(keeper.browser.page("/appeals").one("li", id=f"appeal-{id}"))
    assert "My place in line was ended" in card
    assert WORDS in card
    page = checked(keeper.browser.send(f"/appeals/{id}", decision="overturn", answer=" "))
    assert page.response.status_code == 422
    assert "Fill this in." in words(page.one("p", id=f"answer-{id}-mistake"))
    given = {"decision": "overturn", "answer": "You are right. You have your place again."}
    assert keeper.browser.is_sent_to(keeper.browser.send(f"/appeals/{id}", **given)) == "/appeals?done=answered"
    assert keeper.browser.is_sent_to(keeper.browser.send(f"/appeals/{id}", **given)) == "/appeals?done=settled"
    found = keeper.entry(entry)
    assert (found.status, found.requested_at) == (Entry.WAITING, entry.requested_at)
    assert "You have your place again." in keeper.person(entry).text
    assert not keeper.browser.page("/appeals").all("li", id=f"appeal-{id}")
    answered = keeper.browser.page("/appeals/answered")
    assert "Answered" in [words(each) for each in answered.all("h2")]
    said = answered.one("li", id=f"appeal-{id}")
    assert "They are right: put right" in words(said)
    (tag,) = [each for each in said.iter("span") if each.get("class") == "tag"]
    assert words(tag) == "They are right: put right", "a name and a day would make it wider than a telephone"


def test_whoever_made_the_decision_does_not_answer_it(keeper: Keeping) -> None:
    entry = keeper.joined()
    keeper.browser.becomes(Role.COORDINATOR)
    keeper.does(entry, "close", close_reason="ineligible")
    id = appealed(keeper, entry, "closed")
    card = words(keeper.browser.page("/appeals").one("li", id=f"appeal-{id}"))
    assert "You made this decision, so another coordinator answers." in card
    answer = keeper.browser.send(f"/appeals/{id}", decision="uphold", answer="No.")
    assert keeper.browser.is_sent_to(answer) == "/appeals?done=own-decision"
    (row,) = keeper.rows(f"SELECT status FROM appeal WHERE id = {id}")
    assert row["status"] == "open"


def test_another_appeal_that_is_overturned_stays_on_the_page_until_a_peer_has_put_it_right(keeper: Keeping) -> None:
    entry = keeper.joined()
    id = appealed(keeper, entry, "not-offered")
    keeper.browser.becomes(Role.COORDINATOR)
    keeper.browser.send(f"/appeals/{id}", decision="overturn", answer="The next opening is offered to you.")
    keeper.browser.becomes(Role.PEER)
    page = keeper.person(entry)
    assert "They were right, and something is to be put right:" in page.text
    assert "The next opening is offered to you." in page.text
    assert page.all("div", id="right")
    assert "They were right to appeal" in keeper.browser.page("/board?whose=all&due=put-right").text
    answer = keeper.browser.send(f"/clients/{entry.upi}/appeals/right", id=str(id))
    assert keeper.browser.is_sent_to(answer).endswith("?done=saved")
    assert "something is to be put right" not in keeper.person(entry).text
    assert "They were right to appeal" not in keeper.browser.page("/board?whose=all").text


def test_an_appeal_is_taken_back_by_the_client_and_costs_nothing(keeper: Keeping) -> None:
    entry = keeper.joined()
    id = appealed(keeper, entry, "tier")
    answer = keeper.browser.send(f"/clients/{entry.upi}/appeals/withdraw", id=str(id))
    assert keeper.browser.is_sent_to(answer).endswith("?done=saved")
    assert "Taken back" in keeper.person(entry).text
    assert keeper.entry(entry).status is Entry.WAITING


def test_an_appeal_without_words_or_against_what_was_not_done_is_said_at_its_field(keeper: Keeping) -> None:
    entry = keeper.joined()
    address = f"/clients/{entry.upi}/appeal"
    form = sent_back(keeper.browser.page(address), address)
    page = checked(keeper.browser.send(address, **form | {"about": "closed", "entry": str(entry.id)}))
    assert "This place has not ended." in words(page.one("p", id="about-mistake"))
    assert "Fill this in." in words(page.one("p", id="words-mistake"))


def test_the_desk_counts_the_appeals_that_wait(keeper: Keeping) -> None:
    appealed(keeper, keeper.joined(), "tier")
    keeper.browser.becomes(Role.COORDINATOR)
    assert "Where people do not agree" in keeper.browser.page("/desk").text
    keeper.browser.becomes(Role.PEER)
    assert "Where people do not agree" not in keeper.browser.page("/desk").text


def test_no_word_of_an_appeal_stands_in_the_trail_and_who_read_it_stands_in_the_log(keeper: Keeping) -> None:
    entry = keeper.joined()
    appealed(keeper, entry, "tier")
    keeper.browser.becomes(Role.COORDINATOR)
    keeper.browser.page("/appeals")
    trail = keeper.rows("SELECT details FROM audit_entry WHERE action LIKE 'appeal%'")
    assert not any("hospital" in row["details"] for row in trail)
    (log,) = keeper.rows("SELECT details FROM access_entry WHERE action = 'see-appeals' ORDER BY id DESC LIMIT 1")
    assert entry.upi in log["details"]
