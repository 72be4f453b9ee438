"""The filter patterns of CloudWatch Logs: parse one, and say whether it matches a log event.

Answers are three-valued: None where the pattern cannot be understood, or compares a field that the
event does not have with `!=`. Syntax:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html (2026-11-21).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

Event = dict[str, Any]
Matcher = Callable[[Event], bool | None]
_MISSING = object()
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<op>&&|\|\||!=|<=|>=|=|<|>|\(|\))
    | (?P<selector>\$(?:\.[\w\-]+|\[[^\]]*\]|\.\*)+)
    | "(?P<quoted>(?:\\.|[^"\\])*)"
    | %(?P<regex>[^%]*)%
    | (?P<word>[^\s()&|=<>!"]+)
    )""",
    re.VERBOSE,
)
_STEP = re.compile(r"\.([\w\-]+|\*)|\[([^\]]*)\]")
_TERM = re.compile(r'([-?]?)(?:"((?:\\.|[^"\\])*)"|%([^%]*)%|(\S+))')


def any_of(answers: list[bool | None]) -> bool | None:
    """Three-valued `or`."""
    if any(a is True for a in answers):
        return True
    return None if any(a is None for a in answers) else False


def all_of(answers: list[bool | None]) -> bool | None:
    """Three-valued `and`."""
    if any(a is False for a in answers):
        return False
    return None if any(a is None for a in answers) else True


@cache
def compiled(pattern: str) -> Matcher:
    """The pattern as a function from an event to its answer."""
    text = pattern.strip()
    try:
        if text.startswith("{") and text.endswith("}"):
            return _Parser(text[1:-1]).whole()
        if not text.startswith("["):
            return _terms(text)
    except (ValueError, re.error):
        pass  # not understood, like fields between spaces, which CloudTrail never writes
    return _not_understood


def matches(pattern: str, event: Event) -> bool | None:
    """Whether the pattern matches the event; None where that cannot be told."""
    return compiled(pattern)(event)


def _not_understood(_: Event) -> None:
    return None


def _terms(text: str) -> Matcher:
    """`a b` (all), `?a ?b` (any), `-a` (none), `"a phrase"`, `%a regex%`; nothing: everything."""
    found = [
        (m.group(1), _finder(m.group(2) or m.group(4) or "", m.group(3)))
        for m in _TERM.finditer(text)
    ]
    must = [f for sign, f in found if sign == ""]
    never = [f for sign, f in found if sign == "-"]
    either = [f for sign, f in found if sign == "?"]

    def match(event: Event) -> bool | None:
        line = json.dumps(event, separators=(",", ":"))
        if either and not must and not never:
            return any(f(line) for f in either)
        return all(f(line) for f in must) and not any(f(line) for f in never)

    return match


def _finder(term: str, regex: str | None) -> Callable[[str], bool]:
    if regex is not None:
        expression = _expression(regex)
        return lambda line: bool(expression.search(line))
    plain = term.strip()
    return lambda line: plain in line


class _Parser:
    """A JSON pattern: comparisons of selectors joined by `&&`, `||` and parentheses."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if not match or match.end() == position:
                raise ValueError(text[position:])
            kind = match.lastgroup or ""
            self._tokens.append((kind, match.group(kind)))
            position = match.end()
        self._at = 0

    def whole(self) -> Matcher:
        found = self._either()
        if self._at != len(self._tokens):
            raise ValueError("something follows the expression")
        return found

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _either(self) -> Matcher:
        parts = [self._both()]
        while self._peek() == ("op", "||"):
            self._at += 1
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda e: any_of([p(e) for p in parts])

    def _both(self) -> Matcher:
        parts = [self._one()]
        while self._peek() == ("op", "&&"):
            self._at += 1
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda e: all_of([p(e) for p in parts])

    def _one(self) -> Matcher:
        kind, value = self._next()
        if (kind, value) == ("op", "("):
            inner = self._either()
            if self._next() != ("op", ")"):
                raise ValueError("a parenthesis is not closed")
            return inner
        if kind != "selector":
            raise ValueError(value)
        return self._comparison(value)

    def _comparison(self, selector: str) -> Matcher:
        kind, operator = self._next()
        if kind == "word":
            return _state(selector, operator.upper(), self._next()[1].upper())
        if kind != "op" or operator not in ("=", "!=", "<", ">", "<=", ">="):
            raise ValueError(operator)
        kind, wanted = self._next()
        if kind not in ("quoted", "regex", "word"):
            raise ValueError(wanted)
        test = _test(kind, wanted, operator)

        def match(event: Event) -> bool | None:
            values = _select(event, selector)
            if not values:
                # Whether `!=` holds for an absent field is not documented.
                return None if operator == "!=" else False
            return any(test(v) for v in values)

        return match


def _state(selector: str, first: str, second: str) -> Matcher:
    """`IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`."""
    wanted = {"NULL": None, "TRUE": True, "FALSE": False}
    if first == "IS" and second in wanted:
        return lambda e: any(v is wanted[second] for v in _select(e, selector))
    if (first, second) == ("NOT", "EXISTS"):
        return lambda e: not _select(e, selector)
    raise ValueError(first)


def _test(kind: str, wanted: str, operator: str) -> Callable[[Any], bool]:
    if operator in ("<", ">", "<=", ">="):
        return _number_test(float(wanted), operator)
    regex = _expression(wanted) if kind == "regex" else None
    equal = operator == "="

    def test(value: Any) -> bool:
        if isinstance(value, dict | list) or value is None:
            return False
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return (bool(regex.search(text)) if regex else like(text, wanted)) is equal

    return test


def _expression(regex: str) -> re.Pattern[str]:
    """A regex of CloudWatch's subset; many repetitions could take for ever and are refused."""
    if len(re.findall(r"[*+{]", regex)) > 8:
        raise ValueError(regex)
    return re.compile(regex)


def like(text: str, wanted: str) -> bool:
    """Whether `*` in `wanted` can be filled so that it is the text."""
    first, *rest = wanted.split("*")
    if not rest:
        return text == wanted
    if not text.startswith(first):
        return False
    position = len(first)
    for part in rest[:-1]:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return len(text) - position >= len(rest[-1]) and text.endswith(rest[-1])


def _number_test(limit: float, operator: str) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return {
            "<": value < limit,
            ">": value > limit,
            "<=": value <= limit,
            ">=": value >= limit,
        }[operator]

    return test


def _select(event: Event, selector: str) -> list[Any]:
    """The values a selector points to; none where a step is absent."""
    found: list[Any] = [event]
    for match in _STEP.finditer(selector[1:]):
        name = match.group(1) if match.group(1) is not None else match.group(2).strip("'\" ")
        found = [child for value in found for child in _children(value, name)]
    return found


def _children(value: Any, name: str) -> list[Any]:
    if name == "*":
        return list(value.values()) if isinstance(value, dict) else list(value or ())
    if isinstance(value, list):
        return [value[int(name)]] if name.isdigit() and int(name) < len(value) else []
    found = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
    return [] if found is _MISSING else [found]
