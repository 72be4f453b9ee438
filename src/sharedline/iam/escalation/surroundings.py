"""What escalation needs to know of an estate beside its policies: roles in use, keys, clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sharedline.collect.catalogue import shipped
from sharedline.iam.access.reading import failures
from sharedline.iam.escalation.rules import rules

Row = Mapping[str, Any]

#: Tables that the functions of `needs.py` read, with their columns.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "iam_user": ("user_name",),
    "iam_access_key": ("key_number",),
    "iam_credential_report": ("password_enabled",),
    "iam_instance_profile": ("role_arn",),
    "ec2_instance": ("state",),
    "ssm_managed_instance": ("ping_status",),
    "ecs_cluster": ("registered_container_instances_count",),
    "sqs_queue": (),
    "kinesis_stream": (),
    "dynamodb_table": (),
    "lambda_event_source_mapping": ("function_arn",),
    "sagemaker_notebook_instance": ("notebook_instance_status",),
    "ec2_launch_template_version": (),
    "listing": ("table_name", "status"),
}


def table_of(type_: str) -> str:
    """The inventory table of a resource type: `ecs_cluster` of `ecs:cluster`."""
    return type_.replace(":", "_").replace("-", "_")


def _wanted() -> dict[str, set[str]]:
    """Every table and column that the rules would like to read, whether or not it is collected."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, columns in _NEEDED.items():
        found[name].update(columns)
    for rule in rules().values():
        if rule.resource:
            found[rule.resource.table].add(rule.resource.column)
        for one in rule.permissions:
            if one.kind == "existing":
                found[table_of(one.type)].update(())
    return found


def reads() -> Mapping[str, tuple[str, ...]]:
    """The tables and columns that are collected, of those the rules would like to read."""
    known = shipped()
    found = {}
    for name, columns in _wanted().items():
        if name == "listing":
            found[name] = tuple(sorted(columns))
        elif name in known:
            found[name] = tuple(sorted(columns & set(known[name].columns)))
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """A resource with the role that it has: "" for none, None where that is not known."""

    arn: str
    account: str
    role: str | None
    row: Row


@dataclass(frozen=True)
class Surroundings:
    """The rows of the tables in `reads`, as far as the scan has them."""

    rows: Mapping[str, tuple[Row, ...]]
    failed: frozenset[tuple[str, str]] = frozenset()
    profiles: Mapping[str, str] = field(default_factory=dict)
    by_account: Mapping[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    by_arn: Mapping[str, Mapping[str, tuple[Row, ...]]] = field(default_factory=dict)

    def read(self, table: str, account: str) -> bool:
        """Whether the rows of a table in an account are all there are."""
        return table in self.rows and (account, table) not in self.failed

    def of(self, table: str, account: str) -> tuple[Row, ...]:
        """The rows of an account."""
        return self.by_account.get((table, account), ())

    def at(self, table: str, arn: str) -> tuple[Row, ...]:
        """The rows with an ARN."""
        return self.by_arn.get(table, {}).get(arn, ())

    def has_profile(self, role: str) -> bool:
        """Whether an instance profile holds the role."""
        return role in self.profiles.values()

    def held(self, table: str, column: str) -> Iterator[Held]:
        """The resources of a table with their roles."""
        for row in self.rows.get(table, ()):
            value = row.get(column)
            if value and ":instance-profile/" in value:
                value = self.profiles.get(value)
            elif value and not value.startswith("arn:"):
                value = self._named(value, row["account_id"])
            yield Held(row["arn"], row["account_id"], value, row)

    def _named(self, name: str, account: str) -> str | None:
        """The role of an instance profile given by its name."""
        ending = f"/{name}"
        for arn, role in self.profiles.items():
            if arn.endswith(ending) and f"::{account}:" in arn:
                return role
        return None


def build(tables: Mapping[str, Iterable[Row]]) -> Surroundings:
    """From the tables of a scan; one that is missing was not read."""
    kept = {name: tuple(tables[name]) for name in _wanted() if name in tables}
    by_account: dict[tuple[str, str], list[Row]] = defaultdict(list)
    by_arn: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for name, rows in kept.items():
        for row in rows:
            by_account[name, row["account_id"]].append(row)
            if row.get("arn"):
                by_arn[name][row["arn"]].append(row)
    return Surroundings(
        rows=kept,
        failed=failures(kept),
        profiles={
            row["arn"]: row["role_arn"]
            for row in kept.get("iam_instance_profile", ())
            if row["role_arn"]
        },
        by_account={key: tuple(rows) for key, rows in by_account.items()},
        by_arn={t: {a: tuple(r) for a, r in found.items()} for t, found in by_arn.items()},
    )
