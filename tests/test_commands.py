"""What `make` does with what it finds on a machine: one line that says what is wrong, and nothing done twice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what `make` reads, in a folder of its own, without `.venv`."""
    folder = tmp_path / "a project"
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def program(path: Path, text: str) -> Path:
    """A small shell program in the place of one that the machine has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def is_set_up(project: Path, **programs: str) -> None:
    """As `make` leaves it: a virtual environment with these programs, and a stamp for what is in the project now."""
    program(project / ".venv/bin/python", "exit 0")
    for name, text in programs.items():
        program(project / ".venv/bin" / name, text)
    stamp = '(cat requirements.lock pyproject.toml | cksum | tr "\\n" " "; pwd -P) > .venv/stamp'
    subprocess.run(stamp, cwd=project, shell=True, check=True)


def make(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PIP_", "ARGS"))}
    return subprocess.run(
        ["make", *arguments],
        cwd=project,
        env={**outer, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def complaints(result: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines on standard error that are not make's own."""
    return [line for line in result.stderr.splitlines() if not line.startswith("make")]


def test_make_alone_lists_what_there_is_to_run(project: Path) -> None:
    lines = make(project).stdout.splitlines()
    assert [line.split()[1] for line in lines] == [
        "help",
        "serve",
        "test",
        "check",
        "bench",
        "soak",
        "screenshots",
        "lock",
    ]


def test_a_missing_python_is_said_in_one_line(project: Path) -> None:
    result = make(project, "serve", "PYTHON=no-such-python")
    assert result.returncode != 0
    (line,) = complaints(result)
    assert line.startswith("error: no-such-python cannot be run")
    assert not (project / ".venv").exists()


def test_an_old_python_is_said_in_one_line_with_its_version(project: Path) -> None:
    program(project / "old", f'exec "{sys.executable}" -c "import sys; sys.version_info = (3, 9, 2); $2"')
    result = make(project, "test", "PYTHON=./old")
    assert result.returncode != 0
    (line,) = complaints(result)
    assert line.startswith("error: ./old is Python 3.9, and 3.11 or newer is needed")


def test_a_python_that_cannot_make_an_environment_is_said_in_one_line(project: Path) -> None:
    program(project / "bare", f'[ "$1" = -m ] && exit 1; exec "{sys.executable}" "$@"')
    result = make(project, "serve", "PYTHON=./bare")
    assert result.returncode != 0
    (line,) = complaints(result)
    assert "could not make a virtual environment in .venv" in line
    assert "python3-venv" in line


def test_an_unreachable_registry_is_said_in_one_line_and_the_next_run_tries_again(project: Path) -> None:
    is_set_up(project)
    (project / ".venv/stamp").unlink()
    installing = 'case "$*" in *install*) echo "ERROR: no matching distribution"; echo more; exit 1;; esac'
    program(project / ".venv/bin/python", installing)
    result = make(project, "serve", f"PYTHON={sys.executable}")
    assert result.returncode != 0
    _, line = complaints(result)
    assert line.endswith("within reach?): pip says ERROR: no matching distribution (all of it: .venv/setup.log)")
    assert not (project / ".venv/stamp").exists()


def test_a_second_run_installs_nothing_and_asks_no_python(project: Path) -> None:
    is_set_up(project, footbridge='echo "served $*"')
    result = make(project, "serve", "PYTHON=no-such-python", "PORT=8123")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "served serve --demo-if-empty --host 127.0.0.1 --port 8123\n"


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_is_set_up_again(project: Path, name: str) -> None:
    is_set_up(project, footbridge="echo served")
    with (project / name).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    result = make(project, "serve", f"PYTHON={sys.executable}")
    assert (result.returncode, result.stdout) == (0, "served\n")
    assert complaints(result) == ["Setting up .venv: the first time takes a minute."]
    assert make(project, "serve", "PYTHON=no-such-python").stderr == ""


def test_a_project_that_was_moved_is_set_up_again(project: Path) -> None:
    is_set_up(project, footbridge="echo served")
    moved = project.rename(project.with_name("elsewhere"))
    assert make(moved, "serve", "PYTHON=no-such-python").returncode != 0


@pytest.mark.parametrize(("code", "passes"), [(0, True), (1, False), (5, False)])
def test_make_test_ends_as_pytest_does(project: Path, code: int, passes: bool) -> None:
    is_set_up(project, pytest=f'echo "pytest $*"; exit {code}')
    program(project / "bin/chromium", "exit 0")
    result = make(project, "test", "ARGS=-k schedule", PATH=f"{project / 'bin'}:{os.environ['PATH']}")
    assert (result.returncode == 0) is passes
    assert result.stdout == "pytest -n auto --dist worksteal -k schedule\n"


def test_no_soak_tests_are_said_and_are_no_failure(project: Path) -> None:
    is_set_up(project, pytest="exit 5")
    result = make(project, "soak")
    assert (result.returncode, result.stdout) == (0, "There are no soak tests yet.\n")


def test_a_soak_test_that_does_not_pass_is_a_failure(project: Path) -> None:
    is_set_up(project, pytest="exit 1")
    assert make(project, "soak").returncode != 0


def test_a_machine_where_chromium_cannot_be_installed_goes_on_without(project: Path, tmp_path: Path) -> None:
    """As root with an apt that fails, and as somebody who may not install."""
    for user in ("0", "1000"):
        programs = tmp_path / user
        program(programs / "id", f"echo {user}")
        program(programs / "apt-get", "echo broken >&2; exit 100")
        result = subprocess.run(
            [shutil.which("sh"), ".ci/chromium"],
            cwd=project,
            env={"PATH": str(programs)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0
        assert "broken" not in result.stderr
        assert ("will be left out" in result.stderr) is (user == "0")


def run_pytest(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of its own, under the project's rules, of a file with these tests."""
    (folder / "test_made_up.py").write_text(text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        ROOT / "pyproject.toml",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
    ]
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [*command, *arguments, folder / "test_made_up.py"],
        cwd=ROOT, env=outer, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


SKIPPED = """
import pytest
@pytest.mark.parametrize("number", range(3))
def test_skipped(number):
    pytest.skip("there is no moon")
def test_sky():
    assert True
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_last_line_of_a_run_says_what_was_left_out_and_why(tmp_path: Path, workers: str) -> None:
    result = run_pytest(tmp_path, SKIPPED, "-n", workers)
    assert result.returncode == 0, result.stdout
    assert result.stdout.splitlines()[-1] == "Left out: 3 tests (there is no moon)."


def test_the_last_line_of_a_whole_run_says_that_nothing_was_left_out(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, "def test_sky():\n    assert True\n")
    assert result.stdout.splitlines()[-1] == "Left out: nothing."


NAUGHTY = """
import os, socket, warnings
import pytest
from directory.settings import read_clock
def clock(folder):
    (folder / "clock").write_text("2026-03-02T19:00:00-05:00")
    return str(folder / "clock")
async def test_warns():
    warnings.warn("old", DeprecationWarning)
async def test_blocks(tmp_path):
    read_clock(clock(tmp_path))
def test_calls_out():
    socket.create_connection(("192.0.2.1", 80), 1)
def test_looks_up():
    socket.getaddrinfo("registry.test", 443)
@pytest.mark.may_block("as a command does")
async def test_may_block(tmp_path):
    read_clock(clock(tmp_path))
def test_sees_no_settings():
    assert not [name for name in os.environ if name.startswith("DIRECTORY_")]
"""


def test_a_warning_a_blocked_loop_and_a_call_to_another_machine_fail_a_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIRECTORY_ENV", "production")
    result = run_pytest(tmp_path, NAUGHTY)
    failed = re.findall(r"^FAILED .*::(\w+)", result.stdout, re.MULTILINE)
    assert failed == ["test_warns", "test_blocks", "test_calls_out", "test_looks_up"], result.stdout
    assert "4 failed, 2 passed" in result.stdout
