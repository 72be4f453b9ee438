"""The table `role_trust`: for each role, who outside its account may assume it, and how freely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.documents import OF_ONE_POLICY, is_read, read
from sharedline.iam.compare.algebra import limited
from sharedline.iam.compare.federation import issuers, says_whose
from sharedline.iam.compare.grantees import grantees
from sharedline.iam.compare.public import narrows
from sharedline.iam.language import OPERATORS, Policy, Statement


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """SQL's OR: True if one is, else None if one cannot be told."""
    found = set(answers)
    if True in found:
        return True
    return None if None in found else False


def _guarded(statement: Statement, own: str) -> bool | None:
    """Whether other accounts must show more than their credentials: an external id, an origin, MFA.

    None where there are conditions, but none whose meaning is known.
    """
    answers: list[bool | None] = []
    for condition in statement.conditions:
        required = not condition.if_exists and condition.quantifier != "forallvalues"
        if condition.key == "sts:externalid":
            positive = condition.operator in OPERATORS and "not" not in condition.operator
            like = condition.operator == "stringlike"
            open_ = like and any(set(one) & set("*?") for one in condition.values)
            textual = condition.operator.startswith("string")
            answers.append(required and positive and textual and not open_)
        elif condition.key == "aws:multifactorauthpresent":
            demands = condition.operator == "bool" and condition.values == ("true",)
            answers.append(required and demands)
        else:
            answers.append(narrows((condition,), own))
    return any_of(answers)


def _judge(policy: Policy, own: str, known: frozenset[str]) -> Row:
    external: set[str] = set()
    organization: set[str] = set()
    unguarded: set[str] = set()
    guards: list[bool | None] = []
    trusted: set[str] = set()
    loose: set[str] = set()
    services: set[str] = set()
    for statement in policy.allows:
        others = grantees(statement, own).accounts - {own}
        strangers = others - known
        external |= strangers
        organization |= others & known
        if strangers:
            guards.append(_guarded(statement, own))
            if guards[-1] is not True:
                unguarded |= strangers
        for name in issuers(statement):
            trusted.add(name)
            if not says_whose(statement, name):
                loose.add(name)
        if not statement.not_principal:
            listed = statement.principals or ()
            services |= {one.value for one in listed if one.kind == "Service"}
    malformed = not policy.whole
    open_ = any_of([None if one is None else not one for one in guards])
    return {
        "external_accounts": sorted(external),
        "organization_accounts": sorted(organization),
        "unguarded_accounts": sorted(unguarded),
        "external_unguarded": None if malformed and not open_ else open_,
        "oidc_issuers": sorted(trusted),
        "oidc_without_subject": None if malformed and not loose else bool(loose),
        "services": sorted(services),
    }


def _row(row: Row, known: frozenset[str]) -> Row:
    key = {name: row[name] for name in ("arn", "account_id", "region")}
    text = row["assume_role_policy_document"]
    unknown = {**dict.fromkeys(COLUMNS), **key}
    if text is None:
        return unknown
    policy = read(text)
    if not is_read(policy):
        return unknown
    with limited(OF_ONE_POLICY):
        return {**key, **_judge(policy, row["account_id"], known)}


def _values(rows: Iterable[Row], column: str) -> set[str]:
    return {row[column] for row in rows if row[column]}


def _run(tables: Rows) -> Iterator[Row]:
    # An account of the same organisation, or one that is scanned with it, is no stranger.
    known = _values(tables.get("organizations_account", ()), "id")
    known |= _values(tables.get("organizations_organization", ()), "master_account_id")
    known |= _values(tables.get("account", ()), "account_id")
    yield from map(partial(_row, known=frozenset(known)), tables.get("iam_role", ()))


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The role."),
    "account_id": ("string", "The account of the role."),
    "region": ("string", "Always `global`."),
    "external_accounts": ("strings", "Accounts outside the organisation that may assume it."),
    "organization_accounts": ("strings", "Accounts of the same organisation that may assume it."),
    "unguarded_accounts": ("strings", "Outside accounts that need no more than credentials."),
    "external_unguarded": ("bool", "An outside account may assume it without further condition."),
    "oidc_issuers": ("strings", "The OpenID Connect issuers that it trusts."),
    "oidc_without_subject": ("bool", "An issuer is trusted whatever the subject of the token."),
    "services": ("strings", "The AWS services that it trusts."),
}

ROLE_TRUST = Derivation(
    name="role_trust",
    doc="For each role: who outside its account may assume it, and how freely.",
    reads={
        "iam_role": ("arn", "account_id", "region", "assume_role_policy_document"),
        "organizations_account": ("id",),
        "organizations_organization": ("master_account_id",),
        "account": ("account_id",),
    },
    columns=COLUMNS,
    run=_run,
    optional=frozenset({"organizations_account", "organizations_organization", "account"}),
)
