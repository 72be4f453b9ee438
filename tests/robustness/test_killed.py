"""Processes that are killed: the scan can be gone on with, and no orphan goes on calling AWS."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from sharedline.collect.processes import COPIES
from sharedline.demo.emulator import Emulator, start
from sharedline.inventory.lake import Lake

from .conftest import REGION, executable


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with start() as running:
        for region in (REGION, "eu-west-1"):
            sqs = boto3.client("sqs", region_name=region, endpoint_url=running.url,
                               aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x")
            for number in range(40):
                sqs.create_queue(
                    QueueName=f"q{number}", Attributes={"SqsManagedSseEnabled": "false"}
                )
        yield running


def _start(folder: Path, url: str, *more: str, rate: str = "0.2") -> subprocess.Popen[str]:
    """A scan slow enough to be killed: its budgets are a fifth of the usual."""
    env = {**os.environ, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x",
           "AWS_EC2_METADATA_DISABLED": "true", "COLUMNS": "120"}
    return subprocess.Popen(
        [*executable(), "scan", "--dir", str(folder), "--endpoint-url", url, "--regions",
         f"{REGION},eu-west-1", "--checks", "sqs/*,sns/*", "--processes", "2", "--rate", rate,
         *more],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )


def _until(true: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def _children(pid: int) -> list[int]:
    """The collecting processes: those that run our code, not Python's resource tracker."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            line = (path.parent / "cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            continue
        if parent == pid and b"spawn_main" in line:
            found.append(int(path.parent.name))
    return found


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _journals(folder: Path) -> list[Path]:
    return sorted((folder / "lake" / "scans").glob("*/journal/*.json"))


pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def test_a_collecting_process_is_killed(emulator: Emulator, tmp_path: Path) -> None:
    running = _start(tmp_path, emulator.url, "--processes", "1")
    try:
        _until(lambda: _journals(tmp_path))
        os.kill(_until(lambda: _children(running.pid))[0], signal.SIGKILL)
        _, err = running.communicate(timeout=120)
    finally:
        running.kill()
    assert running.returncode == 3, err
    assert "A collecting process died" in err
    assert "sharedline scan --resume" in err
    assert "Traceback" not in err
    assert Lake(str(tmp_path / "lake")).scans() == []
    _goes_on(tmp_path, emulator.url)


def _copies(pid: int) -> list[int]:
    """The collecting processes that are copies of the first."""
    return [copy for first in _children(pid) for copy in _children(first)]


@pytest.mark.skipif(not COPIES, reason="each process is started on its own here")
def test_a_copy_of_the_collecting_process_is_killed(emulator: Emulator, tmp_path: Path) -> None:
    running = _start(tmp_path, emulator.url)
    try:
        os.kill(_until(lambda: _copies(running.pid))[0], signal.SIGKILL)
        _, err = running.communicate(timeout=120)
    finally:
        running.kill()
    assert "Traceback" not in err
    if running.returncode == 1:  # killed before it had taken anything: the other has read all
        assert not Lake(str(tmp_path / "lake")).scans()[0].incomplete
        return
    assert running.returncode == 3, err
    assert "A collecting process died" in err
    _goes_on(tmp_path, emulator.url)


def test_the_scan_itself_is_killed(emulator: Emulator, tmp_path: Path) -> None:
    running = _start(tmp_path, emulator.url)
    try:
        _until(lambda: _journals(tmp_path))
        children = _until(lambda: _children(running.pid)) + _copies(running.pid)
    finally:
        running.kill()
        running.communicate(timeout=60)
    _until(lambda: not any(_alive(pid) for pid in children), 20)
    lake = Lake(str(tmp_path / "lake"))
    assert lake.scans() == []
    assert len(lake.unfinished()) == 1
    _goes_on(tmp_path, emulator.url)


def _goes_on(folder: Path, url: str) -> None:
    again = _start(folder, url, "--resume", rate="20")
    _, err = again.communicate(timeout=120)
    assert again.returncode == 1, err
    assert "Going on with scan" in err
    (manifest,) = Lake(str(folder / "lake")).scans()
    assert not manifest.incomplete
    queues = [f for f in manifest.data["files"] if f["table"] == "sqs_queue"]
    assert sum(f["rows"] for f in queues) == 80
    assert Lake(str(folder / "lake")).unfinished() == []


def test_interrupted_by_hand(emulator: Emulator, tmp_path: Path) -> None:
    running = _start(tmp_path, emulator.url, "--processes", "0")
    try:
        _until(lambda: _journals(tmp_path))
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 130, err
    assert "interrupted" in err
    assert "--resume" in err
    assert "Traceback" not in err
    _goes_on(tmp_path, emulator.url)
