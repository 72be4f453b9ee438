"""From a check's answers to findings: unknown rules, listings that failed, life, waivers, owners."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sharedline.assess import Assessment, Draft, needed
from sharedline.checks.engine import Context, ListingFailure, hampered
from sharedline.checks.load import load, parse
from sharedline.checks.schemas import schemas
from sharedline.checks.sql import understood
from sharedline.collect.catalogue import catalogue
from sharedline.collect.schema import describe
from sharedline.intent import claim
from sharedline.inventory.lake import Lake, TableWriter
from sharedline.project import Project
from sharedline.scanning import commit, previous_life, reassess
from sharedline.state import Claim

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
VERSIONING = "s3/bucket_versioning_on"
ON, OFF = {"versioning_status": "Enabled"}, {"versioning_status": "Suspended"}
UNREAD: dict[str, Any] = {
    "versioning_status": None, "_errors": ["s3:GetBucketVersioning AccessDenied"]
}


def bucket(name: str, **more: Any) -> dict[str, Any]:
    return {"arn": f"arn:aws:s3:::{name}", "name": name, "account_id": "1", "region": "us-east-1",
            "tags": "{}", "_errors": [], **more}


class Estate:
    """Scans of hand-made rows, one a day."""

    def __init__(self, folder: Path) -> None:
        self.project = Project(folder)
        self.lake = Lake(self.project.lake_url)
        self.day = 0

    def scan(
        self,
        rows: Sequence[dict[str, Any]],
        failures: Sequence[dict[str, str]] = (),
        check: str = VERSIONING,
        table: str = "s3_bucket",
    ) -> dict[str, dict[str, Any]]:
        """The findings of a day's scan by resource."""
        self.day += 1
        at = BEGUN + timedelta(days=self.day)
        draft = Draft(f"scan{self.day}", at, "aws", ["1"], ["us-east-1", "eu-west-1"])
        schema = describe(catalogue()[table], catalogue())
        columns = {c.name: c.type for c in schema.columns}
        path = self.lake.path("inventory", table, f"scan={draft.id}", "part-0.parquet")
        writer = TableWriter(self.lake, path, columns)
        for row in rows:
            writer.add(row)
            for error in row["_errors"]:
                counts = draft.row_errors.setdefault(table, {})
                counts[error] = counts.get(error, 0) + 1
        entry = writer.close()
        draft.tables[table] = columns
        if entry:
            draft.files.append({"kind": "inventory", "table": table, "account": "1",
                                "region": "global", **entry})
        draft.listings = [
            {"account_id": "1", "region": "global", "status": "failed", "call": "s3:ListBuckets",
             "code": "AccessDenied", "message": "", "action": "", **f} for f in failures
        ]
        checks = {check: load()[check]}
        parsed, _ = needed(checks, self.project)
        work = Assessment(self.project, self.lake, draft)
        try:
            work.run(parsed, previous_life(self.lake, draft))
        finally:
            work.close()
        now = at.isoformat()
        self.manifest = commit(self.lake, draft, {"started": now, "ended": now})
        return self.findings()

    def findings(self) -> dict[str, dict[str, Any]]:
        from sharedline.results import Results

        rows = Results(self.lake, self.manifest, self.project).rows()
        return {r["resource"].rpartition(":")[2]: r for r in rows}

    def life(self, name: str = "a") -> tuple[str, str, int]:
        row = self.findings()[name]
        return row["status"], row["life"], row["reopened"]


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(tmp_path)


def test_three_answers(estate: Estate) -> None:
    found = estate.scan([bucket("a", **ON), bucket("b", **OFF), bucket("c", **UNREAD)])
    assert {n: (r["ok"], r["status"]) for n, r in found.items()} == {
        "a": (True, "met"), "b": (False, "unmet"), "c": (None, "unknown")}
    assert found["c"]["denied_call"] == "s3:GetBucketVersioning"
    assert found["c"]["grant_action"] == "s3:GetBucketVersioning"
    assert found["c"]["reason"] == "Not readable: s3:GetBucketVersioning answered AccessDenied."
    assert found["b"]["duty"] == "data.backup-recovery"
    assert estate.manifest.incomplete


def test_only_what_was_joined_lends_an_unknown_its_refused_call(estate: Estate) -> None:
    """A row of its own that AWS left empty is not blamed on the neighbour's refused call."""
    found = estate.scan([bucket("c", **UNREAD), bucket("d", versioning_status=None)])
    assert (found["d"]["ok"], found["d"]["denied_call"]) == (None, None)
    assert "GetBucketVersioning" not in found["d"]["reason"]
    assert found["c"]["denied_call"] == "s3:GetBucketVersioning"


def test_a_refused_call_of_a_joined_row_is_named(tmp_path: Path) -> None:
    """The Region is not told apart from others by its own row: the detector could not be read."""
    estate = Estate(tmp_path)
    place = {"account_id": "1", "region": "us-east-1", "tags": "{}"}
    unread = {**place, "arn": "arn:aws:guardduty:us-east-1:1:detector/d", "detector_id": "d",
              "_errors": ["guardduty:GetDetector AccessDenied"]}
    found = estate.scan([unread], check="guardduty/on_in_every_region", table="guardduty_detector")
    row = found["region/us-east-1"]
    assert (row["ok"], row["denied_call"]) == (None, "guardduty:GetDetector")
    assert row["grant_action"] == "guardduty:GetDetector"
    assert row["reason"] == (
        "Unknown: what decides this could not be read (guardduty:GetDetector answered AccessDenied)."
    )
    assert (found["region/eu-west-1"]["ok"], found["region/eu-west-1"]["denied_call"]) == (
        False, None)


def test_a_listing_that_a_check_copes_without_is_named_where_it_decides(tmp_path: Path) -> None:
    """Support dates that ship with the program stand in for AWS's; they know no later versions."""
    estate = Estate(tmp_path)
    cluster = {"account_id": "1", "region": "us-east-1", "tags": "{}", "_errors": []}
    rows = [{**cluster, "arn": "arn:aws:eks:us-east-1:1:cluster:9.99", "version": "9.99"}]
    refused = {"table": "eks_cluster_version", "call": "eks:DescribeClusterVersions",
               "region": "us-east-1"}
    found = estate.scan(rows, [refused], "eks/cluster_version_supported", "eks_cluster")
    late = found["9.99"]
    assert (late["ok"], late["denied_call"], late["grant_action"]) == (
        None, "eks:DescribeClusterVersions", "eks:DescribeClusterVersions")
    assert late["reason"] == (
        "Unknown: no support dates are known for Kubernetes 9.99 "
        "(eks:DescribeClusterVersions answered AccessDenied)."
    )


def test_an_unlisted_population_is_unknown_and_not_absent(estate: Estate) -> None:
    found = estate.scan([], [{"table": "s3_bucket"}])
    (row,) = found.values()
    assert (row["ok"], row["status"]) == (None, "unknown")
    assert row["resource"] == "arn:aws:s3::1:*"
    assert row["reason"] == "s3_bucket could not be listed: s3:ListBuckets answered AccessDenied."
    assert row["grant_action"] == "s3:ListAllMyBuckets"


def test_an_empty_population_has_no_findings(estate: Estate) -> None:
    assert estate.scan([]) == {}


def test_open_claimed_verified_reopened(estate: Estate) -> None:
    estate.scan([bucket("a", **OFF)])
    assert estate.life() == ("unmet", "open", 0)
    made = estate.findings()["a"]["since"]
    claim(estate.project, Claim(VERSIONING, "arn:aws:s3:::a", "Ann", "", BEGUN + timedelta(days=1.5)))
    estate.scan([bucket("a", **OFF)])
    assert estate.life() == ("unmet", "claimed", 0)
    assert estate.findings()["a"]["since"] == made
    estate.scan([bucket("a", **UNREAD)])
    assert estate.life() == ("unknown", "claimed", 0)  # unknown never verifies
    estate.scan([bucket("a", **ON)])
    assert estate.life() == ("met", "verified", 0)
    verified = estate.findings()["a"]["since"]
    estate.scan([bucket("a", **UNREAD)])
    assert estate.life() == ("unknown", "verified", 0)
    estate.scan([bucket("a", **ON)])
    assert estate.findings()["a"]["since"] == verified
    estate.scan([bucket("a", **OFF)])
    assert estate.life() == ("unmet", "open", 1)  # the old claim does not count for a regression
    assert estate.findings()["a"]["since"] == BEGUN + timedelta(days=estate.day)


def test_what_was_never_wrong_has_no_life(estate: Estate) -> None:
    for _ in range(2):
        estate.scan([bucket("a", **ON)])
        assert estate.life() == ("met", "", 0)
        assert estate.findings()["a"]["since"] is None


def test_a_life_outlasts_a_listing_that_failed(estate: Estate) -> None:
    estate.scan([bucket("a", **OFF)])
    since = estate.findings()["a"]["since"]
    estate.scan([bucket("a", **ON)])
    estate.scan([], [{"table": "s3_bucket"}])
    assert "a" not in estate.findings()
    estate.scan([bucket("a", **OFF)])
    assert estate.life() == ("unmet", "open", 1)
    assert estate.findings()["a"]["since"] > since


def test_a_life_ends_with_its_resource(estate: Estate) -> None:
    estate.scan([bucket("a", **OFF)])
    estate.scan([])
    estate.scan([bucket("a", **ON)])
    assert estate.life() == ("met", "", 0)


def test_a_waiver_waives_until_it_expires(estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "waivers.toml").write_text(
        f"[[waiver]]\ncheck = '{VERSIONING}'\nresource = '*:a'\nreason = 'rebuilt daily'\n"
        f"approver = 'Grace'\nexpires = {(BEGUN + timedelta(days=2)).date()}\n"
    )
    estate.scan([bucket("a", **OFF), bucket("b", **OFF), bucket("c", **ON)])
    assert estate.life() == ("waived", "waived", 0)
    assert "approved by Grace" in estate.findings()["a"]["waiver"]
    assert estate.life("b") == ("unmet", "open", 0)
    estate.scan([bucket("a", **UNREAD)])
    assert estate.life()[0] == "unknown"  # an exception hides a gap, not our ignorance
    estate.day += 5
    estate.scan([bucket("a", **OFF)])
    assert estate.life()[:2] == ("unmet", "open")


def test_a_scan_is_judged_again_with_new_owners(estate: Estate, tmp_path: Path) -> None:
    estate.scan([bucket("a", **OFF)])
    assert estate.findings()["a"]["owner"] == "nobody"
    (tmp_path / "owners.toml").write_text('[team.data]\n[[rule]]\nteam = "data"\nservice = "s3"\n')
    estate.manifest = reassess(estate.project, estate.lake, estate.manifest).manifest
    row = estate.findings()["a"]
    assert (row["owner"], row["life"], row["reopened"]) == ("data", "open", 0)


FRONT = '/*\ntitle="t"\nseverity="low"\nduty="data.exposure"\nwhy="w"\nfix="f"\n{more}\n*/\n'


def _parsed(sql: str, more: str = "") -> Any:
    check = parse(FRONT.format(more=more) + sql, "x/y", "x/y.sql")
    return understood(check, schemas())


def _context(*failures: tuple[str, str]) -> Context:
    return Context(BEGUN, "aws", tuple(
        ListingFailure(table, "1", region, "x:List", "AccessDenied", "") for table, region in failures
    ))


JOINED = (
    "select b.arn as resource, a.arn is not null as ok, '' as reason from s3_bucket b "
    "left join s3_account_public_access_block a on a.account_id = b.account_id"
)


def test_a_failed_listing_hampers_population_or_join() -> None:
    context = _context(("s3_bucket", "global"), ("s3_account_public_access_block", "global"),
                       ("sqs_queue", "eu-west-1"))
    found = hampered(_parsed(JOINED), context)
    assert [f.table for f in found["population"]] == ["s3_bucket"]
    assert [f.table for f in found["joined"]] == ["s3_account_public_access_block"]


def test_what_a_check_tolerates_does_not_hamper_it() -> None:
    context = _context(("s3_account_public_access_block", "global"))
    parsed = _parsed(JOINED, 'tolerates = ["s3_account_public_access_block"]')
    assert hampered(parsed, context) == {"population": [], "joined": []}


def test_a_failed_join_makes_answers_unknown(estate: Estate) -> None:
    found = estate.scan(
        [bucket("a", is_public=False), bucket("b")],
        [{"table": "s3_account_public_access_block", "call": "s3control:GetPublicAccessBlock"}],
        check="s3/bucket_public_access_blocked",
    )
    assert {r["ok"] for r in found.values()} == {None}
    assert all("could not be listed" in r["reason"] for r in found.values())
