"""What a security group rule reaches: prefix lists, split ranges, both IP versions, protocols."""

from __future__ import annotations

from typing import Any

import pytest

from sharedline.collect.cidr import span
from sharedline.derive.reach import SECURITY_GROUP_REACH

PLACE = {"account_id": "111111111111", "region": "us-east-1"}


def _rule(
    cidr: str = "",
    *,
    protocol: str = "tcp",
    ports: tuple[int, int] = (22, 22),
    prefix_list: str = "",
    egress: bool = False,
    group: str = "sg-1",
) -> dict[str, Any]:
    kind = "cidr" if cidr else "prefix_list" if prefix_list else "group"
    return {
        **PLACE, "arn": group, "group_id": group, "security_group_rule_id": "sgr",
        "is_egress": egress, "ip_protocol": protocol, "from_port": ports[0], "to_port": ports[1],
        "cidr": cidr, "prefix_list_id": prefix_list, "source_kind": kind,
    }  # fmt: skip


def _reach(*rules: dict[str, Any], lists: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    entries = [
        {**PLACE, "prefix_list_id": name, "cidrs": cidrs, "has_more_entries": more}
        for name, (cidrs, more) in (lists or {}).items()
    ]
    rows = {"ec2_security_group_rule": rules, "ec2_managed_prefix_list": entries}
    return list(SECURITY_GROUP_REACH.run(rows))


def _wide(*rules: dict[str, Any], lists: dict[str, Any] | None = None) -> list[bool | None]:
    return [row["internet_wide"] for row in _reach(*rules, lists=lists)]


@pytest.mark.parametrize(
    ("cidr", "wide"),
    [
        ("0.0.0.0/0", True),
        ("::/0", True),
        ("0.0.0.0/1", True),
        ("2000::/3", True),
        ("10.0.0.0/8", False),
        ("172.16.0.0/12", False),
        ("198.51.100.0/24", False),
        ("54.0.0.0/8", False),
        ("fd00::/8", False),
        ("2600:1f18::/32", False),
        ("203.0.113.7/32", False),
    ],
)
def test_a_block_is_the_internet_or_not(cidr: str, wide: bool) -> None:
    assert _wide(_rule(cidr)) == [wide]


def test_many_small_blocks_together_are_the_internet() -> None:
    blocks = [_rule(f"{n}.0.0.0/8") for n in range(11, 60)]
    assert set(_wide(*blocks)) == {True}
    assert set(_wide(*blocks[:5])) == {False}


def test_blocks_for_other_ports_or_directions_do_not_add_up() -> None:
    blocks = [_rule(f"{n}.0.0.0/8", ports=(n, n)) for n in range(11, 60)]
    assert set(_wide(*blocks)) == {False}
    outward = [_rule(f"{n}.0.0.0/8", egress=n % 2 == 0) for n in range(11, 35)]
    assert set(_wide(*outward)) == {False}


def test_a_wider_rule_adds_to_a_narrower_one_but_not_the_reverse() -> None:
    every = [_rule(f"{n}.0.0.0/8", protocol="-1", ports=(-1, -1)) for n in range(11, 26)]
    ssh = [_rule(f"{n}.0.0.0/8") for n in range(26, 31)]
    rows = _reach(*every, *ssh)
    assert {r["internet_wide"] for r in rows if r["protocol"] == "tcp"} == {True}
    assert {r["internet_wide"] for r in rows if r["protocol"] == "-1"} == {False}


def test_prefix_lists_are_opened() -> None:
    rows = _reach(_rule(prefix_list="pl-1"), lists={"pl-1": (["0.0.0.0/1", "128.0.0.0/1"], False)})
    assert [(r["cidr"], r["internet_wide"], r["source_kind"]) for r in rows] == [
        ("0.0.0.0/1", True, "prefix_list"),
        ("128.0.0.0/1", True, "prefix_list"),
    ]


@pytest.mark.parametrize(
    ("lists", "wide"),
    [
        ({}, [None]),  # shared from elsewhere, or the listing does not have it
        ({"pl-1": (None, None)}, [None]),  # its entries were denied
        ({"pl-1": ([], False)}, [False]),  # empty
        ({"pl-1": (["10.0.0.0/8"], False)}, [False]),
        ({"pl-1": (["10.0.0.0/8"], True)}, [None, False]),  # more than was read
        ({"pl-1": (["0.0.0.0/0"], True)}, [None, True]),
    ],
)
def test_a_prefix_list_that_is_not_known_is_unknown(
    lists: dict[str, Any], wide: list[bool | None]
) -> None:
    assert _wide(_rule(prefix_list="pl-1"), lists=lists) == wide


def test_a_rule_for_a_group_reaches_no_address() -> None:
    (row,) = _reach(_rule())
    assert (row["cidr"], row["ip_version"], row["internet_wide"]) == ("", None, False)


def test_a_block_that_is_no_cidr_is_unknown() -> None:
    assert _wide(_rule("not-a-cidr")) == [None]


@pytest.mark.parametrize(
    ("protocol", "ports", "expected"),
    [
        ("-1", (-1, -1), ("-1", 0, 65535)),
        ("6", (22, 22), ("tcp", 22, 22)),
        ("tcp", (20, 25), ("tcp", 20, 25)),
        ("udp", (0, 65535), ("udp", 0, 65535)),
        ("icmp", (8, -1), ("icmp", 0, 65535)),
        ("58", (-1, -1), ("icmpv6", 0, 65535)),
        ("50", (-1, -1), ("50", 0, 65535)),
    ],
)
def test_protocols_and_ports(
    protocol: str, ports: tuple[int, int], expected: tuple[str, int, int]
) -> None:
    (row,) = _reach(_rule("0.0.0.0/0", protocol=protocol, ports=ports))
    assert (row["protocol"], row["from_port"], row["to_port"]) == expected


def test_groups_of_the_same_name_elsewhere_are_apart() -> None:
    other = {**_rule("0.0.0.0/0", group="sg-2"), "region": "eu-west-1"}
    rows = _reach(_rule("10.0.0.0/8"), other)
    assert [(r["arn"], r["internet_wide"]) for r in rows] == [("sg-1", False), ("sg-2", True)]


@pytest.mark.parametrize(
    ("cidr", "public"),
    [
        ("0.0.0.0/0", True), ("8.8.8.8/32", True), ("10.1.2.3/32", False), ("100.64.0.0/10", False),
        ("172.0.0.0/8", True), ("169.254.0.0/16", False), ("224.0.0.0/4", False), ("::/0", True),
        ("fe80::/10", False), ("2001:db8::/32", False), ("2600::/12", True),
    ],
)  # fmt: skip
def test_public_blocks(cidr: str, public: bool) -> None:
    found = span(cidr)
    assert found is not None
    assert found.is_public is public
