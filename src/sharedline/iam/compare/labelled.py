"""Records of the labelled comparison files, each to one result: `{id, answer, …}`.

A record has a `kind`: `policy_subset` (`existing`, `new`, `policy_type`), or of one `policy`
`is_public`, `is_cross_account`, `cross_account_violation` (with `config`), `public_actions`,
`whos_allowed`. Its `definition` says which notion of public it uses. The answer has the form of the
record's `expected`; it is None where it is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sharedline.iam.cases import Case, CaseError
from sharedline.iam.compare import notion_policyuniverse
from sharedline.iam.compare.public import Notion, is_cross_account, is_public
from sharedline.iam.compare.subset import Comparison, Kind, policy_subset
from sharedline.iam.compare.witnesses import Shown
from sharedline.iam.language import Policy
from sharedline.iam.parse import parse
from sharedline.iam.request import Request

Result = dict[str, Any]
_ANSWERS = {True: "PASS", False: "FAIL", None: None}


def kind_of(*policies: Policy) -> Kind:
    """A policy with principals is a resource's."""
    named = any(it.principals is not None for one in policies for it in one.statements)
    return "resource" if named else "identity"


def _policy(case: Case, name: str) -> Policy:
    found = case.record.get(name)
    if not isinstance(found, dict | str):
        raise CaseError(case.line, f"expected a policy document in {name}")
    return parse(found if isinstance(found, str) else json.dumps(found), name)


def _agrees(answer: Any, expected: Any) -> bool | None:
    if expected is None:
        return None
    if isinstance(answer, list) and isinstance(expected, list):
        return sorted(answer) == sorted(expected)
    return bool(answer == expected) and isinstance(answer, bool) is isinstance(expected, bool)


def _result(case: Case, answer: Any, reason: str, **more: Any) -> Result:
    expected = case.record.get("expected")
    return {
        "id": case.id,
        "answer": answer,
        "reason": reason,
        **more,
        "expected": expected,
        "agrees": _agrees(answer, expected),
    }


def of_request(asked: Request | None) -> Result | None:
    """A request as the files of cases write it."""
    if asked is None:
        return None
    return {
        "principal": asked.caller.arn,
        "action": asked.action,
        "resource": asked.resource,
        "resource_account": asked.resource_account,
        "context": {
            key: value[0] if len(value) == 1 else list(value)
            for key, value in sorted(asked.context.values.items())
        },
    }


def of_shown(shown: Shown | None) -> Result:
    """Which statements allow the request, and why the other side does not."""
    if shown is None:
        return {}
    return {
        "allowed_by": [
            {"policy": one.policy.name, "statement": one.statement.sid or one.statement.index + 1}
            for one in shown.allowed.deciding
        ],
        "refused": shown.refused.reason,
        "listed": shown.listed,
    }


def of_comparison(found: Comparison) -> Result:
    """What a comparison says beside its answer."""
    return {"witness": of_request(found.witness), **of_shown(found.shown)}


def compared(case: Case) -> Result:
    """The result of a `policy_subset` record: PASS where the new policy allows nothing more."""
    new, old = _policy(case, "new"), _policy(case, "existing")
    written = str(case.record.get("policy_type", "")).upper()
    kind: Kind = kind_of(new, old)
    if written:
        kind = "resource" if written.startswith("RESOURCE") else "identity"
    found = policy_subset(new, old, kind)
    return _result(case, _ANSWERS[found.answer], found.reason, **of_comparison(found))


def notion_of(record: Mapping[str, Any]) -> Notion:
    """The notion that a record's definition names; AWS's own where it names none."""
    definition = str(record.get("definition", "")).lower()
    if "c7n" in definition or record.get("kind") == "cross_account_violation":
        return "c7n"
    of_syntax = record.get("kind") in ("public_actions", "whos_allowed")
    return "policyuniverse" if "policyuniverse" in definition or of_syntax else "aws"


def judged(case: Case, notion: Notion | None = None) -> Result:
    """The result of a record about one policy."""
    policy, kind = _policy(case, "policy"), case.record.get("kind", "is_public")
    chosen = notion or notion_of(case.record)
    if kind == "public_actions":
        return _result(case, notion_policyuniverse.public_actions(policy), "", notion=chosen)
    if kind == "whos_allowed":
        who = notion_policyuniverse.whos_allowed(policy)
        texts = [f"{what}(category={category!r}, value={v!r})" for what, category, v in who]
        return _result(case, texts, "", notion=chosen)
    if kind not in ("is_public", "is_cross_account", "cross_account_violation"):
        raise CaseError(case.line, f"expected a kind that is known, found {str(kind)[:40]!r}")
    config = case.record.get("config") or {}
    if not isinstance(config, dict):
        raise CaseError(case.line, "expected an object in config")
    of = is_cross_account if kind == "is_cross_account" else is_public
    resource, account = (str(case.record.get(name) or "") for name in ("resource", "account"))
    account = account or str(case.record.get("resource_account") or "")
    found = of(policy, resource, account, chosen, config)
    return _result(
        case,
        found.answer,
        found.reason,
        notion=chosen,
        statements=[one + 1 for one in found.statements],
        witness=of_request(found.witness),
    )
