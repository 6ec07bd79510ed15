"""Somebody's own waiting list: what the columns of a file mean, and what of a row can be read."""

from __future__ import annotations

from datetime import date, time
from io import BytesIO

import openpyxl
import pytest

from directory.domain.errors import UnreadableFile
from directory.formats.column_map import MapError
from directory.formats.waitlist_map import PLAIN, LineMap, load_line_map
from directory.formats.waitlist_table import MOST_ROWS, Turned, Waiting, read_day, read_waiting

MAP = """
dates = "mdy"
yes = ["yes", "positive"]

[columns]
name = ["First name", "Last name"]
requested = "Date called"
line = "Program"

[facts]
pregnant = "Pregnant?"
sex = "Gender"

[lines]
"Detox N" = "Detox, north"

[values.sex]
F = "female"
"""


def rows(text: str, layout: LineMap = PLAIN) -> list[Waiting | Turned]:
    return list(read_waiting(BytesIO(text.encode()), layout, all_columns=layout is not PLAIN))


def read_map(text: str) -> LineMap:
    return load_line_map(BytesIO(text.encode()))


def test_a_file_whose_columns_are_called_as_the_fields_needs_no_map() -> None:
    (row,) = rows("Requested ,CALLED,phone,pregnant,Other\r\n2026-01-05,Ana,775-555-0100,Yes,x\r\n")
    assert isinstance(row, Waiting)
    assert (row.line, row.called, row.phone, row.requested_on) == (2, "Ana", "775-555-0100", date(2026, 1, 5))
    assert row.facts == (("pregnant", "yes"),)
    assert (row.pool, row.born, row.requested_time) == ("", None, None)


def test_a_map_says_which_columns_and_what_their_cells_mean() -> None:
    header = "First name,Last name,Date called,Program,Pregnant?,Gender"
    first, second = rows(f"{header}\nAna,Reed,1/5/2026,detox  n,POSITIVE,f\nBen,,1/6/26,Other,,\n", read_map(MAP))
    assert isinstance(first, Waiting)
    assert isinstance(second, Waiting)
    assert (first.called, first.name, first.pool) == ("Ana", "Ana Reed", "Detox, north")
    assert first.facts == (("pregnant", "yes"), ("sex", "female"))
    assert (second.pool, second.facts) == ("Other", ()), "what is blank is not known, and never a no"


def test_a_workbook_is_read_like_a_csv_file() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["called", "requested", "phone", "note"])
    book.active.append(["Ana", date(2026, 1, 5), 5555550100])
    book.active.append([])
    book.active.append(["Ben", "soon"])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    first, second = read_waiting(file, PLAIN, all_columns=False)
    assert isinstance(first, Waiting)
    assert (first.line, first.phone, first.requested_on) == (2, "5555550100", date(2026, 1, 5))
    assert isinstance(second, Turned)
    assert second.rejected.line == 4


def test_a_row_that_is_turned_away_keeps_what_stood_there_apart_from_the_reason() -> None:
    (row,) = rows("called,requested,phone\nAna Secret,soon,12\n")
    assert isinstance(row, Turned)
    assert row.rejected.reason == ("the day of the request is no date; the telephone number lacks its area code")
    assert ("called", "Ana Secret") in row.cells
    assert "Secret" not in row.rejected.reason


def test_a_row_with_too_many_cells_is_turned_away_with_its_line() -> None:
    (row,) = rows("called,requested\nAna,2026-01-05,more\n")
    assert isinstance(row, Turned)
    assert row.rejected.reason == "3 columns instead of 2"


@pytest.mark.parametrize(
    ("text", "dates", "day"),
    [
        ("2026-01-05", "mdy", (date(2026, 1, 5), None)),
        ("2026-01-05 14:30", "iso", (date(2026, 1, 5), time(14, 30))),
        ("2026-01-05T14:30:59", "iso", (date(2026, 1, 5), time(14, 30))),
        ("1/5/2026", "mdy", (date(2026, 1, 5), None)),
        ("5.1.26", "dmy", (date(2026, 1, 5), None)),
        ("1/5/26 2:30 PM", "mdy", (date(2026, 1, 5), time(14, 30))),
        ("1/5/26 12:05 a.m.", "mdy", (date(2026, 1, 5), time(0, 5))),
        ("3/4/85", "mdy", (date(1985, 3, 4), None)),
        ("1/5/2026", "iso", None),
        ("2026-02-30", "iso", None),
        ("13/1/2026", "mdy", None),
        ("1/5/202", "mdy", None),
        ("1/5/26 25:00", "mdy", None),
        ("soon", "mdy", None),
        ("", "iso", None),
    ],
)
def test_a_day_is_read_in_the_order_of_its_file(text: str, dates: str, day: object) -> None:
    assert read_day(text, dates) == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns", "not TOML"),
        ('[columns]\nname = "Name"\n', "columns: no requested"),
        ('[columns]\nrequested = "Date"\n', "columns: no name and no called"),
        ('[columns]\nrequested = "Date"\nname = "N"\nbirthday = "B"\n', "columns: unknown key 'birthday'"),
        ('colour = "red"\n[columns]\nrequested = "Date"\nname = "N"\n', "the map: unknown key 'colour'"),
        ('[columns]\nrequested = "Date"\nname = []\n', "columns.name: a text or a list"),
        ('[columns]\nrequested = "Date"\nname = 3\n', "columns.name: a text is needed"),
        ('[columns]\nrequested = "Date"\nname = "N"\n[facts]\nhappy = "H"\n', "facts: unknown key 'happy'"),
        ('dates = "us"\n[columns]\nrequested = "Date"\nname = "N"\n', "dates: unknown value 'us'"),
        ('delimiter = ";;"\n[columns]\nrequested = "Date"\nname = "N"\n', "delimiter: one sign"),
        ('values = 3\n[columns]\nrequested = "Date"\nname = "N"\n', "values: a table is needed"),
    ],
)
def test_a_map_that_cannot_be_used_is_refused_with_the_key_at_fault(text: str, said: str) -> None:
    with pytest.raises(MapError) as error:
        read_map(text)
    assert error.value.detail.startswith(said)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("name,phone\nAna,555-0100\n", "no-header"),
        ("requested,phone\n2026-01-05,555-0100\n", "no-header"),
        ("called,requested\n" + "Ana,2026-01-05\n" * (MOST_ROWS + 1), "too-large"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_whole(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        rows(text)
    assert error.value.reason == reason
