"""A load of requests over connections that stay open, from a process of its own: `python -m tests.bench.load PORT FILE`.

It speaks just enough HTTP/1.1 to cost less than any server that it asks, and looks at every status, at what some bodies hold,
and at every JSON answer of a search (see `answers.py`). FILE holds the requests as JSON, one a line; the tally is printed as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles

from tests.bench import answers
from tests.bench.answers import Answer

MOST_WRONG = 20
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `holds` are words that its page must hold."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    holds: tuple[str, ...] = ()

    def raw(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [
            f"GET {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode("ascii")


@dataclass(slots=True)
class Tally:
    """What a load found. `wrong` are the first mistakes in words; times are milliseconds, `busy` is the generator's own share."""

    answers: int = 0
    seconds: float = 0.0
    mistakes: int = 0
    wrong: list[str] = field(default_factory=list)
    size: int = 0
    busy: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    most: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


class Load:
    """The requests that are left, and what came of the others."""

    def __init__(self, requests: Sequence[Asked], *, again: bool, look_at_every: int) -> None:
        made = [(asked, asked.raw()) for asked in requests]
        self._left: Iterator[tuple[Asked, bytes]] = cycle(made) if again else iter(made)
        self._every = look_at_every
        self._times: list[float] = []
        self.tally = Tally()

    def stop(self) -> None:
        """Asks nothing more; what is under way is still answered."""
        self._left = iter(())

    def next(self) -> tuple[Asked, bytes] | None:
        """The next request, None when there is none."""
        return next(self._left, None)

    def take(self, asked: Asked, answer: Answer, seconds: float) -> None:
        """Notes an answer."""
        self.tally.answers += 1
        self.tally.size += len(answer.body)
        self._times.append(seconds)
        looks = self.tally.answers % self._every == 0
        if trouble := answers.wrong(answer, asked.status, asked.holds if looks else ()):
            self.blame(f"{asked.path}: {trouble}")

    def blame(self, trouble: str) -> None:
        """Notes a mistake."""
        self.tally.mistakes += 1
        if len(self.tally.wrong) < MOST_WRONG:
            self.tally.wrong.append(trouble)

    def finish(self, seconds: float, busy: float) -> Tally:
        """The tally of all."""
        found, times = self.tally, [1000 * each for each in self._times] or [0.0, 0.0]
        found.seconds, found.busy = seconds, busy / seconds
        found.p50, found.most = median(times), max(times)
        found.p99 = quantiles(times, n=100, method="inclusive")[98] if len(times) > 1 else times[0]
        return found


class Visitor(asyncio.Protocol):
    """One connection, which asks for the next thing as soon as it has an answer."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = bytearray()
        self._asked: Asked | None = None
        self._since = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        left = self._load.next()
        self._asked = left[0] if left else None
        if left is None:
            self._transport.close()
        else:
            self._since = time.perf_counter()
            self._transport.write(left[1])

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answer = read(self._buffer)
        if answer is not None and self._asked is not None:
            self._load.take(self._asked, answer, time.perf_counter() - self._since)
            self._buffer.clear()
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if self._asked is not None:
            self._load.blame(f"{self._asked.path}: no answer, the connection was closed")
        self.done.set_result(None)


def read(data: bytes | bytearray) -> Answer | None:
    """The answer in these bytes, None while it is not whole. Raises ValueError for one whose end nobody can know."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head, status = bytes(data[:end]), int(data[9:12])
    if status in BODILESS:
        return Answer(status, head, b"")
    if length := LENGTH.search(head):
        whole = end + 4 + int(length[1])
        return Answer(status, head, bytes(data[end + 4 : whole])) if len(data) >= whole else None
    if CHUNKED.search(head):
        body = _unchunked(data, end + 4)
        return None if body is None else Answer(status, head, body)
    raise ValueError("an answer without a length")


def _unchunked(data: bytes | bytearray, start: int) -> bytes | None:
    parts: list[bytes] = []
    while (line := data.find(b"\r\n", start)) >= 0:
        size = int(bytes(data[start:line]).partition(b";")[0], 16)
        last = line + 2 + size
        if len(data) < last + 2:
            return None
        if not size:
            return b"".join(parts)
        parts.append(bytes(data[line + 2 : last]))
        start = last + 2
    return None


async def _run(options: argparse.Namespace) -> Tally:
    lines = Path(options.file).read_text(encoding="utf-8").splitlines()
    is_endless = options.seconds > 0 or options.until_input_ends
    load = Load([_asked(line) for line in lines], again=is_endless, look_at_every=options.look_at_every)
    loop = asyncio.get_running_loop()
    if options.seconds > 0:
        loop.call_later(options.seconds, load.stop)
    if options.until_input_ends:
        loop.add_reader(sys.stdin.fileno(), load.stop)
    began, busy = time.perf_counter(), time.process_time()
    visitors = [await _visitor(load, options.port) for _ in range(options.connections)]
    await asyncio.gather(*(visitor.done for visitor in visitors))
    return load.finish(time.perf_counter() - began, time.process_time() - busy)


def _asked(line: str) -> Asked:
    values = json.loads(line)
    return Asked(values["path"], values["headers"], values["status"], tuple(values["holds"]))


async def _visitor(load: Load, port: int) -> Visitor:
    _, visitor = await asyncio.get_running_loop().create_connection(lambda: Visitor(load), "127.0.0.1", port)
    return visitor


def main() -> int:
    """Runs the load and prints its tally."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load")
    parser.add_argument("port", type=int)
    parser.add_argument("file")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument(
        "--seconds", type=float, default=0.0, help="ask all again and again for so long (0: ask each once)"
    )
    parser.add_argument("--until-input-ends", action="store_true", help="ask all again and again until then")
    parser.add_argument("--look-at-every", type=int, default=20, help="of so many pages one is read")
    print(json.dumps(asdict(asyncio.run(_run(parser.parse_args())))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
