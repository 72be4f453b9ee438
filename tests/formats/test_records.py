"""JSON, CSV and Markdown: every finding once, three answers, nothing that a program would run."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from sharedline.errors import Error
from sharedline.formats import FINDINGS, render, render_gaps, render_matrix
from sharedline.formats.records import FINDING, GAP
from sharedline.results import Results
from sharedline.text import defused


def text(name: str, results: Results, where: str = "true") -> str:
    return "".join(render(name, results, where))


@pytest.fixture(scope="module")
def found(results: Results) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(text("json", results))
    return rows


def test_json_holds_every_finding_with_its_three_valued_answer(
    results: Results, found: list[dict[str, Any]]
) -> None:
    stored = results.rows()
    assert [(r["check"], r["resource"], r["ok"], r["status"]) for r in found] == [
        (r["check_id"], r["resource"], r["ok"], r["status"]) for r in stored
    ]
    assert {r["ok"] for r in found} == {True, False, None}
    assert {r["status"] for r in found} == {"met", "unmet", "unknown", "waived"}


def test_json_names_the_denied_call_the_grant_and_the_controls(
    found: list[dict[str, Any]],
) -> None:
    tls = next(r for r in found if r["check"] == "s3/bucket_requires_tls")
    assert tls["ok"] is None
    assert tls["denied_call"] == tls["grant"] == "s3:GetBucketPolicy"
    assert tls["controls"]["aws-fsbp"] == ["S3.5"]
    assert tls["owner"] == "data"
    waived = next(r for r in found if r["status"] == "waived")
    assert "Public site" in waived["waiver"]


def test_where_chooses(results: Results) -> None:
    rows = json.loads(text("json", results, "check_id like 'kms/%' and ok"))
    assert rows
    assert all(r["check"].startswith("kms/") and r["ok"] for r in rows)


def test_no_finding_is_an_empty_document(results: Results) -> None:
    assert json.loads(text("json", results, "false")) == []
    assert json.loads(text("ocsf", results, "false")) == []
    assert json.loads(text("sarif", results, "false"))["runs"][0]["results"] == []
    assert text("csv", results, "false") == ",".join(FINDING) + "\n"


@pytest.mark.parametrize("name", FINDINGS)
def test_no_terminal_or_direction_character_leaves_any_format(name: str, results: Results) -> None:
    whole = text(name, results)
    assert "alarm" in whole
    acting = {c for c in whole if (ord(c) < 32 and c not in "\n\t") or c in "\x7f\u202e"}
    assert acting == set()


def test_csv_has_a_line_for_each_finding_and_defuses_formulas(results: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(text("csv", results))))
    assert len(rows) == len(results.rows())
    assert {r["ok"] for r in rows} == {"true", "false", "null"}
    assert not [v for r in rows for v in r.values() if v[:1] in tuple("=+-@")]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t=1", "＝1", "\r=1", "－2"]
)
def test_every_way_to_begin_a_formula_is_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "arn:aws:s3:::a", "a=b", "true", "2026-01-01"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert defused(cell) == cell


def test_markdown_keeps_its_columns_whatever_a_name_holds(results: Results) -> None:
    lines = text("markdown", results).splitlines()
    assert len(lines) == len(results.rows()) + 2
    bars = {line.replace("\\|", "").count("|") for line in lines}
    assert bars == {len(FINDING) + 1}
    assert "<script" not in "".join(lines)


def test_gaps_have_the_fields_others_rely_on(results: Results) -> None:
    gaps = json.loads("".join(render_gaps("json", results)))
    assert len(gaps) == len(results.gaps())
    for key in ("duty", "service", "resource", "side", "owner", "status", "severity", "check",
                "reason", "since"):
        assert all(key in gap for gap in gaps)
    assert {g["status"] for g in gaps} == {"unmet", "unknown", "unowned", "unverified"}
    mine = json.loads("".join(render_gaps("json", results, "data")))
    assert mine == [g for g in gaps if g["owner"] == "data"]
    assert "".join(render_gaps("csv", results)).startswith(",".join(GAP))


def test_the_matrix_has_the_fields_others_rely_on(results: Results) -> None:
    cells = json.loads("".join(render_matrix("json", results)))
    assert len(cells) == len(results.cells())
    for key in ("service", "duty", "sides", "aws", "customer", "owner", "status", "source",
                "resources", "findings"):
        assert all(key in cell for cell in cells)
    assert all({"aws", "customer", "shared"} <= set(cell["sides"]) for cell in cells)
    table = list(csv.DictReader(io.StringIO("".join(render_matrix("csv", results)))))
    assert len(table) == len(cells)


def test_an_unknown_format_is_said(results: Results) -> None:
    with pytest.raises(Error, match="xml"):
        list(render("xml", results))


def test_findings_are_streamed(results: Results) -> None:
    pieces = list(render("json", results))
    assert len(pieces) == len(results.rows()) + 1
