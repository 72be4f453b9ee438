"""Which addresses a security group's rules reach: `security_group_reach`.

A rule with a prefix list becomes one row per block of the list, and "the internet" is judged over
all blocks that a group opens for the same ports, since 0.0.0.0/1 with 128.0.0.0/1 is everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sharedline.collect.cidr import is_internet_wide, span
from sharedline.derive.base import Derivation, Row, Rows

ALL_PORTS = (0, 65535)
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
_WITH_PORTS = ("tcp", "udp")

Key = tuple[str, str, str]


def protocol_name(protocol: str | None) -> str:
    """AWS's protocol (name or number) by its name; `-1` for all."""
    low = str(protocol if protocol is not None else "-1").lower()
    return _PROTOCOLS.get(low, low)


def port_range(protocol: str, first: int | None, last: int | None) -> tuple[int, int]:
    """The ports that a rule opens: all of them where the protocol has none or none is named."""
    if protocol not in _WITH_PORTS or first is None or last is None or first < 0 or last < 0:
        return ALL_PORTS
    return first, last


def prefix_lists(rows: Iterable[Row]) -> dict[Key, Row]:
    """Prefix lists by account, Region and id."""
    return {(r["account_id"], r["region"], r["prefix_list_id"]): r for r in rows}


def _sources(rule: Row, lists: Mapping[Key, Row]) -> Iterator[tuple[str, bool | None]]:
    """The rule's blocks; an empty one with what is known where the source is no block."""
    if rule["source_kind"] == "cidr":
        yield rule["cidr"], False
        return
    if rule["source_kind"] == "group":
        yield "", False
        return
    found = lists.get((rule["account_id"], rule["region"], rule["prefix_list_id"]))
    cidrs = found["cidrs"] if found else None
    if found is None or cidrs is None:
        yield "", None  # shared from elsewhere or not readable: its blocks are not known
        return
    if found["has_more_entries"]:
        yield "", None
    elif not cidrs:
        yield "", False
    yield from ((cidr, False) for cidr in cidrs)


def _expanded(rule: Row, lists: Mapping[Key, Row]) -> Iterator[Row]:
    protocol = protocol_name(rule["ip_protocol"])
    first, last = port_range(protocol, rule["from_port"], rule["to_port"])
    for cidr, known in _sources(rule, lists):
        block = span(cidr) if cidr else None
        yield {
            "arn": rule["arn"],
            "account_id": rule["account_id"],
            "region": rule["region"],
            "group_id": rule["group_id"],
            "rule_id": rule["security_group_rule_id"],
            "direction": "egress" if rule["is_egress"] else "ingress",
            "protocol": protocol,
            "from_port": first,
            "to_port": last,
            "cidr": cidr,
            "ip_version": block.version if block else None,
            "internet_wide": None if cidr and block is None else known,
            "source_kind": rule["source_kind"],
        }


def _covers(wide: Row, narrow: Row) -> bool:
    """Whether all that one row lets through, the other does too, but for the addresses."""
    return (
        wide["direction"] == narrow["direction"]
        and wide["ip_version"] == narrow["ip_version"]
        and wide["protocol"] in ("-1", narrow["protocol"])
        and wide["from_port"] <= narrow["from_port"]
        and wide["to_port"] >= narrow["to_port"]
    )


def _judge(rows: list[Row]) -> None:
    """Marks the rows of one group that are open to the internet, alone or with others."""
    rest = []
    for row in rows:
        block = span(row["cidr"]) if row["cidr"] else None
        if block is None:
            continue
        if is_internet_wide([block], block.version):
            row["internet_wide"] = True
        elif block.is_public:
            rest.append((row, block))
    kinds: dict[tuple[Any, ...], bool] = {}
    for row, block in rest:
        kind = tuple(
            row[k] for k in ("direction", "ip_version", "protocol", "from_port", "to_port")
        )
        if kind not in kinds:
            together = [other for candidate, other in rest if _covers(candidate, row)]
            kinds[kind] = is_internet_wide(together, block.version)
        row["internet_wide"] = kinds[kind]


def reach(rules: Iterable[Row], lists: Mapping[Key, Row]) -> Iterator[Row]:
    """The rows of `security_group_reach`."""
    groups: dict[str, list[Row]] = {}
    for rule in rules:
        groups.setdefault(rule["arn"], []).extend(_expanded(rule, lists))
    for rows in groups.values():
        _judge(rows)
        yield from rows


READS: Mapping[str, tuple[str, ...]] = {
    "ec2_security_group_rule": (
        "group_id",
        "security_group_rule_id",
        "is_egress",
        "ip_protocol",
        "from_port",
        "to_port",
        "cidr",
        "prefix_list_id",
        "source_kind",
    ),
    "ec2_managed_prefix_list": ("prefix_list_id", "cidrs", "has_more_entries"),
}


def _run(rows: Rows) -> Iterator[Row]:
    lists = prefix_lists(rows["ec2_managed_prefix_list"])
    return reach(rows["ec2_security_group_rule"], lists)


SECURITY_GROUP_REACH = Derivation(
    name="security_group_reach",
    doc="What each security group rule lets in or out, one row per block of addresses.",
    reads=READS,
    columns={
        "arn": ("string", "The security group."),
        "account_id": ("string", "The account of the group."),
        "region": ("string", "The Region of the group."),
        "group_id": ("string", "The security group's id."),
        "rule_id": ("string", "The rule's id."),
        "direction": ("string", "`ingress` or `egress`."),
        "protocol": ("string", "`tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all."),
        "from_port": ("int", "First port; 0 where all are meant or the protocol has none."),
        "to_port": ("int", "Last port; 65535 where all are meant or the protocol has none."),
        "cidr": ("string", "The block of addresses; empty where the source is not a block."),
        "ip_version": ("int", "4 or 6; NULL where the source is not a block."),
        "internet_wide": (
            "bool",
            "Open to a great part of the internet, alone or with the group's other rules; or NULL.",
        ),
        "source_kind": ("string", "`cidr`, `prefix_list` or `group`."),
    },
    run=_run,
)
