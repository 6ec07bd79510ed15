"""The site and its commands as processes of their own, as an operator starts them, over a database of the run."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 600.0
"""Seconds in which a server must answer: one that gets its pages ready beforehand takes a while."""
NOWHERE = Path(os.devnull)
SERVED = ("--host", "127.0.0.1", "--no-access-log", "--no-server-header", "--log-level", "warning")
"""What `footbridge serve` tells uvicorn."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, and where it listens on this machine."""

    process: subprocess.Popen[bytes]
    port: int


def environment(url: str, **more: str) -> dict[str, str]:
    """The variables for a process over this database, without any setting of whoever runs the benchmark."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DIRECTORY_")}
    return {**own, "DIRECTORY_DATABASE_URL": url, "DIRECTORY_ENV": "test", **more}


@contextmanager
def product(url: str, *, workers: int = 1, log: Path = NOWHERE) -> Iterator[Server]:
    """`footbridge serve`; what it logs goes into a file, or nowhere."""
    port = free_port()
    command = [sys.executable, "-m", "directory", "serve", "--port", str(port), "--workers", str(workers)]
    with _running(command, environment(url), port, log) as server:
        yield server


@contextmanager
def factory(name: str, url: str, **more: str) -> Iterator[Server]:
    """The application that a function makes ("module:function"), served as `footbridge serve` serves the site."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", name, "--factory", "--port", str(port), *SERVED]
    with _running(command, environment(url, **more), port, NOWHERE) as server:
        yield server


@contextmanager
def _running(command: Sequence[str], variables: dict[str, str], port: int, log: Path) -> Iterator[Server]:
    with log.open("wb") as output:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        # A session of its own, so that the processes that it starts end with it.
        process = subprocess.Popen(command, cwd=ROOT, env=variables, start_new_session=True, **pipes)  # type: ignore[call-overload]
    try:
        _wait(process, port)
        yield Server(process, port)
    finally:
        stop(process)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server does not answer; its exit code is {process.poll()}")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    except OSError:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a server with all the processes that it has started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, how)
        try:
            process.wait(15)
            return
        except subprocess.TimeoutExpired:
            continue


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


def import_of(url: str, file: Path, source: str) -> subprocess.Popen[bytes]:
    """`footbridge import` of a file in SAMHSA's layout, started; `report` waits for its end."""
    command = [sys.executable, "-m", "directory", "import", "samhsa", str(file), "--source", source, "--json"]
    return subprocess.Popen(command, cwd=ROOT, env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def work_once(url: str) -> None:
    """Does what is due by itself, so that no job of the day goes on in a server that is measured. Raises CalledProcessError when a part fails."""
    command = [sys.executable, "-m", "directory", "tick", "--once"]
    subprocess.run(command, cwd=ROOT, env=environment(url), check=True, stdout=subprocess.DEVNULL)


def report(process: subprocess.Popen[bytes]) -> dict[str, int]:
    """What an import says that it did. Raises AssertionError when it failed or turned rows away."""
    answer, _ = process.communicate()
    found: dict[str, int] = json.loads(answer)
    assert process.returncode == 0, found
    assert not found["rejected"], found
    return found
