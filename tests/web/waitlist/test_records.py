"""The pages of the records, as a coordinator sees them, and nobody else."""

from __future__ import annotations

from functools import partial

import pytest

from directory.domain.access import Role
from directory.storage import db
from directory.storage.waitlist import clients, disclosures
from tests import accounts, care
from tests.accounts import NOW
from tests.pages import checked, words
from tests.web.signed import mistakes, once
from tests.web.test_accounts import Browser


@pytest.fixture
def browser(coordinator: Browser) -> Browser:
    return coordinator


def new(browser: Browser, **values: str) -> dict[str, str]:
    """The form for something new, filled in."""
    given = {"what": "A list lay in a bus.", "clients": "", "happened_on": "", "found_on": "2026-03-01"}
    return given | {"agency": str(browser.staff.here)} | once(browser.page("/records")) | values


def breach(browser: Browser, days_ago: int = 0) -> str:
    return f"/records/breaches/{browser.run(care.breach_in, browser.staff.here, 1, days_ago)}"


async def _audited(action: str) -> list[dict[str, object]]:
    sql = db.Sql()
    return await db.rows(
        f"SELECT subject, details, chain FROM audit_entry WHERE action = {sql(action)} ORDER BY id DESC", sql.values
    )


def test_a_breach_is_written_down_with_the_numbers_of_people_and_the_days_that_count(browser: Browser) -> None:
    """42 CFR 2.16; WAITLIST 1.5."""
    upi = browser.run(care.upi_in, browser.staff.here)
    place = browser.is_sent_to(browser.send("/records/breaches", **new(browser, clients=f" {upi.lower()},")))
    text = browser.page(place).text
    assert "A list lay in a bus." in text
    assert "1 person is touched by it." in text
    assert "The people: to be told by Apr 30, 2026" in text
    assert "The Department of Health and Human Services: to be told by Mar 1, 2027" in text
    assert upi in text
    (noted, *_) = browser.run(_audited, "breach-added")
    assert "bus" not in str(noted)
    assert noted["chain"] == f"agency {browser.staff.here}"


def test_the_same_form_twice_is_one_breach(browser: Browser) -> None:
    values = new(browser)
    places = [browser.is_sent_to(browser.send("/records/breaches", **values)) for _ in range(2)]
    assert places[1] == "/records?done=before"


def test_a_form_that_is_not_right_keeps_what_was_typed(browser: Browser) -> None:
    elsewhere = browser.run(care.upi_in, browser.staff.there)
    answer = browser.send(
        "/records/breaches", **new(browser, what=" ", clients=f"{elsewhere} MOON", found_on="2027-01-01")
    )
    page = checked(answer)
    assert answer.status_code == 422
    assert mistakes(page) == [
        "What happened: Fill this in.",
        "One of these is none of our numbers. Look at them again.",
        "This day is still to come. Write today, or an earlier day.",
    ]
    assert page.one("input", name="clients").get("value") == f"{elsewhere} MOON"


def test_the_days_are_written_and_it_is_closed_once_the_people_were_told(browser: Browser) -> None:
    address = breach(browser)
    answer = browser.send(address, version="1", closed="yes")
    assert mistakes(checked(answer)) == ["The people were told on: Fill this in."]
    browser.send(address, version="1", people_told_on="2026-03-02")
    assert "The people: told on Mar 2, 2026" in browser.page(address).text
    browser.send(address, version="2", people_told_on="2026-03-02", closed="yes")
    page = browser.page(address)
    assert "This is closed." in page.text
    assert not page.all("input", name="version")


def test_two_who_were_merged_are_one_person_in_it_by_the_number_they_are_kept_under(browser: Browser) -> None:
    """Whoever was written down twice is told once; the old number is understood too."""
    gone, kept = (browser.run(care.client_in, browser.staff.here) for _ in range(2))
    typed = f"{gone[1]} {kept[1]}"
    before = browser.is_sent_to(browser.send("/records/breaches", **new(browser, clients=typed)))
    assert "2 people are touched by it." in browser.page(before).text
    browser.run(_merged, gone[0], kept[0])
    after = browser.is_sent_to(browser.send("/records/breaches", **new(browser, clients=typed)))
    for place in (before, after):
        text = browser.page(place).text
        assert "1 person is touched by it." in text
        assert kept[1] in text
        assert gone[1] not in text


async def _merged(gone: int, kept: int) -> None:
    async with db.staging():
        await db.execute(f"UPDATE client SET merged_into_id = {kept} WHERE id = {gone}")


def test_the_page_of_a_person_leads_a_coordinator_to_their_records_and_a_peer_not(browser: Browser) -> None:
    upi = browser.run(care.upi_in, browser.staff.here)
    assert f"/clients/{upi}/records" in browser.page(f"/clients/{upi}").links().values()
    browser.becomes(Role.PEER)
    assert f"/clients/{upi}/records" not in browser.page(f"/clients/{upi}").links().values()


def test_of_two_who_change_it_the_second_is_told(browser: Browser) -> None:
    address = breach(browser)
    browser.send(address, version="1", media_told_on="2026-03-01")
    answer = browser.send(address, version="1", media_told_on="2026-03-02")
    assert (answer.status_code, checked(answer).title) == (409, "Somebody has decided this already")


def test_what_was_to_be_told_by_now_is_marked_and_waits_on_the_desk(browser: Browser) -> None:
    address = breach(browser, days_ago=61)
    late = browser.page(address).all("li", class_="mistake")
    assert words(late[0]) == "The people: was to be told by Mar 1, 2026"
    assert "Something that went wrong: who is to be told" in browser.page("/desk").text


async def _told(browser_staff: accounts.Staff) -> str:
    id, upi = await care.client_in(browser_staff.here)
    async with db.staging():
        await disclosures.add(
            client=id,
            consent=None,
            agency=browser_staff.there,
            offer=None,
            scope=["name"],
            basis="consent",
            notice="part2-short 1",
            sealed=None,
            by="test",
            at=NOW,
        )
    return upi


def test_the_list_of_disclosures_names_whom_when_and_what(browser: Browser) -> None:
    """42 CFR 2.24, 2.25; WAITLIST 1.5."""
    upi = browser.run(_told, browser.staff)
    page = browser.page(f"/clients/{upi}/records")
    assert page.title == "Records of a person"
    cells = [words(cell) for cell in page.all("td")]
    assert cells == ["Mar 2, 2026", "Farshore Peers", "who they are"]


def test_a_legal_hold_is_put_on_and_taken_off_with_a_reason(browser: Browser) -> None:
    upi = browser.run(care.upi_in, browser.staff.here)
    address = f"/clients/{upi}/records"
    assert browser.send(address, version="1", hold="on", reason="").status_code == 422
    for _ in range(2):
        assert browser.is_sent_to(browser.send(address, version="1", hold="on", reason="court")) == address
    assert "is held back" in browser.page(address).text
    assert upi in browser.page("/records").text
    browser.send(address, version="2", hold="off", reason="counsel")
    row = browser.run(clients.by_upi, upi)
    assert row is not None
    assert not row.legal_hold
    (on,) = [each for each in browser.run(_audited, "legal-hold") if each["subject"] == f"client {upi}"]
    assert "court" in str(on["details"])


def test_whoever_asks_for_records_is_answered_with_the_operators_text(browser: Browser) -> None:
    """42 CFR 2.12(d), 2.61 to 2.67; WAITLIST 1.5."""
    assert "neither confirm nor deny" in browser.page("/records/refusal").text


@pytest.mark.parametrize("role", [Role.PEER, Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR])
def test_nobody_else_opens_the_records(browser: Browser, role: Role) -> None:
    upi = browser.run(care.upi_in, browser.staff.here)
    address = breach(browser)
    browser.becomes(role)
    for url in ("/records", address, "/records/refusal", f"/clients/{upi}/records"):
        assert browser.client.get(url).status_code == 403


def test_another_agencys_are_as_if_they_were_not_there(browser: Browser) -> None:
    upi = browser.run(care.upi_in, browser.staff.there)
    id = browser.run(partial(care.breach_in, browser.staff.there))
    assert browser.client.get(f"/clients/{upi}/records").status_code == 404
    assert browser.client.get(f"/records/breaches/{id}").status_code == 404
    assert f"/records/breaches/{id}" not in browser.page("/records").links().values()
