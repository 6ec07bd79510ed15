"""“Call me” and the queue of those who asked: a form that gives everybody the same answer, and a call that one person makes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from directory.app import create_app
from directory.domain.access import Role
from directory.services.waitlist import intake as service
from directory.storage import db
from tests.accounts import NOW
from tests.pages import Page, checked, get_page, words
from tests.web import world
from tests.web.signed import Signed, mistakes, signed_site, value

SAME = {"sec-fetch-site": "same-origin"}
WISH = {"name": "Ben", "phone": "215-555-0133", "times": "after 5 pm", "language": "en", "for_whom": "self"}


@pytest.fixture
def engine() -> str:
    """Pages ask services, which are tested on both engines; here one is enough."""
    return "sqlite"


@pytest.fixture
def site(database_url: str) -> Iterator[Signed]:
    with signed_site(database_url) as signed:
        yield signed


def visitor(site: Signed) -> None:
    site.client.cookies.clear()


def asked(site: Signed, **changes: str) -> str:
    """Where the form leads whoever sends it."""
    visitor(site)
    once = value(get_page(site.client, "/call-me"), "once")
    answer = site.client.post("/call-me", data={"once": once, **WISH, **changes}, headers=SAME)
    assert answer.status_code == 303, answer.text[:2000]
    return answer.headers["location"]


def queue(site: Signed, role: Role = Role.PEER) -> Page:
    site.becomes(role)
    return site.page("/intake")


def number(site: Signed) -> str:
    """The number of the last one who asked."""
    (row,) = site.run(db.rows, "SELECT MAX(id) AS id FROM intake")
    return str(row["id"])


def test_whoever_asks_gets_the_same_answer_whatever_they_sent(site: Signed) -> None:
    visitor(site)
    once = value(get_page(site.client, "/call-me"), "once")
    places = {
        site.client.post("/call-me", data={"once": token, **WISH, **more}, headers=SAME).headers["location"]
        for token, more in ((once, {}), (once, {}), ("nonsense", {}), (once, {"subject": "buy"}))
    }
    assert places == {"/call-me?sent=1"}
    assert len(site.run(db.rows, "SELECT id FROM intake")) == 1
    page = get_page(site.client, "/call-me?sent=1")
    assert "somebody who has been there will call you" in page.text
    assert page.response.headers["cache-control"] == "no-store"


def test_what_is_missing_is_said_and_nothing_is_lost(site: Signed) -> None:
    visitor(site)
    once = value(get_page(site.client, "/call-me"), "once")
    answer = site.client.post("/call-me", data={"once": once, **WISH, "phone": "soon"}, headers=SAME)
    assert answer.status_code == 422
    page = checked(answer)
    assert mistakes(page) == ["Write all 10 digits, with the area code, such as 775-555-0100."]
    assert value(page, "name") == "Ben"


def test_it_speaks_spanish(site: Signed) -> None:
    visitor(site)
    assert get_page(site.client, "/call-me", language="es").title != get_page(site.client, "/call-me").title


def test_somebody_who_sends_very_much_is_asked_to_wait_and_loses_nothing(database_url: str) -> None:
    app = create_app(world.settings_for(database_url), clock=lambda: NOW)
    with TestClient(app, base_url=world.HOST, client=("192.0.2.7", 1), follow_redirects=False) as browser:
        answers = [browser.post("/call-me", data={"once": "x", **WISH}, headers=SAME) for _ in range(8)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert value(checked(answers[-1]), "name") == "Ben"


def test_one_peer_takes_a_call_up_and_takes_on_whoever_asked_with_what_they_wrote(site: Signed) -> None:
    asked(site)
    page = queue(site)
    assert "215-555-0133" in page.text
    assert site.sent(f"/intake/{number(site)}/take") == "/intake"
    assert "215-555-0133" not in words(queue(site, Role.COORDINATOR).one("main"))
    assert queue(site).links()["Reached: take on"] == f"/clients/new?intake={number(site)}"
    form = site.page(f"/clients/new?intake={number(site)}")
    assert (value(form, "called"), value(form, "to"), value(form, "times")) == ("Ben", "215-555-0133", "after 5 pm")
    fields = {name: value(form, name) for name in ("once", "intake", "called", "language", "channel", "to", "times")}
    place = site.sent("/clients/new", **fields)
    assert site.sent("/clients/new", **fields) == place
    (row,) = site.run(db.rows, "SELECT status, sealed, outcome FROM intake")
    assert (row["status"], row["sealed"], row["outcome"]) == ("settled", None, "took-on")


def test_a_relative_who_asks_is_not_taken_on_in_somebodys_place(site: Signed) -> None:
    """42 CFR 2.13(c): nobody learns from it whether somebody is on a list."""
    asked(site, for_whom="other")
    assert "Tell them nothing about that person" in queue(site).text
    site.sent(f"/intake/{number(site)}/take")
    form = site.page(f"/clients/new?intake={number(site)}")
    assert (value(form, "called"), value(form, "to")) == ("", "")
    assert "Somebody asked for another person" in form.text


def test_of_two_who_take_one_up_the_second_is_told(site: Signed) -> None:
    asked(site)
    id = number(site)
    site.becomes(Role.PEER)
    site.sent(f"/intake/{id}/take")
    site.becomes(Role.COORDINATOR)
    assert site.again(f"/intake/{id}/take", 409).title == "Somebody has decided this already"
    site.page(f"/clients/new?intake={id}", 404)


def test_nobody_answered_puts_it_back_and_nothing_wanted_forgets_it(site: Signed) -> None:
    asked(site)
    id = number(site)
    site.becomes(Role.PEER)
    site.sent(f"/intake/{id}/take")
    assert site.sent(f"/intake/{id}", outcome="not-reached") == "/intake?done=again"
    assert "tried before, nobody answered" in queue(site).text
    site.sent(f"/intake/{id}/take")
    assert site.sent(f"/intake/{id}", outcome="nothing-wanted") == "/intake?done=ended"
    (row,) = site.run(db.rows, "SELECT sealed FROM intake")
    assert row["sealed"] is None
    assert "Nobody waits for a call." in site.page("/intake?done=ended").text


def test_the_desk_says_how_many_ask(site: Signed) -> None:
    asked(site)
    site.becomes(Role.PEER)
    assert "People who ask to be called 1 waits" in site.page("/desk").text


def test_where_no_more_calls_are_kept_whoever_asks_is_sent_to_the_telephone(
    site: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_OPEN", 1)
    asked(site)
    assert asked(site) == "/call-me?full=1"
    page = get_page(site.client, "/call-me?full=1")
    assert "We could not keep your number." in page.text
    assert "Please telephone" in page.text
    site.becomes(Role.COORDINATOR)
    assert (
        site.page("/tasks").links()["So many people ask to be called that no more are kept. Call those who wait."]
        == "/intake"
    )
