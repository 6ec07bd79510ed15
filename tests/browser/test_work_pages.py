"""Every page of everybody who works here: axe finds nothing, narrow and wide, light and dark, and each fits its window, in both languages.

One window for each part of a role's pages is opened, signed in with one click, and used for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Page

from directory.i18n import COOKIE
from tests.browser.test_axe import EVERY_RULE, found_by_axe, found_in_the_dark
from tests.browser.test_layout import TOO_WIDE, misfits, of_width, too_wide_with, with_letters
from tests.browser.visits import UNFOLD, Visits, signed_in

COTTONWOOD = "/agencies > a[href^='/agencies/']:has-text('Cottonwood')"
PAGES = {
    "editor": (
        "/desk",
        "/desk/listings?q=cottonwood",
        "/desk/openings",
        "/desk/openings > a[href^='/desk/openings/']",
        "/desk > h3 a[href^='/desk/listings/']",
        "/desk > a[href$='/edit']",
        "/desk/listings/new",
        "/desk/proposals",
        "/claims",
        "/claims/new",
        "/uploads",
        "/uploads > a[href^='/runs/']",
        "/runs > a[href^='/runs/']",
        "/places",
        "/account",
    ),
    "peer": (
        "/desk",
        "/openings?care=detox&people=women&pay=medicaid",
        "/checks",
        "/checks > a[href^='/checks/']:not([href*='paper'])",
        "/checks/paper",
    ),
    "coordinator": (
        "/desk",
        "/reports",
        "/reports > a[href^='/reports/']",
        "/moderation",
        "/moderation > a[href^='/moderation/']",
        "/claims",
        "/places > a[href^='/places/']",
        "/conflicts",
        "/duplicates",
        "/duplicates > a[href^='/duplicates/']",
        "/notices",
        "/notices > a[href^='/notices/']",
        "/agencies",
        "/agencies/new",
        COTTONWOOD,
        f"{COTTONWOOD} > a[href$='/programs/new']",
        f"{COTTONWOOD} > a[href^='/programs/']",
        f"{COTTONWOOD} > a[href^='/programs/'] > a[href$='/levels/new']",
        f"{COTTONWOOD} > a[href^='/programs/'] > a[href^='/levels/']",
        "/tasks",
        "/tasks > a[href^='/checks/']",
        "/runs",
        "/people",
        "/people/invite",
    ),
    "oversight": ("/desk", "/data-quality"),
    "administrator": ("/desk", "/audit?action=sign-in", "/messages", "/feeds", "/feeds/new"),
}
"""By role: the path of a page, or that of a page from which links lead to it, and how each of them is known."""
USUAL = 16
"""The size of letters where nobody has set another, in pixels."""
AT_ONCE = 4
"""Pages of one test, so that the parts of the longest role run beside each other."""


def parts(pages: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The pages of each role, so many at a time."""
    for role, ways in pages.items():
        for start in range(0, len(ways), AT_ONCE):
            yield role, ways[start : start + AT_ONCE]


def go(page: Page, way: str) -> None:
    """Opens the page that this way leads to."""
    path, *links = way.split(" > ")
    answer = page.goto(path)
    for link in links:
        answer = page.goto(str(page.locator(f"main :is({link})").first.get_attribute("href")))
    assert answer is not None
    assert answer.status == 200, way
    page.wait_for_load_state("load")


def speak(page: Page, visits: Visits, language: str) -> None:
    """From the next page on in this language."""
    page.context.add_cookies([{"name": COOKIE, "value": language, "url": visits.url}])


def found_on(page: Page, visits: Visits, way: str) -> dict[str, object]:
    """What is wrong with a page: on a phone in English, and at a desk and at every width in Spanish, whose words are longer."""
    speak(page, visits, "en")
    go(page, way)
    page.evaluate(UNFOLD)
    of_width(page, 360)
    found: dict[str, object] = {"on a phone": [*found_by_axe(page, EVERY_RULE), *page.evaluate(TOO_WIDE)]}
    speak(page, visits, "es")
    page.reload()
    assert page.locator("html").get_attribute("lang") == "es"
    page.evaluate(UNFOLD)
    found["at a desk"] = found_by_axe(of_width(page, 1280), EVERY_RULE)
    found |= misfits(page)
    found["large letters"] = too_wide_with(page, ((640, 32), (360, 24)))
    with_letters(page, USUAL)  # the window is used again
    found["dark"] = found_in_the_dark(page)
    page.emulate_media(color_scheme="light")
    return {f"{way}: {place}": problems for place, problems in found.items() if problems}


@pytest.mark.soak
@pytest.mark.parametrize(
    ("role", "ways"), list(parts(PAGES)), ids=lambda part: part if isinstance(part, str) else part[0]
)
def test_the_pages_of_those_who_work_here_shut_nobody_out_and_fit_every_window(
    visits: Visits, role: str, ways: tuple[str, ...]
) -> None:
    page, found = signed_in(visits, role), {}
    for way in ways:
        found |= found_on(page, visits, way)
    assert found == {}


def test_the_menu_is_open_on_a_desk_and_folded_on_a_phone_and_needs_no_script(visits: Visits) -> None:
    page = signed_in(visits, "coordinator", script=False)
    people = page.locator("nav.me").get_by_role("link", name="People")
    assert not people.is_visible()
    page.locator("summary", has_text="Menu").click()
    assert people.is_visible()
    page.reload()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert people.is_visible()
    people.click()
    page.wait_for_url("**/people")
