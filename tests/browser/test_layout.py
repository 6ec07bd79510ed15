"""Every page fits its window, at any size of window and of letters; what is tapped is large enough; a page is light to load.

A page is opened once for each language and its window then made as wide and its letters as large as is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from tests.browser.visits import HEIGHT, UNFOLD, Visits, swept

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
    "/status",
    "/call-me",
    "/who-goes-first",
    "/your-rights",
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

TOO_WIDE = """() => {
  const right = document.documentElement.clientWidth + 1;
  // What lies in a box that scrolls alone may be as wide as it likes.
  const kept = (element) => !element.closest(".hidden, .sprite, .skip") && !element.parentElement.closest(".figures");
  const found = [...document.querySelectorAll("body *")].filter(kept).filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && (box.right > right || box.left < -1);
  }).map((element) => `${element.tagName} ${element.className}: ${element.textContent.trim().slice(0, 40)}`);
  return document.documentElement.scrollWidth > right ? ["the page scrolls sideways", ...found] : found;
}"""

# A link within a sentence cannot be this high; it is then the only thing that is exempt (WCAG 2.2, 2.5.8).
TOO_SMALL = """(least) => [...document.querySelectorAll("a, button, summary, select, input")]
  .filter((element) => element.checkVisibility() && !element.closest(".skip, .hidden"))
  .map((element) => element.closest("label") ?? element)
  .filter((element) => getComputedStyle(element).display !== "inline")
  .map((element) => [element.innerText || element.id, element.getBoundingClientRect()])
  .filter(([, box]) => Math.round(box.width) < least || Math.round(box.height) < least)
  .map(([says, box]) => `${says}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""

# With whole words only, does a heading, a name of a fact or a choice stick out of its box? What sources write may be longer.
BROKEN = """() => {
  document.body.style.overflowWrap = "normal";
  return [...document.querySelectorAll("main :is(h1, h2, h3, dt, th, summary, label, .button)")]
    .filter((element) => element.checkVisibility() && element.clientWidth > 0 && !element.closest(".figures"))
    .filter((element) => element.scrollWidth > element.clientWidth + 1 || element.getBoundingClientRect().right > innerWidth)
    .map((element) => `${element.tagName}: ${element.textContent.trim().slice(0, 40)}`);
}"""

INLINE = """() => [...document.querySelectorAll("main a")]
  .filter((link) => getComputedStyle(link).display === "inline" && link.parentElement.textContent.trim() === link.textContent.trim())
  .map((link) => link.textContent)"""


def path_of(name: str, request: pytest.FixtureRequest) -> str:
    """The path of one of PATHS and LISTINGS, or of the listing that is gone."""
    if name == "gone":
        return str(request.getfixturevalue("gone"))
    return name if name.startswith("/") else str(request.getfixturevalue("site").listing(name))


def of_width(page: Page, width: int) -> Page:
    """The page in a window of this width in CSS pixels."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    return page


@contextmanager
def zoomed(page: Page) -> Iterator[Page]:
    """The page at 200%: a window of 640 pixels of the screen, which leaves 320 of twice the size."""
    wire = of_width(page, 320).context.new_cdp_session(page)
    size = {"width": 320, "height": HEIGHT, "deviceScaleFactor": 2, "mobile": False}
    wire.send("Emulation.setDeviceMetricsOverride", size)
    assert page.evaluate("[innerWidth, devicePixelRatio]") == [320, 2]
    yield page
    wire.detach()


def with_letters(page: Page, size: int) -> Page:
    """The page with letters of this size in pixels, which a visitor sets in the browser and where 16 is usual."""
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": size, "fixed": size}})
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{size}px"
    return page


def misfits(page: Page) -> dict[str, list[str]]:
    """What is wrong with a page in windows of every width."""
    found = {}
    for width in (320, 360, 768, 1280):
        of_width(page, width)
        found[f"too wide at {width}"] = page.evaluate(TOO_WIDE)
        found[f"too small at {width}"] = page.evaluate(TOO_SMALL, TARGET)
    found["as low as its line"] = of_width(page, 360).evaluate(INLINE)
    found["broken in two"] = page.evaluate(BROKEN)
    page.evaluate("document.body.style.overflowWrap = ''")
    with zoomed(page):
        found["too wide at 200%"] = page.evaluate(TOO_WIDE)
    return {name: elements for name, elements in found.items() if elements}


def too_wide_with(page: Page, letters: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[str]]:
    """What is too wide in windows of these widths with letters of these sizes."""
    found = {}
    for width, size in letters:
        found[width, size] = with_letters(of_width(page, width), size).evaluate(TOO_WIDE)
        assert page.evaluate("[innerWidth, devicePixelRatio]") == [width, 1]
    return {each: elements for each, elements in found.items() if elements}


LETTERS = {"en": ((640, 32), (360, 32)), "es": ((640, 32), (360, 24))}
"""Widths of windows and sizes of letters in each language."""


@pytest.mark.parametrize("language", swept(["es", "en"], always=1))
@pytest.mark.parametrize("name", swept([*LISTINGS, *PATHS, "gone"], always=6))
def test_a_page_fits_windows_of_any_width_breaks_no_word_and_can_be_tapped(
    visits: Visits, request: pytest.FixtureRequest, name: str, language: str
) -> None:
    """Only a link within a sentence may be as low as its line."""
    page = visits.visit(path_of(name, request), language=language)
    page.evaluate(UNFOLD)
    assert misfits(page) == {}


@pytest.mark.parametrize("language", swept(LETTERS, always=1))
def test_letters_twice_as_large_fit_too(visits: Visits, request: pytest.FixtureRequest, language: str) -> None:
    page = visits.window(language=language)
    for name in (*PATHS, *LISTINGS, "gone"):
        page.goto(path_of(name, request))
        page.evaluate(UNFOLD)
        assert too_wide_with(page, LETTERS[language]) == {}, name


def test_what_is_too_wide_with_large_letters_alone_would_be_found(visits: Visits) -> None:
    page = visits.visit("/")
    page.evaluate("document.querySelector('h1').style.width = '15rem'")
    assert misfits(page) == {}
    assert set(too_wide_with(page, ((360, 16), (360, 32)))) == {(360, 32)}


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


@pytest.mark.parametrize("language", swept(["es", "en"], always=1))
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
