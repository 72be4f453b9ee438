"""The organisation of a scan: which SCPs and RCPs stand above an account, level by level.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
and .../orgs_manage_policies_rcps.html (read 2026-11-21): neither kind touches the management
account; every account, unit and root has at least one policy of each kind that is switched on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sharedline.iam.language import Policy
from sharedline.iam.parse import parse

Row = Mapping[str, Any]
Levels = tuple[tuple[Policy, ...], ...]

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"

#: The tables that tell of an organisation, with the columns that are read of each.
READS: Mapping[str, tuple[str, ...]] = {
    "organizations_organization": ("account_id", "id", "feature_set", "master_account_id"),
    "organizations_account": ("id", "name", "path", "parent_id"),
    "organizations_root": ("id", "name"),
    "organizations_ou": ("id", "name", "parent_id"),
    "organizations_policy_type": ("account_id", "type", "status"),
    "organizations_policy": ("id", "name", "type", "content"),
    "organizations_policy_target": ("target_id", "policy_id", "policy_type"),
}
#: Without one of these nothing can be said of the policies of a member account.
_GUARDRAILS = (
    "organizations_policy_type",
    "organizations_policy",
    "organizations_policy_target",
)


@dataclass(frozen=True, slots=True)
class Guardrails:
    """The policies of one kind above an account, root first; `unreadable` says why not, if so."""

    levels: Levels = ()
    unreadable: str = ""


@dataclass(frozen=True)
class Organization:
    """What a scan saw of the organisations of its accounts."""

    #: Organisation id and management account by account; an id of None: it is not known.
    of_account: Mapping[str, tuple[str | None, str]] = field(default_factory=dict)
    #: Root, units and the account itself, by account; absent where the place is not known.
    above: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    #: The policies attached to each root, unit and account, by kind.
    attached: Mapping[tuple[str, str], tuple[Policy, ...]] = field(default_factory=dict)
    #: Why the policies could not be read; empty where they were.
    missing: str = ""
    #: Organisation and kind of policy where that kind is not switched on.
    off: frozenset[tuple[str, str]] = frozenset()
    #: Policies whose content was not readable, by the place that they are attached to and kind.
    closed: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def id_of(self, account: str) -> str | None:
        """The organisation of an account: its id, "" for none, None where that is not known."""
        if account in self.of_account:
            return self.of_account[account][0]
        return None

    def path_of(self, account: str) -> str | None:
        """`o-…/r-…/ou-…/`, as `aws:PrincipalOrgPaths` has it; None where it is not known."""
        found = self.id_of(account)
        if not found or account not in self.above:
            return None
        return "/".join((found, *self.above[account][:-1])) + "/"

    def place(self, account: str, level: int) -> str:
        """How people know a level above an account: `unit Workloads`."""
        above = self.above.get(account, ())
        if level >= len(above):
            return "the organisation"
        here = above[level]
        kind = {"r-": "root", "ou": "unit"}.get(here[:2], "account")
        return f"{kind} {self.names.get(here, here)}"

    def guardrails(self, account: str, kind: str) -> Guardrails:
        """The SCPs or RCPs above an account."""
        org, management = self.of_account.get(account, (None, ""))
        if org is None:
            return Guardrails(unreadable=f"the organisation of account {account} is not known")
        if not org or account == management or (org, kind) in self.off:
            return Guardrails()
        what = "SCPs" if kind == SCP else "RCPs"
        if self.missing:
            return Guardrails(unreadable=f"the {what} of {org} are not known: {self.missing}")
        if account not in self.above:
            return Guardrails(unreadable=f"where account {account} hangs in {org} is not known")
        levels = []
        for place in self.above[account]:
            if (place, kind) in self.closed:
                return Guardrails(unreadable=self.closed[place, kind])
            found = self.attached.get((place, kind), ())
            if not found:  # AWS keeps one policy at least at each
                return Guardrails(unreadable=f"no {what[:-1]} of {place} was readable")
            levels.append(found)
        return Guardrails(tuple(levels))


def _above(accounts: Iterable[Row], units: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in accounts:
        if row.get("path"):  # organisation/root/units/…/account/
            parts = [p for p in row["path"].split("/")[1:] if p]
            found[row["id"]] = (*(p for p in parts if p != row["id"]), row["id"])
            continue
        chain, at = [row["id"]], row.get("parent_id")
        while at and at not in chain:
            chain.append(at)
            at = units.get(at)
        if chain[-1].startswith("r-"):
            found[row["id"]] = tuple(reversed(chain))
    return found


def _off(
    types: Iterable[Row], of_account: Mapping[str, tuple[str | None, str]]
) -> frozenset[tuple[str, str]]:
    status: dict[tuple[str, str], str] = {}
    for row in types:
        org = of_account.get(row["account_id"], (None, ""))[0]
        if org:
            # The table has a row of SCPs in any case, and none of RCPs that were never switched on.
            status.setdefault((org, RCP), "DISABLED")
            status[org, row["type"]] = row["status"]
    return frozenset(at for at, one in status.items() if one in ("DISABLED", "PENDING_ENABLE"))


def _attached(
    policies: Iterable[Row], targets: Iterable[Row]
) -> tuple[dict[tuple[str, str], tuple[Policy, ...]], dict[tuple[str, str], str]]:
    known = {row["id"]: row for row in policies if row["type"] in (SCP, RCP)}
    found: dict[tuple[str, str], dict[str, Policy]] = defaultdict(dict)
    closed: dict[tuple[str, str], str] = {}
    for target in targets:
        kind = target["policy_type"]
        if kind not in (SCP, RCP):
            continue
        place = (target["target_id"], kind)
        row = known.get(target["policy_id"])
        if row is None or not row.get("content"):
            closed[place] = f"policy {target['policy_id']} of {place[0]} was not readable"
            continue
        found[place][row["id"]] = parse(row["content"], row.get("name") or row["id"])
    return {place: tuple(one.values()) for place, one in found.items()}, closed


def _accounts(
    rows: Mapping[str, list[Row]], scanned: Iterable[str]
) -> dict[str, tuple[str | None, str]]:
    found: dict[str, tuple[str | None, str]] = dict.fromkeys(scanned, ("", ""))
    seen = set()
    for row in rows["organizations_organization"]:
        found[row["account_id"]] = (row["id"], row.get("master_account_id") or "")
        if row.get("feature_set") == "CONSOLIDATED_BILLING":  # has no policies of these kinds
            found[row["account_id"]] = (row["id"], row["account_id"])
        seen.add(found[row["account_id"]])
    if len(seen) == 1:  # its other accounts are in it too, scanned or not
        here = next(iter(seen))
        for row in rows["organizations_account"]:
            if not found.get(row["id"], ("", ""))[0]:
                found[row["id"]] = here
    return found


def build(
    tables: Mapping[str, Iterable[Row]],
    failed: frozenset[tuple[str, str]],
    scanned: Iterable[str],
) -> Organization:
    """From the tables of a scan.

    `failed` has (account, table) of listings that did not succeed; `scanned` the accounts that were
    read: one of them without an organisation's row has none, if the table was read.
    """
    rows = {name: list(tables.get(name, ())) for name in READS}
    told = "organizations_organization" in tables
    alone = (a for a in scanned if told and (a, "organizations_organization") not in failed)
    of_account = _accounts(rows, alone)
    broken = {table for _, table in failed}
    unread = [t for t in _GUARDRAILS if t not in tables or t in broken]
    why = f"{', '.join(unread)} not readable" if unread else ""
    if not unread and not rows["organizations_policy_type"]:
        why = "the kinds of policies that are switched on were not listed"
    attached, closed = _attached(rows["organizations_policy"], rows["organizations_policy_target"])
    units = {row["id"]: row["parent_id"] for row in rows["organizations_ou"]}
    return Organization(
        of_account=of_account,
        above=_above(rows["organizations_account"], units),
        names={
            row["id"]: row.get("name") or row["id"]
            for table in ("organizations_account", "organizations_root", "organizations_ou")
            for row in rows[table]
        },
        attached=attached,
        missing=why,
        off=_off(rows["organizations_policy_type"], of_account),
        closed=closed,
    )
