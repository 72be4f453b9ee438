"""The shipped scenarios: complete, and every duty, check, command, event and type is a real one."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from sharedline.checks.load import load as load_checks
from sharedline.collect.catalogue import shipped
from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.side import lines_of
from sharedline.exercise import library
from sharedline.exercise.beats import beats
from sharedline.exercise.coherent import advice, texts
from sharedline.exercise.model import Scenario

WANTED = {
    "public-bucket", "stolen-instance-credentials", "leaked-access-key", "kms-ransomware",
    "rds-snapshot-shared", "trail-tampered", "ci-role-oidc", "unpatched-guest", "region-outage",
    "provider-flaw",
}  # fmt: skip
#: How CloudTrail calls what botocore's model calls otherwise.
#: Ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html,
#: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html, 2026-11-21.
EVENTS = {
    "DeleteBucketPublicAccessBlock": "DeletePublicAccessBlock",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "UpdateFunctionCode20150331v2": "UpdateFunctionCode",
}
#: The CLI's own commands and names, which are no operations of the service.
COMMANDS = {"cloudtrail validate-logs"}


@pytest.fixture(params=library.ids())
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return library.load(request.param)


@cache
def operations(service: str = "") -> frozenset[str]:
    session = botocore.session.get_session()
    names = [service] if service else [
        "s3", "iam", "sts", "ec2", "kms", "rds", "ecr", "ecs", "lambda", "cloudtrail", "ses",
    ]  # fmt: skip
    return frozenset(n for s in names for n in session.get_service_model(s).operation_names)


def said(scenario: Scenario) -> str:
    return "\n".join(text for _, text in texts(scenario))


def test_the_ten_that_were_asked_for_are_there() -> None:
    assert set(library.ids()) >= WANTED


def test_it_is_a_whole_exercise(scenario: Scenario) -> None:
    assert Path(f"{scenario.id}.yaml").name in {p.name for p in library.files()}
    assert 30 <= scenario.minutes <= 90
    assert 6 <= len(scenario.injects) <= 10
    assert 2 <= len(scenario.decisions) <= 4
    assert len(scenario.objectives) >= 3
    assert len(scenario.expected) >= 3
    assert len({i.duty for i in scenario.injects}) >= 4
    assert any(i.questions for i in scenario.injects)
    assert list(advice(scenario)) == []


def test_each_decision_has_options_of_three_grades(scenario: Scenario) -> None:
    for decision in scenario.decisions:
        assert len(decision.options) >= 3
        assert len({o.quality for o in decision.options}) >= 2
        assert {o.quality for o in decision.options} & {"poor", "harmful"}


def test_its_lines_were_reviewed(scenario: Scenario) -> None:
    catalogue = load_duties()
    for inject in scenario.injects:
        drawn = lines_of(catalogue, inject.service).get(inject.duty)
        assert drawn is not None, (inject.id, inject.service, inject.duty)
        assert drawn.reviewed, (inject.id, inject.service, inject.duty)


def test_its_cast_is_of_real_tables_and_checks(scenario: Scenario) -> None:
    checks = load_checks()
    for actor in scenario.cast:
        assert shipped()[actor.table].resource
        assert set(actor.checks) <= set(checks)
        assert any(f"{{{actor.id}}}" in text for _, text in texts(scenario))


def test_its_commands_are_the_cli_s(scenario: Scenario) -> None:
    text = said(scenario).replace("\\\n", " ")
    found = re.findall(r"\baws ([a-z0-9]+) ([a-z0-9-]+)", text)
    for service, command in found:
        known = {xform_name(n, "-") for n in operations(service.replace("s3api", "s3"))}
        assert command in known or f"{service} {command}" in COMMANDS, (service, command)


def test_its_events_are_cloudtrail_s(scenario: Scenario) -> None:
    found = set(re.findall(r"^\d\d:\d\d:\d\dZ (\w+)", said(scenario), re.MULTILINE))
    assert {EVENTS.get(n, n) for n in found} <= operations()


def known_types() -> frozenset[str]:
    guardduty = pytest.importorskip("sharedline.runbooks.guardduty")
    return frozenset(guardduty.kinds()) - frozenset(guardduty.retired())


def test_its_finding_types_are_guardduty_s(scenario: Scenario) -> None:
    for inject in scenario.injects:
        assert set(inject.finding_types) <= known_types()


def test_beats_tell_every_kind_of_every_duty() -> None:
    for kind in ("unmet", "unowned", "unverified", "path", "incident", "runbook"):
        last = [b for b in beats() if b.kind == kind][-1]
        assert last.duties == ("*",), kind
    for beat in beats():
        assert set(beat.types) <= known_types()
        assert {o.quality for o in beat.options} & {"poor", "harmful"}
        assert [o.quality for o in beat.options].count("best") == 1


def test_the_tests_see_what_is_wrong() -> None:
    assert "GetBucketPolice" not in operations()
    assert re.findall(r"^\d\d:\d\d:\d\dZ (\w+)", "05:12:30Z PutX y", re.MULTILINE) == ["PutX"]
