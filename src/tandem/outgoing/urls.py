"""Addresses of the web, read strictly: what two programs could understand differently is refused, not guessed at.

Knows nothing about which hosts may be reached.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna

from tandem.outgoing.addresses import Address
from tandem.outgoing.failures import NotAnAddress

LONGEST = 4000
PORTS = {"http": 80, "https": 443}
NEVER = re.compile("[\x00-\x20\x7f\\\\\u0085\u00a0\u2028\u2029\ud800-\udfff]")
"""Spaces, control characters, and the backslash, which browsers take for a slash."""

NAME = re.compile(r"(?=.{1,253}\.?\Z)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*\.?")
NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?\Z")
"""The end of a host that resolvers take for a number: such a host must be an address in its usual form."""

PATH_SAFE = "/%:@!$&'()*+,;=~-._"
QUERY_SAFE = PATH_SAFE + "?"


@dataclass(frozen=True, slots=True)
class Target:
    """An address that can be requested: `text` in one form, without a fragment; `literal` when the host is an IP address."""

    scheme: str
    host: str
    port: int
    path: str
    query: str
    literal: Address | None

    @property
    def origin(self) -> tuple[str, str, int]:
        """Whose secrets are whose."""
        return self.scheme, self.host, self.port

    @property
    def text(self) -> str:
        """The address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}" + (f"?{self.query}" if self.query else "")


def read(text: str) -> Target:
    """The target behind an address. Raises NotAnAddress with the reason."""
    if len(text) > LONGEST:
        raise NotAnAddress(f"The address has {len(text)} characters; {LONGEST} are the most.")
    if NEVER.search(text):
        raise NotAnAddress("The address holds a space, a backslash or a control character.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise NotAnAddress("The address is malformed.") from None
    if parts.scheme not in PORTS:
        raise NotAnAddress("The address does not begin with http:// or https://.")
    if "@" in parts.netloc:
        raise NotAnAddress("The address holds a log-in. Leave it out; secrets have a field of their own.")
    if port == 0:
        raise NotAnAddress("There is no port 0.")
    host, literal = _host(parts)
    return Target(
        parts.scheme,
        host,
        port or PORTS[parts.scheme],
        quote(parts.path, safe=PATH_SAFE) or "/",
        quote(parts.query, safe=QUERY_SAFE),
        literal,
    )


def join(onto: Target, text: str) -> Target:
    """Where a link on that page leads. Raises NotAnAddress."""
    try:
        return read(urljoin(onto.text, text.strip(" \t\r\n\f")))
    except ValueError:
        raise NotAnAddress("The address is malformed.") from None


def _host(parts: SplitResult) -> tuple[str, Address | None]:
    host = parts.hostname or ""
    if parts.netloc.startswith("["):
        try:
            address = IPv6Address(host)
        except ValueError:
            raise NotAnAddress("The host is not an IPv6 address.") from None
        if address.scope_id:
            raise NotAnAddress("The host names a network card, which means nothing elsewhere.")
        return address.compressed, address
    name = _ascii(host)
    if not NAME.fullmatch(name):
        raise NotAnAddress("The host is not the name of one.")
    if NUMERIC.search(name.rstrip(".").rpartition(".")[2]):
        try:
            quad = IPv4Address(name.rstrip("."))
        except ValueError:
            raise NotAnAddress("The host is a number in an unusual form. Write it as four numbers with dots.") from None
        return str(quad), quad
    return name, None


def _ascii(host: str) -> str:
    """The host as the wire has it: international letters in the form of IDNA 2008, after UTS 46."""
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise NotAnAddress("The host is not the name of one.") from None
