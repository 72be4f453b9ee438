"""The table `alarm_route`: whether what an alarm tells reaches somebody who confirmed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.event_pattern import matches
from sharedline.derive.log_pattern import all_of
from sharedline.derive.subscribers import Answer, Estate, Place, best

#: Actions that change capacity or an instance; an alarm with these alone is not for people.
_MECHANICAL = (":autoscaling:", ":automate:", ":swf:", ":application-autoscaling:")
_CHATBOT = "sns-api.chatbot"
#: Subscribers that keep a copy and tell nobody.
_SILENT = frozenset({"firehose"})
_STARTS = ((":lambda:", "function"), (":ssm-incidents:", "response plan"), (":ssm:", "OpsItem"))


@dataclass(frozen=True)
class _Topics:
    """The subscriptions of each topic."""

    estate: Estate
    subscriptions: dict[str, list[Row]]

    def reached(self, topic: str) -> Answer:
        """Whether a subscriber of the topic confirmed, and who it is."""
        parts = topic.split(":")
        if len(parts) < 6:
            return None, f"{topic} is not understood"
        name, rows = parts[5], self.subscriptions.get(topic)
        if rows is None:
            place = (parts[4], parts[3])
            return self.estate.empty(place, "sns_subscription", f"topic {name} has no subscriber")
        answers = [_subscriber(row, name) for row in rows]
        return best(answers)


def _subscriber(row: Row, topic: str) -> Answer:
    protocol, endpoint = row["protocol"] or "", row["endpoint"] or ""
    who = f"{protocol} {endpoint}".strip()
    if not row["confirmed"]:
        state = "has not confirmed" if row["confirmed"] is False else "may not have confirmed"
        return row["confirmed"], f"{who} {state} its subscription to topic {topic}"
    if protocol in _SILENT:
        return False, f"topic {topic} only keeps a copy ({who})"
    if _CHATBOT in endpoint:
        return None, f"topic {topic} goes to a chat channel; who reads it is not known"
    return True, f"topic {topic} reaches {who}"


def _is_mechanical(target: str) -> bool:
    return any(mark in target for mark in _MECHANICAL)


def _target(arn: str, topics: _Topics) -> Answer:
    if ":sns:" in arn:
        return topics.reached(arn)
    for mark, what in _STARTS:
        if mark in arn:
            return None, f"it starts the {what} {arn.split(':', 5)[-1]}; whom that tells is unknown"
    return None, f"it tells {arn}, which is not understood"


def _rules(rows: Rows) -> dict[Place, list[Row]]:
    found: dict[Place, list[Row]] = defaultdict(list)
    for row in rows.get("events_rule", ()):
        if row["state"] != "DISABLED" and row["event_pattern"]:
            found[row["account_id"], row["region"]].append(row)
    return found


def _by_rule(alarm: Row, rules: list[Row]) -> Answer | None:
    """A rule of EventBridge that the alarm's change of state sets off, by name."""
    event = {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "account": alarm["account_id"],
        "region": alarm["region"],
        "resources": [alarm["arn"]],
        "detail": {"alarmName": alarm["alarm_name"], "state": {"value": "ALARM"}},
    }
    for rule in rules:
        if matches(rule["event_pattern"], event) is not False:
            return None, f"rule {rule['name']} takes its change of state; whom it tells is unknown"
    return None


def _route(alarm: Row, topics: _Topics, rules: list[Row]) -> Answer | None:
    """None where the alarm is not there to tell anybody."""
    actions = alarm["alarm_actions"]
    if actions is None:
        return None, "its actions could not be read"
    telling = [a for a in actions if not _is_mechanical(a)]
    by_rule = _by_rule(alarm, rules)
    if not telling and not by_rule:
        return None
    answers = [_target(a, topics) for a in telling]
    if alarm["actions_enabled"] is False:
        answers = [(False, "its actions are switched off")]
    answer = best([*answers, *([by_rule] if by_rule else [])])
    enabled = True if answer is by_rule else alarm["actions_enabled"]
    return all_of([enabled, answer[0]]), answer[1]


def run(rows: Rows) -> Iterator[Row]:
    """One row per alarm that is there to tell somebody."""
    estate = Estate.of(rows)
    subscriptions: dict[str, list[Row]] = defaultdict(list)
    for row in rows.get("sns_subscription", ()):
        subscriptions[row["topic_arn"]].append(row)
    topics, rules = _Topics(estate, dict(subscriptions)), _rules(rows)
    for alarm in rows.get("cloudwatch_alarm", ()):
        answer = _route(alarm, topics, rules.get((alarm["account_id"], alarm["region"]), []))
        if answer is None:
            continue
        yield {
            "arn": alarm["arn"],
            "account_id": alarm["account_id"],
            "region": alarm["region"],
            "alarm_name": alarm["alarm_name"],
            "targets": alarm["alarm_actions"],
            "reached": answer[0],
            "missing": answer[1],
        }


ALARM_ROUTE = Derivation(
    name="alarm_route",
    doc="For each alarm that is there to tell somebody: whether that reaches who confirmed.",
    reads={
        "account_region": ("arn",),
        "listing": ("table_name", "status"),
        "cloudwatch_alarm": ("alarm_name", "kind", "actions_enabled", "alarm_actions"),
        "sns_subscription": ("topic_arn", "confirmed", "protocol", "endpoint"),
        "events_rule": ("name", "event_pattern", "state"),
    },
    optional=frozenset({"listing", "events_rule"}),
    columns={
        "arn": ("string", "The alarm."),
        "account_id": ("string", "The account."),
        "region": ("string", "The Region."),
        "alarm_name": ("string", "The alarm's name."),
        "targets": ("strings", "What is told when the alarm goes off."),
        "reached": ("bool", "A subscriber that confirmed is told; NULL: whom it tells is unknown."),
        "missing": ("string", "Whom it reaches, or what lacks."),
    },
    run=run,
)
