"""`sharedline iam paths`: what it prints at two widths, its formats, its exits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sharedline.cli.iam import paths as verb
from sharedline.errors import Error
from sharedline.iam.escalation import scan

from . import small

ESTATE: dict[str, dict[str, Any]] = {
    "user/dev": {"allow": ["sts:AssumeRole on role/ci"]},
    "role/ci": {"allow": ["iam:PassRole on role/boss", "lambda:* on *"], "trust": "account"},
    "role/boss": {"allow": ["* on *"], "trust": "lambda.amazonaws.com"},
    "user/mfa": {"allow": ["sts:AssumeRole on role/night"]},
    "role/night": {"allow": ["* on *"], "trust": "account if Bool aws:MultiFactorAuthPresent true"},
    "user/build": {"allow": ["codebuild:StartBuild on *"]},
}
GLUE: dict[str, dict[str, Any]] = {
    "user/etl": {"allow": ["glue:UpdateDevEndpoint on *"]},
    "role/glue": {"allow": ["* on *"], "trust": "glue.amazonaws.com"},
}
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    def runs(*words: str, estate: dict[str, dict[str, Any]] = ESTATE, width: int = 80) -> Result:
        found = scan.of_tables(small.tables(estate))
        monkeypatch.setattr(verb, "results_of", lambda *_: None)
        monkeypatch.setattr(scan, "load", lambda _: found)
        monkeypatch.setenv("COLUMNS", str(width))
        return CliRunner().invoke(verb.command, words, standalone_mode=False)

    return runs


def test_each_hop_stands_with_its_statements(run: Run) -> None:
    result = run()
    assert result.return_value == 1
    text = " ".join(result.stdout.split())
    assert "✗ user dev can be an administrator 1. Assume a role (sts/assume-role) → role ci" in text
    assert "statement number 1 and trust policy of role ci, statement number 1" in text
    assert "2. Run a new function with another role (lambda/create-and-invoke) → role boss" in text
    assert "◐ user mfa can be an administrator, on conditions" in text
    assert "if Bool aws:multifactorauthpresent true" in text
    assert "3 paths of 3 principals: 2 certain, 1 on conditions." in result.stderr


@pytest.mark.parametrize("width", [80, 160])
def test_lines_fit_the_terminal(run: Run, width: int) -> None:
    for words in ((), ("--dormant",), ("--from", "dev")):
        lines = run(*words, width=width).stdout.splitlines()
        assert lines
        assert max(map(len, lines)) <= width


def test_no_path_is_0_and_only_unknown_ones_3(run: Run) -> None:
    assert run(estate={"user/dev": {"allow": ["s3:GetObject on *"]}}).return_value == 0
    result = run(estate=GLUE)
    assert result.return_value == 3
    assert "? whether user etl can be an administrator is not known" in result.stdout
    assert "? glue_dev_endpoint was not read" in result.stdout


def test_every_way_of_one_principal_is_listed(run: Run) -> None:
    estate = {**ESTATE, "user/dev": {"allow": ["sts:AssumeRole on role/ci, role/cd"]}}
    estate["role/cd"] = ESTATE["role/ci"]
    rows = json.loads(run("--from", "dev", "--format", "json", estate=estate).stdout)
    assert {row["evidence"][0]["to"] for row in rows} == {"role ci", "role cd"}
    assert {row["principal"] for row in rows} == {small.arn("user/dev")}


def test_json_has_the_evidence_of_each_hop(run: Run) -> None:
    rows = {row["principal"]: row for row in json.loads(run("--format", "json").stdout)}
    row = rows[small.arn("user/dev")]
    assert (row["answer"], row["hops"], row["goal"]) == ("yes", 2, "admin")
    first, second = row["evidence"]
    assert first["rule"] == "sts/assume-role"
    assert [one["action"] for one in second["permissions"]] == [
        "iam:PassRole",
        "lambda:CreateFunction",
        "lambda:InvokeFunction",
    ]
    for one in (*first["permissions"], *second["permissions"]):
        assert one["answer"] == "yes"
        assert one["statements"][0]["policy"].startswith("inline policy inline of")
    assert second["mitigation"]


def test_a_grant_without_a_target_is_listed_when_asked_for(run: Run) -> None:
    result = run("--dormant", "--format", "json")
    assert result.return_value == 0
    [row] = [r for r in json.loads(result.stdout) if r["principal"].endswith("user/build")]
    assert row["rule"] == "codebuild/start-build"
    assert row["reason"] == "no codebuild project that it may use has a role"


def test_a_resource_is_aimed_at_by_arn_or_as_sensitive(run: Run) -> None:
    bucket = "arn:aws:s3:::payroll-2026"
    estate: dict[str, dict[str, Any]] = {
        "user/dev": {"allow": ["sts:AssumeRole on role/reader"]},
        "role/reader": {"allow": [f"s3:GetObject on {bucket}/*"], "trust": "account"},
        "s3_bucket/payroll-2026": {},
    }
    for goal in (bucket, "sensitive"):
        result = run("--to", goal, estate=estate)
        assert result.return_value == 1
        assert f"user dev can reach {bucket}" in " ".join(result.stdout.split())
    assert run("--to", "sensitive", "--word", "logs", estate=estate).return_value == 0


def test_an_unknown_principal_is_an_error(run: Run) -> None:
    result = run("--from", "nobody")
    assert isinstance(result.exception, Error)
    assert "no user or role nobody" in str(result.exception)


def test_a_name_of_two_principals_has_to_be_told_apart(run: Run) -> None:
    estate = {**ESTATE, "role/dev": {"allow": ["s3:GetObject on *"], "trust": "account"}}
    result = run("--from", "dev", estate=estate)
    assert isinstance(result.exception, Error)
    assert "the name of 2" in str(result.exception)
    assert run("--from", small.arn("user/dev"), estate=estate).return_value == 1


def test_hostile_names_do_not_act(run: Run) -> None:
    estate = {**ESTATE, "user/\x1b[31m": {"allow": ["sts:AssumeRole on role/ci"]}}
    assert "\x1b" not in run(estate=estate).stdout
