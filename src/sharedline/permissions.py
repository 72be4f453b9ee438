"""The least policy of the scanning role, from the calls behind the columns that anything reads."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sharedline.checks.load import load as load_checks
from sharedline.collect.catalogue import catalogue
from sharedline.collect.run import closure
from sharedline.collect.schema import describe
from sharedline.project import Project
from sharedline.scanning import wanted_tables

#: What every scan asks before it reads a table. `sts:GetCallerIdentity` needs no permission.
ALWAYS = {"ec2:DescribeRegions": "the Regions that are enabled"}
FOR_ORGANIZATION = {
    "organizations:ListAccounts": "the accounts of the organisation",
    "sts:AssumeRole": "the role in each account",
}
#: Keeps each statement below the 6,144 characters of a managed policy, so that it can be split.
_MAX_STATEMENT = 5500


def needs(project: Project, checks: Sequence[str], *, org: bool) -> dict[str, set[str]]:
    """Each IAM action with what it is read for."""
    chosen = load_checks(checks, project.checks)
    _, wanted = wanted_tables(chosen, project, everything=not checks)
    tables = catalogue(project.tables)
    found: dict[str, set[str]] = defaultdict(set)
    for action, why in {**ALWAYS, **(FOR_ORGANIZATION if org else {})}.items():
        found[action].add(why)
    for name, columns in closure(wanted, tables).items():
        table = tables[name]
        schema = describe(table, tables)
        calls = table.calls()
        first = len(calls) - len(table.details)
        for index, (call, action) in enumerate(zip(calls, schema.actions, strict=True)):
            if index < first or set(call.columns) & set(columns):
                for one in action.split(","):
                    found[one.strip()].add(name)
        for extra in table.actions:
            found[extra].add(name)
    return found


def policy(project: Project, checks: Sequence[str] = (), *, org: bool = False) -> dict[str, Any]:
    """The IAM policy document; every action reads, none writes."""
    actions = sorted(needs(project, checks, org=org))
    statements = []
    by_service: dict[str, list[str]] = defaultdict(list)
    for action in actions:
        by_service[action.split(":")[0]].append(action)
    group: list[str] = []
    for service in sorted(by_service):
        if group and sum(len(a) + 3 for a in group + by_service[service]) > _MAX_STATEMENT:
            statements.append(group)
            group = []
        group += by_service[service]
    statements.append(group)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": f"SharedlineRead{n}", "Effect": "Allow", "Action": found, "Resource": "*"}
            for n, found in enumerate(statements, 1)
        ],
    }


def reasons(project: Project, checks: Sequence[str] = (), *, org: bool = False) -> list[Any]:
    """Each action with the tables it is read for."""
    found = needs(project, checks, org=org)
    return [{"action": a, "why": ", ".join(sorted(found[a]))} for a in sorted(found)]


def terraform(project: Project, checks: Sequence[str] = (), *, org: bool = False) -> str:
    """The policy and a role for it as Terraform; the trusted principal is left to you."""
    document = json.dumps(policy(project, checks, org=org), indent=2)
    body = "\n".join("    " + line for line in document.splitlines())
    return f"""variable "trusted_principal" {{
  description = "The ARN that may assume the scanning role."
  type        = string
}}

resource "aws_iam_role" "sharedline_scan" {{
  name = "SharedlineScan"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = {{ AWS = var.trusted_principal }}
    }}]
  }})
}}

resource "aws_iam_role_policy" "sharedline_scan" {{
  name   = "SharedlineScan"
  role   = aws_iam_role.sharedline_scan.id
  policy = <<-POLICY
{body}
  POLICY
}}
"""
