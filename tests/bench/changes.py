"""Sixteen readers while an import changes, adds and removes thousands of listings: are all answers right, and how much longer do they take?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import loads, processes, questions, samhsa
from tests.bench.load import Asked, Tally
from tests.bench.report import NAMES
from tests.bench.run import Run

SOURCE = "changing"
ROWS = 6_000
SECONDS = 20.0
"""For so long the readers are alone, and for so long imports follow each other while there are editions left."""
MOST = 3.0


@dataclass(frozen=True, slots=True)
class Measured:
    """The readers alone and beside imports, and how many listings those have changed in all."""

    alone: Tally
    beside: Tally
    changed: int

    @property
    def ratio(self) -> float:
        """How much longer the slowest hundredth of answers takes."""
        return self.beside.p99 / self.alone.p99


def part(run: Run) -> None:
    """Measures it on each engine. Any wrong answer misses the target."""
    files = samhsa.editions(run.folder, run.map, min(ROWS, run.options.size))
    asked = list(questions.mixed(questions.draw(run.map, run.options.pages, seed=5)))
    for engine in run.engines:
        url = run.filled(engine, run.options.size)
        run.say(f"readers beside an import on {NAMES[engine]}")
        with processes.product(url) as server:
            found = measure(url, server.port, run.folder, files, asked)
        wrong, words = found.beside.mistakes, f"{found.beside.p99:.0f} of {found.alone.p99:.0f} ms"
        words = f"{found.ratio:.1f} x ({words}; {found.changed:,} changes, {wrong:,} of {found.beside.answers:,} answers wrong)"
        line = run.line("16 readers beside bulk changes: p99 of their p99 alone, no error", f"<= {MOST:.0f} x")
        line.put(engine, words, found.ratio <= MOST and not wrong)
        for trouble in found.beside.wrong[:3]:
            run.say(f"wrong: {trouble}")


def measure(
    url: str, port: int, folder: Path, files: Sequence[Path], asked: Sequence[Asked], seconds: float = SECONDS
) -> Measured:
    """Lets them read alone, then beside imports of one edition of a source after the other until the time is over."""
    imported(url, files[:1])
    alone = loads.load(port, folder, asked, seconds=seconds)
    with loads.loading(port, folder, asked) as stop:
        changed = imported(url, files[1:], seconds)
        beside = stop()
    return Measured(alone, beside, changed)


def imported(url: str, files: Sequence[Path], seconds: float = 0.0) -> int:
    """Imports one file after the other, and no more of them once the time is over. How many listings that has changed."""
    deadline, changed = time.monotonic() + seconds, 0
    for file in files:
        report = processes.report(processes.import_of(url, file, SOURCE))
        assert report["added"], report
        changed += report["added"] + report["changed"] + report["removed"]
        if time.monotonic() >= deadline:
            break
    return changed
