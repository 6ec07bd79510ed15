"""The search form: what it keeps, what it offers, and how many each choice would find."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from directory import i18n
from directory.domain.results import FacetCount
from directory.domain.search import Query, parse
from directory.domain.taxonomy import PROGRAMS, Code, CodeInfo
from directory.web.presenters_form import Choice, Form, Group, form

Facets = dict[str, tuple[FacetCount, ...]]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


def asked(*params: tuple[str, str], **more: str) -> Query:
    """The query of parameters that are all right."""
    query, problems = parse([*params, *more.items()])
    assert problems == []
    return query


def counts(**found: dict[str, int]) -> Facets:
    """Counts as the search gives them."""
    return {name: tuple(FacetCount(code, number) for code, number in values.items()) for name, values in found.items()}


def group(made: Form, name: str) -> Group:
    return next(each for each in made.groups if each.name == name)


def offered(made: Form, name: str) -> list[tuple[str, str]]:
    """The choices of a group with their numbers."""
    return [(choice.value, choice.count) for choice in group(made, name).choices]


def test_each_choice_says_how_many_it_would_find_and_keeps_its_place() -> None:
    made = form(asked(near="19199"), counts(pay={"free": 3, "medicaid": 1200}))
    assert offered(made, "pay") == [
        ("medicaid", "1,200"), ("medicare", "0"), ("private", "0"), ("military", "0"), ("self-pay", "0"), ("sliding-fee", "0"),
        ("free", "3"),
    ]  # fmt: skip


def test_a_filter_in_which_nothing_was_found_says_so() -> None:
    made = form(asked(near="19199"), counts(kind={"meeting": 2}))
    assert {count for _value, count in offered(made, "medication")} == {"0"}
    assert made.openings == Choice("1", "Openings reported in the last 3 days", False, "0")


def test_before_anything_is_counted_no_choice_has_a_number() -> None:
    made = form(asked(near="Nowhere", kind="meeting"))
    found = {choice.count for each in made.groups for choice in each.choices}
    assert found == {""}
    assert made.openings.count == ""


def test_openings_have_their_number_and_stay_chosen() -> None:
    made = form(asked(openings="1"), counts(openings={"1": 5}))
    assert (made.openings.chosen, made.openings.count) == (True, "5")


@pytest.mark.parametrize(("near", "number"), [("19199", ""), ("", "9")])
def test_what_is_online_has_a_number_only_where_there_is_no_radius_around_a_place(near: str, number: str) -> None:
    made = form(asked(near=near, kind="meeting"), counts(attendance={"in-person": 4, "online": 9}))
    assert offered(made, "attendance") == [("in-person", "4"), ("online", number), ("hybrid", "0")]


def test_groups_with_a_selection_are_open_and_say_how_many_are_chosen() -> None:
    made = form(asked(("pay", "free"), ("pay", "medicaid"), ("language", "es")))
    assert [(each.name, each.chosen) for each in made.groups if each.is_open] == [("pay", 2), ("language", 1)]


def test_programs_that_find_most_come_first_after_those_chosen_and_no_more_than_twelve() -> None:
    found = {program: number for number, program in enumerate(PROGRAMS[:20], 1)}
    made = form(asked(kind="meeting", program="va"), counts(program=found))
    assert offered(made, "program") == [
        ("va", "0"),
        *((program, str(found[program])) for program in PROGRAMS[:20][:-12:-1]),
    ]
    assert len(offered(made, "program")) == 12


def test_all_programs_that_are_chosen_stay() -> None:
    chosen = [("program", program) for program in PROGRAMS[:14]]
    assert [value for value, _count in offered(form(asked(*chosen)), "program")] == list(PROGRAMS[:14])


def test_languages_that_are_spoken_here_are_offered_most_first() -> None:
    made = form(asked(language="vi"), counts(language={"en": 2, "es": 9, "ase": 1, "vi": 1}))
    assert offered(made, "language") == [("vi", "1"), ("es", "9"), ("en", "2"), ("ase", "1")]
    assert group(made, "language").choices[0].label == "Vietnamese"


def test_where_no_program_and_no_language_is_found_the_usual_ones_can_still_be_chosen() -> None:
    made = form(asked(near="19199"), counts(kind={"legal": 1}))
    assert offered(made, "language") == [("en", "0"), ("es", "0")]
    assert offered(made, "program")[:3] == [("aa", "0"), ("na", "0"), ("smart", "0")]


# --- types of meetings -----------------------------------------------------------------------------------------------


def of_type(system: str, code: str, words: str, number: int, *facets: tuple[str, str]) -> FacetCount:
    info = CodeInfo(Code(system, "", code), "format", {"en": words, "es": f"{words} (es)"}, facets)
    return FacetCount(f"{system}:{code}", number, info)


TYPES: Facets = {
    "type": (
        of_type("aa", "O", "Open", 9),
        of_type("aa", "X", "Wheelchair Access", 8, ("access", "wheelchair")),
        of_type("na", "O", "Open", 5),
        of_type("aa", "B", "Big Book", 3),
    )
}


@pytest.mark.parametrize(
    ("params", "is_offered"),
    [
        ({"kind": "meeting"}, True),
        ({"program": "na"}, True),
        ({"program": "na", "kind": "treatment"}, False),
        ({"kind": "treatment"}, False),
        ({}, False),
    ],
)
def test_types_are_offered_where_all_that_is_found_are_meetings(params: dict[str, str], is_offered: bool) -> None:
    made = form(asked(near="19199", **params), TYPES)
    assert ("type" in [each.name for each in made.groups]) is is_offered


def test_a_type_is_offered_once_by_its_words_and_says_whose_it_is_where_two_share_them() -> None:
    choices = group(form(asked(kind="meeting"), TYPES), "type").choices
    assert [(choice.value, choice.label, choice.count) for choice in choices] == [
        ("aa:O", "Open (AA)", "9"),
        ("na:O", "Open (NA)", "5"),
        ("aa:B", "Big Book", "3"),
    ]


def test_the_twelve_most_frequent_types_stand_after_those_chosen_whatever_these_are() -> None:
    found = {"type": tuple(of_type("aa", f"T{number}", f"Type {number}", 40 - number) for number in range(20))}
    made = form(asked(("type", "aa:T19"), ("type", "aa:ZZ"), ("kind", "meeting")), found)
    choices = group(made, "type").choices
    assert [choice.label for choice in choices] == ["Type 19", "aa:ZZ", *(f"Type {number}" for number in range(12))]
    assert [choice.value for choice in choices if choice.chosen] == ["aa:T19", "aa:ZZ"]


def test_a_type_that_another_group_stands_for_stays_while_it_is_chosen() -> None:
    choices = group(form(asked(("type", "aa:x"), ("kind", "meeting")), TYPES), "type").choices
    assert choices[0] == Choice("aa:x", "Wheelchair Access", True, "8")


def test_without_any_type_to_choose_there_is_no_group_for_it() -> None:
    assert "type" not in [each.name for each in form(asked(kind="meeting"), counts(kind={"meeting": 1})).groups]


# --- what has no field -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "kept"), [("meeting", []), ("housing", [("type", "aa:O")])])
def test_a_type_is_sent_on_whether_it_has_a_group_or_not(kind: str, kept: list[tuple[str, str]]) -> None:
    made = form(asked(kind=kind, type="aa:O"), TYPES)
    in_group = [
        (choice.value) for each in made.groups if each.name == "type" for choice in each.choices if choice.chosen
    ]
    assert list(made.kept) == kept
    assert in_group == ([] if kept else ["aa:O"])


def test_what_the_form_has_no_field_for_is_not_lost() -> None:
    given = [
        ("lat", "40.5"), ("lon", "-75"), ("tz", "America/Denver"), ("sort", "name"), ("per_page", "10"),
        ("take", "quiet-lamp-abc"), ("take", "safe-reeds-abc"),
    ]  # fmt: skip
    assert list(form(asked(*given)).kept) == given
