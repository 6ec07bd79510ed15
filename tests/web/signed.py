"""The real site for somebody who is signed in: pages that keep the rules of the house and are kept by nobody, and forms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from httpx2 import Response
from starlette.testclient import TestClient

from directory.domain.access import Role
from tests import accounts
from tests.accounts import NOW, Staff
from tests.pages import Page, checked, get_page, words
from tests.web import world

T = TypeVar("T")


@dataclass(frozen=True)
class Signed:
    """The site over a database with people in every role."""

    client: TestClient
    staff: Staff

    def run(self, work: Callable[..., Awaitable[T]], *values: object) -> T:
        """Runs it in the loop of the site."""
        assert self.client.portal is not None
        return self.client.portal.call(work, *values)

    def becomes(self, role: Role) -> None:
        """From here on somebody in this role."""
        self.carries(self.staff.cookies[role])

    def carries(self, cookie: str) -> None:
        """From here on with this cookie and no other."""
        self.client.cookies.clear()
        self.client.cookies.set("session", cookie)

    def page(self, url: str, status: int = 200, language: str = "en") -> Page:
        """The page at this address."""
        page = get_page(self.client, url, status=status, language=language)
        assert page.response.headers["cache-control"] == "no-store"
        return page

    def send(self, url: str, **values: str) -> Response:
        """The answer to a form."""
        return self.client.post(url, data=values, headers={"sec-fetch-site": "same-origin"})

    def sent(self, url: str, **values: str) -> str:
        """Where the answer to a form leads."""
        answer = self.send(url, **values)
        assert answer.status_code == 303, answer.text[:1500]
        return answer.headers["location"]

    def again(self, url: str, status: int = 422, **values: str) -> Page:
        """The form once more, as an answer to itself."""
        answer = self.send(url, **values)
        assert answer.status_code == status, answer.text[:1500]
        return checked(answer)


@contextmanager
def signed_site(url: str) -> Iterator[Signed]:
    """The site over the world of `world`, with people in every role."""
    world.fill(url)
    staff = asyncio.run(accounts.staff(url))
    with world.site(url, NOW) as client:
        yield Signed(client, staff)


def mistakes(page: Page) -> list[str]:
    """What the summary on top says."""
    (summary,) = page.all("div", role="alert")
    return [words(link) for link in summary.iter("a")]


def value(page: Page, name: str) -> str:
    """What a field holds, shown or hidden."""
    for select in page.all("select", name=name):
        return next(option.get("value", "") for option in select.iter("option") if option.get("selected") is not None)
    return page.one("input", name=name).get("value", "")


def once(page: Page) -> dict[str, str]:
    """The token of the form."""
    return {"once": value(page, "once")}
