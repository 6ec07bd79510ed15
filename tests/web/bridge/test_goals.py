"""The pages of goals: written down in their words, looked at together, and a score in a picture with its table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.domain.access import Role
from directory.services import texts
from directory.storage.waitlist.entries import EntryNow
from tests.pages import Page, checked, words
from tests.web.test_openings import sent_back
from tests.web.waitlist.persons import Keeping

SLEEP = "Sleep at night in my own bed"
HOPED = "Four nights a week"


def accompanied(keeper: Keeping) -> EntryNow:
    """Somebody with whom the peer goes."""
    entry = keeper.joined()
    goes_with(keeper, entry, str(keeper.made.peer.person))
    return entry


def goes_with(keeper: Keeping, entry: EntryNow, peer: str) -> None:
    (row,) = keeper.rows(f"SELECT version FROM client WHERE id = {entry.client}")
    answer = keeper.browser.send(f"/clients/{entry.upi}/peer", peer=peer, version=str(row["version"]))
    assert keeper.browser.is_sent_to(answer).endswith("?done=moved")


def url(entry: EntryNow, more: str = "") -> str:
    return f"/clients/{entry.upi}/goals{more}"


def added(keeper: Keeping, entry: EntryNow, goal: str = SLEEP) -> int:
    """The number of a new goal."""
    address = url(entry, "/new")
    form = sent_back(keeper.browser.page(address), address) | {"words": goal, "level-2": HOPED, "baseline": "-1"}
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)).endswith("?done=added")
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)).endswith("?done=before")
    return max(int(row["id"]) for row in keeper.rows("SELECT id FROM goal"))


def look(keeper: Keeping, entry: EntryNow, levels: dict[int, int]) -> str:
    form = sent_back(keeper.browser.page(url(entry)), url(entry, "/look"))
    form |= {f"goal-{goal}": str(level) for goal, level in levels.items()}
    return keeper.browser.is_sent_to(keeper.browser.send(url(entry, "/look"), **form))


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_has_no_word_of_theirs_in_its_title_or_address(keeper: Keeping, language: str) -> None:
    entry = accompanied(keeper)
    added(keeper, entry)
    page = keeper.browser.page(url(entry), language=language)
    assert SLEEP in page.text
    assert SLEEP not in words(page.all("title")[0])
    assert page.response.headers["cache-control"] == "no-store"


def test_looking_at_them_together_moves_the_score_and_the_picture_says_what_its_table_says(keeper: Keeping) -> None:
    """WAITLIST 1.8: three goals one level above what was hoped for."""
    entry = accompanied(keeper)
    ids = [added(keeper, entry) for _ in range(3)]
    assert look(keeper, entry, dict.fromkeys(ids, 1)).endswith("?done=looked")
    page = keeper.browser.page(url(entry))
    rows = [words(each) for each in page.all("tr")][1:]
    assert [row.split()[-3] for row in rows] == ["63.69", "36.31"]
    assert "Kiresuk and Sherman 1968" in page.text
    (figure,) = page.all("figure")
    assert [words(each) for each in figure.iter() if str(each.tag).endswith("text")][1:3] == ["36", "64"]
    assert f"More than hoped for {'until now'}" in " ".join(words(page.one("fieldset", id=f"goal-{ids[0]}")).split())


def test_what_was_typed_stays_where_something_is_missing(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    address = url(entry, "/new")
    page = checked(keeper.browser.send(address, words=SLEEP, weight="7"))
    assert page.response.status_code == 422
    assert words(page.one("textarea", id="words")) == SLEEP
    assert page.one("p", id="level-2-mistake") is not None
    goal = added(keeper, entry)
    page = checked(keeper.browser.send(url(entry, "/look"), **{f"note-{goal}": "The dog"}))
    assert page.response.status_code == 422
    assert page.one("input", id=f"note-{goal}").get("value") == "The dog"
    assert "Say where it stands too" in words(page.one("p", id=f"goal-{goal}-mistake"))
    page = checked(keeper.browser.send(url(entry, "/look")))
    assert "Say of at least one goal where it stands." in page.text


def test_a_beginning_fills_the_form_to_be_changed(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    page = keeper.browser.page(url(entry, "/new?from=1"))
    assert words(page.one("textarea", id="words")) == "A safe place to sleep"
    assert page.one("input", id="level-2").get("value") == "I have a safe bed each night this month."
    assert words(keeper.browser.page(url(entry, "/new?from=99")).one("textarea", id="words")) == ""


def test_a_goal_is_put_right_and_away_and_a_page_that_is_old_changes_nothing(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    goal = added(keeper, entry)
    address = url(entry, f"/{goal}")
    form = sent_back(keeper.browser.page(address), address) | {"words": "Sleep well", "level-2": HOPED}
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **form)).endswith("?done=saved")
    page = checked(keeper.browser.send(address, **(form | {"words": "Sleep long", "weight": "9"})))
    assert page.response.status_code == 422
    page = checked(keeper.browser.send(address, **(form | {"words": "Sleep long", "version": form["version"]})))
    assert page.response.status_code == 409
    assert words(page.one("textarea", id="words")) == "Sleep long"
    assert "Somebody else set this to: Sleep well" in page.text
    assert "Sleep well" in keeper.browser.page(url(entry)).text
    page = checked(keeper.browser.send(f"{address}/end", version="2", reason="nonsense"))
    assert page.response.status_code == 422
    assert keeper.browser.is_sent_to(keeper.browser.send(f"{address}/end", version="2", reason="reached"))
    page = keeper.browser.page(url(entry))
    assert page.all("fieldset") == []
    assert "It is reached" in page.text


def test_a_day_that_matters_is_marked_in_words_and_can_be_taken_away(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    address = f"/clients/{entry.upi}/milestones"
    given = sent_back(keeper.browser.page(url(entry)), address) | {"milestone": "First night indoors"}
    future = checked(keeper.browser.send(address, **(given | {"day": "2027-01-01"})))
    assert "This day is still to come" in words(future.one("p", id="day-mistake"))
    assert future.one("input", id="milestone").get("value") == "First night indoors"
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **given)).endswith("?done=marked")
    page = keeper.browser.page(url(entry))
    assert "First night indoors" in page.text
    (row,) = keeper.rows(f"SELECT id FROM milestone WHERE client_id = {entry.client}")
    keeper.browser.send(f"{address}/{row['id']}/end")
    assert "First night indoors" not in keeper.browser.page(url(entry)).text


def test_another_peer_is_told_how_to_become_theirs_and_reads_nothing(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    added(keeper, entry)
    keeper.browser.becomes(Role.COORDINATOR)
    assert SLEEP in keeper.browser.page(url(entry)).text
    goes_with(keeper, entry, "")
    keeper.browser.becomes(Role.PEER)
    page = keeper.browser.page(url(entry), status=403)
    assert SLEEP not in page.text
    assert "Only their own peer, who stands in for that peer, and a coordinator read this." in page.text


# --- the questionnaire -----------------------------------------------------------------------------------------------


@pytest.fixture
def brought(keeper: Keeping, tmp_path: Path) -> Iterator[None]:
    """An operator who brought words of their own invention, once the site has started."""
    items = "\n\n".join(f"Statement {number}." for number in range(1, 11))
    path = tmp_path / "own.toml"
    path.write_text(f'[recovery-capital]\nversion = "1"\nen = """Say how much.\n\n{items}\n\nNot at all\n\nWholly"""\n')
    texts.use(str(path))
    yield
    texts.use("")


def test_without_its_words_the_questionnaire_says_that_it_is_off(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    assert "is off here" in keeper.browser.page(url(entry)).text
    assert "is off here" in keeper.browser.page(f"/clients/{entry.upi}/questionnaire").text
    assert keeper.browser.send(f"/clients/{entry.upi}/questionnaire").status_code == 404


@pytest.mark.usefixtures("brought")
def test_the_questionnaire_shows_the_operators_words_and_keeps_all_ten_answers(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    address = f"/clients/{entry.upi}/questionnaire"
    page = keeper.browser.page(address)
    assert "Say how much. Vilsaint" in page.text
    given = sent_back(page, address) | {f"item-{place}": "4" for place in range(1, 10)} | {"item-10": ""}
    page = checked(keeper.browser.send(address, **given))
    assert page.response.status_code == 422
    assert page.one("p", id="item-10-mistake") is not None
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **(given | {"item-10": "6"})))
    assert "42 of 60" in keeper.browser.page(url(entry)).text


def test_the_score_of_a_single_look_is_one_dot(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    added(keeper, entry)
    page: Page = keeper.browser.page(url(entry))
    (figure,) = page.all("figure")
    assert len([each for each in figure.iter() if str(each.tag).endswith("circle")]) == 1


@pytest.mark.usefixtures("brought")
def test_their_own_copy_has_goals_with_every_look_days_raw_answers_and_mentors(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    look(keeper, entry, {added(keeper, entry): 1})
    day = sent_back(keeper.browser.page(url(entry)), f"/clients/{entry.upi}/milestones")
    keeper.browser.send(f"/clients/{entry.upi}/milestones", **(day | {"milestone": "First night indoors"}))
    address = f"/clients/{entry.upi}/questionnaire"
    answers = {f"item-{place}": "5" for place in range(1, 11)} | {"item-3": "2"}
    keeper.browser.send(address, **(sent_back(keeper.browser.page(address), address) | answers))
    keeper.browser.becomes(Role.COORDINATOR)
    peer = f"/peers/{keeper.made.agency}/{keeper.made.peer.person}"
    mentor = sent_back(keeper.browser.page(peer), f"{peer}/mentor") | {"upi": entry.upi}
    assert keeper.browser.is_sent_to(keeper.browser.send(f"{peer}/mentor", **mentor)).endswith("?done=saved")
    copy = keeper.browser.page(f"/clients/{entry.upi}/copy").text
    for text in (SLEEP, HOPED, "More than hoped for", "First night indoors", "47 of 60 (5, 5, 2, 5, 5", "Your mentors"):
        assert text in copy, text
