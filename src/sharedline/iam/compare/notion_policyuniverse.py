"""Public as the project policyuniverse means it: what an Allow statement says on its face.

Facts from https://github.com/Netflix-Skunkworks/policyuniverse, README.md and
policyuniverse/statement.py (read 2026-11-21). A statement lets the internet in if its principals
are open to any account and its condition entries are too: there are none, or one of them is open.
Entries are the values of a few keys that name accounts, ARNs, users, networks or organisations
under operators that are not negated; the other conditions, and Deny statements, are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sharedline.iam.language import Policy, Statement

CATEGORIES = {
    "aws:sourcearn": "arn",
    "aws:principalarn": "arn",
    "aws:sourceowner": "account",
    "aws:sourceaccount": "account",
    "aws:principalaccount": "account",
    "kms:calleraccount": "account",
    "aws:principalorgid": "organization",
    "aws:principalorgpaths": "organization",
    "aws:userid": "userid",
    "aws:sourceip": "cidr",
    "aws:sourcevpc": "vpc",
    "aws:sourcevpce": "vpce",
}
_OPERATORS = frozenset(
    (
        *("arnequals", "arnlike", "stringequals", "stringlike", "stringequalsignorecase"),
        "ipaddress",
    )
)
_ARN = re.compile(r"arn:[\w-]+:([\w-]*):([^:]*):([^:]*):(.+)", re.DOTALL)


def entries(statement: Statement) -> Iterator[tuple[str, str]]:
    """The categories and values of the conditions that name somebody."""
    for one in statement.conditions:
        if one.operator in _OPERATORS and one.key in CATEGORIES:
            for value in one.values:
                yield CATEGORIES[one.key], value


def _open_arn(value: str) -> bool:
    if value == "*":
        return True
    if value.isdigit() or value.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return False
    found = _ARN.fullmatch(value)
    if found is None:
        return "*" in value
    service, _, account, _ = found.groups()
    return service != "s3" and account in ("", "*")


def _open_entry(category: str, value: str) -> bool:
    if category == "arn":
        return _open_arn(value)
    if category == "userid":
        return value.find("*") != len(value) - 1  # only a session's name may be left open
    if category == "cidr":
        return value.endswith("/0")
    if category == "organization":
        return "*" in value.partition("/")[0]
    return "*" in value


def is_open(statement: Statement) -> bool:
    """Whether the statement lets the internet in."""
    if statement.effect != "Allow":
        return False
    found = list(entries(statement))
    if found and not any(_open_entry(*one) for one in found):
        return False
    if statement.not_principal:
        return True
    return any(
        _open_arn(one.value)
        for one in statement.principals or ()
        if one.kind in ("*", "AWS", "Service")
    )


def public_actions(policy: Policy) -> list[str]:
    """The actions of the statements that let the internet in, as written."""
    return sorted({a.text for one in policy.statements if is_open(one) for a in one.actions})


def whos_allowed(policy: Policy) -> list[tuple[str, str, str]]:
    """Principals and condition entries of Allow statements: what it is, its category, its value."""
    found = set()
    for it in policy.allows:
        if not it.not_principal:
            listed = [one for one in it.principals or () if one.kind in ("*", "AWS", "Service")]
            found |= {("Principal", "principal", one.value) for one in listed}
        found |= {("Condition", category, value) for category, value in entries(it)}
    return sorted(found)
