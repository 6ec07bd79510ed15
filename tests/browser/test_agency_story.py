"""Three stories of those who keep the directory true, each with JavaScript and without it, on sites of their own.

An editor comes in by an invitation and corrects a listing, a coordinator settles what a visitor says, and a file goes in and out again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import live
from tests.browser.live import NOW, Site
from tests.browser.test_story import title
from tests.browser.visits import Visits, followed, signed_in, watched

PASSWORD = "reeds-bend-in-slow-water"
CLINIC = "Same Day Bridge Clinic"
SCRIPTS = pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])


@pytest.fixture
def own_site(county: Path, tmp_path: Path) -> Iterator[Site]:
    """The invented county for one story alone: with the first real account in it, nobody is invented any more."""
    with live.serving(tmp_path, database=county) as site:
        yield site


@pytest.fixture(scope="module")
def shared_site(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The invented county for the other stories, which change what other tests read."""
    with live.serving(tmp_path_factory.mktemp("stories"), database=county) as site:
        yield site


@pytest.fixture
def own_windows(browser: Browser, own_site: Site) -> Iterator[Visits]:
    with watched(browser, own_site.url) as visits:
        yield visits


@pytest.fixture
def windows(browser: Browser, shared_site: Site) -> Iterator[Visits]:
    with watched(browser, shared_site.url) as visits:
        yield visits


def doing(what: str, to: str) -> re.Pattern[str]:
    """The name of a button or a link that says what it is about for those alone who cannot see where it stands."""
    return re.compile(rf"{re.escape(what)}\s*: {re.escape(to)}")


# --- an editor -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Editor:
    """Somebody who is invited: with or without scripts, until when they say that it is open on Tuesdays, and how many places are."""

    name: str
    script: bool
    until: str
    words: str
    places: str

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@example.org"


EDITORS = (Editor("Nell Brook", True, "20:00", "8 pm", "7"), Editor("Noor Bank", False, "21:00", "9 pm", "8"))
"""Both on one site: once the first of them has a password nobody there is invented any more, so both are invited before."""


def test_an_editor_is_invited_and_what_they_correct_and_report_stands_on_the_public_page_with_its_age(
    own_windows: Visits, own_site: Site
) -> None:
    before = own_windows.visit(own_site.listing(CLINIC))
    expect(before.locator("main")).to_contain_text("4 places open, reported 1 day ago; call first")
    coordinator = signed_in(own_windows, "coordinator", script=False)
    for editor, address in [(each, invited(coordinator, each)) for each in EDITORS]:
        page = own_windows.window(script=editor.script)
        opened(page, address, editor)
        turned_on(page)
        corrected(page, editor)
        reported(page, editor)
        public = own_windows.visit(own_site.listing(CLINIC), script=editor.script).locator("main")
        expect(public).to_contain_text(f"open until {editor.words}")
        expect(public).to_contain_text(f"{editor.places} places open, reported just now")
        expect(public).to_contain_text(re.compile("We last asked on Mar 1[01], 2026, and it was right."))


def invited(page: Page, editor: Editor) -> str:
    """A coordinator invites an editor whom they trust; the address of the invitation."""
    page.goto("/people/invite")
    page.locator("#name").fill(editor.name)
    page.locator("#email").fill(editor.email)
    page.locator("#role").select_option("editor")
    page.locator("#agency").select_option(label="Cottonwood Withdrawal Care")
    page.locator("[name=trusted]").check()
    followed(page.get_by_role("button", name="Invite"))
    expect(title(page)).to_have_text("Hand over this link")
    return page.locator("code.key").inner_text()


def opened(page: Page, address: str, editor: Editor) -> None:
    """The editor opens the account."""
    page.goto(address)
    expect(page.get_by_label("Your name")).to_have_value(editor.name)
    page.get_by_label("New password").fill(PASSWORD)
    followed(page.get_by_role("button", name="Open my account"))
    expect(title(page)).to_have_text("Your desk")


def turned_on(page: Page) -> None:
    """The editor turns the second step on, as an authenticator app does it."""
    page.goto("/account")
    followed(page.get_by_role("link", name="Turn it on"))
    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.get_by_label("Code from the app").fill(pyotp.TOTP(secret).at(datetime.fromisoformat(NOW)))
    followed(page.get_by_role("button", name="Turn it on"))
    expect(title(page)).to_have_text("Your recovery codes")
    assert page.locator(".codes-list li").count() >= 8


def corrected(page: Page, editor: Editor) -> None:
    """The editor says until when it is open on Tuesdays now, and that all the rest is right."""
    page.goto("/desk")
    followed(page.get_by_role("link", name=doing("Change", CLINIC)))
    when = page.locator("summary", has_text="When")
    row = page.locator("fieldset.panel").filter(has=page.locator("input[name^=windows][value='2']:checked"))
    if not row.locator("[name$=-end]").is_visible():
        when.click()
    row.locator("[name$=-end]").fill(editor.until)
    followed(page.get_by_role("button", name="Look at it").last)
    expect(page.locator("main")).to_contain_text("Nothing is saved yet.")
    followed(page.get_by_role("button", name="Save it"))
    page.goto("/desk")
    followed(page.get_by_role("button", name=doing("Yes, all of it", CLINIC)))
    expect(page.get_by_role("status")).to_contain_text("Visitors see that it was checked today.")


def reported(page: Page, editor: Editor) -> None:
    """The editor says how many places are open now."""
    followed(page.get_by_role("link", name=doing("Change", "Medication")))
    page.get_by_label("Openings now").fill(editor.places)
    followed(page.get_by_role("button", name="Report this").first)
    expect(page.get_by_role("status")).to_contain_text("Everybody sees it now.")


# --- a visitor and a coordinator -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "name"), [(True, CLINIC), (False, "Halcyon Day Program")], ids=["with scripts", "without"]
)
def test_a_visitor_reports_a_wrong_number_and_a_coordinator_settles_it(
    windows: Visits, shared_site: Site, script: bool, name: str
) -> None:
    public = windows.visit(shared_site.listing(name), script=script)
    number = public.locator("main a[href^='tel:']").first.inner_text().removeprefix("Call ").partition(":")[0]
    told(public)
    page = signed_in(windows, "coordinator", script=script)
    followed(page.get_by_role("link", name="What visitors say is wrong"))
    report = page.locator("li.card", has_text=name).get_by_role("link", name=doing("Look into it", name))
    followed(report)
    expect(page.locator("main")).to_contain_text("A machine answers and says another name.")
    followed(page.get_by_role("link", name="Change the listing"))
    put_right(page)
    page.goto("/reports")
    report.click()
    page.get_by_role("radio", name="It was wrong, and is right now").check()
    followed(page.get_by_role("button", name="Settle it"))
    expect(report).to_have_count(0)
    found = windows.visit(shared_site.listing(name), script=script).locator("main")
    expect(found).to_contain_text("775-555-0199")
    expect(found).not_to_contain_text(number)


def told(page: Page) -> None:
    """A visitor says that the number is wrong."""
    followed(page.get_by_role("link", name="Something wrong? Tell us"))
    page.get_by_role("radio", name="The phone number does not work").check()
    page.get_by_label("Tell us more").fill("A machine answers and says another name.")
    followed(page.get_by_role("button", name="Send"))
    expect(title(page)).to_have_text("Thank you")


def put_right(page: Page) -> None:
    """A coordinator, who has found out the number, sets it."""
    if not page.locator("[name=phones-0-number]").is_visible():
        page.locator("summary", has_text="Contact").click()
    page.locator("[name=phones-0-number]").fill("775-555-0199")
    followed(page.get_by_role("button", name="Look at it").last)
    followed(page.get_by_role("button", name="Save it"))
    expect(page.locator("main")).to_contain_text("775-555-0199")


# --- a file ----------------------------------------------------------------------------------------------------------

GROUPS = [f"River Lamp {number}" for number in range(1, 11)]
LATER, NEW = "20:15", ["Ferry Landing", "Ferry Evening", "Ferry Morning"]


def first_file() -> list[dict[str, object]]:
    """Ten meetings."""
    return [live.meeting(name) for name in GROUPS]


def second_file() -> list[dict[str, object]]:
    """The same a month later: three are new, two begin at another time, one is gone, and two rows are of no use."""
    kept = [live.meeting(name) for name in GROUPS[:-1]]
    changed = [{**each, "time": LATER, "end_time": "21:15"} for each in kept[:2]]
    nowhere = {"name": "Nowhere", "slug": "nowhere", "day": 1, "time": "19:00"}
    return [*changed, *kept[2:], *(live.meeting(name) for name in NEW), nowhere, kept[3]]


def sent(page: Page, folder: Path, rows: list[dict[str, object]]) -> None:
    """A coordinator sends a file for the list, and is shown what it would do."""
    file = folder / f"river-{len(rows)}.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    page.goto("/uploads")
    page.locator("#new").fill("river")
    page.locator("#format").select_option("meeting-guide")
    page.locator("#file").set_input_files(file)
    page.locator("#fellowship").select_option("aa")
    followed(page.get_by_role("button", name="Read it and show me what it would do"))


def found(site: Site, words: str) -> dict[str, str]:
    """The meetings that visitors find by these words, each with when it starts."""
    answer = json.loads(live.read(f"{site.url}/api/listings?{urlencode({'q': words, 'per_page': 50})}"))
    return {each["name"]: each["schedules"][0]["start"] for each in answer["results"]}


@SCRIPTS
def test_a_coordinator_sees_what_a_file_would_do_puts_it_in_and_takes_it_back(
    windows: Visits, shared_site: Site, tmp_path: Path, script: bool
) -> None:
    page = signed_in(windows, "coordinator", script=script)
    sent(page, tmp_path, first_file())
    followed(page.get_by_role("button", name="Yes, put it in"))
    before = found(shared_site, "river lamp")
    assert before == dict.fromkeys(GROUPS, "19:00")

    sent(page, tmp_path, second_file())
    lead = page.locator("main .lead")
    for count in ("3 new", "2 changed", "1 gone", "2 rows left out"):
        expect(lead).to_contain_text(count)
    assert found(shared_site, "river lamp") == before  # nothing has happened yet
    followed(page.get_by_role("button", name="Yes, put it in"))
    after = found(shared_site, "river lamp")
    assert after == {**dict.fromkeys(GROUPS[:2], LATER), **dict.fromkeys(GROUPS[2:-1], "19:00")}
    assert set(found(shared_site, "ferry")) == set(NEW)

    page.locator("summary", has_text="Take it back").click()
    followed(page.get_by_role("button", name="Take all of it back"))
    expect(lead).to_contain_text("Taken back")
    assert found(shared_site, "river lamp") == before
    assert found(shared_site, "ferry") == {}
