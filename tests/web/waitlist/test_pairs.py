"""Clients who may be one person, in a coordinator's browser: side by side, and decided with one tap."""

from __future__ import annotations

import pytest

from directory.domain.access import Role
from directory.services.sealing import opened, seal
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import clients, consents
from tests import accounts, openings
from tests.pages import checked, words
from tests.services.waitlist import agency
from tests.services.waitlist import standing as lines
from tests.services.waitlist.world import NOW
from tests.web import world
from tests.web.test_accounts import Browser
from tests.web.test_openings import sent_back


@pytest.fixture
def browser(coordinator: Browser) -> Browser:
    return coordinator


def settings() -> Settings:
    return world.settings_for("sqlite://")


def pair(browser: Browser) -> tuple[int, tuple[int, int]]:
    """A pair of the own agency, and the ids of both."""
    return browser.run(lines.pair_in, browser.staff.here, settings())


def upi(browser: Browser, client: int) -> str:
    row = browser.run(clients.by_id, client)
    assert row is not None
    return row.upi


def test_both_are_shown_side_by_side_under_a_title_that_names_nobody(browser: Browser) -> None:
    id, (one, other) = pair(browser)
    listed = browser.page("/pairs")
    assert "Both have the same: a telephone number." in listed.text
    assert "Rosa" not in listed.text
    page = browser.page(f"/pairs/{id}")
    assert [words(next(card.iter("h2"))) for card in page.all("li", class_="card")] == ["Rosa", "R. Reed"]
    assert "Apr 2, 1990" in page.text
    assert "Quiet voice" in page.text
    assert "Reed" not in words(page.one("title"))
    assert upi(browser, one) in page.text
    assert upi(browser, other) in page.text


def test_what_is_known_of_both_and_differs_is_said_before_the_buttons(browser: Browser) -> None:
    id, (one, _other) = pair(browser)
    assert "Not the same: whole name." not in browser.page("/pairs").text
    browser.run(_born_on, one, "1980-11-03")
    assert "birth date" in words(browser.page(f"/pairs/{id}").all("p", class_="problem")[0])


async def _born_on(client: int, day: str) -> None:
    row = await clients.by_id(client)
    assert row is not None
    known = opened(row.sealed, settings()) | {"born": day}
    async with db.staging():
        sql = db.Sql()
        text = f"UPDATE client SET sealed = {sql(seal(known, settings()))} WHERE id = {sql(client)}"
        await db.execute(text, sql.values)


def test_before_they_become_one_it_is_said_that_a_consent_of_one_of_them_ends(browser: Browser) -> None:
    """42 CFR 2.31(a)(6): the other took theirs back."""
    id, (one, other) = pair(browser)
    said = "One of the two took a consent back."
    assert said not in browser.page(f"/pairs/{id}").text
    first = browser.run(agency.consent, one, browser.staff.there)
    browser.run(agency.consent, other, browser.staff.there)
    browser.run(_take_back, first)
    assert said in browser.page(f"/pairs/{id}").text


async def _take_back(consent: int) -> None:
    async with db.staging():
        await consents.revoke(consent, NOW)


def test_one_tap_makes_one_person_and_the_old_address_leads_to_the_one_that_stays(browser: Browser) -> None:
    id, (one, other) = pair(browser)
    form = sent_back(browser.page(f"/pairs/{id}"), f"/pairs/{id}")
    answer = browser.send(f"/pairs/{id}", **form | {"answer": str(one)})
    assert browser.is_sent_to(answer) == f"/clients/{upi(browser, one)}"
    old = browser.client.get(f"/clients/{upi(browser, other)}")
    assert browser.is_sent_to(old) == f"/clients/{upi(browser, one)}"
    again = browser.send(f"/pairs/{id}", **form | {"answer": str(one)})
    assert browser.is_sent_to(again) == f"/clients/{upi(browser, one)}"
    assert "One person." in browser.page(f"/pairs/{id}").text


def test_nobody_who_may_not_see_either_learns_where_an_old_number_leads(browser: Browser) -> None:
    id, (one, other) = browser.run(lines.pair_in, browser.staff.there, settings())
    browser.run(_merge, one, other)
    assert browser.client.get(f"/clients/{upi(browser, other)}").status_code == 404
    assert browser.client.get(f"/pairs/{id}").status_code == 404


async def _merge(one: int, other: int) -> None:
    async with db.staging():
        await clients.change(other, 1, merged_into_id=one)


def test_two_people_stay_two_until_somebody_looks_anew(browser: Browser) -> None:
    id, _ = pair(browser)
    answer = browser.send(f"/pairs/{id}", answer="different")
    assert browser.is_sent_to(answer) == "/pairs?done=different"
    assert browser.is_sent_to(browser.send(f"/pairs/{id}", answer="different")) == "/pairs?done=different"
    assert f"/pairs/{id}" not in [
        link.get("href") for card in browser.page("/pairs").all("li", class_="card") for link in card.iter("a")
    ]
    browser.is_sent_to(browser.send(f"/pairs/{id}/reopen"))
    assert "Two people" in words(browser.page(f"/pairs/{id}").one("form", action=f"/pairs/{id}"))
    assert browser.send(f"/pairs/{id}/reopen").status_code == 409


def test_a_pair_that_changed_since_it_was_looked_at_is_shown_as_it_is_now(browser: Browser) -> None:
    id, (one, other) = pair(browser)
    form = sent_back(browser.page(f"/pairs/{id}"), f"/pairs/{id}")
    browser.run(_changed, other)
    answer = browser.send(f"/pairs/{id}", **form | {"answer": str(one)})
    assert answer.status_code == 409
    assert "Nothing was changed" in checked(answer).text


async def _changed(client: int) -> None:
    async with db.staging():
        assert await clients.change(client, 1, language="es")


def test_two_live_offers_are_said_in_words(browser: Browser) -> None:
    id, (one, other) = pair(browser)
    browser.run(_offered, browser.staff.here, one, other)
    form = sent_back(browser.page(f"/pairs/{id}"), f"/pairs/{id}")
    answer = browser.send(f"/pairs/{id}", **form | {"answer": str(other)})
    assert answer.status_code == 409
    assert "End one of the two offers first" in checked(answer).text


async def _offered(agency: int, *ids: int) -> None:
    """An offer to each of them, without the openings being anybody's."""
    pool = await lines.line_in(agency)
    level = await _level(agency)
    for client in ids:
        entry = await lines.stands_in(pool, client)
        async with db.staging():
            sql = db.Sql()
            values = sql.list((level, "held", "[]", "test", str(accounts.NOW), 1))
            columns = "level_id, status, restrictions, created_by, created_at, version"
            (slot,) = await db.rows(f"INSERT INTO slot ({columns}) VALUES ({values}) RETURNING id", sql.values)
            sql = db.Sql()
            values = sql.list(
                (slot["id"], entry, client, "pending", 1, "[]", "test", str(accounts.NOW), str(accounts.NOW), 1)
            )
            columns = "slot_id, entry_id, client_id, status, considered, passed_over, by, at, expires_at, version"
            await db.execute(f"INSERT INTO offer ({columns}) VALUES ({values})", sql.values)
            await db.execute(f"UPDATE entry SET status = 'offered' WHERE id = {entry}")


async def _level(agency: int) -> int:
    (row,) = await db.rows("SELECT slug FROM listing WHERE name = 'Far Shore Clinic'")
    return (await openings.level(agency, str(row["slug"]))).id


@pytest.mark.parametrize("role", [Role.PEER, Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR])
def test_nobody_but_a_coordinator_learns_that_there_is_a_pair(browser: Browser, role: Role) -> None:
    """42 CFR 2.13(c)."""
    id, _ = pair(browser)
    browser.becomes(role)
    assert browser.client.get("/pairs").status_code == 403
    assert browser.client.get(f"/pairs/{id}").status_code == 403
    assert browser.send(f"/pairs/{id}", answer="different").status_code == 403
