"""What statements name: whether a resource may be meant, and an example that could be chosen."""

from __future__ import annotations

import pytest

from sharedline.iam.actions import resource_arns
from sharedline.iam.escalation.lookup import Index
from sharedline.iam.escalation.scan import of_tables
from sharedline.iam.escalation.statements import names_of, sample, speaks_of
from sharedline.iam.language import Statement
from sharedline.iam.parse import parse

from . import small

GRAPH = of_tables(small.tables({"user/ada": {}, "role/ci": {}}))
ADA = GRAPH.estate.principals[small.arn("user/ada")]
CI = GRAPH.estate.principals[small.arn("role/ci")]
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:"


def statement(resource: str, key: str = "Resource") -> Statement:
    document = {"Effect": "Allow", "Action": "*", key: resource}
    return parse({"Version": "2012-10-17", "Statement": [document]}).statements[0]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", f"{FUNCTION}any"),
        ("arn:aws:lambda:*", f"{FUNCTION}any"),
        ("arn:aws:*:*:*:*", f"{FUNCTION}any"),
        ("arn:aws:lambda:*:*:function:team-*", f"{FUNCTION}team-any"),
        (
            "arn:aws:lambda:eu-west-1:111122223333:function:x?",
            "arn:aws:lambda:eu-west-1:111122223333:function:xx",
        ),
        ("arn:aws:lambda:*:*:function:${aws:username}-*", f"{FUNCTION}ada-any"),
        ("arn:aws:lambda:*:*:function:${aws:PrincipalTag/team}-*", None),
        ("arn:aws:s3:::bucket", None),
        ("arn:aws:lambda:*:*:layer:x", None),
    ],
)
def test_an_example_is_one_that_both_match(pattern: str, found: str | None) -> None:
    [one] = statement(pattern).resources or ()
    assert sample(one, resource_arns("lambda")["function"], ADA) == found


@pytest.mark.parametrize(
    ("pattern", "resource", "user", "role"),
    [
        ("*", "role/x", True, True),
        ("arn:aws:iam::*:role/x", "role/x", True, True),
        ("arn:aws:iam::*:role/x", "role/y", False, False),
        ("arn:aws:iam::*:user/${aws:username}", "user/ada", True, False),
        ("arn:aws:iam::*:user/${aws:username}", "user/bob", False, False),
        ("arn:aws:iam::*:role/${aws:PrincipalTag/team}", "role/x", True, True),
    ],
)
def test_a_resource_may_be_meant(pattern: str, resource: str, user: bool, role: bool) -> None:
    one = statement(pattern)
    assert speaks_of(one, small.arn(resource), ADA) == user
    assert speaks_of(one, small.arn(resource), CI) == role
    excluded = statement(pattern, "NotResource")
    variable = "${" in pattern
    assert speaks_of(excluded, small.arn(resource), ADA) == (not user or variable)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("arn:aws:iam::*:role/x", {"role/x"}),
        ("arn:aws:iam::1:user/${aws:username}", {"user/ada"}),
        ("arn:aws:iam::*:role/x*", None),
        ("arn:aws:iam::*:role/${aws:PrincipalTag/team}", None),
        ("*", None),
    ],
)
def test_few_names_are_told_from_many(pattern: str, names: set[str] | None) -> None:
    assert names_of(statement(pattern), ADA) == names
    assert names_of(statement(pattern, "NotResource"), ADA) is None


def test_the_index_finds_whoever_names_a_resource_or_many() -> None:
    graph = of_tables(
        small.tables(
            {
                "user/one": {"allow": ["sts:AssumeRole on role/x"]},
                "user/all": {"allow": ["sts:AssumeRole on *"]},
                "user/own": {"allow": ["iam:CreateAccessKey on user/${aws:username}"]},
            }
        )
    )
    index = Index(graph.holding, graph.base.values())

    def names(action: str, resource: str) -> set[str]:
        return {node.entry.name for node in index.of(action, small.arn(resource))}

    assert names("sts:AssumeRole", "role/x") == {"one", "all"}
    assert names("sts:AssumeRole", "role/y") == {"all"}
    assert names("iam:CreateAccessKey", "user/own") == {"own"}
    assert names("iam:CreateAccessKey", "user/one") == set()
