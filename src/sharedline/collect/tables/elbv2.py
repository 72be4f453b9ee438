"""Elastic Load Balancing: application, network and gateway load balancers."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt, parent


def _attribute(key: str) -> str:
    return f"Attributes[?Key=='{key}'].Value | [0]"


ELBV2_LOAD_BALANCER = Table(
    name="elbv2_load_balancer",
    service="elbv2",
    arn="{LoadBalancerArn}",
    list=Call(operation="DescribeLoadBalancers", items="LoadBalancers[]"),
    columns={
        "load_balancer_name": "LoadBalancerName",
        "type": "Type",
        "scheme": opt("Scheme"),
        "dns_name": opt("DNSName"),
        "vpc_id": opt("VpcId"),
        "state": opt("State.Code"),
        "created_time": opt("CreatedTime"),
        "security_group_ids": "SecurityGroups",
        "subnet_ids": "AvailabilityZones[].SubnetId",
        "availability_zone_count": col(
            "length(AvailabilityZones || `[]`)", "int", "In how many zones it has a subnet."
        ),
    },
    details=(
        Call(
            operation="DescribeLoadBalancerAttributes",
            params={"LoadBalancerArn": item("LoadBalancerArn")},
            columns={
                # An attribute that the type of load balancer does not have is empty or false.
                "access_logs_s3_enabled": col(
                    _attribute("access_logs.s3.enabled"),
                    "bool",
                    "Whether access logs are delivered to S3.",
                    default=False,
                ),
                "access_logs_s3_bucket": col(
                    _attribute("access_logs.s3.bucket"),
                    "string",
                    "The bucket that takes the access logs.",
                    default="",
                ),
                "deletion_protection_enabled": col(
                    _attribute("deletion_protection.enabled"),
                    "bool",
                    "Whether the load balancer refuses to be deleted.",
                    default=False,
                ),
                "drop_invalid_header_fields_enabled": col(
                    _attribute("routing.http.drop_invalid_header_fields.enabled"),
                    "bool",
                    "Whether malformed HTTP headers are dropped.",
                    default=False,
                ),
                "desync_mitigation_mode": col(
                    _attribute("routing.http.desync_mitigation_mode"),
                    "string",
                    "How ambiguous HTTP requests are treated; AWS's default is `defensive`.",
                    default="defensive",
                ),
                "waf_fail_open_enabled": col(
                    _attribute("waf.fail_open.enabled"),
                    "bool",
                    "Whether requests pass when the web application firewall cannot be asked.",
                    default=False,
                ),
            },
        ),
        Call(
            service="wafv2",
            operation="GetWebACLForResource",
            params={"ResourceArn": item("LoadBalancerArn")},
            when="Type == 'application'",
            columns={"web_acl_arn": opt("WebACL.ARN")},
            absent={"WAFNonexistentItemException": "", "EmptyAnswer": ""},
        ),
        Call(
            operation="DescribeTags",
            params={"ResourceArns": item("LoadBalancerArn")},
            batch="ResourceArns",
            size=20,
            items="TagDescriptions[]",
            match="ResourceArn",
            columns={"tags": "Tags"},
        ),
    ),
)

ELBV2_LISTENER = Table(
    name="elbv2_listener",
    service="elbv2",
    arn="{ListenerArn}",
    parent="elbv2_load_balancer",
    list=Call(
        operation="DescribeListeners",
        items="Listeners[]",
        params={"LoadBalancerArn": parent("arn")},
        # Deleted between the two listings: it has no listeners any more.
        absent={"LoadBalancerNotFound": []},
    ),
    columns={
        "load_balancer_arn": "LoadBalancerArn",
        "load_balancer_type": parent("type"),
        "scheme": parent("scheme"),
        "port": opt("Port"),
        "protocol": opt("Protocol"),
        "ssl_policy": opt("SslPolicy"),
        "certificate_arns": "Certificates[].CertificateArn",
        "redirect_protocol": col(
            "DefaultActions[?Type=='redirect'].RedirectConfig.Protocol | [0]",
            "string",
            "The protocol that its default action redirects to; empty where it does not redirect.",
            default="",
        ),
        "default_action_types": "DefaultActions[].Type",
        "mutual_authentication_mode": opt("MutualAuthentication.Mode"),
    },
)

ELBV2_TARGET_GROUP = Table(
    name="elbv2_target_group",
    service="elbv2",
    arn="{TargetGroupArn}",
    list=Call(operation="DescribeTargetGroups", items="TargetGroups[]"),
    columns={
        "target_group_name": "TargetGroupName",
        "target_type": opt("TargetType"),
        "protocol": opt("Protocol"),
        "port": opt("Port"),
        "vpc_id": opt("VpcId"),
        "health_check_protocol": opt("HealthCheckProtocol"),
        "health_check_enabled": opt("HealthCheckEnabled"),
        "load_balancer_arns": "LoadBalancerArns",
    },
)
