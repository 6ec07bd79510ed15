"""The pages of groups: for everybody, for the people who keep them, for a person with their peer, and behind a card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from httpx2 import Response
from icalendar import Calendar

from directory.domain.access import Role
from directory.domain.bridge.groups import GroupValues
from directory.services.waitlist.codes import code_issue
from directory.storage.bridge import groups as stored
from tests.pages import Page, checked, get_page, words
from tests.services.bridge import grouped
from tests.services.bridge.grouped import LOCAL
from tests.services.waitlist import agency as people
from tests.services.waitlist import world as small
from tests.services.waitlist.world import NOW
from tests.web.test_openings import sent_back
from tests.web.waitlist.persons import SETTINGS, Keeping

NAME = "Tuesday lanterns"
DESK = "/desk/groups"


def added(keeper: Keeping, values: GroupValues | None = None, **change: Any) -> int:
    """The number of a new group of the peer's agency."""
    given = replace(values or LOCAL, name=NAME, **change)
    return int(keeper.browser.run(grouped.added, keeper.made, given, SETTINGS))


def meetings(keeper: Keeping, group: int) -> list[stored.MeetingNow]:
    return list(keeper.browser.run(grouped.meetings, group))


def public(keeper: Keeping, url: str, status: int = 200, language: str = "en") -> Page:
    """A page as a visitor sees it."""
    keeper.browser.client.cookies.clear()
    page = get_page(keeper.browser.client, url, status=status, language=language)
    keeper.browser.becomes(Role.PEER)
    return page


def found(keeper: Keeping, query: str) -> list[dict[str, Any]]:
    answer = keeper.browser.client.get(f"/api/listings?near=19199&kind=recovery-support&{query}").json()
    return [each for each in answer["results"] if each["name"] == NAME]


# --- in the search ---------------------------------------------------------------------------------------------------


def test_a_public_group_is_found_in_the_one_search_at_its_time_and_leads_to_its_seats(keeper: Keeping) -> None:
    id = added(keeper, is_public=True)
    (listing,) = found(keeper, "day=today&time=now")
    assert listing["next_start"] == "2026-03-02T10:30:00-05:00"
    assert listing["organization"] == "Marsh Peers"
    assert (listing["people"], listing["access"], listing["language"]) == (["women"], ["wheelchair"], ["en"])
    assert [(each["day"], each["start"], each["end"]) for each in listing["schedules"]] == [(1, "10:30", "12:00")]
    assert found(keeper, "day=tomorrow") == []
    page = public(keeper, f"/listings/{listing['slug']}")
    assert page.links()["Seats, and how to have one"] == f"/groups/{id}"
    assert NAME in public(keeper, "/search?near=19199&kind=recovery-support").text
    end(keeper, id)
    assert public(keeper, f"/listings/{listing['slug']}", 410)


def end(keeper: Keeping, id: int) -> None:
    form = sent_back(keeper.browser.page(f"{DESK}/{id}"), f"{DESK}/{id}/end")
    assert keeper.browser.is_sent_to(keeper.browser.send(f"{DESK}/{id}/end", **form)).endswith("ended")


def test_what_is_once_is_found_on_its_day_and_what_is_called_off_is_not(keeper: Keeping) -> None:
    id = added(keeper, is_public=True, series=replace(LOCAL.series, every="once"))
    assert len(found(keeper, "day=today")) == 1
    assert found(keeper, "day=2") == []
    (meeting,) = meetings(keeper, id)
    url = f"{DESK}/{id}/meetings/{meeting.id}"
    form = sent_back(keeper.browser.page(url), url) | {"state": "off"}
    assert keeper.browser.is_sent_to(keeper.browser.send(url, **form)).endswith("?done=saved")
    assert found(keeper, "day=today") == []
    assert len(found(keeper, "")) == 1
    end(keeper, id)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_group_that_is_not_public_is_nowhere_for_others(keeper: Keeping, language: str) -> None:
    id = added(keeper)
    other = keeper.browser.run(small.made, keeper.browser.staff.there)
    client = keeper.browser.run(people.somebody, other, SETTINGS)
    code = keeper.run(code_issue, client=client, by=other.peer, now=NOW, settings=SETTINGS)
    assert found(keeper, "") == []
    assert NAME not in public(keeper, "/groups", language=language).text
    assert NAME not in public(keeper, "/search?kind=recovery-support", language=language).text
    public(keeper, f"/groups/{id}", 404)
    for url in (f"/groups/{id}.ics", f"/groups/{10**6}.ics", f"/groups/{10**6}"):
        assert keeper.browser.client.get(url).status_code == 404
    assert NAME not in keeper.browser.client.get("/groups.ics").text
    with_code(keeper, code)
    assert NAME not in get_page(keeper.browser.client, "/status").text


def sent(keeper: Keeping, address: str, form: dict[str, str]) -> Response:
    """The answer to a form that has a field for an address."""
    return keeper.browser.client.post(address, data=form, headers={"sec-fetch-site": "same-origin"})


def with_code(keeper: Keeping, code: str) -> None:
    """From here on the browser of the owner of a card."""
    keeper.browser.client.cookies.clear()
    assert keeper.browser.is_sent_to(keeper.browser.send("/status", code=code)) == "/status"


# --- for everybody ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_everybody_sees_when_and_where_and_how_many_seats_are_left(keeper: Keeping, language: str) -> None:
    id = added(keeper, is_public=True, capacity=3)
    for url in ("/groups", f"/groups/{id}"):
        page = public(keeper, url, language=language)
        assert page.response.headers["cache-control"] == "public, max-age=60"
        assert NAME in page.text
        assert ("3 seats left" if language == "en" else "quedan 3 asientos") in page.text
        assert "12 Heron Lane" in page.text
    end(keeper, id)


def test_a_full_group_says_that_one_can_wait_and_a_hidden_address_and_link_are_for_who_has_a_seat(
    keeper: Keeping,
) -> None:
    url = "https://meet.example.org/lanterns"
    where = replace(LOCAL.where, visibility="partial")
    id = added(keeper, is_public=True, capacity=1, attendance="hybrid", url=url, where=where)
    entry = keeper.joined()
    take(keeper, entry.upi, meetings(keeper, id)[0].id)
    page = public(keeper, f"/groups/{id}")
    assert "full, you can wait for a seat" in page.text
    assert "Whoever has a seat is told the address." in page.text
    file = keeper.browser.client.get(f"/groups/{id}.ics").text
    (listing,) = found(keeper, "")
    for text in (page.text, file, public(keeper, f"/listings/{listing['slug']}").text):
        assert "12 Heron Lane" not in text
        assert url not in text
    own = keeper.browser.page(f"/clients/{entry.upi}/groups")
    assert "12 Heron Lane" in own.text
    assert url in own.links().values()
    end(keeper, id)


def test_the_calendar_of_a_group_and_of_all_of_them_can_be_subscribed_to(keeper: Keeping) -> None:
    id = added(keeper, is_public=True)
    for url in (f"/groups/{id}.ics", "/groups.ics"):
        answer = keeper.browser.client.get(url)
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=60"
        uids = {str(each["uid"]) for each in Calendar.from_ical(answer.content).walk("VEVENT")}
        assert f"group-{id}@localhost" in uids
    end(keeper, id)


# --- for the people who keep them ------------------------------------------------------------------------------------


def test_a_group_is_set_up_and_changed_in_a_form_that_loses_nothing(keeper: Keeping) -> None:
    page = keeper.browser.page(f"{DESK}/new")
    assert "tells nothing" in page.text
    form = sent_back(page, f"{DESK}/new") | {"name": NAME, "city": "Saltmarsh", "state": "pa", "time": "7 o’clock"}
    wrong = checked(sent(keeper, f"{DESK}/new", form | {"until": "soon", "words": "Bring a lantern"}))
    assert wrong.response.status_code == 422
    assert "Write a day" in words(wrong.one("p", id="until-mistake"))
    assert "Bring a lantern" in wrong.text
    wrong = checked(sent(keeper, f"{DESK}/new", form))
    assert "such as 19:00" in words(wrong.one("p", id="time-mistake"))
    form |= {"time": "19:00", "capacity": "8", "access": "wheelchair"}
    url = keeper.browser.is_sent_to(sent(keeper, f"{DESK}/new", form)).partition("?")[0]
    assert keeper.browser.is_sent_to(sent(keeper, f"{DESK}/new", form)) == DESK
    page = keeper.browser.page(url)
    assert "0 of 8 seats taken" in page.text
    assert len(page.one("ul", class_="entries").findall("li")) == 8
    edit = sent_back(keeper.browser.page(f"{url}/edit"), f"{url}/edit")
    assert (edit["capacity"], edit["state"], edit["access"]) == ("8", "PA", "wheelchair")
    assert keeper.browser.is_sent_to(sent(keeper, f"{url}/edit", edit | {"capacity": "9"})).endswith("saved")
    late = checked(sent(keeper, f"{url}/edit", edit | {"capacity": "10"}))
    assert late.response.status_code == 409
    assert "Somebody else set this to: 9" in late.text
    end(keeper, int(url.rpartition("/")[2]))
    assert "Ended" in keeper.browser.page(DESK).text


def test_who_came_is_said_with_one_tap_and_taken_back_with_another(keeper: Keeping) -> None:
    id = added(keeper)
    meeting = meetings(keeper, id)[0].id
    entry = keeper.joined()
    take(keeper, entry.upi, meeting)
    url = f"{DESK}/{id}/meetings/{meeting}"
    page = keeper.browser.page(url)
    assert people.CALLED in page.text
    assert people.CALLED not in words(page.all("title")[0])
    came = next(each.get("value", "") for each in page.all("button", name="mark") if words(each).startswith("Came"))
    keeper.browser.send(f"{url}/attendance", mark=came)
    page = keeper.browser.page(url)
    assert [words(each) for each in page.one("ul", class_="entries").iter("span") if each.get("class") == "tag"] == ["Came"]  # fmt: skip
    (back,) = [each.get("value", "") for each in page.all("button", name="mark")]
    keeper.browser.send(f"{url}/attendance", mark=back)
    assert "Has a seat" in keeper.browser.page(url).text
    form = sent_back(page, f"{url}/others")
    wrong = checked(keeper.browser.send(f"{url}/others", **form | {"others": "some"}))
    assert "Write a whole number" in words(wrong.one("p", id="others-mistake"))
    assert wrong.one("input", id="others").get("value") == "some"
    assert keeper.browser.is_sent_to(keeper.browser.send(f"{url}/others", **form | {"others": "4"})).endswith("counted")
    logged = keeper.rows(f"SELECT details FROM access_entry WHERE action = 'see-group' AND subject = 'group {id}'")
    assert logged


def test_of_somebody_of_another_agency_no_name_is_told(keeper: Keeping) -> None:
    id = added(keeper, is_public=True)
    meeting = meetings(keeper, id)[0].id
    other = keeper.browser.run(small.made, keeper.browser.staff.there)
    client = keeper.browser.run(people.somebody, other, SETTINGS)
    upi = keeper.browser.run(grouped.upi_of, client)
    assert keeper.browser.run(grouped.takes, other, upi, meeting) == "seat"
    page = keeper.browser.page(f"{DESK}/{id}/meetings/{meeting}")
    assert "Somebody through" in page.text
    assert people.CALLED not in page.text
    assert upi not in page.text
    end(keeper, id)


# --- for one person --------------------------------------------------------------------------------------------------


def take(keeper: Keeping, upi: str, meeting: int, what: str = "take") -> str:
    """Where a tap on the page of a person leads."""
    url = f"/clients/{upi}/groups"
    once = sent_back(keeper.browser.page(url), url)["once"]
    return keeper.browser.is_sent_to(keeper.browser.send(url, once=once, what=f"{what}-{meeting}"))


def test_a_peer_takes_a_seat_for_somebody_who_then_waits_and_moves_up(keeper: Keeping) -> None:
    id = added(keeper, capacity=1)
    meeting = meetings(keeper, id)[0].id
    one, other = keeper.joined(), keeper.joined()
    assert take(keeper, one.upi, meeting).endswith("?done=seat")
    assert take(keeper, other.upi, meeting).endswith("?done=waiting")
    page = keeper.browser.page(f"/clients/{other.upi}/groups?done=waiting")
    assert "they wait for a seat" in page.text
    assert people.CALLED not in words(page.all("title")[0])
    assert take(keeper, one.upi, meeting, "leave").endswith("?done=left")
    assert "Has a seat" in keeper.browser.page(f"/clients/{other.upi}/groups").text
    copy = keeper.browser.page(f"/clients/{other.upi}/copy")
    assert f"{NAME}: Has a seat" in copy.text
    url = f"/clients/{one.upi}/groups"
    assert keeper.browser.send(url, what="sing-1", once="x" * 43).status_code == 404
    keeper.browser.page(f"/clients/{'0' * 12}/groups", 404)


def test_the_owner_of_a_card_takes_a_seat_and_gives_it_up_and_sees_no_name_of_the_agency(keeper: Keeping) -> None:
    id = added(keeper)
    meeting = meetings(keeper, id)[0].id
    entry = keeper.joined()
    code = keeper.run(code_issue, client=entry.client, by=keeper.made.peer, now=NOW, settings=SETTINGS)
    with_code(keeper, code)
    client = keeper.browser.client
    page = get_page(client, "/status")
    assert "Marsh Peers" not in page.text
    form = {"once": sent_back(page, "/status/groups")["once"]}
    answer = keeper.browser.send("/status/groups", **form, what=f"take-{meeting}")
    assert keeper.browser.is_sent_to(answer) == "/status"
    assert answer.headers["referrer-policy"] == "no-referrer"
    page = get_page(client, "/status")
    assert "You have a seat." in page.text
    assert words(page.one("div", role="status")).startswith("You have a seat: ")
    assert "12 Heron Lane" in page.text
    assert "Heron Hall" not in page.text
    form = {"once": sent_back(page, "/status/groups")["once"]}
    keeper.browser.send("/status/groups", **form, what=f"leave-{meeting}")
    assert "You have a seat." not in get_page(client, "/status", language="en").text
    for what in ("", "take-", "take-x", "take-999999", "sing-1"):
        assert keeper.browser.send("/status/groups", once="y" * 43, what=what).status_code == 303
    rows = keeper.rows(
        f"SELECT by, details FROM audit_entry WHERE action = 'group-seat' AND subject = 'client {entry.upi}'"
    )
    assert {row["by"] for row in rows} == {"client"}
    assert NAME not in str(rows)
