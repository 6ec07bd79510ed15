"""The pages of accounts, as those see them who use them: coming in, one's own account, the people of an agency, the demonstration."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pyotp
import pytest
import segno
from httpx2 import Response
from starlette.requests import Request
from starlette.responses import Response as PlainResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from directory.app import create_app
from directory.domain.access import Role
from directory.domain.people import SignedIn
from directory.services import credentials, demo_people
from directory.services.throttle import SAME_TIME_IN_TESTS
from directory.settings import CONSOLE, Settings
from directory.storage import accounts as stored
from directory.storage import db
from directory.web import sessions
from directory.web.accounts import picture
from tests import accounts
from tests.accounts import NOW, PASSWORD, Staff
from tests.pages import Page, checked, get_page, words
from tests.web import shown, world

T = TypeVar("T")
SAME = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def engine() -> str:
    """Pages ask services, which are tested on both engines; here one is enough."""
    return "sqlite"


class Browser:
    """A browser that keeps its cookies and sends forms as our pages do."""

    def __init__(self, client: TestClient, staff: Staff, clock: list[datetime]) -> None:
        self.client = client
        self.staff = staff
        self.clock = clock

    @property
    def now(self) -> datetime:
        """What time it is for the site."""
        return self.clock[0]

    def wait(self, **time: int) -> None:
        """Lets time go by."""
        self.clock[0] += timedelta(**time)

    def page(self, url: str, status: int = 200, language: str = "en") -> Page:
        """The page at this address."""
        page = get_page(self.client, url, status=status, language=language)
        assert page.response.headers["cache-control"] == "no-store"
        return page

    def send(self, url: str, **fields: str) -> Response:
        """The answer to a form."""
        return self.client.post(url, data=fields, headers=SAME)

    def is_sent_to(self, answer: Response) -> str:
        """Where an answer leads."""
        assert answer.status_code == 303, answer.text[:1000]
        return answer.headers["location"]

    def becomes(self, role: Role) -> None:
        """From here on somebody in this role."""
        self.carries(self.staff.cookies[role])

    def carries(self, cookie: str) -> None:
        """From here on with this cookie and no other."""
        self.client.cookies.clear()
        self.client.cookies.set("session", cookie)

    def run(self, work: Callable[..., Awaitable[T]], *values: object) -> T:
        """Runs it in the loop of the site."""
        assert self.client.portal is not None
        return self.client.portal.call(work, *values)


@contextmanager
def opened(url: str, staff: Staff, **more: object) -> Iterator[Browser]:
    """The site over this database, with more settings."""
    settings: Settings = replace(world.settings_for(url), **more)  # type: ignore[arg-type]
    clock = [NOW]
    base = "https://localhost" if settings.base_url.startswith("https") else world.HOST
    app = create_app(settings, clock=lambda: clock[0])
    with TestClient(app, base_url=base, follow_redirects=False) as client:
        yield Browser(client, staff, clock)


@pytest.fixture
def staff(database_url: str) -> Staff:
    return asyncio.run(accounts.staff(database_url))


@pytest.fixture
def browser(database_url: str, staff: Staff) -> Iterator[Browser]:
    with opened(database_url, staff) as browser:
        yield browser


def mistakes(page: Page) -> list[str]:
    """What the summary on top says."""
    (summary,) = page.all("div", role="alert")
    return [words(link) for link in summary.iter("a")]


# --- coming in -------------------------------------------------------------------------------------------------------


def test_somebody_who_is_invited_opens_an_account_and_sets_up_the_second_step(browser: Browser, staff: Staff) -> None:
    token = browser.run(accounts.invited, Role.COORDINATOR, staff.here, "new@example.org")
    address = f"/invitation/{token}"
    page = browser.page(address)
    assert page.one("input", name="email").get("readonly") is not None
    assert token not in words(page.one("footer"))

    answer = browser.send(address, name="Nell Brook", email="", password="passwordpassword")
    again = checked(answer)
    assert answer.status_code == 422
    assert mistakes(again) == ["This password is easy to guess. Four words that only you would put together are good."]
    assert again.one("input", name="name").get("value") == "Nell Brook"
    assert "passwordpassword" not in answer.text

    answer = browser.send(address, name="Nell Brook", email="", password=PASSWORD)
    assert browser.is_sent_to(answer) == "/account/second-factor"
    kept = answer.headers["set-cookie"].lower()
    assert {"httponly", "path=/", "samesite=lax"} <= set(kept.split("; "))
    assert browser.is_sent_to(browser.client.get("/people")).startswith("/sign-in")

    page = browser.page("/account/second-factor")
    assert '<svg width="' in page.response.text.partition('class="steps"')[2]
    secret = words(page.one("code", class_="key")).replace(" ", "")
    answer = browser.send("/account/second-factor", code="000000")
    assert answer.status_code == 422
    assert secret in words(checked(answer).one("code", class_="key")).replace(" ", "")
    answer = browser.send("/account/second-factor", code=pyotp.TOTP(secret).at(NOW))
    assert len(checked(answer).all("li")) >= 10
    assert len(re.findall(r"<code>[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}</code>", answer.text)) == 10

    assert "Nell Brook" in browser.page("/account").text
    assert "Coordinator, Marsh Peers" in browser.page("/account").text
    assert browser.page(address, status=410).title == "This link has ended"


def test_signing_in_leads_to_the_page_that_one_came_for(browser: Browser, staff: Staff) -> None:
    cora = staff.people[Role.COORDINATOR]
    browser.wait(minutes=3)
    asked = browser.is_sent_to(browser.client.get("/people"))
    assert asked == "/sign-in?next=%2Fpeople"
    came_for = browser.page(asked).one("input", name="next").get("value", "")
    answer = browser.send("/sign-in", email=cora.email.upper(), password=PASSWORD, next=came_for)
    assert browser.is_sent_to(answer) == "/sign-in/code?next=%2Fpeople"
    assert browser.page("/sign-in/code?next=%2Fpeople").title == "Your code"
    answer = browser.send("/sign-in/code", code="123 456", next=came_for)
    assert mistakes(checked(answer)) == [
        "That code is not right, or it was used before. Wait for the next one and try again."
    ]
    answer = browser.send("/sign-in/code", code=cora.code(browser.now), next=came_for)
    assert browser.is_sent_to(answer) == "/people"
    assert browser.page("/people").title == "People"


def test_nobody_is_led_away_after_signing_in(browser: Browser, staff: Staff) -> None:
    for place in ("//evil.test", "https://evil.test/", "/\\evil.test", "evil"):
        browser.client.cookies.clear()
        answer = browser.send("/sign-in", email=staff.people[Role.EDITOR].email, password=PASSWORD, next=place)
        assert browser.is_sent_to(answer) == "/desk"


def test_a_wrong_password_and_an_unknown_name_get_the_same_page(browser: Browser, staff: Staff) -> None:
    answers = [
        browser.send("/sign-in", email=email, password="wrong-wrong-wrong")
        for email in (staff.people[Role.EDITOR].email, "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    pages = [checked(answer) for answer in answers]
    assert mistakes(pages[0]) == mistakes(pages[1])
    assert pages[1].one("input", name="email").get("value") == "nobody@example.org"
    assert not any("wrong-wrong-wrong" in answer.text for answer in answers)


def test_who_tries_too_often_is_told_how_long_to_wait(browser: Browser) -> None:
    for _ in range(9):
        answer = browser.send("/sign-in", email="nobody@example.org", password="wrong-wrong-wrong")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "please wait" in mistakes(checked(answer))[0]


def test_over_https_the_cookie_is_bound_to_this_host(database_url: str, staff: Staff) -> None:
    with opened(database_url, staff, base_url="https://localhost") as there:
        answer = there.send("/sign-in", email=staff.people[Role.EDITOR].email, password=PASSWORD)
        name, _, rest = answer.headers["set-cookie"].partition("=")
        assert name == "__Host-session"
        assert {"secure", "httponly", "path=/"} <= set(rest.lower().split("; "))
        assert "domain" not in rest.lower()
        assert there.client.get("/account").status_code == 200


def test_the_pages_speak_spanish_too(browser: Browser) -> None:
    page = browser.page("/sign-in", language="es")
    assert "Sign in" not in page.text
    browser.becomes(Role.ADMINISTRATOR)
    for address in ("/account", "/account/password", "/account/second-factor", "/people", "/people/invite"):
        page = browser.page(address, language="es")
        assert "Your account" not in page.text


def test_no_secret_of_a_link_stands_in_the_log(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="footbridge.access")
    for place in ("/invitation/", "/reset/", "/second-step/", "/Invitation/", "/es/reset/", "/x//invitation/"):
        browser.client.get(f"{place}{'sS' * 21}s?{'q' * 9}")
    assert "/invitation/" in caplog.text
    assert "/es/reset/" in caplog.text
    assert "sss" not in caplog.text.lower()
    assert "qqq" not in caplog.text


@pytest.mark.parametrize(("reads", "cache", "tag"), [(True, "no-store", None), (False, "public, max-age=60", "W/x")])
def test_a_page_that_a_session_went_into_is_never_kept_whatever_it_says(
    reads: bool, cache: str, tag: str | None
) -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        if reads:
            scope[sessions.KEY] = object()
        await PlainResponse("x", headers={"Cache-Control": "public, max-age=60", "ETag": "W/x"})(scope, receive, send)

    answer = TestClient(sessions.Signed(page)).get("/", headers={"cookie": "session=x"})
    assert answer.headers["cache-control"] == cache
    assert answer.headers.get("etag") == tag


# --- one's own account -----------------------------------------------------------------------------------------------


def test_another_password_signs_one_out_everywhere_else(browser: Browser, staff: Staff) -> None:
    editor = staff.people[Role.EDITOR]
    elsewhere = browser.run(accounts.cookie, editor)
    browser.becomes(Role.EDITOR)
    assert len(browser.page("/account").all("li", class_="card")) == 2
    answer = browser.send("/account/password", old="wrong-wrong-wrong", password="otters-under-the-pier")
    assert mistakes(checked(answer)) == ["The password that you have now is not right. Try again."]
    answer = browser.send("/account/password", old=PASSWORD, password="short")
    assert mistakes(checked(answer)) == [
        "Make this longer: use at least 12 characters. Four words that only you would put together are good."
    ]
    answer = browser.send("/account/password", old=PASSWORD, password="otters-under-the-pier")
    assert browser.is_sent_to(answer) == "/desk"
    assert len(browser.page("/account").all("li", class_="card")) == 1
    browser.carries(elsewhere)
    assert browser.is_sent_to(browser.client.get("/account")) == "/sign-in?next=%2Faccount"


def test_another_session_is_ended_from_the_account(browser: Browser, staff: Staff) -> None:
    elsewhere = browser.run(accounts.cookie, staff.people[Role.EDITOR])
    browser.becomes(Role.EDITOR)
    page = browser.page("/account")
    assert "Firefox, Linux" in page.text
    button = page.one("button", name="key")
    assert elsewhere not in page.response.text
    browser.send("/account/sessions", key=button.get("value", ""))
    assert len(browser.page("/account").all("li", class_="card")) == 1


def test_what_changes_who_may_do_what_asks_for_a_fresh_sign_in(browser: Browser, staff: Staff) -> None:
    cora = staff.people[Role.COORDINATOR]
    browser.becomes(Role.COORDINATOR)
    browser.wait(minutes=20)
    place = browser.is_sent_to(browser.client.get("/people/invite"))
    assert place == "/sign-in/again?next=%2Fpeople%2Finvite"
    peer = browser.page("/people").all("button", name="id")[0].get("value", "")
    assert browser.is_sent_to(browser.send("/people/roles/end", id=peer)) == "/sign-in/again?next=%2Fpeople"
    values = {"code": cora.code(browser.now), "next": browser.page(place).one("input", name="next").get("value", "")}
    assert browser.send("/sign-in/again", password="wrong-wrong-wrong", **values).status_code == 422
    assert browser.is_sent_to(browser.send("/sign-in/again", password=PASSWORD, **values)) == "/people/invite"
    assert browser.page("/people/invite").title == "Invite somebody"


def test_a_lost_password_is_asked_for_and_nobody_learns_who_has_an_account(database_url: str, staff: Staff) -> None:
    with opened(database_url, staff, smtp_url=CONSOLE) as there:
        assert mistakes(checked(there.send("/reset", email="nobody"))) == [
            "Write a whole e-mail address, such as name@example.org."
        ]
        places = [
            there.is_sent_to(there.send("/reset", email=email))
            for email in ("nobody@example.org", staff.people[Role.EDITOR].email)
        ]
        assert places == ["/reset?sent=1"] * 2
        assert there.page(places[0]).title == "Look into your mail"
        (row,) = there.run(db.rows, "SELECT words FROM outbox WHERE template = 'reset-password'")
        address = urlsplit(db.from_json(row["words"])["link"]).path
        there.page(address)
        there.client.cookies.clear()
        assert checked(there.send(address, password="short")).response.status_code == 422
        assert there.is_sent_to(there.send(address, password="otters-under-the-pier")) == "/sign-in?new=1"
        known = there.client.cookies["known"]
        assert credentials.device_number(known, staff.people[Role.EDITOR].email, world.settings_for(database_url))
        assert "Your new password is set." in there.page("/sign-in?new=1").text
        assert there.page(address, status=410).title == "This link has ended"


def test_the_time_of_the_answer_does_not_tell_who_has_an_account(database_url: str, staff: Staff) -> None:
    with opened(database_url, staff, smtp_url=CONSOLE) as there:
        for email in ("nobody@example.org", staff.people[Role.EDITOR].email):
            began = time.perf_counter()
            there.send("/reset", email=email)
            assert time.perf_counter() - began >= SAME_TIME_IN_TESTS


def test_what_no_browser_sends_is_turned_away(browser: Browser, staff: Staff) -> None:
    assert browser.send("/sign-in", email="a\0b@example.org", password="x").status_code == 400
    browser.becomes(Role.ADMINISTRATOR)
    for agency in ("²", "1" + "0" * 30):
        answer = browser.send("/people/invite", name="N", email="n@example.org", role="peer", agency=agency)
        assert answer.status_code == 404


def test_what_was_refused_is_written_down(browser: Browser, staff: Staff) -> None:
    browser.becomes(Role.PEER)
    browser.page("/people", status=403)
    (row,) = browser.run(db.rows, "SELECT by, subject FROM access_entry WHERE action = 'refused'")
    assert (row["by"], row["subject"]) == (f"person {staff.people[Role.PEER].id}", "/people")


def test_a_site_without_mail_says_so(browser: Browser) -> None:
    assert "This site sends no mail." in browser.page("/reset").text


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_coordinator_sees_the_own_agency_and_an_administrator_everybody(browser: Browser, staff: Staff) -> None:
    browser.run(accounts.joined, Role.PEER, staff.there, "far@example.org")
    browser.becomes(Role.COORDINATOR)
    near = browser.page("/people").text
    assert "peer@example.org" in near
    assert "far@example.org" not in near
    assert "administrator@example.org" not in near
    browser.becomes(Role.ADMINISTRATOR)
    everybody = browser.page("/people").text
    assert "far@example.org" in everybody
    assert "administrator@example.org" in everybody


def test_an_invitation_is_handed_over_once_however_often_the_form_is_sent(browser: Browser, staff: Staff) -> None:
    browser.becomes(Role.COORDINATOR)
    page = browser.page("/people/invite")
    roles = [option.get("value") for option in page.one("select", name="role").iter("option")]
    assert roles == ["peer", "coordinator", "editor"]
    sent = {"name": "Nell Brook", "email": "nell", "role": "peer", "agency": str(staff.here), "language": "es"}
    sent["once"] = page.one("input", name="once").get("value", "")
    again = checked(browser.send("/people/invite", **sent))
    assert mistakes(again) == ["Write a whole e-mail address, such as name@example.org."]
    assert again.one("input", name="name").get("value") == "Nell Brook"
    assert again.one("input", name="once").get("value") == sent["once"]

    sent["email"] = "nell@example.org"
    handed = checked(browser.send("/people/invite", **sent))
    link = words(handed.one("code", class_="key"))
    assert browser.is_sent_to(browser.send("/people/invite", **sent)) == "/people?done=before"
    assert "Invited, has not come yet" in browser.page("/people").text
    browser.client.cookies.clear()
    browser.page(urlsplit(link).path)


def test_a_role_that_is_ended_ends_at_once(browser: Browser, staff: Staff) -> None:
    browser.becomes(Role.COORDINATOR)
    page = browser.page("/people")
    (button,) = [
        button
        for button in page.all("button", name="id")
        if "End it for" in words(button) and is_of(page, button, "peer@")
    ]
    assert browser.is_sent_to(browser.send("/people/roles/end", id=button.get("value", ""))) == "/people?done=ended"
    assert "The role has ended" in browser.page("/people?done=ended").text
    browser.becomes(Role.PEER)
    assert browser.is_sent_to(browser.client.get("/account")).startswith("/sign-in")


def test_the_last_administrator_is_told_who_it_is_and_keeps_the_role(browser: Browser, staff: Staff) -> None:
    browser.becomes(Role.ADMINISTRATOR)
    page = browser.page("/people")
    (card,) = [card for card in page.all("li", class_="card") if "This is you." in words(card)]
    assert "administrator@example.org" in words(card)
    (button,) = [button for button in card.iter("button") if "End it for" in words(button)]
    answer = browser.send("/people/roles/end", id=button.get("value", ""))
    assert answer.status_code == 409
    assert checked(answer).title == "This is the last administrator"
    assert browser.page("/people").title == "People"


def is_of(page: Page, button: object, text: str) -> bool:
    """Whether a button stands on the card of whom has this text on it."""
    return any(text in words(card) and button in list(card.iter("button")) for card in page.all("li", class_="card"))


def test_a_lost_second_step_is_set_up_again_behind_a_link_and_the_password(browser: Browser, staff: Staff) -> None:
    pia = staff.people[Role.PEER]
    browser.becomes(Role.COORDINATOR)
    handed = checked(browser.send("/people/second-factor", id=str(pia.id)))
    address = urlsplit(words(handed.one("code", class_="key"))).path
    assert browser.run(stored.account, pia.id).totp_secret  # until the link is used, the old one stands
    browser.client.cookies.clear()
    browser.page(address)
    assert checked(browser.send(address, password="wrong-wrong-wrong")).response.status_code == 422
    assert browser.is_sent_to(browser.send(address, password=PASSWORD)) == "/account/second-factor"
    secret = words(browser.page("/account/second-factor").one("code", class_="key")).replace(" ", "")
    assert secret != pia.secret
    browser.page(address, status=410)
    assert browser.send("/account/second-factor", code=pyotp.TOTP(secret).at(NOW)).status_code == 200


def test_who_may_not_is_told_so_and_what_is_anothers_is_not_there(browser: Browser, staff: Staff) -> None:
    browser.becomes(Role.PEER)
    assert browser.page("/people", status=403).title == "You may not do that"
    browser.becomes(Role.COORDINATOR)
    for id in (str(staff.people[Role.ADMINISTRATOR].id), "999999", "", "x", "9" * 30):
        assert browser.send("/people/second-factor", id=id).status_code == 404
        assert browser.send("/people/roles/end", id=id or "0").status_code in (404, 303)


def test_a_coordinator_never_gets_the_link_of_an_invited_administrator(browser: Browser, staff: Staff) -> None:
    browser.run(accounts.invited, Role.ADMINISTRATOR, None, "boss@example.org")
    browser.becomes(Role.COORDINATOR)
    once = browser.page("/people/invite").one("input", name="once").get("value", "")
    answer = browser.send(
        "/people/invite", name="Boss", email="boss@example.org", role="peer", agency=str(staff.here), once=once
    )
    link = urlsplit(words(checked(answer).one("code", class_="key"))).path
    assert link.startswith("/invitation/")  # but it is for who signs in to that account
    browser.page(link, status=410)


# --- the demonstration -----------------------------------------------------------------------------------------------

LOCAL = {"base_url": "http://127.0.0.1:8000", "client": ("127.0.0.1", 5555)}


@pytest.fixture
def demo_url(database_url: str) -> str:
    """A database with invented people and one invented listing."""
    shown.add(database_url, [world.LAMP], "demo")

    async def fill() -> None:
        async with db.connect(database_url):
            await demo_people.demo_people_load(now=NOW)

    asyncio.run(fill())
    return database_url


@contextmanager
def local(url: str, *, site: dict[str, Any] | None = None, **more: object) -> Iterator[TestClient]:
    """The site as it runs on this very machine; `site` are other settings, `more` is of the browser."""
    here = {"hosts": ("127.0.0.1", "demo.example"), "bind": "127.0.0.1", "base_url": "http://127.0.0.1:8000"}
    settings = replace(world.settings_for(url), **{**here, **(site or {})})
    app = create_app(settings, clock=lambda: NOW)
    with TestClient(app, follow_redirects=False, **{**LOCAL, **more}) as client:  # type: ignore[arg-type]
        yield client


def test_in_the_demonstration_one_click_makes_one_any_of_its_people(demo_url: str) -> None:
    with local(demo_url) as client:
        page = get_page(client, "/sign-in")
        roles = {button.get("value"): words(button) for button in page.all("button", name="role")}
        assert list(roles) == ["peer", "coordinator", "editor", "oversight", "administrator"]
        for role, name in roles.items():
            client.cookies.clear()
            answer = client.post("/demo/sign-in", data={"role": role}, headers=SAME)
            assert answer.headers["location"] == "/desk"
            account = get_page(client, "/account")
            assert name in account.text
            assert "Made up for the demonstration" in account.text
            assert "demonstration data" in account.text


def test_from_anywhere_else_nobody_becomes_anybody(demo_url: str) -> None:
    for more in ({"client": ("192.0.2.7", 5555)}, {"base_url": "http://demo.example"}):
        with local(demo_url, **more) as client:
            is_refused(client, {})
    forwarding = (
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-real-ip", "via", "x-client-ip",
        "x-original-host", "cf-connecting-ip", "true-client-ip",
    )  # fmt: skip
    with local(demo_url) as client:
        for headers in ({"host": "demo.example"}, *({name: "127.0.0.1"} for name in forwarding)):
            is_refused(client, headers)


@pytest.mark.parametrize(
    "site", [{"bind": "0.0.0.0"}, {"bind": "::"}, {"bind": ""}, {"base_url": "https://help.example.org"}]
)
def test_a_site_that_is_not_for_this_machine_alone_shows_no_demonstration(demo_url: str, site: dict[str, str]) -> None:
    """A proxy on this machine that says nothing of itself looks like a browser on it."""
    with local(demo_url, site=site) as client:
        is_refused(client, {})


def test_who_speaks_as_bare_proxies_do_is_not_taken_for_a_browser_here(demo_url: str) -> None:
    ends = {"server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 5555)}
    asked = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"127.0.0.1:8000")], **ends}
    with local(demo_url) as client:
        found = [sessions.is_local(Request({**asked, "app": client.app, "http_version": at})) for at in ("1.1", "1.0")]
    assert found == [True, False]


def is_refused(client: TestClient, headers: dict[str, str]) -> None:
    """Nothing is offered, and nothing is to be had for who asks all the same."""
    assert 'name="role"' not in client.get("/sign-in", headers=headers).text
    answer = client.post("/demo/sign-in", data={"role": "peer"}, headers={**SAME, **headers})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_with_a_real_person_the_invented_ones_are_gone_and_so_are_they_without_demonstration_data(
    demo_url: str,
) -> None:
    with local(demo_url) as client:
        client.post("/demo/sign-in", data={"role": "administrator"}, headers=SAME)
        assert client.get("/people").status_code == 200
        assert "the sign-in with one click ends" in get_page(client, "/people/invite").text
        assert client.portal is not None

        async def come() -> SignedIn:
            return await accounts.take(await accounts.invited(Role.ADMINISTRATOR))

        client.portal.call(come)
        assert client.get("/people").status_code == 303
        client.cookies.clear()
        assert client.post("/demo/sign-in", data={"role": "peer"}, headers=SAME).status_code == 404
        assert "start with a new database" in get_page(client, "/sign-in").text
        assert "new database" not in client.get("/sign-in", headers={"via": "1.1 proxy"}).text


def test_in_production_an_invented_person_who_was_in_before_is_out(demo_url: str) -> None:
    with local(demo_url) as client:
        client.post("/demo/sign-in", data={"role": "administrator"}, headers=SAME)
        assert client.get("/people").status_code == 200
        cookie = client.cookies["session"]
    settings = replace(world.settings_for(demo_url), hosts=("127.0.0.1",), env="production", secret="s" * 40)
    with TestClient(create_app(settings, clock=lambda: NOW), follow_redirects=False, **LOCAL) as client:  # type: ignore[arg-type]
        assert client.get("/people", headers={"cookie": f"session={cookie}"}).status_code == 303


def test_without_demonstration_data_there_is_no_click(database_url: str) -> None:
    with local(database_url) as client:
        assert client.post("/demo/sign-in", data={"role": "peer"}, headers=SAME).status_code == 404


def test_the_picture_for_the_app_is_the_code_whatever_the_style_sheet_says() -> None:
    text = "otpauth://totp/Footbridge:ana%40example.org?secret=JBSWY3DPEHPK3PXP&issuer=Footbridge"
    drawn = picture(text)
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn)}
    wanted = list(segno.make(text, micro=False, error="m").matrix_iter(border=4))
    assert dark == {(x, y) for y, row in enumerate(wanted) for x, is_dark in enumerate(row) if is_dark}
    assert 'stroke="none"' in drawn
    assert "style" not in drawn


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_as_coarsely_as_its_owner_would(agent: str, device: str) -> None:
    request = Request({"type": "http", "headers": [(b"user-agent", agent.encode())]})
    assert sessions.device_of(request) == device
