"""Takes the pictures of the README: `make screenshots`. The invented county at a time that stands still, on a phone and on a desk.

Whoever takes them twice on one machine gets the same files, as long as the pages have not changed.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import live
from tests.browser.conftest import ARGUMENTS
from tests.browser.live import Site
from tests.browser.visits import Visits

FOLDER = Path(__file__).parent / "pictures"
PHONE, DESK = 360, 1280
"""Widths of a window in CSS pixels."""
PAPER = {"width": 816, "height": 1056}
"""A sheet of Letter paper in CSS pixels; site.css leaves a margin of 15 mm on it."""
ADDRESS = "https://footbridge.example.org"
"""Where the site seems to be: its address stands at the foot of what is printed."""
MOST_BYTES, MOST_BYTES_IN_ALL = 150_000, 900_000

NEAR = "/search?near=00101"
FILTERED = f"{NEAR}&kind=treatment&pay=medicaid&open=now"
MEETINGS = f"{NEAR}&kind=meeting"
TAKEN = ("Tools Tuesday", "Grupo Nuevo Puente")
"""They fit on one sheet."""


@dataclass(frozen=True)
class Picture:
    """One picture: what is opened how wide, and what is done there before it is taken."""

    name: str
    path: str
    width: int
    prepare: Callable[[Page], None] = lambda page: None

    def take(self, visits: Visits) -> bytes:
        """The picture as PNG."""
        is_phone = self.width == PHONE
        page = visits.visit(self.path, width=self.width, device_scale_factor=1, is_mobile=is_phone, has_touch=is_phone)
        self.prepare(page)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        return page.screenshot(animations="disabled", caret="hide", scale="css")


def pictures(site: Site) -> Iterator[Picture]:
    """All of them."""
    chosen = "".join(f"&take={site.listing(name).rpartition('/')[2]}" for name in TAKEN)
    for width in (PHONE, DESK):
        yield Picture(f"home-{width}", "/", width)
        yield Picture(f"search-{width}", f"{FILTERED}{chosen}", width)
        yield Picture(f"filters-{width}", FILTERED, width, show_filters)
        yield Picture(f"map-{width}", MEETINGS, width, open_map)
    yield Picture(f"list-{PHONE}", f"/list?near=00101{chosen}", PHONE)
    yield Picture("list-letter", f"/list?near=00101{chosen}", PAPER["width"], lay_on_paper)


def open_map(page: Page) -> None:
    """Opens the map and brings it to the top of the window."""
    page.get_by_role("button", name="Show on a map").click()
    expect(page.locator(".map-mark").first).to_be_visible()
    page.locator(".tools").first.evaluate("element => element.scrollIntoView()")


def show_filters(page: Page) -> None:
    """Goes to the filters, which stand below the list on a phone and beside it on a desk."""
    page.locator("summary", has_text="Ways to pay").evaluate("summary => summary.scrollIntoView()")


def lay_on_paper(page: Page) -> None:
    """Makes the window a sheet of paper, as a printer would fill it."""
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)  # type: ignore[arg-type]
    page.evaluate("document.documentElement.style.padding = '15mm'")


def take_all(browser_path: str) -> dict[str, bytes]:
    """Every picture by its name. Raises RuntimeError when a page breaks a rule while it is looked at."""
    with (
        TemporaryDirectory() as folder,
        live.serving(Path(folder), address=ADDRESS) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path, args=ARGUMENTS)
        visits = Visits(browser, site.url)
        taken = {f"{picture.name}.png": picture.take(visits) for picture in pictures(site)}
        visits.close()
        browser.close()
    if visits.complaints:
        raise RuntimeError("\n".join(visits.complaints))
    return taken


def main() -> None:
    """Writes the pictures and takes away those that there are no more. Ends with one line without a browser or when they are too large."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        sys.exit("error: Chromium is not installed, and pictures need one")
    taken = take_all(found)
    heavy = [name for name, content in taken.items() if len(content) > MOST_BYTES]
    if heavy or sum(map(len, taken.values())) > MOST_BYTES_IN_ALL:
        sys.exit(f"error: too large for a README: {', '.join(heavy) or 'all together'}")
    FOLDER.mkdir(exist_ok=True)
    for old in {path.name for path in FOLDER.iterdir()} - taken.keys():
        (FOLDER / old).unlink()
    for name, content in sorted(taken.items()):
        path = FOLDER / name
        is_same = path.exists() and path.read_bytes() == content
        path.write_bytes(content)
        sys.stdout.write(f"{name:18} {len(content):>7,} bytes{'' if is_same else ', new'}\n")


if __name__ == "__main__":
    main()
