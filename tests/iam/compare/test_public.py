"""Public and cross-account: every kind of principal and condition, Deny, and the labelled sets."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharedline.iam.compare.notion_policyuniverse import public_actions, whos_allowed
from sharedline.iam.compare.public import Exposure, is_cross_account, is_public
from sharedline.iam.evaluate import evaluate
from sharedline.iam.parse import parse
from sharedline.iam.request import Answer, Policies, Request, caller_of
from tests.iam.compare.test_subset import ASKED, THINGS, VALUES, context_of, statements
from tests.iam.open_conditions import NARROW, OPEN, OTHER, OWN, UNSURE

LABELLED = Path(__file__).resolve().parents[4] / "shared/data/iam"
BUCKET = "arn:aws:s3:::b"
ALL = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "all")


def allow(principal: Any = "*", **more: Any) -> dict[str, Any]:
    made = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}
    return {**made, "Resource": f"{BUCKET}/*", **more}


def deny(**more: Any) -> dict[str, Any]:
    made = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
    return {**made, "Resource": [BUCKET, f"{BUCKET}/*"], **more}


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def public(*statements: Mapping[str, Any]) -> Exposure:
    """The answer, with its proof checked."""
    policy = parse(document(*statements))
    found = is_public(policy, BUCKET, OWN)
    if found.answer:
        asked = found.witness
        assert asked is not None
        assert asked.caller.account not in (OWN, OTHER)
        assert evaluate(asked, Policies((ALL,), policy)).answer is Answer.ALLOWED
    return found


PRINCIPALS = [
    ("*", True, True),
    ({"AWS": "*"}, True, True),
    ({"AWS": [f"arn:aws:iam::{OWN}:root", "*"]}, True, True),
    ({"AWS": OWN}, False, False),
    ({"AWS": OTHER}, False, True),
    ({"AWS": f"arn:aws:iam::{OTHER}:role/a"}, False, True),
    ({"AWS": f"arn:aws:iam::{OWN}:user/a"}, False, False),
    ({"AWS": "arn:aws:iam::*:role/ci"}, None, None),
    ({"Service": "cloudtrail.amazonaws.com"}, False, False),
    # A canonical user id stands for one account, so for no stranger; which one is not known.
    ({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"}, False, None),
    ({"AWS": "arn:aws:iam::*:root"}, True, True),
    ({"AWS": f"arn:aws:iam::{OTHER}:role/a*"}, False, None),
    ({"AWS": f"arn:aws:iam::{OWN}:role/a*"}, False, False),
    ({"Service": "*"}, None, None),
    ({"AWS": "AROAEXAMPLEEXAMPLE12"}, False, False),
]


@pytest.mark.parametrize(("principal", "anyone", "other"), PRINCIPALS)
def test_principals(principal: Any, anyone: bool | None, other: bool | None) -> None:
    assert public(allow(principal)).answer is anyone
    assert is_cross_account(parse(document(allow(principal))), BUCKET, OWN).answer is other


@pytest.mark.parametrize(("operator", "key", "value"), NARROW)
def test_conditions_that_name_somebody_narrow(operator: str, key: str, value: str) -> None:
    assert public(allow(**when(operator, key, value))).answer is False


@pytest.mark.parametrize(("operator", "key", "value"), OPEN)
def test_conditions_that_name_nobody_do_not(operator: str, key: str, value: str) -> None:
    assert public(allow(**when(operator, key, value))).answer is True


@pytest.mark.parametrize(("operator", "key", "value"), UNSURE)
def test_what_cannot_be_told_is_unknown(operator: str, key: str, value: str) -> None:
    found = public(allow(**when(operator, key, value)))
    assert found.answer is None
    assert found.reason


DENIES = [
    (deny(**when("StringNotEquals", "aws:PrincipalOrgID", "o-abcdefghij")), False),
    (deny(**when("StringNotEquals", "aws:SourceVpce", "vpce-1")), False),
    (deny(**when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")), False),
    (deny(**when("NotIpAddress", "aws:SourceIp", "0.0.0.0/1")), True),
    (deny(**when("StringNotEquals", "aws:PrincipalAccount", OWN)), False),
    (deny(**when("Bool", "aws:SecureTransport", "false")), True),
    (deny(**when("StringEquals", "aws:SourceVpce", "vpce-1")), True),
    (deny(Action="s3:GetObject"), False),
    (deny(Action="s3:PutObject"), True),
    (deny(Resource=f"{BUCKET}/private/*"), True),
    (deny(NotResource=f"{BUCKET}/open/*", Resource=None), True),
    (deny(NotPrincipal={"AWS": OWN}, Principal=None), False),
]


@pytest.mark.parametrize(("second", "answer"), DENIES)
def test_deny_statements_count(second: dict[str, Any], answer: bool) -> None:
    second = {key: value for key, value in second.items() if value is not None}
    assert public(allow(), second).answer is answer


def test_an_access_point_is_public_though_its_policy_names_it() -> None:
    point = f"arn:aws:s3:us-east-1:{OWN}:accesspoint/p"
    named = when("ArnLike", "s3:DataAccessPointArn", f"arn:aws:s3:us-east-1:{OWN}:accesspoint/*")
    policy = parse(document(allow(Resource=f"{point}/object/*", **named)))
    assert is_public(policy, point, OWN).answer is True


def test_another_resource_is_not_this_one() -> None:
    assert public(allow(Resource="arn:aws:s3:::other/*")).answer is False
    assert is_public(parse(document(allow(Resource="arn:aws:s3:::other/*")))).answer is True


GITHUB = f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"
TRUST = [
    ({"Federated": GITHUB}, None, True),
    ({"Federated": GITHUB}, "repo:mine/*", False),
    ({"Federated": GITHUB}, "repo:*", True),
    ({"Federated": "arn:aws:iam::111111111111:saml-provider/own"}, None, False),
    ({"Federated": "arn:aws:iam::111111111111:oidc-provider/login.example.org"}, None, False),
]  # fmt: skip


@pytest.mark.parametrize(("principal", "subject", "answer"), TRUST)
def test_trust_in_providers(principal: Any, subject: str | None, answer: bool) -> None:
    made: dict[str, Any] = {"Effect": "Allow", "Principal": principal}
    made["Action"] = "sts:AssumeRoleWithWebIdentity"
    if subject:
        made |= when("StringLike", "token.actions.githubusercontent.com:sub", subject)
    role = f"arn:aws:iam::{OWN}:role/r"
    assert is_public(parse(document(made)), role, OWN).answer is answer


CROSS = [
    ((allow(**when("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij")),), True),
    ((allow(**when("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}")),), True),
    ((allow(**when("ArnLike", "aws:SourceArn", "arn:aws:s3:::mine")),), None),
    ((allow(**when("StringEquals", "aws:PrincipalAccount", OWN)),), False),
    ((allow(**when("StringEquals", "aws:SourceVpce", "vpce-1")),), None),
    ((allow({"AWS": OTHER}, **when("StringEquals", "aws:SourceVpce", "vpce-1")),), None),
    ((allow({"AWS": OTHER}), deny(**when("StringNotEquals", "aws:PrincipalAccount", OWN))), False),
]


@pytest.mark.parametrize(("statements", "answer"), CROSS)
def test_cross_account(statements: Any, answer: bool | None) -> None:
    assert is_cross_account(parse(document(*statements)), BUCKET, OWN).answer is answer


def test_a_broken_document_is_unknown_unless_it_is_no_policy_of_allows() -> None:
    assert is_public(parse('{"Statement": [{"Effect": "Perhaps"}]}'), BUCKET, OWN).answer is None
    assert is_public(parse("not JSON"), BUCKET, OWN).answer is None


def records(name: str) -> Iterator[dict[str, Any]]:
    path = LABELLED / name
    if not path.is_file():
        pytest.skip(f"the labelled policies are not at {path}")
    for line in path.read_text().splitlines():
        yield json.loads(line)


def test_labelled_policyuniverse() -> None:
    seen = 0
    for record in records("is_public_policyuniverse.jsonl"):
        policy = parse(json.dumps(record["policy"]))
        if record["kind"] == "public_actions":
            answer: Any = public_actions(policy)
        elif record["kind"] == "whos_allowed":
            answer = [f"{what}(category='{c}', value='{v}')" for what, c, v in whos_allowed(policy)]
        else:
            answer = is_public(policy, notion="policyuniverse").answer
        assert answer == record["expected"], record["id"]
        seen += 1
    assert seen == 47


def test_labelled_c7n() -> None:
    seen = 0
    for record in records("is_public_c7n.jsonl"):
        policy = parse(json.dumps(record["policy"]))
        found = is_public(policy, notion="c7n", config=record["config"])
        assert found.answer is record["expected"], record["id"]
        assert len(found.statements) == record["expected_extra"]["violating_statements"]
        seen += 1
    assert seen == 111


STRANGERS = (caller_of("*"), caller_of("arn:aws:iam::777788889999:user/eve"))
#: Values that name nobody whom the statements below name.
LOOSE: dict[str, tuple[tuple[str, ...] | None, ...]] = {
    **VALUES,
    "aws:sourceip": (None, ("8.8.8.8",), ("9.9.9.9",)),
    "aws:sourcearn": (None, ("arn:aws:s3:::b",)),
}


@settings(max_examples=120, deadline=None)
@given(st.lists(statements("resource"), min_size=1, max_size=4), st.integers(0, 2**20))
def test_no_sampled_stranger_is_let_in_where_the_answer_is_no(
    listed: list[dict[str, Any]], seed: int
) -> None:
    policy = parse(document(*listed))
    found = is_public(policy, "", OWN)
    if found.answer:
        assert found.witness is not None
        assert evaluate(found.witness, Policies((ALL,), policy)).answer is Answer.ALLOWED
        return
    choose = random.Random(seed)  # noqa: S311
    for _ in range(150):
        caller = choose.choice(STRANGERS)
        context = context_of(caller, choose, LOOSE)
        asked = Request(caller, choose.choice(ASKED), choose.choice(THINGS), context, OWN)
        if evaluate(asked, Policies((ALL,), policy)).answer is Answer.ALLOWED:
            assert found.answer is None, asked
