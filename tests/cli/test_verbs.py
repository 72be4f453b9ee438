"""Every verb on a small scan: it runs, its exit code means what is documented, its formats parse."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from tests.running import Run, runner
from tests.scanned import twice

from sharedline.cli.main import SUMMARIES, command
from sharedline.cli.verbs import Verbs

LEDGER = "arn:aws:s3:::ledger"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with an owner, scanned twice; between the scans a bucket was mended."""
    folder = tmp_path_factory.mktemp("project")
    with twice(folder, (20, 21)):
        yield folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "project"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "160")
    return runner(capsys)


LISTINGS = [
    (("matrix",), 0, "service"),
    (("gaps",), 1, "resource"),
    (("findings",), 0, "check"),
    (("scans",), 0, "id"),
    (("owners", "teams"), 0, "team"),
    (("tables",), 0, "table"),
    (("tables", "s3_bucket"), 0, "column"),
    (("duties",), 0, "duty"),
    (("duties", "s3"), 0, "duty"),
    (("duties", "data.exposure"), 0, "service"),
    (("checks", "list", "s3/*"), 0, "check"),
    (("diff", "20261120"), 1, "resource"),
    (("query", "select arn, region from s3_bucket"), 0, "arn"),
]


@pytest.mark.parametrize(("verb", "code", "key"), LISTINGS, ids=[" ".join(v) for v, *_ in LISTINGS])
def test_a_listing_in_every_format(
    made: Path, run: Run, verb: tuple[str, ...], code: int, key: str
) -> None:
    place = () if verb[0] == "duties" else ("--dir", made)
    whole = run(*verb, *place, "--format", "json")
    rows = json.loads(whole.out)
    assert rows
    assert all(key in row for row in rows)
    assert whole.code in (0, code)
    table = list(csv.DictReader(io.StringIO(run(*verb, *place, "--format", "csv").out)))
    assert len(table) == len(rows)
    marked = run(*verb, *place, "--format", "markdown").out.strip().splitlines()
    assert len([line for line in marked if line.startswith("|")]) == len(rows) + 2
    text = run(*verb, *place)
    assert text.code == whole.code
    assert text.out.strip()


def test_every_verb_is_documented_and_exits_as_it_says() -> None:
    context = click.Context(command)
    groups = [command]
    for group in groups:
        assert isinstance(group, Verbs)
        names = set(group.list_commands(context))
        assert names == set(group.summaries)
        for name in names:
            verb = group.get_command(context, name)
            assert verb is not None
            assert (verb.help or "").split("\n")[0].strip() == group.summaries[name], name
            groups += [verb] if isinstance(verb, Verbs) else []


def test_help_and_mistakes(run: Run) -> None:
    shown = run("--help")
    assert shown.code == 0
    assert all(name in shown.out for name in SUMMARIES)
    assert run("--version").out.startswith("sharedline")
    for wrong in (
        ("nonsense",),
        ("gaps", "--nonsense"),
        ("gaps", "--status", "bad"),
        ("scan", "--as-of", "yesterday"),
        ("waive", "--reason", "x"),
    ):
        ended = run(*wrong)
        assert ended.code == 2, wrong
        assert ended.err
        assert ended.out == ""


def test_gaps_are_filtered_and_coded(folder: Path, run: Run) -> None:
    def found(*more: str) -> tuple[int, list[dict[str, Any]]]:
        ended = run("gaps", "--dir", folder, "--format", "json", *more)
        return ended.code, json.loads(ended.out)

    code, rows = found("--status", "unmet")
    assert code == 1
    assert {r["resource"] for r in rows} == {"arn:aws:s3:::other"}
    assert {r["owner"] for r in rows} == {"data"}
    assert found("--status", "unmet", "--owner", "nobody") == (0, [])
    assert found("--service", "sqs") == (0, [])
    assert found("--duty", "data.backup*", "--status", "unmet")[1] == rows
    assert found("--severity", "critical", "--status", "unmet")[1] == []


def test_findings_are_filtered(made: Path, run: Run) -> None:
    ended = run("findings", "--dir", made, "--format", "json", "--status", "met")
    assert {f["resource"] for f in json.loads(ended.out)} == {LEDGER}
    ended = run("findings", "--dir", made, "--format", "json", "--check", "s3/none*")
    assert json.loads(ended.out) == []


def test_show_and_owners_explain(made: Path, run: Run) -> None:
    for name in (LEDGER, "ledger"):
        found = json.loads(run("show", name, "--dir", made, "--format", "json").out)
        assert found["arn"] == LEDGER
        assert {x["side"] for x in found["line"]} >= {"customer"}
    assert "The line" in run("show", LEDGER, "--dir", made).out
    ended = run("show", "nothing", "--dir", made)
    assert (ended.code, ended.out) == (2, "")
    assert "holds no resource 'nothing'" in ended.err
    found = json.loads(
        run(
            "owners",
            "explain",
            LEDGER,
            "--duty",
            "data.exposure",
            "--dir",
            made,
            "--format",
            "json",
        ).out
    )
    assert (found["owner"], found["person"]) == ("data", "Ann ann@example.org")
    assert found["decided_by"].endswith("owners.toml, rule 1")
    assert run("owners", "explain", LEDGER, "--duty", "no.duty", "--dir", made).code == 2


def test_diff_tells_what_was_mended(made: Path, run: Run) -> None:
    (change,) = json.loads(
        run("diff", "20261120", "20261121", "--dir", made, "--format", "json").out
    )
    assert (change["resource"], change["was"], change["now"]) == (LEDGER, "unmet", "met")


@pytest.mark.parametrize(
    "sql",
    [
        "drop table s3_bucket",
        "select 1; select 2",
        "selekt",
        "select * from nothing",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "copy (select 1) to 'x'",
        "attach 'x'",
        "select nothing from s3_bucket",
    ],
)
def test_query_runs_one_select_over_the_scan(made: Path, run: Run, sql: str) -> None:
    ended = run("query", sql, "--dir", made)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("sharedline: ")


def test_a_derived_table_is_not_made_of_what_was_not_read(made: Path, run: Run) -> None:
    ended = run("query", "select * from effective_access", "--dir", made)
    assert (ended.code, ended.out) == (2, "")
    assert "did not read iam_" in ended.err
    assert "Scan again with all checks." in ended.err


def test_a_claim_is_verified_by_the_next_judgement_only(folder: Path, run: Run) -> None:
    other = "arn:aws:s3:::other"
    assert run("claim", "s3/bucket_versioning_on", other, "--by", "Ann", "--dir", folder).code == 0
    assert run("claim", "s3/none", other, "--by", "Ann", "--dir", folder).code == 2
    found = {
        f["resource"]: f
        for f in json.loads(run("findings", "--dir", folder, "--format", "json").out)
    }
    assert found[other]["ok"] is False


def test_waive_then_the_scan_is_judged_again(folder: Path, run: Run) -> None:
    last = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    given = ("--reason", "rebuilt", "--approver", "Grace", "--expires", last, "--dir", folder)
    assert run("waive", *given).code == 2  # it would waive everything
    assert (
        run(
            "waive",
            "--check",
            "s3/bucket_v*",
            *given[:4],
            "--expires",
            "2020-01-01",
            "--dir",
            folder,
        ).code
        == 2
    )
    assert run("waive", "--check", "s3/bucket_versioning_on", *given).code == 0
    ended = run("gaps", "--dir", folder, "--status", "unmet", "--format", "json")
    assert "judging the scan again" in ended.err
    assert json.loads(ended.out) == []
    counted = json.loads(
        run("findings", "--dir", folder, "--status", "waived", "--format", "json").out
    )
    assert len(counted) == 1


def test_attest_meets_a_duty_that_nothing_checks(folder: Path, run: Run) -> None:
    def status() -> str:
        cells = json.loads(
            run(
                "matrix",
                "--dir",
                folder,
                "--service",
                "s3",
                "--duty",
                "data.classification",
                "--format",
                "json",
            ).out
        )
        return str(cells[0]["status"])

    assert status() == "unverified"
    ended = run(
        "attest",
        "data.classification",
        "All looked at",
        "--scope",
        "s3",
        "--evidence",
        "ticket 7",
        "--by",
        "Ann",
        "--days",
        "3650",
        "--dir",
        folder,
    )
    assert ended.code == 0
    # The scan's own moment lies before the statement: a new one is needed to count it.
    assert status() == "unverified"


def test_what_is_written(folder: Path, run: Run) -> None:
    assert run("report", "--dir", folder).out.strip() == str(folder / "report.html")
    assert (folder / "report.html").read_text().startswith("<!doctype html>")
    ended = run("init", folder / "sub")
    assert ended.code == 0
    assert (folder / "sub" / "owners.toml").is_file()
    assert run("assess", "--dir", folder).code in (0, 1)


def test_permissions(made: Path, run: Run) -> None:
    policy = json.loads(
        run(
            "permissions", "--dir", made, "--checks", "s3/bucket_versioning_on", "--format", "json"
        ).out
    )
    actions = {a for s in policy["Statement"] for a in s["Action"]}
    assert actions >= {"s3:ListAllMyBuckets", "s3:GetBucketVersioning", "ec2:DescribeRegions"}
    verbs = {a.split(":")[1] for a in actions}
    assert all(v.startswith(("Get", "List", "Describe")) for v in verbs)
    more = run("permissions", "--dir", made, "--org", "--checks", "s3/bucket_versioning_on").out
    assert "sts:AssumeRole" in more
    shown = run("permissions", "--dir", made, "--format", "terraform").out
    assert 'resource "aws_iam_role"' in shown


def test_no_scan_yet(tmp_path: Path, run: Run) -> None:
    for verb in (("matrix",), ("gaps",), ("findings",), ("report",), ("diff", "x"), ("assess",)):
        ended = run(*verb, "--dir", tmp_path)
        assert (ended.code, ended.out) == (2, ""), verb
        assert "scan" in ended.err


def test_checks_show_and_test(run: Run, made: Path) -> None:
    shown = run("checks", "show", "s3/bucket_versioning_on", "--dir", made)
    assert shown.code == 0
    assert "select" in shown.out
    tested = run("checks", "test", "s3/bucket_versioning_on", "--dir", made)
    assert (tested.code, tested.out) == (0, "")
    assert "1 checks, 0 problems" in tested.err
    assert run("checks", "show", "s3/none", "--dir", made).code == 2
