"""`make bench`: measures, prints the table and keeps it in tests/bench/RESULTS.md. `--size 20000` gives a quick look."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from directory.app import zones_load
from directory.storage import db
from tests import servers
from tests.bench import changes, core, intake, lines, multiples, pages, report, stores
from tests.bench.listings import read_map
from tests.bench.run import Run

RESULTS = Path(__file__).with_name("RESULTS.md")

PARTS: dict[str, Callable[[Run], None]] = {
    "search": core.part,
    "facets": multiples.facets_part,
    "words": multiples.words_part,
    "pages": pages.part,
    "waitlist": lines.part,
    "import": intake.speed_part,
    "import-memory": intake.memory_part,
    # Last of all: it leaves the databases that the others read with other listings than before.
    "changes": changes.part,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what is asked for and returns the exit code: 0 also where a target is missed, since the table says so; 1 where an
    answer was wrong, which ends its part.
    """
    options = _parser().parse_args(arguments)
    zones_load()  # the application holds all time zones too
    started = time.monotonic()
    with stores.open_run() as folder, ExitStack() as stack:
        run = Run(options, folder, read_map(options.state), stack)
        broken = [name for name in PARTS if name in (options.only or PARTS) and not _ends(name, run)]
        server = asyncio.run(_server(folder)) if "postgres" in run.engines else ""
    minutes = (time.monotonic() - started) / 60
    found, notes = list(run.lines.values()), f"{NOTES}\n\n{report.circumstances(server)}"
    text = f"{report.table(found)}\n\n{notes}; {options.size:,} listings; {minutes:.0f} minutes.\n"
    print(text)
    Path(options.out).write_text(f"# What `make bench` measured\n\n{text}", encoding="utf-8")
    return 1 if broken else 0


def _ends(name: str, run: Run) -> bool:
    """Whether a part comes to its end. What the others have found is not lost with it."""
    try:
        PARTS[name](run)
    except AssertionError as error:
        run.line(f"`{name}` broke off: {str(error)[:300]}", "")
        run.say(f"{name} broke off: {error}")
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The figures of the README, in ratios.")
    parser.add_argument("--size", type=int, default=250_000, help="listings of the large directory (250000)")
    parser.add_argument("--small", type=int, default=2_500, help="listings of the small one (2500)")
    parser.add_argument(
        "--state", default="", metavar="XX", help="all of them in one state: a small directory that is dense"
    )
    parser.add_argument("--people", type=int, default=100_000, help="people who wait (100000)")
    parser.add_argument("--few-people", type=int, default=1_000, help="people who wait in the small waitlist (1000)")
    parser.add_argument("--long-line", type=int, default=5_000, help="people in one long line (5000)")
    parser.add_argument("--places", type=int, default=300, help="places searched from (300)")
    parser.add_argument("--pages", type=int, default=1_000, help="questions to the search page in a round (1000)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="times that everything is asked, of which the best counts (3)"
    )
    parser.add_argument("--engine", action="append", choices=stores.ENGINES, help="only this one (repeatable)")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="only this part (repeatable)")
    parser.add_argument("--out", default=str(RESULTS), metavar="FILE", help="where the table is kept")
    return parser


async def _server(folder: Path) -> str:
    """Which PostgreSQL that was."""
    async with db.connect(servers.postgres_url(folder)):
        return "PostgreSQL " + str((await db.rows("SHOW server_version"))[0]["server_version"]).split()[0]


NOTES = """\
A search is `storage.search.find`: the 25 nearest of a kind with two facets within 25 miles, the total, and how many do not say,
from places drawn as people live. The probe is a plain `sqlite3` connection that asks for the ids and coordinates in the same area
and puts them in order, no more; both engines are held to it, PostgreSQL too, whose every statement crosses a socket. Search and
probe take turns at each place, and the best of the rounds counts. Counts by facet and searches by words are held to that search,
at the same places and in the same way.

Pages are asked of a real server (`footbridge serve`, its log thrown away, the work of the day done before) over 16 connections that stay open, from ZIP codes drawn
as people live: kinds, some with filters, some with a time. The probe is the same application, whose search page is rendered by the
same templates from ready data: what the real page hands to its template is kept in memory, and each request renders it whole. Both
take turns, and the best of three rounds counts; each round asks at the same places as the first within another radius, so that
listings come again but no question does. The load generator is a process of its own, and shares the two cores with servers and databases; with two workers, too.

Pages of the waitlist are asked for inside one process, without a socket: the whole application, from the headers to the last sign of HTML.
The bare indexed read beside them is one `SELECT *` of a client by its primary key, through the same connection. A line holds
250 people, an agency ten lines, a peer 60 people. The rows of a long line are its entries, facts and consents, one statement for each.
The estimates of all lines are worked out from those of twenty, each with 40 placements in 90 days, in processor time. Offers are made and
accepted by processes that share the agencies, and so their audit chains, each offer with the whole order of its line looked at.

Bulk changes are imports of thousands of rows by the real command beside the server; every answer read meanwhile is checked.

Bare `executemany` writes the rows of the table `listing` alone into one without an index; the import writes nine tables with theirs."""


if __name__ == "__main__":
    sys.exit(main())
