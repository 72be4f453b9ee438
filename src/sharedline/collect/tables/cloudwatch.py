"""Amazon CloudWatch: metric and composite alarms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col


def _alarms(page: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """One call answers for both kinds; `Kind` tells them apart."""
    for kind in ("Metric", "Composite"):
        for alarm in page.get(f"{kind}Alarms") or ():
            yield {**alarm, "Kind": kind.lower()}


CLOUDWATCH_ALARM = Table(
    name="cloudwatch_alarm",
    service="cloudwatch",
    iam_prefix="cloudwatch",
    arn="{AlarmArn}",
    doc="A metric alarm or a composite alarm.",
    list=Call(operation="DescribeAlarms", params={"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}),
    transform=_alarms,
    columns={
        "alarm_name": col("AlarmName", "string", "The name of the alarm."),
        "kind": col("Kind", "string", "`metric` or `composite`."),
        "actions_enabled": col("ActionsEnabled", "bool", "Whether actions run at all."),
        "alarm_actions": col("AlarmActions", "strings", "What is told when the alarm goes off."),
        "state_value": col("StateValue", "string", "OK, ALARM or INSUFFICIENT_DATA."),
        "metric_name": col("MetricName", "string", "The metric; empty for maths.", default=""),
        "namespace": col("Namespace", "string", "The metric's namespace.", default=""),
        "metrics": col("Metrics", "json", "The metrics of an alarm on metric maths.", default="[]"),
        "alarm_rule": col("AlarmRule", "string", "The rule of a composite alarm.", default=""),
    },
)
