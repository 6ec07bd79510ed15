"""The table of levels of care, and what a program and its levels may say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from directory.domain.levels import ASAM, LevelValues, asam_level, level_problems

LEVEL = LevelValues("Beds for women", "residential", "bed", "3.5", "4", 12)


def codes(edition: str) -> list[str]:
    return [level.code for level in ASAM if level.edition == edition]


def test_both_editions_have_their_levels_each_once_from_the_least_to_the_most() -> None:
    assert [code for code in codes("3") if not code.endswith("WM")] == "0.5 1 2.1 2.5 3.1 3.3 3.5 3.7 4".split()
    assert codes("4") == "1.0 1.5 1.7 2.1 2.5 2.7 3.1 3.5 3.7 4".split()
    assert len({(level.edition, level.code) for level in ASAM}) == len(ASAM)
    assert [level.sort for level in ASAM] == list(range(len(ASAM)))
    assert {level.edition for level in ASAM} == {"3", "4"}


def test_levels_from_3_on_are_residential_and_the_fourth_edition_manages_its_sevens_and_four_medically() -> None:
    assert {level.code for level in ASAM if level.residential} == {level.code for level in ASAM if level.code >= "3"}
    medical = {level.code for level in ASAM if level.edition == "4" and level.medically_managed}
    assert medical == {code for code in codes("4") if code.endswith(".7") or code == "4"}


def test_a_level_is_of_its_edition_alone() -> None:
    assert asam_level("3", "3.3") is not None
    assert asam_level("4", "3.3") is None
    assert asam_level("", "") is None


@pytest.mark.parametrize("licensed", [None, 0, 1, 10_000])
def test_a_level_that_says_what_it_must_is_taken(licensed: int | None) -> None:
    assert level_problems(replace(LEVEL, licensed=licensed)) == []
    assert level_problems(replace(LEVEL, asam="", edition="", licensed=licensed)) == []


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": " "}, "name", "missing"),
        ({"name": "x" * 121}, "name", "too-long"),
        ({"care": "spa"}, "care", "choose"),
        ({"unit": ""}, "unit", "choose"),
        ({"licensed": -1}, "licensed", "not-a-number"),
        ({"licensed": 10_001}, "licensed", "not-a-number"),
        ({"asam": "3.3"}, "asam", "choose"),
        ({"asam": ""}, "asam", "choose"),
    ],
)
def test_what_a_level_cannot_be_is_said_by_field(change: dict[str, object], field: str, code: str) -> None:
    (problem,) = level_problems(replace(LEVEL, **change))  # type: ignore[arg-type]
    assert (problem.field, problem.code) == (field, code)
