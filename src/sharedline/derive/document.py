"""The text of a policy as statements; what is malformed is said, never guessed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Effect = Literal["Allow", "Deny", ""]

PRINCIPAL_KINDS = {
    "aws": "AWS",
    "service": "Service",
    "federated": "Federated",
    "canonicaluser": "CanonicalUser",
    "*": "AWS",
}


class PolicyError(ValueError):
    """The text is not a policy that can be read."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a condition block: operator, key (lower case) and its values."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def base(self) -> str:
        """The operator in lower case, without the set prefix and `IfExists`."""
        return self.operator.lower().rpartition(":")[2].removesuffix("ifexists")

    @property
    def if_exists(self) -> bool:
        """Whether an absent key satisfies the condition."""
        return self.operator.lower().endswith("ifexists")

    @property
    def quantifier(self) -> str:
        """The set prefix: `forallvalues`, `foranyvalue`, or an empty text."""
        return self.operator.lower().rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `effect` is empty when it is malformed, and then nothing else is certain."""

    index: int
    effect: Effect = ""
    sid: str = ""
    principals: tuple[tuple[str, str], ...] = ()
    not_principals: tuple[tuple[str, str], ...] = ()
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    block: Mapping[str, Any] = field(default_factory=dict)


def _texts(value: Any) -> tuple[str, ...]:
    """A text or list of texts as a tuple; numbers and booleans as JSON writes them."""
    values = value if isinstance(value, list) else [value]
    out = []
    for one in values:
        if isinstance(one, bool):
            out.append("true" if one else "false")
        elif isinstance(one, (str, int, float)):
            out.append(str(one))
        else:
            raise PolicyError("a value is neither text nor a list of texts")
    return tuple(out)


def _principals(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, (str, list)):
        return tuple(("AWS", text) for text in _texts(value))
    if not isinstance(value, dict):
        raise PolicyError("a principal is neither text nor an object")
    found = []
    for kind, names in value.items():
        known = PRINCIPAL_KINDS.get(kind.lower())
        if known is None:
            raise PolicyError(f"there is no principal type {kind[:40]}")
        found += [(known, name) for name in _texts(names)]
    return tuple(found)


def _conditions(block: Any) -> tuple[Condition, ...]:
    if not isinstance(block, dict):
        raise PolicyError("a condition is not an object")
    found = []
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            raise PolicyError("a condition operator holds no object")
        found += [Condition(operator, key.lower(), _texts(v)) for key, v in keys.items()]
    return tuple(found)


def _lower(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value.lower() for value in values)


def _statement(index: int, raw: Any) -> Statement:
    try:
        if not isinstance(raw, dict) or raw.get("Effect") not in ("Allow", "Deny"):
            return Statement(index)
        if not {"Action", "NotAction"} & raw.keys() or {"Action", "NotAction"} <= raw.keys():
            return Statement(index)
        return Statement(
            index=index,
            effect=raw["Effect"],
            sid=str(raw.get("Sid", "")),
            principals=_principals(raw["Principal"]) if "Principal" in raw else (),
            not_principals=_principals(raw["NotPrincipal"]) if "NotPrincipal" in raw else (),
            actions=_lower(_texts(raw.get("Action", []))),
            not_actions=_lower(_texts(raw.get("NotAction", []))),
            resources=_texts(raw.get("Resource", [])),
            not_resources=_texts(raw.get("NotResource", [])),
            conditions=_conditions(raw.get("Condition", {})),
            block=raw.get("Condition", {}),
        )
    except PolicyError:
        return Statement(index)


def _load(text: str) -> Any:
    document = json.loads(text)
    # botocore leaves a document that it cannot decode as text, which is then quoted once more.
    return json.loads(document) if isinstance(document, str) else document


def statements(text: str) -> Iterator[Statement]:
    """The statements of a policy document; `PolicyError` when the text is no policy at all."""
    try:
        document = _load(text)
    except (ValueError, RecursionError) as error:
        raise PolicyError("the document is not JSON") from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise PolicyError("the document has no Statement")
    raw = document["Statement"]
    for index, one in enumerate(raw if isinstance(raw, list) else [raw]):
        yield _statement(index, one)
