"""Doubtful places, disputed fields and pairs of listings, as those see them who settle them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from directory.domain.access import Role
from directory.domain.duplicates import OPEN
from directory.domain.listings import Phone
from directory.services.duplicate_search import duplicates_find
from directory.services.duplicates import duplicate_reopen
from directory.storage import db
from tests import accounts, curation, edits
from tests.accounts import NOW, Staff
from tests.factories import import_drafts, one_value
from tests.pages import Page, checked, get_page, words
from tests.web import world

T = TypeVar("T")
NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
SHOP = replace(world.CLINIC, key="shop", kind="food", name="Far Shore Pantry", phones=(Phone("(555) 555-0109"),))


@dataclass(frozen=True)
class Site:
    """The site with its people."""

    client: TestClient
    staff: Staff

    def run(self, work: Callable[..., Awaitable[T]], *values: object) -> T:
        """Runs it in the loop of the site."""
        assert self.client.portal is not None
        return self.client.portal.call(work, *values)

    def page(self, url: str, role: Role = Role.COORDINATOR) -> Page:
        """The page as somebody in this role sees it."""
        self.client.cookies.set("session", self.staff.cookies[role])
        page = get_page(self.client, url)
        assert page.response.headers["cache-control"] == "no-store"
        return page

    def send(self, url: str, role: Role = Role.COORDINATOR, **values: str) -> Response:
        """What answers a form."""
        self.client.cookies.set("session", self.staff.cookies[role])
        return self.client.post(url, data=values, headers={"sec-fetch-site": "same-origin"})

    def slug(self, name: str) -> str:
        return str(self.run(one_value, "SELECT slug FROM listing WHERE name = {0} ORDER BY id", name))

    def doubted(self, name: str) -> tuple[str, str]:
        """The path of a doubtful place, and what was seen of it."""
        slug = self.slug(name)
        return f"/places/{slug}", self.run(curation.doubted, slug)


@pytest.fixture(scope="module")
def people(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Staff]]:
    """A database with two sources: pages ask services, which are tested on both engines, so one is enough here."""
    with new_database("sqlite", tmp_path_factory.mktemp("curation")) as url:
        world.fill(url)
        asyncio.run(more(url))
        yield url, asyncio.run(accounts.staff(url))


async def more(url: str) -> None:
    async with db.connect(url):
        await import_drafts(url, [SHOP], source="first")
        await import_drafts(url, [SHOP], source="second")


@pytest.fixture
def site(people: tuple[str, Staff]) -> Iterator[Site]:
    with world.site(people[0], NOW) as client:
        yield Site(client, people[1])


def hidden_fields(page: Page, action: str) -> dict[str, str]:
    """The hidden fields of the form that is sent there."""
    form = next(form for form in page.all("form") if form.get("action") == action)
    return {
        field.get("name", ""): field.get("value", "") for field in form.iter("input") if field.get("type") == "hidden"
    }


# --- places --------------------------------------------------------------------------------------------------------------


def test_a_doubtful_place_is_listed_with_its_reason_and_pinned_by_two_numbers(site: Site) -> None:
    path, _ = site.doubted("Quiet Lamp Group")
    card = next(card for card in site.page("/places").all("li", class_="card") if "Quiet Lamp" in words(card))
    assert "What was found is not where its ZIP code is." in words(card)
    assert "What we know is the street, as its source says." in words(card)
    page = site.page(path)
    sent = hidden_fields(page, path) | {"latitude": "40.0123", "longitude": "-75,0456"}
    assert site.send(path, **sent).headers["location"] == f"{path}?done=pinned"
    page = site.page(f"{path}?done=pinned")
    assert "the house itself, set by a person" in page.text
    assert page.one("input", name="longitude").get("value") == "-75.0456"
    assert "Quiet Lamp" not in site.page("/places").text
    sent = hidden_fields(page, path) | {"seen": page.all("button", name="seen")[-1].get("value", "")}
    assert site.send(f"{path}/unpin", **sent).headers["location"] == f"{path}?done=unpinned"
    assert "as its source says" in site.page(path).text


@pytest.mark.parametrize(
    ("lat", "lon", "field"), [("here", "-75", "latitude"), ("40", "-200", "longitude"), ("0", "0", "latitude")]
)
def test_what_is_no_place_is_said_at_its_field_and_keeps_what_was_typed(
    site: Site, lat: str, lon: str, field: str
) -> None:
    path, seen = site.doubted("Quiet Lamp Group")
    answer = site.send(path, latitude=lat, longitude=lon, seen=seen)
    assert answer.status_code == 422
    page = checked(answer)
    assert page.one("input", name="latitude").get("value") == lat
    assert page.one("input", name=field).get("aria-invalid") == "true"
    assert "Quiet Lamp" in site.page("/places").text


def test_a_pin_far_from_its_address_is_set_only_with_a_tick_for_these_very_numbers(site: Site) -> None:
    path, seen = site.doubted("Quiet Lamp Group")
    typed = {"latitude": "40.0123", "longitude": "75.0456", "seen": seen}
    page = checked(site.send(path, **typed))
    assert "miles from the middle of its town or ZIP code" in page.text
    assert page.one("input", name="longitude").get("value") == "75.0456"
    tick = page.one("input", name="far").get("value", "")
    other = site.send(path, **typed | {"longitude": "76.0456", "far": tick})
    assert other.status_code == 422
    assert not [box for box in checked(other).all("input", name="far") if "checked" in box.attrib]
    assert site.send(path, **typed, far=tick).headers["location"] == f"{path}?done=pinned"


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("40.0123, -75.0456", "-75.1"),
        ("41.1", "(40.0123,-75.0456)"),
        ("40,0123 -75,0456", ""),
        (" 40.0123 ; -75.0456", "x"),
    ],
)
def test_two_numbers_copied_into_one_field_are_taken_apart(site: Site, lat: str, lon: str) -> None:
    path, seen = site.doubted("Quiet Lamp Group")
    assert site.send(path, latitude=lat, longitude=lon, seen=seen).status_code == 303
    page = site.page(path)
    assert page.one("input", name="latitude").get("value") == "40.0123"
    assert page.one("input", name="longitude").get("value") == "-75.0456"
    link = page.links()["Look at it on OpenStreetMap, another website"]
    assert link == "https://www.openstreetmap.org/?mlat=40.0123&mlon=-75.0456#map=17/40.0123/-75.0456"


def test_a_place_that_is_right_as_it_is_leaves_the_list_and_of_two_people_the_second_is_told(site: Site) -> None:
    path, seen = site.doubted("Far Shore Clinic")
    assert site.send(f"{path}/accept", seen=seen).headers["location"] == f"{path}?done=accepted"
    assert "Far Shore Clinic" not in site.page("/places").text
    assert "A person has said that this is right." in site.page(path).text
    for address, more in (
        (path, {"latitude": "40.1", "longitude": "-75.1"}),
        (f"{path}/accept", {}),
        (f"{path}/unpin", {}),
    ):
        answer = site.send(address, seen=seen, **more)
        assert answer.status_code == 409
        assert "Somebody has done something about this place" in checked(answer).text


def test_of_an_address_that_is_not_public_no_page_tells_more_than_the_area(site: Site) -> None:
    path, seen = site.doubted("Safe Reeds")
    page = site.page(path)
    assert "This address is not public." in page.text
    assert page.one("input", name="latitude").get("value") is None
    assert "openstreetmap" not in page.response.text
    site.send(path, latitude="40.0421", longitude="-75.0432", seen=seen)
    for text in (site.page(path).response.text, site.page("/places").response.text):
        assert not any(secret in text for secret in ("Secret Road", "40.042", "75.043", "40.02"))
    assert "A person has set the pin. It is not shown, here or anywhere." in site.page(path).text


def test_an_editor_sees_the_doubtful_places_of_the_own_agency_alone(site: Site) -> None:
    site.doubted("Quiet Lamp Group")
    site.doubted("Far Shore Clinic")
    slug = site.run(edits.listing_of, site.staff.here, "Quiet Lamp Group")
    page = site.page("/places", Role.EDITOR)
    assert [words(card.find(".//h2")) for card in page.all("li", class_="card")] == ["Quiet Lamp Group"]
    page = site.page(f"/places/{slug}", Role.EDITOR)
    assert page.title == "Where is it?"
    assert "ask a coordinator" in page.text
    assert not page.all("button", name="seen")
    assert any(link.get("href") == f"/desk/listings/{slug}/edit" for link in page.all("a"))


# --- what a source says otherwise ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("keep", "stays"), [("ours", "Nothing at all"), ("theirs", None)])
def test_both_values_of_a_disputed_field_are_shown_and_one_of_them_stays(
    site: Site, keep: str, stays: str | None
) -> None:
    slug = site.slug("Far Shore Clinic")
    id, seen = site.run(curation.disputed, slug)
    (card,) = site.page("/conflicts").all("li", class_="card")
    assert "What it costs" in words(card)
    assert "It says here Nothing at all" in words(card)
    assert "The source world says A dollar" in words(card)
    assert any(link.get("href") == f"/desk/listings/{slug}" for link in card.iter("a"))
    assert site.send(f"/conflicts/{id}", keep=keep, seen=seen).headers["location"] == f"/conflicts?done={keep}"
    assert site.run(one_value, "SELECT fees FROM listing WHERE slug = {0}", slug) == stays
    assert site.page("/conflicts").all("li", class_="card") == []
    again = site.send(f"/conflicts/{id}", keep="theirs", seen=seen)
    assert again.status_code == 409
    assert "That was settled meanwhile" in checked(again).text


def test_an_answer_to_what_the_source_does_not_say_any_more_changes_nothing(site: Site) -> None:
    slug = site.slug("Far Shore Clinic")
    id, seen = site.run(curation.disputed, slug)
    site.run(changed_its_mind, id)
    assert site.send(f"/conflicts/{id}", keep="theirs", seen=seen).status_code == 409
    assert site.run(one_value, "SELECT fees FROM listing WHERE slug = {0}", slug) == "Nothing at all"
    assert "Two dollars" in site.page("/conflicts").text


async def changed_its_mind(id: int) -> None:
    await db.execute(f"UPDATE conflict SET source_value = '\"Two dollars\"' WHERE id = {id}")


# --- duplicates ----------------------------------------------------------------------------------------------------------


async def found() -> tuple[int, list[Any]]:
    """The pair of pantries, open, with its listings."""
    await duplicates_find(clock=lambda: NOW)
    (pair,) = await db.rows("SELECT id, status FROM duplicate_pair")
    if pair["status"] != OPEN:
        given = {"clock": lambda: NOW, "settings": world.settings_for("")}
        await duplicate_reopen(id=pair["id"], by=curation.COORDINATOR, **given)
    return pair["id"], await db.rows("SELECT id, slug FROM listing WHERE name = 'Far Shore Pantry' ORDER BY id")


def test_a_pair_is_shown_side_by_side_and_the_one_that_goes_leads_to_the_one_that_stays(site: Site) -> None:
    pair, (one, other) = site.run(found)
    (card,) = site.page("/duplicates").all("li", class_="card")
    assert "Very likely the same. They share the name, the address, and a phone number." in words(card)
    page = site.page(f"/duplicates/{pair}")
    assert [words(card.find(".//h2")) for card in page.all("li", class_="card")] == [
        "1. Far Shore Pantry",
        "2. Far Shore Pantry",
    ]
    assert site.send(f"/duplicates/{pair}", answer=str(other["id"])).headers["location"] == "/duplicates?done=same"
    site.client.cookies.clear()
    for path in ("/listings/{}", "/listings/{}.ics", "/listings/{}/report", "/api/listings/{}"):
        answer = site.client.get(path.format(one["slug"]))
        assert (answer.status_code, answer.headers["location"]) == (308, path.format(other["slug"]))
        assert "immutable" not in answer.headers["cache-control"]
    taken = get_page(site.client, f"/list?take={one['slug']}&take={other['slug']}")
    assert "1 place" in taken.text
    assert f"take={other['slug']}" in taken.response.text
    assert "This one stays" in words(site.page(f"/duplicates/{pair}").all("li", class_="card")[1])
    assert site.send(f"/duplicates/{pair}/reopen").headers["location"] == "/duplicates?done=reopened"
    assert site.client.get(f"/listings/{one['slug']}").status_code == 200


def test_of_two_who_decide_the_second_is_shown_what_was_decided(site: Site) -> None:
    pair, (one, _other) = site.run(found)
    assert site.send(f"/duplicates/{pair}", answer="different").headers["location"] == "/duplicates?done=different"
    answer = site.send(f"/duplicates/{pair}", answer=str(one["id"]))
    assert answer.status_code == 409
    page = checked(answer)
    assert "Somebody has decided this meanwhile" in page.text
    assert "Found to be two" in page.text
    assert "Far Shore Pantry" in words(site.page("/duplicates").all("ul")[-2])
    site.send(f"/duplicates/{pair}/reopen")
    assert site.send(f"/duplicates/{pair}/reopen").status_code == 409


def test_an_answer_that_no_button_gives_finds_nothing(site: Site) -> None:
    pair, _listings = site.run(found)
    assert site.send(f"/duplicates/{pair}", answer="both").status_code == 404
    assert site.send(f"/duplicates/{pair}", answer="999999").status_code == 404
    assert site.send("/duplicates/99999", answer="different").status_code == 404
    assert site.send("/conflicts/99999", keep="ours").status_code == 404


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("/places", "Lugares por revisar"),
        ("/conflicts", "Lo que una fuente dice distinto"),
        ("/duplicates", "Fichas que pueden ser la misma"),
    ],
)
def test_the_queues_speak_spanish(site: Site, url: str, title: str) -> None:
    site.client.cookies.set("session", site.staff.cookies[Role.COORDINATOR])
    assert get_page(site.client, url, language="es").title == title
