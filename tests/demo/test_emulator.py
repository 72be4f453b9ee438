"""The emulator as boto3's real clients see it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sharedline.demo.emulator import Emulator, start
from sharedline.demo.rules import Deny, Throttle
from sharedline.errors import Error

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # the clock in conftest.py
ACCOUNT = "123456789012"

Client = Callable[..., Any]


def refusal(call: Callable[..., Any], **params: Any) -> tuple[str, int]:
    """Error code and HTTP status of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


# Fixtures: each protocol, and the operations that matter and that moto lacks.


def test_json_batch_answer_is_narrowed_to_what_was_asked(client: Client) -> None:
    ssm = client("ssm")
    states = ssm.describe_instance_patch_states(InstanceIds=["i-0a1b2c3d4e5f60002"])
    [state] = states["InstancePatchStates"]
    assert (state["InstanceId"], state["MissingCount"]) == ("i-0a1b2c3d4e5f60002", 7)
    assert state["OperationEndTime"] == NOW - timedelta(days=1)
    instances = ssm.describe_instance_information()["InstanceInformationList"]
    assert [i["IsLatestVersion"] for i in instances] == [True, False]


def test_json_text_inside_a_member(client: Client) -> None:
    [event] = client("cloudtrail", "eu-west-1").lookup_events()["Events"]
    assert event["EventTime"] == NOW - timedelta(days=12)
    assert event["CloudTrailEvent"] == (
        '{"eventName": "GetFindings", "eventTime": "2026-11-09T12:00:00Z", '
        f'"recipientAccountId": "{ACCOUNT}"}}'
    )


def test_rest_json_pages_and_account_and_region_in_the_text(client: Client) -> None:
    guardduty = client("guardduty", "eu-west-1")
    pages = guardduty.get_paginator("list_findings").paginate(DetectorId="d1")
    ids = [item for page in pages for item in page["FindingIds"]]
    assert ids == ["f1", "f2"]
    [finding] = guardduty.get_findings(DetectorId="d1", FindingIds=["f1"])["Findings"]
    assert finding["Arn"] == f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/d1/finding/f1"
    assert finding["Severity"] == 8.0
    assert finding["CreatedAt"] == "2026-09-22T12:00:00Z"


def test_query_answer_depends_on_parameters(client: Client) -> None:
    iam = client("iam")
    role = f"arn:aws:iam::{ACCOUNT}:role/app"
    job = iam.generate_service_last_accessed_details(Arn=role)["JobId"]
    details = iam.get_service_last_accessed_details(JobId=job)
    s3, unused = details["ServicesLastAccessed"]
    assert s3["LastAuthenticated"] == NOW - timedelta(days=200)
    assert "LastAuthenticated" not in unused
    assert refusal(iam.generate_service_last_accessed_details, Arn=role + "2") == (
        "NoSuchEntity",
        404,
    )


def test_ec2(client: Client) -> None:
    found = client("ec2").describe_trunk_interface_associations()["InterfaceAssociations"]
    tags = [{"Key": "<owner>", "Value": "a & b"}]
    assert found == [{"AssociationId": "trunk-assoc-1", "VlanId": 7, "Tags": tags}]


def test_rest_xml(client: Client) -> None:
    s3 = client("s3")
    assert s3.get_bucket_abac(Bucket="tagged")["AbacStatus"] == {"Status": "Enabled"}
    stored = s3.get_object(Bucket="tagged", Key="a/b.txt")
    assert stored["Body"].read() == b"line one\nline two\n"
    assert stored["LastModified"] == NOW - timedelta(days=3)
    assert stored["Metadata"] == {"team": "web"}
    configs = client("cloudfront").list_field_level_encryption_configs()
    assert configs["FieldLevelEncryptionList"] == {"MaxItems": 100, "Quantity": 0}
    block = client("s3control").get_public_access_block(AccountId=ACCOUNT)
    assert block["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
    assert block["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] is False


def test_cbor(client: Client) -> None:
    events = client("eventbridgev2")
    assert events.meta.service_model.resolved_protocol == "smithy-rpc-v2-cbor"
    [bus] = events.list_event_buses()["EventBuses"]
    assert (bus["Name"], bus["CreationTime"]) == ("café", NOW - timedelta(days=2))
    gone = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/gone"
    failed = refusal(events.describe_event_bus, EventBusArn=gone)
    assert failed == ("ResourceNotFoundException", 404)
    unknown = refusal(events.describe_event_bus, EventBusArn=gone + "2")
    assert unknown == ("UnknownOperationException", 400)


def test_json_service_that_was_query_before(client: Client) -> None:
    [task] = client("sqs").list_message_move_tasks(SourceArn="arn")["Results"]
    assert task["StartedTimestamp"] == 1_700_000_000_000
    [detector] = client("cloudwatch").describe_anomaly_detectors()["AnomalyDetectors"]
    assert detector["StateValue"] == "TRAINED"


def test_the_other_gaps_of_moto(client: Client) -> None:
    [analyzer] = client("accessanalyzer").list_analyzers()["analyzers"]
    assert analyzer["createdAt"] == NOW - timedelta(days=300)
    [report] = client("artifact").list_reports()["reports"]
    assert report["periodEnd"] == NOW - timedelta(days=35)
    account = client("account")
    contact = account.get_alternate_contact(AlternateContactType="SECURITY")
    assert contact["AlternateContact"]["EmailAddress"] == "security@example.com"
    no_billing = refusal(account.get_alternate_contact, AlternateContactType="BILLING")
    assert no_billing == ("ResourceNotFoundException", 404)
    statuses = {r["RegionName"]: r["RegionOptStatus"] for r in account.list_regions()["Regions"]}
    assert statuses == {"us-east-1": "ENABLED_BY_DEFAULT", "af-south-1": "DISABLED"}
    critical = {"severity": [{"comparison": "EQUALS", "value": "CRITICAL"}]}
    inspector = client("inspector2")
    [finding] = inspector.list_findings(filterCriteria=critical)["findings"]
    assert finding["inspectorScore"] == 9.8
    assert inspector.list_findings()["findings"] == []
    [finding] = client("securityhub").get_findings()["Findings"]
    assert finding["AwsAccountId"] == ACCOUNT


# Which account and Region a request is of.


def test_assumed_role_is_another_account(client: Client) -> None:
    role = "arn:aws:iam::222222222222:role/scan"
    granted = client("sts").assume_role(RoleArn=role, RoleSessionName="scan")["Credentials"]
    keys = {
        "aws_access_key_id": granted["AccessKeyId"],
        "aws_secret_access_key": granted["SecretAccessKey"],
        "aws_session_token": granted["SessionToken"],
    }
    assert client("sts", **keys).get_caller_identity()["Account"] == "222222222222"

    def detectors(region: str, **keys: str) -> Any:
        return client("guardduty", region, **keys).list_detectors()["DetectorIds"]

    assert detectors("us-east-1") == ["everybody-in-us-east-1"]
    assert detectors("eu-west-1") == []  # moto's own answer
    assert detectors("us-east-1", **keys) == ["two-anywhere"]
    assert detectors("eu-west-1", **keys) == ["two-anywhere"]
    client("s3").create_bucket(Bucket="first-account")
    assert client("s3", **keys).list_buckets()["Buckets"] == []


# What moto lacks.

UNKNOWN = [
    ("ec2", "describe_ipam_policies", {}),
    ("rds", "describe_certificates", {}),
    ("cloudfront", "list_field_level_encryption_profiles", {}),
    ("lambda", "list_code_signing_configs", {}),
    ("guardduty", "list_invitations", {}),
    ("lightsail", "get_instances", {}),
    ("outposts", "list_outposts", {}),
    ("cloudwatch", "list_managed_insight_rules", {"ResourceARN": "arn"}),
    ("s3", "list_bucket_analytics_configurations", {"Bucket": "plain"}),
    ("s3", "get_bucket_abac", {"Bucket": "plain"}),
    ("s3", "list_directory_buckets", {}),
]


@pytest.mark.parametrize(("service", "operation", "params"), UNKNOWN)
def test_unknown_operation_is_an_aws_error_at_once(
    client: Client, service: str, operation: str, params: dict[str, str]
) -> None:
    client("s3").create_bucket(Bucket="plain")
    caller = client(service)
    with pytest.raises(ClientError) as caught:
        getattr(caller, operation)(**params)
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
    answered = caught.value.response["ResponseMetadata"]
    assert (answered["HTTPStatusCode"], answered["RetryAttempts"]) == (400, 0)


def test_moto_answers_what_it_knows(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="mine")
    s3.put_object(Bucket="mine", Key="k", Body=b"\x00\xff" * 5000, Metadata={"a": "b"})
    assert s3.get_object(Bucket="mine", Key="k")["Body"].read() == b"\x00\xff" * 5000
    assert s3.head_object(Bucket="mine", Key="k")["ContentLength"] == 10_000
    assert s3.list_objects_v2(Bucket="mine")["KeyCount"] == 1
    assert refusal(s3.head_object, Bucket="mine", Key="none") == ("404", 404)
    assert refusal(s3.get_bucket_policy, Bucket="mine") == ("NoSuchBucketPolicy", 404)
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert client("apigatewayv2").get_apis()["Items"] == []
    assert client("s3control").list_access_points(AccountId=ACCOUNT)["AccessPointList"] == []


def test_few_public_images_and_no_snapshot_that_is_not_ours(client: Client) -> None:
    ec2 = client("ec2")
    images = ec2.describe_images(Owners=["amazon"])["Images"]
    assert len(images) == 4
    assert min(i["CreationDate"] for i in images).startswith("2024-09-12")
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    volume = ec2.create_volume(Size=1, AvailabilityZone="us-east-1a")["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    [mine] = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert mine["SnapshotId"] == snapshot


def test_managed_policies_are_the_chosen_ones(client: Client) -> None:
    iam = client("iam")
    names = {policy["PolicyName"] for policy in iam.list_policies(Scope="AWS")["Policies"]}
    assert {"AdministratorAccess", "SecurityAudit"} <= names
    assert len(names) < 30


def test_function_without_docker(client: Client) -> None:
    iam = client("iam")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = {"ImageUri": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/app:1"}
    functions = client("lambda")
    functions.create_function(FunctionName="f", Role=role, Code=code, PackageType="Image")
    [function] = functions.list_functions()["Functions"]
    assert function["PackageType"] == "Image"


# Refusals.


@pytest.mark.parametrize(
    ("call", "code", "status"),
    [
        (("s3", "get_bucket_policy", {"Bucket": "b-1"}), "AccessDenied", 403),
        (("s3control", "get_public_access_block", {"AccountId": ACCOUNT}), "AccessDenied", 403),
        (("iam", "get_account_summary", {}), "AccessDenied", 403),
        (("ec2", "get_ebs_encryption_by_default", {}), "UnauthorizedOperation", 403),
        (("lambda", "get_function", {"FunctionName": "f"}), "AccessDeniedException", 403),
        (("guardduty", "get_detector", {"DetectorId": "d"}), "AccessDeniedException", 403),
        (("kms", "get_key_policy", {"KeyId": "k"}), "AccessDeniedException", 400),
        (("sqs", "get_queue_url", {"QueueName": "q"}), "AccessDenied", 403),
        (("apigateway", "get_rest_apis", {}), "AccessDeniedException", 403),
        (
            ("eventbridgev2", "get_resource_policy", {"ResourceArn": "a"}),
            "AccessDeniedException",
            403,
        ),
    ],
)
def test_every_get_denied(
    running: Emulator, client: Client, call: tuple[str, str, dict[str, str]], code: str, status: int
) -> None:
    service, operation, params = call
    running.rules(deny=[Deny(operation="Get*")])
    assert refusal(getattr(client(service), operation), **params) == (code, status)


def test_denial_is_as_narrow_as_its_rule(emulator: Emulator, client: Client) -> None:
    emulator.rules(deny=[Deny("s3", "List*", account="2*"), Deny("sts"), Deny("ssm")])
    assert client("s3").list_buckets()["Buckets"] == []
    other = client("s3", aws_access_key_id="AKIAIOSFODNN7EXAMPLF")
    assert other.list_buckets()["Buckets"] == []
    # Nobody can be denied to ask who he is; a fixture does not help against a rule.
    assert client("sts").get_caller_identity()["Account"] == ACCOUNT
    assert refusal(client("ssm").describe_instance_information)[0] == "AccessDeniedException"
    emulator.rules()
    assert client("ssm").describe_instance_information()["InstanceInformationList"]


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_vpcs", "RequestLimitExceeded"),
        ("iam", "list_users", "Throttling"),
        ("s3", "list_buckets", "SlowDown"),
        ("lambda", "list_functions", "ThrottlingException"),
        ("kms", "list_keys", "ThrottlingException"),
    ],
)
def test_throttling_ends_after_its_times(
    emulator: Emulator, client: Client, service: str, operation: str, code: str
) -> None:
    emulator.rules(throttle=[Throttle(service, times=2)])
    call = getattr(client(service), operation)
    assert [refusal(call)[0], refusal(call)[0]] == [code, code]
    assert call()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_botocore_retries_throttling_by_itself(emulator: Emulator, connect: Client) -> None:
    emulator.rules(throttle=[Throttle("kms", "ListKeys", times=1)])
    kms = connect(emulator.url, "kms", attempts=3)
    assert kms.list_keys()["ResponseMetadata"]["RetryAttempts"] == 1


# The process.


def test_seed_gives_the_same_ids(emulator: Emulator, client: Client) -> None:
    def new_vpc() -> str:
        emulator.reset()
        emulator.seed(42)
        return str(client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])

    assert new_vpc() == new_vpc()


def test_bad_fixtures_leave_the_old_ones(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "wrong.yaml").write_text("[]")
    with pytest.raises(Error, match=r"wrong\.yaml"):
        emulator.fixtures(tmp_path)
    assert client("artifact").list_reports()["reports"]
    emulator.fixtures(None)
    assert refusal(client("artifact").list_reports)[0] == "UnknownOperationException"


def test_bad_fixtures_prevent_the_start(tmp_path: Path) -> None:
    file = tmp_path / "_all" / "_all" / "ssm.DescribeInstanceInformation.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("- output: {InstanceInformationLst: []}")
    with pytest.raises(Error, match="InstanceInformationList") as caught:
        start(tmp_path)
    assert str(file) in caught.value.message


def test_without_moto_the_advice_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "moto.py").write_text("raise ModuleNotFoundError('no moto')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    with pytest.raises(Error, match="needs moto") as caught:
        start()
    assert "sharedline[demo]" in caught.value.advice


def test_occupied_port(emulator: Emulator) -> None:
    with pytest.raises(Error, match="cannot listen"):
        start(port=int(emulator.url.rsplit(":", 1)[1]))


def gone(pid: int) -> bool:
    """Whether a process ends within ten seconds (a zombie has ended)."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_dies_with_a_parent_that_is_killed() -> None:
    code = (
        "import time; from sharedline.demo.emulator import start; e = start();"
        "print(e.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.send_signal(signal.SIGKILL)
    assert gone(pid)


def test_two_at_once_and_stop(connect: Client) -> None:
    with start(deny=[Deny("s3")]) as one, start() as two:
        assert one.url != two.url
        assert refusal(connect(one.url, "s3").list_buckets) == ("AccessDenied", 403)
        connect(two.url, "s3").list_buckets()
    assert one.process.poll() is not None
    one.stop()
