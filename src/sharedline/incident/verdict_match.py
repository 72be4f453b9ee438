"""Whether a step is of the kind that a verdict rule speaks of: names, outcome, conditions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sharedline.incident.model import Chain, Step

#: Looks up what a condition names (`identity.type`, `request.bucketName`); empty where absent.
Look = Callable[[str], list[Any]]
OPERATORS = ("present", "not", "contains", "over", "outside", "has")


@dataclass(frozen=True, slots=True)
class Match:
    """What a step must be: one of the events, its outcome, every `where`, one of `any`."""

    events: tuple[str, ...]
    outcome: str = "success"
    techniques: tuple[str, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    any: tuple[Mapping[str, Any], ...] = ()


def _parsed(value: Any) -> Any:
    """JSON text as what it says: the row keeps polymorphic members as text."""
    if not isinstance(value, str) or value[:1] not in "{[":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _descend(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """Every value at a path, through lists, names in any case."""
    value = _parsed(value)
    if isinstance(value, list | tuple):
        for one in value:
            yield from _descend(one, path)
        return
    if not path:
        if value is not None:
            yield value
        return
    if isinstance(value, Mapping):
        wanted = path[0].lower()
        for key, inner in value.items():
            if wanted in ("*", str(key).lower()):
                yield from _descend(inner, path[1:])


def _root(step: Step, chain: Chain | None, space: str) -> Any:
    if space == "request":
        return step.request
    if space == "response":
        return step.response
    if space == "identity":
        return step.row.get("useridentity")
    if space == "extra":
        return _parsed(step.row.get("additionaleventdata"))
    if space == "row":
        return step.row
    if space == "step":
        return {name: getattr(step, name) for name in step.__slots__ if name != "row"}
    if space == "subject" and chain is not None:
        subject = chain.subject
        return {name: getattr(subject, name) for name in subject.__slots__}
    return None


def look(step: Step, chain: Chain | None = None) -> Look:
    """How a condition's path is looked up in a step (and in the chain's subject)."""

    def found(path: str) -> list[Any]:
        space, _, rest = path.partition(".")
        return list(_descend(_root(step, chain, space), rest.split(".") if rest else ()))

    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _glob(value: Any, wanted: Any) -> bool:
    """A value against a glob (a star that is meant is written `[*]`); an object matches none."""
    return not isinstance(value, Mapping) and fnmatchcase(
        _text(value).lower(), _text(wanted).lower()
    )


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("-inf")


def holds(found: Look, path: str, wanted: Any, account: str) -> bool:
    """Whether one condition holds; a missing member is none of the values, and differs from none."""
    values = found(path)
    if not isinstance(wanted, Mapping):
        return any(_glob(v, w) for v in values for w in _listed(wanted))
    return all(_operator(values, op, given, account) for op, given in wanted.items())


def _operator(values: list[Any], op: str, given: Any, account: str) -> bool:
    if op == "present":
        return bool(values) is bool(given)
    if op == "not":
        return bool(values) and not any(_glob(v, w) for v in values for w in _listed(given))
    if op == "contains":
        texts = [json.dumps(v, default=str, ensure_ascii=False).lower() for v in values]
        return any(_text(w).lower() in t.replace('\\"', '"') for t in texts for w in _listed(given))
    if op == "over":
        return any(_number(v) > _number(given) for v in values)
    if op == "outside":
        strange = any(_stranger(_text(v), account) for v in values)
        return bool(account) and strange is bool(given)
    # `has`: one and the same element for which all of it holds, as a statement of a policy.
    elements = [e for v in values for e in _listed(v) if isinstance(e, Mapping)]
    return any(all_hold(_inside(e), given, account) for e in elements)


def _inside(element: Any) -> Look:
    return lambda path: list(_descend(element, path.split(".")))


def _stranger(value: str, account: str) -> bool:
    """Whether an account id or an ARN is of another account than the one of the step."""
    parts = value.split(":")
    named = parts[4] if len(parts) > 4 and parts[0] == "arn" else value
    return named.isdigit() and len(named) == 12 and named != account


def all_hold(found: Look, conditions: Mapping[str, Any], account: str) -> bool:
    """Whether every condition holds."""
    return all(holds(found, path, wanted, account) for path, wanted in conditions.items())


def matches(match: Match, step: Step, chain: Chain | None = None) -> bool:
    """Whether a step is what a rule speaks of."""
    if not any(fnmatchcase(step.name.lower(), e.lower()) for e in match.events):
        return False
    if match.outcome != "any" and bool(step.error) is not (match.outcome == "refused"):
        return False
    if match.techniques and not set(match.techniques) & set(step.techniques):
        return False
    found = look(step, chain)
    if not all_hold(found, match.where, step.account):
        return False
    return not match.any or any(all_hold(found, one, step.account) for one in match.any)
