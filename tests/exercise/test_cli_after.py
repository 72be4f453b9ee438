"""`exercise report`, `score`, `improvements`, `programme`: each verb in each format."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from tests.exercise.kept import keep
from tests.exercise.played import SEATS, Play, played

from sharedline.cli.exercise import command
from sharedline.comply.evidence.store import open_store
from sharedline.errors import Error
from sharedline.exercise import improve
from sharedline.project import open_project
from sharedline.state.database import Database


def run(*args: Any) -> tuple[int, str]:
    ended = CliRunner().invoke(command, [str(a) for a in args], standalone_mode=False)
    if isinstance(ended.exception, Error | click.ClickException):
        raise ended.exception
    assert ended.exception is None, ended.exception
    return int(ended.return_value or 0), ended.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(Database(open_project(tmp_path).database_url)) as database:
        keep(database, played(), "abc1")
        keep(database, Play().release("open"), "abd2")
    return tmp_path


def held(folder: Path) -> list[improve.Improvement]:
    with closing(Database(open_project(folder).database_url)) as database:
        return improve.items(database)


@pytest.mark.parametrize(
    ("fmt", "ending", "starts"),
    [("html", "html", b"<!doctype"), ("pdf", "pdf", b"%PDF"), ("markdown", "md", b"**EXERCISE"),
     ("json", "json", b"{")],
)  # fmt: skip
def test_report_in_each_format(folder: Path, fmt: str, ending: str, starts: bytes) -> None:
    code, out = run("report", "abc", "--dir", folder, "--format", fmt)
    path = folder / "after-action" / f"abc1.{ending}"
    assert (code, path.read_bytes()[: len(starts)]) == (0, starts)
    assert str(path) in out
    assert "--propose abc1" in out


def test_report_goes_where_it_is_told_and_into_the_log(folder: Path) -> None:
    open_store(folder / "evidence", create=True)
    output = folder / "r.json"
    run("report", "abc1", "--dir", folder, "--format", "json", "--output", output)
    assert json.loads(output.read_bytes())["run"]["id"] == "abc1"
    kinds = [i["kind"] for _, i in open_store(folder / "evidence").items()]
    assert kinds.count("exercise") == 1
    with pytest.raises(Error, match="There is no folder"):
        run("report", "abc1", "--dir", folder, "--output", folder / "none" / "r.html")


def test_a_run_that_goes_on_says_so(folder: Path) -> None:
    assert "as it stands" in run("report", "abd2", "--dir", folder)[1]


def test_which_run(folder: Path) -> None:
    with pytest.raises(Error, match="Several runs begin with 'ab'"):
        run("score", "ab", "--dir", folder)
    with pytest.raises(Error, match="No run begins with 'x'") as told:
        run("score", "x", "--dir", folder)
    assert "abc1 (Two buckets)" in told.value.advice


def test_score(folder: Path) -> None:
    code, out = run("score", "abc1", "--dir", folder)
    assert code == 0
    assert "Overall: 51 of 100, mean of 2 teams" in out
    assert "Blue: 82  (3 players, agreement 100 %)" in out
    assert "M  The bucket is closed." in out
    opened = " ".join(run("score", "abc1", "--dir", folder, "--rows")[1].split())
    assert "stray, owner: data (100 % sure); right: nobody. A guess" in opened
    data = json.loads(run("score", "abc1", "--dir", folder, "--format", "json")[1])
    assert data["overall"] == pytest.approx(0.5086, abs=1e-4)
    for name, _, _ in SEATS.values():
        assert name not in opened


def test_improvements_from_proposed_to_claimed(folder: Path) -> None:
    assert "0 items" in run("improvements", "--dir", folder)[1]
    out = run("improvements", "--dir", folder, "--propose", "abc1", "--by", "Eva")[1]
    assert "7 items proposed" in out
    assert "The next scan verifies it: s3/bucket_versioning_on met on" in " ".join(out.split())
    again = run("improvements", "--dir", folder, "--propose", "abc1")[1]
    assert "0 items proposed; 7 were there." in again
    name = held(folder)[0].id
    assert "is claimed." in run("improvements", "--dir", folder, "--claim", name, "--by", "Ann")[1]
    changed = run("improvements", "--dir", folder, "--change", name, "--owner", "web",
                  "--due", "2020-01-31", "--by", "Eva")[1]  # fmt: skip
    assert "owner web, due 2020-01-31" in changed
    code, out = run("improvements", "--dir", folder, "--run", "abc1")
    assert code == 1  # one is overdue
    assert "7 items: 0 verified, 7 open, 1 overdue." in out
    data = json.loads(run("improvements", "--dir", folder, "--format", "json")[1])
    assert [i["status"] for i in data if i["id"] == name] == ["claimed"]
    assert run("improvements", "--dir", folder, "--format", "csv")[1].startswith("id,status,due")
    with pytest.raises(Error, match="three acts"):
        run("improvements", "--dir", folder, "--claim", "a", "--propose", "b")


def test_there_is_no_way_to_close_one_by_hand() -> None:
    options = {o for p in command.get_command(click.Context(command), "improvements").params  # type: ignore[union-attr]
               for o in p.opts}  # fmt: skip
    assert not options & {"--close", "--verify", "--done"}
    assert not [n for n in improve.__all__ if "close" in n]


def test_programme(folder: Path) -> None:
    run("improvements", "--dir", folder, "--propose", "abc1")
    code, out = run("programme", "--dir", folder)
    assert "51  Two buckets (Blue, Red; 4 players) abc1" in out
    assert "Improvement items: 0 verified, 7 open" in out
    assert code in (0, 1)  # by the day on which this runs
    data = json.loads(run("programme", "--dir", folder, "--format", "json")[1])
    assert data["past"][0]["run"] == "abc1"
    assert run("programme", "--dir", folder, "--format", "csv")[1].startswith("kind,name,title")


def test_attesting_closes_an_item_of_the_duty(folder: Path) -> None:
    from sharedline.cli.attest import command as attest

    run("improvements", "--dir", folder, "--propose", "abc1")
    args = ["response.ownership", "The register is whole.", "--evidence", "wiki", "--by", "Ann",
            "--dir", str(folder)]  # fmt: skip
    ended = CliRunner().invoke(attest, args, standalone_mode=False)
    assert ended.exception is None, ended.exception
    assert "verified: Nobody owns data.exposure of s3" in ended.output
    statuses = {i.duty: i.status for i in held(folder)}
    assert statuses["response.ownership"] == "verified"
    assert statuses["response.practice"] == "open"


def test_without_items_nothing_of_exercises_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from sharedline.cli.common import improved\n"
        f"improved(Path({str(tmp_path)!r}))\n"
        "print([m for m in sys.modules if m.startswith('sharedline.exercise')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
