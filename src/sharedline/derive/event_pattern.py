"""The event patterns of EventBridge: whether one matches an event.

None where the pattern uses a form that is not known here. Forms:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html.
"""

from __future__ import annotations

import json
from typing import Any

from sharedline.derive.log_pattern import all_of, any_of, like

_MISSING: Any = object()


def matches(pattern: str, event: dict[str, Any]) -> bool | None:
    """Whether the pattern (JSON text) matches the event."""
    try:
        parsed = json.loads(pattern)
    except ValueError:
        return None
    return _object(parsed, event) if isinstance(parsed, dict) else None


def _object(pattern: dict[str, Any], value: Any) -> bool | None:
    answers: list[bool | None] = []
    for key, wanted in pattern.items():
        if key == "$or" and isinstance(wanted, list):
            answers.append(any_of([_object(w, value) for w in wanted if isinstance(w, dict)]))
            continue
        found = value.get(key, _MISSING) if isinstance(value, dict) else _MISSING
        if isinstance(wanted, dict):
            inner = found if isinstance(found, list) else [found]
            answers.append(any_of([_object(wanted, one) for one in inner]))
        else:
            answers.append(_values(wanted, found))
    return all_of(answers)


def _values(wanted: Any, found: Any) -> bool | None:
    """A list of alternatives against a value, or against each of a list of values."""
    if not isinstance(wanted, list):
        return None
    values = found if isinstance(found, list) else [found]
    return any_of([_one(w, v) for w in wanted for v in values])


def _one(wanted: Any, value: Any) -> bool | None:
    if not isinstance(wanted, dict):
        return (value is not _MISSING and type(value) is type(wanted) and value == wanted) or (
            isinstance(value, int | float)
            and isinstance(wanted, int | float)
            and float(value) == float(wanted)
        )
    if len(wanted) != 1:
        return None
    ((form, argument),) = wanted.items()
    if form == "exists":
        return (value is not _MISSING) is bool(argument)
    if value is _MISSING:
        return False
    return _form(form, argument, value)


def _form(form: str, argument: Any, value: Any) -> bool | None:
    text = value if isinstance(value, str) else ""
    if form in ("prefix", "suffix", "equals-ignore-case", "wildcard") and isinstance(argument, str):
        return {
            "prefix": text.startswith(argument),
            "suffix": text.endswith(argument),
            "equals-ignore-case": text.lower() == argument.lower(),
            "wildcard": like(text, argument),
        }[form]
    if form == "anything-but":
        banned = argument if isinstance(argument, list) else [argument]
        answer = any_of([_one(b, value) for b in banned])
        return None if answer is None else not answer
    if form == "numeric" and isinstance(argument, list):
        return _numeric(argument, value)
    return None


def _numeric(rule: list[Any], value: Any) -> bool | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    answers: list[bool | None] = []
    for operator, limit in zip(rule[::2], rule[1::2], strict=False):
        known = {
            "=": value == limit,
            "<": value < limit,
            "<=": value <= limit,
            ">": value > limit,
            ">=": value >= limit,
        }
        answers.append(known.get(operator))
    return all_of(answers)
