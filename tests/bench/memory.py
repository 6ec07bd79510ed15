"""The private memory of real processes: a command that imports, and a server after some hundreds of searches. Linux only."""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from directory.domain.geo import Point
from tests.bench import processes
from tests.bench.listings import SEED

EVERY = 0.02
"""Seconds between two looks at a process that is at work."""
PATIENCE = 120.0
"""Seconds in which a server must answer."""


class Unmeasured(Exception):
    """This machine does not say how much memory a process has for itself."""


def private(process: int) -> int:
    """Bytes that would be free if this process ended: what it shares with no other."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise Unmeasured from error
    parts = [line.split() for line in text.splitlines() if line.startswith(("Private_Clean:", "Private_Dirty:"))]
    return sum(int(part[1]) for part in parts) * 1024


def of_import(url: str, file: Path, source: str) -> int:
    """The most private memory, in bytes, that `footbridge import` had while it took in a file."""
    with processes.import_of(url, file, source) as process:
        most = 0
        while process.poll() is None:
            try:
                most = max(most, private(process.pid))
            except ProcessLookupError:
                break
            time.sleep(EVERY)
        processes.report(process)
    return most


def of_server(url: str, places: Sequence[tuple[Point, str]], searches: int) -> int:
    """The private memory, in bytes, of a server that has answered so many searches, every other one with a page."""
    with processes.product(url) as server:
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as connection:
            for path in _questions(places, searches):
                connection.request("GET", path)
                response = connection.getresponse()
                response.read()
                assert response.status == 200, (response.status, path)
        return private(server.process.pid)


def _questions(places: Sequence[tuple[Point, str]], count: int) -> Iterator[str]:
    rng = random.Random(SEED + 2)
    asked: tuple[dict[str, str], ...] = (
        {"kind": "treatment", "pay": "medicaid", "people": "women"},
        {"kind": "treatment", "open": "now"},
        {"kind": "meeting", "program": "aa", "day": "1", "time": "evening"},
        {"kind": "meeting", "time": "now"},
        {"kind": "housing"},
        {},
    )
    for number in range(count):
        point, _ = rng.choice(places)
        question = {"lat": f"{point.lat}", "lon": f"{point.lon}", **rng.choice(asked)}
        yield f"{'/search' if number % 2 else '/api/listings'}?{urlencode(question)}"
