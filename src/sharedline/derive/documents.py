"""The text of a policy as it was collected, read for the derived tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sharedline.iam.language import Policy
from sharedline.iam.parse import DOCUMENT, ELEMENTS, parse

#: Steps (`limited`) for all questions about one policy: what is left of a hostile one is unknown.
OF_ONE_POLICY = 15_000

def load(text: str) -> Any:
    """The JSON of a document, also of one that is quoted once more."""
    document = json.loads(text)
    return json.loads(document) if isinstance(document, str) else document


def listed(document: Any) -> list[Any]:
    """The statements of a document as they are written."""
    if not isinstance(document, dict):
        return []
    for key, value in document.items():
        if key.lower() == "statement":
            return value if isinstance(value, list) else [value]
    return []


def _known(raw: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key.lower() in names}


def read(text: str) -> Policy:
    """The policy, read without the elements that the policy language has not.

    AWS takes none; emulators store some that stand beside the statement they belong to, such as
    the FunctionUrlAuthType of a function's URL. What such a statement gives is still found.
    """
    policy = parse(text)
    if policy.whole or not any("expected one of " in one.message for one in policy.problems):
        return policy
    document = load(text)
    kept = _known(document, DOCUMENT)
    statements = [
        _known(one, ELEMENTS) if isinstance(one, dict) else one for one in listed(document)
    ]
    return parse(json.dumps({**kept, "Statement": statements}))


def is_read(policy: Policy) -> bool:
    """Whether the document is one of statements, though some of them may be malformed."""
    return policy.whole or any(one.path.startswith("Statement") for one in policy.problems)
