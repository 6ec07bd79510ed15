"""Who may go where: every address of the site, as every role, for what is one's own and for what is another agency's.

The table is the whole of it: an address without a row fails, and so does a row without an address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from httpx2 import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from directory.app import create_app
from directory.domain.access import STAFF, Role
from directory.settings import Settings
from directory.web.middleware import SECURITY_HEADERS
from tests import accounts
from tests.web import world

T = TypeVar("T")
NewDatabase = Callable[[str, Path], AbstractContextManager[str]]

ROLES = (Role.VISITOR, Role.PEER, Role.COORDINATOR, Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR)
OPEN = """
GET / | GET /search | GET /search.csv | GET /search.ics | GET /list | GET /list.csv | GET /list.ics | GET /listings/{slug}.ics
GET /listings/{slug} | GET /listings/{slug}/report | POST /listings/{slug}/report | GET /about | GET /privacy | POST /language
GET /map/places | GET /api/listings | GET /api/listings/{slug} | GET /healthz | GET /readyz | GET /robots.txt | MOUNT /static
POST /sign-in | POST /sign-out | GET /reset | POST /reset
"""
"""The same for everybody."""
TABLE = """
                                    visitor  peer     coordinator  editor   oversight  administrator
GET /sign-in                        yes      onward   onward       onward   onward     onward
GET /sign-in/code                   sign-in  onward   onward       onward   onward     onward
POST /sign-in/code                  sign-in  onward   onward       onward   onward     onward
GET /sign-in/again                  sign-in  yes      yes          yes      yes        yes
POST /sign-in/again                 sign-in  yes      yes          yes      yes        yes
POST /demo/sign-in                  hidden   hidden   hidden       hidden   hidden     hidden
GET /invitation/{token}             dead     dead     dead         dead     dead       dead
POST /invitation/{token}            dead     dead     dead         dead     dead       dead
GET /second-step/{token}            dead     dead     dead         dead     dead       dead
POST /second-step/{token}           dead     dead     dead         dead     dead       dead
GET /reset/{token}                  dead     dead     dead         dead     dead       dead
POST /reset/{token}                 dead     dead     dead         dead     dead       dead
GET /account                        sign-in  yes      yes          yes      yes        yes
POST /account/sessions              sign-in  yes      yes          yes      yes        yes
GET /account/password               sign-in  yes      yes          yes      yes        yes
POST /account/password              sign-in  yes      yes          yes      yes        yes
GET /account/second-factor          sign-in  yes      yes          yes      yes        yes
POST /account/second-factor         sign-in  yes      yes          yes      yes        yes
POST /account/codes                 sign-in  yes      yes          yes      yes        yes
GET /people                         sign-in  no       yes          no       no         yes
GET /people/invite                  sign-in  no       yes          no       no         yes
POST /people/invite own             sign-in  no       yes          no       no         yes
POST /people/invite other           sign-in  no       hidden       no       no         yes
POST /people/invite above           sign-in  no       hidden       no       no         yes
POST /people/roles/end own          sign-in  no       yes          no       no         yes
POST /people/roles/end other        sign-in  no       hidden       no       no         yes
POST /people/second-factor own      sign-in  no       yes          no       no         yes
POST /people/second-factor other    sign-in  no       hidden       no       no         yes
POST /people/second-factor above    sign-in  no       hidden       no       no         yes
"""
"""yes: the page, or the form is looked at. onward: signed in already. no: not this role. hidden: as if it were not there. `own` lies in
the own agency, `other` in another one, `above` belongs to somebody who may do more."""


def rows() -> dict[str, dict[Role, str]]:
    """What each row says for each role."""
    found = {}
    for line in TABLE.strip("\n").splitlines()[1:]:
        *name, cells = line[:36].strip(), line[36:].split()
        found[" ".join(name)] = dict(zip(ROLES, cells, strict=True))
    return found


ROWS = rows()
EVERYBODY = [entry.strip() for line in OPEN.strip().splitlines() for entry in line.split("|")]


def addresses() -> set[str]:
    """Every address of the site with its method."""
    found = set()
    for route in create_app(Settings(env="test")).routes:
        if isinstance(route, Mount):
            found.add(f"MOUNT {route.path}")
        elif isinstance(route, Route):
            found |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
    return found


@dataclass(frozen=True)
class Town:
    """The site with its people."""

    url: str
    staff: accounts.Staff
    slug: str


@pytest.fixture(scope="module")
def town(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with new_database("sqlite", tmp_path_factory.mktemp("town")) as url:
        world.fill(url)
        staff = asyncio.run(accounts.staff(url))
        with world.site(url, accounts.NOW) as client:
            slug = client.get("/api/listings?kind=meeting").json()["results"][0]["slug"]
        yield Town(url, staff, slug)


@pytest.fixture(scope="module")
def client(town: Town) -> Iterator[TestClient]:
    """One site for all of them: what a row changes belongs to somebody who is there for that row alone."""
    with world.site(town.url, accounts.NOW) as client:
        yield client


numbers = count()


def in_site(client: TestClient, work: Callable[..., Awaitable[T]], *values: object) -> T:
    """Runs it in the loop of the site, over its connection."""
    assert client.portal is not None
    return client.portal.call(work, *values)


def fields(client: TestClient, town: Town, row: str) -> dict[str, str]:
    """What is sent: of a row about somebody, about somebody who is there for this one request."""
    address, _, whose = row.partition(" ")[2].partition(" ")
    if not whose:
        return {}
    email = f"somebody{next(numbers)}@example.org"
    agency = town.staff.there if whose == "other" else town.staff.here
    if address == "/people/invite":
        role, agency_text = (Role.ADMINISTRATOR, "") if whose == "above" else (Role.PEER, str(agency))
        return {"name": "New One", "email": email, "role": role, "agency": agency_text, "once": f"{next(numbers):043}"}
    if whose == "above":
        return {"id": str(town.staff.people[Role.ADMINISTRATOR].id)}
    person, grant = in_site(client, accounts.newcomer, agency, email)
    return {"id": str(person if address == "/people/second-factor" else grant)}


def ask(client: TestClient, town: Town, row: str, role: Role, data: dict[str, str]) -> Response:
    """The answer to somebody in this role."""
    client.cookies.clear()
    method, path = row.split(" ")[:2]
    headers = {"sec-fetch-site": "same-origin"}
    if role is not Role.VISITOR:
        headers["cookie"] = f"session={town.staff.cookies[role]}"
    path = path.format(slug=town.slug, token="t" * 43)
    return client.request("GET" if method == "MOUNT" else method, path, data=data or None, headers=headers)


def outcome(response: Response) -> str:
    """What the answer comes to."""
    if response.status_code == 303:
        place = response.headers["location"]
        if place.partition("?")[0] == "/sign-in":
            return "sign-in"
        return "onward" if place == "/account" else "yes"
    return {200: "yes", 422: "yes", 403: "no", 404: "hidden", 410: "dead"}.get(
        response.status_code, str(response.status_code)
    )


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    named = {" ".join(row.split(" ")[:2]) for row in ROWS} | set(EVERYBODY)
    assert addresses() - named == set(), "who may go there? Add a row"
    assert named - addresses() == set()
    assert {role for row in ROWS.values() for role in row} == {Role.VISITOR, *STAFF}


@pytest.mark.parametrize("row", ROWS)
def test_each_role_gets_what_the_table_says(client: TestClient, town: Town, row: str) -> None:
    found = {}
    for role in ROLES:
        response = ask(client, town, row, role, fields(client, town, row))
        found[role] = outcome(response)
        if row.startswith("POST /account/sessions") and found[role] == "onward":
            found[role] = "yes"  # back to the page that it stands on
        assert response.headers["cache-control"] == "no-store"
        assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert found == ROWS[row]


@pytest.mark.parametrize(
    "row", [row for row in EVERYBODY if row.partition(" ")[2] not in ("/sign-in", "/sign-out", "/static")]
)
def test_what_is_for_everybody_is_the_same_for_everybody(client: TestClient, town: Town, row: str) -> None:
    answers = [ask(client, town, row, role, {}) for role in ROLES]
    assert len({answer.status_code for answer in answers}) == 1
    assert len({answer.headers["cache-control"] for answer in answers}) == 1
    assert all({name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS for answer in answers)


@pytest.mark.parametrize("row", [row for row in (*ROWS, *EVERYBODY) if row.startswith("POST")])
def test_no_form_is_taken_from_another_site(client: TestClient, town: Town, row: str) -> None:
    path = row.split(" ")[1].format(slug=town.slug, token="t" * 43)
    cookie = f"session={town.staff.cookies[Role.ADMINISTRATOR]}"
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {},  # a browser that says nothing, but has the cookie
    ):
        assert client.post(path, data={"id": "1"}, headers={"cookie": cookie, **headers}).status_code == 403


def test_signing_out_ends_the_session_and_takes_the_cookie_away(client: TestClient, town: Town) -> None:
    token = in_site(client, accounts.cookie, town.staff.people[Role.EDITOR])
    headers = {"cookie": f"session={token}", "sec-fetch-site": "same-origin"}
    assert client.get("/account", headers=headers).status_code == 200
    answer = client.post("/sign-out", headers=headers)
    assert answer.headers["location"] == "/"
    assert 'session=""' in answer.headers["set-cookie"]
    assert client.get("/account", headers=headers).headers["location"].startswith("/sign-in")
