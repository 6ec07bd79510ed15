"""Lines in a browser: set up, looked at, and their rules changed after a look at whom that moves."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from directory.domain.access import Role
from directory.services.waitlist import pools as service
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import pools, rules
from tests import openings
from tests.pages import Page, checked, words
from tests.services.waitlist import standing as lines
from tests.web import world
from tests.web.test_accounts import Browser, mistakes
from tests.web.test_openings import sent_back


@pytest.fixture
def browser(coordinator: Browser) -> Browser:
    return coordinator


def settings() -> Settings:
    return world.settings_for("sqlite://")


def line(browser: Browser) -> int:
    return browser.run(lines.line_in, browser.staff.here)


def waits(browser: Browser, pool: int, called: str, **given: Any) -> tuple[int, str]:
    """Somebody of the own agency in a line."""
    return browser.run(partial(lines.waits_in, **given), browser.staff.here, pool, settings(), called)


def places(page: Page) -> list[str]:
    """Who stands in the line that a page shows."""
    return [words(each) for each in page.one("ul", class_="entries").iter("li")]


# --- looking ---------------------------------------------------------------------------------------------------------


def test_a_line_shows_everybody_in_their_order_with_why_and_since_when(browser: Browser) -> None:
    id = line(browser)
    waits(browser, id, "Ona", hours_ago=50)
    waits(browser, id, "Ivo", hours_ago=2, pregnant="yes")
    browser.becomes(Role.PEER)
    page = browser.page(f"/lines/{id}")
    assert places(page) == [
        "1. Ivo Waits First by law: pregnant; asked on Mar 2, 2026",
        "2. Ona Waits In the order of asking; asked on Feb 28, 2026",
    ]
    assert "2 wait" in page.text
    assert not page.all("a", href=f"/lines/{id}/edit")
    assert "Ona" not in words(page.one("title"))
    assert browser.run(db.rows, "SELECT subject FROM access_entry WHERE action = 'see-line'")


def test_somebody_whom_another_agency_keeps_is_a_place_and_no_more(browser: Browser) -> None:
    id = line(browser)
    client, upi = browser.run(lines.person_in, browser.staff.there, settings(), {"called": "Xerxes"})
    browser.run(lines.stands_in, id, client)
    page = browser.page(f"/lines/{id}")
    assert places(page)[0].startswith("1. Somebody of another agency")
    assert upi not in page.text
    assert "Xerxes" not in page.text


def test_the_list_of_lines_says_how_many_wait_and_how_long(browser: Browser) -> None:
    id = line(browser)
    waits(browser, id, "Ona", hours_ago=72)
    browser.becomes(Role.PEER)
    (card,) = [each for each in browser.page("/lines").all("li", class_="card") if f"/lines/{id}" in _links(each)]
    assert "1 waits The first of them asked 3 days ago" in words(card)


def _links(element: Any) -> list[str]:
    return [str(link.get("href")) for link in element.iter("a")]


# --- setting up ------------------------------------------------------------------------------------------------------


def test_a_coordinator_makes_a_line_and_the_order_of_the_law_holds_from_the_first_moment(browser: Browser) -> None:
    """45 CFR 96.131(a)."""
    form = sent_back(browser.page("/lines/new"), "/lines/new")
    given = {"name": "Beds by the marsh", "care": "detox", "area": "Vermont\nDelaware County, PA", "hours-1": "9-17"}
    where = browser.is_sent_to(browser.send("/lines/new", **form | given))
    id = int(where.split("/")[2])
    found = browser.run(pools.pool, id)
    assert found is not None
    assert (found.area, found.working, found.values.minutes) == (
        ("Vermont", "Delaware County, PA"),
        ((1, 540, 480),),
        240,
    )
    assert found.is_funded
    assert browser.run(rules.rules_now, id).sha256 == found.rules_sha256
    assert browser.is_sent_to(browser.send("/lines/new", **form | given)) == "/lines"
    page = browser.page(f"/lines/{id}")
    assert "Vermont and Delaware County, PA" in page.text
    assert "Nobody stands in this line now." in page.text


def test_a_form_with_mistakes_keeps_what_was_typed_and_says_what_to_do(browser: Browser) -> None:
    form = sent_back(browser.page("/lines/new"), "/lines/new")
    given = {"name": "", "area": "Narnia", "hours-1": "early", "window": "many", "contact_days": "0"}
    answer = browser.send("/lines/new", **form | given)
    assert answer.status_code == 422
    page = checked(answer)
    assert mistakes(page) == [
        "Name of the line: Fill this in.",
        "Kind of care: Choose one of these.",
        "Write a state, a county with its state, or “nationwide”: one on each line.",
        "Write a whole number from 1 to 336.",
        "Write from when to when, such as 9:00-17:00, or leave it empty.",
        "Write a whole number from 1 to 365.",
    ]
    assert page.one("input", name="hours-1").get("value") == "early"


def test_two_who_set_up_one_line_at_once_see_both(browser: Browser) -> None:
    id = line(browser)
    form = sent_back(browser.page(f"/lines/{id}/edit"), f"/lines/{id}/edit")
    browser.is_sent_to(browser.send(f"/lines/{id}/edit", **form | {"contact_days": "20"}))
    answer = browser.send(f"/lines/{id}/edit", **form | {"contact_days": "25"})
    assert answer.status_code == 409
    assert "Somebody else set this to: 20" in answer.text


def test_a_line_closes_when_nobody_stands_in_it(browser: Browser) -> None:
    id = line(browser)
    entry, _upi = waits(browser, id, "Ona")
    form = sent_back(browser.page(f"/lines/{id}/edit"), f"/lines/{id}/edit") | {"state": "closed"}
    answer = browser.send(f"/lines/{id}/edit", **form)
    assert mistakes(checked(answer)) == ["Somebody stands in this line. It can be closed when nobody does."]
    browser.run(db.execute, f"UPDATE entry SET status = 'closed' WHERE id = {entry}")
    assert browser.is_sent_to(browser.send(f"/lines/{id}/edit", **form)) == f"/lines/{id}?done=saved"
    assert "Closed" in words(browser.page(f"/lines/{id}").one("p", class_="lead"))


def test_openings_of_any_agency_can_go_to_a_line(browser: Browser) -> None:
    id = line(browser)
    (row,) = browser.run(db.rows, "SELECT slug FROM listing WHERE name = 'Far Shore Clinic'")
    level = browser.run(partial(openings.level, program="House of reeds"), browser.staff.there, row["slug"])
    page = browser.page(f"/lines/{id}/levels")
    assert "House of reeds" in page.text
    assert browser.is_sent_to(browser.send(f"/lines/{id}/levels", level=str(level.id))) == f"/lines/{id}?done=levels"
    assert browser.run(pools.takes_from, id, level.id)
    browser.send(f"/lines/{id}/levels")
    assert not browser.run(pools.takes_from, id, level.id)
    assert browser.send(f"/lines/{id}/levels", level="999999").status_code == 404


def test_a_program_that_the_grant_pays_for_feeds_no_line_without_the_order_of_the_law(browser: Browser) -> None:
    """45 CFR 96.131(a)."""
    id = line(browser)
    browser.run(db.execute, f"UPDATE pool SET is_funded = {db.marker(1)} WHERE id = {id}", [False])
    (row,) = browser.run(db.rows, "SELECT slug FROM listing WHERE name = 'Far Shore Clinic'")
    level = browser.run(partial(openings.level, program="House of the grant"), browser.staff.there, row["slug"])
    browser.run(db.execute, f"UPDATE program SET is_funded = {db.marker(1)}", [True])
    form = sent_back(browser.page(f"/lines/{id}/rules"), f"/lines/{id}/rules")
    looked = browser.send(f"/lines/{id}/rules", **{name: value for name, value in form.items() if name != "federal"})
    browser.send(f"/lines/{id}/rules/publish", **sent_back(checked(looked), f"/lines/{id}/rules/publish"))
    assert not browser.run(rules.rules_now, id).rules.is_federal
    answer = browser.send(f"/lines/{id}/levels", level=str(level.id))
    assert answer.status_code == 422
    page = checked(answer)
    assert "Nothing was changed. The rules of this line leave out the order of the law." in page.text
    assert f"/lines/{id}/rules" in page.links().values()
    assert not browser.run(pools.takes_from, id, level.id)


# --- rules -----------------------------------------------------------------------------------------------------------


def test_a_coordinator_sees_whom_a_rule_would_move_and_then_puts_it_in_force(browser: Browser) -> None:
    """WAITLIST 3.5: preview who moves and how far before publishing."""
    id = line(browser)
    _, ona = waits(browser, id, "Ona", hours_ago=9)
    _, ivo = waits(browser, id, "Ivo", hours_ago=1, overdose_risk="yes")
    address = f"/lines/{id}/rules"
    look = checked(browser.send(address, overlays="texas:overdose-risk"))
    assert "Of 2 who stand in this line 2 would come to other places." in look.text
    assert places(look) == [
        f"{ivo} from place 2 to place 1 All others, then High risk of an overdose",
        f"{ona} from place 1 to place 2 All others",
    ]
    assert places(browser.page(f"/lines/{id}"))[0].startswith("1. Ona")
    form = sent_back(look, f"{address}/publish")
    assert browser.is_sent_to(browser.send(f"{address}/publish", **form)) == f"{address}?done=published"
    assert places(browser.page(f"/lines/{id}"))[0].startswith("1. Ivo")
    page = browser.page(address)
    assert "High risk of an overdose" in page.text
    assert "To be admitted within 72 hours" in page.text
    assert "Ana Reed" in page.text


def test_a_line_that_has_changed_since_is_shown_anew_before_anything_is_published(browser: Browser) -> None:
    id = line(browser)
    address = f"/lines/{id}/rules"
    form = sent_back(checked(browser.send(address, overlays="texas:overdose-risk")), f"{address}/publish")
    waits(browser, id, "Ona", overdose_risk="yes")
    answer = browser.send(f"{address}/publish", **form)
    assert answer.status_code == 409
    again = checked(answer)
    assert "have changed since you looked" in again.text
    assert browser.is_sent_to(browser.send(f"{address}/publish", **sent_back(again, f"{address}/publish")))


def test_a_group_of_ones_own_comes_after_the_law_and_can_be_ended(browser: Browser) -> None:
    """WAITLIST 1.4: no configured tier sorts above the federal ones."""
    id = line(browser)
    address = f"/lines/{id}/rules"
    new = {
        "label": "Veterans of our county",
        "fact": "veteran",
        "rank": "5",
        "hours": "96",
        "citation": "Board, 2 March",
    }
    look = checked(browser.send(address, **new))
    browser.is_sent_to(browser.send(f"{address}/publish", **sent_back(look, f"{address}/publish")))
    page = browser.page(address)
    (own,) = [each for each in browser.run(rules.rules_now, id).rules.tiers if each.rank == 5]
    assert own.target_hours == 96
    assert "To be admitted within 4 days" in page.text
    ended = checked(browser.send(address))
    browser.is_sent_to(browser.send(f"{address}/publish", **sent_back(ended, f"{address}/publish")))
    assert len(browser.run(rules.rules_now, id).rules.tiers) == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rank": "1"}, "The order of the law stays whole and on top. Choose a place after it."),
        ({"citation": ""}, "Where the rule stands: Fill this in."),
        ({"fact": ""}, "What has to be known of them: Choose one of these."),
        ({"hours": "soon"}, "Write a whole number from 1 to 8,760."),
        ({"valid_from": "tomorrow"}, "Write a day, such as 2026-04-30, or leave it empty."),
        ({"valid_from": "2026-04-01", "valid_to": "2026-03-01"}, "It would end before it begins. Look at both days."),
    ],
)
def test_a_group_that_cannot_be_is_said_at_its_field(browser: Browser, wrong: dict[str, str], said: str) -> None:
    """45 CFR 96.131(a): nothing goes above the law."""
    id = line(browser)
    new = {"label": "Ours", "fact": "veteran", "rank": "5", "citation": "Board, 2 March"}
    answer = browser.send(f"/lines/{id}/rules", **new | wrong)
    assert answer.status_code == 422
    page = checked(answer)
    assert mistakes(page) == [said]
    assert page.one("input", name="label").get("value") == "Ours"


def test_rules_that_no_page_of_ours_has_sent_are_not_taken(browser: Browser) -> None:
    id = line(browser)
    for text in ("", "{}", '{"tiers": [], "contact_days": null}', "[1]", '{"tiers": [{"rank": 1}]}'):
        assert browser.send(f"/lines/{id}/rules/publish", rules=text, token="x").status_code == 404


def test_a_state_may_say_how_soon_somebody_is_seen_and_the_law_still_says_at_once(browser: Browser) -> None:
    """45 CFR 96.131; WAITLIST 1.4."""
    id = line(browser)
    look = checked(browser.send(f"/lines/{id}/rules", overlays="vermont:pregnant"))
    assert "To be admitted at once, and seen within 48 hours" in look.text


def test_peers_read_the_rules_and_change_nothing(browser: Browser) -> None:
    id = line(browser)
    browser.becomes(Role.PEER)
    page = browser.page(f"/lines/{id}/rules")
    assert "45 CFR 96.131(a)" in page.text
    assert not page.all("form", action=f"/lines/{id}/rules")
    assert browser.send(f"/lines/{id}/rules").status_code == 403


def test_the_pages_speak_spanish(browser: Browser) -> None:
    id = line(browser)
    for address in ("/lines", f"/lines/{id}", f"/lines/{id}/rules", f"/lines/{id}/edit", f"/lines/{id}/levels"):
        page = browser.page(address, language="es")
        assert page.one("html").get("lang") == "es"
    assert service.SHOWN == 50
