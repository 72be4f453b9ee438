"""A disk that fills up: what was read is kept, and the scan can be gone on with."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sharedline.inventory.lake import Lake, LakeError, TableWriter


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KB."""
    libc = ctypes.CDLL(None, use_errno=True)
    folder = tmp_path / "small"
    folder.mkdir()
    made = getattr(libc, "mount", None)
    if made is None or made(b"none", bytes(folder), b"tmpfs", 0, b"size=64k,nr_inodes=400") != 0:
        pytest.skip("a file system cannot be mounted here")
    try:
        yield folder
    finally:
        libc.umount2(bytes(folder), 2)


def test_a_full_file_system(
    aws: Any, cli: Any, scanning: Any, small: Path, tmp_path: Path, whole: Any
) -> None:
    ended = scanning("--lake", small / "lake")
    assert ended.code == 2
    assert "The disk is full" in ended.err or "could not be written" in ended.err
    assert "resume" in ended.err
    lake = Lake(str(small / "lake"))
    assert lake.scans() == []
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.mount(b"none", bytes(small), b"tmpfs", 32, b"size=64m") == 0  # 32: remount
    aws.mend()
    assert scanning("--lake", small / "lake", "--resume").code == 1
    (manifest,) = lake.scans()
    assert not manifest.incomplete
    from sharedline.project import open_project
    from sharedline.results import Results

    found = Results(lake, manifest, open_project(tmp_path)).findings()
    assert {(f.check, f.resource): f.ok for f in found} == whole


def _full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "place", ["plan.json", "s3_bucket", "journal", "findings", "manifest.json"]
)
def test_full_at_every_stage(
    aws: Any, scanning: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    from fsspec.implementations.local import LocalFileSystem

    real = LocalFileSystem.open
    with monkeypatch.context() as patch:
        patch.setattr(
            LocalFileSystem, "open",
            lambda fs, path, mode="rb", **more: (
                _full() if place in str(path) and "w" in mode else real(fs, path, mode, **more)
            ),
        )
        ended = scanning()
    assert ended.code == 2
    assert "The disk is full" in ended.err
    assert "sharedline scan --resume" in ended.err
    lake = Lake(str(tmp_path / "lake"))
    assert lake.scans() == []
    if place == "plan.json":
        assert lake.unfinished() == []
        return
    assert scanning("--resume").code == 1
    assert [m.incomplete for m in lake.scans()] == [False]
    assert list((tmp_path / "lake" / "scans").rglob("*.tmp")) == []


def test_a_table_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: Any) -> None:
    lake = Lake(str(tmp_path))
    writer = TableWriter(lake, f"{tmp_path}/t.parquet", {"arn": "string"})
    writer.add({"arn": "a"})
    with monkeypatch.context() as patch, pytest.raises(LakeError, match="The disk is full"):
        patch.setattr(pq.ParquetWriter, "write_table", _full)
        writer.close()
    assert list(tmp_path.iterdir()) == []
    writer.add({"arn": "a"})
    assert writer.close() is not None
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == [{"arn": "a"}]


def test_a_verb_that_writes_on_a_full_disk(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_text", _full)
    ended = cli("init", tmp_path / "project")
    assert ended.code == 2
    assert "No space left" in ended.err
    assert "Check the disk" in ended.err
