"""Which ports of which instances the internet reaches: `network_exposure`.

An instance is exposed where everything on the way lets the traffic through: a public IPv4 address
or an IPv6 address, a security group rule, the subnet's access list in both directions, and a
route from the subnet to an internet gateway.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sharedline.collect.cidr import is_internet_wide, span
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.reach import (
    ALL_PORTS,
    Key,
    prefix_lists,
    protocol_name,
    reach,
)
from sharedline.derive.reach import (
    READS as REACH_READS,
)

_EPHEMERAL = (1024, 65535)
Range = tuple[int, int]


@dataclass
class _Network:
    """The tables needed on the way to an instance, by account, Region and id."""

    groups: dict[Key, list[Row]] = field(default_factory=dict)
    subnet_acl: dict[Key, str] = field(default_factory=dict)
    acl_entries: dict[Key, list[Row]] = field(default_factory=dict)
    subnet_table: dict[Key, str] = field(default_factory=dict)
    main_table: dict[Key, str] = field(default_factory=dict)
    routes: dict[Key, list[Row]] = field(default_factory=dict)


def _load(rows: Rows) -> _Network:
    found = _Network()
    lists = prefix_lists(rows["ec2_managed_prefix_list"])
    for row in reach(rows["ec2_security_group_rule"], lists):
        if row["direction"] == "ingress" and row["internet_wide"] is not False:
            found.groups.setdefault(_key(row, row["group_id"]), []).append(row)
    for row in rows["ec2_network_acl"]:
        for subnet in row["subnet_ids"] or ():
            found.subnet_acl[_key(row, subnet)] = row["network_acl_id"]
    for row in rows["ec2_network_acl_entry"]:
        found.acl_entries.setdefault(_key(row, row["network_acl_id"]), []).append(row)
    for row in rows["ec2_route_table"]:
        for subnet in row["subnet_ids"] or ():
            found.subnet_table[_key(row, subnet)] = row["route_table_id"]
        if row["is_main"]:
            found.main_table[_key(row, row["vpc_id"])] = row["route_table_id"]
    for row in rows["ec2_route"]:
        found.routes.setdefault(_key(row, row["route_table_id"]), []).append(row)
    for entries in found.acl_entries.values():
        entries.sort(key=lambda entry: entry["rule_number"])
    return found


def _key(row: Row, name: str) -> Key:
    return row["account_id"], row["region"], name


def _routed(network: _Network, interface: Row, version: int) -> bool | None:
    """Whether the subnet routes to an internet gateway; None where the table is not known."""
    table = network.subnet_table.get(_key(interface, interface["subnet_id"]))
    if table is None:
        table = network.main_table.get(_key(interface, interface["vpc_id"]))
    if table is None:
        return None
    answer: bool | None = False
    for route in network.routes.get(_key(interface, table), ()):
        if not route["gateway_id"].startswith("igw-") or route["state"] != "active":
            continue
        block = span(route["destination"] or "")
        if block is None:
            answer = None if answer is False else answer  # a prefix list as destination
        elif block.version == version and block.is_public:
            return True
    return answer


def _left(ranges: list[Range], taken: Range) -> list[Range]:
    """The ranges without what is taken."""
    out = []
    for first, last in ranges:
        if taken[1] < first or taken[0] > last:
            out.append((first, last))
            continue
        if first < taken[0]:
            out.append((first, taken[0] - 1))
        if last > taken[1]:
            out.append((taken[1] + 1, last))
    return out


def _shared(ranges: list[Range], other: Range) -> list[Range]:
    """What the ranges have in common with the other one."""
    cut = [(max(first, other[0]), min(last, other[1])) for first, last in ranges]
    return [(first, last) for first, last in cut if first <= last]


def allowed(
    entries: Iterable[Row], *, egress: bool, protocol: str, ports: Range, cidr: str, wide: bool
) -> Iterator[Range]:
    """The port ranges that an access list lets the block's internet addresses use.

    Entries count in the order of their numbers. One for a part of the block only decides for that
    part: its "deny" leaves others through, its "allow" counts where the part is internet-wide.
    """
    block = span(cidr)
    if block is None:
        return
    open_ports = [ports]
    for entry in entries:
        over = span(entry["cidr"])
        if bool(entry["egress"]) != egress or over is None or over.version != block.version:
            continue
        name = protocol_name(entry["protocol"])
        if name not in ("-1", protocol) or over.last < block.first or over.first > block.last:
            continue
        range_ = (entry["from_port"], entry["to_port"]) if name != "-1" else ALL_PORTS
        whole = over.first <= block.first and over.last >= block.last
        if entry["rule_action"] == "allow" and (
            (whole and wide) or is_internet_wide([block if whole else over], block.version)
        ):
            yield from _shared(open_ports, range_)
            open_ports = _left(open_ports, range_)
        elif whole:
            open_ports = _left(open_ports, range_)


def _ports(network: _Network, interface: Row, rule: Row, protocol: str) -> list[Range] | None:
    """The ports of the rule that the subnet's access list lets through; None: not known."""
    acl = network.subnet_acl.get(_key(interface, interface["subnet_id"]))
    entries = network.acl_entries.get(_key(interface, acl)) if acl else None
    if entries is None:
        return None
    ports = (rule["from_port"], rule["to_port"])
    back = _EPHEMERAL if protocol in ("tcp", "udp") else ALL_PORTS
    given = {"protocol": protocol, "cidr": rule["cidr"], "wide": True}
    if not any(allowed(entries, egress=True, ports=back, **given)):
        return []
    return list(allowed(entries, egress=False, ports=ports, **given))


def _of_rule(network: _Network, interface: Row, rule: Row) -> Iterator[Row]:
    addresses = {4: interface["public_ips"] or [], 6: interface["ipv6_addresses"] or []}
    versions = [rule["ip_version"]] if rule["ip_version"] else [4, 6]
    for version in versions:
        routed = _routed(network, interface, version) if addresses[version] else False
        if routed is False:
            continue
        protocols = ("tcp", "udp") if rule["protocol"] == "-1" else (rule["protocol"],)
        for protocol in protocols:
            ports = _ports(network, interface, rule, protocol) if rule["cidr"] else None
            unknown = ports is None or routed is None or rule["internet_wide"] is None
            whole = [(rule["from_port"], rule["to_port"])]
            for first, last in whole if ports is None else ports:
                yield {
                    "arn": interface["arn"],
                    "account_id": interface["account_id"],
                    "region": interface["region"],
                    "instance_id": interface["instance_id"],
                    "network_interface_id": interface["network_interface_id"],
                    "address": addresses[version][0],
                    "ip_version": version,
                    "protocol": protocol,
                    "from_port": first,
                    "to_port": last,
                    "group_id": rule["group_id"],
                    "rule_id": rule["rule_id"],
                    "cidr": rule["cidr"],
                    "exposed": None if unknown else True,
                }


def _run(rows: Rows) -> Iterator[Row]:
    network = _load(rows)
    for interface in rows["ec2_instance_network_interface"]:
        if interface["instance_state"] not in (None, "pending", "running"):
            continue
        for group in interface["security_group_ids"] or ():
            for rule in network.groups.get(_key(interface, group), ()):
                if not rule["protocol"].startswith("icmp"):
                    yield from _of_rule(network, interface, rule)


_READS: Mapping[str, tuple[str, ...]] = {
    **REACH_READS,
    # Not `ec2_instance`: a check that reads it too would then stand on that table alone, and an
    # unreadable rule or route would pass for a closed door.
    "ec2_instance_network_interface": (
        "instance_id",
        "instance_state",
        "network_interface_id",
        "vpc_id",
        "subnet_id",
        "security_group_ids",
        "public_ips",
        "ipv6_addresses",
    ),
    "ec2_network_acl": ("network_acl_id", "subnet_ids"),
    "ec2_network_acl_entry": (
        "network_acl_id",
        "rule_number",
        "rule_action",
        "egress",
        "protocol",
        "from_port",
        "to_port",
        "cidr",
    ),
    "ec2_route_table": ("route_table_id", "vpc_id", "subnet_ids", "is_main"),
    "ec2_route": ("route_table_id", "destination", "gateway_id", "state"),
}

NETWORK_EXPOSURE = Derivation(
    name="network_exposure",
    doc="The ports of running instances that the internet reaches, all things on the way counted.",
    reads=_READS,
    columns={
        "arn": ("string", "The instance."),
        "account_id": ("string", "The account of the instance."),
        "region": ("string", "The Region of the instance."),
        "instance_id": ("string", "The instance's id."),
        "network_interface_id": ("string", "The interface that takes the traffic."),
        "address": ("string", "Its public IPv4 address, or its IPv6 address."),
        "ip_version": ("int", "4 or 6."),
        "protocol": ("string", "`tcp`, `udp`, or the number of another protocol."),
        "from_port": ("int", "First port."),
        "to_port": ("int", "Last port."),
        "group_id": ("string", "The security group that lets it in."),
        "rule_id": ("string", "The rule that lets it in."),
        "cidr": ("string", "Where from; empty where a prefix list is not readable."),
        "exposed": ("bool", "True; NULL where a part of the way is not readable."),
    },
    run=_run,
)
