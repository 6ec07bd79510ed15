"""Agencies, programs, levels of care and claims, as those see them who set them up and those who ask."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from directory.domain.access import Role
from directory.domain.agencies import ZONES
from directory.domain.levels import ASAM, UNITS
from directory.domain.people import AGENCY_KINDS
from directory.web.presenters_agencies import KINDS, LEVEL_NAMES, UNIT_NAMES, ZONE_NAMES
from tests import accounts, agencies
from tests.factories import one_value
from tests.pages import Page, checked, words
from tests.web.signed import Signed, mistakes, once, signed_site, value

CLINIC = {"name": "Far Shore Agency", "kind": "treatment", "timezone": "America/New_York"}
LEVEL = {"name": "Beds for women", "care": "residential", "asam": "4:3.5", "unit": "bed", "licensed": "12"}


@pytest.fixture
def engine() -> str:
    """Pages ask services, which are tested on both engines; here one is enough."""
    return "sqlite"


@pytest.fixture
def site(database_url: str) -> Iterator[Signed]:
    with signed_site(database_url) as site:
        site.becomes(Role.COORDINATOR)
        yield site


def slug(site: Signed, name: str = "Far Shore Clinic") -> str:
    return str(site.run(one_value, "SELECT slug FROM listing WHERE name = {0}", name))


def clinic(site: Signed) -> str:
    """The address of a new agency."""
    return site.sent("/agencies/new", **CLINIC, **once(site.page("/agencies/new")))


def given(site: Signed) -> str:
    """The address of a new agency that has the clinic's listing."""
    address = clinic(site)
    form = f"/claims/new?listing={slug(site)}&agency={address.rpartition('/')[2]}"
    values = {"listing": slug(site), "agency": address.rpartition("/")[2], "what": "listing"}
    assert site.sent("/claims/new", **values, **once(site.page(form))) == f"{address}?done=claimed"
    return address


def program(site: Signed) -> str:
    """The address of a new program."""
    address = given(site)
    page = site.page(f"{address}/programs/new")
    return site.sent(f"{address}/programs/new", listing=value_of_first(page), name="Night house", **once(page))


def value_of_first(page: Page) -> str:
    return next(page.one("select", name="listing").iter("option")).get("value", "")


def cards(page: Page) -> list[str]:
    return [words(card) for card in page.all("li", class_="card")]


def titles(page: Page) -> list[str]:
    return [
        words(heading) for card in page.all("li", class_="card") for heading in (*card.iter("h2"), *card.iter("h3"))
    ]


# --- agencies --------------------------------------------------------------------------------------------------------


def test_an_agency_is_made_with_what_was_typed_kept_until_it_is_right(site: Signed) -> None:
    form = site.page("/agencies/new")
    page = site.again("/agencies/new", **CLINIC | {"name": " "}, **once(form))
    assert mistakes(page) == ["Name: Fill this in."]
    assert (value(page, "timezone"), once(page)) == ("America/New_York", once(form))
    address = site.sent("/agencies/new", **CLINIC, **once(page))
    assert site.page(address).title == "Far Shore Agency"
    assert site.sent("/agencies/new", **CLINIC, **once(page)) == "/agencies"  # the same form a second time
    page = site.again("/agencies/new", **CLINIC, **once(site.page("/agencies/new")))
    assert mistakes(page) == ["Another one has this name already. Choose a name that tells them apart."]
    assert "Far Shore Agency Treatment · 0 people · 0 listings" in cards(site.page("/agencies"))


def test_who_saves_an_agency_second_sees_both_and_loses_nothing(site: Signed) -> None:
    address = clinic(site)
    mine = site.page(address)
    theirs = {**CLINIC, "kind": "peer", "version": value(mine, "version")}
    assert site.sent(address, **theirs) == f"{address}?done=saved"
    page = site.again(address, 409, **CLINIC | {"name": "Our name"}, version=value(mine, "version"))
    assert mistakes(page)[1:] == [
        "Somebody else set this to: Far Shore Agency",
        "Somebody else set this to: Peer support",
    ]
    assert (value(page, "name"), value(page, "kind")) == ("Our name", "treatment")
    assert site.sent(address, **CLINIC | {"name": "Our name"}, version=value(page, "version"))
    assert site.page(address).title == "Our name"


def test_a_mistake_does_not_hide_what_came_in_between(site: Signed) -> None:
    address = clinic(site)
    seen = value(site.page(address), "version")
    site.sent(address, **CLINIC | {"kind": "peer"}, version=seen)
    page = site.again(address, 422, **CLINIC | {"name": ""}, version=seen)
    assert value(page, "version") == seen
    site.again(address, 409, **CLINIC, version=value(page, "version"))


def test_an_agency_is_closed_and_opened_again(site: Signed) -> None:
    address = given(site)
    assert site.sent(f"{address}/close", state="closed") == f"{address}?done=closed"
    page = site.page(f"{address}?done=closed")
    assert "The agency is closed" in page.text
    assert "0 listings Closed" in page.text
    assert site.sent(f"{address}/close", state="open") == f"{address}?done=opened"
    assert "Closed" not in words(site.page(address).all("p", class_="quiet")[0])


def test_closing_an_agency_asks_for_a_fresh_sign_in_and_comes_back_to_it(site: Signed) -> None:
    address = clinic(site)
    site.run(agencies.time_passed)
    asked = site.sent(f"{address}/close", state="closed")
    assert asked == f"/sign-in/again?next={address.replace('/', '%2F')}"
    assert "Closed" not in site.page("/agencies").text


def test_the_own_agency_offers_no_way_to_close_it(site: Signed) -> None:
    page = site.page(f"/agencies/{site.staff.here}")
    assert not [form for form in page.all("form") if "/close" in form.get("action", "")]
    site.page(f"/agencies/{site.staff.here}/close", status=405)
    assert site.send(f"/agencies/{site.staff.here}/close", state="closed").status_code == 404


# --- programs --------------------------------------------------------------------------------------------------------


def test_a_program_is_one_of_the_agencys_listings_and_gets_a_level_of_care(site: Signed) -> None:
    address = program(site)
    page = site.page(address)
    assert page.links()["Far Shore Clinic"] == f"/listings/{slug(site)}"
    form = site.page(f"{address}/levels/new")
    assert value(form, "care") == ""
    unchosen = site.again(f"{address}/levels/new", **LEVEL | {"care": ""}, **once(form))
    assert mistakes(unchosen) == ["What visitors find it by: Choose one of these."]
    wrong = site.again(f"{address}/levels/new", **LEVEL | {"licensed": "a dozen"}, **once(form))
    assert mistakes(wrong) == ["Write a whole number, such as 12, or leave it empty."]
    assert (value(wrong, "licensed"), value(wrong, "asam")) == ("a dozen", "4:3.5")
    assert site.sent(f"{address}/levels/new", **LEVEL, **once(wrong)) == f"{address}?done=saved"
    assert cards(site.page(address)) == ["Beds for women Residential · Beds · 12 licensed · ASAM 3.5"]


def test_an_agency_without_a_listing_is_told_what_to_do_first(site: Signed) -> None:
    address = clinic(site)
    page = site.page(f"{address}/programs/new")
    assert "This agency has no listing yet" in page.text
    assert not page.all("select", name="listing")
    again = site.again(f"{address}/programs/new", listing="", name="Night house", once="n" * 43)
    give = again.links()["Give it listings"]
    assert site.page(give).title == "Give listings to Far Shore Agency"
    site.becomes(Role.ADMINISTRATOR)  # who sets up programs, and gives no listings
    assert "Give it listings" not in site.page(f"{address}/programs/new").links()


def test_who_saves_a_level_second_sees_both_in_the_words_of_the_form(site: Signed) -> None:
    address = program(site)
    site.sent(f"{address}/levels/new", **LEVEL, reminders="yes", **once(site.page(f"{address}/levels/new")))
    level = site.page(address).links()["Beds for women"]
    seen = value(site.page(level), "version")
    assert site.sent(level, **LEVEL | {"licensed": "", "asam": ""}, state="closed", version=seen)
    page = site.again(level, 409, **LEVEL | {"licensed": "14"}, reminders="yes", state="open", version=seen)
    assert [said.removeprefix("Somebody else set this to: ") for said in mistakes(page)[1:]] == [
        "None, or not known",
        "nothing",
        "not ticked",
        "Closed",
    ]
    assert value(page, "licensed") == "14"
    assert page.one("input", name="reminders").get("checked") is not None


def test_a_program_is_renamed_and_closed(site: Signed) -> None:
    address = program(site)
    version = value(site.page(address), "version")
    site.sent(address, name="Day house", funded="yes", state="closed", version=version)
    page = site.page(address)
    assert page.title == "Day house"
    assert page.one("input", name="funded").get("checked") is not None
    assert value(page, "state") == "closed"


def test_what_is_not_there_is_said_so(site: Signed) -> None:
    for path in ("/agencies/999", "/agencies/x", "/programs/999", "/levels/999", "/agencies/999/programs/new"):
        site.page(path, status=404)
    site.page("/claims/new?listing=no-such-listing", status=404)


def test_every_kind_zone_unit_and_level_has_a_name() -> None:
    assert set(KINDS) == set(AGENCY_KINDS)
    assert set(ZONE_NAMES) == set(ZONES)
    assert set(UNIT_NAMES) == set(UNITS)
    assert set(LEVEL_NAMES) == {(level.edition, level.code) for level in ASAM}


# --- claims ----------------------------------------------------------------------------------------------------------


def asks(site: Signed, name: str = "Far Shore Clinic", **more: str) -> str:
    """Where it leads to ask for a listing."""
    page = site.page(f"/claims/new?listing={slug(site, name)}")
    values = {"listing": slug(site, name), "agency": value(page, "agency"), "what": "listing"}
    return site.sent("/claims/new", **values | more, **once(page))


def test_an_editor_finds_a_listing_by_name_and_asks_for_it(site: Signed) -> None:
    site.becomes(Role.EDITOR)
    found = site.page("/claims/new?q=far+shore")
    assert titles(found) == ["Far Shore Clinic"]
    assert found.links()["Listings that are ours"] == "/claims"
    assert found.links()["Choose Far Shore Clinic"] == f"/claims/new?listing={slug(site)}"
    assert "Nothing has that name" in site.page("/claims/new?q=zebra").text
    assert asks(site, words="Call 555-0100.") == "/claims?done=asked"
    page = site.page("/claims?done=asked")
    assert "Waits for an answer" in page.text
    (button,) = page.all("button", name="id")
    assert site.sent("/claims/withdraw", id=button.get("value", "")) == "/claims?done=withdrawn"
    assert "Withdrawn" in cards(site.page("/claims"))[0]


def test_the_form_offers_a_listing_alone_or_all_of_its_organization(site: Signed) -> None:
    site.becomes(Role.EDITOR)
    page = site.page(f"/claims/new?listing={slug(site, 'Quiet Lamp Group')}")
    choices = [words(option) for option in page.one("select", name="what").iter("option")]
    assert choices == ["Only this listing: Quiet Lamp Group", "Everything of Marsh Intergroup: 1 listing"]
    page = site.page(f"/claims/new?listing={slug(site)}")
    assert [words(option) for option in page.one("select", name="what").iter("option")] == [
        "Only this listing: Far Shore Clinic"
    ]


def test_asking_twice_is_said_so_and_what_was_typed_stays(site: Signed) -> None:
    site.becomes(Role.EDITOR)
    asks(site)
    page = site.page(f"/claims/new?listing={slug(site)}")
    values = {"listing": slug(site), "agency": value(page, "agency"), "what": "listing", "words": "Please."}
    again = site.again("/claims/new", **values, **once(page))
    assert mistakes(again) == ["Your agency has asked for this already. The answer is still to come."]
    assert words(again.one("textarea", name="words")) == "Please."


def test_a_coordinator_refuses_with_words_and_the_editor_reads_them(site: Signed) -> None:
    site.becomes(Role.EDITOR)
    asks(site, words="Call 555-0100.")
    site.becomes(Role.COORDINATOR)
    assert "1 claim waits" in site.page("/agencies").text
    page = site.page("/claims")
    assert "Ana Reed, Marsh Peers · This one listing · asked just now" in cards(page)[0]
    assert "Call 555-0100." in cards(page)[0]
    id = page.one("input", name="id").get("value", "")
    again = site.again("/claims/settle", id=id, decision="refuse", answer=" ")
    assert "Fill this in." in cards(again)[0]
    assert site.sent("/claims/settle", id=id, decision="refuse", answer="It is run by others.")
    assert "No claim waits" in site.page("/claims").text
    site.becomes(Role.EDITOR)
    assert "It is run by others." in site.page("/claims").text


def test_a_claim_on_what_another_agency_has_is_shown_and_cannot_be_approved(site: Signed) -> None:
    site.becomes(Role.EDITOR)
    asks(site)
    site.becomes(Role.COORDINATOR)
    address = given(site)
    page = site.page("/claims")
    assert "Some of it belongs to another agency now: Far Shore Agency." in page.text
    id = page.one("input", name="id").get("value", "")
    again = site.again("/claims/settle", 409, id=id, decision="approve", answer="Welcome.")
    assert "This belongs to Far Shore Agency by now." in again.text
    assert words(again.one("textarea", name="answer")) == "Welcome."
    (button,) = site.page(address).all("button", name="id")
    assert site.sent("/claims/end", id=button.get("value", "")) == f"{address}?done=ended"
    assert site.sent("/claims/settle", id=id, decision="approve", answer="Welcome.") == "/claims?done=approved"


def test_of_many_claims_the_one_with_a_mistake_is_on_the_page_that_comes_again(site: Signed) -> None:
    last = site.run(agencies.many_asked, site.staff.here, slug(site), 26)
    first = site.page("/claims")
    assert (len(cards(first)), first.links()["Next page"]) == (25, "/claims?page=2")
    second = site.page("/claims?page=2")
    assert (len(cards(second)), second.links()["Previous page"]) == (1, "/claims?page=1")
    long = "x" * 2001
    again = site.again("/claims/settle", id=str(last), decision="refuse", answer=long)
    assert len(cards(again)) == 26
    assert words(again.one("textarea", id=f"answer-{last}")) == long
    for odd in ("0", "-1", "x", "9" * 30, "²"):
        assert len(cards(site.page(f"/claims?page={odd}"))) in (0, 25)


def test_a_claim_that_was_settled_meanwhile_says_so(site: Signed) -> None:
    claim = site.run(agencies.asked_for, site.staff.here, slug(site))
    site.becomes(Role.EDITOR)
    site.sent("/claims/withdraw", id=str(claim))
    site.becomes(Role.COORDINATOR)
    page = site.again("/claims/settle", 409, id=str(claim), decision="approve")
    assert page.title == "Somebody has decided this already"


# --- a role for somebody who has an account --------------------------------------------------------------------------


def offered(site: Signed, role: Role = Role.EDITOR) -> str:
    """The path of the link to a role in another agency, offered to the editor by its coordinator."""
    dora = site.run(accounts.joined, Role.COORDINATOR, site.staff.there, "dora@example.org")
    site.carries(site.run(accounts.cookie, dora))
    sent = {"name": "E", "email": f"{Role.EDITOR}@example.org", "role": role, "agency": str(site.staff.there)}
    page = checked(site.send("/people/invite", **sent, **once(site.page("/people/invite"))))
    return urlsplit(words(page.one("code", class_="key"))).path


def test_a_role_that_is_offered_stands_on_the_account_and_is_accepted_there(site: Signed) -> None:
    offered(site)
    site.becomes(Role.EDITOR)
    site.run(agencies.proven, site.staff.people[Role.EDITOR].id)
    page = site.page("/account")
    assert "take on one more role: Agency editor, Farshore Peers" in page.text
    key = page.all("input", name="key")[0].get("value", "")
    answer = site.send("/account/roles", key=key, answer="accept")
    assert answer.headers["location"] == "/account"
    assert "Agency editor, Marsh Peers; Agency editor, Farshore Peers" in site.page("/account").text
    assert "one more role" not in site.page("/account").text


def test_behind_the_link_of_the_letter_one_signs_in_first_and_may_say_no(site: Signed) -> None:
    address = offered(site)
    site.client.cookies.clear()
    assert site.client.get(address).headers["location"].startswith("/sign-in?next=%2Finvitation%2F")
    site.becomes(Role.EDITOR)
    site.run(agencies.proven, site.staff.people[Role.EDITOR].id)
    assert "Agency editor, Farshore Peers" in site.page(address).text
    assert site.send(address, answer="perhaps").status_code == 404
    assert site.sent(address, answer="decline") == "/account"
    site.page(address, status=410)
    site.again(address, 410, answer="accept")


def test_a_role_is_for_whom_it_was_offered(site: Signed) -> None:
    address = offered(site)
    site.becomes(Role.PEER)
    site.page(address, status=410)
    site.again(address, 410, answer="accept")


# --- people of an agency ---------------------------------------------------------------------------------------------


def test_a_shelter_is_an_agency_of_another_kind_to_which_its_editors_are_invited(site: Signed) -> None:
    values = {**CLINIC, "name": "Heron Shelter", "kind": "other"}
    address = site.sent("/agencies/new", **values, **once(site.page("/agencies/new")))
    assert "Other help, such as a shelter, a recovery home or harm reduction" in site.page(address).text
    agency = address.rpartition("/")[2]
    page = site.page(f"/people/invite?agency={agency}")
    sent = {"name": "Ed Marsh", "email": "ed@example.org", "agency": agency, "role": "editor"}
    assert site.send("/people/invite", **sent, **once(page)).status_code == 200
    assert titles(site.page(f"/people?agency={agency}")) == ["Ed Marsh"]


def test_an_editor_is_invited_into_a_treatment_agency_as_trusted_and_that_is_taken_back(site: Signed) -> None:
    agency = clinic(site).rpartition("/")[2]
    page = site.page(f"/people/invite?agency={agency}")
    assert (value(page, "agency"), value(page, "role")) == (agency, "editor")
    sent = {"name": "Ed Marsh", "email": "ed@example.org", "agency": agency, "trusted": "yes"}
    again = site.again("/people/invite", **sent, role="peer", **once(page))
    assert mistakes(again) == ["In this agency you can invite editors. For other roles ask its coordinator."]
    assert again.one("input", name="trusted").get("checked") is not None
    assert site.send("/people/invite", **sent, role="editor", **once(again)).status_code == 200
    people = site.page(f"/people?agency={agency}")
    assert titles(people) == ["Ed Marsh"]
    assert "Publishes at once" in people.text
    id = next(field.get("value", "") for field in people.all("input", name="id"))
    assert site.sent("/people/roles/trust", id=id, trusted="no") == "/people?done=trusted"
    assert "Publishes at once" not in site.page(f"/people?agency={agency}").text
    assert "Ed Marsh" not in titles(site.page("/people"))


def test_all_of_it_speaks_spanish_too(site: Signed) -> None:
    address = program(site)
    agency = site.page(address).links()["Back to the agency"]
    for path in ("/agencies", "/agencies/new", agency, address, f"{address}/levels/new", "/claims", "/claims/new"):
        page = site.page(path, language="es")
        assert "agency" not in page.text.lower().replace("far shore agency", ""), path
