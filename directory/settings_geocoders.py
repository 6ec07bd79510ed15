"""Which services place addresses, as an operator names them: read by settings.py, which turns each ValueError into its own error."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GAZETTEER = "gazetteer"
"""The geocoder that is always there and asks nobody."""


@dataclass(frozen=True, slots=True)
class GeocoderEntry:
    """One service that places addresses. `service` is geopy's name for its class, "census" or "gazetteer"; `options` are its arguments.

    `min_delay` are the seconds between two questions, `timeout` those that an answer may take, and `retry_delay` those before asking
    again what was not answered.
    """

    name: str
    service: str
    options: tuple[tuple[str, Any], ...] = field(default=(), repr=False)
    user_agent: str = ""
    min_delay: float = 0.0
    timeout: float = 10.0
    retry_delay: float = 1.0

    @property
    def arguments(self) -> dict[str, Any]:
        """All of it by name, as gateways/remote.py takes it."""
        return {name: getattr(self, name) for name in self.__slots__} | {"options": dict(self.options)}

    @property
    def is_remote(self) -> bool:
        """Whether it is on another machine: all but our own gazetteer."""
        return self.service != GAZETTEER


def bounds_of(value: str) -> tuple[float, ...]:
    """South, west, north and east in degrees."""
    try:
        south, west, north, east = (float(part) for part in value.split(","))
    except ValueError:
        south = west = north = east = 0.0
    if not (-90 <= south < north <= 90 and abs(west) <= 180 and abs(east) <= 180 and west != east):
        raise ValueError(
            f"DIRECTORY_GEOCODE_BOUNDS is {value!r}: give south,west,north,east in degrees, as in 42.7,-73.5,45.1,-71.4."
        )
    return south, west, north, east


def entries_of(named: str, path: str, environ: Mapping[str, str]) -> tuple[GeocoderEntry, ...]:
    """The services in the order in which they are asked: the names that are set, else all of the file."""
    tables = _toml(path) if path else {}
    names = [name for part in named.split(",") if (name := part.strip())] or list(tables)
    if len(set(names)) < len(names):
        raise ValueError(f"DIRECTORY_GEOCODERS names {', '.join(names)}: give each service once.")
    return tuple(_geocoder(name, dict(tables.get(name, {})), environ) for name in names)


def _toml(path: str) -> dict[str, dict[str, Any]]:
    try:
        found = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"DIRECTORY_GEOCODERS_FILE: {path} cannot be read ({reason}).") from None
    if not all(isinstance(table, dict) for table in found.values()):
        raise ValueError(f"DIRECTORY_GEOCODERS_FILE: in {path} each service has a table of its own, as in [nominatim].")
    return found


def _geocoder(name: str, table: dict[str, Any], environ: Mapping[str, str]) -> GeocoderEntry:
    """One table. An argument that ends in `_env` names the variable that holds it, so that no key stands in a file."""
    given: dict[str, Any] = {"service": str(table.pop("service", name)).lower()}
    for key in ("min_delay", "timeout", "retry_delay"):
        if (value := table.pop(key, None)) is not None:
            given[key] = _seconds(f"{key} of [{name}]", value)
    given["user_agent"] = str(table.pop("user_agent", ""))
    for key in [key for key in table if key.endswith("_env")]:
        variable = str(table.pop(key))
        if not environ.get(variable):
            raise ValueError(f"DIRECTORY_GEOCODERS_FILE: [{name}] reads its key from {variable}, which is not set.")
        table[key.removesuffix("_env")] = environ[variable]
    return GeocoderEntry(name, options=tuple(sorted(table.items())), **given)


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3600:
        raise ValueError(f"DIRECTORY_GEOCODERS_FILE: {name} is {value!r}: give seconds from 0 to 3600.")
    return float(value)
