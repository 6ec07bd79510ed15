"""How several workers share a port."""

from __future__ import annotations

import socket


class OwnSocket(socket.socket):
    """A socket on its way to a worker, where it arrives as another one of the same address.

    Of one that all share the first worker to wake takes every connection that waits, and keeps it: a proxy that opens some at once would
    be served by one worker while the others sleep. Between sockets of their own the system deals connections out (`SO_REUSEPORT`).

    It says that it speaks TCP, which follows from the rest: asyncio looks for that before it has answers sent at once (`TCP_NODELAY`). A page goes
    out in two pieces, and without it the second waits for 40 ms until the browser has owned up to the first.
    """

    @classmethod
    def of(cls, host: str, port: int) -> OwnSocket:
        """Bound to this address. Raises OSError where somebody else listens there."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = cls(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
                made.setsockopt(socket.SOL_SOCKET, option, 1)
            made.bind((host, port))
        except OSError:
            made.close()
            raise
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return OwnSocket.of, self.getsockname()[:2]
