"""Which addresses may be connected to: public ones, and what the operator allows. Pure rules; nothing is resolved here."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from tandem.settings import WrongSetting

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(map(ip_network, text.split()))


NOT_PUBLIC = _networks(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 "
    "192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32 "
    "2001::/23 2001:db8::/32 2002::/16 3fff::/20"
)
"""IANA's special-purpose registries (RFC 6890 and its updates), written out, because what Python calls global changes with
its version; 168.63.129.16 is Azure's own server inside every machine; 2001::/23 holds Teredo, 2002::/16 is 6to4: both
carry any IPv4 address inside."""

PUBLIC_V6 = IPv6Network("2000::/3")
"""The only part of IPv6 that is given out to the public (RFC 4291, IANA)."""

NAT64 = IPv6Network("64:ff9b::/96")
"""The last 32 bits are an IPv4 address, which a gateway connects to (RFC 6052)."""

NEVER_BY_NAME = _networks(
    "0.0.0.0/8 169.254.0.0/16 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32 100.100.100.200/32 192.0.0.192/32 "
    "::/128 fe80::/10 ff00::/8 fd00:ec2::/32"
)
"""Where clouds tell a machine its secrets, and what is no machine at all: a host that is allowed by its name does not lead
there, only a network that is written out."""


def plain(address: Address) -> Address:
    """The address that a connection really goes to: the IPv4 one that is written inside an IPv6 one."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return IPv6Address(int(address))  # without a zone


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may be reached there."""
    address = plain(address)
    if isinstance(address, IPv6Address) and address not in PUBLIC_V6:
        return False
    return not _within(address, NOT_PUBLIC)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator allows although it is not public: hosts by name, networks by address."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def admits(self, host: str, address: Address) -> bool:
        """Whether `host`, which has this address, may be connected to there."""
        address = plain(address)
        if is_public(address) or _within(address, self.networks):
            return True
        return host.rstrip(".") in self.hosts and not _within(address, NEVER_BY_NAME)

    def names(self, host: str, literal: Address | None) -> bool:
        """Whether the operator has named this very host, or the network of its address."""
        if literal is not None:
            return _within(plain(literal), self.networks)
        return host.rstrip(".") in self.hosts


def read_allowed(text: str) -> Allowed:
    """The setting TANDEM_OUTGOING_ALLOW: hosts and networks with commas between. Raises WrongSetting."""
    hosts, networks = set[str](), list[Network]()
    for part in filter(None, (part.strip().lower() for part in text.split(","))):
        try:
            networks.append(ip_network(part))
            continue
        except ValueError:
            if "/" in part or ":" in part or part[-1].isdigit():
                raise WrongSetting(
                    f"TANDEM_OUTGOING_ALLOW holds {part!r}; it takes hosts such as wiki.example.com and networks such as 10.1.0.0/16"
                ) from None
        hosts.add(part.rstrip("."))
    return Allowed(frozenset(hosts), tuple(networks))


def read_address(text: str) -> Address:
    """An address as text. Raises ValueError."""
    return ip_address(text)


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
