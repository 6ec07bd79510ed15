"""How several workers share a port."""

from __future__ import annotations

import socket


class OwnSocket(socket.socket):
    """A socket on its way to a worker, where it arrives as another one of the same address.

    Of one that all share the first worker to wake takes every connection that waits, and keeps it: a proxy that opens some at once would
    be served by one worker while the others sleep. Between sockets of their own the system deals connections out (`SO_REUSEPORT`).
    """

    @classmethod
    def of(cls, host: str, port: int) -> OwnSocket:
        """Bound to this address. Raises OSError where somebody else listens there."""
        made = cls(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
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
