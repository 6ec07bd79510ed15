"""Web addresses that a page may link to: those of http and https, which lead to a host and carry no name and password."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def host_of(url: str) -> str | None:
    """The host of an http(s) address in lower case; None if it is none, or if a name and password stand before it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    usable = parts.scheme in ("http", "https") and host and "." in host and "@" not in parts.netloc
    return host if usable and not re.search(r"[\s<>\"\\]", url) else None
