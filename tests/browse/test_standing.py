"""Every resource behind a cell of the matrix: as many by side as it counts, by page, in the scope."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browse import made
from tests.scanned import twice
from tests.web.reading import add_table

from sharedline.browse.index import Index, open_index
from sharedline.browse.matrix import CellPage, board, cell
from sharedline.inventory.lake import Lake
from sharedline.people.model import Scope
from sharedline.project import Project, open_project

DUTY = "data.backup-recovery"
OTHER = "210987654321"


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Two buckets, scanned twice."""
    folder: Path = tmp_path_factory.mktemp("standing")
    with twice(folder, (20, 21)):
        pass
    opened = open_index(open_project(folder))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """12 buckets in two accounts, four of them with findings."""
    folder: Path = tmp_path_factory.mktemp("standing-many")
    (folder / "owners.toml").write_text(
        '[team.web]\nperson = "Ann"\ncontact = "a@example.org"\n[[rule]]\nteam = "web"\n'
        f'service = "s3"\naccount = "{OTHER}"\n'
    )
    found = made.rows(60, made.AS_OF, 3)
    rows = [
        {
            "arn": f"arn:aws:s3:::b'{n:02d}", "account_id": (made.ACCOUNTS[0], OTHER)[n % 2],
            "region": "eu-west-1", "tags": "{}",
        }
        for n in range(12)
    ]  # fmt: skip
    for n, row in enumerate(r for r in found if r["duty"] == DUTY and r["service"] == "s3"):
        if n < 4:
            bucket = rows[9 - n]
            row.update(resource=bucket["arn"], account_id=bucket["account_id"], status="unmet",
                       ok=False, side="customer", severity=("medium", "critical")[n % 2],
                       owner="web" if n % 2 == 0 else "data")  # fmt: skip
    made.scan(folder, found)
    columns = dict.fromkeys(("arn", "account_id", "region", "tags"), "string")
    add_table(folder, "s3_bucket", rows, columns)  # type: ignore[arg-type]
    opened = open_index(open_project(folder))
    yield opened
    opened.close()


def every_cell(index: Index, scope: Scope) -> list[tuple[str, str]]:
    views = [v for row in board(index, scope).rows for v in row.cells if v is not None]
    return [(v.cell["service"], v.cell["duty"]) for v in views]


def listed(index: Index, at: tuple[str, str], scope: Scope, side: str = "") -> list[CellPage]:
    """All pages of a cell's list."""
    first = cell(index, *at, scope, 1, 50, side)
    rest = [cell(index, *at, scope, n, 50, side) for n in range(2, first.pages + 1)]
    return [first, *rest]


def test_the_list_has_as_many_on_each_side_as_the_cell_counts(scanned: Index) -> None:
    counted = 0
    for at in every_cell(scanned, Scope()):
        pages = listed(scanned, at, Scope())
        found = pages[0]
        told = found.view.cell["sides"]
        assert found.same
        assert {s: n for s, n in found.sides.items() if n} == {s: n for s, n in told.items() if n}
        if not found.whole:
            continue
        rows = [r for p in pages for r in p.resources]
        assert Counter(r["side"] for r in rows) == Counter({s: n for s, n in told.items() if n})
        for side, n in told.items():
            assert cell(scanned, *at, side=side).total == n
        counted += 1
    assert counted > 10


def test_resources_without_findings_are_listed_too(scanned: Index) -> None:
    found = cell(scanned, "s3", "data.classification")
    assert {r["resource"] for r in found.resources} == {"arn:aws:s3:::ledger", "arn:aws:s3:::other"}
    assert [r["rows"] for r in found.resources] == [0, 0]
    versioned = cell(scanned, "s3", DUTY)
    assert [(r["resource"], r["unmet"], r["owner"]) for r in versioned.resources] == [
        ("arn:aws:s3:::other", 1, "data"), ("arn:aws:s3:::ledger", 0, "data"),
    ]  # fmt: skip


def test_what_aws_does_is_owned_by_aws(scanned: Index) -> None:
    owners = {
        (r["side"], r["owner"])
        for at in every_cell(scanned, Scope())
        for r in cell(scanned, *at).resources
        if cell(scanned, *at).whole
    }
    assert {o for s, o in owners if s == "aws"} == {"AWS"}
    assert "AWS" not in {o for s, o in owners if s != "aws"}


def test_a_scope_sees_its_accounts_and_what_its_teams_own(buckets: Index) -> None:
    every = cell(buckets, "s3", DUTY)
    assert (every.total, every.whole) == (12, True)
    mine = cell(buckets, "s3", DUTY, Scope(frozenset({made.ACCOUNTS[0]})))
    assert {r["account"] for r in mine.resources} == {made.ACCOUNTS[0]}
    assert (mine.total, sum(mine.sides.values()), mine.view.cell["resources"]) == (6, 6, 6)
    assert dict(mine.sides) == dict(mine.view.cell["sides"])
    of_lines = sum(line["resources"] for line in mine.view.cell["lines"])
    assert of_lines + mine.sides["unknown"] == 6
    teams = cell(buckets, "s3", DUTY, Scope(frozenset(), frozenset({"web"})))
    assert {(r["account"], r["owner"]) for r in teams.resources} == {(OTHER, "web")}
    assert teams.total == 6


def test_pages_come_worst_first_and_leave_none_out(buckets: Index) -> None:
    whole = cell(buckets, "s3", DUTY, size=50)
    parts = [cell(buckets, "s3", DUTY, page=n, size=5) for n in (1, 2, 3, 4)]
    assert [len(p.resources) for p in parts] == [5, 5, 2, 0]
    assert [dict(r) for p in parts for r in p.resources] == [dict(r) for r in whole.resources]
    with_findings = [r["resource"][-2:] for r in whole.resources if r["rows"]]
    assert with_findings == [r["resource"][-2:] for r in whole.resources][:4] == [
        "06", "08", "07", "09",
    ]  # fmt: skip


def test_counts_that_differ_from_the_scan_are_said(buckets: Index) -> None:
    found = cell(buckets, "s3", DUTY)
    assert not found.same  # the rows of this lake were made after its cells


def test_without_tables_those_with_findings_are_listed(index: Index) -> None:
    found = cell(index, "s3", "data.exposure")
    assert not found.whole
    assert all(r["rows"] for r in found.resources)


def test_without_an_inventory_file_there_is_no_table(buckets: Index, tmp_path: Path) -> None:
    project = made.scan(tmp_path, made.rows(20, made.AS_OF, 1))
    lake = Lake(project.lake_url)
    data = {**lake.latest().data, "tables": {"s3_bucket": {"arn": "string"}}}
    lake.write(lake.path("scans", data["id"], "manifest.json"), json.dumps(data).encode())
    opened = open_index(Project(tmp_path))
    try:
        assert not cell(opened, "s3", "data.exposure").whole
    finally:
        opened.close()
