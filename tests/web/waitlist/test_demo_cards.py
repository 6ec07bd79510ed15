"""The page for signing in shows the codes of two invented cards in the demonstration on one's own machine, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory.app import create_app
from tests.county import clock, county
from tests.factories import settings_for
from tests.pages import get_page, words

HERE = {"base_url": "http://127.0.0.1:8000", "client": ("127.0.0.1", 5555)}
SAME = {"sec-fetch-site": "same-origin"}


@contextmanager
def site(url: str, **more: object) -> Iterator[TestClient]:
    settings = replace(settings_for(url), hosts=("127.0.0.1", "demo.example"), bind="127.0.0.1")
    settings = replace(settings, base_url="http://127.0.0.1:8000", worker=False)
    with TestClient(create_app(settings, clock=clock), follow_redirects=False, **{**HERE, **more}) as client:  # type: ignore[arg-type]
        yield client


@pytest.mark.may_block("the county is loaded once a run")
def test_two_codes_stand_beside_the_invented_people_and_open_what_their_cards_would(tmp_path: Path) -> None:
    with site(county(tmp_path)) as client:
        page = get_page(client, "/sign-in")
        codes = [words(code) for code in page.all("code")]
        assert len(codes) == 2
        assert "two of its people wait" in page.text.lower()
        for code, said in zip(codes, ("You are waiting", "Paused"), strict=True):
            client.cookies.clear()
            answer = client.post("/status", data={"code": code}, headers=SAME)
            assert (answer.status_code, answer.headers["location"]) == (303, "/status")
            assert said in get_page(client, "/status").text


@pytest.mark.may_block("the county is loaded once a run")
def test_from_anywhere_else_no_code_is_shown(tmp_path: Path) -> None:
    url = county(tmp_path)
    for more in ({"client": ("192.0.2.7", 5555)}, {"base_url": "http://demo.example"}):
        with site(url, **more) as client:
            assert get_page(client, "/sign-in").all("code") == []
