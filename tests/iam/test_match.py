"""Actions, resources and principals, each with the rules of its element."""

from __future__ import annotations

from typing import Any

import pytest

from sharedline.iam.language import Statement
from sharedline.iam.match import (
    REMEMBERED,
    action_matches,
    index,
    principal_matches,
    resource_matches,
    takes_no_resource,
)
from sharedline.iam.parse import parse
from sharedline.iam.principals import Match, Strength
from sharedline.iam.request import Caller, Context, caller_of

ACCOUNT = "111122223333"
USER = caller_of(f"arn:aws:iam::{ACCOUNT}:user/team/ada")
ROLE = caller_of(f"arn:aws:iam::{ACCOUNT}:role/team/reader")
SESSION = caller_of(f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s1")
ROOT = caller_of(f"arn:aws:iam::{ACCOUNT}:root")
FEDERATED = caller_of(f"arn:aws:sts::{ACCOUNT}:federated-user/bob")
SERVICE = caller_of("sns.amazonaws.com")
ANYBODY = caller_of("*")


def statement(**elements: Any) -> Statement:
    given = {"Effect": "Allow", "Action": "*", **elements}
    if "NotAction" in elements:
        del given["Action"]
    return parse({"Version": "2012-10-17", "Statement": given}).statements[0]


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("s3:GetObject", "S3:getobject", True),
        ("S3:GET*", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:Get", "s3:GetObject", False),
        ("*", "s3:GetObject", True),
        ("*:*", "s3:GetObject", True),
        ("s*:Get*", "s3:GetObject", True),
        ("s3", "s3:GetObject", False),
    ],
)
def test_actions(pattern: str, action: str, expected: bool) -> None:
    assert action_matches(statement(Action=pattern), action) is expected
    assert action_matches(statement(NotAction=pattern), action) is not expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("*", "*", True),
        ("*", "arn:aws:s3:::b", True),
        ("arn:aws:s3:::*", "*", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", True),
        ("arn:aws:s3:::b", "arn:aws:s3:::B", False),
        ("arn:aws:sqs:*:1:q", "arn:aws:sqs:eu:1:q", True),
        ("arn:aws:sqs:*:1:q", "arn:aws:sqs:eu:2:x:1:q", True),  # a star that ends its part
        ("arn:aws:sqs:e*u:1:q", "arn:aws:sqs:eu:2:x:u:1:q", False),
        ("arn:aws:sqs:e?:1:q", "arn:aws:sqs:e::1:q", False),
        ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/ada", True),
        ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/bob", False),
        ("arn:aws:s3:::b/${tag}", "arn:aws:s3:::b/", False),
        ("arn:aws:s3:::b/${tag, 'x'}", "arn:aws:s3:::b/x", True),
    ],
)
def test_resources(pattern: str, resource: str, expected: bool) -> None:
    context = Context({"aws:username": ("ada",)})
    assert resource_matches(statement(Resource=pattern), resource, context) is expected
    assert resource_matches(statement(NotResource=pattern), resource, context) is not expected


def test_an_unknown_variable_decides_only_where_it_can() -> None:
    unseen = Context(complete=False)
    one = statement(Resource=["arn:aws:s3:::b/${tag}", "arn:aws:s3:::c"])
    assert resource_matches(one, "arn:aws:s3:::b/x", unseen) is None
    assert resource_matches(one, "arn:aws:s3:::c", unseen) is True
    assert resource_matches(one, "arn:aws:s3:::d", unseen) is False
    without = statement(NotResource="arn:aws:s3:::b/${tag}")
    assert resource_matches(without, "arn:aws:s3:::b/x", unseen) is None
    assert resource_matches(without, "arn:aws:s3:::d", unseen) is True


def test_actions_without_resource() -> None:
    assert takes_no_resource("s3:listallmybuckets")
    assert not takes_no_resource("s3:getobject")
    assert not takes_no_resource("s3:nosuchaction")


NO, OF_ACCOUNT, LIMITED, DIRECT = (Match(one, one) for one in Strength)
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/team/reader"
SHORT = f"arn:aws:iam::{ACCOUNT}:role/reader"


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ("*", USER, DIRECT),
        ({"AWS": "*"}, SERVICE, DIRECT),
        ({"AWS": "*"}, ANYBODY, DIRECT),
        ({"AWS": USER.arn}, USER, DIRECT),
        ({"AWS": USER.arn.upper()}, USER, NO),
        ({"AWS": ACCOUNT}, USER, OF_ACCOUNT),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, SESSION, OF_ACCOUNT),
        ({"AWS": f"arn:aws-cn:iam::{ACCOUNT}:root"}, SESSION, OF_ACCOUNT),
        ({"AWS": ACCOUNT}, ROOT, DIRECT),
        ({"AWS": ACCOUNT}, ANYBODY, NO),
        ({"AWS": "444455556666"}, USER, NO),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}, USER, NO),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:*"}, USER, NO),
        ({"AWS": "AROAEXAMPLE"}, SESSION, NO),
        ({"AWS": SHORT}, SESSION, LIMITED),
        ({"AWS": ROLE_ARN}, SESSION, LIMITED),  # a session's ARN has no path
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/team/writer"}, SESSION, NO),
        ({"AWS": ROLE_ARN}, ROLE, LIMITED),
        ({"AWS": SHORT}, ROLE, NO),  # this role's path is known
        ({"AWS": SESSION.arn}, SESSION, DIRECT),
        ({"AWS": [SHORT, SESSION.arn]}, SESSION, DIRECT),
        ({"AWS": FEDERATED.arn}, FEDERATED, DIRECT),
        ({"Service": "SNS.amazonaws.com"}, SERVICE, DIRECT),
        ({"Service": "sqs.amazonaws.com"}, SERVICE, NO),
        ({"Service": "sns.amazonaws.com"}, USER, NO),
        ({"Federated": "accounts.google.com"}, caller_of("accounts.google.com"), DIRECT),
        ({"Federated": "accounts.google.com"}, USER, NO),
        ({"CanonicalUser": "abc"}, ANYBODY, NO),
    ],
)
def test_principals(principal: Any, caller: Caller, expected: Match) -> None:
    assert principal_matches(statement(Principal=principal), caller) == expected


def test_what_is_not_known_of_a_caller() -> None:
    by_session = principal_matches(statement(Principal={"AWS": SESSION.arn}), ROLE)
    assert (by_session.certain, by_session.possible) == (Strength.NO, Strength.DIRECT)
    assert "sts:rolesessionname s1" in str(by_session.because)
    of_user = principal_matches(statement(Principal={"AWS": USER.arn}), FEDERATED)
    assert (of_user.certain, of_user.possible) == (Strength.NO, Strength.LIMITED)
    asked = Caller(FEDERATED.arn, "federated", ACCOUNT, role=USER.arn)
    assert principal_matches(statement(Principal={"AWS": USER.arn}), asked) == LIMITED
    canonical = principal_matches(statement(Principal={"CanonicalUser": "abc"}), USER)
    assert (canonical.certain, canonical.possible) == (Strength.NO, Strength.ACCOUNT)
    star = principal_matches(statement(Principal={"Service": "*"}), SERVICE)
    assert (star.certain, star.possible) == (Strength.NO, Strength.DIRECT)


def test_a_statement_without_principal_names_nobody() -> None:
    assert principal_matches(statement(Resource="*"), USER) == NO


@pytest.mark.parametrize(
    ("listed", "caller", "expected"),
    [
        ([USER.arn, ACCOUNT], USER, NO),
        ([ACCOUNT], USER, DIRECT),
        ([ACCOUNT], ROOT, NO),
        (["444455556666"], ROOT, DIRECT),
        ([SHORT, ACCOUNT], SESSION, NO),
        ([ROLE_ARN, ACCOUNT], ROLE, NO),
        ([USER.arn, ACCOUNT], SESSION, DIRECT),
        ([USER.arn, ACCOUNT], SERVICE, DIRECT),
        ([USER.arn, ACCOUNT], ANYBODY, DIRECT),
        (["*"], USER, NO),
    ],
)
def test_all_but_those_listed(listed: list[str], caller: Caller, expected: Match) -> None:
    one = statement(Effect="Deny", NotPrincipal={"AWS": listed})
    assert principal_matches(one, caller) == expected


@pytest.mark.parametrize("listed", [[USER.arn], [SHORT], [SESSION.arn, ACCOUNT]])
def test_who_is_listed_without_account_or_role_is_not_known(listed: list[str]) -> None:
    caller = USER if listed == [USER.arn] else SESSION
    found = principal_matches(statement(Effect="Deny", NotPrincipal={"AWS": listed}), caller)
    assert (found.certain, found.possible) == (Strength.NO, Strength.DIRECT)
    assert found.because


def test_a_boundary_undoes_an_exception() -> None:
    one = statement(Effect="Deny", NotPrincipal={"AWS": [USER.arn, ACCOUNT]})
    assert principal_matches(one, USER, bounded=True) == DIRECT
    assert principal_matches(one, ROOT, bounded=True) == NO


def test_an_index_finds_what_a_walk_finds() -> None:
    statements = [
        {"Effect": "Deny" if n % 3 == 0 else "Allow", "Action": action, "Resource": "*"}
        for n, action in enumerate(
            ("s3:Get*", "*", "s*:*", "S3:PutObject", "iam:*", "?3:GetObject")
        )
    ]
    statements.append({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    policy = parse({"Version": "2012-10-17", "Statement": statements})
    for action in ("s3:getobject", "s3:putobject", "iam:passrole", "sqs:sendmessage"):
        denies, allows = index(policy).of(action)
        walked = [one for one in policy.statements if action_matches(one, action)]
        assert [rule.statement for rule in denies] == [o for o in walked if o.effect == "Deny"]
        assert [rule.statement for rule in allows] == [o for o in walked if o.effect == "Allow"]


def test_an_index_does_not_grow_without_end() -> None:
    found = index(parse({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*"}}))
    for n in range(REMEMBERED + 10):
        found.of(f"s3:made{n}")
    assert len(found._found) <= REMEMBERED
