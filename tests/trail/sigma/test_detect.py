"""The verb, and what is kept in the lake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.running import Ended, runner

from sharedline.inventory.lake import Lake, LakeError
from sharedline.trail import journal, sigma
from sharedline.trail.ingest import ingest


def detection(conditions: dict[str, Any], title: str, **more: Any) -> str:
    """A rule of CloudTrail as YAML (JSON is YAML)."""
    rule = {"title": title, "name": title, "logsource": {"product": "aws", "service": "cloudtrail"}}
    return json.dumps({**rule, "detection": conditions, **more})


RULES = {
    "root_used.yml": detection(
        {"s": {"userIdentity.type": "Root"}, "condition": "s"},
        "Root was used",
        id="8ad1600d-e9dc-4251-b0ee-a65268f29add",
        level="high",
        tags=["attack.t1078.004"],
        sharedline={"duty": "identity.root-account", "outcome": "attempt"},
    ),
    "calls.yml": detection(
        {"s": {"eventName|startswith": "Get"}, "condition": "s"}, "Reads", level="low"
    ),
    "denied.yml": detection({"s": {"errorCode|exists": True}, "condition": "s"}, "refused")
    + "\n---\n"
    + json.dumps(
        {
            "title": "Many refused",
            "level": "medium",
            "correlation": {
                "type": "event_count",
                "rules": ["refused"],
                "group-by": ["userIdentity.arn"],
                "timespan": "5m",
                "condition": {"gte": 3},
            },
        }
    ),
}


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "eventID": f"event-{number}",
        "eventTime": f"2026-11-{1 + number % 3:02d}T10:00:{number:02d}Z",
        "eventName": ("GetObject", "PutObject")[number % 2],
        "eventSource": "s3.amazonaws.com",
        "awsRegion": "us-east-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/u{number % 2}"},
        **more,
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with rules and a lake of a few events."""
    (tmp_path / "rules").mkdir()
    for name, text in RULES.items():
        (tmp_path / "rules" / name).write_text(text)
    root = {"type": "Root", "arn": "arn:aws:iam::111122223333:root"}
    events = [event(n) for n in range(4)]
    events += [event(5, userIdentity=root, eventName="ConsoleLogin")]
    events += [event(9 + 3 * n, errorCode="AccessDenied", userIdentity=root) for n in range(3)]
    events += [event(30, eventName="DeleteObject")]
    (tmp_path / "log.json").write_text(json.dumps({"Records": events}))
    ingest(Lake(str(tmp_path / "lake")), [str(tmp_path / "log.json")], processes=0)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> Ended:
    given = ["--dir", str(folder), *arguments]
    if "--rules" not in arguments:
        given += ["--rules", str(folder / "rules")]
    return runner(capsys, "trail", "detect")(*given)


def test_detections_are_told_by_rule_and_kept(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, project)
    assert code == 1
    assert [line.split()[:3] for line in out.splitlines()[1:]] == [
        ["high", "root_used", "4"],
        ["medium", "denied", "3"],
        ["low", "calls", "3"],
    ]
    assert "3 of 3 rules detected something" in err
    found = sigma.kept(Lake(str(project / "lake")))
    assert sorted({d.name for d in found}) == ["calls", "denied", "root_used"]
    [many] = [d for d in found if d.name == "denied"]
    assert (many.count, many.outcome, many.level) == (3, "attempt", "medium")
    assert many.principal.endswith(":root")
    code, out, _ = run(capsys, project, "--show", "root_*")
    assert (code, out.count("Root was used")) == (1, 4)
    assert "events event-5" in out
    assert "duty identity.root-account; T1078.004" in out
    assert len(sigma.kept(Lake(str(project / "lake")))) == len(found)


def test_machine_output_has_everything(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "rules" / "bad.yml").write_text("title: aws\ndetection: 5\n")
    (project / "rules" / "windows.yml").write_text("title: x\nlogsource: {product: windows}\n")
    code, out, _ = run(capsys, project, "--format", "json")
    data = json.loads(out)
    assert (code, data["other_products"]) == (3, 1)
    assert [p["path"] for p in data["problems"]] == [str(project / "rules" / "bad.yml")]
    by_name = {row["name"]: row for row in data["rules"]}
    assert by_name["root_used"]["first"] == "2026-11-01T10:00:09Z"
    assert by_name["root_used"]["last"] == "2026-11-03T10:00:05Z"
    assert by_name["root_used"]["owners"] == ["nobody"]
    [login] = [d for d in data["detections"] if d["events"] == ["event-5"]]
    assert login["techniques"] == ["T1078.004"]
    assert login["duty"] == "identity.root-account"
    (project / "rules" / "bad.yml").unlink()
    code, out, _ = run(capsys, project, "--format", "csv", "--level", "high")
    assert code == 1
    assert len(out.splitlines()) == 5
    assert out.startswith("time,level,name,title,duty,")


def test_days_and_levels_narrow(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, project, "--since", "2026-11-20")
    assert (code, "None of 3 rules" in err) == (0, True)
    code, out, _ = run(capsys, project, "--since", "2026-11-03", "--until", "2026-11-03")
    assert [line.split()[1] for line in out.splitlines()[1:]] == ["root_used", "calls"]
    code, out, _ = run(capsys, project, "--level", "medium")
    assert [line.split()[1] for line in out.splitlines()[1:]] == ["root_used", "denied"]


def test_what_is_not_there_is_told(
    project: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, project, "--rules", str(project / "nowhere"))
    assert (code, "There is no" in err) == (2, True)
    code, _, err = run(capsys, project, "--show", "nothing")
    assert (code, "No rule is called nothing" in err) == (2, True)
    empty = tmp_path_factory.mktemp("empty")
    code, _, err = run(capsys, empty, "--rules", str(project / "rules"))
    assert (code, "holds no trail" in err) == (3, True)
    for path in (project / "lake" / "trail" / "event").rglob("*.parquet"):
        path.write_bytes(b"no parquet")
    code, _, err = run(capsys, project)
    assert (code, "cannot be read" in err) == (3, True)


def test_kept_detections_are_checked(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    assert sigma.kept(lake) == []
    assert sigma.keep(lake, [])
    assert sigma.kept(lake) == []
    lake.write(journal.folder(lake, "detection", "29991231T000000000000Z-a.json"), b"[]")
    with pytest.raises(LakeError, match="damaged"):
        sigma.kept(lake)
