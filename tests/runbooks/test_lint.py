"""Findings about runbooks: each kind is raised where it should be, and not where not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from sharedline.checks.load import load as load_checks
from sharedline.duties.catalogue import load as load_duties
from sharedline.runbooks import library
from sharedline.runbooks.commands import is_command
from sharedline.runbooks.lint import Fault, Known, lint
from sharedline.runbooks.rules import rules

TODAY = date(2026, 11, 22)
KNOWN = Known(
    duties=load_duties().duties,
    checks=load_checks(),
    detections=rules(),
    today=TODAY,
    teams={"security"},
)
HEAD = {
    "title": "A bucket is open",
    "duty": "data.exposure",
    "owner": "security",
    "guardduty": '["Policy:S3/*"]',
    "tested": "[{on: 2026-05-01, by: Ann, how: tabletop}]",
}
BODY = "\n".join(f"## {phase}\n\n1. Do it.\n" for phase in ("Detect", "Respond", "Recover"))


def faults(
    folder: Path, body: str = BODY, known: Known = KNOWN, head: Mapping[str, str] | None = None
) -> list[Fault]:
    keys = {**HEAD, **(head or {})}
    front = "".join(f"{key}: {value}\n" for key, value in keys.items() if value)
    (folder / "mine.md").write_text(f"---\n{front}---\n{body}", "utf-8")
    return [one for one in lint(library.load(folder), known) if one.runbook == "mine"]


def test_nothing_is_said_of_a_good_one(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("head", "kind", "severity"),
    [
        ({"duty": "data.none"}, "unknown duty", "high"),
        ({"guardduty": '["Exfiltration:S3/ObjectRead.Unusual"]'}, "retired finding type", "high"),
        ({"guardduty": '["Recon:IAMUser/*Permissions"]'}, "retired finding type", "high"),
        ({"guardduty": '["Policy:S3/Nothing"]'}, "unknown finding type", "high"),
        ({"guardduty": '["*"]'}, "too general", "medium"),
        ({"detections": "[s3/no_such]"}, "unknown detection", "high"),
        ({"checks": "[s3/no_such_*]"}, "unknown check", "high"),
        ({"owner": ""}, "no owner", "medium"),
        ({"owner": "nowhere"}, "unknown owner", "high"),
        ({"tested": ""}, "never tested", "medium"),
        ({"tested": "[{on: 2025-11-21, by: Ann, how: x}]"}, "test too old", "medium"),
        ({"guardduty": ""}, "answers nothing", "medium"),
        ({"surprise": "1"}, "unreadable", "high"),
    ],
)
def test_what_the_front_matter_gets_wrong(
    tmp_path: Path, head: dict[str, str], kind: str, severity: str
) -> None:
    [fault] = faults(tmp_path, head=head)
    assert (fault.kind, fault.severity) == (kind, severity)
    assert fault.what
    assert fault.fix


def test_a_test_is_good_for_a_year_to_the_day_and_not_before_it_was_done(tmp_path: Path) -> None:
    assert faults(tmp_path, head={"tested": "[{on: 2025-11-22, by: Ann, how: x}]"}) == []
    ahead = faults(tmp_path, head={"tested": "[{on: 2026-11-23, by: Ann, how: x}]"})
    assert [one.kind for one in ahead] == ["never tested", "test in the future"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("`Stealth:IAMUser/LoggingConfigurationModified`", "retired finding type"),
        ("Stealth:IAMUser/NoSuchThing is seen", "unknown finding type"),
        ("`iam:UpdateAccessKeys`", "no such action"),
        ("`s4:GetObject`", "no such action"),
        ("`aws iam update-access-keys --x`", "no such command"),
        ("[other](other.md)", "dead link"),
        ("[other](images/none.png#top)", "dead link"),
    ],
)
def test_what_the_text_names_and_is_not_there(tmp_path: Path, text: str, kind: str) -> None:
    [fault] = faults(tmp_path, f"{BODY}\nMore: {text}.\n")
    assert fault.kind == kind
    assert (tmp_path / "mine.md").read_text().splitlines()[fault.line - 1] == f"More: {text}."


@pytest.mark.parametrize(
    "text",
    [
        "`iam:UpdateAccessKey` and `iam:Update*`",
        "`aws:TokenIssueTime`, `kms:ViaService`",
        "`aws iam update-access-key --x` and `aws s3 sync a b`",
        "[page](https://example.org/none), [here](#detect), [mail](mailto:a@example.org)",
        "[starter](ransomware.md), [it](mine.md#detect)",
        "Policy:S3/BucketPublicAccessGranted and `Trojan:EC2/DropPoint!DNS`.",
        "`Backdoor:EC2/C&CActivity.B!DNS`",
    ],
)
def test_what_is_there(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, f"{BODY}\n{text}\n") == []


def test_a_phase_without_a_step(tmp_path: Path) -> None:
    found = faults(tmp_path, "## Detect\n\nJust text.\n\n## Respond\n\n1. Do it.\n")
    assert [one.what for one in found] == [
        "No step says how to detect.",
        "No step says how to recover.",
    ]


def test_without_a_register_any_team_may_own(tmp_path: Path) -> None:
    free = Known(KNOWN.duties, KNOWN.checks, KNOWN.detections, TODAY)
    assert faults(tmp_path, known=free, head={"owner": "nowhere"}) == []


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("s3api get-bucket-policy", True),
        ("s3 cp", True),
        ("s3 get-object", False),
        ("configservice describe-configuration-recorders", True),
        ("rds wait", True),
        ("nothing at-all", False),
        ("iam createuser", False),
    ],
)
def test_commands_are_those_of_the_command_line(text: str, there: bool) -> None:
    assert is_command(text) is there
