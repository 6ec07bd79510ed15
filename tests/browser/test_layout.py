"""Every page fits its window, at any size of window and of letters; what is tapped is large enough; a page is light to load."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.live import Site
from tests.browser.visits import HEIGHT, Visits

PATHS = (
    "/",
    "/search?near=00101",
    "/search?near=00106&kind=legal&q=zebra",
    "/search?near=00106&within=5&kind=treatment&pay=medicaid&time=evening",
    "/search?near=00101&kind=meeting&type=aa:O&openings=1&q=brige+%22noon+bridge%22&take=quiet-lamp",
    "/search?near=Larkspr+City",
    "/search?near=00101&kind=nonsense&within=9999&kind=meeting",
    "/about",
    "/privacy",
    "/nowhere",
)
LISTINGS = (
    "Grupo Nuevo Puente",
    "Cottonwood Withdrawal Care",
    "Open Gate Clinic",
    "Harbor Safe Home",
    "Coffee by Phone",
)

PAGE_BYTES, HTML_BYTES = 40_000, 15_000
"""What a page of results may weigh over the wire in all, and its HTML alone."""
TARGET = 44
"""The least width and height of what is tapped, in CSS pixels."""

UNFOLD = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"

TOO_WIDE = """() => {
  const right = document.documentElement.clientWidth + 1;
  const kept = (element) => !element.closest(".hidden, .sprite, .skip");
  const found = [...document.querySelectorAll("body *")].filter(kept).filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && (box.right > right || box.left < -1);
  }).map((element) => `${element.tagName} ${element.className}: ${element.textContent.trim().slice(0, 40)}`);
  return document.documentElement.scrollWidth > right ? ["the page scrolls sideways", ...found] : found;
}"""

# A link within a sentence cannot be this high; it is then the only thing that is exempt (WCAG 2.2, 2.5.8).
TOO_SMALL = """(least) => [...document.querySelectorAll("a, button, summary, select, input")]
  .filter((element) => element.checkVisibility() && !element.closest(".skip"))
  .map((element) => element.closest("label") ?? element)
  .filter((element) => getComputedStyle(element).display !== "inline")
  .map((element) => [element.innerText || element.id, element.getBoundingClientRect()])
  .filter(([, box]) => Math.round(box.width) < least || Math.round(box.height) < least)
  .map(([says, box]) => `${says}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""

# With whole words only, does a heading, a name of a fact or a choice stick out of its box? What sources write may be longer.
BROKEN = """() => {
  document.body.style.overflowWrap = "normal";
  return [...document.querySelectorAll("main :is(h1, h2, h3, dt, th, summary, label, .button)")]
    .filter((element) => element.checkVisibility() && element.clientWidth > 0)
    .filter((element) => element.scrollWidth > element.clientWidth + 1 || element.getBoundingClientRect().right > innerWidth)
    .map((element) => `${element.tagName}: ${element.textContent.trim().slice(0, 40)}`);
}"""

INLINE = """() => [...document.querySelectorAll("main a")]
  .filter((link) => getComputedStyle(link).display === "inline" && link.parentElement.textContent.trim() === link.textContent.trim())
  .map((link) => link.textContent)"""


@pytest.fixture
def paths(site: Site, gone: str) -> tuple[str, ...]:
    """Pages of every sort."""
    return (*PATHS, *(site.listing(name) for name in LISTINGS), gone)


def shown(page: Page, path: str) -> Page:
    """The page at this path with all that can be unfolded."""
    page.goto(path)
    page.evaluate(UNFOLD)
    return page


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_scrolls_sideways(visits: Visits, paths: tuple[str, ...], language: str) -> None:
    page = visits.window(language=language)
    found = {}
    for path in paths:
        shown(page, path)
        for width in (320, 360, 768, 1280):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if wide := page.evaluate(TOO_WIDE):
                found[path, width] = wide
    assert found == {}


@pytest.mark.parametrize(
    ("width", "letters", "language"), [(640, 32, "en"), (640, 32, "es"), (360, 24, "es"), (360, 32, "en")]
)
def test_letters_twice_as_large_fit_too(
    visits: Visits, paths: tuple[str, ...], width: int, letters: int, language: str
) -> None:
    """What a visitor sets in the browser, where 16 pixels are usual."""
    page = visits.window(width=width, language=language)
    sizes = {"standard": letters, "fixed": letters}
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": sizes})
    found = {path: wide for path in paths if (wide := shown(page, path).evaluate(TOO_WIDE))}
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{letters}px"
    assert found == {}


def test_a_page_at_200_percent_is_laid_out_as_on_a_narrow_phone(visits: Visits, paths: tuple[str, ...]) -> None:
    """Zooming a window of 640 pixels to 200% leaves 320 of twice the size."""
    page = visits.window(width=320, device_scale_factor=2)
    found = {path: wide for path in paths if (wide := shown(page, path).evaluate(TOO_WIDE))}
    assert page.evaluate("devicePixelRatio") == 2
    assert found == {}


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_word_is_broken_in_two_on_a_phone(visits: Visits, paths: tuple[str, ...], language: str) -> None:
    page = visits.window(width=360, language=language)
    found = {path: broken for path in paths if (broken := shown(page, path).evaluate(BROKEN))}
    assert found == {}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_what_is_tapped_is_large_enough(visits: Visits, paths: tuple[str, ...], width: int, language: str) -> None:
    page = visits.window(width=width, language=language)
    found = {path: small for path in paths if (small := shown(page, path).evaluate(TOO_SMALL, TARGET))}
    assert found == {}


def test_only_a_link_within_a_sentence_may_be_as_low_as_its_line(visits: Visits, paths: tuple[str, ...]) -> None:
    page = visits.window()
    found = {path: links for path in paths if (links := shown(page, path).evaluate(INLINE))}
    assert found == {}


@pytest.mark.parametrize(
    ("harm", "search"),
    [
        ("document.querySelector('h1').style.width = '500px'", TOO_WIDE),
        ("document.querySelector('footer a').style.minHeight = '0'", TOO_SMALL),
        ("document.querySelector('h1').textContent = 'W'.repeat(40)", BROKEN),
        ("document.querySelector('.leave').style.minHeight = '30px'", TOO_SMALL),
    ],
)
def test_what_does_not_fit_would_be_found(visits: Visits, harm: str, search: str) -> None:
    page = visits.visit("/")
    assert page.evaluate(search, TARGET) == []
    page.evaluate(harm)
    assert len(page.evaluate(search, TARGET)) >= 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_full_page_of_results_is_light_over_the_wire(visits: Visits, language: str) -> None:
    page = visits.window(language=language)
    wire, sizes, kinds = page.context.new_cdp_session(page), {}, {}
    wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    wire.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    wire.send("Network.enable")
    page.goto("/search?near=00101")
    page.wait_for_load_state("networkidle")

    assert page.locator(".list > .cards > .card").count() == 25
    assert {"Document", "Stylesheet", "Script"} <= set(kinds.values())
    assert 1_000 < sum(sizes[each] for each, kind in kinds.items() if kind == "Document") <= HTML_BYTES
    assert sum(sizes.values()) <= PAGE_BYTES
