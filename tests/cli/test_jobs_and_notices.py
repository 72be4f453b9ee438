"""The verbs that tell others: notices, issues, Security Hub, and the jobs that run them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.listener import Listener, listening
from tests.notices.fake_jira import FakeJira
from tests.running import Run, runner
from tests.scanned import REGION, twice

OTHER = "arn:aws:s3:::other"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("project")
    with twice(folder, (10, 18)):
        yield folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "project"))


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as kept:
        yield kept


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> Run:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("JIRA_TOKEN", "t0ken")
    return runner(capsys, after=("--dir", folder))


def _settings(folder: Path, text: str) -> None:
    (folder / "sharedline.toml").write_text(text)


def test_a_digest_is_shown_then_told_once(folder: Path, run: Run, listener: Listener) -> None:
    shown = run("notify", "digest", "--dry-run")
    assert shown.code == 0
    assert "To nobody: no target is set" in shown.out
    assert OTHER in shown.out
    ended = run("notify", "digest")
    assert ended.code == 2
    assert "Nobody is named to tell." in ended.err
    _settings(folder, f'[notify]\nadmins = ["json://{listener.place}/x"]\n')
    assert "To json://…" in run("notify", "digest", "--dry-run").out
    assert listener.got == []
    listener.answer = lambda *_: (500, {}, b"")
    failed = run("notify", "digest")
    assert failed.code == 3
    assert "it answered 500" in failed.err
    assert "tried again" in failed.err
    listener.answer = lambda *_: (200, {}, b"")
    told = run("notify", "digest")
    assert (told.code, told.out) == (
        0, "Told json://…: Sharedline: Duties of data: 1 open, 1 fixed\n",
    )  # fmt: skip
    again = run("notify", "digest")
    assert (again.code, again.out) == (0, "")
    assert "1 were told before." in again.err


def test_what_expires_and_what_is_due(folder: Path, run: Run, listener: Listener) -> None:
    _settings(folder, f'[notify]\nadmins = ["json://{listener.place}/x"]\n')
    assert "There is nothing to tell." in run("notify", "expiring").err
    soon = (datetime.now(UTC) + timedelta(days=3)).date()
    run("waive", "--check", "s3/*", "--reason", "Rebuilt", "--approver", "Grace", "--expires", soon)
    assert "Told" in run("notify", "expiring").out
    assert "Rebuilt" in listener.got[0]["message"]
    assert run("notify", "exercises").code == 0


def test_issues_from_opening_to_the_scan(
    folder: Path, run: Run, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeJira(listener)
    assert "lacks server, project, token" in run("tickets", "open", "--check", "s3/*").err
    _settings(folder, f'[jira]\nserver = "{fake.url}"\nproject = "SEC"\ntoken = "env:JIRA_TOKEN"\n')
    assert "there is none" in run("tickets", "open").err  # of the usual severities
    dry = run("tickets", "open", "--owner", "data", "--dry-run")
    assert OTHER in dry.out
    assert fake.issues == {}
    opened = run("tickets", "open", "--resource", OTHER)
    assert opened.out == f"SEC-1 opened: s3/bucket_versioning_on on {OTHER}\n"
    assert run("tickets", "open", "--resource", OTHER).out == ""
    assert "agree" in run("tickets", "sync").err
    fake.issues["SEC-1"].status = "Done"
    assert "SEC-1 done in Jira: claimed" in run("tickets", "sync").out
    (row,) = json.loads(run("tickets", "list", "--format", "json").out)
    assert (row["key"], row["state"], row["resource"]) == ("SEC-1", "claimed", OTHER)
    found = {f["resource"]: f for f in json.loads(run("findings", "--format", "json").out)}
    assert found[OTHER]["ok"] is False  # a claim verifies nothing
    for width in (80, 160):
        monkeypatch.setenv("COLUMNS", str(width))
        assert all(len(x) <= width for x in run("tickets", "list").out.splitlines())


def test_into_security_hub(folder: Path, run: Run) -> None:
    lines = [json.loads(x) for x in run("push", "securityhub", "--dry-run").out.splitlines()]
    assert {x["Resources"][0]["Id"] for x in lines} == {OTHER, "arn:aws:s3:::ledger"}
    done = run("push", "securityhub", "--check", "s3/*")
    assert (done.code, done.out) == (0, "Security Hub took 2 findings.\n")
    import boto3

    kept = boto3.client("securityhub", region_name=REGION).get_findings()["Findings"]
    assert len(kept) == 2
    import click

    from sharedline.cli.push.securityhub import command

    assert "securityhub:BatchImportFindings" in command.get_help(click.Context(command))


def test_jobs_are_listed_and_run(
    folder: Path, run: Run, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Write [jobs.NAME]" in run("jobs", "list").err
    ended = run("jobs", "work")
    assert (ended.code, ended.out) == (2, "")
    fake = FakeJira(listener)
    _settings(
        folder,
        f'[scan]\nregions = ["{REGION}"]\nchecks = ["s3/bucket_v*"]\nprocesses = 0\n'
        f'[jira]\nserver = "{fake.url}"\nproject = "SEC"\ntoken = "env:JIRA_TOKEN"\n'
        'severities = ["medium", "low"]\n'
        '[jobs.nightly]\nrun = "scan"\nat = "daily 02:00"\n'
        '[jobs.issues]\nrun = "tickets"\nat = "hourly"\n'
        '[jobs.news]\nrun = "digest"\nat = "weekly mon 08:00"\n',
    )
    done = run("jobs", "run", "nightly", "--by", "Ann")
    assert done.code == 0
    assert done.out.startswith("nightly: done. Scan ")
    assert ": 1 unmet" in done.out
    assert "1 issues opened" in run("jobs", "run", "issues").out
    failed = run("jobs", "run", "news")
    assert failed.code == 3
    assert "Nobody is named to tell." in failed.out
    listed = {r["name"]: r for r in json.loads(run("jobs", "list", "--format", "json").out)}
    assert {n: r["state"] for n, r in listed.items()} == {
        "nightly": "done", "issues": "done", "news": "failed",
    }  # fmt: skip
    kept = json.loads(run("jobs", "list", "--runs", "--format", "json").out)
    assert [(r["job"], r["state"]) for r in kept] == [
        ("nightly", "done"), ("issues", "done"), ("news", "failed"),
    ]  # fmt: skip
    assert kept[0]["by"] == "Ann"
    assert run("jobs", "run", "none").code == 2
    for width in (80, 160):
        monkeypatch.setenv("COLUMNS", str(width))
        for more in ((), ("--runs",)):
            assert all(len(x) <= width for x in run("jobs", "list", *more).out.splitlines())
