"""Elastic Load Balancing: Classic Load Balancers."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt, parent

ELB_LOAD_BALANCER = Table(
    name="elb_load_balancer",
    service="elb",
    arn="arn:{partition}:elasticloadbalancing:{region}:{account_id}:loadbalancer/{LoadBalancerName}",
    list=Call(operation="DescribeLoadBalancers", items="LoadBalancerDescriptions[]"),
    columns={
        "load_balancer_name": "LoadBalancerName",
        "dns_name": opt("DNSName"),
        "scheme": opt("Scheme"),
        "vpc_id": opt("VPCId"),
        "created_time": opt("CreatedTime"),
        "security_group_ids": "SecurityGroups",
        "subnet_ids": "Subnets",
        "instance_ids": "Instances[].InstanceId",
        "listener_count": col(
            "length(ListenerDescriptions || `[]`)", "int", "How many listeners it has."
        ),
        "availability_zone_count": col(
            # In a VPC it has one subnet per zone.
            "length(AvailabilityZones || Subnets || `[]`)",
            "int",
            "In how many zones it takes traffic.",
        ),
    },
    details=(
        Call(
            operation="DescribeLoadBalancerAttributes",
            params={"LoadBalancerName": item("LoadBalancerName")},
            columns={
                "access_log_enabled": opt("LoadBalancerAttributes.AccessLog.Enabled"),
                "cross_zone_load_balancing_enabled": opt(
                    "LoadBalancerAttributes.CrossZoneLoadBalancing.Enabled"
                ),
                "connection_draining_enabled": opt(
                    "LoadBalancerAttributes.ConnectionDraining.Enabled"
                ),
                "desync_mitigation_mode": col(
                    "LoadBalancerAttributes.AdditionalAttributes"
                    "[?Key=='elb.http.desyncmitigationmode'].Value | [0]",
                    "string",
                    "How ambiguous HTTP requests are treated; AWS's default is `defensive`.",
                    default="defensive",
                ),
            },
        ),
        Call(
            operation="DescribeTags",
            params={"LoadBalancerNames": item("LoadBalancerName")},
            batch="LoadBalancerNames",
            size=20,
            items="TagDescriptions[]",
            match="LoadBalancerName",
            columns={"tags": "Tags"},
        ),
    ),
)

ELB_LISTENER = Table(
    name="elb_listener",
    service="elb",
    arn="",
    resource=False,
    source="elb_load_balancer",
    items="ListenerDescriptions[]",
    columns={
        "load_balancer_name": parent("LoadBalancerName"),
        "protocol": "Listener.Protocol",
        "load_balancer_port": "Listener.LoadBalancerPort",
        "instance_protocol": opt("Listener.InstanceProtocol"),
        "ssl_certificate_id": opt("Listener.SSLCertificateId"),
        "policy_names": "PolicyNames",
    },
)
