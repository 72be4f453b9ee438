"""CIDR arithmetic: the span of a block, its IP version, and whether the internet is in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network

#: IPv4 space that is never routed on the internet (RFC 6890 and its registry).
_NOT_PUBLIC_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
#: Only this IPv6 space is handed out for the internet; documentation blocks lie inside it.
_GLOBAL_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = (IPv6Network("2001:db8::/32"), IPv6Network("3fff::/20"))


@dataclass(frozen=True, slots=True)
class Span:
    """A block as its first and last address, with what the checks ask about it."""

    cidr: str
    version: int
    first: int
    last: int
    first_ip: str
    last_ip: str
    is_public: bool


@cache
def network(cidr: str) -> Network | None:
    """The network that the text means (host bits are allowed); None where it is not a CIDR."""
    try:
        return ip_network(cidr.strip(), strict=False)
    except ValueError:
        return None


def _is_public(block: Network) -> bool:
    if isinstance(block, IPv4Network):
        return not any(block.subnet_of(private) for private in _NOT_PUBLIC_4)
    return block.overlaps(_GLOBAL_6) and not any(block.subnet_of(b) for b in _NOT_PUBLIC_6)


@cache
def span(cidr: str) -> Span | None:
    """The block's span; None where the text is no CIDR (then nothing may be concluded)."""
    block = network(cidr)
    if block is None:
        return None
    first, last = block.network_address, block.broadcast_address
    public = _is_public(block)
    return Span(cidr, block.version, int(first), int(last), str(first), str(last), public)
