"""What is recorded of a project: once, as it was, and found again by verification."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.cli.golden import CHECKS, build
from tests.comply.evidence.made import clock

from sharedline.comply.artifact.model import Agreement, Register, Report, Terms
from sharedline.comply.artifact.register import update
from sharedline.comply.evidence import scanned
from sharedline.comply.evidence.artefacts import Places
from sharedline.comply.evidence.item import EvidenceError
from sharedline.comply.evidence.record import Counts, record, scans_of
from sharedline.comply.evidence.scanned import query_digest
from sharedline.comply.evidence.store import Store, open_store
from sharedline.comply.evidence.verify import Verdict, verify
from sharedline.inventory.lake import Lake
from sharedline.model import Attestation
from sharedline.project import Project, open_project
from sharedline.results import Results
from sharedline.scanning import reassess
from sharedline.state import State

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=90)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(folder)
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Project:
    """Two scans, an attestation, a waiver."""
    copy = shutil.copytree(built, tmp_path / "project")
    made = open_project(Path(copy))
    made.waivers.write_text(
        '[[waiver]]\ncheck = "s3/bucket_versioning_on"\nresource = "arn:aws:s3:::ledger"\n'
        'reason = "Moved in May."\napprover = "Bo"\nexpires = 2027-02-01\n'
    )
    with contextlib.closing(State(made.database_url)) as state:
        state.attest(Attestation("response.practice", "*", "Done", "T-1", "Ann", NOW, LATER))
    return made


def written(project: Project) -> tuple[Store, Counts]:
    store = open_store(project.evidence, create=True)
    store.clock = clock()
    return store, record(store, project)


def whole(project: Project) -> Verdict:
    return verify(
        project.evidence, Places(project.evidence, project.folder, Lake(project.lake_url))
    )


def checks(store: Store, check: str) -> list[dict[str, Any]]:
    return [x for _, x in store.items("check") if x["query"]["id"] == check]


def test_each_check_of_each_scan_is_an_item_with_what_was_found(project: Project) -> None:
    store, counts = written(project)
    scans = list(scans_of(project))
    known = {"scans": 2, "attestations": counts.attestations, "waivers": 1, "reports": 0}
    assert {k: getattr(counts, k) for k in known} == known
    assert counts.checks == 2 * len(CHECKS)
    assert counts.refused == []
    for results in scans:
        rows = results.rows()
        for check in CHECKS:
            mine = [r for r in rows if r["check_id"] == check]
            found = [x for x in checks(store, check) if x["ref"]["scan"] == results.manifest.id]
            assert len(found) == 1
            one = found[0]
            assert one["population"] == len(mine)
            assert one["exceptions"] == sum(r["ok"] is False for r in mine)
            assert one["unknown"] == sum(r["ok"] is None for r in mine)
            assert set(one.get("samples", ())) <= {r["resource"] for r in mine if r["ok"] is False}
            assert len(one.get("samples", ())) == min(one["exceptions"], 5)
            assert datetime.fromisoformat(one["observed"]) == results.manifest.as_of
            assert one["received"].startswith("2026-11-22T12:00:")
            assert one["duty"] == results.checks[check].duty
            held = [f for f in results.manifest.data["files"] if f["sha256"] == one.get(
                "artefact", {}).get("sha256")]
            if mine:
                path = results.lake.path(held[0]["path"])
                assert check in pq.read_table(path, columns=["check_id"])["check_id"].to_pylist()
    versioned = checks(store, "s3/bucket_versioning_on")
    assert [x["result"] for x in versioned] == ["unmet", "met"]
    assert [x["exceptions"] for x in versioned] == [1, 0]
    public = checks(store, "s3/bucket_policy_not_public")
    assert [(x["result"], x["unknown"]) for x in public] == [("unknown", 1), ("unmet", 1)]


def test_the_question_is_kept_as_it_was_asked(project: Project) -> None:
    store, _ = written(project)
    results = next(scans_of(project))
    check = results.checks["s3/bucket_versioning_on"]
    one = checks(store, check.id)[0]
    assert one["control"] == sorted(f"{f}:{c}" for f, cs in check.controls.items() for c in cs)
    asked = {"id": check.id, "sha256": query_digest(check.sql, {}), "parameters": {}}
    assert one["query"] == asked
    assert asked["sha256"] == sha256(f"{check.sql}\n{{}}".encode()).hexdigest()


def test_no_digest_is_claimed_of_a_question_that_may_have_been_another(project: Project) -> None:
    results = next(scans_of(project))
    check = results.checks["s3/bucket_versioning_on"]

    def query(**more: Any) -> dict[str, Any]:
        data = {**results.manifest.data, **more.pop("manifest", {})}
        other = Results(results.lake, replace(results.manifest, data=data), project)
        given = replace(check, **more)
        return scanned.query(other, check.id, given)

    asked = {"id": check.id}
    assert set(query()) == {"id", "sha256", "parameters"}
    assert query(manifest={"version": "0.0.9"}) == asked
    file = project.folder / "own.sql"
    file.write_text("select 1")
    assert query(path=str(file)) == asked  # written after the scan
    os.utime(file, (0, 0))
    assert set(query(path=str(file))) == {"id", "sha256", "parameters"}
    intent = project.intent_digest()
    days = {"max_days": 30, "since": date(2026, 1, 1), "names": ("a",)}
    known = query(params=days, manifest={"intent": intent})
    assert known["parameters"] == {"max_days": 30, "since": "2026-01-01", "names": ["a"]}
    assert query(params=days, manifest={"intent": "before"}) == asked
    assert scanned.query(results, "gone/check", None) == {"id": "gone/check"}


def test_a_second_time_writes_nothing(project: Project) -> None:
    store, first = written(project)
    head = store.head()
    again = record(store, project)
    assert (again.items, again.known) == (0, 2 + first.attestations + 1)
    assert store.head() == head
    assert head is not None
    assert head.size == first.items


def test_what_was_recorded_verifies_with_every_file(project: Project) -> None:
    written(project)
    found = whole(project)
    assert (found.wrong, found.unchecked) == ([], [])
    manifests = Lake(project.lake_url).scans()
    assert found.files == sum(len(m.data["files"]) + 1 for m in manifests)


@pytest.mark.parametrize("kind", ["findings", "inventory"])
def test_a_byte_of_the_lake_is_named(project: Project, kind: str) -> None:
    written(project)
    lake = Lake(project.lake_url)
    for manifest in lake.scans():
        entry = next(f for f in manifest.data["files"] if f["kind"] == kind)
        path = Path(lake.path(entry["path"]))
        before = path.read_bytes()
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        wrong = whole(project).wrong
        assert [p.file for p in wrong] == [f"lake:{entry['path']}"]
        path.unlink()
        assert "it is missing" in whole(project).wrong[0].what
        path.write_bytes(before)


def test_a_changed_manifest_is_named(project: Project) -> None:
    written(project)
    lake = Lake(project.lake_url)
    manifest = lake.scans()[0]
    path = Path(lake.path("scans", manifest.id, "manifest.json"))
    before = path.read_bytes()
    path.write_bytes(before + b" ")
    assert whole(project).wrong[0].what == "it is not the manifest that was recorded"
    data = json.loads(before)
    entry = next(f for f in data["files"] if f["kind"] == "inventory")
    entry["sha256"] = "0" * 64
    path.write_text(json.dumps({**data, "reassessed": "2026-12-01T00:00:00+00:00"}))
    assert "other files of AWS's answers" in whole(project).wrong[0].what
    path.write_bytes(b"[")
    with contextlib.suppress(Exception):  # a damaged manifest may stop others; not this
        assert whole(project).wrong[0].what == "the manifest is damaged"
    path.unlink()
    found = whole(project)
    assert found.wrong == []
    assert found.unchecked == [f"1 scans not in the lake: {manifest.id}"]


def test_a_scan_judged_again_is_recorded_again(project: Project) -> None:
    store, first = written(project)
    lake = Lake(project.lake_url)
    old = lake.scans()[0]
    reassess(project, lake, old)
    found = whole(project)
    assert found.wrong == []
    assert [f"scan {old.id} was judged again" in said for said in found.unchecked] == [True]
    again = record(store, project)
    assert (again.scans, again.checks) == (1, first.checks // 2)
    assert (whole(project).wrong, whole(project).unchecked) == ([], [])
    versioned = [x for x in checks(store, "s3/bucket_versioning_on") if x["ref"]["scan"] == old.id]
    assert [(x["exceptions"], x["waived"]) for x in versioned] == [(1, 0), (1, 1)]


def test_a_finding_file_that_was_changed_is_not_recorded(project: Project) -> None:
    lake = Lake(project.lake_url)
    manifest = lake.scans()[0]
    path = Path(lake.files(manifest, "findings", "finding")[0])
    before = path.read_bytes()
    path.write_bytes(before + b"\0")
    store, counts = written(project)
    assert counts.scans == 1
    assert len(counts.refused) == 1
    assert f"Scan {manifest.id}" in counts.refused[0]
    assert {x["ref"]["scan"] for _, x in store.items("check")} == {lake.scans()[1].id}
    path.unlink()
    assert "cannot be read" in record(store, project).refused[0]
    path.write_bytes(before)
    assert record(store, project).scans == 1


def test_other_errors_of_the_log_are_not_taken_for_a_scans(project: Project) -> None:
    store = open_store(project.evidence, create=True)
    store.key.unlink()
    with pytest.raises(EvidenceError, match="private key"):
        record(store, project)


def test_attestations_and_waivers_are_recorded_once_and_their_end_too(project: Project) -> None:
    store, _ = written(project)
    attested = [x for _, x in store.items("attestation")][-1]
    assert (attested["attester"], attested["duty"]) == ("Ann", "response.practice")
    assert attested["effective"] == {"from": "2026-11-22T12:00:00Z", "to": "2027-02-20T12:00:00Z"}
    assert attested["ref"]["evidence"] == "T-1"
    text = project.waivers.read_text()
    project.waivers.write_text("")
    assert record(store, project).waivers == 1
    assert record(store, project).waivers == 0
    project.waivers.write_text(text)
    assert record(store, project).waivers == 1
    given, gone, back = (x for _, x in store.items("waiver"))
    assert given["ref"] == back["ref"]
    assert (given["attester"], given["expires"]) == ("Bo", "2027-02-01T23:59:59Z")
    assert gone["ref"] == {"id": given["ref"]["id"], "withdrawn": True}
    assert gone["effective"] == {"to": gone["observed"]}


def test_an_expired_waiver_begins_nowhere(project: Project) -> None:
    project.waivers.write_text(project.waivers.read_text().replace("2027", "2025"))
    store, _ = written(project)
    waiver = next(x for _, x in store.items("waiver"))
    assert waiver["effective"] == {"to": "2025-02-01T23:59:59Z"}


def test_reports_on_file_and_agreements_are_recorded(project: Project) -> None:
    store, _ = written(project)
    pdf = b"%PDF-1.7"
    terms = Terms(sha256="b" * 64, file="t.pdf", accepted_by="Ann", accepted_at=NOW)
    report = Report(
        id="report-1", version=3, name="SOC 2", company="Amazon Web Services",
        period_start=date(2026, 4, 1), period_end=date(2026, 9, 30), sha256="", received=NOW,
    )
    listed = Report(id="report-2", version=1, name="PCI", received=NOW)
    agreement = Agreement(id="a-1", name="BAA", account="111122223333", state="ACTIVE",
                          effective_start=date(2025, 1, 1))
    held = replace(report, sha256=sha256(pdf).hexdigest(), bytes=len(pdf),
                   file="soc2.pdf", terms=terms)
    update(project.artifact, lambda r: Register((held, listed), (agreement,), (), NOW))
    (project.artifact / "files").mkdir(exist_ok=True)
    (project.artifact / "files" / "soc2.pdf").write_bytes(pdf)
    assert record(store, project).reports == 2
    assert record(store, project).reports == 0
    kept = next(x for _, x in store.items("report"))
    assert kept["artefact"]["where"] == "artifact/files/soc2.pdf"
    assert kept["statement"] == "SOC 2, 2026-04-01 to 2026-09-30, version 3"
    assert (kept["attester"], kept["reviewer"]) == ("Amazon Web Services", "Ann")
    assert kept["ref"]["terms_accepted"] == "2026-11-22T12:00:00+00:00"
    assert kept["effective"]["to"] == "2026-09-30T23:59:59Z"
    note = [x for _, x in store.items("note")][-1]
    assert note["statement"] == "Agreement BAA: ACTIVE"
    assert whole(project).wrong == []
    (project.artifact / "files" / "soc2.pdf").write_bytes(b"%PDF-1.8")
    assert [p.file for p in whole(project).wrong] == ["artifact/files/soc2.pdf"]
