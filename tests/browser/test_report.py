"""Somebody finds a listing wrong and says so: without any script, with the keyboard alone, on any window, and axe looks on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from directory.settings import CONSOLE
from tests.browser import live
from tests.browser.live import Site
from tests.browser.test_axe import found_in_the_dark, found_on_phone_and_desk
from tests.browser.test_layout import misfits, too_wide_with
from tests.browser.test_story import tab_to, title
from tests.browser.visits import Visits, swept

LISTING = "Tools Tuesday"
STATES = ("form", "mistakes", "thanks")


@pytest.fixture(scope="module")
def site(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own from which mail goes out: only there the form asks for an address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIRECTORY_SMTP_URL", CONSOLE)
        with live.serving(tmp_path_factory.mktemp("mailing"), database=county) as site:
            yield site


def report_of(site: Site, name: str = LISTING) -> str:
    return f"{site.listing(name)}/report"


def opened(page: Page, site: Site, state: str) -> Page:
    """The form, the form as it comes back, or the thanks."""
    page.goto(report_of(site) + ("?sent=1" if state == "thanks" else ""))
    if state == "mistakes":
        page.locator("textarea").fill("x" * 1001)
        page.locator("main .button.main").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.wait_for_load_state("load")  # the words can be read before the style sheet is there
    return page


# --- the story -------------------------------------------------------------------------------------------------------


def test_what_is_wrong_is_said_without_any_script_and_nothing_typed_is_lost(visits: Visits, site: Site) -> None:
    page = visits.visit(site.listing(LISTING), script=False)
    page.get_by_role("link", name="Something wrong? Tell us").click()
    expect(title(page)).to_have_text("Tell us what is wrong")
    page.get_by_label("Tell us more").fill("The door is round the back.\nRing twice.")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("alert")).to_contain_text("Choose what is wrong.")
    expect(page.get_by_label("Tell us more")).to_have_value("The door is round the back.\nRing twice.")
    page.get_by_role("link", name="Choose what is wrong.").click()
    expect(page.get_by_role("radio", name="The phone number does not work")).to_be_focused()

    page.get_by_role("radio", name="The address is wrong, or it has moved").check()
    page.get_by_role("button", name="Send").click()
    expect(title(page)).to_have_text("Thank you")
    expect(page.get_by_role("main")).to_contain_text("Call before you go.")
    page.reload()
    expect(title(page)).to_have_text("Thank you")
    page.get_by_role("link", name="Back to the listing").click()
    expect(title(page)).to_have_text(LISTING)


def test_saying_what_is_wrong_needs_no_mouse(visits: Visits, site: Site) -> None:
    page = visits.visit(site.listing(LISTING))
    tab_to(page, "Something wrong? Tell us")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("Tell us what is wrong")
    tab_to(page, "The phone number does not work")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="The days or hours are wrong")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Tell us more")).to_be_focused()
    expect(page.get_by_label("Tell us more")).to_be_in_viewport()  # its first line, at least
    page.keyboard.type("They begin at 6:30.")
    tab_to(page, "Your e-mail address", most=1)
    tab_to(page, "Send", most=1)  # the field for programs is none for the keyboard
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("Thank you")


# --- axe and layout --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", swept(["es", "en"], always=1))
@pytest.mark.parametrize("state", swept(STATES, always=1))
def test_the_form_shuts_nobody_out_and_fits_every_window_and_size_of_letters(
    visits: Visits, site: Site, state: str, language: str
) -> None:
    page = opened(visits.window(language=language), site, state)
    assert found_on_phone_and_desk(page) == {360: [], 1280: []}
    assert misfits(page) == {}
    assert too_wide_with(page, ((640, 32), (360, 32))) == {}
    assert found_in_the_dark(page) == []
