"""What every test can ask for (databases on both engines, sample data, a browser) and what holds for all of them."""

from __future__ import annotations

import compileall
import logging
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from tests import databases, garbage, guards, orm, servers, templates

RUN = "FOOTBRIDGE_TEST_RUN"
"""Names, for the xdist workers, the folder that all processes of one run share."""

PACKAGE = Path(__file__).parents[1] / "directory"

left_out = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    garbage.collect_seldom()
    guards.forget_settings()
    guards.close_network()
    templates.compile_once()
    orm.work_out_once()
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = str(servers.open_run())
        # For the many commands and servers that tests start: with PYTHONDONTWRITEBYTECODE each would compile the whole package for itself.
        compileall.compile_dir(PACKAGE, quiet=2)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    run = Path(os.environ.pop(RUN))
    if os.environ.get("TEST_POSTGRES_URL"):
        databases.drop_template(run)
    servers.close_run(run)
    if left_out in config.stash:
        print(config.stash[left_out])


def pytest_collection_finish() -> None:
    garbage.pass_over_what_is_here()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Keeps, for the very last line, what was left out and why."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else str(report.longrepr)
        for report in terminalreporter.stats.get("skipped", [])
    )
    parts = [f"{number} {'test' if number == 1 else 'tests'} ({reason})" for reason, number in reasons.items()]
    config.stash[left_out] = f"Left out: {', '.join(parts) or 'nothing'}."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    if item.get_closest_marker("may_block"):
        return (yield)
    with guards.loop_kept_free():
        return (yield)


@pytest.fixture(autouse=True)
def logging_as_found() -> Iterator[None]:
    """An application sets up our log when it is made; the next test must not find it so."""
    yield
    ours = logging.getLogger("footbridge")
    ours.setLevel(logging.NOTSET)
    ours.handlers.clear()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def new_database() -> Callable[[str, Path], AbstractContextManager[str]]:
    """Makes databases beyond the test's own: `with new_database("sqlite", folder) as url`."""
    from directory.storage.schema import migrate

    return partial(databases.fresh, run=Path(os.environ[RUN]), migrate=migrate)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Both, one after the other; `@pytest.mark.parametrize("engine", ["postgres"])` narrows it, as for races."""
    return request.param


@pytest.fixture
def database_url(
    engine: str, tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]
) -> Iterator[str]:
    """The address of a migrated database of the test's own, empty but for what migrations put there."""
    with new_database(engine, tmp_path) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """The test's database, open in the test's loop; its address."""
    from directory.storage.db import connect

    async with connect(database_url):
        yield database_url


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder with files as they are published, which are not part of the project."""
    folder = os.environ.get("TEST_SAMPLE_DATA")
    if not folder:
        pytest.skip("TEST_SAMPLE_DATA names no folder of sample data")
    return Path(folder)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("Chromium is not installed")
