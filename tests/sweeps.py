"""Sweeps over many values of which every run of the suite tries some, and the long runs (`make soak`) the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def swept(values: Iterable[Any], *, always: int) -> list[Any]:
    """The values of a sweep, over pages, languages or rolls of the dice: the first ones in each run of the suite, the rest with the long runs."""
    return [
        value if place < always else pytest.param(value, marks=pytest.mark.soak) for place, value in enumerate(values)
    ]
