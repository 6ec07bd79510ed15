"""Calls to make on pages: the list, the sheet with its script, what came of a call, the review, and what visitors then see."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from directory.domain.access import Role
from tests import accounts
from tests.pages import Page, checked, get_page, words
from tests.web.desk_people import Made, NewDatabase, Worker, at_work, hidden, made_at

LATER = accounts.NOW + timedelta(days=200)
"""When all that came in with the world is overdue."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Made]:
    with new_database("sqlite", tmp_path_factory.mktemp("made")) as url:
        yield made_at(url, LATER)


@pytest.fixture
def database_url(made: Made, tmp_path: Path) -> str:
    """A copy of the one database that has the people in it."""
    return made.copied(tmp_path)


@pytest.fixture
def people(made: Made, database_url: str) -> Iterator[dict[Role, Worker]]:
    with at_work(made, database_url) as found:
        yield found


@pytest.fixture
def peer(people: dict[Role, Worker]) -> Worker:
    return people[Role.PEER]


@pytest.fixture
def cora(people: dict[Role, Worker]) -> Worker:
    return people[Role.COORDINATOR]


def slug_of(url: str, key: str) -> str:
    with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
        [slug] = connection.execute("SELECT slug FROM listing WHERE source_key = ?", [key]).fetchone()
    return str(slug)


def marks(page: Page, name: str) -> list[str]:
    """What stands on the card of a listing as a mark."""
    (card,) = [card for card in page.all("li", class_="card") if words(next(card.iter("a"))) == name]
    (found,) = [each for each in card.iter("ul") if each.get("class") == "marks"]
    return [words(item) for item in found.iter("li")]


def fields(page: Page, *names: str) -> dict[str, str]:
    """The hidden fields of these names."""
    return {name: hidden(page, name) for name in names}


REVIEW = ("once", "version", "last")


def note(worker: Worker, slug: str, outcome: str, **more: str) -> str:
    """Notes what came of a call, and gives where that leads."""
    page = worker.get(f"/checks/{slug}")
    answer = worker.send(f"/checks/{slug}", **fields(page, "once", "version"), outcome=outcome, **more)
    assert answer.status_code == 303, answer.text[:1000]
    return answer.headers["location"]


def test_the_list_says_of_each_listing_why_it_is_there_and_leads_to_its_sheet(peer: Worker) -> None:
    page = peer.get("/checks")
    assert page.title == "Calls to make"
    assert "3 listings to check" in page.text
    assert page.cards()[-1] == "Quiet Lamp Group", "a meeting comes after what decides tonight"
    assert marks(page, "Quiet Lamp Group") == ["never checked since it came here on Mar 2, 2026"]
    assert marks(page, "Safe Reeds") == [
        "last checked on Feb 20, 2026, which is good for 90 days",
        "its number decides where somebody is tonight",
    ]


def test_the_list_can_be_narrowed_and_says_when_a_place_is_not_known(peer: Worker) -> None:
    assert peer.get("/checks?kind=meeting").cards() == ["Quiet Lamp Group"]
    assert "Quiet Lamp Group" in peer.get("/checks?near=19199").cards()
    page = peer.get("/checks?near=Nowhere&kind=meeting")
    assert "We do not know that place." in page.text
    assert page.one("input", id="near").get("value") == "Nowhere"
    assert peer.get("/checks?kind=moon&agency=x&page=0").cards() == peer.get("/checks").cards()


@pytest.mark.parametrize("path", ["/checks", "/checks/paper", "/checks/{slug}"])
def test_the_pages_speak_spanish(peer: Worker, database_url: str, path: str) -> None:
    page = peer.get(path.format(slug=slug_of(database_url, "lamp")), language="es")
    assert page.title not in ("Calls to make", "Call sheet")


def test_the_list_on_paper_has_the_numbers_and_boxes_to_tick(peer: Worker) -> None:
    page = peer.get("/checks/paper")
    assert "(555) 555-0100 ext. 7" in page.text
    assert page.text.count("☐ no answer") == 3


def test_the_sheet_has_the_number_the_script_and_what_stands_with_us(peer: Worker, database_url: str) -> None:
    page = peer.get(f"/checks/{slug_of(database_url, 'lamp')}")
    assert page.links()["(555) 555-0100 ext. 7"] == "tel:+15555550100;ext=7"
    assert "my name is Ana Reed" in page.text
    assert "12 Heron Lane" in page.text
    assert "Is this the right number" in page.text


def test_the_sheet_of_a_hidden_address_does_not_tell_it(peer: Worker, database_url: str) -> None:
    page = peer.get(f"/checks/{slug_of(database_url, 'shelter')}")
    assert "Secret Road" not in page.response.text


def test_after_yes_visitors_see_that_it_was_checked_today_and_the_list_is_shorter(
    peer: Worker, database_url: str
) -> None:
    slug = slug_of(database_url, "lamp")
    before = get_page(peer.client, f"/listings/{slug}")
    assert "never checked by us" in before.text
    assert note(peer, slug, "confirmed") == "/checks?done=confirmed"
    after = get_page(peer.client, f"/listings/{slug}")
    assert "never checked by us" not in after.text
    assert "We last asked on Sep 18, 2026, and it was right." in after.text
    assert peer.client.get(f"/api/listings/{slug}").json()["verified_on"] == "2026-09-18"
    assert "Quiet Lamp Group" not in peer.get("/checks?done=confirmed").cards()


def test_what_is_overdue_says_since_when_on_its_card_in_both_languages(peer: Worker, database_url: str) -> None:
    page = get_page(peer.client, "/search?kind=housing")
    assert "not checked since Feb 20, 2026" in marks(page, "Safe Reeds")
    page = get_page(peer.client, "/search?kind=housing", language="es")
    assert "not checked since" not in page.text


def test_what_has_changed_leads_to_the_form(peer: Worker, database_url: str) -> None:
    slug = slug_of(database_url, "lamp")
    assert note(peer, slug, "changed") == f"/desk/listings/{slug}/edit"


def test_no_answer_is_counted_and_says_when_to_call_again(peer: Worker, database_url: str) -> None:
    slug = slug_of(database_url, "lamp")
    assert note(peer, slug, "no-answer", note="Rings out.") == "/checks?done=no-answer"
    page = peer.get(f"/checks/{slug}")
    assert "No answer, call 1 of 3. Call again from today, 11 pm on." in page.text
    assert "Rings out." in page.text
    assert "(Ana Reed)" in page.text
    assert note(peer, slug, "no-answer") == "/checks?done=early"
    assert "It does not count as one more try" in peer.get("/checks?done=early").text
    assert "No answer, call 1 of 3." in peer.get(f"/checks/{slug}").text


def test_the_list_comes_back_as_it_was_asked_for(peer: Worker, database_url: str) -> None:
    slug = slug_of(database_url, "lamp")
    link = peer.get("/checks?kind=meeting").links()["Quiet Lamp Group"]
    assert peer.get(link).links()["Back to the list"] == "/checks?kind=meeting"
    assert note(peer, slug, "confirmed", back="/checks?kind=meeting") == "/checks?kind=meeting&done=confirmed"
    assert note(peer, slug, "confirmed", back="//evil.test/") == "/checks?done=confirmed"


def test_a_call_without_an_outcome_comes_back_with_what_was_typed(peer: Worker, database_url: str) -> None:
    slug = slug_of(database_url, "lamp")
    answer = peer.send(f"/checks/{slug}", once=hidden(peer.get(f"/checks/{slug}"), "once"), note="They moved.")
    assert answer.status_code == 422
    assert "Choose one." in answer.text
    assert "They moved." in answer.text


def test_what_is_said_to_be_closed_is_hidden_by_a_coordinator_and_shown_again(
    peer: Worker, cora: Worker, database_url: str
) -> None:
    slug = slug_of(database_url, "lamp")
    assert note(peer, slug, "closed") == "/checks?done=closed"
    assert "A coordinator decides." in peer.get(f"/checks/{slug}").text
    assert "Decide whether it stays listed." in cora.get("/tasks").text
    page = cora.get(f"/checks/{slug}")
    answer = cora.send(f"/checks/{slug}/review", **fields(page, *REVIEW), decision="hidden", note="Called twice.")
    assert answer.headers["location"] == f"/checks/{slug}?done=hidden"
    assert "Quiet Lamp Group" not in get_page(cora.client, "/search?kind=meeting").cards()
    assert cora.get(cora.get("/checks").links()["Hidden listings"]).cards() == ["Quiet Lamp Group"]
    page = cora.get(f"/checks/{slug}?done=hidden")
    cora.send(f"/checks/{slug}/review", **fields(page, *REVIEW), decision="shown")
    assert "Quiet Lamp Group" in get_page(cora.client, "/search?kind=meeting").cards()


@pytest.mark.parametrize(("outcome", "said"), [("no-number", "We could not reach it."), ("closed", "We were told")])
def test_the_page_of_a_hidden_listing_says_only_what_is_known_and_what_is_near(
    cora: Worker, database_url: str, outcome: str, said: str
) -> None:
    slug = slug_of(database_url, "shelter")
    note(cora, slug, outcome)
    cora.send(f"/checks/{slug}/review", **fields(cora.get(f"/checks/{slug}"), *REVIEW), decision="hidden")
    page = get_page(cora.client, f"/listings/{slug}", status=410)
    assert said in page.text
    assert not [url for url in page.links().values() if url.startswith("tel:1")]
    assert page.links()["Something wrong? Tell us"] == f"/listings/{slug}/report"
    answer = cora.client.get(f"/api/listings/{slug}")
    assert answer.status_code == 410
    assert said in answer.text
    assert cora.get("/checks?hidden=1", language="es").cards()


def test_a_review_without_a_decision_changes_nothing(cora: Worker, database_url: str) -> None:
    slug = slug_of(database_url, "lamp")
    note(cora, slug, "closed")
    page = cora.get(f"/checks/{slug}")
    answer = cora.send(f"/checks/{slug}/review", once=hidden(page, "once"), decision="moon", note="My reason.")
    assert answer.status_code == 422
    assert "My reason." in answer.text


def test_who_decides_second_sees_how_it_stands_and_what_they_wrote(cora: Worker, database_url: str) -> None:
    slug = slug_of(database_url, "lamp")
    note(cora, slug, "closed")
    seen = fields(cora.get(f"/checks/{slug}"), *REVIEW)
    cora.send(f"/checks/{slug}/review", **seen, decision="hidden")
    seen["once"] = hidden(cora.get(f"/checks/{slug}"), "once")
    answer = cora.send(f"/checks/{slug}/review", **seen, decision="kept", note="My reason.")
    assert answer.status_code == 409
    page = checked(answer)
    assert "Somebody has changed something here" in page.text
    assert "It is hidden" in page.text
    assert page.one("input", id="why").get("value") == "My reason."
    again = cora.send(f"/checks/{slug}/review", **fields(page, *REVIEW), decision="shown")
    assert again.headers["location"] == f"/checks/{slug}?done=shown"


def test_who_confirms_words_that_have_changed_since_is_shown_them_with_what_was_typed(
    peer: Worker, database_url: str
) -> None:
    slug = slug_of(database_url, "lamp")
    seen = fields(peer.get(f"/checks/{slug}"), "once", "version")
    answer = peer.send(f"/checks/{slug}", **seen | {"version": "77"}, outcome="confirmed", note="They said so.")
    assert answer.status_code == 409
    page = checked(answer)
    assert "Somebody has changed something here" in page.text
    assert "They said so." in page.text
    again = peer.send(f"/checks/{slug}", **fields(page, "once", "version"), outcome="confirmed")
    assert again.headers["location"] == "/checks?done=confirmed"


def test_yes_on_the_desk_confirms_and_leads_back(peer: Worker, database_url: str) -> None:
    slug = slug_of(database_url, "lamp")
    answer = peer.send(f"/desk/listings/{slug}/right")
    assert answer.headers["location"] == "/desk?done=changed", "nobody knows which words that is about"
    assert "The listing has changed since you opened the page" in peer.get("/desk?done=changed").text
    answer = peer.send(f"/desk/listings/{slug}/right", version="1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk?done=right")
    answer = peer.send(f"/desk/listings/{slug}/right", version="1", back=f"/desk/listings/{slug}?x=1")
    assert answer.headers["location"] == f"/desk/listings/{slug}?done=right"
    assert "Quiet Lamp Group" not in peer.get("/checks").cards()


# --- how often a page is opened --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "counts"),
    [
        ({"user-agent": "Mozilla/5.0 (Android 15) Firefox/140.0"}, True),
        ({"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, False),
        ({"user-agent": ""}, False),
        ({"user-agent": "Mozilla/5.0 Firefox/140.0", "sec-purpose": "prefetch"}, False),
    ],
)
def test_a_page_opened_by_a_person_is_counted_and_stays_the_same_for_all(
    peer: Worker, database_url: str, headers: dict[str, str], counts: bool
) -> None:
    url = f"/listings/{slug_of(database_url, 'lamp')}"
    peer.client.cookies.clear()
    peer.client.head(url, headers=headers)
    answer = peer.client.get(url, headers=headers)
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in answer.headers
    uses = peer.client.app.state.uses  # type: ignore[attr-defined]
    assert sum(uses._opened.values()) == (1 if counts else 0)
