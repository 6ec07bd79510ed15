"""The page of suggestions, and what is said of each listing in one tap."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from directory.domain.access import Actor, Grant, Role
from directory.domain.bridge.plans import Plan
from directory.services.bridge.plans import plan_save
from directory.storage import db
from tests import accounts
from tests.county import county
from tests.pages import Page, checked, get_page, words
from tests.services.bridge.suggesting import accompanied
from tests.services.waitlist import world as small
from tests.services.waitlist.world import NOW
from tests.web import world
from tests.web.test_accounts import SAME, Browser, opened
from tests.web.waitlist.persons import SETTINGS

PLAN = Plan(barriers=("housing", "court", "childcare"), where="00101", likes=("na",), dislikes=("aa",))


@dataclass
class Going:
    """The browser of a peer of the demonstration county, and their client."""

    browser: Browser
    upi: str

    @property
    def url(self) -> str:
        return f"/clients/{self.upi}/suggestions"

    def page(self, more: str = "", **given: str) -> Page:
        return self.browser.page(self.url + more, **given)

    def mark(self, slug: str, what: str, at: str = "", **more: str) -> str:
        return self.browser.is_sent_to(self.browser.send(f"{self.url}/marks", tap=f"{what} {slug} {at}", **more))

    def tapped(self, slug: str, what: str, *ticked: str, at: str = "") -> Page:
        """The page after a tap with these ticked."""
        data = {"tap": f"{what} {slug} {at}", "slug": list(ticked)}
        return checked(self.browser.client.post(f"{self.url}/marks", data=data, headers=SAME))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, accounts.Staff]:
    url = county(tmp_path_factory.mktemp("county"))
    return url, asyncio.run(accounts.staff(url))


async def client_made(staff: accounts.Staff, plan: Plan | None, **facts: str) -> str:
    made = await small.made(staff.here)
    made.peer = Actor(staff.people[Role.PEER].id, (Grant(Role.PEER, staff.here),))
    upi = await accompanied(made, **facts)
    if plan:
        await plan_save(upi=upi, plan=plan, version=0, by=made.peer, now=NOW, settings=SETTINGS)
    return upi


@pytest.fixture
def going(site: tuple[str, accounts.Staff]) -> Iterator[Going]:
    url, staff = site
    with opened(url, staff, base_url=world.HOST) as browser:
        browser.becomes(Role.PEER)
        upi = browser.run(partial(client_made, staff, PLAN, sex="female", payer="medicaid"))
        yield Going(browser, upi)


def card(page: Page, name: str) -> str:
    """The text of the first card of this listing."""
    return words(page.card(name))


def slug_of(page: Page, name: str) -> str:
    return next(link.get("href", "") for link in page.card(name).iter("a")).rpartition("/")[2]


def hrefs(page: Page) -> list[str]:
    return [link.get("href", "") for link in page.all("a")]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_keeps_the_rules_and_tells_nothing_in_its_title_or_address(going: Going, language: str) -> None:
    page = going.page(language=language)
    assert page.response.headers["cache-control"] == "no-store"
    assert page.cards()
    assert not any(name in words(page.all("title")[0]) for name in (*page.cards(), "00101", "Larkspur"))


def test_each_listing_says_how_far_when_and_why(going: Going) -> None:
    page = going.page()
    assert "0.5 miles today, 7:30 pm they like NA" in card(page, "Come As You Are")
    assert "takes Medicaid" in card(page, "Bluebird Parent House")
    assert "about 7 miles" in card(page, "Aspen Recovery Home for Women")
    assert "for women" in card(page, "Aspen Recovery Home for Women")
    assert "Ask first: it is for LGBTQ+ people." in card(page, "Rainbow Inquiry")
    assert "for people with a court case or record" in card(page, "Fresh Page Records Clinic")
    assert "Late Lantern" not in page.text


def test_what_is_more_is_asked_of_the_search_page_with_the_place_alone(going: Going) -> None:
    """Nothing in the address says whose question it is."""
    page = going.page()
    asked = [urlsplit(href) for href in hrefs(page) if href.startswith("/search?")]
    assert len(asked) >= 5
    names = {name for each in asked for name in parse_qs(each.query)}
    assert names <= {"near", "kind", "sort", "attendance", "care", "tz"}
    meetings = next(each for each in asked if "kind=meeting" in each.query)
    assert "18 meetings" in get_page(going.browser.client, f"/search?{meetings.query}").title
    assert "18 meetings within 25 miles of Larkspur City, ZZ" in page.text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_plan_has_a_few_of_each_need_and_the_way_to_all(going: Going) -> None:
    page = going.browser.page(f"/clients/{going.upi}/plan")
    assert "Come As You Are" in page.text
    assert f"{going.url}" in hrefs(page)
    assert max(len(each.findall(".//li[@class='card']")) for each in page.all("details")) <= 3


def test_a_tap_pins_and_the_pinned_stand_first(going: Going) -> None:
    slug = slug_of(going.page(), "Bluebird Parent House")
    assert going.mark(slug, "pinned") == f"{going.url}?done=pinned#said"
    assert going.mark(slug, "pinned") == f"{going.url}?done=before#said"
    page = going.page("?done=pinned")
    assert page.cards()[0] == "Bluebird Parent House"
    assert page.cards().count("Bluebird Parent House") == 1
    assert "Pinned: Bluebird Parent House. It stands first from now on." in page.text
    assert going.mark(slug, "unpinned") == f"{going.url}?done=unpinned#said"
    assert going.page().cards()[0] != "Bluebird Parent House"


@pytest.mark.parametrize("what", ["removed", "not-for-me", "closed"])
def test_a_tap_puts_away_and_another_takes_it_back(going: Going, what: str) -> None:
    slug = slug_of(going.page(), "The Porch")
    assert going.mark(slug, what, at="2-1") == f"{going.url}?done={what}&at=2-1#said"
    page = going.page(f"?done={what}&at=2-1")
    assert "The Porch" in words(page.one("div", id="said"))
    assert "The Porch" not in page.cards()
    assert "The Porch" in words(page.one("details", id="away"))
    going.mark(slug, "back")
    assert "The Porch" in going.page().cards()


def test_a_tap_on_the_plan_leads_back_to_the_plan_and_its_address_names_no_listing(going: Going) -> None:
    slug = slug_of(going.page(), "Come As You Are")
    assert going.mark(slug, "went", "1-1", here="plan") == f"/clients/{going.upi}/plan?done=went&at=1-1#said"
    page = going.browser.page(f"/clients/{going.upi}/plan?done=went&at=1-1")
    assert "Written down: they went to Come As You Are today." in words(page.one("div", id="said"))
    assert "They went on Mon 2 Mar." in card(going.page(), "Come As You Are")


def test_a_tap_on_nothing_changes_nothing(going: Going) -> None:
    assert going.mark("no-such-place-abcdefgh", "pinned") == f"{going.url}?done=not-this#said"
    assert "Nothing was changed." in going.page("?done=not-this").text


def test_another_place_and_time_stay_out_of_the_address_and_outlive_a_tap(going: Going) -> None:
    asked = {"where": "Saltgrass, ZZ", "when": "tomorrow"}
    response = going.browser.send(going.url, **asked)
    page = checked(response)
    assert response.url.path == going.url
    assert not response.url.query
    assert "From Saltgrass, ZZ" in page.text
    assert "Meetings tomorrow" in page.text
    slug = slug_of(page, "Tools Tuesday")
    hidden = {str(each.get("name")): str(each.get("value")) for each in page.one("form", id="handout").iter("input")}
    again = checked(going.browser.send(f"{going.url}/marks", tap=f"pinned {slug} 1-1", **hidden))
    assert "From Saltgrass, ZZ" in again.text
    assert again.cards()[0] == "Tools Tuesday"
    assert "From Larkspur City" in going.page().text


def ticked_on(page: Page) -> set[str]:
    return {str(each.get("value")) for each in page.all("input", name="slug") if each.get("checked") is not None}


@pytest.mark.parametrize(("where", "status"), [("Saltgrass, ZZ", 200), ("Larkspurr, ZZ", 422)])
def test_what_is_ticked_outlives_another_place_also_one_that_nobody_knows(
    going: Going, where: str, status: int
) -> None:
    found = going.browser.client.get("/api/listings", params={"kind": "employment"}).json()["results"][0]
    near, far = slug_of(going.page(), "The Porch"), str(found["slug"])
    assert far not in {each.get("value") for each in going.page().all("input", name="slug")}
    data = {"where": where, "when": "tomorrow", "slug": [near, far, "no-such-place-abcdefgh"]}
    page = checked(going.browser.client.post(going.url, data=data, headers=SAME))
    assert page.response.status_code == status
    assert ticked_on(page) == {near, far}
    assert str(found["name"]) in words(page.one("fieldset"))
    assert ticked_on(going.tapped(near, "pinned", near, far)) == {near, far}


def test_where_and_when_are_asked_for_with_what_is_ticked(going: Going) -> None:
    page = going.page()
    fields = [page.one("input", id="where"), page.one("select", id="when")]
    (look,) = [each for each in page.all("button") if words(each) == "Look"]
    assert {each.get("form") for each in (*fields, look)} == {"handout"}
    assert look.get("formaction") == going.url


def test_without_another_place_it_is_that_of_the_plan_at_the_time_that_was_asked_for(going: Going) -> None:
    page = checked(going.browser.send(going.url, where=" ", when="tomorrow"))
    assert "From Larkspur City" in page.text
    assert "Meetings tomorrow" in page.text


def test_after_a_tap_the_other_language_leads_to_the_suggestions(going: Going) -> None:
    page = going.tapped(slug_of(going.page(), "The Porch"), "pinned", slug_of(going.page(), "The Porch"))
    assert {each.get("value") for each in page.all("input", name="back")} == {going.url}


def test_a_place_that_nobody_knows_is_said_at_its_field_and_stays_typed(going: Going) -> None:
    page = checked(going.browser.send(going.url, where="Larkspurr, ZZ", when=""))
    assert page.response.status_code == 422
    assert page.one("input", id="where").get("value") == "Larkspurr, ZZ"
    later = checked(going.browser.send(going.url, where="Larkspurr, ZZ", when="tomorrow"))
    (chosen,) = [each for each in later.one("select", id="when").iter("option") if each.get("selected") is not None]
    assert chosen.get("value") == "tomorrow"
    assert words(page.one("p", id="where-mistake"))


def test_what_is_ticked_goes_to_the_page_that_makes_a_list_of_it(going: Going) -> None:
    page = going.page()
    boxes = [each for each in page.all("input", name="slug") if each.get("type") == "checkbox"]
    assert {each.get("form") for each in boxes} == {"handout"}
    form = page.one("form", id="handout")
    chosen = [str(each.get("value")) for each in boxes[:2]]
    made = checked(going.browser.client.post(form.get("action", ""), data={"slug": chosen}, headers=SAME))
    assert all(name in made.text for name in page.cards()[:2])


def test_the_list_starts_from_where_the_plan_does_and_its_page_leads_back_to_the_person(going: Going) -> None:
    form = going.page().one("form", id="handout")
    hidden = {str(each.get("name")): str(each.get("value")) for each in form.iter("input")}
    page = checked(going.browser.send("/handouts/new", **hidden, slug=slug_of(going.page(), "The Porch")))
    assert page.one("input", id="near").get("value") == "00101"
    assert page.links()["Back to the person"] == f"/clients/{going.upi}"


def test_a_tap_keeps_the_ticks_and_answers_in_the_place_of_the_card(going: Going) -> None:
    page = going.page()
    first, second, third = (str(each.get("value")) for each in page.all("input", name="slug")[:3])
    after = going.tapped(second, "removed", first, third, at="1-2")
    ticked = [each.get("value") for each in after.all("input", name="slug") if each.get("checked") is not None]
    assert ticked == [first, third]
    (place,) = [each for each in after.all("details") if each.find(".//div[@id='said']") is not None]
    assert place.get("open") is not None
    rows = [each.find("div[@id='said']") is not None for each in place.findall("ul/li")]
    assert rows.index(True) == 1
    assert not after.response.url.query


def test_what_was_said_names_the_place_and_can_be_taken_back_beside_it(going: Going) -> None:
    slug = slug_of(going.page(), "Come As You Are")
    page = going.tapped(slug, "went", slug, at="1-1")
    said = page.one("div", id="said")
    assert "Written down: they went to Come As You Are today. Undo" in words(said)
    (button,) = said.iter("button")
    assert (button.get("form"), button.get("value")) == ("handout", f"not-went {slug} 1-1")
    going.mark(slug, "not-went")
    assert "They went on" not in going.page().text


def test_a_plan_without_a_place_says_what_is_missing(going: Going) -> None:
    upi = going.browser.run(partial(client_made, going.browser.staff, Plan(barriers=("food",))))
    page = going.browser.page(f"/clients/{upi}/suggestions")
    assert "The plan does not say yet from where they set out." in page.text
    assert page.links()["Write it in the plan"] == f"/clients/{upi}/plan/edit#where"
    assert "Rainbow Inquiry" in page.cards()
    assert "Food" not in [words(each) for each in page.all("h2")]


def test_the_word_of_a_peer_comes_into_the_queue_of_reports_as_nobodys(going: Going) -> None:
    going.mark(slug_of(going.page(), "Night Lodge"), "closed")
    going.browser.becomes(Role.COORDINATOR)
    page = going.browser.page("/reports")
    assert "Night Lodge" in page.text
    assert going.upi not in page.response.text


def test_who_was_written_down_twice_is_shown_where_they_are_kept(going: Going) -> None:
    other = going.browser.run(partial(client_made, going.browser.staff, PLAN))

    async def merge() -> None:
        text = f"UPDATE client SET merged_into_id = (SELECT id FROM client WHERE upi = '{going.upi}') WHERE upi = '{other}'"
        await db.execute(text)

    going.browser.run(merge)
    answer = going.browser.client.get(f"/clients/{other}/suggestions")
    assert going.browser.is_sent_to(answer) == going.url
