"""The lines of the import: how fast a file is taken in, and how much memory that takes."""

from __future__ import annotations

from pathlib import Path

from tests.bench import imports, memory, samhsa, stores
from tests.bench.core import MEGABYTE
from tests.bench.report import NAMES
from tests.bench.run import Run

IMPORTS = 3
"""How often a file is imported into a fresh database."""
FLAT = 0.15
"""What still counts as flat: a process breathes with its batches, but nothing may grow with the file."""


def speed_part(run: Run) -> None:
    """Rows a second on each engine."""
    count = min(20_000, run.options.size)
    file = run.folder / "import.csv"
    samhsa.write(file, run.map, count)
    for engine in run.engines:
        run.say(f"importing on {NAMES[engine]}")
        best = _best(run, engine, file)
        line = run.line(f"import of {count:,} rows, of the rows/s of bare `executemany`", ">= 1/50")
        words = f"1/{1 / best.share:.0f} ({best.imported:,.0f} of {best.bare:,.0f} rows/s)"
        line.put(engine, words, best.share >= 1 / 50)


def _best(run: Run, engine: str, file: Path) -> imports.Rates:
    """The best of each for itself: the pair with the best share would be the one in which the bare table was held up most."""
    found = []
    for _ in range(IMPORTS):
        with stores.fresh(engine, run.folder) as url:
            found.append(imports.rates(url, file))
    return imports.Rates(max(rates.imported for rates in found), max(rates.bare for rates in found))


def memory_part(run: Run) -> None:
    """The memory of an import of a small and of a large file on each engine."""
    counts = (1_000, max(1_000, run.options.size * 4 // 5))
    files = [run.folder / f"{count}.csv" for count in counts]
    for file, count in zip(files, counts, strict=True):
        samhsa.write(file, run.map, count)
    for engine in run.engines:
        run.say(f"memory of an import on {NAMES[engine]}")
        try:
            few, many = (_memory_of(run, engine, file) for file in files)
        except memory.Unmeasured:
            return
        what = f"private memory at the most, import of {counts[0]:,} / {counts[1]:,} rows"
        words = f"{few:.0f} / {many:.0f} MB ({many - few:+.0f} MB)"
        run.line(what, f"<= {FLAT:.0%} more").put(engine, words, many <= few * (1 + FLAT))


def _memory_of(run: Run, engine: str, file: Path) -> float:
    with stores.fresh(engine, run.folder) as url:
        return memory.of_import(url, file, stores.SOURCE) / MEGABYTE
