"""Every test in this folder rests on the watch over its windows (visits.py): that it sees what it is there for."""

from __future__ import annotations

from time import monotonic

import pytest
from playwright.sync_api import Error

from tests.browser.visits import Visits

PATHS = ("/", "/search?near=00101&kind=treatment", "/search?near=Larkspr+City", "/about", "/privacy", "/nowhere")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("document.body.append(new Image()); document.images[0].src = 'https://other.example/count.gif'", "img-src"),
        ("document.body.append(Object.assign(document.createElement('script'), {text: '1'}))", "script-src-elem"),
        ("document.body.setAttribute('style', 'color: red')", "style-src-attr"),
        ("setTimeout(() => { throw new Error('a broken script'); })", "a broken script"),
        ("console.error('something is wrong')", "something is wrong"),
        ("fetch('/static/not-there.css')", "404"),
    ],
)
def test_what_a_page_must_not_do_is_noticed(visits: Visits, harm: str, said: str) -> None:
    page = visits.visit("/")
    assert visits.complaints == []
    page.evaluate(f"{{ {harm} }}")
    deadline = monotonic() + 10
    while not any(said in complaint for complaint in visits.complaints) and monotonic() < deadline:
        page.wait_for_timeout(10)
    assert any(said in complaint for complaint in visits.complaints), visits.complaints
    visits.close()  # after which nothing more is said
    visits.complaints.clear()


def test_a_way_to_another_host_is_noticed(visits: Visits) -> None:
    page = visits.visit("/")
    with pytest.raises(Error):
        page.goto("http://other.example/")
    assert visits.complaints[0] == "asked other.example for document http://other.example/"
    visits.complaints.clear()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_asks_no_other_host_and_does_nothing_that_is_forbidden(visits: Visits, path: str) -> None:
    page = visits.visit(path)
    page.wait_for_load_state("networkidle")
    assert visits.hosts == {visits.url.removeprefix("http://")}
    assert visits.complaints == []
