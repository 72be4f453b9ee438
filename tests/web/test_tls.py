"""The server with a certificate of its own: what it refuses at the start, what browsers are given."""

from __future__ import annotations

import ssl
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.web.browser import Server
from tests.web.conftest import PASSWORD, token_in

from sharedline.cli.serve import command
from sharedline.errors import Error
from sharedline.people import accounts
from sharedline.project import open_project
from sharedline.state.database import Database
from sharedline.web import tls

DAY = timedelta(days=1)


def _key(path: Path, password: bytes = b"") -> ec.EllipticCurvePrivateKey:
    made = ec.generate_private_key(ec.SECP256R1())
    kept = serialization.BestAvailableEncryption(password) if password else None
    path.write_bytes(
        made.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            kept or serialization.NoEncryption(),
        )
    )
    return made


def _certificate(
    path: Path, key: ec.EllipticCurvePrivateKey, since: timedelta = -DAY, until: timedelta = DAY
) -> Path:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + since)
        .not_valid_after(now + until)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_browser_that_verifies_the_certificate_comes_in(tmp_path: Path) -> None:
    certificate, key = tmp_path / "site.pem", tmp_path / "site.key"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=False, capture_output=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "project"
    folder.mkdir()
    url = open_project(folder).database_url
    with closing(Database(url)) as database, database.begin() as connection:
        accounts.add(connection, "ann", role="admin", password=PASSWORD)
    server = Server(folder, tls=(certificate, key))
    try:
        server.start()
        with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx2.get(f"{server.url}/health", timeout=20)
        with pytest.raises(httpx2.TransportError):
            httpx2.get(f"http://127.0.0.1:{server.port}/health", timeout=20)
        trusted = ssl.create_default_context(cafile=certificate)
        with httpx2.Client(base_url=server.url, verify=trusted, timeout=20) as client:
            page = client.get("/sign-in")
            assert page.headers["strict-transport-security"] == "max-age=31536000"
            assert all("Secure" in c for c in page.headers.get_list("set-cookie"))
            answer = client.post(
                "/sign-in",
                data={"name": "ann", "password": PASSWORD, "csrf": token_in(page.text)},
            )
            assert answer.status_code == 303, answer.text
            kept = [c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-")]
            assert kept
            assert all("Secure" in c and "HttpOnly" in c and "Path=/" in c for c in kept)
            assert client.get("/account").status_code == 200
            spoken = client.get("/health")
            assert spoken.extensions["network_stream"].get_extra_info("ssl_object").version() in (
                "TLSv1.2", "TLSv1.3",
            )  # fmt: skip
    finally:
        server.end()


def test_a_certificate_that_holds_and_its_key(tmp_path: Path) -> None:
    key = _key(tmp_path / "k")
    tls.check(_certificate(tmp_path / "c", key), tmp_path / "k")
    tls.check(None, None)


def test_what_is_refused_at_the_start(tmp_path: Path) -> None:
    key, locked = _key(tmp_path / "k"), _key(tmp_path / "locked", b"secret")
    good, other = _certificate(tmp_path / "c", key), _key(tmp_path / "other")
    assert other is not key
    old = _certificate(tmp_path / "old", key, -3 * DAY, -DAY)
    young = _certificate(tmp_path / "young", key, DAY, 3 * DAY)
    (tmp_path / "no").write_text("nothing of the kind")
    for certificate, private, said in [
        (good, "other", "is not the key of the certificate"),
        (_certificate(tmp_path / "l", locked), "locked", "is encrypted"),
        (good, "no", "holds no private key"),
        (good, "c", "holds no private key"),
        (tmp_path / "no", "k", "holds no certificate"),
        (tmp_path / "k", "k", "holds no certificate"),
        (old, "k", "ended on"),
        (young, "k", "begins on"),
        (tmp_path / "none", "k", "cannot be read"),
        (good, "none", "cannot be read"),
        (tmp_path, "k", "cannot be read"),
    ]:
        with pytest.raises(Error, match=said) as raised:
            tls.check(certificate, tmp_path / private)
        assert raised.value.advice
        assert "secret" not in str(raised.value)


def test_the_command_says_so_in_a_sentence(tmp_path: Path) -> None:
    key = _key(tmp_path / "k")
    old = _certificate(tmp_path / "old", key, -3 * DAY, -DAY)
    given = ["--dir", str(tmp_path), "--port", "0", "--certificate", str(old), "--key"]
    found = CliRunner().invoke(command, [*given, str(tmp_path / "k")])
    assert isinstance(found.exception, Error)
    assert "ended on" in found.exception.message
    found = CliRunner().invoke(command, [*given, str(tmp_path / "gone")])
    assert found.exit_code == 2
    assert "does not exist" in found.output


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("", True),
        ("https://sharedline.example.org", True),
        ("https://sharedline.example.org:8443/", True),
        ("https://[::1]:8600", True),
        ("HTTPS://example.org", True),
        ("http://example.org", False),  # beside a certificate
        ("sharedline.example.org", False),
        ("https://", False),
        ("https://a b", False),
        ("https://example.org/below", False),
        ("https://ann@example.org", False),
        ("javascript:alert(1)", False),
        ('https://example.org"><b', False),
    ],
)
def test_the_address_that_people_type(tmp_path: Path, address: str, fits: bool) -> None:
    if fits:
        tls.check_address(address, tmp_path)
    else:
        with pytest.raises(Error, match="address"):
            tls.check_address(address, tmp_path)
    tls.check_address("http://example.org", None)
