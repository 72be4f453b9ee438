"""ASFF: held against the model and the limits of `BatchImportFindings` that botocore ships."""

from __future__ import annotations

import json
import re
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from sharedline.formats import render
from sharedline.formats.asff import cut, status
from sharedline.formats.resource_types import NAMES, resource_type
from sharedline.results import Results

MODEL = botocore.session.get_session().get_service_model("securityhub")
IMPORT: Any = MODEL.operation_model("BatchImportFindings").input_shape
FINDING = IMPORT.members["Findings"].member


@pytest.fixture(scope="module")
def findings(results: Results) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads("".join(render("asff", results)))
    assert len(found) == len(results.rows())
    return found


def longest(shape: Any) -> int | None:
    """The limit that the documentation of a member states."""
    text = re.sub("<[^>]+>", "", shape.documentation or "")
    found = re.search(r"Maximum (?:length )?of (\d+)", text)
    return int(found.group(1)) if found else None


def test_the_service_takes_them(findings: list[dict[str, Any]]) -> None:
    for start in range(0, len(findings), 100):
        report = ParamValidator().validate({"Findings": findings[start : start + 100]}, IMPORT)
        assert not report.has_errors(), report.generate_report()


def test_texts_keep_the_documented_limits_and_pattern(findings: list[dict[str, Any]]) -> None:
    checked = 0
    for f in findings:
        for name, shape in FINDING.members.items():
            if shape.type_name == "string" and name in f:
                assert re.fullmatch(shape.metadata.get("pattern", ".*"), f[name]), (name, f[name])
                most = longest(shape)
                if most:
                    assert len(f[name]) <= most
                    checked += 1
        remedy = FINDING.members["Remediation"].members["Recommendation"].members["Text"]
        assert len(f["Remediation"]["Recommendation"]["Text"]) <= (longest(remedy) or 0)
        assert len(f["Compliance"]["RelatedRequirements"]) <= 32
        assert len(f["ProductFields"]) <= 50
        assert all(len(k) <= 128 and len(v) <= 2048 for k, v in f["ProductFields"].items())
        assert len(json.dumps(f)) < 240_000
    assert checked > len(findings)


def test_enumerations_and_identity(findings: list[dict[str, Any]]) -> None:
    compliance = FINDING.members["Compliance"].members["Status"].enum
    labels = FINDING.members["Severity"].members["Label"].enum
    workflow = FINDING.members["Workflow"].members["Status"].enum
    for f in findings:
        assert f["Compliance"]["Status"] in compliance
        assert f["Severity"]["Label"] in labels
        assert f["Workflow"]["Status"] in workflow
        account, region = f["AwsAccountId"], f["Region"]
        assert re.fullmatch(r"\d{12}", account)
        assert f["ProductArn"] == (
            f"arn:aws:securityhub:{region}:{account}:product/{account}/default"
        )
        assert f["Types"][0].startswith("Software and Configuration Checks/")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", f["CreatedAt"])
    assert len({f["Id"] for f in findings}) == len(findings)


def test_an_unknown_is_never_passed(findings: list[dict[str, Any]], results: Results) -> None:
    for finding, f in zip(results.findings(), findings, strict=True):
        assert f["Compliance"]["Status"] == status(finding)
        if finding.ok is None:
            expected = "NOT_AVAILABLE" if finding.denied_call else "WARNING"
            assert f["Compliance"]["Status"] == expected
            assert f["Severity"]["Label"] == finding.severity.upper()
        elif finding.ok:
            assert f["Compliance"]["Status"] == "PASSED"
            assert f["Severity"]["Label"] == "INFORMATIONAL"
        else:
            assert f["Compliance"]["Status"] == "FAILED"
    assert {f["Workflow"]["Status"] for f in findings} == {"NEW", "RESOLVED", "SUPPRESSED"}


def test_resource_types_are_those_of_the_service() -> None:
    details = FINDING.members["Resources"].member.members["Details"].members
    assert NAMES - set(details) == {"AwsAccount"}


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        ("arn:aws:s3:::a-bucket", "AwsS3Bucket"),
        ("arn:aws:s3:us-east-1:111111111111:accesspoint/a", "AwsS3AccessPoint"),
        ("arn:aws:iam::111111111111:root", "AwsAccount"),
        ("arn:aws-cn:ec2:cn-north-1:111111111111:instance/i-1", "AwsEc2Instance"),
        ("arn:aws:elasticloadbalancing:a:1:loadbalancer/app/x/1", "AwsElbv2LoadBalancer"),
        ("arn:aws:elasticloadbalancing:a:1:loadbalancer/x", "AwsElbLoadBalancer"),
        ("arn:aws:sqs:us-east-1:111111111111:orders", "AwsSqsQueue"),
        ("arn:aws:sqs:us-east-1:111111111111:*", "Other"),
        ("arn:aws:account:us-east-1:111111111111:region/us-east-1", "Other"),
        ("no arn at all", "Other"),
    ],
)
def test_the_type_is_read_off_the_arn(arn: str, kind: str) -> None:
    assert resource_type(arn) == kind


def test_a_text_is_cut_to_one_line() -> None:
    assert cut("a\n  b\tc", 10) == "a b c"
    assert cut("x" * 20, 10) == "x" * 9 + "…"
    assert cut("\x1b[31mred", 40) == "\\x1b[31mred"
