"""Sigma's correlations: what a definition asks for, and the episodes found among matches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sharedline.trail.sigma.fields import Place, place
from sharedline.trail.sigma.model import Window

if TYPE_CHECKING:
    from sigma.correlations import SigmaCorrelationRule

_KINDS = ("event_count", "value_count", "temporal", "temporal_ordered")


@dataclass(frozen=True)
class Linked:
    """A correlation's window, the rules that it names, and for each the places of its keys."""

    window: Window
    rules: tuple[str, ...]
    keys: tuple[tuple[Place, ...], ...]


def link(given: SigmaCorrelationRule) -> Linked:
    """What a definition asks for; `NotUnderstoodError` where this engine does not do it."""
    from sharedline.trail.sigma.conditions import NotUnderstoodError

    kind = given.type.name.lower()
    if kind not in _KINDS:
        raise NotUnderstoodError(f"a correlation of the type {kind}")
    references, least, exact, field = _asked(given, kind)
    keys = []
    for reference in references:
        names = [_aliased(given, reference, name) for name in given.group_by or ()]
        names += [_aliased(given, reference, field)] if field else []
        keys.append(tuple(place(name) for name in names))
    window = Window(kind, (), given.timespan.seconds, least, exact)
    return Linked(window, tuple(references), tuple(keys))


def _asked(given: SigmaCorrelationRule, kind: str) -> tuple[list[str], int, bool, str]:
    """The rules, how many matches, values or rules are a sign, whether exactly, of which field."""
    from sigma.correlations import SigmaCorrelationCondition as Plain
    from sigma.correlations import SigmaCorrelationConditionOperator as Sign

    from sharedline.trail.sigma.conditions import NotUnderstoodError

    condition = given.condition
    if not isinstance(condition, Plain):
        words = condition.expression.split()
        if "or" in words or "not" in words:
            raise NotUnderstoodError("a correlation's condition with `or` or `not`")
        references = condition.get_referenced_rules()
        return references, len(references), False, ""
    references = [r.reference for r in given.rules or ()]
    if not references:
        raise NotUnderstoodError("a correlation that names no rule")
    field = condition.fieldref
    if isinstance(field, list):
        if len(field) != 1:
            raise NotUnderstoodError("a count of several fields")
        field = field[0]
    if condition.op not in (Sign.GTE, Sign.GT, Sign.EQ):
        raise NotUnderstoodError("a count below a number, which every quiet hour is")
    least = int(condition.count) + (condition.op == Sign.GT)
    if kind.startswith("temporal"):
        field, least = "", min(least, len(references)) or len(references)
    if kind == "temporal_ordered":
        least = len(references)
    return references, max(1, least), condition.op == Sign.EQ, str(field or "")


def _aliased(given: SigmaCorrelationRule, reference: str, name: str) -> str:
    alias = given.aliases.aliases.get(name)
    if alias is None:
        return name
    named = {r.reference: field for r, field in alias.mapping.items()}
    return str(named.get(reference, name))


class Match(NamedTuple):
    """An event that a rule matched: which of the window's rules, and its row among all matches."""

    time: datetime
    rule: int
    row: int
    value: str | None


def groups(
    found: Iterable[tuple[Match, tuple[str | None, ...]]],
) -> Mapping[tuple[str, ...], list[Match]]:
    """Matches by their keys, in order of time; one without a key belongs to no group."""
    made: dict[tuple[str, ...], list[Match]] = defaultdict(list)
    for match, keys in found:
        whole = tuple(k for k in keys if k is not None)
        if len(whole) == len(keys):
            made[whole].append(match)
    for matches in made.values():
        matches.sort(key=lambda m: (m.time, m.rule))
    return made


def episodes(window: Window, matches: list[Match]) -> Iterator[list[Match]]:
    """The stretches of a group's matches in which the window's condition holds.

    Windows that overlap are one episode, so that a long attack is reported once.
    """
    if window.kind == "temporal_ordered":
        spans = _ordered(window, matches)
    else:
        spans = _counted(window, matches)
    first, last, most = -1, -1, 0
    for start, end, count in spans:
        if first >= 0 and start > last:
            yield from _kept(window, matches[first : last + 1], most)
            first, most = -1, 0
        first = start if first < 0 else min(first, start)
        last, most = end, max(most, count)
    if first >= 0:
        yield from _kept(window, matches[first : last + 1], most)


def _kept(window: Window, matches: list[Match], most: int) -> Iterator[list[Match]]:
    if not window.exact or most == window.least or window.kind.startswith("temporal"):
        yield matches


def _counted(window: Window, matches: list[Match]) -> Iterator[tuple[int, int, int]]:
    """(first, last, count) of the windows that hold enough, by their last match."""
    span = timedelta(seconds=window.seconds)
    inside: dict[Any, int] = {}
    start = 0
    for end, match in enumerate(matches):
        what = _what(window, match)
        inside[what] = inside.get(what, 0) + 1
        while match.time - matches[start].time > span:
            left = _what(window, matches[start])
            inside[left] -= 1
            if not inside[left]:
                del inside[left]
            start += 1
        count = len(inside) - (None in inside)
        if window.kind == "event_count":
            count = end - start + 1
        if count >= window.least:
            yield start, end, count


def _what(window: Window, match: Match) -> Any:
    if window.kind == "temporal":
        return match.rule
    return match.value if window.kind == "value_count" else ""


def _ordered(window: Window, matches: list[Match]) -> Iterator[tuple[int, int, int]]:
    """The same for rules that must match in their order: by the latest beginning of each chain."""
    span = timedelta(seconds=window.seconds)
    begun: list[int | None] = [None] * len(window.rules)
    for at, match in enumerate(matches):
        for step in reversed(range(len(window.rules))):
            if step != match.rule:
                continue
            start = at if not step else begun[step - 1]
            if start is not None and match.time - matches[start].time <= span:
                begun[step] = start
        start = begun[-1]
        if start is not None and match.rule == len(window.rules) - 1:
            yield start, at, len(window.rules)
            begun[-1] = None
