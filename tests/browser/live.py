"""The whole site as an operator starts it: a process of its own over a database of its own, at a time that stands still."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-03-10T18:40:00-07:00"
"""A Tuesday, the second of its month, in the invented county: two of its meetings are going on and one starts in 20 minutes."""
EXIT = "https://elsewhere.example/"
"""Where "Leave this page" leads in these tests. No request for it ever leaves the browser."""
PATIENCE = 90
"""Seconds that a start may take where other tests keep the processors busy."""

DATABASE = "footbridge.sqlite3"
DEPARTED, REMAINING = "Quiet Harbor Group", "Steady Harbor Group"


@dataclass(frozen=True)
class Site:
    """A running site: where it answers."""

    url: str
    found: dict[str, str] = field(default_factory=dict)

    def listing(self, name: str) -> str:
        """The path of the page of the listing with this name, as the search finds it."""
        if name not in self.found:
            answer = json.loads(read(f"{self.url}/api/listings?{urlencode({'q': name})}"))
            self.found.update({result["name"]: f"/listings/{result['slug']}" for result in answer["results"]})
        return self.found[name]


def variables(folder: Path, *, now: str = NOW, **more: str) -> dict[str, str]:
    """The variables under which a site, or a command beside it, has its database and its clock in this folder."""
    clock = folder / "clock"
    clock.write_text(now, encoding="ascii")
    own = {"ENV": "test", "DATABASE_URL": f"sqlite://{folder / DATABASE}", "CLOCK": str(clock), **more}
    return {**os.environ, **{f"DIRECTORY_{name}": value for name, value in own.items()}}


def demonstrate(folder: Path, seeded: Path) -> Path:
    """A database with the invented county, and with a listing that its source has taken out again.

    `seeded` is a database with all that is in `seeds/` but the county. Commands do the rest, as an operator would.
    """
    shutil.copyfile(seeded, folder / DATABASE)
    environment = variables(folder)
    file = folder / "meetings.json"
    for names in ((), (DEPARTED, REMAINING), (REMAINING,)):
        file.write_text(json.dumps([meeting(name) for name in names]), encoding="utf-8")
        importing = (
            "import",
            "meeting-guide",
            str(file),
            "--source",
            "harbor",
            "--fellowship",
            "aa",
            "--allow-removals",
        )
        command = [sys.executable, "-m", "directory", *(importing if names else ("seed", "--demo"))]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=PATIENCE)
    with closing(sqlite3.connect(folder / DATABASE)) as connection:  # all of it into the one file
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / DATABASE


@contextmanager
def serving(
    folder: Path, *, address: str = "", database: Path | None = None, now: str = NOW, **more: str
) -> Iterator[Site]:
    """The site with the invented county, its database and its clock in this folder; stopped whatever happens.

    `address` is what it takes for its own, where that is not to change with its port; `database` is copied, where there is one
    already; `now` is what its clock shows at first, and `more` are settings beyond those of every test.
    """
    log, port = folder / "log", free_port()
    if database:
        shutil.copyfile(database, folder / DATABASE)
    environment = variables(folder, BASE_URL=address or f"http://127.0.0.1:{port}", EXIT_URL=EXIT, now=now, **more)
    command = [sys.executable, "-m", "directory", "serve", "--demo-if-empty", "--port", str(port)]
    with log.open("wb") as output:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        # A session of its own, so that what it has started ends with it.
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **pipes)
    try:
        site = Site(f"http://127.0.0.1:{port}")
        wait_until_ready(site.url, process, log)
        yield site
    finally:
        stop(process)


def later(folder: Path, hours: float) -> datetime:
    """Moves the clock of the site in this folder on, and says what it shows."""
    clock = folder / "clock"
    now = datetime.fromisoformat(clock.read_text(encoding="ascii")) + timedelta(hours=hours)
    unfinished = folder / "clock.part"
    unfinished.write_text(now.isoformat(), encoding="ascii")
    unfinished.rename(clock)  # whoever reads it finds the one or the other
    return now


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a command beside the running site of this folder says, at the time that its clock shows."""
    own = {"ENV": "test", "DATABASE_URL": f"sqlite://{folder / DATABASE}", "CLOCK": str(folder / "clock")}
    environment = {**os.environ, **{f"DIRECTORY_{name}": value for name, value in own.items()}}
    call = [sys.executable, "-m", "directory", *words]
    return subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once the site says that it is ready. Raises RuntimeError with its log when it ends or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            read(f"{url}/readyz")
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the site did not start:\n{log.read_text(errors='replace')[-3000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the site and all that it has started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, how)
        try:
            process.wait(10)
            return
        except subprocess.TimeoutExpired:
            continue


def read(url: str) -> bytes:
    """What this address of the site answers, past any proxy. Raises URLError when that is an error."""
    with build_opener(ProxyHandler({})).open(url, timeout=PATIENCE) as answer:
        content: bytes = answer.read()
    return content


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


def meeting(name: str) -> dict[str, object]:
    """One meeting as a Meeting Guide feed gives it. Hall and street are made up."""
    return {
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "day": 1,
        "time": "19:00",
        "end_time": "20:00",
        "types": ["O", "D"],
        "location": "Juniper Hall",
        "address": "14 Juniper Street",
        "city": "Philadelphia",
        "state": "PA",
        "postal_code": "19107",
        "latitude": 39.9518,
        "longitude": -75.1588,
        "timezone": "America/New_York",
    }
