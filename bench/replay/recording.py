"""Records what the example estate answers to a scan of every Region, once; starts the server."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore

import sharedline
from bench.machine import python

REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1",
    "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2",
    "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)
FOLDER = Path(__file__).parent.parent / "recordings"
#: The account that the base credentials belong to, and the role in all the others.
ROLE = "SharedlineScan"


@dataclass
class Server:
    """A running server of `bench.replay.server`."""

    url: str

    def ask(self, path: str) -> dict[str, Any]:
        """What `/bench/<path>` answers."""
        with urllib.request.urlopen(f"{self.url}/bench/{path}", timeout=120) as answer:  # noqa: S310
            return dict(json.load(answer))


@contextmanager
def serving(**config: Any) -> Iterator[Server]:
    """A server as long as the `with` block lasts."""
    process = subprocess.Popen(
        python("-m", "bench.replay.server"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=Path(__file__).parent.parent.parent,
    )
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps(config) + "\n")
        process.stdin.flush()
        port = process.stdout.readline().strip()
        yield Server(f"http://127.0.0.1:{port}")
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


def scan_command(url: str, folder: Path, *more: str, regions: Sequence[str] = REGIONS) -> list[str]:
    """The scan that is recorded and replayed: the whole organisation, all its Regions."""
    return python("-m", "sharedline", "scan", "--dir", str(folder), "--endpoint-url", url,
                  "--regions", ",".join(regions), *more)


def organisation() -> tuple[str, ...]:
    """The options that read every account of the estate."""
    return ("--org", "--org-role", ROLE)


def credentials() -> dict[str, str]:
    """The environment of a scan: the emulator takes any key for the management account's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return {**kept, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_EC2_METADATA_DISABLED": "true",
            # Compiled once, as where Sharedline is installed.
            "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(FOLDER / "pycache"),
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def digest() -> str:
    """Changes with what is asked or answered: tables, checks, lines, the estate, botocore."""
    base = Path(sharedline.__file__).parent
    found = hashlib.sha256(botocore.__version__.encode())
    for folder in ("collect/tables", "demo", "checks", "duties"):
        for path in sorted((base / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(path.read_bytes())
    return found.hexdigest()[:16]


def recording() -> Path:
    """The recording of the estate as it is now; made if there is none (some minutes of CPU)."""
    given = os.environ.get("BENCH_RECORDING")
    path = Path(given) if given else FOLDER / f"estate-{digest()}.ndjson.gz"
    if not path.is_file():
        path.parent.mkdir(exist_ok=True)
        record(path)
    return path


def record(path: Path) -> None:
    """Scans the example estate on its emulator through a server that keeps every answer."""
    from sharedline.demo.emulator import start
    from sharedline.demo.estate.answers import refresh
    from sharedline.demo.estate.whole import SEED, build

    print("  recording the example estate (once, several minutes) …", flush=True)
    with tempfile.TemporaryDirectory() as scratch, start(seed=SEED) as emulator:
        estate = build(emulator.url)
        now = datetime.now(UTC)
        refresh(emulator, estate, Path(scratch) / "fixtures", now, now)
        host, _, port = emulator.url.removeprefix("http://").partition(":")
        partial = path.with_suffix(".partial")
        with serving(host=host, upstream=port, into=str(partial)) as server:
            folder = Path(scratch) / "scan"
            folder.mkdir()
            command = scan_command(server.url, folder, *organisation(), "--processes", "1",
                                   "--rate", "100")
            done = subprocess.run(command, env=credentials(), capture_output=True, text=True,
                                  check=False)
            if done.returncode not in (0, 1, 3):
                raise SystemExit(f"The recording scan failed:\n{done.stderr}")
            server.ask("save")
        shutil.move(partial, path)
