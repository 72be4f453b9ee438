"""The time to the first answer: `--help`, and `matrix` on a finished scan of the example estate."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.machine import Usage, measure, python
from bench.replay.recording import (
    FOLDER,
    credentials,
    organisation,
    recording,
    scan_command,
    serving,
)

TIMES = 5


def best(*arguments: str) -> Usage:
    """The quickest of a few runs: the others measure the neighbours."""
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(FOLDER / "pycache")}
    runs = [measure(python("-m", "sharedline", *arguments), env=env) for _ in range(TIMES)]
    failed = [run for run in runs if run.code not in (0, 1, 3)]
    if failed:
        raise SystemExit(f"sharedline {' '.join(arguments)} failed:\n{failed[0].out}")
    return min(runs, key=lambda run: run.wall)


def main() -> None:
    """Prints the best of a few runs of each command."""
    print(f"  --help: {best('--help')} (at most 0.3 s)")
    path = recording()
    with tempfile.TemporaryDirectory() as folder:
        with serving(recordings=[str(path)]) as server:
            command = scan_command(server.url, Path(folder), *organisation())
            scan = measure(command, env=credentials())
        if scan.code not in (0, 1, 3):
            raise SystemExit(f"The scan failed:\n{scan.out}")
        print(f"  matrix: {best('matrix', '--dir', folder)} (at most 1.5 s)")
        for verb in ("gaps", "findings", "report"):
            print(f"  {verb}: {best(verb, '--dir', folder)}")
