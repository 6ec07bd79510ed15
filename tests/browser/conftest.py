"""A live site for each process of the run, and a browser to look at it with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import live
from tests.browser.live import Site
from tests.browser.visits import Visits

ARGUMENTS = [
    "--no-sandbox",  # which root has to do without
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Whatever a browser does of its own accord, it finds no other machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The invented county on a Tuesday evening. Asks for Chromium first: without it there is nothing to serve."""
    with live.serving(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def gone(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a listing that its source has taken out."""
    folder = tmp_path_factory.mktemp("gone")
    site.meetings_become(folder, live.DEPARTED, live.REMAINING)
    path = site.listing(live.DEPARTED)
    site.meetings_become(folder, live.REMAINING)
    return path


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for this folder. Playwright keeps a loop running in the thread, which other tests must not find there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visits(browser: Browser, site: Site) -> Iterator[Visits]:
    """Opens windows on the site; afterwards nothing may have gone wrong in them and nobody else been asked."""
    visits = Visits(browser, site.url)
    yield visits
    visits.close()
    assert visits.complaints == []
