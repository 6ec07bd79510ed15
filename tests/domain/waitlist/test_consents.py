"""Consent: whole, in force and naming the agency, or nothing is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from directory.domain.waitlist.consents import Consent, Purpose, Scope, allows, is_valid, lacks

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
WHOLE = Consent(
    client="Ro Fern",
    discloser="Larkspur Peer Bridge",
    scope=frozenset({Scope.NAME, Scope.CONTACT}),
    agencies=frozenset({4, 5}),
    purpose=Purpose.PLACEMENT,
    signed_by="Ro Fern",
    signed_on=TODAY,
    expires_on=TODAY + timedelta(days=90),
    may_revoke_told=True,
)


@pytest.mark.parametrize(
    ("without", "code"),
    [
        (replace(WHOLE, client=" "), "client"),
        (replace(WHOLE, discloser=""), "discloser"),
        (replace(WHOLE, scope=frozenset()), "scope"),
        (replace(WHOLE, agencies=frozenset()), "agencies"),
        (replace(WHOLE, purpose=None), "purpose"),
        (replace(WHOLE, may_revoke_told=False), "right-to-revoke"),
        (replace(WHOLE, expires_on=None), "expiry"),
        (replace(WHOLE, signed_by=""), "signature"),
        (replace(WHOLE, signed_on=None), "date"),
    ],
)
def test_each_element_of_42_cfr_2_31_a_must_be_there(without: Consent, code: str) -> None:
    assert lacks(WHOLE) == ()
    assert lacks(without) == (code,)
    assert not is_valid(without, today=TODAY, now=NOW)


def test_an_event_will_do_as_an_expiry_and_for_tpo_none_at_all() -> None:
    """42 CFR 2.31(a)(7); for TPO redisclosure and consequences are told as well (2.31(a)(10))."""
    assert lacks(replace(WHOLE, expires_on=None, expires_when="when I am placed")) == ()
    tpo = replace(WHOLE, purpose=Purpose.TREATMENT_PAYMENT_OPERATIONS, expires_on=None)
    assert lacks(tpo) == ("redisclosure", "consequences")
    assert lacks(replace(tpo, redisclosure_told=True, consequences_told=True)) == ()


def test_it_holds_to_the_end_of_its_last_day_and_not_a_moment_after_it_is_revoked() -> None:
    """42 CFR 2.31(c)."""
    last = TODAY + timedelta(days=90)
    assert is_valid(WHOLE, today=last, now=NOW)
    assert not is_valid(WHOLE, today=last + timedelta(days=1), now=NOW)
    assert not is_valid(WHOLE, today=TODAY - timedelta(days=1), now=NOW)
    revoked = replace(WHOLE, revoked_at=NOW)
    assert not is_valid(revoked, today=TODAY, now=NOW)
    assert is_valid(revoked, today=TODAY, now=NOW - timedelta(seconds=1))


def test_an_agency_is_told_what_valid_consents_that_name_it_allow_and_no_other_is_told_anything() -> None:
    facts = replace(WHOLE, scope=frozenset({Scope.ELIGIBILITY}), agencies=frozenset({5}))
    old = replace(WHOLE, scope=frozenset({Scope.PRIORITY}), expires_on=TODAY - timedelta(days=1))
    given = (WHOLE, facts, old)
    assert allows(given, 4, today=TODAY, now=NOW) == {Scope.NAME, Scope.CONTACT}
    assert allows(given, 5, today=TODAY, now=NOW) == {Scope.NAME, Scope.CONTACT, Scope.ELIGIBILITY}
    assert allows(given, 6, today=TODAY, now=NOW) == frozenset()
    assert allows((), 4, today=TODAY, now=NOW) == frozenset()
