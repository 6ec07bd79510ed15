"""The readers of `tests/formats/test_any_input.py` a thousand times over, with new files at every run."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.formats.anything import CASES, check


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES)
@settings(max_examples=1000, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_thousand_files_are_refused_or_told_row_by_row(case: str, data: st.DataObject) -> None:
    name, files = CASES[case]
    check(name, data.draw(files))
