"""From the tables of a scan to users, roles, groups and resources with their parsed policies."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sharedline.iam.access.carriers import CARRIERS, Carrier, invoked_as
from sharedline.iam.access.entries import Credentials, GroupEntry, PrincipalEntry, ResourceEntry
from sharedline.iam.language import Layer, Policy
from sharedline.iam.parse import parse
from sharedline.iam.request import Caller, CallerKind, caller_of

Row = Mapping[str, Any]
Tables = Mapping[str, Iterable[Row]]

#: Listings that AWS answered; the others left nothing, or less than there is.
_ANSWERED = frozenset({"ok", "not_offered"})


def failures(tables: Tables) -> frozenset[tuple[str, str]]:
    """Account and table of the listings that failed, in any Region."""
    return frozenset(
        (row["account_id"], row["table_name"])
        for row in tables.get("listing", ())
        if row["status"] not in _ANSWERED
    )


def tags_of(row: Row) -> Mapping[str, str] | None:
    """The tags of a row, as texts by name; None where they are not known."""
    text = row.get("tags")
    if text is None:
        return None
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def document(text: str | None, name: str) -> Policy | None:
    """A policy column's content; None where there is no policy (the empty text)."""
    return None if text in ("", "{}", None) else parse(text, name)


def _document_tables(tables: Tables) -> dict[str, Policy]:
    found = {}
    for table in ("iam_policy", "iam_aws_policy", "iam_aws_boundary_policy"):
        for row in tables.get(table, ()):
            if row["document"]:
                found[row["arn"]] = parse(row["document"], row["arn"])
    return found


class Holdings:
    """The policies of users, groups or roles, by ARN: embedded ones and attached ones."""

    def __init__(
        self,
        kind: str,
        tables: Tables,
        documents: Mapping[str, Policy],
        failed: frozenset[tuple[str, str]],
    ) -> None:
        """Reads the two tables of a kind."""
        self._found: dict[str, list[Policy]] = defaultdict(list)
        self._why: dict[str, str] = {}
        self.attached: dict[str, list[str]] = defaultdict(list)
        self._tables = (f"iam_{kind}_policy", f"iam_{kind}_attached_policy")
        self._missing = [t for t in self._tables if t not in tables]
        self._failed = failed
        for row in tables.get(self._tables[0], ()):
            name = f"inline policy {row['policy_name']} of {kind} {row['arn'].rpartition('/')[2]}"
            if row["policy_document"]:
                self._found[row["arn"]].append(parse(row["policy_document"], name))
            else:
                self._why[row["arn"]] = f"{name} was not readable"
        for row in tables.get(self._tables[1], ()):
            arn = row["policy_arn"]
            self.attached[row["arn"]].append(arn)
            if arn in documents:
                self._found[row["arn"]].append(documents[arn])
            else:
                self._why[row["arn"]] = f"the document of {arn} was not readable"

    def of(self, arn: str) -> tuple[Policy, ...]:
        """The policies that were read."""
        return tuple(self._found.get(arn, ()))

    def why(self, arn: str, account: str) -> str:
        """Which were not, if any."""
        if arn in self._why:
            return self._why[arn]
        lost = self._missing or [t for t in self._tables if (account, t) in self._failed]
        return f"{' and '.join(lost)} not readable" if lost else ""


class Identities:
    """Users, roles and groups."""

    def __init__(self, tables: Tables, failed: frozenset[tuple[str, str]]) -> None:
        """Reads their tables."""
        self.documents = _document_tables(tables)
        self.roles = list(tables.get("iam_role", ()))
        self._users = list(tables.get("iam_user", ()))
        self._user, self._group, self._role = (
            Holdings(kind, tables, self.documents, failed) for kind in ("user", "group", "role")
        )
        self._groups = {
            (row["account_id"], row["group_name"]): row for row in tables.get("iam_group", ())
        }
        self._report = {row["arn"]: row for row in tables.get("iam_credential_report", ())}

    def attachments(self) -> dict[str, tuple[str, ...]]:
        """The holders of each managed policy."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in (self._user, self._group, self._role):
            for holder, policies in one.attached.items():
                for arn in policies:
                    found[arn].append(holder)
        return {arn: tuple(holders) for arn, holders in found.items()}

    def groups(self) -> dict[str, GroupEntry]:
        """The groups by ARN."""
        members: dict[str, list[str]] = defaultdict(list)
        for user in self._users:
            for name in user["group_list"] or ():
                row = self._groups.get((user["account_id"], name))
                if row:
                    members[row["arn"]].append(user["arn"])
        return {
            row["arn"]: GroupEntry(
                row["arn"], account, name, self._group.of(row["arn"]), tuple(members[row["arn"]])
            )
            for (account, name), row in self._groups.items()
        }

    def principals(self) -> dict[str, PrincipalEntry]:
        """The users and roles by ARN."""
        made = [*map(self._of_user, self._users), *map(self._of_role, self.roles)]
        return {one.arn: one for one in made}

    def _boundary(
        self, row: Row, unreadable: dict[Layer, str]
    ) -> tuple[tuple[Policy, ...] | None, str]:
        arn = row["permissions_boundary_arn"]
        if arn is None:
            unreadable["boundary"] = "whether it has a permissions boundary was not readable"
            return None, ""
        if arn and arn not in self.documents:
            unreadable["boundary"] = f"the document of the boundary {arn} was not readable"
            return None, arn
        return ((self.documents[arn],) if arn else None), arn

    def _of_user(self, row: Row) -> PrincipalEntry:
        arn, account = row["arn"], row["account_id"]
        policies, reasons = list(self._user.of(arn)), [self._user.why(arn, account)]
        groups = []
        if row["group_list"] is None:
            reasons.append("its groups were not readable")
        for name in row["group_list"] or ():
            group = self._groups.get((account, name))
            if group is None:
                reasons.append(f"group {name} was not readable")
                continue
            groups.append(group["arn"])
            policies += self._group.of(group["arn"])
            reasons.append(self._group.why(group["arn"], account))
        said = [why for why in reasons if why]
        unreadable: dict[Layer, str] = {"identity": said[0]} if said else {}
        boundary, boundary_arn = self._boundary(row, unreadable)
        report = self._report.get(arn)
        return PrincipalEntry(
            arn=arn,
            caller=_caller(row, "user"),
            table_name="iam_user",
            name=row["user_name"] or arn.rpartition("/")[2],
            identity=tuple(dict.fromkeys(policies)),
            boundary=boundary,
            boundary_arn=boundary_arn,
            groups=tuple(groups),
            trust=None,
            tags=tags_of(row),
            last_used=_last_used(report or {}),
            unreadable=unreadable,
            credentials=_credentials(report) if report else None,
        )

    def _of_role(self, row: Row) -> PrincipalEntry:
        arn = row["arn"]
        why = self._role.why(arn, row["account_id"])
        unreadable: dict[Layer, str] = {"identity": why} if why else {}
        boundary, boundary_arn = self._boundary(row, unreadable)
        name = row["role_name"] or arn.rpartition("/")[2]
        if not row["assume_role_policy_document"]:
            unreadable["trust"] = "its trust policy was not readable"
        return PrincipalEntry(
            arn=arn,
            caller=_caller(row, "role"),
            table_name="iam_role",
            name=name,
            identity=self._role.of(arn),
            boundary=boundary,
            boundary_arn=boundary_arn,
            groups=(),
            trust=document(row["assume_role_policy_document"], f"trust policy of role {name}"),
            tags=tags_of(row),
            last_used=row.get("last_used_date"),
            unreadable=unreadable,
        )


def _caller(row: Row, kind: CallerKind) -> Caller:
    """The caller of a row; an ARN that is none of AWS's stands for itself."""
    try:
        return caller_of(row["arn"])
    except ValueError:
        role = row["arn"] if kind == "role" else ""
        return Caller(row["arn"], kind, row["account_id"], role)


def _last_used(report: Row) -> datetime | None:
    names = ("password_last_used", "access_key_1_last_used", "access_key_2_last_used")
    return max((report[name] for name in names if report.get(name)), default=None)


def _credentials(report: Row) -> Credentials:
    keys = [report["access_key_1_active"], report["access_key_2_active"]]
    return Credentials(
        password=report["password_enabled"],
        mfa=report["mfa_active"],
        keys=True if True in keys else None if None in keys else False,
    )


def _carried(one: Carrier, row: Row) -> ResourceEntry:
    arn, text = row["arn"], row[one.column]
    why = "its policy was not readable" if text is None else ""
    # AWS writes the policy of a key of its own, and does not let it be changed.
    own = row.get("key_manager") == "AWS"
    return ResourceEntry(
        arn=arn,
        account=row["account_id"],
        table_name=one.table,
        region=row["region"],
        policy=document(text, arn),
        why="it is a key of AWS's own, whose policy is not read" if own else why,
        tags=tags_of(row),
        guarded=not own,
    )


def _plain(table: str, row: Row) -> ResourceEntry:
    return ResourceEntry(
        row["arn"], row["account_id"], table, row.get("region") or "global", tags=tags_of(row)
    )


def resources(
    tables: Tables, principals: Mapping[str, PrincipalEntry], read: Iterable[str]
) -> Iterator[ResourceEntry]:
    """Every resource: those with policies, identities, and the rows of all tables not in `read`."""
    for one in CARRIERS:
        for row in tables.get(one.table, ()):
            entry = _carried(one, row)
            if one.table == "apigateway_rest_api":
                yield _plain(one.table, row)
                called = invoked_as(entry.arn, entry.account)
                entry = ResourceEntry(
                    called, entry.account, one.table, entry.region, entry.policy, entry.why
                )
            yield entry
    for held in principals.values():
        why = held.unreadable.get("trust", "")
        yield ResourceEntry(
            held.arn, held.account, held.table_name, "global", held.trust, why, held.tags
        )
    for table in ("iam_group", "iam_policy"):
        for row in tables.get(table, ()):
            yield _plain(table, row)
    for table in tables.keys() - set(read):
        for row in tables[table]:
            if row["arn"]:
                yield _plain(table, row)
