"""A digest says what changed in a week, for whom; what expires, waits and is due goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sharedline.duties.waivers import append
from sharedline.intent import attest, claim
from sharedline.inventory.lake import Lake
from sharedline.model import Attestation, Waiver
from sharedline.notices import due
from sharedline.notices.digest import week_before
from sharedline.notices.gather import notices
from sharedline.notices.model import Notice
from sharedline.notices.settings import Audience
from sharedline.project import open_project
from sharedline.scanning import scan
from sharedline.state import Claim
from sharedline.state.database import Database

CHECK = "s3/bucket_versioning_on"
LEDGER, OTHER = "arn:aws:s3:::ledger", "arn:aws:s3:::other"
#: The day after the second scan.
NOW = datetime(2026, 11, 19, 8, tzinfo=UTC)


def _lists(notice: Notice) -> dict[str, tuple[int, list[str]]]:
    return {s.title.split(",")[0]: (s.count, [i.name for i in s.items]) for s in notice.sections}


def _only(found: list[Notice]) -> Notice:
    (one,) = found
    return one


def test_a_week_of_a_team(folder: Path) -> None:
    told = _only(notices(open_project(folder), "digest", NOW))
    assert told.team == "data"
    assert _lists(told) == {"Fixed": (1, [LEDGER]), "Open": (1, [OTHER])}
    assert told.key == "digest:2026-W47:data"
    assert told.title == "Sharedline: Duties of data: 1 open, 1 fixed"
    assert "compared with 2026-11-10" in told.plain()
    assert told.link == ""


def test_links_only_where_the_pages_are(folder: Path) -> None:
    (folder / "sharedline.toml").write_text('[notify]\naddress = "https://pages.example.org"\n')
    told = _only(notices(open_project(folder), "digest", NOW))
    assert told.plain().rstrip().endswith("https://pages.example.org/gaps?owner=data")


def test_what_nobody_owns_is_for_the_admins(folder: Path) -> None:
    (folder / "owners.toml").write_text("")
    told = _only(notices(open_project(folder), "digest", NOW))
    assert told.team == ""
    assert "nobody owns" in told.title


def test_what_is_new_and_reopened(folder: Path, scanned: Path) -> None:
    """`scanned` keeps AWS alive: both buckets lose their versions, one of them the second time."""
    import boto3

    s3 = boto3.client("s3", region_name="us-east-1")
    s3.put_bucket_versioning(Bucket="ledger", VersioningConfiguration={"Status": "Suspended"})
    s3.create_bucket(Bucket="young")
    try:
        scan(boto3.Session(region_name="us-east-1"), regions=("us-east-1",), folder=folder,
             checks=("s3/bucket_v*",), processes=0,
             as_of=datetime(2026, 11, 25, tzinfo=UTC))  # fmt: skip
    finally:
        s3.put_bucket_versioning(Bucket="ledger", VersioningConfiguration={"Status": "Enabled"})
        s3.delete_bucket(Bucket="young")
    told = _only(notices(open_project(folder), "digest", datetime(2026, 11, 26, tzinfo=UTC)))
    assert _lists(told) == {
        "New": (1, ["arn:aws:s3:::young"]),
        "Reopened": (1, [LEDGER]),
        "Open": (3, [OTHER, LEDGER, "arn:aws:s3:::young"]),
    }


def test_a_first_scan_has_nothing_new(folder: Path) -> None:
    lake = Lake(open_project(folder).lake_url)
    first, second = lake.scans()
    assert week_before([first, second], second) == first
    assert week_before([first, second], first) is None


def test_claims_wait_for_a_scan(folder: Path) -> None:
    project = open_project(folder)
    claim(project, Claim(CHECK, OTHER, "Ann", "", NOW))
    told = _only(notices(project, "digest", NOW))
    assert _lists(told)["Claims that wait for a scan"] == (1, [OTHER])
    assert "said by Ann on 2026-11-19" in told.plain()


@pytest.mark.parametrize(
    ("days", "told"),
    [(14, "expires"), (15, ""), (0, "expires"), (-1, "expired"), (-14, "expired"), (-15, "")],
)
def test_waivers_that_expire(folder: Path, days: int, told: str) -> None:
    project = open_project(folder)
    last = NOW.date() + timedelta(days=days)
    append(project.waivers, Waiver("Rebuilt", "Grace", last, check=CHECK, resource=OTHER))
    found = notices(project, "expiring", NOW)
    assert [n.team for n in found] == (["data"] if told else [])
    if told:
        assert f"{CHECK} {OTHER}: {told} {last}: Rebuilt (approved by Grace)" in found[0].plain()
        assert "Waivers that expire: 1" in _only(notices(project, "digest", NOW)).plain()


def test_a_waiver_of_nothing_is_for_the_admins(folder: Path) -> None:
    project = open_project(folder)
    append(project.waivers, Waiver("Gone", "Grace", NOW.date(), check="none/*"))
    assert [n.team for n in notices(project, "expiring", NOW)] == [""]


def test_attestations_that_were_not_said_again(folder: Path) -> None:
    project = open_project(folder)
    for scope, days in (("*", 3), ("s3", 3), ("s3", 300)):
        said = Attestation("data.exposure", scope, "Looked", "t", "Ann", NOW,
                           NOW + timedelta(days=days))  # fmt: skip
        attest(project, said)
    told = _only(notices(project, "expiring", NOW))
    assert (told.team, _lists(told)) == ("", {"Attestations": (1, ["data.exposure"])})


def test_exercises_and_improvements_by_team() -> None:
    items = [due.Due("Ransomware", "PCI DSS 12.10.2", date(2026, 12, 1), "data"),
             due.Due("Log review", "NIST IR-3", date(2026, 11, 30))]  # fmt: skip
    late = [due.Overdue("imp-1", "Write the runbook", "data", date(2026, 11, 1))]
    first, second = due.exercises(items, late, Audience())
    assert (first.team, second.team) == ("data", "")
    assert _lists(first) == {
        "Exercises due": (1, ["Ransomware"]), "Improvements overdue": (1, ["imp-1"]),
    }  # fmt: skip
    again, _ = due.exercises(items, late, Audience())
    assert again.key == first.key
    assert due.exercises(items[:1], [], Audience())[0].key != first.key


def test_the_programme_says_what_is_due(folder: Path) -> None:
    project = open_project(folder)
    found = {n.team: n for n in notices(project, "exercises", NOW)}
    assert set(found) == {"", "data"}
    assert "team data: never exercised" in found["data"].plain()
    later = notices(project, "exercises", NOW + timedelta(days=1))
    assert {n.key for n in later} == {n.key for n in found.values()}  # told once, not every day


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as found:
        yield found


def test_improvements_past_their_day(database: Database) -> None:
    from sharedline.exercise.improve.store import step
    from sharedline.state.tables import EXERCISE_RUN, IMPROVEMENT

    words = ("cause", "recommendation", "element", "duty", "check_id", "resource", "account_id")
    with database.begin() as connection:
        connection.execute(EXERCISE_RUN.insert().values(
            id="r", scenario_id="s", title="t", scenario="{}", settings="{}", code="c",
            created_by="Ann", created=NOW, status="ended"))  # fmt: skip
        for name, day in (("late", 1), ("mended", 1), ("changed", 1), ("soon", 30)):
            connection.execute(IMPROVEMENT.insert().values(
                id=name, run_id="r", title=name, owner="data", due=date(2026, 11, day),
                created=NOW, **dict.fromkeys(words, "")))  # fmt: skip
        step(connection, "mended", NOW, "verified", "Sharedline")
        step(connection, "changed", NOW, "verified", "Sharedline")
        step(connection, "changed", NOW, "reopened", "Sharedline")
    assert {o.id for o in due.overdue(database, NOW.date())} == {"late", "changed"}
