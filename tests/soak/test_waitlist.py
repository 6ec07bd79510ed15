"""Longer random walks through the waitlist than `make test` has time for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.services.waitlist.test_machine import walk

pytestmark = pytest.mark.soak


def test_no_long_sequence_of_steps_breaks_what_must_hold(
    engine: str, new_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path: Path
) -> None:
    with new_database(engine, tmp_path) as url:
        walk(url, examples=30, steps=40)
