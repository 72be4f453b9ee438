"""RDS from API to verdict: instances, clusters, snapshots, parameters and network rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3

BASE = "arn:aws:rds:us-east-1:123456789012"
Verdicts = Callable[..., Any]


def instance(name: str, **settings: Any) -> None:
    boto3.client("rds", region_name="us-east-1").create_db_instance(
        **{
            "DBInstanceIdentifier": name,
            "DBInstanceClass": "db.t3.micro",
            "Engine": "postgres",
            "EngineVersion": "14.9",
            "AllocatedStorage": 20,
            "MasterUsername": "ledger_owner",
            "MasterUserPassword": "not-a-real-one",
            **settings,
        }
    )


GOOD = {
    "StorageEncrypted": True,
    "PubliclyAccessible": False,
    "MultiAZ": True,
    "DeletionProtection": True,
    "BackupRetentionPeriod": 14,
    "EnableIAMDatabaseAuthentication": True,
    "AutoMinorVersionUpgrade": True,
    "MonitoringInterval": 60,
    "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring",
    "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
}
BAD = {
    "StorageEncrypted": False,
    "PubliclyAccessible": True,
    "MultiAZ": False,
    "DeletionProtection": False,
    "BackupRetentionPeriod": 0,
    "EnableIAMDatabaseAuthentication": False,
    "AutoMinorVersionUpgrade": False,
    "MonitoringInterval": 0,
    "MasterUsername": "postgres",
}
SETTINGS = (
    "not_publicly_accessible",
    "encrypted",
    "multi_az",
    "deletion_protected",
    "backed_up",
    "iam_authentication_on",
    "minor_upgrades_on",
    "admin_name_custom",
    "enhanced_monitoring_on",
    "logs_published",
)


def test_instances_are_judged_setting_by_setting(verdicts: Verdicts) -> None:
    instance("good", **GOOD)
    instance("bad", **BAD)
    found = verdicts(*(f"rds/instance_{check}" for check in SETTINGS))
    for check in SETTINGS:
        assert found[f"rds/instance_{check}", f"{BASE}:db:good"] is True, check
        assert found[f"rds/instance_{check}", f"{BASE}:db:bad"] is False, check


def test_tls_is_judged_by_the_parameter_group_of_the_instance(verdicts: Verdicts) -> None:
    rds = boto3.client("rds", region_name="us-east-1")
    for name, value in (("on", "1"), ("off", "0")):
        rds.create_db_parameter_group(
            DBParameterGroupName=name, DBParameterGroupFamily="postgres14", Description=name
        )
        rds.modify_db_parameter_group(
            DBParameterGroupName=name,
            Parameters=[
                {
                    "ParameterName": "rds.force_ssl",
                    "ParameterValue": value,
                    "ApplyMethod": "immediate",
                }
            ],
        )
        instance(name, DBParameterGroupName=name)
    instance("default")
    instance("default16", EngineVersion="16.3")
    found = verdicts("rds/postgres_requires_tls")
    assert {r.rpartition(":")[2]: ok for (_, r), ok in found.items()} == {
        "on": True,
        "off": False,
        "default": False,
        "default16": True,
    }


def test_the_port_is_judged_by_the_security_groups(verdicts: Verdicts) -> None:
    ec2 = boto3.client("ec2", region_name="us-east-1")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ranges: dict[str, dict[str, Any]] = {
        "world4": {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        "world6": {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        "private": {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
    }
    for name, source in ranges.items():
        group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        rule = {"IpProtocol": "tcp", "FromPort": 5000, "ToPort": 6000, **source}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
        instance(name, VpcSecurityGroupIds=[group], Port=5432)
        instance(f"{name}-elsewhere", VpcSecurityGroupIds=[group], Port=7000)
    found = verdicts("rds/instance_port_closed_to_internet")
    closed = {r.rpartition(":")[2]: ok for (_, r), ok in found.items()}
    assert closed == {
        "world4": False,
        "world4-elsewhere": True,
        "world6": False,
        "world6-elsewhere": True,
        "private": True,
        "private-elsewhere": True,
    }


def test_clusters_are_judged_setting_by_setting(verdicts: Verdicts) -> None:
    rds = boto3.client("rds", region_name="us-east-1")
    for name, good in (("good", True), ("bad", False)):
        rds.create_db_cluster(
            DBClusterIdentifier=name,
            Engine="aurora-postgresql",
            MasterUsername="ledger_owner" if good else "postgres",
            MasterUserPassword="not-a-real-one",
            StorageEncrypted=good,
            DeletionProtection=good,
            EnableIAMDatabaseAuthentication=good,
            BackupRetentionPeriod=14 if good else 1,
        )
    checks = (
        "encrypted",
        "deletion_protected",
        "iam_authentication_on",
        "backed_up",
        "admin_name_custom",
    )
    found = verdicts(*(f"rds/cluster_{check}" for check in checks))
    for check in checks:
        assert found[f"rds/cluster_{check}", f"{BASE}:cluster:good"] is True, check
        assert found[f"rds/cluster_{check}", f"{BASE}:cluster:bad"] is False, check


def test_public_snapshots_are_found_and_automated_ones_are_not_asked(verdicts: Verdicts) -> None:
    rds = boto3.client("rds", region_name="us-east-1")
    instance("plain", StorageEncrypted=False)
    for name in ("open", "shared", "private"):
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="plain")
    for name, who in (("open", "all"), ("shared", "999999999999")):
        rds.modify_db_snapshot_attribute(
            DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=[who]
        )
    found = verdicts("rds/snapshot_*")
    check = "rds/snapshot_not_public"
    named = {r.rpartition(":")[2]: ok for (c, r), ok in found.items() if c == check}
    assert {n: named[n] for n in ("open", "shared", "private")} == {
        "open": False,
        "shared": True,
        "private": True,
    }
    assert found["rds/snapshot_encrypted", f"{BASE}:snapshot:open"] is False


def test_what_the_service_does_not_offer_is_unknown_and_never_met(verdicts: Verdicts) -> None:
    instance("good", **GOOD)
    found = verdicts("rds/instance_engine_supported", "rds/instance_maintenance_not_overdue")
    assert set(found.values()) == {None}


def test_a_route_to_the_internet_makes_the_place_public(verdicts: Verdicts) -> None:
    ec2 = boto3.client("ec2", region_name="us-east-1")
    rds = boto3.client("rds", region_name="us-east-1")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    for number, name in enumerate(("inside", "outside")):
        cidr = f"10.9.{number}.0/24"
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr)["Subnet"]["SubnetId"]
        if name == "outside":
            table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            ec2.create_route(
                RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
            )
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        rds.create_db_subnet_group(
            DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=[subnet]
        )
        instance(name, DBSubnetGroupName=name)
    found = verdicts("rds/instance_in_private_subnets")
    assert {r.rpartition(":")[2]: ok for (_, r), ok in found.items()} == {
        "inside": True,
        "outside": False,
    }
