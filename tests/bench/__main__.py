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
from tests.bench import imports, memory, report, samhsa, searches, stores
from tests.bench.listings import Map, read_map
from tests.bench.report import Line

RESULTS = Path(__file__).with_name("RESULTS.md")
MEGABYTE = 1_000_000
IMPORTS = 3
"""How often a file is imported into a fresh database."""
Lines = dict[str, Line]
SEARCHES = 500
"""How many a server answers before its memory is looked at."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what is asked for and returns the exit code: 0 also where a target is missed, since the table says so."""
    options = _parser().parse_args(arguments)
    zones_load()  # the application holds all time zones too
    started = time.monotonic()
    with stores.open_run() as run:
        lines, server = measure(options, run, read_map())
    minutes = (time.monotonic() - started) / 60
    text = f"{report.table(lines)}\n\n{NOTES}\n\n{report.circumstances(server)}; {minutes:.0f} minutes.\n"
    print(text)
    Path(options.out).write_text(f"# What `make bench` measured\n\n{text}", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The figures of the README, in ratios.")
    parser.add_argument("--size", type=int, default=250_000, help="listings of the large directory (250000)")
    parser.add_argument("--small", type=int, default=2_500, help="listings of the small one (2500)")
    parser.add_argument("--places", type=int, default=300, help="places searched from (300)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="times that everything is asked, of which the best counts (3)"
    )
    parser.add_argument("--engine", action="append", choices=stores.ENGINES, help="only this one (repeatable)")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="only this part (repeatable)")
    parser.add_argument("--out", default=str(RESULTS), metavar="FILE", help="where the table is kept")
    return parser


def measure(options: argparse.Namespace, run: Path, map: Map) -> tuple[list[Line], str]:
    """All lines of the table, and which PostgreSQL that was."""
    engines = options.engine or list(stores.ENGINES)
    lines: Lines = {}
    for name in options.only or PARTS:
        PARTS[name](options, run, map, engines, lines)
    return list(lines.values()), asyncio.run(_server(run)) if "postgres" in engines else ""


async def _server(run: Path) -> str:
    from tests import servers

    async with db.connect(servers.postgres_url(run)):
        return "PostgreSQL " + str((await db.rows("SHOW server_version"))[0]["server_version"]).split()[0]


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _line(lines: Lines, what: str, target: str) -> Line:
    return lines.setdefault(what, Line(what, target))


# --- the parts -------------------------------------------------------------------------------------------------------


def _search(options: argparse.Namespace, run: Path, map: Map, engines: list[str], lines: Lines) -> None:
    sizes = (options.size, options.small)
    with ExitStack() as stack:
        urls: dict[str, list[str]] = {}
        for engine in dict.fromkeys(["sqlite", *engines]):  # the probe reads the SQLite file whatever is measured
            _say(f"filling {report.NAMES[engine]}")
            urls[engine] = [stack.enter_context(stores.filled(engine, run, map, size)) for size in sizes]
        files = [path for url in urls["sqlite"] if (path := db.sqlite_path(url))]
        for engine in engines:
            _say(f"searching on {report.NAMES[engine]}")
            big, small = zip(urls[engine], files, strict=True)
            found = searches.compare(big, small, map, places=options.places, rounds=options.rounds)
            _search_lines(options, engine, found, lines)
            _server_line(options, urls[engine][0], map, engine, lines)


def _search_lines(options: argparse.Namespace, engine: str, found: searches.Found, lines: Lines) -> None:
    for name, times in found.many.items():
        figures = times.figures()
        _ratio_lines(lines, engine, f"{name} ({options.size:,} listings)", figures)
        few = found.few[name].figures()
        grown, probe = figures["p50"] / few["p50"], figures["probe p50"] / few["probe p50"]
        line = _line(lines, f"{name}: {options.size:,} against {options.small:,} listings, p50", "<= 2.5 x")
        line.values[engine], line.met[engine] = f"{grown:.2f} x (the probe itself {probe:.2f} x)", grown <= 2.5


def _ratio_lines(lines: Lines, engine: str, what: str, figures: dict[str, float]) -> None:
    for point, limit in (("p50", 4), ("p99", 40)):
        line = _line(lines, f"{what}: {point} of the probe's p50", f"<= {limit} x")
        ratio = figures[f"{point} ratio"]
        line.values[engine] = f"{ratio:.1f} x ({figures[point]:.2f} ms; probe {figures[f'probe {point}']:.2f} ms)"
        line.met[engine] = ratio <= limit


def _server_line(options: argparse.Namespace, url: str, map: Map, engine: str, lines: Lines) -> None:
    places = searches.draw_places(map, options.places)
    line = _line(lines, f"private memory of a server after {SEARCHES} searches over {options.size:,}", "<= 200 MB")
    try:
        used = memory.of_server(url, places, SEARCHES) / MEGABYTE
    except memory.Unmeasured:
        return
    line.values[engine], line.met[engine] = f"{used:.0f} MB", used <= 200


def _import(options: argparse.Namespace, run: Path, map: Map, engines: list[str], lines: Lines) -> None:
    count = min(20_000, options.size)
    file = run / "import.csv"
    samhsa.write(file, map, count)
    for engine in engines:
        _say(f"importing on {report.NAMES[engine]}")
        found = []
        for _ in range(IMPORTS):
            with stores.fresh(engine, run) as url:
                found.append(imports.rates(url, file))
        # The best of each for itself: the pair with the best share would be the one in which the bare table was held up most.
        best = imports.Rates(max(rates.imported for rates in found), max(rates.bare for rates in found))
        line = _line(lines, f"import of {count:,} rows, of the rows/s of bare `executemany`", ">= 1/50")
        line.values[engine] = f"1/{1 / best.share:.0f} ({best.imported:,.0f} of {best.bare:,.0f} rows/s)"
        line.met[engine] = best.share >= 1 / 50


def _import_memory(options: argparse.Namespace, run: Path, map: Map, engines: list[str], lines: Lines) -> None:
    counts = (1_000, max(1_000, options.size * 4 // 5))
    files = [run / f"{count}.csv" for count in counts]
    for file, count in zip(files, counts, strict=True):
        samhsa.write(file, map, count)
    for engine in engines:
        _say(f"memory of an import on {report.NAMES[engine]}")
        try:
            few, many = (_memory_of(engine, run, file) for file in files)
        except memory.Unmeasured:
            return
        line = _line(
            lines, f"private memory at the most, import of {counts[0]:,} / {counts[1]:,} rows", f"<= {FLAT:.0%} more"
        )
        line.values[engine] = f"{few:.0f} / {many:.0f} MB ({many - few:+.0f} MB)"
        line.met[engine] = many <= few * (1 + FLAT)


def _memory_of(engine: str, run: Path, file: Path) -> float:
    with stores.fresh(engine, run) as url:
        return memory.of_import(url, file, stores.SOURCE) / MEGABYTE


FLAT = 0.15
"""What still counts as flat: a process breathes with its batches, but nothing may grow with the file."""

Part = Callable[[argparse.Namespace, Path, Map, list[str], Lines], None]
PARTS: dict[str, Part] = {"search": _search, "import": _import, "import-memory": _import_memory}

NOTES = """\
A search is `storage.search.find`: the 25 nearest of a kind with two facets within 25 miles, the total, and how many do not say,
from places drawn as people live. The probe is a plain `sqlite3` connection that asks for the ids and coordinates in the same area
and puts them in order, no more; both engines are held to it, PostgreSQL too, whose every statement crosses a socket. Search and
probe take turns at each place, and the best of the rounds counts. Bare `executemany` writes the rows of the table `listing` alone
into one without an index; the import writes nine tables with theirs."""


if __name__ == "__main__":
    sys.exit(main())
