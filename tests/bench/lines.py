"""The waitlist's speed: pages, the order of a long line, and offers, each held to a bare indexed read of the same database and run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from statistics import median
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette

from directory.app import create_app
from directory.domain.access import Actor, Grant, Role
from directory.domain.sign_in import FULL
from directory.services import sessions
from directory.services.waitlist.estimates import pool_refresh
from directory.services.waitlist.ranking import line_rank
from directory.settings import Settings
from directory.storage import accounts, db
from directory.storage.waitlist import estimates as days
from directory.web.sessions import cookie_name
from tests import rush
from tests.bench import stores, waiting
from tests.bench.report import NAMES
from tests.bench.run import Run
from tests.bench.waiting import NOW, TODAY, Waiting

STATUS, BOARD, RANK, GROWN, CYCLES = 20.0, 100.0, 3.0, 2.0, 50.0
ESTIMATE_SECONDS = 600.0
ASKED = 300
WORKERS, SECONDS = 4, 10.0
SAMPLE = 20
"""Lines whose estimate is made; the time of all is worked out from it."""


@dataclass(frozen=True, slots=True)
class Times:
    """The middle of many times, in seconds."""

    read: float
    status: float
    board: float


def part(run: Run) -> None:
    """Measures it on each engine."""
    people, few, long = run.options.people, run.options.few_people, run.options.long_line
    for engine in run.engines:
        with stores.empty(engine, run.folder) as big, stores.empty(engine, run.folder) as small:
            run.say(f"{people:,} people who wait, on {NAMES[engine]}")
            waiting_in = {url: asyncio.run(waiting.fill(url, size)) for url, size in ((big, people), (small, few))}
            _page_lines(run, engine, *(pages(url, made) for url, made in waiting_in.items()))
            _estimate_line(run, engine, asyncio.run(estimates(big, waiting_in[big])), len(waiting_in[big].lines))
            if engine == "postgres":
                _cycle_line(run, engine, offers_a_second(big, waiting_in[big]))
        with stores.empty(engine, run.folder) as url:
            _rank_line(run, engine, *asyncio.run(ranking(url, asyncio.run(waiting.fill(url, long, per_line=long)))))


def _page_lines(run: Run, engine: str, many: Times, few: Times) -> None:
    people, less = run.options.people, run.options.few_people
    for what, limit, big, small in (
        ("a client's status page", STATUS, many.status, few.status),
        ("a peer's board of 60 people", BOARD, many.board, few.board),
    ):
        ratio = big / many.read
        words = f"{ratio:.1f} x ({big * 1000:.2f} ms; read {many.read * 1000:.3f} ms)"
        run.line(f"{what}, of a bare indexed read ({people:,} entries)", f"<= {limit:.0f} x").put(
            engine, words, ratio <= limit
        )
        grown = big / small
        line = run.line(f"{what}: {people:,} against {less:,} entries", f"<= {GROWN:.0f} x")
        line.put(engine, f"{grown:.2f} x", grown <= GROWN)


def _rank_line(run: Run, engine: str, ranked: float, read: float) -> None:
    line = run.line(
        f"the order of a line of {run.options.long_line:,} for one opening, of reading its rows", f"<= {RANK:.0f} x"
    )
    line.put(engine, f"{ranked / read:.2f} x ({ranked * 1000:.0f} of {read * 1000:.0f} ms)", ranked / read <= RANK)


def _estimate_line(run: Run, engine: str, seconds: float, lines: int) -> None:
    line = run.line(f"the day's estimates of {lines} lines, of one core", f"<= {ESTIMATE_SECONDS:.0f} s")
    line.put(engine, f"{seconds:.0f} s", seconds <= ESTIMATE_SECONDS)


def _cycle_line(run: Run, engine: str, rate: float) -> None:
    line = run.line(f"offers made and accepted, audit trail included, {WORKERS} processes", f">= {CYCLES:.0f} /s")
    line.put(engine, f"{rate:.0f} /s", rate >= CYCLES)


# --- pages -----------------------------------------------------------------------------------------------------------


def pages(url: str, made: Waiting, times: int = ASKED) -> Times:
    """The times of one read and of whole pages, asked for in turn inside one process, without a socket."""
    settings = Settings(env="test", database_url=url, worker=False)
    return asyncio.run(_pages(create_app(settings, clock=lambda: NOW), settings, made, times))


async def _pages(app: Starlette, settings: Settings, made: Waiting, times: int) -> Times:
    async with app.router.lifespan_context(app):
        board = await _session(made.peer, settings)
        cards = cycle([await _card(app, code) for code in made.codes[:8]])
        clients = cycle(made.clients)
        await asked(app, "/status", next(cards), ["You are number", "wait between"])
        await asked(app, "/board", board, ["Robin"])
        read, status, on_board = [], [], []
        for _ in range(times):
            read.append(await timed(lambda: _read(next(clients))))
            status.append(await timed(lambda: asked(app, "/status", next(cards))))
        for _ in range(times // 5):
            on_board.append(await timed(lambda: asked(app, "/board", board)))
    return Times(median(read), median(status), median(on_board))


async def timed(work: Callable[[], Awaitable[Any]]) -> float:
    """Seconds that this takes."""
    begun = perf_counter()
    await work()
    return perf_counter() - begun


async def _read(client: int) -> None:
    sql = db.Sql()
    assert await db.rows(f"SELECT * FROM client WHERE id = {sql(client)}", sql.values)


async def _session(person: int, settings: Settings) -> str:
    account = await accounts.account(person)
    assert account is not None
    async with db.staging():
        begun = await sessions.session_begin(account=account, stage=FULL, device="bench", settings=settings, now=NOW)
    return f"{cookie_name(settings)}={begun.token}"


async def _card(app: Starlette, code: str) -> str:
    """What a browser keeps once a code was typed in."""
    body = urlencode({"code": code}).encode()
    status, headers, _ = await called(app, "POST", "/status", "", body)
    assert status == 303, status
    return "; ".join(value.split(";")[0] for name, value in headers if name == "set-cookie")


async def asked(app: Starlette, path: str, cookie: str, words: list[str] | None = None) -> None:
    """Asks for a page. Raises AssertionError where it is none, or where one of these words is missing."""
    status, _, body = await called(app, "GET", path, cookie)
    assert status == 200, (path, status)
    text = re.sub(r"<[^>]+>", " ", body.decode())
    assert all(word.lower() in text.lower() for word in words or []), (path, words, text[:2000])


async def called(
    app: Starlette, method: str, path: str, cookie: str, body: bytes = b""
) -> tuple[int, list[tuple[str, str]], bytes]:
    """One request as the server hands it on: status, headers and body of the answer."""
    headers = [(b"host", b"localhost"), (b"accept-language", b"en"), (b"origin", b"http://localhost")]
    headers += [(b"cookie", cookie.encode())] if cookie else []
    if body:
        headers.append((b"content-type", b"application/x-www-form-urlencoded"))
        headers.append((b"content-length", str(len(body)).encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "state": {},
    }
    parts: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        parts.append(message)

    await app(scope, receive, send)
    start = next(part for part in parts if part["type"] == "http.response.start")
    told = [(name.decode().lower(), value.decode()) for name, value in start["headers"]]
    return start["status"], told, b"".join(part.get("body", b"") for part in parts)


# --- the order, the estimates, the offers ----------------------------------------------------------------------------


@asynccontextmanager
async def _opened(url: str) -> Any:
    async with db.connect(url):
        yield


async def ranking(url: str, made: Waiting) -> tuple[float, float]:
    """The middle times of putting a line in order for an opening, and of reading alone the rows of its people: entries, facts, consents."""
    by = Actor(made.peer, (Grant(Role.PEER, made.agency),))
    async with _opened(url):
        reads = [
            f"SELECT x.* FROM {tables} WHERE e.pool_id = {db.marker(1)} AND e.status IN ('waiting', 'on-hold')"
            for tables in (
                "entry e JOIN entry x ON x.id = e.id",
                "entry e JOIN client_fact x ON x.client_id = e.client_id",
                "entry e JOIN consent x ON x.client_id = e.client_id",
            )
        ]
        line, opening = made.lines[0], made.openings_of(made.lines[0])[0]

        async def read() -> None:
            rows = [await db.rows(text, [line]) for text in reads]
            assert len(rows[0]) == made.size

        async def rank() -> None:
            assert len((await line_rank(pool=line, slot=opening, by=by, now=NOW)).order) == made.size

        times = [(await timed(rank), await timed(read)) for _ in range(8)]
    return median(each[0] for each in times[1:]), median(each[1] for each in times[1:])


async def estimates(url: str, made: Waiting) -> float:
    """Seconds of processor time that the day's estimates of all lines take, from those of some."""
    async with _opened(url):
        lines = (await days.pools_open())[:SAMPLE]
        begun = process_time()
        for line in lines:
            assert await pool_refresh(pool=line, today=TODAY, now=NOW)
        taken = process_time() - begun
        (found,) = await db.rows("SELECT COUNT(*) AS n FROM estimate_row")
        assert found["n"] > SAMPLE
    return taken * len(made.lines) / SAMPLE


def offers_a_second(url: str, made: Waiting) -> float:
    """How many offers are made and accepted in a second by processes that work at different lines of the same and of other agencies."""
    agencies = len(made.lines) // waiting.LINES_OF_AGENCY
    jobs = [("cycle", made, number, agencies, WORKERS, SECONDS) for number in range(WORKERS)]
    return sum(each["done"] for each in rush.all_at_once(url, jobs)) / SECONDS
