"""The rows of `policy_statement` and `role_trust`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sharedline.derive.base import Row
from sharedline.derive.policy_statement import POLICY_STATEMENT
from sharedline.derive.role_trust import ROLE_TRUST

OWN, OTHER, SISTER = "111111111111", "222222222222", "333333333333"
POLICY = f"arn:aws:iam::{OWN}:policy/p"
ROLE = f"arn:aws:iam::{OWN}:role/r"
GITHUB = f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"
EKS = f"arn:aws:iam::{OWN}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC"


def managed(document: Any, attached: int = 1, bounding: int = 0) -> list[Row]:
    row = {
        "arn": POLICY,
        "account_id": OWN,
        "region": "global",
        "policy_name": "p",
        "document": document
        if document is None or isinstance(document, str)
        else json.dumps(document),
        "attachment_count": attached,
        "permissions_boundary_usage_count": bounding,
    }
    return list(POLICY_STATEMENT.run({"iam_policy": [row]}))


def grant(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


EVERYTHING = [
    (grant(), True),
    (grant(["s3:Get*", "*"]), True),
    (grant("*:*"), True),
    (grant("**"), True),
    (grant(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), True),
    (grant(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}), False),
    (grant(Condition={"StringEquals": {"example:Unheard": "x"}}), None),
    (grant("ec2:*"), False),
    (grant(resource="arn:aws:s3:::*"), False),
    ({**grant(), "Effect": "Deny"}, False),
    ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, False),
    ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}, False),
]


@pytest.mark.parametrize(("statement", "everything"), EVERYTHING)
def test_what_grants_everything(statement: dict[str, Any], everything: bool | None) -> None:
    (row,) = managed({"Statement": statement})
    assert row["grants_everything"] is everything


SERVICES = [
    (grant("ec2:*"), True),
    (grant("*"), True),
    (grant("ec2:Describe*"), False),
    (grant(["s3:GetObject", "SQS:*"], "arn:aws:sqs:*:*:q"), True),
    ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
    ({"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}, False),
    ({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}, False),
]


@pytest.mark.parametrize(("statement", "whole"), SERVICES)
def test_what_grants_a_whole_service(statement: dict[str, Any], whole: bool) -> None:
    (row,) = managed({"Statement": statement})
    assert row["grants_full_service"] is whole


def test_a_row_says_what_the_statement_says() -> None:
    statement = grant(
        ["S3:GetObject"], "arn:aws:s3:::b/*", Sid="Read", Condition={"Bool": {"a:b": True}}
    )
    (row,) = managed({"Statement": [statement]})
    assert set(row) == set(POLICY_STATEMENT.columns)
    assert (row["sid"], row["effect"], row["statement_index"]) == ("Read", "Allow", 0)
    assert (row["actions"], row["resources"]) == (["s3:getobject"], ["arn:aws:s3:::b/*"])
    assert json.loads(row["conditions"]) == {"Bool": {"a:b": True}}
    assert (row["kind"], row["policy_arn"], row["allows_anyone"]) == ("identity", POLICY, False)


@pytest.mark.parametrize("document", [None, "{", "[]", json.dumps({"Version": "2012-10-17"})])
def test_what_cannot_be_read_is_one_row_of_nulls(document: str | None) -> None:
    (row,) = managed(document)
    assert (row["statement_index"], row["effect"], row["grants_everything"]) == (-1, None, None)
    assert (row["arn"], row["table_name"]) == (POLICY, "iam_policy")


def test_a_malformed_statement_does_not_hide_its_neighbours() -> None:
    rows = managed({"Statement": [{"Effect": "Maybe"}, grant()]})
    assert [row["grants_everything"] for row in rows] == [None, True]


def test_a_document_quoted_twice_is_read() -> None:
    (row,) = managed(json.dumps(json.dumps({"Statement": grant()})))
    assert row["grants_everything"] is True


def test_kinds() -> None:
    assert managed({"Statement": grant()}, attached=0, bounding=1)[0]["kind"] == "boundary"
    assert managed({"Statement": grant()}, attached=1, bounding=1)[0]["kind"] == "identity"
    keys = {"arn": "arn:p", "account_id": OWN, "region": "global", "name": "p"}
    kinds = {
        "SERVICE_CONTROL_POLICY": ["scp"],
        "RESOURCE_CONTROL_POLICY": ["rcp"],
        "TAG_POLICY": [],
    }
    for kind, expected in kinds.items():
        row = {**keys, "type": kind, "content": json.dumps({"Statement": grant()})}
        found = POLICY_STATEMENT.run({"organizations_policy": [row]})
        assert [one["kind"] for one in found] == expected


def test_inline_and_resource_policies_carry_their_holder() -> None:
    user = {"arn": "arn:u", "account_id": OWN, "region": "global", "policy_name": "i"}
    queue = {"arn": "arn:q", "account_id": OWN, "region": "us-east-1"}
    public = {**grant("sqs:*"), "Principal": {"AWS": ["*"], "Service": "sns.amazonaws.com"}}
    rows = list(
        POLICY_STATEMENT.run(
            {
                "iam_user_policy": [
                    {**user, "policy_document": json.dumps({"Statement": grant()})}
                ],
                "sqs_queue": [{**queue, "policy": json.dumps({"Statement": public})}],
            }
        )
    )
    found = {row["arn"]: row for row in rows}
    assert (found["arn:u"]["table_name"], found["arn:u"]["policy_name"]) == ("iam_user", "i")
    assert found["arn:q"]["allows_anyone"] is True
    assert found["arn:q"]["principals"] == ["*", "Service:sns.amazonaws.com"]


def trust(*statements: dict[str, Any], text: str | None = "") -> Row:
    document = json.dumps({"Statement": list(statements)}) if text == "" else text
    role = {
        "arn": ROLE,
        "account_id": OWN,
        "region": "global",
        "assume_role_policy_document": document,
    }
    (row,) = ROLE_TRUST.run(
        {
            "iam_role": [role],
            "organizations_account": [{"id": SISTER}],
            "organizations_organization": [{"master_account_id": "444444444444"}],
        }
    )
    assert set(row) == set(ROLE_TRUST.columns)
    return row


def lets(principal: Any, condition: Any = None, action: str = "sts:AssumeRole") -> dict[str, Any]:
    more = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


EXTERNAL: list[tuple[Any, Any, bool | None]] = [
    ({"AWS": OTHER}, None, True),
    ({"AWS": f"arn:aws:iam::{OTHER}:role/x"}, None, True),
    ({"AWS": OWN}, None, False),
    ({"AWS": SISTER}, None, False),
    ({"AWS": "444444444444"}, None, False),
    ({"Service": "ec2.amazonaws.com"}, None, False),
    ({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": "abc"}}, False),
    ({"AWS": OTHER}, {"StringLike": {"sts:ExternalId": "*"}}, True),
    ({"AWS": OTHER}, {"StringNotEquals": {"sts:ExternalId": "abc"}}, True),
    ({"AWS": OTHER}, {"StringEqualsIfExists": {"sts:ExternalId": "abc"}}, True),
    ({"AWS": OTHER}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
    ({"AWS": OTHER}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, True),
    ({"AWS": OTHER}, {"IpAddress": {"aws:SourceIp": "203.0.113.9"}}, False),
    ({"AWS": OTHER}, {"StringEquals": {"example:Unheard": "x"}}, None),
]


@pytest.mark.parametrize(("principal", "condition", "unguarded"), EXTERNAL)
def test_outside_accounts(principal: Any, condition: Any, unguarded: bool | None) -> None:
    assert trust(lets(principal, condition))["external_unguarded"] is unguarded


def test_accounts_of_the_organization_are_told_apart() -> None:
    row = trust(lets({"AWS": [OTHER, SISTER, OWN]}))
    assert row["external_accounts"] == [OTHER]
    assert row["organization_accounts"] == [SISTER]


SUB, AUD = "token.actions.githubusercontent.com:sub", "token.actions.githubusercontent.com:aud"
OIDC: list[tuple[str, Any, bool]] = [
    (GITHUB, None, True),
    (GITHUB, {"StringEquals": {AUD: "sts.amazonaws.com"}}, True),
    (GITHUB, {"StringLike": {SUB: "repo:octo/app:*"}}, False),
    (GITHUB, {"StringLike": {SUB: "repo:octo/*"}}, False),
    (GITHUB, {"StringEquals": {SUB: "repo:octo/app:ref:refs/heads/main"}}, False),
    (GITHUB, {"StringLike": {SUB: "*"}}, True),
    (GITHUB, {"StringLike": {SUB: "repo:*"}}, True),
    (GITHUB, {"StringLike": {SUB: "repo:octo*"}}, True),
    (GITHUB, {"StringLike": {SUB: ["repo:octo/*", "repo:*/app:*"]}}, True),
    (GITHUB, {"StringEqualsIfExists": {SUB: "repo:octo/app:*"}}, True),
    (GITHUB, {"ForAllValues:StringEquals": {SUB: "repo:octo/app:x"}}, True),
    (GITHUB, {"StringEquals": {"token.actions.githubusercontent.com:repository_id": "7"}}, False),
    (EKS, {"StringEquals": {EKS.partition("/")[2] + ":sub": "system:serviceaccount:a:b"}}, False),
    (EKS, {"StringEquals": {EKS.partition("/")[2] + ":aud": "sts.amazonaws.com"}}, True),
    ("cognito-identity.amazonaws.com", None, True),
    (
        "cognito-identity.amazonaws.com",
        {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:1"}},
        False,
    ),
    (f"arn:aws:iam::{OWN}:saml-provider/corp", None, False),
]


@pytest.mark.parametrize(("provider", "condition", "loose"), OIDC)
def test_identity_providers(provider: str, condition: Any, loose: bool) -> None:
    row = trust(lets({"Federated": provider}, condition, "sts:AssumeRoleWithWebIdentity"))
    assert row["oidc_without_subject"] is loose


@pytest.mark.parametrize("text", [None, "{", "null"])
def test_a_trust_policy_that_cannot_be_read_is_unknown(text: str | None) -> None:
    row = trust(text=text)
    assert (row["external_unguarded"], row["oidc_without_subject"]) == (None, None)
    assert row["arn"] == ROLE


def test_a_malformed_statement_leaves_the_rest_unknown_or_worse() -> None:
    assert trust({"Effect": "?"})["external_unguarded"] is None
    assert trust({"Effect": "?"}, lets({"AWS": OTHER}))["external_unguarded"] is True
