"""Rows of scans for tests of the estate: written short, with every column that is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.iam.access.estate import READS

Tables = dict[str, list[dict[str, Any]]]

HOME, OTHER, MANAGEMENT = "111122223333", "444455556666", "999999999999"
ALLOW_ALL = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def text(document: Any) -> Any:
    """A document as the column holds it; None and texts stay."""
    return document if document is None or isinstance(document, str) else json.dumps(document)


def statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, **more}


def document(*statements: Mapping[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


class Rows:
    """Tables in the making; those of `READS` that were given no row are empty, not missing."""

    def __init__(self, *, organization: bool = False) -> None:
        self.tables: Tables = {name: [] for name in READS}
        if organization:
            self.organization()

    def add(self, table: str, arn: str, account: str = HOME, **columns: Any) -> str:
        row: dict[str, Any] = {"arn": arn, "account_id": account, "region": "global"}
        row.update(dict.fromkeys(READS.get(table, ())))
        row.update(columns)
        self.tables.setdefault(table, []).append(row)
        return arn

    def _holder(
        self, kind: str, arn: str, account: str, inline: Iterable[Any], attached: Iterable[str]
    ) -> None:
        for number, one in enumerate(inline):
            name = f"p{number}"
            self.add(f"iam_{kind}_policy", arn, account,
                     policy_name=name, policy_document=text(one))  # fmt: skip
        for policy in attached:
            self.add(f"iam_{kind}_attached_policy", arn, account, policy_arn=policy)

    def role(
        self,
        name: str,
        *inline: Any,
        account: str = HOME,
        attached: Iterable[str] = (),
        boundary: str | None = "",
        trust: Any = "",
        tags: Mapping[str, str] | None = None,
        path: str = "/",
    ) -> str:
        arn = f"arn:aws:iam::{account}:role{path}{name}"
        trusted = trust or document(
            statement(Action="sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"})
        )
        self.add("iam_role", arn, account, role_name=name, permissions_boundary_arn=boundary,
                 assume_role_policy_document=text(trusted), tags=json.dumps(tags or {}))  # fmt: skip
        self._holder("role", arn, account, inline, attached)
        return arn

    def user(
        self,
        name: str,
        *inline: Any,
        account: str = HOME,
        attached: Iterable[str] = (),
        boundary: str | None = "",
        groups: Iterable[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> str:
        arn = f"arn:aws:iam::{account}:user/{name}"
        self.add("iam_user", arn, account, user_name=name, permissions_boundary_arn=boundary,
                 group_list=list(groups), tags=json.dumps(tags or {}))  # fmt: skip
        self._holder("user", arn, account, inline, attached)
        return arn

    def group(self, name: str, *inline: Any, attached: Iterable[str] = ()) -> str:
        arn = f"arn:aws:iam::{HOME}:group/{name}"
        self.add("iam_group", arn, group_name=name)
        self._holder("group", arn, HOME, inline, attached)
        return arn

    def policy(self, name: str, content: Any, account: str = HOME) -> str:
        arn = f"arn:aws:iam::{account}:policy/{name}"
        return self.add("iam_policy", arn, account, document=text(content))

    def bucket(self, name: str, policy: Any = "", account: str = HOME) -> str:
        return self.add("s3_bucket", f"arn:aws:s3:::{name}", account, policy=text(policy))

    def key(self, name: str, policy: Any, account: str = HOME, manager: str = "CUSTOMER") -> str:
        arn = f"arn:aws:kms:eu-central-1:{account}:key/{name}"
        return self.add("kms_key", arn, account, policy=text(policy), key_manager=manager)

    def organization(self, *, scp: bool = True, rcp: bool = False) -> None:
        """Root, one unit with the two accounts, and the management account under the root."""
        for account in (HOME, OTHER, MANAGEMENT):
            self.add("organizations_organization", "arn:org", account, id="o-1",
                     feature_set="ALL", master_account_id=MANAGEMENT)  # fmt: skip
            unit = "" if account == MANAGEMENT else "ou-1/"
            self.add("organizations_account", f"arn:account:{account}", MANAGEMENT, id=account,
                     name=f"account-{account[:4]}", path=f"o-1/r-1/{unit}{account}/")  # fmt: skip
        self.add("organizations_root", "arn:root", MANAGEMENT, id="r-1", name="Root")
        self.add("organizations_ou", "arn:ou", MANAGEMENT, id="ou-1", name="Work", parent_id="r-1")
        for kind, on in (("SERVICE_CONTROL_POLICY", scp), ("RESOURCE_CONTROL_POLICY", rcp)):
            self.add("organizations_policy_type", "arn:root", MANAGEMENT, type=kind,
                     status="ENABLED" if on else "DISABLED")  # fmt: skip
            if on:
                self.guardrail(f"p-full-{kind[:3]}", ALLOW_ALL, "r-1", "ou-1", HOME, OTHER,
                               MANAGEMENT, kind=kind)  # fmt: skip

    def guardrail(
        self, name: str, content: Any, *targets: str, kind: str = "SERVICE_CONTROL_POLICY"
    ) -> None:
        self.add("organizations_policy", f"arn:p:{name}", MANAGEMENT, id=name, name=name, type=kind,
                 content=text(content))  # fmt: skip
        for target in targets:
            self.add("organizations_policy_target", f"arn:t:{target}", MANAGEMENT,
                     target_id=target, policy_id=name, policy_type=kind)  # fmt: skip
