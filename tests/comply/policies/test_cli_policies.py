"""`comply policies|suggest|map` over a small scan: text at two widths, JSON, CSV, exit codes."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.golden import build, shown

from sharedline.comply.artifact.model import Register, Report
from sharedline.comply.artifact.register import update
from sharedline.intent import attest
from sharedline.inventory.lake import Lake
from sharedline.model import Attestation
from sharedline.project import open_project
from sharedline.results import Results

POLICY = """---
owner: Storage team
---
# Storage
## 1 Copies
1.1 No bucket is public.
1.2 Every queue is encrypted.
## 2 Sites
Buildings are guarded.
## 3 Purpose
This policy protects \x1b[31mdata.
"""
MAPPING = """
[[map]]
clause = "storage/1.1"
duties = ["data.exposure"]
by = "Ann"
on = 2026-11-02
[[map]]
clause = "storage/1.2"
duties = ["data.encryption-at-rest"]
owner = "Queue team"
text = "000000000000"
[[map]]
clause = "storage/2"
controls = ["nist-800-53-r5:PE-3"]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policies")
    build(folder)
    (folder / "policies").mkdir()
    (folder / "policies" / "storage.md").write_text(POLICY)
    (folder / "policies.toml").write_text(MAPPING)
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "project"))


def _run(folder: Path, *arguments: str, width: int = 160) -> tuple[str, int]:
    text = shown(folder, ("comply", *arguments), width)
    said, _, code = text.partition("\n")[2].rpartition("(exit ")
    assert "Traceback" not in said
    return said, int(code.rstrip().rstrip(")"))


def _json(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    said, _ = _run(folder, *arguments, "--format", "json")
    found: list[dict[str, Any]] = json.JSONDecoder().raw_decode(said)[0]
    return found


@pytest.mark.parametrize("width", [80, 160])
def test_the_table_fits_and_cuts_no_verdict(project: Path, width: int) -> None:
    said, code = _run(project, "policies", width=width)
    assert code == 1
    lines = said.splitlines()
    assert [line for line in lines if len(line) > width] == []
    rows = {line.split()[0]: line for line in lines[1:5]}
    assert list(rows) == ["storage/1.1", "storage/1.2", "storage/2", "storage/3"]
    assert "Storage team" in rows["storage/1.1"]
    assert "Queue team" in rows["storage/1.2"]
    assert rows["storage/2"].split()[1:3] == ["unverified", "nothing"]
    assert rows["storage/3"].split()[1:5] == ["not", "mapped", "not", "mapped"]
    assert "4 clauses: " in said
    assert "Changed since somebody mapped it (1 clause): storage/1.2." in said
    assert ("Unmet" in lines[0]) is (width == 160)


@pytest.mark.parametrize("width", [80, 160])
def test_a_clause_told_whole(project: Path, width: int) -> None:
    said, code = _run(project, "policies", "storage/2", "storage/3", width=width)
    assert code == 1
    assert max(map(len, said.splitlines())) <= width
    plain = " ".join(said.split())
    parts = "PE-3a.1, PE-3a.2, PE-3b, PE-3c, PE-3d, PE-3e, PE-3f, PE-3g"
    assert f"nist-800-53-r5:{parts} Physical" in plain
    assert plain.count("No report on file supports it.") == 1
    assert "sharedline comply suggest storage/3" in plain
    assert "\x1b" not in said
    assert "\\x0a" not in said
    assert "storage/1" not in said


def test_json_and_csv_say_the_same(project: Path) -> None:
    rows = {r["clause"]: r for r in _json(project, "policies")}
    assert {c: r["verdict"] for c, r in rows.items()} == {
        "storage/1.1": "unmet", "storage/1.2": "unknown",
        "storage/2": "unverified", "storage/3": "unmapped",
    }  # fmt: skip
    assert "s3/bucket_policy_not_public" in rows["storage/1.1"]["checks"]
    assert [rows["storage/1.1"][k] for k in ("met", "unmet", "unknown", "waived")] == [1, 1, 1, 0]
    assert rows["storage/1.2"]["changed"] is True
    assert rows["storage/1.2"]["gaps"][0] == "Its words changed since it was mapped."
    assert len(rows["storage/2"]["gaps"]) == 8
    assert rows["storage/3"]["gaps"] == ["Nobody has said what the clause asks for."]
    said, code = _run(project, "policies", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(said)))[:4]
    assert code == 1
    assert [r["clause"] for r in table] == list(rows)
    assert [r["verdict"] for r in table] == [r["verdict"] for r in rows.values()]
    assert json.loads(table[2]["gaps"]) == rows["storage/2"]["gaps"]


def test_a_mapping_without_targets_says_so(project: Path) -> None:
    (project / "policies.toml").write_text('[[map]]\nclause = "storage/3"\nnote = "Only why."\n')
    (row,) = _json(project, "policies", "storage/3")
    assert (row["verdict"], row["gaps"]) == (
        "unmapped", ["Its mapping names no control and no duty."]
    )  # fmt: skip
    said = _run(project, "policies", "storage/3")[0]
    assert "Note: Only why." in said
    assert "Its mapping names no control and no duty." in said


def test_the_counts_are_those_of_the_findings(project: Path) -> None:
    opened = open_project(project)
    lake = Lake(opened.lake_url)
    results = Results(lake, lake.latest(""), opened)
    (row,) = _json(project, "policies", "storage/1.1")
    found = [f for f in results.findings() if f.check in row["checks"] and f.side.value != "aws"]
    for status in ("met", "unmet", "unknown", "waived"):
        assert row[status] == sum(f.status == status for f in found), status


def test_a_clause_that_is_gone_is_told_in_every_format(project: Path) -> None:
    path = project / "policies.toml"
    path.write_text(path.read_text() + '[[map]]\nclause = "storage/9"\nduties = ["identity.mfa"]\n')
    for fmt in ("text", "json", "csv", "markdown"):
        said, code = _run(project, "policies", "--format", fmt)
        assert code == 1
        assert "policies.toml names 1 clause that no policy has: storage/9." in said, fmt
    assert "storage/9" not in _run(project, "policies", "storage/1.1")[0]


@pytest.mark.parametrize(
    ("clauses", "ends"),
    [("1.1", 1), ("1.2", 3), ("2", 0), ("3", 1), ("2 1.2", 3), ("1.1 1.2 2", 1)],
)
def test_exit_codes(project: Path, clauses: str, ends: int) -> None:
    report = Report(
        "report-1", 1, "System and Organization Controls (SOC) 2 Report", file="a.pdf",
        period_start=date(2025, 1, 1), period_end=date(2026, 12, 31), sha256="a" * 64,
    )  # fmt: skip
    update(project / "artifact", lambda _: Register((report,)))
    path = project / "policies.toml"
    path.write_text(MAPPING.replace('text = "000000000000"\n', ""))
    (inherited,) = _json(project, "policies", "storage/2")
    assert (inherited["verdict"], inherited["reports"]) == ("inherited", ["report-1"])
    assert _run(project, "policies", *(f"storage/{c}" for c in clauses.split()))[1] == ends


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("policies", "storage/7"), "No clause begins with 'storage/7'"),
        (("policies", "storage/1.1", "x"), "No clause begins with 'x'"),
        (("policies", "--unasked", "storage/1.1"), "Leave CLAUSES out"),
        (("policies", "--from", "2026-12-01", "--to", "2026-01-01"), "Turn --from and --to"),
        (("suggest", "x"), "No clause begins with 'x'"),
        (("map", "storage/33", "identity.mfa", "--by", "A"), "Did you mean storage/3"),
        (("map", "storage/3", "AC-2", "--by", "A"), "Clause storage/3: 'AC-2' is no duty"),
        (("map", "storage/3", "identity.mfa", "--by", " "), "Give --by NAME"),
        (("map", "storage/1.1", "identity.mfa", "--by", "A"), "storage/1.1 is mapped already"),
    ],
)
def test_wrong_usage(project: Path, arguments: tuple[str, ...], said: str) -> None:
    before = (project / "policies.toml").read_bytes()
    told, code = _run(project, *arguments)
    assert said in told
    assert code == 2
    assert (project / "policies.toml").read_bytes() == before


def test_without_policies(project: Path) -> None:
    shutil.rmtree(project / "policies")
    told, code = _run(project, "policies")
    assert (code, "There is no folder" in told) == (2, True)
    (project / "policies").mkdir()
    told, code = _run(project, "policies")
    assert (code, "have no clauses" in told) == (2, True)


def test_the_reverse(project: Path) -> None:
    rows = _json(project, "policies", "--unasked")
    duties = {r["id"] for r in rows if r["kind"] == "duty"}
    checks = {r["id"] for r in rows if r["kind"] == "check"}
    assert "identity.mfa" in duties
    assert duties.isdisjoint({"data.encryption-at-rest", "data.exposure"})
    assert "sqs/queue_encrypted" not in checks
    assert "lambda/runtime_supported" in checks
    said, code = _run(project, "policies", "--unasked")
    assert code == 1
    assert all(f"  {name}\n" in said for name in duties | checks)


def test_suggest_writes_nothing_and_map_writes_what_a_person_took(project: Path) -> None:
    def files() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in project.rglob("*") if p.is_file()}

    before = files()
    rows = _json(project, "suggest")
    assert {r["clause"] for r in rows} == {"storage/3"}
    assert rows == _json(project, "suggest")
    assert files() == before
    near = _json(project, "suggest", "storage/2", "--most", "50")
    assert any(r["target"].startswith("nist-800-53-r5:PE-") for r in near)
    text, code = _run(project, "suggest", "storage/2", width=80)
    assert code == 0
    assert max(map(len, text.splitlines())) <= 80
    assert files() == before
    said, code = _run(project, "map", "storage/3", "identity.mfa", "nist-800-53-r5:ac-2(1)",
                      "--by", "Ann", "--owner", "Board")  # fmt: skip
    assert (said, code) == ("storage/3 asks for nist-800-53-r5:AC-2(1), identity.mfa.\n", 0)
    (row,) = _json(project, "policies", "storage/3")
    assert (row["owner"], row["changed"]) == ("Board", False)
    assert row["duties"] == ["identity.mfa"]
    assert _json(project, "suggest") == []
    policy = project / "policies" / "storage.md"
    policy.write_text(POLICY.replace("protects", "guards"))
    assert _json(project, "policies", "storage/3")[0]["changed"] is True


def test_an_attestation_counts_where_the_matrix_counts_it(project: Path) -> None:
    """At the scan's moment: one made since then counts from the next scan, in both."""
    opened = open_project(project)
    lake = Lake(opened.lake_url)
    at = lake.latest("").as_of
    cells = {c["duty"]: c for c in Results(lake, lake.latest(""), opened).cells()
             if c["service"] == "s3"}  # fmt: skip
    duty = next(d for d, c in cells.items() if c["status"] == "unverified" and c["owner"])
    path = project / "policies.toml"
    path.write_text(f'[[map]]\nclause = "storage/3"\nduties = ["{duty}"]\n')
    for moment, status, verdict in (
        (datetime.now(UTC), "unverified", "unverified"), (at - timedelta(days=1), "met", "met")
    ):  # fmt: skip
        attest(opened, Attestation(duty, "*", "Done.", "T-1", "Ann", moment,
                                   moment + timedelta(days=9)))  # fmt: skip
        (row,) = _json(project, "policies", "storage/3")
        assert row["verdict"] == verdict, row["gaps"]
        seen = Results(lake, lake.latest(""), opened).cells()
        assert {c["status"] for c in seen if c["duty"] == duty and c["service"] == "s3"} == {status}
        if verdict == "unverified":
            assert "it counts from the next." in row["gaps"][0]
