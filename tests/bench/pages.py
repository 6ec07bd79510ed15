"""The search page under load: against the same page by Jinja from ready data, unchanged pages against hello world, two workers."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench import cpu, loads, processes, questions, ready, weight
from tests.bench.answers import Answer
from tests.bench.listings import Map, read_map
from tests.bench.load import Asked, Tally
from tests.bench.processes import Server
from tests.bench.report import NAMES
from tests.bench.run import Run

WARM_UP, SAMPLE = 40, 40
"""Questions at other places before anything counts, and questions at which both pages are held against each other."""
TIMES = 3
STATE = "OH"
"""What most directories are for is a state or a county: its visitors ask for the same listings again and again."""
SECONDS = 5.0
"""How long each load of hello world and of unchanged pages lasts."""
HELLO = Asked("/", {**questions.BROWSER, "If-None-Match": 'W/"0123456789abcdef01234567"'})
"""What is asked of hello world: as many headers as the same browser sends for a page that it has."""
Rounds = list[list[questions.Filters]]


def part(run: Run) -> None:
    """Measures all of it on each engine."""
    rounds = _rounds(run, run.map)
    asked = {"from all over": rounds, f"from one state ({STATE})": _rounds(run, read_map(STATE))}
    for engine in run.engines:
        url = run.filled(engine, run.options.size)
        processes.work_once(url)
        for where, each in asked.items():
            run.say(f"pages {where} on {NAMES[engine]}")
            with processes.product(url) as server:
                _against_ready(run, engine, url, server, each, where)
        with processes.product(url) as server:
            _unchanged(run, engine, url, server, rounds[0])
            weight.lines(run, engine, server.port, [questions.path(asked) for asked in rounds[0]])
            if engine == "postgres":
                _two_workers(run, engine, url, server, rounds)


def _rounds(run: Run, map: Map) -> Rounds:
    return [questions.draw(map, run.options.pages, turn=turn) for turn in range(len(questions.RADII))]


# --- against Jinja from ready data -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rates:
    """Pages a second: where nobody has asked at these places before, the best of the other rounds, and the probe's best. `cost` and
    `probe_cost` are the milliseconds of processor time that a page takes from the server at the least.
    """

    first: float
    best: float
    probe: float
    cost: float
    probe_cost: float


def _against_ready(run: Run, engine: str, url: str, server: Server, rounds: Rounds, where: str) -> None:
    warm_up = questions.draw(run.map, WARM_UP, seed=4)
    found = rates(url, server, run.folder, rounds, warm_up)
    line = run.line(f"whole search pages, asked for {where}, of the same by Jinja from ready data", ">= 1.0 x")
    share = found.best / found.probe
    line.put(engine, f"{share:.2f} x ({found.best:,.0f} of {found.probe:,.0f} pages/s)", share >= 1)
    share = found.probe_cost / found.cost
    line = run.line(f"the same, {where}, by the processor time of the server")
    line.put(engine, f"{share:.2f} x ({found.cost:.1f} and {found.probe_cost:.1f} ms a page)")
    line = run.line(f"the same, {where}, where nobody has asked at these places before")
    line.put(engine, f"{found.first / found.probe:.2f} x ({found.first:,.0f} pages/s)")


def rates(url: str, server: Server, folder: Path, rounds: Rounds, warm_up: list[questions.Filters]) -> Rates:
    """Asks the site and the probe in turn, round by round. Raises AssertionError where they do not show the same listings."""
    file = folder / "ready"
    file.write_text("\n".join(questions.path(asked) for asked in chain(warm_up, *rounds)), encoding="ascii")
    with processes.factory("tests.bench.ready:app", url, **{ready.FILE: str(file)}) as probe:
        for each in (server, probe):
            loads.load(each.port, folder, questions.pages(warm_up))
        ours, theirs = zip(*([_load(each, folder, asked) for each in (server, probe)] for asked in rounds), strict=True)
        _same([asked for asked in rounds[0] if _stays(asked)][:SAMPLE], server.port, probe.port)
    (first, _), again = ours[0], ours[1:]
    return Rates(
        first=first,
        best=max(rate for rate, _ in again),
        probe=max(rate for rate, _ in theirs),
        cost=min(cost for _, cost in again),
        probe_cost=min(cost for _, cost in theirs),
    )


def _load(server: Server, folder: Path, asked: list[questions.Filters]) -> tuple[float, float]:
    """Pages a second, and the milliseconds of processor time that one of them takes from the server."""
    before = cpu.of_group(server.process.pid)
    rate = loads.load(server.port, folder, questions.pages(asked)).rate
    return rate, (cpu.of_group(server.process.pid) - before) / len(asked) * 1000


def _stays(asked: questions.Filters) -> bool:
    """Whether its page stays the same while the data do. What serves a place of meetings from afar stands there in the order of its times."""
    return questions.is_still(asked) and ("kind", "meeting") not in asked


def _same(asked: Sequence[questions.Filters], port: int, probe: int) -> None:
    for each in asked:
        path = questions.path(each)
        ours, theirs = (slugs(fetch(at, path).text()) for at in (port, probe))
        assert ours == theirs, f"{path}: the probe shows other listings"


def slugs(page: str) -> list[str]:
    """The listings that a page shows, in order."""
    return re.findall(r'<li class="card" id="([0-9a-z-]+)"', page)


def fetch(port: int, path: str, encodings: str = "") -> Answer:
    """One answer, as it came but for its status line."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=processes.PATIENCE)) as connection:
        connection.request("GET", path, headers={"Accept-Encoding": encodings or "identity", "Accept-Language": "en"})
        answer = connection.getresponse()
        head = "".join(f"\r\n{name}: {value}" for name, value in answer.getheaders())
        return Answer(answer.status, f"HTTP/1.1 {answer.status} {answer.reason}{head}".encode("latin-1"), answer.read())


# --- unchanged -------------------------------------------------------------------------------------------------------


def _unchanged(run: Run, engine: str, url: str, server: Server, asked: list[questions.Filters]) -> None:
    hellos = {"hello world": "tests.bench.hello:bare", "our middleware": "tests.bench.hello:behind_the_stack"}
    best: dict[str, Tally] = {}
    with ExitStack() as stack:
        ports = {name: stack.enter_context(processes.factory(what, url)).port for name, what in hellos.items()}
        for _ in range(TIMES):
            found = {name: loads.load(port, run.folder, [HELLO], seconds=SECONDS) for name, port in ports.items()}
            found["304"] = unchanged(server.port, run.folder, questions.pages(asked[:SAMPLE]), SECONDS)
            best |= {name: tally for name, tally in found.items() if name not in best or tally.rate > best[name].rate}
    bare, stacked, same = (best[name].rate for name in ("hello world", "our middleware", "304"))
    line = run.line("an unchanged page (304), of hello world", ">= 0.7 x")
    line.put(engine, f"{same / bare:.2f} x ({same:,.0f} of {bare:,.0f} answers/s)", same / bare >= 0.7)
    line = run.line("the same, of hello world behind our middleware")
    line.put(engine, f"{same / stacked:.2f} x ({same:,.0f} of {stacked:,.0f} answers/s)")
    line = run.line("the load generator at hello world: its part of one core")
    line.put(engine, f"{best['hello world'].busy:.0%}")


def unchanged(port: int, folder: Path, requests: list[Asked], seconds: float) -> Tally:
    """Repeated visits, each with the tag of the page that it has. Waits for a minute that lasts, since tags change with it."""
    while 60 - time.time() % 60 < seconds + 5:
        time.sleep(0.5)
    tagged = [
        replace(
            asked,
            status=304,
            holds=(),
            headers={**asked.headers, "If-None-Match": fetch(port, asked.path).header("etag")},
        )
        for asked in requests
    ]
    return loads.load(port, folder, tagged, seconds=seconds)


# --- two workers -----------------------------------------------------------------------------------------------------


def _two_workers(run: Run, engine: str, url: str, one: Server, rounds: Rounds) -> None:
    with processes.product(url, workers=2) as two:
        # As often as it takes until both have met what one knows of: a question comes to either, and of a hundred places one is new to one of them.
        for server in (one, *[two] * 7):
            loads.load(server.port, run.folder, questions.pages(rounds[0]))
        pairs = [(_cost(url, one, run, asked), _cost(url, two, run, asked)) for asked in rounds[1:]]
    single, double = (max(cost.rate for cost in costs) for costs in zip(*pairs, strict=True))
    line = run.line("whole search pages, two workers of one", ">= 1.7 x")
    line.put(engine, f"{double / single:.2f} x ({double:,.0f} of {single:,.0f} pages/s)", double / single >= 1.7)
    alone, beside = (min(costs, key=lambda cost: cost.worker) for costs in zip(*pairs, strict=True))
    line = run.line("the same by processor time: what two workers could do of one, had each a core to itself")
    times = (
        f"{alone.worker:.1f} and {beside.worker:.1f} ms of a worker, {alone.database:.1f} and {beside.database:.1f} ms"
    )
    line.put(engine, f"{2 * alone.worker / beside.worker:.2f} x (a page takes {times} of the database)")


@dataclass(frozen=True, slots=True)
class Cost:
    """Pages a second, and the milliseconds of processor time that one of them takes from the workers and from the database."""

    rate: float
    worker: float
    database: float


def _cost(url: str, server: Server, run: Run, asked: list[questions.Filters]) -> Cost:
    def seconds() -> tuple[float, float]:
        return cpu.of_group(server.process.pid), cpu.of_database(urlsplit(url).path.strip("/"))

    before = seconds()
    tally = loads.load(server.port, run.folder, questions.pages(asked))
    worker, database = ((now - then) / len(asked) * 1000 for now, then in zip(seconds(), before, strict=True))
    return Cost(tally.rate, worker, database)
