"""What an operator can set: read once from the environment (prefix DIRECTORY_); nothing else reads os.environ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

PREFIX = "DIRECTORY_"
PRODUCTION = "production"
ENVIRONMENTS = ("development", "test", PRODUCTION)

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
    timezone: str = "America/New_York"
    site_name: str = "Footbridge"
    exit_url: str = "https://www.weather.gov/"
    max_body_bytes: int = 1_000_000
    clock: str = ""
    tile_url: str = ""
    tile_attribution: str = ""

    @property
    def is_production(self) -> bool:
        """Whether real people use this."""
        return self.env == PRODUCTION

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded engine is used: then one web process is the limit."""
        return self.database_url.startswith("sqlite:")

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
        else:
            given[field.name] = value
    return _checked(Settings(**given))  # type: ignore[arg-type]


def _whole_number(name: str, value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise BadSettings(f"{PREFIX}{name.upper()} is {value!r}: give a whole number above 0.")
    return int(value)


def _checked(settings: Settings) -> Settings:
    if settings.env not in ENVIRONMENTS:
        raise BadSettings(f"DIRECTORY_ENV is {settings.env!r}: give one of {', '.join(ENVIRONMENTS)}.")
    if settings.is_production:
        if len(settings.secret) < 32:
            raise BadSettings(
                "DIRECTORY_SECRET is missing or shorter than 32 characters: set it before starting in production."
            )
        if settings.clock:
            raise BadSettings("DIRECTORY_CLOCK replaces the clock and is refused in production: unset it.")
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
    if settings.tile_url and not _is_tile_url(settings.tile_url):
        raise BadSettings(
            f"DIRECTORY_TILE_URL is {settings.tile_url!r}: give one host and the three parts, as in https://tiles.example.org/{{z}}/{{x}}/{{y}}.png."
        )
    return settings


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
