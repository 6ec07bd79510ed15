from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from directory.domain.audit import DEVELOPMENT_KEY
from directory.settings import PREFIX, BadSettings, Settings, read
from directory.settings_geocoders import GeocoderEntry

LONG = "a-secret-of-more-than-32-characters!"
AUDIT = "a-key-of-more-than-32-characters-too!"
PRODUCTION = {
    "DIRECTORY_ENV": "production",
    "DIRECTORY_SECRET": LONG,
    "DIRECTORY_AUDIT_KEY": AUDIT,
    "DIRECTORY_BASE_URL": "https://help.example.org",
}
MAIL = {"DIRECTORY_SMTP_URL": "smtp://robin:hunter@mail.example.org:587", "DIRECTORY_MAIL_FROM": "office@example.org"}
SMS = {
    "DIRECTORY_SMS_URL": "https://sms.example.org",
    "DIRECTORY_SMS_FROM": "+15555550100",
    "DIRECTORY_SMS_ACCOUNT": "AC1",
    "DIRECTORY_SMS_TOKEN": "hunter",
}

GOOD = {
    "env": ("test", "test"),
    "database_url": ("postgres://robin@db.example.org/footbridge", "postgres://robin@db.example.org/footbridge"),
    "secret": (LONG, LONG),
    "hosts": (" a.example.org , b.example.org,", ("a.example.org", "b.example.org")),
    "base_url": ("https://a.example.org", "https://a.example.org"),
    "bind": ("::1", "::1"),
    "timezone": ("America/Chicago", "America/Chicago"),
    "site_name": ("Heron Helpline", "Heron Helpline"),
    "exit_url": ("https://weather.example.org/", "https://weather.example.org/"),
    "max_body_bytes": ("5000", 5000),
    "tile_url": (
        "https://Tiles.example.org:8443/{z}/{x}/{y}@2x.png?k=1",
        "https://Tiles.example.org:8443/{z}/{x}/{y}@2x.png?k=1",
    ),
    "tile_attribution": ("© Heron Maps", "© Heron Maps"),
    "geocoders": ("census, photon,", (GeocoderEntry("census", "census"), GeocoderEntry("photon", "photon"))),
    "geocode_bounds": ("42.7, -73.5, 45.1, -71.4", (42.7, -73.5, 45.1, -71.4)),
    "feeds_loopback": ("Yes", True),
    "audit_key": (AUDIT, AUDIT),
    "audit_anchor_to": ("oversight@example.org", "oversight@example.org"),
    "smtp_url": ("console:", "console:"),
    "mail_from": ("office@example.org", "office@example.org"),
    "sms_from": ("+15555550100", "+15555550100"),
    "sms_account": ("AC1", "AC1"),
    "sms_token": ("hunter", "hunter"),
    "notices": ("deploy/notices.toml", "deploy/notices.toml"),
    "worker": ("0", False),
}
"""For each setting a value as it is written, and as it is read; the clock, the file of geocoders and the way out for SMS have tests of their own."""


def test_every_setting_is_tried_here() -> None:
    assert {field.name for field in fields(Settings)} == {*GOOD, "clock", "geocoders_file", "sms_url"}


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
        ("geocoders", "census,census"),
        ("geocoders_file", "no/such/file"),
        ("geocode_bounds", "42.7,-73.5,45.1"),
        ("geocode_bounds", "45.1,-73.5,42.7,-71.4"),
        ("geocode_bounds", "north"),
        ("geocode_bounds", "42.7,-730.5,45.1,-71.4"),
        ("feeds_loopback", "perhaps"),
        ("worker", "2"),
        ("audit_key", "brief"),
        ("audit_key", f"{AUDIT} brief"),
        ("audit_anchor_to", "oversight"),
        ("mail_from", "Robin <office@example.org>"),
        ("mail_from", "office@example.org\nBcc: all@example.org"),
        ("smtp_url", "mail.example.org"),
        ("smtp_url", "http://127.0.0.1:25"),
        ("smtp_url", "smtp://mail.example.org:port"),
        ("smtp_url", "smtp://mail.example.org"),
        ("sms_url", "http://sms.example.org"),
        ("sms_url", "https://sms.example.org"),
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


@pytest.mark.parametrize("key", ["", DEVELOPMENT_KEY, f"{DEVELOPMENT_KEY}, {AUDIT}", LONG])
def test_production_does_not_start_without_an_audit_key_of_its_own(key: str) -> None:
    with pytest.raises(BadSettings, match="DIRECTORY_AUDIT_KEY"):
        read({**PRODUCTION, "DIRECTORY_AUDIT_KEY": key})


def test_earlier_audit_keys_stand_behind_the_one_that_is_used() -> None:
    earlier = "the-key-of-the-year-before-this-one!"
    assert read({**PRODUCTION, "DIRECTORY_AUDIT_KEY": f"{AUDIT}, {earlier}"}).audit_keys == (AUDIT, earlier)
    assert read({}).audit_keys == (DEVELOPMENT_KEY,)


def test_a_way_out_for_messages_is_whole_or_refused_without_its_password() -> None:
    assert read({**MAIL, **SMS}).smtp_url == MAIL["DIRECTORY_SMTP_URL"]
    assert read({**SMS, "DIRECTORY_SMS_URL": "http://127.0.0.1:9"}).sms_url == "http://127.0.0.1:9"
    for given in (MAIL, SMS):
        for name in list(given)[1:]:
            with pytest.raises(BadSettings, match=name) as refused:
                read({**given, name: ""})
            assert "hunter" not in str(refused.value)


@pytest.mark.parametrize("address", ["", "http://help.example.org", "http://127.0.0.1:8000"])
def test_production_does_not_start_without_an_address_over_https(address: str) -> None:
    """Without it cookies go over the open line, and links lead to this machine."""
    with pytest.raises(BadSettings, match="DIRECTORY_BASE_URL"):
        read({**PRODUCTION, "DIRECTORY_BASE_URL": address})
    assert read({"DIRECTORY_BASE_URL": address}).base_url.startswith("http://")


def test_messages_are_not_shown_on_the_console_in_production() -> None:
    with pytest.raises(BadSettings, match="DIRECTORY_SMTP_URL"):
        read({**PRODUCTION, "DIRECTORY_SMTP_URL": "console:"})


def test_the_clock_cannot_be_replaced_in_production(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-03-02T19:00:00-05:00", encoding="ascii")
    assert read({"DIRECTORY_CLOCK": str(file)}).clock == str(file)
    with pytest.raises(BadSettings, match="DIRECTORY_CLOCK"):
        read({**PRODUCTION, "DIRECTORY_CLOCK": str(file)})


def test_feeds_of_this_machine_are_not_read_in_production() -> None:
    assert not read({"DIRECTORY_FEEDS_LOOPBACK": "0"}).feeds_loopback
    with pytest.raises(BadSettings, match="DIRECTORY_FEEDS_LOOPBACK"):
        read({**PRODUCTION, "DIRECTORY_FEEDS_LOOPBACK": "1"})


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


GEOCODERS = """
[house]
service = "Nominatim"
domain = "nominatim.example.org"
user_agent = "heron-helpline"
min_delay = 0.2

[paid]
service = "googlev3"
api_key_env = "PAID_KEY"
timeout = 5
retry_delay = 2.5
"""


def test_a_file_says_more_of_each_geocoder_and_keeps_no_key(tmp_path: Path) -> None:
    file = tmp_path / "geocoders.toml"
    file.write_text(GEOCODERS, encoding="utf-8")
    house = GeocoderEntry("house", "nominatim", (("domain", "nominatim.example.org"),), "heron-helpline", 0.2)
    paid = GeocoderEntry("paid", "googlev3", (("api_key", "k-1"),), timeout=5.0, retry_delay=2.5)
    given = {"DIRECTORY_GEOCODERS_FILE": str(file), "PAID_KEY": "k-1"}
    assert read(given).geocoders == (house, paid)
    census = GeocoderEntry("census", "census")
    assert read({**given, "DIRECTORY_GEOCODERS": "paid,census"}).geocoders == (paid, census)
    with pytest.raises(BadSettings, match="PAID_KEY"):
        read({"DIRECTORY_GEOCODERS_FILE": str(file)})


@pytest.mark.parametrize("text", ["[house", "house = 1", "[house]\nmin_delay = -1", '[house]\ntimeout = "soon"'])
def test_a_file_of_geocoders_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "geocoders.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadSettings, match="DIRECTORY_GEOCODERS_FILE") as refused:
        read({"DIRECTORY_GEOCODERS_FILE": str(file)})
    assert "\n" not in str(refused.value)


def test_without_a_geocoder_set_nothing_leaves_the_machine() -> None:
    assert Settings().geocoders == ()
    assert not any(entry.is_remote for entry in read({"DIRECTORY_GEOCODERS": "gazetteer"}).geocoders)
