"""On the page behind a card: how somebody is today, in words that fit any kind of waiting, once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.pages import Page, words
from tests.web.waitlist.test_status import Phone, phone, town

__all__ = ["phone", "town"]


def feelings(page: Page) -> list[str]:
    return [str(button.get("value")) for button in page.all("button", name="feeling")]


def test_the_card_asks_how_they_are_in_neutral_words_and_988_stands_beside_it(phone: Phone) -> None:
    page = phone.opens(ahead=11)
    assert feelings(page) == ["1", "2", "3", "4", "5"]
    text = words(page.one("main"))
    assert "How are you today?" in text
    assert "call or text 988" in text
    assert "If you tap “very bad”, your peer sees it today." in text
    assert {"tel:988", "sms:988"} <= {link.get("href") for link in page.one("main").iter("a")}
    assert not any(word in text.lower() for word in ("suicide", "overdose", "violence", "treatment"))


def test_one_tap_a_day_says_how_they_are_and_that_they_still_wait(phone: Phone) -> None:
    _, code = phone.waits(ahead=11)
    phone.sent(code=code)
    for feeling in ("4", "2"):
        assert phone.sent("/status/check", feeling=feeling).headers["location"] == "/status"
    page = phone.page()
    assert feelings(page) == []
    assert words(page.one("div", role="status")) == (
        "Thank you. We know how you are today, and that you are still waiting."
    )
    phone.clock[0] += timedelta(days=1)
    phone.client.cookies.clear()
    phone.sent(code=code)
    assert feelings(phone.page()) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("feeling", ["0", "6", "", "x"])
def test_what_is_no_feeling_is_not_kept(phone: Phone, feeling: str) -> None:
    phone.opens(ahead=11)
    assert phone.sent("/status/check", feeling=feeling).status_code == 303
    assert feelings(phone.page()) == ["1", "2", "3", "4", "5"]


def test_without_a_session_nothing_is_kept(phone: Phone) -> None:
    phone.client.cookies.clear()
    assert phone.sent("/status/check", feeling="3").headers["location"] == "/status"
