"""`comply line|frameworks|coverage` as their users see them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sharedline.cli.comply.line import COLUMNS
from sharedline.cli.main import command
from sharedline.comply.catalogue import ids, load
from sharedline.errors import Error


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments), standalone_mode=False)
    if result.exception:
        raise result.exception
    assert result.return_value == 0
    return result.output


def test_the_csv_has_a_row_for_every_part_and_the_columns_people_rely_on() -> None:
    text = run("comply", "line", "--framework", "nist-800-53-r5", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    live = [p for p in load("nist-800-53-r5").parts.values() if not p.withdrawn]
    assert [r["control_part"] for r in rows] == [p.id for p in live]
    assert tuple(rows[0])[:7] == COLUMNS[:7] == (
        "control_part", "duty_view", "capability_view", "aws", "customer", "source", "read"
    )  # fmt: skip
    assert {r["duty_view"] for r in rows} <= {"aws", "customer", "shared"}
    assert all(r["source"] and r["read"] for r in rows if r["header"] == "False")


def test_one_control_is_told_whole_with_its_parts() -> None:
    said = run("comply", "line", "--framework", "nist-800-53-r5", "ac-1")
    assert "AC-1a.1(a)" in said
    assert "Who acts: you" in said
    assert "AC-10" not in said


def test_baseline_and_side_narrow_it() -> None:
    args = ("comply", "line", "--framework", "nist-800-53-r5", "--format", "json")
    low = json.loads(run(*args, "--baseline", "low", "--side", "aws"))
    assert low
    assert all("low" in r["baselines"] and r["duty_view"] == "aws" for r in low)


@pytest.mark.parametrize(
    ("more", "says"), [(("--baseline", "some"), "no baseline"), (("ZZ-1",), "no part")]
)
def test_what_is_not_there_is_said(more: tuple[str, ...], says: str) -> None:
    with pytest.raises(Error, match=says):
        run("comply", "line", "--framework", "nist-800-53-r5", *more)


def test_every_framework_is_listed_with_its_counts(tmp_path: Path) -> None:
    found = json.loads(run("comply", "frameworks", "--format", "json", "--dir", str(tmp_path)))
    assert [f["id"] for f in found] == ids()
    for f in found:
        assert f["parts"] == f["aws"] + f["shared"] + f["customer"] + f["unknown"]


def test_coverage_counts_what_it_lists() -> None:
    args = ("comply", "coverage", "--framework", "nist-800-53-r5")
    rows = json.loads(run(*args, "--format", "json"))
    by_hand = sum(r["how"] == "named" for r in rows)
    line = next(ln for ln in run(*args).splitlines() if "(--how named)" in ln)
    assert int(line.split()[0].replace(",", "")) == by_hand > 100
    only = json.loads(run(*args, "--how", "statement", "--format", "json"))
    assert only == [r for r in rows if r["how"] == "statement"]
