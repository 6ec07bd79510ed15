"""Lets Python look for garbage less often in a process of the tests: it holds far more than the site does, and half of what looking costs
went into going over the tests themselves, again and again.
"""

from __future__ import annotations

import gc

PILE = 500_000
"""Things made and not yet gone before the youngest are looked through: some hundred megabytes at most. Python's own number is 700."""


def collect_seldom() -> None:
    """From here on. What nothing refers to goes at once all the same; only what refers to itself waits."""
    gc.set_threshold(PILE, 10, 10)


def pass_over_what_is_here() -> None:
    """Modules and tests stay until the process ends: from here on nobody looks through them."""
    gc.collect()
    gc.freeze()
