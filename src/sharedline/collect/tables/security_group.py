"""Security groups, their rules and the prefix lists that rules refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.cidr import span
from sharedline.collect.table import Call, Table, col, item, opt

EC2_SECURITY_GROUP = Table(
    name="ec2_security_group",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:security-group/{GroupId}",
    list=Call(operation="DescribeSecurityGroups", items="SecurityGroups[]"),
    tags="Tags",
    columns={
        "group_id": "GroupId",
        "group_name": "GroupName",
        "description": opt("Description"),
        "vpc_id": opt("VpcId"),
        "owner_id": opt("OwnerId"),
    },
)


def _rule(found: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Adds the arithmetic of the rule's address block."""
    cidr = found.get("CidrIpv4") or found.get("CidrIpv6") or ""
    block = span(cidr) if cidr else None
    kind = "cidr" if cidr else "prefix_list" if found.get("PrefixListId") else "group"
    yield {
        **found,
        "Cidr": cidr,
        "SourceKind": kind,
        "FirstIp": block.first_ip if block else "",
        "LastIp": block.last_ip if block else "",
        "IpVersion": block.version if block else 0,
        "IsPublic": block.is_public if block else (None if cidr else False),
    }


EC2_SECURITY_GROUP_RULE = Table(
    name="ec2_security_group_rule",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:security-group/{GroupId}",
    resource=False,
    list=Call(operation="DescribeSecurityGroupRules", items="SecurityGroupRules[]"),
    transform=_rule,
    columns={
        "group_id": "GroupId",
        "security_group_rule_id": "SecurityGroupRuleId",
        "is_egress": "IsEgress",
        "ip_protocol": "IpProtocol",
        "from_port": opt("FromPort", -1),
        "to_port": opt("ToPort", -1),
        "cidr": col("Cidr", "string", "The IPv4 or IPv6 block; empty for other sources."),
        "prefix_list_id": opt("PrefixListId"),
        "referenced_group_id": opt("ReferencedGroupInfo.GroupId"),
        "source_kind": col("SourceKind", "string", "`cidr`, `prefix_list` or `group`."),
        "first_ip": col("FirstIp", "string", "First address of the block."),
        "last_ip": col("LastIp", "string", "Last address of the block."),
        "ip_version": col("IpVersion", "int", "4 or 6; 0 where the source is no block."),
        "is_public": col("IsPublic", "bool", "Whether the block has addresses of the internet."),
        "description": opt("Description"),
    },
)

EC2_MANAGED_PREFIX_LIST = Table(
    name="ec2_managed_prefix_list",
    service="ec2",
    arn="{PrefixListArn}",
    list=Call(
        operation="DescribeManagedPrefixLists",
        items="PrefixLists[]",
        params={"MaxResults": 100},
    ),
    tags="Tags",
    columns={
        "prefix_list_id": "PrefixListId",
        "prefix_list_name": opt("PrefixListName"),
        "owner_id": opt("OwnerId"),
        "address_family": opt("AddressFamily"),
        "max_entries": opt("MaxEntries"),
        "state": opt("State"),
    },
    details=(
        Call(
            operation="GetManagedPrefixListEntries",
            params={"PrefixListId": item("PrefixListId"), "MaxResults": 100},
            # AWS's own lists hold the addresses of one service, never the internet: not asked.
            when="OwnerId != 'AWS'",
            columns={
                "cidrs": "Entries[].Cidr",
                "has_more_entries": col(
                    "type(NextToken) == 'string'",
                    "bool",
                    "Whether it has more than the 100 entries that were read.",
                    default=False,
                ),
            },
        ),
    ),
)
