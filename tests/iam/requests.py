"""Requests and policies made at random, of few names, so that they meet often."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ACCOUNT, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
TARGETS = (
    ("s3:GetObject", "arn:aws:s3:::bucket/ada/x"),
    ("s3:GetObject", "arn:aws:s3:::bucket/*"),
    ("S3:putobject", "arn:aws:s3:::bucket/bob/x"),
    ("s3:ListAllMyBuckets", "*"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"),
    ("sts:AssumeRole", ROLE),
    ("iam:PassRole", ROLE),
    ("logs:GetLogEvents", f"arn:aws:logs:eu-1:{ACCOUNT}:log-group:b:1:log-group:a"),
    ("ec2:TerminateInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"),
)
ACTIONS = (
    "*",
    "s3:*",
    "s3:Get*",
    "s3:?etobject",
    "sqs:SendMessage",
    "logs:*",
    "kms:*",
    "sts:*",
    "iam:Pass*",
)
RESOURCES = (
    "*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/${aws:username}/*",
    "arn:aws:s3:::bucket/${aws:username, 'bob'}/?",
    "arn:aws:s3:::bucket/${*}",
    "arn:aws:*:*:*:*",
    "arn:aws:s3:*",
    "arn:aws:logs:*:stream",
    "arn:aws:logs:*:1:log-group:a",
    "arn:aws:logs:eu*1:1:log-group:?",
    f"arn:aws:*:eu-*:{ACCOUNT}:*",
    ROLE,
    "arn:aws:iam::*:role/read??",
)
PRINCIPALS = (
    "*",
    ACCOUNT,
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{OTHER}:root",
    USER,
    ROLE,
    SESSION,
    f"arn:aws:iam::{ACCOUNT}:user/*",
    "AIDAEXAMPLEEXAMPLE",
)
#: Per kind of key: the texts of requests and of policies, and the operators.
KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "aws:username": (
        ("ada", "bob", "Ada", "*", ""),
        ("ada", "a*", "?da", "*", "${aws:username}", "${tag}", "${tag, 'ada'}", "${*}", ""),
        (
            *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike"),
            *("StringNotEqualsIgnoreCase", "StringNotLike"),
        ),
    ),
    "tag": (("ada", "bob"), ("ada", "b*"), ("StringEquals", "StringLike", "StringNotLike")),
    "n": (
        ("1", "2.50", "x", "-3"),
        ("1", "2.5", "1e0", "y", "${tag}"),
        tuple(f"Numeric{n}" for n in ("Equals", "NotEquals", "LessThan", "GreaterThanEquals")),
    ),
    "when": (
        ("2026-01-01T00:00:00Z", "1767225600", "2026-01-01", "soon"),
        ("2026-01-01T01:00:00+01:00", "2025-06-01", "never"),
        tuple(f"Date{n}" for n in ("Equals", "NotEquals", "LessThan", "GreaterThanEquals")),
    ),
    "aws:sourceip": (
        ("203.0.113.9", "2001:db8::1", "lambda.amazonaws.com"),
        ("203.0.113.0/24", "203.0.113.9", "2001:DB8::/32", "10.0.0.0/99"),
        ("IpAddress", "NotIpAddress"),
    ),
    "aws:sourcearn": (
        ("arn:aws:sns:eu-west-1:1:t", "arn:aws:sns:eu:west:1:t", "t"),
        ("arn:aws:sns:*:1:t", "arn:aws:sns:*:*:?", "*", "arn:aws:sns:eu-west-1:1:t"),
        ("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"),
    ),
    "secure": (("true", "false", "True", "yes"), ("true", "FALSE", "${secure}", "no"), ("Bool",)),
    "bytes": (("QQ==", "Qg==", "!"), ("QQ==", "?"), ("BinaryEquals",)),
}


@st.composite
def one_condition(draw: st.DrawFn) -> dict[str, Any]:
    key = draw(st.sampled_from(sorted(KEYS)))
    _, values, operators = KEYS[key]
    if draw(st.integers(0, 9)) == 0:
        return {"Null": {key: draw(st.sampled_from(("true", "false")))}}
    operator = draw(st.sampled_from(operators))
    prefix = draw(st.sampled_from(("", "", "ForAllValues:", "ForAnyValue:")))
    suffix = draw(st.sampled_from(("", "IfExists")))
    wanted = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))
    return {prefix + operator + suffix: {key.upper(): wanted}}


@st.composite
def statement(draw: st.DrawFn, layer: str) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Deny")))}
    action = draw(st.sampled_from(("Action", "Action", "Action", "NotAction")))
    found[action] = draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2))
    resource = draw(st.sampled_from(("Resource", "Resource", "Resource", "NotResource")))
    found[resource] = draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2))
    if layer == "resource":
        listed = draw(st.lists(st.sampled_from(PRINCIPALS), min_size=1, max_size=2))
        element = "Principal"
        if found["Effect"] == "Deny" and draw(st.booleans()):
            element = "NotPrincipal"
        found[element] = "*" if listed == ["*"] and element == "Principal" else {"AWS": listed}
    if draw(st.booleans()):
        found["Condition"] = draw(one_condition())
    return found


@st.composite
def document(draw: st.DrawFn, layer: str) -> dict[str, Any]:
    version = draw(st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17")))
    several = draw(st.lists(statement(layer), min_size=1, max_size=3))
    return {"Version": version, "Statement": several}


def documents(layer: str, least: int = 0) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(document(layer), min_size=least, max_size=2)


EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


#: Grants that differ in nothing but the principal, so that its kind decides often enough.
GRANTS = [
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": [one]}}
        ],
    }
    for one in PRINCIPALS
]


@st.composite
def record(draw: st.DrawFn) -> dict[str, Any]:
    action, resource = draw(st.sampled_from(TARGETS))
    often = st.one_of(st.none(), st.none(), st.just([]), documents("limit", 1))
    context = {
        key: draw(st.lists(st.sampled_from(KEYS[key][0]), min_size=0, max_size=2))
        for key in draw(st.sets(st.sampled_from(sorted(KEYS)), max_size=4))
    }
    identity = draw(documents("identity"))
    if draw(st.booleans()):
        identity.append(EVERYTHING)
    levels = st.lists(documents("limit").map(lambda d: [*d, EVERYTHING]), max_size=2)
    return {
        "request": {
            "principal": draw(st.sampled_from((USER, SESSION))),
            "action": action,
            "resource": resource,
            "context": context,
        },
        "resource_account": draw(st.sampled_from((ACCOUNT, ACCOUNT, OTHER))),
        "policies": {
            "identity": identity,
            "resource": draw(st.one_of(st.none(), st.sampled_from(GRANTS), document("resource"))),
            "boundary": draw(often),
            "session": draw(often),
            "scps": draw(st.one_of(st.just([]), levels)),
            "rcps": draw(st.one_of(st.just([]), levels)),
            "vpce": draw(often),
        },
    }
