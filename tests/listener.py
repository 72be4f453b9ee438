"""An HTTP server of a test's own, that keeps what it is sent and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Gives status, headers and body for a method, a path and what was sent.
Answer = Callable[[str, str, Any], tuple[int, dict[str, str], bytes]]


def fine(method: str, path: str, sent: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, b"{}"


@dataclass
class Listener:
    """Where it listens, what came, and how it answers from now on."""

    port: int = 0
    got: list[Any] = field(default_factory=list)
    answer: Answer = fine
    #: Set when a request has come; a request waits for `go`.
    came: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def listening() -> Iterator[Listener]:
    kept = Listener()
    kept.go.set()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            sent = json.loads(body) if body else None
            kept.headers.append(dict(self.headers))
            kept.got.append(sent)
            kept.came.set()
            kept.go.wait(60)
            status, headers, answer = kept.answer(self.command, self.path, sent)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True  # whoever asked has gone

        do_GET = do_POST = do_PUT = _any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        kept.go.set()
        server.shutdown()
        server.server_close()
        thread.join()
