"""The search page: the question in words, what it could not read, ways on from every answer, and how heavy it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

import brotli
import pytest
from starlette.testclient import TestClient

from directory.resources import folder
from tests.pages import Page, get_page, words
from tests.web import shown, world
from tests.web.made import NOW

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
NEAR = "/search?near=19199"


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with new_database("sqlite", tmp_path_factory.mktemp("search")) as url:
        world.fill(url)
        shown.add(url, [shown.HOTLINE], "national")
        shown.add(url, [shown.ONLINE], "online")
        yield url


@pytest.fixture
def client(filled: str) -> Iterator[TestClient]:
    with world.site(filled) as client:
        yield client


@pytest.fixture(scope="module")
def crowded(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with new_database("sqlite", tmp_path_factory.mktemp("crowded")) as url:
        world.fill(url)
        shown.add(url, shown.many(60), "many")
        yield url


def results(page: Page) -> list[str]:
    """The names of what was found, without what stands beside it."""
    return names(next(iter(_lists(page.one("div", class_="list"))), None))


def section(page: Page, name: str) -> list[str]:
    """The names of the cards of a section, shown and folded away."""
    found = next((each for each in page.all("section") if each.get("aria-labelledby") == name), None)
    return [] if found is None else [card for cards in found.iter("ol") for card in names(cards)]


def _lists(element: Element) -> list[Element]:
    return [child for child in element if child.tag == "ol"]


def names(cards: Element | None) -> list[str]:
    return [] if cards is None else [words(heading) for tag in ("h2", "h3") for heading in cards.iter(tag)]


def chips(page: Page) -> dict[str, str]:
    return {words(link): link.get("href", "") for link in page.all("a", class_="chip")}


# --- the question in words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("near=19199", "3 places within 25 miles of Saltmarsh, PA 19199"),
        ("near=19199&within=1&kind=meeting&day=1", "1 meeting within 1 mile of Saltmarsh, PA 19199, Monday"),
        ("near=Saltmarsh, PA&kind=treatment", "1 place within 25 miles of Saltmarsh, PA"),
        ("lat=40&lon=-75&open=now", "0 places within 25 miles of your location, open now"),
        (
            "near=19199&q=quiet&time=evening",
            "1 place within 25 miles of Saltmarsh, PA 19199, in the evening",
        ),
        (
            "near=19199&day=today&time=18:00-20:00",
            "1 place within 25 miles of Saltmarsh, PA 19199, today, 18:00-20:00",
        ),
        ("kind=meeting", "2 meetings"),
        ("kind=meeting&attendance=online", "1 meeting, online or by phone"),
    ],
)
def test_the_heading_says_what_was_asked(client: TestClient, asked: str, title: str) -> None:
    assert get_page(client, f"/search?{asked}").title == title


def test_the_heading_speaks_spanish(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=meeting&day=1", language="es")
    assert page.title == "1 reunión a 25 millas o menos de Saltmarsh, PA 19199, lunes"


def test_results_stand_nearest_first_and_each_leads_to_its_page(client: TestClient) -> None:
    page = get_page(client, NEAR)
    assert results(page) == ["Safe Reeds", "Quiet Lamp Group", "Far Shore Clinic"]
    assert page.links()["Quiet Lamp Group"].startswith("/listings/quiet-lamp-group-")


def test_when_on_the_first_page_is_spelled_out_in_the_form(client: TestClient) -> None:
    today = get_page(client, f"{NEAR}&when=today")
    now = get_page(client, f"{NEAR}&when=now")
    assert today.title.endswith(", today")
    assert today.fields()["day"] == ["today"]
    assert today.fields()["sort"] == ["time"]  # what is over for today comes last
    assert now.fields()["time"] == ["now"]
    assert "when" not in now.fields()


# --- a card ----------------------------------------------------------------------------------------------------------


def test_a_card_has_a_title_the_line_that_decides_facts_then_actions(client: TestClient) -> None:
    card = get_page(client, NEAR).card("Quiet Lamp Group")
    assert words(card) == (
        "Quiet Lamp Group Marsh Intergroup 0.7 miles today, 7 pm "
        "What Alcoholics Anonymous (AA) · Open Where Heron Hall, 12 Heron Lane, Saltmarsh, PA 19199 Access Wheelchair access "
        "Call (555) 555-0100 ext. 7: Quiet Lamp Group Directions: Quiet Lamp Group Save: Quiet Lamp Group"
    )
    assert [link.get("href") for link in card.iter("a")][1:] == [
        "tel:+15555550100;ext=7",
        "https://www.openstreetmap.org/directions?to=40.01000%2C-75.00000",
    ]


def test_a_hidden_address_is_named_as_such_and_has_no_directions(client: TestClient) -> None:
    page = get_page(client, NEAR)
    card = page.card("Safe Reeds")
    assert "Address is not public: call to ask" in words(card)
    assert [link.get("href") for link in card.iter("a")][1:] == ["tel:+15555550102"]
    assert "Secret" not in page.response.text
    assert "40.02" not in page.response.text


def test_openings_stand_with_their_age_and_what_is_not_known_is_named(client: TestClient) -> None:
    card = words(get_page(client, NEAR).card("Safe Reeds"))
    assert "2 beds open, reported 3 hours ago" in card
    assert "hours not known: call" in card
    assert "Not known: Ways to pay" in card


def test_openings_that_are_days_old_send_the_reader_to_the_phone(filled: str) -> None:
    with world.site(filled, NOW + timedelta(days=2)) as client:
        two_days = words(get_page(client, NEAR).card("Safe Reeds"))
    with world.site(filled, NOW + timedelta(days=9)) as client:
        nine_days = words(get_page(client, NEAR).card("Safe Reeds"))
    assert "2 beds open, reported 2 days ago; call first" in two_days
    assert "openings last reported 1 week ago; call first" in nine_days
    assert "2 beds" not in nine_days


def test_an_online_meeting_is_told_on_the_visitors_clock_which_is_named(client: TestClient) -> None:
    page = get_page(client, "/search?attendance=online&kind=meeting&tz=America/Los_Angeles")
    assert "today, 5 pm (Pacific Time)" in words(page.card("Lamp on a Screen"))


def test_the_day_that_was_asked_for_is_the_day_that_is_shown(client: TestClient) -> None:
    assert "Sat 7 Mar, 11:50 pm" in words(get_page(client, f"{NEAR}&day=6").card("Quiet Lamp Group"))


# --- the form, filters, paging ---------------------------------------------------------------------------------------


def test_the_form_keeps_what_was_asked(client: TestClient) -> None:
    page = get_page(
        client, f"{NEAR}&within=50&kind=meeting&kind=housing&day=6&open=now&pay=free&q=lamp&language=vi&sort=name"
    )
    assert page.fields() == {
        "sort": ["name"],
        "q": ["lamp"],
        "near": ["19199"],
        "within": ["50"],
        "day": ["6"],
        "time": [""],
        "open": ["now"],
        "kind": ["meeting", "housing"],
        "pay": ["free"],
        "language": ["vi"],
    }


def test_a_point_stays_in_the_form_and_can_be_given_up_for_a_place(client: TestClient) -> None:
    page = get_page(client, "/search?lat=40.012&lon=-75&kind=meeting")
    assert page.fields()["lat"] == ["40.012"]
    assert page.fields()["lon"] == ["-75"]
    assert "near" not in page.fields()
    assert page.links()["Choose another place"] == "/search?kind=meeting"


def test_each_chip_takes_its_own_filter_away_and_nothing_else(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=meeting&kind=housing&people=women&day=1")
    assert {text: parse_qs(urlsplit(url).query) for text, url in chips(page).items()} == {
        "Take away: Meetings ×": {"near": ["19199"], "kind": ["housing"], "people": ["women"], "day": ["1"]},
        "Take away: Housing ×": {"near": ["19199"], "kind": ["meeting"], "people": ["women"], "day": ["1"]},
        "Take away: Women ×": {"near": ["19199"], "kind": ["meeting", "housing"], "day": ["1"]},
        "Take away: Monday ×": {"near": ["19199"], "kind": ["meeting", "housing"], "people": ["women"]},
    }


def test_the_list_can_be_sorted_by_links(client: TestClient) -> None:
    page = get_page(client, NEAR)
    assert words(page.one("b", **{"aria-current": "true"})) == "Nearest"
    assert results(get_page(client, page.links()["Name"])) == ["Far Shore Clinic", "Quiet Lamp Group", "Safe Reeds"]


def test_pages_lead_on_and_back(crowded: str) -> None:
    with world.site(crowded) as client:
        first = get_page(client, NEAR)
        second = get_page(client, first.links()["Next page"])
        third = get_page(client, second.links()["Next page"])
    assert "Page 2 of 3" in second.text
    assert second.one("ol", class_="cards").get("start") == "26"
    assert len({*results(first), *results(second), *results(third)}) == 63
    assert "Next page" not in third.links()
    assert "Previous page" not in first.links()
    assert third.links()["Previous page"] == f"{NEAR}&page=2"


# --- how many each choice would find ---------------------------------------------------------------------------------


def counts(page: Page, name: str) -> dict[str, str]:
    """What each choice of a filter says that it would find."""
    labels = [label for label in page.all("label", class_="check") if next(label.iter("input")).get("name") == name]
    parts = [[words(span) for span in label if span.tag == "span"] for label in labels]
    return {text: "".join(found) for text, *found in parts}


def test_each_choice_says_how_many_places_it_would_find_in_words(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=meeting")
    kinds = counts(page, "kind")
    assert (kinds["Meetings"], kinds["Treatment"], kinds["Housing"], kinds["Rides"]) == (
        "1 place", "1 place", "1 place", "0 places",
    )  # fmt: skip
    assert counts(page, "access")["Wheelchair access"] == "1 place"
    assert counts(page, "openings") == {"Openings reported in the last 3 days": "0 places"}
    assert counts(page, "type") == {"Open": "1 place"}
    assert counts(page, "attendance") == {
        "In person": "1 place",
        "Online or by phone": "",
        "In person and online": "0 places",
    }


def test_a_choice_that_finds_nothing_can_still_be_made(client: TestClient) -> None:
    page = get_page(client, NEAR)
    rides = next(label for label in page.all("label") if words(label).startswith("Rides"))
    assert next(rides.iter("input")).get("disabled") is None


def test_what_a_choice_promises_is_what_it_finds(client: TestClient) -> None:
    page = get_page(client, NEAR)
    assert counts(page, "openings") == {"Openings reported in the last 3 days": "1 place"}
    with_openings = get_page(client, f"{NEAR}&openings=1")
    assert results(with_openings) == ["Safe Reeds"]
    assert chips(with_openings) == {"Take away: Openings reported in the last 3 days ×": NEAR}


def test_groups_with_a_choice_made_stand_open(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=meeting&type=aa:O&access=wheelchair")
    opened = [words(next(each.iter("summary"))) for each in page.all("details") if each.get("open") is not None]
    assert opened == ["What 1 chosen", "Kind of meeting 1 chosen", "Access 1 chosen"]


def test_a_type_is_named_in_its_chip_and_kept_by_the_form(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=meeting&type=aa:O")
    assert chips(page)["Take away: Open ×"] == f"{NEAR}&kind=meeting"
    assert page.fields()["type"] == ["aa:O"]
    assert get_page(client, f"{NEAR}&type=aa:O").fields()["type"] == ["aa:O"]


# --- what serves the place from elsewhere ----------------------------------------------------------------------------


def test_what_is_online_or_for_the_whole_country_follows_the_list(client: TestClient) -> None:
    page = get_page(client, NEAR)
    assert section(page, "elsewhere") == ["All Night Line", "Lamp on a Screen"]
    assert "2 places: online, by phone, or serving all of your area." in page.text
    online = get_page(client, page.links()["All that is online or by phone, from anywhere"])
    assert set(results(online)) == {"All Night Line", "Lamp on a Screen"}
    assert section(online, "elsewhere") == []


def test_what_is_elsewhere_answers_the_same_question(client: TestClient) -> None:
    assert section(get_page(client, f"{NEAR}&kind=meeting"), "elsewhere") == ["Lamp on a Screen"]
    assert section(get_page(client, f"{NEAR}&kind=housing"), "elsewhere") == []


def test_a_number_for_the_whole_country_stands_on_an_empty_page_once(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=crisis")
    assert section(page, "elsewhere") == ["All Night Line"]
    assert page.all("li", class_="line") == []


# --- words that were mistyped, a list that is taken along -----------------------------------------------------------


def test_a_slip_of_the_finger_is_forgiven_and_named(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&q=qiuet")
    assert results(page) == ["Quiet Lamp Group"]
    assert words(page.one("div", class_="notice")).startswith("Nothing is called “qiuet”. We also looked for: quiet.")
    exactly = get_page(client, page.links()["Only “quiet”"])
    assert results(exactly) == ["Quiet Lamp Group"]
    assert exactly.all("div", class_="notice") == []


def test_a_list_to_take_along_goes_wherever_the_page_leads(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=meeting&day=1&take=quiet-lamp-abc")
    leads = [url for url in page.links().values() if url.startswith("/search?")]
    assert len(leads) == 4
    assert [url for url in leads if "take=quiet-lamp-abc" not in url] == []
    assert page.fields()["take"] == ["quiet-lamp-abc"]
    assert page.links()["Start again"] == "/search?take=quiet-lamp-abc"


def test_what_is_taken_off_the_list_is_off_it(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&take=quiet-lamp-abc&take=safe-reeds-abc&drop=quiet-lamp-abc")
    assert page.fields()["take"] == ["safe-reeds-abc"]


# --- what cannot be answered -----------------------------------------------------------------------------------------


def test_without_a_question_the_page_is_the_form(client: TestClient) -> None:
    page = get_page(client, "/search")
    assert page.title == "What do you need, and where?"
    assert page.cards() == []
    assert page.fields()["near"] == [""]
    assert "All Night Line" in page.text


def test_a_place_that_is_not_known_leaves_the_form_as_it_was_and_offers_what_is_like_it(client: TestClient) -> None:
    page = get_page(client, "/search?near=Saltmarch, PA&kind=meeting&within=5")
    assert "We cannot find a place called “Saltmarch, PA”." in page.text
    assert page.fields()["near"] == ["Saltmarch, PA"]
    assert page.fields()["within"] == ["5"]
    assert results(get_page(client, page.links()["Saltmarsh, PA"])) == ["Quiet Lamp Group"]


def test_what_cannot_be_read_is_left_out_and_named(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=zoo&within=900&day=8&type=aa:ZZZ")
    notice = words(page.one("div", class_="problem"))
    assert notice == (
        "We left some parts of your question out: What: we do not know “zoo”. "
        "Day: we do not know “8”. Listing code: we do not know “aa:ZZZ”."
    )
    assert len(results(page)) == 3


@pytest.mark.parametrize(("asked", "miles", "words"), [("0.5", "1", "1 mile"), ("900", "500", "500 miles")])
def test_a_radius_that_we_do_not_look_in_becomes_the_nearest_one(
    client: TestClient, asked: str, miles: str, words: str
) -> None:
    page = get_page(client, f"{NEAR}&within={asked}")
    assert f"Choose 1 to 500 miles. We looked within {words}." in page.text
    assert page.title.startswith(f"{len(results(page))} places within {words} of")
    assert page.fields()["within"] == [miles]


def test_a_radius_that_is_no_number_is_left_out(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&within=far")
    assert "How far: “far” is not a number from 1 to 500." in page.text
    assert page.fields()["within"] == ["25"]


def test_a_page_after_the_last_offers_the_last(crowded: str) -> None:
    with world.site(crowded) as client:
        page = get_page(client, f"{NEAR}&page=9")
        last = get_page(client, page.links()["Go to page 3"])
    assert "The list has only 3 pages." in page.text
    assert "Nothing is listed" not in page.text
    assert page.title == last.title
    assert len(results(last)) == 13


def test_markup_in_a_question_is_only_text(client: TestClient) -> None:
    page = get_page(client, "/search?q=<script>alert(1)</script>&near=<b>x")
    assert page.fields()["q"] == ["<script>alert(1)</script>"]
    assert "<script>alert" not in page.response.text


def test_an_empty_answer_offers_what_a_wider_circle_or_one_filter_less_would_find(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&within=5&kind=treatment")
    assert results(page) == []
    assert section(page, "further") == ["Far Shore Clinic"]
    assert "All Night Line" in page.text
    assert results(get_page(client, page.links()["Within 25 miles: 1"])) == ["Far Shore Clinic"]
    assert results(get_page(client, page.links()["Without “Treatment”: 2"])) == ["Safe Reeds", "Quiet Lamp Group"]


def test_an_empty_answer_names_no_way_that_finds_nothing(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&within=5&kind=treatment&q=zebra")
    assert [text for text in page.links() if text.startswith(("Within", "Without"))] == []
    assert section(page, "further") == []
    assert "Look wider" not in page.text


def test_where_several_filters_are_in_the_way_all_go_but_the_kind(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=meeting&q=zebra&pay=medicaid")
    assert results(get_page(client, page.links()["Only “Meetings”: 1"])) == ["Quiet Lamp Group"]


def test_a_wider_circle_speaks_spanish(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&within=5&kind=treatment", language="es")
    assert {"A 25 millas o menos: 1", "Sin “Tratamiento”: 2"} <= set(page.links())


def test_what_does_not_say_is_counted_and_one_tap_away(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&pay=free")
    assert "3 more listings may fit, but do not say: Ways to pay." in page.text
    assert len(results(get_page(client, page.links()["Show them too"]))) == 3


def test_who_asks_for_a_time_is_told_of_those_without_hours(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=treatment&open=now")
    assert "1 more place does not say its hours." in page.text
    assert results(get_page(client, page.links()["Show them too"])) == ["Far Shore Clinic"]


# --- weight and caching ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_of_25_results_is_light_enough_for_an_old_phone(crowded: str, language: str) -> None:
    with world.site(crowded) as client:
        page = get_page(client, NEAR, language=language)
    html = len(brotli.compress(page.response.content, quality=5))
    files = [folder("static") / name for name in ("site.css", "leave.js", "near-me.js", "map-open.js", "favicon.svg")]
    assert len(results(page)) == 25
    assert len(page.all("details")) >= 9
    assert html <= 15_000
    assert html + sum(len(brotli.compress(path.read_bytes(), quality=5)) for path in files) <= 40_000


def test_an_answer_is_for_one_visitor_and_the_same_question_gets_304(client: TestClient) -> None:
    first = client.get(NEAR)
    assert first.headers["cache-control"] == "private, max-age=60"
    assert client.get(NEAR, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert client.get(f"{NEAR}&day=1", headers={"if-none-match": first.headers["etag"]}).status_code == 200


# --- what the README says of it --------------------------------------------------------------------------------------


def test_words_in_quotes_are_found_in_their_order_only(client: TestClient) -> None:
    assert results(get_page(client, f"{NEAR}&q=lamp+quiet")) == ["Quiet Lamp Group"]
    assert results(get_page(client, f'{NEAR}&q="quiet+lamp"')) == ["Quiet Lamp Group"]
    assert results(get_page(client, f'{NEAR}&q="lamp+quiet"')) == []
    assert results(get_page(client, f'{NEAR}&q="by+the+water"')) == ["Far Shore Clinic"]


@pytest.mark.parametrize(
    ("spanish", "english", "name"),
    [
        ("vivienda", "housing", "Safe Reeds"),
        ("tratamiento", "treatment", "Far Shore Clinic"),
        ("buprenorfina", "buprenorphine", "Far Shore Clinic"),
        ("abierta", "open", "Quiet Lamp Group"),
        ("reunion", "meeting", "Quiet Lamp Group"),
    ],
)
def test_spanish_words_find_what_english_words_find(client: TestClient, spanish: str, english: str, name: str) -> None:
    for word in (spanish, english):
        assert results(get_page(client, f"{NEAR}&q={word}")) == [name]


def test_another_value_of_a_filter_widens_and_another_filter_narrows(client: TestClient) -> None:
    assert results(get_page(client, f"{NEAR}&kind=meeting")) == ["Quiet Lamp Group"]
    assert results(get_page(client, f"{NEAR}&kind=meeting&kind=housing")) == ["Safe Reeds", "Quiet Lamp Group"]
    assert results(get_page(client, f"{NEAR}&kind=meeting&kind=housing&people=women&people=men")) == ["Safe Reeds"]


def test_a_printed_page_of_results_ends_with_the_site_and_says_nothing_of_the_question(client: TestClient) -> None:
    page = get_page(client, f"{NEAR}&kind=meeting&take=quiet-lamp-abc")
    assert words(page.one("p", class_="on-paper")) == "http://127.0.0.1:8000/search"


def test_files_are_offered_of_what_the_page_shows_also_where_a_part_of_the_question_was_dropped(
    client: TestClient,
) -> None:
    page = get_page(client, f"{NEAR}&type=aa:ZZZZ&kind=meeting")
    table = page.links()["Spreadsheet (CSV)"]
    assert "ZZZZ" not in table
    answer = client.get(table)
    assert answer.status_code == 200
    assert "Quiet Lamp Group" in answer.text
