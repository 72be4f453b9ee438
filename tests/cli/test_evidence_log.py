"""What people do is in the evidence log at once, where a project has one; else nothing is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sharedline.cli.main import command
from sharedline.comply.evidence.store import open_store
from sharedline.project import open_project


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


def attest(folder: Path) -> Result:
    return run(
        "attest", "people.awareness", "Done", "--evidence", "LMS", "--by", "Ana", "--dir", folder
    )  # fmt: skip


def kinds(folder: Path) -> list[str]:
    return [item["kind"] for _, item in open_store(folder / "evidence").items()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run("init", tmp_path)
    return tmp_path


def test_without_a_log_none_is_made(folder: Path) -> None:
    attest(folder)
    assert not open_project(folder).evidence.exists()


def test_an_attestation_and_a_waiver_are_in_the_log_at_once(folder: Path) -> None:
    open_store(folder / "evidence", create=True).append([])
    run("evidence", "record", "--dir", folder)
    attest(folder)
    assert kinds(folder).count("attestation") == 1
    run("waive", "--check", "s3/x", "--reason", "r", "--approver", "a", "--expires", "2999-01-01",
        "--dir", folder)  # fmt: skip
    assert kinds(folder).count("waiver") == 1


def test_a_log_that_cannot_be_written_is_said_and_the_act_stands(folder: Path) -> None:
    run("evidence", "record", "--dir", folder)
    attest(folder)
    for key in (folder / "evidence" / "keys").iterdir():
        key.unlink()
    result = attest(folder)
    assert result.return_value == 0
    assert "Not in the evidence log" in result.stderr
    assert "sharedline evidence record" in result.stderr
