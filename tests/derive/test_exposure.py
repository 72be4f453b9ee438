"""The way from the internet to an instance: every part that is closed closes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from sharedline.derive.exposure import NETWORK_EXPOSURE

PLACE = {"account_id": "111111111111", "region": "us-east-1"}
Tables = dict[str, list[dict[str, Any]]]


def _entry(
    number: int,
    action: str = "allow",
    cidr: str = "0.0.0.0/0",
    *,
    protocol: str = "-1",
    ports: tuple[int, int] = (0, 65535),
    egress: bool = False,
) -> dict[str, Any]:
    return {
        **PLACE, "arn": "acl", "network_acl_id": "acl-1", "rule_number": number,
        "rule_action": action, "egress": egress, "protocol": protocol, "from_port": ports[0],
        "to_port": ports[1], "cidr": cidr,
    }  # fmt: skip


OUT = [_entry(100, egress=True), _entry(101, cidr="::/0", egress=True)]


def _rule(cidr: str, protocol: str, ports: tuple[int, int]) -> dict[str, Any]:
    return {
        **PLACE, "arn": "sg", "group_id": "sg-1", "security_group_rule_id": "sgr-1",
        "is_egress": False, "ip_protocol": protocol, "from_port": ports[0], "to_port": ports[1],
        "cidr": cidr, "prefix_list_id": "" if cidr else "pl-1",
        "source_kind": "cidr" if cidr else "prefix_list",
    }  # fmt: skip


def _world(**changes: Any) -> Tables:
    """A machine with SSH open all the way, with changes by table."""
    world: Tables = {
        "ec2_instance_network_interface": [
            {
                **PLACE, "arn": "i", "instance_id": "i-1", "instance_state": "running",
                "network_interface_id": "eni-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1",
                "security_group_ids": ["sg-1"], "public_ips": ["198.51.100.7"],
                "ipv6_addresses": [],
            }
        ],
        "ec2_security_group_rule": [_rule("0.0.0.0/0", "tcp", (22, 22))],
        "ec2_managed_prefix_list": [],
        "ec2_network_acl": [
            {**PLACE, "arn": "acl", "network_acl_id": "acl-1", "subnet_ids": ["subnet-1"]}
        ],
        "ec2_network_acl_entry": [_entry(100), _entry(101, cidr="::/0"), *OUT],
        "ec2_route_table": [
            {
                **PLACE, "arn": "rtb", "route_table_id": "rtb-1", "vpc_id": "vpc-1",
                "subnet_ids": [], "is_main": True,
            }
        ],
        "ec2_route": [_route("0.0.0.0/0", "igw-1"), _route("::/0", "igw-1")],
    }  # fmt: skip
    return {**world, **changes}


def _route(destination: str, gateway: str, state: str = "active") -> dict[str, Any]:
    return {
        **PLACE, "arn": "rtb", "route_table_id": "rtb-1", "destination": destination,
        "gateway_id": gateway, "state": state,
    }  # fmt: skip


def _machine(**changes: Any) -> list[dict[str, Any]]:
    return [{**_world()["ec2_instance_network_interface"][0], **changes}]


def _exposed(world: Tables) -> list[tuple[str, int, int, bool | None]]:
    rows: Iterable[dict[str, Any]] = NETWORK_EXPOSURE.run(world)
    return sorted((r["protocol"], r["from_port"], r["to_port"], r["exposed"]) for r in rows)


SSH = [("tcp", 22, 22, True)]


def test_everything_open() -> None:
    (row,) = NETWORK_EXPOSURE.run(_world())
    assert row["arn"] == "i"
    assert row["address"] == "198.51.100.7"
    assert _exposed(_world()) == SSH


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("no public address", {"ec2_instance_network_interface": _machine(public_ips=[])}),
        ("stopped", {"ec2_instance_network_interface": _machine(instance_state="stopped")}),
        ("no rule", {"ec2_security_group_rule": []}),
        (
            "a private block",
            {"ec2_security_group_rule": [_rule("10.0.0.0/8", "tcp", (22, 22))]},
        ),
        (
            "IPv6 rule, IPv4 address",
            {"ec2_security_group_rule": [_rule("::/0", "tcp", (22, 22))]},
        ),
        ("ICMP", {"ec2_security_group_rule": [_rule("0.0.0.0/0", "icmp", (-1, -1))]}),
        ("route to a NAT gateway", {"ec2_route": [_route("0.0.0.0/0", "")]}),
        ("route to nowhere", {"ec2_route": [_route("0.0.0.0/0", "igw-1", "blackhole")]}),
        ("denied inwards", {"ec2_network_acl_entry": [_entry(90, "deny"), _entry(100), *OUT]}),
        ("denied outwards", {"ec2_network_acl_entry": [_entry(100)]}),
        (
            "the list allows only a private block",
            {"ec2_network_acl_entry": [_entry(100, cidr="10.0.0.0/8"), *OUT]},
        ),
    ],
)
def test_one_closed_part_closes_the_way(why: str, changes: dict[str, Any]) -> None:
    assert _exposed(_world(**changes)) == [], why


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("no access list known", {"ec2_network_acl": []}),
        ("no route table known", {"ec2_route_table": []}),
        ("routes only to a prefix list", {"ec2_route": [_route("pl-9", "igw-1")]}),
        (
            "the rule's prefix list is not readable",
            {"ec2_security_group_rule": [_rule("", "tcp", (22, 22))]},
        ),
    ],
)
def test_a_part_that_is_not_readable_is_unknown(why: str, changes: dict[str, Any]) -> None:
    assert _exposed(_world(**changes)) == [("tcp", 22, 22, None)], why


def test_ipv6() -> None:
    world = _world(
        ec2_instance_network_interface=_machine(public_ips=[], ipv6_addresses=["2600:1f18::7"]),
        ec2_security_group_rule=[_rule("::/0", "tcp", (443, 443))],
    )
    assert _exposed(world) == [("tcp", 443, 443, True)]
    outward = {**world, "ec2_route": [_route("0.0.0.0/0", "igw-1")]}
    assert _exposed(outward) == []


def test_the_subnets_own_route_table_counts_and_not_the_main_one() -> None:
    own = {
        **PLACE, "arn": "rtb", "route_table_id": "rtb-2", "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1"], "is_main": False,
    }  # fmt: skip
    world = _world()
    world["ec2_route_table"].append(own)
    assert _exposed(world) == []


def test_all_traffic_is_split_by_what_the_access_list_leaves() -> None:
    world = _world(
        ec2_security_group_rule=[_rule("0.0.0.0/0", "-1", (-1, -1))],
        ec2_network_acl_entry=[
            _entry(10, "deny", protocol="6", ports=(22, 22)),
            _entry(20, "deny", protocol="17"),
            _entry(100),
            *OUT,
        ],
    )
    assert _exposed(world) == [("tcp", 0, 21, True), ("tcp", 23, 65535, True)]


def test_a_deny_for_part_of_the_internet_leaves_the_rest() -> None:
    world = _world(ec2_network_acl_entry=[_entry(10, "deny", "198.51.100.0/24"), _entry(100), *OUT])
    assert _exposed(world) == SSH
