"""What was used, from events good and bad; and that silence is never taken for proof."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharedline.errors import ConfigError
from sharedline.iam.actions import find, of_service, services
from sharedline.iam.fit.event_actions import (
    actions_of,
    data,
    observable,
    prefix_of,
    service,
    tracked,
    why_hidden,
)
from sharedline.iam.fit.last_accessed import read as read_accessed
from sharedline.iam.fit.trail_events import Reading, lake_files, read, read_lake
from sharedline.iam.fit.usage import MANY, Usage, gather, key_of, principal_of
from sharedline.inventory.lake import Lake
from tests.iam.estates import HOME
from tests.iam.events import NOW, background, event, refused, role_identity, said, user_identity

ROLE = f"arn:aws:iam::{HOME}:role/ci/release"
RELEASE = role_identity("release", path="/ci/")


def used(usage: Usage, arn: str = ROLE) -> set[tuple[str, str]]:
    return {(use.action, use.resource) for use in usage.of(arn).uses}


# The data.


def test_every_action_of_the_data_is_one_that_aws_has() -> None:
    for prefix, raw in data()["services"].items():
        assert prefix in services()
        names = [n for part in ("actions", "also") for v in raw.get(part, {}).values() for n in v]
        for name in [*names, *raw.get("versioned", {}).values()]:
            assert find(name if ":" in name else f"{prefix}:{name}") is not None, (prefix, name)
        assert raw["source"].startswith("https://docs.aws.amazon.com/")
    for prefix in [*filter(None, data()["sources"].values()), *data()["free"]]:
        assert prefix in services()
    for action in data()["unobservable"]:
        assert find(action) is not None


@pytest.mark.parametrize("prefix", sorted(data()["services"]))
def test_irregular_events_are_irregular(prefix: str) -> None:
    """An entry that says what the name says anyway would hide a correction of the name."""
    for name, actions in data()["services"][prefix].get("actions", {}).items():
        regular = find(f"{prefix}:{name}")
        assert regular is None or [regular.name] == actions, name


@pytest.mark.parametrize("prefix", sorted(data()["services"]))
def test_each_reviewed_service_shows_something(prefix: str) -> None:
    shown = [one.full for one in of_service(prefix).values() if observable(one.full)]
    assert shown


@pytest.mark.parametrize(
    "action",
    [
        *("iam:PassRole", "s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"),
        *("lambda:InvokeFunction", "dynamodb:GetItem", "dynamodb:Query", "sns:Publish"),
        *("sqs:SendMessage", "sqs:GetQueueAttributes", "logs:PutLogEvents", "kinesis:PutRecord"),
        *("cloudwatch:PutMetricData", "events:PutEvents", "sts:TagSession", "ecs:Poll"),
        *("execute-api:Invoke", "rds-db:connect", "elasticfilesystem:ClientMount"),
        *("kms:CreateGrant", "lambda:ListVersionsByFunction", "s3:GetInventoryConfiguration"),
        *("nonsense:Never", "ec2:Nothing"),
    ],
)
def test_what_a_trail_does_not_show_is_not_observable(action: str) -> None:
    assert not observable(action)
    assert why_hidden(action)


@pytest.mark.parametrize(
    "action",
    [
        *("ec2:RunInstances", "ec2:DescribeInstances", "iam:CreateUser", "ecs:UpdateService"),
        *("s3:CreateBucket", "s3:GetBucketAcl", "s3:ListAllMyBuckets", "s3:PutBucketPolicy"),
        *("lambda:UpdateFunctionCode", "kms:Decrypt", "secretsmanager:GetSecretValue"),
        *("cloudformation:CreateStack", "sqs:PurgeQueue", "dynamodb:CreateTable"),
    ],
)
def test_management_calls_are_observable(action: str) -> None:
    assert observable(action)


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("s3", "ListObjects", ["s3:ListBucket"]),
        ("s3", "ListBuckets", ["s3:ListAllMyBuckets"]),
        ("s3", "GetBucketLifecycle", ["s3:GetLifecycleConfiguration"]),
        ("s3", "HeadObject", ["s3:GetObject"]),
        ("s3", "DeleteBucketEncryption", ["s3:PutEncryptionConfiguration"]),
        ("lambda", "UpdateFunctionCode20150331v2", ["lambda:UpdateFunctionCode"]),
        ("lambda", "Invoke", ["lambda:InvokeFunction"]),
        ("monitoring", "PutMetricAlarm", ["cloudwatch:PutMetricAlarm"]),
        ("kms", "ReEncrypt", ["kms:ReEncryptFrom", "kms:ReEncryptTo"]),
        ("sqs", "SendMessageBatch", ["sqs:SendMessage"]),
        ("email", "SendEmail", ["ses:SendEmail"]),
        ("apigateway", "CreateRestApi", ["apigateway:POST"]),
        ("apigateway", "GetRestApis", ["apigateway:GET"]),
        ("sts", "GetCallerIdentity", []),
        ("signin", "ConsoleLogin", []),
        ("dynamodb", "ExecuteStatement", None),
        ("ec2", "PutBucketLogging", None),
        ("nowhere", "Anything", None),
    ],
)
def test_events_and_their_actions(source: str, name: str, expected: list[str] | None) -> None:
    found = actions_of(f"{source}.amazonaws.com", name)
    assert found == (None if expected is None else tuple(expected))


def test_hosts_that_are_none_have_no_prefix() -> None:
    for host in ("", "s3", "s3.amazonaws.com.evil.example", "x" * 5000, "../s3.amazonaws.com"):
        assert prefix_of(host) is None
    assert prefix_of("ec2.amazonaws.com.cn") == "ec2"


def test_a_version_of_an_object_has_actions_of_its_own() -> None:
    asked = {"bucketName": "b", "key": "k", "versionId": "7"}
    usage = gather([event(RELEASE, "s3.GetObject", requestParameters=asked)])
    assert used(usage) == {("s3:GetObjectVersion", "arn:aws:s3:::b/k")}


def test_services_that_were_not_reviewed_show_nothing() -> None:
    assert service("glue").source == ""
    assert not any(observable(one.full) for one in of_service("glue").values())


# Who.


@pytest.mark.parametrize(
    ("arn", "key"),
    [
        (ROLE, (HOME, "role", "release")),
        (f"arn:aws:sts::{HOME}:assumed-role/Release/session", (HOME, "role", "release")),
        (f"arn:aws:sts::{HOME}:assumed-role/release", (HOME, "role", "release")),
        (f"arn:aws:iam::{HOME}:user/team/ann", (HOME, "user", "ann")),
        (f"arn:aws:iam::{HOME}:root", None),
        ("arn:aws:s3:::b", None),
        ("", None),
    ],
)
def test_principals_whatever_their_path(arn: str, key: object) -> None:
    assert key_of(arn) == key


def test_services_and_root_are_nobody() -> None:
    identities: tuple[Any, ...] = (
        {"type": "AWSService", "invokedBy": "ecs.amazonaws.com"},
        {"type": "Root", "arn": f"arn:aws:iam::{HOME}:root"},
        {"type": "SAMLUser", "userName": "ann"},
        {"type": "AWSAccount", "accountId": HOME},
        None,
        "text",
        [],
    )
    for identity in identities:
        assert principal_of({"userIdentity": identity}) is None


# Gathering.


def test_uses_are_counted_with_resources_and_times() -> None:
    repository = f"arn:aws:ecr:eu-central-1:{HOME}:repository/shop"
    usage = gather(
        event(RELEASE, "ecr.PutImage", days=days, requestParameters={"repositoryName": "shop"})
        for days in (1, 3)
    )
    ((use, span),) = usage.of(ROLE).uses.items()
    assert (use.action, use.resource, use.mfa) == ("ecr:PutImage", repository, "false")
    assert (span.count, span.days) == (2, 2.0)
    assert usage.of(ROLE).resources("ecr:PutImage") == frozenset({repository})


def test_an_event_counts_once() -> None:
    one = event(RELEASE, "ecs.UpdateService")
    usage = gather([one, one])
    assert [span.count for span in usage.of(ROLE).uses.values()] == [1]
    assert usage.repeated == 1


def test_a_refused_call_is_no_use_and_a_failed_one_is() -> None:
    usage = gather(
        [
            refused(RELEASE, "ecs.DeleteCluster"),
            event(RELEASE, "ecs.UpdateService", errorCode="ServiceNotFoundException"),
            event(RELEASE, "ec2.RunInstances", errorCode="Client.DryRunOperation"),
        ]
    )
    assert {action for action, _ in used(usage)} == {"ecs:UpdateService", "ec2:RunInstances"}
    assert usage.of(ROLE).refused == 1


def test_a_call_refused_for_another_action_was_itself_allowed() -> None:
    message = said(RELEASE, "iam:PassRole", "arn:aws:iam::1:role/x", "because no identity-based")
    usage = gather([refused(RELEASE, "ecs.RegisterTaskDefinition", message)])
    assert {action for action, _ in used(usage)} == {"ecs:RegisterTaskDefinition"}


def test_events_before_the_window_do_not_count() -> None:
    usage = gather([event(RELEASE, "ecs.UpdateService", days=9)], since=NOW)
    assert used(usage) == set()


def test_an_unknown_event_is_kept_by_its_service() -> None:
    usage = gather([event(RELEASE, "ecs.FlyToTheMoon"), event(RELEASE, "new-service.DoIt")])
    assert set(usage.of(ROLE).unmapped) == {"ecs", ""}


def test_a_resource_is_named_only_where_it_is_certain() -> None:
    usage = gather(
        [
            event(RELEASE, "ecr.PutImage"),
            event(RELEASE, "lambda.GetFunction", requestParameters={"functionName": "a:b:c*"}),
            event(RELEASE, "s3.GetBucketAcl", requestParameters={"bucketName": ["x"]}),
            event(RELEASE, "ec2.RunInstances", resources=[{"ARN": "arn:aws:ec2:x:1:instance/i"}]),
        ]
    )
    assert {resource for _, resource in used(usage)} == {"*"}


def test_an_object_is_not_taken_for_its_bucket() -> None:
    listed = [{"ARN": "arn:aws:s3:::b/k"}, {"ARN": "arn:aws:s3:::b", "accountId": HOME}]
    usage = gather(
        [
            event(RELEASE, "s3.GetObject", resources=listed),
            event(RELEASE, "s3.GetBucketAcl", resources=listed),
        ]
    )
    assert used(usage) == {
        ("s3:GetObject", "arn:aws:s3:::b/k"),
        ("s3:GetBucketAcl", "arn:aws:s3:::b"),
    }


def test_very_many_resources_become_any() -> None:
    usage = gather(
        event(RELEASE, "ecr.PutImage", requestParameters={"repositoryName": f"r{n}"})
        for n in range(MANY + 20)
    )
    assert len(usage.of(ROLE).uses) == MANY + 1
    assert usage.of(ROLE).resources("ecr:PutImage") is None


# Silence.


def test_silence_counts_only_where_the_trail_would_have_spoken() -> None:
    full = gather(background())
    assert full.covers(ROLE)
    assert full.sees("ec2:RunInstances")
    assert full.sees("ec2:DescribeVpcs")
    assert full.sees("kms:Decrypt")
    assert not full.sees("iam:PassRole")
    assert not full.sees("s3:GetObject")
    assert not full.covers("arn:aws:iam::999900001111:role/other")


def test_a_trail_without_reads_says_nothing_of_reads() -> None:
    usage = gather([event(RELEASE, "ec2.StopInstances", awsRegion="us-east-1")])
    usage.every_region = True
    assert usage.sees("ec2:RunInstances")
    assert not usage.sees("ec2:DescribeVpcs")
    reads = gather([event(RELEASE, "ec2.DescribeVpcs", awsRegion="us-east-1")])
    assert not reads.sees("ec2:RunInstances")


def test_a_trail_without_keys_says_nothing_of_keys() -> None:
    usage = gather([event(RELEASE, "ec2.StopInstances"), event(RELEASE, "ec2.DescribeVpcs")])
    assert not usage.sees("kms:Decrypt")


def test_events_of_one_region_say_nothing_of_the_others() -> None:
    calls = ("ec2.StopInstances", "ec2.DescribeVpcs")
    one = gather([event(RELEASE, call) for call in calls])
    assert not one.sees("ec2:RunInstances")
    two = gather(
        [event(RELEASE, c, awsRegion=r) for c in calls for r in ("eu-west-1", "eu-west-2")]
    )
    assert two.sees("ec2:RunInstances")
    assert not two.sees("iam:CreateUser"), "IAM's events are in us-east-1"
    first = gather([event(RELEASE, call, awsRegion="us-east-1") for call in calls])
    assert not first.sees("ec2:RunInstances"), "LookupEvents of one Region, perhaps"
    assert not first.sees("iam:CreateUser"), "a trail may leave such services out"
    first.every_region = True
    assert first.sees("ec2:RunInstances")
    assert not first.sees("iam:CreateUser")
    assert gather(background()).sees("iam:CreateUser")


def test_data_events_do_not_make_a_trail_of_reads() -> None:
    data_event = event(RELEASE, "s3.GetObject", eventCategory="Data", managementEvent=False)
    usage = gather([data_event])
    assert not usage.reads
    assert not usage.sees("s3:GetObject")
    assert usage.data == {"s3"}


# Hostile events.

_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
_MEMBERS = tuple(event(RELEASE, "ecs.UpdateService"))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*_MEMBERS, "errorCode", "resources"]), _JUNK))
def test_no_event_stops_the_rest_or_makes_an_unused_of_a_use(junk: dict[str, Any]) -> None:
    good = event(RELEASE, "ecs.UpdateService")
    mangled = {**event(RELEASE, "ecs.UpdateService"), **junk}
    usage = gather([junk, mangled, good])
    assert "ecs:UpdateService" in usage.of(ROLE).actions


def test_texts_of_a_megabyte_do_no_harm() -> None:
    long = "x" * 1_000_000
    usage = gather(
        [
            event(RELEASE, "ecs.UpdateService") | {name: long}
            for name in ("eventName", "eventSource", "eventTime", "eventID", "errorMessage")
        ]
    )
    event_of = event(
        {**RELEASE, "arn": long}, "ecr.PutImage", requestParameters={"repositoryName": long}
    )
    usage = gather([event_of, *background()])
    assert used(usage) == {("ecr:PutImage", "*")}


# Files.


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def names(*paths: Path) -> tuple[list[str], Reading]:
    reading = Reading()
    return [str(one["eventName"]) for one in read(paths, reading)], reading


def test_every_shape_in_which_events_lie(tmp_path: Path) -> None:
    one = {"eventName": "A"}
    write(tmp_path / "1.json", {"Records": [one, one]})
    write(tmp_path / "2.json", [one])
    write(tmp_path / "3.json", json.dumps(one, indent=4))
    write(tmp_path / "4.jsonl", f"{json.dumps(one)}\n\n{json.dumps({'Records': [one]})}\n")
    write(tmp_path / "5.json", {"Events": [{"CloudTrailEvent": json.dumps(one)}]})
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "6.json.gz").write_bytes(gzip.compress(json.dumps([one]).encode()))
    write(tmp_path / "CloudTrail-Digest" / "7.json", {"digestEndTime": "x", "logFiles": []})
    write(tmp_path / "notes.txt", "no events")
    found, reading = names(tmp_path)
    assert found == ["A"] * 8
    assert (reading.files, reading.events, reading.problems) == (6, 8, [])


def test_what_cannot_be_read_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path / "1.jsonl", '{"eventName": "A"}\n{"eventName": \n{"eventName": "B"}\n')
    whole = gzip.compress(b'{"eventName": "C"}')
    (tmp_path / "2.json.gz").write_bytes(whole[:-9])
    (tmp_path / "3.json.gz").write_bytes(b"no gzip at all")
    (tmp_path / "4.json").write_bytes(b"\xff\xfe\x00")
    write(tmp_path / "5.json", "[" * 100_000)
    write(tmp_path / "6.json", {"Records": [1, None, {"x": 1}]})
    found, reading = names(tmp_path)
    assert found == ["A", "B"]
    assert {p.partition(".")[0].rpartition("/")[2] for p in reading.problems} == set("123456")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no file or folder"):
        names(tmp_path / "nothing")


def test_the_lake_s_trail_by_athena_s_names(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    assert lake_files(lake) == []
    folder = tmp_path / "trail" / "event" / "day=2026-11-19" / f"account={HOME}"
    folder.mkdir(parents=True)
    one = event(RELEASE, "ecr.PutImage", requestParameters={"repositoryName": "shop"})

    def lowered(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key.lower(): lowered(v) for key, v in value.items()}
        return value

    row = lowered(one) | {
        "requestparameters": json.dumps(one["requestParameters"]),
        "readonly": False,
        "managementevent": True,
        "eventtime": NOW,
        "other": "{}",
    }
    pq.write_table(pa.Table.from_pylist([row]), folder / "0.parquet")
    reading = Reading()
    usage = gather(read_lake(lake, reading))
    assert reading.events == 1
    assert used(usage) == {("ecr:PutImage", f"arn:aws:ecr:eu-central-1:{HOME}:repository/shop")}
    assert usage.writes


# Last-accessed data.


def row(service_name: str | None, last: object = None, **more: Any) -> dict[str, Any]:
    return {
        "role_arn": ROLE,
        "job_status": "COMPLETED",
        "service_namespace": service_name,
        "last_authenticated": last,
        "tracked_actions": "[]",
        **more,
    }


def test_a_service_that_was_never_used_is_unused_save_what_is_not_tracked() -> None:
    found = read_accessed([row("iam"), row("kms"), row("s3", NOW)], NOW)[ROLE]
    assert found is not None
    assert found.unused("iam:CreateUser", NOW)
    assert not found.unused("iam:PassRole", NOW)
    assert not found.unused("kms:Decrypt", NOW)
    assert not found.unused("s3:GetObject", NOW)
    assert not found.unused("ec2:RunInstances", NOW), "a service that is not listed says nothing"
    assert not tracked("iam:PassRole")


def test_actions_that_iam_tracks_one_by_one() -> None:
    actions = [
        {"ActionName": "s3:GetBucketAcl", "LastAccessedTime": NOW.isoformat()},
        {"ActionName": "CreateBucket"},
        {"ActionName": "DeleteBucket", "LastAccessedTime": "yesterday"},
        {"ActionName": 7},
        "junk",
    ]
    found = read_accessed([row("s3", NOW, tracked_actions=json.dumps(actions))], NOW)[ROLE]
    assert found is not None
    assert found.used("s3:GetBucketAcl", NOW)
    assert found.unused("s3:CreateBucket", NOW)
    assert not found.unused("s3:DeleteBucket", NOW)


def test_a_report_that_was_not_complete_says_nothing() -> None:
    rows = [row("s3"), row(None, job_status="IN_PROGRESS")]
    assert read_accessed(rows, NOW) == {ROLE: None}
    assert read_accessed([], NOW) == {}


def test_a_user_is_told_from_a_role_of_the_same_name() -> None:
    usage = gather([event(user_identity("release"), "ecs.UpdateService")])
    assert used(usage) == set()
    assert used(usage, f"arn:aws:iam::{HOME}:user/release") == {("ecs:UpdateService", "*")}


def test_one_principal_alone_says_the_same_of_itself() -> None:
    events = [event(RELEASE, "ecs.UpdateService"), *background()]
    every, one = gather(events), gather(events, only=key_of(ROLE))
    assert set(one.principals) == {key_of(ROLE)}
    assert one.of(ROLE).uses == every.of(ROLE).uses
    assert (one.span, one.reads, one.sources) == (every.span, every.reads, every.sources)
