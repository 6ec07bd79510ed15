"""The pages of check-ins: a few taps on a telephone, the rhythm, the card for a crisis, and texts that came in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from directory.domain.access import Role
from directory.services.bridge.rhythms import check_ins_missed, rhythms_keep
from directory.services.bridge.text_replies import text_key
from directory.services.sealing import seal
from directory.services.tasks import task_open
from directory.storage import db
from directory.storage.bridge import check_ins, text_replies
from directory.storage.waitlist import clients
from directory.storage.waitlist.entries import EntryNow
from directory.web.bridge.texts import INCOMING
from tests.pages import checked, words
from tests.services.waitlist.agency import CALLED, PHONE
from tests.services.waitlist.world import NOW
from tests.web.bridge.test_goals import accompanied
from tests.web.test_openings import sent_back
from tests.web.waitlist.persons import SETTINGS, Keeping

NOTE = "The heron came back"


def url(entry: EntryNow, more: str = "") -> str:
    return f"/clients/{entry.upi}/check-ins{more}"


def form(keeper: Keeping, entry: EntryNow) -> dict[str, str]:
    return sent_back(keeper.browser.page(url(entry)), url(entry))


def taps(keeper: Keeping, entry: EntryNow, said: str = "yes", **more: str) -> str:
    """Where a check-in leads that says this."""
    return keeper.browser.is_sent_to(keeper.browser.send(url(entry), **form(keeper, entry) | {"said": said} | more))


async def due(client: int) -> None:
    async with db.staging():
        await check_ins.rhythm_add(client=client, every_days=7, channel="call", due_at=NOW, by="test", now=NOW)


def due_by_now(keeper: Keeping) -> None:
    keeper.run(rhythms_keep, now=NOW - timedelta(days=1))


# --- the taps ---


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_has_neither_name_nor_words_in_title_or_address(keeper: Keeping, language: str) -> None:
    entry = accompanied(keeper)
    taps(keeper, entry, feeling="4", note=NOTE)
    page = keeper.browser.page(url(entry), language=language)
    assert NOTE in page.text
    title = words(page.all("title")[0])
    assert not any(each in title for each in (CALLED, NOTE, entry.upi))
    assert NOTE not in str(page.response.request.url)


def test_a_feeling_and_a_tap_are_a_check_in_and_a_contact(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    assert taps(keeper, entry, feeling="4") == url(entry, "?done=noted")
    text = words(keeper.browser.page(url(entry)).one("main"))
    assert "Good, still waiting." in text
    assert "In the last 4 weeks: 1 of 1 check-in reached them." in text
    assert "Talked to them" in keeper.person(entry).text


def test_nobody_answered_is_one_tap_whatever_was_tapped_before(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    assert taps(keeper, entry, "not-reached", feeling="4") == url(entry, "?done=not-reached")
    assert "Nobody answered." in words(keeper.browser.page(url(entry)).one("main"))
    assert keeper.rows(f"SELECT 1 FROM check_in WHERE client_id = {entry.client} AND feeling IS NOT NULL") == []


@pytest.mark.parametrize(
    "page", ["check-ins", "contact", "goals", "goals/new", "plan/edit", "interim", "emergency", "appeal"]
)
def test_every_page_about_them_says_whom_it_is_about_beneath_its_title(keeper: Keeping, page: str) -> None:
    entry = accompanied(keeper)
    found = keeper.browser.page(f"/clients/{entry.upi}/{page}")
    assert CALLED in words(found.all("p", class_="lead")[0])
    assert CALLED not in words(found.one("h1")) + words(found.all("title")[0])


def test_where_one_has_to_call_stands_the_number_with_when_it_is_safe(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    card = taps(keeper, entry, safety="suicide")
    for address in (url(entry), f"/clients/{entry.upi}/contact", card):
        ways = keeper.browser.page(address).one("ul", class_="reach")
        (call,) = ways.iter("a")
        assert str(call.get("href")).startswith("tel:")
        assert words(call) == f"Call {PHONE}"
        assert "after 5 pm" in words(ways)
        assert "Leave no message" in words(ways)


def test_the_card_says_what_was_ticked_to_who_reads_the_plan_alone(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    address = taps(keeper, entry, safety="violence")
    text = words(keeper.browser.page(address).one("main"))
    assert CALLED in text
    assert "Noted: today," in text
    assert "Spoken of: Violence" in text
    keeper.run(db.execute, text=f"UPDATE client SET peer_id = NULL WHERE id = {entry.client}")
    assert "Spoken of" not in keeper.browser.page(address).text


def test_after_a_check_in_the_form_is_folded_and_the_way_to_the_next_one_stands_open(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    links = keeper.browser.page(taps(keeper, entry, feeling="4")).links()
    assert links["Who is next"] == "/board?due=check-in"
    assert links["Back to your board"] == "/board"
    assert keeper.browser.page(url(entry, "?done=noted")).one("details", id="another").get("open") is None
    assert keeper.browser.page(url(entry)).all("details", id="another") == []


def test_where_nobody_answered_the_page_says_what_is_next(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    keeper.run(due, client=entry.client)
    notice = keeper.browser.page(taps(keeper, entry, "not-reached")).one("p", role="status")
    assert "No other way is written down: ask where you could meet them. A coordinator joins in:" in words(notice)


def test_who_waits_no_more_stands_on_the_board_until_a_place_ends(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    taps(keeper, entry, "no")
    panel = keeper.person(entry).one("section", class_="panel")
    assert "they said that they wait no more" in words(panel)
    assert f"/clients/{entry.upi}#places" in keeper.browser.page("/board?due=over").links().values()
    keeper.does(entry, "close", close_reason="withdrew")
    assert "they said that they wait no more" not in keeper.person(entry).text


def test_danger_that_a_sister_tells_of_leads_to_the_card_though_nobody_answered(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    address = taps(keeper, entry, "not-reached", safety="suicide")
    assert re.fullmatch(rf"/clients/{entry.upi}/check-ins/\d+/now", address)
    assert keeper.browser.page(address).all("a", href="tel:988")
    assert "Nobody answered. Spoken of: Thoughts of suicide." in keeper.browser.page(url(entry)).text


def test_who_waits_no_more_loses_nothing_and_the_page_leads_to_their_places(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    assert taps(keeper, entry, "no") == url(entry, "?done=not-waiting")
    page = keeper.browser.page(url(entry, "?done=not-waiting"))
    assert "Nothing has ended by it" in page.text
    assert keeper.entry(entry).status == entry.status


def test_the_same_form_counts_once(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    sent = form(keeper, entry) | {"said": "yes"}
    answers = [keeper.browser.is_sent_to(keeper.browser.send(url(entry), **sent)) for _ in range(2)]
    assert answers == [url(entry, "?done=noted"), url(entry, "?done=before")]


@pytest.mark.parametrize(
    ("given", "field"), [({"feeling": "9"}, "feeling"), ({"note": "x" * 1001}, "note"), ({"channel": "owl"}, "channel")]
)
def test_what_is_wrong_stands_by_its_field_and_nothing_typed_is_lost(
    keeper: Keeping, given: dict[str, str], field: str
) -> None:
    entry = accompanied(keeper)
    answer = keeper.browser.send(url(entry), **form(keeper, entry) | {"said": "yes", "safety": "violence"} | given)
    assert answer.status_code == 422
    page = checked(answer)
    assert words(page.one("a", href=f"#{field}"))
    assert page.one("input", name="safety", value="violence").get("checked") is not None


def test_the_board_says_that_a_check_in_is_due_and_its_button_leads_to_the_taps(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    keeper.run(due, client=entry.client)
    lines = [each for each in keeper.person(entry).all("a", class_="button") if each.get("href") == url(entry)]
    assert "Check in" in [words(line) for line in lines]
    text = keeper.browser.page("/board?due=check-in").text
    assert "Ask how they are: it is due on" in text


def test_a_missed_one_names_the_second_way_and_then_the_coordinator(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    due_by_now(keeper)
    for days, said in ((8, "Missed:"), (10, "A coordinator looks for a way together with you.")):
        keeper.run(check_ins_missed, now=NOW + timedelta(days=days))
        assert said in words(keeper.browser.page(url(entry)).one("main"))
    keeper.browser.becomes(Role.COORDINATOR)
    assert "neither their usual way nor another one reached them" in keeper.browser.page("/tasks").text


# --- the rhythm ---


def test_the_rhythm_and_a_pause_are_set_as_they_like_it(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    address = url(entry, "/rhythm")
    given = {"every_days": "3", "way": "text", "paused_until": "2026-03-09"}
    sent = sent_back(keeper.browser.page(url(entry)), address) | given
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **sent)) == url(entry, "?done=saved")
    text = words(keeper.browser.page(url(entry)).one("main"))
    assert "Paused until Mon 9 Mar" in text
    assert "Every 3 days, by text" in text
    assert keeper.browser.is_sent_to(keeper.browser.send(address, **sent)) == url(entry, "?done=newer")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"every_days": "40"}, "Write a whole number from 1 to 30."),
        ({"every_days": "often"}, "Write a whole number from 1 to 30."),
        ({"paused_until": "2025-01-01"}, "Write a day from today on, 60 days from now at the most."),
        ({"paused_until": "soon"}, "Write a day, such as 2026-04-30, or leave it empty."),
    ],
)
def test_what_is_no_rhythm_is_told_and_stays_as_typed(keeper: Keeping, given: dict[str, str], said: str) -> None:
    entry = accompanied(keeper)
    address = url(entry, "/rhythm")
    answer = keeper.browser.send(address, **sent_back(keeper.browser.page(url(entry)), address) | given)
    assert answer.status_code == 422
    page = checked(answer)
    assert said in page.text
    ((name, value),) = given.items()
    assert page.one("input", name=name).get("value") == value


# --- a crisis ---


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_word_of_danger_leads_to_the_card_with_numbers_role_and_whom_to_tell(keeper: Keeping, language: str) -> None:
    entry = accompanied(keeper)
    address = taps(keeper, entry, feeling="1", safety="suicide")
    assert re.fullmatch(rf"/clients/{entry.upi}/check-ins/\d+/now", address)
    page = keeper.browser.page(address, language=language)
    links = {link.get("href") for link in page.all("a")}
    assert {"tel:988", "sms:988", "tel:911"} <= links
    text = words(page.one("main"))
    assert CALLED not in words(page.all("title")[0]) + words(page.one("h1"))
    assert ("not to treat" if language == "en" else "no tratarla") in text
    (name,) = keeper.rows(f"SELECT name FROM person WHERE id = {keeper.made.coordinator.person}")
    assert name["name"] in text


def test_the_card_is_settled_by_whoever_has_seen_to_it(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    address = taps(keeper, entry, safety="violence")
    (button,) = keeper.person(entry).all("a", class_="main")
    assert button.get("href") == address
    assert keeper.browser.is_sent_to(keeper.browser.send(address)) == address
    page = keeper.browser.page(address)
    assert "Somebody has seen to it." in page.text
    assert not page.all("form", action=address)
    assert address not in keeper.person(entry).text


def test_the_card_has_a_part_for_help_and_one_for_naloxone_near_them(keeper: Keeping) -> None:
    """What stands there: tests/services/bridge/test_crises.py."""
    entry = accompanied(keeper)
    page = keeper.browser.page(taps(keeper, entry, safety="overdose"))
    assert [words(page.one("h2", id=name)) for name in ("near", "naloxone")] == [
        "Help in a crisis near them",
        "Naloxone and safer use near them",
    ]


def test_enter_taps_none_of_the_buttons_of_a_check_in(keeper: Keeping) -> None:
    """HTML, implicit submission: a form whose first button is disabled is not sent by Enter."""
    entry = accompanied(keeper)
    (form,) = [each for each in keeper.browser.page(url(entry)).all("form") if each.get("action") == url(entry)]
    taps = [each for each in form.iter() if each.tag == "button" or each.get("type") == "submit"]
    assert taps[0].get("disabled") is not None
    assert {each.get("name") for each in taps[1:]} == {"said"}


# --- texts ---


def test_a_text_is_read_by_their_peer_and_forgotten_with_a_tap(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    keeper.run(came_in, client=entry.client)
    page = keeper.browser.page(url(entry))
    assert NOTE in page.text
    assert "They wrote a text on" in words(keeper.person(entry).one("section", class_="panel"))
    address = url(entry, "/text")
    assert "With this tap the words are forgotten for good:" in page.text
    (button,) = page.all("button", name="text")
    answer = keeper.browser.send(address, text=str(button.get("value")))
    assert keeper.browser.is_sent_to(answer) == url(entry, "?done=read")
    assert NOTE not in keeper.browser.page(url(entry)).text


def test_another_peer_sees_that_a_text_came_in_and_neither_its_words_nor_earlier_notes(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    keeper.run(came_in, client=entry.client)
    taps(keeper, entry, feeling="2", note=NOTE)
    keeper.run(db.execute, text=f"UPDATE client SET peer_id = NULL WHERE id = {entry.client}")
    page = keeper.browser.page(url(entry))
    assert NOTE not in page.text
    assert "Only their own peer and a coordinator read it." in page.text
    assert "In the last 4 weeks: 1 of 1 check-in reached them." in page.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_text_to_read_now_stands_first_on_the_board_and_marked_on_its_page(keeper: Keeping, language: str) -> None:
    entry = accompanied(keeper)
    keeper.run(came_in, client=entry.client, is_now=True)
    board = keeper.browser.page("/board?due=text-now", language=language)
    assert ("A text to read now" if language == "en" else "Un mensaje que hay que leer ya") in board.text
    (button,) = keeper.person(entry).all("a", class_="main")
    assert button.get("href") == url(entry)
    text = keeper.browser.page(url(entry), language=language).text
    assert ("Read it now" if language == "en" else "Léalo ya") in text
    keeper.browser.becomes(Role.COORDINATOR)
    tasks = keeper.browser.page("/tasks").text
    assert "A text came in that somebody has to read now." in tasks
    assert NOTE not in tasks


async def came_in(client: int, *, is_now: bool = False) -> None:
    async with db.staging():
        sealed = seal({"words": NOTE}, SETTINGS)
        id = await text_replies.add(
            message=f"SM{client}", client=client, kind="other", sealed=sealed, is_settled=False, now=NOW
        )
        row = await clients.by_id(client)
        assert id is not None
        assert row is not None
        if is_now:
            address = f"/clients/{row.upi}/check-ins"
            await task_open(kind="text-now", key=text_key(id), words={}, address=address, agency=row.agency, now=NOW)


def test_their_own_copy_has_check_ins_and_texts(keeper: Keeping) -> None:
    entry = accompanied(keeper)
    taps(keeper, entry, feeling="2", note="Needs a tent", safety="overdose")
    keeper.run(came_in, client=entry.client)
    text = keeper.browser.page(f"/clients/{entry.upi}/copy").text
    for said in ("Needs a tent", "An overdose, or fear of one", NOTE):
        assert said in text


def test_a_site_without_a_gateway_takes_no_texts(keeper: Keeping) -> None:
    keeper.browser.client.cookies.clear()
    assert keeper.browser.client.post(INCOMING, data={"MessageSid": "SM1"}).status_code == 404
