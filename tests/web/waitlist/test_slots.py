"""The pages of openings, offers and second words, as peers, a coordinator and others see them."""

from __future__ import annotations

from contextvars import copy_context
from datetime import timedelta
from functools import partial

import pytest

from directory import i18n
from directory.domain.access import Role
from directory.domain.waitlist.routes import Way
from directory.domain.waitlist.tiers import PriorityTier, Rules
from directory.services.waitlist.routes import way_columns
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist import pools, routes
from directory.web.waitlist.presenters_slots import tier_words
from tests import lines
from tests.pages import Page, checked, words
from tests.services.waitlist import world as line_world
from tests.services.waitlist.world import NOW, SETTINGS, World
from tests.web.test_accounts import Browser
from tests.web.waitlist.persons import Keeping

WOMEN = ("sex", ("female", "other"))


@pytest.fixture
def browser(keeper: Keeping) -> Browser:
    """That of a peer."""
    return keeper.browser


@pytest.fixture
def made(keeper: Keeping) -> World:
    """A line of that peer's agency."""
    return keeper.made


def waits(browser: Browser, made: World, called: str, **facts: object) -> tuple[int, str]:
    return browser.run(partial(lines.waits, made, called, **facts))


def card(page: Page, called: str) -> str:
    """What the line says of somebody."""
    return next(words(each) for each in page.all("li", class_="card") if called in words(each))


def test_a_peer_sees_the_line_with_the_reason_for_each_and_offers_it_to_whose_turn_it_is(
    browser: Browser, made: World
) -> None:
    """45 CFR 96.131(a); WAITLIST 3.5."""
    _, lark = waits(browser, made, "Lark", sex="male")
    waits(browser, made, "Wren", sex="female", pregnant="yes", consent=False)
    _, dove = waits(browser, made, "Dove", pregnant="yes", sex="male")
    waits(browser, made, "Finch", sex="female")
    waits(browser, made, "Gull", sex="female")
    slot = browser.run(lines.opening, made, WOMEN)
    openings = browser.page("/slots")
    assert "Next: Finch" in words(openings.one("li", id=f"slot-{slot}"))
    assert {"/offers", "/second-words"} <= set(openings.links().values())
    page = browser.page(f"/slots/{slot}")
    assert "Women only" in page.text
    assert "Offer it to Finch" in page.text
    assert "3 people stand before Finch." in page.text
    (asked,) = [each for each in page.all("p") if "Ask them first:" in words(each)]
    assert words(asked).endswith("Ask them first: Wren"), "Dove is not to be asked: it does not fit"
    folded = next(each for each in page.all("details") if "1 person after them" in words(each.find("summary")))
    assert "Gull" in words(folded)
    assert "Finch" not in words(folded)
    assert "It is their turn." in card(page, "Finch")
    assert "Ofrecerlo a Finch" in browser.page(f"/slots/{slot}", language="es").text
    assert "They have not agreed that this agency is told about them." in card(page, "Wren")
    assert "It does not fit: Women or men." in card(page, "Dove")
    assert f"/clients/{dove}/facts" not in page.links().values()
    assert "It does not fit: Women or men." in card(page, "Lark")
    assert page.text.index("Wren") < page.text.index("Dove") < page.text.index("Lark")
    assert f"/slots/{slot}/out-of-turn/{lark}" not in page.links().values()
    (address,) = [each.get("action", "") for each in page.all("form") if "/offer/" in each.get("action", "")]
    first = browser.is_sent_to(browser.send(address))
    assert browser.is_sent_to(browser.send(address)) == first
    said = browser.page(first).text
    assert "They can answer until" in said
    assert "1: They have not agreed that this agency is told about them." in said
    assert "2: It does not fit: Women or men." in said
    assert "Lark" not in said


def test_who_was_not_asked_yet_is_asked_first_and_the_page_says_so(browser: Browser, made: World) -> None:
    """45 CFR 96.131(a); WAITLIST 3.5: unknown is not false."""
    _, dove = waits(browser, made, "Dove", pregnant="yes")
    _, finch = waits(browser, made, "Finch", sex="female")
    slot = browser.run(lines.opening, made, WOMEN)
    assert "Ask Dove first" in words(browser.page("/slots").one("li", id=f"slot-{slot}"))
    page = browser.page(f"/slots/{slot}")
    assert "Ask Dove first: it is not known whether it fits them." in page.text
    assert "We cannot tell. Not known: Women or men." in card(page, "Dove")
    assert {f"/clients/{dove}/facts", f"/slots/{slot}/out-of-turn/{finch}"} <= set(page.links().values())
    assert not [each for each in page.all("form") if "/offer/" in each.get("action", "")]
    assert "Pregunte primero a Dove" in browser.page(f"/slots/{slot}", language="es").text
    refused = browser.send(f"/slots/{slot}/offer/{finch}")
    assert refused.status_code == 409
    assert "somebody else goes first, in this line or in another one" in refused.text
    browser.send(f"/slots/{slot}/out-of-turn/{finch}", reason="unreachable-today", note="")
    browser.becomes(Role.COORDINATOR)
    assert "Passed over Dove (First by law: pregnant)" in browser.page("/second-words").text


def test_who_goes_first_in_another_agencys_line_is_somebody_and_no_more(browser: Browser, made: World) -> None:
    """45 CFR 96.131(a); 42 CFR 2.13."""
    there = browser.run(line_world.made, browser.staff.there)
    _, tern = waits(browser, there, "Tern", pregnant="yes", injecting_30d="yes")
    browser.run(partial(_feeds, made, there))
    _, finch = waits(browser, made, "Finch")
    slot = browser.run(lines.opening, made)
    page = browser.page(f"/slots/{slot}")
    assert "Somebody in another line that gets this opening goes first by law." in page.text
    assert f"/slots/{slot}/out-of-turn/{finch}" in page.links().values()
    assert "Offer it to Finch" not in page.text
    browser.send(f"/slots/{slot}/out-of-turn/{finch}", reason="unreachable-today", note="")
    browser.becomes(Role.COORDINATOR)
    seen = browser.page("/second-words")
    assert (
        "Passed over Somebody in another line (First by law: pregnant, and injected in the last 30 days)" in seen.text
    )
    assert not [each for each in ("Tern", tern) if each in page.response.text + seen.response.text]


async def _feeds(made: World, there: World) -> None:
    """Has the openings of one world go to the line of another, whose people let that agency be told."""
    async with db.staging():
        await pools.level_join(there.pool, made.level)
        for client in there.clients:
            await line_world.consent_add(client, made.clinic)


def test_a_group_of_a_states_rules_is_named_in_the_language_of_the_reader_and_ones_own_as_it_was_named() -> None:
    """WAITLIST 1.4."""
    rules = Rules(
        (PriorityTier(4, "overdose-risk", "High overdose risk", ()), PriorityTier(5, "own", "From the valley", ()))
    )
    assert (
        copy_context().run(_tier_in, "es", 4, rules) == "Primero por las reglas de esta fila: Alto riesgo de sobredosis"
    )
    assert copy_context().run(_tier_in, "es", 5, rules).endswith(": From the valley")


def _tier_in(language: str, tier: int, rules: Rules) -> str:
    i18n.use(language)
    return tier_words(tier, rules, NOW.date())


def test_the_answers_of_a_person_lead_on_and_never_cost_the_place(browser: Browser, made: World) -> None:
    offer = browser.run(lines.offered, made)
    address = f"/offers/{offer}"
    assert browser.send(f"{address}/decline", reason="").status_code == 422
    assert "Choose one of these" in checked(browser.send(f"{address}/decline", reason="nothing")).text
    gone = browser.is_sent_to(browser.send(f"{address}/decline", reason="not-now"))
    assert browser.is_sent_to(browser.send(f"{address}/decline", reason="not-now")) == gone
    said = browser.page(gone).text
    assert "Their place in line is kept as it was." in said
    assert "on hold for a while" in said
    line = browser.page(browser.page(gone).links()["Look at the opening and its line again"])
    assert "said no. They can have it again." in card(line, "Wren")
    (again,) = [each.get("action", "") for each in line.all("form") if "/offer/" in each.get("action", "")]
    assert browser.is_sent_to(browser.send(again)) != gone
    late = browser.send(f"{address}/accept")
    assert late.status_code == 409
    assert "somebody else was quicker" in checked(late).text


async def _reached(client: int) -> None:
    way = Way("call", "775-555-0142", "mornings", may_leave_word=True, is_shared=True)
    async with db.staging():
        await routes.add(client, way_columns(way, SETTINGS))


def test_an_offer_says_whom_to_call_the_person_first_and_the_agency_after_the_yes(
    browser: Browser, made: World
) -> None:
    offer = browser.run(lines.offered, made)
    (row,) = browser.run(
        db.rows, f"SELECT e.client_id FROM offer o JOIN entry e ON e.id = o.entry_id WHERE o.id = {offer}"
    )
    browser.run(_reached, row["client_id"])
    page = browser.page(f"/offers/{offer}")
    assert page.links()["775-555-0142"] == "tel:+17755550142"
    assert "Other people use this phone too. A message is safe." in page.text
    assert "Where they go" not in page.text
    page = browser.page(browser.is_sent_to(browser.send(f"/offers/{offer}/accept")))
    assert "Call the agency: have they come?" in page.text
    assert page.text.index("775-555-0142") < page.text.index("Where they go")


async def _said(slot: int, hours: int) -> None:
    sql = db.Sql()
    async with db.staging():
        moment = sql(to_column(NOW - timedelta(hours=hours)))
        await db.execute(f"UPDATE slot SET created_at = {moment} WHERE id = {slot}", sql.values)


def test_of_an_opening_that_was_told_long_ago_one_asks_first(browser: Browser, made: World) -> None:
    """WAITLIST 3.4: after 72 hours nobody relies on it."""
    slot = browser.run(lines.opening, made)
    browser.run(_said, slot, 71)
    assert "call first" not in browser.page(f"/slots/{slot}").text
    browser.run(_said, slot, 72)
    assert "Reported 3 days ago; call first to hear whether it is still there" in browser.page(f"/slots/{slot}").text


async def _window(pool: int, minutes: int) -> None:
    async with db.staging():
        await db.execute(f"UPDATE pool SET window_minutes = {minutes} WHERE id = {pool}")


def test_a_yes_that_comes_too_late_is_told_that_the_place_is_kept(browser: Browser, made: World) -> None:
    browser.run(_window, made.pool, 10)
    offer = browser.run(lines.offered, made)
    browser.wait(minutes=10)
    page = checked(browser.send(f"/offers/{offer}/accept"))
    assert page.response.status_code == 409
    assert "The time for an answer was over" in page.text
    assert "Their place in line is kept as it was." in page.text
    assert "Nobody answered in time" in browser.page("/offers").text


def test_what_was_accepted_can_still_come_to_nothing_with_a_reason(browser: Browser, made: World) -> None:
    offer = browser.run(lines.offered, made)
    assert browser.is_sent_to(browser.send(f"/offers/{offer}/accept")) == f"/offers/{offer}?done=accepted"
    assert browser.is_sent_to(browser.send(f"/offers/{offer}/accept")) == f"/offers/{offer}?done=accepted"
    assert browser.send(f"/offers/{offer}/cancel", reason="bored").status_code == 422
    assert (
        browser.is_sent_to(browser.send(f"/offers/{offer}/cancel", reason="ill")) == f"/offers/{offer}?done=cancelled"
    )
    assert "They are ill" in browser.page(f"/offers/{offer}").text


def test_out_of_turn_takes_a_reason_and_a_second_person(browser: Browser, made: World) -> None:
    """WAITLIST 3.5."""
    waits(browser, made, "Wren", pregnant="yes")
    _, lark = waits(browser, made, "Lark")
    slot = browser.run(lines.opening, made)
    address = f"/slots/{slot}/out-of-turn/{lark}"
    assert address in browser.page(f"/slots/{slot}").links().values()
    assert "Wren" not in browser.page(address).text
    assert "Fill this in." in checked(browser.send(address, reason="other", note=" ")).text
    sent = {"reason": "other", "note": "Wren’s sister works there"}
    for _ in range(2):  # the second tap asks for nothing more
        assert browser.is_sent_to(browser.send(address, **sent)) == "/second-words?done=asked"
    page = browser.page("/second-words")
    assert "Waits for a second person" in page.text
    browser.becomes(Role.COORDINATOR)
    page = browser.page("/second-words")
    (asked,) = [each for each in page.all("li", class_="card") if "sister works there" in words(each)]
    form, _ = [each for each in asked.iter("form") if each.get("action", "").startswith("/second-words/")]
    word = form.get("action", "")
    assert browser.is_sent_to(browser.send(word, decision="agree")) == "/second-words?done=agreed"
    assert browser.send(word, decision="agree").status_code == 409
    found = browser.page("/offers").links()
    said = browser.page(found["Lark"]).text
    assert "Out of turn because Another reason" in said
    assert "Agreed to by a second person" in said


def test_whoever_asked_does_not_agree(browser: Browser, made: World) -> None:
    word = browser.run(lines.wished, made)
    page = browser.page("/second-words")
    assert f"/second-words/{word}" not in [each.get("action") for each in page.all("form")]
    assert browser.send(f"/second-words/{word}", decision="agree").status_code == 409
    browser.becomes(Role.COORDINATOR)
    assert browser.is_sent_to(browser.send(f"/second-words/{word}", decision="refuse")) == "/second-words?done=refused"


def test_why_not_me_tells_one_person_everything_and_nothing_of_others(browser: Browser, made: World) -> None:
    _, lark = waits(browser, made, "Lark", payer="medicaid")
    _, wren = waits(browser, made, "Wren", pregnant="yes", payer="private")
    slot = browser.run(lines.opening, made, ("payer", ("private",)), WOMEN)
    page = browser.page(f"/clients/{lark}/why/{slot}")
    assert "Place 2 of 2" in page.text
    assert "It does not fit: Ways to pay." in page.text
    assert "Women or men Not known yet." in page.text
    assert "it was not offered to anybody" in page.text
    assert "Wren" not in page.text
    assert wren not in page.response.text
    assert "Lark" not in page.title


def test_another_agencys_people_lines_and_offers_are_not_there(browser: Browser, made: World) -> None:
    there = browser.run(line_world.made, browser.staff.there)
    _, upi = waits(browser, there, "Tern")
    slot, offer, word = (browser.run(work, there) for work in (lines.opening, lines.offered, lines.wished))
    for address in (
        f"/slots/{slot}",
        f"/offers/{offer}",
        f"/clients/{upi}/why/{slot}",
        f"/slots/{slot}/out-of-turn/{upi}",
    ):
        assert browser.client.get(address).status_code == 404
    assert browser.send(f"/offers/{offer}/accept").status_code == 404
    assert browser.send(f"/slots/{slot}/offer/{upi}").status_code == 404
    browser.becomes(Role.COORDINATOR)
    assert browser.send(f"/second-words/{word}", decision="agree").status_code == 404
    assert "Tern" not in browser.page("/slots").text


def test_a_long_line_comes_in_pages_and_whose_turn_it_is_stands_on_each(browser: Browser, made: World) -> None:
    for number in range(51):
        waits(browser, made, f"Heron{number}", consent=number == 0)
    slot = browser.run(lines.opening, made)
    assert "51 people stand in this line" in browser.page(f"/slots/{slot}").text
    second = browser.page(f"/slots/{slot}?line={made.pool}&page=2")
    assert "Offer it to Heron0" in second.text
    assert [each for each in second.cards() if "Heron" in each] == ["51. Heron50"]
