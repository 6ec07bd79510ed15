"""What `pip install` puts on a machine is the whole site: nothing of it is left behind in the checkout, and nothing else comes along."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from directory import __version__
from directory.resources import folder
from directory.web.static import Static
from tests.browser import live
from tests.conftest import RUN
from tests.factories import NOW, seeded_template

ROOT = Path(__file__).resolve().parents[1]
CARRIED = ("templates", "static", "seeds")
"""The folders beside the package, which lie in it as `_data/` once it is installed."""
METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.py[cod]", "*.mo")
PYTHON = getattr(sys, "_base_executable", sys.executable)
"""The Python beneath the virtual environment: it does not know that the checkout is installed there."""
PATIENCE = 120


@dataclass(frozen=True)
class Server:
    """A way to run the command: the program, where, and with which variables."""

    program: tuple[str, ...]
    place: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        """The output of the command. Raises CalledProcessError when it ends with anything but 0."""
        pipes = {"capture_output": True, "text": True, "timeout": PATIENCE}
        ran = subprocess.run([*self.program, *arguments], cwd=self.place, env=self.environment, check=False, **pipes)  # type: ignore[call-overload]
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return str(ran.stdout)

    @contextmanager
    def serving(self, log: Path) -> Iterator[str]:
        """The address of the site, which is stopped whatever happens."""
        port = live.free_port()
        command = [*self.program, "serve", "--demo-if-empty", "--port", str(port)]
        with log.open("wb") as output:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            process = subprocess.Popen(command, cwd=self.place, env=self.environment, start_new_session=True, **pipes)
        try:
            live.wait_until_ready(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            live.stop(process)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a release is made from, without git and with what lies about in a folder where people work."""
    copy = tmp_path_factory.mktemp("wheel") / "a checkout"
    for name in ("directory", *CARRIED):
        shutil.copytree(ROOT / name, copy / name, ignore=LEFT_BEHIND)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, copy)
    for name in ("directory/__pycache__/app.cpython-311.pyc", "directory/locale/es/LC_MESSAGES/messages.mo"):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_bytes(b"made by a program")
    for name in ("tests/test_x.py", "var/footbridge.sqlite3", ".venv/lib/x.py", "directory/.env", "notes.txt"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("private")
    return copy


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    """The wheel of this checkout, built without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(checkout.parent / "dist")]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True, timeout=PATIENCE)
    (found,) = (checkout.parent / "dist").iterdir()
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """A folder that holds what pip makes of the wheel, and nothing else."""
    target = wheel.parents[1] / "installed"
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-compile", "--target", target]
    command = [sys.executable, "-m", "pip", "install", *options, wheel]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return target


@pytest.fixture
def from_wheel(installed: Path, tmp_path: Path) -> Server:
    """The installed command in an empty folder: it can reach the dependencies, and nothing of the checkout."""
    place = tmp_path / "empty"
    place.mkdir()
    packages = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    paths = {"PYTHONPATH": os.pathsep.join([str(installed), *packages])}
    return Server((PYTHON, str(installed / "bin/footbridge")), place, settings(place) | paths)


def settings(place: Path) -> dict[str, str]:
    """Variables under which two servers give the same pages: same clock, same address, a database of each one's own."""
    clock = place.parent / "clock"
    clock.write_text(NOW.isoformat(), encoding="ascii")
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DIRECTORY_", "PIP_"))}
    return {
        **outer,
        "DIRECTORY_ENV": "test",
        "DIRECTORY_CLOCK": str(clock),
        "DIRECTORY_BASE_URL": "https://footbridge.example.org",
    }


def carried(checkout: Path) -> dict[str, Path]:
    """Every file of the site in a checkout, by the name that it has in a wheel."""
    found = {}
    for name in ("directory", *CARRIED):
        for path in sorted((checkout / name).rglob("*")):
            inside = path.relative_to(checkout).as_posix()
            made = path.suffix in (".pyc", ".mo") or path.name == ".env"
            if path.is_file() and not made:
                found[inside if name == "directory" else f"directory/_data/{inside}"] = path
    return found


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_the_wheel_holds_each_file_of_the_site_as_it_is_and_nothing_else(checkout: Path, wheel: Path) -> None:
    wanted = carried(checkout)
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        about = f"footbridge-{__version__}.dist-info/"
        assert sorted(names) == sorted([*wanted, *(about + name for name in METADATA)])
        assert [name for name, path in wanted.items() if archive.read(name) != path.read_bytes()] == []


@pytest.mark.parametrize(
    "name",
    [
        "directory/app.py",
        "directory/storage/migrations/0001_initial.py",
        "directory/locale/es/LC_MESSAGES/messages.po",
        "directory/gateways/gazetteer_names.tsv",
        "directory/_data/templates/layout.html",
        "directory/_data/static/site.css",
        "directory/_data/seeds/national.toml",
        "directory/_data/seeds/demo/places.toml",
    ],
)
def test_the_wheel_holds_one_of_each_sort(wheel: Path, name: str) -> None:
    """The names as they must be, said once without the help of what lies in the checkout."""
    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo(name).file_size > 0


def test_the_wheel_says_that_its_types_are_meant_to_be_read(wheel: Path) -> None:
    """PEP 561: what the classifier "Typed" promises needs this file, which may be empty."""
    with zipfile.ZipFile(wheel) as archive:
        assert "directory/py.typed" in archive.namelist()


def test_the_wheel_names_its_command_its_version_and_its_licence(wheel: Path) -> None:
    about = f"footbridge-{__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{about}/METADATA").decode()
        assert "footbridge = directory.cli:main" in archive.read(f"{about}/entry_points.txt").decode()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = metadata.partition("\n\n")[0].splitlines()
    assert {f"Version: {__version__}", "License-Expression: MIT", "Requires-Python: >=3.11"} <= set(lines)
    needed = [line for line in lines if line.startswith("Requires-Dist: ") and "extra ==" not in line]
    assert len(needed) == len(project["dependencies"])


# --- what it does ----------------------------------------------------------------------------------------------------


def test_the_installed_site_runs_without_the_checkout(from_wheel: Server, installed: Path) -> None:
    say = "import sys, directory, directory.resources as r; print(directory.__file__, *map(r.folder, sys.argv[1:]), *sys.path, sep='\\n')"
    command = Server((PYTHON, "-c", say), from_wheel.place, from_wheel.environment)
    package, *lines = command.run(*CARRIED).splitlines()
    assert package == str(installed / "directory/__init__.py")
    assert lines[: len(CARRIED)] == [str(installed / "directory/_data" / name) for name in CARRIED]
    assert str(ROOT) not in lines
    assert from_wheel.run("--version") == f"footbridge {__version__}\n"


@pytest.mark.soak
@pytest.mark.may_block("the database of the checkout is seeded as by a command")
def test_the_installed_site_gives_the_same_pages_as_the_checkout(from_wheel: Server, tmp_path: Path) -> None:
    assert from_wheel.run("migrate").startswith("Applied 0001_initial")
    assert "invented listings" in from_wheel.run("seed", "--demo")
    assert [path.name for path in from_wheel.place.iterdir()] == ["var"]

    database = tmp_path / "checkout.sqlite3"
    database.write_bytes(seeded_template(Path(os.environ[RUN])).read_bytes())
    own = settings(from_wheel.place) | {"DIRECTORY_DATABASE_URL": f"sqlite://{database}"}
    here = Server((sys.executable, "-m", "directory"), ROOT, own)

    with from_wheel.serving(tmp_path / "wheel.log") as one, here.serving(tmp_path / "checkout.log") as other:
        paths = pages(one)
        found = {(path, language): (read(one, path, language), read(other, path, language)) for path, language in paths}
    assert [asked for asked, (first, second) in found.items() if first != second] == []
    assert [asked for asked, ((status, _, content), _) in found.items() if status != 200 or not content] == []
    assert {kind for (_, kind, _), _ in found.values()} >= {"text/css", "text/calendar", "image/svg+xml"}
    assert b"Larkspur City" in found["/search?near=00101", "en"][0][2]
    assert b"988" in found["/", "es"][0][2]
    assert "¿Qué necesita?" in found["/", "es"][0][2].decode()


def pages(url: str) -> list[tuple[str, str]]:
    """Pages of every sort in both languages, and each static file, those of installed packages too."""
    content = json.loads(read(url, "/api/listings?q=Tools+Tuesday", "en")[2])
    listing = f"/listings/{content['results'][0]['slug']}"
    shown = ["/", "/search?near=00101", "/search?near=00101&kind=meeting&day=2", "/about", "/privacy", listing]
    shown += [f"{listing}/report", "/api/listings?near=00101", f"/api{listing}", f"{listing}.ics"]
    files = [f"/static/{name}" for name in Static(folder("static")).hashes]
    return [(path, language) for path in shown for language in ("en", "es")] + [(path, "en") for path in files]


def read(url: str, path: str, language: str) -> tuple[int, str, bytes]:
    """The status, the type and every byte of what stands at this path."""
    request = Request(url + path, headers={"Accept-Language": language})
    with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
        return answer.status, answer.headers.get_content_type(), answer.read()
