"""An agency's openings and the offers of them in a browser: told in seconds, answered with a tap, and a name only where it may be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from directory.domain.access import Role
from directory.services.waitlist.consents import consent_revoke
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist.disclosures import of_offer
from tests import accounts
from tests.openings import numbers, reported
from tests.pages import Page, checked, words
from tests.services.waitlist import agency
from tests.services.waitlist.agency import CALLED, NAME, PHONE
from tests.services.waitlist.world import NOW, World
from tests.web import world
from tests.web.test_accounts import Browser, opened
from tests.web.test_openings import sent_back

FACTS = {"sex": "female", "birth_month": "1991-05", "payer": "medicaid"}
ASKS = (("sex", ("female", "other")), ("payer", ("medicaid",)))


@pytest.fixture(scope="module")
def town(
    new_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, accounts.Staff]]:
    """One site for all tests here: each has a level of its own."""
    with new_database("sqlite", tmp_path_factory.mktemp("agency")) as url:
        world.fill(url)
        yield url, asyncio.run(accounts.staff(url))


@dataclass
class Desk:
    """The browser of an agency's editor, with a level of the agency's and a line that takes from it."""

    browser: Browser
    made: World

    def offered(self, *restrictions: tuple[str, tuple[str, ...]], **given: Any) -> int:
        return self.browser.run(partial(agency.offered, settings=self.settings, **given), self.made, *restrictions)

    @property
    def settings(self) -> Any:
        return world.settings_for("sqlite://")

    def page(self, url: str, status: int = 200, language: str = "en") -> Page:
        return self.browser.page(url, status, language)

    def card(self) -> str:
        """What the page of openings says of the level."""
        return words(self.page("/desk/slots").one("li", id=f"level-{self.made.level}"))

    def answers(self, offer: int, answer: str, **more: str) -> Response:
        return self.browser.send(f"/desk/offers/{offer}", answer=answer, **more)

    def slot(self) -> int:
        """The only opening of the level."""
        (row,) = self.browser.run(db.rows, f"SELECT id FROM slot WHERE level_id = {self.made.level}")
        return int(row["id"])


@pytest.fixture
def desk(town: tuple[str, accounts.Staff]) -> Iterator[Desk]:
    url, staff = town
    with opened(url, staff, base_url=world.HOST) as browser:
        browser.becomes(Role.EDITOR)
        (row,) = browser.run(db.rows, "SELECT slug FROM listing WHERE name = 'Far Shore Clinic'")
        clerk = staff.people[Role.EDITOR].id
        yield Desk(browser, browser.run(agency.house, staff.here, staff.there, row["slug"], clerk))


def told(desk: Desk, answer: Response) -> str:
    return desk.browser.is_sent_to(answer)


# --- openings --------------------------------------------------------------------------------------------------------


def test_an_opening_is_told_of_with_a_short_form_and_a_second_tap_adds_none(desk: Desk) -> None:
    assert "No opening is told of." in desk.card()
    address = f"/desk/slots/levels/{desk.made.level}"
    page = desk.page(address)
    assert "open" not in page.one("details", id="whom").attrib
    form = sent_back(page, address) | {"count": "2", "free_on": "2026-03-05", "sex": "women", "youngest": "18"}
    assert told(desk, desk.browser.send(address, **form)) == "/desk/slots?done=told"
    assert told(desk, desk.browser.send(address, **form)) == "/desk/slots?done=before"
    assert desk.card().count("Free from Thu 5 Mar") == 2
    assert "Women only; Age 18 and older" in desk.card()
    assert "Peers see it now" in desk.page("/desk/slots?done=told").text


def test_the_next_one_for_the_same_people_takes_one_tap(desk: Desk) -> None:
    address = f"/desk/slots/levels/{desk.made.level}"
    form = sent_back(desk.page(address), address) | {"wheelchair": "no"}
    desk.browser.send(address, **form)
    quick = sent_back(desk.page("/desk/slots"), address)
    assert (quick["count"], quick["same"]) == ("1", "1")
    assert told(desk, desk.browser.send(address, **quick)) == "/desk/slots?done=told"
    assert told(desk, desk.browser.send(address, **quick)) == "/desk/slots?done=before"
    assert desk.card().count("Take back") == 2
    assert (
        desk.card().count("Cannot be reached with a wheelchair") == 3
    )  # both openings, and what the next one would be
    assert sent_back(desk.page(address), address)["wheelchair"] == "no"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("count", "0", "Write a number from 1 to 20."),
        ("count", "many", "Write a number from 1 to 20."),
        ("free_on", "2026-03-01", "Write a day from today on"),
        ("free_on", "soon", "Write a day from today on"),
        ("youngest", "x", "Write a whole number from 0 to 120"),
        ("oldest", "10", "This is younger than the youngest age, 18."),
        ("sex", "some", "Choose one of the list."),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_nothing_typed_is_lost(
    desk: Desk, field: str, value: str, sentence: str
) -> None:
    address = f"/desk/slots/levels/{desk.made.level}"
    form = sent_back(desk.page(address), address) | {"youngest": "18", "count": "3"} | {field: value}
    page = checked(desk.browser.send(address, **form))
    assert page.response.status_code == 422
    assert sentence in words(page.one("p", id=f"{field}-mistake"))
    assert sent_back(page, address)["once"] == form["once"]
    if field != "sex":
        assert sent_back(page, address)[field] == value
    assert "No opening is told of." in desk.card()


def test_a_number_that_cannot_be_in_the_quick_form_leads_to_the_whole_form(desk: Desk) -> None:
    address = f"/desk/slots/levels/{desk.made.level}"
    desk.browser.send(address, **sent_back(desk.page(address), address) | {"sex": "men"})
    quick = sent_back(desk.page("/desk/slots"), address)
    page = checked(desk.browser.send(address, **quick | {"count": "99"}))
    assert page.response.status_code == 422
    assert (sent_back(page, address)["count"], sent_back(page, address)["sex"]) == ("99", "men")


def test_what_the_last_report_says_stands_beside_and_a_contradiction_is_said(desk: Desk) -> None:
    level = desk.made.level
    desk.browser.run(_reported, level, 1)
    address = f"/desk/slots/levels/{level}"
    desk.browser.send(address, **sent_back(desk.page(address), address) | {"count": "2"})
    assert "2 openings stand here, and your last report says 1." in desk.card()
    desk.browser.run(_reported, level, 2)
    assert "stand here" not in desk.card()
    assert "Openings now 2" in desk.card()


async def _reported(level: int, available: int) -> None:
    from directory.storage import openings as storage

    here = await storage.level(level)
    assert here is not None
    await reported(here, numbers(available), now=NOW)


def test_an_old_opening_is_asked_about_and_one_tap_says_that_it_is_there(desk: Desk) -> None:
    address = f"/desk/slots/levels/{desk.made.level}"
    desk.browser.send(address, **sent_back(desk.page(address), address))
    assert "Still there" not in desk.card()
    desk.browser.run(_set, "slot", desk.slot(), "created_at", 73)
    assert "Openings to ask about: still there?" in desk.page("/desk").text
    slot = desk.slot()
    assert told(desk, desk.browser.send(f"/desk/slots/{slot}/still")) == "/desk/slots?done=still"
    assert "Still there" not in desk.card()
    assert "told just now" in desk.card()


async def _set(table: str, id: int, column: str, hours: int) -> None:
    """Has a moment of a row lie so many hours back."""
    sql = db.Sql()
    moment = sql(to_column(NOW - timedelta(hours=hours)))
    await db.execute(f"UPDATE {table} SET {column} = {moment} WHERE id = {sql(id)}", sql.values)


def test_an_opening_goes_back_with_a_reason_and_says_what_comes_of_its_offer(desk: Desk) -> None:
    offer = desk.offered()
    address = f"/desk/slots/{desk.slot()}/end"
    assert "offered to somebody" in desk.card()
    assert "They lose this offer, and keep their place in line." in desk.page(address).text
    wrong = checked(desk.browser.send(address, reason=""))
    assert wrong.response.status_code == 422
    assert told(desk, desk.browser.send(address, reason="staff")) == "/desk/slots?done=ended"
    assert told(desk, desk.browser.send(address, reason="staff")) == "/desk/slots?done=ended"
    assert "You took the opening back" in desk.page(f"/desk/offers/{offer}").text
    assert told(desk, desk.browser.send(f"/desk/slots/{desk.slot()}/still")) == "/desk/slots?done=changed"


def test_a_level_without_a_line_says_whom_to_ask(desk: Desk) -> None:
    desk.browser.run(db.execute, f"DELETE FROM pool_level WHERE level_id = {desk.made.level}")
    assert "No line takes from this level yet: ask a coordinator." in desk.card()
    assert "ask a coordinator" in desk.page(f"/desk/slots/levels/{desk.made.level}").text


# --- offers ----------------------------------------------------------------------------------------------------------


def test_before_the_yes_the_page_has_a_number_and_what_the_opening_asks_for(desk: Desk) -> None:
    """WAITLIST 4.4."""
    offer = desk.offered(*ASKS, **FACTS, pregnant="yes")
    page = desk.page(f"/desk/offers/{offer}")
    for text in (
        "Ages 25 to 34",
        "Women or men woman",
        "Medicaid",
        "Farshore Peers keeps the person's place",
        "answer until today, 2 pm",
    ):
        assert text in page.text
    for text in (NAME, CALLED, PHONE, "pregnant", "part 2"):
        assert text not in page.text
    assert page.title == "An offer to your agency"
    assert desk.browser.run(_told, offer) == []


async def _told(offer: int) -> list[tuple[str, ...]]:
    return [each.scope for each in await of_offer(await agency.client_of(offer), offer)]


def test_after_the_yes_the_page_has_the_name_with_the_notice_and_the_scope_of_the_consent(desk: Desk) -> None:
    """42 CFR 2.32(a)(2), 2.32(b), 2.33(b)."""
    offer = desk.offered(*ASKS, accepted=True, scope=("name", "contact"), **FACTS)
    page = desk.page(f"/desk/offers/{offer}")
    for text in (
        NAME,
        PHONE,
        "Best times: after 5 pm",
        "Leave no message.",
        "Others use this telephone too.",
        "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
        "Marsh Peers may tell you who they are and how to reach them, to find them a place.",
        "42 CFR 2.33(b)",
    ):
        assert text in page.text
    assert "Medicaid" not in page.text
    assert page.links()[PHONE] == "tel:" + "".join(each for each in PHONE if each.isdigit())
    assert desk.browser.run(_told, offer) == [("contact", "name")]
    assert page.response.headers["cache-control"] == "no-store"
    assert NAME not in words(page.all("title")[0])


def test_the_list_has_a_name_only_where_the_page_of_the_offer_has_told_it(desk: Desk) -> None:
    """42 CFR 2.31(c), 2.32: a list tells nothing new, and forgets what was taken back."""
    offer = desk.offered(accepted=True)
    page = desk.page("/desk/offers")
    assert "The person said yes" in words(page.one("li", id=f"offer-{offer}"))
    assert f"/desk/offers/{offer}#come" in page.links().values()
    assert NAME not in words(page.one("li", id=f"offer-{offer}"))
    assert desk.browser.run(_told, offer) == []
    desk.page(f"/desk/offers/{offer}")
    page = desk.page("/desk/offers")
    assert NAME in words(page.one("li", id=f"offer-{offer}"))
    assert "42 CFR part 2 prohibits" in page.text
    assert NAME not in words(page.all("title")[0])
    desk.browser.run(_revoked, desk, offer)
    assert NAME not in words(desk.page("/desk/offers").one("li", id=f"offer-{offer}"))


def test_once_the_consent_is_taken_back_the_page_has_the_number_alone(desk: Desk) -> None:
    """42 CFR 2.31(a)(6), 2.31(c)."""
    offer = desk.offered(accepted=True)
    assert NAME in desk.page(f"/desk/offers/{offer}").text
    desk.browser.run(_revoked, desk, offer)
    page = desk.page(f"/desk/offers/{offer}")
    assert NAME not in page.text
    assert PHONE not in page.text
    assert "They took their consent back" in page.text


async def _revoked(desk: Desk, offer: int) -> None:
    (row,) = await of_offer(await agency.client_of(offer), offer)
    assert row.consent is not None
    await consent_revoke(id=row.consent, by=desk.made.peer, now=NOW, settings=desk.settings)


def test_looking_is_no_answer_and_each_answer_is_a_button_that_counts_once(desk: Desk) -> None:
    offer = desk.offered()
    page = desk.page(f"/desk/offers/{offer}")
    assert "We have seen it" in page.text
    assert "New" in words(desk.page("/desk/offers").one("li", id=f"offer-{offer}"))
    for answer in ("seen", "seen", "agree", "agree"):
        assert told(desk, desk.answers(offer, answer)) == f"/desk/offers/{offer}?done={answer}"
    page = desk.page(f"/desk/offers/{offer}?done=agree")
    assert "You take this person: said" in page.text
    assert "We have seen it" not in page.text
    assert told(desk, desk.answers(offer, "seen", back="/desk/offers")) == "/desk/offers?done=seen"


def test_a_refusal_asks_for_a_reason_that_fits_the_opening(desk: Desk) -> None:
    offer = desk.offered(*ASKS, **FACTS)
    page = desk.page(f"/desk/offers/{offer}")
    reasons = [each.get("value") for each in page.one("select", id="reason").iter("option")]
    assert "not-eligible-payer" in reasons
    assert "not-eligible-age" not in reasons
    wrong = checked(desk.answers(offer, "reject", reason=""))
    assert wrong.response.status_code == 422
    assert "Choose one of these." in words(wrong.one("p", id="reason-mistake"))
    assert told(desk, desk.answers(offer, "reject", reason="not-eligible-payer")).endswith("?done=reject")
    text = desk.page(f"/desk/offers/{offer}").text
    assert "You did not take this person" in text
    assert "It does not fit: Ways to pay" in text


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("arrived", "The person has come"),
        ("no-show", "The person did not come"),
        ("cancelled", "The person does not come after all"),
    ],
)
def test_the_agency_says_what_came_of_the_arrival(desk: Desk, answer: str, state: str) -> None:
    offer = desk.offered(accepted=True)
    desk.page(f"/desk/offers/{offer}")
    assert told(desk, desk.answers(offer, answer)).endswith(f"?done={answer}")
    assert state in words(desk.page("/desk/offers").one("li", id=f"offer-{offer}"))
    page = desk.page(f"/desk/offers/{offer}")
    assert state in page.text
    assert "You can look at this until Mon 9 Mar, 11 am." in page.text
    assert told(desk, desk.answers(offer, "agree")).endswith("?done=changed")


def test_an_answer_that_comes_too_late_changes_nothing_and_says_so(desk: Desk) -> None:
    offer = desk.offered()
    desk.browser.run(_set, "offer", offer, "expires_at", 0)
    assert told(desk, desk.answers(offer, "agree")) == f"/desk/offers/{offer}?done=changed"
    page = desk.page(f"/desk/offers/{offer}?done=changed")
    assert "nothing was noted" in page.text
    assert "Nobody answered in time" in page.text


def test_what_waits_for_the_agency_has_a_card_on_its_desk(desk: Desk) -> None:
    desk.offered()
    page = desk.page("/desk")
    assert page.links()["Offers to your agency"] == "/desk/offers"
    assert page.text.index("What waits") < page.text.index("Is this still right?")


@pytest.mark.parametrize(
    "url",
    ["/desk/slots", "/desk/offers", "/desk/slots/levels/{level}", "/desk/slots/{slot}/end", "/desk/offers/{offer}"],
)
def test_every_page_is_there_in_spanish(desk: Desk, url: str) -> None:
    offer = desk.offered(accepted=True)
    page = desk.page(url.format(level=desk.made.level, slot=desk.slot(), offer=offer), language="es")
    for text in ("Peers offer", "Take back", "The person", "Your answer", "Why is it gone", "How many"):
        assert text not in page.text


@pytest.mark.parametrize(
    "url", ["/desk/offers/99999", "/desk/offers/x", "/desk/slots/99999/end", "/desk/slots/levels/99999"]
)
def test_what_there_is_not_is_not_found(desk: Desk, url: str) -> None:
    assert desk.browser.client.get(url).status_code == 404
