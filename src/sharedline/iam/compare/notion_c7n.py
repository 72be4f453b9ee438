"""Cross-account access as Cloud Custodian's `cross-account` filter means it: allow-lists decide.

Facts from https://github.com/cloud-custodian/cloud-custodian, c7n/filters/iamaccess.py (read
2026-11-21), and for what came after it from that project's own examples. An Allow statement is a
violation if it names a principal outside the allowed accounts and its conditions do not make up for
that. They do if there are any and each of those that are looked at names allowed values only; a key
that is not known makes up for nothing. Deny statements are no violations, and take nothing away.
With an allowed organisation among the conditions, an ARN of any account will do. `return_allowed`
asks for the statements that are no violations.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sharedline.iam.language import Condition, Policy, Principal, Statement

#: The operators that are looked at, without set prefixes; others are as if they were not there.
_OPERATORS = frozenset(
    (
        *("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"),
        *("ipaddress", "notipaddress"),
    )
)
#: Set prefixes as they are and as they are misspelt in policies that the filter still reads.
_SETS = ("forallvalues", "foranyvalues", "foranyvalue")
_ACCOUNTS = frozenset(
    (
        *("kms:calleraccount", "aws:sourceowner", "aws:sourceaccount", "aws:principalaccount"),
        "s3:dataaccesspointaccount",
    )
)
_ARNS = frozenset(("aws:sourcearn", "aws:principalarn", "s3:dataaccesspointarn"))
_ORGANIZATIONS = frozenset(("aws:principalorgid", "aws:resourceorgid"))
_PATHS = frozenset(("aws:principalorgpaths", "aws:resourceorgpaths"))


def _texts(config: Mapping[str, Any], name: str) -> frozenset[str]:
    found = config.get(name) or ()
    return frozenset((found,) if isinstance(found, str) else map(str, found))


@dataclass(frozen=True, slots=True)
class Lists:
    """The allow-lists of one configuration."""

    accounts: Collection[str] = frozenset()
    vpcs: Collection[str] = frozenset()
    endpoints: Collection[str] = frozenset()
    organizations: Collection[str] = frozenset()
    units: Collection[str] = frozenset()
    keys: Collection[str] = frozenset()
    patterns: Collection[str] = frozenset()
    actions: Collection[str] = frozenset()
    everyone_only: bool = False
    return_allowed: bool = False


def lists_of(config: Mapping[str, Any]) -> Lists:
    """The allow-lists of a configuration as the filter writes it."""
    return Lists(
        accounts=_texts(config, "allowed_accounts"),
        vpcs=_texts(config, "allowed_vpc"),
        endpoints=_texts(config, "allowed_vpce"),
        organizations=_texts(config, "allowed_orgid"),
        units=_texts(config, "allowed_org_units"),
        keys=frozenset(one.lower() for one in _texts(config, "whitelist_conditions")),
        patterns=_texts(config, "whitelist_patterns"),
        actions=_texts(config, "check_actions"),
        everyone_only=bool(config.get("everyone_only")),
        return_allowed=bool(config.get("return_allowed")),
    )


def _account(value: str) -> str:
    """The account of an ARN; of any other text the text itself."""
    parts = value.split(":", 5)
    return value if len(parts) == 1 else parts[4] if len(parts) > 4 else ""


def _outside(one: Principal, lists: Lists) -> bool:
    value = one.value
    if one.kind == "*" or value == "*":
        return True
    if lists.everyone_only or value.startswith("arn:aws:iam::cloudfront:user"):
        return False
    if any(fnmatchcase(value, pattern) for pattern in lists.patterns):
        return False
    return _account(value) not in lists.accounts


def _names_outsiders(it: Statement, lists: Lists) -> bool:
    if it.not_principal or it.principals is None:
        return True
    listed = [one for one in it.principals if one.kind != "Service"]
    if not listed:
        return False
    read = [one for one in listed if one.kind != "CanonicalUser"]
    return not read or any(_outside(one, lists) for one in read)


def _asked(it: Statement, lists: Lists) -> bool:
    if not lists.actions:
        return True
    return any(fnmatchcase(a, one.text) for a in lists.actions for one in it.actions) or any(
        fnmatchcase(one.text, a) for a in lists.actions for one in it.actions
    )


def _looked_at(condition: Condition) -> bool:
    operator = condition.operator
    for prefix in _SETS:
        operator = operator.removeprefix(prefix).lstrip(":")
    of_set = bool(condition.quantifier) or operator != condition.operator
    return of_set or (operator in _OPERATORS and not condition.if_exists)


def _within_units(value: str, lists: Lists) -> bool:
    """Whether an organisation path lies in an allowed organisation or unit.

    Ids of units are unique in their organisation: a path that has one whole lies in that unit.
    """
    organization, *rest = value.split("/")
    if organization in lists.organizations:
        return True
    return any(
        organization == unit.partition("/")[0] and unit.rstrip("/").rpartition("/")[2] in rest
        for unit in lists.units
        if "/" in unit
    )


def _allowed(condition: Condition, lists: Lists, *, in_organization: bool) -> bool:
    """Whether all values of a condition are allowed ones."""
    key, values = condition.key, condition.values
    if key in lists.keys or key == "aws:sourceip":
        return True
    if key in ("aws:sourcevpc", "aws:sourcevpce"):
        allowed = lists.vpcs if key == "aws:sourcevpc" else lists.endpoints
        return not allowed or all(one in allowed for one in values)
    if key in _ORGANIZATIONS:
        return all(one in lists.organizations for one in values)
    if key in _PATHS:
        return all(_within_units(one, lists) for one in values)
    if key in _ACCOUNTS:
        return all(_account(one) in lists.accounts for one in values)
    if key in _ARNS:
        return all(
            _account(one) in lists.accounts or (in_organization and _account(one) in ("", "*"))
            for one in values
        )
    return False


def _made_up_for(it: Statement, lists: Lists) -> bool:
    found = [one for one in it.conditions if _looked_at(one)]
    in_organization = any(
        one.key in _ORGANIZATIONS | _PATHS and _allowed(one, lists, in_organization=False)
        for one in found
    )
    return bool(found) and all(
        _allowed(one, lists, in_organization=in_organization) for one in found
    )


def is_violation(it: Statement, lists: Lists) -> bool:
    """Whether a statement lets in somebody who is not on the lists."""
    return (
        it.effect == "Allow"
        and _names_outsiders(it, lists)
        and _asked(it, lists)
        and not _made_up_for(it, lists)
    )


def returned(policy: Policy, config: Mapping[str, Any]) -> list[Statement]:
    """The statements that the filter returns: the violations, or with `return_allowed` the rest."""
    lists = lists_of(config)
    return [it for it in policy.statements if is_violation(it, lists) is not lists.return_allowed]
