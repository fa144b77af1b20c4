"""Resolving with a check: what comes back is what is connected to, and nothing is looked up a second time."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from tandem.outgoing.addresses import Address, Allowed, read_address
from tandem.outgoing.failures import ForbiddenAddress, NotAnAddress, Unreachable
from tandem.outgoing.urls import Target

Lookup = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host, as text. Raises OSError."""


async def system_lookup(host: str, port: int) -> list[str]:
    """As this machine resolves names."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Guard(AbstractResolver):
    """Says where a connection may go. One forbidden address among those of a name condemns the name."""

    def __init__(self, allowed: Allowed, lookup: Lookup = system_lookup) -> None:
        self._allowed = allowed
        self._lookup = lookup
        self._by_name = set[Address]()

    async def addresses(self, host: str, port: int) -> list[Address]:
        """Where this host may be connected to. Raises ForbiddenAddress or Unreachable."""
        try:
            found = [read_address(text) for text in await self._lookup(host, port)]
        except (OSError, UnicodeError, ValueError):
            raise Unreachable(f"There is no server named {host}.") from None
        if not found:
            raise Unreachable(f"There is no server named {host}.")
        for address in found:
            self.check(host, address)
        self._by_name.update(found)
        return found

    def check(self, host: str, address: Address) -> None:
        """Raises ForbiddenAddress."""
        if not self._allowed.admits(host, address):
            raise ForbiddenAddress(
                f"{host} leads to {address}, which is not a public address. "
                "The operator can allow it by TANDEM_OUTGOING_ALLOW."
            )

    def check_literal(self, target: Target) -> None:
        """The same for a target whose host is an address: nobody resolves that. Raises ForbiddenAddress."""
        if target.literal is not None:
            self.check(target.host, target.literal)

    def check_secret(self, target: Target) -> None:
        """A secret goes over TLS, or to where the operator's own network is. Raises NotAnAddress."""
        if target.scheme == "https" or self._allowed.names(target.host, target.literal):
            return
        raise NotAnAddress(f"A secret is sent over https alone, and {target.host} is addressed by http.")

    def open_socket(self, about: tuple[Any, ...]) -> socket.socket:
        """The socket of a connection; the last look, at the very address that the kernel is given."""
        family, kind, protocol, _, (host, *_) = about
        address = read_address(host)
        if address not in self._by_name and not self._allowed.admits("", address):
            raise PermissionError(f"no connection to {address}")
        return socket.socket(family, kind, protocol)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """As aiohttp asks for it."""
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self.addresses(host, port)
        ]

    async def close(self) -> None:
        """Nothing is held."""
