from __future__ import annotations

from typing import Any

import pytest

from directory.domain.merging import changed, hidden_fields, merged

SEEN = {"name": "Quiet Lamp", "fees": "none", "phones": None}


@pytest.mark.parametrize(
    ("yours", "now", "taken", "asked"),
    [
        pytest.param({}, SEEN, {}, [], id="nothing written"),
        pytest.param({"fees": "two"}, SEEN, {"fees": "two"}, [], id="only you"),
        pytest.param({"fees": "none"}, {**SEEN, "fees": "three"}, {}, [], id="only they"),
        pytest.param({"fees": "two"}, {**SEEN, "name": "Loud Lamp"}, {"fees": "two"}, [], id="each another field"),
        pytest.param({"fees": "two"}, {**SEEN, "fees": "two"}, {}, [], id="both the same"),
        pytest.param(
            {"fees": "two"}, {**SEEN, "fees": "three"}, {}, [("none", "two", "three")], id="both, and differently"
        ),
        pytest.param(
            {"fees": None}, {**SEEN, "fees": "three"}, {}, [("none", None, "three")], id="taken out and changed"
        ),
        pytest.param({"phones": []}, SEEN, {}, [], id="no rows and none at all are the same"),
        pytest.param({"fees": "two"}, {}, {}, [("none", "two", None)], id="they took it out"),
    ],
)
def test_what_two_people_write_is_merged_or_asked_about(
    yours: dict[str, Any], now: dict[str, Any], taken: dict[str, Any], asked: list[tuple[Any, Any, Any]]
) -> None:
    found = merged(SEEN, yours, now)
    assert found.values == taken
    assert [(clash.before, clash.yours, clash.theirs) for clash in found.clashes] == asked


def test_a_list_known_to_be_empty_is_not_the_same_as_one_that_nobody_knows() -> None:
    assert changed({"care": None}, {"care": []}) == {"care": []}


def test_a_hidden_address_hides_the_town_too_and_what_hides_it() -> None:
    assert hidden_fields("full", None) == frozenset()
    partial, hidden = hidden_fields("partial"), hidden_fields("full", "hidden")
    assert {"address.street", "address.postal_code", "address.visibility"} <= partial < hidden
    assert "address.city" in hidden - partial
