"""Whom an Allow statement names: accounts, organisations, networks, resources; before any Deny.

Whether they are let in is for `public` and `evaluate` to say; this is who to write down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

from sharedline.iam.compare.naming import Kind, account_of, kind_of
from sharedline.iam.compare.screening import known_of, known_values
from sharedline.iam.compare.strangers import (
    OF_CALLER,
    OWN_ORGANIZATION,
    account_named,
    closed,
    demanded,
    is_anybody,
    is_refused,
)
from sharedline.iam.language import Condition, Principal, Statement
from sharedline.iam.values import network

_NONE: frozenset[str] = frozenset()
#: How people read the organisation that a policy names without its id.
ITS_ORGANIZATION = "the organization of the resource"
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Grantees:
    """The accounts named, the resource's own among them, and the names without an account.

    `others` are organisations, networks, resources, and (with their kind) other principals.
    `everybody`: the principals are, whatever the conditions say.
    """

    accounts: frozenset[str] = _NONE
    others: frozenset[str] = _NONE
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class _Circle:
    """Those whom one condition names."""

    accounts: frozenset[str]
    others: frozenset[str]
    of_caller: bool


def _of_principals(principals: Iterable[Principal]) -> tuple[set[str], set[str]]:
    accounts, others = set(), set()
    for one in principals:
        account = account_named(one)
        if account:
            accounts.add(account)
        elif one.kind == "CanonicalUser":
            others.add(f"CanonicalUser:{one.value}")
    return accounts, others


def _of_condition(condition: Condition) -> _Circle:
    kind, key = kind_of(condition.key), condition.key
    literal = condition.operator.startswith("stringequals")
    accounts, others = set(), set()
    for value in condition.values:
        if literal and set(value) & set("*?"):
            continue  # a star as a letter, which no account or name holds
        account = account_of(key, value)
        if kind is Kind.USER_ID:
            account = value[:_DIGITS] if value[:_DIGITS].isdigit() else ""
        elif kind is Kind.ORGANIZATION:
            name = value.partition("/")[0]
            others.add(ITS_ORGANIZATION if name == OWN_ORGANIZATION else name)
        elif kind is Kind.ADDRESS:
            here = network(value)
            # A private range is nobody's in particular, and never met on the internet.
            others.update([str(here)] if here and not here.is_private else [])
        elif kind is not Kind.FLAG and not account:
            others.add(value)
        if account:
            accounts.add(account)
    return _Circle(frozenset(accounts), frozenset(others), key in OF_CALLER)


def _meet(circles: Sequence[_Circle]) -> tuple[frozenset[str], frozenset[str]]:
    """Those that remain where all conditions hold: of the most precise kind that is said."""
    for chosen in (
        [one for one in circles if one.of_caller and one.accounts],
        [one for one in circles if one.of_caller],
        [one for one in circles if one.accounts],
        circles,
    ):
        if chosen:
            accounts = reduce(frozenset.intersection, [one.accounts for one in chosen])
            # Of different kinds (a network and a bucket) all are named: the circle is no wider.
            return accounts, _NONE.union(*(one.others for one in chosen))
    return _NONE, _NONE


@lru_cache(maxsize=20_000)
def grantees(statement: Statement, own: str) -> Grantees:
    """Whom an Allow statement of a policy of the account `own` names."""
    if statement.principals is None:
        return Grantees()
    it = known_values(statement, known_of(own))
    listed = () if it.not_principal else it.principals or ()
    everybody = it.not_principal or any(
        is_anybody(one) or (is_refused(one) and not account_named(one)) for one in listed
    )
    accounts, others = _of_principals(listed)
    present = demanded(it.conditions)
    circles = [_of_condition(one) for one in it.conditions if closed(one, None, present)]
    for one in circles:
        if one.of_caller and one.accounts:
            accounts &= one.accounts
    if everybody:
        more, names = _meet(circles)
        accounts, others = accounts | more, others | names
    return Grantees(frozenset(accounts), frozenset(others), everybody)
