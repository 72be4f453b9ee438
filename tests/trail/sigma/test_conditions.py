"""What each part of Sigma means over CloudTrail's events, decided in DuckDB and told as cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sharedline.inventory.engines import Duck
from sharedline.inventory.spark import Spark
from sharedline.trail.sigma import examples, load
from sharedline.trail.sigma.model import Rules

#: An event, as CloudTrail writes one; cases change it.
EVENT: dict[str, Any] = {
    "eventSource": "ec2.amazonaws.com",
    "eventName": "AuthorizeSecurityGroupIngress",
    "awsRegion": "eu-central-1",
    "sourceIPAddress": "203.0.113.7",
    "userAgent": "aws-cli/2.31 100% a_b",
    "readOnly": False,
    "recipientAccountId": "111122223333",
    "eventTime": "2026-11-02T23:41:00Z",
    "userIdentity": {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111122223333:assumed-role/Admin/alice",
        "accountId": "111122223333",
        "userName": "alice",
        "sessionContext": {
            "attributes": {"mfaAuthenticated": "false"},
            "webIdFederationData": {"attributes": {"sub": "repo:a/b"}},
        },
        "inScopeOf": {"issuerType": "AWS::Lambda::Function"},
    },
    "requestParameters": {
        "groupId": "sg-1",
        "ports": [22, 443],
        "maxResults": 1000,
        "encrypted": True,
        "empty": "",
        "nothing": None,
        "userName": "alice",
        "aws.dotted.name": "dotted",
        "policyDocument": '{"Statement":[{"Effect":"Allow","Action":"*"}]}',
        "ipPermissions": {
            "items": [
                {"fromPort": 22, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}]}},
                {"fromPort": 80, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}},
            ]
        },
        "address": "2001:db8::17",
        "template": "to ${user.name}",
    },
    "resources": [{"ARN": "arn:aws:s3:::data", "accountId": "111122223333", "type": "AWS::S3::B"}],
    "detailOfNoColumn": {"inner": ["one", "two"]},
}
#: Field and value, and whether the event has it.
CASES: list[tuple[str, Any, bool]] = [
    ("eventName", "authorizesecuritygroupingress", True),
    ("eventname", "AuthorizeSecurityGroupIngress", True),
    ("eventName|cased", "authorizesecuritygroupingress", False),
    ("eventName|cased", "AuthorizeSecurityGroupIngress", True),
    ("eventName", ["A", "B", "Authorize*"], True),
    ("eventName", "Authorize????????GroupIngress", True),
    ("eventName", "Authorize?SecurityGroupIngress", False),
    ("eventName|startswith", "authorize", True),
    ("eventName|endswith", "Ingress", True),
    ("eventName|contains", "securityg", True),
    ("eventName|contains|all", ["Security", "Ingress"], True),
    ("eventName|contains|all", ["Security", "Egress"], False),
    ("eventName|re", "^Authorize.*Ingress$", True),
    ("eventName|re", "authorize", False),
    ("eventName|re|i", "authorize", True),
    ("userAgent", "aws-cli*100% a_b", True),
    ("userAgent", "aws-cli*100% axb", False),
    ("userAgent|contains", "0% a_", True),
    ("userAgent|contains", "100%_a", False),
    ("userAgent|contains", "a?b", True),
    ("userAgent|contains", r"a\?b", False),
    ("userAgent|contains", "it's", False),
    # Spark would put settings in place of these.
    ("userAgent|contains", "aws-cli/${no.such}2", False),
    ("requestParameters.template", "to ${User.name}", True),
    ("requestParameters.template|re", r"^to \$\{[a-z.]+\}$", True),
    ("requestParameters.template|endswith", r"\${user.name}", False),
    ("sourceIPAddress|cidr", "203.0.113.0/24", True),
    ("sourceIPAddress|cidr", "203.0.112.0/23", True),
    ("sourceIPAddress|cidr", "203.0.113.8/29", False),
    ("sourceIPAddress|cidr", "0.0.0.0/0", True),
    ("sourceIPAddress|cidr", "::/0", False),
    ("requestParameters.address|cidr", "2001:db8::/32", True),
    ("requestParameters.address|cidr", "2001:db9::/32", False),
    ("requestParameters.address|cidr", "10.0.0.0/8", False),
    ("eventTime|hour", 23, True),
    ("eventTime|day", 3, False),
    ("eventTime|startswith", "2026-11-02T23:41", True),
    ("readOnly", False, True),
    ("readOnly", "false", True),
    ("readOnly", True, False),
    ("requestParameters.encrypted", True, True),
    ("requestParameters.encrypted", "true", True),
    ("requestParameters.maxResults", 1000, True),
    ("requestParameters.maxResults", "1000", True),
    ("requestParameters.maxResults|gt", 999, True),
    ("requestParameters.maxResults|gte", 1000, True),
    ("requestParameters.maxResults|lt", 1000, False),
    ("requestParameters.maxResults|lte", 1000, True),
    ("requestParameters.groupId|gt", 0, False),
    ("requestParameters.ports", 443, True),
    ("requestParameters.ports", 44, False),
    ("requestParameters.ports|gt", 400, True),
    ("requestParameters.ports[0]", 22, True),
    ("requestParameters.ports.1", 22, False),
    ("requestParameters.empty", "", True),
    ("requestParameters.empty", None, False),
    ("requestParameters.empty|exists", True, True),
    ("requestParameters.groupId", "", False),
    ("requestParameters.nothing", None, True),
    ("requestParameters.nothing|exists", True, False),
    ("requestParameters.nowhere|exists", False, True),
    ("requestParameters.GROUPID", "sg-1", True),
    ("requestParameters.aws.dotted.name", "dotted", True),
    ("requestParameters.policyDocument.Statement.Effect", "allow", True),
    ("requestParameters.policyDocument|contains", '"Action":"*"', True),
    ("requestParameters|contains", '"Effect":"Allow"', True),
    ("requestParameters|contains", '"groupId":"sg-1"', True),
    ("requestParameters|contains", "groupId=sg-1", True),
    ("requestParameters|contains", "groupId=sg-2", False),
    ("requestParameters|contains", "ports=", True),
    ("requestParameters|contains", "ports=[22, 443]", True),
    ("requestParameters|contains", "items=[{fromPort=22, ", True),
    ("requestParameters|contains", "encrypted=true, ", True),
    ("requestParameters|contains", "nothing=null", True),
    ("requestParameters.ports|contains", "ports=", False),
    ("responseElements|contains", "=", False),
    ("requestParameters", None, False),
    ("responseElements", None, True),
    ("responseElements|exists", True, False),
    ("requestParameters.ipPermissions.items.ipRanges.items.cidrIp", "0.0.0.0/0", True),
    ("requestParameters.ipPermissions.items.ipRanges.items.cidrIp", "1.0.0.0/0", False),
    ("requestParameters.ipPermissions.items.fromPort", [22, 3389], True),
    ("requestParameters.ipPermissions|contains", "cidrIp", True),
    ("userIdentity.type", "AssumedRole", True),
    ("userIdentity.arn|fieldref|endswith", "requestParameters.userName", True),
    ("userIdentity.userName|fieldref", "requestParameters.userName", True),
    ("userIdentity.userName|fieldref", "requestParameters.groupId", False),
    ("requestParameters.userName|fieldref", "userIdentity.userName", True),
    ("userIdentity.sessionContext.attributes.mfaAuthenticated", "false", True),
    ("userIdentity.sessionContext.webIdFederationData.attributes.sub|contains", "a/b", True),
    ("userIdentity.inScopeOf.issuerType", "AWS::Lambda::Function", True),
    ("userIdentity|contains", "alice", True),
    ("userIdentity|contains", "mallory", False),
    ("resources.ARN|endswith", ":::data", True),
    ("resources.ARN", "arn", False),
    ("detailOfNoColumn.inner", "two", True),
    ("detailOfNoColumn.inner|exists", True, True),
    ("errorCode", None, True),
    ("errorCode|exists", False, True),
    ("errorCode|contains", "*", False),
    ("eventName|contains", "*", True),
    ("noSuchField", "x", False),
]


def rules_of(folder: Path, *texts: str) -> Rules:
    """The rules of files with these texts."""
    for number, text in enumerate(texts):
        (folder / f"rule{number}.yml").write_text(text, "utf-8")
    return load([folder])


def detection(conditions: Mapping[str, Any], name: str = "rule", **more: Any) -> str:
    """A rule of CloudTrail as YAML (JSON is YAML)."""
    rule = {"title": name, "name": name, "logsource": {"product": "aws", "service": "cloudtrail"}}
    return json.dumps({**rule, "detection": dict(conditions), **more})


@pytest.fixture(scope="module")
def fired(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The cases that are true of the event, and `not` those whose opposite is."""
    folder = tmp_path_factory.mktemp("rules")
    texts = []
    for number, (field, value, _) in enumerate(CASES):
        selection = {"selection": {field: value}}
        texts.append(detection({**selection, "condition": "selection"}, f"is {number}"))
        texts.append(detection({**selection, "condition": "not selection"}, f"not {number}"))
    rules = rules_of(folder, *texts)
    assert not rules.problems
    assert len(rules.rules) == 2 * len(CASES)
    return {found.title for found in examples.over(rules, [EVENT])}


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{CASES[n][0]}={CASES[n][1]}")
def test_a_field_has_a_value_or_its_opposite_fires(number: int, fired: set[str]) -> None:
    expected = CASES[number][2]
    assert (f"is {number}" in fired) == expected
    assert (f"not {number}" in fired) != expected


def names(rules: Rules, *events: Mapping[str, Any]) -> list[str]:
    """The titles of what rules detect among events."""
    return sorted(found.title for found in examples.over(rules, events))


def test_conditions_of_several_selections(tmp_path: Path) -> None:
    parts = {
        "sel_a": {"eventName": "Authorize*"},
        "sel_b": [{"awsRegion": "us-east-1"}, {"userIdentity.type": "Root"}],
        "other": {"readOnly": False},
    }
    told = {
        "1 of sel_*": True,
        "all of sel_*": False,
        "any of them": True,
        "all of them": False,
        "sel_a and not sel_b": True,
        "not (sel_a and other)": False,
        "sel_b or other": True,
        "not 1 of sel_*": False,
    }
    rules = rules_of(tmp_path, *(detection({**parts, "condition": text}, text) for text in told))
    assert names(rules, EVENT) == sorted(text for text, fires in told.items() if fires)


def test_words_without_a_field_are_looked_for_everywhere(tmp_path: Path) -> None:
    words = ["sg-1", "alice", "0.0.0.0/0", ":::data", "two", "203.0.113", "allow"]
    rules = rules_of(
        tmp_path,
        *(detection({"keywords": [word], "condition": "keywords"}, word) for word in words),
        detection({"keywords": ["nobody said"], "condition": "keywords"}, "none"),
        detection({"keywords": {"|all": ["sg-1", "two"]}, "condition": "keywords"}, "both"),
        detection({"keywords": {"|all": ["sg-1", "no"]}, "condition": "not keywords"}, "not both"),
    )
    expected = sorted([*words, "both"])
    found = names(rules, EVENT)
    assert [n for n in found if n != "not both"] == expected
    assert "not both" in names(rules, {"eventName": "A", "eventSource": "b"})


def test_encoded_values_and_lists_of_conditions(tmp_path: Path) -> None:
    event = {**EVENT, "requestParameters": {"userData": "IyEvYmluL3No"}}
    field = "requestParameters.userData"
    rules = rules_of(
        tmp_path,
        detection({"s": {f"{field}|base64": "#!/bin/sh"}, "condition": "s"}, "plain"),
        detection({"s": {f"{field}|base64offset|contains": "bin/sh"}, "condition": "s"}, "offset"),
        detection({"a": {field: "x"}, "b": {"eventName": "*"}, "condition": ["a", "b"]}, "list"),
        detection({"s": {f"{field}|neq": "x"}, "condition": "s"}, "neq"),
    )
    assert names(rules, event) == ["list", "neq", "offset", "plain"]


def test_what_fails_is_an_attempt_and_a_rule_that_needs_success_is_quiet(tmp_path: Path) -> None:
    text = {"s": {"eventName": "Authorize*"}, "condition": "s"}
    rules = rules_of(
        tmp_path,
        detection(text, "any", sharedline={"duty": "network.firewalls", "outcome": "attempt"}),
        detection(text, "done", sharedline={"duty": "network.firewalls", "outcome": "success"}),
    )
    refused = {**EVENT, "errorCode": "AccessDenied"}
    found = examples.over(rules, [refused])
    assert [(d.title, d.outcome, d.duty) for d in found] == [
        ("any", "attempt", "network.firewalls")
    ]
    assert "refused: AccessDenied." in found[0].summary
    assert names(rules, EVENT) == ["any", "done"]


def test_an_event_without_a_name_or_source_is_tried_too(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, detection({"s": {"awsRegion": "x"}, "condition": "s"}, "region"))
    assert names(rules, {"awsRegion": "x", "eventVersion": "1.1"}) == ["region"]


def test_many_events_of_one_rule_are_folded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sharedline.trail.sigma import engine

    monkeypatch.setattr(engine, "BROAD", 3)
    monkeypatch.setattr(engine, "MOST", 4)
    rules = rules_of(
        tmp_path,
        detection({"s": {"awsRegion": "eu-*"}, "condition": "s"}, "many"),
        detection({"s": {"userAgent": "rare"}, "condition": "s"}, "rare"),
        detection({"s": {"requestParameters.maxResults": 1000}, "condition": "s"}, "json"),
    )
    people = ("a", "b")
    events = [
        {
            **EVENT,
            "eventID": f"e{n}",
            "userIdentity": {"arn": f"arn:aws:iam::1:user/{people[n % 2]}"},
            "eventTime": f"2026-11-0{1 + n // 4}T10:00:0{n}Z",
            "userAgent": "rare" if n == 5 else "x",
            "requestParameters": {"maxResults": 1000 if n == 6 else 1},
        }
        for n in range(8)
    ]
    found = examples.over(rules, events)
    many = [d for d in found if d.title == "many"]
    assert [(d.principal[-1], d.time.day, d.count, d.events) for d in many] == [
        ("a", 1, 2, ("e0", "e2")),
        ("b", 1, 2, ("e1", "e3")),
        ("a", 2, 2, ("e4", "e6")),
        ("b", 2, 2, ("e5", "e7")),
    ]
    others = [(d.title, d.events) for d in found if d.title != "many"]
    assert others == [("rare", ("e5",)), ("json", ("e6",))]


def test_rules_stand_on_values_not_on_words_of_sql(tmp_path: Path) -> None:
    hostile = ["'; drop table x; --", "\\' or 1=1 --", "a' || (select 1) || '", "{who}", "$$", "%s"]
    texts = []
    for number, value in enumerate(hostile):
        selection = {"s": {"userAgent": value}, "condition": "s"}
        texts.append(detection(selection, f"value {number}"))
        texts.append(detection({"s": {value.replace("|", "/"): "x"}, "condition": "s"}, "field"))
        texts.append(detection({"s": {"userAgent|contains": value}, "condition": "s"}, "part"))
    rules = rules_of(tmp_path, *texts)
    assert not rules.problems
    assert names(rules, EVENT) == []
    for number, value in enumerate(hostile):
        written = value.replace("*", "\\*")
        assert f"value {number}" in names(rules, {**EVENT, "userAgent": written})


def test_an_engine_can_run_rules_twice(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path,
        detection({"s": {"requestParameters.address|cidr": "2001:db8::/32"}, "condition": "s"}),
    )
    duck = Duck()
    for _ in range(2):
        assert len(examples.over(rules, [EVENT], duck)) == 1


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_spark_detects_the_same(
    spark: Spark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sharedline.trail.sigma import engine

    texts = [
        detection({"s": {field: value}, "n": {"eventName": "*"}, "condition": text}, f"{text} {n}")
        for n, (field, value, _) in enumerate(CASES)
        for text in ("s", "n and not s")
    ]
    counted = {"type": "event_count", "rules": ["base"], "timespan": "5m", "condition": {"gte": 2}}
    counted["group-by"] = ["userIdentity.arn", "requestParameters.groupId"]
    texts.append(
        detection({"s": {"errorCode|exists": True}, "condition": "s"}, "base")
        + "\n---\n"
        + json.dumps({"title": "Counted", "correlation": counted})
    )
    events = [{**EVENT, "eventID": f"e{n}", "userAgent": f"{n}%_"} for n in range(6)]
    events += [{**EVENT, "eventID": f"f{n}", "errorCode": "Denied"} for n in range(2)]
    events += [{"eventID": "bare", "eventName": "X", "requestParameters": {"ports": [1]}}]
    rules = rules_of(tmp_path, *texts)
    assert rules.problems == ()
    other = Spark("local[2]")
    try:
        for broad, most in ((20_000, 10_000), (2, 1)):  # as it is, and every rule the long way
            monkeypatch.setattr(engine, "BROAD", broad)
            monkeypatch.setattr(engine, "MOST", most)
            tried = rules if broad > 2 else replace(rules, rules=rules.rules[: len(CASES) // 4])
            ours = examples.over(tried, events)
            assert examples.over(tried, events, other) == ours
            assert len(ours) > 20
    finally:
        other.close()
