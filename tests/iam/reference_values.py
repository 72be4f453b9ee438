"""The reference's way with texts and conditions: patterns of characters, values, operators."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable
from datetime import datetime
from typing import Any

Document = dict[str, Any]


class UnclearError(Exception):
    """AWS's documentation gives no answer."""


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


ANY, ONE = object(), object()
#: Characters, and the two wildcards.
Pattern = list[Any]


def pattern_of(
    text: str, context: dict[str, list[str]], version: str, *, wildcards: bool = True
) -> Pattern | None:
    """A policy's text with its variables replaced; None where one has no value."""
    out: Pattern = []
    while text:
        if version == "2012-10-17" and text.startswith("${") and "}" in text:
            inner, _, text = text[2:].partition("}")
            if inner in ("*", "?", "$"):
                out.append(inner)
                continue
            key, _, default = inner.partition(",")
            values = context.get(key.strip().lower()) or []
            if len(values) > 1:
                raise UnclearError
            if not values and not default:
                return None
            out += list(values[0] if values else default.strip()[1:-1])
            continue
        char, text = text[0], text[1:]
        out.append({"*": ANY, "?": ONE}.get(char, char) if wildcards else char)
    return out


def wild(pattern: Pattern, text: str) -> bool:
    """By dynamic programming: which beginnings of the text the pattern so far can be."""
    reach = [True] + [False] * len(text)
    for one in pattern:
        if one is ANY:
            for at in range(1, len(text) + 1):
                reach[at] = reach[at] or reach[at - 1]
        else:
            reach = [False] + [
                reach[at] and (one is ONE or one == text[at]) for at in range(len(text))
            ]
    return reach[-1]


def resource_like(pattern: Pattern, text: str) -> bool:
    """A wildcard of the first five parts stops at a colon, save a star that ends its part."""
    colons = [at for at, one in enumerate(pattern) if one == ":"]
    if len(colons) < 5:
        return wild(pattern, text)
    held = [at for at in range(colons[4]) if pattern[at] is ONE or (at + 1 not in colons)]
    reach = [True] + [False] * len(text)
    for at, one in enumerate(pattern):
        if one is ANY:
            for here in range(1, len(text) + 1):
                over = at not in held or text[here - 1] != ":"
                reach[here] = reach[here] or (reach[here - 1] and over)
        else:
            other = [
                one == char or (one is ONE and (at not in held or char != ":")) for char in text
            ]
            reach = [False] + [reach[here] and other[here] for here in range(len(text))]
    return reach[-1]


def arn_like(pattern: Pattern, text: str) -> bool:
    """Six parts, each by itself; a pattern that is no ARN is compared whole."""
    parts: list[Pattern] = [[]]
    for one in pattern:
        if one == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(one)
    if len(parts) < 6:
        return wild(pattern, text)
    here = text.split(":", 5)
    return len(here) == 6 and all(wild(p, t) for p, t in zip(parts, here, strict=True))


# Conditions


def number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if text[-1:].isdigit() else None


def moment(text: str) -> float | None:
    if text.isdigit() and len(text) > 4:
        return float(text)
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


def compare(operator: str, parse: Callable[[str], float | None]) -> Callable[[str, str], bool]:
    def test(there: str, here: str) -> bool:
        a, b = parse(here), parse(there)
        if a is None or b is None:
            return False
        return {
            "equals": a == b,
            "lessthan": a < b,
            "lessthanequals": a <= b,
            "greaterthan": a > b,
            "greaterthanequals": a >= b,
        }[operator]

    return test


def in_network(there: str, here: str) -> bool:
    try:
        network = ipaddress.ip_network(there, strict=False)
        return ipaddress.ip_address(here) in network
    except (ValueError, TypeError):
        return False


def same_bytes(there: str, here: str) -> bool:
    try:
        return base64.b64decode(there, validate=True) == base64.b64decode(here, validate=True)
    except ValueError:
        return False


def value_fits(base: str, there: str, here: str, context: dict[str, list[str]], v: str) -> bool:
    """Whether one value of the policy is matched by one of the request."""
    if base.startswith(("string", "arn")) or base == "bool":
        exact = base in ("stringequals", "stringequalsignorecase", "bool")
        pattern = pattern_of(there, context, v, wildcards=not exact)
        if pattern is None:
            return False
        if base.startswith("arn"):
            return arn_like(pattern, here)
        if base == "stringlike":
            return wild(pattern, here)
        text = "".join(pattern)
        if base == "bool":
            return text.lower() == here.lower() and here.lower() in ("true", "false")
        return text == here or (base != "stringequals" and text.lower() == here.lower())
    if base == "ipaddress":
        return in_network(there, here)
    if base == "binaryequals":
        return same_bytes(there, here)
    if base.startswith("numeric"):
        return compare(base.removeprefix("numeric"), number)(there, here)
    return compare(base.removeprefix("date"), moment)(there, here)


def positive(operator: str) -> tuple[str, bool]:
    for word in ("stringnot", "numericnot", "datenot", "arnnot"):
        if operator.startswith(word):
            return word[:-3] + operator.removeprefix(word), True
    return ("ipaddress", True) if operator == "notipaddress" else (operator, False)


def condition(
    operator: str, key: str, wanted: list[str], context: dict[str, list[str]], version: str
) -> bool:
    words = operator.lower()
    quantifier, _, words = words.rpartition(":")
    values = context.get(key.lower()) or []
    if words == "null":
        return ("false" if values else "true") in [one.lower() for one in wanted]
    if_exists = words.endswith("ifexists")
    base, negated = positive(words.removesuffix("ifexists"))
    if not values:
        if if_exists or quantifier == "forallvalues":
            return True
        return negated and not quantifier
    if quantifier == "forallvalues" and values == [""]:
        return True

    def one(here: str) -> bool:
        matched = any(value_fits(base, there, here, context, version) for there in wanted)
        return matched is not negated

    answers = [one(here) for here in values]
    if quantifier == "forallvalues":
        return all(answers)
    if quantifier == "foranyvalue":
        return any(answers)
    if len(set(answers)) > 1:
        raise UnclearError
    return answers[0]
