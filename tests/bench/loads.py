"""Puts a load on a server and says what came of it: the generator (`load.py`) in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from tests.bench.load import Asked, Tally
from tests.bench.processes import ROOT

VISITORS = 16


def load(port: int, folder: Path, requests: Iterable[Asked], *, seconds: float = 0.0) -> Tally:
    """Asks each once, or all again and again for so many seconds. Raises AssertionError where an answer is wrong."""
    tally = _tally(_started(port, folder, requests, "--seconds", str(seconds)))
    assert not tally.mistakes, f"{tally.mistakes} of {tally.answers} answers are wrong: {tally.wrong}"
    return tally


@contextmanager
def loading(port: int, folder: Path, requests: Iterable[Asked]) -> Iterator[Callable[[], Tally]]:
    """Asks all again and again until the function that it gives is called, which returns what came of it, wrong answers included."""
    process = _started(port, folder, requests, "--until-input-ends")
    try:
        yield lambda: _tally(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _started(port: int, folder: Path, requests: Iterable[Asked], *more: str) -> subprocess.Popen[bytes]:
    file = folder / f"{uuid4().hex}.requests"
    file.write_text("".join(f"{json.dumps(asdict(asked))}\n" for asked in requests), encoding="utf-8")
    command = [sys.executable, "-m", "tests.bench.load", str(port), str(file), "--connections", str(VISITORS), *more]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _tally(process: subprocess.Popen[bytes]) -> Tally:
    """What came of a load. It also ends the input of the process, which some are waiting for."""
    answer, _ = process.communicate()
    assert process.returncode == 0, f"the load ended with exit code {process.returncode}"
    return Tally(**json.loads(answer))
