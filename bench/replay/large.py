"""Pages of a large account's answers, made as they are asked for: the recording has no such one."""

from __future__ import annotations

import re
from collections.abc import Callable

#: The Region that has them all.
REGION = "us-east-1"
#: How many of 100 resources are of each kind, by the operation that lists them. None is of a kind
#: that is asked for one by one: EC2's budget of 20 calls a second alone would take hours.
SHARES = {
    "DescribeVolumes": 60,
    "DescribeSecurityGroups": 20,
    "DescribeNetworkInterfaces": 20,
}
PAGE = 1000
TOKEN = re.compile(rb"(?:^|&)NextToken=(\d+)")


def _tags(n: int) -> str:
    return (
        f"<tagSet><item><key>Name</key><value>thing-{n}</value></item>"
        f"<item><key>team</key><value>team-{n % 40}</value></item></tagSet>"
    )


def _volume(n: int) -> str:
    return (
        f"<item><volumeId>vol-{n:017x}</volumeId><size>{n % 900 + 1}</size><snapshotId/>"
        "<availabilityZone>us-east-1a</availabilityZone><status>in-use</status>"
        "<createTime>2026-03-01T10:00:00.000Z</createTime><attachmentSet><item>"
        f"<volumeId>vol-{n:017x}</volumeId><instanceId>i-{n // 2:017x}</instanceId>"
        "<device>/dev/sda1</device><status>attached</status></item></attachmentSet>"
        f"<volumeType>gp3</volumeType><encrypted>{'true' if n % 3 else 'false'}</encrypted>"
        f"{_tags(n)}</item>"
    )


def _group(n: int) -> str:
    return (
        f"<item><ownerId>123456789012</ownerId><groupId>sg-{n:017x}</groupId>"
        f"<groupName>group-{n}</groupName><groupDescription>Number {n}</groupDescription>"
        f"<vpcId>vpc-0abc</vpcId><ipPermissions/><ipPermissionsEgress/>{_tags(n)}</item>"
    )


def _interface(n: int) -> str:
    return (
        f"<item><networkInterfaceId>eni-{n:017x}</networkInterfaceId><subnetId>subnet-0abc</subnetId>"
        "<vpcId>vpc-0abc</vpcId><availabilityZone>us-east-1a</availabilityZone>"
        f"<description>Number {n}</description><ownerId>123456789012</ownerId>"
        "<requesterManaged>false</requesterManaged><status>in-use</status>"
        f"<privateIpAddress>10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}</privateIpAddress>"
        f"<groupSet><item><groupId>sg-{n:017x}</groupId><groupName>group-{n}</groupName></item>"
        f"</groupSet><interfaceType>interface</interfaceType>{_tags(n)}</item>"
    )


KINDS: dict[str, tuple[str, Callable[[int], str]]] = {
    "DescribeVolumes": ("volumeSet", _volume),
    "DescribeSecurityGroups": ("securityGroupInfo", _group),
    "DescribeNetworkInterfaces": ("networkInterfaceSet", _interface),
}


def page(operation: str, body: bytes, resources: int) -> str:
    """One page of an operation's answer in an account with that many resources."""
    parent, item = KINDS[operation]
    found = TOKEN.search(body)
    first = int(found.group(1)) if found else 0
    last = resources * SHARES[operation] // 100
    end = min(first + PAGE, last)
    token = f"<nextToken>{end}</nextToken>" if end < last else ""
    items = "".join(map(item, range(first, end)))
    return f"<{operation}Response><{parent}>{items}</{parent}>{token}</{operation}Response>"
