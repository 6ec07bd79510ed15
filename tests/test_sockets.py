"""Connections are dealt out between workers, also those that come at once."""

from __future__ import annotations

import asyncio
import pickle
import socket
from contextlib import ExitStack

import pytest

from directory.sockets import OwnSocket

MANY = 64


def accepted(listening: socket.socket) -> int:
    """How many wait at a socket."""
    listening.setblocking(False)
    count = 0
    while True:
        try:
            listening.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_each_worker_gets_a_socket_of_its_own_and_a_share_of_those_who_come_at_once() -> None:
    with ExitStack() as stack:
        sent = stack.enter_context(OwnSocket.of("127.0.0.1", 0))
        first, second = (stack.enter_context(pickle.loads(pickle.dumps(sent))) for _ in range(2))
        assert sent.getsockname() == first.getsockname() == second.getsockname()
        for each in (first, second):
            each.listen(MANY)
        for _ in range(MANY):
            stack.enter_context(socket.create_connection(first.getsockname()))
        shares = accepted(first), accepted(second)
        assert sum(shares) == MANY
        assert min(shares) >= 8  # fewer: once in ten billion runs


def test_what_is_answered_on_such_a_socket_is_sent_at_once() -> None:
    async def is_sent_at_once(listening: socket.socket) -> bool:
        found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            taken = writer.get_extra_info("socket")
            found.set_result(bool(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        async with await asyncio.start_server(take, sock=listening):
            with socket.create_connection(listening.getsockname()):
                return await found

    with OwnSocket.of("127.0.0.1", 0) as sent, pickle.loads(pickle.dumps(sent)) as arrived:
        assert asyncio.run(is_sent_at_once(arrived))


def test_where_somebody_else_listens_there_is_no_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        OwnSocket.of(*other.getsockname())
