"""Every number of the drawings, the matrix and the summary opens to as many rows as it says."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from tests.browse import made
from tests.browse.test_gaps import SCOPES

from sharedline.browse import charts
from sharedline.browse.filters import Filters, from_query
from sharedline.browse.flow import Flow, Link, Node, Number, changed, flow, pace
from sharedline.browse.gaps import page
from sharedline.browse.history import History
from sharedline.browse.index import FOLDER, Index, open_index
from sharedline.browse.matrix import board, cell, tallies
from sharedline.browse.mine import mine
from sharedline.browse.resource import past, resource
from sharedline.browse.summary import summary
from sharedline.errors import Error
from sharedline.inventory.lake import Lake
from sharedline.people.model import Scope
from sharedline.project import Project
from sharedline.state import Claim


def opened(index: Index, query: str, scope: Scope) -> int:
    return page(index, from_query(parse_qsl(query, keep_blank_values=True)), scope).total


@given(scope=SCOPES)
@settings(max_examples=20)
def test_flow_and_changes_open_to_their_rows(index: Index, scope: Scope) -> None:
    drawn = flow(index, scope)
    numbers = [n.number for n in drawn.nodes] + [link.number for link in drawn.links]
    numbers += changed(index, scope)
    assert [opened(index, n.query, scope) for n in numbers] == [n.n for n in numbers]
    for column in range(1, 4):
        assert sum(n.number.n for n in drawn.nodes if n.column == column) == drawn.nodes[0].number.n


@given(scope=SCOPES)
@settings(max_examples=20)
def test_the_summary_opens_to_its_rows(index: Index, project: Project, scope: Scope) -> None:
    told = summary(index, History(project).points(scope), scope)
    worst = [n for w in told.worst for n in (w.unmet, *w.owners)]
    numbers = [*told.statuses, *told.severities, *worst, *told.unowned_duties, told.unowned]
    assert [opened(index, n.query, scope) for n in numbers] == [n.n for n in numbers]
    point, unowned, gaps = told.trend[-1]
    assert point.scan == index.manifest.id
    assert [opened(index, n.query, scope) for n in (unowned, gaps)] == [unowned.n, gaps.n]
    for name in ("met", "unmet", "unknown", "waived", "claimed", "verified", "critical", "high"):
        assert opened(index, point.query(name), scope) == point.counts[name]


@given(scope=SCOPES)
@settings(max_examples=15)
def test_the_matrix_counts_the_rows_of_the_scope(index: Index, scope: Scope) -> None:
    drawn = board(index, scope)
    views = [v for row in drawn.rows for v in row.cells if v is not None]
    for view in views:
        here = Filters(rows="all").but(service=view.cell["service"], duty=view.duty.id)
        for status, n in view.cell["findings"].items():
            assert page(index, here.but(status=status), scope).total == n
    if not scope.everything:
        covered = page(index, Filters(rows="all", size=200), scope).facets["service"].values
        assert {r.service for r in drawn.rows} <= {s for s, _, _ in covered}
        assert {o for v in views for o in v.cell["owners"]} <= {
            o for o, _, _ in page(index, Filters(rows="all"), scope).facets["owner"].values
        }
    assert sum(t.total for t in tallies(index, scope)) == sum(
        n for n in (
            page(index, Filters(rows="all").but(status=s), scope).total
            for s in ("met", "unmet", "unknown", "waived")
        )
    )  # fmt: skip


def test_a_cell_lists_its_resources_by_side(index: Index) -> None:
    whole = cell(index, "s3", "data.exposure", size=200)
    assert whole.total == len(whole.resources) == len({r["resource"] for r in whole.resources})
    sides = {s: cell(index, "s3", "data.exposure", side=s).total for s in whole.view.cell["sides"]}
    assert sum(sides.values()) == whole.total
    assert whole.view.cell["lines"][0]["source"].startswith("https://")
    assert whole.view.cell["lines"][0]["read"]
    assert whole.resources[0]["unmet"] == 1
    first = cell(index, "s3", "data.exposure", size=10, page=2)
    assert [r["resource"] for r in first.resources] == [
        r["resource"] for r in whole.resources[10:20]
    ]
    with pytest.raises(Error, match="no cell"):
        cell(index, "s3", "no.duty")
    with pytest.raises(Error, match="no cell"):
        cell(index, "iam", "data.exposure", Scope(frozenset()))


def test_a_resource_outside_the_scope_is_as_one_that_is_not_there(index: Index) -> None:
    row = page(index, Filters(text="thing/n")).rows[0]
    found = resource(index, row["resource"])
    assert [f["check"] for f in found.findings] == [row["check"]]
    mine_only = Scope(frozenset({row["account"]}))
    assert resource(index, row["resource"], mine_only).account == row["account"]
    others = Scope(frozenset(set(made.ACCOUNTS) - {row["account"]}))
    told = []
    for arn in (row["resource"], "arn:aws:s3:::not-there'x"):
        with pytest.raises(Error) as error:
            resource(index, arn, others)
        told.append(str(error.value).replace(arn, "ARN"))
    assert told[0] == told[1]


def test_a_team_sees_of_another_account_what_it_owns_and_no_more(index: Index) -> None:
    row = page(index, Filters().but(owner="web", status="unmet")).rows[0]
    found = resource(index, row["resource"], Scope(frozenset(), frozenset({"web"})))
    assert [f["owner"] for f in found.findings] == ["web"]
    assert (found.columns, found.access, found.escalation) == ({}, {}, None)


def test_the_past_of_a_resource_is_told_within_the_scope(index: Index, project: Project) -> None:
    row = page(index, Filters(text="thing/n3")).rows[0]
    scans = Lake(project.lake_url).scans()
    told = past(index, row["resource"], scans)
    assert [scan for scan, _, _ in told] == [m.id for m in scans]
    assert told[-1][2] == {row["check"]: row["status"]}
    hidden = past(index, row["resource"], scans, Scope(frozenset({"999999999999"})))
    assert [answers for _, _, answers in hidden] == [{}, {}]


def test_claims_and_owners_are_followed_over_scans(tmp_path: Path) -> None:
    times = [made.AS_OF + timedelta(days=10 * n) for n in range(3)]
    one = {
        **made.rows(1, times[0], 1)[0], "owner": "nobody", "status": "unmet", "ok": False,
        "life": "open", "side": "customer", "since": times[0] - timedelta(days=2),
    }  # fmt: skip
    two = {**one, "resource": "arn:aws:s3:::two"}
    made.scan(tmp_path, [one, two], times[0])
    made.scan(tmp_path, [{**one, "owner": "web"}, two], times[1])
    project = made.scan(
        tmp_path,
        [{**one, "owner": "web", "status": "met", "ok": True, "life": "verified"},
         {**two, "owner": "data"}],
        times[2],
    )  # fmt: skip
    claims = [
        Claim(r["check_id"], r["resource"], "Ann", "", times[1] + timedelta(days=1))
        for r in (one, two)
    ]
    points = History(project).points(Scope(), claims=claims)
    assert [p.counts["unowned"] for p in points] == [2, 1, 0]
    found = pace(points)
    assert (found.owned, found.median_days) == (2, (12 + 22) / 2)
    assert (found.verified, found.refused, found.closure) == (1, 1, 0.5)
    assert pace(History(project).points(Scope(), claims=claims, until=points[1].scan)).owned == 1
    assert len(list((tmp_path / FOLDER).glob("*.json"))) == 3
    assert History(project).points(Scope(frozenset()))[0].counts["unmet"] == 0
    (tmp_path / FOLDER).joinpath(next((tmp_path / FOLDER).glob("*.json")).name).write_text("{")
    again = History(project).points(Scope(), claims=claims)
    assert [p.counts for p in again] == [p.counts for p in points]


def test_a_scan_without_findings_has_pages(tmp_path: Path) -> None:
    project = made.scan(tmp_path, [])
    index = open_index(project)
    try:
        assert page(index, Filters()).total == 2 + 1  # cells without findings still lack something
        assert mine(index, Scope())[0].row["status"] == "unowned"
        assert flow(index).nodes[0].number.n == 0
        assert summary(index, History(project).points(Scope())).worst == []
        assert "<svg" in charts.flow("f", "Flow", flow(index))
    finally:
        index.close()


HOSTILE = "\"><script>alert(1)</script>'&\x1b\u202e"


def drawings() -> dict[str, str]:
    numbers = [
        Number(HOSTILE, 3, "owner=%22%3E&x=1"),
        Number("unmet", 0, ""),
        Number("met", 10**6, ""),
    ]
    nodes = [Node("found", 0, numbers[0]), Node(f"side-{HOSTILE}", 1, numbers[0])]
    links = [Link("found", f"side-{HOSTILE}", numbers[0])]
    return {
        "bars": charts.bars(HOSTILE, HOSTILE, numbers, "/gaps"),
        "none": charts.bars("b", "t", []),
        "line": charts.line(
            "l", HOSTILE, [HOSTILE, "b"], {HOSTILE: [3, 1], "all": [5, 0], "c": [1, 1]}
        ),
        "nothing": charts.line("l", "t", [], {}),
        "spark": charts.sparkline("s", HOSTILE, [1, 5, 2]),
        "flow": charts.flow("f", HOSTILE, Flow(nodes, links), "/gaps"),
    }


@pytest.mark.parametrize("name", drawings())
def test_drawings_are_whole_and_carry_no_script_or_style(name: str) -> None:
    svg = drawings()[name]
    tree = ET.fromstring(svg)  # noqa: S314 our own drawing
    elements = [e.tag.rpartition("}")[2] for e in tree.iter()]
    assert set(elements) <= {
        "svg", "title", "desc", "defs", "pattern", "path", "circle", "rect", "text", "a",
    }  # fmt: skip
    attributes = {a for e in tree.iter() for a in e.attrib}
    assert not {a for a in attributes if a == "style" or a.startswith("on")}
    pressed = any(e.tag.split("}")[-1] == "a" for e in tree.iter())
    assert tree.attrib["role"] == ("group" if pressed else "img")
    ids = {e.attrib["id"] for e in tree.iter() if "id" in e.attrib}
    assert set(tree.attrib["aria-labelledby"].split()) <= ids
    assert all(e.attrib["href"].startswith("/gaps?") for e in tree.iter() if "href" in e.attrib)
    assert "\x1b" not in svg
    assert "\u202e" not in svg
