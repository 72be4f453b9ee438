"""Every operator, and what is answered where a key is absent or not known."""

from __future__ import annotations

import pytest

from sharedline.iam.conditions import holds, keys_of
from sharedline.iam.language import OPERATORS, Condition, Quantifier
from sharedline.iam.parse import parse
from sharedline.iam.request import Context
from sharedline.iam.values import moment, number


def one(operator: str, *values: str, key: str = "k", version: str = "2012-10-17") -> Condition:
    """The condition as it stands in a policy."""
    policy = parse(
        {
            "Version": version,
            "Statement": {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "*",
                "Condition": {operator: {key: list(values)}},
            },
        }
    )
    return policy.statements[0].conditions[0]


def having(*values: str, **more: str) -> Context:
    return Context({"k": values, **{key: (value,) for key, value in more.items()}})


ABSENT = Context()
UNSEEN = Context(complete=False)


@pytest.mark.parametrize(
    ("operator", "policy", "request_value", "expected"),
    [
        ("StringEquals", "ada", "ada", True),
        ("StringEquals", "ada", "Ada", False),
        ("StringEquals", "a*", "ada", False),
        ("StringEquals", "a*", "a*", True),
        ("StringNotEquals", "ada", "bob", True),
        ("StringEqualsIgnoreCase", "ADA", "ada", True),
        ("StringNotEqualsIgnoreCase", "ADA", "ada", False),
        ("StringLike", "a?a*", "ada", True),
        ("StringLike", "a?a*", "aa", False),
        ("StringLike", "A*", "ada", False),
        ("StringNotLike", "a*", "bob", True),
        ("NumericEquals", "10", "10.0", True),
        ("NumericNotEquals", "10", "11", True),
        ("NumericLessThan", "10", "9.99", True),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "-1", "-2", False),
        ("NumericGreaterThanEquals", "1", "1", True),
        ("NumericEquals", "ten", "10", False),
        ("NumericLessThan", "10", "few", False),
        ("NumericNotEquals", "10", "few", True),
        ("NumericEquals", "NaN", "NaN", False),
        ("NumericLessThan", "Infinity", "1", False),
        ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("DateEquals", "2026-01-01", "1767225600", True),
        ("DateNotEquals", "2026", "2026-01-01T00:00:01Z", True),
        ("DateLessThan", "2026-06", "2026-05-31T23:59:59.999Z", True),
        ("DateLessThanEquals", "2026-01-01T00:00Z", "2026-01-01T00:00:00Z", True),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", False),
        ("DateGreaterThanEquals", "2026-13-01", "2026-01-01", False),
        ("DateLessThan", "soon", "2026-01-01", False),
        ("Bool", "true", "TRUE", True),
        ("Bool", "true", "1", False),
        ("Bool", "yes", "yes", False),
        ("BinaryEquals", "QQ==", "QQ==", True),
        ("BinaryEquals", "QQ==", "Qg==", False),
        ("BinaryEquals", "QQ", "QQ", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.200", True),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", "203.0.113.9/24", "203.0.113.1", True),
        ("IpAddress", "2001:DB8::/32", "2001:db8:ffff::1", True),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("IpAddress", "203.0.113.0/24", "cloudformation.amazonaws.com", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
        ("NotIpAddress", "203.0.113.0/33", "203.0.113.1", True),
        ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", True),
        ("ArnLike", "arn:aws:sns:*:1:t", "arn:aws:sns:eu:west:1:t", False),
        ("ArnLike", "arn:aws:sns:*:1:t:*", "arn:aws:sns:eu:1:t:u:v", True),
        ("ArnLike", "arn:aws:sns:eu:1:T", "arn:aws:sns:eu:1:t", False),
        ("ArnNotEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", False),
        ("ArnNotLike", "arn:aws:s3:::b*", "arn:aws:s3:::other", True),
    ],
)
def test_one_value_of_each(operator: str, policy: str, request_value: str, expected: bool) -> None:
    assert holds(one(operator, policy), having(request_value)) is expected


def test_every_operator_is_decided_for_one_value() -> None:
    for operator in OPERATORS - {"null"}:
        assert holds(Condition(operator, "", False, "k", ("x",)), having("y")) is not None


def test_one_of_several_values_is_enough_and_negated_none_may_be() -> None:
    assert holds(one("StringEquals", "a", "b"), having("b")) is True
    assert holds(one("StringNotEquals", "a", "b"), having("b")) is False
    assert holds(one("StringNotEquals", "a", "b"), having("c")) is True


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringLikeIfExists", True),
        ("StringNotLikeIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
        ("NumericNotEquals", True),
        ("DateNotEquals", True),
        ("ArnNotLike", True),
        ("NotIpAddress", True),
        ("Bool", False),
        ("BinaryEquals", False),
    ],
)
def test_an_absent_key(operator: str, expected: bool) -> None:
    assert holds(one(operator, "true"), ABSENT) is expected
    assert holds(one(operator, "true"), Context({"k": ()})) is expected


def test_null_asks_for_the_key_only() -> None:
    assert holds(one("Null", "true"), ABSENT) is True
    assert holds(one("Null", "false"), ABSENT) is False
    assert holds(one("Null", "true"), having("x")) is False
    assert holds(one("Null", "FALSE"), having("")) is True
    assert holds(one("Null", "true", "false"), UNSEEN) is True
    assert holds(one("Null", "true"), UNSEEN) is None
    assert holds(one("NullIfExists", "true"), ABSENT) is None


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", "x", None),
        ("StringLike", "*", None),  # the key may be absent
        ("StringLikeIfExists", "*", True),
        ("StringLikeIfExists", "a*", None),
        ("StringNotLike", "*", None),
        ("ForAllValues:StringLike", "*", True),
        ("ForAllValues:StringEquals", "x", None),
        ("ForAnyValue:StringLike", "*", None),
        ("ForAnyValue:StringNotLike", "*", False),
        ("NumericEquals", "ten", False),  # no value of the request equals it
        ("NumericNotEquals", "ten", True),
        ("IpAddress", "everywhere", False),
        ("NumericEqualsIfExists", "ten", None),
        ("ForAllValues:NumericNotEquals", "ten", True),
    ],
)
def test_a_key_of_which_nothing_is_known(operator: str, value: str, expected: bool | None) -> None:
    assert holds(one(operator, value), UNSEEN) is expected


def test_a_key_known_to_be_absent_is_known() -> None:
    context = Context(complete=False, absent=frozenset(("k",)))
    assert holds(one("StringNotEquals", "x"), context) is True
    assert holds(one("StringEquals", "x"), context) is False


def test_several_values_of_the_request() -> None:
    several = having("a", "b")
    assert holds(one("ForAllValues:StringEquals", "a", "b", "c"), several) is True
    assert holds(one("ForAllValues:StringEquals", "a"), several) is False
    assert holds(one("ForAnyValue:StringEquals", "b"), several) is True
    assert holds(one("ForAnyValue:StringNotEquals", "a"), several) is True
    assert holds(one("ForAnyValue:StringNotEquals", "a", "b"), several) is False
    # AWS asks for a set operator there; only where all values say the same is there an answer.
    assert holds(one("StringEquals", "a"), several) is None
    assert holds(one("StringEquals", "a", "b"), several) is True
    assert holds(one("StringNotEquals", "c"), several) is True


def test_variables() -> None:
    condition = one("StringEquals", "${aws:username}/x")
    assert holds(condition, Context({"k": ("ada/x",), "aws:username": ("ada",)})) is True
    assert holds(condition, Context({"k": ("ada/x",)})) is False
    assert holds(condition, Context({"k": ("ada/x",)}, complete=False)) is None
    assert holds(condition, Context({"k": ("q",), "aws:username": ("a", "b")})) is None
    assert holds(one("StringNotEquals", "${tag}"), having("x")) is True
    assert holds(one("StringNotEquals", "${tag}"), ABSENT) is True
    assert holds(one("StringEquals", "${tag, 'x y'}"), having("x y")) is True
    assert holds(one("StringLike", "${tag}"), having("abc", tag="*")) is False
    assert holds(one("StringLike", "${*}?"), having("*a")) is True
    assert holds(one("Bool", "${tag}"), having("true", tag="True")) is True
    assert holds(one("Bool", "${tag}"), having("yes", tag="yes")) is False
    assert holds(one("NumericEquals", "${tag}"), having("1", tag="1")) is False
    assert holds(one("ArnLike", "arn:aws:s3:::${tag}"), having("arn:aws:s3:::b", tag="b")) is True


def test_variables_are_text_before_their_version() -> None:
    condition = one("StringEquals", "${aws:username}", version="2008-10-17")
    assert holds(condition, having("${aws:username}")) is True
    assert keys_of(condition) == {"k"}


def test_the_keys_a_condition_hangs_on() -> None:
    condition = one("StringLike", "${aws:PrincipalTag/Team}-*", key="aws:ResourceTag/Team")
    assert keys_of(condition) == {"aws:resourcetag/team", "aws:principaltag/team"}


def test_keys_are_compared_without_case() -> None:
    context = Context({"aws:principaltag/team": ("x",)})
    assert holds(one("StringEquals", "x", key="AWS:PrincipalTag/TEAM"), context) is True


@pytest.mark.parametrize("operator", ["StringSimilar", "ForSomeValues:StringEquals", "Equals", ""])
def test_an_operator_that_iam_has_not_is_not_decided(operator: str) -> None:
    for context in (ABSENT, UNSEEN, having("x")):
        assert holds(one(operator, "x"), context) is None


@pytest.mark.parametrize("quantifier", ["", "forallvalues", "foranyvalue"])
def test_no_values_match_nothing(quantifier: Quantifier) -> None:
    assert holds(Condition("stringequals", quantifier, False, "k", ()), having("x")) is False


def test_numbers_and_dates() -> None:
    assert number("1e3") == 1000
    assert number("٣") is None  # a digit, but not of ASCII
    assert number("") is None
    assert moment("1970") == 0
    assert moment("1970-01-01T00:00:00.25Z") == number("0.25")
    assert moment("0000-01-01") is None
    assert moment("2026-02-30") is None
    assert moment("-1") == -1
