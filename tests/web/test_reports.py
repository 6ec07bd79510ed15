"""Reports on pages: what a visitor may leave, the queue with the listing beside it, settling one, and a late second."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from directory.app import create_app
from directory.domain.access import Role
from directory.settings import CONSOLE
from tests.accounts import NOW
from tests.pages import checked, get_page, words
from tests.web import world
from tests.web.desk_people import Made, NewDatabase, Worker, at_work, hidden, made_at


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Made]:
    with new_database("sqlite", tmp_path_factory.mktemp("made")) as url:
        yield made_at(url, NOW)


@pytest.fixture
def database_url(made: Made, tmp_path: Path) -> str:
    """A copy of the one database that has the people in it."""
    return made.copied(tmp_path)


@pytest.fixture
def cora(made: Made, database_url: str) -> Iterator[Worker]:
    with at_work(made, database_url, smtp_url=CONSOLE) as found:
        yield found[Role.COORDINATOR]


def asked(url: str, text: str) -> list[tuple[object, ...]]:
    """What the database says, beside the site."""
    with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
        return connection.execute(text).fetchall()


def slug_of(url: str) -> str:
    return str(asked(url, "SELECT slug FROM listing WHERE source_key = 'lamp'")[0][0])


def tell(worker: Worker, url: str, **fields: str) -> Response:
    """What a visitor sends, who has no cookie."""
    worker.client.cookies.clear()
    headers = {"sec-fetch-site": "same-origin"}
    return worker.client.post(f"/listings/{slug_of(url)}/report", data={"subject": "", **fields}, headers=headers)


def test_an_address_is_kept_only_where_it_is_left_and_only_until_they_are_told(cora: Worker, database_url: str) -> None:
    assert tell(cora, database_url, reason="hours", email=" Ana@Example.org ").status_code == 303
    assert tell(cora, database_url, reason="phone", words="Rings out", email="").status_code == 303
    assert asked(database_url, "SELECT correction_id, address, language FROM correction_reply") == [
        (1, "ana@example.org", "en")
    ]
    page = cora.get("/reports/1")
    assert "Somebody left an address" in page.text
    assert "ana@example.org" not in page.response.text
    answer = cora.send("/reports/1", version=hidden(page, "version"), outcome="fixed", answer="We put it right.")
    assert answer.headers["location"] == "/reports?done=fixed"
    assert asked(database_url, "SELECT * FROM correction_reply") == []
    assert asked(database_url, "SELECT template, recipient FROM outbox WHERE template = 'report-outcome'") == [
        ("report-outcome", "ana@example.org")
    ]


def test_an_address_that_is_none_comes_back_with_all_that_was_typed(cora: Worker, database_url: str) -> None:
    answer = tell(cora, database_url, reason="other", words="Wrong door", email="ana at example")
    assert answer.status_code == 422
    page = checked(answer)
    assert page.links()["Write a whole e-mail address, such as name@example.org, or leave it empty."] == "#email"
    assert page.one("input", id="email").get("value") == "ana at example"
    assert (page.one("textarea").text or "").strip() == "Wrong door"
    assert asked(database_url, "SELECT * FROM correction") == []


def test_the_queue_shows_each_report_with_its_listing_beside_it(cora: Worker, database_url: str) -> None:
    tell(cora, database_url, reason="phone", words="It rings at a shop.")
    page = cora.get("/reports")
    assert "1 report is open" in page.text
    assert "It rings at a shop." in page.text
    assert "12 Heron Lane" in page.text
    assert page.links()["Quiet Lamp Group"] == "/reports/1"
    assert cora.get("/reports", language="es").title != "Reports"


def test_a_report_leads_to_the_form_and_the_call_sheet_and_has_the_others_beside_it(
    cora: Worker, database_url: str
) -> None:
    tell(cora, database_url, reason="phone", words="It rings at a shop.")
    tell(cora, database_url, reason="closed")
    slug, page = slug_of(database_url), cora.get("/reports/1")
    assert page.links()["Change the listing"] == f"/desk/listings/{slug}/edit?back=/reports/1"
    assert page.links()["Call sheet"] == f"/checks/{slug}"
    (other,) = page.all("input", name="also")
    assert other.get("value") == "2"
    answer = cora.send(
        "/reports/1", version="1", outcome="right", also=["2"], asked="1", listing="77", answer="All is well."
    )
    assert answer.status_code == 409, "these are not the words that stand there now"
    assert "Somebody has changed something here" in checked(answer).text
    assert "All is well." in answer.text
    assert asked(database_url, "SELECT status FROM correction") == [("new",), ("new",)]
    seen = hidden(page, "listing")
    cora.send("/reports/1", version="1", outcome="right", also=["2"], asked="1", listing=seen)
    assert asked(database_url, "SELECT status FROM correction") == [("right",), ("right",)]
    assert asked(database_url, "SELECT outcome, via FROM listing_check") == [("confirmed", "report")]


def test_what_is_missing_is_said_and_nothing_that_was_typed_is_lost(cora: Worker, database_url: str) -> None:
    tell(cora, database_url, reason="closed")
    answer = cora.send("/reports/1", version="1", answer="Thank you very much.")
    assert answer.status_code == 422
    assert (checked(answer).one("textarea").text or "").strip() == "Thank you very much."
    assert "Choose one." in answer.text


def test_who_comes_second_sees_how_it_stands_and_what_they_wrote(cora: Worker, database_url: str) -> None:
    tell(cora, database_url, reason="closed")
    cora.send("/reports/1", version="1", outcome="right", answer="The first answer.")
    answer = cora.send("/reports/1", version="1", outcome="fixed", answer="The second answer.")
    assert answer.status_code == 409
    page = checked(answer)
    assert "Somebody else has looked into this meanwhile." in page.text
    assert [words(each) for each in page.all("p", class_="typed")] == ["The first answer.", "The second answer."]
    assert asked(database_url, "SELECT status FROM correction") == [("right",)]


def test_a_settled_report_says_how_old_it_is_and_since_when_it_is_settled(cora: Worker, database_url: str) -> None:
    tell(cora, database_url, reason="closed")
    with closing(sqlite3.connect(database_url.removeprefix("sqlite://"))) as connection, connection:
        connection.execute("UPDATE correction SET created_at = ?", [(NOW - timedelta(days=5)).isoformat(" ")])
    cora.send("/reports/1", version="1", outcome="right")
    page = cora.get("/reports/1")
    told, *_, settled = (words(each) for each in page.one("main").iter("span") if each.get("class") == "quiet")
    assert told.startswith("5 days ago")
    assert settled, "when it was settled is said too"
    assert "5 days ago" not in settled


def test_a_settled_report_can_be_opened_again(cora: Worker, database_url: str) -> None:
    tell(cora, database_url, reason="closed")
    cora.send("/reports/1", version="1", outcome="spam")
    assert "It was no report" in cora.get("/reports").text
    page = cora.get("/reports/1")
    answer = cora.send("/reports/1/reopen", version=hidden(page, "version"))
    assert answer.headers["location"] == "/reports/1?done=reopened"
    assert "1 report is open" in cora.get("/reports").text
    assert cora.send("/reports/1/reopen", version="2").status_code == 409


@pytest.mark.parametrize("id", ["0", "99", "x", "9999999999"])
def test_a_report_that_is_not_there_is_not_found(cora: Worker, id: str) -> None:
    cora.get(f"/reports/{id}", status=404)


def test_the_address_in_the_letter_leads_to_the_page_and_names_nothing(cora: Worker, database_url: str) -> None:
    number = asked(database_url, "SELECT id FROM listing WHERE source_key = 'lamp'")[0][0]
    answer = cora.client.get(f"/l/{number}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/listings/{slug_of(database_url)}")
    assert [cora.client.get(f"/l/{text}").status_code for text in ("999", "x", "0")] == [404, 404, 404]


def test_much_from_one_network_has_to_wait_and_loses_nothing(database_url: str) -> None:
    app = create_app(world.settings_for(database_url), clock=lambda: NOW)
    with TestClient(app, base_url=world.HOST, client=("192.0.2.7", 1), follow_redirects=False) as visitor:
        headers, address = {"sec-fetch-site": "same-origin"}, f"/listings/{slug_of(database_url)}/report"
        for number in range(10):
            visitor.post(address, data={"reason": "other", "words": f"Wrong {number}"}, headers=headers)
        answer = visitor.post(address, data={"reason": "other", "words": "One more"}, headers=headers)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    page = checked(answer)
    assert "Nothing is lost: please wait a minute" in page.text
    assert (page.one("textarea").text or "").strip() == "One more"
    assert asked(database_url, "SELECT COUNT(*) FROM correction") == [(10,)]


def test_the_form_says_what_becomes_of_the_address(cora: Worker, database_url: str) -> None:
    page = get_page(cora.client, f"/listings/{slug_of(database_url)}/report")
    assert "We send one letter and then delete your address." in page.text


def test_without_mail_nobody_is_asked_for_an_address_and_none_is_kept(made: Made, database_url: str) -> None:
    with at_work(made, database_url) as found:
        page = get_page(found[Role.COORDINATOR].client, f"/listings/{slug_of(database_url)}/report")
        assert not page.all("input", name="email")
        answer = tell(found[Role.COORDINATOR], database_url, reason="hours", email="ana@example.org")
        assert "a letter" not in found[Role.COORDINATOR].get("/reports?done=right").text
    assert answer.status_code == 303
    assert asked(database_url, "SELECT COUNT(*) FROM correction") == [(1,)]
    assert asked(database_url, "SELECT * FROM correction_reply") == []
