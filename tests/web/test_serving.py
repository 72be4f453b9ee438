"""The server as a process: where it listens, what it says, how it ends."""

from __future__ import annotations

import io
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from tests.web.browser import served

from sharedline.errors import Error
from sharedline.people import accounts
from sharedline.project import open_project
from sharedline.state.database import Database
from sharedline.web import serving


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
