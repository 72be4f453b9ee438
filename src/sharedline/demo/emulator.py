"""Starts, steers and stops the local AWS emulator, which runs in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from sharedline.demo.rules import Deny, Throttle
from sharedline.errors import Error

# What example estates attach; "*" gives all that moto knows.
MANAGED_POLICIES = (
    "AdministratorAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "ViewOnlyAccess",
    "IAMFullAccess",
    "IAMUserChangePassword",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonEC2FullAccess",
    "AmazonSSMManagedInstanceCore",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AmazonEKSClusterPolicy",
    "AmazonEKSWorkerNodePolicy",
    "AmazonECSTaskExecutionRolePolicy",
    "AWSSupportAccess",
    "AWS_ConfigRole",
    "CloudWatchLogsFullAccess",
)


class Emulator:
    """A running emulator; ends with the `with` block, with `stop()` or with this process."""

    def __init__(self, url: str, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self.url = url
        self.process = process
        self._log = log

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process; a second call does nothing."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()

    def reset(self) -> None:
        """Forget every resource; fixtures and rules stay."""
        self._post("/moto-api/reset")

    def seed(self, number: int) -> None:
        """Make the ids of what is created from here on the same each time."""
        self._post(f"/moto-api/seed?a={number}")

    def rules(self, deny: Iterable[Deny] = (), throttle: Iterable[Throttle] = ()) -> None:
        """Replace the rules in force; with no argument nothing is refused any more."""
        self._post("/sharedline/rules", _rules(deny, throttle))

    def fixtures(self, folder: Path | None) -> None:
        """Replace the fixtures; a folder that does not check leaves the old ones in force."""
        self._post("/sharedline/fixtures", {"folder": str(folder.resolve()) if folder else None})

    def log(self) -> str:
        """What the process wrote: the tracebacks of moto, if any."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def _post(self, path: str, data: Any = None) -> None:
        body = b"" if data is None else json.dumps(data).encode()
        headers = {"Content-Type": "application/json"}
        # S310 warns of file: addresses; ours is always http.
        request = urllib.request.Request(self.url + path, body, headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60):  # noqa: S310
                return
        except urllib.error.HTTPError as error:
            said = json.load(error)
            raise Error(said["message"], said["advice"]) from error


def start(
    fixtures: Path | None = None,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    deny: Iterable[Deny] = (),
    throttle: Iterable[Throttle] = (),
    clock: datetime | None = None,
    seed: int | None = None,
    managed_policies: Iterable[str] = MANAGED_POLICIES,
    timeout: float = 60,
) -> Emulator:
    """Start an emulator and wait until it answers.

    `clock` is the moment that relative times in fixtures refer to, now if left out.
    """
    config = {
        "fixtures": str(fixtures.resolve()) if fixtures else None,
        "port": port,
        "host": host,
        "now": (clock or datetime.now(UTC)).astimezone(UTC).isoformat(),
        "managed_policies": list(managed_policies),
        **_rules(deny, throttle),
    }
    log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - the emulator closes it
    process = subprocess.Popen(
        [sys.executable, "-m", "sharedline.demo.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
    )
    emulator = Emulator("", process, log)
    try:
        emulator.url = f"http://{host}:{_port(process, config, emulator, timeout)}"
        if seed is not None:
            emulator.seed(seed)
    except BaseException:
        emulator.stop()
        raise
    return emulator


def _port(
    process: subprocess.Popen[bytes], config: dict[str, Any], emulator: Emulator, timeout: float
) -> int:
    """Hand over the configuration; the port, once the process listens."""
    to_child, from_child = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    killer = threading.Timer(timeout, process.kill)
    killer.start()
    try:
        to_child.write(json.dumps(config).encode() + b"\n")
        to_child.flush()
        line = from_child.readline()
    except BrokenPipeError:
        line = b""
    finally:
        killer.cancel()
        from_child.close()
    if not line:
        process.wait()
        said = emulator.log().strip().splitlines() or ["nothing"]
        raise Error(
            f"The local AWS emulator ended before it was ready; its last word: {said[-1]}",
            f"It has {timeout:g} s to start; if the machine is busy, try again.",
        )
    answer = json.loads(line)
    if "error" in answer:
        raise Error(answer["error"], answer["advice"])
    return int(answer["port"])


def _rules(deny: Iterable[Deny], throttle: Iterable[Throttle]) -> dict[str, Any]:
    return {
        "deny": [asdict(rule) for rule in deny],
        "throttle": [asdict(rule) for rule in throttle],
    }
