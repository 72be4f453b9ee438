"""Matches into detections: one an event, one an episode, or one a day where they are too many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from sharedline.trail.sigma.correlations import Match, episodes, groups
from sharedline.trail.sigma.model import MOST_EVENTS, Detection, Rule, Rules
from sharedline.trail.sigma.sql import INFO


class Found:
    """The matches, as columns, which rows of them are whose, and what was folded."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in (*INFO, "keys")}
        self.rows: dict[int, list[int]] = defaultdict(list)
        self.folded: dict[int, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: pa.Table) -> None:
        """Takes matches."""
        start = len(self.columns["id"])
        for row, rule in enumerate(table["rule"].to_pylist(), start):
            self.rows[rule].append(row)
        for name in self.columns:
            self.columns[name] += table[name].to_pylist()

    def settled(self) -> Found:
        """In order of time and id: engines give rows in any."""
        times, ids = self.columns["moment"], self.columns["id"]
        for number, rows in self.rows.items():
            self.rows[number] = sorted(rows, key=lambda row: (times[row], ids[row] or ""))
        return self


def detections(rule: Rule, number: int, rules: Rules, found: Found) -> Iterator[Detection]:
    """What one rule found, by its number."""
    given = _of_rule(rule)
    for group in found.folded.get(number, ()):
        yield _many(given, group)
    if rule.window is None:
        for row in found.rows.get(number, ()):
            yield _made(rule, given, found, [row])
        return
    window = rule.window
    matches = []
    for position, base in enumerate(window.rules):
        start = 0  # where the keys for this correlation begin among the base rule's
        places = rules.rules[base].keys
        for correlation, several in places.items():
            if correlation == number:
                break
            start += len(several)
        size = len(places[number])
        for row in found.rows.get(base, ()):
            keys = (found.columns["keys"][row] or [])[start : start + size]
            value = keys.pop() if window.kind == "value_count" else None
            matches.append((Match(found.columns["moment"][row], position, row, value), tuple(keys)))
    for together in groups(matches).values():
        for episode in episodes(window, together):
            yield _made(rule, given, found, list(dict.fromkeys(m.row for m in episode)))


def _many(given: Mapping[str, Any], group: Mapping[str, Any]) -> Detection:
    """A detection of a day's events of one principal, of a rule that matches too many."""
    who = (group["principal"] or "somebody unnamed").split(":")[-1]
    day = group["moment"].date().isoformat()
    return Detection(
        **given,
        outcome="attempt" if group["failed"] == group["n"] else "success",
        account=group["account"] or "",
        region=group["region"] or "",
        time=group["moment"],
        principal=group["principal"] or "",
        events=tuple(dict.fromkeys(i for i in (group["first"], group["key"]) if i)),
        count=group["n"],
        summary=f"{who}: {group['n']} events on {day}, the last {group['action']} "
        f"({group['service']}) in {group['region']}.",
    )


def _of_rule(rule: Rule) -> dict[str, Any]:
    names = ("name", "title", "level", "duty", "techniques", "tactics")
    return {"rule": rule.id, **{name: getattr(rule, name) for name in names}}


def _made(rule: Rule, given: Mapping[str, Any], found: Found, rows: list[int]) -> Detection:
    columns = found.columns
    last = rows[-1]
    failed = all(columns["error"][row] for row in rows)
    principals = dict.fromkeys(columns["principal"][row] for row in rows)
    principal = (columns["principal"][last] or "") if len(principals) == 1 else ""
    ids = (columns["id"][row] for row in rows[:MOST_EVENTS])
    return Detection(
        **given,
        outcome="attempt" if failed else "success",
        account=columns["account"][last] or "",
        region=columns["region"][last] or "",
        time=columns["moment"][last],
        principal=principal,
        events=tuple(i for i in ids if i),
        count=len(rows),
        summary=_summary(rule, found, rows, len(principals)),
    )


def _summary(rule: Rule, found: Found, rows: list[int], principals: int) -> str:
    columns = found.columns
    last = rows[-1]
    who = (columns["principal"][last] or "somebody unnamed").split(":")[-1]
    who = who if principals == 1 else f"{principals} principals"
    names = dict.fromkeys(columns["action"][row] for row in rows)
    what = ", ".join(list(names)[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    where = f" in {columns['region'][last]}" if columns["region"][last] else ""
    if rule.window is None:
        error = columns["error"][last]
        return f"{who} called {what} ({columns['service'][last]}){where}" + (
            f", refused: {error.split(':')[0][:60]}." if error else "."
        )
    first = columns["moment"][rows[0]]
    return (
        f"{who}: {len(rows)} events ({what}){where} between {first:%Y-%m-%dT%H:%M:%SZ} and "
        f"{columns['moment'][last]:%Y-%m-%dT%H:%M:%SZ}."
    )
