"""Items: proposed once, claimed by people, closed and opened again by scans of a real estate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from moto import mock_aws
from tests.exercise.kept import keep
from tests.exercise.played import BUCKET, START, Play, played, scenario

from sharedline import scan
from sharedline.errors import Error
from sharedline.exercise import improve
from sharedline.exercise.after.kinds import OWNED
from sharedline.exercise.improve.propose import lately, standing
from sharedline.exercise.score import score
from sharedline.model import Attestation
from sharedline.project import open_project
from sharedline.results import Results
from sharedline.state.database import Database

CHECK = "s3/bucket_versioning_on"
ENDED = START + timedelta(hours=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as opened:
        yield opened


def proposed(
    database: Database, play: Play | None = None, **more: Any
) -> list[improve.Improvement]:
    one = play or played()
    keep(database, one)
    state = one.state()
    return improve.propose(database, state, score(state), "Eva", now=ENDED, **more)


def of_check(database: Database) -> improve.Improvement:
    return next(i for i in improve.items(database) if i.check == CHECK)


# -- proposed ------------------------------------------------------------------------------------


def test_the_same_run_proposes_the_same_once(database: Database) -> None:
    made = proposed(database)
    assert len(made) == 7
    state = played().state()
    assert improve.propose(database, state, score(state), "Eva", now=ENDED) == []
    held = {i.id: i for i in improve.items(database)}
    assert set(held) == {i.id for i in made}
    one = of_check(database)
    assert (one.duty, one.resource, one.status) == ("data.backup-recovery", BUCKET, "open")
    assert [(s.kind, s.by) for s in one.steps] == [("proposed", "Eva")]
    days = {i.title: (i.due - ENDED.date()).days for i in held.values()}
    assert days["A harmful decision: Message open"] == 30
    assert sorted(set(days.values())) == [30, 60, 90]
    assert {i.owner for i in held.values()} == {"data", "nobody"}


def test_severity_sets_the_date(database: Database) -> None:
    proposed(
        database, standing=lambda *_: ("critical", "unmet"), days={**improve.DAYS, "critical": 3}
    )
    assert of_check(database).due == ENDED.date() + timedelta(days=3)


def test_two_runs_of_a_scenario_have_items_of_their_own(database: Database) -> None:
    first = proposed(database)
    keep(database, played(), "r2")
    state = replace(played().state(), run="r2")
    again = improve.propose(database, state, score(state), "Eva", now=ENDED)
    assert not {i.id for i in first} & {i.id for i in again}
    assert len(improve.items(database)) == 14
    assert len(improve.items(database, "r2")) == 7


# -- by people -----------------------------------------------------------------------------------


def test_a_claim_is_no_close(database: Database) -> None:
    proposed(database)
    one = improve.claim(database, of_check(database).id, "Ann", "Turned on.")
    assert (one.status, one.closed) == ("claimed", False)
    assert (one.steps[-1].by, one.steps[-1].note) == ("Ann", "Turned on.")
    with pytest.raises(Error, match="Who says so"):
        improve.claim(database, one.id, " ")
    with pytest.raises(Error, match="no improvement 'imp-x'"):
        improve.claim(database, "imp-x", "Ann")


def test_owner_and_date_change_and_the_history_says_so(database: Database) -> None:
    proposed(database)
    name = of_check(database).id
    one = improve.change(database, name, "Eva", owner="web", due=date(2027, 1, 1))
    assert (one.owner, one.due, one.status) == ("web", date(2027, 1, 1), "open")
    assert "owner data to web" in one.steps[-1].note
    assert one.overdue(date(2027, 1, 2))
    assert not one.overdue(date(2027, 1, 1))
    with pytest.raises(Error, match="Nothing is changed"):
        improve.change(database, name, "Eva")


# -- by attestation ------------------------------------------------------------------------------


def attested(
    duty: str, at: datetime, scope: str = "*", statement: str = "Done.", days: int = 90
) -> Attestation:
    return Attestation(duty, scope, statement, "wiki", "Ann", at, at + timedelta(days=days))


def test_an_attestation_after_it_closes_an_item_of_its_duty(database: Database) -> None:
    proposed(database)
    later, now = ENDED + timedelta(days=1), ENDED + timedelta(days=2)

    def verified(*given: Attestation) -> set[str]:
        return {c.id for c in improve.verify(database, None, given, now)}

    duty = "response.ownership"
    assert verified(attested(duty, ENDED - timedelta(days=1))) == set()  # before it was found
    assert verified(attested(duty, later, days=0)) == set()  # no longer stands
    assert verified(attested(duty, later, scope="123456789012")) == set()
    assert verified(attested(duty, later, scope="")) == set()
    assert verified(attested("people.awareness", later)) == set()
    closed = verified(attested(duty, later))
    assert closed == {i.id for i in improve.items(database) if i.duty == duty}
    assert verified(attested(duty, later)) == set()
    one = next(i for i in improve.items(database) if i.id in closed)
    assert (one.status, one.steps[-1].scan) == ("verified", "")
    with pytest.raises(Error, match="was verified on"):
        improve.claim(database, one.id, "Ann")


def test_an_attestation_that_names_an_item_closes_that_one(database: Database) -> None:
    proposed(database)
    wanted = [i for i in improve.items(database) if i.duty == "response.procedures"]
    said = attested("response.procedures", ENDED + timedelta(days=1), "s3", f"For {wanted[0].id}.")
    changes = improve.verify(database, None, [said], ENDED + timedelta(days=2))
    assert [c.id for c in changes] == [wanted[0].id]


def test_an_attestation_never_closes_what_a_check_verifies(database: Database) -> None:
    proposed(database)
    said = attested("data.backup-recovery", ENDED + timedelta(days=1))
    assert improve.verify(database, None, [said], ENDED + timedelta(days=2)) == []
    assert of_check(database).status == "open"


# -- by scans ------------------------------------------------------------------------------------


@pytest.fixture
def estate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        s3 = boto3.client("s3", region_name="us-east-1")
        for name in ("ledger", "other"):
            s3.create_bucket(Bucket=name)
        yield s3


def turn(s3: Any, status: str, *buckets: str) -> None:
    for bucket in buckets or ("ledger",):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def scanned(folder: Path, day: int, *, denied: bool = False, region: str = "us-east-1") -> Results:
    session = boto3.Session(region_name=region)
    if denied:
        refused = {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {}}
        session.events.register(
            "before-call.s3.GetBucketVersioning",
            lambda **_: (Mock(status_code=403, headers={}), refused),
        )
    as_of = ENDED + timedelta(days=day)
    return scan(
        session,
        regions=(region,),
        checks=("s3/bucket_v*",),
        folder=folder,
        processes=0,
        as_of=as_of,
    ).results


def test_claimed_verified_by_the_next_scan_and_reopened(
    database: Database, estate: Any, tmp_path: Path
) -> None:
    before = scanned(tmp_path, -1)
    assert standing(before, CHECK, BUCKET, "") == "unmet"
    assert lately(before)(CHECK, BUCKET, "")[0] in ("medium", "high", "low")
    proposed(database, standing=lately(before))
    name = of_check(database).id

    def after(results: Results) -> list[tuple[str, str]]:
        changed = improve.verify(database, results)
        assert all(c.scan == results.manifest.id for c in changed)
        return [(c.id, c.kind) for c in changed]

    improve.claim(database, name, "Ann", "Versioning is on.")
    turn(estate, "Enabled")
    assert after(before) == []  # a scan of before it was found tells nothing
    assert after(scanned(tmp_path, -2)) == []  # met, and of a moment before
    assert of_check(database).status == "claimed"

    turn(estate, "Suspended")
    assert after(scanned(tmp_path, 1)) == []  # still unmet: not verified, and no news
    turn(estate, "Enabled")
    assert after(scanned(tmp_path, 2, denied=True)) == []  # unknown closes nothing
    assert of_check(database).status == "claimed"
    met = scanned(tmp_path, 3)
    assert after(met) == [(name, "verified")]
    assert after(met) == []
    assert [i.status for i in improve.items(database) if i.id != name] == ["open"] * 6

    unknown = scanned(tmp_path, 4, denied=True)
    assert standing(unknown, CHECK, BUCKET, "") == "unknown"
    assert after(unknown) == []  # nor does it open anything
    assert after(scanned(tmp_path, 2)) == []
    turn(estate, "Suspended")
    assert after(scanned(tmp_path, 1)) == []  # unmet, but older than the scan that closed it
    again = scanned(tmp_path, 5)
    assert after(again) == [(name, "reopened")]
    assert of_check(database).status == "reopened"
    assert after(met) == []  # what was met then does not close it again
    turn(estate, "Enabled")
    assert after(scanned(tmp_path, 6)) == [(name, "verified")]
    kinds = [s.kind for s in of_check(database).steps]
    assert kinds == ["proposed", "claimed", "verified", "reopened", "verified"]


def test_a_resource_that_is_gone_closes_nothing(
    database: Database, estate: Any, tmp_path: Path
) -> None:
    proposed(database)
    estate.delete_bucket(Bucket="ledger")
    results = scanned(tmp_path, 1)
    assert standing(results, CHECK, BUCKET, "") == ""
    assert improve.verify(database, results) == []


def test_a_waived_finding_is_not_mended(database: Database, estate: Any, tmp_path: Path) -> None:
    proposed(database)
    (tmp_path / "waivers.toml").write_text(
        '[[waiver]]\ncheck = "s3/bucket_versioning_on"\nreason = "later"\napprover = "Eva"\n'
        "expires = 2027-11-01\n"
    )
    results = scanned(tmp_path, 1)
    assert standing(results, CHECK, BUCKET, "") == "waived"
    assert improve.verify(database, results) == []


def test_behind_a_mask_the_check_must_be_met_everywhere(
    database: Database, estate: Any, tmp_path: Path
) -> None:
    first = scanned(tmp_path, -1)
    made = {"source": "gaps", "scan": first.manifest.id, "as_of": "2026-11-19T00:00:00Z",
            "seed": 1, "masked": True}  # fmt: skip
    proposed(database, Play(scenario(made=made)).release("open").end())
    name = of_check(database).id
    turn(estate, "Enabled", "ledger")
    assert improve.verify(database, scanned(tmp_path, 1)) == []  # the other bucket is not
    turn(estate, "Enabled", "ledger", "other")
    assert improve.verify(database, scanned(tmp_path, 2, region="eu-west-1")) == []
    assert [c.id for c in improve.verify(database, scanned(tmp_path, 3))] == [name]


def of_owner(database: Database) -> improve.Improvement:
    return next(i for i in improve.items(database) if i.check.startswith(OWNED))


def test_the_owner_register_closes_what_nobody_owned(
    database: Database, estate: Any, tmp_path: Path
) -> None:
    first = scanned(tmp_path, -1)
    made = {"source": "gaps", "scan": first.manifest.id, "as_of": "2026-11-19T00:00:00Z",
            "seed": 1, "masked": False}  # fmt: skip
    play = Play(scenario(made=made)).release("open").release("stray").end()
    proposed(database, play)
    one = of_owner(database)
    assert one.verified_by == "an owner of data.exposure on s3"
    assert improve.verify(database, scanned(tmp_path, 1)) == []
    rule = '[team.data]\ncontact = "a@example.org"\n[[rule]]\nteam = "data"\nservice = "s3"\n'
    only = rule + 'resource = "arn:aws:s3:::ledger"\n'
    (tmp_path / "owners.toml").write_text(only)
    assert improve.verify(database, scanned(tmp_path, 2)) == [], "the other bucket has none"
    (tmp_path / "owners.toml").write_text(rule)
    elsewhere = scanned(tmp_path, 3, region="eu-west-1")
    assert improve.verify(database, elsewhere) == []
    owned = scanned(tmp_path, 4)
    change = improve.verify(database, owned)
    assert [(c.id, c.kind) for c in change] == [(one.id, "verified")]
    assert change[0].note == "the register names an owner of data.exposure on s3"
    (tmp_path / "owners.toml").unlink()
    again = improve.verify(database, scanned(tmp_path, 5))
    assert [(c.id, c.kind) for c in again] == [(one.id, "reopened")]
    said = attested("response.ownership", ENDED + timedelta(days=6))
    now = ENDED + timedelta(days=7)
    assert one.id in [c.id for c in improve.verify(database, None, [said], now)]
    assert improve.verify(database, scanned(tmp_path, 8), [said], now) == [], "no to and fro"


def test_one_resource_that_nobody_owned(estate: Any, tmp_path: Path) -> None:
    asked = f"{OWNED}s3:data.exposure"
    assert standing(scanned(tmp_path, 1), asked, BUCKET, "") == "unmet"
    (tmp_path / "owners.toml").write_text(
        f'[team.data]\ncontact = "a@example.org"\n[[rule]]\nteam = "data"\nresource = "{BUCKET}"\n'
    )
    results = scanned(tmp_path, 2)
    assert standing(results, asked, BUCKET, "") == "met"
    assert standing(results, asked, "arn:aws:s3:::gone", "") == ""
    assert standing(results, f"{OWNED}sagemaker:data.exposure", "", "") == ""


def test_after_scan_looks_only_where_there_are_items(estate: Any, tmp_path: Path) -> None:
    results = scanned(tmp_path, 1)
    assert improve.after_scan(results.project, results) == []
    with closing(Database(results.project.database_url)) as database:
        proposed(database)
        turn(estate, "Enabled")
        later = scanned(tmp_path, 2)
        assert [c.kind for c in improve.after_scan(later.project, later)] == ["verified"]
        assert datetime.now(UTC) - of_check(database).steps[-1].at < timedelta(minutes=5)


def test_the_verb_scan_says_what_it_verified(estate: Any, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from sharedline.cli.scan import command

    with closing(Database(open_project(tmp_path).database_url)) as database:
        proposed(database)
    turn(estate, "Enabled")
    args = ["--dir", str(tmp_path), "--regions", "us-east-1", "--checks", "s3/bucket_v*",
            "--processes", "0", "--as-of", (ENDED + timedelta(days=1)).isoformat()]  # fmt: skip
    ended = CliRunner().invoke(command, args, standalone_mode=False)
    assert ended.exception is None, ended.exception
    assert f"verified: Still unmet: {CHECK}" in ended.output
    with closing(Database(open_project(tmp_path).database_url)) as database:
        assert of_check(database).closed
