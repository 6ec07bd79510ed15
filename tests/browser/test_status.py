"""The page behind a card in a real browser: typed in by hand, left in a moment, and nothing of it when somebody goes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from directory.domain.waitlist.codes import spelled
from directory.services.waitlist import entries
from directory.services.waitlist.codes import code_issue
from directory.settings import Settings
from directory.storage import db
from tests.browser import live
from tests.browser.live import EXIT, Site
from tests.browser.test_axe import found_in_the_dark, found_on_phone_and_desk
from tests.browser.test_layout import LETTERS, misfits, too_wide_with
from tests.browser.visits import Visits
from tests.databases import finish
from tests.services.waitlist import world

codes: list[str] = []


async def somebody(url: str) -> None:
    async with db.connect(url):
        made = await world.made()
        client = await world.client(made)
        await entries.entry_join(client=client, pool=made.pool, tie=1, by=made.peer, now=world.NOW)
        settings = Settings(env="test", database_url=url)
        codes[:] = [await code_issue(client=client, by=made.peer, now=world.NOW, settings=settings)]


@pytest.fixture(scope="module")
def site(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The county with one person who waits."""
    own = tmp_path_factory.mktemp("waiting") / live.DATABASE
    shutil.copyfile(county, own)
    finish(somebody(f"sqlite://{own}"))
    with live.serving(tmp_path_factory.mktemp("status"), database=own) as site:
        yield site


def opened(visits: Visits, page: Page | None = None, *, script: bool = True) -> Page:
    """The page of that person, by their code in small letters, in this window or in a new one."""
    page = page or visits.window(script=script)
    page.goto("/")
    page.get_by_role("link", name="See your place in line").click()
    page.get_by_label("Your code").fill(spelled(codes[0]).lower().replace("-", " "))
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("You are waiting. Your place is kept.")
    page.wait_for_load_state("load")  # the words can be read before the script is there
    return page


def gone(page: Page) -> None:
    """Going back finds the field for the code, and nothing else. Nobody is where the way out leads in a test, which the browser says first."""
    deadline = monotonic() + 10
    while not page.url.startswith("chrome-error:") and monotonic() < deadline:
        page.wait_for_timeout(10)
    page.go_back()
    expect(page.get_by_label("Your code")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("You are waiting")


def test_three_times_escape_leaves_and_going_back_shows_nothing(visits: Visits) -> None:
    page = opened(visits)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("main")).to_contain_text("You are waiting")
    with page.expect_event("requestfailed", lambda request: request.url == EXIT):
        page.keyboard.press("Escape")
    gone(page)


@pytest.mark.parametrize("script", [True, False])
def test_the_button_leaves_with_a_script_and_without(visits: Visits, script: bool) -> None:
    page = opened(visits, script=script)
    with page.expect_event("requestfailed", lambda request: request.url == EXIT):
        page.get_by_role("link", name="Leave this page").click()
    gone(page)


def test_ten_minutes_without_a_touch_close_the_page_and_take_its_place(visits: Visits) -> None:
    page = visits.window()
    page.clock.install()
    page = opened(visits, page)
    page.clock.fast_forward("09:00")
    page.keyboard.press("Tab")
    page.clock.fast_forward("09:00")
    expect(page.locator("main")).to_contain_text("You are waiting")
    page.clock.fast_forward("01:01")
    expect(page.locator("main")).to_contain_text("This page is closed.")
    page.reload()
    page.go_back()
    expect(page.locator("main")).not_to_contain_text("You are waiting")


def test_without_any_script_both_signs_can_be_given(visits: Visits) -> None:
    page = opened(visits, script=False)
    page.get_by_text("Call me").first.click()
    page.get_by_label("When?").fill("after 5")
    page.get_by_role("button", name="Call me").click()
    expect(page.get_by_role("status")).to_contain_text("Your peer sees that you want to be called.")
    page.get_by_role("button", name="I am still waiting").click()
    expect(page.get_by_role("status").last).to_contain_text("We know that you are still waiting.")


def test_it_fits_every_window_and_axe_finds_nothing(visits: Visits) -> None:
    page = opened(visits)
    assert found_on_phone_and_desk(page) == {360: [], 1280: []}
    assert misfits(page) == {}
    assert too_wide_with(page, LETTERS["en"]) == {}
    assert found_in_the_dark(page) == []
