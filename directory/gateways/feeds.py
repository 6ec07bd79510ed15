"""Reads a file from an address of the web: only from public hosts, only so much of it, only for so long, and only if it has changed.

The address comes from an operator, its redirects from strangers. So each host is looked up here, each of its addresses is checked,
and the connection goes to the very address that was checked; looking it up once more could give another one.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import ssl
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import httpx

from directory import __version__
from directory.domain.errors import FootbridgeError
from directory.gateways.hosts import Resolve, is_loopback, is_public, look_up

USER_AGENT = f"Footbridge/{__version__} (directory of treatment and meetings)"
IN_MEMORY = 4_000_000
"""Bytes of a file that are kept in memory; a larger one goes to the disk."""
BLOCK = 1 << 18
LONGEST_MARK = 80
REDIRECTS = (301, 302, 303, 307, 308)
MOST_ADDRESSES = 4
"""Addresses of one host that are tried."""
CONNECT_SECONDS = 10.0

_STATUS = {
    401: "asks for a name and a password; ask its owner for an address that is open",
    403: "refuses to give the file; ask its owner whether programs may read it",
    404: "has no file there; look up where it is now",
    410: "has taken the file away for good; look up where it is now",
    429: "was asked too often; try again later",
}


class Unfetchable(FootbridgeError):
    """A file could not be had. `reason` is a short code, `detail` says what and where, without what an address may hide.

    `retry_after` are the seconds for which the host asks to be left alone, None where it does not say.
    """

    code = "unfetchable"
    status = 502

    def __init__(self, reason: str, detail: str, retry_after: int | None = None) -> None:
        super().__init__(reason=reason, detail=detail)
        self.reason, self.detail, self.retry_after = reason, detail, retry_after

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest that all of it may take, redirects included, the largest file once unpacked, and how many redirects are followed."""

    seconds: float = 60.0
    size: int = 200_000_000
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file at its start, the caller's to close, with what the host says by which it can be asked for changes later."""

    stream: BinaryIO
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The host says that nothing has changed."""


def shown(address: str) -> str:
    """An address as it may be told: scheme, host and path. What follows can be a key, and what stands before the host a password."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        return "an address that cannot be read"
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))


async def fetch(
    address: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    may_be_loopback: bool = False,
    limits: Limits = Limits(),
    resolve: Resolve = look_up,
) -> Fetched | NotModified:
    """The file at an address, or that it is the same as when it had this `etag` and `last_modified`.

    Raises Unfetchable. `may_be_loopback` is for tests: this machine may be asked then, but nothing else of a private network.
    """
    for name in ("httpx", "httpcore"):  # they would write whole addresses, keys included, below WARNING
        logging.getLogger(name).setLevel(logging.WARNING)
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
    headers |= {name: value for name, value in conditions.items() if value}
    asking = _Asking(headers, may_be_loopback, limits, resolve)
    try:
        async with asyncio.timeout(limits.seconds):
            return await asking.follow(_understood(address))
    except TimeoutError:
        detail = f"{shown(address)} took longer than {limits.seconds:g} seconds; try again later"
        raise Unfetchable("too-slow", detail) from None


async def address_check(address: str, *, may_be_loopback: bool = False, resolve: Resolve = look_up) -> None:
    """Whether anybody may ask this address, without asking it. Raises Unfetchable."""
    asking = _Asking({}, may_be_loopback, Limits(), resolve)
    await asking.check(_understood(address))


def _understood(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address.strip())
    except (httpx.InvalidURL, ValueError):
        raise Unfetchable("refused-address", "it is no address of the web") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise Unfetchable("refused-address", "it must begin with http:// or https:// and name a host")
    if url.userinfo:
        raise Unfetchable("refused-address", f"{shown(address)} is given with a name or password, which are not sent")
    return url


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question to a host, and to those to which it sends on."""

    headers: dict[str, str]
    may_be_loopback: bool
    limits: Limits
    resolve: Resolve

    async def follow(self, url: httpx.URL) -> Fetched | NotModified:
        """Goes from redirect to redirect; each address is checked like the first."""
        for _ in range(self.limits.redirects + 1):
            found = await self._hop(url)
            if not isinstance(found, httpx.URL):
                return found
            url = found
        raise Unfetchable("too-many-redirects", f"it sends on more than {self.limits.redirects} times")

    async def check(self, url: httpx.URL) -> None:
        """Raises Unfetchable where its host is none, or none that may be asked."""
        await self._checked_addresses(url)

    async def _hop(self, url: httpx.URL) -> Fetched | NotModified | httpx.URL:
        addresses = await self._checked_addresses(url)
        for number, address in enumerate(addresses, 1):
            try:
                return await self._ask(url, address)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if number == len(addresses):
                    raise _unreachable(url, error) from None
            except httpx.HTTPError as error:
                raise _unreachable(url, error) from None
            except httpx.InvalidURL:  # httpx reads a redirect before we do
                raise _nowhere(url) from None
        raise AssertionError("a host that has no address is refused before")

    async def _checked_addresses(self, url: httpx.URL) -> Sequence[str]:
        """Where the host can be reached. One address among them that is not public is reason enough to refuse them all."""
        host = url.raw_host.decode("ascii")
        try:
            addresses = await self.resolve(host, url.port or (443 if url.scheme == "https" else 80))
        except (OSError, UnicodeError):
            addresses = ()
        if not addresses:
            raise Unfetchable("unreachable", f"no host is called {host}; look for a slip in the address")
        if not all(self._may_ask(address) for address in addresses):
            raise Unfetchable("refused-address", f"{host} is not on the public internet")
        return addresses[:MOST_ADDRESSES]

    def _may_ask(self, address: str) -> bool:
        return is_public(address) or (self.may_be_loopback and is_loopback(address))

    async def _ask(self, url: httpx.URL, address: str) -> Fetched | NotModified | httpx.URL:
        """Asks the host at this address, under its own name: TLS checks its certificate by that name.

        Each time on a connection of its own: one that is kept open would serve another name at the same address unchecked.
        """
        headers = self.headers | {"Host": url.netloc.decode("ascii")}
        name = {"sni_hostname": url.raw_host.decode("ascii")}
        place = url.copy_with(host=address, fragment=None)
        timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
        async with (
            httpx.AsyncClient(verify=_tls(), trust_env=False, timeout=timeout) as client,
            client.stream("GET", place, headers=headers, extensions=name) as response,
        ):
            if response.status_code in REDIRECTS:
                return _sent_on(url, response)
            if response.status_code == 304 and {"If-None-Match", "If-Modified-Since"} & set(self.headers):
                return NotModified()
            if response.status_code != 200:
                raise _refusal(url, response)
            stream = await _saved(response, self.limits.size)
            return Fetched(stream, _mark(response, "ETag"), _mark(response, "Last-Modified"))


@functools.cache
def _tls() -> ssl.SSLContext:
    """Reading the certificates of the world takes a moment, so it is done once."""
    return httpx.create_ssl_context(trust_env=False)


def _mark(response: httpx.Response, name: str) -> str | None:
    """A mark of the version, if it is one that can be sent back."""
    mark: str = response.headers.get(name, "")
    return mark if mark.isascii() and mark.isprintable() and 0 < len(mark) <= LONGEST_MARK else None


def _sent_on(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    try:
        target = _understood(str(url.join(response.headers["Location"])))
    except (KeyError, ValueError, httpx.InvalidURL):
        raise _nowhere(url) from None
    if url.scheme == "https" and target.scheme == "http":
        raise Unfetchable("refused-redirect", f"{shown(str(url))} sends on to an address without encryption")
    return target


def _nowhere(url: httpx.URL) -> Unfetchable:
    return Unfetchable("refused-redirect", f"{shown(str(url))} sends on, but to no address of the web")


def _refusal(url: httpx.URL, response: httpx.Response) -> Unfetchable:
    status = response.status_code
    words = _STATUS.get(status) or (
        "has trouble of its own; try again later" if status >= 500 else "gives no file; look the address up again"
    )
    wait = response.headers.get("Retry-After", "")
    seconds = int(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 10 else None
    return Unfetchable(f"status-{status}", f"{shown(str(url))} {words}", seconds)


def _unreachable(url: httpx.URL, error: httpx.HTTPError) -> Unfetchable:
    if "CERTIFICATE" in str(error).upper():
        return Unfetchable("unreachable", f"{shown(str(url))} cannot prove who it is: its certificate does not hold")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Unfetchable("unreachable", f"{shown(str(url))} does not answer; try again later")
    return Unfetchable("broken-off", f"{shown(str(url))} broke off in the middle; try again later")


# --- the body --------------------------------------------------------------------------------------------------------


async def _saved(response: httpx.Response, most: int) -> BinaryIO:
    """The body as a file at its start. Counted is what comes out of it unpacked, so that a small body cannot fill the disk."""
    unpack = _unpacker(response.headers.get("Content-Encoding", ""))
    file = cast(BinaryIO, SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 - the caller closes it
    size = 0
    try:
        async for part in response.aiter_raw():
            for block in unpack.blocks(part):
                size += len(block)
                if size > most:
                    raise Unfetchable("too-large", f"the file has more than {most // 1_000_000 or 1} million bytes")
                await asyncio.to_thread(file.write, block)
        unpack.end()
        await asyncio.to_thread(file.seek, 0)
    except BaseException:
        file.close()
        raise
    return file


class _Plain:
    """A body that comes as it is."""

    def blocks(self, part: bytes) -> Iterator[bytes]:
        yield part

    def end(self) -> None:
        pass


class _Gzip:
    """A packed body, unpacked in small pieces. Not left to httpx, which unpacks all that has arrived at once."""

    def __init__(self) -> None:
        self._open = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    def blocks(self, part: bytes) -> Iterator[bytes]:
        block = b""
        while (part or len(block) == BLOCK) and not self._open.eof:  # a full block may have more behind it
            try:
                block = self._open.decompress(part, BLOCK)
            except zlib.error:
                raise Unfetchable("broken-off", "the packed file cannot be unpacked") from None
            part = self._open.unconsumed_tail
            yield block

    def end(self) -> None:
        if not self._open.eof:
            raise Unfetchable("broken-off", "the packed file ends in its middle; try again later")


def _unpacker(encoding: str) -> _Plain | _Gzip:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "x-gzip"):
        return _Gzip()
    raise Unfetchable("unknown-packing", f"the file comes packed as {name[:20]!r}, which was not asked for")
