"""AWS's own memory of changes to findings; an automatic archive is no person's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import botocore.session
from botocore.stub import ANY, Stubber

from sharedline.trail.review.ask import ACTIONS, ask, changed_by

OWN = "111122223333"
SINCE, UNTIL = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC)
KIM = f"arn:aws:sts::{OWN}:assumed-role/AWSReservedSSO_Audit_0123/kim@example.com"
DETECTOR = f"arn:aws:guardduty:us-east-1:{OWN}:detector/{'d' * 32}"
PRODUCT = "arn:aws:securityhub:us-east-1::product/aws/securityhub"


class Stubbed:
    """Clients that answer what a test gives them, and refuse any other call."""

    def __init__(self) -> None:
        made = botocore.session.get_session()
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        self.clients: dict[str, Any] = {
            name: made.create_client(name, region_name="us-east-1", **keys)
            for name in ("sts", "guardduty", "securityhub")
        }
        self.stubs = {name: Stubber(client) for name, client in self.clients.items()}
        self.stubs["sts"].add_response("get_caller_identity", {"Account": OWN})
        for stub in self.stubs.values():
            stub.activate()

    def client(self, service: str, region: str | None = None) -> Any:
        del region
        return self.clients[service]


def place(kind: str, account: str = OWN) -> dict[str, Any]:
    return {"source": kind, "account_id": account, "region": "us-east-1", "arn": DETECTOR}


def test_a_history_names_who_changed_a_finding() -> None:
    aws = Stubbed()
    hub = aws.stubs["securityhub"]
    finding = {
        "SchemaVersion": "2018-10-08",
        "Id": "f1",
        "ProductArn": PRODUCT,
        "GeneratorId": "g",
        "AwsAccountId": OWN,
        "CreatedAt": "x",
        "UpdatedAt": "x",
        "Title": "t",
        "Description": "d",
        "Resources": [],
    }
    hub.add_response("get_findings", {"Findings": [finding]})
    rule = "arn:aws:securityhub:us-east-1:111122223333:automation-rule/quiet"
    records = [
        {
            "UpdateTime": SINCE,
            "UpdateSource": {"Type": "BATCH_UPDATE_FINDINGS", "Identity": who},
            "Updates": [{"UpdatedField": "Workflow.Status", "OldValue": "NEW", "NewValue": "X"}],
        }
        for who in (KIM, rule)
    ]
    wanted = {"FindingIdentifier": {"Id": "f1", "ProductArn": PRODUCT}}
    more = {"StartTime": ANY, "EndTime": ANY, "MaxResults": ANY}
    hub.add_response("get_finding_history", {"Records": records}, {**wanted, **more})
    rows, notes = ask(aws.client, [place("securityhub"), place("event-history")], [], SINCE, UNTIL)
    assert notes == []
    told = [(r["reader"], r["who"], r["what"]) for r in rows]
    assert told == [
        ("person", "kim@example.com", "Workflow.Status: NEW to X"),
        ("machine", "quiet", "Workflow.Status: NEW to X"),
    ]


def test_an_archive_without_an_event_is_nobodys_review() -> None:
    aws = Stubbed()
    aws.stubs["guardduty"].add_response("list_findings", {"FindingIds": ["one", "two"]})
    change = {
        "event": "ArchiveFindings",
        "account_id": OWN,
        "region": "us-east-1",
        "findings": ("one",),
        "reader": "person",
        "rule": "console",
        "who": "kim",
        "at": SINCE,
    }
    rows, _ = ask(aws.client, [place("guardduty")], [change], SINCE, UNTIL)
    assert [(r["arn"][-3:], r["reader"]) for r in rows] == [("one", "person"), ("two", "unclear")]


def test_a_refusal_names_the_action_and_other_accounts_are_not_asked() -> None:
    aws = Stubbed()
    aws.stubs["guardduty"].add_client_error("list_findings", "AccessDeniedException")
    places = [place("guardduty"), place("securityhub", "999988887777")]
    rows, notes = ask(aws.client, places, [], SINCE, UNTIL)
    assert rows == []
    assert "guardduty:ListFindings" in notes[0]
    assert "999988887777 was not asked" in notes[1]


def test_it_only_reads() -> None:
    verbs = {action.split(":")[1] for action in ACTIONS}
    assert all(verb.startswith(("Get", "List")) for verb in verbs)
    assert changed_by("BATCH_IMPORT_FINDINGS", PRODUCT).kind == "machine"
    assert changed_by("BATCH_UPDATE_FINDINGS", f"arn:aws:iam::{OWN}:user/x").kind == "unclear"
