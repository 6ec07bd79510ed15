from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest

from directory.domain.notices import (
    DEAD,
    LEASE,
    MOST_TRIES,
    PAUSES,
    TEMPLATES,
    WAITING,
    NotDelivered,
    Step,
    after,
    is_mail_address,
    is_phone_number,
    is_too_late,
    is_whole,
    masked,
    without_secrets,
)

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
BUSY = NotDelivered("reader refused: 450")


def step(trouble: NotDelivered = BUSY, tries: int = 1, good_until: datetime | None = None) -> Step:
    return after(trouble, tries=tries, now=NOW, good_until=good_until)


def test_a_message_waits_longer_after_each_attempt_and_is_given_up_within_two_days() -> None:
    waits = [step(tries=tries).due_at - NOW for tries in range(1, MOST_TRIES)]
    assert waits == sorted(set(waits)) == list(PAUSES)
    assert timedelta(days=1) < list(accumulate(waits))[-1] < timedelta(days=2)
    assert step(tries=MOST_TRIES) == Step(DEAD, NOW, "given up: reader refused: 450")


def test_a_message_that_waits_says_why() -> None:
    assert step() == Step(WAITING, NOW + PAUSES[0], "reader refused: 450")


def test_a_lasting_refusal_ends_a_message_at_once() -> None:
    assert step(NotDelivered("reader refused: 550", lasting=True)) == Step(DEAD, NOW, "reader refused: 550")


@pytest.mark.parametrize(("asked", "waited"), [(10, 60), (600, 600), (999_999, 86_400)])
def test_the_other_side_is_left_alone_as_long_as_it_asks_but_at_most_a_day(asked: int, waited: int) -> None:
    trouble = NotDelivered("refused: 429", pause=timedelta(seconds=asked))
    assert step(trouble).due_at - NOW == timedelta(seconds=waited)


def test_a_message_is_not_kept_for_a_time_when_its_link_has_ended() -> None:
    assert step(good_until=NOW + PAUSES[0]) == Step(DEAD, NOW, "too late: reader refused: 450")
    assert step(good_until=NOW + PAUSES[0] + timedelta(seconds=1)).state == WAITING


def test_a_message_without_an_end_is_never_too_late() -> None:
    assert not is_too_late(NOW, None)
    assert is_too_late(NOW, NOW)
    assert not is_too_late(NOW, NOW + timedelta(seconds=1))


def test_an_attempt_ends_long_before_its_lease() -> None:
    from directory.gateways.messengers import PARTING_SECONDS, SECONDS

    assert timedelta(seconds=2 * (SECONDS + PARTING_SECONDS)) < LEASE


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_stays_of_a_message_holds_no_secret(name: str) -> None:
    words = dict.fromkeys(TEMPLATES[name].words, "x")
    kept = without_secrets(name, words)
    assert is_whole(name, words, "wren@example.org")
    assert not is_whole(name, words, "")
    assert set(kept) == TEMPLATES[name].words - TEMPLATES[name].secrets
    assert is_whole(name, kept, "wren@example.org") is not bool(TEMPLATES[name].secrets)


def test_nothing_stays_of_a_message_that_nobody_knows_any_more() -> None:
    assert without_secrets("of-long-ago", {"link": "x"}) == {}
    assert not is_whole("of-long-ago", {}, "wren@example.org")


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["wren@example.org", "w.r-e_n+x@mail.example.org", "root@localhost", "W@EXAMPLE.ORG"])
def test_an_address_of_a_mail_is_known(text: str) -> None:
    assert is_mail_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "wren", "@example.org", "wren@", "wren@-example.org", "wren@example..org", "wren@example.org.", "a b@example.org",
        "wren@example.org\n", "wren@example.org\r\nBcc: all@example.org", "Wren <wren@example.org>", "wren@example.org,all@example.org",
        ".a@example.org", "a.@example.org", "w..ren@example.org", "=?utf-8?q?a?=@example.org", "a@b.-c.org", "señora@example.org", "wren@señora.org", "a@b@example.org", "x" * 65 + "@example.org", "w@" + "x" * 253,
    ],
)  # fmt: skip
def test_what_cannot_be_the_one_address_of_a_mail_is_refused(text: str) -> None:
    assert not is_mail_address(text)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("+15555550100", True),
        ("15555550100", False),
        ("+05555550100", False),
        ("+1 555 555 0100", False),
        ("+1555\n", False),
        ("+" + "5" * 16, False),
    ],
)
def test_a_number_is_one_in_the_international_form(text: str, good: bool) -> None:
    assert is_phone_number(text) is good


@pytest.mark.parametrize(("address", "shown"), [("wren@example.org", "w…@example.org"), ("+15555550123", "…23")])
def test_an_operator_sees_no_whole_address(address: str, shown: str) -> None:
    assert masked(address) == shown
