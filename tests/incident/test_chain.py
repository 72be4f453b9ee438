"""The chain: what belongs to it by credentials and what they made, and what stays out."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.incident.made import (
    ACCOUNT,
    ATTACKER,
    CLOUD,
    OFFICE,
    OTHER,
    assumed,
    at,
    event,
    role,
    service,
    table,
    user,
)

from sharedline.incident import inputs
from sharedline.incident.chain import build, chains
from sharedline.incident.chain_find import Limits
from sharedline.incident.inputs_events import engine_of, joined, read_events, subject_of
from sharedline.incident.model import Chain, Step, Subject
from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake
from sharedline.inventory.spark import Spark
from sharedline.trail import store
from sharedline.trail.ingest import ingest

DATA = Path(__file__).parents[3] / "shared/data/trail"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the labelled data are not here")
MALLORY, ADA = user("mallory", "AKIAMALLORY000000001"), user("ada", "AKIAADA0000000000001")
Events = Sequence[dict[str, Any]]


def chain(events: Events, subject: Subject, **more: Any) -> Chain:
    return build(engine_of(table(events)), subject, **more)


def key(name: str) -> Subject:
    return inputs.of_principal(name)


def names(found: Chain) -> list[str]:
    return [s.name for s in found.steps]


def step(found: Chain, name: str) -> Step:
    [one] = [s for s in found.steps if s.name == name]
    return one


def codes(found: Chain) -> set[str]:
    return {u.code for u in found.unknown}


def chained() -> Events:
    """A stolen key assumes a role, that role another, in an account without a trail."""
    first = role("build", "work", "ASIABUILD00000000001", begun=1)
    ordinary = role("build", "ci", "ASIABUILD00000000002", begun=1)
    return [
        event(0, "sts:GetCallerIdentity", MALLORY),
        assumed(1, MALLORY, "build", "ASIABUILD00000000001"),
        event(2, "s3:ListBuckets", first),
        assumed(3, first, "vault", "ASIAVAULT00000000001", account=OTHER),
        assumed(1, ADA, "build", "ASIABUILD00000000002", name="ci", sourceIPAddress=OFFICE),
        event(2, "s3:PutObject", ordinary, OFFICE, {"bucketName": "artefacts"}),
    ]


def test_roles_in_a_row_and_not_the_roles_other_work() -> None:
    found = chain(chained(), key("AKIAMALLORY000000001"))
    expected = ["sts:GetCallerIdentity", "sts:AssumeRole", "s3:ListBuckets", "sts:AssumeRole"]
    assert names(found) == expected
    assert all(s.address == ATTACKER for s in found.steps)
    assert found.steps[2].linked_to == found.steps[1].event
    assert found.steps[2].why == "uses the credentials that AssumeRole issued"
    [other] = [u.what for u in found.unknown if u.code == "other-account"]
    assert OTHER in other
    assert "key-origin" in codes(found)


def test_back_from_the_last_credentials_to_the_stolen_key() -> None:
    forward = chain(chained(), key("AKIAMALLORY000000001"))
    back = chain(chained(), key("ASIABUILD00000000001"))
    assert names(back) == names(forward)
    assert step(back, "sts:GetCallerIdentity").why.startswith("obtained credentials of the chain")


def test_who_obtained_credentials_elsewhere_is_not_followed() -> None:
    events = [
        event(0, "s3:ListBuckets", ADA, OFFICE),
        assumed(1, ADA, "build", "ASIABUILD00000000001", sourceIPAddress=OFFICE),
        event(9, "s3:GetObject", role("build", "work", "ASIABUILD00000000001", begun=1)),
    ]
    found = chain(events, key("ASIABUILD00000000001"))
    assert names(found) == ["sts:AssumeRole", "s3:GetObject"]
    assert found.steps[1].linked_to == found.steps[0].event


def test_a_new_user_with_a_key_and_a_password() -> None:
    name, new = "support-2", "AKIANEW0000000000001"
    given = {"userName": name}
    who = user(name, new)
    console = user(name, "ASIACONSOLE000000001")
    console["sessionContext"] = {"attributes": {"creationDate": "2026-11-10T10:00:05Z"}}
    issued, well = {"accessKey": {"accessKeyId": new}}, {"ConsoleLogin": "Success"}
    login = {**who, "accessKeyId": None}
    events = [
        event(1, "iam:CreateUser", MALLORY, request=given, response={"user": given}),
        event(2, "iam:CreateAccessKey", MALLORY, request=given, response=issued),
        event(3, "iam:CreateLoginProfile", MALLORY, request=given),
        event(30, "ec2:DescribeInstances", who, CLOUD),
        event(60, "signin:ConsoleLogin", login, CLOUD, response=well),
        event(61, "s3:ListBuckets", console, CLOUD),
        event(62, "s3:ListBuckets", ADA, OFFICE),
    ]  # fmt: skip
    found = chain(events, inputs.of_event(events[0]["eventID"]))
    assert len(found.steps) == 6
    assert step(found, "ec2:DescribeInstances").linked_to == found.steps[1].event
    assert step(found, "signin:ConsoleLogin").why.endswith("was created by the chain")
    assert "T1136.003" in step(found, "iam:CreateUser").techniques
    assert "password" not in codes(found)  # the chain itself made it
    later = chain(events, key(new))
    assert step(later, "iam:CreateAccessKey").why == "issued these credentials"


def test_a_console_sign_in_is_found_from_what_was_done_after_it() -> None:
    console = user("ada", "ASIACONSOLE000000001")
    console["sessionContext"] = {"attributes": {"creationDate": "2026-11-10T09:10:00Z"}}
    other = {**console, "accessKeyId": "ASIACONSOLE000000002"}
    login = {**ADA, "accessKeyId": None}
    events = [
        event(9.9, "signin:ConsoleLogin", login, response={"ConsoleLogin": "Success"}),
        event(20, "s3:ListBuckets", console),
        event(21, "ec2:DescribeInstances", other),
    ]
    found = chain(events, key("ASIACONSOLE000000001"))
    assert len(found.steps) == 3
    assert step(found, "signin:ConsoleLogin").why == "signed in to the console session"
    assert "password" in codes(found)


def test_machines_that_the_chain_starts_or_takes_over() -> None:
    box, old = "i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb"
    profile = {"iamInstanceProfile": {"name": "web"}}
    started = {"instancesSet": {"items": [{"instanceId": box}]}}
    code = {"functionName": "resize", "role": f"arn:aws:iam::{ACCOUNT}:role/fn"}
    glue = {"name": "job", "role": f"arn:aws:iam::{ACCOUNT}:role/etl"}
    web = role("web", old, "ASIAOLD0000000000001", begun=-60, delivery="2.0")
    new = role("web", box, "ASIABOX0000000000001", begun=5, delivery="2.0")
    etl = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/etl", "roleSessionName": "GlueJobRunnerSession"}
    etl_key = {"credentials": {"accessKeyId": "ASIAETL0000000000001"}}
    events = [
        event(1, "ec2:RunInstances", MALLORY, request=profile, response=started),
        event(9, "s3:GetObject", new, CLOUD, {"bucketName": "a"}),
        event(2, "lambda:UpdateFunctionCode20150331v2", MALLORY, request=code, response=code),
        event(10, "dynamodb:Scan", role("fn", "resize", "ASIAFN00000000000001"), CLOUD),
        event(3, "ssm:SendCommand", MALLORY, request={"instanceIds": [old]}),
        event(4, "s3:PutObject", web, CLOUD, {"bucketName": "web-logs"}),
        event(11, "secretsmanager:GetSecretValue", web, ATTACKER, {"secretId": "db"}),
        event(5, "glue:CreateJob", MALLORY, request=glue),
        event(12, "sts:AssumeRole", service("glue"), "glue.amazonaws.com", etl, etl_key),
        event(13, "kms:Decrypt", role("etl", "GlueJobRunnerSession", "ASIAETL0000000000001"), CLOUD),
    ]  # fmt: skip
    found = chain(events, key("AKIAMALLORY000000001"))
    assert set(names(found)) == {
        "ec2:RunInstances", "s3:GetObject", "lambda:UpdateFunctionCode20150331v2", "dynamodb:Scan",
        "ssm:SendCommand", "secretsmanager:GetSecretValue", "glue:CreateJob", "sts:AssumeRole",
        "kms:Decrypt",
    }  # fmt: skip
    assert "s3:PutObject" not in names(found)  # the machine's own work, at its own address
    assert (
        step(found, "secretsmanager:GetSecretValue").linked_to
        == step(found, "ssm:SendCommand").event
    )
    assert step(found, "sts:AssumeRole").linked_to == step(found, "glue:CreateJob").event


def test_a_role_that_was_opened_is_assumed_by_newcomers_only() -> None:
    opened = {"roleName": "ops", "policyDocument": "{}"}
    stranger = user("stranger", "AKIASTRANGER00000001", OTHER)
    events = [
        assumed(-500, ADA, "ops", "ASIAADA0000000000001", sourceIPAddress=OFFICE),
        event(1, "iam:UpdateAssumeRolePolicy", MALLORY, request=opened),
        assumed(30, ADA, "ops", "ASIAADA0000000000002", sourceIPAddress=OFFICE),
        assumed(40, stranger, "ops", "ASIASTRANGE000000001", sourceIPAddress=CLOUD),
        event(41, "s3:ListBuckets", role("ops", "work", "ASIASTRANGE000000001", begun=40), CLOUD),
        event(42, "s3:ListBuckets", role("ops", "work", "ASIAADA0000000000002", begun=30), OFFICE),
    ]  # fmt: skip
    found = chain(events, key("AKIAMALLORY000000001"))
    assert names(found) == ["iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "s3:ListBuckets"]
    assert found.steps[1].principal.endswith("user/stranger")
    assert found.steps[1].linked_to == found.steps[0].event
    assert "other-account" in codes(found)


def test_what_the_chain_opened_is_used_by_strangers() -> None:
    nobody = {"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"}
    given = {"bucketName": "claims"}
    events = [
        event(1, "s3:PutBucketPolicy", MALLORY, request=given),
        event(5, "s3:GetObject", nobody, CLOUD, {**given, "key": "a"}),
        event(6, "s3:GetObject", nobody, CLOUD, {**given, "key": "b"}),
        event(7, "s3:GetObject", ADA, OFFICE, {**given, "key": "a"}),
        event(8, "s3:GetObject", nobody, CLOUD, {"bucketName": "pictures"}),
    ]
    found = chain(events, key("AKIAMALLORY000000001"))
    assert [(s.name, s.count, s.strength) for s in found.steps] == [
        ("s3:PutBucketPolicy", 1, "certain"),
        ("s3:GetObject", 2, "weak"),
    ]


def stolen() -> Events:
    """An instance's keys at work in their own place, and elsewhere."""
    home = role("web", "i-0c0ffee0c0ffee000", "ASIAWEB0000000000001", begun=-30, delivery="1.0")
    before = role("web", "i-0c0ffee0c0ffee000", "ASIAWEB0000000000000", begun=-3000, delivery="1.0")
    nxt = role("web", "i-0c0ffee0c0ffee000", "ASIAWEB0000000000002", begun=300, delivery="1.0")
    own = [event(n, "s3:PutObject", before, CLOUD, {"bucketName": "logs"}) for n in (-2900, -2000)]
    delivery = {
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/web",
        "roleSessionName": "i-0c0ffee0c0ffee000",
    }
    issued = {"credentials": {"accessKeyId": "ASIAWEB0000000000001"}}
    return [
        *own,
        event(-30, "sts:AssumeRole", service("ec2"), "ec2.amazonaws.com", delivery, issued),
        event(1, "s3:PutObject", home, CLOUD, {"bucketName": "logs"}),
        event(5, "s3:ListBuckets", home, ATTACKER),
        event(6, "s3:GetObject", home, ATTACKER, {"bucketName": "claims", "key": "1"}),
        event(320, "s3:GetObject", nxt, ATTACKER, {"bucketName": "claims", "key": "2"}),
        event(321, "s3:PutObject", nxt, CLOUD, {"bucketName": "logs"}),
    ]


def exfiltration() -> Subject:
    finding = {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": "eu-central-1",
        "id": "f1",
        "type": "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
        "severity": 8,
        "title": "Credentials used from outside",
        "resource": {
            "accessKeyDetails": {
                "accessKeyId": "ASIAWEB0000000000001",
                "userName": "web",
                "userType": "AssumedRole",
                "principalId": "AROAEXAMPLE:i-0c0ffee0c0ffee000",
            }
        },
        "service": {
            "eventFirstSeen": "2026-11-10T09:05:00.000Z",
            "eventLastSeen": "2026-11-10T09:06:00.000Z",
            "action": {"awsApiCallAction": {"remoteIpDetails": {"ipAddressV4": ATTACKER}}},
        },
    }
    [subject] = inputs.parse(json.dumps(finding).encode()).subjects
    return subject


def test_stolen_keys_without_the_machines_own_work() -> None:
    found = chain(stolen(), exfiltration())
    assert names(found) == ["sts:AssumeRole", "s3:ListBuckets", "s3:GetObject", "s3:GetObject"]
    assert [s.address for s in found.steps[1:]] == [ATTACKER] * 3
    assert found.steps[0].techniques == ("T1552.005",)
    assert found.steps[1].techniques[0] == "T1078.004"
    assert found.steps[3].session == "ASIAWEB0000000000002"  # the machine's next key, same thief
    [note] = found.notes[:1]
    assert "ASIAWEB0000000000001 was used from 2 addresses" in note
    assert "its usual place: not in the chain" in note
    assert {"proxy", "imds"} <= codes(found)


def test_a_key_that_the_trail_does_not_know_is_its_principals() -> None:
    unknown = replace(exfiltration(), keys=("ASIAUNKNOWN000000001",))
    found = chain(stolen(), unknown)
    assert names(found) == names(chain(stolen(), exfiltration()))
    assert found.subject == unknown
    assert "nothing of the access key ASIAUNKNOWN000000001" in found.notes[0]


def test_a_role_with_many_sessions_is_bounded_and_folded() -> None:
    many = [
        event(
            n, "s3:GetObject", role("app", f"s{n}", f"ASIAAPP{n:013}"), OFFICE, {"bucketName": "b"}
        )
        for n in range(60)
    ]
    subject = inputs.of_principal(f"arn:aws:iam::{ACCOUNT}:role/app")
    found = chain(many, subject)
    assert (len(found.steps), found.truncated) == (60, False)
    small = chain(many, subject, limits=Limits(handles=3))
    assert small.truncated
    assert any("origins of credentials" in u.what for u in small.unknown)


def test_the_key_of_long_ago_was_made_by_somebody() -> None:
    given = {"userName": "ada"}
    issued = {"accessKey": {"accessKeyId": "AKIAOLD0000000000001"}}
    old = event(-60 * 24 * 40, "iam:CreateAccessKey", ADA, OFFICE, given, issued)
    used = event(1, "s3:ListBuckets", user("ada", "AKIAOLD0000000000001"))
    found = chain([old, used], key("AKIAOLD0000000000001"))
    assert names(found) == ["iam:CreateAccessKey", "s3:ListBuckets"]
    assert "key-origin" not in codes(found)


def test_an_address_links_only_those_who_are_not_at_home_there() -> None:
    eve, kim = user("eve", "AKIAEVE0000000000001"), user("kim", "AKIAKIM0000000000001")
    base = [event(10, "s3:ListBuckets", MALLORY)]
    after = [event(-100, "s3:ListBuckets", eve, OFFICE), event(20, "iam:ListUsers", eve, ATTACKER)]
    found = chain([*base, *after], key("AKIAMALLORY000000001"))
    assert [(s.name, s.strength) for s in found.steps] == [
        ("s3:ListBuckets", "certain"),
        ("iam:ListUsers", "weak"),
    ]
    home = [event(-100, "ec2:DescribeInstances", kim, ATTACKER)]
    found = chain([*base, *after, *home], key("AKIAMALLORY000000001"))
    assert names(found) == ["s3:ListBuckets"]
    assert "was already in use by user/kim" in " ".join(found.notes)
    crowd = [event(30 + n, "s3:ListBuckets", user(f"u{n}", f"AKIAU{n:015}")) for n in range(9)]
    found = chain([*base, *crowd], key("AKIAMALLORY000000001"))
    assert len(found.steps) == 1
    assert "9 other callers" in " ".join(found.notes)


def test_like_events_are_one_step_and_their_number_is_kept() -> None:
    reads = [
        event(n / 50, "s3:GetObject", MALLORY, request={"bucketName": f"b{n % 3}", "key": str(n)})
        for n in range(3000)
    ]
    denied = [
        event(n, "iam:CreateUser", MALLORY, request={"userName": "x"}, errorCode="AccessDenied")
        for n in range(3)
    ]
    later = [event(600, "s3:GetObject", MALLORY, request={"bucketName": "b0", "key": "z"})]
    found = chain([*reads, *denied, *later], key("AKIAMALLORY000000001"))
    assert sorted((s.name, s.count, s.error) for s in found.steps) == [
        ("iam:CreateUser", 3, "AccessDenied"),
        ("s3:GetObject", 1, ""),
        ("s3:GetObject", 3000, ""),
    ]
    bulk = max(found.steps, key=lambda s: s.count)
    assert (bulk.count, len(set(bulk.events))) == (3000, 3000)
    assert {"b0", "b1", "b2"} <= set(bulk.resources)
    assert bulk.last == max(at(int(n / 50 * 60) / 60) for n in range(3000))


def test_bounds_are_kept_and_told() -> None:
    events = [event(n, f"iam:Get{n}", MALLORY) for n in range(30)]
    found = chain(events, key("AKIAMALLORY000000001"), limits=Limits(steps=10))
    assert len(found.steps) == 10
    assert found.truncated
    assert "20 further steps" in found.unknown[-1].what
    found = chain(chained(), key("AKIAMALLORY000000001"), limits=Limits(rounds=1))
    assert found.truncated
    assert "bound" in codes(found)


def test_the_order_of_the_trail_means_nothing() -> None:
    events = [*chained(), *stolen()]
    subjects = (key("AKIAMALLORY000000001"), exfiltration())
    wanted = [chain(events, s) for s in subjects]
    for seed in range(3):
        shuffled = random.Random(seed).sample(events, len(events))  # noqa: S311
        assert [chain(shuffled, s).steps for s in subjects] == [w.steps for w in wanted]
    for one in wanted:
        assert [(s.time, s.event) for s in one.steps] == sorted(
            (s.time, s.event) for s in one.steps
        )


def test_detections_say_the_technique_and_make_subjects() -> None:
    class Found:
        rule, name, title, level = "r1", "key_read", "A read", "high"
        techniques, tactics, account, region = ("T1111",), ("collection",), ACCOUNT, "eu-central-1"

        def __init__(self, one: dict[str, Any]) -> None:
            self.events = (one["eventID"],)
            self.time = datetime.fromisoformat(one["eventTime"])
            self.principal = one["userIdentity"].get("arn", "")

    events = stolen()
    found = [Found(events[5]), Found(events[6])]
    [subject] = inputs.of_detections(found)
    assert subject.title == "A read and 1 more"
    [made] = chains(engine_of(table(events)), [subject, subject], detections=found)
    reads = [s for s in made.steps if s.name == "s3:GetObject"]
    assert [s.techniques[-1:] for s in reads] == [("T1111",), ("T1111",)]
    assert all(s.address != CLOUD for s in made.steps)


def test_what_the_trail_lacks_is_named() -> None:
    nothing = chain(chained(), key("AKIANEVERSEEN0000001"))
    assert (nothing.steps, codes(nothing)) == ((), {"no-events"})
    missing = chain(chained(), inputs.of_event("no-such-id"))
    assert codes(missing) == {"no-event", "no-events"}
    events = [event(0, "s3:ListBuckets", MALLORY), event(60 * 72, "s3:ListBuckets", MALLORY)]
    found = chain(events, inputs.of_event(events[0]["eventID"]))
    assert {"days", "data-events"} <= codes(found)
    [gap] = [u.what for u in found.unknown if u.code == "days"]
    assert "2026-11-11, 2026-11-12" in gap
    data = [event(1, "s3:GetObject", ADA, OFFICE, eventCategory="Data")]
    assert "data-events" not in codes(chain([*events, *data], key("AKIAMALLORY000000001")))


def shown(found: Chain) -> list[tuple[Any, ...]]:
    return [
        (
            s.time.astimezone(UTC),
            s.event,
            s.name,
            s.why,
            s.linked_to,
            (s.count, s.events),
            s.resources,
        )
        for s in found.steps
    ]


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_spark_finds_the_same(spark: Spark, tmp_path: Path) -> None:
    events = [*chained(), *stolen()]
    (tmp_path / "a.json").write_text(json.dumps({"Records": events}))
    lake = Lake(str(tmp_path / "lake"))
    ingest(lake, [str(tmp_path / "a.json")], processes=0)
    engine = Spark("local[2]", lake)
    duck = Duck(lake)
    try:
        store.register(engine, lake)
        store.register(duck, lake)
        for subject in (key("AKIAMALLORY000000001"), exfiltration()):
            there, here = build(engine, subject), build(duck, subject)
            assert shown(there) == shown(here)
            assert (there.unknown, there.notes) == (here.unknown, here.notes)
    finally:
        engine.close()


def test_events_of_a_file_join_the_lakes_trail(tmp_path: Path) -> None:
    events = chained()
    (tmp_path / "a.json").write_text(json.dumps({"Records": events[:3]}))
    lake = Lake(str(tmp_path / "lake"))
    ingest(lake, [str(tmp_path / "a.json")], processes=0)
    duck = Duck(lake)
    store.register(duck, lake)
    name = joined(duck, table(events[2:]))
    found = build(duck, key("AKIAMALLORY000000001"), table=name)
    assert len(found.steps) == 4
    assert all(s.count == 1 for s in found.steps)


# -- recordings of others -------------------------------------------------------------------------


@needs_data
def test_capital_one() -> None:
    path = DATA / "otrf_capital_one" / "ec2_proxy_s3_exfiltration_2020-09-14011940.json"
    given = inputs.read(path)
    assert given.events is not None
    [subject] = given.subjects
    for one in (subject, key("ASIA5FLZVX4OPVKKVBMX")):
        found = build(engine_of(given.events), one)
        assert [(s.name, s.count) for s in found.steps] == [
            ("sts:AssumeRole", 1),
            ("s3:ListBuckets", 2),
            ("s3:ListObjects", 7),
            ("s3:GetObject", 2),
        ]
        assert [s.techniques for s in found.steps] == [
            ("T1552.005",),
            ("T1078.004", "T1580"),
            ("T1619",),
            ("T1530",),
        ]
        assert {s.linked_to for s in found.steps[1:]} == {found.steps[0].event}
        assert {"proxy", "imds"} <= codes(found)
        assert not any("pedro" in s.principal for s in found.steps)


@needs_data
def test_stratus() -> None:
    lines = (DATA / "stratus" / "stratus_cloudtrail_oracle.jsonl").read_text().splitlines()
    recorded = {r["technique"]: r for r in map(json.loads, lines)}
    shape: dict[str, Chain] = {}
    for name, case in recorded.items():
        rows = read_events(json.dumps({"Records": case["events"]}).encode(), name)
        subject = subject_of(rows, name)
        shape[name.rsplit(".", 1)[-1]] = found = build(engine_of(rows), subject)
        assert found.steps, name
        assert sum(s.count for s in found.steps) == rows.num_rows or len(case["events"]) > 25, name
    leave = shape["organizations-leave"]
    out = step(leave, "organizations:LeaveOrganization")
    assert out.linked_to in {s.event for s in leave.steps if s.name == "sts:AssumeRole"}
    token = shape["sts-federation-token"]
    assert (
        step(token, "sts:GetCallerIdentity").linked_to
        == step(token, "sts:GetFederationToken").event
    )
    stolen_keys = shape["ec2-steal-instance-credentials"]
    assert "ssm:SendCommand" in names(stolen_keys)
    assert any(s.name == "ec2:DescribeInstances" for s in stolen_keys.steps)
