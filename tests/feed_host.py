"""A real web server on loopback that hands out files as a feed's host does, and notes what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread


@dataclass
class Answer:
    """What the host says. A body of several pieces is sent piece by piece, without a length."""

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Host:
    """The host while it serves: `answer` may be replaced at any time; `asked` are path and headers of each request."""

    port: int
    answer: Callable[[str, Message], Answer]
    asked: list[tuple[str, Message]] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)
    """For each request the port from which it came."""

    def url(self, path: str = "/feed", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def gives(self, body: bytes | Iterable[bytes] = b"", status: int = 200, **headers: str) -> None:
        """From here on this is the answer to everything; `If_None_Match` stands for If-None-Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _path, _headers: Answer(body, status, named)

    def keeps(self, body: bytes, etag: str) -> None:
        """From here on the file with its mark; who has it already is told so (RFC 9110, 13.1.2)."""
        self.answer = lambda _path, headers: (
            Answer(status=304) if headers.get("If-None-Match") == etag else Answer(body, headers={"ETag": etag})
        )


class _Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own would look for the name of this machine
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


@contextmanager
def serving() -> Iterator[Host]:
    """A host for the block, which at first has no file."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # so that a connection can be kept

        def do_GET(self) -> None:
            host.asked.append((self.path, self.headers))
            host.connections.append(self.client_address[1])
            answer = host.answer(self.path, self.headers)
            with suppress(OSError):  # who asked may have had enough
                self._send(answer)

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if isinstance(answer.body, bytes):
                self.send_header("Content-Length", str(len(answer.body)))
            else:
                self.send_header("Connection", "close")  # whose end is the end of the body
            self.end_headers()
            for part in [answer.body] if isinstance(answer.body, bytes) else answer.body:
                self.wfile.write(part)
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host = Host(server.server_port, lambda _path, _headers: Answer(status=404))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
