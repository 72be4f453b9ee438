"""Amazon VPC: networks, subnets, access lists, routes, gateways, endpoints, flow logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.cidr import is_internet_wide, span
from sharedline.collect.table import Call, Table, col, opt, parent

_REGION_ARN = "arn:{partition}:account:{region}:{account_id}:region/{region}"

EC2_VPC = Table(
    name="ec2_vpc",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:vpc/{VpcId}",
    list=Call(operation="DescribeVpcs", items="Vpcs[]"),
    tags="Tags",
    columns={
        "vpc_id": "VpcId",
        "is_default": opt("IsDefault"),
        "owner_id": opt("OwnerId"),
        "state": opt("State"),
        "cidr_block": opt("CidrBlock"),
        "cidr_blocks": "CidrBlockAssociationSet[].CidrBlock",
        "ipv6_cidr_blocks": "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock",
    },
)

EC2_SUBNET = Table(
    name="ec2_subnet",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:subnet/{SubnetId}",
    list=Call(operation="DescribeSubnets", items="Subnets[]"),
    tags="Tags",
    columns={
        "subnet_id": "SubnetId",
        "vpc_id": "VpcId",
        "owner_id": opt("OwnerId"),
        "cidr_block": opt("CidrBlock"),
        "availability_zone": opt("AvailabilityZone"),
        "default_for_az": opt("DefaultForAz"),
        "map_public_ip_on_launch": "MapPublicIpOnLaunch",
        "assign_ipv6_address_on_creation": opt("AssignIpv6AddressOnCreation"),
        "outpost_arn": opt("OutpostArn"),
    },
)

EC2_NETWORK_ACL = Table(
    name="ec2_network_acl",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:network-acl/{NetworkAclId}",
    list=Call(operation="DescribeNetworkAcls", items="NetworkAcls[]"),
    tags="Tags",
    columns={
        "network_acl_id": "NetworkAclId",
        "vpc_id": opt("VpcId"),
        "is_default": "IsDefault",
        "subnet_ids": "Associations[].SubnetId",
        "association_count": col(
            "length(Associations || `[]`)", "int", "How many subnets use the list."
        ),
    },
)

_ANY_PORT = (0, 65535)


def _acl_entry(found: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Adds the ports as numbers (all of them where the entry names none) and the block's reach."""
    cidr = found.get("CidrBlock") or found.get("Ipv6CidrBlock") or ""
    block = span(cidr)
    ports = found.get("PortRange") or {}
    yield {
        **found,
        "Cidr": cidr,
        "FromPort": ports.get("From", _ANY_PORT[0]),
        "ToPort": ports.get("To", _ANY_PORT[1]),
        "IpVersion": block.version if block else None,
        "IsPublic": block.is_public if block else None,
        "IsInternetWide": is_internet_wide([block], block.version) if block else None,
        "IsWholeInternet": cidr in ("0.0.0.0/0", "::/0"),
    }


EC2_NETWORK_ACL_ENTRY = Table(
    name="ec2_network_acl_entry",
    service="ec2",
    arn="",
    resource=False,
    source="ec2_network_acl",
    items="Entries[]",
    transform=_acl_entry,
    columns={
        "network_acl_id": parent("NetworkAclId"),
        "rule_number": "RuleNumber",
        "rule_action": "RuleAction",
        "egress": "Egress",
        "protocol": "Protocol",
        "from_port": col("FromPort", "int", "First port; 0 where the entry names none."),
        "to_port": col("ToPort", "int", "Last port; 65535 where the entry names none."),
        "cidr": col("Cidr", "string", "The IPv4 or IPv6 block."),
        "ip_version": col("IpVersion", "int", "4 or 6."),
        "is_public": col("IsPublic", "bool", "Whether the block has addresses of the internet."),
        "is_internet_wide": col(
            "IsInternetWide", "bool", "Whether the block is a great part of the internet."
        ),
        "is_whole_internet": col("IsWholeInternet", "bool", "The block is 0.0.0.0/0 or ::/0."),
    },
)

EC2_ROUTE_TABLE = Table(
    name="ec2_route_table",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:route-table/{RouteTableId}",
    list=Call(operation="DescribeRouteTables", items="RouteTables[]", params={"MaxResults": 100}),
    tags="Tags",
    columns={
        "route_table_id": "RouteTableId",
        "vpc_id": "VpcId",
        "owner_id": opt("OwnerId"),
        "is_main": col(
            "contains(Associations[].Main || `[]`, `true`)",
            "bool",
            "Whether subnets without a table of their own use this one.",
        ),
        "subnet_ids": "Associations[].SubnetId",
        "gateway_ids": "Associations[].GatewayId",
    },
)

EC2_ROUTE = Table(
    name="ec2_route",
    service="ec2",
    arn="",
    resource=False,
    source="ec2_route_table",
    items="Routes[]",
    columns={
        "route_table_id": parent("RouteTableId"),
        "vpc_id": parent("VpcId"),
        "destination": col(
            "DestinationCidrBlock || DestinationIpv6CidrBlock || DestinationPrefixListId",
            "string",
            "The IPv4 or IPv6 block, or the prefix list.",
        ),
        "destination_cidr_block": opt("DestinationCidrBlock"),
        "destination_ipv6_cidr_block": opt("DestinationIpv6CidrBlock"),
        "gateway_id": opt("GatewayId"),
        "nat_gateway_id": opt("NatGatewayId"),
        "egress_only_internet_gateway_id": opt("EgressOnlyInternetGatewayId"),
        "transit_gateway_id": opt("TransitGatewayId"),
        "vpc_peering_connection_id": opt("VpcPeeringConnectionId"),
        "network_interface_id": opt("NetworkInterfaceId"),
        "instance_id": opt("InstanceId"),
        "state": opt("State", "active"),
    },
)

EC2_INTERNET_GATEWAY = Table(
    name="ec2_internet_gateway",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:internet-gateway/{InternetGatewayId}",
    list=Call(operation="DescribeInternetGateways", items="InternetGateways[]"),
    tags="Tags",
    columns={
        "internet_gateway_id": "InternetGatewayId",
        "owner_id": opt("OwnerId"),
        "vpc_ids": "Attachments[].VpcId",
    },
)

EC2_NAT_GATEWAY = Table(
    name="ec2_nat_gateway",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:natgateway/{NatGatewayId}",
    list=Call(operation="DescribeNatGateways", items="NatGateways[]"),
    tags="Tags",
    columns={
        "nat_gateway_id": "NatGatewayId",
        "state": "State",
        "vpc_id": opt("VpcId"),
        "subnet_id": opt("SubnetId"),
        "connectivity_type": opt("ConnectivityType", "public"),
        "public_ips": "NatGatewayAddresses[].PublicIp",
    },
)

EC2_VPC_ENDPOINT = Table(
    name="ec2_vpc_endpoint",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:vpc-endpoint/{VpcEndpointId}",
    list=Call(operation="DescribeVpcEndpoints", items="VpcEndpoints[]"),
    tags="Tags",
    columns={
        "vpc_endpoint_id": "VpcEndpointId",
        "vpc_endpoint_type": opt("VpcEndpointType"),
        "vpc_id": opt("VpcId"),
        "service_name": opt("ServiceName"),
        "state": opt("State"),
        "policy": opt("PolicyDocument"),
        "private_dns_enabled": opt("PrivateDnsEnabled"),
        "subnet_ids": "SubnetIds",
        "security_group_ids": "Groups[].GroupId",
        "route_table_ids": "RouteTableIds",
    },
)

EC2_VPC_PEERING_CONNECTION = Table(
    name="ec2_vpc_peering_connection",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:vpc-peering-connection/{VpcPeeringConnectionId}",
    list=Call(operation="DescribeVpcPeeringConnections", items="VpcPeeringConnections[]"),
    tags="Tags",
    columns={
        "vpc_peering_connection_id": "VpcPeeringConnectionId",
        "status": "Status.Code",
        "requester_vpc_id": opt("RequesterVpcInfo.VpcId"),
        "requester_owner_id": opt("RequesterVpcInfo.OwnerId"),
        "requester_cidr_block": opt("RequesterVpcInfo.CidrBlock"),
        "requester_cidr_blocks": "RequesterVpcInfo.CidrBlockSet[].CidrBlock",
        "accepter_vpc_id": opt("AccepterVpcInfo.VpcId"),
        "accepter_owner_id": opt("AccepterVpcInfo.OwnerId"),
        "accepter_cidr_block": opt("AccepterVpcInfo.CidrBlock"),
        "accepter_cidr_blocks": "AccepterVpcInfo.CidrBlockSet[].CidrBlock",
    },
)

EC2_FLOW_LOG = Table(
    name="ec2_flow_log",
    service="ec2",
    arn="arn:{partition}:ec2:{region}:{account_id}:vpc-flow-log/{FlowLogId}",
    list=Call(operation="DescribeFlowLogs", items="FlowLogs[]"),
    tags="Tags",
    columns={
        "flow_log_id": "FlowLogId",
        "resource_id": "ResourceId",
        "flow_log_status": opt("FlowLogStatus", "ACTIVE"),
        "traffic_type": "TrafficType",
        "deliver_logs_status": opt("DeliverLogsStatus"),
        "deliver_logs_error_message": opt("DeliverLogsErrorMessage"),
        "log_destination_type": opt("LogDestinationType", "cloud-watch-logs"),
        "log_destination": opt("LogDestination"),
        "log_group_name": opt("LogGroupName"),
    },
)

EC2_TRANSIT_GATEWAY = Table(
    name="ec2_transit_gateway",
    service="ec2",
    arn="{TransitGatewayArn}",
    list=Call(operation="DescribeTransitGateways", items="TransitGateways[]"),
    tags="Tags",
    columns={
        "transit_gateway_id": "TransitGatewayId",
        "state": opt("State"),
        "owner_id": opt("OwnerId"),
        "auto_accept_shared_attachments": "Options.AutoAcceptSharedAttachments",
    },
)

EC2_VPC_BLOCK_PUBLIC_ACCESS = Table(
    name="ec2_vpc_block_public_access",
    service="ec2",
    arn=_REGION_ARN,
    resource=False,
    list=Call(operation="DescribeVpcBlockPublicAccessOptions", items="VpcBlockPublicAccessOptions"),
    columns={
        "state": opt("State"),
        "internet_gateway_block_mode": "InternetGatewayBlockMode",
        "exclusions_allowed": opt("ExclusionsAllowed"),
        "managed_by": opt("ManagedBy"),
    },
    doc="Whether the Region keeps its VPCs from traffic through internet gateways.",
)
