"""A peer looks for something for someone tonight: without any script, with the keyboard alone, and with what scripts add."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.live import EXIT
from tests.browser.visits import Visits, followed

MEETINGS = "/search?near=00101&kind=meeting"


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def cards(page: Page) -> Locator:
    """What was found; what is there from afar stands in a section of its own."""
    return page.locator(".list > .cards > .card")


def miles(page: Page) -> list[float]:
    """How far each card says that it is."""
    said = cards(page).locator(".marks li", has_text="mile").all_inner_texts()
    return [float(re.sub(r"[^\d.]", "", text)) for text in said]


def total(page: Page) -> int:
    """The number that the heading begins with."""
    return int(title(page).inner_text().split()[0])


# --- without JavaScript ----------------------------------------------------------------------------------------------


def test_a_peer_finds_a_meeting_for_tonight_without_any_script(visits: Visits, tmp_path: Path) -> None:
    page = visits.visit("/", script=False)
    page.get_by_role("radio", name="Meetings").check()
    page.get_by_label("Where?").fill("00101")
    page.get_by_role("button", name="Search").click()

    expect(title(page)).to_have_text(re.compile(r"^\d+ meetings within 25 miles of Larkspur City"))
    everything = total(page)
    assert cards(page).count() == everything
    assert len(miles(page)) == everything
    assert miles(page) == sorted(miles(page))
    assert miles(page)[0] < 1 < miles(page)[-1]

    page.locator("summary", has_text="Access").click()
    page.get_by_role("checkbox", name="Wheelchair access").check()
    followed(page.get_by_role("button", name="Show results"))
    narrowed = total(page)
    assert 0 < narrowed < everything
    assert cards(page).filter(has_text="Wheelchair access").count() == narrowed

    followed(page.get_by_role("navigation", name="Filters in use").get_by_role("link", name="Wheelchair access"))
    assert total(page) == everything

    page.get_by_role("link", name="Tools Tuesday", exact=True).click()
    expect(title(page)).to_have_text("Tools Tuesday")
    expect(page.locator("article > header")).to_contain_text("going on now, until 7:30 pm")

    with page.expect_download() as coming:
        page.get_by_role("link", name="Add to a calendar").click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    assert file.name.startswith("footbridge-")
    (event,) = icalendar.Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Tools Tuesday"
    assert event["DTSTART"].dt.strftime("%A %H:%M") == "Tuesday 18:00"


def test_the_other_language_is_one_tap_away_and_the_page_stays_the_same(visits: Visits) -> None:
    page = visits.visit(MEETINGS, script=False)
    found = cards(page).locator("h2").all_inner_texts()

    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(title(page)).to_have_text(re.compile(r"^\d+ reuniones "))
    assert page.url.endswith(MEETINGS)
    assert cards(page).locator("h2").all_inner_texts() == found

    page.get_by_role("link", name="Footbridge").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")

    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("Now", {"Tools Tuesday", "Second Tuesday Step Night", "Grupo Nuevo Puente"}),
        ("Today", {"Sunrise Table", "Noon Bridge", "Tools Tuesday", "Grupo Nuevo Puente"}),
    ],
)
def test_when_is_asked_on_the_first_page(visits: Visits, choice: str, names: set[str]) -> None:
    page = visits.visit("/", script=False)
    page.get_by_role("radio", name="Meetings").check()
    page.get_by_label("Where?").fill("Larkspur City, ZZ")
    page.get_by_role("radio", name=choice).check()
    followed(page.get_by_role("button", name="Search"))
    assert names <= set(cards(page).locator("h2").all_inner_texts())
    assert cards(page).filter(has_text="Come As You Are").count() == 0  # Mondays, Wednesdays and Fridays


def test_a_misspelt_place_is_one_tap_from_the_right_one(visits: Visits) -> None:
    page = visits.visit("/search?near=Larkspr+City&kind=meeting", script=False)
    expect(page.get_by_label("Where?")).to_have_value("Larkspr City")
    page.get_by_role("link", name="Larkspur City, ZZ").click()
    expect(title(page)).to_have_text(re.compile(r"^\d+ meetings within 25 miles of Larkspur City"))


def test_leaving_is_a_plain_link_that_tells_nobody_where_from(visits: Visits) -> None:
    page = visits.visit(MEETINGS, script=False)
    with page.expect_request(f"{EXIT}**") as leaving:
        page.get_by_role("link", name="Leave this page").click()
    assert "referer" not in leaving.value.all_headers()
    expect(title(page)).to_have_text("Elsewhere")


# --- the keyboard alone ----------------------------------------------------------------------------------------------

FOCUSED = """() => {
  const focused = document.activeElement, shown = focused.closest("label") ?? focused;
  const outlines = [focused, shown].map((element) => getComputedStyle(element))
    .filter((style) => style.outlineStyle !== "none").map((style) => parseFloat(style.outlineWidth));
  const box = focused.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    says: (focused.labels?.[0] ?? focused).innerText.trim(),
    outline: Math.max(0, ...outlines),
    inSight: !!top && (focused.contains(top) || shown.contains(top)),
  };
}"""


def tab_to(page: Page, text: str, *, most: int = 60) -> None:
    """Presses Tab until this is in focus. On the way each focus must be seen: outlined, in the window, under nothing."""
    page.wait_for_load_state("load")  # a heading can be read before the style sheet is there, an outline cannot be seen
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        assert focus["outline"] >= 2, f"no outline around {focus['says']!r}"
        assert focus["inSight"], f"{focus['says']!r} has the focus and cannot be seen"
        if focus["says"].startswith(text):
            return
    raise AssertionError(f"Tab does not come to {text!r}")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_search_needs_no_mouse_and_its_focus_is_always_seen(visits: Visits, width: int) -> None:
    page = visits.visit("/", width=width)
    tab_to(page, "Everything")  # chosen to begin with; the arrows choose another
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Meetings")).to_be_checked()
    tab_to(page, "Where?")
    page.keyboard.type("00101")
    page.keyboard.press("Enter")

    expect(title(page)).to_have_text(re.compile(r"^\d+ meetings "))
    tab_to(page, "Tools Tuesday")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("Tools Tuesday")
    tab_to(page, "Add to a calendar")


def test_the_first_tab_skips_to_the_content(visits: Visits) -> None:
    page = visits.visit("/about")
    tab_to(page, "Skip to the content", most=1)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('header') === null")  # the bar and the language are behind us


# --- what scripts add ------------------------------------------------------------------------------------------------

HERE = {"latitude": 41.600449, "longitude": -117.899551}


def test_near_me_fills_in_a_rounded_point_and_searches_there(visits: Visits) -> None:
    page = visits.visit("/", permissions=["geolocation"], geolocation=HERE)
    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_text("We will search near you.")).to_be_visible()
    page.get_by_role("button", name="Search").click()
    expect(title(page)).to_have_text(re.compile(r"^\d+ places within 25 miles of your location"))
    assert parse_qs(urlsplit(page.url).query)["lat"] == ["41.600"]  # of 41.600449: about 100 yards
    assert parse_qs(urlsplit(page.url).query)["lon"] == ["-117.900"]


def test_a_place_that_is_typed_takes_the_point_away_again(visits: Visits) -> None:
    page = visits.visit("/", permissions=["geolocation"], geolocation=HERE)
    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_text("We will search near you.")).to_be_visible()
    page.get_by_label("Where?").fill("00104")
    page.get_by_role("button", name="Search").click()
    expect(title(page)).to_have_text(re.compile("of Saltgrass"))
    assert "lat=" not in page.url


def test_without_leave_to_know_the_place_there_is_a_word_of_help(visits: Visits) -> None:
    page = visits.visit("/")
    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_role("status")).to_have_text("Your phone did not give a location. Type a ZIP code or a town.")
    expect(page.get_by_label("Where?")).to_be_visible()


def test_nobody_is_asked_for_the_place_before_the_tap(visits: Visits) -> None:
    page = visits.window()
    asked = "navigator.geolocation.getCurrentPosition = () => console.error('asked where this is')"
    page.add_init_script(asked)
    page.goto("/")
    page.get_by_label("Where?").fill("00101")
    page.get_by_role("button", name="Search").click()
    expect(title(page)).to_have_text(re.compile("of Larkspur City"))


def test_after_leaving_back_does_not_return_to_the_page(visits: Visits) -> None:
    page = visits.visit("/")
    page.get_by_role("link", name="Privacy").click()
    page.wait_for_load_state("load")  # the heading can be read before the script is there
    expect(title(page)).to_have_text("Your privacy")
    page.get_by_role("link", name="Leave this page").click()
    page.wait_for_url(EXIT)
    page.go_back()
    expect(title(page)).to_have_text("Find help near you")
