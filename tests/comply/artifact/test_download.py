"""Documents from pre-signed URLs: of AWS alone, bounded, whole."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.comply.artifact.made import PDF

from sharedline.comply.artifact.download import NotADocumentError, download, ending
from sharedline.errors import Error, IncompleteError


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.partition("?")[0]
        self.send_response({"/gone": 403, "/moved": 302}.get(name, 200))
        if name == "/moved":
            self.send_header("Location", "/whole")
        body = b"x" * 5000 if name == "/large" else b"" if name == "/empty" else PDF
        longer = 10 if name == "/cut" else 0
        self.send_header("Content-Length", str(len(body) + longer))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_address[1]}"
        found.shutdown()


def test_bytes_come_whole(server: str) -> None:
    assert download(f"{server}/whole?X-Amz-Signature=1", endpoint=server) == PDF


@pytest.mark.parametrize(
    ("path", "says"),
    [("gone", "status 403"), ("moved", "status 302"), ("cut", "cut"), ("empty", "cut")],
)
def test_what_is_not_whole_is_refused(server: str, path: str, says: str) -> None:
    with pytest.raises(IncompleteError, match=says):
        download(f"{server}/{path}", endpoint=server)


def test_what_is_too_large_is_refused(server: str) -> None:
    with pytest.raises(IncompleteError, match="larger"):
        download(f"{server}/large", limit=4000, endpoint=server)


def test_nobody_there_is_an_error_of_ours(server: str) -> None:
    dead = "http://127.0.0.1:9"
    with pytest.raises(IncompleteError, match="cut"):
        download(f"{dead}/x", endpoint=dead)


@pytest.mark.parametrize(
    "url",
    [
        "http://s3.amazonaws.com/x",
        "https://example.com/x",
        "https://amazonaws.com.example.com/x",
        "https://xamazonaws.com/x",
        "https://user@s3.amazonaws.com/x",
        "https://s3.amazonaws.com:8443/x",
        "https://s3.amazonaws.com:port/x",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://[::1",
        "https://evil.com\\.amazonaws.com/x",
        "",
    ],
)
def test_elsewhere_is_never_asked(url: str) -> None:
    with pytest.raises(Error, match="not AWS's"):
        download(url)


def test_the_endpoint_s_host_alone_is_added(server: str) -> None:
    with pytest.raises(Error, match="not AWS's"):
        download("http://10.0.0.1/x", endpoint="http://10.0.0.1")
    with pytest.raises(Error, match="not AWS's"):
        download(f"{server}/whole", endpoint="http://127.0.0.1:1")


def test_a_pdf_and_a_zip_are_told() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a", "b")
    assert ending(PDF, "x") == "pdf"
    assert ending(b"\n\xef\xbb\xbf" + PDF, "x") == "pdf"
    assert ending(made.getvalue(), "x") == "zip"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 half", b"<html>", b"PK\x03\x04half", b"%%EOF"])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(NotADocumentError):
        ending(data, "x.pdf")
