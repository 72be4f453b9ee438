"""Estates made up for the benchmarks of the policy engine: accounts, roles, users, resources."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from sharedline.iam.access.estate import READS

Tables = dict[str, list[dict[str, Any]]]
ORG, MANAGEMENT = "o-bench", "999999999999"


def account(number: int) -> str:
    return f"{number + 100_000_000_000:012d}"


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _allow(actions: Any, resources: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


#: Managed policies of the kinds that accounts have: narrow, wide, all but some, conditional.
MANAGED = {
    "admin": _policy(_allow("*", "*")),
    "reader": _policy(
        _allow(["s3:Get*", "s3:List*", "ec2:Describe*", "kms:Decrypt", "logs:Get*", "sqs:Receive*",
                "dynamodb:Get*", "dynamodb:Scan", "ssm:Get*", "ecr:BatchGetImage"], "*")),
    "power": _policy({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"],
                      "Resource": "*"}, _allow(["iam:PassRole", "iam:List*"], "*")),
    "team": _policy(_allow(["s3:*", "sqs:*", "secretsmanager:*"], "*", Condition={
        "StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}})),
    "mfa": _policy(_allow("iam:*", "arn:aws:iam::*:user/${aws:username}"),
                   {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {
                       "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}),
    "boundary": _policy(_allow("*", "*"), {"Effect": "Deny", "Action": ["iam:*User*", "iam:Put*"],
                                           "Resource": "*"}),
}  # fmt: skip
_SERVICES = (
    "s3",
    "sqs",
    "dynamodb",
    "secretsmanager",
    "lambda",
    "kms",
    "sns",
    "ssm",
    "ecr",
    "logs",
)


def _own(draw: random.Random, number: int, home: str) -> str:
    """A role's inline policy: its own bucket and queue, one service more, now and then a Deny."""
    service = draw.choice(_SERVICES)
    found = [
        _allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
               [f"arn:aws:s3:::app-{number % 700}-*", f"arn:aws:s3:::app-{number % 700}-*/*"]),
        _allow([f"{service}:Get*", f"{service}:List*", f"{service}:Put*"],
               f"arn:aws:{service}:*:{home}:*"),
        _allow(["kms:Decrypt", "kms:GenerateDataKey"], "*"),
        _allow("sts:AssumeRole", f"arn:aws:iam::*:role/app-{number % 50}*"),
    ]  # fmt: skip
    if number % 5 == 0:
        found.append({"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::app-*"})
    return _policy(*found)


class Estate:
    """The tables of an estate of some size; the same for the same numbers."""

    def __init__(self, *, roles: int, users: int, accounts: int, resources: int) -> None:
        self.tables: Tables = {name: [] for name in READS}
        self.draw = random.Random(7)  # noqa: S311  no secret hangs on it
        self.accounts = accounts
        self._organization()
        for number in range(accounts):
            for name, text in MANAGED.items():
                self.add("iam_policy", f"arn:aws:iam::{account(number)}:policy/{name}",
                         account(number), document=text)  # fmt: skip
        for number in range(roles):
            self._role(number)
        for number in range(users):
            self._user(number)
        for number in range(resources):
            self._resource(number)

    def add(self, table: str, arn: str, home: str, **columns: Any) -> None:
        row = {"arn": arn, "account_id": home, "region": "global"}
        self.tables[table].append({**dict.fromkeys(READS[table]), **row, **columns})

    def _organization(self) -> None:
        for home in [MANAGEMENT, *map(account, range(self.accounts))]:
            self.add("organizations_organization", "arn:o", home, id=ORG, feature_set="ALL",
                     master_account_id=MANAGEMENT)  # fmt: skip
            self.add("organizations_account", f"arn:a:{home}", MANAGEMENT, id=home, name=home,
                     path=f"{ORG}/r-1/ou-1/{home}/")  # fmt: skip
        self.add("organizations_policy_type", "arn:r", MANAGEMENT,
                 type="SERVICE_CONTROL_POLICY", status="ENABLED")  # fmt: skip
        scps = {
            "full": (MANAGED["admin"], ["r-1", "ou-1", *map(account, range(self.accounts))]),
            "keep": (_policy({"Effect": "Deny", "Action": ["cloudtrail:Stop*", "config:Delete*"],
                              "Resource": "*", "Condition": {"ArnNotLike": {
                                  "aws:PrincipalArn": "arn:aws:iam::*:role/platform-*"}}}),
                     ["ou-1"]),
            "regions": (_policy({"Effect": "Deny", "NotAction": ["iam:*", "sts:*", "s3:*"],
                                 "Resource": "*", "Condition": {"StringNotEquals": {
                                     "aws:RequestedRegion": ["eu-central-1"]}}}), ["ou-1"]),
        }  # fmt: skip
        for name, (text, targets) in scps.items():
            self.add("organizations_policy", f"arn:p:{name}", MANAGEMENT, id=name, name=name,
                     type="SERVICE_CONTROL_POLICY", content=text)  # fmt: skip
            for target in targets:
                self.add("organizations_policy_target", f"arn:t:{target}", MANAGEMENT,
                         target_id=target, policy_id=name,
                         policy_type="SERVICE_CONTROL_POLICY")  # fmt: skip

    def _managed(self, number: int, home: str) -> Iterator[str]:
        if number % 7 < 5:
            name = ("reader", "team", "power", "reader", "team")[number % 7]
            yield f"arn:aws:iam::{home}:policy/{name}"
        if number % 97 == 0:
            yield f"arn:aws:iam::{home}:policy/admin"

    def _role(self, number: int) -> None:
        home = account(number % self.accounts)
        trusted = account((number * 7) % self.accounts)
        arn = f"arn:aws:iam::{home}:role/app-{number}"
        principal = ({"AWS": f"arn:aws:iam::{trusted}:root"} if number % 3 == 0 else
                     {"AWS": f"arn:aws:iam::{home}:role/app-{(number * 13 + 1) % 1000}"}
                     if number % 3 == 1 else {"Service": "lambda.amazonaws.com"})  # fmt: skip
        bounded = f"arn:aws:iam::{home}:policy/boundary" if number % 4 == 0 else ""
        self.add("iam_role", arn, home, role_name=f"app-{number}", permissions_boundary_arn=bounded,
                 tags=json.dumps({"team": f"team-{number % 20}"}),
                 assume_role_policy_document=_policy({
                     "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}),
                 )  # fmt: skip
        self.add("iam_role_policy", arn, home, policy_name="own",
                 policy_document=_own(self.draw, number, home))  # fmt: skip
        for policy in self._managed(number, home):
            self.add("iam_role_attached_policy", arn, home, policy_arn=policy)

    def _user(self, number: int) -> None:
        home = account(number % self.accounts)
        arn = f"arn:aws:iam::{home}:user/person-{number}"
        self.add("iam_user", arn, home, user_name=f"person-{number}", group_list=[],
                 permissions_boundary_arn="",
                 tags=json.dumps({"team": f"team-{number % 20}"}))  # fmt: skip
        for policy in (*self._managed(number, home), f"arn:aws:iam::{home}:policy/mfa"):
            self.add("iam_user_attached_policy", arn, home, policy_arn=policy)

    def _resource(self, number: int) -> None:
        home, kind = account(number % self.accounts), number % 10
        team = json.dumps({"team": f"team-{number % 20}"})
        if kind < 6:
            arn = f"arn:aws:s3:::app-{number % 700}-{number}"
            tls = {"Effect": "Deny", "Principal": "*", "Action": "s3:*",
                   "Resource": [arn, f"{arn}/*"],
                   "Condition": {"Bool": {"aws:SecureTransport": "false"}}}  # fmt: skip
            other = account((number * 3) % self.accounts)
            share = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{arn}/*",
                     "Principal": {"AWS": f"arn:aws:iam::{other}:root"}}  # fmt: skip
            policy = [_policy(tls), _policy(tls, share), "", _policy(share)][number % 4]
            self.add("s3_bucket", arn, home, policy=policy)
        elif kind < 8:
            arn = f"arn:aws:kms:eu-central-1:{home}:key/{number:08d}"
            self.add("kms_key", arn, home, key_manager="CUSTOMER", policy=_policy({
                "Effect": "Allow", "Action": "kms:*", "Resource": "*",
                "Principal": {"AWS": f"arn:aws:iam::{home}:root"}}))  # fmt: skip
        elif kind < 9:
            arn = f"arn:aws:secretsmanager:eu-central-1:{home}:secret:app-{number}-AbCdEf"
            self.add("secretsmanager_secret", arn, home, policy="", tags=team)
        else:
            arn = f"arn:aws:sqs:eu-central-1:{home}:app-{number}"
            self.add("sqs_queue", arn, home, policy=_policy({
                "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn, "Principal": "*",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORG}}}))  # fmt: skip
