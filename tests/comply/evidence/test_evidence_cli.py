"""The verbs of `sharedline evidence`, from a scan to a verdict."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.golden import CHECKS, WIDTHS, build, shown


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two scans, recorded."""
    folder = tmp_path_factory.mktemp("built")
    build(folder)
    said = run(folder, "record")
    assert said.endswith("(exit 0)\n")
    assert "tell your auditor the key's id" in said
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "project"))


def run(folder: Path, *arguments: str, width: int = 80) -> str:
    return shown(folder, ["evidence", *arguments], width)


def body(said: str) -> str:
    """What a command printed, without its own line and its exit code."""
    return "\n".join(said.splitlines()[1:-1])


def test_record_verify_list(folder: Path) -> None:
    assert "0 new items" in run(folder, "record")
    counts = json.loads(body(run(folder, "record", "--format", "json")))
    assert counts["scans"] == 0
    assert counts["size"] == 2 + 2 * len(CHECKS) + counts["known"] - 2
    said = run(folder, "verify")
    assert "Nothing is wrong." in said
    assert "would look the same" in said
    assert said.endswith("(exit 0)\n")
    found = json.loads(body(run(folder, "list", "--kind", "check", "--format", "json")))
    assert len(found) == 2 * len(CHECKS)
    assert [x["index"] for x in found] == sorted((x["index"] for x in found), reverse=True)
    assert len(json.loads(body(run(folder, "list", "--format", "json", "--limit", "3")))) == 3
    rows = body(run(folder, "list", "--format", "csv", "--duty", "data.exposure")).splitlines()
    assert rows[0].startswith("index,kind,observed,received,duty,control")
    assert all("data.exposure" in row for row in rows[1:])


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_fit(folder: Path, width: int) -> None:
    period = ("period", "--control", "nist-800-53-r5:AC-3", "--from", "2026-10-25", "--to",
              "2026-11-10", "--every", "20")
    for arguments in (("list",), ("list", "--kind", "check"), period):
        said = run(folder, *arguments, width=width).splitlines()
        assert max(len(line) for line in said[1:] if "arn:" not in line) <= width
    assert "s3/bucket_policy_not_public" in run(folder, *period, width=width).replace("\n", "")


def test_what_was_changed_is_named_and_not_published(folder: Path, tmp_path: Path) -> None:
    path = folder / "evidence" / "items-000001.jsonl"
    text = path.read_text()
    path.write_text(text.replace('"population":3', '"population":4', 1))
    said = run(folder, "verify")
    line = text[: text.index('"population":3')].count("\n") + 1
    assert f"Wrong: items-000001.jsonl, line {line} (item {line - 1}): it is not what" in said
    assert said.endswith("(exit 1)\n")
    plain = json.loads(body(run(folder, "verify", "--format", "json")))
    assert plain["whole"] is False
    assert plain["wrong"][0]["index"] == line - 1
    said = run(folder, "publish", "--to", str(tmp_path))
    assert "The log is not whole" in said
    assert said.endswith("(exit 2)\n")
    assert list(tmp_path.glob("head-*")) == []


def test_publish_and_verify_against_it(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "heads"
    place.mkdir()
    said = run(folder, "publish", "--to", str(place), "--to", str(tmp_path / "heads.jsonl"))
    assert said.endswith("(exit 0)\n")
    both = ("--against", str(place), "--against", str(tmp_path / "heads.jsonl"))
    said = run(folder, "verify", *both)
    assert "2 published heads are its beginning" in said
    assert "would look the same" not in said
    plain = json.loads(body(run(folder, "publish", "--to", str(place), "--format", "json")))
    copy = shutil.copytree(folder / "evidence", tmp_path / "copy")
    shutil.rmtree(Path(copy) / "keys")
    said = run(folder, "verify", "--log", str(copy), "--key-id", plain["key"], *both)
    assert said.endswith("(exit 0)\n")
    said = run(folder, "verify", "--log", str(copy), "--key-id", "0" * 64)
    assert "public.pem: its key is" in said
    assert said.endswith("(exit 1)\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say where to."),
        (("--write-s3", "s3://b/p"), "belong together"),
        (("--timestamp", "https://example.org"), "belong together"),
        (("--to", "x", "--push", "origin"), "--push needs --git."),
    ],
)
def test_half_an_order_is_refused(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    found = run(folder, "publish", *arguments)
    assert said in found
    assert found.endswith("(exit 2)\n")


def test_a_lake_that_is_gone_is_incomplete(folder: Path) -> None:
    shutil.rmtree(folder / "lake" / "scans")
    said = run(folder, "verify")
    assert "Not checked: 2 scans not in the lake" in said
    assert said.endswith("(exit 3)\n")
    assert run(folder, "verify", "--log-only").endswith("(exit 0)\n")


def test_periods_end_with_their_verdict(folder: Path) -> None:
    ask = ("period", "--from", "2026-11-01", "--to", "2026-11-08", "--check")
    said = run(folder, *ask, "s3/bucket_versioning_on")
    assert "did not" in said
    assert said.endswith("(exit 1)\n")
    said = run(folder, *ask, "sqs/queue_encrypted")
    assert "cannot be shown" in said
    assert said.endswith("(exit 3)\n")
    plain = json.loads(body(run(folder, *ask, "s3/bucket_versioning_on", "--format", "json")))
    assert plain["verdict"] == "did not"
    assert len(plain["checks"][0]["looks"]) == 2
    closed = plain["checks"][0]["exceptions"][0]
    assert (closed["resource"], closed["state"]) == ("arn:aws:s3:::ledger", "closed")
    duty = json.loads(body(run(
        folder, "period", "--duty", "data.exposure", "--from", "2026-10-01", "--to", "2026-11-30",
        "--samples", "1", "--seed", "x", "--format", "json",
    )))
    assert len(duty["drawn"]) == 1
    assert duty["checks"][0]["gaps"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2026-11-02", "--to", "2026-11-01", "--duty", "x"), "--to is before --from"),
        (("--from", "2026-11-01", "--to", "2026-11-01"), "Ask about one thing."),
        (("--from", "2026-11-01", "--to", "2026-11-01", "--duty", "a", "--check", "b"),
         "Ask about one thing."),
        (("--from", "2026-11-01", "--to", "2026-11-01", "--control", "AC-2"), "is no control"),
    ],
)
def test_a_period_of_nothing_is_refused(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in run(folder, "period", *arguments)


def test_without_a_log_the_way_to_one_is_told(tmp_path: Path) -> None:
    for verb in ("list", "verify"):
        said = run(tmp_path, verb)
        assert "There is no evidence log" in said
        assert "sharedline evidence record" in said
        assert said.endswith("(exit 2)\n")


def test_a_log_begun_with_nothing_to_record_is_said_to_be_empty(tmp_path: Path) -> None:
    assert run(tmp_path, "record").endswith("(exit 0)\n")
    said = run(tmp_path, "verify")
    assert "Not checked: the log is empty" in said
    assert said.endswith("(exit 3)\n")
