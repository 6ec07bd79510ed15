"""What no test may do: speak to another machine, block the event loop, or read the settings of whoever runs it."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from blockbuster import BlockBuster

_blocking: list[BlockBuster] = []
_armed: list[bool] = []
_reachable: set[str] = set()


class NetworkIsClosed(RuntimeError):
    """A test reached for another machine."""


def forget_settings() -> None:
    """Removes every DIRECTORY_ variable, so that each test says itself what is set."""
    for name in [name for name in os.environ if name.startswith("DIRECTORY_")]:
        del os.environ[name]


def close_network() -> None:
    """From here on this process connects to itself, to Unix sockets and to the PostgreSQL of TEST_POSTGRES_URL alone."""
    if host := urlsplit(os.environ.get("TEST_POSTGRES_URL", "")).hostname:
        _reachable.update({host, *(str(found[4][0]) for found in socket.getaddrinfo(host, None))})
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if isinstance(host, str | bytes) and not _is_here(host if isinstance(host, str) else host.decode()):
        raise NetworkIsClosed(f"a test tried to reach {host!r}: let a fake answer in its place")


def _is_here(host: str) -> bool:
    return host in ("", "localhost", "::1", "0.0.0.0", "::") or host.startswith("127.") or host in _reachable


@contextmanager
def loop_kept_free() -> Iterator[None]:
    """While it lasts, our code raises BlockingError where it would block a running event loop."""
    if not _blocking:
        guard = BlockBuster("directory")
        # asyncpg looks for a password file whenever its pool opens a connection, which it does at the first statement.
        guard.functions["os.stat"].can_block_in("asyncpg/connect_utils.py", "_parse_connect_dsn_and_args")
        _blocking.append(guard)
    _blocking[0].activate()
    _armed.append(True)
    try:
        yield
    finally:
        _armed.pop()
        _blocking[0].deactivate()


@contextmanager
def loop_may_block() -> Iterator[None]:
    """An exception from that, for what a test sets up while it runs, such as a database."""
    armed = bool(_armed)
    if armed:
        _blocking[0].deactivate()
    try:
        yield
    finally:
        if armed:
            _blocking[0].activate()
