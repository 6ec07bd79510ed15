from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from directory.services.clock import clock_of
from directory.settings import BadSettings, Settings


def test_without_a_file_the_clock_is_the_machines_and_says_utc() -> None:
    moment = clock_of(Settings())()
    assert moment.tzinfo is UTC
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_file_stands_in_for_the_clock_and_is_read_at_each_call(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-03-02T19:00:00-05:00\n", encoding="ascii")
    clock = clock_of(Settings(clock=str(file)))
    assert clock() == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert clock().tzinfo is UTC
    file.write_text("2026-03-08T03:30:00-04:00", encoding="ascii")
    assert clock() == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "2026-03-02T19:00:00", "2026-13-02T19:00:00-05:00"])
def test_a_file_without_a_whole_time_is_refused_in_one_line_that_shows_how_to_write_it(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "clock"
    file.write_text(text, encoding="ascii")
    with pytest.raises(BadSettings) as refused:
        clock_of(Settings(clock=str(file)))()
    assert "DIRECTORY_CLOCK" in str(refused.value)
    assert "2026-03-02T19:00:00-05:00" in str(refused.value)
    assert "\n" not in str(refused.value)
