"""What a no leads to, by its reason."""

from __future__ import annotations

import pytest

from directory.domain.waitlist.declines import DECLINES, Next, next_steps


@pytest.mark.parametrize(
    ("reason", "declined", "steps"),
    [
        ("not-now", 1, (Next.HOLD,)),
        ("too-far", 1, ()),
        ("health-safety", 1, ()),
        ("other-place", 1, (Next.CLOSE,)),
        ("ineligible", 1, (Next.FACTS,)),
        ("refused", 1, (Next.TALK,)),
        ("too-far", 2, (Next.TALK,)),
        ("not-now", 3, (Next.TALK, Next.HOLD)),
        ("refused", 2, (Next.TALK,)),
        ("something-older", 1, ()),
    ],
)
def test_each_reason_leads_on_and_the_second_no_to_a_talk(reason: str, declined: int, steps: tuple[Next, ...]) -> None:
    """WAITLIST 3.2, 5.4."""
    assert next_steps(reason, declined) == steps


def test_no_reason_by_itself_takes_anybody_off_a_line() -> None:
    """WAITLIST 3.2: one declined offer never closes an entry; to close is offered where somebody has a place, and a person does it."""
    assert [reason for reason in DECLINES if Next.CLOSE in next_steps(reason, 1)] == ["other-place"]
