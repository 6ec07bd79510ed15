"""Every page of those who keep the line, and of those who have openings for it: axe finds nothing, and each fits its window.

A town of its own with somebody in every state, on one site; one window for each role, used for all of its pages.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from directory.domain.access import Actor, Grant, Role
from directory.services.waitlist import offers
from directory.storage import db
from tests import accounts, care, line_files, lines
from tests.browser.test_axe import found_on_phone_and_desk
from tests.browser.test_layout import TOO_WIDE
from tests.browser.test_work_pages import found_on, go, parts
from tests.browser.visits import followed
from tests.browser.waiting import HOUSE, PEERS, Town
from tests.browser.waiting import town as running
from tests.conftest import RUN
from tests.databases import finish
from tests.factories import seeded_template
from tests.services.waitlist import agency, standing, world
from tests.services.waitlist.world import NOW
from tests.web.waitlist import callers, persons

PAGES = {
    "peer": (
        "/board?whose=all",
        "/board/calls?whose=all",
        "/clients/new",
        "/intake",
        "/lines",
        "/lines > h2 a[href^='/lines/']",
        "/slots",
        "/slots > a[href^='/slots/']",
        "/slots > a[href^='/slots/'] > a[href*='/out-of-turn/']",
        "/slots > a[href^='/slots/'] > a[href*='/why/']",
        "/offers",
        "/offers > a[href^='/offers/']",
        *(
            "{person}",
            "{person}/edit",
            "{person}/routes",
            "{person}/routes/{route}",
            "{person}/lines",
            "{person}/facts",
        ),
        *("{person}/consent", "{person}/card", "{person}/contact", "{person}/interim", "{person}/emergency"),
        *("{person}/appeal", "{person}/copy", "{person}/places/{entry}"),
    ),
    "coordinator": (
        "/lines/new",
        "/lines > h2 a[href^='/lines/'] > a[href$='/edit']",
        "/lines > h2 a[href^='/lines/'] > a[href$='/levels']",
        "/lines > h2 a[href^='/lines/'] > a[href$='/rules']",
        "/pairs",
        "/pairs > a[href^='/pairs/']",
        "/line-imports",
        "/line-imports > a[href^='/line-imports/']",
        "/appeals",
        "/second-words",
        "/records",
        "/records > a[href^='/records/breaches/']",
        "/records/refusal",
        "{person}/records",
    ),
    "editor": (
        "/desk/slots",
        "/desk/slots > a[href^='/desk/slots/levels/']",
        "/desk/slots > a[href$='/end']",
        "/desk/offers",
        "/desk/offers > #offer-{pending} a[href^='/desk/offers/']",
        "/desk/offers > #offer-{accepted} a[href^='/desk/offers/']",
    ),
    "oversight": (
        "/oversight",
        *(f"/oversight/{code}" for code in ("exceptions", "demand", "times", "load")),
    ),
}
"""By role: ways as in test_work_pages. `{...}` stands for a number of what the town has."""
AFTER_FORMS = {
    "the card": ("peer", "{person}/card", "form[action$='/card'] button"),
    "what a search found": ("peer", "/board", ".finder button"),
    "a form with mistakes": ("peer", "/clients/new", "form.report button.main"),
    "whom a rule would move": (
        "coordinator",
        "/lines > h2 a[href^='/lines/'] > a[href$='/rules']",
        "form.report button.main",
    ),
}
"""What only a form leads to: the role, the page with the form, and its button."""
numbers: dict[str, str] = {}
"""What stands for the words in braces."""


@pytest.fixture(scope="module")
def town(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One site for all pages, at the moment at which its people came in."""
    folder = tmp_path_factory.mktemp("keepers")
    with running(browser, folder, seeded_template(Path(os.environ[RUN])), now=NOW.isoformat()) as town:
        finish(filled(f"sqlite://{town.database}", town.people))
        yield town


async def filled(url: str, people: dict[str, int]) -> None:
    """Somebody in every state, with all that their pages can say."""
    async with db.connect(url):
        homes = {row["name"]: row["id"] for row in await db.rows("SELECT id, name FROM agency")}
        made = await world.made(homes[PEERS])
        made.peer = Actor(people["peer"], (Grant(Role.PEER, homes[PEERS]),))
        numbers.update(await persons.kept_by(homes[PEERS]))
        numbers["person"] = f"/clients/{numbers['upi']}"
        await lines.waits(made, "Finch", injecting_30d="yes")
        await lines.waits(made, "Dove", consent=False)
        await lines.opening(made, ("sex", ("female", "other")))
        await lines.opening(made)
        await lines.wished(made)
        await standing.looked_at(homes[PEERS])
        await line_files.sent(homes[PEERS])
        await care.breach_in(homes[PEERS])
        await callers.asked(is_again=True)
        (listing,) = await db.rows("SELECT slug FROM listing WHERE name = 'Far Shore Clinic'")
        house = await agency.house(homes[HOUSE], homes[PEERS], listing["slug"])
        numbers["pending"] = str(await agency.offered(house))
        numbers["accepted"] = str(await agency.offered(house, accepted=True))
        assert await offers.offers_expire(now=NOW, settings=accounts.SETTINGS) == 0


@pytest.mark.soak
@pytest.mark.parametrize(
    ("role", "ways"), list(parts(PAGES)), ids=lambda part: part if isinstance(part, str) else part[0]
)
def test_the_pages_of_the_line_shut_nobody_out_and_fit_every_window(
    town: Town, role: str, ways: tuple[str, ...]
) -> None:
    page, found = town.worker(role, script=True), dict[str, object]()
    for way in ways:
        found |= found_on(page, town.visits, way.format(**numbers))
    assert found == {}


@pytest.mark.soak
@pytest.mark.parametrize("what", AFTER_FORMS)
def test_what_a_form_leads_to_shuts_nobody_out(town: Town, what: str) -> None:
    role, way, button = AFTER_FORMS[what]
    page = town.worker(role, script=True)
    go(page, way.format(**numbers))
    if what == "what a search found":
        page.locator("#words").fill("Wren")
    followed(page.locator(button).first)
    assert found_on_phone_and_desk(page) == {360: [], 1280: []}
    assert page.evaluate(TOO_WIDE) == []
