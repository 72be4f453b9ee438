"""What a fixture file may say, and how a wrong one is explained."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sharedline.demo.fixtures import Failure, Fixtures, load
from sharedline.errors import ConfigError

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GUARDDUTY = "_all/_all/guardduty.ListDetectors.yaml"


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def answer(fixtures: Fixtures, service: str, operation: str, **params: Any) -> Any:
    for case in fixtures.find(service, operation, "111111111111", "eu-west-1"):
        found = case.answer(params, "111111111111", "eu-west-1")
        if found is not None:
            return found
    return None


def test_most_specific_folder_first_then_the_general_one(tmp_path: Path) -> None:
    files = {
        "111111111111/eu-west-1": "- {when: {MaxResults: 1}, output: {DetectorIds: [a]}}",
        "111111111111/_all": "- {when: {MaxResults: 2}, output: {DetectorIds: [b]}}",
        "_all/eu-west-1": "- {when: {MaxResults: 3}, output: {DetectorIds: [c]}}",
        "_all/_all": "- {output: {DetectorIds: [d]}}",
        "222222222222/_all": "- {output: {DetectorIds: [other account]}}",
        "_all/us-east-1": "- {output: {DetectorIds: [other Region]}}",
    }
    named = {f"{where}/guardduty.ListDetectors.yaml": text for where, text in files.items()}
    fixtures = load(written(tmp_path, **named), NOW)
    found = [answer(fixtures, "guardduty", "ListDetectors", MaxResults=n) for n in (1, 2, 3, 4)]
    assert found == [{"DetectorIds": [name]} for name in "abcd"]


def test_when_compares_named_members_and_null_means_absent(tmp_path: Path) -> None:
    text = """
- when: {NextToken: null, FindingCriteria: {Criterion: {severity: {Gte: 7}}}}
  output: {FindingIds: [high]}
- when: {DetectorId: gone}
  error: {code: BadRequestException}
"""
    fixtures = load(written(tmp_path, **{"_all/_all/guardduty.ListFindings.yaml": text}), NOW)
    high = {"Criterion": {"severity": {"Gte": 7}, "type": {"Eq": ["x"]}}}

    def ask(**params: Any) -> Any:
        return answer(fixtures, "guardduty", "ListFindings", **params)

    assert ask(DetectorId="d", FindingCriteria=high) == {"FindingIds": ["high"]}
    assert ask(DetectorId="d", FindingCriteria=high, NextToken="2") is None
    assert ask(DetectorId="d") is None
    assert ask(DetectorId="gone") == Failure("BadRequestException", "", 400)


def test_times(tmp_path: Path) -> None:
    relative = ["now", "-3d", "+1h30m"]
    absolute = ["2026-01-31T12:00:00+01:00", "2026-01-31", "0", "'2026-01-31T10:00'"]
    events = "".join(f"\n    - EventTime: {text}" for text in relative + absolute)
    text = f"- output:\n    Events:{events}"
    fixtures = load(written(tmp_path, **{"_all/_all/cloudtrail.LookupEvents.yaml": text}), NOW)
    events = answer(fixtures, "cloudtrail", "LookupEvents")["Events"]
    assert [event["EventTime"].isoformat() for event in events] == [
        "2026-11-21T12:00:00+00:00",
        "2026-11-18T12:00:00+00:00",
        "2026-11-21T13:30:00+00:00",
        "2026-01-31T11:00:00+00:00",
        "2026-01-31T00:00:00+00:00",
        "1970-01-01T00:00:00+00:00",
        "2026-01-31T10:00:00+00:00",
    ]


def test_answers_do_not_share_what_they_hold(tmp_path: Path) -> None:
    text = "- {keep: {Findings: {Id: FindingIds}}, output: {Findings: []}}"
    fixtures = load(written(tmp_path, **{"_all/_all/guardduty.GetFindings.yaml": text}), NOW)
    first = answer(fixtures, "guardduty", "GetFindings", FindingIds=["a"])
    first["Findings"].append("spoilt")
    assert answer(fixtures, "guardduty", "GetFindings", FindingIds=["a"]) == {"Findings": []}


WRONG = [
    (GUARDDUTY, "- {output: {DetectorId: [a]}}", r"at \[0\]\.output\.DetectorId: .*'DetectorIds'"),
    (GUARDDUTY, "- {output: {DetectorIds: a}}", r"output\.DetectorIds: must be a list, not str"),
    (GUARDDUTY, "- {output: {DetectorIds: [7]}}", r"DetectorIds\[0\]: must be a string .*int '7'"),
    (GUARDDUTY, "- {output: {DetectorIds: null}}", "null is not an AWS value"),
    (GUARDDUTY, "- {output: {DetectorIds: ['@{acount}']}}", r"unknown @\{acount\}; known are"),
    (GUARDDUTY, "- {output: {}, when: {Max: 1}}", r"\[0\]\.when\.Max: unknown member"),
    (GUARDDUTY, "- {output: {}, When: {}}", r"\[0\]\.When: unknown key; allowed: error, keep"),
    (GUARDDUTY, "- {when: {}}", "needs either output or error"),
    (GUARDDUTY, "- {output: {}, error: {code: A}}", "needs either output or error"),
    (GUARDDUTY, "- {error: {message: A}}", r"must be \{code, message, status\}"),
    (GUARDDUTY, "- {error: {code: A, status: 200}}", "status from 400 to 599"),
    (GUARDDUTY, "- {error: {code: A, Code: B}}", "unknown key; allowed: code"),
    (GUARDDUTY, "output: {}", "must hold a list"),
    (GUARDDUTY, "- {output: {}, output: {}}", "'output' is given twice"),
    (GUARDDUTY, "- {output: {", "while parsing a flow"),
    (GUARDDUTY, "- {keep: {DetectorIds: {Id: X}}, output: {}}", "not a list of structures"),
    (
        "_all/_all/cloudtrail.LookupEvents.yaml",
        "- {output: {Events: [{EventTime: yesterday}]}}",
        r"Events\[0\]\.EventTime: 'yesterday' is not a time",
    ),
    (
        "_all/_all/ssm.DescribeInstanceInformation.yaml",
        "- {output: {InstanceInformationList: [{PingStatus: Onlin}]}}",
        "did you mean 'Online'",
    ),
    (
        "_all/_all/ssm.DescribeInstancePatchStates.yaml",
        "- {output: {InstancePatchStates: [{InstanceId: i-1, MissingCount: true}]}}",
        "AWS always sends .*PatchGroup",
    ),
    (
        "_all/_all/guardduty.GetFindings.yaml",
        "- {keep: {Findings: {Id: Ids}}, output: {Findings: []}}",
        "no parameter 'Ids'",
    ),
    ("_all/_all/guardduty.ListDetector.yaml", "[]", "has no operation 'ListDetector'"),
    ("_all/_all/guardpuppy.List.yaml", "[]", "boto3 has no service 'guardpuppy'"),
    ("all/_all/guardduty.ListDetectors.yaml", "[]", "'all' is neither 12 digits nor _all"),
    ("_all/europe/guardduty.ListDetectors.yaml", "[]", "'europe' is neither a Region nor _all"),
    ("_all/guardduty.ListDetectors.yaml", "[]", "is not named <account"),
    ("_all/_all/guardduty.ListDetectors.toml", "", "is not named <account"),
]


@pytest.mark.parametrize(("name", "text", "problem"), WRONG)
def test_a_wrong_file_is_named_with_the_place(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        load(written(tmp_path, **{name: text}), NOW)
    assert str(tmp_path / name) in caught.value.message


def test_two_files_for_one_operation(tmp_path: Path) -> None:
    json_twin = GUARDDUTY.replace(".yaml", ".json")
    with pytest.raises(ConfigError, match="another file answers"):
        load(written(tmp_path, **{GUARDDUTY: "[]", json_twin: "[]"}), NOW)


def test_no_folder(tmp_path: Path) -> None:
    assert load(None, NOW).cases == {}
    with pytest.raises(ConfigError, match="no fixture folder"):
        load(tmp_path / "none", NOW)
