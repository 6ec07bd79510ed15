"""The lines of the search core: against the bare probe, against a small directory, and the memory of a server."""

from __future__ import annotations

from pathlib import Path

from directory.storage import db
from tests.bench import memory, searches
from tests.bench.report import NAMES
from tests.bench.run import Run

MEGABYTE = 1_000_000
SEARCHES = 500
"""How many a server answers before its memory is looked at."""


def part(run: Run) -> None:
    """Measures all of it on each engine. The probe reads the SQLite file whatever is measured."""
    sizes = (run.options.size, run.options.small)
    files = [db.sqlite_path(run.filled("sqlite", size)) or Path() for size in sizes]
    for engine in run.engines:
        big, small = zip([run.filled(engine, size) for size in sizes], files, strict=True)
        run.say(f"searching on {NAMES[engine]}")
        found = searches.compare(big, small, run.map, places=run.options.places, rounds=run.options.rounds)
        _search_lines(run, engine, found)
        _server_line(run, engine, big[0])


def _search_lines(run: Run, engine: str, found: searches.Found) -> None:
    size, small = run.options.size, run.options.small
    for name, times in found.many.items():
        figures, few = times.figures(), found.few[name].figures()
        _ratio_lines(run, engine, f"{name} ({size:,} listings)", figures)
        grown, probe = figures["p50"] / few["p50"], figures["probe p50"] / few["probe p50"]
        line = run.line(f"{name}: {size:,} against {small:,} listings, p50", "<= 2.5 x")
        line.put(engine, f"{grown:.2f} x (the probe itself {probe:.2f} x)", grown <= 2.5)


def _ratio_lines(run: Run, engine: str, what: str, figures: dict[str, float]) -> None:
    for point, limit in (("p50", 4), ("p99", 40)):
        line, ratio = run.line(f"{what}: {point} of the probe's p50", f"<= {limit} x"), figures[f"{point} ratio"]
        words = f"{ratio:.1f} x ({figures[point]:.2f} ms; probe {figures[f'probe {point}']:.2f} ms)"
        line.put(engine, words, ratio <= limit)


def _server_line(run: Run, engine: str, url: str) -> None:
    places = searches.draw_places(run.map, run.options.places)
    line = run.line(f"private memory of a server after {SEARCHES} searches over {run.options.size:,}", "<= 200 MB")
    try:
        used = memory.of_server(url, places, SEARCHES) / MEGABYTE
    except memory.Unmeasured:
        return
    line.put(engine, f"{used:.0f} MB", used <= 200)
