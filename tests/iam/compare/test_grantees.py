"""Whom statements name, and the short cuts that make a search needless agree with the search."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sharedline.iam.compare.federation import issuers, says_whose
from sharedline.iam.compare.grantees import ITS_ORGANIZATION, grantees
from sharedline.iam.compare.public import is_public, narrows
from sharedline.iam.compare.screening import plainly_open, spares
from sharedline.iam.compare.strangers import closed
from sharedline.iam.language import Statement
from sharedline.iam.parse import parse
from tests.iam.compare.test_public import allow, deny, document, when
from tests.iam.open_conditions import NARROW, OPEN, OTHER, OWN


def statement(raw: dict[str, Any]) -> Statement:
    (found,) = parse(document(raw)).statements
    return found


NAMED = [
    (allow({"AWS": [OTHER, f"arn:aws:iam::{OWN}:root"]}), {OTHER, OWN}, set()),
    (allow({"AWS": f"arn:aws:sts::{OTHER}:assumed-role/r/s"}), {OTHER}, set()),
    (allow({"AWS": OTHER}, **when("StringEquals", "aws:PrincipalAccount", OWN)), set(), set()),
    (allow({"Service": "s3.amazonaws.com"}), set(), set()),
    (allow(), set(), set()),
    (allow(**when("StringEquals", "aws:SourceAccount", OTHER)), {OTHER}, set()),
    (allow(**when("StringEquals", "aws:SourceAccount", "${aws:ResourceAccount}")), {OWN}, set()),
    (allow(**when("StringEqualsIfExists", "aws:SourceAccount", OTHER)), set(), set()),
    (allow(**when("StringEquals", "aws:PrincipalOrgID", "o-abc")), set(), {"o-abc"}),
    (
        allow(**when("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}")),
        set(),
        {ITS_ORGANIZATION},
    ),
    # StringEquals takes a star as a letter, and no organisation's id holds one.
    (allow(**when("StringEquals", "aws:PrincipalOrgID", "o-*")), set(), set()),
    (allow(**when("IpAddress", "aws:SourceIp", "8.8.8.0/24", "10.0.0.0/8")), set(), {"8.8.8.0/24"}),
    (allow(**when("StringEquals", "aws:SourceVpce", "vpce-1")), set(), {"vpce-1"}),
    (allow({"CanonicalUser": "79a5"}), set(), {"CanonicalUser:79a5"}),
]


@pytest.mark.parametrize(("raw", "accounts", "others"), NAMED)
def test_who_is_named(raw: dict[str, Any], accounts: set[str], others: set[str]) -> None:
    found = grantees(statement(raw), OWN)
    assert (set(found.accounts), set(found.others)) == (accounts, others)


def test_an_account_named_for_the_caller_counts_more_than_that_of_a_source() -> None:
    both = {"StringEquals": {"aws:PrincipalAccount": OWN, "aws:SourceAccount": OTHER}}
    assert grantees(statement(allow(Condition=both)), OWN).accounts == {OWN}


@pytest.mark.parametrize(("operator", "key", "value"), NARROW + OPEN)
def test_short_cuts_agree_with_the_search(operator: str, key: str, value: str) -> None:
    it = statement(allow(**when(operator, key, value)))
    narrow = (operator, key, value) in NARROW
    if plainly_open(it.conditions):
        assert not narrow
    if any(closed(one, None) for one in it.conditions):
        assert narrow
    assert narrows(it.conditions, OWN) is narrow


def test_conditions_of_unknown_keys_are_not_decided_and_none_narrows_nothing() -> None:
    assert narrows(statement(allow(**when("StringEquals", "x:y", "z"))).conditions, OWN) is None
    assert narrows((), OWN) is False


def test_a_deny_of_plain_http_spares_everybody_over_tls() -> None:
    plain = deny(**when("Bool", "aws:SecureTransport", "false"))
    assert spares(statement(plain))
    assert not spares(statement(deny(**when("Bool", "aws:SecureTransport", "true"))))
    assert not spares(statement(deny()))
    assert is_public(parse(document(allow(), plain)), "", OWN).answer is True


SUB = "token.actions.githubusercontent.com:sub"
GITHUB = f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"
EKS = "oidc.eks.us-east-1.amazonaws.com/id/abc"
CLAIMS = [
    (GITHUB, {}, False),
    (GITHUB, when("StringLike", SUB, "repo:octo/*"), True),
    (GITHUB, when("StringLike", SUB, "repo:octo*"), False),
    (GITHUB, when("StringNotEquals", SUB, "repo:octo/app:x"), False),
    (GITHUB, when("StringEqualsIfExists", SUB, "repo:octo/app:x"), False),
    (f"arn:aws:iam::{OWN}:oidc-provider/{EKS}", when("StringEquals", f"{EKS}:sub", "a"), True),
    (f"arn:aws:iam::{OWN}:oidc-provider/{EKS}", when("StringEquals", f"{EKS}:aud", "a"), False),
]


@pytest.mark.parametrize(("provider", "condition", "pinned"), CLAIMS)
def test_whose_tokens_are_trusted(provider: str, condition: dict[str, Any], pinned: bool) -> None:
    it = statement({**allow({"Federated": provider}), **condition})
    (name,) = issuers(it)
    assert says_whose(it, name) is pinned, json.dumps(condition)
