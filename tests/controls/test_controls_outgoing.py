"""Would the trial of hostile addresses notice? One check after another is left out of the client, and it has to say so."""

import socket
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web

from tandem.outgoing import Allowed, Client, addresses, urls
from tandem.outgoing.addresses import Address, read_address
from tandem.outgoing.guard import Guard
from tests.outgoing import hostile
from tests.outgoing.hostile import Watch
from tests.outgoing.loopback import LOOPBACK, serving

REBINDING = [f"http://rebinding-{n}.example/" for n in range(20)]


async def inside(tried: list[str]) -> list[str]:
    watch = Watch()
    await hostile.attempt(tried, Allowed(), watch)
    return watch.inside


@pytest.fixture
def last_look_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket's own look at the address, which would cover up for the checks before it."""
    monkeypatch.setattr(Guard, "open_socket", lambda _, about: socket.socket(*about[:3]))


async def test_it_notices_that_a_name_is_resolved_twice(monkeypatch: pytest.MonkeyPatch, last_look_off: None) -> None:
    assert await inside(REBINDING) == []
    whole = Guard.addresses

    async def twice(self: Guard, host: str, port: int) -> list[Address]:
        await whole(self, host, port)
        return [read_address(text) for text in await self._lookup(host, port)]

    monkeypatch.setattr(Guard, "addresses", twice)
    assert len(await inside(REBINDING)) == len(REBINDING)


async def test_the_last_look_alone_stops_a_name_that_is_resolved_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Guard.addresses

    async def twice(self: Guard, host: str, port: int) -> list[Address]:
        await whole(self, host, port)
        return [read_address(text) for text in await self._lookup(host, port)]

    monkeypatch.setattr(Guard, "addresses", twice)
    assert await inside(REBINDING) == []


async def test_it_notices_that_an_address_in_a_url_is_not_checked(
    monkeypatch: pytest.MonkeyPatch, last_look_off: None
) -> None:
    assert await inside(hostile.corpus()) == []
    monkeypatch.setattr(Guard, "check_literal", lambda *_: None)
    assert len(await inside(hostile.corpus())) > 50


async def test_it_notices_that_the_address_inside_an_address_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "plain", lambda address: address)
    monkeypatch.setattr(addresses, "PUBLIC_V6", ip_network("::/0"))
    watch = Watch()
    await hostile.attempt(hostile.corpus(), Allowed(), watch)
    assert [each for each in watch.connected if each.startswith(("::ffff:", "64:ff9b:"))]


async def test_it_notices_that_redirects_are_not_checked(monkeypatch: pytest.MonkeyPatch, last_look_off: None) -> None:
    whole, checked = Guard.check_literal, list[str]()

    def first_only(self: Guard, target: urls.Target) -> None:
        checked.append(target.text)
        if len(checked) == 1:
            whole(self, target)

    async with serving(lambda _: web.Response(text="secret"), host="127.0.0.2") as private:

        def reply(_: Any) -> web.Response:
            return web.Response(status=302, headers={"location": private.url})

        monkeypatch.setattr(Guard, "check_literal", first_only)
        async with serving(reply) as server, Client(LOOPBACK) as client:
            assert (await client.ask(server.url)).body == b"secret"
        assert private.asked == ["/"]
