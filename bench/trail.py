"""Ingest of CloudTrail logs: events a CPU-second, memory, small files; 1 M events, 10 M if asked.

`SHARED_TRAIL_EVENTS=10000000` sets another number for the large run; `SHARED_TRAIL_DIR` keeps the
generated logs in a folder for the next time (making 1 M events takes a minute and a half).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import msgspec
from isal import igzip

from bench.machine import Usage, describe, measure, python
from bench.trail_events import files

EVENTS = int(os.environ.get("SHARED_TRAIL_EVENTS", "1000000"))
PER_FILE, SMALL_FILES, PER_SMALL = 5_000, 10_000, 20
#: The measures of the issue.
RATE, MEMORY = 80_000, 700


def _logs(name: str, events: int, per_file: int, base: Path) -> Path:
    folder = base / f"{name}-{events}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        made = sum(1 for _ in files(folder, events, per_file))
        (folder / "done.txt").write_text(str(made))
        (folder / "done.txt").rename(folder / "done")
    return folder


def _floor(folder: Path) -> tuple[float, int]:
    """CPU seconds of unpacking and parsing alone, and the bytes: what no ingest can be below."""
    started, size = time.process_time(), 0
    for path in folder.rglob("*.json.gz"):
        data = igzip.decompress(path.read_bytes())  # type: ignore[no-untyped-call]
        size += len(data)
        msgspec.json.decode(data, type=dict[str, list[dict[str, msgspec.Raw]]])
    return time.process_time() - started, size


def _ingest(folder: Path, lake: Path, processes: int) -> Usage:
    shutil.rmtree(lake, ignore_errors=True)
    command = python("-m", "sharedline", "trail", "ingest", str(folder), "--lake", str(lake))
    used = measure([*command, "--processes", str(processes)])
    assert used.code == 0, used.out
    return used


def _told(name: str, events: int, used: Usage, wanted: float) -> None:
    rate = events / used.cpu
    held = "holds" if rate >= wanted else "DOES NOT HOLD"
    print(f"{name}: {rate:,.0f} events per CPU-second (wanted {wanted:,.0f}: {held})")
    memory = "holds" if used.pss <= MEMORY else "DOES NOT HOLD"
    print(f"  {used}; wanted at most {MEMORY} MB: {memory}", flush=True)


def main() -> None:
    """Makes the logs, ingests them and prints the figures."""
    kept = os.environ.get("SHARED_TRAIL_DIR")
    with tempfile.TemporaryDirectory(prefix="sharedline-bench-") as scratch:
        base = Path(kept or scratch)
        lake = Path(scratch) / "lake"
        large = _logs("large", EVENTS, PER_FILE, base)
        small = _logs("small", SMALL_FILES * PER_SMALL, PER_SMALL, base)
        floor, size = _floor(large)
        print(f"{EVENTS:,} events, {size / EVENTS:,.0f} bytes each; unpack and parse alone take")
        print(f"  {floor:.1f} CPU-seconds now ({describe()})", flush=True)
        _ingest(small, lake, 2)  # unmeasured: it leaves bytecode and files in the system's memory
        for processes in (2, 1):
            used = _ingest(large, lake, processes)
            _told(f"{EVENTS:,} events, {processes} processes", EVENTS, used, RATE)
        again = measure(
            python("-m", "sharedline", "trail", "ingest", str(large), "--lake", str(lake))
        )
        assert again.code == 0, again.out
        print(f"the same folder again: {again}")
        used = _ingest(small, lake, 2)
        _told(f"{SMALL_FILES:,} files of {PER_SMALL}", SMALL_FILES * PER_SMALL, used, RATE / 2)
        print(describe())


if __name__ == "__main__":
    main()
