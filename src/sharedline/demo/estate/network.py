"""Networks of the example estate: VPCs, subnets, routes, endpoints, network ACLs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sharedline.demo.estate.place import FRANKFURT, HOME, IRELAND, REGIONS, Estate, Place, tags

#: Services that the well-kept networks reach without the internet.
_ENDPOINTS = ("ssm", "ssmmessages", "ec2messages", "ecr.api", "ecr.dkr", "kms", "secretsmanager")


@dataclass(frozen=True)
class Network:
    """A VPC to build: `kept` well, with private subnets, flow logs and endpoints, or not."""

    account: str
    region: str
    name: str
    cidr: str
    team: str = "platform"
    kept: bool = True


NETWORKS = (
    Network("production", FRANKFURT, "shop", "10.20"),
    Network("production", IRELAND, "recovery", "10.21"),
    Network("security", FRANKFURT, "tools", "10.10", team="security"),
    Network("plumbob", HOME, "plumbob-main", "172.16", team="", kept=False),
)


def build(estate: Estate) -> None:
    """The landing zone takes the default VPCs away; nobody did so for the acquired company."""
    for account in ("management", "security", "production"):
        for region in REGIONS:
            remove_default(estate.at(account, region))
    for network in NETWORKS:
        build_network(estate.at(network.account, network.region), network)
    _office_list(estate.at("production", FRANKFURT))


def remove_default(here: Place) -> None:
    """Delete the default VPC of a Region with all that hangs on it."""
    ec2 = here("ec2")
    for vpc in ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"]:
        of_vpc = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        for subnet in ec2.describe_subnets(Filters=of_vpc)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        attached = [{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}]
        for gateway in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]:
            gateway_id = gateway["InternetGatewayId"]
            ec2.detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc["VpcId"])
            ec2.delete_internet_gateway(InternetGatewayId=gateway_id)
        ec2.delete_vpc(VpcId=vpc["VpcId"])


def build_network(here: Place, network: Network) -> None:
    """A VPC with its subnets; a well-kept one with what guards and watches it."""
    ec2 = here("ec2")
    vpc = ec2.create_vpc(
        CidrBlock=f"{network.cidr}.0.0/16",
        # The recovery site got IPv6 for a partner; its firewall rules forgot about it.
        AmazonProvidedIpv6CidrBlock=network.name == "recovery",
        TagSpecifications=_spec("vpc", network.name, network),
    )["Vpc"]["VpcId"]
    here.keep(f"vpc/{network.name}", vpc)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    public = _subnets(here, network, "public", 0)
    routes = _routes(here, network, "public", public)
    ec2.create_route(RouteTableId=routes, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    if not network.kept:
        for subnet in public:
            ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
        return
    for subnet in public:
        ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": False})
    private = _subnets(here, network, "private", 16)
    private_routes = _routes(here, network, "private", private)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address)["NatGateway"]
    ec2.create_route(
        RouteTableId=private_routes,
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=nat["NatGatewayId"],
    )
    data = _subnets(here, network, "data", 32)
    _routes(here, network, "data", data)
    _close_default_group(ec2, vpc)
    _guard_data(ec2, vpc, data, network)
    _endpoints(here, network, vpc, private, private_routes)


def _spec(kind: str, name: str, network: Network) -> list[dict[str, Any]]:
    more = {"team": network.team} if network.team else {}
    return [{"ResourceType": kind, "Tags": tags(name, **more)}]


def _subnets(here: Place, network: Network, kind: str, start: int) -> list[str]:
    made = []
    for number, zone in enumerate(("a", "b")):
        name = f"{network.name}-{kind}-{zone}"
        subnet = here("ec2").create_subnet(
            VpcId=here.get(f"vpc/{network.name}"),
            CidrBlock=f"{network.cidr}.{start + number}.0/24",
            AvailabilityZone=f"{here.region}{zone}",
            TagSpecifications=_spec("subnet", name, network),
        )["Subnet"]["SubnetId"]
        made.append(here.keep(f"subnet/{name}", subnet))
    return made


def _routes(here: Place, network: Network, kind: str, subnets: list[str]) -> str:
    ec2 = here("ec2")
    table = ec2.create_route_table(
        VpcId=here.get(f"vpc/{network.name}"),
        TagSpecifications=_spec("route-table", f"{network.name}-{kind}", network),
    )["RouteTable"]["RouteTableId"]
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return str(table)


def _close_default_group(ec2: Any, vpc: str) -> None:
    of_vpc = [
        {"Name": "vpc-id", "Values": [vpc]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    group = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"][0]
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(
            GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
        )
    ec2.revoke_security_group_egress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"]
    )


def _guard_data(ec2: Any, vpc: str, subnets: list[str], network: Network) -> None:
    """A network ACL of its own for the databases: from inside the VPC only."""
    acl = ec2.create_network_acl(
        VpcId=vpc, TagSpecifications=_spec("network-acl", f"{network.name}-data", network)
    )["NetworkAcl"]["NetworkAclId"]
    for egress in (False, True):
        ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=100,
            Protocol="6",
            PortRange={"From": 1024, "To": 65535},
            RuleAction="allow",
            Egress=egress,
            CidrBlock=f"{network.cidr}.0.0/16",
        )
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    for found in ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"]:
        for association in found["Associations"]:
            if association["SubnetId"] in subnets:
                ec2.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
                )


def _endpoints(here: Place, network: Network, vpc: str, private: list[str], routes: str) -> None:
    """Endpoints, so that management traffic stays inside."""
    ec2 = here("ec2")
    prefix = f"com.amazonaws.{here.region}"
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"{prefix}.s3", VpcEndpointType="Gateway", RouteTableIds=[routes]
    )["VpcEndpoint"]["VpcEndpointId"]
    here.keep(f"endpoint/{network.name}", made)
    if network.name != "shop":
        return
    for name in (*_ENDPOINTS, "ec2"):
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=f"{prefix}.{name}",
            VpcEndpointType="Interface",
            SubnetIds=private,
            PrivateDnsEnabled=True,
        )


def _office_list(here: Place) -> None:
    """The list of office addresses, to which somebody once added everybody."""
    entries = [
        {"Cidr": "203.0.113.0/26", "Description": "Head office"},
        {"Cidr": "198.51.100.32/28", "Description": "Warehouse"},
        {"Cidr": "0.0.0.0/0", "Description": "temporary, for the move"},
    ]
    made = here("ec2").create_managed_prefix_list(
        PrefixListName="offices", AddressFamily="IPv4", MaxEntries=20, Entries=entries
    )
    here.keep("prefix-list/offices", made["PrefixList"]["PrefixListId"])
