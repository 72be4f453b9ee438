"""A hundred thousand findings: a page of bounded size and time, that says what it leaves out."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.report.page import Page

from sharedline.errors import Error
from sharedline.inventory.lake import Lake
from sharedline.project import open_project
from sharedline.report.html import write
from sharedline.results import Results

MANY = 100_000


@pytest.fixture(scope="module")
def large(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The estate's scans, each finding repeated for resources and owners of its own."""
    folder = tmp_path_factory.mktemp("large")
    shutil.copytree(results.project.folder, folder, dirs_exist_ok=True)
    with duckdb.connect() as con:
        for manifest in folder.glob("lake/scans/*/manifest.json"):
            files = json.loads(manifest.read_text())["files"]
            paths = [folder / "lake" / f["path"] for f in files if f["table"] == "finding"]
            for number, path in enumerate(paths):
                grow(con, path, MANY // len(paths) + (number < MANY % len(paths)))
    lake = Lake(str(folder / "lake"))
    return Results(lake, lake.latest(), open_project(folder))


def grow(con: Any, path: Path, many: int) -> None:
    new = path.with_suffix(".new")
    con.execute(
        "copy (select f.* replace (f.resource || '/' || repeat('long', 20) || g as resource, "
        "case when g % 2 = 0 then f.owner else 'team-' || g % 40 end as owner) "
        f"from '{path}' f, range({many}) t(g) limit {many}) to '{new}' (format parquet)"
    )
    new.replace(path)


def test_a_hundred_thousand_findings(large: Results, tmp_path: Path) -> None:
    assert sum(large.counts().values()) == MANY
    path = tmp_path / "report.html"
    before = time.process_time()
    write(large, path)
    assert time.process_time() - before < 10
    assert path.stat().st_size < 20_000_000
    page = Page(path.read_text("utf-8"))
    assert page.errors == []
    more = [e.text for e in page.classed("more")]
    assert any(re.search(r"more: sharedline findings --check [a-z0-9/_]+ --format csv", m)
               for m in more)
    tile = next(e for e in page.classed("t-unmet"))
    shown = re.sub(r"\D", "", tile.text.split("unmet")[0])
    assert int(shown) == large.counts()["unmet"]


def test_a_page_that_cannot_be_written_leaves_nothing(results: Results, tmp_path: Path) -> None:
    taken = tmp_path / "report.html"
    taken.mkdir()
    with pytest.raises(Error, match="could not be written") as caught:
        write(results, taken)
    assert "--output" in caught.value.advice
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
