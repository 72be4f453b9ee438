"""CIDR arithmetic: the span of a block, its IP version, and whether the internet is in it."""

from __future__ import annotations

from collections.abc import Iterable
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

#: From a sixteenth of the address space upwards a block is the internet: no organisation owns
#: that much (the largest hold a handful of /8, and a sixteenth is sixteen of them).
GREAT_PART = {4: 1 << 28, 6: 1 << 121}


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


def public_addresses(spans: Iterable[Span], version: int) -> int:
    """How many addresses of the internet the blocks of that version hold together."""
    total, end = 0, -1
    for block in sorted((s for s in spans if s.version == version), key=lambda s: s.first):
        first = max(block.first, end + 1)
        if first <= block.last:
            total += _public_between(first, block.last, version)
            end = block.last
    return total


def _public_between(first: int, last: int, version: int) -> int:
    if version == 6:
        inside = _overlap(first, last, _GLOBAL_6)
        return inside - sum(_overlap(first, last, b) for b in _NOT_PUBLIC_6)
    return last - first + 1 - sum(_overlap(first, last, b) for b in _NOT_PUBLIC_4)


def _overlap(first: int, last: int, block: Network) -> int:
    low, high = int(block.network_address), int(block.broadcast_address)
    return max(0, min(last, high) - max(first, low) + 1)


def is_internet_wide(spans: Iterable[Span], version: int) -> bool:
    """Whether the blocks together hold a great part of the internet of that IP version."""
    return public_addresses(spans, version) >= GREAT_PART[version]
