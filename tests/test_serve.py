"""`footbridge serve` as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.bench.processes import ROOT, free_port
from tests.conftest import RUN
from tests.factories import seeded_template

pytestmark = pytest.mark.may_block("a command runs alone in its loop")


def answer_of(url: str, process: subprocess.Popen[str]) -> tuple[int, str]:
    """The status and text of a page, once the server answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.status, response.read().decode()
        except OSError:
            time.sleep(0.05)
    raise AssertionError(process.communicate(timeout=10))


def test_the_site_is_served_until_it_is_stopped(tmp_path: Path) -> None:
    database = tmp_path / "footbridge.sqlite3"
    database.write_bytes(seeded_template(Path(os.environ[RUN])).read_bytes())
    port = free_port()
    environment = {**os.environ, "DIRECTORY_DATABASE_URL": f"sqlite://{database}", "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-m", "directory", "serve", "--port", str(port), "--demo-if-empty"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(arguments, cwd=tmp_path, env=environment, **pipes) as process:
        try:
            status, found = answer_of(f"http://127.0.0.1:{port}/api/listings?near=00101&within=40", process)
            assert status == 200
            assert json.loads(found)["total"] > 20
            page = answer_of(f"http://127.0.0.1:{port}/search", process)[1]
            assert f">http://127.0.0.1:{port}/search<" in page, "its own address follows the port"
        finally:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}" in out
    assert "Traceback" not in err
    assert "00101" not in out + err, "what was searched for is in the log"


@pytest.mark.parametrize("engine", ["postgres"])
def test_two_workers_serve_until_they_are_stopped(database_url: str) -> None:
    port = free_port()
    environment = {**os.environ, "DIRECTORY_DATABASE_URL": database_url}
    arguments = [sys.executable, "-m", "directory", "serve", "--port", str(port), "--workers", "2"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(arguments, cwd=ROOT, env=environment, **pipes) as process:
        try:
            assert answer_of(f"http://127.0.0.1:{port}/healthz", process)[0] == 200
            again = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        finally:
            process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert (again.returncode, again.stdout) == (1, "")
    assert f"cannot use port {port}" in again.stderr
    assert process.returncode == 0
    assert "Traceback" not in err
