"""Which reader a format has."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from directory.formats.mapped import load_map
from directory.formats.rows import Row
from directory.services.readers import FORMATS, reader_of
from tests.formats.books import BOOK
from tests.formats.golden import FIXTURES

MAP = Path(__file__).parents[2] / "seeds" / "maps" / "toronto-shelters.toml"
FILES = {
    "meeting-guide": "meeting_guide.json",
    "samhsa": "samhsa.csv",
    "smart": "smart.json",
    "dhcs": "dhcs.csv",
    "csv": "maps/toronto-shelters.csv",
}


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_has_a_reader(format: str) -> None:
    column_map = load_map(BytesIO(MAP.read_bytes()))
    with (FIXTURES / FILES[format]).open("rb") as stream:
        rows = [row for row in reader_of(format, column_map=column_map)(stream, BOOK) if isinstance(row, Row)]
    assert rows


@pytest.mark.parametrize("format", ["moon", "csv"])
def test_an_unknown_format_and_a_csv_file_without_its_map_have_none(format: str) -> None:
    with pytest.raises(ValueError, match=format):
        reader_of(format)


@pytest.mark.parametrize(("fellowship", "program"), [(None, None), ("al-anon", "al-anon")])
def test_whose_meetings_they_are_is_known_only_where_somebody_says_it(
    fellowship: str | None, program: str | None
) -> None:
    content = b'[{"name": "Heron", "slug": "a", "day": 1, "time": "19:00", "city": "Oldtown", "state": "VT", "address": "3 Elm St"}]'
    [row] = reader_of("meeting-guide", fellowship=fellowship)(BytesIO(content), BOOK)
    assert isinstance(row, Row)
    assert row.draft.program == program


def test_times_of_the_smart_list_are_turned_into_those_of_the_place() -> None:
    with (FIXTURES / "smart.json").open("rb") as stream:
        zones = [row.draft.address.timezone for row in reader_of("smart")(stream, BOOK) if isinstance(row, Row)]
    assert "America/Los_Angeles" in zones
