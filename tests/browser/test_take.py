"""A peer puts a list together for someone who has no phone: saved here and there, read, changed and printed, without any script."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.live import Site
from tests.browser.papers import pages_of, text_of
from tests.browser.test_story import tab_to
from tests.browser.visits import HEIGHT, Visits

MEETINGS = "/search?near=00101&kind=meeting"


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def card(page: Page, name: str) -> Locator:
    return page.locator("li.card").filter(has=page.get_by_role("link", name=name, exact=True))


def button(page: Page, text: str, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^{text}\s*: {re.escape(name)}$"))


def save(page: Page, name: str) -> None:
    button(page, "Save", name).click()
    expect(card(page, name)).to_contain_text("On your list")
    expect(card(page, name)).to_be_in_viewport()


def names(page: Page) -> list[str]:
    return page.locator("li.card h2").all_inner_texts()


def unbroken(text: str) -> str:
    return re.sub(r"\s+", "", text)


def slugs(site: Site, *names: str) -> list[str]:
    return [site.listing(name).rpartition("/")[2] for name in names]


def taken(site: Site, *names: str) -> str:
    return "".join(f"&take={slug}" for slug in slugs(site, *names))


def test_a_list_is_made_read_changed_and_printed_without_any_script(visits: Visits, site: Site) -> None:
    page = visits.visit(MEETINGS, script=False)
    save(page, "Tools Tuesday")

    # Another question, by the form: the list goes along.
    page.get_by_role("group", name="What").get_by_role("checkbox", name=re.compile("^Meetings")).uncheck()
    page.get_by_role("group", name="What").get_by_role("checkbox", name=re.compile("^Treatment")).check()
    page.get_by_role("button", name="Show results").click()
    expect(page.get_by_text("Your list: 1 place")).to_be_visible()
    save(page, "Cottonwood Withdrawal Care")

    # A wider circle and the next page of it.
    page.get_by_label("How far").select_option("50")
    page.get_by_role("button", name="Show results").click()
    expect(page).to_have_url(re.compile("within=50"))
    question = page.url
    name = names(page)[-1]
    save(page, name)
    expect(page.get_by_text("Your list: 3 places")).to_be_visible()

    page.get_by_role("link", name="See and print").click()
    expect(title(page)).to_have_text("Your list")
    assert names(page) == ["Tools Tuesday", "Cottonwood Withdrawal Care", name]
    expect(card(page, "Tools Tuesday")).to_contain_text(re.compile(r"miles north.* of Larkspur City"))

    button(page, "Take off the list", name).click()
    expect(page.get_by_text("One place was taken off your list.")).to_be_visible()
    assert names(page) == ["Tools Tuesday", "Cottonwood Withdrawal Care"]

    paper = page.pdf(format="Letter")
    printed = text_of(paper)
    assert 1 <= pages_of(paper) <= 3
    for words in ("Your list", *names(page), "Tuesday, 6 pm to 7:30 pm", "1200 Cottonwood Avenue", "call or text 988"):
        assert unbroken(words) in printed
    for words in (
        *slugs(site, "Tools Tuesday"),
        "take=",
        "Take off the list",
        "Go on looking",
        "Leave this page",
        name,
    ):
        assert unbroken(words) not in printed
    assert printed.endswith(unbroken(site.url))

    page.get_by_role("link", name="Go on looking").click()
    expect(page.get_by_text("Your list: 2 places")).to_be_visible()
    expect(card(page, "Cottonwood Withdrawal Care")).to_contain_text("On your list")
    asked, before = (parse_qs(urlsplit(url).query) for url in (page.url, question))
    assert {key: value for key, value in asked.items() if key != "take"} == {
        key: value for key, value in before.items() if key != "take" and value != ["25"]
    }


def test_a_printed_search_has_no_buttons_and_no_list(visits: Visits, site: Site) -> None:
    page = visits.visit(f"{MEETINGS}{taken(site, 'Tools Tuesday')}", script=False)
    printed = text_of(page.pdf())
    assert "ToolsTuesday" in printed
    assert [words for words in ("Save", "Onyourlist", "Seeandprint", "Spreadsheet", "take=") if words in printed] == []
    assert printed.endswith(unbroken(f"{site.url}/search"))


def test_the_print_button_comes_with_the_script_and_prints(visits: Visits, site: Site) -> None:
    page = visits.window()
    page.add_init_script("window.print = () => { document.body.dataset.printed = 'yes'; }")
    page.goto(f"/list?near=00101{taken(site, 'Tools Tuesday')}")
    page.get_by_role("button", name="Print").click()
    expect(page.locator("body[data-printed=yes]")).to_be_attached()
    expect(page.get_by_text("in your browser’s menu")).to_have_count(0)


def test_without_a_script_the_page_says_where_printing_is(visits: Visits, site: Site) -> None:
    page = visits.visit(f"/list?near=00101{taken(site, 'Tools Tuesday')}", script=False)
    expect(page.get_by_text("To print, use “Print” in your browser’s menu.")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_have_count(0)


def test_the_files_of_a_list_are_saved_under_a_neutral_name(visits: Visits, site: Site) -> None:
    page = visits.visit(f"/list?near=00101{taken(site, 'Tools Tuesday')}", script=False)
    for link, name in (("Spreadsheet (CSV)", "footbridge-list.csv"), ("Calendar (.ics)", "footbridge-list.ics")):
        with page.expect_download() as coming:
            page.get_by_role("link", name=link).click()
        assert coming.value.suggested_filename == name


@pytest.mark.parametrize("path", ["/list?near=00101", MEETINGS])
def test_nothing_of_a_list_reaches_past_the_window(visits: Visits, site: Site, path: str) -> None:
    chosen = taken(site, "Tools Tuesday", "Cottonwood Withdrawal Care", "Harbor Safe Home", "Coffee by Phone")
    page = visits.visit(f"{path}{chosen}")
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert page.evaluate("[innerWidth, document.documentElement.scrollWidth <= innerWidth]") == [width, True]


def test_the_bar_at_the_foot_never_hides_what_has_the_focus(visits: Visits, site: Site) -> None:
    page = visits.visit(f"{MEETINGS}{taken(site, 'Tools Tuesday')}")
    tab_to(page, "See and print", most=150)


def test_nothing_of_a_list_stays_in_the_browser(visits: Visits) -> None:
    page = visits.visit(MEETINGS)
    save(page, "Tools Tuesday")
    page.get_by_role("link", name="See and print").click()
    expect(title(page)).to_have_text("Your list")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0
    assert page.context.cookies() == []
