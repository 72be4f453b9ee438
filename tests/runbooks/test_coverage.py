"""What the estate can raise, in three values, and which runbook answers it, tested when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sharedline.model import Check
from sharedline.runbooks.coverage import WEIGHTS, Asked, rows, summary
from sharedline.runbooks.estate import Estate
from sharedline.runbooks.guardduty import kinds
from sharedline.runbooks.library import Library
from sharedline.runbooks.model import Runbook, Trial
from sharedline.runbooks.rules import rules

TODAY = date(2026, 11, 22)
ON: Mapping[str, Any] = {
    "status": "ENABLED",
    "s3_data_events": "ENABLED",
    "eks_audit_logs": "DISABLED",
    "runtime_monitoring": "",
    "eks_runtime_monitoring": "",
    "rds_login_events": None,
}
SEEN = frozenset({"ec2", "s3", "eks", "ecs", "rds", "aurora", "lambda"})
ESTATE = Estate(detectors=[ON], used=frozenset({"s3", "rds"}), seen=SEEN, trail=True)


@pytest.mark.parametrize(
    ("estate", "kind", "can", "why"),
    [
        (ESTATE, "Policy:S3/BucketPublicAccessGranted", True, "on in 1 of 1 detectors"),
        (ESTATE, "Discovery:S3/AnomalousBehavior", True, "on in 1 of 1 detectors"),
        (ESTATE, "Policy:IAMUser/RootCredentialUsage", True, "on in 1 of 1 detectors"),
        (ESTATE, "Trojan:EC2/DropPoint", False, "no ec2 in use"),
        (ESTATE, "Impact:Kubernetes/TorIPCaller", False, "no eks in use"),
        # The answer about the protection was refused.
        (ESTATE, "Discovery:RDS/TorIPCaller", None, "RDS Protection could not be read in 1 places"),
        # Nothing that is collected says whether it is on.
        (ESTATE, "Impact:IAMUser/CostHarvesting", None, "a scan does not see whether AI Protection"),
        # Whether mail is sent is not scanned.
        (ESTATE, "Impact:SES/ResourceHijacking", None, "a scan does not see whether Custom"),
        (replace(ESTATE, detectors=[]), "Policy:S3/BucketPublicAccessGranted", False, "is off"),
        (
            replace(ESTATE, detectors=[{**ON, "status": "DISABLED"}]),
            "Policy:S3/BucketPublicAccessGranted",
            False,
            "GuardDuty is off",
        ),
        (
            replace(ESTATE, detectors=[{**ON, "status": None}]),
            "Policy:S3/BucketPublicAccessGranted",
            None,
            "GuardDuty could not be read in 1 places",
        ),
        (
            replace(ESTATE, detectors=[], blind=["1 a", "1 b"]),
            "Policy:S3/BucketPublicAccessGranted",
            None,
            "GuardDuty could not be read in 2 places",
        ),
        (
            replace(ESTATE, used=frozenset({"eks"})),
            "Impact:Kubernetes/TorIPCaller",
            False,
            "EKS Protection is off",
        ),
        # Elsewhere, which could not be read, it may be on.
        (
            replace(ESTATE, used=frozenset({"eks"}), blind=["1 a"]),
            "Impact:Kubernetes/TorIPCaller",
            None,
            "EKS Protection could not be read in 1 places",
        ),
        (
            replace(ESTATE, used=frozenset({"ec2"}), detectors=[
                {**ON, "runtime_monitoring": None, "eks_runtime_monitoring": "ENABLED"}, ON]),
            "Execution:Runtime/ReverseShell",
            True,
            "on in 1 of 2 detectors",
        ),
        # A service whose tables the scan did not read may be in use.
        (replace(ESTATE, seen=frozenset({"s3"})), "Trojan:EC2/DropPoint", None, "on in 1 of 1"),
    ],
)  # fmt: skip
def test_what_guardduty_can_raise(estate: Estate, kind: str, can: bool | None, why: str) -> None:
    answer = estate.guardduty(kinds()[kind])
    assert answer.can is can
    assert why in answer.why


def test_what_a_detection_can_raise() -> None:
    assert ESTATE.rule("s3/bucket_made_public").can is True
    assert ESTATE.rule("iam/root_user_activity").can is True
    assert ESTATE.rule("lambda/function_opened").can is False
    assert ESTATE.rule("ses/mail_sending_explored").can is None
    assert replace(ESTATE, trail=False).rule("s3/bucket_made_public").can is False


def test_what_a_check_can_raise() -> None:
    estate = replace(ESTATE, checks={"s3/a": (1, 0)}, judged=frozenset({"s3/a", "s3/b"}))
    assert estate.check(["s3/a"]).why == "1 resource judged"
    assert estate.check(["s3/c", "s3/a"]).can is True
    assert estate.check(["s3/b"]).can is False
    assert estate.check(["s3/b", "s3/c"]).can is None


def runbook(name: str, *tests: date, **answers: str) -> Runbook:
    tried = tuple(Trial(day, "Ann", "tabletop") for day in tests)
    globs = {kind: tuple(given.split()) for kind, given in answers.items()}
    return Runbook(
        name,
        name,
        "data.exposure",
        f"{name}.md",
        owner="security",
        tested=tried,
        guardduty=globs.get("guardduty", ()),
        detections=globs.get("detections", ()),
        checks=globs.get("checks", ()),
    )


def check(name: str, severity: str, *controls: str) -> Check:
    return Check(name, f"{name} holds", severity, "data.exposure", "", "", "",
                 {"aws-fsbp": controls} if controls else {})  # fmt: skip


CHECKS = {
    one.id: one
    for one in (
        check("s3/a", "low", "S3.1", "S3.2"),
        check("s3/b", "critical", "S3.1"),
        check("s3/c", "medium"),
    )
}
LIBRARY = Library(
    {
        "new": runbook("new", date(2026, 1, 1), guardduty="Policy:S3/*", checks="s3/b"),
        "old": runbook("old", date(2024, 1, 1), detections="s3/*", checks="s3/c"),
        "none": runbook("none", guardduty="Policy:*"),
    }
)
FOUND = rows(
    LIBRARY,
    CHECKS,
    replace(
        ESTATE,
        checks={"s3/a": (4, 1), "s3/b": (2, 2)},
        judged=frozenset({"s3/a", "s3/b", "s3/c"}),
        findings={"Policy:S3/BucketPublicAccessGranted": 3},
        detections={"bucket_made_public": 2},
    ),
    Asked(TODAY),
)
BY_ID = {row.id: row for row in FOUND}


def test_a_row_for_everything_that_there_is() -> None:
    assert [row.kind for row in FOUND].count("guardduty") == len(kinds())
    assert [row.kind for row in FOUND].count("detection") == len(rules())
    assert {row.id for row in FOUND if row.kind == "control"} == {"S3.1", "S3.2"}
    assert {row.id for row in FOUND if row.kind == "check"} == {"s3/c"}
    assert len(BY_ID) == len(FOUND)


def test_a_tested_kind() -> None:
    plain = BY_ID["Policy:S3/BucketPublicAccessGranted"].plain()
    assert plain == {
        "kind": "guardduty",
        "id": "Policy:S3/BucketPublicAccessGranted",
        "title": "CloudTrail management events",
        "severity": "high",
        "can_be_raised": "yes",
        "why": "on in 1 of 1 detectors",
        "open": 3,
        "weight": 3,
        "runbooks": ["new", "none"],
        "owners": ["security"],
        "status": "tested",
        "tested": "2026-01-01",
        "how": "tabletop",
    }


@pytest.mark.parametrize(
    ("name", "status", "weight", "count"),
    [
        ("Policy:IAMUser/RootCredentialUsage", "untested", WEIGHTS["low"], 0),
        ("Stealth:S3/ServerAccessLoggingDisabled", "unanswered", WEIGHTS["low"], 0),
        ("Trojan:EC2/DropPoint", "unanswered", 0, 0),
        # Unknown counts as if it could.
        ("Discovery:RDS/TorIPCaller", "unanswered", WEIGHTS["medium"], 0),
        # The gravest of its checks; one of them is answered.
        ("S3.1", "tested", WEIGHTS["critical"], 3),
        ("S3.2", "unanswered", WEIGHTS["low"], 1),
        # Nothing of the kind is in the scan.
        ("s3/c", "stale", 0, 0),
        ("s3/bucket_made_public", "stale", WEIGHTS["high"], 2),
        ("lambda/function_opened", "unanswered", 0, 0),
    ],
)
def test_status_weight_and_what_is_open(name: str, status: str, weight: int, count: int) -> None:
    row = BY_ID[name]
    assert (row.status, row.weight, row.open) == (status, weight, count)


def test_a_test_of_tomorrow_counts_for_nothing() -> None:
    ahead = runbook("ahead", date(2027, 1, 1))
    assert Asked(TODAY).status([ahead]) == ("untested", None)
    status, last = Asked(TODAY, days=30).status([LIBRARY.runbooks["new"]])
    assert status == "stale"
    assert last is not None


def test_the_summary_counts_the_rows_that_weigh() -> None:
    for counted in summary(FOUND):
        of_kind = [row for row in FOUND if row.kind == counted["kind"]]
        possible = [row for row in of_kind if row.answer.can is not False]
        assert counted["known"] == len(of_kind)
        assert counted["can_be_raised"] + counted["unknown"] == len(possible)
        assert counted["weight"] == sum(row.weight for row in of_kind)
        assert counted["tested"] == sum(row.status == "tested" for row in possible)
        assert counted["weight_tested"] <= counted["weight_answered"] <= counted["weight"]


def test_what_nobody_answers_and_weighs_most_comes_first() -> None:
    of_kind = [row for row in FOUND if row.kind == "guardduty"]
    marks = [(row.status != "unanswered", -row.weight) for row in of_kind]
    assert marks == sorted(marks)
