"""`iam who-can`, `what-can` and `can`: answers, explanations, formats, refusals, exit codes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.iam.estates import ALLOW_ALL, HOME, Rows, document, statement

from sharedline.cli.iam import can, what_can, who_can
from sharedline.errors import Error
from sharedline.iam.access import estate

Run = Callable[..., Result]
VERBS = {"who-can": who_can, "what-can": what_can, "can": can}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def _scan() -> Rows:
    rows = Rows(organization=True)
    rows.guardrail(
        "keep-trail",
        document(statement("Deny", Action="cloudtrail:StopLogging", Resource="*", Sid="Keep")),
        "ou-1",
    )
    rows.bucket("data")
    rows.bucket("logs")
    rows.role("admin", ALLOW_ALL)
    rows.role("reader", document(statement(Action="s3:GetObject", Resource="arn:aws:s3:::data/*",
                                           Sid="Read")))  # fmt: skip
    rows.user("ana", document(statement(Action="s3:Get*", Resource="*", Condition=MFA)))
    rows.role("closed", attached=["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    return rows


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    found = estate.build(_scan().tables)

    def runs(verb: str, *words: str, width: int = 80) -> Result:
        monkeypatch.setattr(VERBS[verb], "results_of", lambda *_: None)
        monkeypatch.setattr(estate, "load", lambda _: found)
        monkeypatch.setenv("COLUMNS", str(width))
        return CliRunner().invoke(VERBS[verb].command, words, standalone_mode=False)

    return runs


def _json(result: Result) -> Any:
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


def _role(name: str) -> str:
    return f"arn:aws:iam::{HOME}:role/{name}"


def test_who_can_tells_the_three_answers_apart(run: Run) -> None:
    found = _json(run("who-can", "s3:GetObject", "arn:aws:s3:::data/x", "--format", "json"))
    answers = {row["principal"].rpartition("/")[2]: row["answer"] for row in found}
    assert answers == {"admin": "yes", "reader": "yes", "ana": "depends", "closed": "unknown"}
    (depends,) = [row for row in found if row["answer"] == "depends"]
    assert depends["conditions"] == ["Bool aws:multifactorauthpresent true"]


@pytest.mark.parametrize(
    "name", ["data", "arn:aws:s3:::data", "arn:aws:s3:::d*", "arn:aws:s3:::data/*"]
)
def test_resources_have_short_names_and_patterns(run: Run, name: str) -> None:
    found = _json(run("who-can", "s3:GetObject", name, "--format", "json"))
    assert {row["principal"] for row in found if row["answer"] == "yes"} == {
        _role("admin"), _role("reader")
    }  # fmt: skip


def test_of_all_resources_those_are_named_on_which_somebody_can(run: Run) -> None:
    found = _json(run("who-can", "s3:GetObject", "*", "--format", "json"))
    on = {row["principal"]: row["resources"] for row in found if row["answer"] == "yes"}
    assert on == {_role("admin"): ["*"], _role("reader"): ["arn:aws:s3:::data/*"]}


def test_nobody_is_a_sentence(run: Run) -> None:
    out = run("who-can", "cloudtrail:StopLogging", "*").stdout
    assert out.startswith("Nobody in the scan can do cloudtrail:StopLogging on arn:aws:cloudtrail")


@pytest.mark.parametrize("fmt", ["csv", "markdown"])
def test_tables_for_other_programs(run: Run, fmt: str) -> None:
    out = run("who-can", "s3:GetObject", "data", "--format", fmt).stdout
    assert _role("reader") in out
    if fmt == "csv":
        assert len(list(csv.DictReader(io.StringIO(out)))) == 4


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize(
    "words", [("who-can", "s3:GetObject", "*"), ("what-can", "admin", "--service", "s3")]
)
def test_text_fits_the_terminal(run: Run, width: int, words: tuple[str, ...]) -> None:
    result = run(*words, width=width)
    assert result.exception is None
    assert all(len(line) <= width for line in result.stdout.splitlines())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("who-can", "s3:GetObjct", "*"), "AWS has no action 's3:GetObjct'. Did you mean s3:GetO"),
        (("who-can", "s4:GetObject", "*"), "AWS has no service with the prefix 's4'."),
        (("who-can", "GetObject", "*"), "is no action. Write service:Action"),
        (("who-can", "s3:Get*", "*"), "is a pattern. Give one action"),
        (("who-can", "s3:GetObject", "nothing"), "The scan holds no resource 'nothing'"),
        (("who-can", "s3:GetObject", _role("admin")), "s3:GetObject does not act on"),
        (("what-can", "nobody"), "nobody"),
        (("what-can", "admin", "--service", "s4"), "no service with the prefix 's4'"),
        (("can", "nobody", "s3:GetObject", "data"), "nobody"),
        (("can", "admin", "s3:GetObject", "data", "--context", "x"), "'x' is no condition key"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    run: Run, words: tuple[str, ...], says: str
) -> None:
    result = run(*words)
    assert isinstance(result.exception, Error)
    assert says in str(result.exception)


def test_a_folder_without_a_scan_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        who_can.command, ["s3:GetObject", "*", "--dir", str(tmp_path)], standalone_mode=False
    )
    assert isinstance(result.exception, Error)


@pytest.mark.parametrize(
    ("words", "code", "answer"),
    [
        (("reader", "s3:GetObject", "data"), 0, "Allowed"),
        (("reader", "s3:GetObject", "logs"), 1, "ImplicitlyDenied"),
        (("admin", "cloudtrail:StopLogging"), 1, "ExplicitlyDenied"),
        (("ana", "s3:GetObject", "data"), 3, "Depends"),
        (("closed", "s3:GetObject", "data"), 3, "Unknown"),
        (("ana", "s3:GetObject", "data", "--context", "aws:MultiFactorAuthPresent=true"), 0,
         "Allowed"),
        (("ana", "s3:GetObject", "data", "--context", "aws:MultiFactorAuthPresent=false"), 1,
         "ImplicitlyDenied"),
    ],
)  # fmt: skip
def test_can_answers_with_its_exit_code(
    run: Run, words: tuple[str, ...], code: int, answer: str
) -> None:
    result = run("can", *words, "--format", "json")
    (found,) = _json(result)
    assert (result.return_value, found["answer"]) == (code, answer)


def test_can_names_the_statement_and_where_it_stands(run: Run) -> None:
    denied = run("can", "admin", "cloudtrail:StopLogging").stdout
    assert "keep-trail" in denied
    assert "'Keep'" in denied
    assert "unit Work" in denied
    allowed = run("can", "reader", "s3:GetObject", "data").stdout
    assert "inline policy p0 of role reader, statement 'Read'" in allowed
    (found,) = _json(run("can", "admin", "cloudtrail:StopLogging", "--format", "json"))
    assert (found["layer"], found["where"]) == ("scp", "unit Work")


def test_a_level_that_says_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(organization=True)
    rows.tables["organizations_policy_target"] = [
        row for row in rows.tables["organizations_policy_target"] if row["target_id"] != HOME
    ]
    rows.guardrail("only-s3", document(statement(Action="s3:*", Resource="*")), HOME)
    rows.role("admin", ALLOW_ALL)
    found = estate.build(rows.tables)
    monkeypatch.setattr(can, "results_of", lambda *_: None)
    monkeypatch.setattr(estate, "load", lambda _: found)
    words = ["admin", "ec2:RunInstances", "--format", "json"]
    (row,) = _json(CliRunner().invoke(can.command, words, standalone_mode=False))
    assert (row["answer"], row["where"]) == ("ImplicitlyDenied", "account account-1111")


def test_what_can_puts_alike_actions_together(run: Run) -> None:
    found = _json(run("what-can", "reader", "--service", "s3", "--format", "json"))
    (row,) = [row for row in found if row["answer"] == "yes"]
    assert (row["actions"], row["resources"]) == (["GetObject"], ["arn:aws:s3:::data/*"])
    everything = _json(run("what-can", "admin", "--service", "sqs", "--format", "json"))
    assert {row["answer"] for row in everything} == {"yes"}
    assert all(row["count"] == row["of"] for row in everything)


def test_what_can_says_what_was_not_read(run: Run) -> None:
    result = run("what-can", "closed", "--service", "s3")
    assert "ReadOnlyAccess was not readable" in result.stderr


def test_services_of_which_everything_is_granted_are_one_line(monkeypatch: Any) -> None:
    rows = Rows()
    rows.role("r", document(statement(Action=["sqs:*", "sns:*", "ssm:Get*"], Resource="*")))
    found = estate.build(rows.tables)
    monkeypatch.setattr(what_can, "results_of", lambda *_: None)
    monkeypatch.setattr(estate, "load", lambda _: found)
    out = CliRunner().invoke(what_can.command, ["r"], standalone_mode=False).stdout
    assert "in 2 services: sns, sqs." in out
    assert "ssm" in out.partition("2 services")[2]
