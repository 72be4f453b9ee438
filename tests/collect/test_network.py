"""The network tables, derived tables and checks, end to end against the local emulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from sharedline import Finding, scan
from sharedline.demo.emulator import Emulator, start
from sharedline.demo.rules import Deny

REGION = "us-east-1"
ACCOUNT = "123456789012"
SESSION: Any = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "secret"}
CHECKS = tuple(
    f"{area}/*"
    for area in ("ec2", "ebs", "vpc", "elb", "cloudfront", "apigateway", "wafv2", "autoscaling")
)
Answers = dict[tuple[str, str], bool | None]


@dataclass
class Estate:
    """The ids that the emulator gave, by the names used in this test."""

    url: str
    ids: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        session: Any = boto3.Session(region_name=REGION, **SESSION)
        return session.client(service, endpoint_url=self.url)

    def arn(self, kind: str, name: str) -> str:
        owner = "" if kind in ("snapshot", "image") else ACCOUNT
        return f"arn:aws:ec2:{REGION}:{owner}:{kind}/{self.ids[name]}"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with start(Path(__file__).parent / "network_estate", seed=7) as running:
        yield running


@pytest.fixture(scope="module")
def estate(emulator: Emulator) -> Estate:
    made = Estate(emulator.url)
    _networks(made)
    _groups(made)
    _machines(made)
    _disks(made)
    _edges(made)
    return made


def _networks(made: Estate) -> None:
    ec2, ids = made.client("ec2"), made.ids
    ids["vpc"] = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ids["quiet"] = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    for name, block in (("front", "10.0.1.0/24"), ("back", "10.0.2.0/24")):
        ids[name] = ec2.create_subnet(
            VpcId=ids["vpc"], CidrBlock=block, AvailabilityZone=f"{REGION}a"
        )["Subnet"]["SubnetId"]
    ids["other"] = ec2.create_subnet(
        VpcId=ids["vpc"], CidrBlock="10.0.3.0/24", AvailabilityZone=f"{REGION}b"
    )["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=ids["front"], MapPublicIpOnLaunch={"Value": True})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=ids["vpc"])
    table = ec2.create_route_table(VpcId=ids["vpc"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=ids["front"])
    made.client("s3").create_bucket(Bucket="logs")
    logs = {"ResourceType": "VPC", "LogDestinationType": "s3"}
    ec2.create_flow_logs(
        ResourceIds=[ids["vpc"]], TrafficType="REJECT", LogDestination="arn:aws:s3:::logs", **logs
    )
    ec2.create_vpc_endpoint(
        VpcId=ids["vpc"], ServiceName=f"com.amazonaws.{REGION}.ec2",
        VpcEndpointType="Interface", SubnetIds=[ids["back"]],
    )  # fmt: skip
    ids["acl"] = ec2.create_network_acl(VpcId=ids["quiet"])["NetworkAcl"]["NetworkAclId"]
    for number, action, ports in ((10, "deny", (22, 22)), (20, "allow", (0, 65535))):
        ec2.create_network_acl_entry(
            NetworkAclId=ids["acl"], RuleNumber=number, Protocol="6", RuleAction=action,
            Egress=False, CidrBlock="0.0.0.0/0", PortRange={"From": ports[0], "To": ports[1]},
        )  # fmt: skip


def _groups(made: Estate) -> None:
    ec2, ids = made.client("ec2"), made.ids
    prefix_list = ec2.create_managed_prefix_list(
        PrefixListName="all", MaxEntries=5, AddressFamily="IPv4",
        Entries=[{"Cidr": "0.0.0.0/1"}, {"Cidr": "128.0.0.0/1"}],
    )["PrefixList"]["PrefixListId"]  # fmt: skip
    every, every6 = [{"CidrIp": "0.0.0.0/0"}], [{"CidrIpv6": "::/0"}]

    def port(low: int, high: int = 0, **sources: Any) -> dict[str, Any]:
        return {"IpProtocol": "tcp", "FromPort": low, "ToPort": high or low, **sources}

    rules: dict[str, list[dict[str, Any]]] = {
        "ssh": [port(22, IpRanges=every)],
        "ssh6": [port(22, Ipv6Ranges=every6)],
        "listed": [port(3389, PrefixListIds=[{"PrefixListId": prefix_list}])],
        "everything": [{"IpProtocol": "-1", "IpRanges": every}],
        "web": [port(443, IpRanges=every), port(5432, IpRanges=[{"CidrIp": "10.0.0.0/8"}])],
        "split": [port(5400, 5500, IpRanges=[{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}])],
        "ping": [{"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": every}],
    }
    for name, permissions in rules.items():
        group = ec2.create_security_group(GroupName=name, Description=name, VpcId=ids["vpc"])
        ids[f"sg-{name}"] = group["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=permissions)
    ids["default"] = ec2.describe_security_groups(
        Filters=[
            {"Name": "vpc-id", "Values": [ids["vpc"]]},
            {"Name": "group-name", "Values": ["default"]},
        ]
    )["SecurityGroups"][0]["GroupId"]


def _machines(made: Estate) -> None:
    ec2, ids = made.client("ec2"), made.ids
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ids["image"] = image

    def run(name: str, subnet: str, group: str, **more: Any) -> None:
        ids[name] = ec2.run_instances(
            ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro",
            SubnetId=ids[subnet], SecurityGroupIds=[ids[group]], **more,
        )["Instances"][0]["InstanceId"]  # fmt: skip

    run("bastion", "front", "sg-ssh", UserData="#!/bin/sh\nexport DB_PASSWORD=correct-horse-42\n")
    run("server", "front", "sg-web", MetadataOptions={"HttpTokens": "required"})
    run("inner", "back", "sg-ssh")
    run("stopped", "back", "sg-web")
    ec2.stop_instances(InstanceIds=[ids["stopped"]])
    run("gone", "back", "sg-web")
    ec2.terminate_instances(InstanceIds=[ids["gone"]])
    for name, data in (
        ("strict", {"MetadataOptions": {"HttpTokens": "required"}}),
        ("loose", {
            "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True}],
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": False}}],
        }),
    ):  # fmt: skip
        made.ids[f"lt-{name}"] = ec2.create_launch_template(
            LaunchTemplateName=name, LaunchTemplateData=data
        )["LaunchTemplate"]["LaunchTemplateId"]


def _disks(made: Estate) -> None:
    ec2, ids = made.client("ec2"), made.ids
    for name, encrypted in (("plain", False), ("sealed", True)):
        volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1, Encrypted=encrypted)[
            "VolumeId"
        ]
        ids[f"vol-{name}"] = volume
        ids[f"snap-{name}"] = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.attach_volume(Device="/dev/sdf", InstanceId=ids["server"], VolumeId=ids["vol-sealed"])
    ec2.modify_snapshot_attribute(
        SnapshotId=ids["snap-plain"], Attribute="createVolumePermission", OperationType="add",
        GroupNames=["all"],
    )  # fmt: skip
    ec2.enable_ebs_encryption_by_default()


def _edges(made: Estate) -> None:
    _balancers(made)
    _apis(made)
    _distributions(made)
    _scaling(made)


def _balancers(made: Estate) -> None:
    elbv2, elb, waf, ids = (*(made.client(s) for s in ("elbv2", "elb", "wafv2")), made.ids)
    subnets = [ids["front"], ids["other"]]

    def balancer(name: str, kind: str) -> str:
        found = elbv2.create_load_balancer(Name=name, Subnets=subnets, Type=kind)
        return str(found["LoadBalancers"][0]["LoadBalancerArn"])

    redirect = {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
    }
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    certificate = made.client("acm").request_certificate(DomainName="example.com")
    ids["alb-good"], ids["alb-bad"] = (balancer(name, "application") for name in ("good", "bad"))
    ids["nlb"] = balancer("net", "network")
    elbv2.create_listener(
        LoadBalancerArn=ids["alb-good"], Protocol="HTTP", Port=80, DefaultActions=[redirect]
    )
    ids["https"] = elbv2.create_listener(
        LoadBalancerArn=ids["alb-good"], Protocol="HTTPS", Port=443, DefaultActions=[answer],
        Certificates=[{"CertificateArn": certificate["CertificateArn"]}],
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    )["Listeners"][0]["ListenerArn"]  # fmt: skip
    ids["http"] = elbv2.create_listener(
        LoadBalancerArn=ids["alb-bad"], Protocol="HTTP", Port=80, DefaultActions=[answer]
    )["Listeners"][0]["ListenerArn"]
    elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=ids["alb-good"],
        Attributes=[
            {"Key": "deletion_protection.enabled", "Value": "true"},
            {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
        ],
    )
    seen = {
        "SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m",
    }  # fmt: skip
    geo = {"GeoMatchStatement": {"CountryCodes": ["AQ"]}}
    rule = {"Name": "r", "Priority": 1, "Statement": geo, "VisibilityConfig": seen}
    for name, rules in (
        ("blocking", [{**rule, "Action": {"Block": {}}}]),
        ("counting", [{**rule, "Action": {"Count": {}}}]),
        ("empty", []),
    ):
        ids[f"acl-{name}"] = waf.create_web_acl(
            Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=rules,
            VisibilityConfig=seen,
        )["Summary"]["ARN"]  # fmt: skip
    waf.associate_web_acl(WebACLArn=ids["acl-blocking"], ResourceArn=ids["alb-good"])
    waf.put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": ids["acl-blocking"],
            "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-x"],
        }
    )
    elb.create_load_balancer(
        LoadBalancerName="old", Subnets=[ids["front"]],
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}],
    )  # fmt: skip


def _apis(made: Estate) -> None:
    rest, v2, ids = made.client("apigateway"), made.client("apigatewayv2"), made.ids
    api = rest.create_rest_api(name="shop")["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    call = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    rest.put_method(authorizationType="NONE", **call)
    rest.put_integration(type="MOCK", **call)
    deployment = rest.create_deployment(restApiId=api)["id"]
    for stage in ("prod", "test"):
        rest.create_stage(restApiId=api, stageName=stage, deploymentId=deployment)
    rest.update_stage(
        restApiId=api, stageName="prod",
        patchOperations=[
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"},
            {"op": "replace", "path": "/tracingEnabled", "value": "true"},
        ],
    )  # fmt: skip
    ids["rest"] = api
    ids["http-api"] = v2.create_api(Name="h", ProtocolType="HTTP")["ApiId"]
    ids["open-route"] = v2.create_route(ApiId=ids["http-api"], RouteKey="GET /open")["RouteId"]
    ids["iam-route"] = v2.create_route(
        ApiId=ids["http-api"], RouteKey="GET /iam", AuthorizationType="AWS_IAM"
    )["RouteId"]
    v2.create_stage(ApiId=ids["http-api"], StageName="prod")


def _distributions(made: Estate) -> None:
    cloudfront = made.client("cloudfront")

    def distribution(name: str, policy: str, **more: Any) -> None:
        origin = {
            "Id": "o", "DomainName": "site.s3.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }  # fmt: skip
        config = {
            "CallerReference": name, "Comment": name, "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "o", "ViewerProtocolPolicy": policy, "MinTTL": 0,
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                "TrustedSigners": {"Enabled": False, "Quantity": 0},
            },
            **more,
        }  # fmt: skip
        found = cloudfront.create_distribution(DistributionConfig=config)
        made.ids[f"cf-{name}"] = found["Distribution"]["ARN"]

    logging = {"Enabled": True, "IncludeCookies": False, "Bucket": "l.s3.amazonaws.com",
               "Prefix": ""}  # fmt: skip
    distribution("good", "redirect-to-https", DefaultRootObject="index.html", Logging=logging)
    distribution("bad", "allow-all")


def _scaling(made: Estate) -> None:
    scaling, ids = made.client("autoscaling"), made.ids
    scaling.create_launch_configuration(
        LaunchConfigurationName="lc", ImageId=ids["image"], InstanceType="t3.micro",
        AssociatePublicIpAddress=True, UserData="token=ghp_" + "a" * 36,
    )  # fmt: skip
    size = {"MinSize": 0, "MaxSize": 1}
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="old", LaunchConfigurationName="lc",
        VPCZoneIdentifier=ids["front"], **size,
    )  # fmt: skip
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="new", LaunchTemplate={"LaunchTemplateId": ids["lt-strict"]},
        VPCZoneIdentifier=f"{ids['front']},{ids['other']}", **size,
    )  # fmt: skip


SG, INSTANCE, VPC, TEMPLATE = "security-group", "instance", "vpc", "launch-template"
EXPECTED: dict[str, dict[str, bool]] = yaml.safe_load(
    (Path(__file__).parent / "network_expected.yaml").read_text("utf-8")
)


def _scan(emulator: Emulator, lake: Path, checks: tuple[str, ...] = CHECKS) -> list[Finding]:
    session = boto3.Session(region_name=REGION, **SESSION)
    done = scan(
        session=session, regions=(REGION,), checks=checks, lake=lake, processes=0,
        endpoint_url=emulator.url,
    )  # fmt: skip
    return list(done.findings())


@pytest.fixture(scope="module")
def answers(
    emulator: Emulator, estate: Estate, tmp_path_factory: pytest.TempPathFactory
) -> Answers:
    findings = _scan(emulator, tmp_path_factory.mktemp("lake"))
    found = {(f.check, f.resource): f.ok for f in findings}
    assert len(found) == len(findings), "a resource is judged twice"
    return found


@pytest.mark.parametrize("check", EXPECTED)
def test_verdicts(check: str, answers: Answers, estate: Estate) -> None:
    for named, expected in EXPECTED[check].items():
        kind, _, name = named.rpartition("/")
        resource = estate.arn(kind, name) if kind else estate.ids[name]
        assert answers[(check, resource)] is expected, name


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("ebs/default_encryption_on", True),
        ("ebs/snapshot_public_sharing_blocked", False),
        ("ec2/image_public_sharing_blocked", True),
        ("ec2/metadata_defaults_require_imdsv2", True),
    ],
)
def test_settings_of_the_region(check: str, expected: bool, answers: Answers) -> None:
    region = f"arn:aws:account:{REGION}:{ACCOUNT}:region/{REGION}"
    assert answers[(check, region)] is expected


def test_stages_and_routes_are_named_by_their_own_arn(answers: Answers, estate: Estate) -> None:
    root, ids = f"arn:aws:apigateway:{REGION}::", estate.ids
    stage = f"{root}/restapis/{ids['rest']}/stages"
    assert answers[("apigateway/stage_execution_logs_on", f"{stage}/prod")] is True
    assert answers[("apigateway/stage_execution_logs_on", f"{stage}/test")] is False
    assert answers[("apigateway/stage_traced", f"{stage}/prod")] is True
    routes = f"{root}/apis/{ids['http-api']}/routes"
    assert answers[("apigateway/route_authorized", f"{routes}/{ids['iam-route']}")] is True
    assert answers[("apigateway/route_authorized", f"{routes}/{ids['open-route']}")] is False


def test_scaling(answers: Answers) -> None:
    found = {
        (check, resource.rpartition("/")[2]): ok
        for (check, resource), ok in answers.items()
        if check.startswith("autoscaling/")
    }
    assert found[("autoscaling/group_uses_launch_template", "new")] is True
    assert found[("autoscaling/group_uses_launch_template", "old")] is False
    assert found[("autoscaling/group_spans_zones", "old")] is False
    assert found[("autoscaling/launch_configuration_no_public_ip", "lc")] is False
    assert found[("autoscaling/launch_configuration_imdsv2_required", "lc")] is False
    assert found[("autoscaling/launch_configuration_no_secrets", "lc")] is False


def test_a_terminated_instance_is_nobodys_duty(answers: Answers, estate: Estate) -> None:
    gone = estate.arn(INSTANCE, "gone")
    assert not [check for check, resource in answers if resource == gone]


@pytest.mark.parametrize(
    "case",
    [
        ("DescribeSecurityGroupRules", "vpc/security_group_*closed*", (SG, "sg-web")),
        ("DescribeSecurityGroupRules", "ec2/instance_not_exposed", (INSTANCE, "bastion")),
        ("DescribeRouteTables", "ec2/instance_not_exposed", (INSTANCE, "bastion")),
        ("DescribeNetworkAcls", "ec2/instance_not_exposed", (INSTANCE, "bastion")),
        ("DescribeFlowLogs", "vpc/flow_logs_on", (VPC, "vpc")),
        ("DescribeVpcEndpoints", "vpc/ec2_endpoint_present", (VPC, "vpc")),
        ("DescribeInstanceAttribute", "ec2/instance_user_data_no_secrets", (INSTANCE, "server")),
        ("DescribeSnapshotAttribute", "ebs/snapshot_not_public", ("snapshot", "snap-sealed")),
        ("DescribeNetworkInterfaces", "vpc/security_group_in_use", (SG, "sg-ssh")),
        ("DescribeLaunchTemplateVersions", "ec2/launch_template_*", (TEMPLATE, "lt-strict")),
    ],
    ids=lambda case: f"{case[0]} {case[1]}",
)
def test_what_is_denied_is_unknown(
    case: tuple[str, str, tuple[str, str]], emulator: Emulator, estate: Estate, tmp_path: Path
) -> None:
    operation, checks, resource = case
    emulator.rules(deny=[Deny("ec2", operation)])
    try:
        findings = _scan(emulator, tmp_path, (checks,))
    finally:
        emulator.rules()
    arn = estate.arn(*resource)
    mine = [f for f in findings if f.resource == arn]
    assert mine, "the resource must not vanish"
    assert {f.ok for f in mine} == {None}
    assert all(operation in f"{f.denied_call} {f.reason}" for f in mine)


def test_an_unreadable_prefix_list_hides_only_its_own_rules(
    emulator: Emulator, estate: Estate, tmp_path: Path
) -> None:
    emulator.rules(deny=[Deny("ec2", "GetManagedPrefixListEntries")])
    try:
        findings = _scan(emulator, tmp_path, ("vpc/security_group_admin_ports_closed_ipv4",))
    finally:
        emulator.rules()
    found = {f.resource: (f.ok, f.reason) for f in findings}
    assert found[estate.arn(SG, "sg-ssh")][0] is False
    assert found[estate.arn(SG, "sg-web")][0] is True
    ok, reason = found[estate.arn(SG, "sg-listed")]
    assert ok is None
    assert "prefix list" in reason


def test_secrets_are_named_and_never_kept(
    emulator: Emulator, estate: Estate, tmp_path: Path
) -> None:
    checks = ("ec2/*_no_secrets", "autoscaling/*_no_secrets")
    assert any(f.ok is False for f in _scan(emulator, tmp_path, checks))
    for file in (p for p in tmp_path.rglob("*") if p.is_file()):
        content = file.read_bytes()
        assert b"correct-horse-42" not in content, file
        assert b"ghp_aaaa" not in content, file
