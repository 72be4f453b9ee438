"""The server as a process: where it listens, what it says, how it ends."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from tests.web.browser import Server, served
from tests.web.rooms import up

from sharedline.errors import Error
from sharedline.people import accounts
from sharedline.project import open_project
from sharedline.state.database import Database
from sharedline.web import processes, serving


def _serve(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sharedline", "serve", "--dir", str(folder), *more]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


def test_it_serves_and_ends_when_told(folder: Path) -> None:
    with served(folder) as server:
        answer = httpx2.get(f"{server.url}/", follow_redirects=True)
        assert answer.url.path == "/sign-in"
        assert "server" not in answer.headers
        process = server.process
        assert process is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM)


def test_a_port_that_is_taken(folder: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        found = _serve(folder, "--port", str(port))
    assert found.returncode == 2
    assert "cannot be listened on" in found.stderr
    assert "Choose another --port" in found.stderr


def test_half_of_a_certificate(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("x")
    found = _serve(folder, "--certificate", str(tmp_path / "c.pem"))
    assert found.returncode == 2
    assert "go together" in found.stderr


def test_it_says_how_the_first_account_is_made(folder: Path) -> None:
    from sharedline.cli.serve import _first_admin

    project = open_project(folder)
    with pytest.MonkeyPatch.context() as patch:
        told: list[str] = []
        patch.setattr("click.echo", lambda text, err=False: told.append(text))
        patch.setattr("sys.stdin", io.StringIO())
        _first_admin(project)
    assert "sharedline users add NAME --role admin" in told[0]
    with closing(Database(project.database_url)) as database, database.read() as connection:
        assert accounts.people(connection) == []


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("me", False)],
)
def test_what_is_this_machine(host: str, local: bool) -> None:
    assert serving._local(host) is local


def test_an_address_that_is_none() -> None:
    with pytest.raises(Error, match="cannot be listened on"):
        serving._bound(serving.Listen(host="203.0.113.7", port=1))


def _answers(server: Server) -> int:
    with httpx2.Client(timeout=60) as client:  # a connection of its own each time
        return client.get(f"{server.url}/health").status_code


def _told(pid: int, name: str) -> bytes:
    """A file of /proc; empty where the process is gone, or waits to be buried."""
    try:
        ended = b") Z " in Path(f"/proc/{pid}/stat").read_bytes()
        return b"" if ended else Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _children(server: Server) -> set[int]:
    assert server.process is not None
    pid = server.process.pid
    found = map(int, _told(pid, f"task/{pid}/children").split())
    return {child for child in found if b"spawn_main" in _told(child, "cmdline")}


def _until(true: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc on this system")
def test_several_processes(folder: Path) -> None:
    with up(folder, processes=2) as server:
        assert _answers(server) == 200
        before = _children(server)
        assert len(before) == 2
        one = min(before)
        os.kill(one, signal.SIGKILL)  # another takes its place
        _until(lambda: len(_children(server) - before) == 1)
        assert _answers(server) == 200
        now = _children(server)
        server.kill()  # and none outlives the first
        _until(lambda: not any(_told(pid, "cmdline") for pid in now))
        with pytest.raises(httpx2.TransportError):
            _answers(server)


def test_how_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, wanted in ((1, 1), (2, 2), (64, processes.MOST)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=cores: set(range(n)), raising=False)
        assert processes.default() == wanted
