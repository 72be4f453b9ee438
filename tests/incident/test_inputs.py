"""What the user hands in: findings of three kinds, events, detections, names; and what is none."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.incident.made import ACCOUNT, ATTACKER, OFFICE, event, user

from sharedline.errors import Error
from sharedline.incident import inputs
from sharedline.incident.inputs import Input, parse
from sharedline.incident.inputs_findings import instance_of
from sharedline.incident.techniques import of_event, table

KEY = "ASIAEXAMPLE000000001"
GUARDDUTY: dict[str, Any] = {
    "SchemaVersion": "2.0",
    "AccountId": ACCOUNT,
    "Region": "eu-central-1",
    "Partition": "aws",
    "Id": "0123abcd",
    "Arn": f"arn:aws:guardduty:eu-central-1:{ACCOUNT}:detector/d/finding/0123abcd",
    "Type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
    "Resource": {
        "ResourceType": "AccessKey",
        "AccessKeyDetails": {
            "AccessKeyId": KEY,
            "PrincipalId": "AROAEXAMPLE:i-0123456789abcdef0",
            "UserType": "AssumedRole",
            "UserName": "web",
        },
        "InstanceDetails": {
            "InstanceId": "i-0123456789abcdef0",
            "NetworkInterfaces": [{"PublicIp": "3.91.5.6", "PrivateIpAddress": "10.0.0.4"}],
        },
        "S3BucketDetails": [{"Arn": "arn:aws:s3:::claims", "Name": "claims"}],
    },
    "Service": {
        "ServiceName": "guardduty",
        "Action": {
            "ActionType": "AWS_API_CALL",
            "AwsApiCallAction": {
                "Api": "ListBuckets",
                "ServiceName": "s3.amazonaws.com",
                "RemoteIpDetails": {"IpAddressV4": ATTACKER, "Country": {"CountryName": "x"}},
            },
        },
        "EventFirstSeen": "2026-11-10T09:05:00.000Z",
        "EventLastSeen": "2026-11-10T09:30:00.000Z",
    },
    "Severity": 8,
    "CreatedAt": "2026-11-10T09:40:00.000Z",
    "UpdatedAt": "2026-11-10T09:40:00.000Z",
    "Title": "Credentials of an instance were used from outside",
}
ASFF: dict[str, Any] = {
    "SchemaVersion": "2018-10-08",
    "Id": "arn:aws:guardduty:eu-central-1:1:detector/d/finding/0123abcd",
    "ProductArn": "arn:aws:securityhub:eu-central-1::product/aws/guardduty",
    "GeneratorId": "g",
    "AwsAccountId": ACCOUNT,
    "Region": "eu-central-1",
    "Types": ["TTPs/UnauthorizedAccess:IAMUser-InstanceCredentialExfiltration.OutsideAWS"],
    "FirstObservedAt": "2026-11-10T09:05:00.000Z",
    "LastObservedAt": "2026-11-10T09:30:00.000Z",
    "CreatedAt": "2026-11-10T09:40:00.000Z",
    "Severity": {"Label": "HIGH", "Product": 8},
    "Title": "Credentials of an instance were used from outside",
    "ProductFields": {
        "aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/ipAddressV4": ATTACKER
    },
    "Resources": [
        {
            "Type": "AwsIamAccessKey",
            "Id": f"AWS::IAM::AccessKey:{KEY}",
            "Partition": "aws",
            "Details": {
                "AwsIamAccessKey": {
                    "PrincipalId": "AROAEXAMPLE:i-0123456789abcdef0",
                    "PrincipalType": "AssumedRole",
                    "PrincipalName": "web",
                }
            },
        },
        {"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::claims"},
    ],
}
OCSF: dict[str, Any] = {
    "class_uid": 2004,
    "class_name": "Detection Finding",
    "severity": "High",
    "time": 1762765200000,
    "cloud": {"account": {"uid": ACCOUNT}, "region": "eu-central-1", "provider": "AWS"},
    "finding_info": {
        "uid": "0123abcd",
        "title": "Credentials of an instance were used from outside",
        "types": ["UnauthorizedAccess"],
        "first_seen_time_dt": "2026-11-10T09:05:00Z",
        "last_seen_time_dt": "2026-11-10T09:30:00Z",
        "attacks": [{"technique": {"uid": "T1078.004", "name": "Cloud Accounts"}}],
    },
    "evidences": [
        {
            "actor": {"user": {"uid": "AROAEXAMPLE:i-0", "credential_uid": KEY, "name": "web"}},
            "src_endpoint": {"ip": ATTACKER},
            "api": {"operation": "ListBuckets"},
        }
    ],
    "resources": [{"uid": "arn:aws:s3:::claims", "type": "AwsS3Bucket"}],
}
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-0123456789abcdef0"


def given(value: Any) -> Input:
    return parse(json.dumps(value).encode(), "given.json")


def camel(value: Any) -> Any:
    """As EventBridge spells what GetFindings spells with capitals."""
    if isinstance(value, dict):
        return {k[0].lower() + k[1:]: camel(v) for k, v in value.items()}
    return [camel(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "document",
    [
        GUARDDUTY,
        camel(GUARDDUTY),
        {"Findings": [GUARDDUTY]},
        {"version": "0", "detail-type": "GuardDuty Finding", "detail": camel(GUARDDUTY)},
        [{"version": "0", "detail-type": "GuardDuty Finding", "detail": camel(GUARDDUTY)}],
    ],
    ids=["api", "camel", "list", "eventbridge", "several"],
)
def test_guardduty_in_each_of_its_forms(document: Any) -> None:
    found = given(document)
    [subject] = found.subjects
    assert found.events is None
    assert (subject.kind, subject.id, subject.severity) == ("guardduty", "0123abcd", "high")
    assert (subject.account, subject.region) == (ACCOUNT, "eu-central-1")
    assert subject.type == GUARDDUTY["Type"]
    assert (subject.keys, subject.principals) == ((KEY,), (ROLE,))
    assert subject.addresses == (ATTACKER,)  # never the instance's own
    assert subject.resources == ("i-0123456789abcdef0", "arn:aws:s3:::claims")
    assert subject.time == datetime(2026, 11, 10, 9, 5, tzinfo=UTC)
    assert subject.last == datetime(2026, 11, 10, 9, 30, tzinfo=UTC)
    assert subject.document == (document if document is GUARDDUTY else subject.document)


def test_guardduty_callers_by_type() -> None:
    def principal(**access: str) -> tuple[str, ...]:
        finding = {**GUARDDUTY, "Resource": {"AccessKeyDetails": access}}
        return given(finding).subjects[0].principals

    assert principal(UserType="IAMUser", UserName="ada") == (f"arn:aws:iam::{ACCOUNT}:user/ada",)
    assert principal(UserType="Root", UserName="Root") == (f"arn:aws:iam::{ACCOUNT}:root",)
    assert principal(UserType="Role", UserName="r") == (f"arn:aws:iam::{ACCOUNT}:role/r",)
    assert principal(UserType="AWSAccount", UserName="x") == ()


def test_guardduty_attack_sequence() -> None:
    sequence = {
        "actors": [{"id": "a", "user": {"name": "ada", "credentialUid": "AKIAEXAMPLE000000001"}}],
        "endpoints": [{"id": "e", "ip": ATTACKER}],
        "resources": [{"uid": "arn:aws:s3:::claims", "resourceType": "S3_BUCKET"}],
        "signals": [{"signalIndicators": [{"key": "ATTACK_TECHNIQUE", "values": ["T1530"]}]}],
    }
    finding = camel(GUARDDUTY)
    finding |= {
        "type": "AttackSequence:IAM/CompromisedCredentials",
        "severity": 9.1,
        "resource": {},
    }
    finding["service"] = {**finding["service"], "action": {}, "detection": {"sequence": sequence}}
    [subject] = given(finding).subjects
    assert subject.severity == "critical"
    assert (subject.keys, subject.addresses) == (("AKIAEXAMPLE000000001",), (ATTACKER,))
    assert (subject.resources, subject.techniques) == (("arn:aws:s3:::claims",), ("T1530",))


@pytest.mark.parametrize(
    "document",
    [
        ASFF,
        {"Findings": [ASFF]},
        {"detail-type": "Security Hub Findings - Imported", "detail": {"findings": [ASFF]}},
    ],
)
def test_security_hub(document: Any) -> None:
    [subject] = given(document).subjects
    assert (subject.kind, subject.severity, subject.account) == ("asff", "high", ACCOUNT)
    assert subject.type == "UnauthorizedAccess:IAMUser-InstanceCredentialExfiltration.OutsideAWS"
    assert (subject.keys, subject.principals) == ((KEY,), (ROLE,))
    assert (subject.addresses, subject.resources) == ((ATTACKER,), ("arn:aws:s3:::claims",))
    assert subject.time == datetime(2026, 11, 10, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "document",
    [OCSF, [OCSF], {"detail-type": "Findings Imported V2", "detail": {"findings": [OCSF]}}],
)
def test_ocsf(document: Any) -> None:
    [subject] = given(document).subjects
    assert (subject.kind, subject.id, subject.severity) == ("ocsf", "0123abcd", "high")
    assert (subject.keys, subject.addresses) == ((KEY,), (ATTACKER,))
    assert (subject.resources, subject.techniques) == (("arn:aws:s3:::claims",), ("T1078.004",))
    assert subject.time == datetime(2026, 11, 10, 9, 5, tzinfo=UTC)


def test_several_findings_are_ordered_by_severity() -> None:
    low = {**GUARDDUTY, "Id": "low", "Severity": 2}
    assert [s.id for s in given([low, GUARDDUTY]).subjects] == ["0123abcd", "low"]
    lines = "\n".join(json.dumps(f) for f in (low, GUARDDUTY)).encode()
    assert [s.id for s in parse(lines).subjects] == ["0123abcd", "low"]


ADA = user("ada", "AKIAEXAMPLE000000001")
ONE, TWO = event(1, "s3:ListBuckets", ADA), event(2, "iam:CreateUser", ADA)


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"Records": [ONE, TWO]}).encode(),
        json.dumps([ONE, TWO]).encode(),
        "\n".join(json.dumps(e) for e in (ONE, TWO)).encode(),
        gzip.compress(json.dumps({"Records": [ONE, TWO]}, indent=2).encode()),
        json.dumps([{"detail-type": "AWS API Call", "detail": e} for e in (ONE, TWO)]).encode(),
        json.dumps({"Records": [ONE, TWO, ONE]}).encode(),
    ],
    ids=["records", "list", "lines", "gzip", "eventbridge", "repeated"],
)
def test_events(data: bytes) -> None:
    found = parse(data, "e.json")
    [subject] = found.subjects
    assert found.events is not None
    assert found.events.num_rows == 2
    assert (subject.kind, subject.account) == ("events", ACCOUNT)
    assert set(subject.events) == {ONE["eventID"], TWO["eventID"]}


def test_one_event_and_events_without_time_or_id() -> None:
    [subject] = given(ONE).subjects
    assert (subject.kind, subject.id) == ("event", ONE["eventID"])
    bare = {k: v for k, v in ONE.items() if k not in ("eventID", "eventTime")}
    bare["@timestamp"] = "2020-09-14T00:44:20.000Z"
    found = given([bare, {**bare, "eventName": "GetObject"}])
    assert found.events is not None
    assert found.subjects[0].time == datetime(2020, 9, 14, 0, 44, 20, tzinfo=UTC)
    ids = found.events["eventid"].to_pylist()
    assert len(set(ids)) == 2
    assert ids == given([bare, {**bare, "eventName": "GetObject"}]).events["eventid"].to_pylist()  # type: ignore[index]


def test_of_many_events_those_that_stand_out_are_asked_about() -> None:
    bob = user("bob", "AKIABOB0000000000001")
    quiet = [event(n, "ec2:DescribeInstances", bob, OFFICE) for n in range(40)]
    [subject] = given([*quiet, TWO]).subjects
    assert subject.events == (TWO["eventID"],)
    assert len(given(quiet).subjects[0].events) == 40


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"   \n", "is empty"),
        (b"not json", "holds no CloudTrail events"),
        (b'{"a": 1}', "neither a finding nor CloudTrail events"),
        (b"[]", "holds no CloudTrail events"),
        (b"null", "holds no CloudTrail events"),
        (b'"text"', "holds no CloudTrail events"),
        (b"\x1f\x8b\x08broken", "holds no CloudTrail events"),
        (b"[" * 5000, "holds no CloudTrail events"),
    ],
)
def test_what_is_nothing_of_this(data: bytes, told: str) -> None:
    with pytest.raises(Error, match=told) as caught:
        parse(data, "x.json")
    assert caught.value.advice.endswith(".")


@pytest.mark.parametrize("broken", [None, 3, "x", [], {}, [None], [[1]], {"a": None}])
def test_findings_with_strange_members_are_read_all_the_same(broken: Any) -> None:
    for document in (GUARDDUTY, ASFF, OCSF):
        for name in document:
            if name in ("class_uid", "finding_info", "AwsAccountId", "ProductArn", "GeneratorId"):
                continue
            found = given({**document, name: broken})
            assert len(found.subjects) == 1, name


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Error, match="cannot be read"):
        inputs.read(tmp_path / "none.json")
    path = tmp_path / "f.json"
    path.write_text(json.dumps(GUARDDUTY))
    assert inputs.read(path).subjects[0].keys == (KEY,)


def test_principals_and_events_by_name() -> None:
    assert inputs.of_principal(KEY).keys == (KEY,)
    assert inputs.of_principal(f" {ROLE} ").principals == (ROLE,)
    assert inputs.of_principal(ROLE).account == ACCOUNT
    assert inputs.of_principal(ATTACKER).addresses == (ATTACKER,)
    assert inputs.of_event("e-1").events == ("e-1",)
    for wrong in ("", "ada", "arn:aws:s3:::bucket", "10.0.0.1"):
        with pytest.raises(Error, match="is no principal"):
            inputs.of_principal(wrong)
    with pytest.raises(Error, match="no id"):
        inputs.of_event(" ")


def test_instances_by_arn_or_id() -> None:
    assert instance_of(f"arn:aws:ec2:eu-central-1:{ACCOUNT}:instance/i-0abc1234") == "i-0abc1234"
    assert instance_of("arn:aws:s3:::i-claims") == ""


def lowercase(given: dict[str, Any]) -> dict[str, Any]:
    """An event as its row in the table."""

    def inner(value: Any) -> Any:
        if isinstance(value, dict):
            return {k.lower(): inner(v) for k, v in value.items()}
        return value

    texts = ("requestParameters", "responseElements", "additionalEventData")
    return {k.lower(): json.dumps(v) if k in texts else inner(v) for k, v in given.items()}


def test_every_entry_of_the_techniques_decides_its_example() -> None:
    for entry in table():
        assert entry.example, entry.event
        found = of_event(lowercase(dict(entry.example)))
        assert found == (entry.techniques, entry.tactics), entry.example
        assert all(t.startswith("T1") for t in entry.techniques)
    told = [event for entry in table() for event in entry.event if not entry.when]
    assert len(told) == len(set(told))


def test_techniques_look_at_more_than_the_name() -> None:
    plain = {"eventSource": "ssm.amazonaws.com", "eventName": "GetParameter"}
    assert of_event(lowercase(plain))[1] == ("discovery",)
    clear = {**plain, "requestParameters": {"withDecryption": True}}
    assert of_event(lowercase(clear))[0] == ("T1555.006",)
    assert of_event(lowercase({"eventSource": "x.amazonaws.com", "eventName": "Frob"})) == ((), ())
