"""Resource Groups Tagging: every resource that carries or carried a tag, of any service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col

#: Kinds of the `ec2` namespace that people know as a service of their own.
_EC2 = {
    "volume": "ebs",
    "snapshot": "ebs",
    **dict.fromkeys(
        (
            "vpc",
            "subnet",
            "route-table",
            "internet-gateway",
            "natgateway",
            "network-acl",
            "security-group",
            "security-group-rule",
            "vpc-endpoint",
            "vpc-endpoint-service",
            "vpc-flow-log",
            "vpc-peering-connection",
            "transit-gateway",
            "transit-gateway-attachment",
            "transit-gateway-route-table",
            "egress-only-internet-gateway",
            "dhcp-options",
            "prefix-list",
        ),
        "vpc",
    ),
}
#: ARN namespaces whose service goes by another name here.
_NAMES = {
    "elasticloadbalancing": "elb",
    "elasticfilesystem": "efs",
    "es": "opensearch",
    "aoss": "opensearch",
    "cognito-idp": "cognito",
    "cognito-identity": "cognito",
    "execute-api": "apigateway",
}


def parts_of(arn: str) -> tuple[str, str]:
    """The service and the resource type that an ARN names.

    >>> parts_of("arn:aws:ec2:us-east-1:111111111111:volume/vol-1")
    ('ebs', 'volume')
    >>> parts_of("arn:aws:s3:::bucket")
    ('s3', '')
    """
    pieces = arn.split(":", 5)
    if len(pieces) < 6 or pieces[0] != "arn":
        return "", ""
    namespace, rest = pieces[2], pieces[5].lstrip("/")
    cut = min((i for i in (rest.find("/"), rest.find(":")) if i > 0), default=-1)
    kind = rest[:cut] if cut > 0 else ""
    if namespace == "ec2":
        return _EC2.get(kind, "ec2"), kind
    return _NAMES.get(namespace, namespace), kind


def _resource(entry: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    service, kind = parts_of(str(entry.get("ResourceARN", "")))
    if service:
        yield {**entry, "service": service, "resource_type": kind}


TAGGED_RESOURCE = Table(
    name="tagged_resource",
    service="resourcegroupstaggingapi",
    iam_prefix="tag",
    arn="{ResourceARN}",
    resource=False,
    tags="Tags",
    doc="A resource that has, or once had, a tag: shows services that no other table reads.",
    list=Call(
        operation="GetResources",
        items="ResourceTagMappingList[]",
        params={"ResourcesPerPage": 100},
    ),
    transform=_resource,
    columns={
        "service": col("service", "string", "The service, from the ARN."),
        "resource_type": col("resource_type", "string", "The kind of resource, from the ARN."),
    },
)
