"""Lakes that are newer, damaged, half-written, or written to by two at once."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from sharedline.inventory.lake import Lake, LakeError


def _scanned(scanning: Any, tmp_path: Path) -> Path:
    assert scanning().code == 1
    (manifest,) = (tmp_path / "lake" / "scans").glob("*/manifest.json")
    return manifest


@pytest.fixture
def manifest(aws: Any, scanning: Any, tmp_path: Path) -> Path:
    """The manifest of a finished scan in `tmp_path/lake`."""
    return _scanned(scanning, tmp_path)


def test_a_newer_lake_is_left_alone(manifest: Path, scanning: Any, cli: Any, tmp_path: Path) -> None:
    data = json.loads(manifest.read_text()) | {"lake_version": 99, "version": "9.1"}
    manifest.write_text(json.dumps(data))
    before = sorted((tmp_path / "lake").rglob("*"))
    for arguments in (("matrix",), ("gaps",), ("findings",), ("scans",), ("report",)):
        ended = cli(*arguments, "--dir", tmp_path)
        assert ended.code == 2, arguments
        assert "written by a newer Sharedline (9.1)" in ended.err
        assert "Upgrade" in ended.err
    ended = scanning()
    assert ended.code == 2
    assert "newer Sharedline" in ended.err
    assert sorted((tmp_path / "lake").rglob("*")) == before


@pytest.mark.parametrize(
    "text", ["", '{"id": "2026', "[]", "null", "{}", '{"lake_version": "x"}'], ids=repr
)
def test_a_half_written_manifest(tmp_path: Path, cli: Any, text: str) -> None:
    path = tmp_path / "lake" / "scans" / "20261121T000000Z-aaaaaa" / "manifest.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    ended = cli("matrix", "--dir", tmp_path)
    assert ended.code == 2
    assert "20261121T000000Z-aaaaaa" in ended.err
    assert "elete the scan's folder" in ended.err
    assert path.read_text() == text


def test_a_manifest_whose_file_is_gone_or_cut(manifest: Path, cli: Any, tmp_path: Path) -> None:
    (path,) = (tmp_path / "lake" / "findings").rglob("cell.parquet")
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", None):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        ended = cli("matrix", "--dir", tmp_path)
        assert ended.code == 2
        assert "cannot be read" in ended.err
        assert "scan again" in ended.err


def _interrupted(aws: Any, scanning: Any, tmp_path: Path) -> list[Path]:
    aws.refuse("sqs.ListQueues", code="ExpiredToken")
    assert scanning().code == 2
    aws.mend()
    return sorted((tmp_path / "lake" / "scans").glob("*/journal/*.json"))


@pytest.mark.parametrize("text", ["", '{"s3_bucket": {"sta', "[]", '{"s3_bucket": 3}'])
def test_a_half_written_journal_is_read_again(
    aws: Any, scanning: Any, whole: Any, tmp_path: Path, text: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("sharedline.collect.run.TABLES", 1)
    journals = _interrupted(aws, scanning, tmp_path)
    assert journals
    for path in journals:
        path.write_text(text)
    assert scanning("--resume").code == 1
    assert aws.made["sns.ListTopics"] == 1
    assert aws.made["s3.ListBuckets"] == 1


def test_a_finished_file_that_was_lost_is_read_again(
    aws: Any, scanning: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("sharedline.collect.run.TABLES", 1)
    _interrupted(aws, scanning, tmp_path)
    files = sorted((tmp_path / "lake" / "inventory").rglob("*.parquet"))
    assert files
    files[0].write_bytes(b"PAR1 half")
    for path in files[1:]:
        path.unlink()
    assert scanning("--resume").code == 1
    (made,) = Lake(str(tmp_path / "lake")).scans()
    for entry in made.data["files"]:
        path = tmp_path / "lake" / entry["path"]
        assert Lake(str(tmp_path / "lake")).entry(str(path), entry["rows"])["sha256"] == (
            entry["sha256"]
        )


def test_a_damaged_plan(tmp_path: Path, scanning: Any, aws: Any) -> None:
    path = tmp_path / "lake" / "scans" / "20261121T000000Z-aaaaaa" / "plan.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    ended = scanning("--resume")
    assert ended.code == 2
    assert "plan.json is damaged" in ended.err


def test_a_scan_under_way_cannot_be_resumed(aws: Any, scanning: Any, tmp_path: Path) -> None:
    _interrupted(aws, scanning, tmp_path)
    lake = Lake(str(tmp_path / "lake"))
    (scan,) = lake.unfinished()
    with lake.locked(scan):
        ended = scanning("--resume")
        assert ended.code == 2
        assert "is being made by another process" in ended.err
    assert scanning("--resume").code == 1


def test_a_lock_ends_with_whoever_held_it(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    with lake.locked("a"):
        assert lake.busy("a")
        assert not lake.busy("b")
        with pytest.raises(LakeError, match="another process"), lake.locked("a"):
            pass
    assert not lake.busy("a")


def test_two_scans_at_once(aws: Any, tmp_path: Path, whole: Any) -> None:
    """Each keeps files, journals and a manifest of its own; readers see both, whole."""
    import boto3

    from sharedline import scan

    from .conftest import CHECKS, REGION

    found: dict[int, Any] = {}
    wrong: list[BaseException] = []

    def one(number: int, session: boto3.Session) -> None:
        try:
            found[number] = scan(session, regions=(REGION,), checks=CHECKS, processes=0,
                                 rate=50.0, lake=tmp_path / "lake")
        except BaseException as error:  # noqa: BLE001 told below, in the test's own thread
            wrong.append(error)

    threads = [threading.Thread(target=one, args=(n, boto3.Session())) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len({s.id for s in found.values()}) == 2
    for done in found.values():
        assert {(f.check, f.resource): f.ok for f in done.findings()} == whole


def test_a_folder_that_may_not_be_written(tmp_path: Path, scanning: Any, aws: Any) -> None:
    (tmp_path / "lake").write_text("a file where the lake should be")
    ended = scanning()
    assert ended.code == 2
    assert "could not be written" in ended.err
    assert (tmp_path / "lake").read_text() == "a file where the lake should be"


def test_a_lake_of_a_kind_that_is_not_installed(tmp_path: Path, cli: Any) -> None:
    ended = cli("scan", "--dir", tmp_path, "--lake", "nosuch://bucket/lake", "--processes", 0)
    assert ended.code == 2
    assert "nosuch://bucket/lake cannot be opened" in ended.err
