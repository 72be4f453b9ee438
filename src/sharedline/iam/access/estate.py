"""The identities, resources and policies of a scan, and which policies meet in a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from sharedline.collect.catalogue import shipped
from sharedline.iam import selftest
from sharedline.iam.access import meeting, organization, reading
from sharedline.iam.access.carriers import CARRIERS, holders
from sharedline.iam.access.entries import Credentials, GroupEntry, PrincipalEntry, ResourceEntry
from sharedline.iam.access.organization import Organization
from sharedline.iam.access.quiet import undisturbed
from sharedline.iam.language import Policy
from sharedline.iam.request import Context, Policies, Request

Row = Mapping[str, Any]

_HOLDERS = ("user", "group", "role")
#: The tables of identities and what they may do.
PRINCIPAL_READS: Mapping[str, tuple[str, ...]] = {
    "iam_user": ("user_name", "group_list", "permissions_boundary_arn", "tags"),
    "iam_group": ("group_name",),
    "iam_role": (
        *("role_name", "assume_role_policy_document", "permissions_boundary_arn"),
        *("last_used_date", "tags"),
    ),
    **{f"iam_{kind}_policy": ("policy_name", "policy_document") for kind in _HOLDERS},
    **{f"iam_{kind}_attached_policy": ("policy_arn",) for kind in _HOLDERS},
    "iam_policy": ("document",),
    "iam_aws_policy": ("document",),
    "iam_aws_boundary_policy": ("document",),
    "iam_credential_report": (
        *("password_enabled", "password_last_used", "mfa_active"),
        *("access_key_1_active", "access_key_1_last_used"),
        *("access_key_2_active", "access_key_2_last_used"),
    ),
    "listing": ("table_name", "status"),
    **organization.READS,
}
#: The tables of resources that carry policies.
RESOURCE_READS: Mapping[str, tuple[str, ...]] = {one.table: one.reads for one in CARRIERS}
#: All of them; `arn`, `account_id` and `region` are always given.
READS: Mapping[str, tuple[str, ...]] = {**PRINCIPAL_READS, **RESOURCE_READS}
#: Those that a scan may lack; what hangs on them is then unknown.
OPTIONAL = frozenset(
    {"listing", "iam_credential_report", "iam_aws_boundary_policy"}
    | organization.READS.keys()
    | RESOURCE_READS.keys()
)


@dataclass(frozen=True)
class Estate:
    """Everything about permissions that a scan saw.

    `documents` are the managed policies, `attachments` their holders (users, roles, groups).
    `unlisted` has account and table of the listings that failed, so that no list is taken for
    complete that is not.
    """

    principals: Mapping[str, PrincipalEntry]
    resources: Mapping[str, ResourceEntry]
    groups: Mapping[str, GroupEntry] = field(default_factory=dict)
    documents: Mapping[str, Policy] = field(default_factory=dict)
    attachments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    organization: Organization = field(default_factory=Organization)
    unlisted: frozenset[tuple[str, str]] = frozenset()

    def account_of(self, arn: str) -> str:
        """The account that owns what the ARN names; empty where nothing says."""
        known = self.holder(arn)
        if known is not None:
            return known.account
        parts = arn.split(":", 5)
        return parts[4] if len(parts) == 6 else ""

    def holder(self, arn: str) -> ResourceEntry | None:
        """The resource of the scan whose policy speaks for this ARN."""
        for name in holders(arn):
            if name in self.resources:
                return self.resources[name]
        return None

    def policies(self, principal: str, resource: str = "") -> Policies:
        """The policies that take part when a principal of the scan asks for a resource."""
        held = self.holder(resource)
        return meeting.policies(self.organization, self.principals[principal], resource, held)

    def context(self, principal: str, resource: str = "") -> Context:
        """The condition keys that the scan itself decides; all others are unknown."""
        asks = self.principals[principal]
        held = self.holder(resource)
        owner = self.account_of(resource) if resource not in ("", "*") else asks.account
        region = meeting.region_of(resource, held)
        return meeting.context(self.organization, asks, owner, held, self.keys, region)

    def request(self, principal: str, action: str, resource: str = "") -> Request:
        """A request of a principal of the scan, with the condition keys that the scan decides."""
        asks = self.principals[principal]
        named = resource or "*"
        owner = self.account_of(named) or asks.account
        return Request(asks.caller, action, named, self.context(principal, resource), owner)

    def unseen(self) -> Iterator[str]:
        """What a list of principals may lack, one sentence each."""
        for account, table in sorted(self.unlisted):
            if table in ("iam_user", "iam_role"):
                what = "users" if table == "iam_user" else "roles"
                yield f"The {what} of account {account} could not be listed."

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every condition key that some policy speaks of, in conditions or variables."""
        found: dict[int, Policy] = {}
        for one in self.principals.values():
            for policy in (*one.identity, *(one.boundary or ()), one.trust):
                if policy is not None:
                    found[id(policy)] = policy
        for entry in self.resources.values():
            if entry.policy is not None:
                found[id(entry.policy)] = entry.policy
        for level in self.organization.attached.values():
            found.update((id(policy), policy) for policy in level)
        return meeting.keys_of(found.values())


def build(tables: Mapping[str, Iterable[Row]]) -> Estate:
    """The estate of a scan from its tables; each is read once.

    The tables of `READS` that are missing were not read, and what hangs on them is unknown. Rows of
    any other table are resources without a policy.
    """
    selftest.check()
    with undisturbed():
        return _build(tables)


def _build(tables: Mapping[str, Iterable[Row]]) -> Estate:
    kept = {name: list(rows) if name in _TWICE else rows for name, rows in tables.items()}
    failed = reading.failures(kept)
    identities = reading.Identities(kept, failed)
    principals = identities.principals()
    resources = {
        one.arn: one
        for one in reading.resources(kept, principals, [*READS, "iam_instance_profile"])
    }
    scanned = {one.account for one in principals.values()}
    scanned |= {one.account for one in resources.values()}
    return Estate(
        principals=principals,
        resources=resources,
        groups=identities.groups(),
        documents=identities.documents,
        attachments=identities.attachments(),
        organization=organization.build(kept, failed, scanned),
        unlisted=failed,
    )


#: Tables that are gone through more than once.
_TWICE = frozenset({"listing", "iam_group", "iam_policy", *organization.READS})


class Scan(Protocol):
    """What `load` needs of a finished scan (`results.Results` has it)."""

    @property
    def lake(self) -> Any:
        """The lake."""

    @property
    def manifest(self) -> Any:
        """The scan's manifest."""

    @property
    def duck(self) -> Any:
        """DuckDB over the lake."""


def load(results: Scan) -> Estate:
    """The estate of a finished scan, with every resource of its inventory."""
    known = shipped()
    stored: Mapping[str, Mapping[str, Any]] = results.manifest.data["tables"]
    wanted: dict[str, tuple[str, ...]] = dict(READS)
    for name in stored.keys() - READS.keys():
        if name in known and known[name].resource:
            wanted[name] = ("tags",)
    return build({n: rows(results, n, wanted[n]) for n in wanted if n in stored})


def rows(results: Scan, table: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """The rows of a table as they are stored; a column that it does not have is NULL."""
    stored = results.manifest.data["tables"][table]
    paths = results.lake.files(results.manifest, "inventory", table)
    count = sum(f["rows"] for f in results.manifest.data["files"] if f["table"] == table)
    view = f"estate__{table}"
    results.duck.files(view, paths, stored, stored, count)
    names = dict.fromkeys(("arn", "account_id", "region", *columns))
    listed = ", ".join(f'"{n}"' if n in stored else f'null as "{n}"' for n in names)
    for batch in results.duck.query(f'select {listed} from "{view}"').to_batches():
        yield from batch.to_pylist()


__all__ = [
    "OPTIONAL",
    "PRINCIPAL_READS",
    "READS",
    "RESOURCE_READS",
    "Credentials",
    "Estate",
    "GroupEntry",
    "PrincipalEntry",
    "ResourceEntry",
    "Scan",
    "build",
    "load",
    "rows",
]
