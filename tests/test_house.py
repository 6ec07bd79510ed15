"""The house rules that no single test would notice: what may import what, what lies where, what must agree with what."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from starlette.routing import BaseRoute, Mount, Route

from directory.resources import folder
from directory.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

PURE_PARSERS = {"icalendar", "openpyxl", "phonenumbers", "pymupdf_fonts", "reportlab", "segno"}
"""What `formats` may use beside the standard library: readers and writers of a format, which do no I/O."""

LOADS = r"<(?:script|link|img|iframe|source|video|audio|object|embed|image|use|form)\b[^>]*\b(?:src|href|srcset|data|action)\s*="
ELSEWHERE = re.compile(
    rf"{LOADS}\s*[\"']?\s*(?:https?:)?//"  # an element that makes the browser ask another host
    r"|url\(\s*[\"']?\s*(?:https?:)?//|@import\s+[\"']?\s*(?:https?:)?//"  # the same in a style sheet
    r"|\b(?:fetch|import|Worker|EventSource|WebSocket|sendBeacon)\(\s*[\"'`](?:https?:|wss?:)?//",  # the same in a script
    re.IGNORECASE,
)
MACHINE_PATH = re.compile(r"(?<![\w.:/)}\]-])/(?:root|home|Users)/\w")


@cache
def project_files() -> list[Path]:
    """Every file that is or would be committed; all of them where this is no clone."""
    listing = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    if shutil.which("git") and (ROOT / ".git").exists():
        names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    parts = {".venv", "var", "__pycache__", ".git"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not parts & set(path.relative_to(ROOT).parts)]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def modules(*layers: str) -> list[Path]:
    return [path for layer in layers for path in sorted((ROOT / "directory" / layer).rglob("*.py"))]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False
    )


# --- code ------------------------------------------------------------------------------------------------------------


def test_every_import_follows_the_contracts(tmp_path: Path) -> None:
    result = run(BIN / "lint-imports", "--no-logo", "--cache-dir", tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 broken" in result.stdout


@pytest.mark.parametrize("path", modules("domain", "formats"), ids=name_of)
def test_domain_and_formats_need_nothing_but_the_standard_library(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"directory"} | (PURE_PARSERS if "formats" in path.parts else set())
    assert {name for name in imported(path) if name.partition(".")[0] not in allowed} == set()


def test_only_settings_reads_the_environment() -> None:
    reading = re.compile(r"\bos\.(?:environ|getenv)\b|from os import .*\b(?:environ|getenv)\b")
    wiring = {"directory/app.py", "directory/cli.py"}  # they hand it to settings.read
    assert {name_of(path) for path in modules("") if reading.search(text_of(path))} <= wiring | {
        "directory/settings.py"
    }


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name_of(path)
        for path in modules("")
        if "migrations" not in path.parts and text_of(path) and not ast.get_docstring(ast.parse(text_of(path)))
    ]
    assert silent == []


def test_no_module_is_longer_than_400_lines() -> None:
    """But for migrations, which a command writes."""
    sizes = {name_of(path): len(text_of(path).splitlines()) for path in modules("") if "migrations" not in path.parts}
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_no_migration_has_a_semicolon_in_the_description_of_a_table() -> None:
    """Tortoise 1.1.9 takes a script for SQLite apart at each of them, and a description stands in the script."""
    found = {name_of(path): ";" in text_of(path) for path in modules("") if "migrations" in path.parts}
    assert [name for name, has_one in found.items() if has_one] == []


def test_conftest_stays_under_150_lines() -> None:
    assert len(text_of(ROOT / "tests" / "conftest.py").splitlines()) < 150


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["templates", "static"])
def test_no_page_makes_a_browser_ask_another_host(name: str) -> None:
    files = [path for path in (ROOT / name).rglob("*") if path.is_file()]
    assert files
    assert {name_of(path): found[0] for path in files if (found := ELSEWHERE.search(text_of(path)))} == {}


@pytest.mark.parametrize(
    "sample",
    [
        '<script src="https://cdn.test/x.js">',
        "<link rel=stylesheet href=//cdn.test/x.css>",
        '<img alt="" src="http://other.test/pixel.gif">',
        "background: url(//cdn.test/x.png)",
        '@import "https://cdn.test/x.css"',
        'fetch("https://other.test/count")',
    ],
)
def test_a_call_to_another_host_would_be_found(sample: str) -> None:
    assert ELSEWHERE.search(sample)


def templates() -> Environment:
    from directory.web.static import Static
    from directory.web.templating import environment

    return environment(folder("templates"), Static(folder("static")))


def test_every_template_compiles() -> None:
    environment = templates()
    names = environment.list_templates()
    assert len(names) == len([path for path in (ROOT / "templates").rglob("*") if path.is_file()])
    for name in names:
        environment.get_template(name)


def line_of(route: BaseRoute) -> str:
    if isinstance(route, Mount):
        return f"MOUNT {route.path} {route.name}"
    assert isinstance(route, Route)
    return f"{','.join(sorted((route.methods or set()) - {'HEAD'}))} {route.path} {route.name}"


def test_the_addresses_are_those_that_are_written_down() -> None:
    """Others link to them: tests/routes.txt changes only on purpose."""
    from directory.web.routes import table
    from directory.web.static import Static

    written = (ROOT / "tests" / "routes.txt").read_text(encoding="ascii").splitlines()
    assert sorted(line_of(route) for route in table(Static(folder("static")))) == sorted(written)


# --- data ------------------------------------------------------------------------------------------------------------


def test_the_migrations_make_what_the_models_say(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "directory", tmp_path / "directory", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    before = {path.name for path in (tmp_path / "directory/storage/migrations").glob("*.py")}

    result = run(BIN / "tortoise", "makemigrations", cwd=tmp_path, PYTHONPATH=str(tmp_path))

    after = {path.name for path in (tmp_path / "directory/storage/migrations").glob("*.py")}
    assert "No changes detected" in result.stdout, result.stdout + result.stderr
    assert after == before


# --- what belongs to a project ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "requirements.lock", ".ci/run"]
)
def test_the_project_has_its_papers(name: str) -> None:
    assert len(text_of(ROOT / name)) > 200


def test_every_setting_is_in_the_readme_and_the_readme_names_no_other() -> None:
    settings = {PREFIX + field.name.upper() for field in fields(Settings)}
    named = set(re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]\b", text_of(ROOT / "README.md")))
    assert named == settings


def test_each_feature_that_the_readme_claims_names_a_test_that_is_there() -> None:
    table = text_of(ROOT / "README.md").partition("## What the search can do")[2].partition("\n## ")[0]
    heads = ("| feature |", "|---")
    lines = [line for line in table.splitlines() if line.startswith("|") and not line.startswith(heads)]
    rows = [line.strip("|").split("|") for line in lines]
    named = {feature.strip(): re.findall(r"`([\w/]+\.py)::(test_\w+)`", tests) for feature, _us, tests in rows}
    assert {us.strip() for _feature, us, _tests in rows} == {"Y"}
    assert [feature for feature, tests in named.items() if not tests] == []
    files = {file for tests in named.values() for file, _test in tests}
    defined = {file: functions(ROOT / "tests" / file) for file in files}
    missing = [f"{file}::{test}" for tests in named.values() for file, test in tests if test not in defined[file]]
    assert missing == []


def functions(path: Path) -> set[str]:
    """The names of the functions of a module; of one that is not there, none."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in ast.parse(text_of(path)).body if isinstance(node, kinds)} if path.exists() else set()


def test_the_readme_shows_every_picture_there_is_small_and_in_words_too() -> None:
    shown = re.findall(r'<img src="([^"]+)" width="\d+" alt="([^"]{20,})">', text_of(ROOT / "README.md"))
    sizes = {name_of(path): path.stat().st_size for path in (ROOT / "tests/browser/pictures").iterdir()}
    assert sorted(name for name, _words in shown) == sorted(sizes)
    assert max(sizes.values()) <= 150_000
    assert sum(sizes.values()) <= 900_000


def locked() -> dict[str, str]:
    """Name and version of each requirement of the lock."""
    lines = re.findall(r"^(\S+)==(\S+)", text_of(ROOT / "requirements.lock"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in lines}


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wanted += [line for extra in project["project"]["optional-dependencies"].values() for line in extra]
    versions = locked()
    asked = [Requirement(line) for line in wanted]
    missing = [str(one) for one in asked if versions.get(canonicalize_name(one.name), "none") not in one.specifier]
    assert missing == []


def test_the_lock_pins_every_file_by_its_hash() -> None:
    entries = re.split(r"^(?=\S+==)", text_of(ROOT / "requirements.lock"), flags=re.MULTILINE)[1:]
    assert len(entries) == len(locked())
    assert [entry.partition(" ")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_host_and_no_folder() -> None:
    text = text_of(ROOT / "requirements.lock")
    assert (
        re.findall(r".*(?:://|file:|--find-links|index-url|--trusted-host| @ |(?:^|\s)/\w).*", text, re.MULTILINE) == []
    )


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    found = {name_of(path): match[0] for path in project_files() if (match := MACHINE_PATH.search(text_of(path)))}
    assert found == {}
