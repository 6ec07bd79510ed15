"""Who has the page already is told so: 304, and nothing that came with the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from directory.web.middleware import SECURITY_HEADERS
from tests.web import world
from tests.web.small import small_app, visitor

NEAR = "/search?near=19199"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with visitor(small_app(tmp_path)) as client:
        yield client


@pytest.fixture
def search(database_url: str) -> Iterator[TestClient]:
    """The whole site."""
    world.fill(database_url)
    with world.site(database_url) as client:
        yield client


def test_an_unchanged_answer_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/tagged?a=1")
    tag = first.headers["etag"]
    again = client.get("/tagged?a=1", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]


@pytest.mark.parametrize("named", ['"x", {tag}', "{strong}", '{tag} , W/"y"', "*"])
def test_a_list_of_tags_a_strong_form_and_a_star_all_match(client: TestClient, named: str) -> None:
    tag = client.get("/tagged").headers["etag"]
    header = named.format(tag=tag, strong=tag.removeprefix("W/"))
    assert client.get("/tagged", headers={"If-None-Match": header}).status_code == 304


def test_the_tag_changes_with_the_question_and_the_language(client: TestClient) -> None:
    addresses = ("/tagged", "/tagged?a=1", "/tagged?a=2")
    tags = {
        client.get(path, headers={"Accept-Language": lang}).headers["etag"]
        for path in addresses
        for lang in ("en", "es")
    }
    assert len(tags) == 6


def test_another_tag_gets_the_answer(client: TestClient) -> None:
    assert client.get("/tagged", headers={"If-None-Match": 'W/"other", ""'}).status_code == 200


def test_a_star_does_not_hide_a_failure(client: TestClient) -> None:
    assert client.get("/tagged?nowhere=1", headers={"If-None-Match": "*"}).status_code == 422


@pytest.mark.parametrize("path", ["/static/site.css", "/tagged"])
def test_an_unchanged_answer_says_nothing_again_that_came_with_the_page(client: TestClient, path: str) -> None:
    response = client.get(path, headers={"If-None-Match": "*"})
    assert response.status_code == 304
    assert [name for name in (*SECURITY_HEADERS, "Content-Language") if name in response.headers] == []


def test_an_unchanged_file_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/static/site.css")
    again = client.get("/static/site.css", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["cache-control"] == first.headers["cache-control"]


# --- the search page, which a guard answers before it ---------------------------------------------------------------


def test_the_page_itself_says_304_too_where_the_version_of_the_data_has_to_be_read(
    search: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = {"if-none-match": search.get(NEAR).headers["etag"]}
    at_once = search.get(NEAR, headers=tag)
    monkeypatch.setattr("directory.storage.memory.SECONDS", -1.0)
    by_the_page = search.get(NEAR, headers=tag)
    assert (by_the_page.status_code, by_the_page.headers.items()) == (304, at_once.headers.items())


def test_who_names_the_tag_of_a_page_passes_the_same_guards(search: TestClient) -> None:
    tag = {"if-none-match": search.get(NEAR).headers["etag"]}
    assert search.get(NEAR, headers={**tag, "host": "evil.test"}).status_code == 400
    assert search.post(NEAR, headers=tag).status_code == 405
