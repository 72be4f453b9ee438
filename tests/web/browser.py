"""A real browser on pages that a real server process serves; what it complains of fails the test."""

from __future__ import annotations

import os
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: Told to the page before anything else runs in it.
_WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', e =>
  window.__violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Server:
    """`sharedline serve` as a process of its own; it can be killed and started again."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None
    processes: int = 1
    #: A certificate of 127.0.0.1 and its key, to speak TLS.
    tls: tuple[Path, Path] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        command = [sys.executable, "-m", "sharedline", "serve", "--dir", str(self.folder)]
        if self.tls:
            command += ["--certificate", str(self.tls[0]), "--key", str(self.tls[1])]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--processes", str(self.processes)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if line.startswith("Listening on"):
                self.port = int(line.split("127.0.0.1:")[1].split("/")[0])
                break
        else:
            raise AssertionError("the server ended before it listened")
        trusted = ssl.create_default_context(cafile=self.tls[0]) if self.tls else True
        assert httpx2.get(f"{self.url}/health", timeout=60, verify=trusted).status_code == 200

    def kill(self) -> None:
        """Ends it as a loss of power would."""
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            assert self.process.stderr is not None
            self.process.stderr.close()
            self.process = None


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """A server over a project."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.end(signal.SIGKILL)


@dataclass
class Watched:
    """A page whose complaints are kept: errors of scripts, refusals by the policy, the console."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        # A lost connection is told in the console by the browser itself.
        if (
            message.type == "error"
            and "ERR_" not in message.text
            and "Failed to load" not in (message.text)
        ):
            self.complaints.append(f"console: {message.text}")

    def check(self, *, axe: bool = True) -> None:
        """Fails where anything was refused or complained of, or where axe-core finds a fault."""
        violations = self.page.evaluate("window.__violations || []")
        assert violations == [], self.page.url
        assert self.complaints == [], self.page.url
        if axe:
            told = [
                f"{v['id']} ({v['impact']}): {v['help']}\n  "
                + "\n  ".join(n["html"][:160] for n in v["nodes"][:5])
                for v in Axe().run(self.page).response["violations"]
            ]
            assert not told, f"{self.page.url}\n" + "\n".join(told)


def watched(context: BrowserContext) -> Watched:
    """A new page of a browser's context, watched from its first moment."""
    context.add_init_script(_WATCH)
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")  # half faded in, a text has too little contrast
    return Watched(page)


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    """Signs in as a person would."""
    page.goto(f"{url}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda where: "/sign-in" not in where)
