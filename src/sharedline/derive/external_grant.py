"""The table `external_grant`: who outside the account is let in to what, and whether as a stranger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows

#: Shares that are lists of names rather than policies: the columns with accounts, organizations.
SHARES: Mapping[str, tuple[str, ...]] = {
    "ec2_snapshot": ("restorable_by_accounts",),
    "ec2_image": ("launchable_by_accounts", "launchable_by_organizations"),
    "rds_snapshot": ("restore_account_ids",),
    "rds_cluster_snapshot": ("restore_account_ids",),
}
_ACCOUNT_DIGITS = 12
#: An organization's id in its ARN, or in that of one of its units.
_ORGANIZATION = re.compile(r"arn:[\w-]+:organizations::\d*:(?:organization|ou)/(o-[a-z0-9]+)")


@dataclass(frozen=True)
class Family:
    """The accounts and the organisation that are no strangers.

    `complete` is False where there is an organisation whose accounts could not be listed: then an
    account that is not known may belong to it.
    """

    accounts: frozenset[str]
    organizations: frozenset[str]
    complete: bool

    def is_outside(self, grantee: str) -> bool | None:
        """Whether a grantee is a stranger; None where it cannot be told."""
        if grantee in ("*", "all"):
            return True
        if found := _ORGANIZATION.match(grantee):
            grantee = found[1]
        if grantee.startswith("o-"):
            return grantee.partition("/")[0] not in self.organizations
        if grantee.isdigit() and len(grantee) == _ACCOUNT_DIGITS:
            if grantee in self.accounts:
                return False
            return True if self.complete else None
        return None


def _family(tables: Rows) -> Family:
    organizations = list(tables.get("organizations_organization", ()))
    members = {row["id"] for row in tables.get("organizations_account", ())}
    known = members | {row["account_id"] for row in tables.get("account", ())}
    known |= {row["master_account_id"] for row in organizations}
    return Family(
        accounts=frozenset(one for one in known if one),
        organizations=frozenset(row["id"] for row in organizations if row["id"]),
        complete=bool(members) or not organizations,
    )


def _rows(row: Row, table: str, grantees: Iterable[str] | None, family: Family) -> Iterator[Row]:
    key = {
        "arn": row["arn"],
        "account_id": row["account_id"],
        "region": row["region"],
        "table_name": table,
    }
    if grantees is None:
        yield {**key, "grantee": None, "outside": None}
        return
    for grantee in sorted({one for one in grantees if one} - {row["account_id"]}):
        yield {**key, "grantee": grantee, "outside": family.is_outside(grantee)}


def _run(tables: Rows) -> Iterator[Row]:
    family = _family(tables)
    for row in tables.get("resource_policy", ()):
        grantees = None if row["is_cross_account"] is None else row["external_principals"]
        yield from _rows(row, row["table_name"], grantees, family)
    for table, columns in SHARES.items():
        for row in tables.get(table, ()):
            lists = [row[column] for column in columns]
            read = [one for one in lists if one is not None]
            yield from _rows(row, table, {name for one in read for name in one}, family)
            if len(read) < len(lists):
                yield from _rows(row, table, None, family)


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The resource that is shared."),
    "account_id": ("string", "The account of the resource."),
    "region": ("string", "The Region of the resource, or `global`."),
    "table_name": ("string", "The table that the resource is a row of."),
    "grantee": ("string", "An account, an organisation, or `*` for everybody; NULL: not readable."),
    "outside": ("bool", "It is neither an account of the organisation nor one that is scanned."),
}

EXTERNAL_GRANT = Derivation(
    name="external_grant",
    doc="Who beside its own account is let in to a resource, by its policy or by a share.",
    reads={
        "resource_policy": (
            *("arn", "account_id", "region", "table_name"),
            *("is_cross_account", "external_principals"),
        ),
        **{table: ("arn", "account_id", "region", *columns) for table, columns in SHARES.items()},
        "organizations_organization": ("id", "master_account_id"),
        "organizations_account": ("id",),
        "account": ("account_id",),
    },
    columns=COLUMNS,
    run=_run,
    optional=frozenset({"resource_policy", *SHARES, "organizations_account", "account"}),
    by_table=True,
)
