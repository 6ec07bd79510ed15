"""One run of the benchmark: what was asked for, the databases that it fills, and the lines that it has found so far."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import stores
from tests.bench.listings import Map
from tests.bench.report import NAMES, Line


@dataclass(slots=True)
class Run:
    """What the parts of a run share. `folder` is for all that they write; `stack` keeps the databases until the end."""

    options: argparse.Namespace
    folder: Path
    map: Map
    stack: ExitStack
    lines: dict[str, Line] = field(default_factory=dict)
    _filled: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def engines(self) -> list[str]:
        """What is measured."""
        return list(self.options.engine or stores.ENGINES)

    def line(self, what: str, target: str = "-") -> Line:
        """The line of this name, which is added if it is new."""
        return self.lines.setdefault(what, Line(what, target))

    def filled(self, engine: str, size: int) -> str:
        """The address of a database with so many generated listings, filled when it is first asked for."""
        if (engine, size) not in self._filled:
            self.say(f"filling {NAMES[engine]} with {size:,} listings")
            url = self.stack.enter_context(stores.filled(engine, self.folder, self.map, size))
            self._filled[engine, size] = url
        return self._filled[engine, size]

    def say(self, text: str) -> None:
        """Tells whoever waits what is being done."""
        print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
