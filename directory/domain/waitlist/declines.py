"""Why somebody says no to an offer, and what each reason leads to. Nobody loses their place by saying no (WAITLIST 3.2, 5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from directory.domain.waitlist.states import DECLINES_BEFORE_A_TALK


class Next(StrEnum):
    """What the peer is led to after a no. Each is a step that a person takes, and none is taken by itself."""

    NOTHING = "nothing"
    HOLD = "hold"
    CLOSE = "close"
    FACTS = "facts"
    TALK = "talk"


DECLINES: Mapping[str, Next] = {
    "not-now": Next.HOLD,
    "too-far": Next.NOTHING,
    "not-this-place": Next.NOTHING,
    "health-safety": Next.NOTHING,
    "other-place": Next.CLOSE,
    "ineligible": Next.FACTS,
    "refused": Next.TALK,
    "other": Next.NOTHING,
}
"""By the code of a reason. A no for health or safety leads to nothing at all; who does not fit is asked again what decides."""
CANCELS = ("changed-mind", "ill", "no-transport", "other-place", "agency-cannot", "other")
"""Why nothing comes of an offer that was accepted."""


def next_steps(reason: str, declined: int) -> tuple[Next, ...]:
    """What to do after a no for this reason, the most useful first. `declined` counts all offers that somebody has said no to.

    After the second a talk is due: what is it that they would say yes to? It never takes anybody off a line.
    """
    step = DECLINES.get(reason, Next.NOTHING)
    talk = (Next.TALK,) if declined >= DECLINES_BEFORE_A_TALK else ()
    return tuple(dict.fromkeys(each for each in (*talk, step) if each is not Next.NOTHING))
