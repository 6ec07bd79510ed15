from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.domain.edits import CHOICES, FIELDS, TEXTS, problems
from directory.domain.merging import changed
from directory.domain.schedule import DAY, WEEK
from directory.domain.taxonomy import FACETS
from directory.web.edit_form import name_of, typed_of, values_of
from directory.web.edit_rows import clock_of, rows_in
from directory.web.presenters_edit import NAMES, value_lines, window_words
from directory.web.presenters_edit_form import GROUPS, edit_view
from tests.edits import MONDAY, PHONE

WINDOWS = st.builds(
    lambda sort, day, start, minutes, week, dates: {
        "sort": sort,
        "day": day,
        "start": start,
        "minutes": minutes,
        "week": week,
        "valid_from": dates[0],
        "valid_to": dates[1],
    },
    st.sampled_from(("meeting", "hours")),
    st.integers(0, 6),
    st.integers(0, DAY - 1),
    st.integers(1, WEEK),
    st.sampled_from((None, 1, 2, 3, 4, 5, -1)),
    st.sampled_from(((None, None), ("2027-01-04", None), ("2027-01-04", "2027-03-01"))),
)


def start(**values: Any) -> dict[str, Any]:
    """A whole listing."""
    needed = {"name": "Reed Landing", "kind": "housing", "status": "active", "address.visibility": "full"}
    return {**dict.fromkeys(FIELDS), **needed, **{name.replace("__", "."): value for name, value in values.items()}}


def told(**typed: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What a form says that was filled in, and what is wrong with it, by field."""
    sent = typed_of(start()) | {name.replace("__", "-"): [value] for name, value in typed.items()}
    values, wrong = values_of(sent, {})
    return values, {problem.field: problem.code for problem in wrong}


def rows(name: str, **parts: str) -> dict[str, str]:
    """The first row of a kind as it is sent, with hyphens."""
    return {f"{name}-0-{part}": text for part, text in parts.items()}


def test_the_form_has_every_field_that_can_be_set_by_hand_once() -> None:
    in_groups = [field for _, _, fields in GROUPS for field in fields]
    assert sorted(in_groups) == sorted(FIELDS) == sorted(NAMES)
    view = edit_view(typed_of(start()))
    assert {each.name for group in view.groups for each in group.fields} | {
        block.name for group in view.groups for block in group.rows
    } == {name_of(field) if field not in ("windows", "phones", "urls") else field for field in FIELDS}


@given(st.lists(WINDOWS, max_size=4))
def test_times_come_back_from_the_form_as_they_went_in(windows: list[dict[str, Any]]) -> None:
    values, wrong = values_of(typed_of(start(windows=windows)), {})
    assert wrong == []
    assert sorted(map(str, values["windows"] or ())) == sorted(map(str, windows))
    assert problems({"windows": windows}) == []
    assert all(window_words(each) for each in windows)


@given(
    st.fixed_dictionaries({name: st.lists(st.sampled_from(FACETS[name]), unique=True) | st.none() for name in FACETS}),
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in CHOICES.items()}),
    st.fixed_dictionaries({name: st.text(max_size=60) for name in TEXTS}),
)
def test_what_nobody_touches_stays_to_the_letter(
    facets: dict[str, Any], choices: dict[str, Any], texts: dict[str, Any]
) -> None:
    seen = start(**facets) | choices | texts | {"name": "Reed Landing", "languages": ["en", "es"], "minimum_age": 18}
    values, wrong = values_of(typed_of(seen), seen)
    assert (changed(seen, values), wrong) == ({}, [])


def test_two_lines_in_a_field_of_one_are_no_change() -> None:
    seen = start(address__name="Heron Hall\nupstairs", description="One.\n\nTwo.")
    sent = typed_of(seen)
    assert (sent["address-name"], sent["description"]) == (["Heron Hall upstairs"], ["One.\n\nTwo."])
    sent["description"] = ["One.\r\n\r\nTwo."]  # as browsers send it
    assert changed(seen, values_of(sent, seen)[0]) == {}


def test_what_a_source_wrote_that_we_would_not_take_stays_and_is_no_mistake() -> None:
    seen = start(attendance="by owl", conference_url="ask us", minimum_age=300, program="xyz")
    values, wrong = values_of(typed_of(seen), seen)
    assert (changed(seen, values), wrong) == ({}, [])
    assert edit_view(typed_of(seen)).mistakes == ()


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("19:00", 1140), ("7 pm", 1140), ("7:30pm", 1170), ("12 am", 0), ("12 p.m.", 720), ("00:00", 0), ("19:00:00", 1140),
     ("7", None), ("25:00", None), ("13 pm", None), ("noonish", None), ("", None), ("9:75", None)],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text: str, minutes: int | None) -> None:
    assert clock_of(text) == minutes


@pytest.mark.parametrize(
    ("row", "minutes"),
    [
        pytest.param({"start": "22:00", "end": "06:00"}, 480, id="past midnight"),
        pytest.param({"start": "00:00", "end": "00:00"}, DAY, id="all day"),
        pytest.param({"start": "18:00", "end": "06:00", "until": "3"}, DAY + 720, id="to another day"),
        pytest.param({"start": "00:00", "end": "00:00", "until": "1"}, WEEK, id="all the time"),
    ],
)
def test_an_end_before_the_start_is_that_of_the_next_day(row: dict[str, str], minutes: int) -> None:
    values, wrong = values_of(
        typed_of(start()) | {key: [text] for key, text in rows("windows", day="1", **row).items()}, {}
    )
    assert wrong == []
    assert values["windows"][0]["minutes"] == minutes


def test_days_with_the_same_hours_are_one_row_so_that_new_hours_are_typed_once() -> None:
    around_the_clock = [{**MONDAY, "sort": "hours", "day": day, "start": 0, "minutes": DAY} for day in range(7)]
    seen = start(windows=around_the_clock)
    typed = typed_of(seen)
    assert typed["windows-0-day"] == list("0123456")
    assert not any(name.startswith("windows-1") for name in typed)
    sent = typed | {"windows-0-day": ["1", "2"], "windows-0-start": ["09:00"], "windows-0-end": ["17:00"]}
    values, wrong = values_of(sent, seen)
    assert wrong == []
    assert value_lines("windows", values["windows"]) == (
        "Monday, 9 am to 5 pm (open)",
        "Tuesday, 9 am to 5 pm (open)",
    )


@pytest.mark.parametrize(("kind", "sort"), [("meeting", "meeting"), ("treatment", "hours"), ("", "")])
def test_a_new_time_is_a_meeting_for_a_meeting_and_open_hours_for_all_else(kind: str, sort: str) -> None:
    (block,) = next(group.rows for group in edit_view({"kind": [kind]}).groups if group.id == "when")
    choices = block.rows[0].fields[0].choices
    assert [each.value for each in choices if each.chosen] == [sort]


def test_where_it_may_be_either_one_says_what_happens() -> None:
    assert told(**rows("windows", sort="", day="1", start="9 am", end="17:00"))[1] == {
        "windows-0-sort": "unknown-value"
    }


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("address.state", "vermont", "VT"),
        ("address.state", "ZZ", "ZZ"),
        ("address.state", "Ontario", "ON"),
        ("address.state", "Nowhere", "not-a-state"),
        ("address.postal_code", "05401-1234", "05401"),
        ("address.postal_code", "k1a0b1", "K1A 0B1"),
        ("address.postal_code", "12", "not-a-zip"),
        ("address.postal_code", "641", "not-a-zip"),
        ("conference_phone", "+1 802-555-0142,,12#", "+1 802-555-0142,,12#"),
        ("conference_phone", "123", "not-a-number"),
    ],
)
def test_a_place_and_a_number_are_read_as_imports_read_them(field: str, text: str, value: str) -> None:
    values, wrong = told(**{name_of(field): text})
    assert (wrong.get(name_of(field)) or values[field]) == value


def test_an_address_abroad_is_no_mistake() -> None:
    seen = start(address__state="Leinster", address__postal_code="D01 F5P2")
    values, wrong = values_of(typed_of(seen) | {"address-postal-code": ["D02 X285"]}, seen)
    assert (values["address.postal_code"], wrong) == ("D02 X285", [])


@pytest.mark.parametrize(("number", "is_right"), [("988", True), ("802-555-0142", True), ("123", False)])
def test_a_number_can_be_dialled(number: str, is_right: bool) -> None:
    assert (told(**rows("phones", number=number))[1] == {}) is is_right


def test_a_number_of_its_source_stays_while_another_is_put_right() -> None:
    seen = start(phones=[{**PHONE, "number": "ask"}, PHONE])
    values, wrong = values_of(typed_of(seen) | {"phones-1-number": ["802-555-0142"]}, seen)
    assert ([each["number"] for each in values["phones"]], wrong) == (["ask", "802-555-0142"], [])


def test_each_mistake_is_said_at_its_field_and_what_was_typed_stays() -> None:
    sent = {
        "name": " ", "maximum-age": "two", "conference-url": "h", "verified-on": "31.1.2027", "kind": "castle",
        **rows("windows", day="", start="7", end="20:00", **{"from": "x"}),
        **rows("phones", number="ask"),
        **rows("urls", url="nowhere"),
    }  # fmt: skip
    _, wrong = told(**sent)
    assert wrong == {
        "name": "missing",
        "maximum-age": "not-an-age",
        "conference-url": "not-a-link",
        "verified-on": "not-a-date",
        "kind": "unknown-value",
        "windows-0-day": "missing",
        "windows-0-start": "not-a-time",
        "windows-0-from": "not-a-date",
        "phones-0-number": "not-a-number",
        "urls-0-url": "not-a-link",
    }
    typed = {name: [text] for name, text in sent.items()}
    view = edit_view(typed, values_of(typed, {})[1])
    assert {mistake.field for mistake in view.mistakes} >= set(wrong)
    assert all(group.is_open for group in view.groups if group.id in ("what", "when", "contact", "online"))
    (block,) = next(group.rows for group in view.groups if group.id == "when")
    assert [each.value for each in block.rows[0].fields if each.name == "windows-0-start"] == ["7"]


def test_none_of_these_is_another_thing_than_not_known() -> None:
    typed = typed_of(start())
    assert values_of(typed | {"care": ["none"]}, {})[0]["care"] == []
    assert values_of(typed | {"care": []}, {})[0]["care"] is None
    assert values_of(typed | {"care": ["residential", "detox"]}, {})[0]["care"] == ["detox", "residential"]
    (problem,) = values_of(typed | {"care": ["none", "detox"]}, {})[1]
    assert (problem.field, problem.code) == ("care", "none-or-some")


def test_the_oldest_age_is_not_below_the_youngest() -> None:
    assert told(**{"minimum-age": "30", "maximum-age": "18"})[1] == {"maximum-age": "ages-crossed"}


def test_an_address_of_the_web_may_be_typed_without_its_beginning() -> None:
    values, wrong = told(**rows("urls", url="www.example.org", label="Website"))
    assert (values["urls"], wrong) == ([{"url": "https://www.example.org", "label": "Website"}], {})


def test_a_row_that_is_emptied_goes_and_those_after_it_stay() -> None:
    typed = typed_of(start(phones=[PHONE, {**PHONE, "number": "(555) 555-0108"}])) | {"phones-0-number": [""]}
    assert list(rows_in(typed, "phones")) == [1]
    assert [each["number"] for each in values_of(typed, {})[0]["phones"]] == ["(555) 555-0108"]


@pytest.mark.parametrize(
    ("field", "value", "lines"),
    [
        ("windows", [MONDAY], ("Monday, 7:30 pm to 8:30 pm (meeting)",)),
        ("windows", [{**MONDAY, "week": -1, "valid_to": "2027-03-01"}],
         ("Last Monday of the month, 7:30 pm to 8:30 pm (meeting), until Mar 1, 2027",)),
        ("windows", [{**MONDAY, "sort": "hours", "minutes": WEEK}], ("All the time (open)",)),
        ("phones", [{**PHONE, "type": "fax"}], ("(555) 555-0107 (Fax)",)),
        ("urls", [{"url": "https://example.org", "label": None}], ("https://example.org",)),
        ("care", [], ("None of these",)),
        ("care", None, ("Not known",)),
        ("care", ["detox"], ("Detox (withdrawal care)",)),
        ("status", "inactive", ("No: do not show it in the search",)),
        ("address.visibility", "hidden", ("Nobody: visitors call to ask",)),
        ("verified_on", "2026-03-01", ("Mar 1, 2026",)),
        ("verified_on", "one day", ("one day",)),
        ("languages", ["en", "es"], ("English and Spanish",)),
        ("minimum_age", 18, ("18",)),
        ("description", "One.\n\nTwo.", ("One.", "Two.")),
    ],
)  # fmt: skip
def test_a_value_is_told_in_words(field: str, value: Any, lines: tuple[str, ...]) -> None:
    assert value_lines(field, value) == lines
