"""What a benchmark says of the machine, and how it measures a command with all its processes."""

from __future__ import annotations

import atexit
import functools
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Seconds between two looks at the memory of a command's processes.
LOOK = 0.1


def describe() -> str:
    """Cores, load average and Python: figures mean little without them."""
    one, five, _ = os.getloadavg()
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, load {one:.1f} (5 min {five:.1f}), Python {platform.python_version()}"


@dataclass(frozen=True)
class Usage:
    """What a command took: seconds on the clock and of CPU, and peak memory of all processes.

    `pss` shares pages between the processes that map them; `rss` counts them for each. `several`
    is the peak of `pss` while the command had processes of its own at work.
    """

    wall: float
    cpu: float
    pss: float
    rss: float
    code: int
    out: str
    several: float = 0.0

    def __str__(self) -> str:
        return (
            f"wall {self.wall:.2f} s, CPU {self.cpu:.2f} s, "
            f"peak {self.pss:.0f} MB (PSS; {self.rss:.0f} MB RSS) over all processes"
        )


def measure(command: Sequence[str], env: Mapping[str, str] | None = None) -> Usage:
    """Runs a command to its end and measures it with every process that it starts.

    It starts as an installed product does, with bytecode at hand: where the environment forbids
    Python to keep any, each process would compile all it imports anew (0.4 s of CPU).
    """
    given = dict(os.environ if env is None else env)
    if given.pop("PYTHONDONTWRITEBYTECODE", ""):
        given.setdefault("PYTHONPYCACHEPREFIX", _bytecode())
    started = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        command, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    peak = _Peak(process.pid)
    watch = threading.Thread(target=peak.watch, daemon=True)
    watch.start()
    out, _ = process.communicate()
    wall = time.monotonic() - started
    peak.over.set()
    watch.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Usage(wall, cpu, peak.pss, peak.rss, process.returncode, out, peak.several)


@functools.cache
def _bytecode() -> str:
    folder = tempfile.mkdtemp(prefix="sharedline-bench-bytecode-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def python(*arguments: str) -> list[str]:
    """A command that runs this Python."""
    return [sys.executable, *arguments]


class _Peak:
    """The highest sum of memory over a process and its descendants."""

    def __init__(self, root: int) -> None:
        self.root, self.pss, self.rss, self.several = root, 0.0, 0.0, 0.0
        self.over = threading.Event()

    def watch(self) -> None:
        while not self.over.wait(LOOK):
            pss = rss = 0
            tree = _tree(self.root)
            for pid in tree:
                one, two = _memory(pid)
                pss, rss = pss + one, rss + two
            self.pss, self.rss = max(self.pss, pss / 1024), max(self.rss, rss / 1024)
            if any(_spawned(pid) for pid in tree):
                self.several = max(self.several, pss / 1024)


def _tree(root: int) -> list[int]:
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:  # it has ended meanwhile
            continue
    return found


def _spawned(pid: int) -> bool:
    """Whether a process was started by multiprocessing to work (its resource tracker was not)."""
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _memory(pid: int) -> tuple[int, int]:
    """PSS and RSS of one process in kB; nothing of one that has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0, 0
    values = {"Pss:": 0, "Rss:": 0}
    for line in text.splitlines():
        name, _, rest = line.partition(" ")
        if name in values:
            values[name] = int(rest.split()[0])
    return values["Pss:"], values["Rss:"]
