"""A live site for each process of the run, and a browser to look at it with."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import servers
from tests.browser import live
from tests.browser.live import Site
from tests.browser.visits import Visits, watched
from tests.conftest import RUN
from tests.factories import seeded_template

ARGUMENTS = [
    "--no-sandbox",  # which root has to do without
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Its own surroundings are pages too, which it would load anew with each window; and it would keep a process in reserve.
    # A later list takes the place of an earlier one: what Playwright leaves out of a page's way stands here again.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,SpareRendererForSitePerProcess,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch",
    # Whatever a browser does of its own accord, it finds no other machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def county(chromium: str) -> Path:
    """A database with the invented county, for sites to copy: made once a run. Without Chromium there is nobody to look at it."""
    run = Path(os.environ[RUN])
    made, seeded = run / "county", seeded_template(run)
    with servers.locked(run, made.name):
        if not made.exists():
            unfinished = Path(tempfile.mkdtemp(dir=run))
            live.demonstrate(unfinished, seeded)
            unfinished.rename(made)
    return made / live.DATABASE


@pytest.fixture(scope="session")
def site(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The invented county on a Tuesday evening."""
    with live.serving(tmp_path_factory.mktemp("site"), database=county) as site:
        yield site


@pytest.fixture(scope="session")
def gone(county: Path) -> str:
    """The path of a listing that its source has taken out."""
    with closing(sqlite3.connect(county)) as connection:
        asked = "SELECT slug FROM listing WHERE name = ? AND status = 'removed'"
        ((slug,),) = connection.execute(asked, (live.DEPARTED,)).fetchall()
    return f"/listings/{slug}"


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for this folder. Playwright keeps a loop running in the thread, which other tests must not find there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visits(browser: Browser, site: Site) -> Iterator[Visits]:
    """Opens windows on the site, and watches them."""
    with watched(browser, site.url) as visits:
        yield visits
