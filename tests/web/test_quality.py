"""The page on how true the directory is: for everybody, in both languages, and public."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request

from directory.services.quality import Quality
from directory.web.quality import figures
from tests.pages import get_page, words
from tests.web import world

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_says_what_was_checked_in_words_and_in_a_table(database_url: str, language: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:
        page = get_page(client, "/data-quality", language=language)
    assert page.response.headers["cache-control"] == "public, max-age=60"
    rows = [[words(cell) for cell in row] for row in page.one("table").iter("tr")][1:]
    assert [row[1:3] for row in rows] == [["0%", "100%"], ["0%", "100%"], ["100%", "0%"], ["33%", "67%"]]
    shares = [words(share) for share in page.one("dl").iter("dd")]
    assert shares == ["0%", "100%", "0%", "0%", "0%"], "every source gives its point, which is one of the street"
    if language == "en":
        assert [row[3] for row in rows] == ["never", "never", "10 days", "10 days"]
        assert words(next(page.one("dl").iter("dt"))) == "The house is known"
        assert [row[0] for row in rows] == [
            "Treatment 1 listing",
            "Meetings 1 listing",
            "Housing 1 listing",
            "All 3 listings",
        ]
        assert page.title == "How true the directory is"
        assert "33% of the listings were checked in the last 90 days" in page.text
        assert "0 reports are open." in page.text
        assert "An invented world" in page.text
    else:
        assert "checked" not in page.text


def test_that_many_ask_at_once_costs_no_more_than_one(database_url: str) -> None:
    world.fill(database_url)
    with world.site(database_url) as client:

        async def asked() -> list[Quality]:
            request = Request({"type": "http", "app": client.app})
            return await asyncio.gather(*(figures(request) for _ in range(8)))

        assert client.portal is not None
        found = client.portal.call(asked)
    assert len({id(each) for each in found}) == 1, "all have the same figures, made once"
    assert found[0].total.listings == 3


def test_the_page_about_this_site_leads_there(database_url: str) -> None:
    with world.site(database_url) as client:
        assert "/data-quality" in get_page(client, "/about").links().values()
        assert "There is nothing in the directory yet." in get_page(client, "/data-quality").text
