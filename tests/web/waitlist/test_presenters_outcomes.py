"""The outcomes as a picture and in folds: percents of a hundred, beside what others counted, and each figure leads to what it counts."""

from __future__ import annotations

from datetime import UTC

from directory.domain.bridge.outcomes import ARRIVED, LOST, MEASURES, REFERENCES, Case, outcome_sheets
from directory.web.waitlist.presenters_charts import WIDEST
from directory.web.waitlist.presenters_oversight import SheetView, definitions, sheet_view


def shown(place: int, found: dict[str, list[Case]]) -> SheetView:
    return sheet_view(outcome_sheets(found)[place], UTC, {})


def many(yes: int, no: int, tier: int = 3) -> list[Case]:
    return [Case(1000 * tier + number, tier, "Beds", is_so=number < yes) for number in range(yes + no)]


def test_a_bar_is_a_part_of_a_hundred_and_what_others_counted_is_drawn_apart_and_marked_beside() -> None:
    (chart,) = shown(0, {ARRIVED: many(30, 30), LOST: many(20, 80)}).charts
    bars = {bar.label: bar for bar in chart.bars}
    assert (bars["Arrived after a yes"].figure, bars["Arrived after a yes"].length) == ("50", WIDEST / 2)
    assert bars["Lost while they waited"].marks == (WIDEST * 0.45, WIDEST * 0.32)
    apart = [(bar.figure, bar.length) for bar in chart.bars if bar.is_elsewhere]
    assert apart == [("45", WIDEST * 0.45), ("32", WIDEST * 0.32)]


def test_where_nothing_of_ours_is_told_there_is_no_picture_of_what_others_counted() -> None:
    assert shown(0, {ARRIVED: many(3, 3)}).charts == ()


def test_every_measure_is_folded_under_the_share_of_all_with_its_groups_in_it() -> None:
    folds = {fold.title: fold for fold in shown(1, {ARRIVED: many(30, 30) + many(12, 28, tier=1)}).folds}
    assert len(folds) == len(MEASURES)
    fold = folds["Arrived after a yes"]
    assert (fold.said, fold.about) == ("42 percent", f"#means-{ARRIVED}")
    assert [row[1:] for row in fold.rows] == [("40", "12", "30"), ("60", "30", "50"), ("100", "42", "42")]
    assert fold.rows[-1][0] == "All"
    assert folds["Came to a group"].said == "not known"


def test_what_is_small_is_kept_back_in_the_summary_of_a_fold_too() -> None:
    folds = {fold.title: fold for fold in shown(2, {ARRIVED: many(3, 30)}).folds}
    assert folds["Arrived after a yes"].said == "kept back"


def test_each_figure_of_the_outcomes_leads_to_what_it_counts() -> None:
    view = shown(0, {})
    places = {f"#{id}" for id, _name, _text in definitions("outcomes")}
    assert {*view.about, "#means-request-placed"} == places
    assert len(view.about) == len(MEASURES) + len(REFERENCES)
    assert {fold.about for fold in shown(1, {}).folds} <= places
    assert definitions("demand") == ()
