"""A real server process over a project, for the benchmarks of pages, and what it used."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Served:
    """A server that listens: `http://host:port` without a slash behind it, and its process."""

    address: str
    pid: int

    @property
    def port(self) -> int:
        """The port it listens on."""
        found = urlsplit(self.address).port
        assert found is not None
        return found

    def _pids(self) -> list[int]:
        found, more = [], [self.pid]
        while more:
            pid = more.pop()
            found.append(pid)
            told = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
            more += map(int, told.split())
        return found

    def cpu(self) -> float:
        """Seconds of CPU that its processes have used so far."""
        used = 0
        for pid in self._pids():
            fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """The most memory that each of its processes has held, together, in MB."""
        texts = [Path(f"/proc/{pid}/status").read_text("ascii") for pid in self._pids()]
        return sum(int(text.split("VmHWM:")[1].split()[0]) for text in texts) // 1024


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serves the project in a folder on a free port until the block is left.

    With as many processes as `BENCH_PROCESSES` says, or as users get.
    """
    command = [sys.executable, "-m", "sharedline", "serve", "--dir", str(folder), "--port", "0"]
    command += ["--processes", os.environ.get("BENCH_PROCESSES", "0")]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Served(_address(process), process.pid)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # a stream held open
                process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Listening") and (found := re.search(r"http://[^/\s]+", line)):
            return found[0]
    raise RuntimeError("the server did not start")
