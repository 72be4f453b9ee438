"""`sharedline comply package` over a scanned folder with policies' reports and an evidence log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.running import Run, runner
from tests.scanned import twice

from sharedline.comply import catalogue
from sharedline.comply.artifact.model import Report, Terms
from sharedline.comply.artifact.register import update
from sharedline.comply.evidence.store import open_store
from sharedline.comply.package.gather import gather
from sharedline.comply.package.inputs import Window
from sharedline.comply.package.verifier import verify
from sharedline.model import Side
from sharedline.project import open_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two scans of two buckets, a log, a report in date and one that is not, the paper itself."""
    folder = tmp_path_factory.mktemp("project")
    with twice(folder, (10, 20)):
        pass
    at = datetime(2026, 11, 1, tzinfo=UTC)
    terms = Terms("a" * 64, "terms.pdf", at, "Ann", at)
    held: dict[str, Any] = {"sha256": "b" * 64, "file": "b.pdf", "bytes": 9, "terms": terms}
    update(folder / "artifact", lambda r: r.with_reports([
        Report("report-SOC2SOC2SOC2SOC2", 1, "SOC 2 Report", period_start=date(2025, 10, 1),
               period_end=date(2026, 11, 30), **held),
    ]))  # fmt: skip
    (folder / "artifact" / "files").mkdir(exist_ok=True)
    (folder / "artifact" / "files" / "b.pdf").write_bytes(b"%PDF-1.7 SECRET")
    open_store(folder / "evidence", create=True).append(
        [{"kind": "note", "statement": "Read.", "observed": datetime(2026, 11, 9, tzinfo=UTC)}]
    )
    yield folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "comply", "package")


def asked(folder: Path, out: Path, *more: str) -> list[str]:
    return ["--dir", str(folder), "--framework", "nist-800-53-r5", "--from", "2026-11-01",
            "--to", "2026-11-30", "--out", str(out), *more]  # fmt: skip


def test_the_package_is_written_and_verifies(
    project: Path, tmp_path: Path, run: Run
) -> None:
    ended = run(*asked(project, tmp_path / "audit", "--baseline", "low", "--format", "json"))
    said = json.loads(ended.out)
    assert ended.code == 1  # not every part is shown
    assert said["findings"] > 0
    assert said["evidence_items"] == 1
    heard: list[str] = []
    verify(tmp_path / "audit", said["manifest_sha256"], say=heard.append)
    verify(tmp_path / "audit.zip", said["manifest_sha256"], said["evidence_key"], heard.append)
    assert any("1 items of evidence" in h for h in heard)
    # Neither AWS's paper nor the log's private key leave the folder.
    every = b"".join(p.read_bytes() for p in (tmp_path / "audit").rglob("*") if p.is_file())
    assert b"SECRET" not in every
    assert b"PRIVATE KEY" not in every
    assert b"b" * 64 in every


def test_words_for_people(project: Path, tmp_path: Path, run: Run) -> None:
    ended = run(*asked(project, tmp_path / "audit", "--system", "Ledger"))
    lines = ended.out.splitlines()
    assert lines[0].startswith(str(tmp_path / "audit"))
    assert "control parts are shown to be done" in lines[2]
    assert "verify.py --manifest-sha256" in ended.err
    assert "Ledger" in (tmp_path / "audit" / "index.html").read_text("utf-8")


def test_the_newest_scan_in_the_window_gives_the_state(project: Path) -> None:
    opened = open_project(project)
    both = gather(opened, "nist-800-53-r5", "", Window(date(2026, 11, 1), date(2026, 11, 30)))
    first = gather(opened, "nist-800-53-r5", "", Window(date(2026, 11, 1), date(2026, 11, 10)))
    assert [s.as_of.day for s in both.scans] == [10, 20]
    assert (both.scan.as_of.day, first.scan.as_of.day) == (20, 10)
    unmet = [sum(t.count for t in i.findings.tallies() if t.status == "unmet")
             for i in (first, both)]  # fmt: skip
    assert unmet[0] == unmet[1] + 1  # one bucket was mended between the two
    assert {m.resource for m in first.findings.exceptions()} >= {"arn:aws:s3:::ledger"}
    assert [r.arn for r in both.findings.resources()] == [
        "arn:aws:s3:::ledger",
        "arn:aws:s3:::other",
    ]
    assert both.duty_owners["data.exposure"] == ("data",)


def test_reports_prove_what_they_support_and_only_in_date(project: Path) -> None:
    opened = open_project(project)
    good = gather(opened, "nist-800-53-r5", "", Window(date(2026, 11, 1), date(2026, 11, 30)))
    late = gather(opened, "nist-800-53-r5", "", Window(date(2026, 11, 1), date(2026, 12, 31)))
    whole = catalogue.load("nist-800-53-r5").parts
    aws = [p for p in good.halves if whole[p].side is Side.AWS]
    proved = {p for p in aws if good.halves[p].proved}
    assert proved
    assert not any(late.halves[p].proved for p in aws)
    assert {k for p in proved for k in good.halves[p].reports} == {"report-SOC2SOC2SOC2SOC2 1"}
    assert [(r.key, r.sha256, r.accepted_by) for r in good.reports] == [
        ("report-SOC2SOC2SOC2SOC2 1", "b" * 64, "Ann")
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--from", "2026-12-01"), "Swap them"),
        (("--from", "2025-01-01", "--to", "2025-02-01"), "There is no scan from 2025-01-01"),
        (("--baseline", "extreme"), "no baseline 'extreme'"),
        (("--framework", "none"), "no framework 'none'"),
    ],
)
def test_what_cannot_be_is_explained(
    project: Path, tmp_path: Path, run: Run, more: tuple[str, ...], said: str
) -> None:
    ended = run(*asked(project, tmp_path / "audit", *more))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert list(tmp_path.iterdir()) == []
