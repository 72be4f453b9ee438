"""`sharedline exercise`: each verb runs, its files come back, its errors say what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from sharedline.cli.exercise import SUMMARIES, command
from sharedline.cli.verbs import Verbs
from sharedline.errors import Error
from sharedline.exercise.read import read_file


def run(*args: Any) -> tuple[int, str]:
    ended = CliRunner().invoke(command, [str(a) for a in args], standalone_mode=False)
    if isinstance(ended.exception, Error | click.ClickException):
        raise ended.exception
    assert ended.exception is None, ended.exception
    return int(ended.return_value or 0), ended.output


def test_summaries_are_the_verbs_own() -> None:
    context = click.Context(command)
    assert isinstance(command, Verbs)
    for name in command.list_commands(context):
        verb = command.get_command(context, name)
        assert verb is not None
        assert SUMMARIES[name] == verb.get_short_help_str(200)
    assert sorted(SUMMARIES) == command.list_commands(context)


def test_library() -> None:
    code, out = run("library")
    assert code == 0
    assert "kms-ransomware" in out
    found = json.loads(run("library", "--format", "json")[1])
    assert len(found) >= 10
    assert all(f["duties"] and 30 <= f["minutes"] <= 90 for f in found)


def test_show_with_and_without_answers(tmp_path: Path) -> None:
    code, out = run("show", "public-bucket", "--dir", tmp_path)
    assert code == 0
    assert "[harmful]" in out
    hidden = run("show", "public-bucket", "--dir", tmp_path, "--no-answers")[1]
    assert "[harmful]" not in hidden
    assert "GetBucketPolicyStatus. It answers" not in " ".join(hidden.split())
    assert "expected by" not in hidden
    assert json.loads(run("show", "public-bucket", "--dir", tmp_path, "--format", "json")[1])


def test_new_from_gaps_and_back_through_a_workbook(project: Path, tmp_path: Path) -> None:
    pytest.importorskip("sharedline.runbooks.library")
    code, out = run("new", "--dir", project, "--seed", 4, "--id", "drill", "--mask")
    assert code == 0
    assert "8 messages in 60 minutes" in out
    made = read_file(project / "exercises" / "drill" / "scenario.yaml")
    assert made.made is not None
    assert (made.made.seed, made.made.masked) == (4, True)
    for ending in ("xlsx", "csv", "yaml"):
        file = tmp_path / f"out.{ending}"
        assert run("export", "drill", "--dir", project, "--output", file)[0] == 0
        assert run("check", file)[0] == 0
        run("import", file, "--dir", project, "--id", f"back-{ending}")
        back = read_file(project / "exercises" / f"back-{ending}" / "scenario.yaml")
        assert back.injects == made.injects
        assert back.made == made.made
    with pytest.raises(Error, match="is there already"):
        run("new", "--dir", project, "--id", "drill")
    assert run("new", "--dir", project, "--id", "drill", "--replace")[0] == 0


def test_new_from_the_library(project: Path) -> None:
    pytest.importorskip("sharedline.runbooks.library")
    assert run("new", "--dir", project, "--scenario", "public-bucket")[0] == 0
    (folder,) = (project / "exercises").iterdir()
    assert re.fullmatch(r"public-bucket-\d{8}-1", folder.name)
    with pytest.raises(Error, match="two sources"):
        run("new", "--dir", project, "--scenario", "public-bucket", "--from-gaps")


def test_a_plain_list_can_be_run_but_not_rated(tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text("Time,From,Event\n0,SOC,A finding\n20,Press,A call\n")
    code, out = run("check", tmp_path / "plain.csv")
    assert code == 1
    assert "no objective" in out
    assert run("import", tmp_path / "plain.csv", "--dir", tmp_path)[0] == 0
    assert len(read_file(tmp_path / "exercises" / "plain" / "scenario.yaml").injects) == 2


def test_check_refuses_and_prints_the_schema(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: a\nwrong: 1\n")
    with pytest.raises(Error, match="unknown key wrong"):
        run("check", tmp_path / "a.yaml")
    with pytest.raises(Error, match="Which file"):
        run("check")
    printed = json.loads(run("check", "--schema")[1])
    assert printed["$defs"]["inject"]["properties"]["from"]


def test_export_says_which_endings_it_writes(tmp_path: Path) -> None:
    for output, says in (("a.pdf", "another ending"), ("none/a.csv", "no folder")):
        with pytest.raises(Error, match=says):
            run("export", "public-bucket", "--dir", tmp_path, "--output", tmp_path / output)
