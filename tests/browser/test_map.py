"""The map of the results in a real browser: offered by a script, loaded by a tap, worked by keyboard, and never in the list's way."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from directory.resources import folder
from tests.browser import live
from tests.browser.live import Site
from tests.browser.test_axe import EVERY_RULE, found_by_axe
from tests.browser.visits import HEIGHT, Visits
from tests.sweeps import swept

RESULTS = "/search?near=00101"
WIDE = "/search?near=00101&kind=meeting&kind=treatment&sort=name"
LOADER, LOADER_BYTES = folder("static") / "map-open.js", 2_000
TARGET = 44

# Waits for two frames, in which the map fits itself to its box, and for whatever towns it asks for on the way.
STILL = """async () => {
  const drawn = () => document.getElementById("map").innerHTML;
  const before = drawn();
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const asked = performance.getEntriesByType("resource").some(({ name, responseEnd }) => name.includes("/map/places?") && responseEnd);
  return asked && before === drawn();
}"""

FOCUSED = """() => {
  const focused = document.activeElement, style = getComputedStyle(focused), box = focused.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    says: focused.getAttribute("aria-label") ?? focused.textContent.trim().replace(/\\s+/g, " "),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    inSight: !!top && focused.contains(top),
  };
}"""


def button(page: Page) -> Locator:
    return page.locator("button[aria-controls=map]")


def marks(page: Page) -> Locator:
    return page.locator(".map-mark")


def opened(page: Page) -> Page:
    """The page with its map open and drawn."""
    button(page).click()
    return drawn(page)


def drawn(page: Page) -> Page:
    """The page once its open map stands still: twice in a row the same marks, names and towns, the towns asked for and come."""
    expect(marks(page).first).to_be_visible()
    page.wait_for_function(STILL)
    return page


def tab_to(page: Page, beginning: str, *, most: int = 60) -> str:
    """Presses Tab until this is in focus and gives its whole name. Whatever has the focus on the way must be seen to have it."""
    page.wait_for_load_state("load")
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        assert focus["outline"] >= 2, f"no outline around {focus['says']!r}"
        assert focus["inSight"], f"{focus['says']!r} has the focus and cannot be seen"
        if re.match(beginning, focus["says"]):
            return str(focus["says"])
    raise AssertionError(f"Tab does not come to {beginning!r}")


def named(page: Page) -> dict[int, str]:
    """What the marks say of each result, by its number."""
    says = [name for label in marks(page).all() for name in (label.get_attribute("aria-label") or "").split("; ")]
    return {int(name.partition(".")[0]): name for name in says}


def point(page: Page, mark: Locator) -> tuple[float, float]:
    box = mark.bounding_box()
    assert box
    return box["x"], box["y"]


# --- the keyboard alone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280])
def test_a_keyboard_opens_the_map_finds_a_mark_and_follows_it_to_its_card(visits: Visits, width: int) -> None:
    page = visits.visit(RESULTS, width=width)
    tab_to(page, "Show on a map")
    page.keyboard.press("Enter")
    drawn(page)

    tab_to(page, "Map around Larkspur City")
    mark = tab_to(page, r"1[0-9]\. ")
    number, name = re.match(r"(\d+)\. ([^,;]+)", mark).groups()  # type: ignore[union-attr]
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)["says"] == mark  # what opens has the focus, and says what it is about
    expect(page.locator(".map-popup")).to_contain_text(f"{number}. {name}")

    tab_to(page, f"Show in the list: {name}", most=1)
    page.keyboard.press("Enter")
    card = page.locator("li.card").nth(int(number) - 1)
    expect(card).to_be_focused()
    expect(card).to_be_in_viewport()
    expect(card.locator("h2 a")).to_have_text(name)
    assert page.url.endswith(f"#{card.get_attribute('id')}")
    tab_to(page, name, most=1)


def test_a_popup_leads_to_the_page_of_its_listing(visits: Visits) -> None:
    page = opened(visits.visit(RESULTS))
    marks(page).first.press("Enter")
    link = page.locator(".map-popup").get_by_role("link", name="Open its page").first
    name = link.locator(".hidden").inner_text().removeprefix(": ")
    link.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_escape_closes_a_popup_and_goes_back_to_its_mark(visits: Visits, key: str) -> None:
    page = opened(visits.visit(RESULTS, width=1280))
    mark = marks(page).nth(1)
    name = mark.get_attribute("aria-label")
    mark.press(key)
    expect(page.locator(".map-popup")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".map-popup")).to_have_count(0)
    assert page.evaluate(FOCUSED)["says"] == name


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_button_of_a_popup_closes_it_too(visits: Visits, key: str) -> None:
    page = opened(visits.visit(RESULTS))
    marks(page).first.click()
    page.get_by_role("button", name="Close", exact=True).press(key)
    expect(page.locator(".map-popup")).to_have_count(0)
    expect(marks(page).first).to_be_focused()


def test_arrows_move_the_map_and_plus_and_minus_change_its_size(visits: Visits) -> None:
    page = opened(visits.visit(RESULTS, width=1280))
    page.get_by_role("application").focus()
    mark = marks(page).first
    x, y = point(page, mark)
    page.keyboard.press("ArrowRight")
    assert point(page, mark)[0] < x
    page.keyboard.press("ArrowDown")
    assert point(page, mark)[1] < y
    before = marks(page).count()
    for _ in range(3):
        page.keyboard.press("+")
    assert marks(page).count() > before  # what lay together comes apart
    for _ in range(6):
        page.keyboard.press("-")
    assert marks(page).count() < before


def test_the_buttons_that_change_the_size_answer_to_enter_and_to_the_space_bar(visits: Visits) -> None:
    page = opened(visits.visit(RESULTS, width=1280))
    before = marks(page).count()
    page.get_by_role("button", name="Zoom in").press("Space")
    page.get_by_role("button", name="Zoom in").press("Enter")
    page.get_by_role("button", name="Zoom in").press("Space")
    assert marks(page).count() > before


def test_one_tap_leads_past_the_map_to_the_list(visits: Visits) -> None:
    page = opened(visits.visit(RESULTS))
    tab_to(page, "Past the map, to the list")
    page.keyboard.press("Enter")
    expect(page.locator("li.card").first).to_be_focused()


# --- what is on it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [RESULTS, f"{RESULTS}&page=2", WIDE])
def test_every_result_with_a_point_has_a_mark_with_the_number_that_its_card_shows(visits: Visits, path: str) -> None:
    page = visits.visit(path, width=1280)
    first = int(page.locator("ol.cards").first.get_attribute("start") or "1")
    cards = page.locator("ol.cards").first.locator("li.card").all()
    wanted = {
        number: card.locator("h2 a").inner_text()
        for number, card in enumerate(cards, first)
        if card.get_attribute("data-lat")
    }
    opened(page)
    said = named(page)
    assert said.keys() == wanted.keys()
    assert [name for n, name in wanted.items() if not said[n].startswith(f"{n}. {name}, ")] == []
    shown = {number: card.locator(".map-number") for number, card in enumerate(cards, first)}
    assert {number: each.inner_text() for number, each in shown.items() if each.count()} == {n: str(n) for n in wanted}
    assert 1 < marks(page).count() < len(wanted)  # those that would overlap share one


def test_a_mark_says_how_far_its_result_is(visits: Visits) -> None:
    page = opened(visits.visit(RESULTS, width=1280))
    said = {number: card.locator(".marks .strong") for number, card in enumerate(page.locator("li.card").all(), 1)}
    for number, name in named(page).items():
        assert f", {said[number].inner_text()}" in name


def test_what_is_only_roughly_known_is_drawn_as_an_area_of_two_miles(visits: Visits) -> None:
    page = visits.visit("/search?near=00101&kind=crisis&kind=food&kind=legal", width=1280)
    rough = page.locator("ol.cards").first.locator("li.card[data-approximate]")
    points = {(card.get_attribute("data-lat"), card.get_attribute("data-lon")) for card in rough.all()}
    numbers = {int(text) for text in opened(page).locator("li.card[data-approximate] .map-number").all_inner_texts()}
    assert points
    areas = page.locator("path.map-area")
    assert areas.count() == len(points)
    assert areas.first.evaluate("(area) => getComputedStyle(area).strokeDasharray") == "6px, 6px"
    assert {number for number, name in named(page).items() if name.endswith("somewhere around here")} == numbers
    for _ in range(3):
        page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".map-label > span", has_text="somewhere around here").first).to_be_visible()


def test_rings_are_as_wide_as_they_say(visits: Visits) -> None:
    page = opened(visits.visit(RESULTS, width=1280))
    expect(page.locator(".map-label > span", has_text="0.5 miles")).to_be_visible()
    sizes = "(paths) => paths.map((path) => path.getBBox().width).sort((a, b) => a - b)"
    smallest, next_one, *_ = page.locator("path.map-ring").evaluate_all(sizes)
    assert next_one / smallest == pytest.approx(2, rel=0.02)
    area = page.locator("path.map-area").first.evaluate("(path) => path.getBBox().width")
    assert min(abs(area / size - ratio) for size in (smallest, next_one) for ratio in (1, 2, 4)) < 0.1


def test_towns_of_our_own_table_stand_on_its_ground(visits: Visits) -> None:
    page = opened(visits.visit(WIDE, width=1280))
    assert {"Saltgrass", "Two Lanterns"} <= set(page.locator(".map-town").all_inner_texts())
    expect(page.locator(".map-here")).to_have_count(1)


def test_no_two_names_on_the_map_overlap_nor_does_one_hide_under_a_mark(visits: Visits) -> None:
    page = opened(visits.visit(WIDE, width=1280))
    shown = page.locator(".map-town > span, .map-label > span, .map-mark > span")
    boxes = [box for each in shown.all() if (box := each.bounding_box())]
    pairs = [(a, b) for index, a in enumerate(boxes) for b in boxes[:index]]
    assert len(boxes) > 8
    assert [(a, b) for a, b in pairs if _overlap(a, b)] == []


def _overlap(a: Any, b: Any) -> bool:
    across = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    down = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    return bool(across > 1 and down > 1)


# --- nobody's way, nobody's business ---------------------------------------------------------------------------------


def test_nothing_of_the_map_is_loaded_before_the_tap_but_the_button(visits: Visits) -> None:
    page = visits.window()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(RESULTS)
    page.wait_for_load_state("networkidle")
    expect(button(page)).to_have_text("Show on a map")
    assert [url for url in asked if re.search("leaflet|map/|map[.]", url)] == []
    assert len(gzip.compress(LOADER.read_bytes())) < LOADER_BYTES
    opened(page)
    assert len([url for url in asked if "/static/leaflet/" in url]) == 2


def test_the_map_asks_no_other_host_stores_nothing_and_breaks_no_rule(visits: Visits) -> None:
    page = opened(visits.visit(RESULTS, width=1280))
    page.get_by_role("application").focus()
    for key in ("ArrowLeft", "-", "-", "ArrowUp", "+"):
        page.keyboard.press(key)
    marks(page).first.press("Enter")
    page.wait_for_load_state("networkidle")
    assert visits.hosts == {visits.url.removeprefix("http://")}
    assert visits.complaints == []
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_the_area_that_is_asked_for_says_less_than_what_is_shown(visits: Visits) -> None:
    page = visits.visit(RESULTS)
    with page.expect_request("**/map/places?**") as asking:
        button(page).click()
    sides = [float(side) for side in re.findall(r"(?:north|south|east|west)=(-?[\d.]+)", asking.value.url)]
    assert len(sides) == 4
    assert all((side * 2**20).is_integer() for side in sides)  # on a grid of halves, not at the edges of this window


def test_the_map_closes_again_and_the_numbers_go(visits: Visits) -> None:
    page = opened(visits.visit(RESULTS))
    expect(button(page)).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".map-number").first).to_be_visible()
    button(page).click()
    expect(button(page)).to_have_text("Show on a map")
    expect(button(page)).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator(".map-number").first).to_be_hidden()
    opened(page)


@pytest.mark.parametrize(("width", "language"), [(320, "en"), (360, "es"), (1280, "en")])
def test_the_map_takes_half_the_window_at_most_and_what_is_tapped_is_large_enough(
    visits: Visits, width: int, language: str
) -> None:
    page = opened(visits.visit(RESULTS, width=width, language=language))
    ground = page.get_by_role("application").bounding_box()
    assert ground
    assert ground["height"] <= HEIGHT / 2
    marks(page).first.press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tapped = page.locator("#map").locator("a, [role=button]").filter(visible=True).all()
    sizes = [box for each in tapped if (box := each.bounding_box())]
    assert len(sizes) > 5
    assert [box for box in sizes if round(box["width"]) < TARGET or round(box["height"]) < TARGET] == []


def test_a_finger_that_scrolls_the_page_does_not_stick_in_the_map(visits: Visits) -> None:
    page = opened(visits.visit(RESULTS, has_touch=True, is_mobile=True))
    expect(page.locator("#map")).to_contain_text("Move the map with two fingers.")
    assert page.get_by_role("application").evaluate("(map) => getComputedStyle(map).touchAction") == "pan-x pan-y"


def test_a_map_that_does_not_load_says_so_and_can_be_tried_again(visits: Visits) -> None:
    page = visits.window()
    page.route("**/static/map.js*", lambda route: route.abort(), times=1)
    page.goto(RESULTS)
    button(page).click()
    expect(page.get_by_text("The map did not open.")).to_be_visible()
    expect(button(page)).to_have_text("Show on a map")
    assert [complaint for complaint in visits.complaints if "ERR_FAILED" not in complaint] == []
    visits.complaints.clear()
    opened(page)
    expect(page.get_by_text("The map did not open.")).to_have_count(0)


def test_without_a_script_there_is_neither_a_button_nor_an_empty_box(visits: Visits) -> None:
    page = visits.visit(RESULTS, script=False)
    expect(button(page)).to_have_count(0)
    assert page.get_by_text("map", exact=False).count() == 0
    holder = page.locator("[data-map]")
    expect(holder).to_have_count(1)
    box = holder.bounding_box()
    assert box is None or box["height"] == 0


@pytest.mark.parametrize(
    "shown", swept([(360, "en", False), (1280, "es", True), (360, "es", True), (1280, "en", False)], always=2), ids=str
)
def test_axe_finds_nothing_with_the_map_open(visits: Visits, shown: tuple[int, str, bool]) -> None:
    width, language, dark = shown
    page = opened(visits.visit(RESULTS, width=width, language=language, dark=dark))
    page.evaluate("window.scrollTo(0, 0)")
    assert but_for_pins(found_by_axe(page, EVERY_RULE)) == []
    marks(page).nth(1).press("Enter")
    expect(page.locator(".map-popup")).to_be_visible()
    page.evaluate("window.scrollTo(0, 0)")
    assert but_for_pins(found_by_axe(page, EVERY_RULE, "#map")) == []
    page.locator(".map-popup").evaluate("(popup) => popup.setAttribute('role', 'nonsense')")
    found = but_for_pins(found_by_axe(page, EVERY_RULE, "#map"))
    assert [each.split()[0] for each in found] == ["aria-roles"]


def but_for_pins(found: list[str]) -> list[str]:
    """Without marks that lie close to each other or to what is open: a place is where it is, and the list beside the map has all of them too
    (WCAG 2.2, 2.5.8 Target Size, the exceptions "essential" and "equivalent")."""
    return [each for each in found if not each.startswith("target-size at .map-mark")]


# --- an operator's tile server ---------------------------------------------------------------------------------------

TILE_HOST = "tiles.example.org"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def tiled(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own whose operator has set a tile server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIRECTORY_TILE_URL", f"https://{TILE_HOST}/{{z}}/{{x}}/{{y}}.png")
        patch.setenv("DIRECTORY_TILE_ATTRIBUTION", "Tiles: <b>Heron Maps</b>")
        with live.serving(tmp_path_factory.mktemp("tiled"), database=county) as site:
            yield site


def test_with_a_tile_server_its_pictures_are_the_ground_and_nothing_else_is_asked_of_it(
    browser: Browser, tiled: Site
) -> None:
    visits = Visits(browser, tiled.url)
    tiles: list[str] = []

    def tile(route: Route) -> None:
        tiles.append(route.request.url)
        route.fulfill(content_type="image/png", body=PIXEL)

    try:
        page = visits.window(width=1280)
        page.context.route(f"https://{TILE_HOST}/**", tile)
        page.goto(RESULTS)
        page.wait_for_load_state("networkidle")
        assert tiles == []  # not before the tap
        opened(page)
        expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
        expect(page.locator(".leaflet-control-attribution")).to_have_text("Tiles: <b>Heron Maps</b>")
        expect(page.locator(".map-town")).to_have_count(0)
        assert all(re.fullmatch(rf"https://{TILE_HOST}/\d+/\d+/\d+\.png", url) for url in tiles)
        asked = [
            complaint for complaint in visits.complaints if not complaint.startswith(f"asked {TILE_HOST} for image")
        ]
        assert asked == []
    finally:
        visits.close()
