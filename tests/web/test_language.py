"""The choice of language: a cookie, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory.web.forms import local_path
from tests.web.small import PRODUCTION, small_app, visitor

AWAY = [
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\/evil.test",
    "\\\\evil.test",
    "https://evil.test",
    "https:evil.test",
    "HTTP://evil.test/",
    "javascript:alert(1)",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r\nLocation: //evil.test",
    "\t//evil.test",
    " //evil.test",
    "/ok\x00",
    "evil.test",
    "@evil.test",
    "/a\\..\\\\evil.test",
    "/ñ",
    "",
]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with visitor(small_app(tmp_path)) as client:
        yield client


def chosen(client: TestClient, **fields: str) -> SimpleCookie:
    response = client.post("/language", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 303
    return SimpleCookie(response.headers["set-cookie"])


def test_the_choice_is_kept_for_a_year_and_out_of_reach_of_scripts(client: TestClient) -> None:
    cookie = chosen(client, language="es", back="/")["language"]
    assert cookie.value == "es"
    assert (cookie["max-age"], cookie["path"], cookie["samesite"].lower()) == (str(365 * 24 * 3600), "/", "lax")
    assert cookie["httponly"]
    assert not cookie["secure"]


def test_in_production_the_choice_travels_encrypted_alone(tmp_path: Path) -> None:
    with visitor(small_app(tmp_path, PRODUCTION), "https://help.example.org") as client:
        assert chosen(client, language="es", back="/")["language"]["secure"]


def test_the_next_page_speaks_the_chosen_language(client: TestClient) -> None:
    chosen(client, language="es", back="/")
    assert client.get("/", headers={"Accept-Language": "en"}).headers["content-language"] == "es"


@pytest.mark.parametrize(
    "back", ["/", "/search?near=19107&kind=meeting", "/listings/a-b#hours", "/a//b", "/search?near=Burlington%2C+VT"]
)
def test_it_goes_back_to_the_page_where_the_choice_was_made(client: TestClient, back: str) -> None:
    response = client.post("/language", data={"language": "es", "back": back})
    assert (response.status_code, response.headers["location"]) == (303, back)


@pytest.mark.parametrize("back", AWAY)
def test_it_never_leads_to_another_site(client: TestClient, back: str) -> None:
    response = client.post("/language", data={"language": "es", "back": back})
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert local_path(back, "/elsewhere-here") == "/elsewhere-here"


def test_without_a_way_back_it_goes_to_the_first_page(client: TestClient) -> None:
    assert client.post("/language", data={"language": "en"}).headers["location"] == "/"


@pytest.mark.parametrize("fields", [{"language": "tlh"}, {"language": ""}, {}])
def test_a_language_that_is_not_spoken_here_is_refused(client: TestClient, fields: dict[str, str]) -> None:
    response = client.post("/language", data=fields)
    assert response.status_code == 400
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("body", [b"language=%ff", "language=ñ".encode(), b"&".join([b"a=1"] * 201)])
def test_a_form_that_cannot_be_read_is_refused(client: TestClient, body: bytes) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/language", content=body, headers=form).status_code == 400


def test_asking_for_the_address_of_the_form_says_that_it_takes_only_forms(client: TestClient) -> None:
    assert client.get("/language").status_code == 405
