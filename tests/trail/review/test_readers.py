"""People and machines are told apart as the examples in the rules say; the rest is unclear."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sharedline.trail.review.readers import Rule, fields_of, load

EXAMPLES = [(rule, example) for rule in load().readers for example in rule.examples]


def judged(example: Mapping[str, str]) -> tuple[str, str]:
    row = {
        "type": example.get("type"),
        "arn": example.get("arn"),
        "user_name": example.get("userName"),
        "issuer": example.get("issuer"),
        "invoked_by": example.get("invokedBy"),
        "user_agent": example.get("userAgent"),
        "mfa": example.get("mfaAuthenticated"),
        "delivery": example.get("ec2RoleDelivery"),
        "provider": example.get("federatedProvider"),
        "console": example.get("sessionCredentialFromConsole") == "true",
    }
    who = load().judge(fields_of(row))
    return who.kind, who.rule


def test_every_rule_has_an_example() -> None:
    assert all(rule.examples and rule.when for rule in load().readers)
    assert {rule.kind for rule in load().readers} == {"person", "machine"}


@pytest.mark.parametrize(
    ("rule", "example"), EXAMPLES, ids=[f"{n}-{r.name}" for n, (r, _) in enumerate(EXAMPLES)]
)
def test_examples_hold(rule: Rule, example: Mapping[str, str]) -> None:
    assert judged(example) == (rule.kind, rule.name)


ROLE = "arn:aws:sts::111122223333:assumed-role"


@pytest.mark.parametrize(
    "example",
    [
        {"type": "IAMUser", "arn": "arn:aws:iam::1:user/kim", "userAgent": "aws-cli/2.15"},
        {"type": "AssumedRole", "arn": f"{ROLE}/Audit/kim@example.com", "userAgent": "Boto3/1.28"},
        {"type": "AssumedRole", "arn": f"{ROLE}/Audit/botocore-session-1700000000"},
        {"type": "Root", "arn": "arn:aws:iam::1:root", "userAgent": "aws-cli/2.15"},
        {"type": "AWSAccount", "userAgent": "console.amazonaws.com"},
        {},
    ],
)
def test_what_could_be_either_is_unclear(example: Mapping[str, str]) -> None:
    assert judged(example)[0] == "unclear"


def test_a_person_behind_athena_is_a_person_and_a_function_with_mfa_a_machine() -> None:
    sso = f"{ROLE}/AWSReservedSSO_Audit_0123/kim@example.com"
    person = {"type": "AssumedRole", "arn": sso, "invokedBy": "athena.amazonaws.com"}
    assert judged(person) == ("person", "IAM Identity Center")
    lent = {"type": "AssumedRole", "arn": sso, "invokedBy": "config.amazonaws.com"}
    assert judged(lent)[0] == "machine"
    function = {"mfaAuthenticated": "true", "userAgent": "exec-env/AWS_Lambda_python3.12"}
    assert judged({"type": "AssumedRole", "arn": f"{ROLE}/f/f", **function})[0] == "machine"
    console = {"sessionCredentialFromConsole": "true"}
    siem = {"type": "AssumedRole", "arn": f"{ROLE}/SplunkAdmins/kim", **console}
    assert judged(siem) == ("person", "console")
