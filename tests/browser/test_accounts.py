"""The pages of accounts in a real browser: without any script, on any window, and axe looks on. In by one click, as in the demonstration."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_axe import found_in_the_dark, found_on_phone_and_desk
from tests.browser.test_layout import misfits, too_wide_with
from tests.browser.test_story import title
from tests.browser.visits import Visits, followed

STATES = ("sign-in", "wrong", "account", "second step", "people", "invite", "not allowed", "ended link")


def opened(page: Page, state: str) -> Page:
    """One of the pages."""
    page.goto("/sign-in")
    if state == "wrong":
        page.locator("#email").fill("nobody@example.org")
        page.locator("form.report .button.main").click()
        expect(page.get_by_role("alert")).to_be_visible()
    elif state == "ended link":
        page.goto(f"/invitation/{'x' * 43}")
    elif state != "sign-in":
        role = "peer" if state == "not allowed" else "administrator"
        followed(page.locator(f"button[name=role][value={role}]"))
        path = {"second step": "/account/second-factor", "invite": "/people/invite"}.get(state, "/people")
        page.goto("/account" if state == "account" else path)
    page.wait_for_load_state("load")
    return page


@pytest.mark.soak
@pytest.mark.parametrize(
    ("state", "language"), [(state, ("en", "es")[number % 2]) for number, state in enumerate(STATES)]
)
def test_the_pages_of_accounts_shut_nobody_out_and_fit_every_window(visits: Visits, state: str, language: str) -> None:
    page = opened(visits.window(language=language), state)
    assert page.locator("html").get_attribute("lang") == language
    assert found_on_phone_and_desk(page) == {360: [], 1280: []}
    assert misfits(page) == {}
    assert too_wide_with(page, ((640, 32), (360, 32))) == {}
    assert found_in_the_dark(page) == []


def test_somebody_is_invited_without_any_script(visits: Visits) -> None:
    page = visits.visit("/sign-in", script=False)
    page.get_by_role("button", name="Coordinator").click()
    expect(title(page)).to_have_text("Your desk")
    page.locator("summary", has_text="Menu").click()
    page.locator("nav.me").get_by_role("link", name="People").click()
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Name", exact=True).fill("Nell Brook")
    page.get_by_label("E-mail address").fill("nell@example.org")
    page.get_by_label("Agency").select_option(label="Larkspur Peer Bridge")
    page.get_by_role("button", name="Invite").click()
    expect(title(page)).to_have_text("Hand over this link")
    address = page.locator("code.key").inner_text()
    page.get_by_role("link", name="Back to people").click()
    expect(page.get_by_role("main")).to_contain_text("Invited, has not come yet")
    page.locator("summary", has_text="Menu").click()
    followed(page.get_by_role("button", name="Sign out"))
    page.goto(address)
    expect(title(page)).to_have_text("Welcome")
    expect(page.get_by_label("Your name")).to_have_value("Nell Brook")
