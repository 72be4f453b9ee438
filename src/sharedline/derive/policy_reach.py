"""Who a policy lets in: the callers of each statement, and what the Deny statements leave."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from sharedline.derive.conditions import (
    EMPTY,
    Limit,
    allowed_by,
    demanded,
    escaped_from,
    union,
)
from sharedline.derive.document import Statement
from sharedline.derive.patterns import any_covers, has_wildcard, may_overlap

#: Comparisons of patterns per policy before the answer is "cannot be told": 1 MB must not hang.
BUDGET = 200_000
_ACCOUNT_PRINCIPAL = re.compile(r"(?:arn:[\w-]*:(?:iam|sts)::)?(\d{12})(?::.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reach:
    """The callers of one Allow statement.

    `anyone` is None where a condition cannot be told. `accounts` are those named, the holder's
    own among them; `others` are organisations, networks and names without an account.
    """

    anyone: bool | None
    accounts: frozenset[str] = EMPTY
    others: frozenset[str] = EMPTY


def is_anyone(kind: str, value: str) -> bool | None:
    """Whether a principal is everybody; None for what AWS would not accept."""
    if kind in ("AWS", "Federated"):
        account = value.split(":")[4] if value.count(":") > 3 else value
        return has_wildcard(account)
    return None if value == "*" else False


def narrowing(statement: Statement, own: str) -> list[Limit]:
    """The limits that a statement's conditions set, one by one."""
    present = demanded(statement.conditions)
    return [allowed_by(one, own, present) for one in statement.conditions]


def condition_narrows(statement: Statement, own: str) -> bool | None:
    """Whether the conditions keep the callers to named ones; None where it cannot be told."""
    return any_of(one.narrow for one in narrowing(statement, own))


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """SQL's OR: True if one is, else None if one cannot be told."""
    found = set(answers)
    if True in found:
        return True
    return None if None in found else False


def _named(principals: Iterable[tuple[str, str]]) -> tuple[frozenset[str], frozenset[str]]:
    """The accounts of principals that are not everybody, and the other names."""
    accounts, others = set(), set()
    for kind, value in principals:
        found = _ACCOUNT_PRINCIPAL.fullmatch(value) if kind in ("AWS", "Federated") else None
        if found:
            accounts.add(found[1])
        elif kind == "CanonicalUser" or (kind == "AWS" and not value.startswith("arn:")):
            others.add(f"{kind}:{value}" if kind != "AWS" else value)
    return frozenset(accounts), frozenset(others)


def _circle(limits: Sequence[Limit]) -> Limit:
    """The named callers that remain when all limits hold: the most precise kind that is said."""
    narrow = [one for one in limits if one.narrow]
    for chosen in (
        [one for one in narrow if one.principal and one.accounts],
        [one for one in narrow if one.principal],
        [one for one in narrow if one.accounts],
        narrow,
    ):
        if chosen:
            accounts = reduce(frozenset.intersection, [one.accounts for one in chosen])
            # Of different kinds (a network and a bucket) all are named: the circle is no wider.
            others = EMPTY.union(*(one.others for one in chosen))
            return Limit(True, accounts, others)
    return Limit(narrow=False)


def reach(statement: Statement, own: str) -> Reach:
    """Who an Allow statement lets in, before any Deny."""
    if not statement.principals and not statement.not_principals:
        return Reach(anyone=None)
    open_ = [is_anyone(*one) for one in statement.principals]
    everybody = any_of([True] if statement.not_principals else open_)
    accounts, others = _named(p for p in statement.principals if not is_anyone(*p))
    limits = narrowing(statement, own)
    for one in limits:
        if one.narrow and one.principal and one.accounts:
            accounts &= one.accounts
    if everybody is False:
        return Reach(anyone=False, accounts=accounts, others=others)
    narrows = any_of(one.narrow for one in limits)
    if narrows:
        circle = _circle(limits)
        return Reach(False, accounts | circle.accounts, others | circle.others)
    known = everybody is True and narrows is False
    return Reach(True if known else None, accounts, others)


def _denies_anyone(statement: Statement) -> bool:
    if statement.not_principals:
        return not any(is_anyone(*one) for one in statement.not_principals)
    return ("AWS", "*") in statement.principals


def bite(statement: Statement, own: str) -> bool | None:
    """Whether a Deny leaves only named callers: True, None where it cannot be told, else False."""
    if not _denies_anyone(statement):
        return False
    return union(escaped_from(one, own) for one in statement.conditions).narrow


def _denied(deny: Statement, action: str, resource: str) -> bool:
    if deny.actions:
        if not any_covers(deny.actions, action):
            return False
    elif any(may_overlap(one, action) for one in deny.not_actions):
        return False
    if deny.not_resources:
        return not any(may_overlap(one, resource) for one in deny.not_resources)
    return any_covers(deny.resources or ("*",), resource)


class Denies:
    """The Deny statements of one policy that bite everybody, asked about its Allow statements."""

    def __init__(self, statements: Iterable[Statement], own: str) -> None:
        """Keep those that matter, the certain ones first."""
        found = [(bite(one, own), one) for one in statements if one.effect == "Deny"]
        self._certain = [one for answer, one in found if answer]
        self._unsure = [one for answer, one in found if answer is None]
        denies = self._certain + self._unsure
        self._weight = sum(
            len(d.actions) + len(d.resources) + len(d.not_actions) + len(d.not_resources) + 1
            for d in denies
        )
        self._budget = BUDGET

    def leave_open(self, allow: Statement) -> bool | None:
        """Whether some of what `allow` gives to everybody remains; None: cannot be told."""
        if not self._weight:
            return True
        actions = allow.actions or ("*",)
        resources = allow.resources or ("*",)
        self._budget -= self._weight * len(actions) * len(resources)
        if self._budget < 0:
            return None
        return any_of(self._answer(action, one) for action in actions for one in resources)

    def _answer(self, action: str, resource: str) -> bool | None:
        if any(_denied(one, action, resource) for one in self._certain):
            return False
        return None if any(_denied(one, action, resource) for one in self._unsure) else True
