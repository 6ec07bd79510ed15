"""A list to take along: saved and taken off with a tap, carried in the address alone, read and printed on a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree.ElementTree import Element

import pytest
from starlette.testclient import TestClient

from directory.domain.geo import Point
from directory.domain.listings import Status, Visibility
from directory.domain.search import MAX_TAKEN
from directory.web.presenters import card_view
from directory.web.take import dropped
from tests.pages import Page, get_page, words
from tests.web import shown, world
from tests.web.made import NOW, card

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
NEAR = "/search?near=19199"


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with new_database("sqlite", tmp_path_factory.mktemp("take")) as url:
        world.fill(url)
        shown.add(url, [shown.HOTLINE], "national")
        shown.add(url, [shown.ONLINE], "online")
        yield url


@pytest.fixture
def client(filled: str) -> Iterator[TestClient]:
    with world.site(filled) as client:
        yield client


def tapped(page: Page, name: str, text: str) -> str:
    """The address to which this button on the card of this listing sends the form that it belongs to, with its fragment."""
    (button,) = [each for each in page.card(name).iter("button") if words(each) == f"{text}: {name}"]
    form = page.one("form", id=button.get("form", ""))
    assert form.get("method") == "get"
    inside = set(form.iter("input"))
    # A browser sends the fields of a form in the order of the page, the button among them.
    sent = [each for each in page.tree.iter() if each is button or each in inside]
    path, _, fragment = (button.get("formaction") or form.get("action", "")).partition("#")
    return f"{path}?{urlencode([(each.get('name'), each.get('value')) for each in sent])}#{fragment}"


def tap(client: TestClient, page: Page, name: str, text: str) -> Page:
    return get_page(client, tapped(page, name, text))


def slugs(client: TestClient, *names: str) -> list[str]:
    """The slugs of these listings, as the search gives them."""
    found = {
        each["name"]: each["slug"]
        for path in ("/api/listings", "/api/listings?attendance=online")
        for each in client.get(path).json()["results"]
    }
    return [str(found[name]) for name in names]


def listed(client: TestClient, *names: str, more: str = "", language: str = "en") -> Page:
    """The page of a list of these."""
    query = urlencode([("take", slug) for slug in slugs(client, *names)])
    return get_page(client, f"/list?{query}{more}", language=language)


def rows(card: Element) -> dict[str, str]:
    return {words(row[0]): words(row[1]) for row in card.iter("div") if len(row) == 2 and row[0].tag == "dt"}


# --- on the page of results ------------------------------------------------------------------------------------------


def test_a_tap_puts_a_place_on_the_list_and_comes_back_to_its_card(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=meeting&day=1")
    address = tapped(page, "Quiet Lamp Group", "Save")
    (slug,) = slugs(client, "Quiet Lamp Group")
    assert urlsplit(address).fragment == page.card("Quiet Lamp Group").get("id") == slug
    assert parse_qsl(urlsplit(address).query) == [("near", "19199"), ("kind", "meeting"), ("day", "1"), ("take", slug)]
    after = get_page(client, address)
    assert after.title == page.title
    assert "On your list" in words(after.card("Quiet Lamp Group"))
    assert "Your list: 1 place See and print" in after.text


def test_what_is_saved_last_stands_last(client: TestClient) -> None:
    page = get_page(client, NEAR)
    for name in ("Far Shore Clinic", "Safe Reeds", "Quiet Lamp Group"):
        page = tap(client, page, name, "Save")
    page = get_page(client, page.links()["See and print"])
    assert page.cards() == ["Far Shore Clinic", "Safe Reeds", "Quiet Lamp Group"]


def test_a_page_further_on_stays_the_same_page_when_something_is_saved(database_url: str) -> None:
    world.fill(database_url)
    shown.add(database_url, shown.many(30), "many")
    with world.site(database_url) as client:
        second = get_page(client, f"{NEAR}&page=2")
        name = second.cards()[0]
        after = tap(client, second, name, "Save")
    assert after.cards() == second.cards()
    assert "On your list" in words(after.card(name))


def test_the_list_goes_along_through_every_link_of_the_search(client: TestClient) -> None:
    page = tap(client, get_page(client, f"{NEAR}&kind=meeting"), "Quiet Lamp Group", "Save")
    (slug,) = slugs(client, "Quiet Lamp Group")
    links = [url for url in page.links().values() if url.startswith("/search?")]
    assert links
    assert [url for url in links if ("take", slug) not in parse_qsl(urlsplit(url).query)] == []
    assert page.fields()["take"] == [slug]


def test_a_tap_takes_a_place_off_again(client: TestClient) -> None:
    both = get_page(client, NEAR)
    for name in ("Quiet Lamp Group", "Safe Reeds"):
        both = tap(client, both, name, "Save")
    assert "Your list: 2 places" in both.text
    one = tap(client, both, "Quiet Lamp Group", "Take off the list")
    assert "Your list: 1 place" in one.text
    assert "On your list" not in words(one.card("Quiet Lamp Group"))
    assert "On your list" in words(one.card("Safe Reeds"))
    assert [url for url in one.links().values() if "drop=" in url] == []


def test_a_card_is_the_same_for_every_question_but_for_the_line_that_decides(client: TestClient) -> None:
    def of(url: str) -> list[tuple[str, dict[str, str]]]:
        card = get_page(client, url).card("Safe Reeds")
        decides = {part for marks in card.iter("ul") for part in marks.iter()}
        return [(part.tag, dict(part.attrib)) for part in card.iter() if part not in decides]

    first, *others = (of(url) for url in (NEAR, f"{NEAR}&kind=housing&sort=name", f"{NEAR}&within=500&people=women"))
    assert others == [first, first]


def test_a_full_list_says_so(client: TestClient) -> None:
    full = urlencode([("take", f"place-{number:08}") for number in range(MAX_TAKEN)])
    page = get_page(client, f"{NEAR}&{full}")
    assert "Your list: 30 places It is full: take one off to save another." in page.text
    again = tap(client, page, "Quiet Lamp Group", "Save")
    assert "Your list: 30 places It is full" in again.text
    assert "On your list" not in words(again.card("Quiet Lamp Group"))


def test_without_a_list_there_is_nothing_to_see_and_print(client: TestClient) -> None:
    assert "Your list" not in get_page(client, NEAR).text


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ([("take", "a"), ("take", "b"), ("drop", "a")], [("take", "b")]),
        ([("drop", "a"), ("near", "19199"), ("take", "a")], [("near", "19199")]),
        ([("take", " a "), ("drop", "a ")], []),
        ([("take", "a"), ("drop", "b")], [("take", "a")]),
        ([("take", "a"), ("take", "a"), ("take", "b"), ("drop", "a"), ("drop", "b")], []),
        ([("q", "a"), ("drop", "a")], [("q", "a")]),
    ],
)
def test_what_is_dropped_is_taken_off_and_nothing_else(
    params: list[tuple[str, str]], left: list[tuple[str, str]]
) -> None:
    assert dropped(params) == left


# --- for a map -------------------------------------------------------------------------------------------------------


def places(page: Page) -> dict[str, tuple[str | None, ...]]:
    """What a card says to a map of where it is."""
    cards = page.all("li", class_="card")
    names = ("data-lat", "data-lon", "data-approximate")
    return {words(next(card.iter("a"))): tuple(card.get(name) for name in names) for card in cards}


@pytest.mark.parametrize(
    ("changes", "point"),
    [
        ({}, (40.7512345, -73.99, False)),
        ({"approximate": True}, (40.75, -73.99, True)),
        ({"visibility": Visibility.PARTIAL, "point": None}, (40.75, -73.99, True)),
        ({"visibility": Visibility.HIDDEN, "point": None}, (None, None, True)),
        ({"attendance": "online", "point": None, "search_point": None}, (None, None, False)),
        ({"status": Status.TEMPORARILY_CLOSED}, (None, None, False)),
        ({"point": None, "search_point": None}, (None, None, False)),
    ],
)
def test_a_map_may_know_no_more_than_the_words_say(changes: dict[str, object], point: tuple[object, ...]) -> None:
    exactly = Point(40.7512345, -73.99)
    view = card_view(card(**{"point": exactly, "search_point": exactly, **changes}), NOW)
    assert (view.lat, view.lon, view.approximate) == point


def test_a_card_says_where_a_map_may_show_it(client: TestClient) -> None:
    page = get_page(client, NEAR)
    assert places(page)["Quiet Lamp Group"] == ("40.01", "-75.0", None)
    assert places(page)["Safe Reeds"] == (None, None, None)  # nobody may know where it is
    assert places(page)["Lamp on a Screen"] == (None, None, None)  # it is nowhere


# --- the page of the list --------------------------------------------------------------------------------------------


def test_the_list_says_all_that_is_needed_to_get_there(client: TestClient) -> None:
    page = listed(client, "Quiet Lamp Group", more="&near=19199")
    assert page.title == "Your list"
    assert "1 place, as of Mon 2 Mar, noon. Things change: call before you go." in page.text
    card = page.card("Quiet Lamp Group")
    assert rows(card) == {
        "Where": "Heron Hall, 12 Heron Lane, Saltmarsh, PA 19199",
        "Distance": "0.7 miles north of Saltmarsh, PA 19199",
        "Phone": "(555) 555-0100 ext. 7 (555) 555-0101: Fax",
        "When": "Monday, 7 pm to 8 pm Saturday, 11:50 pm to 12:30 am",
        "Next time": "Mon 2 Mar, 7 pm to 8 pm",
        "Languages": "English",
        "Access": "Wheelchair access",
    }
    assert "Marsh Intergroup Alcoholics Anonymous (AA) · Open" in words(card)
    assert {words(link): link.get("href") for link in card.iter("a")}["Directions: Quiet Lamp Group"] == (
        "https://www.openstreetmap.org/directions?to=40.01000%2C-75.00000"
    )


def test_what_is_not_known_of_a_place_to_get_into_is_said_to_be_not_known(client: TestClient) -> None:
    clinic = rows(listed(client, "Far Shore Clinic").card("Far Shore Clinic"))
    assert clinic["Who it is for"] == "Age 18 and older"
    assert {name for name, value in clinic.items() if value == "not known"} == {
        "Phone",
        "When",
        "What it costs",
        "What to bring",
        "How to apply",
    }


def test_a_list_with_treatment_on_it_prints_who_goes_first_and_no_other_does(client: TestClient) -> None:
    """45 CFR 96.131(b); WAITLIST 1.2: the preference is told where the directory is printed."""
    said = "pregnant women who inject drugs"
    on_paper = {name: said in listed(client, name).text for name in ("Far Shore Clinic", "Quiet Lamp Group")}
    assert on_paper == {"Far Shore Clinic": True, "Quiet Lamp Group": False}


def test_openings_stand_with_their_age(client: TestClient) -> None:
    card = listed(client, "Safe Reeds").card("Safe Reeds")
    assert rows(card)["Openings"] == "2 beds open, reported 3 hours ago"


def test_a_hidden_address_is_nowhere_on_the_list(client: TestClient) -> None:
    page = listed(client, "Safe Reeds", more="&near=19199")
    card = rows(page.card("Safe Reeds"))
    assert card["Where"] == "Address is not public: call to ask"
    assert card["Distance"] == "about 1 mile or less from Saltmarsh, PA 19199"
    assert [secret for secret in ("Secret", "Rear", "40.02", "75.01") if secret in page.response.text] == []


def test_an_online_meeting_says_how_to_join_and_on_whose_clock(client: TestClient) -> None:
    card = listed(client, "Lamp on a Screen", more="&tz=America/Los_Angeles").card("Lamp on a Screen")
    said = rows(card)
    assert said["Online or by phone"] == (
        "https://video.example.org/j/555 The word to get in is heron. "
        "Anyone with this link or number can join. Please do not post it in public."
    )
    assert said["When"] == "Monday, 8 pm to 9 pm Times are in Eastern Time."
    assert said["Next time"] == "Mon 2 Mar, 5 pm to 6 pm (Pacific Time)"
    assert "Distance" not in said


def test_a_list_keeps_its_order_or_is_sorted(client: TestClient) -> None:
    page = listed(client, "Far Shore Clinic", "Quiet Lamp Group", "Safe Reeds", more="&near=19199")
    assert page.cards() == ["Far Shore Clinic", "Quiet Lamp Group", "Safe Reeds"]
    assert words(page.one("b", **{"aria-current": "true"})) == "In your order"
    assert get_page(client, page.links()["Nearest"]).cards() == ["Safe Reeds", "Quiet Lamp Group", "Far Shore Clinic"]
    assert get_page(client, page.links()["Soonest"]).cards()[0] == "Quiet Lamp Group"
    assert get_page(client, page.links()["Name"]).cards() == ["Far Shore Clinic", "Quiet Lamp Group", "Safe Reeds"]


def test_without_a_place_nothing_is_said_of_distances(client: TestClient) -> None:
    page = listed(client, "Far Shore Clinic", "Quiet Lamp Group")
    assert "Nearest" not in page.links()
    assert "Distance" not in rows(page.card("Quiet Lamp Group"))


def test_going_on_leads_back_to_the_very_search_with_the_list(client: TestClient) -> None:
    asked = f"{NEAR}&kind=meeting&kind=housing&within=50&sort=name"
    found = tap(client, get_page(client, asked), "Quiet Lamp Group", "Save")
    page = get_page(client, found.links()["See and print"])
    back = page.links()["Go on looking"]
    (slug,) = slugs(client, "Quiet Lamp Group")
    assert set(parse_qsl(urlsplit(back).query)) == {*parse_qsl(urlsplit(asked).query), ("take", slug)}
    assert "On your list" in words(get_page(client, back).card("Quiet Lamp Group"))


def test_what_is_taken_off_can_be_put_back_in_its_place(client: TestClient) -> None:
    page = listed(client, "Far Shore Clinic", "Quiet Lamp Group", more="&near=19199&by=name")
    fewer = tap(client, page, "Far Shore Clinic", "Take off the list")
    assert fewer.cards() == ["Quiet Lamp Group"]
    assert "One place was taken off your list." in fewer.text
    assert get_page(client, fewer.links()["Put it back"]).cards() == page.cards()
    assert "Your list: 1 place" in get_page(client, fewer.links()["Go on looking"]).text


def test_an_empty_list_says_how_to_fill_it(client: TestClient) -> None:
    page = get_page(client, "/list?near=19199")
    assert "There is nothing on it yet." in page.text
    assert page.cards() == []
    assert page.one("a", class_="main").get("href") == NEAR


@pytest.mark.parametrize("wrong", ["never-was-abc23456", "NOT/a slug", "a" * 101])
def test_what_is_not_known_is_left_out_and_said(client: TestClient, wrong: str) -> None:
    page = listed(client, "Quiet Lamp Group", more=f"&{urlencode({'take': wrong})}")
    assert "We do not know 1 place on this list and left it out." in page.text
    assert page.cards() == ["Quiet Lamp Group"]
    assert wrong not in page.links()["Go on looking"]


def test_too_many_are_said_to_be_too_many(client: TestClient) -> None:
    many = urlencode([("take", f"place-{number:08}") for number in range(MAX_TAKEN + 2)])
    page = get_page(client, f"/list?{many}")
    assert "A list holds 30 places at most. What came after them was left out." in page.text
    assert "We do not know 30 places on this list and left them out." in page.text


def test_a_place_that_nobody_knows_is_said_and_spoils_nothing(client: TestClient) -> None:
    page = listed(client, "Quiet Lamp Group", more="&near=Xyzzy")
    assert "We cannot find a place called “Xyzzy”. So no distances are shown." in page.text
    assert page.cards() == ["Quiet Lamp Group"]


def test_a_listing_that_is_gone_is_never_silently_missing(database_url: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:
        taken = slugs(client, "Quiet Lamp Group", "Far Shore Clinic")
    world.fill(database_url, world.without(world.LAMP))
    with world.site(database_url) as client:
        page = get_page(client, f"/list?{urlencode([('take', slug) for slug in taken])}")
        assert page.cards() == ["Far Shore Clinic", "Quiet Lamp Group"]
        gone = words(page.card("Quiet Lamp Group"))
        assert "This listing is gone. Its source has taken it out" in gone
        assert page.links()["What is near instead: Quiet Lamp Group"] == f"/listings/{taken[0]}"
        fewer = tap(client, page, "Quiet Lamp Group", "Take off the list")
    assert fewer.cards() == ["Far Shore Clinic"]


def test_a_place_that_is_closed_for_now_says_so_and_tells_no_times(database_url: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:
        taken = slugs(client, "Quiet Lamp Group")
    world.fill(database_url, [world.closed(world.LAMP), world.SHELTER, world.CLINIC])
    with world.site(database_url) as client:
        card = get_page(client, f"/list?take={taken[0]}").card("Quiet Lamp Group")
    assert "Not meeting now. It used to meet: Monday, 7 pm to 8 pm" in words(card)
    assert not {"When", "Next time", "Openings"} & set(rows(card))


# --- on paper, and for no one else -----------------------------------------------------------------------------------


def test_the_printed_page_ends_with_urgent_help_and_the_address_of_the_site_alone(client: TestClient) -> None:
    page = listed(client, "Quiet Lamp Group", more="&near=19199")
    paper = " ".join(words(part) for tag in ("section", "p") for part in page.all(tag, class_="on-paper"))
    assert "In crisis: call or text 988, day and night. In danger: call 911." in paper
    assert paper.endswith("http://127.0.0.1:8000")
    assert "take=" not in paper


def test_a_list_is_private_and_no_search_engine_keeps_it(client: TestClient) -> None:
    response = listed(client, "Quiet Lamp Group").response
    assert response.headers["cache-control"] == "private, max-age=60"
    assert response.headers["x-robots-tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.text


def test_the_same_list_gets_304_and_another_does_not(client: TestClient) -> None:
    first, second = slugs(client, "Quiet Lamp Group", "Safe Reeds")
    tag = client.get(f"/list?take={first}").headers["etag"]
    assert client.get(f"/list?take={first}", headers={"if-none-match": tag}).status_code == 304
    assert client.get(f"/list?take={second}", headers={"if-none-match": tag}).status_code == 200
    assert client.get(f"/search?take={first}", headers={"if-none-match": tag}).status_code == 200


def test_nothing_is_stored_in_the_browser(client: TestClient) -> None:
    listed(client, "Quiet Lamp Group")
    assert dict(client.cookies) == {}


def test_a_list_speaks_spanish(client: TestClient) -> None:
    page = listed(client, "Quiet Lamp Group", more="&near=19199", language="es")
    said = rows(page.card("Quiet Lamp Group"))
    assert page.title == "Su lista"
    assert "0.7 millas al norte de Saltmarsh, PA 19199" in said.values()
    assert "Lunes, 7 pm a 8 pm" in " ".join(said.values())
