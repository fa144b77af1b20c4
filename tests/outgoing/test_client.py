"""The client on real sockets: redirects, caps, compression, odd servers, secrets that stay with whom they are for."""

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from tandem.errors import Problem
from tandem.outgoing import (
    Allowed,
    AnswerTooLarge,
    Caps,
    Client,
    ForbiddenAddress,
    NotAnAddress,
    OddAnswer,
    Patient,
    RefusedByServer,
    TryLater,
    Unreachable,
    read_allowed,
)
from tests.outgoing.hostile import Watch
from tests.outgoing.loopback import LOOPBACK, serving

SMALL = Caps(bytes=100_000, seconds=20, redirects=3)


def away(to: str, status: int = 302) -> web.Response:
    return web.Response(status=status, headers={"location": to})


async def test_it_works() -> None:
    async with serving(lambda _: web.json_response({"a": "ö"})) as server, Client(LOOPBACK) as client:
        answer = await client.ask(server.url + "/x?y=1")
        assert (answer.status, answer.json(), server.asked) == (200, {"a": "ö"}, ["/x?y=1"])
        assert server.requests[0].headers["host"] == f"127.0.0.1:{server.port}"


async def test_the_host_is_named_to_the_server_while_the_checked_address_is_connected_to() -> None:
    async def lookup(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with serving(lambda _: web.Response(text="hi")) as server, Client(LOOPBACK, lookup=lookup) as client:
        await client.ask(f"http://Help.Example:{server.port}/")
        assert server.requests[0].headers["host"] == f"help.example:{server.port}"


async def test_loopback_is_refused_unless_it_is_allowed() -> None:
    async with serving(lambda _: web.Response()) as server, Client(Allowed()) as client:
        for url in (server.url, f"http://localhost:{server.port}/", f"http://[::ffff:127.0.0.1]:{server.port}/"):
            with pytest.raises(ForbiddenAddress):
                await client.ask(url)
        assert server.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_and_named(status: int) -> None:
    def reply(request: web.BaseRequest) -> web.Response:
        return away("/there?x=ü", status) if request.path == "/" else web.Response(text="done")

    async with serving(reply) as server, Client(LOOPBACK) as client:
        answer = await client.ask(server.url)
        assert (answer.url, answer.body) == (server.url + "/there?x=%C3%BC", b"done")


async def test_a_redirect_to_a_private_address_is_refused_and_never_arrives() -> None:
    async with serving(lambda _: web.Response(text="secret"), host="127.0.0.2") as inside:
        ways = [inside.url, f"//127.0.0.2:{inside.port}/", f"http://[::ffff:127.0.0.2]:{inside.port}/", "http://[::1]/"]
        ways += [f"http://inside.example:{inside.port}/", "http://169.254.169.254/latest/meta-data/"]

        async def lookup(host: str, port: int) -> list[str]:
            return ["127.0.0.2"]

        for way in ways:

            def reply(request: web.BaseRequest, way: str = way) -> web.Response:
                return away("/2") if request.path == "/" else away(way)

            async with serving(reply) as server, Client(LOOPBACK, lookup=lookup) as client:
                with pytest.raises(ForbiddenAddress):
                    await client.ask(server.url)
        assert inside.asked == []


@pytest.mark.parametrize(
    "to",
    ["file:///etc/passwd", "gopher://x/", "http://u:p@x/", "http://127.1/", "ht tp://x", "\\\\x", "http://2130706433/"],
)
async def test_a_redirect_to_something_odd_is_refused(to: str) -> None:
    async with serving(lambda _: away(to)) as server, Client(LOOPBACK) as client:
        with pytest.raises(NotAnAddress):
            await client.ask(server.url)


async def test_redirects_have_an_end() -> None:
    async with serving(lambda request: away(request.path + "x")) as server, Client(LOOPBACK, caps=SMALL) as client:
        with pytest.raises(Unreachable, match="more than 3 times"):
            await client.ask(server.url)
        assert len(server.asked) == 4


async def test_a_secret_stays_with_its_origin() -> None:
    async with serving(lambda _: web.Response(text="hello")) as other:

        def reply(request: web.BaseRequest) -> web.Response:
            return away("/own") if request.path == "/" else away(other.url + "/theirs")

        async with serving(reply) as server, Client(LOOPBACK) as client:
            await client.ask(server.url, authorization="Bearer s3cret")
            assert [r.headers.get("authorization") for r in server.requests] == ["Bearer s3cret"] * 2
            assert [r.headers.get("authorization") for r in other.requests] == [None]


async def test_a_secret_is_sent_over_tls_or_within_the_operators_network() -> None:
    watch = Watch()
    async with Client(read_allowed("wiki.example"), lookup=watch.lookup) as client:
        for url in ("http://public.example/", "http://1.1.1.1/"):
            with pytest.raises(NotAnAddress, match="over https alone"):
                await client.ask(url, authorization="Bearer s3cret")
    assert watch.looked_up == []
    assert read_allowed("wiki.example").names("wiki.example", None)


async def test_what_is_posted_is_not_repeated_elsewhere() -> None:
    async with serving(lambda _: away("/x", 307)) as server, Client(LOOPBACK) as client:
        with pytest.raises(OddAnswer):
            await client.ask(server.url, method="POST", json={"a": 1})
        assert server.asked == ["/"]


async def test_no_proxy_and_no_cookie_is_taken_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    def reply(_: web.BaseRequest) -> web.Response:
        answer = web.Response()
        answer.set_cookie("a", "b")
        return answer

    async with serving(reply) as server, Client(LOOPBACK) as client:
        for _ in range(2):
            assert (await client.ask(server.url)).status == 200
        assert all("cookie" not in request.headers for request in server.requests)


async def endless(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65536)


async def dripping(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x")
        await asyncio.sleep(0.02)


def bomb(_: web.BaseRequest) -> web.Response:
    return web.Response(body=gzip.compress(bytes(50_000_000)), headers={"content-encoding": "gzip"})


@pytest.mark.parametrize("reply", [endless, bomb, lambda _: web.Response(body=bytes(200_000))])
async def test_a_long_answer_is_broken_off(reply: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> None:
    async with serving(reply) as server, Client(LOOPBACK, caps=SMALL) as client:
        with pytest.raises(AnswerTooLarge):
            await client.ask(server.url)


async def test_a_slow_answer_is_broken_off() -> None:
    async with serving(dripping) as server, Client(LOOPBACK) as client:
        with pytest.raises(Unreachable, match=r"within 0\.3 seconds"):
            await client.ask(server.url, caps=Caps(seconds=0.3))


@pytest.mark.parametrize(
    ("encoding", "body", "read"),
    [
        ("gzip", gzip.compress(b"hello", mtime=0), b"hello"),
        ("deflate", zlib.compress(b"hello"), b"hello"),
        ("identity", b"hello", b"hello"),
        ("gzip", b"", b""),
    ],
)
async def test_a_compressed_answer_is_unfolded(encoding: str, body: bytes, read: bytes) -> None:
    reply = lambda _: web.Response(body=body, headers={"content-encoding": encoding})  # noqa: E731
    async with serving(reply) as server, Client(LOOPBACK) as client:
        assert (await client.ask(server.url)).body == read


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", b"no gzip"), ("gzip", gzip.compress(b"hello", mtime=0)[:-9]), ("br", b"x"), ("gzip, gzip", b"x")],
)
async def test_a_damaged_compressed_answer_says_so(encoding: str, body: bytes) -> None:
    reply = lambda _: web.Response(body=body, headers={"content-encoding": encoding})  # noqa: E731
    async with serving(reply) as server, Client(LOOPBACK) as client:
        with pytest.raises(OddAnswer):
            await client.ask(server.url)


@pytest.mark.parametrize(
    "said",
    [b"", b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf", b"\x16\x03\x01",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
     b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 100_000 + b"\r\n\r\n", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
)  # fmt: skip
async def test_a_server_that_does_not_speak_http_is_told_so(said: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Client(LOOPBACK) as client:
        with pytest.raises(Unreachable):
            await client.ask(f"http://127.0.0.1:{port}/")
    with pytest.raises(Unreachable, match="cannot be connected to"):
        async with Client(LOOPBACK) as client:
            await client.ask(f"http://127.0.0.1:{port}/")


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    async with serving(lambda _: web.Response()) as server, Client(LOOPBACK) as client:
        with pytest.raises(Unreachable):
            await client.ask(server.url.replace("http:", "https:"))


class Pauses(list[float]):
    """How long was waited for, without waiting."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def in_turn(*answers: tuple[int, str]) -> Callable[[web.BaseRequest], web.Response]:
    """These statuses with these pauses one after another, the last again and again."""
    waiting = list(answers)

    def reply(_: web.BaseRequest) -> web.Response:
        status, pause = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return web.Response(status=status, text="at last", headers={"retry-after": pause} if pause else {})

    return reply


async def test_a_busy_and_a_failing_server_are_asked_again() -> None:
    replies = in_turn((429, "7"), (502, ""), (500, ""), (200, ""))
    async with serving(replies) as server, Client(LOOPBACK) as client:
        waited = Pauses()
        answer = await Patient(client, sleep=waited).need(server.url)
        assert answer.body == b"at last"
        assert waited[0] == 7
        assert 3 <= waited[1] <= 5
        assert len(waited) == 3


@pytest.mark.parametrize("said", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT"])
async def test_a_server_that_wants_a_long_pause_is_left_alone(said: str) -> None:
    replies = in_turn((429, said))
    async with serving(replies) as server, Client(LOOPBACK) as client:
        waited = Pauses()
        with pytest.raises(TryLater) as told:
            await Patient(client, sleep=waited).ask(server.url)
        assert told.value.extra["retry_after"] >= 3600
        assert (waited, len(server.asked)) == ([], 1)


@pytest.mark.parametrize(
    ("status", "kind"), [(429, TryLater), (500, RefusedByServer), (401, RefusedByServer), (404, RefusedByServer)]
)
async def test_a_server_that_goes_on_refusing_is_believed(status: int, kind: type[Problem]) -> None:
    async with serving(in_turn((status, ""))) as server, Client(LOOPBACK) as client:
        waited = Pauses()
        with pytest.raises(kind):
            await Patient(client, sleep=waited).need(server.url)
        assert len(server.asked) == (1 if status in (401, 404) else 4)


@pytest.mark.parametrize("said", ["", "soon", "-1", "Wed, 99 Oct 2099", "1e9"])
async def test_a_pause_that_makes_no_sense_is_not_one(said: str) -> None:
    replies = in_turn((429, said), (200, ""))
    async with serving(replies) as server, Client(LOOPBACK) as client:
        waited = Pauses()
        assert (await Patient(client, sleep=waited).ask(server.url)).status == 200
        assert waited[0] < 2
