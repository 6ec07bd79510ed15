"""axe, which knows the rules for accessible pages, finds nothing on any page: narrow and wide, in both languages, light and dark.

A window is opened once and then made wider, or dark: opening one takes as long as axe does.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.visits import HEIGHT, UNFOLD, Visits, swept

PAGES = {
    "first page": ("/", 200),
    "results": ("/search?near=00101&kind=meeting&kind=treatment&per_page=8", 200),
    "no results": ("/search?near=00106&kind=legal&q=zebra", 200),
    "nothing asked": ("/search", 200),
    "place not found": ("/search?near=Larkspr+City", 200),
    "part left out": ("/search?near=00101&kind=nonsense&within=9999&per_page=3", 200),
    "meeting": ("Grupo Nuevo Puente", 200),
    "treatment with openings": ("Cottonwood Withdrawal Care", 200),
    "hidden address": ("Harbor Safe Home", 200),
    "online meeting": ("Coffee by Phone", 200),
    "results with a list": ("/search?near=00101&kind=meeting&per_page=4", 200),
    "list to take along": ("/list?near=00101", 200),
    "empty list": ("/list", 200),
    "gone": ("gone", 410),
    "never was": ("/nowhere", 404),
    "about": ("/about", 200),
    "privacy": ("/privacy", 200),
    "a place in line": ("/status", 200),
    "a place in line, closed": ("/status/closed", 200),
    "call me": ("/call-me", 200),
    "called": ("/call-me?sent=1", 200),
    "who goes first": ("/who-goes-first", 200),
    "rights": ("/your-rights", 200),
}
"""Each sort of page: its path, or the name of a listing, and its status."""

TAKEN = ("Tools Tuesday", "Cottonwood Withdrawal Care", "Harbor Safe Home", "Coffee by Phone")
LOOKED_AT = (
    "first page",
    "results",
    "no results",
    "treatment with openings",
    "list to take along",
    "a place in line",
    "call me",
)
"""The pages that every run of the suite looks at; the others, and Spanish, belong to the long runs."""
FIRST_LOOKED_AT = (*LOOKED_AT, *(name for name in PAGES if name not in LOOKED_AT))
WITH_A_LIST = ("results with a list", "list to take along")

EVERY_RULE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}


def path_of(sort: str, request: pytest.FixtureRequest) -> str:
    """The path of one of PAGES."""
    where, _status = PAGES[sort]
    if sort == "gone":
        return str(request.getfixturevalue("gone"))
    site = request.getfixturevalue("site")
    if sort in WITH_A_LIST:
        slugs = (site.listing(name).rpartition("/")[2] for name in TAKEN)
        return where + "".join(f"&take={slug}" for slug in slugs)
    return where if where.startswith("/") else site.listing(where)


def found_by_axe(page: Page, options: dict[str, Any], within: str = "html") -> list[str]:
    """What axe has against this part of the page as it is shown now: the rule, where it is broken, and why."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate("(asked) => axe.run(...asked).then((found) => found.violations)", [within, options])
    return [
        f"{violation['id']} at {node['target'][0]}: {node.get('failureSummary', '')}"
        for violation in violations
        for node in violation["nodes"]
    ]


def found_on_phone_and_desk(page: Page) -> dict[int, list[str]]:
    """What axe has against the page in a narrow and in a wide window, by its width."""
    page.evaluate(UNFOLD)  # what is folded away, axe passes over
    found = {}
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found[width] = found_by_axe(page, EVERY_RULE)
    return found


def found_in_the_dark(page: Page) -> list[str]:
    """What axe has against the colours of the page where a visitor has asked for dark ones."""
    page.evaluate(UNFOLD)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    return found_by_axe(page, COLOURS)


@pytest.mark.parametrize("language", swept(["en", "es"], always=1))
@pytest.mark.parametrize("sort", swept(FIRST_LOOKED_AT, always=len(LOOKED_AT)))
def test_axe_finds_nothing(visits: Visits, request: pytest.FixtureRequest, sort: str, language: str) -> None:
    page = visits.window(language=language)
    answer = page.goto(path_of(sort, request))
    assert answer is not None
    assert answer.status == PAGES[sort][1]
    assert page.locator("html").get_attribute("lang") == language
    assert found_on_phone_and_desk(page) == {360: [], 1280: []}


@pytest.mark.parametrize("sorts", swept([LOOKED_AT, FIRST_LOOKED_AT[len(LOOKED_AT) :]], always=1), ids=len)
def test_the_colours_of_the_dark_can_be_told_apart(
    visits: Visits, request: pytest.FixtureRequest, sorts: tuple[str, ...]
) -> None:
    page = visits.window(dark=True)
    for sort in sorts:
        page.goto(path_of(sort, request))
        assert found_in_the_dark(page) == [], sort


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        ("document.querySelector('label[for=near]').remove()", "label"),
        ("document.querySelector('h1').style.color = 'silver'", "color-contrast"),
        ("document.querySelector('footer a').textContent = ''", "link-name"),
    ],
)
def test_axe_would_find_what_shuts_people_out(visits: Visits, harm: str, rule: str) -> None:
    page = visits.visit("/")
    page.evaluate(harm)
    found = found_on_phone_and_desk(page)
    assert [rule in {each.split()[0] for each in violations} for violations in found.values()] == [True, True]


def test_axe_would_find_what_cannot_be_read_in_the_dark(visits: Visits) -> None:
    page = visits.visit("/")
    page.evaluate(
        "Object.assign(document.querySelector('h1').style, {colorScheme: 'light dark', color: 'light-dark(black, #222)'})"
    )
    assert [each.split()[0] for each in found_in_the_dark(page)] == ["color-contrast"]
