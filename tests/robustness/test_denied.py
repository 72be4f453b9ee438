"""The property that matters most: what may not be read is unknown, never met and never unmet.

Every call that a scan of the estate makes is denied, one (or a few of different services) at a
time. Answers may only become unknown, and no finding may leave without an unknown in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sharedline import scan
from sharedline.assess import needed
from sharedline.checks.load import load
from sharedline.collect.catalogue import catalogue
from sharedline.collect.clients import Caller, CallError, Failure
from sharedline.collect.run import closure
from sharedline.collect.schema import describe
from sharedline.collect.tables import iam_credentials
from sharedline.project import Project

from .conftest import OPEN, REGION, build

#: Operations of different services denied together; alone each costs a scan of its own.
GROUPS = 18
#: What a scan cannot begin without; refusing them is told before anything is read.
FIRST = {"sts:GetCallerIdentity", "ec2:DescribeRegions"}
AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
#: Faults of checks known on 2026-11-21, told to their authors; each entry is to go.
KNOWN: frozenset[tuple[str, str]] = frozenset()
Row = Mapping[str, Any]


def _more() -> None:
    """Neglected resources of further services, and some in good order."""
    build()
    where: dict[str, Any] = {"region_name": REGION}
    ec2 = boto3.client("ec2", **where)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    net = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    gate = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gate)
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    ec2.create_route(RouteTableId=table["RouteTables"][0]["RouteTableId"], GatewayId=gate,
                     DestinationCidrBlock="0.0.0.0/0")
    group = ec2.create_security_group(GroupName="open", Description="open", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22,
                                         CidrIp="0.0.0.0/0")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, NetworkInterfaces=[
        {"DeviceIndex": 0, "SubnetId": net, "Groups": [group], "AssociatePublicIpAddress": True}])
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")["VolumeId"]
    ec2.create_snapshot(VolumeId=volume)
    iam = boto3.client("iam", **where)
    iam.create_user(UserName="ann")
    iam.create_access_key(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="Correct-Horse-9")
    iam.put_user_policy(UserName="ann", PolicyName="all", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    iam.update_account_password_policy(MinimumPasswordLength=8)
    key = boto3.client("kms", **where).create_key(Policy=json.dumps(OPEN))["KeyMetadata"]["KeyId"]
    secret = boto3.client("secretsmanager", **where)
    arn = secret.create_secret(Name="open", SecretString="x", KmsKeyId=key)["ARN"]
    secret.put_resource_policy(SecretId=arn, ResourcePolicy=json.dumps(OPEN))
    efs = boto3.client("efs", **where)
    efs.create_file_system(CreationToken="a", Encrypted=False)
    boto3.client("dynamodb", **where).create_table(
        TableName="open", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    boto3.client("rds", **where).create_db_instance(
        DBInstanceIdentifier="open", Engine="mysql", DBInstanceClass="db.t3.micro",
        MasterUsername="root", MasterUserPassword="Correct-Horse", AllocatedStorage=10,
        PubliclyAccessible=True)
    trail = boto3.client("cloudtrail", **where)
    trail.create_trail(Name="all", S3BucketName="ledger", IsMultiRegionTrail=True)
    trail.start_logging(Name="all")
    boto3.client("logs", **where).create_log_group(logGroupName="app")
    boto3.client("ecr", **where).create_repository(repositoryName="app")
    boto3.client("guardduty", **where).create_detector(Enable=True)
    boto3.client("elbv2", **where).create_load_balancer(Name="web", Subnets=[
        net, ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24",
                               AvailabilityZone=f"{REGION}b")["Subnet"]["SubnetId"]])
    boto3.client("events", **where).put_rule(Name="r", EventPattern=json.dumps(
        {"source": ["aws.guardduty"]}))


@dataclass
class Played:
    """The estate's answers, recorded once; `denied` calls are refused."""

    answers: dict[tuple[str, ...], Any] = field(default_factory=dict)
    denied: frozenset[str] = frozenset()
    real: Any = None

    def call(self, caller: Caller, *asked: Any) -> Any:
        account, region, service, operation, params = asked
        if f"{service}:{operation}" in self.denied:
            raise CallError(Failure(f"{service}:{operation}", "AccessDenied", "no"))
        if operation == "GenerateCredentialReport":  # it is only ready when asked again
            return self.real(caller, *asked)
        key = (account, region, service, operation, json.dumps(params, sort_keys=True, default=str))
        if key not in self.answers:
            try:
                self.answers[key] = self.real(caller, *asked)
            except CallError as error:
                self.answers[key] = error
        found = self.answers[key]
        if isinstance(found, CallError):
            raise CallError(found.failure)
        return found


def _checks_by_call() -> dict[str, set[str]]:
    tables, found = catalogue(), {}  # type: ignore[var-annotated]
    project = Project(Path("/nowhere"))
    for check_id, check in load().items():
        _, columns = needed({check_id: check}, project)
        for table in closure(columns, tables):
            for call in describe(tables[table], tables).operations:
                found.setdefault(call, set()).add(check_id)
    return found


def _read(folder: Path, checks: tuple[str, ...] = ()) -> dict[tuple[str, str], Row]:
    done = scan(boto3.Session(region_name=REGION), regions=(REGION,), checks=checks, lake=folder,
                processes=0, rate=1000.0, as_of=AS_OF)
    return {(r["check_id"], r["resource"]): r for r in done.results.rows()}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Played, dict[Any, Row]]]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        _more()
        played = Played(real=Caller.call)
        clients: dict[tuple[str, str], Any] = {}
        session = boto3.Session()

        def client(caller: Caller, account: str, region: str, service: str) -> Any:
            """One for all scans: making them costs more than the scans."""
            if (service, region) not in clients:
                clients[service, region] = session.client(service, region_name=region)
            return clients[service, region]

        patch.setattr(iam_credentials, "PAUSES", (0.0, 0.0, 0.0))
        patch.setattr(Caller, "client", client)
        patch.setattr(Caller, "call", lambda *asked: played.call(*asked))
        yield played, _read(tmp_path_factory.mktemp("whole"))


def wrong(before: Mapping[Any, Row], after: Mapping[Any, Row]) -> list[str]:
    """What the denial turned, invented or lost."""
    found = []
    unknown = {(k[0], r["account_id"], r["region"]) for k, r in after.items() if r["ok"] is None}
    for key, row in before.items():
        now = after.get(key)
        if now is None:
            # A table of the whole organisation is unknown without an account.
            places = {(key[0], a, r) for a in (row["account_id"], "") for r in (row["region"],
                                                                                "global")}
            if not places & unknown:
                found.append(f"{key} was {row['status']} and is lost")
        elif now["ok"] is not None and now["ok"] is not row["ok"]:
            found.append(f"{key} was {row['status']} and is {now['status']}: {now['reason']}")
    for key, row in after.items():
        if key not in before and row["ok"] is not None:
            found.append(f"{key} appeared as {row['status']}: {row['reason']}")
    return [text for text in found if not any(a in text and b in text for a, b in KNOWN)]


def test_the_estate_has_good_and_bad(estate: tuple[Played, dict[Any, Row]]) -> None:
    played, whole = estate
    statuses = [r["status"] for r in whole.values()]
    assert statuses.count("met") > 60
    assert statuses.count("unmet") > 60
    assert len({(k[2], k[3]) for k in played.answers}) > 100


@pytest.mark.parametrize("number", range(GROUPS))
def test_a_denied_call_turns_no_answer(
    estate: tuple[Played, dict[Any, Row]], tmp_path: Path, number: int
) -> None:
    played, whole = estate
    calls = sorted({f"{k[2]}:{k[3]}" for k, answer in played.answers.items()
                    if not isinstance(answer, CallError)} - FIRST)
    # Neighbours in the alphabet are of one service, so each group takes every GROUPS-th.
    denied = frozenset(calls[number::GROUPS])
    by_call = _checks_by_call()
    checks = tuple(sorted({c for call in denied for c in by_call.get(call, ())}))
    played.denied = denied
    try:
        after = _read(tmp_path, checks)
    finally:
        played.denied = frozenset()
    before = {k: r for k, r in whole.items() if k[0] in checks}
    assert wrong(before, after) == []
    hidden = {k for k, r in after.items() if r["ok"] is None and before.get(k, r)["ok"] is not None}
    assert hidden or set(before) - set(after)


def test_every_call_denied_leaves_nothing_met_of_what_is_read(
    estate: tuple[Played, dict[Any, Row]], tmp_path: Path
) -> None:
    played, whole = estate
    played.denied = frozenset({f"{k[2]}:{k[3]}" for k in played.answers} - FIRST)
    try:
        after = _read(tmp_path)
    finally:
        played.denied = frozenset()
    assert wrong(whole, after) == []
    statuses = [r["status"] for r in after.values()]
    assert "met" not in statuses
    # What people have not attested is known without AWS.
    assert {k[0] for k, r in after.items() if r["ok"] is False} <= {
        c for c, check in load().items() if "attestation" in check.sql
    }
    assert statuses.count("unknown") > 200
