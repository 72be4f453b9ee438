"""The table `policy_statement`: every statement of every policy, with what it gives and to whom."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.documents import OF_ONE_POLICY, listed, load, read
from sharedline.derive.sources import RESOURCE_POLICIES, Source
from sharedline.iam.compare.algebra import limited
from sharedline.iam.compare.grantees import grantees
from sharedline.iam.compare.public import is_public, narrows
from sharedline.iam.globs import Glob
from sharedline.iam.language import Policy as Document
from sharedline.iam.language import Principal, Statement

#: The place of a statement in what a problem says of it.
_PLACE = re.compile(r"Statement(?:\[(\d+)\])?(?:\.|$)")


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document with its holder; `text` is None when it was not readable."""

    arn: str
    account_id: str
    region: str
    table_name: str
    kind: str
    text: str | None
    policy_arn: str = ""
    policy_name: str = ""


def _principals(principals: Iterable[Principal] | None) -> list[str]:
    return [
        one.value if one.kind in ("AWS", "*") else f"{one.kind}:{one.value}"
        for one in principals or ()
    ]


def is_everything(pattern: str) -> bool:
    """Whether an action or resource pattern matches all there are: `*`, `**`, `*:*`."""
    return "*" in pattern and not pattern.strip("*:")


def _all(globs: Iterable[Glob] | None, *, excepted: bool) -> bool:
    return not excepted and any(is_everything(one.text) for one in globs or ())


def _all_actions(statement: Statement) -> bool:
    return _all(statement.actions, excepted=statement.not_action)


def _all_resources(statement: Statement) -> bool:
    return _all(statement.resources, excepted=statement.not_resource)


def _full_service(statement: Statement) -> bool:
    """Whether an Allow gives every action of at least one service: `ec2:*`, or all but a few."""
    if statement.effect != "Allow":
        return False
    # A NotAction names a few services; all the others are given whole.
    return statement.not_action or any(
        is_everything(one.text.partition(":")[2] or one.text) for one in statement.actions
    )


def _grants_everything(statement: Statement, *, narrows: bool | None) -> bool | None:
    if statement.effect == "Deny" or not (_all_actions(statement) and _all_resources(statement)):
        return False
    if not statement.conditions:
        return True
    # A condition such as "with MFA" leaves everything granted; only named callers narrow it.
    return None if narrows is None else not narrows


def _unreadable(policy: Policy, index: int) -> Row:
    """A row of NULLs: something is there, and what it says is not known."""
    row: Row = dict.fromkeys(COLUMNS)
    row.update(_holder(policy), statement_index=index)
    return row


def _holder(policy: Policy) -> Row:
    return {
        "arn": policy.arn,
        "account_id": policy.account_id,
        "region": policy.region,
        "table_name": policy.table_name,
        "kind": policy.kind,
        "policy_arn": policy.policy_arn,
        "policy_name": policy.policy_name,
    }


def _parts(statement: Statement) -> Row:
    """The elements as written, each beside its `Not` form."""

    def pair(found: list[str], *, excepted: bool) -> tuple[list[str], list[str]]:
        return ([], found) if excepted else (found, [])

    who = pair(_principals(statement.principals), excepted=statement.not_principal)
    actions = [one.text.lower() for one in statement.actions]
    what = pair(actions, excepted=statement.not_action)
    resources = [one.text for one in statement.resources or ()]
    where = pair(resources, excepted=statement.not_resource)
    return {
        **dict(zip(("principals", "not_principals"), who, strict=True)),
        **dict(zip(("actions", "not_actions"), what, strict=True)),
        **dict(zip(("resources", "not_resources"), where, strict=True)),
    }


def _row(policy: Policy, statement: Statement, block: Any) -> Row:
    own = policy.account_id
    narrowed = narrows(statement.conditions, own)
    anyone: bool | None = False
    external: list[str] = []
    if statement.effect == "Allow" and policy.kind in ("resource", "trust"):
        anyone = is_public(Document(policy.arn, "", (statement,)), "", own).answer
        external = sorted(grantees(statement, own).accounts - {own})
    return {
        **_holder(policy),
        "statement_index": statement.index,
        "sid": statement.sid,
        "effect": statement.effect,
        **_parts(statement),
        "conditions": json.dumps(block, ensure_ascii=False, sort_keys=True),
        "condition_narrows": narrowed,
        "allows_anyone": anyone,
        "external_accounts": external,
        "all_actions": _all_actions(statement),
        "all_resources": _all_resources(statement),
        "grants_full_service": _full_service(statement),
        "grants_everything": _grants_everything(statement, narrows=narrowed),
    }


def _blocks(text: str) -> Mapping[int, Any]:
    """The condition blocks as they are written, of a document that `parse` has read."""
    return {
        at: value
        for at, one in enumerate(listed(load(text)))
        if isinstance(one, dict)
        for key, value in one.items()
        if key.lower() == "condition"
    }


def _malformed(document: Document) -> Iterator[int]:
    """The places of the statements that have no meaning; -1 for the document itself."""
    for one in document.problems:
        if one.level == "fatal":
            found = _PLACE.match(one.path)
            yield int(found[1] or 0) if found else -1


def rows_of(policy: Policy) -> Iterable[Row]:
    """The rows of one policy: none where there is none, one of NULLs where it cannot be read."""
    if policy.text in ("", "{}"):
        return []
    if policy.text is None:
        return [_unreadable(policy, -1)]
    document = read(policy.text)
    conditional = any(it.conditions for it in document.statements)
    blocks = _blocks(policy.text) if conditional else {}
    with limited(OF_ONE_POLICY):
        found = [_row(policy, it, blocks.get(it.index, {})) for it in document.statements]
    found += [_unreadable(policy, at) for at in _malformed(document)]
    return sorted(found, key=lambda row: row["statement_index"])


def _resource(source: Source, row: Row) -> Policy:
    return Policy(
        arn=row["arn"],
        account_id=row["account_id"],
        region=row["region"],
        table_name=source.table,
        kind=source.kind,
        text=row[source.column],
    )


def _managed(row: Row) -> Policy:
    only_boundary = bool(row["permissions_boundary_usage_count"]) and not row["attachment_count"]
    return Policy(
        arn=row["arn"],
        account_id=row["account_id"],
        region=row["region"],
        table_name="iam_policy",
        kind="boundary" if only_boundary else "identity",
        text=row["document"],
        policy_arn=row["arn"],
        policy_name=row["policy_name"] or "",
    )


def _inline(row: Row, *, holder: str) -> Policy:
    return Policy(
        arn=row["arn"],
        account_id=row["account_id"],
        region=row["region"],
        table_name=holder,
        kind="identity",
        text=row["policy_document"],
        policy_name=row["policy_name"] or "",
    )


def _organization(row: Row) -> Policy | None:
    kind = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}.get(row["type"])
    return kind and Policy(  # type: ignore[return-value]
        arn=row["arn"],
        account_id=row["account_id"],
        region=row["region"],
        table_name="organizations_policy",
        kind=kind,
        text=row["content"],
        policy_arn=row["arn"],
        policy_name=row["name"] or "",
    )


_KEYS = ("arn", "account_id", "region")
_INLINE = (*_KEYS, "policy_name", "policy_document")
_OTHERS: Mapping[str, tuple[tuple[str, ...], Callable[[Row], Policy | None]]] = {
    "iam_policy": (
        (
            *_KEYS,
            "policy_name",
            "document",
            "attachment_count",
            "permissions_boundary_usage_count",
        ),
        _managed,
    ),
    "iam_user_policy": (_INLINE, partial(_inline, holder="iam_user")),
    "iam_group_policy": (_INLINE, partial(_inline, holder="iam_group")),
    "iam_role_policy": (_INLINE, partial(_inline, holder="iam_role")),
    "organizations_policy": ((*_KEYS, "name", "type", "content"), _organization),
}


def _run(tables: Rows) -> Iterator[Row]:
    for source in RESOURCE_POLICIES:
        for row in tables.get(source.table, ()):
            yield from rows_of(_resource(source, row))
    for name, (_, make) in _OTHERS.items():
        for row in tables.get(name, ()):
            policy = make(row)
            if policy:
                yield from rows_of(policy)


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The holder: the resource, role, user or group, or the policy itself."),
    "account_id": ("string", "The account of the holder."),
    "region": ("string", "The Region of the holder, or `global`."),
    "table_name": ("string", "The table that the holder is a row of."),
    "kind": ("string", "`resource`, `trust`, `identity`, `boundary`, `scp` or `rcp`."),
    "policy_arn": ("string", "The ARN of the policy, where it has one of its own."),
    "policy_name": ("string", "The name of the policy, where it has one."),
    "statement_index": ("int", "The place of the statement; -1 when the whole is unreadable."),
    "sid": ("string", "The statement's own name."),
    "effect": ("string", "`Allow` or `Deny`; NULL when the statement cannot be read."),
    "principals": ("strings", "Who is named: AWS names plain, others as `Service:…` and so on."),
    "not_principals": ("strings", "Who is excepted by NotPrincipal, in the same form."),
    "actions": ("strings", "The actions, in lower case."),
    "not_actions": ("strings", "The actions excepted by NotAction, in lower case."),
    "resources": ("strings", "The resources."),
    "not_resources": ("strings", "The resources excepted by NotResource."),
    "conditions": ("json", "The condition block."),
    "condition_narrows": ("bool", "Conditions keep the callers to named accounts or networks."),
    "allows_anyone": ("bool", "An Allow for everybody that no condition narrows; Deny not seen."),
    "external_accounts": ("strings", "The other accounts that the statement lets in."),
    "all_actions": ("bool", "The actions hold `*`."),
    "all_resources": ("bool", "The resources hold `*`."),
    "grants_full_service": ("bool", "Allow of every action of at least one service."),
    "grants_everything": ("bool", "Allow, all actions, all resources, and nothing narrows it."),
}

POLICY_STATEMENT = Derivation(
    name="policy_statement",
    doc="Every statement of every policy that was read.",
    reads={
        **{one.table: (*_KEYS, *one.reads) for one in RESOURCE_POLICIES},
        **{name: columns for name, (columns, _) in _OTHERS.items()},
    },
    columns=COLUMNS,
    run=_run,
    optional=frozenset({*(one.table for one in RESOURCE_POLICIES), *_OTHERS}),
    by_table=True,
    made_from={f"iam_{kind}": (f"iam_{kind}_policy",) for kind in ("user", "group", "role")},
)
