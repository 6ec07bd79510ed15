"""The page behind a card in a browser: what it says, in both languages, what it never says, and that nothing of it stays anywhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from directory.app import create_app
from directory.domain.waitlist.codes import spelled
from directory.services.waitlist import entries
from directory.services.waitlist.codes import code_issue
from directory.storage import db
from directory.storage.encoding import to_column
from tests.pages import Page, checked, get_page, words
from tests.services.waitlist import world as line_world
from tests.services.waitlist.world import NOW, World
from tests.web import world

TELLING = ("treatment", "drug", "residential", "Reed House", "Marsh Peers", "tratamiento", "droga", "Quiet wing")
SAME = {"sec-fetch-site": "same-origin"}
NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
ties = count(1)


@dataclass
class Town:
    """A database with one line, for all tests here: each has people of its own."""

    url: str
    made: World


@dataclass
class Phone:
    """Somebody's browser, whose clock can be set."""

    client: TestClient
    made: World
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    def waits(self, **standing: object) -> tuple[int, str]:
        """The entry and the code of somebody new who waits, with this place in line."""
        assert self.client.portal is not None
        return self.client.portal.call(_waits, self.made, standing)

    def sent(self, url: str = "/status", **fields: str) -> Response:
        return self.client.post(url, data=fields, headers=SAME)

    def page(self, url: str = "/status", language: str = "en", status: int = 200) -> Page:
        page = get_page(self.client, url, status=status, language=language)
        assert page.response.headers["cache-control"] == "no-store"
        assert page.response.headers.get_list("referrer-policy") == ["no-referrer"]
        return page

    def opens(self, **standing: object) -> Page:
        """The page of somebody new who has just typed their code."""
        self.client.cookies.clear()
        assert self.sent(code=self.waits(**standing)[1]).headers["location"] == "/status"
        return self.page()


async def _waits(made: World, standing: dict[str, object]) -> tuple[int, str]:
    client = await line_world.client(made)
    entry = await entries.entry_join(client=client, pool=made.pool, tie=next(ties), by=made.peer, now=NOW)
    if standing:
        given = {
            "ahead": 11,
            "waiting": 31,
            "low": 14,
            "high": 42,
            "over_a_year": False,
            "few": False,
            "history_days": 90,
        }
        values = {"id": entry, **given, "as_of": date(2026, 3, 2), **standing}
        sql = db.Sql()
        async with db.staging():
            await db.execute(f"DELETE FROM standing WHERE id = {entry}")
            listed = sql.list([to_column(value) for value in values.values()])
            await db.execute(f"INSERT INTO standing ({', '.join(values)}) VALUES ({listed})", sql.values)
    settings = world.settings_for("")
    return entry, spelled(await code_issue(client=client, by=made.peer, now=NOW, settings=settings))


@pytest.fixture(scope="module")
def town(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with new_database("sqlite", tmp_path_factory.mktemp("status")) as url:
        world.fill(url)
        yield Town(url, asyncio.run(_made(url)))


async def _made(url: str) -> World:
    async with db.connect(url):
        return await line_world.made()


@pytest.fixture
def phone(town: Town) -> Iterator[Phone]:
    clock = [NOW + timedelta(days=next(ties))]
    app = create_app(world.settings_for(town.url), clock=lambda: clock[0])
    with TestClient(app, base_url=world.HOST, follow_redirects=False) as client:
        yield Phone(client, town.made, clock)


async def _moved(entry: int, status: str) -> None:
    async with db.staging():
        await db.execute(f"UPDATE entry SET status = '{status}' WHERE id = {entry}")


# --- the code --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_first_page_asks_for_one_thing(phone: Phone, language: str) -> None:
    page = phone.page(language=language)
    shown = [each.get("name") for each in page.all("input") if each.get("type") != "hidden"]
    assert shown == ["code"]
    assert page.one("meta", name="robots").get("content") == "noindex"
    assert not [word for word in TELLING if word in page.text]


def test_a_right_code_leads_to_the_page_and_stands_in_no_address_and_no_cookie(phone: Phone) -> None:
    """WAITLIST 4.2."""
    _, code = phone.waits()
    answer = phone.sent(code=code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/status")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("here=")
    assert {"HttpOnly", "SameSite=strict", "Path=/status", "Max-Age=600"} <= set(cookie.split("; "))
    assert code not in cookie
    assert "You are waiting. Your place is kept." in phone.page().text


def test_over_https_the_cookie_is_secure(town: Town) -> None:
    settings = replace(world.settings_for(town.url), base_url="https://localhost")
    app = create_app(settings, clock=lambda: NOW)
    with TestClient(app, base_url="https://localhost", follow_redirects=False) as client:
        _, code = Phone(client, town.made).waits()
        assert "; Secure" in client.post("/status", data={"code": code}, headers=SAME).headers["set-cookie"]


def test_a_wrong_code_is_answered_with_what_to_do_and_what_was_typed(phone: Phone) -> None:
    answer = phone.sent(code="0000-0000-0000-01")
    page = checked(answer)
    assert answer.status_code == 422
    assert "not right, or not good any more" in page.text
    assert page.one("input", name="code").get("value") == "0000-0000-0000-01"
    assert "set-cookie" not in answer.headers


def test_many_tries_are_asked_to_wait_and_told_for_how_long(phone: Phone) -> None:
    answers = [phone.sent(code="x") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert "then try again" in checked(answers[-1]).text


def test_an_old_browser_may_choose_the_language_of_the_page_behind_a_card(phone: Phone) -> None:
    """Its button leads away from `/status`, and is sent with `Origin: null` all the same."""
    phone.opens()
    assert phone.client.cookies
    for headers in ({"origin": "null"}, {}):
        answer = phone.client.post("/language", data={"language": "es", "back": "/status"}, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/status")
    assert phone.client.post("/language", headers={"origin": "https://evil.test"}).status_code == 403


def test_an_old_browser_that_names_no_source_may_send_the_form_and_another_site_may_not(phone: Phone) -> None:
    """A page with `no-referrer` has its forms sent with `Origin: null`, or with nothing in browsers from before 2020."""
    _, code = phone.waits()
    for headers in ({"origin": "null"}, {}):
        assert phone.client.post("/status", data={"code": code}, headers=headers).status_code == 303
    for headers in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}):
        assert phone.client.post("/status", data={"code": code}, headers=headers).status_code == 403


# --- what it says ----------------------------------------------------------------------------------------------------


def test_it_says_the_place_the_time_and_what_to_do(phone: Phone) -> None:
    """WAITLIST 2.2, 2.3."""
    text = phone.opens(ahead=11).text
    assert "You are number 12 of 31." in text
    assert "Most people in your place wait between 2 and 6 weeks. About 1 in 10 wait longer." in text
    assert "Worked out on Mar 2, 2026 from the last 90 days. An estimate, not a promise." in text
    assert "Some people go first by law, so your place can move back as well as forward." in text
    assert "Nobody has opened this page with your code before." in text


def test_it_says_what_helps_meanwhile_and_how_a_decision_is_looked_at_again(phone: Phone) -> None:
    """WAITLIST 4.2; 42 CFR 2.22."""
    page = phone.opens()
    assert "There is help that you can have now, while you wait." in page.text
    assert "Any decision can be looked at again, by somebody who did not make it." in page.text
    assert page.links()["Your rights"] == "/your-rights"


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        ({"ahead": 0, "waiting": 4}, "You are next."),
        ({"ahead": 4, "waiting": 9}, "Fewer than 5 people are before you."),
        ({"ahead": 9, "waiting": 10}, "5 to 9 people are before you."),
        ({"low": 10, "high": 42}, "between 10 days and 6 weeks"),
        ({"low": 0, "high": 3}, "wait up to 3 days"),
        ({"low": 84, "high": 168}, "between 2 and 6 months"),
        ({"low": 252, "high": 365, "over_a_year": True}, "It could be longer than a year."),
        ({"low": None, "high": None}, "cannot be said yet"),
        ({"few": True}, "This rests on few people"),
    ],
)
def test_place_and_time_are_told_as_a_band_and_a_range(phone: Phone, standing: dict[str, object], said: str) -> None:
    assert said in phone.opens(**standing).text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("on-hold", "Paused. Your place is kept."),
        ("offered", "Something has come up. Call your peer soon."),
        ("accepted", "You said yes."),
        ("placed", "This is done."),
        ("closed", "You can come back: call your peer."),
    ],
)
def test_every_state_has_its_sentence_and_no_number_beside_it(phone: Phone, status: str, said: str) -> None:
    entry, code = phone.waits(ahead=11)
    assert phone.client.portal is not None
    phone.client.portal.call(_moved, entry, status)
    phone.sent(code=code)
    text = phone.page().text
    assert said in text
    assert "You are number" not in text
    assert "Most people" not in text


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_on_it_tells_what_the_line_is_for_or_whose_it_is(phone: Phone, language: str) -> None:
    """42 CFR 2.13; WAITLIST 4.2, LOOK 3."""
    phone.opens(ahead=11)
    page = phone.page(language=language)
    assert not [word for word in TELLING if word.lower() in words(page.one("main")).lower()]
    assert "UPI" not in page.response.text


# --- signs -----------------------------------------------------------------------------------------------------------


def test_i_am_still_waiting_is_thanked_and_not_asked_again_that_day(phone: Phone) -> None:
    page = phone.opens(ahead=11)
    assert "I am still waiting" in [words(button) for button in page.all("button")]
    assert phone.sent("/status/waiting").headers["location"] == "/status"
    page = phone.page()
    assert "Thank you. We know that you are still waiting." in page.text
    assert "I am still waiting" not in [words(button) for button in page.all("button")]


def test_call_me_takes_a_safe_time_and_keeps_what_was_typed_when_it_is_too_long(phone: Phone) -> None:
    phone.opens()
    again = checked(phone.sent("/status/call", times="x" * 300))
    assert again.response.status_code == 422
    assert again.one("input", name="times").get("value") == "x" * 300
    phone.sent("/status/call", times="after 5")
    assert "Your peer sees that you want to be called." in phone.page().text


@pytest.mark.parametrize("url", ["/status/waiting", "/status/call"])
def test_without_a_session_a_sign_leads_to_the_field_for_the_code(phone: Phone, url: str) -> None:
    assert phone.sent(url).headers["location"] == "/status"


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_after_ten_minutes_the_page_asks_for_the_code_again(phone: Phone) -> None:
    phone.opens()
    assert phone.page().one("meta", **{"http-equiv": "refresh"}).get("content") == "600; url=/status/closed"
    phone.clock[0] += timedelta(minutes=11)
    assert phone.page().all("input", name="code")


def test_leaving_goes_to_another_site_and_takes_the_cookie_along(phone: Phone) -> None:
    page = phone.opens()
    leave = next(link for link in page.all("a") if "data-leave" in link.attrib)
    assert leave.get("href") == "/status/leave"
    answer = phone.client.get("/status/leave")
    assert answer.headers["location"] == "https://www.weather.gov/"
    assert 'here=""' in answer.headers["set-cookie"]
    assert phone.page().all("input", name="code")


def test_closing_says_that_the_place_is_kept(phone: Phone) -> None:
    phone.opens()
    assert "your place is kept" in phone.page("/status/closed").text
    assert phone.page().all("input", name="code")


def test_the_search_gets_neither_the_code_nor_the_cookie(phone: Phone) -> None:
    page = phone.opens()
    assert page.links()["What is near me tonight"] == "/#near"
    assert phone.client.cookies.jar is not None
    assert [cookie.path for cookie in phone.client.cookies.jar if cookie.name == "here"] == ["/status"]


def test_no_log_line_tells_who_has_looked(phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "footbridge.access")
    _, code = phone.waits(ahead=11)
    phone.sent(code=code)
    phone.page()
    phone.sent("/status/call", times="after 5")
    lines = [record.getMessage() for record in caplog.records if record.name == "footbridge.access"]
    assert [line.rpartition(" ")[0] for line in lines] == [
        "POST /status 303",
        "GET /status 200",
        "POST /status/call 303",
    ]
