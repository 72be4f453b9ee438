"""The emulator's own process: prepares moto, puts the layer in front of it and serves.

The parent writes one line of JSON to standard input and keeps the pipe open; the first line of
standard output says the port or what went wrong. When the pipe closes, this process ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from datetime import datetime
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

from sharedline.demo.fixtures import load
from sharedline.demo.shapes import relative
from sharedline.errors import Error

ADVICE = "Install it with: pip install 'sharedline[demo]'"
SETTINGS = {
    # Left alone, moto loads them for every account and each of its eight partitions.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_DISABLE_GLOBAL_CORS": "true",
    # Certificates are issued at once rather than after a minute.
    "MOTO_ACM_VALIDATION_WAIT": "0",
}


def main() -> None:
    """Serve until the parent ends or closes the pipe."""
    ready = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # moto prints; what it prints must not be taken for the first line.
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when a Ctrl-C ends us
    config = json.loads(sys.stdin.buffer.readline())
    _die_with_parent(sys.stdin.buffer)
    try:
        server = prepare(config)
    except Error as error:
        print(json.dumps({"error": error.message, "advice": error.advice}), file=ready, flush=True)
        sys.exit(2)
    print(json.dumps({"port": server.server_port}), file=ready, flush=True)
    ready.close()
    server.serve_forever()


def prepare(config: dict[str, Any]) -> Any:
    """The listening server, with fixtures checked before moto's slow import."""
    now = datetime.fromisoformat(config["now"])
    fixtures = load(Path(config["fixtures"]) if config["fixtures"] else None, now)
    for name in [name for name in os.environ if name.startswith("MOTO_")]:
        del os.environ[name]
    os.environ.update(SETTINGS)
    try:
        from moto.moto_server.werkzeug_app import MotoRequestHandler
        from werkzeug.serving import make_server

        from sharedline.demo.layer import Layer, moto_application, rules_of
    except ImportError as error:
        problem = f"The local AWS emulator needs moto, which is not installed ({error})."
        raise Error(problem, ADVICE) from error
    _configure_moto(config["managed_policies"])
    _load_images(now)

    class Handler(MotoRequestHandler):  # type: ignore[misc]
        # Headers and body leave in two writes: with Nagle's algorithm each answer takes 40 ms.
        disable_nagle_algorithm = True

        def log_request(self, *_: object, **__: object) -> None:
            """Say nothing about a request that was answered."""

    layer = Layer(moto_application(), fixtures, rules_of(config), now)
    try:
        server = make_server(
            config["host"], config["port"], layer, threaded=True, request_handler=Handler
        )
    except (OSError, SystemExit) as error:
        problem = f"The emulator cannot listen on {config['host']}:{config['port']}."
        raise Error(problem, "Choose another port, or 0 for any free one.") from error
    os.environ["MOTO_PORT"] = str(server.server_port)
    return server


def _configure_moto(policies: list[str]) -> None:
    import moto.iam.models
    from moto.core.config import default_user_config

    # Functions and jobs are described, never run, so no Docker is needed.
    default_user_config["lambda"]["use_docker"] = False
    default_user_config["batch"]["use_docker"] = False
    # All 1,582 policies cost 70 ms for each account and partition (measured 2026-11-21), and
    # GetAccountAuthorizationDetails would list every one of them.
    every = json.loads(moto.iam.models.aws_managed_policies_data)
    chosen = {
        name: policy
        for name, policy in every.items()
        if any(fnmatchcase(name, pattern) for pattern in policies)
    }
    moto.iam.models.aws_managed_policies_data = json.dumps(chosen)


def _load_images(now: datetime) -> None:
    """Have moto read our short list of public images, its ages turned into dates.

    By default it makes 1,300 images, each with a snapshot, for every account and Region.
    """
    images = json.loads(files("sharedline.demo").joinpath("amis.json").read_text("utf-8"))
    for image in images:
        image["creation_date"] = relative(image["creation_date"], now).isoformat()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "amis.json"
        path.write_text(json.dumps(images), "utf-8")
        os.environ["MOTO_AMIS_PATH"] = str(path)
        import moto.ec2.models.amis  # noqa: F401 - reads the file, once


def _die_with_parent(pipe: BinaryIO) -> None:
    """End when the pipe closes, or when we have been handed to another parent.

    The second is for a pipe that outlives the parent in a process that it forked.
    """
    parent = os.getppid()

    def until_closed() -> None:
        while pipe.read(1):
            pass
        os._exit(0)

    def until_orphaned() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(0)

    for watch in (until_closed, until_orphaned):
        threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main()
