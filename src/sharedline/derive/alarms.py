"""Whether somebody is told: trail, log group, metric filter, alarm, topic, confirmed subscriber."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sharedline.derive import trails
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.cis_events import Event, event_sets
from sharedline.derive.log_pattern import all_of, matches
from sharedline.derive.subscribers import Answer, Estate, Place, Topics, best

Metric = tuple[str, str]


def _metrics_of(alarm: Row) -> list[Metric]:
    """Namespace and name of each metric that an alarm looks at."""
    found = [(alarm["namespace"] or "", alarm["metric_name"] or "")]
    for query in json.loads(alarm["metrics"] or "[]"):
        metric = (query.get("MetricStat") or {}).get("Metric") or {}
        found.append((metric.get("Namespace", ""), metric.get("MetricName", "")))
    return [m for m in found if m[1]]


@dataclass
class _Alarms:
    """Alarms by the metric they watch, and composite alarms by place."""

    topics: Topics
    watching: dict[tuple[Place, Metric], list[Row]] = field(
        default_factory=lambda: defaultdict(list)
    )
    composite: dict[Place, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            place = (row["account_id"], row["region"])
            if row["kind"] == "composite":
                self.composite[place].append(row)
            for metric in _metrics_of(row):
                self.watching[place, metric].append(row)

    def tells(self, place: Place, metric: Metric) -> Answer:
        """Whether an alarm on the metric reaches somebody, and what is missing."""
        alarms = self.watching.get((place, metric), [])
        name = "/".join(metric)
        if not alarms:
            return self.topics.estate.empty(place, "cloudwatch_alarm", f"no alarm on {name}")
        answers = [self._acts(alarm) for alarm in alarms]
        answers += [
            (all_of([_surely(c["alarm_rule"] or ""), told]), why)
            for alarm in alarms
            for c in self.composite.get(place, ())
            if _refers(c["alarm_rule"] or "", alarm)
            for told, why in [self._acts(c)]
        ]
        return best(answers)

    def _acts(self, alarm: Row) -> Answer:
        name = alarm["alarm_name"]
        if alarm["actions_enabled"] is False:
            return False, f"the actions of alarm {name} are switched off"
        told, why = self.topics.any_reached(alarm["alarm_actions"], f"alarm {name}")
        return all_of([alarm["actions_enabled"], told]), why


def _refers(rule: str, alarm: Row) -> bool:
    names = "|".join(re.escape(str(n)) for n in (alarm["alarm_name"], alarm["arn"]))
    return bool(re.search(rf"""ALARM\(\s*["']?({names})["']?\s*\)""", rule))


def _surely(rule: str) -> bool | None:
    """A composite alarm goes off with one part only if parts are joined by OR."""
    return None if re.search(r"\b(AND|NOT)\b", rule) else True


@dataclass(frozen=True)
class _Filter:
    pattern: str | None
    metrics: tuple[Metric, ...]

    @classmethod
    def of(cls, row: Row) -> _Filter:
        made = json.loads(row["metric_transformations"] or "[]")
        metrics = tuple((m.get("metricNamespace", ""), m.get("metricName", "")) for m in made)
        return cls(row["filter_pattern"], metrics)


@dataclass
class _Judge:
    """Everything an account's answer needs."""

    estate: Estate
    alarms: _Alarms
    filters: dict[tuple[str, str, str], list[_Filter]]

    def event(self, event: Event, able: list[tuple[Row, bool | None]]) -> Answer:
        """Whether one event would be counted by a filter whose alarm reaches somebody."""
        answers: list[Answer] = []
        for trail, sure in able:
            told, why = self._in_group(event, trail["log_group_arn"])
            answers.append((all_of([sure, told]), why))
        return best(answers)

    def _in_group(self, event: Event, arn: str) -> Answer:
        parts = arn.split(":")
        if len(parts) < 7:
            return None, f"the log group {arn} is not understood"
        region, account, group = parts[3], parts[4], ":".join(parts[6:])
        found: list[Answer] = []
        for one in self.filters.get((account, region, group), ()):
            hit = None if one.pattern is None else matches(one.pattern, event)
            if hit is False:
                continue
            told = [self.alarms.tells((account, region), m) for m in one.metrics]
            answer, why = best(told) if told else (False, "the filter has no metric")
            found.append((all_of([hit, answer]), why if hit else "a filter is not understood"))
        if found:
            return best(found)
        return self.estate.empty((account, region), "cloudwatch_metric_filter", "")


def _summary(answers: dict[str, Answer]) -> Answer:
    """One answer for a set of events; the text names what is missing, at most four events."""
    covered = all_of([a for a, _ in answers.values()])
    if covered:
        return True, "each event reaches a confirmed subscriber"
    lacking = {e: why for e, (a, why) in answers.items() if a is covered}
    unmatched = [e for e, why in lacking.items() if not why]
    if unmatched:
        more = f" and {len(unmatched) - 4} more" if len(unmatched) > 4 else ""
        return covered, f"no metric filter counts {', '.join(unmatched[:4])}{more}"
    return covered, next(iter(lacking.values()))


def _filters(rows: Iterable[Row]) -> dict[tuple[str, str, str], list[_Filter]]:
    found: dict[tuple[str, str, str], list[_Filter]] = defaultdict(list)
    for row in rows:
        key = (row["account_id"], row["region"], row["log_group_name"])
        found[key].append(_Filter.of(row))
    return found


def run(rows: Rows) -> Iterator[Row]:
    """One row per account and event set."""
    estate = Estate.of(rows)
    alarms = _Alarms(Topics.of(rows, estate))
    alarms.add(rows.get("cloudwatch_alarm", ()))
    judge = _Judge(estate, alarms, _filters(rows.get("cloudwatch_metric_filter", ())))
    recording: dict[str, list[Row]] = defaultdict(list)
    for trail in trails.run(rows):
        recording[trail["account_id"]].append(trail)
    sets = event_sets()
    for account, arn in sorted(estate.accounts.items()):
        able = trails.eligible(recording[account])
        for name, events in sets.items():
            if able:
                answer = _summary({e: judge.event(v, able) for e, v in events.items()})
            else:
                answer = estate.nowhere(
                    account,
                    ("cloudtrail_trail", "cloudtrail_shadow_trail"),
                    "no multi-Region trail sends all management events to a log group",
                )
            yield _row(account, arn, name, answer)


def _row(account: str, arn: str, name: str, answer: Answer) -> dict[str, Any]:
    return {
        "arn": arn,
        "account_id": account,
        "region": "global",
        "event_set": name,
        "covered": answer[0],
        "missing": answer[1],
    }


ALARM_COVERAGE = Derivation(
    name="alarm_coverage",
    doc="Whether people are told of a set of events, per account; and if not, which part lacks.",
    reads={
        **trails.TRAIL_COVERAGE.reads,
        "account_region": ("arn",),
        "listing": ("table_name", "status"),
        "cloudwatch_metric_filter": ("log_group_name", "filter_pattern", "metric_transformations"),
        "cloudwatch_alarm": (
            "alarm_name",
            "kind",
            "actions_enabled",
            "alarm_actions",
            "metric_name",
            "namespace",
            "metrics",
            "alarm_rule",
        ),
        "sns_subscription": ("topic_arn", "confirmed"),
    },
    optional=frozenset({"cloudtrail_shadow_trail", "listing"}),
    columns={
        "arn": ("string", "The account, as the ARN of its root user."),
        "account_id": ("string", "The account."),
        "region": ("string", "Always `global`: a multi-Region trail brings all events together."),
        "event_set": ("string", "What should be noticed, e.g. `root-use`."),
        "covered": ("bool", "Every event of the set reaches a confirmed subscriber."),
        "missing": ("string", "The first part of the chain that lacks."),
    },
    run=run,
)
