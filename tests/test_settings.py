from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from directory.settings import PREFIX, BadSettings, Settings, read

LONG = "a-secret-of-more-than-32-characters!"
PRODUCTION = {"DIRECTORY_ENV": "production", "DIRECTORY_SECRET": LONG}

GOOD = {
    "env": ("test", "test"),
    "database_url": ("postgres://robin@db.example.org/footbridge", "postgres://robin@db.example.org/footbridge"),
    "secret": (LONG, LONG),
    "hosts": (" a.example.org , b.example.org,", ("a.example.org", "b.example.org")),
    "base_url": ("https://a.example.org", "https://a.example.org"),
    "timezone": ("America/Chicago", "America/Chicago"),
    "site_name": ("Heron Helpline", "Heron Helpline"),
    "exit_url": ("https://weather.example.org/", "https://weather.example.org/"),
    "max_body_bytes": ("5000", 5000),
    "tile_url": (
        "https://Tiles.example.org:8443/{z}/{x}/{y}@2x.png?k=1",
        "https://Tiles.example.org:8443/{z}/{x}/{y}@2x.png?k=1",
    ),
    "tile_attribution": ("© Heron Maps", "© Heron Maps"),
}
"""For each setting a value as it is written, and as it is read; the clock has tests of its own."""


def test_every_setting_is_tried_here() -> None:
    assert {field.name for field in fields(Settings)} == {*GOOD, "clock"}


@pytest.mark.parametrize("name", GOOD)
def test_a_setting_is_read_from_the_variable_of_its_name(name: str) -> None:
    written, value = GOOD[name]
    assert getattr(read({PREFIX + name.upper(): f" {written} "}), name) == value


def test_nothing_set_is_a_site_on_this_machine() -> None:
    settings = read({})
    assert settings == Settings()
    assert settings.is_sqlite
    assert not settings.is_production
    assert set(settings.hosts) == {"127.0.0.1", "localhost", "[::1]"}


def test_blank_variables_and_those_of_other_programs_count_as_not_set() -> None:
    assert (
        read({"DIRECTORY_TIMEZONE": "  ", "DIRECTORY_MOON": "full", "TIMEZONE": "Mars", "PATH": "/bin"}) == Settings()
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("env", "staging"),
        ("env", "Production"),
        ("database_url", "mysql://robin@db.example.org/footbridge"),
        ("database_url", "var/footbridge.sqlite3"),
        ("base_url", "a.example.org"),
        ("base_url", "ftp://a.example.org"),
        ("exit_url", "javascript:alert(1)"),
        ("exit_url", "https://"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("max_body_bytes", "0"),
        ("max_body_bytes", "1e6"),
        ("max_body_bytes", "-5"),
        ("clock", "no/such/file"),
        ("tile_url", "https://tiles.example.org/tiles.png"),
        ("tile_url", "https://tiles.example.org/{z}/{x}.png"),
        ("tile_url", "https://{s}.example.org/{z}/{x}/{y}.png"),
        ("tile_url", "https://tiles.example.org/{s}/{z}/{x}/{y}.png"),
        ("tile_url", "https://tiles.example.org{z}/{x}/{y}.png"),
        ("tile_url", "https://robin@tiles.example.org/{z}/{x}/{y}.png"),
        ("tile_url", "https://tiles.example.org;script-src *//{z}/{x}/{y}.png"),
        ("tile_url", "ftp://tiles.example.org/{z}/{x}/{y}.png"),
        ("tile_url", "//tiles.example.org/{z}/{x}/{y}.png"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_in_one_line_that_names_its_variable(name: str, value: str) -> None:
    variable = PREFIX + name.upper()
    with pytest.raises(BadSettings) as refused:
        read({variable: value})
    assert variable in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("secret", ["", "brief", "x" * 31])
def test_production_does_not_start_without_a_secret_of_its_own(secret: str) -> None:
    with pytest.raises(BadSettings, match="DIRECTORY_SECRET") as refused:
        read({**PRODUCTION, "DIRECTORY_SECRET": secret})
    assert "\n" not in str(refused.value)
    assert not secret or secret not in str(refused.value)
    assert read(PRODUCTION).is_production


def test_the_clock_cannot_be_replaced_in_production(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-03-02T19:00:00-05:00", encoding="ascii")
    assert read({"DIRECTORY_CLOCK": str(file)}).clock == str(file)
    with pytest.raises(BadSettings, match="DIRECTORY_CLOCK"):
        read({**PRODUCTION, "DIRECTORY_CLOCK": str(file)})


def test_settings_do_not_change_while_the_program_runs() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().env = "production"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "is_sqlite"),
    [("sqlite://x.sqlite3", True), ("sqlite://:memory:", True), ("postgresql://robin@db.example.org/x", False)],
)
def test_which_engine_an_address_asks_for(url: str, is_sqlite: bool) -> None:
    assert read({"DIRECTORY_DATABASE_URL": url}).is_sqlite is is_sqlite


def test_the_tile_server_is_named_for_the_browser_and_for_people() -> None:
    settings = read({"DIRECTORY_TILE_URL": "https://Tiles.example.org:8443/{z}/{x}/{y}.png"})
    assert (settings.tile_origin, settings.tile_host) == ("https://tiles.example.org:8443", "tiles.example.org")
    assert (Settings().tile_origin, Settings().tile_host) == ("", "")
