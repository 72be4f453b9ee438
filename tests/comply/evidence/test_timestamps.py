"""Time-stamps over heads, from an authority that openssl plays here."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.golden import shown
from tests.comply.evidence.made import item, log, log_files, store

from sharedline.comply.evidence import files
from sharedline.comply.evidence.item import EvidenceError
from sharedline.comply.evidence.store import Store
from sharedline.comply.evidence.timestamps import over_http, stamp, stamps
from sharedline.comply.evidence.verify import verify

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="there is no openssl command")
CONFIG = """
[tsa]
default_tsa = here
[here]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
[extensions]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
"""
Send = Callable[[bytes], bytes]


def run(folder: Path, *arguments: str) -> None:
    assert OPENSSL is not None
    subprocess.run([OPENSSL, *arguments], cwd=folder, check=True, capture_output=True)


class Authority:
    """A root, a signer below it, and what answers a request."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "tsa.cnf").write_text(CONFIG)
        (folder / "serial").write_text("01\n")
        new = ("req", "-newkey", "rsa:2048", "-nodes", "-config", "/dev/null")
        run(folder, *new, "-x509", "-subj", "/CN=Root", "-days", "9", "-keyout", "root.key",
            "-out", "root.pem", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign")
        run(folder, *new, "-subj", "/CN=Clock", "-keyout", "tsa.key", "-out", "tsa.csr")
        run(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key",
            "-CAcreateserial", "-days", "9", "-out", "tsa.pem", "-extfile", "tsa.cnf",
            "-extensions", "extensions")
        self.roots = (folder / "root.pem").read_bytes()

    def send(self, request: bytes) -> bytes:
        (self.folder / "query.tsq").write_bytes(request)
        run(self.folder, "ts", "-reply", "-config", "tsa.cnf", "-section", "here", "-queryfile",
            "query.tsq", "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "answer.tsr")
        return (self.folder / "answer.tsr").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "tsa")


@pytest.fixture(scope="module")
def stamped(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stamped") / "log"
    made = log(folder)
    head = stamp(made, authority.send, authority.roots)
    assert head.size == 10
    assert stamp(made, authority.send, authority.roots).size == 12
    return folder


def test_a_stamped_head_verifies(stamped: Path, authority: Authority) -> None:
    found = verify(stamped)
    assert (found.wrong, found.unchecked) == ([], [])
    assert (found.stamps, found.files, found.items) == (2, 3, 13)
    assert [s.number for s in stamps(stamped)] == [3, 4]
    notes = [x for _, x in Store(stamped).items("note")]
    assert [n["artefact"]["where"].rpartition(".")[2] for n in notes] == ["tsr", "pem", "tsr"]
    assert "UTC over head 3 (10 items)" in notes[0]["statement"]


def test_openssl_agrees(stamped: Path, authority: Authority, tmp_path: Path) -> None:
    for one in stamps(stamped):
        (tmp_path / "head.json").write_bytes(Store(stamped).heads()[one.number - 1].line)
        run(tmp_path, "ts", "-verify", "-data", "head.json", "-in", str(one.path), "-CAfile",
            str(authority.folder / "root.pem"))


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 255))
def test_any_byte_is_named(stamped: Path, which: int, where: int, mask: int) -> None:
    every = [p for p in log_files(stamped) if p.parent.name == files.STAMPS]
    path = every[which % len(every)]
    before = path.read_bytes()
    data = bytearray(before)
    data[where % len(data)] ^= mask
    try:
        path.write_bytes(data)
        wrong = verify(stamped).wrong
    finally:
        path.write_bytes(before)
    assert any(path.name in p.file for p in wrong)


def test_a_head_dated_after_its_stamp_is_noted(authority: Authority, tmp_path: Path) -> None:
    made = store(tmp_path / "log")
    made.clock = lambda: datetime.now(UTC) + timedelta(hours=1)
    made.append([item()])
    stamp(made, authority.send, authority.roots)
    notes = verify(tmp_path / "log").notes
    assert len(notes) == 1
    assert notes[0].startswith("Head 1 is dated ")


def test_a_stamp_of_another_head_is_named(stamped: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(stamped, tmp_path / "copy"))
    one, two = (s.path for s in stamps(copy))
    two.write_bytes(one.read_bytes())
    assert [p.file for p in verify(copy).wrong] == ["timestamps/head-000004.tsr"] * 2
    assert "Mismatch between messages" in verify(copy).wrong[0].what
    one.rename(one.with_name("head-000099.tsr"))
    assert "there is no head 99 that holds" in [p.what for p in verify(copy).wrong]


def test_a_stamp_that_is_gone_is_not_checked(stamped: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(stamped, tmp_path / "copy"))
    for path in (copy / "timestamps").glob("roots-*"):
        path.unlink()
    found = verify(copy)
    assert found.wrong == []
    assert any("no root" in said for said in found.unchecked)
    assert any("log:timestamps/roots" in said for said in found.unchecked)


def test_what_does_not_verify_is_not_kept(authority: Authority, tmp_path: Path) -> None:
    made = log(tmp_path / "log")
    other = Authority(tmp_path / "other")
    with pytest.raises(EvidenceError, match="does not verify"):
        stamp(made, authority.send, other.roots)

    def replayed(request: bytes) -> bytes:
        return answer

    answer = authority.send(_request(made))
    with pytest.raises(EvidenceError, match="Nonce mismatch"):
        stamp(made, replayed, authority.roots)
    for broken in (b"", b"nonsense", answer[:-20]):
        answer = broken
        with pytest.raises(EvidenceError, match="does not verify"):
            stamp(made, replayed, authority.roots)
    with pytest.raises(EvidenceError, match="no certificates"):
        stamp(made, authority.send, b"nonsense")
    assert not (tmp_path / "log" / "timestamps").exists()
    assert len(made.heads()) == 3


def _request(made: Store) -> bytes:
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    head = made.head()
    assert head is not None
    builder = TimestampRequestBuilder().data(head.line).hash_algorithm(HashAlgorithm.SHA256)
    return bytes(builder.build().as_bytes())


def test_nothing_is_stamped_of_an_empty_log(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="The log is empty"):
        stamp(store(tmp_path / "log"), authority.send, authority.roots)


def test_an_authority_that_is_none() -> None:
    with pytest.raises(EvidenceError, match="no http address"):
        over_http("file:///etc/passwd")
    with pytest.raises(EvidenceError, match="does not answer"):
        over_http("http://127.0.0.1:9/")(b"")


def test_publish_asks_an_authority_over_http(authority: Authority, tmp_path: Path) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(authority.send(asked))

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    log(tmp_path / "evidence")
    roots = str(authority.folder / "root.pem")
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        asked = ["evidence", "publish", "--timestamp", url, "--timestamp-roots", roots]
        said = shown(tmp_path, asked, 160)
        server.shutdown()
    assert f"stamped by {url}: the head of 10 items" in said
    assert said.endswith("(exit 0)\n")
    assert "1 time-stamps verified" in shown(tmp_path, ["evidence", "verify"], 160)
