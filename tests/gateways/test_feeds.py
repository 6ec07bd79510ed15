"""A file is fetched from public hosts alone, within limits, and only if it has changed. The host is a real one on loopback."""

from __future__ import annotations

import gzip
import itertools
import logging
import time
import zlib
from collections.abc import Iterator, Sequence
from email.message import Message

import pytest

from directory.gateways.feeds import Fetched, Limits, NotModified, Unfetchable, fetch, shown
from directory.gateways.hosts import is_public, look_up
from tests.feed_host import Answer, Host, serving

SECRET = "k3y-of-the-heron"


@pytest.fixture
def host() -> Iterator[Host]:
    with serving() as found:
        yield found


def names(**addresses: str) -> object:
    """A directory of hosts: `moon="10.0.0.1"` is moon.example.org; figures stand for themselves."""

    async def resolve(name: str, _port: int) -> Sequence[str]:
        found = addresses.get(name.removesuffix(".example.org"), "")
        return found.split() or [name]

    return resolve


async def text_of(address: str, **given: object) -> bytes:
    """The file at an address of this machine."""
    found = await fetch(address, may_be_loopback=True, **given)  # type: ignore[arg-type]
    assert isinstance(found, Fetched)
    with found.stream:
        return found.stream.read()


async def refusal(address: str, **given: object) -> Unfetchable:
    with pytest.raises(Unfetchable) as raised:
        await fetch(address, **{"may_be_loopback": True, **given})  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith(f"{raised.value.reason}: ")
    return raised.value


# --- the file --------------------------------------------------------------------------------------------------------


async def test_a_file_comes_whole_with_the_marks_of_its_version(host: Host) -> None:
    host.gives(b"[1, 2]", ETag='"one"', Last_Modified="Mon, 02 Mar 2026 10:00:00 GMT")
    found = await fetch(host.url("/list?key=1"), may_be_loopback=True)
    assert isinstance(found, Fetched)
    with found.stream as stream:
        assert stream.read() == b"[1, 2]"
        stream.seek(1)
        assert stream.read(1) == b"1"
    assert (found.etag, found.last_modified) == ('"one"', "Mon, 02 Mar 2026 10:00:00 GMT")
    ((path, headers),) = host.asked
    assert path == "/list?key=1"
    assert headers["User-Agent"].startswith("Footbridge/")
    assert headers["Host"] == f"127.0.0.1:{host.port}"
    assert not headers["If-None-Match"]
    assert not headers["If-Modified-Since"]


async def test_a_file_that_has_not_changed_is_not_sent_again(host: Host) -> None:
    host.keeps(b"[1]", '"one"')
    assert await fetch(host.url(), etag='"one"', last_modified="a day", may_be_loopback=True) == NotModified()
    assert host.asked[-1][1]["If-Modified-Since"] == "a day"
    host.keeps(b"[2]", '"two"')
    assert await text_of(host.url(), etag='"one"') == b"[2]"


async def test_not_modified_without_a_question_for_it_is_a_refusal(host: Host) -> None:
    host.gives(status=304)
    assert (await refusal(host.url())).reason == "status-304"


@pytest.mark.parametrize("mark", ["x" * 500, "caf\u00e9"])
async def test_a_mark_that_could_not_be_sent_back_is_not_kept(host: Host, mark: str) -> None:
    host.gives(b"[]", ETag=mark)
    found = await fetch(host.url(), may_be_loopback=True)
    assert isinstance(found, Fetched)
    found.stream.close()
    assert found.etag is None


async def test_a_packed_file_is_unpacked(host: Host) -> None:
    text = b"0123456789" * 200_000
    host.gives(gzip.compress(text), Content_Encoding="gzip")
    assert await text_of(host.url()) == text
    assert host.asked[-1][1]["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (gzip.compress(b"0123456789" * 1000, mtime=0)[:-20], "gzip", "broken-off"),
        (b"no gzip at all", "gzip", "broken-off"),
        (zlib.compress(b"x"), "br", "unknown-packing"),
    ],
)
async def test_a_packed_file_that_cannot_be_unpacked_is_refused(
    host: Host, body: bytes, encoding: str, reason: str
) -> None:
    host.gives(body, Content_Encoding=encoding)
    assert (await refusal(host.url())).reason == reason


# --- limits ----------------------------------------------------------------------------------------------------------


async def test_a_file_as_large_as_the_limit_is_taken_and_one_byte_more_is_not(host: Host) -> None:
    limits = Limits(size=1000)
    host.gives(b"x" * 1000)
    assert len(await text_of(host.url(), limits=limits)) == 1000
    host.gives(b"x" * 1001)
    assert (await refusal(host.url(), limits=limits)).reason == "too-large"


async def test_a_body_without_end_is_cut_off(host: Host) -> None:
    host.gives(itertools.repeat(b"x" * 10_000))
    assert (await refusal(host.url(), limits=Limits(size=100_000))).reason == "too-large"


async def test_a_small_body_that_unpacks_to_a_huge_file_is_cut_off_early(host: Host) -> None:
    host.gives(gzip.compress(bytes(30_000_000)), Content_Encoding="gzip")
    started = time.monotonic()
    assert (await refusal(host.url(), limits=Limits(size=1_000_000))).reason == "too-large"
    assert time.monotonic() - started < 2


async def test_a_host_that_sends_a_drop_at_a_time_is_left(host: Host) -> None:
    def drops() -> Iterator[bytes]:
        for _ in range(200):
            time.sleep(0.02)
            yield b"x"

    host.gives(drops())
    started = time.monotonic()
    assert (await refusal(host.url(), limits=Limits(seconds=0.1))).reason == "too-slow"
    assert time.monotonic() - started < 2


async def test_a_host_that_breaks_off_is_told_from_one_that_is_done(host: Host) -> None:
    host.gives([b"[1, "], Content_Length="10")
    assert (await refusal(host.url())).reason == "broken-off"


async def test_a_host_that_nobody_is_at_is_said_to_be_so(host: Host) -> None:
    async def nobody(_name: str, _port: int) -> Sequence[str]:
        raise OSError("no such host")

    assert (await refusal("https://moon.example.org/", resolve=nobody)).reason == "unreachable"
    assert (await refusal("http://127.0.0.1:9/feed")).reason == "unreachable"


@pytest.mark.parametrize(
    ("status", "wait", "words"),
    [
        (401, None, "password"),
        (403, None, "refuses"),
        (404, None, "no file"),
        (410, None, "for good"),
        (429, 120, "too often"),
        (500, None, "later"),
        (503, 30, "later"),
        (204, None, "no file"),
        (418, None, "no file"),
    ],
)
async def test_a_refusal_says_in_words_what_to_do(host: Host, status: int, wait: int | None, words: str) -> None:
    host.gives(SECRET.encode() if status != 204 else b"", status, **{"Retry_After": str(wait)} if wait else {})
    found = await refusal(host.url())
    assert (found.reason, found.retry_after) == (f"status-{status}", wait)
    assert words in found.detail
    assert SECRET not in str(found)


@pytest.mark.parametrize("wait", ["9" * 5000, "Wed, 21 Oct 2026 07:28:00 GMT", "-5", "soon"])
async def test_a_wait_that_is_no_plain_number_of_seconds_is_passed_over(host: Host, wait: str) -> None:
    host.gives(status=429, Retry_After=wait)
    assert (await refusal(host.url())).retry_after is None


# --- where it may lead -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["ftp://list.example.org/x", "file:///etc/passwd", "list.example.org/x", "http://", "//x/y", "http://[::1/", ""],
)
async def test_what_is_no_address_of_the_web_is_refused(address: str) -> None:
    assert (await refusal(address)).reason == "refused-address"


async def test_a_name_and_password_in_an_address_are_refused_and_not_repeated(host: Host) -> None:
    found = await refusal(f"http://robin:{SECRET}@127.0.0.1:{host.port}/feed")
    assert found.reason == "refused-address"
    assert SECRET not in str(found)
    assert host.asked == []


PRIVATE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1",
    "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "fe80::1",
    "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:100.64.0.1", "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::", "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001::1", "not an address",
]  # fmt: skip
PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_this_machine_or_of_a_local_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public_however_it_is_wrapped(address: str) -> None:
    assert is_public(address)


async def test_this_machine_knows_the_addresses_of_its_own_name() -> None:
    assert set(await look_up("localhost", 80)) <= {"127.0.0.1", "::1"}
    assert await look_up("127.0.0.1", 80) == ["127.0.0.1"]


@pytest.mark.parametrize("loopback", [True, False])
@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fe80::1", "0.0.0.0"])
async def test_no_setting_opens_a_private_network(address: str, loopback: bool) -> None:
    given = {"resolve": names(moon=address), "may_be_loopback": loopback}
    assert (await refusal("https://moon.example.org/feed", **given)).reason == "refused-address"


@pytest.mark.parametrize(
    "place", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "moon.example.org", "2130706433", "0x7f.1"]
)
async def test_this_machine_is_refused_by_every_name(host: Host, place: str) -> None:
    loopback = names(moon="127.0.0.1", **{"2130706433": "127.0.0.1", "0x7f.1": "127.0.0.1"})
    found = await refusal(host.url(host=place), may_be_loopback=False, resolve=loopback)
    assert found.reason == "refused-address"
    assert host.asked == []


async def test_one_private_address_among_public_ones_is_enough_to_refuse(host: Host) -> None:
    mixed = names(moon="93.184.215.14 10.0.0.1")
    assert (await refusal("http://moon.example.org/feed", resolve=mixed)).reason == "refused-address"


async def test_a_host_is_looked_up_once_and_asked_at_that_address_under_its_own_name(host: Host) -> None:
    host.gives(b"[]")
    looked_up: list[str] = []

    async def changing(name: str, _port: int) -> Sequence[str]:
        looked_up.append(name)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.1"]

    assert await text_of(host.url(host="moon.example.org"), resolve=changing) == b"[]"
    assert looked_up == ["moon.example.org"]
    assert host.asked[-1][1]["Host"] == f"moon.example.org:{host.port}"


async def test_the_next_address_is_tried_where_one_does_not_answer(host: Host) -> None:
    host.gives(b"[]")
    assert await text_of(host.url(host="moon.example.org"), resolve=names(moon="127.0.0.2 127.0.0.1")) == b"[]"


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/feed", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/", "http://moon.example.org/",
        "//10.1.2.3/feed", "http://[fe80::1]/",
    ],
)  # fmt: skip
async def test_a_redirect_into_a_private_network_is_not_followed(host: Host, target: str) -> None:
    host.gives(status=302, Location=target)
    given = {"resolve": names(moon="192.168.1.1", **{"::ffff:10.0.0.1": "::ffff:10.0.0.1", "fe80::1": "fe80::1"})}
    assert (await refusal(host.url(), **given)).reason == "refused-address"
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{}/", "http://[::ffff:127.0.0.1]:{}/", "http://moon.example.org:{}/"]
)
async def test_a_redirect_from_the_internet_to_this_machine_is_not_followed(host: Host, target: str) -> None:
    """The public host is one on loopback that is called public here, by the only address that is let through."""
    host.answer = lambda path, _: Answer(status=302, headers={"Location": target.format(host.port)})
    asked: list[str] = []

    async def resolve(name: str, _port: int) -> Sequence[str]:
        asked.append(name)
        return ["127.0.0.1"] if name == "public.example.org" else names_at.get(name, ["10.0.0.7"])

    names_at = {"127.0.0.1": ["10.0.0.7"]}
    found = await refusal(host.url(host="public.example.org"), resolve=resolve)
    assert (found.reason, len(host.asked), len(asked)) == ("refused-address", 1, 2)


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/x", "file:///etc/passwd", "http://robin:x@127.0.0.1/", "javascript:x"]
)
async def test_a_redirect_that_is_no_plain_address_is_not_followed(host: Host, target: str) -> None:
    host.gives(status=307, Location=target)
    assert (await refusal(host.url())).reason in ("refused-address", "refused-redirect")
    assert len(host.asked) == 1
    host.gives(status=307)
    assert (await refusal(host.url())).reason == "refused-redirect"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_with_the_question_for_changes(host: Host, status: int) -> None:
    def answer(path: str, headers: Message) -> Answer:
        if path == "/feed":
            return Answer(status=status, headers={"Location": "../new?x=1"})
        return Answer(path.encode() + headers["If-None-Match"].encode())

    host.answer = answer
    assert await text_of(host.url(), etag='"one"') == b'/new?x=1"one"'


async def test_another_name_at_the_same_address_is_asked_on_a_connection_of_its_own(host: Host) -> None:
    def answer(_path: str, headers: Message) -> Answer:
        if headers["Host"].startswith("moon."):
            return Answer(status=302, headers={"Location": host.url(host="sun.example.org")})
        return Answer(b"[]")

    host.answer = answer
    here = names(moon="127.0.0.1", sun="127.0.0.1")
    assert await text_of(host.url(host="moon.example.org"), resolve=here) == b"[]"
    assert len(set(host.connections)) == len(host.connections) == 2


async def test_redirects_are_followed_so_often_and_no_more(host: Host) -> None:
    def answer(path: str, _headers: Message) -> Answer:
        left = int(path.removeprefix("/"))
        return Answer(status=302, headers={"Location": f"/{left - 1}"}) if left else Answer(b"here")

    host.answer = answer
    assert await text_of(host.url("/5")) == b"here"
    assert (await refusal(host.url("/6"))).reason == "too-many-redirects"


# --- what is told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (f"https://list.example.org/feed.json?key={SECRET}#x", "https://list.example.org/feed.json"),
        (f"https://robin:{SECRET}@list.example.org:8443/", "https://list.example.org:8443/"),
        (f"http://[::1/{SECRET}", "an address that cannot be read"),
    ],
)
def test_an_address_is_told_without_what_it_may_hide(address: str, told: str) -> None:
    assert shown(address) == told


async def test_neither_keys_nor_answers_are_logged(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    host.gives(SECRET.encode())
    assert await text_of(host.url(f"/feed?key={SECRET}")) == SECRET.encode()
    host.gives(SECRET.encode(), 500)
    assert SECRET not in str(await refusal(host.url(f"/feed?key={SECRET}")))
    logging.getLogger("footbridge.test").debug("the capture works")
    assert "the capture works" in caplog.text
    assert SECRET not in caplog.text


async def test_the_proxies_of_the_environment_are_not_used(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    host.gives(b"[]")
    assert await text_of(host.url()) == b"[]"
