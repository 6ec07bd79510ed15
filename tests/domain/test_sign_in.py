"""The rules of signing in, as tables: passwords, pauses, parts of a network, recovery codes and tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from directory.domain.sign_in import (
    HALVED,
    OF_ACCOUNT,
    Pace,
    Tries,
    counted,
    email_problems,
    fold_email,
    password_problems,
    pause,
    prefix_of,
    tries_now,
)
from directory.domain.tokens import CODE_BYTES, code_read, code_text, key_for, token_hash, token_text

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
OWN = ("ana@example.org", "ana", "example.org", "Footbridge")


@pytest.mark.parametrize(
    ("password", "is_common", "code"),
    [
        ("heron-walks-on-marsh", False, None),
        ("twelve signs", False, None),
        ("пароль из слов", False, None),
        ("eleven-sign", False, "too-short"),
        ("x" * 128, False, None),
        ("x" * 129, False, "too-long"),
        ("footbridge123", False, "own-words"),
        ("EXAMPLE.ORGana", False, "own-words"),
        ("footbridge over the marsh", False, None),
        ("qwertyuiopas", True, "common"),
    ],
)
def test_a_password_is_long_uncommon_and_not_ones_own_name(password: str, is_common: bool, code: str | None) -> None:
    problems = password_problems(password, own=OWN, is_common=is_common)
    assert [problem.code for problem in problems] == ([code] if code else [])
    assert all(problem.value == str(len(password)) for problem in problems)


@pytest.mark.parametrize(
    ("typed", "folded", "is_good"),
    [
        (" Ana@Example.ORG ", "ana@example.org", True),
        ("ana", "ana", False),
        ("ana@example.org, ben@example.org", "ana@example.org, ben@example.org", False),
        ("ana@example.org\nBcc: x", "ana@example.org\nbcc: x", False),
        ("a" * 255 + "@example.org", "a" * 255 + "@example.org", False),
        ("", "", False),
    ],
)
def test_an_address_is_one_address_whatever_its_capitals(typed: str, folded: str, is_good: bool) -> None:
    assert fold_email(typed) == folded
    assert (email_problems(typed) == ()) is is_good


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (8, 8), (10, 32), (11, 60), (50, 60), (5000, 60)]
)
def test_each_try_makes_the_next_wait_longer_up_to_a_minute(count: float, seconds: int) -> None:
    tries = Tries(count, NOW)
    assert pause(tries, OF_ACCOUNT, NOW).total_seconds() == seconds
    assert pause(tries, OF_ACCOUNT, NOW + timedelta(seconds=seconds)) == timedelta()
    assert pause(None, OF_ACCOUNT, NOW) == timedelta()


def test_tries_are_forgotten_with_time() -> None:
    tries = Tries(16, NOW)
    assert tries_now(tries, NOW + HALVED) == 8
    assert counted(tries, NOW + 4 * HALVED) == Tries(2, NOW + 4 * HALVED)
    assert pause(counted(tries, NOW + 4 * HALVED), Pace(3, HALVED), NOW + 4 * HALVED) == timedelta()
    assert (
        tries_now(tries, NOW - timedelta(hours=1)) == 16
    )  # a clock that was set back forgets nothing and adds nothing


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_an_address_is_counted_with_its_neighbours(address: str, prefix: str) -> None:
    assert prefix_of(address) == prefix


def test_a_recovery_code_is_read_however_it_is_typed() -> None:
    code = code_text(bytes(range(CODE_BYTES)))
    assert code == "000G-40R4-0M30-E209"
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("0", "O"), f"  {code} ".replace("-", " - ")):
        assert code_read(typed) == "000G40R40M30E209"
    for wrong in ("", "123456", code[:-1], code + "0", "UUUU-UUUU-UUUU-UUUU"):
        assert code_read(wrong) == ""


def test_a_token_is_long_and_only_its_hash_is_kept() -> None:
    token = token_text(bytes(range(32)))
    assert len(token) == 43
    assert token not in token_hash(token)
    assert len(token_hash(token)) == 64
    assert [token_hash(wrong) for wrong in ("", token[1:], token + "a", token[:-1] + "!", token + "\n")] == [""] * 5
    with pytest.raises(ValueError):
        token_text(b"short")


def test_each_purpose_has_a_key_of_its_own() -> None:
    keys = {key_for(secret, purpose) for secret in ("one", "two") for purpose in ("tries", "second-factor")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
