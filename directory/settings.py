"""What an operator can set: read once from the environment (prefix DIRECTORY_); nothing else reads os.environ."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from directory.domain.audit import DEVELOPMENT_KEY, KEY_LENGTH
from directory.domain.notices import is_mail_address
from directory.settings_geocoders import GeocoderEntry, bounds_of, entries_of

PREFIX = "DIRECTORY_"
PRODUCTION = "production"
ENVIRONMENTS = ("development", "test", PRODUCTION)

CONSOLE = "console:"
"""In place of a mail server: messages are shown on standard error."""

_TILE_URL = re.compile(r"(?P<origin>https?://[A-Za-z0-9.-]+(?::\d{1,5})?)/[A-Za-z0-9._~/@{}?&=%+-]+")
_TILE_PARTS = ("{z}", "{x}", "{y}")


class BadSettings(Exception):
    """A setting is missing or cannot be used. The text is one line that says which and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is the environment variable DIRECTORY_ + its name in capitals. The README says what each is for."""

    env: str = "development"
    database_url: str = "sqlite://var/footbridge.sqlite3"
    secret: str = ""
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    base_url: str = "http://127.0.0.1:8000"
    bind: str = ""
    timezone: str = "America/New_York"
    site_name: str = "Footbridge"
    exit_url: str = "https://www.weather.gov/"
    max_body_bytes: int = 1_000_000
    clock: str = ""
    tile_url: str = ""
    tile_attribution: str = ""
    feeds_loopback: bool = False
    geocoders: tuple[GeocoderEntry, ...] = ()
    geocoders_file: str = ""
    geocode_bounds: tuple[float, ...] = ()
    audit_key: str = ""
    audit_anchor_to: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    sms_url: str = ""
    sms_from: str = ""
    sms_account: str = ""
    sms_token: str = ""
    notices: str = ""
    worker: bool = True

    @property
    def is_production(self) -> bool:
        """Whether real people use this."""
        return self.env == PRODUCTION

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded engine is used: then one web process is the limit."""
        return self.database_url.startswith("sqlite:")

    @property
    def audit_keys(self) -> tuple[str, ...]:
        """What seals the audit trail, the newest first: entries that an earlier key has sealed are checked with that."""
        return tuple(self.audit_key.replace(",", " ").split()) or (DEVELOPMENT_KEY,)

    @property
    def tile_origin(self) -> str:
        """Scheme, host and port of the tile server, as a content security policy names it; "" for none."""
        found = _TILE_URL.fullmatch(self.tile_url)
        return found["origin"].lower() if found else ""

    @property
    def tile_host(self) -> str:
        """The same for people: the name of the host alone."""
        return urlsplit(self.tile_origin).hostname or ""


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that these variables make. Raises BadSettings with one line."""
    given: dict[str, object] = {}
    for field in fields(Settings):
        value = environ.get(PREFIX + field.name.upper(), "").strip()
        if not value:
            continue
        if field.name == "hosts":
            given["hosts"] = tuple(host.strip() for host in value.split(",") if host.strip())
        elif field.name == "max_body_bytes":
            given["max_body_bytes"] = _whole_number(field.name, value)
        elif field.name == "geocode_bounds":
            given["geocode_bounds"] = _read(bounds_of, value)
        elif field.name in ("feeds_loopback", "worker"):
            given[field.name] = _yes_or_no(field.name, value)
        else:
            given[field.name] = value
    given["geocoders"] = _read(entries_of, given.get("geocoders", ""), given.get("geocoders_file", ""), environ)
    return _checked(Settings(**given))  # type: ignore[arg-type]


def _whole_number(name: str, value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise BadSettings(f"{PREFIX}{name.upper()} is {value!r}: give a whole number above 0.")
    return int(value)


def _yes_or_no(name: str, value: str) -> bool:
    if value.lower() not in ("1", "yes", "0", "no"):
        raise BadSettings(f"{PREFIX}{name.upper()} is {value!r}: give yes or no.")
    return value.lower() in ("1", "yes")


def _read(reader: Callable[..., object], *values: object) -> object:
    """What a reader of settings makes of these; it complains in one line that names the variable."""
    try:
        return reader(*values)
    except ValueError as wrong:
        raise BadSettings(str(wrong)) from None


def _checked(settings: Settings) -> Settings:
    if settings.env not in ENVIRONMENTS:
        raise BadSettings(f"DIRECTORY_ENV is {settings.env!r}: give one of {', '.join(ENVIRONMENTS)}.")
    if settings.is_production:
        if len(settings.secret) < 32:
            raise BadSettings(
                "DIRECTORY_SECRET is missing or shorter than 32 characters: set it before starting in production."
            )
        if settings.audit_keys[0] == DEVELOPMENT_KEY:
            raise BadSettings("DIRECTORY_AUDIT_KEY is missing: set one of its own before starting in production.")
        if settings.smtp_url == CONSOLE:
            raise BadSettings("DIRECTORY_SMTP_URL=console: shows every message and is refused in production.")
        if not settings.base_url.startswith("https://"):
            raise BadSettings(
                "DIRECTORY_BASE_URL is missing or not https: give the site's own address, such as https://help.example.org."
            )
        if settings.clock:
            raise BadSettings("DIRECTORY_CLOCK replaces the clock and is refused in production: unset it.")
        if settings.feeds_loopback:
            raise BadSettings("DIRECTORY_FEEDS_LOOPBACK is for tests and is refused in production: unset it.")
    if not settings.database_url.startswith(("sqlite://", "asyncpg://", "postgres://", "postgresql://")):
        raise BadSettings("DIRECTORY_DATABASE_URL must begin with sqlite:// or asyncpg://.")
    for name in ("base_url", "exit_url"):
        parts = urlsplit(getattr(settings, name))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadSettings(f"{PREFIX}{name.upper()} must be a whole address that begins with http:// or https://.")
    try:
        ZoneInfo(settings.timezone)
    except (ValueError, KeyError, OSError):
        raise BadSettings(
            f"DIRECTORY_TIMEZONE is {settings.timezone!r}: give an IANA name such as America/Chicago."
        ) from None
    if settings.clock:
        read_clock(settings.clock)
    _check_keys(settings)
    _check_messages(settings)
    if settings.tile_url and not _is_tile_url(settings.tile_url):
        raise BadSettings(
            f"DIRECTORY_TILE_URL is {settings.tile_url!r}: give one host and the three parts, as in https://tiles.example.org/{{z}}/{{x}}/{{y}}.png."
        )
    return settings


def _check_keys(settings: Settings) -> None:
    if any(len(key) < KEY_LENGTH for key in settings.audit_keys):
        raise BadSettings(
            f"DIRECTORY_AUDIT_KEY must have {KEY_LENGTH} characters or more (several keys: the newest first, with blanks between)."
        )
    if settings.secret in settings.audit_keys:
        raise BadSettings("DIRECTORY_AUDIT_KEY must be another one than DIRECTORY_SECRET.")


def _check_messages(settings: Settings) -> None:
    """The two ways out: none of the refusals repeats an address, since a password may stand in it."""
    for name in ("audit_anchor_to", "mail_from"):
        if getattr(settings, name) and not is_mail_address(getattr(settings, name)):
            raise BadSettings(f"{PREFIX}{name.upper()} must be an e-mail address such as office@example.org.")
    if settings.smtp_url not in ("", CONSOLE) and not _is_address(settings.smtp_url, "smtps", "smtp"):
        raise BadSettings("DIRECTORY_SMTP_URL must look like smtp://user:password@mail.example.org:587 (or smtps://).")
    if settings.sms_url and not _is_address(settings.sms_url, "https"):
        raise BadSettings("DIRECTORY_SMS_URL must be a whole address that begins with https://.")
    needed = [("smtp_url", "mail_from"), *(("sms_url", name) for name in ("sms_from", "sms_account", "sms_token"))]
    for name, other in needed:
        if getattr(settings, name) not in ("", CONSOLE) and not getattr(settings, other):
            raise BadSettings(f"{PREFIX}{other.upper()} is missing: {PREFIX}{name.upper()} needs it.")


def _is_address(url: str, *schemes: str) -> bool:
    """Whether it names a host by one of these schemes; `http` will do for this machine itself."""
    try:
        parts = urlsplit(url)
        here = parts.scheme == "http" and "https" in schemes and parts.hostname in ("127.0.0.1", "localhost", "::1")
        return bool(parts.hostname) and (parts.scheme in schemes or here) and parts.port != 0
    except ValueError:
        return False


def _is_tile_url(url: str) -> bool:
    """Whether it names one host, and each part of a tile's place once, and nothing else is left to fill in."""
    path = url
    for part in _TILE_PARTS:
        path = path.replace(part, "", 1)
    return bool(_TILE_URL.fullmatch(url)) and len(path) == len(url) - 9 and not {"{", "}"} & set(path)


def read_clock(path: str) -> datetime:
    """The aware time that a clock file holds. Raises BadSettings when it holds none."""
    try:
        moment = datetime.fromisoformat(Path(path).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise BadSettings(
            f"DIRECTORY_CLOCK: {path} does not hold an ISO time such as 2026-03-02T19:00:00-05:00."
        ) from None
    if moment.tzinfo is None:
        raise BadSettings(f"DIRECTORY_CLOCK: the time in {path} has no offset; write it as 2026-03-02T19:00:00-05:00.")
    return moment
