"""The map on which a place is pinned, in a real browser: by a tap, from the keyboard, and when it does not open."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.live import REMAINING, Site
from tests.browser.test_axe import found_in_the_dark, found_on_phone_and_desk
from tests.browser.visits import Visits, signed_in

OFFER, MIDDLE = "Find it on a map", "Put the pin in the middle of the map"


def place(visits: Visits, site: Site) -> Page:
    """The page on which a coordinator says where a listing is."""
    page = signed_in(visits, "coordinator")
    page.goto(site.listing(REMAINING).replace("/listings/", "/places/"))
    return page


def typed(page: Page) -> tuple[float, float]:
    """What stands in the two fields."""
    latitude, longitude = (float(page.get_by_label(name).input_value()) for name in ("Latitude", "Longitude"))
    return latitude, longitude


def ground(page: Page) -> Locator:
    return page.get_by_role("application", name="Map for the pin")


def test_a_tap_or_the_keyboard_puts_the_pin_and_fills_in_the_two_fields(visits: Visits, site: Site) -> None:
    page = place(visits, site)
    before = typed(page)
    page.get_by_role("button", name=OFFER).press("Enter")
    expect(ground(page)).to_be_focused()
    expect(page.get_by_role("button", name=OFFER)).to_have_count(0)
    for _ in range(3):
        ground(page).press("ArrowUp")
    page.get_by_role("button", name=MIDDLE).press("Enter")
    north = typed(page)
    assert 0.0001 < north[0] - before[0] < 0.1
    assert abs(north[1] - before[1]) < 0.0001
    ground(page).click(position={"x": 30, "y": 200})
    assert typed(page)[1] < north[1] - 0.0001, "a tap left of the middle lies west of it"
    expect(page.locator("[data-pin] [role=status]")).to_have_text(
        "The pin stands there now. Set it with the button below."
    )
    assert found_on_phone_and_desk(page) == {360: [], 1280: []}
    assert found_in_the_dark(page) == []
    page.get_by_role("button", name="Set the pin here").click()
    expect(page.get_by_role("status").first).to_contain_text("Done. The pin stays")
    page.get_by_role("button", name="Take it back").click()
    assert typed(page) == before


def test_a_forgotten_minus_is_asked_about_before_the_pin_is_set(visits: Visits, site: Site) -> None:
    page = place(visits, site)
    page.get_by_label("Longitude").fill(str(-typed(page)[1]))
    page.get_by_role("button", name="Set the pin here").click()
    expect(page.get_by_role("alert")).to_contain_text("is a minus missing?")
    expect(page.get_by_label("Yes, it is that far away")).not_to_be_checked()
    assert found_on_phone_and_desk(page) == {360: [], 1280: []}
    visits.complaints.clear()  # the browser notes the status of the answer


def test_a_map_that_does_not_open_says_that_the_fields_do_the_same(visits: Visits, site: Site) -> None:
    page = place(visits, site)
    page.route("**/leaflet.js*", lambda route: route.abort())
    page.get_by_role("button", name=OFFER).click()
    expect(page.locator("[data-pin] [role=status]")).to_have_text(
        "The map did not open. The two fields below do the same."
    )
    expect(page.get_by_role("button", name=OFFER)).to_be_enabled()
    visits.complaints.clear()  # the browser notes that a file did not come
