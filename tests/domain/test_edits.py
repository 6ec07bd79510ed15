from __future__ import annotations

from typing import Any

import pytest

from directory.domain.edits import MOST, problems
from directory.domain.links import host_of
from directory.domain.taxonomy import FACETS
from tests.edits import MONDAY, PHONE

SCRIPTS = ("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "https:alert(1)", "//example.org/", "https://a@example.org/", "https://example.org/\nx")  # fmt: skip


@pytest.mark.parametrize("url", SCRIPTS)
def test_a_page_links_to_nothing_but_a_place_on_the_web(url: str) -> None:
    assert host_of(url) is None
    assert [each.code for each in problems({"conference_url": url})] == ["not-a-link"]
    assert [each.field for each in problems({"urls": [{"url": url, "label": None}]})] == ["urls"]


def test_a_web_address_is_taken_as_it_is() -> None:
    url = "https://video.example.org/j/555?pwd=a"
    assert problems({"conference_url": url, "urls": [{"url": url, "label": "Room"}]}) == []
    assert problems({"conference_url": None, "urls": None}) == []


ONE: dict[str, Any] = {
    "windows": MONDAY,
    "phones": PHONE,
    "urls": {"url": "https://example.org/", "label": None},
    "languages": "en",
}


@pytest.mark.parametrize("field", MOST)
def test_a_list_holds_so_many_and_no_more(field: str) -> None:
    assert problems({field: [ONE[field]] * MOST[field]}) == []
    (found,) = problems({field: [ONE[field]] * (MOST[field] + 1)})
    assert (found.code, found.allowed) == ("too-many", (str(MOST[field]),))


def test_a_choice_of_several_names_each_of_them_once_at_most() -> None:
    assert problems({"pay": list(FACETS["pay"])}) == []
    assert [each.code for each in problems({"pay": ["free"] * 1000})] == ["unknown-value"]
