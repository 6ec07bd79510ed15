"""A visitor's browser window, watched: whatever a page asks of another host, breaks or is forbidden to do is written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Route, expect

from tests.browser.live import EXIT
from tests.sweeps import swept as swept

LANGUAGES = {"en": "en-US", "es": "es-US"}
HEIGHT = 800
UNFOLD = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
"""Opens all that is folded away on a page."""

NOTE_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`forbidden by ${event.violatedDirective}: ${event.blockedURI}`))"""

Complaints = list[str]


@dataclass
class Visits:
    """Opens windows on one site. `complaints` is what went wrong in any of them, `hosts` whom they asked."""

    browser: Browser
    url: str
    complaints: Complaints = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    contexts: list[BrowserContext] = field(default_factory=list)

    def window(
        self, *, width: int = 360, language: str = "en", script: bool = True, dark: bool = False, **more: object
    ) -> Page:
        """An empty window of this width in CSS pixels, with nothing remembered. `more` goes to Playwright's `new_context`."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": HEIGHT},
            locale=LANGUAGES[language],
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **more,  # type: ignore[arg-type]
        )
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        context.route(f"{EXIT}**", _arrive)
        context.on("request", self._note_request)
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        if script:
            context.add_init_script(NOTE_VIOLATIONS)
        return context.new_page()

    def visit(
        self,
        path: str,
        *,
        width: int = 360,
        language: str = "en",
        script: bool = True,
        dark: bool = False,
        **more: object,
    ) -> Page:
        """The page at this path in a window of its own."""
        page = self.window(width=width, language=language, script=script, dark=dark, **more)
        page.goto(path)
        return page

    def close(self) -> None:
        """Closes every window."""
        for context in self.contexts:
            context.close()

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        self.hosts.add(parts.netloc)
        if f"{parts.scheme}://{parts.netloc}" != self.url and not request.url.startswith(EXIT):
            self.complaints.append(f"asked {parts.netloc} for {request.resource_type} {request.url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        # The browser says in the console that a page is a 404 or a 410, which some of these are on purpose.
        if message.type == "error" and not _tells_the_status_of_a_page(message):
            self.complaints.append(f"{message.text} ({message.location['url']})")


@contextmanager
def watched(browser: Browser, url: str) -> Iterator[Visits]:
    """Windows on a site; afterwards nothing may have gone wrong in them and nobody else been asked."""
    visits = Visits(browser, url)
    yield visits
    visits.close()
    assert visits.complaints == []


def signed_in(visits: Visits, role: str, *, script: bool = True) -> Page:
    """A window in which somebody invented, in this role, is signed in with one click."""
    page = visits.visit("/sign-in", script=script)
    page.locator(f"button[name=role][value={role}]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your desk")
    return page


def _tells_the_status_of_a_page(message: ConsoleMessage) -> bool:
    is_status = message.text.startswith("Failed to load resource: the server responded with a status of 4")
    return is_status and message.page is not None and message.location["url"] == message.page.url


def _arrive(route: Route) -> None:
    """Another site, as far as the browser can tell."""
    route.fulfill(content_type="text/html", body="<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>")


def followed(part: Locator) -> None:
    """Follows a link or sends a form, and waits for the page that answers. A bare click does not: what comes next may still meet the page before."""
    with part.page.expect_navigation():
        part.click()
