"""Whatever a file holds, every reader refuses it or tells of each of its rows: no other error ever comes out."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.formats.column_map import MapError, load_map
from directory.formats.hours import read_days, read_hours
from directory.formats.phones import read_phones
from tests.formats.anything import CASES, check

few = settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("case", CASES)
@few
@given(data=st.data())
def test_any_file_is_refused_or_every_row_of_it_is_told(case: str, data: st.DataObject) -> None:
    name, files = CASES[case]
    check(name, data.draw(files))


@few
@given(text=st.text(alphabet="0123456789 -:apm,;.&MonTueWedFri/x#()+", max_size=60))
def test_hours_and_telephones_of_any_text_are_read_or_left(text: str) -> None:
    windows = read_hours(text)
    assert windows is None or all(0 < window.minutes <= 24 * 60 for window in windows)
    days = read_days(text)
    assert days is None or set(days) <= set(range(7))
    assert all(phone.number for phone in read_phones(text))


@few
@given(content=st.binary(max_size=200))
def test_a_map_of_noise_is_refused(content: bytes) -> None:
    with pytest.raises(MapError):
        load_map(BytesIO(content))
