"""Resource Groups Tagging: every resource that carries or carried a tag, of any service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col

#: Kinds of the `ec2` namespace that people know as services of their own, without dashes.
_EC2 = {
    **dict.fromkeys(("volume", "snapshot"), "ebs"),
    **dict.fromkeys(
        [
            "vpc",
            "subnet",
            "routetable",
            "internetgateway",
            "natgateway",
            "networkacl",
            "securitygroup",
            "securitygrouprule",
            "vpcendpoint",
            "vpcendpointservice",
            "vpcflowlog",
            "flowlog",
            "vpcpeeringconnection",
            "transitgateway",
            "transitgatewayattachment",
            "transitgatewayroutetable",
            "egressonlyinternetgateway",
            "dhcpoptions",
            "prefixlist",
        ],
        "vpc",
    ),
}
#: Namespaces of ARNs and of CloudFormation whose service goes by another name here.
_NAMES = {
    "access-analyzer": "accessanalyzer",
    "aoss": "opensearch",
    "apigatewayv2": "apigateway",
    "applicationautoscaling": "autoscaling",
    "certificatemanager": "acm",
    "cognito-identity": "cognito",
    "cognito-idp": "cognito",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elb",
    "elasticsearch": "opensearch",
    "es": "opensearch",
    "events": "eventbridge",
    "execute-api": "apigateway",
    "inspectorv2": "inspector2",
    "logs": "cloudwatch",
    "macie": "macie2",
    "opensearchserverless": "opensearch",
    "opensearchservice": "opensearch",
    "route53resolver": "route53",
}


def service_of(namespace: str, kind: str) -> str:
    """The service's name here, from the namespace and kind of an ARN or a CloudFormation type."""
    name = namespace.lower()
    if name == "ec2":
        return _EC2.get(kind.lower().replace("-", ""), "ec2")
    return _NAMES.get(name, name)


def parts_of(arn: str) -> tuple[str, str]:
    """The service and the resource type that an ARN names; empty where it is no ARN."""
    pieces = arn.split(":", 5)
    if len(pieces) < 6 or pieces[0] != "arn":
        return "", ""
    rest = pieces[5].lstrip("/")
    cut = min((i for i in (rest.find("/"), rest.find(":")) if i > 0), default=-1)
    kind = rest[:cut] if cut > 0 else ""
    return service_of(pieces[2], kind), kind


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
