"""Whether findings of GuardDuty and Security Hub leave the console: rule, target, subscriber."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sharedline.derive.base import Derivation, Row, Rows
from sharedline.derive.event_pattern import matches
from sharedline.derive.log_pattern import all_of
from sharedline.derive.subscribers import Answer, Estate, Place, Topics, best

#: Targets that keep a copy but tell nobody.
_SILENT = (":logs:", ":firehose:", ":kinesis:")
_MAX_HOPS = 3
_AGGREGATOR = "securityhub_finding_aggregator"


def _guardduty(place: Place) -> list[dict[str, Any]]:
    """High findings of two kinds, as GuardDuty sends them."""
    kinds = ("UnauthorizedAccess:EC2/TorClient", "Exfiltration:S3/AnomalousBehavior")
    return [
        {
            "source": "aws.guardduty",
            "detail-type": "GuardDuty Finding",
            "account": place[0],
            "region": place[1],
            "detail": {
                "schemaVersion": "2.0",
                "accountId": place[0],
                "region": place[1],
                "type": kind,
                "severity": 8,
                "service": {"serviceName": "guardduty", "archived": False, "count": 1},
            },
        }
        for kind in kinds
    ]


def _securityhub(place: Place) -> list[dict[str, Any]]:
    """High findings of a control and of GuardDuty, as Security Hub sends them."""
    return [
        {
            "source": "aws.securityhub",
            "detail-type": "Security Hub Findings - Imported",
            "account": place[0],
            "region": place[1],
            "detail": {
                "findings": [
                    {
                        "AwsAccountId": place[0],
                        "Region": place[1],
                        "ProductName": product,
                        "CompanyName": "AWS",
                        "RecordState": "ACTIVE",
                        "Workflow": {"Status": "NEW"},
                        "WorkflowState": "NEW",
                        "Severity": {"Label": "HIGH", "Normalized": 70, "Original": "HIGH"},
                        **({"Compliance": {"Status": "FAILED"}} if product != "GuardDuty" else {}),
                    }
                ]
            },
        }
        for product in ("Security Hub", "GuardDuty")
    ]


@dataclass
class _Routes:
    """The rules of every place, and what is on there."""

    estate: Estate
    topics: Topics
    rules: dict[Place, list[Row]]
    hubs: frozenset[Place]
    aggregators: dict[str, list[str]]
    administrators: dict[Place, str | None]

    def event(self, event: dict[str, Any], place: Place, hops: int = 0) -> Answer:
        """Whether one event in one place reaches somebody."""
        kind = str(event["source"]).removeprefix("aws.")
        answers: list[Answer] = []
        for rule in self.rules.get(place, ()):
            pattern = rule["event_pattern"]
            if pattern == "":
                continue
            hit = None if pattern is None else matches(pattern, event)
            if hit is False:
                continue
            if rule["state"] == "DISABLED":
                answers.append((False, f"rule {rule['name']} is disabled"))
                continue
            told, why = self._targets(rule, event, hops)
            answers.append((all_of([hit, told]), why))
        if answers:
            return best(answers)
        return self.estate.empty(place, "events_rule", f"no rule matches findings of {kind}")

    def _targets(self, rule: Row, event: dict[str, Any], hops: int) -> Answer:
        targets = rule["target_arns"]
        if targets is None:
            return None, f"the targets of rule {rule['name']} could not be read"
        answers = [self._target(t, rule, event, hops) for t in targets]
        return best(answers) if answers else (False, f"rule {rule['name']} has no target")

    def _target(self, arn: str, rule: Row, event: dict[str, Any], hops: int) -> Answer:
        parts = arn.split(":")
        if ":sns:" in arn:
            return self.topics.reached(arn)
        if ":event-bus/" in arn and len(parts) > 5:
            if hops >= _MAX_HOPS or not arn.endswith("/default"):
                return None, f"rule {rule['name']} forwards to {arn}"
            return self.event(event, (parts[4], parts[3]), hops + 1)
        if any(kind in arn for kind in _SILENT):
            return False, f"rule {rule['name']} only keeps a copy"
        return True, f"rule {rule['name']} starts {arn}"

    def securityhub(self, place: Place) -> Answer:
        """Here, or in the Region that this account's findings are brought together in."""
        here = self._all(_securityhub(place), place)
        elsewhere = [
            self._all(_securityhub((place[0], region)), (place[0], region))
            for region in self.aggregators.get(place[0], ())
            if region != place[1]
        ]
        if any(a == place[0] and t == _AGGREGATOR for a, _, t in self.estate.failed):
            elsewhere.append((None, "whether findings go to another Region could not be read"))
        return best([here, *elsewhere])

    def guardduty(self, place: Place, *, own: bool = False) -> Answer:
        """By a rule on GuardDuty, through Security Hub, or in the administrator's account."""
        answers = [self._all(_guardduty(place), place)]
        if place in self.hubs:
            answers.append(self.securityhub(place))
        elif (*place, "securityhub_hub") in self.estate.failed:
            answers.append((None, "whether Security Hub is on could not be read"))
        admin = self.administrators.get(place, "")
        if admin is None:
            answers.append((None, "the administrator account could not be read"))
        elif admin and admin != place[0] and not own:
            answers.append(self.guardduty((admin, place[1]), own=True))
        return best(answers)

    def _all(self, events: list[dict[str, Any]], place: Place) -> Answer:
        answers = [self.event(event, place) for event in events]
        overall = all_of([a for a, _ in answers])
        return overall, next(why for a, why in answers if a is overall)


def _by_place(rows: Any) -> dict[Place, list[Row]]:
    found: dict[Place, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["account_id"], row["region"]].append(row)
    return found


def run(rows: Rows) -> Iterator[Row]:
    """One row per account, Region and service whose findings could be told."""
    estate = Estate.of(rows)
    # A suspended detector finds nothing that could be told.
    on = (r for r in rows.get("guardduty_detector", ()) if r["status"] != "DISABLED")
    detectors = _by_place(on)
    hubs = _by_place(rows.get("securityhub_hub", ()))
    aggregators: dict[str, list[str]] = defaultdict(list)
    for row in rows.get(_AGGREGATOR, ()):
        aggregators[row["account_id"]].append(row["region"])
    routes = _Routes(
        estate,
        Topics.of(rows, estate),
        _by_place(rows.get("events_rule", ())),
        frozenset(hubs),
        aggregators,
        {p: found[0]["administrator_account_id"] for p, found in detectors.items()},
    )
    for place in sorted(detectors):
        first, answer = detectors[place][0], routes.guardduty(place)
        if first["status"] is None and answer[0] is False:
            answer = (None, "whether the detector is on could not be read")
        yield _row(place, "guardduty", first["arn"], answer)
    for place in sorted(hubs):
        yield _row(place, "securityhub", hubs[place][0]["arn"], routes.securityhub(place))


def _row(place: Place, source: str, arn: str, answer: Answer) -> Row:
    return {
        "arn": arn,
        "account_id": place[0],
        "region": place[1],
        "source": source,
        "reached": answer[0],
        "missing": answer[1],
    }


FINDING_ROUTE = Derivation(
    name="finding_route",
    doc="Whether findings in a Region are sent on to somebody, and if not, what lacks.",
    reads={
        "account_region": ("arn",),
        "listing": ("table_name", "status"),
        "events_rule": ("name", "event_pattern", "state", "target_arns"),
        "sns_subscription": ("topic_arn", "confirmed"),
        "guardduty_detector": ("administrator_account_id", "status"),
        "securityhub_hub": (),
        "securityhub_finding_aggregator": (),
    },
    optional=frozenset({"listing", "securityhub_finding_aggregator"}),
    columns={
        "arn": ("string", "The detector or the hub."),
        "account_id": ("string", "The account."),
        "region": ("string", "The Region of the findings."),
        "source": ("string", "`guardduty` or `securityhub`."),
        "reached": ("bool", "A high finding reaches a confirmed subscriber or a function."),
        "missing": ("string", "What lacks, or what it reaches."),
    },
    run=run,
)
