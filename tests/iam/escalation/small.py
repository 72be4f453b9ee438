"""Small estates from a few words each, as the rules' examples write them, as tables of a scan."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sharedline.collect.catalogue import shipped
from sharedline.iam.access.estate import READS
from sharedline.iam.escalation import surroundings

ACCOUNT, REGION = "111122223333", "us-east-1"
PRINCIPALS = ("user", "group", "role", "policy")
_STATEMENT = re.compile(r"(.+?) on (.+?)(?: if (\w+) (\S+) (.+))?", re.DOTALL)
#: The ARN of a row of a table, after `arn:aws:`.
NAMES = {
    "lambda_function": "lambda:{r}:{a}:function:{n}",
    "ec2_instance": "ec2:{r}:{a}:instance/i-{n}",
    "ssm_managed_instance": "ec2:{r}:{a}:instance/i-{n}",
    "ec2_launch_template_version": "ec2:{r}:{a}:launch-template/lt-{n}",
    "ecs_cluster": "ecs:{r}:{a}:cluster/{n}",
    "codebuild_project": "codebuild:{r}:{a}:project/{n}",
    "sagemaker_notebook_instance": "sagemaker:{r}:{a}:notebook-instance/{n}",
    "glue_dev_endpoint": "glue:{r}:{a}:devEndpoint/{n}",
    "glue_job": "glue:{r}:{a}:job/{n}",
    "apprunner_service": "apprunner:{r}:{a}:service/{n}/1",
    "bedrock_agentcore_code_interpreter": "bedrock-agentcore:{r}:{a}:code-interpreter-custom/{n}",
    "cloudformation_stack": "cloudformation:{r}:{a}:stack/{n}/1",
    "cloudformation_stackset": "cloudformation:{r}:{a}:stackset/{n}:1",
    "iam_instance_profile": "iam::{a}:instance-profile/{n}",
    "profile": "iam::{a}:instance-profile/{n}",
    "sqs_queue": "sqs:{r}:{a}:{n}",
    "lambda_event_source_mapping": "lambda:{r}:{a}:event-source-mapping:{n}",
    "s3_bucket": "s3:::{n}",
    **{kind: f"iam::{{a}}:{kind}/{{n}}" for kind in PRINCIPALS},
}


def arn(word: str, account: str = ACCOUNT) -> str:
    """The ARN of `role/boss` or `lambda_function/one`; any other word is itself."""
    kind, _, name = word.partition("/")
    if kind not in NAMES or word.startswith("arn:"):
        return word
    return "arn:aws:" + NAMES[kind].format(a=account, r=REGION, n=name)


def _statement(effect: str, text: str) -> dict[str, Any]:
    found = _STATEMENT.fullmatch(text)
    assert found, f"{text!r} is not ACTIONS on RESOURCES [if OPERATOR KEY VALUE]"
    actions, resources, operator, key, value = found.groups()
    statement: dict[str, Any] = {
        "Effect": effect,
        "Action": [one.strip() for one in actions.split(",")],
        "Resource": [arn(one.strip()) for one in resources.split(",")],
    }
    if operator:
        statement["Condition"] = {operator: {key: value}}
    return statement


def policy(entry: Mapping[str, Any]) -> str:
    """The document of an entry's `allow` and `deny`."""
    statements = [
        _statement(effect, text)
        for effect, key in (("Allow", "allow"), ("Deny", "deny"))
        for text in entry.get(key, ())
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trust(text: str, account: str = ACCOUNT) -> str:
    """The trust policy of `ec2.amazonaws.com`, `account`, `user/dev`, with `if …` behind it."""
    who, _, condition = text.partition(" if ")
    if who.endswith(".amazonaws.com"):
        principal = {"Service": who}
    elif who == "account":
        principal = {"AWS": f"arn:aws:iam::{account}:root"}
    else:
        principal = {"AWS": arn(who)}
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": principal,
    }
    if condition:
        operator, key, value = condition.split(" ", 2)
        statement["Condition"] = {operator: {key: value}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Small:
    """Collects rows."""

    def __init__(self, account: str = ACCOUNT) -> None:
        self.account = account
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, name: str, **columns: Any) -> None:
        row = {"arn": name, "account_id": self.account, "region": "global", "tags": "{}"}
        self.rows[table].append({**row, **columns})

    def principal(self, kind: str, name: str, entry: Mapping[str, Any]) -> None:
        me = arn(f"{kind}/{name}", self.account)
        if kind == "policy":
            self.add("iam_policy", me, document=policy(entry))
            return
        about: dict[str, Any] = {f"{kind}_name": name}
        if kind == "user":
            about["group_list"] = [g.partition("/")[2] for g in entry.get("groups", ())]
            self.user(me, entry)
        if kind == "role":
            about |= {
                "assume_role_policy_document": trust(entry.get("trust", "account"), self.account),
                "last_used_date": None,
            }
        if kind != "group":
            about["permissions_boundary_arn"] = arn(entry.get("boundary", ""), self.account)
        self.add(f"iam_{kind}", me, **about)
        if entry.get("allow") or entry.get("deny"):
            self.add(f"iam_{kind}_policy", me, policy_name="inline", policy_document=policy(entry))
        for one in entry.get("attached", ()):
            self.add(f"iam_{kind}_attached_policy", me, policy_arn=arn(one, self.account))
            if one.startswith("arn:aws:iam::aws:"):
                self.add("iam_aws_policy", one, document=policy({"allow": ["s3:Get* on *"]}))

    def user(self, me: str, entry: Mapping[str, Any]) -> None:
        keys = entry.get("keys", 0)
        for number in range(keys):
            self.add("iam_access_key", me, key_number=number + 1)
        self.add(
            "iam_credential_report",
            me,
            password_enabled=entry.get("password", False),
            password_last_used=None,
            mfa_active=entry.get("mfa", False),
            access_key_1_active=keys > 0,
            access_key_1_last_used=None,
            access_key_2_active=keys > 1,
            access_key_2_last_used=None,
        )


def tables(
    estate: Mapping[str, Mapping[str, Any]], *, unread: tuple[str, ...] = ()
) -> dict[str, list[dict[str, Any]]]:
    """The tables of a scan of the estate: those that Sharedline collects, empty or not."""
    made = Small()
    for word, entry in estate.items():
        kind, _, name = word.partition("/")
        if kind in PRINCIPALS:
            made.principal(kind, name, entry)
            continue
        columns = {k: arn(v) if isinstance(v, str) else v for k, v in entry.items()}
        made.add(kind, arn(word), **{"region": REGION, **columns})
    found = {table: rows for table, rows in made.rows.items() if table not in unread}
    wanted: dict[str, set[str]] = defaultdict(set)
    for reads in (READS, surroundings.reads()):
        for table, columns_of in reads.items():
            wanted[table].update(columns_of)
    known = shipped()
    for table, names in wanted.items():
        if table in unread or not (table in known or table == "listing"):
            continue
        if table.startswith("organizations_") and table != "organizations_organization":
            continue
        rows = found.setdefault(table, [])
        for row in rows:
            for name in names:
                row.setdefault(name, "" if name == "policy" else None)
    return found
