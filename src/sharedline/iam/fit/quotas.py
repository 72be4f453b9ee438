"""Whether IAM would take a document: its grammar, the actions it names, and the limits of size.

Sources (read 2026-11-21): "IAM and AWS STS quotas",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; "Quotas and service
limits for AWS Organizations",
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html; "Grammar of
the IAM JSON policy language",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sharedline.iam.actions import find, matching, services
from sharedline.iam.language import Policy, Problem, Statement
from sharedline.iam.parse import parse

#: What a document is to be.
Form = Literal["managed", "user", "group", "role", "trust", "session", "scp", "rcp"]

#: Characters at most. IAM does not count white space; Organizations counts a document as it is
#: stored, where its console takes white space away. `trust` can be raised to 8,192 on request.
SIZES: Mapping[Form, int] = {
    "managed": 6_144,
    "user": 2_048,
    "group": 5_120,
    "role": 10_240,
    "trust": 2_048,
    "session": 2_048,
    "scp": 10_240,
    "rcp": 5_120,
}
NAMES: Mapping[Form, str] = {
    "managed": "a managed policy",
    "user": "the inline policies of a user",
    "group": "the inline policies of a group",
    "role": "the inline policies of a role",
    "trust": "a trust policy",
    "session": "a session policy",
    "scp": "a service control policy",
    "rcp": "a resource control policy",
}
#: Managed policies attached at most, before and after a raise.
ATTACHED: Mapping[str, tuple[int, int]] = {"role": (20, 25), "user": (10, 20), "group": (10, 10)}
#: Versions of one managed policy.
VERSIONS = 5
_SID = re.compile(r"[A-Za-z0-9]*")
_COUNTED: frozenset[Form] = frozenset({"scp", "rcp"})
_RESOURCELESS: frozenset[Form] = frozenset({"trust"})
_WITH_PRINCIPAL: frozenset[Form] = frozenset({"trust", "rcp"})


def size(document: str | Mapping[str, Any], form: Form = "managed") -> int:
    """How many characters of its quota a document takes.

    White space within a text counts: only that between the parts of the document does not.
    """
    if isinstance(document, str):
        if form in _COUNTED:
            return len(document)
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            return len(document)
    return len(compact(document))


def compact(document: Any) -> str:
    """The document as JSON without white space between its parts."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def problems(
    document: str | Mapping[str, Any], form: Form = "managed", *, beside: Sequence[int] = ()
) -> tuple[Problem, ...]:
    """All that IAM would refuse or that means nothing, the place first; () where it would take it.

    `beside` are the sizes of the other inline policies that share the quota.
    """
    policy = parse(document)
    found = [one for one in policy.problems if one.level != "warning"]
    found += _characters(document)
    found += _statements(policy, form)
    taken = size(document, form) + sum(beside)
    if taken > SIZES[form]:
        why = f"expected at most {SIZES[form]:,} characters for {NAMES[form]}, found {taken:,}"
        found.append(Problem("document", why, "fatal"))
    return tuple(found)


def _characters(document: str | Mapping[str, Any]) -> list[Problem]:
    written = document if isinstance(document, str) else compact(document)
    for at, char in enumerate(written):
        if not (char in "\t\n\r" or " " <= char <= "\u00ff"):
            why = f"expected characters up to U+00FF, found U+{ord(char):04X} at {at + 1}"
            return [Problem("document", why, "fatal")]
    return []


def _statements(policy: Policy, form: Form) -> list[Problem]:
    found: list[Problem] = []
    if policy.whole and not policy.statements:
        found.append(Problem("Statement", "expected at least one statement", "fatal"))
    sids: set[str] = set()
    for one in policy.statements:
        here = f"Statement[{one.index}]"
        if not _SID.fullmatch(one.sid):
            found.append(Problem(f"{here}.Sid", "expected letters and digits only", "fatal"))
        if one.sid and one.sid in sids:
            found.append(Problem(f"{here}.Sid", "expected a Sid of its own", "fatal"))
        sids.add(one.sid)
        found += _elements(one, here, form)
        found += unknown_actions(one, here)
    return found


def _elements(one: Statement, here: str, form: Form) -> list[Problem]:
    found = []
    if form in _WITH_PRINCIPAL:
        if one.principals is None:
            found.append(Problem(here, "expected a Principal", "fatal"))
    elif one.principals is not None:
        found.append(Problem(f"{here}.Principal", f"expected none in {NAMES[form]}", "fatal"))
    if form in _RESOURCELESS:
        if one.resources is not None:
            found.append(Problem(f"{here}.Resource", f"expected none in {NAMES[form]}", "fatal"))
    elif one.resources is None:
        found.append(Problem(here, "expected Resource or NotResource", "fatal"))
    empty = [name for name, value in _lists(one) if value == ()]
    return found + [Problem(f"{here}.{n}", "expected at least one", "fatal") for n in empty]


def _lists(one: Statement) -> tuple[tuple[str, Sequence[Any] | None], ...]:
    return (("Action", one.actions), ("Resource", one.resources), ("Principal", one.principals))


def unknown_actions(one: Statement, here: str) -> list[Problem]:
    """The entries of an Action element that stand for no action AWS has."""
    found = []
    for pattern in one.actions:
        wild = set(pattern.text) & set("*?")
        if matching(pattern.text) if wild else find(pattern.text):
            continue
        prefix = pattern.text.partition(":")[0].lower()
        known = bool(set(prefix) & set("*?")) or prefix in services()
        what = "an action" if known else "a service"
        why = f"expected {what} that AWS has, found {pattern.text[:80]!r}"
        found.append(Problem(f"{here}.Action", why, "fatal"))
    return found
