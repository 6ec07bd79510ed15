"""Every address of the real site: that it answers, with its headers, in both languages, to GET and to HEAD."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from directory.app import create_app
from directory.settings import Settings
from directory.web.middleware import SECURITY_HEADERS
from tests.web import world
from tests.web.made import NOW

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
TABLE = [
    route for route in create_app(Settings(env="test"), clock=lambda: NOW).routes if isinstance(route, Route | Mount)
]
ACCOUNTS = (
    "/sign-in",
    "/invitation/",
    "/second-step/",
    "/reset",
    "/account",
    "/people",
    "/agencies",
    "/programs",
    "/levels",
    "/claims",
    "/desk",
    "/audit",
    "/oversight",
    "/messages",
    "/moderation",
    "/checks",
    "/reports",
    "/l/",
    "/places",
    "/conflicts",
    "/duplicates",
    "/openings",
    "/notices",
    "/tasks",
    "/uploads",
    "/runs",
    "/feeds",
    "/lines",
    "/pairs",
    "/intake",
    "/status",
    "/records",
    "/appeals",
    "/clients",
    "/board",
    "/line-imports",
    "/slots",
    "/offers",
    "/second-words",
    "/groups/",
    "/handoffs",
    "/handouts",
    "/h/",
    "/peers",
)
"""Not everybody may go there: tests/test_access.py walks these, and all others, as every role."""
READ = [
    route.path
    for route in TABLE
    if isinstance(route, Route) and "GET" in (route.methods or ()) and not route.path.startswith(ACCOUNTS)
]
SENT_TO = [route.path for route in TABLE if isinstance(route, Route) and "POST" in (route.methods or ())]
NAMES = sorted(Path(__file__).parents[2].joinpath("static").glob("*.*"))


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database for all tests here, which only read it."""
    with new_database("sqlite", tmp_path_factory.mktemp("world")) as url:
        world.fill(url)
        yield url


@pytest.fixture
def client(filled: str) -> Iterator[TestClient]:
    with world.site(filled) as client:
        yield client


@pytest.fixture
def slug(client: TestClient) -> str:
    return str(client.get("/api/listings?kind=meeting").json()["results"][0]["slug"])


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", READ)
def test_every_address_answers_with_the_protective_headers(
    client: TestClient, slug: str, path: str, language: str
) -> None:
    response = client.get(path.format(slug=slug), headers={"Accept-Language": language})
    assert response.status_code == 200
    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "cache-control" in response.headers
    assert "set-cookie" not in response.headers
    if response.headers["content-type"].startswith("text/html"):
        assert response.headers["content-language"] == language
        assert f'<html lang="{language}">' in response.text


@pytest.mark.parametrize("path", READ)
def test_head_answers_as_get_does(client: TestClient, slug: str, path: str) -> None:
    got, head = client.get(path.format(slug=slug)), client.head(path.format(slug=slug))
    assert head.status_code == 200
    assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize("path", READ)
def test_no_address_takes_what_another_site_sends(client: TestClient, slug: str, path: str) -> None:
    address = path.format(slug=slug)
    assert client.post(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    # An address with a form finds nothing in an empty one; all others take none.
    taken = 422 if path in SENT_TO else 405
    assert client.post(address, headers={"Sec-Fetch-Site": "same-origin"}).status_code == taken


@pytest.mark.parametrize("name", [path.name for path in NAMES])
def test_every_static_file_is_served_with_the_protective_headers(client: TestClient, name: str) -> None:
    response = client.get(f"/static/{name}")
    assert response.status_code == 200
    assert {header: response.headers.get(header) for header in SECURITY_HEADERS} == SECURITY_HEADERS


def test_pages_that_no_place_decides_are_shared_and_searches_are_not(client: TestClient, slug: str) -> None:
    kept = {
        path: client.get(path).headers["cache-control"] for path in ("/", f"/listings/{slug}", "/search?near=19199")
    }
    assert list(kept.values()) == ["public, max-age=60", "public, max-age=60", "private, max-age=60"]


def test_the_page_for_errors_is_a_whole_page_that_says_what_to_do(client: TestClient) -> None:
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "<h1>We cannot find that page</h1>" in response.text
    assert 'href="/"' in response.text


def test_the_pages_for_each_refusal_can_be_made(client: TestClient) -> None:
    wanted = {
        403: client.post("/language", headers={"Sec-Fetch-Site": "cross-site"}),
        405: client.delete("/"),
        413: client.post("/language", content=b"a" * 1_000_001),
        415: client.post("/language", json={}),
        400: client.post("/language", data={"language": "tlh"}),
    }
    assert {status: response.status_code for status, response in wanted.items()} == {
        status: status for status in wanted
    }
    assert all("<h1>" in response.text for response in wanted.values())
