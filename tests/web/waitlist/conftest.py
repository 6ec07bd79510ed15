"""A site with a small staff for the tests of a module, in which each test makes what it needs of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from directory.domain.access import Role
from tests import accounts
from tests.web import world
from tests.web.test_accounts import Browser, opened
from tests.web.waitlist.persons import Keeping, keeping


@pytest.fixture(scope="module")
def town(
    new_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, accounts.Staff]]:
    """One site for all tests of a module."""
    with new_database("sqlite", tmp_path_factory.mktemp("town")) as url:
        world.fill(url)
        yield url, asyncio.run(accounts.staff(url))


@pytest.fixture
def coordinator(town: tuple[str, accounts.Staff]) -> Iterator[Browser]:
    """The browser of a coordinator there."""
    url, staff = town
    with opened(url, staff, base_url=world.HOST) as browser:
        browser.becomes(Role.COORDINATOR)
        yield browser


@pytest.fixture
def keeper(town: tuple[str, accounts.Staff]) -> Iterator[Keeping]:
    """A peer at work there, with a line that nobody else has."""
    with keeping(*town) as keeper:
        yield keeper
