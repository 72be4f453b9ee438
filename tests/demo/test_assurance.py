"""The demo's paper: policies that ask for something, reports with gaps, a log that verifies."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from sharedline.cli.common import results_of
from sharedline.comply.artifact.gaps import gaps
from sharedline.comply.artifact.register import FILES, open_register
from sharedline.comply.artifact.supports import library
from sharedline.comply.catalogue import load, part_of
from sharedline.comply.evidence.store import open_store
from sharedline.comply.evidence.verify import verify
from sharedline.comply.policies import clauses, mapping
from sharedline.comply.policies.clauses import Clause
from sharedline.comply.policies.judge import ORDER, ClauseStatus, Judge
from sharedline.comply.policies.mapping import Asked
from sharedline.comply.standing import Standing, year_to
from sharedline.demo import assurance, reports
from sharedline.demo.build import copy_project
from sharedline.demo.estate import running_estate
from sharedline.demo.estate.place import Estate
from sharedline.demo.shapes import Conform
from sharedline.demo.story import tell
from sharedline.project import Project, open_project
from sharedline.scanning import scan

#: Today, since the estate and its findings are of today.
TODAY = datetime.now(UTC)
WINDOW = year_to(TODAY.date())
#: Enough checks that a clause is met, one waived and one unmet; all others need no scan.
CHECKS = ("monitoring/*", "cloudwatch/*_alarmed", "cloudtrail/*")
FRAMEWORKS = {"nist-800-53-r5", "iso-27001-2022", "pci-dss-4.0.1", "soc-2"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The paper alone: policies, a framework, Artifact's metadata taken on file."""
    folder = tmp_path_factory.mktemp("paper")
    assurance.write(folder, TODAY)
    assurance.file_reports(folder, TODAY)
    return open_project(folder)


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with running_estate() as (_, made):
        yield made


@pytest.fixture(scope="module")
def scanned(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demo's folder after one small scan."""
    folder = tmp_path_factory.mktemp("demo")
    copy_project(folder, estate, TODAY)
    assurance.write(folder, TODAY)
    project = open_project(folder)
    tell(project, estate, TODAY, None, TODAY)
    scan(estate.session(), checks=CHECKS, folder=folder, as_of=TODAY, rate=100.0)
    assurance.file_reports(folder, TODAY)
    assurance.log_evidence(folder)
    return project


@pytest.fixture(scope="module")
def judged(scanned: Project) -> list[ClauseStatus]:
    standing = Standing(results_of(scanned.folder, ""), WINDOW)
    judge = Judge(standing, scanned.frameworks)
    every, asked = policies_of(scanned)
    return [judge.clause(c, asked.get(c.id)) for c in every]


def policies_of(project: Project) -> tuple[list[Clause], dict[str, Asked]]:
    every = clauses.read(project.policies)
    written = mapping.read(project.mapping, project.frameworks)
    return every, mapping.of_clauses(every, written, project.frameworks)


# The policies.


def test_three_documents_of_three_kinds_have_clauses(written: Project) -> None:
    every, _ = policies_of(written)
    kinds = {p.stem: p.suffix for p in written.policies.iterdir()}
    assert sorted(kinds.values()) == [".csv", ".docx", ".md"]
    assert {c.document for c in every} == set(kinds)
    assert 25 <= len(every) <= 45
    assert all(c.text and c.number for c in every)


def test_most_clauses_are_mapped_and_no_target_dangles(written: Project) -> None:
    every, asked = policies_of(written)
    known = {c.id for c in every}
    assert set(mapping.read(written.mapping, written.frameworks)) <= known
    assert 3 <= len(known - set(asked)) <= 6
    named = [name.partition(":") for one in asked.values() for name in one.controls]
    assert {framework for framework, _, _ in named} >= FRAMEWORKS
    for framework, _, part in named:
        assert part_of(load(framework, written.frameworks), part) is not None
    assert sum(bool(one.duties) for one in asked.values()) > 10


def test_the_words_of_one_clause_changed_since_it_was_mapped(written: Project) -> None:
    every, asked = policies_of(written)
    now = {c.id: c.fingerprint for c in every}
    changed = [one.clause for one in asked.values() if one.text and one.text != now[one.clause]]
    assert changed == list(assurance.BEFORE)


def test_the_word_document_says_what_its_source_does(written: Project, tmp_path: Path) -> None:
    source = Path(assurance.__file__).parent / "paper" / "policies" / f"{assurance.WORD}.md"
    made = clauses.of_file(written.policies / f"{assurance.WORD}.docx", assurance.WORD)
    meant = clauses.of_file(source, assurance.WORD)
    assert [(c.id, c.title, c.within) for c in made] == [(c.id, c.title, c.within) for c in meant]
    assert [c.fingerprint for c in made] == [c.fingerprint for c in meant]
    assert assurance.word(source, TODAY) == assurance.word(source, TODAY)


def test_every_verdict_is_given_to_some_clause(judged: list[ClauseStatus]) -> None:
    found: dict[str, list[str]] = {verdict: [] for verdict in ORDER}
    for status in judged:
        found[status.verdict].append(status.clause.id)
    assert [verdict for verdict, names in found.items() if not names] == []
    assert "access-control/2.4" in found["met"]  # by checks
    assert "data-protection/1.2" in found["met"]  # by a person's statement
    assert found["waived"] == ["incident-and-audit/IA-06"]
    assert found["unknown"] == ["data-protection/4.2"]
    assert {"access-control/4.1", "data-protection/3.3"} <= set(found["inherited"])
    assert {"access-control/4.2", "access-control/4.3"} <= set(found["unverified"])


def test_clauses_that_lean_on_a_report_say_which(judged: list[ClauseStatus]) -> None:
    by_id = {s.clause.id: s for s in judged}
    assert [report.split(" ")[0] for report in by_id["access-control/4.1"].reports] == [
        reports.ISO_27001
    ]
    assert by_id["access-control/4.2"].reports == ()


# AWS's paper.


def fits(value: Any, operation: str) -> None:
    model = botocore.session.get_session().get_service_model("artifact")
    shape = model.operation_model(operation).output_shape
    Conform(TODAY)(value, shape)


def test_the_metadata_is_as_the_api_returns_it(written: Project) -> None:
    folder = written.folder / reports.FOLDER
    listed = json.loads((folder / "list-reports.json").read_text("utf-8"))
    fits(listed, "ListReports")
    agreed = json.loads((folder / "list-customer-agreements.json").read_text("utf-8"))
    fits(agreed, "ListCustomerAgreements")
    details = sorted((folder / reports.DOWNLOADED).glob("*.json"))
    assert len(details) == 2
    for path in details:
        fits(json.loads(path.read_text("utf-8")), "GetReportMetadata")
    model = botocore.session.get_session().get_service_model("artifact")
    pattern = model.shape_for("ReportId").metadata["pattern"]
    assert all(re.fullmatch(pattern, report["id"]) for report in listed["reports"])


def test_stand_ins_say_what_they_are_and_their_bytes_are_on_file(written: Project) -> None:
    register = open_register(written.artifact)
    held = [r for r in register.reports if r.on_file]
    assert {r.id for r in held} == {reports.SOC_2, reports.ISO_27001}
    assert all(r.accepted for r in held)
    for report in held:
        data = (written.artifact / FILES / report.file).read_bytes()
        assert b"EXAMPLE, not an AWS document" in data
        assert hashlib.sha256(data).hexdigest() == report.sha256
        assert int(data.split(b"startxref\n")[1].split(b"\n")[0]) == data.index(b"xref\n0 ")
    newer = register.find(reports.ISO_27001)
    assert newer is not None
    assert (newer.version, newer.accepted) == (2, False)


def test_reports_have_gaps_of_many_kinds(written: Project) -> None:
    asked: dict[str, list[Any]] = {}
    for name in FRAMEWORKS:
        for part in load(name).parts.values():
            asked.setdefault(f"{name}:{part.control}", []).append(part)
    shelf = library(open_register(written.artifact), written.artifact)
    found = gaps(shelf, asked, WINDOW, ["s3", "gamelift"], ["eu-central-1"])
    kinds = Counter(str(gap.kind) for gap in found)
    assert {"period", "terms", "superseded", "unmapped", "service-unknown"} <= set(kinds)
    about = {str(gap.kind): gap.report for gap in found}
    assert about["period"] == reports.SOC_2
    assert about["terms"] == reports.PCI
    assert about["superseded"] == reports.ISO_27001
    assert about["unmapped"] == reports.UNMAPPED


@pytest.mark.parametrize("day", [date(2026, 1, 2), date(2026, 5, 14), date(2026, 5, 15)])
def test_the_soc_2_always_ends_before_the_window_does(day: date) -> None:
    by_id = {p.id: p for p in reports.papers(day)}
    assert by_id[reports.SOC_2].end < day - timedelta(days=30)
    assert by_id[reports.SOC_2].start < day - timedelta(days=365)


# The log, and the page that goes through it all.


def test_the_log_verifies_and_holds_every_kind(scanned: Project) -> None:
    store = open_store(scanned.evidence)
    assert verify(store.folder).wrong == []
    kinds = Counter(item["kind"] for _, item in store.items())
    assert {"note", "check", "attestation", "waiver", "report"} <= set(kinds)
    assert kinds["report"] == 2


def test_a_changed_byte_of_the_log_is_found(scanned: Project) -> None:
    path = next(scanned.evidence.glob("items-*.jsonl"))
    whole = path.read_bytes()
    at = whole.index(b'"population":')
    try:
        path.write_bytes(whole.replace(whole[at : at + 14], b'"population":9', 1))
        assert path.read_bytes() != whole
        assert verify(scanned.evidence).wrong != []
    finally:
        path.write_bytes(whole)


def commands() -> list[str]:
    """What the guide says to type, a line each."""
    page = Path(__file__).parents[2] / "docs" / "guides" / "assurance.md"
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]


def test_every_command_of_the_guide_runs(scanned: Project, tmp_path: Path) -> None:
    """Each in turn, in a copy of the folder; gaps are found, and nothing is wrong with a command."""
    folder = tmp_path / "demo"
    shutil.copytree(scanned.folder, folder)
    script = [f'sharedline() {{ "{sys.executable}" -m sharedline "$@"; }}']
    for line in commands():
        script += [line, "echo $? >> ../codes"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=folder, capture_output=True, text=True, check=False
    )
    codes = (tmp_path / "codes").read_text("utf-8").split()
    assert len(codes) == len(commands()) > 25
    came = list(zip(commands(), codes, strict=True))
    assert [one for one in came if one[1] not in ("0", "1", "3")] == [], done.stderr
    assert [one for one in came if "evidence verify" in one[0] and one[1] == "1"] == [], done.stdout
    assert "Verified." in done.stdout
    assert "WRONG: crm/responsibility-matrix.csv" in done.stdout + done.stderr
