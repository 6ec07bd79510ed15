"""The stories of the three people for whom the line is kept, on phones: a peer takes four people on, an agency has one place, one client gets it.

The order is that of the law (45 CFR 96.131(a)). Each sees what they should at each step, and nothing else. One client carries marks, which
are looked for in all that is left behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page, expect

from tests.browser import live
from tests.browser.left_behind import ALDER, BRIAR, CLIENTS, MARKED, PIPIT, Client, assert_no_trace, found_in
from tests.browser.papers import pages_of, text_of
from tests.browser.visits import followed
from tests.browser.waiting import HOUSE, Town
from tests.browser.waiting import town as running
from tests.conftest import RUN
from tests.factories import seeded_template
from tests.post_office import MailHost

LINE = "A bed by the river"
OF_CARE = ("inject", "pregnan", "detox", "withdrawal", "drug", "treatment", HOUSE, "Quiet wing", LINE, "Marsh Peers")
"""What the page behind a card says nothing of."""


@pytest.fixture
def mail() -> Iterator[MailHost]:
    """A mail server, in a thread of its own."""
    host = MailHost(port=live.free_port())
    server = Controller(host, hostname="127.0.0.1", port=host.port)
    server.start()
    yield host
    server.stop()


@pytest.fixture
def town(browser: Browser, tmp_path: Path, mail: MailHost) -> Iterator[Town]:
    with running(browser, tmp_path, seeded_template(Path(os.environ[RUN])), smtp_url=mail.url()) as town:
        yield town


def test_four_people_one_place_and_each_sees_what_they_should(town: Town, mail: MailHost) -> None:
    """45 CFR 96.131(a), 96.126(c); WAITLIST 3.2, 3.3, 4.4."""
    coordinator = town.worker("coordinator")
    set_up(coordinator)
    peer = town.worker("peer", script=True)
    for client in CLIENTS:
        taken_on(peer, client)
        live.later(town.folder, 1 / 60)
    editor, oversight = town.worker("editor"), town.worker("oversight")
    opened(editor)

    pass_to(peer, PIPIT)
    assert says(town, PIPIT, script=False).startswith("Something has come up.")
    assert says(town, MARKED, script=False).startswith("You are waiting.")
    agency_knows(editor, PIPIT)
    nobody_else_sees(town, PIPIT, MARKED)

    live.later(town.folder, 4.01)
    for page, key in ((peer, "peer"), (editor, "editor"), (oversight, "oversight")):
        town.signs_in(page, key)
    pass_to(peer, MARKED)
    assert says(town, PIPIT, script=False).startswith("You are waiting.")
    agency_knows(editor, MARKED)
    agreed(peer)
    assert says(town, MARKED, script=True).startswith("You said yes.")
    agency_learns(editor, MARKED)
    nobody_else_sees(town, MARKED)
    came(editor)
    assert says(town, MARKED, script=True).startswith("This is done.")
    on_the_board(peer)
    nothing_for_the_administrator(town)
    reported(oversight)
    assert_sound(town)
    assert_no_trace(town, mail)


# --- setting up and taking on ----------------------------------------------------------------------------------------


def set_up(page: Page) -> None:
    """The coordinator makes a line to which the openings of the house go."""
    page.goto("/lines")
    followed(page.get_by_role("link", name="New line").first)
    page.get_by_label("Name of the line").fill(LINE)
    page.get_by_label("Kind of care").select_option("detox")
    page.get_by_label("Paid for by the federal block grant").check()
    followed(page.get_by_role("button", name="Make it"))
    page.locator("fieldset", has_text=HOUSE).get_by_role("checkbox").check()
    followed(page.get_by_role("button", name="Save"))


def taken_on(page: Page, client: Client) -> None:
    """The peer writes somebody down in five steps, each on a page of its own."""
    page.goto("/board")
    followed(page.get_by_role("link", name="Take somebody on").last)
    page.locator("#called").fill(client.called)
    page.locator("#to").fill(client.phone)
    page.locator("summary", has_text="Whole name").click()
    page.locator("#name").fill(client.name)
    page.locator("#born").fill(client.born)
    page.locator("#note").fill(client.note)
    onward(page, "Lines to wait in")
    page.get_by_label(LINE).check()
    onward(page, "Facts")
    for code, value in client.facts.items():
        page.locator(f"#value-{code}").select_option(value)
    if "pregnant" in client.facts:
        page.locator("#due-pregnant").fill("2026-07-01")
    onward(page, "Consent")
    agree(page, client)
    onward(page, "Card")
    followed(page.get_by_role("button", name="Make the card"))
    client.code = page.locator(".wallet .code").inner_text()
    followed(page.get_by_role("link", name="Done"))
    client.upi = page.url.rpartition("/")[2].partition("?")[0]
    if client.facts:
        offered_help(page, client)
    if client.email:
        may_be_written_to(page, client)


def onward(page: Page, to: str) -> None:
    followed(page.get_by_role("button", name="Save and go on").first)
    expect(page.locator("[aria-current=step]")).to_have_count(1)


def agree(page: Page, client: Client) -> None:
    """A consent that names the house, with their name and how to reach them: not why they go first."""
    page.get_by_label(HOUSE).check()
    for what in ("Their name", "How to reach them"):
        page.get_by_label(what, exact=True).check()
    page.locator("#right-to-revoke").check()
    page.locator("#signed_by").fill(client.name)


def offered_help(page: Page, client: Client) -> None:
    """What the law has offered to those who come first, within 48 hours (45 CFR 96.126(b)(2), 96.131(d))."""
    page.goto(f"/clients/{client.upi}/interim")
    for item in page.locator("select[name^=item-]").all():
        item.select_option("offered")
    followed(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("status")).to_be_visible()


def may_be_written_to(page: Page, client: Client) -> None:
    """They want "You have an update" by e-mail."""
    page.goto(f"/clients/{client.upi}/routes")
    page.locator("#channel").select_option("email")
    page.locator("#to").fill(client.email)
    page.locator("#is_agreed").check()
    followed(page.locator("form.report button.main"))
    expect(page.locator("main")).to_contain_text(client.email)


# --- offers ----------------------------------------------------------------------------------------------------------


def opened(page: Page) -> None:
    """The house tells of one opening."""
    page.goto("/desk/slots")
    followed(page.get_by_role("link", name="Tell of an opening"))
    followed(page.locator("form.report button.main").first)
    expect(page.get_by_role("status")).to_be_visible()


def pass_to(page: Page, client: Client) -> None:
    """The peer offers the opening to whose turn it is, which is this one's."""
    page.goto("/slots")
    followed(page.get_by_role("link", name="See the line"))
    names = [text.split(". ")[1] for text in page.locator("main .cards h3").all_text_contents()]
    assert names == [each.called for each in (PIPIT, MARKED, ALDER, BRIAR)]
    followed(page.get_by_role("button", name=f"Offer it to {client.called}"))
    expect(page.locator("main")).to_contain_text("They can answer until")
    page.goto("/board")
    card = page.locator(f"#person-{client.upi}")
    expect(card).to_contain_text("The offer holds until")
    expect(card.get_by_role("link", name="Call about the offer")).to_be_visible()


def agreed(page: Page) -> None:
    """The client says yes to the peer."""
    page.goto("/board")
    followed(page.get_by_role("link", name="Call about the offer"))
    followed(page.get_by_role("button", name="They say yes"))
    expect(page.get_by_role("status")).to_contain_text("The opening is held for them until they come.")


def agency_knows(page: Page, client: Client) -> None:
    """The house sees a number and nothing that tells who it is."""
    page.goto("/desk/offers")
    followed(page.get_by_role("link", name=f"Number {client.upi}"))
    assert not found_in(page.content(), *CLIENTS)
    assert "inject" not in page.content().lower()
    assert "pregnan" not in page.content().lower()


def agency_learns(page: Page, client: Client) -> None:
    """After the yes the house sees what the consent says, with its notice, and no more (42 CFR 2.31, 2.32)."""
    page.goto("/desk/offers")
    followed(page.get_by_role("link", name=f"Number {client.upi}"))
    main = page.locator("main")
    expect(main).to_contain_text(client.name)
    expect(main).to_contain_text(client.phone)
    expect(main).to_contain_text("42 CFR part 2 prohibits")
    for untold in (client.born, client.note, "inject"):
        assert untold not in page.content()


def came(page: Page) -> None:
    """The house says that the person has come."""
    followed(page.get_by_role("button", name="Yes, the person has come"))
    expect(page.get_by_role("status")).to_be_visible()


def nobody_else_sees(town: Town, *clients: Client) -> None:
    """Whoever has nothing to do with it finds nothing there, not even that there is something (42 CFR 2.13(c))."""
    offers = [str(row[0]) for row in town.rows("SELECT id FROM offer")]
    slots = [str(row[0]) for row in town.rows("SELECT id FROM slot")]
    elsewhere = {
        "peer elsewhere": [
            *(f"/clients/{each.upi}{part}" for each in clients for part in ("", "/facts", "/copy", "/records")),
            *(f"/offers/{id}" for id in offers),
            *(f"/slots/{id}" for id in slots),
        ],
        "editor elsewhere": [*(f"/desk/offers/{id}" for id in offers), *(f"/desk/slots/{id}/end" for id in slots)],
    }
    for key, paths in elsewhere.items():
        page = town.worker(key)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status in (403, 404), path
            assert not found_in(page.content(), *clients)
        for path in ("/desk", "/board", "/offers", "/slots", "/desk/offers", "/desk/slots"):
            page.goto(path)
            content = page.content()
            assert not found_in(content, *clients), path
            assert not any(each.upi in content for each in clients), path


# --- the client ------------------------------------------------------------------------------------------------------


def says(town: Town, client: Client, *, script: bool) -> str:
    """What the page behind the card of somebody says first. It names nobody and nothing, nor does any address on the way."""
    page = town.window(script=script)
    page.goto("/")
    followed(page.get_by_role("link", name="See your place in line"))
    page.get_by_label("Your code").fill(client.code.lower())
    followed(page.get_by_role("button", name="Show"))
    words = page.locator("main").inner_text()
    assert page.url == f"{town.site.url}/status"
    assert not found_in(page.content(), *CLIENTS)
    for word in OF_CARE:
        assert word.lower() not in words.lower(), word
    if script:
        paper = page.pdf()
        assert "Youcanseewhatwekeep" in text_of(paper)
        assert pages_of(paper) <= 2
        assert client.code not in page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    first: str = page.locator("main .lead b").first.inner_text()
    town.closes(page)
    return first


# --- afterwards ------------------------------------------------------------------------------------------------------


def on_the_board(page: Page) -> None:
    """Whoever has their place is not due any more, and the others stand as they stood."""
    page.goto("/board")
    expect(page.locator(f"#person-{MARKED.upi}")).to_have_count(0)
    page.goto(f"/clients/{PIPIT.upi}")
    expect(page.locator("main")).to_contain_text("Nobody answered in time")
    page.goto(f"/clients/{MARKED.upi}")
    expect(page.locator("main")).to_contain_text("Nothing is due now.")
    expect(page.locator("main")).to_contain_text(HOUSE)


def reported(page: Page) -> None:
    """Oversight sees figures, and numbers of people where the law asks about each: never a name."""
    page.goto("/oversight")
    links = page.locator("main a[href^='/oversight/']").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
    assert len(links) >= 7
    told = {}
    for link in dict.fromkeys(links):
        page.goto(link)
        told[link] = page.locator("main").inner_text()
        assert not found_in(page.content(), *CLIENTS), link
    assert MARKED.upi in told["/oversight/disclosures"]
    assert PIPIT.upi not in told["/oversight/disclosures"]  # of whom nothing was told


def nothing_for_the_administrator(town: Town) -> None:
    """Who keeps the site running sees that something was done, and with whom it was done to nobody's name."""
    page = town.worker("administrator")
    for path in ("/desk", "/audit", "/messages", "/people"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert not found_in(page.content(), *CLIENTS), path
    for path in ("/board", f"/clients/{MARKED.upi}", "/offers", "/oversight"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403, path


def assert_sound(town: Town) -> None:
    """The chain of what was done is whole, and all that must be so is so."""
    for words in (("audit", "verify"), ("check", "--waitlist")):
        done = live.command(town.folder, *words)
        assert done.returncode == 0, done.stdout + done.stderr
