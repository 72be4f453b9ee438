"""The certificate that the server shows, and the address that people type: checked at the start."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from sharedline.errors import Error

_ADDRESS = re.compile(
    r"https?://([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?/?", re.IGNORECASE
)


class _Encrypted(Exception):  # noqa: N818 a question, answered by what is caught
    """A key asked for its password."""


def check(certificate: Path | None, key: Path | None) -> None:
    """`Error` where browsers could not be answered with this certificate and its key.

    Both are PEM files; None of both is no TLS. The chain is not checked: who browses does that.
    """
    if certificate is None or key is None:
        return
    for path in (certificate, key):
        try:
            path.read_bytes()
        except OSError as error:
            raise Error(
                f"{path} cannot be read ({error.strerror}).", "Name a PEM file of your own."
            ) from error
    _in_time(certificate)
    _belongs(certificate, key)


def _in_time(path: Path) -> None:
    try:
        # The first is the server's, those after it lead to who signed it.
        shown = x509.load_pem_x509_certificates(path.read_bytes())[0]
    except ValueError as error:
        raise Error(f"{path} holds no certificate in PEM.", "Name one, then its chain.") from error
    now = datetime.now(UTC)
    if now >= shown.not_valid_after_utc:
        raise Error(
            f"The certificate {path} ended on {shown.not_valid_after_utc:%Y-%m-%d}.", "Renew it."
        )
    if now < shown.not_valid_before_utc:
        raise Error(
            f"The certificate {path} begins on {shown.not_valid_before_utc:%Y-%m-%d %H:%M} UTC.",
            "Use one that holds now, or set the clock.",
        )


def _belongs(certificate: Path, key: Path) -> None:
    def asked() -> str:
        raise _Encrypted

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, asked)
    except _Encrypted as error:
        raise Error(
            f"The key {key} is encrypted.",
            "Write it without a password, readable to the server only: `openssl pkey -in KEY`.",
        ) from error
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise Error(
                f"{key} is not the key of the certificate {certificate}.", "Name the one of both."
            ) from error
        raise Error(f"{key} holds no private key in PEM.", "Name the certificate's.") from error


def check_address(address: str, certificate: Path | None) -> None:
    """`Error` where what people are to type is no address, or does not go with TLS."""
    if not address:
        return
    if not _ADDRESS.fullmatch(address):
        raise Error(
            f"{address[:80]!r} is no address of the pages.",
            "Write --address like https://sharedline.example.org, without a path.",
        )
    if certificate and not address.lower().startswith("https://"):
        raise Error(
            "A certificate is given, but --address does not begin with https.", "Write https://."
        )
