"""Addresses that lead, by one trick or another, to where nobody outside should get, and a trial of all of them.

The trial watches the last door there is: the event loop's own connect. Nothing real is connected to.
"""

import asyncio
import itertools
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from unittest import mock
from urllib.parse import quote

from tandem.outgoing import Allowed, Client, ForbiddenAddress, NotAnAddress, Unreachable, addresses

PRIVATE = """
    127.0.0.1 127.1.2.3 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.254
    169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.254 192.0.0.192 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1
    192.168.255.254 198.18.0.1 198.19.255.254 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    168.63.129.16
""".split()
PRIVATE6 = """
    ::1 :: ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:7f00:1 ::127.0.0.1 ::7f00:1 64:ff9b::127.0.0.1
    64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::1 fe80::1 fe80::a9fe:a9fe febf::1 fc00::1 fd00::1 fd00:ec2::254 fec0::1
    ff02::1 ff0e::1 2001::1 2001:0:7f00:1:: 2002:7f00:1:: 2002:a9fe:a9fe::1 2001:db8::1 3fff::1 5f00::1 100::1 4000::1
    0:0:0:0:0:ffff:7f00:0001 ::ffff:0:127.0.0.1 ::fFFf:127.0.0.1
""".split()
SCHEMES = "file ftp gopher dict ldap ldaps ssh telnet tftp jar data javascript smb ws wss netdoc php expect sftp view-source".split()
PUBLIC = {"93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"}


def numbers(quad: str) -> Iterator[str]:
    """An IPv4 address in the forms that resolvers of the world have taken for one."""
    a, b, c, d = (int(part) for part in quad.split("."))
    whole = int(ip_address(quad))
    yield from (str(whole), hex(whole), f"0{whole:o}", f"0x{whole:08X}", f"{whole:#034b}"[2:])
    yield from (
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"{a:#x}.{b}.{c}.{d}",
        f"000{a:o}.{b}.{c}.{d}",
    )
    yield from (f"{a}.{b << 16 | c << 8 | d}", f"{a}.{b}.{c << 8 | d}", f"{a:#x}.{b << 16 | c << 8 | d:#x}")
    yield from (f"{quad}.", f"{a}.{b}.{c}.{d}..", f"{a}。{b}。{c}。{d}", f"{a}．{b}．{c}．{d}")
    yield "".join(chr(0xFF10 + int(c)) if c.isdigit() else c for c in quad)
    yield "".join(chr(0x2460 + int(c) - 1) if c.isdigit() and c != "0" else c for c in quad)


def literals() -> Iterator[str]:
    """Addresses whose host is an address."""
    for quad in PRIVATE:
        yield from (
            f"http://{quad}/",
            f"https://{quad}:8443/x",
            f"http://{quad}:80@{quad}/",
            f"http://[::ffff:{quad}]/",
        )
    for quad in ("127.0.0.1", "169.254.169.254", "10.0.0.1"):
        yield from (f"http://{form}/latest/meta-data/" for form in numbers(quad))
    for text in PRIVATE6:
        yield from (f"http://[{text}]/", f"https://[{text}]:8443/x", f"http://[{text}%25eth0]/", f"http://{text}/")


def disguised() -> Iterator[str]:
    """Addresses that two programs read in two ways, and what is no address of the web."""
    for inside in ("127.0.0.1", "169.254.169.254", "[::1]", "localhost"):
        yield from (
            f"http://public.example@{inside}/", f"http://public.example:80@{inside}/", f"http://{inside}#@public.example/",
            f"http://{inside}\\@public.example/", f"http://public.example\\@{inside}/", f"http://{inside}%2f@public.example/",
            f"http://public.example%40{inside}/", f"http://{inside}%00.public.example/", f"http://{inside}\t/", f"http://{inside}\n/",
            f"http://public.example\r\nHost: {inside}/", f"http:/{inside}/", f"http:{inside}/", f"http:///{inside}/", f"//{inside}/",
            f" http://{inside}/", f"http://{inside}:80:80/", f"http://{inside}:0/", f"http://{inside}:99999/", f"http://{inside}:-1/",
            f"http://user:pass@{inside}/", f"http://@{inside}/", f"http://:@{inside}/", f"HtTp://{inside}/",
            f"http://{inside} .public.example/",
            f"http://{inside}\u2028/", f"http://public.example\u3000@{inside}/", f"http://pub\u200blic.example@{inside}", f"http://{inside};public.example/",
            f"http://{inside}%252f.public.example/", f"http://public.example%2523@{inside}/", f"http://[{inside}]/", f"http://{inside}?@public.example/",
        )  # fmt: skip
        yield from (f"{scheme}://{inside}/x" for scheme in SCHEMES)
    yield from (
        "",
        "http",
        "http:",
        "http://",
        "https://",
        "http://[",
        "http://]",
        "http://[]/",
        "http://[::1",
        "http://.",
        "http://..",
        "http://-/",
    )


NAMES = {
    "localhost": ["127.0.0.1"], "localhost.localdomain": ["127.0.0.1"], "ip6-localhost": ["::1"], "inside.example": ["10.1.2.3"],
    "metadata.google.internal": ["169.254.169.254"], "mapped.example": ["::ffff:169.254.169.254"], "nat64.example": ["64:ff9b::7f00:1"],
    "both.example": ["93.184.215.14", "127.0.0.1"], "both6.example": ["93.184.215.14", "::1"], "zone.example": ["fe80::1%eth0"],
    "six-to-four.example": ["2002:7f00:1::"], "zero.example": ["0.0.0.0"], "six-zero.example": ["::"], "cgnat.example": ["100.64.1.1"],
    "azure.example": ["168.63.129.16"], "127.0.0.1.nip.example": ["127.0.0.1"], "0x7f.1": ["127.0.0.1"],
    "wild.inside.example": ["192.168.1.1"],
}  # fmt: skip


def named() -> Iterator[str]:
    """Addresses whose names lead inside."""
    for name in NAMES:
        yield from (f"http://{name}/", f"https://{name}:8443/a?b", f"http://{name.upper()}/", f"http://{name}./")


def corpus() -> list[str]:
    """All of them, each once."""
    return list(dict.fromkeys(itertools.chain(literals(), disguised(), named())))


def mutated(seed: int, count: int) -> Iterator[str]:
    """The corpus again and again with a letter changed, doubled, left out or encoded."""
    chance, known = random.Random(seed), corpus()
    for _ in range(count):
        text = list(chance.choice(known) or "x")
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(text)) if text else 0
            change = chance.choice(("drop", "double", "encode", "upper", "insert"))
            letter = text[place] if text else ""
            text[place : place + 1] = {
                "drop": [],
                "double": [letter, letter],
                "encode": list(quote(letter, safe="")) if letter.isascii() and letter else [letter],
                "upper": [letter.upper()],
                "insert": [letter, chance.choice("@:/.#?\\[]%0123456789abcdefx\u3002")],
            }[change]
        yield "".join(text)


@dataclass(slots=True)
class Watch:
    """What was connected to, and how often names were looked up."""

    connected: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    @property
    def inside(self) -> list[str]:
        """The connections that should never have been."""
        return [each for each in self.connected if not addresses.is_public(ip_address(each.partition("%")[0]))]

    async def lookup(self, host: str, port: int) -> list[str]:
        """What names lead to; a rebinding one changes its mind at every question."""
        self.looked_up.append(host)
        name = host.rstrip(".").lower()
        if name.startswith("rebinding"):
            return ["93.184.215.14"] if self.looked_up.count(host) % 2 else ["127.0.0.1"]
        if name in NAMES:
            return NAMES[name]
        if name == "public.example" or name.endswith(".public.example"):
            return sorted(PUBLIC)
        found = await asyncio.get_running_loop().run_in_executor(None, numeric, host)
        return [found]


def numeric(host: str) -> str:
    """As the C library reads numbers, in every form it takes; other names are not there."""
    return socket.inet_ntoa(socket.inet_aton(host)) if host.replace(".", "").isalnum() else "unknown"


async def attempt(urls: Iterator[str] | list[str], allowed: Allowed, watch: Watch) -> int:
    """Ask for every address; how many there were. Connections fail before they are made, and are noted."""

    async def connect(_: socket.socket, address: Any) -> None:
        watch.connected.append(str(address[0]))
        raise ConnectionRefusedError

    count = 0
    with mock.patch.object(asyncio.get_running_loop(), "sock_connect", connect):
        async with Client(allowed, lookup=watch.lookup) as client:
            for url in urls:
                count += 1
                try:
                    await client.ask(url)
                except (NotAnAddress, ForbiddenAddress, Unreachable):
                    continue
    return count
