"""Any CSV file by a map of its columns: maps that are wrong, rows of every sort, and each map that comes with the project."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from directory.domain.errors import UnreadableFile
from directory.domain.geo import Point
from directory.domain.listings import ListingDraft, Phone, Status, Visibility
from directory.domain.schedule import Window
from directory.formats.mapped import MapError, load_map, read
from directory.formats.rows import Rejected, Row
from tests.formats.books import BOOK
from tests.formats.golden import FIXTURES, expected, told

MAPS = Path(__file__).parents[2] / "seeds" / "maps"
NAMES = sorted(path.stem for path in MAPS.glob("*.toml"))
SMALL = 'kind = "housing"\nkey = ["No"]\n[columns]\nname = "House"\n'


def rows_of(text: str | bytes, layout: str) -> list[Row | Rejected]:
    content = text.encode() if isinstance(text, str) else text
    return list(read(BytesIO(content), BOOK, load_map(BytesIO(layout.encode()))))


def row_of(layout: str, **cells: str) -> Row:
    given = {"No": "1", "House": "Heron House"} | {name.replace("_", " "): cell for name, cell in cells.items()}
    text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in (given, given.values()))
    [row] = rows_of(text, layout)
    assert isinstance(row, Row), row
    return row


def draft_of(layout: str, **cells: str) -> ListingDraft:
    return row_of(layout, **cells).draft


# --- the maps that come with the project -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_each_map_reads_its_layout_as_it_should(name: str) -> None:
    with (MAPS / f"{name}.toml").open("rb") as layout, (FIXTURES / "maps" / f"{name}.csv").open("rb") as stream:
        assert told(read(stream, BOOK, load_map(layout))) == expected(f"maps/{name}.golden.json")


@pytest.mark.parametrize("name", NAMES)
def test_each_map_is_in_the_list_of_maps(name: str) -> None:
    assert f"`{name}.toml`" in (MAPS / "README.md").read_text(encoding="utf-8")


def test_what_a_centre_keeps_to_itself_is_neither_in_a_listing_nor_in_its_raw_row() -> None:
    with (MAPS / "icarol.toml").open("rb") as layout, (FIXTURES / "maps" / "icarol.csv").open("rb") as stream:
        rows = [row for row in read(stream, BOOK, load_map(layout)) if isinstance(row, Row)]
    kept = repr(rows)
    assert [word for word in ("Robin", "Sam S", "away in May", "robin@", "802-555-0174") if word in kept] == []
    assert "802-555-0170" in kept


def test_the_real_list_of_shelters_is_read_row_for_row(sample_data: Path) -> None:
    path = sample_data / "shelters-misc" / "toronto_housing_shelters_211.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        given = list(csv.DictReader(stream))
    with path.open("rb") as stream, (MAPS / "toronto-shelters.toml").open("rb") as layout:
        rows = list(read(stream, BOOK, load_map(layout)))
    drafts = [row.draft for row in rows if isinstance(row, Row)]
    assert [draft.key for draft in drafts] == [row["ID"].lower() for row in given]
    assert len(rows) == len(given) == 24
    assert all(draft.address.point and len(draft.address.postal_code or "") == 7 for draft in drafts)
    assert [draft.status for draft in drafts].count(Status.INACTIVE) == sum("*Closed" in row["NAME"] for row in given)


# --- maps that are wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layout", "detail"),
    [
        ("kind = ", "not TOML"),
        ('colour = "red"', "unknown key 'colour'; allowed: title, kind, "),
        ('kind = "bakery"\nkey = ["a"]', "kind: unknown value 'bakery'; allowed: treatment, meeting, "),
        ('key = ["No"]\n[columns]\nname = "House"', "kind: none; allowed: treatment, "),
        ('kind = "food"\n[columns]\nname = "House"', "key: names of columns are needed"),
        ('kind = "food"\nkey = ["No"]', "columns: no name"),
        (SMALL + 'colour = "Paint"', "columns: unknown key 'colour'; allowed: name, organization, "),
        (SMALL + "street = 3", "columns.street: a text or a list of texts is needed, not 3"),
        (SMALL + '[constants]\npeople = "sailors"', "constants.people: unknown value 'sailors'; allowed: women, men, "),
        (
            SMALL + '[lookup.people]\n"men only" = "man"',
            "lookup.people.men only: unknown value 'man'; allowed: women, ",
        ),
        (SMALL + '[lookup]\npeople = "men"', "lookup.people: a table is needed"),
        (SMALL + '[flags]\nRamp = "access:ramp"', "flags.Ramp: unknown value 'ramp'; allowed: wheelchair, "),
        (SMALL + '[flags]\nRamp = "colour:red"', "flags.Ramp: unknown key 'colour'; allowed: type, care, "),
        (SMALL + '[hours]\nmonnday = "Mon"', "hours: unknown key 'monnday'; allowed: sunday, monday, "),
        (SMALL + '[[phones]]\nnumber = "Tel"', "phones: unknown key 'number'; allowed: column, extension, "),
        (SMALL + '[[phones]]\nfor = "Tel"', "phones: no column"),
        (SMALL + '[[phones]]\ncolumn = "Tel"\ntype = "drum"', "phones.type: unknown key 'drum'; allowed: voice, "),
        ('clock = "13"\n' + SMALL, "clock: unknown value '13'; allowed: 12, 24"),
        ('delimiter = ";;"\n' + SMALL, "delimiter: one sign is needed"),
        ("minutes = 0\n" + SMALL, "minutes: a whole number from 1 to 1440 is needed, not 0"),
        ('by_day = "yes"\n' + SMALL, "by_day: true or false is needed"),
        ('columns = "House"\nkind = "food"\nkey = ["No"]', "columns: a table is needed, as in [columns]"),
        (SMALL + '[constants]\nstatus = "removed"', "constants.status: unknown value 'removed'; allowed: active, "),
        ('optional = ["Safe"]\n' + SMALL + 'visibility = "Safe"', "optional: Safe says what must not be shown"),
        ('optional = ["State"]\n' + SMALL + '[skip]\nState = "Closed"', "optional: State says what must not be shown"),
        ('optional = ["Out"]\nexclude_if = "Out"\n' + SMALL, "optional: Out says what must not be shown"),
        (
            'private = ["*Owner*"]\n' + SMALL + 'phone = "Owner Phone"',
            "private: Owner Phone is named as a column to be read",
        ),
    ],
)
def test_a_map_that_is_wrong_is_refused_with_the_key_and_what_is_allowed(layout: str, detail: str) -> None:
    with pytest.raises(MapError) as caught:
        load_map(BytesIO(layout.encode()))
    assert caught.value.reason == "bad-map"
    assert detail in caught.value.detail


def test_a_file_without_the_columns_is_refused_naming_them() -> None:
    with pytest.raises(UnreadableFile) as caught:
        rows_of("No,Place\n1,A\n", SMALL + 'street = "Street"')
    assert (caught.value.reason, caught.value.detail) == ("no-header", "missing: House, Street")


def test_columns_that_may_be_missing_are_not_asked_for() -> None:
    [row] = rows_of("No,House\n1,A\n", 'optional = ["Street"]\n' + SMALL + 'street = "Street"')
    assert isinstance(row, Row)
    assert row.draft.address.street is None


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_rows(encoding: str, end: str) -> None:
    [row] = rows_of(f'"n.o.", HOUSE {end}1,Caf&amp;eacute; José{end}'.encode(encoding), SMALL)
    assert isinstance(row, Row)
    assert (row.line, row.draft.key, row.draft.name) == (2, "1", "Café José")


def test_cells_may_be_parted_by_another_sign() -> None:
    [row] = rows_of('No;House\n1;"A, B"\n', 'delimiter = ";"\n' + SMALL)
    assert isinstance(row, Row)
    assert row.draft.name == "A, B"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,", "no name"),
        (",Heron", "no key: No"),
        ("1", "1 columns instead of 2"),
        ("1,Heron,x", "3 columns instead of 2"),
        (f"{'1' * 501},Heron", "key longer than 500 characters"),
    ],
)
def test_a_row_is_turned_away_with_its_line_and_the_reason(line: str, reason: str) -> None:
    assert rows_of(f"No,House\n0,First\n{line}\n", SMALL)[1] == Rejected(3, reason)


@pytest.mark.parametrize(("cell", "is_out"), [("Closed 2020", True), ("closed", True), ("", True), ("Open", False)])
def test_rows_that_the_map_leaves_out_are_told_with_the_reason(cell: str, is_out: bool) -> None:
    [row] = rows_of(f"No,House,State\n1,A,{cell}\n", SMALL + '[skip]\nState = ["closed*", ""]')
    assert isinstance(row, Rejected) is is_out
    assert not is_out or row == Rejected(2, f"left out by the map: State is {cell or 'blank'}")


@pytest.mark.parametrize(
    ("out", "public", "is_out"),
    [
        ("", "", False),
        ("No", "YES", False),
        ("false", "1", False),
        ("0", "x", False),
        ("Excluded", "", True),
        ("-1", "", True),
        ("until May", "", True),
        ("", "not yet", True),
        ("", "0", True),
    ],
)
def test_a_word_that_nobody_foresaw_keeps_a_row_back(out: str, public: str, is_out: bool) -> None:
    layout = 'exclude_if = ["Out"]\npublic_if = ["Public"]\n' + SMALL
    [row] = rows_of(f"No,House,Out,Public\n1,A,{out},{public}\n", layout)
    assert isinstance(row, Rejected) is is_out
    assert not is_out or f"is {out or public}" in row.reason


@pytest.mark.parametrize("name", ["shelter-list", "icarol"])
def test_a_file_without_the_column_that_hides_is_refused(name: str) -> None:
    text = (FIXTURES / "maps" / f"{name}.csv").read_text(encoding="utf-8")
    layout = (MAPS / f"{name}.toml").read_text(encoding="utf-8")
    for column in ("Confidential", "ExcludeFromWebsite"):
        text = text.replace(f",{column},", f",Our {column},", 1)
    with pytest.raises(UnreadableFile, match=r"Confidential|ExcludeFromWebsite"):
        rows_of(text, layout)


def test_a_row_that_calls_itself_removed_is_left_out_so_that_the_next_file_changes_nothing() -> None:
    assert rows_of("No,House,State\n1,A,Removed\n", SMALL + 'status = "State"') == [
        Rejected(2, "removed, it says itself")
    ]


def test_only_the_columns_of_the_map_are_ever_looked_at() -> None:
    row = row_of(SMALL + 'phone = "Tel"', Tel="802-555-0142", Owner="Robin T.", Owner_Phone="802-555-0199")
    assert row.raw == {"No": "1", "House": "Heron House", "Tel": "802-555-0142"}


# --- fields ----------------------------------------------------------------------------------------------------------


def test_the_natural_key_is_name_place_day_and_time_and_not_the_number() -> None:
    layout = (MAPS / "uk-12-step.toml").read_text(encoding="utf-8")
    text = (FIXTURES / "maps" / "uk-12-step.csv").read_text(encoding="utf-8")
    before = [row.draft.key for row in rows_of(text, layout) if isinstance(row, Row)]
    after = [row.draft.key for row in rows_of(text.replace("1b", "9f"), layout) if isinstance(row, Row)]
    later = [row.draft.key for row in rows_of(text.replace("19:30", "20:00"), layout) if isinstance(row, Row)]
    assert before == after
    assert before[0] != later[0]


@pytest.mark.parametrize(
    ("cell", "people", "warnings"),
    [
        ("Men; Veterans", ("men", "veterans"), ()),
        ("single MEN", ("men",), ()),
        ("all", None, ()),
        ("", None, ()),
        ("sailors", None, ("unknown-people: sailors",)),
    ],
)
def test_a_table_turns_words_into_facets(cell: str, people: tuple[str, ...] | None, warnings: tuple[str, ...]) -> None:
    layout = SMALL + 'people = "Who"\n[split]\npeople = ";"\n[lookup.people]\n"single men" = "men"\nall = []\n'
    row = row_of(layout, Who=cell)
    assert (row.draft.people, row.warnings) == (people, warnings)


def test_patterns_of_a_facet_all_count_and_of_another_field_the_first() -> None:
    layout = (
        SMALL + 'people = "House"\nstatus = "House"\n[lookup.people]\n"*men*" = "men"\n"*youth*" = "youth"\n'
        '[lookup.status]\n"*closed*" = "inactive"\n"*" = "active"\n'
    )
    draft = draft_of(layout, House="Men and Youth (closed)")
    assert (draft.people, draft.status) == (("men", "youth"), Status.INACTIVE)


@pytest.mark.parametrize(
    ("cell", "access"), [("yes", ("wheelchair",)), ("X", ("wheelchair",)), ("no", None), ("", None)]
)
def test_a_tick_is_a_facet_and_no_tick_is_not_no(cell: str, access: tuple[str, ...] | None) -> None:
    assert draft_of(SMALL + '[flags]\nRamp = "access:wheelchair"', Ramp=cell).access == access


def test_constants_stand_where_the_columns_hold_nothing() -> None:
    layout = SMALL + 'city = "Town"\n[constants]\ncity = "Larkspur"\ncare = ["recovery-housing"]\nminimum_age = 18\n'
    assert draft_of(layout, Town="").address.city == "Larkspur"
    draft = draft_of(layout, Town="Oldtown")
    assert (draft.address.city, draft.care, draft.minimum_age) == ("Oldtown", ("recovery-housing",), 18)


@pytest.mark.parametrize(
    ("cell", "visibility"),
    [("no", "partial"), ("yes", "full"), ("", "partial"), ("please do not", "hidden"), ("hidden", "hidden")],
)
def test_an_address_is_shown_only_where_the_row_says_a_word_that_is_known(cell: str, visibility: str) -> None:
    layout = (
        SMALL
        + 'visibility = "Show"\n[constants]\nvisibility = "partial"\n[lookup.visibility]\nyes = "full"\nno = "partial"\n'
    )
    assert draft_of(layout, Show=cell).address.visibility is Visibility(visibility)


def test_an_address_on_one_line_is_taken_apart() -> None:
    address = draft_of(SMALL + 'address = "Where"', Where="12 Heron Street, Cedar Falls, VT 05641, USA").address
    assert (address.street, address.city, address.state, address.postal_code) == (
        "12 Heron Street",
        "Cedar Falls",
        "VT",
        "05641",
    )


@pytest.mark.parametrize(
    ("code", "state", "read"),
    [
        ("1960", "MA", "01960"),
        ("1960", "PA", None),
        ("19801-", "DE", "19801"),
        ("198010000", "DE", "19801"),
        ("19801.0", "DE", "19801"),
    ],
)
def test_a_broken_zip_is_mended_where_the_state_agrees(code: str, state: str, read: str | None) -> None:
    row = row_of(SMALL + 'zip = "Zip"\nstate = "State"', Zip=code, State=state)
    assert row.draft.address.postal_code == read
    assert row.warnings == (() if read else (f"unknown-postal-code: {code}",))


@pytest.mark.parametrize(
    ("cells", "windows", "text"),
    [
        ({"Day": "Tue", "Start": "19:30", "End": "21:00"}, (Window("hours", 2, 1170, 90),), None),
        ({"Day": "Tue", "Start": "7:30pm", "Long": "1hr 30mins"}, (Window("hours", 2, 1170, 90),), None),
        ({"Day": "Tue", "Start": "7:30"}, (), "Tue 7:30"),
        ({"Day": "Tue", "Start": "7:30pm"}, (), "Tue 7:30pm"),
        ({"Open": "Tue 9am-5pm"}, (Window("hours", 2, 540, 480),), None),
        ({"Open": "Tue 9am-5pm or by appointment"}, (), "Tue 9am-5pm or by appointment"),
        ({"Day": "Tue", "Start": "9:00am", "End": "5:00pm", "Open": "or call"}, (), "Tue 9:00am-5:00pm; or call"),
        ({"Mon": "9am-5pm", "Tue": "closed"}, (Window("hours", 1, 540, 480),), None),
        ({"Mon": "9am-5pm", "Tue": "call"}, (), "monday 9am-5pm; tuesday call"),
        ({}, (), None),
    ],
)
def test_times_are_read_whole_or_kept_as_text(
    cells: dict[str, str], windows: tuple[Window, ...], text: str | None
) -> None:
    layout = (
        SMALL + 'day = "Day"\ntime = "Start"\nend_time = "End"\nduration = "Long"\nhours = "Open"\n'
        '[hours]\nmonday = "Mon"\ntuesday = "Tue"\n'
    )
    blank = dict.fromkeys(("Day", "Start", "End", "Long", "Open", "Mon", "Tue"), "")
    row = row_of(layout, **blank | cells)
    assert (row.draft.windows, row.draft.hours_text) == (windows, text)
    assert ("hours-as-text" in row.warnings) is (text is not None)


@pytest.mark.parametrize(
    ("kind", "by_day", "is_read"), [("housing", "", False), ("food", "", True), ("housing", "by_day = true\n", True)]
)
def test_bare_hours_are_those_of_a_day_unless_the_nights_are_what_counts(kind: str, by_day: str, is_read: bool) -> None:
    layout = by_day + SMALL.replace("housing", kind) + 'hours = "Open"'
    assert bool(draft_of(layout, Open="Mon 8-6").windows) is is_read


def test_a_meeting_is_read_by_the_clock_of_the_map_and_keeps_nobodys_number() -> None:
    layout = (
        'clock = "24"\nprogram = "aa"\n'
        + SMALL.replace("housing", "meeting")
        + ('day = "Day"\ntime = "Start"\ntypes = "Types"\ndescription = "Note"\n[split]\ntypes = ","\n')
    )
    row = row_of(layout, Day="Sunday", Start="7:30", Types="O, Discussion, ZZ", Note="Call Robin 802-555-0142")
    assert row.draft.windows == (Window("meeting", 0, 450, 60),)
    assert [code.code for code in row.draft.codes] == ["O", "D"]
    assert (row.draft.attendance, row.draft.program) == ("in-person", "aa")
    assert row.draft.description == "Call Robin [number left out]"
    assert "0142" not in repr(row)
    assert row.warnings == ("unknown-type: ZZ",)


def test_a_column_of_numbers_may_say_more_of_them_or_that_they_are_private() -> None:
    layout = SMALL + '[[phones]]\ncolumn = "Tel"\nextension = "Ext"\nfor = "What"\nprivate_if = "Private"\n'
    phones = draft_of(layout, Tel="802-555-0142", Ext="ext 7", What="Front desk", Private="").phones
    assert phones == (Phone("802-555-0142", "7", "voice", "Front desk"),)
    private = row_of(layout, Tel="802-555-0142", Ext="", What="", Private="yes")
    assert private.draft.phones == ()
    assert "0142" not in repr(private)


@pytest.mark.parametrize("word", ["-1", "Private", "x"])
def test_any_word_but_no_keeps_a_number_back(word: str) -> None:
    layout = SMALL + '[[phones]]\ncolumn = "Tel"\nprivate_if = "Private"\n'
    assert "0142" not in repr(row_of(layout, Tel="802-555-0142", Private=word))


def test_a_number_is_left_out_where_the_file_does_not_say_whether_it_is_private() -> None:
    layout = 'optional = ["Private"]\n' + SMALL + '[[phones]]\ncolumn = "Tel"\nprivate_if = "Private"\n'
    row = row_of(layout, Tel="802-555-0142")
    assert "0142" not in repr(row)
    assert row.warnings == ("number-left-out: Tel, for want of Private",)


@pytest.mark.parametrize(
    ("free", "most", "day", "told_as"),
    [
        ("2", "10", "2026-09-30", (2, 10)),
        ("", "10", "9/30/2026", (None, 10)),
        ("0", "10", "2026-09-30", (0, 10)),
        ("2", "10", "", None),
        ("2", "10", "30/9/2026", None),
        ("some", "", "2026-09-30", None),
    ],
)
def test_beds_are_told_only_with_the_day_on_which_they_were_counted(
    free: str, most: str, day: str, told_as: tuple[int | None, int] | None
) -> None:
    layout = 'dates = "mdy"\n' + SMALL + 'capacity = "Beds"\navailable = "Free"\ncapacity_as_of = "Day"\n'
    found = draft_of(layout, Beds=most, Free=free, Day=day).capacities
    assert [(capacity.available, capacity.maximum) for capacity in found] == ([told_as] if told_as else [])


@pytest.mark.parametrize(
    ("order", "text", "day"),
    [
        ("iso", "2026-06-05", date(2026, 6, 5)),
        ("iso", "6/5/2026", None),
        ("mdy", "6/5/2026 9:00:00 AM", date(2026, 6, 5)),
        ("dmy", "6.5.2026", date(2026, 5, 6)),
        ("mdy", "13/13/2026", None),
    ],
)
def test_a_date_is_read_in_the_order_of_the_map(order: str, text: str, day: date | None) -> None:
    row = row_of(f'dates = "{order}"\n' + SMALL + 'verified_on = "Seen"', Seen=text)
    assert row.draft.verified_on == day
    assert bool(row.warnings) is (day is None)


@pytest.mark.parametrize(
    ("lat", "lon", "street", "point", "approximate"),
    [
        ("44.2", "-72.5", "12 Heron Street", Point(44.2, -72.5), False),
        ("44.2", "-72.5", "Elm & Heron", Point(44.2, -72.5), False),
        ("44.2", "-72.5", "East end", Point(44.2, -72.5), True),
        ("0", "0", "12 Heron Street", None, False),
        ("north", "-72.5", "12 Heron Street", None, False),
    ],
)
def test_a_point_is_only_as_exact_as_its_address(
    lat: str, lon: str, street: str, point: Point | None, approximate: bool
) -> None:
    address = draft_of(SMALL + 'lat = "Y"\nlon = "X"\nstreet = "Street"', Y=lat, X=lon, Street=street).address
    assert (address.point, address.approximate) == (point, approximate)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("www.example.org", "https://www.example.org"),
        ("http://example.org/a?b=c", "http://example.org/a?b=c"),
        ("javascript:alert(1)", None),
        ("ask at the desk", None),
        ("user:word@example.org", None),
    ],
)
def test_only_what_a_page_may_link_to_is_a_web_address(text: str, url: str | None) -> None:
    row = row_of(SMALL + 'website = "Site"', Site=text)
    assert [link.url for link in row.draft.urls] == ([url] if url else [])
    assert bool(row.warnings) is (url is None)
