"""Who can do what, for all pairs at once: the same as asking `evaluate` of each pair."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharedline.iam.access.estate import build
from sharedline.iam.access.who_can import Map, ask, who_can
from tests.iam.estates import ALLOW_ALL, HOME, OTHER, Rows, document, statement

BUCKETS = ["arn:aws:s3:::logs", "arn:aws:s3:::data", "arn:aws:s3:::data-two"]
KEYS = [f"arn:aws:kms:eu-central-1:{a}:key/{n}" for a, n in ((HOME, "k1"), (OTHER, "k2"))]
ROLES = [f"arn:aws:iam::{HOME}:role/r1", f"arn:aws:iam::{OTHER}:role/x/r2"]
USERS = [f"arn:aws:iam::{HOME}:user/u1", f"arn:aws:iam::{OTHER}:user/u2"]
PROBES = [
    *BUCKETS,
    "arn:aws:s3:::data/team-a/x",
    "arn:aws:s3:::data/u1/x",
    "arn:aws:s3:::foreign/x",
    *KEYS,
    *ROLES,
    "arn:aws:ec2:eu-central-1:111122223333:instance/i-1",
]
ACTIONS = ("s3:GetObject", "s3:PutBucketPolicy", "kms:Decrypt", "sts:AssumeRole", "iam:PassRole")

_action = st.sampled_from(["*", "s3:*", "s3:Get*", "kms:Decrypt", "sts:AssumeRole", "iam:*"])
_resource = st.sampled_from(
    [
        *(
            "*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::data*",
            "arn:aws:s3:::logs",
            "arn:aws:kms:*:*:key/*",
        ),
        *("arn:aws:s3:::data/${aws:PrincipalTag/team}/*", "arn:aws:s3:::data/${aws:username}/*"),
        *("arn:aws:s3:::${aws:SourceIdentity}*", "arn:aws:iam::*:role/*", KEYS[0], ROLES[1]),
    ]
)
_condition = st.sampled_from(
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringNotEquals": {"aws:PrincipalAccount": HOME}},
        {"StringEquals": {"aws:PrincipalTag/team": "team-a"}},
        {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
        {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}},
        {"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
        {"ArnNotLike": {"aws:PrincipalArn": ROLES[0]}},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"StringEqualsIfExists": {"aws:SourceAccount": HOME}},
        {"Null": {"aws:PrincipalTag/team": "true"}},
        {"StringMagic": {"aws:PrincipalArn": "x"}},
    ]
)
_principal = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": HOME},
        {"AWS": f"arn:aws:iam::{OTHER}:root"},
        {"AWS": [ROLES[0], USERS[1]]},
        {"AWS": USERS[0]},
        {"AWS": f"arn:aws:iam::{OTHER}:role/r2"},
        {"AWS": f"arn:aws:sts::{HOME}:assumed-role/r1/one"},
        {"AWS": [HOME, ROLES[0]]},
        {"CanonicalUser": "abc"},
        {"Service": "s3.amazonaws.com"},
    ]
)


@st.composite
def _statements(draw: Any, *, principals: bool, resources: bool = True) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        one: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
        no = draw(st.sampled_from(["", "", "", "Not"]))
        one[f"{no}Action"] = draw(st.lists(_action, min_size=1, max_size=2))
        if resources and draw(st.integers(0, 15)):
            no = draw(st.sampled_from(["", "", "", "Not"]))
            one[f"{no}Resource"] = draw(st.lists(_resource, min_size=1, max_size=2))
        if principals:
            no = draw(st.sampled_from(["", "", "", "Not"]))
            one[f"{no}Principal"] = draw(_principal)
        if draw(st.booleans()):
            one["Condition"] = draw(_condition)
        found.append(one)
    return found


@st.composite
def _documents(draw: Any, /, **kind: Any) -> str | None:
    special = draw(st.integers(0, 20))
    if special == 0:
        return None
    if special == 1:
        return '{"Statement": [{"Effect": "Allow"}]}'
    return json.dumps({"Version": "2012-10-17", "Statement": draw(_statements(**kind))})


@st.composite
def _estates(draw: Any) -> Rows:
    rows = Rows()
    if draw(st.booleans()):
        rows.organization(scp=draw(st.booleans()), rcp=draw(st.booleans()))
        for kind, place in (("SERVICE_CONTROL_POLICY", "ou-1"), ("RESOURCE_CONTROL_POLICY", HOME)):
            if draw(st.booleans()):
                found = draw(_documents(principals=kind[0] == "R"))
                rows.guardrail(f"p-{kind[0]}", found, place, kind=kind)
    bound = rows.policy("bound", draw(_documents(principals=False)))
    boundaries = st.sampled_from(["", "", bound, "arn:aws:iam::aws:policy/unread", None])
    tags = st.sampled_from([{}, {"team": "team-a"}, {"Team": "team-b"}])
    own = st.lists(_documents(principals=False), max_size=2)
    for account, role, user in ((HOME, "r1", "u1"), (OTHER, "r2", "u2")):
        trust = draw(_documents(principals=True, resources=False))
        rows.role(role, *draw(own), account=account, boundary=draw(boundaries), tags=draw(tags),
                  trust=trust, path="/x/" if role == "r2" else "/")  # fmt: skip
        rows.user(user, *draw(own), account=account, boundary=draw(boundaries), tags=draw(tags))
    for name in BUCKETS:
        policy = draw(st.sampled_from(["", "draw"]))
        if policy:
            policy = draw(_documents(principals=True))
        rows.bucket(name.rpartition(":")[2], policy, account=draw(st.sampled_from([HOME, OTHER])))
    for arn, account in zip(KEYS, (HOME, OTHER), strict=True):
        rows.key(arn.rpartition("/")[2], draw(_documents(principals=True)), account)
        rows.tables["kms_key"][-1]["tags"] = json.dumps(draw(tags))
    return rows


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(_estates(), st.sampled_from(ACTIONS))
def test_the_answers_for_all_pairs_are_those_of_each(rows: Rows, action: str) -> None:
    estate = build(rows.tables)
    over = Map(estate, PROBES)
    for principal, found in over.reach(action).items():
        for at, resource in enumerate(over.atlas.names.list):
            sets = {"yes": found.yes, "depends": found.depends, "unknown": found.unknown}
            words = [word for word, bits in sets.items() if bits >> at & 1] or ["no"]
            assert words == [ask(estate, principal, action, resource).answer], (
                principal, resource, ask(estate, principal, action, resource).decision.reason
            )  # fmt: skip


def test_an_action_without_resource_is_asked_of_all() -> None:
    rows = Rows()
    reader = rows.role("reader", document(statement(Action="s3:ListAllMyBuckets", Resource="*")))
    rows.role("narrow", document(statement(Action="s3:*", Resource="arn:aws:s3:::one")))
    estate = build(rows.tables)
    found = who_can(estate, "s3:ListAllMyBuckets", "arn:aws:s3:::one")
    assert [(one.principal, one.answer, one.resource) for one in found] == [(reader, "yes", "*")]
    with pytest.raises(ValueError, match="takes no resource"):
        Map(estate, ["arn:aws:s3:::one"]).reach("s3:ListAllMyBuckets")


def test_a_condition_the_scan_knows_is_decided_and_another_is_named() -> None:
    rows = Rows(organization=True)
    rows.bucket(
        "shared",
        document(
            statement(Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::shared/*",
                      Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"},
                                 "Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ),
    )  # fmt: skip
    user = rows.user("ana")
    found = who_can(build(rows.tables), "s3:GetObject", "arn:aws:s3:::shared/x")
    assert [(one.principal, one.answer) for one in found] == [(user, "depends")]
    assert [one.key for one in found[0].conditions] == ["aws:multifactorauthpresent"]


def test_a_policy_that_could_not_be_read_leaves_the_answer_open() -> None:
    rows = Rows()
    rows.role("closed", attached=["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    open_ = rows.role("open", ALLOW_ALL)
    denied = rows.role("denied", ALLOW_ALL, document(statement("Deny", Action="*", Resource="*")))
    found = {
        one.principal: one
        for one in who_can(build(rows.tables), "sqs:SendMessage",
                           "arn:aws:sqs:eu-central-1:111122223333:q")
    }  # fmt: skip
    assert {one.answer for one in found.values()} == {"unknown"}
    assert "was not read" in found[open_].decision.reason
    assert denied not in found


def test_the_callers_of_a_foreign_key_need_both_sides() -> None:
    rows = Rows()
    both = rows.role("both", document(statement(Action="kms:Decrypt", Resource="*")))
    rows.role("only-theirs")
    key = rows.key("k", document(statement(Principal={"AWS": HOME}, Action="kms:*", Resource="*")),
                   account=OTHER)  # fmt: skip
    assert [one.principal for one in who_can(build(rows.tables), "kms:Decrypt", key)] == [both]
