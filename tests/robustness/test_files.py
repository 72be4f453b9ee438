"""Files that people write: what is wrong with them is said with the file, the place, the cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

BAD = [
    # (file, text, what must be said)
    ("owners.toml", "[team.a\n", ("owners.toml", "line 1")),
    ("owners.toml", "\x00", ("owners.toml",)),
    ("owners.toml", 'team = "a"\n', ("owners.toml", "[team.NAME]")),
    ("owners.toml", "[team.a]\nphone = 1\n", ("team a", "phone", "contact, person")),
    ("owners.toml", '[team]\na = "Ann"\n', ("team a", "Allowed keys: contact, person")),
    ("owners.toml", 'rule = "x"\n', ("owners.toml", "[[rule]]")),
    ("owners.toml", 'rule = ["x"]\n', ("rule 1", "Allowed keys")),
    ("owners.toml", '[[rule]]\nteam = "b"\n', ("rule 1", "no team 'b'")),
    ("owners.toml", "[[rule]]\nteam = [1]\n", ("rule 1", "team is not a text")),
    ("owners.toml", "[team.a]\n[[rule]]\nteam = 'a'\nservice = 3\n", ("rule 1", "not a text")),
    ("owners.toml", "[team.a]\n[[rule]]\nteam = 'a'\ntag = 'x'\n", ("rule 1", "tag")),
    ("owners.toml", "[team.a]\n[[rule]]\nteam = 'a'\nservices = 'x'\n", ("services", "service")),
    ("owners.toml", "[[rule]]\nservice = 'x'\n", ("rule 1", "names no team")),
    ("waivers.toml", 'waiver = "x"\n', ("waivers.toml", "[[waiver]]")),
    ("waivers.toml", "[[waiver]]\nchek = 'x'\n", ("waiver 1", "chek", "approver, check")),
    (
        "waivers.toml",
        "[[waiver]]\ncheck='x'\nreason='r'\napprover='a'\nexpires='2099-01-01'\n",
        ("waiver 1", "expires is not a date"),
    ),
    (
        "waivers.toml",
        "[[waiver]]\ncheck='x'\nreason='r'\napprover='a'\nexpires=2099-01-01T00:00:00Z\n",
        ("waiver 1", "expires is not a date"),
    ),
    (
        "waivers.toml",
        "[[waiver]]\nreason='r'\napprover='a'\nexpires=2099-01-01\n",
        ("waiver 1", "would waive everything"),
    ),
    (
        "waivers.toml",
        "[[waiver]]\ncheck=3\nreason='r'\napprover='a'\nexpires=2099-01-01\n",
        ("waiver 1", "check is not a text"),
    ),
    ("waivers.toml", "[[waiver]]\ncheck='x'\nexpires=2099-01-01\n", ("waiver 1", "no reason")),
    ("sharedline.toml", "lakes = 1\n", ("sharedline.toml", "lakes", "engine, jira, jobs, lake")),
    ("sharedline.toml", "lake = 1\n", ("sharedline.toml", "lake is not a text")),
    ("sharedline.toml", "scan = 3\n", ("[scan]", "Allowed keys")),
    ("sharedline.toml", "[scan]\nregion = 'x'\n", ("[scan]", "region", "regions")),
    ("sharedline.toml", "[scan]\nregions = 'us-east-1'\n", ("regions", "a list of texts")),
    ("sharedline.toml", "[scan]\nregions = [1]\n", ("regions", "a list of texts")),
    ("sharedline.toml", "[scan]\nprocesses = 'two'\n", ("processes", "a whole number")),
    ("sharedline.toml", "[scan]\nprocesses = true\n", ("processes", "a whole number")),
    ("sharedline.toml", "[scan]\norg = 'yes'\n", ("org", "true or false")),
    ("sharedline.toml", "checks = 3\n", ("[checks]",)),
    ("sharedline.toml", "[checks]\nx = 3\n", ("[checks]", "s3/bucket_versioning_on")),
    ("sharedline.toml", '[checks."s3/no_such"]\nx = 3\n', ("s3/no_such", "s3/")),
    (
        "sharedline.toml",
        '[checks."iam/user_credentials_used_within_45_days"]\nmax = 3\n',
        ("credentials_used", "max"),
    ),
    ("sharedline.toml", "lake = 'a\n", ("sharedline.toml", "end of document")),
    ("checks/x/mine.sql", "select 1", ("mine.sql", "front matter")),
    ("checks/x/mine.sql", "/*\ntitle = \n*/\nselect 1", ("mine.sql", "line 2")),
    ("checks/x/mine.sql", "/*\nwhy2 = 'x'\n*/\nselect 1", ("mine.sql", "why2", "controls")),
    ("tables/mine.py", "this is not", ("mine.py", "SyntaxError")),
    ("tables/mine.py", "1 / 0", ("mine.py", "ZeroDivisionError")),
]
FRONT = """/*
title = "t"
severity = "{severity}"
duty = "{duty}"
why = "w"
fix = "f"
{more}
*/
{sql}
"""
GOOD_SQL = "select arn as resource, versioning_status = 'Enabled' as ok, '' as reason from s3_bucket"
CHECKS: list[tuple[dict[str, str], tuple[str, ...]]] = [
    ({"duty": "data.nonsense"}, ("mine.sql", "no duty 'data.nonsense'", "data.")),
    ({"severity": "urgent"}, ("mine.sql", "urgent", "critical, high, medium, low")),
    ({"more": "params = 3"}, ("mine.sql", "params")),
    ({"more": "tolerates = 's3_bucket'"}, ("mine.sql", "tolerates", "a list")),
    ({"more": "population = ['s3_bucket']"}, ("mine.sql", "population")),
    ({"sql": "drop table s3_bucket"}, ("mine.sql",)),
    ({"sql": "select * from read_csv('/etc/passwd')"}, ("mine.sql",)),
    ({"sql": "select arn as resource, true as ok, '' as reason from s3_buckets"}, ("s3_buckets",)),
    ({"sql": "select arn as resource, colour as ok, '' as reason from s3_bucket"}, ("colour",)),
    ({"sql": "selekt"}, ("mine.sql",)),
]


@pytest.mark.parametrize(("name", "text", "said"), BAD, ids=[f"{n}-{t!r:.40}" for n, t, _ in BAD])
def test_a_malformed_file(
    aws: Any, cli: Any, tmp_path: Path, name: str, text: str, said: tuple[str, ...]
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    ended = cli("scan", "--dir", tmp_path, "--regions", "us-east-1", "--processes", 0)
    assert ended.code == 2
    assert sum(aws.made.values()) == 0  # said before AWS is asked anything
    assert ended.out == ""
    lines = ended.err.strip().splitlines()
    assert len(lines) >= 2, lines
    assert all(word in ended.err for word in said), ended.err


@pytest.mark.parametrize(("change", "said"), CHECKS, ids=[str(c) for c, _ in CHECKS])
def test_a_malformed_check(
    cli: Any, tmp_path: Path, change: dict[str, str], said: tuple[str, ...]
) -> None:
    given = {"severity": "low", "duty": "data.exposure", "more": "", "sql": GOOD_SQL, **change}
    path = tmp_path / "checks" / "x" / "mine.sql"
    path.parent.mkdir(parents=True)
    path.write_text(FRONT.format(**given))
    ended = cli("permissions", "--dir", tmp_path, "--checks", "x/*")
    assert ended.code == 2
    assert all(word in ended.err for word in said), ended.err


def test_a_check_of_ones_own_works(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "checks" / "x" / "mine.sql"
    path.parent.mkdir(parents=True)
    path.write_text(FRONT.format(severity="low", duty="data.exposure", more="", sql=GOOD_SQL))
    ended = cli("permissions", "--dir", tmp_path, "--checks", "x/*")
    assert ended.code == 0
    assert "s3:GetBucketVersioning" in ended.out


def test_a_file_that_is_not_text(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "owners.toml").write_bytes(b"\xff\xfe\x00")
    ended = cli("permissions", "--dir", tmp_path)
    assert ended.code == 2
    assert "owners.toml is not UTF-8" in ended.err


def test_a_folder_that_is_not_there(cli: Any, tmp_path: Path) -> None:
    ended = cli("matrix", "--dir", tmp_path / "nowhere")
    assert ended.code == 2
    assert "nowhere" in ended.err
    assert "sharedline init" in ended.err


def test_a_database_that_is_none(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("not a database, and long enough to be looked at twice" * 9)
    ended = cli("attest", "data.classification", "Done", "--dir", tmp_path, "--evidence", "x",
                "--by", "Ann")
    assert ended.code == 2
    assert "state.db" in ended.err
