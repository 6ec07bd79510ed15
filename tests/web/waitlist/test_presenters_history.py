"""The history of somebody's places in words."""

from __future__ import annotations

from typing import Any

import pytest

from directory.services.waitlist.history import Step
from directory.web.waitlist.presenters_history import step_item
from tests.services.waitlist.world import NOW


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"tier": 9}, "Joined the line"),
        ({"tier": 9, "call": 4}, "Joined the line; the moment at which they asked to be called counts"),
    ],
)
def test_who_asked_to_be_called_is_told_from_when_their_place_counts(details: dict[str, Any], said: str) -> None:
    """WAITLIST 3.2: the request is older than the place, and the history says why."""
    assert step_item(Step(1, NOW, "person 1", "joined", None, details), "UTC", {1: "Beds"})[0] == said


@pytest.mark.parametrize(
    ("what", "after", "said"),
    [
        ("tier-raised", 2, "Came to a better group: Pregnant"),
        ("tier-raised", 4, "Came to a better group: 1 after the law"),
        ("tier-lowered", 9, "Came to another group: All others, on which two people agreed"),
    ],
)
def test_a_step_to_another_group_says_which(what: str, after: int, said: str) -> None:
    """WAITLIST 3.5: with the details that services/waitlist/tiers.py writes."""
    step = Step(1, NOW, "person 1", what, None, {"tier_before": 3, "tier_after": after})
    assert step_item(step, "UTC", {1: "Beds"})[0] == said
