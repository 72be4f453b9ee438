"""Who counts as a stranger to a policy, and which statements certainly let none in.

A stranger is of no account that the policy names, and his values of the keys that name somebody
(`naming`) are none of those that the policy gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sharedline.iam.compare import callers
from sharedline.iam.compare.candidates import base_of, varied
from sharedline.iam.compare.federation import is_shared
from sharedline.iam.compare.naming import Kind, account_of, fixed_networks, kind_of, names_somebody
from sharedline.iam.language import OPERATORS, Condition, Principal, Statement
from sharedline.iam.principals import is_everybody
from sharedline.iam.special import is_web

#: Stands for the organisation of the resource, which a policy can name without its id.
OWN_ORGANIZATION = "o-ofresource"
#: The keys of the caller himself, not of one on whose behalf a service calls.
OF_CALLER = frozenset(
    (
        *("aws:principalaccount", "kms:calleraccount", "aws:principalarn", "aws:userid"),
        *("aws:principalorgid", "aws:principalorgpaths"),
    )
)
#: Keys that only a service's own call carries, and which it sets.
_OF_SERVICE = frozenset(
    f"aws:source{name}" for name in ("account", "arn", "owner", "orgid", "orgpaths")
)
#: Kinds of key whose values, though fixed, do not say whether an account other than the
#: resource's is meant.
UNSURE = (Kind.PLACE, Kind.ADDRESS, Kind.USER_ID, Kind.FLAG)
_ACCOUNT = re.compile(r"(?:arn:[\w-]*:(?:iam|sts)::)?(\d{12})(?::.*)?", re.DOTALL)
Given = list[tuple[Condition, bool]]


def fixed(condition: Condition, own: str | None) -> Condition | None:
    """The values of a condition that name somebody, as a test of them; None where none does.

    With `own` those that may name another account do not count, since it is one that is looked for.
    """
    kind, base = kind_of(condition.key), base_of(condition)
    if kind is Kind.ADDRESS and base == "ipaddress":
        values: tuple[str, ...] = fixed_networks(condition.values)
    else:
        literal = base.startswith("stringequals")
        values = tuple(
            one
            for one in condition.values
            if (literal and kind is not Kind.UNKNOWN and kind is not Kind.NOBODY)
            or names_somebody(condition.key, one)
        )
        if own is not None and kind in (Kind.ACCOUNT, Kind.ARN):
            values = tuple(v for v in values if account_of(condition.key, v) in ("", own))
        if own is not None and kind is Kind.ORGANIZATION:
            # An organisation, its own too, has other accounts; none has an id with a star.
            values = tuple(v for v in values if literal and set(v) & set("*?"))
    if not values or base == "null":
        return None
    quantifier: Any = "foranyvalue" if condition.quantifier else ""
    return Condition(base, quantifier, False, condition.key, values)


def is_accountless(condition: Condition) -> bool:
    """Whether it names a resource such as a bucket, of which nobody says whose it is."""
    return kind_of(condition.key) is Kind.ARN and any(
        not account_of(condition.key, one) for one in condition.values
    )


def values_of(statements: Sequence[Statement], own: str | None, *, strict: bool) -> Given:
    """What the values of a stranger's keys are not; with `strict` what is not known is absent.

    With `own`, of callers of other accounts.
    """
    found: Given = []
    for condition in dict.fromkeys(one for it in statements for one in it.conditions):
        kind = kind_of(condition.key)
        if condition.key in callers.KEYS and condition.key != "aws:principalservicename":
            continue  # decided by the caller, who is chosen apart
        if kind is Kind.UNKNOWN or (condition.key in _OF_SERVICE and varied(condition)):
            # A service's call has no value of a key such as aws:PrincipalTag to compare with.
            if strict:
                found.append((Condition("null", "", False, condition.key, ("true",)), True))
        elif own is None or strict or not (kind in UNSURE or is_accountless(condition)):
            test = None if varied(condition) else fixed(condition, own)
            if test is not None:
                found.append((test, False))
    return found


@lru_cache(maxsize=1_000)
def stranger(named: frozenset[str]) -> Callable[[callers.Point], bool]:
    """The test of callers whom no account of the named ones is."""

    def test(point: callers.Point) -> bool:
        caller = point.caller
        if caller.kind == "service":
            return False
        if is_web(caller):
            return is_shared(caller.arn) or caller.account == callers.STRANGER
        return caller.account not in named

    return test


@lru_cache(maxsize=1_000)
def other(own: str) -> Callable[[callers.Point], bool]:
    """The test of callers of accounts other than one."""

    def test(point: callers.Point) -> bool:
        caller = point.caller
        unnamed = is_web(caller) and not caller.account
        return caller.kind != "service" and caller.account != own and not unnamed

    return test


def is_anybody(principal: Principal) -> bool:
    """Whether a principal is everybody, or everybody with a token of some provider."""
    return is_everybody(principal) or (principal.kind == "Federated" and principal.value == "*")


def is_refused(principal: Principal) -> bool:
    """Whether it is an ARN with a wildcard, which AWS does not take as a principal."""
    wild = principal.kind == "AWS" and bool(set(principal.value) & set("*?"))
    return wild and not is_everybody(principal)


def account_named(principal: Principal) -> str:
    """The account that a principal names; empty where it names none."""
    found = _ACCOUNT.fullmatch(principal.value)
    return found[1] if found and principal.kind in ("AWS", "Federated") else ""


@lru_cache(maxsize=20_000)
def closed(condition: Condition, own: str | None, present: frozenset[str] = frozenset()) -> bool:
    """Whether a condition of an Allow statement certainly keeps strangers out.

    With `own`, callers of other accounts. `present` are keys that a `Null: false` beside it demands.
    """
    loose = condition.if_exists or condition.quantifier == "forallvalues"
    if (loose and condition.key not in present) or condition.operator not in OPERATORS:
        return False
    if base_of(condition) != condition.operator or condition.operator.startswith(
        ("numeric", "date", "null")
    ):
        return False
    kind = kind_of(condition.key)
    if kind in (Kind.UNKNOWN, Kind.NOBODY) or varied(condition):
        return False
    if own is not None and (kind in UNSURE or is_accountless(condition)):
        return False
    test = fixed(condition, own)
    if test is None or len(test.values) < len(condition.values):
        return False
    if condition.key in callers.KEYS and condition.key != "aws:principalservicename":
        return all(account_of(condition.key, one) for one in condition.values)
    return True


def demanded(conditions: Iterable[Condition]) -> frozenset[str]:
    """The keys that must be in the request: `Null: {key: false}`."""
    return frozenset(
        one.key
        for one in conditions
        if one.operator == "null"
        and not one.quantifier
        and not one.if_exists
        and one.values
        and {value.lower() for value in one.values} == {"false"}
    )


def _may_be(principal: Principal, own: str | None) -> bool:
    if is_anybody(principal):
        return True
    if principal.kind == "Federated" and is_shared(principal.value) and own is None:
        return True
    if own is None or principal.kind == "Service":
        return False
    account = account_named(principal)
    return principal.kind == "CanonicalUser" or (bool(account) and account != own)


def may_let_in(it: Statement, own: str | None = None) -> bool:
    """Whether an Allow statement may let in a stranger; with `own`, one of another account."""
    if it.principals is None:
        return False
    if not it.not_principal and not any(_may_be(one, own) for one in it.principals):
        return False
    return not any(closed(one, own) for one in it.conditions)
